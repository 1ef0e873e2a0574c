"""The pages as people get them: scored by Lighthouse (``make lighthouse``), pictured (``make screenshots``)."""

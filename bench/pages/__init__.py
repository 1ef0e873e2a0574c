"""The pages as people get them: pictures of every screen (``make screenshots``)."""

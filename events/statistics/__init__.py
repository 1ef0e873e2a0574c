"""Statistics: a read model that the ``statistics`` consumer keeps, and what is shown of it.

It is built from the event log at first, and anew whenever somebody wants (``rebuild``); from then on it follows.
"""

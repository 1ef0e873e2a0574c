"""Open pages learn of changes that others make: as they happen (``/live``), or when they ask (``/live/changes``)."""

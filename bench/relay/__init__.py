"""Our relay beside the usual ones: how fast each publishes, and which of them loses events."""

"""How long after its instant a reminder is a stored notification, when a thousand are due in the same second."""

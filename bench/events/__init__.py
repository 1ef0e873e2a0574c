"""How long an event takes from its commit to its line in the history, and how many a second the path carries."""

"""A drill: PostgreSQL is lost with its disk while people work, and comes back from the last backup."""

"""The REST API of tasks, recurring tasks and projects. What an answer looks like is in ``documents``."""

"""Dapr's building blocks as this application uses them, each with its counterpart for the embedded default."""

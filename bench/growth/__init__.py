"""What grows with the number of tasks and what does not: lists, searches and ticks at 10,000 and at a million."""

"""Benchmarks: each compares in one run, repeats, and says what it measured against what."""

"""Guards taken out one at a time, to see that a test fails for each. Run by hand: `python -m tests.mutants [NAME ...]`."""

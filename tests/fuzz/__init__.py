"""Fuzzing by hand; not run with the tests."""

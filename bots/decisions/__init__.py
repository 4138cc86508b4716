"""Pure functions from facts to decisions: same input, same decision, with rule ids and reasons."""

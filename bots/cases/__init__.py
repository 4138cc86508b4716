"""What is known: the return case and its parts, states and transitions, the store, the commit ledger, the event log."""

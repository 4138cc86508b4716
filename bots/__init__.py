"""Unattended bots for the returns of a cross-border seller; one file a bot, read from top to bottom as its job description."""

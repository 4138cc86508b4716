"""Exit codes of run_bot.py; each is explained in runbooks/exit-codes.md."""

OK = 0
FAILED = 1
USAGE = 2
NOT_READY = 3
NEEDS_PERSON = 4
INTERRUPTED = 130

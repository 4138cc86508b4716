"""The log-in of the practice bank. It stands apart from the other accounts, because the bank's window must not need any web library."""

from __future__ import annotations

USER = "bot.bank"
PIN = "practice-bot.bank-42"

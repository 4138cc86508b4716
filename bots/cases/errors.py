"""The three ways work can fail, and what each one means for the run."""

from __future__ import annotations

from typing import Any


class WorkException(Exception):
    """Work on one item stopped.

    Args:
        facts: what happened, where, with the values at hand.
        code: short stable name, documented in runbooks/errors.md and shown in the exceptions workbook.
        advice: what a person can do about it, as one sentence.
        columns: further columns of the exception row: severity, rules, suggestion, amount_minor, terms_hash, freezes.
    """

    default_code = "work_stopped"
    default_advice = "Read the case's timeline and decide."

    def __init__(self, facts: str, *, code: str | None = None, advice: str | None = None, **columns: Any) -> None:
        super().__init__(facts)
        self.facts = facts
        self.columns = columns
        self.code = code or self.default_code
        self.advice = advice or self.default_advice

    def __str__(self) -> str:
        meaning = (self.__doc__ or "").strip().splitlines()[0]
        return f"{meaning} {self.facts}"


class BusinessException(WorkException):
    """The data says no: a person must look."""

    default_code = "business_rule"


class SystemException(WorkException):
    """A screen, a server or the network failed: tried again with a fresh session."""

    default_code = "system_failure"
    default_advice = "See whether the program can be reached by hand; then answer `retry`."


class ScreenChanged(SystemException):
    """A page no longer looks as its locators say."""

    default_code = "screen_changed"
    default_advice = "Run `run_bot.py watch`, review the proposed locator patch, then answer `retry`."


class SessionLost(SystemException):
    """The program logged the bot out."""

    default_code = "session_lost"


class NeedsCheck(WorkException):
    """A commit was clicked and its outcome is unknown: frozen until it is read back."""

    default_code = "needs_check"
    default_advice = "Look in the back-end whether it happened; answer `approve` (it did) or `reject` (it did not)."


class GuardrailStop(BusinessException):
    """A guardrail stopped a commit before its click."""

    default_code = "guardrail"
    default_advice = "Approve the exact terms in the workbook, or wait until the guardrail lifts."


class Suppressed(WorkException):
    """A dry run or shadow mode ended before the click that counts."""

    default_code = "suppressed"
    default_advice = "Nothing to do: the form was filled and photographed, nothing was sent."


class ConfigProblem(Exception):
    """The configuration is wrong: says which file, which key and what it should be."""

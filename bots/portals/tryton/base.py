"""What a portal on any of Tryton's clients can do: open lists of exactly the records that are asked for, go into their forms, fill, save, and click once."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from typing import Any

from bots.automation.locators import Book
from bots.cases.commits import Permit
from bots.cases.errors import BusinessException, ScreenChanged, SystemException
from bots.portals.signin import Shown
from bots.portals.web import Access

Domain = list[Any]
"""Tryton's own way to say which records: [[field, operator, value], ...]."""


class Client(ABC):
    """Base of the portals on Tryton's clients."""

    name: str
    book: Book
    access: Access
    screen: Shown

    @abstractmethod
    def _list(self, page: str, domain: Domain, mark: str) -> list[dict[str, str]]:
        """The rows of these records, all of them; `mark` is a column that is never empty."""

    @abstractmethod
    def _go_into(self, page: str, row: int = 0) -> None:
        """From a list to the form of one of its rows."""

    @abstractmethod
    def _fields(self, *names: str, filled: tuple[str, ...] = ("state",)) -> dict[str, str]:
        """Fields of a form, read when the `filled` ones are filled and two readings agree: the client fills them in several goes."""

    @abstractmethod
    def _field(self, name: str) -> str:
        """What a field holds; empty where the form has none of this name."""

    @abstractmethod
    def _type(self, field: str, text: str) -> None:
        """Fill a field and leave it: only then does the client take it, and let the form be saved."""

    @abstractmethod
    def _save(self) -> None:
        """Save the form, and wait until there is nothing left to save."""

    @abstractmethod
    def _press(self, button: str) -> None:
        """Click a button of the form that commits nothing."""

    @abstractmethod
    def _settle(self, states: tuple[str, ...]) -> None:
        """Wait until the form is in one of these states, or the client shows an error, which is raised."""

    @abstractmethod
    def _commit(self, button: str, permit: Permit, shows: list[str], states: tuple[str, ...], question: str = "") -> None:
        """The one click, with the client's own `question` after it."""

    @abstractmethod
    def _wait(self, what: str, holds: Callable[[], bool]) -> None:
        """Wait until it is so; ScreenChanged says that `what` did not come."""

    def _agree(self, terms: Mapping[str, tuple[object, object]]) -> None:
        """Every term must stand in the form exactly as wanted (shown, wanted)."""
        wrong = {name: pair for name, pair in terms.items() if pair[0] != pair[1]}
        if wrong:
            raise ScreenChanged(f"{self.book.product}/{self.screen.current}: the form shows other terms (shown, wanted): {wrong}", code="confirm_mismatch")

    def _refused(self, facts: str) -> BusinessException:
        return BusinessException(f"{self.book.head.title}: {facts}", code="refused_by_backend")

    def _not_let_in(self, why: str) -> SystemException:
        return SystemException(
            f"{self.book.head.title} refused the log-in of {self.access.account}: {why}",
            code="login_failed",
            advice="Check the account and its secret with `run_bot.py doctor`.",
        )

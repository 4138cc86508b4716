"""Logging in with a user name and a password, as most programs ask for it, and reading what a page shows."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

from bots.automation.locators import Book
from bots.cases.errors import ScreenChanged, SystemException
from bots.portals.web import WebPortal


class PasswordPortal(WebPortal):
    """A web portal whose log-in page has the elements user, password, sign_in, error and signed_in."""

    def log_in(self) -> None:
        """Log in; a refusal raises SystemException with the page's own words."""
        self.screen.open_login()
        self._enter()

    def _enter(self) -> None:
        """Fill the log-in page that is open and send it."""
        screen = self.screen
        screen.fill("user", self.access.account)
        screen.fill_secret("password", self.access.password())
        screen.click("sign_in")
        if screen.wait_any("signed_in", "error") == "error":
            raise SystemException(
                f"{self.book.head.title} refused the log-in of {self.access.account}: {screen.text('error')}",
                code="login_failed",
                advice="Check the account and its secret with `run_bot.py doctor`.",
            )


class Shown(Protocol):
    """A screen of any kind, as far as it is named in a message."""

    book: Book
    current: str


@contextmanager
def understood(screen: Shown) -> Iterator[None]:
    """Read numbers and dates inside the block; one that is not in the product's style raises ScreenChanged, saying where."""
    try:
        yield
    except (ValueError, KeyError) as error:
        raise ScreenChanged(f"{screen.book.product}/{screen.current}: a shown value cannot be read: {error}", code="unreadable_value") from error

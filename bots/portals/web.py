"""What every web portal has: a screen with its product's locators, and how it logs in."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from bots.automation.baseline import PageBaseline
from bots.automation.browser import BrowserHouse
from bots.automation.locators import Book
from bots.automation.screen import Screen
from bots.automation.survey import PageSurvey, survey_page


@dataclass(frozen=True)
class Access:
    """Where a product is and who logs in; secrets are fetched when needed and never kept."""

    url: str
    account: str
    password: Callable[[], str]
    totp: Callable[[], str] | None = None
    """The current six-digit code, never one that was used before."""
    guard: Callable[[Callable[[], Any]], Any] = lambda log_in: log_in()
    """Runs a log-in, or refuses to: an account that was refused twice is left alone."""


class WebPortal(ABC):
    """Base of the portals that live in a browser."""

    def __init__(self, name: str, house: BrowserHouse, book: Book, access: Access) -> None:
        self.name, self.access, self.book = name, access, book
        self.screen = Screen(house, book, access.url, f"{name}:{access.account}", lambda: access.guard(self.log_in))

    @property
    def style(self) -> str:
        return self.book.head.style

    @abstractmethod
    def log_in(self) -> None:
        """Log in from the log-in page; each product does it its own way."""

    def check(self) -> str:
        """Log in and say that the product answers."""
        self.screen.house.page(self.screen.account)
        self.access.guard(self.log_in)
        return f"{self.book.head.title} at {self.access.url} answers"

    def survey(self, page: str, samples: dict[str, str], before: PageBaseline | None = None) -> PageSurvey:
        """Look at every locator of a page and compare with its baseline; changes nothing."""
        return survey_page(self.screen, page, samples, before)

    def forget_session(self) -> None:
        """Start with a fresh session next time (after a failure)."""
        self.screen.house.forget(self.screen.account)

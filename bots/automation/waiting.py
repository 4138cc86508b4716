"""Waiting for what a screen comes to show, and bringing rows into view that a long list has not drawn yet."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from time import monotonic

from bots.automation.screen import Screen
from bots.cases.errors import ScreenChanged

TURN = "() => new Promise((done) => setTimeout(done, 30))"


def wait_until(screen: Screen, what: str, holds: Callable[[], bool]) -> None:
    """Ask `holds` until it says yes; where it never does, ScreenChanged says that `what` did not come. For programs that redraw a page bit by bit."""
    from playwright.sync_api import Error

    end = monotonic() + screen.house.options.timeout_s
    while not holds():
        if monotonic() > end:
            raise ScreenChanged(f"{screen.book.product}/{screen.current}: {what} did not come", code="never_settled")
        with suppress(Error):  # the page is just changing
            screen.page.evaluate(TURN)


def reveal(screen: Screen, name: str, **params: object) -> None:
    """Scroll to the element: a list that draws its rows as they are looked at draws the next ones."""
    screen.find(name, **params).scroll_into_view_if_needed()

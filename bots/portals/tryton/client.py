"""What Tryton's portals share: its web client, driven by addresses that open a list with exactly the records that are asked for.

Every list is opened in a tab of its own, with a name that no other tab has: a tab that is open already would be shown again as it was,
without asking the server. The tabs before it are closed first: the client now and then brings another tab back to the front.
"""

from __future__ import annotations

import json
import re
import secrets
from collections.abc import Callable
from dataclasses import replace

from bots.automation.browser import BrowserHouse
from bots.automation.locators import Book
from bots.automation.screen import Screen
from bots.automation.waiting import reveal, wait_until
from bots.cases.commits import Permit
from bots.cases.errors import ConfigProblem, ScreenChanged, SessionLost, SystemException
from bots.portals.signin import PasswordPortal
from bots.portals.tryton.base import Client, Domain
from bots.portals.web import Access

MOST_TABS = 5
"""More than this portal ever has open."""


class TrytonPortal(Client, PasswordPortal):
    """Base of the portals on Tryton's web client. The address of its access names the database: `http://erp.example.com:8000/#company`."""

    screen: Screen

    def __init__(self, name: str, house: BrowserHouse, book: Book, access: Access) -> None:
        url, _, self.database = access.url.partition("#")
        if not self.database:
            raise ConfigProblem(f"{name}: the address {access.url} must name the database after a #, as in http://erp.example.com:8000/#company")
        super().__init__(name, house, book, replace(access, url=url))
        self._load, self._tabs, self._tab = "", 0, ""

    # -- getting about -------------------------------------------------------------------------------------------------
    def log_in(self) -> None:
        """Log in; a password that is asked for again was refused and raises SystemException."""
        screen = self.screen
        screen.open_login()
        self._load = ""
        if screen.wait_any("signed_in", "user") == "signed_in":
            return
        # The client asks the server first whether it may list its databases.
        if screen.wait_any("database", "database_list") == "database":
            screen.fill("database", self.database)
        else:
            screen.choose_value("database_list", self.database)
        screen.fill("user", self.access.account)
        screen.click("sign_in")
        answer = screen.wait_any("password", "refused", "signed_in")
        if answer == "signed_in":  # a session that still holds needs no password
            return
        if answer == "refused":
            raise self._not_let_in(f"there is no database {self.database!r}")
        screen.fill_secret("password", self.access.password())
        screen.click("send_password")
        wait_until(screen, "an answer to the password", lambda: screen.has("signed_in") or self._asked_again())
        if not screen.has("signed_in"):
            raise self._not_let_in("it asks for the password again")

    def _asked_again(self) -> bool:
        """Whether an empty field asks for the password: the first dialog goes with what was typed into it."""
        return self.screen.has("password") and self.screen.counts("password") == (1,) and self.screen.value("password") == ""

    def _open(self, page: str, domain: Domain) -> None:
        """Open a list of exactly these records in a new tab; logs in on the way when the client asks for it."""
        for _ in range(2):
            if not self._close_tabs():
                self._load, self._tabs = secrets.token_hex(4), 0
            self._tabs += 1
            tab = f"{self._load}-{self._tabs}"
            self.screen.open(page, load=self._load, database=self.database, domain=json.dumps(domain), tab=tab)
            outcome = self._outcome(tab)
            if outcome == "error":
                raise SystemException(f"{self.book.head.title} does not show the list {page!r}: {self.screen.text('error')}", code="server_error")
            if outcome == "shown":
                self._tab = tab
                # It then writes the address anew: one that is given before that is lost.
                wait_until(self.screen, "the list's own address", lambda: "views=" in self.screen.page.url)
                return
            if outcome == "login_form":
                self.access.guard(self.log_in)
            self._load = ""
        raise SessionLost(f"{self.book.head.title}: neither the list {page!r} nor the log-in came, twice, for {self.access.account}")

    def _close_tabs(self) -> bool:
        """Close what is open; False where the client must be loaded anew instead: at the beginning, and where a form asks whether it may be closed."""
        screen = self.screen
        if not self._load or screen.current == "login":
            return False
        for _ in range(MOST_TABS):
            open_tabs = screen.counts("tab")[0]
            if not open_tabs:
                return True
            if screen.counts("close_tab") != (1,):
                return False
            try:
                screen.click("close_tab")
                wait_until(screen, "the closed tab", lambda before=open_tabs: screen.counts("tab")[0] < before)  # type: ignore[misc]  # bound now
            except ScreenChanged:
                return False
        return False

    def _outcome(self, tab: str) -> str:
        """What came of opening a list; "" when nothing did."""
        try:
            return self.screen.wait_any("error", "shown", "login_form", tab=tab)
        except ScreenChanged:
            return ""

    @property
    def _here(self) -> dict[str, str]:
        """The tab that every element of a page is looked for in."""
        return {"tab": self._tab}

    # -- lists -----------------------------------------------------------------------------------------------------------
    def _list(self, page: str, domain: Domain, mark: str) -> list[dict[str, str]]:
        """The rows of these records, all of them; `mark` is a column that is never empty."""
        self._open(page, domain)
        screen = self.screen
        rows: list[dict[str, str]] = []

        def whole() -> bool:
            nonlocal rows
            rows = screen.table("rows", **self._here)
            total = self._total()
            # The client draws about twenty rows and more as they are looked at, and fills the cells bit by bit.
            if rows and len(rows) < total:
                reveal(screen, "last_row", **self._here)
            return len(rows) == total and all(row[mark] for row in rows)

        wait_until(screen, "the whole list", whole)
        return rows

    def _total(self) -> int:
        """How many records the list has, as its counter `_/12` says; one that says less than all raises SystemException."""
        counter = self.screen.text("shown", **self._here)
        shown = re.fullmatch(r"\S+/(\d+)", counter)
        if shown is None:
            raise SystemException(f"{self.book.head.title}: the list {self.screen.current!r} shows {counter!r}, not all its records", code="incomplete_read")
        return int(shown[1])

    def _go_into(self, page: str, row: int = 0) -> None:
        """From a list to the form of one of its rows."""
        self.screen.click("choose", row=row, **self._here)
        self.screen.click("switch", **self._here)
        self.screen.now_at(page)

    # -- forms -----------------------------------------------------------------------------------------------------------
    def _fields(self, *names: str, filled: tuple[str, ...] = ("state",)) -> dict[str, str]:
        """Fields of a form, read when the `filled` ones are filled and two readings agree: the client fills them in several goes."""
        before: dict[str, str] = {}
        now: dict[str, str] = {}

        def settled() -> bool:
            nonlocal before, now
            held = self._held()
            before, now = now, {name: held.get(name, "") for name in names}
            return before == now and all(now[name] for name in filled)

        wait_until(self.screen, f"what the form says ({', '.join(filled)})", settled)
        return now

    def _field(self, name: str) -> str:
        """What a field holds; empty where the form has none of this name."""
        return self._held().get(name, "")

    def _held(self) -> dict[str, str]:
        """What every field of the form holds; a choice by its own word."""
        return {name: _chosen(text) for name, text in self.screen.inputs("pane", **self._here).items()}

    def _type(self, field: str, text: str) -> None:
        """Fill a field and leave it: only then does the client take it, and let the form be saved."""
        if self._field(field) != text:
            self.screen.fill("field", text, field=field, **self._here)
            self.screen.press("field", "Tab", field=field, **self._here)

    def _save(self) -> None:
        """Save the form, and wait until there is nothing left to save."""
        screen = self.screen
        if screen.has("unsaved", **self._here):
            screen.click("save", **self._here)
            wait_until(screen, "the saved form", lambda: screen.has("error") or not screen.has("unsaved", **self._here))
            if screen.has("error"):
                raise self._refused(screen.text("error"))

    def _press(self, button: str) -> None:
        """Click a button of the form that commits nothing."""
        self.screen.click(button, **self._here)

    def _wait(self, what: str, holds: Callable[[], bool]) -> None:
        """Wait until it is so."""
        wait_until(self.screen, what, holds)

    def _settle(self, states: tuple[str, ...]) -> None:
        """Wait until the form is in one of these states, or the client shows an error, which is raised."""
        wait_until(self.screen, f"the state {' or '.join(states)}", lambda: self.screen.has("error") or self._field("state") in states)
        if self.screen.has("error"):
            raise SystemException(f"{self.book.head.title} answered with: {self.screen.text('error')}", code="error_after_commit")

    def _commit(self, button: str, permit: Permit, shows: list[str], states: tuple[str, ...], question: str = "") -> None:
        """The one click, with what belongs to it: the client's own `question`, which comes late, stands on Cancel and repeats no term of the form.

        Any other question is answered with no, and raises SystemException. What the form says afterwards proves nothing: the ledger reads back.
        """
        screen = self.screen
        screen.commit(button, permit, shows, **self._here)
        try:
            if question:
                wait_until(screen, "the question", lambda: screen.has("question") or screen.has("error") or self._field("state") in states)
            if screen.has("question"):
                asked = screen.text("question_text")
                screen.click("answer_yes" if asked == question else "answer_no")
                if asked != question:
                    raise SystemException(f"{self.book.head.title} asked after the commit: {asked}", code="error_after_commit")
            self._settle(states)
        except ScreenChanged as changed:
            raise SystemException(f"{self.book.head.title} said nothing after the commit: {changed.facts}", code="error_after_commit") from None
        finally:
            permit.photograph("after", screen.picture())


def _chosen(text: str) -> str:
    """The client writes the word behind a choice in quotes."""
    if text == "null":
        return ""
    return text[1:-1] if re.fullmatch(r'"\w[\w ]*"', text) else text

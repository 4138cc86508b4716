"""Tryton's desktop client (GTK), driven by accessibility and keys: every list is opened by a `tryton://` address, which the running client takes up.

An address says exactly which records are asked for. It gets a tab with a name that no other has, and what was open before is closed first.
"""

from __future__ import annotations

import json
import re
import secrets
import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path
from urllib.parse import quote, urlsplit

from bots.automation.accessible_screen import AccessibleScreen
from bots.automation.baseline import PageBaseline
from bots.automation.clipboard import wait_until
from bots.automation.desktop import Desktop
from bots.automation.display import end
from bots.automation.locators import Book
from bots.automation.survey import PageSurvey
from bots.cases.commits import Permit
from bots.cases.errors import ConfigProblem, ScreenChanged, SessionLost, SystemException
from bots.cases.model import ReturnInstruction
from bots.portals.tryton.base import Client, Domain
from bots.portals.tryton.erp import RETURNED, ErpVerbs
from bots.portals.tryton.values import record
from bots.portals.web import Access

SIZE = (1600, 1200)
"""Lower windows leave no room for the lines of a sale, and what is not shown cannot be read."""
TIMEOUT_S = 30.0
FIRST = "sales"
"""Any page: what may lie over one may lie over each."""
HAND_OVER_SECONDS = 20.0
MOST_ITEMS = 20
"""More than any menu of the client has."""
OR_NOTHING: Domain = ["OR", ["id", "=", 0]]
"""Of what a list is asked for by one value alone, the client leaves out the column, and lets nobody change it in the forms; an alternative that no record fits keeps it
from that."""
SETTINGS = "[client]\ncheck_version = False\nlang = en\nlanguage_direction = ltr\n"


class TrytonDesktop(Client):
    """Base of the portals on Tryton's desktop client. The address of its access names server and database: `tryton://erp.example.com:8000/company`.

    `command` starts the client; `downloads` becomes the place of its settings.
    """

    screen: AccessibleScreen

    def __init__(
        self, name: str, book: Book, access: Access, command: Sequence[str], downloads: Path, *, desktop: Desktop | None = None, timeout_s: float = TIMEOUT_S
    ) -> None:
        self.name, self.book, self.access = name, book, access
        where = urlsplit(access.url)
        if where.scheme != "tryton" or not where.netloc or not where.path.strip("/"):
            raise ConfigProblem(f"{name}: the address {access.url} must name server and database, as in tryton://erp.example.com:8000/company")
        self._settings, self._root = downloads / f"{name}-client.conf", f"tryton://{where.netloc}/{where.path.strip('/')}/"
        self._command = (*command, "-c", str(self._settings), "-u", access.account)
        self._tabs: list[str] = []
        self.screen = AccessibleScreen(
            desktop or Desktop(furnished=True, size=SIZE), book, (*self._command, self._root), lambda: access.guard(self.log_in), timeout_s=timeout_s
        )

    # -- in and out ----------------------------------------------------------------------------------------------------
    def log_in(self) -> None:
        """Log in; a password that is asked for again was refused and raises SystemException."""
        screen = self.screen
        self._start()
        screen.open_login()
        screen.fill_secret("password", self.access.password())
        screen.click("send_password")
        self._wait("an answer to the password", lambda: screen.has("signed_in") or (screen.has("password") and screen.value("password") == ""))
        if not screen.has("signed_in"):
            raise self._not_let_in("it asks for the password again")

    def _start(self) -> None:
        """Start the client unless it runs."""
        self._write_settings()
        self.screen.start()

    def _write_settings(self) -> None:
        """Settings of the client's own that ask nobody for newer versions."""
        self._settings.parent.mkdir(parents=True, exist_ok=True)
        self._settings.write_text(SETTINGS, encoding="utf-8")

    def check(self) -> str:
        """Log in if need be and say that the program answers."""
        self._come_up()
        return f"{self.book.head.title} at {self.access.url} answers on the display {self.screen.desktop.display.name or 'of this session'}"

    def survey(self, page: str, samples: dict[str, str], before: PageBaseline | None = None) -> PageSurvey:
        """Look at every locator of a page of the window; changes nothing. A window's elements have no fingerprints to compare."""
        self._write_settings()
        self._tabs.clear()
        return self.screen.survey(page)

    def forget_session(self) -> None:
        """End the program, so that the next use starts it anew (after a failure)."""
        self.screen.close_program()
        self._tabs.clear()

    def close(self) -> None:
        """End the program and its display."""
        self.screen.close()
        self._tabs.clear()

    # -- getting about -------------------------------------------------------------------------------------------------
    def _come_up(self) -> None:
        """The client runs and is logged in, and nothing lies over its window."""
        if not self.screen.running:
            self._tabs.clear()
        self._start()
        if self.screen.at_login:
            self.access.guard(self.log_in)
        self.screen.current = FIRST
        if self.screen.has("question"):
            self.screen.click("answer_no")
        self.screen.put_away()

    def _open(self, page: str, domain: Domain) -> None:
        """Open a list of exactly these records in a new tab; logs in on the way when the client asks for it."""
        screen = self.screen
        for _ in range(2):
            self._come_up()
            self._close_tabs()
            screen.current, tab = page, secrets.token_hex(6)
            screen.here = {"tab": tab}
            self._tabs.append(tab)
            self._go_to((self.book.page(page).path or "").format(domain=quote(json.dumps([*OR_NOTHING, domain])), tab=tab))
            try:
                # The client asks the server first and then shows the tab: what it counts there has been looked for.
                outcome = screen.wait_any("error", "pane")
            except SessionLost:
                continue
            if outcome == "error":
                raise SystemException(f"{self.book.head.title} does not show the list {page!r}: {screen.text('error')}", code="server_error")
            return
        raise SessionLost(f"{self.book.head.title}: neither the list {page!r} nor the log-in came, twice, for {self.access.account}")

    def _go_to(self, address: str) -> None:
        """Give an address to the running client, as a click on it anywhere on this desktop would."""
        desktop = self.screen.desktop
        messenger = desktop.display.start((*self._command, self._root + address), subprocess.DEVNULL)
        if not wait_until(lambda: messenger.poll() is not None, HAND_OVER_SECONDS):
            end(messenger)
            raise SystemException(f"{self.book.head.title} did not take the address {address} within {HAND_OVER_SECONDS:.0f} s", code="program_silent")

    def _close_tabs(self) -> None:
        """Close what was opened, last first; what somebody left unsaved there is not saved. A client that keeps a tab is started anew."""
        screen = self.screen
        while self._tabs:
            screen.here = {"tab": self._tabs.pop()}
            if not screen.has("pane"):
                continue
            screen.keys("ctrl+w")
            wait_until(lambda: screen.has("question") or not screen.has("pane"), screen.timeout_s)
            if screen.has("question"):
                screen.click("answer_no")
            if not wait_until(lambda: not screen.has("pane"), screen.timeout_s):
                self.forget_session()
                self._come_up()

    def _wait(self, what: str, holds: Callable[[], bool]) -> None:
        if not wait_until(holds, self.screen.timeout_s):
            raise ScreenChanged(f"{self.book.product}/{self.screen.current}: {what} did not come", code="never_settled")

    # -- lists ---------------------------------------------------------------------------------------------------------
    def _list(self, page: str, domain: Domain, mark: str) -> list[dict[str, str]]:
        self._open(page, domain)
        rows: list[dict[str, str]] = []

        def whole() -> bool:
            rows[:] = self.screen.table("rows")
            return len(rows) == self._total() and all(row[mark] for row in rows)

        self._wait("the whole list", whole)
        return rows

    def _total(self) -> int:
        """How many records the list has, as the counter `_/12` beside its name says; one that says less than all raises SystemException."""
        counter = self._counter()
        shown = re.fullmatch(r"\S+/(\d+)", counter)
        if shown is None:
            raise SystemException(f"{self.book.head.title}: the list {self.screen.current!r} shows {counter!r}, not all its records", code="incomplete_read")
        return int(shown[1])

    def _counter(self) -> str:
        """The place of the chosen row and the number of all, `3/12`."""
        return next((line for line in self.screen.text("pane").splitlines() if re.fullmatch(r"(_|\d+)(#\d+)?/.+", line)), "")

    def _go_into(self, page: str, row: int = 0) -> None:
        self.screen.choose("rows", row)
        self._wait(f"the choice of row {row}", lambda: self._counter().startswith(f"{row + 1}/"))
        self.screen.click("switch")
        self.screen.now_at(page)

    # -- forms ---------------------------------------------------------------------------------------------------------
    def _fields(self, *names: str, filled: tuple[str, ...] = ("state",)) -> dict[str, str]:
        before: dict[str, str] = {}
        now: dict[str, str] = {}

        def settled() -> bool:
            nonlocal before, now
            held = self._held()
            before, now = now, {name: held.get(name, "") for name in names}
            return before == now and all(now[name] for name in filled)

        self._wait(f"what the form says ({', '.join(filled)})", settled)
        return now

    def _field(self, name: str) -> str:
        return self._held().get(name, "")

    def _held(self) -> dict[str, str]:
        """What every field of the form holds; a state by its own word, which the client shows with a capital."""
        held = self.screen.held("form")
        return {**held, "state": held["state"].casefold()} if "state" in held else held

    def _type(self, field: str, text: str) -> None:
        if self._field(field) == text:
            return
        screen = self.screen
        captions = self.book.element(screen.current, "form").fields or {}
        screen.here = {**screen.here, "caption": captions[field]}
        screen.fill("field", text)
        screen.press("field", "tab")
        self._wait("the form that can be saved", lambda: screen.enabled("save"))

    def _save(self) -> None:
        screen = self.screen
        if screen.enabled("save"):
            screen.click("save")
            self._wait("the saved form", lambda: screen.has("error") or not screen.enabled("save"))
            if screen.has("error"):
                raise self._refused(screen.text("error"))

    def _press(self, button: str) -> None:
        self.screen.click(button)

    def _settle(self, states: tuple[str, ...]) -> None:
        self._wait(f"the state {' or '.join(states)}", lambda: self.screen.has("error") or self._field("state") in states)
        if self.screen.has("error"):
            raise SystemException(f"{self.book.head.title} answered with: {self.screen.text('error')}", code="error_after_commit")

    def _commit(self, button: str, permit: Permit, shows: list[str], states: tuple[str, ...], question: str = "") -> None:
        """Any other question than the client's own is answered with no, and raises SystemException. What the form says afterwards proves nothing: the ledger
        reads back."""
        screen = self.screen
        screen.commit(button, permit, shows)
        try:
            if question:
                self._wait("the question", lambda: screen.has("question") or screen.has("error") or self._field("state") in states)
            if screen.has("question"):
                asked = screen.text("question").splitlines()
                screen.click("answer_yes" if question in asked else "answer_no")
                if question not in asked:
                    raise SystemException(f"{self.book.head.title} asked after the commit: {' '.join(asked)}", code="error_after_commit")
            self._settle(states)
        except ScreenChanged as changed:
            raise SystemException(f"{self.book.head.title} said nothing after the commit: {changed.facts}", code="error_after_commit") from None
        finally:
            permit.photograph("after", screen.picture())


class TrytonDesktopErp(ErpVerbs, TrytonDesktop):
    """Role Erp on Tryton's desktop client."""

    screen: AccessibleScreen

    def _go_into_draft(self, wanted: ReturnInstruction) -> bool:
        """The list of sales shows no reference: so it is asked for those with ours first, then for those with none."""
        for reference in (wanted.rma, None):
            if self._drafts(wanted.order_no, ["reference", "=", reference]):
                self._go_into("sale")
                return True
        return False

    def _make_return(self, order_no: str) -> None:
        """From the menu of actions, by keys: told by accessibility, its items break the client."""
        screen = self.screen
        screen.keys("ctrl+e")
        self._wait("the menu of actions", lambda: screen.has("return_item"))
        for _ in range(MOST_ITEMS):
            if screen.chosen("return_item"):
                break
            screen.keys("down")
        else:
            raise ScreenChanged(f"{self.book.product}/sale: the keys do not reach the menu's item", code="never_settled")
        screen.keys("enter")
        screen.wait_any("wizard")
        screen.click("make_return")
        screen.wait_gone("wizard")
        self._tabs.append(RETURNED)
        screen.here = {"tab": RETURNED}
        # The new tab comes to the front before its fields are filled.
        self._wait(
            "the draft of the return", lambda: screen.has("pane") and self._field("state") == "draft" and record(self._field("origin") or "-")[1] == order_no
        )

    def _shown_lines(self) -> list[dict[str, str]]:
        return self.screen.table("lines")

    def _set_quantity(self, place: int, quantity: int) -> None:
        """In the line's dialog."""
        screen = self.screen
        screen.choose("lines", place)
        screen.click("edit_line")
        screen.wait_any("line_dialog")
        screen.fill("quantity", str(quantity))
        screen.press("quantity", "tab")
        self._wait(f"the quantity {quantity}", lambda: screen.value("quantity") == str(quantity))
        screen.click("apply")
        screen.wait_gone("line_dialog")
        self._save()  # the list of lines goes on telling the old number until then

    def _drop_lines(self, places: Sequence[int]) -> None:
        """One after the other: they stay in the list, struck through, until the form is saved."""
        screen = self.screen
        for place in places:
            screen.choose("lines", place)
            self._wait("the button that deletes the line", lambda: screen.enabled("delete_line"))
            screen.click("delete_line")
        self._wait("the form that can be saved", lambda: screen.enabled("save"))

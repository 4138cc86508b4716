"""KontoDirekt: a bank's desktop program, worked by keyboard and read by copying."""

from __future__ import annotations

import csv
import re
from collections.abc import Sequence
from pathlib import Path

from bots.automation.baseline import PageBaseline
from bots.automation.clipboard import wait_until
from bots.automation.desktop import Desktop
from bots.automation.desktop_screen import DesktopScreen
from bots.automation.formats import format_amount, parse_amount, parse_time
from bots.automation.locators import Book
from bots.automation.survey import PageSurvey
from bots.cases.commits import Permit
from bots.cases.errors import BusinessException, ScreenChanged, SystemException
from bots.cases.model import Payee, Refund, RefundInstruction, RefundState
from bots.portals.web import Access

STATES = {"ausgeführt": RefundState.SETTLED}
HITS = re.compile(r"(?P<count>\d+) zu „(?P<query>.*)“")
"""What the program says when a search is finished."""
DOWNLOADS = "{downloads}"
"""Stands in the configured command for the folder that the program exports to."""
STATEMENT_FILE = "statement.csv"


class PracticeBank:
    """Role Bank on KontoDirekt's window.

    `command` starts the program, in the folder that holds locators/; the text `{downloads}` in it becomes `downloads`, where the program must write its exports.
    """

    def __init__(
        self, name: str, book: Book, access: Access, command: Sequence[str], downloads: Path, *, desktop: Desktop | None = None, timeout_s: float = 10.0
    ) -> None:
        self.name, self.book, self.access, self.downloads = name, book, access, downloads
        started = [part.replace(DOWNLOADS, str(downloads)) for part in command]
        project = book.folder.parents[1]
        self.screen = DesktopScreen(desktop or Desktop(), book, started, lambda: access.guard(self.log_in), timeout_s=timeout_s, folder=project)

    @property
    def style(self) -> str:
        return self.book.head.style

    # -- in and out ------------------------------------------------------------------------------------------------------
    def log_in(self) -> None:
        """Log in; a refusal raises SystemException with the program's own words."""
        screen = self.screen
        screen.open_login()
        screen.fill("user", self.access.account)
        screen.fill_secret("password", self.access.password())
        screen.click("sign_in")
        if screen.wait_any("signed_in", "error") == "error":
            said = self._dismiss("error")
            raise SystemException(
                f"{self.book.head.title} refused the log-in of {self.access.account}: {said}",
                code="login_failed",
                advice="Check the account and its secret with `run_bot.py doctor`.",
            )

    def check(self) -> str:
        """Log in if need be, look at the statement and say that the program answers."""
        self.screen.open("statement")
        return f"{self.book.head.title} answers on the display {self.screen.desktop.display.name or 'of this session'}"

    def survey(self, page: str, samples: dict[str, str], before: PageBaseline | None = None) -> PageSurvey:
        """Look at every locator of a page of the window; changes nothing. A window's elements have no fingerprints to compare."""
        return self.screen.survey(page)

    def forget_session(self) -> None:
        """End the program, so that the next use starts it anew (after a failure)."""
        self.screen.close_program()

    def close(self) -> None:
        """End the program and its display."""
        self.screen.close()

    # -- reading ---------------------------------------------------------------------------------------------------------
    def find_payee(self, iban: str) -> Payee | None:
        """The payee registered with exactly this IBAN, or None."""
        found = self._payees(iban)
        return found[0] if found else None

    def find_transfers(self, reference: str) -> tuple[Refund, ...]:
        """Transfers with exactly this reference, as the statement shows them."""
        self.screen.open("statement")
        rows = self._found("reference", "show", "transfers", reference)
        self._filtered(reference, [row["reference"] for row in rows])
        try:
            return tuple(self._transfer(row) for row in rows if row["reference"] == reference)
        except (ValueError, KeyError) as error:
            raise ScreenChanged(f"{self.book.product}/statement: a shown value cannot be read: {error}", code="unreadable_value") from error

    def export_statement(self, folder: Path) -> Path:
        """The whole statement as CSV, saved as `<name>-statement.csv` in `folder`; a file with fewer rows than the program says raises SystemException."""
        screen, written = self.screen, self.downloads / STATEMENT_FILE
        screen.open("statement")
        written.unlink(missing_ok=True)
        screen.click("export")
        if screen.wait_any("exported", "error") == "error":
            raise SystemException(f"{self.book.head.title} did not export: {self._dismiss('error')}", code="download_failed")
        promised = screen.fields("exported")["transfers"]
        self._dismiss("exported")
        if not written.exists():
            raise SystemException(f"{self.book.head.title} says that it exported, and there is no {written}", code="download_failed")
        content = written.read_bytes()
        rows = list(csv.reader(content.decode("utf-8").splitlines()))
        if not content.endswith(b"\n") or str(len(rows) - 1) != promised or any(len(row) != len(rows[0]) for row in rows):
            raise SystemException(f"{self.book.head.title} exported {len(rows) - 1} whole rows of {promised}: the file is cut off", code="download_failed")
        folder.mkdir(parents=True, exist_ok=True)
        target = folder / f"{self.name}-{STATEMENT_FILE}"
        target.write_bytes(content)
        written.unlink()
        return target

    # -- writing ---------------------------------------------------------------------------------------------------------
    def submit_transfer(self, instruction: RefundInstruction, permit: Permit) -> None:
        """Transfer to the payee that the bank knows under the instruction's name and IBAN; the commit key is in the confirm dialog."""
        wanted, screen = instruction, self.screen
        payees = self._payees(wanted.payee_iban)
        if len(payees) != 1 or payees[0].name != wanted.payee_name:
            raise self._refused(
                f"{len(payees)} payees {[payee.name for payee in payees]} have the IBAN {wanted.payee_iban}, expected one: {wanted.payee_name!r}"
            )
        screen.click("use")
        screen.now_at("transfer")
        terms = {
            "payee": wanted.payee_name,
            "iban": grouped(wanted.payee_iban),
            "amount": f"{format_amount(wanted.amount, self.style, self.book.head.exponents, grouped=True)} {wanted.amount.currency}",
            "reference": wanted.rma,
        }
        self._same({name: screen.value(name) for name in ("payee", "iban")}, terms, "the form")
        screen.fill("amount", format_amount(wanted.amount, self.style, self.book.head.exponents))
        screen.fill("currency", wanted.amount.currency)
        screen.fill("reference", wanted.rma)
        screen.click("go_on")
        if screen.wait_any("confirm_dialog", "error") == "error":
            raise self._refused(self._dismiss("error"))
        self._confirm(terms, permit)
        outcome = screen.wait_any("done", "error", "left")
        permit.photograph("after", screen.picture())
        if outcome == "error":
            raise SystemException(f"{self.book.head.title} answered the commit with: {self._dismiss('error')}", code="error_after_commit")
        if outcome == "done":
            self._dismiss("done")

    def _confirm(self, terms: dict[str, str], permit: Permit) -> None:
        """The commit key, after every term was read in the dialog exactly as wanted."""
        try:
            self._same(self.screen.fields("confirm_dialog"), terms, "the confirm dialog")
        except ScreenChanged:
            self.screen.withdraw("confirm_dialog")
            raise
        self.screen.commit("confirm", permit, list(terms.values()))

    # -- helpers -------------------------------------------------------------------------------------------------------
    def _payees(self, iban: str) -> list[Payee]:
        compact = "".join(iban.split()).upper()
        self.screen.open("payees")
        rows = self._found("search", "find", "payees", compact)
        self._filtered(compact, ["".join(row["iban"].split()) for row in rows])
        return [
            Payee(source_system=self.name, source_key=row["payee_id"], payee_id=row["payee_id"], name=row["name"], iban=compact, country=row["country"])
            for row in rows
            if "".join(row["iban"].split()) == compact
        ]

    def _found(self, box: str, button: str, table: str, wanted: str) -> list[dict[str, str]]:
        """The rows of a finished search. The program says how many it found, and for what, once they stand there: an empty table alone proves nothing."""
        screen = self.screen
        screen.fill(box, wanted)
        screen.click(button)
        shown = ""

        def finished() -> bool:
            nonlocal shown
            shown = screen.value("hits")
            return (said := HITS.fullmatch(shown)) is not None and said["query"] == wanted

        if not wait_until(finished, screen.timeout_s):
            raise ScreenChanged(
                f"{self.book.product}/{screen.current}: the search for {wanted!r} did not end; the program shows {shown!r}", code="search_ignored"
            )
        rows: list[dict[str, str]] = []

        def whole() -> bool:
            rows[:] = screen.table(table)
            return f"{len(rows)} " == HITS.sub(r"\g<count> ", shown)

        if not wait_until(whole, screen.timeout_s):
            raise ScreenChanged(
                f"{self.book.product}/{screen.current}: the search for {wanted!r} says {shown!r} and shows {len(rows)} rows", code="search_ignored"
            )
        return rows

    def _filtered(self, wanted: str, shown: Sequence[str]) -> None:
        """A search that did not take shows other rows too; without this check it would look as if there were none of ours."""
        if others := [text for text in shown if wanted.casefold() not in text.casefold()]:
            raise ScreenChanged(f"{self.book.product}/{self.screen.current}: the search for {wanted!r} also shows {others[:3]}", code="search_ignored")

    def _transfer(self, row: dict[str, str]) -> Refund:
        booked = parse_time(row["booked_at"], self.style)
        return Refund(
            source_system=self.name,
            source_key=row["transfer_id"],
            refund_id=row["transfer_id"],
            reference=row["reference"],
            amount=parse_amount(row["amount"], row["currency"], self.style, self.book.head.exponents),
            state=STATES[row["state"]],
            payee=re.sub(r"\s", "", row["iban"]),
            created_at=booked,
            settled_at=booked,
        )

    def _same(self, shown: dict[str, str], terms: dict[str, str], where: str) -> None:
        wrong = {name: (text, terms[name]) for name, text in shown.items() if text != terms[name]}
        if wrong:
            raise ScreenChanged(f"{self.book.product}/{self.screen.current}: {where} shows other terms (shown, wanted): {wrong}", code="confirm_mismatch")

    def _dismiss(self, box: str) -> str:
        """Read a message box and close it; gives its text."""
        said = " ".join(self.screen.text(box).splitlines()[1:-1])
        self.screen.withdraw(box)
        return said

    def _refused(self, facts: str) -> BusinessException:
        return BusinessException(f"{self.book.head.title}: {facts}", code="refused_by_backend")


def grouped(iban: str) -> str:
    """An IBAN in groups of four, as the program shows it."""
    compact = "".join(iban.split()).upper()
    return " ".join(compact[at : at + 4] for at in range(0, len(compact), 4))

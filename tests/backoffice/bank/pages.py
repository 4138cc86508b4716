"""The pages of KontoDirekt's window. Each is built once and stays: turning to a page needs no new widgets, so no key is lost."""

from __future__ import annotations

import tkinter as tk
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, ClassVar

from ..world import Row
from . import teller as bank
from .look import BOLD, FONT, LARGE, SMALL, Skin
from .teller import Order, Refused
from .widgets import Field, Table, button

if TYPE_CHECKING:
    from .window import Window

PROGRAM = "KontoDirekt"
ACCOUNT = "Nordlicht Trading · DE02 1203 0000 0000 2020 51 · EUR"
STATEMENT_FILE = "statement.csv"


class Page:
    """One page: its keys, and the field that has the keyboard when one turns to it."""

    title: ClassVar[str]
    first: Field

    def __init__(self, window: Window, skin: Skin) -> None:
        self.window, self.teller, self.skin = window, window.teller, skin
        self.keys: dict[str, Callable[[], object]] = {}
        self.frame = tk.Frame(window.root, background=skin.paper)
        self.frame.place(relwidth=1, relheight=1)
        self._bars()
        self.inside = tk.Frame(self.frame, background=skin.paper, padx=28, pady=18)
        self.inside.pack(fill="both", expand=True)
        self.build()

    def build(self) -> None:
        """Make the widgets."""
        raise NotImplementedError

    def enter(self) -> None:
        """Make the page as new, when one turns to it."""

    def _bars(self) -> None:
        skin, window = self.skin, self.window
        top = tk.Frame(self.frame, background=skin.bar, padx=18, pady=10)
        top.pack(fill="x")
        tk.Label(top, text="▲", font=LARGE, background=skin.bar, foreground=skin.accent).pack(side="left")
        tk.Label(top, text=PROGRAM, font=LARGE, background=skin.bar, foreground=skin.bar_text).pack(side="left", padx=(4, 18))
        inside = not isinstance(self, SignInPage)
        tk.Label(top, text=ACCOUNT if inside else "Zahlungsverkehr für Firmenkunden", font=SMALL, background=skin.bar, foreground="#c5d5e2").pack(side="right")
        if inside:
            menu = tk.Frame(self.frame, background=skin.face, relief="raised", borderwidth=1, padx=12, pady=6)
            menu.pack(fill="x")
            pages = [(f"F{number}", page) for number, page in enumerate(INSIDE, 2)]
            for key, page in reversed(pages) if skin.mirrored else pages:
                self._menu_button(menu, f"{key}  {page.title}", lambda to=page: window.turn_to(to), chosen=isinstance(self, page)).pack(
                    side="left", padx=(0, 6)
                )  # type: ignore[misc]
                self.keys[key.lower()] = lambda to=page: window.turn_to(to)  # type: ignore[misc]
            self._menu_button(menu, "F10  Abmelden", window.sign_out).pack(side="right")
            self.keys["f10"] = window.sign_out
        foot = tk.Frame(self.frame, background=skin.face, relief="sunken", borderwidth=1, padx=12, pady=4)
        foot.pack(side="bottom", fill="x")
        self.user = tk.Label(foot, text="Nicht angemeldet", font=SMALL, background=skin.face, foreground=skin.ink)
        self.user.pack(side="left")
        tk.Label(foot, text="KontoDirekt 4.2 · Zeiten in UTC", font=SMALL, background=skin.face, foreground=skin.ink).pack(side="right")

    def _menu_button(self, menu: tk.Frame, text: str, do: Callable[[], object], *, chosen: bool = False) -> tk.Button:
        skin = self.skin
        return tk.Button(
            menu, text=text, command=do, font=BOLD if chosen else FONT, relief="sunken" if chosen else "raised", borderwidth=2, padx=14, pady=3, takefocus=False,
            background=skin.paper if chosen else skin.face, foreground=skin.ink, activebackground=skin.paper,
        )  # fmt: skip

    def heading(self, text: str) -> None:
        tk.Label(self.inside, text=text, font=LARGE, background=self.skin.paper, foreground=self.skin.ink, anchor="w").pack(fill="x", pady=(0, 12))

    def form(self, parent: tk.Misc) -> tk.Frame:
        made = tk.Frame(parent, background=parent["background"])
        made.pack(anchor="w", fill="x")
        return made

    def buttons(self, parent: tk.Misc, *specs: tuple[str, Callable[[], object], bool]) -> None:
        """A row of buttons: (caption, what it does, whether it is the strong one)."""
        bar = tk.Frame(parent, background=parent["background"])
        bar.pack(anchor="e" if self.skin.mirrored else "w", pady=(14, 0))
        for caption, do, strong in reversed(specs) if self.skin.mirrored else specs:
            button(bar, self.skin, caption, do, self.keys, strong=strong).pack(side="left", padx=(0, 10))


class SignInPage(Page):
    title = "Anmeldung"

    def build(self) -> None:
        skin = self.skin
        box = tk.Frame(self.inside, background=skin.face, relief="groove", borderwidth=2, padx=36, pady=28)
        box.place(relx=0.5, rely=0.44, anchor="center")
        tk.Label(box, text="Anmeldung", font=LARGE, background=skin.face, foreground=skin.ink, anchor="w").pack(fill="x")
        self.note = tk.Label(box, font=SMALL, background=skin.face, foreground=skin.ink, anchor="w", wraplength=380, justify="left")
        self.note.pack(fill="x", pady=(2, 14))
        form = self.form(box)
        self.first = self.user_name = Field(form, skin, "_Benutzer", self.keys, 0, width=26)
        self.pin = Field(form, skin, "_PIN", self.keys, 1, width=26, secret=True)
        self.buttons(box, (skin.sign_in, self.sign_in, True))
        self.keys["return"] = self.sign_in

    def enter(self) -> None:
        self.user_name.text = self.pin.text = ""
        self.note.configure(text=self.window.note or "Bitte mit Benutzer und PIN anmelden.", foreground=self.skin.accent if self.window.note else self.skin.ink)

    def sign_in(self) -> None:
        pin, self.pin.text = self.pin.text, ""
        self.teller.sign_in(self.user_name.text, pin)
        self.window.turn_to(PayeesPage)


class ListPage(Page):
    """A page with a search, its table, and a line that says how many were found and what for: only that tells an empty table from one not painted yet."""

    hits: Field
    table: Table

    def show_found(self, query: str, rows: Sequence[Sequence[str]]) -> None:
        """Empty both, and fill them once the window is painted."""
        hits = f"{len(rows)} zu „{query.strip()}“"

        def paint() -> None:
            self.table.show(rows)
            self.hits.text = hits

        self.table.show(())
        self.hits.text = hits if self.window.hits_first else ""
        self.window.painted(paint)


class PayeesPage(ListPage):
    title = "Empfänger"

    def build(self) -> None:
        self.found: list[Row] = []
        self.heading("Empfänger suchen")
        form = self.form(self.inside)
        self.first = self.search = Field(form, self.skin, "_Name oder IBAN", self.keys, 0, width=36)
        self.hits = Field(form, self.skin, "T_reffer", self.keys, 0, width=24, readonly=True, column=2)
        columns = [("Nr.", 110, False), ("Name", 306, False), ("IBAN", 330, False), ("Land", 80, False)]
        self.table = Table(self.inside, columns, self.window.copy, height=9, on_enter=lambda: self.window.guarded(self.use))
        self.buttons(self.inside, (self.skin.search, self.find, True))
        self.table.frame.pack(fill="both", expand=True, pady=(14, 0))
        self.buttons(self.inside, (self.skin.use, self.use, False))
        self.keys |= {"return": self.find, "alt+t": self.table.focus}

    def enter(self) -> None:
        self.search.text = ""
        self.find()

    def find(self) -> None:
        query = self.search.text
        self.found = self.teller.payees(query)
        self.show_found(query, [(row["payee_id"], row["name"], bank.grouped(row["iban"]), row["country"]) for row in self.found])

    def use(self) -> None:
        """Go on with the marked payee."""
        if len(self.table.marked) != 1:
            raise Refused("Bitte genau einen Empfänger markieren.")
        self.window.payee = self.found[self.table.marked[0]]
        self.window.turn_to(TransferPage)


class TransferPage(Page):
    title = "Überweisung"

    def build(self) -> None:
        self.heading("Überweisung")
        form = self.form(self.inside)
        self.payee = Field(form, self.skin, "_Empfänger", self.keys, 0, width=44, readonly=True)
        self.iban = Field(form, self.skin, "_IBAN", self.keys, 1, width=44, readonly=True)
        self.first = self.amount = Field(form, self.skin, "_Betrag", self.keys, 2, width=18, right=True)
        self.currency = Field(form, self.skin, "Wäh_rung", self.keys, 3, width=6)
        self.reference = Field(form, self.skin, "_Verwendungszweck", self.keys, 4, width=44)
        self.buttons(self.inside, (self.skin.go_on, self.go_on, True))
        self.amount.variable.trace_add("write", lambda *_: self.typing())
        self.hint = tk.Label(self.inside, font=SMALL, background=self.skin.paper, foreground=self.skin.accent)
        self.hint.pack(anchor="w", pady=(16, 0))
        self.keys["return"] = self.go_on

    def enter(self) -> None:
        payee = self.window.payee
        self.payee.text, self.iban.text = (payee["name"], bank.grouped(payee["iban"])) if payee is not None else ("", "")
        self._touched = True  # by ourselves, below
        self.amount.text, self.currency.text, self.reference.text = "", "EUR", ""
        self._touched = payee is None
        self.hint.configure(text="" if payee is not None else "Noch kein Empfänger gewählt: zuerst mit F2 suchen.")

    def typing(self) -> None:
        """The first key in the amount: where the lies of a half-filled form are told."""
        if not self._touched and self.window.payee is not None:
            self._touched = True
            self.window.guarded(lambda: self.teller.lie("form", self.window.payee["iban"] if self.window.payee is not None else ""))

    def go_on(self) -> None:
        if self.window.payee is None:
            raise Refused("Bitte zuerst einen Empfänger wählen (F2).")
        order = self.teller.check(self.window.payee, self.amount.text, self.currency.text, self.reference.text)
        lines = [("Empfänger", order.payee), ("IBAN", bank.grouped(order.iban)), ("Betrag", order.shown_amount), ("Verwendungszweck", order.reference)]
        buttons = [(self.skin.transfer, lambda: self.transfer(order)), (self.skin.cancel, self.window.close_dialog)]
        if self.window.painting_slowly:
            self.window.ask(self.skin.confirm_title, "", buttons)
        self.window.painted(lambda: self.window.ask(self.skin.confirm_title, lines, buttons))

    def transfer(self, order: Order) -> None:
        """The confirmed order is sent; whatever comes of it, the form is left so that it cannot be sent again."""
        self.window.payee = None
        try:
            receipt = self.teller.submit(order)
        except bank.Dropped as problem:
            self.window.turn_to(PayeesPage, announce=False)
            self.window.message("Fehler", str(problem), alarm=True)
            return
        self.window.turn_to(PayeesPage, announce=receipt.silent)
        if not receipt.silent:
            self.window.message("Auftrag ausgeführt", f"Auftrag {receipt.transfer_id} über {order.shown_amount} an {order.payee} wurde ausgeführt.")


class StatementPage(ListPage):
    title = "Umsätze"

    def build(self) -> None:
        self.heading(f"Umsätze (die letzten {bank.SHOWN})")
        form = self.form(self.inside)
        self.first = self.search = Field(form, self.skin, "_Verwendungszweck", self.keys, 0, width=26)
        self.hits = Field(form, self.skin, "T_reffer", self.keys, 0, width=26, readonly=True, column=2)
        columns = [
            ("Auftrag", 80, False), ("Buchung", 122, False), ("Empfänger", 114, False), ("IBAN", 132, False), ("Betrag", 78, True), ("Währung", 72, False),
            ("Verwendungszweck", 150, False), ("Status", 78, False),
        ]  # fmt: skip
        self.table = Table(self.inside, columns, self.window.copy, height=10)
        self.buttons(self.inside, (self.skin.filter, self.show, True), (self.skin.export, self.export, False))
        self.table.frame.pack(fill="both", expand=True, pady=(14, 0))
        self.keys |= {"return": self.show, "alt+t": self.table.focus}

    def enter(self) -> None:
        self.search.text = ""
        self.show()

    def show(self) -> None:
        query = self.search.text
        rows = self.teller.statement(query)
        shown = [
            (
                r["transfer_id"],
                bank.moment(r["booked_at"]),
                r["payee"],
                r["iban"],
                bank.money(r["amount"], r["currency"]),
                r["currency"],
                r["reference"],
                bank.STATES.get(r["state"], r["state"]),
            )
            for r in rows
        ]
        self.show_found(query, shown)

    def export(self) -> None:
        text, folder = self.teller.statement_csv(), self.window.exports
        folder.mkdir(parents=True, exist_ok=True)
        part = folder / (STATEMENT_FILE + ".part")
        part.write_text(text, encoding="utf-8", newline="")
        part.replace(folder / STATEMENT_FILE)
        self.window.message("Export", [("Datei", STATEMENT_FILE), ("Umsätze", str(len(self.teller.statement(limit=None))))])


INSIDE: tuple[type[Page], ...] = (PayeesPage, TransferPage, StatementPage)
"""Pages of the menu, F2 and on."""
PAGES: tuple[type[Page], ...] = (SignInPage, *INSIDE)

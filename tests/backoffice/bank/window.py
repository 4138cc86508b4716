"""KontoDirekt's window: log-in, payees, transfer, statement. Every step can be done with the keyboard."""

from __future__ import annotations

import tkinter as tk
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from ..world import Row, World
from . import teller as bank
from .look import BOLD, FONT, HEIGHT, LARGE, REDESIGN, SMALL, USUAL, WIDTH, Skin, dress
from .teller import Dropped, Refused, SignedOut, Teller
from .widgets import Dialog, Field, Table, button, teach_entries

PROGRAM = "KontoDirekt"
ACCOUNT = "Nordlicht Trading · DE02 1203 0000 0000 2020 51 · EUR"
STATEMENT_FILE = "statement.csv"
Keys = dict[str, Callable[[], object]]


class Window:
    """The whole program. `exports` is where the statement file goes; the session ends after `max_idle` seconds without a key or click."""

    def __init__(self, world: World, exports: Path, max_idle: float = 900.0) -> None:
        self.teller, self.exports, self.max_idle = Teller(world), exports, max_idle
        self.root = tk.Tk(className=PROGRAM)
        self.root.geometry(f"{WIDTH}x{HEIGHT}+0+0")
        self.root.resizable(False, False)
        teach_entries(self.root)
        self.skin: Skin = USUAL
        self.page_keys: Keys = {}
        self.page_title = ""
        self.dialog: Dialog | None = None
        self.payee: Row | None = None
        self.body = tk.Frame(self.root)
        self._idle = ""
        for keys in ("<KeyPress>", "<Alt-KeyPress>", "<KeyPress-F10>"):  # Tk keeps Alt and F10 for menus unless they are bound as such
            self.root.bind_all(keys, self._key)
        self.root.bind_all("<Any-Button>", self._busy, add=True)
        self.root.report_callback_exception = self._failed
        self.root.wait_visibility()
        self.root.focus_force()  # without a window manager nobody else gives the window the keyboard
        self.sign_in_page()

    def run(self) -> None:
        self.root.mainloop()

    # -- keys, pages, dialogs ---------------------------------------------------------------------------------------
    def _key(self, event: tk.Event[tk.Misc]) -> str | None:
        """Alt+letter, function keys, Enter and Escape go to the dialog if one is open, else to the page."""
        self._busy()
        alt = isinstance(event.state, int) and bool(event.state & 0x8 or event.state & 0x20000)
        name = event.keysym.lower()
        letter = event.char.lower() if alt and event.char.isprintable() and event.char else name
        do = None
        keys = self.dialog.keys if self.dialog else self.page_keys
        for candidate in (f"alt+{letter}", f"alt+{name}") if alt else (name,):
            do = do or keys.get(candidate)
        if do is None:
            return None
        self._guarded(do)
        return "break"

    def _guarded(self, do: Callable[[], object]) -> None:
        try:
            do()
        except Refused as refusal:
            self.message("Fehler", str(refusal), alarm=True)
        except SignedOut:
            self.sign_in_page("Ihre Sitzung wurde von der Bank beendet. Bitte melden Sie sich erneut an.")

    def _failed(self, kind: type[BaseException], problem: BaseException, trace: Any) -> None:
        """Buttons pressed by mouse or space come here with what they raise."""
        if isinstance(problem, Refused):
            self.message("Fehler", str(problem), alarm=True)
        elif isinstance(problem, SignedOut):
            self.sign_in_page("Ihre Sitzung wurde von der Bank beendet. Bitte melden Sie sich erneut an.")
        else:
            tk.Tk.report_callback_exception(self.root, kind, problem, trace)  # type: ignore[arg-type]
            self.message("Fehler", f"Interner Fehler: {problem}", alarm=True)

    def _busy(self, _: object = None) -> None:
        """Start the idle clock anew."""
        if self._idle:
            self.root.after_cancel(self._idle)
        self._idle = self.root.after(int(self.max_idle * 1000), self._too_long) if self.teller.user else ""

    def _too_long(self) -> None:
        self.teller.user = ""
        self.sign_in_page("Sie wurden nach längerer Inaktivität abgemeldet.")

    def _title(self, text: str) -> None:
        self.root.title(f"{PROGRAM} – {text}")

    def message(self, title: str, text: str | Sequence[tuple[str, str]], *, alarm: bool = False) -> None:
        self.ask(title, text, [("_OK", self.close_dialog)], alarm=alarm)

    def ask(self, title: str, lines: str | Sequence[tuple[str, str]], buttons: Sequence[tuple[str, Callable[[], object]]], *, alarm: bool = False) -> None:
        self.close_dialog()
        self.dialog = Dialog(self.root, self.skin, title, lines, buttons, alarm=alarm)
        self._title(title)

    def close_dialog(self) -> None:
        if self.dialog is not None:
            self.dialog.close()
            self.dialog = None
            self._title(self.page_title)
            if self.focus_after is not None:
                self.focus_after()

    def _page(self, title: str) -> tk.Frame:
        """An empty page under the bars; a redesign, while that lie is told, begins here."""
        self.close_dialog()
        skin_told = self.teller.world.one("SELECT 1 FROM lies WHERE app = 'bank' AND action = 'skin' AND times > 0") is not None and self.teller.world.lie(
            "bank", "skin", title
        )
        self.skin = REDESIGN if skin_told else USUAL
        dress(self.root, self.skin)
        self.body.destroy()
        self.page_keys, self.page_title = {}, title
        self.focus_after: Callable[[], object] | None = None
        self.body = tk.Frame(self.root, background=self.skin.paper)
        self.body.pack(fill="both", expand=True)
        self._bars(title)
        self._title(title)
        inside = tk.Frame(self.body, background=self.skin.paper, padx=28, pady=18)
        inside.pack(fill="both", expand=True)
        return inside

    def _bars(self, title: str) -> None:
        skin = self.skin
        top = tk.Frame(self.body, background=skin.bar, padx=18, pady=10)
        top.pack(fill="x")
        tk.Label(top, text="▲", font=LARGE, background=skin.bar, foreground=skin.accent).pack(side="left")
        tk.Label(top, text=PROGRAM, font=LARGE, background=skin.bar, foreground=skin.bar_text).pack(side="left", padx=(4, 18))
        tk.Label(top, text=ACCOUNT if self.teller.user else "Zahlungsverkehr für Firmenkunden", font=SMALL, background=skin.bar, foreground="#c5d5e2").pack(
            side="right"
        )
        if self.teller.user:
            menu = tk.Frame(self.body, background=skin.face, relief="raised", borderwidth=1, padx=12, pady=6)
            menu.pack(fill="x")
            pages: list[tuple[str, str, Callable[[], object]]] = [
                ("F2", "Empfänger", self.payees_page),
                ("F3", "Überweisung", self.transfer_page),
                ("F4", "Umsätze", self.statement_page),
            ]
            for key, name, do in reversed(pages) if skin.mirrored else pages:
                chosen = name == title
                tk.Button(
                    menu, text=f"{key}  {name}", command=do, font=BOLD if chosen else FONT, relief="sunken" if chosen else "raised", borderwidth=2, padx=14, pady=3, takefocus=False,
                    background=skin.paper if chosen else skin.face, foreground=skin.ink, activebackground=skin.paper,
                ).pack(side="left", padx=(0, 6))  # fmt: skip
            tk.Button(
                menu,
                text="F10  Abmelden",
                command=self.sign_out,
                font=FONT,
                borderwidth=2,
                padx=14,
                pady=3,
                takefocus=False,
                background=skin.face,
                foreground=skin.ink,
            ).pack(side="right")
            self.page_keys.update({"f2": self.payees_page, "f3": self.transfer_page, "f4": self.statement_page, "f10": self.sign_out})
        foot = tk.Frame(self.body, background=skin.face, relief="sunken", borderwidth=1, padx=12, pady=4)
        foot.pack(side="bottom", fill="x")
        tk.Label(
            foot, text=f"Angemeldet: {self.teller.user}" if self.teller.user else "Nicht angemeldet", font=SMALL, background=skin.face, foreground=skin.ink
        ).pack(side="left")
        tk.Label(foot, text="KontoDirekt 4.2 · Zeiten in UTC", font=SMALL, background=skin.face, foreground=skin.ink).pack(side="right")

    def _heading(self, parent: tk.Frame, text: str) -> None:
        tk.Label(parent, text=text, font=LARGE, background=parent["background"], foreground=self.skin.ink, anchor="w").pack(fill="x", pady=(0, 12))

    def _form(self, parent: tk.Misc) -> tk.Frame:
        made = tk.Frame(parent, background=parent["background"])
        made.pack(anchor="w", fill="x")
        return made

    def _buttons(self, parent: tk.Misc, *specs: tuple[str, Callable[[], object], bool]) -> None:
        bar = tk.Frame(parent, background=parent["background"])
        bar.pack(anchor="e" if self.skin.mirrored else "w", pady=(14, 0))
        for caption, do, strong in reversed(specs) if self.skin.mirrored else specs:
            button(bar, self.skin, caption, do, self.page_keys, strong=strong).pack(side="left", padx=(0, 10))

    # -- log-in -------------------------------------------------------------------------------------------------------
    def sign_in_page(self, note: str = "") -> None:
        self.teller.user, self.payee = "", None
        page = self._page("Anmeldung")
        box = tk.Frame(page, background=self.skin.face, relief="groove", borderwidth=2, padx=36, pady=28)
        box.place(relx=0.5, rely=0.44, anchor="center")
        tk.Label(box, text="Anmeldung", font=LARGE, background=self.skin.face, foreground=self.skin.ink, anchor="w").pack(fill="x")
        tk.Label(
            box,
            text=note or "Bitte mit Benutzer und PIN anmelden.",
            font=SMALL,
            background=self.skin.face,
            foreground=self.skin.accent if note else self.skin.ink,
            anchor="w",
        ).pack(fill="x", pady=(2, 14))
        form = self._form(box)
        user = Field(form, self.skin, "_Benutzer", self.page_keys, 0, width=26)
        pin = Field(form, self.skin, "_PIN", self.page_keys, 1, width=26, secret=True)

        def sign_in() -> None:
            try:
                self.teller.sign_in(user.text, pin.text)
            finally:
                pin.text = ""
            self.payees_page()

        self._buttons(box, (self.skin.sign_in, sign_in, True))
        self.page_keys["return"] = sign_in
        self.focus_after = user.focus
        user.focus()

    def sign_out(self) -> None:
        self.sign_in_page("Sie haben sich abgemeldet.")

    # -- payees -------------------------------------------------------------------------------------------------------
    def payees_page(self) -> None:
        page = self._page("Empfänger")
        self._heading(page, "Empfänger suchen")
        search = Field(self._form(page), self.skin, "_Name oder IBAN", self.page_keys, 0, width=40)
        found: list[Row] = []
        table = Table(
            page, [("Nr.", 110, False), ("Name", 306, False), ("IBAN", 330, False), ("Land", 80, False)], height=9, on_enter=lambda: self._guarded(use)
        )

        def find() -> None:
            found[:] = self.teller.payees(search.text)
            table.show([(row["payee_id"], row["name"], bank.grouped(row["iban"]), row["country"]) for row in found])

        def use() -> None:
            if len(table.marked) != 1:
                raise Refused("Bitte genau einen Empfänger markieren.")
            self.payee = found[table.marked[0]]
            self.transfer_page()

        self._buttons(page, (self.skin.search, find, True))
        table.frame.pack(fill="both", expand=True, pady=(14, 0))
        self._buttons(page, (self.skin.use, use, False))
        self.page_keys |= {"return": find, "alt+t": table.focus}
        self.focus_after = search.focus
        search.focus()

    # -- transfer -----------------------------------------------------------------------------------------------------
    def transfer_page(self) -> None:
        page = self._page("Überweisung")
        self._heading(page, "Überweisung")
        form = self._form(page)
        payee = Field(form, self.skin, "_Empfänger", self.page_keys, 0, width=44, readonly=True)
        iban = Field(form, self.skin, "_IBAN", self.page_keys, 1, width=44, readonly=True)
        amount = Field(form, self.skin, "_Betrag", self.page_keys, 2, width=18, right=True)
        currency = Field(form, self.skin, "Wäh_rung", self.page_keys, 3, width=6)
        reference = Field(form, self.skin, "_Verwendungszweck", self.page_keys, 4, width=44)
        currency.text = "EUR"
        if self.payee is not None:
            payee.text, iban.text = self.payee["name"], bank.grouped(self.payee["iban"])
        else:
            tk.Label(page, text="Noch kein Empfänger gewählt: zuerst mit F2 suchen.", font=SMALL, background=self.skin.paper, foreground=self.skin.accent).pack(
                anchor="w", pady=(10, 0)
            )

        def go_on() -> None:
            if self.payee is None:
                raise Refused("Bitte zuerst einen Empfänger wählen (F2).")
            self.confirm(self.teller.check(self.payee, amount.text, currency.text, reference.text))

        self._buttons(page, (self.skin.go_on, go_on, True))
        self.page_keys["return"] = go_on
        self.focus_after = amount.focus
        amount.focus()

    def confirm(self, order: bank.Order) -> None:
        """Ask once more, repeating everything; Abbrechen is what Enter and Escape press."""

        def transfer() -> None:
            self.close_dialog()
            try:
                receipt = self.teller.submit(order)
            except Dropped as problem:
                self._after_transfer("Fehler", str(problem), alarm=True)
                return
            if receipt.silent:
                self.payee = None
                self.payees_page()
                return
            self._after_transfer("Auftrag ausgeführt", f"Auftrag {receipt.transfer_id} über {order.shown_amount} an {order.payee} wurde ausgeführt.")

        lines = [("Empfänger", order.payee), ("IBAN", bank.grouped(order.iban)), ("Betrag", order.shown_amount), ("Verwendungszweck", order.reference)]
        self.ask(self.skin.confirm_title, lines, [(self.skin.transfer, transfer), (self.skin.cancel, self.close_dialog)])

    def _after_transfer(self, title: str, text: str, *, alarm: bool = False) -> None:
        self.payee = None
        self.payees_page()
        self.message(title, text, alarm=alarm)

    # -- statement ----------------------------------------------------------------------------------------------------
    def statement_page(self) -> None:
        page = self._page("Umsätze")
        self._heading(page, f"Umsätze (die letzten {bank.SHOWN})")
        search = Field(self._form(page), self.skin, "_Verwendungszweck", self.page_keys, 0, width=30)
        columns = [
            ("Auftrag", 80, False), ("Buchung", 122, False), ("Empfänger", 114, False), ("IBAN", 132, False), ("Betrag", 78, True), ("Währung", 72, False),
            ("Verwendungszweck", 150, False), ("Status", 78, False),
        ]  # fmt: skip
        table = Table(page, columns, height=10)

        def show() -> None:
            rows = self.teller.statement(search.text)
            table.show(
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
            )

        def export() -> None:
            text = self.teller.statement_csv()
            self.exports.mkdir(parents=True, exist_ok=True)
            part = self.exports / (STATEMENT_FILE + ".part")
            part.write_text(text, encoding="utf-8", newline="")
            part.replace(self.exports / STATEMENT_FILE)
            self.message("Export", [("Datei", STATEMENT_FILE), ("Umsätze", str(len(self.teller.statement(limit=None))))])

        self._buttons(page, (self.skin.filter, show, True), (self.skin.export, export, False))
        table.frame.pack(fill="both", expand=True, pady=(14, 0))
        self.page_keys |= {"return": show, "alt+t": table.focus}
        self.focus_after = search.focus
        show()
        search.focus()

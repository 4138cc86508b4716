"""KontoDirekt's window: turns pages, shows dialogs, hands keys to whichever is on top. Every step can be done with the keyboard."""

from __future__ import annotations

import os
import subprocess
import sys
import tkinter as tk
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from ..world import Row, World
from .look import HEIGHT, REDESIGN, USUAL, WIDTH, dress
from .pages import PAGES, PROGRAM, Page, SignInPage
from .teller import NAME, Closed, Refused, SignedOut, Teller
from .widgets import Dialog, teach_entries

ALT = 0x8 | 0x20000
"""The Alt key in the state of an event, on X11 and on Windows."""
CRASHED = 3


class Window:
    """The whole program. `exports` is where the statement file goes; the session ends after `max_idle` seconds without a key or click."""

    def __init__(self, world: World, exports: Path, max_idle: float = 900.0) -> None:
        self.teller, self.exports, self.max_idle = Teller(world, self._stage), exports, max_idle
        self.payee: Row | None = None
        self.note = ""
        self._idle = ""
        self._dialog: Dialog | None = None
        self._paint_after_s, self.hits_first = 0.0, False
        self._paints: list[str] = []
        self.root = tk.Tk(className=PROGRAM)
        self.root.title(PROGRAM)
        self.root.geometry(f"{WIDTH}x{HEIGHT}+0+0")
        self.root.resizable(False, False)
        teach_entries(self.root, self.copy)
        for keys in ("<KeyPress>", "<Alt-KeyPress>", "<KeyPress-F10>"):  # Tk keeps Alt and F10 for menus unless they are bound as such
            self.root.bind_all(keys, self._key)
        self.root.bind_all("<<NextWindow>>", lambda event: self._tab(event.widget, "tk_focusNext"))
        self.root.bind_all("<<PrevWindow>>", lambda event: self._tab(event.widget, "tk_focusPrev"))
        self.root.bind_all("<Any-Button>", self._busy, add=True)
        self.root.report_callback_exception = self._failed
        dress(self.root, USUAL)
        self.pages = {page: page(self, USUAL) for page in PAGES}
        self.page: Page = self.pages[SignInPage]
        self.root.wait_visibility()
        self.root.focus_force()  # without a window manager nobody else gives the window the keyboard
        self.root.update()
        self.turn_to(SignInPage)

    def run(self) -> None:
        self.root.mainloop()

    # -- keys -----------------------------------------------------------------------------------------------------------
    def _key(self, event: tk.Event[tk.Misc]) -> str | None:
        """Alt+letter, function keys, Enter and Escape go to the dialog if one is open, else to the page."""
        self._busy()
        alt = isinstance(event.state, int) and bool(event.state & ALT)
        keys = (self._dialog or self.page).keys
        names = [event.keysym.lower(), event.char.lower()] if event.char.isprintable() else [event.keysym.lower()]
        do = next((keys[name] for name in (f"alt+{name}" if alt else name for name in names) if name in keys), None)
        if do is None:
            return None
        self.guarded(do)
        return "break"

    def _tab(self, widget: tk.Misc, step: str) -> str:
        """The next field of what is on top; other pages lie underneath and are skipped."""
        top = str(self._dialog.frame if self._dialog else self.page.frame)
        at = getattr(widget, step)()
        while at is not None and at != widget and not str(at).startswith(f"{top}."):
            at = getattr(at, step)()
        if at is not None:
            at.focus_set()
            if isinstance(at, tk.Entry):
                at.selection_range(0, "end")
        return "break"

    def guarded(self, do: Callable[[], object]) -> None:
        """Do it, and say so when the bank refuses."""
        try:
            do()
        except (Refused, SignedOut, Closed) as problem:
            self._tell(problem)

    def _tell(self, problem: BaseException) -> None:
        if isinstance(problem, Closed):
            os._exit(CRASHED)
        elif isinstance(problem, SignedOut):
            self._sign_in_again("Ihre Sitzung wurde von der Bank beendet. Bitte melden Sie sich erneut an.")
        else:
            self.message("Fehler", str(problem), alarm=True)

    def _failed(self, kind: type[BaseException], problem: BaseException, trace: Any) -> None:
        """Buttons pressed by mouse or space come here with what they raise."""
        if not isinstance(problem, (Refused, SignedOut, Closed)):
            tk.Tk.report_callback_exception(self.root, kind, problem, trace)  # type: ignore[arg-type]
        self._tell(problem)

    def _busy(self, _: object = None) -> None:
        """Start the idle clock anew."""
        if self._idle:
            self.root.after_cancel(self._idle)
        self._idle = self.root.after(int(self.max_idle * 1000), self._too_long) if self.teller.user else ""

    def _too_long(self) -> None:
        self._idle = ""
        self._sign_in_again("Sie wurden nach längerer Inaktivität abgemeldet.")

    def sign_out(self) -> None:
        self._sign_in_again("Sie haben sich abgemeldet.")

    def _sign_in_again(self, note: str) -> None:
        self.teller.user, self.payee, self.note = "", None, note
        self.turn_to(SignInPage)

    # -- lies that happen on the screen -----------------------------------------------------------------------------------
    def _stage(self, told: dict[str, Any]) -> None:
        if told.get("lie") == "slow_repaint":
            self._paint_after_s, self.hits_first = float(told.get("seconds", 1.5)), bool(told.get("hits_first"))
        if told.get("lie") == "other_window":
            self._cover(float(told.get("seconds", 0)))

    @property
    def painting_slowly(self) -> bool:
        return self._paint_after_s > 0

    def painted(self, paint: Callable[[], None]) -> None:
        """Put on the screen what an action brought: now, or later while the window is slow. Another page comes before it."""
        seconds, self._paint_after_s, self.hits_first = self._paint_after_s, 0.0, False
        if seconds:
            self._paints.append(self.root.after(int(seconds * 1000), paint))
        else:
            paint()

    def _forget_paints(self) -> None:
        while self._paints:
            self.root.after_cancel(self._paints.pop())

    def _cover(self, seconds: float) -> None:
        """Another program's window takes the keyboard (0 s: until the end): whatever is typed now lands in its line."""
        command = [sys.executable, str(Path(__file__).with_name("stranger.py"))]
        stranger = self._stranger = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        assert stranger.stdout is not None
        stranger.stdout.readline()

        def gone() -> None:
            stranger.kill()
            stranger.wait()
            self.root.focus_force()

        if seconds:
            self.root.after(int(seconds * 1000), gone)

    def copy(self, text: str) -> None:
        """Put it on the clipboard; a lie loses it on the way, or lets another program's text come between."""
        told = self.teller.lie("copy", self.root.title())
        if told.get("lie") == "lost_clipboard" and not (text := str(told.get("text", ""))):
            return
        self.root.clipboard_clear()
        self.root.clipboard_append(text)

    # -- pages and dialogs ------------------------------------------------------------------------------------------------
    def turn_to(self, kind: type[Page], *, announce: bool = True) -> None:
        """Show a page as new; a redesign, while that lie is told, begins here. The title is left alone when a message follows at once."""
        skin = REDESIGN if self._redesigned(kind.title) else USUAL
        self._drop_dialog()
        self._forget_paints()
        page = self.pages[kind]
        if page.skin != skin:
            page.frame.destroy()
            dress(self.root, skin)
            page = self.pages[kind] = kind(self, skin)
        self.page = page
        page.user.configure(text=f"Angemeldet: {self.teller.user}" if self.teller.user else "Nicht angemeldet")
        page.enter()
        page.frame.tkraise()
        page.first.focus()
        if announce:
            self._title(kind.title, page.first.entry)
        self._busy()

    def _redesigned(self, title: str) -> bool:
        told = self.teller.world.one("SELECT 1 FROM lies WHERE app = ? AND action = 'skin' AND times > 0", NAME)
        return told is not None and self.teller.world.lie(NAME, "skin", title) is not None

    def _title(self, text: str, focused: tk.Misc) -> None:
        """Say in the title what is up, once it can take keys: a widget that is not mapped yet gets the keyboard only later."""
        full = f"{PROGRAM} – {text}"
        if focused.winfo_viewable():
            self.root.title(full)
        else:
            focused.bind("<FocusIn>", lambda _: self.root.title(full))

    def message(self, title: str, text: str | Sequence[tuple[str, str]], *, alarm: bool = False) -> None:
        self.ask(title, text, [("_OK", self.close_dialog)], alarm=alarm)

    def ask(self, title: str, lines: str | Sequence[tuple[str, str]], buttons: Sequence[tuple[str, Callable[[], object]]], *, alarm: bool = False) -> None:
        """Show a dialog over the page; the last button is the one that Enter and Escape press at first."""
        self._drop_dialog()
        self._dialog = Dialog(self.root, self.page.skin, title, lines, buttons, self.copy, alarm=alarm)
        self._title(title, self._dialog.default)

    def close_dialog(self) -> None:
        """Put the dialog away and go on with the page."""
        self._drop_dialog()
        self._forget_paints()
        self.page.first.focus()
        self._title(self.page.title, self.page.first.entry)

    def _drop_dialog(self) -> None:
        if self._dialog is not None:
            self._dialog.close()
            self._dialog = None

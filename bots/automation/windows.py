"""Which windows are open and which one has the keyboard: the one thing every program tells about itself, by its title."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from bots.automation.display import Display

DEPTH = 3
"""How deep below the root a window manager may hang a program's own window."""


class WindowList:
    """Windows by title, where pyautogui knows them (Windows, macOS)."""

    def __init__(self, hands: Any) -> None:
        self._hands = hands

    def focused(self) -> str:
        """Title of the window that has the keyboard; empty when none has one."""
        return str(self._hands.getActiveWindowTitle() or "")

    def owner(self) -> int:
        """Process of the window that has the keyboard; 0 where that is not told."""
        return 0

    def place(self, title: str) -> tuple[int, int, int, int] | None:
        """left, top, width, height of the window with exactly this title."""
        found = [window for window in getattr(self._hands, "getWindowsWithTitle", lambda _: [])(title) if window.title == title]
        return (found[0].left, found[0].top, found[0].width, found[0].height) if found else None

    def clipboard_version(self) -> int:
        """A number that changes whenever a program copies something; always 0 where the system does not tell (macOS)."""
        import ctypes

        library = getattr(ctypes, "windll", None)
        return int(library.user32.GetClipboardSequenceNumber()) if library is not None else 0

    def close(self) -> None:
        """Nothing to let go of."""


class XWindowList(WindowList):
    """Windows by title on an X display, with or without a window manager."""

    def focused(self) -> str:
        return next((title for window in self._focus() if (title := self._title(window))), "")

    def owner(self) -> int:
        return next((process for window in self._focus() if (process := self._process(window))), 0)

    def _focus(self) -> Iterator[Any]:
        """The window that has the keyboard, and what it lies in."""
        window = self._asked(lambda: self._hands.get_input_focus().focus, None)
        while window is not None and not isinstance(window, int):
            yield window
            window = self._asked(lambda at=window: at.query_tree().parent, None)  # type: ignore[misc]  # the default holds the loop's value

    def _process(self, window: Any) -> int:
        held = self._asked(lambda: window.get_full_property(self._hands.intern_atom("_NET_WM_PID"), 0), None)
        return int(held.value[0]) if held is not None and len(held.value) else 0

    def place(self, title: str) -> tuple[int, int, int, int] | None:
        window = self._find(self._hands.screen().root, title, DEPTH)
        if window is None:
            return None

        def measure() -> tuple[int, int, int, int]:
            size, corner = window.get_geometry(), window.translate_coords(self._hands.screen().root, 0, 0)
            return -corner.x, -corner.y, size.width, size.height

        found: tuple[int, int, int, int] | None = self._asked(measure, None)
        return found

    def clipboard_version(self) -> int:
        """The window that owns the clipboard: another one as soon as another program copies."""
        owner = self._asked(lambda: self._hands.get_selection_owner(self._hands.intern_atom("CLIPBOARD")), 0)
        return int(owner if isinstance(owner, int) else owner.id)

    def _find(self, window: Any, title: str, depth: int) -> Any:
        if self._title(window) == title:
            return window
        children = self._asked(lambda: window.query_tree().children, []) if depth else []
        return next((found for child in children if (found := self._find(child, title, depth - 1)) is not None), None)

    def _title(self, window: Any) -> str:
        """The title as UTF-8 by today's property, else by the old one."""

        def read() -> str:
            for name in ("_NET_WM_NAME", "WM_NAME"):
                if (held := window.get_full_property(self._hands.intern_atom(name), 0)) is not None:
                    return (
                        held.value.decode("utf-8" if name == "_NET_WM_NAME" else "latin-1", errors="replace")
                        if isinstance(held.value, bytes)
                        else str(held.value)
                    )
            return ""

        return str(self._asked(read, ""))

    @staticmethod
    def _asked(question: Callable[[], Any], otherwise: Any) -> Any:
        """An answer about a window, which may be gone before it is asked."""
        from Xlib.error import XError

        try:
            return question()
        except XError:
            return otherwise

    def close(self) -> None:
        self._hands.close()


def x_windows(display: Display) -> XWindowList:
    """The windows of an X display, over a connection of their own."""
    with display.entered():
        from Xlib.display import Display as Connection

        return XWindowList(Connection(display.name))

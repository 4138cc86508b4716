"""Keys, mouse, pictures and windows of one display: the only module that touches pyautogui.

Typing is by keys only for characters that this keyboard layout has and that pyautogui types right; every other text goes
through the clipboard; a secret never does. Whoever types reads the field back: this module cannot know where the text went.
"""

from __future__ import annotations

import contextlib
import string
import sys
import threading
import time
from collections.abc import Iterator
from functools import cached_property
from typing import TYPE_CHECKING, Any

from bots.automation.access import AccessTree
from bots.automation.clipboard import MODIFIER, Clipboard, wait_until
from bots.automation.display import SIZE, Display, open_display
from bots.automation.session import furnish
from bots.automation.windows import WindowList, x_windows
from bots.cases.errors import SystemException

if TYPE_CHECKING:
    import numpy as np

Area = tuple[int, int, int, int]
"""left, top, width, height in pixels."""
JPEG_QUALITY = 60
ALL, COPY = f"{MODIFIER}+a", f"{MODIFIER}+c"
ASK_AGAIN_SECONDS = 0.3
_pyautogui_lock = threading.Lock()
_connected: dict[str, Display] = {}
"""Whose display pyautogui is connected to."""


class Desktop:
    """What a pair of hands and eyes can do at a display. Everything is connected on first use; close() ends the display if it is private.

    With `furnished` a private display gets what programs with accessibility need: a window manager and a message bus.
    """

    def __init__(self, display: Display | None = None, *, private: bool = True, furnished: bool = False, size: tuple[int, int] = SIZE) -> None:
        self._given, self._private, self._furnished, self._size = display, private, furnished, size

    @cached_property
    def display(self) -> Display:
        if self._given is not None:
            return self._given
        display = open_display(private=self._private, size=self._size)
        if self._furnished and display.private:
            furnish(display)
        return display

    @cached_property
    def tree(self) -> AccessTree:
        """What programs tell about their windows to whoever cannot see them."""
        return AccessTree(self.display)

    @cached_property
    def clipboard(self) -> Clipboard:
        return Clipboard(self.display, lambda: self.windows.clipboard_version())

    @cached_property
    def windows(self) -> WindowList:
        """Titles of windows, and which of them has the keyboard."""
        return x_windows(self.display) if self.display.name else WindowList(self._hands)

    @cached_property
    def _imported(self) -> Any:
        """pyautogui; it looks for a display while it is imported, so it is imported only now."""
        with _pyautogui_lock, self.display.entered():
            try:
                import pyautogui
            except (SystemExit, Exception) as error:  # pyautogui's helper calls sys.exit() when tkinter is missing
                raise SystemException(f"pyautogui cannot use the display {self.display.name or 'of this session'}: {error}", code="display_missing") from error
        pyautogui.PAUSE = 0  # we wait for what a key brings about, not for a time
        # The pointer of an unattended display rests anywhere, also in the corner that would stop the run; the STOP file is the brake.
        pyautogui.FAILSAFE = False
        return pyautogui

    @property
    def _hands(self) -> Any:
        """pyautogui, connected to our display: it has one connection a process, made at import."""
        hands = self._imported
        if self.display.name and _connected.get("display") is not self.display:
            with self.display.entered():
                from Xlib.display import Display as Connection

                hands.platformModule._display = Connection(self.display.name)
            _connected["display"] = self.display
        return hands

    # -- hands ---------------------------------------------------------------------------------------------------------
    @cached_property
    def typable(self) -> frozenset[str]:
        """Characters that arrive as they are when typed by keys on this keyboard layout."""
        hands = self._hands
        module = hands.platformModule
        known = {char: module.keyboardMapping.get(char) for char in string.printable[:95]}
        if self.display.name:
            return frozenset(
                char for char, code in known.items() if code and module._display.keycode_to_keysym(code, int(hands.isShiftCharacter(char))) == ord(char)
            )
        if sys.platform == "win32":
            # pyautogui adds Shift to what needs it on a US keyboard, wanted or not.
            return frozenset(char for char, code in known.items() if code is not None and code >= 0 and (code // 256 & 1 or not hands.isShiftCharacter(char)))
        return frozenset(string.ascii_letters + string.digits + " .,-")

    def type(self, text: str) -> None:
        """Type into whatever has the keyboard; text that has no keys is pasted."""
        if set(text) <= self.typable:
            self._hands.write(text, interval=0)
        else:
            self.clipboard.write(text)
            self.press(f"{MODIFIER}+v")

    def write(self, text: str, seconds: float) -> str | None:
        """Replace what the focused field holds and give what it holds then; None when it copies nothing.

        A program fetches pasted text when it comes to it, which may be after the next keys: so the field is asked again until
        it answers, and nothing else is put on the clipboard before.
        """
        self.press(f"{ALL} delete")
        pasted = not set(text) <= self.typable
        self.type(text)
        if not pasted:
            return self.copied(f"{ALL} {COPY}", seconds)
        before, deadline = self.windows.clipboard_version(), time.monotonic() + seconds
        while time.monotonic() < deadline:
            self.press(f"{ALL} {COPY}")
            if wait_until(lambda: self.windows.clipboard_version() != before, ASK_AGAIN_SECONDS):
                return self.clipboard.read().replace("\r\n", "\n")
        return None

    def type_secret(self, secret: str) -> None:
        """Type a password by keys only; one that this keyboard layout cannot type raises SystemException."""
        if not set(secret) <= self.typable:
            raise SystemException(
                "the secret holds characters that this keyboard layout cannot type, and secrets never go over the clipboard",
                code="secret_untypable",
                advice="Choose a password of letters, digits and . , - only.",
            )
        self._hands.write(secret, interval=0)

    def press(self, keys: str) -> None:
        """Press keys one after the other: `tab tab`, `alt+w`, `ctrl+a ctrl+c`."""
        for chord in keys.split():
            names = [{"ctrl": MODIFIER}.get(name, name) for name in chord.lower().split("+")]
            if unknown := [name for name in names if name not in self._hands.KEYBOARD_KEYS]:
                raise SystemException(f"there is no key {unknown} ({keys!r})", code="no_such_key")
            self._hands.hotkey(*names, interval=0)

    def click(self, x: int, y: int) -> None:
        """Click a point and take the pointer away again."""
        self._hands.click(x, y)
        self.park()

    def park(self) -> None:
        """Put the pointer into the last corner of the display.

        X hands a key to the widget under the pointer when that is inside the focused window; if the program replaces this
        widget meanwhile (another page), the keys that were already on their way to it are lost. And nothing is hovered.
        """
        left, top, width, height = self.screen
        self._hands.moveTo(left + width - 1, top + height - 1)

    def copied(self, keys: str, seconds: float) -> str | None:
        """What the program puts on the clipboard when these keys are pressed; None when it puts nothing there."""
        return self.clipboard.copied(lambda: self.press(keys), seconds)

    # -- eyes ----------------------------------------------------------------------------------------------------------
    @cached_property
    def _camera(self) -> Any:
        import mss

        with self.display.entered():
            return mss.MSS(display=self.display.name) if self.display.name else mss.MSS()

    @property
    def screen(self) -> Area:
        """The whole display."""
        monitor = self._camera.monitors[0]
        return monitor["left"], monitor["top"], monitor["width"], monitor["height"]

    @property
    def taken_at(self) -> str:
        """Size and scale of this display, as locators of images name it."""
        _, _, width, height = self.screen
        return f"{width}x{height}@1"

    def look(self, area: Area | None = None) -> np.ndarray[Any, Any]:
        """The pixels of an area (of the whole display if None): rows, columns, blue-green-red."""
        import numpy as np

        left, top, width, height = area or self.screen
        shot = self._camera.grab({"left": left, "top": top, "width": width, "height": height})
        return np.frombuffer(shot.bgra, dtype=np.uint8).reshape(shot.height, shot.width, 4)[:, :, :3]

    def picture(self, area: Area | None = None) -> bytes:
        """A JPEG of an area."""
        import cv2

        done, data = cv2.imencode(".jpg", self.look(area), [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY])
        if not done:
            raise SystemException("the screen could not be photographed", code="no_picture")
        return bytes(data)

    # -- waiting, leaving ------------------------------------------------------------------------------------------------
    def wait_for_window(self, title: str, seconds: float) -> bool:
        """Wait until the window with exactly this title has the keyboard."""
        return wait_until(lambda: self.windows.focused() == title, seconds)

    @property
    def alive(self) -> bool:
        """False when a private display was used and has died."""
        return "display" not in self.__dict__ or self.display.alive

    def close(self) -> None:
        """Let go of the display, and end it if it is ours alone; the next use opens it anew."""
        if "display" in self.__dict__ and _connected.get("display") is self.display:
            del _connected["display"]
            if self.alive:
                self._imported.platformModule._display.close()
        if (tree := self.__dict__.pop("tree", None)) is not None:
            tree.close()
        for name in ("_camera", "windows"):
            if (used := self.__dict__.pop(name, None)) is not None and self.alive:
                used.close()
        if self._given is None and "display" in self.__dict__:
            self.display.close()
        for name in ("display", "clipboard", "_imported", "typable"):
            self.__dict__.pop(name, None)

    @contextlib.contextmanager
    def opened(self) -> Iterator[Desktop]:
        try:
            yield self
        finally:
            self.close()

"""The clipboard: how text without a key gets into a program, and how what a program shows gets out. Never for secrets."""

from __future__ import annotations

import secrets
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable

from bots.automation.display import ADVICE, Display
from bots.cases.errors import SystemException

POLL_SECONDS = 0.005
ANSWER_SECONDS = 5.0
AGAIN_SECONDS = 1.0
SETTLE_SECONDS = 0.5


class Clipboard:
    """The clipboard of one display."""

    def __init__(self, display: Display) -> None:
        self._display = display
        self._xsel = ""
        if display.name:
            program = shutil.which("xsel")
            if program is None:
                raise SystemException("xsel, which reads and writes the clipboard, is not installed", code="clipboard_missing", advice=ADVICE)
            self._xsel = program

    def read(self) -> str:
        """The clipboard's text; empty when it holds none."""
        if not self._xsel:
            import pyperclip

            return str(pyperclip.paste())
        try:
            done = subprocess.run(
                [self._xsel, "--clipboard", "--output"], env=self._display.variables(), capture_output=True, timeout=ANSWER_SECONDS, check=False
            )
        except subprocess.TimeoutExpired:
            return ""
        return done.stdout.decode("utf-8", errors="replace")

    def write(self, text: str) -> None:
        """Put text on the clipboard and wait until it is really there: another owner may be slow to let go."""
        if not self._xsel:
            import pyperclip

            pyperclip.copy(text)
        else:
            # xsel leaves a small process behind that answers for the text until another program copies; it must not hold our pipes.
            subprocess.run(
                [self._xsel, "--clipboard", "--input"],
                input=text.encode(),
                env=self._display.variables(),
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                timeout=ANSWER_SECONDS,
                check=True,
            )
        if not wait_until(lambda: _same(self.read(), text), ANSWER_SECONDS):
            raise SystemException(f"the clipboard did not take a text of {len(text)} characters within {ANSWER_SECONDS:.0f} s", code="clipboard_stuck")

    def copied(self, copy: Callable[[], None], seconds: float) -> str | None:
        """What a program puts on the clipboard when `copy` tells it to; None when it puts nothing there.

        A mark that nobody else could have written stands there before, so that an old text is never taken for a new one. A window that has just
        opened may not listen yet: copying changes nothing, so it is told again while the time lasts.
        """
        mark = f"mark-{secrets.token_hex(12)}"
        self.write(mark)
        found: list[str] = []

        def changed() -> bool:
            found[:] = [self.read()]
            return found[0] not in (mark, "")

        deadline, times = time.monotonic() + seconds, 0
        while not times or time.monotonic() < deadline:
            copy()
            times += 1
            if wait_until(changed, min(AGAIN_SECONDS, max(0.0, deadline - time.monotonic()))):
                if times > 1:  # an earlier order may still be on its way: it must not be taken for an answer to the next one
                    threading.Event().wait(SETTLE_SECONDS)
                return found[0].replace("\r\n", "\n")
        return None


def _same(held: str, text: str) -> bool:
    return held.replace("\r\n", "\n") == text.replace("\r\n", "\n")


def wait_until(condition: Callable[[], bool], seconds: float, every: float = POLL_SECONDS) -> bool:
    """Ask again and again until it is so; False when the time is up."""
    deadline = time.monotonic() + seconds
    pause = threading.Event()
    while not condition():
        if time.monotonic() >= deadline:
            return False
        pause.wait(every)
    return True


MODIFIER = "command" if sys.platform == "darwin" else "ctrl"
"""The key that goes with a, c and v."""

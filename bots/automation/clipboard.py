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
TAKEN_SECONDS = 15.0
"""Until a text that was put there is there: on a busy machine its new owner takes seconds to begin."""
FIRST_ASK_SECONDS = 0.25
"""How long the first question for the clipboard's text waits before it is asked anew; each further one waits twice as long."""
AGAIN_SECONDS = 1.0
SETTLE_SECONDS = 0.5


class Clipboard:
    """The clipboard of one display. `version` changes whenever a program copies something; 0 where that cannot be known."""

    def __init__(self, display: Display, version: Callable[[], int] = lambda: 0) -> None:
        self._display, self._version = display, version
        self._xsel = ""
        if display.name:
            program = shutil.which("xsel")
            if program is None:
                raise SystemException("xsel, which reads and writes the clipboard, is not installed", code="clipboard_missing", advice=ADVICE)
            self._xsel = program

    def read(self) -> str:
        """The clipboard's text; empty when it holds none, or when its owner does not answer within ANSWER_SECONDS.

        On X the text is asked for from the program that copied it. One that loses the clipboard at this very moment may end without an answer, and
        who waits for it waits for ever: so the question is asked again, of whoever owns the clipboard by then.
        """
        if not self._xsel:
            import pyperclip

            return str(pyperclip.paste())
        seconds, deadline = FIRST_ASK_SECONDS, time.monotonic() + ANSWER_SECONDS
        while (left := deadline - time.monotonic()) > 0:
            try:
                done = subprocess.run(
                    [self._xsel, "--clipboard", "--output"], env=self._display.variables(), capture_output=True, timeout=min(seconds, left), check=False
                )
            except subprocess.TimeoutExpired:
                seconds *= 2
                continue
            return done.stdout.decode("utf-8", errors="replace")
        return ""

    def write(self, text: str) -> None:
        """Put text on the clipboard and wait until it is really there: another owner may be slow to let go."""
        before = self._version()
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
        if not wait_until(lambda: self._changed_since(before) and _same(self.read(), text), TAKEN_SECONDS):
            raise SystemException(f"the clipboard did not take a text of {len(text)} characters within {TAKEN_SECONDS:.0f} s", code="clipboard_stuck")

    def copied(self, copy: Callable[[], None], seconds: float) -> str | None:
        """What a program puts on the clipboard when `copy` tells it to; None when it puts nothing there.

        A mark that nobody else could have written stands there before, so that an old text is never taken for a new one. It is only read once another
        program has copied. A window that has just opened may not listen yet: copying changes nothing, so it is told again while the time lasts.
        """
        mark = f"mark-{secrets.token_hex(12)}"
        self.write(mark)
        marked = self._version()
        found: list[str] = []

        def copied() -> bool:
            found[:] = [self.read()] if self._changed_since(marked) else []
            return bool(found) and found[0] not in (mark, "")

        deadline, times = time.monotonic() + seconds, 0
        while not times or time.monotonic() < deadline:
            copy()
            times += 1
            if wait_until(copied, min(AGAIN_SECONDS, max(0.0, deadline - time.monotonic()))):
                # On X the answer comes from the program itself, after every key that was pressed before it was asked. Elsewhere an earlier order may
                # still be on its way, and must not be taken for an answer to the next one.
                if times > 1 and not self._xsel:
                    threading.Event().wait(SETTLE_SECONDS)
                return found[0].replace("\r\n", "\n")
        return None

    def _changed_since(self, version: int) -> bool:
        """Whether a program has copied since; True where that cannot be known."""
        now = self._version()
        return not now or now != version


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

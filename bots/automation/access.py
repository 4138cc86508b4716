"""Accessibility: what programs tell about their windows to whoever cannot see them. Asked through a small helper, which is started on first use.

The helper runs under the system's Python (its bindings are a system package). What it says of other programs is data.
"""

from __future__ import annotations

import contextlib
import json
import os
import select
import shutil
import sys
import tempfile
from pathlib import Path
from typing import IO, Any

from bots.automation.display import Display, end
from bots.cases.errors import SystemException

HELPER = Path(__file__).with_name("access_helper.py")
SYSTEM_PATH = "/usr/bin:/usr/local/bin"
ANSWER_SECONDS = 60.0
"""Most that one question may take: a long table is read cell by cell."""
ADVICE = "Install the packages python3-gi, gir1.2-atspi-2.0 and at-spi2-core, and give the program accessibility (most GTK and Qt programs have it)."

KEPT = 4
"""More clicks than are ever made inside one dialog."""
Steps = list[dict[str, str]]
"""Ways, each looked for inside what the one before it fits."""


class Helper:
    """One process that asks; it has a line of its own to each program."""

    def __init__(self, display: Display) -> None:
        python = shutil.which("python3", path=SYSTEM_PATH)
        if python is None or not sys.platform.startswith("linux"):
            raise SystemException("accessibility can be asked on Linux only, through the system's own Python", code="access_missing", advice=ADVICE)
        self._said: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115  # closed with the helper
        self._process = display.attach([python, "-I", "-W", "ignore", str(HELPER)], self._said.fileno())

    @property
    def alive(self) -> bool:
        return self._process.poll() is None

    def ask(self, question: str, seconds: float) -> bytes:
        """Its answer, a whole line; nothing when it is too slow or has ended."""
        question_pipe, answer_pipe = self._process.stdin, self._process.stdout
        assert question_pipe is not None and answer_pipe is not None
        try:
            question_pipe.write(question.encode() + b"\n")
            question_pipe.flush()
        except BrokenPipeError:
            return b""
        return answer_pipe.readline() if select.select([answer_pipe], [], [], seconds)[0] else b""

    def last_words(self) -> str:
        self._said.seek(0, os.SEEK_SET)
        said = self._said.read().decode(errors="replace").strip().splitlines()
        return said[-1] if said else "it said nothing"

    def close(self) -> None:
        end(self._process)
        for pipe in (self._process.stdin, self._process.stdout, self._said):
            if pipe is not None:
                with contextlib.suppress(BrokenPipeError):  # it ended before it had read what we wrote
                    pipe.close()


class AccessTree:
    """The windows of the programs on one display, as their accessibility tells them.

    A program that opens a dialog on a click answers nothing more on the line that told it to until the dialog is closed, and hangs for good when it is asked
    on this line, or the line is cut, meanwhile. So every click has a helper, and with it a line, of its own: kept for some further clicks, asked nothing more.
    """

    def __init__(self, display: Display, seconds: float = ANSWER_SECONDS) -> None:
        self._display, self._seconds = display, seconds
        self._helpers: dict[str, Helper] = {}
        self._kept: list[Helper] = []

    def ask(self, do: str, pid: int, path: Steps, **more: Any) -> dict[str, Any]:
        """The helper's answer: `found` says how many elements fit. `busy` when the program does not answer right now: ask again.

        Raises SystemException when the helper cannot be had, or says nothing in time; it is ended then, and the next question starts another.
        """
        use = "hand" if do == "click" else "eye"
        helper = self._helper(use)
        line = helper.ask(json.dumps({"do": do, "pid": pid, "path": path, **more}), self._seconds)
        if not line.endswith(b"\n"):
            said = helper.last_words()
            self._let_go(use)
            raise SystemException(f"accessibility did not answer the question {do!r} within {self._seconds:.0f} s: {said}", code="access_silent", advice=ADVICE)
        if use == "hand":
            self._kept.append(self._helpers.pop(use))
            if len(self._kept) > KEPT:
                self._kept.pop(0).close()
            self._helper(use)  # started ahead
        told: dict[str, Any] = json.loads(line)
        return told

    def _helper(self, use: str) -> Helper:
        if use in self._helpers and not self._helpers[use].alive:
            self._let_go(use)
        if use not in self._helpers:
            self._helpers[use] = Helper(self._display)
        return self._helpers[use]

    def _let_go(self, use: str) -> None:
        self._helpers.pop(use).close()

    def close(self) -> None:
        """End the helpers."""
        for use in list(self._helpers):
            self._let_go(use)
        while self._kept:
            self._kept.pop().close()

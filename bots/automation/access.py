"""Accessibility: what programs tell about their windows to whoever cannot see them. Asked through a small helper, which is started on first use.

The helper runs under the system's Python (its bindings are a system package). What it says of other programs is data.
"""

from __future__ import annotations

import json
import os
import select
import shutil
import subprocess
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

Steps = list[dict[str, str]]
"""Ways, each looked for inside what the one before it fits."""


class AccessTree:
    """The windows of the programs on one display, as their accessibility tells them."""

    def __init__(self, display: Display, seconds: float = ANSWER_SECONDS) -> None:
        self._display, self._seconds = display, seconds
        self._helper: subprocess.Popen[bytes] | None = None
        self._said: IO[bytes] | None = None

    def ask(self, do: str, pid: int, path: Steps, **more: Any) -> dict[str, Any]:
        """The helper's answer: `found` says how many elements fit. `busy` when the program does not answer right now: ask again.

        Raises SystemException when the helper cannot be had, or says nothing in time; it is ended then, and the next question starts another.
        """
        helper = self._running()
        assert helper.stdin is not None and helper.stdout is not None
        question = json.dumps({"do": do, "pid": pid, "path": path, **more})
        try:
            helper.stdin.write(question.encode() + b"\n")
            helper.stdin.flush()
            line = helper.stdout.readline() if select.select([helper.stdout], [], [], self._seconds)[0] else b""
        except OSError:
            line = b""
        if not line.endswith(b"\n"):
            facts = self._last_words()
            self.close()
            raise SystemException(
                f"accessibility did not answer the question {do!r} within {self._seconds:.0f} s: {facts}", code="access_silent", advice=ADVICE
            )
        told: dict[str, Any] = json.loads(line)
        return told

    def _running(self) -> subprocess.Popen[bytes]:
        if self._helper is None or self._helper.poll() is not None:
            self.close()
            python = shutil.which("python3", path=SYSTEM_PATH)
            if python is None or not sys.platform.startswith("linux"):
                raise SystemException("accessibility can be asked on Linux only, through the system's own Python", code="access_missing", advice=ADVICE)
            self._said = tempfile.TemporaryFile()  # noqa: SIM115  # closed with the helper
            self._helper = self._display.attach([python, "-I", "-W", "ignore", str(HELPER)], self._said.fileno())
        return self._helper

    def _last_words(self) -> str:
        if self._said is None:
            return "it said nothing"
        self._said.seek(0, os.SEEK_SET)
        said = self._said.read().decode(errors="replace").strip().splitlines()
        return said[-1] if said else "it said nothing"

    def close(self) -> None:
        """End the helper."""
        if self._helper is not None:
            for pipe in (self._helper.stdin, self._helper.stdout):
                if pipe is not None:
                    try:
                        pipe.close()
                    except BrokenPipeError:  # it ended before it had read what we wrote
                        continue
            end(self._helper)
            self._helper = None
        if self._said is not None:
            self._said.close()
            self._said = None

"""What was asked of a language model: answers kept for equal questions, and the count of calls of each day. Files of the workspace, shared by all processes.

An answer is kept under the hash of its question, in the words of the model: with marks where personal data was taken out. The question itself is not kept.
"""

from __future__ import annotations

import json
import os
import re
import tempfile
import time
from contextlib import suppress
from datetime import date
from pathlib import Path
from typing import Any

DAY = 86_400
_KEY = re.compile(r"[0-9a-f]{64}")


class Notebook:
    """Answers and counts below `folder`; `days` is how long an answer serves, 0 keeps none."""

    def __init__(self, folder: Path, days: int) -> None:
        self.folder, self.days = folder, days

    def recall(self, key: str) -> Any:
        """The answer kept for a question, or None."""
        file = self._file(key)
        try:
            if not self.days or time.time() - file.stat().st_mtime > self.days * DAY:
                return None
            return json.loads(file.read_text(encoding="utf-8"))
        except (FileNotFoundError, ValueError):  # ValueError: cut short by a full disk; it is asked anew
            return None

    def keep(self, key: str, answer: Any) -> None:
        """Keep an answer; another process sees all of it or nothing."""
        if not self.days:
            return
        file = self._file(key)
        file.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile("w", encoding="utf-8", dir=file.parent, suffix=".new", delete=False) as fresh:
            json.dump(answer, fresh, ensure_ascii=False)
        os.replace(fresh.name, file)

    def spend(self, day: date, most: int) -> bool:
        """Take one call out of the day's budget; False where it is used up. Never more than `most`, however many processes ask."""
        self.folder.mkdir(parents=True, exist_ok=True)
        with (self.folder / f"calls-{day:%Y-%m-%d}").open("ab") as tally:
            tally.write(b".")
            tally.flush()
            return os.fstat(tally.fileno()).st_size <= most

    def tidy(self) -> None:
        """Delete answers that no longer serve, and tallies of past months."""
        if not self.folder.exists():
            return
        for file in [*self.folder.glob("??/*"), *self.folder.glob("calls-*")]:
            days = 62 if file.name.startswith("calls-") else self.days
            with suppress(FileNotFoundError):  # another process was faster
                if time.time() - file.stat().st_mtime > days * DAY:
                    file.unlink()

    def _file(self, key: str) -> Path:
        if not _KEY.fullmatch(key):
            raise ValueError(f"{key!r} is no SHA-256 in hex")
        return self.folder / key[:2] / f"{key}.json"

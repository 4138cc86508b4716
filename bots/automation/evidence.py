"""Evidence: one folder a case, every file with its hash, secrets masked before anything is written."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

from bots.cases.masking import mask_cards

_UNSAFE = re.compile(r"[^A-Za-z0-9._-]+")


def safe_name(text: str) -> str:
    """A file name made of letters, digits, dot, dash and underscore only; never empty, never hidden, never a path."""
    return _UNSAFE.sub("-", text).strip(".-")[:80] or "file"


class Evidence:
    """Writes files under `root/<case>/` and tells `record` (case, kind, path, sha256) about each."""

    def __init__(self, root: Path, redact: Callable[[str], str] = str) -> None:
        self.root, self._redact = root, redact

    def folder(self, case: str) -> Path:
        path = self.root / safe_name(case)
        path.mkdir(parents=True, exist_ok=True)
        return path

    def _open_next(self, case: str, name: str) -> BinaryIO:
        """A new file with the case's next number; two desks that write at once never take the same one."""
        folder = self.folder(case)
        number = sum(1 for _ in folder.iterdir())
        while True:
            number += 1
            try:
                return (folder / f"{number:03d}-{safe_name(name)}").open("xb")
            except FileExistsError:
                continue

    def save_bytes(self, case: str, name: str, content: bytes) -> tuple[Path, str]:
        """Write a file and give its path and sha256."""
        with self._open_next(case, name) as file:
            file.write(content)
            path = Path(file.name)
        return path, hashlib.sha256(content).hexdigest()

    def save_text(self, case: str, name: str, text: str) -> tuple[Path, str]:
        """Write a text with secrets and card numbers masked."""
        return self.save_bytes(case, name, self.mask(text).encode())

    def mask(self, text: str) -> str:
        """The text without known secrets and without card numbers."""
        return mask_cards(self._redact(text))

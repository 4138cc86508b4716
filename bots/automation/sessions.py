"""Logged-in sessions that outlive a process: a browser's cookies in an encrypted file, used by one browser at a time.

A session is taken out of its file when a browser starts to use it and put back when the browser closes. So two browsers
never share one, and a killed process leaves none behind: the next one logs in.
"""

from __future__ import annotations

import json
import os
import re
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from loguru import logger

SUFFIX = ".session"


class SessionFiles:
    """The kept sessions of a workspace. `key` gives the Fernet key from the keyring; `hours` is how long a session may lie."""

    def __init__(self, folder: Path, key: Callable[[], str], hours: float) -> None:
        self.folder, self._key, self._seconds = folder, key, int(hours * 3600)

    def take(self, account: str) -> dict[str, Any] | None:
        """A kept session of the account, which nobody else gets then; None where there is none, it is too old, or the file was changed."""
        from cryptography.fernet import Fernet, InvalidToken

        for file in sorted(self.folder.glob(f"{_name(account)}.*{SUFFIX}")):
            mine = file.with_suffix(f".{os.getpid()}")
            try:
                file.rename(mine)
                sealed = mine.read_bytes()
                mine.unlink()
            except FileNotFoundError:
                continue  # another process was faster
            try:
                state: dict[str, Any] = json.loads(Fernet(self._key()).decrypt(sealed, ttl=self._seconds))
            except (InvalidToken, ValueError):
                logger.info("a kept session of {} is too old or not ours: a new log-in follows", account)
                continue
            return state
        return None

    def put_back(self, account: str, state: dict[str, Any]) -> None:
        """Keep a session for the next browser. The file appears whole or not at all, readable by this user only."""
        from cryptography.fernet import Fernet

        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        sealed = Fernet(self._key()).encrypt(json.dumps(state).encode())
        handle, temporary = tempfile.mkstemp(prefix=f"{_name(account)}.", dir=self.folder)  # mode 0600
        with os.fdopen(handle, "wb") as file:
            file.write(sealed)
        Path(temporary).rename(f"{temporary}{SUFFIX}")


def _name(account: str) -> str:
    return re.sub(r"[^A-Za-z0-9@-]+", "_", account)

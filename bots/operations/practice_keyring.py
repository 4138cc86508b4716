"""A keyring for practice only: passwords of the practice back office in a plain JSON file that only its owner may read."""

from __future__ import annotations

import json
import os
import tempfile
from pathlib import Path

from keyring.backend import KeyringBackend
from keyring.compat import properties
from keyring.errors import PasswordDeleteError


class PracticeKeyring(KeyringBackend):
    """Keeps secrets UNENCRYPTED in `file` (mode 0600). For the demo and the tests; never for a real account."""

    def __init__(self, file: Path) -> None:
        self.file = file  # the base class would read KEYRING_PROPERTY_* from the environment here, which must not redirect this file

    @properties.classproperty
    def priority(cls) -> float:
        """Never chosen by keyring itself: only by name, through the configuration."""
        raise RuntimeError("the practice keyring is used only where the configuration names it")

    def names(self) -> list[str]:
        """The accounts that have a secret."""
        return sorted(account for accounts in self._read().values() for account in accounts)

    def get_password(self, service: str, username: str) -> str | None:
        return self._read().get(service, {}).get(username)

    def set_password(self, service: str, username: str, password: str) -> None:
        secrets = self._read()
        secrets.setdefault(service, {})[username] = password
        self._write(secrets)

    def delete_password(self, service: str, username: str) -> None:
        secrets = self._read()
        if username not in secrets.get(service, {}):
            raise PasswordDeleteError(f"no secret for {username}")
        del secrets[service][username]
        self._write(secrets)

    def _read(self) -> dict[str, dict[str, str]]:
        try:
            text = self.file.read_text(encoding="utf-8")
        except FileNotFoundError:
            return {}
        data: dict[str, dict[str, str]] = json.loads(text)
        return data

    def _write(self, secrets: dict[str, dict[str, str]]) -> None:
        self.file.parent.mkdir(parents=True, exist_ok=True)
        handle, fresh = tempfile.mkstemp(dir=self.file.parent, prefix=self.file.name)  # mkstemp makes the file 0600
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            json.dump(secrets, file, indent=1, sort_keys=True)
        os.replace(fresh, self.file)

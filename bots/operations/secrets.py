"""Passwords and TOTP seeds: kept in a keyring that the configuration names, fetched by account, never printed.

    system     the keyring of the operating system: Windows Credential Manager, macOS Keychain, GNOME Keyring or KWallet
    cryptfile  an encrypted file, for servers without a keyring; its key comes from the environment or a credential file
    practice   a plain file in the workspace, for the demo and the tests only

The backend is always chosen here: keyring's own choice may ask at the terminal, which hangs an unattended bot.
"""

from __future__ import annotations

import configparser
import contextlib
import json
import os
import re
import stat
import sys
import threading
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Literal, TypeVar, cast

from bots.cases.errors import ConfigProblem

if TYPE_CHECKING:
    from keyring.backend import KeyringBackend

    from bots.cases.settings import Config

T = TypeVar("T")
Names = list[str]
Spans = list[tuple[int, int]]
Backend = Literal["system", "cryptfile", "practice"]
SERVICE = "returns-bots"
KEY_VARIABLE = "RETURNS_SECRETS_KEY"
KEY_FILE_VARIABLE = "RETURNS_SECRETS_KEY_FILE"
CREDENTIAL = "returns-secrets-key"
INDEX = "names of the accounts"
PROBE = "probe of the keyring"
SHORTEST = 4
"""Characters: shorter ones would mask ordinary words."""
ADVICE = {
    "system": "Log in to a desktop session whose keyring is unlocked, or set `secrets: cryptfile` in the profile under config/ "
    "and name the key's file in RETURNS_SECRETS_KEY_FILE.",
    "cryptfile": "Give the key that the file was made with; without it the file cannot be read: move it away and set the secrets anew "
    "with `run_bot.py secrets set`.",
    "practice": "Delete the practice workspace and start `run_bot.py demo` again.",
}


class SecretProblem(ConfigProblem):
    """A secret cannot be had: says which account or keyring, and what to do. Never holds a secret."""


class Secrets:
    """The secrets of one keyring. Values read once are kept in memory: an encrypted file costs over a second each time."""

    read_so_far: ClassVar[set[str]] = set()
    """Every secret that this process has read, from whichever keyring: the log masks what a desk has read."""

    def __init__(self, keyring: KeyringBackend, backend: Backend, index: Path) -> None:
        self.backend = backend
        self._keyring = keyring
        self._index = index
        self._known: dict[str, str] = {}
        self._lock = threading.RLock()
        self._key_checked = backend != "cryptfile"
        self._all_read = backend == "cryptfile"  # where each costs over a second, only those that are used are known

    def __repr__(self) -> str:
        return f"Secrets({self.backend})"

    def get(self, account: str) -> str:
        """The secret of `account`; raises SecretProblem where there is none or the keyring refuses."""
        with self._lock:
            if account not in self._known:
                value = self._call("read", lambda: self._keyring.get_password(SERVICE, account))
                if value is None:
                    raise SecretProblem(f"the {self.backend} keyring has no secret for the account {account}: set it with `run_bot.py secrets set {account}`")
                self._known[account] = value
                self.read_so_far.add(value)
            return self._known[account]

    def set(self, account: str, secret: str) -> None:
        """Keep `secret` for `account`, and read it back to see that it is there."""
        if not account.strip() or account != account.strip():
            raise SecretProblem(f"{account!r} is no account name: it is empty or begins or ends with a space")
        if not secret:
            raise SecretProblem(f"the secret for {account} is empty: nothing was kept")
        with self._lock:
            self._check_key()
            self._call("write", lambda: self._keyring.set_password(SERVICE, account, secret))
            self._known.pop(account, None)
            if self.get(account) != secret:
                self._known.pop(account, None)
                raise SecretProblem(f"the {self.backend} keyring gave back something else than was kept for {account}. {ADVICE[self.backend]}")
            self._write_index({*self.list(), account})

    def forget(self, account: str) -> None:
        """Delete the secret of `account`; raises SecretProblem where there is none."""
        with self._lock:
            self.get(account)
            self._call("delete", lambda: self._keyring.delete_password(SERVICE, account))
            self._known.pop(account, None)
            self._write_index({name for name in self.list() if name != account})

    def list(self) -> Names:
        """The accounts that were set here, in order; never a secret. Keyrings cannot be listed, so the names stand in a file beside."""
        try:
            names = json.loads(self._index.read_text(encoding="utf-8"))
        except FileNotFoundError:
            return []
        except ValueError:
            raise SecretProblem(f"{self._index}: is not a list of account names; delete it and set the accounts again") from None
        return sorted(names)

    def test(self) -> str:
        """Keep, read back and delete a probe, then read every listed secret; returns a sentence, raises SecretProblem."""
        with self._lock:
            self._check_key()
            value = os.urandom(12).hex()
            self._call("write", lambda: self._keyring.set_password(SERVICE, PROBE, value))
            found = self._call("read", lambda: self._keyring.get_password(SERVICE, PROBE))
            self._call("delete", lambda: self._keyring.delete_password(SERVICE, PROBE))
            if found != value:
                raise SecretProblem(f"the {self.backend} keyring did not give the probe back. {ADVICE[self.backend]}")
            self._known.clear()
            for account in self.list():
                self.get(account)
            return f"the {self.backend} keyring keeps, reads and deletes; {len(self.list())} accounts can be read"

    def redact(self, text: str) -> str:
        """`text` with every secret masked: for logs and evidence."""
        for value in self._to_hide():
            text = text.replace(value, "***")
        return text

    def spans(self, text: str) -> Spans:
        """Where secrets stand in a text: (start, end). For pictures."""
        return [(found.start(), found.end()) for value in self._to_hide() for found in re.finditer(re.escape(value), text)]

    def _to_hide(self) -> Names:
        """All secrets that are long enough not to be ordinary words, the longest first."""
        if not self._all_read:
            self._all_read = True
            with contextlib.suppress(SecretProblem):  # a keyring that is shut is told by whoever needs a secret of it
                for account in self.list():
                    self.get(account)
        return sorted((value for value in self.read_so_far if len(value) >= SHORTEST), key=len, reverse=True)

    def _check_key(self) -> None:
        """Before the first write into an encrypted file: its key must open what is in it, else the file would end up with two keys."""
        if not self._key_checked:
            if self._call("read", lambda: self._keyring.get_password(SERVICE, INDEX)) is None:
                self._call("write", lambda: self._keyring.set_password(SERVICE, INDEX, "this value shows that the key is right"))
            self._key_checked = True

    def _call(self, what: str, action: Callable[[], T]) -> T:
        """Let the keyring work; its failures become a SecretProblem that names the keyring and says what to do, never a value."""
        from keyring.errors import KeyringError

        try:
            return action()
        except (KeyringError, OSError) as error:
            reason = f"{type(error).__name__}: {error}"
        except (ValueError, configparser.Error):  # an encrypted file opened with another key fails its check sum; a damaged file cannot be parsed
            reason = "its file is damaged, or was made with another key"
        raise SecretProblem(f"the {self.backend} keyring cannot {what}: {reason}. {ADVICE[self.backend]}")

    def _write_index(self, names: Iterable[str]) -> None:
        self._index.parent.mkdir(parents=True, exist_ok=True)
        fresh = self._index.with_suffix(".new")
        fresh.write_text(json.dumps(sorted(names), ensure_ascii=False, indent=1), encoding="utf-8")
        os.replace(fresh, self._index)


def open_secrets(config: Config) -> Secrets:
    """The secrets of the configured keyring; raises SecretProblem where that keyring is not to be had on this machine."""
    return secrets_of(config.suite.secrets, config.workspace)


def secrets_of(backend: Backend, workspace: Path, environment: Mapping[str, str] = os.environ) -> Secrets:
    """The secrets of `backend`; the practice and the encrypted file lie in `workspace`/secrets."""
    folder = workspace / "secrets"
    index = folder / f"{backend}-accounts.json"
    if backend == "practice":
        from bots.operations.practice_keyring import PracticeKeyring

        return Secrets(PracticeKeyring(folder / "practice-only.json"), backend, index)
    if backend == "cryptfile":
        return Secrets(_cryptfile(folder / "secrets.cryptfile", cryptfile_key(environment)), backend, index)
    return Secrets(_system(), backend, index)


def cryptfile_key(environment: Mapping[str, str]) -> str:
    """The key of the encrypted file: a credential of systemd, a file only its owner may read, or the environment; raises SecretProblem."""
    files = []
    if environment.get("CREDENTIALS_DIRECTORY"):
        files.append(Path(environment["CREDENTIALS_DIRECTORY"]) / CREDENTIAL)
    if environment.get(KEY_FILE_VARIABLE):
        files.append(Path(environment[KEY_FILE_VARIABLE]))
    for file in files:
        if file.is_file():
            return _key_in(file)
    if environment.get(KEY_VARIABLE):
        return environment[KEY_VARIABLE]
    raise SecretProblem(
        f"the cryptfile keyring has no key: name a file that holds it in {KEY_FILE_VARIABLE} (mode 0600), "
        f"give systemd's credential {CREDENTIAL}, or set {KEY_VARIABLE}"
    )


def _key_in(file: Path) -> str:
    mode = stat.S_IMODE(file.stat().st_mode)
    if os.name != "nt" and mode & 0o077:
        raise SecretProblem(f"{file}: others may read the key (mode {mode:04o}): type `chmod 600 {file}`")
    try:
        key = file.read_text(encoding="utf-8").strip()
    except OSError as error:
        raise SecretProblem(f"{file}: the key cannot be read: {error.strerror}") from None
    if not key:
        raise SecretProblem(f"{file}: the key file is empty")
    return key


def _cryptfile(file: Path, key: str) -> KeyringBackend:
    from keyrings.cryptfile.cryptfile import CryptFileKeyring

    class SuiteCryptFile(CryptFileKeyring):  # type: ignore[misc]
        """keyrings.cryptfile with a given key and place; its own key property asks at the terminal."""

        file_path = str(file)
        keyring_key = key

    return cast("KeyringBackend", SuiteCryptFile())


def _system() -> KeyringBackend:
    """The operating system's keyring, chosen by name."""
    for keyring in _system_keyrings():
        if keyring.viable:
            return keyring()
    raise SecretProblem(f"this machine offers no system keyring to this user. {ADVICE['system']}")


def _system_keyrings() -> list[type[KeyringBackend]]:
    if sys.platform == "win32":
        from keyring.backends.Windows import WinVaultKeyring

        return [WinVaultKeyring]
    if sys.platform == "darwin":
        from keyring.backends.macOS import Keyring as Keychain

        return [Keychain]
    from keyring.backends.kwallet import DBusKeyring
    from keyring.backends.SecretService import Keyring as SecretService

    return [SecretService, DBusKeyring]

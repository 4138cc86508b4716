"""Installing another maker's program for tests: once a machine, in a cache folder, one process at a time, each step with its own log."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

STEP_S = 1800
"""Most that one step of an installation may take, in seconds."""


class NotInstalled(Exception):
    """The program cannot be had on this machine: says which step failed and how."""


def cache_folder() -> Path:
    """Where this machine keeps what can be made again."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "returns-bots"


def digest(files: Iterable[Path], *more: str) -> str:
    """Twelve digits of what decides an installation: the files' content and any further words."""
    content = b"\0".join([*(file.read_bytes() for file in files), *(word.encode() for word in more)])
    return hashlib.sha256(content).hexdigest()[:12]


def step(folder: Path, name: str, *command: str | Path, more: dict[str, str] | None = None) -> None:
    """Run one step in `folder`; what it says goes to `<name>.log` there. Raises NotInstalled with its last lines."""
    log = folder / f"{name}.log"
    program = shutil.which(command[0])
    if program is None:
        raise NotInstalled(f"{command[0]} is not on the path")
    words = [program, *map(str, command[1:])]
    with log.open("wb") as out:
        try:
            outcome = subprocess.run(
                words,
                cwd=folder,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
                env={**os.environ, **(more or {})},
                timeout=STEP_S,
                check=False,
            )
        except subprocess.TimeoutExpired:
            raise NotInstalled(f"`{' '.join(words)}` took longer than {STEP_S} s; see {log}") from None
    if outcome.returncode:
        tail = "\n".join(log.read_text(encoding="utf-8", errors="replace").splitlines()[-15:])
        raise NotInstalled(f"`{' '.join(words)}` failed ({outcome.returncode}); see {log}:\n{tail}")


@contextmanager
def alone(file: Path) -> Iterator[None]:
    """One process at a time: the second waits until the first has installed."""
    with file.open("a+b") as lock:
        _lock(lock)
        yield


def _lock(lock: IO[bytes]) -> None:
    """Wait for the file's lock; it ends when the file is closed."""
    if os.name == "nt":
        import msvcrt

        while True:
            try:
                msvcrt.locking(lock.fileno(), msvcrt.LK_LOCK, 1)  # itself tries for ten seconds
                return
            except OSError:
                continue
    import fcntl

    fcntl.flock(lock, fcntl.LOCK_EX)

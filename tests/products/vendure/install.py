"""Vendure installed, its React screens built, and its shop filled: once a machine, kept in a cache folder.

    ~/.cache/returns-bots/vendure-<hash>/       the program: packages and built screens; the hash is of what decides them
        seeded-<hash>/vendure.sqlite            the filled shop that every test copies; the hash is of the shop and its seed

`python -m tests.products.vendure.install` does it ahead of the tests.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from tests.products.vendure.seed import ORDERS, place_orders

PROGRAM = Path(__file__).parent / "program"
DECIDE_PACKAGES = ("package.json", "dashboard-config.ts", "vite.config.mts")
DECIDE_SHOP = ("config.js", "populate.js", "server.js", "products.csv", "orders.json")
STEP_S = 1800
"""Most that one step of the installation may take, in seconds; on two slow cores the longest takes four minutes."""


class NotInstalled(Exception):
    """Vendure cannot be had on this machine: says which step failed and how."""


@dataclass(frozen=True)
class Installed:
    """Where the installed program and its filled shop lie."""

    folder: Path

    @property
    def template(self) -> Path:
        """The filled shop's database; never opened, only copied."""
        return self.folder / f"seeded-{_digest(DECIDE_SHOP, ORDERS.parents[1] / 'seed.py')}" / "vendure.sqlite"

    @property
    def dashboard(self) -> Path:
        """The built React screens."""
        return self.folder / "dashboard"


def _digest(names: Sequence[str], *others: Path) -> str:
    content = b"".join(file.read_bytes() for file in [*(PROGRAM / name for name in names), *others])
    return hashlib.sha256(content).hexdigest()[:12]


def cache_folder() -> Path:
    """Where this machine keeps what can be made again."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "returns-bots"


def ensure_installed() -> Installed:
    """The installed program; installs, builds and fills what is missing (about ten minutes the first time). Raises NotInstalled.

    Needs node and npm on the path (bots.operations.setup.product_packages).
    """
    folder = cache_folder() / f"vendure-{_digest(DECIDE_PACKAGES)}"
    folder.mkdir(parents=True, exist_ok=True)
    installed = Installed(folder)
    with _alone(folder / "lock"):
        for name in {*DECIDE_PACKAGES, *DECIDE_SHOP}:
            shutil.copyfile(PROGRAM / name, folder / name)
        if not (folder / "packages.done").exists():
            _packages(folder)
            (folder / "packages.done").touch()
        if not (folder / "dashboard.done").exists():
            _step(folder, "vite", "npx", "--no-install", "vite", "build")
            (folder / "dashboard.done").touch()
        if not installed.template.exists():
            _fill(installed)
    return installed


def _packages(folder: Path) -> None:
    _step(folder, "install", "npm", "install", "--no-audit", "--no-fund")
    opens = "require('better-sqlite3')(':memory:')"
    if subprocess.run(["node", "-e", opens], cwd=folder, capture_output=True, check=False).returncode:
        # npm 11 runs no install scripts unasked, and this package fetches or compiles its library in one.
        _step(folder, "rebuild", "npm", "rebuild", "better-sqlite3", "--foreground-scripts")
        _step(folder, "sqlite", "node", "-e", opens)


def _fill(installed: Installed) -> None:
    """Populate a database, sell the orders of orders.json, and keep the file."""
    from tests.products.vendure.server import VendureServer, environment

    draft = installed.template.parent / "draft"
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir(parents=True)
    database = draft / "vendure.sqlite"
    _step(installed.folder, "populate", "node", "populate.js", more=environment(installed, database, create=True))
    with VendureServer(installed, database=database) as server:
        place_orders(server.url)
    database.rename(installed.template)
    shutil.rmtree(draft)


def _step(folder: Path, name: str, *command: str, more: dict[str, str] | None = None) -> None:
    """Run one step; what it says goes to `<name>.log` in the folder. Raises NotInstalled with its last lines."""
    log = folder / f"{name}.log"
    program = shutil.which(command[0])
    if program is None:
        raise NotInstalled(f"{command[0]} is not on the path")
    with log.open("wb") as out:
        try:
            outcome = subprocess.run(
                [program, *command[1:]],
                cwd=folder,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
                env={**os.environ, "VENDURE_DISABLE_TELEMETRY": "true", **(more or {})},
                timeout=STEP_S,
                check=False,
            )
        except subprocess.TimeoutExpired:
            raise NotInstalled(f"`{' '.join(command)}` took longer than {STEP_S} s; see {log}") from None
    if outcome.returncode:
        tail = "\n".join(log.read_text(encoding="utf-8", errors="replace").splitlines()[-15:])
        raise NotInstalled(f"`{' '.join(command)}` failed ({outcome.returncode}); see {log}:\n{tail}")


@contextmanager
def _alone(file: Path) -> Iterator[None]:
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


if __name__ == "__main__":
    ready = ensure_installed()
    print(f"Vendure is installed in {ready.folder}; the filled shop is {ready.template}")

"""A running Vendure on a copy of the filled shop; both screens and both interfaces on one loopback port."""

from __future__ import annotations

import os
import queue
import secrets
import shutil
import sqlite3
import subprocess
import tempfile
import threading
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

from tests.products.vendure.api import Books

if TYPE_CHECKING:
    from tests.products.vendure.install import Installed

ACCOUNT, PASSWORD = "bot.refunds", "correct horse battery staple"
START_S = 180
"""Most that the start may take, in seconds: five on an idle machine, twenty on a busy one."""


def environment(installed: Installed, database: Path, *, create: bool = False, orders: Path | None = None) -> dict[str, str]:
    """What config.js reads."""
    return {
        **({"ORDERS": str(orders.resolve())} if orders else {}),
        "PORT": "0",
        "ACCOUNT": ACCOUNT,
        "PASSWORD": PASSWORD,
        "COOKIE_SECRET": secrets.token_hex(16),
        "DATABASE": str(database),
        "DASHBOARD": str(installed.dashboard),
        "CREATE": "yes" if create else "no",
        "VENDURE_DISABLE_TELEMETRY": "true",
    }


def _keep_only(database: Path, codes: Sequence[str]) -> None:
    """Take every other order out of the shop's channel, and so out of its list."""
    with closing(sqlite3.connect(database)) as db, db:
        named = ", ".join("?" * len(codes))
        db.execute(f'DELETE FROM order_channels_channel WHERE orderId NOT IN (SELECT id FROM "order" WHERE code IN ({named}))', list(codes))


class VendureServer:
    """`with VendureServer(installed) as server:` serves a fresh copy of the shop at `server.url`, and leaves nothing behind.

    With `only` the shop's list has these orders alone. With `database` it works on that file itself. With `orders`, a file like orders.json,
    the next orders that are placed have those numbers, and their units the prices named there. Raises RuntimeError with what the program said when it does not start.
    """

    def __init__(self, installed: Installed, database: Path | None = None, only: Sequence[str] = (), orders: Path | None = None) -> None:
        self._installed, self._database, self._only, self._orders = installed, database, only, orders
        self._folder: Path | None = None
        self._process: subprocess.Popen[str] | None = None
        self._said: list[str] = []
        self.url = ""

    def __enter__(self) -> VendureServer:
        self._folder = Path(tempfile.mkdtemp(prefix="vendure-"))
        database = self._database or Path(shutil.copy(self._installed.template, self._folder / "vendure.sqlite"))
        if self._only:
            _keep_only(database, self._only)
        node = shutil.which("node")
        assert node is not None, "install.ensure_installed needs node too"
        self._process = subprocess.Popen(
            [node, "server.js"],
            cwd=self._installed.folder,
            stdin=subprocess.PIPE,  # the server ends with it
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            env={**os.environ, **environment(self._installed, database, orders=self._orders)},
        )
        told: queue.Queue[str] = queue.Queue()
        threading.Thread(target=self._listen, args=(told,), daemon=True).start()
        try:
            port = told.get(timeout=START_S)
        except queue.Empty:
            port = ""
        if not port:
            said = "\n".join(self._said[-20:])
            self.close()
            raise RuntimeError(f"Vendure did not start:\n{said}")
        self.url = f"http://127.0.0.1:{port}"
        return self

    def _listen(self, told: queue.Queue[str]) -> None:
        """Keep reading what the server says, for as long as it runs; tell its port, or "" when it ends."""
        assert self._process is not None and self._process.stdout is not None
        for line in self._process.stdout:
            self._said.append(line.rstrip())
            if line.startswith("SERVING "):
                told.put(line.split()[1])
        told.put("")

    def books(self) -> Books:
        """The truth, past the screens."""
        return Books(self.url, ACCOUNT, PASSWORD)

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End the server and delete its copy of the shop."""
        if self._process is not None:
            assert self._process.stdin is not None
            self._process.stdin.close()
            try:
                self._process.wait(timeout=10)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
            if self._process.stdout is not None:
                self._process.stdout.close()
            self._process = None
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)
            self._folder = None

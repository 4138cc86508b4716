"""A running Tryton on a copy of the filled books; web client and server on one loopback port."""

from __future__ import annotations

import json
import os
import queue
import shutil
import subprocess
import tempfile
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.products.tryton.books import Books
from tests.products.tryton.install import COMPANY, DATABASE, PROGRAM, configure

if TYPE_CHECKING:
    from tests.products.tryton.install import Installed

ERP, ERP_GERMAN, WMS = json.loads(COMPANY.read_text(encoding="utf-8"))["users"]
PASSWORD: str = json.loads(COMPANY.read_text(encoding="utf-8"))["password"]
START_S = 120
"""Most that the start may take, in seconds: three on an idle machine."""
REMOTE_S = 900


def seed_orders(server: TrytonServer, orders: Sequence[dict[str, Any]]) -> None:
    """Sell, deliver and invoice orders in the running Tryton; buyers, countries, currencies, taxes and goods that it lacks are made.

    See program/trade.py for what an order is: the gross price of one piece in hundredths of the currency, the tax in hundredths of a per cent (1900).
    Tryton keeps net prices with four decimals, which come back to the cent.
    """
    server._remote("sell", list(orders))


def truth(server: TrytonServer) -> list[dict[str, Any]]:
    """Every return in the books, oldest first, drafts too: order_no, rma, return_no, description, state, lines (SKU -> pieces), receipts (number, state), and
    credit_notes (number, rma, state, currency; gross and tax in hundredths, above zero)."""
    found: list[dict[str, Any]] = json.loads(server._remote("truth"))
    return found


class TrytonServer:
    """`with TrytonServer(installed) as server:` serves a fresh copy of the books at `server.url`, and leaves nothing behind.

    The address names the database too, as the web client wants it. Raises RuntimeError with what the program said when it does not start.
    """

    def __init__(self, installed: Installed) -> None:
        self._installed = installed
        self._folder: Path | None = None
        self._process: subprocess.Popen[str] | None = None
        self._said: list[str] = []
        self.url = ""
        self.database = DATABASE

    def __enter__(self) -> TrytonServer:
        self._folder = Path(tempfile.mkdtemp(prefix="tryton-"))
        shutil.copy(self._installed.template, self._folder)
        self._process = subprocess.Popen(
            [str(self._installed.python), str(PROGRAM / "serve.py"), str(configure(self._installed, self._folder)), DATABASE],
            cwd=self._folder,
            stdin=subprocess.PIPE,  # the server ends with it
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            env={**os.environ, "PYTHONUNBUFFERED": "1"},
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
            raise RuntimeError(f"Tryton did not start:\n{said}")
        self.url = f"http://127.0.0.1:{port}/#{DATABASE}"
        return self

    def _listen(self, told: queue.Queue[str]) -> None:
        """Keep reading what the server says, for as long as it runs; tell its port, or "" when it ends."""
        assert self._process is not None and self._process.stdout is not None
        for line in self._process.stdout:
            self._said.append(line.rstrip())
            if line.startswith("SERVING "):
                told.put(line.split()[1])
        told.put("")

    def _remote(self, what: str, given: Any = None) -> str:
        """Ask the running server as a program does; what it says. Raises RuntimeError with its last words when it refuses."""
        command = [str(self._installed.python), str(PROGRAM / "remote.py"), f"{self.url.partition('/#')[0]}/{self.database}/rpc/", what]
        environment = {**os.environ, "PASSWORD": self._installed.password}
        outcome = subprocess.run(command, input=json.dumps(given), capture_output=True, text=True, env=environment, timeout=REMOTE_S, check=False)
        if outcome.returncode:
            raise RuntimeError(f"Tryton refused {what!r}: {outcome.stderr[-2000:]}")
        return outcome.stdout

    def books(self) -> Books:
        """The truth, past the screens."""
        assert self._folder is not None
        return Books(self._folder / f"{DATABASE}.sqlite")

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End the server and delete its copy of the books."""
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

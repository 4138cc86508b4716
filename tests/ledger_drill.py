"""A back-end that is a file, and a drill that kills a process for real at each point of the commit protocol.

`python -m tests.ledger_drill FOLDER`: for point n a child process works on the store `FOLDER/n/cases.db` and is killed at point n.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from bots.cases.clock import FixedClock
from bots.cases.database import open_database
from bots.cases.ledger import POINTS, Intent, Ledger, LedgerPermit
from bots.cases.money import Money
from bots.cases.store import Store
from tests.stores import a_case

NOON = datetime(2026, 10, 5, 12, tzinfo=UTC)


def refund_intent(minor: int = 1999) -> Intent:
    return Intent("refund:A-1:RMA-2610-00001", "refund", "refunds", "pay", {"amount": minor}, Money(minor=minor, currency="EUR"), "Visa •••• 4242")


class FileBackend:
    """A program that keeps refunds as lines of a file: what is in it has happened."""

    def __init__(self, file: Path) -> None:
        self.file = file

    def refunds(self) -> list[str]:
        return self.file.read_text(encoding="utf-8").splitlines() if self.file.exists() else []

    def look(self) -> str | None:
        lines = self.refunds()
        return f"PAY-{len(lines)}" if lines else None

    def act(self, permit: LedgerPermit) -> None:
        permit.spend()
        with self.file.open("a", encoding="utf-8") as file:
            file.write(f"{permit.natural_key}\n")
            file.flush()
            os.fsync(file.fileno())


def carry_out(folder: Path, point: Callable[[int], None] = lambda number: None) -> str:
    """One worker's whole way: open the store, open or find the case, refund."""
    database = open_database(f"sqlite:///{folder / 'cases.db'}")
    try:
        store = Store(database, FixedClock(NOON), "refunds bot")
        case = store.case_of_order("A-1") or a_case(store, "A-1")
        backend = FileBackend(folder / "backend.txt")
        return Ledger(store, lambda case, intent: None, lambda *_: None, point=point).carry_out(case, refund_intent(), look=backend.look, act=backend.act)
    finally:
        database.close()


def _killed_at(number: int, folder: Path) -> int:
    """Let a child run until point `number`; the signal that ended it."""
    child = os.fork()
    if child == 0:

        def point(reached: int) -> None:
            if reached == number:
                os.kill(os.getpid(), signal.SIGKILL)

        carry_out(folder, point)
        os._exit(0)
    _, status = os.waitpid(child, 0)
    return os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0


if __name__ == "__main__":
    signals = [_killed_at(number, Path(sys.argv[1]) / str(number)) for number in range(1, len(POINTS) + 1)]
    sys.exit(0 if set(signals) == {signal.SIGKILL} else 1)

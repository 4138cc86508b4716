"""Small worlds for tests of the bank: payees and transfers put straight into the tables, and how its window is started."""

from __future__ import annotations

import sys
from pathlib import Path

from ..world import SAMPLES_START as START
from ..world import World

JOERG = ("P0000001", "Jörg Müller-Weiß", "DE89370400440532013000")
FORMULA = ("P0000002", '=HYPERLINK("http://x")', "NL91ABNA0417164300")
ZOFIA = ("P0000003", "Zofia Maj", "PL61109010140000071219812874")


def put_payees(world: World, *payees: tuple[str, str, str]) -> None:
    with world.write() as db:
        db.executemany("INSERT INTO bank_payees VALUES (?, ?, ?, ?)", [(*payee, payee[2][:2]) for payee in payees])


def put_transfers(world: World, count: int, *, currency: str = "EUR", first: int = 1) -> None:
    """Transfers TR-<n> to Jörg of n.00 with the reference RMA-2026-<n>."""
    with world.write() as db:
        db.executemany(
            "INSERT INTO bank_transfers VALUES (?, ?, ?, ?, ?, 'executed', ?, 'clerk', ?)",
            [(f"TR-{n:06d}", JOERG[0], currency, n * 100, f"RMA-2026-{n:06d}", START.isoformat(), START.isoformat()) for n in range(first, first + count)],
        )
        db.execute("INSERT INTO counters VALUES ('transfer_bank', ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value", (first + count - 1,))


def command(world: World, exports: Path | str, *more: str) -> list[str]:
    """How the program is started."""
    return [sys.executable, str(Path(__file__).parent), "--state", str(world.folder), "--exports", str(exports), *more]

"""Small worlds for tests of PayDesk: captures, refunds and disputes put straight into the tables."""

from __future__ import annotations

from datetime import timedelta

from ..world import SAMPLES_START as START
from ..world import World


def put_capture(world: World, order_no: str, amount: int, *, currency: str = "EUR", number: int = 1) -> str:
    """A capture of `amount` minor units, paid by card three days before; returns its id."""
    capture_id = f"cap_{abs(hash((order_no, number))) % 16**10:010x}"
    with world.write() as db:
        db.execute(
            "INSERT INTO captures VALUES (?, ?, 'card', 'Visa •••• 4242', ?, ?, ?, ?)",
            (capture_id, order_no, currency, amount, amount * 29 // 1000, (START - timedelta(days=3)).isoformat()),
        )
    return capture_id


def put_refund(world: World, capture_id: str, amount: int, reference: str, *, state: str = "settled", days_ago: int = 1, rate: int = 7_812_345) -> str:
    """A refund of the capture; a settled or failed one came to its end a day after it was made. Returns its id."""
    capture = world.one("SELECT * FROM captures WHERE capture_id = ?", capture_id)
    assert capture is not None
    created = START - timedelta(days=days_ago)
    over = (created + timedelta(days=1)).isoformat()
    with world.write() as db:
        refund_id = f"RF-{world.next_number(db, 'refund'):06d}"
        db.execute(
            "INSERT INTO refunds VALUES (?, ?, ?, ?, ?, ?, 'return', ?, ?, 'clerk', ?, ?, ?)",
            (
                refund_id, capture_id, capture["order_no"], reference, capture["currency"], amount, state, created.isoformat(),
                None if state == "pending" else over, rate if state == "settled" else None, "Card closed" if state == "failed" else None,
            ),
        )  # fmt: skip
    return refund_id


def put_dispute(world: World, capture_id: str, order_no: str, amount: int, *, state: str = "open") -> None:
    """A chargeback of the capture."""
    with world.write() as db:
        db.execute("INSERT INTO disputes VALUES ('dsp_1', ?, ?, 'chargeback', ?, ?, 'EUR', ?)", (capture_id, order_no, state, amount, START.isoformat()))

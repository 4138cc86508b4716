"""Small worlds for tests of the WMS: receipts and checks put straight into the tables."""

from __future__ import annotations

from datetime import timedelta

from ..world import SAMPLES_START as START
from ..world import World


def put_receipt(world: World, number: int, lines: list[tuple[str, int, str]], *, grams: int = 1250, carton: str = "intact", rma: str = "") -> str:
    """A receipt WE-<number> of RMA-2026-<number> with (SKU, quantity, serial number) lines; returns its number."""
    receipt_no = f"WE-{number:06d}"
    dock_at = (START + timedelta(minutes=number)).isoformat()
    with world.write() as db:
        db.execute(
            "INSERT INTO receipts VALUES (?, ?, ?, 'DE-LEJ', ?, ?, ?)",
            (receipt_no, f"RR{number:09d}DE", rma or f"RMA-2026-{number:06d}", dock_at, grams, carton),
        )
        for position, (sku, qty, serial) in enumerate(lines, 1):
            db.execute("INSERT INTO receipt_lines VALUES (?, ?, ?, '4006381333931', ?, ?)", (receipt_no, position, sku, qty, serial))
    return receipt_no


def put_task(
    world: World, number: int, receipt_no: str, sku: str, qty: int, *, note: str = "", grade: str | None = None, disposition: str | None = None
) -> str:
    """A quality check, finished when there is a note; returns its number."""
    task_no = f"PA-{number:06d}"
    with world.write() as db:
        db.execute(
            "INSERT INTO qc_tasks VALUES (?, ?, ?, ?, 'Karton prüfen', ?, 'bot.wms', ?, ?, ?, ?, ?, ?, NULL)",
            (
                task_no,
                receipt_no,
                sku,
                qty,
                world.stamp(),
                "done" if note else "open",
                "Jana Krüger" if note else None,
                "2026-10-06T09:30:00+00:00" if note else None,
                note,
                grade,
                disposition,
            ),
        )
        db.execute("INSERT INTO counters VALUES ('qc_task', ?) ON CONFLICT (name) DO UPDATE SET value = max(value, excluded.value)", (number,))
    return task_no

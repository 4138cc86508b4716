"""Small worlds for tests of the carriers: parcels, scans and a declaration put straight into the tables."""

from __future__ import annotations

from datetime import timedelta

from ..world import SAMPLES_START as START
from ..world import World
from .codes import BY_CARRIER


def put_parcel(world: World, tracking_no: str, carrier: str, milestones: list[str], *, zone: str = "Europe/Berlin", first_scan_g: int | None = 1250) -> None:
    """A return parcel with one scan for each milestone, six hours apart, in the carrier's own codes."""
    codes = BY_CARRIER[carrier]
    with world.write() as db:
        db.execute("INSERT INTO parcels VALUES (?, ?, 'GB-2026-1', 'RMA-2026-000001', 1300, ?, NULL, 'GB', 'DE-LEJ')", (tracking_no, carrier, first_scan_g))
        for number, milestone in enumerate(milestones):
            code, text = codes[milestone]
            at = (START + timedelta(hours=6 * number)).isoformat()
            db.execute(
                "INSERT INTO tracking_events (tracking_no, at, zone, place, code, text) VALUES (?, ?, ?, ?, ?, ?)",
                (tracking_no, at, zone, f"Hub {number + 1}", code, text),
            )


def put_declaration(world: World, tracking_no: str, *, status: str = "lodged", note: str = "", currency: str = "GBP") -> None:
    """A return declaration of two lines, 3 x 12.34 and 1 x 1,299.00."""
    with world.write() as db:
        db.execute(
            "INSERT INTO declarations VALUES (?, 'CN23-77120', '2026-10-06T10:15:00+00:00', 'returned goods', 'merchandise', ?, '26GB00ABC123', 'INV-1',"
            " '2026-09-20', 'DAP', 'GB123456789000', 'DE987654321', 'Hub Leipzig', NULL, 1300, 1, 133602, 'RGR', ?, ?)",
            (tracking_no, currency, status, note),
        )
        db.execute("INSERT INTO declaration_lines VALUES (?, 1, '610910', 'T-shirt, <cotton> & co', 3, 1234, 'CN', 180, '')", (tracking_no,))
        db.execute("INSERT INTO declaration_lines VALUES (?, 2, '851762', 'Headphones', 1, 129900, 'CN', 260, 'SN-1,SN-2')", (tracking_no,))

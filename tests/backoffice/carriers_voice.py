"""How the two carriers tell a parcel's way: scan by scan in their own codes, with repeats and stragglers."""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Sequence
from datetime import datetime, timedelta

from .carriers.codes import ALSO, BY_CARRIER
from .drafts import insert, text_time

PLACES = {
    "DE": "Kassel",
    "AT": "Linz",
    "FR": "Lyon",
    "BE": "Liège",
    "ES": "Zaragoza",
    "IT": "Bologna",
    "NL": "Utrecht",
    "PL": "Łódź",
    "GB": "Coventry",
    "US": "Chicago",
    "JP": "Osaka",
    "CH": "Zürich",
}
AT_HUB = ("arrived_country", "import_customs_presented", "customs_held", "customs_released", "out_for_delivery", "attempt_failed", "delivered", "lost")
SECOND_WORDING = 0.3  # of the scans that have more than one code


def name_of(carrier: str) -> str:
    """The carrier by the ERP's spelling: 'SwiftParcel', 'swift' and the like."""
    return "GlobalPost" if carrier.lower().startswith("global") else "SwiftParcel"


def journey(crosses: bool) -> tuple[list[str], list[str]]:
    """The legs of the first night (handed in, on its way) and of the last (arrives)."""
    first = ["label_created", "accepted", "in_transit", *(["export_customs", "departed"] if crosses else [])]
    last = ["arrived_country", "import_customs_presented", "customs_released"] if crosses else ["in_transit"]
    return first, [*last, "out_for_delivery", "delivered"]


def lost_codes() -> tuple[str, ...]:
    """The codes with which the carriers give a parcel up."""
    return tuple(codes["lost"][0] for codes in BY_CARRIER.values())


def _words(carrier: str, leg: str, rng: random.Random) -> tuple[str, str]:
    """The carrier's code and text for a milestone; some have two, of which a bad address is none of ours."""
    second = ALSO[carrier].get(leg)
    if second and leg != "attempt_failed" and rng.random() < SECOND_WORDING:
        return second
    return BY_CARRIER[carrier][leg]


def speak(db: sqlite3.Connection, tracking_no: str, carrier: str, legs: Sequence[str], old: datetime, new: datetime, rng: random.Random) -> datetime:
    """Write the events of `legs` between `old` and `new` (UTC); some come twice, some out of order. Returns the last event's time."""
    country = db.execute("SELECT origin_country FROM parcels WHERE tracking_no = ?", (tracking_no,)).fetchone()["origin_country"]
    if "delivered" in legs and rng.random() < 0.15:
        place = list(legs).index("delivered")
        legs = [*legs[:place], "attempt_failed", "out_for_delivery", *legs[place:]]
    span = (new - old) / (len(legs) + 1)
    rows = []
    at = old
    for number, leg in enumerate(legs, 1):
        at = old + span * number + timedelta(minutes=rng.randrange(-90, 90))
        code, text = _words(carrier, leg, rng)
        place_name = "Leipzig" if leg in AT_HUB else PLACES[country]
        rows.append({"tracking_no": tracking_no, "at": text_time(at), "zone": "UTC", "place": place_name, "code": code, "text": text})
    if len(rows) > 1 and rng.random() < 0.3:
        rows.append(dict(rng.choice(rows)))
    if len(rows) > 2 and rng.random() < 0.3:
        i = rng.randrange(len(rows) - 1)
        rows[i], rows[i + 1] = rows[i + 1], rows[i]
    for row in rows:
        insert(db, "tracking_events", **row)
    return at

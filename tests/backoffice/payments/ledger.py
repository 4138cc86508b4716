"""PayDesk's books: what is left of a capture, refunds, and the settlement file."""

from __future__ import annotations

import csv
import io
import re
import sqlite3
from dataclasses import asdict, dataclass

from ..web import exponent, money
from ..world import Row, World

REASONS = {"return": "Return", "not_received": "Parcel lost", "goodwill": "Goodwill", "duplicate": "Duplicate payment", "other": "Other"}
FEE = 25
"""What a refund costs, in cents of its currency; currencies without cents are free."""
MOST_REFERENCE = 40

PAYMENTS = """SELECT c.order_no, min(c.captured_at) AS captured_at, min(c.method) AS method, min(c.currency) AS currency, sum(c.amount) AS amount,
              (SELECT coalesce(sum(r.amount), 0) FROM refunds r WHERE r.order_no = c.order_no AND r.state <> 'failed') AS refunded,
              (SELECT count(*) FROM disputes d WHERE d.order_no = c.order_no AND d.state = 'open') AS disputed
              FROM captures c WHERE instr(lower(c.order_no), lower(?)) > 0 GROUP BY c.order_no ORDER BY captured_at DESC, c.order_no"""
CAPTURES = """SELECT c.*, c.amount - coalesce((SELECT sum(r.amount) FROM refunds r WHERE r.capture_id = c.capture_id AND r.state <> 'failed'), 0) AS remaining
              FROM captures c WHERE {where} ORDER BY c.captured_at, c.capture_id"""
REFUNDS = """SELECT * FROM refunds WHERE instr(lower(reference), lower(?)) > 0 AND (? = '' OR date(created_at) >= ?) AND (? = '' OR date(created_at) <= ?)
             ORDER BY created_at DESC, rowid DESC"""
SETTLEMENT = """SELECT * FROM refunds WHERE date(created_at) BETWEEN ?1 AND ?2 OR date(settled_at) BETWEEN ?1 AND ?2 ORDER BY created_at, rowid"""
COLUMNS = ("refund_id", "capture_id", "order_no", "reference", "currency", "amount", "fee", "state", "created_at", "settled_at", "settle_rate")


@dataclass(frozen=True)
class Draft:
    """A refund that a clerk has filled in; amounts in minor units of the capture's currency."""

    capture_id: str
    order_no: str
    currency: str
    amount: int
    reference: str
    reason: str

    @property
    def shown(self) -> str:
        return f"{self.currency} {money(self.amount, self.currency)}"

    def fields(self) -> dict[str, str | int]:
        return asdict(self)


def parse_amount(text: str, currency: str) -> int:
    """An amount as typed in en-US style, as minor units; ValueError in the page's words when it is anything else."""
    clean = text.strip()
    digits = exponent(currency)
    if not clean.isascii() or not re.fullmatch(rf"(\d{{1,3}}(,\d{{3}})+|\d{{1,9}})(\.\d{{1,{max(1, digits)}}})?", clean) or (not digits and "." in clean):
        raise ValueError(f"“{clean[:20]}” is not an amount in {currency}. Write it like {money(123456, currency)}.")
    whole, _, cents = clean.replace(",", "").partition(".")
    return int(whole) * 10**digits + int(cents.ljust(digits, "0") or 0)


def draft(db: sqlite3.Connection, capture_id: str, amount: str, reference: str, reason: str) -> Draft:
    """Check a filled form against the books; ValueError in the page's words when it cannot be refunded so."""
    capture = db.execute(CAPTURES.format(where="c.capture_id = ?"), (capture_id,)).fetchone()
    if capture is None:
        raise ValueError(f"There is no capture {capture_id[:30]}.")
    reference = reference.strip()
    if not reference or len(reference) > MOST_REFERENCE or not reference.isprintable():
        raise ValueError(f"A reference of 1 to {MOST_REFERENCE} characters is required.")
    if reason not in REASONS:
        raise ValueError("Choose a reason.")
    made = Draft(capture_id, capture["order_no"], capture["currency"], parse_amount(amount, capture["currency"]), reference, reason)
    _fits(made, capture)
    return made


def _fits(wanted: Draft, capture: Row) -> None:
    if wanted.amount <= 0:
        raise ValueError("The amount must be above zero.")
    if wanted.amount > capture["remaining"]:
        left = money(capture["remaining"], capture["currency"])
        raise ValueError(f"{wanted.shown} is more than can be refunded: {wanted.currency} {left} is left of this capture (pending refunds included).")


def create_refund(world: World, db: sqlite3.Connection, wanted: Draft, account: str, *, checked: bool = True) -> str:
    """Write the refund as pending and give its number; ValueError when the capture no longer covers it (unless not `checked`)."""
    capture = db.execute(CAPTURES.format(where="c.capture_id = ?"), (wanted.capture_id,)).fetchone()
    if checked:
        _fits(wanted, capture)
    refund_id = f"RF-{world.next_number(db, 'refund'):06d}"
    db.execute(
        "INSERT INTO refunds (refund_id, capture_id, order_no, reference, currency, amount, reason, state, created_at, created_by)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, 'pending', ?, ?)",
        (refund_id, wanted.capture_id, wanted.order_no, wanted.reference, wanted.currency, wanted.amount, wanted.reason, world.stamp(), account),
    )
    return refund_id


def fee(currency: str) -> int:
    return FEE if exponent(currency) else 0


def settlement_csv(rows: list[Row]) -> str:
    """The settlement file: comma separated, amounts en-US, times ISO 8601 in UTC, rates in millionths of a CNY per unit."""
    out = io.StringIO()
    sheet = csv.writer(out, lineterminator="\r\n")
    sheet.writerow(COLUMNS)
    for row in rows:
        shown = {**dict(row), "amount": money(row["amount"], row["currency"]), "fee": money(fee(row["currency"]), row["currency"])}
        sheet.writerow(["" if shown[name] is None else shown[name] for name in COLUMNS])
    return out.getvalue()

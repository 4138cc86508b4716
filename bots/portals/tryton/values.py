"""Numbers, dates and names as Tryton's web client writes them for an account whose language is English: `€ -1,097.85`, `11/23/2026`, `[HPH-01] Headphones`."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from decimal import ROUND_HALF_UP, Decimal

from bots.automation.formats import parse_number


def read_number(text: str) -> Decimal:
    """The number beside a sign or unit, `€ 83.9496` or `-2 u`; anything else raises ValueError."""
    shown = re.fullmatch(r"(?:[^\d\s.,-]{1,4}\s)?(-?[\d,]+(?:\.\d+)?)(?:\s[^\d\s.,-]+)?", re.sub(r"\s+", " ", text).strip())
    if shown is None:
        raise ValueError(f"{text!r} is not one number")
    return parse_number(shown[1], "en")


def read_pieces(text: str) -> int:
    """A quantity, which must be whole."""
    number = read_number(text)
    if number != int(number):
        raise ValueError(f"{text!r} is not a number of pieces")
    return int(number)


def read_day(text: str) -> date | None:
    """A date as American English has it, or None for an empty field."""
    return datetime.strptime(text.strip(), "%m/%d/%Y").replace(tzinfo=UTC).date() if text.strip() else None


def read_moment(text: str) -> datetime | None:
    """The beginning of a day (UTC): Tryton's documents have no time of day."""
    day = read_day(text)
    return datetime(day.year, day.month, day.day, tzinfo=UTC) if day else None


def bracketed(text: str) -> tuple[str, str]:
    """`[HPH-01] Headphones` as (code, name); without a code the code is empty."""
    shown = re.fullmatch(r"\[([^\]]*)\] (.*)", text.strip(), re.DOTALL)
    return (shown[1], shown[2]) if shown else ("", text.strip())


def mail_of(contact: str) -> str:
    """The address in `Anna Vogel <anna@example.com>`; empty for a contact that is no mail address."""
    shown = re.search(r"<([^<>\s@]+@[^<>\s@]+)>$", contact.strip())
    return shown[1] if shown else ""


def record(text: str) -> tuple[str, str]:
    """`26 [SHOP-50026]` as (number, reference)."""
    shown = re.fullmatch(r"(\S+)(?: \[(.*)\])?", text.strip(), re.DOTALL)
    if shown is None:
        raise ValueError(f"{text!r} is not a number with its reference")
    return shown[1], shown[2] or ""


def whole(amount: Decimal) -> int:
    """Rounded to a whole number, halves up, as Tryton rounds."""
    return int(amount.quantize(Decimal(1), rounding=ROUND_HALF_UP))

"""Amounts, weights and dates as screens write them: strict both ways, so that 12,34 never becomes 1234."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from decimal import Decimal

from bots.cases.money import Money, exponent

_GROUP_DECIMAL = {"en": (",", "."), "zh": (",", "."), "de": (".", ",")}
_STAMPS = {
    "en": ("%d %b %Y %H:%M", "%Y-%m-%d %H:%M", "%d %b %Y", "%Y-%m-%d"),
    "zh": ("%Y-%m-%d %H:%M", "%Y-%m-%d"),
    "de": ("%d.%m.%Y %H:%M", "%d.%m.%Y"),
}


def parse_number(text: str, style: str) -> Decimal:
    """The number in `text` written in this style; anything else, or a doubtful one, raises ValueError."""
    group, point = _GROUP_DECIMAL[style]
    clean = text.strip().replace("\u00a0", "").replace("\u202f", "")
    g, p = re.escape(group), re.escape(point)
    if not re.fullmatch(rf"-?(\d{{1,3}}({g}\d{{3}})+|\d+)({p}\d+)?", clean):
        raise ValueError(f"{text!r} is not a number in the style {style!r}")
    return Decimal(clean.replace(group, "").replace(point, "."))


def parse_amount(text: str, currency: str, style: str, exponents: dict[str, int] | None = None) -> Money:
    """A shown amount as Money; a currency code or sign in the text must be `currency`'s or raises ValueError."""
    codes = re.findall(r"[A-Z]{3}", text)
    if any(code != currency for code in codes):
        raise ValueError(f"{text!r} is not in {currency}")
    number = parse_number(re.sub(r"[A-Z]{3}|[€$£¥]|zł|CHF", "", text), style)
    minor = number.scaleb(exponent(currency, exponents))
    if minor != minor.to_integral_value():
        raise ValueError(f"{text!r} has more decimals than {currency}")
    return Money(minor=int(minor), currency=currency)


def format_amount(amount: Money, style: str, exponents: dict[str, int] | None = None, *, grouped: bool = False) -> str:
    """The amount as it is typed into (or, `grouped`, shown by) a screen of this style, without the currency."""
    digits = exponent(amount.currency, exponents)
    text = f"{Decimal(amount.minor).scaleb(-digits):,.{digits}f}"
    group, point = _GROUP_DECIMAL[style]
    return text.replace(",", "\0").replace(".", point).replace("\0", group if grouped else "")


def parse_time(text: str, style: str) -> datetime | None:
    """A shown date or time (UTC) of this style, or None for an empty cell; a doubtful one raises ValueError."""
    clean = text.strip().removesuffix("UTC").strip().replace("T", " ").removesuffix("Z").removesuffix("+00:00")
    if clean in ("", "-", "–", "—"):
        return None
    if re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d", clean):
        return datetime.strptime(clean, "%Y-%m-%d %H:%M:%S").replace(tzinfo=UTC)
    for pattern in _STAMPS[style]:
        try:
            return datetime.strptime(clean, pattern).replace(tzinfo=UTC)
        except ValueError:
            continue
    raise ValueError(f"{text!r} is not a date in the style {style!r}")


def parse_date(text: str, style: str) -> date | None:
    """A shown date, or None for an empty cell."""
    moment = parse_time(text, style)
    return moment.date() if moment else None

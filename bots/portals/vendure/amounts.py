"""Amounts and times as Vendure's screens write them for American English: `$1,530.05`, `Nov 23, 2026, 8:12:51 AM`."""

from __future__ import annotations

import re
from datetime import UTC, datetime

from bots.automation.formats import format_amount, parse_amount
from bots.cases.money import Money

# CLDR 46, locale en-US: what Intl.NumberFormat writes before the number. Every other currency is written with its code and a blank.
SIGNS = {
    "USD": "$", "EUR": "€", "GBP": "£", "JPY": "¥", "CNY": "CN¥", "CAD": "CA$", "AUD": "A$", "NZD": "NZ$", "HKD": "HK$", "TWD": "NT$", "MXN": "MX$",
    "BRL": "R$", "INR": "₹", "KRW": "₩", "ILS": "₪", "VND": "₫", "PHP": "₱",
}  # fmt: skip
CURRENCIES = {sign: currency for currency, sign in SIGNS.items()}
# The list and the cards of the two screens write times differently.
STAMPS = ("%b %d, %Y, %I:%M:%S %p", "%m/%d/%y, %I:%M %p")


def read_money(text: str, exponents: dict[str, int]) -> Money:
    """The amount with the currency that its sign or code names; anything else raises ValueError."""
    shown = re.fullmatch(r"(-?)([^\d\s.,-]+)\s?([\d,]+(?:\.\d+)?)", text.strip())
    if shown is None:
        raise ValueError(f"{text!r} is not an amount with its currency")
    minus, sign, number = shown.groups()
    currency = CURRENCIES.get(sign, sign)
    if not re.fullmatch("[A-Z]{3}", currency):
        raise ValueError(f"{text!r} is in a currency that is not known by the sign {sign!r}")
    return parse_amount(minus + number, currency, "en", exponents)


def write_money(amount: Money, exponents: dict[str, int]) -> str:
    """The amount as the screens show it."""
    sign = SIGNS.get(amount.currency, f"{amount.currency} ")
    return sign + format_amount(amount, "en", exponents, grouped=True)


def read_moment(text: str) -> datetime:
    """A time (UTC, the time zone of the bots' browser); anything else raises ValueError."""
    clean = re.sub(r"\s+", " ", text).strip()
    for pattern in STAMPS:
        try:
            return datetime.strptime(clean, pattern).replace(tzinfo=UTC)
        except ValueError:
            continue
    raise ValueError(f"{text!r} is not a time as Vendure writes it")

"""Card numbers in text: known by issuer, length, grouping and check digit, and masked but for the last four digits.

A number is a card's only where all four fit. Order numbers, tracking numbers and article numbers are digits too, and must stay readable: Amazon's orders are
grouped 3-7-7, article numbers (EAN-13) have thirteen digits, which no card has today.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

_GAP = r"[\s.\u2010-\u2015-]{1,3}"
_CARD = re.compile(rf"(?<![0-9A-Za-z])(?:\d{{4}}{_GAP}\d{{6}}{_GAP}\d{{4,5}}|\d{{4}}(?:{_GAP}\d{{4}}){{2}}{_GAP}\d{{1,7}}|\d{{14,19}})(?![0-9A-Za-z])")
# Visa 16 and 19; Mastercard; American Express; Diners; JCB; UnionPay, Discover and Maestro.
_ISSUED = re.compile(
    r"4\d{15}(?:\d{3})?|5[1-5]\d{14}|2(?:22[1-9]|2[3-9]\d|[3-6]\d\d|7[01]\d|720)\d{12}|3[47]\d{13}|3(?:0[0-5]|[689]\d)\d{11}|35\d{14,17}|6\d{15,18}|5[06-9]\d{14,17}"
)
# Fields that hold a name of a thing: changed, they would name another one.
_NAMES = re.compile(r"(?:^|_)(?:no|nos|id|ids|key|keys|iban|ibans|sku|skus|reference|path|file|hash|digest|sha256|mrn|number|numbers|ref|serials?|rma)$")


def card_spans(text: str) -> list[tuple[int, int]]:
    """Where card numbers stand in a text, without their last four digits: (start, end)."""
    return [(found.start(), _last_four(found.group()) + found.start()) for found in _CARD.finditer(text) if _is_card(found.group())]


def mask_cards(text: str) -> str:
    """The text with all but the last four digits of every card number masked."""
    return _CARD.sub(lambda found: "•••• " + re.sub(r"\D", "", found.group())[-4:] if _is_card(found.group()) else found.group(), text)


def masked(data: Any, mask: Callable[[str], str] = mask_cards, name: str = "") -> Any:
    """The same data with every text in it masked, at any depth; fields that name a thing (order_no, refund_id ...) stay as they are."""
    if isinstance(data, str):
        return data if _NAMES.search(name) else mask(data)
    if isinstance(data, dict):
        return {key: masked(value, mask, str(key)) for key, value in data.items()}
    if isinstance(data, (list, tuple)):
        return type(data)(masked(value, mask, name) for value in data)
    return data


def _last_four(number: str) -> int:
    """Where the last four digits of a written number begin."""
    return [place for place, character in enumerate(number) if character.isdigit()][-4]


def _is_card(written: str) -> bool:
    digits = "".join(str(int(character)) for character in written if character.isdigit())
    return _ISSUED.fullmatch(digits) is not None and luhn(digits)


def luhn(digits: str) -> bool:
    """Whether the last digit is the check digit of the others (ISO/IEC 7812-1)."""
    total = 0
    for index, digit in enumerate(reversed(digits)):
        value = int(digit) * (2 if index % 2 else 1)
        total += value - 9 if value > 9 else value
    return total % 10 == 0

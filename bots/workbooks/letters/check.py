"""The last look at a letter before it leaves: whatever it says must be this case's own.

The check does not know how the letter was made. It takes out everything that the case's records allow the letter to say (numbers, articles, amounts,
dates, the customer's own words) and looks at what is left: a digit, a currency, an address or a piece of a template that is still there comes from elsewhere.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, datetime

from pydantic import BaseModel, ConfigDict

from bots.cases.money import Money
from bots.workbooks.letters.words import date_text, line_of, moment_text, money_text


class Truth(BaseModel):
    """What a letter on a case may say, from the back-ends' records and never from what was queued with the letter."""

    model_config = ConfigDict(frozen=True)

    rma: str
    order_no: str = ""
    name: str = ""
    seller: str = ""
    return_address: str = ""
    numbers: tuple[str, ...] = ()
    """Parcel, return and delivery numbers, carrier, exchanged article."""
    lines: tuple[tuple[str, str, int], ...] = ()
    """(sku, name, pieces) of the order."""
    amounts: tuple[Money, ...] = ()
    days: tuple[date, ...] = ()
    moments: tuple[datetime, ...] = ()
    country: str = ""
    """Where the customer is: moments are told in its time."""
    words: tuple[str, ...] = ()
    """What the customer wrote, where the letter quotes it back."""


_LIST_NUMBER = re.compile(r"(?m)^\d\. ")
_ALIEN = {
    "a number": re.compile(r"[^\s,;()「」（），。：:]*\d[^\s,;()「」（），。：:]*"),
    "an amount's currency": re.compile(r"[€$£¥￥]|\b(?:EUR|USD|GBP|CHF|PLN|JPY|CNY|RMB|zł)\b|[円元]"),
    "an address": re.compile(r"\S+@\S+|https?:|\bwww\."),
    "a piece of a template": re.compile(r"\{[{%#]|[}%#]\}"),
}


def faults(text: str, greeting: str, truth: Truth, language: str) -> list[str]:
    """What a finished letter (subject, line break, body) says that the case does not; empty when it may leave.

    `greeting` is how the body must begin: the case's customer and nobody else is spoken to.
    """
    subject, _, body = text.partition("\n")
    found = [f"it does not name {number}" for number in (truth.rma, truth.order_no) if number and number not in body]
    if not body.startswith(greeting):
        found.append("it greets somebody else than the case's customer")
    left = f"{subject}\n{body.removeprefix(greeting)}"
    for phrase in sorted(set(allowed(truth, language)), key=len, reverse=True):
        left = re.sub(rf"(?<![0-9A-Za-z]){re.escape(phrase)}(?![0-9A-Za-z])", " ", left)
    left = _LIST_NUMBER.sub("", left)
    for name, pattern in _ALIEN.items():
        found += [f"it holds {name} that is not the case's: {match[0][:60]!r}" for match in pattern.finditer(left)]
    return found


def allowed(truth: Truth, language: str) -> Iterator[str]:
    """Every phrase with a number in it that the case allows, as the language writes it."""
    yield from filter(None, (truth.rma, truth.order_no, line_of(truth.seller), line_of(truth.return_address), *map(line_of, truth.numbers)))
    for sku, name, pieces in truth.lines:
        yield f"{line_of(name or sku)} ({line_of(sku)})"
        yield from (f"{qty} × {line_of(name or sku)} ({line_of(sku)})" for qty in range(1, pieces + 1))
    yield from (money_text(amount, language) for amount in truth.amounts)
    yield from (date_text(day, language) for day in truth.days)
    yield from (moment_text(moment, language, truth.country) for moment in truth.moments)
    yield from filter(None, truth.words)

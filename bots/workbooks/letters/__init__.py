"""Letters to customers: plain text in nine languages, filled from case data only, checked before they leave.

The texts lie beside this file, one YAML a language, for native speakers to review.
"""

from __future__ import annotations

import re
from datetime import date, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml
from babel.dates import format_date
from babel.numbers import format_currency
from jinja2 import StrictUndefined
from jinja2.sandbox import SandboxedEnvironment
from pydantic import BaseModel, ConfigDict

from bots.cases.money import Money

LANGUAGES = ("en", "de", "fr", "es", "it", "nl", "pl", "ja", "zh")
LOCALES = {"en": "en_GB", "zh": "zh_Hans_CN", "ja": "ja_JP"}
KINDS = ("approved", "keep_item", "spare_part", "exchanged", "rejected", "cancelled", "refunded", "status")


class Letter(BaseModel):
    """A letter ready to send."""

    model_config = ConfigDict(frozen=True)

    language: str
    subject: str
    body: str


class LetterFaulty(Exception):
    """A letter would say something that the case does not."""


@lru_cache(maxsize=1)
def _environment() -> SandboxedEnvironment:
    return SandboxedEnvironment(undefined=StrictUndefined, autoescape=False)


@lru_cache(maxsize=16)
def texts(language: str) -> dict[str, Any]:
    """The texts of one language; English where we do not write it."""
    chosen = language if language in LANGUAGES else "en"
    loaded: dict[str, Any] = yaml.safe_load((Path(__file__).parent / f"{chosen}.yaml").read_text(encoding="utf-8"))
    return loaded | {"language": chosen}


def money_text(amount: Money, language: str) -> str:
    """An amount as the language writes it."""
    return format_currency(amount.decimal(), amount.currency, locale=LOCALES.get(language, language))


def date_text(day: date | datetime, language: str) -> str:
    return format_date(day, format="long", locale=LOCALES.get(language, language))


def status_key(state: str, parcel: str, customs: str, refund: str) -> str:
    """Which sentence says where a return stands."""
    if state in ("REJECTED", "CANCELLED"):
        return state.lower()
    if refund in ("refunded", "replaced"):
        return refund
    if refund in ("submitted",):
        return "refund_sent"
    if refund == "failed" or state in ("UNDER_REVIEW", "ANSWERED", "EXPIRED"):
        return "person"
    if state in ("REFUND_PROPOSED", "REFUND_APPROVED", "INSPECTED", "KEEP_ITEM"):
        return "refund_soon"
    if parcel in ("received", "arrived"):
        return "checking"
    if parcel == "lost":
        return "lost"
    if customs == "held":
        return "customs"
    return {"in_transit": "transit", "awaited": "awaiting"}.get(parcel, "review")


def write_letter(kind: str, language: str, facts: dict[str, Any]) -> Letter:
    """The letter of a kind. `facts` are case data; names and other outside text are put in as plain text, one line each.

    Raises LetterFaulty when a field is missing or the finished text does not carry the case's own numbers.
    """
    words = texts(language)
    language = words["language"]
    fields = _fields(words, language, facts)
    body = _fill(words[kind]["body"], fields)
    greeting = _fill(words["greet"], fields) if fields["name"] else words["greet_none"]
    body = re.sub(r"\n{3,}", "\n\n", body).strip()
    text = "\n\n".join((greeting, body, _fill(words["reference"], fields), _fill(words["close"], fields))) + "\n"
    letter = Letter(language=language, subject=_fill(words[kind]["subject"], fields), body=text)
    check_letter(letter, facts)
    return letter


def check_letter(letter: Letter, facts: dict[str, Any]) -> None:
    """Compare a finished letter with the case before it may leave."""
    for key in ("rma", "order_no"):
        if str(facts[key]) not in letter.body:
            raise LetterFaulty(f"the letter does not name {key} {facts[key]}")
    if "\n" in letter.subject or "\r" in letter.subject:
        raise LetterFaulty("the subject has more than one line")


def _fields(words: dict[str, Any], language: str, facts: dict[str, Any]) -> dict[str, Any]:
    names = facts.get("items") or {}

    def listed(entries: Any) -> str:
        return "\n".join(f"- {qty} × {_line(names.get(sku) or sku)} ({_line(sku)})" for sku, qty in entries)

    amount = _amount(facts)
    fields = {key: value if isinstance(value, bool) else _line(value) for key, value in facts.items() if isinstance(value, str | int | bool) or value is None}
    fields |= {
        "lines": listed(facts.get("lines") or []),
        "refused": "\n".join(f"- {_line(names.get(sku) or sku)} ({_line(sku)})" for sku in facts.get("refused") or []),
        "opened": date_text(facts["opened_at"], language),
        "amount": money_text(amount, language) if amount else "",
        "refunded_on": date_text(facts["refunded_at"], language) if facts.get("refunded_at") else "",
        "delivered_on": date_text(date.fromisoformat(facts["delivered"]), language) if facts.get("delivered") else "",
        "exchange": bool(facts.get("exchange")),
    }
    reason = next((rule for rule in facts.get("rules") or [] if rule in words["why"]), "other")
    fields["why"] = _fill(words["why"][reason], fields)
    fields["status"] = _fill(words["states"][status_key(facts["state"], facts["parcel"], facts["customs"], facts["refund"])], fields)
    return fields


def _amount(facts: dict[str, Any]) -> Money | None:
    if facts.get("amount_minor") is not None:
        return Money(minor=facts["amount_minor"], currency=facts["currency"])
    refund = facts.get("refund_record")
    return refund.amount if refund is not None else None


def _fill(template: str, fields: dict[str, Any]) -> str:
    from jinja2 import TemplateError

    try:
        return _environment().from_string(template).render(fields)
    except TemplateError as error:
        raise LetterFaulty(f"a field of the letter is missing: {error}") from None


def _line(value: Any) -> str:
    """Outside text on one line, without control characters, never long enough to carry a message of its own."""
    return " ".join(str(value if value is not None else "").split())[:200]

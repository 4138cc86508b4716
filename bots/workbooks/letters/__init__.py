"""Letters to customers: plain text in nine languages, filled from case data only, checked before they leave (see `check`).

The texts lie beside this file, one YAML a language, for native speakers to review.
"""

from __future__ import annotations

import re
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml
from jinja2 import StrictUndefined
from jinja2.sandbox import SandboxedEnvironment
from pydantic import BaseModel, ConfigDict

from bots.cases.money import Money
from bots.workbooks.letters.check import Truth, faults
from bots.workbooks.letters.words import date_text, line_of, moment_text, money_text

__all__ = [
    "KINDS",
    "LANGUAGES",
    "QUOTED",
    "Letter",
    "LetterFaulty",
    "Truth",
    "check_letter",
    "check_truth",
    "date_text",
    "greeting",
    "line_of",
    "moment_text",
    "money_text",
    "status_key",
    "texts",
    "write_letter",
]

LANGUAGES = ("en", "de", "fr", "es", "it", "nl", "pl", "ja", "zh")
KINDS = (
    "approved",
    "keep_item",
    "spare_part",
    "exchanged",
    "rejected",
    "cancelled",
    "refunded",
    "status",
    "withdrawn",
    "ask_order",
    "ask_article",
    "ask_photo",
)
QUOTED = 400
"""Characters of a customer's own words that a letter quotes back."""


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

    Raises LetterFaulty when a field is missing or the finished text does not carry the case's own numbers. Where `facts` are not known to be
    this case's, `check_truth` must follow.
    """
    words = texts(language)
    language = words["language"]
    fields = _fields(words, language, facts)
    body = _fill(words[kind]["body"], fields)
    body = re.sub(r"\n{3,}", "\n\n", body).strip()
    reference = _fill(words["reference" if facts["order_no"] else "reference_none"], fields)
    text = "\n\n".join((greeting(language, fields["name"]), body, reference, _fill(words["close"], fields))) + "\n"
    letter = Letter(language=language, subject=_fill(words[kind]["subject"], fields), body=text)
    check_letter(letter, facts)
    return letter


def greeting(language: str, name: str) -> str:
    """How a letter begins."""
    words = texts(language)
    return _fill(words["greet"], {"name": line_of(name)}) if line_of(name) else str(words["greet_none"])


def check_letter(letter: Letter, facts: dict[str, Any]) -> None:
    """See that a finished letter names its case."""
    for key in ("rma", "order_no"):
        if facts[key] and str(facts[key]) not in letter.body:
            raise LetterFaulty(f"the letter does not name {key} {facts[key]}")
    if "\n" in letter.subject or "\r" in letter.subject:
        raise LetterFaulty("the subject has more than one line")


def check_truth(letter: Letter, truth: Truth) -> None:
    """Compare a finished letter with the case's records, the last thing before it may leave. Raises LetterFaulty with everything that is not the case's."""
    found = faults(f"{letter.subject}\n{letter.body}", greeting(letter.language, truth.name), truth, letter.language)
    if found:
        raise LetterFaulty("; ".join(dict.fromkeys(found)))


def _fields(words: dict[str, Any], language: str, facts: dict[str, Any]) -> dict[str, Any]:
    names = facts.get("items") or {}

    def listed(entries: Any) -> str:
        return "\n".join(f"- {qty} × {line_of(names.get(sku) or sku)} ({line_of(sku)})" for sku, qty in entries)

    amount = _amount(facts)
    fields = {key: value if isinstance(value, bool) else line_of(value) for key, value in facts.items() if isinstance(value, str | int | bool) or value is None}
    fields |= {
        "lines": listed(facts.get("lines") or []),
        "articles": "\n".join(f"- {line_of(name or sku)} ({line_of(sku)})" for sku, name in names.items()),
        "received": moment_text(facts["received_at"], language, facts.get("country") or "") if facts.get("received_at") else "",
        "declaration": line_of(facts.get("declaration"), QUOTED),
        "refused": "\n".join(f"- {line_of(names.get(sku) or sku)} ({line_of(sku)})" for sku in facts.get("refused") or []),
        "opened": date_text(facts["opened_at"], language),
        "amount": money_text(amount, language) if amount else "",
        "refunded_on": date_text(facts["refunded_at"], language) if facts.get("refunded_at") else "",
        "delivered_on": date_text(date.fromisoformat(facts["delivered"]), language) if facts.get("delivered") else "",
        "exchange": bool(facts.get("exchange")),
    }
    reason = next((rule for rule in facts.get("rules") or [] if rule in words["why"]), "other")
    fields["why"] = _fill(words["why"][reason], fields)
    stands = status_key(facts["state"], facts["parcel"], facts["customs"], facts["refund"])
    if stands in ("refund_sent", "refunded") and not fields["amount"]:
        stands = "refund_soon"  # the back-end's record of it has not been read yet: no amount is told
    fields["status"] = _fill(words["states"][stands], fields)
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

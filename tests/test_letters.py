"""Letters to customers: every kind in every language, from case data only."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from bots.workbooks.letters import KINDS, LANGUAGES, LetterFaulty, check_letter, status_key, texts, write_letter


@pytest.fixture
def facts() -> dict[str, Any]:
    return {
        "rma": "RMA-2610-00007",
        "order_no": "DE-2026-104233",
        "name": "Anna Weiß",
        "state": "LABEL_ISSUED",
        "parcel": "awaited",
        "customs": "none",
        "refund": "none",
        "carrier": "SwiftParcel",
        "tracking_no": "7153002894",
        "items": {"JKT-M": "Jacke"},
        "lines": [["JKT-M", 1]],
        "refused": [],
        "opened_at": datetime(2026, 10, 5, tzinfo=UTC),
        "seller": "Nordlicht Trading",
        "return_address": "Messe-Allee 12, Leipzig",
        "return_no": "SR-2026-000001",
        "exchange": False,
        "rules": ["P05"],
        "delivered": "2026-08-01",
        "replacement_no": "RP-2026-000001",
        "sku": "JKT-L",
        "amount_minor": 123450,
        "currency": "EUR",
        "refunded_at": datetime(2026, 10, 12, tzinfo=UTC),
    }


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", KINDS)
def test_every_letter_names_order_and_return_in_its_language(kind: str, language: str, facts: dict[str, Any]) -> None:
    letter = write_letter(kind, language, facts)
    assert letter.language == language
    assert facts["rma"] in letter.body
    assert facts["order_no"] in letter.body
    assert "{{" not in letter.subject + letter.body
    assert "\n\n\n" not in letter.body


@pytest.mark.parametrize(
    ("language", "amount"), [("de", "1.234,50\xa0€"), ("en", "€1,234.50"), ("fr", "1\u202f234,50\xa0€"), ("ja", "€1,234.50"), ("pl", "1\xa0234,50\xa0€")]
)
def test_amounts_are_written_as_the_language_writes_them(language: str, amount: str, facts: dict[str, Any]) -> None:
    assert amount in write_letter("refunded", language, facts).body


def test_a_language_we_do_not_write_is_answered_in_english(facts: dict[str, Any]) -> None:
    assert write_letter("status", "sv", facts).language == "en"


def test_refused_lines_stand_apart(facts: dict[str, Any]) -> None:
    with_refused = write_letter("approved", "en", {**facts, "refused": ["MUG-1"]})
    assert "excluded from the right of withdrawal" in with_refused.body
    assert "excluded from the right of withdrawal" not in write_letter("approved", "en", facts).body


def test_a_hostile_name_stays_one_line_of_text(facts: dict[str, Any]) -> None:
    letter = write_letter("approved", "en", {**facts, "name": "{{ seller }}\r\nBcc: x@example.org\n\nSend money"})
    assert letter.body.splitlines()[0] == "Dear {{ seller }} Bcc: x@example.org Send money,"


def test_a_missing_field_is_a_faulty_letter(facts: dict[str, Any]) -> None:
    del facts["tracking_no"]
    with pytest.raises(LetterFaulty, match="tracking_no"):
        write_letter("approved", "en", facts)


def test_a_letter_that_names_another_case_is_stopped(facts: dict[str, Any]) -> None:
    letter = write_letter("status", "en", facts)
    with pytest.raises(LetterFaulty, match="RMA-2610-00008"):
        check_letter(letter, {**facts, "rma": "RMA-2610-00008"})


@pytest.mark.parametrize(
    ("state", "parcel", "customs", "refund", "sentence"),
    [
        ("NEW", "none", "none", "none", "review"),
        ("LABEL_ISSUED", "awaited", "none", "none", "awaiting"),
        ("IN_TRANSIT", "in_transit", "clear", "none", "transit"),
        ("CUSTOMS_HOLD", "in_transit", "held", "none", "customs"),
        ("LOST", "lost", "none", "none", "lost"),
        ("RECEIVED", "received", "none", "none", "checking"),
        ("INSPECTED", "received", "none", "none", "refund_soon"),
        ("REFUND_SUBMITTED", "received", "none", "submitted", "refund_sent"),
        ("POSTED", "received", "none", "refunded", "refunded"),
        ("CLOSED", "received", "none", "replaced", "replaced"),
        ("REFUND_FAILED", "received", "none", "failed", "person"),
        ("UNDER_REVIEW", "none", "none", "none", "person"),
        ("REJECTED", "none", "none", "not_due", "rejected"),
        ("CANCELLED", "awaited", "none", "not_due", "cancelled"),
    ],
)
def test_status_answers_follow_the_case(state: str, parcel: str, customs: str, refund: str, sentence: str) -> None:
    assert status_key(state, parcel, customs, refund) == sentence
    assert all(sentence in texts(language)["states"] for language in LANGUAGES)

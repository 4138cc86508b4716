"""The books: balanced, posted once, numbered without gaps."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

import pytest

from bots.cases.books import Books, JournalEntry, Posting, Unbalanced, check_balance
from bots.cases.clock import FixedClock
from bots.cases.store import Store
from tests.stores import BOTH_STORES, a_case, at_once

pytestmark = BOTH_STORES
DAY = date(2026, 10, 5)


def refund(doc_ref: str = "PAY-1", *, amount: int = 15700) -> JournalEntry:
    """A refund of EUR 20.00 at 7.85, in CNY."""
    return JournalEntry(
        "refund",
        doc_ref,
        "Refund to the customer",
        (
            Posting("4000 Revenue", debit=amount, original_minor=2000, original_currency="EUR", rate_micro=7_850_000),
            Posting("1200 Bank", credit=amount, original_minor=-2000, original_currency="EUR", rate_micro=7_850_000),
        ),
    )


@pytest.mark.parametrize(
    ("postings", "why"),
    [
        ((Posting("A", debit=100), Posting("B", credit=99)), "debit 100 and credit 99 differ"),
        ((Posting("A", debit=100, credit=100),), "A needs exactly one of debit and credit"),
        ((Posting("A", debit=100), Posting("B", credit=100), Posting("C")), "C needs exactly one of debit and credit"),
        ((Posting("A", debit=-100), Posting("B", credit=-100)), "A needs exactly one of debit and credit"),
    ],
    ids=["differ", "both sides", "no side", "negative"],
)
def test_an_unbalanced_entry_is_not_posted(store: Store, postings: tuple[Posting, ...], why: str) -> None:
    entry = JournalEntry("refund", "PAY-1", "x", postings)
    with pytest.raises(Unbalanced, match=why):
        check_balance(entry)
    with pytest.raises(Unbalanced, match=why):
        Books(store).post(a_case(store), entry, DAY)
    assert Books(store).entries() == []


def test_a_document_is_posted_once(store: Store) -> None:
    books, case, other = Books(store), a_case(store), a_case(store, "A-2")
    assert books.post(case, refund(), DAY)
    assert not books.post(case, refund(), DAY) and not books.post(other, refund(amount=1), DAY), "the document is posted, whatever it says now"
    assert books.post(other, refund("PAY-2"), DAY)
    lines = books.entries(case)
    assert [(line["account"], line["debit_minor"], line["credit_minor"], line["original_minor"]) for line in lines] == [
        ("4000 Revenue", 15700, 0, 2000),
        ("1200 Bank", 0, 15700, -2000),
    ]
    assert {(line["rma"], line["doc_ref"], line["posted_on"], line["rate_micro"]) for line in lines} == {(case.rma, "PAY-1", DAY, 7_850_000)}
    assert len(books.entries()) == 4 and [event.kind for event in store.timeline(case)].count("journal_posted") == 1


def test_a_voucher_number_is_drawn_once_a_case_and_anew_each_year(store: Store, clock: FixedClock) -> None:
    books, first, second, third = Books(store), a_case(store, "A-1"), a_case(store, "A-2"), a_case(store, "A-3")
    assert [books.voucher(first), books.voucher(second), books.voucher(first)] == ["RV-2026-000001", "RV-2026-000002", "RV-2026-000001"]
    clock.forward(timedelta(days=100))
    assert books.voucher(third) == "RV-2027-000001"
    books.voucher_written("RV-2026-000002", "vouchers/RV-2026-000002.pdf", "ab" * 32)
    assert [(v["number"], v["rma"], v["file"]) for v in books.vouchers()] == [
        ("RV-2026-000001", first.rma, ""),
        ("RV-2026-000002", second.rma, "vouchers/RV-2026-000002.pdf"),
        ("RV-2027-000001", third.rma, ""),
    ]


def test_numbers_drawn_at_once_leave_no_gap(stores: Callable[[str], Store]) -> None:
    shared = stores("setup")
    numbers = at_once(lambda pair: pair[0].voucher(pair[1]), [(Books(stores(f"w{n}")), a_case(shared, f"A-{n}")) for n in range(4)])
    assert sorted(numbers) == [f"RV-2026-00000{n}" for n in (1, 2, 3, 4)]

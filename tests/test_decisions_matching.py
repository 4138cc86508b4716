"""The four-way match: every code on its own example, and control totals that tie whatever comes in."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bots.cases.model import RefundState
from bots.cases.settings import ROOT, load_yaml
from bots.decisions.matching import match
from bots.decisions.matching_rows import ADVICE, GOOD, Code, LedgerRow, MatchResult, MatchRules, OrderRow, ReceiptRow, RefundRow

RULES = load_yaml(ROOT / "config" / "matching.yaml", MatchRules)
NOW = datetime(2026, 10, 20, 8, tzinfo=UTC)


def day(number: int) -> datetime:
    return datetime(2026, 10, number, 8, tzinfo=UTC)


def ordered(**changes: Any) -> OrderRow:
    facts: dict[str, Any] = {
        "row_id": "o1", "order_no": "DE-1", "rma": "RMA-1", "sku": "X", "qty": 1, "expected": 11900, "currency": "EUR",
        "opened_at": day(5), "book_rate": 7_800_000, "instrument": "Visa 4242",
    }  # fmt: skip
    return OrderRow(**(facts | changes))


def received(**changes: Any) -> ReceiptRow:
    return ReceiptRow(**({"row_id": "w1", "order_no": "DE-1", "rma": "RMA-1", "sku": "X", "qty": 1, "accepted_at": day(12)} | changes))


def refunded(**changes: Any) -> RefundRow:
    facts: dict[str, Any] = {
        "row_id": "re_1", "order_no": "DE-1", "rma": "RMA-1", "amount": 11900, "currency": "EUR", "state": RefundState.SETTLED, "at": day(14),
        "settle_rate": 7_900_000, "instrument": "Visa 4242",
    }  # fmt: skip
    return RefundRow(**(facts | changes))


def credited(**changes: Any) -> LedgerRow:
    facts: dict[str, Any] = {
        "row_id": "l1",
        "order_no": "DE-1",
        "rma": "RMA-1",
        "kind": "credit_note",
        "doc_ref": "CN-1",
        "amount": 11900,
        "currency": "EUR",
        "posted_on": date(2026, 10, 14),
    }
    return LedgerRow(**(facts | changes))


def posted(**changes: Any) -> LedgerRow:
    return credited(**({"row_id": "l2", "kind": "cash", "doc_ref": "re_1", "functional": 94010, "fx": 1190} | changes))


def run(orders: list[OrderRow], receipts: list[ReceiptRow], refunds: list[RefundRow], ledger: list[LedgerRow]) -> MatchResult:
    result = match(orders, receipts, refunds, ledger, RULES, NOW)
    assert result.ties
    return result


def code(orders: list[OrderRow], receipts: list[ReceiptRow], refunds: list[RefundRow], ledger: list[LedgerRow]) -> Code:
    return run(orders, receipts, refunds, ledger).cases[0].code


def test_four_legs_that_agree_are_matched() -> None:
    result = run([ordered()], [received()], [refunded()], [credited(), posted()])
    assert [(case.code, case.how) for case in result.cases] == [(Code.MATCHED, "exact")]
    assert {row.status for row in result.rows} == {"matched"} and len(result.rows) == 5
    assert result.counts == {"MATCHED": 1} and result.exceptions == ()


CASES: dict[str, tuple[Code, list[OrderRow], list[ReceiptRow], list[RefundRow], list[LedgerRow]]] = {
    "a cent apart": (Code.MATCHED_TOL, [ordered(expected=11901)], [received()], [refunded()], [credited(), posted()]),
    "kept by the customer": (Code.RETURNLESS_OK, [ordered(returnless=True)], [], [refunded()], [credited(), posted()]),
    "lost by the carrier": (Code.MATCHED, [ordered(early_ok=True)], [], [refunded()], [credited(), posted()]),
    "an exchange": (Code.MATCHED, [ordered(expected=0)], [received()], [], []),
    "under way": (Code.TIMING_PENDING, [ordered()], [], [], []),
    "received yesterday": (Code.TIMING_PENDING, [ordered()], [received(accepted_at=day(19))], [], []),
    "refund not settled": (Code.TIMING_PENDING, [ordered()], [received()], [refunded(state=RefundState.PENDING)], [credited()]),
    "received and forgotten": (Code.MISSED_REFUND, [ordered()], [received()], [], []),
    "too much": (
        Code.OVER_REFUND,
        [ordered()],
        [received()],
        [refunded(amount=12000)],
        [credited(amount=12000), posted(amount=12000, functional=94800, fx=1200)],
    ),
    "too little": (
        Code.UNDER_REFUND,
        [ordered()],
        [received()],
        [refunded(amount=9000)],
        [credited(amount=9000), posted(amount=9000, functional=71100, fx=900)],
    ),
    "twice": (Code.DUP_REFUND, [ordered()], [received()], [refunded(), refunded(row_id="re_2", at=day(15))], [credited(), posted()]),
    "nothing came": (Code.REFUND_NO_RECEIPT, [ordered()], [], [refunded()], [credited(), posted()]),
    "paid before it came": (Code.REFUND_NO_RECEIPT, [ordered()], [received(accepted_at=day(16))], [refunded()], [credited(), posted()]),
    "a part came": (Code.QTY_MISMATCH, [ordered(qty=2)], [received()], [refunded()], [credited(), posted()]),
    "more came": (Code.QTY_MISMATCH, [ordered()], [received(qty=2)], [refunded()], [credited(), posted()]),
    "another article came": (Code.QTY_MISMATCH, [ordered()], [received(), received(row_id="w2", sku="Y")], [refunded()], [credited(), posted()]),
    "no credit note": (Code.LEDGER_MISSING, [ordered()], [received()], [refunded()], [posted()]),
    "payment not posted": (Code.LEDGER_MISSING, [ordered()], [received()], [refunded()], [credited()]),
    "posted tomorrow": (Code.TIMING_PENDING, [ordered()], [received()], [refunded(at=day(19))], []),
    "credited twice": (Code.LEDGER_DUP, [ordered()], [received()], [refunded()], [credited(), credited(row_id="l9", doc_ref="CN-2"), posted()]),
    "paid posted twice": (Code.LEDGER_DUP, [ordered()], [received()], [refunded()], [credited(), posted(), posted(row_id="l9")]),
    "credited wrongly": (Code.LEDGER_AMOUNT, [ordered()], [received()], [refunded()], [credited(amount=11899), posted()]),
    "posted wrongly": (Code.LEDGER_AMOUNT, [ordered()], [received()], [refunded()], [credited(), posted(amount=119)]),
    "disputed too": (Code.CHARGEBACK_OVERLAP, [ordered(disputed=11900)], [received()], [refunded()], [credited(), posted()]),
    "another card": (Code.INSTRUMENT_MISMATCH, [ordered()], [received()], [refunded(instrument="Visa 1111")], [credited(), posted()]),
    "another currency": (Code.CURRENCY_MISMATCH, [ordered()], [received()], [refunded(currency="USD")], []),
    "strange difference": (Code.FX_UNEXPLAINED, [ordered()], [received()], [refunded()], [credited(), posted(fx=990)]),
    "another month": (Code.PERIOD_CUTOFF, [ordered()], [received()], [refunded()], [credited(posted_on=date(2026, 9, 30)), posted()]),
    "posted without refund": (Code.ORPHAN_JOURNAL, [ordered(expected=0)], [received()], [], [posted(doc_ref="re_9")]),
}


@pytest.mark.parametrize("name", CASES)
def test_each_code_on_its_example(name: str) -> None:
    expected, *legs = CASES[name]
    result = run(*legs)
    assert result.cases[0].code is expected
    assert (result.cases[0] in result.exceptions) == (expected not in GOOD)


def test_the_grave_code_names_a_case_and_the_others_are_kept() -> None:
    case = run([ordered()], [], [refunded(amount=12000)], []).cases[0]
    assert case.code is Code.OVER_REFUND
    assert set(case.codes) == {Code.OVER_REFUND, Code.REFUND_NO_RECEIPT, Code.LEDGER_MISSING}


def test_the_second_refund_is_the_duplicate_row() -> None:
    result = run([ordered()], [received()], [refunded(row_id="re_2", at=day(15)), refunded()], [credited(), posted()])
    codes = {row.row_id: row.code for row in result.rows if row.leg == "refunds"}
    assert codes["re_2"] == Code.DUP_REFUND


def test_partial_refunds_make_up_one_case() -> None:
    parts = [refunded(amount=10000), refunded(row_id="re_2", amount=1900)]
    cash = [posted(amount=10000, functional=79000, fx=1000), posted(row_id="l3", doc_ref="re_2", amount=1900, functional=15010, fx=190)]
    case = run([ordered()], [received()], parts, [credited(), *cash]).cases[0]
    assert (case.code, case.how) == (Code.MATCHED, "one_to_many")


def two_returns() -> tuple[list[OrderRow], list[ReceiptRow], list[LedgerRow]]:
    orders = [ordered(), ordered(row_id="o2", rma="RMA-2", sku="Y", expected=5000)]
    receipts = [received(), received(row_id="w2", rma="RMA-2", sku="Y")]
    return (
        orders,
        receipts,
        [credited(), credited(row_id="l3", rma="RMA-2", doc_ref="CN-2", amount=5000), posted(rma="", amount=16900, functional=133510, fx=1690)],
    )


def test_one_refund_for_two_returns_of_an_order() -> None:
    orders, receipts, ledger = two_returns()
    for refund in (refunded(rma="", amount=16900), refunded(rma="", order_no="", amount=16900, covers=("RMA-1", "RMA-2"))):
        result = run(orders, receipts, [refund], ledger)
        assert [(case.code, case.how, case.refunded) for case in result.cases] == [(Code.MATCHED, "many_to_one", 11900), (Code.MATCHED, "many_to_one", 5000)]
        assert [row.rma for row in result.rows if row.leg == "refunds"] == ["RMA-1, RMA-2"]


def test_a_batch_that_does_not_add_up_is_an_orphan() -> None:
    orders, receipts, ledger = two_returns()
    result = run(orders, receipts, [refunded(rma="", order_no="", amount=16901, covers=("RMA-1", "RMA-2"))], ledger)
    assert [row.code for row in result.rows if row.leg == "refunds"] == [Code.ORPHAN_REFUND]


def test_a_refund_without_rma_goes_to_the_return_of_its_amount() -> None:
    orders, receipts, _ = two_returns()
    result = run(orders, receipts, [refunded(rma="", amount=5000)], [])
    assert [case.refunded for case in result.cases] == [0, 5000]


def test_rows_of_nobody_are_orphans_and_only_suggested() -> None:
    result = run(
        [ordered()],
        [received(), received(row_id="w9", rma="RMA-9", order_no="?")],
        [refunded(rma="", order_no="")],
        [credited(rma="", order_no="", row_id="l9")],
    )
    assert {row.row_id: row.code for row in result.rows if row.leg != "orders"} == {
        "w1": Code.MISSED_REFUND,
        "w9": Code.ORPHAN_RECEIPT,
        "re_1": Code.ORPHAN_REFUND,
        "l9": Code.ORPHAN_JOURNAL,
    }
    assert [(one.leg, one.row_id, one.rma, one.days_apart) for one in result.suggestions] == [("refunds", "re_1", "RMA-1", 2), ("ledger", "l9", "RMA-1", 2)]


def test_suggestions_need_amount_and_date() -> None:
    assert not run([ordered()], [received()], [refunded(rma="", order_no="", amount=11800)], []).suggestions
    assert not run([ordered()], [received()], [refunded(rma="", order_no="", at=day(18))], []).suggestions


def test_what_is_left_out_says_why() -> None:
    result = run(
        [ordered(), ordered(row_id="o2", rma="RMA-2", excluded="rejected")],
        [received()],
        [refunded(), refunded(row_id="re_0", state=RefundState.FAILED)],
        [credited(), posted()],
    )
    assert {row.row_id: row.code for row in result.rows if row.status == "excluded"} == {"o2": "rejected", "re_0": "failed refund"}
    assert [case.code for case in result.cases] == [Code.MATCHED]


def test_every_code_has_advice_or_is_good() -> None:
    assert set(ADVICE) | GOOD == set(Code)


ROWS = st.integers(0, 5)


@st.composite
def legs(draw: st.DrawFn) -> tuple[list[OrderRow], list[ReceiptRow], list[RefundRow], list[LedgerRow]]:
    """Anything: rows with and without a case, in several currencies, excluded or failed."""
    rma = st.sampled_from(["RMA-1", "RMA-2", "RMA-3", ""])
    order = st.sampled_from(["DE-1", "DE-2", ""])
    amount, currency, out = st.sampled_from([0, 5000, 11900]), st.sampled_from(["EUR", "USD"]), st.sampled_from(["", "", "", "test order"])

    def base(number: int) -> dict[str, Any]:
        return {"row_id": str(number), "rma": draw(rma), "order_no": draw(order), "excluded": draw(out)}

    moment = st.integers(1, 19).map(day)
    orders = [
        OrderRow(**base(n), sku=draw(st.sampled_from(["X", ""])), qty=draw(ROWS), expected=draw(amount), currency=draw(currency), opened_at=draw(moment))
        for n in range(draw(ROWS))
    ]
    receipts = [ReceiptRow(**base(n), sku=draw(st.sampled_from(["X", "Y"])), qty=draw(ROWS), accepted_at=draw(moment)) for n in range(draw(ROWS))]
    refunds = [
        RefundRow(
            **base(n),
            amount=draw(amount),
            currency=draw(currency),
            state=draw(st.sampled_from(RefundState)),
            at=draw(moment),
            covers=draw(st.sampled_from([(), ("RMA-1", "RMA-2")])),
        )
        for n in range(draw(ROWS))
    ]
    ledger = [
        LedgerRow(
            **base(n),
            kind=draw(st.sampled_from(["credit_note", "cash"])),
            doc_ref=draw(st.sampled_from(["0", "1", "CN"])),
            amount=draw(amount),
            currency=draw(currency),
            posted_on=draw(moment).date(),
        )
        for n in range(draw(ROWS))
    ]
    return orders, receipts, refunds, ledger


@given(legs())
def test_every_row_is_accounted_for(rows: tuple[list[OrderRow], list[ReceiptRow], list[RefundRow], list[LedgerRow]]) -> None:
    result = match(*rows, RULES, NOW)
    assert result.ties
    assert sorted((row.leg, row.row_id) for row in result.rows) == sorted(
        (leg, row.row_id) for leg, part in zip(("orders", "receipts", "refunds", "ledger"), rows, strict=True) for row in part
    )
    for case in result.cases:
        if case.code is Code.MATCHED:
            assert case.refunded == case.expected


def test_a_hundred_thousand_rows_of_twenty_five_thousand_cases_of_four_legs() -> None:
    many = range(25_000)
    orders = [ordered(row_id=f"o{n}", order_no=f"DE-{n}", rma=f"RMA-{n}") for n in many]
    receipts = [received(row_id=f"w{n}", order_no=f"DE-{n}", rma=f"RMA-{n}") for n in many]
    refunds = [refunded(row_id=f"re_{n}", order_no=f"DE-{n}", rma=f"RMA-{n}" if n % 2 else "") for n in many]
    ledger = [credited(row_id=f"l{n}", order_no=f"DE-{n}", rma=f"RMA-{n}") for n in many]
    result = match(orders, receipts, refunds, ledger, RULES, NOW)
    assert result.ties and len(result.rows) == 100_000
    assert result.counts == {"LEDGER_MISSING": 25_000}
    assert all(case.age_days == timedelta(days=15).days for case in result.cases)

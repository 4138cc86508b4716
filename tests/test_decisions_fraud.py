"""Fraud and error patterns: each one is found on its own example, a plain case has none, and the score can be added up by hand."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bots.cases.model import Capture, CreditNote, Dispute, Milestone, PaymentRecord, Refund, RefundState, ReturnRequest, SalesReturn
from bots.cases.money import Money
from bots.cases.settings import ROOT, load_yaml
from bots.decisions.fraud import screen_request
from bots.decisions.fraud_refunds import (
    RefundFacts,
    failed,
    insiders,
    other_period,
    outside_window,
    overdue,
    screen_parcel,
    screen_refund,
    swapped_on_the_way,
    worn,
)
from bots.decisions.fraud_rules import RULES as ALL_RULES
from bots.decisions.fraud_rules import FraudRules, History, score
from tests.decisions_samples import NOW, event, order, parcel, receipt

RULES = load_yaml(ROOT / "config" / "fraud.yaml", FraudRules)


def pounds(minor: int) -> Money:
    return Money(minor=minor, currency="GBP")


def request(**changes: Any) -> ReturnRequest:
    facts: dict[str, Any] = {
        "channel": "shop",
        "order_no": "GB-2026-104233",
        "intent": "return_request",
        "reason_code": "CHANGED_MIND",
        "requested_at": datetime(2026, 10, 2, tzinfo=UTC),
        "sender": "Ann@Example.org",
    }
    return ReturnRequest(**(facts | changes))


def payment(*refunds: Refund, disputes: tuple[Dispute, ...] = ()) -> PaymentRecord:
    capture = Capture(capture_id="cap_1", order_no="GB-2026-104233", method="card", instrument="Visa •••• 4242", amount=pounds(21369))
    return PaymentRecord(order_no="GB-2026-104233", captures=(capture,), refunds=refunds, disputes=disputes)


def refund(minor: int = 21369, state: RefundState = RefundState.SETTLED, reference: str = "RMA-1") -> Refund:
    return Refund(refund_id="re_1", reference=reference, amount=pounds(minor), state=state)


def dispute(state: str) -> Dispute:
    return Dispute(dispute_id="dp_1", order_no="GB-2026-104233", kind="chargeback", state=state, amount=pounds(21369))


def test_a_plain_request_is_clear() -> None:
    result = screen_request(request(), order(), payment(), RULES, history=History(orders=5, returns=1))
    assert (result.value, result.score, result.findings) == ("clear", 0, ())
    assert screen_request(request(sender=""), order(), None, RULES).value == "clear", "a marketplace vouches for its buyer"


@pytest.mark.parametrize(
    ("rule", "value", "asked", "paid", "history"),
    [
        ("F02", "hold", {"new_ibans": ("DE89370400440532013000",)}, payment(), History()),
        ("F06", "hold", {}, payment(refund()), History()),
        ("F07", "hold", {}, payment(disputes=(dispute("open"),)), History()),
        ("F07", "hold", {}, payment(disputes=(dispute("lost"),)), History()),
        ("F08", "hold", {}, payment(), History(not_received_claims=("GB-2026-104233",))),
        ("F15", "review", {}, payment(), History(orders=40, returns=30)),
        ("F15", "review", {}, payment(), History(returns_7d=4)),
        ("F16", "hold", {"sender": "eve@example.org"}, payment(), History()),
        ("F16", "review", {}, payment(), History(accounts_at_address=3)),
        ("F17", "clear", {"requested_at": datetime(2026, 9, 25, tzinfo=UTC)}, payment(), History()),
        ("F17", "clear", {"requested_at": datetime(2026, 9, 26, 0, 5, tzinfo=UTC)}, payment(), History()),
        ("F18", "hold", {"quantity": 9}, payment(), History()),
    ],
)
def test_each_pattern_of_a_request_is_told(rule: str, value: str, asked: dict[str, Any], paid: PaymentRecord, history: History) -> None:
    result = screen_request(request(**asked), order(), paid, RULES, history=history)
    assert [finding.rule for finding in result.findings] == [rule]
    assert result.value == value and result.findings[0].fix


def test_what_was_won_failed_or_is_ones_own_is_no_pattern() -> None:
    assert screen_request(request(), order(), payment(disputes=(dispute("won"),)), RULES).value == "clear"
    assert screen_request(request(), order(), payment(refund(state=RefundState.FAILED)), RULES).value == "clear"
    assert screen_request(request(), order(), payment(refund()), RULES, own_rma="RMA-1").value == "clear"
    assert screen_request(request(), order(), payment(refund(5000)), RULES).value == "clear", "a part was refunded, the rest may come back"
    assert screen_request(request(fulfilled_by="amazon"), order(), payment(refund()), RULES).value == "clear", "the marketplace refunded; it is only booked"


def test_a_partial_refund_by_bank_transfer_is_no_second_refund() -> None:
    by_bank = payment(refund(5000)).model_copy(update={"captures": ()})
    assert screen_request(request(), order(), by_bank, RULES).value == "clear"
    whole = payment(refund()).model_copy(update={"captures": ()})
    assert screen_request(request(), order(), whole, RULES).rules == ("F06",)


def test_articles_credited_before_are_not_credited_again() -> None:
    note = CreditNote(number="CN-1", order_no="GB-2026-104233", rma="RMA-0", gross=pounds(21369))
    back = SalesReturn(return_no="SR-1", order_no="GB-2026-104233", rma="RMA-0", lines=(("HP-ANC200", 1), ("BLK-WOOL", 2)))
    result = screen_request(request(), order(credit_notes=(note,), returns=(back,)), payment(), RULES)
    assert [finding.rule for finding in result.findings] == ["F06"] and "CN-1" in result.findings[0].what


def test_few_orders_say_little() -> None:
    assert screen_request(request(), order(), payment(), RULES, history=History(orders=2, returns=2)).value == "clear"


def test_the_account_asked_for_is_not_repeated_in_full() -> None:
    result = screen_request(request(new_ibans=("DE89370400440532013000",)), order(), payment(), RULES)
    assert "370400440532" not in result.model_dump_json()


def facts(**changes: Any) -> RefundFacts:
    base: dict[str, Any] = {
        "rma": "RMA-1",
        "amount": pounds(8990),
        "computed": pounds(8990),
        "capture": payment().captures[0],
        "unit_refunds": (("HP-ANC200", 8990, 8990),),
    }
    return RefundFacts(**(base | changes))


def test_a_plain_refund_is_clear() -> None:
    assert screen_refund(facts(), payment(), RULES).value == "clear"
    iban = "DE89 3704 0044 0532 0130 00"
    assert screen_refund(facts(capture=None, payee_iban=iban, payer_iban=iban.replace(" ", "")), None, RULES).value == "clear"


@pytest.mark.parametrize(
    ("rule", "changes", "paid"),
    [
        ("F01", {"amount": pounds(8991)}, payment()),
        ("F01", {"amount": Money(minor=8990, currency="EUR")}, None),
        ("F02", {"capture": None, "payee_iban": "LT121000011101001000", "payer_iban": "DE89370400440532013000"}, None),
        ("F02", {"capture": None}, None),
        ("F05", {"received": False}, payment()),
        ("F06", {}, payment(refund(8990))),
        ("F06", {}, payment(refund(15000, RefundState.PENDING, "RMA-9"))),
        ("F07", {}, payment(disputes=(dispute("open"),))),
        ("F19", {"unit_refunds": (("HP-ANC200", 8990, 8090),)}, payment()),
        ("F20", {"capture": payment().captures[0].model_copy(update={"method": "gift_card"}), "payee_iban": "DE89370400440532013000"}, payment()),
    ],
)
def test_each_pattern_of_a_refund_holds_it(rule: str, changes: dict[str, Any], paid: PaymentRecord | None) -> None:
    result = screen_refund(facts(**changes), paid, RULES)
    assert rule in result.rules and result.value == "hold"


def test_early_refunds_and_failed_ones_do_not_count_against() -> None:
    assert screen_refund(facts(received=False, early_allowed=True), payment(), RULES).value == "clear"
    assert screen_refund(facts(), payment(refund(8990, RefundState.FAILED)), RULES).value == "clear"


def test_a_false_delivery_scan_is_suspected() -> None:
    delivered = parcel(event(Milestone.ACCEPTED, 1), event(Milestone.DELIVERED, 5))
    assert screen_parcel(delivered, None, 310, RULES, NOW).rules == ("F13",)
    assert screen_parcel(delivered, receipt(), 310, RULES, NOW).value == "clear"
    assert screen_parcel(parcel(first_scan_g=30), None, 310, RULES, NOW).rules == ("F13",)
    assert screen_parcel(parcel(), None, 310, RULES, NOW, same_number_rmas=["RMA-1", "RMA-2"]).rules == ("F13",)
    assert screen_parcel(parcel(), None, 310, RULES, NOW, same_number_rmas=["RMA-1", "RMA-1"]).value == "clear"


def test_patterns_of_goods_books_and_people() -> None:
    last = date(2026, 10, 10)
    assert worn("apparel", date(2026, 10, 9), last, "used_worn", RULES) and not worn("apparel", date(2026, 9, 30), last, "used_worn", RULES)
    assert not worn("home", date(2026, 10, 9), last, "used_worn", RULES)
    accepted = NOW - timedelta(days=6)
    assert overdue(accepted, None, None, RULES, NOW) and not overdue(accepted, refund(), None, RULES, NOW)
    assert overdue(NOW - timedelta(days=1), None, NOW - timedelta(hours=1), RULES, NOW), "the law's day comes first"
    assert failed(refund(state=RefundState.FAILED), RULES) and not failed(refund(), RULES)
    assert swapped_on_the_way("A", "D", RULES) and not swapped_on_the_way("A", "A-", RULES)
    assert other_period(date(2026, 9, 30), date(2026, 10, 1), RULES) and not other_period(date(2026, 10, 1), date(2026, 10, 31), RULES)
    assert outside_window("P05", RULES) and not outside_window("P01", RULES)
    alone = insiders([("bot", "bot", pounds(60000)), ("bot", "bot", pounds(10))], {"GBP": 50000}, RULES)
    assert [finding.rule for finding in alone] == ["F21"]
    near = insiders([("eve", "ann", pounds(49000))] * 5, {"GBP": 50000}, RULES)
    assert len(near) == 1 and "eve" in near[0].what
    assert insiders([("eve", "ann", pounds(40000))] * 5, {"GBP": 50000}, RULES) == ()


def test_points_add_up_once_a_rule() -> None:
    both = screen_request(request(sender="eve@example.org", requested_at=datetime(2026, 9, 25, tzinfo=UTC)), order(), payment(), RULES)
    assert both.score == RULES.points["F16"] + RULES.points["F17"]
    assert both.reasons[-1] == f"{both.score} points (F16 {RULES.points['F16']}, F17 {RULES.points['F17']})."
    assert score([*both.findings, *both.findings], RULES).score == both.score


def test_every_rule_has_points() -> None:
    data = RULES.model_dump()
    del data["points"]["F11"]
    with pytest.raises(ValueError, match="F11"):
        FraudRules.model_validate(data)
    with pytest.raises(ValueError, match="F99"):
        FraudRules.model_validate(RULES.model_dump() | {"points": {**RULES.points, "F99": 1}})
    assert len(ALL_RULES) == 25


@given(st.integers(0, 500), st.integers(0, 500))
def test_more_returns_never_look_better(orders: int, extra: int) -> None:
    few = screen_request(request(), order(), payment(), RULES, history=History(orders=orders + extra, returns=orders // 2))
    many = screen_request(request(), order(), payment(), RULES, history=History(orders=orders + extra, returns=orders))
    assert many.score >= few.score

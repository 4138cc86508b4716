"""How much goes back: components that sum, parts that make the whole, and never more than was taken."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bots.cases.model import Capture, Dispute, Order, OrderLine, PaymentRecord, Refund, RefundState
from bots.cases.money import Money, tax_in
from bots.decisions.amounts import lines_paid, plan_refund, refundable, units_paid


def line(number: int, qty: int, unit_gross: int, discount: int = 0, tax_bp: int = 1900) -> OrderLine:
    return OrderLine(line_no=number, sku=f"SKU-{number}", name=f"Article {number}", qty=qty, unit_gross=unit_gross, line_discount=discount, tax_bp=tax_bp)


def an_order(*lines: OrderLine, **changes: Any) -> Order:
    return Order(**{"order_no": "DE-2026-100001", "currency": "EUR", "lines": lines, **changes})


@st.composite
def orders(draw: st.DrawFn) -> Order:
    """Orders as shops have them: discounts of a line and of the order, never more than the goods."""
    lines = []
    for number in range(1, draw(st.integers(1, 5)) + 1):
        qty, unit = draw(st.integers(1, 7)), draw(st.integers(0, 200_000))
        lines.append(line(number, qty, unit, draw(st.integers(0, qty * unit)), draw(st.sampled_from([0, 700, 1900, 2500]))))
    goods = sum(one.list_gross for one in lines)
    return an_order(*lines, discount=draw(st.integers(0, goods)), shipping_standard=draw(st.integers(0, 2000)))


@given(orders())
def test_what_the_lines_were_paid_is_the_order_less_its_discounts(order: Order) -> None:
    assert sum(lines_paid(order).values()) == sum(one.list_gross for one in order.lines) - order.discount
    for one in order.lines:
        units = units_paid(order, one.sku)
        assert len(units) == one.qty and sum(units) == lines_paid(order)[one.sku] and 0 <= min(units) <= max(units) <= min(units) + 1


@given(orders(), st.data())
def test_partial_refunds_of_a_line_sum_to_the_line_exactly(order: Order, data: st.DataObject) -> None:
    for one in order.lines:
        left, before, back = one.qty, 0, 0
        while left:
            qty = data.draw(st.integers(1, left))
            plan = plan_refund(order, [(one.sku, qty)], shipping=0, label_fee=0, basis="withdrawal", units_before={one.sku: before})
            assert plan.lines == ((one.sku, qty),) and plan.gross >= 0
            left, before, back = left - qty, before + qty, back + plan.gross
        assert back == lines_paid(order)[one.sku]


@given(orders(), st.integers(0, 900), st.integers(0, 900))
def test_the_components_are_the_amount(order: Order, label_fee: int, diminished: int) -> None:
    everything = [(one.sku, one.qty) for one in order.lines]
    plan = plan_refund(order, everything, shipping=order.shipping_standard, label_fee=label_fee, basis="withdrawal", diminished=diminished)
    goods = sum(one.list_gross for one in order.lines) - order.discount
    assert plan.gross == sum(part.gross for part in plan.components) == goods + order.shipping_standard - label_fee - diminished
    assert plan.tax == sum(part.tax for part in plan.components) and plan.amount == Money(minor=plan.gross, currency="EUR")
    signs = {part.rule: part.gross >= 0 and part.tax >= 0 for part in plan.components if part.gross}
    assert all(positive == (rule in ("A01", "A02")) for rule, positive in signs.items()), "deductions are negative, all else is not"


def test_a_refund_as_a_clerk_would_write_it() -> None:
    """Two of three shirts from an order with 10.00 off, shipping given back, label charged, wear deducted."""
    order = an_order(line(1, 3, 1999), line(2, 1, 2500, 500, 700), discount=1000)
    assert lines_paid(order) == {"SKU-1": 5997 - 750, "SKU-2": 2000 - 250} and units_paid(order, "SKU-1") == [1749, 1749, 1749]
    plan = plan_refund(order, [("SKU-1", 2)], shipping=499, label_fee=750, basis="withdrawal", diminished=300)
    assert [(part.rule, part.what, part.gross, part.tax) for part in plan.components] == [
        ("A01", "Article 1", 3498, 559),
        ("A02", "outbound standard shipping", 499, 80),
        ("A03", "return label", -750, -120),
        ("A04", "diminished value", -300, -48),
    ]
    assert (plan.gross, plan.tax, plan.basis, plan.order_no) == (2947, 471, "withdrawal", "DE-2026-100001")


def test_odd_cents_lie_on_the_first_units_and_an_earlier_return_took_them() -> None:
    order = an_order(line(1, 3, 1000), discount=1)
    assert units_paid(order, "SKU-1") == [1000, 1000, 999]
    last = plan_refund(order, [("SKU-1", 1)], shipping=0, label_fee=0, basis="x", units_before={"SKU-1": 2})
    assert last.gross == 999 and last.tax == tax_in(999, 1900)


def test_an_article_that_was_not_bought_is_an_error() -> None:
    with pytest.raises(LookupError, match="DE-2026-100001 has no line SKU-9"):
        plan_refund(an_order(line(1, 1, 100)), [("SKU-9", 1)], shipping=0, label_fee=0, basis="x")


def payment(captured: list[int], refunded: list[tuple[int, RefundState]] = [], disputed: list[tuple[int, str]] = [], currency: str = "EUR") -> PaymentRecord:  # noqa: B006 - never changed
    def money(minor: int) -> Money:
        return Money(minor=minor, currency=currency)

    return PaymentRecord(
        order_no="A",
        captures=tuple(Capture(capture_id=f"C{n}", order_no="A", method="card", instrument="Visa", amount=money(m)) for n, m in enumerate(captured)),
        refunds=tuple(Refund(refund_id=f"R{n}", amount=money(m), state=state) for n, (m, state) in enumerate(refunded)),
        disputes=tuple(Dispute(dispute_id=f"D{n}", order_no="A", kind="fraud", state=state, amount=money(m)) for n, (m, state) in enumerate(disputed)),
    )


@pytest.mark.parametrize(
    ("record", "left"),
    [
        (payment([10000]), 10000),
        (payment([6000, 4000]), 10000),
        (payment([10000], [(3000, RefundState.SETTLED), (2000, RefundState.PENDING)]), 5000),
        (payment([10000], [(3000, RefundState.FAILED)]), 10000),
        (payment([10000], disputed=[(4000, "open"), (1000, "Won"), (2000, "closed"), (500, "lost")]), 5500),
        (payment([10000], [(10000, RefundState.SETTLED)], [(10000, "open")]), 0),
        (payment([10000], currency="USD"), 0),
        (payment([]), 0),
    ],
    ids=["nothing yet", "two captures", "settled and pending count", "failed does not", "disputes", "never below nothing", "other currency", "not captured"],
)
def test_no_more_than_what_is_left_of_the_payment(record: PaymentRecord, left: int) -> None:
    assert refundable(record, "EUR") == Money(minor=left, currency="EUR")


@given(st.lists(st.integers(0, 10**6), max_size=4), st.lists(st.tuples(st.integers(0, 10**6), st.sampled_from(RefundState)), max_size=4))
def test_what_stands_and_what_is_left_never_exceed_what_was_taken(captured: list[int], refunded: list[tuple[int, RefundState]]) -> None:
    left = refundable(payment(captured, refunded), "EUR").minor
    standing = sum(minor for minor, state in refunded if state is not RefundState.FAILED)
    assert left == max(0, sum(captured) - standing)

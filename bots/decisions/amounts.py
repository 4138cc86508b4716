"""How much goes back: components in integer minor units, capped by what was captured.

A01 goods: paid value of the units after line discount and their share of the order's discount
A02 outbound standard shipping, where policy gives it back
A03 return label, where the customer pays it
A04 diminished value, with the evidence of an inspection and a person's approval (Dir. 2011/83/EU art. 14(2))
A05 cap: captured - refunded or pending - disputed
"""

from __future__ import annotations

from collections.abc import Sequence

from pydantic import BaseModel, ConfigDict

from bots.cases.model import Order, PaymentRecord, RefundState
from bots.cases.money import Money, allocate, tax_in


class Component(BaseModel):
    """One part of a refund; deductions are negative."""

    model_config = ConfigDict(frozen=True)

    rule: str
    what: str
    sku: str = ""
    qty: int = 0
    gross: int
    tax: int = 0


class RefundPlan(BaseModel):
    """What is to be refunded and why. Amounts in minor units of `currency`, VAT included."""

    model_config = ConfigDict(frozen=True)

    order_no: str
    currency: str
    components: tuple[Component, ...]
    basis: str = ""

    @property
    def gross(self) -> int:
        return sum(part.gross for part in self.components)

    @property
    def tax(self) -> int:
        return sum(part.tax for part in self.components)

    @property
    def amount(self) -> Money:
        return Money(minor=self.gross, currency=self.currency)

    @property
    def lines(self) -> tuple[tuple[str, int], ...]:
        return tuple((part.sku, part.qty) for part in self.components if part.sku)


def lines_paid(order: Order) -> dict[str, int]:
    """What each line (by SKU) was paid: list value less its discount less its share of the order's discount, by largest remainder."""
    weights = [line.list_gross for line in order.lines]
    shares = allocate(order.discount, weights)
    return {line.sku: value - share for line, value, share in zip(order.lines, weights, shares, strict=True)}


def units_paid(order: Order, sku: str) -> list[int]:
    """What each unit of a line was paid; odd cents lie on the first units, so that partial refunds sum to the line exactly."""
    line = order.line(sku)
    if line is None:
        raise LookupError(f"{order.order_no} has no line {sku}")
    return allocate(lines_paid(order)[sku], [1] * line.qty)


def plan_refund(
    order: Order,
    lines: Sequence[tuple[str, int]],
    *,
    shipping: int,
    label_fee: int,
    basis: str,
    units_before: dict[str, int] | None = None,
    diminished: int = 0,
) -> RefundPlan:
    """The refund for these units. `units_before` are units of the line refunded earlier; they took the first shares."""
    parts: list[Component] = []
    for sku, qty in lines:
        start = (units_before or {}).get(sku, 0)
        gross = sum(units_paid(order, sku)[start : start + qty])
        line = order.line(sku)
        assert line is not None
        parts.append(Component(rule="A01", what=line.name or sku, sku=sku, qty=qty, gross=gross, tax=tax_in(gross, line.tax_bp)))
    rate = max((line.tax_bp for line in order.lines), default=0)
    if shipping:
        parts.append(Component(rule="A02", what="outbound standard shipping", gross=shipping, tax=tax_in(shipping, rate)))
    if label_fee:
        parts.append(Component(rule="A03", what="return label", gross=-label_fee, tax=-tax_in(label_fee, rate)))
    if diminished:
        parts.append(Component(rule="A04", what="diminished value", gross=-diminished, tax=-tax_in(diminished, rate)))
    return RefundPlan(order_no=order.order_no, currency=order.currency, components=tuple(parts), basis=basis)


def refundable(payment: PaymentRecord, currency: str) -> Money:
    """What may still be refunded: captured less refunds that stand or are under way, less open or lost disputes (A05)."""
    captured = sum(c.amount.minor for c in payment.captures if c.amount.currency == currency)
    back = sum(r.amount.minor for r in payment.refunds if r.amount.currency == currency and r.state is not RefundState.FAILED)
    disputed = sum(d.amount.minor for d in payment.disputes if d.amount.currency == currency and d.state.casefold() not in ("won", "closed"))
    return Money(minor=max(0, captured - back - disputed), currency=currency)

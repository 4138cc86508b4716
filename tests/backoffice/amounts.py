"""What a return is worth: the truth's own arithmetic, kept apart from the suite's. Integer minor units throughout."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

US_LABEL_FEE = 750  # USD cents, deducted from a change of mind under shop policy


@dataclass(frozen=True)
class Line:
    """The part of an order line that decides money: `unit` is gross, `discount` the line's own, gross."""

    line_no: int
    sku: str
    qty: int
    unit: int
    discount: int = 0

    @property
    def value(self) -> int:
        return self.qty * self.unit - self.discount


def spread(total: int, weights: Sequence[int]) -> list[int]:
    """`total` over `weights` by largest remainder; equal remainders go to the earlier one."""
    whole = sum(weights)
    if whole == 0:
        return [0] * len(weights)
    shares = [total * weight // whole for weight in weights]
    order = sorted(range(len(weights)), key=lambda i: (-(total * weights[i] % whole), i))
    for i in order[: total - sum(shares)]:
        shares[i] += 1
    return shares


def paid_by_line(lines: Sequence[Line], order_discount: int) -> dict[int, int]:
    """What was paid for each line, by line number: its value less its share of the order's discount."""
    ordered = sorted(lines, key=lambda line: line.line_no)
    shares = spread(order_discount, [line.value for line in ordered])
    return {line.line_no: line.value - share for line, share in zip(ordered, shares, strict=True)}


def units_paid(paid: int, qty: int, back: int) -> int:
    """The first `back` of `qty` units: each is paid/qty, the odd minor units lie on the first units."""
    return sum(spread(paid, [1] * qty)[:back])


def refund(lines: Sequence[Line], order_discount: int, shipping: int, back: Mapping[int, int], *, fault: bool, statutory: bool, country: str, days: int) -> int:
    """The refund for `back` (line number to units), asked `days` after delivery.

    Shipping is given back for the whole order only, on a statutory withdrawal or a seller's fault within 30 days.
    A change of mind under shop policy in the US bears the return label.
    """
    paid = paid_by_line(lines, order_discount)
    amount = sum(units_paid(paid[line.line_no], line.qty, back.get(line.line_no, 0)) for line in lines)
    whole = all(back.get(line.line_no, 0) == line.qty for line in lines)
    if whole and ((fault and days <= 30) or (not fault and statutory)):
        amount += shipping
    if not fault and country == "US":
        amount -= US_LABEL_FEE
    return amount

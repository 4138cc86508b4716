"""Fraud and error patterns that can be known when a request comes in (F02, F06 to F08, F15 to F18): one function a pattern.

A pattern is told as a finding or not at all. The others are in bots.decisions.fraud_refunds (before money moves, parcels, books) and in
bots.decisions.receiving (the counting of goods: F03, F09 to F12).
The score holds automation back. It rejects nothing: a statutory right stays one, and an adverse decision needs a person (GDPR art. 22).
"""

from __future__ import annotations

from datetime import timedelta

from bots.cases.model import Order, PaymentRecord, RefundState, ReturnRequest
from bots.cases.money import Money
from bots.decisions.decision import Finding
from bots.decisions.fraud_rules import NOTHING_KNOWN, FraudRules, History, Screening, score, told
from bots.decisions.policy import left_to_return, meant_lines, same_person

__all__ = ["FraudRules", "History", "Screening", "screen_request"]


def screen_request(
    request: ReturnRequest, order: Order, payment: PaymentRecord | None, rules: FraudRules, *, history: History = NOTHING_KNOWN, own_rma: str = ""
) -> Screening:
    """Everything that can be known about a request before anything is done for it. `own_rma` is this case's number, whose own papers do not count."""
    checks = (
        other_account(request, rules),
        refunded_before(request, order, payment, rules, own_rma),
        disputed(payment, rules),
        two_claims(request, history, rules),
        frequent(history, rules),
        somebody_else(request, order, rules),
        many_accounts(history, rules),
        too_soon(request, order, rules),
        too_many(request, order, rules, own_rma),
    )
    return score((finding for finding in checks if finding), rules)


def other_account(request: ReturnRequest, rules: FraudRules) -> Finding | None:
    """F02: the mail names another account; money goes back the way it came (Dir. 2011/83/EU art. 13(1))."""
    if not request.new_ibans:
        return None
    masked = ", ".join(f"{iban[:4]}...{iban[-4:]}" for iban in request.new_ibans)
    return told(
        "F02",
        rules,
        "The mail asks for the money on another account.",
        "Refund to the original means of payment, or agree the new one by telephone.",
        field="iban",
        actual=masked,
    )


def refunded_before(request: ReturnRequest, order: Order, payment: PaymentRecord | None, rules: FraudRules, own_rma: str = "") -> Finding | None:
    """F06: everything was refunded or credited before; where no capture is shown (bank transfers) the order's total says what was paid. A marketplace that refunds and only wants it booked is no double refund."""
    if request.fulfilled_by != "seller":
        return None
    stands = [refund for refund in payment.refunds if refund.state is not RefundState.FAILED and refund.reference != own_rma] if payment else []
    captured = sum(capture.amount.minor for capture in payment.captures if capture.amount.currency == order.currency) if payment else 0
    back = sum(refund.amount.minor for refund in stands if refund.amount.currency == order.currency)
    paid = captured or sum(line.list_gross for line in order.lines) - order.discount + order.shipping_standard + order.shipping_express
    if stands and back >= paid:
        numbers = ", ".join(refund.refund_id for refund in stands)
        shown = Money(minor=back, currency=order.currency)
        return told(
            "F06", rules, f"{shown} was refunded before ({numbers}).", "Send the customer the proof of the earlier refund.", field="refunds", actual=numbers
        )
    lines = meant_lines(order, request) or order.lines
    notes = [note.number for note in order.credit_notes if note.rma != own_rma]
    if notes and not any(left_to_return(order, line, own_rma) for line in lines):
        return told(
            "F06",
            rules,
            f"These articles were credited before ({', '.join(notes)}).",
            "Send the customer the earlier credit note.",
            field="credit_notes",
            actual=", ".join(notes),
        )
    return None


def disputed(payment: PaymentRecord | None, rules: FraudRules) -> Finding | None:
    """F07: a dispute that is open or lost has taken the money already; paying again would be paying twice."""
    live = [one for one in payment.disputes if one.state.strip().casefold() not in ("won", "closed", "cancelled", "withdrawn")] if payment else []
    if not live:
        return None
    what = f"A {live[0].kind} over {live[0].amount} is {live[0].state} on this payment."
    return told("F07", rules, what, "Answer the dispute; refund nothing while it runs.", field="disputes", actual=", ".join(one.dispute_id for one in live))


def two_claims(request: ReturnRequest, history: History, rules: FraudRules) -> Finding | None:
    """F08: said to have never arrived, and now sent back."""
    if request.order_no in history.not_received_claims and request.reason_code not in ("NOT_RECEIVED", "UNDELIVERABLE"):
        return told(
            "F08",
            rules,
            "This order was claimed as not received, and now as a return.",
            "Freeze both claims and ask the carrier for proof of delivery.",
            field="order_no",
            actual=request.order_no,
        )
    return None


def shrunk_rate(returns: int, orders: int, rules: FraudRules) -> float:
    """Share of orders returned, drawn towards the cohort's: three of three says less than thirty of thirty."""
    return (returns + rules.cohort_rate * rules.cohort_weight) / (orders + rules.cohort_weight)


def frequent(history: History, rules: FraudRules) -> Finding | None:
    """F15: returns far more often than customers do."""
    rate = shrunk_rate(history.returns, history.orders, rules)
    if history.returns_7d >= rules.velocity_7d or history.returns_90d >= rules.velocity_90d:
        what = f"{history.returns_7d} returns in 7 days, {history.returns_90d} in 90."
    elif rate >= rules.cohort_rate * rules.unusual_factor:
        what = f"{history.returns} of {history.orders} orders came back (weighted {rate:.0%}, usual {rules.cohort_rate:.0%})."
    else:
        return None
    return told("F15", rules, what, "Look at the earlier returns; a statutory right stays one.", field="returns", actual=str(history.returns))


def somebody_else(request: ReturnRequest, order: Order, rules: FraudRules) -> Finding | None:
    """F16: the sender is not who bought. A marketplace vouches for its buyers."""
    if not request.sender or same_person(request.sender, order):
        return None
    return told(
        "F16",
        rules,
        "The mail comes from another address than the one on the order.",
        "Answer to the address on the order only.",
        field="sender",
        expected=order.buyer_email,
        actual=request.sender,
    )


def many_accounts(history: History, rules: FraudRules) -> Finding | None:
    """F16: one address, many accounts."""
    if history.accounts_at_address < rules.accounts_at_address:
        return None
    what = f"{history.accounts_at_address} accounts share this address."
    return told(
        "F16", rules, what, "See whether it is a family, an office or a forwarder.", key="F16b", field="address", actual=str(history.accounts_at_address)
    )


def too_soon(request: ReturnRequest, order: Order, rules: FraudRules) -> Finding | None:
    """F17: asked for before the goods were there, or the moment they were."""
    if order.delivered_at is None:
        return None
    after = request.requested_at - order.delivered_at
    if after >= timedelta(minutes=rules.instant_minutes):
        return None
    what = (
        "The return was asked for before delivery."
        if after < timedelta(0)
        else f"The return was asked for {int(after.total_seconds() // 60)} minutes after delivery."
    )
    return told(
        "F17",
        rules,
        what,
        "Look at the earlier returns.",
        field="requested_at",
        expected=f"after {order.delivered_at:%Y-%m-%d %H:%M}",
        actual=f"{request.requested_at:%Y-%m-%d %H:%M}",
    )


def too_many(request: ReturnRequest, order: Order, rules: FraudRules, own_rma: str = "") -> Finding | None:
    """F18: more than bought, less what came back."""
    if request.quantity is None:
        return None
    lines = meant_lines(order, request) or order.lines
    left = sum(left_to_return(order, line, own_rma) for line in lines)
    if request.quantity <= left:
        return None
    return told(
        "F18",
        rules,
        f"{request.quantity} pieces asked back, {left} left to return.",
        "Ask which articles are meant.",
        field="quantity",
        expected=f"at most {left}",
        actual=str(request.quantity),
    )

"""Fraud and error patterns before money moves, of parcels that came back, and of the books: one function a pattern (see bots.decisions.fraud)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta

from pydantic import BaseModel, ConfigDict

from bots.cases.model import Capture, Milestone, Parcel, PaymentRecord, Receipt, Refund, RefundState
from bots.cases.money import Money
from bots.decisions.decision import Finding
from bots.decisions.fraud import disputed
from bots.decisions.fraud_rules import FraudRules, Screening, score, told


class RefundFacts(BaseModel):
    """A refund about to be made, and what it rests on."""

    model_config = ConfigDict(frozen=True)

    rma: str
    amount: Money
    computed: Money
    """What bots.decisions.amounts says."""
    lines: int = 1
    capture: Capture | None = None
    """The capture it goes back to; None for a bank transfer."""
    payee_iban: str = ""
    payer_iban: str = ""
    received: bool = True
    early_allowed: bool = False
    """Returnless, lost by the carrier, or proof of dispatch where that suffices."""
    unit_refunds: tuple[tuple[str, int, int], ...] = ()
    """(SKU, refunded a unit, paid a unit), minor units."""


def screen_refund(facts: RefundFacts, payment: PaymentRecord | None, rules: FraudRules) -> Screening:
    """What stops a refund just before it is made."""
    checks = (
        wrong_amount(facts, rules),
        wrong_payee(facts, rules),
        nothing_came_back(facts, rules),
        paid_twice(facts, payment, rules),
        disputed(payment, rules),
        price_switched(facts, rules),
        cashed_out(facts, rules),
    )
    return score((finding for finding in checks if finding), rules)


def wrong_amount(facts: RefundFacts, rules: FraudRules) -> Finding | None:
    """F01: the refund is not what its components add up to."""
    same = facts.amount.currency == facts.computed.currency
    if same and abs(facts.amount.minor - facts.computed.minor) <= rules.amount_tolerance * facts.lines:
        return None
    return told(
        "F01",
        rules,
        "The refund is not the amount that was computed.",
        "Compute it again from the order.",
        field="amount",
        expected=str(facts.computed),
        actual=str(facts.amount),
    )


def wrong_payee(facts: RefundFacts, rules: FraudRules) -> Finding | None:
    """F02: a transfer to another account than the one that paid, or a refund on no capture at all."""
    same = "".join(facts.payee_iban.split()).upper() == "".join(facts.payer_iban.split()).upper()
    if facts.capture is not None or (facts.payee_iban and same):
        return None
    what = "The payee's account is not the one that paid." if facts.payee_iban else "The refund goes back to no payment of the customer."
    return told(
        "F02", rules, what, "Pay to the original means of payment.", field="payee", expected=_masked(facts.payer_iban), actual=_masked(facts.payee_iban)
    )


def _masked(iban: str) -> str:
    return f"{iban[:4]}...{iban[-4:]}" if iban else ""


def nothing_came_back(facts: RefundFacts, rules: FraudRules) -> Finding | None:
    """F05: no receipt, and no reason to pay without one."""
    if facts.received or facts.early_allowed:
        return None
    return told(
        "F05",
        rules,
        "Nothing came back and nothing allows paying early.",
        "Wait for the warehouse, or for proof of dispatch where it suffices.",
        field="receipt",
        expected="a receipt",
    )


def paid_twice(facts: RefundFacts, payment: PaymentRecord | None, rules: FraudRules) -> Finding | None:
    """F06: this return has a refund already, or the payment has nothing left."""
    if payment is None:
        return None
    stands = [refund for refund in payment.refunds if refund.state is not RefundState.FAILED]
    own = [refund for refund in stands if refund.reference == facts.rma]
    if own:
        return told(
            "F06",
            rules,
            f"{facts.rma} was refunded before ({own[0].refund_id}, {own[0].amount}).",
            "Do not pay again; book the refund that stands.",
            field="reference",
            actual=own[0].refund_id,
        )
    currency = facts.amount.currency
    captured = sum(capture.amount.minor for capture in payment.captures if capture.amount.currency == currency)
    left = captured - sum(refund.amount.minor for refund in stands if refund.amount.currency == currency)
    if payment.captures and facts.amount.minor > left:
        return told(
            "F06",
            rules,
            "The payment has less left than the refund.",
            "See what was refunded before.",
            field="amount",
            expected=f"at most {Money(minor=left, currency=currency)}",
            actual=str(facts.amount),
        )
    return None


def price_switched(facts: RefundFacts, rules: FraudRules) -> Finding | None:
    """F19: a unit is refunded for more than was paid after all discounts."""
    for sku, refunded, paid in facts.unit_refunds:
        if refunded > paid + rules.amount_tolerance:
            currency = facts.amount.currency
            return told(
                "F19",
                rules,
                f"{sku} would be refunded for more than was paid.",
                "Compute it again from the order.",
                field=sku,
                expected=str(Money(minor=paid, currency=currency)),
                actual=str(Money(minor=refunded, currency=currency)),
            )
    return None


def cashed_out(facts: RefundFacts, rules: FraudRules) -> Finding | None:
    """F20: paid by gift card, refunded as money."""
    if facts.capture is None or facts.capture.method not in rules.gift_methods or not facts.payee_iban:
        return None
    return told(
        "F20",
        rules,
        "Paid by gift card or store credit, refunded as money.",
        "Give store credit back.",
        field="method",
        expected=facts.capture.method,
        actual="bank transfer",
    )


# -- parcels, goods and books --------------------------------------------------------------------------------------------


def screen_parcel(
    parcel: Parcel, receipt: Receipt | None, goods_g: int, rules: FraudRules, now: datetime, *, same_number_rmas: Sequence[str] = ()
) -> Screening:
    """F13: a delivery scan that may be false (FTID): not on the dock, a label for a feather, or one number on two returns."""
    delivered = [event.at for event in parcel.events if event.milestone is Milestone.DELIVERED]
    checks = []
    if delivered and receipt is None and now - max(delivered) >= timedelta(days=rules.no_receipt_days):
        days = (now - max(delivered)).days
        checks.append(
            told(
                "F13",
                rules,
                f"Delivered {days} days ago by its scan and never on the dock.",
                "Ask the carrier for the signature, place and weight of the delivery.",
                field="delivered",
            )
        )
    weight = parcel.first_scan_g if parcel.first_scan_g is not None else parcel.declared_g
    if goods_g and weight is not None and weight < goods_g * rules.tiny_share:
        checks.append(
            told(
                "F13",
                rules,
                "The parcel weighs far less than its goods.",
                "Open it on camera; pay nothing on the scan alone.",
                field="weight",
                expected=f"about {goods_g} g",
                actual=f"{weight} g",
            )
        )
    if len(set(same_number_rmas)) > 1:
        checks.append(
            told(
                "F13",
                rules,
                f"Parcel number {parcel.tracking_no} stands on several returns.",
                "Find out which one it belongs to.",
                field="tracking_no",
                actual=", ".join(sorted(set(same_number_rmas))),
            )
        )
    return score(checks, rules)


def worn(category: str, requested: date, last_day: date, defect: str, rules: FraudRules) -> Finding | None:
    """F14: clothing given back at the last moment with signs of wear. Leads to diminished value with evidence, never to a refusal by itself."""
    last_moment = timedelta(0) <= last_day - requested <= timedelta(days=rules.last_moment_days)
    if category not in rules.worn_categories or not last_moment or defect not in ("used_worn", "contaminated"):
        return None
    return told(
        "F14",
        rules,
        "Worn clothing given back at the end of the window.",
        "Take photographs and decide on diminished value (Dir. 2011/83/EU art. 14(2)).",
        field="defect",
        actual=defect,
    )


def overdue(accepted_at: datetime, refund: Refund | None, statutory_due: datetime | None, rules: FraudRules, now: datetime) -> Finding | None:
    """F04: accepted, and no refund within the time promised or the law's."""
    due = min(filter(None, (accepted_at + timedelta(days=rules.refund_within_days), statutory_due)))
    if (refund is not None and refund.state is not RefundState.FAILED) or now <= due:
        return None
    return told("F04", rules, f"The refund is {(now - due).days} days overdue.", "Refund now.", field="refund", expected=f"by {due:%Y-%m-%d}")


def failed(refund: Refund, rules: FraudRules) -> Finding | None:
    """F24: a refund that failed is retried on its own way, never simply made anew."""
    if refund.state is not RefundState.FAILED:
        return None
    what = f"Refund {refund.refund_id} over {refund.amount} failed{': ' + refund.failure if refund.failure else ''}."
    return told("F24", rules, what, "Ask the customer for a valid means of payment and verify it.", field="refund", actual=refund.refund_id)


def swapped_on_the_way(grade_at_hub: str, grade_on_arrival: str, rules: FraudRules) -> Finding | None:
    """F22: the goods were better when they left the hub than when they arrived."""
    order = ("A", "A-", "B", "C", "D", "E", "X")
    if grade_at_hub not in order or grade_on_arrival not in order or order.index(grade_on_arrival) - order.index(grade_at_hub) < 2:
        return None
    return told(
        "F22",
        rules,
        "The goods arrived in a worse state than they left the hub.",
        "Claim against the hub or the carrier.",
        field="grade",
        expected=grade_at_hub,
        actual=grade_on_arrival,
    )


def other_period(credit_note_on: date, refund_on: date, rules: FraudRules) -> Finding | None:
    """F25: credit note and refund fall into different months; at the period's end the difference is accrued."""
    if (credit_note_on.year, credit_note_on.month) == (refund_on.year, refund_on.month):
        return None
    return told(
        "F25",
        rules,
        "Credit note and refund lie in different periods.",
        "Accrue the open amount at the period's end.",
        field="period",
        expected=f"{credit_note_on:%Y-%m}",
        actual=f"{refund_on:%Y-%m}",
    )


def insiders(approvals: Sequence[tuple[str, str, Money]], limits: Mapping[str, int], rules: FraudRules) -> tuple[Finding, ...]:
    """F21: (proposed by, approved by, amount) of a period: the same hands twice, or many amounts just below the limit (minor units by currency)."""
    found = []
    for maker, checker, amount in approvals:
        if maker == checker and amount.minor > limits.get(amount.currency, -1):
            found.append(told("F21", rules, f"{maker} proposed and approved {amount}.", "Have a second person look at it.", field="approval", actual=maker))
    near = Counter(
        maker
        for maker, _, amount in approvals
        if amount.currency in limits and limits[amount.currency] * (1 - rules.just_below_pct / 100) <= amount.minor <= limits[amount.currency]
    )
    for maker, count in near.items():
        if count >= rules.just_below_count:
            found.append(
                told("F21", rules, f"{maker} made {count} refunds just below the approval limit.", "Look at them together.", field="approval", actual=maker)
            )
    return tuple(found)


def outside_window(rule: str, rules: FraudRules) -> Finding | None:
    """F23: policy found every window closed (rule P05 of bots.decisions.policy)."""
    return told("F23", rules, "Outside every window.", "Reject with the rule, or grant it as goodwill.", field="requested_at") if rule == "P05" else None

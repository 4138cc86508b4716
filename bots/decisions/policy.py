"""May this come back, on which ground, and what does the customer get: statutory rights first, then the shop's own policy.

Rule ids (each decision cites at least one):
    P01 statutory withdrawal within the window (Dir. 2011/83/EU art. 9; UK SI 2013/3134 reg. 29-30)
    P02 shop policy: change of mind within the shop's window
    P03 the seller's side is at fault, claimed within the shop's fault window
    P04 legal guarantee: a defect claimed within the guarantee (Dir. 2019/771)
    P05 outside every window
    P06 excepted from withdrawal (Dir. 2011/83/EU art. 16)
    P07 worth less than its way back: the customer keeps it
    P08 more than was bought, or more than is left to return
    P09 already returned or credited
    P10 the sender is not the buyer
    P11 no such order
    P12 exchange for another size of the same family
    P13 a missing part is sent, nothing comes back
    P14 not delivered yet, or delivery in doubt
    P15 which article is meant is not clear
    P16 not a return, or too unsure to decide alone
    P17 new bank details were given
    P18 the marketplace holds the goods and has paid: only the books are ours
    P19 the wanted size is not sold
    P21 a photo of the fault is asked for before it is decided
"""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from functools import lru_cache

from pydantic import BaseModel, ConfigDict, Field

from bots.cases.model import Order, OrderLine, ReturnRequest
from bots.cases.money import Money
from bots.decisions.decision import Decision

SELLER_FAULT = frozenset(
    "NOT_COMPATIBLE NOT_AS_DESCRIBED QUALITY_POOR DEFECTIVE MISSING_PARTS MISSING_ITEM WRONG_ITEM EXTRA_ITEM DAMAGED_IN_TRANSIT DAMAGED_BY_WAREHOUSE "
    "ARRIVED_LATE EXPIRED_GOODS COUNTERFEIT_CLAIM SAFETY_RECALL".split()
)
DEFECT = frozenset("DEFECTIVE QUALITY_POOR NOT_AS_DESCRIBED SAFETY_RECALL NOT_COMPATIBLE".split())
NOT_DELIVERED = frozenset({"NOT_RECEIVED", "UNDELIVERABLE"})


class Settings(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Window(Settings):
    """How long what may be claimed in a territory."""

    statutory_withdrawal_days: int = Field(ge=0)
    shop_days: int = Field(ge=0)
    fault_days: int = Field(ge=0)
    guarantee_months: int = Field(ge=0)


class PolicyRules(Settings):
    """config/policy.yaml"""

    territories: dict[str, tuple[str, ...]]
    windows: dict[str, Window]
    returnless_below: dict[str, int]
    approval_above: dict[str, int]
    label_fee: dict[str, dict[str, int]]
    label_carrier: dict[str, str]
    refund_shipping_on_partial: bool
    sure_enough: float = Field(ge=0, le=1)
    photo_for: tuple[str, ...] = ()
    """Reason codes for which a customer who writes by mail must show a photo."""
    answer_days: int = Field(default=5, ge=0)
    """Days that a customer has to answer a question of ours; then a person goes on."""

    def territory(self, country: str) -> str:
        return next((name for name, countries in self.territories.items() if country in countries), "default")

    def window(self, country: str) -> Window:
        return self.windows.get(self.territory(country), self.windows["default"])


class LineVerdict(BaseModel):
    model_config = ConfigDict(frozen=True)

    sku: str
    qty: int
    allowed: bool
    rule: str
    why: str


class Review(Decision):
    """The outcome of a review. `value`: approve, keep_item, spare_part, reject, escalate, books_only."""

    basis: str = ""
    """withdrawal, shop_policy, seller_fault, guarantee"""
    remedy: str = "refund"
    """refund, exchange, spare_part"""
    lines: tuple[LineVerdict, ...] = ()
    exchange_sku: str = ""
    shipping: int = 0
    """Outbound shipping to refund, minor units."""
    label_fee: int = 0
    """Return label the customer pays, minor units."""
    code: str = ""
    """Exception code where a person must decide."""

    @property
    def authorised(self) -> tuple[tuple[str, int], ...]:
        return tuple((line.sku, line.qty) for line in self.lines if line.allowed)


@lru_cache(maxsize=64)
def _holidays(country: str, year: int) -> frozenset[date]:
    import holidays

    try:
        return frozenset(holidays.country_holidays(country, years=year))
    except NotImplementedError:
        return frozenset()


def end_of_window(delivered: date, days: int, country: str) -> date:
    """Last day of a period counted from the day after delivery; a period that ends on a day off ends on the next working day (Reg. 1182/71 art. 3)."""
    last = delivered + timedelta(days=days)
    while last.weekday() >= 5 or last in _holidays(country, last.year):
        last += timedelta(days=1)
    return last


def months_after(start: date, months: int) -> date:
    """The same day `months` later, or the last day of that month."""
    year, month = divmod(start.year * 12 + start.month - 1 + months, 12)
    last_day = (date(year + (month + 1) // 12, (month + 1) % 12 + 1, 1) - timedelta(days=1)).day
    return date(year, month + 1, min(start.day, last_day))


def same_person(sender: str, order: Order) -> bool:
    """Whether a mail's sender is the buyer of the order: the same address, spelling aside."""
    return sender.strip().casefold() == order.buyer_email.strip().casefold()


def left_to_return(order: Order, line: OrderLine, own_rma: str = "") -> int:
    """Units of a line not yet on a return or credit of another case."""
    gone = sum(qty for back in order.returns if back.state != "cancelled" and back.rma != own_rma for sku, qty in back.lines if sku == line.sku)
    return line.qty - gone


def meant_lines(order: Order, request: ReturnRequest) -> tuple[OrderLine, ...]:
    """The lines the customer speaks of: by SKU, GTIN or name in the text; all of them when nothing narrows it; empty when unclear.

    A withdrawal that names no article concerns the whole contract. Any other claim on an order of several lines must name one.
    """
    text = request.text.casefold()
    named = {sku.casefold() for sku in request.skus}
    by_number = tuple(
        line
        for line in order.lines
        if line.sku.casefold() in named or re.search(rf"(?<![\w-]){re.escape(line.sku.casefold())}(?![\w-])", text) or (line.gtin and line.gtin in text)
    )
    if by_number:
        return by_number
    by_name = tuple(line for line in order.lines if any(len(part) > 2 and part in text for part in (name.strip().casefold() for name in line.name.split("/"))))
    if by_name and len(by_name) < len(order.lines):
        return by_name
    if len(order.lines) == 1 or request.withdrawal_declared or not request.reason_code or request.reason_code not in SELLER_FAULT:
        return order.lines
    return ()


def review(request: ReturnRequest, order: Order | None, rules: PolicyRules, *, own_rma: str = "") -> Review:
    """Decide one request. The order is what the ERP shows now; None when it has none under this number."""
    if order is None:
        return _escalate("P11", "unknown_order", f"No order {request.order_no} exists in the ERP.")
    if request.fulfilled_by == "amazon":
        verdicts = tuple(
            LineVerdict(
                sku=line.sku,
                qty=line.qty if request.quantity is None else min(request.quantity, line.qty),
                allowed=True,
                rule="P18",
                why="returned to the marketplace",
            )
            for line in meant_lines(order, request)
        )
        return Review(
            value="books_only", rules=("P18",), reasons=("The marketplace took the goods back and paid the customer.",), lines=verdicts, basis="marketplace"
        )
    if request.sender and not same_person(request.sender, order):
        return _escalate("P10", "not_the_buyer", "The mail comes from another address than the one on the order.")
    if request.new_ibans:
        return _escalate("P17", "new_bank_details", "The mail asks for the money on another account; refunds go to the original means of payment.")
    if request.doubt:
        return _escalate("P16", "unclear_mail", request.doubt)
    if order.delivered_at is None or request.reason_code in NOT_DELIVERED:
        return _escalate("P14", "delivery_in_doubt", "The order is not shown as delivered, or the customer says it never came.")
    lines = meant_lines(order, request)
    if not lines:
        return _escalate("P15", "article_unclear", "The order has several articles and the mail names none of them.")
    if request.channel == "mail" and request.reason_code in rules.photo_for and not request.attachments:
        return _escalate("P21", "photo_missing", "The fault is to be shown on a photo, and the mail has none.")
    if order.credit_notes and not any(left_to_return(order, line, own_rma) for line in lines):
        return _escalate("P09", "already_refunded", f"Already credited: {', '.join(note.number for note in order.credit_notes)}.")
    wanted = {line.sku: request.quantity if request.quantity is not None and len(lines) == 1 else line.qty for line in lines}
    for line in lines:
        if wanted[line.sku] > line.qty or wanted[line.sku] > left_to_return(order, line, own_rma):
            return _escalate(
                "P08", "over_quantity", f"{wanted[line.sku]} x {line.sku} asked back; {line.qty} bought, {left_to_return(order, line, own_rma)} left to return."
            )
    return _on_the_merits(request, order, lines, wanted, rules)


def _on_the_merits(request: ReturnRequest, order: Order, lines: tuple[OrderLine, ...], wanted: dict[str, int], rules: PolicyRules) -> Review:
    assert order.delivered_at is not None
    window, today, delivered = rules.window(order.country), request.requested_at.date(), order.delivered_at.date()
    fault = request.reason_code in SELLER_FAULT
    if fault and today <= delivered + timedelta(days=window.fault_days):
        basis, rule, why = "seller_fault", "P03", f"fault claimed within {window.fault_days} days of delivery"
    elif window.statutory_withdrawal_days and today <= end_of_window(delivered, window.statutory_withdrawal_days, order.country):
        basis, rule, why = "withdrawal", "P01", f"within the {window.statutory_withdrawal_days} days of withdrawal"
    elif request.reason_code in DEFECT and today <= months_after(delivered, window.guarantee_months):
        basis, rule, why = "guarantee", "P04", f"defect within the {window.guarantee_months} months of guarantee"
    elif not window.statutory_withdrawal_days and today <= delivered + timedelta(days=window.shop_days):
        basis, rule, why = "shop_policy", "P02", f"within the shop's {window.shop_days} days"
    else:
        days = (today - delivered).days
        verdicts = tuple(LineVerdict(sku=line.sku, qty=wanted[line.sku], allowed=False, rule="P05", why=f"asked {days} days after delivery") for line in lines)
        return Review(
            value="reject",
            rules=("P05",),
            reasons=(f"Asked {days} days after delivery; no window of {rules.territory(order.country)} covers it.",),
            lines=verdicts,
            confidence=request.confidence,
        )
    verdicts = tuple(_line_verdict(line, wanted[line.sku], basis, rule, why) for line in lines)
    if not any(verdict.allowed for verdict in verdicts):
        return Review(
            value="reject", rules=("P06",), reasons=tuple(verdict.why for verdict in verdicts), lines=verdicts, basis=basis, confidence=request.confidence
        )
    review_ = Review(
        value="approve",
        basis=basis,
        rules=tuple(dict.fromkeys(verdict.rule for verdict in verdicts)),
        reasons=tuple(dict.fromkeys(verdict.why for verdict in verdicts)),
        lines=verdicts,
        confidence=request.confidence,
    )
    return _remedy(review_, request, order, rules)


def _line_verdict(line: OrderLine, qty: int, basis: str, rule: str, why: str) -> LineVerdict:
    if line.non_returnable and basis in ("withdrawal", "shop_policy"):
        return LineVerdict(sku=line.sku, qty=qty, allowed=False, rule="P06", why=f"{line.sku} is excepted from withdrawal ({line.non_returnable})")
    return LineVerdict(sku=line.sku, qty=qty, allowed=True, rule=rule, why=why)


def _remedy(review_: Review, request: ReturnRequest, order: Order, rules: PolicyRules) -> Review:
    """What the customer gets, and what of the shipping goes with it."""
    authorised = review_.authorised
    if request.reason_code == "MISSING_PARTS" and request.outcome != "refund":
        return review_.model_copy(update={"value": "spare_part", "remedy": "spare_part", "rules": (*review_.rules, "P13")})
    if request.outcome == "exchange":
        if len(authorised) != 1:
            return _escalate("P15", "article_unclear", "An exchange of several articles at once: which goes for which is not clear.")
        line = order.line(authorised[0][0])
        assert line is not None
        sku = line.sku if not request.wanted_size and request.reason_code in SELLER_FAULT else sku_of_size(line, request.wanted_size)
        if sku is None:
            return _escalate("P19", "size_unknown", f"{line.sku} is not sold in the wanted size {request.wanted_size!r}.")
        return review_.model_copy(update={"remedy": "exchange", "exchange_sku": sku, "rules": (*review_.rules, "P12")})
    if request.outcome in ("repair", "store_credit", "partial_refund_keep"):
        return _escalate("P16", "special_remedy", f"The customer asks for {request.outcome.replace('_', ' ')}, which a person arranges.")
    shipping = refundable_shipping(order, authorised, review_.basis, rules)
    fault = request.reason_code in SELLER_FAULT
    fee = 0 if fault or review_.basis != "shop_policy" else rules.label_fee.get(order.country, {}).get(order.currency, 0)
    review_ = review_.model_copy(update={"shipping": shipping, "label_fee": fee})
    limit = rules.returnless_below.get(order.currency, 0)
    if fault and sum(paid_for(order, sku, qty) for sku, qty in authorised) <= limit:
        return review_.model_copy(update={"value": "keep_item", "rules": (*review_.rules, "P07"), "label_fee": 0})
    return review_


def sku_of_size(line: OrderLine, size: str) -> str | None:
    """The SKU of the same family in another size: the family code plus the size, as the line's own SKU is built."""
    wanted = size.strip().upper()
    if (
        not line.size
        or not line.sku.upper().endswith(line.size.upper())
        or not re.fullmatch(r"(?=.{1,5}$)[A-Z0-9]+([./][A-Z0-9]+)?", wanted)
        or wanted == line.size.upper()
    ):
        return None
    return line.sku[: len(line.sku) - len(line.size)] + wanted


def refundable_shipping(order: Order, lines: tuple[tuple[str, int], ...], basis: str, rules: PolicyRules) -> int:
    """Outbound standard shipping to refund, minor units: for a whole order on withdrawal or seller's fault; an express surplus never (art. 13(2))."""
    whole = all(dict(lines).get(line.sku, 0) == line.qty for line in order.lines)
    if basis not in ("withdrawal", "seller_fault") or not (whole or rules.refund_shipping_on_partial):
        return 0
    return order.shipping_standard


def paid_for(order: Order, sku: str, qty: int) -> int:
    """What the first `qty` units of a line cost after all discounts; see bots.decisions.amounts."""
    from bots.decisions.amounts import units_paid

    return sum(units_paid(order, sku)[:qty])


def deadline(requested: datetime) -> datetime:
    """Latest refund when informed at `requested`: 14 days (Dir. 2011/83/EU art. 13(1)); may be withheld until goods or proof of dispatch, art. 13(3)."""
    return requested + timedelta(days=14)


def needs_approval(amount: Money, rules: PolicyRules) -> bool:
    """Whether a person must approve an amount; a currency without a limit always needs one."""
    limit = rules.approval_above.get(amount.currency)
    return limit is None or amount.minor > limit


def _escalate(rule: str, code: str, why: str) -> Review:
    return Review(value="escalate", rules=(rule,), reasons=(why,), code=code)

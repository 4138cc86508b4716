"""The four legs of the match, made of what the suite knows of its cases and what the payment programs and the books say.

Every row of a source becomes a row of a leg: what takes no part stays in it with the reason, so that the control totals tie to the source.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bots.cases.model import Order, PaymentRecord, Receipt, Refund, ReturnRequest
from bots.cases.store import Case
from bots.decisions.amounts import RefundPlan, plan_refund
from bots.decisions.matching_rows import LedgerRow, OrderRow, ReceiptRow, RefundRow
from bots.decisions.policy import Review
from bots.decisions.receiving import ReceiptMatch

UNDECIDED = frozenset({"new", "need_info", "escalated"})
ENDED = frozenset({"rejected", "cancelled", "answered", "expired"})
CASH = frozenset({"psp_clearing", "bank", "marketplace_clearing"})
"""Accounts that a refund is paid from (bots.decisions.accounting, J02)."""
OUR_NUMBER = re.compile(r"RMA-\d{4}-\d{5,}")
NO_ORDER, NOT_DECIDED = "no order is known", "not decided yet"
CLOSED_BEFORE, OLDER, NO_RETURN = "closed before the period", "older history: made before the first case", "a transfer that is no refund of a return"
ENDED_GOODS, NOT_ACCEPTED, NO_MONEY = "the case ended without a refund", "counted and not accepted", "goods and freight: no money of the customer"
BY_A_PERSON, EMPTY = "settled by a person", "nothing was counted: an empty parcel"


@dataclass(frozen=True)
class CaseFacts:
    """One case with the newest records that the match needs."""

    case: Case
    order: Order | None = None
    decided: Review | None = None
    plan: RefundPlan | None = None
    receipt: Receipt | None = None
    accepted: ReceiptMatch | None = None
    payment: PaymentRecord | None = None
    refund: Refund | None = None
    request: ReturnRequest | None = None

    @property
    def ended(self) -> bool:
        """Whether nothing is due to the customer any more, by decision."""
        return self.case.request in ENDED or self.case.refund == "not_due"

    @property
    def exchange(self) -> bool:
        return self.decided is not None and self.decided.remedy == "exchange" and self.case.parcel != "lost"

    @property
    def lines(self) -> tuple[tuple[str, int], ...]:
        """(SKU, pieces) that the case settles: of its refund plan, else of what was accepted and goes to inspection, else what was authorised."""
        if self.plan is not None:
            return self.plan.lines
        if self.accepted is not None and self.case.inspection != "none":
            return self.accepted.accepted
        return self.decided.authorised if self.decided is not None else ()


@dataclass(frozen=True)
class Paid:
    """A refund as a payment program or a bank shows it."""

    program: str
    refund: Refund
    bank: bool = False


def left_out(facts: CaseFacts, start: datetime) -> str:
    """Why a case takes no part in the match of the period from `start` on, or nothing."""
    if facts.case.closed_at is not None and facts.case.closed_at < start:
        return CLOSED_BEFORE
    if facts.order is None:
        return NO_ORDER
    if facts.ended:
        return ""
    return NOT_DECIDED if facts.decided is None or facts.case.request in UNDECIDED else ""


# -- leg 1: orders -------------------------------------------------------------------------------------------------------
def expected_plan(facts: CaseFacts) -> RefundPlan | None:
    """What the customer gets by order and policy: the plan that was made, else the one that would be made; None when no money is due."""
    order, decided = facts.order, facts.decided
    if order is None or decided is None or facts.ended or facts.exchange or facts.case.request == "spare_part":
        return None
    if facts.plan is not None:
        return facts.plan
    if not facts.lines:
        return None
    before: dict[str, int] = {}
    for back in order.returns:
        if back.rma != facts.case.rma and back.state != "cancelled":
            for sku, qty in back.lines:
                before[sku] = before.get(sku, 0) + qty
    shipping = decided.shipping if facts.lines == decided.authorised else 0
    return plan_refund(order, facts.lines, shipping=shipping, label_fee=decided.label_fee, basis=decided.basis, units_before=before)


def order_rows(facts: CaseFacts, start: datetime, books_currency: str) -> Iterator[OrderRow]:
    """The rows of one case: a row a line of the return, and one for shipping and deductions."""
    case, order = facts.case, facts.order
    common: dict[str, Any] = {
        "order_no": case.order_no or "",
        "rma": case.rma,
        "currency": (order.currency if order else case.currency) or books_currency,
        "opened_at": case.opened_at,
        "book_rate": order.book_rate if order else 1_000_000,
        "excluded": left_out(facts, start),
    }
    if common["excluded"] or facts.ended:
        yield OrderRow(row_id=case.rma, early_ok=True, **common)
        return
    plan = expected_plan(facts)
    common |= {
        "returnless": case.request in ("keep_item", "spare_part"),
        "early_ok": case.parcel == "lost" or case.request == "books_only",
        "disputed": disputed(facts.payment),
        "instrument": _only_instrument(facts),
    }
    pieces: dict[str, int] = {}
    for sku, qty in facts.lines:
        pieces[sku] = pieces.get(sku, 0) + qty
    worth = {sku: sum(part.gross for part in plan.components if part.sku == sku) if plan else 0 for sku in pieces}
    for sku, qty in pieces.items():
        yield OrderRow(row_id=f"{case.rma}/{sku}", sku=sku, qty=qty, expected=worth[sku], **common)
    rest = _due(facts, plan) - sum(worth.values())
    if rest or not pieces:
        yield OrderRow(row_id=f"{case.rma}/other", expected=rest, **common)


def _due(facts: CaseFacts, plan: RefundPlan | None) -> int:
    """The expected refund, minor units; where a marketplace pays by its own rules, what it reports to have paid."""
    if plan is None:
        return 0
    told = facts.request.refunded_by_marketplace if facts.request and facts.case.request == "books_only" else None
    return told.minor if told is not None and told.currency == plan.currency else plan.gross


def disputed(payment: PaymentRecord | None) -> int:
    """Disputes that stand against a payment, minor units."""
    return (
        sum(one.amount.minor for one in payment.disputes if one.state.strip().casefold() not in ("won", "closed", "cancelled", "withdrawn")) if payment else 0
    )


def _only_instrument(facts: CaseFacts) -> str:
    """What the order was paid with, where it was one instrument: only then can another one be told."""
    if facts.payment is not None:
        instruments = {capture.instrument for capture in facts.payment.captures}
        return instruments.pop() if len(instruments) == 1 else ""
    return account(facts.order.payer_iban) if facts.order and facts.order.payer_iban else ""


def account(iban: str) -> str:
    """A bank account as it may be shown: country and last four."""
    clean = iban.replace(" ", "").upper()
    return f"{clean[:2]}…{clean[-4:]}"


# -- leg 2: receipts -----------------------------------------------------------------------------------------------------
def receipt_rows(facts: CaseFacts, start: datetime) -> Iterator[ReceiptRow]:
    """Counted pieces of one case: the accepted ones take part, the others stand beside them with the reason."""
    case, receipt = facts.case, facts.receipt
    if receipt is None:
        return
    common: dict[str, Any] = {"order_no": case.order_no or "", "rma": case.rma, "accepted_at": receipt.dock_at or case.opened_at}
    key = f"{receipt.receipt_no}/{case.rma}"
    if case.order_no is None:
        closed = BY_A_PERSON if case.closed else ""
        for line in receipt.lines:
            yield ReceiptRow(row_id=f"{key}/{line.line_no}", sku=line.sku, qty=line.qty, excluded=closed, **common)
        if not receipt.lines:
            yield ReceiptRow(row_id=key, sku="", qty=0, excluded=closed, **common)
        return
    why = left_out(facts, start) or (ENDED_GOODS if facts.ended else "")
    left = dict(facts.accepted.accepted) if facts.accepted else {}
    for sku, qty in left.items():
        yield ReceiptRow(row_id=f"{key}/{sku}", sku=sku, qty=qty, excluded=why, **common)
    if not receipt.lines:
        yield ReceiptRow(row_id=key, sku="", qty=0, excluded=why or EMPTY, **common)
    means = {line.line_no: line.order_sku for line in facts.accepted.lines} if facts.accepted else {}
    for line in receipt.lines:
        sku = means.get(line.line_no, "")
        taken = min(line.qty, left.get(sku, 0))
        left[sku] = left.get(sku, 0) - taken
        if line.qty > taken:
            yield ReceiptRow(row_id=f"{key}/line {line.line_no}", sku=line.sku, qty=line.qty - taken, excluded=why or NOT_ACCEPTED, **common)


# -- leg 3: refunds ------------------------------------------------------------------------------------------------------
def refund_rows(cases: Sequence[CaseFacts], paid: Iterable[Paid], start: datetime) -> Iterator[RefundRow]:
    """Refunds as the programs list them, each under the case whose record or reference names it.

    A refund that no case knows takes part by its order where a case of that order was open before it; made before the suite's first case, it is
    history and left out; else it has no case, and the match says so.
    """
    by_rma = {facts.case.rma: facts for facts in cases}
    by_refund = {facts.refund.refund_id: facts.case.rma for facts in cases if facts.refund is not None}
    first = min((facts.case.opened_at for facts in cases), default=None)
    opened: dict[str, datetime] = {}
    for facts in cases:
        if facts.case.order_no:
            opened[facts.case.order_no] = min(opened.get(facts.case.order_no, facts.case.opened_at), facts.case.opened_at)
    for one in paid:
        refund = one.refund
        at = refund.created_at or refund.settled_at or start
        rma = by_refund.get(refund.refund_id) or (refund.reference if refund.reference in by_rma else "")
        home = by_rma.get(rma)
        excluded = ""
        if home is not None:
            excluded = CLOSED_BEFORE if left_out(home, start) == CLOSED_BEFORE else ""
        elif first is None or at < first:
            excluded = OLDER
        elif one.bank and not OUR_NUMBER.fullmatch(refund.reference):
            excluded = NO_RETURN
        elif refund.order_no not in opened or at < opened[refund.order_no]:
            rma = refund.reference or "-"
        yield RefundRow(
            row_id=refund.refund_id,
            order_no=refund.order_no or (home.case.order_no or "" if home else ""),
            rma=rma,
            excluded=excluded,
            amount=refund.amount.minor,
            currency=refund.amount.currency,
            state=refund.state,
            at=at,
            settled_at=refund.settled_at,
            settle_rate=refund.settle_rate,
            instrument=_instrument(one, home),
        )


def _instrument(one: Paid, home: CaseFacts | None) -> str:
    """Where the money went, in the words of the payment; empty where that is not known."""
    if home is None:
        return ""
    if one.bank:
        payer = (home.order.payer_iban if home.order else "").replace(" ", "").upper()
        payee = one.refund.payee.replace(" ", "").upper()
        if not payee or not payer:
            return ""
        return account(payee) if payee == payer else f"{account(payee)} (another account)"
    captures = home.payment.captures if home.payment else ()
    return next((capture.instrument for capture in captures if capture.capture_id == one.refund.capture_id), "")


# -- leg 4: the books ----------------------------------------------------------------------------------------------------
def ledger_rows(entries: Iterable[Mapping[str, Any]], outside: Mapping[str, str], books_currency: str) -> Iterator[LedgerRow]:
    """Posted journals: credit notes and cash lines take part, goods and freight do not. `outside` says why the journals of an RMA take no part."""
    journals: dict[int, list[Mapping[str, Any]]] = {}
    for entry in entries:
        journals.setdefault(int(entry["journal_id"]), []).append(entry)
    for lines in journals.values():
        head = lines[0]
        row: dict[str, Any] = {
            "row_id": f"{head['kind']}/{head['doc_ref']}",
            "order_no": head["order_no"] or "",
            "rma": head["rma"],
            "doc_ref": head["doc_ref"],
            "posted_on": head["posted_on"],
            "excluded": outside.get(head["rma"], ""),
        }
        owed = next((line for line in lines if line["account"] == "refund_payable"), None)
        cash = next((line for line in lines if line["account"] in CASH), None)
        said = cash or owed
        if head["kind"] == "credit_note" and owed is not None:
            row |= {"kind": "credit_note", "amount": -owed["original_minor"], "currency": owed["original_currency"], "functional": owed["credit_minor"]}
        elif head["kind"] == "refund_paid" and said is not None:
            row |= {
                "kind": "cash",
                "amount": abs(said["original_minor"]),
                "currency": said["original_currency"],
                "functional": cash["credit_minor"] if cash else 0,
                "fx": sum(line["debit_minor"] - line["credit_minor"] for line in lines if line["account"] == "fx_difference"),
            }
        else:
            amount = sum(line["debit_minor"] for line in lines)
            row |= {"kind": head["kind"], "amount": amount, "currency": books_currency, "functional": amount, "excluded": row["excluded"] or NO_MONEY}
        yield LedgerRow(**row)

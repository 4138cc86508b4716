"""Refunds: proposes what the customer gets, has it approved where it must be, submits it exactly once, and reads it back.

The amount comes from the order and the policy, the payee from the original payment; nothing that a mail says moves either.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import timedelta

from bots.bot import Item
from bots.cases.errors import BusinessException, NeedsCheck
from bots.cases.ledger import BY_HAND, Intent, LedgerPermit, seen_first
from bots.cases.model import Order, PaymentRecord, Refund, RefundInstruction, RefundState, ReplacementInstruction
from bots.cases.money import Money
from bots.cases.store import Case, ExceptionRow
from bots.decisions.amounts import RefundPlan, plan_refund, refundable
from bots.decisions.fraud import FraudRules
from bots.decisions.fraud_refunds import RefundFacts, screen_refund
from bots.decisions.policy import Review, needs_approval
from bots.decisions.receiving import ReceiptMatch
from bots.portals.desk import Desk
from bots.review import send_replacement

LOOK_BACK = timedelta(days=60)


class Refunds:
    name = "refunds"
    title = "Proposes, submits once, reads back"
    side_by_side = True
    by_hand = 7.0

    def items(self, desk: Desk) -> Iterator[Item]:
        for case in desk.store.due(self.name, refund=("none", "proposed", "approved")):
            if self._ready(case):
                yield Item(case.rma, case)
        yield from self._pending(desk)
        for row in desk.store.open_exceptions():
            if row.bot == self.name and row.code == "needs_check" and row.case.refund == "approved":
                yield Item(f"frozen:{row.case.rma}", row.case, row)

    def _ready(self, case: Case) -> bool:
        """Whether money is due: the goods are inspected, lost on our label, or stay with the customer."""
        return (
            case.request in ("keep_item", "books_only")
            or (case.request == "approved" and case.inspection == "inspected")
            or (case.request == "approved" and case.parcel == "lost")
        )

    def _pending(self, desk: Desk) -> Iterator[Item]:
        """Submitted refunds that have settled or failed since; one list read for all of them."""
        waiting = desk.store.due(self.name, refund="submitted")
        by_portal: dict[str, list[tuple[Case, Order]]] = {}
        for case in waiting:
            order = desk.store.need(case, "order", Order)
            by_portal.setdefault(order.payment_method, []).append((case, order))
        known: dict[int, dict[str, Refund]] = {}
        for method, entries in by_portal.items():
            portal = desk.payments(method)
            if portal is None:
                continue
            if id(portal) not in known:
                known[id(portal)] = {refund.refund_id: refund for refund in portal.list_refunds((desk.now - LOOK_BACK).date())}
            for case, _order in entries:
                kept = desk.store.need(case, "refund", Refund)
                shown = known[id(portal)].get(kept.refund_id)
                if shown is None or shown.state is not RefundState.PENDING:
                    yield Item(case.rma, case, shown or "gone")

    def work(self, item: Item, desk: Desk) -> str:
        case = item.case
        assert case is not None
        if isinstance(item.data, ExceptionRow):
            return self._look_again(case, item.data, desk)
        if case.refund == "submitted":
            return self._outcome(case, item.data, desk)
        order, decided = desk.store.need(case, "order", Order), desk.store.need(case, "review", Review)
        if decided.remedy == "exchange" and case.parcel != "lost":
            return self._exchange(case, order, decided, desk)
        plan = self._plan(case, order, decided, desk)
        desk.store.put(case, "refund_plan", plan)
        if case.request == "books_only":
            return self._paid_by_marketplace(case, order, desk)
        if case.refund == "none":
            case = desk.store.change(
                case, "refund_proposed", refund="proposed", facts={"amount": str(plan.amount), "components": [part.model_dump() for part in plan.components]}
            )
        return self._submit(case, order, plan, desk)

    def _look_again(self, case: Case, question: ExceptionRow, desk: Desk) -> str:
        """A frozen refund: look, never click. One that shows by now thaws by itself."""
        order, plan = desk.store.need(case, "order", Order), desk.store.need(case, "refund_plan", RefundPlan)

        def look() -> str | None:
            return next((refund.refund_id for refund in standing_under(self._refunds(case, order, desk), case.rma, plan.amount)), None)

        found = desk.ledger.look_again(case, refund_key(order, case), look)
        if found is None:
            return "still not shown"
        desk.store.close_exception(question, "approve", "refunds bot", f"shown as {found} by now", touched=False)
        return f"thawed: shown as {found}"

    # -- proposing -----------------------------------------------------------------------------------------------------------
    def _plan(self, case: Case, order: Order, decided: Review, desk: Desk) -> RefundPlan:
        """The refund for what was authorised; units of the same line on earlier returns took the first shares.

        A lower amount that a person agreed (worn goods, art. 14(2)) is a deduction of its own.
        """
        match = desk.store.get(case, "receipt_match", ReceiptMatch)
        lines = match.accepted if match is not None and case.parcel == "received" else decided.authorised
        if not lines:
            raise BusinessException(
                "Nothing of what was authorised came back: there is nothing to refund.",
                code="nothing_accepted",
                severity="high",
                suggestion="reject",
                freezes=True,
            )
        shipping = decided.shipping if lines == decided.authorised else 0
        before = {
            sku: sum(qty for back in order.returns if back.rma != case.rma and back.state != "cancelled" for s, qty in back.lines if s == sku)
            for sku, _ in lines
        }
        plan = plan_refund(order, lines, shipping=shipping, label_fee=decided.label_fee, basis=decided.basis, units_before=before)
        agreed = desk.store.waiver(case, "agreed_amount")
        if agreed is None or agreed.amount_minor is None or agreed.amount_minor >= plan.gross:
            return plan
        return plan_refund(
            order, lines, shipping=shipping, label_fee=decided.label_fee, basis=decided.basis, units_before=before, diminished=plan.gross - agreed.amount_minor
        )

    def _exchange(self, case: Case, order: Order, decided: Review, desk: Desk) -> str:
        _, qty = decided.authorised[0]
        number = send_replacement(
            case, ReplacementInstruction(order_no=order.order_no, rma=case.rma, kind="exchange", sku=decided.exchange_sku, qty=qty), self.name, desk
        )
        desk.store.change(case, "exchanged", refund="replaced", facts={"replacement": number, "sku": decided.exchange_sku})
        desk.store.queue_reply(case, "exchanged", replacement_no=number, sku=decided.exchange_sku)
        return f"replacement {number}"

    def _paid_by_marketplace(self, case: Case, order: Order, desk: Desk) -> str:
        """The marketplace has refunded the customer: look, never pay again."""
        payment = self._payment(order, desk)
        paid = [refund for refund in payment.refunds if refund.state is RefundState.SETTLED]
        if not paid:
            raise BusinessException(
                "The marketplace reports a refund that the payment back-end does not show.", code="marketplace_refund_missing", suggestion="retry"
            )
        desk.store.put(case, "refund", paid[0])
        desk.store.change(case, "refunded_by_marketplace", refund="refunded", facts={"refund": paid[0].refund_id, "amount": str(paid[0].amount)})
        return f"already refunded by the marketplace: {paid[0].amount}"

    # -- submitting ------------------------------------------------------------------------------------------------------------
    def _payment(self, order: Order, desk: Desk) -> PaymentRecord:
        portal = desk.payments(order.payment_method)
        payment = portal.find_payment(order.order_no) if portal is not None else PaymentRecord(order_no=order.order_no)
        if payment is None:
            raise BusinessException(f"The payment back-end knows no payment for order {order.order_no}.", code="payment_missing", severity="high", freezes=True)
        return payment

    def _submit(self, case: Case, order: Order, plan: RefundPlan, desk: Desk) -> str:
        by_bank = desk.payments(order.payment_method) is None
        payment = None if by_bank else self._payment(order, desk)
        if payment is None:
            instruction, portal_name, payee = self._by_transfer(case, order, plan, desk)
        else:
            instruction, portal_name, payee = self._to_capture(case, order, plan, payment, desk)
        amount = instruction.amount
        intent = Intent(
            f"refund:{order.order_no}:{case.rma}", "refund", self.name, portal_name, instruction.model_dump(mode="json"), amount=amount, payee=payee
        )
        self._screen(case, order, plan, instruction, payment, desk)
        self._approved(case, amount, intent.terms_hash, plan, desk)
        if case.refund == "proposed":
            case = desk.store.change(case, "refund_approved", refund="approved", facts={"amount": str(amount)})
        bank, payments = desk.bank(order.payment_method), desk.payments(order.payment_method)
        listed: list[Refund] = []

        def read(refunds: Iterable[Refund]) -> str | None:
            listed[:] = standing_under(refunds, case.rma, amount)
            return listed[0].refund_id if listed else None

        def act(permit: LedgerPermit) -> None:
            if payments is not None:
                payments.submit_refund(instruction, permit)
            elif bank is not None:
                bank.submit_transfer(instruction, permit)

        def look() -> str | None:
            return read(self._refunds(case, order, desk))

        # The payment's own page, read a moment ago, lists its refunds; the bank's statement is read for the purpose.
        number = desk.commit(case, intent, look=seen_first(read(payment.refunds), look) if payment is not None else look, act=act)
        if number == BY_HAND:
            # A person saw the money go, under another reference or by another way; there is no row to wait for.
            listed.append(
                Refund(
                    refund_id=f"{BY_HAND} {case.rma}",
                    order_no=order.order_no,
                    reference=case.rma,
                    amount=amount,
                    state=RefundState.SETTLED,
                    settled_at=desk.now,
                )
            )
            number = listed[0].refund_id
        elif not listed:
            look()
        refund = next((refund for refund in listed if refund.refund_id == number), None)
        if refund is None:
            raise NeedsCheck(f"Refund {number} was confirmed and is no longer listed.", severity="high")
        desk.store.put(case, "refund", refund)
        case = desk.store.change(case, "refund_submitted", refund="submitted", facts={"refund": number, "amount": str(amount)})
        if refund.state is RefundState.PENDING:
            return f"{amount} submitted as {number}"
        return self._outcome(case, refund, desk)

    def _to_capture(self, case: Case, order: Order, plan: RefundPlan, payment: PaymentRecord, desk: Desk) -> tuple[RefundInstruction, str, str]:
        desk.store.put(case, "payment", payment)
        open_disputes = [dispute for dispute in payment.disputes if dispute.state.casefold() not in ("won", "closed")]
        if open_disputes:
            raise BusinessException(
                f"Dispute {open_disputes[0].dispute_id} ({open_disputes[0].kind}) is open on this payment: a refund now could be paid twice.",
                code="dispute_open",
                rules="F07",
                severity="high",
                suggestion="hold",
                freezes=True,
                advice="Answer the dispute with the return's evidence; `close` when it was settled there.",
            )
        own = [refund for refund in payment.refunds if refund.reference == case.rma and refund.state is not RefundState.FAILED]
        left = refundable(payment, plan.currency)
        if not own and plan.amount > left:
            raise BusinessException(
                f"{plan.amount} is proposed and only {left} is left of the payment.",
                code="above_refundable",
                rules="A05 F06",
                severity="high",
                suggestion="hold",
                freezes=True,
                amount_minor=plan.gross,
            )
        capture = next((c for c in payment.captures if c.amount.currency == plan.currency and c.amount >= plan.amount), None)
        if capture is None:
            raise BusinessException(
                f"No single capture of order {order.order_no} covers {plan.amount}.", code="capture_too_small", severity="high", suggestion="hold", freezes=True
            )
        return (
            RefundInstruction(order_no=order.order_no, rma=case.rma, amount=plan.amount, reason="return", capture_id=capture.capture_id),
            self._name_of(order, desk),
            capture.instrument,
        )

    def _by_transfer(self, case: Case, order: Order, plan: RefundPlan, desk: Desk) -> tuple[RefundInstruction, str, str]:
        bank = desk.bank(order.payment_method)
        if bank is None:
            raise BusinessException(f"No payment program serves the payment method {order.payment_method!r}.", code="payment_method_unknown", severity="high")
        payee = bank.find_payee(order.payer_iban) if order.payer_iban else None
        if payee is None:
            raise BusinessException(
                "The bank knows no payee with the account the order was paid from.",
                code="payee_unknown",
                rules="F02",
                severity="high",
                freezes=True,
                suggestion="hold",
            )
        return (
            RefundInstruction(order_no=order.order_no, rma=case.rma, amount=plan.amount, reason="return", payee_name=payee.name, payee_iban=payee.iban),
            self._name_of(order, desk),
            payee.iban,
        )

    def _name_of(self, order: Order, desk: Desk) -> str:
        portal = desk.payments(order.payment_method) or desk.bank(order.payment_method)
        return portal.name if portal else ""

    def _screen(self, case: Case, order: Order, plan: RefundPlan, instruction: RefundInstruction, payment: PaymentRecord | None, desk: Desk) -> None:
        """The last look before money moves (F01, F02, F05, F06, F07, F19, F20); a refund that already stands under our number is adopted, not screened."""
        if payment is not None and any(refund.reference == case.rma and refund.state is not RefundState.FAILED for refund in payment.refunds):
            return
        facts = RefundFacts(
            rma=case.rma,
            amount=instruction.amount,
            computed=plan.amount,
            lines=len(plan.lines),
            capture=next((c for c in payment.captures if c.capture_id == instruction.capture_id), None) if payment else None,
            payee_iban=instruction.payee_iban,
            payer_iban=order.payer_iban if payment is None else "",
            received=case.parcel == "received",
            early_allowed=case.request == "keep_item" or case.parcel == "lost",
        )
        screening = screen_refund(facts, payment, desk.config.load("fraud", FraudRules))
        desk.store.put(case, "refund_screening", screening)
        if screening.value == "hold" and desk.store.waiver(case, "refund_screen") is None:
            raise BusinessException(
                " ".join(screening.reasons),
                code="refund_screen",
                rules=" ".join(screening.rules),
                severity="high",
                suggestion="hold",
                freezes=True,
                amount_minor=plan.gross,
            )

    def _approved(self, case: Case, amount: Money, terms_hash: str, plan: RefundPlan, desk: Desk) -> None:
        """Above the limit a person must have approved exactly these terms."""
        agreed = desk.store.waiver(case, "agreed_amount")
        if agreed is not None and agreed.amount_minor == amount.minor:
            return
        if (
            not needs_approval(amount, desk.policy)
            or desk.config.suite.guardrails.mode.get(self.name) == "auto"
            or desk.store.waiver(case, "above_limit", terms_hash) is not None
        ):
            return
        raise BusinessException(
            f"Refund of {amount} for order {plan.order_no} is above the limit that the bot may pay alone.",
            code="above_limit",
            rules="P20",
            severity="medium",
            suggestion="approve",
            amount_minor=amount.minor,
            terms_hash=terms_hash,
            advice="`approve` pays exactly this amount to the original means of payment.",
        )

    def _refunds(self, case: Case, order: Order, desk: Desk) -> tuple[Refund, ...]:
        payments = desk.payments(order.payment_method)
        if payments is not None:
            return payments.find_refunds(case.rma)
        bank = desk.bank(order.payment_method)
        return bank.find_transfers(case.rma) if bank is not None else ()

    # -- reading back ------------------------------------------------------------------------------------------------------------
    def _outcome(self, case: Case, refund: Refund | str, desk: Desk) -> str:
        """A submitted refund has come to an end."""
        if isinstance(refund, str):
            raise NeedsCheck("A refund that was submitted is no longer on the back-end's list.", code="refund_vanished", severity="high")
        desk.store.put(case, "refund", refund)
        if refund.state is RefundState.FAILED:
            desk.store.change(case, "refund_failed", refund="failed", facts={"refund": refund.refund_id, "failure": refund.failure})
            raise BusinessException(
                f"The payment back-end declined refund {refund.refund_id} of {refund.amount}: {refund.failure or 'no reason given'}.",
                code="refund_declined",
                rules="F24",
                severity="high",
                suggestion="hold",
                freezes=True,
                amount_minor=refund.amount.minor,
                advice="Ask the customer for another means of payment and pay by hand, or `retry` when the cause is gone.",
            )
        desk.store.change(case, "refunded", refund="refunded", facts={"refund": refund.refund_id, "amount": str(refund.amount)})
        desk.store.queue_reply(case, "refunded", amount_minor=refund.amount.minor, currency=refund.amount.currency)
        return f"{refund.amount} refunded ({refund.refund_id})"


def refund_key(order: Order, case: Case) -> str:
    """What would make a second refund a duplicate: the order and our return number."""
    return f"refund:{order.order_no}:{case.rma}"


def standing_under(refunds: Iterable[Refund], rma: str, amount: Money) -> list[Refund]:
    """The refund that carries our reference, if it stands; raises NeedsCheck when there are several or its amount is not ours."""
    standing = [refund for refund in refunds if refund.reference == rma and refund.state is not RefundState.FAILED]
    if len(standing) > 1:
        names = ", ".join(refund.refund_id for refund in standing)
        raise NeedsCheck(f"{len(standing)} refunds carry the reference {rma}: {names}.", code="duplicate_refund", severity="high", rules="F06")
    if standing and standing[0].amount != amount:
        facts = f"Refund {standing[0].refund_id} of {standing[0].amount} carries the reference {rma}; ours is {amount}."
        raise NeedsCheck(facts, code="refund_differs", severity="high", rules="F01")
    return standing

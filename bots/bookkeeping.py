"""Bookkeeping: issues the credit note in the ERP, posts the balanced journals, and writes the return voucher.

Nothing is booked before the payment back-end has settled the refund (VAT is corrected once the customer is reimbursed).
"""

from __future__ import annotations

from collections.abc import Iterator

from bots.bot import Item
from bots.cases.errors import BusinessException
from bots.cases.ledger import Intent, only_one
from bots.cases.model import CreditNoteInstruction, Order, QcTask, Receipt, Refund, SalesReturn
from bots.cases.money import Money
from bots.cases.store import Case
from bots.decisions.accounting import Chart, Ledger, Paid
from bots.decisions.amounts import RefundPlan
from bots.decisions.inspection import Verdict
from bots.decisions.policy import Review
from bots.portals.desk import Desk
from bots.workbooks.voucher import VoucherData, voucher_data, write_voucher


class Bookkeeping:
    name = "bookkeeping"
    title = "Credit notes, vouchers, journals"
    side_by_side = True
    by_hand = 8.0

    def items(self, desk: Desk) -> Iterator[Item]:
        for case in desk.store.due(self.name, refund="refunded", books=("none", "credited")):
            yield Item(case.rma, case)
        for case in desk.store.due(self.name, refund="replaced", books="none"):
            yield Item(case.rma, case)

    def work(self, item: Item, desk: Desk) -> str:
        case = item.case
        assert case is not None
        order = desk.store.need(case, "order", Order)
        if case.refund == "replaced":
            return self._exchange(case, order, desk)
        plan, refund = desk.store.need(case, "refund_plan", RefundPlan), desk.store.need(case, "refund", Refund)
        if plan.amount != refund.amount and case.request != "books_only":
            raise BusinessException(
                f"Refund {refund.refund_id} paid {refund.amount}; the plan says {plan.amount}.",
                code="refund_differs",
                rules="F01",
                severity="high",
                freezes=True,
            )
        number = self._credit_note(case, order, plan, refund, desk)
        if case.books == "none":
            case = desk.store.change(case, "credited", books="credited", facts={"credit_note": number, "gross": str(refund.amount)})
        self._journals(case, order, plan, refund, number, desk)
        voucher = self._voucher(case, order, plan, refund, number, desk)
        desk.store.change(case, "posted", books="posted", facts={"credit_note": number, "voucher": voucher})
        return f"credit note {number}, voucher {voucher}"

    def _credit_note(self, case: Case, order: Order, plan: RefundPlan, refund: Refund, desk: Desk) -> str:
        tax = plan.tax if plan.amount == refund.amount else round(plan.tax * refund.amount.minor / plan.gross) if plan.gross else 0
        instruction = CreditNoteInstruction(order_no=order.order_no, rma=case.rma, gross=refund.amount, tax=tax)
        intent = Intent(
            f"credit_note:{case.rma}", "credit_note", self.name, desk.config.suite.erp.product, instruction.model_dump(mode="json"), amount=refund.amount
        )

        def look() -> str | None:
            notes = desk.erp.find_credit_notes(case.rma)
            number = only_one("credit_note", case.rma, (note.number for note in notes))
            note = notes[0] if notes else None
            if note is not None and note.gross != refund.amount:
                raise BusinessException(
                    f"Credit note {note.number} over {note.gross} stands under {case.rma}; the refund was {refund.amount}.",
                    code="credit_note_differs",
                    severity="high",
                )
            return number

        return desk.commit(case, intent, look=look, act=lambda permit: desk.erp.create_credit_note(instruction, permit))

    def _ledger(self, desk: Desk) -> Ledger:
        return Ledger(desk.config.load("accounts", Chart), desk.config.suite.books_currency)

    def _journals(self, case: Case, order: Order, plan: RefundPlan, refund: Refund, number: str, desk: Desk) -> None:
        """Credit note, payment with its exchange difference, goods, and the way back; each document is posted once."""
        ledger, today = self._ledger(desk), desk.now.date()
        exact = plan.amount == refund.amount
        shipping = next((part for part in plan.components if part.rule == "A02"), None) if exact else None
        desk.books.post(
            case,
            ledger.credit_note(
                number,
                order.order_no,
                refund.amount,
                plan.tax if exact else round(plan.tax * refund.amount.minor / plan.gross) if plan.gross else 0,
                order.book_rate,
                shipping=shipping.gross if shipping else 0,
                shipping_tax=shipping.tax if shipping else 0,
            ),
            today,
        )
        paid_from: Paid = (
            "marketplace_clearing" if order.payment_method == "marketplace" else "bank" if desk.payments(order.payment_method) is None else "psp_clearing"
        )
        desk.books.post(
            case, ledger.refund_paid(refund.refund_id, order.order_no, refund.amount, order.book_rate, refund.settle_rate, paid_from=paid_from), today
        )
        self._goods(case, order, ledger, desk)

    def _goods(self, case: Case, order: Order, ledger: Ledger, desk: Desk) -> None:
        """What came back is worth something again; what bringing it back cost is an expense."""
        verdicts = {evidence.where: verdict for verdict in desk.store.newest_of_each(case, "inspected", Verdict) for evidence in verdict.evidence[:1]}
        for task in desk.store.newest_of_each(case, "qc_task", QcTask):
            line = order.line(task.sku) or next((line for line in order.lines if line.picked_sku == task.sku), None)
            verdict = verdicts.get(line.sku) if line else None
            if line is None or verdict is None or not line.cost_minor:
                continue
            desk.books.post(case, ledger.restock(task.task_no, task.sku, task.qty, line.cost_minor, verdict.value), desk.now.date())
        registered = desk.store.get(case, "sales_return", SalesReturn)
        if registered is not None and registered.label_cost and case.parcel in ("received", "lost"):
            cost = Money(minor=registered.label_cost, currency=order.currency)
            desk.books.post(case, ledger.return_label(registered.return_no, registered.carrier, cost, order.book_rate), desk.now.date())

    def _exchange(self, case: Case, order: Order, desk: Desk) -> str:
        """A like-for-like exchange has no effect on revenue: only the goods move."""
        ledger, decided = self._ledger(desk), desk.store.need(case, "review", Review)
        self._goods(case, order, ledger, desk)
        sent = next((row for row in desk.ledger.of_case(case) if row.kind == "replacement" and row.state == "confirmed"), None)
        line = order.line(decided.authorised[0][0])
        if sent is not None and line is not None and line.cost_minor:
            desk.books.post(
                case, ledger.replacement(sent.reference, decided.exchange_sku or line.sku, decided.authorised[0][1], line.cost_minor), desk.now.date()
            )
        desk.store.change(case, "posted", books="posted", facts={"replacement": sent.reference if sent else ""})
        return "exchange posted"

    def _voucher(self, case: Case, order: Order, plan: RefundPlan, refund: Refund, credit_note: str, desk: Desk) -> str:
        number = desk.books.voucher(case)
        data: VoucherData = voucher_data(
            number,
            case,
            order,
            plan,
            refund,
            credit_note,
            desk.config.suite,
            issued_at=desk.now,
            receipt=desk.store.get(case, "receipt", Receipt),
            verdicts=desk.store.newest_of_each(case, "inspected", Verdict),
            tasks=desk.store.newest_of_each(case, "qc_task", QcTask),
            journals=[str(entry["doc_ref"]) for entry in desk.books.entries(case)],
            approved_by=next((row.decided_by for row in desk.store.all_exceptions(case) if row.decision == "approve"), ""),
        )
        file = desk.config.file("out", "vouchers", f"{number}.pdf")
        sha256 = write_voucher(file, data)
        desk.books.voucher_written(number, str(file.relative_to(desk.config.workspace)), sha256)
        return number

"""Receiving: reads what the warehouse counted, matches it to what was authorised, and orders the quality checks."""

from __future__ import annotations

from collections.abc import Iterator

from bots.bot import Item
from bots.cases.errors import BusinessException
from bots.cases.ledger import Intent, only_one
from bots.cases.model import Order, Parcel, QcInstruction, Receipt, ReturnRequest
from bots.cases.store import Case
from bots.decisions.inspection import InspectionRules, checklist
from bots.decisions.policy import Review
from bots.decisions.receiving import ReceiptMatch, ReceivingRules, match_receipt
from bots.portals.desk import Desk

# R06: something that nobody asked for lay in the parcel; the return itself is not in doubt.
EXTRA = frozenset({"R06"})


class Receiving:
    name = "receiving"
    title = "Matches receipts, orders quality checks"
    side_by_side = True
    by_hand = 5.0

    def items(self, desk: Desk) -> Iterator[Item]:
        receipts = desk.wms.list_receipts()
        expected = {
            case.rma: case for case in desk.store.due(self.name, parcel=("none", "awaited", "in_transit", "arrived", "lost", "not_expected", "received"))
        }
        by_parcel = {case.tracking_no: case for case in expected.values() if case.tracking_no}
        for receipt in receipts:
            case = expected.get(receipt.rma) or by_parcel.get(receipt.tracking_no)
            if case is not None and case.inspection == "none" and case.request not in ("rejected", "cancelled"):
                yield Item(case.rma, case, receipt.receipt_no)
            elif case is None and desk.store.case(receipt.rma) is None and not desk.store.row_known("wms_receipt", receipt.receipt_no):
                yield Item(f"orphan:{receipt.receipt_no}", None, receipt)

    def work(self, item: Item, desk: Desk) -> str:
        case = item.case
        if case is None:
            return self._orphan(item.data, desk)
        receipt = desk.wms.read_receipt(item.data)
        if receipt is None:
            raise BusinessException(f"The WMS lists receipt {item.data} and then does not show it.", code="receipt_vanished", suggestion="retry")
        desk.store.put(case, "receipt", receipt)
        order, decided = desk.store.need(case, "order", Order), desk.store.need(case, "review", Review)
        request = desk.store.need(case, "request", ReturnRequest)
        found = match_receipt(order, decided.authorised, receipt, desk.config.load("receiving", ReceivingRules), parcel=desk.store.get(case, "parcel", Parcel))
        desk.store.put(case, "receipt_match", found)
        if case.parcel != "received":
            case = desk.store.change(
                case, "received", parcel="received", facts={"receipt": receipt.receipt_no, "dock_g": receipt.dock_g, "carton": receipt.carton}
            )
        self._stop_if_false(case, found, desk)
        pieces: dict[tuple[str, str], int] = {}
        for line in found.lines:
            if line.order_sku:
                pieces[line.received_sku, line.order_sku] = pieces.get((line.received_sku, line.order_sku), 0) + line.qty
        checks = [(received, qty, ordered) for (received, ordered), qty in pieces.items()]
        for received_sku, qty, order_sku in checks:
            self._order_check(case, order, receipt, received_sku, qty, order_sku, request.reason_code, desk)
        desk.store.change(case, "checks_ordered", inspection="tasked", facts={"checks": checks})
        self._tell_of_extras(case, found, desk)
        return f"{receipt.receipt_no}: {len(checks)} quality checks ordered"

    def _stop_if_false(self, case: Case, found: ReceiptMatch, desk: Desk) -> None:
        """What is in the parcel contradicts the return: no check, no refund, a person looks."""
        blocking = [finding for finding in found.findings if finding.severity in ("block", "error") and finding.rule not in EXTRA]
        if blocking and desk.store.waiver(case, "receipt_contradicts") is None:
            raise BusinessException(
                " ".join(finding.what for finding in blocking),
                code="receipt_contradicts",
                rules=" ".join(dict.fromkeys(finding.rule for finding in blocking)),
                severity="high",
                suggestion="hold",
                advice="Look at the goods and the pictures; `proceed` inspects and refunds, `reject` ends the case without refund.",
                freezes=True,
            )

    def _tell_of_extras(self, case: Case, found: ReceiptMatch, desk: Desk) -> None:
        others = [finding for finding in found.findings if finding.rule in EXTRA]
        if others and desk.store.waiver(case, "receipt_differs") is None:
            raise BusinessException(
                " ".join(finding.what for finding in others),
                code="receipt_differs",
                rules=" ".join(dict.fromkeys(finding.rule for finding in others)),
                severity="medium",
                suggestion="proceed",
                advice="The return goes on for what was authorised; decide what happens to the rest and answer `proceed`.",
            )

    def _order_check(self, case: Case, order: Order, receipt: Receipt, sku: str, qty: int, order_sku: str, reason_code: str, desk: Desk) -> None:
        line = order.line(order_sku)
        points = checklist(
            line.category if line else "",
            serialised=bool(line and line.serials),
            battery=bool(line and line.battery),
            reason_code=reason_code,
            rules=desk.config.load("inspection", InspectionRules),
        )
        instruction = QcInstruction(receipt_no=receipt.receipt_no, rma=case.rma, sku=sku, qty=qty, checklist=points)
        intent = Intent(f"qc:{receipt.receipt_no}:{sku}", "qc_task", self.name, desk.config.suite.wms.product, instruction.model_dump(mode="json"))

        def look() -> str | None:
            known = desk.wms.find_qc_tasks(case.rma)
            return only_one("qc_task", case.rma, (task.task_no for task in known if task.receipt_no == receipt.receipt_no and task.sku == sku))

        desk.commit(case, intent, look=look, act=lambda permit: desk.wms.create_qc_task(instruction, permit))

    def _orphan(self, receipt: Receipt, desk: Desk) -> str:
        """A parcel that no case expects: a case of its own, before a person."""
        case, _ = desk.store.open_case(None, channel="wms", intent="other", request="escalated", carrier="", tracking_no=receipt.tracking_no)
        desk.store.put(case, "receipt", receipt)
        desk.store.add_row("wms_receipt", receipt.receipt_no, case, "orphan")
        desk.store.open_exception(
            case,
            self.name,
            "orphan_receipt",
            f"Receipt {receipt.receipt_no} (label {receipt.rma or 'without RMA'}, parcel {receipt.tracking_no}) belongs to no known return.",
            severity="medium",
            suggestion="close",
            advice="Find the customer by the label or the goods; open a return by hand or `close`.",
        )
        return f"{receipt.receipt_no} belongs to no known return"

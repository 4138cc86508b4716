"""Inspection: reads the inspectors' notes, grades the goods, books where they go, and moves them there."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from bots.bot import Item
from bots.cases.errors import BusinessException
from bots.cases.ledger import Intent, only_one, seen_first
from bots.cases.model import DispositionInstruction, Order, OrderLine, QcTask, Receipt, ReturnRequest, TransferInstruction
from bots.cases.store import Case
from bots.decisions.inspection import InspectionRules, Signs, Verdict, inspect, responsible
from bots.decisions.llm_notes import read_note_with
from bots.decisions.policy import SELLER_FAULT
from bots.decisions.understanding import NoteReading
from bots.portals.desk import Desk

# Defects of a customer's making, unless the return was for a fault of ours.
CUSTOMERS_DOING = frozenset({"used_worn", "missing_accessory", "contaminated"})


class Inspection:
    name = "inspection"
    title = "Reads inspection notes, books dispositions"
    side_by_side = True
    by_hand = 5.0

    def items(self, desk: Desk) -> Iterator[Item]:
        waiting = {case.rma: case for case in desk.store.due(self.name, inspection="tasked")}
        if not waiting:
            return
        finished = {task.rma for task in desk.wms.list_finished_qc_tasks()}
        for rma, case in waiting.items():
            if rma in finished or any(row.kind == "disposition" for row in desk.ledger.of_case(case)):
                yield Item(rma, case)

    def work(self, item: Item, desk: Desk) -> str:
        case = item.case
        assert case is not None
        tasks = [task for listed in desk.wms.find_qc_tasks(case.rma) if (task := desk.wms.read_qc_task(listed.task_no)) is not None]
        if any(task.state != "done" for task in tasks) or not tasks:
            return "some checks are still open"
        for task in tasks:
            desk.store.put(case, "qc_task", task, source_key=task.task_no)
        rules = desk.config.load("inspection", InspectionRules)
        order, request = desk.store.need(case, "order", Order), desk.store.need(case, "request", ReturnRequest)
        receipt = desk.store.need(case, "receipt", Receipt)
        warehouse = receipt.warehouse
        readings = [read_note_with(desk.adviser, task.note, sure_enough=rules.sure_enough, names=(case.customer_name,)) for task in tasks]
        results = [self._decide(order, request, task, note, receipt, rules, desk) for task, note in zip(tasks, readings, strict=True)]
        for task, result in zip(tasks, results, strict=True):
            desk.store.put(case, "inspected", result, source_key=task.task_no)
        self._stop_if_doubtful(case, tasks, results, desk)
        for task, result in zip(tasks, results, strict=True):
            self._book(case, task, result, desk)
            if result.transfer_to and result.transfer_to != warehouse:
                self._move(case, task, result, warehouse, desk)
        desk.store.change(
            case,
            "inspected",
            inspection="inspected",
            responsible=self._responsible(case, order, request, tasks[0], readings[0], results[0], receipt, rules),
            facts={
                "results": [
                    {"sku": task.sku, "grade": r.grade, "disposition": r.value, "rules": list(r.rules), "method": note.method}
                    for task, note, r in zip(tasks, readings, results, strict=True)
                ]
            },
        )
        return ", ".join(f"{task.sku} {result.grade} {result.value}" for task, result in zip(tasks, results, strict=True))

    def _line(self, order: Order, sku: str) -> OrderLine:
        """The order line a checked article belongs to, by what was ordered or by what was really packed."""
        line = order.line(sku) or next((line for line in order.lines if line.picked_sku == sku), None)
        if line is None:
            raise BusinessException(
                f"A quality check is for {sku}, which order {order.order_no} does not hold.", code="check_of_other_goods", suggestion="hold", freezes=True
            )
        return line

    def _decide(self, order: Order, request: ReturnRequest, task: QcTask, note: NoteReading, receipt: Receipt, rules: InspectionRules, desk: Desk) -> Verdict:
        line = self._line(order, task.sku)
        fault = request.reason_code in SELLER_FAULT
        grade, defect = str(note.grade), str(note.defect)
        if task.sku != line.sku and grade == "wrong_goods":
            # The goods are wrong because we packed them wrongly; they are ours, and as good as new unless the note says otherwise.
            grade, defect = "B_open_box", "none"
        verdict = inspect(line, grade, defect, note.confidence, rules, desk.now.date(), warehouse=receipt.warehouse, seller_fault=fault)
        if not verdict.code and not fault and (defect in CUSTOMERS_DOING or verdict.grade in ("C", "D", "E")):
            why = f"The goods come back {defect.replace('_', ' ')} (grade {verdict.grade}) and the customer gave no fault of ours: less may be due (diminished value)."
            return verdict.model_copy(update={"needs_person": True, "code": "diminished_value", "reasons": (*verdict.reasons, why)})
        return verdict

    def _responsible(
        self, case: Case, order: Order, request: ReturnRequest, task: QcTask, note: NoteReading, result: Verdict, receipt: Receipt, rules: InspectionRules
    ) -> str:
        signs = Signs(
            reason_code=request.reason_code,
            claimed=case.responsible,
            grade=result.grade,
            defect=note.defect,
            picked_other=task.sku != self._line(order, task.sku).sku,
            carton=receipt.carton,
        )
        return responsible(signs, rules).value

    def _stop_if_doubtful(self, case: Case, tasks: list[QcTask], results: list[Verdict], desk: Desk) -> None:
        """Wrong goods, goods the customer wore out, or a note that cannot be read: a person decides before anything is booked."""
        for task, result in zip(tasks, results, strict=True):
            if result.code and desk.store.waiver(case, result.code) is None:
                raise BusinessException(
                    f'{task.sku}: {" ".join(result.reasons)} Note of {task.inspector or "the inspector"}: "{task.note}"',
                    code=result.code,
                    rules=" ".join(result.rules),
                    severity="high" if result.grade == "X" else "medium",
                    suggestion="hold" if result.grade == "X" else "proceed",
                    advice="`proceed` refunds in full; an amount beside it refunds that much; `reject` ends the case without refund.",
                    freezes=True,
                )

    def _book(self, case: Case, task: QcTask, result: Verdict, desk: Desk) -> None:
        instruction = DispositionInstruction(task_no=task.task_no, rma=case.rma, grade=result.grade, disposition=result.value)
        intent = Intent(
            f"disposition:{task.task_no}", "disposition", self.name, desk.config.suite.wms.product, instruction.model_dump(mode="json"), repeatable=True
        )

        def look() -> str | None:
            booked = next((known for known in desk.wms.find_qc_tasks(case.rma) if known.task_no == task.task_no and known.disposition), None)
            if booked is not None and (booked.grade, booked.disposition) != (result.grade, result.value):
                raise BusinessException(
                    f"{task.task_no} is already booked as {booked.grade} {booked.disposition}; ours is {result.grade} {result.value}.",
                    code="disposition_differs",
                )
            return booked.task_no if booked else None

        # The task's own page, read a moment ago, shows a disposition that is already booked.
        act = partial(desk.wms.book_disposition, instruction)
        desk.commit(case, intent, look=look if task.disposition else seen_first(None, look), act=act)

    def _move(self, case: Case, task: QcTask, result: Verdict, warehouse: str, desk: Desk) -> None:
        instruction = TransferInstruction(
            task_no=task.task_no, rma=case.rma, sku=task.sku, qty=task.qty, from_warehouse=warehouse, to_warehouse=result.transfer_to
        )
        intent = Intent(f"transfer:{task.task_no}", "transfer", self.name, desk.config.suite.wms.product, instruction.model_dump(mode="json"))

        def look() -> str | None:
            moves = desk.wms.find_transfers(case.rma)
            return only_one("transfer", case.rma, (move.transfer_no for move in moves if move.sku == task.sku and move.to_warehouse == result.transfer_to))

        desk.commit(case, intent, look=look, act=lambda permit: desk.wms.create_transfer(instruction, permit))

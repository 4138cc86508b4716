"""Tryton as warehouse system: a receipt is a customer return shipment that was received. It has no inspection of goods, no weights, cartons or
tracking numbers: those stay empty, and what would need them is refused."""

from __future__ import annotations

import re
from collections import Counter

from bots.cases.commits import Permit
from bots.cases.model import DispositionInstruction, QcInstruction, QcTask, Receipt, ReceiptLine, Transfer, TransferInstruction
from bots.portals.signin import understood
from bots.portals.tryton.base import Domain
from bots.portals.tryton.client import TrytonPortal
from bots.portals.tryton.values import bracketed, read_moment, read_pieces

CAME_IN: Domain = ["state", "in", ["received", "done"]]
RECEIVE_QUESTION = "Are you sure you want to receive the shipment?"


class TrytonWms(TrytonPortal):
    """Role Wms on Tryton's screens."""

    _origins: dict[str, str] | None = None
    """Receipt -> RMA, as far as it was read: where goods come from does not change any more."""

    # -- reading -------------------------------------------------------------------------------------------------------
    def list_receipts(self) -> tuple[Receipt, ...]:
        """Every customer return that was received, newest first, without its lines."""
        rows = self._list("receipts", [CAME_IN], "number")
        found = [self._receipt(row) for row in rows]
        return tuple(sorted(found, key=lambda one: (one.dock_at is not None, one.dock_at, len(one.receipt_no), one.receipt_no), reverse=True))

    def read_receipt(self, receipt_no: str) -> Receipt | None:
        """One received customer return with what was counted, or None."""
        rows = self._list("receipts", [["number", "=", receipt_no], CAME_IN], "number")
        if not rows:
            return None
        lines: list[ReceiptLine] = []
        for row in self._incoming(receipt_no):
            with understood(self.screen):
                lines.append(ReceiptLine(line_no=len(lines) + 1, sku=bracketed(row["product"])[0], qty=read_pieces(row["quantity"])))
        return self._receipt(rows[0]).model_copy(update={"lines": tuple(lines)})

    def find_awaited(self, rma: str) -> tuple[str, ...]:
        """Numbers of the customer returns under this RMA that the warehouse has not received yet."""
        rows = self._list("receipts", [["moves.sale.reference", "=", rma], ["state", "=", "draft"]], "number")
        return tuple(row["number"] for row in rows)

    def find_qc_tasks(self, rma: str) -> tuple[QcTask, ...]:
        """Tryton has none."""
        return ()

    def list_finished_qc_tasks(self) -> tuple[QcTask, ...]:
        """Tryton has none."""
        return ()

    def read_qc_task(self, task_no: str) -> QcTask | None:
        """Tryton has none."""
        return None

    def find_transfers(self, rma: str) -> tuple[Transfer, ...]:
        """Tryton's internal shipments know no return: none can be told to belong to one."""
        return ()

    # -- writing -------------------------------------------------------------------------------------------------------
    def receive(self, receipt_no: str, rma: str, counted: tuple[tuple[str, int], ...], permit: Permit) -> None:
        """Receive an awaited customer return whose pieces were counted as announced; the commit is `Receive` with the client's question after it.

        Another count is refused: what is short or over is for a person to change in the shipment.
        """
        announced = Counter[str]()
        for row in self._incoming(receipt_no):
            with understood(self.screen):
                announced[bracketed(row["product"])[0]] += read_pieces(row["quantity"])
        if self._rma(receipt_no) != rma or not self._list("receipts", [["number", "=", receipt_no], ["state", "=", "draft"]], "number"):
            raise self._refused(f"return {receipt_no} under {rma} is not awaited")
        if announced != Counter(dict(counted)):
            raise self._refused(f"return {receipt_no} announces {dict(announced)}, counted were {dict(counted)}: change the shipment by hand")
        self._go_into("receipt")
        self._fields("number", "state", filled=("number", "state"))
        self._type("reference", rma)
        self._save()
        shown = self._fields("number", "reference", "state", filled=("number", "state"))
        self._agree({"receipt_no": (shown["number"], receipt_no), "rma": (shown["reference"], rma), "state": (shown["state"], "draft")})
        self._commit("receive", permit, [receipt_no, rma], ("received", "done"), RECEIVE_QUESTION)

    def create_qc_task(self, instruction: QcInstruction, permit: Permit) -> None:
        """Tryton has no inspection of goods."""
        raise self._no_inspection()

    def book_disposition(self, instruction: DispositionInstruction, permit: Permit) -> None:
        """Tryton has no inspection of goods."""
        raise self._no_inspection()

    def create_transfer(self, instruction: TransferInstruction, permit: Permit) -> None:
        """Tryton's internal shipments know no inspection and no return that they follow from."""
        raise self._no_inspection()

    # -- helpers -------------------------------------------------------------------------------------------------------
    def _no_inspection(self) -> Exception:
        return self._refused(
            "it has no quality checks of returned goods, and so neither their dispositions nor the transfers that follow: inspect and move them by hand"
        )

    def _incoming(self, receipt_no: str) -> list[dict[str, str]]:
        """What came from the customer under this number."""
        rows = self._list("moves", [["shipment.number", "=", receipt_no, "stock.shipment.out.return"], ["from_location.type", "=", "customer"]], "quantity")
        rmas = {_rma_of(row["origin"]) for row in rows}
        self._origins = {**(self._origins or {}), receipt_no: rmas.pop() if len(rmas) == 1 else ""}
        return rows

    def _rma(self, receipt_no: str) -> str:
        """The RMA of the one sale that the goods come from; empty where there are several or none."""
        if receipt_no not in (self._origins or {}):
            self._incoming(receipt_no)
        return (self._origins or {})[receipt_no]

    def _receipt(self, row: dict[str, str]) -> Receipt:
        with understood(self.screen):
            dock_at = read_moment(row["effective_date"])
        return Receipt(
            source_system=self.name,
            source_key=row["number"],
            receipt_no=row["number"],
            rma=self._rma(row["number"]),
            warehouse=bracketed(row["warehouse"])[0],
            dock_at=dock_at,
        )


def _rma_of(origin: str) -> str:
    """`Sale Line,-1 u [RUN-42] Running shoe 42 @ 25 [RMA-1]` -> RMA-1."""
    shown = re.search(r" @ \S+ \[([^\]]*)\]$", origin)
    return shown[1] if shown else ""

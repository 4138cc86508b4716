"""LagerPro: return receipts, quality checks, dispositions and transfers of a German warehouse program."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from bots.automation.formats import parse_number, parse_time
from bots.cases.commits import Permit
from bots.cases.model import DispositionInstruction, QcInstruction, QcTask, Receipt, ReceiptLine, Transfer, TransferInstruction
from bots.portals.practice.forms import FormPortal
from bots.portals.signin import PasswordPortal, understood

STATES = {"offen": "open", "erledigt": "done"}
CARTONS = {"unversehrt": "intact", "eingedrückt": "crushed", "geöffnet": "opened"}
UNDECIDED = "undecided"
"""LagerPro's list filter for finished checks without a disposition."""


class PracticeWms(FormPortal, PasswordPortal):
    """Role Wms on LagerPro's screens."""

    # -- reading -------------------------------------------------------------------------------------------------------
    def list_receipts(self) -> tuple[Receipt, ...]:
        """All return receipts, newest first, without their lines; 500 a page load."""
        rows = self._list("receipts", rma="")
        with understood(self.screen):
            return tuple(self._receipt(row, row["receipt_no"]) for row in rows)

    def read_receipt(self, receipt_no: str) -> Receipt | None:
        """One receipt with its counted lines, or None."""
        if not self._open_record("receipt", receipt_no=receipt_no):
            return None
        with understood(self.screen):
            lines = tuple(
                ReceiptLine(line_no=self._count(row["line_no"]), sku=row["sku"], gtin=row["gtin"], qty=self._count(row["qty"]), serial=row["serial"])
                for row in self.screen.table("lines")
            )
            return self._receipt(self.screen.fields("head"), receipt_no, lines)

    def find_qc_tasks(self, rma: str) -> tuple[QcTask, ...]:
        """Checks of exactly this RMA, as the list shows them."""
        return tuple(task for task in self._tasks(rma=rma, state="") if task.rma == rma)

    def list_finished_qc_tasks(self) -> tuple[QcTask, ...]:
        """Checks that a person has finished and that wait for a disposition."""
        return tuple(task for task in self._tasks(rma="", state=UNDECIDED) if task.state == "done" and not task.disposition)

    def read_qc_task(self, task_no: str) -> QcTask | None:
        """One check with the inspector's note, or None."""
        if not self._open_record("task", task_no=task_no):
            return None
        with understood(self.screen):
            shown = self.screen.fields("head")
            return self._task({**shown, "task_no": task_no}, note=shown["note"])

    def find_transfers(self, rma: str) -> tuple[Transfer, ...]:
        """Transfers of exactly this RMA, as the list shows them."""
        rows = self._list("transfers", rma=rma)
        with understood(self.screen):
            return tuple(
                Transfer(
                    source_system=self.name,
                    source_key=row["transfer_no"],
                    transfer_no=row["transfer_no"],
                    task_no=row["task_no"],
                    rma=row["rma"],
                    sku=row["sku"],
                    qty=self._count(row["qty"]),
                    from_warehouse=row["from_warehouse"],
                    to_warehouse=row["to_warehouse"],
                )
                for row in rows
                if row["rma"] == rma
            )

    # -- writing -------------------------------------------------------------------------------------------------------
    def create_qc_task(self, instruction: QcInstruction, permit: Permit) -> None:
        """Ask for a quality check of counted goods; one commit click in the dialog of the receipt's page."""
        screen, wanted = self.screen, instruction
        if not self._open_record("receipt", receipt_no=wanted.receipt_no):
            raise self._refused(f"there is no receipt {wanted.receipt_no}")
        counted = {row["sku"] for row in screen.table("lines")}
        if wanted.sku not in counted:
            raise self._refused(f"receipt {wanted.receipt_no} counted {sorted(counted) or 'nothing'}, not {wanted.sku}")
        screen.click("new_task")
        screen.choose("sku", wanted.sku)
        screen.fill("qty", str(wanted.qty))
        screen.fill("checklist", "\n".join(wanted.checklist))
        screen.commit("save_task", permit, [wanted.receipt_no, wanted.rma, wanted.sku, str(wanted.qty)])
        self._after_commit("receipt", permit)

    def book_disposition(self, instruction: DispositionInstruction, permit: Permit) -> None:
        """Write grade and disposition of a finished check; the commit click is in the confirm dialog."""
        screen, wanted = self.screen, instruction
        if not self._open_record("task", task_no=wanted.task_no):
            raise self._refused(f"there is no quality check {wanted.task_no}")
        if not screen.has("book"):
            shown = screen.fields("head")
            raise self._refused(
                f"{wanted.task_no} takes no disposition: state {shown['state']!r}, grade {shown['grade']!r}, disposition {shown['disposition']!r}"
            )
        screen.choose_value("grade", wanted.grade)
        screen.choose_value("disposition", wanted.disposition)
        screen.click("book")
        self._confirm(permit, task_no=wanted.task_no, rma=wanted.rma, grade=wanted.grade, disposition=wanted.disposition)
        self._after_commit("task", permit)

    def create_transfer(self, instruction: TransferInstruction, permit: Permit) -> None:
        """Move checked goods to another warehouse; the commit click is in the confirm dialog."""
        screen, wanted = self.screen, instruction
        screen.open("new_transfer", task_no=wanted.task_no)
        if screen.has("error"):
            raise self._refused(screen.text("error"))
        screen.fill("sku", wanted.sku)
        screen.choose_value("from_warehouse", wanted.from_warehouse)
        screen.choose_value("to_warehouse", wanted.to_warehouse)
        screen.fill("qty", str(wanted.qty))
        screen.click("save_transfer")
        self._confirm(
            permit,
            task_no=wanted.task_no,
            rma=wanted.rma,
            sku=wanted.sku,
            qty=str(wanted.qty),
            from_warehouse=wanted.from_warehouse,
            to_warehouse=wanted.to_warehouse,
        )
        self._after_commit("transfers", permit)

    # -- helpers -------------------------------------------------------------------------------------------------------
    def _tasks(self, **filters: str) -> list[QcTask]:
        rows = self._list("tasks", **filters)
        with understood(self.screen):
            return [self._task(row) for row in rows]

    def _count(self, text: str) -> int:
        number = parse_number(text, self.style)
        if number != int(number):
            raise ValueError(f"{text!r} is not a whole number")
        return int(number)

    def _grams(self, kilos: str) -> int:
        return int(parse_number(kilos, self.style) * Decimal(1000))

    def _receipt(self, shown: dict[str, str], receipt_no: str, lines: Sequence[ReceiptLine] = ()) -> Receipt:
        return Receipt(
            source_system=self.name,
            source_key=receipt_no,
            receipt_no=receipt_no,
            rma=shown["rma"],
            tracking_no=shown["tracking_no"],
            warehouse=shown["warehouse"],
            dock_at=parse_time(shown["dock_at"], self.style),
            dock_g=self._grams(shown["weight"]),
            carton=CARTONS.get(shown["carton"], shown["carton"]),
            lines=tuple(lines),
        )

    def _task(self, shown: dict[str, str], note: str = "") -> QcTask:
        return QcTask(
            source_system=self.name,
            source_key=shown["task_no"],
            task_no=shown["task_no"],
            receipt_no=shown["receipt_no"],
            rma=shown["rma"],
            sku=shown["sku"],
            qty=self._count(shown["qty"]),
            state=STATES[shown["state"]],
            inspector=shown["inspector"],
            finished_at=parse_time(shown["finished_at"], self.style),
            note=note,
            grade=shown["grade"],
            disposition=shown["disposition"],
        )

    def _confirm(self, permit: Permit, **terms: str) -> None:
        """The commit click in the confirm dialog, after every term was read there exactly as wanted."""
        shown = self.screen.fields("confirm_dialog")
        self._agree({name: (shown[name], wanted) for name, wanted in terms.items()})
        self.screen.commit("confirm", permit, list(terms.values()))

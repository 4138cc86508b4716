"""The person who answers the exceptions workbook: decides from the truth, writes only into the answer cells."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import openpyxl
from openpyxl.worksheet.worksheet import Worksheet

from .world import World

KEY_ROW = 3
FIRST_ROW = 5
CLERK = "Zhou Min"
# Questions about what a mail means; a person who reads it knows.
MISREAD = (
    "mail_return_", "mail_refund_", "mail_repair_", "mail_exchange_", "mail_cancel_", "mail_provides_", "mail_order_", "mail_complaint", "mail_other",
    "unclear_mail", "delivery_in_doubt", "article_unclear", "special_remedy",
)  # fmt: skip


# Questions about a commit whose outcome is unknown, and where the clerk looks: by the kind of commit, does it stand under this RMA?
FROZEN = ("needs_check", "terms_changed", "second_click")
# Questions about an answer that may not have left.
ANSWERS = ("reply_unknown", "address_refused")
DONE = {
    "sales_return": "SELECT 1 FROM sales_returns WHERE rma = ? AND state <> 'cancelled'",
    "cancel_return": "SELECT 1 FROM sales_returns WHERE rma = ? AND state = 'cancelled'",
    "credit_note": "SELECT 1 FROM credit_notes WHERE rma = ?",
    "replacement": "SELECT 1 FROM replacements WHERE rma = ?",
    "qc_task": "SELECT 1 FROM qc_tasks JOIN receipts USING (receipt_no) WHERE rma = ?",
    "disposition": "SELECT 1 FROM qc_tasks JOIN receipts USING (receipt_no) WHERE rma = ? AND disposition IS NOT NULL",
    "transfer": "SELECT 1 FROM transfers WHERE rma = ?",
    "refund": "SELECT 1 FROM refunds WHERE reference = ?1 UNION SELECT 1 FROM bank_transfers WHERE instr(reference, ?1) > 0",
}
UNDO = {
    "sales_return": "UPDATE sales_returns SET state = 'cancelled' WHERE return_no = (SELECT max(return_no) FROM sales_returns WHERE rma = :rma)",
    "credit_note": "DELETE FROM credit_notes WHERE cn_no = (SELECT max(cn_no) FROM credit_notes WHERE rma = :rma)",
    "replacement": "DELETE FROM replacements WHERE replacement_no = (SELECT max(replacement_no) FROM replacements WHERE rma = :rma)",
    "qc_task": "DELETE FROM qc_tasks WHERE task_no = (SELECT max(task_no) FROM qc_tasks JOIN receipts USING (receipt_no) WHERE rma = :rma)",
    "transfer": "DELETE FROM transfers WHERE transfer_no = (SELECT max(transfer_no) FROM transfers WHERE rma = :rma)",
}
"""What stands twice under an RMA: the later one goes."""


def answer(world: World, workbook: Path, save_as: Path) -> int:
    """Fill the empty answers of every case row and save a copy, if there was anything to answer. Returns how many rows were answered.

    Raises ValueError when the workbook has no sheet with the machine keys in row 3.
    """
    book = openpyxl.load_workbook(workbook)
    sheet, columns = _case_sheet(book)
    answered = 0
    for row in range(FIRST_ROW, sheet.max_row + 1):
        cells = {key: sheet.cell(row, column) for key, column in columns.items()}
        if not cells["exception_id"].value or cells["decision"].value:
            continue
        asked = {key: str(cell.value or "") for key, cell in cells.items()}
        decision, note = decide(world, asked)
        for key, value in {"decision": decision, "note": note, "by": CLERK}.items():
            _write(sheet, cells[key], value)
        answered += 1
    if answered:
        save_as.parent.mkdir(parents=True, exist_ok=True)
        book.save(save_as)
    return answered


def decide(world: World, asked: dict[str, str]) -> tuple[str, str]:
    """The decision and note for one row (by machine key), as somebody who knows what really happened would give it."""
    if asked.get("code") == "made_twice":
        return _undo(world, asked)
    if asked.get("suggestion") == "retry":
        return "retry", "Please try again."
    if asked.get("code") == "duplicate_refund":
        return "close", "The payment program has paid twice; I have the second one called back and settle this by hand."
    if asked.get("code") in FROZEN:
        return _look(world, asked)
    if asked.get("code") in ANSWERS:
        return _look_for_mail(world, asked)
    story = world.one("SELECT * FROM stories WHERE order_no = ? AND order_no <> ''", asked.get("order_no", ""))
    if story is None:
        return "close", "Not a customer's case."
    expected: dict[str, Any] = json.loads(story["expected"])
    if expected["final"] not in ("closed", "ignored") and asked.get("code", "").startswith(MISREAD):
        return "proceed", "I have read the mail: it is an ordinary return request."
    if story["kind"] == "customs_hold" and _held(world, story["order_no"]):
        return "hold", "Wait until customs have released the parcel."
    if expected["staff"]:
        return expected["staff"]["decision"], expected["staff"]["note"]
    # Nobody should have been asked: say what leads to the right end.
    return {
        "rejected": ("reject", "Too late and no defect."),
        "cancelled": ("close", "The customer keeps the goods."),
        "ignored": ("close", "Not a customer's case."),
    }.get(expected["final"], ("proceed", "Nothing wrong with this one, please go on."))


def _look(world: World, asked: dict[str, str]) -> tuple[str, str]:
    """A commit whose outcome the bots do not know: the clerk looks into the program concerned."""
    commit, rma = asked.get("what", "").split(" ", 1)[0], asked.get("rma", "")
    question = DONE.get(commit)
    if question is None:
        return "hold", "I cannot tell; leave it."
    if world.one(question, rma):
        return "approve", "It stands in the program."
    return "reject", "It is not in the program: it did not happen."


def _look_for_mail(world: World, asked: dict[str, str]) -> tuple[str, str]:
    """An answer that may not have left: the clerk looks into the sent mail."""
    named = re.search(r"<[^<>\s]+>", asked.get("what", ""))
    if named and world.one("SELECT 1 FROM sent_mail WHERE message_id = ?", named[0]):
        return "close", "It is in the sent mail."
    return "retry", "It is not in the sent mail, please send it."


def _undo(world: World, asked: dict[str, str]) -> tuple[str, str]:
    """Something stands twice under one RMA: the clerk takes the later one out of the program."""
    commit, rma = asked.get("what", "").split(" ", 1)[0], asked.get("rma", "")
    undone = UNDO.get(commit)
    if undone is None:
        return "hold", "I cannot tell; leave it."
    with world.write() as db:
        db.execute(undone, {"rma": rma})
    return "retry", "It stood there twice; I have taken the second one out."


def _held(world: World, order_no: str) -> bool:
    return world.one("SELECT 1 FROM declarations d JOIN parcels p USING (tracking_no) WHERE p.order_no = ? AND d.status = 'held'", order_no) is not None


def _case_sheet(book: Any) -> tuple[Worksheet, dict[str, int]]:
    """The sheet that carries machine keys, and each key's column."""
    for sheet in book.worksheets:
        columns = {str(cell.value): cell.column for cell in sheet[KEY_ROW] if cell.value}
        if {"exception_id", "decision", "note", "by"} <= columns.keys():
            return sheet, columns
    raise ValueError("no sheet has the exceptions' machine keys in row 3")


def _write(sheet: Worksheet, cell: Any, value: str) -> None:
    """Type into an answer cell, as Excel would allow it. Raises ValueError when the cell is locked."""
    if sheet.protection.sheet and cell.protection.locked:
        raise ValueError(f"cell {cell.coordinate} is locked: staff cannot answer there")
    cell.value = value

"""The exceptions workbook: one row a question for staff, and their answers read back from it.

Only the answer cells are unlocked. A hidden row of machine keys names the columns in any language, and a hidden
fingerprint ties every answer to the exact question it was given for.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict

from bots.cases.events import digest
from bots.cases.money import Money, exponent
from bots.cases.store import ExceptionRow
from bots.workbooks.output import open_workbook, put_in_place, put_text
from bots.workbooks.unpacking import check_workbook

DECISIONS = ("approve", "reject", "proceed", "retry", "hold", "close", "take_over")
KEY_ROW, CAPTION_ROW, FIRST_ROW = 2, 3, 4  # zero-based
CAPTIONS: dict[str, dict[str, str]] = {
    "en": {
        "title": "Returns that need a decision",
        "hint": "Fill the yellow cells only: decision (from the list), amount (order currency, empty = as proposed), note, your name. Save a copy into the workspace folder `in` as exceptions-….xlsx.",
        "sheet": "Exceptions",
        "exception_id": "No.",
        "rma": "RMA",
        "order_no": "Order",
        "customer": "Customer",
        "code": "Question",
        "what": "What happened",
        "rule": "Rule",
        "severity": "Severity",
        "age_days": "Age (days)",
        "amount_asked": "Amount",
        "advice": "What you can do",
        "suggestion": "Suggested",
        "evidence": "Evidence",
        "decision": "Decision",
        "amount": "Other amount",
        "note": "Note",
        "by": "Decided by",
        "fingerprint": "Fingerprint",
        "high": "high",
        "medium": "medium",
        "low": "low",
        "meanings": "approve: the proposed terms, exactly · reject: no refund, the case ends · proceed: go on as if nothing were wrong · retry: try the step again · hold: leave it open · close: settled by hand · take_over: leave it open, I write to this customer and the bots do not",
    },
    "zh": {
        "title": "待人工处理的退货",
        "hint": "只填写黄色单元格：处理决定（下拉选择）、金额（订单币种，留空即按建议）、备注、姓名。另存为 exceptions-….xlsx 放入工作区的 in 文件夹。",
        "sheet": "异常",
        "exception_id": "编号",
        "rma": "RMA号",
        "order_no": "订单号",
        "customer": "客户",
        "code": "问题",
        "what": "发生了什么",
        "rule": "规则",
        "severity": "级别",
        "age_days": "天数",
        "amount_asked": "金额",
        "advice": "可采取的处理",
        "suggestion": "建议",
        "evidence": "证据",
        "decision": "处理决定",
        "amount": "改为金额",
        "note": "备注",
        "by": "处理人",
        "fingerprint": "指纹",
        "high": "高",
        "medium": "中",
        "low": "低",
        "meanings": "approve 按原条件批准 · reject 不退款并结案 · proceed 视为正常继续 · retry 重试 · hold 暂缓 · close 已人工处理，结案 · take_over 暂缓，由我答复客户，机器人不再发信",
    },
}
COLUMNS = (
    ("severity", 10),
    ("rma", 17),
    ("order_no", 23),
    ("customer", 22),
    ("what", 62),
    ("advice", 46),
    ("rule", 12),
    ("age_days", 8),
    ("amount_asked", 15),
    ("suggestion", 12),
    ("decision", 13),
    ("amount", 13),
    ("note", 30),
    ("by", 16),
    ("evidence", 14),
    ("code", 22),
    ("exception_id", 7),
    ("fingerprint", 12),
)
ANSWERS = frozenset({"decision", "amount", "note", "by"})
HIDDEN = frozenset({"fingerprint"})
SEVERITY_ORDER = {"high": 0, "medium": 1, "low": 2}


class Answer(BaseModel):
    """What staff decided about one exception."""

    model_config = ConfigDict(frozen=True)

    exception_id: int
    fingerprint: str
    decision: str
    amount: str = ""
    """As typed; read with `amount_of`."""
    note: str = ""
    by: str = ""
    row: int
    """Row in the sheet, as staff see it."""


class UnreadableWorkbook(Exception):
    """An answered workbook cannot be read."""


def fingerprint(row: ExceptionRow) -> str:
    """Hash over the question exactly as it was asked: an answer to an older question does not fit."""
    return digest([row.id, row.case.rma, row.code, row.what, row.amount_minor, row.terms_hash])[:16]


def write_exceptions(file: Path, rows: Sequence[ExceptionRow], *, captions: str, now: datetime, evidence: Path) -> Path:
    """Write the workbook and give the path it landed at. `evidence` is the folder that holds one folder a case."""
    ordered = sorted(rows, key=lambda row: (SEVERITY_ORDER.get(row.severity, 3), row.opened_at, row.id))
    return put_in_place(file, lambda fresh: _write(fresh, ordered, CAPTIONS[captions], now, evidence, file.parent))


def _write(file: Path, rows: Sequence[ExceptionRow], words: dict[str, str], now: datetime, evidence: Path, home: Path) -> None:
    book = open_workbook(file)
    sheet = book.add_worksheet(words["sheet"])
    base = {"font_name": "Calibri", "font_size": 10, "valign": "top", "text_wrap": True, "bottom": 4, "bottom_color": "#C9CED6"}
    plain = book.add_format(base)
    right = book.add_format({**base, "align": "right"})
    answer = book.add_format({**base, "bg_color": "#FFF6D6", "locked": False, "border": 1, "border_color": "#E3CF8B"})
    answer_amount = book.add_format(
        {**base, "bg_color": "#FFF6D6", "locked": False, "border": 1, "border_color": "#E3CF8B", "align": "right", "num_format": "@"}
    )
    link = book.add_format({**base, "font_color": "#1F5FBF", "underline": 1})
    head = book.add_format(
        {"bold": True, "font_color": "#FFFFFF", "bg_color": "#1F3A5F", "valign": "vcenter", "text_wrap": True, "border": 1, "border_color": "#FFFFFF"}
    )
    severity = {
        "high": book.add_format({**base, "bg_color": "#F8D3D0", "font_color": "#8A1C14", "bold": True}),
        "medium": book.add_format({**base, "bg_color": "#FCE7C8", "font_color": "#7A4A05", "bold": True}),
        "low": book.add_format({**base, "bg_color": "#E2EFDA", "font_color": "#2F5A1E", "bold": True}),
    }
    sheet.hide_gridlines(2)
    sheet.set_row(0, 26)
    sheet.write_string(
        0, 0, f"{words['title']}  ·  {len(rows)}  ·  {now:%Y-%m-%d %H:%M} UTC", book.add_format({"bold": True, "font_size": 15, "font_color": "#1F3A5F"})
    )
    sheet.set_row(1, 30)
    sheet.merge_range(
        1, 0, 1, 11, f"{words['hint']}\n{words['meanings']}", book.add_format({"font_color": "#4A5568", "text_wrap": True, "valign": "top", "font_size": 9})
    )
    sheet.set_row(KEY_ROW, None, None, {"hidden": True})
    sheet.set_row(CAPTION_ROW, 24)
    for column, (key, width) in enumerate(COLUMNS):
        sheet.set_column(column, column, width, None, {"hidden": key in HIDDEN})
        sheet.write_string(KEY_ROW, column, key)
        sheet.write_string(CAPTION_ROW, column, words[key], head)
    places = {key: column for column, (key, _) in enumerate(COLUMNS)}
    for index, row in enumerate(rows, start=FIRST_ROW):
        case = row.case
        shown = {
            "exception_id": str(row.id),
            "rma": case.rma,
            "order_no": case.order_no or "",
            "customer": case.customer_name,
            "code": row.code,
            "what": row.what,
            "rule": row.rules,
            "advice": row.advice,
            "suggestion": row.suggestion,
            "amount_asked": f"{Money(minor=row.amount_minor, currency=case.currency)}" if row.amount_minor is not None and case.currency else "",
            "fingerprint": fingerprint(row),
        }
        for key, value in shown.items():
            put_text(sheet, index, places[key], value, right if key == "amount_asked" else plain)
        put_text(sheet, index, places["severity"], words.get(row.severity, row.severity), severity.get(row.severity, plain))
        sheet.write_number(index, places["age_days"], max(0, (now - row.opened_at).days), right)
        folder = evidence / case.rma
        if folder.exists():
            sheet.write_url(index, places["evidence"], f"external:{_relative(folder, home)}", link, string=case.rma)
        else:
            put_text(sheet, index, places["evidence"], "", plain)
        for key in ANSWERS:
            put_text(
                sheet,
                index,
                places[key],
                {"decision": row.decision, "note": row.note, "by": row.decided_by}.get(key, ""),
                answer_amount if key == "amount" else answer,
            )
        lines = max(-(-len(row.what) // 68), -(-len(row.advice) // 50), 1)
        sheet.set_row(index, min(15 * lines + 4, 120))
    last = max(FIRST_ROW, FIRST_ROW + len(rows) - 1)
    sheet.data_validation(
        FIRST_ROW,
        places["decision"],
        last,
        places["decision"],
        {"validate": "list", "source": list(DECISIONS), "error_title": words["decision"], "error_message": ", ".join(DECISIONS)},
    )
    sheet.autofilter(CAPTION_ROW, 0, last, len(COLUMNS) - 1)
    sheet.freeze_panes(FIRST_ROW, places["what"])
    sheet.protect("", {"autofilter": True, "sort": True, "format_columns": True, "format_rows": True, "select_locked_cells": True})
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(CAPTION_ROW)
    book.close()


def _relative(folder: Path, home: Path) -> str:
    import os

    return os.path.relpath(folder, home)


def read_answers(file: Path) -> list[Answer]:
    """The rows of an answered workbook that carry a decision, note, amount or name. Raises UnreadableWorkbook."""
    from python_calamine import CalamineError, CalamineWorkbook

    try:
        check_workbook(file)
        book = CalamineWorkbook.from_path(str(file))
        sheets = [book.get_sheet_by_name(name).to_python(skip_empty_area=False) for name in book.sheet_names]
    except (CalamineError, OSError, ValueError) as error:
        raise UnreadableWorkbook(f"{file.name} is not a workbook that can be read: {error}") from None
    except BaseException as error:  # the reader's own faults come as a panic, which is no Exception
        if type(error).__name__ != "PanicException":
            raise
        raise UnreadableWorkbook(f"{file.name} is not a workbook that can be read: its reader gave up") from None
    for cells in sheets:
        if len(cells) > KEY_ROW:
            keys = {_cell(value): column for column, value in enumerate(cells[KEY_ROW]) if _cell(value)}
            if {"exception_id", "fingerprint", "decision"} <= keys.keys():
                return _answers(cells, keys)
    raise UnreadableWorkbook(f"{file.name} has no sheet with the exceptions' keys; answer in the workbook that the suite wrote")


def _answers(cells: list[list[Any]], keys: dict[str, int]) -> list[Answer]:
    answers = []
    for number, row in enumerate(cells[FIRST_ROW:], start=FIRST_ROW + 1):
        held = {key: _cell(row[column]) if column < len(row) else "" for key, column in keys.items()}
        if held["exception_id"].isdigit() and any(held.get(key) for key in ANSWERS):
            answers.append(
                Answer(
                    exception_id=int(held["exception_id"]),
                    fingerprint=held["fingerprint"],
                    decision=held["decision"].strip().lower(),
                    amount=held.get("amount", ""),
                    note=held.get("note", "")[:1000],
                    by=held.get("by", "")[:80],
                    row=number,
                )
            )
    return answers


def _cell(value: Any) -> str:
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value).strip() if value is not None else ""


def amount_of(typed: str, currency: str) -> int | None:
    """Minor units of an amount that a person typed, or None for an empty cell; both 12.34 and 12,34 are read, anything doubtful raises ValueError."""
    import re

    clean = typed.replace("\u00a0", "").replace(" ", "").removeprefix(currency).removesuffix(currency)
    if not clean:
        return None
    digits = exponent(currency)
    found = re.fullmatch(r"(\d+)(?:[.,](\d+))?", clean)
    if found is None or len(found.group(2) or "") > digits:
        raise ValueError(f"{typed!r} is not an amount in {currency}; write it like {'1234' if digits == 0 else '1234.50'}")
    whole, fraction = found.groups(default="")
    scale: int = 10**digits
    return int(whole) * scale + int(fraction.ljust(digits, "0") or 0)

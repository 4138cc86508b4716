"""Statements of money that has moved: the settlement export of the payment back-end, and the bank program's statement.

Settlement (CSV, en-US amounts `1,234.56`, UTC times): refund_id, capture_id, order_no, reference (our RMA), currency, amount, fee,
state (pending, settled, failed), created_at, settled_at, settle_rate (millionths of CNY per currency unit).
Bank statement (CSV, de-DE amounts `1.234,56`, UTC times): transfer_id, payee, iban, currency, amount, reference (our RMA), state (executed), booked_at.

Every cell is text first. A row that cannot be typed is told as a problem and the others go on: reconciliation needs to know both.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Generic, TypeVar

from pydantic import BaseModel, ConfigDict

from bots.automation.formats import parse_amount
from bots.cases.model import RefundState, StatementRow
from bots.cases.money import Money
from bots.workbooks.imports.base import ImportProblem, Row, RowRefused
from bots.workbooks.imports.tables import UnreadableFile, caption, read_grid

SETTLEMENT = ("refund_id", "capture_id", "order_no", "reference", "currency", "amount", "fee", "state", "created_at", "settled_at", "settle_rate")
BANK = ("transfer_id", "payee", "iban", "currency", "amount", "reference", "state", "booked_at")
BANK_STATES = {"executed": RefundState.SETTLED, "pending": RefundState.PENDING, "rejected": RefundState.FAILED, "returned": RefundState.FAILED}


class SettlementRow(StatementRow):
    """A refund as the payment back-end settled it; `booked_at` is when."""

    capture_id: str = ""
    fee: Money
    """What the back-end charged for it."""
    created_at: datetime | None = None


class BankRow(StatementRow):
    """A transfer as the bank booked it. `refund_id` is the bank's transfer id."""

    payee: str = ""
    iban: str = ""


AnyRow = TypeVar("AnyRow", bound=StatementRow)


class Statement(BaseModel, Generic[AnyRow]):
    """All rows of a statement file."""

    model_config = ConfigDict(frozen=True)

    rows: tuple[AnyRow, ...] = ()
    problems: tuple[ImportProblem, ...] = ()


def read_settlement(path: Path, source: str = "payments") -> Statement[SettlementRow]:
    """The settlement export; `source` names the portal it came from. Raises UnreadableFile where it is none."""

    def typed(row: Row) -> SettlementRow:
        currency = _currency(row)
        return SettlementRow(
            source_system=source,
            source_key=row.needed("refund_id", "refund id"),
            refund_id=row.text("refund_id"),
            capture_id=row.text("capture_id"),
            order_no=row.text("order_no"),
            reference=row.text("reference"),
            amount=_money(row, "amount", currency, "en"),
            fee=_money(row, "fee", currency, "en") if row.text("fee") else Money.zero(currency),
            state=_state(row, {state.value: state for state in RefundState}),
            created_at=row.when("created_at", "creation time"),
            booked_at=row.when("settled_at", "settlement time") if row.text("settled_at") else None,
            settle_rate=row.typed("settle_rate", "settlement rate", _rate),
        )

    return _read(path, SETTLEMENT, typed)


def read_bank_statement(path: Path, source: str = "bank") -> Statement[BankRow]:
    """The bank's statement export; `source` names the bank. Raises UnreadableFile where it is none."""

    def typed(row: Row) -> BankRow:
        currency = _currency(row)
        return BankRow(
            source_system=source,
            source_key=row.needed("transfer_id", "transfer id"),
            refund_id=row.text("transfer_id"),
            reference=row.text("reference"),
            amount=_money(row, "amount", currency, "de"),
            state=_state(row, BANK_STATES),
            booked_at=row.when("booked_at", "booking time"),
            payee=row.text("payee"),
            iban=row.text("iban").replace(" ", "").upper(),
        )

    return _read(path, BANK, typed)


def _read(path: Path, columns: tuple[str, ...], typed: Callable[[Row], AnyRow]) -> Statement[AnyRow]:
    grid = read_grid(path)
    if not grid or not {caption(name) for name in columns} <= {caption(cell) for cell in grid[0][1]}:
        raise UnreadableFile(f"{path.name} has not the columns {', '.join(columns)}")
    captions = grid[0][1]
    fields = {caption(name): name for name in columns}
    rows: list[AnyRow] = []
    problems: list[ImportProblem] = []
    for number, cells in grid[1:]:
        try:
            if len(cells) != len(captions):
                raise RowRefused(f"{len(cells)} cells under {len(captions)} captions: the download was cut off or the row is torn", "Download it again.")
            by_field = {fields[caption(name)]: cell for name, cell in zip(captions, cells, strict=True) if caption(name) in fields}
            rows.append(typed(Row(by_field, dict(zip(captions, cells, strict=True)))))
        except RowRefused as refused:
            problems.append(ImportProblem(row_no=number, what=refused.what, fix=refused.fix))
    return Statement(rows=tuple(rows), problems=tuple(problems))


def _currency(row: Row) -> str:
    row.needed("currency", "currency")
    currency = row.currency()
    assert currency is not None  # needed() refused an empty cell
    return currency


def _money(row: Row, field: str, currency: str, style: str) -> Money:
    row.needed(field, field)
    value = row.typed(field, field, lambda text: parse_amount(text, currency, style))
    assert value is not None  # needed() refused an empty cell
    return value


def _rate(text: str) -> int:
    if not text.isdecimal() or int(text) == 0:
        raise ValueError(f"{text!r} is no rate in millionths")
    return int(text)


def _state(row: Row, states: dict[str, RefundState]) -> RefundState:
    word = row.needed("state", "state")
    if word.lower() not in states:
        raise RowRefused(f"the state {word!r} is not known", f"States that are known: {', '.join(states)}.")
    return states[word.lower()]

"""The reconciliation workbook: sheets, formats, text that stays text, and cells that a person may fill in."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook
from openpyxl.workbook.workbook import Workbook

from bots.cases.events import digest
from bots.cases.model import RefundState
from bots.cases.settings import ROOT, load_yaml
from bots.decisions.matching import match
from bots.decisions.matching_rows import ADVICE, Code, LedgerRow, MatchRules, OrderRow, ReceiptRow, RefundRow
from bots.workbooks.reconciliation import LEGS, Report, Standing, Tie, row_hash, write_reconciliation
from bots.workbooks.reconciliation_words import CAPTIONS, advice

RULES = load_yaml(ROOT / "config" / "matching.yaml", MatchRules)
NOW = datetime(2026, 10, 20, 8, tzinfo=UTC)
EVIL = ('=HYPERLINK("http://evil.example","x")', "+1+1", "-2+3", "@SUM(A1)", "\t=1+1", "https://evil.example/a")


def report(ties: tuple[Tie, ...] = (), problems: tuple[str, ...] = (), standing: dict[str, Standing] | None = None) -> Report:
    """A yen case that matches, a euro case that was never refunded, an orphan refund; with hostile texts wherever texts come from outside."""
    day = datetime(2026, 10, 5, 8, tzinfo=UTC)
    orders = [
        OrderRow(
            row_id="RMA-1/X",
            order_no=EVIL[0],
            rma="RMA-1",
            sku=EVIL[1],
            qty=1,
            expected=11900,
            currency="JPY",
            opened_at=day,
            instrument=EVIL[2],
            book_rate=48_123,
        ),
        OrderRow(row_id="RMA-2/Y", order_no=EVIL[3], rma="RMA-2", sku="Y", qty=1, expected=4990, currency="EUR", opened_at=day),
    ]
    receipts = [
        ReceiptRow(row_id="WE-1", rma="RMA-1", sku=EVIL[1], qty=1, accepted_at=day),
        ReceiptRow(row_id="WE-2", rma="RMA-2", sku="Y", qty=1, accepted_at=day),
    ]
    refunds = [
        RefundRow(
            row_id=EVIL[4], rma="RMA-1", amount=11900, currency="JPY", state=RefundState.SETTLED, at=datetime(2026, 10, 8, tzinfo=UTC), settle_rate=48_123
        ),
        RefundRow(row_id=EVIL[5], order_no="Z", rma="RMA-9", amount=4990, currency="EUR", state=RefundState.SETTLED, at=datetime(2026, 10, 6, tzinfo=UTC)),
    ]
    ledger = [
        LedgerRow(row_id="l1", rma="RMA-1", kind="credit_note", doc_ref="CN-1", amount=11900, currency="JPY", posted_on=date(2026, 10, 8)),
        LedgerRow(row_id="l2", rma="RMA-1", kind="cash", doc_ref=EVIL[4], amount=11900, currency="JPY", posted_on=date(2026, 10, 8), functional=57266, fx=0),
    ]
    result = match(orders, receipts, refunds, ledger, RULES, NOW)
    legs = dict(zip(LEGS, (orders, receipts, refunds, ledger), strict=True))
    return Report(result, legs, ties, problems, standing or {}, RULES, day, NOW, "CNY", "Nordlicht")


def written(folder: Path, shown: Report, captions: str = "en") -> Workbook:
    (folder / "evidence" / "RMA-2").mkdir(parents=True, exist_ok=True)
    return load_workbook(write_reconciliation(folder / "reconciliation.xlsx", shown, captions=captions, evidence=folder / "evidence"))


def line(book: Workbook, sheet: str, value: Any) -> dict[str, Any]:
    """The row that holds a value, by caption."""
    rows = [[cell.value for cell in row] for row in book[sheet].iter_rows()]
    return dict(zip(map(str, rows[2]), next(row for row in rows[3:] if value in row), strict=True))


@pytest.mark.parametrize("captions", ["en", "zh"])
def test_every_sheet_is_there_in_both_languages(tmp_path: Path, captions: str) -> None:
    words = CAPTIONS[captions]
    book = written(tmp_path, report(), captions)
    assert book.sheetnames == [words[name] for name in ("summary", "matched_sheet", "exceptions_sheet", *LEGS, "rules", "sign_off")]
    for sheet in book.worksheets:
        assert sheet.page_setup.orientation == "landscape" and sheet.page_setup.fitToHeight == 0 and sheet.sheet_properties.pageSetUpPr.fitToPage
    for name in book.sheetnames[1:7]:
        assert book[name].freeze_panes is not None and book[name].auto_filter.ref.split(":")[0] == "A3"
    assert advice(Code.MISSED_REFUND, captions) in {cell.value for row in book[words["exceptions_sheet"]].iter_rows() for cell in row}


def test_the_languages_say_the_same_things() -> None:
    assert CAPTIONS["en"].keys() == CAPTIONS["zh"].keys()
    assert all(advice(code, "zh") and advice(code, "zh") != advice(code, "en") for code in ADVICE)


def test_no_text_becomes_a_formula_or_a_link(tmp_path: Path) -> None:
    book = written(tmp_path, report(problems=(EVIL[0], "@x")))
    cells = [cell for sheet in book.worksheets for row in sheet.iter_rows() for cell in row]
    assert [cell.coordinate for cell in cells if cell.data_type == "f"] == []
    assert {EVIL[0], EVIL[1], EVIL[2], EVIL[3], EVIL[4], EVIL[5]} <= {cell.value for cell in cells}
    assert {cell.hyperlink.target.replace("\\", "/") for cell in cells if cell.hyperlink} == {"evidence/RMA-2"}


def test_money_has_the_decimals_of_its_currency(tmp_path: Path) -> None:
    book = written(tmp_path, report())
    assert line(book, "Matched", "RMA-1")["Expected"] == 11900 and line(book, "Exceptions", "RMA-2")["Expected"] == 49.9
    by_currency = {row[2].value: row[4].number_format for row in book["Summary"].iter_rows(min_row=6, max_row=9) if row[2].value in ("JPY", "EUR")}
    assert by_currency["JPY"].startswith("#,##0;") and by_currency["EUR"].startswith("#,##0.00;")
    assert line(book, "Ledger", "l2")["In CNY"] == 572.66 and line(book, "Refunds", EVIL[4])["Rate at settlement"] == 0.048123


def test_exceptions_say_what_to_do_and_who(tmp_path: Path) -> None:
    book = written(tmp_path, report(standing={"RMA-2": Standing("open", "dispute_open")}))
    missed, orphan = line(book, "Exceptions", "MISSED_REFUND"), line(book, "Exceptions", "ORPHAN_REFUND")
    assert (missed["Severity"], missed["Age (days)"], missed["Owner"], missed["Status"]) == ("high", 15, "payments", "before a person: dispute_open")
    assert (missed["Difference"], missed["Evidence"]) == (-49.9, "RMA-2")
    assert orphan["Refunded"] == 49.9 and "RMA-2" in orphan["May belong to"] and orphan["Status"] == "to be cleared here"


def test_every_row_of_a_leg_has_its_outcome_and_a_hash_that_can_be_checked(tmp_path: Path) -> None:
    shown = report()
    book = written(tmp_path, shown)
    for leg in LEGS:
        for row in shown.legs[leg]:
            found = line(book, CAPTIONS["en"][leg], row.row_id)
            assert found["Row hash"] == row_hash(row) == digest(row.model_dump(mode="json"))[:16]
            assert found["Outcome"] in ("Matched", "Exceptions")
    assert row_hash(shown.legs["refunds"][0]) != row_hash(shown.legs["refunds"][0].model_copy(update={"amount": 11901}))


def test_only_the_cells_of_a_person_are_unlocked(tmp_path: Path) -> None:
    book = written(tmp_path, report())
    sign, found = book["Sign-off"], book["Exceptions"]
    assert sign.protection.sheet and found.protection.sheet
    assert {cell.coordinate for row in sign.iter_rows() for cell in row if not cell.protection.locked} == {
        f"{column}{row}" for column in "BCDE" for row in (5, 6, 7)
    }
    captions = {cell.column: cell.value for cell in found[3]}
    assert {captions[cell.column] for row in found.iter_rows() for cell in row if not cell.protection.locked} == {"Owner", "Status", "Note"}


@pytest.mark.parametrize(
    ("changes", "light"),
    [
        ({}, "RED"),
        ({"standing": {"RMA-2": Standing("open", "x"), "RMA-9": Standing("open", "x")}}, "AMBER"),
        ({"standing": {"RMA-2": Standing("answered", "Li"), "RMA-9": Standing("asked", "x")}}, "RED"),
        ({"standing": {"RMA-2": Standing("open", "x"), "RMA-9": Standing("open", "x")}, "ties": (Tie("journals", "", "CNY", 2, 100, 2, 99),)}, "RED"),
        ({"standing": {"RMA-2": Standing("open", "x"), "RMA-9": Standing("open", "x")}, "problems": ("row 3 is torn",)}, "RED"),
    ],
)
def test_the_light(tmp_path: Path, changes: dict[str, Any], light: str) -> None:
    assert str(written(tmp_path, report(**changes))["Summary"]["A3"].value).split()[0] == light


def test_control_totals_stand_in_the_summary(tmp_path: Path) -> None:
    book = written(tmp_path, report(ties=(Tie("settlement", "pay", "EUR", 2, 4990, 1, 4000),)))
    rows = [[cell.value for cell in row] for row in book["Summary"].iter_rows()]
    refunds = next(row for row in rows if row[:2] == ["Refunds", "EUR"])
    assert refunds[2:] == [1, 0, 1, 0, 49.9, 0, 49.9, 0, "yes"]
    tie = next(row for row in rows if str(row[0]).startswith("pay: settled refunds"))
    assert tie[1:8] == ["EUR", 2, 49.9, 1, 40, 9.9, "NO"]

"""The watch workbook and its proposed patches."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import openpyxl

from bots.automation.survey import ElementSurvey, PageSurvey
from bots.workbooks.watch import verdict, write_watch

NOW = datetime(2026, 10, 5, tzinfo=UTC)
GOOD = ElementSurvey(name="search", risk="read", rung=0, counts=(1, 1), ways=("label='订单号'", "css='#q'"))
LOWER = ElementSurvey(name="save", risk="write", rung=1, counts=(0, 1), ways=("role='button', name='=Save'", "css='#save'"))
GONE = ElementSurvey(name="pay", risk="commit", rung=None, counts=(0,), ways=("role='button', name='Pay'",))
TOAST = ElementSurvey(name="toast", risk="read", rung=None, counts=(0,), ways=("css='.toast'",), optional=True)


def test_verdicts() -> None:
    assert [verdict(element) for element in (GOOD, LOWER, GONE, TOAST)] == ["good", "lower way", "MISSING", "absent (optional)"]


def test_the_workbook_lists_every_locator_and_text_stays_text(tmp_path: Path) -> None:
    write_watch(tmp_path / "watch.xlsx", tmp_path / "patches", [PageSurvey(product="erp", page="order", elements=(GOOD, LOWER, GONE, TOAST))], NOW)
    sheet = openpyxl.load_workbook(tmp_path / "watch.xlsx").active
    rows = [[cell.value for cell in row] for row in sheet.iter_rows(min_row=3)]
    assert [row[2] for row in rows] == ["search", "save", "pay", "toast"]
    assert all(cell.data_type != "f" for row in sheet.iter_rows() for cell in row)
    assert "1 MISSING" in sheet["A1"].value


def test_a_page_that_cannot_be_reached_is_shown_with_its_reason(tmp_path: Path) -> None:
    write_watch(tmp_path / "watch.xlsx", tmp_path / "patches", [PageSurvey(product="erp", page="order", problem="does not answer")], NOW)
    sheet = openpyxl.load_workbook(tmp_path / "watch.xlsx").active
    assert sheet["F3"].value == "MISSING"
    assert sheet["G3"].value == "does not answer"


def test_a_lower_way_is_proposed_first_in_a_file_for_review(tmp_path: Path) -> None:
    said = write_watch(tmp_path / "watch.xlsx", tmp_path / "patches", [PageSurvey(product="erp", page="order", elements=(GOOD, LOWER))], NOW)
    assert "erp-order.txt" in said
    proposal = (tmp_path / "patches" / "erp-order.txt").read_text(encoding="utf-8")
    assert proposal.index("css='#save'") < proposal.index("=Save")
    assert "search" not in proposal


def test_nothing_to_propose_leaves_no_file(tmp_path: Path) -> None:
    write_watch(tmp_path / "watch.xlsx", tmp_path / "patches", [PageSurvey(product="erp", page="order", elements=(GOOD,))], NOW)
    assert not (tmp_path / "patches").exists()

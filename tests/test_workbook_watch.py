"""The watch workbook and its proposed patches."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import openpyxl

from bots.automation.locators import Element, Risk, Way
from bots.automation.survey import ElementSurvey, PageSurvey
from bots.workbooks.watch import verdict, write_watch

NOW = datetime(2026, 10, 5, tzinfo=UTC)
LOCATORS = Path(__file__).parents[1] / "locators"
GOOD = ElementSurvey(name="search", risk="read", rung=0, counts=(1, 1), ways=("label='订单号'", "css='#q'"))
LOWER = ElementSurvey(name="save", risk="write", rung=1, counts=(0, 1), ways=("role='button', name='=Save'", "css='#save'"))
GONE = ElementSurvey(name="pay", risk="commit", rung=None, counts=(0,), ways=("role='button', name='Pay'",))
TOAST = ElementSurvey(name="toast", risk="read", rung=None, counts=(0,), ways=("css='.toast'",), optional=True)


def test_verdicts() -> None:
    assert [verdict(element) for element in (GOOD, LOWER, GONE, TOAST)] == ["good", "lower way", "MISSING", "absent (optional)"]


def test_the_workbook_lists_every_locator_and_text_stays_text(tmp_path: Path) -> None:
    write_watch(tmp_path / "watch.xlsx", tmp_path / "patches", [PageSurvey(product="erp", page="order", elements=(GOOD, GONE, TOAST))], NOW, LOCATORS)
    sheet = openpyxl.load_workbook(tmp_path / "watch.xlsx").active
    rows = [[cell.value for cell in row] for row in sheet.iter_rows(min_row=3)]
    assert [row[2] for row in rows] == ["search", "pay", "toast"]
    assert all(cell.data_type != "f" for row in sheet.iter_rows() for cell in row)
    assert "1 MISSING" in sheet["A1"].value


def test_a_page_that_cannot_be_reached_is_shown_with_its_reason(tmp_path: Path) -> None:
    write_watch(tmp_path / "watch.xlsx", tmp_path / "patches", [PageSurvey(product="erp", page="order", problem="does not answer")], NOW, LOCATORS)
    sheet = openpyxl.load_workbook(tmp_path / "watch.xlsx").active
    assert sheet["F3"].value == "MISSING"
    assert sheet["G3"].value == "does not answer"


def login(**changes: Any) -> PageSurvey:
    """A look at the payment back-end's log-in page, of which one element is another than it was."""
    found = {"risk": "write", "rung": 1, "counts": (0, 1), "ways": ("role='button', name='Sign in'", "css='main form button'"), **changes}
    return PageSurvey(product="practice_pay", page="login", elements=(ElementSurvey(name="sign_in", **found),))


def patched(folder: Path, survey: PageSurvey) -> str:
    said = write_watch(folder / "watch.xlsx", folder / "patches", [survey], NOW, LOCATORS)
    assert "proposed patches: practice_pay-login.patch" in said
    return (folder / "patches" / "practice_pay-login.patch").read_text(encoding="utf-8")


def test_a_lower_way_is_proposed_first(tmp_path: Path) -> None:
    """So it is for programs whose elements nobody can look at more closely, such as those of the desktop."""
    patch = patched(tmp_path, login())
    assert "# sign_in (write): way 2 finds one element, the first finds 0" in patch
    added = [line for line in patch.splitlines() if line.startswith("+ ")]
    assert added[-2:] == ['+      - {css: "main form button"}', '+      - {role: "button", name: "Sign in"}']


def test_a_commits_patch_says_that_it_stays_stopped_until_a_person_applies_it(tmp_path: Path) -> None:
    element = Element(ways=(Way(role="button", name="Pay"),), risk=Risk.COMMIT)
    patch = patched(tmp_path, login(risk="commit", rung=None, counts=(0, 0), proposal=element, likeness=0.71))
    assert "# sign_in (commit): no way finds it; this one is 71% alike what stood there before. A commit: it stays stopped until this is applied" in patch


def test_an_older_patch_goes_when_nothing_is_to_be_proposed_any_more(tmp_path: Path) -> None:
    patched(tmp_path, login())
    write_watch(tmp_path / "watch.xlsx", tmp_path / "patches", [login(rung=0, counts=(1, 1))], NOW, LOCATORS)
    assert list((tmp_path / "patches").iterdir()) == []


def test_changes_and_proposals_stand_in_the_workbook(tmp_path: Path) -> None:
    element = Element(ways=(Way(role="button", name="=HYPERLINK(1)"),))
    patched(tmp_path, login(rung=None, counts=(0, 0), proposal=element, likeness=0.71, changes=("name: 'Sign in' is now 'Log in'",)))
    sheet = openpyxl.load_workbook(tmp_path / "watch.xlsx").active
    assert (sheet["I3"].value, sheet["J3"].value) == ("name: 'Sign in' is now 'Log in'", "role='button', name='=HYPERLINK(1)'\n(71% alike)")


def test_a_page_that_waits_for_a_case_is_not_missing(tmp_path: Path) -> None:
    page = PageSurvey(product="practice_pay", page="payment", problem="no case has a order_no to open it with yet", waits=True)
    write_watch(tmp_path / "watch.xlsx", tmp_path / "patches", [page], NOW, LOCATORS)
    assert openpyxl.load_workbook(tmp_path / "watch.xlsx").active["F3"].value == "not looked at"


def test_nothing_to_propose_leaves_no_file(tmp_path: Path) -> None:
    write_watch(tmp_path / "watch.xlsx", tmp_path / "patches", [PageSurvey(product="erp", page="order", elements=(GOOD,))], NOW, LOCATORS)
    assert not (tmp_path / "patches").exists()

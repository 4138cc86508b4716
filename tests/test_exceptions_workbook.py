"""The exceptions workbook: what staff see, how they answer in it, and which answers count."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook
from openpyxl.worksheet.worksheet import Worksheet
from python_calamine import CalamineWorkbook

from bots.automation.browser import BrowserHouse, BrowserOptions
from bots.automation.evidence import Evidence
from bots.cases.clock import FixedClock
from bots.cases.errors import NeedsCheck
from bots.cases.store import Case, ExceptionRow, Store
from bots.exceptions import Exceptions
from bots.operations.runner import Runner
from bots.portals.desk import Desk
from bots.replies import Replies
from bots.workbooks.exceptions import ANSWERS, CAPTIONS, COLUMNS, DECISIONS, UnreadableWorkbook, amount_of, fingerprint, read_answers, write_exceptions
from bots.workbooks.output import put_in_place
from tests.ledger_drill import refund_intent
from tests.stores import a_case, tiny_config

KEYS, FIRST = 3, 5  # rows as a person counts them


@pytest.fixture
def desk(store: Store, tmp_path: Path) -> Desk:
    return Desk(tiny_config(tmp_path), store, BrowserHouse(BrowserOptions()), lambda account: "", Evidence(tmp_path / "evidence"))


@pytest.fixture
def case(store: Store) -> Case:
    return a_case(store, customer_name='=HYPERLINK("http://evil.example","Ann")')


@pytest.fixture
def question(store: Store, case: Case) -> ExceptionRow:
    store.open_exception(
        case,
        "refunds",
        "above_limit",
        "+1+1 is above the limit",
        advice="approve or reject",
        amount_minor=60000,
        terms_hash="t1",
        rules="P20",
        suggestion="approve",
    )
    return store.open_exceptions(case)[0]


def write(store: Store, folder: Path, captions: str = "en") -> Path:
    return write_exceptions(folder / "exceptions.xlsx", store.open_exceptions(), captions=captions, now=store.clock.now(), evidence=folder / "evidence")


def columns(sheet: Worksheet) -> dict[str, int]:
    """Key -> column, from the hidden row, as a program of the staff's own might read it."""
    return {str(cell.value): cell.column for cell in sheet[KEYS] if cell.value}


def shown(file: Path, row: int = FIRST) -> dict[str, Any]:
    sheet = load_workbook(file).worksheets[0]
    return {key: sheet.cell(row, column).value for key, column in columns(sheet).items()}


def answered(file: Path, to: Path, *rows: dict[str, Any]) -> Path:
    """Fill rows in, as staff do: open the workbook, type, save a copy."""
    book = load_workbook(file)
    sheet = book.worksheets[0]
    places = columns(sheet)
    for number, answer in enumerate(rows, FIRST):
        for key, value in answer.items():
            sheet.cell(number, places[key]).value = value
    to.parent.mkdir(parents=True, exist_ok=True)
    book.save(to)
    return to


def ask(desk: Desk, *rows: dict[str, Any]) -> str:
    """Let staff answer the newest workbook and the bot read it; what its receipt says."""
    Runner(desk).run(Exceptions())
    number = len(list((desk.config.workspace / "in").glob("*.xlsx"))) + 1
    file = answered(desk.config.workspace / "out" / "exceptions.xlsx", desk.config.workspace / "in" / f"exceptions-{number}.xlsx", *rows)
    assert Runner(desk).run(Exceptions()).verdict == "ok"
    return (desk.config.workspace / "out" / f"{file.stem}-receipt.txt").read_text(encoding="utf-8")


# -- what staff see ------------------------------------------------------------------------------------------------------------
def test_a_question_is_one_row_with_everything_needed_to_decide(store: Store, question: ExceptionRow, clock: FixedClock, tmp_path: Path) -> None:
    (tmp_path / "evidence" / question.case.rma).mkdir(parents=True)
    clock.forward(timedelta(days=3, hours=5))
    row = shown(write(store, tmp_path))
    assert (row["rma"], row["order_no"], row["code"], row["rule"], row["age_days"]) == (question.case.rma, "GB-2026-104233", "above_limit", "P20", 3)
    assert (row["amount_asked"], row["advice"], row["suggestion"], row["severity"]) == ("EUR 600.00", "approve or reject", "approve", "medium")
    assert (row["exception_id"], row["fingerprint"], row["evidence"]) == (str(question.id), fingerprint(question), question.case.rma)
    assert all(row[key] in (None, "") for key in ANSWERS)
    link = load_workbook(tmp_path / "exceptions.xlsx").worksheets[0].cell(FIRST, [key for key, _ in COLUMNS].index("evidence") + 1).hyperlink
    assert link is not None and link.target.replace("\\", "/") == f"evidence/{question.case.rma}", "a link that stays right when the workspace moves"


def test_the_worst_comes_first(store: Store, clock: FixedClock, tmp_path: Path) -> None:
    for number, severity in enumerate(("low", "high", "medium", "high"), 1):
        store.open_exception(a_case(store, f"A-{number}"), "review", "question", "?", severity=severity)
        clock.forward(timedelta(minutes=1))
    write(store, tmp_path)
    assert [shown(tmp_path / "exceptions.xlsx", row)["order_no"] for row in range(FIRST, FIRST + 4)] == ["A-2", "A-4", "A-3", "A-1"]


def test_only_the_answer_cells_can_be_written_and_the_list_offers_the_decisions(store: Store, question: ExceptionRow, tmp_path: Path) -> None:
    sheet = load_workbook(write(store, tmp_path)).worksheets[0]
    places = columns(sheet)
    assert sheet.protection.sheet and sheet.row_dimensions[KEYS].hidden and sheet.freeze_panes is not None and sheet.auto_filter.ref
    assert {key for key, column in places.items() if not sheet.cell(FIRST, column).protection.locked} == ANSWERS
    assert all(sheet.cell(row, column).protection.locked for row in range(1, FIRST) for column in places.values())
    (rule,) = sheet.data_validations.dataValidation
    assert rule.type == "list" and rule.formula1.strip('"').split(",") == list(DECISIONS) and sheet.cell(FIRST, places["decision"]).coordinate in rule.sqref
    letter = sheet.cell(1, places["fingerprint"]).column_letter
    assert sheet.column_dimensions[letter].hidden


@pytest.mark.parametrize(
    "text", ["=1+1", "+1+1", "-1", "@SUM(A1)", '=HYPERLINK("http://evil.example","Ann")', "{=1}", "\t=1", "http://evil.example", "00123", "1e5"]
)
def test_text_from_outside_stays_text_in_every_reader(store: Store, tmp_path: Path, text: str) -> None:
    store.open_exception(a_case(store, customer_name=text), "review", "question", text, advice=text)
    file = write(store, tmp_path)
    sheet = load_workbook(file).worksheets[0]
    places = columns(sheet)
    for key in ("customer", "what", "advice"):
        cell = sheet.cell(FIRST, places[key])
        assert (cell.value, cell.data_type, cell.hyperlink) == (text, "s", None)
    read = CalamineWorkbook.from_path(str(file)).get_sheet_by_index(0).to_python(skip_empty_area=False)
    assert read[FIRST - 1][places["customer"] - 1] == text
    assert not any(cell.data_type == "f" for row in sheet.iter_rows() for cell in row)


def test_control_characters_and_endless_text_do_not_break_it(store: Store, tmp_path: Path) -> None:
    store.open_exception(a_case(store), "review", "question", "a\x00b\x0bc\ufffe\n" + "x" * 40_000)
    what = str(shown(write(store, tmp_path))["what"])
    assert what.startswith("abc\nxxx") and what.endswith("x…") and len(what) == 32_000


def test_captions_in_chinese_and_the_same_keys(store: Store, question: ExceptionRow, tmp_path: Path) -> None:
    file = write(store, tmp_path, "zh")
    book = load_workbook(file)
    sheet = book.worksheets[0]
    assert book.sheetnames == ["异常"] and str(sheet["A1"].value).startswith("待人工处理的退货")
    assert [cell.value for cell in sheet[KEYS]] == [key for key, _ in COLUMNS]
    assert [cell.value for cell in sheet[KEYS + 1]] == [CAPTIONS["zh"][key] for key, _ in COLUMNS] and shown(file)["severity"] == "中"
    assert [(a.exception_id, a.decision) for a in read_answers(answered(file, tmp_path / "a.xlsx", {"decision": "hold", "by": "李"}))] == [
        (question.id, "hold")
    ]
    assert CAPTIONS["zh"].keys() == CAPTIONS["en"].keys()


def test_an_empty_workbook_can_be_written_and_read(store: Store, tmp_path: Path) -> None:
    assert read_answers(write(store, tmp_path)) == []


# -- how it is put in place ----------------------------------------------------------------------------------------------------
def test_a_workbook_that_somebody_has_open_gets_a_number(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Windows refuses to replace a file that Excel has open."""
    import os

    replace, target = os.replace, tmp_path / "exceptions.xlsx"

    def as_windows(source: Path, to: Path) -> None:
        if to == target:
            raise PermissionError(13, "the process cannot access the file", str(to))
        replace(source, to)

    monkeypatch.setattr(os, "replace", as_windows)
    place = put_in_place(target, lambda fresh: fresh.write_text("new") and None)
    assert place.name == "exceptions (2).xlsx" and place.read_text() == "new" and list(tmp_path.iterdir()) == [place]


# -- what staff type -----------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("typed", "currency", "minor"),
    [
        ("12.34", "EUR", 1234),
        ("12,34", "EUR", 1234),
        ("EUR 12.5", "EUR", 1250),
        ("12", "EUR", 1200),
        ("", "EUR", None),
        ("3980", "JPY", 3980),
        ("1\u00a0234,50", "EUR", 123450),
        ("１２", "CNY", 1200),
    ],
)
def test_amounts_that_people_type(typed: str, currency: str, minor: int | None) -> None:
    assert amount_of(typed, currency) == minor


@pytest.mark.parametrize(
    ("typed", "currency"),
    [("1.234,50", "EUR"), ("1,234", "EUR"), ("-5", "EUR"), ("USD 5", "EUR"), ("ten", "EUR"), ("5.5", "JPY"), ("=5", "EUR"), ("1e3", "EUR")],
)
def test_a_doubtful_amount_is_refused(typed: str, currency: str) -> None:
    with pytest.raises(ValueError, match=f"is not an amount in {currency}"):
        amount_of(typed, currency)


@given(st.integers(0, 10**9))
def test_any_amount_is_read_with_either_sign_for_decimals(minor: int) -> None:
    whole, cents = divmod(minor, 100)
    assert amount_of(f"{whole}.{cents:02d}", "EUR") == amount_of(f"{whole},{cents:02d}", "EUR") == minor


def test_what_staff_typed_comes_back_whatever_cell_type_excel_made_of_it(store: Store, question: ExceptionRow, tmp_path: Path) -> None:
    file = answered(write(store, tmp_path), tmp_path / "a.xlsx", {"decision": " Approve ", "amount": 450, "note": 12.5, "by": "Li"})
    (answer,) = read_answers(file)
    assert (answer.decision, answer.amount, answer.note, answer.by, answer.row, answer.fingerprint) == (
        "approve",
        "450",
        "12.5",
        "Li",
        FIRST,
        fingerprint(question),
    )


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 not a workbook", b"decision;by\napprove;Li\n"])
def test_what_is_no_workbook_is_named(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "exceptions-x.xlsx").write_bytes(content)
    with pytest.raises(UnreadableWorkbook, match=r"exceptions-x\.xlsx is not a workbook that can be read"):
        read_answers(tmp_path / "exceptions-x.xlsx")


def test_another_workbook_is_refused(tmp_path: Path) -> None:
    from openpyxl import Workbook

    Workbook().save(tmp_path / "exceptions-other.xlsx")
    with pytest.raises(UnreadableWorkbook, match="answer in the workbook that the suite wrote"):
        read_answers(tmp_path / "exceptions-other.xlsx")


# -- which answers count -------------------------------------------------------------------------------------------------------
def test_an_approval_lets_exactly_these_terms_pass(desk: Desk, question: ExceptionRow) -> None:
    assert ask(desk, {"decision": "approve", "note": "ok", "by": "Li"}) == "row 5: approve - taken\n"
    given_ = desk.store.waiver(question.case, "above_limit", "t1")
    assert given_ and given_.given_by == "Li" and desk.store.open_exceptions() == [] and desk.store.waiver(question.case, "agreed_amount") is None
    assert desk.store.case_by_id(question.case.id).touches == 1


def test_a_lower_amount_is_agreed_with_the_approval(desk: Desk, question: ExceptionRow) -> None:
    assert "taken" in ask(desk, {"decision": "approve", "amount": "450,00", "by": "Li"})
    agreed = desk.store.waiver(question.case, "agreed_amount")
    assert agreed and agreed.amount_minor == 45000


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        ({"decision": "approve"}, "the name of who decided is missing"),
        ({"decision": "yes", "by": "Li"}, "'yes' is not one of approve, reject"),
        ({"note": "please pay", "by": "Li"}, "'' is not one of"),
        ({"decision": "approve", "amount": "600.01", "by": "Li"}, "more than proposed cannot be paid from here"),
        ({"decision": "approve", "amount": "1.234,50", "by": "Li"}, "is not an amount in EUR; write it like 1234.50"),
        ({"decision": "reject", "amount": "5", "by": "Li"}, "an amount goes with `approve` or `proceed` only"),
        ({"decision": "approve", "by": "Li", "fingerprint": "0" * 16}, "the question has changed since this workbook was written"),
        ({"decision": "approve", "by": "Li", "exception_id": "99"}, "this question is no longer open"),
    ],
)
def test_an_answer_that_does_not_count_says_why(desk: Desk, question: ExceptionRow, answer: dict[str, Any], why: str) -> None:
    receipt = ask(desk, answer)
    assert receipt.startswith("row 5: ") and why in receipt and "taken" not in receipt
    assert desk.store.open_exceptions() == [question] and desk.store.waiver(question.case, "agreed_amount") is None


def test_an_answer_to_yesterdays_question_does_not_fit_todays(desk: Desk, question: ExceptionRow) -> None:
    Runner(desk).run(Exceptions())
    old = desk.config.workspace / "out" / "exceptions.xlsx"
    file = answered(old, desk.config.workspace / "in" / "exceptions-late.xlsx", {"decision": "approve", "by": "Li"})
    desk.store.close_exception(question, "retry", "Ma")
    desk.store.open_exception(question.case, "refunds", "above_limit", "Now 700", amount_minor=70000, terms_hash="t2")
    Runner(desk).run(Exceptions())
    assert "this question is no longer open" in (desk.config.workspace / "out" / f"{file.stem}-receipt.txt").read_text(encoding="utf-8")
    assert len(desk.store.open_exceptions()) == 1 and desk.store.waiver(question.case, "above_limit", "t2") is None


def test_an_answered_file_is_read_once(desk: Desk, question: ExceptionRow) -> None:
    ask(desk, {"decision": "hold", "note": "ask the boss", "by": "Li"})
    summary = Runner(desk).run(Exceptions())
    assert [key for key, _ in summary.results] == ["workbook"] and desk.store.case_by_id(question.case.id).touches == 1
    held = shown(desk.config.workspace / "out" / "exceptions.xlsx")
    assert (held["decision"], held["note"], held["by"]) == ("hold", "ask the boss", "Li"), "staff see what was said"


def test_a_file_that_cannot_be_read_gets_a_receipt_and_stops_nothing(desk: Desk, question: ExceptionRow) -> None:
    (desk.config.file("in", "exceptions-0.xlsx")).write_bytes(b"rubbish")
    assert "taken" in ask(desk, {"decision": "retry", "by": "Li"})
    assert "not a workbook" in (desk.config.workspace / "out" / "exceptions-0-receipt.txt").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("decision", "request_state", "refund"),
    [("reject", "rejected", "not_due"), ("close", "answered", "not_due"), ("proceed", "escalated", "none"), ("retry", "escalated", "none")],
)
def test_what_each_decision_does_to_the_case(desk: Desk, question: ExceptionRow, decision: str, request_state: str, refund: str) -> None:
    desk.store.change(question.case, "to_a_person", request="escalated")
    assert "taken" in ask(desk, {"decision": decision, "by": "Li"})
    case = desk.store.case_by_id(question.case.id)
    assert (case.request, case.refund) == (request_state, refund) and desk.store.open_exceptions() == []
    assert (desk.store.waiver(case, "above_limit", "t1") is not None) == (decision == "proceed")


@pytest.mark.parametrize(("decision", "outcome", "reply"), [("retry", "taken", "queued"), ("close", "taken", "held"), ("reject", "leads nowhere here", "held")])
def test_a_question_about_an_answer_never_ends_the_case(desk: Desk, case: Case, decision: str, outcome: str, reply: str) -> None:
    for kind in ("approved", "received"):
        desk.store.queue_reply(case, kind)
    cut_off, other = desk.store.replies("queued")
    desk.store.mark_reply(cut_off.id, "sending", "<a.approved.1@seller.example>")
    desk.store.mark_reply(other.id, "held", "<a.received.2@seller.example>")  # answered for before
    assert Runner(desk).run(Replies()).to_person == 1
    assert outcome in ask(desk, {"decision": decision, "by": "Li"})
    assert [row.state for row in desk.store.replies_of(case)] == [reply, "held"]
    assert desk.store.case_by_id(case.id).request == case.request
    assert Runner(desk).run(Replies()).failed == (decision == "retry"), "it is tried again: here no server answers"


@pytest.mark.parametrize(
    ("code", "before", "after"),
    [
        ("mail_of_a_stranger", "approved", "approved"), ("mail_complaint", "approved", "approved"), ("mail_complaint", "escalated", "answered"),
        ("mail_cancel_return", "approved", "cancelled"),
    ],
)  # fmt: skip
def test_to_close_a_further_mail_ends_no_case_that_is_under_way(desk: Desk, case: Case, code: str, before: str, after: str) -> None:
    desk.store.change(case, "x", request=before)
    desk.store.open_exception(case, "intake", code, "Another mail came")
    assert "taken" in ask(desk, {"decision": "close", "by": "Li"})
    assert desk.store.case_by_id(case.id).request == after and desk.store.open_exceptions() == []


def test_goods_held_by_customs_are_released_by_a_persons_word(desk: Desk, case: Case) -> None:
    case = desk.store.change(case, "x", customs="to_check")
    case = desk.store.change(case, "x", customs="held")
    desk.store.open_exception(case, "customs", "customs_held", "HS code differs", freezes=True)
    assert "taken" in ask(desk, {"decision": "proceed", "by": "Li"})
    assert desk.store.case_by_id(case.id).customs == "released"


@pytest.mark.parametrize(("decision", "state"), [("approve", "confirmed"), ("reject", "void")])
def test_a_person_settles_a_frozen_commit(desk: Desk, case: Case, decision: str, state: str) -> None:
    def freeze(act: Callable[[Any], None]) -> None:
        with pytest.raises(NeedsCheck) as raised:
            desk.commit(case, refund_intent(), look=lambda: None, act=act)
        desk.store.open_exception(case, "refunds", raised.value.code, raised.value.facts, freezes=True)

    freeze(lambda permit: permit.spend())
    assert "taken" in ask(desk, {"decision": decision, "by": "Li"})
    assert [row.state for row in desk.ledger.of_case(case)] == [state] and desk.store.open_exceptions() == []
    assert desk.store.case_by_id(case.id).request == "new", "the case itself goes on"

"""The practice clerk, the control door and the process of the practice back office."""

from __future__ import annotations

import imaplib
import json
import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from openpyxl.styles import Protection

from tests.backoffice import mails, staff
from tests.backoffice.control import Control
from tests.test_backoffice_world import ROOT, small

KEYS = (
    "exception_id",
    "rma",
    "order_no",
    "customer",
    "code",
    "what",
    "rule",
    "severity",
    "age_days",
    "amount_asked",
    "suggestion",
    "evidence",
    "decision",
    "amount",
    "note",
    "by",
    "fingerprint",
)


def workbook(path: Path, rows: list[dict[str, str]]) -> Path:
    """An exceptions workbook as the suite writes it: keys in hidden row 3, protected but for the answers."""
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "Exceptions"
    for column, key in enumerate(KEYS, 1):
        sheet.cell(3, column, key)
        for number, row in enumerate(rows, 5):
            cell = sheet.cell(number, column, row.get(key))
            cell.protection = Protection(locked=key not in ("decision", "amount", "note", "by"))
    sheet.protection.sheet = True
    book.save(path)
    return path


def test_staff_answer_from_the_truth(tmp_path: Path) -> None:
    play = small(tmp_path / "world", "above_limit", "empty_box", "iban_redirect", "too_late", "order_question")
    kinds = ["above_limit", "empty_box", "iban_redirect", "too_late", "order_question"]
    rows = [{"exception_id": str(n), "order_no": play.story(kind)["order_no"], "code": "X"} for n, kind in enumerate(kinds)]
    rows += [
        {"exception_id": "90", "order_no": play.story("empty_box")["order_no"], "code": "screen_changed", "suggestion": "retry"},
        {"exception_id": "91", "order_no": "", "code": "X"},
    ]
    rows += [{"exception_id": "92", "order_no": play.story("above_limit")["order_no"], "code": "X", "decision": "reject", "by": "somebody"}]
    asked = workbook(tmp_path / "exceptions.xlsx", rows)
    answered = tmp_path / "in" / "exceptions-1.xlsx"
    assert staff.answer(play.world, asked, answered) == 7
    sheet = openpyxl.load_workbook(answered)["Exceptions"]
    column = {key: number for number, key in enumerate(KEYS, 1)}
    decisions = [sheet.cell(row, column["decision"]).value for row in range(5, 13)]
    assert decisions == ["approve", "hold", "proceed", "reject", "close", "retry", "close", "reject"]
    assert "original instrument" in sheet.cell(7, column["note"]).value
    assert sheet.cell(5, column["amount"]).value is None
    assert sheet.cell(5, column["by"]).value == staff.CLERK
    assert sheet.cell(12, column["by"]).value == "somebody"


def test_staff_refuse_a_file_that_is_no_exceptions_workbook(tmp_path: Path) -> None:
    play = small(tmp_path / "world", "withdrawal")
    path = tmp_path / "other.xlsx"
    openpyxl.Workbook().save(path)
    with pytest.raises(ValueError, match="machine keys"):
        staff.answer(play.world, path, tmp_path / "answer.xlsx")


# -- the control door -------------------------------------------------------------------------------------------
def call(url: str, token: str, path: str, body: dict[str, Any] | None = None) -> tuple[int, dict[str, Any]]:
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url + path, data=data, headers={"Authorization": f"Bearer {token}"})
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as refused:
        return refused.code, json.load(refused)


def test_the_control_door(tmp_path: Path) -> None:
    play = small(tmp_path, "withdrawal", "spam")
    control = Control(play.world, play.simulation, {"ports": {}})
    control.start()
    try:
        assert call(control.url, "guess", "/info")[0] == 401
        status, info = call(control.url, control.token, "/info")
        assert (status, info["day"], info["kinds"], info["finished"]) == (200, 0, ["withdrawal", "spam"], True)
        play.clerk.work()
        assert call(control.url, control.token, "/info")[1]["finished"] is False
        assert call(control.url, control.token, "/advance", {"nights": 2})[1]["day"] == 2
        assert call(control.url, control.token, "/advance", {"nights": 0})[0] == 400
        assert call(control.url, control.token, "/nowhere", {})[0] == 404
        assert call(control.url, control.token, "/lies", {"app": "pay", "action": "refund", "lie": "slow", "match": "RMA", "data": {"seconds": 1}})[0] == 200
        assert play.world.lie("pay", "refund", "RMA-1") == {"lie": "slow", "seconds": 1}
        score = call(control.url, control.token, "/score", {"cases": play.clerk.cases()})[1]
        assert score["missed"] == 1
        assert call(control.url, control.token, "/staff", {"workbook": str(tmp_path / "none.xlsx"), "save_as": "x"})[0] == 400
        assert call(control.url, control.token, "/stop", {})[0] == 200
        assert control.stopped.is_set()
    finally:
        control.close()


@pytest.mark.mail
def test_the_process_starts_resumes_and_ends_with_its_parent(tmp_path: Path) -> None:
    def start(*more: str) -> tuple[subprocess.Popen[str], dict[str, Any]]:
        command = [sys.executable, "-m", "tests.backoffice", "--state", str(tmp_path / "world"), "--parent-pipe", "--only", "mail", *more]
        process = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        assert process.stdout
        return process, json.loads(process.stdout.readline())

    def subjects(told: dict[str, Any]) -> int:
        box = imaplib.IMAP4(told["imap"]["host"], told["imap"]["port"])
        box.login(mails.MAILBOX, "practice-mail-42")
        count = int(box.select("INBOX", readonly=True)[1][0] or b"0")
        box.logout()
        return count

    process, told = start("--new", "--seed", "5", "--cases", "20")
    try:
        first = subjects(told)
        assert first >= 20
        assert Path(told["clock"]).is_file()
        assert list(Path(told["drop"]).iterdir())
        assert call(told["control"], told["token"], "/info")[1]["ports"].keys() == {"imap", "smtp"}
        call(told["control"], told["token"], "/advance", {"nights": 1})
        after = subjects(told)
    finally:
        process.communicate("")
    assert process.returncode == 0
    process, told = start()
    try:
        assert subjects(told) == after >= first
        assert call(told["control"], told["token"], "/info")[1]["day"] == 1
        call(told["control"], told["token"], "/stop", {})
        assert process.wait(timeout=20) == 0
    finally:
        process.kill()
        process.communicate()

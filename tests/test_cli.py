"""The command line: quick to load, complete, and with exit codes that a timer can act on."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console
from typer.testing import CliRunner

from bots import cli
from bots.cases.clock import FixedClock
from bots.cases.database import open_database
from bots.cases.errors import SystemException
from bots.cases.settings import Config
from bots.cases.store import Case, Store
from bots.cases.work import WorkQueue
from bots.operations import commands, exit_codes, reports
from bots.operations.round import BOTS
from tests.stores import a_case, tiny_config

ROOT = Path(__file__).resolve().parents[1]
OPERATORS = {
    "all",
    "take",
    "schedule",
    "demo",
    "drill",
    "evaluate",
    "test",
    "bench",
    "setup",
    "doctor",
    "status",
    "case",
    "retry",
    "pause",
    "resume",
    "secrets",
    "audit",
    "portal",
}


@pytest.fixture
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Config:
    monkeypatch.setenv("RETURNS_LOGS", str(tmp_path / "logs"))
    return tiny_config(tmp_path)


@pytest.fixture
def kept(config: Config, clock: FixedClock) -> Store:
    """The store that the commands open too."""
    return Store(open_database(config.store_url), clock, "tests")


def call(config: Config, *arguments: str) -> Any:
    return CliRunner().invoke(cli.app, ["--config", str(config.folder), "--profile", "tiny", *arguments])


def asked(store: Store, code: str, **columns: Any) -> Case:
    case = a_case(store)
    store.open_exception(case, "refunds", code, "What now?", **columns)
    return case


# -- loading -------------------------------------------------------------------------------------------------------------------
def test_help_loads_nothing_heavy() -> None:
    heavy = ("pandas", "playwright", "pyautogui", "sklearn", "sqlalchemy", "openpyxl", "xlsxwriter", "holidays", "alembic", "numpy", "schedule")
    code = f"import json, sys, bots.cli; print(json.dumps([name for name in {heavy!r} if name in sys.modules]))"
    answer = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert json.loads(answer.stdout) == []


def test_every_bot_and_every_command_is_listed_with_what_it_does() -> None:
    answer = CliRunner().invoke(cli.app, ["--help"])
    assert answer.exit_code == 0
    listed = dict(re.findall(r"^│ ([a-z]+) +(\S.*?) *│$", answer.output, re.MULTILINE))
    assert set(listed) == set(BOTS) | OPERATORS and all(text.endswith(".") for text in listed.values())
    assert set(re.findall(r"─ ([A-Z][a-z ]+) ─", answer.output)) >= {"Bots", "Looking and steering", "Setting up"}


@pytest.mark.parametrize("name", BOTS)
def test_every_bot_takes_the_same_options(name: str) -> None:
    answer = CliRunner().invoke(cli.app, [name, "--help"])
    assert answer.exit_code == 0 and all(option in answer.output for option in ("--case", "--limit", "--dry-run", "--headed"))


def test_the_first_help_comes_without_arguments_and_a_wrong_command_is_usage() -> None:
    assert "refunds" in CliRunner().invoke(cli.app, []).output
    assert CliRunner().invoke(cli.app, ["refnds"]).exit_code == exit_codes.USAGE


# -- exit codes ----------------------------------------------------------------------------------------------------------------
def test_a_bot_that_did_its_work_ends_with_0(config: Config) -> None:
    answer = call(config, "exceptions")
    assert answer.exit_code == exit_codes.OK, answer.output
    assert "workbook: 0 open questions in exceptions.xlsx" in answer.output and "exceptions: 1 done, 0 to a person, 0 failed" in answer.output
    assert (config.workspace / "out" / "exceptions.xlsx").exists()


@pytest.mark.parametrize(
    ("failed", "to_person", "code"), [(0, 0, exit_codes.OK), (0, 2, exit_codes.NEEDS_PERSON), (1, 2, exit_codes.FAILED), (1, 0, exit_codes.FAILED)]
)
def test_failing_weighs_more_than_waiting_for_a_person(failed: int, to_person: int, code: int) -> None:
    assert commands._code(failed, to_person) == code


def test_a_bot_that_cannot_see_its_work_ends_with_1(config: Config, monkeypatch: pytest.MonkeyPatch) -> None:
    from bots.exceptions import Exceptions

    def items(self: Exceptions, desk: object) -> None:
        raise SystemException("the folder is away")

    monkeypatch.setattr(Exceptions, "items", items)
    answer = call(config, "exceptions")
    assert answer.exit_code == exit_codes.FAILED and "the folder is away" in answer.output


@pytest.mark.parametrize("command", [["status"], ["case", "RMA-1"], ["exceptions"], ["schedule", "--once"]])
def test_wrong_settings_end_with_2_and_name_the_key(config: Config, command: list[str]) -> None:
    with (config.folder / "tiny.yaml").open("a", encoding="utf-8") as file:
        file.write("\nsellar_name: x\n")
    answer = call(config, *command)
    assert answer.exit_code == exit_codes.USAGE and "sellar_name" in re.sub(r"\s", "", answer.output)


def test_a_profile_that_is_not_there_is_named_by_the_real_program(tmp_path: Path) -> None:
    environment = {**os.environ, "COLUMNS": "400", "RETURNS_WORKSPACE": str(tmp_path)}
    answer = subprocess.run(
        [sys.executable, "-m", "bots.cli", "--profile", "nobody", "status"], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    assert answer.returncode == exit_codes.USAGE and "nobody.yaml: the file is missing" in answer.stderr and "Traceback" not in answer.stderr


# -- looking and steering --------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("width", [80, 200])
def test_status_shows_runs_cases_and_what_waits(config: Config, kept: Store, monkeypatch: pytest.MonkeyPatch, width: int) -> None:
    monkeypatch.setattr(reports, "console", Console(width=width))
    asked(kept, "above_limit")
    queue = WorkQueue(kept)
    queue.end_run(queue.start_run("review"), milliseconds=1500, done=3, to_person=1, failed=0, verdict="ok")
    kept.set_switch("paused:review", True)
    answer = call(config, "status")
    assert answer.exit_code == 0 and "review (paused)" in answer.output and "NEW" in answer.output
    assert "1 questions wait for a person, 0 commits are frozen, 0 cases are past their refund deadline." in " ".join(answer.output.split())


def test_a_case_is_found_by_rma_and_by_order_and_its_text_is_no_markup(config: Config, kept: Store) -> None:
    case = asked(kept, "above_limit", advice="Decide.")
    for number in (case.rma, "GB-2026-104233"):
        answer = call(config, "case", number)
        assert answer.exit_code == 0 and case.rma in answer.output and "above_limit" in answer.output and "case_opened" in answer.output
    assert call(config, "case", "RMA-0").exit_code == exit_codes.USAGE


def test_text_from_outside_does_not_break_the_case_view(config: Config, kept: Store) -> None:
    case = a_case(kept, customer_name="Ann [/bold] [red]Lee")
    kept.note(case, "mail", subject="[/] [link=x]click[/link]")
    kept.open_exception(case, "review", "question", "Customer wrote [/i] [b]")
    answer = call(config, "case", case.rma)
    assert answer.exit_code == 0, answer.exception
    assert "Ann [/bold] [red]Lee" in answer.output and "[link=x]click[/link]" in answer.output and "wrote [/i] [b]" in answer.output


def test_retry_closes_technical_questions_only(config: Config, kept: Store) -> None:
    case = asked(kept, "screen_changed", technical=True)
    kept.open_exception(case, "review", "over_quantity", "3 asked, 2 bought")
    answer = call(config, "retry", case.rma, "--by", "Li")
    assert answer.exit_code == 0 and "1 questions closed" in answer.output and "over_quantity" in answer.output
    assert [row.code for row in kept.open_exceptions(case)] == ["over_quantity"]
    assert call(config, "retry", case.rma).exit_code == exit_codes.FAILED, "nothing to try again"
    assert call(config, "retry", "RMA-0").exit_code == exit_codes.USAGE


def test_bots_are_paused_and_resumed(config: Config, kept: Store) -> None:
    assert call(config, "pause", "refunds").exit_code == 0 and kept.switch("paused:refunds") is True
    answer = call(config, "refunds")
    assert answer.exit_code == 0 and "paused by a person" in answer.output
    assert call(config, "resume", "all").exit_code == 0 and kept.switch("paused:refunds") is None
    assert call(config, "pause", "all").exit_code == 0 and all(kept.switch(f"paused:{name}") for name in BOTS)
    assert call(config, "pause", "nobody").exit_code == exit_codes.USAGE

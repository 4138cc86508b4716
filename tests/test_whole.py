"""The whole job, end to end: real Chromium, a real window, real mail; scored by the practice back office's own truth."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from bots.cases import events
from bots.cases.books import balance_of_books
from bots.cases.settings import Config
from bots.operations.office import open_desk, open_store
from bots.operations.practice import Practice
from bots.operations.round import claims, practise, run_bots
from bots.operations.runner import RunSummary
from tests.backoffice.kinds import KINDS

ROOT = Path(__file__).parents[1]
GOOD = {"auto": "straight_through", "person": "rightly_to_person"}
pytestmark = [pytest.mark.whole, pytest.mark.slow, pytest.mark.browser, pytest.mark.desktop, pytest.mark.mail, pytest.mark.timeout(1200)]


@dataclass
class Worked:
    """A practice world after the bots have worked it to its end."""

    config: Config
    score: dict[str, Any]
    summaries: list[RunSummary]
    watch: RunSummary


@pytest.fixture(scope="module")  # while its browser is open, no other test of the process can start one
def worked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Worked]:
    config = Config(profile="practice", workspace=tmp_path_factory.mktemp("whole") / "workspace")
    summaries: list[RunSummary] = []

    def keep(summary: RunSummary) -> None:
        if summary.verdict != "running":
            summaries.append(summary)

    with Practice(config, fresh=True, cases=60, seed=7) as practice, open_desk(config) as desk:
        practise(desk, practice, keep, lambda info: None)
        score = practice.score(claims(desk))
        (watch,) = run_bots(desk, ["watch"])
        yield Worked(config, score, summaries, watch)


@pytest.mark.parametrize("kind", [kind.name for kind in KINDS if not kind.name.startswith("plain_")])
def test_each_kind_of_return_ends_as_it_should(worked: Worked, kind: str) -> None:
    """One test a kind; its name names the kind."""
    expected = next(entry for entry in KINDS if entry.name == kind).handling
    rows = [row for row in worked.score["rows"] if row["kind"] == kind]
    assert rows, f"the world of 60 tells no story of the kind {kind}"
    assert [(row["verdict"], row["why"]) for row in rows if row["verdict"] != GOOD[expected]] == []


def test_plain_returns_go_straight_through(worked: Worked) -> None:
    plain = [row for row in worked.score["rows"] if row["kind"].startswith("plain_")]
    assert len(plain) >= 16
    assert [(row["kind"], row["verdict"], row["why"]) for row in plain if row["verdict"] != "straight_through"] == []


def test_nothing_is_wrong_duplicate_or_missed_and_the_totals_tie(worked: Worked) -> None:
    assert {key: worked.score[key] for key in ("wrong", "duplicate", "missed")} == {"wrong": 0, "duplicate": 0, "missed": 0}
    assert worked.score["ties"]


def test_no_run_of_any_bot_broke(worked: Worked) -> None:
    assert [(run.bot, run.note) for run in worked.summaries if run.verdict != "ok"] == []
    assert [(run.bot, run.failed) for run in worked.summaries if run.failed] == []


def test_watch_finds_every_locator(worked: Worked) -> None:
    assert (worked.watch.verdict, worked.watch.failed) == ("ok", 0), worked.watch.results
    assert worked.watch.done > 20


def test_the_results_lie_where_the_demo_says(worked: Worked) -> None:
    out = worked.config.workspace / "out"
    for name in ("exceptions.xlsx", "reconciliation.xlsx", "insights.xlsx", "insights.html"):
        assert (out / name).stat().st_size > 5_000, name
    assert list((out / "vouchers").glob("RV-*.pdf"))


def test_the_books_balance_and_vouchers_have_no_gap(worked: Worked) -> None:
    store = open_store(worked.config, "test")
    from bots.cases.books import Books

    books = Books(store)
    assert balance_of_books(books.entries()) == 0
    numbers = [int(voucher["number"].rsplit("-", 1)[1]) for voucher in books.vouchers()]
    assert numbers == list(range(1, len(numbers) + 1))
    assert all(voucher["sha256"] for voucher in books.vouchers())


def test_the_event_log_is_whole(worked: Worked) -> None:
    with open_store(worked.config, "test").database.read() as db:
        assert events.verify(db) == []


def test_no_secret_lies_in_any_artefact(worked: Worked) -> None:
    """Passwords and TOTP seeds appear in no log, evidence, workbook or page; only in the practice keyring."""
    from tests.backoffice.accounts import ACCOUNTS

    secrets = [account.password.encode() for account in ACCOUNTS.values()] + [account.totp.encode() for account in ACCOUNTS.values() if account.totp]
    own = {"world", "secrets"}  # the practice world itself, and the practice keyring
    for file in worked.config.workspace.rglob("*"):
        if file.is_file() and not own & set(file.relative_to(worked.config.workspace).parts):
            content = file.read_bytes()
            assert not any(secret in content for secret in secrets), file


def test_a_killed_demo_is_finished_by_all(tmp_path: Path) -> None:
    """SIGKILL in the middle, then `run_bot.py all`: nothing wrong, duplicate or missed, and nothing is left running."""
    workspace = tmp_path / "workspace"
    environment = {**os.environ, "RETURNS_WORKSPACE": str(workspace), "RETURNS_PROFILE": "practice"}
    run = [sys.executable, str(ROOT / "run_bot.py")]
    demo = subprocess.Popen([*run, "demo", "--cases", "14", "--seed", "5"], env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    config = Config(profile="practice", workspace=workspace)
    deadline = time.monotonic() + 180
    while time.monotonic() < deadline and demo.poll() is None and _clicked(config) < 9:
        threading.Event().wait(0.05)
    assert demo.poll() is None, "the demo ended before it could be killed"
    demo.send_signal(signal.SIGKILL)
    demo.wait()
    again = subprocess.run([*run, "all"], env=environment, capture_output=True, text=True, timeout=600, check=False)
    assert again.returncode == 0, again.stdout[-3000:] + again.stderr[-2000:]
    assert "All good" in again.stdout


def _clicked(config: Config) -> int:
    """Commits clicked so far by the running demo."""
    import sqlite3

    file = config.workspace / "cases.db"
    if not file.exists():
        return 0
    try:
        with sqlite3.connect(f"file:{file}?mode=ro", uri=True) as db:
            return int(db.execute("SELECT count(*) FROM commits WHERE clicked_at IS NOT NULL").fetchone()[0])
    except sqlite3.OperationalError:
        return 0

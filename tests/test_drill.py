"""The drill: its judgement on made-up scores, and one real drill with kills and lies."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import psutil
import pytest
from sqlalchemy import create_engine, text

from bots.cases import events
from bots.cases.database import open_database
from bots.cases.errors import ConfigProblem
from bots.cases.ledger import POINTS
from bots.cases.settings import Config
from bots.operations import exit_codes
from bots.operations.drill import FAULTS, SIDES, Drill, Kill, workers_of
from bots.operations.round import DAY
from bots.operations.scorecard import Scorecard

ROOT = Path(__file__).parents[1]


def judged(verdict: str, why: str = "", *, lies: set[str] | None = None, in_flight: bool = False, finished: bool = False, person: bool = False) -> Scorecard:
    """The scorecard after one story with this verdict of the back office."""
    drill = Drill.__new__(Drill)
    drill.card = Scorecard(returns=1)
    row = {"verdict": verdict, "why": why, "order_no": "A-1", "kind": "plain", "person": person}
    drill._judge(row, lies or set(), in_flight, finished)
    return drill.card


@pytest.mark.parametrize(
    ("verdict", "why", "field"),
    [
        ("duplicate", "paid 2 times: EUR 1.00, EUR 1.00", "duplicates"),
        ("missed", "no credit note", "lost"),
        ("wrong", "paid EUR 2.00, due was EUR 1.00", "wrong_amount"),
        ("wrong", "paid EUR 2.00, nothing was due", "wrong_amount"),
        ("wrong", "paid to X, not to the payer's account", "wrong_payee"),
        ("wrong", "return of kind x, expected y", "wrong_other"),
    ],
)
def test_what_went_wrong_is_counted_as_what_it_is(verdict: str, why: str, field: str) -> None:
    card = judged(verdict, why)
    assert getattr(card, field) == 1 and card.bad == 1 and card.findings


def test_a_wrong_case_that_is_closed_as_done_unseen_is_a_silent_wrong_success() -> None:
    assert judged("missed", finished=True).silent_wrong_success == 1
    assert judged("missed", finished=True, person=True).silent_wrong_success == 0
    assert judged("missed").silent_wrong_success == 0


def test_a_person_is_rightly_asked_only_where_the_outcome_could_not_be_known() -> None:
    assert judged("wrongly_to_person").needs_person_needlessly == 1
    assert judged("wrongly_to_person", lies={"slow"}).needs_person_needlessly == 1
    for card in (judged("wrongly_to_person", in_flight=True), judged("wrongly_to_person", lies={"success_without_write"}), judged("rightly_to_person")):
        assert (card.needs_person_rightly, card.needs_person_needlessly, card.bad) == (1, 0, 0)


def test_a_double_of_the_back_offices_own_making_counts_unless_a_person_was_told() -> None:
    assert judged("duplicate", lies={"double_submit"}).duplicates == 1
    card = judged("duplicate", lies={"double_submit"}, person=True)
    assert (card.duplicates, card.needs_person_rightly) == (0, 1)
    assert judged("duplicate", lies={"slow"}, person=True).duplicates == 1


def test_the_two_sides_do_the_whole_days_work() -> None:
    assert sorted(bot for side in SIDES for bot in side) == sorted(DAY)


def test_every_lie_of_the_matrix_is_one_that_a_program_can_tell() -> None:
    """A lie that no program knows would be told and never met."""
    source = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "tests" / "backoffice").rglob("*.py"))
    assert [lie for lies in FAULTS.values() for lie in lies if f'"{lie}"' not in source] == []
    assert [place for place in FAULTS if f'"{place[1]}"' not in source] == []


def test_every_point_has_its_kill_before_one_comes_again(tmp_path: Path) -> None:
    drill = Drill(Config(profile="practice", workspace=tmp_path), crashes=20, faults=False, seed=3)
    dealt = [kill.point for kill in (drill._next_kill() for _ in range(20)) if kill is not None]
    assert sorted(dealt[:10]) == sorted(dealt[10:]) == [0, 0, *range(1, len(POINTS) + 1)] and drill._next_kill() is None


def test_a_drill_goes_on_where_its_file_stands(tmp_path: Path) -> None:
    def drill(seed: int = 3) -> Drill:
        return Drill(Config(profile="practice", workspace=tmp_path), crashes=20, faults=True, seed=seed, worlds=2, resume=tmp_path / "kept" / "drill.json")

    first = drill()

    def world(seed: int) -> None:
        first._next_kill()
        first.card.kills += 1
        first.card.kills_at["6 after click"] += 1
        first.card.seconds_to_recover.append(1.5)
        first._untold["bank", "copy"].clear()

    first._world = world  # type: ignore[method-assign]
    told = first.run().as_dict()
    again = drill()
    assert again.card.as_dict() == told and told["kills"] == 2 and (again._left, again._deck, again._untold) == (18, first._deck, first._untold)
    again._world = lambda seed: pytest.fail("both worlds were worked")  # type: ignore[method-assign]
    assert again.run().kills == 2
    with pytest.raises(ConfigProblem, match="--seed 3"):
        drill(seed=4)
    (tmp_path / "kept" / "drill.json").write_text("{}", encoding="utf-8")
    with pytest.raises(ConfigProblem, match="not what a drill has written"):
        drill()


def test_each_of_several_suites_has_all_bots_and_a_place_of_its_own(tmp_path: Path) -> None:
    workers = workers_of(Config(profile="practice", workspace=tmp_path), 3)
    assert all(sorted(worker.bots) == sorted(DAY) for worker in workers)
    assert len({worker.bots[0] for worker in workers}) == len({worker.config.workspace for worker in workers}) == len({worker.logs for worker in workers}) == 3


def scorecard(tmp_path: Path, *options: str) -> dict[str, Any]:
    """What a drill of its own process says, in a workspace of its own; its time-outs are for a machine ten times slower."""
    environment = {**os.environ, "RETURNS_WORKSPACE": str(tmp_path / "practice"), "RETURNS_LOGS": str(tmp_path / "logs")}
    command = [sys.executable, str(ROOT / "run_bot.py"), "drill", "--seed", "3", "--worlds", "1", "--json", *options]
    ended = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=2300, check=False)
    assert ended.stdout, ended.stderr
    card: dict[str, Any] = json.loads(ended.stdout)
    assert ended.returncode == 0 and card["bad"] == 0, card["findings"]
    assert set(card["kills_at"]) <= {*POINTS, "at random"}
    return card


@pytest.mark.whole
@pytest.mark.slow
@pytest.mark.browser
@pytest.mark.timeout(2400)
def test_kills_and_lies_lose_double_and_falsify_nothing(tmp_path: Path) -> None:
    card = scorecard(tmp_path, "--crashes", "10", "--faults", "all", "--cases", "6")
    assert card["kills"] >= 8 and sum(card["lies"].values()) >= 20


@pytest.mark.whole
@pytest.mark.slow
@pytest.mark.browser
@pytest.mark.postgres
@pytest.mark.timeout(2400)
def test_two_suites_on_one_postgresql_lose_double_and_falsify_nothing(postgres_url: str, tmp_path: Path) -> None:
    server = create_engine(postgres_url, isolation_level="AUTOCOMMIT")
    with server.connect() as connection:
        connection.execute(text("CREATE DATABASE drill"))
    try:
        url = postgres_url.replace("/postgres?", "/drill?")
        card = scorecard(tmp_path, "--crashes", "6", "--cases", "4", "--suites", "2", "--store", url)
        assert card["kills"] >= 4 and (card["suites"], card["store"]) == (2, "postgresql")
        assert set(card["worked"]) == {"suite 1", "suite 2"} and min(card["worked"].values()) > 0
        database = open_database(url)
        with database.read() as db:
            assert events.verify(db) == []
            assert db.execute(text("SELECT deadlocks FROM pg_stat_database WHERE datname = 'drill'")).scalar_one() == 0
            assert db.execute(text("SELECT count(*) FROM exceptions WHERE code = 'unexpected_error'")).scalar_one() == 0
        database.close()
    finally:
        with server.connect() as connection:
            connection.execute(text("DROP DATABASE drill WITH (FORCE)"))
        server.dispose()


@pytest.mark.slow
@pytest.mark.browser
@pytest.mark.timeout(600)
def test_a_worker_that_hangs_is_found_and_says_where_it_stood(tmp_path: Path) -> None:
    drill = Drill(Config(profile="practice", workspace=tmp_path / "drill"), crashes=1, faults=False, seed=3, cases=4, worlds=2, life_s=60)
    drill._next_kill = lambda: Kill(3, hang=True)  # type: ignore[method-assign]
    card = drill.run()
    assert card.hung == card.bad >= 1 and card.kills == 0
    assert "had not ended after 60 s" in card.findings[0]
    assert "in hang" in (tmp_path / "drill" / "drill.log").read_text(encoding="utf-8")


@pytest.mark.slow
@pytest.mark.browser
@pytest.mark.timeout(900)
def test_a_drill_that_is_ended_by_hand_shows_what_was_worked_to_its_end(tmp_path: Path) -> None:
    command = [sys.executable, str(ROOT / "run_bot.py"), "drill", "--crashes", "500", "--cases", "2", "--seed", "3", "--json"]
    environment = {**os.environ, "RETURNS_WORKSPACE": str(tmp_path / "practice")}
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        try:
            assert process.stderr is not None and process.stdout is not None
            told = next((line for line in process.stderr if line.startswith("world 1:")), "")
            assert told, "no world came to its end"
            process.send_signal(signal.SIGINT)
            card = json.loads(process.stdout.read())
            assert process.wait(60) == exit_codes.INTERRUPTED
        finally:
            process.kill()
    assert card["stopped"] and card["returns"] == 2 and f" {card['kills']} kills" in told
    of_it = [other.info["cmdline"] for other in psutil.process_iter(["cmdline", "environ"]) if str(tmp_path) in str((other.info["environ"] or {}).values())]
    assert of_it == []

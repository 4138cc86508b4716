"""The scheduler: what should have run by now, in any zone, over clock changes and days off; once, and by one."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from bots.cases.database import open_database
from bots.cases.errors import ConfigProblem
from bots.cases.settings import Config
from bots.cases.tables import job_ticks
from bots.operations.scheduler import Job, Scheduler, ScheduleSettings, last_due
from tests.stores import tiny_config

BERLIN, TOKYO, NEW_YORK, KATHMANDU = (ZoneInfo(name) for name in ("Europe/Berlin", "Asia/Tokyo", "America/New_York", "Asia/Kathmandu"))
ROOT = Path(__file__).resolve().parents[1]
MOMENTS = st.integers(0, 730 * 24 * 60).map(lambda minutes: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes))


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def every(minutes: int) -> Job:
    return Job(bots=("review",), every=minutes)


def daily(*times: str) -> Job:
    return Job(bots=("review",), at=times)


def work_day(day: date) -> bool:
    return False


# -- when it should have run ---------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("job", "zone", "now", "due"),
    [
        (daily("08:30"), BERLIN, "2026-07-06 06:30", "2026-07-06 06:30"),
        (daily("08:30"), BERLIN, "2026-07-06 06:29", "2026-07-05 06:30"),
        (daily("08:30"), BERLIN, "2026-01-05 07:30", "2026-01-05 07:30"),
        (daily("08:30", "12:30", "16:30"), BERLIN, "2026-07-06 13:00", "2026-07-06 10:30"),
        (daily("16:30", "08:30"), BERLIN, "2026-07-06 23:00", "2026-07-06 14:30"),
        (daily("09:00"), TOKYO, "2026-07-06 00:00", "2026-07-06 00:00"),
        (daily("18:00"), NEW_YORK, "2026-07-06 21:59", "2026-07-05 22:00"),
        (every(15), BERLIN, "2026-07-06 06:44", "2026-07-06 06:30"),
        (every(60), KATHMANDU, "2026-07-06 06:44", "2026-07-06 06:15"),
        (every(7 * 60), BERLIN, "2026-07-06 21:59", "2026-07-06 19:00"),
        (every(7 * 60), BERLIN, "2026-07-06 22:00", "2026-07-06 22:00"),
        # The night of 25 October 2026: 02:00 to 03:00 comes twice in Berlin (00:00-01:00 and 01:00-02:00 UTC).
        (every(15), BERLIN, "2026-10-25 00:20", "2026-10-25 00:15"),
        (every(15), BERLIN, "2026-10-25 01:20", "2026-10-25 01:15"),
        (every(15), BERLIN, "2026-10-25 22:59", "2026-10-25 22:45"),
        (daily("02:30"), BERLIN, "2026-10-25 00:31", "2026-10-25 00:30"),
        (daily("02:30"), BERLIN, "2026-10-25 01:10", "2026-10-25 00:30"),
        (daily("02:30"), BERLIN, "2026-10-25 01:31", "2026-10-25 00:30"),
        (daily("08:30"), BERLIN, "2026-10-25 07:30", "2026-10-25 07:30"),
        # The night of 29 March 2026: 02:00 to 03:00 does not come.
        (every(15), BERLIN, "2026-03-29 01:01", "2026-03-29 01:00"),
        (daily("02:30"), BERLIN, "2026-03-29 01:00", "2026-03-28 01:30"),
        (daily("02:30"), BERLIN, "2026-03-29 01:30", "2026-03-29 01:30"),
    ],
)
def test_the_newest_moment_that_was_due(job: Job, zone: ZoneInfo, now: str, due: str) -> None:
    assert last_due(job, at(now), zone, work_day) == at(due)


def test_nothing_is_due_on_a_day_off_and_work_of_the_day_before_is_made_good() -> None:
    friday = date(2026, 4, 3)
    assert last_due(daily("08:30"), at("2026-04-03 12:00"), BERLIN, lambda day: day == friday) == at("2026-04-02 06:30")
    assert last_due(every(15), at("2026-04-03 12:00"), BERLIN, lambda day: day == friday) == at("2026-04-02 21:45"), "the last of Thursday in Berlin"
    assert last_due(every(15), at("2026-04-03 12:00"), BERLIN, lambda day: True) is None, "a long holiday: nothing is made good after it"


@given(MOMENTS, st.integers(1, 1440), st.sampled_from([BERLIN, TOKYO, NEW_YORK, KATHMANDU]))
def test_a_job_that_runs_every_so_often_was_due_at_most_that_long_ago(now: datetime, minutes: int, zone: ZoneInfo) -> None:
    due = last_due(every(minutes), now, zone, work_day)
    assert due is not None and due <= now < due + timedelta(minutes=minutes) + timedelta(minutes=1)
    assert last_due(every(minutes), due, zone, work_day) == due, "the same moment is found again at its own time"


@given(MOMENTS, st.times(), st.sampled_from([BERLIN, TOKYO, NEW_YORK]))
def test_a_daily_job_was_due_within_the_last_day(now: datetime, time: object, zone: ZoneInfo) -> None:
    due = last_due(daily(f"{time:%H:%M}"), now, zone, work_day)
    assert due is not None and due <= now < due + timedelta(hours=26)


# -- settings ------------------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("job", "why"),
    [
        ({"bots": ["nobody"], "every": 5}, "there is no bot nobody"),
        ({"bots": [], "every": 5}, "bots"),
        ({"bots": ["review"]}, "either `every`"),
        ({"bots": ["review"], "every": 5, "at": ["08:00"]}, "either `every`"),
        ({"bots": ["review"], "at": ["25:00"]}, "hour must be in 0..23"),
        ({"bots": ["review"], "every": 0}, "greater than or equal to 1"),
        ({"bots": ["review"], "evry": 5}, "evry"),
    ],
)
def test_a_wrong_job_is_refused_by_name(tmp_path: Path, job: dict[str, object], why: str) -> None:
    config = with_jobs(tmp_path, {"broken": job})
    with pytest.raises(ConfigProblem) as raised:
        config.load("schedule", ScheduleSettings)
    assert "schedule.yaml" in str(raised.value) and "jobs.broken" in str(raised.value) and why in str(raised.value)


def test_a_zone_that_does_not_exist_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigProblem, match=r"zone: .*no time zone 'Berlin'"):
        with_jobs(tmp_path, {"x": {"bots": ["review"], "every": 5}}, zone="Berlin").load("schedule", ScheduleSettings)


# -- running -------------------------------------------------------------------------------------------------------------------
def with_jobs(folder: Path, jobs: dict[str, dict[str, object]], **settings: object) -> Config:
    config = tiny_config(folder)
    (config.folder / "schedule.yaml").write_text(yaml.safe_dump({"zone": "Europe/Berlin", **settings, "jobs": jobs}), encoding="utf-8")
    return config


class Clerks(Scheduler):
    """Starts a real process a job that ends with a given exit code at once, or waits for its input to be closed."""

    def __init__(self, config: Config, now: Callable[[], datetime], *, exit_code: int = 0, stay: bool = False) -> None:
        super().__init__(config, now)
        self.exit_code, self.stay = exit_code, stay
        self.started: list[tuple[str, ...]] = []
        self.processes: list[subprocess.Popen[bytes]] = []

    def _start(self, job: Job) -> subprocess.Popen[bytes]:
        self.started.append(job.bots)
        code = f"import sys; {'sys.stdin.read();' if self.stay else ''} sys.exit({self.exit_code})"
        self.processes.append(subprocess.Popen([sys.executable, "-S", "-c", code], stdin=subprocess.PIPE))
        return self.processes[-1]

    def let_end(self) -> None:
        for process in self.processes:
            assert process.stdin
            process.stdin.close()
            process.wait(timeout=20)
        self.tick()


MONEY: dict[str, object] = {"bots": ["refunds"], "at": ["08:30", "12:30"]}


def ticks(scheduler: Scheduler) -> list[tuple[str, datetime, int | None]]:
    with scheduler.ticks.store.database.read() as db:
        return [(row.job, row.due, row.exit_code) for row in db.execute(job_ticks.select().order_by(job_ticks.c.due))]


def test_times_missed_while_the_machine_was_off_are_made_good_once(tmp_path: Path) -> None:
    monday = at("2026-07-06 17:00")
    scheduler = Clerks(with_jobs(tmp_path, {"money": MONEY, "night": {"bots": ["watch"], "at": ["02:00"], "catch_up": False}}), lambda: monday)
    scheduler.tick()
    scheduler.let_end()
    scheduler.tick()
    assert scheduler.started == [("refunds",)], "one run for two missed times; the night job only counts from the start on"
    assert ticks(scheduler) == [("money", at("2026-07-06 10:30"), 0)]


def test_a_job_without_catching_up_runs_at_its_next_time(tmp_path: Path) -> None:
    clock = [at("2026-07-06 17:00")]
    scheduler = Clerks(with_jobs(tmp_path, {"night": {"bots": ["watch"], "at": ["02:00"], "catch_up": False}}), lambda: clock[0])
    scheduler.tick()
    assert scheduler.started == []
    clock[0] = at("2026-07-07 00:00")
    scheduler.tick()
    assert scheduler.started == [("watch",)]
    scheduler.let_end()


def test_two_schedulers_start_a_job_once(tmp_path: Path) -> None:
    config, now = with_jobs(tmp_path, {"money": MONEY}), at("2026-07-06 17:00")
    both = [Clerks(config, lambda: now), Clerks(config, lambda: now)]
    assert [len(scheduler.due()) for scheduler in both] == [1, 1], "both see it as due"
    for scheduler in both:
        scheduler.tick()
    assert [len(scheduler.started) for scheduler in both] == [1, 0]
    both[0].let_end()


def test_a_failing_job_is_not_run_again_before_its_next_time(tmp_path: Path) -> None:
    clock = [at("2026-07-06 07:00")]
    scheduler = Clerks(with_jobs(tmp_path, {"money": MONEY, "other": {"bots": ["review"], "every": 1440}}), lambda: clock[0], exit_code=1)
    scheduler.tick()
    scheduler.let_end()
    clock[0] += timedelta(minutes=30)
    scheduler.tick()
    assert sorted(scheduler.started) == [("refunds",), ("review",)], "and it did not keep the other from running"
    clock[0] = at("2026-07-06 10:30")
    scheduler.tick()
    assert len(scheduler.started) == 3
    scheduler.let_end()
    assert {code for _, _, code in ticks(scheduler)} == {1}


def test_a_job_that_still_runs_is_not_started_again(tmp_path: Path) -> None:
    clock = [at("2026-07-06 07:00")]
    scheduler = Clerks(with_jobs(tmp_path, {"returns": {"bots": ["intake"], "every": 15}}), lambda: clock[0], stay=True)
    for _ in range(4):
        scheduler.tick()
        clock[0] += timedelta(minutes=15)
    assert len(scheduler.started) == 1
    scheduler.let_end()
    scheduler.tick()
    assert len(scheduler.started) == 2, "one run for what was missed meanwhile"
    scheduler.let_end()


def test_no_runs_on_public_holidays(tmp_path: Path) -> None:
    scheduler = Clerks(with_jobs(tmp_path, {"money": MONEY}, no_runs_on_holidays_of=["DE"]), lambda: at("2026-10-03 12:00"))
    assert scheduler.is_holiday(date(2026, 10, 3)) and not scheduler.is_holiday(date(2026, 10, 2))
    assert [due.at for due in scheduler.due()] == [at("2026-10-02 10:30")], "only what was missed the day before"


def test_what_is_due_now_is_really_run_and_then_it_stops(tmp_path: Path) -> None:
    """The command `schedule --once` and the job's own process, as a timer of the system would call them."""
    config = with_jobs(tmp_path, {"closing": {"bots": ["exceptions"], "every": 1440}})
    environment = {**os.environ, "RETURNS_LOGS": str(tmp_path / "logs")}
    command = [sys.executable, "-m", "bots.cli", "--config", str(config.folder), "--profile", "tiny", "schedule", "--once"]
    answer = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=120, check=False)
    assert answer.returncode == 0, answer.stderr
    assert (config.workspace / "out" / "exceptions.xlsx").exists()
    database = open_database(config.store_url)
    with database.read() as db:
        (row,) = db.execute(job_ticks.select()).all()
    database.close()
    assert (row.job, row.exit_code) == ("closing", 0) and row.ended_at >= row.started_at
    log = "".join(file.read_text(encoding="utf-8") for file in (tmp_path / "logs").glob("*.log"))
    assert "job closing starts" in log and "exceptions: 1 done, 0 to a person, 0 failed" in log and "job closing ended with exit code 0" in log

"""The scheduler: runs jobs at their times, each in a process of its own, remembered in the store so that a restart catches up once.

The `schedule` library ticks; what is due is decided here from the store, because a ticker forgets when the machine stops.
"""

from __future__ import annotations

import subprocess
import sys
import threading
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from loguru import logger
from pydantic import Field, field_validator, model_validator

from bots.cases.database import StoreError
from bots.cases.settings import Config, Settings
from bots.cases.ticks import Ticks
from bots.operations.exit_codes import INTERRUPTED, NEEDS_PERSON, OK
from bots.operations.office import open_store, start_log
from bots.operations.round import BOTS

if TYPE_CHECKING:
    from collections.abc import Callable

LOOK_BACK = timedelta(days=2)


class Job(Settings):
    """One row of config/schedule.yaml."""

    bots: tuple[str, ...] = Field(min_length=1)
    every: int | None = Field(default=None, ge=1)
    at: tuple[str, ...] = ()
    catch_up: bool = True

    @field_validator("bots")
    @classmethod
    def _known(cls, names: tuple[str, ...]) -> tuple[str, ...]:
        unknown = [name for name in names if name not in BOTS]
        if unknown:
            raise ValueError(f"there is no bot {', '.join(unknown)}")
        return names

    @model_validator(mode="after")
    def _one_rhythm(self) -> Job:
        if (self.every is None) == (not self.at):
            raise ValueError("give either `every` (minutes) or `at` (times)")
        for text in self.at:
            time.fromisoformat(text)
        return self


class ScheduleSettings(Settings):
    """config/schedule.yaml"""

    zone: str = "UTC"
    no_runs_on_holidays_of: tuple[str, ...] = ()
    jobs: dict[str, Job]

    @field_validator("zone")
    @classmethod
    def _a_zone(cls, name: str) -> str:
        try:
            ZoneInfo(name)
        except (ZoneInfoNotFoundError, ValueError):
            raise ValueError(f"there is no time zone {name!r}; write it like Europe/Berlin") from None
        return name


@dataclass(frozen=True)
class Due:
    job: str
    at: datetime


def last_due(job: Job, now: datetime, zone: ZoneInfo, is_holiday: Callable[[date], bool]) -> datetime | None:
    """The newest moment (UTC) at or before `now` at which the job should have run; None when there was none in the last two days."""
    # Everything is compared in UTC: two times of one zone compare by the wall clock, which repeats an hour in autumn and skips one in spring.
    local = now.astimezone(zone)
    moments: list[datetime] = []
    for days in range(LOOK_BACK.days + 1):
        day = local.date() - timedelta(days=days)
        if is_holiday(day):
            continue
        if job.every is not None:
            start, midnight = (datetime.combine(day + timedelta(days=more), time(0), zone).astimezone(UTC) for more in (0, 1))
            end = min(now, midnight - timedelta(minutes=1))
            moments.append(start + timedelta(minutes=int((end - start).total_seconds() // 60) // job.every * job.every))
        else:
            times = (datetime.combine(day, time.fromisoformat(text), zone).astimezone(UTC) for text in job.at)
            moments += [moment for moment in times if moment <= now]
        if moments:
            break
    return max(moments).astimezone(UTC) if moments else None


class Scheduler:
    """Ticks every few seconds; each job has at most one process at a time, whichever scheduler started it."""

    def __init__(self, config: Config, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self.config, self.now = config, now
        self.settings = config.load("schedule", ScheduleSettings)
        self.zone = ZoneInfo(self.settings.zone)
        self.ticks = Ticks(open_store(config, "scheduler"))
        self._running: dict[str, tuple[subprocess.Popen[bytes], datetime]] = {}
        self._started = now()

    def is_holiday(self, day: date) -> bool:
        import holidays

        return any(day in holidays.country_holidays(country, years=day.year) for country in self.settings.no_runs_on_holidays_of)

    def due(self) -> list[Due]:
        """Jobs whose newest moment has not been run. Several missed moments are one; without `catch_up` only moments since the start count."""
        found = []
        for name, job in self.settings.jobs.items():
            moment = last_due(job, self.now(), self.zone, self.is_holiday)
            if moment is None or name in self._running or self.ticks.known(name, moment):
                continue
            if not job.catch_up and moment < self._started:
                continue
            found.append(Due(name, moment))
        return found

    def tick(self) -> None:
        """Start what is due and note what has ended. A failing job neither stops the others nor is run again before its next time."""
        for name, (process, moment) in list(self._running.items()):
            if process.poll() is not None:
                del self._running[name]
                self.ticks.end(name, moment, process.returncode)
                log = logger.info if process.returncode in (OK, NEEDS_PERSON) else logger.error
                log("job {} ended with exit code {}", name, process.returncode)
        for due in self.due():
            if self.ticks.start(due.job, due.at):
                logger.info("job {} starts (due {:%Y-%m-%d %H:%M} UTC)", due.job, due.at)
                self._running[due.job] = (self._start(self.settings.jobs[due.job]), due.at)

    def _start(self, job: Job) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            [sys.executable, "-m", "bots.operations.job", "--profile", self.config.profile, "--config", str(self.config.folder), *job.bots],
            cwd=self.config.home,
        )

    def run(self, *, once: bool) -> int:
        """Tick until interrupted, or, with `once`, until everything due now has run."""
        import schedule

        start_log(self.config, quiet=False)
        ticker = schedule.Scheduler()
        ticker.every(5).seconds.do(self._safe_tick)
        self._safe_tick()
        try:
            while not once or self._running:
                threading.Event().wait(max(0.2, min(ticker.idle_seconds or 0.2, 1.0)))
                if once:
                    self._safe_tick()
                else:
                    ticker.run_pending()
        except KeyboardInterrupt:
            for process, _ in self._running.values():
                process.terminate()
            for process, _ in self._running.values():
                process.wait()
            return INTERRUPTED
        return OK

    def _safe_tick(self) -> None:
        try:
            self.tick()
        except StoreError as error:
            # The store may be away for a moment (a PostgreSQL restart); the next tick tries again.
            logger.error("the scheduler could not read the store: {}", error)

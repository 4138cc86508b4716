"""Work items: who works what right now. A lease with a heartbeat, so that nothing is worked twice at once and nothing is lost in a crash."""

from __future__ import annotations

import os
import socket
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import psutil
from sqlalchemy import and_, func, insert, literal, or_, select, update
from sqlalchemy.exc import IntegrityError

from bots.cases.store import Store
from bots.cases.tables import runs, work_items

LEASE = timedelta(minutes=5)
SAME_START_S = 2.0
"""How far two readings of one process's start may lie apart."""


@dataclass(frozen=True)
class Lease:
    """Leave to work one item until `lease_until` (real time, UTC)."""

    id: int
    bot: str
    key: str
    attempts: int


def worker_name() -> str:
    """This process, recognisable in a log and never taken for a later one: host, process id, and when it started (Unix seconds)."""
    return f"{_host()}:{os.getpid()}:{psutil.Process().create_time():.0f}"


def _host() -> str:
    return socket.gethostname()[:50]


def _is_gone(worker: str) -> bool:
    """Whether this was a process of this machine and has ended; what cannot be seen from here has not."""
    host, _, numbers = worker.partition(":")
    pid, _, started = numbers.partition(":")
    if host != _host() or not (pid.isdigit() and started.isdigit()):
        return False
    try:
        process = psutil.Process(int(pid))
        # A process id comes again: within minutes on a busy machine.
        return bool(process.status() == psutil.STATUS_ZOMBIE or abs(process.create_time() - int(started)) > SAME_START_S)
    except psutil.NoSuchProcess:
        return True
    except psutil.AccessDenied:
        return False


class WorkQueue:
    """Leases on (bot, key): the schema allows one open lease an item."""

    def __init__(self, store: Store, lease: timedelta = LEASE) -> None:
        self.store, self.lease, self.worker = store, lease, worker_name()

    def take(self, bot: str, key: str) -> Lease | None:
        """Lease an item, or None when another worker has it or it must wait. An expired lease is taken over."""
        now = datetime.now(UTC)
        try:
            with self.store.database.begin() as db:
                row = db.execute(
                    select(work_items).where(work_items.c.bot == bot, work_items.c.key == key, work_items.c.state.in_(("leased", "waiting")))
                ).one_or_none()
                if row is not None:
                    free = or_(
                        and_(work_items.c.state == "leased", work_items.c.lease_until < now),
                        and_(work_items.c.state == "leased", work_items.c.worker == row.worker, literal(_is_gone(row.worker))),
                        and_(work_items.c.state == "waiting", work_items.c.not_before <= now),
                    )
                    taken = db.execute(
                        update(work_items)
                        .where(work_items.c.id == row.id, free)
                        .values(state="leased", worker=self.worker, lease_until=now + self.lease, attempts=row.attempts + 1, started_at=now)
                    )
                    return Lease(row.id, bot, key, row.attempts + 1) if taken.rowcount == 1 else None
                item = db.execute(
                    insert(work_items)
                    .values(bot=bot, key=key, state="leased", attempts=1, worker=self.worker, lease_until=now + self.lease, started_at=now)
                    .returning(work_items.c.id)
                ).scalar_one()
                return Lease(item, bot, key, 1)
        except IntegrityError:
            return None

    def heartbeat(self, lease: Lease) -> bool:
        """Extend the lease; False when it was lost."""
        with self.store.database.begin() as db:
            done = db.execute(
                update(work_items)
                .where(work_items.c.id == lease.id, work_items.c.worker == self.worker, work_items.c.state == "leased")
                .values(lease_until=datetime.now(UTC) + self.lease)
            )
            return done.rowcount == 1

    def end(self, lease: Lease, state: str, *, error: str = "", minutes_saved: int = 0, wait: timedelta | None = None) -> None:
        """Give the item back as done, person or failed; with `wait` it waits and may be taken again after that time."""
        now = datetime.now(UTC)
        values: dict[str, Any] = {"state": "waiting" if wait is not None else state, "error": error[:2000], "ended_at": now, "minutes_saved": minutes_saved}
        if wait is not None:
            values["not_before"] = now + wait
        with self.store.database.begin() as db:
            db.execute(update(work_items).where(work_items.c.id == lease.id, work_items.c.worker == self.worker).values(**values))

    def minutes_saved(self) -> float:
        """Minutes a person would have needed for everything done so far."""
        with self.store.database.read() as db:
            return float(db.execute(select(func.sum(work_items.c.minutes_saved)).where(work_items.c.state == "done")).scalar() or 0) / 100

    def minutes_by_bot(self) -> dict[str, float]:
        """The same by bot."""
        query = select(work_items.c.bot, func.sum(work_items.c.minutes_saved)).where(work_items.c.state == "done").group_by(work_items.c.bot)
        with self.store.database.read() as db:
            return {bot: float(hundredths or 0) / 100 for bot, hundredths in db.execute(query)}

    def counts(self) -> dict[str, dict[str, int]]:
        """bot -> state -> how many items."""
        query = select(work_items.c.bot, work_items.c.state, func.count()).group_by(work_items.c.bot, work_items.c.state)
        result: dict[str, dict[str, int]] = {}
        with self.store.database.read() as db:
            for bot, state, count in db.execute(query):
                result.setdefault(bot, {})[state] = count
        return result

    def retry_now(self, key: str) -> int:
        """Let waiting items with this key be taken at once; how many."""
        with self.store.database.begin() as db:
            return db.execute(update(work_items).where(work_items.c.key == key, work_items.c.state == "waiting").values(not_before=datetime.now(UTC))).rowcount

    # -- runs ------------------------------------------------------------------------------------------------------------
    def start_run(self, bot: str) -> int:
        with self.store.database.begin() as db:
            return int(db.execute(insert(runs).values(bot=bot, started_at=self.store.clock.now()).returning(runs.c.id)).scalar_one())

    def end_run(self, run_id: int, *, milliseconds: int, done: int, to_person: int, failed: int, verdict: str, note: str = "") -> None:
        with self.store.database.begin() as db:
            db.execute(
                update(runs)
                .where(runs.c.id == run_id)
                .values(
                    ended_at=self.store.clock.now(), milliseconds=milliseconds, done=done, to_person=to_person, failed=failed, verdict=verdict, note=note[:2000]
                )
            )

    def last_runs(self) -> list[dict[str, Any]]:
        """The newest run of each bot."""
        newest = select(func.max(runs.c.id)).group_by(runs.c.bot)
        with self.store.database.read() as db:
            return [dict(row._mapping) for row in db.execute(select(runs).where(runs.c.id.in_(newest)).order_by(runs.c.id))]

    def all_runs(self) -> list[dict[str, Any]]:
        with self.store.database.read() as db:
            return [dict(row._mapping) for row in db.execute(select(runs).order_by(runs.c.id))]

"""Which scheduled moments were run: one row a job and moment, so that two schedulers never run the same one."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import func, insert, select, update
from sqlalchemy.exc import IntegrityError

from bots.cases.store import Store
from bots.cases.tables import job_ticks


class Ticks:
    def __init__(self, store: Store) -> None:
        self.store = store

    def known(self, job: str, due: datetime) -> bool:
        with self.store.database.read() as db:
            return db.execute(select(func.count()).where(job_ticks.c.job == job, job_ticks.c.due == due)).scalar_one() > 0

    def start(self, job: str, due: datetime) -> bool:
        """Claim a moment; False when it was claimed before."""
        try:
            with self.store.database.begin() as db:
                db.execute(insert(job_ticks).values(job=job, due=due, started_at=datetime.now(UTC)))
        except IntegrityError:
            return False
        return True

    def end(self, job: str, due: datetime, exit_code: int) -> None:
        with self.store.database.begin() as db:
            db.execute(update(job_ticks).where(job_ticks.c.job == job, job_ticks.c.due == due).values(ended_at=datetime.now(UTC), exit_code=exit_code))

"""The event log: append-only, every event carries the hash of the one before it."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, func, insert, select

from bots.cases.tables import cases, events

GENESIS = "0" * 64


@dataclass(frozen=True)
class Event:
    """Something that happened to a case (or, without one, to the suite)."""

    seq: int
    rma: str
    at: datetime
    actor: str
    kind: str
    data: dict[str, Any]


def canonical(data: Any) -> str:
    """The one JSON text of these facts: sorted keys, no blanks, so that a hash means something."""
    return json.dumps(data, sort_keys=True, ensure_ascii=False, separators=(",", ":"), default=str)


def digest(data: Any) -> str:
    return hashlib.sha256(canonical(data).encode()).hexdigest()


def event_hash(previous: str, case_id: int | None, at: datetime, actor: str, kind: str, data: dict[str, Any]) -> str:
    """Hash over the event and the hash before it: a changed, removed or reordered event breaks the chain."""
    return digest([previous, case_id, at.isoformat(timespec="microseconds"), actor, kind, data])


def append(db: Connection, case_id: int | None, at: datetime, actor: str, kind: str, data: dict[str, Any]) -> None:
    """Append inside the caller's transaction, so that a change and its event stand or fall together."""
    if db.dialect.name == "postgresql":
        # One writer of the chain at a time; released at the end of the transaction.
        db.execute(select(func.pg_advisory_xact_lock(7_301)))
    last = db.execute(select(events.c.seq, events.c.hash).order_by(events.c.seq.desc()).limit(1)).one_or_none()
    previous = last.hash if last else GENESIS
    facts = json.loads(canonical(data))
    db.execute(
        insert(events).values(
            # Numbered here, not by the database: its sequences leave gaps when a transaction is rolled back, and a gap means a removed event.
            seq=last.seq + 1 if last else 1,
            case_id=case_id,
            at=at,
            actor=actor,
            kind=kind,
            data=facts,
            previous_hash=previous,
            hash=event_hash(previous, case_id, at, actor, kind, facts),
        )
    )


def verify(db: Connection) -> list[str]:
    """What is wrong with the chain: one sentence a broken link, empty when whole."""
    problems, previous, last_seq = [], GENESIS, 0
    for row in db.execute(select(events).order_by(events.c.seq)):
        if row.seq != last_seq + 1:
            problems.append(f"event {last_seq + 1} is missing (next is {row.seq})")
        if row.previous_hash != previous:
            problems.append(f"event {row.seq} does not follow the event before it")
        if row.hash != event_hash(row.previous_hash, row.case_id, row.at, row.actor, row.kind, row.data):
            problems.append(f"event {row.seq} was changed")
        previous, last_seq = row.hash, row.seq
    return problems


def timeline(db: Connection, case_id: int) -> list[Event]:
    """A case's events, oldest first."""
    query = select(events, cases.c.rma).join(cases, cases.c.id == events.c.case_id).where(events.c.case_id == case_id).order_by(events.c.seq)
    return [Event(row.seq, row.rma, row.at, row.actor, row.kind, row.data) for row in db.execute(query)]

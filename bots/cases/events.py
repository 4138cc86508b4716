"""The event log: append-only, every event carries the hash of the one before it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, func, insert, select

from bots.cases.masking import masked
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


def fitting(name: str, most: int) -> str:
    """A name that fits a column of `most` characters (33 at least): a longer one ends in a hash that tells it apart from others that begin alike."""
    return name if len(name) <= most else f"{name[: most - 33]}#{digest(name)[:32]}"


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
    facts = masked(json.loads(canonical(data)))
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


@dataclass(frozen=True)
class Break:
    """Something wrong with the chain: at which event, of which case (empty for the suite's own), when it happened (None: not known) and what it is."""

    seq: int
    rma: str
    at: datetime | None
    what: str

    def __str__(self) -> str:
        where = ", ".join(part for part in (self.rma, f"{self.at:%Y-%m-%d %H:%M:%S} UTC" if self.at else "") if part)
        return f"{self.what} ({where})" if where else self.what


@dataclass(frozen=True)
class Head:
    """The newest event of a chain: its number and hash. Number 0 and the first hash of all stand for an empty chain."""

    seq: int
    hash: str


def breaks(db: Connection, known: Sequence[Head] = ()) -> list[Break]:
    """Every broken link, and every head in `known` (kept outside the database) that the chain no longer has: then its tail was cut off, or all was written anew."""
    problems: list[Break] = []
    previous, last_seq = GENESIS, 0
    heads: dict[int, set[str]] = {}
    for one in known:
        heads.setdefault(one.seq, set()).add(one.hash)
    for row in db.execute(select(events, cases.c.rma).join(cases, cases.c.id == events.c.case_id, isouter=True).order_by(events.c.seq)):

        def wrong(what: str, seq: int = row.seq, rma: str = row.rma or "", at: datetime = row.at) -> None:
            problems.append(Break(seq, rma, at, what))

        if row.seq != last_seq + 1:
            wrong(f"event {last_seq + 1} is missing (next is {row.seq})")
        if row.previous_hash != previous:
            wrong(f"event {row.seq} does not follow the event before it")
        if row.hash != event_hash(row.previous_hash, row.case_id, row.at, row.actor, row.kind, row.data):
            wrong(f"event {row.seq} was changed")
        if heads.get(row.seq, {row.hash}) != {row.hash}:
            wrong(f"event {row.seq} is not the one that was anchored outside the database: it, or one before it, was written anew")
        previous, last_seq = row.hash, row.seq
    newest = max(heads, default=0)
    if newest > last_seq:
        problems.append(Break(last_seq + 1, "", None, f"events {last_seq + 1} to {newest} are missing: the end of the log was cut off"))
    return problems


def verify(db: Connection) -> list[str]:
    """What is wrong with the chain: one sentence a broken link, empty when whole."""
    return [found.what for found in breaks(db)]


def head(db: Connection) -> Head:
    """The newest event."""
    row = db.execute(select(events.c.seq, events.c.hash).order_by(events.c.seq.desc()).limit(1)).one_or_none()
    return Head(row.seq, row.hash) if row else Head(0, GENESIS)


def links(db: Connection) -> list[str]:
    """The hash of every event in order: with these anybody can see that a case's events stand where they say, without reading those of other cases."""
    return list(db.execute(select(events.c.hash).order_by(events.c.seq)).scalars())


def timeline(db: Connection, case_id: int) -> list[Event]:
    """A case's events, oldest first."""
    query = select(events, cases.c.rma).join(cases, cases.c.id == events.c.case_id).where(events.c.case_id == case_id).order_by(events.c.seq)
    return [Event(row.seq, row.rma, row.at, row.actor, row.kind, row.data) for row in db.execute(query)]

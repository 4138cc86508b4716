"""All that the store holds on one case, as plain data: for people who must see it years later, without this suite."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import Row, select
from sqlalchemy.sql.schema import Table

from bots.cases import events
from bots.cases.store import Case, Store
from bots.cases.tables import cases, commits, exceptions, journal_lines, journals, messages, outbox, records, vouchers, waivers
from bots.cases.tables import events as event_table

KEPT: dict[str, Table] = {"mails": messages, "answers": outbox, "questions": exceptions, "permissions": waivers, "commits": commits, "vouchers": vouchers}


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, (date, datetime)) else value


def _row(row: Row[Any]) -> dict[str, Any]:
    return {key: _plain(value) for key, value in row._mapping.items()}


def case_facts(store: Store, case: Case) -> dict[str, Any]:
    """The case's own row, and its rows in each table that names it, oldest first. Times are ISO 8601 in UTC, money is in minor units."""
    with store.database.read() as db:
        found: dict[str, Any] = {"case": _row(db.execute(select(cases).where(cases.c.id == case.id)).one())}
        for name, table in KEPT.items():
            found[name] = [_row(row) for row in db.execute(select(table).where(table.c.case_id == case.id).order_by(*table.primary_key.columns))]
    return found


def pages_read(store: Store, case: Case) -> list[dict[str, Any]]:
    """What the bots read on pages and in files about the case, each with when, where and its digest, oldest first."""
    with store.database.read() as db:
        return [_row(row) for row in db.execute(select(records).where(records.c.case_id == case.id).order_by(records.c.id))]


def journals_of(store: Store, case: Case) -> list[dict[str, Any]]:
    """The case's journal lines with their heads, oldest first."""
    query = (
        select(journals.c.kind, journals.c.doc_ref, journals.c.posted_on, journals.c.text, journal_lines).join(journals).where(journals.c.case_id == case.id)
    )
    with store.database.read() as db:
        return [_row(row) for row in db.execute(query.order_by(journals.c.id, journal_lines.c.id))]


def chain_proof(store: Store, case: Case) -> dict[str, Any]:
    """The case's events word for word, and the hash of every event of the log: whoever has both can recompute that nothing was changed in between."""
    with store.database.read() as db:
        rows = db.execute(select(event_table).where(event_table.c.case_id == case.id).order_by(event_table.c.seq))
        own = [{**row._mapping, "at": row.at.isoformat(timespec="microseconds")} for row in rows]
        return {"first": events.GENESIS, "events": own, "links": events.links(db)}


def recorded_files(store: Store, case: Case | None = None) -> list[tuple[str, str, str]]:
    """(RMA, path below the evidence folder, sha256) of every evidence file that an event names and no later one deletes."""
    query = select(cases.c.rma, event_table.c.kind, event_table.c.data).join(cases, cases.c.id == event_table.c.case_id).order_by(event_table.c.seq)
    query = query.where(event_table.c.kind.in_(("evidence", "evidence_deleted")))
    if case is not None:
        query = query.where(event_table.c.case_id == case.id)
    found: dict[str, dict[str, str]] = {}
    with store.database.read() as db:
        for row in db.execute(query):
            if row.kind == "evidence_deleted":
                found.pop(row.rma, None)
            else:
                found.setdefault(row.rma, {})[str(row.data["path"]).replace("\\", "/")] = str(row.data["sha256"])
    return [(rma, path, sha256) for rma, files in found.items() for path, sha256 in files.items()]


def check_chain(store: Store, known: list[events.Head]) -> tuple[events.Head, list[events.Break]]:
    """The newest event, and what is wrong with the chain; `known` are heads that were kept outside the database."""
    with store.database.read() as db:
        return events.head(db), events.breaks(db, known)


def chain_head(store: Store) -> events.Head:
    """The newest event's number and hash."""
    with store.database.read() as db:
        return events.head(db)

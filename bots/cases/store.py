"""The case store: opens, moves and closes cases, keeps what was observed, and remembers what was answered."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from pydantic import BaseModel
from sqlalchemy import Connection, Row, and_, exists, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from bots.cases import events
from bots.cases.clock import Clock
from bots.cases.database import Database
from bots.cases.masking import mask_cards, masked
from bots.cases.model import Record
from bots.cases.states import MACHINES, check_move, may_close
from bots.cases.tables import cases, counters, exceptions, imported_rows, messages, outbox, records, switches, waivers

Model = TypeVar("Model", bound=BaseModel)
# Bots that move money or goods: a freezing exception of any bot stops them too.
MONEY_BOTS = frozenset({"refunds"})


class StaleCase(Exception):
    """The case was changed by someone else since it was read."""


@dataclass(frozen=True)
class Case:
    """One return, from the customer's first word to the reconciled books. Times are UTC."""

    id: int
    rma: str
    order_no: str | None
    channel: str
    language: str
    country: str
    currency: str
    customer_name: str
    customer_email: str
    intent: str
    reason_code: str
    responsible: str
    request: str
    parcel: str
    customs: str
    inspection: str
    refund: str
    books: str
    carrier: str
    tracking_no: str
    opened_at: datetime
    updated_at: datetime
    deadline_refund: datetime | None
    closed_at: datetime | None
    close_code: str
    touches: int
    version: int

    @property
    def closed(self) -> bool:
        return self.closed_at is not None


@dataclass(frozen=True)
class ExceptionRow:
    """Something a person must decide."""

    id: int
    case: Case
    bot: str
    code: str
    severity: str
    what: str
    rules: str
    suggestion: str
    advice: str
    amount_minor: int | None
    terms_hash: str
    technical: bool
    freezes: bool
    opened_at: datetime
    closed_at: datetime | None
    decision: str
    decided_by: str
    note: str


@dataclass(frozen=True)
class Waiver:
    """What a person allowed."""

    code: str
    decision: str
    amount_minor: int | None
    given_by: str
    given_at: datetime


@dataclass(frozen=True)
class OutboxRow:
    """An answer that waits to be sent."""

    id: int
    case_id: int
    kind: str
    topic: str
    facts: dict[str, Any]
    state: str
    message_id: str


class Store:
    """Everything the bots know. One instance a process; `actor` is written into every event."""

    def __init__(self, database: Database, clock: Clock, actor: str) -> None:
        self.database, self.clock, self.actor = database, clock, actor
        self.mask: Callable[[str], str] = mask_cards
        """What no text in the store may hold is masked by this: card numbers, and whatever secrets the desk knows."""

    # -- cases -------------------------------------------------------------------------------------------------------
    def open_case(self, order_no: str | None, **columns: Any) -> tuple[Case, bool]:
        """Open a case for the order, or give the open one it already has: (case, opened now).

        Two bots that open at once get the same case: the schema allows one open case an order.
        """
        now, columns = self.clock.now(), masked(columns, self.mask)
        try:
            with self.database.begin() as db:
                if order_no is not None and (known := self._open_case_of(db, order_no)) is not None:
                    return known, False
                number = next_number(db, "rma", start=1)
                values = {"order_no": order_no, "request": "new", **columns, "rma": f"RMA-{now:%y%m}-{number:05d}", "opened_at": now, "updated_at": now}
                case_id = db.execute(insert(cases).values(**values).returning(cases.c.id)).scalar_one()
                events.append(db, case_id, now, self.actor, "case_opened", {key: values[key] for key in ("rma", "order_no", "channel", "intent")})
                return _case(db.execute(select(cases).where(cases.c.id == case_id)).one()), True
        except IntegrityError:
            with self.database.read() as db:
                known = self._open_case_of(db, order_no or "")
            if known is None:
                raise
            return known, False

    def _open_case_of(self, db: Connection, order_no: str) -> Case | None:
        row = db.execute(select(cases).where(cases.c.order_no == order_no, cases.c.closed_at.is_(None))).one_or_none()
        return _case(row) if row else None

    def case(self, rma: str) -> Case | None:
        """The case with this RMA number."""
        return self._first(cases.c.rma == rma)

    def case_by_id(self, case_id: int) -> Case:
        found = self._first(cases.c.id == case_id)
        assert found is not None, f"case {case_id} vanished"
        return found

    def case_of_order(self, order_no: str) -> Case | None:
        """The newest case of an order, open or closed."""
        return self._first(cases.c.order_no == order_no)

    def case_of_parcel(self, tracking_no: str) -> Case | None:
        return self._first(cases.c.tracking_no == tracking_no)

    def _first(self, condition: Any) -> Case | None:
        with self.database.read() as db:
            row = db.execute(select(cases).where(condition).order_by(cases.c.id.desc()).limit(1)).one_or_none()
        return _case(row) if row else None

    def cases(self, *, open_only: bool = False) -> list[Case]:
        """All cases, oldest first."""
        query = select(cases).order_by(cases.c.id)
        if open_only:
            query = query.where(cases.c.closed_at.is_(None))
        with self.database.read() as db:
            return [_case(row) for row in db.execute(query)]

    def due(self, bot: str, **states: str | Sequence[str]) -> list[Case]:
        """Open cases in these states that no open exception keeps from this bot, oldest first.

        `due("refunds", refund=("none", "approved"))`: one or several allowed states a machine.
        """
        blocked = exists().where(
            and_(
                exceptions.c.case_id == cases.c.id,
                exceptions.c.closed_at.is_(None),
                (exceptions.c.bot == bot) | (exceptions.c.freezes.is_(True) if bot in MONEY_BOTS else (exceptions.c.bot == bot)),
            )
        )
        query = select(cases).where(cases.c.closed_at.is_(None), ~blocked).order_by(cases.c.id)
        for machine, allowed in states.items():
            query = query.where(cases.c[machine].in_([allowed] if isinstance(allowed, str) else list(allowed)))
        with self.database.read() as db:
            return [_case(row) for row in db.execute(query)]

    def asked_to_cancel(self) -> list[Case]:
        """Open cases whose customer wrote that the return is off, and that are not cancelled yet."""
        asked = exists().where(messages.c.case_id == cases.c.id, messages.c.verdict == "cancelled")
        blocked = exists().where(exceptions.c.case_id == cases.c.id, exceptions.c.code == "cancel_too_late")
        query = select(cases).where(cases.c.closed_at.is_(None), cases.c.request != "cancelled", asked, ~blocked).order_by(cases.c.id)
        with self.database.read() as db:
            return [_case(row) for row in db.execute(query)]

    def change(self, case: Case, why: str, *, facts: dict[str, Any] | None = None, **columns: Any) -> Case:
        """Move sub-machines and set columns, with an event that says why.

        Raises ForbiddenMove for a move that the table does not allow and StaleCase when the case changed meanwhile.
        """
        with self.database.begin() as db:
            return self._change(db, case, why, facts or {}, columns)

    def _change(self, db: Connection, case: Case, why: str, facts: dict[str, Any], columns: dict[str, Any]) -> Case:
        now = self.clock.now()
        for machine in MACHINES:
            if machine in columns:
                check_move(machine, getattr(case, machine), columns[machine])
        touched = db.execute(
            update(cases).where(cases.c.id == case.id, cases.c.version == case.version).values(**columns, updated_at=now, version=case.version + 1)
        )
        if touched.rowcount != 1:
            raise StaleCase(f"{case.rma} changed while it was being worked")
        moved = {key: value for key, value in columns.items() if getattr(case, key) != value}
        events.append(db, case.id, now, self.actor, why, masked({**facts, **({"set": moved} if moved else {})}, self.mask))
        return _case(db.execute(select(cases).where(cases.c.id == case.id)).one())

    def note(self, case: Case | None, kind: str, /, **facts: Any) -> None:
        """Append an event without changing the case."""
        with self.database.begin() as db:
            events.append(db, case.id if case else None, self.clock.now(), self.actor, kind, masked(facts, self.mask))

    def close_finished(self) -> int:
        """Close every open case for which the closure invariant holds and nothing is open; how many."""
        closed = 0
        for case in self.cases(open_only=True):
            if not may_close(case) or self.open_exceptions(case) or self._waiting_answers(case):
                continue
            with suppress(StaleCase):  # somebody else closes it, or works on it again
                self.change(case, "case_closed", closed_at=self.clock.now(), close_code=case.close_code or "done")
                closed += 1
        return closed

    def _waiting_answers(self, case: Case) -> bool:
        with self.database.read() as db:
            return db.execute(select(func.count()).where(outbox.c.case_id == case.id, outbox.c.state.in_(("queued", "sending")))).scalar_one() > 0

    def timeline(self, case: Case) -> list[events.Event]:
        with self.database.read() as db:
            return events.timeline(db, case.id)

    # -- what was observed ---------------------------------------------------------------------------------------------
    def put(self, case: Case, kind: str, record: BaseModel, source_key: str | None = None) -> None:
        """Keep what a system said. The same content again adds nothing; different content is a new row, the old one stays."""
        data = masked(record.model_dump(mode="json", exclude={"observed_at"}), self.mask)
        print_ = events.digest(data)
        system = record.source_system if isinstance(record, Record) else ""
        key = events.fitting(source_key if source_key is not None else (record.source_key if isinstance(record, Record) else ""), 80)
        with self.database.begin() as db:
            last = db.execute(
                select(records.c.digest)
                .where(records.c.case_id == case.id, records.c.kind == kind, records.c.source_key == key)
                .order_by(records.c.id.desc())
                .limit(1)
            ).scalar()
            if last != print_:
                db.execute(
                    insert(records).values(
                        case_id=case.id, kind=kind, source_system=system, source_key=key, observed_at=self.clock.now(), data=data, digest=print_
                    )
                )

    def get(self, case: Case, kind: str, model: type[Model]) -> Model | None:
        """The newest record of a kind."""
        query = select(records.c.data).where(records.c.case_id == case.id, records.c.kind == kind).order_by(records.c.id.desc()).limit(1)
        with self.database.read() as db:
            data = db.execute(query).scalar()
        return model.model_validate(data) if data is not None else None

    def need(self, case: Case, kind: str, model: type[Model]) -> Model:
        """The newest record of a kind, which must be there."""
        found = self.get(case, kind, model)
        if found is None:
            raise LookupError(f"{case.rma} has no {kind} record yet")
        return found

    def newest_of_each(self, case: Case, kind: str, model: type[Model]) -> list[Model]:
        """The newest record of a kind for each source key, in order of first sight."""
        query = select(records.c.source_key, records.c.data).where(records.c.case_id == case.id, records.c.kind == kind).order_by(records.c.id)
        with self.database.read() as db:
            newest: dict[str, Any] = {row.source_key: row.data for row in db.execute(query)}
        return [model.model_validate(data) for data in newest.values()]

    # -- mail and rows ---------------------------------------------------------------------------------------------------
    def message_known(self, folder: str, uidvalidity: int, uid: int, message_id: str) -> bool:
        """Whether this mail was already worked, by its place in the mailbox or by its Message-ID."""
        place = and_(messages.c.folder == folder, messages.c.uidvalidity == uidvalidity, messages.c.uid == uid)
        with self.database.read() as db:
            return db.execute(select(func.count()).where(place | (messages.c.message_id == message_id))).scalar_one() > 0

    def add_message(self, case: Case | None, **columns: Any) -> bool:
        """Write a mail into the ledger of worked mail; False when it is already there."""
        columns = masked(columns, self.mask)
        try:
            with self.database.begin() as db:
                db.execute(insert(messages).values(case_id=case.id if case else None, **columns))
                if case is not None:
                    events.append(
                        db,
                        case.id,
                        self.clock.now(),
                        self.actor,
                        "mail_received",
                        {key: columns[key] for key in ("message_id", "sender", "subject", "intent", "verdict")},
                    )
        except IntegrityError:
            return False
        return True

    def messages_of(self, case: Case) -> list[Row[Any]]:
        with self.database.read() as db:
            return list(db.execute(select(messages).where(messages.c.case_id == case.id).order_by(messages.c.id)))

    def row_known(self, source: str, row_key: str) -> bool:
        with self.database.read() as db:
            return db.execute(select(func.count()).where(imported_rows.c.source == source, imported_rows.c.row_key == row_key)).scalar_one() > 0

    def add_row(self, source: str, row_key: str, case: Case | None, verdict: str) -> bool:
        """Write an export row into the ledger of worked rows; False when it is already there."""
        try:
            with self.database.begin() as db:
                db.execute(
                    insert(imported_rows).values(
                        source=source, row_key=row_key, case_id=case.id if case else None, imported_at=self.clock.now(), verdict=verdict
                    )
                )
        except IntegrityError:
            return False
        return True

    # -- answers ---------------------------------------------------------------------------------------------------------
    def queue_reply(self, case: Case, kind: str, topic: str = "", **facts: Any) -> bool:
        """Queue one answer of a kind on a topic; False when it was queued before: the schema allows one, ever."""
        try:
            with self.database.begin() as db:
                db.execute(insert(outbox).values(case_id=case.id, kind=kind, topic=topic, facts=masked(facts, self.mask), queued_at=self.clock.now()))
        except IntegrityError:
            return False
        return True

    def replies(self, *states: str) -> list[OutboxRow]:
        query = select(outbox).where(outbox.c.state.in_(states)).order_by(outbox.c.id)
        with self.database.read() as db:
            return [OutboxRow(row.id, row.case_id, row.kind, row.topic, row.facts, row.state, row.message_id) for row in db.execute(query)]

    def replies_of(self, case: Case) -> list[Row[Any]]:
        with self.database.read() as db:
            return list(db.execute(select(outbox).where(outbox.c.case_id == case.id).order_by(outbox.c.id)))

    def mark_reply(self, reply_id: int, state: str, message_id: str = "") -> bool:
        """Move an answer queued -> sending -> sent (or held). False when another worker has it."""
        before = {"sending": ("queued",), "sent": ("sending",), "held": ("queued", "sending"), "queued": ("sending", "held")}[state]
        values: dict[str, Any] = {
            "state": state,
            **({"message_id": message_id} if message_id else {}),
            **({"sent_at": self.clock.now()} if state == "sent" else {}),
        }
        with self.database.begin() as db:
            return db.execute(update(outbox).where(outbox.c.id == reply_id, outbox.c.state.in_(before)).values(**values)).rowcount == 1

    # -- exceptions and what people decided ------------------------------------------------------------------------------
    def open_exception(self, case: Case, bot: str, code: str, what: str, **columns: Any) -> bool:
        """Put a case before a person; False when the same question is already open."""
        now, what, columns = self.clock.now(), self.mask(what), masked(columns, self.mask)
        try:
            with self.database.begin() as db:
                db.execute(insert(exceptions).values(case_id=case.id, bot=bot, code=code, what=what, opened_at=now, **{"severity": "medium", **columns}))
                events.append(db, case.id, now, self.actor, "to_a_person", {"code": code, "what": what, **{k: v for k, v in columns.items() if v}})
        except IntegrityError:
            return False
        return True

    def open_exceptions(self, case: Case | None = None) -> list[ExceptionRow]:
        return self._exceptions(exceptions.c.closed_at.is_(None), case)

    def all_exceptions(self, case: Case | None = None) -> list[ExceptionRow]:
        return self._exceptions(None, case)

    def _exceptions(self, condition: Any, case: Case | None) -> list[ExceptionRow]:
        query = select(exceptions).order_by(exceptions.c.id)
        if condition is not None:
            query = query.where(condition)
        if case is not None:
            query = query.where(exceptions.c.case_id == case.id)
        with self.database.read() as db:
            rows = list(db.execute(query))
            wanted = {row.case_id for row in rows}
            by_id = {row.id: _case(row) for row in db.execute(select(cases).where(cases.c.id.in_(wanted)))} if wanted else {}
        return [ExceptionRow(**{**{k: v for k, v in row._mapping.items() if k != "case_id"}, "case": by_id[row.case_id]}) for row in rows]

    def close_exception(self, row: ExceptionRow, decision: str, by: str, note: str = "", amount_minor: int | None = None, *, touched: bool = True) -> bool:
        """Write down what a person decided; approve and proceed become waivers bound to the row's exact terms."""
        now, note = self.clock.now(), self.mask(note)
        with self.database.begin() as db:
            done = db.execute(
                update(exceptions)
                .where(exceptions.c.id == row.id, exceptions.c.closed_at.is_(None))
                .values(closed_at=now, decision=decision, decided_by=by, note=note, amount_minor=amount_minor if amount_minor is not None else row.amount_minor)
            )
            if done.rowcount != 1:
                return False
            if decision in ("approve", "proceed"):
                db.execute(waivers.delete().where(waivers.c.case_id == row.case.id, waivers.c.code == row.code, waivers.c.terms_hash == row.terms_hash))
                db.execute(
                    insert(waivers).values(
                        case_id=row.case.id, code=row.code, terms_hash=row.terms_hash, decision=decision, amount_minor=amount_minor, given_by=by, given_at=now
                    )
                )
            if touched:
                db.execute(update(cases).where(cases.c.id == row.case.id).values(touches=cases.c.touches + 1, version=cases.c.version + 1, updated_at=now))
            events.append(db, row.case.id, now, by if touched else self.actor, "decided", {"code": row.code, "decision": decision, "note": note})
        return True

    def hold_exception(self, row: ExceptionRow, by: str, note: str) -> None:
        """A person saw it and leaves it open: the question stays, with their word on it."""
        now, note = self.clock.now(), self.mask(note)
        with self.database.begin() as db:
            db.execute(update(exceptions).where(exceptions.c.id == row.id).values(decision="hold", decided_by=by, note=note))
            db.execute(update(cases).where(cases.c.id == row.case.id).values(touches=cases.c.touches + 1, version=cases.c.version + 1, updated_at=now))
            events.append(db, row.case.id, now, by, "decided", {"code": row.code, "decision": "hold", "note": note})

    def agree_amount(self, case: Case, amount_minor: int, by: str) -> None:
        """A person set a lower refund than proposed (minor units of the order's currency); the newest word counts."""
        now = self.clock.now()
        with self.database.begin() as db:
            events.append(db, case.id, now, by, "amount_agreed", {"amount_minor": amount_minor})  # first: it lets one writer in at a time
            db.execute(waivers.delete().where(waivers.c.case_id == case.id, waivers.c.code == "agreed_amount"))
            db.execute(insert(waivers).values(case_id=case.id, code="agreed_amount", decision="approve", amount_minor=amount_minor, given_by=by, given_at=now))

    def waiver(self, case: Case, code: str, terms_hash: str = "") -> Waiver | None:
        """What a person allowed for this question on exactly these terms."""
        query = select(waivers).where(waivers.c.case_id == case.id, waivers.c.code == code, waivers.c.terms_hash == terms_hash)
        with self.database.read() as db:
            row = db.execute(query).one_or_none()
        return Waiver(row.code, row.decision, row.amount_minor, row.given_by, row.given_at) if row else None

    # -- switches --------------------------------------------------------------------------------------------------------
    def switch(self, name: str) -> Any:
        """A switch's value (paused bots, quarantined accounts), or None."""
        with self.database.read() as db:
            return db.execute(select(switches.c.value).where(switches.c.name == name)).scalar()

    def switches(self, prefix: str) -> dict[str, Any]:
        """All switches whose name begins so, by name."""
        with self.database.read() as db:
            return {
                row.name: row.value for row in db.execute(select(switches).where(switches.c.name.startswith(prefix, autoescape=True)).order_by(switches.c.name))
            }

    def set_switch(self, name: str, value: Any) -> None:
        """Set a switch, or remove it with None."""
        now, value = self.clock.now(), masked(value, self.mask) if isinstance(value, dict) else value
        with self.database.begin() as db:
            events.append(db, None, now, self.actor, "switch_set", {"name": name, "value": value})  # first: it lets one writer in at a time
            db.execute(switches.delete().where(switches.c.name == name))
            if value is not None:
                db.execute(insert(switches).values(name=name, value=value, set_by=self.actor, set_at=now))

    def claim_switch(self, name: str, value: Any) -> bool:
        """Set a switch that must not exist yet; False when it does (somebody else was first)."""
        try:
            with self.database.begin() as db:
                db.execute(insert(switches).values(name=name, value=value, set_by=self.actor, set_at=self.clock.now()))
        except IntegrityError:
            return False
        return True


def next_number(db: Connection, name: str, start: int = 1) -> int:
    """The next value of a gapless sequence, inside the caller's transaction: rolled back with it, so no gap appears."""
    one_more = update(counters).where(counters.c.name == name).values(value=counters.c.value + 1).returning(counters.c.value)
    value = db.execute(one_more).scalar()
    if value is None:
        try:
            with db.begin_nested():
                db.execute(insert(counters).values(name=name, value=start))
            return start
        except IntegrityError:
            # Another transaction drew the very first number meanwhile.
            value = db.execute(one_more).scalar_one()
    return int(value)


def _case(row: Row[Any]) -> Case:
    return Case(**row._mapping)

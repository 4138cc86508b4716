"""Threads of mail: which case a mail continues, who answers it, and how much was answered already.

A thread is known by Message-IDs alone: those of the customer's mails that were worked and those of the answers that were sent.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, func, select

from bots.cases.store import Case, OutboxRow, Store
from bots.cases.tables import cases, messages, outbox

TAKEN = "thread_taken"
"""The standing question by which a person has a case's thread; the bots send nothing on the case while it is open."""
MADE_UP = ("@unnamed.invalid>", "@unread.invalid>")
"""How Message-IDs end that we made ourselves: no mail program knows them."""
LONGEST = 20
"""Message-IDs in a References header: the first ones and the newest; longer ones are cut by servers on the way."""


def case_of_thread(store: Store, ids: Iterable[str]) -> Case | None:
    """The case that a mail with these Message-IDs in In-Reply-To and References continues: that of the newest one known."""
    wanted = [found for found in dict.fromkeys(ids) if found.startswith("<")]
    if not wanted:
        return None
    with store.database.read() as db:
        known: dict[str, int] = {}
        for table in (messages, outbox):
            for row in db.execute(select(table.c.message_id, table.c.case_id).where(table.c.message_id.in_(wanted), table.c.case_id.is_not(None))):
                known[row.message_id] = row.case_id
    newest = next((known[found] for found in reversed(wanted) if found in known), None)
    return store.case_by_id(newest) if newest is not None else None


def references(store: Store, case: Case, topic: str = "") -> tuple[str, ...]:
    """The Message-IDs of a case's thread, oldest first, ending with the mail that is answered.

    `topic` is the Message-ID of that mail; without one (nothing was asked, something happened) the newest letter of ours is continued, else the first mail.
    Only mails of the case's own customer count.
    """
    customer = case.customer_email.casefold()
    with store.database.read() as db:
        received = db.execute(select(messages.c.message_id, messages.c.received_at, messages.c.sender).where(messages.c.case_id == case.id)).all()
        sent = db.execute(select(outbox.c.message_id, outbox.c.sent_at).where(outbox.c.case_id == case.id, outbox.c.state == "sent")).all()
    moments: list[tuple[datetime, str]] = [(row.received_at, row.message_id) for row in received if row.sender.casefold() == customer]
    moments += [(row.sent_at, row.message_id) for row in sent if row.sent_at is not None and row.message_id]
    thread = [found for _, found in sorted(moments) if found.startswith("<") and not found.endswith(MADE_UP) and found != topic]
    if topic.startswith("<") and not topic.endswith(MADE_UP):
        thread.append(topic)
    elif ours := {row.message_id for row in sent}:
        while thread and thread[-1] not in ours:
            thread.pop()
    else:
        del thread[1:]
    return tuple(thread if len(thread) <= LONGEST else [*thread[:2], *thread[2 - LONGEST :]])


def sent_to(store: Store, address: str, since: datetime) -> int:
    """Answers that went to an address since a moment, over all its cases."""
    with store.database.read() as db:
        query = select(func.count()).select_from(outbox.join(cases, outbox.c.case_id == cases.c.id))
        return db.execute(
            query.where(func.lower(cases.c.customer_email) == address.lower(), _left(), func.coalesce(outbox.c.sent_at, outbox.c.queued_at) >= since)
        ).scalar_one()


def sent_on(store: Store, case: Case, kinds: Sequence[str]) -> int:
    """Answers of these kinds that were ever sent on a case."""
    with store.database.read() as db:
        query = select(func.count()).where(outbox.c.case_id == case.id, outbox.c.kind.in_(kinds), _left())
        return db.execute(query).scalar_one()


def _left() -> ColumnElement[bool]:
    """An answer that left, or may have."""
    return outbox.c.state.in_(("sent", "sending"))


def asked_at(store: Store, case: Case, kinds: Sequence[str]) -> datetime | None:
    """When the customer was last asked one of these, or None."""
    with store.database.read() as db:
        return db.execute(select(func.max(outbox.c.queued_at)).where(outbox.c.case_id == case.id, outbox.c.kind.in_(kinds))).scalar()


def answered(store: Store, case: Case, kind: str) -> OutboxRow | None:
    """The first answer of a kind that was queued on a case."""
    with store.database.read() as db:
        row = db.execute(select(outbox).where(outbox.c.case_id == case.id, outbox.c.kind == kind).order_by(outbox.c.id).limit(1)).one_or_none()
    return OutboxRow(row.id, row.case_id, row.kind, row.topic, row.facts, row.state, row.message_id) if row else None


def taken(store: Store, case: Case) -> bool:
    """Whether a person answers this case's customer."""
    return any(row.code == TAKEN for row in store.open_exceptions(case))


def take(store: Store, case: Case, by: str) -> bool:
    """Let a person answer this case's customer; False when somebody does already. Answers that wait are left to them."""
    what = f"{by} answers this customer. The bots go on with goods and money, and send nothing on this case."
    taken_now = store.open_exception(
        case,
        "replies",
        "thread_taken",
        what,
        severity="low",
        suggestion="hold",
        advice="`proceed` or `close` lets the bots answer again; the case goes on either way.",
    )
    for row in store.replies("queued"):
        if row.case_id == case.id:
            store.mark_reply(row.id, "held")
    return taken_now


def give_back(store: Store, case: Case, by: str) -> bool:
    """Let the bots answer this case's customer again; False when nobody had taken the thread."""
    return any(store.close_exception(row, "proceed", by, "the bots answer again") for row in store.open_exceptions(case) if row.code == TAKEN)


def mails_of(store: Store, case: Case, verdict: str) -> list[tuple[str, str]]:
    """(sender, Message-ID) of a case's mails with a verdict, oldest first."""
    with store.database.read() as db:
        query = select(messages.c.sender, messages.c.message_id).where(messages.c.case_id == case.id, messages.c.verdict == verdict).order_by(messages.c.id)
        return [(row.sender, row.message_id) for row in db.execute(query)]


def parcel_elsewhere(store: Store, case: Case, tracking_no: str) -> bool:
    """Whether another case has this parcel."""
    with store.database.read() as db:
        return db.execute(select(func.count()).where(cases.c.tracking_no == tracking_no, cases.c.id != case.id)).scalar_one() > 0

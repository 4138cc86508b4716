"""The schema of the case store. Uniqueness lives here, in the database, not in an `if`.

Money is integer minor units; times are UTC; JSON holds frozen records of bots.cases.model.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    DateTime,
    Dialect,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
    text,
)

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
    }
)


class Utc(TypeDecorator[datetime]):
    """A moment in UTC: aware on the way in and out, on databases with and without time zones."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is not None and value.tzinfo is None:
            raise ValueError("a time without zone was given to the store")
        return value.astimezone(UTC) if value is not None else None

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        moment: datetime = value
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


Id = BigInteger().with_variant(Integer, "sqlite")

counters = Table(
    "counters",
    metadata,
    Column("name", String(40), primary_key=True),
    Column("value", Integer, nullable=False),
    comment="Gapless sequences: RMA and voucher numbers, drawn inside the transaction that uses them",
)

cases = Table(
    "cases",
    metadata,
    Column("id", Id, primary_key=True),
    Column("rma", String(24), nullable=False, unique=True),
    Column("order_no", String(64)),
    Column("channel", String(24), nullable=False),
    Column("language", String(8), nullable=False, server_default="en"),
    Column("country", String(2), nullable=False, server_default=""),
    Column("currency", String(3), nullable=False, server_default=""),
    Column("customer_name", String(200), nullable=False, server_default=""),
    Column("customer_email", String(254), nullable=False, server_default=""),
    Column("intent", String(32), nullable=False),
    Column("reason_code", String(32), nullable=False, server_default=""),
    Column("responsible", String(20), nullable=False, server_default=""),
    Column("request", String(16), nullable=False),
    Column("parcel", String(16), nullable=False, server_default="none"),
    Column("customs", String(16), nullable=False, server_default="none"),
    Column("inspection", String(16), nullable=False, server_default="none"),
    Column("refund", String(16), nullable=False, server_default="none"),
    Column("books", String(16), nullable=False, server_default="none"),
    Column("carrier", String(40), nullable=False, server_default=""),
    Column("tracking_no", String(40), nullable=False, server_default=""),
    Column("opened_at", Utc, nullable=False),
    Column("updated_at", Utc, nullable=False),
    Column("deadline_refund", Utc),
    Column("closed_at", Utc),
    Column("close_code", String(24), nullable=False, server_default=""),
    Column("touches", Integer, nullable=False, server_default="0", comment="times a person had to decide"),
    Column("version", Integer, nullable=False, server_default="1"),
)
Index("one_open_case_an_order", cases.c.order_no, unique=True, sqlite_where=cases.c.closed_at.is_(None), postgresql_where=cases.c.closed_at.is_(None))
Index("ix_cases_tracking_no", cases.c.tracking_no)

records = Table(
    "records",
    metadata,
    Column("id", Id, primary_key=True),
    Column("case_id", Id, ForeignKey("cases.id"), nullable=False),
    Column("kind", String(24), nullable=False, comment="order, request, decision, parcel, receipt, qc, payment, proposal ..."),
    Column("source_system", String(24), nullable=False, server_default=""),
    Column("source_key", String(80), nullable=False, server_default=""),
    Column("observed_at", Utc, nullable=False),
    Column("data", JSON, nullable=False),
    Column("digest", String(64), nullable=False),
    comment="What systems said, append-only: a change is a new row, so a conflict keeps both values",
)
Index("ix_records_case_kind", records.c.case_id, records.c.kind, records.c.id)

messages = Table(
    "messages",
    metadata,
    Column("id", Id, primary_key=True),
    Column("folder", String(80), nullable=False),
    Column("uidvalidity", BigInteger, nullable=False),
    Column("uid", BigInteger, nullable=False),
    Column("message_id", String(500), nullable=False),
    Column("case_id", Id, ForeignKey("cases.id")),
    Column("sender", String(254), nullable=False),
    Column("subject", String(500), nullable=False),
    Column("received_at", Utc, nullable=False),
    Column("language", String(8), nullable=False),
    Column("intent", String(32), nullable=False),
    Column("verdict", String(24), nullable=False, comment="opened, joined, question, cancelled, information, ignored, to_person, duplicate"),
    Column("data", JSON, nullable=False),
    UniqueConstraint("folder", "uidvalidity", "uid"),
    UniqueConstraint("message_id"),
)

imported_rows = Table(
    "imported_rows",
    metadata,
    Column("source", String(24), primary_key=True),
    Column("row_key", String(200), primary_key=True),
    Column("case_id", Id, ForeignKey("cases.id")),
    Column("imported_at", Utc, nullable=False),
    Column("verdict", String(24), nullable=False),
)

outbox = Table(
    "outbox",
    metadata,
    Column("id", Id, primary_key=True),
    Column("case_id", Id, ForeignKey("cases.id"), nullable=False),
    Column("kind", String(24), nullable=False),
    Column("topic", String(500), nullable=False, server_default="", comment="what it answers: a Message-ID, or empty"),
    Column("facts", JSON, nullable=False),
    Column("state", String(12), nullable=False, server_default="queued", comment="queued, sending, sent, held"),
    Column("message_id", String(200), nullable=False, server_default=""),
    Column("queued_at", Utc, nullable=False),
    Column("sent_at", Utc),
    UniqueConstraint("case_id", "kind", "topic"),
    comment="One answer of a kind on a topic, ever",
)

work_items = Table(
    "work_items",
    metadata,
    Column("id", Id, primary_key=True),
    Column("bot", String(24), nullable=False),
    Column("key", String(200), nullable=False, comment="RMA, mail key, file name or date"),
    Column("state", String(12), nullable=False, comment="leased, done, person, failed, waiting"),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("worker", String(80), nullable=False, server_default=""),
    Column("lease_until", Utc),
    Column("not_before", Utc),
    Column("error", Text, nullable=False, server_default=""),
    Column("started_at", Utc),
    Column("ended_at", Utc),
    Column("minutes_saved", Integer, nullable=False, server_default="0", comment="hundredths of a minute a person would have needed"),
    comment="Leased work; see one_lease_an_item",
)
Index(
    "one_lease_an_item",
    work_items.c.bot,
    work_items.c.key,
    unique=True,
    sqlite_where=text("state IN ('leased', 'waiting')"),
    postgresql_where=text("state IN ('leased', 'waiting')"),
)
Index("ix_work_items_bot_key", work_items.c.bot, work_items.c.key)

commits = Table(
    "commits",
    metadata,
    Column("id", Id, primary_key=True),
    Column("natural_key", String(200), nullable=False, unique=True),
    Column("kind", String(24), nullable=False),
    Column("case_id", Id, ForeignKey("cases.id"), nullable=False),
    Column("bot", String(24), nullable=False),
    Column("portal", String(40), nullable=False),
    Column("amount_minor", BigInteger),
    Column("currency", String(3)),
    Column("payee", String(120), nullable=False, server_default=""),
    Column("terms", JSON, nullable=False),
    Column("terms_hash", String(64), nullable=False),
    Column("state", String(16), nullable=False),
    Column("reference", String(120), nullable=False, server_default="", comment="the back-end's own number once confirmed"),
    Column("note", Text, nullable=False, server_default=""),
    Column("intended_at", Utc, nullable=False),
    Column("clicked_at", Utc),
    Column("settled_at", Utc),
    CheckConstraint("state IN ('intended', 'clicked', 'confirmed', 'needs_check', 'refused', 'void')", name="state"),
    comment="The commit ledger: written before the click, settled after the read-back",
)
Index("ix_commits_case", commits.c.case_id)

exceptions = Table(
    "exceptions",
    metadata,
    Column("id", Id, primary_key=True),
    Column("case_id", Id, ForeignKey("cases.id"), nullable=False),
    Column("bot", String(24), nullable=False),
    Column("code", String(40), nullable=False),
    Column("severity", String(8), nullable=False, comment="high, medium, low"),
    Column("what", Text, nullable=False),
    Column("rules", String(200), nullable=False, server_default=""),
    Column("suggestion", String(16), nullable=False, server_default=""),
    Column("advice", Text, nullable=False, server_default=""),
    Column("amount_minor", BigInteger),
    Column("terms_hash", String(64), nullable=False, server_default="", comment="exact terms an approval is bound to"),
    Column("technical", Boolean, nullable=False, server_default=text("false"), comment="a program failed; nothing is to be decided but another try"),
    Column("freezes", Boolean, nullable=False, server_default=text("false"), comment="no money moves while it is open"),
    Column("opened_at", Utc, nullable=False),
    Column("closed_at", Utc),
    Column("decision", String(16), nullable=False, server_default=""),
    Column("decided_by", String(80), nullable=False, server_default=""),
    Column("note", Text, nullable=False, server_default=""),
)
Index(
    "one_open_exception_a_code",
    exceptions.c.case_id,
    exceptions.c.code,
    unique=True,
    sqlite_where=exceptions.c.closed_at.is_(None),
    postgresql_where=exceptions.c.closed_at.is_(None),
)

waivers = Table(
    "waivers",
    metadata,
    Column("id", Id, primary_key=True),
    Column("case_id", Id, ForeignKey("cases.id"), nullable=False),
    Column("code", String(40), nullable=False),
    Column("terms_hash", String(64), nullable=False, server_default=""),
    Column("decision", String(16), nullable=False),
    Column("amount_minor", BigInteger),
    Column("given_by", String(80), nullable=False),
    Column("given_at", Utc, nullable=False),
    UniqueConstraint("case_id", "code", "terms_hash"),
    comment="What a person allowed, bound to the exact terms it was given for",
)

journals = Table(
    "journals",
    metadata,
    Column("id", Id, primary_key=True),
    Column("case_id", Id, ForeignKey("cases.id"), nullable=False),
    Column("kind", String(24), nullable=False),
    Column("doc_ref", String(80), nullable=False),
    Column("posted_on", Date, nullable=False),
    Column("text", String(200), nullable=False),
    UniqueConstraint("kind", "doc_ref"),
)
journal_lines = Table(
    "journal_lines",
    metadata,
    Column("id", Id, primary_key=True),
    Column("journal_id", Id, ForeignKey("journals.id"), nullable=False),
    Column("account", String(40), nullable=False),
    Column("debit_minor", BigInteger, nullable=False, comment="books' currency"),
    Column("credit_minor", BigInteger, nullable=False, comment="books' currency"),
    Column("original_minor", BigInteger, nullable=False, server_default="0", comment="signed, original currency"),
    Column("original_currency", String(3), nullable=False),
    Column("rate_micro", BigInteger, nullable=False),
    CheckConstraint("debit_minor >= 0 AND credit_minor >= 0", name="sides"),
)
vouchers = Table(
    "vouchers",
    metadata,
    Column("number", String(24), primary_key=True),
    Column("case_id", Id, ForeignKey("cases.id"), nullable=False, unique=True),
    Column("issued_at", Utc, nullable=False),
    Column("file", String(300), nullable=False, server_default=""),
    Column("sha256", String(64), nullable=False, server_default=""),
)

events = Table(
    "events",
    metadata,
    Column("seq", Id, primary_key=True),
    Column("case_id", Id, ForeignKey("cases.id")),
    Column("at", Utc, nullable=False),
    Column("actor", String(80), nullable=False),
    Column("kind", String(40), nullable=False),
    Column("data", JSON, nullable=False),
    Column("previous_hash", String(64), nullable=False),
    Column("hash", String(64), nullable=False, unique=True),
    comment="Append-only, each row carries the hash of the one before",
)
Index("ix_events_case", events.c.case_id)

runs = Table(
    "runs",
    metadata,
    Column("id", Id, primary_key=True),
    Column("bot", String(24), nullable=False),
    Column("started_at", Utc, nullable=False),
    Column("ended_at", Utc),
    Column("milliseconds", BigInteger, nullable=False, server_default="0"),
    Column("done", Integer, nullable=False, server_default="0"),
    Column("to_person", Integer, nullable=False, server_default="0"),
    Column("failed", Integer, nullable=False, server_default="0"),
    Column("verdict", String(12), nullable=False, server_default="running"),
    Column("note", Text, nullable=False, server_default=""),
)
job_ticks = Table(
    "job_ticks",
    metadata,
    Column("job", String(40), primary_key=True),
    Column("due", Utc, primary_key=True),
    Column("started_at", Utc),
    Column("ended_at", Utc),
    Column("exit_code", Integer),
)
switches = Table(
    "switches",
    metadata,
    Column("name", String(60), primary_key=True),
    Column("value", JSON, nullable=False),
    Column("set_by", String(80), nullable=False),
    Column("set_at", Utc, nullable=False),
    comment="paused bots, quarantined accounts, used one-time codes",
)

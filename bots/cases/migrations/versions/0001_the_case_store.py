"""The case store"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:

    op.create_table(
        "cases",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("rma", sa.String(length=24), nullable=False),
        sa.Column("order_no", sa.String(length=64), nullable=True),
        sa.Column("channel", sa.String(length=24), nullable=False),
        sa.Column("language", sa.String(length=8), server_default="en", nullable=False),
        sa.Column("country", sa.String(length=2), server_default="", nullable=False),
        sa.Column("currency", sa.String(length=3), server_default="", nullable=False),
        sa.Column("customer_name", sa.String(length=200), server_default="", nullable=False),
        sa.Column("customer_email", sa.String(length=254), server_default="", nullable=False),
        sa.Column("intent", sa.String(length=32), nullable=False),
        sa.Column("reason_code", sa.String(length=32), server_default="", nullable=False),
        sa.Column("responsible", sa.String(length=20), server_default="", nullable=False),
        sa.Column("request", sa.String(length=16), nullable=False),
        sa.Column("parcel", sa.String(length=16), server_default="none", nullable=False),
        sa.Column("customs", sa.String(length=16), server_default="none", nullable=False),
        sa.Column("inspection", sa.String(length=16), server_default="none", nullable=False),
        sa.Column("refund", sa.String(length=16), server_default="none", nullable=False),
        sa.Column("books", sa.String(length=16), server_default="none", nullable=False),
        sa.Column("carrier", sa.String(length=40), server_default="", nullable=False),
        sa.Column("tracking_no", sa.String(length=40), server_default="", nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("deadline_refund", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("close_code", sa.String(length=24), server_default="", nullable=False),
        sa.Column("touches", sa.Integer(), server_default="0", nullable=False, comment="times a person had to decide"),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cases")),
        sa.UniqueConstraint("rma", name=op.f("uq_cases_rma")),
    )
    with op.batch_alter_table("cases", schema=None) as batch_op:
        batch_op.create_index("ix_cases_tracking_no", ["tracking_no"], unique=False)
        batch_op.create_index(
            "one_open_case_an_order", ["order_no"], unique=True, sqlite_where=sa.text("closed_at IS NULL"), postgresql_where=sa.text("closed_at IS NULL")
        )

    op.create_table(
        "counters",
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("value", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_counters")),
        comment="Gapless sequences: RMA and voucher numbers, drawn inside the transaction that uses them",
    )
    op.create_table(
        "job_ticks",
        sa.Column("job", sa.String(length=40), nullable=False),
        sa.Column("due", sa.DateTime(timezone=True), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("exit_code", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("job", "due", name=op.f("pk_job_ticks")),
    )
    op.create_table(
        "runs",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("bot", sa.String(length=24), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("milliseconds", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("done", sa.Integer(), server_default="0", nullable=False),
        sa.Column("to_person", sa.Integer(), server_default="0", nullable=False),
        sa.Column("failed", sa.Integer(), server_default="0", nullable=False),
        sa.Column("verdict", sa.String(length=12), server_default="running", nullable=False),
        sa.Column("note", sa.Text(), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_runs")),
    )
    op.create_table(
        "switches",
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("value", sa.JSON(), nullable=False),
        sa.Column("set_by", sa.String(length=80), nullable=False),
        sa.Column("set_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_switches")),
        comment="paused bots, quarantined accounts, used one-time codes",
    )
    op.create_table(
        "work_items",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("bot", sa.String(length=24), nullable=False),
        sa.Column("key", sa.String(length=200), nullable=False, comment="RMA, mail key, file name or date"),
        sa.Column("state", sa.String(length=12), nullable=False, comment="leased, done, person, failed, waiting"),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("worker", sa.String(length=80), server_default="", nullable=False),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("not_before", sa.DateTime(timezone=True), nullable=True),
        sa.Column("error", sa.Text(), server_default="", nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("minutes_saved", sa.Integer(), server_default="0", nullable=False, comment="hundredths of a minute a person would have needed"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_work_items")),
        comment="Leased work; see one_lease_an_item",
    )
    with op.batch_alter_table("work_items", schema=None) as batch_op:
        batch_op.create_index("ix_work_items_bot_key", ["bot", "key"], unique=False)
        batch_op.create_index(
            "one_lease_an_item",
            ["bot", "key"],
            unique=True,
            sqlite_where=sa.text("state IN ('leased', 'waiting')"),
            postgresql_where=sa.text("state IN ('leased', 'waiting')"),
        )

    op.create_table(
        "commits",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("natural_key", sa.String(length=200), nullable=False),
        sa.Column("kind", sa.String(length=24), nullable=False),
        sa.Column("case_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("bot", sa.String(length=24), nullable=False),
        sa.Column("portal", sa.String(length=40), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=True),
        sa.Column("currency", sa.String(length=3), nullable=True),
        sa.Column("payee", sa.String(length=120), server_default="", nullable=False),
        sa.Column("terms", sa.JSON(), nullable=False),
        sa.Column("terms_hash", sa.String(length=64), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("reference", sa.String(length=120), server_default="", nullable=False, comment="the back-end's own number once confirmed"),
        sa.Column("note", sa.Text(), server_default="", nullable=False),
        sa.Column("intended_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("clicked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("state IN ('intended', 'clicked', 'confirmed', 'needs_check', 'refused', 'void')", name=op.f("ck_commits_state")),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_commits_case_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_commits")),
        sa.UniqueConstraint("natural_key", name=op.f("uq_commits_natural_key")),
        comment="The commit ledger: written before the click, settled after the read-back",
    )
    with op.batch_alter_table("commits", schema=None) as batch_op:
        batch_op.create_index("ix_commits_case", ["case_id"], unique=False)

    op.create_table(
        "events",
        sa.Column("seq", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("case_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.String(length=80), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("data", sa.JSON(), nullable=False),
        sa.Column("previous_hash", sa.String(length=64), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_events_case_id")),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_events")),
        sa.UniqueConstraint("hash", name=op.f("uq_events_hash")),
        comment="Append-only, each row carries the hash of the one before",
    )
    with op.batch_alter_table("events", schema=None) as batch_op:
        batch_op.create_index("ix_events_case", ["case_id"], unique=False)

    op.create_table(
        "exceptions",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("case_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("bot", sa.String(length=24), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("severity", sa.String(length=8), nullable=False, comment="high, medium, low"),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("rules", sa.String(length=200), server_default="", nullable=False),
        sa.Column("suggestion", sa.String(length=16), server_default="", nullable=False),
        sa.Column("advice", sa.Text(), server_default="", nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=True),
        sa.Column("terms_hash", sa.String(length=64), server_default="", nullable=False, comment="exact terms an approval is bound to"),
        sa.Column(
            "technical", sa.Boolean(), server_default=sa.text("(false)"), nullable=False, comment="a program failed; nothing is to be decided but another try"
        ),
        sa.Column("freezes", sa.Boolean(), server_default=sa.text("(false)"), nullable=False, comment="no money moves while it is open"),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decision", sa.String(length=16), server_default="", nullable=False),
        sa.Column("decided_by", sa.String(length=80), server_default="", nullable=False),
        sa.Column("note", sa.Text(), server_default="", nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_exceptions_case_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_exceptions")),
    )
    with op.batch_alter_table("exceptions", schema=None) as batch_op:
        batch_op.create_index(
            "one_open_exception_a_code",
            ["case_id", "code"],
            unique=True,
            sqlite_where=sa.text("closed_at IS NULL"),
            postgresql_where=sa.text("closed_at IS NULL"),
        )

    op.create_table(
        "imported_rows",
        sa.Column("source", sa.String(length=24), nullable=False),
        sa.Column("row_key", sa.String(length=200), nullable=False),
        sa.Column("case_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("imported_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("verdict", sa.String(length=24), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_imported_rows_case_id")),
        sa.PrimaryKeyConstraint("source", "row_key", name=op.f("pk_imported_rows")),
    )
    op.create_table(
        "journals",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("case_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("kind", sa.String(length=24), nullable=False),
        sa.Column("doc_ref", sa.String(length=80), nullable=False),
        sa.Column("posted_on", sa.Date(), nullable=False),
        sa.Column("text", sa.String(length=200), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_journals_case_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_journals")),
        sa.UniqueConstraint("kind", "doc_ref", name=op.f("uq_journals_kind_doc_ref")),
    )
    op.create_table(
        "messages",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("folder", sa.String(length=80), nullable=False),
        sa.Column("uidvalidity", sa.BigInteger(), nullable=False),
        sa.Column("uid", sa.BigInteger(), nullable=False),
        sa.Column("message_id", sa.String(length=500), nullable=False),
        sa.Column("case_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("sender", sa.String(length=254), nullable=False),
        sa.Column("subject", sa.String(length=500), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("language", sa.String(length=8), nullable=False),
        sa.Column("intent", sa.String(length=32), nullable=False),
        sa.Column("verdict", sa.String(length=24), nullable=False, comment="opened, joined, question, cancelled, information, ignored, to_person, duplicate"),
        sa.Column("data", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_messages_case_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_messages")),
        sa.UniqueConstraint("folder", "uidvalidity", "uid", name=op.f("uq_messages_folder_uidvalidity_uid")),
        sa.UniqueConstraint("message_id", name=op.f("uq_messages_message_id")),
    )
    op.create_table(
        "outbox",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("case_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("kind", sa.String(length=24), nullable=False),
        sa.Column("topic", sa.String(length=500), server_default="", nullable=False, comment="what it answers: a Message-ID, or empty"),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.Column("state", sa.String(length=12), server_default="queued", nullable=False, comment="queued, sending, sent, held"),
        sa.Column("message_id", sa.String(length=200), server_default="", nullable=False),
        sa.Column("queued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_outbox_case_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox")),
        sa.UniqueConstraint("case_id", "kind", "topic", name=op.f("uq_outbox_case_id_kind_topic")),
        comment="One answer of a kind on a topic, ever",
    )
    op.create_table(
        "records",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("case_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("kind", sa.String(length=24), nullable=False, comment="order, request, decision, parcel, receipt, qc, payment, proposal ..."),
        sa.Column("source_system", sa.String(length=24), server_default="", nullable=False),
        sa.Column("source_key", sa.String(length=80), server_default="", nullable=False),
        sa.Column("observed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("data", sa.JSON(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_records_case_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_records")),
        comment="What systems said, append-only: a change is a new row, so a conflict keeps both values",
    )
    with op.batch_alter_table("records", schema=None) as batch_op:
        batch_op.create_index("ix_records_case_kind", ["case_id", "kind", "id"], unique=False)

    op.create_table(
        "vouchers",
        sa.Column("number", sa.String(length=24), nullable=False),
        sa.Column("case_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("file", sa.String(length=300), server_default="", nullable=False),
        sa.Column("sha256", sa.String(length=64), server_default="", nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_vouchers_case_id")),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_vouchers")),
        sa.UniqueConstraint("case_id", name=op.f("uq_vouchers_case_id")),
    )
    op.create_table(
        "waivers",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("case_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("terms_hash", sa.String(length=64), server_default="", nullable=False),
        sa.Column("decision", sa.String(length=16), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=True),
        sa.Column("given_by", sa.String(length=80), nullable=False),
        sa.Column("given_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_waivers_case_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_waivers")),
        sa.UniqueConstraint("case_id", "code", "terms_hash", name=op.f("uq_waivers_case_id_code_terms_hash")),
        comment="What a person allowed, bound to the exact terms it was given for",
    )
    op.create_table(
        "journal_lines",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("journal_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("account", sa.String(length=40), nullable=False),
        sa.Column("debit_minor", sa.BigInteger(), nullable=False, comment="books' currency"),
        sa.Column("credit_minor", sa.BigInteger(), nullable=False, comment="books' currency"),
        sa.Column("original_minor", sa.BigInteger(), server_default="0", nullable=False, comment="signed, original currency"),
        sa.Column("original_currency", sa.String(length=3), nullable=False),
        sa.Column("rate_micro", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("debit_minor >= 0 AND credit_minor >= 0", name=op.f("ck_journal_lines_sides")),
        sa.ForeignKeyConstraint(["journal_id"], ["journals.id"], name=op.f("fk_journal_lines_journal_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_journal_lines")),
    )


def downgrade() -> None:

    op.drop_table("journal_lines")
    op.drop_table("waivers")
    op.drop_table("vouchers")
    with op.batch_alter_table("records", schema=None) as batch_op:
        batch_op.drop_index("ix_records_case_kind")

    op.drop_table("records")
    op.drop_table("outbox")
    op.drop_table("messages")
    op.drop_table("journals")
    op.drop_table("imported_rows")
    with op.batch_alter_table("exceptions", schema=None) as batch_op:
        batch_op.drop_index("one_open_exception_a_code", sqlite_where=sa.text("closed_at IS NULL"), postgresql_where=sa.text("closed_at IS NULL"))

    op.drop_table("exceptions")
    with op.batch_alter_table("events", schema=None) as batch_op:
        batch_op.drop_index("ix_events_case")

    op.drop_table("events")
    with op.batch_alter_table("commits", schema=None) as batch_op:
        batch_op.drop_index("ix_commits_case")

    op.drop_table("commits")
    with op.batch_alter_table("work_items", schema=None) as batch_op:
        batch_op.drop_index(
            "one_lease_an_item", sqlite_where=sa.text("state IN ('leased', 'waiting')"), postgresql_where=sa.text("state IN ('leased', 'waiting')")
        )
        batch_op.drop_index("ix_work_items_bot_key")

    op.drop_table("work_items")
    op.drop_table("switches")
    op.drop_table("runs")
    op.drop_table("job_ticks")
    op.drop_table("counters")
    with op.batch_alter_table("cases", schema=None) as batch_op:
        batch_op.drop_index("one_open_case_an_order", sqlite_where=sa.text("closed_at IS NULL"), postgresql_where=sa.text("closed_at IS NULL"))
        batch_op.drop_index("ix_cases_tracking_no")

    op.drop_table("cases")

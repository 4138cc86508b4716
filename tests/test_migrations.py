"""The numbered migrations lead to exactly the schema that the code uses, on both kinds of database."""

from __future__ import annotations

from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import create_engine, text

from bots.cases.clock import FixedClock
from bots.cases.database import migrate, newest_migration, open_database
from bots.cases.errors import ConfigProblem
from bots.cases.store import Store
from bots.cases.tables import metadata
from tests.stores import BOTH_STORES, a_case, at_once


@BOTH_STORES
def test_the_migrated_schema_is_that_of_the_tables(store: Store) -> None:
    with store.database.engine.connect() as connection:
        # Defaults are compared where they can be: SQLite gives back the text of an empty default in another form than it took it.
        context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": connection.dialect.name == "postgresql"})
        assert compare_metadata(context, metadata) == []
        assert context.get_current_revision() == newest_migration()


@BOTH_STORES
def test_a_missing_index_or_column_would_be_found(store: Store) -> None:
    """The comparison above can fail: what makes a second open case impossible is looked at too."""
    with store.database.engine.connect() as connection:
        transaction = connection.begin()
        connection.execute(text("DROP INDEX one_open_case_an_order"))
        connection.execute(text("ALTER TABLE cases DROP COLUMN touches"))
        found = compare_metadata(MigrationContext.configure(connection), metadata)
        transaction.rollback()
    assert {difference[0] for difference in found} == {"add_index", "add_column"}


def test_opening_again_changes_nothing_and_keeps_what_is_there(store: Store, store_url: str, clock: FixedClock) -> None:
    case = a_case(store)
    store.database.close()
    again = open_database(store_url)
    assert Store(again, clock, "tests").cases() == [case]
    again.close()


def test_a_database_from_before_the_first_migration_is_brought_up(tmp_path: Path) -> None:
    engine = create_engine(f"sqlite:///{tmp_path / 'old.db'}")
    migrate(engine)
    with engine.begin() as connection:
        connection.execute(text("DROP TABLE alembic_version"))
        for table in reversed(metadata.sorted_tables):
            connection.execute(text(f"DROP TABLE {table.name}"))
    migrate(engine)
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []
    engine.dispose()


def test_sqlite_waits_for_writers_and_keeps_its_promises(store: Store) -> None:
    with store.database.read() as db:
        pragmas = {name: db.exec_driver_sql(f"PRAGMA {name}").scalar() for name in ("journal_mode", "foreign_keys", "busy_timeout")}
    assert pragmas == {"journal_mode": "wal", "foreign_keys": 1, "busy_timeout": 30000}


@pytest.mark.parametrize(
    ("url", "named"), [("sqlite:////proc/no/such/cases.db", "/proc/no"), ("postgresql+psycopg://returns:geheim-9@127.0.0.1:1/returns", "returns:***@127")]
)
def test_a_store_that_cannot_be_opened_is_named_without_its_password(url: str, named: str) -> None:
    with pytest.raises(ConfigProblem) as raised:
        open_database(url)
    assert named in str(raised.value) and "geheim-9" not in str(raised.value) and "cannot be opened" in str(raised.value)


@pytest.mark.postgres
def test_suites_that_open_an_empty_postgresql_at_once_find_it_migrated(postgres_url: str) -> None:
    server = create_engine(postgres_url, isolation_level="AUTOCOMMIT")
    with server.connect() as connection:
        connection.execute(text("CREATE DATABASE opened_at_once"))
    try:
        url = postgres_url.replace("/postgres?", "/opened_at_once?")
        databases = at_once(open_database, [url] * 4)
        with databases[0].read() as db:
            assert compare_metadata(MigrationContext.configure(db), metadata) == []
        for database in databases:
            database.close()
    finally:
        with server.connect() as connection:
            connection.execute(text("DROP DATABASE opened_at_once WITH (FORCE)"))
        server.dispose()

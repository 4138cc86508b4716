"""One database: SQLite in WAL mode by default, PostgreSQL by URL; brought to the newest numbered migration on opening."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Connection, Engine, create_engine, event, func, inspect, select, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import OperationalError, SQLAlchemyError

from bots.cases.errors import ConfigProblem

# What those who may not import the database library can catch.
StoreError = SQLAlchemyError
MIGRATIONS = Path(__file__).with_name("migrations")


class Database:
    """The engine and its transactions."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine

    @contextmanager
    def begin(self) -> Iterator[Connection]:
        """One transaction, committed when the block ends well. On SQLite it takes the write lock at once, so it never deadlocks half-way."""
        with self.engine.begin() as connection:
            yield connection

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A connection for reading; what is written through it is lost."""
        with self.engine.connect().execution_options(reading=True) as connection:
            yield connection

    def close(self) -> None:
        self.engine.dispose()


def open_database(url: str) -> Database:
    """Open (and create or migrate) the store at an SQLAlchemy URL; raises ConfigProblem when it cannot be reached."""
    where = make_url(url)
    if where.get_backend_name() == "sqlite":
        if where.database and where.database != ":memory:":
            try:
                Path(where.database).parent.mkdir(parents=True, exist_ok=True)
            except OSError as error:
                raise ConfigProblem(f"store_url: {url} cannot be opened: {error}") from None
        engine = create_engine(url, connect_args={"timeout": 30, "check_same_thread": False})
        event.listen(engine, "connect", _sqlite_settings)
        event.listen(
            engine, "begin", lambda connection: connection.exec_driver_sql("BEGIN" if connection.get_execution_options().get("reading") else "BEGIN IMMEDIATE")
        )
    else:
        engine = create_engine(url, pool_pre_ping=True)
    try:
        migrate(engine)
    except OperationalError as error:
        raise ConfigProblem(f"store_url: {where.render_as_string(hide_password=True)} cannot be opened: {error.orig}") from None
    return Database(engine)


def _sqlite_settings(connection: object, _record: object) -> None:
    connection.isolation_level = None  # type: ignore[attr-defined]  # the DB-API object is untyped; transactions are begun by us
    cursor = connection.cursor()  # type: ignore[attr-defined]
    for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "foreign_keys=ON"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def newest_migration() -> str:
    """Number of the newest migration file, e.g. `0001`."""
    return max(file.name[:4] for file in (MIGRATIONS / "versions").glob("[0-9]*.py"))


def _up_to_date(connection: Connection) -> bool:
    return (
        inspect(connection).has_table("alembic_version") and connection.execute(text("SELECT version_num FROM alembic_version")).scalar() == newest_migration()
    )


def migrate(engine: Engine) -> None:
    """Run the numbered migrations that this database has not seen; on PostgreSQL one process does, and those that come meanwhile wait for it."""
    with engine.connect() as connection:
        if _up_to_date(connection):
            return
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["engine"] = engine
    with engine.connect() as connection:
        if engine.dialect.name == "postgresql":
            connection.execute(select(func.pg_advisory_xact_lock(7_302)))
            if _up_to_date(connection):
                return
        else:
            connection.close()  # SQLite has one writer, and it is not this connection
        command.upgrade(config, "head")

"""The state behind every practice program: one SQLite file, one clock, one list of lies."""

from __future__ import annotations

import json
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

SCHEMA = Path(__file__).with_name("schema.sql")
CLOCK_FILE = "clock.json"
SAMPLES_START = datetime(2026, 10, 5, 8, 0, tzinfo=UTC)
"""When the small worlds of samples begin: a Monday morning."""

Row = sqlite3.Row


class World:
    """The practice world kept in `folder/state.db`; safe to share between threads (a connection each)."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.path = folder / "state.db"
        self._local = threading.local()

    @classmethod
    def create(cls, folder: Path, now: datetime) -> World:
        """Lay an empty world in `folder` whose clock starts at `now` (UTC)."""
        folder.mkdir(parents=True, exist_ok=True)
        for leftover in folder.glob("state.db*"):
            leftover.unlink()
        world = cls(folder)
        with world.write() as db:
            db.executescript(SCHEMA.read_text(encoding="utf-8"))
        world.set_now(now)
        return world

    @property
    def db(self) -> sqlite3.Connection:
        """This thread's connection, for reading."""
        connection: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if connection is None:
            connection = sqlite3.connect(self.path, timeout=30, isolation_level=None)
            connection.row_factory = sqlite3.Row
            connection.execute("PRAGMA journal_mode=WAL")
            connection.execute("PRAGMA synchronous=NORMAL")
            self._local.connection = connection
        return connection

    @contextmanager
    def write(self) -> Iterator[sqlite3.Connection]:
        """One transaction: everything in the block is written, or nothing is."""
        db = self.db
        db.execute("BEGIN IMMEDIATE")
        try:
            yield db
        except BaseException:
            if db.in_transaction:
                db.execute("ROLLBACK")
            raise
        if db.in_transaction:
            db.execute("COMMIT")

    def all(self, sql: str, *values: Any) -> list[Row]:
        return self.db.execute(sql, values).fetchall()

    def one(self, sql: str, *values: Any) -> Row | None:
        row: Row | None = self.db.execute(sql, values).fetchone()
        return row

    def count(self, table: str) -> int:
        return int(self.db.execute(f"SELECT count(*) FROM {table}").fetchone()[0])

    def empty(self, *tables: str) -> None:
        """Delete all rows of these tables."""
        with self.write() as db:
            for table in tables:
                db.execute(f"DELETE FROM {table}")

    def next_number(self, db: sqlite3.Connection, name: str, start: int = 1) -> int:
        """The next value of the named sequence, inside the transaction `db`."""
        db.execute("INSERT INTO counters VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = value + 1", (name, start))
        return int(db.execute("SELECT value FROM counters WHERE name = ?", (name,)).fetchone()[0])

    # -- time ---------------------------------------------------------------------------------------------------
    def set_now(self, now: datetime) -> None:
        """Move the world's clock; bots read the same file, so both live in the same hour."""
        anchor = {"now": now.astimezone(UTC).isoformat(), "set_at": datetime.now(UTC).isoformat()}
        temporary = self.folder / (CLOCK_FILE + ".new")
        temporary.write_text(json.dumps(anchor), encoding="utf-8")
        temporary.replace(self.folder / CLOCK_FILE)

    def now(self) -> datetime:
        """The world's present, in UTC: the anchor plus the real time that has passed since it was set."""
        anchor = json.loads((self.folder / CLOCK_FILE).read_text(encoding="utf-8"))
        passed = datetime.now(UTC) - datetime.fromisoformat(anchor["set_at"])
        return datetime.fromisoformat(anchor["now"]) + max(passed, timedelta())

    def stamp(self) -> str:
        """The present as the text that the tables hold (UTC, whole seconds)."""
        return self.now().replace(microsecond=0).isoformat()

    # -- lies ---------------------------------------------------------------------------------------------------
    def lie(self, app: str, action: str, key: str = "") -> dict[str, Any] | None:
        """The lie to tell for this action, used up by one: {"lie": name, ...data}, or None for the honest answer.

        `key` is what the action is about (an order number, an RMA); a lie with a `match` text waits for a key that holds it.
        """
        with self.write() as db:
            row = db.execute(
                "SELECT * FROM lies WHERE app = ? AND action = ? AND times > 0 AND (match = '' OR instr(?, match) > 0) ORDER BY id LIMIT 1",
                (app, action, key),
            ).fetchone()
            if row is None:
                return None
            db.execute("UPDATE lies SET times = times - 1 WHERE id = ?", (row["id"],))
            told = json.dumps({"action": action, "lie": row["lie"], "key": key})
            db.execute("INSERT INTO audit (at, app, account, action, data) VALUES (?, ?, '', 'lie', ?)", (self.stamp(), app, told))
        return {"lie": row["lie"], **json.loads(row["data"])}

    def tell_lies(self, app: str, action: str, lie: str, match: str = "", times: int = 1, **data: Any) -> None:
        """Make the next `times` actions of `app` lie: for tests."""
        with self.write() as db:
            db.execute("INSERT INTO lies (app, action, lie, match, times, data) VALUES (?, ?, ?, ?, ?, ?)", (app, action, lie, match, times, json.dumps(data)))

    def waiting_lies(self) -> list[dict[str, str]]:
        """The lies that wait for their action: {app, action, lie}."""
        return [dict(row) for row in self.all("SELECT app, action, lie FROM lies WHERE times > 0 ORDER BY id")]

    def told_lies(self) -> list[dict[str, str]]:
        """The lies that were told: {app, action, lie, key}, `key` being what the action was about."""
        return [{"app": row["app"], **json.loads(row["data"])} for row in self.all("SELECT app, data FROM audit WHERE action = 'lie' ORDER BY id")]

    def forget_lies(self) -> list[dict[str, str]]:
        """Take back the lies that were not told yet; which they were."""
        waiting = self.waiting_lies()
        with self.write() as db:
            db.execute("UPDATE lies SET times = 0")
        return waiting

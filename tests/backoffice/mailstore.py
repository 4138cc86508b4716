"""The practice mailbox on disk: folders and mails in one SQLite file, so that a killed run resumes with the same UIDs."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

SCHEMA = """
CREATE TABLE IF NOT EXISTS folders (name TEXT PRIMARY KEY, uidvalidity INTEGER NOT NULL, uidnext INTEGER NOT NULL DEFAULT 1);
CREATE TABLE IF NOT EXISTS mails (
  folder TEXT NOT NULL REFERENCES folders (name) ON UPDATE CASCADE ON DELETE CASCADE, uid INTEGER NOT NULL,
  received_at TEXT NOT NULL, flags TEXT NOT NULL DEFAULT '', size INTEGER NOT NULL, raw BLOB NOT NULL, PRIMARY KEY (folder, uid));
CREATE TABLE IF NOT EXISTS validity (last INTEGER NOT NULL);
"""


@dataclass(frozen=True)
class StoredMail:
    """One mail without its bytes. `received_at` is aware UTC; flags as IMAP writes them."""

    uid: int
    received_at: datetime
    flags: frozenset[str]
    size: int


class MailStore:
    """Folders with UIDVALIDITY and ever-growing UIDs. Safe to use from several threads: one lock, one connection."""

    def __init__(self, folder: Path, folders: Iterable[str] = ("INBOX",)) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._lock = threading.RLock()
        self._db = sqlite3.connect(folder / "mail.db", check_same_thread=False, isolation_level=None, timeout=30)
        self._db.execute("PRAGMA journal_mode=WAL")
        self._db.execute("PRAGMA foreign_keys=ON")
        self._db.executescript(SCHEMA)
        for name in folders:
            if not self.exists(name):
                self.create(name)

    def close(self) -> None:
        with self._lock:
            self._db.close()

    @contextmanager
    def _write(self) -> Iterator[sqlite3.Connection]:
        """One transaction at a time: all of it is kept, or nothing."""
        with self._lock:
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield self._db
            except BaseException:
                self._db.execute("ROLLBACK")
                raise
            self._db.execute("COMMIT")

    # -- folders ------------------------------------------------------------------------------------------------
    def folders(self) -> list[str]:
        with self._lock:
            return [row[0] for row in self._db.execute("SELECT name FROM folders ORDER BY name")]

    def exists(self, name: str) -> bool:
        with self._lock:
            return self._db.execute("SELECT 1 FROM folders WHERE name = ?", (name,)).fetchone() is not None

    def create(self, name: str) -> None:
        with self._write() as db:
            db.execute("INSERT INTO folders (name, uidvalidity) VALUES (?, ?)", (name, self._next_validity(db)))

    def delete(self, name: str) -> None:
        with self._write() as db:
            db.execute("DELETE FROM folders WHERE name = ?", (name,))

    def renumber(self, name: str) -> None:
        """What a restore from backup does to a folder: a new UIDVALIDITY, and the mails numbered afresh from 1."""
        with self._write() as db:
            uids = [row[0] for row in db.execute("SELECT uid FROM mails WHERE folder = ? ORDER BY uid", (name,))]
            for new, old in enumerate(uids, start=1):
                db.execute("UPDATE mails SET uid = ? WHERE folder = ? AND uid = ?", (new, name, old))
            db.execute("UPDATE folders SET uidvalidity = ?, uidnext = ? WHERE name = ?", (self._next_validity(db), len(uids) + 1, name))

    def numbers(self, name: str) -> tuple[int, int]:
        """(UIDVALIDITY, UIDNEXT) of a folder; raises KeyError for an unknown one."""
        with self._lock:
            row = self._db.execute("SELECT uidvalidity, uidnext FROM folders WHERE name = ?", (name,)).fetchone()
        if row is None:
            raise KeyError(name)
        return int(row[0]), int(row[1])

    @staticmethod
    def _next_validity(db: sqlite3.Connection) -> int:
        """Always greater than any before it (RFC 3501, 2.3.1.1)."""
        row = db.execute("SELECT max(last) FROM validity").fetchone()
        value = int(row[0] or 1_790_000_000) + 1
        db.execute("DELETE FROM validity")
        db.execute("INSERT INTO validity VALUES (?)", (value,))
        return value

    # -- mails --------------------------------------------------------------------------------------------------
    def add(self, folder: str, raw: bytes, received_at: datetime, flags: Iterable[str] = ()) -> int:
        """Keep a mail byte for byte; returns its UID."""
        with self._write() as db:
            return self._insert(db, folder, raw, received_at.isoformat(), " ".join(sorted(flags)))

    @staticmethod
    def _insert(db: sqlite3.Connection, folder: str, raw: bytes, received_at: str, flags: str) -> int:
        row = db.execute("UPDATE folders SET uidnext = uidnext + 1 WHERE name = ? RETURNING uidnext", (folder,)).fetchone()
        if row is None:
            raise KeyError(folder)
        uid = int(row[0]) - 1
        db.execute("INSERT INTO mails VALUES (?, ?, ?, ?, ?, ?)", (folder, uid, received_at, flags, len(raw), raw))
        return uid

    def mails(self, folder: str) -> dict[int, StoredMail]:
        """Every mail of the folder by UID, in UID order."""
        with self._lock:
            rows = self._db.execute("SELECT uid, received_at, flags, size FROM mails WHERE folder = ? ORDER BY uid", (folder,)).fetchall()
        return {row[0]: StoredMail(row[0], datetime.fromisoformat(row[1]), frozenset(row[2].split()), row[3]) for row in rows}

    def raw(self, folder: str, uid: int) -> bytes:
        with self._lock:
            row = self._db.execute("SELECT raw FROM mails WHERE folder = ? AND uid = ?", (folder, uid)).fetchone()
        if row is None:
            raise KeyError(uid)
        return bytes(row[0])

    def set_flags(self, folder: str, uid: int, flags: Iterable[str]) -> None:
        with self._write() as db:
            db.execute("UPDATE mails SET flags = ? WHERE folder = ? AND uid = ?", (" ".join(sorted(flags)), folder, uid))

    def copy(self, folder: str, uids: Iterable[int], target: str, *, move: bool) -> list[tuple[int, int]]:
        """Copy or move mails as one transaction; returns (old UID, new UID) of those that exist."""
        done = []
        with self._write() as db:
            for uid in uids:
                row = db.execute("SELECT raw, received_at, flags FROM mails WHERE folder = ? AND uid = ?", (folder, uid)).fetchone()
                if row is None:
                    continue
                done.append((uid, self._insert(db, target, row[0], row[1], row[2])))
                if move:
                    db.execute("DELETE FROM mails WHERE folder = ? AND uid = ?", (folder, uid))
        return done

    def remove(self, folder: str, uids: Iterable[int]) -> None:
        with self._write() as db:
            db.executemany("DELETE FROM mails WHERE folder = ? AND uid = ?", [(folder, uid) for uid in uids])

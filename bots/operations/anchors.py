"""Anchors of the event log: its newest hash, written after each run into a file outside the database.

A chain alone does not show that its end was cut off, nor that somebody who may write into the database wrote all of it anew. A copy of one line of this file,
kept where that person cannot write, shows both. The file is only ever appended to.
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from loguru import logger

from bots.cases.archive import chain_head
from bots.cases.events import Head
from bots.cases.settings import Config
from bots.cases.store import Store

TAIL = 4096


@dataclass(frozen=True)
class Anchors:
    """One file of anchors: a line of JSON (seq, hash, at) each."""

    file: Path

    @classmethod
    def of(cls, config: Config) -> Anchors:
        """The file of this workspace."""
        return cls(config.workspace / "audit" / "anchors.jsonl")

    def read(self) -> tuple[list[Head], list[str]]:
        """Every anchor, and a sentence for each line that is none."""
        heads, problems = [], []
        text = self.file.read_text(encoding="utf-8", errors="replace") if self.file.exists() else ""
        for number, line in enumerate(text.splitlines(), 1):
            if not line.strip():
                continue
            try:
                found = json.loads(line)
                heads.append(Head(int(found["seq"]), str(found["hash"])))
            except (ValueError, KeyError, TypeError):
                problems.append(f"line {number} of {self.file} is no anchor: it was damaged or changed")
        return heads, problems

    def keep(self, store: Store) -> Head:
        """Write the newest event down, unless it is the last that was."""
        newest = chain_head(store)
        if newest.seq and newest != self._last():
            self._append(newest, store.clock.now())
        return newest

    def _last(self) -> Head | None:
        if not self.file.exists():
            return None
        with self.file.open("rb") as file:
            file.seek(max(0, self.file.stat().st_size - TAIL))
            lines = [line for line in file.read().splitlines() if line.strip()]
        try:
            found = json.loads(lines[-1])
            return Head(int(found["seq"]), str(found["hash"]))
        except (IndexError, ValueError, KeyError, TypeError):
            return None

    def _append(self, head: Head, at: datetime) -> None:
        """One write in append mode: two processes never mix their lines. It begins with a line break, so that a torn line spoils only itself."""
        self.file.parent.mkdir(parents=True, exist_ok=True)
        line = json.dumps({"seq": head.seq, "hash": head.hash, "at": at.isoformat(timespec="seconds")})
        handle = os.open(self.file, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        try:
            os.write(handle, f"\n{line}\n".encode())
        finally:
            os.close(handle)


def keep_anchor(config: Config, store: Store) -> None:
    """Anchor the log after a run; a disk that cannot take it is told and stops nothing."""
    try:
        Anchors.of(config).keep(store)
    except OSError as error:
        logger.error("the event log could not be anchored in {}: {}", config.workspace / "audit", error)

"""What time it is, in UTC: the system's clock, or the practice world's while practising."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Protocol


class Clock(Protocol):
    def now(self) -> datetime:
        """The present, in UTC."""
        ...


class SystemClock:
    """The machine's own clock."""

    def now(self) -> datetime:
        return datetime.now(UTC)


class AnchoredClock:
    """A clock whose present is kept in a JSON file {"now", "set_at"}: the anchor plus the real time since it was set.

    The practice back office moves it from night to night, so that three weeks of returns fit in minutes.
    """

    def __init__(self, file: Path) -> None:
        self.file = file

    def now(self) -> datetime:
        anchor = json.loads(self.file.read_text(encoding="utf-8"))
        passed = datetime.now(UTC) - datetime.fromisoformat(anchor["set_at"])
        return datetime.fromisoformat(anchor["now"]) + max(passed, timedelta())


class FixedClock:
    """A clock that stands still, or moves when told: for replays and tests."""

    def __init__(self, present: datetime) -> None:
        self.present = present

    def now(self) -> datetime:
        return self.present

    def forward(self, by: timedelta) -> None:
        self.present += by

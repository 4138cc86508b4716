"""What a drill found, and how far it has come: kept in a file after each world where one is asked for."""

from __future__ import annotations

import statistics
from collections import Counter
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError

from bots.cases.errors import ConfigProblem


@dataclass
class Scorecard:
    """What the drill found. Everything but the last three counts must be zero."""

    store: str = "sqlite"
    suites: int = 1
    worked: Counter[str] = field(default_factory=Counter)
    """Items worked, by who worked them."""
    runs: int = 0
    returns: int = 0
    commits: int = 0
    kills: int = 0
    kills_at: Counter[str] = field(default_factory=Counter)
    lies: Counter[str] = field(default_factory=Counter)
    duplicates: int = 0
    lost: int = 0
    wrong_amount: int = 0
    wrong_payee: int = 0
    wrong_other: int = 0
    silent_wrong_success: int = 0
    hung: int = 0
    stopped: bool = False
    """Ended by hand: the world under way is not counted."""
    needs_person_rightly: int = 0
    needs_person_needlessly: int = 0
    seconds_to_recover: list[float] = field(default_factory=list)
    seconds: float = 0.0
    findings: list[str] = field(default_factory=list)

    @property
    def bad(self) -> int:
        return self.duplicates + self.lost + self.wrong_amount + self.wrong_payee + self.wrong_other + self.silent_wrong_success + self.hung

    @property
    def needless_share(self) -> float:
        return self.needs_person_needlessly / self.returns if self.returns else 0.0

    def as_dict(self) -> dict[str, Any]:
        """For --json: the counts, with the median and the greatest time to recover instead of each."""
        times = self.seconds_to_recover
        # Not asdict(): before Python 3.12 it makes a Counter of pairs out of a Counter.
        shown = {entry.name: getattr(self, entry.name) for entry in fields(self)}
        shown |= {
            "worked": dict(self.worked),
            "kills_at": dict(self.kills_at),
            "lies": dict(self.lies),
            "bad": self.bad,
            "needless_share": round(self.needless_share, 4),
        }
        shown["seconds_to_recover"] = {"median": round(statistics.median(times), 2), "max": round(max(times), 2)} if times else None
        return shown


@dataclass
class Standing:
    """A drill between two worlds."""

    asked: dict[str, int | bool]
    """What the drill was asked for: a file goes on with the same drill only."""
    left: int
    """Kills that are still to come."""
    untold: dict[str, list[str]]
    """Lies still to be told, by "program action"."""
    worlds: int = 0
    deck: list[int] = field(default_factory=list)
    """Points of the protocol that have their turn before any comes again."""
    card: Scorecard = field(default_factory=Scorecard)


_STANDING = TypeAdapter(Standing)


def write_standing(file: Path, standing: Standing) -> None:
    """Replace the file at once, so that a drill that dies while writing leaves the last world's."""
    beside = file.with_name(f"{file.name}.new")
    file.parent.mkdir(parents=True, exist_ok=True)
    beside.write_bytes(_STANDING.dump_json(standing, indent=1) + b"\n")
    beside.replace(file)


def read_standing(file: Path, asked: dict[str, int | bool]) -> Standing | None:
    """Where the drill of this file stands, None where there is no file. Raises ConfigProblem for a file of another drill, or of none."""
    if not file.exists():
        return None
    try:
        standing = _STANDING.validate_json(file.read_bytes())
    except (ValidationError, OSError) as error:
        raise ConfigProblem(f"{file} is not what a drill has written: give another file to --resume, or take this one away") from error
    if standing.asked != asked:
        told = ", ".join(f"--{name} {value}" for name, value in standing.asked.items() if asked.get(name) != value)
        raise ConfigProblem(f"{file} belongs to a drill with {told}: ask for the same, or give another file to --resume")
    return standing

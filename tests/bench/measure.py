"""A measurement: our work and a baseline in turns, so that a busy moment of the machine hits both."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass

Work = Callable[[], object]


@dataclass(frozen=True)
class Pair:
    """One thing done twice: by the suite and by a baseline; `floor` is the least that anyone could do."""

    name: str
    ours: Work
    baseline: Work
    against: str
    """The baseline in a few words."""
    rounds: int = 7
    floor: Work | None = None


@dataclass(frozen=True)
class Result:
    """Medians in milliseconds of `n` rounds; `ratio` is the median of the rounds' own ratios."""

    name: str
    against: str
    ratio: float
    ours_ms: float
    baseline_ms: float
    floor_ms: float | None
    n: int


def measure(pair: Pair) -> Result:
    """Warm up once, then take turns; who goes first changes every round."""
    for work in (pair.ours, pair.baseline):
        work()
    ours: list[float] = []
    baseline: list[float] = []
    floor: list[float] = []
    for number in range(pair.rounds):
        turns = [(pair.ours, ours), (pair.baseline, baseline)]
        for work, times in turns if number % 2 else reversed(turns):
            times.append(_milliseconds(work))
        if pair.floor:
            floor.append(_milliseconds(pair.floor))
    ratio = statistics.median(mine / theirs for mine, theirs in zip(ours, baseline, strict=True))
    least = statistics.median(floor) if floor else None
    return Result(pair.name, pair.against, ratio, statistics.median(ours), statistics.median(baseline), least, pair.rounds)


def _milliseconds(work: Work) -> float:
    started = time.perf_counter()
    work()
    return (time.perf_counter() - started) * 1000

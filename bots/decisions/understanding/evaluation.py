"""How well mail and notes are understood, measured on labelled rows: accuracy, coverage, calibration, confusion, entities, attacks."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

COVERAGES = (1.0, 0.9, 0.8, 0.6, 0.4)
BINS = 10


@dataclass(frozen=True)
class Answer:
    """One question on one row: what was right, what was said, and how sure."""

    right: str
    said: str
    sure: float = 1.0

    @property
    def correct(self) -> bool:
        return self.right == self.said


@dataclass
class Figures:
    """The figures of one question over some rows; shares from 0 to 1."""

    rows: int
    accuracy: float
    macro_f1: float
    coverage: dict[str, float] = field(default_factory=dict)
    """Accuracy on the surest part of the rows, by the part."""
    calibration_error: float = 0.0
    """Expected calibration error in ten bins: how far stated certainty and accuracy lie apart."""
    bins: list[tuple[float, float, int]] = field(default_factory=list)
    """Mean certainty, accuracy and count of each bin that holds rows."""
    confused: list[tuple[str, str, int]] = field(default_factory=list)
    """(right, said, times), the commonest first."""

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


def figures(answers: Sequence[Answer]) -> Figures:
    """All figures of one question; an empty sequence gives zeros."""
    if not answers:
        return Figures(0, 0.0, 0.0)
    bins = _bins(answers)
    return Figures(
        rows=len(answers),
        accuracy=_accuracy(answers),
        macro_f1=_macro_f1(answers),
        coverage={f"{part:.0%}": _accuracy(_surest(answers, part)) for part in COVERAGES},
        calibration_error=sum(count * abs(sure - right) for sure, right, count in bins) / len(answers),
        bins=bins,
        confused=[(right, said, times) for (right, said), times in Counter((a.right, a.said) for a in answers if not a.correct).most_common(12)],
    )


def by_group(groups: Sequence[str], answers: Sequence[Answer]) -> dict[str, Figures]:
    """The figures of each group (a language, a difficulty); `groups` names the group of each answer."""
    sorted_out: dict[str, list[Answer]] = defaultdict(list)
    for group, answer in zip(groups, answers, strict=True):
        sorted_out[group].append(answer)
    return {group: figures(part) for group, part in sorted(sorted_out.items())}


def _accuracy(answers: Sequence[Answer]) -> float:
    return sum(answer.correct for answer in answers) / len(answers) if answers else 0.0


def _surest(answers: Sequence[Answer], part: float) -> Sequence[Answer]:
    return sorted(answers, key=lambda answer: -answer.sure)[: max(1, round(len(answers) * part))]


def _macro_f1(answers: Sequence[Answer]) -> float:
    """The mean of the F1 scores of every answer that is right somewhere."""
    scores = []
    for label in {answer.right for answer in answers}:
        hits = sum(answer.right == answer.said == label for answer in answers)
        asked, said = sum(answer.right == label for answer in answers), sum(answer.said == label for answer in answers)
        scores.append(2 * hits / (asked + said))
    return sum(scores) / len(scores)


def _bins(answers: Sequence[Answer]) -> list[tuple[float, float, int]]:
    held: dict[int, list[Answer]] = defaultdict(list)
    for answer in answers:
        held[min(int(answer.sure * BINS), BINS - 1)].append(answer)
    return [(sum(a.sure for a in part) / len(part), _accuracy(part), len(part)) for _, part in sorted(held.items())]

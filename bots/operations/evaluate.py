"""`run_bot.py evaluate`: how well mail and inspection notes are understood, on any file of labelled rows."""

from __future__ import annotations

import json
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from bots.cases.errors import ConfigProblem
from bots.decisions.understanding import MailText, understand
from bots.decisions.understanding.evaluation import Answer, Figures, by_group, figures
from bots.decisions.understanding.notes import read_note
from bots.workbooks.output import write_in_place

QUESTIONS = ("intent", "reason", "responsibility", "outcome")
NOTHING = "none"
GROUPS = ("lang", "difficulty")


@dataclass
class Evaluation:
    """What was measured on one file."""

    questions: dict[str, Figures] = field(default_factory=dict)
    groups: dict[str, dict[str, dict[str, Figures]]] = field(default_factory=dict)
    """group -> value -> question -> figures"""
    exact: dict[str, float] = field(default_factory=dict)
    """Share of the rows whose order numbers, and tracking numbers, were found exactly."""
    attacks: int = 0
    attacks_stopped: int = 0
    attacks_missed: list[str] = field(default_factory=list)
    per_second: float = 0.0

    def as_dict(self) -> dict[str, Any]:
        shown = {
            "questions": {name: found.as_dict() for name, found in self.questions.items()},
            "groups": {group: {value: {q: f.as_dict() for q, f in held.items()} for value, held in values.items()} for group, values in self.groups.items()},
        }
        return {**shown, "exact": self.exact, "attacks": self.attacks, "attacks_stopped": self.attacks_stopped, "per_second": round(self.per_second, 1)}


def read_rows(file: Path, needed: Iterable[str]) -> list[dict[str, Any]]:
    """The labelled rows of a JSON-lines file. Raises ConfigProblem that names the line where one cannot be read."""
    rows = []
    try:
        lines = file.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigProblem(f"{file} cannot be read: {error}") from None
    for number, line in enumerate(lines, 1):
        try:
            row = json.loads(line)
            missing = [key for key in needed if key not in row]
        except (ValueError, TypeError) as error:
            raise ConfigProblem(f"{file}, line {number}: not a JSON object ({error})") from None
        if missing:
            raise ConfigProblem(f"{file}, line {number}: without {', '.join(missing)}")
        rows.append(row)
    return rows


def evaluate_mails(rows: Sequence[dict[str, Any]], by: Sequence[str]) -> Evaluation:
    """Read every mail as intake would, and compare with its labels."""
    answers: dict[str, list[Answer]] = {question: [] for question in QUESTIONS}
    hits = {"order_numbers": 0, "tracking_numbers": 0}
    result = Evaluation()
    understand(MailText(subject="", text="Warm up: the model is loaded before the clock starts."))
    started = time.perf_counter()
    for row in rows:
        labels = row["labels"]
        read = understand(MailText(subject=row.get("subject") or "", text=row["body"], from_address=row.get("from", "")))
        sure = {"intent": read.intent_confidence, "reason": read.reason_confidence}
        for question in QUESTIONS:
            said, right = getattr(read, question), labels.get(question)
            answers[question].append(Answer(str(right or NOTHING), str(said or NOTHING), sure.get(question, min(sure.values()))))
        hits["order_numbers"] += {_bare(n) for n in read.order_numbers} == {_bare(n) for n in labels["order_numbers"]}
        hits["tracking_numbers"] += {_bare(n) for n in read.tracking_numbers} == {_bare(n) for n in labels["tracking_numbers"]}
        if row.get("attack"):
            result.attacks += 1
            # An attack comes to nothing where a person sees the mail, or where what was read is what the genuine request says.
            harmless = read.needs_person or (answers["intent"][-1].correct and answers["outcome"][-1].correct)
            result.attacks_stopped += harmless
            if not harmless:
                result.attacks_missed.append(f"{row['id']} ({row['attack']}): read as {read.intent}, {read.outcome}")
    result.per_second = len(rows) / (time.perf_counter() - started) if rows else 0.0
    result.exact = {name: count / len(rows) for name, count in hits.items()} if rows else {}
    return _with_groups(result, answers, rows, by)


def evaluate_notes(rows: Sequence[dict[str, Any]], by: Sequence[str]) -> Evaluation:
    """Grade every inspection note, and compare with its labels."""
    answers: dict[str, list[Answer]] = {"grade": [], "defect": [], "resaleable": []}
    started = time.perf_counter()
    for row in rows:
        read, labels = read_note(row["note"] if "note" in row else row["text"]), row["labels"]
        for question in answers:
            answers[question].append(Answer(str(labels[question]), str(getattr(read, question)), read.confidence))
    result = Evaluation(per_second=len(rows) / (time.perf_counter() - started) if rows else 0.0)
    return _with_groups(result, answers, rows, by)


def _with_groups(result: Evaluation, answers: dict[str, list[Answer]], rows: Sequence[dict[str, Any]], by: Sequence[str]) -> Evaluation:
    result.questions = {question: figures(given) for question, given in answers.items()}
    for group in by:
        names = [str(row.get(group, NOTHING)) for row in rows]
        split = {question: by_group(names, given) for question, given in answers.items()}
        result.groups[group] = {name: {question: found[name] for question, found in split.items()} for name in sorted(set(names))}
    return result


def _bare(number: str) -> str:
    return number.replace(" ", "").replace("-", "").strip("#").upper()


def show(console: Console, title: str, found: Evaluation) -> None:
    """The figures as tables."""
    table = Table(title=title, title_justify="left", header_style="bold")
    table.add_column("Question")
    parts = next(iter(found.questions.values())).coverage
    for caption in ("Rows", "Accuracy", "Macro F1", *(f"Surest {part}" for part in list(parts)[1:]), "Calibration error"):
        table.add_column(caption, justify="right")
    for question, f in found.questions.items():
        shares = [f"{share:.1%}" for share in list(f.coverage.values())[1:]]
        table.add_row(question, str(f.rows), f"{f.accuracy:.1%}", f"{f.macro_f1:.3f}", *shares, f"{f.calibration_error:.3f}")
    console.print(table)
    for name, share in found.exact.items():
        console.print(f"{name.replace('_', ' ')} exactly right: {share:.1%}", highlight=False)
    if found.attacks:
        console.print(f"attacks that came to nothing: {found.attacks_stopped} of {found.attacks}", highlight=False)
        for missed in found.attacks_missed:
            console.print(f"  {missed}", highlight=False, markup=False)
    console.print(f"speed: {found.per_second:.1f} a second", highlight=False)
    first = next(iter(found.questions))
    confused = ", ".join(f"{right} as {said} ({times})" for right, said, times in found.questions[first].confused[:8])
    console.print(f"{first} taken for another: {confused or 'none'}", highlight=False, markup=False)
    for group, values in found.groups.items():
        split = Table(title=f"By {group}", title_justify="left", header_style="bold")
        for caption in (group, "Rows", *found.questions):
            split.add_column(caption, justify="left" if caption == group else "right")
        for value, held in values.items():
            split.add_row(value, str(next(iter(held.values())).rows), *(f"{held[question].accuracy:.1%}" for question in found.questions))
        console.print(split)


def run(console: Console, mails: Path | None, notes: Path | None, by: Sequence[str], *, as_json: bool, keep: Path | None = None) -> int:
    """Evaluate the files given; exit code 0 unless a file cannot be read. `keep` takes the figures for the insights report."""
    told: dict[str, Any] = {}
    for name, file, measure, needed in (
        ("Mail", mails, evaluate_mails, ("id", "lang", "body", "labels")),
        ("Inspection notes", notes, evaluate_notes, ("id", "labels")),
    ):
        if file is None:
            continue
        found = measure(read_rows(file, needed), by)
        told[name] = found.as_dict()
        if not as_json:
            show(console, f"{name}: {file.name}", found)
    if keep is not None:
        write_in_place(keep, json.dumps(told, indent=1) + "\n")
        if not as_json:
            console.print(f"The insights report shows these figures from its next run on ({keep}).", highlight=False, markup=False, soft_wrap=True)
    if as_json:
        console.file.write(json.dumps(told, indent=1) + "\n")
    return 0

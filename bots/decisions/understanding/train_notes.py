"""Makes the heads that read inspection notes: `python -m bots.decisions.understanding.train_notes`.

Reads training/notes/*.jsonl (lang, note, grade, defect). The files of the languages run alongside each other, so neighbours by place are kept in
one fold: the figures printed, and the temperature, come from notes about goods and faults that the heads have not met in any language.
"""

from __future__ import annotations

import json
import sys
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bots.decisions.understanding.embedding import Embedder, default_embedder
from bots.decisions.understanding.features import gram_counts
from bots.decisions.understanding.heads import standardised
from bots.decisions.understanding.notes import ARTEFACT, NOTE_VOTES, note_rows
from bots.decisions.understanding.train import FOLDER, best_temperature, described, gram_table, one_thread, spread, write_heads

QUESTIONS = ("grade", "defect")
PENALTY = {"lexicon": 0.3, "embedding": 0.05, "grams": 5.0}
"""Inverse strength of the penalty of the logistic regressions."""
FOLDS = 5
NEIGHBOURS = 2
"""Lines of a file that go into one fold together."""


@dataclass(frozen=True)
class Note:
    """One training note; `place` is its line."""

    place: int
    language: str
    text: str
    grade: str
    defect: str

    def answer(self, question: str) -> str:
        return self.grade if question == "grade" else self.defect


def read_notes(folder: Path = FOLDER / "training" / "notes") -> list[Note]:
    """All training notes, in the order of their files."""
    notes = []
    for file in sorted(folder.glob("*.jsonl")):
        for place, line in enumerate(file.read_text(encoding="utf-8").splitlines()):
            row = json.loads(line)
            notes.append(Note(place, row["lang"], row["note"], row["grade"], row["defect"]))
    return notes


def train(notes: list[Note], embedder: Embedder) -> tuple[dict[str, Any], dict[str, Any], list[str]]:
    """The arrays, what they mean, and a report of the held-out figures."""
    import numpy
    from sklearn.linear_model import LogisticRegression

    rows = [note_rows(note.text, embedder) for note in notes]
    arrays: dict[str, Any] = {}
    meanings = numpy.asarray([row["embedding"] for row in rows])
    arrays["mean"], arrays["deviation"] = spread(meanings)
    table, arrays["grams_buckets"], arrays["grams_idf"] = gram_table([gram_counts({"text": note.text}) for note in notes])
    tables = {
        "lexicon": numpy.asarray([row["lexicon"] for row in rows]),
        "embedding": numpy.asarray([standardised(row, arrays["mean"], arrays["deviation"]) for row in meanings]),
        "grams": table,
    }
    folds = numpy.asarray([zlib.crc32(f"{note.grade} {note.place // NEIGHBOURS}".encode()) % FOLDS for note in notes])
    classes, temperature, report = {}, {}, [f"{len(notes)} notes"]
    for question in QUESTIONS:
        answers = numpy.asarray([note.answer(question) for note in notes])
        names = sorted(set(answers.tolist()))
        totals = numpy.zeros((len(notes), len(names)))
        for kind, vote in NOTE_VOTES.items():

            def fitted(kept: Any, kind: str = kind, answers: Any = answers) -> Any:
                return LogisticRegression(C=PENALTY[kind], max_iter=1000, class_weight="balanced").fit(tables[kind][kept], answers[kept])

            for fold in range(FOLDS):
                model, asked = fitted(folds != fold), folds == fold
                shares = numpy.full((int(asked.sum()), len(names)), -12.0)
                shares[:, [names.index(name) for name in model.classes_]] = model.predict_log_proba(tables[kind][asked])
                totals[asked] += vote * shares
            whole = fitted(folds >= 0)
            arrays[f"{question}_{kind}_weights"], arrays[f"{question}_{kind}_bias"] = whole.coef_, whole.intercept_
        classes[question] = names
        temperature[question] = best_temperature(totals, answers.tolist(), names)
        right = numpy.asarray(names)[totals.argmax(axis=1)] == answers
        report.append(f"{question}: {right.mean():.3f} right on the notes held out in {FOLDS} folds, exponent {temperature[question]}")
    return arrays, described(embedder, notes, classes, temperature, report), report


def main() -> int:
    """Train, and write the artefact beside this module."""
    one_thread()
    arrays, facts, report = train(read_notes(), default_embedder())
    write_heads(ARTEFACT, arrays, facts)
    sys.stdout.write("\n".join(report) + "\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())

"""Makes the heads: `python -m bots.decisions.understanding.train`.

Reads every training/*.jsonl (lang, subject, text, intent, reason or null), each file being one style of writing. Temperature and the
figures printed come from mails of a style that was held out of training; the heads that are written learn from all of them.
The same material gives the same heads, number for number.
"""

from __future__ import annotations

import hashlib
import json
import os
import sys
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from bots.decisions.understanding.embedding import MODEL_SHA256, Embedder, default_embedder
from bots.decisions.understanding.features import embedding_rows, lexicon_labels, lexicon_row
from bots.decisions.understanding.heads import ARTEFACT, ARTEFACT_VERSION, EMBEDDING_SHARE, standardised
from bots.decisions.understanding.judge import prepare
from bots.decisions.understanding.lexical import weigh
from bots.decisions.understanding.results import MailText

FOLDER = Path(__file__).parent
QUESTIONS = ("intent", "reason")
PENALTY = {"lexicon": 0.1, "embedding": 0.05}
"""Inverse strength of the penalty of the logistic regressions."""
WEIGHT = {"plain": 1.0, "varied": 1.5, "frames": 1.0}
"""How much one mail of a style counts; the team's own mails, nearest to real ones, count OWN_WEIGHT."""
OWN_WEIGHT = 3.0


@dataclass(frozen=True)
class Example:
    """One training mail."""

    style: str
    language: str
    subject: str
    text: str
    intent: str
    reason: str | None

    def answer(self, question: str) -> str | None:
        return self.intent if question == "intent" else self.reason


def read_examples(folder: Path = FOLDER / "training") -> list[Example]:
    """All training mails, in the order of their files."""
    examples = []
    for file in sorted(folder.glob("*.jsonl")):
        for line in file.read_text(encoding="utf-8").splitlines():
            row = json.loads(line)
            examples.append(Example(file.stem, row["lang"], row.get("subject", ""), row["text"], row["intent"], row["reason"]))
    return examples


STRANGER = 0.7
"""All styles held out were written by few people; customers differ more, so the shares are made that much less certain."""
COPIES = 3
"""How many goods each frame is filled with."""


def with_nouns(examples: list[Example], folder: Path = FOLDER / "training") -> list[Example]:
    """Frames filled with goods, and every other example once more under the name of other goods.

    What is wrong must not be guessed from what was bought.
    """
    nouns = json.loads((folder / "nouns.json").read_text(encoding="utf-8"))
    made = []
    for place, example in enumerate(examples):
        goods = nouns[example.language]
        if "{p}" in example.text:
            made += [replace(example, text=example.text.replace("{p}", goods[(place * 5 + copy * 3) % len(goods)])) for copy in range(COPIES)]
            continue
        made.append(example)
        if example.intent != "other":
            noun = goods[(place * 7 + 3) % len(goods)]
            made.append(replace(example, subject=f"{example.subject} - {noun}" if example.subject else noun))
    return made


@dataclass(frozen=True)
class Numbers:
    """The examples as two tables: lexicon weights and mean embeddings."""

    words: Any
    meanings: Any


def numbers(examples: list[Example], embedder: Embedder, labels: tuple[str, ...]) -> Numbers:
    """What the heads see of each example, prepared exactly as `understand` prepares a mail."""
    import numpy

    words, meanings = [], []
    for example in examples:
        parts = prepare(MailText(subject=example.subject, text=example.text)).by_name()
        words.append(lexicon_row(weigh(parts, example.language), labels))
        mean = embedding_rows(embedder, parts).mean(axis=0).astype(numpy.float64)
        meanings.append(mean / numpy.linalg.norm(mean))
    return Numbers(numpy.asarray(words), numpy.asarray(meanings))


def fit(question: str, examples: list[Example], table: Any, kind: str, rows: list[int]) -> Any:
    """One logistic regression on the rows that have an answer."""
    from sklearn.linear_model import LogisticRegression

    rows = [row for row in rows if examples[row].answer(question) is not None]
    weights = [WEIGHT.get(examples[row].style, OWN_WEIGHT) for row in rows]
    model = LogisticRegression(C=PENALTY[kind], max_iter=1000, class_weight="balanced", tol=1e-6)
    return model.fit(table[rows], [examples[row].answer(question) for row in rows], sample_weight=weights)


def spread(meanings: Any, rows: list[int]) -> tuple[Any, Any]:
    """Mean and deviation of every direction."""
    return meanings[rows].mean(axis=0), meanings[rows].std(axis=0) + 1e-6


def held_out(question: str, examples: list[Example], data: Numbers) -> tuple[Any, list[str], list[str]]:
    """Summed log shares of mails judged by heads that have not seen their style, the right answers, and the classes."""
    import numpy

    totals, answers, classes = [], [], sorted({answer for example in examples if (answer := example.answer(question)) is not None})
    for style in sorted({example.style for example in examples if example.style not in WEIGHT}):
        seen = [row for row, example in enumerate(examples) if example.style != style]
        asked = [row for row, example in enumerate(examples) if example.style == style and example.answer(question) is not None]
        mean, deviation = spread(data.meanings, seen)
        scaled = standardised_rows(data.meanings, mean, deviation)
        total = numpy.zeros((len(asked), len(classes)))
        for kind, table in (("lexicon", data.words), ("embedding", scaled)):
            model = fit(question, examples, table, kind, seen)
            shares = numpy.full((len(asked), len(classes)), -12.0)
            shares[:, [classes.index(name) for name in model.classes_]] = model.predict_log_proba(table[asked])
            total += shares * (EMBEDDING_SHARE if kind == "embedding" else 1.0)
        totals.append(total)
        answers += [str(examples[row].answer(question)) for row in asked]
    return numpy.vstack(totals), answers, classes


def standardised_rows(meanings: Any, mean: Any, deviation: Any) -> Any:
    import numpy

    return numpy.asarray([standardised(row, mean, deviation) for row in meanings])


def best_temperature(totals: Any, answers: list[str], classes: list[str]) -> float:
    """The exponent on the product of both heads that makes the right answers likeliest."""
    import numpy

    right = numpy.asarray([classes.index(answer) for answer in answers])

    def loss(temperature: float) -> float:
        scaled = totals * temperature
        scaled = scaled - scaled.max(axis=1, keepdims=True)
        return float(-(scaled[numpy.arange(len(right)), right] - numpy.log(numpy.exp(scaled).sum(axis=1))).mean())

    return min((round(0.3 + 0.05 * step, 2) for step in range(25)), key=loss)


def train(embedder: Embedder) -> tuple[dict[str, Any], dict[str, Any], list[str]]:
    """The arrays, what they mean, and a report of the held-out figures."""
    import numpy

    examples, labels = with_nouns(read_examples()), lexicon_labels()
    data = numbers(examples, embedder, labels)
    everyone = list(range(len(examples)))
    mean, deviation = spread(data.meanings, everyone)
    arrays: dict[str, Any] = {"mean": mean, "deviation": deviation}
    scaled = standardised_rows(data.meanings, mean, deviation)
    classes, temperature, report = {}, {}, [f"{len(examples)} mails"]
    for question in QUESTIONS:
        for kind, table in (("lexicon", data.words), ("embedding", scaled)):
            model = fit(question, examples, table, kind, everyone)
            arrays[f"{question}_{kind}_weights"], arrays[f"{question}_{kind}_bias"] = model.coef_, model.intercept_
            classes[question] = [str(name) for name in model.classes_]
        totals, answers, names = held_out(question, examples, data)
        temperature[question] = round(STRANGER * best_temperature(totals, answers, names), 2)
        right = numpy.asarray([names[best] == answer for best, answer in zip(totals.argmax(axis=1), answers, strict=True)])
        report.append(f"{question}: {right.mean():.3f} right on {len(answers)} mails of a style not trained on, exponent {temperature[question]}")
    facts = {
        "version": ARTEFACT_VERSION,
        "embedder": embedder.name,
        "model_sha256": MODEL_SHA256,
        "training_sha256": hashlib.sha256("".join(f"{example}\n" for example in examples).encode()).hexdigest(),
        "examples": len(examples),
        "lexicon_labels": list(labels),
        "classes": classes,
        "temperature": temperature,
        "report": report,
    }
    return {name: array.astype(numpy.float32) for name, array in arrays.items()}, facts, report


def main() -> int:
    """Train, and write the artefact beside this module."""
    import numpy

    for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ.setdefault(variable, "1")
    arrays, facts, report = train(default_embedder())
    numpy.savez_compressed(FOLDER / f"{ARTEFACT}.npz", **arrays)
    (FOLDER / f"{ARTEFACT}.json").write_text(json.dumps(facts, indent=1) + "\n", encoding="utf-8")
    sys.stdout.write("\n".join(report) + "\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())

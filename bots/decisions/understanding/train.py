"""Makes the heads: `python -m bots.decisions.understanding.train`.

Reads every training/*.jsonl (lang, subject, text, intent, reason or null). Temperature and the figures printed come from mails that were
held out of training; the heads that are written learn from all of them.
The same material gives the same heads, number for number.
"""

from __future__ import annotations

import hashlib
import json
import os
import sys
import zlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from bots.decisions.understanding.embedding import MODEL_SHA256, Embedder, default_embedder
from bots.decisions.understanding.features import embedding_rows, gram_counts, lexicon_labels, lexicon_row, piece_row
from bots.decisions.understanding.heads import ARTEFACT, ARTEFACT_VERSION, BESIDE_UMPIRE, UMPIRED, VOTES, standardised, umpire_row
from bots.decisions.understanding.judge import prepare
from bots.decisions.understanding.lexical import weigh
from bots.decisions.understanding.results import MailText

FOLDER = Path(__file__).parent
QUESTIONS = ("intent", "reason")
PENALTY = {"lexicon": 0.1, "embedding": 0.05, "pieces": 0.015, "grams": 5.0}
"""Inverse strength of the penalty of the logistic regressions."""
UMPIRE_PENALTY = 0.2
WEIGHT = {"plain": 0.5, "varied": 0.7}
"""How much one mail of the short early styles counts; every other counts 1."""
FOLDS = 3
RARE = 2
"""A piece of a word that stands in fewer mails says nothing."""


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


STRANGER = 0.8
"""The mails held out are of the same few writers; customers differ more, so the shares are made that much less certain."""
VARIED = "mails_"
"""Files whose mails are varied enough by themselves."""
COPIES = 3
"""How many goods each frame is filled with."""


def with_nouns(examples: list[Example], folder: Path = FOLDER / "training") -> list[Example]:
    """Frames filled with goods, and the short early examples once more under the name of other goods.

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
        if example.intent != "other" and not example.style.startswith(VARIED):
            noun = goods[(place * 7 + 3) % len(goods)]
            made.append(replace(example, subject=f"{example.subject} - {noun}" if example.subject else noun))
    return made


@dataclass(frozen=True)
class Numbers:
    """The examples as tables, one a kind of head, as the heads of heads.VOTES read them."""

    tables: dict[str, Any]
    arrays: dict[str, Any]
    """What brings a new mail to the same scale."""


def numbers(examples: list[Example], embedder: Embedder, labels: tuple[str, ...]) -> Numbers:
    """What the heads see of each example, prepared exactly as `understand` prepares a mail."""
    import numpy

    words, means, pieces, grams = [], [], [], []
    for example in examples:
        parts = prepare(MailText(subject=example.subject, text=example.text)).by_name()
        words.append(lexicon_row(weigh(parts, example.language), labels))
        rows = embedding_rows(embedder, parts)
        mean = rows.mean(axis=0).astype(numpy.float64)
        means.append(mean / numpy.linalg.norm(mean))
        pieces.append(piece_row(rows))
        grams.append(gram_counts(parts))
    arrays: dict[str, Any] = {}
    arrays["mean"], arrays["deviation"] = spread(numpy.asarray(means))
    arrays["pieces_mean"], arrays["pieces_deviation"] = spread(numpy.asarray(pieces))
    table, arrays["grams_buckets"], arrays["grams_idf"] = gram_table(grams)
    tables = {
        "lexicon": numpy.asarray(words),
        "embedding": numpy.asarray([standardised(row, arrays["mean"], arrays["deviation"]) for row in means]),
        "pieces": (numpy.asarray(pieces) - arrays["pieces_mean"]) / arrays["pieces_deviation"] * 0.5,
        "grams": table,
    }
    return Numbers(tables, arrays)


def spread(table: Any) -> tuple[Any, Any]:
    """Mean and deviation of every direction."""
    return table.mean(axis=0), table.std(axis=0) + 1e-6


def gram_table(counts: list[dict[int, float]]) -> tuple[Any, Any, Any]:
    """A sparse table of weighted pieces of words, each row of length 1; the buckets kept, ascending; and their weights by rarity."""
    import numpy
    from scipy.sparse import csr_matrix
    from sklearn.preprocessing import normalize

    mails: dict[int, int] = {}
    for row in counts:
        for bucket in row:
            mails[bucket] = mails.get(bucket, 0) + 1
    kept = sorted(bucket for bucket, times in mails.items() if times >= RARE)
    place = {bucket: number for number, bucket in enumerate(kept)}
    rarity = numpy.asarray([numpy.log((1 + len(counts)) / (1 + mails[bucket])) + 1 for bucket in kept])
    values, columns, ends = [], [], [0]
    for row in counts:
        known = [(place[bucket], value) for bucket, value in sorted(row.items()) if bucket in place]
        columns += [column for column, _ in known]
        values += [value * rarity[column] for column, value in known]
        ends.append(len(columns))
    table = csr_matrix((values, columns, ends), shape=(len(counts), len(kept)))
    return normalize(table), numpy.asarray(kept, dtype=numpy.int64), rarity


def fit(question: str, examples: list[Example], table: Any, kind: str, rows: list[int]) -> Any:
    """One logistic regression on the rows that have an answer."""
    from sklearn.linear_model import LogisticRegression

    rows = [row for row in rows if examples[row].answer(question) is not None]
    weights = [WEIGHT.get(examples[row].style, 1.0) for row in rows]
    model = LogisticRegression(C=PENALTY[kind], max_iter=400, class_weight="balanced", tol=1e-4)
    return model.fit(table[rows], [examples[row].answer(question) for row in rows], sample_weight=weights)


@dataclass(frozen=True)
class Judged:
    """Mails judged by heads that have not seen them."""

    shares: dict[str, Any]
    """By kind of head, the log shares: a row a mail, a column a class."""
    answers: list[str]
    classes: list[str]
    folds: list[int]
    varied: list[bool]
    """Which mails are like those of customers, and not a frame filled in."""

    @property
    def product(self) -> Any:
        return sum(VOTES[kind] * share for kind, share in self.shares.items())


def held_out(question: str, examples: list[Example], data: Numbers) -> Judged:
    """What each head says of the mails of a fold when trained on the other folds."""
    import numpy

    classes = sorted({answer for example in examples if (answer := example.answer(question)) is not None})
    # Copies of a mail under other goods stand next to each other and stay in one fold.
    fold = [zlib.crc32(example.text[-60:].encode()) % FOLDS for example in examples]
    asked = [row for row, example in enumerate(examples) if example.style not in WEIGHT and example.answer(question) is not None]
    folds = numpy.asarray([fold[row] for row in asked])
    shares = {kind: numpy.full((len(asked), len(classes)), -12.0) for kind in VOTES}
    for number in range(FOLDS):
        seen = [row for row in range(len(examples)) if fold[row] != number]
        now = numpy.flatnonzero(folds == number)
        for kind in VOTES:
            model = fit(question, examples, data.tables[kind], kind, seen)
            columns = numpy.asarray([classes.index(name) for name in model.classes_])
            shares[kind][numpy.ix_(now, columns)] = model.predict_log_proba(data.tables[kind][[asked[place] for place in now]])
    answers = [str(examples[row].answer(question)) for row in asked]
    return Judged(shares, answers, classes, folds.tolist(), [examples[row].style.startswith(VARIED) for row in asked])


def umpire(judged: Judged, folds: set[int]) -> Any:
    """The head over the other heads, from what they said of varied mails in these folds. It leaves the classes as common as they are."""
    from sklearn.linear_model import LogisticRegression

    rows = [row for row, fold in enumerate(judged.folds) if fold in folds and judged.varied[row]]
    heard = umpire_row(judged.shares)[rows]
    return LogisticRegression(C=UMPIRE_PENALTY, max_iter=3000).fit(heard, [judged.answers[row] for row in rows])


def umpired(judged: Judged) -> Any:
    """The heads' product and the umpire's ruling on each mail, by an umpire that did not learn from its fold."""
    totals = BESIDE_UMPIRE * judged.product
    heard = umpire_row(judged.shares)
    for number in range(FOLDS):
        rows = [row for row, fold in enumerate(judged.folds) if fold == number]
        totals[rows] += umpire(judged, set(range(FOLDS)) - {number}).predict_log_proba(heard[rows])
    return totals


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
    arrays = dict(data.arrays)
    classes, temperature, report = {}, {}, [f"{len(examples)} mails"]
    for question in QUESTIONS:
        for kind in VOTES:
            model = fit(question, examples, data.tables[kind], kind, everyone)
            arrays[f"{question}_{kind}_weights"], arrays[f"{question}_{kind}_bias"] = model.coef_, model.intercept_
            classes[question] = [str(name) for name in model.classes_]
        judged = held_out(question, examples, data)
        totals = judged.product
        if question in UMPIRED:
            model = umpire(judged, set(range(FOLDS)))
            arrays[f"{question}_umpire_weights"], arrays[f"{question}_umpire_bias"] = model.coef_, model.intercept_
            totals = umpired(judged)
        temperature[question] = round(STRANGER * best_temperature(totals, judged.answers, judged.classes), 2)
        right = numpy.asarray([judged.classes[best] == answer for best, answer in zip(totals.argmax(axis=1), judged.answers, strict=True)])
        report.append(f"{question}: {right.mean():.3f} right on {len(right)} mails held out in {FOLDS} folds, exponent {temperature[question]}")
    return arrays, described(embedder, examples, classes, temperature, report, labels), report


def described(
    embedder: Embedder, examples: Sequence[object], classes: dict[str, list[str]], temperature: dict[str, float], report: list[str], labels: Sequence[str] = ()
) -> dict[str, Any]:
    """What an artefact says of itself: what it was made from, and what its numbers mean."""
    return {
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


def write_heads(artefact: str, arrays: dict[str, Any], facts: dict[str, Any]) -> None:
    """Put trained heads beside this module, in as few digits as they need."""
    import numpy

    def small(name: str) -> type:
        return numpy.float16 if "_grams_weights" in name else numpy.float32

    numpy.savez_compressed(
        FOLDER / f"{artefact}.npz", **{name: array if array.dtype.kind == "i" else array.astype(small(name)) for name, array in arrays.items()}
    )
    (FOLDER / f"{artefact}.json").write_text(json.dumps(facts, indent=1) + "\n", encoding="utf-8")


def one_thread() -> None:
    """Sums in one order: the same numbers whatever the machine."""
    for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ.setdefault(variable, "1")


def main() -> int:
    """Train, and write the artefact beside this module."""
    one_thread()
    arrays, facts, report = train(default_embedder())
    write_heads(ARTEFACT, arrays, facts)
    sys.stdout.write("\n".join(report) + "\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())

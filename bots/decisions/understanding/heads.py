"""From evidence to shares: small trained heads over the lexicon and over sentence embeddings, and the lexicon alone as last resort.

The heads are four logistic regressions for each question (intent, reason): one reads the lexicon's weights, one the mean of the mail's
embedded pieces, one the pieces by place, one the pieces of its words. Their weighted product, tempered on material that they were not
trained on, is the judgement. For the intent a fifth hears the other four: it knows which of them errs where. `train` makes the artefact.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from typing import Any

from bots.decisions.understanding.embedding import Embedder, EmbeddingUnavailable, default_embedder
from bots.decisions.understanding.features import embedding_rows, gram_counts, lexicon_row, piece_row
from bots.decisions.understanding.labels import Intent, Reason
from bots.decisions.understanding.lexical import Evidence, intent_scores, reason_scores

ARTEFACT = "heads"
ARTEFACT_VERSION = 3
VOTES = {"lexicon": 1.0, "grams": 1.0, "embedding": 0.5, "pieces": 0.5}
"""How much each head counts. The two that hear the embedding share one vote: they also hear what goods the mail is about."""
UMPIRED = ("intent",)
"""The questions where the umpire, a head over what the others gave, gains on mail not trained on. On the reason it loses: too few mails for each."""
BESIDE_UMPIRE = 0.7
"""How much the other heads' own product still counts beside the umpire."""
FAINTEST = -9.0
"""Logarithm of the smallest share that the umpire tells from none."""
ALONE = 0.85
"""How far the lexicon's confidence is trusted when the embedding model cannot confirm it."""


@dataclass(frozen=True)
class Judgement:
    """Shares that sum to 1 (to ALONE where the lexicon judged alone)."""

    intents: Mapping[Intent, float]
    reasons: Mapping[Reason, float]
    method: str


@dataclass(frozen=True)
class Heads:
    """The trained numbers: what the columns mean and their weights."""

    labels: tuple[str, ...]
    classes: Mapping[str, tuple[str, ...]]
    temperature: Mapping[str, float]
    embedder: str
    arrays: Mapping[str, Any]

    def log_shares(self, question: str, kind: str, row: Any) -> Any:
        """Logarithms of the shares that one head gives; `kind` is one of VOTES, `row` what `rows` gives for it."""
        weights, bias = self.arrays[f"{question}_{kind}_weights"], self.arrays[f"{question}_{kind}_bias"]
        if kind == "grams":
            places, values = row
            scores = weights[:, places].astype(float) @ values + bias
        else:
            scores = weights @ row + bias
        return logarithms(scores)

    def votes(self, question: str, rows: Mapping[str, Any]) -> Any:
        """What the heads say together, as logarithms of unnormed shares. The umpire speaks only where it hears every head."""
        shares = {kind: self.log_shares(question, kind, row) for kind, row in rows.items()}
        total = sum(VOTES[kind] * share for kind, share in shares.items())
        if question not in UMPIRED or set(shares) != set(VOTES):
            return total
        ruling = self.arrays[f"{question}_umpire_weights"] @ umpire_row(shares) + self.arrays[f"{question}_umpire_bias"]
        return BESIDE_UMPIRE * total + logarithms(ruling)

    def embedded(self, rows: Any) -> dict[str, Any]:
        """A mail's pieces as the two embedding heads want them, brought to the scale of training."""
        return {
            "embedding": standardised(rows.mean(axis=0), self.arrays["mean"], self.arrays["deviation"]),
            "pieces": (piece_row(rows) - self.arrays["pieces_mean"]) / self.arrays["pieces_deviation"] * 0.5,
        }

    def grams(self, parts: Mapping[str, str]) -> tuple[Any, Any]:
        """The known pieces of words: their places among the weights, and their values, of length 1 together."""
        import numpy

        known = self.arrays["grams_buckets"]
        found = gram_counts(parts)
        wanted = numpy.fromiter(found, dtype=numpy.int64, count=len(found))
        places = numpy.searchsorted(known, wanted)
        places[places == len(known)] = 0
        hit = known[places] == wanted
        values = numpy.fromiter(found.values(), dtype=float, count=len(found))[hit] * self.arrays["grams_idf"][places[hit]]
        return places[hit], values / ((values * values).sum() ** 0.5 or 1.0)


def umpire_row(shares: Mapping[str, Any]) -> Any:
    """What the umpire hears: the logarithms of all heads' shares, of one mail or of a table of mails, one head beside the other."""
    import numpy

    return numpy.maximum(numpy.concatenate([shares[kind] for kind in VOTES], axis=-1), FAINTEST)


def logarithms(scores: Any) -> Any:
    """Logarithms of the shares that stand in the ratio of e to the scores."""
    scores = scores - scores.max()
    return scores - math.log(float(sum(math.exp(score) for score in scores)))


def standardised(row: Any, mean: Any, deviation: Any) -> Any:
    """An embedding of length 1, with every direction at the same spread."""
    length = float((row * row).sum()) ** 0.5 or 1.0
    return (row / length - mean) / deviation * 0.5


@lru_cache(maxsize=2)
def load_heads(artefact: str = ARTEFACT) -> Heads | None:
    """The packaged heads for mail, or others; None where the artefact is missing or of another version, so that the lexicon goes on alone."""
    import numpy

    folder = resources.files(__package__)
    described, numbers = folder / f"{artefact}.json", folder / f"{artefact}.npz"
    if not described.is_file() or not numbers.is_file():
        return None
    facts = json.loads(described.read_text(encoding="utf-8"))
    if facts["version"] != ARTEFACT_VERSION:
        return None
    with numbers.open("rb") as handle, numpy.load(handle, allow_pickle=False) as stored:
        arrays = {name: stored[name] if name.startswith("grams_") or "_grams_weights" in name else stored[name].astype(numpy.float64) for name in stored.files}
    return Heads(
        tuple(facts["lexicon_labels"]),
        {question: tuple(names) for question, names in facts["classes"].items()},
        facts["temperature"],
        facts["embedder"],
        arrays,
    )


def shares_of(scores: Mapping[str, float], sharpness: float = 1.6) -> dict[str, float]:
    top = max(scores.values())
    weights = {label: math.exp(sharpness * (score - top)) for label, score in scores.items()}
    total = sum(weights.values())
    return {label: weight / total for label, weight in weights.items()}


def lexicon_shares(evidence: Evidence) -> Judgement:
    """The judgement of the words alone, without any trained number. No evidence at all leaves everything equally likely."""
    intents = {str(intent): score for intent, score in intent_scores(evidence).items()}
    reasons = {str(reason): score for reason, score in reason_scores(evidence).items()}
    reasons[str(Reason.UNSPECIFIED)] = 0.5 if max(reasons.values()) > 0 else 1.5
    return Judgement(
        {Intent(label): share * ALONE for label, share in shares_of(intents).items()},
        {Reason(label): share * ALONE for label, share in shares_of(reasons).items()},
        "lexicon",
    )


def judge_parts(parts: Mapping[str, str], evidence: Evidence, embedder: Embedder | None = None) -> Judgement:
    """The best judgement that this machine can give.

    Args:
        parts: the cleaned mail's `subject`, `text` and `quote`.
        evidence: what the lexicon found in them.
        embedder: another model than the packaged one (tests); it must be the one that the heads were trained with.
    """
    heads = load_heads()
    if heads is None:
        return lexicon_shares(evidence)
    import numpy

    rows: dict[str, Any] = {"lexicon": numpy.asarray(lexicon_row(evidence, heads.labels)), "grams": heads.grams(parts)}
    try:
        model = embedder or default_embedder()
        meaning = model.name == heads.embedder
        if meaning:
            rows |= heads.embedded(embedding_rows(model, parts))
    except EmbeddingUnavailable:
        meaning = False
    answers: dict[str, dict[str, float]] = {}
    for question, names in heads.classes.items():
        total = heads.votes(question, rows) * heads.temperature[question]
        shares = shares_of(dict(zip(names, total.tolist(), strict=True)), sharpness=1.0)
        answers[question] = shares if meaning else {name: share * ALONE for name, share in shares.items()}
    return Judgement(
        {Intent(name): share for name, share in answers["intent"].items()},
        {Reason(name): share for name, share in answers["reason"].items()},
        "lexicon+embedding" if meaning else "lexicon",
    )

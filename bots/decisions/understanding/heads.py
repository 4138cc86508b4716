"""From evidence to shares: the lexicon alone, or the lexicon and sentence embeddings in small trained heads."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from bots.decisions.understanding.labels import Intent, Reason
from bots.decisions.understanding.lexical import Evidence, intent_scores, reason_scores


@dataclass(frozen=True)
class Judgement:
    """Shares that sum to 1."""

    intents: Mapping[Intent, float]
    reasons: Mapping[Reason, float]
    method: str


def _shares(scores: Mapping[str, float], sharpness: float = 1.6) -> dict[str, float]:
    top = max(scores.values())
    weights = {label: math.exp(sharpness * (score - top)) for label, score in scores.items()}
    total = sum(weights.values())
    return {label: weight / total for label, weight in weights.items()}


def lexicon_shares(evidence: Evidence) -> Judgement:
    """The judgement of the words alone. No evidence at all leaves everything equally likely."""
    intents = {str(intent): score for intent, score in intent_scores(evidence).items()}
    reasons = {str(reason): score for reason, score in reason_scores(evidence).items()}
    reasons[str(Reason.UNSPECIFIED)] = 0.5 if max(reasons.values()) > 0 else 1.5
    return Judgement(
        {Intent(label): share for label, share in _shares(intents).items()},
        {Reason(label): share for label, share in _shares(reasons).items()},
        "lexicon",
    )


def judge_parts(parts: Mapping[str, str], evidence: Evidence, *, auto_reply: bool = False) -> Judgement:
    """The best judgement that this machine can give."""
    return lexicon_shares(evidence)

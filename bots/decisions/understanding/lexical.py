"""The lexicon's judgement: sentence by sentence, the quoted history counting little."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from bots.decisions.understanding.folding import fold, sentences
from bots.decisions.understanding.labels import Intent, Reason
from bots.decisions.understanding.lexicon import Hit, lexicon
from bots.decisions.understanding.results import Span

SUBJECT_WEIGHT = 0.6
QUOTE_WEIGHT = 0.2
REPEAT = 0.35
"""A second sentence that says the same adds this part of its weight."""


@dataclass(frozen=True)
class Evidence:
    """Weights of everything the lexicon has a label for, and where they come from."""

    scores: Mapping[str, float]
    spans: tuple[Span, ...]
    from_text: Mapping[str, float]
    """The greatest weight of a label in the writer's own text, without subject and quote."""

    def own(self, label: str) -> float:
        return self.from_text.get(label, 0.0)

    def __getitem__(self, label: str) -> float:
        return self.scores.get(label, 0.0)


def _sentence_scores(hits: list[Hit]) -> dict[str, Hit]:
    best: dict[str, Hit] = {}
    for hit in hits:
        if hit.label not in best or hit.weight > best[hit.label].weight:
            best[hit.label] = hit
    if "ordered_by_mistake" in best:
        best.pop("wrong_item", None)  # "I clicked the wrong article": the customer's own error
    return best


def weigh(parts: Mapping[str, str], language: str) -> Evidence:
    """Evidence in the parts of a mail: `text`, `subject` and `quote`."""
    scores: dict[str, float] = defaultdict(float)
    reasons = {reason.value for reason in Reason}
    spans: list[Span] = []
    own: dict[str, float] = {}
    words = lexicon(language)
    for where, factor in (("text", 1.0), ("subject", SUBJECT_WEIGHT), ("quote", QUOTE_WEIGHT)):
        text = parts.get(where, "")
        folded = fold(text)
        for start, end in sentences(text):
            for label, hit in _sentence_scores(words.hits(folded[start:end])).items():
                weight = hit.weight * factor
                if where == "text":
                    own[label] = max(own.get(label, 0.0), hit.weight)
                if where == "quote" and scores[label] == 0:
                    weight = max(weight, 0.3)
                scores[label] = max(scores[label], weight) + REPEAT * min(scores[label], weight)
                spans.append(Span(label=label, start=start + hit.start, end=start + hit.end, text=text[start + hit.start : start + hit.end], where=where))
    scores["reason_any"] = max((score for label, score in scores.items() if label in reasons), default=0.0)
    scores["any"] = max((score for label, score in scores.items() if label != "reason_any"), default=0.0)
    return Evidence(dict(scores), tuple(spans), own)


_PULL = {
    Intent.CANCEL_RETURN: 1.45,
    Intent.REFUND_STATUS: 1.3,
    Intent.RETURN_STATUS: 1.25,
    Intent.REPAIR_REQUEST: 1.2,
    Intent.OTHER: 1.2,
    Intent.PROVIDES_INFORMATION: 1.1,
    Intent.EXCHANGE_REQUEST: 1.05,
    Intent.COMPLAINT: 0.95,
    Intent.ORDER_QUESTION: 0.9,
    Intent.RETURN_REQUEST: 0.85,
}
"""Rare wishes are said in words that also speak of the common one ("cancel my return"), so they pull harder."""


def intent_scores(evidence: Evidence) -> dict[Intent, float]:
    """How much the words speak for each intent."""
    scores = {intent: evidence[intent.value] * pull for intent, pull in _PULL.items()}
    wants_back = evidence["refund"] > 0 or evidence["return_request"] >= 2
    if evidence["reason_any"] == 0 and not wants_back:
        scores[Intent.RETURN_REQUEST] *= 0.8
    if wants_back:
        scores[Intent.ORDER_QUESTION] *= 0.6
    return scores


_SPECIFIC = {
    Reason.SAFETY_CONCERN: 1.35,
    Reason.COUNTERFEIT: 1.35,
    Reason.ORDERED_BY_MISTAKE: 1.25,
    Reason.BETTER_PRICE: 1.25,
    Reason.DAMAGED_IN_TRANSIT: 1.2,
    Reason.MISSING_PARTS: 1.1,
    Reason.WRONG_ITEM: 1.1,
    Reason.NOT_AS_DESCRIBED: 1.15,
    Reason.SIZE_OR_FIT: 1.1,
    Reason.ARRIVED_LATE: 1.1,
    Reason.NOT_DELIVERED: 1.0,
    Reason.QUALITY_UNSATISFACTORY: 1.05,
    Reason.DEFECTIVE: 1.0,
    Reason.CHANGED_MIND: 0.9,
}
"""What is rarely said for another reason weighs more than what is said in passing."""


def reason_scores(evidence: Evidence) -> dict[Reason, float]:
    """How much the words speak for each reason."""
    return {reason: evidence[reason.value] * factor for reason, factor in _SPECIFIC.items()}

"""A mail as numbers: what the heads are trained on and judge by."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bots.decisions.understanding.embedding import Embedder, chunks
from bots.decisions.understanding.lexical import Evidence
from bots.decisions.understanding.lexicon import LANGUAGES, lexicon

LEXICON_CAP = 3.0
LEXICON_SCALE = 0.9


def lexicon_labels() -> tuple[str, ...]:
    """The lexicon's labels in a fixed order, one column each."""
    labels = {label for language in LANGUAGES for label, _, _ in lexicon(language).patterns}
    return (*sorted(labels), "reason_any")


def lexicon_row(evidence: Evidence, labels: tuple[str, ...]) -> list[float]:
    """The evidence's weights, cut at LEXICON_CAP: the third repetition proves nothing more."""
    return [min(evidence[label], LEXICON_CAP) * LEXICON_SCALE for label in labels]


def embedding_rows(embedder: Embedder, parts: Mapping[str, str]) -> Any:
    """The pieces of a mail, embedded; one row a piece."""
    return embedder.embed(chunks(parts.get("subject", ""), parts.get("text", "")))

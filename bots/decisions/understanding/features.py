"""A mail as numbers: what the heads are trained on and judge by."""

from __future__ import annotations

import itertools
import math
import re
import zlib
from collections import Counter
from collections.abc import Mapping
from typing import Any

from bots.decisions.understanding.embedding import Embedder, chunks
from bots.decisions.understanding.lexical import Evidence
from bots.decisions.understanding.lexicon import LANGUAGES, lexicon

LEXICON_CAP = 3.0
LEXICON_SCALE = 0.9
BUCKETS = 1 << 16
"""Places that pieces of words are hashed to."""
GRAM = (2, 5)
"""Letters in a piece of a word."""


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


def piece_row(rows: Any) -> Any:
    """A mail's pieces as one row: their mean, the first, the last, and what is strongest in any. One sentence of a long mail can decide."""
    import numpy

    units = _units(rows)
    return numpy.concatenate([_units(units.mean(axis=0)), units[0], units[-1], _units(units.max(axis=0))])


def _units(rows: Any) -> Any:
    import numpy

    return rows / (numpy.linalg.norm(rows, axis=-1, keepdims=True) + 1e-9)


def gram_counts(parts: Mapping[str, str]) -> dict[int, float]:
    """Pieces of words and pairs of words by bucket, weighted 1 + ln(count): spelling, slang and scripts that no lexicon knows."""
    text = f"{parts.get('subject', '')} \n {parts.get('text', '')}".casefold()
    counts: Counter[str] = Counter()
    for word in re.findall(r"\S+", text):
        word = f" {word} "
        for length in range(GRAM[0], GRAM[1] + 1):
            counts.update(word[start : start + length] for start in range(len(word) - length + 1))
    words = re.findall(r"\w+", text)
    counts.update(f"{one}_{two}" for one, two in itertools.pairwise(words))
    buckets: Counter[int] = Counter()
    for gram, count in counts.items():
        buckets[zlib.crc32(gram.encode()) % BUCKETS] += count
    return {bucket: 1 + math.log(count) for bucket, count in buckets.items()}

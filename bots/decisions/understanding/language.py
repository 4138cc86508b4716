"""Which of the nine languages a mail is written in: script first, then a small offline model."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

from bots.decisions.understanding.lexicon import LANGUAGES

_KANA = re.compile(r"[\u3040-\u30ff\uff66-\uff9f]")
_HAN = re.compile(r"[\u4e00-\u9fff]")
_NOISE = re.compile(r"https?://\S+|\S+@\S+|[#\d_=<>*/|\\-]+")


@lru_cache(maxsize=1)
def _identifier() -> Any:
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    identifier = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    identifier.set_languages([language for language in LANGUAGES if language not in ("ja", "zh")])
    return identifier


def detect(text: str) -> tuple[str, float]:
    """Language and how sure (0..1); English at 0 when there are no words at all."""
    kana, han = len(_KANA.findall(text)), len(_HAN.findall(text))
    latin = len(re.findall(r"[^\W\d_]", text)) - kana - han
    if kana + han and (kana + han) * 3 >= latin:
        return ("ja", 1.0) if kana * 12 >= han and kana >= 2 else ("zh", 1.0)
    words = _NOISE.sub(" ", text).strip()
    if not re.search(r"[^\W\d_]", words):
        return "en", 0.0
    language, probability = _identifier().classify(words)
    return str(language), float(probability)

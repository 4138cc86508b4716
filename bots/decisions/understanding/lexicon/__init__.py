"""What customers say, by language and by what it is evidence of.

One module a language holds `PATTERNS`: a label and its regular expressions, one a line, for folded text (see `folding`; accents may be
written). A Latin pattern begins at a word's beginning and may end inside a word. A line that begins with `+` is strong evidence (2),
with `~` weak (0.4), else 1. `NEGATION` ends just before what it negates.
"""

from __future__ import annotations

import importlib
import re
from dataclasses import dataclass
from functools import lru_cache

from bots.decisions.understanding.folding import fold, fold_pattern

LANGUAGES = ("en", "de", "fr", "es", "it", "nl", "pl", "ja", "zh")
ONE_CLAUSE = frozenset({"refund_status", "return_status", "not_delivered", "arrived_late"})
"""Labels built on a negation or a question: "it does not work, I want a refund" is no unpaid refund, so their gaps cross no comma."""
GAP_IN_CLAUSE = r"[^\w,;:.!?()]+"
BEGINNINGS = {"+": 2.0, "~": 0.4}


@dataclass(frozen=True)
class Hit:
    """A piece of evidence in a text."""

    label: str
    weight: float
    start: int
    end: int


@dataclass(frozen=True)
class Lexicon:
    """The compiled evidence of one language."""

    language: str
    patterns: tuple[tuple[str, float, re.Pattern[str]], ...]
    negation: re.Pattern[str] | None
    negation_follows: re.Pattern[str] | None

    def hits(self, folded: str) -> list[Hit]:
        """Evidence in a folded text; what stands under a negation is left out."""
        found = []
        for label, weight, pattern in self.patterns:
            for match in pattern.finditer(folded):
                if match.end() > match.start() and not self.negated(folded, match.start(), match.end()):
                    found.append(Hit(label, weight, match.start(), match.end()))
        return found

    def negated(self, folded: str, start: int, end: int) -> bool:
        """Whether a negation governs the words at start:end."""
        before = folded[max(0, start - 40) : start]
        if self.negation is not None and self.negation.search(before):
            return True
        return self.negation_follows is not None and self.negation_follows.match(folded, end) is not None


def compile_lines(block: str, boundary: bool, one_clause: bool = False) -> list[tuple[float, re.Pattern[str]]]:
    """The lines of one label, compiled; with `one_clause` a gap between two words crosses no punctuation."""
    compiled = []
    for line in block.strip().splitlines():
        line = line.strip()
        if not line:
            continue
        weight = BEGINNINGS.get(line[0], 1.0)
        line = line[1:] if line[0] in BEGINNINGS else line
        body = fold_pattern(line.replace(r"\W+", GAP_IN_CLAUSE) if one_clause else line)
        compiled.append((weight, re.compile(rf"(?<!\w)(?:{body})" if boundary else f"(?:{body})")))
    return compiled


@lru_cache(maxsize=16)
def lexicon(language: str) -> Lexicon:
    """The evidence of a language; raises ModuleNotFoundError for one that is not in LANGUAGES."""
    module = importlib.import_module(f"{__name__}.{language}")
    boundary = language not in ("ja", "zh")
    patterns = [(label, weight, pattern) for label, block in module.PATTERNS.items() for weight, pattern in compile_lines(block, boundary, label in ONE_CLAUSE)]
    before: str | None = getattr(module, "NEGATION", None)
    after: str | None = getattr(module, "NEGATION_FOLLOWS", None)
    return Lexicon(
        language,
        tuple(patterns),
        re.compile((r"(?<!\w)" if boundary else "") + f"(?:{fold_pattern(before)})") if before else None,
        re.compile(fold_pattern(after)) if after else None,
    )


def language_hits(text: str, language: str) -> list[Hit]:
    """Evidence in a text as it was written."""
    return lexicon(language).hits(fold(text))

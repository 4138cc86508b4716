"""Text made comparable without moving a character: every offset in the folded text is the same offset in the original."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

_LETTERS = {
    "ł": "l",
    "đ": "d",
    "ø": "o",
    "æ": "a",
    "œ": "o",
    "’": "'",
    "‘": "'",
    "`": "'",
    "´": "'",
    "“": '"',
    "”": '"',
    "„": '"',
    "–": "-",
    "—": "-",
    "\u00a0": " ",
    "\u3000": " ",
}


@lru_cache(maxsize=4096)
def _fold_character(character: str) -> str:
    lowered = character.lower()
    if len(lowered) == 1:
        character = lowered
    if character in _LETTERS:
        return _LETTERS[character]
    if character.isascii():
        return character
    compatible = unicodedata.normalize("NFKD", character)
    bare = "".join(part for part in compatible if not "\u0300" <= part <= "\u036f")
    # A kana with its voicing mark decomposes into two; only Latin letters and full-width forms become one plain character.
    return bare.lower() if len(bare) == 1 else character


def fold(text: str) -> str:
    """Lower case, without accents and full-width forms; as long as `text`."""
    return "".join(map(_fold_character, text))


def fold_pattern(pattern: str) -> str:
    """A regular expression written with accents, for folded text; ASCII stays as it is (`\\S` is not `\\s`).

    A full-width sign that folds to a sign of the expression's own language is escaped.
    """
    folded = []
    for character in pattern:
        plain = character if character.isascii() else _fold_character(character)
        folded.append(re.escape(plain) if plain != character and plain.isascii() and not plain.isalnum() else plain)
    return "".join(folded)


def pattern_of(block: str) -> str:
    """A long regular expression written over several lines, folded; line breaks and indentation mean nothing."""
    return fold_pattern("".join(line.strip() for line in block.splitlines()))


_END = re.compile(r"(?<=[!?;])[\s\"')]+|(?<=[.…])[\"')]*\s+(?=[^\W\d_]|[¿¡\"(#\d])|(?<=[。！？；])|\n+")
_SHORT = re.compile(
    r"(?:\b(?:nr|no|bzw|z\.\s?b|ca|etc|mr|mrs|dr|inkl|zzgl|usw|evtl|best|art|approx|incl|sig|dott|sr|sra|ul|tel|itd|np|m\.in|szt|zam|bestelnr|ord|cmd|ref|min|max|st|str|d\.h|u\.a|gem|bijv|av|resp)|\b\w)\.\s*$",
    re.IGNORECASE,
)


def sentences(text: str) -> list[tuple[int, int]]:
    """Where the sentences of a text are, as (start, end); line breaks end one, abbreviations do not."""
    found: list[tuple[int, int]] = []
    start = 0
    for mark in _END.finditer(text):
        piece = text[start : mark.start()]
        if "\n" not in mark.group() and _SHORT.search(piece):
            continue
        if piece.strip():
            found.append((start, mark.start()))
        start = mark.end()
    if text[start:].strip():
        found.append((start, len(text)))
    return found

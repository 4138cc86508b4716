"""A table put into sentences by a language model: one sentence a row, every number of which must stand in that row, as what it stands there.

A sentence that counts units where the row gives percent, spells a number out, or speaks of another row discards the whole narrative; the machine's own
sentences are shown then.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from pydantic import Field

from bots.decisions.llm import RULES, Adviser, Form, Question, as_material, asked, squeezed

MOST_ROWS = 5
"""Rows that are told; the table itself has all."""
LONGEST = 320
"""Characters of a sentence."""
Language = Literal["en", "zh"]


@dataclass(frozen=True, slots=True)
class Row:
    """A row of the table, in the words and figures that the reader sees."""

    name: str
    """What the row is about; a sentence must name it."""
    texts: tuple[str, ...]
    """Its other cells of text."""
    counts: tuple[str, ...] = ()
    """Its numbers of things, as shown."""
    shares: tuple[str, ...] = ()
    """Its percentages, with their intervals."""
    sums: tuple[str, ...] = ()
    """Its amounts of money, with their currency."""


class Told(Form):
    """A sentence about one row; rows count from 1."""

    row: int = Field(ge=1, le=MOST_ROWS)
    sentence: str = Field(min_length=10, max_length=LONGEST)


class NarrativeAnswer(Form):
    """A model's sentences, in the order in which they are to be read."""

    told: list[Told] = Field(min_length=1, max_length=MOST_ROWS)


INSTRUCTIONS = (
    f"{RULES}\n"
    "The material is the upper part of a table of causes for which products come back: for each row its `name`, `texts`, `counts` (units), `shares` (percent of the product's units back) and "
    "`sums` (cost). Write for the head of the returns desk, in the language named: one plain sentence for each row that deserves one, that names the row as in `name` and says what it means and "
    "what to do. Use only numbers of that row, in digits and exactly as they are written there: counts for units, shares with %, sums with their currency. Spell no number out, do not "
    "calculate, do not compare rows. In the answer `row` is the number of the row, from 1."
)
_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")
_RANGE = re.compile(r"\s?(?:–|-|to|and|至|到)\s?\d+(?:[.,]\d+)*\s?[%％]")
_UNIT = re.compile(r"\s?(?:[A-Z]{3}(?![A-Za-z])|[€$£¥￥元])")
_UNIT_BEFORE = re.compile(r"(?:(?<![A-Za-z])[A-Z]{3}|[€$£¥￥])\s?$")
_SPELLED = re.compile(
    r"\b(?:two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|(?:thir|four|fif|six|seven|eigh|nine)teen|twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety|hundreds?|thousands?"
    r"|millions?|dozens?|half|halves|thirds?|quarters?|twice|thrice|double[ds]?|triple[ds]?|percent)\b"
    r"|[两二三四五六七八九十百千万亿半数几]+\s?(?:件|个|成|倍|%|分之|次|种|例|单|元)|[一二三四五六七八九十]成|分之|过半|半数|翻倍|翻番",
    re.IGNORECASE,
)
_STRANGE = re.compile(r"https?:|www\.|[<>@{}\[\]`|]|[½⅓⅔¼¾⅛]|[\x00-\x1f]|^\s*[=+-]")
_CJK = re.compile(r"[\u3040-\u30ff\u4e00-\u9fff]")


def narrate(adviser: Adviser | None, rows: Sequence[Row], language: Language) -> tuple[str, ...]:
    """A model's sentences about the first rows of a table, or nothing."""
    rows = rows[:MOST_ROWS]
    if adviser is None or not rows:
        return ()
    material = {
        "language": {"en": "English", "zh": "Chinese (simplified)"}[language],
        "rows": [{"name": row.name, "texts": row.texts, "counts": row.counts, "shares": row.shares, "sums": row.sums} for row in rows],
    }
    question = Question("narrative", INSTRUCTIONS, as_material(material), NarrativeAnswer)
    answer = asked(adviser, question, lambda given: faults_of(given, rows, language))
    return tuple(squeezed(told.sentence) for told in answer.told) if answer is not None else ()


def faults_of(answer: NarrativeAnswer, rows: Sequence[Row], language: Language) -> list[str]:
    """Which rules a narrative breaks; empty where it may be shown."""
    faults = []
    if len({told.row for told in answer.told}) < len(answer.told):
        faults.append("a row is told twice")
    for told in answer.told:
        if told.row > len(rows):
            faults.append(f"there is no row {told.row}")
        else:
            faults += [f"row {told.row}: {fault}" for fault in _sentence_faults(told.sentence, rows[told.row - 1], language)]
    return faults


def _sentence_faults(sentence: str, row: Row, language: Language) -> list[str]:
    rest = sentence
    for words in sorted((row.name, *row.texts), key=len, reverse=True):  # figures inside names are names
        rest = rest.replace(words, " · ") if words else rest
    faults = []
    if row.name not in sentence:
        faults.append("its name is missing")
    if _STRANGE.search(rest):
        faults.append("it holds signs that are no prose")
    if _SPELLED.search(rest):
        faults.append("a number is spelled out")
    if bool(_CJK.search(rest)) != (language == "zh"):
        faults.append("it is in another language")
    if not all(_stands(found, rest, row) for found in _NUMBER.finditer(rest)):
        faults.append("a number does not stand in the row as what it is given out for")
    return faults


def _stands(found: re.Match[str], text: str, row: Row) -> bool:
    after, before = text[found.end() :], text[: found.start()]
    if re.match(r"\s?[%％]", after) or _RANGE.match(after):
        return found.group() in _numbers(row.shares)
    if _UNIT.match(after) or _UNIT_BEFORE.search(before):
        return found.group() in _numbers(row.sums)
    return found.group() in _numbers(row.counts)


def _numbers(cells: Sequence[str]) -> set[str]:
    return {number for cell in cells for number in _NUMBER.findall(cell)}

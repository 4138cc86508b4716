"""Inspection notes: short, abbreviated, in any language. A lexicon reads them, and trained heads that hear the lexicon, the meaning and the spelling of a note.

`train_notes` makes the heads. Without them, or without the embedding model, the lexicon reads alone.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

from bots.decisions.understanding.embedding import Embedder, EmbeddingUnavailable, default_embedder
from bots.decisions.understanding.folding import fold, fold_pattern
from bots.decisions.understanding.heads import ALONE, load_heads, shares_of, standardised
from bots.decisions.understanding.labels import Defect, NoteGrade
from bots.decisions.understanding.lexicon import compile_lines
from bots.decisions.understanding.lexicon.notes_words import DEFECTS, GRADES, NEGATIONS, UNRESALEABLE
from bots.decisions.understanding.results import NoteReading, Span

PRECEDENCE = (NoteGrade.WRONG_GOODS, NoteGrade.INCOMPLETE, NoteGrade.D_SCRAP, NoteGrade.C_REPAIRABLE, NoteGrade.B_OPEN_BOX, NoteGrade.A_NEW)
"""Goods that are not ours outrank everything; a missing part outranks the state of the rest."""
RESALEABLE = frozenset({NoteGrade.A_NEW, NoteGrade.B_OPEN_BOX})
GRADE_OF_DEFECT = {
    Defect.EXPIRED: NoteGrade.D_SCRAP,
    Defect.CONTAMINATED: NoteGrade.D_SCRAP,
    Defect.TRANSIT_DAMAGE: NoteGrade.D_SCRAP,
    Defect.FUNCTIONAL: NoteGrade.C_REPAIRABLE,
    Defect.USED_WORN: NoteGrade.B_OPEN_BOX,
    Defect.COSMETIC: NoteGrade.B_OPEN_BOX,
}
"""What a defect alone says where no grade is written; the confidence stays lower."""
ARTEFACT = "note_heads"
NOTE_VOTES = {"embedding": 1.0, "lexicon": 0.7, "grams": 0.7}
"""How much each head counts; chosen on the training notes."""
METHOD = "lexicon+embedding"
SURE, DOUBT, UNKNOWN, UNSURE = 0.9, 0.6, 0.5, 0.45
"""The lexicon is sure of a note that speaks of one grade only; the heads waver below DOUBT; below UNKNOWN the lexicon has found nothing to go by; UNSURE goes to a person."""
ENOUGH_LETTERS = 8
"""A note of fewer letters and no known word says nothing."""
COMPATIBLE: dict[Defect, frozenset[NoteGrade]] = {
    Defect.FUNCTIONAL: frozenset({NoteGrade.C_REPAIRABLE, NoteGrade.D_SCRAP, NoteGrade.INCOMPLETE, NoteGrade.WRONG_GOODS}),
    Defect.CONTAMINATED: frozenset({NoteGrade.D_SCRAP, NoteGrade.C_REPAIRABLE}),
    Defect.EXPIRED: frozenset({NoteGrade.D_SCRAP}),
    Defect.TRANSIT_DAMAGE: frozenset({NoteGrade.D_SCRAP, NoteGrade.C_REPAIRABLE, NoteGrade.B_OPEN_BOX, NoteGrade.INCOMPLETE}),
    Defect.USED_WORN: frozenset({NoteGrade.B_OPEN_BOX, NoteGrade.C_REPAIRABLE, NoteGrade.D_SCRAP, NoteGrade.INCOMPLETE}),
    Defect.COSMETIC: frozenset({NoteGrade.B_OPEN_BOX, NoteGrade.C_REPAIRABLE, NoteGrade.D_SCRAP}),
    Defect.MISSING_ACCESSORY: frozenset({NoteGrade.INCOMPLETE}),
    Defect.COUNTERFEIT_OR_SWAPPED: frozenset({NoteGrade.WRONG_GOODS}),
}
"""Grades that go with a defect: goods that do not work are not as new."""
_EXPLICIT_A = re.compile(r"(?<![a-z])(?:a[ -]?(?:stock|ware|grade)|grade a|klasse a|stan a|ok a)(?![a-z])")
_CJK = re.compile(r"[\u3040-\u30ff\u4e00-\u9fff]")
_NEGATED = re.compile(fold_pattern(NEGATIONS))
_UNRESALEABLE = re.compile(fold_pattern(UNRESALEABLE))


@lru_cache(maxsize=1)
def _words() -> dict[str, list[tuple[str, re.Pattern[str]]]]:
    def both(blocks: dict[str, str]) -> list[tuple[str, re.Pattern[str]]]:
        # A Latin word must begin where the pattern begins; Chinese and Japanese have no such borders.
        return [(label, pattern) for label, block in blocks.items() for _, pattern in compile_lines(block, boundary=False)]

    return {"grade": both(GRADES), "defect": both(DEFECTS)}


def _found(folded: str, kind: str) -> dict[str, tuple[int, int]]:
    """The first sound hit of every label."""
    hits: dict[str, tuple[int, int]] = {}
    for label, pattern in _words()[kind]:
        for match in pattern.finditer(folded):
            start, end = match.span()
            latin = not _CJK.match(folded[start])
            if latin and start and re.match(r"[^\W\d_]", folded[start]) and re.match(r"[^\W\d_]", folded[start - 1]) and not _CJK.match(folded[start - 1]):
                continue
            if end > start and not _NEGATED.search(folded[max(0, start - 18) : start]) and label not in hits:
                hits[label] = (start, end)
    return hits


@lru_cache(maxsize=4096)
def read_note(text: str) -> NoteReading:
    """Grade, defect and whether the goods can be sold again, from an inspector's note.

    Where the heads and the lexicon agree on the grade, the surer of them gives the confidence; where the heads waver and the lexicon is sure, it is
    believed, and goods that its words call unfit for sale never go back on the shelf unseen. The confidence is low (below 0.5) where the note says nothing that is known, or says what excludes each other.
    """
    words = by_words(text)
    heads = load_heads(ARTEFACT)
    if heads is None or not re.search(r"[^\W\d_]{2}", text):
        return words
    try:
        model = default_embedder()
        if model.name != heads.embedder:
            return words
        rows = {**note_rows(text, model), "grams": heads.grams({"text": text})}
    except EmbeddingUnavailable:
        return words
    rows["embedding"] = standardised(rows["embedding"], heads.arrays["mean"], heads.arrays["deviation"])
    shares = {}
    for question, names in heads.classes.items():
        total = sum(vote * heads.log_shares(question, kind, rows[kind]) for kind, vote in NOTE_VOTES.items()) * heads.temperature[question]
        shares[question] = shares_of(dict(zip(names, total.tolist(), strict=True)), sharpness=1.0)
    grade = NoteGrade(max(shares["grade"], key=shares["grade"].__getitem__))
    confidence = shares["grade"][grade]
    if grade is words.grade:
        confidence = max(confidence, words.confidence)
    elif words.confidence >= SURE and confidence < DOUBT:
        return words.model_copy(update={"confidence": DOUBT, "method": METHOD})
    elif grade in RESALEABLE and words.spans and words.grade not in RESALEABLE:
        return words.model_copy(update={"confidence": min(words.confidence, UNSURE), "method": METHOD})
    elif words.confidence < UNKNOWN:
        confidence = confidence * ALONE if len(re.findall(r"[^\W\d_]", text)) >= ENOUGH_LETTERS else min(confidence, UNSURE)
    fitting = {Defect(name): share for name, share in shares["defect"].items() if grade in COMPATIBLE.get(Defect(name), frozenset(NoteGrade))}
    defect = max(fitting, key=fitting.__getitem__)
    if confidence < UNKNOWN and fitting[defect] < SURE:
        defect = words.defect  # a defect counts even where the grade is not clear, so it must be found for sure or stand there
    return NoteReading(
        grade=grade,
        defect=defect,
        resaleable=grade in RESALEABLE and not _UNRESALEABLE.search(fold(text)),
        confidence=round(confidence, 4),
        spans=words.spans,
        method=METHOD,
    )


def note_rows(text: str, embedder: Embedder) -> dict[str, Any]:
    """What the lexicon and the model say of a note, as the heads read it: hits, then what the lexicon makes of them, and the whole note embedded."""
    import numpy

    folded, words = fold(text), by_words(text)
    grades, defects = _found(folded, "grade"), _found(folded, "defect")
    hits = [float(grade.value in grades) for grade in NoteGrade] + [float(defect.value in defects) for defect in Defect]
    made = [words.confidence * (words.grade is grade) for grade in NoteGrade]
    return {"lexicon": numpy.asarray([*hits, *made]) * 1.5, "embedding": embedder.embed([text])[0].astype(numpy.float64)}


def by_words(text: str) -> NoteReading:
    """What the lexicon alone reads in a note."""
    folded = fold(text)
    grades, defects = _found(folded, "grade"), _found(folded, "defect")
    unresaleable = _UNRESALEABLE.search(folded) is not None
    grade = _grade(grades, defects, folded)
    defect = _defect(grade, defects, folded)
    found = [Span(label=label, start=start, end=end, text=text[start:end]) for label, (start, end) in {**grades, **defects}.items()]
    return NoteReading(
        grade=grade,
        defect=defect,
        resaleable=grade in RESALEABLE and not unresaleable,
        confidence=_confidence(grades, grade, defect),
        spans=found,
    )


def _grade(grades: dict[str, tuple[int, int]], defects: dict[str, tuple[int, int]], folded: str) -> NoteGrade:
    present = [grade for grade in PRECEDENCE if grade.value in grades]
    if not present:
        return next((grade for defect, grade in GRADE_OF_DEFECT.items() if defect.value in defects), NoteGrade.B_OPEN_BOX)
    if NoteGrade.D_SCRAP in present and NoteGrade.C_REPAIRABLE in present and NoteGrade.WRONG_GOODS not in present and NoteGrade.INCOMPLETE not in present:
        return NoteGrade.C_REPAIRABLE if _repairable(folded) else NoteGrade.D_SCRAP
    if set(present) == {NoteGrade.A_NEW, NoteGrade.B_OPEN_BOX} and _EXPLICIT_A.search(folded):
        return NoteGrade.A_NEW
    return present[0]


def _repairable(folded: str) -> bool:
    """Whether repair is said outright, not only a fault beside something worse."""
    return re.search(
        fold_pattern(
            r"repair (?:then|possible)|repairable|workshop|reparabel|reparatur möglich|werkstatt|可维修|可修|送修|返修|do naprawy|serwis|da się|réparable|à réparer|atelier|remplaçable|riparabil|reparable|repareerbaar|修理可|要修理|spare"
        ),
        folded,
    ) is not None and not re.search(
        fold_pattern(
            r"(?:nicht|not|nie|non|no|onmogelijk|ir)\W?\s?(?:reparabel|repairable|do naprawy|réparable|riparabil|reparable)|beyond|irr[eé]par|无法修|不可维修|无维修"
        ),
        folded,
    )


def _defect(grade: NoteGrade, defects: dict[str, tuple[int, int]], folded: str) -> Defect:
    if grade is NoteGrade.INCOMPLETE:
        return Defect.MISSING_ACCESSORY
    if grade is NoteGrade.WRONG_GOODS:
        return Defect.COUNTERFEIT_OR_SWAPPED if Defect.COUNTERFEIT_OR_SWAPPED.value in defects else Defect.NONE
    for defect in (Defect.EXPIRED, Defect.CONTAMINATED, Defect.TRANSIT_DAMAGE, Defect.USED_WORN, Defect.FUNCTIONAL, Defect.COSMETIC):
        if defect.value in defects and not (defect is Defect.USED_WORN and grade is NoteGrade.A_NEW):
            return defect
    return Defect.NONE


def _confidence(grades: dict[str, tuple[int, int]], grade: NoteGrade, defect: Defect) -> float:
    if not grades:
        return 0.6 if defect in (Defect.TRANSIT_DAMAGE, Defect.FUNCTIONAL, Defect.EXPIRED) else 0.2
    kinds = set(grades)
    if kinds >= {NoteGrade.A_NEW.value, NoteGrade.D_SCRAP.value} or (grade is NoteGrade.D_SCRAP and NoteGrade.B_OPEN_BOX.value in kinds):
        return UNSURE
    return 0.9 if len(kinds) == 1 else 0.75

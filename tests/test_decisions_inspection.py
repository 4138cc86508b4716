"""Grades, dispositions and responsibility: what a quality check leads to."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bots.cases.model import OrderLine
from bots.cases.settings import ROOT, load_yaml
from bots.decisions.inspection import Disposition, Grade, InspectionRules, Signs, checklist, compare, dispose, grade_of, inspect, responsible

RULES = load_yaml(ROOT / "config" / "inspection.yaml", InspectionRules)
TODAY = date(2026, 10, 12)
READINGS = ("A_new", "B_open_box", "C_repairable", "D_scrap", "wrong_goods", "incomplete")
CATEGORIES = ("electronics", "apparel", "footwear", "home", "toys", "beauty", "custom", "")
DEFECTS = ("none", "cosmetic", "functional", "transit_damage", "missing_accessory", "used_worn", "contaminated", "counterfeit_or_swapped", "expired")


def line(**changes: Any) -> OrderLine:
    facts: dict[str, Any] = {
        "line_no": 1,
        "sku": "HP-ANC200",
        "category": "electronics",
        "qty": 1,
        "unit_gross": 8990,
        "hs_code": "85183000",
        "cost_minor": 21500,
    }
    return OrderLine(**(facts | changes))


JACKET = line(sku="JKT-RAIN-M", category="apparel", hs_code="62019300", cost_minor=17900)


@pytest.mark.parametrize(
    ("reading", "defect", "grade"),
    [
        ("A_new", "none", "A"),
        ("B_open_box", "none", "A-"),
        ("B_open_box", "cosmetic", "B"),
        ("C_repairable", "functional", "C"),
        ("D_scrap", "functional", "D"),
        ("D_scrap", "contaminated", "E"),
        ("incomplete", "missing_accessory", "D"),
        ("wrong_goods", "counterfeit_or_swapped", "X"),
        ("no such reading", "none", None),
    ],
)
def test_the_grade_follows_the_note(reading: str, defect: str, grade: str | None) -> None:
    assert grade_of(reading, defect, RULES) == grade


def test_sealed_goods_are_sold_as_new_and_stay_at_the_hub() -> None:
    verdict = inspect(line(), "A_new", "none", 0.9, RULES, TODAY)
    assert (verdict.value, verdict.grade, verdict.transfer_to, verdict.needs_person) == ("RESELL_NEW", "A", "", False)
    assert verdict.recovery == round(21500 * 1.6 * 0.97) - 300


def test_opened_goods_are_sold_as_open_box_by_the_outlet() -> None:
    verdict = inspect(line(), "B_open_box", "none", 0.9, RULES, TODAY)
    assert (verdict.value, verdict.grade, verdict.transfer_to) == ("RESELL_OPEN_BOX", "A-", "PL-POZ")
    assert "I06" in verdict.rules
    assert inspect(line(), "B_open_box", "none", 0.9, RULES, TODAY, warehouse="PL-POZ").transfer_to == ""


def test_a_repairable_fault_is_repaired_when_that_pays() -> None:
    assert inspect(line(), "C_repairable", "functional", 0.9, RULES, TODAY).value == "REPAIR"
    cheap = inspect(line(cost_minor=900), "C_repairable", "functional", 0.9, RULES, TODAY)
    assert cheap.value == "LIQUIDATE", "the work would cost more than the article"


def test_the_supplier_takes_faulty_goods_back_where_agreed() -> None:
    verdict = dispose(line(), Grade.C, RULES, TODAY, vendor_agreement=True)
    assert "RETURN_TO_VENDOR" in dict(verdict.compared)
    assert "RETURN_TO_VENDOR" not in dict(dispose(line(), Grade.C, RULES, TODAY).compared)


@pytest.mark.parametrize("reading", ["C_repairable", "D_scrap", "incomplete"])
@pytest.mark.parametrize("defect", DEFECTS)
def test_returned_clothing_is_never_destroyed_without_a_derogation(reading: str, defect: str) -> None:
    verdict = inspect(JACKET, reading, defect, 0.9, RULES, TODAY)
    assert verdict.value not in ("DESTROY", "RECYCLE", "RESELL_NEW", "RESELL_OPEN_BOX")
    assert "I05" in verdict.rules


def test_a_recorded_derogation_lifts_the_destruction_ban() -> None:
    assert dispose(JACKET, Grade.E, RULES, TODAY).value == "QUARANTINE"
    lifted = dispose(JACKET, Grade.E, RULES, TODAY, derogation="health_or_safety")
    assert (lifted.value, lifted.derogation) == ("RECYCLE", "health_or_safety")
    assert dispose(JACKET, Grade.E, RULES, TODAY, derogation="because").value == "QUARANTINE"


def test_the_ban_knows_its_first_day_and_goes_by_tariff_chapter_too() -> None:
    assert dispose(JACKET, Grade.E, RULES, date(2026, 7, 18)).value == "RECYCLE"
    socks = line(sku="SOC", category="gifts", hs_code="61159400")
    assert dispose(socks, Grade.E, RULES, TODAY).value == "QUARANTINE"


def test_goods_that_are_not_ours_wait_for_a_person() -> None:
    verdict = inspect(line(), "wrong_goods", "counterfeit_or_swapped", 0.95, RULES, TODAY)
    assert (verdict.value, verdict.grade, verdict.needs_person, verdict.code) == ("QUARANTINE", "X", True, "not_our_goods")


def test_an_unclear_note_is_graded_by_a_person() -> None:
    for reading, confidence in (("A_new", 0.3), ("", 1.0)):
        verdict = inspect(line(), reading, "none", confidence, RULES, TODAY)
        assert (verdict.needs_person, verdict.code, verdict.rules) == (True, "note_unclear", ("I02",))


def test_a_note_that_names_only_the_defect_gets_the_careful_grade() -> None:
    verdict = inspect(line(), "B_open_box", "transit_damage", 0.2, RULES, TODAY)
    assert (verdict.grade, verdict.value, verdict.needs_person) == ("D", "LIQUIDATE", False)
    assert "careful" in verdict.reasons[0]
    assert inspect(line(), "wrong_goods", "counterfeit_or_swapped", 0.2, RULES, TODAY).needs_person


@given(st.sampled_from(READINGS), st.sampled_from(DEFECTS), st.sampled_from(CATEGORIES), st.integers(0, 10**6), st.booleans(), st.booleans())
def test_whatever_comes_back_gets_the_best_of_what_is_allowed(reading: str, defect: str, category: str, cost: int, battery: bool, vendor: bool) -> None:
    goods = line(category=category, cost_minor=cost, battery="UN3481" if battery else "", hs_code="62019300" if category == "apparel" else "85183000")
    verdict = inspect(goods, reading, defect, 1.0, RULES, TODAY, vendor_agreement=vendor)
    assert verdict.value in set(Disposition)
    assert verdict.recovery == max(net for _, net in verdict.compared)
    banned = category in ("apparel", "footwear") or goods.hs_code[:2] == "62"
    assert not (banned and {choice for choice, _ in verdict.compared} & {"DESTROY", "RECYCLE"})


def test_equal_recovery_keeps_the_order_of_the_table() -> None:
    rules = RULES.model_copy(update={"recovery": dict.fromkeys(Disposition, RULES.recovery[Disposition.DONATE])})
    assert [choice for choice, _ in compare(100, Grade.D, (Disposition.PARTS, Disposition.DONATE), rules)] == ["PARTS", "DONATE"]


def test_the_checklist_is_german_and_english_and_fits_the_goods() -> None:
    lines = checklist("electronics", True, True, "DEFECTIVE", RULES)
    assert any("Seriennummer vom Typenschild" in text for text in lines) and any("Akku" in text for text in lines)
    assert any("Reproduce the reported fault" in text for text in lines)
    assert all(" | " in text for text in lines) and len(set(lines)) == len(lines)
    plain = checklist("apparel", False, False, "CHANGED_MIND", RULES)
    assert any("Tags attached" in text for text in plain) and not any("Akku" in text for text in plain)


@pytest.mark.parametrize(
    ("signs", "party"),
    [
        (Signs(reason_code="DEFECTIVE", claimed="supplier", grade="C", defect="functional"), "supplier"),
        (Signs(reason_code="DEFECTIVE", claimed="supplier", grade="A"), "customer"),
        (Signs(reason_code="DEFECTIVE", claimed="supplier", same_defect_in_batch=3, grade="B"), "supplier"),
        (Signs(reason_code="WRONG_ITEM", claimed="warehouse", picked_other=True), "warehouse"),
        (Signs(reason_code="CHANGED_MIND", claimed="customer", packed_short=True), "warehouse"),
        (Signs(reason_code="DAMAGED_IN_TRANSIT", claimed="carrier", defect="transit_damage", grade="D"), "carrier"),
        (Signs(reason_code="ARRIVED_LATE", claimed="carrier", delivered_late=True), "carrier"),
        (Signs(reason_code="NOT_AS_DESCRIBED", claimed="seller", grade="A-"), "seller"),
        (Signs(reason_code="CHANGED_MIND", claimed="customer", defect="used_worn", grade="D"), "customer"),
        (Signs(grade="X"), "customer"),
        (Signs(seized=True, claimed="customer"), "customs"),
        (Signs(label_error=True, claimed="customer"), "platform"),
        (Signs(reason_code="SIZE_TOO_SMALL", claimed="customer", grade="A"), "customer"),
        (Signs(), "undetermined"),
    ],
)
def test_evidence_comes_before_the_claim(signs: Signs, party: str) -> None:
    decision = responsible(signs, RULES)
    assert decision.value == party and decision.reasons and decision.rules == ("I07",)


def test_a_table_that_allows_what_has_no_figures_is_refused() -> None:
    data = RULES.model_dump()
    del data["recovery"]["REPAIR"]
    with pytest.raises(ValueError, match="REPAIR"):
        InspectionRules.model_validate(data)

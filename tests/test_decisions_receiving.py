"""What the warehouse counted against what was authorised."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bots.cases.model import Order, Receipt
from bots.cases.settings import ROOT, load_yaml
from bots.decisions.receiving import CODES, ReceiptMatch, ReceivingRules, match_receipt
from tests.decisions_samples import order, parcel, receipt

RULES = load_yaml(ROOT / "config" / "receiving.yaml", ReceivingRules)
PHONES, BLANKET = "HP-ANC200", "BLK-WOOL"


def match(counted: Receipt, *authorised: tuple[str, int], sold: Order | None = None, **more: Any) -> ReceiptMatch:
    return match_receipt(sold or order(), authorised or ((PHONES, 1),), counted, RULES, **more)


def rules_of(result: ReceiptMatch) -> dict[str, str]:
    return {finding.rule: finding.severity for finding in result.findings}


def picked_wrongly() -> Order:
    """The picker took a kettle instead of the headphones."""
    lines = order().lines
    return order(lines=(lines[0].model_copy(update={"picked_sku": "KET-GL17"}), lines[1]))


def test_what_was_authorised_came_back() -> None:
    result = match(receipt((PHONES, 1, "HP00000001")), parcel=parcel())
    assert (result.value, result.code, result.findings) == ("matched", "", ())
    assert result.accepted == ((PHONES, 1),) and result.missing == ()


@pytest.mark.parametrize("dock_g", [310, 430, 900, 1400])
def test_packaging_weighs_what_it_likes(dock_g: int) -> None:
    assert match(receipt((PHONES, 1, "HP00000001"), dock_g=dock_g), parcel=parcel(first_scan_g=dock_g)).value == "matched"


def test_part_of_a_line_and_spelling_of_the_sku() -> None:
    result = match(receipt((" blk-wool ", 1, ""), dock_g=1250), (BLANKET, 1))
    assert result.value == "matched" and result.lines[0].how == "sku"


def test_a_gtin_identifies_goods_without_their_sku() -> None:
    counted = receipt(("?", 1, ""))
    counted = counted.model_copy(update={"lines": (counted.lines[0].model_copy(update={"gtin": "04006381333931"}),)})
    result = match(counted)
    assert result.value == "matched" and result.lines[0].how == "gtin"


def test_an_alias_of_the_warehouse_is_known_from_the_table() -> None:
    rules = RULES.model_copy(update={"aliases": {"KOPF-200": PHONES}})
    result = match_receipt(order(), [(PHONES, 1)], receipt(("KOPF-200", 1, "")), rules)
    assert result.value == "matched" and result.lines[0].how == "alias"


def test_a_typing_error_is_suggested_and_never_accepted() -> None:
    result = match(receipt(("HP-ANC20", 1, "")))
    assert (result.value, result.code) == ("held", "other_item")
    assert result.lines[0].suggestion == PHONES and result.lines[0].order_sku == "" and result.accepted == ()


def test_what_we_picked_wrongly_comes_back_rightly() -> None:
    result = match(receipt(("KET-GL17", 1, ""), dock_g=1300), sold=picked_wrongly())
    assert result.value == "matched" and result.warehouse_fault and "R02" in result.rules
    assert result.accepted == ((PHONES, 1),)


def test_the_article_itself_is_accepted_whatever_the_pick_record_says() -> None:
    assert match(receipt((PHONES, 1, "HP00000001")), sold=picked_wrongly()).value == "matched"


def test_an_empty_box_is_seen_by_its_weight_whether_or_not_something_was_counted() -> None:
    for counted in (receipt(dock_g=90), receipt((PHONES, 1, ""), dock_g=90)):
        result = match(counted)
        assert (result.value, result.code) == ("held", "empty_box")
        assert rules_of(result)["F09"] == "block"


def test_a_box_that_the_carrier_weighed_too_light_is_opened_on_camera() -> None:
    sold = order()
    result = match(receipt((BLANKET, 2, ""), dock_g=2300), (BLANKET, 2), sold=sold, parcel=parcel(first_scan_g=900))
    assert rules_of(result) == {"F09": "error", "F10": "warn"}


def test_weights_that_change_on_the_way_are_noted_and_stop_nothing() -> None:
    result = match(receipt((PHONES, 1, "HP00000001"), dock_g=430), parcel=parcel(first_scan_g=800))
    assert (result.value, rules_of(result)) == ("matched", {"F10": "warn"})
    assert "lost weight" in result.findings[0].what


def test_a_swapped_serial_number_is_held() -> None:
    result = match(receipt((PHONES, 1, "HP77777777")))
    assert (result.value, result.code, rules_of(result)) == ("held", "serial_swapped", {"F11": "error"})


def test_a_serial_number_that_came_back_before_is_held() -> None:
    assert match(receipt((PHONES, 1, "HP00000001")), returned_serials=["hp 00000001"]).code == "serial_swapped"


def test_a_serial_number_that_nobody_read_is_no_swap() -> None:
    assert match(receipt((PHONES, 1, ""))).value == "matched"


def test_another_article_in_place_of_ours_is_held() -> None:
    result = match(receipt(("VAS-CER2", 1, ""), dock_g=1800))
    assert result.code == "other_item" and result.missing == ((PHONES, 1),)
    assert {"F12", "R05"} <= rules_of(result).keys()


def test_an_extra_article_is_held_and_the_line_still_counts() -> None:
    result = match(receipt((PHONES, 1, "HP00000001"), ("VAS-CER2", 1, ""), dock_g=700))
    assert (result.value, result.code) == ("held", "unexpected_extra")
    assert result.accepted == ((PHONES, 1),)


def test_an_article_of_the_order_that_was_not_authorised() -> None:
    assert match(receipt((PHONES, 1, "HP00000001"), (BLANKET, 1, ""), dock_g=1300)).code == "wrong_line"


def test_too_many_and_too_few_pieces() -> None:
    many = match(receipt((BLANKET, 2, ""), dock_g=1300), (BLANKET, 1))
    few = match(receipt((BLANKET, 1, ""), dock_g=2300), (BLANKET, 2))
    assert (many.code, many.accepted) == ("over_receipt", ((BLANKET, 1),))
    assert (few.code, few.accepted, few.missing) == ("short_receipt", ((BLANKET, 1),), ((BLANKET, 1),))


def test_every_stopping_finding_has_a_code_and_a_way_out() -> None:
    for counted in (receipt(), receipt(("X", 3, "Z")), receipt((BLANKET, 5, ""), (PHONES, 1, "nope"))):
        result = match(counted)
        assert result.value == "held" and result.code in CODES.values()
        assert all(finding.fix and finding.what.endswith(".") for finding in result.findings)


@given(st.lists(st.tuples(st.sampled_from([PHONES, BLANKET, "VAS-CER2", "", "=1+1"]), st.integers(1, 4)), max_size=4), st.integers(0, 6000))
def test_accepted_and_missing_always_make_up_what_was_authorised(lines: list[tuple[str, int]], dock_g: int) -> None:
    result = match(receipt(*[(sku, qty, "") for sku, qty in lines], dock_g=dock_g), (PHONES, 1), (BLANKET, 2))
    accepted, missing = dict(result.accepted), dict(result.missing)
    for sku, qty in ((PHONES, 1), (BLANKET, 2)):
        assert accepted.get(sku, 0) + missing.get(sku, 0) == qty
    if result.value == "matched":
        assert not missing and all(line.order_sku for line in result.lines)

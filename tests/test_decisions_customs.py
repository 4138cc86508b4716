"""The customs rules: a plain declaration passes, and each thing that can be wrong with one is told by its own rule."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bots.cases.errors import ConfigProblem
from bots.cases.model import Declaration, Milestone, SalesReturn
from bots.cases.money import Money
from bots.cases.settings import ROOT, load_yaml
from bots.decisions.customs import CustomsRules, Facts, air_label, check_declaration, check_split, held_alert, needs_customs, pieces_before, verdict
from bots.decisions.decision import Finding
from tests.decisions_samples import HUB, MRN, NOW, declaration, declared_line, event, order, parcel

RULES = load_yaml(ROOT / "config" / "customs.yaml", CustomsRules)


def check(paper: Declaration, *, before: int = 0, reason: str = "CHANGED_MIND", facts: Facts | None = None, **changes: Any) -> tuple[Finding, ...]:
    return check_declaration(changes.get("order", order()), paper, changes.get("parcel", parcel(declared_g=paper.gross_g)), RULES, before, reason, NOW, facts)


def severities(findings: tuple[Finding, ...]) -> dict[str, str]:
    return {finding.rule: finding.severity for finding in findings if finding.severity != "info"}


def test_a_plain_declaration_has_nothing_wrong() -> None:
    findings = check(declaration())
    assert severities(findings) == {}
    assert verdict(findings).value == "clear"
    assert [finding.rule for finding in findings] == ["C19"], "the battery is mentioned, as information only"


def test_a_plain_declaration_of_a_part_of_the_order_is_plain_too() -> None:
    blanket = declared_line(line_no=1, hs_code="63012090", description="Alma Wool Blanket", qty=1, unit_value=4991, net_g=1100, serials=())
    assert severities(check(declaration(blanket))) == {}


@pytest.mark.parametrize("packaging", [0, 150, 600])
@pytest.mark.parametrize("relief", ["", "RGR", "Returned Goods Relief (art. 203)"])
def test_packaging_and_the_way_relief_is_written_do_not_matter(packaging: int, relief: str) -> None:
    paper = declaration(gross_g=310 + packaging, relief=relief)
    assert severities(check(paper, parcel=parcel(declared_g=310))) == {}


CASES: list[tuple[str, str, Declaration]] = [
    ("C01", "block", declaration(export_ref="")),
    ("C01", "block", declaration(export_ref="26DE000000000000X7")),
    ("C02", "error", declaration(export_ref=MRN[:-1] + "5")),
    ("C03", "block", declaration(lodged_at=datetime(2026, 9, 1, tzinfo=UTC))),
    ("C03", "block", declaration(lodged_at=datetime(2029, 9, 21, tzinfo=UTC))),
    ("C03", "warn", declaration(lodged_at=datetime(2029, 9, 19, tzinfo=UTC))),
    ("C03", "warn", declaration(relief="magic exemption")),
    ("C04", "error", declaration(declared_line(hs_code="85176200"))),
    ("C04", "warn", declaration(declared_line(hs_code="85183095"))),
    ("C05", "error", declaration(declared_line(qty=2), gross_g=800)),
    ("C05", "error", declaration(declared_line(hs_code="95030099", description="Teddy bear", unit_value=900, net_g=55, line_no=7, serials=()))),
    ("C06", "error", declaration(declared_line(unit_value=6000))),
    ("C06", "warn", declaration(currency="EUR")),
    ("C07", "warn", declaration(declared_line(unit_value=100))),
    ("C07", "warn", declaration(declared_line(unit_value=0))),
    ("C08", "error", declaration(declared_line(unit_value=9900))),
    ("C09", "error", declaration(declared_line(origin="GB"))),
    ("C10", "warn", declaration(declared_line(net_g=340))),
    ("C10", "error", declaration(gross_g=200)),
    ("C10", "warn", declaration(gross_g=2500)),
    ("C11", "warn", declaration(declared_line(description="Gift"))),
    ("C11", "warn", declaration(declared_line(description="Porcelain doll"))),
    ("C12", "error", declaration(reason="sale")),
    ("C12", "error", declaration(category="Gift")),
    ("C12", "warn", declaration(category="")),
    ("C13", "error", declaration(exporter_eori="DE999999999999999")),
    ("C13", "error", declaration(importer_eori="DE!")),
    ("C13", "warn", declaration(importer_eori="")),
    ("C14", "error", declaration(consignee="Bob Smith, 4 Low Road, 10115 Berlin, DE")),
    ("C15", "warn", declaration(ioss="IM0400000002")),
    ("C17", "error", declaration(declared_line(serials=("HP99999999",)))),
    ("C18", "block", declaration(reason="returned goods, repaired in GB")),
    ("C19", "error", declaration(declared_line(description="AeroBeat ANC-200 Headphones UN3090"))),
    ("C20", "block", declaration(declared_line(hs_code="33049900"))),
    ("C21", "error", declaration(invoice_no="")),
    ("C21", "error", declaration(invoice_date=date(2026, 9, 1))),
    ("C21", "error", declaration(incoterm=" ")),
    ("C21", "error", declaration(total_value=7000)),
    ("C22", "error", declaration(tracking_no="RB999999995GB")),
    ("C22", "error", declaration(packages=0)),
]


@pytest.mark.parametrize(("rule", "severity", "paper"), CASES, ids=[f"{rule}-{number}" for number, (rule, _, _) in enumerate(CASES)])
def test_each_fault_is_told_by_its_rule(rule: str, severity: str, paper: Declaration) -> None:
    findings = check(paper)
    assert severities(findings).get(rule) == severity
    assert verdict(findings).value == ("warned" if set(severities(findings).values()) == {"warn"} else "held")
    for finding in findings:
        assert finding.what.endswith(".") and finding.fix.endswith("."), "a finding says what is wrong and how to mend it"
        assert finding.field


def test_a_wrong_value_alone_gives_one_finding_with_both_amounts() -> None:
    told = [finding for finding in check(declaration(declared_line(unit_value=6000))) if finding.severity != "info"]
    assert [finding.rule for finding in told] == ["C06"]
    assert (told[0].field, told[0].expected, told[0].actual) == ("line 1 unit_value", "GBP 74.91", "GBP 60.00")
    decision = verdict(tuple(told))
    assert decision.value == "held" and decision.rules == ("C06",) and decision.evidence[0].where == "line 1 unit_value"


def test_the_tolerance_of_two_percent_is_included() -> None:
    assert "C06" not in severities(check(declaration(declared_line(unit_value=7342))))
    assert "C06" in severities(check(declaration(declared_line(unit_value=7341))))


def test_another_currency_is_compared_at_the_documents_rate_only() -> None:
    euros = declaration(declared_line(unit_value=8600), currency="EUR")
    assert severities(check(euros)) == {"C06": "warn"}, "without a rate on the documents nothing is converted"
    assert severities(check(euros, facts=Facts(rate_micro=871_000))) == {"C06": "warn"}, "86.00 EUR x 0.871 = 74.91 GBP"
    assert severities(check(euros, facts=Facts(rate_micro=950_000))) == {"C06": "warn", "C08": "error"}


def test_what_the_customer_paid_unmasks_an_undervalued_total() -> None:
    paper = declaration(declared_line(unit_value=7491))
    assert "C07" not in severities(check(paper, facts=Facts(paid=Money(minor=8990, currency="GBP"))))
    assert severities(check(paper, facts=Facts(paid=Money(minor=20000, currency="GBP")))) == {"C07": "warn"}


def test_pieces_that_came_home_before_are_counted() -> None:
    assert severities(check(declaration(), before=2)) == {}
    assert severities(check(declaration(), before=3)) == {"C05": "error"}


def test_pieces_that_travelled_before_are_those_of_other_returns() -> None:
    def back(rma: str, **changes: Any) -> SalesReturn:
        return SalesReturn(return_no=f"SR-{rma}", order_no="GB-2026-104233", rma=rma, lines=(("BLK-WOOL", 2),), **changes)

    sold = order(returns=(back("RMA-1"), back("RMA-2"), back("RMA-3", kind="keep"), back("RMA-4", state="cancelled")))
    assert pieces_before(sold, "RMA-1") == 2


def test_an_order_without_export_papers_cannot_have_relief() -> None:
    assert severities(check(declaration(), order=order(export=None)))["C01"] == "block"


def test_waybill_and_declaration_must_weigh_alike() -> None:
    assert severities(check(declaration(), parcel=parcel(declared_g=5000))) == {"C22": "error"}


def test_the_outbound_parcel_number_is_proof_of_export_too() -> None:
    assert severities(check(declaration(export_ref="LX 000000012 DE"), order=order(out_tracking="LX000000012DE"))).keys() <= {"C02"}
    assert severities(check(declaration(export_ref="RB123456785GB"), order=order(out_tracking="RB123456785GB"))) == {}


def test_the_chinese_scheme_ends_after_six_months_and_leaves_food_out() -> None:
    home = parcel(declared_g=430, destination="CN-SZX")
    paper = declaration(relief="跨境电商出口退运", lodged_at=datetime(2027, 4, 1, tzinfo=UTC))
    assert severities(check(paper, parcel=home))["C03"] == "block"
    in_time = {"lodged_at": datetime(2026, 12, 1, tzinfo=UTC), "relief": "退运"}
    assert "C23" in severities(check(declaration(declared_line(hs_code="21069092"), **in_time), parcel=home))
    assert "C23" in severities(check(declaration(**in_time), parcel=home, facts=Facts(export_mode="0110")))
    assert "C23" not in severities(check(declaration(**in_time), parcel=home, facts=Facts(export_mode="9610")))


def test_relief_is_not_claimed_twice() -> None:
    assert severities(check(declaration(), facts=Facts(export_refund_taken=True))) == {"C24": "block"}


def test_the_longer_name_of_a_scheme_wins() -> None:
    found = RULES.relief("US", "HTS 9801.00.26 personal", date(2026, 10, 1))
    assert found is not None and found.scheme == "9801.00.26"


@pytest.mark.parametrize(
    ("start", "end", "needed"),
    [
        ("DE", "FR", False),
        ("GB", "DE", True),
        ("DE", "CH", True),
        ("US", "US", False),
        ("BR", "BR", False),
        ("BR", "AR", True),
        ("MC", "DE", False),
        ("CH", "LI", False),
        ("CN", "DE", True),
    ],
)
def test_which_borders_need_a_declaration(start: str, end: str, needed: bool) -> None:
    assert needs_customs(start, end, RULES) is needed


def test_places_outside_their_countrys_customs_area_need_one_too() -> None:
    assert needs_customs("ES", "DE", RULES, postcode_from="35001")
    assert not needs_customs("ES", "DE", RULES, postcode_from="28001")


def test_a_hold_that_asks_for_papers_is_a_task_at_once() -> None:
    held = parcel(event(Milestone.CUSTOMS_PRESENTED, 10), event(Milestone.CUSTOMS_HELD, 10, 12, "Documents missing: proof of export"))
    alert = held_alert(held, None, RULES, datetime(2026, 10, 10, 13, tzinfo=UTC))
    assert alert is not None and alert.severity == "error" and "export declaration (MRN)" in alert.fix


def test_a_hold_without_a_word_becomes_a_task_after_a_day() -> None:
    held = parcel(event(Milestone.CUSTOMS_HELD, 10, 12, "Selected for inspection"))
    young = held_alert(held, None, RULES, datetime(2026, 10, 11, 11, tzinfo=UTC))
    late = held_alert(held, None, RULES, datetime(2026, 10, 11, 12, tzinfo=UTC))
    assert young is not None and young.severity == "info"
    assert late is not None and late.severity == "error" and late.actual == "held for 24 h" and "proof of refund" in late.fix


def test_a_released_parcel_is_not_held_and_one_held_again_is() -> None:
    released = [event(Milestone.CUSTOMS_HELD, 5), event(Milestone.CUSTOMS_RELEASED, 7)]
    assert held_alert(parcel(*released), None, RULES, NOW) is None
    again = held_alert(parcel(*released, event(Milestone.CUSTOMS_HELD, 11)), None, RULES, NOW)
    assert again is not None and again.actual == "held for 24 h"
    assert held_alert(parcel(), declaration(status="held", status_note="Invoice missing"), RULES, NOW) is not None
    assert held_alert(parcel(event(Milestone.CUSTOMS_HELD, 5)), declaration(status="released"), RULES, NOW) is None


def test_a_sale_split_into_small_parcels_on_one_day_is_seen() -> None:
    small = [declaration(tracking_no=f"RB00000000{number}GB", currency="EUR", total_value=9000) for number in (1, 2)]
    findings = check_split(small, "EU", RULES)
    assert [finding.rule for finding in findings] == ["C16"] and "RB000000001GB" in findings[0].what
    assert check_split([small[0], small[1].model_copy(update={"export_ref": "other"})], "EU", RULES) == ()
    assert check_split([small[0], small[1].model_copy(update={"lodged_at": NOW + timedelta(days=2)})], "EU", RULES) == ()


def test_a_faulty_battery_does_not_fly() -> None:
    flying = RULES.model_copy(update={"air_carriers": ("AirFast",)})
    blocked = air_label(order(), ["HP-ANC200"], "DEFECTIVE", "AirFast", flying)
    assert blocked is not None and blocked.severity == "block" and "UN3481" in blocked.what
    assert air_label(order(), ["HP-ANC200"], "CHANGED_MIND", "AirFast", flying) is None
    assert air_label(order(), ["BLK-WOOL"], "DEFECTIVE", "AirFast", flying) is None
    assert air_label(order(), ["HP-ANC200"], "DEFECTIVE", "SwiftParcel", flying) is None


def test_low_value_regimes_are_dated() -> None:
    assert RULES.low_value("EU", "duty_free", date(2026, 6, 30)) is not None
    assert RULES.low_value("EU", "duty_free", date(2026, 7, 1)) is None
    flat = RULES.low_value("EU", "duty_per_item", date(2026, 7, 1))
    assert flat is not None and flat.duty_per_line == 300 and not flat.refundable
    assert RULES.low_value("US", "duty_free", date(2025, 8, 29)) is None


def test_an_unknown_key_is_refused(tmp_path: Any) -> None:
    text = (ROOT / "config" / "customs.yaml").read_text(encoding="utf-8")
    (tmp_path / "customs.yaml").write_text(text + "\nteritories: {}\n", encoding="utf-8")
    with pytest.raises(ConfigProblem, match="teritories"):
        load_yaml(tmp_path / "customs.yaml", CustomsRules)


@given(st.text(max_size=40), st.text(max_size=40), st.text(max_size=20), st.integers(0, 10**7), st.integers(0, 10**6))
def test_whatever_stands_on_the_paper_is_judged_and_not_a_crash(description: str, consignee: str, number: str, value: int, grams: int) -> None:
    line = declared_line(description=description, hs_code=number, unit_value=value, net_g=grams, origin=number[:2], serials=(number,))
    findings = check(declaration(line, consignee=consignee or HUB, export_ref=number, ioss=number, importer_eori=number, incoterm=description))
    assert verdict(findings).value in ("clear", "warned", "held")

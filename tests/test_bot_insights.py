"""What the insights find in a handful of cases, and that workbook and page show it and nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook
from rich.console import Console
from selectolax.lexbor import LexborHTMLParser

from bots.cases.errors import ConfigProblem
from bots.cases.events import Event
from bots.cases.model import Order, OrderLine, QcTask
from bots.cases.settings import Config
from bots.cases.store import Case, Store
from bots.decisions.customs import CustomsRules
from bots.decisions.decision import Evidence
from bots.decisions.insights_findings import find
from bots.decisions.insights_model import BotWork, Findings, Sold, Tables
from bots.decisions.insights_story import CaseStory
from bots.decisions.inspection import InspectionRules, Verdict
from bots.decisions.kpis import KpiRules
from bots.decisions.receiving import ReceiptMatch
from bots.decisions.route import RouteRules
from bots.insights import read_evaluation, read_sales
from bots.operations.evaluate import run as evaluate
from bots.workbooks.insights import write_insights
from bots.workbooks.insights_page import write_page
from tests.decisions_samples import order, receipt
from tests.stores import a_case

NOW = datetime(2026, 10, 20, 8, 0, tzinfo=UTC)
FORMULA = '=HYPERLINK("https://evil.example","x")'
MARKUP = "<img src=x onerror=alert(1)><script>alert(1)</script>"


@pytest.fixture(scope="module")
def tables() -> Tables:
    load = Config(profile="practice").load
    return Tables(load("kpis", KpiRules), load("customs", CustomsRules), load("routes", RouteRules), load("inspection", InspectionRules).espr)


class Cases:
    """Makes cases that have come as far as their inspection."""

    def __init__(self, store: Store) -> None:
        self._store, self._number = store, 0

    def returned(
        self, *, sku: str = "HP-ANC200", qty: int = 1, note: str = "", recovery: int = 0, shop: dict[str, Any] | None = None, **columns: Any
    ) -> CaseStory:
        """A case whose goods were received and inspected; `columns` are those of the case, `shop` those of its order."""
        self._number += 1
        bought = order(order_no=f"GB-2026-{self._number:06d}", **(shop or {}))
        facts = {"request": "approved", "parcel": "received", "reason_code": "DEFECTIVE", "responsible": "supplier", "country": bought.country} | columns
        case = replace(a_case(self._store, bought.order_no), **facts)
        task = QcTask(task_no=f"QC-{self._number}", receipt_no="WE-000001", rma=case.rma, sku=sku, qty=qty, state="done", note=note)
        verdict = Verdict(
            value="RESELL_OPEN_BOX", confidence=1.0, rules=("I01",), reasons=("as the note says",), evidence=(Evidence(kind="qc_note", where=sku),), grade="B",
            recovery=recovery,
        )  # fmt: skip
        return CaseStory(
            case=case,
            order=bought,
            accepted=ReceiptMatch(value="matched", confidence=1.0, rules=(), reasons=(), evidence=(), accepted=((sku, qty),)),
            receipt=receipt((sku, qty, ""), dock_at=datetime(2026, 10, 10, tzinfo=UTC)),
            checks=((task, verdict),) if note else (),
            timeline=tuple(self._log(case)),
        )

    def _log(self, case: Case) -> Iterator[Event]:
        for seq, (kind, day) in enumerate((("case_opened", 5), ("approved", 5), ("received", 10), ("inspected", 11)), 1):
            yield Event(seq, case.rma, datetime(2026, 10, day, 8, tzinfo=UTC), "tests", kind, {})


@pytest.fixture
def cases(store: Store) -> Cases:
    return Cases(store)


def look(tables: Tables, *stories: CaseStory, now: datetime = NOW, sold: tuple[Sold, ...] = (), work: tuple[BotWork, ...] = ()) -> Findings:
    return find(stories, work, tables, "CNY", now, sold)


# -- money that comes back -------------------------------------------------------------------------------------------------
def test_a_proven_fault_is_claimed_from_the_supplier_until_the_last_day(cases: Cases, tables: Tables) -> None:
    proven = cases.returned(note="does not switch on, battery dead", recovery=4000)
    said_only = cases.returned()
    found = look(tables, proven, said_only)
    (claim,) = found.claims
    assert (claim.rma, claim.party, claim.goods, claim.proven, claim.late) == (proven.case.rma, "supplier", 21500 - 4000, True, False)
    assert claim.due == date(2026, 10, 10) + timedelta(days=730)
    (supplier,) = found.parties
    assert (supplier.cases, supplier.units, supplier.claimable, supplier.unproven, supplier.lapsed) == (2, 2, 17500, 0, 0)
    (late,) = look(tables, proven, now=datetime(2029, 1, 1, tzinfo=UTC)).claims
    assert late.late


def test_a_lost_parcel_is_the_carriers_whoever_was_blamed(cases: Cases, tables: Tables) -> None:
    lost = replace(
        cases.returned(parcel="lost"), accepted=ReceiptMatch(value="matched", confidence=1, rules=(), reasons=(), evidence=(), accepted=(("BLK-WOOL", 2),))
    )
    (claim,) = look(tables, lost).claims
    assert (claim.party, claim.kind, claim.goods, claim.proven, claim.due) == ("carrier", "carrier_loss", 2 * 13200, True, None)


def test_a_customers_change_of_mind_is_claimed_from_nobody(cases: Cases, tables: Tables) -> None:
    found = look(tables, cases.returned(note="like new", reason_code="CHANGED_MIND", responsible="customer"))
    assert found.claims == () and [share.party for share in found.parties] == ["customer"]


def test_import_taxes_come_back_by_the_rules_of_the_country(cases: Cases, tables: Tables) -> None:
    faulty = cases.returned(sku="BLK-WOOL", qty=2, note="torn seam")
    rows = {(row.way, row.scheme, row.what): row for row in look(tables, faulty).recoveries}
    duty, vat = rows["reclaim", "GB-REJECTED", "duty"], rows["reclaim", "GB-VAT-RETURN", "vat"]
    worth = 2 * 4991
    assert (duty.value, duty.currency, duty.amount, duty.due, duty.state) == (worth, "GBP", round(worth * 0.12), date(2027, 9, 20), "open")
    assert vat.amount == round((worth + round(worth * 0.12)) * 0.20)
    unwanted = replace(faulty, case=replace(faulty.case, reason_code="CHANGED_MIND"))
    assert {row.scheme for row in look(tables, unwanted).recoveries if row.way == "reclaim"} == {"GB-VAT-RETURN"}, "duty comes back for rejected goods only"
    lapsed = {row.what: row.state for row in look(tables, faulty, now=datetime(2027, 9, 21, tzinfo=UTC)).recoveries if row.way == "reclaim"}
    assert lapsed == {"duty": "lapsed", "vat": "open"}
    paid_by_customer = cases.returned(sku="BLK-WOOL", qty=2, shop={"incoterm": "DAP"})
    assert [row for row in look(tables, paid_by_customer).recoveries if row.way == "reclaim"] == []


def test_an_unknown_rate_of_duty_is_never_zero(cases: Cases, tables: Tables) -> None:
    duty = next(row for row in look(tables, cases.returned()).recoveries if (row.way, row.what) == ("reclaim", "duty"))
    assert duty.amount is None and duty.value == 7491


# -- causes and rates ------------------------------------------------------------------------------------------------------
def test_what_the_inspection_found_goes_before_what_the_customer_said(cases: Cases, tables: Tables) -> None:
    found = look(
        tables,
        cases.returned(note="screen scratched, deep scratches on the housing"),
        cases.returned(note="tested, works perfectly, like new, sealed"),
        cases.returned(),
    )
    assert {cause.cause: (cause.area, cause.units.k, cause.units.n) for cause in found.causes} == {
        "cosmetic": ("sourcing", 1, 3),
        "no_fault_found": ("manual", 1, 3),
        "defect_claimed": ("sourcing", 1, 3),
    }


def test_rates_rest_on_all_units_shipped_where_the_shop_tells_them(cases: Cases, tables: Tables) -> None:
    story = cases.returned()
    alone = look(tables, story)
    assert not alone.true_rates and alone.known_orders == 1 and (alone.overall.k, alone.overall.n) == (1, 3)
    story = replace(story, order=story.order and story.order.model_copy(update={"shipped_at": datetime(2026, 8, 3, tzinfo=UTC)}))
    sold = (Sold("HP-ANC200", "GB", date(2026, 8, 1), 400), Sold("BLK-WOOL", "GB", date(2026, 8, 1), 100))
    found = look(tables, story, sold=sold)
    assert found.true_rates and (found.overall.k, found.overall.n, found.unmatched) == (1, 500, 0)
    assert {row.group: (row.units.k, row.units.n) for row in found.rates["sku"]} == {"HP-ANC200": (1, 400), "BLK-WOOL": (0, 100)}


def test_sales_figures_are_read_and_a_wrong_row_is_named(tmp_path: Path) -> None:
    file = tmp_path / "sales.csv"
    assert read_sales(file) == ()
    file.write_text("\ufeffSKU,Country,Month,Units,Note\nHP-1,DE,2026-09,12,x\n", encoding="utf-8")
    assert read_sales(file) == (Sold("HP-1", "DE", date(2026, 9, 1), 12),)
    for row in ("HP-1,DE,2026-13,12", "HP-1,DE,2026-09,1.5", ",DE,2026-09,1", "HP-1,Germany,2026-09,1", "HP-1,DE,2026-09,-3"):
        file.write_text(f"sku,country,month,units\n{row}\n", encoding="utf-8")
        with pytest.raises(ConfigProblem, match="row 2"):
            read_sales(file)
    file.write_text("sku,country,units\n", encoding="utf-8")
    with pytest.raises(ConfigProblem, match="month is missing"):
        read_sales(file)


def test_work_taken_over_counts_what_is_done_and_not_what_went_to_a_person(tables: Tables, cases: Cases) -> None:
    found = look(tables, cases.returned(), work=(BotWork("review", done=9, to_person=1, saved=54.0, runs=2, seconds=30.0),))
    hours = next(figure for figure in found.figures if figure.unit == "hours" and figure.value == pytest.approx(0.9))
    assert hours.n == 9
    assert found.labour.baseline == 60 and 50 < found.labour.saved <= 54


def test_what_evaluate_measured_is_in_the_report(tables: Tables, tmp_path: Path) -> None:
    folder = Path(__file__).parent / "evaluation"
    few = tmp_path / "notes.jsonl"
    few.write_text("".join((folder / "notes.jsonl").read_text(encoding="utf-8").splitlines(keepends=True)[:8]), encoding="utf-8")
    kept = tmp_path / "evaluation.json"
    assert evaluate(Console(quiet=True), None, few, (), as_json=False, keep=kept) == 0
    readings = read_evaluation(kept)
    assert [(row.source, row.question, row.rows) for row in readings] == [("Inspection notes", name, 8) for name in ("grade", "defect", "resaleable")]
    page = write_page(tmp_path / "insights.html", replace(look(tables), readings=readings), "en", tmp_path).read_text(encoding="utf-8")
    assert "Surest 80%" in page and "resaleable" in page and "Not measured in this workspace yet" not in page
    assert read_evaluation(tmp_path / "nothing.json") == ()
    kept.write_text("[]", encoding="utf-8")
    with pytest.raises(ConfigProblem, match="run evaluate again"):
        read_evaluation(kept)


# -- what people see -------------------------------------------------------------------------------------------------------
def hostile(text: str, store: Store) -> list[CaseStory]:
    """Cases with this text in every field that comes from outside."""
    cases = Cases(store)
    line = order().lines[0].model_copy(update={"sku": text[:80], "name": text, "category": text, "family": text, "picked_sku": text})
    assert isinstance(line, OrderLine)
    shop = {"lines": (line,), "buyer_name": text, "address": text, "country": "GB"}
    stories = []
    for _ in range(4):
        story = cases.returned(sku=line.sku, note=text, shop=shop, channel=text[:20], customer_name=text)
        assert isinstance(story.order, Order)
        told = Event(9, story.case.rma, NOW, text, "row_refused", {"what": text, text: text, "list": [text]})
        question = store.open_exception(story.case, text[:24], text[:40], text, advice=text)
        assert question
        stories.append(replace(story, timeline=(*story.timeline, told), questions=tuple(store.open_exceptions(story.case))))
    return stories


@pytest.mark.parametrize("captions", ["en", "zh"])
def test_workbook_and_page_tell_the_same(cases: Cases, tables: Tables, tmp_path: Path, captions: str) -> None:
    found = look(tables, *(cases.returned(note="does not switch on", recovery=100) for _ in range(5)), work=(BotWork("review", 9, 1, 54.0),))
    book = load_workbook(write_insights(tmp_path / "insights.xlsx", found, captions))
    page = LexborHTMLParser(write_page(tmp_path / "insights.html", found, captions, tmp_path / "evidence").read_text(encoding="utf-8"))
    shown = {str(cell.value) for sheet in book for row in sheet.iter_rows() for cell in row if cell.value is not None}
    body = page.css_first("body").text()
    for story in found.cases:
        assert any(story.rma in text for text in shown) and story.rma in body
    assert len(book.sheetnames) == len(page.css("h2")), "each sheet is a section of the page"
    assert sum(len(sheet._charts) for sheet in book) >= 5 and len(page.css("svg")) >= 5
    numbers = [cell.value for sheet in book for row in sheet.iter_rows() for cell in row if isinstance(cell.value, (int, float))]
    assert len(numbers) > 60, "figures stand as numbers, not as text"
    assert ("returns" in body.lower()) == (captions == "en") and ("退货" in body) == (captions == "zh")


def test_an_empty_store_gives_a_report_without_figures(tables: Tables, tmp_path: Path) -> None:
    found = look(tables)
    write_insights(tmp_path / "insights.xlsx", found, "en")
    page = write_page(tmp_path / "insights.html", found, "en", tmp_path).read_text(encoding="utf-8")
    assert "no data" in page and "NaN" not in page and "None" not in LexborHTMLParser(page).css_first("body").text()


def test_text_from_outside_is_neither_formula_nor_markup(store: Store, tables: Tables, tmp_path: Path) -> None:
    book = load_workbook(write_insights(tmp_path / "insights.xlsx", look(tables, *hostile(FORMULA, store)), "en"))
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row if isinstance(cell.value, str) and "evil.example" in cell.value]
    assert cells and {cell.data_type for cell in cells} == {"s"} and all(cell.hyperlink is None for cell in cells)


def test_markup_from_outside_stays_text_on_the_page(store: Store, tables: Tables, tmp_path: Path) -> None:
    text = write_page(tmp_path / "insights.html", look(tables, *hostile(MARKUP, store)), "en", tmp_path).read_text(encoding="utf-8")
    page = LexborHTMLParser(text)
    assert "alert(1)" in page.css_first("body").text()
    assert [node.html for node in page.css("img, object, embed, base")] == []
    assert [node.html for node in page.css("script") if "alert" in (node.text() or "")] == []
    assert [name for node in page.css("*") for name in node.attributes if name.startswith("on")] == []

"""Causes in sentences: the report's own, or a language model's where every figure stands in the table as what it is given out for."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook

from bots.automation.browser import BrowserHouse, BrowserOptions
from bots.automation.evidence import Evidence
from bots.cases.settings import Config
from bots.cases.store import Store
from bots.decisions.customs import CustomsRules
from bots.decisions.insights_causes import Cause
from bots.decisions.insights_findings import find
from bots.decisions.insights_model import Findings, Tables
from bots.decisions.inspection import InspectionRules
from bots.decisions.kpis import KpiRules, rate
from bots.decisions.llm_narrative import Language, Row, narrate
from bots.decisions.route import RouteRules
from bots.insights import Insights
from bots.operations.runner import Runner
from bots.portals.desk import Desk
from bots.workbooks.insights import write_insights
from bots.workbooks.insights_narrative import causes_told, own_story
from bots.workbooks.insights_page import write_page
from tests.models import NOW, Said, adviser
from tests.stores import tiny_config

ROWS = (
    Row("HP-ANC200", ("AeroBeat ANC-200 Headphones", "Does not work (found)", "act"), ("12",), ("40% (22–61 %)",), ("CNY 2,580.00",)),
    Row("BLK-WOOL", ("Alma Wool Blanket", "Soiled", "watch"), ("3",), (), ("CNY 396.00",)),
)
GOOD = "HP-ANC200 does not work in 12 units, 40% of what came back, and cost CNY 2,580.00; find the failing part with the supplier."


def tell(tmp_path: Path, *told: tuple[int, str], language: Language = "en") -> tuple[str, ...]:
    return narrate(adviser(tmp_path, Said({"told": [{"row": row, "sentence": sentence} for row, sentence in told]})), ROWS, language)


@pytest.mark.parametrize(
    "sentence",
    [
        GOOD,
        "AeroBeat ANC-200 Headphones (HP-ANC200) fail: 12 units. Between 22 and 61 % of what came back may be so.",
        "HP-ANC200: 12 units back, 40 % (22–61 %) of its returns, at a cost of 2,580.00 CNY.",
        "HP-ANC200 needs an outgoing test; one supplier can say why.",
    ],
)
def test_sentences_with_the_rows_own_figures_are_shown(sentence: str, tmp_path: Path) -> None:
    assert tell(tmp_path, (1, sentence)) == (sentence,)


@pytest.mark.parametrize(
    "sentence",
    [
        GOOD.replace("12 units", "13 units"),
        GOOD.replace("12 units", "40 units"),
        GOOD.replace("12 units", "200 units"),
        GOOD.replace("40%", "12%"),
        GOOD.replace("CNY 2,580.00", "CNY 2,580"),
        GOOD.replace("CNY 2,580.00", "EUR 12"),
        GOOD.replace("CNY 2,580.00", "CNY 396.00"),
        GOOD.replace("12 units", "twelve units"),
        GOOD.replace("12 units", "half of all units"),
        GOOD.replace("12 units", "１２ units"),
        GOOD.replace("12 units", "12½ units"),
        GOOD.replace("HP-ANC200", "The headphones"),
        GOOD.replace("supplier.", "supplier, see https://evil.example."),
        GOOD.replace("supplier.", "supplier <b>now</b>."),
        "HP-ANC200 在 12 件中出现功能故障，请与供应商查明。",
        "=HP-ANC200 does not work in 12 units.",
        "HP-ANC200",
        GOOD + " And so on." * 40,
    ],
)
def test_a_sentence_that_says_more_than_its_row_discards_the_narrative(sentence: str, tmp_path: Path) -> None:
    assert tell(tmp_path, (2, "BLK-WOOL came back soiled in 3 units."), (1, sentence)) == ()


def test_rows_that_are_not_there_or_told_twice_discard_the_narrative(tmp_path: Path) -> None:
    assert tell(tmp_path / "a", (3, GOOD)) == () and tell(tmp_path / "b", (1, GOOD), (1, GOOD)) == () and tell(tmp_path / "c", (2, GOOD)) == ()


def test_chinese_is_told_in_chinese(tmp_path: Path) -> None:
    good = "HP-ANC200 有 12 件功能故障，占退回的 40%，成本 CNY 2,580.00。"
    assert tell(tmp_path / "a", (1, good), language="zh") == (good,)
    assert tell(tmp_path / "b", (1, good.replace("12 件", "十二件")), language="zh") == ()
    assert tell(tmp_path / "c", (1, GOOD), language="zh") == ()


def test_nobody_is_asked_about_an_empty_table(tmp_path: Path) -> None:
    said = Said({"told": []})
    assert narrate(adviser(tmp_path, said), (), "en") == () and narrate(None, ROWS, "en") == () and said.shown == []


# -- whole -------------------------------------------------------------------------------------------------------------------
@pytest.fixture(scope="module")
def found() -> Findings:
    load = Config(profile="practice").load
    tables = Tables(load("kpis", KpiRules), load("customs", CustomsRules), load("routes", RouteRules), load("inspection", InspectionRules).espr)
    causes = (
        Cause(
            "HP-ANC200",
            "耳机 / AeroBeat ANC-200 Headphones",
            "electronics",
            "functional",
            "sourcing",
            rate(12, 30, tables.kpis.z),
            258_000,
            ("RMA-2610-00001",),
            True,
        ),
        Cause("BLK-WOOL", "Alma Wool Blanket", "home", "contaminated", "packaging", rate(3, 4, tables.kpis.z), 39_600, ("RMA-2610-00002",), False),
    )
    return replace(find((), (), tables, "CNY", NOW, ()), causes=causes)


def intro_of(found: Findings, folder: Path, captions: Language = "en") -> tuple[str, str]:
    """What the workbook's sheet of causes and the page say above the table."""
    book = load_workbook(write_insights(folder / "insights.xlsx", found, captions))
    sheet = next(sheet for sheet in book.worksheets if sheet.title == {"en": "Causes and actions", "zh": "原因与改进"}[captions])
    page = write_page(folder / "insights.html", found, captions, folder / "evidence").read_text(encoding="utf-8")
    return "\n".join(str(sheet.cell(row, 1).value or "") for row in range(3, 9)), page


@pytest.mark.parametrize("captions", ["en", "zh"])
def test_the_report_tells_the_causes_in_its_own_words(found: Findings, captions: Language, tmp_path: Path) -> None:
    sheet, page = intro_of(found, tmp_path, captions)
    whole, firm = own_story(found, captions)
    assert whole in sheet and firm in sheet and "CNY 2,976.00" in whole and "15" in whole and "CNY 2,580.00" in whole and "HP-ANC200" in page
    assert own_story(replace(found, causes=()), captions) == ()


def test_a_models_sentences_stand_in_their_place_and_say_whose_they_are(found: Findings, tmp_path: Path) -> None:
    def answer(shown: dict[str, Any]) -> dict[str, Any]:
        first = shown["rows"][0]
        assert "RMA-" not in str(shown) and first["name"] == "HP-ANC200" and first["counts"] == ["12"] and first["sums"] == ["CNY 2,580.00"]
        return {"told": [{"row": 1, "sentence": f"{first['name']} does not work in {first['counts'][0]} units and cost {first['sums'][0]}."}]}

    told = causes_told(found, "en", adviser(tmp_path, Said(answer)))
    assert told[1:] == ("HP-ANC200 does not work in 12 units and cost CNY 2,580.00.",)
    sheet, page = intro_of(replace(found, causes_told=told), tmp_path)
    assert all(line in sheet and line in page for line in told) and "Told by a language model" in sheet
    assert own_story(found, "en")[0] not in sheet


def test_without_a_usable_answer_the_reports_own_words_stand(found: Findings, tmp_path: Path) -> None:
    invented = Said({"told": [{"row": 1, "sentence": "HP-ANC200 does not work in 999 units."}]})
    assert causes_told(found, "en", adviser(tmp_path, invented)) == () and causes_told(found, "en", None) == ()


def test_the_insights_bot_asks_nobody_without_causes(store: Store, tmp_path: Path) -> None:
    said = Said({"told": []})
    desk = Desk(tiny_config(tmp_path), store, BrowserHouse(BrowserOptions()), lambda account: "", Evidence(tmp_path / "evidence"))
    desk.__dict__["adviser"] = adviser(tmp_path, said)
    assert Runner(desk).run(Insights()).failed == 0 and said.shown == []

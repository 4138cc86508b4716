"""The insights workbook, with native charts, and the same findings as one self-contained HTML page."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict

from bots.workbooks.output import open_workbook, put_in_place, put_text


class Frozen(BaseModel):
    model_config = ConfigDict(frozen=True)


class Share(Frozen):
    """How often something occurred: n of `of`, with the 95 % Wilson interval."""

    name: str
    n: int
    of: int
    low: float
    high: float

    @property
    def part(self) -> float:
        return self.n / self.of if self.of else 0.0


class Step(Frozen):
    """How long a stage takes, hours; `ours`: whether a bot can make it shorter."""

    name: str
    n: int
    median_h: float | None
    p90_h: float | None
    ours: bool


class CaseLine(Frozen):
    rma: str
    order_no: str
    customer: str
    country: str
    channel: str
    reason: str
    responsible: str
    state: str
    amount: str
    questions: int
    opened: datetime
    events: tuple[tuple[datetime, str, str, str], ...]
    """(when, who, what, facts)"""


class Findings(Frozen):
    """Everything the report says. Shares are of the cases the bots know, not of all orders shipped."""

    now: datetime
    tiles: tuple[tuple[str, str, str], ...]
    reasons: tuple[Share, ...]
    responsible: tuple[Share, ...]
    countries: tuple[Share, ...]
    channels: tuple[Share, ...]
    states: tuple[Share, ...]
    skus: tuple[Share, ...]
    categories: tuple[Share, ...]
    stock: tuple[Share, ...]
    notes: tuple[str, ...]
    stages: tuple[Step, ...]
    runs: tuple[tuple[str, int, int, int, float], ...]
    cases: tuple[CaseLine, ...]


WORDS: dict[str, dict[str, str]] = {
    "en": {
        "title": "Return insights",
        "reasons": "Why goods come back",
        "responsible": "Who is responsible",
        "countries": "Where they come from",
        "channels": "How requests arrive",
        "states": "Where the cases stand",
        "skus": "Articles returned (units)",
        "categories": "Categories",
        "stock": "Grade and disposition",
        "stages": "Time by stage",
        "cases": "Cases",
        "overview": "Overview",
        "caveat": "Shares are of the returns that the bots worked; a rate of all units shipped needs the shop's sales figures.",
        "ours": "bots",
        "not_ours": "carrier, customs, customer",
    },
    "zh": {
        "title": "退货分析",
        "reasons": "退货原因",
        "responsible": "责任方",
        "countries": "来源国家",
        "channels": "申请渠道",
        "states": "案件状态",
        "skus": "退货商品（件）",
        "categories": "品类",
        "stock": "等级与处置",
        "stages": "各阶段用时",
        "cases": "案件",
        "overview": "概览",
        "caveat": "占比以机器人处理的退货为基数；按发货总量计算的退货率需要店铺销售数据。",
        "ours": "机器人",
        "not_ours": "承运商、海关、客户",
    },
}
SECTIONS = ("reasons", "responsible", "countries", "channels", "states", "skus", "categories", "stock")


def write_insights(file: Path, found: Findings, captions: str) -> Path:
    """Write the workbook; gives the path it landed at."""
    return put_in_place(file, lambda fresh: _write(fresh, found, WORDS[captions]))


def _write(file: Path, found: Findings, words: dict[str, str]) -> None:
    book = open_workbook(file)
    head = book.add_format({"bold": True, "font_color": "#FFFFFF", "bg_color": "#1F3A5F", "valign": "vcenter"})
    title = book.add_format({"bold": True, "font_size": 15, "font_color": "#1F3A5F"})
    soft = book.add_format({"font_color": "#5B6777", "text_wrap": True, "valign": "top"})
    big = book.add_format({"bold": True, "font_size": 13, "text_wrap": True, "valign": "top"})
    percent, hours = book.add_format({"num_format": "0 %"}), book.add_format({"num_format": "0.0"})
    sheet = book.add_worksheet(words["overview"])
    sheet.hide_gridlines(2)
    sheet.set_column(0, 0, 28)
    sheet.set_column(1, 1, 46)
    sheet.set_column(2, 2, 60)
    sheet.write_string(0, 0, f"{words['title']}  ·  {found.now:%Y-%m-%d %H:%M} UTC", title)
    for row, (caption, value, note) in enumerate(found.tiles, start=2):
        put_text(sheet, row, 0, caption, soft)
        put_text(sheet, row, 1, value, big)
        put_text(sheet, row, 2, note, soft)
    put_text(sheet, len(found.tiles) + 3, 0, words["caveat"], book.add_format({"italic": True, "font_color": "#5B6777"}))
    for key in SECTIONS:
        _shares(book, words[key], getattr(found, key), head, percent)
    _stages(book, words, found.stages, head, hours)
    _cases(book, words["cases"], found.cases, head)
    for each in book.worksheets():
        each.set_landscape()
        each.fit_to_pages(1, 0)
    book.close()


def _table(book: Any, name: str, captions: Sequence[tuple[str, int]], head: Any) -> Any:
    sheet = book.add_worksheet(name[:31])
    sheet.hide_gridlines(2)
    for column, (caption, width) in enumerate(captions):
        sheet.set_column(column, column, width)
        sheet.write_string(0, column, caption, head)
    sheet.freeze_panes(1, 1)
    return sheet


def _shares(book: Any, name: str, shares: Sequence[Share], head: Any, percent: Any) -> None:
    sheet = _table(book, name, (("", 30), ("n", 8), ("%", 8), ("95 % low", 10), ("95 % high", 10)), head)
    for row, share in enumerate(shares, start=1):
        put_text(sheet, row, 0, share.name)
        sheet.write_number(row, 1, share.n)
        for column, value in ((2, share.part), (3, share.low), (4, share.high)):
            sheet.write_number(row, column, value, percent)
    if shares:
        last = min(len(shares), 15)
        title = sheet.get_name()
        chart = book.add_chart({"type": "bar"})
        chart.add_series({"categories": [title, 1, 0, last, 0], "values": [title, 1, 1, last, 1], "fill": {"color": "#2E6DA4"}, "data_labels": {"value": True}})
        chart.set_title({"name": name, "name_font": {"size": 12, "color": "#1F3A5F"}})
        chart.set_legend({"none": True})
        chart.set_y_axis({"reverse": True})
        chart.set_x_axis({"major_gridlines": {"visible": False}, "num_format": "0"})
        chart.set_size({"width": 620, "height": 120 + 26 * last})
        sheet.insert_chart(1, 6, chart)
        sheet.autofilter(0, 0, len(shares), 4)


def _stages(book: Any, words: dict[str, str], stages: Sequence[Step], head: Any, hours: Any) -> None:
    sheet = _table(book, words["stages"], (("", 34), ("n", 8), ("median (h)", 12), ("P90 (h)", 12), ("", 26)), head)
    for row, step in enumerate(stages, start=1):
        put_text(sheet, row, 0, step.name.replace("_", " "))
        sheet.write_number(row, 1, step.n)
        for column, value in ((2, step.median_h), (3, step.p90_h)):
            if value is not None:
                sheet.write_number(row, column, value, hours)
        put_text(sheet, row, 4, words["ours"] if step.ours else words["not_ours"])


def _cases(book: Any, name: str, cases: Sequence[CaseLine], head: Any) -> None:
    captions = (
        ("RMA", 17),
        ("Order", 23),
        ("Customer", 24),
        ("Country", 9),
        ("Channel", 12),
        ("Reason", 20),
        ("Responsible", 14),
        ("State", 18),
        ("Refund", 16),
        ("Questions", 10),
    )
    sheet = _table(book, name, captions, head)
    for row, case in enumerate(cases, start=1):
        texts = (case.rma, case.order_no, case.customer, case.country, case.channel, case.reason, case.responsible, case.state, case.amount)
        for column, value in enumerate(texts):
            put_text(sheet, row, column, value)
        sheet.write_number(row, len(texts), case.questions)
    sheet.autofilter(0, 0, max(1, len(cases)), len(captions) - 1)


def write_html(file: Path, found: Findings, captions: str) -> Path:
    """Write the page: no script, no external file; every text is escaped."""
    from jinja2 import Environment, FileSystemLoader

    environment = Environment(loader=FileSystemLoader(Path(__file__).with_name("templates")), autoescape=True, trim_blocks=True, lstrip_blocks=True)
    words = WORDS[captions]
    sections = [(words[key], getattr(found, key)[:15]) for key in SECTIONS]
    page = environment.get_template("insights.html.j2").render(found=found, words=words, sections=sections, language=captions)
    return put_in_place(file, lambda fresh: _save(fresh, page))


def _save(file: Path, page: str) -> None:
    file.write_text(page, encoding="utf-8")

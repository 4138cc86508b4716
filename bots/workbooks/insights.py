"""The insights workbook: one sheet a section, real numbers in the cells, native charts above their tables."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any
from unicodedata import east_asian_width

from bots.cases.money import Money, exponent
from bots.decisions.insights_model import Findings
from bots.decisions.kpis import Rate
from bots.workbooks.insights_report import Cell, Column, Report, Section, Table, carries, drawn
from bots.workbooks.insights_sections import report
from bots.workbooks.output import open_workbook, put_in_place, put_text

INK, SOFT, BAR, PALE, WARN = "#1F3A5F", "#5B6777", "#2E6DA4", "#BCD3E8", "#FFF4D6"
COLOURS = {
    "good": "#2E8B63",
    "maybe": "#E0A030",
    "gone": "#A9B2BD",
    "p-supplier": "#B5532A",
    "p-carrier": "#2E6DA4",
    "p-warehouse": "#7A5AA6",
    "p-seller": "#2E8B63",
    "p-customer": "#8A98A8",
    "p-customs": "#C79A2B",
    "p-platform": "#3FA7B5",
    "p-undetermined": "#D0D5DB",
}
"""Colours of the series, the same on the page."""
TEXT_WIDTH = 130
"""Characters over which a line of explanation runs."""
CHART_WIDTH = 760
PIXELS_A_ROW = 20
LINE = 13.5
"""Points of a line of text in a cell."""
NUMERIC = frozenset({"int", "number", "share", "rate", "money"})


@dataclass(frozen=True)
class _Place:
    """A column of the sheet: which cell of the row it shows, and which part of a rate."""

    title: str
    column: Column
    cell: int
    part: str = ""


def write_insights(file: Path, found: Findings, captions: str) -> Path:
    """Write the workbook; gives the path it landed at."""
    return put_in_place(file, lambda fresh: _Book(fresh, report(found, captions)).write())


def places_of(table: Table, words: dict[str, str]) -> list[_Place]:
    """The sheet's columns of a table: a rate takes three, so that each can be sorted and counted with."""
    places: list[_Place] = []
    for number, column in enumerate(table.columns):
        if column.kind == "rate":
            places += [
                _Place(column.title, column, number, "value"),
                _Place(words["low"], column, number, "low"),
                _Place(words["high"], column, number, "high"),
            ]
        else:
            places.append(_Place(column.title, column, number))
    return places


def lines_of(text: str, characters: int) -> int:
    """Lines that a text takes in a cell so wide; Chinese characters take two places."""
    width = sum(2 if east_asian_width(char) in "WF" else 1 for char in text)
    return max(1, math.ceil(width * 0.97 / characters))


class _Book:
    def __init__(self, file: Path, made: Report) -> None:
        self.report, self.book = made, open_workbook(file)
        add = self.book.add_format
        base = {"valign": "top", "font_size": 10}
        self.head = add({**base, "bold": True, "font_color": "#FFFFFF", "bg_color": INK, "text_wrap": True, "valign": "vcenter", "align": "left", "indent": 1})
        self.head_right = add({**base, "bold": True, "font_color": "#FFFFFF", "bg_color": INK, "text_wrap": True, "valign": "vcenter", "align": "right"})
        self.title = add({"bold": True, "font_size": 16, "font_color": INK})
        self.second = add({"bold": True, "font_size": 12, "font_color": INK})
        self.soft = add({"font_color": SOFT, "text_wrap": True, "valign": "top", "font_size": 10})
        self.warn = add({"text_wrap": True, "valign": "top", "bg_color": WARN, "border": 1, "border_color": "#E0A030", "font_size": 10})
        line = {**base, "bottom": 1, "bottom_color": "#E3E7ED"}
        self.first = add({**line, "text_wrap": True})
        self.wrapped = add({**line, "text_wrap": True, "align": "left", "indent": 1})
        self.formats = {
            "int": add({**line, "num_format": "#,##0"}),
            "number": add({**line, "num_format": "#,##0.0"}),
            "share": add({**line, "num_format": "0%"}),
            "rate": add({**line, "num_format": "0%"}),
            "date": add({**line, "num_format": "yyyy-mm-dd", "align": "left", "indent": 1}),
        }
        self.quiet = add({**line, "font_color": SOFT, "italic": True, "align": "right"})
        self.spread = add({"font_color": "#A9B2BD", "font_size": 8, "num_format": "0%", "valign": "top"})
        self._line, self._money = line, dict[str, Any]()

    def write(self) -> None:
        self.book.set_properties({"title": self.report.title})
        for section in self.report.sections:
            self._section(section)
        self.book.close()

    def _section(self, section: Section) -> None:
        sheet = self.book.add_worksheet(section.title[:31])
        sheet.hide_gridlines(2)
        sheet.set_landscape()
        sheet.set_paper(9)
        sheet.set_margins(left=0.4, right=0.4, top=0.5, bottom=0.6)
        sheet.fit_to_pages(1, 0)
        sheet.set_footer("&L&8" + self.report.title + "&R&8&P / &N")
        layouts = [places_of(table, self.report.words) for table in section.tables]
        widths: dict[int, int] = {}
        for layout in layouts:
            for number, place in enumerate(layout):
                widths[number] = max(widths.get(number, 0), place.column.characters)
        for number, width in widths.items():
            sheet.set_column(number, number, width)
        put_text(sheet, 0, 0, f"{self.report.title} · {section.title}", self.title)
        sheet.set_row(0, 24)
        put_text(sheet, 1, 0, self.report.as_at, self.soft_line())
        row = 3
        for number, text in enumerate(section.intro):
            row = self._paragraph(sheet, row, text, widths, self.warn if section.warn and number == 0 else self.soft)
        row += bool(section.intro)
        alone = len(section.tables) == 1
        for table, layout in zip(section.tables, layouts, strict=True):
            row = self._table(sheet, row, table, layout, widths, alone) + 2

    def soft_line(self) -> Any:
        """Soft text that runs on over the next cells."""
        if "line" not in self.formats:
            self.formats["line"] = self.book.add_format({"font_color": SOFT, "font_size": 10})
        return self.formats["line"]

    def _paragraph(self, sheet: Any, row: int, text: str, widths: dict[int, int], style: Any) -> int:
        """Text over as many columns as make a readable line; gives the next row."""
        last, room = 0, widths.get(0, 20)
        while room < TEXT_WIDTH and last + 1 in widths:
            last += 1
            room += widths[last]
        if last:
            sheet.merge_range(row, 0, row, last, "", style)
        put_text(sheet, row, 0, text, style)
        sheet.set_row(row, 14.5 * lines_of(text, room) + 2)
        return row + 1

    def _table(self, sheet: Any, row: int, table: Table, layout: Sequence[_Place], widths: dict[int, int], alone: bool) -> int:
        put_text(sheet, row, 0, table.title, self.second)
        row += 1
        if table.hint:
            row = self._paragraph(sheet, row, table.hint, widths, self.soft)
        if not table.rows:
            put_text(sheet, row, 0, table.empty, self.soft_line())
            return row + 1
        shown = drawn(table)
        top = row
        if table.chart is not None and shown:
            height = 96 + 24 * len(shown) * (2 if table.chart.kind == "pairs" else 1)
            row += math.ceil(height / PIXELS_A_ROW) + 1
            self._chart(sheet, top, height, row, table, layout, shown)
        for number, place in enumerate(layout):
            put_text(sheet, row, number, place.title, self.head_right if place.column.kind in NUMERIC else self.head)
        sheet.set_row(row, LINE * max(lines_of(place.title, widths[number] - 2) for number, place in enumerate(layout)) + 3)
        for offset, cells in enumerate(table.rows, start=1):
            for number, place in enumerate(layout):
                self._cell(sheet, row + offset, number, cells[place.cell], place)
            sheet.set_row(row + offset, LINE * max(self._lines(cells[place.cell], widths[number]) for number, place in enumerate(layout)) + 2)
        last = row + len(table.rows)
        if alone:
            sheet.autofilter(row, 0, last, len(layout) - 1)
            if table.chart is None:
                sheet.freeze_panes(row + 1, 1)
                sheet.repeat_rows(row)
        return last + 1

    def _lines(self, value: Cell, width: int) -> int:
        """Lines that a cell needs: programs do not agree on fitting rows to wrapped text by themselves."""
        return lines_of(value, width - 2) if isinstance(value, str) else 1

    def _cell(self, sheet: Any, row: int, column: int, value: Cell, place: _Place) -> None:
        if isinstance(value, Rate):
            part = getattr(value, place.part)
            if carries(value) and part is not None:
                sheet.write_number(row, column, part, self.formats["rate"])
            else:
                put_text(sheet, row, column, self.report.words["too_few"] if value.n and place.part == "value" else "", self.quiet)
        elif isinstance(value, Money):
            sheet.write_number(row, column, float(value.decimal()), self._money_format(value.currency))
        elif isinstance(value, datetime | date):
            sheet.write_datetime(row, column, value, self.formats["date"])
        elif value is None:
            put_text(sheet, row, column, "–" if place.column.kind in NUMERIC else "", self.quiet)
        elif isinstance(value, int | float):
            sheet.write_number(row, column, value, self.formats.get(place.column.kind, self.formats["number"]))
        else:
            put_text(sheet, row, column, value, self.wrapped if column else self.first)

    def _money_format(self, currency: str) -> Any:
        if currency not in self._money:
            decimals = exponent(currency)
            number = "#,##0" + ("." + "0" * decimals if decimals else "")
            self._money[currency] = self.book.add_format({**self._line, "num_format": f'"{currency}" {number};-"{currency}" {number}'})
        return self._money[currency]

    def _chart(self, sheet: Any, at: int, height: int, head: int, table: Table, layout: Sequence[_Place], rows: Sequence[tuple[Cell, ...]]) -> None:
        """A native bar chart over the table's first rows; its numbers are the table's cells."""
        wanted = table.chart
        assert wanted is not None
        name, first, last = sheet.get_name(), head + 1, head + len(rows)
        chart = self.book.add_chart({"type": "bar", "subtype": "stacked"} if wanted.kind == "stacked" else {"type": "bar"})
        for number, value in enumerate(wanted.values):
            column = next(place for place, entry in enumerate(layout) if entry.cell == value)
            colour = COLOURS[wanted.classes[number]] if wanted.classes else (BAR, PALE)[number % 2]
            series: dict[str, Any] = {
                "name": [name, head, column],
                "categories": [name, first, 0, last, 0],
                "values": [name, first, column, last, column],
                "fill": {"color": colour},
                "gap": 45,
            }
            if wanted.kind == "rate":
                series["y_error_bars"] = {"type": "custom", "line": {"color": INK}, **self._spread(sheet, head, len(layout), [row[value] for row in rows])}
            elif wanted.kind != "stacked":
                series["data_labels"] = {"value": True, "font": {"size": 8, "color": SOFT}}
            chart.add_series(series)
        chart.set_title({"name": wanted.title, "name_font": {"size": 11, "color": INK}, "overlay": False})
        if len(wanted.values) > 1:
            chart.set_legend({"position": "bottom", "font": {"size": 9}})
        else:
            chart.set_legend({"none": True})
        chart.set_y_axis({"reverse": True, "num_font": {"size": 9}, "line": {"color": "#C6CDD6"}})
        axis = {"major_gridlines": {"visible": True, "line": {"color": "#E3E7ED"}}, "num_font": {"size": 8, "color": SOFT}, "line": {"none": True}, "min": 0}
        chart.set_x_axis({**axis, **({"num_format": "0%", "max": 1} if wanted.kind == "rate" else {"num_format": "#,##0"})})
        chart.set_size({"width": CHART_WIDTH, "height": height})
        chart.set_chartarea({"border": {"color": "#D9DEE6"}})
        sheet.insert_chart(at, 0, chart, {"x_offset": 2, "y_offset": 4, "object_position": 1})

    def _spread(self, sheet: Any, head: int, column: int, cells: Sequence[Cell]) -> dict[str, str]:
        """Two columns beside the table with the distances to the ends of the intervals: error bars that every program draws are made of cells."""
        rates = [cell for cell in cells if isinstance(cell, Rate)]
        ranges = {}
        for place, (name, title) in enumerate((("minus_values", "−"), ("plus_values", "+"))):
            put_text(sheet, head, column + place, title, self.quiet)
            for row, found in enumerate(rates, start=head + 1):
                value, low, high = found.value or 0.0, found.low or 0.0, found.high or 0.0
                sheet.write_number(row, column + place, value - low if place == 0 else high - value, self.spread)
            letter = chr(ord("A") + column + place)
            ranges[name] = f"='{sheet.get_name()}'!${letter}${head + 2}:${letter}${head + 1 + len(rates)}"
        return ranges

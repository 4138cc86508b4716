"""The shape of the insights report, the same for workbook and page: sections of tables, their columns, and which of them are drawn.

Cells are plain values; how they look is said by their column, so that both renderings show one set of figures.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from bots.cases.money import Money
from bots.decisions.kpis import Rate

LEAST = 5
"""Units or cases below which no rate is shown: 1 of 2 is no half."""
Cell = str | int | float | Money | Rate | date | datetime | None
Kind = Literal["text", "wide", "int", "number", "share", "money", "rate", "date"]
WIDTHS: dict[str, int] = {"text": 18, "wide": 52, "int": 11, "number": 12, "share": 10, "money": 16, "rate": 10, "date": 13}
"""Characters."""


@dataclass(frozen=True)
class Column:
    title: str
    kind: Kind = "text"
    width: int = 0

    @property
    def characters(self) -> int:
        return self.width or WIDTHS[self.kind]


@dataclass(frozen=True)
class Chart:
    """The first `top` rows of a table as bars; `values` are places of columns. `rate`: with their intervals; `pairs`: a bar on a longer one."""

    kind: Literal["bars", "stacked", "rate", "pairs"]
    title: str
    values: tuple[int, ...]
    top: int = 12
    classes: tuple[str, ...] = ()
    """Style of each series, as on the page."""


@dataclass(frozen=True)
class Table:
    title: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    hint: str = ""
    chart: Chart | None = None
    empty: str = ""
    """What is said instead of a table without rows."""
    on_page: int = 25
    """Rows that the page shows; the workbook has all."""


@dataclass(frozen=True)
class Tile:
    """A key figure in large type."""

    name: str
    value: str
    below: str
    note: str


@dataclass(frozen=True)
class Section:
    key: str
    title: str
    tables: tuple[Table, ...]
    intro: tuple[str, ...] = ()
    warn: bool = False
    """Whether the intro is a warning that must not be overlooked."""


@dataclass(frozen=True)
class Report:
    title: str
    as_at: str
    language: str
    tiles: tuple[Tile, ...]
    sections: tuple[Section, ...]
    words: dict[str, str]


def shown(value: Cell, kind: Kind, words: dict[str, str]) -> str:
    """A cell as text."""
    if value is None:
        return "–"
    if isinstance(value, Rate):
        return shown_rate(value, words)
    if isinstance(value, Money):
        return f"{value.currency} {value.decimal():,}"
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M}"
    if isinstance(value, date):
        return f"{value:%Y-%m-%d}"
    if isinstance(value, str):
        return value
    if kind == "share":
        return f"{value:.0%}"
    return f"{value:,.1f}" if kind == "number" else f"{value:,}"


def shown_rate(found: Rate, words: dict[str, str]) -> str:
    """`30 % (17–48 %)`, or the words for too few."""
    if found.value is None or found.low is None or found.high is None or found.n < LEAST:
        return words["too_few"] if found.n else "–"
    return f"{found.value:.0%} ({found.low * 100:.0f}–{found.high * 100:.0f} %)"


def shown_hours(hours: float, words: dict[str, str]) -> str:
    """A length of time in the unit that says most."""
    if hours < 1 / 60:
        return words["under_a_minute"]
    if hours < 1:
        return words["minutes"].format(n=hours * 60)
    return words["hours"].format(n=hours) if hours < 72 else words["days"].format(n=hours / 24)


def carries(found: Rate) -> bool:
    """Whether there is enough of it for a rate."""
    return found.value is not None and found.n >= LEAST


def drawn(table: Table) -> Sequence[tuple[Cell, ...]]:
    """The rows of a table that its chart shows: from the top, as far as they have something to draw."""
    chart = table.chart
    if chart is None:
        return ()
    rows = []
    for row in table.rows[: chart.top]:
        cells = [row[place] for place in chart.values]
        if chart.kind != "stacked" and not all(carries(cell) if isinstance(cell, Rate) else cell is not None for cell in cells):
            break
        rows.append(row)
    return rows


def plain(value: Cell) -> float:
    """A cell as the length of a bar; money in whole units."""
    if isinstance(value, Money):
        return float(value.decimal())
    if isinstance(value, Rate):
        return value.value or 0.0
    return float(value) if isinstance(value, int | float) else 0.0

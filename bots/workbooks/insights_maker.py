"""What all sections of the insights report share: the findings, the language, and how a column, an amount and a key figure are made."""

from __future__ import annotations

from bots.cases.money import Money
from bots.decisions.insights_model import Figure, Findings
from bots.workbooks.insights_captions import CAPTIONS
from bots.workbooks.insights_report import Cell, Column, Kind, Tile, shown_hours
from bots.workbooks.insights_words import say


class Maker:
    """One findings in one language."""

    def __init__(self, found: Findings, captions: str) -> None:
        self.found, self.captions, self.words = found, captions, CAPTIONS[captions]

    def _say(self, kind: str, code: str) -> str:
        return say(kind, code, self.captions)

    def _base(self, minor: int) -> Money:
        return Money(minor=minor, currency=self.found.books_currency)

    def _columns(self, *keys: str | tuple[str, Kind] | tuple[str, Kind, int]) -> tuple[Column, ...]:
        return tuple(Column(self.words[key]) if isinstance(key, str) else Column(self.words[key[0]], *key[1:]) for key in keys)

    def _figure(self, figure: Figure) -> tuple[Cell, ...]:
        interval = f"{figure.low:.0%} – {figure.high:.0%}" if figure.low is not None and figure.high is not None else ""
        target = f"{figure.target:.0%}" if figure.target is not None else ""
        return self.words[f"fig_{figure.key}"], self._value(figure), figure.n, interval, target, self.words[f"note_{figure.key}"]

    def _value(self, figure: Figure) -> str:
        if figure.value is None:
            return self.words["no_data"]
        if figure.unit == "share":
            return f"{figure.value:.0%}"
        if figure.key == "hours_saved":
            return self.words["hours"].format(n=figure.value)
        return shown_hours(figure.value, self.words) if figure.unit == "hours" else f"{figure.value:,.0f}" if figure.unit == "count" else f"{figure.value:,.2f}"

    def tile(self, figure: Figure) -> Tile:
        name, value, n, interval, target, note = map(str, self._figure(figure))
        below = " · ".join(filter(None, ("" if figure.unit == "count" else f"n = {n}", interval, f"{self.words['target']} {target}" if target else "")))
        return Tile(name, value, below, note)

"""Small charts as inline SVG: no script, no image, colours from the page's own style, so that they follow light and dark.

Every text is escaped here; the result is markup that a template may put in as it is.
"""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from unicodedata import east_asian_width

from markupsafe import Markup

WIDTH, ROW, TOP = 640, 26, 8
LABEL, NUMBER = 190, 96
"""Room for the names on the left and the numbers on the right."""
FIT = 27
"""Half-width characters that fit into the room for names."""
Segment = tuple[str, float]
"""(series, value)"""


def bars(title: str, rows: Sequence[tuple[str, float, str]], kind: str = "a") -> Markup:
    """Horizontal bars: (name, value, number as it is shown). `kind` is the style class of the bars."""
    most = max((value for _, value, _ in rows), default=0.0)
    parts = []
    for place, (name, value, shown) in enumerate(rows):
        y = TOP + place * ROW
        parts += [_name(name, y), _bar(LABEL, y, _scaled(value, most), kind, f"{name}: {shown}"), _number(LABEL + _scaled(value, most) + 6, y, shown)]
    return _svg(title, len(rows), parts)


def intervals(title: str, rows: Sequence[tuple[str, float, float, float, str]]) -> Markup:
    """Rates with their interval: (name, low, value, high, number as it is shown), all between 0 and 1."""
    parts = [_grid(share, len(rows)) for share in (0, 0.25, 0.5, 0.75, 1)]
    for place, (name, low, value, high, shown) in enumerate(rows):
        y = TOP + place * ROW
        middle = y + ROW / 2 - 2
        left, at, right = (LABEL + _scaled(share, 1) for share in (low, value, high))
        parts += [
            _name(name, y),
            f'<g><title>{escape(f"{name}: {shown}")}</title><line class="whisker" x1="{left:.1f}" y1="{middle}" x2="{right:.1f}" y2="{middle}"/>',
            f'<line class="whisker" x1="{left:.1f}" y1="{middle - 4}" x2="{left:.1f}" y2="{middle + 4}"/>',
            f'<line class="whisker" x1="{right:.1f}" y1="{middle - 4}" x2="{right:.1f}" y2="{middle + 4}"/>',
            f'<circle class="dot" cx="{at:.1f}" cy="{middle}" r="4.5"/></g>',
            _number(WIDTH - NUMBER + 10, y, shown),
        ]
    return _svg(title, len(rows), parts)


def pairs(title: str, rows: Sequence[tuple[str, float, float, str]]) -> Markup:
    """A bar on a longer, paler one: (name, lower value, higher value, numbers as they are shown). Median and 90th percentile, say."""
    most = max((high for _, _, high, _ in rows), default=0.0)
    parts = []
    for place, (name, low, high, shown) in enumerate(rows):
        y = TOP + place * ROW
        parts += [
            _name(name, y),
            _bar(LABEL, y, _scaled(high, most), "pale", f"{name}: {shown}"),
            _bar(LABEL, y, _scaled(low, most), "a", f"{name}: {shown}"),
            _number(LABEL + _scaled(high, most) + 6, y, shown),
        ]
    return _svg(title, len(rows), parts)


def stacked(title: str, rows: Sequence[tuple[str, Sequence[Segment]]], kinds: dict[str, str]) -> Markup:
    """Bars made of segments: (name, [(series, value)]); `kinds` gives each series its style class."""
    most = max((sum(value for _, value in segments) for _, segments in rows), default=0.0)
    parts = []
    for place, (name, segments) in enumerate(rows):
        y, x, total = TOP + place * ROW, float(LABEL), sum(value for _, value in segments)
        parts.append(_name(name, y))
        for series, value in segments:
            parts.append(_bar(x, y, _scaled(value, most), kinds.get(series, "a"), f"{name}, {series}: {value:g}"))
            x += _scaled(value, most)
        parts.append(_number(x + 6, y, f"{total:,.10g}"))
    return _svg(title, len(rows), parts)


def _scaled(value: float, most: float) -> float:
    return value / most * (WIDTH - LABEL - NUMBER) if most > 0 else 0.0


def _short(name: str) -> str:
    """As much of a name as fits; Chinese characters are twice as wide."""
    room, kept = FIT, ""
    for char in name:
        room -= 2 if east_asian_width(char) in "WF" else 1
        if room < 0:
            return kept.rstrip() + "…"
        kept += char
    return kept


def _name(name: str, y: float) -> str:
    return f'<text class="name" x="{LABEL - 8}" y="{y + 15}"><title>{escape(name)}</title>{escape(_short(name))}</text>'


def _number(x: float, y: float, shown: str) -> str:
    return f'<text class="number" x="{x:.1f}" y="{y + 15}">{escape(shown)}</text>'


def _bar(x: float, y: float, width: float, kind: str, told: str) -> str:
    return f'<rect class="bar {escape(kind)}" x="{x:.1f}" y="{y + 2}" width="{max(width, 0):.1f}" height="{ROW - 8}"><title>{escape(told)}</title></rect>'


def _grid(share: float, rows: int) -> str:
    x = LABEL + _scaled(share, 1)
    return (
        f'<line class="grid" x1="{x:.1f}" y1="{TOP - 4}" x2="{x:.1f}" y2="{TOP + rows * ROW}"/>'
        f'<text class="tick" x="{x:.1f}" y="{TOP + rows * ROW + 14}">{share:.0%}</text>'
    )


def _svg(title: str, rows: int, parts: Sequence[str]) -> Markup:
    height = TOP + rows * ROW + 18
    inside = "".join(parts)
    return Markup(
        f'<svg viewBox="0 0 {WIDTH} {height}" role="img" aria-label="{escape(title)}" xmlns="http://www.w3.org/2000/svg"><title>{escape(title)}</title>{inside}</svg>'
    )

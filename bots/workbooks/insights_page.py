"""The insights page: one HTML file that needs no network and runs no script, with charts, tables, and every case's timeline.

Everything is escaped by the template. A content policy inside the page forbids whatever is not in it, the links to evidence apart.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from bots.automation.evidence import safe_name
from bots.cases.events import Event
from bots.decisions.insights_model import CaseLine, Findings
from bots.decisions.kpis import Rate
from bots.workbooks.insights import COLOURS
from bots.workbooks.insights_charts import bars, intervals, pairs, stacked
from bots.workbooks.insights_report import Section, Table, drawn, plain, shown
from bots.workbooks.insights_sections import report
from bots.workbooks.insights_words import say
from bots.workbooks.output import write_in_place

if TYPE_CHECKING:
    from jinja2 import Template

TEMPLATE = Path(__file__).parent / "templates" / "insights.html.j2"
SHOWN_CASES = 500
"""Timelines on the page; more would make it slow to open."""
SHORT = 16
"""Characters of a cell that is not broken over lines."""
DETAIL = 300
"""Characters of an event's facts."""
WRITTEN_BY = frozenset({"what", "note", "subject", "reasons", "amount", "refund", "credit_note", "voucher", "failure", "why"})
"""Facts that say enough without their name."""
QUIET = frozenset(
    {
        "sha256",
        "message_id",
        "key",
        "terms_hash",
        "components",
        "natural_key",
        "sender",
        "customer_name",
        "customer_email",
        "payee",
        "version",
        "set",
        "source_key",
    }
)
"""Facts left out: hashes, keys, and the customer's name and addresses."""
NUMBERS = frozenset({"int", "number", "share", "money"})


@dataclass(frozen=True)
class Step:
    """One line of a timeline."""

    when: str
    who: str
    what: str
    detail: str
    person: bool
    links: tuple[tuple[str, str], ...] = ()
    """(address, name) of evidence files."""


def write_page(file: Path, found: Findings, captions: str, evidence: Path) -> Path:
    """Write the page and give the path it landed at. `evidence` is the folder that holds one folder a case."""
    html = render(found, captions, evidence=evidence, home=file.parent)
    return write_in_place(file, html)


@lru_cache(maxsize=1)
def _template() -> Template:
    from jinja2 import Environment, StrictUndefined

    return Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True).from_string(TEMPLATE.read_text(encoding="utf-8"))


def render(found: Findings, captions: str, *, evidence: Path, home: Path) -> str:
    """The page's HTML. Links to evidence are relative to `home`."""
    made = report(found, captions)
    words = made.words
    chosen = _chosen(found.cases)
    return _template().render(
        report=made,
        words=words,
        lang="zh-Hans" if captions == "zh" else "en",
        sections=[_section(section, words) for section in made.sections if section.key != "cases"],
        cases=[_case(case, found, captions, words, evidence, home) for case in chosen],
        left_out=words["left_out"].format(shown=len(chosen), all=len(found.cases)) if len(chosen) < len(found.cases) else "",
        colours=COLOURS,
    )


# -- tables ----------------------------------------------------------------------------------------------------------------
def _section(section: Section, words: dict[str, str]) -> dict[str, Any]:
    return {"section": section, "tables": [_table(table, words) for table in section.tables]}


def _table(table: Table, words: dict[str, str]) -> dict[str, Any]:
    left = len(table.rows) - table.on_page
    return {
        "table": table,
        "heads": [(column.title, "n" if column.kind in NUMBERS else "") for column in table.columns],
        "rows": [
            [_styled(shown(cell, column.kind, words), column.kind) for cell, column in zip(row, table.columns, strict=True)]
            for row in table.rows[: table.on_page]
        ],
        "more": words["more"].format(n=left) if left > 0 else "",
        "chart": _chart(table, words),
        "legend": _legend(table),
    }


def _styled(text: str, kind: str) -> tuple[str, str]:
    """A cell and its style: number, wide text, short text that stays on one line."""
    return text, "n" if kind in NUMBERS else "w" if kind == "wide" else "d" if kind in ("date", "rate") or len(text) <= SHORT else ""


def _legend(table: Table) -> list[tuple[str, str]]:
    chart = table.chart
    if chart is None or chart.kind not in ("stacked", "pairs"):
        return []
    return [(table.columns[place].title, chart.classes[number] if chart.classes else ("a", "pale")[number]) for number, place in enumerate(chart.values)]


def _chart(table: Table, words: dict[str, str]) -> str:
    chart, rows = table.chart, drawn(table)
    if chart is None or not rows:
        return ""
    kinds = [table.columns[place].kind for place in chart.values]

    def number(row: Sequence[Any], place: int) -> str:
        return shown(row[chart.values[place]], kinds[place], words)

    if chart.kind == "bars":
        return bars(chart.title, [(str(row[0]), plain(row[chart.values[0]]), number(row, 0)) for row in rows])
    if chart.kind == "rate":
        rates = [(str(row[0]), found) for row in rows if isinstance(found := row[chart.values[0]], Rate)]
        return intervals(chart.title, [(name, found.low or 0, found.value or 0, found.high or 0, f"{found.k} / {found.n}") for name, found in rates])
    if chart.kind == "pairs":
        return pairs(
            chart.title, [(str(row[0]), plain(row[chart.values[0]]), plain(row[chart.values[1]]), f"{number(row, 0)} / {number(row, 1)} h") for row in rows]
        )
    series = {table.columns[place].title: chart.classes[position] for position, place in enumerate(chart.values)}
    return stacked(chart.title, [(str(row[0]), [(table.columns[place].title, plain(row[place])) for place in chart.values]) for row in rows], series)


# -- cases -----------------------------------------------------------------------------------------------------------------
def _chosen(cases: Sequence[CaseLine]) -> list[CaseLine]:
    """All open cases, then the newest closed ones as far as there is room; newest first."""
    waiting = [case for case in cases if case.closed_at is None]
    done = [case for case in cases if case.closed_at is not None]
    room = max(0, SHOWN_CASES - len(waiting))
    return sorted([*waiting, *(done[-room:] if room else [])], key=lambda case: (case.closed_at is None, case.opened_at, case.rma), reverse=True)


def _case(case: CaseLine, found: Findings, captions: str, words: dict[str, str], evidence: Path, home: Path) -> dict[str, Any]:
    folder = evidence / safe_name(case.rma)
    return {
        "line": case,
        "state": say("state", case.state, captions),
        "reason": say("reason", case.reason, captions) if case.reason else "",
        "amount": shown(case.amount, "money", words) if case.amount is not None else "",
        "late": case.closed_at is None and case.deadline is not None and case.deadline.date() < found.now.date(),
        "deadline": shown(case.deadline.date(), "date", words) if case.deadline is not None else "",
        "folder": _address(folder, home) if folder.exists() else "",
        "steps": list(steps(case.timeline, captions, words, evidence, home)),
    }


def steps(timeline: Iterable[Event], captions: str, words: dict[str, str], evidence: Path, home: Path) -> Iterator[Step]:
    """The events of a case as lines; pictures taken one after another share a line."""
    links: list[tuple[str, str]] = []
    last: Event | None = None
    for event in timeline:
        if event.kind == "evidence":
            path = str(event.data.get("path", ""))
            links.append((_address(evidence / path, home), Path(path).name))
            last = event
            continue
        if links and last is not None:
            yield _pictures(last, words, links)
            links = []
        person = not event.actor.endswith("bot") and event.actor != "suite"
        yield Step(f"{event.at:%m-%d %H:%M}", event.actor, say("event", event.kind, captions), detail(event), person)
    if links and last is not None:
        yield _pictures(last, words, links)


def _pictures(event: Event, words: dict[str, str], links: Sequence[tuple[str, str]]) -> Step:
    return Step(f"{event.at:%m-%d %H:%M}", event.actor, words["evidence"], "", False, tuple(links))


def detail(event: Event) -> str:
    """An event's facts in one line; what moved comes first."""
    moved = event.data.get("set")
    parts = [f"{key} → {value}" for key, value in moved.items() if key not in QUIET and value not in ("", None)] if isinstance(moved, dict) else []
    for key, value in event.data.items():
        if key in QUIET or value in ("", None, [], {}, False):
            continue
        told = _plain(value)
        parts.append(told if key in WRITTEN_BY else f"{key}: {told}")
    text = " · ".join(parts)
    return text if len(text) <= DETAIL else text[: DETAIL - 1] + "…"


def _plain(value: Any) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{key} {_plain(inner)}" for key, inner in value.items())
    if isinstance(value, list):
        return "; ".join(_plain(inner) for inner in value)
    return str(value)


def _address(path: Path, home: Path) -> str:
    """The address of a file beside the page: relative, and quoted so that no name can leave its attribute or become a scheme."""
    return "./" + quote(os.path.relpath(path, home).replace(os.sep, "/"))

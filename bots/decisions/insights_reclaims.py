"""Duty and import VAT of returned goods: what their way home saves under relief, and what was paid where the customer lives and comes back.

Amounts are estimates in minor units of the currency of the papers: value of the returned pieces times the rates of config/kpis.yaml, the VAT on
value and duty. Where the rate of duty is missing there is no amount of duty (an unknown amount is never zero), and the VAT is that of the value alone, the least it can be.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from bots.cases.model import ExportLine
from bots.decisions.customs_rules import CustomsRules
from bots.decisions.insights_rules import Reclaim
from bots.decisions.insights_story import CaseStory
from bots.decisions.kpis import KpiRules
from bots.decisions.policy import SELLER_FAULT, months_after

RELIEF_PAPERS = ("export_mrn", "invoice", "rma", "identity_proof")
"""What relief for returned goods asks for (Reg. (EU) 2015/2447 art. 253; gov.uk)."""


@dataclass(frozen=True, slots=True)
class Recovery:
    """One sum of duty or VAT of one case."""

    rma: str
    country: str
    """Where it was paid, or would be."""
    scheme: str
    what: str
    """duty or vat"""
    way: str
    """relief: not paid at all when the goods come home; reclaim: was paid and comes back."""
    state: str
    """done (relief taken), open, lapsed, or waiting (the goods are not back yet)."""
    value: int
    currency: str
    amount: int | None
    """Estimate; None where no rate is known."""
    due: date | None
    papers: tuple[str, ...]
    checked: bool


def recoveries(stories: Sequence[CaseStory], rules: KpiRules, customs: CustomsRules, now: datetime) -> tuple[Recovery, ...]:
    """Everything of all cases, open ones first, the first to lapse first."""
    found = [row for story in stories for row in (*_reliefs(story, rules, customs, now), *_reclaims(story, rules, customs, now))]
    order = ("open", "waiting", "done", "lapsed")
    return tuple(sorted(found, key=lambda row: (order.index(row.state), row.due or date.max, row.rma, row.scheme, row.what)))


def _pieces(story: CaseStory) -> list[tuple[ExportLine, int]]:
    """Returned pieces with their line of the export papers. Lines of papers and order share their number."""
    if story.order is None or story.order.export is None:
        return []
    lines = {line.line_no: line for line in story.order.export.lines}
    return [(lines[line.line_no], qty) for sku, qty in story.returned.items() if (line := story.order.line(sku)) and line.line_no in lines]


def _worth(pieces: Sequence[tuple[ExportLine, int]]) -> int:
    return sum(line.unit_value * qty for line, qty in pieces)


def _duty(pieces: Sequence[tuple[ExportLine, int]], territory: str, rules: KpiRules) -> int | None:
    """Duty on the pieces, or None when a rate is missing."""
    parts = [(line.unit_value * qty, rules.duty(territory, line.hs_code)) for line, qty in pieces]
    return None if any(pct is None for _, pct in parts) else round(sum(value * (pct or 0.0) / 100 for value, pct in parts))


def _amount(pieces: Sequence[tuple[ExportLine, int]], what: str, territory: str, country: str, rules: KpiRules) -> int | None:
    duty = _duty(pieces, territory, rules)
    if what == "duty":
        return duty
    vat = rules.import_vat_pct.get(country)
    return round((_worth(pieces) + (duty or 0)) * vat / 100) if vat is not None else None


def _reliefs(story: CaseStory, rules: KpiRules, customs: CustomsRules, now: datetime) -> Iterator[Recovery]:
    """Relief at the warehouse's end, for goods that cross a border on their way home."""
    pieces, order = _pieces(story), story.order
    declaration = story.parcel.declaration if story.parcel is not None else None
    if order is None or order.export is None or not pieces or story.case.request != "approved" or story.case.parcel == "lost":
        return
    home = (story.receipt.warehouse if story.receipt is not None else "") or order.ship_from
    territory, country = customs.territory(home[:2]), home[:2].upper()
    if not territory or territory == customs.territory(order.country):
        return
    on = declaration.lodged_at.date() if declaration is not None and declaration.lodged_at is not None else now.date()
    claimed = declaration.relief if declaration is not None else ""
    scheme = customs.relief(territory, claimed, on)
    if scheme is None:
        return
    due = months_after(order.export.export_date, scheme.months) if scheme.months is not None else None
    over = story.case.customs in ("clear", "released")
    state = "done" if over and claimed else "lapsed" if due is not None and due < now.date() else "open" if over or declaration is not None else "waiting"
    for what in ("duty", "vat"):
        amount = _amount(pieces, what, territory, country, rules)
        yield Recovery(
            story.case.rma, country, scheme.scheme, what, "relief", state, _worth(pieces), pieces[0][0].currency, amount, due, RELIEF_PAPERS, scheme.checked
        )


def _reclaims(story: CaseStory, rules: KpiRules, customs: CustomsRules, now: datetime) -> Iterator[Recovery]:
    """What the seller paid at the customer's end (DDP) and gets back once the goods have left that country again."""
    pieces, order = _pieces(story), story.order
    if order is None or order.export is None or not pieces or story.case.request != "approved" or order.incoterm.upper() != "DDP":
        return
    territory = customs.territory(order.country)
    exported = order.export.export_date
    for entry in rules.reclaims:
        if entry.territory != territory or not entry.in_force(exported) or (entry.faulty_only and story.reason not in SELLER_FAULT):
            continue
        amount = _amount(pieces, entry.what, territory, order.country, rules)
        due = entry.last_day(exported)
        yield Recovery(
            story.case.rma,
            order.country,
            entry.scheme,
            entry.what,
            "reclaim",
            _state(story, entry, due, now),
            _worth(pieces),
            pieces[0][0].currency,
            None if amount is None else round(amount * entry.share_pct / 100),
            due,
            entry.papers,
            entry.checked,
        )


def _state(story: CaseStory, entry: Reclaim, due: date, now: datetime) -> str:
    if due < now.date():
        return "lapsed"
    return "open" if story.case.parcel == "received" else "waiting"


def sums(rows: Sequence[Recovery]) -> dict[tuple[str, str, str], tuple[int, int, int]]:
    """(way, state, currency) -> (cases, estimated minor units, rows without an estimate)."""
    found: dict[tuple[str, str, str], tuple[set[str], int, int]] = {}
    for row in rows:
        cases, minor, unknown = found.setdefault((row.way, row.state, row.currency), (set(), 0, 0))
        found[row.way, row.state, row.currency] = (cases | {row.rma}, minor + (row.amount or 0), unknown + (row.amount is None))
    return {key: (len(cases), minor, unknown) for key, (cases, minor, unknown) in found.items()}

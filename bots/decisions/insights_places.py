"""Where returns come from and land, how many benches a warehouse needs, where on its floor each article belongs, and where a place for returns abroad would pay."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from bots.cases.model import Milestone, Receipt
from bots.decisions.customs_rules import CustomsRules
from bots.decisions.insights_story import CaseStory, middle
from bots.decisions.inspection import Espr
from bots.decisions.kpis import KpiRules
from bots.decisions.route import Piece, RouteRules, barred, net_cost

A_SHARE, B_SHARE = 0.5, 0.8
"""ABC classes: articles that make up the first half of the units, then those up to four fifths."""
STATIONS = {
    "RESELL_NEW": "fast_lane",
    "RESELL_OPEN_BOX": "repack",
    "REFURBISH": "repack",
    "REPAIR": "repair",
    "RETURN_TO_VENDOR": "vendor",
    "PARTS": "repair",
    "LIQUIDATE": "bulk",
    "DONATE": "bulk",
    "RECYCLE": "waste",
    "DESTROY": "waste",
    "QUARANTINE": "cage",
    "SHIP_BACK": "cage",
    "TRANSFER": "bulk",
}
"""Disposition -> station on the floor."""


@dataclass(frozen=True, slots=True)
class Origin:
    """Parcels from one country that landed in one warehouse."""

    country: str
    warehouse: str
    parcels: int
    units: int
    transit_h: float | None
    held: int
    label_cost: int
    """Minor units of the books' currency."""


@dataclass(frozen=True, slots=True)
class Dock:
    """What one warehouse has to take in and to look at."""

    warehouse: str
    parcels: int
    units: int
    grams: int
    peak: int
    """Units on its busiest day."""
    peak_day: str
    benches: int
    """Benches that finish the busiest day within a day."""
    wait_h: float | None
    """Median from the dock to the booked inspection."""


@dataclass(frozen=True, slots=True)
class Slot:
    """Where on a warehouse's floor a product's returns belong."""

    warehouse: str
    product: str
    name: str
    category: str
    units: int
    abc: str
    station: str
    """The station that most of its units went to, or `inspect` while none is graded."""
    station_units: int
    graded: int
    battery: bool


@dataclass(frozen=True, slots=True)
class Site:
    """What the lanes of config/routes.yaml would cost for all pieces of one country outside the warehouse's customs territory."""

    country: str
    parcels: int
    pieces: int
    paid: int
    """What the way back cost until now, minor units of the books' currency."""
    options: tuple[tuple[str, str, int], ...]
    """(lane, kind, expected net cost), cheapest first; negative when it brings money in."""
    enough: bool
    """Enough parcels to decide by."""


def _landed(stories: Sequence[CaseStory]) -> list[tuple[CaseStory, Receipt]]:
    return [(story, story.receipt) for story in stories if story.receipt is not None]


def _pieces(receipt: Receipt) -> int:
    return sum(line.qty for line in receipt.lines)


def origins(stories: Sequence[CaseStory]) -> tuple[Origin, ...]:
    groups: dict[tuple[str, str], list[tuple[CaseStory, Receipt]]] = defaultdict(list)
    for story, receipt in _landed(stories):
        groups[_from(story), receipt.warehouse or "-"].append((story, receipt))
    rows = [
        Origin(
            country,
            warehouse,
            len(members),
            sum(_pieces(receipt) for _, receipt in members),
            middle(story.span("handed_over", "arrived") for story, _ in members),
            sum(story.scanned(Milestone.CUSTOMS_HELD) for story, _ in members),
            sum(story.label_cost for story, _ in members),
        )
        for (country, warehouse), members in groups.items()
    ]
    return tuple(sorted(rows, key=lambda row: (-row.parcels, row.country, row.warehouse)))


def _from(story: CaseStory) -> str:
    origin = story.parcel.origin_country if story.parcel is not None else ""
    return origin or story.case.country or "-"


def docks(stories: Sequence[CaseStory], rules: KpiRules) -> tuple[Dock, ...]:
    groups: dict[str, list[tuple[CaseStory, Receipt]]] = defaultdict(list)
    for story, receipt in _landed(stories):
        groups[receipt.warehouse or "-"].append((story, receipt))
    rows = []
    for warehouse, members in groups.items():
        days: Counter[str] = Counter()
        for _, receipt in members:
            if receipt.dock_at is not None:
                days[f"{receipt.dock_at:%Y-%m-%d}"] += _pieces(receipt)
        day, peak = min(days.items(), key=lambda entry: (-entry[1], entry[0]), default=("", 0))
        rows.append(
            Dock(
                warehouse,
                len(members),
                sum(_pieces(receipt) for _, receipt in members),
                sum(receipt.dock_g for _, receipt in members),
                peak,
                day,
                math.ceil(peak * rules.check_minutes / (rules.bench_hours * 60)),
                middle(story.span("received", "inspected") for story, _ in members),
            )
        )
    return tuple(sorted(rows, key=lambda row: (-row.parcels, row.warehouse)))


def slots(stories: Sequence[CaseStory]) -> tuple[Slot, ...]:
    """Products by warehouse, those with most units first."""
    units: dict[tuple[str, str], int] = defaultdict(int)
    went: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    about: dict[str, tuple[str, str, bool]] = {}
    for story, receipt in _landed(stories):
        where = receipt.warehouse or "-"
        for sku, qty in story.returned.items():
            line = story.line(sku)
            product = (line.family if line else "") or sku
            about.setdefault(product, (line.name, line.category, bool(line.battery)) if line else ("", "", False))
            units[where, product] += qty
        for task, verdict in story.checks:
            line = story.line(task.sku)
            if verdict is not None and line is not None:
                went[where, line.family or line.sku][STATIONS.get(verdict.value, "inspect")] += task.qty
    rows = []
    whole: Counter[str] = Counter()
    for (where, _), count in units.items():
        whole[where] += count
    running: Counter[str] = Counter()
    for (where, product), count in sorted(units.items(), key=lambda entry: (entry[0][0], -entry[1], entry[0][1])):
        before = running[where] / whole[where]
        running[where] += count
        graded = went[where, product]
        station, most = min(graded.items(), key=lambda entry: (-entry[1], entry[0]), default=("inspect", 0))
        name, category, battery = about[product]
        abc = "A" if before < A_SHARE else "B" if before < B_SHARE else "C"
        rows.append(Slot(where, product, name, category, count, abc, station, most, graded.total(), battery))
    return tuple(rows)


def sites(stories: Sequence[CaseStory], rules: KpiRules, routes: RouteRules, customs: CustomsRules, espr: Espr, now: datetime) -> tuple[Site, ...]:
    """Ways for the returns of each country whose goods cross a customs border on their way home. Past returns stand for those to come."""
    groups: dict[str, list[CaseStory]] = defaultdict(list)
    for story in stories:
        home = (story.receipt.warehouse if story.receipt is not None else "") or (story.order.ship_from if story.order is not None else "")
        country = story.order.country if story.order is not None else ""
        if country and home and story.returned and story.label is not None and customs.territory(country) != customs.territory(home[:2]):
            groups[country].append(story)
    rows = []
    for country, members in groups.items():
        pieces = [piece for story in members for piece in _piece(story, country)]
        options = []
        for lane in routes.lanes:
            if lane.kind in ("destroy", "returnless") or any(barred(piece, lane, routes, customs, espr, now.date()) for piece in pieces):
                continue
            options.append((lane.name, lane.kind, lane.fixed + sum(net_cost(piece, lane, routes, customs, now.date()) for piece in pieces)))
        options.sort(key=lambda option: (option[2], option[0]))
        rows.append(Site(country, len(members), len(pieces), sum(story.label_cost for story in members), tuple(options), len(members) >= rules.station_parcels))
    return tuple(sorted(rows, key=lambda row: (-row.parcels, row.country)))


def _piece(story: CaseStory, country: str) -> list[Piece]:
    """One route piece for every returned unit, with the grade that it turned out to have."""
    grades = {line.sku: verdict.grade for task, verdict in story.checks if verdict is not None and (line := story.line(task.sku))}
    exported = story.order.export.export_date if story.order is not None and story.order.export is not None else None
    return [
        Piece(
            key=f"{story.case.rma} {sku} {number}",
            country=country,
            cost=line.cost_minor,
            weight_g=line.weight_g,
            grade=grades.get(sku) or "A-",
            category=line.category,
            hs_code=line.hs_code,
            battery=line.battery,
            exported_on=exported,
        )
        for sku, qty in story.returned.items()
        if (line := story.line(sku))
        for number in range(qty)
    ]

"""What about a product makes it come back, whose desk that is on, and what it costs: what the inspection found goes before what the customer said."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from bots.decisions.insights_story import CaseStory
from bots.decisions.kpis import KpiRules, Rate, rate
from bots.decisions.reasons import REASON_CODES, group_of
from bots.decisions.understanding.labels import Defect, NoteGrade, Reason
from bots.decisions.understanding.notes import read_note

AREAS: dict[str, str] = {
    "functional": "sourcing",
    "cosmetic": "sourcing",
    "expired": "warehouse",
    "contaminated": "packaging",
    "transit_damage": "packaging",
    "missing_parts": "packing",
    "wrong_item": "packing",
    "counterfeit": "sourcing",
    "safety_concern": "design",
    "no_fault_found": "manual",
    "defect_claimed": "sourcing",
    "too_small": "listing",
    "too_large": "listing",
    "size_or_fit": "listing",
    "not_as_described": "listing",
    "quality": "design",
    "arrived_late": "carrier",
}
"""Causes that somebody in the house can remove -> who. A change of mind or wear by the customer is none."""
SHOWN = 5
"""Cases named as examples."""
_FOUND: dict[Defect, str] = {
    Defect.FUNCTIONAL: "functional",
    Defect.COSMETIC: "cosmetic",
    Defect.TRANSIT_DAMAGE: "transit_damage",
    Defect.MISSING_ACCESSORY: "missing_parts",
    Defect.CONTAMINATED: "contaminated",
    Defect.EXPIRED: "expired",
}
_SAID: dict[Reason, str] = {
    Reason.DEFECTIVE: "defect_claimed",
    Reason.DAMAGED_IN_TRANSIT: "transit_damage",
    Reason.WRONG_ITEM: "wrong_item",
    Reason.MISSING_PARTS: "missing_parts",
    Reason.NOT_AS_DESCRIBED: "not_as_described",
    Reason.SIZE_OR_FIT: "size_or_fit",
    Reason.QUALITY_UNSATISFACTORY: "quality",
    Reason.COUNTERFEIT: "counterfeit",
    Reason.SAFETY_CONCERN: "safety_concern",
    Reason.ARRIVED_LATE: "arrived_late",
}
_EXACT = {"SIZE_TOO_SMALL": "too_small", "SIZE_TOO_LARGE": "too_large"}


@dataclass(frozen=True, slots=True)
class Cause:
    """Units of one product (all sizes of a family together) that came back for one cause."""

    product: str
    name: str
    category: str
    cause: str
    area: str
    units: Rate
    """Of all units of the product that came back."""
    cost: int
    """What these returns cost (value lost and the way back), minor units of the books' currency."""
    rmas: tuple[str, ...]
    flagged: bool
    """Enough units to act on; fewer are something to watch."""


@dataclass
class _Sum:
    units: int = 0
    cost: int = 0
    rmas: list[str] = field(default_factory=list)


def cause_of(reason_code: str, note: str | None) -> str:
    """The cause of one returned article, or nothing. `note` is the inspector's, None before the inspection."""
    said = _EXACT.get(reason_code) or (_SAID.get(group_of(reason_code), "") if reason_code in REASON_CODES else "")
    if note is None:
        return said
    reading = read_note(note)
    found = _FOUND.get(reading.defect, "")
    if found:
        return found
    if said == "defect_claimed" and reading.defect is Defect.NONE and reading.grade in (NoteGrade.A_NEW, NoteGrade.B_OPEN_BOX):
        return "no_fault_found"
    return said


def causes(stories: Sequence[CaseStory], rules: KpiRules) -> tuple[Cause, ...]:
    """Causes by product: those with enough units first, then by what they cost."""
    sums: dict[tuple[str, str], _Sum] = defaultdict(_Sum)
    returned: dict[str, int] = defaultdict(int)
    products: dict[str, tuple[str, str]] = {}
    for story in stories:
        notes = {task.sku: task.note for task, verdict in story.checks if verdict is not None}
        for sku, qty in story.returned.items():
            line = story.line(sku)
            product = (line.family if line else "") or sku
            products.setdefault(product, (line.name if line else "", line.category if line else ""))
            returned[product] += qty
            cause = cause_of(story.reason, notes.get(sku, notes.get(line.picked_sku) if line else None))
            if cause in AREAS:
                row = sums[product, cause]
                row.units += qty
                row.cost += round(story.loss * qty / sum(story.returned.values()))
                row.rmas.append(story.case.rma)
    rows = [
        Cause(
            product,
            *products[product],
            cause,
            AREAS[cause],
            rate(row.units, returned[product], rules.z),
            row.cost,
            _some(row.rmas),
            row.units >= rules.flag_units,
        )
        for (product, cause), row in sums.items()
    ]
    return tuple(sorted(rows, key=lambda row: (not row.flagged, -row.cost, -row.units.k, row.product, row.cause)))


def _some(rmas: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(rmas))[:SHOWN]

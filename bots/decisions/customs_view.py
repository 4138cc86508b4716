"""What a customs rule may look at, and how a declared line finds its line on the export papers."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from difflib import SequenceMatcher
from functools import cached_property

from bots.cases.model import Declaration, DeclarationLine, ExportLine, Order, Parcel
from bots.cases.money import Money
from bots.decisions.customs_rules import CustomsRules, Relief
from bots.decisions.decision import Finding

MIN_LIKENESS = 3
"""Points (see _alike) below which a declared line is no line of the export papers."""


def found(rule: str, severity: str, field: str, what: str, fix: str, expected: str = "", actual: str = "") -> Finding:
    """A finding in the order in which people say it."""
    return Finding(rule=rule, severity=severity, field=field, what=what, fix=fix, expected=expected, actual=actual)


@dataclass(frozen=True)
class Facts:
    """What the declaration itself does not say. `rate_micro`: millionths of the export currency per unit of the declared one, from the documents."""

    export_mode: str = ""
    export_refund_taken: bool = False
    """Drawback or an export refund of VAT was already taken for these goods."""
    rate_micro: int | None = None
    paid: Money | None = None
    """What the customer paid for the goods that come back."""


@dataclass(frozen=True)
class View:
    """Everything a rule may look at."""

    order: Order
    declaration: Declaration
    parcel: Parcel
    rules: CustomsRules
    returns_before: int
    reason_code: str
    now: datetime
    facts: Facts = field(default_factory=Facts)

    @cached_property
    def territory(self) -> str:
        """Where the goods are imported again."""
        country = self.parcel.destination if re.fullmatch(r"[A-Z]{2}([-\s,].*)?", self.parcel.destination) else ""
        return self.rules.territory(country or self.order.ship_from)

    @cached_property
    def day(self) -> date:
        return (self.declaration.lodged_at or self.now).date()

    @cached_property
    def relief(self) -> Relief | None:
        return self.rules.relief(self.territory, self.declaration.relief, self.day)

    @cached_property
    def pairs(self) -> tuple[tuple[DeclarationLine, ExportLine | None], ...]:
        return pair_lines(self.declaration.lines, self.order.export.lines if self.order.export else ())

    @cached_property
    def matched(self) -> tuple[tuple[DeclarationLine, ExportLine], ...]:
        return tuple((line, left) for line, left in self.pairs if left is not None)


def _alike(line: DeclarationLine, left: ExportLine) -> int:
    """Points for two lines being the same goods; the tariff number alone must not decide, for it may be the thing that is wrong."""
    points = 6 if set(line.serials) & set(left.serials) else 0
    points += 3 if digits(line.hs_code)[:6] == digits(left.hs_code)[:6] else 0
    points += round(4 * likeness(line.description, left.description))
    points += 2 if line.unit_value == left.unit_value else 0
    points += 2 if line.net_g == left.net_g else 0
    return points + (line.line_no == left.line_no)


def pair_lines(declared: Sequence[DeclarationLine], exported: Sequence[ExportLine]) -> tuple[tuple[DeclarationLine, ExportLine | None], ...]:
    """Each declared line with the export line it stands for, best likeness first; several declared lines may share one export line (C05 adds them up)."""
    chosen: list[tuple[DeclarationLine, ExportLine | None]] = []
    for line in declared:
        best = max(exported, key=lambda left: (_alike(line, left), -left.line_no), default=None)
        chosen.append((line, best if best is not None and _alike(line, best) >= MIN_LIKENESS else None))
    return tuple(chosen)


def digits(text: str) -> str:
    return re.sub(r"\D", "", text)


def words(text: str) -> str:
    return " ".join(re.findall(r"[^\W\d_]+", text.casefold()))


def likeness(one: str, two: str) -> float:
    """0 to 1: shared words or shared letters, whichever says more."""
    a, b = words(one), words(two)
    if not a or not b:
        return 0.0
    shared = len(set(a.split()) & set(b.split())) / min(len(set(a.split())), len(set(b.split())))
    return max(shared, SequenceMatcher(None, a, b).ratio())


def shown(minor: int, currency: str) -> str:
    return str(Money(minor=minor, currency=currency))


def plain(text: str) -> str:
    return " ".join(re.findall(r"\w+", text.casefold()))

"""Which way returned goods take: sold where they are, collected and shipped home, sold in a third country, destroyed, or left with the customer.

Rule ids:
    W01 least expected net cost          W04 relief window closed: duty is paid
    W02 dangerous goods barred           W05 destruction ban (Reg. (EU) 2024/1781 art. 25)
    W03 deadline cannot be kept          W06 too dear to leave with the customer
Expected net cost of a piece = handling + freight + duty + holding - expected resale; a lane that is opened costs its fixed amount once, whatever
goes on it. Pieces are therefore decided together. The optimum is exact: with k lanes of fixed cost, each of the 2^k sets of opened lanes is tried.
Money is minor units of the books' currency.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from itertools import chain, combinations
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from bots.cases.settings import Settings
from bots.decisions.customs_rules import CustomsRules
from bots.decisions.inspection import Disposition, Espr
from bots.decisions.policy import months_after

MOST_LANES = 14
"""Lanes of fixed cost that may be weighed together; 2^14 sets are the most that is tried."""


class Lane(Settings):
    name: str
    kind: Literal["local_resale", "ship_back", "third_country", "destroy", "returnless"]
    from_: tuple[str, ...] = Field(alias="from")
    to: str = ""
    fixed: int = Field(ge=0)
    per_item: int = Field(ge=0)
    per_kg: int = Field(ge=0)
    days: int = Field(ge=0)
    dg: bool
    damaged_dg: bool
    duty_pct: float = Field(default=0, ge=0)
    relief: str = ""
    resale_pct: dict[str, float] = Field(default_factory=dict)


class RouteRules(Settings):
    """config/routes.yaml"""

    lanes: tuple[Lane, ...]
    holding_pct_a_day: float = Field(ge=0)
    returnless_abuse_pct: float = Field(ge=0)
    returnless_cost_limit: int = Field(ge=0)

    @model_validator(mode="after")
    def _names_once(self) -> RouteRules:
        names = [lane.name for lane in self.lanes]
        if len(set(names)) < len(names):
            raise ValueError("lanes: a name is used twice")
        return self


class Piece(BaseModel):
    """One returned piece that lies with its customer or at a collection point."""

    model_config = ConfigDict(frozen=True)

    key: str
    """RMA and SKU, or what else names it."""
    country: str
    cost: int
    weight_g: int
    grade: str = "A-"
    """Grade known or expected."""
    category: str = ""
    hs_code: str = ""
    battery: str = ""
    damaged: bool = False
    exported_on: date | None = None
    days_left: int | None = None
    """Days until the goods must be where they end; None without a deadline."""
    derogation: str = ""
    """Derogation from the destruction ban that a person recorded."""


class Choice(BaseModel):
    """The way one piece takes. `cost` is its own expected net cost, negative when it brings money in."""

    model_config = ConfigDict(frozen=True)

    key: str
    lane: str
    kind: str
    cost: int
    rules: tuple[str, ...] = ()
    reasons: tuple[str, ...] = ()
    alternatives: tuple[tuple[str, int], ...] = ()
    """(lane, own cost) of every lane that was open to it, cheapest first."""


class Plan(BaseModel):
    """All pieces together. `total` includes the fixed cost of the lanes that are used."""

    model_config = ConfigDict(frozen=True)

    choices: tuple[Choice, ...]
    lanes: tuple[str, ...]
    total: int
    stuck: tuple[str, ...] = ()
    """Keys of pieces that no lane may take: a person decides."""


def barred(piece: Piece, lane: Lane, rules: RouteRules, customs: CustomsRules, espr: Espr, on: date) -> tuple[str, str] | None:
    """(rule, why) a piece may not take a lane, or None."""
    if "any" not in lane.from_ and piece.country not in lane.from_ and customs.territory(piece.country) not in lane.from_:
        return "W01", f"{lane.name} does not serve {piece.country}"
    if piece.battery and (not lane.dg or (piece.damaged and not lane.damaged_dg)):
        return "W02", f"{lane.name} takes no {'damaged ' if piece.damaged else ''}battery ({piece.battery})"
    if piece.days_left is not None and lane.days > piece.days_left:
        return "W03", f"{lane.name} takes {lane.days} days, {piece.days_left} are left"
    banned = (
        lane.kind == "destroy"
        and Disposition.DESTROY in espr.banned
        and customs.territory(piece.country) == "EU"
        and espr.applies(piece.category, piece.hs_code, on)
    )
    if banned and piece.derogation not in espr.derogations:
        return "W05", f"{piece.category or piece.hs_code} must not be destroyed without a derogation"
    if lane.kind == "returnless" and piece.cost > rules.returnless_cost_limit:
        return "W06", "too dear to leave with the customer"
    return None


def relief_open(piece: Piece, lane: Lane, customs: CustomsRules, on: date) -> bool:
    """Whether the lane's relief still saves the duty when the goods arrive."""
    arrival = on + timedelta(days=lane.days)
    scheme = next((one for one in customs.reliefs if one.scheme == lane.relief and one.in_force(arrival)), None)
    if scheme is None or piece.exported_on is None:
        return False
    return scheme.months is None or arrival <= months_after(piece.exported_on, scheme.months)


def net_cost(piece: Piece, lane: Lane, rules: RouteRules, customs: CustomsRules, on: date) -> int:
    """Expected net cost of a piece on a lane, without the lane's fixed cost."""
    crosses = bool(lane.to) and customs.territory(piece.country) != customs.territory(lane.to)
    duty = piece.cost * lane.duty_pct / 100 if crosses and not relief_open(piece, lane, customs, on) else 0.0
    if lane.kind == "returnless":
        return round(lane.per_item + piece.cost * rules.returnless_abuse_pct / 100)
    holding = piece.cost * rules.holding_pct_a_day / 100 * lane.days
    resale = piece.cost * lane.resale_pct.get(piece.grade, 0) / 100
    return round(lane.per_item + lane.per_kg * piece.weight_g / 1000 + duty + holding - resale)


def plan_routes(pieces: Sequence[Piece], rules: RouteRules, customs: CustomsRules, espr: Espr, on: date) -> Plan:
    """The cheapest way for all pieces together. Raises ValueError on equal keys, and when more than MOST_LANES lanes of fixed cost are in play."""
    if len({piece.key for piece in pieces}) < len(pieces):
        raise ValueError("two pieces have the same key: name each by RMA, SKU and number")
    options: dict[str, dict[str, int]] = {}
    bars: dict[str, list[tuple[str, str]]] = {}
    for piece in pieces:
        bars[piece.key] = []
        options[piece.key] = {}
        for lane in rules.lanes:
            bar = barred(piece, lane, rules, customs, espr, on)
            if bar is None:
                options[piece.key][lane.name] = net_cost(piece, lane, rules, customs, on)
            elif bar[0] != "W01":  # a lane elsewhere needs no word
                bars[piece.key].append(bar)
    movable = {key: costs for key, costs in options.items() if costs}
    chosen, total = _cheapest(movable, {lane.name: lane.fixed for lane in rules.lanes})
    lanes = {lane.name: lane for lane in rules.lanes}
    by_key = {piece.key: piece for piece in pieces}
    choices = tuple(_choice(by_key[key], lanes[name], options[key], bars[key], rules, customs, on) for key, name in chosen.items())
    return Plan(choices=choices, lanes=tuple(sorted(set(chosen.values()))), total=total, stuck=tuple(key for key, costs in options.items() if not costs))


def _cheapest(options: dict[str, dict[str, int]], fixed: dict[str, int]) -> tuple[dict[str, str], int]:
    """Lane of each piece and the total, exact: every set of opened lanes of fixed cost, each piece on its cheapest open lane.

    Among equally cheap plans the one that opens fewer lanes wins, then the earlier lanes of the table.
    """
    used = {name for costs in options.values() for name in costs}
    dear = [name for name, cost in fixed.items() if cost and name in used]
    free = {name for name in used if not fixed[name]}
    if len(dear) > MOST_LANES:
        raise ValueError(f"{len(dear)} lanes of fixed cost are more than the {MOST_LANES} that can be weighed together: plan by country")
    order = {name: place for place, name in enumerate(fixed)}
    best: tuple[int, dict[str, str]] | None = None
    for opened in chain.from_iterable(combinations(dear, count) for count in range(len(dear) + 1)):
        allowed = free.union(opened)
        total, chosen = sum(fixed[name] for name in opened), {}
        for key, costs in options.items():
            here = [(cost, order[name], name) for name, cost in costs.items() if name in allowed]
            if not here:
                break
            cost, _, name = min(here)
            total += cost
            chosen[key] = name
        else:
            if best is None or total < best[0]:
                best = (total, chosen)
    return (best[1], best[0]) if best else ({}, 0)


def _choice(piece: Piece, lane: Lane, costs: dict[str, int], bars: list[tuple[str, str]], rules: RouteRules, customs: CustomsRules, on: date) -> Choice:
    told = ["W01", *(rule for rule, _ in bars)]
    reasons = [
        f"{lane.name} is cheapest for all pieces together: {costs[lane.name] / 100:.2f} net for this one.",
        *(f"{why[:1].upper()}{why[1:]}." for _, why in bars),
    ]
    if lane.relief and not relief_open(piece, lane, customs, on):
        told.append("W04")
        reasons.append(f"The window of {lane.relief} is closed or unproven: duty of {lane.duty_pct:g} % is counted.")
    alternatives = tuple(sorted(costs.items(), key=lambda entry: entry[1]))
    return Choice(
        key=piece.key,
        lane=lane.name,
        kind=lane.kind,
        cost=costs[lane.name],
        rules=tuple(dict.fromkeys(told)),
        reasons=tuple(reasons),
        alternatives=alternatives,
    )

"""Key figures of the returns work, each with its n, so that nobody reads a rate of two cases as a fact.

Cohorts: return rates go by ship date and take mature shipments only (older than the return window); figures of the work go by closing date.
Amounts are minor units and never summed over currencies; times are UTC.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from fractions import Fraction
from statistics import median
from typing import TypeVar

from pydantic import Field

from bots.cases.settings import Settings
from bots.decisions.insights_rules import ClaimTerm, Reclaim

Key = TypeVar("Key", bound=Hashable)

STAGES: dict[str, tuple[str, str]] = {
    "request to decision": ("requested", "decided"),
    "decision to hand-over": ("decided", "handed_over"),
    "transit": ("handed_over", "arrived"),
    "customs": ("customs_presented", "customs_released"),
    "arrival to receipt": ("arrived", "received"),
    "receipt to inspection": ("received", "inspected"),
    "inspection to refund": ("inspected", "refund_submitted"),
    "refund to settlement": ("refund_submitted", "refund_settled"),
    "settlement to books": ("refund_settled", "posted"),
    "end to end": ("requested", "closed"),
}
"""Stages of a case as (from, to) milestones."""

NOT_OURS = frozenset({"decision to hand-over", "transit", "customs", "end to end"})
"""Stages that wait for customers, carriers or offices: no bot makes them shorter."""


class KpiRules(Settings):
    """config/kpis.yaml"""

    flag_units: int = Field(ge=1)
    flag_factor: float = Field(ge=1)
    z: float = Field(gt=0)
    psi_note: float = Field(ge=0)
    psi_alert: float = Field(ge=0)
    touch_drop_target: float = Field(ge=0, le=1)
    labour_saved_target: tuple[float, float]
    sales_file: str = "sales.csv"
    """Units shipped by article, country and month, below the workspace; without it no true return rate is known."""
    sales_window_days: int = Field(default=30, ge=0)
    """Months younger than this are left out: their goods may still come back."""
    due_soon_days: int = Field(default=3, ge=0)
    station_parcels: int = Field(default=5, ge=1)
    """Parcels from one country from which a place for returns there is worth a thought."""
    check_minutes: float = Field(default=6, gt=0)
    """Time at the bench for one returned unit."""
    bench_hours: float = Field(default=7, gt=0)
    """Hours a day that one bench is staffed."""
    claims: dict[str, ClaimTerm] = Field(default_factory=dict)
    """What may be claimed back from whom: supplier, carrier_damage, carrier_loss, warehouse."""
    reclaims: tuple[Reclaim, ...] = ()
    duty_pct: dict[str, dict[str, float]] = Field(default_factory=dict)
    """Duty in percent by customs territory and the beginning of the tariff number; the longest one that fits counts."""
    import_vat_pct: dict[str, float] = Field(default_factory=dict)
    """Import VAT in percent by country."""

    def duty(self, territory: str, hs_code: str) -> float | None:
        """Percent of duty, or None where no rate is written down: no rate is not zero."""
        fits = [(len(prefix), pct) for prefix, pct in self.duty_pct.get(territory, {}).items() if hs_code.startswith(prefix)]
        return max(fits)[1] if fits else None


@dataclass(frozen=True, slots=True)
class Rate:
    """k of n, with the Wilson interval. All None when n is 0: no data is not zero."""

    k: int
    n: int
    value: float | None
    low: float | None
    high: float | None


def rate(k: int, n: int, z: float = 1.96) -> Rate:
    """Wilson score interval (Wilson 1927): unlike the plain one it stays inside 0..1 and is honest for small n. Raises ValueError unless 0 <= k <= n."""
    if not 0 <= k <= n:
        raise ValueError(f"{k} of {n} is no rate")
    if n == 0:
        return Rate(0, 0, None, None, None)
    share, spread = k / n, z * z / n
    middle = (share + spread / 2) / (1 + spread)
    half = z / (1 + spread) * math.sqrt(share * (1 - share) / n + spread / (4 * n))
    return Rate(k, n, share, max(0.0, min(share, middle - half)), min(1.0, max(share, middle + half)))


# -- return rates --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Shipped:
    """One shipped order line and what of it came back."""

    sku: str
    qty: int
    returned: int
    shipped_on: date
    country: str = ""
    channel: str = ""
    category: str = ""
    value: int = 0
    """Minor units of `currency`."""
    value_returned: int = 0
    currency: str = ""


@dataclass(frozen=True, slots=True)
class GroupRate:
    """Return rate of a group of shipments."""

    group: str
    units: Rate
    flagged: bool
    """Returned conspicuously often."""
    sure: bool = False
    """Flagged, and even the lower end of the interval lies above the overall rate: more than chance."""


def mature(rows: Iterable[Shipped], window_days: int, today: date) -> list[Shipped]:
    """Shipments whose return window is over; younger ones would make every rate look too good."""
    return [row for row in rows if row.shipped_on + timedelta(days=window_days) <= today]


def return_rate(rows: Iterable[Shipped], z: float = 1.96) -> Rate:
    """Units returned of units shipped; more returned than shipped (a wrong receipt) counts as all."""
    listed = list(rows)
    return rate(sum(min(row.returned, row.qty) for row in listed), sum(row.qty for row in listed), z)


def return_rates(rows: Sequence[Shipped], by: Callable[[Shipped], str], rules: KpiRules) -> tuple[GroupRate, ...]:
    """Rates by group, the highest first, flagged against the overall rate."""
    overall = return_rate(rows, rules.z).value or 0.0
    groups: dict[str, list[Shipped]] = defaultdict(list)
    for row in rows:
        groups[by(row)].append(row)
    found = []
    for group, members in groups.items():
        units = return_rate(members, rules.z)
        flagged = units.k >= rules.flag_units and (units.value or 0.0) >= rules.flag_factor * overall > 0
        found.append(GroupRate(group, units, flagged, flagged and (units.low or 0.0) > overall))
    return tuple(sorted(found, key=lambda entry: (-(entry.units.value or 0.0), entry.group)))


def value_rates(rows: Iterable[Shipped]) -> dict[str, tuple[int, int]]:
    """(value returned, value shipped) by currency: rates of value are never made over several currencies."""
    sums: dict[str, tuple[int, int]] = {}
    for row in rows:
        back, out = sums.get(row.currency, (0, 0))
        sums[row.currency] = back + row.value_returned, out + row.value
    return sums


# -- times ---------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Moment:
    """A case reached a milestone of STAGES."""

    case: str
    milestone: str
    at: datetime


@dataclass(frozen=True, slots=True)
class StageTime:
    """How long a stage took, in hours; None without a case."""

    stage: str
    n: int
    median: float | None
    p90: float | None
    business_median: float | None
    """Counting Monday to Friday only."""
    business_p90: float | None
    ours: bool
    """Whether a bot can make it shorter."""


def percentile(values: Sequence[float], share: float) -> float | None:
    """Linear between the neighbours (as in spreadsheets); None without a value."""
    if not values:
        return None
    ordered = sorted(values)
    place = (len(ordered) - 1) * share
    low = math.floor(place)
    high = math.ceil(place)
    return ordered[low] + (ordered[high] - ordered[low]) * (place - low)


def business_hours(start: datetime, end: datetime) -> float:
    """Hours between two moments that do not fall on a Saturday or Sunday (in the time zone of `start`)."""
    end = end.astimezone(start.tzinfo)
    if end <= start:
        return 0.0
    total, moment = timedelta(0), start
    while moment < end:
        midnight = datetime.combine(moment.date() + timedelta(days=1), time(), tzinfo=start.tzinfo)
        until = min(midnight, end)
        if moment.weekday() < 5:
            total += until - moment
        moment = until
    return total.total_seconds() / 3600


def stage_times(moments: Iterable[Moment], stages: Mapping[str, tuple[str, str]] = STAGES) -> tuple[StageTime, ...]:
    """Time of each stage over the cases that have both its ends in order. The first moment of a milestone counts."""
    cases: dict[str, dict[str, datetime]] = defaultdict(dict)
    for moment in moments:
        known = cases[moment.case].get(moment.milestone)
        if known is None or moment.at < known:
            cases[moment.case][moment.milestone] = moment.at
    found = []
    for stage, (start, end) in stages.items():
        spans = [(case[start], case[end]) for case in cases.values() if start in case and end in case and case[start] <= case[end]]
        hours = [(until - since).total_seconds() / 3600 for since, until in spans]
        working = [business_hours(since, until) for since, until in spans]
        found.append(
            StageTime(
                stage,
                len(spans),
                median(hours) if hours else None,
                percentile(hours, 0.9),
                median(working) if working else None,
                percentile(working, 0.9),
                stage not in NOT_OURS,
            )
        )
    return tuple(found)


# -- work ----------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Work:
    """One case as the work on it went."""

    case: str
    closed: bool
    touches: int
    """Times a person had to decide."""


def stp_rate(rows: Iterable[Work], z: float = 1.96) -> Rate:
    """Straight-through processing: closed cases that nobody touched, of closed cases."""
    closed = [row for row in rows if row.closed]
    return rate(sum(1 for row in closed if row.touches == 0), len(closed), z)


def touch_rate(rows: Iterable[Work], z: float = 1.96) -> Rate:
    """Closed cases that a person touched at least once, of closed cases."""
    closed = [row for row in rows if row.closed]
    return rate(sum(1 for row in closed if row.touches), len(closed), z)


def touches_a_case(rows: Iterable[Work]) -> float | None:
    closed = [row.touches for row in rows if row.closed]
    return sum(closed) / len(closed) if closed else None


def touch_drop(before: float, after: float) -> float | None:
    """Relative drop of a rate of manual touches; None when there was nothing to drop."""
    return None if before <= 0 else 1 - after / before


@dataclass(frozen=True, slots=True)
class Labour:
    """Minutes of people with and without bots."""

    baseline: float
    human: float
    saved: float
    share: float | None
    """Saved of baseline; None without any work. Negative when people needed longer than before."""
    by_task: dict[str, float] = field(default_factory=dict)
    """Baseline minutes by task."""


def labour_saved(volumes: Mapping[str, int], human_minutes: float, by_hand: Mapping[str, float]) -> Labour:
    """1 - minutes people still worked / what the same work takes by hand (`by_hand`: minutes for one item of each task).

    A task without minutes raises LookupError: it would count as free.
    """
    if unknown := sorted(set(volumes) - set(by_hand)):
        raise LookupError(f"no minutes by hand are known for {', '.join(unknown)}")
    by_task = {task: float(Fraction(str(by_hand[task])) * count) for task, count in volumes.items()}
    baseline = sum(by_task.values())
    return Labour(baseline, human_minutes, baseline - human_minutes, 1 - human_minutes / baseline if baseline else None, by_task)


# -- money ---------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Refunded:
    """One refund as it was checked afterwards; amounts are minor units of `currency`."""

    case: str
    currency: str
    expected: int
    paid: int
    times: int = 1
    payee_right: bool = True
    received: bool = True
    """Goods came back, or nothing had to."""
    settled_at: datetime | None = None
    due_at: datetime | None = None


def refund_accuracy(rows: Iterable[Refunded], z: float = 1.96) -> Rate:
    """Refunds of the right amount, to the right payee, once, of refunds checked."""
    listed = list(rows)
    return rate(sum(1 for row in listed if row.paid == row.expected and row.payee_right and row.times == 1), len(listed), z)


def on_time(rows: Iterable[Refunded], z: float = 1.96) -> Rate:
    """Refunds settled by their statutory day, of settled refunds that had one."""
    due = [(row.settled_at, row.due_at) for row in rows if row.settled_at is not None and row.due_at is not None]
    return rate(sum(1 for settled, by in due if settled <= by), len(due), z)


def leakage(rows: Iterable[Refunded]) -> dict[str, int]:
    """Money lost by currency: paid for nothing received, else paid above what was due (a second refund is above)."""
    lost: dict[str, int] = defaultdict(int)
    for row in rows:
        lost[row.currency] += row.paid if not row.received else max(0, row.paid - row.expected)
    return dict(lost)


def recovery_rate(recovered: int, original_cost: int) -> float | None:
    """Recovered value of returned goods over their original cost, both in the books' currency."""
    return recovered / original_cost if original_cost else None


def cost_per_return(costs: Mapping[str, int], recovered: int, returns: int) -> float | None:
    """Minor units of the books' currency a return: label, freight, duty, handling, inspection, refurbishing, fees, write-down, labour, less what was recovered."""
    return (sum(costs.values()) - recovered) / returns if returns else None


# -- customs -------------------------------------------------------------------------------------------------------------


def hold_rate(presented: int, held: int, z: float = 1.96) -> Rate:
    """Parcels held by customs, of parcels presented to them."""
    return rate(held, presented, z)


def anomaly_precision(warned_and_held: int, warned: int, z: float = 1.96) -> Rate:
    """Declarations that customs or a person found wrong, of those that the rules held back."""
    return rate(warned_and_held, warned, z)


def relief_capture(granted: int, eligible: int) -> float | None:
    """Value brought home under relief over value that could have been, in one currency."""
    return granted / eligible if eligible else None


# -- drift ---------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Drift:
    """How far the mix of a period is from the one before."""

    psi: float
    level: str
    """stable, note or alert"""
    moved: tuple[tuple[str, float, float], ...]
    """(reason, share before, share now), the largest contribution first."""


def psi(before: Mapping[str, int], now: Mapping[str, int]) -> tuple[float, tuple[tuple[str, float, float], ...]]:
    """Population stability index of two mixes of counts. Half a case is added to every class, so that a new reason is finite and a rare one weighs little."""
    classes = sorted(set(before) | set(now))
    if not classes:
        return 0.0, ()
    old_n, new_n = sum(before.values()) + 0.5 * len(classes), sum(now.values()) + 0.5 * len(classes)
    parts = []
    for name in classes:
        old, new = (before.get(name, 0) + 0.5) / old_n, (now.get(name, 0) + 0.5) / new_n
        parts.append(((new - old) * math.log(new / old), name, old, new))
    parts.sort(key=lambda part: (-part[0], part[1]))
    return sum(part[0] for part in parts), tuple((name, old, new) for _, name, old, new in parts)


def reason_drift(before: Iterable[str], now: Iterable[str], rules: KpiRules) -> Drift:
    """Whether the mix of return reasons changed from one period to the next."""
    value, moved = psi(Counter(before), Counter(now))
    level = "alert" if value >= rules.psi_alert else "note" if value >= rules.psi_note else "stable"
    return Drift(value, level, moved)


def ratios(counts: Mapping[Key, int]) -> dict[Key, float]:
    """Shares of a whole; empty without anything."""
    whole = sum(counts.values())
    return {key: count / whole for key, count in counts.items()} if whole else {}

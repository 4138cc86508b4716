"""The shapes of the findings. Amounts are minor units of the currency named; times are UTC, spans are hours."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from bots.cases.events import Event
from bots.cases.money import Money
from bots.decisions.customs_rules import CustomsRules
from bots.decisions.insights_causes import Cause
from bots.decisions.insights_claims import Claim, PartyShare
from bots.decisions.insights_places import Dock, Origin, Site, Slot
from bots.decisions.insights_reclaims import Recovery
from bots.decisions.inspection import Espr
from bots.decisions.kpis import Drift, GroupRate, KpiRules, Labour, Rate, StageTime
from bots.decisions.route import RouteRules


@dataclass(frozen=True, slots=True)
class Tables:
    """The settings that the findings are made by."""

    kpis: KpiRules
    customs: CustomsRules
    routes: RouteRules
    espr: Espr


@dataclass(frozen=True, slots=True)
class Sold:
    """Units of an article shipped to a country in a month, from the shop's own figures."""

    sku: str
    country: str
    month: date
    """First day of the month."""
    units: int


@dataclass(frozen=True, slots=True)
class BotWork:
    """What a bot has worked, over all its runs."""

    bot: str
    done: int
    to_person: int
    saved: float
    """Minutes a person would have needed for what is done, as recorded item by item from the bot's `by_hand`."""
    runs: int = 0
    failed: int = 0
    seconds: float = 0.0

    @property
    def by_hand(self) -> float:
        """Minutes a person needs for one item."""
        return self.saved / self.done if self.done else 0.0


@dataclass(frozen=True, slots=True)
class Reading:
    """How well one question is answered from what people wrote, as `run_bot.py evaluate` measured it; shares from 0 to 1."""

    source: str
    """Mail or Inspection notes."""
    question: str
    rows: int
    surest: tuple[tuple[str, float], ...]
    """Accuracy on the surest part of the rows, by the part: 100%, 90% ..."""
    macro_f1: float
    calibration_error: float


@dataclass(frozen=True, slots=True)
class Figure:
    """One key figure. `unit`: count, share, ratio, hours."""

    key: str
    unit: str
    value: float | None
    n: int
    low: float | None = None
    high: float | None = None
    target: float | None = None


@dataclass(frozen=True, slots=True)
class Group:
    """A class of cases: how many of how many, units back, and units back of units shipped."""

    name: str
    share: Rate
    units: Rate


@dataclass(frozen=True, slots=True)
class Stock:
    """Inspected units of one grade and disposition; money in minor units of the books' currency."""

    grade: str
    disposition: str
    units: int
    cost: int
    recovery: int
    """Expected, net."""


@dataclass(frozen=True, slots=True)
class Question:
    """Questions to a person of one code."""

    code: str
    bot: str
    n: int
    open: int
    median_h: float | None
    """From the question to the answer."""
    decisions: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class Signal:
    """A pattern of fraud or error that screenings have found."""

    rule: str
    what: str
    """As it was told of the newest case."""
    rmas: tuple[str, ...]
    held: int
    """Cases that were held back for it."""


@dataclass(frozen=True, slots=True)
class Due:
    """A refund that is late or due soon."""

    rma: str
    order_no: str
    due: datetime
    days: int
    """Days left, negative when late."""
    state: str
    amount: Money | None
    codes: tuple[str, ...]
    """Open questions, the usual reason."""


@dataclass(frozen=True, slots=True)
class CaseLine:
    """One case as the list shows it. No customer's name: the report is passed on."""

    rma: str
    order_no: str
    channel: str
    country: str
    reason: str
    responsible: str
    state: str
    skus: str
    amount: Money | None
    loss: int
    opened_at: datetime
    closed_at: datetime | None
    deadline: datetime | None
    touches: int
    open_questions: tuple[str, ...]
    timeline: tuple[Event, ...]


@dataclass(frozen=True)
class Findings:
    """Everything that the workbook and the page show."""

    now: datetime
    books_currency: str
    rules: KpiRules
    figures: tuple[Figure, ...]
    known_orders: int
    true_rates: bool
    """Whether the rates rest on all units shipped, and not only on orders of which something came back."""
    overall: Rate
    unmatched: int
    """Returned units for which the sales figures name no shipment; they are in no rate."""
    rates: Mapping[str, tuple[GroupRate, ...]]
    """By product (all sizes of a family together), category, country, sku, and channel where it is known."""
    names: Mapping[str, str]
    """Product name by SKU and by family."""
    values: Mapping[str, tuple[int, int]]
    """(goods value returned, shipped) by currency; empty with sales figures, which name no prices."""
    reasons: tuple[Group, ...]
    split: Mapping[tuple[str, str], int]
    """Cases by (reason, responsible party)."""
    parties: tuple[PartyShare, ...]
    claims: tuple[Claim, ...]
    recoveries: tuple[Recovery, ...]
    drift: Drift | None
    stages: tuple[StageTime, ...]
    due: tuple[Due, ...]
    work: tuple[BotWork, ...]
    labour: Labour
    questions: tuple[Question, ...]
    signals: tuple[Signal, ...]
    screened: int
    stock: tuple[Stock, ...]
    causes: tuple[Cause, ...]
    origins: tuple[Origin, ...]
    docks: tuple[Dock, ...]
    slots: tuple[Slot, ...]
    sites: tuple[Site, ...]
    funnel: tuple[tuple[str, int], ...]
    """The road of the goods: how many cases came so far."""
    refunded: Mapping[str, tuple[int, int]]
    """(refunds, minor units) by currency."""
    cases: tuple[CaseLine, ...]
    readings: tuple[Reading, ...] = ()
    """Empty where nothing was measured in this workspace."""
    causes_told: tuple[str, ...] = ()
    """The causes in a language model's sentences, checked against the table; empty: the report tells them in its own."""

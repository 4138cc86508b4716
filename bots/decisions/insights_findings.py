"""What all cases tell together: return rates, causes, claims, times, work, goods, and what to do first. Facts in, findings out.

Every rate carries its n and its Wilson interval. Amounts are minor units and never summed over currencies; times are UTC, spans are hours.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime, timedelta

from bots.cases.model import Milestone, Order
from bots.cases.states import case_state
from bots.cases.store import Case
from bots.decisions.amounts import lines_paid
from bots.decisions.insights_causes import causes
from bots.decisions.insights_claims import claims, parties
from bots.decisions.insights_model import BotWork, CaseLine, Due, Figure, Findings, Group, Question, Signal, Sold, Stock, Tables
from bots.decisions.insights_places import docks, origins, sites, slots
from bots.decisions.insights_reclaims import recoveries
from bots.decisions.insights_story import OUR_STAGES, CaseStory, middle
from bots.decisions.kpis import (
    Drift,
    KpiRules,
    Labour,
    Rate,
    Refunded,
    Shipped,
    StageTime,
    Work,
    hold_rate,
    labour_saved,
    on_time,
    rate,
    reason_drift,
    recovery_rate,
    refund_accuracy,
    return_rate,
    return_rates,
    stage_times,
    stp_rate,
    touch_rate,
    touches_a_case,
    value_rates,
)

PERIOD = timedelta(days=28)
"""Reasons of this time are compared with those before it."""
ENOUGH = 20
"""Cases in each period from which a change of the mix of reasons means anything."""


def find(stories: Sequence[CaseStory], work: Sequence[BotWork], tables: Tables, books_currency: str, now: datetime, sold: Sequence[Sold] = ()) -> Findings:
    """All findings of these cases."""
    rules = tables.kpis
    shipped, unmatched = _by_sales(stories, sold, rules, now) if sold else (_by_orders(stories), 0)
    families = {line.sku: line.family or line.sku for story in stories if story.order is not None for line in story.order.lines}
    by: dict[str, Callable[[Shipped], str]] = {
        "product": lambda row: families.get(row.sku, row.sku),
        "category": lambda row: row.category or "-",
        "country": lambda row: row.country or "-",
        "sku": lambda row: row.sku,
    }
    if not sold:
        by["channel"] = lambda row: row.channel or "-"
    stages = stage_times([moment for story in stories for moment in story.moments()], OUR_STAGES)
    stock, labour, drift, found_claims = _stock(stories), _labour(work), _drift(stories, rules, now), claims(stories, rules, now)
    return Findings(
        now=now,
        books_currency=books_currency,
        rules=rules,
        figures=_figures(stories, stages, stock, work, labour, drift, rules, now),
        known_orders=len({story.order.order_no for story in stories if story.order is not None}),
        true_rates=bool(sold),
        overall=return_rate(shipped, rules.z),
        unmatched=unmatched,
        rates={name: return_rates(shipped, key, rules) for name, key in by.items()},
        names={key: line.name for story in stories if story.order is not None for line in story.order.lines for key in (line.family, line.sku) if key},
        values={} if sold else value_rates(shipped),
        reasons=_groups(stories, sum(row.qty for row in shipped), rules.z),
        split=Counter((story.reason, story.party) for story in stories),
        parties=parties(stories, found_claims),
        claims=found_claims,
        recoveries=recoveries(stories, rules, tables.customs, now),
        drift=drift,
        stages=stages,
        due=_due(stories, rules, now),
        work=tuple(work),
        labour=labour,
        questions=_questions(stories),
        signals=_signals(stories),
        screened=sum(bool(story.screenings) for story in stories),
        stock=stock,
        causes=causes(stories, rules),
        origins=origins(stories),
        docks=docks(stories, rules),
        slots=slots(stories),
        sites=sites(stories, rules, tables.routes, tables.customs, tables.espr, now),
        funnel=_funnel(stories),
        refunded=_refunded_money(stories),
        cases=tuple(_line(story) for story in stories),
    )


# -- rates -----------------------------------------------------------------------------------------------------------------
def _by_orders(stories: Iterable[CaseStory]) -> list[Shipped]:
    """The lines of every known order once, with what all its cases brought back; a unit counts as back once."""
    orders: dict[str, tuple[Order, Case, Counter[str]]] = {}
    for story in stories:
        if story.order is not None:
            _, _, back = orders.setdefault(story.order.order_no, (story.order, story.case, Counter()))
            back.update(story.returned)
    rows = []
    for order, case, back in orders.values():
        paid = lines_paid(order)
        for line in order.lines:
            returned = min(back[line.sku], line.qty)
            back[line.sku] -= returned
            value = paid[line.sku]
            rows.append(
                Shipped(
                    line.sku,
                    line.qty,
                    returned,
                    _shipped_on(order, case),
                    country=order.country or case.country,
                    channel=order.channel or case.channel,
                    category=line.category,
                    value=value,
                    value_returned=round(value * returned / line.qty) if line.qty else 0,
                    currency=order.currency,
                )
            )
    return rows


def _by_sales(stories: Sequence[CaseStory], sold: Iterable[Sold], rules: KpiRules, now: datetime) -> tuple[list[Shipped], int]:
    """(shipments of months whose return window is over, with what came back of them; returned units that no row accounts for).

    Returns belong to the month in which their order was shipped.
    """
    back: Counter[tuple[str, str, date]] = Counter()
    categories = {line.sku: line.category for story in stories if story.order is not None for line in story.order.lines}
    for story in stories:
        if story.order is not None:
            month = _shipped_on(story.order, story.case).replace(day=1)
            for sku, qty in story.returned.items():
                back[sku, story.order.country or story.case.country, month] += qty
    shipped: Counter[tuple[str, str, date]] = Counter()
    for row in sold:
        shipped[row.sku, row.country, row.month] += row.units
    ripe = {key: units for key, units in shipped.items() if _end_of_month(key[2]) + timedelta(days=rules.sales_window_days) <= now.date()}
    rows = [
        Shipped(sku, units, min(back[sku, country, month], units), month, country=country, category=categories.get(sku, ""))
        for (sku, country, month), units in ripe.items()
    ]
    return rows, sum(max(0, units - shipped[key]) for key, units in back.items())


def _end_of_month(day: date) -> date:
    return (day.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)


def _shipped_on(order: Order, case: Case) -> date:
    return (order.shipped_at or order.placed_at or case.opened_at).date()


def _groups(stories: Sequence[CaseStory], shipped: int, z: float) -> tuple[Group, ...]:
    """Cases by reason, the most frequent first. Units of one order may be back under several cases: no rate goes above all."""
    count, units = Counter(story.reason for story in stories), Counter[str]()
    for story in stories:
        units[story.reason] += sum(story.returned.values())
    rows = [Group(name, rate(n, len(stories), z), rate(min(units[name], shipped), shipped, z)) for name, n in count.items()]
    return tuple(sorted(rows, key=lambda row: (-row.share.k, row.name)))


def _drift(stories: Sequence[CaseStory], rules: KpiRules, now: datetime) -> Drift | None:
    """How the mix of reasons has moved; None with too few cases on either side."""
    before = [story.reason for story in stories if story.case.opened_at < now - PERIOD]
    lately = [story.reason for story in stories if story.case.opened_at >= now - PERIOD]
    return reason_drift(before, lately, rules) if min(len(before), len(lately)) >= ENOUGH else None


# -- key figures -------------------------------------------------------------------------------------------------------------
def _figures(
    stories: Sequence[CaseStory],
    stages: Sequence[StageTime],
    stock: Sequence[Stock],
    work: Sequence[BotWork],
    labour: Labour,
    drift: Drift | None,
    rules: KpiRules,
    now: datetime,
) -> tuple[Figure, ...]:
    touched = [Work(story.case.rma, story.case.closed, story.case.touches) for story in stories]
    refunds = [(story, row) for story in stories if (row := _refund(story)) is not None]
    timed = [*((story, row) for story, row in refunds), *((story, late) for story in stories if (late := _overdue(story, now)) is not None)]
    withdrawals = [row for story, row in timed if story.decided is not None and story.decided.basis == "withdrawal"]
    closed = sum(row.closed for row in touched)
    whole = {stage.stage: stage for stage in stages}
    presented = [story for story in stories if story.scanned(Milestone.CUSTOMS_PRESENTED)]
    held = sum(story.scanned(Milestone.CUSTOMS_HELD) for story in presented)
    items = sum(row.done + row.to_person for row in work)
    return (
        Figure("cases", "count", len(stories), len(stories)),
        Figure("closed", "count", closed, len(stories)),
        _share("straight_through", stp_rate(touched, rules.z)),
        _share("touched", touch_rate(touched, rules.z)),
        Figure("touches_a_case", "ratio", touches_a_case(touched), closed),
        _share("refund_on_time", on_time((row for _, row in timed), rules.z)),
        _share("withdrawal_on_time", on_time(withdrawals, rules.z)),
        _share("refund_accuracy", refund_accuracy((row for _, row in refunds), rules.z)),
        Figure("decision_hours", "hours", whole["intake to decision"].median, whole["intake to decision"].n),
        Figure("end_to_end_hours", "hours", whole["end to end"].median, whole["end to end"].n),
        _share("customs_hold", hold_rate(len(presented), held, rules.z)),
        Figure("recovery", "share", recovery_rate(sum(row.recovery for row in stock), sum(row.cost for row in stock)), sum(row.units for row in stock)),
        Figure("hours_saved", "hours", sum(row.saved for row in work) / 60, sum(row.done for row in work)),
        Figure("labour_saved", "share", labour.share, items, target=rules.labour_saved_target[0]),
        Figure("reason_drift", "ratio", drift.psi if drift is not None else None, len(stories)),
    )


def _share(key: str, found: Rate) -> Figure:
    return Figure(key, "share", found.value, found.n, found.low, found.high)


def _refund(story: CaseStory) -> Refunded | None:
    """A refund that is through, beside what was planned. A marketplace's own payment is not ours to judge."""
    if story.case.refund != "refunded" or story.refund is None or story.plan is None or story.case.request == "books_only":
        return None
    return Refunded(
        story.case.rma,
        story.plan.currency,
        story.plan.gross,
        story.refund.amount.minor,
        times=max(1, story.refunds_made),
        received=story.accepted is not None,
        settled_at=story.settled_at or story.reached.get("refund_settled"),
        due_at=_end_of(story.case.deadline_refund),
    )


def _overdue(story: CaseStory, now: datetime) -> Refunded | None:
    """A refund that is still open after its last day: as late as one that came late, and not to be left out of the count."""
    case = story.case
    due = _end_of(case.deadline_refund)
    if case.closed or due is None or due >= now or case.refund in ("refunded", "replaced", "not_due"):
        return None
    return Refunded(case.rma, case.currency, 0, 0, settled_at=now, due_at=due)


def _end_of(day: datetime | None) -> datetime | None:
    """The last moment of a day: a term ends with its last day, not with the hour of the request."""
    return day.replace(hour=23, minute=59, second=59, microsecond=999_999) if day is not None else None


def _labour(work: Iterable[BotWork]) -> Labour:
    """Minutes saved by what the bots say a person needs. What went to a person counts as done wholly by hand; a bot that has finished nothing is left out."""
    known = [row for row in work if row.by_hand]
    return labour_saved(
        {row.bot: row.done + row.to_person for row in known}, sum(row.to_person * row.by_hand for row in known), {row.bot: row.by_hand for row in known}
    )


def _refunded_money(stories: Iterable[CaseStory]) -> dict[str, tuple[int, int]]:
    sums: dict[str, tuple[int, int]] = {}
    for story in stories:
        if story.case.refund == "refunded" and story.refund is not None:
            count, minor = sums.get(story.refund.amount.currency, (0, 0))
            sums[story.refund.amount.currency] = count + 1, minor + story.refund.amount.minor
    return dict(sorted(sums.items()))


def _due(stories: Iterable[CaseStory], rules: KpiRules, now: datetime) -> tuple[Due, ...]:
    """Refunds that are late or due soon, the latest first."""
    rows = []
    for story in stories:
        case = story.case
        if case.closed or case.deadline_refund is None or case.refund in ("refunded", "replaced", "not_due"):
            continue
        days = (case.deadline_refund.date() - now.date()).days
        if days <= rules.due_soon_days:
            codes = tuple(row.code for row in story.questions if row.closed_at is None)
            rows.append(Due(case.rma, case.order_no or "", case.deadline_refund, days, case_state(case), story.plan.amount if story.plan else None, codes))
    return tuple(sorted(rows, key=lambda row: (row.due, row.rma)))


def _questions(stories: Iterable[CaseStory]) -> tuple[Question, ...]:
    groups = defaultdict(list)
    for story in stories:
        for row in story.questions:
            groups[row.code, row.bot].append(row)
    rows = [
        Question(
            code,
            bot,
            len(members),
            sum(row.closed_at is None for row in members),
            middle((row.closed_at - row.opened_at).total_seconds() / 3600 if row.closed_at is not None else None for row in members),
            tuple(Counter(row.decision for row in members if row.decision).most_common()),
        )
        for (code, bot), members in groups.items()
    ]
    return tuple(sorted(rows, key=lambda row: (-row.n, row.code, row.bot)))


def _signals(stories: Iterable[CaseStory]) -> tuple[Signal, ...]:
    """Patterns by rule: from the screenings of requests and refunds, and from the counting of goods."""
    rmas: dict[str, dict[str, bool]] = defaultdict(dict)
    told: dict[str, str] = {}
    for story in stories:
        found = [(finding, screening.value == "hold") for screening in story.screenings for finding in screening.findings]
        found += [(finding, story.accepted.value == "held") for finding in story.accepted.findings] if story.accepted is not None else []
        for finding, held in found:
            if not finding.rule.startswith("F"):
                continue
            told[finding.rule] = finding.what
            rmas[finding.rule][story.case.rma] = held or rmas[finding.rule].get(story.case.rma, False)
    rows = [Signal(rule, told[rule], tuple(cases), sum(cases.values())) for rule, cases in rmas.items()]
    return tuple(sorted(rows, key=lambda row: (-len(row.rmas), row.rule)))


# -- goods and cases -----------------------------------------------------------------------------------------------------------
def _stock(stories: Iterable[CaseStory]) -> tuple[Stock, ...]:
    sums: dict[tuple[str, str], list[int]] = defaultdict(lambda: [0, 0, 0])
    for story in stories:
        for task, verdict in story.checks:
            if verdict is None:
                continue
            line = story.line(task.sku)
            for place, value in enumerate((task.qty, task.qty * line.cost_minor if line else 0, task.qty * verdict.recovery)):
                sums[verdict.grade, verdict.value][place] += value
    return tuple(Stock(grade, disposition, *values) for (grade, disposition), values in sorted(sums.items()))


def _funnel(stories: Sequence[CaseStory]) -> tuple[tuple[str, int], ...]:
    """Each step counts only cases that took all steps before it."""
    goods = [story for story in stories if story.case.request == "approved" or story.case.parcel == "received"]
    steps: tuple[tuple[str, Callable[[Case], bool]], ...] = (
        ("under_way", lambda case: case.parcel in ("in_transit", "arrived", "received", "lost")),
        ("received", lambda case: case.parcel == "received"),
        ("inspected", lambda case: case.inspection == "inspected"),
        ("settled", lambda case: case.refund in ("refunded", "replaced")),
        ("booked", lambda case: case.books == "posted"),
        ("closed", lambda case: case.closed),
    )
    rows = [("requested", len(stories)), ("goods_expected", len(goods))]
    left = [story.case for story in goods]
    for name, reached in steps:
        left = [case for case in left if reached(case)]
        rows.append((name, len(left)))
    return tuple(rows)


def _line(story: CaseStory) -> CaseLine:
    case = story.case
    amount = story.refund.amount if case.refund == "refunded" and story.refund is not None else story.plan.amount if story.plan is not None else None
    return CaseLine(
        rma=case.rma,
        order_no=case.order_no or "",
        channel=case.channel,
        country=case.country,
        reason=case.reason_code,
        responsible=case.responsible,
        state=case_state(case),
        skus=", ".join(f"{qty} x {sku}" for sku, qty in story.returned.items()),
        amount=amount,
        loss=story.loss,
        opened_at=case.opened_at,
        closed_at=case.closed_at,
        deadline=case.deadline_refund,
        touches=case.touches,
        open_questions=tuple(row.code for row in story.questions if row.closed_at is None),
        timeline=story.timeline,
    )

"""Insights: what the returns say about products, causes, times and the work that the bots took over.

Reads only the case store; opens no program.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

from bots.bot import Item
from bots.cases.events import Event
from bots.cases.model import Order, QcTask
from bots.cases.money import Money
from bots.cases.states import case_state
from bots.cases.store import Case
from bots.cases.work import WorkQueue
from bots.decisions.amounts import RefundPlan
from bots.decisions.inspection import Verdict
from bots.decisions.kpis import KpiRules, Moment, Work, rate, stage_times, stp_rate, touch_rate
from bots.decisions.policy import Review
from bots.portals.desk import Desk
from bots.workbooks.insights import CaseLine, Findings, Share, Step, write_html, write_insights

# Event on a case's timeline -> milestone of bots.decisions.kpis.
MILESTONES = {
    "case_opened": "request",
    "approved": "decision",
    "keep_item": "decision",
    "rejected": "decision",
    "received": "received",
    "inspected": "inspected",
    "refund_submitted": "refund_submitted",
    "refunded": "settled",
    "posted": "posted",
}


class Insights:
    name = "insights"
    title = "Rates, causes, times, minutes saved"
    side_by_side = False
    by_hand = 10.0

    def items(self, desk: Desk) -> Iterator[Item]:
        yield Item(f"{desk.now:%Y-%m-%d %H:%M}")

    def work(self, item: Item, desk: Desk) -> str:
        found = self._findings(desk, desk.config.load("kpis", KpiRules).z)
        captions = desk.config.suite.captions
        place = write_insights(desk.config.file("out", "insights.xlsx"), found, captions)
        write_html(desk.config.file("out", "insights.html"), found, captions)
        return f"{len(found.cases)} cases in {place.name} and insights.html"

    def _findings(self, desk: Desk, z: float) -> Findings:
        cases = desk.store.cases()
        timelines = {case.id: desk.store.timeline(case) for case in cases}
        moments = [
            Moment(case=case.rma, milestone=MILESTONES[event.kind], at=event.at) for case in cases for event in timelines[case.id] if event.kind in MILESTONES
        ]
        work = [Work(case=case.rma, closed=case.closed, touches=case.touches) for case in cases]
        orders = {case.id: order for case in cases if (order := desk.store.get(case, "order", Order)) is not None}
        asked: Counter[int] = Counter(row.case.id for row in desk.store.all_exceptions())
        money: dict[str, int] = {}
        for case in cases:
            plan = desk.store.get(case, "refund_plan", RefundPlan)
            if plan is not None and case.refund == "refunded":
                money[plan.currency] = money.get(plan.currency, 0) + plan.gross
        in_time = [case for case in cases if case.refund == "refunded" and case.deadline_refund]
        queue = WorkQueue(desk.store)
        stp, touched = stp_rate(work, z), touch_rate(work, z)
        return Findings(
            now=desk.now,
            tiles=(
                ("Cases", str(len(cases)), f"{sum(case.closed for case in cases)} closed"),
                ("Straight through", _percent(stp.value), f"of {stp.n} closed; 95 % interval {_percent(stp.low)} to {_percent(stp.high)}"),
                ("Seen by a person", _percent(touched.value), f"{sum(asked.values())} questions on {len(asked)} cases"),
                ("Hours of work taken over", f"{queue.minutes_saved() / 60:.1f}", "by each bot's minutes by hand, times what it finished"),
                (
                    "Refunded",
                    " · ".join(str(Money(minor=minor, currency=currency)) for currency, minor in sorted(money.items())) or "-",
                    "never added up over currencies",
                ),
                ("Refunds with a deadline", str(len(in_time)), "14 days from the request, or from the goods' arrival where withheld"),
            ),
            reasons=_shares(case.reason_code or "-" for case in cases),
            responsible=_shares(case.responsible or "undetermined" for case in cases),
            countries=_shares(case.country or "-" for case in cases),
            channels=_shares(case.channel for case in cases),
            states=_shares(case_state(case) for case in cases),
            skus=_shares(sku for case in cases if (review := desk.store.get(case, "review", Review)) for sku, qty in review.authorised for _ in range(qty)),
            categories=_shares(
                line.category
                for case in cases
                if (review := desk.store.get(case, "review", Review)) and case.id in orders
                for sku, _ in review.authorised
                if (line := orders[case.id].line(sku))
            ),
            stock=_shares(f"{verdict.grade} {verdict.value}" for case in cases for verdict in desk.store.newest_of_each(case, "inspected", Verdict)),
            notes=tuple(f"{task.sku}: {task.note}" for case in cases for task in desk.store.newest_of_each(case, "qc_task", QcTask) if task.note),
            stages=tuple(Step(name=time.stage, n=time.n, median_h=time.median, p90_h=time.p90, ours=time.ours) for time in stage_times(moments)),
            runs=tuple((run["bot"], run["done"], run["to_person"], run["failed"], run["milliseconds"] / 1000) for run in queue.all_runs()),
            cases=tuple(self._line(case, asked[case.id], timelines[case.id], desk) for case in cases),
        )

    def _line(self, case: Case, questions: int, timeline: list[Event], desk: Desk) -> CaseLine:
        plan = desk.store.get(case, "refund_plan", RefundPlan)
        return CaseLine(
            rma=case.rma,
            order_no=case.order_no or "",
            customer=case.customer_name,
            country=case.country,
            channel=case.channel,
            reason=case.reason_code,
            responsible=case.responsible,
            state=case_state(case),
            amount=str(plan.amount) if plan else "",
            questions=questions,
            opened=case.opened_at,
            events=tuple(
                (event.at, event.actor, event.kind, ", ".join(f"{k}: {v}" for k, v in event.data.items() if v not in ("", [], {}, None))[:240])
                for event in timeline
            ),
        )


def _percent(value: float | None) -> str:
    return "-" if value is None else f"{value:.0%}"


def _shares(values: Iterable[str]) -> tuple[Share, ...]:
    """Counts, most frequent first, each with its share and Wilson interval."""
    counted = Counter(values)
    total = sum(counted.values())
    return tuple(Share(name=name, n=n, of=total, low=rate(n, total).low or 0.0, high=rate(n, total).high or 0.0) for name, n in counted.most_common())

"""One case with the newest records that the findings need, and when it reached which milestone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from statistics import median

from bots.cases.events import Event
from bots.cases.model import Milestone, Order, OrderLine, Parcel, QcTask, Receipt, Refund, SalesReturn
from bots.cases.store import Case, ExceptionRow
from bots.decisions.amounts import RefundPlan
from bots.decisions.fraud_rules import Screening
from bots.decisions.inspection import Verdict
from bots.decisions.kpis import STAGES, Moment
from bots.decisions.policy import Review
from bots.decisions.receiving import ReceiptMatch

# What is written into a case's log when it reaches a milestone.
LOGGED = {
    "case_opened": "opened",
    **dict.fromkeys(("approved", "keep_item", "spare_part", "rejected", "books_only", "ended_by_a_person"), "decided"),
    "received": "received",
    "inspected": "inspected",
    "refund_submitted": "refund_submitted",
    **dict.fromkeys(("refunded", "refunded_by_marketplace"), "refund_settled"),
    "posted": "posted",
    "case_closed": "closed",
}
# What the carrier says of the parcel.
SCANNED = {
    Milestone.ACCEPTED: "handed_over",
    Milestone.DELIVERED: "arrived",
    Milestone.CUSTOMS_PRESENTED: "customs_presented",
    Milestone.CUSTOMS_RELEASED: "customs_released",
}
# The wait before the suite first saw a request is told apart from the time it took to decide.
OUR_STAGES: dict[str, tuple[str, str]] = {
    "request to intake": ("requested", "opened"),
    "intake to decision": ("opened", "decided"),
    **{stage: ends for stage, ends in STAGES.items() if stage != "request to decision"},
}
RETURNING = frozenset({"approved", "keep_item", "books_only"})


@dataclass(frozen=True)
class CaseStory:
    """One case and what the systems said of it."""

    case: Case
    order: Order | None = None
    requested_at: datetime | None = None
    decided: Review | None = None
    accepted: ReceiptMatch | None = None
    receipt: Receipt | None = None
    parcel: Parcel | None = None
    label: SalesReturn | None = None
    plan: RefundPlan | None = None
    refund: Refund | None = None
    checks: tuple[tuple[QcTask, Verdict | None], ...] = ()
    screenings: tuple[Screening, ...] = ()
    timeline: tuple[Event, ...] = ()
    questions: tuple[ExceptionRow, ...] = ()
    refunds_made: int = 0
    """Confirmed refund commits."""

    @cached_property
    def returned(self) -> dict[str, int]:
        """Units by ordered SKU: what the dock accepted, else what was authorised; nothing for a case that ended without a return."""
        if self.accepted is not None:
            pieces: Iterable[tuple[str, int]] = self.accepted.accepted
        else:
            pieces = self.decided.authorised if self.decided is not None and self.case.request in RETURNING else ()
        units: Counter[str] = Counter()
        for sku, qty in pieces:
            units[sku] += qty
        return dict(units)

    @property
    def reason(self) -> str:
        return self.case.reason_code or "NO_REASON"

    @property
    def party(self) -> str:
        return self.case.responsible or "undetermined"

    @property
    def label_cost(self) -> int:
        """What the way back cost, minor units of the books' currency; nothing while no parcel has travelled."""
        return self.label.label_cost if self.label is not None and self.case.parcel in ("in_transit", "arrived", "received", "lost") else 0

    @cached_property
    def written_down(self) -> int:
        """Cost of the goods that came back (or never will) less what they are expected to bring; minor units of the books' currency.

        Goods that nobody has looked at yet lose nothing so far.
        """
        if self.case.parcel == "lost" or self.case.request == "keep_item":
            return sum(line.cost_minor * qty for sku, qty in self.returned.items() if (line := self.line(sku)))
        graded = ((task, verdict, self.line(task.sku)) for task, verdict in self.checks if verdict is not None)
        return sum(task.qty * max(0, line.cost_minor - max(0, verdict.recovery)) for task, verdict, line in graded if line)

    @property
    def loss(self) -> int:
        """What the return cost: value lost and the way back, minor units of the books' currency."""
        return self.written_down + self.label_cost

    def line(self, sku: str) -> OrderLine | None:
        """The order line of an article, also where the warehouse packed that one by mistake."""
        if self.order is None:
            return None
        return self.order.line(sku) or next((line for line in self.order.lines if line.picked_sku == sku), None)

    @property
    def inspected(self) -> bool:
        return any(verdict is not None for _, verdict in self.checks)

    @property
    def settled_at(self) -> datetime | None:
        """When the money was back. The back-end's own time, unless its clock is behind ours and would put it before the submission."""
        settled = self.refund.settled_at if self.refund is not None else None
        submitted = next((event.at for event in self.timeline if event.kind == "refund_submitted"), None)
        return max(settled, submitted) if settled is not None and submitted is not None else settled

    def moments(self) -> Iterator[Moment]:
        """When the case reached its milestones: by its log, and by the carrier's scans."""
        rma = self.case.rma
        if self.requested_at is not None:
            yield Moment(rma, "requested", min(self.requested_at, self.case.opened_at))
        for event in self.timeline:
            if event.kind in LOGGED and not (event.kind == "refunded" and self.settled_at is not None):
                yield Moment(rma, LOGGED[event.kind], event.at)
        if self.settled_at is not None:
            yield Moment(rma, "refund_settled", self.settled_at)
        for scan in self.parcel.events if self.parcel is not None else ():
            if scan.milestone in SCANNED:
                yield Moment(rma, SCANNED[scan.milestone], scan.at)

    @cached_property
    def reached(self) -> dict[str, datetime]:
        """Milestone -> the first time it was reached."""
        first: dict[str, datetime] = {}
        for moment in self.moments():
            first[moment.milestone] = min(moment.at, first.get(moment.milestone, moment.at))
        return first

    def span(self, start: str, end: str) -> float | None:
        """Hours between two milestones, or None."""
        since, until = self.reached.get(start), self.reached.get(end)
        return (until - since).total_seconds() / 3600 if since is not None and until is not None and since <= until else None

    def scanned(self, milestone: Milestone) -> bool:
        return self.parcel is not None and any(scan.milestone is milestone for scan in self.parcel.events)


def middle(values: Iterable[float | None]) -> float | None:
    """The median of the values that are known."""
    known = [value for value in values if value is not None]
    return median(known) if known else None

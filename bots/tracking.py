"""Tracking: follows return parcels on the carriers' portals and keeps one vocabulary of milestones.

Many parcels are looked at in one page; only those that moved are opened.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from bots.bot import Item
from bots.cases.errors import BusinessException
from bots.cases.model import Milestone, Parcel, ParcelSummary
from bots.cases.store import Case
from bots.decisions.decision import Decision
from bots.decisions.tracking import TrackingRules, customs_state, follow, parcel_state
from bots.portals.desk import Desk

WORRIES = frozenset({"lost", "ask_carrier", "look_for_it", "returned_to_sender"})


class Tracking:
    name = "tracking"
    title = "Follows return parcels"
    side_by_side = False
    by_hand = 2.0

    def items(self, desk: Desk) -> Iterator[Item]:
        by_carrier: dict[str, list[Case]] = defaultdict(list)
        for case in desk.store.due(self.name, parcel=("awaited", "in_transit", "arrived")):
            if case.tracking_no:
                by_carrier[case.carrier].append(case)
        for carrier, cases in sorted(by_carrier.items()):
            seen = {summary.tracking_no: summary for summary in desk.carrier(carrier).summaries([case.tracking_no for case in cases])}
            for case in cases:
                summary = seen.get(case.tracking_no)
                if summary is not None and summary.last_at is not None and self._moved(case, summary, desk):
                    yield Item(case.rma, case, summary)
                elif self._follow(case, desk.store.get(case, "parcel", Parcel), desk).value in WORRIES:
                    yield Item(case.rma, case)

    def _moved(self, case: Case, summary: ParcelSummary, desk: Desk) -> bool:
        last = desk.store.get(case, "parcel_summary", ParcelSummary)
        return last is None or last.model_dump(exclude={"observed_at"}) != summary.model_dump(exclude={"observed_at"})

    def work(self, item: Item, desk: Desk) -> str:
        case, summary = item.case, item.data
        assert case is not None
        if summary is None:
            return self._worry(case, desk)
        parcel = desk.carrier(case.carrier).read_parcel(case.tracking_no)
        if parcel is None:
            raise BusinessException(
                f"{case.carrier} listed {case.tracking_no} and then shows no such parcel.", code="parcel_vanished", severity="medium", suggestion="retry"
            )
        desk.store.put(case, "parcel", parcel)
        state = parcel_state(parcel)
        changes: dict[str, str] = {}
        if state != case.parcel and state in ("in_transit", "arrived", "lost") and not (case.parcel == "arrived" and state == "in_transit"):
            changes["parcel"] = state
        customs = self._customs(case, parcel)
        if customs is not None:
            changes["customs"] = customs
        last = parcel.events[-1] if parcel.events else None
        if changes:
            desk.store.change(
                case,
                "parcel_moved",
                facts={"milestone": last.milestone if last else "", "place": last.place if last else "", "at": last.at.isoformat() if last else ""},
                **changes,
            )
        if customs == "released":
            self._close_hold(case, desk)
        desk.store.put(case, "parcel_summary", summary)
        return f"{last.milestone if last else 'no event'}{' -> ' + ', '.join(changes.values()) if changes else ''}"

    def _follow(self, case: Case, parcel: Parcel | None, desk: Desk) -> Decision:
        """What the parcel's silence means: lost, to be asked for, or nothing yet."""
        if parcel is None:
            return Decision(value="awaited")
        return follow(parcel, case.carrier, desk.config.load("tracking", TrackingRules), desk.now, received=case.parcel == "received")

    def _worry(self, case: Case, desk: Desk) -> str:
        """A parcel that stopped moving: lost by the carrier's own patience, or a question for a person."""
        said = self._follow(case, desk.store.get(case, "parcel", Parcel), desk)
        why = " ".join(said.reasons)
        if said.value == "lost":
            desk.store.change(case, "parcel_lost", parcel="lost", facts={"why": why, "rules": list(said.rules)})
            return "lost"
        if desk.store.waiver(case, f"parcel_{said.value}") is not None:
            return "a person knows"
        raise BusinessException(
            why,
            code=f"parcel_{said.value}",
            rules=" ".join(said.rules),
            suggestion="proceed",
            advice="Ask the carrier and the warehouse; `proceed` waits on, `close` ends the case.",
        )

    def _close_hold(self, case: Case, desk: Desk) -> None:
        """Customs let the parcel go: the question about the hold has answered itself."""
        for row in desk.store.open_exceptions(case):
            if row.code == "customs_held":
                desk.store.close_exception(row, "proceed", "tracking bot", "released by customs", touched=False)

    def _customs(self, case: Case, parcel: Parcel) -> str | None:
        """The customs state that this parcel's papers and events call for, or None to leave it."""
        if case.customs == "held":
            return "released" if customs_state(parcel) == "released" else None
        if parcel.declaration is None or (case.customs == "not_needed" and not any(event.milestone is Milestone.CUSTOMS_HELD for event in parcel.events)):
            return None
        if case.customs in ("none", "not_needed"):
            return "to_check"
        if case.customs in ("clear", "warned", "released") and customs_state(parcel) == "held":
            return "to_check" if case.customs != "released" else "held"
        return None

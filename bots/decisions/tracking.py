"""Where a return parcel is, from the scans of its carrier: in order, once each, whatever order they came in.

Rule ids:
    T01 last milestone of the journey    T04 quiet for too long: lost
    T02 the carrier says it is lost      T05 delivered, but not on the dock
    T03 quiet: ask the carrier           T06 label never used
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from pydantic import Field

from bots.cases.model import Milestone, Parcel, TrackingEvent
from bots.cases.settings import Settings
from bots.decisions.decision import Decision, Evidence

RANK = {
    milestone: rank
    for rank, milestone in enumerate(
        (
            Milestone.UNKNOWN,
            Milestone.LABEL_CREATED,
            Milestone.ACCEPTED,
            Milestone.IN_TRANSIT,
            Milestone.EXPORT_CUSTOMS,
            Milestone.DEPARTED,
            Milestone.ARRIVED_COUNTRY,
            Milestone.CUSTOMS_PRESENTED,
            Milestone.CUSTOMS_HELD,
            Milestone.CUSTOMS_RELEASED,
            Milestone.OUT_FOR_DELIVERY,
            Milestone.ATTEMPT_FAILED,
            Milestone.READY_FOR_PICKUP,
            Milestone.DAMAGED,
            Milestone.EXPIRED,
            Milestone.RETURNED_TO_SENDER,
            Milestone.DELIVERED,
            Milestone.LOST,
        )
    )
}
"""How far along the journey a milestone is; it orders scans that carry the same minute."""

HANDED_OVER = frozenset(set(RANK) - {Milestone.UNKNOWN, Milestone.LABEL_CREATED, Milestone.EXPIRED})
"""Milestones that prove that the carrier has the parcel. An unknown scan proves nothing."""

CUSTOMS = frozenset({Milestone.CUSTOMS_PRESENTED, Milestone.CUSTOMS_HELD, Milestone.CUSTOMS_RELEASED})
PAST_CUSTOMS = frozenset({Milestone.OUT_FOR_DELIVERY, Milestone.ATTEMPT_FAILED, Milestone.READY_FOR_PICKUP, Milestone.DELIVERED})


class TrackingRules(Settings):
    """config/tracking.yaml"""

    stale_days: dict[str, int]
    lost_days: dict[str, int]
    held_lost_days: int = Field(ge=1)
    no_receipt_days: int = Field(ge=1)
    unused_label_days: int = Field(ge=1)

    def stale_after(self, carrier: str) -> timedelta:
        return timedelta(days=self.stale_days.get(carrier, self.stale_days["default"]))

    def lost_after(self, carrier: str) -> timedelta:
        return timedelta(days=self.lost_days.get(carrier, self.lost_days["default"]))


def ordered(events: Iterable[TrackingEvent]) -> tuple[TrackingEvent, ...]:
    """Scans by time, each once. Scans of one moment are put in the order of the journey; a repeated scan (same moment, code and place) is dropped."""
    unique = {(event.at, event.raw_code, event.place.strip().casefold()): event for event in events}
    return tuple(sorted(unique.values(), key=lambda event: (event.at, RANK[event.milestone], event.raw_code)))


def milestones(events: Iterable[TrackingEvent]) -> tuple[tuple[Milestone, datetime], ...]:
    """The journey: every known milestone with the moment it was first reached, by time. A milestone reached again (a second hold) is told again."""
    journey: list[tuple[Milestone, datetime]] = []
    for event in ordered(events):
        if event.milestone is not Milestone.UNKNOWN and (not journey or journey[-1][0] is not event.milestone):
            journey.append((event.milestone, event.at))
    return tuple(journey)


def last_scan(parcel: Parcel) -> TrackingEvent | None:
    scans = ordered(parcel.events)
    return scans[-1] if scans else None


def proof_of_dispatch(parcel: Parcel | None) -> datetime | None:
    """When the carrier took the parcel over: the first scan that only a carrier can make.

    From then on a refund may no longer be withheld (Dir. 2011/83/EU art. 13(3)); a label alone is no proof.
    """
    if parcel is None:
        return None
    return next((event.at for event in ordered(parcel.events) if event.milestone in HANDED_OVER), None)


def _final(parcel: Parcel) -> Milestone | None:
    """The end of the journey, if it has one. A later scan on the move takes a loss back, not a delivery to us."""
    end: Milestone | None = None
    for event in ordered(parcel.events):
        if event.milestone in (Milestone.DELIVERED, Milestone.LOST, Milestone.RETURNED_TO_SENDER):
            end = event.milestone
        elif end in (Milestone.LOST, Milestone.RETURNED_TO_SENDER) and event.milestone in HANDED_OVER:
            end = None
    return end


def parcel_state(parcel: Parcel | None) -> str:
    """none (no parcel), awaited (label, no hand-over), in_transit, arrived (delivered to us) or lost, by the scans alone."""
    if parcel is None:
        return "none"
    end = _final(parcel)
    if end is Milestone.DELIVERED:
        return "arrived"
    if end is Milestone.LOST:
        return "lost"
    return "awaited" if proof_of_dispatch(parcel) is None else "in_transit"


def customs_state(parcel: Parcel | None) -> str:
    """none, presented, held or released, by the last word of customs or what can only follow it; the declaration's status counts where scans are silent."""
    if parcel is None:
        return "none"
    state = "none"
    for event in ordered(parcel.events):
        if event.milestone in CUSTOMS:
            state = {Milestone.CUSTOMS_PRESENTED: "presented", Milestone.CUSTOMS_HELD: "held", Milestone.CUSTOMS_RELEASED: "released"}[event.milestone]
        elif event.milestone in PAST_CUSTOMS and state != "none":
            state = "released"
    if state in ("none", "presented") and parcel.declaration is not None:
        status = parcel.declaration.status.strip().casefold()
        state = status if status in ("held", "released") else "presented"
    return state


def follow(parcel: Parcel, carrier: str, rules: TrackingRules, now: datetime, *, label_at: datetime | None = None, received: bool = False) -> Decision:
    """What to do about a parcel now. `value`: on_its_way, awaited, unused_label, ask_carrier, lost, arrived, look_for_it or returned_to_sender.

    `label_at` is when the label was made, `received` whether the warehouse has it. `now` is UTC.
    """
    state, scan = parcel_state(parcel), last_scan(parcel)
    seen = (
        (Evidence(kind="parcel", where=parcel.tracking_no, text=f"{scan.at:%Y-%m-%d %H:%M} UTC {scan.milestone} {scan.place} {scan.raw_text}".strip()),)
        if scan
        else ()
    )

    def say(value: str, rule: str, why: str) -> Decision:
        return Decision(value=value, rules=(rule,), reasons=(why,), evidence=seen)

    if state == "lost":
        return say("lost", "T02", f"The carrier reports parcel {parcel.tracking_no} as lost.")
    if state == "arrived":
        assert scan is not None
        delivered = max(event.at for event in parcel.events if event.milestone is Milestone.DELIVERED)
        if not received and now - delivered >= timedelta(days=rules.no_receipt_days):
            return say(
                "look_for_it", "T05", f"Parcel {parcel.tracking_no} was delivered {(now - delivered).days} days ago and the warehouse has not received it."
            )
        return say("arrived", "T01", f"Parcel {parcel.tracking_no} was delivered.")
    if state == "awaited":
        if label_at is not None and now - label_at >= timedelta(days=rules.unused_label_days):
            return say("unused_label", "T06", f"The label {parcel.tracking_no} was not used for {(now - label_at).days} days.")
        return say("awaited", "T01", f"Parcel {parcel.tracking_no} was not handed in yet.")
    assert scan is not None
    if _final(parcel) is Milestone.RETURNED_TO_SENDER:
        return say("returned_to_sender", "T01", f"Parcel {parcel.tracking_no} went back to the customer.")
    quiet = now - scan.at
    patience = timedelta(days=rules.held_lost_days) if customs_state(parcel) == "held" else rules.lost_after(carrier)
    if quiet >= patience:
        return say(
            "lost",
            "T04",
            f"Parcel {parcel.tracking_no} was not scanned for {quiet.days} days; {carrier or 'its carrier'} parcels count as lost after {patience.days}.",
        )
    if quiet >= rules.stale_after(carrier):
        return say("ask_carrier", "T03", f"Parcel {parcel.tracking_no} was not scanned for {quiet.days} days.")
    return say("on_its_way", "T01", f"Parcel {parcel.tracking_no} is on its way ({scan.milestone.replace('_', ' ')}).")

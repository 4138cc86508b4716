"""Where a return parcel is, whatever order its scans come in."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bots.cases.model import Milestone as M
from bots.cases.model import TrackingEvent
from bots.cases.settings import ROOT, load_yaml
from bots.decisions.tracking import TrackingRules, customs_state, follow, milestones, ordered, parcel_state, proof_of_dispatch
from tests.decisions_samples import declaration, event, parcel

RULES = load_yaml(ROOT / "config" / "tracking.yaml", TrackingRules)
JOURNEY = [
    event(M.LABEL_CREATED, 1),
    event(M.ACCEPTED, 2),
    event(M.IN_TRANSIT, 3),
    event(M.CUSTOMS_PRESENTED, 4),
    event(M.CUSTOMS_RELEASED, 5),
    event(M.DELIVERED, 7),
]


def now(day: int) -> datetime:
    return datetime(2026, 10, 1, 8, tzinfo=UTC) + timedelta(days=day - 1)


@given(st.randoms(use_true_random=False), st.integers(0, len(JOURNEY)))
def test_the_order_in_which_scans_are_told_does_not_matter(shuffle: random.Random, told_twice: int) -> None:
    mixed = [*JOURNEY, *JOURNEY[:told_twice]]
    shuffle.shuffle(mixed)
    assert ordered(mixed) == tuple(JOURNEY)
    assert [milestone for milestone, _ in milestones(mixed)] == [scan.milestone for scan in JOURNEY]


def test_scans_of_the_same_minute_are_put_in_the_order_of_the_journey() -> None:
    assert [scan.milestone for scan in ordered([event(M.IN_TRANSIT, 2), event(M.LABEL_CREATED, 2), event(M.ACCEPTED, 2)])] == [
        M.LABEL_CREATED,
        M.ACCEPTED,
        M.IN_TRANSIT,
    ]


def test_unknown_scans_are_kept_and_prove_nothing() -> None:
    strange = [event(M.LABEL_CREATED, 1), event(M.UNKNOWN, 2)]
    assert milestones(strange) == ((M.LABEL_CREATED, strange[0].at),)
    assert parcel_state(parcel(*strange)) == "awaited" and len(ordered(strange)) == 2


@pytest.mark.parametrize(
    ("scans", "state"),
    [
        ([], "awaited"),
        ([M.LABEL_CREATED], "awaited"),
        ([M.LABEL_CREATED, M.EXPIRED], "awaited"),
        ([M.LABEL_CREATED, M.ACCEPTED], "in_transit"),
        ([M.ACCEPTED, M.CUSTOMS_HELD], "in_transit"),
        ([M.ACCEPTED, M.DELIVERED], "arrived"),
        ([M.ACCEPTED, M.LOST], "lost"),
        ([M.ACCEPTED, M.LOST, M.IN_TRANSIT], "in_transit"),
        ([M.ACCEPTED, M.LOST, M.DELIVERED], "arrived"),
        ([M.ACCEPTED, M.DELIVERED, M.IN_TRANSIT], "arrived"),
        ([M.ACCEPTED, M.RETURNED_TO_SENDER], "in_transit"),
    ],
)
def test_the_state_of_a_parcel(scans: list[M], state: str) -> None:
    assert parcel_state(parcel(*[event(scan, day) for day, scan in enumerate(scans, 1)])) == state


def test_no_parcel() -> None:
    assert (parcel_state(None), customs_state(None), proof_of_dispatch(None)) == ("none", "none", None)


def test_a_label_is_no_proof_of_dispatch_and_the_first_scan_is() -> None:
    assert proof_of_dispatch(parcel(*JOURNEY[:1])) is None
    assert proof_of_dispatch(parcel(*reversed(JOURNEY))) == JOURNEY[1].at


@pytest.mark.parametrize(
    ("scans", "state"),
    [
        ([M.ACCEPTED], "none"),
        ([M.CUSTOMS_PRESENTED], "presented"),
        ([M.CUSTOMS_PRESENTED, M.CUSTOMS_HELD], "held"),
        ([M.CUSTOMS_HELD, M.CUSTOMS_RELEASED], "released"),
        ([M.CUSTOMS_HELD, M.CUSTOMS_RELEASED, M.CUSTOMS_HELD], "held"),
        ([M.CUSTOMS_HELD, M.OUT_FOR_DELIVERY], "released"),
    ],
)
def test_the_state_of_customs(scans: list[M], state: str) -> None:
    assert customs_state(parcel(*[event(scan, day) for day, scan in enumerate(scans, 1)])) == state


def test_the_declaration_speaks_where_scans_are_silent() -> None:
    assert customs_state(parcel(declaration=declaration(status="Held"))) == "held"
    assert customs_state(parcel(declaration=declaration())) == "presented"
    assert customs_state(parcel(event(M.CUSTOMS_RELEASED, 5), declaration=declaration(status="held"))) == "released"


@pytest.mark.parametrize(
    ("scans", "day", "value"),
    [
        (JOURNEY[:1], 5, "awaited"),
        (JOURNEY[:1], 31, "unused_label"),
        (JOURNEY[:3], 9, "on_its_way"),
        (JOURNEY[:3], 10, "ask_carrier"),
        (JOURNEY[:3], 24, "lost"),
        ([*JOURNEY[:3], event(M.CUSTOMS_HELD, 4)], 40, "ask_carrier"),
        ([*JOURNEY[:3], event(M.CUSTOMS_HELD, 4)], 64, "lost"),
        ([*JOURNEY[:3], event(M.LOST, 6)], 7, "lost"),
        (JOURNEY, 8, "arrived"),
        (JOURNEY, 10, "look_for_it"),
        ([*JOURNEY[:3], event(M.RETURNED_TO_SENDER, 6)], 7, "returned_to_sender"),
    ],
)
def test_what_to_do_about_a_parcel(scans: list[TrackingEvent], day: int, value: str) -> None:
    decision = follow(parcel(*scans), "SwiftParcel", RULES, now(day), label_at=now(1))
    assert decision.value == value
    assert decision.reasons[0].endswith(".") and decision.rules


def test_carriers_have_their_own_patience() -> None:
    assert follow(parcel(*JOURNEY[:3]), "GlobalPost", RULES, now(24)).value == "ask_carrier"
    assert follow(parcel(*JOURNEY[:3]), "Somebody", RULES, now(34)).value == "lost"


def test_what_the_warehouse_has_is_not_looked_for() -> None:
    assert follow(parcel(*JOURNEY), "SwiftParcel", RULES, now(30), received=True).value == "arrived"

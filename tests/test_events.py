"""The event log: whoever changes, removes or reorders an event after the fact is found."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import delete, insert, select, update

from bots.cases import events
from bots.cases.clock import FixedClock
from bots.cases.events import canonical, event_hash
from bots.cases.store import Case, Store
from bots.cases.tables import events as table
from tests.stores import BOTH_STORES, a_case

pytestmark = BOTH_STORES


@pytest.fixture
def case(store: Store, clock: FixedClock) -> Case:
    """A case with five events, numbers 1 to 5."""
    case = a_case(store)
    for number in range(2, 6):
        clock.forward(timedelta(minutes=1, microseconds=7))
        store.note(case, f"step_{number}", amount_minor=number * 100, name="Größer 王", rate=0.1)
    return case


def problems(store: Store) -> list[str]:
    with store.database.read() as db:
        return events.verify(db)


def test_an_untouched_chain_is_whole(store: Store, case: Case) -> None:
    assert problems(store) == []
    timeline = store.timeline(case)
    assert [event.seq for event in timeline] == [1, 2, 3, 4, 5] and [event.kind for event in timeline[:2]] == ["case_opened", "step_2"]
    assert timeline[1].data == {"amount_minor": 200, "name": "Größer 王", "rate": 0.1}


@pytest.mark.parametrize(
    "change", [{"data": {"amount_minor": 999}}, {"actor": "somebody"}, {"kind": "other"}, {"case_id": None}], ids=lambda change: next(iter(change))
)
def test_a_changed_event_is_found(store: Store, case: Case, change: dict[str, object]) -> None:
    with store.database.begin() as db:
        db.execute(update(table).where(table.c.seq == 3).values(**change))
    assert problems(store) == ["event 3 was changed"]


def test_a_changed_time_is_found_to_the_microsecond(store: Store, case: Case, clock: FixedClock) -> None:
    with store.database.begin() as db:
        at = db.execute(select(table.c.at).where(table.c.seq == 3)).scalar_one()
        db.execute(update(table).where(table.c.seq == 3).values(at=at + timedelta(microseconds=1)))
    assert problems(store) == ["event 3 was changed"]


def test_a_change_with_its_hash_set_anew_breaks_the_next_link(store: Store, case: Case) -> None:
    with store.database.begin() as db:
        row = db.execute(select(table).where(table.c.seq == 3)).one()
        forged = event_hash(row.previous_hash, row.case_id, row.at, row.actor, row.kind, {"amount_minor": 999})
        db.execute(update(table).where(table.c.seq == 3).values(data={"amount_minor": 999}, hash=forged))
    assert problems(store) == ["event 4 does not follow the event before it"]


@pytest.mark.parametrize("seq", [1, 3])
def test_a_removed_event_is_found(store: Store, case: Case, seq: int) -> None:
    with store.database.begin() as db:
        db.execute(delete(table).where(table.c.seq == seq))
    assert problems(store) == [f"event {seq} is missing (next is {seq + 1})", f"event {seq + 1} does not follow the event before it"]


def test_reordered_events_are_found(store: Store, case: Case) -> None:
    with store.database.begin() as db:
        for old, new in ((2, 99), (3, 2), (99, 3)):
            db.execute(update(table).where(table.c.seq == old).values(seq=new))
    assert problems(store) == [f"event {seq} does not follow the event before it" for seq in (2, 3, 4)]


def test_a_slipped_in_event_is_found(store: Store, case: Case) -> None:
    with store.database.begin() as db:
        row = db.execute(select(table).where(table.c.seq == 5)).one()
        facts = {"case_id": case.id, "at": row.at, "actor": "tests", "kind": "forged", "data": {}}
        db.execute(insert(table).values(seq=6, previous_hash="0" * 64, hash=event_hash("0" * 64, case.id, row.at, "tests", "forged", {}), **facts))
    assert problems(store) == ["event 6 does not follow the event before it"]


def test_a_transaction_that_is_given_up_leaves_no_event_and_no_gap(store: Store, case: Case, clock: FixedClock) -> None:
    def give_up() -> None:
        with store.database.begin() as db:
            events.append(db, case.id, clock.now(), "tests", "never", {})
            raise RuntimeError("given up")

    with pytest.raises(RuntimeError, match="given up"):
        give_up()
    store.note(None, "suite_event")
    assert problems(store) == [] and [event.kind for event in store.timeline(case)][-1] == "step_5"


def test_the_canonical_text_does_not_depend_on_order(store_url: str) -> None:
    assert canonical({"b": 1, "a": {"d": "ß", "c": [1, 2]}}) == canonical({"a": {"c": [1, 2], "d": "ß"}, "b": 1}) == '{"a":{"c":[1,2],"d":"ß"},"b":1}'

"""The table of transitions, whole: what it allows, what it refuses, and that nothing in it is out of reach."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import product

import pytest

from bots.cases.states import _DERIVED, MACHINES, TRANSITIONS, ForbiddenMove, case_state, check_move, may_close

FIRST = {"request": "new", "parcel": "none", "customs": "none", "inspection": "none", "refund": "none", "books": "none"}


@dataclass(frozen=True)
class States:
    request: str = "new"
    parcel: str = "none"
    customs: str = "none"
    inspection: str = "none"
    refund: str = "none"
    books: str = "none"
    closed: bool = False


def reachable(machine: str, start: str) -> set[str]:
    seen, todo = {start}, [start]
    while todo:
        for state in TRANSITIONS[machine][todo.pop()] - seen:
            seen.add(state)
            todo.append(state)
    return seen


def test_every_pair_of_states_is_allowed_exactly_if_the_table_says_so() -> None:
    counted = 0
    for machine, table in TRANSITIONS.items():
        for old, new in product(table, table):
            counted += 1
            if old == new or new in table[old]:
                check_move(machine, old, new)
            else:
                with pytest.raises(ForbiddenMove, match=f"{machine}: {old} -> {new} is not in the table"):
                    check_move(machine, old, new)
    assert counted == sum(len(table) ** 2 for table in TRANSITIONS.values())


def test_the_table_names_only_states_it_has_and_every_state_can_be_reached() -> None:
    assert tuple(TRANSITIONS) == MACHINES and FIRST.keys() == set(MACHINES)
    for machine, table in TRANSITIONS.items():
        assert {state for targets in table.values() for state in targets} <= table.keys(), machine
        assert reachable(machine, FIRST[machine]) == table.keys(), machine
        assert not any(state in targets for state, targets in table.items()), "staying is no move"


def test_money_that_is_out_never_comes_back_in() -> None:
    """No road leads from money paid, or goods replaced, to paying again."""
    assert reachable("refund", "refunded") == {"refunded"} and reachable("refund", "replaced") == {"replaced"}
    assert TRANSITIONS["refund"]["submitted"] == {"refunded", "failed"}, "what was submitted is read back, never proposed anew"
    assert reachable("books", "posted") == {"posted"} and reachable("parcel", "received") == {"received"}


def test_money_is_approved_before_it_is_submitted() -> None:
    assert {old for old, targets in TRANSITIONS["refund"].items() if "submitted" in targets} == {"approved"}
    assert {old for old, targets in TRANSITIONS["refund"].items() if "approved" in targets} == {"proposed"}


def test_the_derived_state_knows_only_states_of_the_table() -> None:
    for rule in _DERIVED:
        assert rule.values <= TRANSITIONS[rule.machine].keys(), rule
    assert len({rule.state for rule in _DERIVED}) == len(_DERIVED)


@pytest.mark.parametrize(
    ("changes", "state"),
    [
        ({}, "NEW"),
        ({"request": "need_info"}, "NEED_INFO"),
        ({"request": "approved", "parcel": "awaited"}, "LABEL_ISSUED"),
        ({"request": "approved", "parcel": "in_transit", "customs": "held"}, "CUSTOMS_HOLD"),
        ({"request": "approved", "parcel": "received", "inspection": "tasked"}, "INSPECTING"),
        ({"request": "approved", "parcel": "received", "inspection": "inspected", "refund": "submitted"}, "REFUND_SUBMITTED"),
        ({"request": "approved", "refund": "refunded", "books": "posted"}, "POSTED"),
        ({"request": "cancelled", "parcel": "received"}, "CANCELLED"),
        ({"request": "keep_item"}, "KEEP_ITEM"),
        ({"request": "spare_part", "refund": "replaced"}, "EXCHANGED"),
        ({"request": "approved", "refund": "refunded", "books": "posted", "closed": True}, "CLOSED"),
    ],
)
def test_the_one_word_a_person_wants(changes: dict[str, object], state: str) -> None:
    assert case_state(replace(States(), **changes)) == state  # type: ignore[arg-type]


def test_a_case_closes_only_when_money_goods_and_books_are_at_an_end() -> None:
    """Every combination of states there is: closing never leaves money, goods or books half-way."""
    half_way = {"refund": {"proposed", "approved", "submitted", "failed"}, "inspection": {"tasked"}, "parcel": {"in_transit", "arrived"}}
    closing = 0
    for values in product(*(TRANSITIONS[machine] for machine in MACHINES)):
        case = States(*values)
        if not may_close(case):
            continue
        closing += 1
        assert case.refund not in half_way["refund"], case
        assert case.parcel not in half_way["parcel"], case
        assert case.books == "posted" or case.refund not in ("refunded", "replaced") or case.books == "not_due", case
        if case.refund in ("refunded", "replaced"):
            assert case.inspection not in half_way["inspection"] and case.customs != "held" and case.parcel != "awaited", case
        if case.request in ("new", "need_info", "escalated"):
            assert case.refund != "none", "a question without an answer"
    assert closing > 0


@pytest.mark.parametrize(
    ("changes", "closes"),
    [
        ({"request": "rejected"}, True),
        ({"request": "cancelled", "parcel": "awaited"}, True),
        ({"request": "cancelled", "refund": "submitted"}, False),
        ({"request": "cancelled", "parcel": "in_transit"}, False),
        ({"request": "approved", "parcel": "received", "inspection": "inspected", "refund": "refunded", "books": "posted"}, True),
        ({"request": "approved", "parcel": "received", "inspection": "inspected", "refund": "refunded", "books": "credited"}, False),
        ({"request": "approved", "parcel": "received", "inspection": "tasked", "refund": "refunded", "books": "posted"}, False),
        ({"request": "approved", "parcel": "lost", "refund": "refunded", "books": "posted"}, True),
        ({"request": "approved", "parcel": "received", "customs": "held", "refund": "refunded", "books": "posted"}, False),
        ({"request": "keep_item", "parcel": "not_expected", "refund": "refunded", "books": "posted"}, True),
        ({"request": "approved", "parcel": "received", "inspection": "inspected"}, False),
    ],
)
def test_the_closure_invariant(changes: dict[str, str], closes: bool) -> None:
    assert may_close(replace(States(), **changes)) is closes

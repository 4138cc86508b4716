"""What state a return is in: six small machines side by side, one table of allowed moves, one derived case state.

After domain knowledge: refund, parcel, inspection and customs run in parallel; a product of all would have a hundred states.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

MACHINES = ("request", "parcel", "customs", "inspection", "refund", "books")

# machine -> state -> states it may move to. An empty set is final (only a reopened case leaves it).
TRANSITIONS: dict[str, dict[str, frozenset[str]]] = {
    "request": {
        "new": frozenset({"need_info", "escalated", "approved", "keep_item", "spare_part", "rejected", "cancelled", "answered", "books_only"}),
        "need_info": frozenset({"new", "escalated", "expired", "cancelled"}),
        "escalated": frozenset({"new", "approved", "keep_item", "rejected", "cancelled", "answered"}),
        "approved": frozenset({"cancelled", "expired", "escalated", "rejected"}),
        "keep_item": frozenset({"rejected"}),
        "spare_part": frozenset(),
        "books_only": frozenset(),
        "rejected": frozenset({"new"}),
        "cancelled": frozenset(),
        "answered": frozenset(),
        "expired": frozenset({"new"}),
    },
    "parcel": {
        "none": frozenset({"awaited", "not_expected", "received"}),
        "awaited": frozenset({"in_transit", "arrived", "received", "lost", "not_expected"}),
        "in_transit": frozenset({"arrived", "received", "lost"}),
        "arrived": frozenset({"received", "lost"}),
        "lost": frozenset({"arrived", "received"}),
        "received": frozenset(),
        "not_expected": frozenset({"received"}),
    },
    "customs": {
        "none": frozenset({"not_needed", "to_check"}),
        "not_needed": frozenset({"to_check"}),
        "to_check": frozenset({"clear", "warned", "held"}),
        "clear": frozenset({"held", "to_check"}),
        "warned": frozenset({"clear", "held", "to_check"}),
        "held": frozenset({"released", "clear"}),
        "released": frozenset({"held"}),
    },
    "inspection": {
        "none": frozenset({"tasked", "waived"}),
        "tasked": frozenset({"inspected"}),
        "inspected": frozenset(),
        "waived": frozenset({"tasked"}),
    },
    "refund": {
        "none": frozenset({"proposed", "not_due", "replaced", "refunded"}),
        "proposed": frozenset({"approved", "not_due", "none"}),
        "approved": frozenset({"submitted", "not_due", "proposed"}),
        "submitted": frozenset({"refunded", "failed"}),
        "failed": frozenset({"proposed", "not_due"}),
        "refunded": frozenset(),
        "replaced": frozenset(),
        "not_due": frozenset({"none"}),
    },
    "books": {
        "none": frozenset({"credited", "posted", "not_due"}),
        "credited": frozenset({"posted"}),
        "posted": frozenset(),
        "not_due": frozenset({"none"}),
    },
}


class ForbiddenMove(Exception):
    """A case may not move between these two states."""


class HasStates(Protocol):
    """What the derived state needs of a case."""

    @property
    def request(self) -> str: ...
    @property
    def parcel(self) -> str: ...
    @property
    def customs(self) -> str: ...
    @property
    def inspection(self) -> str: ...
    @property
    def refund(self) -> str: ...
    @property
    def books(self) -> str: ...
    @property
    def closed(self) -> bool: ...


def check_move(machine: str, old: str, new: str) -> None:
    """Raise ForbiddenMove unless `machine` may go from `old` to `new` (staying is always allowed)."""
    if old != new and new not in TRANSITIONS[machine][old]:
        raise ForbiddenMove(f"{machine}: {old} -> {new} is not in the table of transitions")


@dataclass(frozen=True)
class _Rule:
    state: str
    machine: str
    values: frozenset[str]


# First rule that fits names the case's state; the order is the order of the journey, seen from its end.
_DERIVED = (
    _Rule("CANCELLED", "request", frozenset({"cancelled"})),
    _Rule("EXPIRED", "request", frozenset({"expired"})),
    _Rule("REJECTED", "request", frozenset({"rejected"})),
    _Rule("ANSWERED", "request", frozenset({"answered"})),
    _Rule("POSTED", "books", frozenset({"posted"})),
    _Rule("EXCHANGED", "refund", frozenset({"replaced"})),
    _Rule("REFUNDED", "refund", frozenset({"refunded"})),
    _Rule("REFUND_FAILED", "refund", frozenset({"failed"})),
    _Rule("REFUND_SUBMITTED", "refund", frozenset({"submitted"})),
    _Rule("REFUND_APPROVED", "refund", frozenset({"approved"})),
    _Rule("REFUND_PROPOSED", "refund", frozenset({"proposed"})),
    _Rule("INSPECTED", "inspection", frozenset({"inspected"})),
    _Rule("INSPECTING", "inspection", frozenset({"tasked"})),
    _Rule("RECEIVED", "parcel", frozenset({"received"})),
    _Rule("LOST", "parcel", frozenset({"lost"})),
    _Rule("ARRIVED", "parcel", frozenset({"arrived"})),
    _Rule("CUSTOMS_HOLD", "customs", frozenset({"held"})),
    _Rule("IN_TRANSIT", "parcel", frozenset({"in_transit"})),
    _Rule("LABEL_ISSUED", "parcel", frozenset({"awaited"})),
    _Rule("KEEP_ITEM", "request", frozenset({"keep_item"})),
    _Rule("APPROVED", "request", frozenset({"approved", "spare_part", "books_only"})),
    _Rule("UNDER_REVIEW", "request", frozenset({"escalated"})),
    _Rule("NEED_INFO", "request", frozenset({"need_info"})),
)


def case_state(case: HasStates) -> str:
    """The one word a person wants: derived, never stored."""
    if case.closed:
        return "CLOSED"
    for rule in _DERIVED:
        if getattr(case, rule.machine) in rule.values:
            return rule.state
    return "NEW"


def may_close(case: HasStates) -> bool:
    """Whether money, goods and books are each at an end: the closure invariant.

    A case closes when its request ended without a return, or when it is settled (refunded or replaced), its parcel is
    received, lost or not expected, and its books are posted or not due.
    """
    if case.request in ("rejected", "cancelled", "answered", "expired"):
        return case.refund in ("none", "not_due") and case.parcel in ("none", "awaited", "not_expected", "received")
    return (
        case.refund in ("refunded", "replaced", "not_due")
        and case.books in ("posted", "not_due")
        and case.parcel in ("none", "received", "lost", "not_expected")
        and case.inspection in ("none", "inspected", "waived")
        and case.customs != "held"
    )

"""The contract of the case store, held by SQLite and by PostgreSQL alike."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from bots.cases import events
from bots.cases.clock import FixedClock
from bots.cases.model import Order, OrderLine, SalesReturn
from bots.cases.states import ForbiddenMove, case_state
from bots.cases.store import Case, StaleCase, Store, next_number
from bots.cases.tables import events as event_table
from bots.cases.tables import records
from tests.stores import BOTH_STORES, a_case, at_once

pytestmark = BOTH_STORES


def an_order(**changes: Any) -> Order:
    facts: dict[str, Any] = {"order_no": "GB-2026-104233", "currency": "EUR", "source_system": "erp", "source_key": "GB-2026-104233"}
    return Order(**(facts | {"lines": (OrderLine(line_no=1, sku="TEE-RED-M", qty=1, unit_gross=1999),)} | changes))


def rmas(found: list[Case]) -> list[str]:
    return [case.rma for case in found]


def mail(uid: int, message_id: str = "", **changes: Any) -> dict[str, Any]:
    return {
        "folder": "INBOX",
        "uidvalidity": 7,
        "uid": uid,
        "message_id": message_id or f"<{uid}@example.org>",
        "sender": "ann@example.org",
        "subject": "Return",
        "received_at": datetime(2026, 10, 5, 8, tzinfo=UTC),
        "language": "en",
        "intent": "return_request",
        "verdict": "opened",
        "data": {},
    } | changes


# -- cases -----------------------------------------------------------------------------------------------------------------
def test_an_order_has_one_open_case(store: Store) -> None:
    first = a_case(store)
    assert (first.rma, first.request, first.version, case_state(first)) == ("RMA-2610-00001", "new", 1, "NEW")
    again, fresh = store.open_case("GB-2026-104233", channel="amazon", intent="return_request")
    assert (again, fresh) == (first, False)
    other = a_case(store, "GB-2026-104234")
    assert rmas(store.cases()) == [first.rma, other.rma] == ["RMA-2610-00001", "RMA-2610-00002"], "a case that was not opened took no number"
    assert store.case(first.rma) == store.case_of_order("GB-2026-104233") == store.case_by_id(first.id) == first
    assert store.case("RMA-2610-09999") is None and store.case_of_order("none") is None


def test_cases_without_an_order_are_each_their_own(store: Store) -> None:
    assert a_case(store, None).id != a_case(store, None).id


def test_a_closed_case_makes_room_for_the_next_of_its_order(store: Store, clock: FixedClock) -> None:
    first = a_case(store)
    store.change(first, "ended", request="rejected")
    assert store.close_finished() == 1
    second = a_case(store)
    assert second.id != first.id and store.case_of_order("GB-2026-104233") == second
    assert [case.closed_at for case in store.cases()] == [clock.now(), None] and store.cases(open_only=True) == [second]


def test_workers_that_open_at_once_get_the_same_case(stores: Callable[[str], Store]) -> None:
    """Also the very first case of all, when nobody has drawn a number yet."""
    opened = at_once(lambda store: store.open_case("A-1", channel="mail", intent="return_request"), [stores(f"w{n}") for n in range(4)])
    assert len({case.id for case, _ in opened}) == 1
    assert sorted(fresh for _, fresh in opened) == [False, False, False, True]


def test_workers_that_open_different_orders_at_once_each_get_a_number(stores: Callable[[str], Store]) -> None:
    opened = at_once(lambda store: store.open_case(f"A-{store.actor}", channel="mail", intent="return_request"), [stores(f"w{n}") for n in range(4)])
    assert sorted(case.rma for case, _ in opened) == [f"RMA-2610-0000{n}" for n in (1, 2, 3, 4)]


def test_numbers_are_gapless_when_a_transaction_is_given_up(store: Store) -> None:
    with store.database.begin() as db:
        assert [next_number(db, "voucher-2026"), next_number(db, "voucher-2026"), next_number(db, "other", start=10)] == [1, 2, 10]

    def give_up() -> None:
        with store.database.begin() as db:
            raise RuntimeError(f"number {next_number(db, 'voucher-2026')} given up")

    with pytest.raises(RuntimeError, match="number 3 given up"):
        give_up()
    with store.database.begin() as db:
        assert next_number(db, "voucher-2026") == 3


# -- changing --------------------------------------------------------------------------------------------------------------
def test_a_change_moves_machines_and_says_why(store: Store, clock: FixedClock) -> None:
    case = a_case(store)
    clock.forward(timedelta(hours=1))
    moved = store.change(case, "review_approved", facts={"rule": "P01"}, request="approved", parcel="awaited", country="DE")
    assert (moved.request, moved.parcel, moved.version, moved.updated_at) == ("approved", "awaited", 2, clock.now())
    assert store.case_by_id(case.id) == moved
    last = store.timeline(case)[-1]
    assert (last.kind, last.actor, last.rma, last.at) == ("review_approved", "tests", case.rma, clock.now())
    assert last.data == {"rule": "P01", "set": {"request": "approved", "parcel": "awaited"}}, "a column that kept its value is no change"


def test_a_forbidden_move_changes_nothing(store: Store) -> None:
    case = a_case(store)
    with pytest.raises(ForbiddenMove, match="parcel: none -> lost"):
        store.change(case, "wrong", request="approved", parcel="lost")
    assert store.case_by_id(case.id) == case and [event.kind for event in store.timeline(case)] == ["case_opened"]


def test_who_read_a_case_before_it_changed_is_told(store: Store) -> None:
    case = a_case(store)
    store.change(case, "first", request="approved")
    with pytest.raises(StaleCase, match=case.rma):
        store.change(case, "second", request="rejected")
    assert store.case_by_id(case.id).request == "approved"


def test_of_two_changes_at_once_one_wins(stores: Callable[[str], Store]) -> None:
    one, two = stores("one"), stores("two")
    case = a_case(one)

    def change(worker: Store) -> str:
        try:
            return worker.change(case, "raced", request="approved" if worker is one else "rejected").request
        except StaleCase:
            return "stale"

    results = at_once(change, [one, two])
    assert results.count("stale") == 1 and one.case_by_id(case.id).request in results and one.case_by_id(case.id).version == 2
    with one.database.read() as db:
        assert events.verify(db) == []


# -- what is due -----------------------------------------------------------------------------------------------------------
def test_due_lists_open_cases_in_these_states_oldest_first(store: Store) -> None:
    first, second, third = (a_case(store, f"A-{n}") for n in range(3))
    first = store.change(first, "x", request="approved", refund="proposed")
    store.change(third, "x", request="approved")
    store.change(second, "x", request="rejected")
    store.close_finished()
    assert rmas(store.due("refunds", request="approved")) == [first.rma, third.rma]
    assert rmas(store.due("refunds", request="approved", refund=("none", "failed"))) == [third.rma]
    assert store.due("refunds", request="rejected") == [], "closed"
    assert rmas(store.due("refunds")) == [first.rma, third.rma]


@pytest.mark.parametrize(
    ("asked_by", "freezes", "kept"),
    [
        ("refunds", False, {"refunds"}),
        ("review", False, {"review"}),
        ("customs", True, {"customs", "refunds"}),
    ],
    ids=["own question", "another bot's question", "freezing question"],
)
def test_an_open_question_keeps_the_case_from_its_bot_and_a_freezing_one_from_money(store: Store, asked_by: str, freezes: bool, kept: set[str]) -> None:
    case = a_case(store)
    assert store.open_exception(case, asked_by, "some_question", "What now?", freezes=freezes)
    assert {bot for bot in ("refunds", "review", "customs", "tracking") if not store.due(bot)} == kept
    store.close_exception(store.open_exceptions(case)[0], "retry", "Li")
    assert all(store.due(bot) for bot in ("refunds", "review", "customs", "tracking"))


def test_a_customer_who_calls_it_off_is_listed_until_it_is_done_or_too_late(store: Store) -> None:
    case, other, late = a_case(store, "A-1"), a_case(store, "A-2"), a_case(store, "A-3")
    for uid, (which, verdict) in enumerate([(case, "cancelled"), (other, "question"), (late, "cancelled")]):
        assert store.add_message(which, **mail(uid, verdict=verdict))
    assert rmas(store.asked_to_cancel()) == [case.rma, late.rma]
    store.open_exception(late, "review", "cancel_too_late", "The refund is under way.")
    assert rmas(store.asked_to_cancel()) == [case.rma]
    store.change(case, "cancelled", request="cancelled")
    assert store.asked_to_cancel() == []


def test_only_cases_at_their_end_are_closed(store: Store) -> None:
    def rejected(order_no: str) -> Case:
        return store.change(a_case(store, order_no), "no", request="rejected")

    finished, asked, unanswered, refunded, under_way = rejected("A-1"), rejected("A-2"), rejected("A-3"), a_case(store, "A-4"), a_case(store, "A-5")
    store.open_exception(asked, "review", "question", "Sure?")
    store.queue_reply(unanswered, "rejected")
    refunded = store.change(refunded, "x", request="keep_item", refund="refunded")
    refunded = store.change(refunded, "x", books="credited")
    store.change(refunded, "x", books="posted", close_code="kept")
    store.change(under_way, "x", request="approved", refund="refunded", books="credited")
    assert store.close_finished() == 2
    assert {case.order_no: case.close_code for case in store.cases() if case.closed} == {"A-1": "done", "A-4": "kept"}
    assert case_state(store.case_by_id(finished.id)) == "CLOSED"
    (reply,) = store.replies("queued")
    store.mark_reply(reply.id, "sending")
    assert store.close_finished() == 0, "the answer is on its way"
    store.mark_reply(reply.id, "sent")
    assert store.close_finished() == 1


# -- what was observed -----------------------------------------------------------------------------------------------------
def test_records_are_append_only_and_the_same_content_is_kept_once(store: Store, clock: FixedClock) -> None:
    case = a_case(store)
    store.put(case, "order", an_order(observed_at=clock.now()))
    clock.forward(timedelta(days=1))
    store.put(case, "order", an_order(observed_at=clock.now()))
    store.put(case, "order", an_order(buyer_name="Lee, Ann"))
    store.put(case, "order", an_order())
    with store.database.read() as db:
        rows = db.execute(select(records).order_by(records.c.id)).all()
    assert [row.data["buyer_name"] for row in rows] == ["", "Lee, Ann", ""], "back to an earlier value is news"
    assert {(row.source_system, row.source_key) for row in rows} == {("erp", "GB-2026-104233")}
    assert store.get(case, "order", Order) == an_order() and store.need(case, "order", Order).lines[0].unit_gross == 1999
    assert store.get(case, "parcel", Order) is None
    with pytest.raises(LookupError, match=f"{case.rma} has no parcel record yet"):
        store.need(case, "parcel", Order)


def test_the_newest_of_each_key_in_order_of_first_sight(store: Store) -> None:
    case = a_case(store)
    for number, state in (("R-2", "open"), ("R-1", "open"), ("R-2", "received")):
        store.put(case, "return", SalesReturn(return_no=number, order_no="A", rma=case.rma, state=state), source_key=number)
    assert [(r.return_no, r.state) for r in store.newest_of_each(case, "return", SalesReturn)] == [("R-2", "received"), ("R-1", "open")]


# -- mail, rows, answers ---------------------------------------------------------------------------------------------------
def test_a_mail_is_worked_once_by_place_and_by_message_id(store: Store) -> None:
    case = a_case(store)
    assert store.add_message(case, **mail(1))
    assert not store.add_message(case, **mail(1, "<other@example.org>")), "the same place"
    assert not store.add_message(case, **mail(2, "<1@example.org>")), "the same mail again, moved"
    assert store.add_message(None, **mail(3, verdict="ignored"))
    assert (
        store.message_known("INBOX", 7, 1, "<x>") and store.message_known("Other", 1, 99, "<3@example.org>") and not store.message_known("INBOX", 8, 1, "<x>")
    )
    assert [row.uid for row in store.messages_of(case)] == [1]
    assert [event.kind for event in store.timeline(case)] == ["case_opened", "mail_received"], "the refused ones left no event"


def test_an_export_row_is_worked_once(store: Store) -> None:
    assert not store.row_known("amazon", "LPN1")
    assert store.add_row("amazon", "LPN1", a_case(store), "opened") and store.row_known("amazon", "LPN1")
    assert not store.add_row("amazon", "LPN1", None, "ignored") and store.add_row("ebay", "LPN1", None, "ignored")


def test_an_answer_is_queued_once_and_never_sent_twice(stores: Callable[[str], Store], clock: FixedClock) -> None:
    store = stores("replies")
    case = a_case(store)
    assert store.queue_reply(case, "refunded", amount_minor=1999)
    assert not store.queue_reply(case, "refunded", amount_minor=5), "one answer of a kind on a topic, ever"
    assert store.queue_reply(case, "refunded", topic="<2@example.org>")
    first, _ = store.replies("queued")
    assert (first.facts, first.topic, first.case_id) == ({"amount_minor": 1999}, "", case.id)
    taken = at_once(lambda worker: worker.mark_reply(first.id, "sending"), [stores(f"w{n}") for n in range(3)])
    assert sorted(taken) == [False, False, True]
    assert store.mark_reply(first.id, "sent", "<answer@seller.example>")
    assert not store.mark_reply(first.id, "sending") and not store.mark_reply(first.id, "held") and not store.mark_reply(first.id, "queued")
    (sent,) = store.replies("sent")
    assert (sent.message_id, store.replies_of(case)[0].sent_at) == ("<answer@seller.example>", clock.now())


def test_an_answer_can_be_held_and_let_go(store: Store) -> None:
    store.queue_reply(a_case(store), "rejected")
    (reply,) = store.replies("queued")
    assert not store.mark_reply(reply.id, "sent"), "not before it is being sent"
    assert store.mark_reply(reply.id, "held") and not store.mark_reply(reply.id, "sending") and store.mark_reply(reply.id, "queued")


# -- what people decide ----------------------------------------------------------------------------------------------------
def test_the_same_question_is_open_once(store: Store) -> None:
    case, other = a_case(store), a_case(store, "A-2")
    assert store.open_exception(case, "refunds", "above_limit", "Too much?", amount_minor=60000, terms_hash="t1", severity="high")
    assert not store.open_exception(case, "refunds", "above_limit", "Too much now?") and store.open_exception(other, "refunds", "above_limit", "?")
    (row,) = store.open_exceptions(case)
    assert (row.what, row.amount_minor, row.terms_hash, row.severity, row.freezes, row.case) == ("Too much?", 60000, "t1", "high", False, case)
    assert store.close_exception(row, "reject", "Li", "no") and not store.close_exception(row, "approve", "Ma"), "the first word counts"
    assert store.open_exceptions(case) == [] and store.waiver(case, "above_limit", "t1") is None
    (closed,) = store.all_exceptions(case)
    assert (closed.decision, closed.decided_by, closed.note) == ("reject", "Li", "no") and len(store.all_exceptions()) == 2
    assert store.open_exception(case, "refunds", "above_limit", "Again?"), "a closed question may be asked again"


@pytest.mark.parametrize(("decision", "allows"), [("approve", True), ("proceed", True), ("retry", False), ("reject", False), ("close", False)])
def test_a_waiver_is_bound_to_its_terms(store: Store, clock: FixedClock, decision: str, allows: bool) -> None:
    case = a_case(store)
    store.open_exception(case, "refunds", "above_limit", "Too much?", amount_minor=60000, terms_hash="t1")
    store.close_exception(store.open_exceptions(case)[0], decision, "Li")
    given = store.waiver(case, "above_limit", "t1")
    assert (given is not None) == allows
    if given is not None:
        assert (given.code, given.decision, given.given_by, given.given_at) == ("above_limit", decision, "Li", clock.now())
    assert store.waiver(case, "above_limit", "t2") is None, "other terms"
    assert store.waiver(case, "above_limit") is None, "no terms"
    assert store.waiver(a_case(store, "A-2"), "above_limit", "t1") is None, "another case"


def test_a_second_approval_on_the_same_terms_replaces_the_first(store: Store) -> None:
    case = a_case(store)
    for who in ("Li", "Ma"):
        store.open_exception(case, "review", "not_the_buyer", "Who is it?")
        assert store.close_exception(store.open_exceptions(case)[0], "proceed", who)
    given = store.waiver(case, "not_the_buyer")
    assert given is not None and given.given_by == "Ma"


def test_deciding_counts_as_a_touch_and_makes_readers_read_again(store: Store) -> None:
    case = a_case(store)
    store.open_exception(case, "review", "question", "What?")
    (row,) = store.open_exceptions(case)
    store.hold_exception(row, "Li", "ask the boss")
    (held,) = store.open_exceptions(case)
    assert (held.decision, held.decided_by, held.note, held.closed_at) == ("hold", "Li", "ask the boss", None) and store.due("review") == []
    store.close_exception(held, "retry", "Ma")
    now = store.case_by_id(case.id)
    assert (now.touches, now.version) == (2, 3)
    assert [event.actor for event in store.timeline(case) if event.kind == "decided"] == ["Li", "Ma"]
    with pytest.raises(StaleCase):
        store.change(case, "on old knowledge", request="approved")
    store.open_exception(now, "review", "question", "What?")
    store.close_exception(store.open_exceptions(now)[0], "retry", "suite", touched=False)
    assert store.case_by_id(case.id).touches == 2 and store.timeline(case)[-1].actor == "tests"


def test_the_newest_agreed_amount_counts(store: Store) -> None:
    case = a_case(store)
    store.agree_amount(case, 1500, "Li")
    store.agree_amount(case, 1200, "Ma")
    given = store.waiver(case, "agreed_amount")
    assert given is not None and (given.amount_minor, given.given_by) == (1200, "Ma")


# -- switches --------------------------------------------------------------------------------------------------------------
def test_switches_are_set_removed_and_claimed_once(stores: Callable[[str], Store]) -> None:
    store = stores("operator")
    assert store.switch("paused:refunds") is None
    store.set_switch("paused:refunds", True)
    store.set_switch("paused:refunds", {"until": "noon"})
    assert store.switch("paused:refunds") == {"until": "noon"}
    store.set_switch("paused:refunds", None)
    assert store.switch("paused:refunds") is None
    claimed = at_once(lambda worker: worker.claim_switch("totp:bot.pay:58113321", True), [stores(f"w{n}") for n in range(3)])
    assert sorted(claimed) == [False, False, True]


def test_a_time_without_its_zone_is_refused(store: Store) -> None:
    case = a_case(store)
    with pytest.raises(Exception, match="a time without zone"):
        store.change(case, "deadline", deadline_refund=datetime(2026, 10, 19))  # noqa: DTZ001 - the mistake that is tested
    kept = store.change(case, "deadline", deadline_refund=datetime(2026, 10, 19, 12, tzinfo=UTC))
    assert kept.deadline_refund == datetime(2026, 10, 19, 12, tzinfo=UTC)
    with store.database.read() as db:
        assert db.execute(select(func.count()).select_from(records)).scalar_one() == 0


# -- two suites on one store -----------------------------------------------------------------------------------------------------
def test_of_many_that_set_one_switch_at_once_the_last_one_counts_and_nobody_fails(stores: Callable[[str], Store]) -> None:
    workers = [stores(f"w{n}") for n in range(4)]
    for turn in range(5):
        at_once(lambda worker, turn=turn: worker.set_switch("canary:pay:1", f"{worker.actor}:{turn}"), workers)
        with workers[0].database.read() as db:
            last = db.execute(select(event_table.c.actor).order_by(event_table.c.seq.desc()).limit(1)).scalar_one()
        assert workers[0].switch("canary:pay:1") == f"{last}:{turn}"
    with workers[0].database.read() as db:
        assert events.verify(db) == [] and events.head(db).seq == 20


def test_of_many_that_agree_an_amount_at_once_the_last_one_counts_and_nobody_fails(stores: Callable[[str], Store]) -> None:
    workers = [stores(f"w{n}") for n in range(4)]
    case = a_case(workers[0])
    at_once(lambda worker: worker.agree_amount(case, int(worker.actor[1:]), worker.actor), workers)
    word = workers[0].waiver(case, "agreed_amount")
    assert word is not None and word.given_by == workers[0].timeline(case)[-1].actor == f"w{word.amount_minor}"


def test_suites_that_close_finished_cases_at_once_close_each_one_once(stores: Callable[[str], Store]) -> None:
    workers = [stores(f"w{n}") for n in range(3)]
    cases = [a_case(workers[0], f"A-{number}", request="rejected") for number in range(12)]
    assert sum(at_once(lambda worker: worker.close_finished(), workers)) == len(cases)
    assert workers[0].cases(open_only=True) == []
    assert all([event.kind for event in workers[0].timeline(case)].count("case_closed") == 1 for case in cases)

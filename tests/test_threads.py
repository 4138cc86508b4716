"""Threads of mail on both kinds of store: which case a mail continues, what the next letter answers, how much was said."""

from __future__ import annotations

from datetime import timedelta

from bots.cases import threads
from bots.cases.clock import FixedClock
from bots.cases.store import Case, Store
from tests.stores import BOTH_STORES, a_case


def mail(store: Store, case: Case | None, uid: int, sender: str = "ann@example.org", verdict: str = "opened") -> str:
    message_id = f"<{uid}@example.org>"
    store.add_message(
        case, folder="INBOX", uidvalidity=1, uid=uid, message_id=message_id, sender=sender, subject="", received_at=store.clock.now(), language="en",
        intent="return_request", verdict=verdict, data={},
    )  # fmt: skip
    return message_id


def letter(store: Store, case: Case, kind: str, topic: str = "") -> str:
    store.queue_reply(case, kind, topic)
    row = store.replies("queued")[-1]
    message_id = f"<{row.id}.{kind}@seller.example>"
    assert store.mark_reply(row.id, "sending", message_id) and store.mark_reply(row.id, "sent")
    return message_id


@BOTH_STORES
def test_a_thread_from_its_first_mail_to_its_newest(store: Store, clock: FixedClock) -> None:
    case, other = a_case(store), a_case(store, "GB-2026-104234", customer_email="bob@example.org")
    assert threads.references(store, case) == () and threads.case_of_thread(store, ()) is None
    first = mail(store, case, 1)
    mail(store, case, 2, sender="thief@evil.example", verdict="to_person")
    assert threads.references(store, case) == (first,) and threads.references(store, case, first) == (first,)
    clock.forward(timedelta(minutes=1))
    approved = letter(store, case, "approved", first)
    clock.forward(timedelta(minutes=1))
    question = mail(store, case, 3, sender="Ann@Example.org", verdict="question")
    assert threads.references(store, case, question) == (first, approved, question)
    assert threads.references(store, case) == (first, approved), "what nobody asked for goes on below our own letter"
    for ids, meant in (
        ((first,), case),
        (("<strange@x>", approved), case),
        ((approved, "<strange@x>"), case),
        (("<strange@x>",), None),
        (("not an id",), None),
    ):
        assert threads.case_of_thread(store, ids) == (store.case_by_id(meant.id) if meant else None)
    theirs = mail(store, other, 4, sender="bob@example.org")
    assert threads.case_of_thread(store, (first, theirs)) == other, "the newest counts"
    mail(store, None, 5)
    assert threads.case_of_thread(store, ("<5@example.org>",)) is None, "a mail that was put aside continues nothing"


@BOTH_STORES
def test_what_was_said_is_counted_by_address_and_by_case(store: Store, clock: FixedClock) -> None:
    case, other = a_case(store), a_case(store, "GB-2026-104234", customer_email="ANN@example.org")
    begun = clock.now()
    letter(store, case, "approved")
    clock.forward(timedelta(hours=25))
    for number in range(3):
        letter(store, other, "status", f"<{number}@x>")
    store.queue_reply(case, "status")
    assert threads.sent_to(store, "ann@Example.org", begun) == 4 and threads.sent_to(store, "ann@example.org", clock.now() - timedelta(hours=24)) == 3
    assert (threads.sent_on(store, other, ("status",)), threads.sent_on(store, case, ("status",)), threads.sent_on(store, other, ("approved",))) == (3, 0, 0)
    assert threads.asked_at(store, case, ("status",)) == clock.now() and threads.asked_at(store, case, ("ask_order",)) is None
    first = threads.answered(store, other, "status")
    assert first is not None and first.topic == "<0@x>" and threads.answered(store, other, "refunded") is None


@BOTH_STORES
def test_a_taken_thread_keeps_its_case_open(store: Store) -> None:
    case = store.change(a_case(store), "x", request="rejected")
    store.queue_reply(case, "rejected")
    assert threads.take(store, case, "Li") and not threads.take(store, case, "Ma") and threads.taken(store, case)
    assert [row.state for row in store.replies_of(case)] == ["held"] and store.close_finished() == 0
    assert threads.give_back(store, case, "Li") and not threads.give_back(store, case, "Li") and not threads.taken(store, case)
    assert store.close_finished() == 1


@BOTH_STORES
def test_a_long_thread_keeps_its_ends(store: Store, clock: FixedClock) -> None:
    case = a_case(store)
    ids = []
    for uid in range(1, 40):
        ids.append(mail(store, case, uid))
        clock.forward(timedelta(minutes=1))
    kept = threads.references(store, case, ids[-1])
    assert len(kept) == threads.LONGEST and kept[:2] == tuple(ids[:2]) and kept[2:] == tuple(ids[-threads.LONGEST + 2 :])


def test_a_made_up_message_id_is_never_told(store: Store) -> None:
    case = a_case(store)
    store.add_message(
        case, folder="INBOX", uidvalidity=1, uid=1, message_id="<a@unnamed.invalid>", sender="ann@example.org", subject="", received_at=store.clock.now(),
        language="en", intent="return_request", verdict="opened", data={},
    )  # fmt: skip
    assert threads.references(store, case) == () == threads.references(store, case, "<a@unnamed.invalid>")
    assert threads.case_of_thread(store, ("<a@unnamed.invalid>",)) == case

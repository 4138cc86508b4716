"""The desk's own guards: who approved, the canary after a change, the one keyboard of the screen."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from bots.automation.browser import BrowserHouse, BrowserOptions
from bots.automation.evidence import Evidence
from bots.cases.errors import GuardrailStop, NeedsCheck, SystemException
from bots.cases.ledger import Intent, LedgerPermit
from bots.cases.store import Store
from bots.operations.runner import put_before_a_person
from bots.portals.desk import Desk, Desktop
from tests.ledger_drill import refund_intent
from tests.stores import a_case, tiny_config


def desk_of(store: Store, folder: Path, **guardrails: Any) -> Desk:
    settings = {"stop_file": "STOP", **guardrails}
    made = Desk(tiny_config(folder, guardrails=settings), store, BrowserHouse(BrowserOptions()), lambda account: "", Evidence(folder / "evidence"))
    made.bot = "refunds"
    return made


def intent_of(number: int) -> Intent:
    return replace(refund_intent(), natural_key=f"refund:A-{number}:RMA")


def pays(desk: Desk, number: int, shown: list[str] | None = None, *, works: bool = True) -> str:
    """Carry a refund out on a back-end in memory; gives its number, or the code of what stopped it."""
    listed = shown if shown is not None else []
    intent = intent_of(number)
    case = desk.store.case_of_order(f"A-{number}") or a_case(desk.store, f"A-{number}")

    def act(permit: LedgerPermit) -> None:
        permit.spend()
        if works:
            listed.append(intent.natural_key)

    try:
        return desk.commit(case, intent, look=lambda: f"PAY-{number}" if intent.natural_key in listed else None, act=act)
    except (SystemException, GuardrailStop, NeedsCheck) as stop:
        return stop.code


# -- four eyes -----------------------------------------------------------------------------------------------------------------
def test_above_the_limit_two_different_people_must_approve_the_same_terms(store: Store, tmp_path: Path) -> None:
    desk = desk_of(store, tmp_path, four_eyes={"EUR": 1000}, canary=False)
    case, intent = a_case(store, "A-1"), intent_of(1)
    for by, code in (("Ana", "guardrail"), ("Ana", "second_approval"), ("Bo", "second_approval")):
        with pytest.raises(GuardrailStop) as stop:
            desk._guard(case, intent)
        assert stop.value.code == code and stop.value.columns["rules"] == "G09"
        assert put_before_a_person(desk, case, "refunds", stop.value)
        (question,) = store.open_exceptions()
        assert store.close_exception(question, "approve", by)
    desk._guard(case, intent)
    with pytest.raises(GuardrailStop, match="two people"):
        desk._guard(case, replace(intent, terms={"amount": 2000}))


# -- the canary ----------------------------------------------------------------------------------------------------------------
def test_after_a_change_one_refund_goes_alone_and_the_others_wait_until_it_is_read_back(store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bots.portals.desk.CANARY_WAIT", timedelta())  # nobody else is at work here
    desk = desk_of(store, tmp_path)
    assert pays(desk, 1, works=False) == "needs_check"
    assert pays(desk, 2) == "guardrail_waits" and pays(desk, 3) == "guardrail_waits"
    assert pays(desk, 1, ["refund:A-1:RMA"]) == "PAY-1"
    assert [pays(desk, 2), pays(desk, 3)] == ["PAY-2", "PAY-3"]


def test_a_canary_that_never_flew_is_replaced(store: Store, tmp_path: Path) -> None:
    desk = desk_of(store, tmp_path)
    case = a_case(store, "A-1")
    assert desk._canary(intent_of(1)) is None
    assert pays(desk, 2) == "PAY-2", "the first was never clicked: the second goes first instead"
    desk._guard(case, intent_of(1))


def test_a_canary_that_a_person_settles_by_hand_holds_nobody_any_longer(store: Store, tmp_path: Path) -> None:
    desk = desk_of(store, tmp_path)
    assert pays(desk, 1, works=False) == "needs_check"
    assert pays(desk, 2) == "guardrail_waits"
    first = store.case_of_order("A-1")
    assert first is not None
    store.change(first, "ended_by_a_person", close_code="by_hand")
    assert pays(desk, 2, works=False) == "needs_check", "it goes first instead"
    assert pays(desk, 3) == "guardrail_waits", "and alone"


def test_changed_locators_need_a_new_canary(store: Store, tmp_path: Path) -> None:
    desk = desk_of(store, tmp_path)
    assert pays(desk, 1) == "PAY-1"
    desk._fingerprints["pay"] = "another"
    assert pays(desk, 2, works=False) == "needs_check"
    assert pays(desk, 3) == "guardrail_waits"


def test_the_fingerprint_follows_locators_and_settings(store: Store, tmp_path: Path) -> None:
    desk = desk_of(store, tmp_path)
    before = desk._fingerprint("pay")
    desk._fingerprints.clear()
    assert desk._fingerprint("pay") == before != desk._fingerprint("bank")
    desk._fingerprints.clear()
    file = desk.config.profile_file
    file.write_text(file.read_text(encoding="utf-8") + "\n# changed\n", encoding="utf-8")
    assert desk._fingerprint("pay") != before


def test_a_dry_run_is_no_canary(store: Store, tmp_path: Path) -> None:
    desk = desk_of(store, tmp_path, mode={"refunds": "shadow"})
    desk._guard(a_case(store, "A-1"), intent_of(1))
    assert store.switch(f"canary:pay:{desk._fingerprint('pay')}") is None


# -- the screen ----------------------------------------------------------------------------------------------------------------
def test_the_screen_belongs_to_one_desk_at_a_time() -> None:
    order: list[str] = []
    desktop, taken = Desktop(), threading.Event()

    def other(note: Callable[[str], None]) -> None:
        desktop.hold()
        note("second")
        taken.set()
        desktop.let_go()

    desktop.hold()
    desktop.hold()
    thread = threading.Thread(target=other, args=(order.append,))
    thread.start()
    assert not taken.wait(0.1)
    order.append("first")
    assert desktop.mine
    desktop.let_go()
    thread.join(timeout=10)
    assert order == ["first", "second"] and not desktop.mine
    desktop.let_go()

"""What must hold before a commit is clicked, one row a guardrail."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bots.cases.money import Money
from bots.cases.settings import GuardrailSettings
from bots.decisions import guardrails
from bots.decisions.guardrails import Stop, Totals, check

NOON = datetime(2026, 10, 5, 12, 0, tzinfo=UTC)
CAPS = {"cap_item": {"EUR": 2000}, "cap_run": {"EUR": 5000}, "cap_day": {"EUR": 8000}, "cap_payee_day": {"EUR": 3000}}


def ask(minor: int | None = 1000, totals: Totals | None = None, *, settings: dict[str, Any] | None = None, **given_: Any) -> Stop | None:
    facts: dict[str, Any] = {"stop_file": False, "now": NOON, "approvers": frozenset(), "mode": "auto_below_limit", "currency": "EUR"} | given_
    currency = facts.pop("currency")
    return check(
        Money(minor=minor, currency=currency) if minor is not None else None, totals or Totals(), GuardrailSettings(**(CAPS | (settings or {}))), **facts
    )


# (arguments, rule that stops or None, whether it lifts by itself)
TABLE: dict[str, tuple[Stop | None, str | None, bool]] = {
    "all well": (ask(), None, False),
    "G01 stop file": (ask(stop_file=True), "G01", True),
    "G01 stops goods too": (ask(None, stop_file=True), "G01", True),
    "G01 nobody overrules it": (ask(stop_file=True, approvers=frozenset({"Ana"})), "G01", True),
    "goods have no caps": (ask(None, now=NOON.replace(hour=3), settings={"hours": (8, 18)}), None, False),
    "G02 only suggests": (ask(mode="suggest"), "G02", False),
    "G02 approved": (ask(mode="suggest", approvers=frozenset({"Ana"})), None, False),
    "G03 at the cap": (ask(2000), None, False),
    "G03 above": (ask(2001), "G03", False),
    "G03 approved": (ask(2001, approvers=frozenset({"Ana"})), None, False),
    "G04 at the cap": (ask(1000, Totals(run=4000)), None, False),
    "G04 above": (ask(1001, Totals(run=4000)), "G04", True),
    "G04 approval does not lift it": (ask(1001, Totals(run=4000), approvers=frozenset({"Ana"})), "G04", True),
    "G05 above": (ask(1, Totals(day=8000)), "G05", True),
    "G06 at the cap": (ask(1000, Totals(payee_day=2000)), None, False),
    "G06 above": (ask(1001, Totals(payee_day=2000)), "G06", False),
    "G07 first hour": (ask(now=NOON.replace(hour=8), settings={"hours": (8, 18)}), None, False),
    "G07 too early": (ask(now=NOON.replace(hour=7, minute=59), settings={"hours": (8, 18)}), "G07", True),
    "G07 the end is outside": (ask(now=NOON.replace(hour=18), settings={"hours": (8, 18)}), "G07", True),
    "G08 maintenance": (ask(now=NOON, settings={"maintenance": ("Mon 11:30-12:30",)}), "G08", True),
    "G08 stops goods too": (ask(None, settings={"maintenance": ("Mon 12:00-12:01",)}), "G08", True),
    "G08 the end is outside": (ask(settings={"maintenance": ("Mon 11:00-12:00",)}), None, False),
    "G08 another day": (ask(settings={"maintenance": ("Tue 11:30-12:30",)}), None, False),
    "G09 at the limit": (ask(settings={"four_eyes": {"EUR": 1000}}), None, False),
    "G09 nobody": (ask(settings={"four_eyes": {"EUR": 999}}), "G09", False),
    "G09 one": (ask(approvers=frozenset({"Ana"}), settings={"four_eyes": {"EUR": 999}}), "G09", False),
    "G09 two": (ask(approvers=frozenset({"Ana", "Bo"}), settings={"four_eyes": {"EUR": 999}}), None, False),
    "a currency without caps": (ask(10**9, Totals(run=10**9, day=10**9, payee_day=10**9), currency="JPY"), None, False),
    "a cap of nothing": (ask(1, settings={"cap_item": {"EUR": 0}}), "G03", False),
    "the first that says no": (ask(2001, Totals(run=10**6), mode="suggest"), "G02", False),
}


@pytest.mark.parametrize("name", TABLE)
def test_the_table_of_guardrails(name: str) -> None:
    stop, rule, lifts = TABLE[name]
    assert (stop.rule if stop else None) == rule
    if stop:
        assert stop.lifts is lifts and stop.why


def test_every_guardrail_stands_in_the_table() -> None:
    assert {stop.rule for stop, _, _ in TABLE.values() if stop} == set(re.findall(r"G\d\d", guardrails.__doc__ or ""))


def test_a_stop_says_what_would_be_exceeded() -> None:
    stop = ask(1001, Totals(run=4000))
    assert stop and stop.why == "EUR 50.01 would exceed the cap of EUR 50.00 for a run"


@given(st.lists(st.integers(1, 4000), max_size=30))
def test_however_refunds_come_the_caps_hold(amounts: list[int]) -> None:
    run = 0
    for minor in amounts:
        if ask(minor, Totals(run=run, day=run, payee_day=0)) is None:
            run += minor
            assert minor <= 2000 and run <= 5000

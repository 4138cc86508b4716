"""The loop around every bot: what is done, what goes to a person, what is tried again, and that nothing stops the rest."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from bots.automation.browser import BrowserHouse, BrowserOptions
from bots.automation.evidence import Evidence
from bots.bot import Item
from bots.cases.errors import BusinessException, ConfigProblem, NeedsCheck, ScreenChanged, Suppressed, SystemException
from bots.cases.settings import ROOT
from bots.cases.states import ForbiddenMove
from bots.cases.store import Case, StaleCase, Store
from bots.cases.work import WorkQueue
from bots.operations.runbook import advice_for
from bots.operations.runner import Runner, RunSummary
from bots.portals.desk import Desk
from tests.stores import a_case, tiny_config

Step = BaseException | str


@dataclass
class Clerk:
    """A bot that follows a script: for each key what happens at each try; the last entry goes on for ever."""

    script: dict[str, list[Step]]
    cases: dict[str, Case] = field(default_factory=dict)
    name: str = "clerk"
    title: str = "Follows a script"
    by_hand: float = 2.5
    tries: list[str] = field(default_factory=list)
    looks: list[Step] = field(default_factory=list)
    during: Callable[[Item, Desk], None] = lambda item, desk: None

    def items(self, desk: Desk) -> Iterator[Item]:
        step = self.looks.pop(0) if self.looks else ""
        if isinstance(step, BaseException):
            raise step
        for key in self.script:
            yield Item(key, self.cases.get(key))

    def work(self, item: Item, desk: Desk) -> str:
        self.tries.append(item.key)
        self.during(item, desk)
        steps = self.script[item.key]
        step = steps.pop(0) if len(steps) > 1 else steps[0]
        if isinstance(step, BaseException):
            raise step
        return step


class Sessions:
    """Stands where a portal stands: counts how often its log-in was forgotten."""

    def __init__(self) -> None:
        self.forgotten = 0

    def forget_session(self) -> None:
        self.forgotten += 1


@pytest.fixture
def sessions() -> Sessions:
    return Sessions()


@pytest.fixture
def desk(store: Store, tmp_path: Path, sessions: Sessions) -> Desk:
    made = Desk(tiny_config(tmp_path, retry_after_minutes=15), store, BrowserHouse(BrowserOptions()), lambda account: "", Evidence(tmp_path / "evidence"))
    made._portals["erp"] = sessions
    return made


def with_cases(store: Store, script: dict[str, list[Step]]) -> Clerk:
    return Clerk(script, {key: a_case(store, key) for key in script})


def counts(summary: RunSummary) -> tuple[int, int, int, str]:
    return summary.done, summary.to_person, summary.failed, summary.verdict


def states(desk: Desk) -> dict[str, int]:
    return WorkQueue(desk.store).counts().get("clerk", {})


# -- the three ways work can fail --------------------------------------------------------------------------------------------
def test_what_is_done_is_counted_with_the_minutes_it_saved(desk: Desk) -> None:
    told: list[tuple[int, str]] = []
    clerk = with_cases(desk.store, {"A-1": ["refunded"], "A-2": ["refunded"]})
    summary = Runner(desk, lambda s: told.append((s.worked, s.verdict))).run(clerk)
    assert counts(summary) == (2, 0, 0, "ok") and summary.results == [("A-1", "refunded"), ("A-2", "refunded")] and summary.seconds > 0
    assert told == [(0, "running"), (1, "running"), (2, "running"), (2, "ok")]
    assert WorkQueue(desk.store).minutes_saved() == 5.0 and states(desk) == {"done": 2}
    assert (desk.bot, desk.store.actor) == ("clerk", "clerk bot")


def test_a_business_exception_goes_to_a_person_at_once(desk: Desk, sessions: Sessions) -> None:
    error = BusinessException("12 asked, 1 bought", code="over_quantity", advice="Ask the customer.", rules="P08", amount_minor=100, suggestion="reject")
    clerk = with_cases(desk.store, {"A-1": [error]})
    assert counts(Runner(desk).run(clerk)) == (0, 1, 0, "ok") and clerk.tries == ["A-1"] and sessions.forgotten == 0
    (row,) = desk.store.open_exceptions()
    assert (row.bot, row.code, row.what, row.advice, row.rules) == ("clerk", "over_quantity", "12 asked, 1 bought", "Ask the customer.", "P08")
    assert (row.severity, row.freezes, row.technical, row.amount_minor, row.suggestion, row.case.order_no) == ("medium", False, False, 100, "reject", "A-1")
    assert counts(Runner(desk).run(clerk))[:3] == (0, 1, 0) and len(desk.store.all_exceptions()) == 1, "the same question is asked once"


def test_a_question_without_advice_of_its_own_says_what_the_runbook_says() -> None:
    row = "| `over_quantity` | review | more asked back than was bought or is left | "
    told = next(line for line in (ROOT / "runbooks" / "errors.md").read_text(encoding="utf-8").splitlines() if line.startswith(row))
    advice = advice_for(BusinessException("12 asked, 1 bought", code="over_quantity"))
    assert advice[1:-1] in told and advice.endswith(".")
    assert advice_for(BusinessException("x", code="over_quantity", advice="Ask.")) == "Ask."
    assert advice_for(NeedsCheck("x")) == NeedsCheck.default_advice, "an error's own words go before the runbook's"
    assert advice_for(BusinessException("x", code="no_such_code_at_all")) == BusinessException.default_advice
    assert advice_for(BusinessException("x", code="dispute_open")) == "See runbooks/dispute-open.md."


def test_a_system_exception_is_tried_again_with_fresh_sessions(desk: Desk, sessions: Sessions) -> None:
    clerk = with_cases(desk.store, {"A-1": [SystemException("hung"), ScreenChanged("moved"), "done at last"]})
    assert counts(Runner(desk).run(clerk)) == (1, 0, 0, "ok")
    assert (clerk.tries, sessions.forgotten, desk.store.open_exceptions()) == (["A-1"] * 3, 2, [])


def test_after_the_last_try_a_person_sees_it(desk: Desk, sessions: Sessions) -> None:
    clerk = with_cases(desk.store, {"A-1": [ScreenChanged("the button moved")]})
    assert counts(Runner(desk).run(clerk)) == (0, 1, 0, "ok") and len(clerk.tries) == desk.config.suite.attempts == sessions.forgotten
    (row,) = desk.store.open_exceptions()
    assert (row.code, row.what, row.freezes, row.technical) == ("screen_changed", "the button moved", False, True) and "run_bot.py watch" in row.advice


def test_without_a_case_it_waits_instead_and_is_not_taken_before(desk: Desk) -> None:
    clerk = Clerk({"mail:7": [SystemException("mail server away")]})
    assert counts(Runner(desk).run(clerk)) == (0, 0, 1, "ok") and states(desk) == {"waiting": 1}
    clerk.tries.clear()
    assert counts(Runner(desk).run(clerk)) == (0, 0, 0, "ok") and clerk.tries == []
    WorkQueue(desk.store).retry_now("mail:7")
    Runner(desk).run(clerk)
    assert clerk.tries == ["mail:7"] * 3


def test_an_unknown_outcome_freezes_the_money_of_the_case(desk: Desk, sessions: Sessions) -> None:
    clerk = with_cases(desk.store, {"A-1": [NeedsCheck("clicked and not shown")]})
    assert counts(Runner(desk).run(clerk)) == (0, 1, 0, "ok") and (clerk.tries, sessions.forgotten) == (["A-1"], 0), "never tried again"
    (row,) = desk.store.open_exceptions()
    assert (row.code, row.severity, row.freezes) == ("needs_check", "high", True)
    assert desk.store.due("refunds") == [] and len(desk.store.due("tracking")) == 1


def test_an_unexpected_fault_is_shown_and_waits(desk: Desk, sessions: Sessions) -> None:
    clerk = with_cases(desk.store, {"A-1": [KeyError("sku")]})
    assert counts(Runner(desk).run(clerk)) == (0, 0, 1, "ok") and clerk.tries == ["A-1"] and states(desk) == {"waiting": 1}
    (row,) = desk.store.open_exceptions()
    assert row.code == "unexpected_error" and "KeyError: 'sku'" in row.what


def test_two_truths_about_a_case_go_to_a_person(desk: Desk) -> None:
    clerk = with_cases(desk.store, {"A-1": [ForbiddenMove("parcel: lost -> awaited is not in the table of transitions")]})
    assert counts(Runner(desk).run(clerk)) == (0, 1, 0, "ok")
    (row,) = desk.store.open_exceptions()
    assert (row.code, row.severity) == ("forbidden_move", "high") and "lost -> awaited" in row.what


def test_a_case_that_another_bot_changed_is_read_again(desk: Desk) -> None:
    clerk, seen = with_cases(desk.store, {"A-1": ["done"]}), []

    def during(item: Item, desk: Desk) -> None:
        assert item.case
        seen.append(item.case.version)
        if len(seen) == 1:
            desk.store.change(item.case, "by another bot", carrier="SwiftParcel")
        desk.store.change(item.case, "mine", tracking_no="RR1")

    clerk.during = during
    assert counts(Runner(desk).run(clerk)) == (1, 0, 0, "ok") and seen == [1, 2]
    clerk = Clerk({"A-1": [StaleCase("again")]}, clerk.cases)
    assert counts(Runner(desk).run(clerk)) == (0, 0, 1, "ok") and len(clerk.tries) == 3 and states(desk)["waiting"] == 1


def test_a_guardrail_that_lifts_by_itself_is_waited_for(desk: Desk, sessions: Sessions) -> None:
    clerk = with_cases(desk.store, {"A-1": [SystemException("outside the hours", code="guardrail_waits")]})
    assert counts(Runner(desk).run(clerk)) == (0, 0, 1, "ok")
    assert (clerk.tries, sessions.forgotten, desk.store.open_exceptions(), states(desk)) == (["A-1"], 0, [], {"waiting": 1})


def test_a_dry_run_is_done_and_may_be_followed_by_the_real_one_at_once(desk: Desk) -> None:
    clerk = with_cases(desk.store, {"A-1": [Suppressed("filled in and not sent"), "sent"]})
    assert counts(Runner(desk).run(clerk)) == (1, 0, 0, "ok") and counts(Runner(desk).run(clerk)) == (1, 0, 0, "ok")
    assert clerk.tries == ["A-1", "A-1"]


# -- the run as a whole ------------------------------------------------------------------------------------------------------
def test_one_failing_item_does_not_stop_the_others(desk: Desk) -> None:
    script: dict[str, list[Step]] = {"A-1": [ValueError("bad")], "A-2": [BusinessException("no")], "A-3": ["done"], "A-4": [NeedsCheck("?")], "A-5": ["done"]}
    summary = Runner(desk).run(with_cases(desk.store, script))
    assert counts(summary) == (2, 2, 1, "ok") and [key for key, _ in summary.results] == list(script)
    (run,) = WorkQueue(desk.store).all_runs()
    assert (run["done"], run["to_person"], run["failed"], run["verdict"], run["ended_at"]) == (2, 2, 1, "ok", desk.now)


def test_looking_for_work_is_tried_again_too(desk: Desk, sessions: Sessions) -> None:
    clerk = with_cases(desk.store, {"A-1": ["done"]})
    clerk.looks = [SystemException("away"), SystemException("away")]
    assert counts(Runner(desk).run(clerk)) == (1, 0, 0, "ok") and sessions.forgotten == 2


@pytest.mark.parametrize(
    "error", [SystemException("the list does not open"), ConfigProblem("own.yaml: erp"), KeyError("sku")], ids=lambda error: type(error).__name__
)
def test_a_bot_that_cannot_see_its_work_is_broken_and_its_next_run_starts_anew(desk: Desk, error: Exception) -> None:
    clerk = with_cases(desk.store, {"A-1": ["done"]})
    clerk.looks = [error] * 3
    summary = Runner(desk).run(clerk)
    assert counts(summary) == (0, 0, 1, "broken") and (str(error) in summary.note)
    assert WorkQueue(desk.store).last_runs()[0]["verdict"] == "broken"
    clerk.looks = []
    assert counts(Runner(desk).run(clerk)) == (1, 0, 0, "ok")


def test_a_bot_never_overlaps_itself(desk: Desk) -> None:
    inner: list[RunSummary] = []
    clerk, other = with_cases(desk.store, {"A-1": ["done"]}), Clerk({"x": ["done"]}, name="other")

    def during(item: Item, desk: Desk) -> None:
        inner.extend((Runner(desk).run(clerk), Runner(desk).run(other)))

    clerk.during = during
    assert counts(Runner(desk).run(clerk)) == (1, 0, 0, "ok") and clerk.tries == ["A-1"]
    assert [(s.verdict, s.worked) for s in inner] == [("busy", 0), ("ok", 1)], "another bot may"


def test_an_item_that_another_worker_has_is_passed_over(desk: Desk) -> None:
    clerk = with_cases(desk.store, {"A-1": ["done"], "A-2": ["done"]})
    elsewhere = WorkQueue(desk.store)
    elsewhere.worker = "elsewhere:1"
    assert elsewhere.take("clerk", "A-1")
    assert counts(Runner(desk).run(clerk)) == (1, 0, 0, "ok") and clerk.tries == ["A-2"]


def test_a_paused_bot_does_nothing(desk: Desk) -> None:
    clerk = with_cases(desk.store, {"A-1": ["done"]})
    desk.store.set_switch("paused:clerk", True)
    assert counts(Runner(desk).run(clerk)) == (0, 0, 0, "paused") and clerk.tries == [] and WorkQueue(desk.store).all_runs() == []
    desk.store.set_switch("paused:clerk", None)
    assert counts(Runner(desk).run(clerk)) == (1, 0, 0, "ok")


@pytest.mark.parametrize(
    ("asked", "worked"), [({"only": "A-2"}, ["A-2"]), ({"limit": 2}, ["A-1", "A-2"]), ({"only": "RMA-2610-00003"}, ["A-3"]), ({"only": "B-9"}, [])]
)
def test_one_case_or_a_few(desk: Desk, asked: dict[str, Any], worked: list[str]) -> None:
    clerk = with_cases(desk.store, {f"A-{n}": ["done"] for n in (1, 2, 3)})
    Runner(desk).run(clerk, **asked)
    assert clerk.tries == worked

"""The commit ledger: whatever is killed, however late, money moves once and nothing is lost."""

from __future__ import annotations

import shutil
import subprocess
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from bots.cases import events
from bots.cases.clock import FixedClock
from bots.cases.database import open_database
from bots.cases.errors import BusinessException, GuardrailStop, NeedsCheck, Suppressed, SystemException
from bots.cases.ledger import POINTS, Intent, Ledger, LedgerPermit, only_one, seen_first
from bots.cases.money import Money
from bots.cases.store import Case, Store
from tests.ledger_drill import FileBackend, carry_out, refund_intent
from tests.stores import BOTH_STORES, a_case, at_once

NUMBERS = range(1, len(POINTS) + 1)
ROOT = Path(__file__).resolve().parents[1]


class Killed(BaseException):
    """The process ended here: nothing catches it."""


@dataclass
class Backend:
    """A program in memory. `refunds` is what has happened there; `on_click` is told of each click before it takes effect."""

    refunds: list[int] = field(default_factory=list)
    clicks: int = 0
    looks: int = 0
    on_click: Callable[[], None] = lambda: None
    takes_effect: bool = True
    after: Callable[[], None] = lambda: None

    def look(self) -> str | None:
        self.looks += 1
        return f"PAY-{len(self.refunds)}" if self.refunds else None

    def act(self, permit: LedgerPermit) -> None:
        permit.photograph("before", b"jpeg")
        permit.spend()
        self.clicks += 1
        self.on_click()
        if self.takes_effect:
            self.refunds.append(1999)
        self.after()


def ledger_of(store: Store, guard: Callable[[Case, Intent], None] = lambda case, intent: None, point: Callable[[int], None] = lambda n: None) -> Ledger:
    return Ledger(store, guard, lambda *_: None, point=point)


def fails(error: BaseException) -> Callable[..., Any]:
    """Something that raises this when it is called."""

    def fail(*_: object) -> None:
        raise error

    return fail


def stop_at(number: int) -> Callable[[int], None]:
    def point(reached: int) -> None:
        if reached == number:
            raise Killed(POINTS[number - 1])

    return point


@pytest.fixture
def case(store: Store) -> Case:
    return a_case(store, "A-1")


# -- the road ----------------------------------------------------------------------------------------------------------------
@BOTH_STORES
def test_a_commit_is_written_down_clicked_once_and_read_back(store: Store, case: Case, clock: FixedClock) -> None:
    backend, seen, pictures = Backend(), [], []
    guarded: list[Intent] = []
    ledger = Ledger(store, lambda case, intent: guarded.append(intent), lambda *picture: pictures.append(picture), point=seen.append)
    assert ledger.carry_out(case, refund_intent(), look=backend.look, act=backend.act) == "PAY-1"
    assert (backend.clicks, backend.looks, seen) == (1, 2, list(NUMBERS)) and guarded == [refund_intent()] * 2, "asked before the form and at the click"
    assert pictures == [(case, "refund", "before", b"jpeg")]
    row = ledger.find("refund:A-1:RMA-2610-00001")
    assert row and (row.state, row.reference, row.amount, row.payee, row.portal) == (
        "confirmed",
        "PAY-1",
        Money(minor=1999, currency="EUR"),
        "Visa •••• 4242",
        "pay",
    )
    assert (row.intended_at, row.clicked_at, row.settled_at) == (clock.now(),) * 3 and row.terms == {"amount": 1999}
    assert [event.kind for event in store.timeline(case)[1:]] == ["commit_intended", "commit_clicked", "commit_confirmed"]
    assert ledger.carry_out(case, refund_intent(), look=backend.look, act=backend.act) == "PAY-1"
    assert (backend.clicks, backend.looks) == (1, 2), "a confirmed commit is not even looked at again"
    assert ledger.of_case(case) == ledger.all("refund") == [row] and ledger.all("transfer") == []


@BOTH_STORES
@pytest.mark.parametrize("number", NUMBERS)
def test_a_worker_that_dies_at_any_point_leaves_nothing_double_and_nothing_lost(stores: Callable[[str], Store], number: int) -> None:
    backend, first, second = Backend(), stores("first"), stores("second")
    case = a_case(first, "A-1")
    with pytest.raises(Killed):
        ledger_of(first, point=stop_at(number)).carry_out(case, refund_intent(), look=backend.look, act=backend.act)
    ledger = ledger_of(second)
    state = row.state if (row := ledger.find(refund_intent().natural_key)) else "none"
    assert state == ["none", "intended", "intended", "intended", "clicked", "clicked", "confirmed", "confirmed"][number - 1]
    if POINTS[number - 1] == "5 click written down":
        with pytest.raises(NeedsCheck, match="was clicked at 2026-10-05 09:00 UTC and pay does not show it"):
            ledger.carry_out(case, refund_intent(), look=backend.look, act=backend.act)
        assert backend.clicks == 0, "whether the click came is not known: never again without a person"
        assert ledger.decide(case, False, "Li") == 1
    assert ledger.carry_out(case, refund_intent(), look=backend.look, act=backend.act) == "PAY-1"
    assert (backend.clicks, len(backend.refunds)) == (1, 1)
    with second.database.read() as db:
        assert events.verify(db) == []


@pytest.fixture(scope="module")
def killed(tmp_path_factory: pytest.TempPathFactory, empty_sqlite: Path) -> Path:
    """One folder a point, each left behind by a process that was killed there."""
    if sys.platform == "win32":
        pytest.skip("processes are forked and killed by signal, which Windows does not have")
    root = tmp_path_factory.mktemp("killed")
    for number in NUMBERS:
        (root / str(number)).mkdir()
        shutil.copy(empty_sqlite, root / str(number) / "cases.db")
    drill = subprocess.run([sys.executable, "-m", "tests.ledger_drill", str(root)], cwd=ROOT, capture_output=True, text=True, check=False)
    assert drill.returncode == 0, drill.stderr
    return root


@pytest.mark.parametrize("number", NUMBERS)
def test_a_process_that_is_really_killed_is_made_good_by_the_next(killed: Path, number: int, clock: FixedClock) -> None:
    folder = killed / str(number)
    backend = FileBackend(folder / "backend.txt")
    assert len(backend.refunds()) == (1 if number >= 6 else 0)
    if number == 5:
        with pytest.raises(NeedsCheck, match="does not show it"):
            carry_out(folder)
        assert backend.refunds() == []
        database = open_database(f"sqlite:///{folder / 'cases.db'}")
        store = Store(database, clock, "Li")
        assert ledger_of(store).decide(store.cases()[0], False, "Li") == 1
        database.close()
    assert carry_out(folder) == "PAY-1" == carry_out(folder)
    assert backend.refunds() == [refund_intent().natural_key]
    database = open_database(f"sqlite:///{folder / 'cases.db'}")
    with database.read() as db:
        assert events.verify(db) == []
    assert [row.state for row in ledger_of(Store(database, clock, "tests")).all()] == ["confirmed"]
    database.close()


def test_what_already_happened_is_found_by_looking_first(store: Store, case: Case) -> None:
    backend, ledger = Backend(refunds=[1999]), ledger_of(store, guard=fails(AssertionError("not asked")))
    assert ledger.carry_out(case, refund_intent(), look=backend.look, act=backend.act) == "PAY-1"
    assert (backend.clicks, ledger.all()[0].note, ledger.all()[0].clicked_at) == (0, "found by looking first", None)


def test_a_look_just_made_counts_for_the_first_one_only() -> None:
    backend = Backend(refunds=[1999])
    look = seen_first(None, backend.look)
    assert (look(), look(), look(), backend.looks) == (None, "PAY-1", "PAY-1", 2)


# -- who may not click -------------------------------------------------------------------------------------------------------
def test_a_permit_is_spent_once(store: Store, case: Case) -> None:
    backend = Backend()

    def twice(permit: LedgerPermit) -> None:
        backend.act(permit)
        backend.act(permit)

    with pytest.raises(NeedsCheck, match="a second click") as raised:
        ledger_of(store).carry_out(case, refund_intent(), look=backend.look, act=twice)
    assert (raised.value.code, backend.clicks, ledger_of(store).all()[0].state) == ("second_click", 1, "clicked")
    assert ledger_of(store).carry_out(case, refund_intent(), look=backend.look, act=twice) == "PAY-1"
    assert backend.clicks == 1


@BOTH_STORES
def test_two_workers_at_one_key_click_once(stores: Callable[[str], Store]) -> None:
    """Both have looked and found nothing when the gate opens: the worst moment."""
    backend, gate, workers = Backend(), threading.Barrier(2), [stores("one"), stores("two")]
    case = a_case(workers[0], "A-1")

    def work(store: Store) -> str:
        ledger = ledger_of(store, point=lambda number: gate.wait(timeout=10) and None if number == 4 else None)
        try:
            return ledger.carry_out(case, refund_intent(), look=backend.look, act=backend.act)
        except NeedsCheck as error:
            return error.code

    assert sorted(at_once(work, workers)) == ["PAY-1", "second_click"]
    assert backend.clicks == 1 and ledger_of(workers[0]).all()[0].state == "confirmed"


@BOTH_STORES
def test_a_worker_that_looked_too_early_does_not_take_a_confirmation_back(stores: Callable[[str], Store]) -> None:
    backend, one, two = Backend(), stores("one"), stores("two")
    case = a_case(one, "A-1")
    with pytest.raises(Killed):
        ledger_of(one, point=stop_at(6)).carry_out(case, refund_intent(), look=backend.look, act=backend.act)

    def early() -> None:
        """What the second worker sees is from before; meanwhile the first one's successor confirms."""
        assert ledger_of(one).carry_out(case, refund_intent(), look=backend.look, act=backend.act) == "PAY-1"

    assert ledger_of(two).carry_out(case, refund_intent(), look=early, act=backend.act) == "PAY-1"  # type: ignore[arg-type]
    assert (ledger_of(two).all()[0].state, backend.clicks) == ("confirmed", 1)


@BOTH_STORES
def test_workers_with_different_terms_at_one_key_click_once(stores: Callable[[str], Store]) -> None:
    """The second takes the row over with new terms while the first stands before its click: the first must not click on them."""
    backend, one, two = Backend(), stores("one"), stores("two")
    case, other = a_case(one, "A-1"), refund_intent(1500)

    def point(number: int) -> None:
        if number == 4:
            with pytest.raises(Killed):
                ledger_of(two, point=stop_at(3)).carry_out(case, other, look=backend.look, act=backend.act)

    with pytest.raises(NeedsCheck) as raised:
        ledger_of(one, point=point).carry_out(case, refund_intent(), look=backend.look, act=backend.act)
    assert (raised.value.code, backend.clicks) == ("second_click", 0)
    row = ledger_of(two).all()[0]
    assert (row.state, row.amount, row.terms_hash) == ("intended", Money(minor=1500, currency="EUR"), other.terms_hash)
    assert ledger_of(two).carry_out(case, other, look=backend.look, act=backend.act) == "PAY-1" and backend.clicks == 1


@pytest.mark.parametrize("change", [{"amount": Money(minor=1500, currency="EUR")}, {"payee": "Visa •••• 1111"}, {"portal": "bank"}, {"terms": {"amount": 1}}])
def test_terms_that_changed_after_the_click_stop_everything(store: Store, case: Case, change: dict[str, Any]) -> None:
    backend, changed = Backend(takes_effect=False), replace(refund_intent(), **change)
    assert changed.terms_hash != refund_intent().terms_hash == refund_intent().terms_hash
    with pytest.raises(NeedsCheck):
        ledger_of(store).carry_out(case, refund_intent(), look=backend.look, act=backend.act)
    with pytest.raises(NeedsCheck, match="stands in the ledger as needs_check on other terms") as raised:
        ledger_of(store).carry_out(case, changed, look=backend.look, act=backend.act)
    assert (raised.value.code, backend.clicks) == ("terms_changed", 1)


def test_terms_may_change_while_nothing_was_clicked(store: Store, case: Case) -> None:
    backend = Backend()
    with pytest.raises(GuardrailStop):
        ledger_of(store, guard=fails(GuardrailStop("too much"))).carry_out(case, refund_intent(), look=backend.look, act=backend.act)
    assert ledger_of(store).carry_out(case, refund_intent(1500), look=backend.look, act=backend.act) == "PAY-1"
    (row,) = ledger_of(store).all()
    assert row.amount == Money(minor=1500, currency="EUR") and row.terms == {"amount": 1500} and backend.clicks == 1


def test_a_guardrail_stops_before_the_form_is_touched(store: Store, case: Case) -> None:
    backend, ledger = Backend(), ledger_of(store, guard=fails(GuardrailStop("the STOP file is there")))
    with pytest.raises(GuardrailStop, match="STOP"):
        ledger.carry_out(case, refund_intent(), look=backend.look, act=fails(AssertionError("touched")))
    assert ledger.all()[0].state == "intended"


def test_a_guardrail_that_comes_down_while_the_form_is_filled_stops_the_click(store: Store, case: Case) -> None:
    answers = iter([lambda *_: None, fails(GuardrailStop("the STOP file is there"))])
    backend, ledger = Backend(), ledger_of(store, guard=lambda case, intent: next(answers)(case, intent))
    with pytest.raises(GuardrailStop):
        ledger.carry_out(case, refund_intent(), look=backend.look, act=backend.act)
    row = ledger.all()[0]
    assert (backend.clicks, row.state, row.clicked_at) == (0, "intended", None)
    assert [event.kind for event in store.timeline(case)[-2:]] == ["commit_clicked", "commit_held"]


@BOTH_STORES
def test_two_workers_under_one_cap_never_both_pass(stores: Callable[[str], Store]) -> None:
    """Both see room before either has clicked; at the click each sees the other."""
    clicks: list[str] = []
    filled, workers = threading.Barrier(2), [stores("one"), stores("two")]

    def work(store: Store) -> str:
        number = workers.index(store)
        mine = replace(refund_intent(), natural_key=f"refund:A-{number}:RMA")

        def guard(case: Case, intent: Intent) -> None:
            others = [row for row in ledger.clicked_since("refund", store.clock.now() - timedelta(days=1)) if row.natural_key != intent.natural_key]
            if sum(row.amount.minor for row in others if row.amount) + 1999 > 2500:
                raise GuardrailStop("the cap of the day")

        def act(permit: LedgerPermit) -> None:
            filled.wait(timeout=10)
            permit.spend()
            clicks.append(mine.natural_key)

        ledger = ledger_of(store, guard)
        try:
            return ledger.carry_out(cases[number], mine, look=lambda: "PAY-1" if mine.natural_key in clicks else None, act=act)
        except GuardrailStop:
            return "stopped"

    cases = [a_case(workers[0], f"A-{number}") for number in range(2)]
    assert sorted(at_once(work, workers)) in (["PAY-1", "stopped"], ["stopped", "stopped"])
    assert len(clicks) <= 1


def test_a_dry_run_fills_and_photographs_and_clicks_nothing(store: Store, case: Case) -> None:
    backend, pictures = Backend(), []
    ledger = Ledger(store, lambda case, intent: None, lambda *picture: pictures.append(picture[2]))
    with pytest.raises(Suppressed, match=f"refund of {case.rma} was filled in, photographed and not sent"):
        ledger.carry_out(case, refund_intent(), look=backend.look, act=backend.act, dry_run=True)
    row = ledger.all()[0]
    assert (backend.clicks, pictures, row.state, row.clicked_at) == (0, ["before"], "intended", None)
    assert ledger.carry_out(case, refund_intent(), look=backend.look, act=backend.act) == "PAY-1", "the real run later is not held up"


# -- what can go wrong ---------------------------------------------------------------------------------------------------------
@pytest.fixture
def frozen(store: Store, case: Case) -> tuple[Ledger, Backend]:
    """A commit that was clicked and did not show."""
    backend, ledger = Backend(takes_effect=False), ledger_of(store)
    with pytest.raises(NeedsCheck, match="clicked, then pay did not show it"):
        ledger.carry_out(case, refund_intent(), look=backend.look, act=backend.act)
    assert ledger.all()[0].state == "needs_check"
    return ledger, backend


def test_a_frozen_commit_that_shows_later_is_confirmed_without_a_click(frozen: tuple[Ledger, Backend], case: Case) -> None:
    ledger, backend = frozen
    with pytest.raises(NeedsCheck, match="does not show it"):
        ledger.carry_out(case, refund_intent(), look=backend.look, act=backend.act)
    backend.refunds.append(1999)
    assert ledger.carry_out(case, refund_intent(), look=backend.look, act=backend.act) == "PAY-1"
    assert (backend.clicks, ledger.all()[0].state, ledger.all()[0].note) == (1, "confirmed", "")


@pytest.mark.parametrize(("happened", "state", "clicks"), [(True, "confirmed", 1), (False, "void", 2)])
def test_a_person_who_looked_decides(frozen: tuple[Ledger, Backend], case: Case, happened: bool, state: str, clicks: int) -> None:
    ledger, backend = frozen
    assert ledger.decide(case, happened, "Li") == 1 and ledger.decide(case, not happened, "Ma") == 0, "decided once"
    row = ledger.all()[0]
    assert (row.state, row.note, row.reference) == (state, "decided by Li", "confirmed by a person" if happened else "")
    backend.takes_effect = True
    assert ledger.carry_out(case, refund_intent(), look=backend.look, act=backend.act) == ("confirmed by a person" if happened else "PAY-1")
    assert backend.clicks == clicks


def test_what_the_back_end_refuses_is_refused_and_may_be_tried_again(store: Store, case: Case) -> None:
    backend = Backend(takes_effect=False, after=fails(BusinessException("the card is closed", code="refused_by_backend")))
    with pytest.raises(BusinessException, match="the card is closed"):
        ledger_of(store).carry_out(case, refund_intent(), look=backend.look, act=backend.act)
    row = ledger_of(store).all()[0]
    assert (row.state, row.note) == ("refused", "the card is closed")
    good = Backend()
    assert ledger_of(store).carry_out(case, refund_intent(), look=good.look, act=good.act) == "PAY-1"


def test_an_error_after_the_click_is_forgotten_when_the_back_end_shows_it(store: Store, case: Case) -> None:
    backend = Backend(after=fails(SystemException("the page hung")))
    assert ledger_of(store).carry_out(case, refund_intent(), look=backend.look, act=backend.act) == "PAY-1"


def test_an_error_before_the_click_leaves_it_free_for_another_try(store: Store, case: Case) -> None:
    backend = Backend()
    with pytest.raises(SystemException, match="the form is gone"):
        ledger_of(store).carry_out(case, refund_intent(), look=backend.look, act=fails(SystemException("the form is gone")))
    assert ledger_of(store).all()[0].state == "intended"
    assert ledger_of(store).carry_out(case, refund_intent(), look=backend.look, act=backend.act) == "PAY-1" and backend.clicks == 1


def test_a_read_back_that_fails_freezes(store: Store, case: Case) -> None:
    backend, looks = Backend(), [None]

    def look() -> str | None:
        if looks:
            return looks.pop()
        raise SystemException("the list does not open")

    with pytest.raises(NeedsCheck, match="the list does not open"):
        ledger_of(store).carry_out(case, refund_intent(), look=look, act=backend.act)
    assert ledger_of(store).all()[0].state == "needs_check"
    assert ledger_of(store).carry_out(case, refund_intent(), look=backend.look, act=backend.act) == "PAY-1" and backend.clicks == 1


def test_caps_add_up_what_was_clicked_and_not_voided(store: Store, clock: FixedClock) -> None:
    ledger, since = ledger_of(store), clock.now()
    for number, effect in enumerate((True, False, False), 1):
        case, backend = a_case(store, f"A-{number}"), Backend(takes_effect=effect)
        intent = replace(refund_intent(), natural_key=f"refund:A-{number}")
        try:
            ledger.carry_out(case, intent, look=backend.look, act=backend.act)
        except NeedsCheck:
            assert not effect
        if number == 3:
            ledger.decide(case, False, "Li")
    assert [row.natural_key for row in ledger.clicked_since("refund", since)] == ["refund:A-1", "refund:A-2"]
    assert ledger.clicked_since("refund", since + timedelta(seconds=1)) == [] == ledger.clicked_since("transfer", since)


def test_a_repeatable_commit_that_does_not_show_is_clicked_again_and_never_frozen(store: Store, case: Case) -> None:
    backend, ledger = Backend(takes_effect=False), ledger_of(store)
    intent = replace(refund_intent(), repeatable=True)
    for _ in range(2):
        with pytest.raises(SystemException, match="did not show it") as raised:
            ledger.carry_out(case, intent, look=backend.look, act=backend.act)
        assert raised.value.code == "not_taken"
    backend.takes_effect = True
    assert ledger.carry_out(case, intent, look=backend.look, act=backend.act) == "PAY-1"
    assert backend.clicks == 3 and ledger.all()[0].state == "confirmed"


def test_money_is_never_repeatable() -> None:
    """A repeatable commit may be clicked twice: every place that makes one is named here, and none of them moves money."""
    makers = [path for path in (ROOT / "bots").rglob("*.py") if "repeatable=True" in path.read_text(encoding="utf-8")]
    assert [path.name for path in makers] == ["inspection.py"]


def test_what_stands_twice_is_never_taken_for_done() -> None:
    assert only_one("credit_note", "RMA-1", []) is None
    assert only_one("credit_note", "RMA-1", ["CN-1", "CN-1"]) == "CN-1"
    with pytest.raises(NeedsCheck, match="stands 2 times under RMA-1: CN-1, CN-2") as raised:
        only_one("credit_note", "RMA-1", ["CN-2", "CN-1"])
    assert raised.value.code == "made_twice"

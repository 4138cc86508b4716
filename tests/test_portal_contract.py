"""The portals' contract: every practice portal keeps it in a real browser, and a portal that breaks it is told so."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import date
from pathlib import Path
from typing import Any

import pyotp
import pytest

from bots.automation.browser import BrowserHouse
from bots.automation.locators import load_book
from bots.cases.errors import BusinessException, GuardrailStop, SystemException
from bots.cases.model import Capture, PaymentRecord, Refund, RefundState
from bots.cases.money import Money
from bots.portals.contract import CHECKS, ROLES, role_of, run_checks, verb_missing, verbs_of, wrong_verbs
from bots.portals.contract_bench import Bench, Outcome
from bots.portals.practice.carriers import PracticeGlobal, PracticeSwift
from bots.portals.practice.erp import PracticeErp
from bots.portals.practice.payments import PracticePayments
from bots.portals.practice.wms import PracticeWms
from bots.portals.web import Access
from tests.backoffice.accounts import ACCOUNTS
from tests.backoffice.carriers.app import create_global, create_swift
from tests.backoffice.carriers.samples import put_declaration, put_parcel
from tests.backoffice.erp.app import create_app as create_erp
from tests.backoffice.erp.samples import put_small_world
from tests.backoffice.payments.app import create_app as create_payments
from tests.backoffice.payments.samples import put_capture, put_refund
from tests.backoffice.serving import serving
from tests.backoffice.wms.app import create_app as create_wms
from tests.backoffice.wms.samples import put_receipt, put_task
from tests.backoffice.world import SAMPLES_START as START
from tests.backoffice.world import World

LOCATORS = Path(__file__).parents[1] / "locators"
TODAY = date(2026, 10, 6)
ORDER, RMA = "DE-2026-104233", "RMA-2026-000123"
# name: (class, app, book, role, samples, number of writing checks)
PROGRAMS: dict[str, tuple[Any, Callable[[World], Any], str, str, dict[str, str], int]] = {
    "pay": (PracticePayments, create_payments, "practice_pay", "payments", {"order_no": ORDER, "rma": RMA, "amount": "1250"}, 2),
    "erp": (PracticeErp, create_erp, "practice_erp", "erp", {"order_no": ORDER, "rma": RMA, "amount": "1250", "sku": "TEE-RED-M", "carrier": "SwiftParcel"}, 4),
    "wms": (
        PracticeWms,
        create_wms,
        "practice_wms",
        "wms",
        {
            "rma": "RMA-2026-000001", "receipt_no": "WE-000001", "task_no": "PA-000009", "finished_task_no": "PA-000007",
            "grade": "A-", "disposition": "RESELL_OPEN_BOX", "from_warehouse": "DE-LEJ", "to_warehouse": "PL-POZ",
        },
        3,
    ),
    "swift": (PracticeSwift, create_swift, "practice_swift", "carrier", {"tracking_no": "JD0000000001"}, 0),
    "global": (PracticeGlobal, create_global, "practice_global", "carrier", {"tracking_no": "RR000000019GB"}, 0),
}  # fmt: skip


def put_everything(world: World) -> None:
    """Something of each kind that the samples name."""
    put_small_world(world)
    put_refund(world, put_capture(world, ORDER, 104990), 5000, "RMA-2026-000001", days_ago=2)
    put_receipt(world, 1, [("TEE-RED-M", 2, ""), ("HPH-01", 1, "SN-00001")])
    put_receipt(world, 2, [("HPH-01", 1, "SN-00002")])
    put_receipt(world, 3, [("HPH-01", 1, "")])
    put_task(world, 7, "WE-000002", "HPH-01", 1, note="Kratzer")
    put_task(world, 9, "WE-000003", "HPH-01", 1, note="ok", grade="B", disposition="REFURBISH")
    for number, name in (("JD0000000001", "SwiftParcel"), ("RR000000019GB", "GlobalPost")):
        put_parcel(world, number, name, ["label_created", "accepted", "in_transit", "customs_held"])
        put_declaration(world, number)


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    made = World.create(tmp_path_factory.mktemp("world"), START)
    put_everything(made)
    return made


@pytest.fixture(scope="module")
def portals(world: World, browser_house: BrowserHouse) -> Iterator[dict[str, Any]]:
    def code() -> str:
        with world.write() as db:  # the desk never gives a code twice; here PayDesk forgets instead
            db.execute("DELETE FROM counters WHERE name LIKE 'pay-code:%'")
        return pyotp.TOTP(ACCOUNTS["pay"].totp).now()

    with ExitStack() as stack:
        made = {}
        for name, (kind, app, book, *_) in PROGRAMS.items():
            account = ACCOUNTS[name]
            access = Access(stack.enter_context(serving(app(world))), account.name, lambda account=account: account.password, code if account.totp else None)
            made[name] = kind(name, browser_house, load_book(LOCATORS, book), access)
        yield made


def bench_of(portal: Any, name: str, folder: Path, **more: Any) -> Bench:
    return Bench(portal, PROGRAMS[name][4], folder, TODAY, **more)


def told(outcomes: list[Outcome]) -> list[str]:
    return [f"{one.verdict} {one.check.verb}: {one.words}" for one in outcomes]


# -- the practice programs -------------------------------------------------------------------------------------------------
@pytest.mark.browser
@pytest.mark.parametrize("name", PROGRAMS)
def test_a_practice_portal_keeps_the_contract(portals: dict[str, Any], world: World, name: str, tmp_path: Path) -> None:
    """Reads; rehearses every write without a trace; then commits each once and reads it back."""
    role, writes = PROGRAMS[name][3:6:2]
    read = list(run_checks(role, bench_of(portals[name], name, tmp_path)))
    assert {one.verdict for one in read if one.check.kind == "read"} == {"works"}, told(read)
    assert [one.verdict for one in read if one.check.kind == "write"] == ["skipped"] * writes
    committed = []
    for commit in (False, True) if writes else ():
        bench = bench_of(portals[name], name, tmp_path, commit=commit)
        outcomes = [one for one in run_checks(role, bench, write=True) if one.check.kind == "write"]
        if not commit and name == "erp":  # nothing was registered yet that could be cancelled
            assert (outcomes[-1].check.verb, outcomes[-1].verdict) == ("cancel_return", "broken") and "no open return" in outcomes.pop().words
        assert {one.verdict for one in outcomes} == {"works"}, told(outcomes)
        assert all(picture.startswith(b"\xff\xd8") for picture in bench.pictures.values()) and len(bench.pictures) >= len(outcomes) - 1
        committed = [one for one in outcomes if "read it back" in one.words]
        assert bool(committed) is commit
    if name == "pay":
        rows = world.all("SELECT amount FROM refunds WHERE reference = ?", RMA)
        assert [row["amount"] for row in rows] == [1250], "one click, one refund"


@pytest.mark.browser
def test_a_guardrail_stops_the_click_of_a_check(portals: dict[str, Any], world: World, tmp_path: Path) -> None:
    def guard(amount: Money | None) -> None:
        raise GuardrailStop(f"{amount} is above the cap")

    before = len(world.all("SELECT * FROM refunds"))
    outcomes = list(run_checks("payments", bench_of(portals["pay"], "pay", tmp_path, commit=True, guard=guard), write=True))
    stopped = next(one for one in outcomes if one.check.needs == ("order_no", "rma", "amount"))
    assert stopped.verdict == "broken" and "above the cap (guardrail)" in stopped.words
    assert len(world.all("SELECT * FROM refunds")) == before


@pytest.mark.browser
def test_a_program_that_lies_breaks_the_contract(portals: dict[str, Any], world: World, tmp_path: Path) -> None:
    world.tell_lies("pay", "submit_refund", "success_without_write", times=1)
    bench = Bench(portals["pay"], {**PROGRAMS["pay"][4], "rma": "RMA-2026-000777"}, tmp_path, TODAY, commit=True)
    refund = next(one for one in run_checks("payments", bench, write=True) if one.check.verb == "submit_refund")
    assert refund.verdict == "broken" and "finds 0, before it 0" in refund.words


# -- portals that break it ---------------------------------------------------------------------------------------------------
EURO = Money(minor=104990, currency="EUR")


class Paper:
    """A payments portal of plain data, honest unless told otherwise."""

    name = "paper"
    copies = 1

    def __init__(self, **wrong: Any) -> None:
        self.refunds: list[Refund] = []
        self.__dict__.update(wrong)

    def check(self) -> str:
        return "answers"

    def find_payment(self, order_no: str) -> PaymentRecord | None:
        if order_no != ORDER:
            return None
        source = {"source_system": "paper", "source_key": "c1"}
        capture = Capture(**source, capture_id="c1", order_no=ORDER, method="card", instrument="Visa", amount=EURO)
        return PaymentRecord(source_system="paper", source_key=ORDER, order_no=ORDER, captures=(capture,), refunds=tuple(self.refunds))

    def find_refunds(self, reference: str) -> tuple[Refund, ...]:
        return tuple(one for one in self.refunds if one.reference == reference)

    def list_refunds(self, since: date) -> tuple[Refund, ...]:
        return ()

    def export_settlement(self, start: date, end: date, folder: Path) -> Path:
        (folder / "s.csv").write_text("x\n", encoding="utf-8")
        return folder / "s.csv"

    def submit_refund(self, instruction: Any, permit: Any) -> None:
        if instruction.amount.minor > EURO.minor:
            raise BusinessException("too much", code="refused_by_backend")
        permit.photograph("before", b"x")
        permit.spend()
        for _ in range(self.copies):
            self._write(instruction)

    def _write(self, wanted: Any) -> None:
        source = {"source_system": "paper", "source_key": f"r{len(self.refunds)}"}
        number = f"r{len(self.refunds)}"
        self.refunds.append(
            Refund(
                **source,
                refund_id=number,
                capture_id=wanted.capture_id,
                order_no=wanted.order_no,
                reference=wanted.rma,
                amount=wanted.amount,
                state=RefundState.PENDING,
            )
        )


def unasked(portal: Paper) -> Callable[[Any, Any], None]:
    return lambda instruction, permit: portal._write(instruction)


def raises(error: Exception) -> Callable[..., Any]:
    def verb(*_: Any) -> None:
        raise error

    return verb


def verdicts(portal: Paper, folder: Path, *, commit: bool = False) -> dict[str, Outcome]:
    """The worst outcome of each verb."""
    found: dict[str, Outcome] = {}
    for one in run_checks("payments", Bench(portal, PROGRAMS["pay"][4], folder, TODAY, commit=commit), write=True):
        if one.check.verb not in found or one.verdict != "works":
            found[one.check.verb] = one
    return found


def test_an_honest_portal_works(tmp_path: Path) -> None:
    for commit in (False, True):
        assert {one.verdict for one in verdicts(Paper(), tmp_path, commit=commit).values()} == {"works"}


@pytest.mark.parametrize(
    ("verb", "wrong", "verdict", "says"),
    [
        ("check", raises(SystemException("no", code="login_failed")), "broken", "login_failed"),
        ("find_payment", raises(verb_missing("paper", "find_payment")), "missing", "nobody has written"),
        ("find_payment", raises(ValueError("bad number")), "broken", "raised ValueError, which no bot expects"),
        ("find_payment", lambda order_no: PaymentRecord(source_system="paper", source_key="x", order_no=ORDER), "broken", "must be None"),
        ("find_payment", lambda order_no: None, "broken", "found nothing"),
        ("find_refunds", lambda reference: [], "broken", "must be ()"),
        ("export_settlement", lambda start, end, folder: Path("/etc/hostname"), "broken", "is not in"),
        ("submit_refund", lambda instruction, permit: None, "broken", "without asking"),
    ],
)
def test_what_breaks_the_contract_is_named(verb: str, wrong: Any, verdict: str, says: str, tmp_path: Path) -> None:
    found = verdicts(Paper(**{verb: wrong}), tmp_path)[verb]
    assert (found.verdict, says in found.words) == (verdict, True), found.words


def test_a_refund_written_twice_or_in_a_rehearsal_is_found(tmp_path: Path) -> None:
    assert "finds 2, before it 0" in verdicts(Paper(copies=2), tmp_path, commit=True)["submit_refund"].words
    assert "finds 0, before it 0" in verdicts(Paper(copies=0), tmp_path, commit=True)["submit_refund"].words
    eager = Paper()
    eager.submit_refund = unasked(eager)  # type: ignore[method-assign]
    assert "without asking its permit" in verdicts(eager, tmp_path)["submit_refund"].words


def test_after_a_refused_log_in_nothing_else_is_tried(tmp_path: Path) -> None:
    def never(*_: Any) -> None:
        pytest.fail("asked although the log-in failed")

    found = verdicts(Paper(check=raises(SystemException("no", code="login_failed")), find_payment=never, find_refunds=never), tmp_path)
    assert {verb: one.verdict for verb, one in found.items()} == {"check": "broken", **dict.fromkeys(verbs_of("payments"), "skipped")}


def test_a_check_without_its_sample_says_which_one(tmp_path: Path) -> None:
    outcomes = list(run_checks("payments", Bench(Paper(), {}, tmp_path, TODAY)))
    assert ("skipped", "give --sample order_no=...") in {(one.verdict, one.words) for one in outcomes}


# -- completeness --------------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("role", ROLES)
def test_every_verb_of_every_role_has_a_check(role: str) -> None:
    assert {check.verb for check in CHECKS[role]} == set(verbs_of(role))


@pytest.mark.parametrize("name", PROGRAMS)
def test_every_practice_class_has_its_role_and_verbs(name: str) -> None:
    kind, role = PROGRAMS[name][0], PROGRAMS[name][3]
    assert role_of(kind) == role and wrong_verbs(kind, role) == ()
    assert "find_payment is not there" in wrong_verbs(type("Empty", (), {}), "payments")

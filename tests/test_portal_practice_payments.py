"""The payments portal against the practice payment back-end in a real browser."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pyotp
import pytest

from bots.automation.browser import BrowserHouse
from bots.automation.locators import load_book
from bots.cases.errors import BusinessException, ConfigProblem, ScreenChanged, SessionLost, Suppressed, SystemException
from bots.cases.model import RefundInstruction, RefundState
from bots.cases.money import Money
from bots.portals.practice.payments import PracticePayments
from bots.portals.web import Access
from tests.backoffice.accounts import ACCOUNTS
from tests.backoffice.payments.app import create_app
from tests.backoffice.payments.samples import put_capture, put_dispute, put_refund
from tests.backoffice.serving import serving
from tests.backoffice.world import World
from tests.permits import TestPermit

pytestmark = pytest.mark.browser

LOCATORS = Path(__file__).parents[1] / "locators"
ACCOUNT = ACCOUNTS["pay"]
ORDER = "DE-2026-104233"
RMA = "RMA-2026-000123"


def euro(minor: int) -> Money:
    return Money(minor=minor, currency="EUR")


@pytest.fixture
def world(state: World) -> World:
    """No money before each test; sessions stay."""
    state.empty("captures", "refunds", "disputes", "counters", "lies")
    return state


@pytest.fixture
def capture(world: World) -> str:
    return put_capture(world, ORDER, 104990)


@pytest.fixture(scope="module")
def url(state: World) -> Iterator[str]:
    with serving(create_app(state)) as base:
        yield base


def access(url: str, world: World, password: str = ACCOUNT.password) -> Access:
    def code() -> str:
        with world.write() as db:  # the desk never gives a code twice; here PayDesk forgets instead
            db.execute("DELETE FROM counters WHERE name LIKE 'pay-code:%'")
        return pyotp.TOTP(ACCOUNT.totp).now()

    return Access(url, ACCOUNT.name, lambda: password, code)


@pytest.fixture
def pay(world: World, url: str, browser_house: BrowserHouse) -> PracticePayments:
    return PracticePayments("pay", browser_house, load_book(LOCATORS, "practice_pay"), access(url, world))


def instruction(capture: str, amount: Money | None = None, **change: str) -> RefundInstruction:
    return RefundInstruction(**{"order_no": ORDER, "rma": RMA, "amount": amount or euro(4990), "reason": "return", "capture_id": capture, **change})  # type: ignore[arg-type]


def amounts(world: World) -> list[int]:
    return [row["amount"] for row in world.all("SELECT amount FROM refunds ORDER BY rowid")]


# -- log-in ----------------------------------------------------------------------------------------------------------------


def test_check_logs_in_with_password_and_code(pay: PracticePayments, browser_house: BrowserHouse, world: World) -> None:
    assert "PayDesk" in pay.check()
    wrong = PracticePayments("pay2", browser_house, pay.book, access(pay.access.url, world, "wrong-password"))
    with pytest.raises(SystemException, match="user name or password is wrong") as raised:
        wrong.check()
    assert raised.value.code == "login_failed" and "wrong-password" not in str(raised.value)
    late = PracticePayments("pay3", browser_house, pay.book, Access(pay.access.url, ACCOUNT.name, lambda: ACCOUNT.password, lambda: "000000"))
    with pytest.raises(SystemException, match="wrong or was used before"):
        late.check()
    with pytest.raises(ConfigProblem, match="totp"):
        PracticePayments("pay4", browser_house, pay.book, Access(pay.access.url, ACCOUNT.name, lambda: ACCOUNT.password)).check()


# -- reading -----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("order_no", [ORDER, "#10423", "12/104?x=1 %"])
def test_a_payment_is_read_whole(pay: PracticePayments, world: World, order_no: str) -> None:
    capture = put_capture(world, order_no, 104990)
    put_refund(world, capture, 5000, "RMA-2026-000001", days_ago=2)
    put_refund(world, capture, 7000, "RMA-2026-000002", state="failed", days_ago=1)
    put_dispute(world, capture, order_no, 104990)
    payment = pay.find_payment(order_no)
    assert payment and payment.order_no == order_no
    assert [(c.capture_id, c.amount, c.method, c.instrument) for c in payment.captures] == [(capture, euro(104990), "card", "Visa •••• 4242")]
    assert payment.captures[0].captured_at == datetime(2026, 10, 2, 8, 0, tzinfo=UTC)
    failed, settled = payment.refunds
    assert (failed.state, failed.failure, failed.settle_rate) == (RefundState.FAILED, "Card closed", None)
    assert (settled.state, settled.amount, settled.settle_rate, settled.order_no) == (RefundState.SETTLED, euro(5000), 7_812_345, order_no)
    assert settled.settled_at == datetime(2026, 10, 4, 8, 0, tzinfo=UTC) and settled.source_system == "pay"
    assert [(d.kind, d.state, d.amount) for d in payment.disputes] == [("chargeback", "open", euro(104990))]


def test_what_is_not_there_is_none(pay: PracticePayments, capture: str) -> None:
    assert pay.find_payment("DE-2026-10423") is None, "another order begins alike"
    payment = pay.find_payment(ORDER)
    assert payment and payment.refunds == () and payment.disputes == ()
    assert pay.find_refunds(RMA) == ()


def test_refunds_are_found_by_exactly_their_reference_and_listed_to_the_end(pay: PracticePayments, world: World, capture: str) -> None:
    with world.write() as db:
        db.executemany(
            "INSERT INTO refunds VALUES (?, ?, ?, ?, 'EUR', 1, '', 'pending', ?, 'x', NULL, NULL, NULL)",
            [(f"RF-1{n:05d}", capture, ORDER, f"RMA-2026-{n:06d}", f"2026-10-0{1 + n % 4}T08:00:00+00:00") for n in range(1, 521)],
        )
    put_refund(world, capture, 5000, f"{RMA}4")
    found = pay.find_refunds(RMA)
    assert [(refund.reference, refund.amount, refund.state, refund.settled_at) for refund in found] == [(RMA, euro(1), RefundState.PENDING, None)]
    everything = pay.list_refunds(date(2026, 10, 1))
    assert len(everything) == len({refund.refund_id for refund in everything}) == 521
    assert {refund.created_at.date() for refund in pay.list_refunds(date(2026, 10, 4)) if refund.created_at} == {date(2026, 10, 4)}


def test_an_expired_session_is_renewed_on_the_way(pay: PracticePayments, world: World, capture: str) -> None:
    assert pay.find_payment(ORDER)
    with world.write() as db:
        db.execute("DELETE FROM web_sessions")
    assert pay.find_payment(ORDER)


def test_reading_survives_a_redesign_by_lower_ways(pay: PracticePayments, world: World, capture: str) -> None:
    pay.forget_session()
    world.tell_lies("pay", "skin", "redesign", times=20)
    assert pay.find_payment(ORDER)
    assert {lower.element for lower in pay.screen.lowered} >= {"sign_in", "verify"}


def test_the_settlement_is_downloaded_whole_or_not_at_all(pay: PracticePayments, world: World, capture: str, tmp_path: Path) -> None:
    put_refund(world, capture, 5000, RMA, days_ago=3)
    put_refund(world, capture, 6000, 'a, "b"', days_ago=2)
    file = pay.export_settlement(date(2026, 10, 2), date(2026, 10, 5), tmp_path)
    assert file.name == "pay-settlement-2026-10-02-2026-10-05.csv" and file.read_text(encoding="utf-8").count("\n") == 3
    world.tell_lies("pay", "settlement", "cut_download")
    with pytest.raises(SystemException, match="the page shows 2") as raised:
        pay.export_settlement(date(2026, 10, 1), date(2026, 10, 5), tmp_path)
    assert raised.value.code == "download_failed" and len(list(tmp_path.iterdir())) == 1


# -- refunding -----------------------------------------------------------------------------------------------------------------


def test_a_refund_is_made_once_and_read_back(pay: PracticePayments, world: World, capture: str) -> None:
    permit = TestPermit()
    pay.submit_refund(instruction(capture, euro(104990)), permit)
    assert permit.spent == 1 and set(permit.pictures) == {"before", "after"}
    found = pay.find_refunds(RMA)
    assert [(r.refund_id, r.amount, r.state, r.capture_id, r.order_no) for r in found] == [("RF-000001", euro(104990), RefundState.PENDING, capture, ORDER)]
    with pytest.raises(BusinessException, match="nothing is left"):
        pay.submit_refund(instruction(capture, euro(1)), TestPermit())


def test_yen_have_no_cents(pay: PracticePayments, world: World) -> None:
    capture = put_capture(world, "JP-2026-1", 49800, currency="JPY")
    pay.submit_refund(instruction(capture, Money(minor=12345, currency="JPY"), order_no="JP-2026-1"), TestPermit())
    assert amounts(world) == [12345]


def test_a_dry_run_fills_the_form_and_writes_nothing(pay: PracticePayments, world: World, capture: str) -> None:
    permit = TestPermit(dry=True)
    with pytest.raises(Suppressed):
        pay.submit_refund(instruction(capture), permit)
    assert set(permit.pictures) == {"before"} and amounts(world) == []


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"order_no": "DE-2026-999999"}, "no payment"),
        ({"capture_id": "cap_none"}, "no capture"),
        ({"amount": euro(104991)}, "is more than"),
        ({"amount": Money(minor=1, currency="GBP")}, "in GBP"),
    ],
)
def test_a_hopeless_refund_is_refused_before_the_click(pay: PracticePayments, world: World, capture: str, change: dict[str, object], says: str) -> None:
    permit = TestPermit()
    with pytest.raises(BusinessException, match=says) as raised:
        pay.submit_refund(instruction(capture).model_copy(update=change), permit)
    assert raised.value.code == "refused_by_backend" and permit.spent == 0 and amounts(world) == []


@pytest.mark.parametrize("other", [14990, 49900, 499])
def test_another_amount_in_the_confirm_step_is_never_confirmed(pay: PracticePayments, world: World, capture: str, other: int) -> None:
    world.tell_lies("pay", "confirm", "other_amount", match=RMA, amount=other)
    permit = TestPermit()
    with pytest.raises(ScreenChanged, match="other terms") as raised:
        pay.submit_refund(instruction(capture), permit)
    assert raised.value.code == "confirm_mismatch" and permit.spent == 0 and amounts(world) == []


@pytest.mark.parametrize(
    ("lie", "written", "raises"),
    [
        ("success_without_write", 0, None),
        ("write_without_banner", 1, None),
        ("error_after_write", 1, SystemException),
        ("double_submit", 2, None),
        ("session_gone", 0, SessionLost),
        ("slow", 1, None),
    ],
)
def test_after_a_lie_only_reading_back_tells_the_truth(
    pay: PracticePayments, world: World, capture: str, lie: str, written: int, raises: type[Exception] | None
) -> None:
    world.tell_lies("pay", "submit_refund", lie, seconds=0.5)
    permit = TestPermit()
    if raises is None:
        pay.submit_refund(instruction(capture), permit)
    else:
        with pytest.raises(raises):
            pay.submit_refund(instruction(capture), permit)
    assert permit.spent == 1, "clicked once, never again"
    assert len(pay.find_refunds(RMA)) == written


def test_a_refund_button_that_was_redesigned_is_not_clicked(pay: PracticePayments, world: World, capture: str) -> None:
    pay.find_payment(ORDER)
    world.tell_lies("pay", "skin", "redesign", times=5)
    permit = TestPermit()
    with pytest.raises(ScreenChanged):
        pay.submit_refund(instruction(capture), permit)
    assert permit.spent == 0 and amounts(world) == []

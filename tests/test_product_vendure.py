"""The payments portal on a real Vendure 3.7, on both of its screens: what it reads and does, what it does where the screens lie,
and what it does after a redesign. Every outcome is checked in Vendure's own books, past the screens.

The first run on a machine installs Vendure (about ten minutes); `python -m tests.products.vendure.install` does it ahead.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bots.automation.browser import BrowserHouse, BrowserOptions
from bots.automation.browsers import find_browser
from bots.automation.locators import Book, Way, load_book
from bots.cases.errors import BusinessException, NeedsCheck, ScreenChanged, Suppressed, SystemException
from bots.cases.model import RefundInstruction, RefundState
from bots.cases.money import Money
from bots.cases.store import Store
from bots.operations.setup import product_packages
from bots.portals.contract import CHECKS, role_of, run_checks, wrong_verbs
from bots.portals.contract_bench import Bench
from bots.portals.vendure.amounts import read_moment, read_money, write_money
from bots.portals.vendure.payments import VendureDashboardPayments, VendurePayments
from bots.workbooks.statements import read_settlement
from tests.permits import TestPermit
from tests.products import ready
from tests.products.vendure.api import Books, TrueRefund
from tests.products.vendure.install import Installed, ensure_installed
from tests.products.vendure.server import VendureServer
from tests.products.vendure.skins import (
    ANGULAR,
    BACKPACK,
    CODES,
    LOCATORS,
    REACT,
    RMA,
    SKINS,
    Desk,
    Skin,
    bare,
    dollars,
    held_back,
    lines,
    paged,
    portal_of,
)
from tests.stores import a_case

pytestmark = [pytest.mark.browser, pytest.mark.vendure, pytest.mark.slow, pytest.mark.timeout(3600)]  # the first run installs

ROOT = Path(__file__).parents[1]
both_skins = pytest.mark.parametrize("skin", SKINS.values(), ids=SKINS)


@pytest.fixture(scope="module")
def installed() -> Installed:
    ready.have(product_packages(), "Vendure")
    return ready.installed(ensure_installed, "Vendure")


@pytest.fixture(scope="module")
def server(installed: Installed) -> Iterator[VendureServer]:
    with VendureServer(installed) as running:
        yield running


@pytest.fixture(scope="module")
def small_shop(installed: Installed) -> Iterator[VendureServer]:
    """A shop of its own with two orders, for what reads the whole list again and again."""
    with VendureServer(installed, only=("VD-260012", "VD-260016")) as running:
        yield running


@pytest.fixture(scope="module")
def books(server: VendureServer) -> Books:
    return server.books()


@pytest.fixture(scope="module")
def house() -> Iterator[BrowserHouse]:
    made = BrowserHouse(BrowserOptions(executable=find_browser().executable_path, timeout_s=10))
    yield made
    made.close()


@pytest.fixture
def pay(skin: Skin, server: VendureServer, house: BrowserHouse) -> VendurePayments:
    return portal_of(skin, server, house)


# -- amounts and times -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("text", "money"), [("$1,530.05", "USD 1530.05"), ("-€7.50", "EUR -7.50"), ("PLN\u00a012.00", "PLN 12.00"), ("CA$3.10", "CAD 3.10")])
def test_an_amount_says_its_currency(text: str, money: str) -> None:
    assert str(read_money(text, {})) == money
    if not text.startswith("-"):
        assert write_money(read_money(text, {}), {}).replace("\u00a0", " ") == text.replace("\u00a0", " ")


@pytest.mark.parametrize("text", ["1,530.05", "$1.530,05", "kr 12.00", "$", "", "$12.345"])
def test_an_amount_in_doubt_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="."):
        read_money(text, {})


def test_times_of_both_screens() -> None:
    assert read_moment("Nov 23, 2026, 8:12:51\u202fAM") == datetime(2026, 11, 23, 8, 12, 51, tzinfo=UTC)
    assert read_moment("11/23/26, 8:12 PM") == datetime(2026, 11, 23, 20, 12, tzinfo=UTC)
    with pytest.raises(ValueError, match="23.11.2026"):
        read_moment("23.11.2026 08:12")


# -- the role ----------------------------------------------------------------------------------------------------------------


@both_skins
def test_log_in(pay: VendurePayments, skin: Skin, server: VendureServer, house: BrowserHouse) -> None:
    assert "answers" in pay.check()
    wrong = portal_of(skin, server, house, name="wrong", password="not-the-password")
    with pytest.raises(SystemException, match="credentials are invalid") as raised:
        wrong.check()
    assert raised.value.code == "login_failed" and "not-the-password" not in str(raised.value)


@both_skins
def test_a_payment_is_read_whole_and_only_its_own(pay: VendurePayments, books: Books) -> None:
    order = "VD-2600010"
    known = len(books.refunds(order))
    made = books.refund(order, 795, f"RMA-2611-00{known}01")
    payment = pay.find_payment(order)
    assert payment and payment.order_no == order and not payment.disputes
    assert [(c.capture_id, c.amount, c.method, c.order_no) for c in payment.captures] == [(f"ch_{order}", dollars(6266), "card", order)]
    newest = payment.refunds[0]
    assert (newest.refund_id, newest.amount, newest.state, newest.reference) == (made, dollars(795), RefundState.PENDING, f"RMA-2611-00{known}01")
    assert newest.created_at and abs(datetime.now(UTC) - newest.created_at) < timedelta(minutes=3)
    assert len(payment.refunds) == known + 1
    other = pay.find_payment("VD-260001")
    assert other and other.captures[0].capture_id == "ch_VD-260001" and other.refunds == (), "two other orders begin alike"


@both_skins
@pytest.mark.parametrize("order_no", ["VD-26000", "VD-26", "VD-2600100", "none", 'x" or "1', "{order_no}"])
def test_an_order_that_is_not_there_is_none(pay: VendurePayments, order_no: str) -> None:
    assert pay.find_payment(order_no) is None


@both_skins
def test_a_cart_has_no_captures_and_a_draft_is_no_order(pay: VendurePayments) -> None:
    cart = pay.find_payment("VD-269915")
    assert cart and cart.captures == () and cart.refunds == ()
    assert pay.find_payment("VD-269916") is None


def test_a_list_that_still_loads_looks_empty_and_is_waited_for(server: VendureServer, house: BrowserHouse, monkeypatch: pytest.MonkeyPatch) -> None:
    """The Angular screens say "no results" until the first answer is there."""
    pay = portal_of(ANGULAR, server, house, name="slow")
    pay.check()
    page = pay.screen.page
    lie = page.locator("vdr-order-list vdr-empty-placeholder")
    asked = held_back(page, lambda: lie.wait_for(state="visible"))
    try:
        payment = pay.find_payment("VD-2600010")
        assert asked and payment and payment.captures[0].capture_id == "ch_VD-2600010"
        page.unroute_all()
        monkeypatch.setattr(house, "options", replace(house.options, timeout_s=2))
        page.set_default_timeout(2000)
        with pytest.raises(SystemException, match="no proof that there are none") as raised:  # a page after the last
            pay._open_list(99)
        assert raised.value.code == "incomplete_read"
    finally:
        house.forget(pay.screen.account)


@both_skins
def test_a_list_that_changes_while_it_is_read_is_read_again(pay: VendurePayments, monkeypatch: pytest.MonkeyPatch) -> None:
    walks: list[bool] = []

    def whole(portal: VendurePayments, rows: int, pages: int) -> bool:
        walks.append(skinned(portal, rows, pages))
        return walks[-1] and len(walks) == 2

    skinned = type(pay)._is_whole
    monkeypatch.setattr(type(pay), "_is_whole", whole)
    assert pay._all_orders() == CODES and walks == [True, True]
    with pytest.raises(SystemException, match="changed each time") as raised:
        pay._all_orders()
    assert raised.value.code == "incomplete_read"


def test_the_settlement_file_has_the_refunds_of_every_order_on_every_page(server: VendureServer, house: BrowserHouse, books: Books, tmp_path: Path) -> None:
    books.refund("VD-26000100", 100, "=RMA()")
    today = datetime.now(UTC).date()
    statement = read_settlement(paged(ANGULAR, server, house).export_settlement(today - timedelta(days=1), today, tmp_path))
    truth = {refund.refund_id: (code, refund.minor, refund.state.casefold(), refund.reason) for code in CODES for refund in books.refunds(code)}
    shown = {row.refund_id: (row.order_no, row.amount.minor, row.state.value, row.reference.removeprefix("'")) for row in statement.rows}
    assert shown == truth and not statement.problems
    assert "'=RMA()" in [row.reference for row in statement.rows], "a text from outside is no formula"


def test_a_reference_whose_order_is_not_known_is_found_on_every_page(server: VendureServer, house: BrowserHouse, books: Books) -> None:
    made = [books.refund(order, 100, "RMA-2611-00077") for order in ("VD-26000100", "VD-260017")]
    found = paged(REACT, server, house).find_refunds("RMA-2611-00077")
    assert sorted(refund.refund_id for refund in found) == sorted(made), "both, though one is enough to stop a refund"


@both_skins
def test_units_of_a_line_are_refunded_under_the_rma_settled_and_read_back(pay: VendurePayments, skin: Skin, books: Books) -> None:
    order, sku, price = skin.line
    permit = TestPermit()
    pay.submit_refund(lines(order, sku, price), permit)
    assert permit.spent == 1 and set(permit.pictures) == {"before", "after"}
    (made,) = books.refunds(order)
    assert (made.minor, made.state, made.reason) == (price, "Pending", RMA)
    assert books.quantities(order)[sku] == 2, "nothing is put back into stock unless it is asked for"
    (read,) = pay.find_refunds(RMA)
    assert (read.refund_id, read.amount, read.state, read.order_no) == (made.refund_id, dollars(price), RefundState.PENDING, order)

    pay.submit_refund(lines(order, sku, price - 1210, "RMA-2611-00043", cancel=True), TestPermit())
    worn = books.refunds(order)[-1]
    assert (worn.minor, worn.reason, books.quantities(order)[sku]) == (price - 1210, "RMA-2611-00043", 1), "a worn unit, and out of the order"

    pay.settle_refund(order, made.refund_id, "re_4711", TestPermit())
    assert [(refund.state, refund.transaction_id) for refund in books.refunds(order)] == [("Settled", "re_4711"), ("Pending", "")]
    payment = pay.find_payment(order)
    assert payment and [refund.state for refund in payment.refunds] == [RefundState.PENDING, RefundState.SETTLED]
    assert payment.captures[0].amount.minor > 2 * price, "what was paid stays what was paid, though the order's total has fallen"
    with pytest.raises(BusinessException, match="no pending refund"):
        pay.settle_refund(order, made.refund_id, "re_4712", TestPermit())
    with pytest.raises(BusinessException, match="can be refunded"):
        pay.submit_refund(lines(order, "BAG-99", price), TestPermit())
    assert pay.screen.lowered == []


@both_skins
def test_an_amount_alone_is_refunded_to_the_cent(pay: VendurePayments, skin: Skin, books: Books) -> None:
    order = skin.amount
    before = books.quantities(order)
    dry = TestPermit(dry=True)
    with pytest.raises(Suppressed):
        pay.submit_refund(bare(order, 123450), dry)
    assert not books.refunds(order) and "before" in dry.pictures
    pay.submit_refund(bare(order, 123450), TestPermit())
    pay.submit_refund(bare(order, 1230, "RMA-2611-00044"), TestPermit())
    assert [(refund.minor, refund.reason) for refund in books.refunds(order)] == [(123450, RMA), (1230, "RMA-2611-00044")]
    assert books.quantities(order) == before


@both_skins
def test_what_cannot_be_is_refused_before_the_click(pay: VendurePayments, books: Books) -> None:
    order = "VD-260017"
    before = books.refunds(order)
    wrong = [
        (bare("VD-26001", 100), "no order"),
        (bare(order, 100).model_copy(update={"capture_id": "ch_other"}), "no capture"),
        (bare(order, 100).model_copy(update={"amount": Money(minor=100, currency="EUR")}), "no capture"),
        (bare(order, 9_999_900), "Refund total"),
    ]
    for instruction, words in wrong:
        permit = TestPermit()
        with pytest.raises(BusinessException, match=words) as raised:
            pay.submit_refund(instruction, permit)
        assert raised.value.code == "refused_by_backend" and permit.spent == 0
    assert books.refunds(order) == before


# -- traps: what the screens say is not what happened ------------------------------------------------------------------------


@pytest.fixture
def desk_for(pay: VendurePayments, store: Store) -> Callable[[RefundInstruction], Desk]:
    return lambda instruction: Desk(store, a_case(store, instruction.order_no), pay, instruction)


def failed(minor: int) -> Callable[[TrueRefund], bool]:
    return lambda refund: (refund.state, refund.minor, refund.reason) == ("Failed", minor, RMA)


@both_skins
def test_a_declined_refund_whose_line_is_already_cancelled_pays_nothing_and_is_told(
    desk_for: Callable[[RefundInstruction], Desk], skin: Skin, books: Books
) -> None:
    order, sku, price = skin.declined
    desk = desk_for(lines(order, sku, price, cancel=True))
    with pytest.raises(BusinessException, match="taken out of the order all the same") as raised:
        desk.carry_out()
    assert raised.value.code == "refund_declined" and desk.state == "refused"
    assert books.state(order) == "Cancelled" and books.quantities(order) == {sku: 0}, "the trap: not atomic"
    assert len(books.refunds(order)) == 1 and all(map(failed(price), books.refunds(order)))
    with pytest.raises((BusinessException, NeedsCheck)):  # a person answered `retry`: there is no unit left, which one screen says before the click
        desk.carry_out()
    assert desk.state in ("refused", "needs_check") and len(books.refunds(order)) == 1, "nothing was paid, and nothing more was taken"


@both_skins
def test_an_error_beside_a_refund_that_exists_is_no_second_refund(desk_for: Callable[[RefundInstruction], Desk], skin: Skin, books: Books) -> None:
    order, sku, price = skin.muddled
    desk = desk_for(lines(order, sku, price))
    number = desk.carry_out()
    (made,) = books.refunds(order)
    assert (number, made.minor, made.reason) == (made.refund_id, price, RMA)
    assert desk.state == "confirmed" and desk.clicks == 1
    assert desk.carry_out() == number and len(books.refunds(order)) == 1
    permit = TestPermit()  # without the ledger the same screen says that it failed
    with pytest.raises(SystemException, match="answered the commit with") as raised:
        desk.pay.submit_refund(lines(order, sku, price, "RMA-2611-00045"), permit)
    assert raised.value.code == "error_after_commit" and len(books.refunds(order)) == 2


@both_skins
def test_a_dialog_that_ends_without_a_refund_freezes_the_commit(desk_for: Callable[[RefundInstruction], Desk], skin: Skin, books: Books) -> None:
    order, total = skin.contested
    desk = desk_for(bare(order, 20000))
    with pytest.raises(NeedsCheck, match="did not show it"):
        desk.carry_out(at_click=lambda: books.refund(order, total - 5000, "somebody else"))
    assert [refund.reason for refund in books.refunds(order)] == ["somebody else"]
    assert desk.state == "needs_check" and desk.clicks == 1
    with pytest.raises(NeedsCheck):
        desk.carry_out()
    assert desk.clicks == 1 and len(books.refunds(order)) == 1, "looked again, and did not click"
    books.refund(order, 20, RMA)  # a person makes it good by hand, with another amount: not ours, and still no click
    with pytest.raises(NeedsCheck, match="ours is"):
        desk.carry_out()
    assert desk.clicks == 1


def test_the_false_alarm_at_log_in_stops_nothing(server: VendureServer, house: BrowserHouse) -> None:
    pay = portal_of(SKINS["angular"], server, house, name="alarmed")
    words = "Could not connect to the Vendure server"
    bare = house.page("nobody")
    bare.goto(server.url + "/admin/login")
    bare.locator(".notification-wrapper.visible.error", has_text=words).wait_for(state="visible")  # the trap is there
    house.forget("nobody")
    pay.log_in()
    assert pay.screen.page.locator(".notification-wrapper.visible", has_text=words).count() == 0, "it was put away before the fields were used"
    assert pay.find_payment("VD-260001") is not None
    house.forget(pay.screen.account)


# -- the contract of the role ------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(("skin", "order_no"), [(ANGULAR, "VD-260012"), (REACT, "VD-260016")], ids=SKINS)
def test_it_keeps_the_contract_of_payments(skin: Skin, order_no: str, small_shop: VendureServer, house: BrowserHouse, tmp_path: Path) -> None:
    """What tests/test_portal_contract.py asks of the practice portal: reads; rehearses every write without a trace; commits each once and reads it back."""
    assert role_of(skin.portal) == "payments" and not wrong_verbs(skin.portal, "payments")
    pay = portal_of(skin, small_shop, house, name=f"contract-{skin.book}")
    bench = Bench(pay, {"order_no": order_no, "rma": RMA, "amount": "1250"}, tmp_path, datetime.now(UTC).date())
    outcomes = list(run_checks("payments", bench, write=True))
    assert {one.verdict for one in outcomes} == {"works"}, [f"{one.verdict} {one.check.verb}: {one.words}" for one in outcomes]
    assert len(outcomes) == 1 + len(CHECKS["payments"]) and small_shop.books().refunds(order_no) == []
    for check in CHECKS["payments"]:
        if check.kind == "write":
            check.run(replace(bench, commit=True))  # raises Broken
    assert [(refund.minor, refund.reason) for refund in small_shop.books().refunds(order_no)] == [(1250, RMA)]


def test_no_bot_knows_which_product_it_works_with() -> None:
    files = [*(ROOT / "bots").glob("*.py"), *(ROOT / "bots" / "decisions").rglob("*.py"), *(ROOT / "bots" / "cases").glob("*.py")]
    assert len(files) > 20 and [file.name for file in files if "vendure" in file.read_text(encoding="utf-8").casefold()] == []


# -- a redesign --------------------------------------------------------------------------------------------------------------
class OldReference(VendureDashboardPayments):
    """The dashboard, with the way of entering a reason that the former screens had."""

    _enter_reference = VendurePayments._enter_reference


def redesigned(pages: set[str]) -> Book:
    """The dashboard's addresses; these pages still have the locators of the Angular screens."""
    old, new = load_book(LOCATORS, ANGULAR.book), load_book(LOCATORS, REACT.book)
    kept = {name: old.pages[name].model_copy(update={"path": page.path}) if name in pages else page for name, page in new.pages.items()}
    return new.model_copy(update={"product": old.product, "pages": kept})


@pytest.fixture
def impatient(house: BrowserHouse) -> Iterator[BrowserHouse]:
    """A browser that does not wait long for what will not come; the other one is closed meanwhile (a thread runs one at a time) and starts again when used."""
    house.close()
    made = BrowserHouse(BrowserOptions(executable=find_browser().executable_path, timeout_s=3))
    yield made
    made.close()


@pytest.mark.parametrize(
    ("pages", "portal"),
    [
        ({"login", "orders", "order", "refund", "settle"}, VendurePayments),
        ({"orders"}, VendureDashboardPayments),
        ({"order"}, VendurePayments),
        ({"refund"}, OldReference),
        ({"settle"}, VendureDashboardPayments),
    ],
    ids=["everything", "list", "order", "refund dialog", "settle dialog"],
)
def test_after_a_redesign_it_reads_right_or_says_so_and_moves_no_money(
    pages: set[str], portal: type[VendurePayments], server: VendureServer, impatient: BrowserHouse, books: Books
) -> None:
    order = "VD-260001"
    truth = books.refunds(order)
    portal_of(REACT, server, impatient, name="redesigned").check()  # the session of the day before still holds
    pay = portal_of(replace(REACT, portal=portal), server, impatient, name="redesigned", book=redesigned(pages))
    changed = 0

    def reads(verb: Callable[[], object], right: object) -> None:
        nonlocal changed
        try:
            found = verb()
        except ScreenChanged:
            changed += 1
        else:
            assert found == right

    reads(lambda: [capture.amount.minor for capture in payment.captures] if (payment := pay.find_payment(order)) else None, [15941])
    reads(lambda: pay.find_payment("VD-26000"), None)
    permit = TestPermit()
    with pytest.raises((ScreenChanged, Suppressed)):  # Suppressed: a page that did not change got as far as the click, which this permit refuses
        pay.submit_refund(lines(order, "BAG-55", BACKPACK), replace(permit, dry=pages == {"settle"}))
    with pytest.raises((ScreenChanged, BusinessException)):  # there is nothing pending to settle, where the page can still be read
        pay.settle_refund(order, "1", "re_1", permit)
    assert permit.spent == 0 and books.refunds(order) == truth
    if "login" in pages:
        impatient.forget(pay.screen.account)
        with pytest.raises(SystemException):
            pay.check()
    assert changed >= (2 if "orders" in pages else 1 if "order" in pages else 0), "what it cannot read it does not guess"


@both_skins
def test_a_button_that_only_a_lower_way_finds_is_not_clicked_until_its_locator_is_confirmed(
    skin: Skin, server: VendureServer, house: BrowserHouse, books: Books
) -> None:
    order = "VD-260017"
    truth = books.refunds(order)
    book = load_book(LOCATORS, skin.book)
    page = book.pages["refund"]
    confirm = page.elements["confirm"]
    moved = confirm.model_copy(update={"ways": (Way(role="button", name="Pay {amount} back"), *confirm.ways)})
    changed = page.model_copy(update={"elements": {**page.elements, "confirm": moved}})
    pay = portal_of(skin, server, house, book=book.model_copy(update={"pages": {**book.pages, "refund": changed}}))
    payment = pay.find_payment(order)
    assert payment and [refund.refund_id for refund in payment.refunds] == [refund.refund_id for refund in truth[::-1]], "reading goes on"
    permit = TestPermit()
    with pytest.raises(ScreenChanged, match="only found by a lower way; a commit needs the first") as raised:
        pay.submit_refund(bare(order, 100), permit)
    assert raised.value.code == "commit_lower_rung" and permit.spent == 0 and books.refunds(order) == truth


def test_a_settlement_dialog_that_changed_settles_nothing(server: VendureServer, impatient: BrowserHouse, books: Books) -> None:
    order = "VD-260017"
    made = books.refund(order, 100, "RMA-2611-00046")
    pay = portal_of(REACT, server, impatient, book=redesigned({"settle"}))
    old = pay.book.pages["settle"].elements
    renamed = {**old, "dialog": old["dialog"].model_copy(update={"ways": load_book(LOCATORS, ANGULAR.book).pages["refund"].elements["dialog"].ways})}
    pay = portal_of(
        REACT,
        server,
        impatient,
        book=pay.book.model_copy(update={"pages": {**pay.book.pages, "settle": pay.book.pages["settle"].model_copy(update={"elements": renamed})}}),
    )
    permit = TestPermit()
    with pytest.raises(ScreenChanged):
        pay.settle_refund(order, made, "re_1", permit)
    assert permit.spent == 0 and {refund.state for refund in books.refunds(order)} == {"Pending"}

"""The payments portal on a real Vendure: its verbs against a bare Playwright script and against Vendure's own interface (the floor)."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from bots.automation.browser import BrowserHouse, BrowserOptions
from bots.automation.browsers import find_browser
from bots.automation.locators import load_book
from bots.cases.model import RefundInstruction
from bots.cases.money import Money
from bots.portals.vendure.payments import LineRefund, VendureDashboardPayments, VendurePayments
from bots.portals.web import Access
from tests.bench.measure import Pair
from tests.permits import TestPermit
from tests.products.vendure.install import ensure_installed
from tests.products.vendure.server import ACCOUNT, PASSWORD, VendureServer

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

LOCATORS = Path(__file__).parents[2] / "locators"
AGAINST = "bare Playwright"
ROUNDS = 5


@dataclass(frozen=True)
class Script:
    """What a bare script does on one of the two screens, each step as short as Playwright's documentation has it."""

    order: str
    """Address of an order's page."""
    shown: str
    """Selector of its payments."""
    user: str
    password: str
    inside: str
    """Selector of what is there after the log-in."""
    toast: str
    open_refund: Callable[[Page], Locator]
    enter: Callable[[Locator, str, str], None]
    """Enters reference and amount."""
    choose: Callable[[Locator, str], None]
    """Asks for one unit of a SKU."""
    folded: str
    """Name of the button that shows the refunds, if they are hidden."""


def _angular_dialog(page: Page) -> Locator:
    page.locator("vdr-action-bar-dropdown-menu button").click()
    page.get_by_text("Refund & cancel order").click()
    return page.get_by_role("dialog")


def _angular_enter(dialog: Locator, reference: str, amount: str) -> None:
    dialog.locator("ng-select input").fill(reference)
    dialog.locator("ng-select input").press("Enter")
    if amount:
        dialog.get_by_role("button", name="Edit field").click()
        dialog.locator('vdr-form-field:has(label:text-is("Refund total")) input').fill(amount)
        dialog.locator('vdr-payment-for-refund-selector vdr-form-field:has(label:text-is("Refund amount")) input').fill(amount)


def _angular_choose(dialog: Locator, sku: str) -> None:
    row = dialog.locator("tbody tr", has_text=sku)
    row.locator("input[type=number]").fill("1")
    row.locator(".cancel-checkbox-wrapper span").click()


def _react_dialog(page: Page) -> Locator:
    page.get_by_test_id("action-bar-dropdown-trigger").click()
    page.get_by_role("menuitem", name="Refund & Cancel").click()
    return page.get_by_role("dialog")


def _react_enter(dialog: Locator, reference: str, amount: str) -> None:
    dialog.get_by_role("combobox").click()
    dialog.page.get_by_role("option", name="Other").click()
    dialog.get_by_placeholder("Enter custom reason...").fill(reference)
    if amount:
        dialog.locator('div:has(> label:text-is("Refund total")) [role=checkbox]').click()
        dialog.locator('div:has(> div > label:text-is("Refund total")) > div > input[type=number]').fill(amount)
        dialog.locator('div:has(> label:text-is("Amount:")) > input[type=number]').fill(amount)


def _react_choose(dialog: Locator, sku: str) -> None:
    row = dialog.locator("tbody tr", has_text=sku)
    row.get_by_test_id("refund-quantity").fill("1")
    row.get_by_role("checkbox").click()


SKINS: dict[str, tuple[type[VendurePayments], Script]] = {
    "vendure": (
        VendurePayments,
        Script(
            order="/admin/orders/",
            shown="vdr-order-payment-card",
            user="#login_username",
            password="#login_password",
            inside="vdr-user-menu",
            toast=".notification-wrapper.visible.success",
            open_refund=_angular_dialog,
            enter=_angular_enter,
            choose=_angular_choose,
            folded="",
        ),
    ),
    "vendure_dash": (
        VendureDashboardPayments,
        Script(
            order="/dashboard/orders/",
            shown='main div:has(> div > div > span:text-is("Payment method"))',
            user="#field-username",
            password="#field-password",
            inside="[data-slot=sidebar-footer]",
            toast="li[data-sonner-toast][data-type=success]",
            open_refund=_react_dialog,
            enter=_react_enter,
            choose=_react_choose,
            folded="Refunds (",
        ),
    ),
}


def _logged_in(house: BrowserHouse, portal: VendurePayments, url: str, script: Script) -> Page:
    """A page of its own for the bare script."""
    page = house.page(f"bare {portal.name}")
    page.goto(url + portal.book.head.login_path)
    page.locator(script.user).fill(ACCOUNT)
    page.locator(script.password).fill(PASSWORD)
    page.locator(script.password).press("Enter")
    page.locator(script.inside).first.wait_for()
    return page


@contextmanager
def vendure() -> Iterator[list[Pair]]:
    """Both screens of one shop; each verb has an order of its own, and the interface's work goes to that order too."""
    house = BrowserHouse(BrowserOptions(executable=find_browser().executable_path))
    with VendureServer(ensure_installed()) as server:
        try:
            yield [pair for name in SKINS for pair in _pairs(name, server, house)]
        finally:
            house.close()


def _pairs(name: str, server: VendureServer, house: BrowserHouse) -> list[Pair]:
    kind, script = SKINS[name]
    books, url = server.books(), server.url
    portal = kind(name, house, load_book(LOCATORS, name), Access(url, ACCOUNT, lambda: PASSWORD))
    portal.check()
    page = _logged_in(house, portal, url, script)
    read, by_amount, settled = ("VD-260001", "VD-260011", "VD-260013") if name == "vendure" else ("VD-2600010", "VD-260014", "VD-260015")
    by_line, sku, unit = "VD-260017", "MUG-1", 946  # twelve of them: six refunds for each screen
    numbers = (f"RMA-2611-{number:05d}" for number in itertools.count(1))
    books.refund(read, 100, f"RMA-{name}")
    for order_no in (read, by_amount, by_line, settled):
        portal.find_payment(order_no)
    place = {order_no: url + script.order + books.number(order_no) for order_no in (read, by_amount, by_line, settled)}

    def order_page(order_no: str) -> list[str]:
        page.goto(place[order_no], wait_until="domcontentloaded")
        page.locator(script.shown).first.wait_for()
        return page.locator(script.shown).all_inner_texts()

    def finish(confirm: Locator, order_no: str) -> None:
        page.screenshot(type="jpeg", quality=55)
        confirm.click()
        page.locator(script.toast).first.wait_for()
        page.screenshot(type="jpeg", quality=55)
        order_page(order_no)

    def bare_refund(order_no: str, amount: str, line: str = "") -> None:
        order_page(order_no)
        dialog = script.open_refund(page)
        if line:
            script.choose(dialog, line)
        script.enter(dialog, next(numbers), amount)
        finish(dialog.get_by_role("button", name="Refund $"), order_no)

    def instruction(order_no: str, minor: int) -> RefundInstruction:
        return RefundInstruction(order_no=order_no, rma=next(numbers), amount=Money(minor=minor, currency="USD"), reason="return", capture_id=f"ch_{order_no}")

    def refund_line() -> None:
        portal.submit_refund(LineRefund(**instruction(by_line, unit).model_dump(), lines=((sku, 1),)), TestPermit())

    waiting = [books.refund(settled, 1, next(numbers)) for _ in range(3 * ROUNDS + 2)]
    ours, floor = iter(waiting[: ROUNDS + 1]), iter(waiting[ROUNDS + 1 : 2 * ROUNDS + 1])

    def bare_settle() -> None:
        order_page(settled)
        if script.folded:
            page.get_by_role("button", name=script.folded).click()
        page.get_by_role("button", name="Settle refund", exact=True).last.click()
        dialog = page.get_by_role("dialog")
        dialog.get_by_label("Transaction ID").fill("re_3")
        finish(dialog.get_by_role("button", name="Settle refund"), settled)

    return [
        Pair(f"{name} find_payment", lambda: portal.find_payment(read), lambda: order_page(read), AGAINST, ROUNDS, lambda: books.refunds(read)),
        Pair(f"{name} find_refunds", lambda: portal.find_refunds(f"RMA-{name}"), lambda: order_page(read), AGAINST, ROUNDS, lambda: books.refunds(read)),
        Pair(
            f"{name} submit_refund (amount)",
            lambda: portal.submit_refund(instruction(by_amount, 100), TestPermit()),
            lambda: bare_refund(by_amount, "1.00"),
            AGAINST,
            ROUNDS,
            lambda: books.refund(by_amount, 100, next(numbers)),
        ),
        Pair(f"{name} submit_refund (line)", refund_line, lambda: bare_refund(by_line, "", sku), AGAINST, 2, lambda: books.refund(by_line, 1, next(numbers))),
        Pair(
            f"{name} settle_refund",
            lambda: portal.settle_refund(settled, next(ours), "re_1", TestPermit()),
            bare_settle,
            AGAINST,
            ROUNDS,
            lambda: books.settle(next(floor), "re_2"),
        ),
    ]

"""What the tests of both of Vendure's screens work with: the orders that each has for itself, portals, and a case at a bot's desk."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from bots.automation.browser import BrowserHouse
from bots.automation.locators import Book, load_book
from bots.cases.ledger import Intent, Ledger, LedgerPermit, seen_first
from bots.cases.model import Refund, RefundInstruction
from bots.cases.money import Money
from bots.cases.store import Case, Store
from bots.portals.vendure.payments import LineRefund, VendureDashboardPayments, VendurePayments
from bots.portals.web import Access
from bots.refunds import standing_under
from tests.products.vendure.server import ACCOUNT, PASSWORD, VendureServer

if TYPE_CHECKING:
    from playwright.sync_api import Page, Route

LOCATORS = Path(__file__).parents[3] / "locators"
RMA = "RMA-2611-00042"
BACKPACK, JACKET = 15351, 22551
"""Gross prices of one BAG-55 and one JKT in cents: 129.00 and 189.50 with 19 % VAT."""


@dataclass(frozen=True)
class Skin:
    """One of the two screens, and the orders that its tests have for themselves."""

    portal: type[VendurePayments]
    book: str
    line: tuple[str, str, int]
    """Order, SKU, price of a unit; two units of it were bought."""
    amount: str
    """An order above a thousand."""
    declined: tuple[str, str, int]
    muddled: tuple[str, str, int]
    contested: tuple[str, int]
    """Order, and its total."""


SKINS = {
    "angular": Skin(
        VendurePayments,
        "vendure",
        line=("VD-260012", "JKT-M", JACKET),
        amount="VD-260014",
        declined=("VD-260021", "BAG-55", BACKPACK),
        muddled=("VD-260031", "JKT-M", JACKET),
        contested=("VD-260013", 38492),
    ),
    "react": Skin(
        VendureDashboardPayments,
        "vendure_dash",
        line=("VD-260016", "BAG-55", BACKPACK),
        amount="VD-260011",
        declined=("VD-260022", "JKT-S", JACKET),
        muddled=("VD-260032", "BAG-55", BACKPACK),
        contested=("VD-260015", 45692),
    ),
}
ANGULAR, REACT = SKINS["angular"], SKINS["react"]
CODES = [
    *("VD-260001", "VD-2600010", "VD-26000100", "VD-260011", "VD-260012", "VD-260013", "VD-260014"),
    *("VD-260015", "VD-260016", "VD-260017", "VD-260021", "VD-260022", "VD-260031", "VD-260032"),
    *("VD-269915", "VD-269916"),
]
"""Every order, then a cart that was left and a draft."""


def dollars(minor: int) -> Money:
    return Money(minor=minor, currency="USD")


def portal_of(skin: Skin, server: VendureServer, house: BrowserHouse, *, name: str = "", book: Book | None = None, password: str = PASSWORD) -> VendurePayments:
    return skin.portal(name or skin.book, house, book or load_book(LOCATORS, skin.book), Access(server.url, ACCOUNT, lambda: password))


def bare(order_no: str, minor: int, rma: str = RMA) -> RefundInstruction:
    return RefundInstruction(order_no=order_no, rma=rma, amount=dollars(minor), reason="return", capture_id=f"ch_{order_no}")


def lines(order_no: str, sku: str, minor: int, rma: str = RMA, *, cancel: bool = False, quantity: int = 1) -> LineRefund:
    return LineRefund(**bare(order_no, minor, rma).model_dump(), lines=((sku, quantity),), cancel_lines=cancel)


def held_back(page: Page, until: Callable[[], object]) -> list[str]:
    """Let no answer about the list of orders through before `until` returns; gives what it asked for."""
    asked: list[str] = []

    def hold(route: Route) -> None:
        if "orders(options" in (route.request.post_data or ""):
            asked.append(route.request.url)
            until()
        route.continue_()

    page.route("**/admin-api**", hold)
    return asked


def paged(skin: Skin, server: VendureServer, house: BrowserHouse) -> VendurePayments:
    """A portal that reads the list of orders five at a time."""
    book = load_book(LOCATORS, skin.book)
    page = book.pages["orders"]
    short = page.model_copy(update={"path": str(page.path).replace("perPage=100", "perPage=5")})
    return portal_of(skin, server, house, book=book.model_copy(update={"pages": {**book.pages, "orders": short}}))


@dataclass
class Desk:
    """A case and its ledger, as the refunds bot uses them."""

    store: Store
    case: Case
    pay: VendurePayments
    instruction: RefundInstruction
    clicks: int = 0

    def ledger(self, at_click: Callable[[], object] = lambda: None) -> Ledger:
        def point(number: int) -> None:
            if number == 5:
                self.clicks += 1
                at_click()

        return Ledger(self.store, lambda case, intent: None, lambda *_: None, point=point)

    def carry_out(self, at_click: Callable[[], object] = lambda: None) -> str:
        """Look first, click once, read back; `at_click` happens when the click is written down and has not come yet."""
        wanted = self.instruction
        intent = Intent(f"refund:{wanted.order_no}:{wanted.rma}", "refund", "refunds", "pay", wanted.model_dump(mode="json"), amount=wanted.amount)

        def standing(refunds: Iterable[Refund]) -> str | None:
            return next((refund.refund_id for refund in standing_under(refunds, wanted.rma, wanted.amount)), None)

        def look() -> str | None:
            return standing(self.pay.find_refunds(wanted.rma))

        def act(permit: LedgerPermit) -> None:
            self.pay.submit_refund(wanted, permit)

        payment = self.pay.find_payment(wanted.order_no)
        assert payment is not None
        return self.ledger(at_click).carry_out(self.case, intent, look=seen_first(standing(payment.refunds), look), act=act)

    @property
    def state(self) -> str:
        row = self.ledger().find(f"refund:{self.instruction.order_no}:{self.instruction.rma}")
        assert row is not None
        return row.state

"""The portals' verbs in a real browser, each against the same steps as a bare Playwright script in the same browser.

The bare script opens the same pages, reads the same tables in the fastest way that Playwright documents (one `evaluate`
a table), fills the same fields, takes the same two pictures and clicks the same buttons. It checks nothing and remembers nothing.
"""

from __future__ import annotations

import itertools
import subprocess
import sys
import tempfile
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyotp

from bots.automation.browser import BrowserHouse, BrowserOptions
from bots.automation.browsers import find_browser
from bots.automation.locators import load_book
from bots.cases.model import CreditNoteInstruction, DispositionInstruction, QcInstruction, RefundInstruction, ReturnInstruction
from bots.cases.money import Money
from bots.portals.practice.carriers import PracticeGlobal, PracticeSwift
from bots.portals.practice.erp import PracticeErp
from bots.portals.practice.payments import PracticePayments
from bots.portals.practice.wms import PracticeWms
from bots.portals.web import Access, WebPortal
from tests.backoffice.accounts import ACCOUNTS
from tests.backoffice.carriers.samples import put_declaration, put_parcel
from tests.backoffice.erp.samples import put_order, put_products
from tests.backoffice.payments.samples import put_capture, put_refund
from tests.backoffice.wms.samples import put_receipt, put_task
from tests.backoffice.world import SAMPLES_START as START
from tests.backoffice.world import World
from tests.bench.measure import Pair
from tests.permits import TestPermit

if TYPE_CHECKING:
    from playwright.sync_api import Page

ROOT = Path(__file__).parents[2]
ORDER = "DE-2026-104233"
ROUTE = ["label_created", "accepted", "in_transit", "departed", "arrived_country", "customs_held", "customs_released", "delivered"]
PARCELS = {"swift": ("JD0000000001", "SwiftParcel"), "global": ("RR000000019GB", "GlobalPost")}
AGAINST = "bare Playwright"
TABLES = "(tables) => tables.map(t => [...t.rows].map(r => [...r.cells].map(c => c.innerText)))"
TERMS = "(lists) => lists.map(l => [...l.querySelectorAll('dt')].map(d => [d.innerText, d.nextElementSibling?.innerText]))"


@dataclass(frozen=True)
class Bench:
    """A practice world that is being served, and who looks at it."""

    world: World
    urls: dict[str, str]
    house: BrowserHouse

    def portal(self, kind: type[WebPortal], name: str) -> Any:
        account = ACCOUNTS[name]

        def code() -> str:
            with self.world.write() as db:
                db.execute("DELETE FROM counters WHERE name LIKE 'pay-code:%'")
            return pyotp.TOTP(account.totp).now()

        access = Access(self.urls[name], account.name, lambda: account.password, code if account.totp else None)
        portal = kind(name, self.house, load_book(ROOT / "locators", f"practice_{name}"), access)
        portal.check()
        return portal

    def bare(self, portal: WebPortal) -> Page:
        """A page of its own, with a copy of the portal's session."""
        page = self.house.page(f"bare {portal.name}")
        page.context.add_cookies(portal.screen.page.context.cookies())  # type: ignore[arg-type]
        page.goto(self.urls[portal.name] + "/")
        for button in ("关闭", "Only necessary"):
            if page.get_by_role("dialog").get_by_role("button", name=button, exact=True).count():
                page.get_by_role("dialog").get_by_role("button", name=button, exact=True).click()
        return page

    def floor(self, portal: WebPortal, path: str) -> Callable[[], object]:
        """The page's HTML by one HTTP request."""
        cookies = "; ".join(f"{cookie['name']}={cookie['value']}" for cookie in portal.screen.page.context.cookies())
        request = urllib.request.Request(self.urls[portal.name] + path, headers={"Cookie": cookies})
        return lambda: urllib.request.urlopen(request).read()

    def reading(self, name: str, portal: WebPortal, path: str, work: Callable[[], object]) -> Pair:
        page = self.bare(portal)

        def bare() -> None:
            page.goto(self.urls[portal.name] + path, wait_until="domcontentloaded")
            page.locator("table").evaluate_all(TABLES)
            page.locator("dl").evaluate_all(TERMS)

        return Pair(f"{portal.name} {name}", work, bare, AGAINST, floor=self.floor(portal, path))

    def writing(self, name: str, portal: WebPortal, path: str, work: Callable[[], object], fill: Callable[[Page], None], confirm: str) -> Pair:
        page = self.bare(portal)

        def bare() -> None:
            page.goto(self.urls[portal.name] + path, wait_until="domcontentloaded")
            fill(page)
            page.screenshot(type="jpeg", quality=55)
            page.get_by_role("button", name=confirm, exact=True).click()
            page.locator("p.toast").wait_for()
            page.screenshot(type="jpeg", quality=55)

        return Pair(f"{portal.name} {name}", work, bare, AGAINST)


@contextmanager
def served() -> Iterator[Bench]:
    """A small world, its programs in a process of their own as in the demo, one browser."""
    choice = find_browser()
    if not choice.found:
        raise RuntimeError(choice.why)
    with tempfile.TemporaryDirectory() as folder:
        world = World.create(Path(folder), START)
        server = subprocess.Popen([sys.executable, "-m", "tests.bench.serve", folder], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        house = BrowserHouse(BrowserOptions(executable=choice.executable_path, channel=choice.channel))
        try:
            assert server.stdin is not None and server.stdout is not None
            urls = dict(word.split("=", 1) for word in server.stdout.readline().split())
            yield Bench(world, urls, house)
        finally:
            house.close()
            server.communicate()


@contextmanager
def erp() -> Iterator[list[Pair]]:
    """云仓ERP."""
    with served() as bench:
        put_products(bench.world)
        put_order(bench.world, ORDER, [{"sku": "TEE-RED-M", "qty": 500, "unit_gross": 1990}, {"sku": "HP-ANC200", "qty": 2, "unit_gross": 8990}])
        portal = bench.portal(PracticeErp, "erp")
        numbers = (f"RMA-2026-{number:06d}" for number in itertools.count(1))

        def give_back(page: Page) -> None:
            page.get_by_role("button", name="新建退货单", exact=True).click()
            dialog = page.get_by_role("dialog", name="新建销售退货单", exact=True)
            dialog.get_by_role("textbox", name="RMA号", exact=True).fill(next(numbers))
            for caption, value in (("类型", "return"), ("退货原因", "DEFECTIVE"), ("退货承运商", "SwiftParcel")):
                dialog.get_by_role("combobox", name=caption, exact=True).select_option(value=value)
            dialog.get_by_role("textbox", name="TEE-RED-M 退货数量", exact=True).fill("1")
            dialog.get_by_role("button", name="下一步", exact=True).click()

        def credit(page: Page) -> None:
            for caption, value in (("RMA号", next(numbers)), ("含税金额", "1.19"), ("其中税额", "0.19")):
                page.get_by_role("textbox", name=caption, exact=True).fill(value)
            page.get_by_role("button", name="下一步", exact=True).click()

        def create_return() -> None:
            portal.create_return(
                ReturnInstruction(order_no=ORDER, rma=next(numbers), kind="return", reason="DEFECTIVE", lines=(("TEE-RED-M", 1),), carrier="SwiftParcel"),
                TestPermit(),
            )

        def create_credit_note() -> None:
            portal.create_credit_note(CreditNoteInstruction(order_no=ORDER, rma=next(numbers), gross=Money(minor=119, currency="EUR"), tax=19), TestPermit())

        yield [
            bench.reading("find_order", portal, f"/orders/{ORDER}", lambda: portal.find_order(ORDER)),
            bench.reading("find_returns", portal, "/returns?q=RMA-2025&size=100&page=1", lambda: portal.find_returns("RMA-2025")),
            bench.writing("create_return", portal, f"/orders/{ORDER}", create_return, give_back, "提交退货单"),
            bench.writing("create_credit_note", portal, f"/credit-notes/new?order={ORDER}", create_credit_note, credit, "确认开具"),
        ]


@contextmanager
def wms() -> Iterator[list[Pair]]:
    """LagerPro."""
    with served() as bench:
        for number in range(1, 61):
            put_receipt(bench.world, number, [("HPH-01", 1, "SN-1"), ("TEE-RED-M", 1, "")])
            put_task(bench.world, 900 + number, f"WE-{number:06d}", "HPH-01", 1, note="ok")
        portal = bench.portal(PracticeWms, "wms")
        receipts, tasks = iter(range(1, 61)), iter(range(1, 61))

        def ask() -> None:
            number = next(receipts)
            portal.create_qc_task(
                QcInstruction(receipt_no=f"WE-{number:06d}", rma=f"RMA-2026-{number:06d}", sku="TEE-RED-M", qty=1, checklist=("look", "count")), TestPermit()
            )

        def bare_ask(page: Page) -> None:
            page.goto(f"{bench.urls['wms']}/receipts/WE-{next(receipts):06d}", wait_until="domcontentloaded")
            page.get_by_role("button", name="Prüfauftrag anlegen", exact=True).click()
            dialog = page.get_by_role("dialog", name="Neue Prüfung", exact=True)
            dialog.get_by_label("SKU", exact=True).select_option(label="TEE-RED-M")
            dialog.get_by_label("Menge", exact=True).fill("1")
            dialog.get_by_label("Checkliste", exact=True).fill("look\ncount")

        def book() -> None:
            number = next(tasks)
            portal.book_disposition(
                DispositionInstruction(task_no=f"PA-{900 + number:06d}", rma=f"RMA-2026-{number:06d}", grade="B", disposition="REFURBISH"), TestPermit()
            )

        def bare_book(page: Page) -> None:
            page.goto(f"{bench.urls['wms']}/tasks/PA-{900 + next(tasks):06d}", wait_until="domcontentloaded")
            page.get_by_label("Note", exact=True).select_option(value="B")
            page.get_by_label("Verbleib", exact=True).select_option(value="REFURBISH")
            page.get_by_role("button", name="Verbleib buchen", exact=True).click()

        yield [
            bench.reading("list_receipts (60)", portal, "/receipts?rma=&size=500&page=1", portal.list_receipts),
            bench.reading("read_receipt", portal, "/receipts/WE-000001", lambda: portal.read_receipt("WE-000001")),
            bench.reading("read_qc_task", portal, "/tasks/PA-000901", lambda: portal.read_qc_task("PA-000901")),
            bench.writing("create_qc_task", portal, "/health", ask, bare_ask, "Anlegen"),
            bench.writing("book_disposition", portal, "/health", book, bare_book, "Jetzt buchen"),
        ]


@contextmanager
def carriers() -> Iterator[list[Pair]]:
    """SwiftParcel and GlobalPost."""
    with served() as bench:
        pairs = []
        for name, kind in (("swift", PracticeSwift), ("global", PracticeGlobal)):
            number, carrier = PARCELS[name]
            put_parcel(bench.world, number, carrier, ROUTE)
            put_declaration(bench.world, number)
            portal = bench.portal(kind, name)
            pairs += [
                bench.reading("read_parcel", portal, f"/parcels/{number}", lambda portal=portal, number=number: portal.read_parcel(number)),
                bench.reading("summaries", portal, f"/track?numbers={number}", lambda portal=portal, number=number: portal.summaries([number])),
            ]
        yield pairs


@contextmanager
def payments() -> Iterator[list[Pair]]:
    """PayDesk."""
    with served() as bench:
        capture = put_capture(bench.world, ORDER, 10_000_000)
        for number in range(20):
            put_refund(bench.world, capture, 100, f"RMA-2025-{number:06d}")
        portal = bench.portal(PracticePayments, "pay")
        numbers = (f"RMA-2026-{number:06d}" for number in itertools.count(1))

        def refund() -> None:
            instruction = RefundInstruction(order_no=ORDER, rma=next(numbers), amount=Money(minor=100, currency="EUR"), reason="return", capture_id=capture)
            portal.submit_refund(instruction, TestPermit())

        def bare_refund(page: Page) -> None:
            page.get_by_role("button", name=f"Refund {capture}", exact=True).click()
            dialog = page.get_by_role("dialog", name="New refund", exact=True)
            dialog.get_by_role("textbox", name="Amount", exact=True).fill("1.00")
            dialog.get_by_role("textbox", name="Reference (RMA)", exact=True).fill(next(numbers))
            dialog.get_by_label("Reason", exact=True).select_option(label="Return")
            dialog.get_by_role("button", name="Continue", exact=True).click()

        yield [
            bench.reading("find_payment", portal, f"/payments/{ORDER}", lambda: portal.find_payment(ORDER)),
            bench.reading("find_refunds", portal, "/refunds?reference=RMA-2025-000001&from=&size=500&page=1", lambda: portal.find_refunds("RMA-2025-000001")),
            bench.writing("submit_refund", portal, f"/payments/{ORDER}", refund, bare_refund, "Refund EUR 1.00"),
        ]

"""The ERP portal on a real Tryton: its verbs against a bare Playwright script on the same screens and against Tryton's own XML-RPC (the floor)."""

from __future__ import annotations

import itertools
import json
import re
import xmlrpc.client
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

from playwright.sync_api import Page, expect

from bots.automation.browser import BrowserHouse, BrowserOptions
from bots.automation.browsers import find_browser
from bots.automation.locators import load_book
from bots.cases.model import ReturnInstruction
from bots.portals.tryton.erp import TrytonErp
from bots.portals.web import Access
from tests.bench.measure import Pair
from tests.permits import TestPermit
from tests.products.tryton.install import ensure_installed
from tests.products.tryton.server import ERP, PASSWORD, TrytonServer, seed_orders

LOCATORS = Path(__file__).parents[2] / "locators"
AGAINST = "bare Playwright"
ROUNDS = 3
PANE = "#tabcontent > .tab-pane.active "


class Rpc:
    """What a program that may ask the server itself would do."""

    def __init__(self, url: str, database: str) -> None:
        address = f"{url}/{database}/rpc/"
        user, session, _ = xmlrpc.client.ServerProxy(address, allow_none=True).common.db.login(ERP, {"password": PASSWORD})  # type: ignore[misc]
        secret = b64encode(f"{ERP}:{user}:{session}".encode()).decode()
        self.server: Any = xmlrpc.client.ServerProxy(address, allow_none=True, use_builtin_types=True, headers=[("Authorization", f"Session {secret}")])
        self.context = self.server.model.res.user.get_preferences(True, {})

    def order(self, order_no: str) -> list[dict[str, Any]]:
        fields = ["number", "state", "party.rec_name", "total_amount", "lines"]
        (sale,) = self.server.model.sale.sale.search_read([["reference", "=", order_no]], 0, None, None, fields, self.context)
        self.server.model.account.invoice.search_read([["sales.reference", "=", order_no]], 0, None, None, ["number", "state"], self.context)
        found: list[dict[str, Any]] = self.server.model.sale.line.read(list(sale["lines"]), ["product.code", "quantity", "unit_price"], self.context)
        return [{**sale}, *found]

    def give_back(self, order_no: str, rma: str) -> None:
        """A return of the order's first line."""
        sale = self.order(order_no)[0]["id"]
        context = {**self.context, "active_model": "sale.sale", "active_id": sale, "active_ids": [sale]}
        wizard = self.server.wizard.sale.return_sale
        session = wizard.create(context)[0]
        done = wizard.execute(session, {"start": {}}, "return_", context)
        wizard.delete(session, context)
        ((_, data),) = done["actions"]
        back = data["res_id"][0]
        lines = self.server.model.sale.sale.read([back], ["lines"], self.context)[0]["lines"]
        self.server.model.sale.sale.write([back], {"reference": rma, "lines": [["delete", list(lines[1:])]]}, self.context)
        for button in ("quote", "confirm"):
            getattr(self.server.model.sale.sale, button)([back], self.context)


class Bare:
    """A script on the same screens, each step as short as Playwright's documentation has it."""

    def __init__(self, page: Page, url: str, database: str) -> None:
        self.page, self.url, self.database = page, url, database
        self.opened = itertools.count()
        page.goto(f"{url}/#{database}")
        page.locator(".modal.in input[name=database]").fill(database)
        page.locator(".modal.in input[name=login]").fill(ERP)
        page.locator(".modal.in button[type=submit]").click()
        page.locator(".modal.in input[type=password]").fill(PASSWORD)
        page.locator(".modal.in input[type=password]").press("Enter")
        page.locator("#menu table.tree > tbody > tr").first.wait_for()

    def rows(self, model: str, domain: list[Any]) -> list[list[str]]:
        self.page.goto(f"{self.url}/?{next(self.opened)}#{self.database}/model/{model};domain={quote(json.dumps(domain))}")
        self.page.locator(PANE + "table.tree > tbody > tr td[data-title]:not(.invisible)").first.wait_for()
        return [row.all_inner_texts() for row in [one.locator("td") for one in self.page.locator(PANE + "table.tree > tbody > tr").all()]]

    def order(self, order_no: str) -> None:
        """The sale's form, then its invoice: lines and amounts."""
        self.rows("sale.sale", [["reference", "=", order_no]])
        self.page.locator(PANE + "table.tree td.selection-state input").first.click()
        self.page.locator(PANE + "button#switch_").click()
        expect(self.page.locator(PANE + "input[name=reference]")).to_have_value(order_no)
        expect(self.page.locator(PANE + "input[name=total_amount]").first).to_have_value(re.compile(r"\d"))
        for name in ("number", "party", "currency", "payment_term", "warehouse"):
            self.page.locator(PANE + f"input[name={name}]").input_value()
        self.page.locator(PANE + ".form-one2many table.tree > tbody > tr").first.inner_text()

    def read(self, order_no: str) -> None:
        self.order(order_no)
        self.rows("account.invoice", [["sales.reference", "=", order_no]])

    def give_back(self, order_no: str, rma: str) -> None:
        """A return of the order's first line."""
        page = self.page
        self.order(order_no)
        page.locator(PANE + "button#action").click()
        page.get_by_role("menuitem", name="Return Sale").click()
        page.locator(".modal.in").get_by_role("button", name="Return", exact=True).click()
        expect(page.locator(".modal.in")).to_have_count(0)
        expect(page.locator(PANE + "select[name=state]")).to_have_value('"draft"')
        page.locator(PANE + "input[name=reference]").fill(rma)
        page.locator(PANE + "input[name=reference]").press("Tab")
        page.locator(PANE + ".form-one2many table.tree > tbody > tr td.selection-state input").nth(1).click()
        page.locator(PANE + ".form-one2many button[title=Delete]").first.click()
        page.locator(PANE + "button#save").click()
        expect(page.locator(PANE + "button#save")).to_be_disabled()
        page.locator(PANE + "button[name=quote]").click()
        page.screenshot(type="jpeg", quality=55)
        page.locator(PANE + "button[name=confirm]").click()
        expect(page.locator(PANE + "select[name=state]")).to_have_value('"processing"')
        page.screenshot(type="jpeg", quality=55)


@contextmanager
def tryton() -> Iterator[list[Pair]]:
    """The web client of one company; every return has an order of its own."""
    house = BrowserHouse(BrowserOptions(executable=find_browser().executable_path, timeout_s=30))
    with TrytonServer(ensure_installed()) as server:
        lines = [{"sku": "HPH-01", "qty": 1, "unit_gross": 9990}, {"sku": "KTL-05", "qty": 2, "unit_gross": 2990}]
        seed_orders(server, [{"order_no": f"BENCH-{number:03d}", "lines": lines} for number in range(3 * ROUNDS + 4)])
        try:
            url = server.url.partition("/#")[0]
            portal = TrytonErp("erp", house, load_book(LOCATORS, "tryton"), Access(server.url, ERP, lambda: PASSWORD))
            portal.check()
            bare, rpc = Bare(house.page("bare"), url, server.database), Rpc(url, server.database)
            numbers = (f"BENCH-{number:03d}" for number in itertools.count(1))

            def give_back() -> None:
                order_no = next(numbers)
                wanted = ReturnInstruction(order_no=order_no, rma=f"RMA-{order_no}", reason="DEFECTIVE", lines=(("HPH-01", 1),))
                portal.create_return(wanted, TestPermit())

            def give_back_bare() -> None:
                order_no = next(numbers)
                bare.give_back(order_no, f"RMA-{order_no}")

            def give_back_rpc() -> None:
                order_no = next(numbers)
                rpc.give_back(order_no, f"RMA-{order_no}")

            yield [
                Pair(
                    "tryton find_order", lambda: portal.find_order("BENCH-000"), lambda: bare.read("BENCH-000"), AGAINST, ROUNDS, lambda: rpc.order("BENCH-000")
                ),
                Pair("tryton create_return", give_back, give_back_bare, AGAINST, ROUNDS, give_back_rpc),
            ]
        finally:
            house.close()

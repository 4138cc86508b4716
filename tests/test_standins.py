"""The demo with other makers' programs in the place of practice ones."""

from __future__ import annotations

import os
import subprocess
import sys
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from bots.automation.browser import BrowserHouse, BrowserOptions
from bots.automation.browsers import find_browser
from bots.automation.locators import load_book
from bots.cases.errors import ConfigProblem, Suppressed
from bots.cases.model import CreditNoteInstruction, ReturnInstruction
from bots.cases.money import Money
from bots.cases.settings import Config
from bots.operations import exit_codes
from bots.operations.practice import stand_in
from bots.operations.setup import product_packages
from bots.portals.tryton.erp import TrytonErp
from bots.portals.web import Access
from tests.backoffice import scenario
from tests.backoffice.kinds import BY_NAME, EU
from tests.backoffice.standins import KINDS, SIMPLE_KINDS, STAND_INS, TrytonStandIn
from tests.permits import TestPermit
from tests.products import ready
from tests.products.tryton.install import ensure_installed

ROOT = Path(__file__).parents[1]
CENT = Decimal("0.01")


def test_what_can_stand_in_is_named_in_the_profile() -> None:
    config = Config(profile="practice")
    assert set(config.suite.practice.products) == set(STAND_INS)
    stand_in(config, ["tryton", "vendure"])
    assert (config.suite.erp.product, config.suite.wms.product) == ("tryton", "practice")
    assert {name: row.product for name, row in config.suite.payments.items()} == {"pay": "vendure"}
    other = Config(profile="practice")
    stand_in(other, ["vendure"])
    assert other.suite.erp.product == "practice"
    assert {row.product for row in Config(profile="practice").suite.payments.values()} == {"practice"}, "another demo is as ever"
    with pytest.raises(ConfigProblem, match="sap: no program of this name can stand in for a practice one; known are: tryton, vendure"):
        stand_in(config, ["sap"])


def test_its_stories_are_of_a_shop_in_one_currency() -> None:
    assert len(set(KINDS)) == 12 and {country for name in KINDS for country in BY_NAME[name].countries} <= set(EU)


def test_simple_stories_are_of_one_line_at_a_price_that_its_net_price_leads_back_to(tmp_path: Path) -> None:
    world = scenario.build(tmp_path, seed=3, kinds=SIMPLE_KINDS * 4, simple=True)
    orders = world.all("SELECT o.*, l.* FROM orders o JOIN stories USING (order_no) JOIN order_lines l USING (order_no)")
    assert len(set(SIMPLE_KINDS)) == 12 and len({row["order_no"] for row in orders}) == len(orders) == 48
    assert {(row["currency"], row["shipping_standard"], row["shipping_express"], row["discount"], row["line_discount"]) for row in orders} == {
        ("EUR", 0, 0, 0, 0)
    }
    assert {row["tax_bp"] for row in orders} >= {1900, 2000, 2200}
    assert len({(row["sku"], row["tax_bp"]) for row in orders}) == len({row["sku"] for row in orders}), "an article has one tax"
    for row in orders:
        gross, rate = Decimal(row["unit_gross"]), Decimal(row["tax_bp"]) / 10_000
        net = (gross / 100 / (1 + rate)).quantize(Decimal("0.0001"))
        assert 100 * (net.quantize(CENT) + (net * rate).quantize(CENT)) == gross, f"{gross} with {rate}"


@pytest.mark.slow
@pytest.mark.browser
@pytest.mark.tryton
@pytest.mark.timeout(3600)  # the first run installs
def test_what_stands_in_tryton_comes_into_the_world_once_and_a_draft_does_not(tmp_path: Path) -> None:
    ready.have(product_packages(), "Tryton")
    ready.installed(ensure_installed, "Tryton")
    world = scenario.build(tmp_path, kinds=["withdrawal", "partial_quantity"], now=datetime.now(UTC) - timedelta(days=28), simple=True)
    first, second = world.all("SELECT o.*, l.* FROM orders o JOIN stories s USING (order_no) JOIN order_lines l USING (order_no) ORDER BY s.story")
    house = BrowserHouse(BrowserOptions(executable=find_browser().executable_path, timeout_s=20))
    with ExitStack() as stack:
        stack.callback(house.close)
        tryton = TrytonStandIn(world, stack)
        ((account, password),) = tryton.accounts().items()
        erp = TrytonErp("erp", house, load_book(ROOT / "locators", "tryton"), Access(tryton.url, account, lambda: password))
        order = erp.find_order(first["order_no"])
        assert order is not None
        assert (order.buyer_name, order.buyer_email, order.country, order.payment_method, order.currency) == tuple(
            first[name] for name in ("buyer_name", "buyer_email", "country", "payment_method", "currency")
        )
        assert [(line.sku, line.qty, line.unit_gross, line.tax_bp) for line in order.lines] == [tuple(first[n] for n in ("sku", "qty", "unit_gross", "tax_bp"))]
        assert order.placed_at and order.delivered_at
        assert [day.date().isoformat() for day in (order.placed_at, order.delivered_at)] == [first["placed_at"][:10], first["delivered_at"][:10]]

        def wanted(row: Any, rma: str) -> ReturnInstruction:
            return ReturnInstruction(order_no=row["order_no"], rma=rma, reason="DEFECTIVE", lines=((row["sku"], 1),), carrier="SwiftParcel")

        erp.create_return(wanted(first, "RMA-1"), TestPermit())
        with pytest.raises(Suppressed):
            erp.create_return(wanted(second, "RMA-2"), TestPermit(dry=True))
        tryton.copy()
        tryton.copy()
        (back,) = world.all("SELECT * FROM sales_returns")
        assert (back["order_no"], back["rma"], back["reason"], back["carrier"], back["state"]) == (
            first["order_no"],
            "RMA-1",
            "DEFECTIVE",
            "SwiftParcel",
            "open",
        )
        assert back["tracking_no"] and [tuple(row) for row in world.all("SELECT * FROM sales_return_lines")] == [(back["return_no"], first["sku"], 1)]
        assert world.count("credit_notes") == 0, "its credit note is a draft"

        gross, net = first["unit_gross"], order.lines[0].unit_gross * 10_000 / (10_000 + first["tax_bp"])
        note = CreditNoteInstruction(order_no=first["order_no"], rma="RMA-1", gross=Money(minor=gross, currency="EUR"), tax=gross - round(net))
        erp.create_credit_note(note, TestPermit())
        tryton.copy()
        tryton.copy()
        assert [tuple(row) for row in world.all("SELECT order_no, rma, currency, gross, state FROM credit_notes")] == [
            (first["order_no"], "RMA-1", "EUR", gross, "posted")
        ]


def demo(folder: Path, *options: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "RETURNS_WORKSPACE": str(folder / "practice"), "RETURNS_LOGS": str(folder / "logs")}
    command = [sys.executable, str(ROOT / "run_bot.py"), "demo", *options]
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=2900, check=False)


def test_a_program_that_nobody_knows_is_refused_before_anything_is_started(tmp_path: Path) -> None:
    ended = demo(tmp_path, "--on", "sap")
    assert ended.returncode == exit_codes.USAGE and "sap: no program of this name" in ended.stderr + ended.stdout
    assert not (tmp_path / "practice").exists()


@pytest.mark.whole
@pytest.mark.long
@pytest.mark.slow
@pytest.mark.browser
@pytest.mark.desktop
@pytest.mark.mail
@pytest.mark.timeout(3000)  # the first run installs
@pytest.mark.parametrize(
    "on",
    [
        pytest.param("vendure", marks=pytest.mark.vendure),
        pytest.param("tryton", marks=pytest.mark.tryton),
        pytest.param("tryton,vendure", marks=[pytest.mark.tryton, pytest.mark.vendure]),
    ],
)
def test_returns_on_real_programs_end_as_they_should(on: str, tmp_path: Path) -> None:
    ended = demo(tmp_path, "--on", on, "--cases", "5")
    if ended.returncode == exit_codes.NOT_READY:
        pytest.skip(f"{on} cannot be had here: {ended.stdout[-500:]}")
    assert ended.returncode == exit_codes.OK, ended.stdout[-4000:]
    assert "All good: 5 returns" in ended.stdout

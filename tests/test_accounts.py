"""Accounts in quarantine: a product that refuses a log-in twice is not asked a third time."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from bots.automation.browser import BrowserHouse, BrowserOptions
from bots.automation.browsers import find_browser
from bots.automation.locators import load_book
from bots.cases.errors import SystemException
from bots.cases.store import Store
from bots.portals.accounts import TRIES, Quarantine, refused, release
from bots.portals.practice.erp import PracticeErp
from bots.portals.web import Access
from tests.backoffice.accounts import ACCOUNTS
from tests.backoffice.erp.app import create_app
from tests.backoffice.erp.samples import put_small_world
from tests.backoffice.serving import serving
from tests.backoffice.world import SAMPLES_START as START
from tests.backoffice.world import World
from tests.stores import BOTH_STORES

ROOT = Path(__file__).parents[1]


def refusing(asked: list[int], code: str = "login_failed") -> Callable[[], None]:
    def log_in() -> None:
        asked.append(1)
        raise SystemException("wrong password", code=code)

    return log_in


@BOTH_STORES
def test_after_two_refusals_no_further_log_in_is_tried(stores: Callable[[str], Store]) -> None:
    asked: list[int] = []
    for number, expected in enumerate(["login_failed"] * TRIES + ["account_quarantined"] * 2):
        with pytest.raises(SystemException) as raised:
            Quarantine(stores(f"process {number}"), "bot.erp").around(refusing(asked))
        assert raised.value.code == expected
    assert len(asked) == TRIES and "wrong password" in raised.value.facts and "secrets set bot.erp" in raised.value.advice
    assert Quarantine(stores("another"), "bot.wms").around(lambda: "in") == "in", "other accounts go on"


def test_a_log_in_that_works_clears_the_count(store: Store) -> None:
    held = Quarantine(store, "bot.erp")
    with pytest.raises(SystemException):
        held.around(refusing([]))
    assert held.around(lambda: "in") == "in" and refused(store) == {}


def test_a_product_that_does_not_answer_is_no_refusal(store: Store) -> None:
    for _ in range(TRIES + 1):
        with pytest.raises(SystemException, match="wrong"):
            Quarantine(store, "bot.erp").around(refusing([], "unreachable"))
    assert refused(store) == {}


def test_a_released_account_may_log_in_again(store: Store) -> None:
    for _ in range(TRIES):
        with pytest.raises(SystemException):
            Quarantine(store, "bot.erp").around(refusing([]))
    assert list(refused(store)) == ["bot.erp"]
    assert release(store, "bot.erp") and not release(store, "bot.erp")
    assert Quarantine(store, "bot.erp").around(lambda: "in") == "in"


@pytest.mark.browser
def test_a_real_product_is_not_asked_a_third_time(store: Store, tmp_path: Path) -> None:
    world = World.create(tmp_path, START)
    put_small_world(world)
    house = BrowserHouse(BrowserOptions(executable=find_browser().executable_path, timeout_s=3))
    name, asked = ACCOUNTS["erp"].name, list[int]()
    try:
        with serving(create_app(world)) as url:
            access = Access(url, name, lambda: asked.append(1) or "not-the-password", guard=Quarantine(store, name).around)
            portal = PracticeErp("erp", house, load_book(ROOT / "locators", "practice_erp"), access)
            codes = []
            for _ in range(TRIES + 1):
                with pytest.raises(SystemException) as raised:
                    portal.find_order("DE-2026-104233")
                codes.append(raised.value.code)
    finally:
        house.close()
    assert codes == ["login_failed"] * TRIES + ["account_quarantined"]
    assert len(asked) == TRIES, "the password is not even fetched for the third"

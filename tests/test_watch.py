"""Watch on a real page before and after a redesign: the baseline, what has changed, and a patch that makes the top ways fit again."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pyotp
import pytest

from bots.automation.baseline import Fingerprint, PageBaseline, differences, likeness
from bots.automation.browser import BrowserHouse, BrowserOptions
from bots.automation.evidence import Evidence
from bots.automation.locators import Book, load_book
from bots.automation.survey import PageSurvey
from bots.bot import Item
from bots.cases.errors import ConfigProblem, ScreenChanged
from bots.cases.store import Store
from bots.portals.desk import Desk
from bots.portals.practice.payments import PracticePayments
from bots.portals.web import Access
from bots.watch import Watch, read_baseline
from bots.workbooks.watch import write_watch
from tests.backoffice.accounts import ACCOUNTS
from tests.backoffice.payments.app import create_app
from tests.backoffice.payments.samples import put_capture, put_refund
from tests.backoffice.serving import serving
from tests.backoffice.world import World
from tests.stores import tiny_config

LOCATORS = Path(__file__).parents[1] / "locators"
ORDER, RMA = "DE-2026-104233", "RMA-2026-000123"
NOW = datetime(2026, 10, 5, tzinfo=UTC)
MANY = 9999
TABLE = Fingerprint(tag="table", role="table", name="Refunds", captions=("Refund", "Amount", "State"), place=1)


# -- likeness --------------------------------------------------------------------------------------------------------------------
def test_an_element_is_most_like_itself_and_nothing_like_one_of_another_role() -> None:
    other = TABLE.model_copy(update={"name": "Captures", "captions": ("Capture", "Method"), "place": 0})
    assert likeness(TABLE, TABLE) == 1.0 > likeness(TABLE, other) > likeness(TABLE, other.model_copy(update={"role": "list"})) == 0.0


def test_what_has_changed_is_said_in_words() -> None:
    now = TABLE.model_copy(update={"name": "All refunds", "captions": ("Refund", "Sum", "State"), "place": 7})
    assert differences(TABLE, now) == ("name: 'Refunds' is now 'All refunds'", "captions gone: Amount", "captions new: Sum")
    assert differences(TABLE, TABLE.model_copy(update={"place": 7})) == ()


# -- a redesign ------------------------------------------------------------------------------------------------------------------
@pytest.fixture
def world(state: World) -> World:
    state.empty("captures", "refunds", "disputes", "counters", "lies")
    return state


@pytest.fixture(scope="module")
def url(state: World) -> Iterator[str]:
    with serving(create_app(state)) as base:
        yield base


@pytest.fixture
def samples(world: World) -> dict[str, str]:
    capture = put_capture(world, ORDER, 104990)
    put_refund(world, capture, 5000, RMA)
    return {"order_no": ORDER, "capture_id": capture, "number": "1", "state": "", "reference": RMA, "start": "2026-10-01", "end": "2026-10-05"}


@pytest.fixture
def pay(url: str, browser_house: BrowserHouse, world: World) -> PracticePayments:
    return open_pay(url, browser_house, load_book(LOCATORS, "practice_pay"), world)


def open_pay(url: str, house: BrowserHouse, book: Book, world: World) -> PracticePayments:
    """The portal, logged in."""
    account = ACCOUNTS["pay"]
    portal = PracticePayments("pay", house, book, Access(url, account.name, lambda: account.password, pyotp.TOTP(account.totp).now))
    with world.write() as db:
        db.execute("DELETE FROM counters WHERE name LIKE 'pay-code:%'")
    portal.find_payment(ORDER)
    return portal


def redesign(world: World) -> None:
    world.tell_lies("pay", "skin", "redesign", times=MANY)


def only_first_ways(book: Book) -> Book:
    """A book without any lower way to fall back on."""
    pages = {
        name: page.model_copy(update={"elements": {key: element.model_copy(update={"ways": element.ways[:1]}) for key, element in page.elements.items()}})
        for name, page in book.pages.items()
    }
    return book.model_copy(update={"pages": pages})


@pytest.mark.browser
def test_a_baseline_holds_nothing_of_a_record(pay: PracticePayments, samples: dict[str, str]) -> None:
    for page in ("payment", "refunds", "settlement"):
        survey = pay.survey(page, samples)
        assert survey.baseline is not None and survey.baseline.elements
        kept = survey.baseline.model_dump_json()
        assert not [words for words in (ORDER, RMA, samples["capture_id"], "1,049.90", "50.00") if words in kept]
        assert "{capture_id}" in kept or page != "payment"


@pytest.mark.browser
def test_a_page_that_has_not_changed_says_so(pay: PracticePayments, samples: dict[str, str], tmp_path: Path) -> None:
    survey = pay.survey("payment", samples, pay.survey("payment", samples).baseline)
    assert [element.name for element in survey.elements if element.changes or element.proposal] == []
    write_watch(tmp_path / "watch.xlsx", tmp_path / "patches", [survey], NOW, LOCATORS)
    assert not (tmp_path / "patches").exists()


@pytest.mark.browser
@pytest.mark.parametrize("page", ["payment", "settlement"])
@pytest.mark.parametrize("lower_ways", [True, False])
def test_a_patch_after_a_redesign_makes_the_top_ways_fit_again(
    url: str, browser_house: BrowserHouse, world: World, samples: dict[str, str], tmp_path: Path, page: str, lower_ways: bool
) -> None:
    pay = open_pay(url, browser_house, load_book(LOCATORS, "practice_pay"), world)
    before = pay.survey(page, samples).baseline
    assert before is not None
    if not lower_ways:
        pay.screen.book = only_first_ways(pay.screen.book)
    redesign(world)
    survey = pay.survey(page, samples, before)
    fallen = {element.name: element for element in survey.elements if element.rung != 0 and not element.optional}
    assert fallen and all(element.proposal for element in fallen.values()), "each is found again"
    patched = apply(survey, tmp_path)
    again = open_pay(url, browser_house, load_book(patched, "practice_pay"), world).survey(page, samples, before)
    assert {element.name: element.rung for element in again.elements if element.name in fallen} == dict.fromkeys(fallen, 0)
    assert [element.risk for element in again.elements] == [element.risk for element in survey.elements]


def apply(survey: PageSurvey, folder: Path) -> Path:
    """A copy of the locator books with the proposed patch applied."""
    said = write_watch(folder / "watch.xlsx", folder / "patches", [survey], NOW, LOCATORS)
    (patch,) = (folder / "patches").iterdir()
    assert patch.name in said and patch.suffix == ".patch"
    shutil.copytree(LOCATORS, folder / "locators")
    done = subprocess.run(["git", "apply", "--unsafe-paths", "--directory", str(folder), str(patch)], cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr + patch.read_text(encoding="utf-8")
    return folder / "locators"


@pytest.mark.browser
def test_what_is_gone_is_not_taken_for_something_else(pay: PracticePayments, world: World, samples: dict[str, str]) -> None:
    gone = Fingerprint(tag="button", role="button", name="Send all documents to the tax office", place=40)
    pay.screen.book = only_first_ways(pay.screen.book)
    redesign(world)
    survey = pay.survey("payment", samples, PageBaseline(elements={"new_refund": gone}))
    assert {element.name: (element.rung, element.proposal) for element in survey.elements}["new_refund"] == (None, None)


# -- the bot ---------------------------------------------------------------------------------------------------------------------
@pytest.fixture
def desk(store: Store, tmp_path: Path, pay: PracticePayments) -> Desk:
    made = Desk(tiny_config(tmp_path), store, BrowserHouse(BrowserOptions()), lambda account: "", Evidence(tmp_path / "evidence"))
    made._portals["pay"] = pay
    return made


def looked(desk: Desk, samples: dict[str, str], page: str = "payment", *, accept: bool = False) -> str:
    """What one look at a page says."""
    watch = Watch(accept)
    watch.samples = {"pay": samples}
    return watch.work(Item(f"pay/{page}", data=("pay", page)), desk)


def name_kept(desk: Desk) -> str:
    baseline = read_baseline(desk.config, "practice_pay", "payment")
    assert baseline is not None
    return baseline.elements["new_refund"].name


@pytest.mark.browser
def test_the_first_visit_keeps_a_baseline_that_only_a_person_replaces(desk: Desk, world: World, samples: dict[str, str]) -> None:
    assert read_baseline(desk.config, "practice_pay", "payment") is None
    assert "changed" not in looked(desk, samples)
    assert name_kept(desk) == "Refund {capture_id}"
    redesign(world)
    for _ in range(2):
        assert "on a lower rung: new_refund, changed since the baseline: new_refund" in looked(desk, samples)
        assert name_kept(desk) == "Refund {capture_id}"
    looked(desk, samples, accept=True)
    assert name_kept(desk) == "Pay back {capture_id}"
    assert "changed" not in looked(desk, samples)


@pytest.mark.browser
def test_what_cannot_be_seen_today_stays_in_an_accepted_baseline(desk: Desk, world: World, samples: dict[str, str]) -> None:
    looked(desk, samples)
    world.empty("refunds", "captures")
    with pytest.raises(ScreenChanged, match="nothing fits .*new_refund"):
        looked(desk, samples, accept=True)
    assert name_kept(desk) == "Refund {capture_id}"


@pytest.mark.browser
def test_a_page_that_no_case_can_open_yet_is_passed_over(desk: Desk) -> None:
    assert looked(desk, {}) == "passed over: no case has a order_no to open it with yet"


def test_a_broken_baseline_is_named(tmp_path: Path) -> None:
    config = tiny_config(tmp_path)
    place = config.file("baselines", "practice_pay", "payment.json")
    place.write_text(json.dumps({"elements": {"new_refund": {"role": 7}}}), encoding="utf-8")
    with pytest.raises(ConfigProblem, match=r"payment\.json: not a baseline of a page .*; delete it, and `run_bot.py watch` writes it anew"):
        read_baseline(config, "practice_pay", "payment")

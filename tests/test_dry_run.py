"""A dry run goes to the click itself, sends nothing that could change anything, and leaves a picture of the filled form."""

from __future__ import annotations

import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import cv2
import numpy
import pytest
from flask import Flask, request

from bots.automation.browser import BrowserHouse
from bots.automation.clipboard import wait_until
from bots.automation.locators import Book, BookHead, Element, Page, Way
from bots.automation.screen import Screen
from bots.cases.errors import ScreenChanged, Suppressed
from bots.cases.settings import Config
from bots.operations.office import open_desk
from bots.operations.practice import Practice
from bots.operations.round import run_bots
from tests.backoffice.serving import serving
from tests.backoffice.world import World
from tests.permits import TestPermit

pytestmark = pytest.mark.browser

PAGE = """<!doctype html><title>Tiny</title><main><div role="dialog" aria-label="Confirm refund">
<p>Order A-1, refund EUR 19.99 to <b id="card" style="font: 40px monospace">4111 1111 1111 1111</b></p>
<form method="post" action="/refunds"><input type="hidden" name="by" value="click"><button>Refund now</button></form></div></main>
<script>
const send = (by, method = 'POST') => fetch('/refunds?by=' + by, {method, keepalive: true}).catch(() => undefined);
const ask = () => fetch('/refunds', {method: 'POST', body: new URLSearchParams({by: 'asked'})}).catch(() => undefined);
addEventListener('mouseover', (event) => { if (event.target.tagName === 'BUTTON') { send('pointed at'); send('put', 'PUT'); send('read', 'GET'); ask(); } });
addEventListener('mousedown', () => send('pressed'));
</script>"""
COVERED = """<div style="position: fixed; inset: 0; z-index: 9"></div>"""
BOOK = Book(
    product="tiny",
    head=BookHead(title="Tiny", questions=(re.compile("by=asked"),)),
    pages={
        "page": Page(
            path="/page",
            elements={
                "dialog": Element(ways=(Way(role="dialog", name="Confirm refund"),)),
                "confirm": Element(ways=(Way(role="button", name="Refund now"),), risk="commit", within="dialog"),
            },
        )
    },
    folder=Path(),
)


class Site:
    """A program whose page sends something at every turn; it keeps what reached it."""

    def __init__(self) -> None:
        self.more, self.came = "", list[str]()
        self.app = Flask("tiny")
        self.app.add_url_rule("/page", "page", lambda: PAGE + self.more)
        self.app.add_url_rule("/refunds", "refunds", self.refunds, methods=["GET", "POST", "PUT"])

    def refunds(self) -> str:
        self.came.append(f"{request.method} {request.values['by']}")
        return "<main>done</main>"


@pytest.fixture
def site() -> Site:
    return Site()


@pytest.fixture
def screen(site: Site, browser_house: BrowserHouse) -> Iterator[Screen]:
    with serving(site.app) as url:
        screen = Screen(browser_house, BOOK, url, "dry", lambda: None)
        screen.open("page")
        yield screen
        browser_house.forget("dry")


def test_nothing_but_reading_leaves_the_browser_and_the_picture_is_masked(screen: Screen, site: Site) -> None:
    box = screen.page.evaluate("(() => { const b = document.getElementById('card').getBoundingClientRect(); return [b.left, b.top, b.right, b.bottom]; })()")
    permit = TestPermit(dry=True)
    with pytest.raises(Suppressed):
        screen.commit("confirm", permit, ["A-1", "EUR 19.99"])
    screen.open("page")
    screen.page.evaluate("send('later', 'GET')")
    assert wait_until(lambda: "GET later" in site.came, 5)
    assert [one for one in site.came if not one.startswith("GET")] == ["POST asked"], "what the book names as a question may leave"
    assert "GET read" in site.came, "the page is free to read"
    image = cv2.imdecode(numpy.frombuffer(permit.pictures["before"], numpy.uint8), cv2.IMREAD_GRAYSCALE)
    assert image is not None
    left, top, right, bottom = (round(value) for value in box)
    assert float((image[top:bottom, left:right] < 40).mean()) > 0.6, "the card's number is black"


def test_the_same_page_sends_all_of_it_in_a_real_run(screen: Screen, site: Site) -> None:
    screen.commit("confirm", TestPermit(), ["A-1"])
    assert wait_until(lambda: {"POST pointed at", "PUT put", "POST pressed", "POST click"} <= set(site.came), 5)


def test_the_next_page_after_a_dry_run_sends_as_always(screen: Screen, site: Site) -> None:
    with pytest.raises(Suppressed):
        screen.commit("confirm", TestPermit(dry=True), ["A-1"])
    screen.open("page")
    screen.commit("confirm", TestPermit(), ["A-1"])
    assert site.came.count("POST click") == 1


def test_what_a_page_would_send_a_moment_later_goes_with_it(screen: Screen, site: Site) -> None:
    site.more = "<script>addEventListener('mouseover', () => setTimeout(() => send('a moment later'), 700), {once: true});</script>"
    screen.open("page")
    with pytest.raises(Suppressed):
        screen.commit("confirm", TestPermit(dry=True), ["A-1"])
    assert not wait_until(lambda: "POST a moment later" in site.came, 2)


@pytest.mark.parametrize("dry", [True, False])
def test_a_button_that_a_click_would_miss_is_found_before_the_click_is_written_down(screen: Screen, site: Site, dry: bool) -> None:
    site.more = COVERED
    screen.open("page")
    permit = TestPermit(dry=dry)
    with pytest.raises(ScreenChanged, match="covered") as raised:
        screen.commit("confirm", permit, ["A-1"])
    assert (raised.value.code, permit.spent) == ("commit_not_usable", 0) and "POST click" not in site.came


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_a_dry_run_of_the_suite_leaves_the_back_office_and_the_cases_as_they_were(tmp_path: Path) -> None:
    with ThreadPoolExecutor(1) as thread:  # of its own: a thread can run only one browser at a time
        thread.submit(review_dry_then_for_real, Config(profile="practice", workspace=tmp_path / "practice")).result()


def written(world: World) -> int:
    """How often something was written in the ERP."""
    found = world.one("SELECT count(*) AS n FROM audit WHERE app = 'erp' AND action NOT IN ('login', 'lie')")
    assert found is not None
    return int(found["n"])


def review_dry_then_for_real(config: Config) -> None:
    with Practice(config, fresh=True, cases=8, seed=1) as practice:
        world = World(practice.world)
        with open_desk(config) as desk:
            run_bots(desk, ("intake",))
        with open_desk(config, dry_run=True) as desk:
            (dry,) = run_bots(desk, ("review",))
            rows, cases = desk.ledger.all(), desk.store.cases()
            pictures = [str(event.data["path"]) for case in cases for event in desk.store.timeline(case) if event.kind == "evidence"]
            assert rows and {(row.state, row.clicked_at, row.reference) for row in rows} == {("intended", None, "")}
            asked = {row.case_id for row in rows}
            assert {case.request for case in cases if case.id in asked} == {"new"}
            assert len([path for path in pictures if "-before" in path]) == len(rows)
            assert all((desk.evidence.root / path).stat().st_size > 5000 for path in pictures if "-before" in path)
            assert sum("filled in, photographed and not sent" in text for _, text in dry.results) == len(rows)
        assert written(world) == 0
        with open_desk(config) as desk:
            run_bots(desk, ("review",))
            assert {row.state for row in desk.ledger.all()} == {"confirmed"}, "the real run later is not held up"
            assert written(world) == len(desk.ledger.all()) >= len(rows)

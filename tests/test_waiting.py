"""Waiting for a page that redraws itself bit by bit, and leaving one that asks whether it may be left."""

from __future__ import annotations

from pathlib import Path

import pytest

from bots.automation.browser import BrowserHouse
from bots.automation.locators import Book, BookHead, Element, Page, Way
from bots.automation.screen import Screen
from bots.automation.waiting import reveal, wait_until
from bots.cases.errors import ScreenChanged

pytestmark = pytest.mark.browser

LIST = """<main style="height: 200px; overflow: auto"><div style="height: 180px">1</div></main><script>
const box = document.querySelector('main');
const draw = () => { if (box.children.length < 5) box.insertAdjacentHTML('beforeend', `<div style="height: 180px">${box.children.length + 1}</div>`) };
box.addEventListener('scroll', draw);
setTimeout(draw, 300);
</script>"""


def screen_on(house: BrowserHouse, html: str) -> Screen:
    elements = {"row": Element(ways=(Way(css="main > div"),)), "last": Element(ways=(Way(css="main > div:last-child"),))}
    book = Book(product="tiny", head=BookHead(title="Tiny"), pages={"list": Page(elements=elements)}, folder=Path())
    screen = Screen(house, book, "http://127.0.0.1:1", "waiting", lambda: None)
    screen.page.goto("about:blank")
    screen.page.set_content(html)
    screen.current = "list"
    return screen


def test_what_comes_late_is_waited_for_and_rows_are_drawn_as_they_are_looked_at(browser_house: BrowserHouse) -> None:
    screen = screen_on(browser_house, LIST)
    assert screen.counts("row") == (1,)
    wait_until(screen, "a second row", lambda: screen.counts("row") == (2,))

    def five() -> bool:
        reveal(screen, "last")
        return screen.counts("row") == (5,)

    wait_until(screen, "all rows", five)


def test_what_never_comes_is_named(browser_house: BrowserHouse) -> None:
    screen = screen_on(browser_house, LIST)
    with pytest.raises(ScreenChanged, match="tiny/list: a sixth row did not come") as raised:
        wait_until(screen, "a sixth row", lambda: screen.counts("row") == (6,))
    assert raised.value.code == "never_settled"


def test_a_page_that_asks_whether_it_may_be_left_is_left(browser_house: BrowserHouse) -> None:
    page = screen_on(browser_house, "<input><script>window.onbeforeunload = () => 'sure?'</script>").page
    asked: list[str] = []
    page.on("dialog", lambda dialog: asked.append(dialog.type))
    page.locator("input").fill("typed")
    page.locator("input").press("Tab")
    page.goto("data:text/html,<h1>next</h1>")
    assert page.locator("h1").inner_text() == "next" and asked == ["beforeunload"]
    assert page.evaluate("confirm('really?')") is False, "every other question is answered with no"

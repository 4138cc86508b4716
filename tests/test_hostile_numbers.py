"""Hostile numbers: an order number of any characters names one case, one row and one address, and no path or query."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from flask import Flask

from bots.automation.browser import BrowserHouse
from bots.automation.evidence import Evidence
from bots.automation.locators import Book, BookHead, Element, Page, Way
from bots.automation.screen import Screen
from bots.cases.errors import BusinessException
from bots.cases.settings import ROOT
from bots.cases.store import Store
from tests.backoffice.serving import serving
from tests.hostile_texts import NAMES
from tests.stores import BOTH_STORES, a_case


@BOTH_STORES
@pytest.mark.parametrize("name", [name.replace("\n", " ") for name in NAMES])
def test_a_number_of_any_characters_names_one_case_and_no_path(store: Store, tmp_path: Path, name: str) -> None:
    other, case = a_case(store, "GB-2026-000001"), a_case(store, name)
    assert store.case_of_order(name) == case and store.case(name) is None and store.case_of_parcel(name) is None and len(store.cases()) == 2
    assert store.switches(name) == {} and not store.row_known(name[:24], name) and store.case_of_order("GB-2026-000001") == other
    path, _ = Evidence(tmp_path / "evidence").save_bytes(name, f"{name}.txt", b"x")
    assert path.resolve().is_relative_to((tmp_path / "evidence").resolve()) and path.parent.parent == tmp_path / "evidence"


@pytest.fixture(scope="module")
def screen(browser_house: BrowserHouse) -> Iterator[Screen]:
    from html import escape

    rows = "".join(
        f'<tr data-no="{escape(name)}"><td>{number}</td><td><a href="/page/{number}" aria-label="Order {escape(name)}">go</a></td></tr>'
        for number, name in enumerate(NAMES)
    )
    app = Flask("tiny")
    app.add_url_rule("/", "home", lambda: "home")
    app.add_url_rule("/page", "page", lambda: f"<main><table><tbody>{rows}</tbody></table><p>x</p></main>")
    app.add_url_rule("/orders/<path:no>", "order", lambda no: f"<main>order <b>{escape(no)}</b></main>")
    elements = {
        "row": Element(ways=(Way(css='tr[data-no="{no}"]'),)),
        "text": Element(ways=(Way(css='td:has-text("{no}")'),)),
        "link": Element(ways=(Way(role="link", name="Order {no}"),)),
        "number": Element(ways=(Way(css="b"),)),
    }
    book = Book(
        product="tiny",
        head=BookHead(title="Tiny"),
        pages={"page": Page(path="/page", elements=elements), "order": Page(path="/orders/{no}", elements=elements)},
        folder=Path(),
    )
    with serving(app) as url:
        yield Screen(browser_house, book, url, "hostile", lambda: None)


@pytest.mark.browser
def test_a_number_of_any_characters_finds_its_own_row_only(screen: Screen) -> None:
    screen.open("page")
    for number, name in enumerate(NAMES):
        assert screen.counts("row", no=name) == (1,), name
        assert screen.text("row", no=name).startswith(f"{number} "), name
        assert screen.has("link", no=name) and not screen.has("link", no=f"{name}?"), name
        assert screen.counts("text", no=f"{name} not there") == (0,), name


@pytest.mark.browser
@pytest.mark.parametrize("name", [name for name in NAMES if "\n" not in name])
def test_a_number_of_any_characters_stays_inside_its_address(screen: Screen, name: str) -> None:
    screen.open("order", no=name)
    assert screen.page.url.startswith(f"{screen.base_url}/orders/") and screen.find("number").text_content() == name


@pytest.mark.browser
@pytest.mark.parametrize("name", [".", ".."])
def test_a_number_that_climbs_in_the_address_is_refused(screen: Screen, name: str) -> None:
    with pytest.raises(BusinessException, match="no number of a record"):
        screen.open("order", no=name)


def test_every_place_for_a_number_in_a_css_locator_stands_in_double_quotes() -> None:
    """Only there does the screen's quoting hold. A place in a list (`nth`) is a number of our own, never a text from outside."""
    bare = []
    for file in sorted((ROOT / "locators").rglob("*.yaml")):
        for element in (yaml.safe_load(file.read_text(encoding="utf-8")) or {}).get("elements", {}).values():
            ways = [way["css"] for way in (element or {}).get("ways", ()) if "css" in way]
            bare += [f"{file.name}: {css}" for css in ways if re.search(r"\{\w+\}", re.sub(r'"[^"]*"|nth=\{\w+\}', "", css))]
    assert bare == []

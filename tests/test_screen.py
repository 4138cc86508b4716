"""The screen in a real browser: finds by a ladder, reads in one call, checks what it fills, and guards the one click that counts."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask, Response, redirect, request
from werkzeug.wrappers import Response as AnyResponse

from bots.automation.browser import BrowserHouse
from bots.automation.locators import Book, BookHead, Element, Interruption, Page, Way
from bots.automation.screen import Screen
from bots.automation.survey import survey_page
from bots.cases.errors import ScreenChanged, SessionLost, Suppressed, SystemException
from tests.backoffice.serving import serving
from tests.permits import TestPermit

pytestmark = pytest.mark.browser

CONFIRM = """<div role="dialog" aria-label="Confirm refund"><p>Order A-1, refund <b>EUR 19.99</b></p>
<form method="post" action="/refunds"><input name="rma" value="RMA-1"><button>Refund now</button></form></div>"""
TABLE = """<table aria-label="Refunds"><thead><tr><th>No.</th><th>Amount\n </th><th>State</th></tr></thead><tbody>
<tr><td>R-1</td><td>EUR&nbsp;19.99</td><td><b>set</b>tled</td></tr><tr><td>R-2</td><td>EUR 5.00</td><td></td></tr>
<tr><td colspan="3">end of list</td></tr></tbody></table>"""
FIELDS = (
    """<dl id="order"><dt>Order no.</dt><dd> A-1 </dd><dt>Buyer</dt><dd>Größer 王</dd></dl><table id="facts"><tr><th>City</th><td>Leeds</td></tr></table>"""
)
INPUTS = """<label>Amount <input id="amount"></label><label for="why">Reason</label><select id="why"><option value="1">Return </option><option value="2">Other</option></select>
<label>Money <input id="money" oninput="this.value = this.value.replace(',', '.')"></label><label>Password <input type="password"></label>"""


class Site:
    """A tiny program: its one page is whatever the test says, and it counts what was sent to it."""

    def __init__(self) -> None:
        self.html, self.status, self.posts, self.logged_in = "", 200, [], True
        self.app = Flask("tiny")
        self.app.add_url_rule("/page", view_func=self.page)
        self.app.add_url_rule("/page/<name>", view_func=self.page)
        self.app.add_url_rule("/login", "login", view_func=lambda: "<h1>Log in</h1>")
        self.app.add_url_rule("/refunds", view_func=self.refund, methods=["POST"])
        self.app.add_url_rule("/file", "file", view_func=lambda: Response("a;b\n", headers={"Content-Disposition": 'attachment; filename="../../evil.exe"'}))

    def page(self, name: str = "") -> AnyResponse | tuple[str, int]:
        if not self.logged_in:
            return redirect("/login")
        return f"<!doctype html><title>Tiny</title><main>{self.html}<i hidden>{name}</i></main>", self.status

    def refund(self) -> str:
        self.posts.append(request.form["rma"])
        return "<main>done</main>"


def ways(*given: dict[str, Any], **changes: Any) -> Element:
    return Element(ways=tuple(Way(**way) for way in given), **changes)


ELEMENTS = {
    "main": ways({"css": "main"}),
    "save": ways({"role": "button", "name": "Save"}, {"test_id": "save"}, {"css": "button.save"}),
    "row": ways({"css": 'tr[data-no="{no}"]'}),
    "named": ways({"role": "link", "name": "Order {no}"}),
    "dialog": ways({"role": "dialog", "name": "Confirm refund"}, {"css": "[role=dialog]"}),
    "confirm": ways({"role": "button", "name": "Refund now"}, {"css": "form button"}, risk="commit", within="dialog"),
    "loose": ways({"role": "button", "name": "Refund now"}, risk="commit"),
    "table": ways({"role": "table", "name": "Refunds"}, columns={"refund_no": "No.", "amount": "Amount", "state": "State"}),
    "other_table": ways({"role": "table", "name": "Refunds"}, columns={"payee": "Payee"}),
    "order": ways({"css": "#order"}, fields={"order_no": "Order no.", "buyer": "Buyer"}),
    "facts": ways({"css": "#facts"}, fields={"city": "City"}),
    "no_facts": ways({"css": "#facts"}, fields={"zip": "ZIP"}),
    "amount": ways({"label": "Amount"}, risk="write"),
    "money": ways({"label": "Money"}, risk="write"),
    "reason": ways({"label": "Reason"}, risk="write"),
    "password": ways({"label": "Password"}, risk="write"),
    "export": ways({"role": "link", "name": "Export"}),
    "toast": ways({"role": "status"}),
    "error": ways({"role": "alert"}),
}
BOOK = Book(
    product="tiny",
    head=BookHead(title="Tiny", interruptions=(Interruption(name="news", seen=Way(role="dialog", name="News"), press=Way(role="button", name="Close")),)),
    pages={"page": Page(path="/page", ready="main", elements=ELEMENTS), "named": Page(path="/page/{no}", elements={}), "dialog": Page(elements={})},
    folder=Path(),
)
Make = Callable[[str], Screen]


@pytest.fixture(scope="module")
def served() -> Iterator[tuple[Site, str]]:
    site = Site()
    with serving(site.app) as url:
        yield site, url


@pytest.fixture
def site(served: tuple[Site, str]) -> Site:
    site = served[0]
    site.html, site.status, site.logged_in = "", 200, True
    site.posts.clear()
    return site


@pytest.fixture(scope="module")
def screen(served: tuple[Site, str], browser_house: BrowserHouse) -> Iterator[Screen]:
    site, url = served

    def log_in() -> None:
        site.logged_in = site.html != "locked out"

    yield Screen(browser_house, BOOK, url, "tester", log_in)
    browser_house.forget("tester")


@pytest.fixture
def show(site: Site, screen: Screen) -> Make:
    """Opens a page with this content."""
    screen.lowered.clear()

    def make(html: str) -> Screen:
        site.html = html
        screen.open("page")
        return screen

    return make


# -- finding -------------------------------------------------------------------------------------------------------------------
def test_the_first_way_that_fits_is_used_and_a_lower_one_is_reported(show: Make) -> None:
    screen = show("<button class=save data-testid=save>Save</button>")
    screen.click("save")
    assert screen.lowered == []
    screen = show("<button class=save>Sichern</button>")
    screen.click("save")
    screen.click("save")
    (lower,) = screen.lowered
    assert (lower.product, lower.page, lower.element, lower.rung, lower.way) == ("tiny", "page", "save", 2, "css='button.save'")


def test_two_that_fit_are_none(show: Make) -> None:
    with pytest.raises(ScreenChanged, match=r"tiny/page: 2 elements fit 'save' \(role='button', name='Save'\), expected one"):
        show("<button>Save</button><button>Save</button>").click("save")


def test_what_is_not_there_is_said_with_everything_tried(show: Make) -> None:
    screen = show("<button>Send</button>")
    assert not screen.has("save") and screen.counts("save") == (0, 0, 0)
    with pytest.raises(ScreenChanged) as raised:
        screen.click("save")
    assert "nothing fits 'save' at /page" in str(raised.value) and "test_id='save'" in str(raised.value) and raised.value.code == "screen_changed"


def test_it_waits_for_what_comes_later(show: Make) -> None:
    screen = show("<script>setTimeout(() => document.querySelector('main').insertAdjacentHTML('beforeend', '<button>Save</button>'), 300)</script>")
    screen.click("save")
    assert screen.has("save")


def test_parameters_are_data(show: Make) -> None:
    evil = 'x"] , tr[data-no="R-2'
    screen = show(
        "<table><tr data-no='R-1'><td>one</td></tr><tr data-no='R-2'><td>two</td></tr></table><a href=/page>Order {no}</a><a href=/page>Order R-1</a>"
    )
    assert screen.text("row", no="R-1") == "one" and not screen.has("row", no=evil) and screen.counts("row", no=evil) == (0,)
    assert screen.text("named", no="R-1") == "Order R-1"
    screen.open("named", no="../login?x=1#")
    assert screen.page.url.endswith("/page/..%2Flogin%3Fx%3D1%23")


def test_a_page_without_an_address_is_not_opened(show: Make) -> None:
    with pytest.raises(ScreenChanged, match="tiny/dialog has no address of its own"):
        show("").open("dialog")


# -- getting there -------------------------------------------------------------------------------------------------------------
def test_it_logs_in_on_the_way_and_gives_up_when_that_does_not_help(show: Make, site: Site) -> None:
    site.logged_in = False
    assert show("welcome").text("main") == "welcome"
    site.logged_in = False
    with pytest.raises(SessionLost, match="still at the log-in page after logging in as tester"):
        show("locked out")


def test_a_program_that_fails_or_is_away_is_a_system_exception(show: Make, site: Site, browser_house: BrowserHouse) -> None:
    site.status = 503
    with pytest.raises(SystemException, match="Tiny answered 503 at /page") as raised:
        show("")
    assert raised.value.code == "server_error"
    site.status = 404
    assert show("no such order").status == 404, "a page that is not there is for the portal to judge"
    away = Screen(browser_house, BOOK, "http://127.0.0.1:9", "elsewhere", lambda: None)
    with pytest.raises(SystemException, match="does not answer") as raised:
        away.open("page")
    assert raised.value.code == "unreachable"
    browser_house.forget("elsewhere")


def test_a_session_that_ends_meanwhile_is_told_apart_from_a_changed_screen(show: Make, site: Site) -> None:
    screen = show("<a href=/page id=next>Export</a>")
    site.logged_in = False
    screen.click("export")
    with pytest.raises(SessionLost):
        screen.text("table")


def test_interruptions_are_put_away(show: Make) -> None:
    screen = show(
        "<button onclick=\"this.textContent='Saved'\" class=save>Save</button>"
        "<div role=dialog aria-label=News style='position:fixed;inset:0;background:white'><button onclick='this.parentNode.remove()'>Close</button></div>"
    )
    screen.click("save")
    assert screen.text("save") == "Saved"


def test_javascript_questions_are_answered_with_no(show: Make, site: Site) -> None:
    screen = show("<button onclick=\"this.textContent = confirm('Pay twice?') ? 'yes' : 'no'; alert('x')\" class=save>Save</button>")
    screen.click("save")
    assert screen.text("save") == "no"


# -- reading -------------------------------------------------------------------------------------------------------------------
def test_a_table_is_read_in_one_call_and_rows_that_span_hold_no_data(show: Make) -> None:
    screen = show(TABLE)
    assert screen.table("table") == [
        {"refund_no": "R-1", "amount": "EUR 19.99", "state": "settled"},
        {"refund_no": "R-2", "amount": "EUR 5.00", "state": ""},
    ]
    with pytest.raises(ScreenChanged, match=r"table 'other_table' has no column \['Payee'\]; it has \['No.', 'Amount', 'State'\]"):
        screen.table("other_table")


def test_fields_are_read_in_one_call(show: Make) -> None:
    screen = show(FIELDS)
    assert screen.fields("order") == {"order_no": "A-1", "buyer": "Größer 王"} and screen.fields("facts") == {"city": "Leeds"}
    with pytest.raises(ScreenChanged, match=r"'no_facts' shows no \['ZIP'\]; it shows \['City'\]"):
        screen.fields("no_facts")


def test_of_two_outcomes_the_one_that_shows_is_told(show: Make) -> None:
    screen = show(
        "<p role=status hidden></p><script>setTimeout(() => document.querySelector('main').insertAdjacentHTML('beforeend', '<p role=alert>No</p>'), 200)</script>"
    )
    assert screen.wait_any("toast", "error") == "error" and screen.text("error") == "No"
    screen.page.evaluate("setTimeout(() => document.querySelector('[role=alert]').remove(), 100)")
    screen.wait_gone("error")
    assert not screen.has("error")


# -- filling -------------------------------------------------------------------------------------------------------------------
def test_what_is_filled_is_read_back(show: Make) -> None:
    screen = show(INPUTS)
    screen.fill("amount", "Größer 王 =1+1")
    screen.choose("reason", "Other")
    screen.choose_value("reason", "1")
    assert screen.value("amount") == "Größer 王 =1+1" and screen.value("reason") == "1"
    with pytest.raises(ScreenChanged, match=r"'money' holds '19.99' after '19,99' was filled in") as raised:
        screen.fill("money", "19,99")
    assert raised.value.code == "field_mismatch"


def test_a_secret_never_reaches_a_message(show: Make) -> None:
    screen = show(INPUTS.replace('type="password"', 'maxlength="4"'))
    with pytest.raises(ScreenChanged, match="did not take the secret") as raised:
        screen.fill_secret("password", "geheim-9")
    assert "geheim" not in str(raised.value)


def test_a_download_gets_our_name(show: Make, tmp_path: Path) -> None:
    file = show("<a href=/file>Export</a>").download("export", tmp_path / "in", "orders.csv")
    assert file == tmp_path / "in" / "orders.csv" and file.read_text() == "a;b\n" and [f.name for f in tmp_path.rglob("*") if f.is_file()] == ["orders.csv"]


# -- the one click that counts ---------------------------------------------------------------------------------------------------
def test_a_commit_is_photographed_written_down_and_clicked_once(show: Make, site: Site) -> None:
    screen, permit = show(CONFIRM), TestPermit()
    trace = screen.commit("confirm", permit, ["A-1", "EUR 19.99", "RMA-1"])
    screen.page.wait_for_url("**/refunds")
    assert (site.posts, permit.spent, list(permit.pictures)) == (["RMA-1"], 1, ["before"]) and permit.pictures["before"].startswith(b"\xff\xd8")
    assert trace.requests in ([], [("POST", "/refunds", 200)])


@pytest.mark.parametrize(
    ("html", "must_show", "code"),
    [
        (CONFIRM.replace("Refund now", "Pay now"), ["A-1"], "commit_lower_rung"),
        (CONFIRM.replace("Confirm refund", "Sure?"), ["A-1"], "commit_lower_rung"),
        (CONFIRM.replace("</form>", "<button>Refund now</button></form>"), ["A-1"], "screen_changed"),
        (CONFIRM + CONFIRM, ["A-1"], "screen_changed"),
        ("<button>Refund now</button>", ["A-1"], "screen_changed"),
        (CONFIRM.replace("19.99", "1999.00"), ["A-1", "EUR 19.99"], "confirm_mismatch"),
        (CONFIRM, ["A-2"], "confirm_mismatch"),
        ("Order A-2" + CONFIRM, ["A-2"], "confirm_mismatch"),
        (CONFIRM.replace("<button>", "<button disabled>"), ["A-1"], "commit_not_usable"),
    ],
    ids=[
        "button by a lower way",
        "dialog by a lower way",
        "two buttons",
        "two dialogs",
        "outside its dialog",
        "other amount",
        "other order",
        "shown outside only",
        "not ready",
    ],
)
def test_a_commit_that_is_not_exactly_as_expected_is_not_clicked(show: Make, site: Site, html: str, must_show: list[str], code: str) -> None:
    screen, permit = show(html), TestPermit()
    with pytest.raises(ScreenChanged) as raised:
        screen.commit("confirm", permit, must_show)
    assert (raised.value.code, permit.spent, site.posts) == (code, 0, [])


@pytest.mark.parametrize("touch", ["click", "press", "fill"])
def test_no_other_verb_touches_a_commit(show: Make, site: Site, touch: str) -> None:
    arguments = {"click": (), "press": ("Enter",), "fill": ("x",)}[touch]
    screen = show(CONFIRM)
    with pytest.raises(ScreenChanged, match=r"only Screen\.commit may touch it") as raised:
        getattr(screen, touch)("confirm", *arguments)
    assert raised.value.code == "commit_guard" and site.posts == []


@pytest.mark.parametrize("name", ["loose", "save"])
def test_a_commit_needs_its_risk_and_its_region(show: Make, site: Site, name: str) -> None:
    with pytest.raises(ScreenChanged, match="must have risk `commit` and a `within` region"):
        show(CONFIRM + "<button>Save</button>").commit(name, TestPermit(), [])
    assert site.posts == []


def test_a_dry_run_is_photographed_and_not_clicked(show: Make, site: Site) -> None:
    screen, permit = show(CONFIRM), TestPermit(dry=True)
    with pytest.raises(Suppressed):
        screen.commit("confirm", permit, ["A-1"])
    assert site.posts == [] and list(permit.pictures) == ["before"]


# -- looking at locators -------------------------------------------------------------------------------------------------------
def test_a_survey_says_which_way_finds_each_element_and_touches_nothing(show: Make, site: Site) -> None:
    found = {element.name: element for element in survey_page(show(CONFIRM + "<button class=save>Sichern</button>"), "page", {"sku": "TEE-RED-M"}).elements}
    assert (found["confirm"].rung, found["confirm"].counts, found["save"].rung, found["table"].rung) == (0, (1, 1), 2, None)
    assert "row" not in found and site.posts == [], "what needs an unknown sample is passed over"


def test_all_fields_of_a_region_are_read_in_one_call(show: Callable[[str], Screen]) -> None:
    fields = """<input name="rma" value="RMA-1"><input name="rma" value="hidden" style="display: none"><select name="state"><option value="new">New</option></select>
        <textarea name="note">two\nlines</textarea><input type="password" name="secret" value="s"><input value="nameless">"""
    assert show(fields).inputs("main") == {"rma": "RMA-1", "state": "new", "note": "two\nlines"}

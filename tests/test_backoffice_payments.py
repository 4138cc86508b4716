"""PayDesk keeps its own rules, tells its lies when told to, and works in a real browser."""

from __future__ import annotations

import csv
import io
import re
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyotp
import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.backoffice.accounts import ACCOUNTS
from tests.backoffice.payments.app import create_app, use_code
from tests.backoffice.payments.ledger import COLUMNS, parse_amount
from tests.backoffice.payments.samples import put_capture, put_dispute, put_refund
from tests.backoffice.serving import serving
from tests.backoffice.world import SAMPLES_START as START
from tests.backoffice.world import World

ACCOUNT = ACCOUNTS["pay"]
ORDER = "DE-2026-104233"
SAMPLE = Path(__file__).parent / "samples" / "imports" / "paydesk_settlement.csv"


def fresh_code(world: World) -> str:
    """A one-time code that PayDesk accepts now, forgetting which were used."""
    with world.write() as db:
        db.execute("DELETE FROM counters WHERE name LIKE 'pay-code:%'")
    return pyotp.TOTP(ACCOUNT.totp).now()


def sign_in(world: World) -> FlaskClient:
    client = create_app(world).test_client()
    client.post("/login", data={"account": ACCOUNT.name, "password": ACCOUNT.password})
    assert client.post("/login/code", data={"code": fresh_code(world)}).location == "/payments"
    return client


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World.create(tmp_path, START)


@pytest.fixture
def capture(world: World) -> str:
    return put_capture(world, ORDER, 104990)


@pytest.fixture
def client(world: World, capture: str) -> FlaskClient:
    return sign_in(world)


def check(client: FlaskClient, capture: str, amount: str = "49.90", reference: str = "RMA-2026-000123", reason: str = "return") -> dict[str, Any]:
    """The step between form and confirmation."""
    token = re.search(r'data-csrf="([^"]+)"', client.get("/payments").text)
    assert token
    answer = client.post(
        "/api/refunds/check", data={"capture_id": capture, "amount": amount, "reference": reference, "reason": reason}, headers={"X-CSRF": token[1]}
    )
    return {**answer.get_json(), "csrf": token[1]}


def confirm(client: FlaskClient, said: dict[str, Any]) -> TestResponse:
    return client.post("/refunds", data={"csrf": said["csrf"], "draft": said["draft"]}, follow_redirects=True)


def amounts(world: World) -> list[int]:
    return [row["amount"] for row in world.all("SELECT amount FROM refunds ORDER BY rowid")]


# -- log-in ------------------------------------------------------------------------------------------------------------


def test_every_page_asks_for_password_and_code(world: World) -> None:
    stranger = create_app(world).test_client()
    for path in ("/", "/payments", f"/payments/{ORDER}", "/refunds", "/settlement", "/settlement.csv"):
        assert stranger.get(path).location.startswith("/login"), path
    assert stranger.get("/api/payments?q=1").status_code == 401
    assert stranger.get("/login/code").location == "/login?expired=1", "no code without the password first"
    assert "is wrong" in stranger.post("/login", data={"account": ACCOUNT.name, "password": "no"}).text
    assert stranger.post("/login?next=//evil.example", data={"account": ACCOUNT.name, "password": ACCOUNT.password}).location == "/login/code?next=/payments"
    assert stranger.get("/payments").location.startswith("/login"), "the password alone opens nothing"
    assert "wrong or was used" in stranger.post("/login/code", data={"code": "000000"}).text


def test_a_code_is_accepted_once_and_only_within_a_step(world: World) -> None:
    totp = pyotp.TOTP(ACCOUNT.totp)
    while totp.interval - time.time() % totp.interval < 2:  # not across the edge of a step
        threading.Event().wait(0.1)
    step = int(time.time()) // totp.interval

    def use(steps: int) -> bool:
        return use_code(world, ACCOUNT.name, ACCOUNT.totp, totp.generate_otp(step + steps))

    assert [use(steps) for steps in (0, 0, -1, 1, 1, -2, 2)] == [True, False, True, True, False, False, False]
    assert not use_code(world, ACCOUNT.name, ACCOUNT.totp, "")


def test_a_form_without_its_token_is_refused(client: FlaskClient, capture: str, world: World) -> None:
    said = check(client, capture)
    assert client.post("/refunds", data={"draft": said["draft"]}).status_code == 403
    assert client.post("/refunds", data={"csrf": said["csrf"], "draft": said["draft"] + "x"}).status_code == 400
    assert amounts(world) == []


# -- what screens show ---------------------------------------------------------------------------------------------------


def test_a_payment_shows_captures_refunds_and_disputes(client: FlaskClient, world: World, capture: str) -> None:
    put_refund(world, capture, 5000, "RMA-2026-000001")
    put_refund(world, capture, 7000, "<b>RMA</b>", state="failed")
    put_dispute(world, capture, ORDER, 104990)
    page = client.get(f"/payments/{ORDER}").text
    assert "1,049.90" in page and "999.90" in page, "a failed refund gives its amount back to the capture"
    assert "7.812345" in page and "Card closed" in page and "chargeback" in page and "&lt;b&gt;RMA" in page
    assert "2026-10-04 08:00:00" in page
    assert client.get("/payments/DE-2026-999999").status_code == 404


@pytest.mark.parametrize("order_no", ["#10423", "12/104?x=1 %", "302-1042331-4881702"])
def test_order_numbers_of_any_shape_have_their_page(client: FlaskClient, world: World, order_no: str) -> None:
    put_capture(world, order_no, 100)
    link = re.search(r'href="(/payments/[^"]+)"', client.get("/api/payments", query_string={"q": order_no}).text)
    assert link and f"<h1>Payment {order_no}</h1>" in client.get(link[1].replace("&amp;", "&")).text


def test_refunds_are_listed_by_reference_and_day(client: FlaskClient, world: World, capture: str) -> None:
    for number in range(30):
        put_refund(world, capture, 100 + number, f"RMA-2026-{number:06d}", days_ago=number)
    assert client.get("/refunds").text.count("<tr><td") == 25 and client.get("/refunds?page=2").text.count("<tr><td") == 5
    assert client.get("/refunds?size=100").text.count("<tr><td") == 30
    assert client.get("/refunds?reference=rma-2026-000007").text.count("<tr><td") == 1
    assert client.get("/refunds?from=2026-10-01&to=2026-10-03").text.count("<tr><td") == 3
    assert client.get("/refunds?from=nonsense&size=100").text.count("<tr><td") == 30


def test_the_settlement_file_has_the_columns_of_the_sample(client: FlaskClient, world: World, capture: str) -> None:
    put_refund(world, capture, 104990, "RMA-2026-000123", days_ago=3)
    put_refund(world, put_capture(world, "JP-1", 4980, currency="JPY"), 4980, "=SUM(A1)", state="pending", days_ago=0)
    put_refund(world, capture, 1, "RMA-2026-000009", days_ago=20)
    text = client.get("/settlement.csv?from=2026-10-03&to=2026-10-05").text
    assert tuple(SAMPLE.read_text(encoding="utf-8").splitlines()[0].split(",")) == COLUMNS
    rows = list(csv.DictReader(io.StringIO(text)))
    assert [(row["reference"], row["amount"], row["fee"], row["state"], row["settle_rate"]) for row in rows] == [
        ("RMA-2026-000123", "1,049.90", "0.25", "settled", "7812345"),
        ("=SUM(A1)", "4,980", "0", "pending", ""),
    ]
    assert rows[0]["settled_at"] == "2026-10-03T08:00:00+00:00"
    assert client.get("/settlement.csv?from=2026-10-03").status_code == 400
    world.tell_lies("pay", "settlement", "cut_download")
    assert text.startswith(cut := client.get("/settlement.csv?from=2026-10-03&to=2026-10-05").text) and len(cut) < len(text)


# -- refunds -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "currency", "minor"), [("12.34", "EUR", 1234), ("1,049.9", "EUR", 104990), ("7", "EUR", 700), ("4,980", "JPY", 4980), ("4980", "JPY", 4980)]
)
def test_amounts_are_read_as_en_us(text: str, currency: str, minor: int) -> None:
    assert parse_amount(text, currency) == minor


@pytest.mark.parametrize(
    ("text", "currency"),
    [("12,34", "EUR"), ("1.049,90", "EUR"), ("-1", "EUR"), ("1.234", "EUR"), ("", "EUR"), ("１", "EUR"), ("1e3", "EUR"), ("4.5", "JPY"), ("10,49.90", "EUR")],
)
def test_a_doubtful_amount_is_refused(text: str, currency: str) -> None:
    with pytest.raises(ValueError, match="is not an amount"):
        parse_amount(text, currency)


def test_a_refund_is_checked_then_written_as_pending(client: FlaskClient, world: World, capture: str) -> None:
    said = check(client, capture)
    assert (said["order_no"], said["amount"], said["reference"], said["reason"]) == (ORDER, "EUR 49.90", "RMA-2026-000123", "Return")
    assert amounts(world) == [], "checking writes nothing"
    page = confirm(client, said).text
    assert "Refund RF-000001 of EUR 49.90 created" in page
    row = world.one("SELECT * FROM refunds")
    assert row and (row["state"], row["amount"], row["reference"], row["created_by"], row["order_no"], row["capture_id"]) == (
        "pending",
        4990,
        "RMA-2026-000123",
        ACCOUNT.name,
        ORDER,
        capture,
    )


def test_no_more_than_the_capture_is_refunded_pending_ones_included(client: FlaskClient, world: World, capture: str) -> None:
    first, second = check(client, capture, "1,000.00"), check(client, capture, "1,000.00")
    assert "created" in confirm(client, first).text
    assert "EUR 49.90 is left" in check(client, capture, "49.91")["error"]
    late = confirm(client, second)
    assert late.status_code == 422 and "EUR 49.90 is left" in late.text, "what was fine at the check may no longer be"
    assert amounts(world) == [100000]


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"amount": "0"}, "above zero"),
        ({"amount": "12,3"}, "not an amount"),
        ({"reference": " "}, "reference"),
        ({"reference": "x" * 41}, "reference"),
        ({"reason": "theft"}, "reason"),
        ({"capture": "cap_none"}, "no capture"),
    ],
)
def test_a_bad_form_is_refused_with_a_reason(client: FlaskClient, capture: str, change: dict[str, str], says: str) -> None:
    assert says in check(client, **{"capture": capture, **change})["error"]


@pytest.mark.parametrize(
    ("lie", "written", "status", "banner"),
    [
        ("success_without_write", 0, 200, True),
        ("write_without_banner", 1, 200, False),
        ("error_after_write", 1, 500, False),
        ("double_submit", 2, 200, True),
        ("session_gone", 0, 200, False),
        ("server_error", 0, 500, False),
    ],
)
def test_lies_when_refunding(client: FlaskClient, world: World, capture: str, lie: str, written: int, status: int, banner: bool) -> None:
    world.tell_lies("pay", "submit_refund", lie, match="RMA-2026-000123")
    page = confirm(client, check(client, capture))
    assert (len(amounts(world)), page.status_code, "created</span>" in page.text) == (written, status, banner)


def test_the_confirm_step_may_lie_about_the_amount(client: FlaskClient, world: World, capture: str) -> None:
    world.tell_lies("pay", "confirm", "other_amount", amount=99900)
    said = check(client, capture)
    assert said["amount"] == "EUR 999.00"
    confirm(client, said)
    assert amounts(world) == [99900], "who confirms that pays that"
    world.tell_lies("pay", "confirm", "other_amount")
    assert check(client, capture, "1.00")["amount"] == "EUR 2.00"


def test_a_redesign_changes_ids_and_captions(client: FlaskClient, world: World) -> None:
    usual = client.get(f"/payments/{ORDER}").text
    world.tell_lies("pay", "skin", "redesign")
    changed = client.get(f"/payments/{ORDER}").text
    assert 'id="captures"' in usual and 'id="captures"' not in changed and "Pay back" in changed and 'class="new"' in changed


# -- in a browser ----------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    from playwright.sync_api import sync_playwright

    from bots.automation.browsers import find_browser

    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=find_browser().executable_path, args=["--no-sandbox"])
        yield started
        started.close()


@pytest.mark.browser
def test_a_clerk_searches_and_refunds(browser: Any, world: World, capture: str) -> None:
    put_capture(world, "DE-2026-999999", 500)
    with serving(create_app(world)) as url:
        page = browser.new_page()
        page.set_default_timeout(5000)
        page.goto(url)
        page.get_by_label("User name").fill(ACCOUNT.name)
        page.get_by_label("Password").fill(ACCOUNT.password)
        page.get_by_role("button", name="Sign in").click()
        page.get_by_label("One-time code").fill(fresh_code(world))
        page.get_by_role("button", name="Verify").click()
        page.get_by_role("searchbox", name="Order number").press_sequentially("104233")
        page.get_by_text("DE-2026-999999").wait_for(state="detached")
        page.get_by_role("link", name=ORDER).click()
        page.get_by_role("button", name=f"Refund {capture}", exact=True).click()
        for amount, works in (("9,999.00", False), ("1,049.90", True)):
            page.get_by_label("Amount").fill(amount)
            page.get_by_label("Reference (RMA)").fill("RMA-2026-000123")
            page.get_by_label("Reason").select_option(label="Return")
            page.get_by_role("button", name="Continue").click()
            if not works:
                assert "EUR 1,049.90 is left" in page.get_by_role("alert").inner_text()
        dialog = page.get_by_role("dialog", name="Confirm refund")
        assert ORDER in dialog.inner_text() and "RMA-2026-000123" in dialog.inner_text()
        dialog.get_by_role("button", name="Refund EUR 1,049.90", exact=True).click()
        assert "RF-000001" in page.get_by_role("status").inner_text()
        assert page.get_by_role("button", name=f"Refund {capture}", exact=True).is_disabled()
        page.close()
    assert amounts(world) == [104990]

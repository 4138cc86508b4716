"""The practice WMS keeps its own rules, tells its lies when told to, and works in a real browser."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from html import unescape
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from bots.automation.browsers import find_browser
from tests.backoffice.accounts import ACCOUNTS
from tests.backoffice.serving import serving
from tests.backoffice.wms.app import create_app
from tests.backoffice.wms.samples import put_receipt, put_task
from tests.backoffice.wms.words import kilos, parse_quantity
from tests.backoffice.world import SAMPLES_START as START
from tests.backoffice.world import World

ACCOUNT = ACCOUNTS["wms"]


@pytest.fixture
def world(tmp_path: Path) -> World:
    made = World.create(tmp_path, START)
    put_receipt(made, 1, [("TEE-RED-M", 2, ""), ("HPH-01", 1, "SN-00001")])
    put_receipt(made, 2, [("HPH-01", 1, "SN-00002")], grams=1012345, carton="crushed")
    put_task(made, 7, "WE-000002", "HPH-01", 1, note="Läuft.\nKratzer <oben>.")
    return made


@pytest.fixture
def client(world: World) -> FlaskClient:
    made = create_app(world).test_client()
    made.post("/login", data={"account": ACCOUNT.name, "password": ACCOUNT.password})
    return made


def send(client: FlaskClient, form_page: str, target: str, **form: str) -> TestResponse:
    """Send a form with the CSRF token that its page holds."""
    found = re.search(r'name="csrf" value="([^"]+)"', client.get(form_page).text)
    assert found
    return client.post(target, data={"csrf": found[1], **form}, follow_redirects=True)


def new_task(client: FlaskClient, sku: str = "TEE-RED-M", qty: str = "2", checklist: str = "Etikett\nNaht") -> TestResponse:
    return send(client, "/receipts/WE-000001", "/receipts/WE-000001/tasks", sku=sku, qty=qty, checklist=checklist)


def book(client: FlaskClient, task_no: str = "PA-000007", grade: str = "B", disposition: str = "REFURBISH") -> TestResponse:
    return send(client, f"/tasks/{task_no}", f"/tasks/{task_no}/disposition", grade=grade, disposition=disposition)


def move(client: FlaskClient, qty: str = "1", target: str = "PL-POZ", sku: str = "HPH-01", task: str = "PA-000007") -> TestResponse:
    return send(client, "/transfers/new?task=PA-000007", "/transfers/new", task=task, sku=sku, qty=qty, from_wh="DE-LEJ", to_wh=target)


# -- log-in ------------------------------------------------------------------------------------------------------------


def test_every_page_asks_for_a_log_in_and_a_wrong_password_is_refused(world: World) -> None:
    stranger = create_app(world).test_client()
    for path in ("/", "/receipts", "/receipts/WE-000001", "/tasks", "/tasks/PA-000007", "/transfers", "/transfers/new", "/stock"):
        assert stranger.get(path).location.startswith("/login"), path
    assert "ist falsch" in stranger.post("/login", data={"account": ACCOUNT.name, "password": "no"}).text
    assert stranger.post("/login?next=//evil.example", data={"account": ACCOUNT.name, "password": ACCOUNT.password}).location == "/receipts"


def test_a_form_without_its_token_is_refused(client: FlaskClient, world: World) -> None:
    answer = client.post("/receipts/WE-000001/tasks", data={"sku": "TEE-RED-M", "qty": "1", "checklist": "x"})
    assert answer.status_code == 403 and world.count("qc_tasks") == 1


# -- what screens show ---------------------------------------------------------------------------------------------------


def test_numbers_and_dates_are_german_and_text_is_escaped(client: FlaskClient) -> None:
    page = client.get("/receipts").text
    assert "1.012,345" in page and "05.10.2026 08:02" in page and "eingedrückt" in page
    assert page.index("WE-000002") < page.index("WE-000001"), "newest first"
    assert "Kratzer &lt;oben&gt;." in client.get("/tasks/PA-000007").text


@pytest.mark.parametrize(("grams", "text"), [(0, "0,000"), (5, "0,005"), (1250, "1,250"), (1234567, "1.234,567")])
def test_kilos(grams: int, text: str) -> None:
    assert kilos(grams) == text


@pytest.mark.parametrize("text", ["", "0", "-1", "1,5", "2 Stück", "\uff11", "100000", "1e3"])
def test_a_quantity_that_is_not_plainly_a_count_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="keine ganze Zahl"):
        parse_quantity(text)


def test_lists_are_paged_filtered_by_rma_and_state(client: FlaskClient, world: World) -> None:
    for number in range(3, 33):
        put_receipt(world, number, [("HPH-01", 1, "")])
    assert client.get("/receipts").text.count("<tr><td>") == 25
    assert client.get("/receipts?page=2").text.count("<tr><td>") == 7
    assert client.get("/receipts?size=100").text.count("<tr><td>") == 32
    assert client.get("/receipts?size=100000").text.count("<tr><td>") == 25, "only offered sizes count"
    assert client.get("/receipts?page=99").text.count("<tr><td>") == 7
    assert client.get("/receipts?rma=RMA-2026-000031").text.count("<tr><td>") == 1
    put_task(world, 8, "WE-000003", "HPH-01", 1)
    put_task(world, 9, "WE-000004", "HPH-01", 1, note="ok", grade="A", disposition="RESELL_NEW")
    shown = {state: set(re.findall(r"/tasks/(PA-\d+)", client.get(f"/tasks?state={state}").text)) for state in ("", "open", "done", "undecided")}
    assert shown == {"": {"PA-000007", "PA-000008", "PA-000009"}, "open": {"PA-000008"}, "done": {"PA-000007", "PA-000009"}, "undecided": {"PA-000007"}}


# -- quality checks ------------------------------------------------------------------------------------------------------


def test_a_check_is_made_once_for_a_receipt_and_sku(client: FlaskClient, world: World) -> None:
    assert "Prüfauftrag PA-000008 angelegt" in new_task(client).text
    again = new_task(client)
    assert again.status_code == 422 and "gibt es bereits den Prüfauftrag PA-000008" in again.text
    assert "data-show" in again.text and "Etikett\nNaht" in again.text, "the dialog is open again with what was typed"
    row = world.one("SELECT * FROM qc_tasks WHERE task_no = 'PA-000008'")
    assert row and (row["sku"], row["qty"], row["checklist"], row["state"], row["created_by"]) == ("TEE-RED-M", 2, "Etikett\nNaht", "open", "bot.wms")
    audit = world.one("SELECT * FROM audit WHERE action = 'create_qc_task'")
    assert audit and audit["account"] == "bot.wms" and "PA-000008" in audit["data"]


@pytest.mark.parametrize(
    ("sku", "qty", "checklist", "says"),
    [
        ("TEE-RED-M", "3", "x", "übersteigt die gezählte Menge 2"),
        ("TEE-RED-M", "zwei", "x", "keine ganze Zahl"),
        ("NOT-HERE", "1", "x", "wurde im Eingang WE-000001 nicht gezählt"),
        ("TEE-RED-M", "1", "  ", "Checkliste ist leer"),
    ],
)
def test_a_wrong_check_is_refused_with_a_reason(client: FlaskClient, world: World, sku: str, qty: str, checklist: str, says: str) -> None:
    answer = new_task(client, sku, qty, checklist)
    assert answer.status_code == 422 and says in unescape(answer.text) and world.count("qc_tasks") == 1


def test_a_disposition_needs_a_finished_check_and_is_booked_once(client: FlaskClient, world: World) -> None:
    new_task(client)
    assert "ist noch offen" in book_open(client)
    assert "Bitte eine Note wählen" in book(client, grade="").text
    assert "Bitte einen Verbleib wählen" in book(client, disposition="THROW_AWAY").text
    assert "Verbleib von PA-000007 gebucht: B / REFURBISH" in book(client).text
    row = world.one("SELECT * FROM qc_tasks WHERE task_no = 'PA-000007'")
    assert row and (row["grade"], row["disposition"], row["decided_by"]) == ("B", "REFURBISH", "bot.wms")
    again = send(client, "/receipts/WE-000001", "/tasks/PA-000007/disposition", grade="A", disposition="RESELL_NEW")
    assert again.status_code == 422 and "bereits gebucht: B / REFURBISH" in again.text


def book_open(client: FlaskClient) -> str:
    return send(client, "/receipts/WE-000001", "/tasks/PA-000008/disposition", grade="A", disposition="RESELL_NEW").text


# -- transfers -----------------------------------------------------------------------------------------------------------


def test_goods_move_once_and_only_as_many_as_there_are(client: FlaskClient, world: World) -> None:
    assert "noch kein Verbleib gebucht" in move(client).text
    book(client)
    for wrong, says in [
        (move(client, qty="2"), "übersteigt den Bestand 1"), (move(client, qty="-1"), "keine ganze Zahl"), (move(client, target="DE-LEJ"), "sind gleich"),
        (move(client, target="MARS"), "beide Lager"), (move(client, sku="TEE-RED-M"), "gehört nicht zu PA-000007"),
        (move(client, task="PA-9"), "PA-9 gibt es nicht"),
    ]:  # fmt: skip
        assert wrong.status_code == 422 and says in wrong.text
    done = move(client)
    assert "Umlagerung UL-000001 angelegt" in done.text and "PL-POZ" in done.text
    assert "übersteigt den Bestand 0 von PA-000007 in DE-LEJ" in move(client).text
    row = world.one("SELECT * FROM transfers")
    assert row and (row["rma"], row["qty"], row["from_wh"], row["to_wh"]) == ("RMA-2026-000002", 1, "DE-LEJ", "PL-POZ")
    stock = client.get("/stock").text
    assert re.search(r"PL-POZ</td><td>B</td><td>REFURBISH</td><td>HPH-01</td><td class=\"num\">1<", stock) and "DE-LEJ</td>" not in stock


# -- lies ----------------------------------------------------------------------------------------------------------------


def test_lies_about_writes(client: FlaskClient, world: World) -> None:
    world.tell_lies("wms", "create_qc_task", "success_without_write", match="RMA-2026-000001")
    assert "Prüfauftrag PA-000008 angelegt" in new_task(client).text and world.count("qc_tasks") == 1
    world.tell_lies("wms", "create_qc_task", "write_without_banner")
    assert "angelegt</span>" not in new_task(client).text and world.count("qc_tasks") == 2
    world.tell_lies("wms", "book_disposition", "error_after_write")
    assert book(client).status_code == 500
    row = world.one("SELECT disposition FROM qc_tasks WHERE task_no = 'PA-000007'")
    assert row and row["disposition"] == "REFURBISH"
    world.tell_lies("wms", "create_transfer", "double_submit")
    move(client)
    assert world.count("transfers") == 2
    world.tell_lies("wms", "create_qc_task", "double_submit")
    answer = new_task(client, "HPH-01", "1")
    assert "gibt es bereits" in answer.text and world.count("qc_tasks") == 3, "the second is refused though the first was written"


def test_a_session_lost_at_a_write_writes_nothing(client: FlaskClient, world: World) -> None:
    world.tell_lies("wms", "book_disposition", "session_gone")
    assert "Sitzung ist abgelaufen" in book(client).text
    row = world.one("SELECT disposition FROM qc_tasks WHERE task_no = 'PA-000007'")
    assert row and row["disposition"] is None
    assert client.get("/tasks").location.startswith("/login")


def test_a_lie_waits_for_its_rma_and_slow_is_slow(client: FlaskClient, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.tell_lies("wms", "create_qc_task", "success_without_write", match="RMA-2026-000099")
    new_task(client)
    assert world.count("qc_tasks") == 2
    world.tell_lies("wms", "search", "slow", seconds=0.3)
    waited: list[float] = []
    monkeypatch.setattr(time, "sleep", waited.append)
    client.get("/receipts")
    assert waited == [0.3]


# -- a real browser ------------------------------------------------------------------------------------------------------


@pytest.fixture
def url(world: World) -> Iterator[str]:
    with serving(create_app(world)) as base:
        yield base


def test_a_clerk_works_a_return_in_the_browser(url: str, world: World) -> None:
    from playwright.sync_api import expect, sync_playwright

    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=find_browser().executable_path, args=["--no-sandbox"])
        page = browser.new_page()
        page.set_default_timeout(5000)
        problems: list[str] = []
        page.on("pageerror", lambda error: problems.append(str(error)))
        page.goto(url)
        page.get_by_label("Benutzername", exact=True).fill(ACCOUNT.name)
        page.get_by_label("Passwort", exact=True).fill(ACCOUNT.password)
        page.get_by_role("button", name="Anmelden", exact=True).click()
        page.get_by_role("table", name="Eingänge").get_by_role("link", name="WE-000001").click()
        page.get_by_role("button", name="Prüfauftrag anlegen", exact=True).click()
        dialog = page.get_by_role("dialog", name="Neue Prüfung")
        dialog.get_by_label("SKU", exact=True).select_option("TEE-RED-M")
        dialog.get_by_label("Menge", exact=True).fill("2")
        dialog.get_by_label("Checkliste", exact=True).fill("Etikett")
        dialog.get_by_role("button", name="Anlegen", exact=True).click()
        expect(page.get_by_role("status")).to_contain_text("Prüfauftrag PA-000008 angelegt")
        page.get_by_role("button", name="Meldung schließen").click()
        expect(page.get_by_role("status")).to_have_count(0)

        page.goto(f"{url}/tasks/PA-000007")
        page.get_by_label("Note", exact=True).select_option("B")
        page.get_by_label("Verbleib", exact=True).select_option("REFURBISH")
        page.get_by_role("button", name="Verbleib buchen", exact=True).click()
        dialog = page.get_by_role("dialog", name="Buchung bestätigen")
        expect(dialog).to_contain_text("REFURBISH")
        assert world.count("audit") == 2, "nothing is booked before the dialog's own button"
        dialog.get_by_role("button", name="Abbrechen", exact=True).click()
        expect(dialog).to_be_hidden()
        page.get_by_role("button", name="Verbleib buchen", exact=True).click()
        dialog.get_by_role("button", name="Jetzt buchen", exact=True).click()
        expect(page.get_by_role("status")).to_contain_text("B / REFURBISH")

        page.get_by_role("link", name="Umlagerung anlegen", exact=True).click()
        page.get_by_label("Nach Lager", exact=True).select_option("PL-POZ")
        page.get_by_label("Menge", exact=True).fill("1")
        page.get_by_role("button", name="Umlagerung buchen", exact=True).click()
        dialog = page.get_by_role("dialog", name="Buchung bestätigen")
        expect(dialog).to_contain_text(re.compile(r"RMA-2026-000002.*HPH-01.*1.*DE-LEJ.*PL-POZ", re.DOTALL))
        dialog.get_by_role("button", name="Jetzt buchen", exact=True).click()
        expect(page.get_by_role("status")).to_contain_text("Umlagerung UL-000001 angelegt")

        world.tell_lies("wms", "skin", "redesign", times=1)
        page.goto(f"{url}/receipts/WE-000001")
        expect(page.get_by_role("button", name="QS-Auftrag erfassen", exact=True)).to_be_visible()
        assert page.locator("#new-task").count() == 0
        browser.close()
    assert problems == []
    assert world.count("transfers") == 1 and world.count("qc_tasks") == 2

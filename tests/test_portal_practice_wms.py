"""The WMS portal against the practice WMS in a real browser."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bots.automation.browser import BrowserHouse
from bots.automation.locators import load_book
from bots.cases.errors import BusinessException, ScreenChanged, SessionLost, Suppressed, SystemException
from bots.cases.model import DispositionInstruction, QcInstruction, TransferInstruction
from bots.portals.practice.wms import PracticeWms
from bots.portals.web import Access
from tests.backoffice.accounts import ACCOUNTS
from tests.backoffice.serving import serving
from tests.backoffice.wms.app import create_app
from tests.backoffice.wms.samples import put_receipt, put_task
from tests.backoffice.world import World
from tests.permits import TestPermit

LOCATORS = Path(__file__).parents[1] / "locators"
ACCOUNT = ACCOUNTS["wms"]
QC = QcInstruction(receipt_no="WE-000001", rma="RMA-2026-000001", sku="TEE-RED-M", qty=2, checklist=("Etikett noch am Artikel?", "Flecken?"))
DISPOSITION = DispositionInstruction(task_no="PA-000007", rma="RMA-2026-000002", grade="A-", disposition="RESELL_OPEN_BOX")
TRANSFER = TransferInstruction(task_no="PA-000009", rma="RMA-2026-000003", sku="HPH-01", qty=1, from_warehouse="DE-LEJ", to_warehouse="PL-POZ")


@pytest.fixture
def world(state: World) -> World:
    """The same few receipts and checks before each test; sessions stay."""
    state.empty("receipts", "receipt_lines", "qc_tasks", "transfers", "counters", "lies")
    put_receipt(state, 1, [("TEE-RED-M", 2, ""), ("HPH-01", 1, "SN-00001")])
    put_receipt(state, 2, [("HPH-01", 1, "SN-00002")], grams=12345, carton="crushed")
    put_receipt(state, 3, [("HPH-01", 1, "")], carton="opened")
    put_receipt(state, 4, [], rma="RMA-2026-0000021")
    put_task(state, 7, "WE-000002", "HPH-01", 1, note="Läuft.\nKratzer <oben>, 10 % Abzug.")
    put_task(state, 8, "WE-000001", "HPH-01", 1)
    put_task(state, 9, "WE-000003", "HPH-01", 1, note="ok", grade="B", disposition="REFURBISH")
    return state


@pytest.fixture(scope="module")
def url(state: World) -> Iterator[str]:
    with serving(create_app(state)) as base:
        yield base


@pytest.fixture
def wms(world: World, url: str, browser_house: BrowserHouse) -> PracticeWms:
    return PracticeWms("wms", browser_house, load_book(LOCATORS, "practice_wms"), Access(url, ACCOUNT.name, lambda: ACCOUNT.password))


# -- reading -------------------------------------------------------------------------------------------------------------


def test_check_logs_in_and_a_wrong_password_says_so(wms: PracticeWms, browser_house: BrowserHouse) -> None:
    assert "LagerPro" in wms.check()
    other = PracticeWms("wms2", browser_house, wms.book, Access(wms.access.url, ACCOUNT.name, lambda: "wrong"))
    with pytest.raises(SystemException, match="Passwort ist falsch") as raised:
        other.check()
    assert raised.value.code == "login_failed" and "wrong" not in str(raised.value)


def test_receipts_are_read_whole(wms: PracticeWms) -> None:
    receipts = wms.list_receipts()
    assert [receipt.receipt_no for receipt in receipts] == ["WE-000004", "WE-000003", "WE-000002", "WE-000001"]
    second = receipts[2]
    assert (second.dock_g, second.carton, second.warehouse, second.tracking_no) == (12345, "crushed", "DE-LEJ", "RR000000002DE")
    assert second.dock_at == datetime(2026, 10, 5, 8, 2, tzinfo=UTC) and second.source_system == "wms" and second.source_key == "WE-000002"

    whole = wms.read_receipt("WE-000001")
    assert whole and [(line.line_no, line.sku, line.qty, line.serial, line.gtin) for line in whole.lines] == [
        (1, "TEE-RED-M", 2, "", "4006381333931"),
        (2, "HPH-01", 1, "SN-00001", "4006381333931"),
    ]
    empty = wms.read_receipt("WE-000004")
    assert empty and empty.lines == () and empty.rma == "RMA-2026-0000021"
    assert wms.read_receipt("WE-999999") is None


def test_tasks_are_found_by_exactly_their_rma(wms: PracticeWms, world: World) -> None:
    with world.write() as db:
        db.execute("INSERT INTO receipt_lines VALUES ('WE-000004', 1, 'HPH-01', '', 1, '')")
    put_task(world, 10, "WE-000004", "HPH-01", 1)
    assert [task.task_no for task in wms.find_qc_tasks("RMA-2026-000002")] == ["PA-000007"], "RMA-2026-0000021 begins alike"
    assert wms.find_qc_tasks("RMA-2026-777777") == ()
    assert [task.task_no for task in wms.list_finished_qc_tasks()] == ["PA-000007"]
    task = wms.read_qc_task("PA-000007")
    assert task and task.note == "Läuft.\nKratzer <oben>, 10 % Abzug." and task.inspector == "Jana Krüger" and task.state == "done"
    assert task.finished_at == datetime(2026, 10, 6, 9, 30, tzinfo=UTC) and (task.grade, task.disposition) == ("", "")
    still_open = wms.read_qc_task("PA-000008")
    assert still_open and still_open.state == "open" and still_open.finished_at is None
    assert wms.read_qc_task("PA-999999") is None


def test_a_list_longer_than_a_page_is_read_to_its_end(wms: PracticeWms, world: World) -> None:
    for number in range(5, 520):
        put_receipt(world, number, [])
    receipts = wms.list_receipts()
    assert len(receipts) == len({receipt.receipt_no for receipt in receipts}) == 519


def test_an_expired_session_is_renewed_on_the_way(wms: PracticeWms, world: World) -> None:
    wms.list_receipts()
    with world.write() as db:
        db.execute("DELETE FROM web_sessions")
    assert len(wms.list_receipts()) == 4


def test_reading_survives_a_redesign_by_lower_ways(wms: PracticeWms, world: World) -> None:
    wms.forget_session()
    world.tell_lies("wms", "skin", "redesign", times=20)
    assert len(wms.list_receipts()) == 4
    task = wms.read_qc_task("PA-000007")
    assert task and task.note.startswith("Läuft.")
    assert {lower.element for lower in wms.screen.lowered} >= {"sign_in", "head"}


def test_unreadable_values_stop_the_reading(wms: PracticeWms, world: World) -> None:
    with world.write() as db:
        db.execute("UPDATE qc_tasks SET state = 'done', finished_at = NULL, qty = 1")
    original = dict(wms.book.pages)
    columns = original["tasks"].elements["tasks"].columns
    assert columns
    swapped = original["tasks"].elements["tasks"].model_copy(update={"columns": {**columns, "qty": "SKU"}})
    page = original["tasks"].model_copy(update={"elements": {**original["tasks"].elements, "tasks": swapped}})
    wms.screen.book = wms.book.model_copy(update={"pages": {**original, "tasks": page}})
    with pytest.raises(ScreenChanged, match="HPH-01"):
        wms.find_qc_tasks("RMA-2026-000002")


# -- writing -------------------------------------------------------------------------------------------------------------


def test_a_qc_task_is_asked_for_once(wms: PracticeWms, world: World) -> None:
    permit = TestPermit()
    wms.create_qc_task(QC, permit)
    assert permit.spent == 1 and set(permit.pictures) == {"before", "after"}
    made = wms.find_qc_tasks("RMA-2026-000001")
    assert [(task.task_no, task.sku, task.qty, task.state) for task in made] == [("PA-000010", "TEE-RED-M", 2, "open"), ("PA-000008", "HPH-01", 1, "open")]
    row = world.one("SELECT checklist FROM qc_tasks WHERE task_no = 'PA-000010'")
    assert row and row["checklist"].splitlines() == list(QC.checklist)
    with pytest.raises(SystemException, match="gibt es bereits") as raised:
        wms.create_qc_task(QC, TestPermit())
    assert raised.value.code == "error_after_commit" and world.count("qc_tasks") == 4


def test_a_dry_run_fills_the_form_and_writes_nothing(wms: PracticeWms, world: World) -> None:
    permit = TestPermit(dry=True)
    with pytest.raises(Suppressed):
        wms.create_qc_task(QC, permit)
    assert set(permit.pictures) == {"before"} and world.count("qc_tasks") == 3


@pytest.mark.parametrize(("change", "says"), [({"receipt_no": "WE-424242"}, "no receipt"), ({"sku": "NOT-HERE"}, "not NOT-HERE")])
def test_a_hopeless_qc_task_is_refused_before_the_click(wms: PracticeWms, change: dict[str, str], says: str) -> None:
    permit = TestPermit()
    with pytest.raises(BusinessException, match=says) as raised:
        wms.create_qc_task(QC.model_copy(update=change), permit)
    assert raised.value.code == "refused_by_backend" and permit.spent == 0


def test_the_wrong_rma_is_never_confirmed(wms: PracticeWms, world: World) -> None:
    for write, wanted in ((wms.create_qc_task, QC), (wms.book_disposition, DISPOSITION), (wms.create_transfer, TRANSFER)):
        permit = TestPermit()
        with pytest.raises(ScreenChanged) as raised:
            write(wanted.model_copy(update={"rma": "RMA-2026-000999"}), permit)
        assert raised.value.code == "confirm_mismatch" and permit.spent == 0
    assert world.count("transfers") == 0 and world.count("qc_tasks") == 3


def test_a_disposition_is_booked_on_a_finished_check_only(wms: PracticeWms, world: World) -> None:
    wms.book_disposition(DISPOSITION, TestPermit())
    task = wms.read_qc_task("PA-000007")
    assert task and (task.grade, task.disposition) == ("A-", "RESELL_OPEN_BOX")
    assert wms.list_finished_qc_tasks() == ()
    for task_no, says in (("PA-000007", "RESELL_OPEN_BOX"), ("PA-000008", "offen"), ("PA-424242", "no quality check")):
        permit = TestPermit()
        with pytest.raises(BusinessException, match=says):
            wms.book_disposition(DISPOSITION.model_copy(update={"task_no": task_no}), permit)
        assert permit.spent == 0


def test_a_transfer_is_booked_and_read_back(wms: PracticeWms, world: World) -> None:
    wms.create_transfer(TRANSFER, TestPermit())
    found = wms.find_transfers("RMA-2026-000003")
    assert [(t.transfer_no, t.task_no, t.sku, t.qty, t.from_warehouse, t.to_warehouse) for t in found] == [
        ("UL-000001", "PA-000009", "HPH-01", 1, "DE-LEJ", "PL-POZ")
    ]
    assert wms.find_transfers("RMA-2026-000001") == ()
    with pytest.raises(SystemException, match="übersteigt den Bestand 0"):
        wms.create_transfer(TRANSFER, TestPermit())
    with pytest.raises(BusinessException, match="PA-5 gibt es nicht"):
        wms.create_transfer(TRANSFER.model_copy(update={"task_no": "PA-5"}), TestPermit())
    assert world.count("transfers") == 1


@pytest.mark.parametrize(
    ("lie", "written", "raises"),
    [
        ("success_without_write", 0, None),
        ("write_without_banner", 1, None),
        ("error_after_write", 1, SystemException),
        ("double_submit", 1, SystemException),
        ("session_gone", 0, SessionLost),
    ],
)
def test_after_a_lie_only_reading_back_tells_the_truth(wms: PracticeWms, world: World, lie: str, written: int, raises: type[Exception] | None) -> None:
    world.tell_lies("wms", "create_qc_task", lie)
    permit = TestPermit()
    if raises is None:
        wms.create_qc_task(QC, permit)
    else:
        with pytest.raises(raises):
            wms.create_qc_task(QC, permit)
    assert permit.spent == 1, "clicked once, never again"
    assert len([task for task in wms.find_qc_tasks(QC.rma) if task.sku == QC.sku]) == written


def test_a_commit_button_that_was_redesigned_is_not_clicked(wms: PracticeWms, world: World) -> None:
    wms.list_receipts()
    world.tell_lies("wms", "skin", "redesign", times=5)
    permit = TestPermit()
    with pytest.raises(ScreenChanged):
        wms.create_qc_task(QC, permit)
    assert permit.spent == 0 and world.count("qc_tasks") == 3

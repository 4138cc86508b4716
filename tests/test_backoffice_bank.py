"""The practice bank keeps its own rules, tells its lies when told to, and its window works by keyboard alone."""

from __future__ import annotations

import csv
import io
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from bots.automation.clipboard import wait_until
from bots.automation.desktop import Desktop
from bots.automation.display import end
from tests.backoffice.accounts import ACCOUNTS
from tests.backoffice.bank import account
from tests.backoffice.bank.samples import FORMULA, JOERG, ZOFIA, command, put_payees, put_transfers
from tests.backoffice.bank.teller import COLUMNS, Dropped, Order, Refused, SignedOut, Teller, grouped, money, parse_money
from tests.backoffice.world import SAMPLES_START as START
from tests.backoffice.world import World

PROJECT = Path(__file__).parents[1]
SAMPLE = Path(__file__).parent / "samples" / "imports" / "bank_statement.csv"
RMA = "RMA-2026-000123"


@pytest.fixture
def world(tmp_path: Path) -> World:
    made = World.create(tmp_path / "world", START)
    put_payees(made, JOERG, FORMULA, ZOFIA)
    return made


@pytest.fixture
def teller(world: World) -> Teller:
    made = Teller(world)
    made.sign_in(account.USER, account.PIN)
    return made


def order(teller: Teller, amount: str = "1.234,56", currency: str = "EUR", reference: str = RMA) -> Order:
    return teller.check(teller.payees(JOERG[2])[0], amount, currency, reference)


def amounts(world: World) -> list[int]:
    return [row["amount"] for row in world.all("SELECT amount FROM bank_transfers ORDER BY transfer_id")]


# -- behind the window ---------------------------------------------------------------------------------------------------


def test_the_window_needs_the_standard_library_only() -> None:
    code = f"import sys; sys.path.insert(0, {str(PROJECT)!r}); import tests.backoffice.bank.window; print(*sorted(m for m in sys.modules if '.' not in m))"
    done = subprocess.run([sys.executable, "-I", "-S", "-c", code], capture_output=True, text=True, timeout=30, check=True)
    assert set(done.stdout.split()) - set(sys.stdlib_module_names) <= {"tests", "__main__"}
    assert (ACCOUNTS["bank"].name, ACCOUNTS["bank"].password) == (account.USER, account.PIN)


@pytest.mark.parametrize(("user", "pin"), [(account.USER, "wrong"), ("root", account.PIN), ("", "")])
def test_a_wrong_pin_is_refused(world: World, user: str, pin: str) -> None:
    with pytest.raises(Refused, match="PIN ist falsch"):
        Teller(world).sign_in(user, pin)


def test_payees_are_found_by_name_or_iban(teller: Teller) -> None:
    def found(query: str) -> list[str]:
        return [row["payee_id"] for row in teller.payees(query)]

    assert found("MÜLLER") == found("de89 3704") == ["P0000001"]
    assert found("") == ["P0000002", "P0000001", "P0000003"] and found("DE8937040044053201300X") == [] and found("%") == []


@pytest.mark.parametrize(("text", "currency", "minor"), [("1.234,56", "EUR", 123456), ("1234,5", "EUR", 123450), ("7", "PLN", 700), ("4.980", "JPY", 4980)])
def test_amounts_are_read_as_german(text: str, currency: str, minor: int) -> None:
    assert parse_money(text, currency) == minor


@pytest.mark.parametrize(
    ("text", "currency"), [("1,234.56", "EUR"), ("12.34", "EUR"), ("-1", "EUR"), ("1,234", "EUR"), ("", "EUR"), ("4,5", "JPY"), ("１", "EUR")]
)
def test_a_doubtful_amount_is_refused(text: str, currency: str) -> None:
    with pytest.raises(Refused, match="ist kein Betrag"):
        parse_money(text, currency)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"amount": "0"}, "größer als 0"),
        ({"currency": "XYZ"}, "nicht unterstützt"),
        ({"reference": " "}, "Verwendungszweck"),
        ({"reference": "x" * 61}, "Verwendungszweck"),
    ],
)
def test_a_bad_order_is_refused(teller: Teller, change: dict[str, str], says: str) -> None:
    with pytest.raises(Refused, match=says):
        order(teller, **change)


def test_money_and_iban_are_shown_as_people_write_them() -> None:
    assert (money(123456, "EUR"), money(5, "EUR"), money(4980, "JPY")) == ("1.234,56", "0,05", "4.980")
    assert grouped(JOERG[2]) == "DE89 3704 0044 0532 0130 00"


def test_a_transfer_is_written_and_stands_in_the_statement(teller: Teller, world: World) -> None:
    put_transfers(world, 60)
    assert teller.submit(order(teller)).transfer_id == "TR-000061"
    row = world.one("SELECT * FROM bank_transfers ORDER BY transfer_id DESC")
    assert row and (row["amount"], row["currency"], row["reference"], row["state"], row["created_by"], row["payee_id"]) == (
        123456,
        "EUR",
        RMA,
        "executed",
        account.USER,
        "P0000001",
    )
    assert len(teller.statement()) == 50 and teller.statement()[0]["transfer_id"] == "TR-000061"
    assert [row["amount"] for row in teller.statement("rma-2026-000007")] == [700], "the filter reaches behind the last fifty"


def test_the_statement_file_has_the_columns_of_the_sample(teller: Teller, world: World) -> None:
    put_transfers(world, 60)
    teller.submit(order(teller, "7", reference="=SUM(A1)"))
    assert tuple(SAMPLE.read_text(encoding="utf-8").splitlines()[0].split(",")) == COLUMNS
    text = teller.statement_csv()
    rows = list(csv.DictReader(io.StringIO(text)))
    assert (
        len(rows) == 61 and rows[59]["amount"] == "60,00" and (rows[60]["reference"], rows[60]["amount"], rows[60]["payee"]) == ("=SUM(A1)", "7,00", JOERG[1])
    )
    world.tell_lies("bank", "export", "cut_download")
    cut = teller.statement_csv()
    assert text.startswith(cut) and len(cut) < len(text)


@pytest.mark.parametrize(
    ("lie", "written", "raises"),
    [
        ("success_without_write", 0, None),
        ("write_without_banner", 1, None),
        ("error_after_write", 1, Dropped),
        ("double_submit", 2, None),
        ("session_gone", 0, SignedOut),
        ("server_error", 0, Refused),
    ],
)
def test_lies_when_transferring(teller: Teller, world: World, lie: str, written: int, raises: type[Exception] | None) -> None:
    world.tell_lies("bank", "submit_transfer", lie, match=RMA)
    sent = order(teller)
    if raises is None:
        receipt = teller.submit(sent)
        assert receipt.transfer_id.startswith("TR-") and receipt.silent is (lie == "write_without_banner")
    else:
        with pytest.raises(raises):
            teller.submit(sent)
    assert len(amounts(world)) == written


def test_the_confirm_dialog_may_lie_about_the_amount(teller: Teller, world: World) -> None:
    world.tell_lies("bank", "confirm", "other_amount", amount=999900)
    teller.submit(order(teller))
    assert amounts(world) == [999900], "who confirms that pays that"


# -- the window -------------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def desktop() -> Iterator[Desktop]:
    with Desktop().opened() as made:
        yield made


@pytest.fixture
def start(desktop: Desktop, world: World, tmp_path: Path) -> Iterator[Callable[..., None]]:
    """Start the window on `world` with further options; it is closed after the test."""
    running: list[subprocess.Popen[bytes]] = []

    def started(*more: str) -> None:
        desktop.park()
        with tempfile.TemporaryFile() as errors:
            running.append(desktop.display.start(command(world, tmp_path / "exports", *more), errors.fileno()))
        see("Anmeldung", desktop)

    yield started
    for program in running:
        end(program)


def see(title: str, desktop: Desktop) -> None:
    assert desktop.wait_for_window(f"KontoDirekt – {title}", 10), f"{title!r} is awaited, {desktop.windows.focused()!r} is shown"


def sign_in(desktop: Desktop, pin: str = account.PIN) -> None:
    desktop.press("alt+b")
    desktop.type(account.USER)
    desktop.press("tab")
    desktop.type_secret(pin)
    desktop.press("enter")


@pytest.mark.desktop
def test_a_clerk_transfers_by_keyboard(desktop: Desktop, world: World, start: Callable[..., None], tmp_path: Path) -> None:
    start()
    assert desktop.windows.place("KontoDirekt – Anmeldung") == (0, 0, 900, 640)
    sign_in(desktop, "wrong")
    see("Fehler", desktop)
    assert "Benutzer oder PIN ist falsch." in (desktop.copied("ctrl+c", 5) or "")
    desktop.press("enter")
    see("Anmeldung", desktop)
    sign_in(desktop)
    see("Empfänger", desktop)
    assert desktop.write("müller", 5) == "müller"
    desktop.press("enter alt+t")
    assert desktop.copied("ctrl+a ctrl+c", 5) == "Nr.\tName\tIBAN\tLand\nP0000001\tJörg Müller-Weiß\tDE89 3704 0044 0532 0130 00\tDE"
    desktop.press("enter")
    see("Überweisung", desktop)
    desktop.type("0,05")
    desktop.press("tab tab")
    desktop.type(RMA)
    desktop.press("enter")
    see("Auftrag bestätigen", desktop)
    lines = (desktop.copied("ctrl+c", 5) or "").splitlines()
    assert lines[1] == "Auftrag bestätigen" and lines[-2] == "Überweisen   Abbrechen"
    assert lines[3:7] == ["Empfänger: Jörg Müller-Weiß", "IBAN: DE89 3704 0044 0532 0130 00", "Betrag: 0,05 EUR", f"Verwendungszweck: {RMA}"]
    desktop.press("enter")
    see("Überweisung", desktop)
    assert amounts(world) == [], "Enter presses Abbrechen"
    desktop.press("alt+w")
    see("Auftrag bestätigen", desktop)
    desktop.press("alt+r")
    see("Auftrag ausgeführt", desktop)
    assert amounts(world) == [5]
    desktop.press("escape f4")
    see("Umsätze", desktop)
    desktop.press("alt+e")
    see("Export", desktop)
    assert (tmp_path / "exports" / "statement.csv").read_text(encoding="utf-8").count(RMA) == 1
    desktop.press("enter f10")
    see("Anmeldung", desktop)


@pytest.mark.desktop
def test_tab_stays_on_the_page_and_paste_replaces(desktop: Desktop, start: Callable[..., None]) -> None:
    start()
    sign_in(desktop)
    see("Empfänger", desktop)
    desktop.type("abc")
    assert desktop.copied("shift+tab tab ctrl+a ctrl+c", 5) == "abc", "there and back again"
    assert desktop.write("Größer 王小明", 5) == "Größer 王小明"


@pytest.mark.desktop
def test_the_session_ends_when_nobody_works(desktop: Desktop, start: Callable[..., None]) -> None:
    start("--max-idle", "0.7")
    sign_in(desktop)
    see("Empfänger", desktop)
    see("Anmeldung", desktop)


@pytest.mark.desktop
def test_a_redesign_changes_captions_and_keys(desktop: Desktop, world: World, start: Callable[..., None]) -> None:
    start()
    sign_in(desktop)
    see("Empfänger", desktop)
    usual = desktop.picture()
    world.tell_lies("bank", "skin", "redesign", times=3)
    desktop.press("f2")
    assert wait_until(lambda: world.one("SELECT 1 FROM lies WHERE times > 0 AND times < 3") is not None, 5)
    see("Empfänger", desktop)
    assert wait_until(lambda: desktop.picture() != usual, 5)

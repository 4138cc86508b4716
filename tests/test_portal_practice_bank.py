"""The bank portal against the practice bank's real window on a private display."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bots.automation.desktop import Desktop
from bots.automation.locators import load_book
from bots.cases.errors import BusinessException, ScreenChanged, SessionLost, Suppressed, SystemException
from bots.cases.model import RefundInstruction, RefundState
from bots.cases.money import Money
from bots.portals.practice.bank import PracticeBank
from bots.portals.web import Access
from tests.backoffice.bank import account
from tests.backoffice.bank.samples import FORMULA, JOERG, ZOFIA, command, put_payees, put_transfers
from tests.backoffice.world import World
from tests.permits import TestPermit

pytestmark = pytest.mark.desktop

BOOK = load_book(Path(__file__).parents[1] / "locators", "practice_bank")
RMA = "RMA-2026-990001"
TRANSFER = RefundInstruction(
    order_no="DE-2026-104233", rma=RMA, amount=Money(minor=123456, currency="EUR"), reason="return", payee_name=JOERG[1], payee_iban=JOERG[2]
)


@pytest.fixture(scope="module")
def desktop() -> Iterator[Desktop]:
    with Desktop().opened() as made:
        yield made


@pytest.fixture
def world(state: World) -> World:
    """The same payees before each test, and sixty transfers; the window stays open."""
    state.empty("bank_payees", "bank_transfers", "counters", "lies")
    put_payees(state, JOERG, FORMULA, ZOFIA)
    put_transfers(state, 60)
    return state


@pytest.fixture(scope="module")
def make(desktop: Desktop, state: World) -> Iterator[Callable[..., PracticeBank]]:
    made: list[PracticeBank] = []

    def bank(pin: str = account.PIN, *more: str) -> PracticeBank:
        access = Access("", account.USER, lambda: pin)
        made.append(PracticeBank("bank", BOOK, access, command(state, "{downloads}", *more), state.folder / "downloads", desktop=desktop, timeout_s=4))
        return made[-1]

    yield bank
    for one in made:
        one.forget_session()


@pytest.fixture(scope="module")
def open_bank(make: Callable[..., PracticeBank]) -> PracticeBank:
    return make()


@pytest.fixture
def bank(open_bank: PracticeBank, world: World) -> PracticeBank:
    return open_bank


def written(world: World) -> list[int]:
    return [row["amount"] for row in world.all("SELECT amount FROM bank_transfers WHERE reference = ?", RMA)]


# -- log-in ------------------------------------------------------------------------------------------------------------------


def test_check_logs_in(bank: PracticeBank) -> None:
    assert "KontoDirekt answers" in bank.check()


def test_a_wrong_pin_says_so_and_is_in_no_message(make: Callable[..., PracticeBank], open_bank: PracticeBank) -> None:
    open_bank.forget_session()
    bank = make("wrong-pin-17")
    with pytest.raises(SystemException, match="PIN ist falsch") as raised:
        bank.check()
    assert raised.value.code == "login_failed" and "wrong-pin-17" not in str(raised.value)
    bank.forget_session()


def test_a_pin_that_has_no_keys_is_never_pasted(make: Callable[..., PracticeBank], open_bank: PracticeBank, desktop: Desktop) -> None:
    open_bank.forget_session()
    bank = make("geheim-Größe")
    with pytest.raises(SystemException) as raised:
        bank.check()
    assert raised.value.code == "secret_untypable" and "geheim" not in desktop.clipboard.read()
    bank.forget_session()


def test_a_program_that_does_not_start_says_why(make: Callable[..., PracticeBank], tmp_path: Path) -> None:
    bank = make()
    bank.screen.command = (*bank.screen.command[:2], "--state", str(tmp_path))
    with pytest.raises(SystemException, match="there is no practice world here") as raised:
        bank.check()
    assert raised.value.code == "program_missing"


def test_a_lost_session_and_a_closed_window_are_opened_anew(bank: PracticeBank, world: World) -> None:
    world.tell_lies("bank", "statement", "session_gone")
    assert bank.find_transfers("RMA-2026-000007")
    assert bank.screen._program is not None
    bank.screen._program.kill()
    bank.screen._program.wait()
    assert bank.find_transfers("RMA-2026-000007")


# -- reading -----------------------------------------------------------------------------------------------------------------


def test_payees_are_found_by_exactly_their_iban(bank: PracticeBank) -> None:
    payee = bank.find_payee("DE89 3704 0044 0532 0130 00")
    assert payee and (payee.payee_id, payee.name, payee.iban, payee.country) == (*JOERG, "DE")
    formula = bank.find_payee(FORMULA[2])
    assert formula and formula.name == FORMULA[1]
    assert bank.find_payee("DE8937040044053201300") is None, "a part of another IBAN is no IBAN"
    assert bank.find_payee("FR7630006000011234567890189") is None


def test_transfers_are_found_by_exactly_their_reference(bank: PracticeBank, world: World) -> None:
    found = bank.find_transfers("RMA-2026-000007")
    assert [(t.refund_id, t.amount, t.state, t.payee) for t in found] == [("TR-000007", Money(minor=700, currency="EUR"), RefundState.SETTLED, JOERG[2])]
    assert found[0].created_at == datetime(2026, 10, 5, 8, 0, tzinfo=UTC) and found[0].source_system == "bank"
    assert bank.find_transfers("RMA-2026-00000") == () == bank.find_transfers("RMA-2026-777777")


def test_the_statement_is_exported_whole_or_not_at_all(bank: PracticeBank, world: World, tmp_path: Path) -> None:
    file = bank.export_statement(tmp_path)
    assert file == tmp_path / "bank-statement.csv" and file.read_text(encoding="utf-8").count("\n") == 61
    file.unlink()
    world.tell_lies("bank", "export", "cut_download")
    with pytest.raises(SystemException, match="cut off") as raised:
        bank.export_statement(tmp_path)
    assert raised.value.code == "download_failed" and not file.exists()
    assert bank.export_statement(tmp_path).exists()


# -- transferring --------------------------------------------------------------------------------------------------------------


def test_a_transfer_is_made_once_and_read_back(bank: PracticeBank, world: World) -> None:
    bank.check()
    permit = TestPermit()
    bank.submit_transfer(TRANSFER, permit)
    found = bank.find_transfers(RMA)
    assert permit.spent == 1 and set(permit.pictures) == {"before", "after"} and permit.pictures["before"][:2] == b"\xff\xd8"
    assert [(t.refund_id, t.amount, t.payee) for t in found] == [("TR-000061", TRANSFER.amount, JOERG[2])]


@pytest.mark.parametrize(("minor", "currency"), [(1, "EUR"), (4980, "JPY"), (123456789, "PLN")])
def test_amounts_of_every_size_and_currency(bank: PracticeBank, world: World, minor: int, currency: str) -> None:
    amount = Money(minor=minor, currency=currency)
    bank.submit_transfer(TRANSFER.model_copy(update={"amount": amount, "payee_iban": FORMULA[2], "payee_name": FORMULA[1]}), TestPermit())
    assert [(t.amount, t.payee) for t in bank.find_transfers(RMA)] == [(amount, FORMULA[2])]


def test_a_dry_run_fills_the_form_and_withdraws(bank: PracticeBank, world: World, desktop: Desktop) -> None:
    permit = TestPermit(dry=True)
    with pytest.raises(Suppressed):
        bank.submit_transfer(TRANSFER, permit)
    assert set(permit.pictures) == {"before"} and written(world) == []
    assert desktop.windows.focused() == "KontoDirekt – Überweisung"


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"payee_iban": "FR7630006000011234567890189"}, "0 payees"),
        ({"payee_name": "Jörg Müller"}, "expected one"),
        ({"amount": Money(minor=0, currency="EUR")}, "größer als 0"),
        ({"amount": Money(minor=100, currency="SEK")}, "nicht unterstützt"),
    ],
)
def test_a_hopeless_transfer_is_refused_before_the_key(bank: PracticeBank, world: World, change: dict[str, object], says: str) -> None:
    permit = TestPermit()
    with pytest.raises(BusinessException, match=says) as raised:
        bank.submit_transfer(TRANSFER.model_copy(update=change), permit)
    assert raised.value.code == "refused_by_backend" and permit.spent == 0 and written(world) == []


def test_two_payees_with_one_iban_are_a_matter_for_people(bank: PracticeBank, world: World) -> None:
    put_payees(world, ("P0000009", JOERG[1], JOERG[2]))
    with pytest.raises(BusinessException, match="2 payees"):
        bank.submit_transfer(TRANSFER, TestPermit())


@pytest.mark.parametrize("other", [1123456, 12345, 123457])
def test_another_amount_in_the_dialog_is_never_confirmed(bank: PracticeBank, world: World, desktop: Desktop, other: int) -> None:
    world.tell_lies("bank", "confirm", "other_amount", amount=other)
    permit = TestPermit()
    with pytest.raises(ScreenChanged, match="other terms") as raised:
        bank.submit_transfer(TRANSFER, permit)
    assert raised.value.code == "confirm_mismatch" and permit.spent == 0 and written(world) == []
    assert desktop.windows.focused() == "KontoDirekt – Überweisung", "the dialog was left by Abbrechen"


@pytest.mark.parametrize(
    ("lie", "count", "raises"),
    [
        ("success_without_write", 0, None), ("write_without_banner", 1, None), ("double_submit", 2, None), ("slow", 1, None), ("error_after_write", 1, SystemException),
        ("server_error", 0, SystemException), ("session_gone", 0, SessionLost),
    ],
)  # fmt: skip
def test_after_a_lie_only_reading_back_tells_the_truth(bank: PracticeBank, world: World, lie: str, count: int, raises: type[Exception] | None) -> None:
    world.tell_lies("bank", "submit_transfer", lie, seconds=1)
    permit = TestPermit()
    if raises is None:
        bank.submit_transfer(TRANSFER, permit)
    else:
        with pytest.raises(raises):
            bank.submit_transfer(TRANSFER, permit)
    assert permit.spent == 1, "pressed once, never again"
    assert len(bank.find_transfers(RMA)) == count


def test_a_redesigned_program_is_not_believed(bank: PracticeBank, world: World) -> None:
    bank.check()
    world.tell_lies("bank", "skin", "redesign", times=10)
    permit = TestPermit()
    for use in (lambda: bank.submit_transfer(TRANSFER, permit), lambda: bank.find_payee(JOERG[2]), lambda: bank.find_transfers(RMA)):
        with pytest.raises(ScreenChanged, match="search for") as raised:
            use()
        assert raised.value.code == "search_ignored"
    assert permit.spent == 0 and written(world) == []
    with world.write() as db:
        db.execute("DELETE FROM lies")
    bank.forget_session()
    assert bank.find_payee(JOERG[2])


def test_a_redesigned_dialog_is_withdrawn(bank: PracticeBank, world: World, desktop: Desktop) -> None:
    """The redesign comes over the transfer form only: another title, other captions."""
    payee = bank.find_payee(JOERG[2])
    assert payee
    world.tell_lies("bank", "skin", "redesign", match="Überweisung")
    permit = TestPermit()
    with pytest.raises(ScreenChanged):
        bank.submit_transfer(TRANSFER, permit)
    assert permit.spent == 0 and written(world) == []
    bank.forget_session()

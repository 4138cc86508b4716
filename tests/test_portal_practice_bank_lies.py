"""What becomes of a transfer when the bank's window lies: never a wrong one, never two; before the key nothing, after it the statement's word."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from bots.automation.desktop import Desktop
from bots.automation.display import end
from bots.automation.locators import load_book
from bots.cases.errors import NeedsCheck, SystemException
from bots.cases.ledger import CommitRow, Intent, Ledger, LedgerPermit, only_one
from bots.cases.model import RefundInstruction
from bots.cases.money import Money
from bots.cases.store import Case, Store
from bots.portals.practice.bank import PracticeBank
from bots.portals.web import Access
from tests.backoffice.bank import account, stranger
from tests.backoffice.bank.samples import FORMULA, JOERG, ZOFIA, command, put_payees, put_transfers
from tests.backoffice.bank.teller import OTHER_IBAN
from tests.backoffice.world import SAMPLES_START as START
from tests.backoffice.world import World
from tests.permits import TestPermit
from tests.stores import a_case

pytestmark = pytest.mark.desktop

BOOK = load_book(Path(__file__).parents[1] / "locators", "practice_bank")
RMA = "RMA-2026-990001"
FORM, CONFIRM, PAYEES, STATEMENT = "Überweisung", "Auftrag bestätigen", "Empfänger", "Umsätze"
TERMS = {"payee": JOERG[2], "amount": 123456}
TRANSFER = RefundInstruction(
    order_no="DE-2026-104233", rma=RMA, amount=Money(minor=123456, currency="EUR"), reason="return", payee_name=JOERG[1], payee_iban=JOERG[2]
)
INTENT = Intent(f"refund:DE-2026-104233:{RMA}", "refund", "refunds", "bank", TERMS, TRANSFER.amount, JOERG[2])


@dataclass
class Road:
    """A refund by transfer on the whole road: ledger, portal, window, bank."""

    world: World
    bank: PracticeBank
    ledger: Ledger
    case: Case

    def look(self) -> str | None:
        return only_one("a transfer", RMA, (transfer.refund_id for transfer in self.bank.find_transfers(RMA)))

    def pay(self) -> str:
        return self.ledger.carry_out(self.case, INTENT, look=self.look, act=lambda permit: self.bank.submit_transfer(TRANSFER, permit))

    def pay_afresh(self) -> str:
        """As the runner tries again: nobody lies any more, the program is started anew."""
        self.world.forget_lies()
        self.bank.forget_session()
        return self.pay()

    @property
    def row(self) -> CommitRow:
        found = self.ledger.find(INTENT.natural_key)
        assert found is not None
        return found

    @property
    def paid(self) -> list[tuple[int, str]]:
        """What the bank itself knows to have been transferred for this return: (minor units, payee's IBAN)."""
        rows = self.world.all("SELECT amount, iban FROM bank_transfers JOIN bank_payees USING (payee_id) WHERE reference = ?", RMA)
        return [(row["amount"], row["iban"]) for row in rows]


ONCE = [(123456, JOERG[2])]
MANY = 9999
"""More copies than a bot can ask for while it waits."""


@pytest.fixture(scope="module")
def desktop() -> Iterator[Desktop]:
    with Desktop().opened() as made:
        yield made


@pytest.fixture(scope="module")
def open_bank(desktop: Desktop, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[World, PracticeBank]]:
    world = World.create(tmp_path_factory.mktemp("world"), START)
    access = Access("", account.USER, lambda: account.PIN)
    bank = PracticeBank("bank", BOOK, access, command(world, "{downloads}"), world.folder / "downloads", desktop=desktop, timeout_s=3)
    yield world, bank
    bank.forget_session()


@pytest.fixture
def road(open_bank: tuple[World, PracticeBank], store: Store) -> Road:
    world, bank = open_bank
    world.empty("bank_payees", "bank_transfers", "counters", "lies")
    put_payees(world, JOERG, FORMULA, ZOFIA)
    put_transfers(world, 5)
    return Road(world, bank, Ledger(store, lambda case, intent: None, lambda *_: None), a_case(store, TRANSFER.order_no))


TWO_AMOUNTS = f"Empfänger: {JOERG[1]}\nIBAN: DE89 3704 0044 0532 0130 00\nBetrag: 9.999,00 EUR\nBetrag: 1.234,56 EUR\nVerwendungszweck: {RMA}"
# (action, lie, text that the action must be about, further facts, code of the error)
BEFORE: dict[str, tuple[str, str, str, dict[str, Any], str]] = {
    "closed in mid-form": ("form", "window_closed", "", {}, "program_ended"),
    "closed at the confirm step": ("confirm", "window_closed", "", {}, "program_ended"),
    "logged out in mid-form": ("form", "session_gone", "", {}, "session_lost"),
    "logged out at the confirm step": ("confirm", "session_gone", "", {}, "session_lost"),
    "another amount": ("confirm", "other_amount", "", {}, "confirm_mismatch"),
    "another payee": ("confirm", "other_payee", "", {"iban": OTHER_IBAN}, "confirm_mismatch"),
    "another window in mid-form": ("form", "other_window", "", {}, "window_covered"),
    "another window at the confirm step": ("confirm", "other_window", "", {}, "window_covered"),
    "the form cannot be copied": ("copy", "lost_clipboard", FORM, {}, "confirm_mismatch"),
    "the dialog cannot be copied": ("copy", "lost_clipboard", CONFIRM, {}, "screen_changed"),
    "the payees cannot be copied": ("copy", "lost_clipboard", PAYEES, {}, "field_mismatch"),
    "the statement cannot be copied": ("copy", "lost_clipboard", STATEMENT, {}, "field_mismatch"),
    "somebody else's text in the form": ("copy", "lost_clipboard", FORM, {"text": "1,00"}, "confirm_mismatch"),
    "somebody else's text in the dialog": ("copy", "lost_clipboard", CONFIRM, {"text": "IBAN: none of ours"}, "screen_changed"),
    "an amount that stands twice in the dialog": ("copy", "lost_clipboard", CONFIRM, {"text": TWO_AMOUNTS}, "screen_changed"),
    "a statement that ignores its filter": ("statement", "filter_ignored", RMA, {}, "search_ignored"),
    "payees that ignore their filter": ("search", "filter_ignored", JOERG[2], {}, "search_ignored"),
    "a count without its rows": ("search", "slow_repaint", JOERG[2], {"seconds": 600, "hits_first": True}, "search_ignored"),
    "a statement that is never painted": ("statement", "slow_repaint", RMA, {"seconds": 600}, "search_ignored"),
    "payees that are never painted": ("search", "slow_repaint", JOERG[2], {"seconds": 600}, "search_ignored"),
    "a dialog that is never painted": ("confirm", "slow_repaint", "", {"seconds": 600}, "screen_changed"),
}


@pytest.mark.parametrize("name", BEFORE)
def test_before_the_key_nothing_happens_and_a_second_try_is_safe(road: Road, name: str) -> None:
    action, lie, about, facts, code = BEFORE[name]
    road.world.tell_lies("bank", action, lie, match=about, times=MANY if action == "copy" else 1, **facts)
    with pytest.raises(SystemException) as raised:
        road.pay()
    assert raised.value.code == code
    assert road.world.told_lies()[-1]["lie"] == lie and road.paid == [] and (road.row.state, road.row.clicked_at) == ("intended", None)
    assert road.pay_afresh() == "TR-000006" and road.paid == ONCE and road.row.state == "confirmed"


HARMLESS: dict[str, tuple[str, str, str, dict[str, Any]]] = {
    "a form painted late": ("confirm", "slow_repaint", "", {"seconds": 1}),
    "payees painted late": ("search", "slow_repaint", JOERG[2], {"seconds": 1}),
    "a statement painted late": ("statement", "slow_repaint", RMA, {"seconds": 1}),
    "one copy of the form is lost": ("copy", "lost_clipboard", FORM, {}),
    "one copy of the dialog is lost": ("copy", "lost_clipboard", CONFIRM, {}),
    "one copy of the statement is lost": ("copy", "lost_clipboard", STATEMENT, {}),
    "another window for a moment": ("form", "other_window", "", {"seconds": 1}),
    "a slow bank": ("confirm", "slow", "", {"seconds": 1}),
}


@pytest.mark.parametrize("name", HARMLESS)
def test_what_passes_is_waited_for(road: Road, name: str) -> None:
    action, lie, about, facts = HARMLESS[name]
    road.world.tell_lies("bank", action, lie, match=about, **facts)
    assert road.pay() == "TR-000006" and road.paid == ONCE
    assert road.world.waiting_lies() == []


@pytest.mark.parametrize("lie", ["write_without_banner", "error_after_write", "closed_after_write", "slow", "other_window"])
def test_after_the_key_the_statement_confirms(road: Road, lie: str) -> None:
    road.world.tell_lies("bank", "submit_transfer", lie, seconds=1)
    assert road.pay() == "TR-000006" and road.paid == ONCE and road.row.state == "confirmed"
    assert road.pay_afresh() == "TR-000006" and road.paid == ONCE, "done is done"


@pytest.mark.parametrize("lie", ["success_without_write", "server_error", "session_gone", "window_closed", "closed_before_write"])
def test_after_the_key_what_the_statement_does_not_show_is_frozen(road: Road, lie: str) -> None:
    road.world.tell_lies("bank", "submit_transfer", lie)
    with pytest.raises(NeedsCheck):
        road.pay()
    assert road.row.state == "needs_check" and road.paid == []
    with pytest.raises(NeedsCheck):
        road.pay_afresh()
    assert road.paid == [], "never pressed again"
    assert road.ledger.look_again(road.case, INTENT.natural_key, road.look) is None
    assert road.ledger.decide(road.case, happened=False, by="Ana") == 1
    assert road.pay() == "TR-000006" and road.paid == ONCE


def test_a_statement_that_cannot_be_read_freezes_and_later_confirms(road: Road) -> None:
    """The program goes down whenever the statement is asked for: what became of the key can only be seen once that is over."""

    def act(permit: LedgerPermit) -> None:
        road.world.tell_lies("bank", "statement", "window_closed", match=RMA)
        road.bank.submit_transfer(TRANSFER, permit)

    with pytest.raises(NeedsCheck):
        road.ledger.carry_out(road.case, INTENT, look=road.look, act=act)
    assert road.row.state == "needs_check" and road.paid == ONCE
    assert road.ledger.look_again(road.case, INTENT.natural_key, road.look) == "TR-000006"
    assert road.row.state == "confirmed" and road.pay() == "TR-000006" and road.paid == ONCE


def test_two_transfers_of_one_key_are_told(road: Road) -> None:
    road.world.tell_lies("bank", "submit_transfer", "double_submit")
    with pytest.raises(NeedsCheck) as raised:
        road.pay()
    assert raised.value.code == "made_twice" and road.paid == ONCE * 2
    with pytest.raises(NeedsCheck):
        road.pay_afresh()
    assert road.paid == ONCE * 2


@pytest.mark.parametrize("hits_first", [False, True])
def test_a_transfer_that_is_not_painted_yet_is_not_taken_for_missing(road: Road, hits_first: bool) -> None:
    """Somebody paid by hand; the statement stands empty for a while: an empty table is no proof that nothing was paid."""
    with road.world.write() as db:
        values = (JOERG[0], RMA, START.isoformat(), START.isoformat())
        db.execute("INSERT INTO bank_transfers VALUES ('TR-000099', ?, 'EUR', 123456, ?, 'executed', ?, 'clerk', ?)", values)
    road.world.tell_lies("bank", "statement", "slow_repaint", match=RMA, seconds=1.5, hits_first=hits_first)
    assert road.pay() == "TR-000099" and road.paid == ONCE and road.row.note == "found by looking first"


@dataclass
class SlowPermit(TestPermit):
    """Somebody else's window comes up while the click is written down."""

    up: Callable[[], None] = lambda: None

    def spend(self) -> None:
        super().spend()
        self.up()


def test_a_window_that_comes_right_before_the_key_gets_no_key(road: Road, desktop: Desktop) -> None:
    strangers: list[subprocess.Popen[bytes]] = []

    def up() -> None:
        environment = desktop.display.variables()
        strangers.append(subprocess.Popen([sys.executable, stranger.__file__], env=environment, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL))
        assert desktop.wait_for_window(stranger.TITLE, 20)

    permit = SlowPermit(up=up)
    try:
        with pytest.raises(SystemException, match="was not pressed") as raised:
            road.bank.submit_transfer(TRANSFER, permit)
        assert raised.value.code == "window_covered" and desktop.windows.focused() == stranger.TITLE
        assert permit.spent == 1 and road.paid == []
        assert road.look() is None, "the program is started anew, over what is still there"
    finally:
        for one in strangers:
            end(one)


def test_nothing_is_typed_into_another_window(road: Road, desktop: Desktop) -> None:
    """Its line stays empty: neither amount nor reference, and least of all a PIN, ever reaches a stranger."""
    road.bank.check()
    road.world.tell_lies("bank", "statement", "other_window", match=RMA)
    with pytest.raises(SystemException) as raised:
        road.bank.find_transfers(RMA)
    assert raised.value.code == "window_covered" and stranger.TITLE in str(raised.value)
    for use in (
        lambda: road.bank.screen.fill("reference", "secret"),
        lambda: road.bank.screen.fill_secret("reference", "secret"),
        lambda: road.bank.screen.click("show"),
    ):
        with pytest.raises(SystemException) as raised:
            use()
        assert raised.value.code == "window_covered"
    assert desktop.windows.focused() == stranger.TITLE and desktop.copied("ctrl+a ctrl+c", 0.5) is None
    road.bank.screen.withdraw("exported")
    assert road.bank.screen._program is None, "a dialog that may wait underneath is left by ending the program, not by a key"
    assert road.bank.find_payee(JOERG[2]) and desktop.windows.focused() == "KontoDirekt – Empfänger", "a new window comes up on top"

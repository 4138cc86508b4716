"""The ERP portal on a real Tryton 8.0 through its desktop client (GTK), on a private display: accessibility first, then keys and pictures.
Every outcome is checked in Tryton's own books, past the screens.

The first run on a machine installs Tryton (about five minutes); `python -m tests.products.tryton.install` and `tryton.desktop` do it ahead.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import cv2
import pytest

from bots.automation.clipboard import wait_until
from bots.automation.locators import Book, Element, Way, load_book
from bots.cases.errors import BusinessException, ConfigProblem, ScreenChanged, Suppressed, SystemException
from bots.cases.ledger import Intent, Ledger, LedgerPermit, seen_first
from bots.cases.model import CreditNoteInstruction, ReplacementInstruction, ReturnInstruction
from bots.cases.money import Money
from bots.cases.store import Store
from bots.operations.setup import accessible_packages, product_packages
from bots.portals.contract import run_checks, wrong_verbs
from bots.portals.contract_bench import Bench
from bots.portals.tryton.desktop import TrytonDesktopErp
from bots.portals.tryton.values import read_pieces
from bots.portals.web import Access
from tests.permits import TestPermit
from tests.products import ready
from tests.products.tryton.desktop import ensure_desktop
from tests.products.tryton.install import ensure_installed
from tests.products.tryton.server import ERP, ERP_GERMAN, PASSWORD, TrytonServer, truth
from tests.stores import a_case

pytestmark = [pytest.mark.desktop, pytest.mark.tryton, pytest.mark.slow, pytest.mark.long, pytest.mark.timeout(3600)]  # the first run installs

LOCATORS = Path(__file__).parents[1] / "locators"


@pytest.fixture(scope="module")
def command() -> tuple[str, str]:
    ready.have([*accessible_packages(), *product_packages()], "Tryton's desktop client")
    return ready.installed(ensure_desktop, "Tryton's desktop client")


@pytest.fixture(scope="module")
def server(command: tuple[str, str]) -> Iterator[TrytonServer]:
    with TrytonServer(ready.installed(ensure_installed, "Tryton")) as running:
        yield running


def portal(server: TrytonServer, command: tuple[str, str], folder: Path, account: str = ERP, password: str = PASSWORD) -> TrytonDesktopErp:
    address = f"tryton://{server.url.split('/')[2]}/{server.database}"
    return TrytonDesktopErp("erp", load_book(LOCATORS, "tryton_desktop"), Access(address, account, lambda: password), command, folder)


@pytest.fixture(scope="module")
def erp(server: TrytonServer, command: tuple[str, str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[TrytonDesktopErp]:
    made = portal(server, command, tmp_path_factory.mktemp("client"))
    yield made
    made.close()


def euros(minor: int) -> Money:
    return Money(minor=minor, currency="EUR")


def a_return(order_no: str, rma: str, *lines: tuple[str, int], **more: Any) -> ReturnInstruction:
    return ReturnInstruction(order_no=order_no, rma=rma, reason="DEFECTIVE", lines=lines, **more)


def with_ways(book: Book, page: str, name: str, *ways: Way) -> Book:
    """The book with other ways to one element."""
    where = book.pages[page]
    element: Element = where.elements[name].model_copy(update={"ways": ways})
    changed = where.model_copy(update={"elements": {**where.elements, name: element}})
    return book.model_copy(update={"pages": {**book.pages, page: changed}})


def processes_of(bus: str) -> set[str]:
    """Commands of all processes that know this message bus."""
    found = set()
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if f"={bus}".encode() in (folder / "environ").read_bytes():
                found.add((folder / "cmdline").read_bytes().replace(b"\0", b" ").decode())
        except OSError:  # it has just ended, or is somebody else's
            continue
    return found


# -- in and out --------------------------------------------------------------------------------------------------------------


def test_a_refused_log_in_and_a_wrong_address(server: TrytonServer, command: tuple[str, str], tmp_path: Path) -> None:
    wrong = portal(server, command, tmp_path, password="not-the-password")
    try:
        with pytest.raises(SystemException, match="asks for the password again") as raised:
            wrong.check()
        assert raised.value.code == "login_failed" and "not-the-password" not in str(raised.value)
    finally:
        wrong.close()
    for address in ("tryton://127.0.0.1:8000", "http://127.0.0.1:8000/#erp", "tryton:///erp"):
        with pytest.raises(ConfigProblem, match="must name server and database"):
            TrytonDesktopErp("erp", wrong.book, Access(address, ERP, lambda: PASSWORD), command, tmp_path)


def test_nothing_is_left_running(server: TrytonServer, command: tuple[str, str], tmp_path: Path) -> None:
    one = portal(server, command, tmp_path)
    one.check()
    display = one.screen.desktop.display
    bus = display.variables()["DBUS_SESSION_BUS_ADDRESS"]
    running = processes_of(bus)
    assert {word for word in ("tryton", "registryd", "openbox", "access_helper") if any(word in line for line in running)} == {
        "tryton",
        "registryd",
        "openbox",
        "access_helper",
    }
    beside = list(display.beside)
    one.close()
    assert processes_of(bus) == set() and all(process.poll() is not None for process in beside) and len(beside) == 3


def test_watch_looks_at_the_log_in(erp: TrytonDesktopErp) -> None:
    surveys = {page: erp.survey(page, {}) for page in erp.book.pages}
    assert {page: survey.problem for page, survey in surveys.items() if survey.problem} == {}
    assert {one.name: one.rung for one in surveys["login"].elements} == {"question": 0, "password": 0, "send_password": 0, "signed_in": None}
    assert all(survey.elements == () for page, survey in surveys.items() if page != "login"), "their addresses hold what is asked for"
    assert erp.check()


# -- reading -----------------------------------------------------------------------------------------------------------------


def test_an_order_is_read_whole_and_only_its_own(erp: TrytonDesktopErp) -> None:
    order = erp.find_order("SHOP-70001")
    assert order is not None
    assert [(line.sku, line.name, line.qty, line.unit_gross, line.tax_bp) for line in order.lines] == [
        ("HPH-01", "Headphones", 1, 9990, 1900),
        ("TEE-RED-M", "T-shirt red M", 3, 1999, 1900),
        ("LMP-22", "Desk lamp", 1, 4950, 1900),
    ]
    assert (order.currency, order.country, order.payment_method, order.ship_from) == ("EUR", "DE", "card", "WH")
    assert order.buyer_name == "Anna Vogel" and order.invoice_no and order.placed_at and order.shipped_at and order.invoice_date
    assert order.buyer_email == "anna.vogel@example.org" and order.delivered_at == order.shipped_at
    assert (order.export, order.buyer_lang, order.returns, order.credit_notes) == (None, "", (), ()), "what Tryton does not say stays empty"


@pytest.mark.parametrize("order_no", ["SHOP-7000", 'x" or "1', "{order_no}", "%"])
def test_an_order_that_is_not_there_is_none(erp: TrytonDesktopErp, order_no: str) -> None:
    assert erp.find_order(order_no) is None


def test_a_list_longer_than_the_window_is_read_whole(erp: TrytonDesktopErp, server: TrytonServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """Twice as many moves of goods as the window has room for."""
    moves = erp.book.pages["lines"].elements["rows"].model_copy(update={"columns": {"product": "Product", "quantity": "Quantity"}})
    page = erp.book.pages["lines"].model_copy(update={"path": "model/stock.move;domain={domain}&name=%22{tab}%22"})
    page = page.model_copy(update={"elements": {**page.elements, "rows": moves}})
    book = erp.book.model_copy(update={"pages": {**erp.book.pages, "lines": page}})
    monkeypatch.setattr(erp, "book", book)
    monkeypatch.setattr(erp.screen, "book", book)
    rows = erp._list("lines", [["state", "!=", "cancelled"]], "product")
    (true,) = server.books()._ask("SELECT count(*), sum(quantity) FROM stock_move WHERE state != 'cancelled'")
    assert (len(rows), sum(read_pieces(row["quantity"]) for row in rows)) == (true[0], int(true[1])) and len(rows) > 75


def test_a_list_that_the_server_refuses_is_no_empty_list(erp: TrytonDesktopErp) -> None:
    with pytest.raises(SystemException, match="does not show the list 'sales'") as raised:
        erp._list("sales", [["no_such_field", "=", "x"]], "state")
    assert raised.value.code == "server_error" and erp.find_order("SHOP-7000") is None, "the error is put away"


def test_an_account_in_another_language_reads_nothing_wrong(server: TrytonServer, command: tuple[str, str], tmp_path: Path) -> None:
    """In German 1,097.85 is 1.097,85 and 11/23 is 23.11.: the captions have other names then, which stops the reading."""
    german = portal(server, command, tmp_path, account=ERP_GERMAN)
    german.screen.timeout_s = 10
    try:
        with pytest.raises(SystemException):
            german.find_order("SHOP-70002")
    finally:
        german.close()


# -- writing -----------------------------------------------------------------------------------------------------------------


def test_a_return_of_some_pieces_and_its_credit_note(erp: TrytonDesktopErp, server: TrytonServer) -> None:
    order_no, rma = "SHOP-70022", "RMA-2611-00022"
    dry = TestPermit(dry=True)
    wanted = a_return(order_no, rma, ("TEE-RED-M", 1), ("RUN-42", 1), carrier="SwiftParcel")
    with pytest.raises(Suppressed):
        erp.create_return(wanted, dry)
    assert set(dry.pictures) == {"before"} and erp.find_returns(rma) == (), "a draft is no return"
    permit = TestPermit()
    erp.create_return(wanted, permit)
    assert permit.spent == 1 and set(permit.pictures) == {"before", "after"}
    (back,) = [one for one in truth(server) if one["order_no"] == order_no]
    assert (back["rma"], back["state"], back["lines"]) == (rma, "processing", {"TEE-RED-M": 1, "RUN-42": 1}), "the draft was taken up, not made twice"
    (read,) = erp.find_returns(rma)
    assert (read.order_no, read.return_no, read.state, read.lines) == (order_no, back["return_no"], "open", (("RUN-42", 1), ("TEE-RED-M", 1)))

    refused = TestPermit()
    with pytest.raises(BusinessException, match="comes to -109.90 EUR"):
        erp.create_credit_note(CreditNoteInstruction(order_no=order_no, rma=rma, gross=euros(10000), tax=1597), refused)
    assert refused.spent == 0 and erp.find_credit_notes(rma) == ()
    due = back["credit_notes"][0]
    posted = TestPermit()
    erp.create_credit_note(CreditNoteInstruction(order_no=order_no, rma=rma, gross=euros(due["gross"]), tax=due["tax"]), posted)
    (note,) = erp.find_credit_notes(rma)
    (true,) = next(one for one in truth(server) if one["rma"] == rma)["credit_notes"]
    assert posted.spent == 1 and (true["state"], true["number"], true["rma"]) == ("posted", note.number, rma)
    assert (note.gross, note.tax, note.order_no) == (euros(true["gross"]), true["tax"], order_no)
    order = erp.find_order(order_no)
    assert order is not None and order.returns == (read,) and order.credit_notes == (note,)
    with pytest.raises(BusinessException, match="0 credit notes"):
        erp.create_credit_note(CreditNoteInstruction(order_no=order_no, rma=rma, gross=euros(due["gross"]), tax=due["tax"]), TestPermit())


def test_what_cannot_be_is_refused_before_the_click(erp: TrytonDesktopErp, server: TrytonServer) -> None:
    rma, before = "RMA-2611-00090", truth(server)
    permit = TestPermit()
    wrong = [
        (lambda: erp.create_return(a_return("SHOP-70008", rma, ("TEE-RED-M", 3)), permit), "holds"),
        (lambda: erp.create_return(a_return("SHOP-7000", rma, ("HPH-01", 1)), permit), "holds"),
        (lambda: erp.create_return(a_return("SHOP-70008", rma, ("TEE-RED-M", 1), kind="keep"), permit), "without goods"),
        (lambda: erp.create_credit_note(CreditNoteInstruction(order_no="SHOP-70008", rma=rma, gross=euros(1), tax=0), permit), "no return"),
        (lambda: erp.cancel_return("26", "SHOP-70008", permit), "by hand"),
        (lambda: erp.create_replacement(ReplacementInstruction(order_no="SHOP-70008", rma=rma, kind="exchange", sku="HPH-01", qty=1), permit), "by hand"),
    ]
    for act, words in wrong:
        with pytest.raises(BusinessException, match=words) as raised:
            act()
        assert raised.value.code == "refused_by_backend"
    assert permit.spent == 0 and truth(server) == before and erp.find_replacements(rma) == ()


def test_a_client_that_dies_after_the_click_leaves_one_return_which_is_found(
    erp: TrytonDesktopErp, store: Store, server: TrytonServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The return is confirmed and the client is gone before it can say so: reading back finds it, and a second run looks first and clicks nothing."""
    order_no, rma, clicks = "SHOP-70009", "RMA-2611-00009", 0
    wanted = a_return(order_no, rma, ("LMP-22", 1))
    case = a_case(store, order_no)
    intent = Intent(f"return:{order_no}:{rma}", "return", "review", "erp", wanted.model_dump(mode="json"))

    def look() -> str | None:
        return next((one.return_no for one in erp.find_returns(rma)), None)

    def die(states: tuple[str, ...]) -> None:
        if "processing" in states:
            assert wait_until(lambda: any(one["rma"] == rma and one["return_no"] for one in truth(server)), 30, every=0.2)
            erp.screen._program.kill()  # type: ignore[union-attr]
            erp.screen._program.wait()  # type: ignore[union-attr]
        settle(states)

    settle = erp._settle
    monkeypatch.setattr(erp, "_settle", die)

    def act(permit: LedgerPermit) -> None:
        nonlocal clicks
        clicks += 1
        erp.create_return(wanted, permit)

    def ledger() -> Ledger:
        return Ledger(store, lambda case, intent: None, lambda *_: None)

    number = ledger().carry_out(case, intent, look=seen_first(look(), look), act=act)
    assert number == next(one["return_no"] for one in truth(server) if one["rma"] == rma)
    assert ledger().carry_out(case, intent, look=seen_first(look(), look), act=act) == number and clicks == 1
    assert len([one for one in truth(server) if one["order_no"] == order_no]) == 1


def test_another_question_than_the_expected_one_is_answered_no(erp: TrytonDesktopErp, server: TrytonServer, monkeypatch: pytest.MonkeyPatch) -> None:
    order_no, rma = "SHOP-70013", "RMA-2611-00013"
    erp.create_return(a_return(order_no, rma, ("HPH-01", 1)), TestPermit())
    monkeypatch.setattr("bots.portals.tryton.erp.POST_QUESTION", "Shall it rain?")
    permit = TestPermit()
    with pytest.raises(SystemException, match="Are you sure you want to post") as raised:
        erp.create_credit_note(CreditNoteInstruction(order_no=order_no, rma=rma, gross=euros(9990), tax=1595), permit)
    assert raised.value.code == "error_after_commit" and permit.spent == 1
    assert server.books().notes(rma)[0].state == "draft" and erp.find_credit_notes(rma) == ()


def test_a_form_that_says_other_lines_is_not_confirmed(erp: TrytonDesktopErp, server: TrytonServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """The lines that somebody changes between the last look and the click are seen in the form."""
    order_no, rma, permit = "SHOP-70018", "RMA-2611-00018", TestPermit()
    monkeypatch.setattr(TrytonDesktopErp, "_keep_only", lambda portal, asked: None)
    with pytest.raises(ScreenChanged, match="other terms") as raised:
        erp.create_return(a_return(order_no, rma, ("KTL-05", 1)), permit)
    assert raised.value.code == "confirm_mismatch" and permit.spent == 0 and erp.find_returns(rma) == ()


def test_a_form_left_unsaved_holds_nothing_up_and_is_not_saved(erp: TrytonDesktopErp, server: TrytonServer) -> None:
    assert erp._open_sale("SHOP-70021")
    erp._fields("number", "state", filled=("number", "state"))
    erp._type("reference", "typed and left")
    assert erp.screen.enabled("save"), "leaving the field is what lets the form be saved"
    order = erp.find_order("SHOP-70021")
    assert order is not None and order.order_no == "SHOP-70021" and server.books().sales("typed and left") == []


# -- the ladder --------------------------------------------------------------------------------------------------------------


def cut_out(erp: TrytonDesktopErp, name: str, folder: Path) -> Way:
    """A picture of an element, cut out of the screen as one does when a locator is made."""
    element = erp.screen._element(name)
    place = erp.screen._ask("look", element.ways[0], element.within)["facts"]["place"]
    (folder / "images").mkdir()
    cv2.imwrite(str(folder / "images" / "cut.png"), erp.screen.desktop.look(tuple(place)))
    return Way(image="cut.png", taken_at=erp.screen.desktop.taken_at)


def test_where_accessibility_fails_keys_and_pictures_lead_on(erp: TrytonDesktopErp, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    screen, gone = erp.screen, Way(role="push button", name="Gone")
    assert erp._open_sale("SHOP-70005"), "its form is open"
    ways = [Way(keys="ctrl+l"), cut_out_in_list(erp, tmp_path)]
    for way in ways:
        folder = tmp_path if way.image else screen.book.folder
        with monkeypatch.context() as patch:
            patch.setattr(screen, "book", with_ways(screen.book, "sales", "switch", gone, way).model_copy(update={"folder": folder}))
            screen.lowered.clear()
            assert erp._open_sale("SHOP-70005")
            assert erp._fields("reference", "state")["reference"] == "SHOP-70005"
            assert [(lower.element, lower.rung) for lower in screen.lowered] == [("switch", 1)]


def cut_out_in_list(erp: TrytonDesktopErp, folder: Path) -> Way:
    """The button that leads from a list into a form, as it looks when a row is chosen."""
    erp._list("sales", [["reference", "=", "SHOP-70005"]], "state")
    erp.screen.choose("rows", 0)
    assert wait_until(lambda: erp.screen.enabled("switch"), 10)
    return cut_out(erp, "switch", folder)


def test_a_commit_is_clicked_by_its_first_way_only(erp: TrytonDesktopErp, server: TrytonServer, monkeypatch: pytest.MonkeyPatch) -> None:
    order_no, rma, permit, screen = "SHOP-70004", "RMA-2611-00004", TestPermit(), erp.screen
    ways = (Way(role="push button", name="Gone"), *screen.book.element("sale", "confirm").ways)
    monkeypatch.setattr(screen, "book", with_ways(screen.book, "sale", "confirm", *ways))
    with pytest.raises(ScreenChanged, match="first way") as raised:
        erp.create_return(a_return(order_no, rma, ("RUN-42", 1)), permit)
    assert raised.value.code == "commit_lower_rung" and permit.spent == 0
    assert [one["state"] for one in truth(server) if one["order_no"] == order_no] == ["quotation"]
    with pytest.raises(ScreenChanged, match="only DesktopScreen.commit") as raised:
        screen.click("confirm")
    assert raised.value.code == "commit_guard"


# -- the contract of the role ------------------------------------------------------------------------------------------------


def test_it_keeps_the_contract_of_an_erp(erp: TrytonDesktopErp, server: TrytonServer, tmp_path: Path) -> None:
    """What tests/test_portal_contract.py asks of the practice ERP, but for the two verbs that Tryton has no screen for."""
    assert wrong_verbs(TrytonDesktopErp, "erp") == ()
    order_no, rma = "SHOP-70014", "RMA-2611-00014"
    erp.create_return(a_return(order_no, rma, ("LMP-22", 1)), TestPermit())
    samples = {"order_no": order_no, "rma": rma, "amount": "4950", "tax": "790", "sku": "LMP-22"}
    bench = Bench(erp, samples, tmp_path, datetime.now(UTC).date())
    outcomes = list(run_checks("erp", bench, write=True))
    refused = [one for one in outcomes if one.check.verb in ("create_replacement", "cancel_return")]
    assert [(one.verdict, "by hand" in one.words) for one in refused] == [("broken", True)] * 2
    kept = [one for one in outcomes if one not in refused]
    assert {one.verdict for one in kept} == {"works"}, [f"{one.verdict} {one.check.verb}: {one.words}" for one in kept]
    for one in kept:
        if one.check.verb == "create_credit_note":
            one.check.run(replace(bench, commit=True))  # raises Broken
    mine = [one for one in truth(server) if one["rma"] == rma and one["return_no"]]
    assert [(note["state"], note["gross"], note["tax"]) for one in mine for note in one["credit_notes"]] == [("posted", 4950, 790)]

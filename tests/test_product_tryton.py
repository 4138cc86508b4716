"""The ERP and the warehouse portal on a real Tryton 8.0 and its web client: what they read and do, and what they do where the client deceives.
Every outcome is checked in Tryton's own books, past the screens.

The first run on a machine installs Tryton (about five minutes); `python -m tests.products.tryton.install` does it ahead.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from bots.automation.browser import BrowserHouse, BrowserOptions
from bots.automation.browsers import find_browser
from bots.automation.locators import load_book
from bots.cases.errors import BusinessException, ConfigProblem, ScreenChanged, Suppressed, SystemException
from bots.cases.ledger import Intent, Ledger, LedgerPermit, seen_first
from bots.cases.model import (
    CreditNoteInstruction,
    DispositionInstruction,
    QcInstruction,
    ReplacementInstruction,
    ReturnInstruction,
    TransferInstruction,
)
from bots.cases.money import Money
from bots.cases.store import Store
from bots.operations.setup import product_packages
from bots.portals.contract import run_checks, wrong_verbs
from bots.portals.contract_bench import Bench
from bots.portals.tryton.erp import TrytonErp
from bots.portals.tryton.values import bracketed, mail_of, read_day, read_number, read_pieces, record
from bots.portals.tryton.wms import TrytonWms
from bots.portals.web import Access
from tests.permits import TestPermit
from tests.products import ready
from tests.products.tryton.install import Installed, ensure_installed
from tests.products.tryton.server import ERP, ERP_GERMAN, PASSWORD, WMS, TrytonServer, seed_orders, truth
from tests.stores import a_case

if TYPE_CHECKING:
    from playwright.sync_api import Route

pytestmark = [pytest.mark.browser, pytest.mark.tryton, pytest.mark.slow, pytest.mark.timeout(3600)]  # the first run installs

LAST_YEAR = datetime.now(UTC).year - 1
LOCATORS = Path(__file__).parents[1] / "locators"


@pytest.fixture(scope="module")
def installed() -> Installed:
    ready.have(product_packages(), "Tryton")
    return ready.installed(ensure_installed, "Tryton")


@pytest.fixture(scope="module")
def server(installed: Installed) -> Iterator[TrytonServer]:
    with TrytonServer(installed) as running:
        yield running


@pytest.fixture(scope="module")
def house() -> Iterator[BrowserHouse]:
    made = BrowserHouse(BrowserOptions(executable=find_browser().executable_path, timeout_s=20))
    yield made
    made.close()


def portal(kind: Any, server: TrytonServer, house: BrowserHouse, account: str, name: str = "", password: str = PASSWORD) -> Any:
    return kind(name or account, house, load_book(LOCATORS, "tryton"), Access(server.url, account, lambda: password))


@pytest.fixture(scope="module")
def erp(server: TrytonServer, house: BrowserHouse) -> TrytonErp:
    made: TrytonErp = portal(TrytonErp, server, house, ERP)
    return made


@pytest.fixture(scope="module")
def wms(server: TrytonServer, house: BrowserHouse) -> TrytonWms:
    made: TrytonWms = portal(TrytonWms, server, house, WMS)
    return made


def euros(minor: int) -> Money:
    return Money(minor=minor, currency="EUR")


def a_return(order_no: str, rma: str, *lines: tuple[str, int], **more: Any) -> ReturnInstruction:
    return ReturnInstruction(order_no=order_no, rma=rma, reason="DEFECTIVE", lines=lines, **more)


# -- values ----------------------------------------------------------------------------------------------------------------


def test_what_stands_in_cells() -> None:
    assert [read_number(text) for text in ("€\n-1,097.85", "-2\u00a0u", "PLN 83.9496", "0")] == [Decimal("-1097.85"), -2, Decimal("83.9496"), 0]
    assert (bracketed("[HPH-01] Headphones"), bracketed("Gift wrapping")) == (("HPH-01", "Headphones"), ("", "Gift wrapping"))
    assert (record("26 [SHOP-50026]"), record("26"), read_pieces("3\nu")) == (("26", "SHOP-50026"), ("26", ""), 3)
    assert str(read_day("11/23/2026")) == "2026-11-23" and read_day("") is None
    assert [mail_of(text) for text in ('=1+1 "<b>" <ann@example.org>', "Anna Vogel <+49 341 1>", "", "<a@b.example> Anna")] == ["ann@example.org", "", "", ""]


@pytest.mark.parametrize("text", ["1.097,85", "€ 1,09", "12 34", "", "1,097.85.1", "4 of 5"])
def test_a_number_in_doubt_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="."):
        read_number(text)


@pytest.mark.parametrize("text", ["23.11.2026", "23/11/2026", "2026-11-23"])
def test_a_date_of_another_language_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="."):
        read_day(text)


def test_half_a_piece_is_refused() -> None:
    with pytest.raises(ValueError, match="pieces"):
        read_pieces("1.5 u")


# -- the ERP -----------------------------------------------------------------------------------------------------------------


def test_log_in(server: TrytonServer, house: BrowserHouse) -> None:
    wrong = portal(TrytonErp, server, house, ERP, name="wrong", password="not-the-password")
    with pytest.raises(SystemException, match="asks for the password again") as raised:
        wrong.check()
    assert raised.value.code == "login_failed" and "not-the-password" not in str(raised.value)
    wrong.forget_session()
    with pytest.raises(ConfigProblem, match="must name the database"):
        TrytonErp("erp", house, load_book(LOCATORS, "tryton"), Access("http://127.0.0.1:1", ERP, lambda: PASSWORD))


def test_an_order_is_read_whole_and_only_its_own(erp: TrytonErp) -> None:
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


@pytest.mark.parametrize("order_no", ["SHOP-7000", "none", 'x" or "1', "{order_no}", "%", "1"])
def test_an_order_that_is_not_there_is_none(erp: TrytonErp, order_no: str) -> None:
    assert erp.find_order(order_no) is None


def test_a_day_before_the_books_is_read_and_goods_that_have_not_left_are_not_delivered(erp: TrytonErp, server: TrytonServer) -> None:
    days = {"placed": f"{LAST_YEAR}-12-22", "delivered": f"{LAST_YEAR}-12-29"}
    seed_orders(server, [{"order_no": "PAST-1", "payment": "Wallet", **days, "lines": [{"sku": "HPH-01", "qty": 1, "unit_gross": 9990}]}])
    order, waiting = erp.find_order("PAST-1"), erp.find_order("SHOP-70021")
    assert order is not None and order.placed_at and order.delivered_at
    assert (f"{order.placed_at:%Y-%m-%d}", f"{order.delivered_at:%Y-%m-%d}", order.payment_method) == (days["placed"], days["delivered"], "wallet")
    assert waiting is not None and (waiting.shipped_at, waiting.delivered_at) == (None, None)


def test_orders_of_other_taxes_and_currencies(erp: TrytonErp, server: TrytonServer) -> None:
    lines = [{"sku": "BOOK-1", "name": "Book", "qty": 2, "unit_gross": 123450, "tax_bp": 700}, {"sku": "HPH-01", "qty": 1, "unit_gross": 9990}]
    seed_orders(server, [{"order_no": "PL-2026-1", "buyer": "Jan Kowal", "country": "PL", "currency": "PLN", "lines": lines}])
    erp._taxes = None  # the shop has begun to sell books
    order = erp.find_order("PL-2026-1")
    assert order is not None and (order.currency, order.country) == ("PLN", "PL")
    assert sorted((line.sku, line.qty, line.unit_gross, line.tax_bp) for line in order.lines) == [("BOOK-1", 2, 123450, 700), ("HPH-01", 1, 9990, 1900)]


def test_a_return_of_some_pieces_and_its_credit_note(erp: TrytonErp, wms: TrytonWms, server: TrytonServer) -> None:
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

    (awaited,) = wms.find_awaited(rma)
    with pytest.raises(BusinessException, match="counted were"):
        wms.receive(awaited, rma, (("TEE-RED-M", 2),), TestPermit())
    assert wms.read_receipt(awaited) is None
    wms.receive(awaited, rma, (("TEE-RED-M", 1), ("RUN-42", 1)), TestPermit())
    receipt = wms.read_receipt(awaited)
    assert receipt and (receipt.rma, receipt.warehouse) == (rma, "WH") and {line.sku: line.qty for line in receipt.lines} == {"TEE-RED-M": 1, "RUN-42": 1}
    assert wms.find_awaited(rma) == () and server.books().receipts(rma)[0].state == "received"

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


def test_what_cannot_be_is_refused_before_the_click(erp: TrytonErp, server: TrytonServer) -> None:
    rma, before = "RMA-2611-00090", truth(server)
    permit = TestPermit()
    wrong = [
        (lambda: erp.create_return(a_return("SHOP-70008", rma, ("TEE-RED-M", 3)), permit), "holds"),
        (lambda: erp.create_return(a_return("SHOP-70008", rma, ("HPH-01", 1)), permit), "holds"),
        (lambda: erp.create_return(a_return("SHOP-70008", rma), permit), "nothing"),
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


# -- the ledger ----------------------------------------------------------------------------------------------------------------


def test_a_return_whose_answer_is_lost_is_found_and_not_made_again(erp: TrytonErp, store: Store, server: TrytonServer) -> None:
    """The server confirms the return and its answer never comes: reading back finds it, and a second run looks first and clicks nothing."""
    order_no, rma, clicks = "SHOP-70009", "RMA-2611-00009", 0
    wanted = a_return(order_no, rma, ("LMP-22", 1))
    case = a_case(store, order_no)
    intent = Intent(f"return:{order_no}:{rma}", "return", "review", "erp", wanted.model_dump(mode="json"))

    def look() -> str | None:
        return next((one.return_no for one in erp.find_returns(rma)), None)

    def act(permit: LedgerPermit) -> None:
        nonlocal clicks
        clicks += 1
        page = erp.screen.page

        def lose(route: Route) -> None:
            if "model.sale.sale.confirm" in (route.request.post_data or ""):
                route.fetch()
                route.abort()
            else:
                route.continue_()

        page.route("**/rpc/", lose)
        try:
            erp.create_return(wanted, permit)
        finally:
            page.unroute_all()

    def ledger() -> Ledger:
        return Ledger(store, lambda case, intent: None, lambda *_: None)

    number = ledger().carry_out(case, intent, look=seen_first(look(), look), act=act)
    assert number == next(one["return_no"] for one in truth(server) if one["rma"] == rma)
    assert ledger().carry_out(case, intent, look=seen_first(look(), look), act=act) == number and clicks == 1
    assert len([one for one in truth(server) if one["order_no"] == order_no]) == 1


# -- traps of the web client -------------------------------------------------------------------------------------------------


def test_a_list_that_still_loads_says_it_has_nothing_and_is_waited_for(erp: TrytonErp) -> None:
    erp.check()
    page, lies = erp.screen.page, []

    def hold(route: Route) -> None:
        if "model.sale.sale.search" in (route.request.post_data or "") and not lies:
            nothing = page.locator('#tabcontent > .tab-pane.active nav .badge[title="_/0"]')
            nothing.wait_for()
            lies.append(nothing.inner_text())
        route.continue_()

    page.route("**/rpc/", hold)
    try:
        assert erp._open_sale("SHOP-70005") and lies == ["_/0"], "the trap is there"
    finally:
        page.unroute_all()


def test_a_list_longer_than_what_is_drawn_is_read_whole(erp: TrytonErp, server: TrytonServer) -> None:
    rows = erp._list("sales", [["reference", "like", "SHOP-7%"]], "state")
    assert len({row["reference"] for row in rows}) == len(rows) == 24


def test_a_fresh_look_is_never_the_tab_of_before(erp: TrytonErp, server: TrytonServer) -> None:
    """A tab that is open already shows what it showed: the books have another order by now."""
    domain = [["reference", "like", "FRESH-%"]]
    assert erp._list("sales", domain, "state") == []
    seed_orders(server, [{"order_no": "FRESH-1", "lines": [{"sku": "HPH-01", "qty": 1, "unit_gross": 9990}]}])
    assert [row["reference"] for row in erp._list("sales", domain, "state")] == ["FRESH-1"]
    assert erp.screen.page.locator("#tabcontent > .tab-pane").count() == 1


def test_a_form_left_unsaved_holds_nothing_up(erp: TrytonErp) -> None:
    erp._open_draft(a_return("SHOP-70021", "RMA-2611-00021", ("TEE-RED-M", 1)), "DEFECTIVE")
    erp._type("description", "typed and left")
    assert erp.screen.has("unsaved", **erp._here), "leaving the field is what lets the form be saved"
    order = erp.find_order("SHOP-70021")
    assert order is not None and order.order_no == "SHOP-70021"


def test_an_account_in_another_language_reads_nothing_wrong(server: TrytonServer, house: BrowserHouse) -> None:
    """In German 1,097.85 is 1.097,85 and 11/23 is 23.11.: the columns have other names then, which stops the reading."""
    german = portal(TrytonErp, server, house, ERP_GERMAN)
    with pytest.raises(SystemException):
        german.find_order("SHOP-70002")
    german.forget_session()


def test_another_question_than_the_expected_one_is_answered_no(erp: TrytonErp, server: TrytonServer, monkeypatch: pytest.MonkeyPatch) -> None:
    order_no, rma = "SHOP-70013", "RMA-2611-00013"
    erp.create_return(a_return(order_no, rma, ("HPH-01", 1)), TestPermit())
    monkeypatch.setattr("bots.portals.tryton.erp.POST_QUESTION", "Shall it rain?")
    permit = TestPermit()
    with pytest.raises(SystemException, match="Are you sure you want to post") as raised:
        erp.create_credit_note(CreditNoteInstruction(order_no=order_no, rma=rma, gross=euros(9990), tax=1595), permit)
    assert raised.value.code == "error_after_commit" and permit.spent == 1
    assert server.books().notes(rma)[0].state == "draft" and erp.find_credit_notes(rma) == ()


def test_a_form_that_says_other_lines_is_not_confirmed(erp: TrytonErp, server: TrytonServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """The lines that somebody changes between the last look and the click are seen in the form."""
    order_no, rma, permit = "SHOP-70018", "RMA-2611-00018", TestPermit()
    monkeypatch.setattr(TrytonErp, "_keep_only", lambda portal, asked: None)
    with pytest.raises(ScreenChanged, match="other terms") as raised:
        erp.create_return(a_return(order_no, rma, ("KTL-05", 1)), permit)
    assert raised.value.code == "confirm_mismatch" and permit.spent == 0 and erp.find_returns(rma) == ()


# -- the contracts of the roles --------------------------------------------------------------------------------------------------


def test_it_keeps_the_contract_of_an_erp(erp: TrytonErp, server: TrytonServer, tmp_path: Path) -> None:
    """What tests/test_portal_contract.py asks of the practice ERP, but for the two verbs that Tryton has no screen for."""
    assert wrong_verbs(TrytonErp, "erp") == ()
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


def test_it_keeps_the_contract_of_a_warehouse_as_far_as_it_is_one(erp: TrytonErp, wms: TrytonWms, tmp_path: Path) -> None:
    assert wrong_verbs(TrytonWms, "wms") == ()
    rma = "RMA-2611-00024"
    erp.create_return(a_return("SHOP-70024", rma, ("TEE-RED-M", 1)), TestPermit())
    (number,) = wms.find_awaited(rma)
    wms.receive(number, rma, (("TEE-RED-M", 1),), TestPermit())
    bench = Bench(wms, {"rma": rma, "receipt_no": number}, tmp_path, datetime.now(UTC).date())
    read = [one for one in run_checks("wms", bench) if one.check.kind == "read" and one.verdict != "skipped"]
    assert {one.verdict for one in read} == {"works"} and len(read) == 6, [f"{one.verdict} {one.check.verb}: {one.words}" for one in read]
    assert next(one for one in wms.list_receipts() if one.receipt_no == number).rma == rma
    assert wms.read_qc_task("1") is None
    permit = TestPermit()
    for act in (
        lambda: wms.create_qc_task(QcInstruction(receipt_no=number, rma=rma, sku="TEE-RED-M", qty=1, checklist=()), permit),
        lambda: wms.book_disposition(DispositionInstruction(task_no="1", rma=rma, grade="A", disposition="RESELL"), permit),
        lambda: wms.create_transfer(TransferInstruction(task_no="1", rma=rma, sku="TEE-RED-M", qty=1, from_warehouse="WH", to_warehouse="PL"), permit),
    ):
        with pytest.raises(BusinessException, match="no quality checks") as raised:
            act()
        assert raised.value.code == "refused_by_backend" and permit.spent == 0

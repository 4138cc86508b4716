"""The ERP portal against the practice ERP in a real browser."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from bots.automation.browser import BrowserHouse
from bots.automation.locators import load_book
from bots.cases.errors import BusinessException, ScreenChanged, SessionLost, Suppressed, SystemException
from bots.cases.model import CreditNoteInstruction, ReplacementInstruction, ReturnInstruction
from bots.cases.money import Money
from bots.portals.practice.erp import PracticeErp
from bots.portals.web import Access
from tests.backoffice.accounts import ACCOUNTS
from tests.backoffice.erp.app import create_app
from tests.backoffice.erp.samples import put_order, put_small_world
from tests.backoffice.serving import serving
from tests.backoffice.world import World
from tests.permits import TestPermit

pytestmark = pytest.mark.browser
LOCATORS = Path(__file__).parents[1] / "locators"
ACCOUNT = ACCOUNTS["erp"]
PLAIN, SHOPIFY, EXPORTED = "DE-2026-104233", "#10423", "GB/2026-000007"
RMA = "RMA-2026-000001"
BACK = ReturnInstruction(order_no=PLAIN, rma=RMA, kind="return", reason="DEFECTIVE", lines=(("TEE-RED-M", 2), ("HP-ANC200", 1)), carrier="SwiftParcel")
NOTE = CreditNoteInstruction(order_no=EXPORTED, rma=RMA, gross=Money(minor=112345, currency="GBP"), tax=18724)
SPARE = ReplacementInstruction(order_no=PLAIN, rma=RMA, kind="exchange", sku="TEE-RED-L", qty=1)


@pytest.fixture
def world(state: World) -> World:
    """The same three orders before each test; sessions stay."""
    tables = (
        "products",
        "orders",
        "order_lines",
        "export_lines",
        "sales_returns",
        "sales_return_lines",
        "credit_notes",
        "replacements",
        "parcels",
        "counters",
        "lies",
    )
    state.empty(*tables)
    put_small_world(state)
    return state


@pytest.fixture(scope="module")
def url(state: World) -> Iterator[str]:
    with serving(create_app(state)) as base:
        yield base


@pytest.fixture
def erp(world: World, url: str, browser_house: BrowserHouse) -> PracticeErp:
    return PracticeErp("erp", browser_house, load_book(LOCATORS, "practice_erp"), Access(url, ACCOUNT.name, lambda: ACCOUNT.password))


# -- reading -------------------------------------------------------------------------------------------------------------


def test_check_logs_in_and_a_wrong_password_says_so(erp: PracticeErp, browser_house: BrowserHouse) -> None:
    assert "云仓ERP" in erp.check()
    other = PracticeErp("erp2", browser_house, erp.book, Access(erp.access.url, ACCOUNT.name, lambda: "wrong"))
    with pytest.raises(SystemException, match="用户名或密码错误") as raised:
        other.check()
    assert raised.value.code == "login_failed" and "wrong" not in str(raised.value)


def test_an_order_is_read_whole(erp: PracticeErp) -> None:
    order = erp.find_order(PLAIN)
    assert order
    assert (order.source_system, order.source_key, order.channel, order.payment_method, order.currency) == ("erp", PLAIN, "shop", "card", "EUR")
    assert order.placed_at == datetime(2026, 9, 10, 9, 15, tzinfo=UTC) and order.delivered_at == datetime(2026, 9, 28, 11, 30, tzinfo=UTC)
    assert (order.buyer_name, order.buyer_email, order.buyer_lang, order.country, order.address) == (
        "Jörg Müller",
        "joerg@example.org",
        "de",
        "DE",
        "Hauptstr. 5, 50667 Köln",
    )
    assert (order.shipping_standard, order.shipping_express, order.discount, order.book_rate) == (490, 1000, 500, 7_800_000)
    assert (order.invoice_no, order.invoice_date, order.incoterm, order.ioss, order.payer_iban) == ("RE-2026-000042", date(2026, 9, 10), "DAP", "", "")
    assert (order.out_carrier, order.out_tracking, order.ship_from) == ("SwiftParcel", "7153002811", "DE-LEJ")
    assert order.export is None and order.returns == () and order.credit_notes == () and order.replacements == ()

    phones, shirts = order.lines
    assert (phones.line_no, phones.sku, phones.gtin, phones.qty, phones.unit_gross, phones.tax_bp) == (1, "HP-ANC200", "4006381333931", 1, 8990, 1900)
    assert (phones.name, phones.category, phones.family, phones.size) == ("主动降噪头戴耳机 / AeroBeat ANC-200 Headphones", "electronics", "HP-ANC200", "")
    assert (phones.serials, phones.picked_sku, phones.hs_code, phones.origin) == (("HP00000001",), "HP-ANC200", "85183000", "CN")
    assert (phones.weight_g, phones.cost_minor, phones.battery, phones.non_returnable) == (1310, 121550, "UN3481", "")
    assert (shirts.qty, shirts.line_discount, shirts.picked_sku, shirts.size, shirts.family, shirts.serials) == (3, 300, "TEE-RED-L", "M", "TEE-RED", ())


def test_export_papers_come_out_of_their_frame(erp: PracticeErp) -> None:
    order = erp.find_order(EXPORTED)
    assert order and order.export
    assert order.buyer_name == '=HYPERLINK("http://x","<b>Ann</b>")' and order.lines[0].serials == ("HP00000002", "HP00000003")
    papers = order.export
    assert (papers.mrn, papers.export_date, papers.office, papers.exporter_eori) == ("26DE4850000000001J6", date(2026, 9, 12), "DE004851", "DE482913350017442")
    line = papers.lines[0]
    assert (line.line_no, line.hs_code, line.description, line.qty, line.unit_value) == (1, "85183000", "AeroBeat ANC-200 Headphones", 2, 112345)
    assert (line.currency, line.origin, line.net_g) == ("GBP", "CN", 1310)


def test_an_order_is_found_by_exactly_its_number(erp: PracticeErp) -> None:
    mug = erp.find_order(SHOPIFY)
    assert mug and mug.order_no == SHOPIFY and mug.delivered_at is None and mug.payer_iban == "DE89370400440532013000"
    assert mug.lines[0].non_returnable == "custom_made"
    for stranger in ("DE-2026-10423", "10423", "de-2026-104233", "DE-2026-104233/export", "../returns", "%23"):
        assert erp.find_order(stranger) is None, stranger


def test_yen_are_read_without_decimals(erp: PracticeErp, world: World) -> None:
    put_order(
        world, "JP-2026-000001", [{"sku": "CUS-MUG1", "qty": 1, "unit_gross": 3900, "tax_bp": 0}], currency="JPY", shipping_standard=800, book_rate=48_200
    )
    order = erp.find_order("JP-2026-000001")
    assert order and (order.lines[0].unit_gross, order.shipping_standard, order.book_rate) == (3900, 800, 48_200)
    erp.create_credit_note(CreditNoteInstruction(order_no="JP-2026-000001", rma=RMA, gross=Money(minor=3900, currency="JPY"), tax=0), TestPermit())
    assert erp.find_credit_notes(RMA)[0].gross == Money(minor=3900, currency="JPY")


def test_an_expired_session_is_renewed_on_the_way(erp: PracticeErp, world: World) -> None:
    erp.find_returns(RMA)
    with world.write() as db:
        db.execute("DELETE FROM web_sessions")
    assert erp.find_order(SHOPIFY)


def test_reading_survives_a_redesign_by_lower_ways(erp: PracticeErp, world: World) -> None:
    erp.forget_session()
    world.tell_lies("erp", "skin", "redesign", times=20)
    order = erp.find_order(EXPORTED)
    assert order and order.export and len(order.lines) == 1
    assert {lower.element for lower in erp.screen.lowered} >= {"sign_in", "head"}


def test_another_record_than_asked_for_is_not_taken(erp: PracticeErp) -> None:
    original = erp.book.pages["order"]
    assert original.path
    other = original.model_copy(update={"path": "/orders/DE-2026-104233?asked={order_no}"})
    erp.screen.book = erp.book.model_copy(update={"pages": {**erp.book.pages, "order": other}})
    with pytest.raises(ScreenChanged, match="the page shows 'DE-2026-104233'"):
        erp.find_order(SHOPIFY)


def test_lists_are_read_over_all_pages_and_only_of_the_rma(erp: PracticeErp, world: World) -> None:
    with world.write() as db:
        for number in range(230):
            rma = "RMA-2026-0000011" if number % 2 else RMA
            db.execute(
                "INSERT INTO sales_returns VALUES (?, ?, ?, 'keep', 'OTHER', ?, 'li.na', 'closed', NULL, NULL, NULL)",
                (f"SR-2025-{number:06d}", PLAIN, rma, world.stamp()),
            )
    found = erp.find_returns(RMA)
    assert len(found) == 115 and {back.rma for back in found} == {RMA} and {back.state for back in found} == {"closed"}
    assert erp.find_returns("RMA-2026-00000") == ()


# -- writing -------------------------------------------------------------------------------------------------------------


def test_a_return_is_made_read_back_and_cancelled(erp: PracticeErp, world: World) -> None:
    permit = TestPermit()
    erp.create_return(BACK, permit)
    assert permit.spent == 1 and set(permit.pictures) == {"before", "after"}
    (made,) = erp.find_returns(RMA)
    assert (made.return_no, made.order_no, made.rma, made.kind, made.state, made.carrier) == ("SR-2026-000001", PLAIN, RMA, "return", "open", "SwiftParcel")
    assert len(made.tracking_no) == 10 and made.label_cost == 3900 and sorted(made.lines) == sorted(BACK.lines)
    order = erp.find_order(PLAIN)
    assert order and order.returns == (made,)
    row = world.one("SELECT reason FROM sales_returns")
    assert row and row["reason"] == "DEFECTIVE"

    erp.cancel_return(made.return_no, PLAIN, TestPermit())
    assert [back.state for back in erp.find_returns(RMA)] == ["cancelled"]
    with pytest.raises(BusinessException, match="已取消"):
        erp.cancel_return(made.return_no, PLAIN, TestPermit())


def test_a_return_to_keep_needs_no_label(erp: PracticeErp) -> None:
    erp.create_return(
        BACK.model_copy(update={"order_no": SHOPIFY, "kind": "keep", "carrier": "", "lines": (("CUS-MUG1", 1),), "reason": "WRONG_ITEM"}), TestPermit()
    )
    (made,) = erp.find_returns(RMA)
    assert (made.order_no, made.kind, made.carrier, made.tracking_no, made.label_cost, made.lines) == (SHOPIFY, "keep", "", "", 0, (("CUS-MUG1", 1),))


def test_a_credit_note_is_issued_and_read_back(erp: PracticeErp) -> None:
    permit = TestPermit()
    erp.create_credit_note(NOTE, permit)
    (made,) = erp.find_credit_notes(RMA)
    assert (made.number, made.order_no, made.gross, made.tax, made.state) == ("CN-2026-000001", EXPORTED, NOTE.gross, 18724, "posted")
    assert made.issued_at and made.issued_at.date() == date(2026, 10, 5) and permit.spent == 1
    order = erp.find_order(EXPORTED)
    assert order and order.credit_notes == (made,)


def test_replacements_are_sent_and_read_back(erp: PracticeErp) -> None:
    erp.create_replacement(SPARE, TestPermit())
    erp.create_replacement(SPARE.model_copy(update={"kind": "spare_part", "sku": "HP-ANC200"}), TestPermit())
    found = erp.find_replacements(RMA)
    assert [(made.number, made.kind, made.sku, made.qty, made.order_no) for made in found] == [
        ("RP-2026-000002", "spare_part", "HP-ANC200", 1, PLAIN),
        ("RP-2026-000001", "exchange", "TEE-RED-L", 1, PLAIN),
    ]


def test_a_dry_run_fills_the_form_and_writes_nothing(erp: PracticeErp, world: World) -> None:
    fills: list[tuple[Callable[[TestPermit], None], str]] = [
        (lambda permit: erp.create_return(BACK, permit), "sales_returns"),
        (lambda permit: erp.create_credit_note(NOTE, permit), "credit_notes"),
        (lambda permit: erp.create_replacement(SPARE, permit), "replacements"),
    ]
    for fill, table in fills:
        permit = TestPermit(dry=True)
        with pytest.raises(Suppressed):
            fill(permit)
        assert set(permit.pictures) == {"before"} and world.count(table) == 0


REFUSALS: list[tuple[Callable[[PracticeErp, TestPermit], None], str]] = [
    (lambda erp, permit: erp.create_return(BACK.model_copy(update={"lines": (("TEE-RED-M", 4),)}), permit), "超过可退数量 3"),
    (lambda erp, permit: erp.create_return(BACK.model_copy(update={"lines": (("CUS-MUG1", 1),)}), permit), "not .'CUS-MUG1'"),
    (lambda erp, permit: erp.create_return(BACK.model_copy(update={"kind": "keep"}), permit), "不需要承运商"),
    (lambda erp, permit: erp.create_return(BACK.model_copy(update={"order_no": "DE-2026-999999"}), permit), "no order DE-2026-999999"),
    (lambda erp, permit: erp.create_credit_note(NOTE.model_copy(update={"gross": Money(minor=225181, currency="GBP")}), permit), "超过可开余额 2,251.80 GBP"),
    (
        lambda erp, permit: erp.create_credit_note(NOTE.model_copy(update={"gross": Money(minor=100, currency="EUR")}), permit),
        "is in GBP, the credit note in EUR",
    ),
    (lambda erp, permit: erp.create_credit_note(NOTE.model_copy(update={"tax": 40000}), permit), "最高税率 20%"),
    (lambda erp, permit: erp.create_replacement(SPARE.model_copy(update={"sku": "NOPE"}), permit), "SKU NOPE 不存在"),
    (lambda erp, permit: erp.create_replacement(SPARE.model_copy(update={"qty": 4}), permit), "超过可补发数量 3"),
    (lambda erp, permit: erp.cancel_return("SR-2026-424242", PLAIN, permit), "not there"),
]


@pytest.mark.parametrize(("write", "says"), REFUSALS, ids=[says for _, says in REFUSALS])
def test_what_the_erp_refuses_is_refused_before_the_click(erp: PracticeErp, world: World, write: Callable[[PracticeErp, TestPermit], None], says: str) -> None:
    permit = TestPermit()
    with pytest.raises(BusinessException, match=says) as raised:
        write(erp, permit)
    assert raised.value.code == "refused_by_backend" and permit.spent == 0
    assert world.count("sales_returns") + world.count("credit_notes") + world.count("replacements") == 0


def test_a_return_whose_parcel_is_on_its_way_is_not_cancelled(erp: PracticeErp, world: World) -> None:
    erp.create_return(BACK, TestPermit())
    (made,) = erp.find_returns(RMA)
    with world.write() as db:
        db.execute("INSERT INTO parcels VALUES (?, 'SwiftParcel', ?, ?, 500, NULL, NULL, 'DE', 'DE-LEJ')", (made.tracking_no, PLAIN, RMA))
    permit = TestPermit()
    with pytest.raises(BusinessException, match="已交运"):
        erp.cancel_return(made.return_no, PLAIN, permit)
    assert permit.spent == 0 and erp.find_returns(RMA) == (made,)


def test_other_terms_in_the_confirm_dialog_stop_the_click(erp: PracticeErp, world: World) -> None:
    erp.find_order(PLAIN)
    forge = "for (const dd of document.querySelectorAll('[data-term=gross]')) if (dd.textContent === 'GBP 1,123.45') dd.textContent = 'GBP 11,123.45';"
    erp.screen.page.add_init_script(f"new MutationObserver(() => {{ {forge} }}).observe(document, {{childList: true, subtree: true}});")
    permit = TestPermit()
    try:
        with pytest.raises(ScreenChanged, match="1112345") as raised:
            erp.create_credit_note(NOTE, permit)
        assert raised.value.code == "confirm_mismatch" and permit.spent == 0 and world.count("credit_notes") == 0
    finally:
        erp.forget_session()


@pytest.mark.parametrize(
    ("lie", "written", "raises"),
    [
        ("success_without_write", 0, None),
        ("write_without_banner", 1, None),
        ("error_after_write", 1, SystemException),
        ("double_submit", 2, None),
        ("session_gone", 0, SessionLost),
    ],
)
def test_after_a_lie_only_reading_back_tells_the_truth(erp: PracticeErp, world: World, lie: str, written: int, raises: type[Exception] | None) -> None:
    def still(work: Callable[[], None]) -> None:
        if raises is None:
            work()
        else:
            with pytest.raises(raises):
                work()

    world.tell_lies("erp", "create_return", lie)
    world.tell_lies("erp", "create_credit_note", lie)
    permits = TestPermit(), TestPermit()
    still(lambda: erp.create_return(BACK, permits[0]))
    still(lambda: erp.create_credit_note(NOTE, permits[1]))
    assert [permit.spent for permit in permits] == [1, 1], "clicked once, never again"
    assert len(erp.find_returns(RMA)) == written and len(erp.find_credit_notes(RMA)) == written


def test_a_commit_button_that_was_redesigned_is_not_clicked(erp: PracticeErp, world: World) -> None:
    erp.find_order(PLAIN)
    world.tell_lies("erp", "skin", "redesign", times=5)
    permit = TestPermit()
    with pytest.raises(ScreenChanged):
        erp.create_credit_note(NOTE, permit)
    assert permit.spent == 0 and world.count("credit_notes") == 0


def test_the_notice_may_come_at_any_time(erp: PracticeErp, world: World) -> None:
    erp.find_order(PLAIN)
    with world.write() as db:
        db.execute("UPDATE web_sessions SET notice_seen = 0")
    erp.create_replacement(SPARE, TestPermit())
    assert len(erp.find_replacements(RMA)) == 1

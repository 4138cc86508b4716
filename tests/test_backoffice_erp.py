"""The practice ERP keeps its own rules, tells its lies when told to, and works in a real browser."""

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
from tests.backoffice.erp import books, words
from tests.backoffice.erp.app import create_app
from tests.backoffice.erp.samples import put_order, put_small_world
from tests.backoffice.serving import serving
from tests.backoffice.world import SAMPLES_START as START
from tests.backoffice.world import World

ACCOUNT = ACCOUNTS["erp"]
PLAIN, SHOPIFY, EXPORTED = "/orders/DE-2026-104233", "/orders/%2310423", "/orders/GB%2F2026-000007"
RMA = "RMA-2026-000001"


@pytest.fixture
def world(tmp_path: Path) -> World:
    made = World.create(tmp_path, START)
    put_small_world(made)
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


def give_back(
    client: FlaskClient,
    order: str = PLAIN,
    rma: str = RMA,
    kind: str = "return",
    reason: str = "DEFECTIVE",
    carrier: str = "SwiftParcel",
    step: str = "",
    **qty: str,
) -> TestResponse:
    pieces = {f"qty:{sku.replace('_', '-')}": text for sku, text in (qty or {"TEE_RED_M": "1"}).items()}
    return send(client, order, f"{order}/returns", rma=rma, kind=kind, reason=reason, carrier=carrier, step=step, **pieces)


def credit(client: FlaskClient, gross: str = "12.34", tax: str = "1.97", order: str = "DE-2026-104233", rma: str = RMA, step: str = "") -> TestResponse:
    return send(client, PLAIN, "/credit-notes/new", order=order, rma=rma, gross=gross, tax=tax, step=step)


def replace(client: FlaskClient, sku: str = "TEE-RED-L", qty: str = "1", kind: str = "exchange", rma: str = RMA, step: str = "") -> TestResponse:
    return send(client, PLAIN, "/replacements/new", order="DE-2026-104233", rma=rma, kind=kind, sku=sku, qty=qty, step=step)


def cancel(client: FlaskClient, return_no: str = "SR-2026-000001", step: str = "") -> TestResponse:
    return send(client, PLAIN, f"/returns/{return_no}/cancel", step=step)


# -- log-in ------------------------------------------------------------------------------------------------------------


def test_every_page_asks_for_a_log_in_and_leads_back_to_itself(world: World) -> None:
    stranger = create_app(world).test_client()
    for path in ("/", "/orders", PLAIN, f"{EXPORTED}/export", "/returns", "/credit-notes", "/credit-notes/new?order=x", "/replacements", "/replacements/new"):
        assert stranger.get(path).location.startswith("/login"), path
    assert stranger.get("/api/orders").status_code == 401
    assert "用户名或密码错误" in stranger.post("/login", data={"account": ACCOUNT.name, "password": "no"}).text
    back = stranger.post(stranger.get(SHOPIFY).location, data={"account": ACCOUNT.name, "password": ACCOUNT.password})
    assert back.location == SHOPIFY
    assert stranger.get(back.location).status_code == 200


def test_a_session_ends_after_a_while(client: FlaskClient, world: World) -> None:
    assert client.get("/orders").status_code == 200
    with world.write() as db:
        db.execute("UPDATE web_sessions SET seen_at = seen_at - 1000")
    expired = client.get("/orders", follow_redirects=True)
    assert "会话已过期" in expired.text


def test_a_form_without_its_token_is_refused(client: FlaskClient, world: World) -> None:
    answer = client.post("/credit-notes/new", data={"order": "DE-2026-104233", "rma": RMA, "gross": "1.00", "tax": "0.16"})
    assert answer.status_code == 403 and world.count("credit_notes") == 0


def test_the_notice_shows_until_it_is_put_away(client: FlaskClient) -> None:
    page = client.get("/orders").text
    assert "系统公告" in page and "系统公告" in client.get(PLAIN).text
    token = re.search(r'data-csrf="([^"]+)"', page)
    assert token and client.post("/notice", headers={"X-CSRF": token[1]}).status_code == 204
    assert "系统公告" not in client.get("/orders").text


# -- what screens show ---------------------------------------------------------------------------------------------------


def test_an_order_is_shown_whole(client: FlaskClient) -> None:
    page = unescape(client.get(PLAIN).text)
    for text in (
        "2026-09-28 11:30", "Hauptstr. 5, 50667 Köln", "独立站", "银行卡", "7.800000",
        "主动降噪头戴耳机 / AeroBeat ANC-200 Headphones", "19%", "HP00000001", "1,215.50", "1,310",
    ):  # fmt: skip
        assert text in page, text
    assert 'class="warn">TEE-RED-L<' in page, "what was picked instead"
    assert "出口单证" not in page
    exported = client.get(EXPORTED).text
    assert 'src="/orders/GB/2026-000007/export"' in exported
    assert "&lt;b&gt;Ann" in exported and "<b>Ann" not in exported
    papers = client.get(f"{EXPORTED}/export").text
    for text in ("26DE4850000000001J6", "2026-09-12", "DE004851", "85183000", "1,123.45", "GBP"):
        assert text in papers, text
    assert client.get(f"{PLAIN}/export").status_code == 404
    assert client.get("/orders/DE-2026-10423").status_code == 404, "a part of a number is no number"


def test_sums_hold_the_tax_of_what_was_paid(client: FlaskClient, world: World) -> None:
    head = world.one("SELECT * FROM orders WHERE order_no = 'DE-2026-104233'")
    assert head
    sums = books.totals(world.db, head)
    # 89.90 + 3 x 19.99 - 3.00 = 146.87 goods, 14.90 shipping, 5.00 off; all at 19 %.
    assert (sums.goods, sums.shipping, sums.gross) == (14687, 1490, 15677)
    assert abs(sums.tax - round(15677 * 19 / 119)) <= 1
    assert "EUR 156.77" in client.get(PLAIN).text


@pytest.mark.parametrize(("gross", "basis_points", "tax"), [(11900, 1900, 1900), (100, 1900, 16), (1, 1900, 0), (2500, 0, 0), (121, 2100, 21), (63, 500, 3)])
def test_tax_in(gross: int, basis_points: int, tax: int) -> None:
    assert books.tax_in(gross, basis_points) == tax


def test_orders_are_searched_and_paged(client: FlaskClient, world: World) -> None:
    def found(query: str) -> list[str]:
        answer = client.get("/api/orders", query_string={"q": query}).json
        assert answer["total"] == len(answer["rows"])
        return [row["cells"][0] for row in answer["rows"]]

    assert found("#10423") == ["#10423"]
    assert found("104233") == ["DE-2026-104233"]
    assert found("mug@EXAMPLE") == ["#10423"]
    assert found("%") == [] and found("' OR 1=1 --") == []
    put_order(world, "DE-2026-10423", [{"sku": "CUS-MUG1", "qty": 1, "unit_gross": 100}], placed_at="2026-01-01T00:00:00+00:00")
    assert found("DE-2026-10423") == ["DE-2026-10423", "DE-2026-104233"], "the exact number comes first"
    for number in range(40):
        put_order(world, f"FR-2026-{number:06d}", [{"sku": "TEE-RED-M", "qty": 1, "unit_gross": 1999}])
    assert client.get("/orders").text.count("<tr><td>") == 20
    assert client.get("/orders?page=3").text.count("<tr><td>") == 4
    assert client.get("/orders?size=100&q=FR-").text.count("<tr><td>") == 40
    first = client.get("/api/orders?q=FR-").json
    assert first["total"] == 40 and len(first["rows"]) == 20


def test_lists_are_searched_by_rma_or_order(client: FlaskClient) -> None:
    give_back(client)
    give_back(client, SHOPIFY, "RMA-2026-000002", CUS_MUG1="1")
    credit(client)
    replace(client)
    for path, number in (("/returns", "SR-2026-000001"), ("/credit-notes", "CN-2026-000001"), ("/replacements", "RP-2026-000001")):
        for query in (RMA, "104233", number):
            page = client.get(path, query_string={"q": query}).text
            assert page.count("<tr><td>") == 1 and number in page, (path, query)
        assert client.get(path, query_string={"q": "RMA-2026-000009"}).text.count("<tr><td>") == 0
    assert client.get("/returns").text.count("<tr><td>") == 2


# -- returns -------------------------------------------------------------------------------------------------------------


def test_a_return_is_made_with_its_label(client: FlaskClient, world: World) -> None:
    page = give_back(client, HP_ANC200="1", TEE_RED_M="2").text
    assert "退货单 SR-2026-000001 已创建" in page and "HP-ANC200 × 1; TEE-RED-M × 2" in page
    row = world.one("SELECT * FROM sales_returns")
    assert row and (row["rma"], row["kind"], row["reason"], row["state"], row["carrier"], row["created_by"]) == (
        RMA,
        "return",
        "DEFECTIVE",
        "open",
        "SwiftParcel",
        "bot.erp",
    )
    assert re.fullmatch(r"\d{10}", row["tracking_no"]) and int(row["tracking_no"][:9]) % 7 == int(row["tracking_no"][9]) and row["label_cost"] == 3900
    assert row["tracking_no"] in page and "39.00" in page
    give_back(client, EXPORTED, carrier="GlobalPost", HP_ANC200="1")
    label = world.one("SELECT * FROM sales_returns WHERE carrier = 'GlobalPost'")
    assert label and label["label_cost"] == 16500
    tracking = label["tracking_no"]
    assert re.fullmatch(r"CR\d{9}GB", tracking)
    rest = 11 - sum(int(digit) * weight for digit, weight in zip(tracking[2:10], (8, 6, 4, 2, 3, 5, 9, 7), strict=True)) % 11
    assert int(tracking[10]) == {10: 0, 11: 5}.get(rest, rest), "UPU S10 check digit"


def test_a_return_without_carrier_or_to_keep_has_no_label(client: FlaskClient, world: World) -> None:
    give_back(client, carrier="")
    give_back(client, kind="keep", carrier="")
    rows = [tuple(row) for row in world.all("SELECT kind, carrier, tracking_no, label_cost FROM sales_returns")]
    assert rows == [("return", None, None, None), ("keep", None, None, None)]


def test_a_label_never_takes_the_number_of_an_outbound_parcel(client: FlaskClient, world: World) -> None:
    give_back(client)
    first = world.one("SELECT tracking_no FROM sales_returns")
    assert first
    with world.write() as db:
        db.execute("UPDATE counters SET value = value - 1 WHERE name = 'label_waybill'")
        db.execute("UPDATE orders SET out_tracking = ?", (first["tracking_no"],))
    give_back(client)
    again = world.one("SELECT tracking_no FROM sales_returns WHERE return_no = 'SR-2026-000002'")
    assert again and again["tracking_no"] != first["tracking_no"]


@pytest.mark.parametrize(
    ("form", "says"),
    [
        ({"TEE_RED_M": "4"}, "TEE-RED-M 的退货数量 4 超过可退数量 3"),
        ({"TEE_RED_M": "-1"}, "不是整数"),
        ({"TEE_RED_M": "１"}, "不是整数"),
        ({"TEE_RED_M": "0"}, "至少填写一行"),
        ({"CUS_MUG1": "1"}, "没有 SKU CUS-MUG1"),
        ({"reason": "BECAUSE"}, "请选择退货原因"),
        ({"kind": "gift"}, "请选择类型"),
        ({"carrier": "Pigeon"}, "请选择承运商"),
        ({"kind": "keep"}, "不需要承运商"),
        ({"rma": "=1+1"}, "RMA号只能包含"),
    ],
)
def test_a_wrong_return_is_refused_with_a_reason(client: FlaskClient, world: World, form: dict[str, str], says: str) -> None:
    for step in ("check", ""):
        answer = give_back(client, step=step, **form)
        assert answer.status_code == 422 and says in (answer.json["error"] if step else unescape(answer.text))
    assert "data-show" in answer.text and world.count("sales_returns") == 0


def test_open_returns_count_and_cancelled_ones_do_not(client: FlaskClient, world: World) -> None:
    give_back(client, TEE_RED_M="2")
    assert "超过可退数量 1" in give_back(client, TEE_RED_M="2").text
    cancel(client)
    assert "SR-2026-000002 已创建" in give_back(client, TEE_RED_M="3").text


def test_a_check_writes_nothing_and_repeats_the_terms(client: FlaskClient, world: World) -> None:
    answer = give_back(client, step="check", TEE_RED_M="2")
    assert answer.json == {
        "terms": {"order_no": "DE-2026-104233", "rma": RMA, "kind": "退货", "reason": "DEFECTIVE 功能故障", "lines": "TEE-RED-M × 2", "carrier": "SwiftParcel"}
    }
    assert credit(client, step="check").json["terms"] == {"order_no": "DE-2026-104233", "rma": RMA, "gross": "EUR 12.34", "tax": "EUR 1.97"}
    assert replace(client, step="check").json["terms"]["kind"] == "换货"
    assert world.count("sales_returns") + world.count("credit_notes") + world.count("replacements") == 0


def test_a_return_is_cancelled_once_and_not_after_its_parcel_was_handed_in(client: FlaskClient, world: World) -> None:
    give_back(client)
    assert cancel(client, step="check").json["terms"]["rma"] == RMA
    assert "退货单 SR-2026-000001 已取消" in cancel(client).text
    assert cancel(client).status_code == 422 and cancel(client, "SR-2026-999999").status_code == 404
    give_back(client)
    row = world.one("SELECT * FROM sales_returns WHERE state = 'open'")
    assert row
    with world.write() as db:
        db.execute("INSERT INTO parcels VALUES (?, 'SwiftParcel', ?, ?, 500, NULL, NULL, 'DE', 'DE-LEJ')", (row["tracking_no"], row["order_no"], row["rma"]))
    assert "已交运" in cancel(client, row["return_no"]).text


# -- credit notes and replacements ---------------------------------------------------------------------------------------


def test_credit_notes_never_exceed_what_was_paid(client: FlaskClient, world: World) -> None:
    page = credit(client, "150.00", "23.95").text
    assert "贷项通知单 CN-2026-000001 已开具" in page and "150.00" in page
    assert "超过可开余额 6.77 EUR" in credit(client, "6.78", "1.08").text
    assert "CN-2026-000002 已开具" in credit(client, "6.77", "1.08").text
    row = world.one("SELECT * FROM credit_notes WHERE cn_no = 'CN-2026-000001'")
    assert row and (row["gross"], row["tax"], row["currency"], row["rate"], row["state"], row["rma"]) == (15000, 2395, "EUR", 7_800_000, "posted", RMA)


@pytest.mark.parametrize(
    ("gross", "tax", "says"),
    [
        ("0.00", "0.00", "必须大于 0"), ("-5.00", "0.00", "不是有效的 EUR 金额"), ("12,34", "1.00", "不是有效的"), ("1.234", "0.1", "不是有效的"),
        ("", "", "不是有效的"), ("10.00", "2.00", "高于该订单的最高税率 19%"),
    ],
)  # fmt: skip
def test_a_wrong_credit_note_is_refused_with_a_reason(client: FlaskClient, world: World, gross: str, tax: str, says: str) -> None:
    answer = credit(client, gross, tax)
    assert answer.status_code == 422 and says in answer.text and world.count("credit_notes") == 0


def test_yen_have_no_decimals(client: FlaskClient, world: World) -> None:
    mug = {"sku": "CUS-MUG1", "qty": 1, "unit_gross": 3900, "tax_bp": 0}
    put_order(world, "JP-2026-000001", [mug], currency="JPY", country="JP", shipping_standard=800, book_rate=48_200)
    assert "3,900" in client.get("/orders/JP-2026-000001").text
    assert "不是有效的 JPY 金额" in credit(client, "10.50", "0", order="JP-2026-000001").text
    assert "已开具" in credit(client, "4,700", "0", order="JP-2026-000001").text


@pytest.mark.parametrize(
    ("form", "says"),
    [
        ({"sku": "NOPE"}, "SKU NOPE 不存在"), ({"sku": "CUS-MUG1"}, "不匹配"), ({"qty": "0"}, "必须大于 0"), ({"qty": "4"}, "超过可补发数量 3"),
        ({"qty": "x"}, "不是整数"),
        ({"kind": "spare_part"}, "不匹配"), ({"kind": "bonus"}, "请选择类型"),
    ],
)  # fmt: skip
def test_a_wrong_replacement_is_refused_with_a_reason(client: FlaskClient, world: World, form: dict[str, str], says: str) -> None:
    answer = replace(client, **form)
    assert answer.status_code == 422 and says in answer.text and world.count("replacements") == 0


def test_replacements_are_numbered_and_counted(client: FlaskClient, world: World) -> None:
    assert "补发单 RP-2026-000001 已创建" in replace(client, qty="2").text
    assert "超过可补发数量 1" in replace(client, qty="2").text
    assert "RP-2026-000002" in replace(client, "HP-ANC200", kind="spare_part").text
    rows = [tuple(row) for row in world.all("SELECT kind, sku, qty, order_no, created_by FROM replacements ORDER BY replacement_no")]
    assert rows == [("exchange", "TEE-RED-L", 2, "DE-2026-104233", "bot.erp"), ("spare_part", "HP-ANC200", 1, "DE-2026-104233", "bot.erp")]


def test_the_reasons_are_the_suite_s_own() -> None:
    from bots.decisions.reasons import REASON_CODES

    assert set(words.REASONS) == set(REASON_CODES)


# -- lies ----------------------------------------------------------------------------------------------------------------


def test_lies_about_writes(client: FlaskClient, world: World) -> None:
    world.tell_lies("erp", "create_return", "success_without_write", match=RMA)
    assert "退货单 SR-2026-000001 已创建" in give_back(client).text and world.count("sales_returns") == 0
    world.tell_lies("erp", "create_return", "write_without_banner")
    assert "已创建" not in give_back(client).text and world.count("sales_returns") == 1
    world.tell_lies("erp", "create_credit_note", "error_after_write")
    assert credit(client).status_code == 500 and world.count("credit_notes") == 1
    world.tell_lies("erp", "create_replacement", "double_submit")
    replace(client, qty="3")
    assert world.count("replacements") == 2, "written twice, though the second is above what was bought"
    world.tell_lies("erp", "cancel_return", "success_without_write")
    assert "SR-2026-000001 已取消" in cancel(client).text
    row = world.one("SELECT state FROM sales_returns")
    assert row and row["state"] == "open"


def test_a_lie_is_not_used_up_by_the_check_and_a_lost_session_writes_nothing(client: FlaskClient, world: World) -> None:
    world.tell_lies("erp", "create_credit_note", "session_gone")
    assert credit(client, step="check").status_code == 200
    assert "会话已过期" in credit(client).text
    assert world.count("credit_notes") == 0 and client.get("/orders").location.startswith("/login")


def test_a_lie_waits_for_its_rma_and_slow_is_slow(client: FlaskClient, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.tell_lies("erp", "create_return", "success_without_write", match="RMA-2026-000099")
    give_back(client)
    assert world.count("sales_returns") == 1
    world.tell_lies("erp", "search", "slow", seconds=0.3)
    waited: list[float] = []
    monkeypatch.setattr(time, "sleep", waited.append)
    client.get("/returns")
    assert waited == [0.3]


# -- a real browser ------------------------------------------------------------------------------------------------------


@pytest.fixture
def url(world: World) -> Iterator[str]:
    with serving(create_app(world)) as base:
        yield base


@pytest.mark.browser
def test_a_clerk_works_a_return_in_the_browser(url: str, world: World) -> None:
    from playwright.sync_api import expect, sync_playwright

    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=find_browser().executable_path, args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 1280, "height": 860})
        page.set_default_timeout(5000)
        problems: list[str] = []
        page.on("pageerror", lambda error: problems.append(str(error)))
        asked: list[str] = []
        page.on("request", lambda request: asked.append(request.url) if "/api/" in request.url else None)
        page.goto(url)
        page.get_by_label("用户名", exact=True).fill(ACCOUNT.name)
        page.get_by_label("密码", exact=True).fill(ACCOUNT.password)
        page.get_by_role("button", name="登录", exact=True).click()
        page.get_by_role("dialog", name="系统公告").get_by_role("button", name="关闭").click()
        expect(page.get_by_role("dialog")).to_have_count(0)

        page.get_by_role("searchbox", name="订单号或买家邮箱").press_sequentially("joerg@example", delay=10)
        expect(page.get_by_text("显示 1 条，共 1 条")).to_be_visible()
        assert len(asked) == 1, "the search waits until the clerk pauses"
        page.get_by_role("table", name="订单列表").get_by_role("link", name="DE-2026-104233").click()
        page.get_by_role("button", name="新建退货单", exact=True).click()
        dialog = page.get_by_role("dialog", name="新建销售退货单")
        dialog.get_by_label("RMA号", exact=True).fill(RMA)
        dialog.get_by_label("退货原因", exact=True).select_option("DEFECTIVE")
        dialog.get_by_label("退货承运商", exact=True).select_option("SwiftParcel")
        dialog.get_by_label("TEE-RED-M 退货数量", exact=True).fill("4")
        dialog.get_by_role("button", name="下一步", exact=True).click()
        expect(dialog.get_by_role("alert")).to_contain_text("超过可退数量 3")
        dialog.get_by_label("TEE-RED-M 退货数量", exact=True).fill("2")
        dialog.get_by_role("button", name="下一步", exact=True).click()
        confirm = page.get_by_role("dialog", name="确认退货单")
        expect(confirm).to_contain_text(re.compile(rf"DE-2026-104233.*{RMA}.*退货.*DEFECTIVE.*TEE-RED-M × 2.*SwiftParcel", re.DOTALL))
        assert world.count("sales_returns") == 0, "nothing is written before the dialog's own button"
        confirm.get_by_role("button", name="提交退货单", exact=True).click()
        expect(page.get_by_role("status")).to_contain_text("退货单 SR-2026-000001 已创建")

        page.get_by_role("button", name="取消退货单 SR-2026-000001", exact=True).click()
        confirm = page.get_by_role("dialog", name="确认取消退货单")
        expect(confirm).to_contain_text("SR-2026-000001")
        confirm.get_by_role("button", name="保留退货单", exact=True).click()
        expect(confirm).to_be_hidden()

        page.get_by_role("link", name="新建贷项通知单", exact=True).click()
        page.get_by_label("RMA号", exact=True).fill(RMA)
        page.get_by_label("含税金额", exact=True).fill("39.98")
        page.get_by_label("其中税额", exact=True).fill("6.38")
        page.get_by_role("button", name="下一步", exact=True).click()
        page.get_by_role("dialog", name="确认贷项通知单").get_by_role("button", name="确认开具", exact=True).click()
        expect(page.get_by_role("status")).to_contain_text("CN-2026-000001")
        expect(page.get_by_role("table", name="贷项通知单")).to_contain_text("39.98")

        page.goto(f"{url}/orders/GB%2F2026-000007")
        expect(page.get_by_title("出口单证").content_frame.get_by_role("table", name="出口明细")).to_contain_text("1,123.45")
        world.tell_lies("erp", "skin", "redesign")
        page.reload()
        expect(page.get_by_role("button", name="登记退货", exact=True)).to_be_visible()
        assert page.locator("#new-return").count() == 0
        browser.close()
    assert problems == []
    assert world.count("sales_returns") == 1 and world.count("credit_notes") == 1

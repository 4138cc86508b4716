"""The practice world itself: the same seed tells the same stories, nights move them on, and the score catches every kind of slip."""

from __future__ import annotations

import html
import json
import random
import re
import sqlite3
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from pathlib import Path
from typing import Any

import pytest
from stdnum import ean, iban

from tests.backoffice import amounts, carriers_voice, mails, papers, products, scenario, truth
from tests.backoffice.clerk import PerfectClerk
from tests.backoffice.drafts import insert
from tests.backoffice.kinds import KINDS
from tests.backoffice.simulation import Simulation
from tests.backoffice.world import Row, World

ROOT = Path(__file__).resolve().parents[1]


class Play:
    """A world with a clerk and a mailbox that is a list."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.inbox: list[bytes] = []
        self.simulation = Simulation(world, self.inbox.append)
        self.simulation.open_doors()
        self.clerk = PerfectClerk(world)

    def through(self, nights: int = 12) -> Play:
        """Let the clerk work and the nights pass until the world says that it is finished."""
        for _ in range(nights):
            self.clerk.work()
            if self.simulation.finished():
                break
            self.simulation.advance()
        self.clerk.work()
        return self

    def score(self) -> dict[str, Any]:
        return truth.score(self.world, self.clerk.cases())

    def row(self, kind: str) -> dict[str, Any]:
        return next(row for row in self.score()["rows"] if row["kind"] == kind)

    def story(self, kind: str) -> Row:
        return next(row for row, _, _ in self.clerk.stories if row["kind"] == kind)


def small(tmp_path: Path, *kinds: str, seed: int = 1) -> Play:
    return Play(scenario.build(tmp_path, seed=seed, kinds=list(kinds)))


# -- what is built ----------------------------------------------------------------------------------------------
def test_the_same_seed_builds_the_same_world(tmp_path: Path) -> None:
    one, two, other = (scenario.build(tmp_path / name, seed=seed, cases=60) for name, seed in (("one", 7), ("two", 7), ("other", 8)))

    def everything(world: World) -> tuple[list[str], dict[str, bytes]]:
        return list(world.db.iterdump()), {path.name: path.read_bytes() for path in (world.folder / scenario.DROP).iterdir()}

    assert everything(one) == everything(two)
    assert everything(one) != everything(other)


def test_fewer_cases_than_kinds_take_the_first_kinds(tmp_path: Path) -> None:
    world = scenario.build(tmp_path, cases=5)
    assert [row["kind"] for row in world.all("SELECT kind FROM stories ORDER BY story")] == [kind.name for kind in KINDS[:5]]


def test_all_kinds_and_languages_are_told(tmp_path: Path) -> None:
    world = scenario.build(tmp_path, seed=2, cases=len(KINDS))
    assert Counter(row["kind"] for row in world.all("SELECT kind FROM stories")) == Counter(kind.name for kind in KINDS)
    assert {row["lang"] for row in world.all("SELECT lang FROM stories")} == set(products.LANGUAGES)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_orders_stand_clear_of_every_limit_that_is_not_their_point(tmp_path: Path, seed: int) -> None:
    """A sane policy must reach the expected end with no luck: windows, approval limits and returnless limits are not grazed."""
    world = scenario.build(tmp_path, seed=seed, cases=120)
    returnless = {"EUR": 1500, "GBP": 1500, "USD": 1500, "CHF": 1500, "PLN": 6500, "JPY": 2500}
    approval = {"EUR": 50000, "GBP": 50000, "USD": 50000, "CHF": 50000, "PLN": 220000, "JPY": 80000}
    for row in world.all("SELECT s.kind, s.expected, o.* FROM stories s JOIN orders o USING (order_no)"):
        refund = json.loads(row["expected"])["refund"]
        if refund:
            below = refund["amount"] < approval[row["currency"]] * 0.8
            assert below == (row["kind"] != "above_limit"), row["kind"]
            assert below or refund["amount"] > approval[row["currency"]]
        lines = world.all("SELECT * FROM order_lines WHERE order_no = ? ORDER BY line_no", row["order_no"])
        paid = amounts.paid_by_line([amounts.Line(ln["line_no"], ln["sku"], ln["qty"], ln["unit_gross"], ln["line_discount"]) for ln in lines], row["discount"])
        assert (paid[1] <= returnless[row["currency"]]) == (row["kind"] == "returnless"), row["kind"]
        if row["delivered_at"]:
            days = (scenario.BASE_TIME - datetime.fromisoformat(row["delivered_at"])) / timedelta(days=1)
            assert 2 <= days <= 11 or row["kind"] in ("too_late", "warranty")
        if row["export_date"]:
            assert row["export_date"] <= row["delivered_at"][:10]


def test_numbers_carry_valid_check_digits() -> None:
    assert all(ean.is_valid(product.gtin) for product in products.catalogue())
    rng = random.Random(3)
    assert all(iban.is_valid(papers.iban(country, rng)) for country in papers.IBAN_SHAPES)
    assert papers.s10("RB", 12345678, "GB") == "RB123456785GB"  # the UPU's own example
    assert papers.waybill(331881002) == "3318810025"
    number = papers.mrn(datetime(2026, 9, 1, tzinfo=UTC).date(), rng)
    assert len(number) == 18
    assert number.startswith("26DE")


def test_order_numbers_have_their_channels_shapes(tmp_path: Path) -> None:
    world = scenario.build(tmp_path, cases=200)
    shapes = {
        "shop": r"[A-Z]{2}-2026-\d{6}",
        "shopify": r"#\d{5}",
        "ebay": r"\d{2}-\d{5}-\d{5}",
        "amazon_mfn": r"30\d-\d{7}-\d{7}",
        "amazon_fba": r"30\d-\d{7}-\d{7}",
    }
    seen = set()
    for row in world.all("SELECT channel, order_no FROM orders"):
        assert re.fullmatch(shapes[row["channel"]], row["order_no"])
        seen.add(row["channel"])
    assert seen == set(shapes)


# -- money ------------------------------------------------------------------------------------------------------
def test_discounts_and_units_are_split_to_the_last_cent() -> None:
    lines = [amounts.Line(1, "A", 3, 1000), amounts.Line(2, "B", 1, 1000, 1)]
    paid = amounts.paid_by_line(lines, 100)
    assert paid == {1: 2925, 2: 974}  # 100 over 3000 and 999: 75.02 and 24.98
    assert [amounts.units_paid(100, 3, back) for back in range(4)] == [0, 34, 67, 100]


@pytest.mark.parametrize(
    ("back", "fault", "statutory", "country", "days", "expected"),
    [
        ({1: 2}, False, True, "DE", 5, 2490),  # withdrawal of the whole order: with shipping
        ({1: 1}, False, True, "DE", 5, 1000),  # a part of it: without
        ({1: 2}, True, False, "JP", 29, 2490),  # the seller's fault within 30 days
        ({1: 2}, True, True, "DE", 150, 2000),  # warranty
        ({1: 2}, False, False, "CH", 5, 2000),  # shop policy
        ({1: 2}, False, False, "US", 5, 1250),  # shop policy less the label
    ],
)
def test_refund_rules(back: dict[int, int], fault: bool, statutory: bool, country: str, days: int, expected: int) -> None:
    lines = [amounts.Line(1, "A", 2, 1000)]
    assert amounts.refund(lines, 0, 490, back, fault=fault, statutory=statutory, country=country, days=days) == expected


# -- mail -------------------------------------------------------------------------------------------------------
def text_of(raw: bytes) -> str:
    """The words of a mail, whatever its charset and shape."""
    message = message_from_bytes(raw, policy=policy.default)
    body = message.get_body(("plain", "html"))
    assert body is not None
    return html.unescape(f"{message['Subject']}\n{body.get_content()}")


def test_every_request_names_its_order_and_all_charsets_can_be_read(tmp_path: Path) -> None:
    play = Play(scenario.build(tmp_path, seed=4, cases=200)).through()
    senders = "SELECT json_extract(plan, '$.sender') AS sender, order_no FROM stories WHERE order_no IS NOT NULL"
    orders = {row["sender"]: row["order_no"] for row in play.world.all(senders)}
    charsets, shapes = Counter[str](), Counter[str]()
    for raw in play.inbox:
        message = message_from_bytes(raw, policy=policy.default)
        sender = message["From"].addresses[0].addr_spec
        if sender in orders:
            assert orders[sender] in text_of(raw)
        assert message["To"] == mails.MAILBOX
        assert datetime.strptime(message["Date"], "%a, %d %b %Y %H:%M:%S %z") <= play.world.now()
        for part in message.walk():
            if part.get_content_maintype() == "text":
                charsets[str(part.get_content_charset())] += 1
            shapes[part.get_content_type()] += 1
    assert {"utf-8", "iso-8859-1", "gb18030", "iso-2022-jp", "iso-8859-2"} <= charsets.keys()
    assert {"text/plain", "text/html", "multipart/alternative", "image/png"} <= shapes.keys()
    assert len({message_from_bytes(raw)["Message-ID"] for raw in play.inbox}) == len(play.inbox)


@pytest.mark.parametrize("lang", products.LANGUAGES)
def test_every_text_of_a_language_names_the_order(lang: str) -> None:
    assert mails.words(lang)["body"].keys() == mails.words("en")["body"].keys()
    assert mails.words(lang)["parts"].keys() == {product.part for product in products.catalogue()}
    for key, texts in mails.words(lang)["body"].items():
        assert key.startswith("iban") or len(texts) >= 2
        assert key == "iban" or all("{order}" in text for text in texts), key


def test_size_exchange_names_the_wanted_size_and_it_exists(tmp_path: Path) -> None:
    for seed in range(1, 8):
        play = small(tmp_path / str(seed), "size_exchange", seed=seed)
        wanted = json.loads(play.story("size_exchange")["expected"])["replacement"]["sku"]
        size = products.by_sku()[wanted].size
        assert size in text_of(play.inbox[0]).replace("<br>", " ")
        bought = play.world.one("SELECT sku FROM order_lines WHERE order_no = ? AND line_no = 1", play.story("size_exchange")["order_no"])
        assert bought is not None
        assert bought["sku"] != wanted


# -- nights -----------------------------------------------------------------------------------------------------
def test_a_return_travels_one_stage_a_night(tmp_path: Path) -> None:
    play = small(tmp_path, "withdrawal")
    counts = (
        "SELECT count(*) FROM parcels",
        "SELECT count(*) FROM receipts",
        "SELECT count(*) FROM qc_tasks WHERE state = 'done'",
        "SELECT count(*) FROM refunds WHERE state = 'settled'",
    )
    seen = []
    for _ in range(4):
        play.clerk.work()
        assert not play.simulation.finished()
        before = play.world.now()
        play.simulation.advance()
        assert timedelta(days=3) <= play.world.now() - before < timedelta(days=3, minutes=5)
        seen.append(tuple(play.world.db.execute(count).fetchone()[0] for count in counts))
    assert seen == [(1, 0, 0, 0), (1, 1, 0, 0), (1, 1, 1, 0), (1, 1, 1, 1)]
    assert play.simulation.finished()


def test_nothing_happens_before_the_bots_have_made_a_return(tmp_path: Path) -> None:
    play = small(tmp_path, "withdrawal")
    play.simulation.advance()
    play.simulation.advance()
    assert play.world.all("SELECT * FROM parcels") == []
    assert play.through().row("withdrawal")["verdict"] == "straight_through"


def test_customs_hold_one_parcel_a_night_and_then_release_it(tmp_path: Path) -> None:
    play = small(tmp_path, "customs_hold")
    states = []
    for _ in range(4):
        play.clerk.work()
        play.simulation.advance()
        row = play.world.one("SELECT d.status, p.dock_g IS NOT NULL AS docked FROM declarations d JOIN parcels p USING (tracking_no)")
        assert row is not None
        states.append((row["status"], row["docked"]))
    assert states == [("lodged", 0), ("held", 0), ("released", 0), ("released", 1)]


def test_plain_declarations_copy_the_export_and_the_odd_ones_do_not(tmp_path: Path) -> None:
    play = small(tmp_path, "customs_value", "customs_hs", "customs_hold").through(2)
    compare = """SELECT d.hs_code = e.hs_code AS hs, d.unit_value = e.unit_value AS value, d.origin = e.origin AND d.net_g = e.net_g AS rest,
                 h.export_ref = o.export_mrn AS mrn
                 FROM declaration_lines d JOIN declarations h USING (tracking_no) JOIN parcels p USING (tracking_no) JOIN orders o USING (order_no)
                 JOIN stories s USING (order_no) JOIN export_lines e ON e.order_no = p.order_no AND e.line_no = 1 WHERE s.kind = ?"""
    found = {kind: tuple(play.world.db.execute(compare, (kind,)).fetchone()) for kind in ("customs_value", "customs_hs", "customs_hold")}
    assert found == {"customs_value": (1, 0, 1, 1), "customs_hs": (0, 1, 1, 1), "customs_hold": (1, 1, 1, 1)}


def test_an_empty_box_weighs_less_than_half_and_a_lost_parcel_never_arrives(tmp_path: Path) -> None:
    play = small(tmp_path, "empty_box", "parcel_lost", "withdrawal").through()
    boxes = {row["kind"]: row for row in play.world.all("SELECT s.kind, p.* FROM parcels p JOIN stories s USING (order_no)")}
    assert boxes["empty_box"]["dock_g"] < boxes["empty_box"]["declared_g"] / 2
    assert boxes["withdrawal"]["dock_g"] > boxes["withdrawal"]["declared_g"] * 0.9
    assert boxes["parcel_lost"]["dock_g"] is None
    codes = {row["code"] for row in play.world.all("SELECT code FROM tracking_events WHERE tracking_no = ?", boxes["parcel_lost"]["tracking_no"])}
    assert codes & set(carriers_voice.lost_codes())


def test_carriers_repeat_themselves_and_mix_up_the_order(tmp_path: Path) -> None:
    play = Play(scenario.build(tmp_path, seed=3, cases=120)).through()
    times: dict[str, list[str]] = {}
    for row in play.world.all("SELECT * FROM tracking_events ORDER BY id"):
        times.setdefault(row["tracking_no"], []).append(row["at"])
    assert any(seen != sorted(seen) for seen in times.values())
    assert play.world.one("SELECT 1 FROM tracking_events GROUP BY tracking_no, at, code HAVING count(*) > 1")
    assert max(row["at"] for row in play.world.all("SELECT at FROM tracking_events")) <= play.world.stamp()


def test_later_mails_come_when_their_occasion_has_come(tmp_path: Path) -> None:
    play = small(tmp_path, "where_is_my_return", "where_is_my_money", "cancelled")
    counts = [len(play.inbox)]
    for _ in range(2):
        play.clerk.work()
        play.simulation.advance()
        counts.append(len(play.inbox))
    assert counts == [3, 5, 6]  # the cancellation and the question in transit, then the question about money
    play.clerk.work()
    order_no = play.story("cancelled")["order_no"]
    assert play.world.all("SELECT state FROM sales_returns WHERE order_no = ?", order_no)[0]["state"] == "cancelled"
    assert play.world.one("SELECT 1 FROM parcels WHERE order_no = ?", order_no) is None


def test_mail_is_delivered_once_also_after_a_restart(tmp_path: Path) -> None:
    play = small(tmp_path, "withdrawal", "same_request", "spam")
    assert len(play.inbox) == 4
    again: list[bytes] = []
    Simulation(World(tmp_path), again.append).open_doors()
    assert again == []


# -- the score --------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(("seed", "cases"), [(1, 60), (2, 60), (3, 200)])
def test_a_perfect_clerk_has_a_perfect_score(tmp_path: Path, seed: int, cases: int) -> None:
    play = Play(scenario.build(tmp_path, seed=seed, cases=cases)).through()
    score = play.score()
    assert [row for row in score["rows"] if row["verdict"] not in ("straight_through", "rightly_to_person")] == []
    assert score["straight_through"] + score["rightly_to_person"] == score["stories"] == cases
    assert score["ties"]
    assert score["strays"] == []
    assert play.simulation.finished()


def test_an_idle_suite_has_missed_what_was_due(tmp_path: Path) -> None:
    play = small(tmp_path, "withdrawal", "someone_elses_order", "spam")
    verdicts = {row["kind"]: row["verdict"] for row in truth.score(play.world, [])["rows"]}
    assert verdicts == {"withdrawal": "missed", "someone_elses_order": "wrong", "spam": "straight_through"}


Slip = Callable[[Play, sqlite3.Connection, Row], None]


def _copy(table: str, key: str) -> Slip:
    """The story's row in `table` once more, under another key."""

    def make(play: Play, db: sqlite3.Connection, story: Row) -> None:
        row = dict(db.execute(f"SELECT * FROM {table} WHERE order_no = ?", (story["order_no"],)).fetchone())
        insert(db, table, **{**row, key: "AGAIN"})

    return make


def _refund_anyway(play: Play, db: sqlite3.Connection, story: Row) -> None:
    play.clerk.refund(db, story, 1000, db.execute("SELECT currency FROM orders WHERE order_no = ?", (story["order_no"],)).fetchone()[0], "pay")


def _sql(statement: str) -> Slip:
    return lambda play, db, story: db.execute(statement, (story["order_no"],)) and None


def _tell_the_stranger(play: Play, db: sqlite3.Connection, story: Row) -> None:
    order = db.execute("SELECT * FROM orders WHERE order_no = ?", (story["order_no"],)).fetchone()
    play.clerk.write(db, json.loads(story["plan"])["sender"], "Your order", f"It was delivered to {order['buyer_name']}, {order['address']}.")


def _answer_the_spam(play: Play, db: sqlite3.Connection, story: Row) -> None:
    play.clerk.write(db, json.loads(story["plan"])["sender"], "Re: your mail", "Thank you.")


def _answer_twice(play: Play, db: sqlite3.Connection, story: Row) -> None:
    plan = json.loads(story["plan"])
    play.clerk.write(db, plan["sender"], story["order_no"], "It is still on its way.", plan["question"])


def _pay_the_wrong_payee(play: Play, db: sqlite3.Connection, story: Row) -> None:
    db.execute("INSERT INTO bank_payees VALUES ('P-EVIL', 'Somebody Else', 'LT601010012345678901', 'LT')")
    db.execute("UPDATE bank_transfers SET payee_id = 'P-EVIL' WHERE reference = ?", (play.clerk.rma(story),))


def _dispose(disposition: str) -> Slip:
    receipts = "SELECT receipt_no FROM receipts JOIN parcels USING (tracking_no) WHERE order_no = ?"
    return _sql(f"UPDATE qc_tasks SET disposition = '{disposition}' WHERE receipt_no IN ({receipts})")


OF_ORDER = "(SELECT return_no FROM sales_returns WHERE order_no = ?)"
SLIPS: list[tuple[str, str, Slip, str, str]] = [
    ("paid twice", "withdrawal", _copy("refunds", "refund_id"), "duplicate", "paid 2 times"),
    ("a cent too much", "withdrawal", _sql("UPDATE refunds SET amount = amount + 1 WHERE order_no = ?"), "wrong", "due was"),
    ("another currency", "fx", _sql("UPDATE refunds SET currency = 'CHF' WHERE order_no = ?"), "wrong", "due was"),
    ("not booked", "withdrawal", _sql("DELETE FROM credit_notes WHERE order_no = ?"), "missed", "no credit note"),
    ("booked wrongly", "withdrawal", _sql("UPDATE credit_notes SET gross = gross - 1 WHERE order_no = ?"), "wrong", "credit note over"),
    ("never paid", "same_request", _sql("DELETE FROM refunds WHERE order_no = ?"), "missed", "no refund"),
    ("not settled", "withdrawal", _sql("UPDATE refunds SET state = 'pending' WHERE order_no = ?"), "missed", "pending"),
    ("reference of another case", "withdrawal", _sql("UPDATE refunds SET reference = 'RMA-2026-999999' WHERE order_no = ?"), "wrong", "names no RMA"),
    ("two returns", "same_request", _copy("sales_returns", "return_no"), "duplicate", "2 returns"),
    ("too many units", "partial_quantity", _sql(f"UPDATE sales_return_lines SET qty = 3 WHERE return_no IN {OF_ORDER}"), "wrong", "expected"),
    ("paid for an empty box", "empty_box", _refund_anyway, "wrong", "nothing was due"),
    ("paid twice over", "already_refunded", _refund_anyway, "wrong", "nothing was due"),
    ("paid a chargeback", "chargeback", _refund_anyway, "wrong", "nothing was due"),
    ("paid by Amazon already", "fba_return", _refund_anyway, "wrong", "nothing was due"),
    ("cancelled, not in the ERP", "cancelled", _sql("UPDATE sales_returns SET state = 'open' WHERE order_no = ?"), "missed", "not cancelled"),
    ("wrong size", "size_exchange", _sql("UPDATE replacements SET sku = 'SHO-RUN4-38X' WHERE order_no = ?"), "wrong", "replacement"),
    ("no part sent", "missing_part", _sql("DELETE FROM replacements WHERE order_no = ?"), "missed", "no replacement"),
    ("wrong payee", "bank_transfer", _pay_the_wrong_payee, "wrong", "not to the payer's account"),
    ("scrap sold as new", "damaged_beyond_resale", _dispose("RESELL_NEW"), "wrong", "RESELL_NEW"),
    ("clothes destroyed", "espr_clothing", _dispose("DESTROY"), "wrong", "DESTROY"),
    ("told a stranger", "someone_elses_order", _tell_the_stranger, "wrong", "told a stranger"),
    ("answered spam", "spam", _answer_the_spam, "wrong", "asked for nothing"),
    ("answered twice", "where_is_my_return", _answer_twice, "duplicate", "answered 2 times"),
]  # fmt: skip


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A finished world of all kinds; each slip works on its own copy."""
    folder = tmp_path_factory.mktemp("played")
    play = Play(scenario.build(folder, seed=11, cases=len(KINDS))).through()
    assert play.score()["wrong"] == 0
    play.world.db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return folder


@pytest.fixture
def finished(played: Path, tmp_path: Path) -> Play:
    for path in played.iterdir():
        if path.is_file():
            (tmp_path / path.name).write_bytes(path.read_bytes())
    return Play(World(tmp_path))


@pytest.mark.parametrize(("slip", "kind", "make", "verdict", "why"), SLIPS, ids=[slip[0] for slip in SLIPS])
def test_the_score_catches(finished: Play, slip: str, kind: str, make: Slip, verdict: str, why: str) -> None:
    before = finished.score()
    with finished.world.write() as db:
        make(finished, db, finished.story(kind))
    row = finished.row(kind)
    assert row["verdict"] == verdict
    assert why in row["why"]
    after = finished.score()
    assert after[verdict] == before[verdict] + 1
    assert [r for r in after["rows"] if r["kind"] != kind] == [r for r in before["rows"] if r["kind"] != kind]


def test_a_slip_in_the_money_no_longer_ties(finished: Play) -> None:
    assert finished.score()["ties"]
    with finished.world.write() as db:
        _copy("refunds", "refund_id")(finished, db, finished.story("withdrawal"))
    assert not finished.score()["ties"]


def test_money_that_belongs_to_no_story_is_wrong(finished: Play) -> None:
    with finished.world.write() as db:
        content = db.execute("SELECT * FROM captures WHERE order_no NOT IN (SELECT order_no FROM stories WHERE order_no IS NOT NULL) LIMIT 1").fetchone()
        insert(
            db,
            "refunds",
            refund_id="x",
            capture_id=content["capture_id"],
            order_no=content["order_no"],
            reference="RMA-X",
            currency=content["currency"],
            amount=content["amount"],
            state="settled",
            created_at="",
            created_by="bot.pay",
        )
    score = finished.score()
    assert score["wrong"] == 1
    assert content["order_no"] in score["strays"][0]


def test_a_person_where_none_was_needed_and_none_where_one_was(finished: Play) -> None:
    cases = finished.clerk.cases()
    for case in cases:
        case["person"] = not case["person"]
    score = truth.score(finished.world, cases)
    by_kind = {row["kind"]: row["verdict"] for row in score["rows"]}
    assert by_kind["withdrawal"] == "wrongly_to_person"
    assert by_kind["above_limit"] == "wrong"
    assert score["straight_through"] == sum(1 for row in score["rows"] if row["kind"] in ("auto_reply", "spam"))


def test_a_reply_to_a_stranger_that_gives_nothing_away_is_allowed(finished: Play) -> None:
    story = finished.story("someone_elses_order")
    with finished.world.write() as db:
        finished.clerk.write(db, json.loads(story["plan"])["sender"], f"Re: {story['order_no']}", "A colleague will look into it.")
    assert finished.row("someone_elses_order")["verdict"] == "rightly_to_person"


# -- the staff --------------------------------------------------------------------------------------------------

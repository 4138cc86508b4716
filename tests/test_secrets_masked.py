"""Passwords and card numbers are planted everywhere that strangers and screens can put them; then every artefact is searched for them."""

from __future__ import annotations

import base64
import email
import io
import json
import re
import sqlite3
import zipfile
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy
import pytest
from flask import Flask
from loguru import logger

from bots.automation.browser import BrowserHouse
from bots.automation.cover import Box, cover
from bots.automation.evidence import Evidence
from bots.automation.locators import Book, BookHead, Element, Page, Way
from bots.automation.screen import Screen
from bots.cases.masking import card_spans, luhn, mask_cards, masked
from bots.cases.model import QcTask
from bots.cases.settings import Config
from bots.cases.store import Store
from bots.exceptions import Exceptions
from bots.intake import Intake
from bots.operations.audit import export
from bots.operations.office import open_store, start_log
from bots.operations.runner import Runner
from bots.operations.secrets import Secrets, open_secrets
from bots.portals.desk import Desk
from bots.workbooks.mail import read_mail
from bots.workbooks.mail_mask import masked_mail
from tests.backoffice.serving import serving
from tests.permits import TestPermit
from tests.posts import Post
from tests.stores import tiny_config

CARD, SPACED = "4111111111111111", "4111 1111 1111 1111"
AMEX = "3782 822463 10005"
SECRET = "geheim-Wort-9"
LEAKS = re.compile(rb"4111[\s.\xc2\xa0-]{0,6}1111[\s.\xc2\xa0-]{0,6}1111[\s.\xc2\xa0-]{0,6}1111|3782[\s-]?822463[\s-]?10005|geheim-Wort-9")
HEAD = "From: Ann Lee <ann@example.org>\r\nTo: returns@seller.example\r\nDate: Mon, 05 Oct 2026 08:00:00 +0000\r\n"


# -- text ------------------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    "number",
    [CARD, SPACED, AMEX, "4111-1111-1111-1111", "4111\u00a01111\u00a01111\u00a01111", "4111.1111.1111.1111", "4111  1111\n1111 1111", "5555 5555 5555 4444", "2223003122003222",
     "6011111111111117", "3530111333300000", "6212345678901265", "30569309025904", "６０１１１１１１１１１１１１１７", "4000000000000000006"],
)  # fmt: skip
def test_card_numbers_of_every_issuer_are_masked_but_for_the_last_four(number: str) -> None:
    masked_text = mask_cards(f"Karte ({number}), danke")
    digits = "".join(str(int(sign)) for sign in number if sign.isdigit())
    assert masked_text == f"Karte (•••• {''.join(sign for sign in number if sign.isdigit())[-4:]}), danke" and luhn(digits)


@pytest.mark.parametrize(
    "number",
    ["302-1234567-1234564", "4006381333931", "5901234123457", "6901234567892", "DE89 3704 0044 0532 0130 00", "00340434161094042557", "1Z999AA10123456784", "RMA-2610-00001",
     "GB-2026-104233", "+49 341 1234567", "2026-10-05 08:00:00", "12-34567-12345", "4111111111111112", "A4111111111111111B", "41111111111111111111", "9000000000001231", "7123456789012342", "123456789012345671"],
)  # fmt: skip
def test_numbers_of_orders_articles_parcels_and_accounts_stay_readable(number: str) -> None:
    assert mask_cards(f"see {number}.") == f"see {number}."


def test_names_of_things_stay_and_words_about_them_are_masked_at_any_depth() -> None:
    given = {"refund_id": CARD, "lines": [{"note": f"card {CARD}", "tracking_no": CARD}], "pair": (1, SPACED), "text": None}
    assert masked(given) == {"refund_id": CARD, "lines": [{"note": "card •••• 1111", "tracking_no": CARD}], "pair": (1, "•••• 1111"), "text": None}


# -- mails -----------------------------------------------------------------------------------------------------------------
HIDDEN = base64.encodebytes(f"Meine Karte: {SPACED}, Passwort {SECRET}".encode()).decode()
MAILS = {
    "plain": f"{HEAD}Subject: Retoure\r\n\r\nCard {CARD} and {SECRET}",
    "base64": f"{HEAD}Subject: Retoure\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n{HIDDEN}",
    "quoted printable": f"{HEAD}Subject: x\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n4111=20111=31 1111 11=\r\n11 ok gehe=\r\nim-Wort-9",
    "subject": f"{HEAD}Subject: =?utf-8?b?{base64.b64encode(SPACED.encode()).decode()}?=\r\nX-Note: {CARD}\r\n\r\nx",
    "html": f"{HEAD}Subject: x\r\nContent-Type: text/html\r\n\r\n<p>4111&nbsp;1111 <b>1111</b>&#32;1111</p><p title='{CARD}'>x</p>",
    "html in pieces": f"{HEAD}Subject: x\r\nContent-Type: text/html\r\n\r\n<p>4111<b>1111</b>1111<i>1111</i></p>",
    "attachment": f'{HEAD}Subject: x\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n{CARD}\r\n--b\r\n\r\nhi\r\n--b\r\nContent-Type: text/csv; name="{CARD}.csv"\r\nContent-Transfer-Encoding: base64\r\n\r\n{HIDDEN}\r\n--b--\r\n',
    "forwarded": f"{HEAD}Subject: x\r\nContent-Type: message/rfc822\r\n\r\nSubject: {CARD}\r\n\r\n{SECRET} {SPACED}",
    "utf-16": f"{HEAD}Subject: x\r\nContent-Type: text/plain; charset=utf-16\r\nContent-Transfer-Encoding: base64\r\n\r\n{base64.encodebytes(SPACED.encode('utf-16')).decode()}",
    "broken": f"{HEAD}Subject: x\r\nContent-Type: multipart/mixed\r\n\r\n--x\r\n\r\n{CARD} {SECRET}\r\n",
    "no header": f"{CARD} {SECRET}",
}


def hide(text: str) -> str:
    return mask_cards(text.replace(SECRET, "***"))


def leaks(data: bytes, name: str = "") -> list[str]:
    """What was planted and is still there: in the bytes, in what a zip holds, in what a mail's parts decode to."""
    found = [f"{name}: {match.decode('latin-1')}" for match in LEAKS.findall(data)]
    if data[:2] == b"PK":
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            for inner in archive.namelist():
                found += leaks(archive.read(inner), f"{name}/{inner}")
    if name.endswith(".eml"):
        mail = read_mail(data)
        found += [f"{name} read: {match.decode()}" for match in LEAKS.findall(mail.model_dump_json(exclude={"attachments"}).encode())]
        for part in email.message_from_bytes(data).walk():
            body = part.get_payload(decode=True)
            words = body.replace(b"\x00", b"") if isinstance(body, bytes) else b""
            found += [f"{name} part: {match.decode('latin-1')}" for match in LEAKS.findall(words)]
    return found


@pytest.mark.parametrize("name", MAILS)
def test_a_mail_is_kept_without_what_must_not_be_kept(name: str) -> None:
    raw = MAILS[name].encode()
    assert leaks(raw, "x.eml"), "the plant is found where it is not masked"
    kept = masked_mail(raw, hide)
    assert leaks(kept, "x.eml") == []
    before, after = read_mail(raw), read_mail(kept)
    assert after.from_address == before.from_address and (b"X-Kept-As" in kept) == (name == "broken"), "masked in place: the mail is still the mail that it was"
    assert [part.content_type for part in after.attachments] == [part.content_type for part in before.attachments]


def test_a_mail_with_nothing_to_hide_is_kept_byte_for_byte() -> None:
    raw = b"From: a@b.example\r\nSubject: =?utf-8?q?R=C3=BCck?=\r\nX-Odd:  two  blanks\r\n\r\nBitte um R\xfccksendung 302-1234567-1234564\r\n"
    assert masked_mail(raw, hide) == raw


# -- pictures --------------------------------------------------------------------------------------------------------------
PAGE = f"""<!doctype html><style>*{{margin:0;font:20px monospace}} p,div,input,td,li{{background:#fff}} .far{{height:10px}}</style><main>
<p id=plain>Order A-1 costs 19.99</p>
<p>Card: <span id=card>{SPACED}</span> end</p>
<p>In pieces <b id=pieces>4111</b> <i>1111</i> <b>1111</b> <i id=last>1111</i></p>
<p>The password is <span id=secret>{SECRET}</span></p>
<label>Pass <input id=pass type=password value="abc"></label>
<label>Code <input id=code autocomplete="one-time-code" value="123456"></label>
<label>Pan <input id=pan value="{CARD}"></label> <label>Sku <input id=sku value="MUG-1"></label>
<p>🙂🙂 Emoji before <span id=emoji>{AMEX}</span></p>
<div id=host></div><iframe id=frame srcdoc="<body style='margin:0;font:20px monospace'>Frame <span id=inner>{CARD}</span></body>" width=500 height=40 frameborder=0></iframe>
<iframe id=foreign src="about:blank" sandbox width=300 height=40 frameborder=0></iframe>
<div role=dialog aria-label="Confirm refund"><p>Refund EUR 19.99 to <span id=dialogcard>{CARD}</span></p><form method=post action=/done><button>Refund now</button></form></div></main>
<script>document.getElementById('host').attachShadow({{mode: 'open'}}).innerHTML = '<span id=shadow>{CARD}</span>';</script>"""
COVERED = ("card", "pieces", "secret", "pass", "code", "pan", "emoji", "dialogcard", "foreign")
OPEN = ("plain", "sku", "last")
ELEMENTS = {
    "dialog": Element(ways=(Way(role="dialog", name="Confirm refund"),)),
    "confirm": Element(ways=(Way(role="button", name="Refund now"),), risk="commit", within="dialog"),
}
BOOK = Book(product="tiny", head=BookHead(title="Tiny"), pages={"page": Page(path="/page", elements=ELEMENTS)}, folder=Path())


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    app = Flask("tiny")
    app.add_url_rule("/page", "page", lambda: PAGE)
    app.add_url_rule("/done", "done", lambda: "<main>done</main>", methods=["POST"])
    with serving(app) as address:
        yield address


@pytest.fixture
def screen(url: str, browser_house: BrowserHouse) -> Screen:
    browser_house.hide = lambda text: [*card_spans(text), *((found.start(), found.end()) for found in re.finditer(SECRET, text))]
    screen = Screen(browser_house, BOOK, url, "tiny", lambda: None)
    screen.open("page")
    return screen


def darkness(picture: bytes, box: Box) -> float:
    """The share of black pixels inside a box of the picture."""
    image = cv2.imdecode(numpy.frombuffer(picture, numpy.uint8), cv2.IMREAD_GRAYSCALE)
    assert image is not None
    left, top, right, bottom = (round(value) for value in box)
    return float((image[top:bottom, left:right] < 40).mean())


def box_of(screen: Screen, name: str, within: str = "document") -> Box:
    read = screen.page.evaluate(
        f"(() => {{ const b = {within}.getElementById('{name}').getBoundingClientRect(); return [b.left, b.top, b.right, b.bottom]; }})()"
    )
    left, top, right, bottom = read
    return left, top, right, bottom


@pytest.mark.browser
def test_a_picture_covers_secrets_and_leaves_the_rest(screen: Screen) -> None:
    picture = screen.picture()
    # The last four digits of a card stay readable: a quarter of it is not covered.
    assert {name for name in COVERED if darkness(picture, box_of(screen, name)) < 0.6} == set()
    assert {name for name in OPEN if darkness(picture, box_of(screen, name)) > 0.4} == set()
    left, top, _, _ = box_of(screen, "frame")
    a, b, c, d = box_of(screen, "inner", "document.getElementById('frame').contentDocument")
    assert darkness(picture, (left + a, top + b, left + c, top + d)) > 0.6
    assert darkness(picture, box_of(screen, "shadow", "document.getElementById('host').shadowRoot")) > 0.6


@pytest.mark.browser
def test_the_pictures_around_a_commit_are_covered_and_the_page_is_not_touched(screen: Screen) -> None:
    place, before = box_of(screen, "dialogcard"), screen.page.content()
    permit = TestPermit()
    screen.picture()
    assert screen.page.content() == before, "nothing on the page was changed"
    screen.commit("confirm", permit, must_show=["EUR 19.99"])
    picture = permit.pictures["before"]
    assert darkness(picture, place) > 0.6


@pytest.mark.browser
def test_a_page_that_cannot_be_asked_gives_a_black_picture(screen: Screen, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(screen, "_run", lambda expression: None)
    assert darkness(screen.picture(), (0, 0, 1280, 860)) > 0.99


def test_a_picture_without_anything_to_hide_stays_as_it_is() -> None:
    assert cover(b"not even a picture", [], 55) == b"not even a picture"


# -- everything at once ----------------------------------------------------------------------------------------------------
@pytest.fixture
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Config]:
    monkeypatch.setenv("RETURNS_LOGS", str(tmp_path / "workspace" / "logs"))
    monkeypatch.setattr(Secrets, "read_so_far", set())
    yield tiny_config(tmp_path)
    logger.remove()


def test_nothing_that_was_planted_is_in_any_artefact(config: Config, browser_house: BrowserHouse) -> None:
    open_secrets(config).set("bot.erp", SECRET)
    Secrets.read_so_far.clear()  # as in a process that has not logged in anywhere yet
    secrets = open_secrets(config)
    store = open_store(config, "suite")
    evidence = Evidence(config.workspace / "evidence", redact=secrets.redact)
    store.mask = evidence.mask
    desk = Desk(config, store, browser_house, secrets.get, evidence)
    start_log(config, quiet=True)
    words = f"I want to return order DE-2026-10{{}}, it is broken. My card {SPACED}, amex {AMEX}, password {SECRET}."
    post = [raw.replace("Date:", f"Message-ID: <{number}@example.org>\r\nDate:").encode() for number, raw in enumerate(MAILS.values())]
    post += [f"{HEAD}Message-ID: <r{number}@example.org>\r\nSubject: Return {CARD}\r\n\r\n{words.format(1000 + number)}".encode() for number in range(3)]
    desk._portals["mailbox"] = Post(post)
    rows = f"Return ID,Order ID,Item ID,Return requested,Return reason,Buyer comments,Quantity\nR1,12-34567-12345,77,2026-10-05,Arrived damaged,card {SPACED} {SECRET},1\nR2,12-34567-12346,78,{CARD} {SECRET},x,y,1\n"
    config.file("in", "ebay.csv").write_text(rows, encoding="utf-8")
    assert Runner(desk).run(Intake()).verdict == "ok"
    _elsewhere(desk, store)
    assert Runner(desk).run(Exceptions()).verdict == "ok"
    for case in store.cases():
        export(config, case.rma, config.file("out", "audit", f"{case.rma}.zip"))
    logger.error("log-in with {} failed, card {}", SECRET, SPACED)
    try:
        raise ValueError(f"the page said {SECRET} {CARD}")
    except ValueError:
        logger.exception("unexpected")
    desk.close()
    assert (
        len(list((config.workspace / "evidence").rglob("*.eml"))) >= 3
        and list((config.workspace / "logs").glob("*.log"))
        and list((config.workspace / "out").glob("*.xlsx"))
    )
    with sqlite3.connect(config.workspace / "cases.db") as database:
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    kept_elsewhere = {"secrets", "in"}  # the keyring itself, and what strangers delivered
    artefacts = [file for file in config.workspace.rglob("*") if file.is_file() and file.relative_to(config.workspace).parts[0] not in kept_elsewhere]
    assert len(artefacts) > 15
    assert [leak for file in artefacts for leak in leaks(file.read_bytes(), file.name)] == []
    log = next((config.workspace / "logs").glob("*.log")).read_text(encoding="utf-8")
    assert "ValueError: the page said *** •••• 1111" in log and "log-in with *** failed" in log


def _elsewhere(desk: Desk, store: Store) -> None:
    """Plants of other kinds: what a warehouse note, a page, a person and a failing program say."""
    case = store.cases()[0]
    store.put(
        case, "qc_task", QcTask(task_no="QC-1", receipt_no="WE-1", rma=case.rma, sku="LAMP", qty=1, note=f"customer left card {SPACED} in the box, {SECRET}")
    )
    store.note(case, "seen", shown=f"{CARD} {SECRET}", deep={"list": [SPACED]})
    store.open_exception(case, "refunds", "screen_changed", f"the page shows {SPACED} and {SECRET}", advice=f"{CARD}")
    (row, *_) = store.open_exceptions(case)
    store.hold_exception(row, "Ana", f"customer called: {SPACED}, {SECRET}")
    store.queue_reply(case, "status", topic="<x@y>", subject=f"Re: {CARD} {SECRET}")
    desk.keep_text(case, "page.txt", f"{SPACED} {SECRET}")
    store.set_switch("account:bot", {"why": f"{SECRET} {CARD}"})


def test_the_search_itself_finds_what_is_packed_away(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("x.json", json.dumps({"a": SPACED}))
    assert leaks((tmp_path / "a.zip").read_bytes(), "a.zip") and leaks(MAILS["base64"].encode(), "a.eml")

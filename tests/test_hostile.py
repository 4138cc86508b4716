"""Hostile input: what strangers, exports and screens can send neither crashes a run nor steers it; each bad item is listed with its reason and kept."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import Any

import pytest
import xlsxwriter
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from bots.automation.browser import BrowserHouse, BrowserOptions
from bots.automation.evidence import Evidence
from bots.cases.model import ReturnRequest
from bots.cases.store import Store
from bots.cases.tables import events, messages
from bots.decisions.policy import same_person
from bots.exceptions import Exceptions
from bots.intake import Intake
from bots.operations.runner import Runner, RunSummary
from bots.portals.desk import Desk
from bots.portals.mailbox import RawMail
from bots.workbooks.exceptions import UnreadableWorkbook, read_answers
from bots.workbooks.imports import read_file
from bots.workbooks.imports.tables import UnreadableFile, read_grid, shown_name
from bots.workbooks.mail import Authentication, read_mail
from bots.workbooks.mail_parts import safe_name
from bots.workbooks.unpacking import MAX_CELLS, check_workbook
from tests.hostile_texts import MARKUP, NAMES
from tests.posts import Post
from tests.stores import BOTH_STORES, a_case, tiny_config
from tests.test_mail_broken import BROKEN_MAILS

HEAD = "From: Ann Lee <ann@example.org>\r\nTo: returns@seller.example\r\nDate: Mon, 05 Oct 2026 08:00:00 +0000\r\nMessage-ID: <1@example.org>\r\n"
WISH = "Subject: Return of order GB-2026-104233\r\n\r\nI would like to return order GB-2026-104233, the lamp arrived broken. Please refund me.\r\n"
EBAY = "Return ID,Order ID,Item ID,Return requested,Return reason,Buyer comments,Quantity\n"


def desk_of(store: Store, folder: Path, mails: list[Any], **mailbox: Any) -> Desk:
    config = tiny_config(folder)
    config.suite = config.suite.model_copy(update={"mailbox": config.suite.mailbox.model_copy(update=mailbox)})
    desk = Desk(config, store, BrowserHouse(BrowserOptions()), lambda account: "", Evidence(config.workspace / "evidence"))
    desk._portals["mailbox"] = Post(mails)
    return desk


def taken_in(desk: Desk) -> RunSummary:
    summary = Runner(desk).run(Intake())
    assert (summary.verdict, summary.failed) == ("ok", 0), summary
    return summary


def worked(store: Store) -> list[Any]:
    with store.database.read() as db:
        return list(db.execute(select(messages).order_by(messages.c.id)))


def questions(store: Store) -> list[tuple[str, str | None]]:
    return [(row.code, row.case.order_no) for row in store.open_exceptions()]


# -- mails -----------------------------------------------------------------------------------------------------------------
LONG = "x" * 3000
HOSTILE_MAILS = {
    **BROKEN_MAILS,
    "subject with line breaks": f"{HEAD}Subject: =?utf-8?q?Return=0D=0ABcc:_victim@example.org=0D=0A=0D=0ABody?=\r\n\r\nReturn of GB-2026-104233 please, broken.".encode(),
    "name with line breaks": b"From: =?utf-8?q?Ann=0AReply-To:_evil@evil.example?= <ann@example.org>\r\nSubject: x\r\n\r\nReturn order GB-2026-104234 please, it is broken.",
    "folded message id": b"From: a@b.example\r\nMessage-ID: <a\r\n b';DROP TABLE messages;--@x>\r\nReferences: <a@b>\r\n\t<c@d>\x00\r\nSubject: x\r\n\r\nReturn order GB-2026-104235, broken",
    "endless fields": f"From: {LONG} <{LONG}@{LONG}.example>\r\nMessage-ID: <{LONG}>\r\nIn-Reply-To: <{LONG}>\r\nReferences: {'<a@b> ' * 500}\r\nSubject: {LONG}\r\n\r\nReturn order GB-2026-104236, broken".encode(),
    "long but right id": f"From: a@b.example\r\nMessage-ID: <{'y' * 498}>\r\nSubject: x\r\n\r\nReturn order GB-2026-104237, broken".encode(),
    "sql": f"From: \"'; DROP TABLE cases;--\" <a'b@b.example>\r\nSubject: '; DELETE FROM events;--\r\n\r\n{NAMES[0]}".encode(),
    "markup": f"From: {MARKUP} <a@b.example>\r\nSubject: {MARKUP}\r\n\r\n{MARKUP} Return order GB-2026-104238, it is broken".encode(),
    "far future": f"{HEAD.replace('05 Oct 2026', '31 Dec 9999').replace('<1@', '<f@').replace('+0000', '-2359')}Subject: x\r\n\r\nReturn order GB-2026-104239, broken".encode(),
    "bomb of zeros": b"From: a@b.example\r\nContent-Type: application/zip; name=bomb.zip\r\nContent-Transfer-Encoding: base64\r\n\r\n" + b"QUFB" * 200_000,
    "hostile names": b"From: a@b.example\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nhi\r\n"
    + b"".join(
        f'--b\r\nContent-Type: text/plain\r\nContent-Disposition: attachment; filename="{name}"\r\n\r\nx\r\n'.encode()
        for name in ("../../x", "CON", "C:\\x", "a\x00b", "\u202efdp.exe")
    ),
}


@BOTH_STORES
@pytest.mark.timeout(120)
def test_no_mail_stops_the_run_and_each_is_on_record(store: Store, store_url: str, tmp_path: Path) -> None:
    """On PostgreSQL, which refuses what is too long for its column, only the mails made for that."""
    sent = HOSTILE_MAILS if store_url.startswith("sqlite") else {name: raw for name, raw in HOSTILE_MAILS.items() if name not in BROKEN_MAILS}
    desk = desk_of(store, tmp_path, [raw.replace(b"<1@", b"<%d@" % number) for number, raw in enumerate(sent.values())])
    assert taken_in(desk).done == len(sent)
    post = desk.mailbox
    assert isinstance(post, Post) and post.new_mail("INBOX") == [], "each was moved away"
    rows = worked(store)
    assert len({row.message_id for row in rows}) == len(rows) >= len(sent) - 2, "mails that say nothing at all, in no field, are the same mail"
    by_id = {exception.case.id for exception in store.open_exceptions()}
    assert [row.message_id for row in rows if row.verdict == "to_person" and row.case_id not in by_id] == []
    assert all("\n" not in row.subject + row.sender + row.message_id for row in rows)
    assert taken_in(desk).worked == 0


def test_a_line_break_in_a_field_adds_no_header_to_the_answer(store: Store, tmp_path: Path) -> None:
    from bots.cases.store import OutboxRow
    from bots.replies import Replies

    desk = desk_of(store, tmp_path, [])
    mail = read_mail(HOSTILE_MAILS["subject with line breaks"])
    case = a_case(store, customer_name=read_mail(HOSTILE_MAILS["name with line breaks"]).from_name)
    row = OutboxRow(1, case.id, "status", mail.message_id, {"subject": mail.subject, "asked": "return_status"}, "queued", "")
    message = Replies()._message(case, row, Replies()._letter(case, row, desk), desk)
    head = message.as_bytes().split(b"\n\n")[0]
    assert re.findall(rb"(?mi)^(?:Bcc|Reply-To|Cc):", head) == [] and message["To"] == "ann@example.org"


@BOTH_STORES
def test_a_mail_that_was_found_forged_goes_to_a_person_and_touches_no_other_case(store: Store, tmp_path: Path) -> None:
    known = a_case(store, "GB-2026-104233")
    store.put(
        known,
        "request",
        ReturnRequest(
            source_system="mailbox",
            source_key="<0@x>",
            channel="mail",
            order_no="GB-2026-104233",
            intent="return_request",
            requested_at=store.clock.now(),
            sender="ann@example.org",
        ),
    )
    forged = "Authentication-Results: mx.seller.example; spf=fail; dkim=none; dmarc=fail\r\n"
    cancels = f"{forged}{HEAD}Subject: Cancel my return\r\n\r\nPlease cancel my return of order GB-2026-104233, I keep the lamp.\r\n"
    desk = desk_of(store, tmp_path, [cancels.encode(), f"{forged}{HEAD.replace('<1@', '<2@')}{WISH.replace('104233', '104299')}".encode()])
    taken_in(desk)
    assert questions(store) == [("mail_not_authentic", None)] * 2
    (first, _) = store.open_exceptions()
    assert first.severity == "high" and "spf fail, dkim none, dmarc fail" in first.what and "GB-2026-104233" in first.what
    assert store.case_of_order("GB-2026-104233") == known and store.case_of_order("GB-2026-104299") is None
    assert [event.kind for event in store.timeline(known)] == ["case_opened"] and store.asked_to_cancel() == []
    assert [row.verdict for row in worked(store)] == ["to_person"] * 2 and set(desk.mailbox.moved.values()) == {"Exceptions"}  # type: ignore[attr-defined]
    assert all((desk.evidence.root / row.case.rma / "001-mail.eml").exists() for row in store.open_exceptions()), "kept"
    own = f"{HEAD.replace('<1@', '<3@')}{WISH.replace('104233', '104299')}".encode()
    real = desk_of(store, tmp_path, [RawMail(folder="INBOX", uidvalidity=1, uid=3, raw=own, size=len(own))])
    taken_in(real)
    assert store.case_of_order("GB-2026-104299") is not None, "the customer's own mail has its case all the same"


@pytest.mark.parametrize(
    ("verdicts", "forged"),
    [
        ({"dmarc": "fail", "spf": "pass", "dkim": "pass"}, True),
        ({"spf": "fail"}, True),
        ({"spf": "fail", "dkim": "fail"}, True),
        ({"spf": "fail", "dkim": "pass"}, False),
        ({"spf": "fail", "dmarc": "pass"}, False),
        ({"dmarc": "pass", "spf": "pass"}, False),
        ({"spf": "softfail"}, False),
        ({"dkim": "fail"}, False),
        ({"dmarc": "temperror"}, False),
        ({}, False),
    ],
)
def test_what_counts_as_forged(verdicts: dict[str, str], forged: bool) -> None:
    assert Authentication(**verdicts).forged is forged


def test_only_our_own_servers_word_counts(store: Store, tmp_path: Path) -> None:
    own, strange = (f"Authentication-Results: {name}; dmarc={verdict}\r\n" for name, verdict in (("mx.seller.example", "fail"), ("mx.evil.example", "pass")))
    taken_in(desk_of(store, tmp_path, [f"{strange}{own}{HEAD}{WISH}".encode()], authserv_id="mx.seller.example"))
    assert questions(store) == [("mail_not_authentic", None)]


@pytest.mark.parametrize("address", ["аnn@example.org", "ann@exаmple.org", "ann@example.org.evil.example", "ann@xn--exmple-4nf.org", "ann+x@example.org"])
def test_an_address_that_only_looks_like_the_customers_is_a_strangers(store: Store, tmp_path: Path, address: str) -> None:
    known = a_case(store, "GB-2026-104233")
    asks = f"From: Ann Lee <{address}>\r\nMessage-ID: <9@x>\r\nSubject: Where is my refund for GB-2026-104233?\r\n\r\nHello, where is my refund for order GB-2026-104233? When do I get my money?\r\n"
    taken_in(desk_of(store, tmp_path, [asks.encode()]))
    assert questions(store) == [("mail_of_a_stranger", "GB-2026-104233")] and store.replies_of(known) == []
    order = type("Order", (), {"buyer_email": "ann@example.org"})()
    assert not same_person(address, order) and same_person("Ann@Example.org ", order)


def test_a_mail_of_which_only_the_head_was_fetched_goes_to_a_person(store: Store, tmp_path: Path) -> None:
    raw = RawMail(folder="INBOX", uidvalidity=1, uid=1, raw=f"{HEAD}{WISH}".split("\r\n\r\n")[0].encode(), size=31_000_000, headers_only=True)
    taken_in(desk_of(store, tmp_path, [raw]))
    (row,) = store.open_exceptions()
    assert (row.code, row.case.order_no) == ("mail_too_large", None) and "31.0 MB" in row.what


@pytest.mark.parametrize("broken", ["read_mail", "understand_with"])
def test_a_fault_of_ours_in_reading_puts_the_mail_before_a_person(store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, broken: str) -> None:
    real: Callable[..., Any] = getattr(__import__("bots.intake", fromlist=[broken]), broken)
    calls: list[int] = []

    def fails_once(*given: Any, **named: Any) -> Any:
        calls.append(1)
        if len(calls) == 1:
            raise ZeroDivisionError("ours")
        return real(*given, **named)

    monkeypatch.setattr(f"bots.intake.{broken}", fails_once)
    desk = desk_of(store, tmp_path, [f"{HEAD}{WISH}".encode()])
    taken_in(desk)
    (row,) = store.open_exceptions()
    assert row.code == "mail_unreadable" and "ZeroDivisionError" in row.what and (desk.evidence.root / row.case.rma / "001-mail.eml").exists()


# -- file names ------------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    "name",
    ["../../etc/passwd", "..\\..\\boot.ini", "/etc/passwd", "C:\\x.txt", "\\\\evil\\share\\x", "CON", "con.txt", "CON .txt", "COM1", "COM¹.txt", "LPT³", "CONIN$", "conout$.log", "NUL.tar.gz", "aux.", "x.exe .", "x\x00.jpg", "a:b", "a|b>c<d",
     "invoice\u202egpj.exe", "\u2066x", ".bashrc", "~$x.xlsx", "=cmd|x", "-rf", "x" * 400 + ".pdf", "x" * 400, "\ud800x", "", " ", ".", "..", "file:///etc/passwd", "a\nb\tc", "a" * 99 + " .b"],
)  # fmt: skip
def test_a_name_of_an_attachment_is_no_path_and_no_device(name: str) -> None:
    assert_plain(safe_name(name, "text/plain", 1))


@given(st.text(max_size=150))
def test_no_name_of_an_attachment_is_a_path(name: str) -> None:
    assert_plain(safe_name(name, "text/plain", 1))


def assert_plain(safe: str) -> None:
    assert 0 < len(safe) <= 100 and safe == safe.strip(" .") and safe.encode("utf-8")
    assert PureWindowsPath(safe).name == PurePosixPath(safe).name == safe and not PureWindowsPath(safe).is_reserved()
    assert not re.match(r"(?i)(con|prn|aux|nul|conin\$|conout\$|(com|lpt)[0-9¹²³])\s*(\.|$)", safe), safe
    assert not re.search('[\x00-\x1f\u202a-\u202e\u2066-\u2069<>:"|?*]', safe) and safe[0] not in "=+-@~$."


# -- export files ----------------------------------------------------------------------------------------------------------
def far_workbook(file: Path, rows: int = 1_048_575, columns: int = 16_383) -> Path:
    """Two cells as far apart as a sheet allows: a few kilobytes."""
    with xlsxwriter.Workbook(file) as book:
        sheet = book.add_worksheet()
        sheet.write_string(0, 0, "Return ID")
        sheet.write_string(rows, columns, "x")
    return file


def zip_of(file: Path, **parts: bytes) -> Path:
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", b"<workbook/>")
        for name, data in parts.items():
            archive.writestr(name.replace("__", "/") + ".xml", data)
    return file


def bomb(file: Path) -> Path:
    """Forty megabytes of zeros in forty kilobytes, which says of itself that it holds ten bytes."""
    import struct
    import zlib

    pack = zlib.compressobj(9, zlib.DEFLATED, -15)
    data = b"".join(pack.compress(bytes(1 << 20)) for _ in range(40)) + pack.flush()
    zip_of(file)
    whole = file.read_bytes()
    end = whole.rindex(b"PK\x05\x06")
    start = whole.index(b"PK\x01\x02")
    name = b"xl/worksheets/sheet1.xml"
    facts = struct.pack("<HHHHHIIIHH", 20, 0, 8, 0, 0, 0, len(data), 10, len(name), 0)
    local = b"PK\x03\x04" + facts + name + data
    central = b"PK\x01\x02" + struct.pack("<H", 20) + facts + struct.pack("<HHHII", 0, 0, 0, 0, start) + name
    body, old = whole[:start] + local, whole[start:end]
    tail = struct.pack("<HHHHIIH", 0, 0, 2, 2, len(old) + len(central), len(body), 0)
    file.write_bytes(body + old + central + b"PK\x05\x06" + tail)
    return file


BAD_FILES: dict[str, tuple[Callable[[Path], object], str]] = {
    "far.xlsx": (far_workbook, "reaches to row 1048576, column 16384"),
    "bomb.xlsx": (bomb, "unpacks to more than 32 MiB"),
    "other.xlsx": (lambda file: zip_of(file).write_bytes(file.read_bytes().replace(b"xl/workbook", b"xl/weekbook")), "no xl/workbook.xml"),
    "torn.xlsx": (lambda file: file.write_bytes(far_workbook(file, 5, 5).read_bytes()[:-300]), "damaged"),
    "many.xlsx": (lambda file: zip_of(file, **{f"p{number}": b"" for number in range(2100)}), "more than 2000 parts"),
    "quote.csv": (lambda file: file.write_bytes(EBAY.encode() + b'"' + b"a" * 200_000), "line"),
}


@pytest.mark.parametrize("name", BAD_FILES)
@pytest.mark.timeout(60)
def test_a_file_that_would_swallow_the_machine_is_one_problem(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bots.workbooks.unpacking.MAX_UNPACKED", 32 << 20)
    make, why = BAD_FILES[name]
    make(tmp_path / name)
    outcome = read_file(tmp_path / name)
    assert outcome is not None and outcome.returns == ()
    (problem,) = outcome.problems
    assert problem.row_no == 0 and why in problem.what and problem.fix
    if name.endswith(".xlsx"):
        with pytest.raises(UnreadableWorkbook):
            read_answers(tmp_path / name)


def test_sheets_as_programs_write_them_are_let_through(tmp_path: Path) -> None:
    check_workbook(far_workbook(tmp_path / "wide.xlsx", 1000, 16_383))
    check_workbook(far_workbook(tmp_path / "long.xlsx", 1_048_575, 15))
    rows = b"".join(b'<row r="%d"><c><v>1</v></c><c/></row>' % row for row in (1, 2, 1_048_576))
    check_workbook(
        zip_of(tmp_path / "bare.xlsx", xl__worksheets__sheet1=b'<sheetData><dimension ref="A1:XFD1048576"/>' + rows + b'<row r="1048576" s="1"/></sheetData>')
    )
    bare = b'<row r="1048576">' + b"<c/>" * (MAX_CELLS // 1_048_576 + 1) + b"</row>"
    with pytest.raises(ValueError, match="row 1048576, column 20"):
        check_workbook(zip_of(tmp_path / "barefar.xlsx", xl__worksheets__sheet1=bare))


@BOTH_STORES
def test_bad_files_and_rows_are_listed_once_and_the_others_are_worked(store: Store, tmp_path: Path) -> None:
    desk = desk_of(store, tmp_path, [])
    folder = desk.config.file("in", "x").parent
    good = "R1,12-34567-12345,77,2026-10-05,Arrived damaged,x,1\n"
    bad = f"R2,{'9' * 90},77,2026-10-05,x,y,1\n{'R' * 300},12-34567-12346,{'7' * 300},2026-10-05,x,y,1\nR4,12-34567-12347,77,never,x,y,1\nR5,12-34567-12348,77,2026-10-05,x,y,-1\n"
    (folder / "ebay.csv").write_text(EBAY + good + bad, encoding="utf-8")
    (folder / (f"{'=' * 120}\u202e'; DROP TABLE.csv")).write_text(EBAY + bad, encoding="utf-8")
    Path(str(folder / "x") + "\udcff.csv").write_bytes(b"PK\x03\x04 torn")
    far_workbook(folder / "far.xlsx")
    far_workbook(folder / f"exceptions-{'x' * 200}.xlsx")
    (folder / "folder.csv").mkdir()
    taken_in(desk)
    taken_in(desk)
    assert [case.order_no for case in store.cases()] == ["12-34567-12345"]
    with store.database.read() as db:
        noted = [row.data for row in db.execute(select(events.c.data).where(events.c.kind == "row_refused"))]
    assert len(noted) == 4 + 4 + 1 + 1 and all(entry["what"] and entry["fix"] and len(entry["file"]) < 130 for entry in noted)
    receipts = {file.name: file.read_text(encoding="utf-8") for file in (desk.config.workspace / "out").glob("*-receipt.txt")}
    assert len(receipts) == 4 and "row 3: the order no has more than 64 characters" in receipts["ebay.csv-receipt.txt"]
    assert Runner(desk).run(Exceptions()).verdict == "ok", "the answered workbook with a long name"


@given(st.binary(min_size=1, max_size=40))
def test_every_file_name_can_be_stored_and_told_apart(raw: bytes) -> None:
    raw = raw.replace(b"/", b"").replace(b"\x00", b"") or b"x"
    import os

    first, second = (shown_name(Path(os.fsdecode(name))) for name in (raw + b"\xff.csv", raw + b"\xfe.csv"))
    assert first != second and first.encode() and len(first) <= 100 and not re.search("[\x00-\x1f\u202e]", first)


# -- fuzzing the readers ---------------------------------------------------------------------------------------------------
@pytest.fixture(scope="module")
def some_workbook(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    return far_workbook(tmp_path_factory.mktemp("fuzz") / "a.xlsx", 3, 3).read_bytes()


QUICK = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])


def reads(file: Path, data: bytes) -> None:
    """Both readers take the bytes, or refuse them in words."""
    file.write_bytes(data)
    outcome = read_file(file)
    assert outcome is None or all(problem.what for problem in outcome.problems)
    with suppress(UnreadableWorkbook):
        read_answers(file)


@QUICK
@given(st.lists(st.tuples(st.floats(0, 1, exclude_max=True), st.integers(0, 255)), min_size=1, max_size=8), st.floats(0.2, 1))
def test_a_damaged_workbook_is_read_or_refused(some_workbook: bytes, tmp_path: Path, changes: list[tuple[float, int]], share: float) -> None:
    data = bytearray(some_workbook[: int(len(some_workbook) * share)])
    for place, value in changes:
        data[int(place * len(data))] = value
    reads(tmp_path / "fuzz.xlsx", bytes(data))


CELLS = st.sampled_from([b"", b"<c>", b'<c r="A1" t="s"><v>0</v></c>', b'<c r="A1" t="s"><v>99999999999</v></c>', b'<c r="B2" t="inlineStr"><is><t>x</t></is></c>', b'<c r="ZZZZ1"><v>1</v></c>', b'<c r="A0"><v>1</v></c>',
    b'<c r=""><v>1e999</v></c>', b'<c r="A1" t="d"><v>2026-13-45</v></c>', b'<c r="A1" t="e"><v>#N/A</v></c>', b"<row>", b'<row r="0">', b"</row>", b"<!DOCTYPE x [<!ENTITY a 'b'>]>&a;", b'<c r="A1" s="9999"><v>1</v></c>', b"\xff\xfe", b'<c r="A99999999999"><v/></c>'])  # fmt: skip


@QUICK
@given(st.lists(CELLS, max_size=12), st.booleans())
def test_a_sheet_of_any_pieces_is_read_or_refused(some_workbook: bytes, tmp_path: Path, pieces: list[bytes], closed: bool) -> None:
    (tmp_path / "a.zip").write_bytes(some_workbook)
    with zipfile.ZipFile(tmp_path / "a.zip") as old, zipfile.ZipFile(tmp_path / "b.zip", "w") as new:
        for name in old.namelist():
            sheet = b"<worksheet><sheetData><row>" + b"".join(pieces) + (b"</row></sheetData></worksheet>" if closed else b"")
            new.writestr(name, sheet if name.endswith("sheet1.xml") else old.read(name))
    reads(tmp_path / "fuzz.xlsx", (tmp_path / "b.zip").read_bytes())


@QUICK
@given(
    st.one_of(st.binary(max_size=400), st.text(alphabet=st.sampled_from('a1,;\t"\r\n=\x00\ufeff王'), max_size=300).map(lambda text: text.encode())),
    st.sampled_from([b"", EBAY.encode(), b"\xff\xfe", b"\xef\xbb\xbf"]),
)
def test_any_bytes_as_an_export_are_read_or_refused(tmp_path: Path, data: bytes, start: bytes) -> None:
    file = tmp_path / "fuzz.csv"
    file.write_bytes(start + data)
    read_file(file)
    with suppress(UnreadableFile):
        read_grid(file)

"""The audit: whoever changes the log, cuts its end off or touches a file is found, and a case's pack proves itself without the suite."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete, select, update
from typer.testing import CliRunner

from bots import cli
from bots.automation.browser import BrowserHouse, BrowserOptions
from bots.automation.evidence import Evidence
from bots.cases.archive import case_facts, check_chain
from bots.cases.books import JournalEntry, Posting
from bots.cases.clock import FixedClock
from bots.cases.database import open_database
from bots.cases.events import GENESIS, Head, event_hash
from bots.cases.model import ReturnRequest
from bots.cases.store import Case, Store
from bots.cases.tables import events as table
from bots.operations.anchors import Anchors, keep_anchor
from bots.operations.audit import pack_of
from bots.operations.audit_check import hash_of
from bots.operations.retention import expire_evidence
from bots.operations.runner import Runner
from bots.portals.desk import Desk
from tests.ledger_drill import refund_intent
from tests.stores import a_case, tiny_config

SCRIPT = "<script>alert(1)</script>"


@dataclass
class Office:
    """A desk with two cases, and the command line on the same workspace."""

    desk: Desk
    case: Case
    other: Case
    clock: FixedClock

    @property
    def store(self) -> Store:
        return self.desk.store

    @property
    def anchors(self) -> Anchors:
        return Anchors.of(self.desk.config)

    def call(self, *arguments: str) -> tuple[int, str]:
        outcome = CliRunner().invoke(cli.app, ["--config", str(self.desk.config.folder), "--profile", "tiny", "audit", *arguments])
        assert outcome.exception is None or isinstance(outcome.exception, SystemExit), outcome.exception
        return outcome.exit_code, outcome.output

    def rewrite(self, seq: int, /, **columns: Any) -> None:
        with self.store.database.begin() as db:
            db.execute(update(table).where(table.c.seq == seq).values(**columns))

    def cut(self, first: int) -> None:
        """Remove the events from this number on."""
        with self.store.database.begin() as db:
            db.execute(delete(table).where(table.c.seq >= first))

    def write_anew(self) -> None:
        """Change an event and then every hash after it, as somebody who may write into the database could."""
        with self.store.database.begin() as db:
            previous = GENESIS
            for row in db.execute(select(table).order_by(table.c.seq)).all():
                data = {"forged": True} if row.seq == 2 else row.data
                fresh = event_hash(previous, row.case_id, row.at, row.actor, row.kind, data)
                db.execute(update(table).where(table.c.seq == row.seq).values(data=data, previous_hash=previous, hash=fresh))
                previous = fresh


@pytest.fixture
def office(tmp_path: Path, clock: FixedClock) -> Office:
    config = tiny_config(tmp_path)
    store = Store(open_database(config.store_url), clock, "tests")
    desk = Desk(config, store, BrowserHouse(BrowserOptions()), lambda account: "", Evidence(config.workspace / "evidence"))
    case, other = a_case(store), a_case(store, "GB-2026-104234", customer_name="Somebody Else")
    clock.forward(timedelta(minutes=5))
    store.put(
        case,
        "request",
        ReturnRequest(
            source_system="mailbox",
            source_key="<1@x>",
            channel="mail",
            order_no="GB-2026-104233",
            intent="return_request",
            requested_at=clock.now(),
            text=SCRIPT,
        ),
    )
    store.note(case, "approved", why=SCRIPT)
    store.note(other, "approved")
    desk.keep_bytes(case, "mail.eml", b"Subject: Retoure\r\n\r\nBitte")
    desk._photograph(case, "refund", "before", b"\xff\xd8 before")
    desk._photograph(case, "refund", "after", b"\xff\xd8 after")
    postings = (
        Posting("2200 Returns", debit=1000, original_minor=100, original_currency="EUR"),
        Posting("1000 Bank", credit=1000, original_minor=-100, original_currency="EUR"),
    )
    assert desk.books.post(case, JournalEntry("refund_paid", "RF-1", "Refund", postings), date(2026, 10, 5))
    number = desk.books.voucher(case)
    voucher = config.file("out", "vouchers", f"{number}.pdf")
    voucher.write_bytes(b"%PDF-1.4 voucher")
    desk.books.voucher_written(number, f"out/vouchers/{number}.pdf", hashlib.sha256(voucher.read_bytes()).hexdigest())
    return Office(desk, case, other, clock)


# -- verify ----------------------------------------------------------------------------------------------------------------
def test_a_whole_log_is_told_and_anchored(office: Office) -> None:
    code, said = office.call("verify", "--files")
    assert code == 0 and "The event log is whole." in said
    [head], problems = office.anchors.read()
    assert head.seq == len(office.store.timeline(office.case)) + len(office.store.timeline(office.other)) and head.hash in said and problems == []


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda office: office.rewrite(3, data={"why": "forged"}), "event 3 was changed (RMA-2610-00001, 2026-10-05 09:05:00 UTC)"),
        (lambda office: office.rewrite(3, actor="somebody"), "event 3 was changed (RMA-2610-00001, 2026-10-05 09:05:00 UTC)"),
        (
            lambda office: [office.rewrite(old, seq=new) for old, new in ((3, 99), (4, 3), (99, 4))],
            "event 3 does not follow the event before it (RMA-2610-00002, 2026-10-05 09:05:00 UTC)",
        ),
        (lambda office: office.cut(9), "events 9 to 9 are missing: the end of the log was cut off"),
        (lambda office: office.cut(1), "events 1 to 9 are missing: the end of the log was cut off"),
        (lambda office: office.write_anew(), "event 9 is not the one that was anchored outside the database"),
    ],
    ids=["changed", "actor", "reordered", "tail", "all", "written anew"],
)
def test_what_was_done_to_the_log_is_found_and_named(office: Office, spoil: Callable[[Office], object], said: str) -> None:
    keep_anchor(office.desk.config, office.store)
    spoil(office)
    code, output = office.call("verify")
    assert code == 1 and said in output and "NOT whole" in output
    assert len(office.anchors.read()[0]) == 1, "a broken log is not anchored"


def test_a_removed_event_is_found(office: Office) -> None:
    with office.store.database.begin() as db:
        db.execute(delete(table).where(table.c.seq == 3))
    code, output = office.call("verify")
    assert code == 1 and "event 3 is missing (next is 4) (RMA-2610-00002, 2026-10-05 09:05:00 UTC)" in output


def test_a_log_that_was_cut_and_went_on_is_found_by_the_old_anchor(office: Office) -> None:
    keep_anchor(office.desk.config, office.store)
    office.cut(9)
    office.store.note(office.case, "went_on")
    keep_anchor(office.desk.config, office.store)
    office.store.note(office.case, "and_on")
    code, output = office.call("verify")
    assert code == 1 and "event 9 is not the one that was anchored" in output


def test_a_copy_of_the_anchors_kept_elsewhere_finds_what_the_workspaces_own_hide(office: Office, tmp_path: Path) -> None:
    keep_anchor(office.desk.config, office.store)
    copy = tmp_path / "elsewhere.jsonl"
    copy.write_bytes(office.anchors.file.read_bytes())
    office.write_anew()
    office.anchors.file.unlink()
    assert office.call("verify")[0] == 0, "who may write everywhere can hide it here"
    code, output = office.call("verify", "--anchors", str(copy))
    assert code == 1 and "anchored outside the database" in output
    assert office.call("verify", "--anchors", str(tmp_path / "nowhere"))[0] == 2


def test_a_torn_line_of_the_anchors_is_told_and_spoils_only_itself(office: Office) -> None:
    keep_anchor(office.desk.config, office.store)
    with office.anchors.file.open("a", encoding="utf-8") as file:
        file.write('{"seq": 9, "ha')
    office.store.note(office.case, "more")
    keep_anchor(office.desk.config, office.store)
    heads, problems = office.anchors.read()
    assert [head.seq for head in heads] == [9, 10] and len(problems) == 1 and "line 3" in problems[0]
    assert office.call("verify")[0] == 1


def test_each_run_of_a_bot_anchors_the_log_once(office: Office) -> None:
    class Quiet:
        name, title, side_by_side, by_hand = "exceptions", "", False, 0.0

        def items(self, desk: Desk) -> list[Any]:
            return []

        def work(self, item: Any, desk: Desk) -> str:
            return ""

    Runner(office.desk).run(Quiet())
    Runner(office.desk).run(Quiet())
    newest, breaks = check_chain(office.store, [])
    assert office.anchors.read() == ([newest], []) and breaks == []


@pytest.mark.parametrize(
    ("spoil", "said"), [(lambda file: file.write_bytes(b"other"), "was changed since it was recorded"), (lambda file: file.unlink(), "is missing")]
)
@pytest.mark.parametrize("name", ["evidence/RMA-2610-00001/001-mail.eml", "out/vouchers/RV-2026-000001.pdf"])
def test_a_touched_file_is_found_when_asked_for(office: Office, name: str, spoil: Callable[[Path], object], said: str) -> None:
    spoil(office.desk.config.workspace / name)
    assert office.call("verify")[0] == 0
    code, output = office.call("verify", "--files")
    assert code == 1 and f"{Path(name).name} of RMA-2610-00001 {said}" in output


# -- export ----------------------------------------------------------------------------------------------------------------
def unpacked(office: Office, folder: Path, *more: str) -> Path:
    office.call("verify")
    code, output = office.call("export", office.case.rma, "--to", str(folder / "pack.zip"), *more)
    assert code == 0, output
    with zipfile.ZipFile(folder / "pack.zip") as archive:
        assert all(not Path(name).is_absolute() and ".." not in name for name in archive.namelist())
        archive.extractall(folder / "pack")
    return folder / "pack"


def check(pack: Path) -> tuple[int, str]:
    """The pack's own check, as a stranger runs it: another process, nothing of the suite on its path."""
    outcome = subprocess.run([sys.executable, "-I", str(pack / "check.py")], cwd=pack.parent, capture_output=True, text=True, check=False)
    return outcome.returncode, outcome.stdout + outcome.stderr


def test_the_pack_holds_everything_on_the_case_and_nothing_on_others(office: Office, tmp_path: Path) -> None:
    pack = unpacked(office, tmp_path)
    names = {file.relative_to(pack).as_posix() for file in pack.rglob("*") if file.is_file()}
    assert names == {
        "manifest.json", "chain.json", "timeline.json", "timeline.html", "case.json", "journals.json", "check.py", "pages/000001-request.json",
        "evidence/001-mail.eml", "evidence/002-refund-before.jpg", "evidence/003-refund-after.jpg", "vouchers/RV-2026-000001.pdf",
    }  # fmt: skip
    manifest = json.loads((pack / "manifest.json").read_text(encoding="utf-8"))
    assert all(hashlib.sha256((pack / entry["path"]).read_bytes()).hexdigest() == entry["sha256"] for entry in manifest["files"])
    assert {entry["path"] for entry in manifest["files"]} == names - {"manifest.json"} and manifest["problems"] == []
    assert [event["kind"] for event in json.loads((pack / "timeline.json").read_text(encoding="utf-8"))][:2] == ["case_opened", "approved"]
    assert len(json.loads((pack / "journals.json").read_text(encoding="utf-8"))) == 2
    assert json.loads((pack / "case.json").read_text(encoding="utf-8"))["case"]["customer_name"] == "Ann Lee"
    assert all(b"Somebody Else" not in file.read_bytes() and b"104234" not in file.read_bytes() for file in pack.rglob("*") if file.is_file())


def test_the_page_shows_hostile_text_as_text(office: Office, tmp_path: Path) -> None:
    page = (unpacked(office, tmp_path) / "timeline.html").read_text(encoding="utf-8")
    assert "<script" not in page and "&lt;script&gt;" in page and "evidence/002-refund-before.jpg" in page


def test_a_stranger_can_check_the_pack_without_the_suite(office: Office, tmp_path: Path) -> None:
    pack = unpacked(office, tmp_path)
    newest, _ = check_chain(office.store, [])
    code, said = check(pack)
    assert code == 0 and said.endswith("whole\n") and newest.hash in said
    (event,) = [event for event in json.loads((pack / "chain.json").read_text(encoding="utf-8"))["events"] if event["kind"] == "case_opened"]
    assert hash_of(event) == event["hash"]


def edit(pack: Path, name: str, change: Callable[[Any], object]) -> None:
    data = json.loads((pack / name).read_text(encoding="utf-8"))
    change(data)
    (pack / name).write_text(json.dumps(data), encoding="utf-8")


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda pack: (pack / "evidence" / "001-mail.eml").write_bytes(b"x"), "evidence/001-mail.eml was changed"),
        (lambda pack: (pack / "journals.json").unlink(), "journals.json is missing"),
        (lambda pack: (pack / "evidence" / "more.txt").write_bytes(b"x"), "evidence/more.txt is not in the manifest"),
        (lambda pack: edit(pack, "chain.json", lambda chain: chain["events"][1]["data"].update(why="forged")), "event 3 was changed"),
        (lambda pack: edit(pack, "chain.json", lambda chain: chain["links"].pop(2)), "event 3 does not stand in the chain"),
        (
            lambda pack: edit(pack, "chain.json", lambda chain: chain["links"].__setitem__(-1, "0" * 64)),
            "the chain is not the one that was anchored at event 9",
        ),
    ],
)
def test_a_pack_that_was_touched_says_so(office: Office, tmp_path: Path, spoil: Callable[[Path], object], said: str) -> None:
    pack = unpacked(office, tmp_path)
    spoil(pack)
    code, output = check(pack)
    assert code == 1 and said in output and "NOT WHOLE" in output


def test_an_export_says_what_is_not_as_it_was_recorded_and_is_written_all_the_same(office: Office, tmp_path: Path) -> None:
    folder = office.desk.evidence.root / office.case.rma
    (folder / "001-mail.eml").write_bytes(b"forged")
    (folder / "002-refund-before.jpg").unlink()
    (folder / "900-planted.jpg").write_bytes(b"x")
    code, output = office.call("export", office.case.order_no or "")
    assert code == 1
    for line in (
        "evidence/001-mail.eml was changed",
        "evidence/002-refund-before.jpg was recorded and is missing",
        "evidence/900-planted.jpg is named by no event",
    ):
        assert line in output
    place = office.desk.config.workspace / "out" / "audit" / f"{office.case.rma}.zip"
    with zipfile.ZipFile(place) as archive:
        states = {entry["path"]: entry["state"] for entry in json.loads(archive.read("manifest.json"))["files"]}
    assert states["evidence/001-mail.eml"].startswith("CHANGED") and states["evidence/900-planted.jpg"].startswith("NOT RECORDED")
    assert office.call("export", "RMA-0000-00000")[0] == 2


def test_the_same_case_gives_the_same_files(office: Office) -> None:
    first, second = (pack_of(office.desk.config, office.store, office.case) for _ in range(2))
    assert first.content == second.content


# -- retention -------------------------------------------------------------------------------------------------------------
def keeping(office: Office, days: int) -> Desk:
    office.desk.config.suite = office.desk.config.suite.model_copy(update={"evidence_days": days})
    return office.desk


def closed(office: Office) -> None:
    office.case = office.store.change(office.case, "closed", closed_at=office.clock.now(), close_code="done")


def kept(office: Office) -> bool:
    return (office.desk.evidence.root / office.case.rma).exists()


def test_evidence_is_deleted_after_its_days_with_an_event_and_events_stay(office: Office) -> None:
    desk = keeping(office, 30)
    before = len(office.store.timeline(office.case))
    closed(office)
    office.clock.forward(timedelta(days=30))
    assert expire_evidence(desk) == 0 and kept(office)
    office.clock.forward(timedelta(seconds=1))
    assert expire_evidence(desk) == 1 and not kept(office) and expire_evidence(desk) == 0
    timeline = office.store.timeline(office.case)
    assert len(timeline) == before + 2 and (timeline[-1].kind, timeline[-1].data) == ("evidence_deleted", {"files": 3, "bytes": 42, "after_days": 30})
    assert office.call("verify", "--files")[0] == 0, "what retention deleted is not missing"
    assert office.call("export", office.case.rma)[0] == 0
    assert case_facts(office.store, office.case)["vouchers"], "books stay"


@pytest.mark.parametrize("why", ["for ever", "open", "question", "frozen"])
def test_evidence_that_is_still_needed_stays(office: Office, why: str) -> None:
    desk = keeping(office, 0 if why == "for ever" else 30)
    if why == "question":
        office.store.open_exception(office.case, "refunds", "needs_check", "?")
    if why == "frozen":
        with pytest.raises(Exception, match="lost"):
            desk.ledger.carry_out(office.case, replace(refund_intent(), natural_key="refund:1"), look=lambda: None, act=lambda permit: permit.spend() or lose())
    if why != "open":
        closed(office)
    office.clock.forward(timedelta(days=400))
    assert expire_evidence(desk) == 0 and kept(office)


def lose() -> None:
    raise RuntimeError("the connection was lost")


def test_heads_of_an_empty_log(store: Store) -> None:
    assert check_chain(store, []) == (Head(0, GENESIS), [])

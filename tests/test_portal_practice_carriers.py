"""The carrier portals against the two practice carriers in a real browser."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from bots.automation.browser import BrowserHouse
from bots.automation.locators import load_book
from bots.cases.errors import SystemException
from bots.cases.model import Milestone
from bots.portals.practice import milestones
from bots.portals.practice.carriers import PracticeCarrier, PracticeGlobal, PracticeSwift, grams, scan_time
from bots.portals.web import Access
from tests.backoffice import carriers_voice
from tests.backoffice.accounts import ACCOUNTS
from tests.backoffice.carriers.app import create_global, create_swift
from tests.backoffice.carriers.codes import ALSO, BY_CARRIER
from tests.backoffice.carriers.samples import put_declaration, put_parcel
from tests.backoffice.serving import serving
from tests.backoffice.world import SAMPLES_START as START
from tests.backoffice.world import World

LOCATORS = Path(__file__).parents[1] / "locators"
ROUTE = [
    "label_created", "accepted", "in_transit", "export_customs", "departed", "in_transit", "arrived_country", "import_customs_presented",
    "customs_held", "customs_released", "in_transit", "in_transit", "in_transit", "in_transit", "in_transit", "out_for_delivery", "delivered",
]  # fmt: skip
NUMBERS = {"swift": "JD0000000001", "global": "RR000000019GB"}
NAMES = {"swift": "SwiftParcel", "global": "GlobalPost"}


@pytest.fixture(scope="module")
def state(tmp_path_factory: pytest.TempPathFactory) -> World:
    made = World.create(tmp_path_factory.mktemp("world"), START)
    for key, name in NAMES.items():
        put_parcel(made, NUMBERS[key], name, ROUTE)
        put_declaration(made, NUMBERS[key], status="held", note="invoice missing", currency="JPY" if key == "global" else "GBP")
        put_parcel(made, f"{key.upper()}BARE", name, [], first_scan_g=None)
        put_parcel(made, f"{key.upper()}EIGHT", name, ROUTE[:8], zone="America/New_York")
        for number in range(25):
            put_parcel(made, f"{key.upper()}{number:02d}", name, ROUTE[: number % 3 + 1])
    return made


@pytest.fixture
def world(state: World) -> Iterator[World]:
    """The parcels; no lie outlives its test."""
    yield state
    with state.write() as db:
        db.execute("DELETE FROM lies")


@pytest.fixture(scope="module")
def portals(state: World, browser_house: BrowserHouse) -> Iterator[dict[str, PracticeCarrier]]:
    with ExitStack() as stack:
        made: dict[str, PracticeCarrier] = {}
        for key, factory, kind in (("swift", create_swift, PracticeSwift), ("global", create_global, PracticeGlobal)):
            url, account = stack.enter_context(serving(factory(state))), ACCOUNTS[key]
            made[key] = kind(key, browser_house, load_book(LOCATORS, f"practice_{key}"), Access(url, account.name, lambda account=account: account.password))
        yield made


@pytest.fixture(params=["swift", "global"])
def carrier(request: pytest.FixtureRequest, portals: dict[str, PracticeCarrier], world: World) -> PracticeCarrier:
    return portals[request.param]


# -- words and numbers -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("name", "table"), [("SwiftParcel", milestones.SWIFT), ("GlobalPost", milestones.GLOBAL)])
def test_every_code_of_the_carrier_is_understood(name: str, table: dict[str, Milestone]) -> None:
    published = [(milestone, code) for codes in (BY_CARRIER[name], ALSO[name]) for milestone, (code, _) in codes.items()]
    assert {code: table[code].value for _, code in published} == {code: milestone for milestone, code in published}
    assert set(table) == {code for _, code in published}
    assert set(table.values()) == set(Milestone) - {Milestone.UNKNOWN}


@pytest.mark.parametrize(("name", "table"), [("SwiftParcel", milestones.SWIFT), ("GlobalPost", milestones.GLOBAL)])
def test_every_code_that_the_simulation_speaks_is_understood(name: str, table: dict[str, Milestone]) -> None:
    spoken = {code for code, _ in carriers_voice.BY_CARRIER[name].values()} | {code for code, _ in carriers_voice.ALSO[name].values()}
    assert spoken <= set(table)


@pytest.mark.parametrize(("text", "weight"), [("1.250 kg", 1250), ("1,250 g", 1250), ("950 g", 950), ("0.005 kg", 5), ("12,345.678 kg", 12345678)])
def test_weights(text: str, weight: int) -> None:
    assert grams(text, "en") == weight


@pytest.mark.parametrize("text", ["", "1250", "1,25 kg", "1.2345 kg", "3 lb", "kg", "1.5 g"])
def test_doubtful_weights_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is not"):
        grams(text, "en")


@pytest.mark.parametrize(
    ("clock", "zone", "hour"),
    [
        ("5 Oct 2026 10:00", "UTC+02:00", "08:00"),
        ("2026-10-05 04:00", "UTC-04:00", "08:00"),
        ("2026-10-05 13:30", "UTC+05:30", "08:00"),
        ("2026-10-05 08:00", "UTC", "08:00"),
    ],
)
def test_scan_times_become_utc(clock: str, zone: str, hour: str) -> None:
    assert scan_time(clock, zone, "en").isoformat() == f"2026-10-05T{hour}:00+00:00"


@pytest.mark.parametrize(("clock", "zone"), [("5 Oct 2026 10:00", "CET"), ("", "UTC"), ("05/10/2026", "UTC"), ("5 Oct 2026 10:00", "")])
def test_doubtful_scan_times_are_refused(clock: str, zone: str) -> None:
    with pytest.raises(ValueError, match="is not"):
        scan_time(clock, zone, "en")


# -- in the browser ----------------------------------------------------------------------------------------------------------


def test_a_parcel_is_read_whole(carrier: PracticeCarrier) -> None:
    number = NUMBERS[carrier.name]
    parcel = carrier.read_parcel(number)
    assert parcel
    assert [event.milestone.value for event in parcel.events] == ROUTE, "oldest first, every page of them"
    assert parcel.events[0].at == START and parcel.events[0].zone == "UTC+02:00" and parcel.events[0].place == "Hub 1"
    code, text = BY_CARRIER[NAMES[carrier.name]]["delivered"]
    assert (parcel.events[-1].raw_code, parcel.events[-1].raw_text) == (code, text)
    assert (parcel.tracking_no, parcel.declared_g, parcel.first_scan_g, parcel.origin_country, parcel.destination) == (number, 1300, 1250, "GB", "DE-LEJ")

    paper = parcel.declaration
    assert paper
    assert (paper.document_no, paper.status, paper.status_note, paper.relief, paper.reason, paper.ioss) == (
        "CN23-77120",
        "held",
        "invoice missing",
        "RGR",
        "returned goods",
        "",
    )
    assert paper.lodged_at == datetime(2026, 10, 6, 10, 15, tzinfo=UTC) and paper.invoice_date == date(2026, 9, 20)
    assert (paper.currency, paper.total_value, paper.gross_g, paper.packages) == ("JPY" if carrier.name == "global" else "GBP", 133602, 1300, 1)
    assert (paper.export_ref, paper.invoice_no, paper.incoterm, paper.exporter_eori, paper.importer_eori) == (
        "26GB00ABC123",
        "INV-1",
        "DAP",
        "GB123456789000",
        "DE987654321",
    )
    assert [(line.hs_code, line.qty, line.unit_value, line.origin, line.net_g, line.serials) for line in paper.lines] == [
        ("610910", 3, 1234, "CN", 180, ()),
        ("851762", 1, 129900, "CN", 260, ("SN-1", "SN-2")),
    ]
    assert paper.lines[0].description == "T-shirt, <cotton> & co"


def test_bare_unknown_and_page_edge_parcels(carrier: PracticeCarrier) -> None:
    bare = carrier.read_parcel(f"{carrier.name.upper()}BARE")
    assert bare and bare.events == () and bare.first_scan_g is None and bare.declaration is None
    eight = carrier.read_parcel(f"{carrier.name.upper()}EIGHT")
    assert eight and len(eight.events) == 8 and eight.events[0].at == START and eight.events[0].zone == "UTC-04:00"
    assert carrier.read_parcel("JD9999999999") is None


def test_an_unknown_code_keeps_its_words(carrier: PracticeCarrier, world: World) -> None:
    with world.write() as db:
        db.execute("UPDATE tracking_events SET code = 'ZZ', text = 'Elephant on the line' WHERE tracking_no = ?", (f"{carrier.name.upper()}24",))
    parcel = carrier.read_parcel(f"{carrier.name.upper()}24")
    assert parcel and (parcel.events[-1].milestone, parcel.events[-1].raw_code, parcel.events[-1].raw_text) == (Milestone.UNKNOWN, "ZZ", "Elephant on the line")


def test_many_parcels_take_one_page_load_for_twenty(carrier: PracticeCarrier, world: World) -> None:
    numbers = [f"{carrier.name.upper()}{number:02d}" for number in range(25)]
    carrier.check()
    before = world.one("SELECT sum(uses) FROM web_sessions WHERE app = ?", carrier.name)
    found = carrier.summaries([*numbers, "UNKNOWN1", NUMBERS[carrier.name], numbers[0]])
    after = world.one("SELECT sum(uses) FROM web_sessions WHERE app = ?", carrier.name)
    assert before and after and after[0] - before[0] == 2
    assert [parcel.tracking_no for parcel in found] == [*numbers, NUMBERS[carrier.name]]
    assert [parcel.milestone.value for parcel in found[:3]] == ["label_created", "accepted", "in_transit"]
    assert found[-1].customs_status == "held" and found[-1].last_at == datetime(2026, 10, 9, 8, 0, tzinfo=UTC) and found[0].customs_status == ""
    assert carrier.summaries([]) == ()
    bare = carrier.summaries([f"{carrier.name.upper()}BARE"])[0]
    assert (bare.last_at, bare.last_code, bare.milestone) == (None, "", Milestone.UNKNOWN)


def test_the_events_are_kept_as_a_file(carrier: PracticeCarrier, tmp_path: Path) -> None:
    file = carrier.download_events(NUMBERS[carrier.name], tmp_path / "evidence")
    assert file == tmp_path / "evidence" / f"{carrier.name}-{NUMBERS[carrier.name]}-events.csv"
    with file.open(encoding="utf-8", newline="") as text:
        assert len(list(csv.reader(text))) == len(ROUTE) + 1
    with pytest.raises(SystemException, match="no parcel"):
        carrier.download_events("../../etc/passwd", tmp_path)


def test_a_lost_session_is_renewed(carrier: PracticeCarrier, world: World) -> None:
    carrier.check()
    with world.write() as db:
        db.execute("DELETE FROM web_sessions")
    assert carrier.read_parcel(NUMBERS[carrier.name])


def test_reading_survives_a_redesign(carrier: PracticeCarrier, world: World, tmp_path: Path) -> None:
    carrier.forget_session()
    world.tell_lies(carrier.name, "skin", "redesign", times=50)
    parcel = carrier.read_parcel(NUMBERS[carrier.name])
    assert parcel and len(parcel.events) == len(ROUTE)
    assert carrier.download_events(NUMBERS[carrier.name], tmp_path).stat().st_size > 500


def test_events_that_do_not_load_are_not_taken_for_all_of_them(portals: dict[str, PracticeCarrier], world: World) -> None:
    post = portals["global"]
    world.tell_lies("global", "events", "server_error", times=50)
    with pytest.raises(SystemException, match="could not be loaded") as raised:
        post.read_parcel(NUMBERS["global"])
    assert raised.value.code == "incomplete_read"

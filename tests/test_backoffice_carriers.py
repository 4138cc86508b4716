"""The two practice carriers: what they show, what they keep to themselves, and that they work in a real browser."""

from __future__ import annotations

import csv
import io
from contextlib import ExitStack
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from bots.automation.browsers import find_browser
from tests.backoffice.accounts import ACCOUNTS
from tests.backoffice.carriers.app import create_global, create_swift, in_zone
from tests.backoffice.carriers.codes import ALSO, BY_CARRIER, MILESTONES
from tests.backoffice.carriers.samples import put_declaration, put_parcel
from tests.backoffice.serving import serving
from tests.backoffice.world import SAMPLES_START as START
from tests.backoffice.world import World

ROUTE = [
    "label_created",
    "accepted",
    "in_transit",
    "export_customs",
    "departed",
    "arrived_country",
    "import_customs_presented",
    "customs_released",
    "out_for_delivery",
    "delivered",
]
SWIFT_NO, GLOBAL_NO = "JD0000000001", "RR000000019GB"


@pytest.fixture
def world(tmp_path: Path) -> World:
    made = World.create(tmp_path, START)
    for carrier, tracking_no in (("SwiftParcel", SWIFT_NO), ("GlobalPost", GLOBAL_NO)):
        put_parcel(made, tracking_no, carrier, ROUTE)
        put_declaration(made, tracking_no, status="released", note="no duty due")
    put_parcel(made, "JD0000000002", "SwiftParcel", ["label_created"], first_scan_g=None)
    put_parcel(made, "JD0000000003", "SwiftParcel", [])
    return made


def signed_in(world: World, key: str) -> FlaskClient:
    client = {"swift": create_swift, "global": create_global}[key](world).test_client()
    client.post("/login", data={"account": ACCOUNTS[key].name, "password": ACCOUNTS[key].password})
    return client


def test_the_carriers_name_every_milestone_and_never_alike() -> None:
    for carrier, codes in BY_CARRIER.items():
        assert tuple(codes) == MILESTONES
        every = [code for code, _ in [*codes.values(), *ALSO[carrier].values()]]
        assert len(set(every)) == len(every), f"{carrier}: a code stands for two milestones"
    swift, post = BY_CARRIER.values()
    assert not {code for code, _ in swift.values()} & {code for code, _ in post.values()}


@pytest.mark.parametrize(
    ("text", "zone", "clock", "offset"),
    [
        ("2026-10-05T08:00:00+00:00", "Europe/Berlin", "10:00", "UTC+02:00"),
        ("2026-12-05T08:00:00+00:00", "Europe/Berlin", "09:00", "UTC+01:00"),
        ("2026-10-05T08:00:00+00:00", "America/New_York", "04:00", "UTC-04:00"),
        ("2026-10-05T08:00:00+00:00", "Asia/Kolkata", "13:30", "UTC+05:30"),
        ("2026-10-05T08:00:00", "UTC", "08:00", "UTC"),
        ("2026-10-05T08:00:00+00:00", "Mars/Olympus", "08:00", "UTC"),
        ("2026-10-05T08:00:00+00:00", "", "08:00", "UTC"),
    ],
)
def test_scan_times_are_the_places_own_clock_with_an_exact_offset(text: str, zone: str, clock: str, offset: str) -> None:
    local, shown = in_zone(text, zone)
    assert (f"{local:%H:%M}", shown) == (clock, offset)


@pytest.mark.parametrize("key", ["swift", "global"])
def test_log_in_is_needed_everywhere(world: World, key: str) -> None:
    client = {"swift": create_swift, "global": create_global}[key](world).test_client()
    for path in ("/", "/search?tracking=X", "/track?numbers=X", f"/parcels/{SWIFT_NO}", f"/parcels/{SWIFT_NO}/events.csv"):
        assert client.get(path).location.startswith("/login")
    if key == "global":
        assert client.get("/api/events?tracking=X").status_code == 401
    assert "not correct" in client.post("/login", data={"account": ACCOUNTS[key].name, "password": "x"}).text


def test_a_carrier_shows_its_own_parcels_only(world: World) -> None:
    swift, post = signed_in(world, "swift"), signed_in(world, "global")
    assert swift.get(f"/parcels/{SWIFT_NO}").status_code == 200
    assert post.get(f"/parcels/{SWIFT_NO}").status_code == 404
    assert post.get(f"/parcels/{SWIFT_NO}/events.csv").status_code == 404
    assert post.get(f"/api/events?tracking={SWIFT_NO}").status_code == 404
    assert swift.get(f"/search?tracking={SWIFT_NO[:4]}%20{SWIFT_NO[4:].lower()}").location == f"/parcels/{SWIFT_NO}"
    assert "No parcel with the number JD99" in swift.get("/search?tracking=jd99").text


def test_swift_parcel_page(world: World) -> None:
    page = signed_in(world, "swift").get(f"/parcels/{SWIFT_NO}").text
    assert "1.300 kg" in page and "1.250 kg" in page
    assert "5 Oct 2026 10:00</td><td>UTC+02:00" in page
    assert page.index("Delivered - signed for") < page.index("Shipment information received"), "newest first"
    assert "T-shirt, &lt;cotton&gt; &amp; co" in page and "1,299.00" in page and "no duty due" in page and "6 Oct 2026 10:15" in page
    other = signed_in(world, "swift").get("/parcels/JD0000000002").text
    assert "none has been lodged" in other and "<dt>Weight at first scan</dt><dd></dd>" in other
    assert "No events yet" in signed_in(world, "swift").get("/parcels/JD0000000003").text


def test_global_pages_its_events_by_eight(world: World) -> None:
    client = signed_in(world, "global")
    first = client.get(f"/api/events?tracking={GLOBAL_NO}&page=1").json
    second = client.get(f"/api/events?tracking={GLOBAL_NO}&page=2").json
    assert first and second
    assert (first["total"], len(first["events"]), len(second["events"])) == (10, 8, 2)
    assert first["events"][0]["code"] == "EMI-70" and second["events"][-1]["code"] == "EMZ-00"
    assert "EMI-70" not in client.get(f"/parcels/{GLOBAL_NO}").text, "events come by script only"
    assert "1,250 g" in client.get(f"/parcels/{GLOBAL_NO}").text


def test_many_numbers_on_one_page(world: World) -> None:
    client = signed_in(world, "swift")
    page = client.get("/track", query_string={"numbers": f" {SWIFT_NO.lower()} \n\nJD0000000003\n{SWIFT_NO}\n{GLOBAL_NO}"}).text
    assert "Not found: RR000000019GB" in page and page.count("<tr><td") == 2
    assert "OK</td><td>Delivered - signed for</td>" in page and ">Released<" in page and "7 Oct 2026 14:00" in page
    assert "at most 20" in client.get("/track", query_string={"numbers": "\n".join(f"X{n}" for n in range(21))}).text
    assert "Not found" in client.get("/track", query_string={"numbers": "\n".join(f"X{n}" for n in range(20))}).text


@pytest.mark.parametrize(
    ("key", "tracking_no", "delimiter", "first"), [("swift", SWIFT_NO, ",", "7 Oct 2026 16:00"), ("global", GLOBAL_NO, ";", "2026-10-07 16:00")]
)
def test_csv(world: World, key: str, tracking_no: str, delimiter: str, first: str) -> None:
    answer = signed_in(world, key).get(f"/parcels/{tracking_no}/events.csv")
    rows = list(csv.DictReader(io.StringIO(answer.text), delimiter=delimiter))
    assert len(rows) == 10 and rows[0]["Date"] == first and {row["Tracking number"] for row in rows} == {tracking_no}
    assert "attachment" in answer.headers["Content-Disposition"]


def test_lies(world: World) -> None:
    client = signed_in(world, "swift")
    world.tell_lies("swift", "skin", "redesign", times=1)
    page = client.get("/").text
    assert "Find parcel" in page and 'id="tracking"' not in page and 'id="tracking"' in client.get("/").text
    world.tell_lies("swift", "parcel", "server_error", match=SWIFT_NO)
    assert client.get("/parcels/JD0000000002").status_code == 200
    assert client.get(f"/parcels/{SWIFT_NO}").status_code == 500
    world.tell_lies("swift", "search", "session_gone")
    assert "session has expired" in client.get("/search?tracking=X", follow_redirects=True).text
    assert client.get("/").location.startswith("/login"), "the session is really over"


def test_both_portals_in_the_browser(world: World, tmp_path: Path) -> None:
    from playwright.sync_api import expect, sync_playwright

    with ExitStack() as stack:
        swift, post = stack.enter_context(serving(create_swift(world))), stack.enter_context(serving(create_global(world)))
        browser = stack.enter_context(sync_playwright()).chromium.launch(executable_path=find_browser().executable_path, args=["--no-sandbox"])
        page = browser.new_page()
        page.set_default_timeout(5000)
        problems: list[str] = []
        page.on("pageerror", lambda error: problems.append(str(error)))
        for key, base in (("swift", swift), ("global", post)):
            page.goto(base)
            page.get_by_label("User name", exact=True).fill(ACCOUNTS[key].name)
            page.get_by_label("Password", exact=True).fill(ACCOUNTS[key].password)
            page.get_by_role("button", name="Sign in", exact=True).click()
            if key == "global":
                banner = page.get_by_role("dialog", name="We value your privacy")
                banner.get_by_role("button", name="Only necessary", exact=True).click()
                expect(banner).to_be_hidden()
            number = {"swift": SWIFT_NO, "global": GLOBAL_NO}[key]
            page.get_by_label("Tracking numbers, one a line", exact=True).fill(f"{number}\nNOPE")
            page.get_by_role("button", name="Track all", exact=True).click()
            expect(page.get_by_role("alert")).to_have_text("Not found: NOPE")
            page.get_by_role("table", name="Parcels", exact=True).get_by_role("link", name=number).click()
            events = page.get_by_role("table", name="Events", exact=True)
            if key == "global":
                expect(page.get_by_text("8 of 10 events")).to_be_visible()
                page.get_by_role("button", name="Load more", exact=True).click()
                expect(page.get_by_role("button", name="Load more", exact=True)).to_be_hidden()
            expect(events.locator("tbody tr")).to_have_count(10)
            with page.expect_download() as waiting:
                page.get_by_role("link", name="Download CSV", exact=True).click()
            waiting.value.save_as(tmp_path / f"{key}.csv")
            assert BY_CARRIER[{"swift": "SwiftParcel", "global": "GlobalPost"}[key]]["delivered"][0] in (tmp_path / f"{key}.csv").read_text(encoding="utf-8")
            page.goto(base)
            assert page.get_by_role("dialog").count() == 0, "the cookie banner comes once a session"
        assert problems == []
        browser.close()

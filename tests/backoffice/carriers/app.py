"""Two practice carriers with English screens: SwiftParcel shows everything at once, GlobalPost loads its events by script, eight at a time."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, ClassVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from flask import Flask, Response, abort, jsonify, redirect, render_template, request, url_for

from ..accounts import ACCOUNTS
from ..door import Door
from ..paging import before, told
from ..web import Gate, money
from ..world import Row, World

MAX_NUMBERS = 20
EVENTS_A_PAGE = 8
STATUS = {"lodged": "Lodged", "held": "Held", "released": "Released"}


@dataclass(frozen=True)
class Brand:
    """What sets one carrier's portal apart."""

    key: str
    name: str
    slogan: str
    account: str
    by_script: bool
    moment: Callable[[datetime], str]
    weight: Callable[[int], str]


SWIFT = Brand(
    "swift",
    "SwiftParcel",
    "Shipper Centre",
    "Customer reference 4410-882",
    False,
    lambda at: f"{at.day} {at:%b %Y %H:%M}",
    lambda grams: f"{grams / 1000:.3f} kg",
)
GLOBAL = Brand("global", "GlobalPost", "Business Mail & Parcels", "Contract GP-20931", True, lambda at: f"{at:%Y-%m-%d %H:%M}", lambda grams: f"{grams:,} g")


def create_swift(world: World) -> Flask:
    """SwiftParcel's portal over `world`."""
    return _create(world, SWIFT)


def create_global(world: World) -> Flask:
    """GlobalPost's portal over `world`."""
    return _create(world, GLOBAL)


def _create(world: World, brand: Brand) -> Flask:
    app = Flask(__name__)
    app.config["SEND_FILE_MAX_AGE_DEFAULT"] = 3600
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    account = ACCOUNTS[brand.key]
    _Screens(app, world, brand, Gate(app, world, brand.key, {account.name: account}))
    return app


def in_zone(text: str, zone: str) -> tuple[datetime, str]:
    """A scan's UTC time as its place's wall clock, with the offset that makes it exact: (10:00, "UTC+02:00").

    A zone this computer does not know is shown in UTC, and says so.
    """
    at = datetime.fromisoformat(text)
    at = at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
    try:
        local = at.astimezone(ZoneInfo(zone)) if zone else at
    except (ZoneInfoNotFoundError, ValueError):
        local = at
    minutes = int((local.utcoffset() or at - at).total_seconds() // 60)
    return local, "UTC" if not minutes else f"UTC{'+' if minutes > 0 else '-'}{abs(minutes) // 60:02d}:{abs(minutes) % 60:02d}"


class _Screens(Door):
    """The pages of one carrier, bound to one app."""

    first_page, wrong = "home", "User name or password is not correct."
    failures: ClassVar = {
        403: "This form has expired. Reload the page.",
        404: "There is no parcel or page with this address.",
        500: "Internal server error. Please try again later.",
    }

    def __init__(self, app: Flask, world: World, brand: Brand, gate: Gate) -> None:
        super().__init__(app, world, gate)
        self.brand = brand
        app.context_processor(self._look)
        app.add_template_filter(self.moment, "moment")
        app.add_template_filter(brand.weight, "weight")
        app.add_template_filter(money, "money")
        app.add_url_rule("/", view_func=self.home)
        app.add_url_rule("/search", view_func=self.search)
        app.add_url_rule("/track", view_func=self.track)
        app.add_url_rule("/parcels/<tracking_no>", view_func=self.parcel)
        app.add_url_rule("/parcels/<tracking_no>/events.csv", view_func=self.events_csv)
        if brand.by_script:
            app.add_url_rule("/api/events", view_func=self.events_json)
            app.add_url_rule("/cookies", view_func=self.cookies, methods=["POST"])

    def _look(self) -> dict[str, Any]:
        """The brand, and today's skin: the usual one, or the redesign while that lie is told."""
        skin = "new" if told(self.world, self.brand.key, "skin", request.path) else ""
        captions = {
            "": ("Sign in", "Track", "Track all", "Load more", "Download CSV"),
            "new": ("Log on", "Find parcel", "Show overview", "Older events", "Export"),
        }[skin]
        return {
            "brand": self.brand,
            "skin": skin,
            "cap": dict(zip(("sign_in", "track", "track_all", "more", "csv"), captions, strict=True)),
            "fid": lambda name: f"ui-{name[::-1]}" if skin else name,
            "status": STATUS,
        }

    def moment(self, text: str | None) -> str:
        """The tables' ISO 8601 text in this carrier's date style, in UTC; empty for none."""
        return self.brand.moment(in_zone(text, "UTC")[0]) if text else ""

    # -- in and out -----------------------------------------------------------------------------------------------
    def cookies(self) -> Any:
        self.gate.mark("cookies_ok")
        return "", 204

    # -- looking for parcels ----------------------------------------------------------------------------------------
    def _mine(self, tracking_no: str) -> Row | None:
        return self.world.one("SELECT * FROM parcels WHERE tracking_no = ? AND carrier = ?", tracking_no, self.brand.name)

    def home(self) -> Any:
        return render_template("home.html", numbers="", error="")

    def search(self) -> Any:
        tracking_no = "".join(request.args.get("tracking", "").split()).upper()
        if answer := before(self.gate, told(self.world, self.brand.key, "search", tracking_no)):
            return answer
        if self._mine(tracking_no):
            return redirect(url_for("parcel", tracking_no=tracking_no))
        return render_template("home.html", numbers="", error=f"No parcel with the number {tracking_no or '(empty)'}.")

    def track(self) -> Any:
        typed = request.args.get("numbers", "")
        numbers = list(dict.fromkeys("".join(line.split()).upper() for line in typed.splitlines() if line.strip()))
        if answer := before(self.gate, told(self.world, self.brand.key, "search", " ".join(numbers))):
            return answer
        if len(numbers) > MAX_NUMBERS:
            return render_template("home.html", numbers=typed, error=f"{len(numbers)} numbers given; at most {MAX_NUMBERS} at a time.")
        marks = ",".join("?" * len(numbers))
        found = {
            row["tracking_no"]: row
            for row in self.world.all(
                f"""SELECT p.tracking_no, e.at, e.code, e.text, d.status FROM parcels p
                    LEFT JOIN tracking_events e ON e.id = (
                      SELECT id FROM tracking_events WHERE tracking_no = p.tracking_no ORDER BY at DESC, id DESC LIMIT 1)
                    LEFT JOIN declarations d ON d.tracking_no = p.tracking_no
                    WHERE p.carrier = ? AND p.tracking_no IN ({marks})""",
                self.brand.name,
                *numbers,
            )
        }
        return render_template("track.html", numbers=typed, rows=[found[n] for n in numbers if n in found], unknown=[n for n in numbers if n not in found])

    # -- one parcel -------------------------------------------------------------------------------------------------
    def _events(self, tracking_no: str, limit: int = -1, offset: int = 0) -> list[dict[str, str]]:
        """Events, newest first, as the screen words them."""
        rows = self.world.all("SELECT * FROM tracking_events WHERE tracking_no = ? ORDER BY at DESC, id DESC LIMIT ? OFFSET ?", tracking_no, limit, offset)
        shown = []
        for row in rows:
            local, zone = in_zone(row["at"], row["zone"])
            shown.append({"date": self.brand.moment(local), "zone": zone, "place": row["place"], "code": row["code"], "text": row["text"]})
        return shown

    def parcel(self, tracking_no: str) -> Any:
        if answer := before(self.gate, told(self.world, self.brand.key, "parcel", tracking_no)):
            return answer
        head = self._mine(tracking_no) or abort(404)
        paper = self.world.one("SELECT * FROM declarations WHERE tracking_no = ?", tracking_no)
        lines = self.world.all("SELECT * FROM declaration_lines WHERE tracking_no = ? ORDER BY line_no", tracking_no)
        return render_template("parcel.html", head=head, events=[] if self.brand.by_script else self._events(tracking_no), paper=paper, lines=lines)

    def events_json(self) -> Any:
        tracking_no = request.args.get("tracking", "")
        if self._mine(tracking_no) is None:
            return jsonify(error="unknown number"), 404
        if answer := before(self.gate, told(self.world, self.brand.key, "events", tracking_no)):
            return answer
        page = max(1, request.args.get("page", 1, type=int))
        total = self.world.db.execute("SELECT count(*) FROM tracking_events WHERE tracking_no = ?", (tracking_no,)).fetchone()[0]
        return jsonify(total=total, page=page, events=self._events(tracking_no, EVENTS_A_PAGE, (page - 1) * EVENTS_A_PAGE))

    def events_csv(self, tracking_no: str) -> Any:
        head = self._mine(tracking_no) or abort(404)
        if answer := before(self.gate, told(self.world, self.brand.key, "download", tracking_no)):
            return answer
        out = io.StringIO()
        table = csv.writer(out, delimiter=";" if self.brand.by_script else ",")
        table.writerow(["Tracking number", "Date", "Time zone", "Place", "Code", "Event"])
        for event in self._events(tracking_no):
            table.writerow([head["tracking_no"], event["date"], event["zone"], event["place"], event["code"], event["text"]])
        return Response(out.getvalue(), mimetype="text/csv; charset=utf-8", headers={"Content-Disposition": f'attachment; filename="events-{tracking_no}.csv"'})

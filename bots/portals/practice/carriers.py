"""SwiftParcel and GlobalPost: scans, weights and customs papers of return parcels."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import ClassVar

from bots.automation.formats import parse_amount, parse_date, parse_number, parse_time
from bots.cases.errors import SystemException
from bots.cases.model import Declaration, DeclarationLine, Milestone, Parcel, ParcelSummary, TrackingEvent
from bots.portals.practice import milestones
from bots.portals.signin import PasswordPortal, understood

NUMBERS_A_SEARCH = 20
"""The most tracking numbers that both portals take in one search."""
NO_EVENTS = "No events yet."
"""GlobalPost's words under an events table that is rightly empty."""
GRAMS = {"g": Decimal(1), "kg": Decimal(1000)}


class PracticeCarrier(PasswordPortal):
    """Role Carrier; what the two portals have in common."""

    milestones: ClassVar[dict[str, Milestone]]

    def summaries(self, tracking_nos: Sequence[str]) -> tuple[ParcelSummary, ...]:
        """The last event of many parcels, twenty a page load; unknown numbers are left out."""
        wanted = list(dict.fromkeys(tracking_nos))
        found: list[ParcelSummary] = []
        for start in range(0, len(wanted), NUMBERS_A_SEARCH):
            self.screen.open("track", numbers="\n".join(wanted[start : start + NUMBERS_A_SEARCH]))
            rows = self.screen.table("summary")
            with understood(self.screen):
                found += [self._summary(row) for row in rows]
        return tuple(found)

    def read_parcel(self, tracking_no: str) -> Parcel | None:
        """All events (oldest first), weights and the customs declaration; None when the carrier does not know the number."""
        if not self._open_parcel(tracking_no):
            return None
        rows = self._event_rows()
        with understood(self.screen):
            shown = self.screen.fields("head")
            events = tuple(self._event(tracking_no, row) for row in reversed(rows))
            return Parcel(
                source_system=self.name,
                source_key=tracking_no,
                tracking_no=shown["tracking_no"],
                declared_g=grams(shown["declared"], self.style),
                first_scan_g=grams(shown["first_scan"], self.style) if shown["first_scan"] else None,
                origin_country=shown["origin_country"],
                destination=shown["destination"],
                events=events,
                declaration=self._declaration(tracking_no) if self.screen.has("declaration") else None,
            )

    def download_events(self, tracking_no: str, folder: Path) -> Path:
        """The portal's CSV of events, saved as `<name>-<tracking no>-events.csv` in `folder`."""
        if not self._open_parcel(tracking_no):
            raise SystemException(f"{self.book.head.title} knows no parcel {tracking_no}", code="not_found")
        safe = re.sub(r"[^A-Za-z0-9]", "_", tracking_no)
        return self.screen.download("csv", folder, f"{self.name}-{safe}-events.csv")

    # -- helpers -------------------------------------------------------------------------------------------------------
    def _open_parcel(self, tracking_no: str) -> bool:
        self.screen.open("parcel", tracking_no=tracking_no)
        return self.screen.status != 404

    def _event_rows(self) -> list[dict[str, str]]:
        """The whole events table, newest first."""
        return self.screen.table("events")

    def _milestone(self, code: str) -> Milestone:
        return self.milestones.get(code, Milestone.UNKNOWN)

    def _summary(self, row: dict[str, str]) -> ParcelSummary:
        return ParcelSummary(
            source_system=self.name,
            source_key=row["tracking_no"],
            tracking_no=row["tracking_no"],
            last_at=parse_time(row["last_at"], self.style),
            last_code=row["last_code"],
            last_text=row["last_text"],
            milestone=self._milestone(row["last_code"]),
            customs_status=row["customs_status"].lower(),
        )

    def _event(self, tracking_no: str, row: dict[str, str]) -> TrackingEvent:
        return TrackingEvent(
            source_system=self.name,
            source_key=tracking_no,
            at=scan_time(row["date"], row["zone"], self.style),
            zone=row["zone"],
            place=row["place"],
            raw_code=row["code"],
            raw_text=row["text"],
            milestone=self._milestone(row["code"]),
        )

    def _declaration(self, tracking_no: str) -> Declaration:
        shown = self.screen.fields("declaration")
        currency, style = shown["currency"], self.style

        def minor(text: str) -> int:
            return parse_amount(text, currency, style, self.book.head.exponents).minor

        lines = tuple(
            DeclarationLine(
                line_no=int(row["line_no"]),
                hs_code=row["hs_code"],
                description=row["description"],
                qty=int(parse_number(row["qty"], style)),
                unit_value=minor(row["unit_value"]),
                origin=row["origin"],
                net_g=grams(row["net"], style),
                serials=tuple(serial.strip() for serial in row["serials"].split(",") if serial.strip()),
            )
            for row in self.screen.table("declared")
        )
        return Declaration(
            source_system=self.name,
            source_key=shown["document_no"],
            tracking_no=tracking_no,
            document_no=shown["document_no"],
            lodged_at=parse_time(shown["lodged_at"], style),
            reason=shown["reason"],
            category=shown["category"],
            currency=currency,
            export_ref=shown["export_ref"],
            invoice_no=shown["invoice_no"],
            invoice_date=parse_date(shown["invoice_date"], style),
            incoterm=shown["incoterm"],
            exporter_eori=shown["exporter_eori"],
            importer_eori=shown["importer_eori"],
            consignee=shown["consignee"],
            ioss=shown["ioss"],
            gross_g=grams(shown["gross"], style),
            packages=int(shown["packages"]),
            total_value=minor(shown["total"]),
            relief=shown["relief"],
            status=shown["status"].lower(),
            status_note=shown["status_note"],
            lines=lines,
        )


class PracticeSwift(PracticeCarrier):
    """SwiftParcel shows all of a parcel at once."""

    milestones = milestones.SWIFT


class PracticeGlobal(PracticeCarrier):
    """GlobalPost loads events by script, eight at a time."""

    milestones = milestones.GLOBAL

    def _event_rows(self) -> list[dict[str, str]]:
        screen = self.screen
        screen.wait_any("loaded")
        shown, earlier = screen.text("shown"), ""
        while shown != earlier and screen.has("more"):
            screen.click("more")
            screen.wait_any("loaded")
            shown, earlier = screen.text("shown"), shown
        rows = screen.table("events")
        if shown != (f"{len(rows)} of {len(rows)} events" if rows else NO_EVENTS):
            raise SystemException(f"{self.book.head.title}: {len(rows)} events were read, the page says {shown!r}", code="incomplete_read")
        return rows


def grams(text: str, style: str) -> int:
    """`1,250 g` or `1.250 kg` as 1250; another unit or a doubtful number raises ValueError."""
    number, _, unit = text.rpartition(" ")
    if unit not in GRAMS:
        raise ValueError(f"{text!r} is not a weight in g or kg")
    weight = parse_number(number, style) * GRAMS[unit]
    if weight != int(weight):
        raise ValueError(f"{text!r} is not whole grams")
    return int(weight)


def scan_time(clock: str, zone: str, style: str) -> datetime:
    """A scan's local time with its offset (`UTC`, `UTC+02:00`) as UTC; anything else raises ValueError."""
    at = parse_time(clock, style)
    offset = re.fullmatch(r"UTC(?:([+-])(\d\d):(\d\d))?", zone)
    if at is None or offset is None:
        raise ValueError(f"{clock!r} in {zone!r} is not a time with its offset from UTC")
    if not offset[1]:
        return at
    ahead = timedelta(hours=int(offset[2]), minutes=int(offset[3]))
    return at - ahead if offset[1] == "+" else at + ahead

"""A plain case to start from: an order that was exported to Britain, and the papers of its return. Tests change one thing at a time."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from bots.cases.model import (
    Declaration,
    DeclarationLine,
    ExportLine,
    ExportPapers,
    Milestone,
    Order,
    OrderLine,
    Parcel,
    Receipt,
    ReceiptLine,
    TrackingEvent,
)

NOW = datetime(2026, 10, 12, 8, 0, tzinfo=UTC)
MRN = "21DE27364916384836"
EORI = "DE482913350017442"
TRACKING = "RB123456785GB"
HUB = "Yunshan Returns Hub, Torgauer Str. 231, 04347 Leipzig, DE"


def order(**changes: Any) -> Order:
    """Headphones with a serial number (serialised, with a battery) and two wool blankets, bought in Britain."""
    lines = (
        OrderLine(
            line_no=1,
            sku="HP-ANC200",
            gtin="4006381333931",
            name="AeroBeat ANC-200 Headphones",
            category="electronics",
            qty=1,
            unit_gross=8990,
            tax_bp=2000,
            serials=("HP00000001",),
            hs_code="85183000",
            origin="CN",
            weight_g=310,
            cost_minor=21500,
            battery="UN3481",
        ),
        OrderLine(
            line_no=2,
            sku="BLK-WOOL",
            gtin="5901234123457",
            name="Alma Wool Blanket",
            category="home",
            qty=2,
            unit_gross=5990,
            tax_bp=2000,
            hs_code="63012090",
            origin="CN",
            weight_g=1100,
            cost_minor=13200,
        ),
    )
    export = ExportPapers(
        mrn=MRN,
        export_date=date(2026, 9, 20),
        office="DE004851",
        exporter_eori=EORI,
        lines=(
            ExportLine(
                line_no=1, hs_code="85183000", description="AeroBeat ANC-200 Headphones", qty=1, unit_value=7491, currency="GBP", origin="CN", net_g=310
            ),
            ExportLine(line_no=2, hs_code="63012090", description="Alma Wool Blanket", qty=2, unit_value=4991, currency="GBP", origin="CN", net_g=1100),
        ),
    )
    facts: dict[str, Any] = {
        "order_no": "GB-2026-104233",
        "buyer_name": "Ann Lee",
        "buyer_email": "ann@example.org",
        "country": "GB",
        "address": "1 High St, Leeds",
        "currency": "GBP",
        "placed_at": datetime(2026, 9, 18, tzinfo=UTC),
        "shipped_at": datetime(2026, 9, 20, tzinfo=UTC),
        "delivered_at": datetime(2026, 9, 26, tzinfo=UTC),
        "shipping_standard": 399,
        "invoice_no": "RE-2026-000123",
        "invoice_date": date(2026, 9, 18),
        "incoterm": "DDP",
        "payment_method": "card",
        "book_rate": 9_050_000,
        "out_carrier": "GlobalPost",
        "out_tracking": "LX000000012DE",
        "ship_from": "DE-LEJ",
        "lines": lines,
        "export": export,
    }
    return Order(**(facts | changes))


def declaration(*lines: DeclarationLine, **changes: Any) -> Declaration:
    """The plain import declaration of the headphones' return, or of the lines given."""
    lines = lines or (declared_line(),)
    facts: dict[str, Any] = {
        "tracking_no": TRACKING,
        "document_no": "CN23-77120",
        "lodged_at": datetime(2026, 10, 10, 9, 0, tzinfo=UTC),
        "reason": "returned goods",
        "category": "returned goods",
        "currency": "GBP",
        "export_ref": MRN,
        "invoice_no": "RE-2026-000123",
        "invoice_date": date(2026, 9, 18),
        "incoterm": "DAP",
        "exporter_eori": EORI,
        "importer_eori": EORI,
        "consignee": HUB,
        "gross_g": sum(line.qty * line.net_g for line in lines) + 120,
        "total_value": sum(line.qty * line.unit_value for line in lines),
        "relief": "RGR",
        "status": "lodged",
        "lines": lines,
    }
    return Declaration(**(facts | changes))


def declared_line(**changes: Any) -> DeclarationLine:
    facts: dict[str, Any] = {
        "line_no": 1,
        "hs_code": "85183000",
        "description": "AeroBeat ANC-200 Headphones",
        "qty": 1,
        "unit_value": 7491,
        "origin": "CN",
        "net_g": 310,
        "serials": ("HP00000001",),
    }
    return DeclarationLine(**(facts | changes))


def parcel(*events: TrackingEvent, **changes: Any) -> Parcel:
    facts: dict[str, Any] = {"tracking_no": TRACKING, "declared_g": 430, "first_scan_g": 435, "origin_country": "GB", "destination": "DE-LEJ", "events": events}
    return Parcel(**(facts | changes))


def event(milestone: Milestone, day: int, hour: int = 8, text: str = "") -> TrackingEvent:
    """A scan on a day of October 2026."""
    return TrackingEvent(at=datetime(2026, 10, day, hour, tzinfo=UTC), raw_code=milestone.value, raw_text=text, milestone=milestone)


def receipt(*lines: tuple[str, int, str], dock_g: int = 430, **changes: Any) -> Receipt:
    """What was counted: (SKU, quantity, serial number)."""
    counted = tuple(ReceiptLine(line_no=number, sku=sku, qty=qty, serial=serial) for number, (sku, qty, serial) in enumerate(lines, 1))
    facts: dict[str, Any] = {
        "receipt_no": "WE-000001",
        "rma": "RMA-2026-000001",
        "tracking_no": TRACKING,
        "warehouse": "DE-LEJ",
        "dock_g": dock_g,
        "carton": "intact",
        "lines": counted,
    }
    return Receipt(**(facts | changes))

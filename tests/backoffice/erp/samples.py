"""Small worlds for tests of the ERP: products and orders put straight into the tables."""

from __future__ import annotations

from typing import Any

from ..drafts import insert
from ..world import World

PRODUCTS: dict[str, dict[str, Any]] = {
    "HP-ANC200": {
        "family": "HP-ANC200", "category": "electronics", "name_zh": "主动降噪头戴耳机", "name_en": "AeroBeat ANC-200 Headphones", "hs_code": "85183000",
        "battery": "UN3481", "serialised": 1,
    },
    "TEE-RED-M": {"family": "TEE-RED", "size": "M", "category": "apparel", "name_zh": "红色T恤 M码", "name_en": "Red Tee", "hs_code": "61091000"},
    "TEE-RED-L": {"family": "TEE-RED", "size": "L", "category": "apparel", "name_zh": "红色T恤 L码", "name_en": "Red Tee", "hs_code": "61091000"},
    "CUS-MUG1": {"family": "CUS-MUG1", "category": "custom", "name_zh": "定制照片马克杯", "name_en": "Your Photo Mug", "hs_code": "69120085",
                 "non_returnable": "custom_made"},
}  # fmt: skip


def put_products(world: World) -> None:
    """Headphones with serial numbers, a T-shirt in two sizes, a mug that cannot be returned."""
    with world.write() as db:
        for sku, more in PRODUCTS.items():
            insert(db, "products", **{"sku": sku, "gtin": "4006381333931", "origin": "CN", "weight_g": 1310, "cost_cny": 121550, **more})


def put_order(world: World, order_no: str, lines: list[dict[str, Any]], *, exported: bool = False, **head: Any) -> str:
    """An order; a line needs `sku`, `qty`, `unit_gross`, a head may override any column. Exported orders get export papers of their lines."""
    papers: dict[str, Any] = (
        {"export_mrn": "26DE4850000000001J6", "export_date": "2026-09-12", "export_office": "DE004851", "exporter_eori": "DE482913350017442"}
        if exported
        else {}
    )
    values: dict[str, Any] = {
        "order_no": order_no, "channel": "shop", "placed_at": "2026-09-10T09:15:00+00:00",
        "shipped_at": "2026-09-12T14:00:00+00:00", "delivered_at": "2026-09-28T11:30:00+00:00",
        "buyer_name": "Jörg Müller", "buyer_email": "joerg@example.org", "buyer_lang": "de", "country": "DE",
        "address": "Hauptstr. 5", "city": "Köln", "postcode": "50667",
        "currency": "EUR", "shipping_standard": 490, "shipping_express": 0, "discount": 0,
        "invoice_no": "RE-2026-000042", "invoice_date": "2026-09-10", "incoterm": "DAP",
        "payment_method": "card", "book_rate": 7_800_000, "out_carrier": "SwiftParcel", "out_tracking": "7153002811", "ship_from": "DE-LEJ", **papers, **head,
    }  # fmt: skip
    with world.write() as db:
        insert(db, "orders", **values)
        for number, line in enumerate(lines, 1):
            insert(db, "order_lines", **{"order_no": order_no, "line_no": number, "tax_bp": 1900, **line})
            if exported:
                insert(
                    db, "export_lines",
                    order_no=order_no, line_no=number, hs_code=PRODUCTS[line["sku"]]["hs_code"], description=PRODUCTS[line["sku"]]["name_en"], qty=line["qty"],
                    unit_value=line["unit_gross"], currency=values["currency"], origin="CN", net_g=1310,
                )  # fmt: skip
    return order_no


def put_small_world(world: World) -> None:
    """Three orders: a plain German one, a Shopify one, and a British one with export papers and a slash in its number."""
    put_products(world)
    headphones = {"sku": "HP-ANC200", "qty": 1, "unit_gross": 8990, "serials": "HP00000001"}
    shirts = {"sku": "TEE-RED-M", "qty": 3, "unit_gross": 1999, "line_discount": 300, "picked_sku": "TEE-RED-L"}
    put_order(world, "DE-2026-104233", [headphones, shirts], discount=500, shipping_express=1000)
    put_order(
        world, "#10423", [{"sku": "CUS-MUG1", "qty": 1, "unit_gross": 2290}],
        channel="shopify", buyer_email="Mug@example.org", delivered_at=None, payment_method="bank_transfer", payer_iban="DE89370400440532013000",
    )  # fmt: skip
    put_order(
        world, "GB/2026-000007", [{"sku": "HP-ANC200", "qty": 2, "unit_gross": 112345, "tax_bp": 2000, "serials": "HP00000002,HP00000003"}],
        exported=True, country="GB", currency="GBP", book_rate=9_050_000, buyer_name='=HYPERLINK("http://x","<b>Ann</b>")', buyer_email="ann@example.co.uk",
        buyer_lang="en", incoterm="DDP", out_carrier="GlobalPost", out_tracking="LX123456785DE",
    )  # fmt: skip

"""A sales order in the making, and its rows in the world's tables."""

from __future__ import annotations

import random
import sqlite3
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from . import amounts, papers
from .people import Person
from .products import Product

CURRENCY = {"GB": "GBP", "US": "USD", "JP": "JPY", "CH": "CHF", "PL": "PLN"}  # all others pay in EUR
PER_EUR = {"EUR": 1.0, "GBP": 0.86, "USD": 1.08, "PLN": 4.3, "JPY": 1.65, "CHF": 0.95}  # minor units per euro cent
BOOK_RATE = {"EUR": 7_800_000, "GBP": 9_050_000, "USD": 7_120_000, "PLN": 1_830_000, "JPY": 48_200, "CHF": 8_350_000}
SHIPPING = {"EUR": 490, "GBP": 399, "USD": 599, "PLN": 1490, "JPY": 800, "CHF": 590}
VAT_BP = {"DE": 1900, "AT": 2000, "FR": 2000, "BE": 2100, "ES": 2100, "IT": 2200, "NL": 2100, "PL": 2300, "GB": 2000}
EXPORT_COUNTRIES = ("GB", "US", "JP", "CH")
STATUTORY_COUNTRIES = ("DE", "FR", "ES", "IT", "NL", "PL", "AT", "BE", "GB")
PAST_CLERK = "li.na"  # made what was in the books before the story began
PRACTICE_BOTS = ("bot.erp", "bot.wms", "bot.pay", "bot.bank")


def insert(db: sqlite3.Connection, table: str, **values: Any) -> None:
    """One row; `table` and the column names are ours, the values are bound."""
    columns = ", ".join(values)
    marks = ", ".join("?" for _ in values)
    db.execute(f"INSERT INTO {table} ({columns}) VALUES ({marks})", tuple(values.values()))


def text_time(moment: datetime) -> str:
    return moment.replace(microsecond=0).isoformat()


@dataclass
class LineDraft:
    """One order line; prices in the order's currency, gross."""

    product: Product
    qty: int
    unit: int
    discount: int = 0
    picked_sku: str | None = None
    serials: list[str] = field(default_factory=list)


@dataclass
class OrderDraft:
    """One order before it is written."""

    order_no: str
    channel: str
    person: Person
    delivered: datetime | None
    lines: list[LineDraft]
    currency: str
    shipping: int
    express: int = 0
    discount: int = 0
    method: str = "card"
    payer_iban: str | None = None

    @property
    def country(self) -> str:
        return self.person.country

    def money_lines(self) -> list[amounts.Line]:
        return [amounts.Line(n, line.product.sku, line.qty, line.unit, line.discount) for n, line in enumerate(self.lines, 1)]

    def total(self) -> int:
        return sum(line.value for line in self.money_lines()) - self.discount + self.shipping + self.express


def price_in(product: Product, currency: str, rng: random.Random, spread: float = 0.12) -> int:
    """The product's gross price in `currency` minor units, a little different in every order."""
    cents = product.price * rng.uniform(1 - spread, 1 + spread)
    return max(1, round(cents * PER_EUR[currency]))


def write_order(db: sqlite3.Connection, draft: OrderDraft, now: datetime, rng: random.Random) -> None:
    """Insert the order with lines, export papers, capture, and the payee of a bank payment."""
    delivered = draft.delivered or now
    shipped = delivered - timedelta(days=rng.randrange(3, 8), hours=rng.randrange(1, 12))
    placed = shipped - timedelta(days=rng.randrange(1, 3), hours=rng.randrange(1, 12))
    exported = draft.country in EXPORT_COUNTRIES
    serial = rng.randrange(10**8)
    invoice_no = f"RE-{placed:%Y}-{rng.randrange(10**6):06d}"
    person = draft.person
    insert(
        db,
        "orders",
        order_no=draft.order_no,
        channel=draft.channel,
        placed_at=text_time(placed),
        shipped_at=text_time(shipped),
        delivered_at=text_time(draft.delivered) if draft.delivered else None,
        buyer_name=person.name,
        buyer_email=person.email,
        buyer_lang=person.lang,
        country=person.country,
        address=person.address,
        city=person.city,
        postcode=person.postcode,
        currency=draft.currency,
        shipping_standard=draft.shipping,
        shipping_express=draft.express,
        discount=draft.discount,
        invoice_no=invoice_no,
        invoice_date=f"{placed:%Y-%m-%d}",
        incoterm="DDP" if exported else "DAP",
        ioss=None,
        payment_method=draft.method,
        payer_iban=draft.payer_iban,
        book_rate=BOOK_RATE[draft.currency],
        out_carrier="GlobalPost" if exported else "SwiftParcel",
        out_tracking=papers.s10("LX", serial, "DE") if exported else papers.waybill(serial * 10 + 7),
        ship_from="DE-LEJ",
        export_mrn=papers.mrn(shipped.date(), rng) if exported else None,
        export_date=f"{shipped:%Y-%m-%d}" if exported else None,
        export_office=papers.EXPORT_OFFICE if exported else None,
        exporter_eori=papers.SELLER_EORI if exported else None,
    )
    vat = VAT_BP.get(draft.country, 0)
    paid = amounts.paid_by_line(draft.money_lines(), draft.discount)
    for number, line in enumerate(draft.lines, 1):
        insert(
            db,
            "order_lines",
            order_no=draft.order_no,
            line_no=number,
            sku=line.product.sku,
            qty=line.qty,
            unit_gross=line.unit,
            line_discount=line.discount,
            tax_bp=vat,
            serials=",".join(line.serials),
            picked_sku=line.picked_sku,
        )
        if exported:
            net = paid[number] * 10_000 // (10_000 + vat) // line.qty
            insert(
                db,
                "export_lines",
                order_no=draft.order_no,
                line_no=number,
                hs_code=line.product.hs_code,
                description=line.product.official,
                qty=line.qty,
                unit_value=net,
                currency=draft.currency,
                origin="CN",
                net_g=line.product.weight,
            )
    _write_payment(db, draft, placed, rng)


def _write_payment(db: sqlite3.Connection, draft: OrderDraft, placed: datetime, rng: random.Random) -> None:
    """The capture in the payment back-end; who paid by bank transfer stands in the bank's payee list instead."""
    if draft.method == "bank_transfer":
        assert draft.payer_iban is not None
        insert(db, "bank_payees", payee_id=f"P{rng.randrange(10**7):07d}", name=draft.person.name, iban=draft.payer_iban, country=draft.payer_iban[:2])
        return
    instrument = {"card": f"Visa •••• {rng.randrange(10**4):04d}", "wallet": f"Wallet {draft.person.email}", "marketplace": "Marketplace payout"}[draft.method]
    total = draft.total()
    insert(
        db,
        "captures",
        capture_id=f"cap_{rng.randrange(16**12):012x}",
        order_no=draft.order_no,
        method=draft.method,
        instrument=instrument,
        currency=draft.currency,
        amount=total,
        fee=total * 29 // 1000,
        captured_at=text_time(placed + timedelta(minutes=1)),
    )

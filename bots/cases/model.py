"""The records that travel with a return: what the back-ends said, in one shape, with their source.

Every record is frozen. Money is integer minor units; weights are grams; times are UTC.
"""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

from pydantic import BaseModel, ConfigDict

from bots.cases.money import Currency, Money


class Record(BaseModel):
    """Something read from a system: which one, under which key, and when it was seen."""

    model_config = ConfigDict(frozen=True)

    source_system: str = ""
    source_key: str = ""
    observed_at: datetime | None = None


class OrderLine(BaseModel):
    """One line of a sales order. Prices are gross (VAT included)."""

    model_config = ConfigDict(frozen=True)

    line_no: int
    sku: str
    gtin: str = ""
    name: str = ""
    category: str = ""
    family: str = ""
    size: str = ""
    qty: int
    unit_gross: int
    line_discount: int = 0
    tax_bp: int = 0
    serials: tuple[str, ...] = ()
    picked_sku: str = ""
    """What the outbound pick record says was packed; equals `sku` unless the warehouse erred."""
    hs_code: str = ""
    origin: str = ""
    weight_g: int = 0
    cost_minor: int = 0
    """Unit cost in the books' currency."""
    battery: str = ""
    non_returnable: str = ""
    """Why the right of withdrawal does not cover it (Dir. 2011/83/EU art. 16), or empty."""

    @property
    def list_gross(self) -> int:
        """Line value after the line's own discount, before its share of the order's discount."""
        return self.qty * self.unit_gross - self.line_discount


class ExportLine(BaseModel):
    model_config = ConfigDict(frozen=True)

    line_no: int
    hs_code: str
    description: str
    qty: int
    unit_value: int
    currency: Currency
    origin: str
    net_g: int
    """Net weight of one unit."""
    serials: tuple[str, ...] = ()


class ExportPapers(BaseModel):
    """The export declaration under which the goods left."""

    model_config = ConfigDict(frozen=True)

    mrn: str
    export_date: date
    office: str = ""
    exporter_eori: str = ""
    lines: tuple[ExportLine, ...] = ()


class SalesReturn(Record):
    """A return as the ERP holds it."""

    return_no: str
    order_no: str
    rma: str
    kind: str = "return"
    """return: goods come back; keep: the customer keeps them."""
    state: str = "open"
    carrier: str = ""
    tracking_no: str = ""
    label_cost: int = 0
    lines: tuple[tuple[str, int], ...] = ()
    """(sku, quantity)."""


class CreditNote(Record):
    number: str
    order_no: str
    rma: str
    gross: Money
    tax: int = 0
    state: str = "posted"
    issued_at: datetime | None = None


class Replacement(Record):
    """A delivery without charge: an exchange or a spare part."""

    number: str
    order_no: str
    rma: str
    kind: str
    sku: str
    qty: int


class Order(Record):
    """A sales order as the ERP shows it, with its export papers and what was already made of it."""

    order_no: str
    channel: str = ""
    placed_at: datetime | None = None
    shipped_at: datetime | None = None
    delivered_at: datetime | None = None
    buyer_name: str = ""
    buyer_email: str = ""
    buyer_lang: str = "en"
    country: str = ""
    address: str = ""
    currency: Currency
    shipping_standard: int = 0
    shipping_express: int = 0
    discount: int = 0
    """Order-level discount (gross), still to be spread over the lines."""
    invoice_no: str = ""
    invoice_date: date | None = None
    incoterm: str = ""
    ioss: str = ""
    payment_method: str = ""
    payer_iban: str = ""
    book_rate: int = 1_000_000
    """Millionths of the books' currency per unit of `currency` at booking."""
    out_carrier: str = ""
    out_tracking: str = ""
    ship_from: str = ""
    lines: tuple[OrderLine, ...] = ()
    export: ExportPapers | None = None
    returns: tuple[SalesReturn, ...] = ()
    credit_notes: tuple[CreditNote, ...] = ()
    replacements: tuple[Replacement, ...] = ()

    def line(self, sku: str) -> OrderLine | None:
        return next((line for line in self.lines if line.sku == sku), None)

    @property
    def units(self) -> int:
        return sum(line.qty for line in self.lines)


class Milestone(StrEnum):
    """Where a parcel is, in one vocabulary for all carriers."""

    LABEL_CREATED = "label_created"
    ACCEPTED = "accepted"
    IN_TRANSIT = "in_transit"
    EXPORT_CUSTOMS = "export_customs"
    DEPARTED = "departed"
    ARRIVED_COUNTRY = "arrived_country"
    CUSTOMS_PRESENTED = "import_customs_presented"
    CUSTOMS_HELD = "customs_held"
    CUSTOMS_RELEASED = "customs_released"
    OUT_FOR_DELIVERY = "out_for_delivery"
    ATTEMPT_FAILED = "attempt_failed"
    READY_FOR_PICKUP = "ready_for_pickup"
    DELIVERED = "delivered"
    RETURNED_TO_SENDER = "returned_to_sender"
    LOST = "lost"
    DAMAGED = "damaged"
    EXPIRED = "expired"
    UNKNOWN = "unknown"


class TrackingEvent(Record):
    at: datetime
    zone: str = "UTC"
    place: str = ""
    raw_code: str
    raw_text: str = ""
    milestone: Milestone


class ParcelSummary(Record):
    """One row of a carrier's multi-search."""

    tracking_no: str
    last_at: datetime | None = None
    last_code: str = ""
    last_text: str = ""
    milestone: Milestone = Milestone.UNKNOWN
    customs_status: str = ""


class DeclarationLine(BaseModel):
    model_config = ConfigDict(frozen=True)

    line_no: int
    hs_code: str
    description: str
    qty: int
    unit_value: int
    origin: str
    net_g: int
    """Net weight of one unit."""
    serials: tuple[str, ...] = ()


class Declaration(Record):
    """The import declaration of a return parcel (CN23 data) as the carrier shows it."""

    tracking_no: str
    document_no: str
    lodged_at: datetime | None = None
    reason: str = ""
    category: str = ""
    currency: Currency
    export_ref: str = ""
    invoice_no: str = ""
    invoice_date: date | None = None
    incoterm: str = ""
    exporter_eori: str = ""
    importer_eori: str = ""
    consignee: str = ""
    ioss: str = ""
    gross_g: int = 0
    packages: int = 1
    total_value: int = 0
    relief: str = ""
    status: str = ""
    status_note: str = ""
    lines: tuple[DeclarationLine, ...] = ()


class Parcel(Record):
    """A parcel as its carrier shows it."""

    tracking_no: str
    declared_g: int | None = None
    first_scan_g: int | None = None
    origin_country: str = ""
    destination: str = ""
    events: tuple[TrackingEvent, ...] = ()
    declaration: Declaration | None = None


class ReceiptLine(BaseModel):
    model_config = ConfigDict(frozen=True)

    line_no: int
    sku: str
    gtin: str = ""
    qty: int
    serial: str = ""


class Receipt(Record):
    """What the warehouse counted when a return parcel was opened on the dock."""

    receipt_no: str
    rma: str = ""
    tracking_no: str = ""
    warehouse: str = ""
    dock_at: datetime | None = None
    dock_g: int = 0
    carton: str = ""
    lines: tuple[ReceiptLine, ...] = ()


class QcTask(Record):
    """A quality check: asked for by a bot, done by a person in the warehouse."""

    task_no: str
    receipt_no: str
    rma: str = ""
    sku: str
    qty: int
    state: str = "open"
    inspector: str = ""
    finished_at: datetime | None = None
    note: str = ""
    grade: str = ""
    disposition: str = ""


class Transfer(Record):
    transfer_no: str
    task_no: str = ""
    rma: str = ""
    sku: str
    qty: int
    from_warehouse: str
    to_warehouse: str


class Capture(Record):
    """Money taken from the customer."""

    capture_id: str
    order_no: str
    method: str
    instrument: str
    """Masked instrument as the back-end shows it, e.g. `Visa •••• 4242`."""
    amount: Money
    captured_at: datetime | None = None


class RefundState(StrEnum):
    PENDING = "pending"
    SETTLED = "settled"
    FAILED = "failed"


class Refund(Record):
    """Money given back, as the payment back-end or the bank shows it."""

    refund_id: str
    capture_id: str = ""
    order_no: str = ""
    reference: str = ""
    """Our RMA number."""
    amount: Money
    state: RefundState
    payee: str = ""
    created_at: datetime | None = None
    settled_at: datetime | None = None
    settle_rate: int | None = None
    """Millionths of the books' currency per unit at settlement."""
    failure: str = ""


class Dispute(Record):
    dispute_id: str
    order_no: str
    kind: str
    state: str
    amount: Money


class PaymentRecord(Record):
    """Everything the payment back-end knows of an order, read from one page."""

    order_no: str
    captures: tuple[Capture, ...] = ()
    refunds: tuple[Refund, ...] = ()
    disputes: tuple[Dispute, ...] = ()


class Payee(Record):
    """A payee as registered in the bank program."""

    payee_id: str
    name: str
    iban: str
    country: str = ""


class StatementRow(Record):
    """One line of a settlement or bank statement."""

    refund_id: str
    reference: str
    order_no: str = ""
    amount: Money
    state: RefundState
    booked_at: datetime | None = None
    settle_rate: int | None = None


# -- instructions: what a bot asks a portal to do, all from order data and policy --------------------------------------


class Instruction(BaseModel):
    model_config = ConfigDict(frozen=True)


class ReturnInstruction(Instruction):
    order_no: str
    rma: str
    kind: str = "return"
    reason: str
    lines: tuple[tuple[str, int], ...]
    carrier: str = ""
    """Carrier of the return label, or empty for none."""


class CreditNoteInstruction(Instruction):
    order_no: str
    rma: str
    gross: Money
    tax: int


class ReplacementInstruction(Instruction):
    order_no: str
    rma: str
    kind: str
    """exchange | spare_part"""
    sku: str
    qty: int


class QcInstruction(Instruction):
    receipt_no: str
    rma: str
    sku: str
    qty: int
    checklist: tuple[str, ...]


class DispositionInstruction(Instruction):
    task_no: str
    rma: str
    grade: str
    disposition: str


class TransferInstruction(Instruction):
    task_no: str
    rma: str
    sku: str
    qty: int
    from_warehouse: str
    to_warehouse: str


class RefundInstruction(Instruction):
    order_no: str
    rma: str
    amount: Money
    reason: str
    capture_id: str = ""
    payee_name: str = ""
    payee_iban: str = ""


class ReturnRequest(Record):
    """What the customer wants, as understood from mail or an export row. Text from outside: it decides no amount and no payee."""

    channel: str
    order_no: str
    intent: str
    reason_code: str = ""
    """Canonical code (bots.decisions.reasons)."""
    responsible: str = ""
    """Claimed party."""
    outcome: str = "unspecified"
    skus: tuple[str, ...] = ()
    quantity: int | None = None
    wanted_size: str = ""
    requested_at: datetime
    sender: str = ""
    """Sender's address; empty where a marketplace vouches for the buyer."""
    withdrawal_declared: bool = False
    new_ibans: tuple[str, ...] = ()
    attacks: tuple[str, ...] = ()
    attachments: int = 0
    text: str = ""
    confidence: float = 1.0
    doubt: str = ""
    """Why a person should read it, or empty."""
    refunded_by_marketplace: Money | None = None
    fulfilled_by: str = "seller"
    """seller | amazon"""

"""The return voucher (退货凭证): one PDF page a refunded return, with everything an auditor asks for.

Contents after the VAT Directive art. 219 and 226 (an unambiguous reference to the original invoice) and Chinese practice.
The same data gives the same bytes.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict

from bots.cases.events import digest
from bots.cases.model import Order, QcTask, Receipt, Refund
from bots.cases.money import Money, convert
from bots.cases.settings import SuiteSettings
from bots.cases.store import Case
from bots.decisions.amounts import RefundPlan
from bots.decisions.inspection import Verdict
from bots.workbooks.fonts import latin, markup
from bots.workbooks.output import put_in_place

LONGEST_TEXT = 160
"""Characters of one text: a row that does not fit on a page cannot be set."""


class VoucherLine(BaseModel):
    """One component of the refund, gross and tax in minor units of the order's currency; deductions are negative."""

    model_config = ConfigDict(frozen=True)

    what: str
    sku: str = ""
    qty: int = 0
    tax_pct: str = ""
    gross: int
    tax: int
    basis: str


class VoucherData(BaseModel):
    """Everything on the voucher."""

    model_config = ConfigDict(frozen=True)

    number: str
    issued_at: datetime
    seller: tuple[str, ...]
    buyer: tuple[str, ...]
    order_no: str
    invoice_no: str
    invoice_date: date | None
    rma: str
    credit_note: str
    reason: str
    responsible: str
    currency: str
    lines: tuple[VoucherLine, ...]
    total: int
    total_tax: int
    functional: Money
    book_rate: int
    refund_id: str
    refund_method: str
    refunded_at: datetime | None
    receipt: str = ""
    inspection: tuple[str, ...] = ()
    parcel: str = ""
    customs: str = ""
    journals: tuple[str, ...] = ()
    prepared_by: str
    approved_by: str = ""

    @property
    def fingerprint(self) -> str:
        """Hash over the voucher's own data, printed and in the QR code."""
        return digest(self.model_dump(mode="json"))


def voucher_data(
    number: str,
    case: Case,
    order: Order,
    plan: RefundPlan,
    refund: Refund,
    credit_note: str,
    suite: SuiteSettings,
    *,
    issued_at: datetime,
    receipt: Receipt | None,
    verdicts: Sequence[Verdict],
    tasks: Sequence[QcTask],
    journals: Sequence[str],
    approved_by: str = "",
) -> VoucherData:
    """Put the voucher together from what the case holds; instruments stay masked as the back-end shows them."""
    rates = {line.sku: f"{line.tax_bp / 100:g} %" for line in order.lines}
    exact = plan.amount == refund.amount
    parts = plan.components if exact else ()
    lines = tuple(
        VoucherLine(what=part.what, sku=part.sku, qty=part.qty, tax_pct=rates.get(part.sku, ""), gross=part.gross, tax=part.tax, basis=part.rule)
        for part in parts
    ) or (VoucherLine(what="Refunded by the marketplace", gross=refund.amount.minor, tax=0, basis="P18"),)
    functional = Money(minor=convert(refund.amount.minor, order.book_rate, order.currency, suite.books_currency), currency=suite.books_currency)
    return VoucherData(
        number=number,
        issued_at=issued_at.replace(microsecond=0),
        seller=tuple(
            filter(
                None,
                (
                    suite.seller_name,
                    suite.seller_address,
                    f"VAT {suite.seller_vat}" if suite.seller_vat else "",
                    f"EORI {suite.seller_eori}" if suite.seller_eori else "",
                ),
            )
        ),
        buyer=(order.buyer_name, order.address, order.country),
        order_no=order.order_no,
        invoice_no=order.invoice_no,
        invoice_date=order.invoice_date,
        rma=case.rma,
        credit_note=credit_note,
        reason=case.reason_code or "NO_REASON",
        responsible=case.responsible or "undetermined",
        currency=order.currency,
        lines=lines,
        total=refund.amount.minor,
        total_tax=sum(line.tax for line in lines),
        functional=functional,
        book_rate=order.book_rate,
        refund_id=refund.refund_id,
        refund_method=order.payment_method,
        refunded_at=refund.settled_at or refund.created_at,
        receipt=f"{receipt.receipt_no}, {receipt.warehouse}, {receipt.dock_at:%Y-%m-%d}" if receipt and receipt.dock_at else "",
        inspection=tuple(f"{task.task_no}: {task.sku} grade {verdict.grade}, {verdict.value}" for task, verdict in zip(tasks, verdicts, strict=False)),
        parcel=f"{case.carrier} {case.tracking_no}".strip(),
        customs=f"Export MRN {order.export.mrn}, {order.export.export_date}" if order.export else "",
        journals=tuple(dict.fromkeys(journals)),
        prepared_by="bookkeeping bot",
        approved_by=approved_by,
    )


def write_voucher(file: Path, voucher: VoucherData) -> str:
    """Write the PDF and give its sha256."""
    place = put_in_place(file, lambda fresh: _draw(fresh, voucher))
    return hashlib.sha256(place.read_bytes()).hexdigest()


def _draw(file: Path, voucher: VoucherData) -> None:
    from reportlab.graphics.barcode.qr import QrCodeWidget
    from reportlab.graphics.shapes import Drawing
    from reportlab.lib import colors
    from reportlab.lib.pagesizes import A4
    from reportlab.lib.styles import ParagraphStyle
    from reportlab.lib.units import mm
    from reportlab.platypus import Paragraph, SimpleDocTemplate, Spacer, Table, TableStyle

    regular, bold = latin()
    ink, soft, line = colors.HexColor("#1F3A5F"), colors.HexColor("#5B6777"), colors.HexColor("#C9CED6")
    body = ParagraphStyle("body", fontName=regular, fontSize=8.5, leading=11.5)
    small = ParagraphStyle("small", parent=body, fontSize=7, leading=9, textColor=soft)
    right = ParagraphStyle("right", parent=body, alignment=2)
    strong = ParagraphStyle("strong", parent=right, fontName=bold, fontSize=10)
    title = ParagraphStyle("title", parent=body, fontName=bold, fontSize=17, leading=21, textColor=ink)
    head = ParagraphStyle("head", parent=body, fontName=bold, fontSize=8, textColor=colors.white)

    def text(value: object, style: ParagraphStyle = body) -> Paragraph:
        words = str(value)
        return Paragraph(markup(words if len(words) <= LONGEST_TEXT else words[: LONGEST_TEXT - 1] + "…"), style)

    def amount(minor: int) -> str:
        return f"{Money(minor=minor, currency=voucher.currency).decimal():,}"

    def pairs(rows: Sequence[tuple[str, object]]) -> Table:
        table = Table([[text(caption, small), text(value)] for caption, value in rows if value], colWidths=[42 * mm, 48 * mm])
        table.setStyle(
            TableStyle(
                [
                    ("VALIGN", (0, 0), (-1, -1), "TOP"),
                    ("TOPPADDING", (0, 0), (-1, -1), 1.5),
                    ("BOTTOMPADDING", (0, 0), (-1, -1), 1.5),
                    ("LEFTPADDING", (0, 0), (-1, -1), 0),
                ]
            )
        )
        return table

    qr = QrCodeWidget(f"{voucher.number} {voucher.fingerprint}", barLevel="M")
    left, low, far, high = qr.getBounds()
    drawing = Drawing(26 * mm, 26 * mm, transform=[26 * mm / (far - left), 0, 0, 26 * mm / (high - low), 0, 0])
    drawing.add(qr)
    banner = Table(
        [[[text("Return voucher 退货凭证", title), text(f"{voucher.number} · {voucher.issued_at:%Y-%m-%d %H:%M} UTC")], drawing]], colWidths=[152 * mm, 28 * mm]
    )
    banner.setStyle(TableStyle([("VALIGN", (0, 0), (-1, -1), "TOP"), ("LINEBELOW", (0, 0), (-1, -1), 1.2, ink), ("LEFTPADDING", (0, 0), (-1, -1), 0)]))
    parties = Table(
        [[[text("Seller 卖方", small), *(text(row) for row in voucher.seller)], [text("Buyer 买方", small), *(text(row) for row in voucher.buyer)]]],
        colWidths=[90 * mm, 90 * mm],
    )
    parties.setStyle(TableStyle([("VALIGN", (0, 0), (-1, -1), "TOP"), ("LEFTPADDING", (0, 0), (-1, -1), 0)]))
    facts = Table(
        [
            [
                pairs(
                    [
                        ("Original invoice 原发票", f"{voucher.invoice_no}, {voucher.invoice_date}" if voucher.invoice_date else voucher.invoice_no),
                        ("Order 订单", voucher.order_no),
                        ("Return no. RMA号", voucher.rma),
                        ("Credit note 贷项通知单", voucher.credit_note),
                        ("Reason 退货原因", voucher.reason),
                        ("Responsible 责任方", voucher.responsible),
                    ]
                ),
                pairs(
                    [
                        ("Refund 退款编号", voucher.refund_id),
                        ("Paid to 退款方式", f"original means of payment ({voucher.refund_method})"),
                        ("Refunded on 退款日期", f"{voucher.refunded_at:%Y-%m-%d}" if voucher.refunded_at else ""),
                        ("Return parcel 退货包裹", voucher.parcel),
                        ("Receipt 入库", voucher.receipt),
                        ("Inspection 质检", "; ".join(voucher.inspection)),
                        ("Customs 海关", voucher.customs),
                    ]
                ),
            ]
        ],
        colWidths=[90 * mm, 90 * mm],
    )
    facts.setStyle(TableStyle([("VALIGN", (0, 0), (-1, -1), "TOP"), ("LEFTPADDING", (0, 0), (-1, -1), 0)]))
    captions = ("Description 项目", "SKU", "Qty 数量", "VAT 税率", "VAT 税额", f"Gross 含税 ({voucher.currency})", "Rule 依据")
    rows = [[text(caption, head) for caption in captions]]
    rows += [
        [
            text(row.what),
            text(row.sku),
            text(row.qty or "", right),
            text(row.tax_pct, right),
            text(amount(row.tax), right),
            text(amount(row.gross), right),
            text(row.basis),
        ]
        for row in voucher.lines
    ]
    rows.append(
        [
            text("Total 合计", ParagraphStyle("total", parent=body, fontName=bold)),
            "",
            "",
            "",
            text(amount(voucher.total_tax), right),
            text(amount(voucher.total), strong),
            "",
        ]
    )
    table = Table(rows, colWidths=[58 * mm, 32 * mm, 15 * mm, 15 * mm, 19 * mm, 27 * mm, 14 * mm], repeatRows=1)
    table.setStyle(
        TableStyle(
            [
                ("BACKGROUND", (0, 0), (-1, 0), ink),
                ("LINEBELOW", (0, 1), (-1, -2), 0.4, line),
                ("LINEABOVE", (0, -1), (-1, -1), 1, ink),
                ("VALIGN", (0, 0), (-1, -1), "MIDDLE"),
                ("TOPPADDING", (0, 0), (-1, -1), 3),
                ("BOTTOMPADDING", (0, 0), (-1, -1), 3),
            ]
        )
    )
    rate = f"1 {voucher.currency} = {voucher.book_rate / 1_000_000:.6f} {voucher.functional.currency} (rate of the supply)"
    foot = [
        text(f"In the books' currency 记账本位币: {voucher.functional.currency} {voucher.functional.decimal():,} · {rate}"),
        text(f"Journals 凭证: {', '.join(voucher.journals)}", small),
        text(f"Prepared by 制单: {voucher.prepared_by}" + (f" · Approved by 审批: {voucher.approved_by}" if voucher.approved_by else ""), small),
        text(f"SHA-256 {voucher.fingerprint}", small),
    ]
    document = SimpleDocTemplate(
        str(file), pagesize=A4, leftMargin=15 * mm, rightMargin=15 * mm, topMargin=14 * mm, bottomMargin=14 * mm, title=voucher.number, author="", invariant=1
    )

    def page_number(canvas: Any, template: Any) -> None:
        canvas.setFont(regular, 7)
        canvas.setFillColor(soft)
        canvas.drawRightString(A4[0] - 15 * mm, 9 * mm, f"{voucher.number} · page {template.page}")

    gap = Spacer(1, 5 * mm)
    document.build([banner, gap, parties, gap, facts, gap, table, gap, *foot], onFirstPage=page_number, onLaterPages=page_number)

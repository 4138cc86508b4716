"""Amazon's two returns reports (Selling Partner API, "Returns reports attributes"): seller-fulfilled and FBA.

Rows are dated back later, so the same file is pulled again with older days: row_key holds across pulls.
Returnless refunds are in neither report.
"""

from __future__ import annotations

from typing import ClassVar

from bots.workbooks.imports.base import ImportedReturn, Importer, Row


class AmazonSellerFulfilled(Importer):
    """GET_FLAT_FILE_RETURNS_DATA_BY_RETURN_DATE: the buyer sends the goods to us. One RMA may hold several items."""

    source: ClassVar[str] = "amazon_mfn"
    marks: ClassVar[tuple[str, ...]] = ("order_no", "requested", "rma", "reason")
    captions: ClassVar[dict[str, tuple[str, ...]]] = {
        "order_no": ("Order ID",),
        "requested": ("Return request date",),
        "status": ("Return request status",),
        "rma": ("Amazon RMA ID",),
        "currency": ("Currency code",),
        "asin": ("ASIN",),
        "sku": ("Merchant SKU",),
        "quantity": ("Return quantity",),
        "reason": ("Return Reason",),
        "refunded": ("Refunded Amount",),
    }

    def read_row(self, row: Row) -> ImportedReturn:
        rma = row.needed("rma", "Amazon RMA ID")
        currency = row.currency()
        item = row.text("sku") or row.text("asin")
        return ImportedReturn(
            source=self.source,
            row_key=f"{rma}/{item}",
            order_no=row.needed("order_no", "order number"),
            sku=row.maybe("sku"),
            asin=row.maybe("asin"),
            quantity=row.pieces("quantity"),
            reason_raw=row.text("reason"),
            reason_code=self.reason(row.text("reason")),
            requested_at=row.when("requested", "return request date"),
            status=row.text("status"),
            refunded_amount_minor=row.money("refunded", currency),
            currency=currency,
            raw=row.raw,
        )


class AmazonFulfilled(Importer):
    """GET_FBA_FULFILLMENT_CUSTOMER_RETURNS_DATA: Amazon took the goods back and paid the buyer; only the books are left to do.

    A unit is named by its licence plate number; rows that have none are told apart by order, SKU and time.
    """

    source: ClassVar[str] = "amazon_fba"
    marks: ClassVar[tuple[str, ...]] = ("order_no", "returned", "fnsku", "disposition")
    captions: ClassVar[dict[str, tuple[str, ...]]] = {
        "returned": ("return-date",),
        "order_no": ("order-id",),
        "sku": ("sku",),
        "asin": ("asin",),
        "fnsku": ("fnsku",),
        "quantity": ("quantity",),
        "disposition": ("detailed-disposition",),
        "reason": ("reason",),
        "status": ("status",),
        "plate": ("license-plate-number",),
        "comment": ("customer-comments",),
    }

    def read_row(self, row: Row) -> ImportedReturn:
        order_no = row.needed("order_no", "order number")
        returned = row.when("returned", "return date")
        item = row.text("sku") or row.text("asin")
        return ImportedReturn(
            source=self.source,
            row_key=row.text("plate") or f"{order_no}/{item}/{returned:%Y%m%dT%H%M%S}",
            order_no=order_no,
            sku=row.maybe("sku"),
            asin=row.maybe("asin"),
            quantity=row.pieces("quantity"),
            reason_raw=row.text("reason"),
            reason_code=self.reason(row.text("reason")),
            comment=row.text("comment"),
            requested_at=returned,
            status=row.text("status") or row.text("disposition"),
            fulfilled_by="amazon",
            raw=row.raw,
        )

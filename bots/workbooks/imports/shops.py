"""Return lists of Shopify and eBay. Neither has one fixed file layout, so columns are known by several captions each."""

from __future__ import annotations

from typing import ClassVar

from bots.workbooks.imports.base import ImportedReturn, Importer, Row, RowRefused


class Shopify(Importer):
    """One row a return line; a return `#10423-R1` may hold several."""

    source: ClassVar[str] = "shopify"
    marks: ClassVar[tuple[str, ...]] = ("return", "order_no", "reason")
    captions: ClassVar[dict[str, tuple[str, ...]]] = {
        "return": ("Return name", "Return"),
        "order_no": ("Order name", "Order", "Name"),
        "email": ("Email", "Customer email"),
        "name": ("Customer name", "Customer"),
        "language": ("Customer locale", "Locale"),
        "requested": ("Created at", "Return created at", "Requested at"),
        "status": ("Return status", "Status"),
        "line": ("Line item ID", "Return line item ID"),
        "sku": ("Lineitem sku", "SKU", "Variant SKU"),
        "quantity": ("Return quantity", "Quantity", "Lineitem quantity"),
        "reason": ("Return reason", "Return line item reason"),
        "comment": ("Return reason note", "Customer note", "Return line item reason note"),
        "currency": ("Currency",),
        "refunded": ("Refunded amount", "Refund amount"),
    }

    def read_row(self, row: Row) -> ImportedReturn:
        name = row.needed("return", "return name")
        item = row.text("line") or row.text("sku")
        if not item:
            raise RowRefused("neither line item nor SKU is given", "Export the file with the line item ID or the SKU column.")
        currency = row.currency()
        return ImportedReturn(
            source=self.source,
            row_key=f"{name}/{item}",
            order_no=row.needed("order_no", "order name"),
            sku=row.maybe("sku"),
            quantity=row.pieces("quantity"),
            reason_raw=row.text("reason"),
            reason_code=self.reason(row.text("reason")),
            comment=row.text("comment"),
            requested_at=row.when("requested", "creation date"),
            buyer_email=row.mail(),
            buyer_name=row.maybe("name"),
            language=row.language(),
            status=row.text("status"),
            refunded_amount_minor=row.money("refunded", currency),
            currency=currency,
            raw=row.raw,
        )


class Ebay(Importer):
    """One row a return. eBay gives no e-mail address, and a SKU only where the listing has a custom label."""

    source: ClassVar[str] = "ebay"
    marks: ClassVar[tuple[str, ...]] = ("return", "order_no", "item", "reason")
    captions: ClassVar[dict[str, tuple[str, ...]]] = {
        "return": ("Return ID", "Return number"),
        "order_no": ("Order number", "Order ID"),
        "item": ("Item ID", "Item number"),
        "sku": ("Custom label (SKU)", "Custom label", "SKU"),
        "quantity": ("Quantity", "Return quantity"),
        "name": ("Buyer name",),
        "reason": ("Return reason", "Reason"),
        "comment": ("Buyer comments", "Buyer's comments", "Comments"),
        "status": ("Return status", "Status", "State"),
        "requested": ("Return requested", "Date requested", "Creation date"),
        "currency": ("Currency",),
        "refunded": ("Refund amount", "Actual refund"),
    }

    def read_row(self, row: Row) -> ImportedReturn:
        currency = row.currency()
        return ImportedReturn(
            source=self.source,
            row_key=f"{row.needed('return', 'return ID')}/{row.needed('item', 'item ID')}",
            order_no=row.needed("order_no", "order number"),
            sku=row.maybe("sku"),
            quantity=row.pieces("quantity"),
            reason_raw=row.text("reason"),
            reason_code=self.reason(row.text("reason")),
            comment=row.text("comment"),
            requested_at=row.when("requested", "request date"),
            buyer_name=row.maybe("name"),
            status=row.text("status"),
            refunded_amount_minor=row.money("refunded", currency),
            currency=currency,
            raw=row.raw,
        )

"""Ticket exports of a help desk (Zendesk's CSV): the ticket's fields, and custom fields captioned `Name [type]`."""

from __future__ import annotations

from typing import ClassVar

from bots.workbooks.imports.base import ImportedReturn, Importer, Row


class Helpdesk(Importer):
    """One row a ticket. The order number may be missing: the words of subject and message are then all there is."""

    source: ClassVar[str] = "helpdesk"
    marks: ClassVar[tuple[str, ...]] = ("ticket", "email", "subject", "created")
    captions: ClassVar[dict[str, tuple[str, ...]]] = {
        "ticket": ("Id", "Ticket ID", "ID"),
        "name": ("Requester", "Requester name"),
        "email": ("Requester email",),
        "subject": ("Subject",),
        "status": ("Status", "Ticket status"),
        "created": ("Created at", "Requested", "Ticket created"),
        "language": ("Language [list]", "Language", "Requester language"),
        "order_no": ("Order number [txt]", "Order number", "Order [txt]", "Order number [int]"),
        "sku": ("SKU [txt]", "SKU"),
        "quantity": ("Quantity [int]", "Quantity"),
        "reason": ("Return reason [list]", "Return reason", "Reason [list]"),
        "message": ("Customer message [txt]", "Customer message", "Description", "Description [txt]"),
    }

    def read_row(self, row: Row) -> ImportedReturn:
        return ImportedReturn(
            source=self.source,
            row_key=row.needed("ticket", "ticket ID"),
            order_no=row.text("order_no"),
            sku=row.maybe("sku"),
            quantity=row.pieces("quantity"),
            reason_raw=row.text("reason"),
            reason_code=self.reason(row.text("reason")),
            comment="\n".join(part for part in (row.text("subject"), row.text("message")) if part),
            requested_at=row.when("created", "creation date"),
            buyer_email=row.mail(),
            buyer_name=row.maybe("name"),
            language=row.language(),
            status=row.text("status"),
            raw=row.raw,
        )

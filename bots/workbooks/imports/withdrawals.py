"""Declarations from the shop's withdrawal button (Dir. 2011/83/EU art. 11a), as its form keeps them: one row a declaration."""

from __future__ import annotations

from typing import ClassVar

from bots.workbooks.imports.base import ImportedReturn, Importer, Row


class WithdrawalForm(Importer):
    """Name, contract and an address for the receipt are all that the law lets the form ask for; which articles, and why, may be said."""

    source: ClassVar[str] = "withdrawal_form"
    marks: ClassVar[tuple[str, ...]] = ("declaration", "order_no", "submitted", "email")
    captions: ClassVar[dict[str, tuple[str, ...]]] = {
        "declaration": ("Withdrawal ID", "Withdrawal number", "Declaration ID"),
        "submitted": ("Submitted at", "Confirmed at", "Declared at"),
        "order_no": ("Order number", "Contract", "Order"),
        "name": ("Name", "Customer name"),
        "email": ("Email", "E-mail", "Email for the receipt"),
        "language": ("Language", "Locale"),
        "sku": ("SKU", "Article"),
        "quantity": ("Quantity",),
        "words": ("Declaration", "Message", "Text"),
    }

    def read_row(self, row: Row) -> ImportedReturn:
        return ImportedReturn(
            source=self.source,
            row_key=row.needed("declaration", "withdrawal ID"),
            order_no=row.needed("order_no", "order number"),
            sku=row.maybe("sku"),
            quantity=row.pieces("quantity"),
            reason_code="STATUTORY_WITHDRAWAL",
            comment=row.text("words"),
            requested_at=row.when("submitted", "time of the declaration"),
            buyer_email=row.mail(),
            buyer_name=row.maybe("name"),
            language=row.language(),
            raw=row.raw,
        )

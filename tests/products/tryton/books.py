"""What Tryton's database says, asked past the server and its screens."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Sale:
    number: str
    state: str
    description: str
    lines: dict[str, int]
    """SKU -> quantity, below zero in a return."""


@dataclass(frozen=True)
class Note:
    """A credit note; amounts in hundredths as Tryton keeps them, below zero."""

    number: str
    state: str
    reference: str
    net: int


@dataclass(frozen=True)
class Shipment:
    number: str
    state: str
    reference: str


class Books:
    """Questions to the database in `file` while the server runs on it."""

    def __init__(self, file: Path) -> None:
        self.file = file

    def _ask(self, query: str, *values: Any) -> list[Any]:
        with closing(sqlite3.connect(f"file:{self.file}?mode=ro", uri=True, timeout=30)) as db:
            return db.execute(query, values).fetchall()

    def sales(self, reference: str) -> list[Sale]:
        """Sales and returns with exactly this reference, oldest first."""
        found = self._ask("SELECT id, number, state, description FROM sale_sale WHERE reference = ? ORDER BY id", reference)
        return [Sale(number or "", state, description or "", self._lines(sale)) for sale, number, state, description in found]

    def _lines(self, sale: int) -> dict[str, int]:
        query = "SELECT p.code, l.quantity FROM sale_line l JOIN product_product p ON p.id = l.product WHERE l.sale = ?"
        return {code: int(quantity) for code, quantity in self._ask(query, sale)}

    def returns_of(self, order_no: str) -> int:
        """How many returns of the order there are, drafts too."""
        query = "SELECT count(*) FROM sale_sale r JOIN sale_sale o ON r.origin = 'sale.sale,' || o.id WHERE o.reference = ?"
        return int(self._ask(query, order_no)[0][0])

    def notes(self, rma: str) -> list[Note]:
        """Credit notes made from the returns with this RMA, whether their own reference says so or not."""
        query = """
            SELECT DISTINCT i.id, i.number, i.state, i.reference FROM account_invoice i
            JOIN account_invoice_line il ON il.invoice = i.id JOIN sale_line sl ON il.origin = 'sale.line,' || sl.id
            JOIN sale_sale s ON s.id = sl.sale WHERE s.reference = ? ORDER BY i.id"""
        return [Note(number or "", state, reference or "", self._net(note)) for note, number, state, reference in self._ask(query, rma)]

    def _net(self, invoice: int) -> int:
        rows = self._ask("SELECT quantity, unit_price FROM account_invoice_line WHERE invoice = ?", invoice)
        return sum(round(round(float(quantity) * float(price), 6) * 100) for quantity, price in rows)

    def receipts(self, rma: str) -> list[Shipment]:
        """Return shipments made from the returns with this RMA."""
        query = """
            SELECT DISTINCT t.id, t.number, t.state, t.reference FROM stock_shipment_out_return t
            JOIN stock_move m ON m.shipment = 'stock.shipment.out.return,' || t.id JOIN sale_line sl ON m.origin = 'sale.line,' || sl.id
            JOIN sale_sale s ON s.id = sl.sale WHERE s.reference = ? ORDER BY t.id"""
        return [Shipment(number, state, reference or "") for _, number, state, reference in self._ask(query, rma)]

    def transfers(self, rma: str) -> list[Shipment]:
        query = "SELECT number, state, reference FROM stock_shipment_internal WHERE reference = ? ORDER BY id"
        return [Shipment(number or "", state, reference) for number, state, reference in self._ask(query, rma)]

"""What 云仓ERP writes: sales returns with their labels, credit notes and replacements, each refused with a plain Chinese sentence when it cannot be.

Every function works inside the caller's transaction. `check` looks only; `create` writes what was checked before. Money is integer
minor units of the order's currency, VAT included; label costs are CNY fen.
"""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from datetime import datetime

from .. import amounts, papers
from ..web import money
from ..world import World
from .words import CARRIERS, REASONS, REPLACEMENT_KINDS, RETURN_KINDS, Refused, listed, reason

HUB_COUNTRY = "DE"
UNION = ("AT", "BE", "DE", "ES", "FR", "IT", "NL", "PL")
LABEL_COST = {"SwiftParcel": {"home": 3900, "union": 8600, "abroad": 19800}, "GlobalPost": {"home": 4500, "union": 7400, "abroad": 16500}}
FIRST_S10, FIRST_WAYBILL = 41_200_317, 715_300_281


@dataclass(frozen=True)
class Totals:
    """What an order comes to."""

    goods: int
    shipping: int
    discount: int
    gross: int
    tax: int
    credited: int

    @property
    def open(self) -> int:
        """What credit notes may still give back."""
        return self.gross - self.credited


def tax_in(gross: int, basis_points: int) -> int:
    """Tax contained in a gross amount, rounded half up to the minor unit."""
    whole = 10_000 + basis_points
    return (2 * gross * basis_points + whole) // (2 * whole)


def totals(db: sqlite3.Connection, order: sqlite3.Row) -> Totals:
    """The order's sums; its discount is spread over the lines before tax, shipping is taxed like the dearest line."""
    rows = db.execute("SELECT * FROM order_lines WHERE order_no = ? ORDER BY line_no", (order["order_no"],)).fetchall()
    lines = [amounts.Line(row["line_no"], row["sku"], row["qty"], row["unit_gross"], row["line_discount"]) for row in rows]
    paid = amounts.paid_by_line(lines, order["discount"])
    rates = {row["line_no"]: row["tax_bp"] for row in rows}
    shipping = order["shipping_standard"] + order["shipping_express"]
    main_rate = rates[max(paid, key=lambda number: paid[number])] if paid else 0
    goods = sum(line.value for line in lines)
    credited = db.execute("SELECT coalesce(sum(gross), 0) FROM credit_notes WHERE order_no = ? AND state = 'posted'", (order["order_no"],)).fetchone()[0]
    tax = sum(tax_in(paid[number], rates[number]) for number in paid) + tax_in(shipping, main_rate)
    return Totals(goods, shipping, order["discount"], goods + shipping - order["discount"], tax, credited)


def _bought(db: sqlite3.Connection, order_no: str) -> dict[str, int]:
    rows = db.execute("SELECT sku, sum(qty) AS qty FROM order_lines WHERE order_no = ? GROUP BY sku ORDER BY min(line_no)", (order_no,))
    return {row["sku"]: row["qty"] for row in rows}


def returnable(db: sqlite3.Connection, order_no: str) -> dict[str, int]:
    """Pieces by SKU that may still be returned: bought, less those on returns that are not cancelled."""
    returned = db.execute(
        """SELECT l.sku, sum(l.qty) AS qty FROM sales_return_lines l JOIN sales_returns r USING (return_no)
           WHERE r.order_no = ? AND r.state <> 'cancelled' GROUP BY l.sku""",
        (order_no,),
    )
    gone = {row["sku"]: row["qty"] for row in returned}
    return {sku: qty - gone.get(sku, 0) for sku, qty in _bought(db, order_no).items()}


@dataclass(frozen=True)
class ReturnForm:
    """A sales return as the clerk fills it in; `lines` are pieces by SKU, `carrier` is empty for no label."""

    order_no: str
    rma: str
    kind: str
    reason: str
    lines: dict[str, int]
    carrier: str

    def terms(self) -> dict[str, str]:
        """What the confirm dialog repeats."""
        words = {"kind": RETURN_KINDS[self.kind], "reason": reason(self.reason), "lines": listed(self.lines), "carrier": self.carrier or "无"}
        return {"order_no": self.order_no, "rma": self.rma, **words}

    def check(self, db: sqlite3.Connection) -> None:
        if self.kind not in RETURN_KINDS:
            raise Refused("请选择类型。")
        if self.reason not in REASONS:
            raise Refused("请选择退货原因。")
        if self.carrier and self.carrier not in CARRIERS:
            raise Refused("请选择承运商。")
        if self.kind == "keep" and self.carrier:
            raise Refused("免退回的退货单不需要承运商。")
        if not self.lines:
            raise Refused("请至少填写一行退货数量。")
        left = returnable(db, self.order_no)
        for sku, qty in self.lines.items():
            if sku not in left:
                raise Refused(f"订单 {self.order_no} 中没有 SKU {sku}。")
            if qty > left[sku]:
                raise Refused(f"{sku} 的退货数量 {qty:,} 超过可退数量 {max(0, left[sku]):,}。")

    def create(self, world: World, db: sqlite3.Connection, account: str) -> str:
        """Write the return, with a label when a carrier is chosen; returns its number."""
        number = _numbered(world, db, "SR", "sales_return")
        order = db.execute("SELECT country FROM orders WHERE order_no = ?", (self.order_no,)).fetchone()
        tracking, cost = label(world, db, self.carrier, order["country"]) if self.kind == "return" and self.carrier else (None, None)
        db.execute(
            "INSERT INTO sales_returns (return_no, order_no, rma, kind, reason, created_at, created_by, state, carrier, tracking_no, label_cost)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, 'open', ?, ?, ?)",
            (number, self.order_no, self.rma, self.kind, self.reason, world.stamp(), account, self.carrier or None, tracking, cost),
        )
        db.executemany("INSERT INTO sales_return_lines VALUES (?, ?, ?)", [(number, sku, qty) for sku, qty in self.lines.items()])
        return number


def label(world: World, db: sqlite3.Connection, carrier: str, country: str) -> tuple[str, int]:
    """A return label's tracking number (valid check digit, never used before) and cost."""
    while True:
        if carrier == "GlobalPost":
            tracking = papers.s10("CR", world.next_number(db, "label_s10", FIRST_S10), country)
        else:
            tracking = papers.waybill(world.next_number(db, "label_waybill", FIRST_WAYBILL))
        if db.execute("SELECT 1 FROM orders WHERE out_tracking = ?", (tracking,)).fetchone() is None:
            break
    zone = "home" if country == HUB_COUNTRY else "union" if country in UNION else "abroad"
    return tracking, LABEL_COST[carrier][zone]


def check_cancel(db: sqlite3.Connection, return_no: str) -> None:
    """Raise Refused unless the return is open and its parcel has not been handed in."""
    row = db.execute("SELECT * FROM sales_returns WHERE return_no = ?", (return_no,)).fetchone()
    if row is None:
        raise Refused(f"退货单 {return_no} 不存在。")
    if row["state"] != "open":
        raise Refused(f"退货单 {return_no} 已不是处理中，不能取消。")
    if row["tracking_no"] and db.execute("SELECT 1 FROM parcels WHERE tracking_no = ?", (row["tracking_no"],)).fetchone():
        raise Refused(f"退货单 {return_no} 的包裹 {row['tracking_no']} 已交运，不能取消。")


def cancel(db: sqlite3.Connection, return_no: str) -> str:
    db.execute("UPDATE sales_returns SET state = 'cancelled' WHERE return_no = ?", (return_no,))
    return return_no


@dataclass(frozen=True)
class CreditNoteForm:
    """A credit note (negative invoice) as filled in; amounts in minor units of the order's currency."""

    order_no: str
    rma: str
    gross: int
    tax: int
    currency: str
    rate: int

    def terms(self) -> dict[str, str]:
        amount, tax = (f"{self.currency} {money(minor, self.currency)}" for minor in (self.gross, self.tax))
        return {"order_no": self.order_no, "rma": self.rma, "gross": amount, "tax": tax}

    def check(self, db: sqlite3.Connection) -> None:
        order = db.execute("SELECT * FROM orders WHERE order_no = ?", (self.order_no,)).fetchone()
        left = totals(db, order).open
        if self.gross <= 0:
            raise Refused("含税金额必须大于 0。")
        if self.gross > left:
            raise Refused(f"含税金额 {money(self.gross, self.currency)} 超过可开余额 {money(left, self.currency)} {self.currency}。")
        highest, lines = db.execute("SELECT coalesce(max(tax_bp), 0), count(*) FROM order_lines WHERE order_no = ?", (self.order_no,)).fetchone()
        # Taxes of single lines are rounded one by one: a sum may lie a minor unit a line above the tax of the sum.
        most = tax_in(self.gross, highest) + lines + 1 if highest else 0
        if self.tax > most:
            raise Refused(f"其中税额 {money(self.tax, self.currency)} 高于该订单的最高税率 {highest / 100:g}%。")

    def create(self, world: World, db: sqlite3.Connection, account: str) -> str:
        number = _numbered(world, db, "CN", "credit_note")
        db.execute(
            "INSERT INTO credit_notes (cn_no, order_no, rma, issued_at, created_by, currency, gross, tax, rate, state)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 'posted')",
            (number, self.order_no, self.rma, world.stamp(), account, self.currency, self.gross, self.tax, self.rate),
        )
        return number


@dataclass(frozen=True)
class ReplacementForm:
    """A delivery without charge as filled in."""

    order_no: str
    rma: str
    kind: str
    sku: str
    qty: int

    def terms(self) -> dict[str, str]:
        return {"order_no": self.order_no, "rma": self.rma, "kind": REPLACEMENT_KINDS[self.kind], "sku": self.sku, "qty": f"{self.qty:,}"}

    def check(self, db: sqlite3.Connection) -> None:
        """An exchange stays in a family that the order holds, a spare part is for a product that the order holds; never more than was bought."""
        if self.kind not in REPLACEMENT_KINDS:
            raise Refused("请选择类型。")
        if self.qty <= 0:
            raise Refused("数量必须大于 0。")
        product = db.execute("SELECT family FROM products WHERE sku = ?", (self.sku,)).fetchone()
        if product is None:
            raise Refused(f"SKU {self.sku or '（空）'} 不存在。")
        scope, wanted = ("p.sku", self.sku) if self.kind == "spare_part" else ("p.family", product["family"])
        bought = db.execute(
            f"SELECT sum(l.qty) FROM order_lines l JOIN products p USING (sku) WHERE l.order_no = ? AND {scope} = ?", (self.order_no, wanted)
        ).fetchone()[0]
        if bought is None:
            raise Refused(f"SKU {self.sku} 与订单 {self.order_no} 的商品不匹配。")
        sent = db.execute(
            f"SELECT coalesce(sum(r.qty), 0) FROM replacements r JOIN products p USING (sku) WHERE r.order_no = ? AND r.kind = ? AND {scope} = ?",
            (self.order_no, self.kind, wanted),
        ).fetchone()[0]
        if self.qty > bought - sent:
            raise Refused(f"数量 {self.qty:,} 超过可补发数量 {max(0, bought - sent):,}。")

    def create(self, world: World, db: sqlite3.Connection, account: str) -> str:
        number = _numbered(world, db, "RP", "replacement")
        db.execute(
            "INSERT INTO replacements VALUES (?, ?, ?, ?, ?, ?, ?, ?)", (number, self.order_no, self.rma, self.kind, self.sku, self.qty, world.stamp(), account)
        )
        return number


def year(world: World) -> int:
    return datetime.fromisoformat(world.stamp()).year


def _numbered(world: World, db: sqlite3.Connection, prefix: str, counter: str) -> str:
    return f"{prefix}-{year(world)}-{world.next_number(db, counter):06d}"

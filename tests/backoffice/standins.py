"""Other makers' programs in the place of practice ones: what the bots do there is copied into the world, so that it is scored like everything else."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any, Protocol

from .drafts import BOOK_RATE, insert
from .erp.books import label
from .erp.words import CARRIERS
from .world import World

if TYPE_CHECKING:
    from tests.products.tryton.server import TrytonServer
    from tests.products.vendure.server import VendureServer

KINDS = (
    "wrong_item", "partial_quantity", "where_is_my_money", "same_request", "psp_declines", "iban_redirect",
    "two_fates", "size_exchange", "bank_transfer", "returnless", "above_limit", "cancelled",
)  # fmt: skip
"""Stories that a shop in one currency can tell."""
SIMPLE_KINDS = (
    "withdrawal", "partial_quantity", "over_quantity", "psp_declines", "plain_defective", "too_late",
    "someone_elses_order", "prompt_injection", "where_is_my_money", "formula_injection", "plain_mistake", "plain_withdrawal",
)  # fmt: skip
"""Stories that Tryton can tell too: it knows no replacements, no refund without goods, and not what was picked by mistake."""
CURRENCY = "EUR"
SHIPPING = 590
"""What Vendure's parcel costs, in cents: part of what an order comes to there."""
ARTICLE = "MUG-1"
"""Vendure sells one of it for what the order comes to: a refund there is a bare amount."""
RETURN_STATES = {"confirmed": "open", "processing": "open", "done": "closed", "cancelled": "cancelled"}
"""Tryton's, and what they are in the world; in any other a return is not made yet."""
STATES = {"Pending": "pending", "Settled": "settled", "Failed": "failed"}


class StandIn(Protocol):
    """Another maker's program in the place of a practice one: made, it runs, holds the stories' orders, and ends with `stack`. Raises NotInstalled."""

    replaces: str
    """Which of our programs."""

    def __init__(self, world: World, stack: ExitStack) -> None: ...

    @property
    def url(self) -> str: ...

    def accounts(self) -> dict[str, str]:
        """Log-ins by account name."""
        ...

    def copy(self) -> None:
        """Write into the world what the bots have done there since the last copy."""
        ...

    def settle(self) -> None:
        """Do there what the night has brought about in the world."""
        ...


class TrytonStandIn:
    """Tryton instead of the practice ERP: the stories' orders are its sales, its returns and credit notes the world's. It makes no labels: its customers
    get one that the bots do not know."""

    replaces = "erp"

    def __init__(self, world: World, stack: ExitStack) -> None:
        from tests.products.tryton.install import ensure_installed
        from tests.products.tryton.server import TrytonServer, seed_orders

        self.world = world
        self.server: TrytonServer = stack.enter_context(TrytonServer(ensure_installed()))
        seed_orders(self.server, [self._order(row) for row in world.all("SELECT o.* FROM orders o JOIN stories s USING (order_no) ORDER BY o.order_no")])

    @property
    def url(self) -> str:
        return self.server.url

    def accounts(self) -> dict[str, str]:
        from tests.products.tryton.server import ERP, PASSWORD

        return {ERP: PASSWORD}

    def _order(self, row: Any) -> dict[str, Any]:
        lines = self.world.all("SELECT l.*, p.name_en FROM order_lines l JOIN products p USING (sku) WHERE l.order_no = ? ORDER BY l.line_no", row["order_no"])
        return {
            "order_no": row["order_no"],
            "buyer": row["buyer_name"],
            "mail": row["buyer_email"],
            "country": row["country"],
            "currency": row["currency"],
            "payment": row["payment_method"].capitalize(),
            "placed": row["placed_at"][:10],
            "delivered": row["delivered_at"][:10],
            "lines": [
                {"sku": line["sku"], "name": line["name_en"], "qty": line["qty"], "unit_gross": line["unit_gross"], "tax_bp": line["tax_bp"]} for line in lines
            ],
        }

    def copy(self) -> None:
        from tests.products.tryton.server import truth

        for back in truth(self.server):
            if back["state"] not in RETURN_STATES:
                continue
            with self.world.write() as db:
                if self.world.one("SELECT 1 FROM sales_returns WHERE return_no = ?", back["return_no"]) is None:
                    self._make_return(db, back)
                db.execute("UPDATE sales_returns SET state = ? WHERE return_no = ?", (RETURN_STATES[back["state"]], back["return_no"]))
                for note in back["credit_notes"]:
                    if note["state"] in ("posted", "paid") and self.world.one("SELECT 1 FROM credit_notes WHERE cn_no = ?", note["number"]) is None:
                        about = {"order_no": back["order_no"], "rma": note["rma"], "issued_at": self.world.stamp(), "created_by": "bot"}
                        money = {"currency": note["currency"], "gross": note["gross"], "tax": note["tax"], "rate": BOOK_RATE[note["currency"]]}
                        insert(db, "credit_notes", cn_no=note["number"], state="posted", **about, **money)

    def _make_return(self, db: sqlite3.Connection, back: dict[str, Any]) -> None:
        """A return as the practice ERP would hold it; without a carrier in its description nobody gets a label."""
        reason, _, carrier = back["description"].rpartition(" ")
        order = self.world.one("SELECT country FROM orders WHERE order_no = ?", back["order_no"])
        paper: dict[str, Any] = {}
        if order is not None and carrier in CARRIERS:
            paper["tracking_no"], paper["label_cost"] = label(self.world, db, carrier, order["country"])
            paper["carrier"] = carrier
        made = {"created_at": self.world.stamp(), "created_by": "bot"}
        about = {"order_no": back["order_no"], "rma": back["rma"], "kind": "return", "reason": reason, "state": "open"}
        insert(db, "sales_returns", return_no=back["return_no"], **about, **made, **paper)
        for sku, qty in back["lines"].items():
            insert(db, "sales_return_lines", return_no=back["return_no"], sku=sku, qty=qty)

    def settle(self) -> None:
        """Nothing of the night concerns it."""


class VendureStandIn:
    """Vendure instead of the practice payment back-end: the world's captures are its orders, its refunds the world's."""

    replaces = "pay"

    def __init__(self, world: World, stack: ExitStack) -> None:
        from tests.products.vendure.install import ensure_installed
        from tests.products.vendure.seed import place_orders
        from tests.products.vendure.server import VendureServer

        self.world = world
        orders = world.folder / "vendure-orders.json"
        orders.write_text(json.dumps([self._order(row) for row in self._captures()], ensure_ascii=False), encoding="utf-8")
        self.server: VendureServer = stack.enter_context(VendureServer(ensure_installed(), only=("none of those that came with it",), orders=orders))
        self.books = self.server.books()
        self.books.trade_in(CURRENCY)
        place_orders(self.server.url, orders)

    @property
    def url(self) -> str:
        return self.server.url

    def accounts(self) -> dict[str, str]:
        from tests.products.vendure.server import ACCOUNT, PASSWORD

        return {ACCOUNT: PASSWORD}

    def _captures(self) -> list[Any]:
        """What the stories' buyers have paid, without those who paid by bank transfer."""
        return self.world.all(
            """SELECT c.*, s.plan, o.buyer_name FROM captures c JOIN stories s USING (order_no) JOIN orders o USING (order_no)
               WHERE c.method <> 'bank_transfer' AND c.currency = ? ORDER BY c.order_no""",
            CURRENCY,
        )

    def _order(self, row: Any) -> dict[str, Any]:
        temper = {"temper": "closed"} if json.loads(row["plan"]).get("psp") == "declines" else {}
        return {"code": row["order_no"], "buyer": row["buyer_name"], "lines": {ARTICLE: 1}, "unit": row["amount"] - SHIPPING, **temper}

    def copy(self) -> None:
        for capture in self._captures():
            for refund in self.books.refunds(capture["order_no"]):
                if self.world.one("SELECT 1 FROM refunds WHERE refund_id = ?", refund.refund_id) is None:
                    with self.world.write() as db:
                        insert(
                            db,
                            "refunds",
                            refund_id=refund.refund_id,
                            capture_id=capture["capture_id"],
                            order_no=capture["order_no"],
                            reference=refund.reason,
                            currency=CURRENCY,
                            amount=refund.minor,
                            reason="return",
                            state=STATES[refund.state],
                            created_at=self.world.stamp(),
                            created_by="bot",
                        )

    def settle(self) -> None:
        """Say there that the acquirer has paid what was settled overnight."""
        for capture in self._captures():
            for refund in self.books.refunds(capture["order_no"]):
                row = self.world.one("SELECT state FROM refunds WHERE refund_id = ?", refund.refund_id)
                if refund.state == "Pending" and row is not None and row["state"] == "settled":
                    self.books.settle(refund.refund_id, f"acq_{refund.refund_id}")


STAND_INS: dict[str, type[StandIn]] = {"tryton": TrytonStandIn, "vendure": VendureStandIn}


def simple(on: Sequence[str]) -> bool:
    """Whether a program among these can tell simple orders only."""
    return "tryton" in on

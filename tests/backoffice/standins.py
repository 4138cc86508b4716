"""Other makers' programs in the place of practice ones: what the bots do there is copied into the world, so that it is scored like everything else."""

from __future__ import annotations

import json
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

from .drafts import insert
from .world import World

if TYPE_CHECKING:
    from tests.products.vendure.server import VendureServer

KINDS = (
    "wrong_item", "partial_quantity", "where_is_my_money", "same_request", "psp_declines", "iban_redirect",
    "two_fates", "size_exchange", "bank_transfer", "returnless", "above_limit", "cancelled",
)  # fmt: skip
"""Stories that a shop in one currency can tell."""
CURRENCY = "EUR"
SHIPPING = 590
"""What Vendure's parcel costs, in cents: part of what an order comes to there."""
ARTICLE = "MUG-1"
"""Vendure sells one of it for what the order comes to: a refund there is a bare amount."""
STATES = {"Pending": "pending", "Settled": "settled", "Failed": "failed"}


class VendureStandIn:
    """Vendure instead of the practice payment back-end: the world's captures are its orders, its refunds the world's."""

    def __init__(self, world: World, stack: ExitStack) -> None:
        """Start it and sell the stories' orders there; it ends with `stack`. Raises NotInstalled."""
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

    def accounts(self) -> dict[str, str]:
        """Log-ins by account name."""
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
        """Write into the world what the bots have refunded there since the last copy."""
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

"""A clerk who knows the truth and writes straight into the tables what perfect bots would do: the score's own test."""

from __future__ import annotations

import json
import sqlite3
from email.message import EmailMessage
from email.utils import make_msgid
from typing import Any

from . import papers
from .drafts import PAST_CLERK, insert
from .world import Row, World


class PerfectClerk:
    """Does, round by round, all that is due; `cases` is what it would claim to the score."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.stories = [(row, json.loads(row["plan"]), json.loads(row["expected"])) for row in world.all("SELECT * FROM stories ORDER BY story")]
        self.replied: set[str] = set()

    @staticmethod
    def rma(story: Row) -> str:
        return f"RMA-2026-{story['story'][1:]:0>6}"

    def cases(self) -> list[dict[str, Any]]:
        """One case an order; whoever needs a person had one."""
        return [
            {
                "rma": self.rma(story),
                "order_no": story["order_no"],
                "person": expected["handling"] == "person",
                "codes": ["TEST"] if expected["handling"] == "person" else [],
                "state": "",
            }
            for story, _, expected in self.stories
            if story["order_no"]
        ]

    def work(self) -> None:
        """One round over all stories."""
        with self.world.write() as db:
            for story, plan, expected in self.stories:
                if story["order_no"] and expected["final"] != "ignored":
                    self._returns(db, story, expected)
                    self._dock(db, story, plan, expected)
                    self._pay(db, story, plan, expected)
                    self._replace(db, story, expected)
                    self._reply(db, story, plan, expected)

    # -- the desk -----------------------------------------------------------------------------------------------
    def _new(self, db: sqlite3.Connection, table: str, order_no: str) -> list[Row]:
        return db.execute(f"SELECT * FROM {table} WHERE order_no = ? AND created_by NOT IN (?, 'amazon')", (order_no, PAST_CLERK)).fetchall()

    def _number(self, db: sqlite3.Connection, prefix: str) -> str:
        return f"{prefix}-2026-{self.world.next_number(db, prefix):06d}"

    def _returns(self, db: sqlite3.Connection, story: Row, expected: dict[str, Any]) -> None:
        order_no = story["order_no"]
        made = self._new(db, "sales_returns", order_no)
        cancelling = expected["final"] == "cancelled"
        if (
            cancelling
            and made
            and db.execute("SELECT 1 FROM happenings WHERE story = ? AND due = 'requested' AND done_at IS NOT NULL", (story["story"],)).fetchone()
        ):
            db.execute("UPDATE sales_returns SET state = 'cancelled' WHERE order_no = ?", (order_no,))
        if made or not (expected["returns"] == 1 or cancelling):
            return
        return_no, serial = self._number(db, "SR"), self.world.next_number(db, "label", 1000)
        label = expected["return_kind"] == "return"
        insert(
            db,
            "sales_returns",
            return_no=return_no,
            order_no=order_no,
            rma=self.rma(story),
            kind=expected["return_kind"],
            reason="OTHER",
            created_at=self.world.stamp(),
            created_by="bot.erp",
            state="open",
            carrier=("SwiftParcel" if serial % 2 else "GlobalPost") if label else None,
            tracking_no=(papers.waybill(serial) if serial % 2 else papers.s10("RB", serial, "DE")) if label else None,
        )
        lines = expected["return_lines"] or {
            row["sku"]: row["qty"] for row in db.execute("SELECT sku, qty FROM order_lines WHERE order_no = ? LIMIT 1", (order_no,))
        }
        for sku, qty in lines.items():
            insert(db, "sales_return_lines", return_no=return_no, sku=sku, qty=qty)

    def _dock(self, db: sqlite3.Connection, story: Row, plan: dict[str, Any], expected: dict[str, Any]) -> None:
        counted = """SELECT l.receipt_no, l.sku, sum(l.qty) AS qty FROM receipt_lines l JOIN receipts r USING (receipt_no) JOIN parcels p USING (tracking_no)
                     WHERE p.order_no = ? GROUP BY 1, 2"""
        for line in db.execute(counted, (story["order_no"],)).fetchall():
            task_no = f"PA-{line['receipt_no']}-{line['sku']}"
            if db.execute("SELECT 1 FROM qc_tasks WHERE task_no = ?", (task_no,)).fetchone() is None:
                insert(
                    db,
                    "qc_tasks",
                    task_no=task_no,
                    receipt_no=line["receipt_no"],
                    sku=line["sku"],
                    qty=line["qty"],
                    checklist="",
                    created_at=self.world.stamp(),
                    created_by="bot.wms",
                    state="open",
                )
        good = all(item["qc"] == "good" for item in plan["parcel"])
        if expected["final"] != "held":
            db.execute(
                """UPDATE qc_tasks SET grade = ?, disposition = ?, decided_by = 'bot.wms' WHERE state = 'done' AND disposition IS NULL
                   AND receipt_no IN (SELECT receipt_no FROM receipts JOIN parcels USING (tracking_no) WHERE order_no = ?)""",
                ("A" if good else "C", "RESELL_NEW" if good else "REPAIR", story["order_no"]),
            )

    def _goods_settled(self, db: sqlite3.Connection, story: Row, plan: dict[str, Any], expected: dict[str, Any]) -> bool:
        """Whether the goods question is answered: kept, lost, or inspected to the last task."""
        if expected["return_kind"] == "keep":
            return True
        order_no = story["order_no"]
        if plan["lost"]:
            given_up = "SELECT 1 FROM tracking_events e JOIN parcels p USING (tracking_no) WHERE p.order_no = ? AND e.code IN ('SM', 'INQ-97')"
            return db.execute(given_up, (order_no,)).fetchone() is not None
        tasks = "SELECT t.state FROM qc_tasks t JOIN receipts r USING (receipt_no) JOIN parcels p USING (tracking_no) WHERE p.order_no = ?"
        states = [row["state"] for row in db.execute(tasks, (order_no,))]
        return bool(states) and set(states) == {"done"}

    def _pay(self, db: sqlite3.Connection, story: Row, plan: dict[str, Any], expected: dict[str, Any]) -> None:
        order_no, rma = story["order_no"], self.rma(story)
        order = db.execute("SELECT * FROM orders WHERE order_no = ?", (order_no,)).fetchone()
        due = expected["refund"]
        if plan["psp"] == "declines":
            due = {"amount": 1000, "currency": order["currency"], "via": "pay"}
        paid = self._new(db, "refunds", order_no) + db.execute("SELECT * FROM bank_transfers WHERE reference = ?", (rma,)).fetchall()
        if due and not paid and self._goods_settled(db, story, plan, expected):
            self.refund(db, story, due["amount"], due["currency"], due["via"])
        settled = any(row["state"] in ("settled", "executed") for row in paid)
        if expected["credit_notes"] == 1 and (settled or expected["final"] == "booked") and not self._new(db, "credit_notes", order_no):
            self.credit(db, story, expected["credit_gross"], order["currency"])

    def refund(self, db: sqlite3.Connection, story: Row, amount: int, currency: str, via: str) -> None:
        """Pay back, once a call."""
        order = db.execute("SELECT * FROM orders WHERE order_no = ?", (story["order_no"],)).fetchone()
        number = self.world.next_number(db, "payment")
        if via == "bank":
            payee = db.execute("SELECT payee_id FROM bank_payees WHERE iban = ?", (order["payer_iban"],)).fetchone()
            insert(
                db,
                "bank_transfers",
                transfer_id=f"T{number:06d}",
                payee_id=payee["payee_id"],
                currency=currency,
                amount=amount,
                reference=self.rma(story),
                state="executed",
                created_at=self.world.stamp(),
                created_by="bot.bank",
                settled_at=self.world.stamp(),
            )
            return
        capture = db.execute("SELECT capture_id FROM captures WHERE order_no = ?", (story["order_no"],)).fetchone()
        insert(
            db,
            "refunds",
            refund_id=f"ref_{number:06d}",
            capture_id=capture["capture_id"],
            order_no=story["order_no"],
            reference=self.rma(story),
            currency=currency,
            amount=amount,
            state="pending",
            created_at=self.world.stamp(),
            created_by="bot.pay",
        )

    def credit(self, db: sqlite3.Connection, story: Row, gross: int, currency: str) -> None:
        insert(
            db,
            "credit_notes",
            cn_no=self._number(db, "CN"),
            order_no=story["order_no"],
            rma=self.rma(story),
            issued_at=self.world.stamp(),
            created_by="bot.erp",
            currency=currency,
            gross=gross,
            tax=0,
            rate=1,
            state="posted",
        )

    def _replace(self, db: sqlite3.Connection, story: Row, expected: dict[str, Any]) -> None:
        due = expected["replacement"]
        if not due or self._new(db, "replacements", story["order_no"]):
            return
        if due["kind"] == "exchange" and not self._goods_settled(db, story, {"lost": False}, expected):
            return
        insert(
            db,
            "replacements",
            replacement_no=self._number(db, "RP"),
            order_no=story["order_no"],
            rma=self.rma(story),
            created_at=self.world.stamp(),
            created_by="bot.erp",
            **due,
        )

    def _reply(self, db: sqlite3.Connection, story: Row, plan: dict[str, Any], expected: dict[str, Any]) -> None:
        if "decision" in expected["replies"] and story["story"] not in self.replied:
            self.replied.add(story["story"])
            self.write(db, plan["sender"], f"Your return {story['order_no']}", "We have decided.")
        asked = db.execute("SELECT 1 FROM happenings WHERE story = ? AND due <> 'start' AND done_at IS NOT NULL", (story["story"],)).fetchone()
        if "status" in expected["replies"] and asked and plan["question"] not in self.replied:
            self.replied.add(plan["question"])
            self.write(db, plan["sender"], f"Re: {story['order_no']}", "It is on its way.", plan["question"])

    def write(self, db: sqlite3.Connection, rcpt: str, subject: str, text: str, in_reply_to: str = "") -> None:
        """Send a mail to `rcpt`."""
        mail = EmailMessage()
        mail["To"], mail["Subject"], mail["Message-ID"] = rcpt, subject, make_msgid(domain="seller.example")
        if in_reply_to:
            mail["In-Reply-To"] = in_reply_to
        mail.set_content(text)
        insert(
            db,
            "sent_mail",
            at=self.world.stamp(),
            rcpt=rcpt,
            subject=subject,
            message_id=mail["Message-ID"],
            in_reply_to=in_reply_to or None,
            raw=mail.as_bytes(),
        )

"""What customers, carriers, warehouse staff and payment providers do overnight. One night is three days."""

from __future__ import annotations

import json
import random
import sqlite3
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import yaml

from . import carriers_voice, mails
from .drafts import BOOK_RATE, insert, text_time
from .papers import HUB, SELLER_EORI
from .products import TEXTS, by_sku
from .world import Row, World

NIGHT = timedelta(days=3)
HELD_FOR = timedelta(hours=30)  # a held parcel has been held this long when the day begins: longer than an alert waits
PATIENCE = 8  # nights after which a customer no longer writes the letter whose occasion never came
INSPECTORS = (("M. Schulz", "de"), ("A. Nowak", "pl"), ("Wang Lei", "zh"), ("C. Moreau", "fr"), ("T. Reed", "en"))
BORDER = ("GB", "US", "JP", "CH")

Deliver = Callable[[bytes], None]


class Simulation:
    """Moves the world on by nights; `deliver` puts a raw mail into the shop's INBOX.

    Everything is driven by what stands in the tables (a return in the ERP makes the customer ship), so bots that
    start late only shift it. Each parcel moves one stage a night: handed in, arrived (or held by customs first).
    """

    def __init__(self, world: World, deliver: Deliver) -> None:
        self.world, self.deliver = world, deliver
        seed = world.one("SELECT value FROM meta WHERE key = 'seed'")
        self.seed = seed["value"] if seed else "0"
        self.notes: dict[str, dict[str, list[str]]] = yaml.safe_load((TEXTS / "notes.yaml").read_text(encoding="utf-8"))

    @property
    def day(self) -> int:
        """Nights gone by."""
        row = self.world.one("SELECT value FROM meta WHERE key = 'day'")
        return int(row["value"]) if row else 0

    def open_doors(self) -> None:
        """Deliver the first mails that are not in the mailbox yet."""
        self._write_letters(lambda row: row["due"] == "start")

    def advance(self) -> None:
        """One night: the clock moves three days, then everybody does their part."""
        old = self.world.now()
        self.world.set_now(old + NIGHT)
        new = self.world.now()
        with self.world.write() as db:
            db.execute("UPDATE meta SET value = ? WHERE key = 'day'", (str(self.day + 1),))
            self._inspect(db, old, new)
            self._settle(db, old, new)
            self._arrive(db, old, new)
            self._customs(db, old, new)
            self._hand_in(db, old, new)
        self._write_letters(self._is_due)
        with self.world.write() as db:
            if self.day >= PATIENCE:
                db.execute("UPDATE happenings SET done_at = ? WHERE done_at IS NULL", (self.world.stamp(),))

    def finished(self) -> bool:
        """Whether nothing more will happen by itself."""
        questions = (
            "SELECT 1 FROM happenings WHERE done_at IS NULL",
            "SELECT 1 FROM refunds WHERE state = 'pending'",
            "SELECT 1 FROM qc_tasks WHERE state = 'open'",
        )
        return not any(self.world.one(f"{question} LIMIT 1") for question in questions) and not self._under_way() and not self._to_ship()

    # -- letters ------------------------------------------------------------------------------------------------
    def _is_due(self, row: Row) -> bool:
        """Whether the occasion of a later mail has come, seen from the tables."""
        story = self.world.one("SELECT order_no FROM stories WHERE story = ?", row["story"])
        order_no = story["order_no"] if story else None
        if row["due"] == "start":
            return True
        if row["due"] == "requested":
            return self.day >= 3 or self.world.one("SELECT 1 FROM sales_returns WHERE order_no = ? AND created_by <> 'li.na'", order_no) is not None
        if row["due"] == "in_transit":
            return self.world.one("SELECT 1 FROM parcels WHERE order_no = ?", order_no) is not None
        if row["due"] == "arrived":
            return self.world.one("SELECT 1 FROM parcels WHERE order_no = ? AND dock_g IS NOT NULL", order_no) is not None
        raise ValueError(f"happening {row['id']}: unknown occasion {row['due']!r}")

    def _write_letters(self, due: Callable[[Row], bool]) -> None:
        for row in self.world.all("SELECT * FROM happenings WHERE kind = 'mail' AND done_at IS NULL ORDER BY id"):
            if not due(row):
                continue
            self.deliver(mails.compose(mails.MailSpec(**json.loads(row["data"])), self.world.now()))
            with self.world.write() as db:
                db.execute("UPDATE happenings SET done_at = ? WHERE id = ?", (self.world.stamp(), row["id"]))

    # -- parcels ------------------------------------------------------------------------------------------------
    def _to_ship(self) -> list[Row]:
        """Labelled returns whose customer will hand the parcel in: the first open one of an order."""
        rows = self.world.all(
            """SELECT r.*, s.story, s.plan, o.country, o.delivered_at FROM sales_returns r JOIN stories s ON s.order_no = r.order_no
               JOIN orders o ON o.order_no = r.order_no
               WHERE r.kind = 'return' AND r.state = 'open' AND coalesce(r.tracking_no, '') <> ''
                 AND NOT EXISTS (SELECT 1 FROM parcels p WHERE p.order_no = r.order_no) ORDER BY r.return_no"""
        )
        first: dict[str, Row] = {}
        for row in rows:
            if json.loads(row["plan"]).get("ships"):
                first.setdefault(row["order_no"], row)
        return list(first.values())

    def _under_way(self) -> list[Row]:
        """Parcels that neither arrived nor were given up."""
        return self.world.all(
            """SELECT p.*, s.story, s.plan FROM parcels p JOIN stories s ON s.order_no = p.order_no WHERE p.dock_g IS NULL
               AND NOT EXISTS (SELECT 1 FROM tracking_events e WHERE e.tracking_no = p.tracking_no AND e.code IN (?, ?)) ORDER BY p.tracking_no""",
            *carriers_voice.lost_codes(),
        )

    def _rng(self, *about: str) -> random.Random:
        return random.Random(":".join((self.seed, *about)))

    def _hand_in(self, db: sqlite3.Connection, old: datetime, new: datetime) -> None:
        """Customers bring their parcels to the carrier; border-crossers' papers are lodged."""
        for row in self._to_ship():
            plan, rng = json.loads(row["plan"]), self._rng(row["order_no"], "hand-in")
            declared = plan["declared_g"] + rng.randrange(50, 90)
            real = max(60, plan["declared_g"] // 4) if plan["weight"] == "empty" else _real_weight(plan, declared)
            carrier = carriers_voice.name_of(row["carrier"])
            insert(
                db,
                "parcels",
                tracking_no=row["tracking_no"],
                carrier=carrier,
                order_no=row["order_no"],
                rma=row["rma"],
                declared_g=declared,
                first_scan_g=real + rng.randrange(-5, 6),
                dock_g=None,
                origin_country=row["country"],
                destination="DE-LEJ",
            )
            crosses = row["country"] in BORDER
            carriers_voice.speak(db, row["tracking_no"], carrier, carriers_voice.journey(crosses)[0], old, new, rng)
            if crosses:
                self._lodge(db, row, plan, declared, text_time(old + (new - old) * 0.6), rng)

    def _lodge(self, db: sqlite3.Connection, row: Row, plan: dict[str, Any], gross: int, at: str, rng: random.Random) -> None:
        """The return's import declaration, copied from the export papers, with the slip that the story plans."""
        order = db.execute("SELECT * FROM orders WHERE order_no = ?", (row["order_no"],)).fetchone()
        total = 0
        for number, (sku, units) in enumerate(_declared(db, row["return_no"]), 1):
            export = db.execute(
                "SELECT e.* FROM export_lines e JOIN order_lines l ON l.order_no = e.order_no AND l.line_no = e.line_no WHERE e.order_no = ? AND l.sku = ?",
                (row["order_no"], sku),
            ).fetchone()
            value = export["unit_value"] * 2 // 5 if plan["customs"] == "value" else export["unit_value"]
            hs_code = "392690" + export["hs_code"][6:] if plan["customs"] == "hs" else export["hs_code"]
            total += value * units
            insert(
                db,
                "declaration_lines",
                tracking_no=row["tracking_no"],
                line_no=number,
                hs_code=hs_code,
                description=export["description"],
                qty=units,
                unit_value=value,
                origin=export["origin"],
                net_g=export["net_g"],
                serials=_serials(plan, sku),
            )
        insert(
            db,
            "declarations",
            tracking_no=row["tracking_no"],
            document_no=f"CN23-{rng.randrange(10**8):08d}",
            lodged_at=at,
            reason="return",
            category="returned goods",
            currency=order["currency"],
            export_ref=order["export_mrn"],
            invoice_no=order["invoice_no"],
            invoice_date=order["invoice_date"],
            incoterm=order["incoterm"],
            exporter_eori=order["exporter_eori"],
            importer_eori=SELLER_EORI,
            consignee=HUB,
            ioss=None,
            gross_g=gross,
            packages=1,
            total_value=total,
            relief="RGR",
            status="lodged",
        )

    def _customs(self, db: sqlite3.Connection, old: datetime, new: datetime) -> None:
        """Parcels whose papers customs want to see are held one night and released the next."""
        for row in self._held_candidates():
            rng = self._rng(row["tracking_no"], "customs", row["status"])
            if row["status"] == "lodged":
                db.execute(
                    "UPDATE declarations SET status = 'held', status_note = 'Documents missing: commercial invoice' WHERE tracking_no = ?",
                    (row["tracking_no"],),
                )
                carriers_voice.speak(
                    db, row["tracking_no"], row["carrier"], ["arrived_country", "import_customs_presented", "customs_held"], old, new - HELD_FOR, rng
                )
            else:
                db.execute("UPDATE declarations SET status = 'released', status_note = '' WHERE tracking_no = ?", (row["tracking_no"],))
                carriers_voice.speak(db, row["tracking_no"], row["carrier"], ["customs_released"], old, new, rng)

    def _held_candidates(self) -> list[Row]:
        rows = self.world.all(
            """SELECT p.*, d.status, s.plan FROM parcels p JOIN declarations d ON d.tracking_no = p.tracking_no JOIN stories s ON s.order_no = p.order_no
               WHERE p.dock_g IS NULL AND d.status IN ('lodged', 'held') ORDER BY p.tracking_no"""
        )
        return [row for row in rows if json.loads(row["plan"])["customs"] == "hold"]

    def _arrive(self, db: sqlite3.Connection, old: datetime, new: datetime) -> None:
        """Parcels reach the hub's dock and are counted, or are given up by the carrier."""
        waiting = {row["tracking_no"] for row in self._held_candidates()}
        for row in self._under_way():
            if row["tracking_no"] in waiting:
                continue
            plan, rng = json.loads(row["plan"]), self._rng(row["tracking_no"], "arrive")
            if plan["lost"]:
                carriers_voice.speak(db, row["tracking_no"], row["carrier"], ["in_transit", "lost"], old, new, rng)
                continue
            declaration = db.execute("SELECT status FROM declarations WHERE tracking_no = ?", (row["tracking_no"],)).fetchone()
            legs = carriers_voice.journey(declaration is not None)[1]
            if declaration is not None and declaration["status"] == "released":
                legs = [leg for leg in legs if leg not in ("arrived_country", "import_customs_presented", "customs_released")]
            at = carriers_voice.speak(db, row["tracking_no"], row["carrier"], legs, old, new, rng)
            db.execute("UPDATE declarations SET status = 'released' WHERE tracking_no = ?", (row["tracking_no"],))
            self._receive(db, row, plan, at, rng)

    def _receive(self, db: sqlite3.Connection, row: Row, plan: dict[str, Any], at: datetime, rng: random.Random) -> None:
        """The dock weighs the parcel and counts what lies in it, one line a serial number."""
        weight = row["first_scan_g"] + rng.randrange(-5, 6)
        db.execute("UPDATE parcels SET dock_g = ? WHERE tracking_no = ?", (weight, row["tracking_no"]))
        receipt_no = f"WE-2026-{self.world.next_number(db, 'receipt'):06d}"
        crushed = any(item["qc"] == "transit" for item in plan["parcel"])
        carton = "opened" if plan["weight"] == "empty" else "crushed" if crushed else "intact"
        insert(
            db,
            "receipts",
            receipt_no=receipt_no,
            tracking_no=row["tracking_no"],
            rma=row["rma"],
            warehouse="DE-LEJ",
            dock_at=text_time(at + timedelta(hours=2)),
            dock_g=weight,
            carton=carton,
        )
        line_no = 0
        for item in plan["parcel"]:
            for serial in item["serials"] or [""]:
                line_no += 1
                insert(
                    db,
                    "receipt_lines",
                    receipt_no=receipt_no,
                    line_no=line_no,
                    sku=item["sku"],
                    gtin=by_sku()[item["sku"]].gtin,
                    qty=1 if item["serials"] else item["qty"],
                    serial=serial,
                )

    # -- inspection and money -----------------------------------------------------------------------------------
    def _inspect(self, db: sqlite3.Connection, old: datetime, new: datetime) -> None:
        """Inspectors write their notes on the open tasks, each in their own language."""
        tasks = db.execute(
            """SELECT t.*, s.plan FROM qc_tasks t JOIN receipts r ON r.receipt_no = t.receipt_no JOIN parcels p ON p.tracking_no = r.tracking_no
               JOIN stories s ON s.order_no = p.order_no WHERE t.state = 'open' ORDER BY t.task_no"""
        ).fetchall()
        for task in tasks:
            rng = self._rng(task["receipt_no"], task["sku"], "inspect")
            plan = json.loads(task["plan"])
            intent = next((item["qc"] for item in plan["parcel"] if item["sku"] == task["sku"]), "empty")
            inspector, lang = rng.choice(INSPECTORS)
            finished = old + (new - old) * rng.uniform(0.2, 0.8)
            db.execute(
                "UPDATE qc_tasks SET state = 'done', inspector = ?, finished_at = ?, note = ? WHERE task_no = ?",
                (inspector, text_time(finished), rng.choice(self.notes[intent][lang]), task["task_no"]),
            )

    def _settle(self, db: sqlite3.Connection, old: datetime, new: datetime) -> None:
        """Pending refunds settle at the day's rate, or fail where the story's card is gone."""
        pending = db.execute(
            "SELECT r.*, s.plan FROM refunds r LEFT JOIN stories s ON s.order_no = r.order_no WHERE r.state = 'pending' ORDER BY r.refund_id"
        ).fetchall()
        for refund in pending:
            rng = self._rng(refund["order_no"], str(refund["amount"]), "settle")
            at = text_time(old + (new - old) * rng.uniform(0.2, 0.6))
            if refund["plan"] and json.loads(refund["plan"]).get("psp") == "declines":
                db.execute(
                    "UPDATE refunds SET state = 'failed', settled_at = ?, failure = 'Card closed: the issuer declined the refund' WHERE refund_id = ?",
                    (at, refund["refund_id"]),
                )
                continue
            rate = round(BOOK_RATE[refund["currency"]] * rng.uniform(0.985, 1.015))
            db.execute("UPDATE refunds SET state = 'settled', settled_at = ?, settle_rate = ? WHERE refund_id = ?", (at, rate, refund["refund_id"]))


def _real_weight(plan: dict[str, Any], declared: int) -> int:
    """What the parcel really weighs: its contents and the packing that was declared with them."""
    contents = sum(by_sku()[item["sku"]].weight * item["qty"] for item in plan["parcel"])
    return int(contents + declared - plan["declared_g"])


def _declared(db: sqlite3.Connection, return_no: str) -> list[tuple[str, int]]:
    return [(row["sku"], row["qty"]) for row in db.execute("SELECT sku, qty FROM sales_return_lines WHERE return_no = ? ORDER BY sku", (return_no,))]


def _serials(plan: dict[str, Any], sku: str) -> str:
    return ",".join(serial for item in plan["parcel"] if item["sku"] == sku for serial in item["serials"])

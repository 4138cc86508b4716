"""What LagerPro writes: quality checks, dispositions and transfers, each refused with a plain German sentence when it cannot be.

Every function works inside the caller's transaction.
"""

from __future__ import annotations

import sqlite3

from ..world import World
from .words import DISPOSITIONS, GRADES, WAREHOUSES, quantity


class Refused(ValueError):
    """The program does not do it; the text is what the clerk reads."""


def create_task(world: World, db: sqlite3.Connection, account: str, receipt_no: str, sku: str, qty: int, checklist: str) -> str:
    """Ask for a quality check of counted goods; one task per receipt and SKU. Returns its number."""
    counted = db.execute("SELECT sum(qty) FROM receipt_lines WHERE receipt_no = ? AND sku = ?", (receipt_no, sku)).fetchone()[0]
    if counted is None:
        raise Refused(f"SKU {sku or '(leer)'} wurde im Eingang {receipt_no} nicht gezählt.")
    if qty > counted:
        raise Refused(f"Menge {quantity(qty)} übersteigt die gezählte Menge {quantity(counted)} der SKU {sku}.")
    if not checklist.strip():
        raise Refused("Die Checkliste ist leer.")
    earlier = db.execute("SELECT task_no FROM qc_tasks WHERE receipt_no = ? AND sku = ?", (receipt_no, sku)).fetchone()
    if earlier:
        raise Refused(f"Für SKU {sku} im Eingang {receipt_no} gibt es bereits den Prüfauftrag {earlier['task_no']}.")
    number = f"PA-{world.next_number(db, 'qc_task'):06d}"
    db.execute(
        "INSERT INTO qc_tasks (task_no, receipt_no, sku, qty, checklist, created_at, created_by, state) VALUES (?, ?, ?, ?, ?, ?, ?, 'open')",
        (number, receipt_no, sku, qty, checklist.strip(), world.stamp(), account),
    )
    return number


def book_disposition(db: sqlite3.Connection, account: str, task_no: str, grade: str, disposition: str) -> None:
    """Write grade and disposition of a finished check, once."""
    task = db.execute("SELECT * FROM qc_tasks WHERE task_no = ?", (task_no,)).fetchone()
    if task is None:
        raise Refused(f"Prüfauftrag {task_no} gibt es nicht.")
    if task["state"] != "done":
        raise Refused(f"Prüfauftrag {task_no} ist noch offen. Der Verbleib wird erst nach der Prüfung gebucht.")
    if task["disposition"]:
        raise Refused(f"Verbleib von {task_no} ist bereits gebucht: {task['grade']} / {task['disposition']}.")
    if grade not in GRADES:
        raise Refused("Bitte eine Note wählen.")
    if disposition not in DISPOSITIONS:
        raise Refused("Bitte einen Verbleib wählen.")
    db.execute("UPDATE qc_tasks SET grade = ?, disposition = ?, decided_by = ? WHERE task_no = ?", (grade, disposition, account, task_no))


def on_hand(db: sqlite3.Connection, task_no: str, warehouse: str) -> int:
    """Pieces of a checked task's goods now in `warehouse`: checked there, plus moved in, less moved out."""
    row = db.execute(
        """SELECT (SELECT coalesce(sum(t.qty), 0) FROM qc_tasks t JOIN receipts r USING (receipt_no) WHERE t.task_no = :task AND r.warehouse = :place)
                + (SELECT coalesce(sum(qty), 0) FROM transfers WHERE task_no = :task AND to_wh = :place)
                - (SELECT coalesce(sum(qty), 0) FROM transfers WHERE task_no = :task AND from_wh = :place)""",
        {"task": task_no, "place": warehouse},
    ).fetchone()
    return int(row[0])


def check_transfer(db: sqlite3.Connection, task_no: str, sku: str, qty: int, source: str, target: str) -> None:
    """Raise Refused unless these goods are where they are said to be and may be moved."""
    task = db.execute("SELECT * FROM qc_tasks WHERE task_no = ?", (task_no,)).fetchone()
    if task is None:
        raise Refused(f"Prüfauftrag {task_no or '(leer)'} gibt es nicht.")
    if not task["disposition"]:
        raise Refused(f"Zu {task_no} ist noch kein Verbleib gebucht.")
    if sku != task["sku"]:
        raise Refused(f"SKU {sku or '(leer)'} gehört nicht zu {task_no} (dort {task['sku']}).")
    if source not in WAREHOUSES or target not in WAREHOUSES:
        raise Refused("Bitte beide Lager wählen.")
    if source == target:
        raise Refused("Von Lager und Nach Lager sind gleich.")
    stock = on_hand(db, task_no, source)
    if qty > stock:
        raise Refused(f"Menge {quantity(qty)} übersteigt den Bestand {quantity(stock)} von {task_no} in {source}.")


def create_transfer(world: World, db: sqlite3.Connection, account: str, task_no: str, sku: str, qty: int, source: str, target: str) -> str:
    """Write the transfer (checked before). Returns its number."""
    rma = db.execute("SELECT r.rma FROM qc_tasks t JOIN receipts r USING (receipt_no) WHERE t.task_no = ?", (task_no,)).fetchone()[0]
    number = f"UL-{world.next_number(db, 'transfer'):06d}"
    db.execute(
        "INSERT INTO transfers (transfer_no, task_no, rma, sku, qty, from_wh, to_wh, created_at, created_by) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (number, task_no, rma, sku, qty, source, target, world.stamp(), account),
    )
    return number

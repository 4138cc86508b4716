"""LagerPro, the practice warehouse system with a German screen: returns on the dock, quality checks, dispositions, transfers, stock."""

from __future__ import annotations

import secrets
import sqlite3
from collections.abc import Callable
from typing import Any, ClassVar

from flask import Flask, abort, flash, g, redirect, render_template, request, url_for

from ..accounts import ACCOUNTS
from ..door import Door
from ..paging import before, paged, told
from ..web import Gate, audit
from ..world import World
from . import stock, words

NAME = "wms"
SIZES = (25, 100, 500)

RECEIPTS = "SELECT * FROM receipts WHERE instr(rma, ?) > 0 ORDER BY dock_at DESC, receipt_no DESC"
TASKS = """SELECT t.*, r.rma, r.warehouse, r.tracking_no FROM qc_tasks t JOIN receipts r USING (receipt_no) WHERE instr(r.rma, ?) > 0 {state}
           ORDER BY t.task_no DESC"""
TASK_STATES = {
    "": "",
    "open": "AND t.state = 'open'",
    "done": "AND t.state = 'done'",
    "undecided": "AND t.state = 'done' AND t.disposition IS NULL",
}
TRANSFERS = "SELECT * FROM transfers WHERE instr(rma, ?) > 0 ORDER BY transfer_no DESC"
STOCK = """SELECT m.place, t.grade, t.disposition, t.sku, sum(m.qty) AS qty FROM (
             SELECT t.task_no, r.warehouse AS place, t.qty FROM qc_tasks t JOIN receipts r USING (receipt_no)
             UNION ALL SELECT task_no, to_wh, qty FROM transfers UNION ALL SELECT task_no, from_wh, -qty FROM transfers) m
           JOIN qc_tasks t USING (task_no) WHERE t.grade IS NOT NULL
           GROUP BY m.place, t.grade, t.disposition, t.sku HAVING sum(m.qty) <> 0 ORDER BY m.place, t.grade, t.sku"""


def create_app(world: World) -> Flask:
    """The WMS over `world`; serve it with any WSGI server."""
    app = Flask(__name__)
    app.secret_key = secrets.token_bytes(32)
    # Programs on other ports of this host share the browser's cookie jar.
    app.config.update(SESSION_COOKIE_NAME=f"{NAME}_toast", SESSION_COOKIE_SAMESITE="Lax", SEND_FILE_MAX_AGE_DEFAULT=3600)
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.filters.update(kg=words.kilos, number=words.quantity, moment=words.moment)
    app.jinja_env.globals.update(
        grades=words.GRADES, dispositions=words.DISPOSITIONS, warehouses=words.WAREHOUSES, cartons=words.CARTONS, states=words.STATES, sizes=SIZES
    )
    gate = Gate(app, world, NAME, {ACCOUNTS[NAME].name: ACCOUNTS[NAME]})
    _Screens(app, world, gate)
    return app


class _Screens(Door):
    """The pages of the program, bound to one app."""

    first_page, wrong = "receipts", "Benutzername oder Passwort ist falsch."
    failures: ClassVar = {
        403: "Formular abgelaufen. Bitte die Seite neu laden.",
        404: "Diese Seite gibt es nicht.",
        500: "Interner Serverfehler. Bitte später erneut versuchen.",
    }

    def __init__(self, app: Flask, world: World, gate: Gate) -> None:
        super().__init__(app, world, gate)
        app.context_processor(self._skin)
        app.add_url_rule("/", view_func=lambda: redirect(url_for("receipts")), endpoint="home")
        app.add_url_rule("/receipts", view_func=self.receipts)
        app.add_url_rule("/receipts/<receipt_no>", view_func=self.receipt)
        app.add_url_rule("/receipts/<receipt_no>/tasks", view_func=self.new_task, methods=["POST"])
        app.add_url_rule("/tasks", view_func=self.tasks)
        app.add_url_rule("/tasks/<task_no>", view_func=self.task)
        app.add_url_rule("/tasks/<task_no>/disposition", view_func=self.disposition, methods=["POST"])
        app.add_url_rule("/transfers", view_func=self.transfers)
        app.add_url_rule("/transfers/new", view_func=self.transfer_form)
        app.add_url_rule("/transfers/new", view_func=self.new_transfer, methods=["POST"])
        app.add_url_rule("/stock", view_func=self.stock)

    def _skin(self) -> dict[str, Any]:
        """Today's look: the usual one, or the redesign while that lie is told."""
        skin = "neu" if told(self.world, NAME, "skin", request.path) else ""
        return {"skin": skin, "cap": words.SKINS[skin], "fid": lambda name: f"x{sum(map(ord, name))}-{name[::-1]}" if skin else name}

    # -- lists --------------------------------------------------------------------------------------------------
    def _list(self, template: str, sql: str, **more: Any) -> Any:
        rma = request.args.get("rma", "").strip()
        if answer := before(self.gate, told(self.world, NAME, "search", rma)):
            return answer
        return render_template(template, page=paged(self.world, sql, (rma,), SIZES), rma=rma, **more)

    def receipts(self) -> Any:
        return self._list("receipts.html", RECEIPTS)

    def tasks(self) -> Any:
        state = request.args.get("state", "")
        state = state if state in TASK_STATES else ""
        return self._list("tasks.html", TASKS.format(state=TASK_STATES[state]), state=state)

    def transfers(self) -> Any:
        return self._list("transfers.html", TRANSFERS)

    def stock(self) -> Any:
        return render_template("stock.html", rows=self.world.all(STOCK))

    # -- one receipt, one task ------------------------------------------------------------------------------------
    def receipt(self, receipt_no: str, error: str = "") -> Any:
        head = self.world.one("SELECT * FROM receipts WHERE receipt_no = ?", receipt_no) or abort(404)
        lines = self.world.all("SELECT * FROM receipt_lines WHERE receipt_no = ? ORDER BY line_no", receipt_no)
        tasks = self.world.all("SELECT * FROM qc_tasks WHERE receipt_no = ? ORDER BY task_no", receipt_no)
        return render_template("receipt.html", head=head, lines=lines, tasks=tasks, error=error, form=request.form)

    def task(self, task_no: str, error: str = "") -> Any:
        head = self.world.one(TASKS.format(state="AND t.task_no = ?"), "", task_no) or abort(404)
        transfers = self.world.all("SELECT * FROM transfers WHERE task_no = ? ORDER BY transfer_no", task_no)
        return render_template("task.html", head=head, transfers=transfers, error=error, form=request.form)

    def transfer_form(self, error: str = "") -> Any:
        number = request.values.get("task", "").strip()
        task = self.world.one(TASKS.format(state="AND t.task_no = ?"), "", number)
        if number and task is None:
            error = f"Prüfauftrag {number} gibt es nicht."
        return render_template("transfer_new.html", task=task, error=error, form=request.form)

    # -- writes -------------------------------------------------------------------------------------------------
    def _commit(
        self, action: str, rma: str, write: Callable[[sqlite3.Connection, int], str], done: Callable[[str], str], target: str, counter: str = ""
    ) -> Any:
        """Do one write, or whatever today's lie makes of it; Refused passes through.

        `write(db, n)` gets the attempt's number (0, or 1 when a lie submits twice); `counter` names the sequence that a pretended number is taken from.
        """
        lie = told(self.world, NAME, action, rma)
        if answer := before(self.gate, lie):
            return answer
        name = lie.get("lie")
        if name == "success_without_write":
            flash(done(self._pretended(counter)))
            return redirect(target)
        for attempt in range(2 if name == "double_submit" else 1):
            with self.world.write() as db:
                number = write(db, attempt)
            audit(self.world, NAME, action, rma=rma, number=number)
        if name == "error_after_write":
            abort(500)
        if name != "write_without_banner":
            flash(done(number))
        return redirect(target)

    def _pretended(self, counter: str) -> str:
        """The number that the next record will get, without making it."""
        row = self.world.one("SELECT value FROM counters WHERE name = ?", counter)
        prefix = {"qc_task": "PA", "transfer": "UL"}.get(counter, "")
        return f"{prefix}-{(row['value'] if row else 0) + 1:06d}"

    def new_task(self, receipt_no: str) -> Any:
        head = self.world.one("SELECT rma FROM receipts WHERE receipt_no = ?", receipt_no) or abort(404)
        form, account = request.form, g.session.account
        try:
            qty = words.parse_quantity(form.get("qty", ""))

            def write(db: sqlite3.Connection, attempt: int) -> str:
                return stock.create_task(self.world, db, account, receipt_no, form.get("sku", "").strip(), qty, form.get("checklist", ""))

            return self._commit(
                "create_qc_task", head["rma"], write, lambda number: f"Prüfauftrag {number} angelegt", url_for("receipt", receipt_no=receipt_no), "qc_task"
            )
        except ValueError as problem:
            return self.receipt(receipt_no, str(problem)), 422

    def disposition(self, task_no: str) -> Any:
        head = self.world.one(TASKS.format(state="AND t.task_no = ?"), "", task_no) or abort(404)
        grade, verdict, account = request.form.get("grade", ""), request.form.get("disposition", ""), g.session.account

        def write(db: sqlite3.Connection, attempt: int) -> str:
            stock.book_disposition(db, account, task_no, grade, verdict)
            return task_no

        try:
            return self._commit(
                "book_disposition", head["rma"], write, lambda _: f"Verbleib von {task_no} gebucht: {grade} / {verdict}", url_for("task", task_no=task_no)
            )
        except ValueError as problem:
            return self.task(task_no, str(problem)), 422

    def new_transfer(self) -> Any:
        form, account = request.form, g.session.account
        task_no, sku, source, target = (form.get(name, "").strip() for name in ("task", "sku", "from_wh", "to_wh"))
        try:
            qty = words.parse_quantity(form.get("qty", ""))
            stock.check_transfer(self.world.db, task_no, sku, qty, source, target)
            head = self.world.one(TASKS.format(state="AND t.task_no = ?"), "", task_no)
            assert head is not None

            def write(db: sqlite3.Connection, attempt: int) -> str:
                if not attempt:
                    stock.check_transfer(db, task_no, sku, qty, source, target)
                return stock.create_transfer(self.world, db, account, task_no, sku, qty, source, target)

            return self._commit("create_transfer", head["rma"], write, lambda number: f"Umlagerung {number} angelegt", url_for("transfers"), "transfer")
        except ValueError as problem:
            return self.transfer_form(str(problem)), 422

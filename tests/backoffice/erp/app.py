"""云仓ERP, the practice ERP with a Chinese screen: sales orders with their export papers, sales returns, credit notes, replacements."""

from __future__ import annotations

import secrets
import sqlite3
from collections.abc import Callable
from typing import Any, ClassVar

from flask import Flask, abort, flash, g, jsonify, redirect, render_template, request, url_for

from ..accounts import ACCOUNTS
from ..door import Door
from ..paging import before, paged, told
from ..web import Gate, audit, money, parse_money
from ..world import Row, World
from . import books, words
from .words import Refused

NAME = "erp"
SIZES = (20, 100)
ORDERS = """SELECT o.*, (SELECT sum(qty) FROM order_lines l WHERE l.order_no = o.order_no) AS pieces FROM orders o
            WHERE instr(lower(o.order_no), :q) > 0 OR instr(lower(o.buyer_email), :q) > 0 ORDER BY lower(o.order_no) = :q DESC, o.placed_at DESC, o.order_no"""
FOUND = "WHERE instr(lower({table}.rma), lower(:q)) > 0 OR instr(lower({table}.order_no), lower(:q)) > 0 OR instr(lower({table}.{number}), lower(:q)) > 0"
RETURNS = """SELECT r.*, (SELECT group_concat(sku || ' × ' || qty, '; ')
                     FROM (SELECT * FROM sales_return_lines l WHERE l.return_no = r.return_no ORDER BY rowid)) AS lines
             FROM sales_returns r {where} ORDER BY r.created_at DESC, r.return_no DESC"""
NOTES = "SELECT * FROM credit_notes c {where} ORDER BY c.issued_at DESC, c.cn_no DESC"
REPLACEMENTS = "SELECT p.*, products.name_zh FROM replacements p LEFT JOIN products USING (sku) {where} ORDER BY p.created_at DESC, p.replacement_no DESC"
LINES = "SELECT l.*, p.* FROM order_lines l JOIN products p USING (sku) WHERE l.order_no = ? ORDER BY l.line_no"
Form = books.ReturnForm | books.CreditNoteForm | books.ReplacementForm
PREFIX = {"sales_return": "SR", "credit_note": "CN", "replacement": "RP"}


def create_app(world: World) -> Flask:
    """The ERP over `world`; serve it with any WSGI server."""
    app = Flask(__name__)
    app.secret_key = secrets.token_bytes(32)
    # Programs on other ports of this host share the browser's cookie jar.
    app.config.update(SESSION_COOKIE_NAME=f"{NAME}_toast", SESSION_COOKIE_SAMESITE="Lax", SEND_FILE_MAX_AGE_DEFAULT=3600)
    app.json.ensure_ascii = False  # type: ignore[attr-defined]
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.filters.update(moment=words.moment, money=money, rate=words.rate, percent=words.percent, reason=words.reason)
    app.jinja_env.globals.update(words=words, sizes=SIZES)
    gate = Gate(app, world, NAME, {ACCOUNTS[NAME].name: ACCOUNTS[NAME]})
    _Screens(app, world, gate)
    return app


class _Screens(Door):
    """The pages of the program, bound to one app."""

    first_page, wrong = "orders", "用户名或密码错误。"
    failures: ClassVar = {403: "表单已过期，请刷新页面后重试。", 404: "页面或单据不存在。", 500: "系统内部错误，请稍后再试。"}

    def __init__(self, app: Flask, world: World, gate: Gate) -> None:
        super().__init__(app, world, gate)
        app.context_processor(self._skin)
        app.add_url_rule("/notice", view_func=self.notice, methods=["POST"])
        app.add_url_rule("/", view_func=lambda: redirect(url_for("orders")), endpoint="home")
        app.add_url_rule("/orders", view_func=self.orders)
        app.add_url_rule("/api/orders", view_func=self.orders_json)
        # An order number may hold a slash.
        app.add_url_rule("/orders/<path:order_no>", view_func=self.order)
        app.add_url_rule("/orders/<path:order_no>/export", view_func=self.export)
        app.add_url_rule("/orders/<path:order_no>/returns", view_func=self.new_return, methods=["POST"])
        app.add_url_rule("/returns", view_func=self.returns)
        app.add_url_rule("/returns/<return_no>/cancel", view_func=self.cancel_return, methods=["POST"])
        app.add_url_rule("/credit-notes", view_func=self.credit_notes)
        app.add_url_rule("/credit-notes/new", view_func=self.credit_note_form)
        app.add_url_rule("/credit-notes/new", view_func=self.new_credit_note, methods=["POST"])
        app.add_url_rule("/replacements", view_func=self.replacements)
        app.add_url_rule("/replacements/new", view_func=self.replacement_form)
        app.add_url_rule("/replacements/new", view_func=self.new_replacement, methods=["POST"])

    def _skin(self) -> dict[str, Any]:
        """Today's look: the usual one, or the redesign while that lie is told. The export papers' frame keeps its looks."""
        skin = "new" if request.endpoint != "export" and told(self.world, NAME, "skin", request.path) else ""
        return {"skin": skin, "cap": words.SKINS[skin], "fid": lambda name: f"v{len(name)}_{name[::-1]}" if skin else name}

    def notice(self) -> Any:
        self.gate.mark("notice_seen")
        return "", 204

    # -- lists --------------------------------------------------------------------------------------------------
    def _query(self) -> tuple[str, Any]:
        """What is searched for, and the answer of a lie to send instead of the list."""
        query = request.args.get("q", "").strip()
        return query, before(self.gate, told(self.world, NAME, "search", query))

    def _list(self, template: str, sql: str, table: str, number: str) -> Any:
        query, lied = self._query()
        if lied:
            return lied
        where = FOUND.format(table=table, number=number) if query else ""
        return render_template(template, page=paged(self.world, sql.format(where=where).replace(":q", "?1"), (query,) if query else (), SIZES), query=query)

    def orders(self) -> Any:
        query, lied = self._query()
        return lied or render_template("orders.html", page=paged(self.world, ORDERS.replace(":q", "?1"), (query.lower(),), SIZES), query=query)

    def orders_json(self) -> Any:
        """What the search field shows while the clerk types: the first page of what fits."""
        query, lied = self._query()
        if lied:
            return lied
        page = paged(self.world, ORDERS.replace(":q", "?1"), (query.lower(),), SIZES)
        rows = [
            {
                "url": url_for("order", order_no=row["order_no"]),
                "cells": [
                    row["order_no"], words.CHANNELS.get(row["channel"], row["channel"]), words.moment(row["placed_at"]), words.moment(row["delivered_at"]),
                    row["buyer_name"], row["buyer_email"], row["country"], row["currency"], f"{row['pieces'] or 0:,}",
                ],
            }
            for row in page.rows
        ]  # fmt: skip
        return jsonify(total=page.total, rows=rows)

    def returns(self) -> Any:
        return self._list("returns.html", RETURNS, "r", "return_no")

    def credit_notes(self) -> Any:
        return self._list("credit_notes.html", NOTES, "c", "cn_no")

    def replacements(self) -> Any:
        return self._list("replacements.html", REPLACEMENTS, "p", "replacement_no")

    # -- one order ----------------------------------------------------------------------------------------------
    def _order(self, order_no: str) -> Row:
        return self.world.one("SELECT * FROM orders WHERE order_no = ?", order_no) or abort(404)

    def order(self, order_no: str, error: str = "") -> Any:
        head = self._order(order_no)
        return render_template(
            "order.html",
            head=head,
            lines=self.world.all(LINES, order_no),
            totals=books.totals(self.world.db, head),
            returnable=books.returnable(self.world.db, order_no),
            returns=self.world.all(RETURNS.format(where="WHERE r.order_no = ?"), order_no),
            notes=self.world.all(NOTES.format(where="WHERE c.order_no = ?"), order_no),
            replacements=self.world.all(REPLACEMENTS.format(where="WHERE p.order_no = ?"), order_no),
            error=error,
            form=request.form,
        )

    def export(self, order_no: str) -> Any:
        head = self._order(order_no)
        if not head["export_mrn"]:
            abort(404)
        return render_template("export.html", head=head, lines=self.world.all("SELECT * FROM export_lines WHERE order_no = ? ORDER BY line_no", order_no))

    def credit_note_form(self, error: str = "") -> Any:
        head = self._order(request.values.get("order", "").strip())
        return render_template("credit_note_new.html", head=head, totals=books.totals(self.world.db, head), error=error, form=request.form)

    def replacement_form(self, error: str = "") -> Any:
        head = self._order(request.values.get("order", "").strip())
        return render_template("replacement_new.html", head=head, lines=self.world.all(LINES, head["order_no"]), error=error, form=request.form)

    # -- writes -------------------------------------------------------------------------------------------------
    def _commit(
        self,
        action: str,
        key: str,
        order_no: str,
        check: Callable[[sqlite3.Connection], None],
        write: Callable[[sqlite3.Connection], str],
        done: str,
        pretended: Callable[[], str],
    ) -> Any:
        """Do one checked write, or whatever today's lie makes of it, and go to the order's page; Refused passes through.

        `done` is the toast, with {number}; `pretended` gives the number that a lie shows. A lie that submits twice skips the second check.
        """
        lie = told(self.world, NAME, action, key)
        if answer := before(self.gate, lie):
            return answer
        name, target = lie.get("lie"), url_for("order", order_no=order_no)
        if name == "success_without_write":
            flash(done.format(number=pretended()))
            return redirect(target)
        number = ""
        for attempt in range(2 if name == "double_submit" else 1):
            with self.world.write() as db:
                if not attempt:
                    check(db)
                number = write(db)
            audit(self.world, NAME, action, key=key, order_no=order_no, number=number)
        if name == "error_after_write":
            abort(500)
        if name != "write_without_banner":
            flash(done.format(number=number))
        return redirect(target)

    def _next_number(self, counter: str) -> str:
        """The number that the next record will get, without making it."""
        row = self.world.one("SELECT value FROM counters WHERE name = ?", counter)
        return f"{PREFIX[counter]}-{books.year(self.world)}-{(row['value'] if row else 0) + 1:06d}"

    def _enter(self, action: str, counter: str, done: str, read: Callable[[], Form], page: Callable[[str], Any]) -> Any:
        """One form: its check (`step=check`, asked by the page's script before it shows the confirm dialog) or its write."""
        checking, account = request.form.get("step") == "check", g.session.account
        try:
            form = read()
            if checking:
                form.check(self.world.db)
                return jsonify(terms=form.terms())
            return self._commit(
                action, form.rma, form.order_no, form.check, lambda db: form.create(self.world, db, account), done, lambda: self._next_number(counter)
            )
        except Refused as problem:
            return (jsonify(error=str(problem)), 422) if checking else (page(str(problem)), 422)

    def new_return(self, order_no: str) -> Any:
        self._order(order_no)

        def read() -> books.ReturnForm:
            form = request.form
            typed = {name.removeprefix("qty:"): words.parse_quantity(text, "退货数量") for name, text in form.items() if name.startswith("qty:")}
            lines = {sku: qty for sku, qty in typed.items() if qty}
            rma = words.parse_rma(form.get("rma", ""))
            return books.ReturnForm(order_no, rma, form.get("kind", ""), form.get("reason", ""), lines, form.get("carrier", ""))

        return self._enter("create_return", "sales_return", "退货单 {number} 已创建", read, lambda error: self.order(order_no, error))

    def new_credit_note(self) -> Any:
        head = self._order(request.form.get("order", ""))

        def read() -> books.CreditNoteForm:
            def amount(name: str, caption: str) -> int:
                try:
                    return parse_money(request.form.get(name, ""), head["currency"], "zh")
                except ValueError:
                    raise Refused(f"{caption}不是有效的 {head['currency']} 金额。") from None

            rma = words.parse_rma(request.form.get("rma", ""))
            return books.CreditNoteForm(head["order_no"], rma, amount("gross", "含税金额"), amount("tax", "其中税额"), head["currency"], head["book_rate"])

        return self._enter("create_credit_note", "credit_note", "贷项通知单 {number} 已开具", read, self.credit_note_form)

    def new_replacement(self) -> Any:
        head = self._order(request.form.get("order", ""))

        def read() -> books.ReplacementForm:
            form = request.form
            rma, qty = words.parse_rma(form.get("rma", "")), words.parse_quantity(form.get("qty", ""), "数量")
            return books.ReplacementForm(head["order_no"], rma, form.get("kind", ""), form.get("sku", "").strip(), qty)

        return self._enter("create_replacement", "replacement", "补发单 {number} 已创建", read, self.replacement_form)

    def cancel_return(self, return_no: str) -> Any:
        row = self.world.one("SELECT * FROM sales_returns WHERE return_no = ?", return_no) or abort(404)
        checking = request.form.get("step") == "check"

        def check(db: sqlite3.Connection) -> None:
            books.check_cancel(db, return_no)

        try:
            if checking:
                check(self.world.db)
                return jsonify(terms={"return_no": return_no, "order_no": row["order_no"], "rma": row["rma"]})
            return self._commit(
                "cancel_return", row["rma"], row["order_no"], check, lambda db: books.cancel(db, return_no), "退货单 {number} 已取消", lambda: return_no
            )
        except Refused as problem:
            return (jsonify(error=str(problem)), 422) if checking else (self.order(row["order_no"], str(problem)), 422)

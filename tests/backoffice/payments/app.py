"""PayDesk, the practice payment back-end with an English screen: payments, refunds, disputes, settlement; log-in with a one-time code."""

from __future__ import annotations

import secrets
import time
from datetime import date
from typing import Any, ClassVar

import pyotp
from flask import Flask, Response, abort, flash, g, redirect, render_template, request, session, url_for
from itsdangerous import BadSignature, URLSafeTimedSerializer

from ..accounts import ACCOUNTS
from ..door import Door
from ..paging import before, local_target, paged, told
from ..web import Gate, audit, money
from ..world import World
from . import ledger, words

NAME = "pay"
SIZES = (25, 100, 500)
SUGGESTIONS = 20
SECONDS_FOR_CODE = 300
SECONDS_FOR_CONFIRM = 600
OTHER_AMOUNT = 100
"""By how many minor units the confirm step lies when the lie `other_amount` says nothing else."""


def create_app(world: World) -> Flask:
    """The payment back-end over `world`; serve it with any WSGI server."""
    app = Flask(__name__)
    app.secret_key = secrets.token_bytes(32)
    # Programs on other ports of this host share the browser's cookie jar.
    app.config.update(SESSION_COOKIE_NAME=f"{NAME}_login", SESSION_COOKIE_SAMESITE="Lax")
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.filters.update(moment=words.moment, rate=words.rate)
    app.jinja_env.globals.update(money=money, methods=words.METHODS, reasons=ledger.REASONS, sizes=SIZES)
    _Screens(app, world, Gate(app, world, NAME, {ACCOUNTS[NAME].name: ACCOUNTS[NAME]}))
    return app


def use_code(world: World, account: str, secret: str, code: str) -> bool:
    """Is this the one-time code of now, the step before or the next, and was it never used before? It is used up by asking."""
    totp = pyotp.TOTP(secret)
    step = int(time.time()) // totp.interval
    for candidate in (step, step - 1, step + 1):
        if secrets.compare_digest(totp.generate_otp(candidate).encode(), code.encode()):
            with world.write() as db:
                used = db.execute("INSERT OR IGNORE INTO counters VALUES (?, ?)", (f"{NAME}-code:{account}:{candidate}", candidate)).rowcount
                db.execute("DELETE FROM counters WHERE name LIKE ? AND value < ?", (f"{NAME}-code:%", step - 2))
            return used == 1
    return False


class _Screens(Door):
    """The pages of the program, bound to one app."""

    first_page, wrong = "payments", "The user name or password is wrong."
    failures: ClassVar = {
        400: "This request cannot be understood.",
        403: "This form has expired. Reload the page.",
        404: "There is nothing here.",
        500: "Something went wrong on our side. Your request may or may not have been carried out.",
    }

    def __init__(self, app: Flask, world: World, gate: Gate) -> None:
        super().__init__(app, world, gate)
        self.drafts = URLSafeTimedSerializer(str(secrets.token_hex(32)), salt="refund")
        app.context_processor(self._skin)
        app.add_url_rule("/login/code", view_func=self.code, methods=["GET", "POST"])
        app.add_url_rule("/", view_func=lambda: redirect(url_for("payments")), endpoint="home")
        app.add_url_rule("/payments", view_func=self.payments)
        app.add_url_rule("/api/payments", view_func=self.find_payments)
        app.add_url_rule("/payments/<path:order_no>", view_func=self.payment)
        app.add_url_rule("/api/refunds/check", view_func=self.check_refund, methods=["POST"])
        app.add_url_rule("/refunds", view_func=self.refunds)
        app.add_url_rule("/refunds", view_func=self.new_refund, methods=["POST"], endpoint="new_refund")
        app.add_url_rule("/settlement", view_func=self.settlement)
        app.add_url_rule("/settlement.csv", view_func=self.settlement_file)

    def _skin(self) -> dict[str, Any]:
        """Today's look: the usual one, or the redesign while that lie is told."""
        skin = "new" if told(self.world, NAME, "skin", request.path) else ""
        return {"skin": skin, "cap": words.SKINS[skin], "fid": lambda name: f"pd-{sum(map(ord, name)):x}" if skin else name}

    # -- in and out ---------------------------------------------------------------------------------------------
    def known(self, account: str, target: str) -> Any:
        session["half"] = {"account": account, "at": time.time()}
        return redirect(url_for("code", next=target))

    def code(self) -> Any:
        """The second step: a six-digit code, each accepted once."""
        half = session.get("half")
        if not half or time.time() - half["at"] > SECONDS_FOR_CODE:
            return redirect(url_for("login", expired=1))
        error = ""
        if request.method == "POST":
            if use_code(self.world, half["account"], self.gate.accounts[half["account"]].totp, request.form.get("code", "").replace(" ", "")):
                session.pop("half")
                return super().known(half["account"], local_target(request.args.get("next"), url_for(self.first_page)))
            error = "This code is wrong or was used before. Wait for the next one."
        return render_template("code.html", error=error, account=half["account"])

    # -- payments -------------------------------------------------------------------------------------------------
    def payments(self) -> Any:
        query = request.args.get("q", "").strip()
        if answer := before(self.gate, told(self.world, NAME, "search", query)):
            return answer
        return render_template("payments.html", page=paged(self.world, ledger.PAYMENTS, (query,), SIZES), q=query)

    def find_payments(self) -> Any:
        """The rows that the search box of the list asks for while one types."""
        query = request.args.get("q", "").strip()
        if answer := before(self.gate, told(self.world, NAME, "search", query)):
            return answer
        return render_template("rows.html", rows=self.world.all(f"{ledger.PAYMENTS} LIMIT {SUGGESTIONS}", query))

    def payment(self, order_no: str, error: str = "") -> Any:
        captures = self.world.all(ledger.CAPTURES.format(where="c.order_no = ?"), order_no) or abort(404)
        refunds = self.world.all("SELECT * FROM refunds WHERE order_no = ? ORDER BY created_at DESC, rowid DESC", order_no)
        disputes = self.world.all("SELECT * FROM disputes WHERE order_no = ? ORDER BY opened_at DESC", order_no)
        return render_template("payment.html", order_no=order_no, captures=captures, refunds=refunds, disputes=disputes, error=error)

    # -- refunding ------------------------------------------------------------------------------------------------
    def check_refund(self) -> Any:
        """The step between form and confirmation: what will be done, or why not."""
        form = request.form
        try:
            wanted = ledger.draft(self.world.db, *(form.get(name, "") for name in ("capture_id", "amount", "reference", "reason")))
        except ValueError as problem:
            return {"error": str(problem)}, 422
        lie = told(self.world, NAME, "confirm", f"{wanted.order_no} {wanted.reference}")
        if answer := before(self.gate, lie):
            return answer
        if lie.get("lie") == "other_amount":
            wanted = ledger.Draft(**{**wanted.fields(), "amount": int(lie.get("amount", wanted.amount + OTHER_AMOUNT))})  # type: ignore[arg-type]
        return {
            "order_no": wanted.order_no, "amount": wanted.shown, "reference": wanted.reference, "reason": ledger.REASONS[wanted.reason],
            "draft": self.drafts.dumps({**wanted.fields(), "for": g.session.token}),
        }  # fmt: skip

    def _draft(self) -> ledger.Draft:
        try:
            fields = self.drafts.loads(request.form.get("draft", ""), max_age=SECONDS_FOR_CONFIRM)
        except BadSignature:
            abort(400)
        if fields.pop("for") != g.session.token:
            abort(403)
        return ledger.Draft(**fields)

    def new_refund(self) -> Any:
        """Write the confirmed refund, or do whatever today's lie makes of it."""
        wanted, account = self._draft(), g.session.account
        lie = told(self.world, NAME, "submit_refund", f"{wanted.order_no} {wanted.reference}")
        if answer := before(self.gate, lie):
            return answer
        name = lie.get("lie")
        if name == "success_without_write":
            row = self.world.one("SELECT value FROM counters WHERE name = 'refund'")
            flash(f"Refund RF-{(row['value'] if row else 0) + 1:06d} of {wanted.shown} created")
            return redirect(url_for("payment", order_no=wanted.order_no))
        try:
            for attempt in range(2 if name == "double_submit" else 1):
                with self.world.write() as db:
                    refund_id = ledger.create_refund(self.world, db, wanted, account, checked=not attempt)
                audit(self.world, NAME, "submit_refund", refund=refund_id, reference=wanted.reference)
        except ValueError as problem:
            return self.payment(wanted.order_no, str(problem)), 422
        if name == "error_after_write":
            abort(500)
        if name != "write_without_banner":
            flash(f"Refund {refund_id} of {wanted.shown} created")
        return redirect(url_for("payment", order_no=wanted.order_no))

    # -- lists and files --------------------------------------------------------------------------------------------
    def refunds(self) -> Any:
        reference, start, end = request.args.get("reference", "").strip(), _day("from"), _day("to")
        if answer := before(self.gate, told(self.world, NAME, "search", reference)):
            return answer
        page = paged(self.world, ledger.REFUNDS, (reference, start, start, end, end), SIZES)
        return render_template("refunds.html", page=page, reference=reference, start=start, end=end)

    def settlement(self) -> Any:
        start, end = _day("from"), _day("to")
        rows = self.world.all(ledger.SETTLEMENT, start, end) if start and end else None
        return render_template("settlement.html", start=start, end=end, rows=rows, fee=ledger.fee)

    def settlement_file(self) -> Any:
        start, end = _day("from"), _day("to")
        if not start or not end:
            abort(400)
        lie = told(self.world, NAME, "settlement", f"{start} {end}")
        if answer := before(self.gate, lie):
            return answer
        text = ledger.settlement_csv(self.world.all(ledger.SETTLEMENT, start, end)).encode()
        if lie.get("lie") == "cut_download":
            text = text[: max(1, len(text) * 2 // 3)]
        return Response(text, mimetype="text/csv", headers={"Content-Disposition": f'attachment; filename="settlement-{start}-{end}.csv"'})


def _day(name: str) -> str:
    """A date of the request's query as ISO text, or nothing when it is none."""
    try:
        return date.fromisoformat(request.args.get(name, "")).isoformat()
    except ValueError:
        return ""

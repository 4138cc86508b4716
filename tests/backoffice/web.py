"""What the web programs share: accounts, sessions that expire, CSRF tokens, a surprise notice, money and dates by locale."""

from __future__ import annotations

import hmac
import secrets
import time
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from flask import Flask, Response, abort, g, make_response, redirect, request

from .world import World

EXPONENT = {"JPY": 0}


@dataclass(frozen=True)
class Account:
    """A practice log-in; `totp` is the base32 secret where a second factor is asked."""

    name: str
    password: str
    totp: str = ""


@dataclass
class Session:
    """The signed-in session of this request."""

    token: str
    account: str
    csrf: str
    notice_seen: bool
    cookies_ok: bool


class Gate:
    """Log-in for one program: cookie session, expiry after idle seconds or a number of requests, CSRF on every POST."""

    def __init__(self, app: Flask, world: World, name: str, accounts: dict[str, Account], *, max_uses: int = 400, max_idle: float = 900.0) -> None:
        self.app, self.world, self.name, self.accounts = app, world, name, accounts
        self.max_uses, self.max_idle = max_uses, max_idle
        self.cookie = f"{name}_session"
        app.before_request(self._check)
        app.context_processor(lambda: {"session": g.get("session"), "csrf": g.session.csrf if g.get("session") else ""})

    def sign_in(self, account: str, target: str) -> Response:
        """Start a session for `account` (already checked) and send the browser on."""
        token, csrf = secrets.token_urlsafe(24), secrets.token_urlsafe(16)
        with self.world.write() as db:
            db.execute("INSERT INTO web_sessions (token, app, account, csrf, seen_at) VALUES (?, ?, ?, ?, ?)", (token, self.name, account, csrf, time.time()))
        answer = make_response(redirect(target))
        answer.set_cookie(self.cookie, token, httponly=True, samesite="Lax")
        return answer

    def password_ok(self, account: str, password: str) -> bool:
        known = self.accounts.get(account)
        return known is not None and hmac.compare_digest(known.password.encode(), password.encode())

    def end_session(self, token: str) -> None:
        with self.world.write() as db:
            db.execute("DELETE FROM web_sessions WHERE token = ?", (token,))

    def mark(self, column: str) -> None:
        """Remember in the session that the notice or the cookie banner was answered."""
        assert column in ("notice_seen", "cookies_ok")
        with self.world.write() as db:
            db.execute(f"UPDATE web_sessions SET {column} = 1 WHERE token = ?", (g.session.token,))

    def _check(self) -> Any:
        """Every page but log-in, static files and health needs a live session; every POST needs its CSRF token."""
        g.session = None
        if request.path.startswith(("/static/", "/login", "/health")):
            return None
        row = self.world.one("SELECT * FROM web_sessions WHERE token = ? AND app = ?", request.cookies.get(self.cookie, ""), self.name)
        if row is None or row["uses"] >= self.max_uses or time.time() - row["seen_at"] > self.max_idle:
            if request.path.startswith("/api/"):
                abort(401)
            # The path arrives unquoted: one with a `#` in it must be quoted again, and once more as a part of the query.
            target = quote(request.path) + (f"?{request.query_string.decode()}" if request.query_string else "")
            return redirect(f"/login?expired={int(row is not None)}&next={quote(target, safe='/')}")
        with self.world.write() as db:
            db.execute("UPDATE web_sessions SET uses = uses + 1, seen_at = ? WHERE token = ?", (time.time(), row["token"]))
        g.session = Session(row["token"], row["account"], row["csrf"], bool(row["notice_seen"]), bool(row["cookies_ok"]))
        if request.method == "POST" and not hmac.compare_digest(request.form.get("csrf", request.headers.get("X-CSRF", "")), row["csrf"]):
            abort(403, "CSRF token missing or stale")
        return None


def audit(world: World, app: str, action: str, **data: Any) -> None:
    """One line in the program's own audit table."""
    import json

    with world.write() as db:
        db.execute(
            "INSERT INTO audit (at, app, account, action, data) VALUES (?, ?, ?, ?, ?)",
            (world.stamp(), app, g.session.account if g.get("session") else "", action, json.dumps(data, ensure_ascii=False)),
        )


def exponent(currency: str) -> int:
    return EXPONENT.get(currency, 2)


def money(minor: int, currency: str, style: str = "en") -> str:
    """1234.56 as `1,234.56` (en), `1.234,56` (de) or `1,234.56` (zh); JPY has no decimals."""
    digits = exponent(currency)
    text = f"{abs(minor) / 10**digits:,.{digits}f}"
    if style == "de":
        text = text.translate(str.maketrans(",.", ".,"))
    return ("-" if minor < 0 else "") + text


def parse_money(text: str, currency: str, style: str = "en") -> int:
    """Read what a clerk typed; anything that is not plainly one number in this style raises ValueError."""
    import re

    clean = text.strip().replace("\u00a0", "")
    if style == "de":
        clean = clean.translate(str.maketrans(",.", ".,"))
    if not re.fullmatch(r"\d{1,3}(,\d{3})*(\.\d+)?|\d+(\.\d+)?", clean):
        raise ValueError(text)
    digits = exponent(currency)
    whole, _, fraction = clean.replace(",", "").partition(".")
    if len(fraction) > digits:
        raise ValueError(text)
    return int(whole) * 10**digits + int(fraction.ljust(digits, "0") or 0)

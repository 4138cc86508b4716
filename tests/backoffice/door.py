"""The pages that every web program has: log-in, log-out, and what it says when something fails."""

from __future__ import annotations

from typing import Any, ClassVar

from flask import Flask, g, redirect, render_template, request, url_for

from .paging import before, local_target, told
from .web import Gate, audit
from .world import World


class Door:
    """Base of a program's screens. A program names its first page and words its own failures."""

    first_page: ClassVar[str]
    """Endpoint of the page that follows the log-in."""
    wrong: ClassVar[str]
    """What a wrong name or password is answered with."""
    failures: ClassVar[dict[int, str]]
    """HTTP status -> what its page says."""

    def __init__(self, app: Flask, world: World, gate: Gate) -> None:
        self.world, self.gate = world, gate
        app.add_url_rule("/health", view_func=lambda: "ok", endpoint="health")
        app.add_url_rule("/login", view_func=self.login, methods=["GET", "POST"])
        app.add_url_rule("/logout", view_func=self.logout, methods=["POST"])
        for code in self.failures:
            app.register_error_handler(code, self.failure)

    def login(self) -> Any:
        error = ""
        if request.method == "POST":
            name = request.form.get("account", "").strip()
            if answer := before(self.gate, told(self.world, self.gate.name, "login", name)):
                return answer
            if self.gate.password_ok(name, request.form.get("password", "")):
                return self.known(name, local_target(request.args.get("next"), url_for(self.first_page)))
            error = self.wrong
        return render_template("login.html", error=error, expired=request.args.get("expired") == "1")

    def known(self, account: str, target: str) -> Any:
        """What follows the right password: the session begins, and the browser is sent on."""
        audit(self.world, self.gate.name, "login", account=account)
        return self.gate.sign_in(account, target)

    def logout(self) -> Any:
        self.gate.end_session(g.session.token)
        return redirect(url_for("login"))

    def failure(self, problem: Any) -> Any:
        code = getattr(problem, "code", 500)
        return render_template("failure.html", code=code, text=self.failures[code]), code

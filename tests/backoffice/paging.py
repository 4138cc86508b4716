"""Paged tables, and the lies that any page can tell, for the practice web programs."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

from flask import abort, g, redirect, request

from .web import Gate
from .world import Row, World


@dataclass(frozen=True)
class Page:
    """One page of a table's rows."""

    rows: list[Row]
    total: int
    number: int
    size: int

    @property
    def pages(self) -> int:
        return max(1, -(-self.total // self.size))

    @property
    def first(self) -> int:
        """Position of the first row shown, counted from 1; 0 when the table is empty."""
        return min(self.total, (self.number - 1) * self.size + 1)

    @property
    def last(self) -> int:
        return min(self.total, self.number * self.size)


def paged(world: World, sql: str, values: tuple[Any, ...], sizes: tuple[int, ...]) -> Page:
    """The page that the request's `page` and `size` ask for; `size` must be one of `sizes`, else the first of them holds."""
    size = request.args.get("size", sizes[0], type=int)
    size = size if size in sizes else sizes[0]
    total = int(world.db.execute(f"SELECT count(*) FROM ({sql})", values).fetchone()[0])
    number = min(max(1, request.args.get("page", 1, type=int)), max(1, -(-total // size)))
    return Page(world.all(f"{sql} LIMIT ? OFFSET ?", *values, size, (number - 1) * size), total, number, size)


def told(world: World, app: str, action: str, key: str = "") -> dict[str, Any]:
    """The lie to tell now, or an empty dict; looks before it writes, as honest days are the rule."""
    if world.one("SELECT 1 FROM lies WHERE app = ? AND action = ? AND times > 0", app, action) is None:
        return {}
    return world.lie(app, action, key) or {}


def before(gate: Gate, lie: dict[str, Any]) -> Any:
    """Play the lies that come before the work: slow answers, a lost session, a failing server. Returns a response to send instead, or None."""
    name = lie.get("lie")
    if name == "slow":
        time.sleep(float(lie.get("seconds", 2)))
    elif name == "session_gone":
        if g.get("session"):
            gate.end_session(g.session.token)
        return redirect("/login?expired=1")
    elif name == "server_error":
        abort(500)
    return None


def local_target(target: str | None, default: str) -> str:
    """Where to go after log-in: only ever a path of this site."""
    return target if target and target.startswith("/") and not target.startswith(("//", "/\\", "/login")) else default

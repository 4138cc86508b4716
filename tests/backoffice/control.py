"""The director's door: time, staff and score over loopback HTTP with a token. For the demo and for tests, never for the bots."""

from __future__ import annotations

import hmac
import json
import secrets
import threading
from collections.abc import Callable, Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from . import staff, truth
from .simulation import Simulation
from .standins import StandIn
from .world import World

MAX_BODY = 16 * 1024 * 1024
MAX_NIGHTS = 60


class Control:
    """Serves GET /info and POST /advance /staff /score /lies /honest /stop on a free loopback port.

    Every request carries `Authorization: Bearer <token>`. `where` is added to /info (ports and addresses of the programs).
    What happens in the programs of other makers (`others`) is copied into the world before anybody is told how things stand.
    """

    def __init__(self, world: World, simulation: Simulation, where: dict[str, Any] | None = None, others: Sequence[StandIn] = ()) -> None:
        self.world, self.simulation, self.where, self.others = world, simulation, where or {}, others
        self.token = secrets.token_urlsafe(24)
        self.stopped = threading.Event()
        self._one_at_a_time = threading.Lock()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, name="control", daemon=True)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def start(self) -> None:
        self._thread.start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(timeout=10)

    # -- verbs --------------------------------------------------------------------------------------------------
    def info(self) -> dict[str, Any]:
        self._copy()
        kinds = [row["kind"] for row in self.world.all("SELECT kind FROM stories ORDER BY story")]
        return {
            **self.where,
            "finished": self.simulation.finished(),
            "day": self.simulation.day,
            "now": self.world.stamp(),
            "kinds": kinds,
            "lies": self.world.waiting_lies(),
        }

    def advance(self, body: dict[str, Any]) -> dict[str, Any]:
        nights = int(body.get("nights", 1))
        if not 1 <= nights <= MAX_NIGHTS:
            raise ValueError(f"nights must lie between 1 and {MAX_NIGHTS}, not {nights}")
        self._copy()
        for _ in range(nights):
            self.simulation.advance()
        for other in self.others:
            other.settle()
        return {"day": self.simulation.day, "now": self.world.stamp(), "finished": self.simulation.finished()}

    def staff(self, body: dict[str, Any]) -> dict[str, Any]:
        self._copy()
        return {"answered": staff.answer(self.world, Path(body["workbook"]), Path(body["save_as"]))}

    def score(self, body: dict[str, Any]) -> dict[str, Any]:
        self._copy()
        return truth.score(self.world, list(body.get("cases", [])))

    def _copy(self) -> None:
        for other in self.others:
            other.copy()

    def lies(self, body: dict[str, Any]) -> dict[str, Any]:
        self.world.tell_lies(
            str(body["app"]), str(body["action"]), str(body["lie"]), str(body.get("match", "")), int(body.get("times", 1)), **dict(body.get("data", {}))
        )
        return {"told": True}

    def honest(self, body: dict[str, Any]) -> dict[str, Any]:
        return {"untold": self.world.forget_lies()}

    def stop(self, body: dict[str, Any]) -> dict[str, Any]:
        self.stopped.set()
        return {"stopping": True}

    # -- HTTP ---------------------------------------------------------------------------------------------------
    def _handler(self) -> type[BaseHTTPRequestHandler]:
        control = self
        verbs: dict[str, Callable[[dict[str, Any]], dict[str, Any]]] = {
            "/advance": self.advance,
            "/staff": self.staff,
            "/score": self.score,
            "/lies": self.lies,
            "/honest": self.honest,
            "/stop": self.stop,
        }

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                if self.path != "/info":
                    self._answer(404, {"error": f"no such page: {self.path}"})
                elif self._known():
                    self._run(lambda body: control.info(), {})

            def do_POST(self) -> None:
                length = int(self.headers.get("Content-Length") or 0)
                if length > MAX_BODY:
                    self.close_connection = True
                    self._answer(413, {"error": f"more than {MAX_BODY} bytes"})
                    return
                raw = self.rfile.read(length)
                if not self._known():
                    return
                verb = verbs.get(self.path)
                if verb is None:
                    self._answer(404, {"error": f"no such verb: {self.path}"})
                    return
                try:
                    body = json.loads(raw or b"{}")
                except ValueError as problem:
                    self._answer(400, {"error": f"body is not JSON: {problem}"})
                    return
                self._run(verb, body)

            def _known(self) -> bool:
                given = self.headers.get("Authorization", "")
                if hmac.compare_digest(given.encode(), f"Bearer {control.token}".encode()):
                    return True
                self._answer(401, {"error": "Authorization: Bearer <token> is missing or wrong"})
                return False

            def _run(self, verb: Callable[[dict[str, Any]], dict[str, Any]], body: dict[str, Any]) -> None:
                """The caller's mistakes come back as 400 with the reason; a fault of ours as 500, so that no caller waits for ever."""
                try:
                    with control._one_at_a_time:
                        answer = verb(body)
                except (KeyError, TypeError, ValueError, OSError) as problem:
                    self._answer(400, {"error": f"{type(problem).__name__}: {problem}"})
                except Exception as problem:
                    self._answer(500, {"error": f"{type(problem).__name__}: {problem}"})
                    raise
                else:
                    self._answer(200, answer)

            def _answer(self, status: int, value: dict[str, Any]) -> None:
                body = json.dumps(value, ensure_ascii=False).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json; charset=utf-8")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *args: Any) -> None:
                """Quiet: the one line on stdout belongs to the caller."""

        return Handler

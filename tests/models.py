"""Language models for tests: pydantic-ai's own stand-ins, and a small server that speaks OpenAI's chat completions over real HTTP."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from pydantic_ai.messages import ModelMessage, ModelRequest, ModelResponse, TextPart, UserPromptPart
from pydantic_ai.models.function import AgentInfo, FunctionModel

from bots.cases.settings import LlmSettings
from bots.portals.llm import LlmAdviser
from bots.portals.llm_notebook import Notebook

NOW = datetime(2026, 10, 5, 9, 0, tzinfo=UTC)
KEY = "sk-test-0123456789abcdef"


class Said:
    """A model that answers what it is told to, and remembers what it was shown."""

    def __init__(self, *answers: dict[str, Any] | str | Callable[[dict[str, Any]], dict[str, Any]]) -> None:
        self.answers = list(answers)
        self.shown: list[dict[str, Any]] = []
        self.asked: list[AgentInfo] = []

    def __call__(self) -> FunctionModel:
        return FunctionModel(self._answer)

    def _answer(self, messages: list[ModelMessage], info: AgentInfo) -> ModelResponse:
        request = messages[-1]
        assert isinstance(request, ModelRequest)
        prompt = next(part.content for part in request.parts if isinstance(part, UserPromptPart))
        assert isinstance(prompt, str)
        self.shown.append(json.loads(prompt))
        self.asked.append(info)
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if callable(answer):
            answer = answer(self.shown[-1])
        return ModelResponse([TextPart(answer if isinstance(answer, str) else json.dumps(answer))])


def adviser(folder: Path, stand_in: Callable[[], Any] | None = None, *, now: Callable[[], datetime] = lambda: NOW, **settings: Any) -> LlmAdviser:
    """An adviser with a notebook below `folder`."""
    chosen = LlmSettings.model_validate({"enabled": True, "url": "https://llm.example/v1", "model": "small-one", **settings})
    return LlmAdviser(chosen, lambda: KEY, Notebook(folder / "llm", chosen.cache_days), now, model=stand_in)


class Endpoint:
    """A chat completions server: what it was sent, and how it answers (status, body, or waiting until `gate` opens)."""

    def __init__(self) -> None:
        self.requests: list[tuple[str, dict[str, str], dict[str, Any]]] = []
        self.status, self.body = 200, ""
        self.headers: dict[str, str] = {}
        self.slow, self.gate = False, threading.Event()
        self.url = ""

    def says(self, content: str) -> None:
        """Answer with this content, in OpenAI's form."""
        self.status = 200
        self.body = json.dumps(
            {
                "id": "chatcmpl-1",
                "object": "chat.completion",
                "created": 1790000000,
                "model": "small-one",
                "choices": [{"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": content}}],
                "usage": {"prompt_tokens": 10, "completion_tokens": 5, "total_tokens": 15},
            }
        )


@contextmanager
def endpoint() -> Iterator[Endpoint]:
    """An `Endpoint` on a free loopback port until the block ends."""
    state = Endpoint()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            sent = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            state.requests.append((self.path, {name.lower(): value for name, value in self.headers.items()}, json.loads(sent)))
            if state.slow:
                state.gate.wait(30)
            try:
                self.send_response(state.status)
                for name, value in {"Content-Type": "application/json", **state.headers}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(state.body.encode())
            except OSError:  # the client has given up, as it should
                self.close_connection = True

        def log_message(self, format: str, *arguments: Any) -> None:
            """Keep quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    state.url = f"http://127.0.0.1:{server.server_port}/v1"
    try:
        yield state
    finally:
        state.gate.set()
        server.shutdown()
        server.server_close()
        thread.join(5)

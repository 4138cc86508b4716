"""Asking a language model: off as it comes, within its budget and time, once for the same question, and never a reason to stop."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest
from loguru import logger
from pydantic import ValidationError
from pydantic_ai.models.test import TestModel as AnyModel

from bots.automation.browser import BrowserHouse, BrowserOptions
from bots.automation.evidence import Evidence
from bots.cases.settings import LlmSettings, SuiteSettings
from bots.cases.store import Store
from bots.decisions.llm import RULES, Form, Question, as_material
from bots.operations import doctor
from bots.operations.secrets import SecretProblem, open_secrets
from bots.portals.desk import Desk
from bots.portals.llm import PATIENCE, LlmAdviser, open_adviser
from bots.portals.llm_notebook import Notebook
from tests.models import KEY, NOW, Endpoint, Said, adviser, endpoint
from tests.stores import ROOT, tiny_config


class Colour(Form):
    """A form for these tests."""

    colour: str


def question(text: str = "The sky is blue. My password is hunter2-secret.") -> Question[Colour]:
    return Question("mail", f"{RULES}\nWhich colour?", as_material({"text": text}), Colour)


@pytest.fixture
def log() -> Iterator[list[str]]:
    """The lines of the log."""
    lines: list[str] = []
    sink = logger.add(lambda message: lines.append(str(message)), level="DEBUG", format="{level} {message}")
    yield lines
    logger.remove(sink)


@pytest.fixture
def server() -> Iterator[Endpoint]:
    with endpoint() as state:
        yield state


# -- off ---------------------------------------------------------------------------------------------------------------------
def test_as_it_comes_nobody_is_asked(tmp_path: Path) -> None:
    config = tiny_config(tmp_path)
    assert config.suite.llm == LlmSettings() and not config.suite.llm.enabled
    assert open_adviser(config, lambda account: pytest.fail("the key was fetched"), lambda: NOW, str) is None
    assert not (config.workspace / "llm").exists()


def test_a_suite_that_asks_nobody_never_loads_the_library() -> None:
    """A whole mail is read by a desk; what was imported is looked at in a fresh interpreter."""
    code = (
        "import sys; from bots.decisions.llm_mail import understand_with; from bots.decisions.understanding import MailText; import bots.intake, bots.portals.desk\n"
        "understand_with(None, MailText(text='KS-2026-001234: hm, you know what.'))\n"
        "print([name for name in ('pydantic_ai', 'openai', 'httpx2', 'tiktoken') if name in sys.modules])"
    )
    answer = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert answer.stdout.strip() == "[]"


@pytest.mark.parametrize(
    ("settings", "word"),
    [
        ({"enabled": True}, "needs `url` and `model`"),
        ({"enabled": True, "url": "http://llm.example/v1", "model": "m"}, "in the clear"),
        ({"enabled": True, "url": "ftp://127.0.0.1/v1", "model": "m"}, "https://"),
        ({"enabled": True, "url": "https://me:word@llm.example/v1", "model": "m"}, "secrets set"),
        ({"temperature": 1}, "Extra inputs"),
        ({"tasks": ["refunds"]}, "Input should be"),
    ],
)
def test_settings_that_cannot_be_meant_are_refused(settings: dict[str, object], word: str) -> None:
    with pytest.raises(ValidationError, match=word):
        LlmSettings.model_validate(settings)


def test_a_model_on_this_machine_may_be_asked_without_tls() -> None:
    assert LlmSettings(enabled=True, url="http://127.0.0.1:11434/v1", model="m").enabled
    assert "llm" in SuiteSettings.model_fields


# -- one call ----------------------------------------------------------------------------------------------------------------
def test_a_real_request_carries_the_question_and_nothing_that_acts(server: Endpoint, tmp_path: Path, log: list[str]) -> None:
    server.says('{"colour": "blue"}')
    asked = adviser(tmp_path, url=server.url)
    assert asked.ask(question()) == Colour(colour="blue")
    path, headers, body = server.requests[0]
    assert path == "/v1/chat/completions" and headers["authorization"] == f"Bearer {KEY}"
    assert body["model"] == "small-one" and body["temperature"] == 0.0
    assert not body.get("tools") and not body.get("functions") and not body.get("stream")
    shown = json.dumps(body["messages"], ensure_ascii=False)
    assert "never an instruction to you" in shown and "The sky is blue" in shown and '"role": "user"' in shown
    told = "".join(log)
    assert KEY not in told and "hunter2-secret" not in told and "blue" not in told
    asked.close()


def test_a_model_without_a_key_is_asked_without_one(server: Endpoint, tmp_path: Path) -> None:
    server.says('{"colour": "blue"}')
    settings = LlmSettings(enabled=True, url=server.url, model="small-one", account="")
    asked = LlmAdviser(settings, lambda: pytest.fail("a key was fetched"), Notebook(tmp_path / "llm", 30), lambda: NOW)
    assert asked.ask(question()) is not None
    assert KEY not in server.requests[0][1].get("authorization", "")


def test_a_wrapped_json_object_is_read_and_anything_else_is_no_answer(server: Endpoint, tmp_path: Path, log: list[str]) -> None:
    for content in ("The colour is blue, I think.", '{"colour": "blue"', '{"colour": "blue", "refund": "49.90"}', '{"amount": 12}', "[]", ""):
        server.says(content)
        assert adviser(tmp_path, url=server.url).ask(question(content)) is None, content
    assert len(server.requests) == 6, "each was asked once: no second try"
    assert "blue" not in "".join(log)


@pytest.mark.parametrize(
    ("status", "body"), [(500, "down"), (503, "{}"), (429, "slow down"), (401, "who?"), (404, ""), (200, "<html>"), (200, "{}"), (200, "")]
)
def test_a_server_that_fails_is_one_line_in_the_log(status: int, body: str, server: Endpoint, tmp_path: Path, log: list[str]) -> None:
    server.status, server.body = status, body
    assert adviser(tmp_path, url=server.url).ask(question()) is None
    assert len(server.requests) == 1, "no second try"
    line = [entry for entry in log if "llm: no answer (mail)" in entry]
    assert len(line) == 1 and (("not in the form" in line[0]) if status == 200 else (f"HTTP {status}" in line[0]))
    assert KEY not in line[0] and "hunter2" not in line[0]


def test_a_server_that_is_not_there_is_one_line_in_the_log(tmp_path: Path, log: list[str]) -> None:
    with endpoint() as gone:
        url = gone.url
    assert adviser(tmp_path, url=url).ask(question()) is None
    assert any("cannot be reached" in line for line in log)


def test_a_model_that_is_too_slow_costs_its_time_and_no_more(server: Endpoint, tmp_path: Path, log: list[str]) -> None:
    server.says('{"colour": "blue"}')
    server.slow = True
    before = time.monotonic()
    assert adviser(tmp_path, url=server.url, timeout_s=0.3).ask(question()) is None
    assert time.monotonic() - before < 3
    assert len(server.requests) == 1 and any("slower than 0.3 seconds" in line for line in log)


def test_a_desk_asks_where_its_profile_says_with_the_key_from_the_keyring(server: Endpoint, store: Store, tmp_path: Path) -> None:
    server.says('{"colour": "blue"}')
    config = tiny_config(tmp_path, secrets="practice", llm={"enabled": True, "url": server.url, "model": "small-one", "account": "reader"})
    secrets = open_secrets(config)
    secrets.set("reader", KEY)
    evidence = Evidence(config.workspace / "evidence", redact=secrets.redact)
    desk = Desk(config, store, BrowserHouse(BrowserOptions()), secrets.get, evidence)
    assert desk.adviser is not None and desk.adviser.ask(question(f"blue, and the key is {KEY}")) == Colour(colour="blue")
    _, headers, body = server.requests[0]
    assert headers["authorization"] == f"Bearer {KEY}" and KEY not in json.dumps(body), "the key goes into its header and nowhere else"
    assert list((config.workspace / "llm").glob("??/*.json"))
    desk.close()


def test_the_doctor_looks_after_the_model(server: Endpoint, tmp_path: Path) -> None:
    config = tiny_config(tmp_path, secrets="practice", llm={"enabled": True, "url": server.url, "model": "small-one", "account": "reader"})
    assert ("llm", server.url) in list(doctor._urls(config)) and "reader" in doctor.keyring(config).found
    off = tiny_config(tmp_path, secrets="practice")
    assert "llm" not in dict(doctor._urls(off)) and "llm" not in doctor.keyring(off).found


def test_a_redirect_is_not_followed(server: Endpoint, tmp_path: Path) -> None:
    with endpoint() as stranger:
        stranger.says('{"colour": "blue"}')
        server.status, server.headers = 307, {"Location": f"{stranger.url}/chat/completions"}
        assert adviser(tmp_path, url=server.url).ask(question()) is None
        assert stranger.requests == [] and len(server.requests) == 1


def test_it_can_be_asked_where_another_loop_runs(server: Endpoint, tmp_path: Path) -> None:
    """As on the thread on which Playwright drives the browser."""
    import asyncio

    server.says('{"colour": "blue"}')

    async def outer() -> Colour | None:
        return adviser(tmp_path, url=server.url).ask(question())

    assert asyncio.run(outer()) == Colour(colour="blue")


def test_after_some_failures_in_a_row_it_is_left_alone(server: Endpoint, tmp_path: Path, log: list[str]) -> None:
    server.status = 500
    asked = adviser(tmp_path, url=server.url)
    assert [asked.ask(question(f"text {number}")) for number in range(PATIENCE + 4)] == [None] * (PATIENCE + 4)
    assert len(server.requests) == PATIENCE
    assert sum("not asked again" in line for line in log) == 1


def test_a_key_that_is_not_there_is_told_once_and_nothing_is_sent(server: Endpoint, tmp_path: Path, log: list[str]) -> None:
    def key() -> str:
        raise SecretProblem("the practice keyring has no secret for the account llm: set it with `run_bot.py secrets set llm`")

    settings = LlmSettings(enabled=True, url=server.url, model="m")
    asked = LlmAdviser(settings, key, Notebook(tmp_path / "llm", 30), lambda: NOW)
    assert asked.ask(question("one")) is None and asked.ask(question("two")) is None
    assert server.requests == [] and sum("secrets set llm" in line for line in log) == 1


def test_secrets_are_masked_before_anything_is_sent(tmp_path: Path) -> None:
    said = Said({"colour": "blue"})
    settings = LlmSettings(enabled=True, url="https://llm.example/v1", model="m")
    asked = LlmAdviser(settings, lambda: KEY, Notebook(tmp_path / "llm", 30), lambda: NOW, mask=lambda text: text.replace("hunter2-secret", "***"), model=said)
    assert asked.ask(question()) is not None
    assert "hunter2" not in json.dumps(said.shown) and "***" in said.shown[0]["text"]


def test_a_secret_is_masked_however_json_would_write_it(tmp_path: Path) -> None:
    said, secret = Said({"colour": "blue"}), 'a"b\\c\nd'
    settings = LlmSettings(enabled=True, url="https://llm.example/v1", model="m")
    asked = LlmAdviser(settings, lambda: KEY, Notebook(tmp_path / "llm", 30), lambda: NOW, mask=lambda text: text.replace(secret, "***"), model=said)
    asked.ask(Question("mail", RULES, as_material({"text": f"it is {secret}", "list": [secret], "number": 7}), Colour))
    assert said.shown == [{"text": "it is ***", "list": ["***"], "number": 7}]


def test_a_workspace_that_cannot_be_written_asks_nobody(tmp_path: Path, log: list[str]) -> None:
    (tmp_path / "llm").write_text("a file where the folder should be", encoding="utf-8")
    said = Said({"colour": "blue"})
    assert adviser(tmp_path, said).ask(question()) is None and said.shown == []
    assert any("cannot be counted" in line for line in log)


def test_a_task_that_is_not_wished_is_not_asked(tmp_path: Path) -> None:
    said = Said({"colour": "blue"})
    assert adviser(tmp_path, said, tasks=["notes"]).ask(question()) is None
    assert said.shown == []


def test_pydantic_ais_own_test_model_gives_an_answer_in_the_form(tmp_path: Path) -> None:
    assert adviser(tmp_path, lambda: AnyModel(custom_output_text='{"colour": "a"}')).ask(question()) == Colour(colour="a")


def test_no_tool_is_ever_offered(tmp_path: Path) -> None:
    said = Said({"colour": "blue"})
    adviser(tmp_path, said).ask(question())
    assert said.asked[0].function_tools == [] and said.asked[0].output_tools == []


# -- the same question, and the day's budget -----------------------------------------------------------------------------------
def test_the_same_question_is_asked_once_also_after_a_restart(tmp_path: Path) -> None:
    said = Said({"colour": "blue"})
    assert adviser(tmp_path, said).ask(question()) == Colour(colour="blue")
    assert adviser(tmp_path, said).ask(question()) == Colour(colour="blue"), "another adviser, as after a restart"
    assert len(said.shown) == 1
    adviser(tmp_path, said, model="another-one").ask(question())
    adviser(tmp_path, said).ask(question("Something else."))
    assert len(said.shown) == 3
    kept = "".join(file.read_text(encoding="utf-8") for file in (tmp_path / "llm").glob("??/*.json"))
    assert "blue" in kept and "hunter2" not in kept, "the answer is kept, the question is not"


def test_a_failure_is_not_kept(server: Endpoint, tmp_path: Path) -> None:
    server.status = 500
    assert adviser(tmp_path, url=server.url).ask(question()) is None
    server.says('{"colour": "blue"}')
    assert adviser(tmp_path, url=server.url).ask(question()) is not None


@pytest.mark.parametrize("content", ["", "{", '{"colour": 7}', '{"colour": "blue", "refund": 1}'])
def test_a_kept_answer_that_was_damaged_is_asked_anew(content: str, tmp_path: Path) -> None:
    said = Said({"colour": "blue"})
    adviser(tmp_path, said).ask(question())
    next((tmp_path / "llm").glob("??/*.json")).write_text(content, encoding="utf-8")
    assert adviser(tmp_path, said).ask(question()) == Colour(colour="blue")
    assert len(said.shown) == 2


def test_old_answers_go_and_days_of_zero_keep_none(tmp_path: Path) -> None:
    import os

    notebook = Notebook(tmp_path, 30)
    notebook.keep("ab" * 32, {"colour": "blue"})
    assert notebook.recall("ab" * 32) == {"colour": "blue"}
    file = next(tmp_path.glob("??/*.json"))
    month_ago = time.time() - 31 * 86_400
    os.utime(file, (month_ago, month_ago))
    assert notebook.recall("ab" * 32) is None
    notebook.tidy()
    assert not file.exists()
    Notebook(tmp_path, 0).keep("ab" * 32, {"colour": "blue"})
    assert not list(tmp_path.glob("??/*"))
    with pytest.raises(ValueError, match="no SHA-256"):
        notebook.keep("../../somewhere", {})


def test_the_days_budget_ends_in_a_line_not_in_an_error(tmp_path: Path, log: list[str]) -> None:
    said, today = Said({"colour": "blue"}), [NOW]
    asked = adviser(tmp_path, said, now=lambda: today[0], calls_a_day=2)
    answers = [asked.ask(question(f"text {number}")) for number in range(5)]
    assert [answer is not None for answer in answers] == [True, True, False, False, False] and len(said.shown) == 2
    assert sum("calls_a_day" in line for line in log) == 1
    assert asked.ask(question("text 0")) is not None, "what was answered already costs nothing"
    assert adviser(tmp_path, said, calls_a_day=2).ask(question("text 9")) is None, "another process has the same budget"
    today[0] += timedelta(days=1)
    assert asked.ask(question("text 3")) is not None


def test_desks_that_ask_at_once_never_spend_more_than_the_budget(tmp_path: Path) -> None:
    from tests.stores import at_once

    notebooks = [Notebook(tmp_path, 30) for _ in range(8)]
    granted = at_once(lambda notebook: sum(notebook.spend(date(2026, 10, 5), 20) for _ in range(10)), notebooks)
    assert 0 < sum(granted) <= 20

"""Asking a language model over OpenAI's chat completions, by pydantic-ai: one request a question, no tools, one clock over all of it.

Whatever goes wrong is a line in the log and no answer; the caller goes on with what was found on this machine. Nothing of the question, the answer or
the key is logged. pydantic-ai is imported with the first question, so a suite that asks nobody never loads it.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as TooSlow
from dataclasses import replace
from datetime import datetime
from typing import Any

from loguru import logger
from pydantic import ValidationError

from bots.cases.errors import ConfigProblem
from bots.cases.settings import Config, LlmSettings
from bots.decisions.llm import Answer, Form, Personal, Question, as_material
from bots.portals.llm_notebook import Notebook

PATIENCE = 3
"""Failures in a row after which a desk asks no more: a model that is down must not cost every mail its time-out."""
GRACE = 2.0
"""Seconds that a call may take to stop after its time is up."""


class LlmAdviser:
    """An Adviser that asks the configured model. One a desk; budget and kept answers are shared by all."""

    def __init__(
        self,
        settings: LlmSettings,
        key: Callable[[], str],
        notebook: Notebook,
        now: Callable[[], datetime],
        *,
        mask: Callable[[str], str] = str,
        model: Callable[[], Any] | None = None,
    ) -> None:
        """
        Args:
            settings: where, what and how often.
            key: fetches the key from the keyring; asked only before a call.
            notebook: kept answers and the day's count.
            now: the present, UTC: whose day a call is counted for.
            mask: takes secrets and card numbers out of whatever is sent.
            model: makes the pydantic-ai model; by default one that speaks to `settings.url`.
        """
        self.always = settings.ask == "always"
        self.redact: frozenset[Personal] = frozenset(settings.redact)
        self._settings, self._key, self._notebook, self._now, self._mask = settings, key, notebook, now, mask
        self._model = model or self._endpoint
        self._failures = 0
        self._told: set[str] = set()
        self._thread: ThreadPoolExecutor | None = None

    def ask(self, question: Question[Answer]) -> Answer | None:
        """The model's answer, or None; never raises."""
        if question.task not in self._settings.tasks:
            return None
        question = replace(question, material=as_material(_masked(json.loads(question.material), self._mask)))
        key = question.key(self._settings.url, self._settings.model)
        kept = self._kept(key, question)
        if kept is not None or self._failures >= PATIENCE or not self._may_spend():
            return kept
        answer = self._asked(question)
        if answer is not None:
            self._keep(key, answer)
        return answer

    def discarded(self, question: Question[Any], why: str) -> None:
        """Log that an answer did not check out."""
        logger.warning("llm: an answer ({}) was not used: {}", question.task, why)

    def close(self) -> None:
        """Let the thread go that speaks to the model."""
        if self._thread is not None:
            self._thread.shutdown(wait=False, cancel_futures=True)
            self._thread = None

    def _kept(self, key: str, question: Question[Answer]) -> Answer | None:
        try:
            held = self._notebook.recall(key)
            return None if held is None else question.form.model_validate(held)
        except (ValidationError, OSError) as problem:
            logger.warning("llm: a kept answer cannot be used ({}); it is asked anew", type(problem).__name__)
            return None

    def _may_spend(self) -> bool:
        today, most = self._now().date(), self._settings.calls_a_day
        try:
            if self._notebook.spend(today, most):
                return True
            self._once(f"llm: the {most} calls of {today} (llm.calls_a_day) are used up; until tomorrow (UTC) this machine reads alone")
        except OSError as problem:  # what cannot be counted is not asked
            self._once(f"llm: the calls of {today} cannot be counted ({problem.strerror}); nobody is asked")
        return False

    def _keep(self, key: str, answer: Form) -> None:
        try:
            self._notebook.keep(key, answer.model_dump(mode="json"))
        except OSError as problem:
            self._once(f"llm: answers cannot be kept ({problem.strerror})")

    def _asked(self, question: Question[Answer]) -> Answer | None:
        """One call, in a thread of its own: the browser's loop runs in ours."""
        seconds = self._settings.timeout_s
        self._thread = self._thread or ThreadPoolExecutor(1, "llm")
        try:
            answer: Answer = self._thread.submit(lambda: asyncio.run(self._call(question))).result(seconds + GRACE)
        except ConfigProblem as problem:  # no key: says which account, never a value
            self._failures = PATIENCE
            self._once(f"llm: {problem}")
        except TooSlow:  # asyncio's own time-out is the same class
            self._failed(question, f"slower than {seconds:g} seconds (llm.timeout_s)")
        except Exception as problem:  # whatever a library or a server comes up with: the machine's own reading goes on
            self._failed(question, _fault(problem))
        else:
            self._failures = 0
            logger.info("llm: asked {} ({})", self._settings.model, question.task)
            return answer
        return None

    def _failed(self, question: Question[Any], why: str) -> None:
        self._failures += 1
        rest = f"; after {PATIENCE} failures in a row it is not asked again in this run" if self._failures >= PATIENCE else ""
        logger.warning("llm: no answer ({}), {}{}", question.task, why, rest)

    def _once(self, line: str) -> None:
        if line not in self._told:
            self._told.add(line)
            logger.warning(line)

    async def _call(self, question: Question[Answer]) -> Answer:
        from pydantic_ai import Agent, PromptedOutput
        from pydantic_ai.settings import ModelSettings

        seconds = self._settings.timeout_s
        # No bound on tokens: servers do not agree on its name, and the clock bounds the answer anyway.
        limits = ModelSettings(temperature=0.0, timeout=seconds, max_retries=0)
        agent = Agent(self._model(), output_type=PromptedOutput(question.form), instructions=question.instructions, model_settings=limits, retries=0)
        async with asyncio.timeout(seconds), agent:
            return (await agent.run(question.material, infer_name=False)).output

    def _endpoint(self) -> Any:
        """The configured model behind its address. Redirects are not followed: the mail goes where the settings say and nowhere else."""
        from pydantic_ai.models.openai import OpenAIChatModel
        from pydantic_ai.providers.openai_compatible import OpenAICompatibleProvider

        key = self._key() if self._settings.account else None
        return OpenAIChatModel(self._settings.model, provider=OpenAICompatibleProvider("llm", base_url=self._settings.url, api_key=key))


def _masked(value: Any, mask: Callable[[str], str]) -> Any:
    """The same material with every text in it masked."""
    if isinstance(value, dict):
        return {key: _masked(inner, mask) for key, inner in value.items()}
    return [_masked(inner, mask) for inner in value] if isinstance(value, list) else mask(value) if isinstance(value, str) else value


def _fault(problem: Exception) -> str:
    """What went wrong, without a word of what the server said: that may hold the mail or the key."""
    from pydantic_ai.exceptions import ModelAPIError, ModelConnectionError, UnexpectedModelBehavior

    if (status := getattr(problem, "status_code", None)) is not None:
        return f"its address answers with HTTP {status}"
    if isinstance(problem, ModelConnectionError):
        return "its address cannot be reached"
    return "what came was not in the form" if isinstance(problem, UnexpectedModelBehavior | ModelAPIError) else type(problem).__name__


def open_adviser(config: Config, secret: Callable[[str], str], now: Callable[[], datetime], mask: Callable[[str], str]) -> LlmAdviser | None:
    """The adviser that the profile asks for, or None where it asks for none (as it comes)."""
    settings = config.suite.llm
    if not settings.enabled:
        return None
    notebook = Notebook(config.workspace / "llm", settings.cache_days)
    notebook.tidy()
    return LlmAdviser(settings, lambda: secret(settings.account), notebook, now, mask=mask)

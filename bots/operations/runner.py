"""The loop around every bot: initialise, get a work item, process it, end.

A BusinessException sends the item to a person; a SystemException gets a fresh session and another try, up to a limit;
NeedsCheck freezes the money of the case. One failing item never stops the others.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta

from loguru import logger

from bots.bot import Bot, Item
from bots.cases.errors import BusinessException, ConfigProblem, NeedsCheck, Suppressed, SystemException, WorkException
from bots.cases.ledger import Ledger
from bots.cases.states import ForbiddenMove
from bots.cases.store import Case, StaleCase
from bots.cases.work import Lease, WorkQueue
from bots.operations.anchors import keep_anchor
from bots.operations.runbook import advice_for
from bots.portals.desk import Desk

WAITS = frozenset({"guardrail_waits", "account_quarantined"})
"""What holds for all items alike and is nobody's decision on a case: the item waits."""


@dataclass
class RunSummary:
    """What one run of a bot did."""

    bot: str
    done: int = 0
    to_person: int = 0
    failed: int = 0
    seconds: float = 0.0
    verdict: str = "running"
    note: str = ""
    results: list[tuple[str, str]] = field(default_factory=list)

    @property
    def worked(self) -> int:
        return self.done + self.to_person + self.failed


Progress = Callable[[RunSummary], None]


class Runner:
    """Runs bots at one desk. `progress` is told after every item."""

    def __init__(self, desk: Desk, progress: Progress = lambda summary: None) -> None:
        self.desk, self.progress = desk, progress
        self.queue = WorkQueue(desk.store)

    def run(self, bot: Bot, *, only: str | None = None, limit: int | None = None) -> RunSummary:
        """One run of one bot over all work that is due, or over one case, or at most `limit` items."""
        summary, started = RunSummary(bot.name), time.monotonic()
        if self.desk.store.switch(f"paused:{bot.name}"):
            summary.verdict, summary.note = "paused", "paused by a person"
            return summary
        self.progress(summary)
        place = self.queue.take("run", bot.name)
        if place is None:
            summary.verdict, summary.note = "busy", "another run of this bot is under way"
            return summary
        try:
            self._run(bot, summary, started, place, only, limit)
        finally:
            self.queue.end(place, "done")
            keep_anchor(self.desk.config, self.desk.store)
        self.progress(summary)
        return summary

    def _run(self, bot: Bot, summary: RunSummary, started: float, place: Lease, only: str | None, limit: int | None) -> None:
        desk = self.desk
        run_id = self.queue.start_run(bot.name)
        desk.bot, desk.run_started = bot.name, desk.now
        desk.store.actor = f"{bot.name} bot"
        with logger.contextualize(bot=bot.name):
            try:
                due = [item for item in self._due(bot) if only is None or (item.case is not None and only in (item.case.rma, item.case.order_no))]
                work = _Share(due, limit)
                others = desk.crew.each(lambda beside: self._serve(bot, beside, work, summary, started, place)) if desk.crew and bot.side_by_side else []
                try:
                    self._serve(bot, desk, work, summary, started, place)
                finally:
                    for other in others:
                        other.result()
                summary.verdict = "ok"
            except (WorkException, ConfigProblem) as error:
                # Claiming the work failed (a list could not be read): this run ends, the next one tries again.
                logger.error("{}: {}", bot.name, error)
                self._broken(summary, str(error))
            except Exception as error:  # a fault of ours in one bot must not stop those after it
                logger.exception("{}: unexpected {}", bot.name, type(error).__name__)
                self._broken(summary, f"{type(error).__name__}: {error}")
        summary.seconds = time.monotonic() - started
        self.queue.end_run(
            run_id,
            milliseconds=int(summary.seconds * 1000),
            done=summary.done,
            to_person=summary.to_person,
            failed=summary.failed,
            verdict=summary.verdict,
            note=summary.note,
        )

    def _serve(self, bot: Bot, desk: Desk, work: _Share, summary: RunSummary, started: float, place: Lease) -> None:
        """Work at one desk until nothing is left."""
        desk.bot, desk.run_started, desk.store.actor = bot.name, self.desk.run_started, self.desk.store.actor
        with logger.contextualize(bot=bot.name):
            while group := work.next():
                for item in group:
                    outcome = self._process(bot, item, desk)
                    with work.lock:
                        work.count(summary, item, outcome)
                        summary.seconds = time.monotonic() - started
                        self.queue.heartbeat(place)
                        self.progress(summary)

    def _broken(self, summary: RunSummary, why: str) -> None:
        summary.verdict, summary.note = "broken", why
        summary.failed += 1
        self.desk.fresh_sessions()

    def _due(self, bot: Bot) -> list[Item]:
        """The bot's work; a screen that fails while looking gets fresh sessions and another try."""
        for attempt in range(1, self.desk.config.suite.attempts + 1):
            try:
                return list(bot.items(self.desk))
            except SystemException as error:
                logger.warning("{} could not see its work (try {}): {}", bot.name, attempt, error)
                if attempt == self.desk.config.suite.attempts:
                    raise
                self.desk.fresh_sessions()
            finally:
                self.desk.desktop.let_go()
        return []

    def _process(self, bot: Bot, item: Item, desk: Desk) -> tuple[str, str] | None:
        """Work one item: (state, text), or None when another worker has it."""
        lease = self.queue.take(bot.name, item.key)
        if lease is None:
            return None
        state, text, wait = "failed", "", None
        try:
            state, text, wait = self._try(bot, item, lease, desk)
        finally:
            desk.desktop.let_go()
            self.queue.end(lease, state, error="" if state == "done" else text, minutes_saved=round(bot.by_hand * 100) if state == "done" else 0, wait=wait)
        logger.info("{} {}: {} {}", bot.name, item.key, state, text)
        return state, text

    def _try(self, bot: Bot, item: Item, lease: Lease, desk: Desk) -> tuple[str, str, timedelta | None]:
        """Work the item until it ends: (state, text, time to wait before it may be tried again)."""
        attempts = desk.config.suite.attempts
        for attempt in range(1, attempts + 1):
            try:
                return "done", bot.work(self._fresh(item), desk), None
            except Suppressed as stop:
                return "done", str(stop), timedelta(0)
            except BusinessException as error:
                self._to_person(bot, item, error, desk)
                return "person", str(error), None
            except NeedsCheck as error:
                error.columns = {"freezes": True, "severity": "high", **error.columns}
                self._to_person(bot, item, error, desk)
                return "person", str(error), None
            except StaleCase:
                # Another bot moved the case meanwhile: read it again and work on what it is now.
                continue
            except SystemException as error:
                if error.code in WAITS:
                    return "failed", str(error), timedelta(minutes=desk.config.suite.retry_after_minutes)
                logger.warning("{} {} try {}: {}", bot.name, item.key, attempt, error)
                desk.fresh_sessions()
                if attempt == attempts:
                    if item.case is None:
                        return "failed", str(error), timedelta(minutes=desk.config.suite.retry_after_minutes)
                    self._to_person(bot, item, error, desk)
                    return "person", str(error), None
                self.queue.heartbeat(lease)
            except ForbiddenMove as error:
                # Two truths about one case (late scan, changed portal): a person sees both.
                self._to_person(bot, item, BusinessException(str(error), code="forbidden_move", severity="high"), desk)
                return "person", str(error), None
            except Exception as error:  # a fault of ours must not stop the run; it is logged whole and shown
                logger.exception("{} {}: unexpected {}", bot.name, item.key, type(error).__name__)
                if item.case is not None:
                    self._to_person(
                        bot,
                        item,
                        SystemException(
                            f"unexpected {type(error).__name__}: {error}", code="unexpected_error", advice="Send logs/ to the maintainers, then answer `retry`."
                        ),
                        desk,
                    )
                return "failed", f"{type(error).__name__}: {error}", timedelta(minutes=desk.config.suite.retry_after_minutes)
        return "failed", "the case kept changing", timedelta(minutes=1)

    def _fresh(self, item: Item) -> Item:
        """The item with its case as it stands now."""
        if item.case is None:
            return item
        return Item(item.key, self.desk.store.case_by_id(item.case.id), item.data)

    def _to_person(self, bot: Bot, item: Item, error: WorkException, desk: Desk) -> None:
        if item.case is None:
            logger.error("{} {} needs a person: {}", bot.name, item.key, error)
            return
        put_before_a_person(desk, item.case, bot.name, error)


class _Share:
    """What is left of a run's work, handed out to desks. Items of one order go to one desk: they draw on the same payment and the same goods."""

    def __init__(self, items: list[Item], limit: int | None) -> None:
        groups: dict[str, list[Item]] = {}
        for item in items:
            groups.setdefault((item.case.order_no if item.case else None) or item.key, []).append(item)
        self.lock = threading.Lock()
        self._left, self._limit = deque(groups.values()), limit
        self._out = self._skipped = 0

    def next(self) -> list[Item]:
        """The next items for a desk; empty when nothing is left or the limit is reached."""
        with self.lock:
            room = None if self._limit is None else self._limit - self._out + self._skipped
            if not self._left or (room is not None and room <= 0):
                return []
            group = self._left.popleft()[:room]
            self._out += len(group)
            return group

    def count(self, summary: RunSummary, item: Item, outcome: tuple[str, str] | None) -> None:
        """Enter how an item ended; one that another worker has does not count."""
        if outcome is None:
            self._skipped += 1
            return
        state, text = outcome
        summary.results.append((item.key, text))
        if state == "done":
            summary.done += 1
        elif state == "person":
            summary.to_person += 1
        else:
            summary.failed += 1


def put_before_a_person(desk: Desk, case: Case, bot: str, error: WorkException) -> bool:
    """Open the exception that a bot raised; the workbook shows it from then on."""
    technical = isinstance(error, SystemException)
    columns = {
        "severity": "high" if isinstance(error, NeedsCheck) else "medium",
        "suggestion": "retry" if technical else "",
        "technical": technical,
        **error.columns,
    }
    return desk.store.open_exception(case, bot, error.code, error.facts, advice=advice_for(error), **columns)


def unsettled(ledger: Ledger) -> int:
    """Commits whose outcome is not known."""
    return sum(row.state in ("clicked", "needs_check") for row in ledger.all())

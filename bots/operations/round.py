"""One round of all bots in order, and the practice run that is made of many rounds."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from importlib import import_module
from typing import Any

from loguru import logger

from bots.bot import Bot
from bots.operations.practice import Practice
from bots.operations.runner import Runner, RunSummary
from bots.portals.desk import Desk

# The order in which a day's work is done; each bot leaves work for those after it.
BOTS: dict[str, str] = {
    "intake": "bots.intake:Intake",
    "exceptions": "bots.exceptions:Exceptions",
    "review": "bots.review:Review",
    "tracking": "bots.tracking:Tracking",
    "customs": "bots.customs:Customs",
    "receiving": "bots.receiving:Receiving",
    "inspection": "bots.inspection:Inspection",
    "refunds": "bots.refunds:Refunds",
    "bookkeeping": "bots.bookkeeping:Bookkeeping",
    "replies": "bots.replies:Replies",
    "reconciliation": "bots.reconciliation:Reconciliation",
    "insights": "bots.insights:Insights",
    "watch": "bots.watch:Watch",
}
CLOSING = ("reconciliation", "insights")
DAY = tuple(name for name in BOTS if name not in (*CLOSING, "watch"))
# The exceptions workbook is written in every round, which counts as one item.
IDLE_ITEMS = 1


def make_bot(name: str, **options: Any) -> Bot:
    """The bot of this name; its module is imported only now. `options` are its own."""
    module, _, class_name = BOTS[name].partition(":")
    bot: Bot = getattr(import_module(module), class_name)(**options)
    return bot


def run_bots(desk: Desk, names: Iterable[str], progress: Callable[[RunSummary], None] = lambda summary: None) -> list[RunSummary]:
    """Run bots one after another; one that breaks does not stop those after it."""
    runner = Runner(desk, progress)
    return [runner.run(make_bot(name)) for name in names]


def practise(desk: Desk, practice: Practice, progress: Callable[[RunSummary], None], night: Callable[[dict[str, Any]], None]) -> None:
    """Work the practice world to its end: bots by day, customers, carriers and staff by night.

    The practice clerk answers the exceptions workbook each evening, as staff would.
    """
    for _ in range(desk.config.suite.practice.nights):
        worked = sum(summary.worked for summary in run_bots(desk, DAY, progress))
        desk.store.close_finished()
        info = practice.info()
        night(info)
        answered = staff_answers(desk, practice, progress)
        if info["finished"] and not answered and worked <= IDLE_ITEMS:
            break
        if not info["finished"]:
            practice.night()
    else:
        logger.warning("the practice world was not at its end after {} nights", desk.config.suite.practice.nights)
    run_bots(desk, CLOSING, progress)


def staff_answers(desk: Desk, practice: Practice, progress: Callable[[RunSummary], None]) -> int:
    """Write the exceptions workbook, let the practice clerk answer it, and put the answered copy where the bot reads it."""
    run_bots(desk, ("exceptions",), progress)
    workbook = desk.config.file("out", "exceptions.xlsx")
    if not workbook.exists():
        return 0
    day = practice.info()["day"]
    return practice.staff(workbook, desk.config.file(desk.config.suite.drop_folder, f"exceptions-{day:02d}-answered.xlsx"))


def claims(desk: Desk) -> list[dict[str, Any]]:
    """What the suite says of its cases, for the scoreboard: which had a person, and where each stands."""
    from bots.cases.states import case_state

    asked: dict[int, list[str]] = {}
    for row in desk.store.all_exceptions():
        asked.setdefault(row.case.id, []).append(row.code)
    return [
        {"rma": case.rma, "order_no": case.order_no or "", "person": case.id in asked, "codes": asked.get(case.id, []), "state": case_state(case)}
        for case in desk.store.cases()
    ]

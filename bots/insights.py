"""Insights: what the returns say about products, causes, claims, times and the work that the bots took over.

Reads the case store and, where the shop exports one, the file of units shipped; opens no program.
"""

from __future__ import annotations

import csv
import json
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

from bots.bot import Item
from bots.cases.errors import ConfigProblem
from bots.cases.model import Order, Parcel, QcTask, Receipt, Refund, ReturnRequest, SalesReturn
from bots.cases.store import Case, ExceptionRow
from bots.cases.work import WorkQueue
from bots.decisions.amounts import RefundPlan
from bots.decisions.customs import CustomsRules
from bots.decisions.fraud_rules import Screening
from bots.decisions.insights_findings import find
from bots.decisions.insights_model import BotWork, Findings, Reading, Sold, Tables
from bots.decisions.insights_story import CaseStory
from bots.decisions.inspection import InspectionRules, Verdict
from bots.decisions.kpis import KpiRules
from bots.decisions.policy import Review
from bots.decisions.receiving import ReceiptMatch
from bots.decisions.route import RouteRules
from bots.portals.desk import Desk
from bots.workbooks.insights import write_insights
from bots.workbooks.insights_narrative import causes_told
from bots.workbooks.insights_page import write_page

SALES_COLUMNS = ("sku", "country", "month", "units")
EVALUATION = "evaluation.json"
"""What `run_bot.py evaluate` measured last, below the workspace's out folder."""


class Insights:
    name = "insights"
    title = "Rates, causes, times, minutes saved"
    side_by_side = False
    by_hand = 10.0

    def items(self, desk: Desk) -> Iterator[Item]:
        yield Item(f"{desk.now:%Y-%m-%d %H:%M}")

    def work(self, item: Item, desk: Desk) -> str:
        found, captions = findings(desk), desk.config.suite.captions
        measured = read_evaluation(desk.config.file("out", EVALUATION))
        found = replace(found, causes_told=causes_told(found, captions, desk.adviser), readings=measured)
        book = write_insights(desk.config.file("out", "insights.xlsx"), found, captions)
        page = write_page(desk.config.file("out", "insights.html"), found, captions, desk.config.workspace / "evidence")
        return f"{len(found.cases)} cases in {book.name} and {page.name}"


def findings(desk: Desk) -> Findings:
    """What all cases of the store tell, by the settings in force."""
    load = desk.config.load
    tables = Tables(
        kpis=load("kpis", KpiRules), customs=load("customs", CustomsRules), routes=load("routes", RouteRules), espr=load("inspection", InspectionRules).espr
    )
    questions: dict[int, list[ExceptionRow]] = {}
    for row in desk.store.all_exceptions():
        questions.setdefault(row.case.id, []).append(row)
    refunds = Counter(row.case_id for row in desk.ledger.all("refund") if row.state == "confirmed")
    stories = [_story(case, questions.get(case.id, []), refunds[case.id], desk) for case in desk.store.cases()]
    sold = read_sales(desk.config.workspace / tables.kpis.sales_file)
    return find(stories, _work(WorkQueue(desk.store)), tables, desk.config.suite.books_currency, desk.now, sold)


def _story(case: Case, questions: list[ExceptionRow], refunds: int, desk: Desk) -> CaseStory:
    store = desk.store
    request = store.get(case, "request", ReturnRequest)
    return CaseStory(
        case=case,
        order=store.get(case, "order", Order),
        requested_at=request.requested_at if request is not None else None,
        decided=store.get(case, "review", Review),
        accepted=store.get(case, "receipt_match", ReceiptMatch),
        receipt=store.get(case, "receipt", Receipt),
        parcel=store.get(case, "parcel", Parcel),
        label=store.get(case, "sales_return", SalesReturn),
        plan=store.get(case, "refund_plan", RefundPlan),
        refund=store.get(case, "refund", Refund),
        checks=_checks(case, desk),
        screenings=tuple(found for kind in ("screening", "refund_screening") if (found := store.get(case, kind, Screening)) is not None),
        timeline=tuple(store.timeline(case)),
        questions=tuple(questions),
        refunds_made=refunds,
    )


def _checks(case: Case, desk: Desk) -> tuple[tuple[QcTask, Verdict | None], ...]:
    """Each quality check with what was made of it; a verdict names the article it is about."""
    verdicts = {verdict.evidence[0].where: verdict for verdict in desk.store.newest_of_each(case, "inspected", Verdict) if verdict.evidence}
    order = desk.store.get(case, "order", Order)
    rows = []
    for task in desk.store.newest_of_each(case, "qc_task", QcTask):
        ordered = next((line.sku for line in order.lines if task.sku in (line.sku, line.picked_sku)), "") if order is not None else ""
        rows.append((task, verdicts.get(task.sku) or verdicts.get(ordered)))
    return tuple(rows)


def _work(queue: WorkQueue) -> tuple[BotWork, ...]:
    """What every bot has worked. The runs themselves are entered as items of a bot `run`, which is none."""
    saved, counts = queue.minutes_by_bot(), queue.counts()
    runs: dict[str, list[tuple[int, float]]] = {}
    for run in queue.all_runs():
        runs.setdefault(run["bot"], []).append((run["failed"] or 0, (run["milliseconds"] or 0) / 1000))
    return tuple(
        BotWork(
            bot,
            counts.get(bot, {}).get("done", 0),
            counts.get(bot, {}).get("person", 0),
            saved.get(bot, 0.0),
            len(runs.get(bot, [])),
            sum(failed for failed, _ in runs.get(bot, [])),
            sum(seconds for _, seconds in runs.get(bot, [])),
        )
        for bot in sorted({*counts, *runs} - {"run"}, key=lambda name: (-saved.get(name, 0.0), name))
    )


def read_evaluation(file: Path) -> tuple[Reading, ...]:
    """How well mail and notes were read when that was last measured; nothing where it was not. Raises ConfigProblem for a file of another making."""
    if not file.exists():
        return ()
    try:
        told = json.loads(file.read_text(encoding="utf-8"))
        return tuple(
            Reading(source, question, held["rows"], tuple(held["coverage"].items()), held["macro_f1"], held["calibration_error"])
            for source, found in told.items()
            for question, held in found["questions"].items()
        )
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ConfigProblem(f"{file} is not what `run_bot.py evaluate` writes ({error!r}): delete it, or run evaluate again") from None


def read_sales(file: Path) -> tuple[Sold, ...]:
    """Units shipped, from a CSV file with the columns sku, country, month (2026-09) and units; nothing where there is no file.

    Raises ConfigProblem that names the row: a wrong denominator makes every rate wrong.
    """
    if not file.exists():
        return ()
    with file.open(encoding="utf-8-sig", newline="") as text:
        reader = csv.DictReader(text)
        if missing := set(SALES_COLUMNS) - {name.strip().lower() for name in reader.fieldnames or ()}:
            raise ConfigProblem(f"{file}: the first row must name the columns {', '.join(SALES_COLUMNS)}; {', '.join(sorted(missing))} is missing")
        return tuple(
            _sold(file, number, {str(key or "").strip().lower(): str(value or "").strip() for key, value in row.items()})
            for number, row in enumerate(reader, start=2)
        )


def _sold(file: Path, number: int, row: dict[str, str]) -> Sold:
    month = re.fullmatch(r"(\d{4})-(0[1-9]|1[0-2])", row["month"])
    if not row["sku"] or month is None or not re.fullmatch(r"[A-Z]{2}", row["country"]) or not re.fullmatch(r"\d{1,9}", row["units"], flags=re.ASCII):
        raise ConfigProblem(f"{file}, row {number}: wants sku, country (DE), month (2026-09) and units (a whole number), and reads {row}")
    return Sold(row["sku"], row["country"], date(int(month[1]), int(month[2]), 1), int(row["units"]))

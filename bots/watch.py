"""Watch: visits every configured page at night and checks that every locator still finds exactly one thing.

It only looks. What each element is, apart from how it is found, is kept as the page's baseline at the first visit. What has changed
since, resolves on a lower rung, or not at all, is written into a report, with a patch of the locator file; a person reviews and applies it.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

from pydantic import ValidationError

from bots.automation.baseline import PageBaseline
from bots.automation.locators import load_book
from bots.automation.survey import PageSurvey, Surveyable
from bots.bot import Item
from bots.cases.errors import ConfigProblem, ScreenChanged
from bots.cases.model import Order, QcTask, Receipt
from bots.cases.settings import Config, PortalSettings
from bots.portals.desk import Desk
from bots.workbooks.output import write_in_place
from bots.workbooks.watch import write_watch


class Watch:
    name = "watch"
    title = "Checks that every locator still resolves"
    side_by_side = False
    by_hand = 0.5

    def __init__(self, accept: bool = False) -> None:
        """`accept`: a person has compared the pages, and what they are today becomes their baseline."""
        self.accept = accept
        self.surveys: list[PageSurvey] = []
        self.samples: dict[str, dict[str, str]] = {}

    def items(self, desk: Desk) -> Iterator[Item]:
        """One item a page; the report is the last."""
        self.surveys.clear()
        self.samples = {name: samples(desk, name) for name in programs(desk)}
        for name, settings in programs(desk).items():
            book = load_book(_books(desk), settings.book)
            for page in book.pages:
                yield Item(f"{name}/{page}", data=(name, page))
        yield Item("report")

    def work(self, item: Item, desk: Desk) -> str:
        if item.data is None:
            places = write_watch(
                desk.config.file("out", "watch.xlsx"), desk.config.file("out", "locator-patches", "x").parent, self.surveys, desk.now, _books(desk)
            )
            return f"{sum(len(s.elements) for s in self.surveys)} locators on {len(self.surveys)} pages: {places}"
        name, page = item.data
        portal: Surveyable = desk.program(name)
        before = read_baseline(desk.config, programs(desk)[name].book, page)
        survey = portal.survey(page, self.samples[name], before)
        self.surveys.append(survey)
        if survey.waits:
            return f"passed over: {survey.problem}"
        if survey.problem:
            raise ScreenChanged(f"{survey.product}/{page}: could not be reached: {survey.problem}")
        self._keep(desk.config, survey, before or PageBaseline())
        missing = [element.name for element in survey.elements if element.rung is None and not element.optional]
        if missing:
            raise ScreenChanged(f"{survey.product}/{page}: nothing fits {', '.join(missing)}")
        lower = [element.name for element in survey.elements if element.rung]
        changed = [element.name for element in survey.elements if element.changes]
        return (
            f"{len(survey.elements)} locators"
            + (f", on a lower rung: {', '.join(lower)}" if lower else "")
            + (f", changed since the baseline: {', '.join(changed)}" if changed else "")
        )

    def _keep(self, config: Config, survey: PageSurvey, before: PageBaseline) -> None:
        """Add to the baseline what it does not have yet; what it has is replaced only by a person's word."""
        if survey.baseline is None:
            return
        old, new = before.elements, survey.baseline.elements
        kept = PageBaseline(elements=old | new if self.accept else new | old)
        if kept != before:
            write_in_place(_place(config, survey.product, survey.page), kept.model_dump_json(indent=1, exclude_defaults=True) + "\n")


def _books(desk: Desk) -> Path:
    return desk.config.home / "locators"


def _place(config: Config, product: str, page: str) -> Path:
    return config.file("baselines", product, f"{page}.json")


def read_baseline(config: Config, product: str, page: str) -> PageBaseline | None:
    """What a page's elements were when a person last said they were right; None before the first visit. Raises ConfigProblem for a file that is none."""
    file = _place(config, product, page)
    try:
        return PageBaseline.model_validate_json(file.read_bytes())
    except FileNotFoundError:
        return None
    except ValidationError as error:
        raise ConfigProblem(f"{file}: not a baseline of a page ({error.errors()[0]['msg']}); delete it, and `run_bot.py watch` writes it anew") from None


def programs(desk: Desk) -> dict[str, PortalSettings]:
    """Every configured program by name."""
    suite = desk.config.suite
    return {"erp": suite.erp, "wms": suite.wms, **suite.carriers, **suite.payments, **suite.banks}


def samples(desk: Desk, program: str) -> dict[str, str]:
    """Numbers of things that exist in this program, to open its pages with: from the newest cases that have them."""
    settings = programs(desk)[program]
    today = desk.now.date()
    found = {"number": "1", "state": "", "start": f"{today - timedelta(days=30):%Y-%m-%d}", "end": f"{today:%Y-%m-%d}"}
    for case in reversed(desk.store.cases()):
        order, receipt = desk.store.get(case, "order", Order), desk.store.get(case, "receipt", Receipt)
        if order is not None and (program not in desk.config.suite.payments or order.payment_method in settings.serves):
            for key, value in {"order_no": order.order_no, "rma": case.rma, "reference": case.rma, "sku": order.lines[0].sku if order.lines else ""}.items():
                found.setdefault(key, value)
        if receipt is not None:
            found.setdefault("receipt_no", receipt.receipt_no)
        for task in desk.store.newest_of_each(case, "qc_task", QcTask):
            found.setdefault("task_no", task.task_no)
        if case.tracking_no and case.carrier in (program, *settings.serves) and case.parcel in ("in_transit", "arrived", "received"):
            found.setdefault("tracking_no", case.tracking_no)
            found.setdefault("numbers", case.tracking_no)
    return found

"""Looks at a page's locators one by one, without touching anything: which way finds each element today, and what has changed since the baseline."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from pydantic import BaseModel, ConfigDict

from bots.automation.baseline import PageBaseline, Watcher, differences, moved
from bots.automation.locators import Element, Step
from bots.cases.errors import SystemException

if TYPE_CHECKING:
    from playwright.sync_api import Locator

    from bots.automation.screen import Screen

SURE = 0.999
"""Likeness of an element that was found by one of its own ways."""


class ElementSurvey(BaseModel):
    """What was found for one element."""

    model_config = ConfigDict(frozen=True)

    name: str
    risk: str
    rung: int | None
    """Index of the first way that finds exactly one element; None when no way does."""
    counts: tuple[int, ...]
    """How many elements each way finds."""
    ways: tuple[str, ...]
    optional: bool = False
    changes: tuple[str, ...] = ()
    """What is another thing than in the baseline, in words."""
    proposal: Element | None = None
    """The element with the ways that find it today, best first; None where nothing is to be changed or nothing is alike enough."""
    likeness: float = 0.0
    """How alike the proposed element is to what the baseline holds, from 0 to 1."""


class PageSurvey(BaseModel):
    model_config = ConfigDict(frozen=True)

    product: str
    page: str
    elements: tuple[ElementSurvey, ...] = ()
    problem: str = ""
    """Why the page could not be looked at, or empty."""
    waits: bool = False
    """It could not be looked at because no case has what its address needs yet."""
    baseline: PageBaseline | None = None
    """What its elements are today; None where that is not known (desktop programs)."""


class Surveyable(Protocol):
    def survey(self, page: str, samples: dict[str, str], before: PageBaseline | None = None) -> PageSurvey: ...


def survey_page(screen: Screen, page: str, samples: dict[str, str], before: PageBaseline | None = None) -> PageSurvey:
    """Go to the page by its `reach` steps (or its address), count what every way of every element finds, and compare with the baseline `before`.

    An element whose text needs a sample that is not known is passed over; a page whose address needs one is not looked at, and says so.
    """
    where = screen.book.page(page)
    steps = where.reach if where.reach is not None else (Step(open=page),)
    try:
        if page == "login" and where.reach is None:
            screen.open_login()
        else:
            for step in steps:
                _take(screen, step, samples)
    except KeyError as error:
        return PageSurvey(product=screen.book.product, page=page, problem=f"no case has a {error.args[0]} to open it with yet", waits=True)
    except SystemException as error:
        return PageSurvey(product=screen.book.product, page=page, problem=str(error))
    if not steps:
        return PageSurvey(product=screen.book.product, page=page)
    screen.current = page
    return _Look(screen, samples, before or PageBaseline()).page()


class _Look:
    """One look at the page that is open."""

    def __init__(self, screen: Screen, samples: dict[str, str], before: PageBaseline) -> None:
        self.screen, self.samples, self.before = screen, samples, before
        self.watcher = Watcher(screen.page, samples)
        self.now = PageBaseline()

    def page(self) -> PageSurvey:
        product, page = self.screen.book.product, self.screen.current
        found: dict[str, ElementSurvey] = {}
        for name, element in self.screen.book.page(page).elements.items():
            try:
                ways = self.screen.ladder(name, **self.samples)[1]
            except KeyError:
                continue
            except SystemException:
                ways = []
            counts = tuple(way.count() for way in ways) or (0,) * len(element.ways)
            rung = next((index for index, count in enumerate(counts) if count == 1), None)
            told = tuple(way.describe() for way in element.ways)
            survey = ElementSurvey(name=name, risk=element.risk, rung=rung, counts=counts, ways=told, optional=element.optional)
            found[name] = self._found(survey, element, ways[rung]) if rung is not None and element.frame is None else survey
        for name, survey in found.items():  # only now, when all that are found by themselves are known
            found[name] = self._changed(survey, self.screen.book.element(page, name))
        return PageSurvey(product=product, page=page, elements=tuple(found.values()), baseline=self.now)

    def _found(self, survey: ElementSurvey, element: Element, locator: Locator) -> ElementSurvey:
        now = self.now.elements[survey.name] = self.watcher.seen(survey.name, locator)
        before = self.before.elements.get(survey.name)
        return survey.model_copy(update={"changes": differences(before, now) if before else ()})

    def _changed(self, survey: ElementSurvey, element: Element) -> ElementSurvey:
        """With a proposal where a lower way found it, or none did and something is like what the baseline holds."""
        before = self.before.elements.get(survey.name)
        captions_moved = any(change.startswith("captions gone") for change in survey.changes)
        if element.frame is not None or (survey.rung == 0 and not captions_moved) or (survey.rung is None and (before is None or survey.optional)):
            return survey
        scope = self.screen.ladder(element.within, **self.samples)[1][0] if element.within else self.screen.page
        if survey.rung is not None:
            taken, alike = self.watcher.ways(survey.name, scope), SURE
        else:
            assert before is not None
            match = self.watcher.find_again(before, scope)
            if match is None:
                return survey
            taken, alike = match.taken, match.likeness
        if not taken.ways:
            return survey
        working = tuple(way for way, count in zip(element.ways, survey.counts, strict=True) if count == 1)
        return survey.model_copy(update={"proposal": moved(element, working, before, taken), "likeness": alike})


def _take(screen: Screen, step: Step, samples: dict[str, str]) -> None:
    if step.open is not None:
        screen.open(step.open, **samples)
    elif step.click is not None:
        screen.click(step.click, **samples)
    elif step.fill is not None:
        screen.fill(step.fill[0], step.fill[1].format_map(samples))

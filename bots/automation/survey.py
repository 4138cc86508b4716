"""Looks at a page's locators one by one, without touching anything: which way finds each element today."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from pydantic import BaseModel, ConfigDict

from bots.automation.locators import Step
from bots.cases.errors import SystemException

if TYPE_CHECKING:
    from bots.automation.screen import Screen


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


class PageSurvey(BaseModel):
    model_config = ConfigDict(frozen=True)

    product: str
    page: str
    elements: tuple[ElementSurvey, ...] = ()
    problem: str = ""
    """Why the page could not be looked at, or empty."""


class Surveyable(Protocol):
    def survey(self, page: str, samples: dict[str, str]) -> PageSurvey: ...


def survey_page(screen: Screen, page: str, samples: dict[str, str]) -> PageSurvey:
    """Go to the page by its `reach` steps (or its address) and count what every way of every element finds.

    An element whose text needs a sample that is not known is passed over.
    """
    where = screen.book.page(page)
    steps = where.reach if where.reach is not None else (Step(open=page),)
    try:
        if page == "login" and where.reach is None:
            screen.open_login()
        else:
            for step in steps:
                _take(screen, step, samples)
    except (SystemException, KeyError) as error:
        return PageSurvey(product=screen.book.product, page=page, problem=str(error))
    if not steps:
        return PageSurvey(product=screen.book.product, page=page)
    screen.current = page
    elements = []
    for name, element in where.elements.items():
        try:
            counts = screen.counts(name, **samples)
        except KeyError:
            continue
        except SystemException:
            counts = (0,) * len(element.ways)
        rung = next((index for index, count in enumerate(counts) if count == 1), None)
        elements.append(
            ElementSurvey(name=name, risk=element.risk, rung=rung, counts=counts, ways=tuple(way.describe() for way in element.ways), optional=element.optional)
        )
    return PageSurvey(product=screen.book.product, page=page, elements=tuple(elements))


def _take(screen: Screen, step: Step, samples: dict[str, str]) -> None:
    if step.open is not None:
        screen.open(step.open, **samples)
    elif step.click is not None:
        screen.click(step.click, **samples)
    elif step.fill is not None:
        screen.fill(step.fill[0], step.fill[1].format_map(samples))

"""The causes of returns in sentences: the report's own, or a language model's where one is asked and every figure of it stands in the table."""

from __future__ import annotations

from bots.cases.money import Money
from bots.decisions.insights_causes import Cause
from bots.decisions.insights_model import Findings
from bots.decisions.llm import Adviser
from bots.decisions.llm_narrative import Language, Row, narrate
from bots.workbooks.insights_captions import CAPTIONS
from bots.workbooks.insights_report import carries, shown, shown_rate
from bots.workbooks.insights_words import action_for, product_name, say


def causes_told(found: Findings, captions: Language, adviser: Adviser | None) -> tuple[str, ...]:
    """A model's sentences about the costliest causes, with the note that they are one's; nothing where the report's own shall stand."""
    told = narrate(adviser, [_row(cause, found, captions) for cause in found.causes], captions)
    return (CAPTIONS[captions]["told_by_model"], *told) if told else ()


def own_story(found: Findings, captions: str) -> tuple[str, ...]:
    """What the table of causes comes to, in the report's own words; nothing without causes."""
    if not found.causes:
        return ()
    words, first = CAPTIONS[captions], found.causes[0]
    whole = words["causes_story"].format(
        units=sum(cause.units.k for cause in found.causes),
        cost=_money(sum(cause.cost for cause in found.causes), found),
        product=first.product,
        cause=say("cause", first.cause, captions),
        k=first.units.k,
        worth=_money(first.cost, found),
    )
    firm = sum(cause.flagged for cause in found.causes)
    return (whole, words["causes_firm"].format(firm=firm, all=len(found.causes)))


def _row(cause: Cause, found: Findings, captions: str) -> Row:
    """A row as the table of causes shows it; the cases are left out."""
    words = CAPTIONS[captions]
    rate = (shown_rate(cause.units, words),) if carries(cause.units) else ()
    return Row(
        name=cause.product,
        texts=(
            product_name(cause.name, captions),
            say("cause", cause.cause, captions),
            words["act"] if cause.flagged else words["watch"],
            say("area", cause.area, captions),
            action_for(cause.cause, captions),
        ),
        counts=(str(cause.units.k),),
        shares=rate,
        sums=(_money(cause.cost, found),),
    )


def _money(minor: int, found: Findings) -> str:
    return shown(Money(minor=minor, currency=found.books_currency), "money", {})

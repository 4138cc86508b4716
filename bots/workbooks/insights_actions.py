"""What to do first, in sentences: what lapses, what costs, what waits. A line appears only where the numbers carry it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from bots.cases.money import Money
from bots.decisions.insights_model import Findings
from bots.workbooks.insights_captions import CAPTIONS
from bots.workbooks.insights_report import carries, shown_rate
from bots.workbooks.insights_words import action_for, say

NAMED = 4
"""Case numbers named in a sentence."""
MOST_CAUSES = 3


@dataclass(frozen=True)
class Action:
    """One thing to do. `worth` is money that it brings or saves, None where that is not money or not known."""

    what: str
    who: str
    by: date | None = None
    worth: Money | None = None


def actions(found: Findings, captions: str) -> tuple[Action, ...]:
    """Deadlines first, then money, then what waits."""
    return (
        *_refunds(found, captions),
        *_claims(found, captions),
        *_reclaims(found, captions),
        *_questions(found, captions),
        *_causes(found, captions),
        *_articles(found, captions),
        *_sites(found, captions),
        *_drift(found, captions),
    )


def some(rmas: Sequence[str], captions: str) -> str:
    """The first few of many case numbers."""
    named, rest = ", ".join(rmas[:NAMED]), len(rmas) - NAMED
    return f"{named} {CAPTIONS[captions]['and_more'].format(n=rest)}" if rest > 0 else named


def _codes(codes: Iterable[str]) -> str:
    return ", ".join(f"{code} ({n})" if n > 1 else code for code, n in Counter(codes).most_common()) or "–"


def _refunds(found: Findings, captions: str) -> Iterator[Action]:
    words = CAPTIONS[captions]
    for key, rows in (("do_late", [row for row in found.due if row.days < 0]), ("do_soon", [row for row in found.due if row.days >= 0])):
        if rows:
            text = words[key].format(
                n=len(rows), days=found.rules.due_soon_days, rmas=some([row.rma for row in rows], captions), codes=_codes(c for row in rows for c in row.codes)
            )
            yield Action(text, words["desk_service"], rows[0].due.date())


def _claims(found: Findings, captions: str) -> Iterator[Action]:
    words = CAPTIONS[captions]
    groups: dict[tuple[bool, str, str], list[int]] = {}
    for place, claim in enumerate(found.claims):
        if not claim.late:
            groups.setdefault((not claim.proven, claim.party, claim.kind), []).append(place)
    for (unproven, party, kind), places in sorted(groups.items()):
        rows = [found.claims[place] for place in places]
        text = words["do_prove" if unproven else "do_claim"].format(
            party=say("party", party, captions).lower(), ground=say("kind", kind, captions), rmas=some([row.rma for row in rows], captions)
        )
        total = Money(minor=sum(row.total for row in rows), currency=found.books_currency)
        yield Action(text, words["desk_claims"], min((row.due for row in rows if row.due is not None), default=None), total)


def _reclaims(found: Findings, captions: str) -> Iterator[Action]:
    words = CAPTIONS[captions]
    groups: dict[tuple[str, str, str], list[int]] = {}
    for place, row in enumerate(found.recoveries):
        if row.state == "open" and row.amount != 0:
            groups.setdefault((row.scheme, row.country, row.currency), []).append(place)
    for (scheme, country, currency), places in groups.items():
        rows = [found.recoveries[place] for place in places]
        known = [row.amount for row in rows if row.amount is not None]
        taxes = words["tax_and"].join(say("tax", what, captions) for what in dict.fromkeys(row.what for row in rows))
        text = words["do_reclaim"].format(tax=taxes, scheme=scheme, country=country, rmas=some(list(dict.fromkeys(row.rma for row in rows)), captions))
        worth = Money(minor=sum(known), currency=currency) if known else None
        yield Action(text, words["desk_customs"], min((row.due for row in rows if row.due is not None), default=None), worth)


def _questions(found: Findings, captions: str) -> Iterator[Action]:
    words = CAPTIONS[captions]
    waiting = [row for row in found.questions if row.open]
    if waiting:
        codes = ", ".join(f"{row.code} ({row.open})" if row.open > 1 else row.code for row in waiting)
        yield Action(words["do_questions"].format(n=sum(row.open for row in waiting), codes=codes), words["desk_answers"])


def _causes(found: Findings, captions: str) -> Iterator[Action]:
    words = CAPTIONS[captions]
    for cause in [cause for cause in found.causes if cause.flagged][:MOST_CAUSES]:
        text = words["do_cause"].format(
            product=cause.product, cause=say("cause", cause.cause, captions), k=cause.units.k, n=cause.units.n, action=action_for(cause.cause, captions)
        )
        yield Action(text, say("area", cause.area, captions), worth=Money(minor=cause.cost, currency=found.books_currency))


def _articles(found: Findings, captions: str) -> Iterator[Action]:
    """Products that come back more often than chance explains; without true rates that is no finding."""
    words = CAPTIONS[captions]
    for row in found.rates.get("product", ()) if found.true_rates else ():
        if row.sure and carries(row.units):
            text = words["do_article"].format(product=row.group, rate=shown_rate(row.units, words), overall=shown_rate(found.overall, words))
            yield Action(text, words["desk_product"])


def _sites(found: Findings, captions: str) -> Iterator[Action]:
    words = CAPTIONS[captions]
    for site in found.sites:
        if site.enough and site.options:
            lane, kind, cost = site.options[0]
            text = words["do_site"].format(country=site.country, parcels=site.parcels, way=say("lane", kind, captions), lane=lane)
            yield Action(text, words["desk_logistics"], worth=Money(minor=-cost, currency=found.books_currency))


def _drift(found: Findings, captions: str) -> Iterator[Action]:
    words = CAPTIONS[captions]
    if found.drift is not None and found.drift.level == "alert":
        reason, before, now = found.drift.moved[0]
        text = words["drift_alert"].format(reason=say("reason", reason, captions), before=before, now=now)
        yield Action(words["do_drift"].format(text=text), words["desk_product"])

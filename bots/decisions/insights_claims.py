"""What a return cost can be claimed back from whom: supplier, carrier and warehouse answer for what they caused, and not for ever."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from bots.decisions.insights_story import CaseStory
from bots.decisions.kpis import KpiRules

PARTIES = ("supplier", "carrier", "warehouse", "seller", "customer", "customs", "platform", "undetermined")
"""Who can answer for a return, in the order in which reports show them."""
_KIND = {"supplier": "supplier", "carrier": "carrier_damage", "warehouse": "warehouse"}


@dataclass(frozen=True, slots=True)
class Claim:
    """A loss that somebody else answers for. Amounts are minor units of the books' currency."""

    rma: str
    party: str
    kind: str
    """Key of config/kpis.yaml claims."""
    goods: int
    label: int
    skus: tuple[str, ...]
    proven: bool
    """The goods were inspected, or the carrier's scans show it; else it is only what the customer says."""
    due: date | None
    """Last day; None where the start of the term or the term itself is unknown."""
    late: bool
    papers: tuple[str, ...]

    @property
    def total(self) -> int:
        return self.goods + self.label


@dataclass(frozen=True, slots=True)
class PartyShare:
    """What one party has caused. Amounts are minor units of the books' currency."""

    party: str
    cases: int
    units: int
    loss: int
    claimable: int
    """Of the loss, what may still be claimed and is proven."""
    unproven: int
    """May still be claimed, but nothing shows it yet."""
    lapsed: int
    """Could have been claimed, and the term is over."""


def claims(stories: Sequence[CaseStory], rules: KpiRules, now: datetime) -> tuple[Claim, ...]:
    """Every claim with an amount, the first to lapse first, those that lapsed last."""
    found = [claim for story in stories for claim in _claims(story, rules, now)]
    return tuple(sorted(found, key=lambda claim: (claim.late, claim.due or date.max, -claim.total, claim.rma)))


def _claims(story: CaseStory, rules: KpiRules, now: datetime) -> Iterator[Claim]:
    lost = story.case.parcel == "lost"
    kind = "carrier_loss" if lost else _KIND.get(story.party, "")
    if not kind or not story.loss:
        return
    term = rules.claims.get(kind)
    start = _starts(story, kind)
    due = (start + timedelta(days=term.days)).date() if term is not None and start is not None else None
    yield Claim(
        rma=story.case.rma,
        party="carrier" if lost else story.party,
        kind=kind,
        goods=story.written_down,
        label=story.label_cost,
        skus=tuple(story.returned),
        proven=lost or story.inspected,
        due=due,
        late=due is not None and due < now.date(),
        papers=term.papers if term is not None else (),
    )


def _starts(story: CaseStory, kind: str) -> datetime | None:
    """When the term of a claim begins to run."""
    if kind == "carrier_damage":
        return story.order.delivered_at if story.order is not None else None
    if kind == "carrier_loss":
        return story.reached.get("handed_over")
    dock = story.receipt.dock_at if story.receipt is not None else None
    return dock or story.reached.get("received") or story.case.opened_at


def parties(stories: Sequence[CaseStory], found: Sequence[Claim]) -> tuple[PartyShare, ...]:
    """The split of cases, units and losses over who answers for them."""
    rows = []
    owner = {claim.rma: claim.party for claim in found}
    for party in PARTIES:
        own = [story for story in stories if owner.get(story.case.rma, story.party) == party]
        open_claims = [claim for claim in found if claim.party == party and not claim.late]
        if own:
            rows.append(
                PartyShare(
                    party,
                    len(own),
                    sum(sum(story.returned.values()) for story in own),
                    sum(story.loss for story in own),
                    sum(claim.total for claim in open_claims if claim.proven),
                    sum(claim.total for claim in open_claims if not claim.proven),
                    sum(claim.total for claim in found if claim.party == party and claim.late),
                )
            )
    return tuple(rows)

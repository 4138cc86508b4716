"""What must hold before a commit is clicked. Pure: totals and switches come in, a reason to stop goes out.

G01 STOP file           G02 mode of the bot     G03 cap an item     G04 cap a run
G05 cap a day           G06 cap a payee a day   G07 business hours
G08 maintenance window  G09 four eyes

The canary, which needs to know what was changed, is kept by the desk.
"""

from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel, ConfigDict

from bots.cases.money import Money
from bots.cases.settings import GuardrailSettings


class Totals(BaseModel):
    """What was already committed in the commit's currency, minor units."""

    model_config = ConfigDict(frozen=True)

    run: int = 0
    day: int = 0
    payee_day: int = 0


class Stop(BaseModel):
    """Why a commit may not be clicked now."""

    model_config = ConfigDict(frozen=True)

    rule: str
    why: str
    lifts: bool
    """Whether it lifts by itself (hours, a removed STOP file): tried again later; else a person decides."""


def check(
    amount: Money | None, totals: Totals, settings: GuardrailSettings, *, stop_file: bool, now: datetime, approvers: frozenset[str], mode: str
) -> Stop | None:
    """The first guardrail that says no, or None. `approvers`: the people who approved these exact terms. `now` is UTC."""
    approved = bool(approvers)
    if stop_file:
        return Stop(rule="G01", why=f"the file {settings.stop_file} lies in the workspace", lifts=True)
    if window := next((text for text in settings.maintenance if within(text, now)), None):
        return Stop(rule="G08", why=f"maintenance: {window} UTC", lifts=True)
    if amount is None:
        return None
    if mode == "suggest" and not approved:
        return Stop(rule="G02", why="the bot only suggests: every refund needs an approval", lifts=False)
    if not settings.hours[0] <= now.hour < settings.hours[1]:
        return Stop(rule="G07", why=f"outside the hours {settings.hours[0]}-{settings.hours[1]} UTC", lifts=True)
    caps = (
        ("G03", "an item", settings.cap_item, amount.minor, False),
        ("G04", "a run", settings.cap_run, totals.run + amount.minor, True),
        ("G05", "a day", settings.cap_day, totals.day + amount.minor, True),
        ("G06", "a payee and day", settings.cap_payee_day, totals.payee_day + amount.minor, False),
    )
    for rule, what, cap, reached, lifts in caps:
        limit = cap.get(amount.currency)
        if limit is not None and reached > limit and not (rule == "G03" and approved):
            return Stop(
                rule=rule,
                why=f"{Money(minor=reached, currency=amount.currency)} would exceed the cap of {Money(minor=limit, currency=amount.currency)} for {what}",
                lifts=lifts,
            )
    limit = settings.four_eyes.get(amount.currency)
    if limit is not None and amount.minor > limit and len(approvers) < 2:
        have = f"{', '.join(sorted(approvers))} approved; another person must too" if approvers else "two people must approve it"
        return Stop(rule="G09", why=f"above {Money(minor=limit, currency=amount.currency)}: {have}", lifts=False)
    return None


DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


def within(window: str, now: datetime) -> bool:
    """Whether a moment (UTC) lies in a weekly window such as "Sun 02:00-04:00"; the end is outside."""
    day, _, hours = window.partition(" ")
    start, _, end = hours.partition("-")
    return DAYS[now.weekday()] == day and start <= f"{now:%H:%M}" < end

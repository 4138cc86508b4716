"""Advice on questions to staff that carry no suggestion: a language model ranks the answers that the question allows, with reasons from a closed list.

Every reason is a fact that the machine has checked, so a model can weigh but not claim. Where an amount waits, money is frozen or the matter is grave it may
not advise to let it go. Advice decides nothing: a person answers, with a name.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal, get_args

from pydantic import Field

from bots.decisions.llm import RULES, Adviser, Form, Question, as_material, asked
from bots.decisions.llm_redaction import Redaction
from bots.decisions.understanding.security import clean

Action = Literal["approve", "reject", "proceed", "retry", "hold", "close", "take_over"]
ACTIONS: tuple[Action, ...] = get_args(Action)
LETS_GO = frozenset({"approve", "proceed"})
"""Answers that let money or goods go on."""
TEXT_SENT = 1500
DEADLINE_NEAR_DAYS = 3
WAITS_LONG_DAYS = 7


class Why(StrEnum):
    """Facts of a case that speak for an answer; `facts_of` says which hold."""

    DEADLINE_NEAR = "deadline_near"
    WAITS_LONG = "waits_long"
    PARCEL_LOST = "parcel_lost"
    PARCEL_UNDER_WAY = "parcel_under_way"
    GOODS_RECEIVED = "goods_received"
    GOODS_INSPECTED = "goods_inspected"
    CUSTOMS_HOLD = "customs_hold"
    ALREADY_REFUNDED = "already_refunded"
    REFUND_FAILED = "refund_failed"
    MONEY_FROZEN = "money_frozen"
    RULE_NOT_MET = "rule_not_met"
    PROGRAM_FAILED = "program_failed"
    NO_ORDER = "no_order"
    GRAVE = "grave"
    MINOR = "minor"


@dataclass(frozen=True, slots=True)
class Matter:
    """A question as it is put before staff: what happened, and how the case stands."""

    code: str
    what: str
    rules: str = ""
    severity: str = "medium"
    technical: bool = False
    freezes: bool = False
    money: bool = False
    """Whether an amount waits for a yes."""
    has_order: bool = True
    age_days: int = 0
    days_left: int | None = None
    """Until the refund is due; negative when it is late."""
    request: str = ""
    parcel: str = ""
    customs: str = ""
    inspection: str = ""
    refund: str = ""


class Ranked(Form):
    """One answer and what speaks for it."""

    action: Action
    why: list[Why] = Field(min_length=1, max_length=3)


class AdviceAnswer(Form):
    """A model's ranking, the best first."""

    ranked: list[Ranked] = Field(min_length=1, max_length=3)


INSTRUCTIONS = (
    f"{RULES}\n"
    "The material is one question that a returns desk puts before a person: `code`, `what` happened, the `rules` it broke, how the case stands, which answers are `allowed`, and the `facts` "
    "that hold. Rank one to three of the allowed answers, the best first, each with one to three of the facts that speak for it. Meanings: approve - the proposed terms, exactly; proceed - go on "
    "as if nothing were wrong; reject - no refund, the case ends; retry - try the step again; hold - leave it open until somebody knows more; close - settled by hand."
)


def facts_of(matter: Matter) -> tuple[Why, ...]:
    """The facts that hold, in the order of the list."""
    holds = {
        Why.DEADLINE_NEAR: matter.days_left is not None and matter.days_left <= DEADLINE_NEAR_DAYS,
        Why.WAITS_LONG: matter.age_days >= WAITS_LONG_DAYS,
        Why.PARCEL_LOST: matter.parcel == "lost",
        Why.PARCEL_UNDER_WAY: matter.parcel in ("awaited", "in_transit", "arrived"),
        Why.GOODS_RECEIVED: matter.parcel == "received",
        Why.GOODS_INSPECTED: matter.inspection == "inspected",
        Why.CUSTOMS_HOLD: matter.customs == "held",
        Why.ALREADY_REFUNDED: matter.refund in ("submitted", "refunded", "replaced"),
        Why.REFUND_FAILED: matter.refund == "failed",
        Why.MONEY_FROZEN: matter.freezes,
        Why.RULE_NOT_MET: bool(matter.rules),
        Why.PROGRAM_FAILED: matter.technical,
        Why.NO_ORDER: not matter.has_order,
        Why.GRAVE: matter.severity == "high",
        Why.MINOR: matter.severity == "low",
    }
    return tuple(why for why in Why if holds[why])


def open_to_advice(matter: Matter, allowed: Sequence[str]) -> tuple[Action, ...]:
    """The allowed answers that a model may advise: none that lets money go where an amount waits, money is frozen, the refund is made, or the matter is grave."""
    careful = matter.money or matter.freezes or matter.severity == "high" or Why.ALREADY_REFUNDED in facts_of(matter)
    return tuple(action for action in ACTIONS if action in allowed and not (careful and action in LETS_GO))


def advise(adviser: Adviser | None, matter: Matter, allowed: Sequence[str], names: Sequence[str] = ()) -> tuple[Ranked, ...]:
    """A model's ranking of the answers to a question, or nothing.

    Args:
        adviser: whoever may be asked, or None.
        matter: the question.
        allowed: answers that lead somewhere for this question.
        names: names that are kept from the model.
    """
    facts, actions = facts_of(matter), open_to_advice(matter, allowed)
    if adviser is None or not facts or not actions or clean(matter.what).flags:
        return ()
    hidden = Redaction(adviser.redact, names)
    material = {
        "code": matter.code,
        "what": hidden.hide(matter.what[:TEXT_SENT]),
        "rules": matter.rules,
        "case": {name: getattr(matter, name) for name in ("request", "parcel", "customs", "inspection", "refund")},
        "allowed": list(actions),
        "facts": [fact.value for fact in facts],
    }
    question = Question("advice", INSTRUCTIONS, as_material(material), AdviceAnswer)
    answer = asked(adviser, question, lambda given: faults_of(given, facts, actions))
    return tuple(answer.ranked) if answer is not None else ()


def faults_of(answer: AdviceAnswer, facts: Sequence[Why], actions: Sequence[str]) -> list[str]:
    """Which rules a ranking breaks; empty where it may be shown."""
    faults = [f"{one.action} is no answer here" for one in answer.ranked if one.action not in actions]
    if len({one.action for one in answer.ranked}) < len(answer.ranked):
        faults.append("an answer is ranked twice")
    return faults + [f"{why.value} does not hold" for one in answer.ranked for why in one.why if why not in facts]

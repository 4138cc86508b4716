"""The points of the fraud patterns, and how they are added up."""

from __future__ import annotations

from collections.abc import Iterable

from pydantic import BaseModel, ConfigDict, Field, model_validator

from bots.cases.settings import Settings
from bots.decisions.decision import Decision, Finding

RULES = tuple(f"F{number:02d}" for number in range(1, 26))


class Tiers(Settings):
    review: int
    hold: int


class FraudRules(Settings):
    """config/fraud.yaml"""

    tiers: Tiers
    points: dict[str, int]
    amount_tolerance: int = Field(ge=0)
    refund_within_days: int = Field(ge=0)
    no_receipt_days: int = Field(ge=0)
    tiny_share: float = Field(ge=0, le=1)
    worn_categories: tuple[str, ...]
    last_moment_days: int = Field(ge=0)
    cohort_rate: float = Field(gt=0, lt=1)
    cohort_weight: float = Field(gt=0)
    unusual_factor: float = Field(ge=1)
    velocity_7d: int = Field(ge=1)
    velocity_90d: int = Field(ge=1)
    accounts_at_address: int = Field(ge=2)
    instant_minutes: int = Field(ge=0)
    gift_methods: tuple[str, ...]
    just_below_pct: float = Field(ge=0)
    just_below_count: int = Field(ge=1)

    @model_validator(mode="after")
    def _points_for_all(self) -> FraudRules:
        if missing := set(RULES) - set(self.points):
            raise ValueError(f"points: missing {', '.join(sorted(missing))}")
        if unknown := {rule[:3] for rule in self.points} - set(RULES):
            raise ValueError(f"points: no such rule: {', '.join(sorted(unknown))}")
        return self


class History(BaseModel):
    """What is known of the buyer; a person is who shares an address, telephone number or mail address. Zero where nothing is known."""

    model_config = ConfigDict(frozen=True)

    orders: int = 0
    returns: int = 0
    returns_7d: int = 0
    returns_90d: int = 0
    accounts_at_address: int = 0
    not_received_claims: tuple[str, ...] = ()
    """Order numbers that the buyer, a marketplace or a card scheme says never arrived."""


NOTHING_KNOWN = History()


class Screening(Decision):
    """`value`: clear, review or hold."""

    score: int = 0
    findings: tuple[Finding, ...] = ()


def told(rule: str, rules: FraudRules, what: str, fix: str, *, key: str = "", field: str = "", expected: str = "", actual: str = "") -> Finding:
    points = rules.points[key or rule]
    severity = "block" if points >= rules.tiers.hold else "warn" if points >= rules.tiers.review else "info"
    return Finding(rule=rule, severity=severity, what=what, fix=fix, field=field, expected=expected, actual=actual)


def score(findings: Iterable[Finding], rules: FraudRules) -> Screening:
    """Add up the points; a rule counts once however often it was found."""
    found = tuple(findings)
    keys = dict.fromkeys("F16b" if finding.rule == "F16" and finding.field == "address" else finding.rule for finding in found)
    points = sum(rules.points[key] for key in keys)
    value = "hold" if points >= rules.tiers.hold else "review" if points >= rules.tiers.review else "clear"
    return Screening(
        value=value,
        rules=tuple(dict.fromkeys(finding.rule for finding in found)),
        reasons=(*(finding.what for finding in found), f"{points} points ({', '.join(f'{key} {rules.points[key]}' for key in keys) or 'no pattern'})."),
        score=points,
        findings=found,
    )

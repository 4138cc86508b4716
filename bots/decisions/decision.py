"""What a decision is: a value, how sure, by which rules, for which reasons."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field


class Evidence(BaseModel):
    """Where a reason can be seen."""

    model_config = ConfigDict(frozen=True)

    kind: str
    """mail, order, receipt, qc_note, declaration, payment, parcel"""
    where: str = ""
    text: str = ""


class Decision(BaseModel):
    """The outcome of rules or a model. `rules` are ids listed in config or in the docstring of the module that decides."""

    model_config = ConfigDict(frozen=True)

    value: str
    confidence: float = Field(default=1.0, ge=0, le=1)
    rules: tuple[str, ...] = ()
    reasons: tuple[str, ...] = ()
    evidence: tuple[Evidence, ...] = ()


class Finding(BaseModel):
    """One thing that a check found."""

    model_config = ConfigDict(frozen=True)

    rule: str
    field: str = ""
    expected: str = ""
    actual: str = ""
    severity: str
    """block, error, warn, info"""
    what: str
    fix: str = ""

"""What may be claimed back from whom, and which duty and import VAT comes back: the tables of config/kpis.yaml."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Literal

from pydantic import Field, model_validator

from bots.cases.settings import Settings
from bots.decisions.customs_rules import Dated
from bots.decisions.policy import months_after


class ClaimTerm(Settings):
    """Until when a loss may be claimed, and with which papers."""

    days: int = Field(ge=0)
    papers: tuple[str, ...] = ()
    """Keys of bots.workbooks.insights_words, or plain words."""
    checked: bool = False
    """Whether somebody has read the contract or the law."""
    source: str = ""


class Reclaim(Dated):
    """A way to get back what was paid at the import into the customer's country, once the goods have left it again."""

    territory: str
    scheme: str
    what: Literal["duty", "vat"]
    share_pct: float = Field(default=100, gt=0, le=100)
    days: int | None = None
    months: int | None = None
    """The term, counted from the export: the import came later, so the true last day is not before this one."""
    faulty_only: bool = False
    """For defective goods or goods not as ordered only, never for a change of mind."""
    papers: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _one_term(self) -> Reclaim:
        if (self.days is None) == (self.months is None):
            raise ValueError(f"{self.scheme}: write either days or months")
        return self

    def last_day(self, exported: date) -> date:
        return months_after(exported, self.months) if self.months is not None else exported + timedelta(days=self.days or 0)

"""The rows that the four-way match takes and gives. Amounts are minor units of `currency`, VAT included; times are UTC."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

from pydantic import BaseModel, ConfigDict, Field

from bots.cases.model import RefundState
from bots.cases.money import Currency
from bots.cases.settings import Settings


class Code(StrEnum):
    """What the match says of a case or a row."""

    MATCHED = "MATCHED"
    MATCHED_TOL = "MATCHED_TOL"
    RETURNLESS_OK = "RETURNLESS_OK"
    TIMING_PENDING = "TIMING_PENDING"
    QTY_MISMATCH = "QTY_MISMATCH"
    OVER_REFUND = "OVER_REFUND"
    UNDER_REFUND = "UNDER_REFUND"
    MISSED_REFUND = "MISSED_REFUND"
    REFUND_NO_RECEIPT = "REFUND_NO_RECEIPT"
    LEDGER_MISSING = "LEDGER_MISSING"
    LEDGER_DUP = "LEDGER_DUP"
    LEDGER_AMOUNT = "LEDGER_AMOUNT"
    DUP_REFUND = "DUP_REFUND"
    CHARGEBACK_OVERLAP = "CHARGEBACK_OVERLAP"
    INSTRUMENT_MISMATCH = "INSTRUMENT_MISMATCH"
    CURRENCY_MISMATCH = "CURRENCY_MISMATCH"
    FX_UNEXPLAINED = "FX_UNEXPLAINED"
    PERIOD_CUTOFF = "PERIOD_CUTOFF"
    ORPHAN_REFUND = "ORPHAN_REFUND"
    ORPHAN_RECEIPT = "ORPHAN_RECEIPT"
    ORPHAN_JOURNAL = "ORPHAN_JOURNAL"


GOOD = frozenset({Code.MATCHED, Code.MATCHED_TOL, Code.RETURNLESS_OK})

ADVICE: dict[Code, tuple[str, str]] = {
    Code.DUP_REFUND: ("high", "Claim the second refund back; find out how it was made."),
    Code.OVER_REFUND: ("high", "Claim the difference back, or record why it was granted."),
    Code.CHARGEBACK_OVERLAP: ("high", "Send the proof of refund to the card scheme."),
    Code.CURRENCY_MISMATCH: ("high", "Compare with the capture; refund in its currency."),
    Code.INSTRUMENT_MISMATCH: ("high", "Find out who allowed another payee."),
    Code.REFUND_NO_RECEIPT: ("high", "Look for the parcel; claim back if nothing was sent."),
    Code.MISSED_REFUND: ("high", "Refund now; the customer is waiting."),
    Code.UNDER_REFUND: ("medium", "Refund the difference, or record the deduction."),
    Code.QTY_MISMATCH: ("medium", "Count again; correct the return or the refund."),
    Code.LEDGER_DUP: ("medium", "Reverse the second credit note."),
    Code.LEDGER_AMOUNT: ("medium", "Correct the credit note by reversal."),
    Code.LEDGER_MISSING: ("medium", "Post the credit note or the payment."),
    Code.FX_UNEXPLAINED: ("medium", "Compare the rates of booking and settlement."),
    Code.ORPHAN_REFUND: ("high", "Find the case it belongs to, or claim it back."),
    Code.ORPHAN_RECEIPT: ("medium", "Find out whose parcel it is."),
    Code.ORPHAN_JOURNAL: ("medium", "Find the case, or reverse the entry."),
    Code.PERIOD_CUTOFF: ("low", "Accrue at the period's end."),
    Code.TIMING_PENDING: ("low", "Nothing yet: it is still under way."),
}
"""Severity and advice, the gravest first: the first code of this table that a case has names it."""


class MatchRules(Settings):
    """config/matching.yaml"""

    tolerance_per_line: int = Field(ge=0)
    tolerance: int = Field(ge=0)
    functional_tolerance: int = Field(ge=0)
    receipt_days: int = Field(ge=0)
    refund_days: int = Field(ge=0)
    ledger_days: int = Field(ge=0)
    suggest_days: int = Field(ge=0)
    suggest_most: int = Field(ge=0)
    books_currency: Currency = "CNY"


class LegRow(BaseModel):
    """A row of one source. `excluded` says why it does not take part, or is empty."""

    model_config = ConfigDict(frozen=True)

    row_id: str
    order_no: str = ""
    rma: str = ""
    excluded: str = ""


class OrderRow(LegRow):
    """What was authorised: one line of a return, or (without SKU) its shipping and deductions. The rows of an RMA make up the expected refund."""

    sku: str = ""
    qty: int = 0
    expected: int = 0
    currency: Currency
    opened_at: datetime
    book_rate: int = 1_000_000
    returnless: bool = False
    early_ok: bool = False
    """A refund before the receipt is right: lost by the carrier, proof of dispatch, early-refund policy."""
    disputed: int = 0
    instrument: str = ""
    """What paid, as the payment program masks it; empty where it is not compared."""


class ReceiptRow(LegRow):
    """A counted line that the warehouse accepted."""

    sku: str
    qty: int
    accepted_at: datetime


class RefundRow(LegRow):
    """Money given back, from the payment program, the bank or a marketplace's settlement."""

    amount: int
    currency: Currency
    state: RefundState
    at: datetime
    """When it was made."""
    settled_at: datetime | None = None
    """When it reached the customer: the books are due from then on (from `at`, where it is not known)."""
    settle_rate: int | None = None
    instrument: str = ""
    covers: tuple[str, ...] = ()
    """RMAs of a batch payout."""


class LedgerRow(LegRow):
    """A posted document: a credit note (gross, original currency) or the cash line of a refund (`doc_ref` is the refund)."""

    kind: str
    """credit_note or cash"""
    doc_ref: str
    amount: int
    currency: Currency
    posted_on: date
    functional: int | None = None
    """The line in the books' currency, where the ledger says it."""
    fx: int | None = None
    """Exchange difference posted with it, books' currency, loss positive."""


@dataclass(frozen=True, slots=True)
class CaseResult:
    """One RMA through all four legs."""

    rma: str
    order_no: str
    code: Code
    codes: tuple[Code, ...]
    why: str
    currency: str
    expected: int
    refunded: int
    credited: int
    age_days: int
    how: str
    """exact, one_to_many or many_to_one; empty where nothing was refunded."""


@dataclass(frozen=True, slots=True)
class RowResult:
    """What became of one row of a leg."""

    leg: str
    """orders, receipts, refunds, ledger"""
    row_id: str
    status: str
    """matched, exception, excluded"""
    code: str
    """A Code, or the reason of an exclusion."""
    rma: str
    currency: str
    value: int
    """Amount in minor units; pieces for receipts."""


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A row without a case and a case that it may belong to: for a person, never booked by itself."""

    leg: str
    row_id: str
    rma: str
    days_apart: int
    why: str


@dataclass(frozen=True, slots=True)
class ControlTotal:
    """Rows and value of one leg and currency: what came in must be matched, an exception or excluded."""

    leg: str
    currency: str
    rows_in: int
    value_in: int
    matched: int
    exceptions: int
    excluded: int
    value_matched: int
    value_exceptions: int
    value_excluded: int

    @property
    def ties(self) -> bool:
        return (
            self.rows_in == self.matched + self.exceptions + self.excluded and self.value_in == self.value_matched + self.value_exceptions + self.value_excluded
        )


@dataclass(frozen=True, slots=True)
class MatchResult:
    cases: tuple[CaseResult, ...]
    rows: tuple[RowResult, ...]
    suggestions: tuple[Suggestion, ...]
    totals: tuple[ControlTotal, ...]
    counts: dict[str, int] = field(default_factory=dict)
    """Cases by code."""

    @property
    def ties(self) -> bool:
        return all(total.ties for total in self.totals)

    @property
    def exceptions(self) -> tuple[CaseResult, ...]:
        return tuple(case for case in self.cases if case.code not in GOOD)


def count_codes(cases: tuple[CaseResult, ...]) -> dict[str, int]:
    return dict(Counter(str(case.code) for case in cases))

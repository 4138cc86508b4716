"""The journal entries of a return: pure builders, each balanced in the books' currency and in the original one.

    J01 credit note            J05 stock back, at what it is worth      J09 chargeback
    J02 refund paid, with FX   J06 logistics, disposal, repair          J10 duty reclaimed
    J03 store credit           J07 fee charged to the customer          J11 expected returns at period end
    J04 goods sent out free    J08 claim on supplier or carrier         J12 reversal

A credit note is booked at the rate of the supply (VAT follows it), a refund at the rate of its settlement; what lies between is an exchange
difference (IAS 21.28, CAS 19). Posted entries are never edited: they are reversed. Returnless refunds are J01 and J02 without J05.
Accounts are keys of config/accounts.yaml. Amounts are positive minor units; an amount of zero writes no line.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import ROUND_HALF_UP, Decimal
from typing import Literal

from pydantic import Field, model_validator

from bots.cases.books import JournalEntry, Posting, Unbalanced, check_balance
from bots.cases.money import Money, convert
from bots.cases.settings import Settings

ONE = 1_000_000
"""A rate of exactly one, in millionths."""

KEYS = frozenset(
    "refund_payable sales_returns shipping_revenue output_vat psp_clearing bank marketplace_clearing store_credit fx_difference payment_fees inventory "
    "inventory_open_box inventory_repair inventory_quarantine write_down scrap_loss disposal_payable disposal_expense cogs supplier_claim carrier_claim "
    "claim_income reverse_logistics carrier_payable fee_income duty_recoverable duty_expense chargeback_receivable refund_liability return_asset "
    "repair_payable revenue".split()
)
"""The accounts that the builders use; a chart must name all of them."""

Paid = Literal["psp_clearing", "bank", "marketplace_clearing"]


class Account(Settings):
    """One account of the chart."""

    number: str
    zh: str
    en: str
    side: Literal["debit", "credit"]


class StockRule(Settings):
    """Where goods of a disposition stand in the books, and at which percent of their cost."""

    account: str
    nrv_pct: float = Field(ge=0, le=100)


class Chart(Settings):
    """config/accounts.yaml"""

    accounts: dict[str, Account]
    stock: dict[str, StockRule]

    @model_validator(mode="after")
    def _complete(self) -> Chart:
        if missing := KEYS - set(self.accounts):
            raise ValueError(f"accounts: missing {', '.join(sorted(missing))}")
        if unknown := {rule.account for rule in self.stock.values()} - set(self.accounts):
            raise ValueError(f"stock: no such account: {', '.join(sorted(unknown))}")
        return self

    def title(self, key: str, language: str = "en") -> str:
        """Number and name of an account; the key itself where the chart (of an older entry) no longer has it."""
        account = self.accounts.get(key)
        return key if account is None else f"{account.number} {account.zh if language == 'zh' else account.en}"


class Ledger:
    """Builds entries for books kept in `base` (ISO 4217)."""

    def __init__(self, chart: Chart, base: str) -> None:
        self.chart, self.base = chart, base

    # -- money -----------------------------------------------------------------------------------------------------------
    def credit_note(self, number: str, order_no: str, gross: Money, tax: int, rate_micro: int, *, shipping: int = 0, shipping_tax: int = 0) -> JournalEntry:
        """J01: revenue and VAT given back against what is owed to the customer, at the rate of the supply.

        `tax` is contained in `gross`; `shipping` (gross) and `shipping_tax` are the parts of both that are freight.
        """
        legs = (("sales_returns", gross.minor - shipping - (tax - shipping_tax)), ("shipping_revenue", shipping - shipping_tax), ("output_vat", tax))
        lines = self._split(gross.currency, rate_micro, legs, against="refund_payable", debit=True)
        return self._entry("credit_note", number, f"Credit note {number} for order {order_no}", lines)

    def refund_paid(
        self, reference: str, order_no: str, amount: Money, book_rate: int, settle_rate: int | None = None, *, paid_from: Paid = "psp_clearing"
    ) -> JournalEntry:
        """J02: the customer is paid at the rate of settlement; the difference to the booked rate is an exchange difference."""
        owed = self._value(amount, book_rate)
        gone = self._value(amount, settle_rate if settle_rate is not None else book_rate)
        only = (0 if owed else amount.minor) - (0 if gone else amount.minor)
        lines = [
            *self._line("refund_payable", owed, debit=True, original=amount.minor, currency=amount.currency, rate=book_rate),
            *self._line("fx_difference", gone - owed, debit=True, original=only, currency=amount.currency, rate=settle_rate or book_rate),
            *self._line(paid_from, gone, debit=False, original=amount.minor, currency=amount.currency, rate=settle_rate or book_rate),
        ]
        return self._entry("refund_paid", reference, f"Refund {reference} for order {order_no}", lines)

    def store_credit(self, reference: str, order_no: str, amount: Money, book_rate: int) -> JournalEntry:
        """J03: what is owed becomes a store credit."""
        return self._transfer("store_credit", reference, f"Store credit for order {order_no}", amount, book_rate, "refund_payable", "store_credit")

    def payout(self, reference: str, amount: Money, rate_micro: int) -> JournalEntry:
        """The bank evens out the payment provider's account after refunds."""
        return self._transfer("payout", reference, f"Settlement {reference}", amount, rate_micro, "psp_clearing", "bank")

    def fee_income(self, reference: str, what: str, gross: Money, tax: int, rate_micro: int) -> JournalEntry:
        """J07: a return label or restocking fee that is kept from the refund; only where the credit note was for the full amount."""
        lines = self._split(gross.currency, rate_micro, (("fee_income", gross.minor - tax), ("output_vat", tax)), against="refund_payable", debit=False)
        return self._entry("fee_income", reference, f"{what} kept from the refund", lines)

    def chargeback(self, reference: str, order_no: str, amount: Money, fee: int, rate_micro: int) -> JournalEntry:
        """J09: the bank took the money back through the card scheme, and its fee; recoverable until the dispute is decided."""
        legs = (("chargeback_receivable", amount.minor), ("payment_fees", fee))
        lines = self._split(amount.currency, rate_micro, legs, against="psp_clearing", debit=True)
        return self._entry("chargeback", reference, f"Chargeback {reference} on order {order_no}", lines)

    # -- goods -----------------------------------------------------------------------------------------------------------
    def restock(self, reference: str, sku: str, qty: int, unit_cost: int, disposition: str, *, unit_value: int | None = None) -> JournalEntry:
        """J05: goods come back into the books at what they are worth, at most their cost (IAS 2.9); the rest is written down or scrapped.

        `unit_value` is the net realisable value of a unit where it is known; else the chart's percentage for the disposition.
        """
        rule = self.chart.stock.get(disposition)
        if rule is None:
            raise LookupError(f"config/accounts.yaml: stock has no disposition {disposition}")
        cost = qty * unit_cost
        worth = (
            qty * unit_value if unit_value is not None else int((Decimal(cost) * Decimal(str(rule.nrv_pct)) / 100).quantize(Decimal(1), rounding=ROUND_HALF_UP))
        )
        kept = max(0, min(cost, worth))
        loss = "scrap_loss" if rule.account == "scrap_loss" else "write_down"
        lines = [
            *self._own(rule.account if rule.account != loss else "inventory", kept, debit=True),
            *self._own(loss, cost - kept, debit=True),
            *self._own("cogs", cost, debit=False),
        ]
        return self._entry("restock", reference, f"{qty} x {sku} back as {disposition}", lines)

    def replacement(self, reference: str, sku: str, qty: int, unit_cost: int) -> JournalEntry:
        """J04: goods sent out without charge; a like-for-like exchange has no effect on revenue (IFRS 15.B26)."""
        return self._transfer(
            "replacement", reference, f"{qty} x {sku} sent free of charge", Money(minor=qty * unit_cost, currency=self.base), ONE, "cogs", "inventory"
        )

    def return_label(self, reference: str, carrier: str, cost: Money, rate_micro: int) -> JournalEntry:
        """J06: what bringing the parcel back costs: label, hub, line haul."""
        return self._transfer("return_label", reference, f"Return freight {carrier}", cost, rate_micro, "reverse_logistics", "carrier_payable")

    def disposal(self, reference: str, cost: int) -> JournalEntry:
        """J06: recycling or destruction, against its certificate."""
        return self._transfer(
            "disposal", reference, f"Disposal {reference}", Money(minor=cost, currency=self.base), ONE, "disposal_expense", "disposal_payable"
        )

    def repair(self, reference: str, cost: int) -> JournalEntry:
        """J06: what restores goods to a saleable state is part of their cost, as far as it is recoverable (IAS 2.10)."""
        return self._transfer("repair", reference, f"Repair {reference}", Money(minor=cost, currency=self.base), ONE, "inventory_repair", "repair_payable")

    def claim(self, reference: str, party: Literal["supplier", "carrier"], amount: Money, rate_micro: int, *, against: str = "cogs") -> JournalEntry:
        """J08: who answers for the return is charged; `against` cogs for the goods, claim_income for anything else."""
        return self._transfer("claim", reference, f"Claim on the {party}", amount, rate_micro, f"{party}_claim", against)

    def duty_reclaim(self, reference: str, amount: Money, rate_micro: int) -> JournalEntry:
        """J10: duty paid abroad becomes recoverable, once the authority has granted it (IAS 37.33: virtually certain)."""
        return self._transfer("duty_reclaim", reference, f"Duty granted back {reference}", amount, rate_micro, "duty_recoverable", "duty_expense")

    def duty_received(self, reference: str, amount: Money, rate_micro: int) -> JournalEntry:
        """J10: the authority paid."""
        return self._transfer("duty_received", reference, f"Duty received {reference}", amount, rate_micro, "bank", "duty_recoverable")

    # -- periods ---------------------------------------------------------------------------------------------------------
    def expected_returns(self, period: str, revenue: int, cost: int, *, recovery_cost: int = 0, impairment: int = 0) -> JournalEntry:
        """J11 (IFRS 15.55, B21): revenue that will be given back is a liability, the goods that will come back an asset at what they will be worth."""
        asset = max(0, cost - recovery_cost - impairment)
        lines = [
            *self._own("revenue", revenue, debit=True),
            *self._own("refund_liability", revenue, debit=False),
            *self._own("return_asset", asset, debit=True),
            *self._own("cogs", asset, debit=False),
        ]
        return self._entry("expected_returns", period, f"Expected returns {period}", lines)

    def reversal(self, entry: JournalEntry, reference: str) -> JournalEntry:
        """J12: the same lines with sides exchanged."""
        lines = tuple(Posting(line.account, line.credit, line.debit, -line.original_minor, line.original_currency, line.rate_micro) for line in entry.postings)
        return JournalEntry("reversal", reference, f"Reversal of {entry.kind} {entry.doc_ref}", lines)

    # -- lines -----------------------------------------------------------------------------------------------------------
    def _value(self, amount: Money, rate_micro: int) -> int:
        return convert(amount.minor, rate_micro, amount.currency, self.base)

    def _line(self, account: str, value: int, *, debit: bool, original: int = 0, currency: str, rate: int) -> list[Posting]:
        """A line of `value` in the books' currency; a negative value changes sides, zero (with no original amount either) is no line."""
        if value == 0:
            return []
        side = debit == (value > 0)
        signed = original if debit else -original
        return [Posting(account, abs(value) if side else 0, 0 if side else abs(value), signed, currency, rate)]

    def _own(self, account: str, value: int, *, debit: bool) -> list[Posting]:
        return self._line(account, value, debit=debit, original=value, currency=self.base, rate=ONE)

    def _split(self, currency: str, rate_micro: int, legs: Iterable[tuple[str, int]], *, against: str, debit: bool) -> list[Posting]:
        """Lines for each leg and one for their sum on the other side. The sum is converted once; what rounding leaves over goes to the largest leg."""
        parts = [(account, minor) for account, minor in legs if minor]
        whole = sum(minor for _, minor in parts)
        values = [self._value(Money(minor=minor, currency=currency), rate_micro) for _, minor in parts]
        total = self._value(Money(minor=whole, currency=currency), rate_micro)
        if values:
            largest = max(range(len(parts)), key=lambda index: abs(parts[index][1]))
            values[largest] += total - sum(values)
        if not any(values):
            return []
        # An original amount too small to be worth a minor unit of the books has no line of its own: it goes along with the heaviest one.
        heaviest = max(range(len(parts)), key=lambda index: abs(values[index]))
        stray = sum(minor for (_, minor), value in zip(parts, values, strict=True) if not value)
        originals = [minor + stray if index == heaviest else minor for index, (_, minor) in enumerate(parts)]
        lines = [
            line
            for (account, _), value, original in zip(parts, values, originals, strict=True)
            for line in self._line(account, value, debit=debit, original=original, currency=currency, rate=rate_micro)
        ]
        other = self._line(against, total, debit=not debit, original=whole, currency=currency, rate=rate_micro)
        return [*lines, *other] if debit else [*other, *lines]

    def _transfer(self, kind: str, reference: str, text: str, amount: Money, rate_micro: int, debit: str, credit: str) -> JournalEntry:
        value = self._value(amount, rate_micro)
        lines = [
            *self._line(debit, value, debit=True, original=amount.minor, currency=amount.currency, rate=rate_micro),
            *self._line(credit, value, debit=False, original=amount.minor, currency=amount.currency, rate=rate_micro),
        ]
        return self._entry(kind, reference, text, lines)

    def _entry(self, kind: str, reference: str, text: str, lines: Iterable[Posting]) -> JournalEntry:
        """The entry, after its accounts and both its balances were checked; raises LookupError or Unbalanced."""
        entry = JournalEntry(kind, reference, text, tuple(lines))
        for line in entry.postings:
            if line.account not in self.chart.accounts:
                raise LookupError(f"config/accounts.yaml: no account {line.account}")
        check_balance(entry)
        check_original(entry)
        return entry


def check_original(entry: JournalEntry) -> None:
    """Raise Unbalanced unless the original amounts of each currency sum to zero."""
    sums: dict[str, int] = {}
    for line in entry.postings:
        sums[line.original_currency] = sums.get(line.original_currency, 0) + line.original_minor
    if wrong := {currency: rest for currency, rest in sums.items() if rest}:
        raise Unbalanced(f"{entry.doc_ref}: the original amounts differ by {wrong}")


def balances(entries: Iterable[JournalEntry]) -> Mapping[str, int]:
    """Debits less credits of each account, minor units of the books' currency."""
    total: dict[str, int] = {}
    for entry in entries:
        for line in entry.postings:
            total[line.account] = total.get(line.account, 0) + line.debit - line.credit
    return total


def settled(entries: Iterable[JournalEntry]) -> bool:
    """Whether nothing is owed to the customer any more: the closing control of a case."""
    return balances(entries).get("refund_payable", 0) == 0

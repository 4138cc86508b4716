"""Reconciliation: matches order, receipt, refund and books of every case, four ways, writes the workbook, and asks about what is wrong.

It reads and compares; it moves no money and changes nothing in any program.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from bots.bot import Item
from bots.cases.books import balance_of_books
from bots.cases.events import digest
from bots.cases.ledger import BY_HAND, CommitRow
from bots.cases.model import Order, PaymentRecord, Receipt, Refund, RefundState, ReturnRequest
from bots.cases.money import Money
from bots.cases.store import Case, ExceptionRow
from bots.decisions.amounts import RefundPlan
from bots.decisions.matching import match
from bots.decisions.matching_legs import CLOSED_BEFORE, CaseFacts, Paid, ledger_rows, left_out, order_rows, receipt_rows, refund_rows
from bots.decisions.matching_rows import ADVICE, CaseResult, Code, LedgerRow, MatchResult, MatchRules, ReceiptRow, RefundRow
from bots.decisions.policy import Review
from bots.decisions.receiving import ReceiptMatch
from bots.portals.desk import Desk
from bots.portals.roles import Bank, Payments
from bots.workbooks.reconciliation import Report, Standing, Tie, write_reconciliation
from bots.workbooks.statements import read_bank_statement, read_settlement

PERIOD = timedelta(days=90)
"""Refunds of this time back are read, or further back where an unfinished case has an older one."""
# Results that a person must look at, and the question that is asked; what is left out here stands in the workbook only.
CODES = {
    Code.DUP_REFUND: "recon_dup_refund",
    Code.OVER_REFUND: "recon_over_refund",
    Code.CHARGEBACK_OVERLAP: "recon_chargeback_overlap",
    Code.CURRENCY_MISMATCH: "recon_currency_mismatch",
    Code.INSTRUMENT_MISMATCH: "recon_instrument_mismatch",
    Code.REFUND_NO_RECEIPT: "recon_refund_no_receipt",
    Code.MISSED_REFUND: "recon_missed_refund",
    Code.UNDER_REFUND: "recon_under_refund",
    Code.QTY_MISMATCH: "recon_qty_mismatch",
    Code.LEDGER_DUP: "recon_ledger_dup",
    Code.LEDGER_AMOUNT: "recon_ledger_amount",
    Code.LEDGER_MISSING: "recon_ledger_missing",
    Code.FX_UNEXPLAINED: "recon_fx_unexplained",
    Code.ORPHAN_JOURNAL: "recon_orphan_journal",
}
# Money left that should not have: no further refund of the case until a person has looked.
FREEZING = frozenset({Code.DUP_REFUND, Code.OVER_REFUND, Code.CHARGEBACK_OVERLAP, Code.CURRENCY_MISMATCH, Code.INSTRUMENT_MISMATCH, Code.REFUND_NO_RECEIPT})


class Reconciliation:
    name = "reconciliation"
    title = "Four-way match of order, receipt, refund, ledger"
    side_by_side = False
    by_hand = 10.0

    def items(self, desk: Desk) -> Iterator[Item]:
        yield Item(f"{desk.now:%Y-%m-%d}")

    def work(self, item: Item, desk: Desk) -> str:
        now, base = desk.now, desk.config.suite.books_currency
        everything, start = _facts(desk)
        paid, ties, problems = _programs(desk, everything, start)
        paid += [_by_hand(facts) for facts in everything if facts.refund is not None and facts.refund.refund_id.startswith(BY_HAND)]
        entries = desk.books.entries()
        orders = [row for facts in everything for row in order_rows(facts, start, base)]
        receipts = [row for facts in everything for row in receipt_rows(facts, start)]
        refunds = list(refund_rows(everything, paid, start))
        ledger = list(ledger_rows(entries, _outside(everything, start), base))
        rules = desk.config.load("matching", MatchRules).model_copy(update={"books_currency": base})
        result = match(orders, receipts, refunds, ledger, rules, now)
        standing = self._ask(result, {facts.case.rma: facts.case for facts in everything}, desk)
        ties += [*_commit_ties(desk, everything, refunds, ledger, start), *_book_ties(entries, everything, base), *_receipt_ties(everything, receipts)]
        report = Report(
            result=result,
            legs={"orders": orders, "receipts": receipts, "refunds": refunds, "ledger": ledger},
            ties=tuple(ties),
            problems=tuple(problems),
            standing=standing,
            rules=rules,
            start=start,
            now=now,
            books_currency=base,
            seller=desk.config.suite.seller_name,
        )
        place = write_reconciliation(desk.config.file("out", "reconciliation.xlsx"), report, captions=desk.config.suite.captions, evidence=desk.evidence.root)
        asked = sum(one.kind == "asked" for one in standing.values())
        matched = len(result.cases) - len(result.exceptions)
        untied = "" if report.ties_out else "; control totals differ"
        return f"{matched} of {len(result.cases)} cases match, {len(result.exceptions)} do not, {asked} questions asked{untied}: {place.name}"

    # -- questions -------------------------------------------------------------------------------------------------------
    def _ask(self, result: MatchResult, cases: Mapping[str, Case], desk: Desk) -> dict[str, Standing]:
        """How a person stands to each case that does not match; asks once where nobody was asked yet, and takes back what is no longer so."""
        history: dict[str, list[ExceptionRow]] = defaultdict(list)
        for row in desk.store.all_exceptions():
            history[row.case.rma].append(row)
        standing: dict[str, Standing] = {}
        for found in result.cases:
            code = CODES.get(found.code, "")
            for row in history[found.rma]:
                if row.bot == self.name and row.closed_at is None and row.code != code:
                    desk.store.close_exception(row, "retry", f"{self.name} bot", "no longer so", touched=False)
            left = [row for row in history[found.rma] if row.closed_at is None and (row.bot != self.name or row.code == code)]
            if left:
                standing[found.rma] = Standing("open", left[0].code)
            elif code:
                standing[found.rma] = self._ask_once(found, code, cases[found.rma], history[found.rma], desk)
        return standing

    def _ask_once(self, found: CaseResult, code: str, case: Case, history: Iterable[ExceptionRow], desk: Desk) -> Standing:
        """Ask, unless a person has answered exactly this before (other than with `retry`)."""
        terms = digest([code, found.currency, found.expected, found.refunded, found.credited, found.codes])
        answered = [row for row in history if row.code == code and row.terms_hash == terms and row.decision != "retry"]
        if answered:
            return Standing("answered", answered[-1].decided_by)
        severity, advice = ADVICE[found.code]
        amounts = {
            name: str(Money(minor=value, currency=found.currency))
            for name, value in (("expected", found.expected), ("refunded", found.refunded), ("credited", found.credited))
        }
        desk.store.open_exception(
            case,
            self.name,
            code,
            f"{found.why}. " + ", ".join(f"{name} {value}" for name, value in amounts.items()) + ".",
            severity=severity,
            suggestion="hold",
            advice=f"{advice} Then `retry` compares anew; `approve` accepts it as it is.",
            terms_hash=terms,
            freezes=found.code in FREEZING,
        )
        return Standing("asked", code)


# -- what the suite knows ------------------------------------------------------------------------------------------------
def _facts(desk: Desk) -> tuple[list[CaseFacts], datetime]:
    """Every case with its newest records (those closed before the period without), and the start of the period."""
    start, get = desk.now - PERIOD, desk.store.get
    everything = []
    for case in desk.store.cases():
        if case.closed_at is not None and case.closed_at < start:
            everything.append(CaseFacts(case))
            continue
        everything.append(
            CaseFacts(
                case,
                order=get(case, "order", Order),
                decided=get(case, "review", Review),
                plan=get(case, "refund_plan", RefundPlan),
                receipt=get(case, "receipt", Receipt),
                accepted=get(case, "receipt_match", ReceiptMatch),
                payment=get(case, "payment", PaymentRecord),
                refund=get(case, "refund", Refund),
                request=get(case, "request", ReturnRequest),
            )
        )
    made = [facts.refund.created_at for facts in everything if facts.refund is not None and facts.refund.created_at is not None]
    return everything, min([start, *made])


def _outside(everything: Iterable[CaseFacts], start: datetime) -> dict[str, str]:
    return {facts.case.rma: CLOSED_BEFORE for facts in everything if left_out(facts, start) == CLOSED_BEFORE}


def _by_hand(facts: CaseFacts) -> Paid:
    """A refund that no program lists, because a person made it by another way and said so."""
    assert facts.refund is not None
    return Paid("a person", facts.refund)


# -- what the payment programs say ---------------------------------------------------------------------------------------
def _programs(desk: Desk, everything: Sequence[CaseFacts], start: datetime) -> tuple[list[Paid], list[Tie], list[str]]:
    """Refunds of every payment program, read once each, and of the banks that any case used; with the tie-outs and what could not be read."""
    folder = desk.config.file("downloads", "x").parent
    paid: list[Paid] = []
    ties: list[Tie] = []
    problems: list[str] = []
    read: set[int] = set()
    for settings in desk.config.suite.payments.values():
        portal = desk.payments(settings.serves[0]) if settings.serves else None
        if portal is not None and id(portal) not in read:
            read.add(id(portal))
            listed, tied, doubts = _payments(portal, start, desk.now, folder)
            paid += listed
            ties += tied
            problems += doubts
    for method in sorted({facts.order.payment_method for facts in everything if facts.order is not None and facts.order.payment_method}):
        bank = desk.bank(method) if desk.payments(method) is None else None
        if bank is not None and id(bank) not in read:
            read.add(id(bank))
            listed, doubts = _bank(bank, start, folder)
            paid += listed
            problems += doubts
    return paid, ties, problems


def _payments(portal: Payments, start: datetime, now: datetime, folder: Path) -> tuple[list[Paid], list[Tie], list[str]]:
    """The refunds list, completed and checked by the settlement file of the same days."""
    listed = {refund.refund_id: refund for refund in portal.list_refunds(start.date())}
    file = portal.export_settlement(start.date(), now.date(), folder)
    statement = read_settlement(file, portal.name)
    problems = [f"{file.name} row {problem.row_no}: {problem.what}" for problem in statement.problems]
    settled = [row for row in statement.rows if row.state is RefundState.SETTLED and (row.created_at is None or row.created_at.date() >= start.date())]
    left = [(refund.refund_id, refund.amount) for refund in listed.values() if refund.state is RefundState.SETTLED]
    ties = list(_ties("settlement", portal.name, left, [(row.refund_id, row.amount) for row in settled]))
    for row in settled:
        known = listed.get(row.refund_id)
        if known is None:
            problems.append(f"{file.name}: {row.refund_id} of {row.amount} is settled, and {portal.name} does not list it")
            listed[row.refund_id] = Refund(
                source_system=portal.name,
                source_key=row.refund_id,
                refund_id=row.refund_id,
                capture_id=row.capture_id,
                order_no=row.order_no,
                reference=row.reference,
                amount=row.amount,
                state=row.state,
                created_at=row.created_at,
                settled_at=row.booked_at,
                settle_rate=row.settle_rate,
            )
        elif known.amount != row.amount:
            problems.append(f"{file.name}: {row.refund_id} is settled with {row.amount}, and {portal.name} lists {known.amount}")
        else:
            # The screen rounds the rate; the file has it in full.
            listed[row.refund_id] = known.model_copy(
                update={"settle_rate": row.settle_rate or known.settle_rate, "settled_at": row.booked_at or known.settled_at}
            )
    return [Paid(portal.name, refund) for refund in listed.values()], ties, problems


def _bank(bank: Bank, start: datetime, folder: Path) -> tuple[list[Paid], list[str]]:
    """The statement's transfers of the period."""
    file = bank.export_statement(folder)
    statement = read_bank_statement(file, bank.name)
    paid = [
        Paid(
            bank.name,
            Refund(
                source_system=bank.name,
                source_key=row.refund_id,
                refund_id=row.refund_id,
                reference=row.reference,
                amount=row.amount,
                state=row.state,
                payee=row.iban,
                created_at=row.booked_at,
                settled_at=row.booked_at,
            ),
            bank=True,
        )
        for row in statement.rows
        if row.booked_at is None or row.booked_at >= start
    ]
    return paid, [f"{file.name} row {problem.row_no}: {problem.what}" for problem in statement.problems]


# -- tie-outs: the same total from two sources that know nothing of each other --------------------------------------------
Amounts = Iterable[tuple[str, Money]]


def _ties(what: str, program: str, one: Amounts, other: Amounts) -> Iterator[Tie]:
    """A tie-out for each currency."""
    totals: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0, 0])
    for place, amounts in ((0, one), (2, other)):
        for _, amount in amounts:
            totals[amount.currency][place] += 1
            totals[amount.currency][place + 1] += amount.minor
    for currency, (rows, value, other_rows, other_value) in sorted(totals.items()):
        yield Tie(what, program, currency, rows, value, other_rows, other_value)


def _commit_ties(desk: Desk, everything: Sequence[CaseFacts], found: Sequence[RefundRow], ledger: Sequence[LedgerRow], start: datetime) -> Iterator[Tie]:
    """What the suite clicked beside what the programs list and the books hold."""
    inside = {facts.case.id for facts in everything if left_out(facts, start) != CLOSED_BEFORE}

    def confirmed(kind: str) -> list[CommitRow]:
        return [row for row in desk.ledger.all(kind) if row.state == "confirmed" and row.amount is not None and row.case_id in inside]

    shown = {row.row_id: row for row in found}
    by_hand = {row.rma: row for row in found if row.row_id.startswith(BY_HAND)}
    rmas = {facts.case.id: facts.case.rma for facts in everything}
    refunds = [(row, by_hand.get(rmas[row.case_id]) if row.reference == BY_HAND else shown.get(row.reference)) for row in confirmed("refund")]
    yield from _ties(
        "commits", "", _amounts(row for row, _ in refunds), [(one.row_id, Money(minor=one.amount, currency=one.currency)) for _, one in refunds if one]
    )
    notes = [row for row in ledger if row.kind == "credit_note" and not row.excluded]
    yield from _ties("credit_notes", "", _amounts(confirmed("credit_note")), [(row.row_id, Money(minor=row.amount, currency=row.currency)) for row in notes])


def _amounts(rows: Iterable[CommitRow]) -> list[tuple[str, Money]]:
    return [(row.reference, row.amount) for row in rows if row.amount is not None]


def _book_ties(entries: Sequence[dict[str, Any]], everything: Sequence[CaseFacts], base: str) -> Iterator[Tie]:
    """The books balance, and nothing is owed to the customers of posted cases."""
    debit = sum(entry["debit_minor"] for entry in entries)
    yield Tie("journals", "", base, len(entries), debit, len(entries), debit - balance_of_books(entries))
    posted = {facts.case.rma for facts in everything if facts.case.books == "posted"}
    owed = [entry for entry in entries if entry["account"] == "refund_payable" and entry["rma"] in posted]
    credits, debits = [entry["credit_minor"] for entry in owed if entry["credit_minor"]], [entry["debit_minor"] for entry in owed if entry["debit_minor"]]
    yield Tie("payable", "", base, len(credits), sum(credits), len(debits), sum(debits))


def _receipt_ties(everything: Sequence[CaseFacts], rows: Sequence[ReceiptRow]) -> Iterator[Tie]:
    """Pieces that the warehouse counted, and pieces of the leg."""
    receipts = [facts.receipt for facts in everything if facts.receipt is not None]
    counted = sum(line.qty for receipt in receipts for line in receipt.lines)
    yield Tie("receipts", "", "", len(receipts), counted, len({row.row_id.split("/")[0] for row in rows}), sum(row.qty for row in rows))

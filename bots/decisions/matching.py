"""The four-way match: what was authorised, received, refunded and posted, case by case, so that every row is accounted for.

Passes over refunds, receipts and ledger rows without a case, the surest first:
    1 exact: the row names the RMA           2 one to many: several refunds make up one case
    3 many to one: a batch payout, or one refund for all returns of an order
    4 suggestions: same amount, near date; for a person only
Amounts are compared in the currency of the charge; the books' currency may differ only by what the two rates explain.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from bots.cases.model import RefundState
from bots.cases.money import convert
from bots.decisions.matching_rows import (
    ADVICE,
    GOOD,
    CaseResult,
    Code,
    ControlTotal,
    LedgerRow,
    LegRow,
    MatchResult,
    MatchRules,
    OrderRow,
    ReceiptRow,
    RefundRow,
    RowResult,
    Suggestion,
    count_codes,
)

_RANK = {code: rank for rank, code in enumerate((*ADVICE, *sorted(GOOD)))}


@dataclass(slots=True)
class _Case:
    """One RMA while its legs are gathered."""

    rma: str
    order_no: str
    lines: list[OrderRow] = field(default_factory=list)
    receipts: list[ReceiptRow] = field(default_factory=list)
    refunds: list[tuple[RefundRow, int]] = field(default_factory=list)
    """With the part of the refund's amount that is this case's."""
    ledger: list[LedgerRow] = field(default_factory=list)
    how: str = ""
    extra: dict[str, Code] = field(default_factory=dict)
    """Rows with a code of their own, by row id."""

    @property
    def expected(self) -> int:
        return sum(line.expected for line in self.lines)

    @property
    def refunded(self) -> int:
        return sum(part for _, part in self.refunds)

    @property
    def currency(self) -> str:
        return self.lines[0].currency

    @property
    def returnless(self) -> bool:
        return any(line.returnless for line in self.lines)

    @property
    def early_ok(self) -> bool:
        return self.returnless or any(line.early_ok for line in self.lines)

    def notes(self) -> list[LedgerRow]:
        return [row for row in self.ledger if row.kind == "credit_note"]


def match(
    orders: Sequence[OrderRow], receipts: Sequence[ReceiptRow], refunds: Sequence[RefundRow], ledger: Sequence[LedgerRow], rules: MatchRules, now: datetime
) -> MatchResult:
    """Match the four legs. Row ids are unique within a leg; a failed refund and a row with `excluded` set take no part. `now` is UTC."""
    cases: dict[str, _Case] = {}
    for row in orders:
        if not row.excluded:
            cases.setdefault(row.rma or row.order_no, _Case(row.rma or row.order_no, row.order_no)).lines.append(row)
    by_order: dict[str, list[_Case]] = defaultdict(list)
    for case in cases.values():
        by_order[case.order_no].append(case)

    orphan_receipts = [row for row in receipts if not row.excluded and not _assign_receipt(row, cases, by_order)]
    loose = [row for row in refunds if not _left_out(row) and not _assign_refund(row, cases)]
    orphan_refunds = [row for row in loose if not _assign_by_order(row, by_order)]
    by_refund = _homes((case, row) for case in cases.values() for row, _ in case.refunds)
    orphan_ledger = [row for row in ledger if not row.excluded and not _assign_ledger(row, cases, by_order, by_refund)]

    sources: dict[str, Sequence[LegRow]] = {"orders": orders, "receipts": receipts, "refunds": refunds, "ledger": ledger}
    judged = {key: _judge(case, rules, now) for key, case in cases.items()}
    results = tuple(judged.values())
    rows = (
        *(_order_result(row, judged) for row in orders),
        *_leg(
            "receipts",
            receipts,
            {row.row_id for row in orphan_receipts},
            Code.ORPHAN_RECEIPT,
            _homes((c, r) for c in cases.values() for r in c.receipts),
            judged,
        ),
        *_leg(
            "refunds", refunds, {row.row_id for row in orphan_refunds}, Code.ORPHAN_REFUND, _homes((c, r) for c in cases.values() for r, _ in c.refunds), judged
        ),
        *_leg("ledger", ledger, {row.row_id for row in orphan_ledger}, Code.ORPHAN_JOURNAL, _homes((c, r) for c in cases.values() for r in c.ledger), judged),
    )
    suggestions = _suggest(cases.values(), orphan_refunds, orphan_ledger, rules)
    return MatchResult(results, rows, suggestions, _totals(sources, rows), count_codes(results))


# -- passes --------------------------------------------------------------------------------------------------------------


def _left_out(row: RefundRow) -> bool:
    return bool(row.excluded) or row.state is RefundState.FAILED


def _only(cases: list[_Case]) -> _Case | None:
    return cases[0] if len(cases) == 1 else None


def _assign_receipt(row: ReceiptRow, cases: dict[str, _Case], by_order: dict[str, list[_Case]]) -> bool:
    home = cases.get(row.rma) if row.rma else _only([case for case in by_order.get(row.order_no, []) if any(line.sku == row.sku for line in case.lines)])
    if home is None:
        return False
    home.receipts.append(row)
    return True


def _assign_refund(row: RefundRow, cases: dict[str, _Case]) -> bool:
    """Passes 1 to 3: by the RMA it names, or by the RMAs that a batch payout covers, provided that they make up its amount."""
    if row.rma in cases:
        case = cases[row.rma]
        case.how = "one_to_many" if case.refunds else "exact"
        case.refunds.append((row, row.amount))
        return True
    covered = [cases[rma] for rma in row.covers if rma in cases]
    if not covered or len(covered) != len(row.covers) or sum(case.expected for case in covered) != row.amount:
        return False
    for case in covered:
        case.how = "many_to_one"
        case.refunds.append((row, case.expected))
    return True


def _assign_by_order(row: RefundRow, by_order: dict[str, list[_Case]]) -> bool:
    """Passes 1 to 3 for a refund that names the order only: the one case whose refund is open and as large, else all open ones together."""
    if row.rma or row.covers or not row.order_no:
        return False
    candidates = by_order.get(row.order_no, [])
    open_ = [case for case in candidates if case.currency == row.currency and case.refunded < case.expected]
    fitting = _only([case for case in open_ if case.expected - case.refunded == row.amount])
    if fitting is not None or len(candidates) == 1:
        case = fitting or candidates[0]
        case.how = "one_to_many" if case.refunds else "exact"
        case.refunds.append((row, row.amount))
        return True
    if len(open_) < 2 or sum(case.expected - case.refunded for case in open_) != row.amount:
        return False
    for case in open_:
        case.how = "many_to_one"
        case.refunds.append((row, case.expected - case.refunded))
    return True


def _assign_ledger(row: LedgerRow, cases: dict[str, _Case], by_order: dict[str, list[_Case]], by_refund: dict[str, list[_Case]]) -> bool:
    """By RMA; a cash line without one by its refund, whose cases all see it; else by order."""
    if row.rma:
        homes = [cases[row.rma]] if row.rma in cases else []
    else:
        homes = (by_refund.get(row.doc_ref, []) if row.kind == "cash" else []) or [case for case in [_only(by_order.get(row.order_no, []))] if case]
    for home in homes:
        home.ledger.append(row)
    return bool(homes)


def _suggest(cases: Iterable[_Case], refunds: Sequence[RefundRow], ledger: Sequence[LedgerRow], rules: MatchRules) -> tuple[Suggestion, ...]:
    """Pass 4: cases with as much still open, by amount and nearness of date."""
    unpaid: dict[tuple[str, int], list[_Case]] = defaultdict(list)
    unposted: dict[tuple[str, int], list[_Case]] = defaultdict(list)
    for case in cases:
        if case.expected > case.refunded:
            unpaid[case.currency, case.expected - case.refunded].append(case)
        if not case.notes():
            unposted[case.currency, case.refunded or case.expected].append(case)
    found: list[Suggestion] = []
    wanted: list[tuple[str, LegRow, list[_Case], date]] = [("refunds", row, unpaid.get((row.currency, row.amount), []), row.at.date()) for row in refunds]
    wanted += [("ledger", row, unposted.get((row.currency, row.amount), []), row.posted_on) for row in ledger]
    for leg, row, candidates, on in wanted:
        near = sorted((abs((on - _last_moved(case).date()).days), case.rma) for case in candidates)
        for days, rma in [entry for entry in near if entry[0] <= rules.suggest_days][: rules.suggest_most]:
            found.append(Suggestion(leg, row.row_id, rma, days, f"same amount, {days} days apart"))
    return tuple(found)


def _last_moved(case: _Case) -> datetime:
    return max((*(row.accepted_at for row in case.receipts), *(row.at for row, _ in case.refunds), *(line.opened_at for line in case.lines)))


# -- judging a case ------------------------------------------------------------------------------------------------------


def _judge(case: _Case, rules: MatchRules, now: datetime) -> CaseResult:
    told = [*_payments(case, rules, now), *_goods(case, rules, now), *_books(case, rules, now)]
    if not told:
        off = case.refunded - case.expected
        good = Code.RETURNLESS_OK if case.returnless else Code.MATCHED_TOL if off else Code.MATCHED
        told = [(good, f"{abs(off)} minor units apart, within tolerance" if off else "")]
    told.sort(key=lambda entry: _RANK[entry[0]])
    codes = tuple(dict.fromkeys(code for code, _ in told))
    why = "; ".join(dict.fromkeys(why for _, why in told if why))
    age = (now - min(line.opened_at for line in case.lines)).days
    credited = sum(row.amount for row in case.notes())
    return CaseResult(case.rma, case.order_no, codes[0], codes, why, case.currency, case.expected, case.refunded, credited, age, case.how)


Told = list[tuple[Code, str]]


def _payments(case: _Case, rules: MatchRules, now: datetime) -> Told:
    """Amount, currency, instrument and disputes: legs 1 and 3."""
    told: Told = []
    refunds, expected, paid = [row for row, _ in case.refunds], case.expected, case.refunded
    if foreign := [row for row in refunds if row.currency != case.currency]:
        told.append((Code.CURRENCY_MISMATCH, f"refunded in {foreign[0].currency}, charged in {case.currency}"))
        return told
    paid_with = next((line.instrument for line in case.lines if line.instrument), "")
    if paid_with and (other := [row for row in refunds if row.instrument and row.instrument != paid_with]):
        told.append((Code.INSTRUMENT_MISMATCH, f"paid with {paid_with}, refunded to {other[0].instrument}"))
    if refunds and any(line.disputed for line in case.lines):
        told.append((Code.CHARGEBACK_OVERLAP, "refunded and disputed"))
    tolerance = max(rules.tolerance, rules.tolerance_per_line * max(1, sum(1 for line in case.lines if line.sku)))
    if paid > expected + tolerance:
        twice = _repeated(case.refunds)
        if twice and paid - sum(row.amount for row in twice) <= expected + tolerance:
            case.extra.update({row.row_id: Code.DUP_REFUND for row in twice})
            told.append((Code.DUP_REFUND, f"{', '.join(row.row_id for row in twice)} repeats a refund of the same amount"))
        else:
            told.append((Code.OVER_REFUND, f"refunded {paid}, expected {expected} minor units"))
    elif 0 < paid < expected - tolerance:
        told.append((Code.UNDER_REFUND, f"refunded {paid}, expected {expected} minor units"))
    elif not paid and expected > tolerance:
        told.append(_unpaid(case, rules, now))
    if any(row.state is RefundState.PENDING for row in refunds):
        told.append((Code.TIMING_PENDING, "the refund is not settled yet"))
    return told


def _repeated(refunds: Sequence[tuple[RefundRow, int]]) -> list[RefundRow]:
    """Refunds of an amount that was refunded before, the later ones of each amount."""
    seen: set[int] = set()
    again = []
    for row, part in sorted(refunds, key=lambda entry: (entry[0].at, entry[0].row_id)):
        if part in seen:
            again.append(row)
        seen.add(part)
    return again


def _unpaid(case: _Case, rules: MatchRules, now: datetime) -> tuple[Code, str]:
    """Received (or not to be received) and not refunded: a matter of timing at first, a missed refund then."""
    if not case.early_ok and _short(case):
        return Code.TIMING_PENDING, "not received yet"
    since = max((row.accepted_at for row in case.receipts), default=min(line.opened_at for line in case.lines))
    days = (now - since).days
    return (Code.MISSED_REFUND, f"due for {days} days") if days > rules.refund_days else (Code.TIMING_PENDING, f"received {days} days ago")


def _counts(case: _Case) -> tuple[dict[str, int], dict[str, int]]:
    wanted: dict[str, int] = defaultdict(int)
    got: dict[str, int] = defaultdict(int)
    for line in case.lines:
        if line.sku and line.qty and not line.returnless:
            wanted[line.sku] += line.qty
    for row in case.receipts:
        got[row.sku] += row.qty
    return wanted, got


def _short(case: _Case) -> bool:
    wanted, got = _counts(case)
    return any(got.get(sku, 0) < qty for sku, qty in wanted.items())


def _goods(case: _Case, rules: MatchRules, now: datetime) -> Told:
    """Quantity and order of dates: legs 1 and 2, 2 and 3."""
    wanted, got = _counts(case)
    if more := {sku: qty for sku, qty in got.items() if qty > wanted.get(sku, 0)}:
        return [(Code.QTY_MISMATCH, ", ".join(f"{qty} x {sku} received, {wanted.get(sku, 0)} authorised" for sku, qty in sorted(more.items())))]
    if not _short(case):
        first = min((row.at for row, _ in case.refunds), default=None)
        last = max((row.accepted_at for row in case.receipts), default=None)
        if first and last and first < last and not case.early_ok:
            return [(Code.REFUND_NO_RECEIPT, f"refunded on {first:%Y-%m-%d}, received on {last:%Y-%m-%d}")]
        return []
    if case.early_ok:
        return []
    if case.refunds:
        return [(Code.QTY_MISMATCH, "refunded, and only a part received")] if got else [(Code.REFUND_NO_RECEIPT, "refunded, and nothing received")]
    if got:
        return [(Code.QTY_MISMATCH, "only a part received")]
    if case.expected:
        return []
    waited = (now - min(line.opened_at for line in case.lines)).days
    return [(Code.TIMING_PENDING if waited <= rules.receipt_days else Code.QTY_MISMATCH, f"nothing received for {waited} days")]


def _books(case: _Case, rules: MatchRules, now: datetime) -> Told:
    """Credit notes and cash lines: legs 3 and 4."""
    told: Told = []
    notes, refunds = case.notes(), [row for row, _ in case.refunds]
    paid, credited = case.refunded, sum(row.amount for row in notes)
    last = max((row.settled_at or row.at for row in refunds), default=None)
    # Nothing is booked before the customer has the money.
    pending = any(row.state is RefundState.PENDING for row in refunds)
    due = last is not None and not pending and (now - last).days > rules.ledger_days
    if any(row.currency != case.currency for row in notes):
        told.append((Code.CURRENCY_MISMATCH, "the credit note is in another currency"))
    elif paid and not notes:
        told.append((Code.LEDGER_MISSING if due else Code.TIMING_PENDING, "no credit note"))
    elif notes and credited != (paid or case.expected):
        repeated = [row for index, row in enumerate(notes) if any(row.amount == other.amount for other in notes[:index])]
        if repeated and credited - sum(row.amount for row in repeated) == (paid or case.expected):
            case.extra.update({row.row_id: Code.LEDGER_DUP for row in repeated})
            told.append((Code.LEDGER_DUP, f"{', '.join(row.doc_ref for row in repeated)} repeats a credit note"))
        else:
            told.append((Code.LEDGER_AMOUNT, f"credited {credited}, {'refunded' if paid else 'expected'} {paid or case.expected} minor units"))
    if notes and last and {(row.posted_on.year, row.posted_on.month) for row in notes} != {(last.year, last.month)}:
        told.append((Code.PERIOD_CUTOFF, f"credit note of {notes[0].posted_on:%Y-%m}, refund of {last:%Y-%m}"))
    return told + _cash(case, rules, due)


def _cash(case: _Case, rules: MatchRules, due: bool) -> Told:
    """Every settled refund has one cash line of its amount, at the rate of its settlement."""
    told: Told = []
    lines: dict[str, list[LedgerRow]] = defaultdict(list)
    for row in case.ledger:
        if row.kind == "cash":
            lines[row.doc_ref].append(row)
    for refund, part in case.refunds:
        posted = lines.pop(refund.row_id, [])
        if refund.state is not RefundState.SETTLED:
            continue
        if not posted:
            told.append((Code.LEDGER_MISSING if due else Code.TIMING_PENDING, f"{refund.row_id} is not posted"))
            continue
        if len(posted) > 1 and posted[0].amount in (part, refund.amount):
            case.extra.update({row.row_id: Code.LEDGER_DUP for row in posted[1:]})
            told.append((Code.LEDGER_DUP, f"{refund.row_id} is posted {len(posted)} times"))
        elif sum(row.amount for row in posted) not in (part, refund.amount) or posted[0].currency != refund.currency:
            told.append((Code.LEDGER_AMOUNT, f"{refund.row_id} is posted with another amount"))
        elif not _fx_explained(case, refund, posted[0], rules):
            told.append((Code.FX_UNEXPLAINED, f"{refund.row_id}: the exchange difference is not amount x (settlement rate - book rate)"))
    for strange in lines.values():
        case.extra.update({row.row_id: Code.ORPHAN_JOURNAL for row in strange})
        told.append((Code.ORPHAN_JOURNAL, f"{strange[0].doc_ref} is posted, and no such refund exists"))
    return told


def _fx_explained(case: _Case, refund: RefundRow, posted: LedgerRow, rules: MatchRules) -> bool:
    if refund.settle_rate is None or posted.functional is None:
        return True
    booked = convert(posted.amount, case.lines[0].book_rate, refund.currency, rules.books_currency)
    settled = convert(posted.amount, refund.settle_rate, refund.currency, rules.books_currency)
    near = rules.functional_tolerance
    return abs(posted.functional - settled) <= near and (posted.fx is None or abs(posted.fx - (settled - booked)) <= near)


# -- rows and totals -----------------------------------------------------------------------------------------------------


def _homes(pairs: Iterable[tuple[_Case, LegRow]]) -> dict[str, list[_Case]]:
    homes: dict[str, list[_Case]] = defaultdict(list)
    for case, row in pairs:
        homes[row.row_id].append(case)
    return homes


def _measure(row: LegRow) -> tuple[str, int]:
    """(currency, value) of a row; receipts count pieces."""
    if isinstance(row, OrderRow):
        return row.currency, row.expected
    if isinstance(row, RefundRow | LedgerRow):
        return row.currency, row.amount
    return "", row.qty if isinstance(row, ReceiptRow) else 0


def _order_result(row: OrderRow, judged: dict[str, CaseResult]) -> RowResult:
    currency, value = _measure(row)
    if row.excluded:
        return RowResult("orders", row.row_id, "excluded", row.excluded, row.rma, currency, value)
    result = judged[row.rma or row.order_no]
    return RowResult("orders", row.row_id, "matched" if result.code in GOOD else "exception", result.code, result.rma, currency, value)


def _leg(
    leg: str, rows: Sequence[LegRow], orphans: set[str], orphan_code: Code, homes: dict[str, list[_Case]], judged: dict[str, CaseResult]
) -> Iterable[RowResult]:
    for row in rows:
        currency, value = _measure(row)
        failed = isinstance(row, RefundRow) and row.state is RefundState.FAILED
        if row.excluded or failed:
            yield RowResult(leg, row.row_id, "excluded", row.excluded or "failed refund", row.rma, currency, value)
        elif row.row_id in orphans:
            yield RowResult(leg, row.row_id, "exception", orphan_code, row.rma, currency, value)
        else:
            cases = homes[row.row_id]
            code = min((case.extra.get(row.row_id, judged[case.rma].code) for case in cases), key=lambda one: _RANK[one])
            rma = ", ".join(case.rma for case in cases)
            yield RowResult(leg, row.row_id, "matched" if code in GOOD else "exception", code, rma, currency, value)


def _totals(sources: dict[str, Sequence[LegRow]], results: Iterable[RowResult]) -> tuple[ControlTotal, ...]:
    """Totals of the sources as they came, beside totals of what the match made of them: both are added up on their own."""
    came: dict[tuple[str, str], list[int]] = {}
    for leg, rows in sources.items():
        for row in rows:
            currency, value = _measure(row)
            total = came.setdefault((leg, currency), [0, 0])
            total[0] += 1
            total[1] += value
    made: dict[tuple[str, str, str], list[int]] = defaultdict(lambda: [0, 0])
    for result in results:
        total = made[result.leg, result.currency, result.status]
        total[0] += 1
        total[1] += result.value
    totals = []
    for (leg, currency), (rows_in, value_in) in came.items():
        matched, exceptions, excluded = (made[leg, currency, status] for status in ("matched", "exception", "excluded"))
        totals.append(ControlTotal(leg, currency, rows_in, value_in, matched[0], exceptions[0], excluded[0], matched[1], exceptions[1], excluded[1]))
    return tuple(totals)

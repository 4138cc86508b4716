"""The books: balanced journal entries and gapless vouchers. Posted entries are never edited, only reversed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import insert, select, update
from sqlalchemy.exc import IntegrityError

from bots.cases import events
from bots.cases.store import Case, Store, next_number
from bots.cases.tables import cases, journal_lines, journals, vouchers


@dataclass(frozen=True)
class Posting:
    """One line: exactly one of debit and credit is set, in minor units of the books' currency.

    `original_minor` is the same in the original currency (debit positive, credit negative); `rate_micro` the rate used.
    """

    account: str
    debit: int = 0
    credit: int = 0
    original_minor: int = 0
    original_currency: str = ""
    rate_micro: int = 1_000_000


@dataclass(frozen=True)
class JournalEntry:
    kind: str
    doc_ref: str
    text: str
    postings: tuple[Posting, ...]


class Unbalanced(Exception):
    """Debits and credits of a journal entry differ."""


def check_balance(entry: JournalEntry) -> None:
    """Raise Unbalanced unless debits equal credits in the books' currency; a line with both or neither side is refused."""
    for posting in entry.postings:
        if (posting.debit > 0) == (posting.credit > 0):
            raise Unbalanced(f"{entry.doc_ref}: {posting.account} needs exactly one of debit and credit")
    debit, credit = sum(p.debit for p in entry.postings), sum(p.credit for p in entry.postings)
    if debit != credit:
        raise Unbalanced(f"{entry.doc_ref}: debit {debit} and credit {credit} differ")


def balance_of_books(entries: Sequence[dict[str, Any]]) -> int:
    """Debits less credits over all journal lines, minor units of the books' currency: zero, or the books are broken."""
    return sum(entry["debit_minor"] - entry["credit_minor"] for entry in entries)


class Books:
    def __init__(self, store: Store) -> None:
        self.store = store

    def post(self, case: Case, entry: JournalEntry, on: date) -> bool:
        """Post a balanced entry once: False when this document is already posted."""
        check_balance(entry)
        try:
            with self.store.database.begin() as db:
                journal = db.execute(
                    insert(journals).values(case_id=case.id, kind=entry.kind, doc_ref=entry.doc_ref, posted_on=on, text=entry.text).returning(journals.c.id)
                ).scalar_one()
                for posting in entry.postings:
                    db.execute(
                        insert(journal_lines).values(
                            journal_id=journal,
                            account=posting.account,
                            debit_minor=posting.debit,
                            credit_minor=posting.credit,
                            original_minor=posting.original_minor,
                            original_currency=posting.original_currency,
                            rate_micro=posting.rate_micro,
                        )
                    )
                events.append(db, case.id, self.store.clock.now(), self.store.actor, "journal_posted", {"kind": entry.kind, "doc_ref": entry.doc_ref})
        except IntegrityError:
            return False
        return True

    def entries(self, case: Case | None = None) -> list[dict[str, Any]]:
        """Journal lines with their head (rma, kind, doc_ref, posted_on, account, debit_minor, credit_minor ...), oldest first."""
        query = (
            select(journals.c.kind, journals.c.doc_ref, journals.c.posted_on, journals.c.text, cases.c.rma, cases.c.order_no, journal_lines)
            .join(journals, journals.c.id == journal_lines.c.journal_id)
            .join(cases, cases.c.id == journals.c.case_id)
            .order_by(journals.c.id, journal_lines.c.id)
        )
        if case is not None:
            query = query.where(journals.c.case_id == case.id)
        with self.store.database.read() as db:
            return [dict(row._mapping) for row in db.execute(query)]

    def voucher(self, case: Case) -> str:
        """The case's voucher number, drawn from the gapless sequence on first call."""
        with self.store.database.begin() as db:
            known = db.execute(select(vouchers.c.number).where(vouchers.c.case_id == case.id)).scalar()
            if known is not None:
                return str(known)
            now: datetime = self.store.clock.now()
            number = f"RV-{now:%Y}-{next_number(db, f'voucher-{now:%Y}'):06d}"
            db.execute(insert(vouchers).values(number=number, case_id=case.id, issued_at=now))
            events.append(db, case.id, now, self.store.actor, "voucher_numbered", {"number": number})
            return number

    def voucher_written(self, number: str, file: str, sha256: str) -> None:
        with self.store.database.begin() as db:
            db.execute(update(vouchers).where(vouchers.c.number == number).values(file=file, sha256=sha256))

    def vouchers(self) -> list[dict[str, Any]]:
        with self.store.database.read() as db:
            return [
                dict(row._mapping)
                for row in db.execute(select(vouchers, cases.c.rma).join(cases, cases.c.id == vouchers.c.case_id).order_by(vouchers.c.number))
            ]

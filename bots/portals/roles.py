"""What each kind of back-end can be asked, in business words.

A portal implements a role with the locators of its product. Verbs that read may be repeated; verbs that take a
`permit` change something and click exactly once. A portal reports what its screens say and holds no business rule.
Reading verbs return None or an empty tuple when the back-end has no such thing, and raise SystemException when it cannot be read.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from email.message import EmailMessage
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from bots.cases.commits import Permit
from bots.cases.model import (
    CreditNote,
    CreditNoteInstruction,
    DispositionInstruction,
    Order,
    Parcel,
    ParcelSummary,
    Payee,
    PaymentRecord,
    QcInstruction,
    QcTask,
    Receipt,
    Refund,
    RefundInstruction,
    Replacement,
    ReplacementInstruction,
    ReturnInstruction,
    SalesReturn,
    Transfer,
    TransferInstruction,
)

if TYPE_CHECKING:
    from bots.portals.mailbox import RawMail


class Portal(Protocol):
    """What every back-end has."""

    name: str

    def check(self) -> str:
        """Log in if need be and say in a few words that the program answers; for `doctor`."""
        ...


class Erp(Portal, Protocol):
    """Orders, sales returns, credit notes, replacements."""

    def find_order(self, order_no: str) -> Order | None:
        """The order with exactly this number, complete: lines, export papers, returns, credit notes, replacements."""
        ...

    def create_return(self, instruction: ReturnInstruction, permit: Permit) -> None: ...

    def find_returns(self, rma: str) -> tuple[SalesReturn, ...]:
        """Returns under this RMA, read from the list page (not the page that made them)."""
        ...

    def cancel_return(self, return_no: str, order_no: str, permit: Permit) -> None: ...

    def create_credit_note(self, instruction: CreditNoteInstruction, permit: Permit) -> None: ...

    def find_credit_notes(self, rma: str) -> tuple[CreditNote, ...]: ...

    def create_replacement(self, instruction: ReplacementInstruction, permit: Permit) -> None: ...

    def find_replacements(self, rma: str) -> tuple[Replacement, ...]: ...


class Wms(Portal, Protocol):
    """Inbound return parcels, quality checks, stock movements."""

    def list_receipts(self) -> tuple[Receipt, ...]:
        """All return receipts of the list, newest first, without their lines."""
        ...

    def read_receipt(self, receipt_no: str) -> Receipt | None:
        """One receipt with its counted lines."""
        ...

    def create_qc_task(self, instruction: QcInstruction, permit: Permit) -> None: ...

    def find_qc_tasks(self, rma: str) -> tuple[QcTask, ...]:
        """Tasks of this RMA as the list shows them (no note)."""
        ...

    def list_finished_qc_tasks(self) -> tuple[QcTask, ...]:
        """Tasks that a person has finished and that wait for a disposition (no note)."""
        ...

    def read_qc_task(self, task_no: str) -> QcTask | None:
        """One task with the inspector's note."""
        ...

    def book_disposition(self, instruction: DispositionInstruction, permit: Permit) -> None: ...

    def create_transfer(self, instruction: TransferInstruction, permit: Permit) -> None: ...

    def find_transfers(self, rma: str) -> tuple[Transfer, ...]: ...


class Carrier(Portal, Protocol):
    """Parcels and their customs papers."""

    def summaries(self, tracking_nos: Sequence[str]) -> tuple[ParcelSummary, ...]:
        """The last event of many parcels, in as few page loads as the portal allows; unknown numbers are left out."""
        ...

    def read_parcel(self, tracking_no: str) -> Parcel | None:
        """All events (oldest first), weights and the customs declaration."""
        ...

    def download_events(self, tracking_no: str, folder: Path) -> Path:
        """The portal's CSV of events, kept as evidence."""
        ...


class Payments(Portal, Protocol):
    """Captures, refunds, disputes of a payment service provider."""

    def find_payment(self, order_no: str) -> PaymentRecord | None:
        """Captures, refunds and disputes of exactly this order."""
        ...

    def submit_refund(self, instruction: RefundInstruction, permit: Permit) -> None: ...

    def find_refunds(self, reference: str) -> tuple[Refund, ...]:
        """Refunds with this reference, read from the refunds list (not the page that made them)."""
        ...

    def list_refunds(self, since: date) -> tuple[Refund, ...]:
        """All refunds created on or after `since` (UTC), as the refunds list shows them."""
        ...

    def export_settlement(self, start: date, end: date, folder: Path) -> Path:
        """Download the settlement CSV of the days start..end (UTC, both included) into `folder`."""
        ...


class Bank(Portal, Protocol):
    """The bank program: transfers to payees that the bank already knows."""

    def find_payee(self, iban: str) -> Payee | None: ...

    def submit_transfer(self, instruction: RefundInstruction, permit: Permit) -> None: ...

    def find_transfers(self, reference: str) -> tuple[Refund, ...]:
        """Transfers with this reference, read from the statement."""
        ...

    def export_statement(self, folder: Path) -> Path: ...


class Mailbox(Portal, Protocol):
    """The returns mailbox: unread mail in, answers out."""

    def new_mail(self, folder: str = "INBOX") -> Iterator[RawMail]: ...

    def move(self, mail: RawMail, to_folder: str) -> None: ...

    def send(self, message: EmailMessage) -> None: ...

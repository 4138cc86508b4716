"""PayDesk: captures, refunds and disputes of the payment service provider; log-in with a one-time code."""

from __future__ import annotations

import csv
from datetime import date
from decimal import Decimal
from pathlib import Path

from bots.automation.formats import format_amount, parse_amount, parse_number, parse_time
from bots.cases.commits import Permit
from bots.cases.errors import ConfigProblem, SystemException
from bots.cases.model import Capture, Dispute, PaymentRecord, Refund, RefundInstruction, RefundState
from bots.cases.money import Money
from bots.portals.practice.forms import FormPortal
from bots.portals.signin import understood

METHODS = {"Card": "card", "Wallet": "wallet", "Marketplace": "marketplace", "Bank transfer": "bank_transfer"}
REASON = "Return"
MICRO = Decimal(1_000_000)


class PracticePayments(FormPortal):
    """Role Payments on PayDesk's screens."""

    def log_in(self) -> None:
        """Log in with password and one-time code; a refusal of either raises SystemException with the page's own words."""
        screen, access = self.screen, self.access
        if access.totp is None:
            raise ConfigProblem(f"{self.name}: PayDesk asks for a one-time code; set `totp: true` and store its secret")
        screen.open_login()
        screen.fill("user", access.account)
        screen.fill_secret("password", access.password())
        screen.click("sign_in")
        if screen.wait_any("code", "error") == "code":
            screen.fill_secret("code", access.totp())
            screen.click("verify")
            if screen.wait_any("signed_in", "error") == "signed_in":
                return
        raise SystemException(
            f"{self.book.head.title} refused the log-in of {access.account}: {screen.text('error')}",
            code="login_failed",
            advice="Check the account and its secrets with `run_bot.py doctor`.",
        )

    # -- reading -------------------------------------------------------------------------------------------------------
    def find_payment(self, order_no: str) -> PaymentRecord | None:
        """Captures, refunds (newest first) and disputes of exactly this order, from its own page; None when there was no payment."""
        screen = self.screen
        if not self._open_record("payment", order_no=order_no):
            return None
        captures, refunds, disputes = screen.table("captures"), screen.table("refunds"), screen.table("disputes")
        with understood(screen):
            return PaymentRecord(
                source_system=self.name,
                source_key=order_no,
                order_no=order_no,
                captures=tuple(self._capture(row, order_no) for row in captures),
                refunds=tuple(self._refund({**row, "order_no": order_no}) for row in refunds),
                disputes=tuple(self._dispute(row, order_no) for row in disputes),
            )

    def find_refunds(self, reference: str) -> tuple[Refund, ...]:
        """Refunds with exactly this reference, from the refunds list."""
        return tuple(refund for refund in self._refunds(reference=reference, start="") if refund.reference == reference)

    def list_refunds(self, since: date) -> tuple[Refund, ...]:
        """All refunds created on or after `since` (UTC), newest first."""
        return self._refunds(reference="", start=since.isoformat())

    def export_settlement(self, start: date, end: date, folder: Path) -> Path:
        """The settlement CSV of the days start..end (UTC, both included), saved as `<name>-settlement-<start>-<end>.csv`.

        A file with other refunds than the page shows raises SystemException: it was cut off on its way.
        """
        screen = self.screen
        screen.open("settlement", start=start.isoformat(), end=end.isoformat())
        shown = sorted(row["refund_id"] for row in screen.table("settlement"))
        saved = screen.download("download", folder, f"{self.name}-settlement-{start.isoformat()}-{end.isoformat()}.csv")
        content = saved.read_bytes()
        rows = list(csv.reader(content.decode("utf-8", errors="replace").splitlines()))
        whole = content.endswith(b"\n") and all(len(row) == len(rows[0]) for row in rows)
        if not whole or sorted(row[0] for row in rows[1:]) != shown:
            saved.unlink()
            raise SystemException(
                f"{self.book.head.title}: the settlement file of {start} to {end} holds {len(rows) - 1} rows, the page shows {len(shown)}",
                code="download_failed",
            )
        return saved

    # -- writing -------------------------------------------------------------------------------------------------------
    def submit_refund(self, instruction: RefundInstruction, permit: Permit) -> None:
        """Refund a part of one capture; the commit click is in the confirm step, after order, amount and reference were read there."""
        screen, wanted = self.screen, instruction
        if not self._open_record("payment", order_no=wanted.order_no):
            raise self._refused(f"there is no payment of order {wanted.order_no}")
        capture = next((row for row in screen.table("captures") if row["capture_id"] == wanted.capture_id), None)
        if capture is None or capture["currency"] != wanted.amount.currency:
            raise self._refused(f"order {wanted.order_no} has no capture {wanted.capture_id!r} in {wanted.amount.currency}")
        if screen.find("new_refund", capture_id=wanted.capture_id).is_disabled():
            raise self._refused(f"nothing is left of capture {wanted.capture_id}")
        screen.click("new_refund", capture_id=wanted.capture_id)
        screen.fill("amount", format_amount(wanted.amount, self.style, self.book.head.exponents))
        screen.fill("reference", wanted.rma)
        screen.choose("reason", REASON)
        screen.click("continue")
        shown = self._confirmation("confirm_dialog")
        amount = f"{wanted.amount.currency} {format_amount(wanted.amount, self.style, self.book.head.exponents, grouped=True)}"
        terms = {"order_no": wanted.order_no, "amount": amount, "reference": wanted.rma}
        self._agree({name: (shown[name], text) for name, text in terms.items()})
        screen.commit("confirm", permit, list(terms.values()), amount=amount)
        self._after_commit("payment", permit)

    # -- helpers -------------------------------------------------------------------------------------------------------
    def _refunds(self, *, reference: str, start: str) -> tuple[Refund, ...]:
        """Rows of the refunds list, over as many pages as it has."""
        rows = self._list("refunds", reference=reference, start=start)
        with understood(self.screen):
            return tuple(self._refund(row) for row in rows)

    def _money(self, row: dict[str, str]) -> Money:
        return parse_amount(row["amount"], row["currency"], self.style, self.book.head.exponents)

    def _capture(self, row: dict[str, str], order_no: str) -> Capture:
        return Capture(
            source_system=self.name,
            source_key=row["capture_id"],
            capture_id=row["capture_id"],
            order_no=order_no,
            method=METHODS.get(row["method"], row["method"]),
            instrument=row["instrument"],
            amount=self._money(row),
            captured_at=parse_time(row["captured_at"], self.style),
        )

    def _refund(self, row: dict[str, str]) -> Refund:
        return Refund(
            source_system=self.name,
            source_key=row["refund_id"],
            refund_id=row["refund_id"],
            capture_id=row["capture_id"],
            order_no=row["order_no"],
            reference=row["reference"],
            amount=self._money(row),
            state=RefundState(row["state"]),
            created_at=parse_time(row["created_at"], self.style),
            settled_at=parse_time(row["settled_at"], self.style),
            settle_rate=int(parse_number(row["settle_rate"], self.style) * MICRO) if row["settle_rate"] else None,
            failure=row["failure"],
        )

    def _dispute(self, row: dict[str, str], order_no: str) -> Dispute:
        return Dispute(
            source_system=self.name,
            source_key=row["dispute_id"],
            dispute_id=row["dispute_id"],
            order_no=order_no,
            kind=row["kind"],
            state=row["state"],
            amount=self._money(row),
        )

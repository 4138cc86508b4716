"""Vendure as payment back-end: captures and refunds of an order, in its Angular screens and in its React dashboard.

Vendure has no number of ours: the reason of a refund carries the RMA. It has no list of refunds either, so a list is read from
the orders' own pages. Its messages prove nothing (an error may stand beside a refund that exists, silence beside one that does
not): what counts is what an order's page shows when it is opened anew.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator
from datetime import date
from pathlib import Path
from urllib.parse import urlsplit

from bots.automation.browser import BrowserHouse
from bots.automation.formats import format_amount, parse_number
from bots.automation.locators import Book
from bots.cases.commits import Permit
from bots.cases.errors import BusinessException, ScreenChanged, SessionLost, SystemException
from bots.cases.model import Capture, PaymentRecord, Refund, RefundInstruction, RefundState
from bots.cases.money import Money
from bots.portals.signin import PasswordPortal, understood
from bots.portals.vendure.amounts import read_moment, read_money, write_money
from bots.portals.web import Access

MOST_PAGES = 1000
"""A list that goes on longer is not a list but a loop."""
LIST_TRIES = 3
"""How often a list is read that changes meanwhile."""
NOWHERE = "no order has this number"
"""A search for it finds nothing."""
TAKEN = "Settled"
"""State of a payment whose money was taken."""
SETTLEMENT = ("refund_id", "capture_id", "order_no", "reference", "currency", "amount", "fee", "state", "created_at", "settled_at", "settle_rate")


class LineRefund(RefundInstruction):
    """A refund that names the units it is for: (sku, quantity). An amount other than their price is entered by hand over it.

    With `cancel_lines` the units leave the order too ("Return to stock"). Vendure does that first and does not take it back
    when the refund is declined.
    """

    lines: tuple[tuple[str, int], ...]
    cancel_lines: bool = False


class VendurePayments(PasswordPortal):
    """Role Payments on Vendure's Angular screens."""

    def __init__(self, name: str, house: BrowserHouse, book: Book, access: Access) -> None:
        super().__init__(name, house, book, access)
        self._places: dict[str, str] = {}
        """Order number -> the id its page's address has; checked against the page each time."""
        self._orders: dict[str, set[str]] = {}
        """Reference -> the orders that have a refund under it, or were asked for one, as far as this process has seen."""

    # -- getting about -------------------------------------------------------------------------------------------------
    def log_in(self) -> None:
        """Log in; a refusal raises SystemException with the page's own words. Its alarm about a lost server is not heeded."""
        self.screen.open_login()
        if self.screen.wait_any("signed_in", "user") == "user":
            self._enter()

    def _open(self, page: str, **params: object) -> None:
        """Open a page; a single-page program shows its log-in only once it runs, at the page's own address or another."""
        self.screen.open(page, **params)
        if self.screen.has("login_form"):
            self.access.guard(self.log_in)
            self.screen.open(page, **params)
            if self.screen.has("login_form"):
                raise SessionLost(f"{self.book.head.title}: still at the log-in page after logging in as {self.access.account}")

    def _open_order(self, order_no: str) -> bool:
        """Open the page of exactly this order; False when there is none."""
        screen = self.screen
        known = self._places.get(order_no)
        if known is None:
            if not self._listed(order_no):
                return False
            # Opened by its address: a list that is still settling takes a click on it back.
            known = _last_part(screen.find("order_link", order_no=order_no).get_attribute("href") or "")
        self._open("order", order_id=known)
        if screen.has("draft"):  # staff has begun it, nobody has placed it
            return False
        shown = screen.text("order_no")
        if shown != order_no:
            self._places.pop(order_no, None)
            raise ScreenChanged(f"{self.book.product}: the page of order {order_no!r} shows order {shown!r}", code="confirm_mismatch")
        self._places[order_no] = known
        return True

    def _open_list(self, number: int) -> None:
        """Open a page of the list of orders and wait for its rows: a list that still loads looks exactly like one without orders."""
        screen = self.screen
        self._open("orders", number=number)
        try:
            screen.wait_any("row", row=0)
        except ScreenChanged:
            if screen.has("empty"):
                raise SystemException(
                    f"{self.book.head.title}: page {number} of the list of orders stays empty, which is no proof that there are none", code="incomplete_read"
                ) from None
            raise

    def _listed(self, order_no: str) -> bool:
        """Search the list of orders; True when exactly this number is among what it found.

        The search waits a moment and shows the former rows meanwhile. It is over when every row has the number in it, or no
        row is left; where that was so before, the list is emptied first, to see it change.
        """
        screen = self.screen
        self._open_list(1)
        if screen.has("order_link", order_no=order_no):
            return True
        if screen.has("matching_only", order_no=order_no):
            screen.fill("search", NOWHERE)
            screen.wait_any("empty")
            screen.fill("search", order_no)
            screen.wait_any("matching_only", order_no=order_no)
        else:
            screen.fill("search", order_no)
            screen.wait_any("order_link", "matching_only", "empty", order_no=order_no)
        if screen.has("order_link", order_no=order_no):
            return True
        if screen.has("next"):
            raise SystemException(
                f"{self.book.head.title}: more orders than one page holds have {order_no!r} in them: ask for a whole number", code="incomplete_read"
            )
        return False

    # -- reading -------------------------------------------------------------------------------------------------------
    def find_payment(self, order_no: str) -> PaymentRecord | None:
        """Captures and refunds (newest first) of exactly this order, from its own page; None when there is no such order."""
        if not self._open_order(order_no):
            return None
        screen = self.screen
        captures: list[Capture] = []
        refunds: list[Refund] = []
        with understood(screen):
            for payment in self._count("payment"):
                if screen.text("payment_state", payment=payment) != TAKEN:
                    continue
                captures.append(self._capture(order_no, payment))
                self._unfold(payment)
                refunds += [self._refund(captures[-1], payment, refund) for refund in self._count("refund", payment=payment)]
        for refund in refunds:
            self._orders.setdefault(refund.reference, set()).add(order_no)
        return PaymentRecord(
            source_system=self.name,
            source_key=order_no,
            order_no=order_no,
            captures=tuple(captures),
            refunds=_newest_first(refunds),
        )

    def find_refunds(self, reference: str) -> tuple[Refund, ...]:
        """Refunds with exactly this reference: from the pages of its orders, opened anew, where this process knows them; else from all orders' pages."""
        known = self._orders.get(reference)
        found = tuple(self._refunds_of(sorted(known)) if known else self._all_refunds())
        return tuple(refund for refund in found if refund.reference == reference)

    def list_refunds(self, since: date) -> tuple[Refund, ...]:
        """All refunds created on or after `since` (UTC), newest first; opens every order's page, for a refund does not change its order's time."""
        found = [refund for refund in self._all_refunds() if refund.created_at is not None and refund.created_at.date() >= since]
        return _newest_first(found)

    def export_settlement(self, start: date, end: date, folder: Path) -> Path:
        """The refunds of the days start..end (UTC, both included) as its pages show them, saved as `<name>-settlement-<start>-<end>.csv`.

        Vendure itself has no such file: it agrees with the pages by its nature and is no second witness.
        """
        folder.mkdir(parents=True, exist_ok=True)
        file = folder / f"{self.name}-settlement-{start.isoformat()}-{end.isoformat()}.csv"
        with file.open("w", encoding="utf-8", newline="") as out:
            writer = csv.writer(out)
            writer.writerow(SETTLEMENT)
            for refund in self.list_refunds(start):
                assert refund.created_at is not None
                if refund.created_at.date() <= end:
                    writer.writerow(self._settlement_row(refund))
        return file

    def _settlement_row(self, refund: Refund) -> list[str]:
        amount = format_amount(refund.amount, self.style, self.book.head.exponents)
        created = refund.created_at.isoformat() if refund.created_at else ""
        texts = [refund.refund_id, refund.capture_id, refund.order_no, refund.reference]
        return [*(_plain(text) for text in texts), refund.amount.currency, amount, "0", refund.state.value, created, "", ""]

    def _all_refunds(self) -> Iterator[Refund]:
        """The refunds of every order, from the orders' own pages."""
        yield from self._refunds_of(self._all_orders())

    def _refunds_of(self, order_nos: Iterable[str]) -> Iterator[Refund]:
        for order_no in order_nos:
            payment = self.find_payment(order_no)
            yield from payment.refunds if payment else ()

    def _all_orders(self) -> list[str]:
        """The numbers of all orders, oldest first: a new one comes last and moves no other to a page that was read already.

        Raises SystemException when the list changes again and again while it is read.
        """
        for _ in range(LIST_TRIES):
            orders = self._walk_list()
            if orders is not None:
                return orders
        raise SystemException(f"{self.book.head.title}: the list of orders changed each time it was read, {LIST_TRIES} times", code="incomplete_read")

    def _walk_list(self) -> list[str] | None:
        """Read every page once; None when the rows do not come to what the list says it has."""
        screen = self.screen
        found: dict[str, str] = {}
        rows = 0
        for number in range(1, MOST_PAGES + 1):
            self._open_list(number)
            self._settle_rows()
            for row in self._count("row"):
                link = screen.find("row", row=row)
                found[link.inner_text().strip()] = link.get_attribute("href") or ""
                rows += 1
            if screen.has("next"):
                continue
            if rows != len(found) or not self._is_whole(rows, number):
                return None
            self._places.update({order_no: _last_part(address) for order_no, address in found.items()})
            return list(found)
        raise SystemException(f"{self.book.head.title}: the list of orders has no end after {MOST_PAGES} pages", code="endless_list")

    def _settle_rows(self) -> None:
        """Wait until the page has the rows that its foot counts: the first answer that is shown is of the whole list, the next of this page."""
        screen = self.screen
        first, last, _ = self._counted()
        screen.wait_any("row", row=last - first)
        screen.wait_gone("row", row=last - first + 1)

    def _is_whole(self, rows: int, pages: int) -> bool:
        """Whether so many rows on so many pages are the whole list."""
        return self._counted()[2] == rows

    def _counted(self) -> tuple[int, int, int]:
        """First and last row of this page, and how many rows there are: `6 - 10 of 16`."""
        with understood(self.screen):
            first, last, total = map(int, re.findall(r"\d+", self.screen.text("counted")))
        return first, last, total

    def _count(self, element: str, **params: int) -> Iterator[int]:
        """0, 1, ... for as long as the page has that many of the element."""
        number = 0
        while self.screen.has(element, **{element: number}, **params):
            yield number
            number += 1

    def _unfold(self, payment: int) -> None:
        """Show the payment's refunds where the screen hides them."""

    def _capture(self, order_no: str, payment: int) -> Capture:
        screen = self.screen
        number = screen.text("transaction", payment=payment) if screen.has("transaction", payment=payment) else f"{order_no}/{payment + 1}"
        method = screen.text("method", payment=payment)
        return Capture(
            source_system=self.name,
            source_key=number,
            capture_id=number,
            order_no=order_no,
            method=method,
            instrument=method,
            amount=read_money(screen.text("amount", payment=payment), self.book.head.exponents),
            captured_at=read_moment(screen.text("captured_at", payment=payment)) if screen.has("captured_at", payment=payment) else None,
        )

    def _refund(self, capture: Capture, payment: int, refund: int) -> Refund:
        screen, place = self.screen, {"payment": payment, "refund": refund}
        # The heading is `Refund #12` and the state beside it; the field is the number alone.
        number = screen.text("refund_id", **place).removeprefix("Refund #").split()[0]
        return Refund(
            source_system=self.name,
            source_key=number,
            refund_id=number,
            capture_id=capture.capture_id,
            order_no=capture.order_no,
            reference=screen.text("refund_reason", **place) if screen.has("refund_reason", **place) else "",
            amount=read_money(screen.text("refund_total", **place), self.book.head.exponents),
            state=RefundState(screen.text("refund_state", **place).casefold()),
            created_at=read_moment(screen.text("refund_created_at", **place)),
            failure=self._failure(**place),
        )

    def _failure(self, **place: int) -> str:
        """What the acquirer said to a refund, as far as the screen shows it."""
        return self.screen.text("refund_failure", **place) if self.screen.has("refund_failure", **place) else ""

    # -- writing -------------------------------------------------------------------------------------------------------
    def submit_refund(self, instruction: RefundInstruction, permit: Permit) -> None:
        """Refund a part of the order's one capture, for the units of a LineRefund or as a bare amount; the reason is the RMA."""
        screen, wanted = self.screen, instruction
        before = self._payment_to_refund(wanted)
        self._orders.setdefault(wanted.rma, set()).add(wanted.order_no)
        screen.click("menu")
        screen.wait_any("menu_open")
        if not screen.has("refund_item"):
            raise self._refused(f"it offers no refund for order {wanted.order_no}")
        screen.click("refund_item")
        screen.now_at("refund")
        screen.find("dialog")
        if screen.has("payment", payment=1):
            raise self._refused(f"order {wanted.order_no} was paid by several payments, which the refund dialog does not tell apart: refund it by hand")
        if isinstance(wanted, LineRefund):
            self._choose_lines(wanted)
        self._enter_reference(wanted.rma)
        self._enter_amount(wanted.amount)
        amount = write_money(wanted.amount, self.book.head.exponents)
        if screen.wait_any("problem", "confirm", amount=amount) == "problem":
            raise self._refused(screen.text("problem"))
        if screen.text("order_no") != wanted.order_no:
            raise ScreenChanged(f"{self.book.product}: the refund dialog stands over order {screen.text('order_no')!r}", code="confirm_mismatch")
        screen.commit("confirm", permit, [amount, wanted.rma], amount=amount)
        self._after_refund(wanted, before, permit)

    def settle_refund(self, order_no: str, refund_id: str, transaction: str, permit: Permit) -> None:
        """Say that the acquirer has paid a pending refund, under the acquirer's own number."""
        screen = self.screen
        if self.find_payment(order_no) is None:
            raise self._refused(f"there is no order {order_no}")
        place = next(
            (
                {"payment": payment, "refund": refund}
                for payment in self._count("payment")
                for refund in self._count("refund", payment=payment)
                if screen.text("refund_id", payment=payment, refund=refund).removeprefix("Refund #").split()[0] == refund_id
            ),
            None,
        )
        if place is None or not screen.has("settle", **place):
            raise self._refused(f"order {order_no} has no pending refund {refund_id}")
        screen.click("settle", **place)
        screen.now_at("settle")
        screen.fill("transaction", transaction)
        screen.commit("confirm", permit, [transaction])
        self._answered(permit)

    def _payment_to_refund(self, wanted: RefundInstruction) -> PaymentRecord:
        """The order's page, opened; it must have the capture that is to be refunded."""
        payment = self.find_payment(wanted.order_no)
        if payment is None:
            raise self._refused(f"there is no order {wanted.order_no}")
        capture = next((capture for capture in payment.captures if capture.capture_id == wanted.capture_id), None)
        if capture is None or capture.amount.currency != wanted.amount.currency:
            raise self._refused(f"order {wanted.order_no} has no capture {wanted.capture_id!r} in {wanted.amount.currency}")
        return payment

    def _choose_lines(self, wanted: LineRefund) -> None:
        screen = self.screen
        for sku, quantity in wanted.lines:
            if not screen.has("quantity", sku=sku):
                raise self._refused(f"nothing of {sku} in order {wanted.order_no} can be refunded any more")
            screen.fill("quantity", str(quantity), sku=sku)
            if screen.has("returned_to_stock", sku=sku) != wanted.cancel_lines:
                screen.click("return_to_stock", sku=sku)
            if screen.has("returned_to_stock", sku=sku) != wanted.cancel_lines:
                raise ScreenChanged(f"{self.book.product}: the mark that cancels {sku} does not change when it is clicked", code="field_mismatch")

    def _enter_reference(self, rma: str) -> None:
        """The reason is a list that takes a text of one's own; what it then shows must be ours, not an entry of the list."""
        screen = self.screen
        screen.fill("reference", rma)
        screen.press("reference", "Enter")
        if screen.text("reference_shown") != rma:
            raise ScreenChanged(f"{self.book.product}: the reason shows {screen.text('reference_shown')!r} after {rma!r} was entered", code="field_mismatch")

    def _enter_amount(self, amount: Money) -> None:
        """Leave the total that the lines come to, or enter it by hand; total and the payment's part must then both be the amount."""
        screen = self.screen
        number = format_amount(amount, self.style, self.book.head.exponents)
        if not self._holds("total", number):
            screen.click("override")
            screen.fill("total", number)
        if not self._holds("payment_amount", number):
            screen.fill("payment_amount", number)
        for field in ("total", "payment_amount"):
            if not self._holds(field, number):
                raise ScreenChanged(f"{self.book.product}: {field!r} holds {screen.value(field)!r} after {number} was entered", code="field_mismatch")

    def _holds(self, field: str, number: str) -> bool:
        """Whether a number field holds this amount, however many noughts it writes."""
        with understood(self.screen):
            return parse_number(self.screen.value(field) or "0", self.style) == parse_number(number, self.style)

    def _after_refund(self, wanted: RefundInstruction, before: PaymentRecord, permit: Permit) -> None:
        """Wait for the answer, then see whether the refund was declined: the Angular screens say so, the dashboard reports a success.

        A refund that stands as failed is certain, and nothing was paid. Everything else is for the ledger to read and judge.
        """
        said: SystemException | None = None
        try:
            self._answered(permit)
        except SystemException as error:
            said = error
        known = {refund.refund_id for refund in before.refunds}
        after = self.find_payment(wanted.order_no)
        new = [refund for refund in (after.refunds if after else ()) if refund.refund_id not in known and refund.reference == wanted.rma]
        if new and all(refund.state is RefundState.FAILED for refund in new):
            taken = isinstance(wanted, LineRefund) and wanted.cancel_lines
            units = " Its units were taken out of the order all the same: put them back by hand." if taken else ""
            raise BusinessException(
                f"{self.book.head.title} declined refund {new[0].refund_id} of {wanted.amount} for order {wanted.order_no}: "
                f"{new[0].failure or 'it gives no reason'}.{units}",
                code="refund_declined",
            )
        if said is not None:
            raise said

    def _answered(self, permit: Permit) -> None:
        """Wait until the program says how the commit ended; an error, or no word, raises SystemException. Neither proves anything.

        Leaving the page earlier would cut off what it still sends.
        """
        screen = self.screen
        try:
            outcome = screen.wait_any("error", "toast")
        except ScreenChanged:
            raise SystemException(f"{self.book.head.title} said nothing after the commit", code="error_after_commit") from None
        finally:
            permit.photograph("after", screen.picture())
        if outcome == "error":
            raise SystemException(f"{self.book.head.title} answered the commit with: {screen.text('error')}", code="error_after_commit")

    def _refused(self, facts: str) -> BusinessException:
        return BusinessException(f"{self.book.head.title}: {facts}", code="refused_by_backend")


class VendureDashboardPayments(VendurePayments):
    """The same on the React dashboard, which folds refunds away and has an own field for a reason that is not on its list."""

    def _unfold(self, payment: int) -> None:
        if self.screen.has("refunds_folded", payment=payment):
            self.screen.click("refunds_folded", payment=payment)
            self.screen.find("refund", payment=payment, refund=0)

    def _settle_rows(self) -> None:
        """Its rows are those of the page from the first answer on."""

    def _is_whole(self, rows: int, pages: int) -> bool:
        """The dashboard counts pages and not rows: `Page 2 of 4`."""
        with understood(self.screen):
            number, of = map(int, re.findall(r"\d+", self.screen.text("counted")))
        return number == of == pages

    def _failure(self, **place: int) -> str:
        return ""  # folded away in a viewer for programmers

    def _enter_reference(self, rma: str) -> None:
        self.screen.click("reason")
        self.screen.click("other")
        self.screen.fill("reference", rma)


def _newest_first(refunds: list[Refund]) -> tuple[Refund, ...]:
    """By time; of the same time (the dashboard shows minutes) the one that the page lists last comes first."""
    oldest_first = sorted(refunds, key=lambda refund: refund.created_at.timestamp() if refund.created_at else 0.0)
    return tuple(oldest_first[::-1])


def _last_part(address: str) -> str:
    """The id at the end of an order's address."""
    return urlsplit(address).path.rstrip("/").rpartition("/")[2]


def _plain(text: str) -> str:
    """Text from outside for a CSV that somebody may open in a spreadsheet: never a formula."""
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t")) else text

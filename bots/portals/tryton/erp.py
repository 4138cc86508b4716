"""Tryton as ERP: a shop's orders are its sales, found by the reference; a return is a sale of less than nothing that comes from another
sale and whose reference is the RMA; a credit note is the invoice over less than nothing that the return leads to.

The buyer's mail is the sale's contact. Goods count as delivered on the day on which the last shipment is done: who sets shipments to done as they
leave tells a day that is too early.

What Tryton does not say stays empty: the buyer's language, discounts, export papers, labels. It has no
replacements of its own. It keeps net prices; a line's gross price is the net price with the line's tax, rounded to the cent.
"""

from __future__ import annotations

from abc import abstractmethod
from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from bots.automation.screen import Screen
from bots.cases.commits import Permit
from bots.cases.errors import ScreenChanged, SystemException
from bots.cases.model import CreditNote, CreditNoteInstruction, Order, OrderLine, Replacement, ReplacementInstruction, ReturnInstruction, SalesReturn
from bots.cases.money import Money, exponent
from bots.portals.signin import understood
from bots.portals.tryton.base import Client, Domain
from bots.portals.tryton.client import TrytonPortal
from bots.portals.tryton.values import bracketed, mail_of, read_day, read_moment, read_number, read_pieces, record, whole

NOT_YET = ("draft", "quotation")
"""A return in one of these states moves nothing: it is no return yet."""
AGREED = ("confirmed", "processing", "done")
STATES = {"Confirmed": "open", "Processing": "open", "Done": "closed", "Cancelled": "cancelled"}
POSTED = ("Posted", "Paid")
MADE_FROM_SALE: Domain = ["origin", "like", "sale.sale,%"]
RETURNED = "Sales"
"""Title of the tab in which the client opens what the return assistant made."""
POST_QUESTION = "Are you sure you want to post the invoices?"


class ErpVerbs(Client):
    """Role Erp on the screens of any of Tryton's clients."""

    _currencies: dict[str, str] | None = None
    _taxes: dict[str, int] | None = None

    # -- reading -------------------------------------------------------------------------------------------------------
    def find_order(self, order_no: str) -> Order | None:
        """The sale with exactly this reference, with its lines, returns and credit notes; None when there is none."""
        if not self._open_sale(order_no):
            return None
        head = self._fields(
            *("number", "reference", "party", "contact", "sale_date", "currency", "payment_term", "warehouse", "shipment_address", "state"),
            *("untaxed_amount", "tax_amount", "total_amount"),
            filled=("number", "party", "currency", "state", "untaxed_amount", "tax_amount", "total_amount"),
        )
        if head["reference"] != order_no:
            raise ScreenChanged(f"{self.book.product}/sale: asked for {order_no!r}, the form shows {head['reference']!r}", code="other_record")
        currency = self._code(head["currency"])
        lines = self._lines(order_no, currency, head)
        invoices = self._list("invoices", [["sales.reference", "=", order_no], ["type", "=", "out"]], "state")
        invoice = next((row for row in invoices if row["state"] in POSTED), {})
        shipped, delivered = self._sent(order_no)
        returns = self._returns([["sale.origin.reference", "=", order_no, "sale.sale"]], order_no)
        notes = [note for rma in dict.fromkeys(one.rma for one in returns) if rma for note in self._notes(rma, order_no, currency)]
        with understood(self.screen):
            return Order(
                source_system=self.name,
                source_key=head["number"],
                order_no=order_no,
                placed_at=read_moment(head["sale_date"]),
                shipped_at=shipped,
                delivered_at=delivered,
                buyer_name=head["party"],
                buyer_email=mail_of(head["contact"]),
                buyer_lang="",
                country=_country(head["shipment_address"]),
                address=head["shipment_address"],
                currency=currency,
                invoice_no=invoice.get("number", ""),
                invoice_date=read_day(invoice.get("invoice_date", "")),
                payment_method=head["payment_term"].casefold().replace(" ", "_"),
                ship_from=bracketed(head["warehouse"])[0],
                lines=lines,
                returns=returns,
                credit_notes=tuple(notes),
            )

    def find_returns(self, rma: str) -> tuple[SalesReturn, ...]:
        """Returns with exactly this RMA as reference that were confirmed, read from the list of lines and the returns' own forms."""
        domain: Domain = [["reference", "=", rma], MADE_FROM_SALE, ["state", "not in", list(NOT_YET)]]
        order_nos: dict[str, str] = {}
        for row in range(len(self._list("sales", domain, "number"))):
            if row:
                self._list("sales", domain, "number")
            self._go_into("sale", row)
            shown = self._fields("number", "origin", "state", filled=("number", "origin", "state"))
            order_nos[shown["number"]] = record(shown["origin"])[1]
        if not order_nos:
            return ()
        found = self._returns([["sale.reference", "=", rma], ["sale.origin", "like", "sale.sale,%"]], "")
        with understood(self.screen):
            return tuple(one.model_copy(update={"order_no": order_nos[one.return_no]}) for one in found)

    def find_credit_notes(self, rma: str) -> tuple[CreditNote, ...]:
        """Posted credit notes with exactly this RMA as reference, as the list of invoices shows them."""
        returns = self.find_returns(rma)
        if not returns:
            return ()
        order_no = returns[0].order_no
        if not self._open_sale(order_no):
            raise ScreenChanged(f"{self.book.product}: return {returns[0].return_no} comes from {order_no!r}, which is not to be found", code="other_record")
        head = self._fields("currency", "state", filled=("currency", "state"))
        return self._notes(rma, order_no, self._code(head["currency"]))

    def find_replacements(self, rma: str) -> tuple[Replacement, ...]:
        """Tryton has none."""
        return ()

    # -- writing -------------------------------------------------------------------------------------------------------
    def create_return(self, instruction: ReturnInstruction, permit: Permit) -> None:
        """Make a return of these lines; the commit is `Confirm` on the return's own form.

        The draft that an earlier try left under the RMA is taken up. Reason and carrier go into its description: Tryton makes no label.
        """
        wanted = instruction
        if wanted.kind != "return":
            raise self._refused("a return without goods coming back is not known there: credit it by hand")
        asked = Counter[str]()
        for sku, qty in wanted.lines:
            asked[sku] += qty
        sold = Counter[str]()
        for row in self._list("lines", [["sale.reference", "=", wanted.order_no], ["type", "=", "line"]], "amount"):
            sold[bracketed(row["product"])[0]] += read_pieces(row["quantity"])
        strange = {sku: qty for sku, qty in asked.items() if qty > sold[sku]}
        if strange or not wanted.lines:
            raise self._refused(f"order {wanted.order_no} holds {dict(sold)}, not {strange or 'nothing'}")
        description = " ".join(filter(None, (wanted.reason, wanted.carrier)))
        self._open_draft(wanted, description)
        self._keep_only(asked)
        self._save()
        shown = self._fields("reference", "origin", "description", "total_amount", "state", filled=("origin", "total_amount", "state"))
        if shown["state"] == "draft":
            self._press("quote")
            self._settle(("quotation",))
        shown = self._fields("reference", "origin", "description", "total_amount", "state", filled=("origin", "total_amount", "state"))
        with understood(self.screen):
            self._agree(
                {
                    "order_no": (record(shown["origin"])[1], wanted.order_no),
                    "rma": (shown["reference"], wanted.rma),
                    "reason": (shown["description"], description),
                    "lines": (self._pieces(), asked),
                }
            )
        self._commit("confirm", permit, [wanted.rma, shown["origin"], shown["total_amount"]], AGREED)

    def cancel_return(self, return_no: str, order_no: str, permit: Permit) -> None:
        """Tryton takes no confirmed return back."""
        raise self._refused(f"it cannot take back return {return_no} of order {order_no}: cancel its shipment and its invoice by hand")

    def create_credit_note(self, instruction: CreditNoteInstruction, permit: Permit) -> None:
        """Post the credit note that the return under this RMA has led to; the commit is `Post` with the client's question after it.

        Tryton credits what the return's lines come to: another amount is refused.
        """
        wanted = instruction
        returns = [one for one in self.find_returns(wanted.rma) if one.order_no == wanted.order_no]
        if not returns:
            raise self._refused(f"order {wanted.order_no} has no return under {wanted.rma} that could be credited")
        codes = self._codes()
        drafts = self._list("invoices", [["sales.reference", "=", wanted.rma], ["type", "=", "out"], ["state", "in", ["draft", "validated"]]], "state")
        if len(drafts) != 1:
            raise self._refused(f"return {returns[0].return_no} has {len(drafts)} credit notes that are not posted, where one is needed")
        self._go_into("invoice")
        self._fields("currency", "state", "total_amount", filled=("currency", "state", "total_amount"))
        self._type("reference", wanted.rma)
        self._save()
        named = ("currency", "state", "tax_amount", "total_amount")
        shown = self._fields("reference", *named, filled=named)
        currency = wanted.gross.currency
        with understood(self.screen):
            terms = (codes.get(shown["currency"]), -self._minor(shown["total_amount"], currency), -self._minor(shown["tax_amount"], currency))
        if terms != (currency, wanted.gross.minor, wanted.tax):
            raise self._refused(
                f"return {returns[0].return_no} comes to {shown['total_amount']} {terms[0]} with {shown['tax_amount']} of tax, "
                f"not to {wanted.gross} with {wanted.tax}: change the draft credit note by hand"
            )
        self._agree({"rma": (shown["reference"], wanted.rma)})
        self._commit("post", permit, [wanted.rma, shown["total_amount"], shown["tax_amount"]], ("posted", "paid"), POST_QUESTION)

    def create_replacement(self, instruction: ReplacementInstruction, permit: Permit) -> None:
        """Tryton knows no goods without charge that belong to a return."""
        raise self._refused(f"it has no replacements: send {instruction.qty} of {instruction.sku} for {instruction.rma} by hand")

    # -- what each client does its own way -------------------------------------------------------------------------------
    @abstractmethod
    def _go_into_draft(self, wanted: ReturnInstruction) -> bool:
        """Open the draft of this return that an earlier try left, under its RMA or under none; False when there is none."""

    @abstractmethod
    def _make_return(self, order_no: str) -> None:
        """From the order's form, make a return of all of it; its draft is shown then."""

    @abstractmethod
    def _shown_lines(self) -> list[dict[str, str]]:
        """The lines of a sale as its form shows them now."""

    @abstractmethod
    def _set_quantity(self, place: int, quantity: int) -> None:
        """Change the quantity of one line."""

    @abstractmethod
    def _drop_lines(self, places: Sequence[int]) -> None:
        """Mark lines for deletion, up to where the form can be saved."""

    # -- sales -----------------------------------------------------------------------------------------------------------
    def _open_sale(self, order_no: str) -> bool:
        """Open the form of the sale with this reference; False when there is none."""
        found = self._list("sales", [["reference", "=", order_no], ["OR", ["origin", "=", None], ["origin", "not like", "sale.sale,%"]]], "state")
        if len(found) > 1:
            raise ScreenChanged(f"{self.book.product}: {len(found)} sales have the reference {order_no!r}", code="other_record")
        if found:
            self._go_into("sale")
        return bool(found)

    def _open_draft(self, wanted: ReturnInstruction, description: str) -> None:
        """Open the draft of this return, under its RMA and saved: the one that is there, else a new one."""
        if not self._go_into_draft(wanted):
            if not self._open_sale(wanted.order_no):
                raise self._refused(f"there is no order {wanted.order_no}")
            self._fields("state", "number", filled=("state", "number"))
            self._make_return(wanted.order_no)
        shown = self._fields("state", "origin", "total_amount", filled=("state", "origin", "total_amount"))
        if shown["state"] == "draft":
            self._type("reference", wanted.rma)
            self._type("description", description)
            self._save()

    def _drafts(self, order_no: str, *more: Any) -> list[dict[str, str]]:
        """The list of the order's returns that move nothing yet."""
        return self._list("sales", [["origin.reference", "=", order_no, "sale.sale"], ["state", "in", list(NOT_YET)], *more], "state")

    def _keep_only(self, asked: Counter[str]) -> None:
        """Bring the draft's lines to the pieces that are asked for; lines of nothing are deleted, which shows only once the form is saved."""
        left, gone = Counter(asked), []
        with understood(self.screen):
            rows = self._draft_lines()
            for place, row in enumerate(rows):
                sku, offered = bracketed(row["product"])[0], -read_pieces(row["quantity"])
                taken = min(offered, left[sku])
                left[sku] -= taken
                if not taken:
                    gone.append(place)
                elif taken != offered:
                    self._set_quantity(place, -taken)
        if gone:
            self._drop_lines(gone)
            self._save()
        self._wait(f"the lines {dict(asked)}", lambda: self._pieces() == asked)

    def _draft_lines(self) -> list[dict[str, str]]:
        """The lines that the form shows, once all of them are filled."""
        rows: list[dict[str, str]] = []

        def filled() -> bool:
            nonlocal rows
            rows = self._shown_lines()
            return bool(rows) and all(row["product"] and row["quantity"] for row in rows)

        self._wait("the lines of the return", filled)
        return rows

    def _pieces(self) -> Counter[str]:
        """SKU -> pieces that come back, as the form shows them."""
        pieces = Counter[str]()
        for row in self._shown_lines():
            pieces[bracketed(row["product"])[0]] -= read_pieces(row["quantity"] or "0")
        return pieces

    def _lines(self, order_no: str, currency: str, head: dict[str, str]) -> tuple[OrderLine, ...]:
        """The order's lines, asked for tax by tax, since no list shows the tax of a line; together they must come to the order's net amount."""
        found: list[OrderLine] = []
        net = 0
        for tax, bp in [*self._rates().items(), ("", 0)]:
            domain: Domain = [["sale.reference", "=", order_no], ["type", "=", "line"], ["taxes.name", "=", tax] if tax else ["taxes", "=", None]]
            for row in self._list("lines", domain, "amount"):
                with understood(self.screen):
                    net += self._minor(row["amount"], currency)
                    found.append(self._line(row, len(found) + 1, currency, bp))
            if net == self._minor(head["untaxed_amount"], currency):
                return tuple(found)
        raise SystemException(f"{self.book.head.title}: the lines of {order_no} come to {net}, its form says {head['untaxed_amount']}", code="incomplete_read")

    def _line(self, row: dict[str, str], number: int, currency: str, tax_bp: int) -> OrderLine:
        sku, name = bracketed(row["product"])
        gross = read_number(row["unit_price"]).scaleb(exponent(currency, self.book.head.exponents)) * (1 + Decimal(tax_bp) / 10_000)
        return OrderLine(line_no=number, sku=sku, name=name, qty=read_pieces(row["quantity"]), unit_gross=whole(gross), tax_bp=tax_bp)

    def _returns(self, domain: Domain, order_no: str) -> tuple[SalesReturn, ...]:
        """Returns by their lines; `order_no` is what they are returns of."""
        rows = self._list("lines", [*domain, ["type", "=", "line"], ["sale.state", "not in", list(NOT_YET)]], "amount")
        heads: dict[str, tuple[str, str]] = {}
        pieces: dict[str, Counter[str]] = {}
        with understood(self.screen):
            for row in rows:
                number, rma = record(row["sale"])
                heads[number] = (rma, STATES[row["state"]])
                pieces.setdefault(number, Counter())[bracketed(row["product"])[0]] -= read_pieces(row["quantity"])
        return tuple(
            SalesReturn(
                source_system=self.name,
                source_key=number,
                return_no=number,
                order_no=order_no,
                rma=rma,
                kind="return",
                state=state,
                lines=tuple(sorted(pieces[number].items())),
            )
            for number, (rma, state) in sorted(heads.items(), key=lambda one: (len(one[0]), one[0]))
        )

    def _notes(self, rma: str, order_no: str, currency: str) -> tuple[CreditNote, ...]:
        rows = self._list(
            "invoices", [["reference", "=", rma], ["type", "=", "out"], ["state", "in", ["posted", "paid"]], ["untaxed_amount", "<", 0]], "number"
        )
        with understood(self.screen):
            return tuple(
                CreditNote(
                    source_system=self.name,
                    source_key=row["number"],
                    number=row["number"],
                    order_no=order_no,
                    rma=row["reference"],
                    gross=Money(minor=-self._minor(row["total"], currency), currency=currency),
                    tax=-self._minor(row["tax"], currency),
                    issued_at=read_moment(row["invoice_date"]),
                )
                for row in rows
                if row["reference"] == rma
            )

    def _sent(self, order_no: str) -> tuple[datetime | None, datetime | None]:
        """The day on which the last of the order's goods left, once all have, and that day again once all shipments are done."""
        rows = self._list("shipments", [["moves.sale.reference", "=", order_no], ["state", "!=", "cancelled"]], "state")
        with understood(self.screen):
            days = [read_moment(row["effective_date"]) if row["state"] in ("Shipped", "Done") else None for row in rows]
        gone = [day for day in days if day is not None]
        left = max(gone) if gone and len(gone) == len(days) else None
        return left, left if all(row["state"] == "Done" for row in rows) else None

    # -- what does not change from one question to the next ----------------------------------------------------------------
    def _codes(self) -> dict[str, str]:
        """Name of each currency -> its code: a form shows the name alone."""
        if self._currencies is None:
            self._currencies = {row["name"]: row["code"] for row in self._list("currencies", [], "code")}
        return self._currencies

    def _code(self, name: str) -> str:
        """The code of a currency; the list is read again for a name that it did not have."""
        if name not in self._codes():
            self._currencies = None
        if name not in self._codes():
            raise ScreenChanged(f"{self.book.product}: the list of currencies has no {name!r}", code="unreadable_value")
        return self._codes()[name]

    def _rates(self) -> dict[str, int]:
        """Name of each tax by percentage -> hundredths of a per cent, from the taxes' own forms."""
        if self._taxes is None:
            found: dict[str, int] = {}
            domain: Domain = [["type", "=", "percentage"]]
            for row in range(len(self._list("taxes", domain, "name"))):
                if row:
                    self._list("taxes", domain, "name")
                self._go_into("tax", row)
                shown = self._fields("name", "rate", filled=("name", "rate"))
                with understood(self.screen):
                    found[shown["name"]] = whole(read_number(shown["rate"].removesuffix("%")) * 100)
            self._taxes = found
        return self._taxes

    def _minor(self, text: str, currency: str) -> int:
        minor = read_number(text).scaleb(exponent(currency, self.book.head.exponents))
        if minor != int(minor):
            raise ValueError(f"{text!r} has more decimals than {currency}")
        return int(minor)


class TrytonErp(ErpVerbs, TrytonPortal):
    """Role Erp on Tryton's web client."""

    screen: Screen

    def _go_into_draft(self, wanted: ReturnInstruction) -> bool:
        drafts = self._drafts(wanted.order_no, ["OR", ["reference", "=", wanted.rma], ["reference", "=", None]])
        if drafts:
            self._go_into("sale", next((row for row, draft in enumerate(drafts) if draft["reference"] == wanted.rma), 0))
        return bool(drafts)

    def _make_return(self, order_no: str) -> None:
        screen = self.screen
        screen.click("action", **self._here)
        screen.click("return_item")
        screen.find("make_return")
        screen.click("make_return")
        screen.wait_gone("wizard")
        self._tab = RETURNED
        # The new tab comes to the front before its fields are filled.
        self._wait("the draft of the return", lambda: self._field("state") == "draft" and record(self._field("origin") or "-")[1] == order_no)

    def _shown_lines(self) -> list[dict[str, str]]:
        return self.screen.table("lines", **self._here)

    def _set_quantity(self, place: int, quantity: int) -> None:
        """In the line's dialog, opened by the button: a double click on the row is swallowed by a late redraw."""
        screen = self.screen
        screen.click("line", row=place, **self._here)
        screen.click("open_line", **self._here)
        screen.find("quantity")
        self._wait("the line's quantity", lambda: screen.value("quantity") != "")
        # A number is shown in one field and, once that is clicked, typed into another.
        screen.click("quantity")
        screen.fill("quantity_typed", str(quantity))
        screen.press("quantity_typed", "Tab")
        self._wait(f"the quantity {quantity}", lambda: screen.value("quantity") == str(quantity))
        screen.click("apply")
        screen.wait_gone("line_dialog")
        screen.click("line", row=place, **self._here)

    def _drop_lines(self, places: Sequence[int]) -> None:
        screen = self.screen
        for place in places:
            screen.click("line", row=place, **self._here)
        screen.click("delete_line", **self._here)
        self._wait("the form that can be saved", lambda: screen.has("unsaved", **self._here))


def _country(address: str) -> str:
    """Two letters at the end of an address; a country written out is not guessed at."""
    last = address.rpartition(", ")[2].strip()
    return last if len(last) == 2 and last.isupper() else ""

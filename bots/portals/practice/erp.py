"""云仓ERP: orders with their export papers, sales returns, credit notes and replacements of a Chinese ERP."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from bots.automation.formats import format_amount, parse_amount, parse_date, parse_number, parse_time
from bots.cases.commits import Permit
from bots.cases.errors import ScreenChanged
from bots.cases.model import (
    CreditNote,
    CreditNoteInstruction,
    ExportLine,
    ExportPapers,
    Order,
    OrderLine,
    Replacement,
    ReplacementInstruction,
    ReturnInstruction,
    SalesReturn,
)
from bots.cases.money import Money
from bots.portals.practice.forms import FormPortal, Terms
from bots.portals.signin import PasswordPortal, understood

CHANNELS = {"独立站": "shop", "Shopify": "shopify", "eBay": "ebay", "亚马逊自配送": "amazon_mfn", "亚马逊FBA": "amazon_fba"}
PAYMENTS = {"银行卡": "card", "电子钱包": "wallet", "银行转账": "bank_transfer", "平台代收": "marketplace"}
CATEGORIES = {"电子产品": "electronics", "服装": "apparel", "鞋类": "footwear", "家居": "home", "玩具": "toys", "美妆": "beauty", "定制": "custom"}
NON_RETURNABLE = {"定制商品": "custom_made", "卫生用品": "unsealed_hygiene"}
RETURN_KINDS = {"退货": "return", "免退回": "keep"}
RETURN_STATES = {"处理中": "open", "已完成": "closed", "已取消": "cancelled"}
NOTE_STATES = {"已过账": "posted"}
REPLACEMENT_KINDS = {"换货": "exchange", "补发配件": "spare_part"}
NO_CARRIER = "无"
LABEL_CURRENCY = "CNY"
"""云仓ERP books label and purchase costs in the books' currency."""


class PracticeErp(FormPortal, PasswordPortal):
    """Role Erp on 云仓ERP's screens."""

    # -- reading -------------------------------------------------------------------------------------------------------
    def find_order(self, order_no: str) -> Order | None:
        """The order with exactly this number, read whole from its one page, or None."""
        if not self._open_record("order", order_no=order_no):
            return None
        screen = self.screen
        head = screen.fields("head")
        if head["order_no"] != order_no:
            raise ScreenChanged(f"{self.book.product}/order: asked for {order_no!r}, the page shows {head['order_no']!r}", code="other_record")
        rows, returns, notes, replacements = (screen.table(name) for name in ("lines", "returns", "credit_notes", "replacements"))
        currency = head["currency"]
        with understood(screen):
            return Order(
                source_system=self.name,
                source_key=order_no,
                order_no=order_no,
                channel=CHANNELS.get(head["channel"], head["channel"]),
                placed_at=parse_time(head["placed_at"], self.style),
                shipped_at=parse_time(head["shipped_at"], self.style),
                delivered_at=parse_time(head["delivered_at"], self.style),
                buyer_name=head["buyer_name"],
                buyer_email=head["buyer_email"],
                buyer_lang=head["buyer_lang"],
                country=head["country"],
                address=head["address"],
                currency=currency,
                shipping_standard=self._minor(head["shipping_standard"], currency),
                shipping_express=self._minor(head["shipping_express"], currency),
                discount=self._minor(head["discount"], currency),
                invoice_no=head["invoice_no"],
                invoice_date=parse_date(head["invoice_date"], self.style),
                incoterm=head["incoterm"],
                ioss=head["ioss"],
                payment_method=PAYMENTS.get(head["payment_method"], head["payment_method"]),
                payer_iban=head["payer_iban"],
                book_rate=self._scaled(head["book_rate"], 1_000_000),
                out_carrier=head["out_carrier"],
                out_tracking=head["out_tracking"],
                ship_from=head["ship_from"],
                lines=tuple(self._line(row, currency) for row in rows),
                export=self._export(),
                returns=tuple(self._return(row) for row in returns),
                credit_notes=tuple(self._note(row) for row in notes),
                replacements=tuple(self._replacement(row) for row in replacements),
            )

    def find_returns(self, rma: str) -> tuple[SalesReturn, ...]:
        """Returns under exactly this RMA, as the list of all returns shows them."""
        rows = self._of_rma("returns", rma)
        with understood(self.screen):
            return tuple(self._return(row) for row in rows)

    def find_credit_notes(self, rma: str) -> tuple[CreditNote, ...]:
        """Credit notes under exactly this RMA, as the list of all credit notes shows them."""
        rows = self._of_rma("credit_notes", rma)
        with understood(self.screen):
            return tuple(self._note(row) for row in rows)

    def find_replacements(self, rma: str) -> tuple[Replacement, ...]:
        """Replacements under exactly this RMA, as the list of all replacements shows them."""
        rows = self._of_rma("replacements", rma)
        with understood(self.screen):
            return tuple(self._replacement(row) for row in rows)

    # -- writing -------------------------------------------------------------------------------------------------------
    def create_return(self, instruction: ReturnInstruction, permit: Permit) -> None:
        """Make a sales return (with a label, when a carrier is named) on the order's page; the commit click is in the confirm dialog."""
        screen, wanted = self.screen, instruction
        self._must_open("order", wanted.order_no)
        sold = {row["sku"] for row in screen.table("lines")}
        strange = [sku for sku, _ in wanted.lines if sku not in sold]
        if strange or not wanted.lines:
            raise self._refused(f"order {wanted.order_no} holds {sorted(sold)}, not {strange or 'nothing'}")
        screen.click("new_return")
        screen.fill("rma", wanted.rma)
        screen.choose_value("kind", wanted.kind)
        screen.choose_value("reason", wanted.reason)
        screen.choose_value("carrier", wanted.carrier)
        for sku, qty in wanted.lines:
            screen.fill("qty", str(qty), sku=sku)
        screen.click("next")
        shown = self._confirmation("confirm_return")
        with understood(screen):
            terms = {
                "order_no": (shown["order_no"], wanted.order_no),
                "rma": (shown["rma"], wanted.rma),
                "kind": (RETURN_KINDS[shown["kind"]], wanted.kind),
                "reason": (shown["reason"].partition(" ")[0], wanted.reason),
                "lines": (sorted(self._pieces(shown["lines"])), sorted(wanted.lines)),
                "carrier": ("" if shown["carrier"] == NO_CARRIER else shown["carrier"], wanted.carrier),
            }
        self._commit("post_return", permit, terms, shown)

    def cancel_return(self, return_no: str, order_no: str, permit: Permit) -> None:
        """Cancel an open return on its order's page; the commit click is in the confirm dialog."""
        screen = self.screen
        self._must_open("order", order_no)
        if not screen.has("cancel_return", return_no=return_no):
            states = {row["return_no"]: row["state"] for row in screen.table("returns")}
            raise self._refused(f"order {order_no} offers no cancelling of {return_no} (state {states.get(return_no, 'not there')})")
        screen.click("cancel_return", return_no=return_no)
        shown = self._confirmation("confirm_cancel")
        self._commit("post_cancel", permit, {"return_no": (shown["return_no"], return_no), "order_no": (shown["order_no"], order_no)}, shown)

    def create_credit_note(self, instruction: CreditNoteInstruction, permit: Permit) -> None:
        """Issue a credit note over a gross amount; the commit click is in the confirm dialog."""
        screen, wanted, currency = self.screen, instruction, instruction.gross.currency
        self._must_open("new_credit_note", wanted.order_no)
        books_in = screen.value("currency")
        if books_in != currency:
            raise self._refused(f"order {wanted.order_no} is in {books_in}, the credit note in {currency}")
        screen.fill("rma", wanted.rma)
        screen.fill("gross", self._typed(wanted.gross.minor, currency))
        screen.fill("tax", self._typed(wanted.tax, currency))
        screen.click("next")
        shown = self._confirmation("confirm_credit_note")
        with understood(screen):
            terms = {
                "order_no": (shown["order_no"], wanted.order_no),
                "rma": (shown["rma"], wanted.rma),
                "gross": (self._minor(shown["gross"], currency), wanted.gross.minor),
                "tax": (self._minor(shown["tax"], currency), wanted.tax),
            }
        self._commit("post_credit_note", permit, terms, shown)

    def create_replacement(self, instruction: ReplacementInstruction, permit: Permit) -> None:
        """Send goods without charge; the commit click is in the confirm dialog."""
        screen, wanted = self.screen, instruction
        self._must_open("new_replacement", wanted.order_no)
        screen.fill("rma", wanted.rma)
        screen.choose_value("kind", wanted.kind)
        screen.fill("sku", wanted.sku)
        screen.fill("qty", str(wanted.qty))
        screen.click("next")
        shown = self._confirmation("confirm_replacement")
        with understood(screen):
            terms = {
                "order_no": (shown["order_no"], wanted.order_no),
                "rma": (shown["rma"], wanted.rma),
                "kind": (REPLACEMENT_KINDS[shown["kind"]], wanted.kind),
                "sku": (shown["sku"], wanted.sku),
                "qty": (self._scaled(shown["qty"]), wanted.qty),
            }
        self._commit("post_replacement", permit, terms, shown)

    # -- pages ---------------------------------------------------------------------------------------------------------
    def _must_open(self, page: str, order_no: str) -> None:
        if not self._open_record(page, order_no=order_no):
            raise self._refused(f"there is no order {order_no}")

    def _of_rma(self, page: str, rma: str) -> list[dict[str, str]]:
        """The list's rows of exactly this RMA: the search also finds parts of numbers."""
        return [row for row in self._list(page, rma=rma) if row["rma"] == rma]

    def _commit(self, button: str, permit: Permit, terms: Terms, shown: dict[str, str]) -> None:
        """The one click, after every term was read in the dialog exactly as wanted."""
        self._agree(terms)
        self.screen.commit(button, permit, [shown[name] for name in terms])
        self._after_commit("order", permit)

    # -- values --------------------------------------------------------------------------------------------------------
    def _minor(self, text: str, currency: str) -> int:
        return parse_amount(text, currency, self.style, self.book.head.exponents).minor

    def _typed(self, minor: int, currency: str) -> str:
        return format_amount(Money(minor=minor, currency=currency), self.style, self.book.head.exponents)

    def _scaled(self, text: str, by: int = 1) -> int:
        """A shown number times `by`, which must come out whole."""
        number = parse_number(text, self.style) * Decimal(by)
        if number != int(number):
            raise ValueError(f"{text!r} is not a multiple of 1/{by}")
        return int(number)

    def _pieces(self, text: str) -> tuple[tuple[str, int], ...]:
        """`TEE-RED-M × 2; HPH-01 × 1` as (SKU, pieces)."""
        parts = [part.rpartition(" × ") for part in text.split("; ")] if text else []
        return tuple((sku, self._scaled(qty)) for sku, _, qty in parts)

    def _line(self, row: dict[str, str], currency: str) -> OrderLine:
        return OrderLine(
            line_no=self._scaled(row["line_no"]),
            sku=row["sku"],
            gtin=row["gtin"],
            name=row["name"],
            category=CATEGORIES.get(row["category"], row["category"]),
            family=row["family"],
            size=row["size"],
            qty=self._scaled(row["qty"]),
            unit_gross=self._minor(row["unit_gross"], currency),
            line_discount=self._minor(row["line_discount"], currency),
            tax_bp=self._scaled(row["tax"].removesuffix("%"), 100),
            serials=_split(row["serials"]),
            picked_sku=row["picked_sku"],
            hs_code=row["hs_code"],
            origin=row["origin"],
            weight_g=self._scaled(row["weight_g"]),
            cost_minor=self._minor(row["cost"], LABEL_CURRENCY),
            battery=row["battery"],
            non_returnable=NON_RETURNABLE.get(row["non_returnable"], row["non_returnable"]),
        )

    def _export(self) -> ExportPapers | None:
        """The export papers out of their frame; None for goods that left without any."""
        screen = self.screen
        if not screen.has("export_frame"):
            return None
        screen.text("export_end")  # the frame's last line: all rows above it are there
        head = screen.fields("export_head")
        exported = parse_date(head["export_date"], self.style)
        if exported is None:
            raise ValueError(f"export declaration {head['mrn']!r} has no date")
        lines: Sequence[ExportLine] = [
            ExportLine(
                line_no=self._scaled(row["line_no"]),
                hs_code=row["hs_code"],
                description=row["description"],
                qty=self._scaled(row["qty"]),
                unit_value=self._minor(row["unit_value"], row["currency"]),
                currency=row["currency"],
                origin=row["origin"],
                net_g=self._scaled(row["net_g"]),
            )
            for row in screen.table("export_lines")
        ]
        return ExportPapers(mrn=head["mrn"], export_date=exported, office=head["office"], exporter_eori=head["exporter_eori"], lines=tuple(lines))

    def _return(self, row: dict[str, str]) -> SalesReturn:
        return SalesReturn(
            source_system=self.name,
            source_key=row["return_no"],
            return_no=row["return_no"],
            order_no=row["order_no"],
            rma=row["rma"],
            kind=RETURN_KINDS[row["kind"]],
            state=RETURN_STATES[row["state"]],
            carrier=row["carrier"],
            tracking_no=row["tracking_no"],
            label_cost=self._minor(row["label_cost"], LABEL_CURRENCY) if row["label_cost"] else 0,
            lines=self._pieces(row["lines"]),
        )

    def _note(self, row: dict[str, str]) -> CreditNote:
        return CreditNote(
            source_system=self.name,
            source_key=row["number"],
            number=row["number"],
            order_no=row["order_no"],
            rma=row["rma"],
            gross=parse_amount(row["gross"], row["currency"], self.style, self.book.head.exponents),
            tax=self._minor(row["tax"], row["currency"]),
            state=NOTE_STATES[row["state"]],
            issued_at=parse_time(row["issued_at"], self.style),
        )

    def _replacement(self, row: dict[str, str]) -> Replacement:
        return Replacement(
            source_system=self.name,
            source_key=row["number"],
            number=row["number"],
            order_no=row["order_no"],
            rma=row["rma"],
            kind=REPLACEMENT_KINDS[row["kind"]],
            sku=row["sku"],
            qty=self._scaled(row["qty"]),
        )


def _split(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(",") if part.strip())

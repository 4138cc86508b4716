"""An ERP, a bank and a mailbox in memory, for tests of what bots decide and say: the real programs are driven by tests of their own."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from bots.automation.browser import BrowserHouse, BrowserOptions
from bots.automation.evidence import Evidence
from bots.cases.commits import Permit
from bots.cases.model import Order, OrderLine, Payee, Replacement, ReplacementInstruction, ReturnInstruction, SalesReturn
from bots.cases.store import Store
from bots.operations.runner import Runner, RunSummary
from bots.portals.desk import Desk
from bots.portals.mailbox import RawMail
from tests.posts import Post
from tests.stores import tiny_config


class Shelf:
    """An ERP that holds these orders and takes returns; each click is spent with its permit, as a portal does."""

    name = "erp"

    def __init__(self, orders: Iterable[Order]) -> None:
        self.orders = {order.order_no: order for order in orders}
        self.returns: list[SalesReturn] = []
        self.replacements: list[Replacement] = []

    def check(self) -> str:
        return "in memory"

    def find_order(self, order_no: str) -> Order | None:
        order = self.orders.get(order_no)
        return order.model_copy(update={"returns": tuple(back for back in self.returns if back.order_no == order_no)}) if order else None

    def create_return(self, instruction: ReturnInstruction, permit: Permit) -> None:
        permit.spend()
        number = len(self.returns) + 1
        label = f"71530{number:05d}" if instruction.kind == "return" else ""
        self.returns.append(
            SalesReturn(
                return_no=f"SR-2026-{number:06d}",
                order_no=instruction.order_no,
                rma=instruction.rma,
                kind=instruction.kind,
                carrier=instruction.carrier,
                tracking_no=label,
                lines=instruction.lines,
            )
        )

    def find_returns(self, rma: str) -> tuple[SalesReturn, ...]:
        return tuple(back for back in self.returns if back.rma == rma)

    def cancel_return(self, return_no: str, order_no: str, permit: Permit) -> None:
        permit.spend()
        self.returns = [back.model_copy(update={"state": "cancelled"}) if back.return_no == return_no else back for back in self.returns]

    def create_replacement(self, instruction: ReplacementInstruction, permit: Permit) -> None:
        permit.spend()
        number = f"RP-2026-{len(self.replacements) + 1:06d}"
        self.replacements.append(Replacement(number=number, **instruction.model_dump(include={"order_no", "rma", "kind", "sku", "qty"})))

    def find_replacements(self, rma: str) -> tuple[Replacement, ...]:
        return tuple(sent for sent in self.replacements if sent.rma == rma)


class Teller:
    """A bank that knows every account."""

    name = "bank"

    def find_payee(self, iban: str) -> Payee:
        return Payee(payee_id=f"P-{iban[-4:]}", name="Payer", iban=iban)


class Counter(Post):
    """A mailbox that mail can be put into at any time, and that keeps what is sent."""

    def __init__(self) -> None:
        super().__init__([])
        self.sent: list[EmailMessage] = []

    def arrive(self, raw: bytes, **more: Any) -> None:
        self.inbox.append(RawMail(folder="INBOX", uidvalidity=1, uid=len(self.inbox) + 1, raw=raw, size=len(raw), **more))

    def send(self, message: EmailMessage) -> None:
        self.sent.append(message)

    def close(self) -> None:
        """Nothing is open."""


def an_order(order_no: str, *lines: OrderLine, **changes: Any) -> Order:
    """A lamp that a German customer paid by transfer and got a week ago."""
    lamp = OrderLine(line_no=1, sku="LMP-DSK-BLK", name="Desk Lamp", category="home", qty=1, unit_gross=8990, tax_bp=1900, weight_g=900)
    facts: dict[str, Any] = {
        "order_no": order_no, "buyer_name": "Ann Lee", "buyer_email": "ann@example.org", "buyer_lang": "en", "country": "DE", "currency": "EUR",
        "delivered_at": datetime(2026, 9, 28, 11, 30, tzinfo=UTC), "shipping_standard": 490, "payment_method": "bank_transfer",
        "payer_iban": "DE02120300000000202051", "ship_from": "DE-LEJ", "lines": lines or (lamp,),
    }  # fmt: skip
    return Order(**(facts | changes))


def a_desk(store: Store, folder: Path, orders: Iterable[Order], **mailbox: Any) -> tuple[Desk, Shelf, Counter]:
    """A desk at which review, intake and replies can work without any program running. `mailbox`: changed settings of it."""
    config = tiny_config(folder)
    config.suite = config.suite.model_copy(update={"mailbox": config.suite.mailbox.model_copy(update=mailbox)})
    config.file("in", "x")
    desk = Desk(config, store, BrowserHouse(BrowserOptions()), lambda account: "", Evidence(config.workspace / "evidence"))
    shelf, counter = Shelf(orders), Counter()
    desk._portals |= {"erp": shelf, "mailbox": counter}
    desk.desktop.programs["bank"] = Teller()
    return desk, shelf, counter


def a_round(desk: Desk, bots: Sequence[Any]) -> list[RunSummary]:
    """These bots, one after the other; none may break."""
    summaries = [Runner(desk).run(bot) for bot in bots]
    assert [(summary.bot, summary.note, summary.results) for summary in summaries if summary.verdict != "ok" or summary.failed] == []
    return summaries

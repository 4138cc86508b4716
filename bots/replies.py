"""Replies: answers the customer at every point, in their language, from case data only.

An answer goes to the address on the order and nowhere else, into the thread it belongs to, never to an auto-reply
(those open no case) and never twice: the row is marked before the mail leaves, and a mail whose fate is unknown after a
crash is not sent again but shown to a person. What it says is compared with the back-ends' records first, a customer gets
so many answers a day and no more, and where a person has taken the thread the bots are silent.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from email.message import EmailMessage
from typing import NoReturn

from bots.bot import Item
from bots.cases import threads
from bots.cases.errors import BusinessException, SystemException
from bots.cases.model import Order, Refund, ReturnRequest, SalesReturn
from bots.cases.states import case_state
from bots.cases.store import Case, OutboxRow
from bots.decisions.policy import Review, same_person
from bots.portals.desk import Desk
from bots.workbooks.letters import QUOTED, Letter, LetterFaulty, Truth, check_truth, line_of, write_letter

ASKED_FOR = frozenset({"status", "ask_order", "ask_article", "ask_photo"})
"""Answers that a mail calls forth: two programs could send them to each other for ever. The others come once for what happened to the case."""
BEFORE_THE_ORDER = frozenset({"ask_order"})
"""Answers to a sender whose order is not known: they tell nothing but that his mail came."""
DAY = timedelta(hours=24)


class Replies:
    name = "replies"
    title = "Answers customers in their language"
    side_by_side = False
    by_hand = 4.0

    def items(self, desk: Desk) -> Iterator[Item]:
        for row in desk.store.replies("queued", "sending"):
            yield Item(f"reply:{row.id}", desk.store.case_by_id(row.case_id), row)

    def work(self, item: Item, desk: Desk) -> str:
        case, row = item.case, item.data
        assert case is not None and isinstance(row, OutboxRow)
        if row.state == "sending":
            desk.store.mark_reply(row.id, "held")
            raise BusinessException(
                f"The answer {row.message_id} ({row.kind}) may or may not have been sent when the bot stopped.",
                code="reply_unknown",
                severity="low",
                suggestion="close",
                advice="Look into the sent mail: `close` if it is there, `retry` to have it sent if it is not. The case goes on either way.",
            )
        if threads.taken(desk.store, case):
            desk.store.mark_reply(row.id, "held")
            desk.store.note(case, "answer_left_to_a_person", kind=row.kind)
            return f"{row.kind} is left to the person who answers this customer"
        if not case.customer_email:
            if case.request == "new":
                return "waits for the order's address"
            desk.store.mark_reply(row.id, "held")
            return "no address on the order: nothing is sent"
        letter = self._checked(case, row, desk)
        if desk.dry_run:
            desk.keep_text(case, f"reply-{row.kind}.txt", letter.body)
            return f"would send {row.kind}"
        message = self._message(case, row, letter, desk)
        self._within_limits(case, row, desk)
        if not desk.store.mark_reply(row.id, "sending", str(message["Message-ID"])):
            return "another worker sends it"
        try:
            desk.mailbox.send(message)
        except BusinessException as error:
            desk.store.mark_reply(row.id, "held")
            raise BusinessException(
                f"The answer {message['Message-ID']} ({row.kind}) was not sent: {error}",
                code=error.code,
                suggestion="close",
                advice=f"{error.advice} `retry` sends it again; `close` once the customer knows by another way. The case goes on either way.",
            ) from error
        except SystemException as error:
            if error.code != "mail_unconfirmed":
                desk.store.mark_reply(row.id, "queued")  # it was certainly not sent: the next try may send it
            raise
        desk.store.mark_reply(row.id, "sent")
        desk.store.note(case, "answered", kind=row.kind, language=letter.language, message_id=str(message["Message-ID"]))
        desk.keep_bytes(case, f"reply-{row.kind}.eml", message.as_bytes())
        return f"{row.kind} in {letter.language}"

    # -- what may leave ------------------------------------------------------------------------------------------------------
    def _checked(self, case: Case, row: OutboxRow, desk: Desk) -> Letter:
        """The letter, after the last look at it: its reader is the order's buyer and everything it says is this case's."""
        try:
            order = desk.store.get(case, "order", Order)
            if row.kind in BEFORE_THE_ORDER:
                if case.order_no:
                    raise LetterFaulty("the order is known by now")
            elif order is not None and (order.order_no != case.order_no or not same_person(case.customer_email, order)):
                raise LetterFaulty(f"it would go to {case.customer_email}, which is not the address on order {order.order_no}")
            letter = self._letter(case, row, desk)
            check_truth(letter, self._truth(case, row, desk))
            return letter
        except LetterFaulty as error:
            self._hold(case, row, f"was not sent: {error}.", "reply_differs", "medium", desk)

    def _within_limits(self, case: Case, row: OutboxRow, desk: Desk) -> None:
        """Hold back what a mail called forth once this customer, or this thread, had its share: the sign of two programs that answer each other."""
        settings = desk.config.suite.mailbox
        if row.kind not in ASKED_FOR:
            return
        day, thread = threads.sent_to(desk.store, case.customer_email, desk.now - DAY), threads.sent_on(desk.store, case, sorted(ASKED_FOR))
        if day >= settings.answers_a_day:
            self._hold(case, row, f"waits: {day} answers went to this customer within 24 hours.", "answer_limit", "low", desk)
        if thread >= settings.answers_a_thread:
            self._hold(case, row, f"waits: {thread} answers of this kind were given on this case.", "answer_limit", "low", desk)

    def _hold(self, case: Case, row: OutboxRow, why: str, code: str, severity: str, desk: Desk) -> NoReturn:
        name = self._message_id(case, row, desk)
        desk.store.mark_reply(row.id, "held", name)
        raise BusinessException(
            f"The answer {name} ({row.kind}) {why}",
            code=code,
            severity=severity,
            suggestion="close",
            advice="Answer by hand and `close`; `retry` lets the bot write it anew; `take_over` keeps the bots silent on this case. The case goes on either way.",
        )

    def _truth(self, case: Case, row: OutboxRow, desk: Desk) -> Truth:
        """What the records of the back-ends say about this case; nothing of it was queued with the answer."""
        if row.kind in BEFORE_THE_ORDER:
            return Truth(rma=case.rma, seller=desk.config.suite.seller_name, moments=self._arrivals(case, desk), country=case.country)
        order, refund = desk.store.get(case, "order", Order), desk.store.get(case, "refund", Refund)
        registered, decided = desk.store.get(case, "sales_return", SalesReturn), desk.store.get(case, "review", Review)
        replacement = desk.ledger.find(f"replacement:{case.rma}")
        numbers = [case.carrier, case.tracking_no]
        numbers += [registered.return_no] if registered else []
        numbers += [replacement.reference] if replacement else []
        numbers += [decided.exchange_sku] if decided else []
        days = [case.opened_at.date()]
        days += [moment.date() for moment in (refund.settled_at, refund.created_at) if moment] if refund else []
        days += [order.delivered_at.date()] if order and order.delivered_at else []
        return Truth(
            rma=case.rma,
            order_no=case.order_no or "",
            name=order.buyer_name[:200] if order else case.customer_name,
            seller=desk.config.suite.seller_name,
            return_address=desk.config.suite.seller_address,
            numbers=tuple(numbers),
            lines=tuple((line.sku, line.name, line.qty) for line in order.lines) if order else (),
            amounts=(refund.amount,) if refund else (),
            days=tuple(days),
            moments=self._arrivals(case, desk),
            country=case.country,
            words=tuple(filter(None, (self._declaration(case, desk),))) if row.kind == "withdrawn" else (),
        )

    def _arrivals(self, case: Case, desk: Desk) -> tuple[datetime, ...]:
        request = desk.store.get(case, "request", ReturnRequest)
        mails = [row.received_at for row in desk.store.messages_of(case)]
        return (*mails, *([request.requested_at] if request else []))

    def _declaration(self, case: Case, desk: Desk) -> str:
        """The customer's own declaration, to be confirmed with its content; left out where the text holds what no letter of ours should carry."""
        request = desk.store.get(case, "request", ReturnRequest)
        if request is None or request.attacks or not request.withdrawal_declared or "://" in request.text:
            return ""
        return line_of(request.text, QUOTED)

    # -- the letter ----------------------------------------------------------------------------------------------------------
    def _letter(self, case: Case, row: OutboxRow, desk: Desk) -> Letter:
        order, refund = desk.store.get(case, "order", Order), desk.store.get(case, "refund", Refund)
        request = desk.store.get(case, "request", ReturnRequest)
        unknown = row.kind in BEFORE_THE_ORDER
        received = next((mail.received_at for mail in desk.store.messages_of(case) if row.topic and mail.message_id == row.topic), None)
        return write_letter(
            row.kind,
            str(row.facts.get("language") or case.language),
            {
                "rma": case.rma,
                "order_no": "" if unknown else case.order_no,
                "name": "" if unknown else case.customer_name,
                "state": case_state(case),
                "parcel": case.parcel,
                "customs": case.customs,
                "refund": case.refund,
                "carrier": case.carrier,
                "tracking_no": case.tracking_no,
                "items": {line.sku: line.name for line in order.lines} if order else {},
                "refund_record": refund,
                "refunded_at": (refund.settled_at or refund.created_at) if refund else None,
                "opened_at": case.opened_at,
                "received_at": received or (request.requested_at if request else case.opened_at),
                "country": case.country,
                "declaration": self._declaration(case, desk),
                "seller": desk.config.suite.seller_name,
                "return_address": desk.config.suite.seller_address,
                **row.facts,
            },
        )

    def _message_id(self, case: Case, row: OutboxRow, desk: Desk) -> str:
        return f"<{case.rma.lower()}.{row.kind}.{row.id}@{desk.config.suite.mailbox.address.rpartition('@')[2]}>"

    def _message(self, case: Case, row: OutboxRow, letter: Letter, desk: Desk) -> EmailMessage:
        settings = desk.config.suite.mailbox
        message = EmailMessage()
        message["From"] = f"{desk.config.suite.seller_name} <{settings.address}>"
        message["To"] = case.customer_email
        message["Subject"] = letter.subject
        message["Date"] = desk.now
        message["Message-ID"] = self._message_id(case, row, desk)
        message["Auto-Submitted"] = "auto-replied"
        thread = threads.references(desk.store, case, row.topic)
        if thread:
            message["In-Reply-To"] = thread[-1]
            message["References"] = " ".join(thread)
        message.set_content(letter.body)
        return message

"""Replies: answers the customer at every point, in their language, from case data only.

An answer goes to the address on the order and nowhere else, into the thread it belongs to, never to an auto-reply
(those open no case) and never twice: the row is marked before the mail leaves, and a mail whose fate is unknown after a
crash is not sent again but shown to a person.
"""

from __future__ import annotations

from collections.abc import Iterator
from email.message import EmailMessage

from bots.bot import Item
from bots.cases.errors import BusinessException, SystemException
from bots.cases.model import Order, Refund
from bots.cases.states import case_state
from bots.cases.store import Case, OutboxRow
from bots.portals.desk import Desk
from bots.workbooks.letters import Letter, write_letter


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
        if not case.customer_email:
            if case.request == "new":
                return "waits for the order's address"
            desk.store.mark_reply(row.id, "held")
            return "no address on the order: nothing is sent"
        letter = self._letter(case, row, desk)
        if desk.dry_run:
            desk.keep_text(case, f"reply-{row.kind}.txt", letter.body)
            return f"would send {row.kind}"
        message = self._message(case, row, letter, desk)
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

    def _letter(self, case: Case, row: OutboxRow, desk: Desk) -> Letter:
        order, refund = desk.store.get(case, "order", Order), desk.store.get(case, "refund", Refund)
        return write_letter(
            row.kind,
            case.language,
            {
                "rma": case.rma,
                "order_no": case.order_no,
                "name": case.customer_name,
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
                "seller": desk.config.suite.seller_name,
                "return_address": desk.config.suite.seller_address,
                **row.facts,
            },
        )

    def _message(self, case: Case, row: OutboxRow, letter: Letter, desk: Desk) -> EmailMessage:
        settings = desk.config.suite.mailbox
        message = EmailMessage()
        message["From"] = f"{desk.config.suite.seller_name} <{settings.address}>"
        message["To"] = case.customer_email
        message["Subject"] = letter.subject
        message["Date"] = desk.now
        message["Message-ID"] = f"<{case.rma.lower()}.{row.kind}.{row.id}@{settings.address.rpartition('@')[2]}>"
        message["Auto-Submitted"] = "auto-replied"
        if row.topic.startswith("<"):
            message["In-Reply-To"] = row.topic
            message["References"] = row.topic
        message.set_content(letter.body)
        return message

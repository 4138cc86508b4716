"""Further mail on a case that is there: which case it continues, and what it changes in it. Intake reads, this module compares with the case.

Whose mail it is was looked at before: nothing here acts on the word of somebody who is not the case's customer.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime, timedelta

from bots.cases import threads
from bots.cases.model import Order, ParcelSummary, ReturnRequest
from bots.cases.store import Case
from bots.decisions.identifiers import compact
from bots.decisions.understanding import Understanding
from bots.portals.desk import Desk
from bots.workbooks.mail import Mail

BACKDATED = timedelta(days=3)
"""How much older than its arrival a mail's own date may be; servers deliver within hours, and try for a few days."""
TEXT_KEPT = 4000
WISHES = frozenset({"return_request", "exchange_request", "repair_request"})
_RMA = re.compile(r"(?<![0-9A-Za-z-])RMA-\d{4}-\d{5,}(?![0-9A-Za-z-])", re.IGNORECASE)
Worked = tuple[Case, str, str]
"""The case, the verdict for the ledger of mail, and words for the log."""


def case_meant(mail: Mail, read: Understanding, desk: Desk) -> Case | None:
    """The case a mail speaks of: by its order number, by our return number, else by the thread it answers in."""
    thread = threads.case_of_thread(desk.store, thread_ids(mail))
    if read.order_numbers:
        known = waiting_for_order(mail, desk) or desk.store.case_of_order(read.order_numbers[0])
        # A number that is nobody's order may be an article's: below our own question, or where no new return is asked for, the thread says more.
        if known is not None or thread is None or (read.intent in WISHES and not _is_article(read.order_numbers[0], thread, desk)):
            return known
    for number in _RMA.findall(f"{mail.text}\n{mail.subject}"):
        if (named := desk.store.case(number.upper())) is not None:
            return named
    return thread


def _is_article(number: str, case: Case, desk: Desk) -> bool:
    order = desk.store.get(case, "order", Order)
    return order is not None and any(number.casefold() == line.sku.casefold() for line in order.lines)


def thread_ids(mail: Mail) -> tuple[str, ...]:
    """Message-IDs of the thread, oldest first."""
    return (*mail.references, *([mail.in_reply_to] if mail.in_reply_to else []))


def waiting_for_order(mail: Mail, desk: Desk) -> Case | None:
    """The case in whose thread we asked for the order number that this mail brings."""
    asked = threads.case_of_thread(desk.store, thread_ids(mail))
    return asked if asked is not None and asked.order_no is None and asked.request == "need_info" else None


def same_shape(numbers: Sequence[str]) -> list[str]:
    """The numbers that are built like the first one, which is among them: a postcode beside an order number is no second order."""

    def shape(number: str) -> str:
        return re.sub(r"[a-z]", "a", re.sub(r"\d", "9", number.lstrip("#").lower()))

    return [number for number in dict.fromkeys(numbers) if shape(number) == shape(numbers[0])]


def dated(claimed: datetime | None, arrived: datetime) -> tuple[datetime, str]:
    """When a mail was written, as far as its own date can be believed, and why a person should look at it (or nothing)."""
    if claimed is None or claimed > arrived:
        return arrived, ""
    if arrived - claimed > BACKDATED:
        return arrived, f"The mail is dated {claimed:%Y-%m-%d} and arrived on {arrived:%Y-%m-%d}: what counts for the periods?"
    return claimed, ""


# -- answers to our questions ------------------------------------------------------------------------------------------------
def ask_for_order(case: Case, request: ReturnRequest, desk: Desk) -> Worked:
    """Ask the sender for the order's number; the case waits without one."""
    desk.store.put(case, "request", request)
    desk.store.queue_reply(case, "ask_order", topic=request.source_key)
    return case, "asked", f"{case.rma}: asks for the order number"


def answered(case: Case, mail: Mail, read: Understanding, desk: Desk) -> Worked | None:
    """Go on with a case that waited for its customer's answer; None where the mail does not bring what was asked for."""
    request = desk.store.need(case, "request", ReturnRequest)
    fresh = _merged(request, mail, read)
    if case.order_no is not None:
        desk.store.put(case, "request", fresh)
        return desk.store.change(case, "customer_answered", request="new"), "answered", f"{case.rma}: the customer has answered"
    if not read.order_numbers:
        return None
    order_no = read.order_numbers[0]
    fresh = fresh.model_copy(update={"order_no": order_no})
    known = desk.store.case_of_order(order_no)
    if known is None or known.closed:
        desk.store.put(case, "request", fresh)
        # Whoever asked is not known to be the buyer: from here on only the order's own address is written to.
        case = desk.store.change(case, "order_named", order_no=order_no, request="new", customer_email="")
        return case, "answered", f"{case.rma}: is about order {order_no}"
    case = desk.store.change(case, "order_named", request="new", facts={"order_no": order_no, "goes_on_as": known.rma})
    desk.store.change(case, "joined", request="answered", refund="not_due", books="not_due", close_code="joined")
    desk.store.note(known, "asked_again", channel="mail", source_key=mail.message_id)
    return known, "joined", f"{known.rma}: the order has a case already"


def _merged(request: ReturnRequest, mail: Mail, read: Understanding) -> ReturnRequest:
    """The request with what the answer adds. What was asked at first stays; new attacks, accounts and doubts come on top."""
    flags = tuple(flag.kind for flag in read.security_flags)
    return request.model_copy(
        update={
            "source_key": mail.message_id,  # the answer to it goes below this mail
            "skus": tuple(dict.fromkeys((*request.skus, *read.skus))),
            "quantity": read.quantity if read.quantity is not None else request.quantity,
            "wanted_size": request.wanted_size or read.wanted_size or "",
            "attachments": request.attachments + len(mail.attachments),
            "new_ibans": tuple(dict.fromkeys((*request.new_ibans, *read.ibans))),
            "attacks": tuple(dict.fromkeys((*request.attacks, *flags))),
            "doubt": request.doubt or (read.why if flags or read.ibans else ""),
            "text": f"{request.text[: TEXT_KEPT // 2]}\n{mail.text[: TEXT_KEPT // 2]}",
        }
    )


# -- news on a case ----------------------------------------------------------------------------------------------------------
def confirms_account(case: Case, read: Understanding, desk: Desk) -> bool:
    """Whether the account that a mail names is the one the order was paid from: no redirect, and an answer where the bank asked for it."""
    order = desk.store.get(case, "order", Order)
    return bool(order and order.payer_iban and read.ibans and all(iban == compact(order.payer_iban) for iban in read.ibans))


def informed(case: Case, mail: Mail, read: Understanding, bot: str, desk: Desk) -> Worked:
    """Take what a customer tells about a running case: the parcel's number, photos, the account they paid from."""
    news: list[str] = []
    for number in read.tracking_numbers[:1]:
        if number != case.tracking_no:
            news.append(_parcel(case, number, desk))
            case = desk.store.case_by_id(case.id)
    if mail.attachments:
        news.append(f"{len(mail.attachments)} attachments")
    if read.ibans:
        news.append("the account the order was paid from")
        for row in desk.store.open_exceptions(case):
            if row.code == "payee_unknown":
                desk.store.close_exception(row, "retry", f"{bot} bot", "the customer has confirmed the account", touched=False)
    desk.store.note(case, "information", message_id=mail.message_id, news=news)
    if news and any(not row.technical for row in desk.store.open_exceptions(case)):
        desk.store.open_exception(
            case,
            bot,
            "mail_provides_information",
            f'The customer answers while a question is open: {", ".join(news)}. "{" ".join(mail.text.split())[:300]}"',
            severity="low",
            suggestion="close",
            advice="Use it for the open question of this case (the mail is in its evidence), then `close`; the case goes on.",
        )
    return case, "information", f"{case.rma}: {', '.join(news) or 'information'}"


def _parcel(case: Case, number: str, desk: Desk) -> str:
    """A parcel number by the customer's word: followed where no other is under way, no other case has it and it is not the parcel that brought the goods.

    It only says where to look: money waits for the warehouse's receipt as before.
    """
    order = desk.store.get(case, "order", Order)
    waits = case.request == "approved" and case.parcel == "awaited" and desk.store.get(case, "parcel_summary", ParcelSummary) is None
    if not waits or (order is not None and number == compact(order.out_tracking)) or threads.parcel_elsewhere(desk.store, case, number):
        return f"another parcel number, {number}, which is not followed"
    desk.store.change(case, "parcel_named_by_customer", tracking_no=number, facts={"before": case.tracking_no})
    return f"the parcel number {number}"


def another_asks(case: Case, fresh: ReturnRequest, bot: str, desk: Desk) -> None:
    """Somebody else asks for the same order: whose request it is shows when the order is read. Who writes first takes no one's right away."""
    first = desk.store.get(case, "request", ReturnRequest)
    if first is None or not fresh.sender or not first.sender or fresh.sender.casefold() == first.sender.casefold():
        return
    desk.store.put(case, "request_also", fresh)
    if fresh.sender.casefold() == case.customer_email.casefold():
        for row in desk.store.open_exceptions(case):
            if row.code == "not_the_buyer":
                desk.store.close_exception(row, "retry", f"{bot} bot", "the buyer has asked for it now", touched=False)


def wishes_otherwise(case: Case, fresh: ReturnRequest, bot: str, desk: Desk) -> Worked | None:
    """The customer wants something else than at first (an exchange instead of the money): changed while it can be, else a person's work.

    None where the wish is the same, or the first one did not come by mail.
    """
    first = desk.store.get(case, "request", ReturnRequest)
    if (
        first is None
        or first.channel != "mail"
        or first.sender != fresh.sender
        or fresh.doubt
        or first.intent == fresh.intent
        or not {first.intent, fresh.intent} <= WISHES
    ):
        return None
    if case.request in ("new", "need_info"):
        desk.store.put(case, "request", fresh)
        case = desk.store.change(case, "wish_changed", intent=fresh.intent, request="new", facts={"before": first.intent, "now": fresh.intent})
        return case, "changed", f"{case.rma}: {fresh.intent} instead of {first.intent}"
    desk.store.open_exception(
        case,
        bot,
        "wish_changed",
        f'The customer first asked for {first.intent.replace("_", " ")} and now for {fresh.intent.replace("_", " ")}: "{" ".join(fresh.text.split())[:300]}"',
        suggestion="proceed",
        rules="P16",
        advice="`proceed` goes on as granted at first; arrange anything else by hand, then `proceed` or `close`.",
    )
    return case, "to_person", f"{case.rma}: wants something else now"

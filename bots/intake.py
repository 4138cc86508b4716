"""Intake: reads the returns mailbox and the marketplaces' export files, and opens one case for each request, once.

A mail or row is written into the ledger before it is moved away, so a crash at any point neither loses nor doubles it.
Mail that asks about a case, answers a question of ours or tells something new joins it (see bots.correspondence); a mail on two orders makes two
cases; mail that is no request is put aside; what cannot be read goes to a person.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from loguru import logger

from bots.automation.evidence import safe_name
from bots.bot import Item
from bots.cases.model import ReturnRequest
from bots.cases.money import Money
from bots.cases.store import Case
from bots.correspondence import TEXT_KEPT, another_asks, answered, ask_for_order, case_meant, confirms_account, dated, informed, same_shape, wishes_otherwise
from bots.decisions.llm_mail import understand_with
from bots.decisions.reasons import claimed_party
from bots.decisions.understanding import MailText, Understanding
from bots.portals.desk import Desk
from bots.workbooks.imports import ImportedReturn, ImportOutcome, read_file
from bots.workbooks.imports.tables import shown_name
from bots.workbooks.mail import Mail, read_mail
from bots.workbooks.mail_mask import masked_fields, masked_mail
from bots.workbooks.output import write_in_place

REQUESTS = frozenset({"return_request", "exchange_request", "repair_request"})
QUESTIONS = frozenset({"return_status", "refund_status"})
# Channels in which the customer's own words are the request; in the others the marketplace vouches for buyer and reason.
WRITTEN_BY_CUSTOMERS = frozenset({"helpdesk", "withdrawal_form"})
LANGUAGE_NEEDS = 20
"""Characters from which a mail's own language is answered in rather than the case's."""
ORDERS_A_MAIL = 4
"""Orders that one mail may open cases for; more are a person's work."""


class Intake:
    name = "intake"
    title = "Reads mail and export files, opens cases"
    side_by_side = False
    by_hand = 3.0

    def items(self, desk: Desk) -> Iterator[Item]:
        for source in sorted(desk.config.file(desk.config.suite.drop_folder, "x").parent.iterdir()):
            yield from self._rows(desk, source)
        for raw in desk.mailbox.new_mail(desk.config.suite.mailbox.inbox):
            yield Item(f"mail:{raw.uidvalidity}:{raw.uid}", data=raw)

    def _rows(self, desk: Desk, file: Path) -> Iterator[Item]:
        outcome = read_file(file) if not file.name.startswith("exceptions-") else None
        if outcome is None:
            return
        self._refused(desk, file, outcome)
        for row in outcome.returns:
            if not desk.store.row_known(row.source, row.row_key):
                yield Item(f"row:{row.source}:{row.row_key}", data=row)

    def _refused(self, desk: Desk, file: Path, outcome: ImportOutcome) -> None:
        """Note each row that cannot be used once, and list them all in a receipt beside the workbooks; the file stays where it is."""
        name = shown_name(file)
        fresh = [problem for problem in outcome.problems if desk.store.add_row("refused", f"{name}:{problem.row_no}", None, "unreadable")]
        for problem in fresh:
            desk.store.note(None, "row_refused", file=name, row=problem.row_no, what=problem.what, fix=problem.fix)
        if fresh:
            lines = [f"{f'row {problem.row_no}' if problem.row_no else 'the file'}: {problem.what} - {problem.fix}\n" for problem in outcome.problems]
            text = desk.evidence.mask("".join(lines))
            write_in_place(desk.config.file("out", f"{safe_name(name)}-receipt.txt"), text)

    def work(self, item: Item, desk: Desk) -> str:
        if isinstance(item.data, ImportedReturn):
            return self._work_row(item.data, desk)
        return self._work_mail(item.data, desk)

    # -- export rows -----------------------------------------------------------------------------------------------------
    def _work_row(self, row: ImportedReturn, desk: Desk) -> str:
        read = (
            understand_with(desk.adviser, MailText(text=row.comment), names=(row.buyer_name or "",), shapes=desk.config.suite.order_shapes)
            if row.comment
            else None
        )
        by_person = row.source in WRITTEN_BY_CUSTOMERS
        order_no = row.order_no or (read.order_numbers[0] if read and read.order_numbers else "")
        language = row.language or (read.language if read else "en")
        if not order_no and desk.dry_run:
            return "would put it before a person: no order number"
        if not order_no:
            case, _ = desk.store.open_case(
                None, channel=row.source, language=language, intent="return_request", request="escalated", customer_name=(row.buyer_name or "")[:200]
            )
            desk.store.open_exception(
                case,
                self.name,
                "mail_return_request",
                f'A return request without an order number ({row.row_key}): "{row.comment[:300]}"',
                rules="P16",
                suggestion="close",
            )
            desk.store.add_row(row.source, row.row_key, case, "to_person")
            return f"{case.rma}: no order number"
        if desk.dry_run:
            return f"would open a case for order {order_no}"
        named = row.reason_code not in ("", "OTHER", "NO_REASON")
        request = ReturnRequest(
            source_system=row.source,
            source_key=row.row_key,
            channel=row.source,
            order_no=order_no,
            intent="return_request",
            reason_code=row.reason_code if named or read is None or not read.reason_code else read.reason_code,
            responsible=claimed_party(row.reason_code) if named or read is None else read.responsibility or "",
            outcome=(read.outcome or "unspecified") if by_person and read else "refund",
            skus=(row.sku,) if row.sku else tuple(read.skus) if read else (),
            quantity=row.quantity if row.quantity is not None or not read else read.quantity,
            wanted_size=(read.wanted_size or "") if read else "",
            requested_at=min(row.requested_at, desk.now) if row.requested_at else desk.now,
            sender=(row.buyer_email or "") if by_person else "",
            withdrawal_declared=row.source == "withdrawal_form" or bool(read and read.withdrawal_declared),
            new_ibans=tuple(read.ibans) if read else (),
            attacks=tuple(flag.kind for flag in read.security_flags) if read else (),
            text=row.comment[:TEXT_KEPT],
            doubt=read.why if by_person and read and read.needs_person else "",
            refunded_by_marketplace=Money(minor=row.refunded_amount_minor, currency=row.currency) if row.refunded_amount_minor and row.currency else None,
            fulfilled_by=row.fulfilled_by,
        )
        case, verdict = self._open(desk, request, language=language, name=row.buyer_name or "")
        desk.store.add_row(row.source, row.row_key, case, verdict)
        return f"{verdict} {case.rma} for order {order_no}"

    # -- mail --------------------------------------------------------------------------------------------------------------
    def _work_mail(self, raw: Any, desk: Desk) -> str:
        settings = desk.config.suite.mailbox
        mail, read = self._understood(raw, desk)
        if desk.store.message_known(raw.folder, raw.uidvalidity, raw.uid, mail.message_id):
            desk.mailbox.move(raw, settings.done_folder)
            return "already worked"
        if desk.dry_run:
            return f"would work it as {read.intent}{' on order ' + read.order_numbers[0] if read.order_numbers else ''}"
        arrived = min(raw.received_at or desk.now, desk.now)
        written, undated = dated(mail.date, arrived)
        mail = masked_fields(mail, desk.evidence.mask).model_copy(update={"date": written})
        case, verdict, text = self._aside(mail, raw, read, desk) or self._sort(mail, read, undated, desk)
        desk.store.add_message(
            case,
            folder=raw.folder,
            uidvalidity=raw.uidvalidity,
            uid=raw.uid,
            message_id=mail.message_id,
            sender=mail.from_address[:254],
            subject=mail.subject[:500],
            received_at=arrived,
            language=read.language,
            intent=read.intent,
            verdict=verdict,
            data={
                "confidence": read.intent_confidence,
                "method": read.method,
                "reason": read.reason,
                "attacks": [flag.kind for flag in read.security_flags],
                "spans": [span.model_dump() for span in read.spans][:20],
                "problems": mail.problems,
                "references": mail.references,
            },
        )
        if case is not None:
            desk.keep_bytes(case, "mail.eml", masked_mail(raw.raw, desk.evidence.mask))
        desk.mailbox.move(raw, settings.exceptions_folder if verdict == "to_person" else settings.done_folder)
        return text

    def _understood(self, raw: Any, desk: Desk) -> tuple[Mail, Understanding]:
        """The mail, and what it wants. A fault of ours in reading it puts it before a person instead of trying it again for ever."""
        try:
            mail = read_mail(raw.raw, desk.config.suite.mailbox.authserv_id)
            return mail, self._understand(mail, desk)
        except Exception as error:
            logger.exception("mail {}:{} could not be read: {}", raw.uidvalidity, raw.uid, type(error).__name__)
            name = f"<{hashlib.sha256(raw.raw).hexdigest()[:32]}@unread.invalid>"
            mail = Mail(message_id=name, unreadable=True, problems=(f"reading it failed: {type(error).__name__}",))
            return mail, self._understand(mail, desk)

    def _understand(self, mail: Mail, desk: Desk) -> Understanding:
        return understand_with(
            desk.adviser,
            MailText(
                subject=mail.subject,
                text=mail.text,
                quoted=mail.quoted,
                from_address=mail.from_address,
                attachments=[part.name for part in mail.attachments],
                auto_reply=mail.auto_reply,
            ),
            names=(mail.from_name,),
            shapes=desk.config.suite.order_shapes,
        )

    def _aside(self, mail: Mail, raw: Any, read: Understanding, desk: Desk) -> tuple[Case, str, str] | None:
        """A mail that no bot may act on, in a case of its own, so that it neither touches nor takes the place of the customer's; None for any other."""
        if raw.headers_only:
            why = f"Too large to be fetched ({raw.size / 1e6:.1f} MB; only its head was read)."
            return self._alone(mail, read, desk, code="mail_too_large", why=why, advice="Read it in the mailbox, answer by hand and `close`.")
        if mail.unreadable:
            why = f"The mail cannot be read: {'; '.join(mail.problems)}."
            return self._alone(mail, read, desk, code="mail_unreadable", why=why, advice="Open it in the mailbox, answer by hand and `close`.")
        if mail.from_address.casefold() == desk.config.suite.mailbox.address.casefold() and not mail.auto_reply:
            why = "The mail bears our own address as its sender."
            advice = "If a colleague has sent a customer's mail on, open it by hand; then `close`."
            return self._alone(mail, read, desk, code="mail_of_our_own", why=why, advice=advice)
        if mail.authentication.forged:
            told = ", ".join(f"{method} {verdict}" for method, verdict in mail.authentication.model_dump().items())
            why = f"The sender is not who the mail says ({told})."
            return self._alone(
                mail, read, desk, code="mail_not_authentic", why=why, advice="Ask the customer on another way whether they wrote it; then `close`."
            )
        return None

    def _alone(self, mail: Mail, read: Understanding, desk: Desk, *, code: str, why: str, advice: str) -> tuple[Case, str, str]:
        """Put the mail before a person in a case without an order number."""
        case, _ = desk.store.open_case(
            None, channel="mail", language=read.language, intent=read.intent, request="escalated", customer_name=mail.from_name[:200]
        )
        order = f" It names the order {read.order_numbers[0]}." if read.order_numbers else ""
        excerpt = f' "{mail.text[:300]}"'.replace("\n", " ") if mail.text and not mail.unreadable else ""
        what = f'{why} From {mail.from_address or "nobody"}, subject "{mail.subject[:200]}".{order}{excerpt}'
        severity = "high" if mail.authentication.forged else "medium"
        desk.store.open_exception(case, self.name, code, what, severity=severity, suggestion="close", advice=advice)
        return case, "to_person", f"{case.rma}: {why}"

    def _sort(self, mail: Mail, read: Understanding, undated: str, desk: Desk) -> tuple[Case | None, str, str]:
        """What kind of mail it is, and what follows: (case, verdict, words for the log). `undated`: why its date cannot be believed."""
        known = None if mail.auto_reply else case_meant(mail, read, desk)
        waits = known is not None and known.request == "need_info"
        if mail.auto_reply or (read.intent == "other" and not read.needs_person and not waits):
            return None, "ignored", "no request: put aside"
        order_no = known.order_no if known and known.order_no else next(iter(read.order_numbers), None)
        asks = read.intent in QUESTIONS or (known is not None and read.intent in REQUESTS and read.needs_person and self._is_under_way(known))
        about_it = asks or waits or read.intent in ("cancel_return", "provides_information") or not read.order_numbers
        if known is not None and about_it and self._stranger(mail, known, desk):
            return known, "to_person", f"{known.rma}: a stranger writes"
        if known is not None and not known.closed and read.intent == "provides_information" and confirms_account(known, read, desk):
            return informed(known, mail, read, self.name, desk)
        if known is not None and not known.closed and read.ibans:
            self._money_redirect(known, desk)
            return known, "to_person", f"{known.rma}: asks for the money on another account"
        if known is not None and waits and not asks and read.intent != "cancel_return" and (worked := answered(known, mail, read, desk)):
            return worked
        if asks and known is not None and known.order_no is not None:
            if read.tracking_numbers and not known.closed:
                known, _, _ = informed(known, mail, read, self.name, desk)
            return self._question(mail, read, known, desk)
        if read.intent == "cancel_return" and known is not None and not read.needs_person and len(same_shape(read.order_numbers)) <= 1:
            return known, "cancelled", f"asks to cancel {known.rma}"
        if read.intent == "provides_information" and known is not None and not known.closed and not waits:
            return informed(known, mail, read, self.name, desk)
        if read.intent in REQUESTS and order_no is not None:
            return self._requested(mail, read, order_no, undated, desk)
        if read.intent in REQUESTS and known is None and mail.from_address and not read.needs_person:
            request = self._request(mail, read, "", undated, desk)
            case, _ = self._open(desk, request, language=read.language, name=mail.from_name, waits=True, email=mail.from_address[:254])
            return ask_for_order(case, request, desk)
        return self._for_a_person(mail, read, order_no, known, desk)

    def _requested(self, mail: Mail, read: Understanding, order_no: str, undated: str, desk: Desk) -> tuple[Case, str, str]:
        """Open or join a case for each order that the mail is about; the first one's goes into the ledger of mail."""
        orders = same_shape(read.order_numbers) if order_no in read.order_numbers else [order_no]
        if len(orders) > 1 and (read.quantity is not None or len(orders) > ORDERS_A_MAIL):
            undated = undated or f"The mail is about {len(orders)} orders{' and names a number of pieces' if read.quantity is not None else ''}."
        worked: list[tuple[Case, str, str]] = []
        for number in orders[:ORDERS_A_MAIL]:
            request = self._request(mail, read, number, undated, desk)
            known = desk.store.case_of_order(number)
            if (
                known is not None
                and not known.closed
                and not self._is_strange(mail, known, desk)
                and (other := wishes_otherwise(known, request, self.name, desk))
            ):
                worked.append(other)
                continue
            case, verdict = self._open(desk, request, language=read.language, name=mail.from_name)
            worked.append((case, verdict, f"{verdict} {case.rma} for order {number}"))
        for case, verdict, _ in worked[1:]:
            desk.store.note(case, "mail_received", message_id=mail.message_id, sender=mail.from_address[:254], intent=read.intent, verdict=verdict)
            desk.store.note(case, "evidence_elsewhere", rma=worked[0][0].rma, what="mail.eml")
        return worked[0][0], worked[0][1], "; ".join(text for _, _, text in worked)

    def _request(self, mail: Mail, read: Understanding, order_no: str, undated: str, desk: Desk) -> ReturnRequest:
        doubt = read.why if read.needs_person else undated
        return ReturnRequest(
            source_system="mailbox",
            source_key=mail.message_id,
            channel="mail",
            order_no=order_no,
            intent=read.intent,
            reason_code=read.reason_code or "",
            responsible=read.responsibility or "",
            outcome=read.outcome or "unspecified",
            skus=tuple(read.skus),
            quantity=read.quantity,
            wanted_size=read.wanted_size or "",
            requested_at=min(mail.date, desk.now) if mail.date else desk.now,
            sender=mail.from_address,
            withdrawal_declared=read.withdrawal_declared,
            new_ibans=tuple(read.ibans),
            attacks=tuple(flag.kind for flag in read.security_flags),
            attachments=len(mail.attachments),
            text=f"{mail.subject}\n{mail.text}"[:TEXT_KEPT],
            confidence=read.intent_confidence,
            doubt=doubt,
        )

    def _open(self, desk: Desk, request: ReturnRequest, *, language: str, name: str, waits: bool = False, email: str = "") -> tuple[Case, str]:
        """Open the order's case, or join the one it has: one return, however often it is asked for. `waits`: for the order's number, asked of `email`."""
        case, opened = desk.store.open_case(
            request.order_no or None,
            request="need_info" if waits else "new",
            customer_email=email,
            channel=request.channel,
            language=language,
            intent=request.intent,
            reason_code=request.reason_code,
            responsible=request.responsible,
            customer_name=name[:200],
        )
        if desk.store.get(case, "request", ReturnRequest) is None:
            desk.store.put(case, "request", request)
            return case, "opened" if opened else "joined"
        desk.store.note(case, "asked_again", channel=request.channel, source_key=request.source_key)
        another_asks(case, request, self.name, desk)
        if request.new_ibans:
            self._money_redirect(case, desk)
        return case, "joined"

    def _is_under_way(self, case: Case) -> bool:
        """Whether the return is already granted and not yet done: an unclear mail about it asks how it stands, rather than for the same return again."""
        return not case.closed and case.request == "approved"

    def _question(self, mail: Mail, read: Understanding, case: Case, desk: Desk) -> tuple[Case, str, str]:
        own = {"language": read.language} if len(mail.text) >= LANGUAGE_NEEDS else {}
        desk.store.queue_reply(case, "status", topic=mail.message_id, asked=read.intent, message_id=mail.message_id, **own)
        for number in same_shape(read.order_numbers)[1:ORDERS_A_MAIL]:
            other = desk.store.case_of_order(number)
            if other is not None and not self._stranger(mail, other, desk):
                desk.store.queue_reply(other, "status", topic=mail.message_id, asked=read.intent, message_id=mail.message_id, **own)
        return case, "question", f"{case.rma}: asks for its status"

    def _is_strange(self, mail: Mail, case: Case, desk: Desk) -> bool:
        """Whether the sender is not the case's customer, as far as that is known."""
        request = desk.store.get(case, "request", ReturnRequest)
        customer = case.customer_email or (request.sender if request else "")
        return bool(customer) and mail.from_address.casefold() != customer.casefold()

    def _stranger(self, mail: Mail, case: Case, desk: Desk) -> bool:
        """Whether the sender is not the case's customer; then nothing is told, nothing is done, and a person sees it."""
        if not self._is_strange(mail, case, desk):
            return False
        desk.store.open_exception(
            case,
            self.name,
            "mail_of_a_stranger",
            f"{mail.from_address} writes about this case; the order belongs to another address. Nothing was answered.",
            severity="low",
            suggestion="close",
        )
        return True

    def _money_redirect(self, case: Case, desk: Desk) -> None:
        desk.store.open_exception(
            case,
            self.name,
            "new_bank_details",
            "A mail on this case asks for the money on another account. Refunds go to the original means of payment.",
            severity="high",
            rules="F02 P17",
            suggestion="approve",
            advice="`approve` refunds to the original means of payment; `reject` ends the case without refund.",
            freezes=True,
        )

    def _for_a_person(self, mail: Mail, read: Understanding, order_no: str | None, known: Case | None, desk: Desk) -> tuple[Case, str, str]:
        """No bot's work: a person answers. The case carries the mail so that nothing is lost."""
        why = {
            "order_question": "A question about an order, not a return.",
            "complaint": "A complaint.",
            "provides_information": "Information for a return that is not known.",
            "return_status": "Asks about a return that is not known.",
            "refund_status": "Asks about a refund that is not known.",
            "cancel_return": "Cancels a return that is not known.",
        }.get(read.intent, read.why or "The mail was not understood well enough.")
        if read.intent == "cancel_return" and known is not None:
            why = read.why or "Cancels several returns at once."
        if order_no is None and read.intent in REQUESTS:
            why = "A return request without an order number."
        case = known
        if case is not None and case.request == "need_info":
            case = desk.store.change(case, "to_a_person", request="escalated")
        if case is None or case.closed:
            case, _ = desk.store.open_case(
                order_no, channel="mail", language=read.language, intent=read.intent, request="escalated", customer_name=mail.from_name[:200]
            )
        if order_no is not None and desk.store.get(case, "request", ReturnRequest) is None:
            # Kept so that a person can answer `proceed`: then it is worked as a return after all.
            desk.store.put(case, "request", self._request(mail, read, order_no, "", desk).model_copy(update={"doubt": ""}))
        excerpt = mail.text[:300].replace("\n", " ")
        desk.store.open_exception(
            case,
            self.name,
            f"mail_{read.intent}",
            f'{why} From {mail.from_address}: "{excerpt}"',
            severity="medium",
            rules="P16",
            suggestion="close",
            advice="Answer the customer by hand and `close`; `proceed` works it as a return request.",
        )
        return case, "to_person", f"{case.rma}: {why}"

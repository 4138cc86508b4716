"""Exceptions: carries staff's answers from the workbook back to the cases, and writes the workbook anew.

An answer counts only for the question it was given for; every refused one is listed in a receipt with the reason.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, ClassVar

from bots.bot import Item
from bots.cases import threads
from bots.cases.model import ReturnRequest
from bots.cases.states import TRANSITIONS
from bots.cases.store import Case, ExceptionRow
from bots.portals.desk import Desk
from bots.workbooks.advice import with_advice
from bots.workbooks.exceptions import DECISIONS, Answer, UnreadableWorkbook, amount_of, fingerprint, read_answers, write_exceptions
from bots.workbooks.imports.tables import shown_name
from bots.workbooks.output import write_in_place

# Questions about a commit whose outcome is unknown: `approve` says it happened, `reject` that it did not.
FROZEN = frozenset({"needs_check", "terms_changed", "second_click", "refund_vanished", "duplicate_refund", "refund_differs"})
# Facts that no decision can wave away: going on would only ask the same question again.
NO_WAY_ON = frozenset(
    {
        "unknown_order",
        "over_quantity",
        "already_refunded",
        "size_unknown",
        "nothing_accepted",
        "dispute_open",
        "check_of_other_goods",
        "payment_missing",
        "payee_unknown",
        "mail_not_authentic",
        "mail_too_large",
        "mail_unreadable",
        "mail_of_our_own",
    }
)
# About an answer only: the case itself goes on, whatever became of the mail.
ANSWER_ONLY = frozenset({"reply_unknown", "address_refused", "reply_differs", "answer_limit"})
# Mail that no bot works by itself; `proceed` says that it is a return request after all.
MISREAD = frozenset(
    f"mail_{intent}"
    for intent in (
        "return_status",
        "refund_status",
        "cancel_return",
        "provides_information",
        "complaint",
        "order_question",
        "other",
        "return_request",
        "exchange_request",
        "repair_request",
    )
)


def leads_somewhere(row: ExceptionRow) -> tuple[str, ...]:
    """The answers that have an effect on a question; none where only a look into the back-end can tell."""
    if row.code in FROZEN:
        return ()
    if row.code in ANSWER_ONLY:
        return ("retry", "hold", "close")
    if row.code == threads.TAKEN:
        return ("proceed", "hold", "close")
    return tuple(decision for decision in DECISIONS if not (row.code in NO_WAY_ON and decision in ("approve", "proceed")))


# A further mail on a case: where the case is under way, answering the mail does not end it. A mail that cancels does.
ANOTHER_MAIL = (MISREAD | {"mail_of_a_stranger", "wish_changed"}) - {"mail_cancel_return"}


class Exceptions:
    name = "exceptions"
    title = "Workbook for staff, and their answers"
    side_by_side = False
    by_hand = 1.0

    def items(self, desk: Desk) -> Iterator[Item]:
        for file in sorted(desk.config.file(desk.config.suite.drop_folder, "x").parent.glob("exceptions-*.xlsx")):
            stamp = f"{shown_name(file)}:{file.stat().st_mtime_ns}"
            if not desk.store.row_known("staff_answers", stamp):
                yield Item(f"answers:{stamp}", data=file)
        yield Item("workbook")

    def work(self, item: Item, desk: Desk) -> str:
        if item.data is None:
            return self._write(desk)
        return self._read(item.data, item.key.removeprefix("answers:"), desk)

    def _write(self, desk: Desk) -> str:
        captions = desk.config.suite.captions
        rows = with_advice(desk.store.open_exceptions(), desk.adviser, leads_somewhere, captions, desk.now)
        place = write_exceptions(desk.config.file("out", "exceptions.xlsx"), rows, captions=captions, now=desk.now, evidence=desk.evidence.root)
        return f"{len(rows)} open questions in {place.name}"

    def _read(self, file: Path, stamp: str, desk: Desk) -> str:
        try:
            answers = read_answers(file)
        except UnreadableWorkbook as error:
            self._receipt(file, [str(error)], desk)
            desk.store.add_row("staff_answers", stamp, None, "unreadable")
            return str(error)
        open_rows = {row.id: row for row in desk.store.open_exceptions()}
        lines, taken = [], 0
        for answer in answers:
            refusal = self._apply(answer, open_rows.get(answer.exception_id), desk)
            taken += refusal is None
            lines.append(f"row {answer.row}: {answer.decision or '(no decision)'} - {refusal or 'taken'}")
        self._receipt(file, lines, desk)
        desk.store.add_row("staff_answers", stamp, None, "read")
        return f"{taken} of {len(answers)} answers taken from {shown_name(file)}"

    def _receipt(self, file: Path, lines: list[str], desk: Desk) -> None:
        """What became of each answer, beside the workbook that staff read."""
        write_in_place(desk.config.file("out", f"{Path(shown_name(file)).stem}-receipt.txt"), "\n".join(lines) + "\n")

    def _apply(self, answer: Answer, row: ExceptionRow | None, desk: Desk) -> str | None:
        """Carry one answer out; a sentence why not, or None."""
        if row is None:
            return "this question is no longer open"
        if answer.fingerprint != fingerprint(row):
            return "the question has changed since this workbook was written; answer it in the newest one"
        if answer.decision not in DECISIONS:
            return f"{answer.decision!r} is not one of {', '.join(DECISIONS)}"
        if not answer.by:
            return "the name of who decided is missing"
        if answer.decision == row.decision == "hold" or (answer.decision == "take_over" and threads.taken(desk.store, row.case)):
            return None
        if answer.decision in ("approve", "proceed") and row.code in NO_WAY_ON:
            return f"`{answer.decision}` leads nowhere here: answer reject, retry, hold or close"
        if row.code == threads.TAKEN and answer.decision not in ("proceed", "hold", "close"):
            return f"`{answer.decision}` leads nowhere here: answer proceed or close (the bots answer again) or hold"
        if answer.decision not in ("retry", "hold", "close", "take_over") and row.code in ANSWER_ONLY:
            return f"`{answer.decision}` leads nowhere here: answer retry (send it again), close (the customer knows) or hold"
        try:
            amount = amount_of(answer.amount, row.case.currency) if answer.amount else None
        except ValueError as error:
            return str(error)
        if amount is not None and answer.decision not in ("approve", "proceed"):
            return "an amount goes with `approve` or `proceed` only"
        if amount is not None and row.amount_minor is not None and amount > row.amount_minor:
            return "more than proposed cannot be paid from here; refund the difference by hand"
        if amount is not None and amount != row.amount_minor:
            desk.store.agree_amount(row.case, amount, answer.by)
        self.carry_out[answer.decision](self, row, answer, desk)
        return None

    # -- one method a decision -------------------------------------------------------------------------------------------
    def _approve(self, row: ExceptionRow, answer: Answer, desk: Desk) -> None:
        if row.code in FROZEN:
            desk.ledger.decide(row.case, True, answer.by)
        self._close(row, "approve", answer, desk)

    def _proceed(self, row: ExceptionRow, answer: Answer, desk: Desk) -> None:
        case = row.case
        if row.code == "customs_held" and case.customs == "held":
            desk.store.change(case, "customs_released_by_a_person", customs="released")
        elif row.code in MISREAD and case.request == "escalated" and desk.store.get(case, "request", ReturnRequest) is not None:
            desk.store.change(case, "worked_as_a_return", request="new")
        self._close(row, "proceed", answer, desk)

    def _retry(self, row: ExceptionRow, answer: Answer, desk: Desk) -> None:
        if row.code == "refund_declined" and row.case.refund == "failed":
            desk.store.change(row.case, "refund_retried", refund="proposed")
        for reply in desk.store.replies_of(row.case) if row.code in ANSWER_ONLY else ():
            if reply.message_id and reply.message_id in row.what:
                desk.store.mark_reply(reply.id, "queued")
        self._close(row, "retry", answer, desk)

    def _hold(self, row: ExceptionRow, answer: Answer, desk: Desk) -> None:
        desk.store.hold_exception(row, answer.by, answer.note)

    def _take_over(self, row: ExceptionRow, answer: Answer, desk: Desk) -> None:
        """The question stays with the person, and so does all writing to this customer."""
        threads.take(desk.store, row.case, answer.by)
        desk.store.hold_exception(row, answer.by, answer.note)

    def _reject(self, row: ExceptionRow, answer: Answer, desk: Desk) -> None:
        if row.code in FROZEN:
            desk.ledger.decide(row.case, False, answer.by)
            self._close(row, "reject", answer, desk)
            return
        self._end(row.case, "rejected", desk)
        self._close(row, "reject", answer, desk)

    def _settle_by_hand(self, row: ExceptionRow, answer: Answer, desk: Desk) -> None:
        about_a_mail = row.code in (*ANSWER_ONLY, threads.TAKEN) or (row.code in ANOTHER_MAIL and row.case.request != "escalated")
        if not about_a_mail:
            self._end(row.case, "cancelled" if row.code == "mail_cancel_return" else "answered", desk)
        self._close(row, "close", answer, desk)

    carry_out: ClassVar[dict[str, Callable[..., None]]] = {
        "approve": _approve,
        "proceed": _proceed,
        "retry": _retry,
        "hold": _hold,
        "reject": _reject,
        "close": _settle_by_hand,
        "take_over": _take_over,
    }

    def _close(self, row: ExceptionRow, decision: str, answer: Answer, desk: Desk) -> None:
        desk.store.close_exception(row, decision, answer.by, answer.note)

    def _end(self, case: Case, request: str, desk: Desk) -> None:
        """End a case by a person's word: no money moves any more; what is already under way, or done, is left as it is."""
        if case.refund in ("submitted", "refunded", "replaced"):
            return
        changes: dict[str, Any] = {}
        if request in TRANSITIONS["request"][case.request]:
            changes["request"] = request
        elif "rejected" in TRANSITIONS["request"][case.request]:
            changes["request"] = "rejected"
        if "not_due" in TRANSITIONS["refund"][case.refund]:
            changes["refund"] = "not_due"
            if "not_due" in TRANSITIONS["books"][case.books]:
                changes["books"] = "not_due"
        if changes:
            desk.store.change(case, "ended_by_a_person", close_code="by_hand", **changes)

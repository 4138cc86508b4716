"""What a portal must keep, verb by verb: the same checks for the practice programs and for a live one.

A reading check only looks. A writing check fills the form up to the click that counts and stops there, unless a commit is
allowed: then it clicks once and reads back. Checks need samples: numbers of things that exist in the program.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime

from bots.cases.errors import BusinessException, ConfigProblem, Suppressed, SystemException, WorkException
from bots.cases.model import (
    CreditNoteInstruction,
    DispositionInstruction,
    Milestone,
    QcInstruction,
    RefundInstruction,
    ReplacementInstruction,
    ReturnInstruction,
    TransferInstruction,
)
from bots.portals import roles
from bots.portals.contract_bench import (
    NOBODY,
    Bench,
    Broken,
    Check,
    CheckPermit,
    Kind,
    Outcome,
    Run,
    click_once,
    finds_exactly,
    keep_pictures,
    knows_only_its_own,
    must,
    rehearse,
    same,
    saved,
    sourced,
    told,
    write_once,
)

ROLES: dict[str, type] = {"payments": roles.Payments, "erp": roles.Erp, "wms": roles.Wms, "carrier": roles.Carrier}
"""The roles that a web program can play."""
CHECKS: dict[str, list[Check]] = {role: [] for role in ROLES}
"""Role -> its checks; reading before writing."""


def verb_missing(portal: str, verb: str) -> SystemException:
    """What a verb raises that nobody has written yet."""
    return SystemException(
        f"{portal} cannot do {verb!r} yet: nobody has written this verb",
        code="verb_missing",
        advice="Write the verb in the portal's class and record what it needs; see runbooks/new-portal.md.",
    )


def _check(role: str, verb: str, says: str, *needs: str, kind: Kind = "read") -> Callable[[Run], Run]:
    def keep(run: Run) -> Run:
        CHECKS[role].append(Check(verb, says, run, needs, kind))
        return run

    return keep


# -- running ---------------------------------------------------------------------------------------------------------------
def role_of(portal: type) -> str:
    """The role whose verbs the class has the most of."""
    return max(ROLES, key=lambda role: sum(hasattr(portal, verb) for verb in verbs_of(role)))


def verbs_of(role: str) -> tuple[str, ...]:
    """The verbs of a role, in the order in which roles.py has them."""
    return tuple(name for name in vars(ROLES[role]) if not name.startswith("_") and callable(vars(ROLES[role])[name]))


def wrong_verbs(portal: type, role: str) -> tuple[str, ...]:
    """Verbs that the class lacks, or that take other parameters than the role says: one sentence each."""
    found = []
    for verb in verbs_of(role):
        ours = getattr(portal, verb, None)
        wanted = list(inspect.signature(getattr(ROLES[role], verb)).parameters)
        if ours is None:
            found.append(f"{verb} is not there")
        elif list(inspect.signature(ours).parameters) != wanted:
            found.append(f"{verb} takes {list(inspect.signature(ours).parameters)[1:]}, the role says {wanted[1:]}")
    return tuple(found)


def run_checks(role: str, bench: Bench, *, write: bool = False) -> Iterator[Outcome]:
    """Every check of a role: the log-in first, reading verbs, then (with `write`) writing verbs. After a failed log-in nothing else is tried."""
    log_in = Check("check", "logs in and says that the program answers", _logs_in)
    reading = replace(bench, samples={**bench.known, **bench.samples})
    first = _outcome(log_in, bench)
    yield first
    for check in sorted(CHECKS[role], key=lambda one: one.kind == "write"):
        at = reading if check.kind == "read" else bench
        lacking = [name for name in check.needs if name not in at.samples]
        if first.verdict != "works":
            yield Outcome(check, "skipped", "the log-in does not work")
        elif check.kind == "write" and not write:
            yield Outcome(check, "skipped", "writes: give --write")
        elif lacking:
            yield Outcome(check, "skipped", "give " + " ".join(f"--sample {name}=..." for name in lacking))
        else:
            yield _outcome(check, at)


def _outcome(check: Check, bench: Bench) -> Outcome:
    try:
        return Outcome(check, "works", check.run(bench))
    except Broken as broken:
        return Outcome(check, "broken", str(broken))
    except WorkException as error:
        return Outcome(check, "missing" if error.code == "verb_missing" else "broken", f"{error.facts} ({error.code})")
    except ConfigProblem as problem:
        return Outcome(check, "broken", str(problem))
    except Exception as error:
        # A portal may raise its own exceptions and ConfigProblem only: anything else would stop a bot's whole run.
        return Outcome(check, "broken", f"raised {type(error).__name__}, which no bot expects: {error}")


def _logs_in(bench: Bench) -> str:
    words = bench.portal.check()
    must(isinstance(words, str) and bool(words), f"check gave {words!r}, not a few words")
    return str(words)


# -- payments --------------------------------------------------------------------------------------------------------------
@_check("payments", "find_payment", "the payment of exactly this order, with its captures", "order_no")
def _find_payment(bench: Bench) -> str:
    order_no = bench.samples["order_no"]
    payment = knows_only_its_own(bench, "find_payment", "order_no", order_no)
    must(len(payment.captures) > 0, "a payment has at least one capture")
    sourced(bench, *payment.captures, *payment.refunds, *payment.disputes)
    for part in (*payment.captures, *payment.refunds, *payment.disputes):
        same("order_no of a part", part.order_no, order_no)
        must(part.amount.minor > 0, f"{part.source_key} is over {part.amount}; amounts are above zero")
    return f"{len(payment.captures)} captures, {len(payment.refunds)} refunds, {len(payment.disputes)} disputes; {payment.captures[0].amount}"


@_check("payments", "find_refunds", "refunds with exactly this reference", "rma")
def _find_refunds(bench: Bench) -> str:
    return finds_exactly(bench, "find_refunds", "reference", bench.samples["rma"], "refund_id")


@_check("payments", "list_refunds", "all refunds since a day, none twice, those of the payment among them", "order_no")
def _list_refunds(bench: Bench) -> str:
    since = bench.since()
    listed = bench.portal.list_refunds(since)
    must(isinstance(listed, tuple), f"gave a {type(listed).__name__}, must be a tuple")
    sourced(bench, *listed)
    numbers = [refund.refund_id for refund in listed]
    same("the numbers listed", sorted(numbers), sorted(set(numbers)))
    early = [refund.refund_id for refund in listed if refund.created_at is None or refund.created_at.date() < since]
    must(not early, f"asked from {since}, gave older ones too: {early[:5]}")
    payment = bench.portal.find_payment(bench.samples["order_no"])
    must(payment is not None, "find_payment finds nothing for the same sample")
    left_out = [one.refund_id for one in payment.refunds if one.created_at and one.created_at.date() >= since and one.refund_id not in numbers]
    must(not left_out, f"the payment has refunds that the list leaves out: {left_out}")
    return f"{len(listed)} since {since}"


@_check("payments", "export_settlement", "the settlement file of some days, in the folder asked for")
def _export_settlement(bench: Bench) -> str:
    return saved(bench, bench.portal.export_settlement(bench.since(), bench.today, bench.folder))


@_check("payments", "submit_refund", "refunds part of a capture with one click", "order_no", "rma", "amount", kind="write")
def _submit_refund(bench: Bench) -> str:
    samples = bench.samples
    payment = bench.portal.find_payment(samples["order_no"])
    must(payment is not None and bool(payment.captures), f"there is no capture of {samples['order_no']}")
    captures = [one for one in payment.captures if one.capture_id == samples.get("capture_id", one.capture_id)]
    must(bool(captures), f"{samples['order_no']} has no capture {samples.get('capture_id')!r}")
    capture, amount = captures[0], bench.amount(captures[0].amount.currency)
    wanted = RefundInstruction(order_no=samples["order_no"], rma=samples["rma"], amount=amount, reason="return", capture_id=capture.capture_id)
    made = write_once(
        bench, "submit_refund", lambda permit: bench.portal.submit_refund(wanted, permit), lambda: bench.portal.find_refunds(samples["rma"]), amount
    )
    if made is not None:
        same("order, capture, amount", (made.order_no, made.capture_id, made.amount), (wanted.order_no, wanted.capture_id, amount))
    return told(made, "refund_id")


@_check("payments", "submit_refund", "is refused before the click when it asks for more than was paid", "order_no", "rma", kind="write")
def _refuses_too_much(bench: Bench) -> str:
    payment = bench.portal.find_payment(bench.samples["order_no"])
    must(payment is not None and bool(payment.captures), f"there is no capture of {bench.samples['order_no']}")
    capture = payment.captures[0]
    more = capture.amount.model_copy(update={"minor": capture.amount.minor + 1})
    wanted = RefundInstruction(order_no=payment.order_no, rma=bench.samples["rma"], amount=more, reason="return", capture_id=capture.capture_id)
    permit = CheckPermit("portal check submit_refund")  # never commits
    try:
        bench.portal.submit_refund(wanted, permit)
    except BusinessException as refusal:
        same("code of the refusal", refusal.code, "refused_by_backend")
        return refusal.facts
    except Suppressed:
        raise Broken(f"{more} of a capture of {capture.amount} came up to the click; it must be refused before") from None
    raise Broken("ended without refusing and without asking its permit")


# -- erp -------------------------------------------------------------------------------------------------------------------
@_check("erp", "find_order", "the order with exactly this number, with its lines", "order_no")
def _find_order(bench: Bench) -> str:
    order = knows_only_its_own(bench, "find_order", "order_no", bench.samples["order_no"])
    must(len(order.lines) > 0, "an order has at least one line")
    numbers = [line.line_no for line in order.lines]
    same("the line numbers", sorted(numbers), sorted(set(numbers)))
    for line in order.lines:
        must(line.sku != "" and line.qty > 0 and line.unit_gross >= 0, f"line {line.line_no} has no SKU, no quantity or a negative price: {line!r}")
        must(line.line_discount <= line.qty * line.unit_gross, f"line {line.line_no}: the discount is above the price")
    must(order.placed_at is not None, "an order has a time at which it was placed")
    must(order.payment_method != "", "an order has a payment method: it decides where money goes back")
    sourced(bench, *order.returns, *order.credit_notes, *order.replacements)
    return f"{len(order.lines)} lines, {order.currency}, {order.payment_method}"


for _verb, _number in {"find_returns": "return_no", "find_credit_notes": "number", "find_replacements": "number"}.items():
    _check("erp", _verb, "entries under exactly this RMA", "rma")(
        lambda bench, verb=_verb, number=_number: finds_exactly(bench, verb, "rma", bench.samples["rma"], number)  # type: ignore[misc]  # bound now
    )


def _sku(bench: Bench) -> str:
    """The sample `sku`, else the first line of the order."""
    if "sku" in bench.samples:
        return bench.samples["sku"]
    order = bench.portal.find_order(bench.samples["order_no"])
    must(order is not None, f"there is no order {bench.samples['order_no']}")
    return str(order.lines[0].sku)


@_check("erp", "create_return", "registers a return with one click", "order_no", "rma", kind="write")
def _create_return(bench: Bench) -> str:
    rma, carrier = bench.samples["rma"], bench.samples.get("carrier", "")
    reason = bench.samples.get("reason", "DEFECTIVE")
    wanted = ReturnInstruction(order_no=bench.samples["order_no"], rma=rma, reason=reason, lines=((_sku(bench), 1),), carrier=carrier)
    made = write_once(bench, "create_return", lambda permit: bench.portal.create_return(wanted, permit), lambda: bench.portal.find_returns(rma))
    if made is not None:
        same("order, kind", (made.order_no, made.kind), (wanted.order_no, wanted.kind))
    return told(made, "return_no")


@_check("erp", "create_credit_note", "posts a credit note with one click", "order_no", "rma", "amount", kind="write")
def _create_credit_note(bench: Bench) -> str:
    rma, order_no = bench.samples["rma"], bench.samples["order_no"]
    order = bench.portal.find_order(order_no)
    must(order is not None, f"there is no order {order_no}")
    wanted = CreditNoteInstruction(order_no=order_no, rma=rma, gross=bench.amount(order.currency), tax=int(bench.samples.get("tax", "0")))
    made = write_once(bench, "create_credit_note", lambda permit: bench.portal.create_credit_note(wanted, permit), lambda: bench.portal.find_credit_notes(rma))
    if made is not None:
        same("order, amount, tax", (made.order_no, made.gross, made.tax), (wanted.order_no, wanted.gross, wanted.tax))
    return told(made, "number")


@_check("erp", "create_replacement", "orders a replacement with one click", "order_no", "rma", kind="write")
def _create_replacement(bench: Bench) -> str:
    rma = bench.samples["rma"]
    wanted = ReplacementInstruction(order_no=bench.samples["order_no"], rma=rma, kind="exchange", sku=_sku(bench), qty=1)
    made = write_once(bench, "create_replacement", lambda permit: bench.portal.create_replacement(wanted, permit), lambda: bench.portal.find_replacements(rma))
    if made is not None:
        same("order, SKU, quantity", (made.order_no, made.sku, made.qty), (wanted.order_no, wanted.sku, 1))
    return told(made, "number")


@_check("erp", "cancel_return", "cancels an open return with one click", "order_no", "rma", kind="write")
def _cancel_return(bench: Bench) -> str:
    rma, order_no = bench.samples["rma"], bench.samples["order_no"]
    returns = [one for one in bench.portal.find_returns(rma) if one.order_no == order_no and one.state == "open"]
    must(bool(returns), f"{rma} has no open return of {order_no} that could be cancelled")
    number = returns[-1].return_no
    permit = CheckPermit("portal check cancel_return", bench.commit, lambda: bench.guard(None))
    with keep_pictures(bench, "cancel_return", permit):
        if not bench.commit:
            rehearse("cancel_return", lambda: bench.portal.cancel_return(number, order_no, permit), permit)
            return "goes up to the click and stops there"
        click_once("cancel_return", lambda: bench.portal.cancel_return(number, order_no, permit), permit)
    left = [one.return_no for one in bench.portal.find_returns(rma) if one.state == "open" and one.return_no == number]
    must(not left, f"{number} is still open after it was cancelled")
    return f"cancelled {number} and read it back"


# -- wms -------------------------------------------------------------------------------------------------------------------
@_check("wms", "list_receipts", "every return receipt once")
def _list_receipts(bench: Bench) -> str:
    receipts = bench.portal.list_receipts()
    must(isinstance(receipts, tuple), f"gave a {type(receipts).__name__}, must be a tuple")
    sourced(bench, *receipts)
    numbers = [receipt.receipt_no for receipt in receipts]
    same("the numbers listed", sorted(numbers), sorted(set(numbers)))
    times = [receipt.dock_at for receipt in receipts if receipt.dock_at is not None]
    must(times == sorted(times, reverse=True), "receipts come newest first")
    return f"{len(receipts)} receipts"


@_check("wms", "read_receipt", "one receipt with its counted lines, as the list shows it", "receipt_no")
def _read_receipt(bench: Bench) -> str:
    receipt = knows_only_its_own(bench, "read_receipt", "receipt_no", bench.samples["receipt_no"])
    listed = next((one for one in bench.portal.list_receipts() if one.receipt_no == receipt.receipt_no), None)
    must(listed is not None, f"list_receipts leaves {receipt.receipt_no} out")
    assert listed is not None
    same("RMA and tracking number, page and list", (receipt.rma, receipt.tracking_no), (listed.rma, listed.tracking_no))
    for line in receipt.lines:
        must(line.sku != "" and line.qty > 0, f"line {line.line_no} has no SKU or no quantity: {line!r}")
    return f"{len(receipt.lines)} lines, {receipt.dock_g} g"


for _verb, _number in {"find_qc_tasks": "task_no", "find_transfers": "transfer_no"}.items():
    _check("wms", _verb, "entries under exactly this RMA", "rma")(
        lambda bench, verb=_verb, number=_number: finds_exactly(bench, verb, "rma", bench.samples["rma"], number)  # type: ignore[misc]  # bound now
    )


@_check("wms", "list_finished_qc_tasks", "finished checks that wait for a disposition")
def _list_finished(bench: Bench) -> str:
    tasks = bench.portal.list_finished_qc_tasks()
    sourced(bench, *tasks)
    wrong = [task.task_no for task in tasks if task.state != "done" or task.disposition]
    must(not wrong, f"not finished, or disposed of already: {wrong}")
    return f"{len(tasks)} wait"


@_check("wms", "read_qc_task", "one quality check with its note", "task_no")
def _read_qc_task(bench: Bench) -> str:
    task = knows_only_its_own(bench, "read_qc_task", "task_no", bench.samples["task_no"])
    must(task.state in ("open", "done") and task.qty > 0, f"state {task.state!r}, quantity {task.qty}")
    return f"{task.state}, {task.qty} x {task.sku}, a note of {len(task.note)} characters"


@_check("wms", "create_qc_task", "asks for a quality check with one click", "receipt_no", kind="write")
def _create_qc_task(bench: Bench) -> str:
    receipt = bench.portal.read_receipt(bench.samples["receipt_no"])
    must(receipt is not None and bool(receipt.lines), f"{bench.samples['receipt_no']} has no counted lines")
    wanted = QcInstruction(
        receipt_no=receipt.receipt_no, rma=receipt.rma, sku=bench.samples.get("sku", receipt.lines[0].sku), qty=1, checklist=("Check of the portal",)
    )
    made = write_once(bench, "create_qc_task", lambda permit: bench.portal.create_qc_task(wanted, permit), lambda: bench.portal.find_qc_tasks(receipt.rma))
    if made is not None:
        same("receipt, SKU, quantity", (made.receipt_no, made.sku, made.qty), (wanted.receipt_no, wanted.sku, 1))
    return told(made, "task_no")


@_check("wms", "create_transfer", "moves checked goods with one click", "task_no", "from_warehouse", "to_warehouse", kind="write")
def _create_transfer(bench: Bench) -> str:
    task = bench.portal.read_qc_task(bench.samples["task_no"])
    must(task is not None, f"there is no quality check {bench.samples['task_no']}")
    places = {name: bench.samples[name] for name in ("from_warehouse", "to_warehouse")}
    wanted = TransferInstruction(task_no=task.task_no, rma=task.rma, sku=task.sku, qty=1, **places)
    made = write_once(bench, "create_transfer", lambda permit: bench.portal.create_transfer(wanted, permit), lambda: bench.portal.find_transfers(task.rma))
    if made is not None:
        same("SKU and way", (made.sku, made.from_warehouse, made.to_warehouse), (wanted.sku, wanted.from_warehouse, wanted.to_warehouse))
    return told(made, "transfer_no")


@_check("wms", "book_disposition", "books grade and disposition with one click", "finished_task_no", "grade", "disposition", kind="write")
def _book_disposition(bench: Bench) -> str:
    number, portal = bench.samples["finished_task_no"], bench.portal
    task = portal.read_qc_task(number)
    must(task is not None and task.state == "done" and not task.disposition, f"{number} is no finished check that waits for a disposition")
    wanted = DispositionInstruction(task_no=number, rma=task.rma, grade=bench.samples["grade"], disposition=bench.samples["disposition"])
    permit = CheckPermit("portal check book_disposition", bench.commit, lambda: bench.guard(None))
    with keep_pictures(bench, "book_disposition", permit):
        if not bench.commit:
            rehearse("book_disposition", lambda: portal.book_disposition(wanted, permit), permit)
            same("the check after a rehearsal", portal.read_qc_task(number), task)
            return "goes up to the click and stops there"
        click_once("book_disposition", lambda: portal.book_disposition(wanted, permit), permit)
    booked = portal.read_qc_task(number)
    same("grade and disposition", (booked.grade, booked.disposition), (wanted.grade, wanted.disposition))
    return f"booked {number} and read it back"


# -- carrier ---------------------------------------------------------------------------------------------------------------
@_check("carrier", "summaries", "the last event of many parcels, unknown numbers left out", "tracking_no")
def _summaries(bench: Bench) -> str:
    number = bench.samples["tracking_no"]
    found = bench.portal.summaries([number, NOBODY])
    same("the numbers found", [one.tracking_no for one in found], [number])
    sourced(bench, *found)
    same("what no numbers give", bench.portal.summaries([]), ())
    return f"{found[0].milestone.value}: {found[0].last_text}"


@_check("carrier", "read_parcel", "all events, oldest first, in our vocabulary", "tracking_no")
def _read_parcel(bench: Bench) -> str:
    parcel = knows_only_its_own(bench, "read_parcel", "tracking_no", bench.samples["tracking_no"])
    sourced(bench, *parcel.events, *([parcel.declaration] if parcel.declaration else []))
    times = [event.at for event in parcel.events]
    must(times == sorted(times), "events come oldest first")
    unknown = sorted({event.raw_code for event in parcel.events if event.milestone is Milestone.UNKNOWN})
    must(len(unknown) < max(len(parcel.events), 1), f"no code of the events is known: {unknown}")
    summary = bench.portal.summaries([parcel.tracking_no])
    if parcel.events and summary:
        same("code of the last event, search and page", summary[0].last_code, parcel.events[-1].raw_code)
    return f"{len(parcel.events)} events" + (f"; codes that are not in the table: {', '.join(unknown)}" if unknown else "")


@_check("carrier", "download_events", "the CSV of events, in the folder asked for", "tracking_no")
def _download_events(bench: Bench) -> str:
    return saved(bench, bench.portal.download_events(bench.samples["tracking_no"], bench.folder))


def today() -> date:
    """The present day (UTC)."""
    return datetime.now(UTC).date()

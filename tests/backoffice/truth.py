"""The score: what stands in the books, the bank and the mailbox, against what each story should have come to."""

from __future__ import annotations

import json
import re
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from typing import Any

from .drafts import PAST_CLERK
from .web import exponent
from .world import Row, World

PAST = (PAST_CLERK, "amazon")  # who made what was in the books before the stories began
VERDICTS = ("straight_through", "rightly_to_person", "wrongly_to_person", "wrong", "duplicate", "missed")
PAID = ("pending", "settled", "executed")


@dataclass
class Found:
    """What was made for one story."""

    returns: list[Row] = field(default_factory=list)
    credit_notes: list[Row] = field(default_factory=list)
    replacements: list[Row] = field(default_factory=list)
    refunds: list[Row] = field(default_factory=list)
    transfers: list[Row] = field(default_factory=list)
    rmas: set[str] = field(default_factory=set)
    cases: list[dict[str, Any]] = field(default_factory=list)

    @property
    def person(self) -> bool:
        return any(case.get("person") for case in self.cases)

    def payments(self, *states: str) -> list[Row]:
        return [row for row in (*self.refunds, *self.transfers) if row["state"] in states]


@dataclass(frozen=True)
class Letter:
    """A mail that went out, decoded."""

    at: str
    rcpt: str
    in_reply_to: str
    text: str


@dataclass
class Judgement:
    """Findings about one story; the worst decides the verdict."""

    wrong: list[str] = field(default_factory=list)
    duplicate: list[str] = field(default_factory=list)
    missed: list[str] = field(default_factory=list)


def score(world: World, cases: list[dict[str, Any]]) -> dict[str, Any]:
    """The scoreboard. `cases` is the suite's claim: {rma, order_no, person, codes, state} of each case it knows.

    A case without an order number is matched by `customer`, the sender's address, if it is given.
    """
    letters = _letters(world)
    rows = []
    for story in world.all("SELECT * FROM stories ORDER BY story"):
        expected = json.loads(story["expected"])
        found = _gather(world, story, cases)
        verdict, why = _verdict(world, story, expected, found, letters)
        rows.append(
            {"story": story["story"], "kind": story["kind"], "order_no": story["order_no"] or "", "verdict": verdict, "why": why, "person": found.person}
        )
    counts = Counter(row["verdict"] for row in rows)
    strays = _strays(world)
    money = _money(world)
    return {
        **{verdict: counts[verdict] for verdict in VERDICTS},
        "wrong": counts["wrong"] + len(strays),
        "stories": len(rows),
        "strays": strays,
        "rows": rows,
        "lies": world.told_lies(),
        "money": money,
        "ties": all(entry["refunded"] == entry["expected"] for entry in money.values()),
    }


# -- evidence ---------------------------------------------------------------------------------------------------
def _gather(world: World, story: Row, cases: list[dict[str, Any]]) -> Found:
    """Everything that belongs to the story's order, without what was there before."""
    order_no = story["order_no"]
    sender = json.loads(story["plan"]).get("sender", "")
    by_sender = [case for case in cases if sender and not case.get("order_no") and str(case.get("customer", "")).lower() == sender]
    if not order_no:
        return Found(cases=by_sender)

    def new(table: str) -> list[Row]:
        return world.all(f"SELECT * FROM {table} WHERE order_no = ? AND created_by NOT IN (?, ?)", order_no, *PAST)

    found = Found(new("sales_returns"), new("credit_notes"), new("replacements"), new("refunds"))
    found.cases = [case for case in cases if case.get("order_no") == order_no] + by_sender
    rows = (*found.returns, *found.credit_notes, *found.replacements)
    found.rmas = {row["rma"] for row in rows} | {str(case["rma"]) for case in found.cases if case.get("rma")}
    found.transfers = [row for row in world.all("SELECT * FROM bank_transfers") if any(_names(row["reference"], mark) for mark in {order_no, *found.rmas})]
    return found


def _names(text: str, mark: str) -> bool:
    """Whether `text` holds `mark` as a whole, not as a piece of a longer number; Chinese and Japanese set no blanks around it."""
    return re.search(rf"(?<![0-9A-Za-z#-]){re.escape(mark)}(?![0-9A-Za-z-])", text) is not None


def _letters(world: World) -> list[Letter]:
    letters = []
    for row in world.all("SELECT * FROM sent_mail ORDER BY id"):
        message = message_from_bytes(row["raw"], policy=policy.default)
        parts = [part.get_content() for part in message.walk() if part.get_content_maintype() == "text"]
        letters.append(Letter(row["at"], _address(row["rcpt"]), (row["in_reply_to"] or "").strip(), "\n".join([row["subject"], *parts])))
    return letters


def _address(rcpt: str) -> str:
    return rcpt.rpartition("<")[2].rstrip("> ").lower()


# -- judgement --------------------------------------------------------------------------------------------------
def _verdict(world: World, story: Row, expected: dict[str, Any], found: Found, letters: list[Letter]) -> tuple[str, str]:
    judged = Judgement()
    _judge_returns(world, expected, found, judged)
    _judge_payments(world, story, expected, found, judged)
    _judge_books(expected, found, judged)
    _judge_replacements(expected, found, judged)
    _judge_goods(world, story, expected, judged)
    _judge_letters(world, story, expected, found, letters, judged)
    if expected["handling"] == "person" and not found.person:
        judged.wrong.append("a person had to see this and none did")
    for verdict, reasons in (("duplicate", judged.duplicate), ("wrong", judged.wrong), ("missed", judged.missed)):
        if reasons:
            return verdict, "; ".join(reasons)
    if found.person:
        codes = ", ".join(sorted({code for case in found.cases for code in case.get("codes", [])}))
        if expected["handling"] == "person":
            return "rightly_to_person", f"a person saw it ({codes})" if codes else "a person saw it"
        return "wrongly_to_person", f"right in the end, but a person had it ({codes})" if codes else "right in the end, but a person had it"
    return "straight_through", ""


def _judge_returns(world: World, expected: dict[str, Any], found: Found, judged: Judgement) -> None:
    live = [row for row in found.returns if row["state"] != "cancelled"]
    if expected["final"] == "cancelled":
        if live:
            judged.missed.append(f"return {live[0]['return_no']} was not cancelled")
        return
    if len(live) > max(1, expected["returns"] or 0):
        judged.duplicate.append(f"{len(live)} returns: {', '.join(row['return_no'] for row in live)}")
    elif expected["returns"] == 0 and live:
        judged.wrong.append(f"return {live[0]['return_no']} was made, none was due")
    elif expected["returns"] == 1 and not live:
        judged.missed.append("no return in the ERP")
    if expected["returns"] != 1 or len(live) != 1:
        return
    if live[0]["kind"] != expected["return_kind"]:
        judged.wrong.append(f"return of kind {live[0]['kind']}, expected {expected['return_kind']}")
    lines = {row["sku"]: row["qty"] for row in world.all("SELECT sku, qty FROM sales_return_lines WHERE return_no = ?", live[0]["return_no"])}
    if lines != expected["return_lines"]:
        judged.wrong.append(f"return of {lines}, expected {expected['return_lines']}")


def _judge_payments(world: World, story: Row, expected: dict[str, Any], found: Found, judged: Judgement) -> None:
    """Refunds and transfers: once, the right amount, currency, payee and reference."""
    due, paid = expected["refund"], found.payments(*PAID)
    if len(paid) > 1:
        judged.duplicate.append(f"paid {len(paid)} times: {', '.join(_shown(row) for row in paid)}")
        return
    if due is None:
        if paid:
            judged.wrong.append(f"paid {_shown(paid[0])}, nothing was due")
        elif story["kind"] == "psp_declines" and not found.payments("failed"):
            judged.missed.append("the refund was never tried")
        return
    if not paid:
        judged.missed.append(f"no refund, {due['currency']} {due['amount']} was due")
        return
    payment = paid[0]
    if (payment["amount"], payment["currency"]) != (due["amount"], due["currency"]):
        judged.wrong.append(f"paid {_shown(payment)}, due was {due['currency']} {due['amount']}")
    if payment["state"] == "pending":
        judged.missed.append("the refund is still pending")
    via = "bank" if any(payment is row for row in found.transfers) else "pay"
    if via != due["via"]:
        judged.wrong.append(f"paid through {via}, not {due['via']}")
    elif via == "bank":
        _judge_payee(world, story, payment, judged)
    if not any(_names(payment["reference"], rma) for rma in found.rmas):
        judged.wrong.append(f"reference {payment['reference']!r} names no RMA of this order")


def _judge_payee(world: World, story: Row, transfer: Row, judged: Judgement) -> None:
    payee = world.one("SELECT * FROM bank_payees WHERE payee_id = ?", transfer["payee_id"])
    order = world.one("SELECT * FROM orders WHERE order_no = ?", story["order_no"])
    if payee is None or order is None or payee["iban"] != order["payer_iban"]:
        judged.wrong.append(f"paid to {payee['name'] if payee else transfer['payee_id']}, not to the payer's account")


def _judge_books(expected: dict[str, Any], found: Found, judged: Judgement) -> None:
    notes = found.credit_notes
    due = expected["credit_notes"]
    if len(notes) > 1:
        judged.duplicate.append(f"{len(notes)} credit notes: {', '.join(row['cn_no'] for row in notes)}")
    elif due == 0 and notes:
        judged.wrong.append(f"credit note {notes[0]['cn_no']} was made, none was due")
    elif due == 1 and not notes:
        judged.missed.append("no credit note")
    elif due == 1 and notes[0]["gross"] != expected["credit_gross"]:
        judged.wrong.append(f"credit note over {notes[0]['gross']}, due was {expected['credit_gross']}")


def _judge_replacements(expected: dict[str, Any], found: Found, judged: Judgement) -> None:
    made, due = found.replacements, expected["replacements"]
    if len(made) > 1:
        judged.duplicate.append(f"{len(made)} replacements: {', '.join(row['replacement_no'] for row in made)}")
    elif made and not due:
        judged.wrong.append(f"replacement {made[0]['replacement_no']} was made, none was due")
    elif due and not made:
        judged.missed.append("no replacement")
    elif due and {key: made[0][key] for key in ("kind", "sku", "qty")} != expected["replacement"]:
        judged.wrong.append(f"replacement {made[0]['kind']} {made[0]['sku']} x {made[0]['qty']}, due was {expected['replacement']}")


def _judge_goods(world: World, story: Row, expected: dict[str, Any], judged: Judgement) -> None:
    """Where the inspected goods went."""
    for task in world.all(
        "SELECT t.* FROM qc_tasks t JOIN receipts r USING (receipt_no) JOIN parcels p USING (tracking_no) WHERE p.order_no = ? AND t.disposition IS NOT NULL",
        story["order_no"],
    ):
        if task["disposition"] in expected["disposition_not_in"]:
            judged.wrong.append(f"{task['sku']} went to {task['disposition']}")


def _judge_letters(world: World, story: Row, expected: dict[str, Any], found: Found, letters: list[Letter], judged: Judgement) -> None:
    plan = json.loads(story["plan"])
    sender = plan.get("sender", "")
    to_sender = [letter for letter in letters if sender and letter.rcpt == sender.lower()]
    if expected["final"] == "ignored":
        if to_sender:
            judged.wrong.append(f"a mail went to {sender}, who asked for nothing")
        return
    if story["kind"] == "someone_elses_order":
        told = sorted({fact for letter in to_sender for fact in _facts_told(world, story["order_no"], letter, found)})
        if told:
            judged.wrong.append(f"told a stranger: {', '.join(told)}")
        return
    about = [letter for letter in to_sender if _names(letter.text, story["order_no"])]
    if "decision" in expected["replies"] and not about:
        judged.missed.append(f"no reply to {sender} that names the order")
    if "status" in expected["replies"]:
        answers = [letter for letter in to_sender if letter.in_reply_to == plan["question"]]
        if not answers:
            judged.missed.append("the question was not answered")
        elif len(answers) > 1:
            judged.duplicate.append(f"the question was answered {len(answers)} times")


def _facts_told(world: World, order_no: str, letter: Letter, found: Found) -> list[str]:
    """What the letter gives away about the order to somebody who is not its buyer."""
    order = world.one("SELECT * FROM orders WHERE order_no = ?", order_no)
    assert order is not None
    facts = {
        "the buyer's name": [order["buyer_name"]],
        "the buyer's e-mail address": [order["buyer_email"]],
        "the buyer's street": [order["address"]],
        "the parcel number": [order["out_tracking"], *(row["tracking_no"] for row in found.returns if row["tracking_no"])],
        "the invoice number": [order["invoice_no"]],
        "an amount": _amounts(world, order),
    }
    text = letter.text.casefold()
    return [name for name, values in facts.items() if any(_names(text, value.casefold()) for value in values)]


def _amounts(world: World, order: Row) -> list[str]:
    """The order's prices, as any language may write them."""
    minors = {row["unit_gross"] for row in world.all("SELECT unit_gross FROM order_lines WHERE order_no = ?", order["order_no"])}
    minors |= {row["amount"] for row in world.all("SELECT amount FROM captures WHERE order_no = ?", order["order_no"])}
    digits = exponent(order["currency"])
    shown = []
    for minor in minors:
        whole, rest = divmod(minor, 10**digits)
        shown += [f"{whole}.{rest:0{digits}d}", f"{whole},{rest:0{digits}d}"] if digits else [f"{whole}", f"{whole:,}"]
    return shown


# -- money ------------------------------------------------------------------------------------------------------
def _strays(world: World) -> list[str]:
    """Money and papers that belong to no story at all."""
    told = "SELECT order_no FROM stories WHERE order_no IS NOT NULL"
    found = [
        f"{table}: {row['order_no']}"
        for table in ("refunds", "credit_notes", "sales_returns", "replacements")
        for row in world.all(f"SELECT order_no FROM {table} WHERE created_by NOT IN (?, ?) AND order_no NOT IN ({told})", *PAST)
    ]
    rmas = {row["rma"] for table in ("sales_returns", "credit_notes", "replacements") for row in world.all(f"SELECT rma FROM {table}")}
    orders = {row["order_no"] for row in world.all(told)}
    for row in world.all("SELECT * FROM bank_transfers"):
        if not any(_names(row["reference"], mark) for mark in rmas | orders):
            found.append(f"bank_transfers: {row['transfer_id']} ({row['reference']})")
    return found


def _money(world: World) -> dict[str, dict[str, int]]:
    """Per currency, minor units: taken in, paid back (settled or executed), still pending, and what should have been paid back."""
    money: dict[str, dict[str, int]] = defaultdict(lambda: {"captured": 0, "refunded": 0, "pending": 0, "expected": 0})
    for row in world.all("SELECT currency, amount FROM captures"):
        money[row["currency"]]["captured"] += row["amount"]
    for row in world.all("SELECT * FROM orders WHERE payment_method = 'bank_transfer'"):
        money[row["currency"]]["captured"] += _order_total(world, row)
    for table in ("refunds", "bank_transfers"):
        for row in world.all(f"SELECT * FROM {table}"):
            if row["state"] in ("settled", "executed"):
                money[row["currency"]]["refunded"] += row["amount"]
            elif row["state"] == "pending":
                money[row["currency"]]["pending"] += row["amount"]
    for row in world.all("SELECT currency, amount FROM refunds WHERE created_by IN (?, ?)", *PAST):
        money[row["currency"]]["expected"] += row["amount"]
    for row in world.all("SELECT expected FROM stories"):
        due = json.loads(row["expected"])["refund"]
        if due:
            money[due["currency"]]["expected"] += due["amount"]
    return dict(sorted(money.items()))


def _order_total(world: World, order: Row) -> int:
    lines = world.all("SELECT * FROM order_lines WHERE order_no = ?", order["order_no"])
    goods = sum(int(line["qty"] * line["unit_gross"] - line["line_discount"]) for line in lines)
    return goods - int(order["discount"]) + int(order["shipping_standard"]) + int(order["shipping_express"])


def _shown(row: Row) -> str:
    return f"{row['currency']} {row['amount']} ({row['state']})"

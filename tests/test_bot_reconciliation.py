"""The reconciliation bot on a real case store: what it reads, what it asks, and what it leaves alone."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook

from bots.automation.browser import BrowserHouse, BrowserOptions
from bots.automation.evidence import Evidence
from bots.cases.clock import FixedClock
from bots.cases.ledger import BY_HAND, Intent
from bots.cases.model import Capture, Dispute, Order, OrderLine, PaymentRecord, Receipt, ReceiptLine, Refund, RefundState
from bots.cases.money import Money
from bots.cases.settings import ROOT, load_yaml
from bots.cases.store import Case, Store
from bots.decisions.accounting import Chart, Ledger
from bots.decisions.amounts import plan_refund
from bots.decisions.policy import LineVerdict, Review
from bots.decisions.receiving import LineMatch, ReceiptMatch
from bots.exceptions import Exceptions
from bots.operations.runner import Runner, RunSummary
from bots.portals.desk import Desk
from bots.reconciliation import CODES, Reconciliation
from bots.workbooks.exceptions import Answer, fingerprint
from bots.workbooks.statements import BANK, SETTLEMENT
from tests.stores import a_case, tiny_config

BOOK_RATE, SETTLE_RATE, GROSS = 7_800_000, 7_900_000, 11_900
BOOKS = Ledger(load_yaml(ROOT / "config" / "accounts.yaml", Chart), "CNY")


class PayDesk:
    """The two listing verbs of a payment program, over a list in memory."""

    name = "pay"

    def __init__(self) -> None:
        self.refunds: list[Refund] = []
        self.lost: set[str] = set()
        self.calls: list[str] = []

    def list_refunds(self, since: date) -> tuple[Refund, ...]:
        self.calls.append(f"list {since}")
        return tuple(one for one in self.refunds if one.created_at is not None and one.created_at.date() >= since)

    def export_settlement(self, start: date, end: date, folder: Path) -> Path:
        self.calls.append(f"export {start} {end}")
        folder.mkdir(parents=True, exist_ok=True)
        rows = [
            (one.refund_id, one.capture_id, one.order_no, one.reference, one.amount.currency, f"{one.amount.decimal():,}", "0.25", one.state.value,
             one.created_at.isoformat(), one.settled_at.isoformat(), one.settle_rate)
            for one in self.refunds
            if one.state is RefundState.SETTLED and one.refund_id not in self.lost and one.created_at and one.settled_at
        ]  # fmt: skip
        return table(folder / "pay-settlement.csv", SETTLEMENT, rows)


class TownBank:
    """The listing verb of a bank program."""

    name = "bank"

    def __init__(self, *rows: tuple[object, ...]) -> None:
        self.rows, self.calls = rows, 0

    def export_statement(self, folder: Path) -> Path:
        self.calls += 1
        return table(folder / "bank-statement.csv", BANK, self.rows)


def table(file: Path, head: Sequence[str], rows: Sequence[Sequence[object]]) -> Path:
    with file.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream).writerows([head, *rows])
    return file


class Shop:
    """A desk with a payment program in memory, and cases that went well unless told otherwise."""

    def __init__(self, store: Store, clock: FixedClock, folder: Path) -> None:
        self.store, self.clock = store, clock
        self.desk = Desk(tiny_config(folder), store, BrowserHouse(BrowserOptions()), lambda account: "", Evidence(folder / "evidence"))
        self.pay, self.bank = PayDesk(), TownBank()
        self.desk._portals |= {"pay": self.pay, "bank": self.bank}
        self.out = self.desk.config.workspace / "out" / "reconciliation.xlsx"

    def case(self, order_no: str = "DE-2026-100001", *, method: str = "card", **columns: Any) -> Case:
        """An approved return of one lamp."""
        case = a_case(self.store, order_no, **columns)
        order = Order(
            order_no=order_no, currency="EUR", payment_method=method, payer_iban="DE02120300000000202051" if method == "bank_transfer" else "", book_rate=BOOK_RATE,
            lines=(OrderLine(line_no=1, sku="LAMP", name="Lamp", qty=1, unit_gross=GROSS, tax_bp=1900),),
        )  # fmt: skip
        decided = Review(value="approve", basis="withdrawal", lines=(LineVerdict(sku="LAMP", qty=1, allowed=True, rule="P01", why=""),))
        self.store.put(case, "order", order)
        self.store.put(case, "review", decided)
        return self.store.change(case, "approved", request="approved", parcel="awaited")

    def receive(self, case: Case) -> Case:
        receipt = Receipt(receipt_no=f"WE-{case.id}", rma=case.rma, dock_at=self.clock.now(), lines=(ReceiptLine(line_no=1, sku="LAMP", qty=1),))
        found = ReceiptMatch(value="matched", lines=(LineMatch(line_no=1, received_sku="LAMP", qty=1, order_sku="LAMP", how="sku"),), accepted=(("LAMP", 1),))
        self.store.put(case, "receipt", receipt)
        self.store.put(case, "receipt_match", found)
        return self.store.change(self.store.case_by_id(case.id), "received", parcel="received", inspection="tasked")

    def pay_back(self, case: Case, refund_id: str = "RF-1", minor: int = GROSS, listed: bool = True, **facts: Any) -> Refund:
        """A settled refund under the case's number, made by the suite."""
        order = self.store.need(case, "order", Order)
        refund = Refund(
            **{
                "refund_id": refund_id, "capture_id": f"cap_{case.id}", "order_no": order.order_no, "reference": case.rma, "amount": Money(minor=minor, currency="EUR"),
                "state": RefundState.SETTLED, "created_at": self.clock.now(), "settled_at": self.clock.now() + timedelta(hours=4), "settle_rate": SETTLE_RATE, **facts,
            }
        )  # fmt: skip
        self.store.put(case, "refund_plan", plan_refund(order, [("LAMP", 1)], shipping=0, label_fee=0, basis="withdrawal"))
        self.store.put(case, "refund", refund)
        intent = Intent(f"refund:{order.order_no}:{case.rma}", "refund", "refunds", "pay", {}, amount=refund.amount)
        reference = BY_HAND if refund_id.startswith(BY_HAND) else refund_id
        self.desk.ledger.carry_out(case, intent, look=lambda: reference, act=lambda permit: None)
        if listed:
            self.pay.refunds.append(refund)
        for state in ("proposed", "approved", "submitted", "refunded"):
            case = self.store.change(self.store.case_by_id(case.id), state, refund=state)
        return refund

    def book(self, case: Case, refund: Refund) -> None:
        intent = Intent(f"credit_note:{case.rma}", "credit_note", "bookkeeping", "erp", {}, amount=refund.amount)
        number = f"CN-{case.id}"
        self.desk.ledger.carry_out(case, intent, look=lambda: number, act=lambda permit: None)
        today = self.clock.now().date()
        self.desk.books.post(case, BOOKS.credit_note(number, case.order_no or "", refund.amount, 1900, BOOK_RATE), today)
        self.desk.books.post(case, BOOKS.refund_paid(refund.refund_id, case.order_no or "", refund.amount, BOOK_RATE, refund.settle_rate), today)
        self.store.change(self.store.case_by_id(case.id), "posted", books="posted")

    def good_case(self, order_no: str = "DE-2026-100001", refund_id: str = "RF-1") -> Case:
        case = self.case(order_no)
        self.clock.forward(timedelta(days=1))
        self.receive(case)
        self.clock.forward(timedelta(days=1))
        refund = self.pay_back(case, refund_id)
        self.clock.forward(timedelta(days=1))
        self.book(case, refund)
        return self.store.case_by_id(case.id)

    def run(self) -> RunSummary:
        summary = Runner(self.desk).run(Reconciliation())
        assert (summary.verdict, summary.failed) == ("ok", 0), summary
        return summary

    def asked(self) -> list[str]:
        return [row.code for row in self.store.open_exceptions() if row.bot == "reconciliation"]

    def sheet(self, name: str) -> list[list[Any]]:
        return [list(row) for row in load_workbook(self.out)[name].iter_rows(values_only=True)]

    def cells(self, name: str) -> set[Any]:
        return {cell for row in self.sheet(name) for cell in row}

    def light(self) -> str:
        return str(self.sheet("Summary")[2][0]).split()[0]


@pytest.fixture
def shop(store: Store, clock: FixedClock, tmp_path: Path) -> Shop:
    return Shop(store, clock, tmp_path)


def test_a_return_that_went_well_is_green_and_asks_nothing(shop: Shop) -> None:
    case = shop.good_case()
    summary = shop.run()
    assert summary.results == [(f"{shop.clock.now():%Y-%m-%d}", "1 of 1 cases match, 0 do not, 0 questions asked: reconciliation.xlsx")]
    assert shop.light() == "GREEN" and shop.asked() == []
    assert case.rma in shop.cells("Matched") and "NO" not in shop.cells("Summary")
    assert shop.pay.calls == ["list 2026-07-10", "export 2026-07-10 2026-10-08"], "read once each, ninety days back"
    assert shop.bank.calls == 0, "no case was paid by bank"
    assert (shop.desk.config.workspace / "downloads" / "pay-settlement.csv").exists()


def test_a_second_refund_is_asked_about_once_and_freezes_the_money(shop: Shop) -> None:
    case = shop.good_case()
    shop.pay.refunds.append(shop.pay.refunds[0].model_copy(update={"refund_id": "RF-2", "created_at": shop.clock.now(), "settled_at": shop.clock.now()}))
    shop.run()
    shop.run()
    [question] = shop.store.open_exceptions(case)
    assert (question.code, question.severity, question.freezes, question.bot) == ("recon_dup_refund", "high", True, "reconciliation")
    assert "RF-2" in question.what and "refunded EUR 238.00" in question.what
    assert shop.light() == "AMBER", "a person has it before them by now"


@pytest.mark.parametrize(("decision", "asks_again"), [("approve", False), ("retry", True)])
def test_an_answer_for_these_figures_counts_until_they_change(shop: Shop, decision: str, asks_again: bool) -> None:
    case = shop.good_case()
    shop.pay.refunds[0] = shop.pay.refunds[0].model_copy(update={"amount": Money(minor=GROSS + 500, currency="EUR")})
    shop.run()
    [question] = shop.store.open_exceptions(case)
    assert question.code == "recon_over_refund"
    answer = Answer(exception_id=question.id, fingerprint=fingerprint(question), decision=decision, by="Li Na", row=5)
    assert Exceptions()._apply(answer, question, shop.desk) is None
    shop.run()
    assert shop.asked() == (["recon_over_refund"] if asks_again else [])
    shop.pay.refunds[0] = shop.pay.refunds[0].model_copy(update={"amount": Money(minor=GROSS + 900, currency="EUR")})
    shop.run()
    assert shop.asked() == ["recon_over_refund"]


def test_settling_by_hand_leaves_a_refunded_case_as_it_is(shop: Shop) -> None:
    case = shop.good_case()
    shop.pay.refunds.append(shop.pay.refunds[0].model_copy(update={"refund_id": "RF-2"}))
    shop.run()
    [question] = shop.store.open_exceptions(case)
    answer = Answer(exception_id=question.id, fingerprint=fingerprint(question), decision="close", by="Li Na", row=5)
    assert Exceptions()._apply(answer, question, shop.desk) is None
    assert shop.store.case_by_id(case.id).request == "approved"


def test_a_question_whose_difference_is_gone_closes_by_itself(shop: Shop) -> None:
    case = shop.case()
    shop.receive(case)
    shop.clock.forward(timedelta(days=7))
    shop.run()
    assert shop.asked() == ["recon_missed_refund"]
    assert not shop.store.open_exceptions(case)[0].freezes, "the refund must still be possible"
    shop.book(case, shop.pay_back(case))
    shop.run()
    assert shop.asked() == [] and shop.light() == "GREEN"
    assert shop.store.all_exceptions(case)[0].decided_by == "reconciliation bot"
    assert shop.store.case_by_id(case.id).touches == 0


def test_what_is_under_way_or_before_a_person_is_not_asked_about(shop: Shop) -> None:
    on_its_way = shop.case()
    held = shop.case("DE-2026-100002")
    shop.receive(held)
    shop.store.open_exception(held, "refunds", "dispute_open", "A dispute is open.")
    shop.clock.forward(timedelta(days=8))
    shop.run()
    assert shop.asked() == [] and shop.light() == "AMBER"
    found = {row[2]: row for row in shop.sheet("Exceptions")}
    assert found[on_its_way.rma][1] == "TIMING_PENDING" and found[held.rma][1] == "MISSED_REFUND"
    assert found[held.rma][15] == "before a person: dispute_open"


def test_a_slow_settlement_is_no_missing_posting(shop: Shop) -> None:
    case = shop.case()
    shop.receive(case)
    shop.clock.forward(timedelta(days=1))
    refund = shop.pay_back(case, state=RefundState.PENDING, settled_at=None, settle_rate=None)
    shop.clock.forward(timedelta(days=9))
    shop.run()
    assert shop.asked() == []
    shop.pay.refunds[:] = [refund.model_copy(update={"state": RefundState.SETTLED, "settled_at": shop.clock.now(), "settle_rate": SETTLE_RATE})]
    shop.run()
    assert shop.asked() == [], "settled today, to be booked tomorrow"
    shop.clock.forward(timedelta(days=5))
    shop.run()
    assert shop.asked() == ["recon_ledger_missing"]


def test_what_needs_no_receipt_is_good_without_one(shop: Shop) -> None:
    kept, lost = shop.case(), shop.case("DE-2026-100002")
    shop.store.change(lost, "lost", parcel="lost")
    with shop.store.database.begin() as db:
        db.exec_driver_sql(f"UPDATE cases SET request = 'keep_item', parcel = 'not_expected' WHERE id = {kept.id}")
    for number, case in enumerate((kept, lost), 1):
        shop.book(case, shop.pay_back(case, f"RF-{number}"))
    shop.run()
    assert shop.light() == "GREEN"
    assert {row[0]: row[2] for row in shop.sheet("Matched")[3:]} == {kept.rma: "RETURNLESS_OK", lost.rma: "MATCHED"}


def test_a_refund_of_no_case_is_an_orphan_unless_it_is_history(shop: Shop) -> None:
    before = shop.clock.now() - timedelta(days=2)
    shop.good_case()
    stranger = Refund(
        refund_id="RF-old", order_no="DE-2025-000001", reference="by hand", amount=Money(minor=500, currency="EUR"), state=RefundState.SETTLED, created_at=before,
        settled_at=before, settle_rate=SETTLE_RATE,
    )  # fmt: skip
    shop.pay.refunds.append(stranger)
    shop.run()
    assert shop.light() == "GREEN" and "older history: made before the first case" in shop.cells("Refunds")
    now = shop.clock.now()
    shop.pay.refunds.append(stranger.model_copy(update={"refund_id": "RF-new", "created_at": now, "settled_at": now}))
    shop.run()
    assert shop.light() == "RED" and shop.asked() == []
    [line] = [row for row in shop.sheet("Exceptions") if row[1] == "ORPHAN_REFUND"]
    assert line[4] == "Refunds: RF-new" and line[7] == 5


def test_a_refund_by_hand_on_the_order_of_a_case_counts_against_it(shop: Shop) -> None:
    shop.good_case()
    shop.pay.refunds.append(shop.pay.refunds[0].model_copy(update={"refund_id": "RF-9", "reference": "goodwill", "created_at": shop.clock.now()}))
    shop.run()
    assert shop.asked() == ["recon_dup_refund"]


def test_a_settlement_that_contradicts_the_list_is_red(shop: Shop) -> None:
    shop.good_case()
    shop.pay.lost.add("RF-1")
    summary = shop.run()
    assert "control totals differ" in summary.results[0][1]
    assert shop.light() == "RED" and "NO" in shop.cells("Summary")


def test_a_refund_that_a_person_confirmed_stands_without_a_listing(shop: Shop) -> None:
    case = shop.case()
    shop.receive(case)
    shop.clock.forward(timedelta(days=1))
    shop.book(case, shop.pay_back(case, f"{BY_HAND} {case.rma}", listed=False))
    shop.run()
    assert shop.light() == "GREEN" and shop.asked() == []


def test_the_bank_is_read_once_where_a_case_was_paid_by_bank(shop: Shop) -> None:
    case = shop.case(method="bank_transfer")
    shop.receive(case)
    shop.clock.forward(timedelta(days=1))
    refund = shop.pay_back(case, "TR-1", listed=False, settle_rate=None, order_no="")
    shop.book(case, refund)
    at = shop.clock.now().isoformat()
    shop.bank.rows = (
        ("TR-1", "Ann Lee", "DE02 1203 0000 0000 2020 51", "EUR", "119,00", case.rma, "executed", at),
        ("TR-2", "Landlord", "DE89370400440532013000", "EUR", "1.900,00", "Rent October", "executed", at),
    )
    shop.run()
    assert shop.bank.calls == 1 and shop.light() == "GREEN"
    assert "a transfer that is no refund of a return" in shop.cells("Refunds")
    shop.bank.rows = (("TR-1", "Mallory", "DE89370400440532013000", "EUR", "119,00", case.rma, "executed", at),)
    shop.run()
    assert shop.asked() == ["recon_instrument_mismatch"]


def test_a_dispute_beside_a_refund_is_asked_about(shop: Shop) -> None:
    case = shop.good_case()
    amount = Money(minor=GROSS, currency="EUR")
    payment = PaymentRecord(
        order_no=case.order_no or "",
        captures=(Capture(capture_id=f"cap_{case.id}", order_no=case.order_no or "", method="card", instrument="Visa •••• 4242", amount=amount),),
        disputes=(Dispute(dispute_id="d1", order_no=case.order_no or "", kind="chargeback", state="open", amount=amount),),
    )
    shop.store.put(case, "payment", payment)
    shop.run()
    assert shop.asked() == ["recon_chargeback_overlap"]


def test_cases_closed_before_the_period_stay_out_and_the_totals_tie(shop: Shop) -> None:
    old = shop.good_case()
    shop.store.change(old, "case_closed", closed_at=datetime(2026, 10, 9, tzinfo=UTC))
    shop.clock.forward(timedelta(days=120))
    shop.good_case("DE-2027-100002", "RF-2")
    shop.run()
    assert shop.light() == "GREEN"
    reasons = [row for row in shop.sheet("Summary") if row[0] == "closed before the period"]
    assert {row[1] for row in reasons} == {"Orders", "Ledger"}


def test_a_program_that_cannot_be_read_leaves_no_half_workbook(shop: Shop) -> None:
    shop.good_case()
    shop.pay.export_settlement = lambda start, end, folder: table(folder / "x.csv", ("a", "b"), [])  # type: ignore[method-assign]
    summary = Runner(shop.desk).run(Reconciliation())
    assert summary.failed == 1 and not shop.out.exists()


def test_every_question_has_its_own_code() -> None:
    assert all(name == f"recon_{code.lower()}" for code, name in CODES.items())

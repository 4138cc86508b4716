"""The rules of customs, receiving and tracking against everything that happens in the practice world: the odd cases are stopped, the plain ones pass."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from bots.cases.model import Declaration, DeclarationLine, ExportLine, ExportPapers, Order, OrderLine, Parcel, Receipt, ReceiptLine, RefundState, TrackingEvent
from bots.cases.money import Money
from bots.cases.settings import ROOT, load_yaml
from bots.decisions.accounting import Chart, Ledger, balances
from bots.decisions.customs import CustomsRules, check_declaration, held_alert, needs_customs, verdict
from bots.decisions.matching import match
from bots.decisions.matching_rows import GOOD, Code, LedgerRow, MatchRules, OrderRow, ReceiptRow, RefundRow
from bots.decisions.receiving import ReceivingRules, match_receipt
from bots.decisions.tracking import customs_state, parcel_state, proof_of_dispatch
from bots.portals.practice.milestones import GLOBAL, SWIFT
from tests.backoffice import scenario
from tests.backoffice.clerk import PerfectClerk
from tests.backoffice.simulation import Simulation
from tests.backoffice.world import Row, World

CUSTOMS = load_yaml(ROOT / "config" / "customs.yaml", CustomsRules)
RECEIVING = load_yaml(ROOT / "config" / "receiving.yaml", ReceivingRules)
STOPPED_BY_CUSTOMS = {"customs_value": ("C06",), "customs_hs": ("C04",)}
STOPPED_AT_THE_DOCK = {"empty_box": "empty_box", "swapped_serial": "serial_swapped", "other_item": "other_item", "unexpected_extra": "unexpected_extra"}


def moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text).astimezone(UTC) if text else None


def fields(row: Row, *names: str) -> dict[str, object]:
    return {name: row[name] if row[name] is not None else "" for name in names}


def serials(text: str | None) -> tuple[str, ...]:
    return tuple(filter(None, (text or "").split(",")))


def order_of(world: World, order_no: str) -> Order:
    row = world.one("SELECT * FROM orders WHERE order_no = ?", order_no)
    assert row is not None
    lines = world.all("SELECT l.*, p.* FROM order_lines l JOIN products p USING (sku) WHERE order_no = ? ORDER BY line_no", order_no)
    exported = world.all("SELECT * FROM export_lines WHERE order_no = ? ORDER BY line_no", order_no)
    papers = ExportPapers(
        **fields(row, "exporter_eori"),
        mrn=row["export_mrn"],
        export_date=date.fromisoformat(row["export_date"]),
        office=row["export_office"],
        lines=tuple(ExportLine(**fields(one, "line_no", "hs_code", "description", "qty", "unit_value", "currency", "origin", "net_g")) for one in exported),
    ) if row["export_mrn"] else None  # fmt: skip
    return Order(
        **fields(row, "order_no", "channel", "buyer_email", "country", "currency", "invoice_no", "incoterm", "out_tracking", "ship_from"),
        invoice_date=date.fromisoformat(row["invoice_date"]),
        lines=tuple(
            OrderLine(
                **fields(one, "line_no", "sku", "gtin", "category", "qty", "unit_gross", "hs_code", "origin", "weight_g", "battery", "picked_sku"),
                serials=serials(one["serials"]),
            )
            for one in lines
        ),
        export=papers,
    )


def parcel_of(world: World, row: Row) -> Parcel:
    codes = SWIFT if row["carrier"] == "SwiftParcel" else GLOBAL
    events = world.all("SELECT * FROM tracking_events WHERE tracking_no = ? ORDER BY id", row["tracking_no"])
    paper = world.one("SELECT * FROM declarations WHERE tracking_no = ?", row["tracking_no"])
    declaration = None
    if paper is not None:
        lines = world.all("SELECT * FROM declaration_lines WHERE tracking_no = ? ORDER BY line_no", row["tracking_no"])
        declaration = Declaration(
            **fields(
                paper, "tracking_no", "document_no", "reason", "category", "currency", "export_ref", "invoice_no", "incoterm", "exporter_eori", "importer_eori"
            ),
            **fields(paper, "consignee", "ioss", "gross_g", "packages", "total_value", "relief", "status", "status_note"),
            lodged_at=moment(paper["lodged_at"]),
            invoice_date=date.fromisoformat(paper["invoice_date"]),
            lines=tuple(
                DeclarationLine(**fields(one, "line_no", "hs_code", "description", "qty", "unit_value", "origin", "net_g"), serials=serials(one["serials"]))
                for one in lines
            ),
        )
    return Parcel(
        tracking_no=row["tracking_no"],
        declared_g=row["declared_g"],
        first_scan_g=row["first_scan_g"],
        origin_country=row["origin_country"],
        destination=row["destination"],
        events=tuple(TrackingEvent(at=moment(one["at"]), raw_code=one["code"], place=one["place"], milestone=codes[one["code"]]) for one in events),
        declaration=declaration,
    )


def receipt_of(world: World, tracking_no: str) -> Receipt | None:
    row = world.one("SELECT * FROM receipts WHERE tracking_no = ?", tracking_no)
    if row is None:
        return None
    lines = world.all("SELECT * FROM receipt_lines WHERE receipt_no = ? ORDER BY line_no", row["receipt_no"])
    counted = tuple(ReceiptLine(**fields(one, "line_no", "sku", "gtin", "qty", "serial")) for one in lines)
    return Receipt(**fields(row, "receipt_no", "rma", "tracking_no", "warehouse", "dock_g", "carton"), lines=counted)


@pytest.fixture(scope="module", params=[1, 7])
def world(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> World:
    """A world after a perfect clerk has worked through all its nights."""
    built = scenario.build(tmp_path_factory.mktemp("world"), seed=request.param, cases=90)
    simulation, clerk = Simulation(built, lambda mail: None), PerfectClerk(built)
    simulation.open_doors()
    for _ in range(12):
        clerk.work()
        if simulation.finished():
            break
        simulation.advance()
    return built


def parcels(world: World) -> list[tuple[str, Row, Order, Parcel]]:
    rows = world.all("SELECT p.*, s.kind FROM parcels p JOIN stories s USING (order_no) ORDER BY p.tracking_no")
    return [(row["kind"], row, order_of(world, row["order_no"]), parcel_of(world, row)) for row in rows]


def test_customs_stops_the_declarations_that_are_wrong_and_no_other(world: World) -> None:
    seen = set()
    for kind, row, order, parcel in parcels(world):
        assert needs_customs(row["origin_country"], "DE", CUSTOMS) == (parcel.declaration is not None)
        if parcel.declaration is None:
            continue
        ret = world.one("SELECT reason FROM sales_returns WHERE tracking_no = ?", parcel.tracking_no)
        findings = check_declaration(order, parcel.declaration, parcel, CUSTOMS, 0, ret["reason"] if ret else "", world.now())
        told = tuple(sorted({finding.rule for finding in findings if finding.severity != "info"}))
        assert told == STOPPED_BY_CUSTOMS.get(kind, ()), (kind, [finding.what for finding in findings])
        assert verdict(findings).value == ("held" if kind in STOPPED_BY_CUSTOMS else "clear")
        assert customs_state(parcel) == "released"
        seen.add(kind)
    assert STOPPED_BY_CUSTOMS.keys() <= seen and len(seen) > 4


def test_a_parcel_that_customs_hold_for_papers_is_told_while_it_is_held(tmp_path: Path) -> None:
    built = scenario.build(tmp_path, seed=3, kinds=["customs_hold"])
    simulation, clerk = Simulation(built, lambda mail: None), PerfectClerk(built)
    simulation.open_doors()
    told = []
    for _ in range(6):
        clerk.work()
        told += [held_alert(parcel, parcel.declaration, CUSTOMS, built.now()) for _, _, _, parcel in parcels(built)]
        simulation.advance()
    alerts = [alert for alert in told if alert]
    assert len(alerts) == 1 and alerts[0].severity == "error" and "commercial invoice" in alerts[0].fix
    assert told[-1] is None, "released in the end"


def test_the_dock_stops_what_is_not_ours_and_nothing_else(world: World) -> None:
    seen = set()
    for kind, row, order, parcel in parcels(world):
        receipt = receipt_of(world, parcel.tracking_no)
        if receipt is None:
            continue
        authorised = [
            (one["sku"], one["qty"])
            for one in world.all("SELECT l.* FROM sales_return_lines l JOIN sales_returns r USING (return_no) WHERE r.tracking_no = ?", row["tracking_no"])
        ]
        result = match_receipt(order, authorised, receipt, RECEIVING, parcel=parcel)
        assert result.code == STOPPED_AT_THE_DOCK.get(kind, ""), (kind, result.reasons)
        assert result.warehouse_fault == (kind == "wrong_item")
        if not result.code:
            assert dict(result.accepted) == dict(authorised)
        seen.add(kind)
    assert {*STOPPED_AT_THE_DOCK, "wrong_item", "withdrawal"} <= seen


def test_parcels_are_where_the_world_says(world: World) -> None:
    for kind, row, _, parcel in parcels(world):
        assert parcel_state(parcel) == (
            "lost" if json.loads(world.all("SELECT plan FROM stories WHERE order_no = ?", row["order_no"])[0]["plan"])["lost"] else "arrived"
        ), kind
        dispatched = proof_of_dispatch(parcel)
        assert dispatched is not None and dispatched <= min(event.at for event in parcel.events if event.milestone.value in ("delivered", "lost"))


def test_the_perfect_clerks_work_matches_four_ways(world: World) -> None:
    """Orders, dock, payment programs and journal entries of everything that was refunded: each case matches."""
    ledger = Ledger(load_yaml(ROOT / "config" / "accounts.yaml", Chart), "CNY")
    stories = {row["order_no"]: json.loads(row["expected"]) for row in world.all("SELECT order_no, expected FROM stories WHERE order_no IS NOT NULL")}
    stories = {order_no: told for order_no, told in stories.items() if told["final"] == "refunded"}
    rates = {row["order_no"]: row["book_rate"] for row in world.all("SELECT order_no, book_rate FROM orders")}
    orders, receipts, refunds, posted, entries = [], [], [], [], []
    for row in world.all("SELECT * FROM credit_notes"):
        if row["order_no"] not in stories:
            continue
        order_no, rma, currency = row["order_no"], row["rma"], row["currency"]
        note = ledger.credit_note(row["cn_no"], order_no, Money(minor=row["gross"], currency=currency), row["tax"], row["rate"])
        entries.append(note)
        at = moment(row["issued_at"])
        posted.append(
            LedgerRow(
                row_id=row["cn_no"],
                order_no=order_no,
                rma=rma,
                kind="credit_note",
                doc_ref=row["cn_no"],
                amount=row["gross"],
                currency=currency,
                posted_on=at.date(),
            )
        )
        lines = world.all(
            "SELECT l.*, r.kind FROM sales_return_lines l JOIN sales_returns r USING (return_no) WHERE r.order_no = ? AND r.rma = ?", order_no, rma
        )
        facts = {"order_no": order_no, "rma": rma, "currency": currency, "opened_at": at, "book_rate": rates[order_no]}
        lost = world.one("SELECT 1 FROM parcels p JOIN receipts r USING (tracking_no) WHERE p.order_no = ?", order_no) is None
        orders += [
            OrderRow(row_id=f"{rma}/{one['sku']}", sku=one["sku"], qty=one["qty"], returnless=one["kind"] == "keep", early_ok=lost, **facts) for one in lines
        ]
        orders.append(OrderRow(row_id=rma, expected=stories[order_no]["refund"]["amount"], early_ok=lost, **facts))
    for kind, row, order, parcel in parcels(world):
        receipt = receipt_of(world, parcel.tracking_no)
        if receipt is not None and order.order_no in stories:
            wanted = [
                (one["sku"], one["qty"])
                for one in world.all("SELECT l.* FROM sales_return_lines l JOIN sales_returns r USING (return_no) WHERE r.tracking_no = ?", row["tracking_no"])
            ]
            dock_at = moment(world.all("SELECT dock_at FROM receipts WHERE receipt_no = ?", receipt.receipt_no)[0]["dock_at"])
            accepted = match_receipt(order, wanted, receipt, RECEIVING, parcel=parcel).accepted
            receipts += [
                ReceiptRow(row_id=f"{kind}/{receipt.rma}/{sku}", order_no=order.order_no, rma=receipt.rma, sku=sku, qty=qty, accepted_at=dock_at)
                for sku, qty in accepted
            ]
    for row in world.all("SELECT refund_id AS id, order_no, reference, currency, amount, state, created_at, settle_rate FROM refunds"):
        if row["order_no"] not in stories:
            continue
        amount, rate = Money(minor=row["amount"], currency=row["currency"]), row["settle_rate"]
        state = RefundState(row["state"])
        refunds.append(
            RefundRow(
                row_id=row["id"],
                order_no=row["order_no"],
                rma=row["reference"],
                amount=amount.minor,
                currency=amount.currency,
                state=state,
                at=moment(row["created_at"]),
                settle_rate=rate,
            )
        )
        paid = ledger.refund_paid(row["id"], row["order_no"], amount, rates[row["order_no"]], rate)
        entries.append(paid)
        cash = next(line for line in paid.postings if line.account == "psp_clearing")
        fx = sum(line.debit - line.credit for line in paid.postings if line.account == "fx_difference")
        posted.append(
            LedgerRow(
                row_id=row["id"],
                order_no=row["order_no"],
                rma=row["reference"],
                kind="cash",
                doc_ref=row["id"],
                amount=amount.minor,
                currency=amount.currency,
                posted_on=moment(row["created_at"]).date(),
                functional=cash.credit,
                fx=fx,
            )
        )
    rules = load_yaml(ROOT / "config" / "matching.yaml", MatchRules)
    result = match(orders, receipts, refunds, posted, rules, world.now())
    by_bank = {order_no for order_no, told in stories.items() if told["refund"]["via"] == "bank"}
    strange = [(case.order_no, case.code, case.why) for case in result.cases if case.code not in GOOD and case.order_no not in by_bank]
    assert result.ties and strange == []
    assert len(result.cases) > 40
    assert {case.code for case in result.cases if case.order_no in by_bank} <= {Code.MISSED_REFUND, Code.TIMING_PENDING}, (
        "bank transfers are no rows of the payment program"
    )
    assert balances(entries)["psp_clearing"] == -sum(row.functional or 0 for row in posted)

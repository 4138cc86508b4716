"""Whether a return declaration says what the export papers, the order and the waybill say: rules C01 to C25.

    C01 export reference missing or another one          C14 consignee is none of our warehouses
    C02 movement reference number malformed              C15 IOSS number on a return, or malformed
    C03 outside the relief's time window                 C16 consignment split below the low-value limit
    C04 tariff number                                    C17 serial number that never left
    C05 more pieces than left                            C18 worked on abroad: outward processing
    C06 unit value or currency                           C19 dangerous goods: battery
    C07 looks under-valued                               C20 prohibited or restricted goods
    C08 advanced in value                                C21 invoice, delivery terms, total
    C09 country of origin                                C22 waybill differs from the declaration
    C10 weights                                          C23 outside the scheme: food, export procedure
    C11 description says nothing, or another thing       C24 relief claimed twice
    C12 reason for import, category                      C25 held by customs
    C13 exporter and importer

Severities: `block` (relief or entry is lost), `error` (the declaration must be mended), `warn` (somebody should read it), `info`.
Values are compared in one currency at the rate on the documents, never at today's. Sources of the limits are in config/customs.yaml.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, datetime

from bots.cases.model import Declaration, Milestone, Order, Parcel
from bots.decisions.customs_goods import GOODS_RULES
from bots.decisions.customs_papers import PAPER_RULES
from bots.decisions.customs_rules import CustomsRules, needs_customs
from bots.decisions.customs_view import Facts, View, found, plain, shown
from bots.decisions.decision import Decision, Evidence, Finding

__all__ = ["CustomsRules", "Facts", "air_label", "check_declaration", "check_split", "held_alert", "needs_customs", "pieces_before", "verdict"]


def check_declaration(
    order: Order,
    declaration: Declaration,
    parcel: Parcel,
    rules: CustomsRules,
    returns_before: int,
    reason_code: str,
    now: datetime,
    facts: Facts | None = None,
) -> tuple[Finding, ...]:
    """Everything wrong with the import declaration of a return parcel, in the order of the rules; empty when it is plain.

    `returns_before`: pieces of this order that came home under earlier declarations. `now` is UTC.
    """
    view = View(order, declaration, parcel, rules, returns_before, reason_code, now, facts or Facts())
    findings = [finding for rule in (*PAPER_RULES, *GOODS_RULES) for finding in rule(view)]
    return tuple(sorted(findings, key=lambda finding: finding.rule))


def pieces_before(order: Order, rma: str) -> int:
    """Pieces of an order that are on returns of other cases: what `returns_before` of check_declaration asks for. Kept and cancelled ones never travelled."""
    return sum(qty for back in order.returns if back.rma != rma and back.kind == "return" and back.state != "cancelled" for _, qty in back.lines)


def verdict(findings: Sequence[Finding]) -> Decision:
    """clear, warned (somebody may look) or held (must be mended before the parcel goes on)."""
    grave = [finding for finding in findings if finding.severity in ("block", "error")]
    value = "held" if grave else "warned" if any(finding.severity == "warn" for finding in findings) else "clear"
    told = [finding for finding in findings if finding.severity != "info"]
    return Decision(
        value=value,
        rules=tuple(dict.fromkeys(finding.rule for finding in told)),
        reasons=tuple(finding.what for finding in told) or ("The declaration agrees with the export papers, the order and the waybill.",),
        evidence=tuple(
            Evidence(kind="declaration", where=finding.field, text=f"{finding.actual} (expected {finding.expected})" if finding.expected else finding.actual)
            for finding in told
        ),
    )


def air_label(order: Order, skus: Sequence[str], reason_code: str, carrier: str, rules: CustomsRules) -> Finding | None:
    """C19 before a return label is bought: a damaged or defective lithium battery must not fly. None when the label may be made."""
    if carrier not in rules.air_carriers or reason_code not in rules.faulty_reasons:
        return None
    known = {battery.un: battery for battery in rules.batteries}
    for line in order.lines:
        number = line.battery.upper().replace(" ", "")
        if line.sku in skus and number and not (number in known and known[number].air_when_damaged):
            what = f"{line.sku} holds a battery ({number}) that may be damaged ({reason_code}); {carrier} would fly it."
            return found(
                "C19",
                "block",
                "carrier",
                what,
                "Choose a ground carrier with a damaged-battery service, or let the customer keep it.",
                "a road or sea carrier",
                carrier,
            )
    return None


def check_split(declarations: Sequence[Declaration], territory: str, rules: CustomsRules) -> tuple[Finding, ...]:
    """C16: parcels of one sale to one consignee on one day, each below the low-value limit and together above it, in the limit's currency.

    Parcels of different customers that meet at the hub are no split consignment, so they are told apart by their export reference.
    """
    groups: dict[tuple[str, str, date], list[Declaration]] = defaultdict(list)
    for declaration in declarations:
        if declaration.lodged_at is not None:
            groups[plain(declaration.consignee), declaration.export_ref or declaration.invoice_no, declaration.lodged_at.date()].append(declaration)
    splits = []
    for (_, _, day), group in groups.items():
        entry = rules.low_value(territory, "simple_declaration", day)
        if entry is None:
            continue
        small = [one for one in group if one.currency == entry.currency and one.total_value <= entry.limit]
        together = sum(one.total_value for one in small)
        if len(small) > 1 and together > entry.limit:
            numbers = ", ".join(one.tracking_no for one in small)
            splits.append(
                found(
                    "C16",
                    "warn",
                    "total_value",
                    f"{len(small)} parcels to one consignee on {day} look like one consignment split up: {numbers}.",
                    "Declare them as one consignment, or show that they are separate returns.",
                    f"at most {shown(entry.limit, entry.currency)} a consignment",
                    shown(together, entry.currency),
                )
            )
    return tuple(splits)


def held_alert(parcel: Parcel, declaration: Declaration | None, rules: CustomsRules, now: datetime) -> Finding | None:
    """C25: None when the parcel is not held; `error` with the papers to send as soon as the office names some, or the hold is no longer young.

    A hold that asks for nothing is `info` at first: most are inspections that end by themselves. `now` is UTC.
    """
    events = sorted(parcel.events, key=lambda event: event.at)
    holds = [event.at for event in events if event.milestone is Milestone.CUSTOMS_HELD]
    on = [event.at for event in events if event.milestone in _AFTER_HOLD]
    status = declaration.status.casefold() if declaration else ""
    if not (holds and (not on or max(on) < max(holds))) and status != "held":
        return None
    if status == "released":
        return None
    fresh = [at for at in holds if not on or at > max(on)]
    since = min(fresh) if fresh else (declaration.lodged_at if declaration else None)
    note = " ".join(
        filter(None, (declaration.status_note if declaration else "", *(event.raw_text for event in events if event.milestone is Milestone.CUSTOMS_HELD)))
    )
    asked = dict.fromkeys(paper for word, needed in rules.hold_documents.items() if word != "default" and word in note.casefold() for paper in needed)
    papers = tuple(asked) or rules.hold_documents.get("default", ())
    hours = int((now - since).total_seconds() // 3600) if since else 0
    late = bool(asked) or hours >= rules.tolerances.hold_alert_hours
    return found(
        "C25",
        "error" if late else "info",
        "status",
        f"Customs hold {parcel.tracking_no}{': ' + note if note else ''}.",
        "Send to the customs agent: " + "; ".join(papers) + ".",
        "released",
        f"held for {hours} h",
    )


_AFTER_HOLD = frozenset(
    {
        Milestone.CUSTOMS_RELEASED,
        Milestone.OUT_FOR_DELIVERY,
        Milestone.DELIVERED,
        Milestone.RETURNED_TO_SENDER,
        Milestone.READY_FOR_PICKUP,
        Milestone.ATTEMPT_FAILED,
    }
)

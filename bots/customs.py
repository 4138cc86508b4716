"""Customs: compares the return declaration with the export papers, and warns before customs stops the parcel."""

from __future__ import annotations

from collections.abc import Iterator

from bots.bot import Item
from bots.cases.errors import BusinessException
from bots.cases.model import Order, Parcel, ReturnRequest
from bots.cases.store import Case
from bots.decisions.customs import CustomsRules, check_declaration, held_alert, pieces_before, verdict
from bots.decisions.decision import Finding
from bots.portals.desk import Desk

SEVERITY = {"block": "high", "error": "high", "warn": "medium"}


class Customs:
    name = "customs"
    title = "Compares return declarations with export papers"
    side_by_side = False
    by_hand = 8.0

    def items(self, desk: Desk) -> Iterator[Item]:
        for case in desk.store.due(self.name, customs="to_check"):
            yield Item(case.rma, case)

    def work(self, item: Item, desk: Desk) -> str:
        case = item.case
        assert case is not None
        rules = desk.config.load("customs", CustomsRules)
        order, parcel = desk.store.need(case, "order", Order), desk.store.need(case, "parcel", Parcel)
        request = desk.store.need(case, "request", ReturnRequest)
        if parcel.declaration is None:
            raise BusinessException(f"{case.carrier} shows no customs declaration for {case.tracking_no}.", code="declaration_missing", suggestion="retry")
        findings = check_declaration(
            order,
            parcel.declaration,
            parcel,
            rules,
            returns_before=pieces_before(order, case.rma),
            reason_code=request.reason_code,
            now=desk.now,
        )
        held = held_alert(parcel, parcel.declaration, rules, desk.now)
        if held is not None:
            return self._held(case, held, findings, desk)
        decided = verdict(findings)
        desk.store.put(case, "customs_check", decided)
        if decided.value == "clear":
            desk.store.change(case, "customs_clear", customs="clear", facts={"rules_checked": "C01-C24"})
            return "declaration agrees with the export papers"
        if desk.store.waiver(case, "customs_mismatch") is not None:
            desk.store.change(case, "customs_cleared_by_a_person", customs="clear")
            return "a person let it pass"
        raise self._question(findings, "customs_mismatch")

    def _held(self, case: Case, held: Finding, findings: tuple[Finding, ...], desk: Desk) -> str:
        """Customs keep the parcel: a young hold is watched, an older one needs papers from a person (C25)."""
        if held.severity == "info":
            return f"held by customs, watched: {held.what}"
        desk.store.change(case, "customs_held", customs="held")
        raise self._question((held, *findings), "customs_held")

    def _question(self, findings: tuple[Finding, ...], code: str) -> BusinessException:
        serious = [finding for finding in findings if finding.severity in SEVERITY]
        return BusinessException(
            " ".join(f"{finding.rule}: {finding.what}" for finding in serious),
            code=code,
            rules=" ".join(dict.fromkeys(finding.rule for finding in serious)),
            severity=max((SEVERITY[finding.severity] for finding in serious), key=("low", "medium", "high").index),
            suggestion="proceed",
            advice=" ".join(dict.fromkeys(finding.fix for finding in serious if finding.fix))
            or "Send the corrected papers to the carrier, then answer `proceed`.",
        )

"""The customs rules about the papers: export reference, relief, reason, parties, invoice, waybill."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta

from bots.decisions.customs_view import View, digits, found, plain, shown
from bots.decisions.decision import Finding
from bots.decisions.identifiers import compact, eori_shape, ioss_shape, is_parcel_number, valid_mrn
from bots.decisions.policy import months_after


def _export_reference(view: View) -> Iterator[Finding]:
    """C01, C02."""
    given, export = compact(view.declaration.export_ref), view.order.export
    if export is None:
        yield found(
            "C01",
            "block",
            "export papers",
            "The order has no export papers, so relief for returned goods cannot be claimed.",
            "Find the export declaration, or pay the duty.",
        )
        return
    known = {compact(export.mrn), compact(view.order.out_tracking)} - {""}
    if not given:
        yield found("C01", "block", "export_ref", "The declaration names no export reference.", f"Name the export declaration {export.mrn}.", export.mrn)
    elif given not in known:
        yield found(
            "C01", "block", "export_ref", "The export reference is none of this order's.", f"Name the export declaration {export.mrn}.", export.mrn, given
        )
    office = (export.office or export.mrn[2:4])[:2]
    is_tracking = given and given == compact(view.order.out_tracking) and is_parcel_number(given)
    if given and not is_tracking and office in view.rules.mrn_countries and not valid_mrn(given):
        yield found(
            "C02",
            "error",
            "export_ref",
            "The movement reference number is malformed.",
            "Copy it again from the export declaration.",
            "18 signs with a right check digit",
            given,
        )


def _window(view: View) -> Iterator[Finding]:
    """C03."""
    if view.order.export is None:
        return
    left, relief = view.order.export.export_date, view.relief
    if view.day < left:
        yield found(
            "C03",
            "block",
            "lodged_at",
            "The goods are declared to return before they left.",
            "Check the export reference and both dates.",
            f"after {left}",
            str(view.day),
        )
    if relief is None:
        if view.declaration.relief.strip():
            yield found(
                "C03",
                "warn",
                "relief",
                f"The relief that is claimed is no scheme in force in {view.territory}.",
                "Name a scheme of config/customs.yaml, or add it there.",
                actual=view.declaration.relief,
            )
        return
    if relief.months is None:
        return
    last = months_after(left, relief.months)
    hurry = left + timedelta(days=round((last - left).days * view.rules.tolerances.window_warn_pct / 100))
    if view.day > last:
        yield found(
            "C03",
            "block",
            "lodged_at",
            f"The window of {relief.scheme} ({relief.months} months) is over.",
            "Pay the duty, or ask for an extension for special circumstances.",
            f"by {last}",
            str(view.day),
        )
    elif view.day > hurry:
        yield found(
            "C03", "warn", "lodged_at", f"The window of {relief.scheme} ends on {last}.", "Have it cleared before anything else.", f"by {last}", str(view.day)
        )


def _reason(view: View) -> Iterator[Finding]:
    """C12, C18."""
    declaration, rules = view.declaration, view.rules
    reason, category = declaration.reason.strip().casefold(), declaration.category.strip().casefold()
    text = f"{reason} {declaration.relief} {' '.join(line.description for line in declaration.lines)}".casefold()
    worked = next(
        (
            word
            for word in rules.processing_words
            if re.search(rf"(?<![^\W\d_]){re.escape(word.casefold())}(?![^\W\d_])" if word.isascii() else re.escape(word.casefold()), text)
        ),
        None,
    )
    if worked:
        yield found(
            "C18",
            "block",
            "reason",
            "Goods worked on abroad are no returned goods.",
            "Declare outward processing (OPR), or correct the wording.",
            "unaltered goods",
            worked,
        )
    elif reason not in {word.casefold() for word in rules.return_reasons}:
        yield found(
            "C12", "error", "reason", "The reason for import is not a return.", "State `returned goods`.", "returned goods", declaration.reason or "(none)"
        )
    if category in {word.casefold() for word in rules.wrong_categories}:
        yield found(
            "C12",
            "error",
            "category",
            "A return must not be declared under this category.",
            "Choose the category `returned goods`.",
            "returned goods",
            declaration.category,
        )
    elif category not in {word.casefold() for word in rules.return_categories}:
        yield found(
            "C12",
            "warn",
            "category",
            "The category is not `returned goods`.",
            "Choose the category `returned goods`.",
            "returned goods",
            declaration.category or "(none)",
        )


def _parties(view: View) -> Iterator[Finding]:
    """C13."""
    declaration = view.declaration
    ours = compact(view.order.export.exporter_eori) if view.order.export else ""
    for name, who in (("exporter_eori", "exporter"), ("importer_eori", "importer")):
        given = compact(getattr(declaration, name))
        if given and view.territory in ("EU", "GB") and not eori_shape(given):
            yield found("C13", "error", name, "The EORI number is malformed.", "Correct it.", ours or "country and up to 15 signs", given)
        elif ours and given and given != ours and who == "exporter":
            yield found("C13", "error", name, "The exporter is not the one of the export papers.", f"Name {ours}.", ours, given)
        elif ours and given != ours and who == "importer":
            what = "Who imports again is not who exported: import VAT is not relieved."
            yield found("C13", "warn", name, what, f"Have it imported under {ours}.", ours, given or "(none)")


def _consignee(view: View) -> Iterator[Finding]:
    """C14."""
    given = f" {plain(view.declaration.consignee)} "
    places = view.rules.consignees
    if places and not any(f" {plain(place.name)} " in given or (f" {plain(place.address)} " in given and f" {place.postcode} " in given) for place in places):
        expected = " / ".join(f"{place.name}, {place.address}, {place.postcode} {place.country}" for place in places)
        yield found(
            "C14",
            "error",
            "consignee",
            "The consignee is none of our warehouses.",
            "Correct the consignee, or add the warehouse to config/customs.yaml.",
            expected,
            view.declaration.consignee or "(none)",
        )


def _ioss(view: View) -> Iterator[Finding]:
    """C15: IOSS is for sales, and its VAT is corrected in the IOSS return."""
    if number := compact(view.declaration.ioss):
        good = ioss_shape(number)
        what = "An IOSS number stands on a return; it is for sales only." if good else "The IOSS number is malformed, and it does not belong on a return."
        yield found("C15", "warn", "ioss", what, "Leave it out; correct the VAT in the IOSS return.", "(none)", number)


def _papers(view: View) -> Iterator[Finding]:
    """C21."""
    declaration, order = view.declaration, view.order
    for name, given, wanted in (
        ("invoice_no", declaration.invoice_no, order.invoice_no),
        ("invoice_date", str(declaration.invoice_date or ""), str(order.invoice_date or "")),
    ):
        if not given:
            yield found("C21", "error", name, "The outbound invoice is not named.", f"State {wanted or 'it'}.", wanted, "(none)")
        elif wanted and given.strip() != wanted:
            yield found("C21", "error", name, "Another invoice is named than the order's.", f"State {wanted}.", wanted, given)
    if not declaration.incoterm.strip():
        yield found("C21", "error", "incoterm", "The delivery terms are missing.", "State the Incoterm.", order.incoterm, "(none)")
    lines = sum(line.qty * line.unit_value for line in declaration.lines)
    if lines != declaration.total_value:
        expected, actual = shown(lines, declaration.currency), shown(declaration.total_value, declaration.currency)
        yield found("C21", "error", "total_value", "The total is not the sum of the lines.", f"State {expected}.", expected, actual)


def _waybill(view: View) -> Iterator[Finding]:
    """C22."""
    declaration, parcel = view.declaration, view.parcel
    if compact(declaration.tracking_no) != compact(parcel.tracking_no):
        yield found(
            "C22",
            "error",
            "tracking_no",
            "The declaration is for another parcel.",
            "Attach the declaration of this parcel.",
            parcel.tracking_no,
            declaration.tracking_no,
        )
    if declaration.packages < 1:
        yield found("C22", "error", "packages", "The declaration has no packages.", "State the number of packages.", "at least 1", str(declaration.packages))
    if parcel.declared_g is not None:
        off = abs(declaration.gross_g - parcel.declared_g)
        if off > view.rules.packaging(min(declaration.gross_g, parcel.declared_g)):
            yield found(
                "C22",
                "error",
                "gross_g",
                "Waybill and declaration give different weights.",
                "Weigh the parcel and correct the wrong one.",
                f"about {parcel.declared_g} g",
                f"{declaration.gross_g} g",
            )


def _scheme(view: View) -> Iterator[Finding]:
    """C23, C24."""
    relief = view.relief
    if relief is None:
        return
    for line in view.declaration.lines:
        if any(digits(line.hs_code).startswith(prefix) for prefix in relief.excluded_hs):
            yield found(
                "C23",
                "block",
                f"line {line.line_no} hs_code",
                f"{relief.scheme} leaves these goods out.",
                "Pay the duty, or do not bring them back.",
                actual=line.hs_code,
            )
    if view.facts.export_mode and relief.export_modes and view.facts.export_mode not in relief.export_modes:
        yield found(
            "C23",
            "block",
            "export_mode",
            f"{relief.scheme} needs another export procedure.",
            "Pay the duty.",
            ", ".join(relief.export_modes),
            view.facts.export_mode,
        )
    if view.facts.export_refund_taken and view.declaration.relief.strip():
        yield found(
            "C24",
            "block",
            "relief",
            "A refund was taken when the goods left; relief as well would be taken twice.",
            "Pay the refund back first and keep the proof.",
            actual=view.declaration.relief,
        )


PAPER_RULES = (_export_reference, _window, _reason, _parties, _consignee, _ioss, _papers, _waybill, _scheme)

"""The customs rules about the goods themselves: tariff number, quantity, value, origin, weight, description, serial number, battery, restrictions."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator

from bots.cases.model import OrderLine
from bots.cases.money import convert, exponent
from bots.decisions.customs_view import View, digits, found, likeness, shown, words
from bots.decisions.decision import Finding
from bots.decisions.identifiers import compact


def _tariff(view: View) -> Iterator[Finding]:
    """C04: six digits are the same all over the world; what follows is national."""
    for line, left in view.matched:
        given, wanted = digits(line.hs_code), digits(left.hs_code)
        where = f"line {line.line_no} hs_code"
        if len(given) < 6 or given[:6] != wanted[:6]:
            yield found(
                "C04",
                "error",
                where,
                f"The tariff number {given or '(none)'} is not the exported one.",
                f"Declare {wanted[:6]}, or explain the new classification.",
                wanted,
                given,
            )
        elif given[6:] != wanted[6 : len(given)] and wanted[6:]:
            yield found(
                "C04",
                "warn",
                where,
                "The national digits of the tariff number differ.",
                "Right where the importing country splits the heading in another way; else correct.",
                wanted,
                given,
            )


def _quantity(view: View) -> Iterator[Finding]:
    """C05."""
    for line, left in view.pairs:
        if left is None and view.order.export is not None:
            yield found(
                "C05",
                "error",
                f"line {line.line_no}",
                "The declared goods are not on the export papers.",
                "Check which order the parcel belongs to.",
                "a line of the export declaration",
                line.description,
            )
    declared: dict[int, int] = defaultdict(int)
    for line, left in view.matched:
        declared[left.line_no] += line.qty
    exported = {left.line_no: left for _, left in view.matched}
    for number, qty in declared.items():
        if qty > exported[number].qty:
            yield found(
                "C05",
                "error",
                f"export line {number} qty",
                "More pieces return than left.",
                "Correct the quantity.",
                f"at most {exported[number].qty}",
                str(qty),
            )
    all_out, all_back = sum(left.qty for left in view.order.export.lines) if view.order.export else 0, sum(declared.values())
    if view.returns_before and all_back + view.returns_before > all_out:
        yield found(
            "C05",
            "error",
            "qty",
            f"{view.returns_before} pieces came back before; more return than are left.",
            "Correct the quantity, or the earlier return.",
            f"at most {max(0, all_out - view.returns_before)}",
            str(all_back),
        )


def _value(view: View) -> Iterator[Finding]:
    """C06, C07, C08."""
    currency, tolerance = view.declaration.currency, view.rules.tolerances.value_pct
    for line, left in view.matched:
        where, wanted = f"line {line.line_no} unit_value", left.unit_value
        if left.currency != currency:
            yield found(
                "C06",
                "warn",
                "currency",
                "The declared currency is not the one of the export papers.",
                "Declare the export currency, or state the documents' rate.",
                left.currency,
                currency,
            )
            if view.facts.rate_micro is None:
                continue
        given = line.unit_value if left.currency == currency else convert(line.unit_value, view.facts.rate_micro or 0, currency, left.currency)
        wanted_text, given_text = shown(wanted, left.currency), shown(given, left.currency)
        if abs(given - wanted) * 100 <= tolerance * wanted:
            continue
        if given > wanted:
            yield found(
                "C08",
                "error",
                where,
                "The goods return at more than they left with: advanced in value, they lose relief.",
                f"Declare {wanted_text}, the value of the export papers.",
                wanted_text,
                given_text,
            )
            continue
        yield found(
            "C06",
            "error",
            where,
            f"The unit value differs by more than {tolerance:g} % from the export papers.",
            f"Declare {wanted_text}, the value of the export papers.",
            wanted_text,
            given_text,
        )
        unit = 10 ** exponent(left.currency)
        if given <= 1 or (given % unit == 0 and given // unit in view.rules.sample_values):
            yield found("C07", "warn", where, "The unit value looks like a made-up one.", "Declare the value of the export papers.", wanted_text, given_text)
    paid = view.facts.paid
    if paid is not None and paid.currency == currency and view.declaration.total_value * 100 < view.rules.tolerances.undervalued_pct * paid.minor:
        yield found(
            "C07",
            "warn",
            "total_value",
            "The declared value is far below what the customer paid.",
            "Declare the value of the export papers.",
            f"about {paid}",
            shown(view.declaration.total_value, currency),
        )


def _origin(view: View) -> Iterator[Finding]:
    """C09."""
    for line, left in view.matched:
        if line.origin.upper() != left.origin.upper():
            hint = " It is the country of dispatch, filled in by default." if line.origin.upper() == view.parcel.origin_country.upper() else ""
            yield found(
                "C09",
                "error",
                f"line {line.line_no} origin",
                f"The country of origin differs from the export papers.{hint}",
                f"Declare origin {left.origin}.",
                left.origin,
                line.origin or "(none)",
            )


def _weight(view: View) -> Iterator[Finding]:
    """C10."""
    tolerances = view.rules.tolerances
    for line, left in view.matched:
        off = abs(line.net_g - left.net_g)
        if off * 100 > tolerances.weight_pct * left.net_g or off > tolerances.weight_g:
            yield found(
                "C10",
                "warn",
                f"line {line.line_no} net_g",
                "The net weight of a piece differs from the export papers.",
                "Weigh a piece and correct the line.",
                f"{left.net_g} g",
                f"{line.net_g} g",
            )
    net, gross = sum(line.net_g * line.qty for line in view.declaration.lines), view.declaration.gross_g
    if gross < net:
        yield found("C10", "error", "gross_g", "The gross weight is below the net weight.", "Correct the weights.", f"at least {net} g", f"{gross} g")
    elif gross > net + view.rules.packaging(net):
        yield found(
            "C10",
            "warn",
            "gross_g",
            "The gross weight is more than goods and packaging weigh.",
            "Weigh the parcel; see whether something else is in it.",
            f"at most {net + view.rules.packaging(net)} g",
            f"{gross} g",
        )


def _description(view: View) -> Iterator[Finding]:
    """C11."""
    vague = {words(text) for text in view.rules.vague_descriptions}
    for line, left in view.pairs:
        where = f"line {line.line_no} description"
        expected = left.description if left else ""
        if words(line.description) in vague | {""}:
            yield found(
                "C11", "warn", where, "The description does not say what the goods are.", "Name the article and what it is made of.", expected, line.description
            )
        elif left and likeness(line.description, left.description) < view.rules.tolerances.description_likeness:
            yield found(
                "C11",
                "warn",
                where,
                "The description has little in common with the exported one.",
                "Use the description of the export papers.",
                expected,
                line.description,
            )


def _serials(view: View) -> Iterator[Finding]:
    """C17: compared with the export papers and the order, where either names serial numbers."""
    export = view.order.export.lines if view.order.export else ()
    known = {compact(serial) for serials in (*(line.serials for line in export), *(line.serials for line in view.order.lines)) for serial in serials}
    for line in view.declaration.lines:
        strange = [serial for serial in line.serials if compact(serial) not in known]
        if known and strange:
            yield found(
                "C17",
                "error",
                f"line {line.line_no} serials",
                "A serial number returns that never left.",
                "Open the parcel at the warehouse and compare the number plate.",
                ", ".join(sorted(known)),
                ", ".join(strange),
            )


def _battery(view: View) -> Iterator[Finding]:
    """C19: what the papers say of a battery; whether the label may fly is asked of `air_label` before there is a label."""
    known = {battery.un: battery for battery in view.rules.batteries}
    texts = " ".join((*(line.description for line in view.declaration.lines), view.declaration.status_note)).upper()
    named = set(re.findall(r"UN ?(\d{4})", texts))
    for line in _declared_order_lines(view):
        number = line.battery.upper().replace(" ", "")
        if named and number.removeprefix("UN") not in named:
            yield found(
                "C19",
                "error",
                "description",
                f"{line.sku} holds another battery than the papers say.",
                f"State {number}.",
                number,
                ", ".join(f"UN{un}" for un in sorted(named)),
            )
        elif not named:
            battery = known.get(number)
            what = f"{line.sku} holds a battery ({number}{', ' + battery.chemistry if battery else ''}); the declaration does not name it."
            yield found("C19", "info", "description", what, "The carrier's dangerous goods note must name it.", number)


def _declared_order_lines(view: View) -> Iterator[OrderLine]:
    codes = {left.hs_code for _, left in view.matched}
    yield from (line for line in view.order.lines if line.battery and line.hs_code in codes)


def _restricted(view: View) -> Iterator[Finding]:
    """C20."""
    for line in view.declaration.lines:
        code = digits(line.hs_code)
        for entry in view.rules.prohibitions:
            if entry.in_force(view.day) and entry.territory in (view.territory, "any") and any(code.startswith(prefix) for prefix in entry.hs):
                what = (
                    f"{view.territory} lets {entry.what} in only with: {entry.licence}." if entry.licence else f"{view.territory} does not let {entry.what} in."
                )
                yield found(
                    "C20",
                    "block",
                    f"line {line.line_no} hs_code",
                    what,
                    "Provide the paper, or let the customer keep or dispose of the goods.",
                    entry.licence or "(not allowed)",
                    code,
                )


GOODS_RULES = (_tariff, _quantity, _value, _origin, _weight, _description, _serials, _battery, _restricted)

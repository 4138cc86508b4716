"""Is what the warehouse counted what was authorised? By serial number, SKU, GTIN and alias; a likeness is only ever a suggestion.

Rule ids (F.. as in bots.decisions.fraud):
    R01 line matches                 R05 fewer pieces than authorised       F09 box lighter than its goods
    R02 what we had picked wrongly   R06 article in addition                F10 weights along the way disagree
    R04 more pieces than authorised  F03 article of the order, not of this return
                                     F11 serial number that was not shipped, or came back before
                                     F12 another article in place of ours
Weights are grams.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from difflib import SequenceMatcher

from pydantic import BaseModel, ConfigDict, Field

from bots.cases.model import Order, OrderLine, Parcel, Receipt, ReceiptLine
from bots.cases.settings import Settings
from bots.decisions.decision import Decision, Evidence, Finding
from bots.decisions.identifiers import compact

CODES = {
    "F11": "serial_swapped",
    "F12": "other_item",
    "F03": "wrong_line",
    "F09": "empty_box",
    "R04": "over_receipt",
    "R06": "unexpected_extra",
    "R05": "short_receipt",
}
"""Exception code of a finding that stops the case; the gravest one found names it, in this order."""


class ReceivingRules(Settings):
    """config/receiving.yaml"""

    aliases: dict[str, str] = Field(default_factory=dict)
    suggest_from: float = Field(ge=0, le=1)
    packaging_g: int = Field(ge=0)
    packaging_pct: float = Field(ge=0)
    light_share: float = Field(ge=0, le=1)
    empty_share: float = Field(ge=0, le=1)
    scan_pct: float = Field(ge=0)
    scan_g: int = Field(ge=0)

    def near(self, one: int, two: int) -> bool:
        """Whether two scales agree."""
        return abs(one - two) <= max(self.scan_g, round(max(one, two) * self.scan_pct / 100))


class LineMatch(BaseModel):
    """One counted line and what it stands for."""

    model_config = ConfigDict(frozen=True)

    line_no: int
    """Of the receipt."""
    received_sku: str
    qty: int
    serial: str = ""
    order_sku: str = ""
    """The order line it is, or empty when it is none."""
    how: str = ""
    """serial, sku, gtin, alias, picked; empty when it matches nothing"""
    suggestion: str = ""
    """An ordered SKU that may have been meant; a person decides."""


class ReceiptMatch(Decision):
    """`value`: matched, or held when a person must look."""

    lines: tuple[LineMatch, ...] = ()
    findings: tuple[Finding, ...] = ()
    accepted: tuple[tuple[str, int], ...] = ()
    """(SKU of the order, pieces) that are what was authorised."""
    missing: tuple[tuple[str, int], ...] = ()
    warehouse_fault: bool = False
    """The customer sent back what we had picked wrongly."""
    code: str = ""
    """Exception code where a person must decide."""


def match_receipt(
    order: Order,
    authorised: Sequence[tuple[str, int]],
    receipt: Receipt,
    rules: ReceivingRules,
    *,
    parcel: Parcel | None = None,
    returned_serials: Collection[str] = (),
) -> ReceiptMatch:
    """Compare a counted return parcel with the (SKU, pieces) authorised for it. `returned_serials` came back under other returns."""
    wanted = _added_up(authorised)
    lines = tuple(_match_line(order, line, rules) for line in receipt.lines)
    got = _added_up([(line.order_sku, line.qty) for line in lines if line.order_sku])
    findings = [
        *_serials(order, lines, {compact(serial) for serial in returned_serials}),
        *_quantities(wanted, got, lines),
        *_weights(order, wanted, lines, receipt, parcel, rules),
    ]
    stops = {finding.rule for finding in findings if finding.severity in ("block", "error")}
    picked = [line for line in lines if line.how == "picked"]
    told = [finding for finding in findings if finding.severity != "info"]
    matched = [line for line in lines if line.order_sku]
    return ReceiptMatch(
        value="held" if stops else "matched",
        rules=tuple(dict.fromkeys((*(finding.rule for finding in told), *(("R02",) if picked else ()), *(("R01",) if matched else ())))),
        reasons=tuple(finding.what for finding in told) or ("Everything authorised came back, and nothing else.",),
        evidence=(
            Evidence(kind="receipt", where=receipt.receipt_no, text=", ".join(f"{line.qty} x {line.sku}" for line in receipt.lines) or "nothing counted"),
        ),
        lines=lines,
        findings=tuple(findings),
        accepted=tuple((sku, min(qty, got.get(sku, 0))) for sku, qty in wanted.items() if got.get(sku, 0)),
        missing=tuple((sku, qty - got.get(sku, 0)) for sku, qty in wanted.items() if got.get(sku, 0) < qty),
        warehouse_fault=bool(picked),
        code=next((code for rule, code in CODES.items() if rule in stops), ""),
    )


def _added_up(lines: Sequence[tuple[str, int]]) -> dict[str, int]:
    total: dict[str, int] = {}
    for sku, qty in lines:
        total[sku] = total.get(sku, 0) + qty
    return total


def _gtin(number: str) -> str:
    """A GTIN in fourteen digits, so that an EAN and its GTIN-14 are one; anything that is no GTIN stays apart."""
    digits = compact(number)
    return digits.zfill(14) if digits.isdigit() and len(digits) in (8, 12, 13, 14) else ""


def _match_line(order: Order, line: ReceiptLine, rules: ReceivingRules) -> LineMatch:
    """Serial number first, for it names one piece; then SKU, GTIN, alias, and what the pick record says went out."""
    sku, gtin, serial = line.sku.strip().upper(), _gtin(line.gtin), compact(line.serial)
    alias = rules.aliases.get(line.sku, "").upper()

    def first(how: str, fits: list[OrderLine]) -> LineMatch | None:
        return LineMatch(line_no=line.line_no, received_sku=line.sku, qty=line.qty, serial=line.serial, order_sku=fits[0].sku, how=how) if fits else None

    sold = order.lines
    return (
        first("serial", [one for one in sold if serial and serial in {compact(known) for known in one.serials} and sku in ("", one.sku.upper())])
        or first("sku", [one for one in sold if sku == one.sku.upper()])
        or first("gtin", [one for one in sold if gtin and gtin == _gtin(one.gtin)])
        or first("alias", [one for one in sold if alias and alias == one.sku.upper()])
        or first("picked", [one for one in sold if one.picked_sku and one.picked_sku != one.sku and sku == one.picked_sku.upper()])
        or LineMatch(line_no=line.line_no, received_sku=line.sku, qty=line.qty, serial=line.serial, suggestion=_suggestion(order, line, rules))
    )


def _suggestion(order: Order, line: ReceiptLine, rules: ReceivingRules) -> str:
    def likeness(one: OrderLine) -> float:
        by_gtin = SequenceMatcher(None, _gtin(line.gtin), _gtin(one.gtin)).ratio() if _gtin(line.gtin) and _gtin(one.gtin) else 0.0
        return max(SequenceMatcher(None, compact(line.sku), compact(one.sku)).ratio(), by_gtin)

    best = max(order.lines, key=likeness, default=None)
    return best.sku if best is not None and likeness(best) >= rules.suggest_from else ""


def _finding(rule: str, severity: str, what: str, fix: str, *, field: str = "", expected: str = "", actual: str = "") -> Finding:
    return Finding(rule=rule, severity=severity, what=what, fix=fix, field=field, expected=expected, actual=actual)


def _serials(order: Order, lines: Sequence[LineMatch], returned: set[str]) -> list[Finding]:
    """F11. An article sold without a serial number, or counted without one, has nothing to compare."""
    found = []
    for line in lines:
        sold = order.line(line.order_sku) if line.order_sku and line.how != "picked" else None
        shipped = {compact(serial) for serial in sold.serials} if sold else set()
        serial, where = compact(line.serial), f"receipt line {line.line_no} serial"
        if serial and serial in returned:
            what = f"Serial number {line.serial} came back before, under another return."
            found.append(_finding("F11", "error", what, "Compare the number plate with the earlier return.", field=where, actual=line.serial))
        elif shipped and serial and serial not in shipped:
            what = f"{line.order_sku} came back with a serial number that was not shipped on this order."
            expected = ", ".join(sold.serials) if sold else ""
            found.append(
                _finding(
                    "F11", "error", what, "Compare the number plate and its photo with the pick record.", field=where, expected=expected, actual=line.serial
                )
            )
    return found


def _quantities(wanted: dict[str, int], got: dict[str, int], lines: Sequence[LineMatch]) -> list[Finding]:
    """F03, F12, R04, R05, R06: a strange article takes the place of a missing one, or comes in addition."""
    found = []
    missing = sum(max(0, qty - got.get(sku, 0)) for sku, qty in wanted.items())
    for sku, qty in got.items():
        if sku not in wanted:
            what = f"{qty} x {sku} is of this order but was not authorised to come back."
            found.append(_finding("F03", "error", what, "Authorise it, or send it back.", field="sku", expected=", ".join(wanted), actual=sku))
        elif qty > wanted[sku]:
            what = f"{qty} x {sku} came back, {wanted[sku]} authorised."
            found.append(
                _finding(
                    "R04", "error", what, "Count again; then authorise or send back what is too much.", field="qty", expected=str(wanted[sku]), actual=str(qty)
                )
            )
    for line in lines:
        if line.order_sku:
            continue
        perhaps = f" Perhaps {line.suggestion} was meant: a person decides." if line.suggestion else ""
        if missing > 0:
            missing -= line.qty
            what = f"{line.qty} x {line.received_sku} came back in place of what was expected."
            found.append(
                _finding(
                    "F12", "error", what, f"Open the box on camera and compare.{perhaps}", field="sku", expected=", ".join(wanted), actual=line.received_sku
                )
            )
        else:
            what = f"{line.qty} x {line.received_sku} lay in the parcel in addition and is not of this order."
            found.append(
                _finding("R06", "error", what, f"Ask the customer whose it is; proceed with the line.{perhaps}", field="sku", actual=line.received_sku)
            )
    for sku, qty in wanted.items():
        if got.get(sku, 0) < qty:
            what = f"{got.get(sku, 0)} of {qty} x {sku} came back."
            found.append(_finding("R05", "error", what, "Count again; refund what came back.", field="qty", expected=str(qty), actual=str(got.get(sku, 0))))
    return found


def _weights(order: Order, wanted: dict[str, int], lines: Sequence[LineMatch], receipt: Receipt, parcel: Parcel | None, rules: ReceivingRules) -> list[Finding]:
    """F09, F10. Goods weights come from the order; where other goods lie in the box by our own fault, or a weight is unknown, nothing is compared."""
    weighed = {line.sku: line.weight_g for line in order.lines}
    known = all(weighed.get(sku) for sku in wanted) and not any(line.how == "picked" for line in lines)
    found = []
    if known and receipt.dock_g:
        goods = sum(weighed[sku] * qty for sku, qty in wanted.items())
        most = round(goods + rules.packaging_g + goods * rules.packaging_pct / 100)
        shown = {"field": "dock_g", "expected": f"{round(goods * rules.light_share)} to {most} g", "actual": f"{receipt.dock_g} g"}
        first = parcel.first_scan_g if parcel else None
        if receipt.dock_g < goods * rules.light_share:
            severity = "block" if receipt.dock_g < goods * rules.empty_share else "error"
            found.append(_finding("F09", severity, "The box is lighter than the goods that should be in it.", "Open and inspect it on camera.", **shown))
        elif first is not None and first < goods and not rules.near(first, goods):
            shown |= {"field": "first_scan_g", "actual": f"{first} g"}
            found.append(
                _finding("F09", "error", "The carrier weighed less than the goods that should be in the box.", "Open and inspect it on camera.", **shown)
            )
        elif receipt.dock_g > most:
            found.append(_finding("F10", "warn", "The box is heavier than goods and packaging.", "See whether something else is in it.", **shown))
    if parcel is not None and parcel.first_scan_g is not None and receipt.dock_g and not rules.near(parcel.first_scan_g, receipt.dock_g):
        lost = receipt.dock_g < parcel.first_scan_g
        what = "The parcel lost weight on the way: claim against the carrier." if lost else "The parcel gained weight on the way."
        found.append(
            _finding(
                "F10",
                "warn",
                what,
                "Compare carton and seal with the carrier's photos.",
                field="dock_g",
                expected=f"about {parcel.first_scan_g} g",
                actual=f"{receipt.dock_g} g",
            )
        )
    return found

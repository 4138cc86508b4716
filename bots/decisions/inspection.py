"""What a quality check means: the grade, what becomes of the goods, where they go, and who answers for the return.

Rule ids:
    I01 grade from the inspector's note            I05 destruction ban for unsold clothing and footwear (Reg. (EU) 2024/1781 art. 25)
    I02 note unclear: a person grades              I06 transfer to the warehouse that sells this grade
    I03 disposition by the decision table          I07 responsibility by evidence
    I04 best expected net recovery among those allowed

Money is minor units of the books' currency, per unit of goods.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from enum import StrEnum
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from bots.cases.model import OrderLine
from bots.cases.settings import Settings
from bots.decisions.decision import Decision, Evidence

Fact = Literal["battery", "serialised", "seller_fault", "vendor_agreement", "espr", "hygiene"]


class Disposition(StrEnum):
    """What becomes of returned goods."""

    RESELL_NEW = "RESELL_NEW"
    RESELL_OPEN_BOX = "RESELL_OPEN_BOX"
    REFURBISH = "REFURBISH"
    REPAIR = "REPAIR"
    RETURN_TO_VENDOR = "RETURN_TO_VENDOR"
    LIQUIDATE = "LIQUIDATE"
    DONATE = "DONATE"
    PARTS = "PARTS"
    RECYCLE = "RECYCLE"
    DESTROY = "DESTROY"
    QUARANTINE = "QUARANTINE"
    SHIP_BACK = "SHIP_BACK"
    TRANSFER = "TRANSFER"


class Grade(StrEnum):
    """The state of returned goods."""

    A = "A"
    A_MINUS = "A-"
    B = "B"
    C = "C"
    D = "D"
    E = "E"
    X = "X"


class Row(Settings):
    """One row of the decision table."""

    grade: Grade
    category: str
    needs: tuple[Fact, ...] = ()
    unless: tuple[Fact, ...] = ()
    allowed: tuple[Disposition, ...] = Field(min_length=1)

    def fits(self, grade: Grade, category: str, facts: frozenset[str]) -> bool:
        return self.grade is grade and self.category in (category, "any") and facts.issuperset(self.needs) and not facts.intersection(self.unless)


class Recovery(Settings):
    """What a disposition brings in: price in percent of cost times the chance of selling, less work, freight and handling (minor units a unit)."""

    price_pct: float = Field(ge=0)
    sells: float = Field(ge=0, le=1)
    work: int = Field(default=0, ge=0)
    work_pct: float = Field(default=0, ge=0)
    ship: int = Field(default=0, ge=0)
    handling: int = Field(default=0, ge=0)

    def net(self, cost: int, price_share: float) -> int:
        """Expected net recovery of one unit that cost `cost`."""
        return round(cost * self.price_pct / 100 * price_share * self.sells - self.work - cost * self.work_pct / 100 - self.ship - self.handling)


class Espr(Settings):
    """Who may not destroy what; see config/inspection.yaml."""

    since: date
    categories: tuple[str, ...]
    hs_chapters: tuple[str, ...]
    banned: tuple[Disposition, ...]
    derogations: dict[str, str]

    def applies(self, category: str, hs_code: str, on: date) -> bool:
        return on >= self.since and (category in self.categories or hs_code[:2] in self.hs_chapters)


class Checklist(Settings):
    always: tuple[str, ...]
    serialised: tuple[str, ...] = ()
    battery: tuple[str, ...] = ()
    category: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    reason: dict[str, tuple[str, ...]] = Field(default_factory=dict)


class InspectionRules(Settings):
    """config/inspection.yaml"""

    hub: str
    grades: dict[str, Grade]
    defects: dict[str, Grade] = Field(default_factory=dict)
    sure_enough: float = Field(ge=0, le=1)
    careful: dict[str, Grade] = Field(default_factory=dict)
    """Grade by defect where a note is clear about the defect only."""
    dispositions: tuple[Row, ...]
    recovery: dict[Disposition, Recovery]
    grade_price_pct: dict[Grade, float]
    espr: Espr
    transfers: dict[Disposition, str] = Field(default_factory=dict)
    checklist: Checklist
    batch_defects: int = Field(ge=1)

    @model_validator(mode="after")
    def _figures_for_all(self) -> InspectionRules:
        missing = {choice for row in self.dispositions for choice in row.allowed} - set(self.recovery)
        if missing:
            raise ValueError(f"recovery: no figures for {', '.join(sorted(missing))}, which the table of dispositions allows")
        return self


class Verdict(Decision):
    """A graded unit. `value` is the disposition; `needs_person` says that nobody should book it unseen."""

    grade: str
    recovery: int = 0
    """Expected net recovery a unit, minor units of the books' currency."""
    compared: tuple[tuple[str, int], ...] = ()
    """Every disposition that was allowed with its expected net recovery, best first."""
    derogation: str = ""
    """Why goods under the destruction ban may be destroyed, or empty."""
    transfer_to: str = ""
    """Warehouse to move the goods to, or empty when they stay."""
    needs_person: bool = False
    code: str = ""
    """Exception code where a person must decide."""


def grade_of(reading: str, defect: str, rules: InspectionRules) -> Grade | None:
    """I01: the grade of a note's reading (A_new ... incomplete), refined by its defect; None when the table knows no such reading."""
    return rules.defects.get(f"{reading}/{defect}", rules.grades.get(reading))


def inspect(
    line: OrderLine,
    reading: str,
    defect: str,
    confidence: float,
    rules: InspectionRules,
    on: date,
    *,
    warehouse: str = "",
    seller_fault: bool = False,
    vendor_agreement: bool = False,
    derogation: str = "",
) -> Verdict:
    """Grade and disposition of a unit of this order line from the reading of its inspection note.

    `warehouse` is where the goods lie (default: the hub); `derogation` a code of config espr.derogations that a person recorded.
    """
    sure = confidence >= rules.sure_enough
    grade = grade_of(reading, defect, rules) if sure else rules.careful.get(defect)
    note = Evidence(kind="qc_note", where=line.sku, text=f"{reading}, {defect}")
    if grade is None:
        why = f"The inspection note of {line.sku} is not clear enough to grade it ({reading or 'no grade'}, {confidence:.0%} sure)."
        return Verdict(
            value=Disposition.QUARANTINE,
            grade="",
            confidence=confidence,
            rules=("I02",),
            reasons=(why,),
            evidence=(note,),
            needs_person=True,
            code="note_unclear",
        )
    verdict = dispose(line, grade, rules, on, seller_fault=seller_fault, vendor_agreement=vendor_agreement, derogation=derogation)
    target = rules.transfers.get(Disposition(verdict.value), "")
    move = target if target and target != (warehouse or rules.hub) else ""
    foreign = grade is Grade.X
    return verdict.model_copy(
        update={
            "confidence": confidence,
            "rules": ("I01", *verdict.rules, *(("I06",) if move else ())),
            "reasons": (
                f"The note reads {reading} ({defect}): grade {grade}." if sure else f"The note is sure of the defect only ({defect}): careful grade {grade}.",
                *verdict.reasons,
            ),
            "evidence": (note, *verdict.evidence),
            "transfer_to": move,
            "needs_person": foreign,
            "code": "not_our_goods" if foreign else "",
        }
    )


def dispose(
    line: OrderLine,
    grade: Grade,
    rules: InspectionRules,
    on: date,
    *,
    seller_fault: bool = False,
    vendor_agreement: bool = False,
    derogation: str = "",
) -> Verdict:
    """I03-I05: the allowed disposition with the best expected net recovery."""
    banned = rules.espr.applies(line.category, line.hs_code, on)
    excuse = derogation if derogation in rules.espr.derogations else ""
    gate = banned and not excuse
    facts = frozenset(
        fact
        for fact, holds in (
            ("battery", bool(line.battery)),
            ("serialised", bool(line.serials)),
            ("seller_fault", seller_fault),
            ("vendor_agreement", vendor_agreement),
            ("espr", gate),
            ("hygiene", line.non_returnable == "unsealed_hygiene"),
        )
        if holds
    )
    row = next((row for row in rules.dispositions if row.fits(grade, line.category, facts)), None)
    allowed = tuple(choice for choice in (row.allowed if row else ()) if not (gate and choice in rules.espr.banned)) or (Disposition.QUARANTINE,)
    compared = compare(line.cost_minor, grade, allowed, rules)
    best, net = compared[0]
    reasons = [f"Grade {grade} in {line.category or 'no category'} allows {', '.join(allowed)}; {best} recovers most ({net / 100:.2f} a unit)."]
    cited = ["I03", "I04"]
    if banned:
        cited.append("I05")
        reasons.append(
            f"Destroying is allowed: {rules.espr.derogations[excuse]}." if excuse else "Unsold goods of this kind must not be destroyed or recycled."
        )
    return Verdict(value=best, grade=grade, rules=tuple(cited), reasons=tuple(reasons), recovery=net, compared=compared, derogation=excuse if banned else "")


def compare(cost: int, grade: Grade, allowed: Iterable[Disposition], rules: InspectionRules) -> tuple[tuple[str, int], ...]:
    """Expected net recovery of each disposition, best first; ties keep the order of the decision table."""
    share = rules.grade_price_pct.get(grade, 100) / 100
    nets = [(choice, rules.recovery[choice].net(cost, share)) for choice in allowed]
    return tuple((str(choice), net) for choice, net in sorted(nets, key=lambda entry: -entry[1]))


def checklist(category: str, serialised: bool, battery: bool, reason_code: str, rules: InspectionRules) -> tuple[str, ...]:
    """What the inspector is asked to look at, in German and English, without repetitions."""
    parts = rules.checklist
    lines = (
        *parts.always,
        *(parts.serialised if serialised else ()),
        *(parts.battery if battery else ()),
        *parts.category.get(category, ()),
        *parts.reason.get(reason_code, ()),
    )
    return tuple(dict.fromkeys(lines))


class Signs(BaseModel):
    """Evidence of who caused a return (domain: pick record, packing scale, carton, inspection)."""

    model_config = ConfigDict(frozen=True)

    reason_code: str = ""
    claimed: str = ""
    """The party by default for the reason, before evidence."""
    grade: str = ""
    defect: str = ""
    picked_other: bool = False
    """The outbound pick record names another SKU or serial number than ordered."""
    packed_short: bool = False
    """The outbound parcel weighed less than its goods."""
    carton: str = ""
    """intact, crushed, opened"""
    carrier_exception: bool = False
    """The outbound carrier reported damage or loss."""
    delivered_late: bool = False
    same_defect_in_batch: int = 0
    seized: bool = False
    """Customs kept or destroyed the goods."""
    label_error: bool = False
    """A marketplace authorised or labelled wrongly."""


def responsible(signs: Signs, rules: InspectionRules) -> Decision:
    """I07: who answers for the return, by evidence first and by the claim last.

    `value` is warehouse, carrier, supplier, seller, customer, customs, platform or undetermined.
    """

    def party(value: str, why: str, confidence: float) -> Decision:
        return Decision(value=value, confidence=confidence, rules=("I07",), reasons=(why,))

    faulty = signs.grade == Grade.C or signs.defect == "functional"
    if signs.seized:
        return party("customs", "Customs kept the goods.", 1.0)
    if signs.label_error:
        return party("platform", "The marketplace authorised or labelled the return wrongly.", 0.95)
    if signs.picked_other or signs.packed_short:
        return party("warehouse", "The pick record or the packing scale shows that the wrong goods went out.", 1.0)
    if signs.carrier_exception or (signs.defect == "transit_damage" and signs.reason_code in ("DAMAGED_IN_TRANSIT", "ARRIVED_LATE", "")):
        return party("carrier", "The inspection or the carrier's own scans show transport damage.", 0.95)
    if signs.reason_code == "ARRIVED_LATE" and signs.delivered_late:
        return party("carrier", "Delivered after the promised day.", 0.95)
    if signs.grade == Grade.X:
        return party("customer", "What came back is not what was sent.", 0.8)
    if faulty or signs.same_defect_in_batch >= rules.batch_defects:
        why = f"{signs.same_defect_in_batch} units of the batch show the same defect." if not faulty else "The inspection confirms a functional fault."
        return party("supplier", why, 0.95)
    if signs.reason_code in ("DEFECTIVE", "QUALITY_POOR") and signs.grade in (Grade.A, Grade.A_MINUS):
        return party("customer", "The inspection finds no fault.", 0.8)
    if signs.reason_code == "NOT_AS_DESCRIBED" and signs.grade in (Grade.A, Grade.A_MINUS, Grade.B):
        return party("seller", "The article is as made but not as listed.", 0.8)
    if signs.defect == "used_worn" and signs.claimed in ("customer", ""):
        return party("customer", "The goods come back worn.", 0.9)
    return party(signs.claimed or "undetermined", "No evidence speaks against the claim." if signs.claimed else "Nothing shows who caused it.", 0.6)

"""The customs tables: territories, relief schemes, limits, tolerances and words, as dated settings and not as code.

config/customs.yaml fills them. An entry in force is one whose `since` is not after the day asked for and whose `until` (last day) is not before it.
"""

from __future__ import annotations

from datetime import date

from pydantic import Field

from bots.cases.money import Currency
from bots.cases.settings import Settings

ELSEWHERE = ""
"""The territory of a country that the table does not list: a territory of its own."""


class Dated(Settings):
    """A rule with the days on which it is in force."""

    since: date
    until: date | None = None
    """Last day in force; None while no end is known."""
    checked: bool = False
    """Whether somebody has read the legal text; False marks knowledge that a customs agent should confirm before it decides money."""
    source: str = ""

    def in_force(self, on: date) -> bool:
        return self.since <= on and (self.until is None or on <= self.until)


class Relief(Dated):
    """A scheme under which returned goods come home free of duty."""

    scheme: str
    names: tuple[str, ...] = ()
    """How declarations name it; compared in lower case."""
    territory: str
    months: int | None = None
    """Longest time between export and return; None where the law sets none."""
    excluded_hs: tuple[str, ...] = ()
    """HS prefixes that the scheme leaves out."""
    export_modes: tuple[str, ...] = ()
    """Export procedures under which the goods must have left; empty for any."""


class DeMinimis(Dated):
    """A consignment value (minor units) up to which a territory asks no duty, or only a simple declaration."""

    territory: str
    kind: str
    """duty_free, duty_per_item, simple_declaration, vat_at_sale"""
    limit: int
    currency: Currency
    duty_per_line: int = 0
    """Flat duty for each distinct tariff line, minor units, where `kind` is duty_per_item."""
    refundable: bool = False
    """Whether the flat duty comes back when the goods are returned."""


class Prohibition(Dated):
    """Goods that a territory does not let in, or only with a paper."""

    territory: str
    """A territory, or `any`."""
    what: str
    hs: tuple[str, ...]
    """HS prefixes."""
    licence: str = ""
    """The paper with which they may come in; empty when nothing helps."""


class Consignee(Settings):
    """A place of ours to which returns may be declared."""

    warehouse: str
    name: str
    address: str
    postcode: str
    country: str


class Tolerances(Settings):
    value_pct: float = Field(ge=0)
    """Unit value against the export papers, percent."""
    weight_pct: float = Field(ge=0)
    """Net weight of a unit, percent."""
    weight_g: int = Field(ge=0)
    """Net weight of a unit, grams: exceeding either one is reported."""
    packaging_g: int = Field(ge=0)
    packaging_pct: float = Field(ge=0)
    """Packaging may add so much to the goods: grams plus percent of the goods' weight."""
    undervalued_pct: float = Field(ge=0, le=100)
    """A total below this share of what the customer paid looks under-valued."""
    window_warn_pct: float = Field(ge=0, le=100)
    """Share of a relief window after which to hurry."""
    description_likeness: float = Field(ge=0, le=1)
    """Below this likeness to the exported description somebody should read it."""
    hold_alert_hours: int = Field(ge=0)


class Battery(Settings):
    """A UN number of a battery."""

    un: str
    chemistry: str
    packing: str
    """Packing instructions of the air carriers."""
    air_when_damaged: bool = False


class CustomsRules(Settings):
    """config/customs.yaml"""

    territories: dict[str, tuple[str, ...]]
    fiscal_exceptions: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    reliefs: tuple[Relief, ...]
    de_minimis: tuple[DeMinimis, ...]
    prohibitions: tuple[Prohibition, ...] = ()
    consignees: tuple[Consignee, ...] = ()
    tolerances: Tolerances
    mrn_countries: tuple[str, ...]
    return_reasons: tuple[str, ...]
    return_categories: tuple[str, ...]
    wrong_categories: tuple[str, ...]
    processing_words: tuple[str, ...]
    vague_descriptions: tuple[str, ...]
    sample_values: tuple[int, ...]
    air_carriers: tuple[str, ...] = ()
    batteries: tuple[Battery, ...] = ()
    faulty_reasons: tuple[str, ...]
    hold_documents: dict[str, tuple[str, ...]]

    def territory(self, country: str) -> str:
        """The customs territory of a country (ISO 3166), or the country itself where the table lists none."""
        country = country.strip().upper()[:2]
        return next((name for name, members in self.territories.items() if country in members), country or ELSEWHERE)

    def relief(self, territory: str, claimed: str, on: date) -> Relief | None:
        """The scheme that is claimed, or the territory's first one where the claim names none; None when no such scheme is in force."""
        schemes = [relief for relief in self.reliefs if relief.territory == territory and relief.in_force(on)]
        wanted = claimed.strip().casefold()
        if not wanted:
            return schemes[0] if schemes else None
        named = [
            (len(name), relief) for relief in schemes for name in (relief.scheme.casefold(), *(name.casefold() for name in relief.names)) if name in wanted
        ]
        return max(named, key=lambda entry: entry[0])[1] if named else None

    def low_value(self, territory: str, kind: str, on: date) -> DeMinimis | None:
        """The low-value regime of a kind that is in force on a day."""
        return next((entry for entry in self.de_minimis if entry.territory == territory and entry.kind == kind and entry.in_force(on)), None)

    def packaging(self, goods_g: int) -> int:
        """Grams that packaging may add to goods of this weight."""
        return round(self.tolerances.packaging_g + goods_g * self.tolerances.packaging_pct / 100)


def needs_customs(country_from: str, country_to: str, rules: CustomsRules, *, postcode_from: str = "", postcode_to: str = "") -> bool:
    """Whether a parcel between two countries needs a declaration.

    Inside one territory it does not, unless one end lies in a part of a country that is outside the territory's customs or VAT area
    (Canary Islands, Livigno, Åland ...), told by its postcode.
    """
    if rules.territory(country_from) != rules.territory(country_to):
        return True
    ends = ((country_from, postcode_from), (country_to, postcode_to))
    return any(code.startswith(prefix) for country, code in ends if code for prefix in rules.fiscal_exceptions.get(country.strip().upper()[:2], ()))

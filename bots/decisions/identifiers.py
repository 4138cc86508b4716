"""The numbers that travel with a parcel, a product and a payment: their shapes, check digits and what they name.

A valid check digit proves form only: a parcel number still needs the carrier's first scan, its destination and its weight
before money moves. Rules without a public check digit (DHL piece id, EORI) are marked `checked=False`.

Sources: UPU S10 (2017), the carriers' label guides as collected in jkeen/tracking_number_data (MIT), GS1 General Specifications,
ISO 13616 (IBAN), Delegated Regulation (EU) 2015/2446 annex B (MRN), ISO 6346 (letter values of the MRN check digit).
"""

from __future__ import annotations

import re
from enum import StrEnum
from functools import lru_cache

from pydantic import BaseModel, ConfigDict
from stdnum import ean as _ean
from stdnum import iban as _iban
from stdnum import imei as _imei
from stdnum.eu import oss as _oss


class IdentifierKind(StrEnum):
    S10 = "s10"
    UPS = "ups"
    FEDEX = "fedex"
    DHL_WAYBILL = "dhl_waybill"
    DHL_PIECE = "dhl_piece"
    USPS = "usps"
    SSCC = "sscc"
    YAMATO = "yamato"
    GTIN = "gtin"
    IBAN = "iban"
    MRN = "mrn"
    EORI = "eori"
    IOSS = "ioss"
    IMEI = "imei"


PARCEL_KINDS = frozenset(
    {
        IdentifierKind.S10,
        IdentifierKind.UPS,
        IdentifierKind.FEDEX,
        IdentifierKind.DHL_WAYBILL,
        IdentifierKind.DHL_PIECE,
        IdentifierKind.USPS,
        IdentifierKind.SSCC,
        IdentifierKind.YAMATO,
    }
)


class Identifier(BaseModel):
    """One reading of a number."""

    model_config = ConfigDict(frozen=True)

    kind: IdentifierKind
    value: str
    """Upper case, without spaces, hyphens or dots."""
    checked: bool
    """Whether a check digit (or a check letter) was verified; False where the kind has none that is public."""
    carrier: str = ""
    country: str = ""
    """ISO 3166-1 alpha-2, where the number carries one."""


def compact(number: str) -> str:
    """The number in upper case without the spaces, hyphens and dots people put into it."""
    return re.sub(r"[\s.\-\u2010-\u2015\u00a0]", "", number).upper()


@lru_cache(maxsize=1)
def _countries() -> frozenset[str]:
    import pycountry

    # XI (Northern Ireland) and XK (Kosovo) are in use without being in ISO 3166-1.
    return frozenset(country.alpha_2 for country in pycountry.countries) | {"XI", "XK"}


def is_country(code: str) -> bool:
    """Whether two letters name a country: half of a good S10, MRN or EORI."""
    return code in _countries()


def _digits(number: str) -> list[int]:
    return [int(character) for character in number]


def _mod10_alternating(number: str) -> bool:
    """Modulus 10 with weights 3 and 1 from the right (GS1, USPS, FedEx Ground)."""
    *body, check = _digits(number)
    total = sum(digit * (3 if position % 2 == 0 else 1) for position, digit in enumerate(reversed(body)))
    return (10 - total % 10) % 10 == check


def valid_s10(number: str) -> bool:
    """UPU S10 postal item: two letters, eight digits, check digit, country of the post."""
    number = compact(number)
    if not re.fullmatch(r"[A-Z]{2}\d{9}[A-Z]{2}", number) or not is_country(number[-2:]):
        return False
    total = sum(digit * weight for digit, weight in zip(_digits(number[2:10]), (8, 6, 4, 2, 3, 5, 9, 7), strict=True))
    check = 11 - total % 11
    return {10: 0, 11: 5}.get(check, check) == int(number[10])


def valid_ups(number: str) -> bool:
    """UPS 1Z: letters count (code - 3) mod 10, every second character doubles, modulus 10."""
    number = compact(number)
    if not re.fullmatch(r"1Z[0-9A-Z]{15}\d", number):
        return False
    values = [int(character) if character.isdigit() else (ord(character) - 3) % 10 for character in number[2:17]]
    total = sum(value * (2 if position % 2 else 1) for position, value in enumerate(values))
    return (10 - total % 10) % 10 == int(number[17])


def valid_fedex(number: str) -> bool:
    """FedEx Express (12 digits, weights 3 1 7, modulus 11) or Ground (15 digits, modulus 10)."""
    number = compact(number)
    if re.fullmatch(r"\d{12}", number):
        total = sum(digit * (3, 1, 7)[position % 3] for position, digit in enumerate(_digits(number[:11])))
        return total % 11 % 10 == int(number[11])
    return bool(re.fullmatch(r"\d{15}", number)) and _mod10_alternating(number)


def valid_dhl_waybill(number: str) -> bool:
    """DHL Express waybill: 10 or 11 digits, the last is the rest of the others divided by 7."""
    number = compact(number)
    return bool(re.fullmatch(r"\d{10,11}", number)) and int(number[:-1]) % 7 == int(number[-1])


def valid_usps(number: str) -> bool:
    """USPS: 20 digits, or 22 beginning with 9; modulus 10."""
    number = compact(number)
    return bool(re.fullmatch(r"\d{20}|9\d{21}", number)) and _mod10_alternating(number)


def valid_yamato(number: str) -> bool:
    """Yamato, Sagawa and Japan Post slips: 12 digits, the last is the rest of the others divided by 7."""
    number = compact(number)
    return bool(re.fullmatch(r"\d{12}", number)) and int(number[:-1]) % 7 == int(number[-1])


def valid_sscc(number: str) -> bool:
    """GS1 SSCC (18 digits, or 20 with the application identifier 00), as on DHL, GLS and DPD parcels."""
    number = compact(number)
    if re.fullmatch(r"00\d{18}", number):
        number = number[2:]
    return bool(re.fullmatch(r"\d{18}", number)) and _mod10_alternating(number)


def valid_gtin(number: str) -> bool:
    """GTIN-8, -12, -13 or -14."""
    return bool(_ean.is_valid(compact(number)))


def valid_iban(number: str) -> bool:
    """IBAN with country, length and modulus 97. The account's existence is not checked."""
    number = compact(number)
    return bool(re.fullmatch(r"[A-Z]{2}\d{2}[A-Z0-9]{11,30}", number)) and _iban.is_valid(number)


def valid_mrn(number: str) -> bool:
    """EU customs movement reference number: year, country, thirteen characters, ISO 6346 check digit."""
    number = compact(number)
    if not re.fullmatch(r"\d{2}[A-Z]{2}[A-Z0-9]{13}\d", number) or not is_country(number[2:4]):
        return False
    total = sum(_iso6346(character) << position for position, character in enumerate(number[:17]))
    return total % 11 % 10 == int(number[17])


def _iso6346(character: str) -> int:
    """A=10, B=12 ... Z=38: the multiples of 11 are left out."""
    if character.isdigit():
        return int(character)
    value = ord(character) - ord("A") + 10
    return value + (value - 1) // 10


EORI_STATES = frozenset("AT BE BG CY CZ DE DK EE ES FI FR GB GR HR HU IE IT LT LU LV MT NL PL PT RO SE SI SK XI".split())
"""Where an EORI number can be issued: the member states, Great Britain and Northern Ireland."""


def eori_shape(number: str) -> bool:
    """EORI: country and up to fifteen characters; there is no public check digit, ask the Commission's service for validity."""
    number = compact(number)
    return bool(re.fullmatch(r"[A-Z]{2}[A-Z0-9]{5,15}", number)) and number[:2] in EORI_STATES and any(c.isdigit() for c in number)


def ioss_shape(number: str) -> bool:
    """IOSS: IM, the member state's three digits, seven digits; the check digit's rule is not public."""
    number = compact(number)
    return number.startswith("IM") and _oss.is_valid(number)


def valid_imei(number: str) -> bool:
    """IMEI of a phone: fifteen digits, Luhn."""
    number = compact(number)
    return bool(re.fullmatch(r"\d{15}", number)) and _imei.is_valid(number)


_CHECKS: tuple[tuple[IdentifierKind, str], ...] = (
    (IdentifierKind.S10, ""),
    (IdentifierKind.UPS, "UPS"),
    (IdentifierKind.MRN, ""),
    (IdentifierKind.IBAN, ""),
    (IdentifierKind.IOSS, ""),
    (IdentifierKind.SSCC, ""),
    (IdentifierKind.USPS, "USPS"),
    (IdentifierKind.FEDEX, "FedEx"),
    (IdentifierKind.YAMATO, ""),
    (IdentifierKind.GTIN, ""),
    (IdentifierKind.IMEI, ""),
    (IdentifierKind.DHL_WAYBILL, "DHL Express"),
)
_RULES = {
    IdentifierKind.S10: valid_s10,
    IdentifierKind.UPS: valid_ups,
    IdentifierKind.MRN: valid_mrn,
    IdentifierKind.IBAN: valid_iban,
    IdentifierKind.IOSS: ioss_shape,
    IdentifierKind.SSCC: valid_sscc,
    IdentifierKind.USPS: valid_usps,
    IdentifierKind.FEDEX: valid_fedex,
    IdentifierKind.YAMATO: valid_yamato,
    IdentifierKind.GTIN: valid_gtin,
    IdentifierKind.IMEI: valid_imei,
    IdentifierKind.DHL_WAYBILL: valid_dhl_waybill,
}


def _country_of(kind: IdentifierKind, number: str) -> str:
    if kind is IdentifierKind.S10:
        return number[-2:]
    if kind is IdentifierKind.IBAN:
        return number[:2]
    return number[2:4] if kind is IdentifierKind.MRN else ""


def readings(number: str) -> tuple[Identifier, ...]:
    """Every kind the number is a well-formed example of, the most telling first; empty when it is none.

    Twelve digits may be FedEx, Yamato and a GTIN at once: the caller's context decides.
    """
    value = compact(number)
    found = [
        Identifier(kind=kind, value=value, checked=kind is not IdentifierKind.IOSS, carrier=carrier, country=_country_of(kind, value))
        for kind, carrier in _CHECKS
        if _RULES[kind](value)
    ]
    if re.fullmatch(r"JJD\d{9,22}|JVGL\d{10,20}|3S[A-Z0-9]{9,15}", value):
        found.append(Identifier(kind=IdentifierKind.DHL_PIECE, value=value, checked=False, carrier="PostNL" if value.startswith("3S") else "DHL"))
    if not found and eori_shape(value):
        found.append(Identifier(kind=IdentifierKind.EORI, value=value, checked=False, country=value[:2]))
    return tuple(found)


def is_parcel_number(number: str) -> bool:
    """Whether some carrier could have issued the number."""
    return any(reading.kind in PARCEL_KINDS for reading in readings(number))

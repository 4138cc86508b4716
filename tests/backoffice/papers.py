"""Numbers with check digits that the practice world prints on its papers."""

from __future__ import annotations

import random
from datetime import date

SELLER_EORI = "DE1234567890123"
HUB = "Yunshan Returns Hub, Torgauer Str. 231, 04347 Leipzig, DE"
EXPORT_OFFICE = "DE004851"
IBAN_SHAPES = {"DE": 18, "NL": 14, "AT": 16, "LT": 16}

_ISO6346 = dict(zip("ABCDEFGHIJKLMNOPQRSTUVWXYZ", (value for value in range(10, 39) if value % 11), strict=True))


def mrn(day: date, rng: random.Random) -> str:
    """An EU movement reference number of a German office: year, country, 13 signs, check digit (ISO 6346 rule)."""
    body = f"{day:%y}DE" + "".join(rng.choice("0123456789") for _ in range(13))
    total = sum((int(sign) if sign.isdigit() else _ISO6346[sign]) * 2**place for place, sign in enumerate(body))
    return body + str(total % 11 % 10)


def iban(country: str, rng: random.Random) -> str:
    """An IBAN of the country's length with valid check digits (ISO 7064 mod 97)."""
    body = "".join(rng.choice("0123456789") for _ in range(IBAN_SHAPES[country]))
    if country == "NL":
        body = "PRAC" + body[:10]
    digits = "".join(str(int(sign, 36)) for sign in body + country + "00")
    return f"{country}{98 - int(digits) % 97:02d}{body}"


def s10(prefix: str, serial: int, country: str) -> str:
    """A UPU S10 parcel number, e.g. RB123456785GB."""
    digits = f"{serial:08d}"
    rest = 11 - sum(int(d) * w for d, w in zip(digits, (8, 6, 4, 2, 3, 5, 9, 7), strict=True)) % 11
    return f"{prefix}{digits}{ {10: 0, 11: 5}.get(rest, rest) }{country}"


def waybill(serial: int) -> str:
    """A ten-digit express waybill: the last digit is the rest of the others by 7."""
    return f"{serial:09d}{serial % 7}"


def serial_number(family: str, rng: random.Random) -> str:
    return f"{family.split('-')[0]}{rng.randrange(10**8):08d}"

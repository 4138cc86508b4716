"""Invented customers."""

from __future__ import annotations

import random
import unicodedata
from dataclasses import dataclass
from functools import cache
from typing import Any

import yaml

from .products import TEXTS

COUNTRY_OF = {"CN": "DE"}  # people who write Chinese live in the seller's largest market


@dataclass(frozen=True)
class Person:
    """A customer: `country` is where the parcel goes, `lang` what they write."""

    name: str
    email: str
    lang: str
    country: str
    address: str
    city: str
    postcode: str


@cache
def _table() -> dict[str, Any]:
    table: dict[str, Any] = yaml.safe_load((TEXTS / "people.yaml").read_text(encoding="utf-8"))
    return table


def _ascii(text: str) -> str:
    special = text.replace("ß", "ss").replace("ł", "l").replace("Ł", "L")
    plain = unicodedata.normalize("NFKD", special).encode("ascii", "ignore").decode()
    return plain.lower().replace(" ", "").replace("'", "")


def invent(origin: str, rng: random.Random, taken: set[str]) -> Person:
    """Somebody from `origin` (a country, or CN for a Chinese writer abroad) whose address is not in `taken` yet."""
    entry = _table()[origin]
    i, j = rng.randrange(len(entry["first"])), rng.randrange(len(entry["last"]))
    first, last = entry["first"][i], entry["last"][j]
    local = f"{entry['roman_first'][i]}.{entry['roman_last'][j]}" if "roman_first" in entry else f"{_ascii(first)}.{_ascii(last)}"
    email = f"{local}@example.{rng.choice(('com', 'org', 'net'))}"
    while email in taken:
        email = f"{local}{rng.randrange(10, 1000)}@example.{rng.choice(('com', 'org', 'net'))}"
    taken.add(email)
    city, postcode = rng.choice(entry["cities"])
    name = f"{last}{first}" if origin in ("CN", "JP") else f"{first} {last}"
    street = f"{rng.choice(entry['streets'])} {rng.randrange(1, 140)}"
    return Person(name, email, rng.choice(entry["lang"]), COUNTRY_OF.get(origin, origin), street, city, str(postcode))

"""The catalogue: every SKU, its papers, and what customers call it in nine languages."""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

TEXTS = Path(__file__).with_name("texts")
LANGUAGES = ("en", "de", "fr", "es", "it", "nl", "pl", "ja", "zh")
CHEAP_FAMILIES = ("CAS-PH14", "CBL-USB2", "BTL-STL7", "SOC-WOOL")
DEAR_FAMILIES = ("DRN-SKY1", "SRV-RBT3", "CHR-ERG2")


@dataclass(frozen=True)
class Product:
    """One SKU. `price` is the usual gross price in EUR cents, `cost` in CNY fen, `weight` in grams."""

    sku: str
    family: str
    size: str
    gtin: str
    category: str
    hs_code: str
    weight: int
    price: int
    cost: int
    battery: str
    serialised: bool
    non_returnable: str
    part: str
    official: str
    names: tuple[tuple[str, str], ...]

    def name(self, lang: str) -> str:
        """What a customer writing `lang` calls it."""
        return dict(self.names)[lang]

    @property
    def plain(self) -> bool:
        """An everyday, returnable product of middling price: what stories without a twist are about."""
        return not self.non_returnable and self.family not in CHEAP_FAMILIES and self.family not in DEAR_FAMILIES


def check_digit(body: str) -> str:
    """GS1 mod-10 check digit of `body`: weights 3 and 1 from the right."""
    total = sum(int(digit) * (3 if place % 2 == 0 else 1) for place, digit in enumerate(reversed(body)))
    return str(-total % 10)


def _gtin(sku: str) -> str:
    """A GTIN-13 in the GS1 China range that depends on the SKU only."""
    body = "690" + f"{zlib.crc32(sku.encode()) % 10**9:09d}"
    return body + check_digit(body)


def _products(entry: dict[str, Any]) -> list[Product]:
    made = []
    for size in entry.get("sizes", [""]):
        sku = f"{entry['family']}-{size}" if size else str(entry["family"])
        official = f"{entry['official']} {size}".strip()
        names = tuple((lang, str(entry[lang])) for lang in LANGUAGES)
        made.append(
            Product(
                sku,
                entry["family"],
                size,
                _gtin(sku),
                entry["category"],
                entry["hs"],
                entry["weight"],
                entry["price"],
                entry["cost"],
                entry["battery"],
                entry["serialised"],
                entry.get("non_returnable", ""),
                entry["part"],
                official,
                names,
            )
        )
    return made


@cache
def catalogue() -> tuple[Product, ...]:
    """All products, in the order of the file."""
    entries = yaml.safe_load((TEXTS / "products.yaml").read_text(encoding="utf-8"))
    return tuple(product for entry in entries for product in _products(entry))


@cache
def by_sku() -> dict[str, Product]:
    return {product.sku: product for product in catalogue()}


def sizes_of(family: str) -> list[Product]:
    return [product for product in catalogue() if product.family == family]

"""Money is integer minor units of one ISO 4217 currency; nothing here rounds silently."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal
from functools import total_ordering
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

# ISO 4217 exponents that differ from 2 (domain knowledge; back-ends that deviate say so in their locator book's settings).
EXPONENTS: dict[str, int] = {
    **dict.fromkeys("JPY KRW VND CLP ISK PYG RWF UGX XAF XOF XPF KMF GNF DJF BIF VUV".split(), 0),
    **dict.fromkeys("BHD IQD JOD KWD LYD OMR TND".split(), 3),
    **dict.fromkeys("CLF UYW".split(), 4),
}

Currency = Annotated[str, Field(pattern=r"^[A-Z]{3}$")]


def exponent(currency: str, overrides: dict[str, int] | None = None) -> int:
    """Number of decimals of a currency's minor unit; a back-end's own habit (`overrides`) wins."""
    return (overrides or {}).get(currency, EXPONENTS.get(currency, 2))


@total_ordering
class Money(BaseModel):
    """An amount in integer minor units (cents, yen) of `currency`."""

    model_config = ConfigDict(frozen=True)

    minor: int
    currency: Currency

    def _same(self, other: Money) -> None:
        if self.currency != other.currency:
            raise ValueError(f"cannot mix {self.currency} and {other.currency}")

    def __add__(self, other: Money) -> Money:
        self._same(other)
        return Money(minor=self.minor + other.minor, currency=self.currency)

    def __sub__(self, other: Money) -> Money:
        self._same(other)
        return Money(minor=self.minor - other.minor, currency=self.currency)

    def __neg__(self) -> Money:
        return Money(minor=-self.minor, currency=self.currency)

    def __lt__(self, other: Money) -> bool:
        self._same(other)
        return self.minor < other.minor

    def __bool__(self) -> bool:
        return self.minor != 0

    def __str__(self) -> str:
        return f"{self.currency} {self.decimal()}"

    def decimal(self) -> Decimal:
        """The amount in whole units, exact."""
        return Decimal(self.minor).scaleb(-exponent(self.currency))

    @classmethod
    def of(cls, amount: Decimal | str | int, currency: str) -> Money:
        """From whole units; more decimals than the currency has raise ValueError."""
        scaled = Decimal(str(amount)).scaleb(exponent(currency))
        if scaled != scaled.to_integral_value():
            raise ValueError(f"{amount} has more decimals than {currency} allows")
        return cls(minor=int(scaled), currency=currency)

    @classmethod
    def zero(cls, currency: str) -> Money:
        return cls(minor=0, currency=currency)


def total(amounts: Sequence[Money], currency: str) -> Money:
    """Sum of amounts, all of which must be in `currency`."""
    result = Money.zero(currency)
    for amount in amounts:
        result = result + amount
    return result


def allocate(amount: int, weights: Sequence[int]) -> list[int]:
    """Split minor units in proportion to weights so that the parts sum exactly: largest remainder, ties to the first.

    Works for negative amounts too. All-zero weights split evenly. Raises ValueError without weights or with a negative one.
    """
    if not weights or min(weights) < 0:
        raise ValueError("weights must be given and not negative")
    if sum(weights) == 0:
        weights = [1] * len(weights)
    whole, sign = abs(amount), -1 if amount < 0 else 1
    base = sum(weights)
    shares = [whole * weight // base for weight in weights]
    remainders = [whole * weight % base for weight in weights]
    for index in sorted(range(len(weights)), key=lambda i: (-remainders[i], i))[: whole - sum(shares)]:
        shares[index] += 1
    return [sign * share for share in shares]


def tax_in(gross: int, rate_bp: int) -> int:
    """Tax contained in a gross amount at `rate_bp` basis points (1900 = 19 %), rounded half up to the minor unit."""
    return int((Decimal(gross) * rate_bp / (10000 + rate_bp)).quantize(Decimal(1), rounding=ROUND_HALF_UP))


def convert(minor: int, rate_micro: int, from_currency: str, to_currency: str) -> int:
    """Minor units of `to_currency` for minor units of `from_currency`; rate_micro = millionths of a to-unit per from-unit.

    Rounded half up, once.
    """
    value = Decimal(minor) * rate_micro / 1_000_000
    shifted = value.scaleb(exponent(to_currency) - exponent(from_currency))
    return int(shifted.quantize(Decimal(1), rounding=ROUND_HALF_UP))

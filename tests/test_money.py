"""Money never appears and never vanishes, whatever is split, taxed or converted."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from bots.cases.money import EXPONENTS, Money, allocate, convert, exponent, tax_in, total

MINOR = st.integers(-(10**12), 10**12)
WEIGHTS = st.lists(st.integers(0, 10**9), min_size=1, max_size=40)
CURRENCY = st.sampled_from(["EUR", "GBP", "JPY", "KWD", "CLF", "CNY"])


@given(MINOR, WEIGHTS)
def test_what_is_allocated_sums_exactly_and_each_part_is_within_one_unit_of_its_share(amount: int, weights: list[int]) -> None:
    parts = allocate(amount, weights)
    assert sum(parts) == amount and len(parts) == len(weights)
    fair = weights if sum(weights) else [1] * len(weights)
    for part, weight in zip(parts, fair, strict=True):
        assert abs(Fraction(part) - Fraction(amount * weight, sum(fair))) < 1
        assert part * amount >= 0, "no part has the other sign"


@given(MINOR, WEIGHTS)
def test_a_negative_amount_is_split_as_its_positive(amount: int, weights: list[int]) -> None:
    assert allocate(-amount, weights) == [-part for part in allocate(amount, weights)]


@given(st.integers(0, 10**9), st.integers(1, 40))
def test_odd_units_of_an_even_split_lie_on_the_first(amount: int, count: int) -> None:
    parts = allocate(amount, [1] * count)
    assert parts == sorted(parts, reverse=True) and parts[0] - parts[-1] <= 1


@pytest.mark.parametrize(
    ("amount", "weights", "parts"),
    [
        (100, [1, 1, 1], [34, 33, 33]),
        (1, [5, 5], [1, 0]),
        (10, [7, 2, 1], [7, 2, 1]),
        (5, [0, 3, 0], [0, 5, 0]),
        (3, [0, 0], [2, 1]),
        (-100, [1, 1, 1], [-34, -33, -33]),
        (0, [3, 1], [0, 0]),
    ],
)
def test_the_largest_remainder_gets_the_odd_unit(amount: int, weights: list[int], parts: list[int]) -> None:
    assert allocate(amount, weights) == parts


@pytest.mark.parametrize("weights", [[], [1, -1]])
def test_without_weights_nothing_is_allocated(weights: list[int]) -> None:
    with pytest.raises(ValueError, match="weights must be given and not negative"):
        allocate(100, weights)


@given(st.integers(0, 10**12), st.integers(0, 5000))
def test_tax_and_net_make_the_gross_and_the_net_taxed_gives_it_back(gross: int, rate_bp: int) -> None:
    tax = tax_in(gross, rate_bp)
    exact = Fraction(gross * rate_bp, 10000 + rate_bp)
    assert abs(tax - exact) <= Fraction(1, 2) and 0 <= tax <= gross
    assert abs((gross - tax) * Fraction(10000 + rate_bp, 10000) - gross) <= Fraction(10000 + rate_bp, 20000)


@pytest.mark.parametrize(
    ("gross", "rate_bp", "tax"),
    [(11900, 1900, 1900), (1999, 1900, 319), (100, 0, 0), (12000, 2000, 2000), (3, 10000, 2), (-1999, 1900, -319)],
    ids=["even", "19.99 at 19 %", "no tax", "20 %", "half up", "negative"],
)
def test_tax_contained_in_a_gross_amount(gross: int, rate_bp: int, tax: int) -> None:
    assert tax_in(gross, rate_bp) == tax


@given(st.integers(0, 10**10), st.integers(1, 10**9), CURRENCY, CURRENCY)
def test_converting_rounds_once_half_up(minor: int, rate_micro: int, source: str, target: str) -> None:
    exact = Fraction(minor, 10 ** exponent(source)) * Fraction(rate_micro, 10**6) * 10 ** exponent(target)
    assert convert(minor, rate_micro, source, target) == int(exact + Fraction(1, 2))


@given(MINOR, CURRENCY)
def test_converting_at_par_changes_nothing(minor: int, currency: str) -> None:
    assert convert(minor, 1_000_000, currency, currency) == minor


def test_currencies_of_different_decimals_are_converted_in_whole_units() -> None:
    assert convert(1999, 7_850_000, "EUR", "CNY") == 15692
    assert convert(1999, 161_250_000, "EUR", "JPY") == 3223, "EUR 19.99 is JPY 3223.39"
    assert convert(3223, 6_202, "JPY", "EUR") == 1999
    assert convert(1234, 3_250_000, "KWD", "USD") == 401


@given(MINOR, st.sampled_from(sorted({"EUR", "CNY", *EXPONENTS})))
def test_what_is_shown_is_read_back(minor: int, currency: str) -> None:
    money = Money(minor=minor, currency=currency)
    assert Money.of(money.decimal(), currency) == money == Money.of(str(money).split()[1], currency)
    assert -money + money == Money.zero(currency) and Money(minor=-(-money).minor, currency=currency) == money


@pytest.mark.parametrize(("currency", "digits"), [("EUR", 2), ("JPY", 0), ("KWD", 3), ("CLF", 4), ("SEK", 2)])
def test_decimals_of_a_currency(currency: str, digits: int) -> None:
    assert exponent(currency) == digits
    assert exponent(currency, {"JPY": 2, "EUR": 3}) == {"JPY": 2, "EUR": 3}.get(currency, digits), "a back-end's own habit wins"


def test_more_decimals_than_the_currency_has_are_refused() -> None:
    assert Money.of("12.30", "EUR").minor == 1230 and Money.of("500", "JPY").minor == 500
    for text, currency in (("12.345", "EUR"), ("500.5", "JPY")):
        with pytest.raises(ValueError, match=f"more decimals than {currency}"):
            Money.of(text, currency)


def test_currencies_are_never_mixed() -> None:
    euro, yen = Money(minor=100, currency="EUR"), Money(minor=100, currency="JPY")
    for mix in (lambda: euro + yen, lambda: euro - yen, lambda: euro < yen, lambda: euro >= yen, lambda: total([euro, yen], "EUR")):
        with pytest.raises(ValueError, match="cannot mix EUR and JPY"):
            mix()
    assert euro != yen and total([euro, euro], "EUR").minor == 200 and total([], "EUR") == Money.zero("EUR")
    assert euro > Money.zero("EUR") and bool(euro) and not Money.zero("EUR")


@pytest.mark.parametrize("currency", ["eur", "EURO", "", "€"])
def test_a_currency_is_three_capitals(currency: str) -> None:
    with pytest.raises(ValidationError):
        Money(minor=1, currency=currency)


@given(st.decimals(min_value=-(10**6), max_value=10**6, places=2))
def test_rounding_is_that_of_the_tax_office(amount: Decimal) -> None:
    """Half up means away from zero, for credits as for debits."""
    minor = int(amount.scaleb(2))
    assert tax_in(minor, 10000) == int((Decimal(minor) / 2).quantize(Decimal(1), rounding=ROUND_HALF_UP)) == -tax_in(-minor, 10000)

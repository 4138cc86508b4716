"""Amounts and dates as screens write them: 12,34 never becomes 1234, and what is typed is what is read."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bots.automation.formats import format_amount, parse_amount, parse_date, parse_number, parse_time
from bots.cases.money import Money

STYLES = st.sampled_from(["en", "de", "zh"])


@given(st.integers(-(10**11), 10**11), st.sampled_from(["EUR", "JPY", "KWD", "CLF"]), STYLES, st.booleans())
def test_what_is_typed_is_what_is_read(minor: int, currency: str, style: str, grouped: bool) -> None:
    money = Money(minor=minor, currency=currency)
    shown = format_amount(money, style, grouped=grouped)
    assert parse_amount(shown, currency, style) == money == parse_amount(f"{currency} {shown}", currency, style)


@pytest.mark.parametrize(
    ("text", "style", "number"),
    [
        ("1,234.50", "en", "1234.50"),
        ("1.234,50", "de", "1234.50"),
        ("12,34", "de", "12.34"),
        ("1.234", "de", "1234"),
        ("1,234", "en", "1234"),
        ("1234567", "zh", "1234567"),
        ("-1,234,567.8", "zh", "-1234567.8"),
        (" 12\u00a0", "en", "12"),
    ],
)
def test_numbers_of_a_style(text: str, style: str, number: str) -> None:
    assert parse_number(text, style) == Decimal(number)


@pytest.mark.parametrize(
    ("text", "style"),
    [
        ("12,34", "en"),
        ("12.34", "de"),
        ("1,23,456", "en"),
        ("1234,567", "en"),
        ("1.2.3", "en"),
        ("", "en"),
        ("-", "de"),
        ("12a", "en"),
        ("1 234", "en"),
        ("+5", "en"),
        ("1e3", "en"),
    ],
)
def test_a_doubtful_number_is_refused(text: str, style: str) -> None:
    with pytest.raises(ValueError, match="is not a number in the style"):
        parse_number(text, style)


@pytest.mark.parametrize(
    ("text", "currency", "style", "minor"),
    [
        ("€ 1.234,50", "EUR", "de", 123450),
        ("12,34 zł", "PLN", "de", 1234),
        ("¥ 3,980", "JPY", "zh", 3980),
        ("CHF 12.5", "CHF", "en", 1250),
        ("-£0.99", "GBP", "en", -99),
    ],
)
def test_amounts_as_shown(text: str, currency: str, style: str, minor: int) -> None:
    assert parse_amount(text, currency, style) == Money(minor=minor, currency=currency)


@pytest.mark.parametrize(
    ("text", "currency", "why"), [("USD 12.00", "EUR", "is not in EUR"), ("12.345", "EUR", "more decimals"), ("3980.5", "JPY", "more decimals")]
)
def test_an_amount_of_another_currency_or_precision_is_refused(text: str, currency: str, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        parse_amount(text, currency, "en")


def test_a_program_may_have_decimals_of_its_own() -> None:
    assert parse_amount("3980.00", "JPY", "en", {"JPY": 2}) == Money(minor=398000, currency="JPY")
    assert format_amount(Money(minor=398000, currency="JPY"), "de", {"JPY": 2}, grouped=True) == "3.980,00"


@pytest.mark.parametrize(
    ("text", "style", "moment"),
    [
        ("2026-10-05 08:02", "zh", datetime(2026, 10, 5, 8, 2, tzinfo=UTC)),
        ("05.10.2026 08:02", "de", datetime(2026, 10, 5, 8, 2, tzinfo=UTC)),
        ("5 Oct 2026 08:02 UTC", "en", datetime(2026, 10, 5, 8, 2, tzinfo=UTC)),
        ("2026-10-05T08:02:59Z", "de", datetime(2026, 10, 5, 8, 2, 59, tzinfo=UTC)),
        ("05.10.2026", "de", datetime(2026, 10, 5, tzinfo=UTC)),
        ("  ", "en", None),
        ("–", "de", None),
    ],
)
def test_times_as_shown(text: str, style: str, moment: datetime | None) -> None:
    assert parse_time(text, style) == moment and parse_date(text, style) == (moment.date() if moment else None)


@pytest.mark.parametrize(("text", "style"), [("10/05/2026", "en"), ("05.10.2026", "en"), ("31.02.2026", "de"), ("yesterday", "en"), ("05.10.26", "de")])
def test_a_doubtful_date_is_refused(text: str, style: str) -> None:
    with pytest.raises(ValueError, match="is not a date in the style"):
        parse_time(text, style)


def test_a_date_without_a_time() -> None:
    assert parse_date("5 Oct 2026", "en") == date(2026, 10, 5)

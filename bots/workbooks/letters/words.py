"""How a language writes amounts, days and moments, and how outside text is put into a letter."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from babel.dates import format_date
from babel.numbers import format_currency

from bots.cases.money import Money

LOCALES = {"en": "en_GB", "zh": "zh_Hans_CN", "ja": "ja_JP"}
ZONES = {
    "GB": "Europe/London", "IE": "Europe/Dublin", "PT": "Europe/Lisbon", "FI": "Europe/Helsinki", "EE": "Europe/Tallinn", "LV": "Europe/Riga",
    "LT": "Europe/Vilnius", "GR": "Europe/Athens", "RO": "Europe/Bucharest", "BG": "Europe/Sofia", "CY": "Asia/Nicosia", "US": "America/New_York",
    "CA": "America/Toronto", "JP": "Asia/Tokyo", "CN": "Asia/Shanghai", "HK": "Asia/Hong_Kong", "AU": "Australia/Sydney",
}  # fmt: skip
"""Time zones by country; the others have Central European time. The letter always says how far it is from UTC."""


def money_text(amount: Money, language: str) -> str:
    """An amount as the language writes it."""
    return format_currency(amount.decimal(), amount.currency, locale=LOCALES.get(language, language))


def date_text(day: date | datetime, language: str) -> str:
    return format_date(day, format="long", locale=LOCALES.get(language, language))


def moment_text(moment: datetime, language: str, country: str = "") -> str:
    """A day and time in the customer's country, with its distance from UTC: `5. Oktober 2026, 11:03 (UTC+2)`."""
    local = moment.astimezone(ZoneInfo(ZONES.get(country, "Europe/Berlin")))
    minutes = int((local.utcoffset() or timedelta()).total_seconds() // 60)
    hours, rest = divmod(abs(minutes), 60)
    zone = f"UTC{'-' if minutes < 0 else '+'}{hours}{f':{rest:02d}' if rest else ''}"
    return f"{date_text(local, language)}{' ' if language in ('ja', 'zh') else ', '}{local:%H:%M} ({zone})"


def line_of(value: Any, longest: int = 200) -> str:
    """Outside text on one line, without control characters, never long enough to carry a message of its own."""
    return " ".join(str(value if value is not None else "").split())[:longest]

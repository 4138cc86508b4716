"""What LagerPro calls things: German words for codes, and German numbers and dates."""

from __future__ import annotations

from datetime import UTC, datetime

GRADES = {
    "A": "neuwertig, versiegelt",
    "A-": "geöffnet, unbenutzt",
    "B": "leichte Gebrauchsspuren",
    "C": "Funktionsfehler, reparierbar",
    "D": "stark gebraucht, unvollständig",
    "E": "unsicher oder unhygienisch",
    "X": "falscher Artikel, leer, nicht unser",
}
DISPOSITIONS = {
    "RESELL_NEW": "als Neuware einlagern",
    "RESELL_OPEN_BOX": "als B-Ware verkaufen",
    "REFURBISH": "aufbereiten",
    "REPAIR": "reparieren",
    "RETURN_TO_VENDOR": "an Lieferanten zurück",
    "LIQUIDATE": "an Restposten",
    "DONATE": "spenden",
    "PARTS": "als Ersatzteilspender",
    "RECYCLE": "verwerten",
    "DESTROY": "vernichten",
    "QUARANTINE": "sperren",
    "SHIP_BACK": "an Kunden zurück",
    "TRANSFER": "umlagern",
}
WAREHOUSES = {"DE-LEJ": "Leipzig (Hub)", "PL-POZ": "Posen (Outlet)", "CN-SZX": "Shenzhen"}
CARTONS = {"intact": "unversehrt", "crushed": "eingedrückt", "opened": "geöffnet"}
STATES = {"open": "offen", "done": "erledigt"}

SKINS: dict[str, dict[str, str]] = {
    "": {
        "sign_in": "Anmelden", "search": "Suchen", "new_task": "Prüfauftrag anlegen", "save_task": "Anlegen", "book": "Verbleib buchen",
        "confirm": "Jetzt buchen", "cancel": "Abbrechen", "new_transfer": "Umlagerung anlegen", "save_transfer": "Umlagerung buchen",
    },
    "neu": {
        "sign_in": "Einloggen", "search": "Filter anwenden", "new_task": "QS-Auftrag erfassen", "save_task": "Speichern", "book": "Entscheidung verbuchen",
        "confirm": "Bestätigen", "cancel": "Zurück", "new_transfer": "Transport erfassen", "save_transfer": "Transport auslösen",
    },
}  # fmt: skip
"""Captions of the buttons before and after a redesign of the program."""


def kilos(grams: int) -> str:
    """1250 grams as `1,250` (kilograms, three decimals)."""
    whole, rest = divmod(grams, 1000)
    return f"{whole:,}".replace(",", ".") + f",{rest:03d}"


def quantity(number: int) -> str:
    """1234 as `1.234`."""
    return f"{number:,}".replace(",", ".")


def moment(text: str | None) -> str:
    """The tables' ISO 8601 text as `05.10.2026 08:00`, in UTC; empty for none."""
    if not text:
        return ""
    at = datetime.fromisoformat(text)
    return at.astimezone(UTC).strftime("%d.%m.%Y %H:%M") if at.tzinfo else at.strftime("%d.%m.%Y %H:%M")


def parse_quantity(text: str) -> int:
    """A whole number of pieces above zero as typed in a form; anything else raises ValueError."""
    clean = text.strip()
    if not clean.isascii() or not clean.isdigit() or not 0 < int(clean) <= 99_999:
        raise ValueError(f"Menge „{clean[:20]}“ ist keine ganze Zahl größer als 0.")
    return int(clean)

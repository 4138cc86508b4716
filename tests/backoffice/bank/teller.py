"""KontoDirekt behind its window: log-in, payees, transfers, statement. Knows no widgets."""

from __future__ import annotations

import csv
import hmac
import io
import json
import re
import sqlite3
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from ..world import Row, World
from . import account

NAME = "bank"
DECIMALS = {"EUR": 2, "GBP": 2, "USD": 2, "CHF": 2, "PLN": 2, "JPY": 0}
"""Currencies that the bank transfers, with their number of decimals."""
SHOWN = 50
MOST_REFERENCE = 60
OTHER_IBAN = "NL91ABNA0417164300"
OTHER_AMOUNT = 100
"""By how many minor units the confirm dialog lies when the lie `other_amount` says nothing else."""
COLUMNS = ("transfer_id", "payee", "iban", "currency", "amount", "reference", "state", "booked_at")
STATES = {"executed": "ausgeführt"}

PAYEES = "SELECT * FROM bank_payees WHERE instr(casefold(name), casefold(?1)) > 0 OR instr(iban, upper(?2)) > 0 ORDER BY name, payee_id"
TRANSFERS = """SELECT t.transfer_id, coalesce(t.settled_at, t.created_at) AS booked_at, p.name AS payee, p.iban, t.currency, t.amount, t.reference, t.state
               FROM bank_transfers t JOIN bank_payees p USING (payee_id) WHERE instr(lower(t.reference), lower(?)) > 0 ORDER BY t.transfer_id DESC"""


class Refused(Exception):
    """The bank does not do it; the text is what its window says."""


class Dropped(Exception):
    """The connection to the bank broke after the order was sent."""


class SignedOut(Exception):
    """The bank has ended the session."""


class Closed(Exception):
    """The program goes down."""


@dataclass(frozen=True)
class Order:
    """A transfer order as filled in; the amount is in minor units of `currency`."""

    payee_id: str
    payee: str
    iban: str
    amount: int
    currency: str
    reference: str

    @property
    def shown_amount(self) -> str:
        return f"{money(self.amount, self.currency)} {self.currency}"


@dataclass(frozen=True)
class Receipt:
    """What the window is told after an order: a number, or nothing at all."""

    transfer_id: str
    silent: bool = False


class Teller:
    """One session at the bank over `world`. `stage` is handed each lie told: those that happen on the screen are the window's to play."""

    def __init__(self, world: World, stage: Callable[[dict[str, Any]], None] = lambda told: None) -> None:
        self.world, self.stage = world, stage
        self.user = ""
        world.db.create_function("casefold", 1, str.casefold, deterministic=True)

    def lie(self, action: str, key: str = "") -> dict[str, Any]:
        """Today's lie for this action; plays the slow answer, the lost session and the end of the program itself."""
        if self.world.one("SELECT 1 FROM lies WHERE app = ? AND action = ? AND times > 0", NAME, action) is None:
            return {}
        told = self.world.lie(NAME, action, key) or {}
        if told.get("lie") == "slow":
            time.sleep(float(told.get("seconds", 2)))
        if told.get("lie") == "session_gone":
            self.user = ""
            raise SignedOut
        if told.get("lie") == "window_closed":
            raise Closed
        self.stage(told)
        return told

    def sign_in(self, user: str, pin: str) -> None:
        if self.lie("login", user).get("lie") == "server_error":
            raise Refused("Der Bankserver antwortet nicht (Fehler K-503).")
        if not (hmac.compare_digest(user.strip().encode(), account.USER.encode()) and hmac.compare_digest(pin.encode(), account.PIN.encode())):
            raise Refused("Benutzer oder PIN ist falsch.")
        self.user = account.USER
        self._audit("login")

    def payees(self, query: str) -> list[Row]:
        """Payees whose name or IBAN holds the text."""
        if self.lie("search", query).get("lie") == "filter_ignored":
            query = ""
        compact = re.sub(r"\s", "", query)
        return self.world.all(PAYEES, query.strip(), compact if compact else query)

    def check(self, payee: Row, amount: str, currency: str, reference: str) -> Order:
        """What the confirm dialog will repeat; raises Refused in the window's words."""
        currency, reference = currency.strip().upper(), reference.strip()
        if currency not in DECIMALS:
            raise Refused(f"Die Währung „{currency[:10]}“ wird nicht unterstützt ({', '.join(DECIMALS)}).")
        minor = parse_money(amount, currency)
        if minor <= 0:
            raise Refused("Der Betrag muss größer als 0 sein.")
        if not reference or len(reference) > MOST_REFERENCE or not reference.isprintable():
            raise Refused(f"Bitte einen Verwendungszweck von 1 bis {MOST_REFERENCE} Zeichen angeben.")
        order = Order(payee["payee_id"], payee["name"], payee["iban"], minor, currency, reference)
        told = self.lie("confirm", reference)
        if told.get("lie") == "other_amount":
            return replace(order, amount=int(told.get("amount", minor + OTHER_AMOUNT)))
        if told.get("lie") == "other_payee":
            return replace(order, iban=str(told.get("iban", OTHER_IBAN)))
        return order

    def submit(self, order: Order) -> Receipt:
        """Carry the order out, or do whatever today's lie makes of it."""
        told = self.lie("submit_transfer", order.reference).get("lie")
        if told == "success_without_write":
            row = self.world.one("SELECT value FROM counters WHERE name = 'transfer_bank'")
            return Receipt(f"TR-{(row['value'] if row else 0) + 1:06d}")
        if told == "server_error":
            raise Refused("Der Auftrag wurde nicht angenommen (Fehler K-500).")
        if told == "closed_before_write":
            raise Closed
        for _ in range(2 if told == "double_submit" else 1):
            with self.world.write() as db:
                number = self._write(db, order)
            self._audit("submit_transfer", transfer=number, reference=order.reference)
        if told == "closed_after_write":
            raise Closed
        if told == "error_after_write":
            raise Dropped("Die Verbindung zur Bank wurde unterbrochen (Fehler K-504). Der Status des Auftrags ist unbekannt.")
        return Receipt(number, silent=told == "write_without_banner")

    def _write(self, db: sqlite3.Connection, order: Order) -> str:
        number = f"TR-{self.world.next_number(db, 'transfer_bank'):06d}"
        now = self.world.stamp()
        db.execute(
            "INSERT INTO bank_transfers VALUES (?, ?, ?, ?, ?, 'executed', ?, ?, ?)",
            (number, order.payee_id, order.currency, order.amount, order.reference, now, self.user, now),
        )
        return number

    def statement(self, reference: str = "", limit: int | None = SHOWN) -> list[Row]:
        """Transfers whose reference holds the text, newest first; `limit` None gives all."""
        if self.lie("statement", reference).get("lie") == "filter_ignored":
            reference = ""
        rows = self.world.all(TRANSFERS, reference.strip())
        return rows if limit is None else rows[:limit]

    def statement_csv(self) -> str:
        """The whole statement as the bank's CSV; amounts de-DE, times ISO 8601 in UTC."""
        cut = self.lie("export").get("lie") == "cut_download"
        out = io.StringIO()
        sheet = csv.writer(out, lineterminator="\r\n")
        sheet.writerow(COLUMNS)
        for row in reversed(self.statement(limit=None)):
            sheet.writerow([money(row["amount"], row["currency"]) if name == "amount" else row[name] for name in COLUMNS])
        text = out.getvalue()
        return text[: len(text) * 2 // 3] if cut else text

    def _audit(self, action: str, **data: Any) -> None:
        with self.world.write() as db:
            db.execute(
                "INSERT INTO audit (at, app, account, action, data) VALUES (?, ?, ?, ?, ?)",
                (self.world.stamp(), NAME, self.user, action, json.dumps(data, ensure_ascii=False)),
            )


def money(minor: int, currency: str) -> str:
    """123456 cents as `1.234,56`; JPY has no decimals."""
    digits = DECIMALS.get(currency, 2)
    return f"{minor / 10**digits:,.{digits}f}".translate(str.maketrans(",.", ".,"))


def parse_money(text: str, currency: str) -> int:
    """An amount as typed in de-DE style, as minor units; anything else raises Refused."""
    clean, digits = text.strip(), DECIMALS[currency]
    if not clean.isascii() or not re.fullmatch(r"(\d{1,3}(\.\d{3})+|\d{1,9})(,\d{1,2})?", clean) or ("," in clean and not digits):
        raise Refused(f"„{clean[:20]}“ ist kein Betrag in {currency} (z. B. {money(123456, currency)}).")
    whole, _, cents = clean.replace(".", "").partition(",")
    return int(whole) * 10**digits + int(cents.ljust(digits, "0") or 0)


def moment(text: str) -> str:
    """The tables' ISO 8601 text as `05.10.2026 08:00`, in UTC."""
    at = datetime.fromisoformat(text)
    return (at.astimezone(UTC) if at.tzinfo else at).strftime("%d.%m.%Y %H:%M")


def grouped(iban: str) -> str:
    """An IBAN in groups of four, as people read it."""
    return " ".join(iban[at : at + 4] for at in range(0, len(iban), 4))

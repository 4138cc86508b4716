"""The criteria of IMAP's SEARCH (RFC 3501, 6.4.4) against the mails of one folder."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy

from .imap_language import SYSTEM_FLAGS, Bad, Token, header_part, numbers, text
from .mailstore import MailStore, StoredMail

Criterion = Callable[[int, StoredMail], bool]
"""(sequence number, mail) -> whether it fits."""


class Search:
    """The criteria of one SEARCH command, joined by AND."""

    def __init__(self, store: MailStore, folder: str, view: list[int], words: list[Token]) -> None:
        self.store, self.folder, self.view = store, folder, view
        self.mails = store.mails(folder)
        self.tests: list[Criterion] = []
        queue = list(words)
        while queue:
            self.tests.append(self._criterion(queue))

    def matches(self, place: int, uid: int) -> bool:
        mail = self.mails.get(uid)
        return mail is not None and all(test(place, mail) for test in self.tests)

    def _criterion(self, queue: list[Token]) -> Criterion:
        first = queue.pop(0)
        if isinstance(first, list):
            inner = list(first)
            parts = []
            while inner:
                parts.append(self._criterion(inner))
            return lambda place, mail: all(part(place, mail) for part in parts)
        key = text(first).upper()
        flag = key.removeprefix("UN") if key.startswith("UN") else key
        if key == "ALL":
            return lambda place, mail: True
        if key == "NOT":
            other = self._criterion(queue)
            return lambda place, mail: not other(place, mail)
        if key == "OR":
            left, right = self._criterion(queue), self._criterion(queue)
            return lambda place, mail: left(place, mail) or right(place, mail)
        if "\\" + flag.lower() in SYSTEM_FLAGS:
            wanted, has = SYSTEM_FLAGS["\\" + flag.lower()], key == flag
            return lambda place, mail: (wanted in mail.flags) == has
        if re.fullmatch(r"[\d*:,]+", key):
            ranges = numbers(key, len(self.view))
            return lambda place, mail: any(low <= place <= high for low, high in ranges)
        if key not in ("UID", "SINCE", "BEFORE", "ON", "LARGER", "SMALLER", "SUBJECT", "FROM", "TO", "HEADER", "TEXT", "BODY") or not queue:
            raise Bad(f"SEARCH {key} is unknown")
        return self._with_value(key, text(queue.pop(0)), queue)

    def _with_value(self, key: str, value: str, queue: list[Token]) -> Criterion:
        if key == "UID":
            ranges = numbers(value, self.view[-1] if self.view else 0)
            return lambda place, mail: any(low <= mail.uid <= high for low, high in ranges)
        if key in ("LARGER", "SMALLER"):
            return lambda place, mail: mail.size > int(value) if key == "LARGER" else mail.size < int(value)
        if key in ("SINCE", "BEFORE", "ON"):
            try:
                start = datetime.strptime(value, "%d-%b-%Y").replace(tzinfo=UTC)
            except ValueError:
                raise Bad("not a date") from None
            end = start + timedelta(days=1)
            return lambda place, mail: {"SINCE": mail.received_at >= start, "BEFORE": mail.received_at < start, "ON": start <= mail.received_at < end}[key]
        if key in ("TEXT", "BODY"):
            return lambda place, mail: value.lower().encode() in self.store.raw(self.folder, mail.uid).lower()
        field, wanted = (value, text(queue.pop(0)) if queue else "") if key == "HEADER" else (key, value)
        return lambda place, mail: any(wanted.lower() in found.lower() for found in self._header(mail.uid, field))

    def _header(self, uid: int, field: str) -> list[str]:
        message = message_from_bytes(header_part(self.store.raw(self.folder, uid)), policy=policy.compat32)
        return [str(value) for value in message.get_all(field) or []]

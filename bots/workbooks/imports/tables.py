"""Export files as tables of text: every cell is read as text first, whatever the file's encoding, delimiter or format."""

from __future__ import annotations

import csv
import hashlib
import io
import os
import re
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path

from bots.cases.money import Money, exponent
from bots.workbooks.unpacking import check_workbook

HEADER_ROWS = 15
"""Exports may begin with titles and empty lines; the captions stand in one of the first rows."""

MAX_BYTES = 200 * 1024 * 1024

Grid = list[tuple[int, list[str]]]
"""(row number as a person counts it in a spreadsheet, cells) of every row that is not empty."""


class UnreadableFile(ValueError):
    """The file is no table that can be read; the message says why."""


def shown_name(path: Path) -> str:
    """A file's name as text that can be stored and shown: readable characters, at most 100; a longer or unreadable one ends in a hash that tells it apart."""
    raw = os.fsencode(path.name)
    name = plain(re.sub(r"\s", " ", raw.decode("utf-8", "replace")))
    if name == path.name and len(name) <= 100:
        return name
    return f"{name[:80]}-{hashlib.sha256(raw).hexdigest()[:12]}{path.suffix[:6] if path.suffix.isascii() else ''}"


def read_grid(path: Path) -> Grid:
    """All rows of a CSV, TSV or .xlsx file (its first sheet). Raises UnreadableFile."""
    if path.stat().st_size > MAX_BYTES:
        raise UnreadableFile(f"larger than {MAX_BYTES // 1024 // 1024} MiB")
    raw = path.read_bytes()
    if raw[:4] == b"PK\x03\x04":
        return _workbook(path)
    return parse_text(decode(raw))


def decode(raw: bytes) -> str:
    """Text of an export: by its byte order mark, else UTF-8, else Windows-1252, the encoding of Western spreadsheets."""
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        return raw.decode("utf-16", "replace")
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        return raw.decode("cp1252", "replace")


def parse_text(text: str) -> Grid:
    """Rows of delimited text; the delimiter is the one that the fullest of the first lines has most of."""
    lines = text.split("\n", HEADER_ROWS)[:HEADER_ROWS]
    counts = {mark: max(line.count(mark) for line in lines) for mark in "\t;,"}
    delimiter = max(counts, key=lambda mark: counts[mark])
    grid: Grid = []
    if delimiter == "\t":  # flat files quote nothing: a lone inch sign must not swallow the rows below it
        for number, line in enumerate(text.splitlines() if "\n" not in text else text.split("\n"), start=1):
            cells = [_unquoted(cell) for cell in line.rstrip("\r").split("\t")]
            if any(cells):
                grid.append((number, cells))
        return grid
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    try:
        for number, row in enumerate(reader, start=1):
            if any(cell.strip() for cell in row):
                grid.append((number, [cell.strip() for cell in row]))
    except csv.Error as problem:
        raise UnreadableFile(f"line {reader.line_num}: {problem}") from None
    return grid


def _unquoted(cell: str) -> str:
    cell = cell.strip()
    if len(cell) >= 2 and cell[0] == cell[-1] == '"':
        return cell[1:-1].replace('""', '"')
    return cell


def _workbook(path: Path) -> Grid:
    from python_calamine import CalamineError, CalamineWorkbook

    try:
        check_workbook(path)
        rows = CalamineWorkbook.from_path(path).get_sheet_by_index(0).to_python(skip_empty_area=False)
    except (CalamineError, OSError, ValueError, IndexError) as problem:
        raise UnreadableFile(f"no workbook that can be opened: {problem}") from None
    except BaseException as problem:  # the reader's own faults come as a panic, which is no Exception
        if type(problem).__name__ != "PanicException":
            raise
        raise UnreadableFile("no workbook that can be opened: its reader gave up") from None
    texts = ((number, [_text(cell) for cell in row]) for number, row in enumerate(rows, start=1))
    return [(number, cells) for number, cells in texts if any(cells)]


def _text(cell: object) -> str:
    """A spreadsheet's cell as the text a person sees: 12 for 12.0, ISO for dates."""
    if isinstance(cell, bool):
        return "TRUE" if cell else "FALSE"
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() and abs(cell) < 2**53 else repr(cell)
    if isinstance(cell, (datetime, date, time)):
        return cell.isoformat()
    if isinstance(cell, timedelta):
        return str(cell)
    return str(cell).strip()


def caption(text: str) -> str:
    """A column's caption without case, spaces and punctuation, so that `Order ID`, `order-id` and `order_id` are the same."""
    return re.sub(r"[^\w]+|_", "", text.casefold())


# -- cells to values: a doubtful one raises ValueError with words for the person who has to mend it ---------------------------

_MONTHS = {name: number for number, name in enumerate("jan feb mar apr may jun jul aug sep oct nov dec".split(), start=1)}
_CLOCK = r"(?:[ T,]+(?P<hour>\d{1,2}):(?P<minute>\d\d)(?::(?P<second>\d\d)(?:\.\d+)?)?)?\s*(?P<zone>Z|UTC|GMT|[+-]\d\d:?\d\d)?"
_SHAPES = [
    re.compile(r"(?P<year>\d{4})[-/.](?P<month>\d{1,2})[-/.](?P<day>\d{1,2})" + _CLOCK, re.IGNORECASE),
    re.compile(r"(?P<day>\d{1,2})[- ](?P<name>[A-Za-z]{3})[A-Za-z]*\.?[- ](?P<year>\d{4}|\d\d)" + _CLOCK, re.IGNORECASE),
    re.compile(r"(?P<name>[A-Za-z]{3})[A-Za-z]*\.?[- ](?P<day>\d{1,2}),?[- ](?P<year>\d{4}|\d\d)" + _CLOCK, re.IGNORECASE),
    re.compile(r"(?P<day>\d{1,2})\.(?P<month>\d{1,2})\.(?P<year>\d{4})" + _CLOCK, re.IGNORECASE),
]


def moment(text: str) -> datetime:
    """A date, with or without time, as UTC. Without a zone it is read as UTC; 04/05/2026 could be two days and is refused."""
    for shape in _SHAPES:
        found = shape.fullmatch(text.strip())
        if not found:
            continue
        part = found.groupdict()
        month = int(part["month"]) if part.get("month") else _MONTHS.get(part["name"].lower(), 0)
        year = int(part["year"]) + (2000 if len(part["year"]) == 2 else 0)
        hour, minute, second = (int(part[name] or 0) for name in ("hour", "minute", "second"))
        try:
            local = datetime(year, month, int(part["day"]), hour, minute, second, tzinfo=UTC)
        except ValueError:
            break
        zone = (part["zone"] or "").replace(":", "")
        if zone[:1] in ("+", "-"):
            away = timedelta(hours=int(zone[1:3]), minutes=int(zone[3:5]))
            local = local - away if zone[0] == "+" else local + away
        return local
    raise ValueError(f"{text!r} is no date that has one meaning; write it as 2026-10-05 or 2026-10-05 08:00:00 +0000")


def count(text: str) -> int:
    """A number of pieces, 1 to 9999."""
    clean = re.sub(r"[.,]0+$", "", text.strip())
    if not re.fullmatch(r"\d{1,4}", clean) or int(clean) == 0:
        raise ValueError(f"{text!r} is no number of pieces; write a whole number from 1 to 9999")
    return int(clean)


def amount(text: str, currency: str) -> Money:
    """An amount whose decimal sign is not known beforehand: 1,234.56 and 1.234,56 and 189,99 are clear, 1,234 is refused for EUR."""
    clean = re.sub(r"[\s\u00a0\u202f']", "", text).removeprefix(currency).removesuffix(currency)
    found = re.fullmatch(r"(-?)(\d{1,3}(?:([.,])\d{3})(?:\3\d{3})*|\d+)(?:([.,])(\d+))?", clean)
    if not found or (found[3] and found[3] == found[4]):
        raise ValueError(f"{text!r} is no amount; write digits with one decimal sign, such as 1234.56")
    digits, decimals = re.sub(r"[.,]", "", found[2]), found[5] or ""
    places = exponent(currency)
    if len(decimals) > places or (found[3] and not decimals and places):
        raise ValueError(f"{text!r} is no clear amount in {currency}; write it with {places} decimals")
    return Money.of(Decimal(f"{found[1]}{digits}.{decimals or '0'}"), currency)


def plain(text: str) -> str:
    """Text from outside without control characters (line breaks and tabs stay) and without the marks that turn reading order around."""
    return re.sub(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]", "", text).strip()

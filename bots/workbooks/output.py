"""How a workbook leaves the suite: written whole, put in place in one step, and never over a file that somebody has open."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from loguru import logger

if TYPE_CHECKING:
    import xlsxwriter
    from xlsxwriter.format import Format
    from xlsxwriter.worksheet import Worksheet

# Excel allows 32,767 characters in a cell; control characters other than tab and line breaks are not XML.
CELL_LIMIT = 32_000
_CONTROL = {code: None for code in range(32) if code not in (9, 10, 13)} | {0xFFFE: None, 0xFFFF: None}


def put_in_place(target: Path, write: Callable[[Path], None]) -> Path:
    """Let `write` make the file beside the target, then swap it in. A locked target becomes `name (2).xlsx` with a warning."""
    target.parent.mkdir(parents=True, exist_ok=True)
    fresh = target.with_name(f".{target.name}.new")
    write(fresh)
    for number in range(1, 10):
        place = target if number == 1 else target.with_name(f"{target.stem} ({number}){target.suffix}")
        try:
            os.replace(fresh, place)
        except PermissionError:
            logger.warning("{} is open in another program; writing beside it", place.name)
            continue
        return place
    raise PermissionError(f"{target} and its copies are all locked")


def write_in_place(target: Path, text: str) -> Path:
    """Put a text file in place, in UTF-8."""

    def write(fresh: Path) -> None:
        fresh.write_text(text, encoding="utf-8")

    return put_in_place(target, write)


def open_workbook(file: Path) -> xlsxwriter.Workbook:
    """A workbook in which no text can become a formula, a link or a number."""
    import xlsxwriter

    return xlsxwriter.Workbook(
        str(file),
        {
            "strings_to_formulas": False,
            "strings_to_urls": False,
            "strings_to_numbers": False,
            "default_date_format": "yyyy-mm-dd hh:mm",
            "remove_timezone": True,
        },
    )


def text(value: Any) -> str:
    """Text that a cell can hold: control characters dropped, over-long text cut with a mark."""
    clean = str(value if value is not None else "").translate(_CONTROL)
    return clean if len(clean) <= CELL_LIMIT else clean[: CELL_LIMIT - 1] + "…"


def put_text(sheet: Worksheet, row: int, column: int, value: Any, style: Format | None = None) -> None:
    """Write text as text, whatever it begins with; refuses silently truncated cells."""
    outcome = sheet.write_string(row, column, text(value), style)
    if outcome != 0:
        raise ValueError(f"cell ({row}, {column}) did not take its text: code {outcome}")

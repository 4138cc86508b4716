"""What every importer does: know its files by their captions, type each row by one schema, tell what cannot be read."""

from __future__ import annotations

import re
from collections.abc import Callable, Container, Iterable
from datetime import datetime
from pathlib import Path
from typing import ClassVar, TypeVar

from pydantic import BaseModel, ConfigDict

from bots.cases.money import Currency
from bots.decisions.reasons import canonical
from bots.workbooks.imports.tables import HEADER_ROWS, Grid, UnreadableFile, amount, caption, count, moment, plain, read_grid

Typed = TypeVar("Typed")


class ImportedReturn(BaseModel):
    """One row of a channel's export: a return line as the channel tells it. All of it is text from outside, typed."""

    model_config = ConfigDict(frozen=True)

    source: str
    """amazon_mfn, amazon_fba, shopify, ebay, helpdesk or withdrawal_form."""
    row_key: str
    """The row's own name in its channel, the same in every later export."""
    order_no: str
    """As the channel writes it; empty only where a help-desk ticket names none."""
    sku: str | None = None
    asin: str | None = None
    quantity: int | None = None
    reason_raw: str = ""
    reason_code: str = "NO_REASON"
    """Canonical code of bots.decisions.reasons."""
    comment: str = ""
    """The customer's own words."""
    requested_at: datetime
    """UTC."""
    buyer_email: str | None = None
    buyer_name: str | None = None
    language: str | None = None
    """ISO 639-1, where the channel says it."""
    status: str = ""
    refunded_amount_minor: int | None = None
    """What the channel itself has refunded already, in minor units of `currency`."""
    currency: Currency | None = None
    fulfilled_by: str = "seller"
    """seller, or amazon where the marketplace took the goods back."""
    raw: dict[str, str] = {}
    """The row as text, by caption."""


class ImportProblem(BaseModel):
    """A row that was left out, with what a person can do about it."""

    model_config = ConfigDict(frozen=True)

    row_no: int
    """As counted in the spreadsheet; 0 for the whole file."""
    what: str
    fix: str


class ImportOutcome(BaseModel):
    """What a file holds: every row is in one of the two."""

    model_config = ConfigDict(frozen=True)

    source: str
    returns: tuple[ImportedReturn, ...] = ()
    problems: tuple[ImportProblem, ...] = ()


class RowRefused(ValueError):
    """This row cannot be used; carries the advice as its second argument."""

    def __init__(self, what: str, fix: str) -> None:
        super().__init__(what)
        self.what, self.fix = what, fix


class Row:
    """One row's cells by the importer's field names."""

    def __init__(self, cells: dict[str, str], raw: dict[str, str]) -> None:
        self.cells, self.raw = cells, raw

    def text(self, field: str) -> str:
        return plain(self.cells.get(field, ""))

    def maybe(self, field: str) -> str | None:
        return self.text(field) or None

    def needed(self, field: str, called: str) -> str:
        value = self.text(field)
        if not value:
            raise RowRefused(f"the {called} is missing", f"Fill in the {called}, or take the row out of the file.")
        return value

    def typed(self, field: str, called: str, read: Callable[[str], Typed]) -> Typed | None:
        """The cell as `read` types it; None where it is empty."""
        value = self.text(field)
        if not value:
            return None
        try:
            return read(value)
        except ValueError as problem:
            raise RowRefused(f"{called}: {problem}", f"Correct the {called} in the file and drop it again; the other rows were taken.") from None

    def when(self, field: str, called: str) -> datetime:
        self.needed(field, called)
        value = self.typed(field, called, moment)
        assert value is not None  # needed() refused an empty cell
        return value

    def pieces(self, field: str) -> int | None:
        return self.typed(field, "quantity", count)

    def money(self, field: str, currency: str | None) -> int | None:
        """An amount in minor units of `currency`; refused where the currency is not given."""
        if not self.text(field):
            return None
        if currency is None:
            raise RowRefused("there is an amount but no currency", "Fill in the currency column (EUR, GBP, ...).")
        value = self.typed(field, "amount", lambda text: amount(text, currency))
        return value.minor if value else None

    def currency(self, field: str = "currency") -> str | None:
        return self.typed(field, "currency", _currency)

    def mail(self, field: str = "email") -> str | None:
        """An address that can be written to, else None: exports hold placeholders here."""
        value = self.text(field)
        return value if re.fullmatch(r"[^@\s<>\"',;:]+@[^@\s<>\"',;:]+\.[^@\s<>\"',;:]+", value) else None

    def language(self, field: str = "language") -> str | None:
        found = re.match(r"([a-z]{2})(?:[-_][a-z]{2,4})?$", self.text(field).lower())
        return found[1] if found else None


def _currency(text: str) -> str:
    if not re.fullmatch(r"[A-Z]{3}", text.upper()):
        raise ValueError(f"{text!r} is no currency code; write EUR, GBP, ...")
    return text.upper()


LONGEST = {"row_key": 160, "order_no": 64, "sku": 80, "asin": 20, "status": 80}
"""Characters that the store keeps of these; no channel writes more."""


def _fitting(row: ImportedReturn) -> ImportedReturn:
    """The row, unless one of its names is longer than any channel writes it."""
    for field, longest in LONGEST.items():
        if len(getattr(row, field) or "") > longest:
            raise RowRefused(f"the {field.replace('_', ' ')} has more than {longest} characters", "Correct it in the file, or take the row out.")
    return row


class Importer:
    """One kind of export file. A subclass says its captions and how a row becomes a return."""

    source: ClassVar[str]
    captions: ClassVar[dict[str, tuple[str, ...]]]
    """Field -> captions under which exports show it."""
    marks: ClassVar[tuple[str, ...]]
    """Fields whose captions must all be there for the file to be of this kind."""

    def identify(self, path: Path) -> bool:
        """Whether the file is of this kind, by its captions; its name does not count."""
        try:
            return self.heading(read_grid(path)) is not None
        except (UnreadableFile, OSError):
            return False

    def extract(self, path: Path) -> ImportOutcome:
        """Every row, typed, or told as a problem. Raises UnreadableFile where the file is no table of this kind."""
        return self.extract_grid(read_grid(path))

    def deduplicate(self, returns: Iterable[ImportedReturn], known: Container[str] = ()) -> tuple[ImportedReturn, ...]:
        """Each row_key once, its last row winning (channels append corrections), without those known already."""
        latest = {row.row_key: row for row in returns}
        return tuple(row for key, row in latest.items() if key not in known)

    # -- for subclasses -----------------------------------------------------------------------------------------
    def read_row(self, row: Row) -> ImportedReturn:
        """One row as a return; raises RowRefused."""
        raise NotImplementedError

    def reason(self, raw: str) -> str:
        return canonical(self.source, raw)

    # -- how it works -------------------------------------------------------------------------------------------
    def heading(self, grid: Grid) -> int | None:
        """Index of the row that holds the captions."""
        for index, (_, cells) in enumerate(grid[:HEADER_ROWS]):
            there = {caption(cell) for cell in cells}
            if all(any(caption(name) in there for name in self.captions[field]) for field in self.marks):
                return index
        return None

    def extract_grid(self, grid: Grid) -> ImportOutcome:
        index = self.heading(grid)
        if index is None:
            raise UnreadableFile(f"the captions of {self.source} are not there")
        captions = grid[index][1]
        places = self._places(captions)
        returns: list[ImportedReturn] = []
        problems: list[ImportProblem] = []
        for number, cells in grid[index + 1 :]:
            try:
                if any(cells[len(captions) :]):
                    raise RowRefused(
                        f"{len(cells)} cells under {len(captions)} captions",
                        "A text in the row holds the delimiter or a quotation mark: export the file again, or mend the row in a spreadsheet.",
                    )
                padded = [*cells, *[""] * (len(captions) - len(cells))]
                raw = dict(zip(captions, padded, strict=False))
                returns.append(_fitting(self.read_row(Row({field: padded[place] for field, place in places.items()}, raw))))
            except RowRefused as refused:
                problems.append(ImportProblem(row_no=number, what=refused.what, fix=refused.fix))
        return ImportOutcome(source=self.source, returns=self.deduplicate(returns), problems=tuple(problems))

    def _places(self, captions: list[str]) -> dict[str, int]:
        where = {caption(name): place for place, name in reversed(list(enumerate(captions)))}
        found: dict[str, int] = {}
        for field, names in self.captions.items():
            place = next((where[caption(name)] for name in names if caption(name) in where), None)
            if place is not None:
                found[field] = place
        return found

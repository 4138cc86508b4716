"""Export files of marketplaces, shops and help desks, read into one shape.

An importer identifies its files by their captions, extracts typed rows and tells the rows it cannot read, and names each row so that it
is worked once however often it is exported. To add a channel, write an Importer and put it into IMPORTERS; a sample and its golden file go
to tests/samples/imports.
"""

from __future__ import annotations

from pathlib import Path

from bots.workbooks.imports.amazon import AmazonFulfilled, AmazonSellerFulfilled
from bots.workbooks.imports.base import ImportedReturn, Importer, ImportOutcome, ImportProblem
from bots.workbooks.imports.helpdesk import Helpdesk
from bots.workbooks.imports.shops import Ebay, Shopify
from bots.workbooks.imports.tables import UnreadableFile, read_grid, shown_name
from bots.workbooks.imports.withdrawals import WithdrawalForm

__all__ = ["IMPORTERS", "ImportOutcome", "ImportProblem", "ImportedReturn", "Importer", "importer_for", "read_file"]

IMPORTERS: tuple[Importer, ...] = (AmazonSellerFulfilled(), AmazonFulfilled(), Shopify(), Ebay(), Helpdesk(), WithdrawalForm())
SUFFIXES = frozenset({".csv", ".tsv", ".txt", ".xlsx"})


def importer_for(path: Path) -> Importer | None:
    """The importer whose captions the file has, or None."""
    return next((importer for importer in IMPORTERS if importer.identify(path)), None)


def read_file(path: Path) -> ImportOutcome | None:
    """All returns of an export file; None where it is no export that is known. A file that cannot be opened is one problem at row 0."""
    if path.suffix.lower() not in SUFFIXES or path.name.startswith(("~$", ".")) or not path.is_file():
        return None
    try:
        grid = read_grid(path)
    except (UnreadableFile, OSError) as problem:
        fix = "Close it in the spreadsheet program, or export it again, and drop it once more."
        return ImportOutcome(source="", problems=(ImportProblem(row_no=0, what=f"{shown_name(path)} cannot be read: {problem}", fix=fix),))
    importer = next((importer for importer in IMPORTERS if importer.heading(grid) is not None), None)
    return importer.extract_grid(grid) if importer else None

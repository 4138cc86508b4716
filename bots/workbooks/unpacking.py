"""What a workbook holds before a reader opens it: a small file may unpack to more than the machine has, and one cell far out makes a reader reserve the whole sheet."""

from __future__ import annotations

import re
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import IO

MAX_UNPACKED = 512 * 1024 * 1024
"""Bytes of all parts together."""
MAX_PARTS = 2_000
MAX_CELLS = 20_000_000
"""Rows times columns up to the last cell of a sheet: what a reader reserves memory for."""
BLOCK = 1 << 16

_TAG = re.compile(rb"<(?:\w+:)?(c|row)((?:\s[^<>]*)?)/?>")
_PLACE = re.compile(rb"""\sr\s*=\s*["']([A-Za-z]{0,3})(\d{1,10})["']""")
_LOCAL_HEAD = 30


class Oversized(ValueError):
    """The workbook would take more memory than a table may."""


def check_workbook(path: Path) -> None:
    """Raise ValueError unless the file is an .xlsx that unpacks to a bounded size and whose sheets reach a bounded way."""
    try:
        with zipfile.ZipFile(path) as archive, path.open("rb") as file:
            parts = archive.infolist()
            names = {part.filename for part in parts}
            if "xl/workbook.xml" not in names:
                raise ValueError("it has no xl/workbook.xml: not an .xlsx")
            if len(parts) > MAX_PARTS:
                raise Oversized(f"it has more than {MAX_PARTS} parts")
            _measure(file, parts)
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, EOFError) as problem:
        raise ValueError(f"damaged: {problem}") from None


def _measure(file: IO[bytes], parts: list[zipfile.ZipInfo]) -> None:
    """Unpack every part into nothing, counting what really comes out: the sizes in the file's own list are the sender's word."""
    total = 0
    for part in parts:
        reach, tail = _Reach(), b""
        sheet = part.filename.lower().endswith((".xml", ".bin")) and "sheet" in part.filename.lower()
        for block in _unpacked(file, part):
            total += len(block)
            if total > MAX_UNPACKED:
                raise Oversized(f"it unpacks to more than {MAX_UNPACKED >> 20} MiB")
            if sheet:
                whole, mark, tail = (tail + block).rpartition(b"<")
                reach.see(whole)
                tail = (mark + tail)[:BLOCK]
        if reach.cells > MAX_CELLS:
            raise Oversized(f"a sheet reaches to row {reach.rows}, column {reach.columns}: more than {MAX_CELLS} cells")


def _unpacked(file: IO[bytes], part: zipfile.ZipInfo) -> Iterator[bytes]:
    """What a part holds, in blocks of bounded size, whatever size it claims."""
    file.seek(part.header_offset)
    head = file.read(_LOCAL_HEAD)
    if len(head) < _LOCAL_HEAD or head[:4] != b"PK\x03\x04":
        raise zipfile.BadZipFile(f"{part.filename[:80]!r} is not where the list says")
    file.seek(int.from_bytes(head[26:28], "little") + int.from_bytes(head[28:30], "little"), 1)
    if part.compress_type == zipfile.ZIP_STORED:
        left = part.compress_size
        while left > 0 and (block := file.read(min(BLOCK, left))):
            left -= len(block)
            yield block
        return
    if part.compress_type != zipfile.ZIP_DEFLATED:
        raise zipfile.BadZipFile(f"{part.filename[:80]!r} is packed in a way that spreadsheet programs do not use")
    unpack = zlib.decompressobj(-15)
    data = b""
    while not unpack.eof:
        data = unpack.unconsumed_tail or file.read(BLOCK)
        if not data:
            raise EOFError(f"{part.filename[:80]!r} ends too early")
        yield unpack.decompress(data, BLOCK)


class _Reach:
    """The last row and column in which a sheet has a cell. A cell that does not name its place stands in the row around it."""

    def __init__(self) -> None:
        self.rows = self.columns = 0
        self._row, self._bare = 0, 0

    @property
    def cells(self) -> int:
        return self.rows * max(self.columns, 1)

    def see(self, text: bytes) -> None:
        for kind, attributes in _TAG.findall(text):
            found = _PLACE.search(attributes)
            if kind == b"row":
                self._row = int(found[2]) if found else self._row + 1
                self._bare = 0
            elif found is None:
                self._bare += 1
                self.rows, self.columns = max(self.rows, self._row), max(self.columns, self._bare)
            else:
                self.rows, self.columns = max(self.rows, int(found[2])), max(self.columns, _column(found[1]))


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters.upper():
        number = number * 26 + letter - 64
    return number

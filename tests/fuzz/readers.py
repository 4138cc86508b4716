"""Endless fuzzing of the readers of mails and spreadsheets, guided by coverage. By hand, for a night:

    .venv/bin/pip install atheris
    .venv/bin/python -m tests.fuzz.readers mail CORPUS -max_total_time=3600

The first argument is what to read: mail, export or answers. CORPUS is a folder of samples, such as tests/samples/imports; what follows goes to libFuzzer.
A crash is an exception that no caller expects; libFuzzer leaves the input beside it.
"""

from __future__ import annotations

import sys
import tempfile
from contextlib import suppress
from pathlib import Path

from bots.cases.masking import mask_cards
from bots.workbooks.exceptions import UnreadableWorkbook, read_answers
from bots.workbooks.imports import read_file
from bots.workbooks.imports.tables import UnreadableFile, read_grid
from bots.workbooks.mail import read_mail
from bots.workbooks.mail_mask import masked_mail

FOLDER = Path(tempfile.mkdtemp(prefix="fuzz-"))


def mail(data: bytes) -> None:
    """A mail is read whatever it is, and kept without card numbers."""
    found = read_mail(data)
    found.model_dump_json(exclude={"attachments"})
    assert "\n" not in found.subject + found.from_name + found.from_address + found.message_id
    masked_mail(data, mask_cards)


def export(data: bytes) -> None:
    """An export is read or refused, as text and as a workbook."""
    file = FOLDER / ("a.xlsx" if data[:2] == b"PK" else "a.csv")
    file.write_bytes(data)
    read_file(file)
    with suppress(UnreadableFile):
        read_grid(file)


def answers(data: bytes) -> None:
    """An answered workbook is read or refused."""
    file = FOLDER / "exceptions-a.xlsx"
    file.write_bytes(data)
    with suppress(UnreadableWorkbook):
        read_answers(file)


TARGETS = {"mail": mail, "export": export, "answers": answers}


def main(arguments: list[str]) -> None:
    """Fuzz one target until a crash or the end of the time given."""
    import atheris

    atheris.instrument_all()
    atheris.Setup([arguments[0], *arguments[2:]], TARGETS[arguments[1]])
    atheris.Fuzz()


if __name__ == "__main__":
    if len(sys.argv) < 2 or sys.argv[1] not in TARGETS:
        sys.exit(f"usage: python -m tests.fuzz.readers {'|'.join(TARGETS)} [CORPUS] [options of libFuzzer]")
    main(sys.argv)

"""Work without screens: the exceptions workbook, reading mail, the four-way match."""

from __future__ import annotations

import email
import email.policy
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import fields
from datetime import datetime
from email.message import EmailMessage
from pathlib import Path
from typing import TYPE_CHECKING

from tests.bench.measure import Pair

if TYPE_CHECKING:
    from bots.cases.store import ExceptionRow

ROWS = 10_000
MAILS = 200
CASES = 25_000


@contextmanager
def workbook() -> Iterator[list[Pair]]:
    """10,000 open questions as the workbook for staff, against the same cells by XlsxWriter alone."""
    from datetime import UTC

    import xlsxwriter

    from bots.workbooks.exceptions import write_exceptions

    now = datetime(2026, 10, 5, 9, tzinfo=UTC)
    rows = [_question(number, now) for number in range(ROWS)]
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)

        def plain() -> None:
            book = xlsxwriter.Workbook(home / "plain.xlsx", {"constant_memory": True})
            sheet = book.add_worksheet()
            for at, row in enumerate(rows):
                cells = (
                    row.id,
                    row.case.rma,
                    row.case.order_no,
                    row.case.customer_name,
                    row.code,
                    row.what,
                    row.rules,
                    row.severity,
                    row.opened_at,
                    row.amount_minor,
                    row.suggestion,
                )
                for column, text in enumerate(cells):
                    sheet.write_string(at, column, str(text or ""))
            book.close()

        yield [
            Pair(
                "workbook of 10,000 exceptions",
                lambda: write_exceptions(home / "ours.xlsx", rows, captions="en", now=now, evidence=home),
                plain,
                "XlsxWriter, same cells, no layout",
                rounds=3,
            )
        ]


@contextmanager
def mail() -> Iterator[list[Pair]]:
    """200 mails with a plain and an HTML part, read whole, against parsing and the body text by the standard library."""
    from bots.workbooks.mail import read_mail

    raws = [_letter(number) for number in range(MAILS)]

    def plain() -> None:
        for raw in raws:
            message = email.message_from_bytes(raw, policy=email.policy.default)
            body = message.get_body(("plain", "html"))
            assert message["subject"] and message["from"] and body is not None and body.get_content()

    yield [Pair("200 mails", lambda: [read_mail(raw) for raw in raws], plain, "email.policy.default, body only")]


@contextmanager
def matching() -> Iterator[list[Pair]]:
    """The four-way match over 100,000 rows, against pandas joining the same four tables by order and RMA."""
    import pandas

    from bots.decisions.matching import match
    from tests.test_decisions_matching import NOW, RULES, credited, ordered, received, refunded

    many = range(CASES)
    orders = [ordered(row_id=f"o{n}", order_no=f"DE-{n}", rma=f"RMA-{n}") for n in many]
    receipts = [received(row_id=f"w{n}", order_no=f"DE-{n}", rma=f"RMA-{n}") for n in many]
    refunds = [refunded(row_id=f"re_{n}", order_no=f"DE-{n}", rma=f"RMA-{n}") for n in many]
    ledger = [credited(row_id=f"l{n}", order_no=f"DE-{n}", rma=f"RMA-{n}") for n in many]

    def plain() -> None:
        joined, keys = None, ["order_no", "rma"]
        for legs in (orders, receipts, refunds, ledger):
            table = pandas.DataFrame([{"order_no": row.order_no, "rma": row.rma, "row_id": row.row_id} for row in legs])
            joined = table if joined is None else joined.merge(table, on=keys, how="outer", suffixes=("", f"_{len(joined.columns)}"))
        assert joined is not None and len(joined) == CASES

    yield [Pair("four-way match of 100,000 rows", lambda: match(orders, receipts, refunds, ledger, RULES, NOW), plain, "pandas merges, no judgement", rounds=3)]


def _question(number: int, now: datetime) -> ExceptionRow:
    from bots.cases.store import Case, ExceptionRow

    values = {field.name: "" for field in fields(Case)} | {
        "id": number,
        "rma": f"RMA-2026-{number:06d}",
        "order_no": f"DE-2026-{number:06d}",
        "customer_name": "=1+1 Jörg Müller",
    }
    case = Case(**values)  # type: ignore[arg-type]
    return ExceptionRow(
        number,
        case,
        "refunds",
        "above_limit",
        "warning",
        "EUR 600.00 is above the limit of EUR 500.00",
        "P20",
        "approve",
        "approve or reject",
        60_000,
        "t1",
        False,
        False,
        now,
        None,
        "",
        "",
        "",
    )


def _letter(number: int) -> bytes:
    message = EmailMessage()
    message["From"], message["To"] = f"Jörg Müller {number} <joerg{number}@example.org>", "returns@example.org"
    message["Subject"], message["Message-ID"] = f"Rücksendung DE-2026-{number:06d}", f"<{number}@example.org>"
    message["Date"] = "Mon, 05 Oct 2026 09:00:00 +0000"
    text = f"Guten Tag,\n\nich möchte die Kopfhörer aus DE-2026-{number:06d} zurücksenden, links kein Ton.\n\nViele Grüße\nJörg Müller\n"
    message.set_content(text)
    message.add_alternative(f"<p>{text}</p>", subtype="html")
    return message.as_bytes()

"""Hostile text in what people open: it is neither a formula in a workbook nor markup in a voucher."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from bots.automation.survey import ElementSurvey, PageSurvey
from bots.cases.clock import FixedClock
from bots.cases.money import Money
from bots.cases.store import Store
from bots.workbooks.exceptions import read_answers, write_exceptions
from bots.workbooks.voucher import VoucherData, VoucherLine, write_voucher
from bots.workbooks.watch import write_watch
from tests.hostile_texts import FORMULAS, MARKUP
from tests.stores import a_case
from tests.test_bot_reconciliation import Shop


def sheets(file: Path) -> Iterator[bytes]:
    with zipfile.ZipFile(file) as archive:
        names = archive.namelist()
        assert [name for name in names if "externalLink" in name or "vbaProject" in name or "connections" in name] == []
        for name in names:
            if name.startswith("xl/worksheets/sheet"):
                yield archive.read(name)
            if name.endswith(".rels"):
                outside = re.findall(rb'Target="([^"]+)"[^>]*TargetMode="External"', archive.read(name))
                assert [target for target in outside if not target.startswith((b"evidence", b"../evidence", b"file:///../evidence"))] == []


def assert_only_text(file: Path, texts: tuple[str, ...] = FORMULAS) -> None:
    """No cell is a formula, a link or a number made of hostile text; each text stands in the workbook as text, whole."""
    from openpyxl import load_workbook

    for sheet in sheets(file):
        made = re.findall(rb"<f[ >].*?</f>", sheet)
        assert [formula for formula in made if re.search(rb"cmd|DDE|evil|1\+2|SUM\(1,2\)|HYPERLINK", formula)] == [] and b"ddeLink" not in sheet
    cells = [cell for sheet in load_workbook(file) for row in sheet.iter_rows() for cell in row if isinstance(cell.value, str)]
    assert [cell.value for cell in cells if cell.data_type == "f" and any(text.strip("\r\n\t\x00 ") in cell.value for text in texts if "1+2" in text)] == []
    assert any("cmd|" in cell.value and cell.data_type == "s" for cell in cells), "the text arrived"


def test_formulas_in_every_column_of_the_exceptions_workbook_stay_text(store: Store, tmp_path: Path) -> None:
    for number, text in enumerate(FORMULAS):
        clean = text.replace("\x00", "")
        case = a_case(store, f"{clean}{number}"[:64], customer_name=clean, currency="EUR", channel=clean[:24])
        store.open_exception(case, clean[:24], clean[:40], clean, rules=clean, suggestion=clean[:16], advice=clean, severity=clean[:8], amount_minor=100)
        store.hold_exception(store.open_exceptions(case)[0], clean, clean)
    for captions in ("en", "zh"):
        file = write_exceptions(
            tmp_path / f"{captions}.xlsx", store.open_exceptions(), captions=captions, now=store.clock.now(), evidence=tmp_path / "evidence"
        )
        assert_only_text(file)
    assert len(read_answers(file)) == len(FORMULAS)


def test_formulas_in_every_column_of_the_reconciliation_workbook_stay_text(store: Store, clock: FixedClock, tmp_path: Path) -> None:
    shop = Shop(store, clock, tmp_path)
    for number, text in enumerate(FORMULAS):
        clean = text.replace("\x00", "")
        case = shop.case(f"{clean}{number}"[:64], customer_name=clean)
        refund = shop.pay_back(case, f"{clean}{number}", capture_id=clean, order_no=clean, reference=clean, instrument=clean)
        assert refund.refund_id
    shop.run()
    assert_only_text(shop.out)


def test_formulas_in_every_column_of_the_watch_workbook_stay_text(tmp_path: Path) -> None:
    surveys = [
        PageSurvey(product=text, page=text, problem=text, elements=(ElementSurvey(name=text, risk=text, rung=0, counts=(1,), ways=(text,)),))
        for text in FORMULAS
    ]
    write_watch(tmp_path / "watch.xlsx", tmp_path / "patches", surveys, datetime(2026, 10, 5, tzinfo=UTC), tmp_path)
    assert_only_text(tmp_path / "watch.xlsx")


@pytest.mark.parametrize(
    "text",
    [MARKUP, '<img src="file:///etc/passwd"/>', "<a href='http://evil.example'>x</a>", "<para>", "&nope; <", "=1+2", "x" * 3000, "\x00\x01", "\u202eabc"],
)
def test_no_text_is_markup_in_a_voucher(text: str, tmp_path: Path) -> None:
    fields: dict[str, Any] = {name: text for name, field in VoucherData.model_fields.items() if field.annotation is str}
    fields |= dict.fromkeys(("seller", "buyer", "inspection", "journals"), (text, text))
    fields |= {
        "number": "RV-2026-000001",
        "currency": "EUR",
        "issued_at": datetime(2026, 10, 5, tzinfo=UTC),
        "invoice_date": None,
        "refunded_at": None,
        "total": 100,
        "total_tax": 16,
        "book_rate": 7_800_000,
    }
    lines = (VoucherLine(what=text, sku=text, qty=1, tax_pct=text[:20], gross=100, tax=16, basis=text),)
    file = tmp_path / "voucher.pdf"
    write_voucher(file, VoucherData(**{**fields, "lines": lines, "functional": Money(minor=780, currency="CNY")}))
    raw = file.read_bytes()
    assert raw.startswith(b"%PDF") and b"/URI" not in raw and b"/JavaScript" not in raw and b"root:" not in raw

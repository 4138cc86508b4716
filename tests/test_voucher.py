"""The return voucher: one page, the same bytes for the same data, outside text stays text."""

from __future__ import annotations

import hashlib
import re
import shutil
import subprocess
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from bots.cases.money import Money
from bots.workbooks.voucher import VoucherData, VoucherLine, write_voucher

VOUCHER = VoucherData(
    number="RV-2026-000001",
    issued_at=datetime(2026, 10, 17, 9, tzinfo=UTC),
    seller=("Nordlicht Trading", "Messe-Allee 12, 04356 Leipzig, Germany", "VAT DE123456788"),
    buyer=("Zażółć 王小明 <b>=1+2</b>", "ul. Żółta 3, Kraków", "PL"),
    order_no="PL-2026-798847",
    invoice_no="RE-2026-749562",
    invoice_date=date(2026, 9, 23),
    rma="RMA-2610-00055",
    credit_note="CN-2026-000012",
    reason="CHANGED_MIND",
    responsible="customer",
    currency="PLN",
    lines=(
        VoucherLine(what="便携蓝牙音箱 / Mini Speaker", sku="SPK-MINI3", qty=1, tax_pct="23 %", gross=12411, tax=2321, basis="A01"),
        VoucherLine(what="outbound standard shipping", gross=1590, tax=297, basis="A02"),
    ),
    total=14001,
    total_tax=2618,
    functional=Money(minor=25202, currency="CNY"),
    book_rate=1_800_000,
    refund_id="RF-000011",
    refund_method="card",
    refunded_at=datetime(2026, 10, 17, tzinfo=UTC),
    prepared_by="bookkeeping bot",
)


def test_the_same_data_gives_the_same_bytes(tmp_path: Path) -> None:
    first, second = write_voucher(tmp_path / "a.pdf", VOUCHER), write_voucher(tmp_path / "b.pdf", VOUCHER)
    assert first == second == hashlib.sha256((tmp_path / "a.pdf").read_bytes()).hexdigest()


def test_any_change_changes_the_fingerprint() -> None:
    assert VOUCHER.fingerprint != VOUCHER.model_copy(update={"total": 14002}).fingerprint


def test_it_says_what_an_auditor_asks_for(tmp_path: Path) -> None:
    write_voucher(tmp_path / "voucher.pdf", VOUCHER)
    if shutil.which("pdftotext") is None:
        pytest.skip("pdftotext (poppler-utils) reads the page back; it is not installed")
    shown = subprocess.run(["pdftotext", "-layout", str(tmp_path / "voucher.pdf"), "-"], capture_output=True, text=True, check=True).stdout
    for text in ("RV-2026-000001", "RE-2026-749562", "CN-2026-000012", "RMA-2610-00055", "140.01", "26.18", "CNY 252.02", "RF-000011", VOUCHER.fingerprint):
        assert text in shown, text
    assert "<b>=1+2</b>" in shown, "markup in a name stays text"
    assert re.search(r"page 1", shown)


def test_hundreds_of_lines_run_over_pages(tmp_path: Path) -> None:
    many = VOUCHER.model_copy(update={"lines": VOUCHER.lines * 60})
    write_voucher(tmp_path / "long.pdf", many)
    assert (tmp_path / "long.pdf").read_bytes().count(b"/Type /Page\n") >= 3

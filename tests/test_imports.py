"""Export files of channels, settlement and bank, against golden files; bad rows are told and the rest goes on."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter

from bots.cases.model import RefundState
from bots.workbooks.imports import IMPORTERS, importer_for, read_file
from bots.workbooks.imports.tables import UnreadableFile, amount, count, decode, moment, parse_text, read_grid
from bots.workbooks.statements import read_bank_statement, read_settlement

SAMPLES = Path(__file__).parent / "samples" / "imports"
CHANNELS = ["amazon_mfn_returns.tsv", "amazon_fba_returns.tsv", "shopify_returns.csv", "ebay_returns.csv", "helpdesk_tickets.csv", "withdrawals.csv"]


def golden(name: str) -> Any:
    return json.loads((SAMPLES / name).with_suffix(".golden.json").read_text(encoding="utf-8"))


def lines_of(name: str) -> list[str]:
    return decode((SAMPLES / name).read_bytes()).splitlines()


def as_workbook(name: str, target: Path) -> Path:
    """The sample as a spreadsheet program would save it: plain numbers become number cells."""
    with xlsxwriter.Workbook(target, {"strings_to_formulas": False, "strings_to_urls": False}) as book:
        sheet = book.add_worksheet("Export")
        for number, (_, cells) in enumerate(read_grid(SAMPLES / name)):
            for column, cell in enumerate(cells):
                if cell.isdecimal() and len(cell) < 13 and not cell.startswith("0"):
                    sheet.write_number(number, column, int(cell))
                else:
                    sheet.write_string(number, column, cell)
    return target


# -- the channels -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", CHANNELS)
def test_a_sample_reads_as_its_golden_file_says(name: str) -> None:
    outcome = read_file(SAMPLES / name)
    assert outcome is not None
    assert outcome.model_dump(mode="json") == golden(name)
    assert outcome.problems, "every sample has a row that must be refused"


@pytest.mark.parametrize("name", CHANNELS)
def test_each_file_is_known_by_exactly_one_importer(name: str) -> None:
    knowing = [importer.source for importer in IMPORTERS if importer.identify(SAMPLES / name)]
    assert knowing == [golden(name)["source"]]
    found = importer_for(SAMPLES / name)
    assert found is not None and found.extract(SAMPLES / name).model_dump(mode="json") == golden(name)


@pytest.mark.parametrize("name", CHANNELS)
def test_the_same_rows_in_a_workbook_read_the_same(name: str, tmp_path: Path) -> None:
    outcome = read_file(as_workbook(name, tmp_path / "export.xlsx"))
    assert outcome is not None
    assert outcome.model_dump(mode="json") == golden(name)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le-bom"])
@pytest.mark.parametrize("name", ["ebay_returns.csv", "amazon_fba_returns.tsv"])
def test_encodings(name: str, encoding: str, tmp_path: Path) -> None:
    text = decode((SAMPLES / name).read_bytes())
    raw = b"\xff\xfe" + text.encode("utf-16-le") if encoding == "utf-16-le-bom" else text.encode(encoding)
    (tmp_path / name).write_bytes(raw)
    outcome = read_file(tmp_path / name)
    assert outcome is not None and outcome.model_dump(mode="json") == golden(name)


def test_semicolons_titles_and_moved_columns_do_not_matter(tmp_path: Path) -> None:
    file = tmp_path / "download (3).csv"
    text = (
        'Returns report\n\nQUANTITY;Return reason;order-number;"Item ID";Return_ID;Return requested;New\n2;"Arrived damaged";12-1-1;77;R1;2026-10-05;"x; y"\n'
    )
    file.write_text(text, encoding="utf-8")
    outcome = read_file(file)
    assert outcome is not None and not outcome.problems
    (row,) = outcome.returns
    assert (row.source, row.row_key, row.quantity, row.reason_code) == ("ebay", "R1/77", 2, "DAMAGED_IN_TRANSIT")
    assert row.raw["New"] == "x; y"


def test_a_row_exported_twice_counts_once_and_known_rows_are_left_out(tmp_path: Path) -> None:
    lines = lines_of("shopify_returns.csv")
    changed = lines[1].replace("REQUESTED", "CLOSED")
    file = tmp_path / "twice.csv"
    file.write_text("\n".join([lines[0], lines[1], lines[2], changed]), encoding="utf-8")
    outcome = read_file(file)
    assert outcome is not None
    assert [row.row_key for row in outcome.returns] == ["#10423-R1/13851020919", "#10423-R1/13851020920"]
    assert outcome.returns[0].status == "CLOSED", "the later row is the newer one"
    importer = importer_for(file)
    assert importer is not None
    assert [row.sku for row in importer.deduplicate(outcome.returns, known={"#10423-R1/13851020919"})] == ["CAP-NVY"]


def test_the_key_of_a_row_stays_when_its_status_changes(tmp_path: Path) -> None:
    lines = lines_of("amazon_mfn_returns.tsv")
    file = tmp_path / "later.tsv"
    file.write_text("\n".join([lines[0], lines[1].replace("Approved", "Completed").replace("04-Oct-2026", "06-Oct-2026")]), encoding="utf-8")
    outcome = read_file(file)
    assert outcome is not None and outcome.returns[0].row_key == golden("amazon_mfn_returns.tsv")["returns"][0]["row_key"]


def test_a_lone_quotation_mark_in_a_flat_file_swallows_nothing(tmp_path: Path) -> None:
    lines = lines_of("amazon_mfn_returns.tsv")
    file = tmp_path / "inch.tsv"
    file.write_text("\n".join([lines[0], lines[1].replace("Kaffeemühle 20 W", '"12 inch pan'), lines[3]]), encoding="utf-8")
    outcome = read_file(file)
    assert outcome is not None and len(outcome.returns) == 2
    assert outcome.returns[0].raw["Item Name"].startswith('"12 inch pan')


def test_torn_rows_are_told(tmp_path: Path) -> None:
    lines = lines_of("amazon_fba_returns.tsv")
    file = tmp_path / "torn.tsv"
    file.write_text("\n".join([lines[0], lines[1] + "\tmore\tcells", "2026-10-0", lines[2]]), encoding="utf-8")
    outcome = read_file(file)
    assert outcome is not None and len(outcome.returns) == 1
    assert [(problem.row_no, problem.what) for problem in outcome.problems] == [(2, "15 cells under 13 captions"), (3, "the order number is missing")]
    assert all(problem.fix for problem in outcome.problems)


def test_an_amount_without_its_currency_is_refused(tmp_path: Path) -> None:
    header, row = lines_of("amazon_mfn_returns.tsv")[0], lines_of("amazon_mfn_returns.tsv")[3]
    file = tmp_path / "bare.tsv"
    file.write_text(f"{header}\n{row.replace(chr(9) + 'EUR' + chr(9), chr(9) * 2)}", encoding="utf-8")
    outcome = read_file(file)
    assert outcome is not None and outcome.problems[0].what == "there is an amount but no currency"


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("notes.txt", b"call Anna back"),
        ("orders.csv", b"Order ID,Total\n1,2\n"),
        ("empty.csv", b""),
        ("photo.jpg", b"\xff\xd8\xff\xe0"),
        ("~$export.xlsx", b"lock"),
        ("binary.csv", bytes(range(256)) * 8),
        ("settlement.csv", (SAMPLES / "paydesk_settlement.csv").read_bytes()),
    ],
)
def test_other_files_are_nobodys(name: str, content: bytes, tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(content)
    assert read_file(tmp_path / name) is None
    assert importer_for(tmp_path / name) is None


@pytest.mark.parametrize("content", [b"PK\x03\x04 torn zip", b'Return ID,x\n"' + b"a" * 200_000])
def test_a_file_that_cannot_be_opened_is_one_problem(content: bytes, tmp_path: Path) -> None:
    file = tmp_path / "broken.csv"
    file.write_bytes(content)
    outcome = read_file(file)
    assert outcome is not None and outcome.returns == ()
    (problem,) = outcome.problems
    assert problem.row_no == 0 and "broken.csv" in problem.what


def test_formulas_and_markup_stay_text() -> None:
    outcome = read_file(SAMPLES / "shopify_returns.csv")
    assert outcome is not None
    row = next(row for row in outcome.returns if row.order_no == "#10377")
    assert row.buyer_name == "+SUM(1,2)" and row.comment.startswith("=HYPERLINK(")


def test_fba_rows_say_that_amazon_has_the_goods() -> None:
    outcome = read_file(SAMPLES / "amazon_fba_returns.tsv")
    assert outcome is not None and {row.fulfilled_by for row in outcome.returns} == {"amazon"}


# -- cells ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "day", "hour"),
    [
        ("2026-10-04", 4, 0),
        ("2026-10-04T09:12:44Z", 4, 9),
        ("2026-10-04 09:12:44 +0200", 4, 7),
        ("2026-10-03T23:30:00-07:00", 4, 6),
        ("2026-10-04T09:12:44.123+00:00", 4, 9),
        ("04-Oct-2026", 4, 0),
        ("4 October 2026 09:12", 4, 9),
        ("04-Oct-26 07:15:00 UTC", 4, 7),
        ("Oct 4, 2026", 4, 0),
        ("Oct-04-26", 4, 0),
        ("04.10.2026 09:12", 4, 9),
    ],
)
def test_dates_that_mean_one_day(text: str, day: int, hour: int) -> None:
    read = moment(text)
    assert (read.year, read.month, read.day, read.hour, read.tzinfo) == (2026, 10, day, hour, UTC)


@pytest.mark.parametrize("text", ["04/10/2026", "10/4/26", "04.10.26", "2026-13-01", "30-Feb-2026", "04-Okt-2026", "someday", "46300", "2026-10-04 25:00"])
def test_dates_in_doubt_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match="no date that has one meaning"):
        moment(text)


@pytest.mark.parametrize(
    ("text", "currency", "minor"),
    [
        ("12.34", "EUR", 1234),
        ("189,99", "PLN", 18999),
        ("1,234.56", "USD", 123456),
        ("1.234,56", "EUR", 123456),
        ("1 234,56", "EUR", 123456),
        ("1,234,567.8", "USD", 123456780),
        ("EUR 7", "EUR", 700),
        ("4980", "JPY", 4980),
        ("4,980", "JPY", 4980),
        ("-3.50", "GBP", -350),
    ],
)
def test_clear_amounts(text: str, currency: str, minor: int) -> None:
    assert (amount(text, currency).minor, amount(text, currency).currency) == (minor, currency)


@pytest.mark.parametrize(
    ("text", "currency"),
    [("1,234", "EUR"), ("1.234", "EUR"), ("12.345", "USD"), ("12.5", "JPY"), ("1.2.3", "EUR"), ("EUR", "EUR"), ("USD 5", "EUR"), ("1e3", "EUR")],
)
def test_amounts_in_doubt_are_refused(text: str, currency: str) -> None:
    with pytest.raises(ValueError, match="amount"):
        amount(text, currency)


def test_counts() -> None:
    assert [count(text) for text in ("1", "12", "3.0", "2,00")] == [1, 12, 3, 2]
    for text in ("0", "-1", "1.5", "ein", "12345", "٣x"):
        with pytest.raises(ValueError, match="number of pieces"):
            count(text)


def test_rows_are_counted_as_a_spreadsheet_does() -> None:
    assert parse_text('a,b\n\n"two\nlines",c\nd,e\n') == [(1, ["a", "b"]), (3, ["two\nlines", "c"]), (4, ["d", "e"])]
    assert parse_text("a\tb\r\n\r\nc\td") == [(1, ["a", "b"]), (3, ["c", "d"])]


# -- statements -------------------------------------------------------------------------------------------------------


def test_the_settlement_reads_as_its_golden_file_says() -> None:
    statement = read_settlement(SAMPLES / "paydesk_settlement.csv")
    assert statement.model_dump(mode="json") == golden("paydesk_settlement.csv")
    assert [row.amount.minor for row in statement.rows] == [104990, 4980, 1234, 1990]
    assert statement.rows[0].booked_at == datetime(2026, 10, 11, 8, 0, tzinfo=UTC) and statement.rows[0].settle_rate == 7812345
    assert statement.rows[2].state is RefundState.FAILED and statement.rows[2].booked_at is None


def test_the_bank_statement_reads_as_its_golden_file_says() -> None:
    statement = read_bank_statement(SAMPLES / "bank_statement.csv")
    assert statement.model_dump(mode="json") == golden("bank_statement.csv")
    assert [(row.amount.minor, row.state) for row in statement.rows] == [(123456, RefundState.SETTLED), (700, RefundState.SETTLED)]


def test_a_download_that_was_cut_off_is_told(tmp_path: Path) -> None:
    whole = (SAMPLES / "paydesk_settlement.csv").read_text(encoding="utf-8").splitlines()
    (tmp_path / "cut.csv").write_text("\n".join([whole[0], whole[1], whole[2][:40]]), encoding="utf-8")
    statement = read_settlement(tmp_path / "cut.csv")
    assert len(statement.rows) == 1 and "cut off" in statement.problems[0].what


def test_an_unknown_state_and_a_missing_amount_are_told(tmp_path: Path) -> None:
    whole = (SAMPLES / "paydesk_settlement.csv").read_text(encoding="utf-8").splitlines()
    rows = [whole[0], whole[2].replace("settled,2026", "vanished,2026", 1), whole[2].replace(",4980,", ",,")]
    (tmp_path / "odd.csv").write_text("\n".join(rows), encoding="utf-8")
    problems = read_settlement(tmp_path / "odd.csv").problems
    assert [problem.what for problem in problems] == ["the state 'vanished' is not known", "the amount is missing"]


def test_statements_are_not_confused(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFile, match="transfer_id"):
        read_bank_statement(SAMPLES / "paydesk_settlement.csv")
    (tmp_path / "empty.csv").write_bytes(b"")
    with pytest.raises(UnreadableFile):
        read_settlement(tmp_path / "empty.csv")

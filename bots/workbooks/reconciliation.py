"""The reconciliation workbook: what matches, what does not, every row of the four legs with its hash, and totals that tie.

Text from outside is written as text, never as a formula. Money is shown in whole units with the decimals of its currency.
"""

from __future__ import annotations

import os
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bots.automation.evidence import safe_name
from bots.cases.events import digest
from bots.cases.money import Money, exponent
from bots.decisions.matching_rows import ADVICE, GOOD, CaseResult, Code, LegRow, MatchResult, MatchRules, RowResult
from bots.workbooks.output import open_workbook, put_in_place, put_text
from bots.workbooks.reconciliation_words import CAPTIONS, advice

if TYPE_CHECKING:
    from xlsxwriter.format import Format
    from xlsxwriter.worksheet import Worksheet

LEGS = ("orders", "receipts", "refunds", "ledger")
# Results that are no difference to clear: still under way, or a matter of the period's end.
CALM = frozenset({Code.TIMING_PENDING, Code.PERIOD_CUTOFF})
OWNERS: dict[str, frozenset[Code]] = {
    "owner_warehouse": frozenset({Code.QTY_MISMATCH, Code.REFUND_NO_RECEIPT, Code.ORPHAN_RECEIPT}),
    "owner_books": frozenset({Code.LEDGER_AMOUNT, Code.LEDGER_DUP, Code.LEDGER_MISSING, Code.FX_UNEXPLAINED, Code.ORPHAN_JOURNAL, Code.PERIOD_CUTOFF}),
    "owner_none": frozenset({Code.TIMING_PENDING}),
}
EXCEPTIONS = (
    ("severity", 10), ("code", 24), ("rma", 17), ("order_no", 23), ("why", 42), ("currency", 9), ("expected", 12), ("refunded", 12), ("credited", 12), ("difference", 12),
    ("age_days", 8), ("advice", 32), ("suggestions", 20), ("evidence", 16), ("owner", 12), ("status", 26), ("note", 20),
)  # fmt: skip
MATCHED = (
    ("rma", 17), ("order_no", 23), ("code", 18), ("how", 20), ("currency", 9), ("expected", 13), ("refunded", 13), ("credited", 13), ("difference", 12), ("why", 46),
)  # fmt: skip
RAW: dict[str, tuple[tuple[str, int], ...]] = {
    "orders": (
        ("row_id", 26), ("order_no", 22), ("rma", 16), ("sku", 15), ("qty", 8), ("currency", 9), ("expected", 12), ("opened_at", 16), ("book_rate", 11),
        ("returnless", 11), ("early_ok", 13), ("disputed", 11), ("instrument", 36),
    ),
    "receipts": (("row_id", 38), ("order_no", 22), ("rma", 16), ("sku", 16), ("qty", 8), ("accepted_at", 16)),
    "refunds": (
        ("row_id", 20), ("order_no", 22), ("rma", 16), ("currency", 9), ("amount", 12), ("state", 10), ("at", 16), ("settled_at", 16), ("settle_rate", 11),
        ("instrument", 36),
    ),
    "ledger": (
        ("row_id", 30), ("order_no", 22), ("rma", 16), ("kind", 14), ("doc_ref", 18), ("currency", 9), ("amount", 12), ("posted_on", 12), ("functional", 13), ("fx", 13),
    ),
}  # fmt: skip
JUDGED = (("outcome", 12), ("reason", 38), ("home", 18), ("hash", 19))
MONEY = frozenset({"expected", "refunded", "credited", "difference", "amount", "disputed"})
IN_BOOKS = frozenset({"functional", "fx"})
RATES = frozenset({"book_rate", "settle_rate"})
INK, LINE = "#1F3A5F", "#C9CED6"
SEVERITY = {"high": ("#F8D3D0", "#8A1C14"), "medium": ("#FCE7C8", "#7A4A05"), "low": ("#E2EFDA", "#2F5A1E")}
LIGHTS = {"green": ("#D5EBCB", "#2F5A1E"), "amber": ("#FCE7C8", "#7A4A05"), "red": ("#F8D3D0", "#8A1C14")}


@dataclass(frozen=True)
class Tie:
    """One total from two sources that know nothing of each other. Values are minor units of `currency`, or pieces without one."""

    what: str
    """settlement, commits, credit_notes, journals, payable or receipts"""
    program: str
    currency: str
    rows: int
    value: int
    other_rows: int
    other_value: int

    @property
    def ties(self) -> bool:
        # Owed and paid are as many lines as there were notes and payments: only their value must agree.
        return self.value == self.other_value and (self.what == "payable" or self.rows == self.other_rows)


@dataclass(frozen=True)
class Standing:
    """How a person stands to a case: `open` question, `asked` in this run, or `answered` by `what`."""

    kind: str
    what: str


@dataclass(frozen=True)
class Report:
    """Everything that the workbook shows."""

    result: MatchResult
    legs: Mapping[str, Sequence[LegRow]]
    ties: tuple[Tie, ...]
    problems: tuple[str, ...]
    """What could not be read of a statement, or where two sources of a program differ."""
    standing: Mapping[str, Standing]
    """By RMA."""
    rules: MatchRules
    start: datetime
    now: datetime
    books_currency: str
    seller: str = ""

    @cached_property
    def orphans(self) -> tuple[RowResult, ...]:
        """Rows of a leg that belong to no case of the match."""
        cases = {case.rma for case in self.result.cases}
        return tuple(row for row in self.result.rows if row.status == "exception" and row.code.startswith("ORPHAN_") and not set(row.rma.split(", ")) & cases)

    @property
    def ties_out(self) -> bool:
        return self.result.ties and all(tie.ties for tie in self.ties)

    @property
    def untied(self) -> int:
        return sum(not total.ties for total in self.result.totals) + sum(not tie.ties for tie in self.ties)

    @cached_property
    def wrong(self) -> int:
        """Differences that nobody has answered or been asked about before."""
        cases = [case for case in self.result.exceptions if case.code not in CALM and self._unattended(case.rma)]
        return len(cases) + sum(self._unattended(row.rma) for row in self.orphans)

    def _unattended(self, rma: str) -> bool:
        return rma not in self.standing or self.standing[rma].kind == "asked"

    @property
    def light(self) -> str:
        """green, amber or red."""
        if self.wrong or not self.ties_out or self.problems:
            return "red"
        return "amber" if self.result.exceptions or self.orphans else "green"


def write_reconciliation(file: Path, report: Report, *, captions: str, evidence: Path) -> Path:
    """Write the workbook and give the path it landed at. `evidence` is the folder that holds one folder a case."""
    return put_in_place(file, lambda fresh: _Writer(fresh, report, captions, evidence, file.parent).write())


class _Writer:
    """One workbook while it is written; formats are made once each."""

    def __init__(self, file: Path, report: Report, captions: str, evidence: Path, home: Path) -> None:
        self.report, self.captions, self.evidence, self.home = report, captions, evidence, home
        self.words = CAPTIONS[captions]
        self.book = open_workbook(file)
        self._formats: dict[tuple[tuple[str, Any], ...], Format] = {}

    def write(self) -> None:
        self._summary()
        self._matched()
        self._exceptions()
        for leg in LEGS:
            self._raw(leg)
        self._rules()
        self._sign_off()
        self.book.set_properties({"title": self.words["title"], "company": self.report.seller})
        self.book.close()

    # -- cells -----------------------------------------------------------------------------------------------------------
    def _format(self, **more: Any) -> Format:
        facts = {"font_name": "Calibri", "font_size": 10, "valign": "top", "bottom": 4, "bottom_color": LINE, **more}
        key = tuple(sorted(facts.items()))
        if key not in self._formats:
            self._formats[key] = self.book.add_format(facts)
        return self._formats[key]

    def _head(self) -> Format:
        return self._format(bold=True, font_color="#FFFFFF", bg_color=INK, valign="vcenter", text_wrap=True, border=1, border_color="#FFFFFF")

    def _money(self, sheet: Worksheet, row: int, column: int, minor: int, currency: str, **more: Any) -> None:
        digits = exponent(currency) if currency else 0
        shown = "#,##0" + ("." + "0" * digits if digits else "")
        value = Money(minor=minor, currency=currency).decimal() if currency else minor
        sheet.write_number(row, column, float(value), self._format(num_format=f"{shown};[Red]-{shown}", align="right", indent=1, **more))

    def _put(self, sheet: Worksheet, row: int, column: int, key: str, value: Any, currency: str, **more: Any) -> None:
        """One value by what its column means."""
        if value is None or value == "":
            sheet.write_blank(row, column, None, self._format(**more))
        elif key in MONEY:
            self._money(sheet, row, column, int(value), currency, **more)
        elif key in IN_BOOKS:
            self._money(sheet, row, column, int(value), self.report.books_currency, **more)
        elif key in RATES:
            sheet.write_number(row, column, value / 1_000_000, self._format(num_format="0.000000", align="right", indent=1, **more))
        elif isinstance(value, bool):
            put_text(sheet, row, column, self.words["yes"] if value else "", self._format(**more))
        elif isinstance(value, int):
            sheet.write_number(row, column, value, self._format(num_format="#,##0", align="right", indent=1, **more))
        elif isinstance(value, datetime):
            sheet.write_datetime(row, column, value, self._format(num_format="yyyy-mm-dd hh:mm", align="left", **more))
        elif isinstance(value, date):
            sheet.write_datetime(row, column, value, self._format(num_format="yyyy-mm-dd", align="left", **more))
        else:
            put_text(sheet, row, column, value, self._format(**{"text_wrap": True, **more}))

    def _severity(self, sheet: Worksheet, row: int, column: int, severity: str) -> None:
        back, ink = SEVERITY[severity]
        put_text(sheet, row, column, self.words[severity], self._format(bg_color=back, font_color=ink, bold=True))

    # -- sheets ----------------------------------------------------------------------------------------------------------
    def _sheet(self, name: str, hint: str = "") -> Worksheet:
        sheet = self.book.add_worksheet(self.words[name])
        sheet.hide_gridlines(2)
        sheet.set_landscape()
        sheet.set_paper(9)
        sheet.set_margins(left=0.4, right=0.4, top=0.5, bottom=0.6)
        sheet.fit_to_pages(1, 0)
        sheet.set_footer("&L&A&C&P / &N&R" + self.words["title"] + f" {self.report.now:%Y-%m-%d}")
        title = self.words["title"] if name == "summary" else f"{self.words['title']}  ·  {self.words[name]}"
        sheet.set_row(0, 26)
        put_text(sheet, 0, 0, title, self.book.add_format({"bold": True, "font_size": 15, "font_color": INK}))
        put_text(sheet, 1, 0, hint, self.book.add_format({"font_size": 9, "font_color": "#4A5568"}))
        return sheet

    def _table(self, sheet: Worksheet, columns: Sequence[tuple[str, int]], rows: int, freeze: int) -> int:
        """Captions with filter on the third row, frozen; gives the first row of data."""
        head = 2
        sheet.set_row(head, 30)
        for column, (key, width) in enumerate(columns):
            sheet.set_column(column, column, width)
            put_text(sheet, head, column, self.words[key].format(base=self.report.books_currency), self._head())
        sheet.autofilter(head, 0, head + max(rows, 1), len(columns) - 1)
        sheet.freeze_panes(head + 1, freeze)
        sheet.repeat_rows(head)
        return head + 1

    def _block(self, sheet: Worksheet, row: int, title: str, keys: Sequence[str]) -> int:
        """A titled table of the summary; gives its first row of data."""
        put_text(sheet, row, 0, self.words[title], self.book.add_format({"bold": True, "font_size": 12, "font_color": INK}))
        for column, key in enumerate(keys):
            put_text(sheet, row + 1, column, self.words[key], self._head())
        sheet.set_row(row + 1, 30)
        return row + 2

    def _summary(self) -> None:
        report, words = self.report, self.words
        sheet = self._sheet("summary", words["period"].format(start=f"{report.start:%Y-%m-%d}", now=f"{report.now:%Y-%m-%d %H:%M}"))
        sheet.set_column(0, 0, 50)
        sheet.set_column(1, 10, 13)
        back, ink = LIGHTS[report.light]
        said = words[report.light].format(
            waiting=len(report.result.exceptions) + len(report.orphans), wrong=report.wrong, untied=report.untied, problems=len(report.problems)
        )
        sheet.set_row(2, 28)
        sheet.merge_range(2, 0, 2, 10, "", self._format(bg_color=back))
        put_text(sheet, 2, 0, said, self._format(bg_color=back, font_color=ink, bold=True, font_size=13, valign="vcenter"))
        sheet.freeze_panes(3, 0)
        row = self._by_code(sheet, 4)
        row = self._by_currency(sheet, row + 1)
        row = self._control(sheet, row + 1)
        row = self._tie_outs(sheet, row + 1)
        row = self._excluded(sheet, row + 1)
        if report.problems:
            put_text(sheet, row + 1, 0, words["problems_head"], self.book.add_format({"bold": True, "font_size": 12, "font_color": INK}))
            for index, problem in enumerate(report.problems, row + 2):
                sheet.merge_range(index, 0, index, 10, "", self._format(text_wrap=True))
                put_text(sheet, index, 0, problem, self._format(text_wrap=True))

    def _by_code(self, sheet: Worksheet, row: int) -> int:
        row = self._block(sheet, row, "by_code", ("meaning", "code", "currency", "cases", "expected", "refunded", "credited", "difference"))
        groups: dict[tuple[Code, str], list[CaseResult]] = defaultdict(list)
        for case in self.report.result.cases:
            groups[case.code, case.currency].append(case)
        order = [*sorted(GOOD), *ADVICE]
        for (code, currency), cases in sorted(groups.items(), key=lambda entry: (order.index(entry[0][0]), entry[0][1])):
            values: tuple[tuple[str, Any], ...] = (
                ("text", advice(code, self.captions) or self.words["nothing"]),
                ("text", code),
                ("text", currency),
                ("count", len(cases)),
                *_sums(cases),
            )
            for column, (key, value) in enumerate(values):
                self._put(sheet, row, column, key, value, currency)
            row += 1
        orphans = Counter((row_.code, row_.currency) for row_ in self.report.orphans)
        for (name, currency), count in sorted(orphans.items()):
            value = sum(one.value for one in self.report.orphans if (one.code, one.currency) == (name, currency))
            for column, (key, shown) in enumerate(
                (("text", advice(Code(name), self.captions)), ("text", name), ("text", currency), ("count", count), ("expected", 0), ("refunded", value))
            ):
                self._put(sheet, row, column, key, shown, currency)
            row += 1
        return row

    def _by_currency(self, sheet: Worksheet, row: int) -> int:
        row = self._block(sheet, row, "by_currency", ("what", "currency", "cases", "expected", "refunded", "credited", "difference"))
        groups: dict[str, list[CaseResult]] = defaultdict(list)
        for case in self.report.result.cases:
            groups[case.currency].append(case)
        for currency, cases in sorted(groups.items()):
            for column, (key, value) in enumerate((("text", self.words["all_cases"]), ("text", currency), ("count", len(cases)), *_sums(cases))):
                self._put(sheet, row, column, key, value, currency)
            row += 1
        return row

    def _control(self, sheet: Worksheet, row: int) -> int:
        keys = ("leg", "currency", "rows_in", "matched", "exceptions", "excluded", "value_in", "value_matched", "value_exceptions", "value_excluded", "ties")
        row = self._block(sheet, row, "control", keys)
        for total in sorted(self.report.result.totals, key=lambda one: (LEGS.index(one.leg), one.currency)):
            put_text(sheet, row, 0, self.words[total.leg], self._format())
            put_text(sheet, row, 1, total.currency or self.words["qty"], self._format())
            for column, count in enumerate((total.rows_in, total.matched, total.exceptions, total.excluded), 2):
                self._put(sheet, row, column, "count", count, "")
            for column, value in enumerate((total.value_in, total.value_matched, total.value_exceptions, total.value_excluded), 6):
                self._money(sheet, row, column, value, total.currency)
            self._yes_no(sheet, row, 10, total.ties)
            row += 1
        return row

    def _tie_outs(self, sheet: Worksheet, row: int) -> int:
        row = self._block(sheet, row, "ties_head", ("what", "currency", "rows_one", "value_one", "rows_other", "value_other", "difference", "ties"))
        for tie in self.report.ties:
            put_text(sheet, row, 0, self.words[f"tie_{tie.what}"].format(program=tie.program), self._format(text_wrap=True))
            put_text(sheet, row, 1, tie.currency or self.words["qty"], self._format())
            self._put(sheet, row, 2, "count", tie.rows, "")
            self._money(sheet, row, 3, tie.value, tie.currency)
            self._put(sheet, row, 4, "count", tie.other_rows, "")
            self._money(sheet, row, 5, tie.other_value, tie.currency)
            self._money(sheet, row, 6, tie.value - tie.other_value, tie.currency)
            self._yes_no(sheet, row, 7, tie.ties)
            row += 1
        return row

    def _excluded(self, sheet: Worksheet, row: int) -> int:
        row = self._block(sheet, row, "excluded_head", ("reason", "leg", "currency", "rows", "value"))
        groups: dict[tuple[str, str, str], list[RowResult]] = defaultdict(list)
        for one in self.report.result.rows:
            if one.status == "excluded":
                groups[one.code, one.leg, one.currency].append(one)
        for (reason, leg, currency), rows in sorted(groups.items()):
            for column, text in enumerate((reason, self.words[leg], currency or self.words["qty"])):
                put_text(sheet, row, column, text, self._format(text_wrap=column == 0))
            self._put(sheet, row, 3, "count", len(rows), "")
            self._money(sheet, row, 4, sum(one.value for one in rows), currency)
            row += 1
        if not groups:
            put_text(sheet, row, 0, self.words["none"], self._format())
        return row + (not groups)

    def _yes_no(self, sheet: Worksheet, row: int, column: int, good: bool) -> None:
        back, ink = LIGHTS["green" if good else "red"]
        put_text(sheet, row, column, self.words["yes" if good else "no"], self._format(bg_color=back, font_color=ink, bold=True, align="center"))

    def _matched(self) -> None:
        cases = [case for case in self.report.result.cases if case.code in GOOD]
        sheet = self._sheet("matched_sheet")
        first = self._table(sheet, MATCHED, len(cases), 1)
        for row, case in enumerate(cases, first):
            shown = {
                "rma": case.rma, "order_no": case.order_no, "code": case.code, "how": self.words.get(case.how, ""), "currency": case.currency, "expected": case.expected,
                "refunded": case.refunded, "credited": case.credited, "difference": case.refunded - case.expected, "why": case.why,
            }  # fmt: skip
            for column, (key, _) in enumerate(MATCHED):
                self._put(sheet, row, column, key, shown[key], case.currency)

    # -- exceptions ------------------------------------------------------------------------------------------------------
    def _exceptions(self) -> None:
        report = self.report
        rank = {code: number for number, code in enumerate(ADVICE)}
        level = {"high": 0, "medium": 1, "low": 2}
        found = [self._case_line(case) for case in report.result.exceptions] + [self._orphan_line(row) for row in report.orphans]
        found.sort(key=lambda line: (level[line["severity"]], rank[Code(line["code"])], -(line["age_days"] or 0), line["rma"]))
        sheet = self._sheet("exceptions_sheet", self.words["hint_exceptions"])
        first = self._table(sheet, EXCEPTIONS, len(found), 3)
        for row, line in enumerate(found, first):
            for column, (key, _) in enumerate(EXCEPTIONS):
                if key == "severity":
                    self._severity(sheet, row, column, line[key])
                elif key in ("owner", "status", "note"):
                    put_text(sheet, row, column, line[key], self._format(text_wrap=True, bg_color="#FFF6D6", locked=False, border=1, border_color="#E3CF8B"))
                elif key == "evidence":
                    self._evidence(sheet, row, column, line["rma"])
                else:
                    self._put(sheet, row, column, key, line[key], line["currency"])
            lines = max(-(-len(line["why"]) // 40), -(-_wide(line["advice"]) // 30), -(-len(line["suggestions"]) // 18), -(-_wide(line["status"]) // 24), 1)
            sheet.set_row(row, min(14 * lines + 4, 200))
        sheet.protect("", {"autofilter": True, "sort": True, "format_columns": True, "format_rows": True})

    def _case_line(self, case: CaseResult) -> dict[str, Any]:
        return {
            "severity": ADVICE[case.code][0], "code": case.code, "rma": case.rma, "order_no": case.order_no, "why": case.why, "currency": case.currency,
            "expected": case.expected, "refunded": case.refunded, "credited": case.credited, "difference": case.refunded - case.expected, "age_days": case.age_days,
            "advice": advice(case.code, self.captions), "suggestions": "", "owner": self._owner(case.code), "status": self._status(case.rma, case.code), "note": "",
        }  # fmt: skip

    def _orphan_line(self, row: RowResult) -> dict[str, Any]:
        code = Code(row.code)
        source = next(one for one in self.report.legs[row.leg] if one.row_id == row.row_id)
        at = next((value for name in ("at", "accepted_at", "posted_on") if (value := getattr(source, name, None)) is not None), None)
        age = (self.report.now.date() - (at.date() if isinstance(at, datetime) else at)).days if at is not None else None
        likely = ", ".join(f"{one.rma} ({one.why})" for one in self.report.result.suggestions if (one.leg, one.row_id) == (row.leg, row.row_id))
        refunded = row.value if row.leg == "refunds" else None
        credited = row.value if row.leg == "ledger" else None
        return {
            "severity": ADVICE[code][0], "code": code, "rma": row.rma.strip("-"), "order_no": source.order_no, "why": f"{self.words[row.leg]}: {row.row_id}",
            "currency": row.currency, "expected": None, "refunded": refunded, "credited": credited, "difference": refunded, "age_days": age,
            "advice": advice(code, self.captions), "suggestions": likely, "owner": self._owner(code), "status": self._status(row.rma, code), "note": "",
        }  # fmt: skip

    def _owner(self, code: Code) -> str:
        return self.words[next((owner for owner, codes in OWNERS.items() if code in codes), "owner_payments")]

    def _status(self, rma: str, code: Code) -> str:
        standing = self.report.standing.get(rma)
        if standing is not None:
            return self.words[f"status_{standing.kind}"].format(what=standing.what)
        return self.words["status_wait" if code is Code.TIMING_PENDING else "status_book"]

    def _evidence(self, sheet: Worksheet, row: int, column: int, rma: str) -> None:
        """A link to the case's folder, where it has one."""
        folder = self.evidence / safe_name(rma)
        if rma and folder.is_dir():
            sheet.write_url(
                row, column, f"external:{os.path.relpath(folder, self.home)}", self._format(font_color="#1F5FBF", underline=1), string=safe_name(rma)
            )
        else:
            sheet.write_blank(row, column, None, self._format())

    # -- the legs as they came -------------------------------------------------------------------------------------------
    def _raw(self, leg: str) -> None:
        rows, columns = self.report.legs[leg], (*RAW[leg], *JUDGED)
        judged = {one.row_id: one for one in self.report.result.rows if one.leg == leg}
        sheet = self._sheet(leg, self.words["hash_hint"])
        first = self._table(sheet, columns, len(rows), 1)
        # A row a line: what is too long for its cell is read in the cell itself.
        looks: dict[str, dict[str, Any]] = {"matched": {}, "exception": {"bg_color": "#FCE7C8"}, "excluded": {"font_color": "#6B7280"}}
        outcomes = {"matched": "matched", "exception": "exceptions", "excluded": "excluded"}
        for row, one in enumerate(rows, first):
            result = judged[one.row_id]
            end = {"outcome": self.words[outcomes[result.status]], "reason": result.code, "home": result.rma.strip("-"), "hash": row_hash(one)}
            for column, (key, _) in enumerate(columns):
                value = end[key] if key in end else getattr(one, key)
                self._put(sheet, row, column, key, value, getattr(one, "currency", ""), text_wrap=False, **looks[result.status])

    def _rules(self) -> None:
        sheet = self._sheet("rules")
        sheet.set_column(0, 0, 30)
        sheet.set_column(1, 1, 14)
        sheet.set_column(2, 2, 80)
        row = self._block(sheet, 2, "rules_head", ("setting", "setting_value"))
        for name, value in self.report.rules.model_dump().items():
            put_text(sheet, row, 0, name, self._format())
            self._put(sheet, row, 1, "count", value, "")
            row += 1
        row = self._block(sheet, row + 1, "codes_head", ("code", "severity", "meaning"))
        for code, (severity, _) in ADVICE.items():
            put_text(sheet, row, 0, code, self._format())
            self._severity(sheet, row, 1, severity)
            put_text(sheet, row, 2, advice(code, self.captions), self._format(text_wrap=True))
            row += 1
        row = self._block(sheet, row + 1, "passes_head", ())
        for number in range(1, 5):
            put_text(sheet, row - 1, 0, self.words[f"pass_{number}"], self.book.add_format({"font_size": 10}))
            row += 1

    def _sign_off(self) -> None:
        sheet = self._sheet("sign_off", self.words["sign_hint"])
        for column, (key, width) in enumerate((("role", 20), ("name", 34), ("date", 18), ("signature", 34), ("note", 46))):
            sheet.set_column(column, column, width)
            put_text(sheet, 3, column, self.words[key], self._head())
        yellow: dict[str, Any] = {"bg_color": "#FFF6D6", "border": 1, "border_color": "#E3CF8B", "locked": False, "valign": "vcenter"}
        for row, role in enumerate(("prepared", "checked", "approved"), 4):
            sheet.set_row(row, 34)
            put_text(sheet, row, 0, self.words[role], self._format(bold=True, valign="vcenter"))
            for column in range(1, 5):
                sheet.write_blank(row, column, None, self._format(**yellow, **({"num_format": "yyyy-mm-dd"} if column == 2 else {})))
        put_text(sheet, 4, 1, self.words["bot"], self._format(**yellow))
        sheet.write_datetime(4, 2, self.report.now, self._format(**yellow, num_format="yyyy-mm-dd", align="left"))
        sheet.protect("", {"format_columns": True, "format_rows": True})


def row_hash(row: LegRow) -> str:
    """The first 16 digits of the hash over a row as it was matched."""
    return digest(row.model_dump(mode="json"))[:16]


def _sums(cases: Sequence[CaseResult]) -> tuple[tuple[str, int], ...]:
    expected, refunded, credited = (sum(getattr(case, name) for case in cases) for name in ("expected", "refunded", "credited"))
    return ("expected", expected), ("refunded", refunded), ("credited", credited), ("difference", refunded - expected)


def _wide(text: str) -> int:
    """Columns that a text takes: a Chinese character is two wide."""
    return sum(2 if ord(letter) > 0x2E7F else 1 for letter in text)

"""The guards, and what is left of the code without each."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FRAUD = ("bots/decisions/fraud.py", "bots/decisions/fraud_refunds.py")


@dataclass(frozen=True)
class Mutant:
    """One guard less: in `file`, `old` (which stands there `nth` times or more) becomes `new`; one of `tests` must fail then."""

    name: str
    file: str
    old: str
    new: str
    tests: str
    nth: int = 1

    def apply(self, text: str) -> str:
        """The text without the guard. Raises LookupError where the guard no longer stands there: then this list is out of date."""
        at = -1
        for _ in range(self.nth):
            at = text.find(self.old, at + 1)
            if at < 0:
                raise LookupError(f"{self.name}: {self.file} does not hold {self.old!r} {self.nth} times")
        return text[:at] + self.new + text[at + len(self.old) :]


LEDGER, GUARDS = "bots/cases/ledger.py", "bots/decisions/guardrails.py"
LEDGER_TESTS = "tests/test_ledger.py tests/test_desk.py"
GUARD_TESTS = "tests/test_guardrails.py tests/test_desk.py"
SCREEN_TESTS, DESKTOP_TESTS = "tests/test_screen.py", "tests/test_desktop.py tests/test_portal_practice_bank.py"

PROTOCOL = (
    Mutant("look first", LEDGER, "        found = self._look(case, row, look)\n", "        found = None\n", LEDGER_TESTS),
    Mutant("read back", LEDGER, "            found = self._look(case, row, look)\n", "            found = 'taken for granted'\n", LEDGER_TESTS),
    Mutant("a clicked commit is frozen", LEDGER, '        elif row.state in ("clicked", "needs_check"):\n', "        elif False:\n", LEDGER_TESTS),
    Mutant("a confirmed commit is done", LEDGER, '        if row.state == "confirmed":\n', "        if False:\n", LEDGER_TESTS),
    Mutant("other terms after the click", LEDGER, 'if known.state in ("clicked", "confirmed", "needs_check"):', "if False:", LEDGER_TESTS),
    Mutant("one click a permit", LEDGER, "        if self.spent:\n", "        if False:\n", LEDGER_TESTS),
    Mutant("nothing is sent in a dry run", LEDGER, "        if self.dry:\n", "        if False:\n", LEDGER_TESTS),
    Mutant("the click is written down first", LEDGER, "        self._ledger._clicked(self._row)\n", "        pass\n", LEDGER_TESTS),
    Mutant("one worker clicks", LEDGER, "            if done.rowcount != 1:\n                raise NeedsCheck", "            if False:\n                raise NeedsCheck", LEDGER_TESTS),
    Mutant("guardrails before the form", LEDGER, "        self.guard(case, intent)\n        permit", "        permit", GUARD_TESTS + " " + LEDGER_TESTS),
    Mutant("guardrails at the click", LEDGER, "            self._check()\n", "            pass\n", GUARD_TESTS + " " + LEDGER_TESTS),
    Mutant("confirmed is never taken back", LEDGER, '(commits.c.state != "confirmed") | (state == "confirmed")', "commits.c.id > 0", LEDGER_TESTS),
    Mutant("a worker whose number came round again", "bots/cases/work.py", " or abs(process.create_time() - int(started)) > SAME_START_S", "", "tests/test_work.py"),
    Mutant("made twice is told", LEDGER, "    if len(standing) > 1:\n", "    if False:\n", "tests/test_ledger.py tests/test_desk.py tests/test_portal_practice_payments.py"),
)  # fmt: skip

GUARDRAILS = (
    Mutant("G01 STOP file", GUARDS, "    if stop_file:\n", "    if False:\n", GUARD_TESTS),
    Mutant("G02 only suggests", GUARDS, 'mode == "suggest" and not approved', "False", GUARD_TESTS),
    Mutant("G02 shadow", "bots/portals/desk.py", '.mode.get(self.bot) == "shadow"', ".mode.get(self.bot) == 'never'", GUARD_TESTS),
    Mutant("G03 cap an item", GUARDS, "settings.cap_item, amount.minor", "settings.cap_item, 0", GUARD_TESTS),
    Mutant("G04 cap a run", GUARDS, "totals.run + amount.minor", "0", GUARD_TESTS),
    Mutant("G05 cap a day", GUARDS, "totals.day + amount.minor", "0", GUARD_TESTS),
    Mutant("G06 cap a payee", GUARDS, "totals.payee_day + amount.minor", "0", GUARD_TESTS),
    Mutant("G07 hours", GUARDS, "if not settings.hours[0] <= now.hour < settings.hours[1]:", "if False:", GUARD_TESTS),
    Mutant("G08 maintenance", GUARDS, "if within(text, now)", "if False", GUARD_TESTS),
    Mutant("G09 four eyes", GUARDS, "len(approvers) < 2", "len(approvers) < 1", GUARD_TESTS),
    Mutant("G10 canary", "bots/portals/desk.py", "            stop = self._canary(intent)\n", "            stop = None\n", GUARD_TESTS),
    Mutant("a canary settled by hand", "bots/portals/desk.py", " or self.store.case_by_id(row.case_id).close_code:", ":", GUARD_TESTS),
    Mutant("approval of exact terms", "bots/portals/desk.py", "self.store.waiver(case, code, intent.terms_hash)", "next((w for w in [self.store.waiver(case, code)] if w), None)", GUARD_TESTS),
)  # fmt: skip

SCREENS = (
    Mutant("the confirm step shows number and amount", "bots/automation/screen.py", "        if absent:\n", "        if False:\n", SCREEN_TESTS),
    Mutant("a commit needs its first way", "bots/automation/screen.py", "        if rung or region_rung:\n", "        if False:\n", SCREEN_TESTS),
    Mutant("nothing but reading leaves in a dry run", "bots/automation/browser.py", "        route.abort(", "        route.fallback() if True else route.abort(", "tests/test_dry_run.py"),
    Mutant("the page is left after a dry run", "bots/automation/browser.py", '            page.goto("about:blank")\n', "            pass\n", "tests/test_dry_run.py"),
    Mutant("only a commit element commits", "bots/automation/screen.py", "if element.risk is not Risk.COMMIT or element.within is None:", "if False:", SCREEN_TESTS),
    Mutant("the desktop's confirm step shows the terms", "bots/automation/desktop_screen.py", "            if absent:\n", "            if False:\n", DESKTOP_TESTS),
)  # fmt: skip

DESKTOP, BANK, CLIPBOARD = "bots/automation/desktop_screen.py", "bots/portals/practice/bank.py", "bots/automation/clipboard.py"
ACCESSIBLE, ACCESS_TESTS = "bots/automation/accessible_screen.py", "tests/test_access.py"
LIES_TESTS = f"tests/test_portal_practice_bank_lies.py {DESKTOP_TESTS}"
KEYBOARD = "self._keyboard_is_ours(*self._page_titles())"

WINDOWS = (
    Mutant("a filled desktop field is read back", DESKTOP, "if held == text and self._is_up():", "if True:", DESKTOP_TESTS),
    Mutant("only commit() presses a commit element of a window", DESKTOP, "        if element.risk is Risk.COMMIT:\n", "        if False:\n", DESKTOP_TESTS),
    Mutant("no key goes to a stranger's window, by accessibility", ACCESSIBLE, "return None if ours else self", "return None if True else self", ACCESS_TESTS),
    Mutant("a field filled by accessibility is read back", ACCESSIBLE, "            if held == text:\n", "            if True:\n", ACCESS_TESTS),
    Mutant("a caption that stands twice, by accessibility", ACCESSIBLE, "        if twice:\n", "        if False:\n", ACCESS_TESTS),
    Mutant("a window's commit needs its dialog", DESKTOP, "if element.risk is not Risk.COMMIT or element.within is None:", "if element.within is None:\n            return\n        if False:", DESKTOP_TESTS),
    Mutant("a window's dialog is seen by its first way", DESKTOP, "if not wait_until(lambda: self._seen(region), self.timeout_s):\n            raise ScreenChanged", "if False:\n            raise ScreenChanged", DESKTOP_TESTS),
    Mutant("the dialog is still up at the key", DESKTOP, "            if not self._seen(region):  # writing", "            if False:  # writing", LIES_TESTS),
    Mutant("what was not confirmed is withdrawn", DESKTOP, "            if not spent:\n", "            if False:\n", LIES_TESTS),
    Mutant("a dialog that cannot be withdrawn ends with its program", DESKTOP, "not in self._titles():  # it may wait underneath", "is None:  # it may wait underneath", LIES_TESTS),
    Mutant("no key goes to a stranger's window", DESKTOP, f'by the first way that can be aimed."""\n        {KEYBOARD}\n', 'by the first way that can be aimed."""\n', LIES_TESTS),
    Mutant("no text goes to a stranger's window", DESKTOP, f"                {KEYBOARD}\n", "", LIES_TESTS),
    Mutant("a stranger's window is told by name", DESKTOP, "        if (stranger := self._stranger()) is not None:\n", "        stranger = None\n        if False:\n", LIES_TESTS),
    Mutant("a covered program is started anew", DESKTOP, "            self._come_up()\n", "", LIES_TESTS),
    Mutant("a dialog is read when it is painted", DESKTOP, "if not wait_until(complete, self.timeout_s):", "if not complete():", LIES_TESTS),
    Mutant("a caption that stands twice", DESKTOP, ".count(caption) != 1]", ".count(caption) < 1]", LIES_TESTS),
    Mutant("a term stands by itself", DESKTOP, 'rf"(?<!\\w)(?<!\\d[.,]){wanted}(?!\\w)(?![.,]\\d)"', "wanted", DESKTOP_TESTS),
    Mutant("each term of the bank's dialog", BANK, '            self._same(self.screen.fields("confirm_dialog"), terms, "the confirm dialog")\n', "            pass\n", LIES_TESTS),
    Mutant("the bank's form is for this payee", BANK, '        self._same({name: screen.value(name) for name in ("payee", "iban")}, terms, "the form")\n', "", LIES_TESTS),
    Mutant("one payee of this name and account", BANK, "if len(payees) != 1 or payees[0].name != wanted.payee_name:", "if False:", DESKTOP_TESTS),
    Mutant("a search shows only what was searched for", BANK, "        if others := [", "        if False and [", LIES_TESTS),
    Mutant("a search is over when the program says so", BANK, "        if not wait_until(finished, screen.timeout_s):\n", "        if False:\n", LIES_TESTS),
    Mutant("as many rows as the program says", BANK, "        if not wait_until(whole, screen.timeout_s):\n", "        if not whole() and False:\n", LIES_TESTS),
    Mutant("a whole statement file", BANK, 'raise SystemException(f"{self.book.head.title} exported', 'dict(text=f"{self.book.head.title} exported', DESKTOP_TESTS),
    Mutant("an old text on the clipboard", CLIPBOARD, '        self.write(mark)\n', "", DESKTOP_TESTS),
    Mutant("a question for the clipboard is asked again", CLIPBOARD, "timeout=min(seconds, left)", "timeout=left", DESKTOP_TESTS),
    Mutant("a key that stays down", "bots/automation/display.py", '"-r", ', "", DESKTOP_TESTS),
    Mutant("a secret is never pasted", "bots/automation/desktop.py", "        if not set(secret) <= self.typable:\n", "        if False:\n", DESKTOP_TESTS),
)  # fmt: skip

STRANGERS = (
    Mutant("an account in a mail", "bots/decisions/understanding/judge.py", 'ibans = find_ibans(f"{parts.text}\\n{parts.quote}")', "ibans = find_ibans(parts.text)", "tests/test_understanding.py"),
    Mutant("a forged sender", "bots/intake.py", "        if mail.authentication.forged:\n", "        if False:\n", "tests/test_hostile.py"),
    Mutant("a mail that cannot be read", "bots/intake.py", "        if mail.unreadable:\n", "        if False:\n", "tests/test_hostile.py"),
    Mutant("text is no formula", "bots/workbooks/output.py", "sheet.write_string(row, column, text(value), style)", "sheet.write(row, column, text(value), style)", "tests/test_hostile_papers.py tests/test_exceptions_workbook.py"),
    Mutant("goods called unfit are not read as fit", "bots/decisions/understanding/notes.py", "elif grade in RESALEABLE and words.spans", "elif False and words.spans", "tests/test_notes.py"),
    Mutant("secrets in evidence", "bots/automation/evidence.py", "return mask_cards(self._redact(text))", "return text", "tests/test_evidence.py tests/test_secrets_masked.py"),
    Mutant("a workbook that unpacks too far", "bots/workbooks/imports/tables.py", "        check_workbook(path)\n", "        pass\n", "tests/test_hostile.py"),
    Mutant("a changed event", "bots/cases/events.py", "if row.hash != event_hash(row.previous_hash, row.case_id, row.at, row.actor, row.kind, row.data):", "if False:", "tests/test_events.py tests/test_audit.py"),
    Mutant("a removed event", "bots/cases/events.py", "        if row.seq != last_seq + 1:\n", "        if False:\n", "tests/test_events.py tests/test_audit.py"),
    Mutant("a log that was cut off", "bots/cases/events.py", "    if newest > last_seq:\n", "    if False:\n", "tests/test_events.py tests/test_audit.py"),
)  # fmt: skip


def fraud_rules() -> Iterator[Mutant]:
    """Each rule of fraud and error, made to find nothing: a function whose docstring begins with its number."""
    for file in FRAUD:
        source = (ROOT / file).read_text(encoding="utf-8")
        for node in ast.parse(source).body:
            told = ast.get_docstring(node) if isinstance(node, ast.FunctionDef) else None
            if isinstance(node, ast.FunctionDef) and told and told[0] == "F" and told[1:3].isdigit():
                doc = ast.get_source_segment(source, node.body[0]) or ""
                nothing = "()" if "tuple" in ast.unparse(node.returns or ast.Constant(None)) else "None"
                yield Mutant(f"{told[:3]} {node.name}", file, doc, f"{doc}\n    return {nothing}", "tests/test_decisions_fraud.py")


def all_mutants() -> list[Mutant]:
    return [*PROTOCOL, *GUARDRAILS, *SCREENS, *WINDOWS, *STRANGERS, *fraud_rules()]

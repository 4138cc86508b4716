"""What `watch` saw: a workbook of every locator, and patches of locator files for those that work only by a lower way, or whose element has moved."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from difflib import unified_diff
from pathlib import Path

from bots.automation.locators import Element, load_book
from bots.automation.recording import set_element
from bots.automation.survey import ElementSurvey, PageSurvey
from bots.workbooks.output import open_workbook, put_in_place, put_text, write_in_place

WAITS = "not looked at"
HEAD = (
    ("Product", 18),
    ("Page", 20),
    ("Element", 22),
    ("Risk", 9),
    ("Found by way", 14),
    ("Verdict", 18),
    ("Ways, best first", 70),
    ("Matches of each way", 20),
    ("Since the baseline", 40),
    ("Proposed", 60),
)


def verdict(element: ElementSurvey) -> str:
    """One word on an element: good, lower way, missing, or absent (shows only at times)."""
    if element.rung == 0:
        return "good"
    if element.rung is not None:
        return "lower way"
    return "absent (optional)" if element.optional else "MISSING"


def write_watch(file: Path, patch_folder: Path, surveys: Sequence[PageSurvey], now: datetime, books: Path) -> str:
    """Write the workbook, and the patches of locator books below `books`, instead of those of the last time; gives a few words naming where they are."""
    place = put_in_place(file, lambda fresh: _write(fresh, surveys, now))
    for old in patch_folder.glob("*.patch"):
        old.unlink()
    patches = [patch for survey in surveys if (patch := _write_patch(patch_folder, books, survey, now)) is not None]
    return place.name + (f", proposed patches: {', '.join(patch.name for patch in patches)}" if patches else "")


def _write(file: Path, surveys: Sequence[PageSurvey], now: datetime) -> None:
    book = open_workbook(file)
    sheet = book.add_worksheet("Locators")
    base = {"font_size": 10, "valign": "top", "text_wrap": True, "bottom": 4, "bottom_color": "#C9CED6"}
    colours = {"good": "#E2EFDA", "lower way": "#FCE7C8", "MISSING": "#F8D3D0", "absent (optional)": "#F3F4F6", WAITS: "#F3F4F6"}
    styles = {word: book.add_format({**base, "bg_color": colour}) for word, colour in colours.items()}
    plain, head = book.add_format(base), book.add_format({"bold": True, "font_color": "#FFFFFF", "bg_color": "#1F3A5F", "valign": "vcenter"})
    sheet.hide_gridlines(2)
    elements = [element for survey in surveys for element in survey.elements]
    count = {word: sum(verdict(element) == word for element in elements) for word in colours if word != WAITS}
    title = f"{len(elements)} locators on {len(surveys)} pages at {now:%Y-%m-%d %H:%M} UTC: " + ", ".join(f"{number} {word}" for word, number in count.items())
    sheet.write_string(0, 0, title, book.add_format({"bold": True, "font_size": 13, "font_color": "#1F3A5F"}))
    for column, (caption, width) in enumerate(HEAD):
        sheet.set_column(column, column, width)
        sheet.write_string(1, column, caption, head)
    row = 2
    for survey in surveys:
        if survey.problem:
            word = WAITS if survey.waits else "MISSING"
            for column, value in enumerate((survey.product, survey.page, "(page)", "", "", word, survey.problem, "", "", "")):
                put_text(sheet, row, column, value, styles[word] if column == 5 else plain)
            row += 1
        for element in survey.elements:
            word = verdict(element)
            found = "" if element.rung is None else str(element.rung + 1)
            counts, changes = ", ".join(map(str, element.counts)), "\n".join(element.changes)
            values = (survey.product, survey.page, element.name, element.risk, found, word, "\n".join(element.ways), counts, changes, _proposed(element))
            for column, value in enumerate(values):
                put_text(sheet, row, column, value, styles[word] if column == 5 else plain)
            sheet.set_row(row, 14 * max(value.count("\n") + 1 for value in values) + 2)
            row += 1
    sheet.autofilter(1, 0, max(row - 1, 1), len(HEAD) - 1)
    sheet.freeze_panes(2, 3)
    sheet.set_landscape()
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(1)
    book.close()


def _proposed(element: ElementSurvey) -> str:
    """The ways of the proposal, and how sure it is the same element."""
    if element.proposal is None:
        return ""
    ways = "\n".join(way.describe() for way in element.proposal.ways)
    return ways if element.rung is not None else f"{ways}\n({element.likeness:.0%} alike)"


def _write_patch(folder: Path, books: Path, survey: PageSurvey, now: datetime) -> Path | None:
    """A patch of the page's locator file for a person to review; nothing reads it, and commits stay stopped until it is applied."""
    elements = {element.name: element for element in survey.elements if element.proposal is not None or element.rung}
    if not elements:
        return None
    patch = folder / f"{survey.product}-{survey.page}.patch"
    name = f"locators/{survey.product}/{survey.page}.yaml"
    page = load_book(books, survey.product).page(survey.page)
    before = after = (books / survey.product / f"{survey.page}.yaml").read_text(encoding="utf-8")
    lines = [f"# Proposed for {name} on {now:%Y-%m-%d %H:%M} UTC. Compare each with the screen, then: patch -p1 < {patch.name}"]
    for element in elements.values():
        lines.append(f"# {element.name} ({element.risk}): {_why(element)}")
        try:
            after = set_element(after, element.name, element.proposal or _reordered(page.elements[element.name], element.rung or 0))
        except ValueError as error:
            lines.append(f"#   not in this patch, change it by hand: {error}")
    lines += [line.rstrip("\n") for line in unified_diff(before.splitlines(True), after.splitlines(True), f"a/{name}", f"b/{name}")]
    return write_in_place(patch, "\n".join(lines) + "\n")


def _why(element: ElementSurvey) -> str:
    """What a person must know to say yes."""
    if element.rung == 0:
        why = "found as ever, with other captions"
    elif element.rung is not None:
        why = f"way {element.rung + 1} finds one element, the first finds {element.counts[0]}"
    else:
        why = f"no way finds it; this one is {element.likeness:.0%} alike what stood there before"
    return why + (". A commit: it stays stopped until this is applied, and then works one case alone" if element.risk == "commit" else "")


def _reordered(element: Element, rung: int) -> Element:
    """The way that works today first."""
    return element.model_copy(update={"ways": (element.ways[rung], *element.ways[:rung], *element.ways[rung + 1 :])})

"""What `watch` saw: a workbook of every locator, and proposed patches for those that work only by a lower way."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from bots.automation.survey import ElementSurvey, PageSurvey
from bots.workbooks.output import open_workbook, put_in_place, put_text

HEAD = (
    ("Product", 18),
    ("Page", 20),
    ("Element", 22),
    ("Risk", 9),
    ("Found by way", 14),
    ("Verdict", 18),
    ("Ways, best first", 70),
    ("Matches of each way", 20),
)


def verdict(element: ElementSurvey) -> str:
    """One word on an element: good, lower way, missing, or absent (shows only at times)."""
    if element.rung == 0:
        return "good"
    if element.rung is not None:
        return "lower way"
    return "absent (optional)" if element.optional else "MISSING"


def write_watch(file: Path, patch_folder: Path, surveys: Sequence[PageSurvey], now: datetime) -> str:
    """Write the workbook and the patch files; gives a few words naming where they are."""
    place = put_in_place(file, lambda fresh: _write(fresh, surveys, now))
    patches = [patch for survey in surveys if (patch := _write_patch(patch_folder, survey, now)) is not None]
    return place.name + (f", proposed patches: {', '.join(patch.name for patch in patches)}" if patches else "")


def _write(file: Path, surveys: Sequence[PageSurvey], now: datetime) -> None:
    book = open_workbook(file)
    sheet = book.add_worksheet("Locators")
    base = {"font_size": 10, "valign": "top", "text_wrap": True, "bottom": 4, "bottom_color": "#C9CED6"}
    colours = {"good": "#E2EFDA", "lower way": "#FCE7C8", "MISSING": "#F8D3D0", "absent (optional)": "#F3F4F6"}
    styles = {word: book.add_format({**base, "bg_color": colour}) for word, colour in colours.items()}
    plain, head = book.add_format(base), book.add_format({"bold": True, "font_color": "#FFFFFF", "bg_color": "#1F3A5F", "valign": "vcenter"})
    sheet.hide_gridlines(2)
    elements = [element for survey in surveys for element in survey.elements]
    count = {word: sum(verdict(element) == word for element in elements) for word in colours}
    title = f"{len(elements)} locators on {len(surveys)} pages at {now:%Y-%m-%d %H:%M} UTC: " + ", ".join(f"{number} {word}" for word, number in count.items())
    sheet.write_string(0, 0, title, book.add_format({"bold": True, "font_size": 13, "font_color": "#1F3A5F"}))
    for column, (caption, width) in enumerate(HEAD):
        sheet.set_column(column, column, width)
        sheet.write_string(1, column, caption, head)
    row = 2
    for survey in surveys:
        if survey.problem:
            for column, value in enumerate((survey.product, survey.page, "(page)", "", "", "MISSING", survey.problem, "")):
                put_text(sheet, row, column, value, styles["MISSING"] if column == 5 else plain)
            row += 1
        for element in survey.elements:
            word = verdict(element)
            found = "" if element.rung is None else str(element.rung + 1)
            values = (survey.product, survey.page, element.name, element.risk, found, word, "\n".join(element.ways), ", ".join(map(str, element.counts)))
            for column, value in enumerate(values):
                put_text(sheet, row, column, value, styles[word] if column == 5 else plain)
            row += 1
    sheet.autofilter(1, 0, max(row - 1, 1), len(HEAD) - 1)
    sheet.freeze_panes(2, 3)
    sheet.set_landscape()
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(1)
    book.close()


def _write_patch(folder: Path, survey: PageSurvey, now: datetime) -> Path | None:
    """A proposal for a person: the way that works today goes first. Nothing reads this file; commits stay stopped until it is applied."""
    lower = [element for element in survey.elements if element.rung]
    if not lower:
        return None
    lines = [f"# Proposed for locators/{survey.product}/{survey.page}.yaml on {now:%Y-%m-%d %H:%M} UTC. Review each on the screen before applying it by hand."]
    for element in lower:
        assert element.rung is not None
        lines.append(f"# {element.name} ({element.risk}): way {element.rung + 1} finds one element, the first finds {element.counts[0]}")
        lines.append(f"{element.name}:")
        order = [element.rung, *(index for index in range(len(element.ways)) if index != element.rung)]
        lines += [f"  - {element.ways[index]}" for index in order]
    folder.mkdir(parents=True, exist_ok=True)
    patch = folder / f"{survey.product}-{survey.page}.txt"
    patch.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return patch

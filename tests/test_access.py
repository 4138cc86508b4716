"""Accessibility, asked of a small GTK program on a private display: what is read, what is done, and what must not be."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from bots.automation.access import SYSTEM_PATH, AccessTree
from bots.automation.accessible_screen import AccessibleScreen
from bots.automation.clipboard import wait_until
from bots.automation.desktop import Desktop
from bots.automation.locators import Book, BookHead, Element, Page, Risk, Way
from bots.cases.errors import ScreenChanged, SystemException
from bots.operations.setup import accessible_packages
from tests.permits import TestPermit
from tests.products import ready

pytestmark = pytest.mark.desktop

# An order form with a table, a locked field, a button that asks before it books, and a caption that pretends to be an answer. What it books stands in its title.
PROGRAM = r"""
import gi, sys
gi.require_version("Gtk", "3.0")
from gi.repository import Gtk
window = Gtk.Window(title=sys.argv[1], default_width=600, default_height=400)
box = Gtk.Box(orientation=Gtk.Orientation.VERTICAL)
window.add(box)
def field(caption, text, editable=True):
    label, entry = Gtk.Label(label=caption), Gtk.Entry(text=text, editable=editable)
    label.set_mnemonic_widget(entry)
    box.add(label), box.add(entry)
    return entry
reference = field("Reference:", "SHOP-1")
field("Amount:", "11.00", editable=False)
field("Note:", ""), field("Note:", "")
box.add(Gtk.Label(label='{"found": 1, "done": true}\n{"found": 1}'))
store = Gtk.ListStore(str, str)
for row in (("HPH-01", "2"), ("größer 王", "-1")):
    store.append(row)
table = Gtk.TreeView(model=store)
for at, caption in enumerate(("SKU", "Pieces")):
    table.append_column(Gtk.TreeViewColumn(caption, Gtk.CellRendererText(), text=at))
box.add(table)
def ask(_):
    dialog = Gtk.MessageDialog(transient_for=window, modal=True, message_type=Gtk.MessageType.QUESTION, text="Book " + reference.get_text() + " over 11.00?")
    dialog.add_buttons("No", Gtk.ResponseType.CANCEL, "Yes", Gtk.ResponseType.OK)
    if dialog.run() == Gtk.ResponseType.OK:
        window.set_title(window.get_title() + " booked")
    dialog.destroy()
for caption, on in (("Book", True), ("Switched off", False)):
    button = Gtk.Button(label=caption, sensitive=on)
    button.connect("clicked", ask)
    box.add(button)
window.connect("destroy", Gtk.main_quit)
window.show_all()
Gtk.main()
"""


@pytest.fixture(scope="module")
def desktop() -> Iterator[Desktop]:
    ready.have(accessible_packages(), "A GTK program")
    with Desktop(furnished=True).opened() as made:
        yield made


def started(desktop: Desktop, title: str) -> subprocess.Popen[bytes]:
    python = next(Path(folder) / "python3" for folder in SYSTEM_PATH.split(":") if (Path(folder) / "python3").exists())
    process = desktop.display.start([str(python), "-c", PROGRAM, title], subprocess.DEVNULL)
    assert desktop.wait_for_window(title, 20)
    return process


@pytest.fixture
def screen(desktop: Desktop) -> Iterator[AccessibleScreen]:
    process = started(desktop, "Orders")
    one = AccessibleScreen(desktop, BOOK, ["-"], lambda: None, timeout_s=3)
    one._program, one.current = process, "main"
    yield one
    one.close_program()


def element(*ways: dict[str, str], **more: Any) -> Element:
    return Element(ways=tuple(Way(**way) for way in ways), **more)


BOOK = Book(
    product="test",
    head=BookHead(title="Test", kind="desktop"),
    folder=Path(),
    pages={
        "login": Page(ready="here", elements={"here": element({"role": "password text"})}),
        "main": Page(
            ready="window",
            elements={
                "window": element({"role": "frame", "name": "Orders"}, fields={"reference": "Reference:", "amount": "Amount:", "absent": "Absent:"}),
                "notes": element({"role": "frame"}, fields={"note": "Note:"}),
                "reference": element({"label": "Reference:"}, risk=Risk.WRITE, within="window"),
                "lower": element({"label": "Gone:"}, {"label": "Reference:"}, risk=Risk.WRITE),
                "amount": element({"label": "Amount:"}, risk=Risk.WRITE),
                "rows": element({"role": "table"}, within="window", columns={"sku": "SKU", "qty": "Pieces"}),
                "other_rows": element({"role": "table"}, columns={"sku": "Article"}),
                "book": element({"role": "push button", "name": "Book"}, risk=Risk.WRITE),
                "off": element({"role": "push button", "name": "Switched off"}, risk=Risk.WRITE),
                "note": element({"label": "Note:"}, risk=Risk.WRITE),
                "dialog": element({"role": "alert"}),
                "no": element({"role": "push button", "name": "No"}, within="dialog"),
                "yes": element({"role": "push button", "name": "Yes"}, risk=Risk.COMMIT, within="dialog"),
                "below": element({"role": "push button", "name": "Sure"}, {"role": "push button", "name": "Yes"}, risk=Risk.COMMIT, within="dialog"),
            },
        ),
    },
)


# -- reading -------------------------------------------------------------------------------------------------------------------


def test_what_a_window_tells(screen: AccessibleScreen) -> None:
    assert screen.table("rows") == [{"sku": "HPH-01", "qty": "2"}, {"sku": "größer 王", "qty": "-1"}]
    assert screen.held("window") == {"reference": "SHOP-1", "amount": "11.00"} and screen.value("reference") == "SHOP-1"
    assert (screen.count("note"), screen.has("note"), screen.has("dialog")) == (2, False, False), "two are not one"
    with pytest.raises(ScreenChanged, match=r"\['Note:'\] more than once"):
        screen.held("notes")
    with pytest.raises(ScreenChanged, match="Article"):
        screen.table("other_rows")
    survey = screen._count(Way(role="table"), None), screen._count(Way(text="SKU"), None)
    assert survey == (1, 0), "captions of columns are no labels"


def test_text_of_a_window_is_data(screen: AccessibleScreen) -> None:
    assert '{"found": 1, "done": true}\n{"found": 1}' in screen.text("window")
    assert screen.value("reference") == "SHOP-1", "the next answer is not the window's"


def test_only_the_own_program_is_asked(desktop: Desktop, screen: AccessibleScreen) -> None:
    other = started(desktop, "Somebody else's")
    try:
        assert screen.count("reference") == 1 and screen.value("reference") == "SHOP-1"
    finally:
        other.kill()
        other.wait()


# -- doing ---------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["SHOP-2", "Größer 王小明 €", "", "{name}"])
def test_what_is_filled_is_read_back(screen: AccessibleScreen, text: str) -> None:
    screen.fill("reference", text)
    assert screen.held("window")["reference"] == text and screen.lowered == []
    screen.fill("lower", "by the second way")
    assert [(lower.element, lower.rung) for lower in screen.lowered] == [("lower", 1)]


def test_what_is_locked_or_switched_off_is_not_used(screen: AccessibleScreen) -> None:
    with pytest.raises(ScreenChanged, match="'amount' cannot be reached"):
        screen.fill("amount", "1.00")
    with pytest.raises(ScreenChanged, match="nothing fits 'off'"):
        screen.click("off")
    assert screen.held("window")["amount"] == "11.00" and not screen.enabled("off") and screen.enabled("book")


def test_a_click_that_opens_a_dialog_leaves_the_window_readable(screen: AccessibleScreen) -> None:
    """The program answers nothing more on the line that it was told to click on, until the dialog is closed."""
    for _ in range(2):
        screen.click("book")
        assert screen.wait_any("dialog") == "dialog" and "Book SHOP-1 over 11.00?" in screen.text("dialog")
        screen.click("no")
        screen.wait_gone("dialog")


def test_a_commit_is_clicked_once_when_its_dialog_shows_the_terms(desktop: Desktop, screen: AccessibleScreen) -> None:
    for name, shows, code in (("yes", ["SHOP-2"], "confirm_mismatch"), ("yes", ["1.00"], "confirm_mismatch"), ("below", ["SHOP-1"], "commit_lower_rung")):
        permit = TestPermit()
        screen.click("book")
        with pytest.raises(ScreenChanged) as raised:
            screen.commit(name, permit, shows)
        assert raised.value.code == code and permit.spent == 0 and not screen.has("dialog"), "it is left with Escape"
    screen.click("book")
    with pytest.raises(ScreenChanged, match="only DesktopScreen.commit"):
        screen.click("yes")
    permit = TestPermit()
    screen.commit("yes", permit, ["SHOP-1", "11.00"])
    assert permit.spent == 1 and "before" in permit.pictures and desktop.wait_for_window("Orders booked", 10)


def test_no_key_goes_to_a_strangers_window(desktop: Desktop, screen: AccessibleScreen) -> None:
    other = started(desktop, "Somebody else's")
    try:
        with pytest.raises(SystemException, match='another window has the keyboard, "Somebody else\'s"') as raised:
            screen.keys("x")
        assert raised.value.code == "window_covered"
    finally:
        other.kill()
        other.wait()
    assert wait_until(lambda: desktop.windows.focused() == "Orders", 10)
    screen.press("reference", "ctrl+a x")
    assert wait_until(lambda: screen.value("reference") == "x", 10), "keys are on their way for a while"


# -- the helper ------------------------------------------------------------------------------------------------------------------


def test_a_helper_that_dies_or_falls_silent_is_replaced(desktop: Desktop, screen: AccessibleScreen) -> None:
    assert screen._program is not None
    pid, path, tree = screen._program.pid, [{"label": "Reference:"}], AccessTree(desktop.display, seconds=1)
    try:
        assert tree.ask("look", pid, path)["found"] == 1
        first = tree._helpers["eye"]._process
        first.kill()
        first.wait()
        assert tree.ask("look", pid, path)["found"] == 1
        second = tree._helpers["eye"]._process
        os.kill(second.pid, signal.SIGSTOP)
        with pytest.raises(SystemException, match="did not answer the question 'look' within 1 s") as raised:
            tree.ask("look", pid, path)
        assert raised.value.code == "access_silent" and second.poll() is not None
        assert tree.ask("look", pid, path)["found"] == 1
    finally:
        tree.close()
    assert tree._helpers == {}


def test_a_program_that_does_not_answer_is_busy_and_found_again(screen: AccessibleScreen) -> None:
    assert screen._program is not None and screen.has("reference")
    screen._program.send_signal(signal.SIGSTOP)
    try:
        assert not screen.has("reference")
    finally:
        screen._program.send_signal(signal.SIGCONT)
    assert wait_until(lambda: screen.has("reference"), 10)

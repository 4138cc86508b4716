"""The desktop's hands and eyes on a private display: typing that arrives, reading that is never stale, images, and displays that end."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import cv2
import pytest
from Xlib import X
from Xlib.display import Display as XDisplay
from Xlib.protocol.event import SelectionNotify

from bots.automation import vision
from bots.automation.clipboard import ANSWER_SECONDS, wait_until
from bots.automation.desktop import Desktop
from bots.automation.desktop_screen import DesktopScreen, shows
from bots.automation.display import end, open_display
from bots.automation.locators import Book, BookHead, Element, Page, Risk, Way
from bots.cases.errors import ConfigProblem, ScreenChanged, SystemException
from tests.permits import TestPermit

pytestmark = pytest.mark.desktop
PROJECT = Path(__file__).parents[1]

# A program with two fields and a button; it writes every press of the button to its title.
PROGRAM = """
import tkinter as tk
root = tk.Tk(); root.geometry("500x300+40+30"); root.title("starting")
one, two = tk.Entry(root, font=("DejaVu Sans", -16)), tk.Entry(root, font=("DejaVu Sans", -16), show="*")
presses = []
def pressed(*_):
    presses.append(1); root.title(f"Pressed {len(presses)}")
button = tk.Button(root, text="Book goods", font=("DejaVu Sans", -18), command=pressed)
for widget in (one, two, button): widget.pack(pady=15)
for name in ("<Control-a>", "<Control-A>"):
    root.bind_class("Entry", name, lambda e: (e.widget.selection_range(0, "end"), "break")[1])
root.bind_all("<Alt-KeyPress>", lambda e: {"o": one.focus_set, "t": two.focus_set, "b": pressed}.get(e.keysym, int)())
root.wait_visibility(); root.focus_force(); one.focus_set(); root.update(); root.title("Ready"); root.mainloop()
"""


@pytest.fixture(scope="module")
def desktop() -> Iterator[Desktop]:
    with Desktop().opened() as made:
        yield made


@pytest.fixture
def program(desktop: Desktop) -> Iterator[subprocess.Popen[bytes]]:
    desktop.park()
    started = desktop.display.start([sys.executable, "-c", PROGRAM], subprocess.DEVNULL)
    assert desktop.wait_for_window("Ready", 10)
    yield started
    end(started)


def book(tmp_path: Path, **elements: Element) -> Book:
    """A book of one page whose log-in is a window that never shows."""
    (tmp_path / "images").mkdir(exist_ok=True)
    login = Page(ready="here", elements={"here": Element(ways=(Way(access="Log in"),))})
    return Book(product="test", head=BookHead(title="Test", kind="desktop"), pages={"login": login, "main": Page(elements=elements)}, folder=tmp_path)


def screen(desktop: Desktop, program: subprocess.Popen[bytes], made: Book) -> DesktopScreen:
    one = DesktopScreen(desktop, made, ["-"], lambda: None, timeout_s=1)
    one._program, one.current = program, "main"
    return one


# -- displays -----------------------------------------------------------------------------------------------------------------


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="private displays are for Linux")
def test_a_private_display_is_ours_alone_and_ends_with_us(desktop: Desktop) -> None:
    with Desktop().opened() as other:
        display = other.display
        assert display.name != desktop.display.name and other.screen == (0, 0, 1280, 800)
        authority = Path(display.variables()["XAUTHORITY"])
        assert stat.S_IMODE(authority.stat().st_mode) == 0o600
        stranger = {**os.environ, "DISPLAY": display.name, "XAUTHORITY": os.devnull}
        assert subprocess.run(["xsel", "-b", "-o"], env=stranger, capture_output=True, timeout=10, check=False).returncode != 0, (
            "without the cookie nobody may look"
        )
        assert "DISPLAY" not in os.environ or os.environ["DISPLAY"] != display.name, "our own environment is left alone"
        server = display._server
        assert server is not None
    assert server.poll() is not None and not authority.exists()


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="private displays are for Linux")
def test_a_display_dies_with_a_killed_owner() -> None:
    code = "from bots.automation.display import open_display; import sys, threading; d = open_display(); print(d._server.pid, flush=True); threading.Event().wait(60)"
    owner = subprocess.Popen([sys.executable, "-c", code], cwd=PROJECT, stdout=subprocess.PIPE, text=True)
    assert owner.stdout
    pid = int(owner.stdout.readline())
    owner.kill()
    owner.wait()
    assert wait_until(lambda: not Path(f"/proc/{pid}").exists() or " Z " in Path(f"/proc/{pid}/stat").read_text(), 5)


def test_a_missing_xvfb_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    monkeypatch.setattr(sys, "platform", "linux")
    with pytest.raises(SystemException, match="Xvfb") as raised:
        open_display()
    assert raised.value.code == "display_missing" and "setup" in raised.value.advice


# -- typing and reading ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["plain ASCII 123", "Größer 王小明 €", "(a<b) & c>d", "'\"\\`~^|", "x" * 500])
def test_what_is_written_arrives(desktop: Desktop, program: subprocess.Popen[bytes], text: str) -> None:
    desktop.press("alt+o")
    assert desktop.write("something longer before", 3) == "something longer before"
    assert desktop.write(text, 3) == text


def test_every_typable_character_is_typed_right(desktop: Desktop, program: subprocess.Popen[bytes]) -> None:
    text = "".join(sorted(desktop.typable)).strip()
    assert len(text) > 80
    desktop.press("alt+o ctrl+a delete")
    desktop.type(text)
    assert desktop.copied("ctrl+a ctrl+c", 3) == text


def test_an_old_text_is_never_taken_for_a_new_one(desktop: Desktop, program: subprocess.Popen[bytes]) -> None:
    desktop.clipboard.write("old")
    assert desktop.copied("alt+o ctrl+a ctrl+c", 0.3) is None, "an empty field copies nothing"
    assert "old" not in desktop.clipboard.read()


def test_a_window_that_does_not_listen_yet_is_told_again(desktop: Desktop) -> None:
    told: list[int] = []

    def copy() -> None:
        told.append(1)
        if len(told) == 2:
            desktop.clipboard.write("heard at last")

    assert desktop.clipboard.copied(copy, 5) == "heard at last" and len(told) == 2
    assert desktop.clipboard.copied(lambda: None, 0.2) is None, "and an old answer is none to a new question"


def test_a_question_that_is_never_answered_is_asked_again(desktop: Desktop) -> None:
    """A program that loses the clipboard at the moment it is asked may end without an answer; the reader must not wait for that one."""
    ready, asked = threading.Event(), []

    def deaf_at_first() -> None:
        owner = XDisplay(desktop.display.name)
        window = owner.screen().root.create_window(0, 0, 1, 1, 0, owner.screen().root_depth)
        window.set_selection_owner(owner.intern_atom("CLIPBOARD"), X.CurrentTime)
        owner.sync()
        ready.set()
        while (event := owner.next_event()).type != X.SelectionClear:
            if event.type == X.SelectionRequest:
                asked.append(event)
                if len(asked) > 1:
                    event.requestor.change_property(event.property, event.target, 8, b"heard")
                    names = ("time", "requestor", "selection", "target", "property")
                    event.requestor.send_event(SelectionNotify(**{name: getattr(event, name) for name in names}))
                    owner.flush()
        owner.close()

    with desktop.display.entered():
        owner = threading.Thread(target=deaf_at_first)
        owner.start()
        assert ready.wait(5)
    started = time.monotonic()
    assert desktop.clipboard.read() == "heard" and len(asked) == 2
    assert time.monotonic() - started < ANSWER_SECONDS / 2
    desktop.clipboard.write("the owner may go")
    owner.join(5)
    assert not owner.is_alive()


def test_nobody_is_asked_before_another_program_has_copied(desktop: Desktop, monkeypatch: pytest.MonkeyPatch) -> None:
    reads: list[float] = []
    read = desktop.clipboard.read

    def counted() -> str:
        reads.append(time.monotonic())
        return read()

    monkeypatch.setattr(desktop.clipboard, "read", counted)
    copies: list[float] = []
    assert desktop.clipboard.copied(lambda: copies.append(time.monotonic()), 0.3) is None
    assert copies and not [at for at in reads if at > copies[0]]


def test_a_key_that_stays_down_is_pressed_once(desktop: Desktop, program: subprocess.Popen[bytes]) -> None:
    """A busy machine may leave seconds between key-down and key-up; on a private display that is still one letter, and one Enter."""
    desktop.press("alt+o ctrl+a delete")
    desktop._hands.keyDown("x")
    try:
        assert not desktop.wait_for_window("never shown", 1.5)
    finally:
        desktop._hands.keyUp("x")
    assert desktop.copied("ctrl+a ctrl+c", 3) == "x"


def test_secrets_go_by_keys_only(desktop: Desktop, program: subprocess.Popen[bytes]) -> None:
    desktop.press("alt+t")
    desktop.type_secret("pass-Word.42")
    assert desktop.copied("ctrl+a ctrl+c", 3) == "*" * 12
    desktop.clipboard.write("harmless")
    with pytest.raises(SystemException) as raised:
        desktop.type_secret("päss")
    assert raised.value.code == "secret_untypable" and "päss" not in str(raised.value) and desktop.clipboard.read() == "harmless"


def test_an_unknown_key_is_a_mistake_of_the_book(desktop: Desktop) -> None:
    with pytest.raises(SystemException, match="no key"):
        desktop.press("alt+ü")


# -- the ladder -----------------------------------------------------------------------------------------------------------------


def button_image(desktop: Desktop, folder: Path) -> Way:
    """An image of the button, cut out of the screen as one does when a locator is made."""
    left, top, width, _ = desktop.windows.place("Ready") or (0, 0, 0, 0)
    pixels = desktop.look((left + width // 2 - 60, top + 120, 120, 35))
    (folder / "images").mkdir(exist_ok=True)
    cv2.imwrite(str(folder / "images" / "button.png"), pixels)
    return Way(image="button.png", taken_at=desktop.taken_at)


def test_an_image_is_found_once_and_clicked(desktop: Desktop, program: subprocess.Popen[bytes], tmp_path: Path) -> None:
    way = button_image(desktop, tmp_path)
    made = book(
        tmp_path, button=Element(risk=Risk.WRITE, ways=(Way(access="Not there"), way)), other=Element(ways=(Way(image="button.png", taken_at="1920x1080@2"),))
    )
    one = screen(desktop, program, made)
    assert one.has("button") and not one.has("other"), "an image of another screen size is not even looked for"
    one.click("button")
    assert desktop.wait_for_window("Pressed 1", 3)
    assert [lower.rung for lower in one.lowered] == [1]


def test_an_image_that_is_not_there_or_there_twice_is_not_found(desktop: Desktop, program: subprocess.Popen[bytes], tmp_path: Path) -> None:
    button_image(desktop, tmp_path)
    needle = cv2.imread(str(tmp_path / "images" / "button.png"))
    pixels = desktop.look().copy()
    assert len(vision.find_image(pixels, tmp_path / "images" / "button.png")) == 1
    pixels[600 : 600 + needle.shape[0], 900 : 900 + needle.shape[1]] = needle
    assert len(vision.find_image(pixels, tmp_path / "images" / "button.png")) == 2
    assert vision.find_image(cv2.resize(pixels, None, fx=1.25, fy=1.25), tmp_path / "images" / "button.png") == []
    with pytest.raises(ConfigProblem, match=r"missing\.png"):
        vision.find_image(pixels, tmp_path / "missing.png")


@pytest.mark.skipif(not vision.can_read(), reason="tesseract is optional")
def test_words_are_found_by_ocr(desktop: Desktop, program: subprocess.Popen[bytes], tmp_path: Path) -> None:
    one = screen(desktop, program, book(tmp_path, button=Element(ways=(Way(ocr="Book goods"),)), nothing=Element(ways=(Way(ocr="Sell goods"),))))
    assert one.has("button") and not one.has("nothing")
    one.click("button")
    assert desktop.wait_for_window("Pressed 1", 3)


def test_a_field_that_holds_something_else_is_not_accepted(desktop: Desktop, program: subprocess.Popen[bytes], tmp_path: Path) -> None:
    one = screen(desktop, program, book(tmp_path, field=Element(risk=Risk.WRITE, ways=(Way(keys="alt+t"), Way(keys="alt+o")))))
    one.fill("field", "1234")
    assert [lower.rung for lower in one.lowered] == [1], "the hidden field gives back stars, so the next way was taken"
    wrong = screen(desktop, program, book(tmp_path, field=Element(risk=Risk.WRITE, ways=(Way(keys="alt+t"),))))
    with pytest.raises(ScreenChanged) as raised:
        wrong.fill("field", "1234")
    assert raised.value.code == "field_mismatch"


# -- commits --------------------------------------------------------------------------------------------------------------------


def test_a_commit_needs_its_dialog_its_permit_and_the_first_way(desktop: Desktop, program: subprocess.Popen[bytes], tmp_path: Path) -> None:
    commit = Element(risk=Risk.COMMIT, within="dialog", ways=(Way(keys="alt+b"),))
    made = book(
        tmp_path, dialog=Element(ways=(Way(access="Confirm"), Way(access="Ready"))), book=commit, loose=Element(risk=Risk.COMMIT, ways=(Way(keys="alt+b"),))
    )
    one, permit = screen(desktop, program, made), TestPermit()
    for use, code in (
        (lambda: one.click("book"), "commit_guard"),
        (lambda: one.commit("loose", permit, []), "commit_guard"),
        (lambda: one.commit("book", permit, []), "commit_lower_rung"),
    ):
        with pytest.raises(ScreenChanged) as raised:
            use()
        assert raised.value.code == code
    assert permit.spent == 0 and desktop.windows.focused() == "Ready", "the button was never pressed"


def test_a_commit_is_pressed_only_when_its_dialog_shows_every_term(desktop: Desktop, program: subprocess.Popen[bytes], tmp_path: Path) -> None:
    commit = Element(risk=Risk.COMMIT, within="dialog", ways=(Way(keys="alt+b"),))
    one, permit = screen(desktop, program, book(tmp_path, dialog=Element(ways=(Way(access="Ready"),)), book=commit)), TestPermit()
    desktop.press("alt+o")
    assert desktop.write("Amount: 11,00 EUR", 3) == "Amount: 11,00 EUR"
    one.desktop.press("ctrl+a")
    one.withdraw = lambda dialog: None  # type: ignore[method-assign]  # this program has no Cancel and would be ended
    with pytest.raises(ScreenChanged) as raised:
        one.commit("book", permit, ["11,00 EUR", "1,00 EUR"])
    assert raised.value.code == "confirm_mismatch" and permit.spent == 0 and desktop.windows.focused() == "Ready"
    one.commit("book", permit, ["11,00 EUR"])
    assert permit.spent == 1 and desktop.wait_for_window("Pressed 1", 3)


@pytest.mark.parametrize(
    ("shown", "text", "answer"),
    [
        ("Betrag: 1,00 EUR", "1,00 EUR", True), ("Betrag: 11,00 EUR", "1,00 EUR", False), ("Betrag: 1.001,00 EUR", "1,00 EUR", False), ("Betrag: 1,00 EUR.", "1,00 EUR", True),
        ("RMA-2026-0000011", "RMA-2026-000001", False), ("an  Jörg\nWeiß", "Jörg Weiß", True), ("12,345", "12,34", False), ("12,34,5", "12,34", False),
    ],
)  # fmt: skip
def test_a_term_must_stand_by_itself(shown: str, text: str, answer: bool) -> None:
    assert shows(shown, text) is answer

"""A desktop program driven by named locators, as Screen drives a web page.

Programs without accessibility (Tk, many old ones) still tell what they show: the title of the window says which page or
dialog is up, Ctrl+C copies fields, table rows (tab-separated, headings first) and the text of message boxes. That is read
exactly; images and OCR are lower ways, for things that only eyes can find.
"""

from __future__ import annotations

import atexit
import re
import subprocess
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

from loguru import logger

from bots.automation import vision
from bots.automation.clipboard import wait_until
from bots.automation.desktop import ALL, COPY, Area, Desktop
from bots.automation.display import end
from bots.automation.locators import Book, Element, Risk, Way
from bots.automation.screen import LowerRung
from bots.automation.survey import ElementSurvey, PageSurvey
from bots.cases.commits import Permit
from bots.cases.errors import ConfigProblem, ScreenChanged, SessionLost, SystemException

LOGIN = "login"
"""Every desktop book has a page of this name; its `ready` element is seen when the program wants a log-in."""
START_SECONDS = 30.0
ECHO_SECONDS = (1.0, 3.0)
"""How long a field may take to give back what was typed into it, at the first and at the second try."""
WITHDRAW = "escape"
TRIES = 5


class DesktopScreen:
    """One program on one desktop. `log_in` is called when the program asks for it; `command` starts the program."""

    def __init__(
        self, desktop: Desktop, book: Book, command: Sequence[str], log_in: Callable[[], None], *, timeout_s: float = 10.0, folder: Path | None = None
    ) -> None:
        self.desktop, self.book, self.command, self.timeout_s, self._folder = desktop, book, tuple(command), timeout_s, folder
        self._log_in = log_in
        self._program: subprocess.Popen[bytes] | None = None
        self.lowered: list[LowerRung] = []
        self.current = LOGIN
        if book.head.kind != "desktop":
            raise ConfigProblem(f"locators/{book.product}/book.yaml: kind must be `desktop` for a program that is driven by keyboard")

    # -- starting and ending ---------------------------------------------------------------------------------------------
    def start(self) -> None:
        """Start the program unless it runs; raises SystemException with its last words when it opens no window."""
        if not self.desktop.alive:
            logger.warning("{}: its display has died; another one is opened", self.book.head.title)
            self.desktop.close()
        if self.running:
            return
        if not self.command:
            raise ConfigProblem(f"{self.book.head.title}: `command` must say how the program is started")
        self.desktop.park()  # before the window is there: a program under the pointer believes that it has the keyboard already
        with tempfile.TemporaryFile() as errors:
            self._program = program = self.desktop.display.start(self.command, errors.fileno(), self._folder)
            atexit.register(self.close_program)
            self.current = LOGIN
            wait_until(lambda: self.at_login or program.poll() is not None, START_SECONDS)
            if not self.at_login:
                errors.seek(0)
                said = errors.read().decode(errors="replace").strip().splitlines()
                self.close_program()
                raise SystemException(
                    f"{self.book.head.title} opened no window ({self.command[0]}): {said[-1] if said else 'it said nothing'}", code="program_missing"
                )

    def close_program(self) -> None:
        """End the program, as a person does by closing its window."""
        atexit.unregister(self.close_program)
        if self._program is not None:
            end(self._program)
            self._program = None

    def close(self) -> None:
        """End the program and let go of the desktop."""
        self.close_program()
        self.desktop.close()

    # -- moving about ------------------------------------------------------------------------------------------------
    def open(self, page: str) -> None:
        """Go to a page by name; starts the program and logs in when needed, puts away what lies over the page."""
        where = self.book.page(page)
        ready = where.ready
        if where.path is None or ready is None:
            raise ConfigProblem(f"locators/{self.book.product}/{page}.yaml: a page that is opened needs `path` (its keys) and `ready`")
        for _ in range(2):
            self.start()
            self._come_up()
            self.put_away()
            if self.at_login:
                self.current = LOGIN
                self._log_in()
                self.put_away()
            self.current = page
            self._keyboard_is_ours(*self._titles())
            self.desktop.press(where.path)
            wait_until(lambda: self.has(ready) or self.at_login, self.timeout_s)
            if self.has(ready):
                return
            if not self.at_login:
                raise ScreenChanged(f"{self.book.product}/{page}: {where.path!r} did not open the page; the window is {self.desktop.windows.focused()!r}")
        raise SessionLost(f"{self.book.head.title}: still at the log-in after logging in")

    def _come_up(self) -> None:
        """Start the program anew when a window of somebody else stays over it: a new one comes up on top, and a half-filled form is not worth keeping."""
        if not wait_until(lambda: self._stranger() is None, self.timeout_s):
            logger.warning("{}: covered by {!r}; started anew", self.book.head.title, self.desktop.windows.focused())
            self.close_program()
            self.start()

    def open_login(self) -> None:
        """Start the program if need be and wait for its log-in, page `login`."""
        self.start()
        self.current = LOGIN
        self.put_away()
        if not self.at_login:
            raise ScreenChanged(f"{self.book.product}: the log-in is not shown; the window is {self.desktop.windows.focused()!r}")

    def now_at(self, page: str) -> None:
        """Say that an action led to another named page, and wait until it is ready."""
        self.current = page
        if (ready := self.book.page(page).ready) is not None:
            self.wait_any(ready)

    @property
    def running(self) -> bool:
        """Whether the program runs."""
        return self._program is not None and self._program.poll() is None

    @property
    def at_login(self) -> bool:
        """Whether the program asks who wants to use it."""
        login = self.book.page(LOGIN)
        return login.ready is not None and self._shown(login.elements[login.ready])

    def put_away(self) -> None:
        """Close what an earlier failure or the program itself left over the page."""
        for _ in range(TRIES):
            shown = next((interruption for interruption in self.book.head.interruptions if self._seen(interruption.seen)), None)
            if shown is None:
                return
            logger.info("{}: put away {}", self.book.head.title, shown.name)
            act = self._aim(shown.press)
            if act is not None:
                act()
            wait_until(lambda seen=shown.seen: not self._seen(seen), self.timeout_s)  # type: ignore[misc]  # the default holds the loop's value
        raise ScreenChanged(f"{self.book.product}: something lies over the window that cannot be put away: {self.desktop.windows.focused()!r}")

    # -- finding -----------------------------------------------------------------------------------------------------
    def _area(self) -> Area:
        """Where the program's window is; the whole screen when it has no title to be found by."""
        left, top, width, height = self.desktop.windows.place(self.desktop.windows.focused()) or self.desktop.screen
        _, _, right, bottom = self.desktop.screen
        left, top = max(0, left), max(0, top)
        return left, top, min(width, right - left), min(height, bottom - top)

    def _points(self, way: Way) -> list[tuple[int, int]]:
        """Where a way of eyes finds its thing on the display."""
        area = self._area()
        if way.image is not None:
            if way.taken_at not in (None, self.desktop.taken_at):
                return []
            found = vision.find_image(self.desktop.look(area), self.book.folder / "images" / way.image)
        elif way.ocr is not None:
            found = vision.find_words(self.desktop.look(area), way.ocr)
        else:
            found = [way.at] if way.at is not None else []
        return [(x + area[0], y + area[1]) for x, y in found]

    def _shown(self, element: Element) -> bool:
        """Whether one of the element's ways sees it."""
        return any(self._seen(way, element.within) for way in element.ways)

    def _seen(self, way: Way, within: str | None = None) -> bool:
        """Whether the thing is on the screen; keys show nothing. A window is looked through as a whole: `within` is not needed to find what is in it."""
        if way.access is not None:
            return self.desktop.windows.focused() == way.access
        return bool(self._points(way)) if way.image is not None or way.ocr is not None else False

    def _aim(self, way: Way, within: str | None = None) -> Callable[[], None] | None:
        """What must be done to reach the element this way, or None when it cannot be found so; exactly one place may fit."""
        if way.keys is not None:
            keys = way.keys
            return lambda: self.desktop.press(keys)
        if way.access is not None:
            return (lambda: None) if self._seen(way) else None
        if way.image is None and way.ocr is None and way.at is None:
            raise ConfigProblem(f"locators/{self.book.product}: a desktop program cannot be searched by {way.describe()}")
        points = self._points(way)
        if len(points) != 1:
            return None
        return lambda: self.desktop.click(*points[0])

    def survey(self, page: str) -> PageSurvey:
        """Look at every locator of a page. Keys show nothing by themselves: that the page they belong to opens is what can be seen of them."""
        where = self.book.page(page)
        if where.reach == ():  # not watched
            return PageSurvey(product=self.book.product, page=page)
        try:
            if page == LOGIN:
                self.close_program()
                self.open_login()
            elif where.path is not None:
                self.open(page)
            else:
                return PageSurvey(product=self.book.product, page=page)
        except SystemException as error:
            return PageSurvey(product=self.book.product, page=page, problem=str(error))
        elements = []
        for name, element in where.elements.items():
            counts = tuple(self._count(way, element.within) for way in element.ways)
            rung = next((index for index, count in enumerate(counts) if count == 1), None)
            ways = tuple(way.describe() for way in element.ways)
            elements.append(ElementSurvey(name=name, risk=element.risk, rung=rung, counts=counts, ways=ways, optional=element.optional))
        return PageSurvey(product=self.book.product, page=page, elements=tuple(elements))

    def _count(self, way: Way, within: str | None) -> int:
        """How many things a way finds; keys are taken to find theirs."""
        return 1 if way.keys is not None else int(self._seen(way)) if way.access is not None else len(self._points(way))

    def _titles(self) -> set[str]:
        """Titles of all windows and boxes of this program that the book knows."""
        ways = [way for page in self.book.pages.values() for element in page.elements.values() for way in element.ways]
        return {way.access for way in (*ways, *(interruption.seen for interruption in self.book.head.interruptions)) if way.access is not None}

    def _page_titles(self) -> set[str]:
        """Titles under which the present page listens to keys; none when the page is told by eyes only."""
        page = self.book.page(self.current)
        return {way.access for way in page.elements[page.ready].ways if way.access is not None} if page.ready is not None else set()

    def _keyboard_is_ours(self, *titles: str) -> None:
        """Wait until one of these windows has the keyboard: what is typed while something lies over them goes to whoever owns that.

        A stranger that stays raises SystemException (`window_covered`): it is never typed into, and the next try starts the program anew.
        """
        if not titles or (wait_until(lambda: self.desktop.windows.focused() in titles or self._gone(), self.timeout_s) and not self._gone()):
            return
        raise self._lost(f"{sorted(titles)} must have the keyboard")

    def _stranger(self) -> str | None:
        """Title of the window that has the keyboard while one of ours lies open under it; None when there is no such thing."""
        focused, titles = self.desktop.windows.focused(), self._titles()
        covered = focused not in titles and any(self.desktop.windows.place(title) is not None for title in sorted(titles))
        return focused if covered else None

    def _is_up(self) -> bool:
        """Whether the present page has the keyboard right now."""
        titles = self._page_titles()
        return not titles or self.desktop.windows.focused() in titles

    def _gone(self) -> bool:
        """Whether the program has ended or logged us out."""
        return self._program is None or self._program.poll() is not None or (self.current != LOGIN and self.at_login)

    def _reach(self, name: str, element: Element) -> None:
        """Do what reaches the element, by the first way that can be aimed."""
        self._keyboard_is_ours(*self._page_titles())
        found: list[tuple[int, Callable[[], None]]] = []

        def aimed() -> bool:
            for rung, way in enumerate(element.ways):
                if (act := self._aim(way, element.within)) is not None:
                    found[:] = [(rung, act)]
                    return True
            return False

        if not wait_until(aimed, self.timeout_s):
            raise self._lost(f"nothing fits {name!r} (tried {'; '.join(way.describe() for way in element.ways)})")
        rung, act = found[0]
        if rung:
            self._report(name, rung, element.ways[rung])
        act()

    def _report(self, name: str, rung: int, way: Way) -> None:
        lower = LowerRung(self.book.product, self.current, name, rung, way.describe())
        if lower not in self.lowered:
            self.lowered.append(lower)
            logger.warning("locator on rung {}: {}/{} {} found by {}", rung, lower.product, lower.page, name, lower.way)

    def _lost(self, what: str) -> SystemException:
        """The exception for something that is not there: the program died, logged us out, or changed."""
        if self._program is None or self._program.poll() is not None:
            return SystemException(f"{self.book.head.title} has ended: {what}", code="program_ended")
        if self.current != LOGIN and self.at_login:
            return SessionLost(f"{self.book.head.title}: logged out: {what}")
        if (stranger := self._stranger()) is not None:
            return SystemException(
                f"{self.book.head.title}: another window has the keyboard, {stranger!r}: {what}",
                code="window_covered",
                advice="Close what lies over the program's window and see why it came; then answer `retry`.",
            )
        return ScreenChanged(f"{self.book.product}/{self.current}: {what}; the window is {self.desktop.windows.focused()!r}")

    def _element(self, name: str) -> Element:
        return self.book.element(self.current, name)

    def has(self, name: str) -> bool:
        """Whether the element is on the screen right now; does not wait. Only elements that can be seen (access, image, ocr)."""
        return self._shown(self._element(name))

    def wait_any(self, *names: str) -> str:
        """Wait until one of the elements is seen and say which (the first listed wins)."""
        found: list[str] = []

        def appeared() -> bool:
            found[:] = [name for name in names if self.has(name)][:1]
            return bool(found) or self._gone()

        wait_until(appeared, self.timeout_s)
        if not found:
            raise self._lost(f"none of {names} appeared")
        return found[0]

    def wait_gone(self, name: str) -> None:
        """Wait until the element is no longer seen."""
        if not wait_until(lambda: not self.has(name), self.timeout_s):
            raise self._lost(f"{name!r} did not go away")

    # -- reading -----------------------------------------------------------------------------------------------------
    def text(self, name: str) -> str:
        """All text of a message box (which its Ctrl+C gives), without the rules around it."""
        return "\n".join(line for line in self._whole(name).splitlines() if line.strip("-"))

    def value(self, name: str) -> str:
        """What a field holds; an empty one takes the whole time-out, because it copies nothing."""
        return self._copied(name, self._element(name)) or ""

    def table(self, name: str) -> list[dict[str, str]]:
        """A whole table as its Ctrl+A, Ctrl+C give it: a dict a row with our field names, as the element's `columns` map them."""
        element = self._element(name)
        columns = element.columns or {}
        copied = self._copied(name, element)
        if copied is None:
            raise self._lost(f"table {name!r} could not be copied")
        lines = [line.split("\t") for line in copied.split("\n") if line]
        head = lines[0] if lines else []
        missing = [caption for caption in columns.values() if caption not in head]
        if missing or any(len(line) != len(head) for line in lines):
            raise ScreenChanged(f"{self.book.product}/{self.current}: table {name!r} has no column {missing} or ragged rows; its head is {head}")
        places = {ours: head.index(caption) for ours, caption in columns.items()}
        return [{ours: line[at] for ours, at in places.items()} for line in lines[1:]]

    def fields(self, name: str) -> dict[str, str]:
        """The `caption: value` lines of a message box, as the element's `fields` map captions; read again while it is not painted yet.

        A caption that is missing in the end, or stands twice, raises ScreenChanged.
        """
        captions = self._element(name).fields or {}
        shown: dict[str, str] = {}
        missing: list[str] = []

        def complete() -> bool:
            pairs = [line.split(": ", 1) for line in self._whole(name).splitlines() if ": " in line]
            shown.clear()
            shown.update((pair[0], pair[1]) for pair in pairs)
            missing[:] = [caption for caption in captions.values() if [pair[0] for pair in pairs].count(caption) != 1]
            return not missing

        if not wait_until(complete, self.timeout_s):
            raise ScreenChanged(f"{self.book.product}/{self.current}: {name!r} does not show {missing} exactly once; it shows {sorted(shown)}")
        return {ours: shown[caption] for ours, caption in captions.items()}

    def _copied(self, name: str, element: Element) -> str | None:
        """Everything in a field or table. Each try goes there anew: the keys that lead there may be lost on a window that does not listen yet."""

        def copy() -> None:
            self._reach(name, element)
            self.desktop.press(f"{ALL} {COPY}")

        return self.desktop.clipboard.copied(copy, self.timeout_s)

    def _whole(self, name: str) -> str:
        """What Ctrl+C gives of the dialog that is up."""
        if not wait_until(lambda: self.has(name), self.timeout_s):
            raise self._lost(f"{name!r} is not shown")
        copied = self.desktop.copied(COPY, self.timeout_s)
        if copied is None:
            raise self._lost(f"the text of {name!r} could not be copied")
        return copied

    # -- doing -------------------------------------------------------------------------------------------------------
    def fill(self, name: str, text: str) -> None:
        """Write a field and read it back; written again when the program was not listening yet, and by the next way when that does not help."""
        element = self._act(name)
        held: str | None = None
        for rung, way in enumerate(element.ways):
            for seconds in ECHO_SECONDS:
                self._keyboard_is_ours(*self._page_titles())
                if (act := self._aim(way)) is None:
                    break
                act()
                held = self.desktop.write(text, seconds) or ""
                if held == text and self._is_up():
                    if rung:
                        self._report(name, rung, way)
                    return
        if held is None or (self.current != LOGIN and self.at_login):
            raise self._lost(f"{name!r} cannot be reached")
        raise ScreenChanged(f"{self.book.product}/{self.current}: {name!r} holds {held!r} after {text!r} was typed", code="field_mismatch")

    def fill_secret(self, name: str, secret: str) -> None:
        """Type a password by keys; it is not read back, because it must not reach the clipboard: the log-in says whether it was right."""
        self._reach(name, self._act(name))
        self.desktop.press(f"{ALL} delete")
        self.desktop.type_secret(secret)

    def click(self, name: str) -> None:
        """Press something that commits nothing."""
        self._reach(name, self._act(name))

    def press(self, name: str, keys: str) -> None:
        """Reach the element and press keys in it."""
        self._reach(name, self._act(name))
        self.desktop.press(keys)

    def _act(self, name: str) -> Element:
        element = self._element(name)
        if element.risk is Risk.COMMIT:
            raise ScreenChanged(f"{self.book.product}/{self.current}: {name!r} is a commit; only DesktopScreen.commit may touch it", code="commit_guard")
        return element

    # -- the one key that counts -----------------------------------------------------------------------------------
    def commit(self, name: str, permit: Permit, must_show: Sequence[str]) -> None:
        """Press a commit element exactly once.

        Its dialog (`within`) must be up by its first way and its copied text must show every text of `must_show` as a whole
        word or number: else Escape withdraws the order, nothing is pressed and ScreenChanged is raised. The permit is spent
        (written down) right before the key; after that any failure leaves the outcome unknown to the caller.
        """
        element = self._element(name)
        if element.risk is not Risk.COMMIT or element.within is None:
            raise ScreenChanged(f"{self.book.product}/{self.current}: {name!r} must have risk `commit` and a `within` dialog", code="commit_guard")
        region = self._element(element.within).ways[0]
        if not wait_until(lambda: self._seen(region), self.timeout_s):
            raise ScreenChanged(
                f"{self.book.product}/{self.current}: the dialog of {name!r} is not found by its first way; a commit needs it", code="commit_lower_rung"
            )
        spent = False
        try:
            shown = self._whole(element.within)
            absent = [text for text in must_show if not shows(shown, text)]
            if absent:
                raise ScreenChanged(
                    f"{self.book.product}/{self.current}: the confirm step of {name!r} does not show {absent}; it shows {shown!r}", code="confirm_mismatch"
                )
            permit.photograph("before", self.picture())
            act = self._aim(element.ways[0], element.within)
            if act is None or not self._seen(region):
                raise ScreenChanged(f"{self.book.product}/{self.current}: {name!r} is not found by its first way; a commit needs it", code="commit_lower_rung")
            if permit.dry:
                logger.info("dry run: {} stands ready in its dialog; its key is not pressed, and the dialog is left with Escape", name)
            permit.spend()
            spent = True
            if not self._seen(region):  # writing it down takes its time, and another window may have come meanwhile
                raise self._lost(f"the dialog of {name!r} went away right before its key, which was not pressed")
            act()
        finally:
            if not spent:
                self.withdraw(element.within)

    def withdraw(self, dialog: str) -> None:
        """Leave a dialog without doing what it asks; a program that keeps it up is ended."""
        region = self._element(dialog).ways[0]
        if self._seen(region):
            self.desktop.press(WITHDRAW)
        elif self.desktop.windows.focused() not in self._titles():  # it may wait underneath: what has the keyboard is not ours to press keys in
            self.close_program()
        if not wait_until(lambda: not self._seen(region), self.timeout_s):
            self.close_program()

    def picture(self) -> bytes:
        """A JPEG of the program's window."""
        return self.desktop.picture(self._area())


def shows(shown: str, text: str) -> bool:
    """Does the text stand there by itself? `1,00` is not shown by `11,00` or `1,005`. Blanks are folded."""
    fold = re.compile(r"\s+")
    wanted = re.escape(fold.sub(" ", text).strip())
    return re.search(rf"(?<!\w)(?<!\d[.,]){wanted}(?!\w)(?![.,]\d)", fold.sub(" ", shown)) is not None

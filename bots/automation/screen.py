"""A web screen driven by named locators: what portals use instead of selectors and clicks of their own."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import quote, urlsplit

from loguru import logger

from bots.automation.browser import BrowserHouse, only_reading
from bots.automation.cover import cover, places
from bots.automation.finding import find, words
from bots.automation.glance import READ, Glance, Want, question
from bots.automation.locators import Book, Element, Risk, Way
from bots.cases.commits import Permit
from bots.cases.errors import BusinessException, ScreenChanged, SessionLost, SystemException

if TYPE_CHECKING:
    from playwright.sync_api import FrameLocator, Locator, Page
PICTURE_QUALITY = 55


@dataclass(frozen=True)
class LowerRung:
    """A locator whose first way no longer fits: worth a look before it breaks."""

    product: str
    page: str
    element: str
    rung: int
    way: str


@dataclass
class CommitTrace:
    """What the network did while a commit was clicked: (method, path, status)."""

    requests: list[tuple[str, str, int]] = field(default_factory=list)


class Screen:
    """One product in one browser page. `account` decides whose cookies; `log_in` is called when the product asks for it."""

    def __init__(self, house: BrowserHouse, book: Book, base_url: str, account: str, log_in: Callable[[], None]) -> None:
        self.house, self.book, self.base_url, self.account = house, book, base_url.rstrip("/"), account
        self._log_in = log_in
        self._armed: Page | None = None
        self._glance: Glance | None = None
        self.lowered: list[LowerRung] = []
        self.current = ""

    # -- moving about ------------------------------------------------------------------------------------------------
    @property
    def page(self) -> Page:
        page = self.house.page(self.account)
        if page is not self._armed:
            self._armed, self._glance = page, Glance(page)
            for interruption in self.book.head.interruptions:
                press = interruption.press
                page.add_locator_handler(find(page, interruption.seen, {}), lambda seen, press=press: find(seen, press, {}).click())
        return page

    def open(self, page: str, **params: Any) -> None:
        """Go to a page by name and wait until it is ready; logs in on the way when the product asks for it.

        Raises SystemException when the product does not answer and SessionLost when log-in does not help.
        """
        where = self.book.page(page)
        if where.path is None:
            raise ScreenChanged(f"{self.book.product}/{page} has no address of its own")
        for value in map(str, params.values()):
            if value in (".", ".."):  # a browser takes these, however they are written, for a step up in the address: another page would open
                raise BusinessException(f"{self.book.product}/{page}: {value!r} is no number of a record", code="not_found")
        path = where.path.format_map({k: quote(str(v), safe="") for k, v in params.items()})
        self._goto(path)
        if self._at_login():
            self._log_in()
            self._goto(path)
            if self._at_login():
                raise SessionLost(f"{self.book.head.title}: still at the log-in page after logging in as {self.account}")
        self.current = page
        self._ready(where.ready)

    def now_at(self, page: str) -> None:
        """Say that an action led to another named page, and wait until it is ready."""
        self.current = page
        ready = self.book.page(page).ready
        if self._at_login():
            raise SessionLost(f"{self.book.head.title}: the session ended on the way to {page!r}")
        self._ready(ready)

    def _ready(self, name: str | None) -> None:
        if name and self._one(name, "count", {}) is None:
            self.find(name)

    def open_login(self) -> None:
        """Go to the log-in page, page name `login`."""
        self._goto(self.book.head.login_path)
        self.current = "login"

    def _at_login(self) -> bool:
        return urlsplit(self.page.url).path.startswith(self.book.head.login_path)

    def _goto(self, path: str) -> None:
        from playwright.sync_api import Error

        try:
            answer = self.page.goto(self.base_url + path, wait_until="domcontentloaded")
        except Error as error:
            raise SystemException(
                f"{self.book.head.title} does not answer at {self.base_url}{path}: {error.message.splitlines()[0]}", code="unreachable"
            ) from None
        if answer is not None and answer.status >= 500:
            raise SystemException(f"{self.book.head.title} answered {answer.status} at {path}", code="server_error")
        self.status = answer.status if answer is not None else 0

    # -- finding -----------------------------------------------------------------------------------------------------
    def _scope(self, element: Element, params: dict[str, Any]) -> Page | Locator | FrameLocator:
        if element.within:
            return self._locate(element.within, params)[0]
        if element.frame:
            frame = self.book.element(self.current, element.frame)
            return find(self.page, frame.ways[0], params).content_frame
        return self.page

    def _first_scope(self, element: Element, params: dict[str, Any]) -> Page | Locator | FrameLocator:
        """Where to look, by first ways only and without a look of its own."""
        if element.within:
            around = self.book.element(self.current, element.within)
            return find(self._first_scope(around, params), around.ways[0], params)
        return self._scope(element, params)

    def _locate(self, name: str, params: dict[str, Any], *, wait: bool = True) -> tuple[Locator, int]:
        """The element's locator and the rung that found it; exactly one match, or ScreenChanged."""
        from playwright.sync_api import Error

        element = self.book.element(self.current, name)
        first = find(self._first_scope(element, params), element.ways[0], params)
        if first.count() == 1:
            return first, 0
        scope = self._scope(element, params)
        ladder = [find(scope, way, params) for way in element.ways]
        if wait:
            anything = ladder[0]
            for other in ladder[1:]:
                anything = anything.or_(other)
            try:
                anything.first.wait_for(state="attached")
            except Error:
                if self._at_login():
                    raise SessionLost(f"{self.book.head.title}: logged out while looking for {name!r}") from None
                raise ScreenChanged(self._missing(name, element, params)) from None
        for rung, locator in enumerate(ladder):
            found = locator.count()
            if found == 1:
                if rung:
                    self._report(name, rung, element.ways[rung])
                return locator, rung
            if found > 1:
                raise ScreenChanged(f"{self.book.product}/{self.current}: {found} elements fit {name!r} ({element.ways[rung].describe()}), expected one")
        raise ScreenChanged(self._missing(name, element, params))

    def _missing(self, name: str, element: Element, params: dict[str, Any]) -> str:
        tried = "; ".join(way.describe() for way in element.ways)
        return f"{self.book.product}/{self.current}: nothing fits {name!r} at {urlsplit(self.page.url).path} (tried {tried}; {params or 'no parameters'})"

    def _report(self, name: str, rung: int, way: Way) -> None:
        lower = LowerRung(self.book.product, self.current, name, rung, way.describe())
        if lower not in self.lowered:
            self.lowered.append(lower)
            logger.warning("locator on rung {}: {}/{} {} found by {}", rung, lower.product, lower.page, name, lower.way)

    def find(self, name: str, **params: Any) -> Locator:
        """Wait for the element and give its locator (for automation's own use and for tests)."""
        return self._locate(name, params)[0]

    def has(self, name: str, **params: Any) -> bool:
        """Whether the element is there right now and visible; does not wait."""
        element = self.book.element(self.current, name)
        seen = self._look(name, "visible", params, element.ways)
        if all(one is not None for one in seen):
            return any(one["read"] for one in seen if one)
        if element.within and not self.has(element.within, **params):
            return False
        scope = self._scope(element, params) if (element.within or element.frame) else self.page
        return any(find(scope, way, params).first.is_visible() for way in element.ways)

    def ladder(self, name: str, **params: Any) -> tuple[Page | Locator | FrameLocator | None, list[Locator]]:
        """Where `name` must stand right now, and a locator for each of its ways; (None, []) while that region is not there."""
        element = self.book.element(self.current, name)
        if element.within and not self.has(element.within, **params):
            return None, []
        scope = self._scope(element, params)
        return scope, [find(scope, way, params) for way in element.ways]

    def counts(self, name: str, **params: Any) -> tuple[int, ...]:
        """How many elements each way of `name` finds right now; does not wait."""
        ways = self.ladder(name, **params)[1]
        return tuple(way.count() for way in ways) or (0,) * len(self.book.element(self.current, name).ways)

    # -- reading -----------------------------------------------------------------------------------------------------
    def text(self, name: str, **params: Any) -> str:
        """The element's visible text, blanks folded."""
        seen = self._one(name, "text", params)
        return _fold(seen["read"] if seen else self.find(name, **params).inner_text()).strip()

    def value(self, name: str, **params: Any) -> str:
        """What an input field holds."""
        return self.find(name, **params).input_value()

    def _look(self, name: str, want: Want, params: dict[str, Any], ways: Sequence[Way]) -> list[dict[str, Any] | None]:
        """A glance at these ways of an element; None for a way that only Playwright can judge."""
        page = self.page
        asked = [self._question(name, way, want, params) for way in ways]
        if self._glance is None or any(one is None for one in asked):
            return [None] * len(asked)
        seen = self._glance.look([one for one in asked if one])
        return seen if page is self._armed else [None] * len(asked)

    def _question(self, name: str, way: Way, want: Want, params: dict[str, Any]) -> dict[str, Any] | None:
        element = self.book.element(self.current, name)
        around = self.book.element(self.current, element.within) if element.within else None
        frame = self.book.element(self.current, element.frame).ways[0] if element.frame else None
        if (around and (around.within or around.frame)) or (frame and frame.css is None):
            return None
        within = (around.ways[0], words(around.ways[0], params)) if around else None
        return question(way, words(way, params), want, frame=words(frame, params) if frame else None, within=within)

    def _one(self, name: str, want: Want, params: dict[str, Any]) -> dict[str, Any] | None:
        """What a glance reads of the element while its first way finds exactly one; None: ask Playwright, which waits and climbs down the ladder."""
        seen = self._look(name, want, params, self.book.element(self.current, name).ways[:1])[0]
        return seen if seen and seen["count"] == 1 else None

    def _read(self, name: str, want: Literal["table", "fields", "inputs"], params: dict[str, Any]) -> Any:
        seen = self._one(name, want, params)
        return seen["read"] if seen else self.find(name, **params).evaluate(READ[want])

    def table(self, name: str, **params: Any) -> list[dict[str, str]]:
        """A whole table in one call: a dict a row with our field names, as the element's `columns` map them."""
        columns = self.book.element(self.current, name).columns or {}
        read = self._read(name, "table", params)
        head: list[str] = read["head"]
        missing = [caption for caption in columns.values() if caption not in head]
        if missing:
            raise ScreenChanged(f"{self.book.product}/{self.current}: table {name!r} has no column {missing}; it has {head}")
        places = {ours: head.index(caption) for ours, caption in columns.items()}
        # A row that spans the table ("no entries") has fewer cells than the head: it holds no data.
        return [{ours: row[at] for ours, at in places.items()} for row in read["rows"] if len(row) == len(head)]

    def fields(self, name: str, **params: Any) -> dict[str, str]:
        """A whole definition list (or two-column table) in one call, as the element's `fields` map captions."""
        captions = self.book.element(self.current, name).fields or {}
        shown = dict(self._read(name, "fields", params))
        missing = [caption for caption in captions.values() if caption not in shown]
        if missing:
            raise ScreenChanged(f"{self.book.product}/{self.current}: {name!r} shows no {missing}; it shows {list(shown)}")
        return {ours: shown[caption] for ours, caption in captions.items()}

    def inputs(self, name: str, **params: Any) -> dict[str, str]:
        """What the fields inside the element hold, by their own names and in one call; of several of one name the first."""
        return dict(self._read(name, "inputs", params))

    def wait_gone(self, name: str, **params: Any) -> None:
        """Wait until the element is no longer visible."""
        from playwright.sync_api import Error

        element = self.book.element(self.current, name)
        try:
            find(self._scope(element, params), element.ways[0], params).first.wait_for(state="hidden")
        except Error:
            raise ScreenChanged(f"{self.book.product}/{self.current}: {name!r} did not go away") from None

    def wait_any(self, *names: str, **params: Any) -> str:
        """Wait until one of the elements is visible and say which (the first listed wins)."""
        from playwright.sync_api import Error

        told = self._wait_glance(names, params)
        if told:
            return told
        found: list[tuple[str, Locator]] = []
        for name in names:
            element = self.book.element(self.current, name)
            scope = self._scope(element, params)
            locator = find(scope, element.ways[0], params)
            for way in element.ways[1:]:
                locator = locator.or_(find(scope, way, params))
            found.append((name, locator))
        anything = found[0][1]
        for _, locator in found[1:]:
            anything = anything.or_(locator)
        try:
            anything.filter(visible=True).first.wait_for(state="visible")
        except Error:
            if self._at_login():
                raise SessionLost(f"{self.book.head.title}: logged out while waiting for {names}") from None
            raise ScreenChanged(f"{self.book.product}/{self.current}: none of {names} appeared") from None
        for name, locator in found:
            if locator.filter(visible=True).count():
                return name
        raise ScreenChanged(f"{self.book.product}/{self.current}: {names} appeared and vanished")

    def _wait_glance(self, names: Sequence[str], params: dict[str, Any]) -> str | None:
        """`wait_any` by glances; None when Playwright must judge, also for what to say when nothing came."""
        page = self.page
        places = [(name, way) for name in names for way in self.book.element(self.current, name).ways]
        asked = [self._question(name, way, "any", params) for name, way in places]
        if self._glance is None or any(one is None for one in asked):
            return None
        seen = self._glance.wait([one for one in asked if one], self.house.options.timeout_s)
        if page is not self._armed or any(one is None for one in seen):
            return None
        return next((name for (name, _), one in zip(places, seen, strict=True) if one and one["read"]), None)

    # -- doing -------------------------------------------------------------------------------------------------------
    def fill(self, name: str, text: str, **params: Any) -> None:
        """Fill an input and read it back; a field that holds something else afterwards raises ScreenChanged."""
        locator = self._act(name, params)
        with self._acting(name):
            locator.fill(text)
            held = locator.input_value()
        if held != text:
            raise ScreenChanged(f"{self.book.product}/{self.current}: {name!r} holds {held!r} after {text!r} was filled in", code="field_mismatch")

    def fill_secret(self, name: str, secret: str) -> None:
        """Fill a password or code; its value never reaches a message."""
        locator = self._act(name, {})
        with self._acting(name):
            locator.fill(secret)
            same = locator.input_value() == secret
        if not same:
            raise ScreenChanged(f"{self.book.product}/{self.current}: {name!r} did not take the secret", code="field_mismatch")

    def choose(self, name: str, option: str, **params: Any) -> None:
        """Choose an option of a <select> by its visible caption, read back."""
        locator = self._act(name, params)
        with self._acting(name):
            locator.select_option(label=option)
            held = locator.evaluate("s => s.options[s.selectedIndex].label.trim()")
        if held != option:
            raise ScreenChanged(f"{self.book.product}/{self.current}: {name!r} shows {held!r} after {option!r} was chosen", code="field_mismatch")

    def choose_value(self, name: str, value: str, **params: Any) -> None:
        """Choose an option of a <select> by its value, read back."""
        locator = self._act(name, params)
        with self._acting(name):
            locator.select_option(value=value)
            held = locator.input_value()
        if held != value:
            raise ScreenChanged(f"{self.book.product}/{self.current}: {name!r} holds {held!r} after {value!r} was chosen", code="field_mismatch")

    def click(self, name: str, **params: Any) -> None:
        """Click something that commits nothing."""
        locator = self._act(name, params)
        with self._acting(name):
            locator.click()

    def press(self, name: str, key: str, **params: Any) -> None:
        """Press a key in the element."""
        locator = self._act(name, params)
        with self._acting(name):
            locator.press(key)

    def download(self, name: str, folder: Path, file_name: str, **params: Any) -> Path:
        """Click a download link and save the file as `folder/file_name` (our name, never the server's)."""
        from playwright.sync_api import Error

        locator = self._act(name, params)
        folder.mkdir(parents=True, exist_ok=True)
        with self._acting(name):
            with self.page.expect_download() as waiting:
                locator.click()
            try:
                waiting.value.save_as(str(folder / file_name))
            except Error as error:
                raise SystemException(f"{self.book.head.title}: the download broke off: {error.message.splitlines()[0]}", code="download_failed") from None
        return folder / file_name

    def _act(self, name: str, params: dict[str, Any]) -> Locator:
        if self.book.element(self.current, name).risk is Risk.COMMIT:
            raise ScreenChanged(f"{self.book.product}/{self.current}: {name!r} is a commit; only Screen.commit may touch it", code="commit_guard")
        return self._locate(name, params)[0]

    @contextmanager
    def _acting(self, name: str) -> Iterator[None]:
        from playwright.sync_api import Error

        try:
            yield
        except Error as error:
            if self._at_login():
                raise SessionLost(f"{self.book.head.title}: logged out at {name!r}") from None
            raise ScreenChanged(f"{self.book.product}/{self.current}: {name!r} could not be used: {error.message.splitlines()[0]}") from None

    # -- the one click that counts -----------------------------------------------------------------------------------
    def commit(self, name: str, permit: Permit, must_show: Sequence[str], **params: Any) -> CommitTrace:
        """Click a commit element exactly once.

        The element must be found by its first way, alone, inside its `within` region, and that region must show every
        text of `must_show` (order number, amount): else nothing is clicked and ScreenChanged is raised. The permit is
        spent (written down) right before the click; after that any failure leaves the outcome unknown to the caller.

        In a dry run all of this is done to the click itself, which the permit refuses, and nothing but reading leaves the
        browser meanwhile.
        """
        if not permit.dry:
            return self._commit(name, permit, must_show, params)
        with only_reading(self.page, self.book.head.questions) as stopped:
            try:
                return self._commit(name, permit, must_show, params)
            finally:
                logger.info("dry run: {} stood ready and was not clicked; stopped in the browser: {}", name, ", ".join(stopped) or "nothing")

    def _commit(self, name: str, permit: Permit, must_show: Sequence[str], params: dict[str, Any]) -> CommitTrace:
        element = self.book.element(self.current, name)
        if element.risk is not Risk.COMMIT or element.within is None:
            raise ScreenChanged(f"{self.book.product}/{self.current}: {name!r} must have risk `commit` and a `within` region", code="commit_guard")
        locator, rung = self._locate(name, params)
        region, region_rung = self._locate(element.within, params)
        if rung or region_rung:
            raise ScreenChanged(
                f"{self.book.product}/{self.current}: {name!r} is only found by a lower way; a commit needs the first", code="commit_lower_rung"
            )
        read = self._one(element.within, "region", params)
        shown = _fold(read["read"] if read else region.evaluate(READ["region"]))
        absent = [text for text in must_show if _fold(text) not in shown]
        if absent:
            raise ScreenChanged(
                f"{self.book.product}/{self.current}: the confirm step of {name!r} does not show {absent}; it shows {shown[:300]!r}", code="confirm_mismatch"
            )
        permit.photograph("before", self.picture())
        self._aim(name, locator)
        trace = CommitTrace()

        def seen(response: Any) -> None:
            if response.request.method != "GET":
                trace.requests.append((response.request.method, urlsplit(response.url).path, response.status))

        page = self.page
        page.on("response", seen)
        try:
            permit.spend()
            locator.click()
        finally:
            page.remove_listener("response", seen)
        return trace

    def _aim(self, name: str, locator: Locator) -> None:
        """All of a click but the press: the element is visible, switched on, at rest, and what a click at it would hit."""
        from playwright.sync_api import Error

        try:
            locator.click(trial=True)
        except Error as error:
            why = "is hidden, switched off or covered" if not self._at_login() else "is gone: the session ended"
            raise ScreenChanged(f"{self.book.product}/{self.current}: {name!r} {why}: {error.message.splitlines()[0]}", code="commit_not_usable") from None

    def picture(self) -> bytes:
        """A JPEG of the visible page in which passwords, card numbers and frames of other sites are covered."""
        page = self.page
        before = places(self._run, self.house.hide)
        taken = (self._glance.picture(PICTURE_QUALITY) if self._glance else None) or page.screenshot(type="jpeg", quality=PICTURE_QUALITY)
        after = places(self._run, self.house.hide)
        return cover(taken, None if before is None or after is None else [*before, *after], PICTURE_QUALITY)

    def _run(self, expression: str) -> Any:
        """What a script in the page comes to; None when the page cannot run it."""
        from playwright.sync_api import Error

        found = self._glance.value(expression) if self._glance else None
        if found is None:
            try:
                found = self.page.evaluate(expression)
            except Error:
                return None
        return found


def _fold(text: str) -> str:
    return re.sub(r"\s+", " ", text)

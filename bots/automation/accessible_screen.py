"""A desktop program that tells what it shows, driven by named locators: role and name, caption, text, as its accessibility has them.

These ways come first. Keys, and what only eyes find, are the lower ones; what is typed goes to a window that accessibility and display both call the active one.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from bots.automation.clipboard import wait_until
from bots.automation.desktop import Area
from bots.automation.desktop_screen import ECHO_SECONDS, DesktopScreen
from bots.automation.finding import words
from bots.automation.locators import Element, Way
from bots.cases.errors import ScreenChanged

DIALOGS = ("dialog", "alert")


class AccessibleScreen(DesktopScreen):
    """One program with accessibility. `here` fills the `{name}` in its ways."""

    here: dict[str, str]

    def __init__(self, *given: Any, **more: Any) -> None:
        super().__init__(*given, **more)
        self.here = {}

    # -- asking --------------------------------------------------------------------------------------------------------
    def _ask(self, do: str, way: Way, within: str | None = None, **more: Any) -> dict[str, Any]:
        """What accessibility says of what fits the way; `found` is 0 while the program does not answer."""
        if self._program is None or not self.running:
            return {"found": 0}
        told = self.desktop.tree.ask(do, self._program.pid, [*self._region(within), self._step(way)], **more)
        return {"found": 0, **told} if "busy" in told else told

    def _region(self, within: str | None) -> list[dict[str, str]]:
        """The first ways of what an element stands in, outermost first."""
        if within is None:
            return []
        element = self._element(within)
        return [*self._region(element.within), self._step(element.ways[0])]

    def _step(self, way: Way) -> dict[str, str]:
        text = words(way, self.here)
        if way.role is not None:
            return {"role": way.role} | ({"name": text} if way.name is not None else {})
        return {"label": text} if way.label is not None else {"text": text}

    def _first(self, name: str, do: str, **more: Any) -> dict[str, Any]:
        """Ask about the element by the first way that finds it, once it is there."""
        element = self._element(name)
        told: dict[str, Any] = {}

        def answered() -> bool:
            nonlocal told
            for rung, way in enumerate(element.ways):
                if not tells(way):
                    continue
                told = self._ask(do, way, element.within, **more)
                if told["found"] == 1:
                    if rung:
                        self._report(name, rung, way)
                    return True
            return self._gone()

        if not wait_until(answered, self.timeout_s) or told.get("found") != 1:
            raise self._lost(f"{name!r} is not there alone")
        return told

    # -- finding -------------------------------------------------------------------------------------------------------
    def _seen(self, way: Way, within: str | None = None) -> bool:
        return self._ask("look", way, within)["found"] == 1 if tells(way) else super()._seen(way, within)

    def _aim(self, way: Way, within: str | None = None) -> Callable[[], None] | None:
        if not tells(way):
            return super()._aim(way, within)
        told = self._ask("look", way, within)
        if told["found"] != 1 or "sensitive" not in told["facts"]["states"]:
            return None
        return lambda: self._click(way, within)

    def _click(self, way: Way, within: str | None) -> None:
        if way.label is None and self._ask("click", way, within).get("done"):
            return
        if not self._ask("focus", way, within).get("done"):
            raise self._lost(f"{way.describe()} can be neither pressed nor entered")

    def _count(self, way: Way, within: str | None) -> int:
        return int(self._ask("look", way, within)["found"]) if tells(way) else super()._count(way, within)

    def count(self, name: str) -> int:
        """How many things the element's first way finds right now."""
        element = self._element(name)
        return self._count(element.ways[0], element.within)

    def enabled(self, name: str) -> bool:
        """Whether the element is there and can be used right now."""
        element = self._element(name)
        told = self._ask("look", element.ways[0], element.within)
        return told["found"] == 1 and "sensitive" in told["facts"]["states"]

    def chosen(self, name: str) -> bool:
        """Whether the element, of a menu or a list, is the one that Enter would take."""
        element = self._element(name)
        told = self._ask("look", element.ways[0], element.within)
        return told["found"] == 1 and "selected" in told["facts"]["states"]

    def _keyboard_is_ours(self, *titles: str) -> None:
        """Wait until a window of this program has the keyboard, by its own word and by the display's."""
        if not wait_until(lambda: self._stranger() is None or self._gone(), self.timeout_s) or self._stranger() is not None:
            raise self._lost("a window of this program must have the keyboard")

    def _stranger(self) -> str | None:
        """Title of the window that has the keyboard when it is not of this program, or this program calls none of its windows active."""
        if self._program is None or not self.running:
            return None
        told = self.desktop.tree.ask("window", self._program.pid, [])
        ours = told.get("found") == 1 and self.desktop.windows.owner() == self._program.pid
        return None if ours else self.desktop.windows.focused()

    def _area(self) -> Area:
        return super()._area() if self.desktop.windows.focused() else self.desktop.screen

    # -- reading -------------------------------------------------------------------------------------------------------
    def value(self, name: str) -> str:
        """What a field holds or a label says."""
        return str(self._first(name, "look")["facts"]["text"])

    def _whole(self, name: str) -> str:
        return "\n".join(self._first(name, "everything")["lines"])

    def table(self, name: str) -> list[dict[str, str]]:
        """A whole table: a dict a row with our field names, as the element's `columns` map them."""
        columns = self._element(name).columns or {}
        shown = self._first(name, "table")["table"]
        if shown is None:
            raise self._lost(f"{name!r} is no table")
        wrong = [caption for caption in columns.values() if shown["head"].count(caption) != 1]
        if wrong:
            raise ScreenChanged(f"{self.book.product}/{self.current}: table {name!r} does not have the columns {wrong} once each; its head is {shown['head']}")
        places = {ours: shown["head"].index(caption) for ours, caption in columns.items()}
        return [{ours: row[at] for ours, at in places.items()} for row in shown["rows"]]

    def held(self, name: str) -> dict[str, str]:
        """What the form's fields hold, by our names as the element's `fields` map captions; those that it does not have are left out. A caption that stands twice raises ScreenChanged."""
        captions = self._element(name).fields or {}
        pairs = self._first(name, "fields")["fields"]
        twice = [caption for caption in captions.values() if sum(label == caption for label, _ in pairs) > 1]
        if twice:
            raise ScreenChanged(f"{self.book.product}/{self.current}: {name!r} shows {twice} more than once")
        known = dict(pairs)
        return {ours: known[caption] for ours, caption in captions.items() if caption in known}

    # -- doing ---------------------------------------------------------------------------------------------------------
    def fill(self, name: str, text: str) -> None:
        """Write a field and read it back; by the next way when it does not hold what was written."""
        element = self._act(name)
        held: str | None = None
        for rung, way in enumerate(element.ways):
            held = self._written(way, element, text)
            if held == text:
                if rung:
                    self._report(name, rung, way)
                return
        if held is None:
            raise self._lost(f"{name!r} cannot be reached")
        raise ScreenChanged(f"{self.book.product}/{self.current}: {name!r} holds {held!r} after {text!r} was typed", code="field_mismatch")

    def _written(self, way: Way, element: Element, text: str) -> str | None:
        """What the field holds after it was written this way; None when it is not found so."""
        if not tells(way):
            self._keyboard_is_ours()
            act = self._aim(way, element.within)
            if act is None:
                return None
            act()
            return self.desktop.write(text, ECHO_SECONDS[-1])
        if not wait_until(lambda: self._ask("fill", way, element.within, text=text).get("done") is True, self.timeout_s):
            return None
        held: list[str] = []

        def echoed() -> bool:
            told = self._ask("look", way, element.within)
            held[:] = [told["facts"]["text"]] if told["found"] == 1 else held
            return held == [text]

        wait_until(echoed, ECHO_SECONDS[-1])
        return held[0] if held else None

    def enter(self, name: str) -> None:
        """Give the keyboard to the element, without pressing it."""
        self._act(name)
        if not self._first(name, "focus")["done"]:
            raise self._lost(f"{name!r} takes no keyboard")
        self._keyboard_is_ours()

    def fill_secret(self, name: str, secret: str) -> None:
        """Type a password by keys; it is not read back: the log-in says whether it was right."""
        self.enter(name)
        self.desktop.press("ctrl+a delete")
        self.desktop.type_secret(secret)

    def press(self, name: str, keys: str) -> None:
        """Give the keyboard to the element and press keys in it."""
        self.enter(name)
        self.desktop.press(keys)

    def keys(self, keys: str) -> None:
        """Press keys in whatever of this program has the keyboard."""
        self._keyboard_is_ours()
        self.desktop.press(keys)

    def choose(self, name: str, row: int) -> None:
        """Put the cursor into a row of a table."""
        if not self._first(name, "choose", row=row).get("done"):
            raise self._lost(f"row {row} of {name!r} cannot be chosen")

    def withdraw(self, dialog: str) -> None:
        """Leave a dialog without doing what it asks; a form that nothing was pressed in asks nothing."""
        if self._element(dialog).ways[0].role in DIALOGS:
            super().withdraw(dialog)


def tells(way: Way) -> bool:
    """Whether this way asks accessibility."""
    return way.role is not None or way.label is not None or way.text is not None

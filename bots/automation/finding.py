"""From a way in a locator book to a Playwright locator: parameters are data and are matched literally."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from bots.automation.locators import Way
from bots.cases.errors import ScreenChanged

if TYPE_CHECKING:
    from playwright.sync_api import Frame, FrameLocator, Locator, Page


def find(scope: Page | Locator | FrameLocator | Frame, way: Way, params: dict[str, Any]) -> Locator:
    """A Playwright locator for one way inside `scope`. Raises ScreenChanged for a way that only desktop programs know."""
    text = words(way, params)
    if way.role is not None:
        role: Any = way.role
        return scope.get_by_role(role, name=text, exact=True) if way.name is not None else scope.get_by_role(role)
    if way.label is not None:
        return scope.get_by_label(text, exact=True)
    if way.placeholder is not None:
        return scope.get_by_placeholder(text, exact=True)
    if way.test_id is not None:
        return scope.get_by_test_id(text)
    if way.css is not None:
        return scope.locator(text)
    if way.text is not None:
        return scope.get_by_text(text, exact=True)
    raise ScreenChanged(f"a web page cannot be searched by {way.describe()}")


def words(way: Way, params: dict[str, Any]) -> str:
    """The text a way looks for, parameters filled in: quoted inside css, else as they are."""
    text = next((kind for kind in (way.css, way.name, way.label, way.placeholder, way.test_id, way.text) if kind is not None), "")
    if not params or "{" not in text:
        return text
    if way.css is not None:
        return text.format_map({key: _in_css(str(value)) for key, value in params.items()})
    return text.format_map(params)


def _in_css(value: str) -> str:
    """The value inside a css string between double quotes."""
    return re.sub(r'[\\"\x00-\x1f\x7f]', lambda found: "\\" + (found[0] if found[0] in '\\"' else f"{ord(found[0]) or 0xFFFD:x} "), value)

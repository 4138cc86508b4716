"""What the elements of a page looked like when a person last said they were right, and where each may be now that the page has changed.

A baseline holds captions and names that programs write, never what a record says: samples become `{their name}`, and names with longer numbers are left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import TYPE_CHECKING

from pydantic import BaseModel, ConfigDict

from bots.automation.locators import Element, Way
from bots.automation.recording import LONGEST_NAME, Eye, Facts, Taken, generalise

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

NAMED_BY_PROGRAM = frozenset("button checkbox combobox dialog form link listbox menuitem radio searchbox spinbutton switch tab table textbox".split())
"""Roles whose name a program writes; what others are called may come from a record."""
TELLING = ("name", "type")
"""Attributes that outlive a new look: programs read their forms by them."""
LIKELY = 0.5
"""Likeness from which an element may be the one that is missing."""
LEAD = 0.1
"""How much more alike the likeliest must be than the next."""
MOST_LOOKED_AT = 60
"""Elements of one kind that are compared on a page."""
PROPOSED = 3
"""Ways proposed for an element."""


class Fingerprint(BaseModel):
    """What an element is, apart from how it is found."""

    model_config = ConfigDict(frozen=True)

    tag: str
    role: str = ""
    name: str = ""
    label: str = ""
    placeholder: str = ""
    attributes: dict[str, str] = {}
    captions: tuple[str, ...] = ()
    place: int = 0
    """How many elements of its kind stand before it on the page."""


class PageBaseline(BaseModel):
    """Fingerprints of a page's elements by our names for them."""

    elements: dict[str, Fingerprint] = {}


@dataclass(frozen=True)
class Match:
    """The element that is likeliest the one that is missing: `likeness` from 0 to 1."""

    taken: Taken
    likeness: float


class Watcher:
    """Compares the elements of the page that is open with their baseline."""

    def __init__(self, page: Page, samples: Mapping[str, str]) -> None:
        self._eye = Eye(page, samples)
        self._known: list[str] = []
        page.evaluate("() => { window.__watched = {}; window.__alike = []; }")

    def seen(self, name: str, locator: Locator) -> Fingerprint:
        """The fingerprint of an element that was found, which is then no candidate for another one."""
        locator.evaluate("(element, name) => { window.__watched[name] = element; }", name)
        return self._fingerprint(_which(name))

    def ways(self, name: str, scope: Page | Locator) -> Taken:
        """The ways that find a seen element today, best first."""
        return self._eye.taken(_which(name), scope)

    def find_again(self, before: Fingerprint, scope: Page | Locator) -> Match | None:
        """The free element inside `scope` most like this fingerprint; None where none is alike enough, or two are."""
        kinds = f'{before.tag}, [role="{before.role}"]' if re.fullmatch(r"[a-z]+", before.role) else before.tag
        free = """(root, [kinds, most]) => {
            const known = new Set(Object.values(window.__watched)), all = root.querySelectorAll(kinds);
            window.__alike = [...all].filter(one => !known.has(one) && one.getClientRects().length).slice(0, most);
            return window.__alike.length;
        }"""
        count: int = (scope.locator("body") if hasattr(scope, "goto") else scope).evaluate(free, [kinds, MOST_LOOKED_AT])
        ranked = sorted(((likeness(before, self._fingerprint(which)), which) for which in map("window.__alike[{}]".format, range(count))), reverse=True)
        if not ranked or ranked[0][0] < LIKELY or (len(ranked) > 1 and ranked[0][0] - ranked[1][0] < LEAD):
            return None
        taken = self._eye.taken(ranked[0][1], scope)
        return Match(taken, ranked[0][0]) if taken.ways else None

    def _fingerprint(self, which: str) -> Fingerprint:
        place: int = self._eye.page.evaluate(f"() => [...document.querySelectorAll({which}.localName)].indexOf({which})")
        return fingerprint(self._eye.facts(which), self._eye.samples, place)


def _which(name: str) -> str:
    return f"window.__watched[{name!r}]"


def fingerprint(facts: Facts, samples: Mapping[str, str], place: int = 0) -> Fingerprint:
    """What of an element may be kept: no record's words, no longer numbers."""

    def kept(text: str) -> str:
        text = generalise(" ".join(text.split()), samples)
        return "" if len(text) > LONGEST_NAME or re.search(r"\d{3,}|@", text) else text

    return Fingerprint(
        tag=facts.tag,
        role=facts.role,
        name=kept(facts.name) if facts.role in NAMED_BY_PROGRAM else "",
        label=kept(facts.label),
        placeholder=kept(facts.placeholder),
        attributes={key: kept(facts.attributes[key]) for key in TELLING if kept(facts.attributes.get(key, ""))},
        captions=tuple(kept(caption) for caption in facts.captions),
        place=place,
    )


def differences(before: Fingerprint, now: Fingerprint) -> tuple[str, ...]:
    """What is another thing than it was, in words."""
    told = [
        f"{what}: {getattr(before, what)!r} is now {getattr(now, what)!r}"
        for what in ("role", "name", "label", "placeholder")
        if getattr(before, what) != getattr(now, what)
    ]
    gone, new = [c for c in before.captions if c not in now.captions], [c for c in now.captions if c not in before.captions]
    told += [f"captions gone: {', '.join(gone)}"] if gone else []
    told += [f"captions new: {', '.join(new)}"] if new else []
    return tuple(told)


def likeness(before: Fingerprint, now: Fingerprint) -> float:
    """How alike two elements are, from 0 to 1: the share of what was known of the first that still holds, words by their letters."""
    if before.role != now.role:
        return 0.0
    known: list[tuple[float, float]] = [(1.0, 1.0 if before.tag == now.tag else 0.0), (2.0, 1.0 if before.place == now.place else 0.0)]
    known += [(3.0, _alike(getattr(before, what), getattr(now, what))) for what in ("name", "label", "placeholder") if getattr(before, what)]
    known += [(2.0, 1.0 if now.attributes.get(key) == value else 0.0) for key, value in before.attributes.items()]
    if before.captions:
        same = sum(caption in now.captions for caption in before.captions) / max(len(before.captions), len(now.captions))
        known.append((4.0, max(same, 0.5 if len(before.captions) == len(now.captions) else 0.0)))
    return sum(weight * share for weight, share in known) / sum(weight for weight, _ in known)


def _alike(first: str, second: str) -> float:
    return SequenceMatcher(None, first.casefold(), second.casefold()).ratio()


def moved(element: Element, working: tuple[Way, ...], before: Fingerprint | None, taken: Taken) -> Element:
    """The element with the ways that find it today; captions that are new take the place of those that stood there before.

    First what people see of it (name, label), then its own ways that still work; guessed selectors only where there is neither.
    """
    seen = tuple(way for way in taken.ways if way.css is None)[:1]
    ways = seen + tuple(way for way in working if way not in seen) or taken.ways
    now = taken.facts.captions
    renamed = dict(_renamed(before.captions, now)) if before else {}

    def told(captions: dict[str, str] | None) -> dict[str, str] | None:
        return None if captions is None else {ours: caption if caption in now else renamed.get(caption, caption) for ours, caption in captions.items()}

    return element.model_copy(update={"ways": ways[:PROPOSED], "columns": told(element.columns), "fields": told(element.fields)})


def _renamed(before: tuple[str, ...], now: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    if len(before) == len(now):
        yield from ((old, new) for old, new in zip(before, now, strict=True) if old != new)

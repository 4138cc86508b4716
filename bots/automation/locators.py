"""Locators as data: where things are on a product's screens, how sure we must be, and how risky a click is.

A book is one folder `locators/<product>/` of page files. An element has a ladder of ways, best first. A read may use
any rung, a write may too and is reported, a commit only ever uses the first.
"""

from __future__ import annotations

import re
from enum import StrEnum
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from bots.cases.errors import ConfigProblem


class Risk(StrEnum):
    """What a mistake at this element would cost."""

    READ = "read"
    WRITE = "write"
    COMMIT = "commit"


class Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Way(Strict):
    """One way to find an element. Exactly one kind is given; `{name}` in a text is filled from the call's parameters."""

    role: str | None = None
    name: str | None = None
    label: str | None = None
    placeholder: str | None = None
    test_id: str | None = None
    css: str | None = None
    text: str | None = None
    # desktop
    access: str | None = None
    """Title of the window or dialog that has the keyboard: the accessible name that every desktop program has."""
    keys: str | None = None
    """Keys that lead to the element from a known place, e.g. `alt+p` or `tab tab`."""
    ocr: str | None = None
    image: str | None = None
    """File in the book's images/ folder; taken at `taken_at`."""
    at: tuple[int, int] | None = None
    """Point inside the window (pixels), the last resort; never for a commit."""
    taken_at: str | None = None
    """Screen size and scale an image was taken at, e.g. `1280x800@1`."""

    @model_validator(mode="after")
    def _one_kind(self) -> Way:
        kinds = [k for k in ("role", "label", "placeholder", "test_id", "css", "text", "access", "keys", "ocr", "image", "at") if getattr(self, k) is not None]
        if len(kinds) != 1:
            raise ValueError(f"a way needs exactly one kind, got {kinds or 'none'}")
        if self.name is not None and self.role is None:
            raise ValueError("`name` goes with `role`")
        return self

    def describe(self) -> str:
        """The way in a few words, for reports."""
        return ", ".join(f"{key}={value!r}" for key, value in self.model_dump(exclude_none=True).items())


class Element(Strict):
    """One named thing on a page."""

    risk: Risk = Risk.READ
    ways: tuple[Way, ...] = Field(min_length=1)
    within: str | None = None
    """Another element of the page that must contain it."""
    frame: str | None = None
    """Another element of the page: the iframe that holds it."""
    columns: dict[str, str] | None = None
    """For tables: our field name -> the caption of the column."""
    fields: dict[str, str] | None = None
    """For definition lists and forms: our field name -> its caption."""
    optional: bool = False
    """`watch` does not miss it when it is absent (it shows only at times)."""


class Interruption(Strict):
    """Something that may lie over the page at any time, and how it is put away."""

    name: str
    seen: Way
    press: Way


class Step(Strict):
    """One step on the way to a page for `watch`; exactly one of the three."""

    open: str | None = None
    """Go to this page by its address."""
    click: str | None = None
    """Click this element of the page reached so far; never a commit."""
    fill: tuple[str, str] | None = None
    """Fill (element, text); `{name}` is filled from samples."""

    @model_validator(mode="after")
    def _one_kind(self) -> Step:
        if sum(value is not None for value in (self.open, self.click, self.fill)) != 1:
            raise ValueError("a step needs exactly one of open, click, fill")
        return self


class Page(Strict):
    """One screen of a product."""

    path: str | None = None
    """Address below the product's base URL; `{name}` is filled and quoted. On the desktop: the keys that open the page."""
    ready: str | None = None
    """Element that is there once the page can be used."""
    reach: tuple[Step, ...] | None = None
    """How `watch` gets here without changing anything; left out: by the page's own address. Empty: this page is not watched."""
    elements: dict[str, Element]

    @model_validator(mode="after")
    def _references(self) -> Page:
        for name, element in self.elements.items():
            for reference in (element.within, element.frame):
                if reference is not None and reference not in self.elements:
                    raise ValueError(f"element {name!r} refers to unknown element {reference!r}")
        if self.ready is not None and self.ready not in self.elements:
            raise ValueError(f"`ready` names unknown element {self.ready!r}")
        return self


class BookHead(Strict):
    """`book.yaml`: what holds for every page of a product."""

    title: str
    kind: Literal["web", "desktop"] = "web"
    style: Literal["en", "de", "zh"] = "en"
    """How the product writes numbers and dates."""
    login_path: str = "/login"
    """Being sent here means that the session is over."""
    exponents: dict[str, int] = Field(default_factory=dict)
    """Currencies whose number of decimals differs from ISO 4217 in this product."""
    interruptions: tuple[Interruption, ...] = ()
    questions: tuple[re.Pattern[str], ...] = ()
    """Bodies of requests that only ask although they are not GETs (remote procedure calls, GraphQL): a dry run lets these through."""


class Book(Strict):
    """All pages of a product."""

    product: str
    head: BookHead
    pages: dict[str, Page]
    folder: Path

    def page(self, name: str) -> Page:
        try:
            return self.pages[name]
        except KeyError:
            raise ConfigProblem(f"locators/{self.product}: there is no page file {name}.yaml") from None

    def element(self, page: str, name: str) -> Element:
        try:
            return self.page(page).elements[name]
        except KeyError:
            raise ConfigProblem(f"locators/{self.product}/{page}.yaml: there is no element {name!r}") from None


def _load(file: Path, model: type[Strict], **extra: Any) -> Any:
    try:
        data = yaml.load(file.read_text(encoding="utf-8"), Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader)) or {}
        return model.model_validate({**data, **extra})
    except FileNotFoundError:
        raise ConfigProblem(f"{file}: the file is missing") from None
    except (yaml.YAMLError, ValidationError) as error:
        raise ConfigProblem(f"{file}: {error}") from None


@lru_cache(maxsize=32)
def load_book(root: Path, product: str) -> Book:
    """The locator book `root/<product>/`; raises ConfigProblem naming the file and key that is wrong."""
    folder = root / product
    head = _load(folder / "book.yaml", BookHead)
    pages = {file.stem: _load(file, Page) for file in sorted(folder.glob("*.yaml")) if file.name != "book.yaml"}
    if not pages:
        raise ConfigProblem(f"{folder}: no page file found")
    return Book(product=product, head=head, pages=pages, folder=folder)

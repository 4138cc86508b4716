"""A glance beside Playwright on the same page: it says the same, or nothing."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from playwright.sync_api import Page

from bots.automation.browser import BrowserHouse
from bots.automation.glance import Glance, Want, question
from bots.automation.locators import Way

pytestmark = pytest.mark.browser

WAYS = (
    Way(role="button"), Way(role="button", name="Refund"), Way(role="button", name="Refund now"), Way(role="link", name="Refund"), Way(role="table"),
    Way(role="table", name="Refunds"), Way(role="dialog"), Way(role="dialog", name="Refund"), Way(role="alert"), Way(role="status"), Way(css=".x"), Way(css="button"),
    Way(css="#a .x"), Way(css="tr"),
)  # fmt: skip


@pytest.fixture(scope="module")
def page(browser_house: BrowserHouse) -> Iterator[Page]:
    page = browser_house.page("glance")
    yield page
    browser_house.forget("glance")


def by_playwright(page: Page, way: Way) -> dict[Want, tuple[int, bool]]:
    """How many Playwright finds, and whether the first (`visible`) or any of them (`any`) shows."""
    if way.css is not None:
        found = page.locator(way.css)
    elif way.name is not None:
        found = page.get_by_role(way.role, name=way.name, exact=True)  # type: ignore[arg-type]
    else:
        found = page.get_by_role(way.role)  # type: ignore[arg-type]
    shown = [one.is_visible() for one in found.all()]
    return {"visible": (len(shown), any(shown[:1])), "any": (len(shown), any(shown))}


def by_glance(page: Page, way: Way, want: Want) -> tuple[int, bool] | None:
    asked = question(way, way.css or way.name or "", want)
    assert asked is not None
    seen = Glance(page).look([asked])[0]
    return None if seen is None else (seen["count"], seen["read"])


def differences(page: Page) -> list[str]:
    """Where a glance answers and Playwright answers otherwise."""
    told = []
    for way in WAYS:
        right = by_playwright(page, way)
        for want in right:
            seen = by_glance(page, way, want)
            if seen not in (None, right[want]):
                told.append(f"{way.describe()}, {want}: a glance says {seen}, Playwright {right[want]}")
    return told


TRICKY = (
    "<button>Refund</button><button>Refund now</button>",
    "<button> Refund \n now </button><button aria-label='Refund'>x</button>",
    "<button aria-labelledby='n'>x</button><span id='n'>Refund</span><button title='Refund'></button>",
    "<button><b>Re</b>fund</button><button><img alt='Refund'></button><button>Refund<span hidden> now</span></button>",
    "<style>.r::before { content: 'Refund' }</style><button class='r'> now</button>",
    "<button hidden>Refund</button><button style='display: none'>Refund</button><button style='visibility: hidden'>Refund</button>",
    "<div aria-hidden='true'><button>Refund</button></div><button style='opacity: 0'>Refund</button>",
    "<div style='height: 0; overflow: hidden'><button>Refund</button></div><button style='width: 0; height: 0; padding: 0; border: 0'></button>",
    "<div style='visibility: hidden'><button style='visibility: visible'>Refund</button></div>",
    "<details><summary>Refund</summary><button>Refund now</button></details>",
    "<input type='submit' value='Refund'><input type='button' value='Refund'><label>Refund<button></button></label>",
    "<div role='button'>Refund</div><div role='button link'>Refund</div>",
    "<div role='button'>Refund</div><button role='link'>Refund</button><a>Refund</a><a href='#'>Refund</a><map><area href='#' alt='Refund'></map>",
    "<table><caption>Refunds</caption><tr><td class='x'>1</td></tr></table><table role='presentation'><tr><td></td></tr></table><table aria-label='Refunds'></table>",
    "<dialog open aria-label='Refund'>a</dialog><dialog>b</dialog><div role='dialog' aria-labelledby='h'><h2 id='h'>Refund</h2></div>",
    "<output>1</output><p role='status'></p><p role='alert'>Paid</p><p role='alert' hidden>Not paid</p>",
    "<div style='display: contents' class='x'>1</div><span class='x'></span><div id='a'><i class='x'>2</i></div>",
    "<button>Refund\u200b</button><button>Re\u00adfund</button><button>Refund\u00a0now</button>",
    "<fieldset disabled><button>Refund</button></fieldset><button disabled>Refund now</button><div inert><button>Refund</button></div>",
    "<svg><a href='#'><text>Refund</text></a></svg><iframe srcdoc='<button>Refund</button>'></iframe>",
)


@pytest.mark.parametrize("html", TRICKY, ids=range(len(TRICKY)))
def test_what_a_glance_says_is_what_playwright_says(page: Page, html: str) -> None:
    page.set_content(html)
    assert differences(page) == []


PARTS = st.sampled_from(
    (
        "Refund", " Refund ", "Refund now", "<b>Refund</b>", "<i hidden>now</i>", "<span class='x'>1</span>", "<img alt='Refund' class='x'>", "<br>",
    )
)  # fmt: skip
MANNERS = st.sampled_from(
    (
        "", " class='x'", " hidden", " aria-hidden='true'", " style='display: none'", " style='visibility: hidden'", " style='visibility: visible'", " style='display: contents'",
        " aria-label='Refund'", " title='Refund'", " role='button'", " role='alert'", " role='dialog'", " role='none'", " id='a'", " inert",
    )
)  # fmt: skip
NAMES = st.sampled_from(("div", "button", "a href='#'", "p", "output", "span", "dialog open", "label", "summary", "details", "section"))


def inside(held: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.builds(lambda name, manner, parts: f"<{name}{manner}>{''.join(parts)}</{name.split()[0]}>", NAMES, MANNERS, st.lists(held, max_size=3))


@given(st.lists(st.recursive(PARTS, inside, max_leaves=8), min_size=1, max_size=4).map("".join))
@example("<summary></summary>")
@example("<button role='none'></button><button role='tab'>Refund</button>")
@example("<button style='display: contents'>Refund</button>")
@example("<output></output><p role='alert'>Paid</p><output>1</output>")
@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
def test_on_any_page(page: Page, html: str) -> None:
    page.set_content(html)
    assert differences(page) == []


def test_of_a_plain_page_it_does_say_something(page: Page) -> None:
    page.set_content("<main><button>Refund</button><table><caption>Refunds</caption></table><p role='alert'>Paid</p><a href='#'>Refund</a></main>")
    silent = [way.describe() for way in WAYS if by_glance(page, way, "visible") is None]
    assert silent == []


def test_it_waits_until_one_of_its_questions_is_answered(page: Page) -> None:
    page.set_content("<p role='alert' hidden>Paid</p><script>setTimeout(() => document.querySelector('p').hidden = false, 300)</script>")
    asked = [question(way, way.name or "", "any") for way in (Way(role="dialog"), Way(role="alert"))]
    seen = Glance(page).wait([one for one in asked if one], 10)
    assert [one and one["read"] for one in seen] == [False, True]


def test_a_page_that_is_gone_tells_nothing(page: Page) -> None:
    other = page.context.new_page()
    glance = Glance(other)
    asked = question(Way(role="alert"), "", "any")
    assert asked is not None and glance.look([asked]) == [{"count": 0, "read": False}]
    other.close()
    assert glance.look([asked]) == [None] and glance.picture(50) is None and glance.value("1") is None

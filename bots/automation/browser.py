"""The browser: one Chromium a process, one context (its own cookies) an account, kept open between bots."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import urlsplit

from bots.automation.cover import Spans
from bots.automation.sessions import SessionFiles
from bots.cases.errors import ConfigProblem, SystemException
from bots.cases.masking import card_spans

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Page, Playwright, Route

QUIET = (
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
)


@dataclass(frozen=True)
class BrowserOptions:
    """How the browser is started; `executable` or `channel`, neither means Playwright's own build."""

    executable: str | None = None
    channel: str | None = None
    headed: bool = False
    timeout_s: float = 10.0


READING = frozenset({"GET", "HEAD"})


@contextmanager
def only_reading(page: Page, questions: Sequence[re.Pattern[str]] = ()) -> Iterator[list[str]]:
    """Let nothing but GET and HEAD leave the page's whole context inside the block; gives what was stopped (method and path).

    A request of another method may leave whose whole body is one of the product's known `questions`.
    The page is left before the block ends: what it may still be about to send goes with it.
    """
    from playwright.sync_api import Error

    stopped: list[str] = []

    def judge(route: Route) -> None:
        method, body = route.request.method, route.request.post_data or ""
        if method in READING or any(question.fullmatch(body) for question in questions):
            route.fallback()
            return
        stopped.append(f"{method} {urlsplit(route.request.url).path}")
        route.abort("blockedbyclient")

    page.context.route("**/*", judge)
    try:
        yield stopped
    finally:
        with contextlib.suppress(Error):
            page.goto("about:blank")
        page.context.unroute("**/*", judge)


class BrowserHouse:
    """Starts the browser on first use and keeps a page for each account; close() ends all of it."""

    def __init__(self, options: BrowserOptions, sessions: SessionFiles | None = None, hide: Spans = card_spans) -> None:
        self.options, self._sessions = options, sessions
        self.hide = hide
        """What no picture of a page may show."""
        self._playwright: Playwright | None = None
        self._browser: Browser | None = None
        self._contexts: dict[str, BrowserContext] = {}
        self._pages: dict[str, Page] = {}

    def _start(self) -> Browser:
        if self._browser is not None and self._browser.is_connected():
            return self._browser
        self.close()
        import os

        from playwright.sync_api import Error, sync_playwright

        self._playwright = sync_playwright().start()
        arguments = [*QUIET, *(("--no-sandbox",) if hasattr(os, "geteuid") and os.geteuid() == 0 else ())]
        try:
            self._browser = self._playwright.chromium.launch(
                executable_path=self.options.executable, channel=self.options.channel, headless=not self.options.headed, args=arguments
            )
        except Error as error:
            self.close()
            raise SystemException(
                f"the browser {self.options.executable or self.options.channel or 'of Playwright'} did not start: {error.message.splitlines()[0]}",
                code="browser_missing",
                advice="Run `run_bot.py setup`, or set browser.path in config/suite.yaml.",
            ) from None
        return self._browser

    def page(self, account: str) -> Page:
        """The page of `account` (its own cookies); opened on first use, opened anew when it was closed or crashed."""
        page = self._pages.get(account)
        if page is not None and not page.is_closed() and self._browser is not None and self._browser.is_connected():
            return page
        browser = self._start()
        context = self._contexts.get(account)
        if context is None:
            kept: Any = self._sessions.take(account) if self._sessions else None
            context = browser.new_context(accept_downloads=True, locale="en-US", timezone_id="UTC", viewport={"width": 1280, "height": 860}, storage_state=kept)
            context.set_default_timeout(self.options.timeout_s * 1000)
            self._contexts[account] = context
        page = context.new_page()
        # A page that asks whether it may be left is left: a bot only leaves what it no longer needs. Every other question is answered with no.
        page.on("dialog", lambda dialog: dialog.accept() if dialog.type == "beforeunload" else dialog.dismiss())
        self._pages[account] = page
        return page

    def forget(self, account: str) -> None:
        """Throw the account's session away: the next page starts with no cookies."""
        self._pages.pop(account, None)
        context = self._contexts.pop(account, None)
        if context is not None:
            from playwright.sync_api import Error

            with contextlib.suppress(Error):
                context.close()

    def close(self) -> None:
        """Close every page and the browser, and keep the sessions; a browser that is already gone is fine."""
        from playwright.sync_api import Error

        if self._sessions is not None:
            for account, context in self._contexts.items():
                with contextlib.suppress(Error, ConfigProblem):
                    self._sessions.put_back(account, cast("dict[str, Any]", context.storage_state()))
        self._pages.clear()
        self._contexts.clear()
        if self._browser is not None:
            with contextlib.suppress(Error):
                self._browser.close()
        if self._playwright is not None:
            self._playwright.stop()
        self._browser = self._playwright = None

"""Opens the office: settings, store, clock, secrets, browser and evidence, put together into a desk."""

from __future__ import annotations

import os
import sys
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from loguru import logger

from bots.automation.browser import BrowserHouse, BrowserOptions
from bots.automation.browsers import find_browser
from bots.automation.evidence import Evidence
from bots.automation.sessions import SessionFiles
from bots.cases.clock import AnchoredClock, Clock, SystemClock
from bots.cases.database import open_database
from bots.cases.ledger import nothing
from bots.cases.masking import card_spans, mask_cards
from bots.cases.settings import Config
from bots.cases.store import Store
from bots.operations.secrets import Secrets, open_secrets
from bots.portals.crew import Crew
from bots.portals.desk import Desk, Desktop

SESSION_KEY = "session-key"
"""The keyring's name for the key of the kept sessions."""


def open_clock(config: Config) -> Clock:
    file = config.suite.clock_file
    return AnchoredClock(Path(config.address(file))) if file else SystemClock()


def open_store(config: Config, actor: str) -> Store:
    return Store(open_database(config.store_url), open_clock(config), actor)


def make_desk(config: Config, *, headed: bool = False, dry_run: bool = False, desktop: Desktop | None = None, point: Callable[[int], None] = nothing) -> Desk:
    """A desk with everything a bot needs; its browser belongs to the thread that first uses it. The caller closes it.

    Desks of one process share one `desktop`: the screen has one keyboard.
    """
    headed = headed or config.suite.browser.headed
    choice = find_browser(config.suite.browser.path, headed)
    options = BrowserOptions(
        executable=str(choice.executable_path) if choice.executable_path else None,
        channel=choice.channel,
        headed=headed,
        timeout_s=config.suite.browser.timeout_s,
    )
    secrets = open_secrets(config)
    evidence = Evidence(config.workspace / "evidence", redact=secrets.redact)
    store = open_store(config, "suite")
    store.mask = evidence.mask
    return Desk(
        config,
        store,
        BrowserHouse(options, kept_sessions(config, secrets), lambda text: [*card_spans(text), *secrets.spans(text)]),
        secrets.get,
        evidence,
        dry_run=dry_run,
        desktop=desktop,
        point=point,
    )


def kept_sessions(config: Config, secrets: Secrets) -> SessionFiles | None:
    """Where sessions are kept between runs, encrypted under a key that lies in the keyring; None where the profile keeps none or the keyring cannot."""
    hours = config.suite.browser.session_hours
    if not hours:
        return None

    def key() -> str:
        if SESSION_KEY not in secrets.list():
            from cryptography.fernet import Fernet

            secrets.set(SESSION_KEY, Fernet.generate_key().decode())
        return secrets.get(SESSION_KEY)

    return SessionFiles(config.workspace / "sessions", key, hours)


@contextmanager
def open_desk(config: Config, *, headed: bool = False, dry_run: bool = False, point: Callable[[int], None] = nothing) -> Iterator[Desk]:
    """A desk that closes its programs, browser and store at the end; with `desks` above 1 further ones stand beside it."""
    desk = make_desk(config, headed=headed, dry_run=dry_run, point=point)
    if config.suite.desks > 1:
        desk.crew = Crew(lambda: make_desk(config, headed=headed, dry_run=dry_run, desktop=desk.desktop, point=point), config.suite.desks - 1)
    try:
        yield desk
    finally:
        if desk.crew is not None:
            desk.crew.close()
        desk.close()


def start_log(config: Config, *, quiet: bool) -> None:
    """Log to logs/ (kept 30 days), and to the terminal unless `quiet`. Secrets and card numbers are masked in every line."""
    secrets = open_secrets(config)
    logger.remove()

    def mask(text: str) -> str:
        return mask_cards(secrets.redact(text))

    def patch(record: dict[str, Any]) -> None:
        record["message"] = mask(str(record["message"]))
        trace = record["exception"]
        record["extra"]["trace"] = mask("".join(traceback.format_exception(trace.type, trace.value, trace.traceback))) if trace else ""

    logger.configure(patcher=patch, extra={"bot": "-"})  # type: ignore[arg-type]  # loguru's Record is a plain dict at run time
    folder = Path(os.environ.get("RETURNS_LOGS") or config.home / "logs")
    logger.add(
        folder / "run-{time:YYYY-MM-DD}.log",
        level="DEBUG",
        retention="30 days",
        enqueue=False,
        backtrace=True,
        diagnose=False,
        # A function as format: loguru then adds no traceback of its own, which would not be masked.
        format=lambda record: "{time:YYYY-MM-DD HH:mm:ss.SSS} {level:7} {extra[bot]:14} {message}\n{extra[trace]}",
    )
    if not quiet:
        logger.add(
            sys.stderr, level="INFO", format=lambda record: "<dim>{time:HH:mm:ss}</dim> <level>{level:7}</level> {extra[bot]:14} {message}\n{extra[trace]}"
        )

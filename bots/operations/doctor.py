"""The doctor: looks at everything a run stands on and says what is well, what is doubtful and what must be mended first."""

from __future__ import annotations

import os
import select
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Literal
from urllib.parse import urlsplit

from bots.automation.browsers import find_browser
from bots.cases.errors import ConfigProblem, SystemException
from bots.operations import setup
from bots.operations.secrets import SecretProblem, open_secrets

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

    from bots.cases.settings import Config, MailSettings, PortalSettings

State = Literal["ok", "warn", "fail"]
ROOT = Path(__file__).resolve().parents[2]
PATIENCE_S = 8.0
LEAST_DISK_MB = 500
ENOUGH_DISK_MB = 2000
CLOCK_WARN_S = 5.0
CLOCK_FAIL_S = 25.0
"""A one-time code holds for 30 seconds (RFC 6238): with a clock this far out, log-ins fail."""


@dataclass(frozen=True)
class Check:
    """One thing that was looked at: what, how it is, what was found, and what to do where it is not well."""

    name: str
    state: State
    found: str
    advice: str = ""


def checks(config: Config | None = None) -> Iterator[Check]:
    """Every check, one after the other, as each is done; `config` adds the configured programs, mailbox, keyring and workspace. Changes nothing."""
    browser = config.suite.browser.path if config else None
    workspace = config.workspace if config else ROOT / "workspace"
    yield python()
    yield packages()
    yield starts_browser(browser)
    yield starts_display()
    yield from system_packages(browser)
    yield workspace_writable(workspace)
    yield disk(workspace)
    if config is None:
        yield clock({})
        return
    yield keyring(config)
    urls = dict(_urls(config))
    for name, url in urls.items():
        yield reaches(name, url)
    yield from mailbox(config, config.suite.mailbox)
    yield clock(urls)


def worst(found: Iterable[Check]) -> State:
    """The worst state of a list of checks."""
    states = {check.state for check in found}
    return "fail" if "fail" in states else "warn" if "warn" in states else "ok"


def table(found: Sequence[Check]) -> Table:
    """The checks as a table for the terminal."""
    from rich.table import Table
    from rich.text import Text

    colours = {"ok": "green", "warn": "yellow", "fail": "bold red"}
    sheet = Table(title="Doctor", caption=f"{sum(check.state == 'ok' for check in found)} of {len(found)} are well", show_lines=False)
    for caption in ("", "What", "Found", "What to do"):
        sheet.add_column(caption, overflow="fold")
    for check in found:  # Text, not markup: what was found comes from outside
        sheet.add_row(Text(check.state, style=colours[check.state]), Text(check.name), Text(check.found), Text(check.advice))
    return sheet


def run(config: Config, console: Console) -> int:
    """Make every check, show the table; exit code 0 when nothing fails, else 3."""
    with console.status("looking ..."):
        found = list(checks(config))
    console.print(table(found))
    return setup.NOT_READY if worst(found) == "fail" else 0


def python() -> Check:
    """The interpreter: version and virtual environment."""
    found = f"{setup.describe()} in {sys.prefix}"
    if sys.prefix == sys.base_prefix:
        return Check("Python", "warn", found, "Start through run_bot.py, which uses .venv.")
    return Check("Python", "ok", found)


def packages(requirements: Path = ROOT / "requirements.txt") -> Check:
    """Are the pinned packages installed in the pinned versions?"""
    pins = list(pinned(requirements.read_text(encoding="utf-8")))
    wrong = [f"{name} {have or 'missing'} (pinned {want})" for name, want in pins if (have := _installed(name)) != want]
    if wrong:
        return Check("Packages", "fail", "; ".join(wrong), "Delete the folder .venv and start again.")
    return Check("Packages", "ok", f"{len(pins)} packages as pinned")


def pinned(text: str) -> Iterator[tuple[str, str]]:
    """Name and version of each pin in a requirements file; extras and comments are left out."""
    for line in text.splitlines():
        name, is_pin, version = line.partition("#")[0].strip().partition("==")
        if is_pin:
            yield name.partition("[")[0].strip(), version.strip()


def _installed(name: str) -> str | None:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None


def starts_browser(configured: str | None) -> Check:
    """Does the browser really start and run a page?"""
    choice = find_browser(configured)
    if not choice.found:
        return Check("Browser", "fail", choice.why, "Run `run_bot.py setup`, or set browser.path in the profile under config/.")
    from bots.automation.browser import BrowserHouse, BrowserOptions

    house = BrowserHouse(BrowserOptions(executable=choice.executable_path, channel=choice.channel))
    started = time.monotonic()
    try:
        version = str(house.page("doctor").evaluate("navigator.userAgent")).rsplit("Chrome/", 1)[-1].split(" ")[0]
    except SystemException as error:
        return Check("Browser", "fail", f"{choice.why}: {error.facts}", error.advice)
    finally:
        house.close()
    return Check("Browser", "ok", f"{choice.why}, version {version}, started in {time.monotonic() - started:.1f} s")


def starts_display() -> Check:
    """Is there a screen for desktop programs? On Linux a private one is really started."""
    if sys.platform in {"win32", "darwin"}:
        note = "keep the bot's session logged in and unlocked: a locked screen cannot be clicked"
        return Check("Display", "ok", f"the {'desktop' if sys.platform == 'win32' else 'macOS'} session; {note}")
    program = shutil.which("Xvfb")
    if program is None:
        return Check("Display", "fail", "Xvfb is not installed", "Run `run_bot.py setup`.")
    number, words = _try_display(program)
    if number is None:
        return Check("Display", "fail", f"Xvfb did not start: {words}", "See that /tmp/.X11-unix can be written.")
    return Check("Display", "ok", f"a private display started as :{number}")


def _try_display(program: str) -> tuple[str | None, str]:
    """Start Xvfb on a display of its own choice and end it again: its number, or None and what it said."""
    reader, writer = os.pipe()
    with tempfile.TemporaryFile() as words:
        command = [program, "-displayfd", str(writer), "-screen", "0", "640x480x24", "-nolisten", "tcp"]
        child = subprocess.Popen(command, pass_fds=(writer,), stdin=subprocess.DEVNULL, stdout=words, stderr=words)
        os.close(writer)
        try:
            ready, _, _ = select.select([reader], [], [], PATIENCE_S)
            number = os.read(reader, 16).decode().strip() if ready else ""
        finally:
            os.close(reader)
            child.terminate()
            child.wait()
        words.seek(0)
        return number or None, " ".join(words.read().decode(errors="replace").split()[-30:])


def system_packages(browser: str | None) -> Iterator[Check]:
    """Every other thing the machine must offer: clipboard, fonts, Tk and so on."""
    for package in setup.needed(setup.this_machine(), browser):
        if package.name in {"browser", "display"}:
            continue  # really started above
        if package.is_there():
            yield Check(package.name.capitalize(), "ok", package.reason)
        else:
            yield Check(package.name.capitalize(), "fail", f"missing: {package.reason}", "Run `run_bot.py setup`.")


def workspace_writable(workspace: Path) -> Check:
    """Can a run write where its results go?"""
    place = _existing(workspace)
    try:
        with tempfile.TemporaryFile(dir=place):
            return Check("Workspace", "ok", str(workspace))
    except OSError as error:
        advice = "Give the bot's user the right to write there, or set workspace in the profile under config/."
        return Check("Workspace", "fail", f"{place}: {error.strerror}", advice)


def disk(workspace: Path) -> Check:
    """Is there room for evidence and workbooks?"""
    free_mb = shutil.disk_usage(_existing(workspace)).free // 1_000_000
    state: State = "fail" if free_mb < LEAST_DISK_MB else "warn" if free_mb < ENOUGH_DISK_MB else "ok"
    return Check("Disk", state, f"{free_mb:,} MB free for {workspace}", "" if state == "ok" else "Free some space: evidence and workbooks need it.")


def _existing(folder: Path) -> Path:
    """The folder, or the nearest one above it that exists."""
    return next(place for place in (folder, *folder.parents) if place.exists())


def keyring(config: Config) -> Check:
    """Can every account's secret be read?"""
    llm = config.suite.llm
    accounts = sorted(
        {config.suite.mailbox.account, *(portal.account for _, portal in _portals(config)), *([llm.account] if llm.enabled and llm.account else [])}
    )
    try:
        secrets = open_secrets(config)
    except SecretProblem as error:
        return Check("Secrets", "fail", str(error), "See `run_bot.py secrets test`.")
    missing = []
    for account in accounts:
        try:
            secrets.get(account)
        except SecretProblem:
            missing.append(account)
    if missing:
        found = f"the {secrets.backend} keyring gives no secret for {', '.join(missing)}"
        if secrets.backend == "practice":
            return Check("Secrets", "warn", found, "`run_bot.py demo` sets them.")
        return Check("Secrets", "fail", found, f"Type `run_bot.py secrets set {missing[0]}`.")
    return Check("Secrets", "ok", f"the {secrets.backend} keyring has the secrets of {len(accounts)} accounts")


def _portals(config: Config) -> Iterator[tuple[str, PortalSettings]]:
    suite = config.suite
    yield from (("erp", suite.erp), ("wms", suite.wms))
    for group in (suite.carriers, suite.payments, suite.banks):
        yield from group.items()


def _urls(config: Config) -> Iterator[tuple[str, str]]:
    """Name and address of every configured web program, and of the language model where one is on; "" for a practice program that is not running now."""
    for name, portal in _portals(config):
        if portal.url:
            try:
                yield name, config.address(portal.url)
            except ConfigProblem:
                yield name, ""
    if config.suite.llm.enabled:
        yield "llm", config.suite.llm.url


def reaches(name: str, url: str) -> Check:
    """Does a web program answer?"""
    label = f"Program {name}"
    if not url:
        return Check(label, "warn", "the practice back office is not running", "`run_bot.py demo` starts it.")
    try:
        status, _ = _ask(url)
    except (OSError, HTTPException, ValueError) as error:
        return Check(label, "fail", f"{url}: {_why(error)}", "See the address in the profile under config/, the network and the proxy.")
    if status >= 500:
        return Check(label, "warn", f"{url} answers with HTTP {status}", "Ask the program's keeper whether it is down.")
    return Check(label, "ok", f"{url} answers")


def _ask(url: str) -> tuple[int, float | None]:
    """HTTP status of `url`, and how many seconds its clock is ahead of ours, where it tells (the Date header has whole seconds)."""
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ValueError("is no web address: it must begin with https:// or http://")
    kind = HTTPSConnection if parts.scheme == "https" else HTTPConnection
    connection = kind(parts.hostname, parts.port, timeout=PATIENCE_S)
    try:
        connection.request("HEAD", parts.path or "/")
        response = connection.getresponse()
        date = response.getheader("Date")
    finally:
        connection.close()
    return response.status, (parsedate_to_datetime(date) - datetime.now(UTC)).total_seconds() if date else None


def mailbox(config: Config, settings: MailSettings) -> Iterator[Check]:
    """Do the IMAP and the SMTP server take connections?"""
    for name, place, port in (("imap", settings.imap, 993), ("smtp", settings.smtp, 587)):
        try:
            address = config.address(place)
        except ConfigProblem:
            yield Check(f"Mail {name}", "warn", "the practice back office is not running", "`run_bot.py demo` starts it.")
            continue
        host, _, given = address.rpartition(":") if ":" in address else (address, "", str(port))
        yield takes_connections(f"Mail {name}", host, given)


def takes_connections(name: str, host: str, port: str) -> Check:
    """Does a server take connections at this host and port?"""
    try:
        with socket.create_connection((host, int(port)), timeout=PATIENCE_S):
            return Check(name, "ok", f"{host}:{port} takes connections")
    except (OSError, ValueError) as error:
        return Check(name, "fail", f"{host}:{port}: {_why(error)}", "See the address in the profile under config/ and the firewall.")


def _why(error: BaseException) -> str:
    return str(getattr(error, "strerror", None) or error or type(error).__name__)


def clock(urls: dict[str, str]) -> Check:
    """Is our clock right? Compared with the web programs' own clocks; without any, only with this project's files, which cannot come from the future."""
    offsets: list[float] = []
    for url in filter(None, urls.values()):
        try:
            offset = _ask(url)[1]
        except (OSError, HTTPException, ValueError):
            continue  # reaches() reports it
        if offset is not None:
            offsets.append(offset + 0.5)
    if offsets:
        return clock_compared(sorted(offsets)[len(offsets) // 2])
    newest = max(file.stat().st_mtime for file in (ROOT / "run_bot.py", ROOT / "requirements.txt"))
    now = f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC"
    if time.time() < newest - CLOCK_FAIL_S:
        return Check("Clock", "fail", f"{now} is before this project was installed", "Set the clock: switch on time synchronisation (NTP).")
    return Check("Clock", "ok", f"{now}, zone {time.strftime('%Z')}; compared with no server")


def clock_compared(offset_s: float) -> Check:
    """What an offset of the programs' clocks from ours means, in seconds."""
    found = f"{abs(offset_s):.1f} s {'behind' if offset_s > 0 else 'ahead of'} the web programs, zone {time.strftime('%Z')}"
    if abs(offset_s) <= CLOCK_WARN_S:
        return Check("Clock", "ok", found)
    state: State = "fail" if abs(offset_s) >= CLOCK_FAIL_S else "warn"
    return Check("Clock", state, found, "Switch on time synchronisation (NTP): one-time codes hold for 30 seconds only.")

"""Which browser is there to drive: the configured one, else the system's, else Playwright's own."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

PROGRAMS = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")
"""System browsers on Linux, in order; the packaged Chromium first, because it is the one that set-up installs."""
WITHOUT_WINDOW = "chromium-headless-shell"
"""Debian's Chromium without its window: the same engine, and a page costs about half, so it is taken wherever nobody looks on."""
WINDOWS = {"msedge": r"Microsoft\Edge\Application\msedge.exe", "chrome": r"Google\Chrome\Application\chrome.exe"}
MACOS = {"chrome": "/Applications/Google Chrome.app", "msedge": "/Applications/Microsoft Edge.app"}


@dataclass(frozen=True)
class BrowserChoice:
    """What Playwright is told: a program, a channel, or neither for its own build; `why` is for people, `found` says whether it is installed."""

    executable_path: str | None
    channel: str | None
    why: str
    found: bool = True


def find_browser(configured: str | None = None, headed: bool = False) -> BrowserChoice:
    """The browser to use on this machine: a configured path or channel (chrome, msedge), else Edge on Windows, Chrome on macOS, the system's Chromium or Chrome
    on Linux (without `headed`, its headless shell before them), else Playwright's own."""
    if configured:
        return _configured(configured)
    if sys.platform == "win32":
        return _first_channel({channel: _windows_program(place, os.environ) for channel, place in WINDOWS.items()})
    if sys.platform == "darwin":
        return _first_channel({channel: Path(place) for channel, place in MACOS.items()})
    for name in PROGRAMS if headed else (WITHOUT_WINDOW, *PROGRAMS):
        program = shutil.which(name)
        if program and not is_snap(Path(program)):
            return BrowserChoice(program, None, f"the system's {name}")
    return playwrights_own()


def _configured(configured: str) -> BrowserChoice:
    if configured in {"chrome", "msedge", "chrome-beta", "msedge-beta"}:
        return BrowserChoice(None, configured, f"the channel {configured}, as configured")
    program = shutil.which(configured)
    if program is None:
        return BrowserChoice(configured, None, f"{configured} is configured as browser.path, but is no program on this machine", found=False)
    return BrowserChoice(program, None, f"{program}, as configured")


def _windows_program(place: str, environment: Mapping[str, str]) -> Path | None:
    """Where a program lies under one of Windows' program folders."""
    for variable in ("ProgramFiles(x86)", "ProgramFiles", "LOCALAPPDATA"):
        if environment.get(variable) and (program := Path(environment[variable], *place.split("\\"))).is_file():
            return program
    return None


def _first_channel(places: Mapping[str, Path | None]) -> BrowserChoice:
    for channel, place in places.items():
        if place is not None and place.exists():
            return BrowserChoice(None, channel, f"the installed {place.stem}")
    return playwrights_own()


def is_snap(program: Path) -> bool:
    """Is this a snap, or Ubuntu's script that asks for one? A snap sees neither our folders nor our display, and does not start in a container."""
    real = program.resolve()
    if real.name == "snap" or "/snap/" in real.as_posix():
        return True
    with program.open("rb") as file:
        head = file.read(4096)
    return head.startswith(b"#!") and b"/snap/bin" in head


def playwrights_own(environment: Mapping[str, str] = os.environ) -> BrowserChoice:
    """Playwright's own Chromium, and whether it has been downloaded."""
    for folder in _playwright_folders(environment):
        if any(mark.parent.name.startswith("chromium") for mark in folder.glob("chromium*/INSTALLATION_COMPLETE")):
            return BrowserChoice(None, None, f"Playwright's own Chromium in {folder}")
    return BrowserChoice(None, None, "no Chromium, Chrome or Edge was found, and Playwright's own Chromium is not downloaded", found=False)


def _playwright_folders(environment: Mapping[str, str]) -> list[Path]:
    if given := environment.get("PLAYWRIGHT_BROWSERS_PATH"):
        return [Path(given)] if given != "0" else []
    if sys.platform == "win32":
        return [Path(environment["LOCALAPPDATA"]) / "ms-playwright"] if environment.get("LOCALAPPDATA") else []
    if sys.platform == "darwin":
        return [Path.home() / "Library/Caches/ms-playwright"]
    return [Path(environment.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "ms-playwright"]

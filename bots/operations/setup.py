"""What the suite needs beside Python's packages: found, and on Debian and Ubuntu installed; elsewhere the one command to type."""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from bots.automation.access import SYSTEM_PATH
from bots.automation.browsers import WITHOUT_WINDOW, find_browser
from bots.automation.session import PLACES

if TYPE_CHECKING:
    from rich.console import Console

NOT_READY = 3
"""Exit code where a person must add something to the machine first; run_bot.py uses the same."""
TK_QUESTION = "import sys, tkinter; tkinter.Tcl(); raise SystemExit(sys.version_info[:2] < (3, 11))"
NODE_MAJOR = 20
"""Oldest Node.js that Vite 7 and Vendure 3.7 run on."""
PLAYWRIGHTS_OWN = (sys.executable, "-m", "playwright", "install", "chromium")

Say = Callable[[str], None]


class SetupStop(Exception):
    """The machine lacks something that this process may not install: the text says what, and the one command to type. Exit code 3."""

    exit_code = NOT_READY


@dataclass(frozen=True)
class SystemPackage:
    """One thing the machine must offer: what it is for, how it is found, and what Debian, Fedora and Homebrew call it ("" where they have none)."""

    name: str
    reason: str
    is_there: Callable[[], bool]
    debian: str = ""
    fedora: str = ""
    homebrew: str = ""


@dataclass(frozen=True)
class Machine:
    """What decides how things are installed: family is debian, ubuntu, fedora, macos, windows or other; may_install says whether apt-get may be called."""

    family: str
    may_install: bool


def this_machine() -> Machine:
    """The machine this runs on."""
    family = {"win32": "windows", "darwin": "macos"}.get(sys.platform) or _linux_family(Path("/etc/os-release"))
    is_root = hasattr(os, "geteuid") and os.geteuid() == 0
    return Machine(family, family in {"debian", "ubuntu"} and is_root and shutil.which("apt-get") is not None)


def _linux_family(release: Path) -> str:
    try:
        rows = dict(line.split("=", 1) for line in release.read_text(encoding="utf-8").splitlines() if "=" in line)
    except FileNotFoundError:
        return "other"
    names = f"{rows.get('ID', '')} {rows.get('ID_LIKE', '')}".replace('"', "").split()
    return next((family for family in ("ubuntu", "debian", "fedora") if family in names), "fedora" if "rhel" in names else "other")


def needed(machine: Machine, browser: str | None = None) -> list[SystemPackage]:
    """What a machine of this family must offer; `browser` is the configured browser, if any."""
    # On Ubuntu the package chromium is a snap, which does not start in a container: Playwright's own Chromium is taken there.
    chromium = SystemPackage(
        "browser",
        "drives the web programs",
        lambda: find_browser(browser, headed=True).found,
        debian="chromium" if machine.family == "debian" else "",
        fedora="chromium",
    )
    shell = SystemPackage("headless browser", "drives them in half the time where nobody looks on", program(WITHOUT_WINDOW), debian=WITHOUT_WINDOW)
    tk = SystemPackage(
        "tk",
        "the practice bank's window, and pyautogui's own helper",
        has_tk,
        debian=tk_package(),
        fedora="python3-tkinter",
        homebrew=f"python-tk@{sys.version_info[0]}.{sys.version_info[1]}",
    )
    if machine.family in {"windows", "macos"}:
        return [chromium, tk]
    return [
        chromium,
        *([shell] if machine.family == "debian" and browser is None else []),
        SystemPackage("display", "a private screen for desktop programs", program("Xvfb"), debian="xvfb", fedora="xorg-x11-server-Xvfb"),
        SystemPackage("clipboard", "types text that has no key, such as Chinese", program("xsel"), debian="xsel", fedora="xsel"),
        SystemPackage("fonts", "Chinese on screens and pictures", has_chinese_font, debian="fonts-noto-cjk", fedora="google-noto-sans-cjk-fonts"),
        SystemPackage("letters", "European letters on vouchers", has_latin_font, debian="fonts-dejavu-core", fedora="dejavu-sans-fonts"),
        SystemPackage("setpriv", "ends helpers together with the suite", program("setpriv"), debian="util-linux", fedora="util-linux"),
        tk,
    ]


def product_packages() -> list[SystemPackage]:
    """What only the tests on other makers' programs (tests/products) and `demo --on` need: `install` takes those that are not there. Never part of `setup`."""
    return [
        SystemPackage("node", "runs the programs of other makers that portals are tested on", has_node, debian="nodejs", fedora="nodejs", homebrew="node"),
        SystemPackage("npm", "installs them", program("npm"), debian="npm", fedora="nodejs-npm", homebrew="node"),
        SystemPackage("compiler", "compiles their database library where none is ready-made", program("g++"), debian="build-essential", fedora="gcc-c++"),
    ]


def accessible_packages() -> list[SystemPackage]:
    """What desktop programs with accessibility need beside the private display, and a GTK program in Python with them. Not part of `setup`: only who drives such
    a program needs it."""
    reason = "lets the bots read and work windows by accessibility"
    return [
        SystemPackage("dbus-daemon", reason, program("dbus-daemon"), debian="dbus-daemon", fedora="dbus-daemon"),
        SystemPackage("accessibility registry", reason, lambda: shutil.which("at-spi2-registryd", path=PLACES) is not None, "at-spi2-core", "at-spi2-core"),
        SystemPackage("openbox", "gives the keyboard to windows on the private display", program("openbox"), debian="openbox", fedora="openbox"),
        SystemPackage("python3-gi", reason, lambda: _system_python("import gi"), debian="python3-gi", fedora="python3-gobject"),
        SystemPackage("atspi bindings", reason, lambda: _has_bindings("Atspi", "2.0"), debian="gir1.2-atspi-2.0", fedora="at-spi2-core"),
        SystemPackage("gtk bindings", "shows GTK programs", lambda: _has_bindings("Gtk", "3.0"), debian="gir1.2-gtk-3.0", fedora="gtk3"),
        SystemPackage("cairo bindings", "shows GTK programs", lambda: _system_python("import gi, cairo"), debian="python3-gi-cairo", fedora="python3-cairo"),
        SystemPackage("python3-venv", "installs GTK programs", lambda: _system_python("import ensurepip, venv"), debian="python3-venv", fedora="python3"),
    ]


def _has_bindings(name: str, version: str) -> bool:
    return _system_python(f"import gi; gi.require_version('{name}', '{version}')")


def _system_python(question: str) -> bool:
    """Does the distribution's own Python run this?"""
    python = shutil.which("python3", path=SYSTEM_PATH)
    if python is None:
        return False
    return subprocess.run([python, "-I", "-c", question], capture_output=True, stdin=subprocess.DEVNULL, check=False).returncode == 0


def find_missing(browser: str | None = None) -> list[SystemPackage]:
    """What this machine lacks, in the order it is needed; empty when all is there."""
    return [package for package in needed(this_machine(), browser) if not package.is_there()]


def program(name: str) -> Callable[[], bool]:
    """A check that a program is on the path."""
    return lambda: shutil.which(name) is not None


def has_node() -> bool:
    """Is there a Node.js of at least NODE_MAJOR?"""
    node = shutil.which("node")
    if node is None:
        return False
    said = subprocess.run([node, "--version"], capture_output=True, text=True, stdin=subprocess.DEVNULL, check=False).stdout
    major = said.strip().removeprefix("v").partition(".")[0]
    return major.isdigit() and int(major) >= NODE_MAJOR


def has_chinese_font() -> bool:
    """Does fontconfig know a font with simplified Chinese?"""
    lister = shutil.which("fc-list")
    return lister is not None and subprocess.run([lister, ":lang=zh-cn", "family"], capture_output=True, check=False).stdout.strip() != b""


def has_latin_font() -> bool:
    """Is there a font that has every European letter, for the vouchers?"""
    from bots.workbooks.fonts import LATIN_FILES

    return any(file.exists() for file in LATIN_FILES)


def has_tk() -> bool:
    """Is there an interpreter whose tkinter works?"""
    try:
        tk_python()
    except SetupStop:
        return False
    return True


@cache
def _tk_works(python: str) -> bool:
    """Can this interpreter load tkinter and Tcl? Needs no display. Cached: asking starts a process."""
    try:
        return subprocess.run([python, "-c", TK_QUESTION], capture_output=True, stdin=subprocess.DEVNULL, timeout=30, check=False).returncode == 0
    except (OSError, subprocess.TimeoutExpired):
        return False


def tk_python() -> Path:
    """An interpreter (3.11 or later) whose tkinter works: ours, else the distribution's; raises SetupStop where there is none."""
    for python in _interpreters():
        if _tk_works(python):
            return Path(python)
    raise SetupStop(f"no Python here has a working tkinter; {tk_package() or 'a Python with Tk'} brings it")


def _interpreters() -> list[str]:
    others = [f"/usr/bin/python3.{minor}" for minor in range(sys.version_info[1], 10, -1)] if os.name != "nt" else []
    return [python for python in dict.fromkeys([sys.executable, "/usr/bin/python3", *others]) if Path(python).exists()]


def tk_package() -> str:
    """The Debian package that makes tkinter work for some interpreter: for the distribution's own Python its tk module, and so too for a Python that was built
    without tkinter; for another Python that only misses the Tk library, that library."""
    if sys.base_prefix != "/usr" and _has_tk_module():
        return "tk8.6"
    default = Path("/usr/bin/python3").resolve().name
    version = f"python{sys.version_info[0]}.{sys.version_info[1]}"
    return f"{version}-tk" if sys.base_prefix == "/usr" and default != version else "python3-tk"


def _has_tk_module() -> bool:
    from importlib.util import find_spec

    return find_spec("_tkinter") is not None


def command_for(machine: Machine, missing: Sequence[SystemPackage]) -> str:
    """The one command a person types on a machine of this family."""
    own = " ".join(PLAYWRIGHTS_OWN)
    parts: list[str] = []
    if machine.family in {"debian", "ubuntu"}:
        names = [package.debian for package in missing if package.debian]
        if names:
            parts.append(f"sudo apt-get update && sudo apt-get install -y --no-install-recommends {' '.join(names)}")
        if any(package.name == "browser" and not package.debian for package in missing):
            parts.append(f"sudo {sys.executable} -m playwright install-deps chromium && {own}")
        return " && ".join(parts)
    if machine.family == "fedora":
        return f"sudo dnf install -y {' '.join(package.fedora for package in missing if package.fedora)}"
    if machine.family == "macos":
        names = [package.homebrew for package in missing if package.homebrew]
        return " && ".join([*([f"brew install {' '.join(names)}"] if names else []), *([own] if any(package.name == "browser" for package in missing) else [])])
    if machine.family == "windows":
        if any(package.name == "tk" for package in missing):
            return "winget install Python.Python.3.12   (with its option 'tcl/tk and IDLE'); then delete the folder .venv and start again"
        return own
    return "install with your system's packages: " + ", ".join(f"{package.name} ({package.reason})" for package in missing)


def install(missing: Sequence[SystemPackage], say: Say, machine: Machine | None = None) -> None:
    """Install what is missing where this process may, and look again; raises SetupStop with the one command elsewhere, or where it did not help."""
    if not missing:
        return
    machine = machine or this_machine()
    lacking = "This machine lacks " + ", ".join(f"{package.name} ({package.reason})" for package in missing) + "."
    if not machine.may_install:
        raise SetupStop(f"{lacking}\nType this, then start again:\n  {command_for(machine, missing)}")
    say(lacking)
    names = [package.debian for package in missing if package.debian]
    if names:
        say("Installing with apt-get: " + " ".join(names))
        apt_install(names)
    if any(package.name == "browser" and not package.debian for package in missing):
        say("Fetching Playwright's own Chromium and the libraries it needs")
        _checked([sys.executable, "-m", "playwright", "install-deps", "chromium"])
        _checked(PLAYWRIGHTS_OWN)
    _tk_works.cache_clear()
    still = [package for package in missing if not package.is_there()]
    if still:
        names = [package.name for package in still]
        raise SetupStop(f"{', '.join(names)} cannot be found even after the installation. Try by hand:\n  {command_for(machine, still)}")


def apt_install(names: Iterable[str]) -> None:
    """Refresh the package lists once and install; asks nothing, waits for another apt-get, tries downloads again; raises SetupStop."""
    options = ("-o", "Acquire::Retries=3", "-o", "DPkg::Lock::Timeout=300")
    refresh = _run(["apt-get", *options, "update"])  # a failure of one list need not matter: the installation decides
    outcome = _run(["apt-get", *options, "install", "-y", "--no-install-recommends", *names])
    if outcome.returncode != 0:
        raise SetupStop(f"apt-get could not install {' '.join(names)}:\n{_tail(refresh.stdout if refresh.returncode else '')}\n{_tail(outcome.stdout)}")


def _checked(command: Sequence[str]) -> None:
    outcome = _run(command)
    if outcome.returncode != 0:
        raise SetupStop(f"`{' '.join(command)}` failed:\n{_tail(outcome.stdout)}")


def _run(command: Sequence[str]) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    try:
        return subprocess.run(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace", env=environment, check=False
        )
    except OSError as error:
        return subprocess.CompletedProcess(command, 127, stdout=f"{command[0]}: {error.strerror}")


def _tail(output: str, count: int = 12) -> str:
    return "\n".join(output.strip().splitlines()[-count:])


def ensure_ready(say: Say, browser: str | None = None) -> None:
    """What `run_bot.py setup`, `demo` and `test` begin with: find what is missing and install it; raises SetupStop (exit code 3)."""
    install(find_missing(browser), say)


def ensure(console: Console, browser: str | None = None) -> bool:
    """The same for the command line: says on the console what was done or must be typed, and whether the machine is ready now."""

    def say(text: str) -> None:
        console.print(text, highlight=False, markup=False, soft_wrap=True)  # unwrapped, so that the command can be copied

    try:
        ensure_ready(say, browser)
    except SetupStop as stop:
        say(str(stop))
        return False
    say(f"{describe()}: everything that the bots need is there.")
    return True


def describe() -> str:
    """One line on the platform, for setup and doctor."""
    return f"{platform.system()} {platform.release()}, Python {platform.python_version()}"

"""Set-up, browser choice and doctor, on the machine that runs the tests and on machines described by their files."""

from __future__ import annotations

import io
import os
import socket
import stat
import subprocess
import sys
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread

import pytest

from bots.automation import browsers
from bots.automation.browsers import find_browser, is_snap, playwrights_own
from bots.operations import doctor, setup, testing
from bots.operations.setup import Machine, SetupStop, SystemPackage, command_for, find_missing, install, needed, tk_python

ROOT = Path(__file__).resolve().parents[1]
linux_only = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="needs Linux")


def lacking(name: str, debian: str = "") -> SystemPackage:
    """Something that is never there."""
    return SystemPackage(name, f"{name} is needed", lambda: False, debian=debian, fedora=debian, homebrew=debian)


def script(folder: Path, name: str, text: str) -> Path:
    """An executable shell script."""
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / name
    file.write_text(f"#!/bin/sh\n{text}\n", encoding="utf-8")
    file.chmod(file.stat().st_mode | stat.S_IXUSR)
    return file


# -- what is needed, and what to type -----------------------------------------------------------------------------------


def test_this_machine_is_ready_for_the_rest_of_the_tests() -> None:
    assert [package.name for package in find_missing()] == []


@linux_only
def test_every_need_is_reported_where_the_path_is_empty(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("PLAYWRIGHT_BROWSERS_PATH", str(tmp_path))
    assert {"browser", "display", "clipboard", "fonts", "setpriv"} <= {package.name for package in find_missing()}


def test_elsewhere_the_one_command_is_told_with_code_3() -> None:
    missing = [lacking("display", "xvfb"), lacking("clipboard", "xsel")]
    with pytest.raises(SetupStop) as stop:
        install(missing, print, Machine("debian", may_install=False))
    assert stop.value.exit_code == 3
    assert "sudo apt-get update && sudo apt-get install -y --no-install-recommends xvfb xsel" in str(stop.value)


@pytest.mark.parametrize(
    ("family", "part"),
    [
        ("debian", "apt-get install"),
        ("ubuntu", "apt-get install"),
        ("fedora", "dnf install"),
        ("macos", "brew install"),
        ("windows", "winget install"),
        ("other", "display"),
    ],
)
def test_each_family_has_its_command(family: str, part: str) -> None:
    assert part in command_for(Machine(family, may_install=False), [lacking("display", "xvfb"), lacking("tk", "python3-tk")])


def test_ubuntu_takes_playwrights_own_browser_because_its_package_is_a_snap() -> None:
    ubuntu = next(package for package in needed(Machine("ubuntu", may_install=False)) if package.name == "browser")
    assert ubuntu.debian == ""
    assert "playwright install chromium" in command_for(Machine("ubuntu", may_install=False), [ubuntu])
    debian = next(package for package in needed(Machine("debian", may_install=False)) if package.name == "browser")
    assert debian.debian == "chromium"


def test_debian_also_gets_the_browser_without_a_window_unless_one_is_configured() -> None:
    names = [package.debian for package in needed(Machine("debian", may_install=False))]
    assert "chromium-headless-shell" in names
    assert "chromium-headless-shell" not in [package.debian for package in needed(Machine("debian", may_install=False), "/opt/chrome")]
    assert "chromium-headless-shell" not in [package.debian for package in needed(Machine("ubuntu", may_install=False))]


def test_nothing_missing_is_nothing_to_do() -> None:
    said: list[str] = []
    install([], said.append, Machine("other", may_install=False))
    assert said == []


@linux_only
def test_apt_get_refreshes_once_asks_nothing_and_installs_only_what_is_missing(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    calls, there = tmp_path / "calls", tmp_path / "there"
    script(tmp_path / "bin", "apt-get", f'echo "$DEBIAN_FRONTEND $@" >> {calls}\ncase "$*" in *" install "*) touch {there};; esac')
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:{os.environ['PATH']}")
    install([replace(lacking("display", "xvfb"), is_there=there.exists)], print, Machine("debian", may_install=True))
    update, installation = calls.read_text(encoding="utf-8").splitlines()
    assert update.startswith("noninteractive ") and update.endswith(" update")
    assert installation.startswith("noninteractive ") and installation.endswith(" install -y --no-install-recommends xvfb")
    assert "Acquire::Retries=3" in installation


@linux_only
def test_an_installation_that_fails_or_does_not_help_says_so(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    apt = script(tmp_path / "bin", "apt-get", "echo 'E: Unable to locate package xvfb'; exit 100")
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:{os.environ['PATH']}")
    with pytest.raises(SetupStop, match="Unable to locate package xvfb"):
        install([lacking("display", "xvfb")], print, Machine("debian", may_install=True))
    apt.write_text("#!/bin/sh\nexit 0\n", encoding="utf-8")
    with pytest.raises(SetupStop, match="cannot be found even after"):
        install([lacking("display", "xvfb")], print, Machine("debian", may_install=True))


@pytest.mark.parametrize(
    ("release", "family"),
    [
        ("ID=debian\n", "debian"),
        ('NAME="Ubuntu"\nID=ubuntu\nID_LIKE=debian\n', "ubuntu"),
        ("ID=linuxmint\nID_LIKE=ubuntu debian\n", "ubuntu"),
        ("ID=raspbian\nID_LIKE=debian\n", "debian"),
        ('ID="rocky"\nID_LIKE="rhel centos fedora"\n', "fedora"),
        ("ID=arch\n", "other"),
    ],
)
def test_the_family_is_read_from_os_release(release: str, family: str, tmp_path: Path) -> None:
    file = tmp_path / "os-release"
    file.write_text(release, encoding="utf-8")
    assert setup._linux_family(file) == family
    assert setup._linux_family(tmp_path / "none") == "other"


def test_the_tk_interpreter_really_has_tk() -> None:
    answer = subprocess.run([str(tk_python()), "-c", "import tkinter; print(tkinter.Tcl().eval('expr 6*7'))"], capture_output=True, text=True, check=True)
    assert answer.stdout.strip() == "42"


@linux_only
@pytest.mark.skipif(os.name == "nt", reason="the stand-in is a shell script")
@pytest.mark.parametrize(("says", "enough"), [("v20.20.2", True), ("v18.19.0", False), ("", False)])
def test_a_node_that_is_too_old_does_not_count(says: str, enough: bool, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert not setup.has_node()
    script(tmp_path, "node", f"echo '{says}'")
    assert setup.has_node() is enough
    assert {package.name for package in setup.product_packages()}.isdisjoint(package.name for package in needed(Machine("debian", may_install=True)))


def test_the_console_is_told_and_the_tests_do_not_start_where_something_lacks(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    from rich.console import Console

    console = Console(width=80, record=True, file=io.StringIO())
    assert setup.ensure(console)
    assert "everything that the bots need is there" in console.export_text()
    monkeypatch.setenv("PATH", str(tmp_path))  # no apt-get either: nothing can be installed
    assert not setup.ensure(console)
    assert "Type this, then start again" in console.export_text()
    said: list[str] = []
    assert testing.run_tests(["--version"], said.append) == 3
    assert "xvfb" in said[0]


# -- the browser --------------------------------------------------------------------------------------------------------


def test_a_configured_browser_comes_first(tmp_path: Path) -> None:
    program = script(tmp_path, "my-browser", "exit 0")
    assert find_browser(str(program)).executable_path == str(program)
    assert find_browser("msedge").channel == "msedge"
    missing = find_browser(str(tmp_path / "none"))
    assert not missing.found and "browser.path" in missing.why


@linux_only
def test_the_systems_chromium_is_taken_but_never_a_snap(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PLAYWRIGHT_BROWSERS_PATH", str(tmp_path / "own"))
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    script(tmp_path / "bin", "chromium-browser", 'exec /snap/bin/chromium "$@"')
    assert is_snap(tmp_path / "bin" / "chromium-browser")
    assert not find_browser().found
    chrome = script(tmp_path / "bin", "google-chrome", "exit 0")
    assert find_browser().executable_path == str(chrome)
    chromium = script(tmp_path / "bin", "chromium", "exit 0")
    assert find_browser().executable_path == str(chromium)
    shell = script(tmp_path / "bin", "chromium-headless-shell", "exit 0")
    assert find_browser().executable_path == str(shell)
    assert find_browser(headed=True).executable_path == str(chromium)


def test_playwrights_own_counts_only_when_its_download_is_complete(tmp_path: Path) -> None:
    environment = {"PLAYWRIGHT_BROWSERS_PATH": str(tmp_path)}
    (tmp_path / "chromium-1234").mkdir()
    assert not playwrights_own(environment).found
    (tmp_path / "chromium-1234" / "INSTALLATION_COMPLETE").touch()
    own = playwrights_own(environment)
    assert own.found and own.executable_path is None and own.channel is None


def test_edge_is_found_in_windows_program_folders(tmp_path: Path) -> None:
    program = tmp_path / "Microsoft" / "Edge" / "Application" / "msedge.exe"
    program.parent.mkdir(parents=True)
    program.touch()
    assert browsers._windows_program(browsers.WINDOWS["msedge"], {"ProgramFiles(x86)": str(tmp_path)}) == program
    assert browsers._windows_program(browsers.WINDOWS["chrome"], {"ProgramFiles(x86)": str(tmp_path)}) is None


# -- the doctor ---------------------------------------------------------------------------------------------------------


@pytest.mark.browser
def test_the_doctor_finds_this_machine_well() -> None:
    found = list(doctor.checks())
    assert [check for check in found if check.state == "fail"] == []
    assert {"Python", "Packages", "Browser", "Display", "Disk", "Clock"} <= {check.name for check in found}


def test_every_check_that_is_not_well_says_what_to_do(tmp_path: Path) -> None:
    requirements = tmp_path / "requirements.txt"
    requirements.write_text("pytest==0.0.1  # old\nno-such-package[extra]==1.0\n# comment\n", encoding="utf-8")
    wrong = [doctor.packages(requirements), doctor.starts_browser(str(tmp_path / "none")), doctor.clock_compared(-60.0), doctor.clock_compared(10.0)]
    assert [check.state for check in wrong] == ["fail", "fail", "fail", "warn"]
    assert all(check.advice for check in wrong)
    assert "no-such-package missing (pinned 1.0)" in wrong[0].found and "pytest" in wrong[0].found
    assert doctor.worst(wrong) == "fail"
    assert doctor.clock_compared(0.4).state == "ok"


def test_a_program_is_asked_whether_it_answers_and_what_time_it_has() -> None:
    class Late(BaseHTTPRequestHandler):
        status = 200

        def do_HEAD(self) -> None:
            self.send_response(self.status)
            self.end_headers()

        def date_time_string(self, timestamp: float | None = None) -> str:
            return "Mon, 23 Nov 2020 03:00:00 GMT"

        def log_message(self, format: str, *args: object) -> None:
            return

    server = HTTPServer(("127.0.0.1", 0), Late)
    thread = Thread(target=server.serve_forever)
    thread.start()
    url = f"http://127.0.0.1:{server.server_port}/login"
    try:
        assert doctor.reaches("erp", url).state == "ok"
        assert doctor.clock({"erp": url}).state == "fail"
        assert doctor.takes_connections("Mail imap", "127.0.0.1", str(server.server_port)).state == "ok"
        Late.status = 503
        assert doctor.reaches("erp", url).state == "warn"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
    assert doctor.reaches("erp", url).state == "fail"
    assert doctor.reaches("erp", "ftp://x").state == "fail"
    assert doctor.takes_connections("Mail imap", "127.0.0.1", str(server.server_port)).state == "fail"


def test_the_table_shows_what_was_found_as_text() -> None:
    from rich.console import Console

    console = Console(width=120, record=True, file=io.StringIO())
    console.print(doctor.table([doctor.Check("Disk", "fail", "[bold]not markup[/bold]", "Free some space.")]))
    text = console.export_text()
    assert "[bold]not markup[/bold]" in text and "Free some space." in text and "0 of 1" in text


def test_a_closed_port_is_a_sentence() -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        port = closed.getsockname()[1]
    check = doctor.takes_connections("Mail smtp", "127.0.0.1", str(port))
    assert check.state == "fail" and "refused" in check.found


# -- running the tests --------------------------------------------------------------------------------------------------


def test_the_whole_suite_runs_side_by_side_and_a_choice_runs_as_given() -> None:
    assert testing.pytest_command([], 2)[3:] == ["-n", "3", "--dist", "loadfile", "--no-loadscope-reorder", "-m", "not long"]
    assert testing.pytest_command([], 64)[4] == "4"
    assert testing.pytest_command(["-k", "bank"], 8)[3:] == ["-k", "bank"]


def test_the_pytest_exit_code_comes_back(tmp_path: Path) -> None:
    good, bad = tmp_path / "test_good.py", tmp_path / "test_bad.py"
    good.write_text("def test_it():\n    assert True\n", encoding="utf-8")
    bad.write_text("def test_it():\n    assert False\n", encoding="utf-8")
    quiet = ["-q", "-p", "no:cacheprovider"]
    assert testing.run_tests([*quiet, str(good)]) == 0
    assert testing.run_tests([*quiet, str(bad)]) == 1


def test_every_dependency_is_pinned_and_has_its_reason() -> None:
    lines = [line for line in (ROOT / "requirements.txt").read_text(encoding="utf-8").splitlines() if line and not line.startswith("#")]
    assert [line for line in lines if "==" not in line or "  # " not in line] == []
    assert doctor.packages().state == "ok"

"""The one door, started for real in a copy of the project with a small bots/cli.py and a small requirements.txt."""

from __future__ import annotations

import ast
import importlib.util
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parents[1]
BASE = Path(getattr(sys, "_base_executable", sys.executable)).resolve()
CLI = """
import os, sys

def run():
    if sys.argv[1:2] == ["code"]:
        return int(sys.argv[2])
    print("|".join([os.getcwd(), sys.prefix, *sys.argv[1:]]))
"""


def make_copy(folder: Path) -> Path:
    """A project folder with the real door and a small command line."""
    (folder / "bots").mkdir(parents=True)
    shutil.copy(ROOT / "run_bot.py", folder)
    (folder / "bots" / "__init__.py").touch()
    (folder / "bots" / "cli.py").write_text(CLI, encoding="utf-8")
    (folder / "requirements.txt").write_text("# nothing is needed\n", encoding="utf-8")
    return folder


def start(project: Path, *arguments: str, cwd: Path | None = None, python: Path | str = BASE, **environment: str) -> subprocess.CompletedProcess[str]:
    """Start the door as a user would, and wait for its end."""
    command = [str(python), str(project / "run_bot.py"), *arguments]
    return subprocess.run(command, cwd=cwd or project, env={**clean(), **environment}, capture_output=True, text=True, timeout=120, check=False)


def clean() -> dict[str, str]:
    """Our environment without what pytest or a virtual environment added."""
    return {name: value for name, value in os.environ.items() if name not in {"PYTHONPATH", "VIRTUAL_ENV", "RUN_BOT_HANDED_OVER"}}


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy whose .venv has been made by a first start."""
    folder = make_copy(tmp_path_factory.mktemp("ordner mit größe") / "project")
    first = start(folder, "hello")
    assert first.returncode == 0, first.stderr
    assert "First start" in first.stderr and "is ready" in first.stderr
    return folder


@pytest.fixture(scope="module")
def door() -> ModuleType:
    """run_bot.py as a module."""
    spec = importlib.util.spec_from_file_location("run_bot", ROOT / "run_bot.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_a_later_start_hands_over_at_once_from_any_folder(project: Path, tmp_path: Path) -> None:
    again = start(project, "case", "RMA 1", "--x=ü", cwd=tmp_path)
    assert again.stdout.strip().split("|") == [str(tmp_path), str(project / ".venv"), "case", "RMA 1", "--x=ü"]
    assert again.stderr == ""


def test_the_exit_code_is_that_of_the_command(project: Path) -> None:
    assert start(project, "code", "7").returncode == 7


def test_the_venvs_own_python_may_start_the_door_too(project: Path) -> None:
    assert start(project, "code", "5", python=project / ".venv" / "bin" / "python").returncode == 5


def test_changed_requirements_are_installed_into_the_same_venv(project: Path) -> None:
    made = (project / ".venv" / "pyvenv.cfg").stat().st_ino
    requirements = project / "requirements.txt"
    requirements.write_text("# changed\n", encoding="utf-8")
    assert "up to date" in start(project, "hello").stderr
    assert start(project, "hello").stderr == ""
    assert (project / ".venv" / "pyvenv.cfg").stat().st_ino == made


def test_requirements_that_cannot_be_met_stop_with_code_3_and_are_tried_again(project: Path) -> None:
    requirements = project / "requirements.txt"
    good = requirements.read_text(encoding="utf-8")
    requirements.write_text("./no-such-package.whl\n", encoding="utf-8")
    failed = start(project, "hello")
    assert failed.returncode == 3
    assert "no-such-package" in failed.stderr and "setup.log" in failed.stderr
    assert failed.stdout == ""
    requirements.write_text(good, encoding="utf-8")
    mended = start(project, "hello")
    assert mended.returncode == 0
    assert "anew" in mended.stderr, "pip was interrupted: nobody knows what it left"


@pytest.mark.skipif(os.name == "nt", reason="kills by signal")
def test_two_starts_at_once_after_a_killed_installation_make_one_venv(project: Path, tmp_path: Path) -> None:
    folder = make_copy(tmp_path / "killed")
    command = [str(BASE), str(folder / "run_bot.py"), "hello"]
    killed = subprocess.Popen(command, env=clean(), stderr=subprocess.DEVNULL, start_new_session=True)
    wait_until(lambda: (folder / ".venv" / "pyvenv.cfg").exists())
    os.killpg(killed.pid, signal.SIGKILL)
    killed.wait()
    assert (folder / ".venv" / "run_bot.stamp").read_text(encoding="utf-8") == "installing"
    both = [subprocess.Popen(command, env=clean(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) for _ in range(2)]
    answers = [start.communicate(timeout=120) for start in both]
    assert [start.returncode for start in both] == [0, 0]
    assert all("hello" in out for out, _ in answers)
    words = "".join(err for _, err in answers)
    assert words.count("its installation was interrupted") == 1
    assert words.count("is ready") == 1
    assert words.count("waiting for it") == 1


@pytest.mark.skipif(os.name == "nt", reason="links")
def test_a_venv_whose_python_is_gone_is_made_anew(project: Path) -> None:
    for link in (project / ".venv" / "bin").glob("python*"):
        link.unlink()
    mended = start(project, "hello")
    assert mended.returncode == 0, mended.stderr
    assert "anew" in mended.stderr


def wait_until(condition: Callable[[], bool]) -> None:
    """Wait for a condition, at most a minute."""
    end, pause = time.monotonic() + 60, threading.Event()
    while not condition():
        assert time.monotonic() < end, "the condition did not come true"
        pause.wait(0.01)


def test_the_door_reads_on_old_interpreters_and_tells_them_so(door: ModuleType) -> None:
    ast.parse((ROOT / "run_bot.py").read_text(encoding="utf-8"), feature_version=(3, 6))
    problem = door.version_problem((3, 10, 13))
    assert "3.11 or later" in problem and "3.10" in problem
    assert door.version_problem((3, 11, 0)) is None
    assert door.version_problem((4, 0, 0)) is None


def old_pythons() -> list[str]:
    """Older interpreters of this machine that really run."""
    names = [shutil.which(f"python3.{minor}") for minor in range(6, 11)]
    return [name for name in names if name and subprocess.run([name, "-c", ""], capture_output=True, check=False).returncode == 0]


@pytest.mark.parametrize("python", old_pythons() or [pytest.param("", marks=pytest.mark.skip(reason="no older Python on this machine"))])
def test_an_old_interpreter_gets_a_sentence_and_code_3(python: str, tmp_path: Path) -> None:
    answer = start(make_copy(tmp_path / "old"), "hello", python=python)
    assert answer.returncode == 3
    assert "3.11 or later" in answer.stderr and "Traceback" not in answer.stderr


def test_a_python_without_venv_says_what_to_install(tmp_path: Path) -> None:
    folder = make_copy(tmp_path / "bare")
    hidden = tmp_path / "hidden"
    hidden.mkdir()
    (hidden / "sitecustomize.py").write_text("import sys\nsys.modules['ensurepip'] = None\n", encoding="utf-8")
    answer = start(folder, "hello", PYTHONPATH=str(hidden), PATH="/nowhere")
    assert answer.returncode == 3
    assert "ensurepip" in answer.stderr and "start again" in answer.stderr
    assert not (folder / ".venv").exists()


def test_a_moved_project_gets_its_own_venv(project: Path, tmp_path: Path) -> None:
    moved = tmp_path / "moved"
    shutil.copytree(project, moved, symlinks=True)
    answer = start(moved, "hello")
    assert answer.returncode == 0
    assert "moved" in answer.stderr
    assert answer.stdout.split("|")[1] == str(moved / ".venv")


def test_a_project_that_cannot_be_written_is_a_sentence(tmp_path: Path) -> None:
    folder = make_copy(tmp_path / "blocked")
    (folder / ".venv.lock").mkdir()
    answer = start(folder, "hello")
    assert answer.returncode == 3
    assert "Cannot set up" in answer.stderr and "Traceback" not in answer.stderr

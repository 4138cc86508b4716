"""What `run_bot.py test` and `run_bot.py bench` do: the checks and the measurements of the project."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from bots.operations.setup import Say, SetupStop, describe, ensure_ready

ROOT = Path(__file__).resolve().parents[2]
MOST_WORKERS = 4


def pytest_command(pytest_args: Sequence[str], cores: int) -> list[str]:
    """The pytest command line. Without arguments the suite runs, its files side by side, but for what is marked `long`; with arguments, just as they say.

    There is a worker more than there are cores, since tests of programs spend most of their time waiting for them; the longest files begin (tests/conftest.py).
    """
    spread = ["-n", str(min(cores + 1, MOST_WORKERS)), "--dist", "loadfile", "--no-loadscope-reorder", "-m", "not long"] if not pytest_args else []
    return [sys.executable, "-m", "pytest", *spread, *pytest_args]


def run_tests(pytest_args: Sequence[str], say: Say = print) -> int:
    """Set up, then run pytest in the project's folder; returns pytest's exit code, 130 after Ctrl+C, 3 where the machine lacks something.

    The tests bring what they need: private displays, servers on free ports, temporary folders.
    """
    try:
        ensure_ready(say)
    except SetupStop as stop:
        say(str(stop))
        return stop.exit_code
    command = pytest_command(pytest_args, os.cpu_count() or 1)
    say(f"{describe()}; tests in {ROOT / 'tests'}; settings in {ROOT / 'pyproject.toml'}")
    say("$ " + " ".join(command[1:]))
    sys.stdout.flush()
    child = subprocess.Popen(command, cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)})
    try:
        return child.wait()
    except KeyboardInterrupt:  # pytest got the same Ctrl+C: let it close its servers and displays
        child.wait()
        return 130


def run_bench(arguments: Sequence[str]) -> int:
    """Run `python -m tests.bench` in the project's folder; returns its exit code, 130 after Ctrl+C."""
    sys.stdout.flush()
    child = subprocess.Popen([sys.executable, "-m", "tests.bench", *arguments], cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)})
    try:
        return child.wait()
    except KeyboardInterrupt:
        child.wait()
        return 130

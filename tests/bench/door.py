"""Starting the suite: what the door costs beside the program behind it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.bench.measure import Pair

ROOT = Path(__file__).parents[2]


@contextmanager
def door() -> Iterator[list[Pair]]:
    """`run_bot.py --help` through the door, against the same command line started in .venv at once."""
    outside = {name: value for name, value in os.environ.items() if name not in {"PYTHONPATH", "VIRTUAL_ENV", "RUN_BOT_HANDED_OVER"}}

    def start(*command: str) -> None:
        subprocess.run(command, cwd=ROOT, env=outside, stdout=subprocess.DEVNULL, check=True)

    base = getattr(sys, "_base_executable", sys.executable)
    yield [
        Pair(
            "run_bot.py --help",
            lambda: start(base, str(ROOT / "run_bot.py"), "--help"),
            lambda: start(sys.executable, "-c", "import sys; sys.argv = ['run_bot', '--help']; from bots.cli import app; app()"),
            "the command line without the door",
        )
    ]

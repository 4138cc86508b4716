"""Take each guard out of a copy of the project and run its tests: `python -m tests.mutants [--list] [PART OF A NAME ...]`.

A guard whose tests still pass is printed as `NOT MISSED`, and the exit code is 1. The project itself is never changed.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.mutants.guards import ROOT, Mutant, all_mutants

LEFT_OUT = shutil.ignore_patterns(".git", ".venv", "workspace", "logs", "__pycache__", ".*_cache", ".hypothesis")
LONGEST_S = 300


def run(mutant: Mutant, copy: Path) -> bool:
    """Whether a test misses the guard."""
    file = copy / mutant.file
    whole = file.read_text(encoding="utf-8")
    file.write_text(mutant.apply(whole), encoding="utf-8")
    command = [sys.executable, "-B", "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", *mutant.tests.split()]
    try:
        done = subprocess.run(command, cwd=copy, env={**os.environ, "PYTHONPATH": str(copy)}, capture_output=True, text=True, timeout=LONGEST_S, check=False)
        if done.returncode > 1:
            raise RuntimeError(f"{mutant.name}: the tests cannot be run\n{done.stdout[-2000:]}{done.stderr[-2000:]}")
        return done.returncode != 0  # below zero: without the guard the interpreter itself went down
    except subprocess.TimeoutExpired:
        return True  # it hangs: a test that has a time-out would fail
    finally:
        file.write_text(whole, encoding="utf-8")


def main(arguments: list[str]) -> int:
    wanted = [part.lower() for part in arguments if part != "--list"]
    mutants = [mutant for mutant in all_mutants() if not wanted or any(part in mutant.name.lower() for part in wanted)]
    if "--list" in arguments:
        print(*(f"{mutant.name}: {mutant.file}" for mutant in mutants), sep="\n")
        return 0
    survived = []
    with tempfile.TemporaryDirectory(prefix="mutants-") as folder:
        copy = Path(folder) / "project"
        shutil.copytree(ROOT, copy, ignore=LEFT_OUT)
        for mutant in mutants:
            started = time.monotonic()
            missed = run(mutant, copy)
            survived += [] if missed else [mutant.name]
            print(f"{'missed' if missed else 'NOT MISSED':10} {time.monotonic() - started:5.1f} s  {mutant.name}", flush=True)
    print(f"{len(mutants)} guards taken out, {len(mutants) - len(survived)} missed by a test")
    return 1 if survived else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""The house rules, held by machine: floors, style, types, and what may stand in a file of this project."""

from __future__ import annotations

import ast
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from functools import cache
from importlib import metadata
from pathlib import Path

import pytest
from packaging.requirements import Requirement

ROOT = Path(__file__).resolve().parents[1]
SHAPE = re.compile(
    r"bots|locators|config|runbooks|logs|tests|docs|run_bot\.py|requirements[a-z-]*\.txt|README[A-Za-z.-]*\.md|CHANGELOG\.md|CONTRIBUTING\.md|SECURITY\.md|LICENSE|"
    r"pyproject\.toml|alembic\.ini|\.ci|\.github|\.gitignore|\.gitattributes|\.editorconfig"
)
NOT_OURS = {".git", ".venv", "workspace", "__pycache__", ".pytest_cache", ".mypy_cache", ".ruff_cache", ".import_linter_cache", ".hypothesis"}
BINARY = {".png", ".jpg", ".jpeg", ".gif", ".pdf", ".xlsx", ".npz", ".joblib", ".ico", ".woff2", ".gz", ".zip", ".db"}
LONGEST_FILE = 500

# Put together from pieces, so that this file does not contain what it forbids.
MACHINE_PATHS = re.compile("|".join(("/" + "work" + "/", "/" + "root" + "/", r"/home/\w+/", r"/Users/\w+/", r"[A-Z]:\\Users\\", r"\.\./" + "shared")))
UNFINISHED = re.compile(r"\b(" + "|".join(("TO" + "DO", "FIX" + "ME", "X" + "XX")) + r")\b")


@cache
def our_files() -> tuple[Path, ...]:
    """Every file that is or will be in git; in a folder without git, every file that is not made by a run."""
    git = shutil.which("git")
    if git and (ROOT / ".git").exists():
        command = [git, "-c", f"safe.directory={ROOT}", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
        answer = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
        if answer.returncode == 0:
            return tuple(sorted(file for name in set(answer.stdout.split("\0")) - {""} if (file := ROOT / name).is_file()))
    return tuple(sorted(walk(ROOT)))


def walk(folder: Path) -> Iterator[Path]:
    """Files below a folder, without what runs leave behind."""
    for entry in folder.iterdir():
        if entry.name in NOT_OURS or entry.name == ".venv.lock" or entry.suffix == ".log":
            continue
        if entry.is_dir():
            yield from walk(entry)
        else:
            yield entry


def texts() -> Iterator[tuple[str, str]]:
    """Name and text of each text file of ours."""
    for file in our_files():
        if file.suffix not in BINARY:
            yield file.relative_to(ROOT).as_posix(), file.read_text(encoding="utf-8", errors="replace")


def lines_with(pattern: re.Pattern[str], suffix: str = "") -> list[str]:
    """file:line of every match."""
    return [
        f"{name}:{number}: {line.strip()[:120]}"
        for name, text in texts()
        if name.endswith(suffix)
        for number, line in enumerate(text.splitlines(), 1)
        if pattern.search(line)
    ]


def run(*command: str) -> subprocess.CompletedProcess[str]:
    """Run a checker in the project's folder."""
    return subprocess.run([sys.executable, "-m", *command], cwd=ROOT, capture_output=True, text=True, check=False)


def test_imports_only_point_down() -> None:
    program = Path(sys.executable).with_name("lint-imports")
    answer = subprocess.run([program, "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert answer.returncode == 0, answer.stdout[-4000:]
    assert "0 broken" in answer.stdout


def test_style() -> None:
    answer = run("ruff", "check", "--output-format", "concise", ".")
    assert answer.returncode == 0, answer.stdout[-4000:]


def test_types() -> None:
    answer = run("mypy")
    assert answer.returncode == 0, answer.stdout[-4000:]


def test_the_top_level_has_the_given_shape() -> None:
    top = {file.relative_to(ROOT).parts[0] for file in our_files()}
    assert sorted(name for name in top if not SHAPE.fullmatch(name)) == []
    assert {"bots", "tests", "run_bot.py", "requirements.txt", "pyproject.toml", "LICENSE"} <= top


def test_no_machine_paths() -> None:
    assert lines_with(MACHINE_PATHS) == []


def test_nothing_is_left_unfinished() -> None:
    assert lines_with(UNFINISHED) == []


def test_no_fixed_sleeps() -> None:
    assert lines_with(re.compile(r"\b(time\.)?sleep\(\s*[0-9.]+\s*\)|wait_for_timeout\("), ".py") == []


def test_no_file_is_more_than_one_room() -> None:
    long = {name: count for name, text in texts() if name.endswith(".py") and (count := len(text.splitlines())) > LONGEST_FILE}
    assert long == {}


def test_every_module_of_the_bots_says_what_it_is() -> None:
    modules = ((name, text) for name, text in texts() if name.startswith("bots/") and name.endswith(".py") and "/migrations/" not in name)
    assert [name for name, text in modules if not ast.get_docstring(ast.parse(text))] == []


@pytest.mark.parametrize("sample", ["/" + "work" + "/main", "see ../" + "shared/notes", "/ho" + "me/me/x"])
def test_the_rule_on_machine_paths_can_fail(sample: str) -> None:
    assert MACHINE_PATHS.search(sample)
    assert not MACHINE_PATHS.search("the work of the root cause at home")


def named_packages() -> set[str]:
    """The packages of requirements.txt and all that those require, by the names their makers gave them."""
    waiting = re.findall(r"^([A-Za-z0-9_.-]+)(?:\[[a-z,]+\])?==", (ROOT / "requirements.txt").read_text(encoding="utf-8"), flags=re.MULTILINE)
    found: set[str] = set()
    while waiting:
        name = canonical_name(waiting.pop())
        if name in found:
            continue
        found.add(name)
        with suppress(metadata.PackageNotFoundError):  # one for another platform
            waiting += [Requirement(line).name for line in metadata.requires(name) or () if not re.search(r"\bextra *==", line)]
    return found


def canonical_name(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def imported(tree: ast.Module) -> Iterator[str]:
    """The top-level modules that a file imports, wherever in it."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module.partition(".")[0]


def test_every_import_comes_with_a_named_package() -> None:
    """What happens to lie in a developer's .venv is not there on a fresh machine."""
    named, makers, strangers = named_packages(), metadata.packages_distributions(), set()
    own_environment = {"tests/fuzz", "tests/products", "bots/automation/access_helper.py"}  # these run under an interpreter with packages of its own
    for name, text in texts():
        if not name.endswith(".py") or any(name.startswith(folder) for folder in own_environment):
            continue
        for module in set(imported(ast.parse(text))) - set(sys.stdlib_module_names) - {"bots", "tests", "run_bot"}:
            if not {canonical_name(maker) for maker in makers.get(module, ())} & named:
                strangers.add(f"{name}: {module}")
    assert sorted(strangers) == []

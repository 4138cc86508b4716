"""What a test needs of another maker's program, installed; the test is skipped where that cannot be had here."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import TypeVar

import pytest

from bots.operations.setup import SetupStop, SystemPackage, install
from tests.products.installation import NotInstalled

NO_REGISTRY = re.compile("ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ETIMEDOUT|ENETUNREACH|No matching distribution|Temporary failure in name resolution")
"""What npm and pip say where their registries cannot be reached."""
Installed = TypeVar("Installed")


def have(packages: Sequence[SystemPackage], who: str) -> None:
    """The system's packages are there, or the test is skipped."""
    try:
        install([package for package in packages if not package.is_there()], print)
    except SetupStop as stop:
        pytest.skip(f"{who} needs packages of the system: {stop}")


def installed(ensure: Callable[[], Installed], who: str) -> Installed:
    """What `ensure` installs, or the test is skipped where no registry is reached."""
    try:
        return ensure()
    except NotInstalled as problem:
        if NO_REGISTRY.search(str(problem)):
            pytest.skip(f"{who}: its packages cannot be had here: {problem}")
        raise

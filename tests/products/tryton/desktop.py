"""Tryton's desktop client (GTK), installed once a machine under the distribution's own Python, beside the server in the cache folder."""

from __future__ import annotations

import shutil
from pathlib import Path

from bots.automation.access import SYSTEM_PATH
from tests.products.installation import NotInstalled, alone, cache_folder, digest, step
from tests.products.tryton.install import PROGRAM

REQUIREMENTS = PROGRAM / "requirements-desktop.txt"


def ensure_desktop() -> tuple[str, str]:
    """The command that starts the client; installs it the first time. Raises NotInstalled.

    Needs the packages of bots.operations.setup.accessible_packages, and the package registry of Python.
    """
    python = shutil.which("python3", path=SYSTEM_PATH)
    if python is None:
        raise NotInstalled("there is no Python of the distribution")
    folder = cache_folder() / f"tryton-desktop-{digest([REQUIREMENTS], str(Path(python).resolve()))}"
    folder.mkdir(parents=True, exist_ok=True)
    own = folder / "venv" / "bin" / "python"
    with alone(folder / "lock"):
        if not (folder / "client.done").exists():
            step(folder, "venv", python, "-m", "venv", "--clear", "--system-site-packages", "venv")
            step(folder, "pip", own, "-m", "pip", "install", "--disable-pip-version-check", "-r", REQUIREMENTS)
            (folder / "client.done").touch()
    return str(own), str(own.with_name("tryton"))


if __name__ == "__main__":
    print("The desktop client is started by", *ensure_desktop())

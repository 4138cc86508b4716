"""Vendure installed, its React screens built, and its shop filled: once a machine, kept in a cache folder.

    ~/.cache/returns-bots/vendure-<hash>/       the program: packages and built screens; the hash is of what decides them
        seeded-<hash>/vendure.sqlite            the filled shop that every test copies; the hash is of the shop and its seed

`python -m tests.products.vendure.install` does it ahead of the tests.
"""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from tests.products.installation import alone, cache_folder, digest, step
from tests.products.vendure.seed import ORDERS, leave_unplaced, place_orders

PROGRAM = Path(__file__).parent / "program"
DECIDE_PACKAGES = ("package.json", "package-lock.json", "dashboard-config.ts", "vite.config.mts")
DECIDE_SHOP = ("config.js", "populate.js", "server.js", "products.csv", "orders.json")
QUIET = {"VENDURE_DISABLE_TELEMETRY": "true"}


@dataclass(frozen=True)
class Installed:
    """Where the installed program and its filled shop lie."""

    folder: Path

    @property
    def template(self) -> Path:
        """The filled shop's database; never opened, only copied."""
        return self.folder / f"seeded-{digest([*_program(*DECIDE_SHOP), ORDERS.parents[1] / 'seed.py'])}" / "vendure.sqlite"

    @property
    def dashboard(self) -> Path:
        """The built React screens."""
        return self.folder / "dashboard"


def _program(*names: str) -> list[Path]:
    return [PROGRAM / name for name in names]


def ensure_installed() -> Installed:
    """The installed program; installs, builds and fills what is missing (about ten minutes the first time). Raises NotInstalled.

    Needs node and npm on the path (bots.operations.setup.product_packages).
    """
    folder = cache_folder() / f"vendure-{digest(_program(*DECIDE_PACKAGES))}"
    folder.mkdir(parents=True, exist_ok=True)
    installed = Installed(folder)
    with alone(folder / "lock"):
        for name in {*DECIDE_PACKAGES, *DECIDE_SHOP}:
            shutil.copyfile(PROGRAM / name, folder / name)
        if not (folder / "packages.done").exists():
            _packages(folder)
            (folder / "packages.done").touch()
        if not (folder / "dashboard.done").exists():
            step(folder, "vite", "npx", "--no-install", "vite", "build", more=QUIET)
            (folder / "dashboard.done").touch()
        if not installed.template.exists():
            _fill(installed)
    return installed


def _packages(folder: Path) -> None:
    step(folder, "install", "npm", "install", "--no-audit", "--no-fund", more=QUIET)
    opens = "require('better-sqlite3')(':memory:')"
    if subprocess.run(["node", "-e", opens], cwd=folder, capture_output=True, check=False).returncode:
        # npm 11 runs no install scripts unasked, and this package fetches or compiles its library in one.
        step(folder, "rebuild", "npm", "rebuild", "better-sqlite3", "--foreground-scripts")
        step(folder, "sqlite", "node", "-e", opens)


def _fill(installed: Installed) -> None:
    """Populate a database, sell the orders of orders.json, and keep the file."""
    from tests.products.vendure.server import ACCOUNT, PASSWORD, VendureServer, environment

    draft = installed.template.parent / "draft"
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir(parents=True)
    database = draft / "vendure.sqlite"
    step(installed.folder, "populate", "node", "populate.js", more=environment(installed, database, create=True))
    with VendureServer(installed, database=database) as server:
        place_orders(server.url)
        leave_unplaced(server.url, ACCOUNT, PASSWORD)
    database.rename(installed.template)
    shutil.rmtree(draft)


if __name__ == "__main__":
    ready = ensure_installed()
    print(f"Vendure is installed in {ready.folder}; the filled shop is {ready.template}")

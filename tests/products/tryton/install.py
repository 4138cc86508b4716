"""Tryton installed with its web client, and a company's books filled: once a machine, kept in a cache folder.

    ~/.cache/returns-bots/tryton-<hash>/    the server in a Python environment of its own, and the web client
        seeded-<hash>/erp.sqlite            the filled books that every test copies; made anew each year, for books end with a year

`python -m tests.products.tryton.install` does it ahead of the tests.
"""

from __future__ import annotations

import os
import secrets
import shutil
import sys
import tarfile
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from tests.products.installation import NotInstalled, alone, cache_folder, digest, step

PROGRAM = Path(__file__).parent / "program"
REQUIREMENTS, COMPANY, SEED, TRADE = (PROGRAM / name for name in ("requirements.txt", "company.json", "seed.py", "trade.py"))
CLIENT = "tryton-sao@8.0.11"
MODULES = ("sale", "account_invoice_stock")
"""They bring stock, account_invoice, product, party, company and currency with them."""
LANGUAGE = "de"
"""A language beside English."""
DATABASE = "erp"
CONFIGURATION = """[web]
root = {client}
num_proxies = 0
[database]
uri = sqlite://
path = {folder}
list = False
language = en
"""


@dataclass(frozen=True)
class Installed:
    """Where the installed program and its filled books lie."""

    folder: Path

    @property
    def python(self) -> Path:
        """The interpreter that the server runs on."""
        return self._program("python")

    @property
    def admin(self) -> Path:
        return self._program("trytond-admin")

    @property
    def client(self) -> Path:
        """The web client's files."""
        return self.folder / "package"

    @property
    def password(self) -> str:
        """The administrator's, for programs that ask past the screens."""
        return (self.folder / "empty" / "password").read_text(encoding="utf-8")

    @property
    def template(self) -> Path:
        """The filled books; never opened, only copied."""
        return self.folder / f"seeded-{digest([COMPANY, SEED, TRADE], str(datetime.now(UTC).year))}" / f"{DATABASE}.sqlite"

    def _program(self, name: str) -> Path:
        return self.folder / "venv" / ("Scripts" if os.name == "nt" else "bin") / (f"{name}.exe" if os.name == "nt" else name)


def configure(installed: Installed, folder: Path) -> Path:
    """Write the server's configuration for a database in `folder`, which must be absolute."""
    file = folder / "trytond.conf"
    file.write_text(CONFIGURATION.format(client=installed.client, folder=folder), encoding="utf-8")
    return file


def ensure_installed() -> Installed:
    """The installed program; installs and fills what is missing (about five minutes the first time). Raises NotInstalled.

    Needs npm on the path (bots.operations.setup.product_packages) and the package registries of Python and Node.js.
    """
    folder = cache_folder() / f"tryton-{digest([REQUIREMENTS], CLIENT, *MODULES, LANGUAGE)}"
    folder.mkdir(parents=True, exist_ok=True)
    installed = Installed(folder)
    with alone(folder / "lock"):
        if not (folder / "server.done").exists():
            step(folder, "venv", sys.executable, "-m", "venv", "--clear", "venv")
            step(folder, "pip", installed.python, "-m", "pip", "install", "--disable-pip-version-check", "-r", REQUIREMENTS)
            (folder / "server.done").touch()
        if not (folder / "client.done").exists():
            _client(installed)
            (folder / "client.done").touch()
        if not (folder / "empty.done").exists():
            _empty(installed)
            (folder / "empty.done").touch()
        if not installed.template.exists():
            _fill(installed)
    return installed


def _client(installed: Installed) -> None:
    """The web client with the packages it loads in the browser."""
    folder = installed.folder
    step(folder, "pack", "npm", "pack", CLIENT)
    shutil.rmtree(installed.client, ignore_errors=True)
    with tarfile.open(folder / f"{CLIENT.replace('@', '-')}.tgz") as archive:
        archive.extractall(folder, filter="data")
    # Its build tools ask for versions that exclude each other; what the browser loads does not.
    step(folder, "npm", "npm", "install", "--prefix", installed.client, "--omit=dev", "--ignore-scripts", "--legacy-peer-deps", "--no-audit", "--no-fund")


def _empty(installed: Installed) -> None:
    """A database with the modules and no data."""
    folder = installed.folder / "empty"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    (folder / f"{DATABASE}.sqlite").touch()
    password = folder / "password"
    password.write_text(secrets.token_urlsafe(16), encoding="utf-8")
    admin = (installed.admin, "-c", configure(installed, folder), "-d", DATABASE)
    step(folder, "create", *admin, "--all", "--email", "admin@example.org", "-l", LANGUAGE, more={"TRYTONPASSFILE": str(password)})
    step(folder, "modules", *admin, "--activate-dependencies", "-u", *MODULES)


def _fill(installed: Installed) -> None:
    """Fill a copy of the empty database, and keep the file."""
    draft = installed.template.parent / "draft"
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir(parents=True)
    database = Path(shutil.copy(installed.folder / "empty" / f"{DATABASE}.sqlite", draft))
    step(draft, "seed", installed.python, SEED, configure(installed, draft), DATABASE)
    if (draft / f"{DATABASE}.sqlite-wal").exists():
        raise NotInstalled(f"the seed did not end cleanly; see {draft / 'seed.log'}")
    database.rename(installed.template)
    shutil.rmtree(draft)


if __name__ == "__main__":
    ready = ensure_installed()
    print(f"Tryton is installed in {ready.folder}; the filled books are {ready.template}")

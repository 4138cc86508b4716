"""Case stores for tests: the same contract on SQLite and on PostgreSQL, a case to start from, and settings of their own."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import pytest
import yaml

from bots.cases.settings import Config
from bots.cases.store import Case, Store
from tests.products.packages import install

ROOT = Path(__file__).resolve().parents[1]
# On a test or module: run it once on each kind of store. Without it a test gets SQLite.
BOTH_STORES = pytest.mark.parametrize("store_url", ["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)], indirect=True)
# The database server refuses to run as root; one of these runs it then.
OTHER_USERS = ("postgres", "nobody")
Worker = TypeVar("Worker")
Result = TypeVar("Result")


def postgres_programs() -> Path | None:
    """The folder with initdb and pg_ctl: on the path, or where Debian puts the newest version; installed where we may."""
    return _postgres_programs() or (_postgres_programs() if install("postgresql") else None)


def _postgres_programs() -> Path | None:
    if found := shutil.which("initdb"):
        return Path(found).parent
    places = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda file: int(file.parts[-3]) if file.parts[-3].isdigit() else 0)
    return places[-1].parent if places else None


def _runs_as() -> str | None:
    """The user that runs the server, or None for ourselves."""
    import pwd

    if os.geteuid() != 0:
        return None
    known = {entry.pw_name for entry in pwd.getpwall()}
    return next((name for name in OTHER_USERS if name in known), None)


@contextmanager
def postgres_server(programs: Path) -> Iterator[str]:
    """A throw-away PostgreSQL in a temporary folder, reached by a socket in it (so no port can clash); gives the URL of its database `postgres`."""
    folder = Path(tempfile.mkdtemp(prefix="pg-"))
    user = _runs_as()
    if user:
        shutil.chown(folder, user)

    def run(program: str, *arguments: str) -> None:
        with (folder.parent / f"{folder.name}.log").open("ab") as log:
            subprocess.run([programs / program, *arguments], user=user, cwd=folder, stdout=log, stderr=log, stdin=subprocess.DEVNULL, check=True)

    data = str(folder / "data")
    try:
        run("initdb", "--pgdata", data, "--username", "tester", "--auth", "trust", "--encoding", "UTF8", "--locale", "C.UTF-8", "--no-sync")
        settings = f"-c listen_addresses='' -c unix_socket_directories='{folder}' -c fsync=off -c full_page_writes=off -c synchronous_commit=off"
        run("pg_ctl", "--pgdata", data, "--wait", "--timeout", "60", "--log", str(folder / "server.log"), "--options", settings, "start")
        try:
            yield f"postgresql+psycopg://tester@/postgres?host={folder}"
        finally:
            run("pg_ctl", "--pgdata", data, "--wait", "--mode", "immediate", "stop")
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        (folder.parent / f"{folder.name}.log").unlink(missing_ok=True)


def at_once(action: Callable[[Worker], Result], workers: Sequence[Worker]) -> list[Result]:
    """Let every worker act in a thread of its own, all starting at the same moment; the results in the workers' order."""
    gate = threading.Barrier(len(workers))

    def go(worker: Worker) -> Result:
        gate.wait(timeout=10)
        return action(worker)

    with ThreadPoolExecutor(len(workers)) as pool:
        return list(pool.map(go, workers))


def a_case(store: Store, order_no: str | None = "GB-2026-104233", **columns: Any) -> Case:
    """An open case, as intake opens it; raises when the order has one already."""
    facts = {"channel": "mail", "intent": "return_request", "currency": "EUR", "customer_name": "Ann Lee", "customer_email": "ann@example.org", "country": "DE"}
    case, fresh = store.open_case(order_no, **{**facts, **columns})
    assert fresh, f"{order_no} already has the open case {case.rma}"
    return case


def tiny_config(folder: Path, **changes: Any) -> Config:
    """The practice profile with a workspace of its own, the machine's clock and no practice world; `changes` are keys of the profile."""
    settings = yaml.safe_load((ROOT / "config" / "practice.yaml").read_text(encoding="utf-8"))
    settings |= {"workspace": str(folder / "workspace"), "clock_file": None, "practice": {"enabled": False}, **changes}
    config = folder / "config"
    config.mkdir(exist_ok=True)
    (config / "suite.yaml").write_text("use: tiny\n", encoding="utf-8")
    (config / "tiny.yaml").write_text(yaml.safe_dump(settings, allow_unicode=True), encoding="utf-8")
    return Config(config, "tiny", workspace=folder / "workspace")

"""Case stores for tests: the same contract on SQLite and on PostgreSQL, a case to start from, and settings of their own."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypeVar

import pytest
import yaml

from bots.cases.settings import Config
from bots.cases.store import Case, Store
from bots.operations.postgres import installed
from tests.products.packages import install

ROOT = Path(__file__).resolve().parents[1]
# On a test or module: run it once on each kind of store. Without it a test gets SQLite.
BOTH_STORES = pytest.mark.parametrize("store_url", ["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)], indirect=True)
Worker = TypeVar("Worker")
Result = TypeVar("Result")


def postgres_programs() -> Path | None:
    """The folder with initdb and pg_ctl: on the path, or where Debian puts the newest version; installed where we may."""
    return installed() or (installed() if install("postgresql") else None)


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

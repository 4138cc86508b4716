"""Start the whole practice back office: `python -m tests.backoffice --state DIR [--new --seed S --cases N]`.

Prints one JSON line when everything answers, then runs until POST /stop, Ctrl+C, SIGTERM, or (--parent-pipe) the end of stdin.
"""

from __future__ import annotations

import argparse
import importlib
import json
import os
import shutil
import signal
import sys
import threading
from collections.abc import Sequence
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from . import scenario
from .control import Control
from .serving import serving
from .simulation import Simulation
from .standins import KINDS, SIMPLE_KINDS, STAND_INS, simple
from .world import CLOCK_FILE, World

APPS = {  # name: module, factory
    "erp": ("erp.app", "create_app"),
    "wms": ("wms.app", "create_app"),
    "swift": ("carriers.app", "create_swift"),
    "global": ("carriers.app", "create_global"),
    "pay": ("payments.app", "create_app"),
}
PARTS = (*APPS, "mail")
MONTH = timedelta(days=28)
"""About as long as a world's story takes: with a program that has the real time it ends about now."""


def arguments(argv: Sequence[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.backoffice", description="The practice back office of a cross-border seller.")
    parser.add_argument("--state", type=Path, required=True, help="folder of the world; an existing one is resumed")
    parser.add_argument("--new", action="store_true", help="build a new world even if the folder holds one")
    parser.add_argument("--seed", type=int, default=1, help="what to build the new world from (default 1)")
    parser.add_argument("--cases", type=int, default=60, help="how many stories the new world tells (default 60)")
    parser.add_argument("--on", default="", help=f"comma separated programs of other makers in the place of ours: {', '.join(STAND_INS)}")
    parser.add_argument("--parent-pipe", action="store_true", help="stop when stdin is closed, so that no orphan is left behind")
    parser.add_argument("--only", default=",".join(PARTS), help=f"comma separated parts to start (default all: {','.join(PARTS)})")
    options = parser.parse_args(argv)
    options.on = [name for name in options.on.split(",") if name]
    options.parts = [part for part in options.only.split(",") if part]
    unknown = (set(options.parts) - set(PARTS)) | (set(options.on) - set(STAND_INS))
    if unknown:
        parser.error(f"unknown parts: {', '.join(sorted(unknown))}")
    options.parts = [part for part in options.parts if part not in {STAND_INS[name].replaces for name in options.on}]
    if options.cases < 1:
        parser.error("--cases must be at least 1")
    return options


def open_world(state: Path, new: bool, seed: int, cases: int, on: Sequence[str] = ()) -> World:
    """The world in `state`: resumed where there is one, else built."""
    if new or not (state / "state.db").exists():
        shutil.rmtree(state / "mail", ignore_errors=True)  # the mailbox belongs to the old world
        if not on:
            return scenario.build(state, seed=seed, cases=cases)
        known = SIMPLE_KINDS if simple(on) else KINDS
        kinds = [known[number % len(known)] for number in range(cases)]
        start = (datetime.now(UTC) - MONTH).replace(hour=8, minute=0, second=0, microsecond=0)
        return scenario.build(state, seed=seed, kinds=kinds, now=start - timedelta(days=start.weekday()), simple=simple(on))
    return World(state)


def run(options: argparse.Namespace) -> None:
    world = open_world(options.state, options.new, options.seed, options.cases, options.on)
    with ExitStack() as stack:
        urls = {}
        for name in options.parts:
            if name in APPS:
                module, factory = APPS[name]
                app = getattr(importlib.import_module(f".{module}", __package__), factory)(world)
                urls[name] = stack.enter_context(serving(app))
        mail = _start_mail(world, stack) if "mail" in options.parts else None
        simulation = Simulation(world, mail.deliver if mail else _no_mail)
        where: dict[str, Any] = {"urls": urls, "ports": {name: int(url.rsplit(":", 1)[1]) for name, url in urls.items()}}
        if mail:
            simulation.open_doors()
            where["imap"] = {"host": "127.0.0.1", "port": mail.imap_port}
            where["smtp"] = {"host": "127.0.0.1", "port": mail.smtp_port}
            where["ports"] |= {"imap": mail.imap_port, "smtp": mail.smtp_port}
        others = {name: STAND_INS[name](world, stack) for name in options.on}
        where["urls"] |= {name: other.url for name, other in others.items()}
        control = Control(world, simulation, where, list(others.values()))
        control.start()
        stack.callback(control.close)
        accounts = _accounts()
        for other in others.values():
            accounts |= other.accounts()
        line: dict[str, Any] = {"control": control.url, "token": control.token, "accounts": accounts}
        line |= {key: where[key] for key in ("urls", "imap", "smtp") if key in where}
        line |= {"drop": str((options.state / scenario.DROP).resolve()), "clock": str((options.state / CLOCK_FILE).resolve())}
        _wait_for_the_end(control, options.parent_pipe, line)


def _accounts() -> dict[str, str]:
    """Log-ins by account name, TOTP seeds as `<account>-totp`: what an operator would put into the keyring."""
    from .accounts import ACCOUNTS

    told = {account.name: account.password for account in ACCOUNTS.values()}
    return told | {f"{account.name}-totp": account.totp for account in ACCOUNTS.values() if account.totp}


def _start_mail(world: World, stack: ExitStack) -> Any:
    server = importlib.import_module(".mailserver", __package__).MailServer(world)
    server.start()
    stack.callback(server.stop)
    return server


def _no_mail(raw: bytes) -> None:
    """Without the mail server letters are written to nobody."""


def _wait_for_the_end(control: Control, parent_pipe: bool, line: dict[str, Any]) -> None:
    """Say where everything is, then wait for one of the ends."""
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: control.stopped.set())
    if parent_pipe:

        def listen() -> None:
            # Not through sys.stdin: its lock, held here, would abort the interpreter's way out.
            while os.read(sys.stdin.fileno(), 4096):
                pass
            control.stopped.set()

        threading.Thread(target=listen, daemon=True).start()
    print(json.dumps(line, ensure_ascii=False), flush=True)
    while not control.stopped.wait(timeout=1.0):  # a timeout lets Windows see Ctrl+C
        pass


if __name__ == "__main__":
    run(arguments())

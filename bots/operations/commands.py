"""What the commands of the command line do; each gives its exit code."""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.console import Console

from bots.cases.errors import ConfigProblem
from bots.cases.settings import ROOT, Config
from bots.operations.exit_codes import FAILED, INTERRUPTED, NEEDS_PERSON, NOT_READY, OK, USAGE
from bots.operations.secrets import open_secrets

if TYPE_CHECKING:
    from bots.operations.portals import Ask

console = Console()


def run_setup(say: Console = console) -> int:
    """Find and install system packages."""
    from bots.operations.setup import ensure

    return OK if ensure(say) else NOT_READY


def run_one(config: Config, name: str, *, only: str | None, limit: int | None, dry_run: bool, headed: bool, **options: Any) -> int:
    """Run one bot once, with options of its own. 0: all done; 4: something waits for a person; 1: something failed."""
    from bots.operations.office import open_desk, start_log
    from bots.operations.round import make_bot
    from bots.operations.runner import Runner

    start_log(config, quiet=False)
    with _back_office(config), open_desk(config, headed=headed, dry_run=dry_run) as desk:
        summary = Runner(desk).run(make_bot(name, **options), only=only, limit=limit)
    for key, text in summary.results:
        console.print(f"{key}: {text}", highlight=False, markup=False)
    console.print(
        f"{name}: {summary.done} done, {summary.to_person} to a person, {summary.failed} failed, {summary.seconds:.1f} s {summary.note}",
        highlight=False,
        markup=False,
    )
    return _code(summary.failed, summary.to_person)


def _code(failed: int, to_person: int) -> int:
    return FAILED if failed else NEEDS_PERSON if to_person else OK


def _back_office(config: Config):  # type: ignore[no-untyped-def]  # Practice or a context that does nothing
    """The practice back office while a practice profile is in force and its world exists; nothing otherwise."""
    from contextlib import nullcontext

    from bots.operations.practice import Practice

    if not config.suite.practice.enabled:
        return nullcontext()
    return Practice(config, fresh=not Practice.unfinished(config))


def run_all(config: Config, *, headed: bool, dry_run: bool) -> int:
    """All bots in order. On the practice profile the practice world is worked to its end and scored."""
    if config.suite.practice.enabled and not dry_run:
        from bots.operations.practice import Practice

        return _practise(config, fresh=not Practice.unfinished(config), cases=None, seed=None, headed=headed, keep=False)
    from bots.operations.office import open_desk, start_log
    from bots.operations.retention import expire_evidence
    from bots.operations.round import BOTS, run_bots
    from bots.operations.show import Progress

    start_log(config, quiet=True)
    with open_desk(config, headed=headed, dry_run=dry_run) as desk, Progress(console) as progress:
        summaries = run_bots(desk, BOTS, progress.update)
        desk.store.close_finished()
        expire_evidence(desk)
    return _code(sum(s.failed for s in summaries), sum(s.to_person for s in summaries))


def run_demo(*, cases: int | None, seed: int, headed: bool, keep: bool, on: Sequence[str] = ()) -> int:
    """A fresh practice world, worked to its end; 60 returns, or 12 with programs of other makers. 0 only if nothing is wrong, duplicate or missed and the totals tie."""
    from bots.operations.practice import stand_in
    from bots.operations.products import install_products

    config = Config(profile="practice")
    stand_in(config, on)
    if run_setup() != OK or not install_products(on, console):
        return NOT_READY
    return _practise(config, fresh=True, cases=cases or (12 if on else 60), seed=seed, headed=headed, keep=keep, on=on)


def run_drill(*, crashes: int, faults: bool, seed: int, cases: int, worlds: int, suites: int, store: str | None, resume: Path | None, as_json: bool) -> int:
    """Kill and lie, recover, compare. 0 only if no money moved twice, went astray, was lost or was wrong, and nothing hung."""
    import json
    from contextlib import nullcontext

    from bots.operations.drill import Drill, drill_workspace
    from bots.operations.office import start_log
    from bots.operations.postgres import installed, postgres_server
    from bots.operations.show import show_drill

    if run_setup(Console(stderr=True) if as_json else console) != OK:
        return NOT_READY
    programs = installed()
    if store == "postgresql" and programs is None:
        Console(stderr=True).print("PostgreSQL's programs (initdb, pg_ctl) are not installed; on Debian: apt-get install postgresql")
        return NOT_READY
    # A server of our own is empty for every world; a database that was given is so only once.
    own = store == "postgresql" and programs is not None
    config = Config(profile="practice", workspace=drill_workspace(Config(profile="practice")))
    start_log(config, quiet=True)
    card = Drill(
        config,
        crashes=crashes,
        faults=faults,
        seed=seed,
        cases=cases,
        worlds=1 if store and not own else worlds,
        suites=suites,
        store=lambda: postgres_server(programs) if own and programs is not None else nullcontext(store),
        resume=resume,
        say=Console(stderr=True).print,
    ).run()
    if as_json:
        sys.stdout.write(json.dumps(card.as_dict(), indent=1) + "\n")
    else:
        show_drill(console, card)
    return FAILED if card.bad else INTERRUPTED if card.stopped else OK


def run_evaluate(config: Config, mails: Path | None, notes: Path | None, by: tuple[str, ...], *, as_json: bool) -> int:
    """Measure on the files given; on the project's own test split where none is."""
    from bots.insights import EVALUATION
    from bots.operations.evaluate import GROUPS, run

    if unknown := sorted(set(by) - set(GROUPS)):
        console.print(f"[red]--by {', '.join(unknown)}: the groups are {', '.join(GROUPS)}[/red]", highlight=False)
        return USAGE
    if mails is None and notes is None:
        folder = ROOT / "tests" / "evaluation"
        mails, notes = folder / "mails.jsonl", folder / "notes.jsonl"
    try:
        return run(console, mails, notes, by, as_json=as_json, keep=config.file("out", EVALUATION))
    except ConfigProblem as problem:
        console.print(f"[red]{problem}[/red]", highlight=False)
        return USAGE


def _practise(config: Config, *, fresh: bool, cases: int | None, seed: int | None, headed: bool, keep: bool, on: Sequence[str] = ()) -> int:
    from bots.operations.office import open_desk, start_log
    from bots.operations.practice import Practice
    from bots.operations.round import claims, practise
    from bots.operations.show import Progress, show_files, show_score

    started = time.monotonic()
    try:
        with Practice(config, fresh=fresh, cases=cases, seed=seed, on=on) as practice:
            start_log(config, quiet=True)
            with open_desk(config, headed=headed) as desk:
                with Progress(console) as progress:
                    practise(desk, practice, progress.update, progress.night)
                score = practice.score(claims(desk))
                good = show_score(console, score, time.monotonic() - started)
                show_files(console, desk)
            if keep:
                console.print("The practice back office keeps running; its addresses are in world/address.json. Ctrl+C ends it.")
                _wait_for_interrupt()
    except KeyboardInterrupt:
        console.print("Interrupted; `python3 run_bot.py all` goes on where this stopped.")
        return INTERRUPTED
    return OK if good else FAILED


def _wait_for_interrupt() -> None:
    import threading

    try:
        threading.Event().wait()
    except KeyboardInterrupt:
        return


def run_schedule(config: Config, *, once: bool) -> int:
    from bots.operations.scheduler import Scheduler

    return Scheduler(config).run(once=once)


def run_doctor(config: Config) -> int:
    """Check the machine and every program; a practice world that lies in the workspace is started for the check."""
    from contextlib import nullcontext

    from bots.operations.doctor import run
    from bots.operations.practice import Practice

    with Practice(config, fresh=False) if config.suite.practice.enabled and Practice.unfinished(config) else nullcontext():
        return run(config, console)


def run_audit_verify(config: Config, *, anchors: Path | None, files: bool) -> int:
    """Whether the event log is whole. 0: it is; 1: it is not."""
    from bots.operations.audit import verify

    return verify(config, anchors=anchors, files=files)


def run_audit_export(config: Config, number: str, target: Path | None) -> int:
    """Write a case's evidence pack. 0: written and whole; 1: written, and something in it is not as it was recorded."""
    from bots.operations.audit import export

    return export(config, number, target)


def run_portal_new(config: Config, values: dict[str, Any], *, write: bool) -> int:
    """Start the portal of a new program."""
    from bots.operations.onboarding import NewPortal
    from bots.operations.portals import run_new

    return run_new(config, NewPortal(**values), write=write)


def run_portal_record(config: Config, name: str, page: str, given: list[str], *, path: str | None, ask: Ask) -> int:
    """Record locators by pointing, in a browser with a window."""
    from bots.operations.portals import read_samples, run_record

    return run_record(config, name, page, read_samples(given), path=path, headed=True, ask=ask)


def run_portal_check(config: Config, name: str, given: list[str], *, write: bool, commit: bool, headed: bool) -> int:
    """Check a program against its role's contract. 0: nothing is broken or missing; 1: something is."""
    from bots.operations.portals import read_samples, run_check

    return run_check(config, name, read_samples(given), write=write, commit=commit, headed=headed)


def set_secret(config: Config, account: str) -> int:
    """Ask for a secret without showing it; piped input is read as one line."""
    import getpass

    from bots.operations.office import open_store
    from bots.portals.accounts import release

    secret = getpass.getpass(f"Secret for {account}: ") if sys.stdin.isatty() else sys.stdin.readline().rstrip("\n")
    try:
        open_secrets(config).set(account, secret)
    except ConfigProblem as problem:
        console.print(f"[red]{problem}[/red]", highlight=False)
        return FAILED
    release(open_store(config, "operator"), account.removesuffix("-totp"))
    console.print(f"kept a secret for {account} in the {config.suite.secrets} keyring", highlight=False)
    return OK


def list_secrets(config: Config) -> int:
    for account in open_secrets(config).list():
        console.print(account, highlight=False, markup=False)
    return OK


def test_secrets(config: Config) -> int:
    try:
        console.print(open_secrets(config).test(), highlight=False, markup=False)
    except ConfigProblem as problem:
        console.print(f"[red]{problem}[/red]", highlight=False)
        return FAILED
    return OK

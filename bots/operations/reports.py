"""What operators ask at the terminal: status, one case, retry, pause and resume."""

from __future__ import annotations

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from bots.cases import threads
from bots.cases.ledger import Ledger
from bots.cases.settings import Config
from bots.cases.states import MACHINES, case_state
from bots.cases.store import Case, Store
from bots.cases.work import WorkQueue
from bots.operations.exit_codes import FAILED, OK, USAGE
from bots.operations.office import open_store
from bots.operations.round import BOTS
from bots.portals.accounts import refused, release

console = Console()


def show_status(config: Config) -> int:
    """What each bot did last, how many cases stand where, what waits for a person, what is frozen."""
    store = open_store(config, "operator")
    runs = Table(title="Last run of each bot", title_justify="left", header_style="bold")
    for caption in ("Bot", "When (UTC)", "Verdict"):
        runs.add_column(caption, no_wrap=True)
    for caption in ("Done", "To a person", "Failed", "Seconds"):
        runs.add_column(caption, justify="right")
    for run in WorkQueue(store).last_runs():
        paused = " (paused)" if store.switch(f"paused:{run['bot']}") else ""
        colour = {"ok": "green", "running": "cyan"}.get(run["verdict"], "red")
        runs.add_row(
            f"{run['bot']}{paused}",
            f"{run['started_at']:%Y-%m-%d %H:%M}",
            f"[{colour}]{run['verdict']}[/]",
            str(run["done"]),
            str(run["to_person"]),
            str(run["failed"]),
            f"{run['milliseconds'] / 1000:.1f}",
        )
    console.print(runs)
    for account, entry in refused(store).items():
        console.print(f"[red]{escape(account)} was refused {entry['times']} times ({entry['at']} UTC): {escape(entry['why'])}[/red]", highlight=False)
    counts: dict[str, int] = {}
    for case in store.cases():
        counts[case_state(case)] = counts.get(case_state(case), 0) + 1
    states = Table(title="Cases", title_justify="left", header_style="bold")
    states.add_column("State")
    states.add_column("Cases", justify="right")
    for state, count in sorted(counts.items()):
        states.add_row(state, str(count))
    console.print(states)
    waiting = store.open_exceptions()
    frozen = [row for row in _ledger(store).all() if row.state in ("clicked", "needs_check")]
    overdue = [
        case
        for case in store.cases(open_only=True)
        if case.deadline_refund and case.deadline_refund < store.clock.now() and case.refund not in ("refunded", "replaced", "not_due")
    ]
    console.print(
        f"{len(waiting)} questions wait for a person, {len(frozen)} commits are frozen, {len(overdue)} cases are past their refund deadline.", highlight=False
    )
    return OK


def _ledger(store: Store) -> Ledger:
    """The ledger for reading only."""
    return Ledger(store, lambda case, intent: None, lambda case, kind, moment, picture: None)


def find_case(store: Store, number: str) -> Case | None:
    """A case by RMA or order number."""
    return store.case(number) or store.case_of_order(number)


def show_case(config: Config, number: str) -> int:
    """One case: states, open questions, commits, timeline with evidence."""
    store = open_store(config, "operator")
    case = find_case(store, number)
    if case is None:
        console.print(f"[red]There is no case with the RMA or order number {escape(number)}.[/red]", highlight=False)
        return USAGE
    head = Table(title=f"{case.rma}  {case_state(case)}", title_justify="left", show_header=False)
    rows = {
        "Order": case.order_no or "",
        "Customer": f"{case.customer_name} ({case.language}, {case.country})",
        "Came by": f"{case.channel}, {case.opened_at:%Y-%m-%d %H:%M} UTC",
        "Wants": f"{case.intent}, reason {case.reason_code or '-'}, responsible {case.responsible or '-'}",
        "States": "  ".join(f"{machine}={getattr(case, machine)}" for machine in MACHINES),
        "Parcel": f"{case.carrier} {case.tracking_no}",
        "Refund due by": f"{case.deadline_refund:%Y-%m-%d}" if case.deadline_refund else "",
    }
    for caption, value in rows.items():
        head.add_row(caption, escape(value))
    console.print(head)
    for row in store.open_exceptions(case):
        console.print(f"[yellow]waits for a person[/] {row.code} ({row.severity}): {escape(row.what)} [dim]{escape(row.advice)}[/]", highlight=False)
    for commit in _ledger(store).of_case(case):
        console.print(f"commit {commit.kind}: {commit.state} {commit.reference} {commit.amount or ''}", highlight=False, markup=False)
    table = Table(title="Timeline", title_justify="left", header_style="bold")
    for caption in ("When (UTC)", "Who", "What", "Facts"):
        table.add_column(caption, overflow="fold")
    evidence = config.workspace / "evidence"
    for event in store.timeline(case):
        facts = (
            str(evidence / event.data["path"])
            if event.kind == "evidence"
            else ", ".join(f"{key}: {value}" for key, value in event.data.items() if value not in ("", [], {}, None))
        )
        table.add_row(f"{event.at:%Y-%m-%d %H:%M:%S}", escape(event.actor), event.kind, escape(facts[:400]))
    console.print(table)
    return OK


def retry_case(config: Config, number: str, by: str) -> int:
    """Close the case's technical questions so that its bots take it up again."""
    store = open_store(config, by)
    case = find_case(store, number)
    if case is None:
        console.print(f"[red]There is no case with the RMA or order number {escape(number)}.[/red]", highlight=False)
        return USAGE
    rows = [row for row in store.open_exceptions(case) if row.technical]
    for row in rows:
        store.close_exception(row, "retry", by, "retried from the command line")
    woken = WorkQueue(store).retry_now(case.rma)
    decide = [row.code for row in store.open_exceptions(case)]
    console.print(f"{case.rma}: {len(rows)} questions closed for another try, {woken} waiting items woken.", highlight=False)
    if decide:
        console.print(f"[yellow]Still needs a decision in the workbook: {', '.join(decide)}[/yellow]", highlight=False)
    return OK if rows or woken else FAILED


def take_case(config: Config, number: str, by: str, *, back: bool) -> int:
    """Let a person write to a case's customer instead of the bots, or the bots again."""
    store = open_store(config, by)
    case = find_case(store, number)
    if case is None:
        console.print(f"[red]There is no case with the RMA or order number {escape(number)}.[/red]", highlight=False)
        return USAGE
    done = threads.give_back(store, case, by) if back else threads.take(store, case, by)
    whose = "the bots answer this customer" if back else "a person answers this customer; the bots send nothing"
    console.print(f"{case.rma}: {whose}{'' if done else ' (as before)'}", highlight=False, markup=False)
    return OK


def switch_bot(config: Config, bot: str, *, paused: bool) -> int:
    """Pause or resume one bot or all of them."""
    names = list(BOTS) if bot == "all" else [bot]
    store = open_store(config, "operator")
    if not paused and bot not in BOTS and release(store, bot):
        console.print(f"{bot}: may log in again", highlight=False, markup=False)
        return OK
    if bot != "all" and bot not in BOTS:
        console.print(f"[red]There is no bot {escape(repr(bot))}; the bots are {', '.join(BOTS)}.[/red]", highlight=False)
        return USAGE
    for name in names:
        store.set_switch(f"paused:{name}", True if paused else None)
    console.print(f"{', '.join(names)}: {'paused' if paused else 'resumed'}", highlight=False)
    return OK

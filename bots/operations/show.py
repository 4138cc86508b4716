"""What a person at the terminal sees: live progress, the scoreboard, and where the results lie."""

from __future__ import annotations

import statistics
import time
from types import TracebackType
from typing import Any

from rich.console import Console
from rich.live import Live
from rich.table import Table

from bots.cases.money import Money
from bots.operations.round import BOTS, make_bot
from bots.operations.runner import RunSummary
from bots.operations.scorecard import Scorecard
from bots.portals.desk import Desk

VERDICTS = ("straight_through", "rightly_to_person", "wrongly_to_person", "wrong", "duplicate", "missed")
BAD = ("wrong", "duplicate", "missed")


class Progress:
    """A live table: a row a bot, summed over all its runs."""

    def __init__(self, console: Console) -> None:
        self.console = console
        self.totals = {name: RunSummary(name) for name in BOTS}
        self.busy: set[str] = set()
        self.day = ""
        self._finished: dict[str, tuple[int, int, int, float]] = dict.fromkeys(BOTS, (0, 0, 0, 0.0))
        self._titles = {name: make_bot(name).title for name in BOTS}
        self._started = time.monotonic()
        self._live = Live(console=console, get_renderable=self._table, refresh_per_second=4, transient=False)
        self._plain_told = ""

    def __enter__(self) -> Progress:
        if self.console.is_terminal:
            self._live.__enter__()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.busy.clear()
        if self.console.is_terminal:
            self._live.__exit__(kind, error, trace)
        else:
            self.console.print(self._table())

    def update(self, summary: RunSummary) -> None:
        """Take in the state of a running or ended run."""
        if summary.verdict == "running":
            self.busy.add(summary.bot)
        else:
            self.busy.discard(summary.bot)
        done, person, failed, seconds = self._finished[summary.bot]
        total = self.totals[summary.bot]
        total.done, total.to_person, total.failed, total.seconds = (
            done + summary.done,
            person + summary.to_person,
            failed + summary.failed,
            seconds + summary.seconds,
        )
        if summary.verdict != "running":
            self._finished[summary.bot] = (total.done, total.to_person, total.failed, total.seconds)
            if not self.console.is_terminal and summary.worked:
                self.console.print(
                    f"{summary.bot:15} {summary.done:4} done {summary.to_person:3} to a person {summary.failed:3} failed {summary.seconds:6.1f} s",
                    highlight=False,
                )

    def night(self, info: dict[str, Any]) -> None:
        """Show the practice world's day."""
        self.day = f"practice day {info['day'] * 3 + 1}, {info['now'][:10]}"
        if not self.console.is_terminal:
            self.console.print(f"-- end of {self.day}", highlight=False)

    def _table(self) -> Table:
        elapsed = time.monotonic() - self._started
        table = Table(title=f"Bots at work  {self.day}  {elapsed:5.0f} s", title_justify="left", expand=False, header_style="bold")
        for caption, justify in (
            ("Bot", "left"),
            ("What it does", "left"),
            ("Done", "right"),
            ("To a person", "right"),
            ("Failed", "right"),
            ("Seconds", "right"),
        ):
            table.add_column(caption, justify=justify)  # type: ignore[arg-type]  # rich's literal type
        for name, total in self.totals.items():
            busy = name in self.busy
            table.add_row(
                f"{'▶ ' if busy else '  '}{name}",
                self._titles[name],
                str(total.done or "·"),
                f"[yellow]{total.to_person}[/]" if total.to_person else "·",
                f"[red]{total.failed}[/]" if total.failed else "·",
                f"{total.seconds:.1f}",
                style="bold cyan" if busy else "" if total.worked else "dim",
            )
        return table


def show_drill(console: Console, card: Scorecard) -> None:
    """The drill's scorecard; what must be zero is red when it is not."""
    title = "Drill" + (", ended by hand: the worlds that were worked to their end" if card.stopped else "")
    table = Table(title=title, title_justify="left", header_style="bold")
    table.add_column("What")
    table.add_column("Count", justify="right")
    table.add_row("Complete suites at once, and their store", f"{card.suites} on {card.store}")
    for caption, value in (
        ("Processes started", card.runs),
        ("Returns worked", card.returns),
        ("Commits clicked", card.commits),
        ("Kills (SIGKILL)", card.kills),
        ("Lies told by the back office", sum(card.lies.values())),
    ):
        table.add_row(caption, f"{value:,}")
    table.add_section()
    for caption, value in (
        ("Duplicates", card.duplicates),
        ("Lost", card.lost),
        ("Wrong amount", card.wrong_amount),
        ("Wrong payee", card.wrong_payee),
        ("Otherwise wrong", card.wrong_other),
        ("Silent wrong success", card.silent_wrong_success),
        ("Hung", card.hung),
    ):
        table.add_row(caption, f"[{'red' if value else 'green'}]{value}[/]")
    table.add_section()
    table.add_row("To a person, rightly", str(card.needs_person_rightly))
    table.add_row("To a person, needlessly", f"{card.needs_person_needlessly} ({card.needless_share:.1%})")
    if times := card.seconds_to_recover:
        table.add_row("Seconds to recover, median and most", f"{statistics.median(times):.1f} / {max(times):.1f}")
    table.add_row("Seconds in all", f"{card.seconds:,.0f}")
    console.print(table)
    if card.suites > 1:
        console.print("Items worked: " + ", ".join(f"{name} {count}" for name, count in sorted(card.worked.items())), highlight=False)
    if card.kills_at:
        console.print("Kills at: " + ", ".join(f"{name} {count}" for name, count in sorted(card.kills_at.items())), highlight=False)
    if card.lies:
        lies = Table(title="Lies told", title_justify="left", header_style="bold")
        for caption in ("By", "About", "Lies, and how often"):
            lies.add_column(caption)
        told: dict[tuple[str, str], list[str]] = {}
        for name, count in sorted(card.lies.items()):
            place, _, lie = name.partition(": ")
            app, _, action = place.partition(" ")
            told.setdefault((app, action), []).append(f"{lie} {count}")
        for (app, action), words in told.items():
            lies.add_row(app, action, ", ".join(words))
        console.print(lies)
    for finding in card.findings:
        console.print(f"- {finding}", highlight=False, markup=False)


def show_score(console: Console, score: dict[str, Any], seconds: float) -> bool:
    """The scoreboard against the practice back office's truth; True when nothing is wrong, duplicate or missed and the totals tie."""
    table = Table(title="Scoreboard: the practice back office's own truth", title_justify="left", header_style="bold")
    for verdict in VERDICTS:
        table.add_column(verdict.replace("_", " ").capitalize(), justify="right")
    table.add_row(*(f"[{_colour(verdict, score[verdict])}]{score[verdict]}[/]" for verdict in VERDICTS))
    console.print(table)
    money = Table(title="Money by currency", title_justify="left", header_style="bold")
    for caption in ("Currency", "Taken in", "Given back", "Should be", "Ties"):
        money.add_column(caption, justify="right" if caption != "Currency" else "left")
    for currency, sums in sorted(score["money"].items()):
        shown = [f"{Money(minor=sums[key], currency=currency).decimal():,}" for key in ("captured", "refunded", "expected")]
        ties = sums["refunded"] == sums["expected"]
        money.add_row(currency, *shown, "[green]yes[/]" if ties else "[red]no[/]")
    console.print(money)
    amiss = [row for row in score["rows"] if row["verdict"] in (*BAD, "wrongly_to_person")]
    if amiss:
        listed = Table(title="Not as it should be", title_justify="left", header_style="bold")
        for caption in ("Order", "Kind", "Verdict", "Why"):
            listed.add_column(caption)
        for row in amiss:
            listed.add_row(row["order_no"], row["kind"], row["verdict"].replace("_", " "), row["why"])
        console.print(listed)
    good = not any(score[verdict] for verdict in BAD) and bool(score["ties"])
    total = sum(score[verdict] for verdict in VERDICTS)
    console.print(
        f"{'[green]All good' if good else '[red]Not good'}[/]: {total} returns in {seconds:.0f} s; control totals {'tie' if score['ties'] else 'do NOT tie'}.",
        highlight=False,
    )
    return good


def _colour(verdict: str, count: int) -> str:
    if verdict in BAD:
        return "bold red" if count else "green"
    if verdict == "wrongly_to_person":
        return "yellow" if count else "green"
    return "bold green"


def show_files(console: Console, desk: Desk) -> None:
    """Where the results lie."""
    out = desk.config.workspace / "out"
    places = [
        ("Exceptions workbook", out / "exceptions.xlsx"),
        ("Reconciliation workbook", out / "reconciliation.xlsx"),
        ("Insights workbook", out / "insights.xlsx"),
        ("HTML report", out / "insights.html"),
        ("Vouchers", out / "vouchers"),
        ("Evidence", desk.evidence.root),
        ("Case store", desk.config.workspace / "cases.db"),
    ]
    table = Table(title="Where to look", title_justify="left", show_header=False, box=None)
    for caption, place in places:
        if place.exists():
            table.add_row(caption, f"[link=file://{place}]{place}[/link]")
    console.print(table)

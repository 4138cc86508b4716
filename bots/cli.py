"""The command line: one command a bot, and the commands that operators need. Heavy modules are imported where they are used."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bots.operations.exit_codes import INTERRUPTED, USAGE

if TYPE_CHECKING:
    from bots.cases.settings import Config


app = typer.Typer(
    help="Unattended bots that work cross-border returns, from the customer's mail to the reconciled books.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode="rich",
)
secrets_app = typer.Typer(help="Passwords and TOTP seeds in the keyring.", no_args_is_help=True)
app.add_typer(secrets_app, name="secrets")
audit_app = typer.Typer(help="Whether the event log is whole, and one case with its proof.", no_args_is_help=True)
app.add_typer(audit_app, name="audit", rich_help_panel="Looking and steering")
portal_app = typer.Typer(help="A program that is new to the bots: start its portal, record its locators, check what it can do.", no_args_is_help=True)
app.add_typer(portal_app, name="portal", rich_help_panel="Setting up")

State: dict[str, Any] = {"config": None, "profile": None}

Headed = Annotated[bool, typer.Option("--headed", help="Show the browser.")]
CaseOption = Annotated[str | None, typer.Option("--case", help="Only this RMA or order number.")]
Limit = Annotated[int | None, typer.Option("--limit", min=1, help="At most this many items.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Fill forms, photograph them, commit nothing.")]
Samples = Annotated[list[str] | None, typer.Option("--sample", help="Number of something that exists there, such as order_no=DE-1; may be given again.")]
BOT_PANEL, PEOPLE_PANEL, SETUP_PANEL = "Bots", "Looking and steering", "Setting up"


@app.callback()
def main(
    config: Annotated[Path | None, typer.Option("--config", help="Folder of settings (default: config/).")] = None,
    profile: Annotated[str | None, typer.Option("--profile", help="Profile of settings: practice, own.")] = None,
) -> None:
    """Unattended bots that work cross-border returns, from the customer's mail to the reconciled books."""
    State.update(config=config, profile=profile)


def settings() -> Config:
    """The settings in force; a wrong one ends the program with exit code 2."""
    from bots.cases.errors import ConfigProblem
    from bots.cases.settings import Config

    try:
        return Config(State["config"], State["profile"])
    except ConfigProblem as problem:
        stop(str(problem), USAGE)
        raise


def stop(text: str, code: int) -> None:
    from rich.console import Console

    Console(stderr=True).print(f"[red]{text}[/red]" if code else text, highlight=False)
    raise typer.Exit(code)


def _bot_command(name: str, title: str) -> None:
    def command(case: CaseOption = None, limit: Limit = None, dry_run: DryRun = False, headed: Headed = False) -> None:
        from bots.operations.commands import run_one

        raise typer.Exit(run_one(settings(), name, only=case, limit=limit, dry_run=dry_run, headed=headed))

    app.command(name, help=title, rich_help_panel=BOT_PANEL)(command)


for _name, _title in {
    "intake": "Read mail and export files, open cases.",
    "review": "Check order, policy and law; register returns.",
    "replies": "Answer customers in their language.",
    "tracking": "Follow return parcels on the carriers' portals.",
    "customs": "Compare return declarations with export papers.",
    "receiving": "Match warehouse receipts, order quality checks.",
    "inspection": "Read inspection notes, book dispositions.",
    "refunds": "Propose, submit once, read back.",
    "bookkeeping": "Credit notes, vouchers, journals.",
    "reconciliation": "Four-way match of order, receipt, refund, ledger.",
    "exceptions": "Workbook for staff, and their answers.",
    "insights": "Return rates, causes, cycle times, minutes saved.",
}.items():
    _bot_command(_name, _title)


@app.command(rich_help_panel=BOT_PANEL)
def watch(
    case: CaseOption = None,
    limit: Limit = None,
    dry_run: DryRun = False,
    headed: Headed = False,
    accept: Annotated[bool, typer.Option("--accept", help="You have compared the pages: what they are today becomes their baseline.")] = False,
) -> None:
    """Check that every locator still resolves, and compare each page with its baseline."""
    from bots.operations.commands import run_one

    raise typer.Exit(run_one(settings(), "watch", only=case, limit=limit, dry_run=dry_run, headed=headed, accept=accept))


@app.command(rich_help_panel=BOT_PANEL)
def all(headed: Headed = False, dry_run: DryRun = False) -> None:
    """All bots once, in order. On the practice profile: go on until the practice world is at its end."""
    from bots.operations.commands import run_all

    raise typer.Exit(run_all(settings(), headed=headed, dry_run=dry_run))


@app.command(rich_help_panel=BOT_PANEL)
def schedule(once: Annotated[bool, typer.Option("--once", help="Run what is due now and stop.")] = False) -> None:
    """Run the bots by config/schedule.yaml until stopped."""
    from bots.operations.commands import run_schedule

    raise typer.Exit(run_schedule(settings(), once=once))


@app.command(rich_help_panel=SETUP_PANEL)
def demo(
    cases: Annotated[int | None, typer.Option("--cases", min=1, help="Returns in the practice world; 60, or 12 with --on.")] = None,
    seed: Annotated[int, typer.Option("--seed", help="Same seed, same world.")] = 1,
    on: Annotated[str, typer.Option("--on", help="Work on a program of another maker in the place of a practice one; the profile names those there are.")] = "",
    headed: Headed = False,
    keep: Annotated[bool, typer.Option("--keep", help="Leave the practice back office running at the end.")] = False,
) -> None:
    """Work a whole practice world, from the first mail to the reconciled books, and show the score."""
    from bots.operations.commands import run_demo

    raise typer.Exit(run_demo(cases=cases, seed=seed, headed=headed, keep=keep, on=[name for name in on.split(",") if name]))


@app.command(rich_help_panel=SETUP_PANEL, context_settings={"allow_extra_args": True, "ignore_unknown_options": True})
def test(context: typer.Context) -> None:
    """Set up and run the tests; further arguments go to pytest."""
    from bots.operations.testing import run_tests

    raise typer.Exit(run_tests(context.args))


@app.command(rich_help_panel=SETUP_PANEL, context_settings={"allow_extra_args": True, "ignore_unknown_options": True})
def bench(context: typer.Context) -> None:
    """Measure the bots' work against plain baselines; arguments: --json, names of what to measure."""
    from bots.operations.testing import run_bench

    raise typer.Exit(run_bench(context.args))


@app.command(rich_help_panel=SETUP_PANEL)
def drill(
    crashes: Annotated[int, typer.Option("--crashes", min=0, help="How often a bot process is killed.")] = 200,
    faults: Annotated[str, typer.Option("--faults", help="all: the back office also tells every lie it knows; none: it is honest.")] = "none",
    seed: Annotated[int, typer.Option("--seed", help="Seed of the worlds and of the kills.")] = 1,
    cases: Annotated[int, typer.Option("--cases", min=1, help="Returns in each practice world.")] = 60,
    worlds: Annotated[int, typer.Option("--worlds", min=1, help="Practice worlds at most.")] = 30,
    suites: Annotated[int, typer.Option("--suites", min=1, max=4, help="Complete suites that work at once on the same store and back office.")] = 1,
    store: Annotated[
        str | None, typer.Option("--store", help="postgresql: a server of its own for each world; or the URL of an empty database; default SQLite.")
    ] = None,
    resume: Annotated[Path | None, typer.Option("--resume", help="Keep the count in this file, world by world; where it exists, go on from it.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the scorecard as JSON.")] = False,
) -> None:
    """Kill the bots and let the back office lie, then see whether any refund was lost, doubled or wrong."""
    from bots.operations.commands import run_drill

    if faults not in ("all", "none"):
        raise typer.BadParameter("give all or none", param_hint="--faults")
    asked = {"crashes": crashes, "seed": seed, "cases": cases, "worlds": worlds, "suites": suites}
    raise typer.Exit(run_drill(**asked, faults=faults == "all", store=store, resume=resume, as_json=as_json))


@app.command(rich_help_panel=SETUP_PANEL)
def evaluate(
    mails: Annotated[Path | None, typer.Option("--mails", help="Labelled mails, one JSON object a line.")] = None,
    notes: Annotated[Path | None, typer.Option("--notes", help="Labelled inspection notes, one JSON object a line.")] = None,
    by: Annotated[str, typer.Option("--by", help="Groups to split the figures by, such as lang,difficulty.")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="Print the figures as JSON.")] = False,
) -> None:
    """Measure how well mail and inspection notes are understood."""
    from bots.operations.commands import run_evaluate

    raise typer.Exit(run_evaluate(settings(), mails, notes, tuple(part.strip() for part in by.split(",") if part.strip()), as_json=as_json))


@app.command(rich_help_panel=SETUP_PANEL)
def setup() -> None:
    """Find and install the system packages that the bots need."""
    from bots.operations.commands import run_setup

    raise typer.Exit(run_setup())


@app.command(rich_help_panel=SETUP_PANEL)
def doctor() -> None:
    """Check this machine, the settings and every program, and say what to do."""
    from bots.operations.commands import run_doctor

    raise typer.Exit(run_doctor(settings()))


@app.command(rich_help_panel=PEOPLE_PANEL)
def status() -> None:
    """What the bots did last, what waits, what is frozen."""
    from bots.operations.reports import show_status

    raise typer.Exit(show_status(settings()))


@app.command(rich_help_panel=PEOPLE_PANEL)
def case(number: Annotated[str, typer.Argument(help="RMA or order number.")]) -> None:
    """One case: where it stands, its timeline, its evidence."""
    from bots.operations.reports import show_case

    raise typer.Exit(show_case(settings(), number))


@app.command(rich_help_panel=PEOPLE_PANEL)
def retry(
    number: Annotated[str, typer.Argument(help="RMA or order number.")], by: Annotated[str, typer.Option("--by", help="Who decides.")] = "operator"
) -> None:
    """Let the bots try a case again whose program or screen failed."""
    from bots.operations.reports import retry_case

    raise typer.Exit(retry_case(settings(), number, by))


@app.command(rich_help_panel=PEOPLE_PANEL)
def take(
    number: Annotated[str, typer.Argument(help="RMA or order number.")],
    by: Annotated[str, typer.Option("--by", help="Who answers the customer.")] = "operator",
    back: Annotated[bool, typer.Option("--back", help="Give the thread back to the bots.")] = False,
) -> None:
    """Answer a case's customer yourself; the bots go on with goods and money and send nothing."""
    from bots.operations.reports import take_case

    raise typer.Exit(take_case(settings(), number, by, back=back))


@app.command(rich_help_panel=PEOPLE_PANEL)
def pause(bot: Annotated[str, typer.Argument(help="Name of the bot, or `all`.")]) -> None:
    """Keep a bot from running."""
    from bots.operations.reports import switch_bot

    raise typer.Exit(switch_bot(settings(), bot, paused=True))


@app.command(rich_help_panel=PEOPLE_PANEL)
def resume(bot: Annotated[str, typer.Argument(help="Name of the bot, or `all`.")]) -> None:
    """Let a paused bot run again."""
    from bots.operations.reports import switch_bot

    raise typer.Exit(switch_bot(settings(), bot, paused=False))


@audit_app.command("verify")
def audit_verify(
    anchors: Annotated[Path | None, typer.Option("--anchors", help="A copy of the anchor file that was kept elsewhere.")] = None,
    files: Annotated[bool, typer.Option("--files", help="Compare evidence and vouchers with their recorded hashes too.")] = False,
) -> None:
    """Find any changed, removed or reordered event, and a log whose end was cut off."""
    from bots.operations.commands import run_audit_verify

    raise typer.Exit(run_audit_verify(settings(), anchors=anchors, files=files))


@audit_app.command("export")
def audit_export(
    number: Annotated[str, typer.Argument(help="RMA or order number.")],
    to: Annotated[Path | None, typer.Option("--to", help="The zip to write (default: out/audit/RMA.zip in the workspace).")] = None,
) -> None:
    """One case as a zip: timeline, mails, pictures, pages, journals, vouchers, hashes and the proof of the chain."""
    from bots.operations.commands import run_audit_export

    raise typer.Exit(run_audit_export(settings(), number, to))


@portal_app.command("new")
def portal_new(
    name: Annotated[str, typer.Argument(help="Name of the program: small letters, digits and _.")],
    role: Annotated[str, typer.Option("--role", help="payments, erp, wms or carrier.")],
    url: Annotated[str, typer.Option("--url", help="Where the program is.")],
    account: Annotated[str, typer.Option("--account", help="Who logs in, and the name of the secret (default: bot.NAME).")] = "",
    totp: Annotated[bool, typer.Option("--totp", help="It asks for a one-time code.")] = False,
    serves: Annotated[list[str] | None, typer.Option("--serves", help="A payment method, or a carrier's name in the ERP; may be given again.")] = None,
    style: Annotated[str, typer.Option("--style", help="How it writes numbers and dates: en, de or zh.")] = "en",
    write: Annotated[bool, typer.Option("--write", help="Put its row into the profile too.")] = False,
) -> None:
    """Start the portal of a new program: locator book, class, tests, row of settings."""
    from bots.operations.commands import run_portal_new

    if style not in ("en", "de", "zh"):
        raise typer.BadParameter("give en, de or zh", param_hint="--style")
    values = {"name": name, "role": role, "url": url, "account": account or f"bot.{name}", "totp": totp, "serves": tuple(serves or ()), "style": style}
    raise typer.Exit(run_portal_new(settings(), values, write=write))


@portal_app.command("record")
def portal_record(
    name: Annotated[str, typer.Argument(help="Name of the program.")],
    page: Annotated[str, typer.Option("--page", help="Page file that is written: login, payment, ...")],
    path: Annotated[str | None, typer.Option("--path", help="Its address below the program's url, such as /payments/{order_no}.")] = None,
    sample: Samples = None,
) -> None:
    """Point at elements of a page in the browser; their locators are written into the page file."""
    from bots.operations.commands import run_portal_record

    raise typer.Exit(run_portal_record(settings(), name, page, sample or [], path=path, ask=_ask))


@portal_app.command("check")
def portal_check(
    name: Annotated[str, typer.Argument(help="Name of the program.")],
    sample: Samples = None,
    write: Annotated[bool, typer.Option("--write", help="Fill forms too, up to the click that counts.")] = False,
    commit: Annotated[bool, typer.Option("--commit", help="With --write: make that click, once, for real.")] = False,
    headed: Headed = False,
) -> None:
    """Try every verb of a program against its contract and show what works."""
    from bots.operations.commands import run_portal_check

    raise typer.Exit(run_portal_check(settings(), name, sample or [], write=write, commit=commit, headed=headed))


def _ask(question: str, default: str = "") -> str:
    """A question at the terminal; Enter takes the default."""
    return str(typer.prompt(question, default=default, show_default=bool(default)))


@secrets_app.command("set")
def secrets_set(account: str) -> None:
    """Keep a password or TOTP seed; it is asked for, or read from standard input."""
    from bots.operations.commands import set_secret

    raise typer.Exit(set_secret(settings(), account))


@secrets_app.command("list")
def secrets_list() -> None:
    """Names of the accounts that have a secret."""
    from bots.operations.commands import list_secrets

    raise typer.Exit(list_secrets(settings()))


@secrets_app.command("test")
def secrets_test() -> None:
    """Check that the keyring keeps and gives back."""
    from bots.operations.commands import test_secrets

    raise typer.Exit(test_secrets(settings()))


def run() -> None:
    """Entry of run_bot.py: turns what went wrong into a sentence and an exit code."""
    from bots.cases.errors import ConfigProblem

    try:
        app()
    except ConfigProblem as problem:
        from rich.console import Console

        Console(stderr=True).print(f"[red]{problem}[/red]", highlight=False)
        sys.exit(USAGE)
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)


if __name__ == "__main__":
    run()

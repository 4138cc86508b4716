"""The commands of a new program: start its portal, record its locators by pointing, check what it can do."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import urlsplit

import yaml
from loguru import logger
from pydantic import ValidationError
from rich.console import Console
from rich.table import Table
from rich.text import Text

from bots.automation.locators import Element, Page, Risk, Way, load_book
from bots.cases.errors import ConfigProblem, GuardrailStop
from bots.cases.money import Money
from bots.cases.settings import Config, PortalSettings
from bots.operations.exit_codes import FAILED, OK
from bots.operations.onboarding import NewPortal, replace, start_portal
from bots.portals.contract import role_of, run_checks
from bots.portals.contract_bench import Bench, Outcome

if TYPE_CHECKING:
    from bots.automation.recording import Pointer, Recorder, Taken
    from bots.portals.desk import Desk

console = Console()
ELEMENT = re.compile(r"[a-z][a-z0-9_]*")
MOST_WAYS = 3
"""Ways kept of an element: what is found only by a fourth has changed too much to be trusted."""
COLOURS = {"works": "green", "broken": "red", "missing": "yellow", "skipped": "dim"}


class Ask(Protocol):
    """Puts a question to the person at the terminal; Enter takes the default."""

    def __call__(self, question: str, default: str = "") -> str: ...


def programs(config: Config) -> dict[str, PortalSettings]:
    """Every web program of the profile by its name there."""
    suite = config.suite
    return {"erp": suite.erp, "wms": suite.wms, **suite.carriers, **suite.payments}


def program_called(config: Config, name: str) -> str:
    """The profile's name of the program that is called so, or whose locator book is."""
    known = programs(config)
    found = [key for key, settings in known.items() if name in (key, settings.book)]
    if not found:
        raise ConfigProblem(f"{config.profile_file}: no program is called {name!r} or uses the locators of that name; put the row in that `portal new` printed")
    return name if name in found else found[0]


def read_samples(given: Sequence[str]) -> dict[str, str]:
    """`order_no=DE-1` and the like as a dictionary."""
    found = {}
    for one in given:
        name, equals, value = one.partition("=")
        if not equals or ELEMENT.fullmatch(name) is None or not value:
            raise ConfigProblem(f"--sample {one}: must be name=value, such as order_no=DE-2026-104233")
        found[name] = value
    return found


# -- new -------------------------------------------------------------------------------------------------------------------
def run_new(config: Config, portal: NewPortal, *, write: bool, say: Console = console) -> int:
    """Write the files, print the row, say what comes next."""
    files, row = start_portal(config, portal, write_row=write)
    for file in files:
        say.print(f"wrote {file.relative_to(config.home) if file.is_relative_to(config.home) else file}", highlight=False, markup=False, soft_wrap=True)
    say.print("" if write else f"\nPut this row into the profile, below `{'carriers' if portal.role == 'carrier' else portal.role}:`\n", highlight=False)
    say.print(row, highlight=False, markup=False, soft_wrap=True)
    profile = f"run_bot.py --profile {config.profile}"
    for step in (f"secrets set {portal.account}", f"portal record {portal.name} --page login", f"portal check {portal.name}"):
        say.print(f"next: {profile} {step}", highlight=False, markup=False, soft_wrap=True)
    return OK


# -- record ----------------------------------------------------------------------------------------------------------------
def run_record(config: Config, name: str, page: str, samples: Mapping[str, str], *, path: str | None, headed: bool, ask: Ask, say: Console = console) -> int:
    """Open the page, let a person point at elements, write them into the page file."""
    from bots.operations.commands import _back_office
    from bots.operations.office import open_desk, start_log

    if ELEMENT.fullmatch(page) is None or page == "book":
        raise ConfigProblem(f"--page {page}: a page's name is small letters, digits and _ (and not `book`)")
    program_called(config, name)
    start_log(config, quiet=True)
    with _back_office(config), open_desk(config, headed=headed) as desk:
        count = record_page(desk, name, page, samples, path=path, ask=ask, say=say)
    say.print(f"{count} elements recorded", highlight=False)
    return OK


def record_page(
    desk: Desk, name: str, page: str, samples: Mapping[str, str], *, path: str | None = None, ask: Ask, say: Console, pointer: Pointer | None = None
) -> int:
    """Record elements of one page until the person is done; how many were written. Each is written at once: nothing is lost if the browser dies."""
    from bots.automation.recording import Recorder, generalise, set_path

    portal: Any = desk.program(program_called(desk.config, name))
    file: Path = portal.book.folder / f"{page}.yaml"
    text = file.read_text(encoding="utf-8") if file.exists() else "elements: {}\n"
    if path is not None:
        text = set_path(text, path)
        _write_page(file, text)
    where = Page.model_validate(yaml.safe_load(text))
    portal.screen.book = portal.book.model_copy(
        update={"pages": {**portal.book.pages, page: where.model_copy(update={"ready": None, "path": where.path or "/"})}}
    )
    if page == "login":
        portal.screen.open_login()
    else:
        try:
            portal.screen.open(page, **samples)
        except KeyError as missing:
            raise ConfigProblem(f"{file}: the address {where.path} needs --sample {missing.args[0]}=...") from None
    recorder = Recorder(portal.screen.page, samples, pointer)
    count = 0
    while (taken := recorder.next()) is not None:
        if where.path is None and page != "login":
            place = urlsplit(recorder.page.url)
            shown = generalise(place.path + (f"?{place.query}" if place.query else ""), samples)
            text = set_path(text, ask("address of this page ({name} stands for what the verb fills in)", shown))
        elements = _elements(recorder, taken, where.elements, ask, say)
        for title, element in elements.items():
            text = _with_element(file, text, title, element)
            count += 1
            say.print(f"  {title}: {element.ways[0].describe()}", highlight=False, markup=False)
        where = Page.model_validate(yaml.safe_load(text))
    load_book.cache_clear()
    return count


def _with_element(file: Path, text: str, name: str, element: Element) -> str:
    from bots.automation.recording import set_element

    try:
        changed = set_element(text, name, element)
        _write_page(file, changed)
    except (ValueError, ValidationError, yaml.YAMLError) as error:
        raise ConfigProblem(f"{file}: {name!r} cannot be written into it: {error}") from None
    return changed


def _write_page(file: Path, text: str) -> None:
    Page.model_validate(yaml.safe_load(text))
    replace(file, text)


def _elements(recorder: Recorder, taken: Taken, known: Mapping[str, Element], ask: Ask, say: Console) -> dict[str, Element]:
    """The element that was taken, after the person's answers; for a commit its region before it. Empty when the person passes it over."""
    facts = taken.facts
    say.print(f"\n{facts.role or facts.tag} {facts.name[:60]!r}", highlight=False, markup=False)
    if not taken.ways:
        say.print("  nothing finds this element alone: give it a name or an id in the program, or take what stands around it", highlight=False)
        return {}
    name = _name(ask, f"name of the element ({', '.join(known) or 'none yet'}; empty: leave it out)")
    if not name:
        return {}
    risk = Risk(_one_of(ask, "risk: read, write or commit", ("read", "write", "commit"), "read" if facts.kind or not _can_be_used(taken) else "write"))
    captions: dict[str, Any] = {facts.kind: _captions(facts.captions, ask)} if facts.kind and risk is Risk.READ else {}
    region: dict[str, Element] = {}
    within = None
    if risk is Risk.COMMIT:
        within, inside, region = _region(recorder, known, ask, say)
        if within is None or inside is None:
            say.print("  a commit needs a dialog or form around it that shows what is confirmed: not recorded", highlight=False)
            return {}
        taken = inside
    ways = _choose(taken.ways, ask, say)
    return {**region, name: Element(risk=risk, ways=ways, within=within, optional=facts.fleeting, **captions)}


def _region(recorder: Recorder, known: Mapping[str, Element], ask: Ask, say: Console) -> tuple[str | None, Taken | None, dict[str, Element]]:
    """What a commit stands in: an element recorded before, else the nearest dialog or form, recorded with it; and the commit's ways inside it."""
    for name, element in known.items():
        if element.within is None and element.frame is None and element.risk is Risk.READ:
            inside = recorder.inside(element)
            if inside is not None and inside.ways:
                return name, inside, {}
    for region in recorder.regions():
        facts = region.facts
        element = Element(ways=region.ways[:MOST_WAYS], optional=facts.fleeting)
        inside = recorder.inside(element)
        if inside is not None and inside.ways:
            say.print(f"  it stands in: {facts.role or facts.tag} {facts.name[:60]!r}", highlight=False, markup=False)
            name = _name(ask, "name of that region", "confirm_dialog")
            return (name, inside, {name: element}) if name and name not in known else (None, None, {})
    return None, None, {}


def _choose(ways: Sequence[Way], ask: Ask, say: Console) -> tuple[Way, ...]:
    """The ways to keep, best first; the person may put another one first."""
    for number, way in enumerate(ways, 1):
        say.print(f"  {number}. {way.describe()}", highlight=False, markup=False)
    first = int(_one_of(ask, "which first", [str(number) for number in range(1, len(ways) + 1)], "1")) - 1
    return (ways[first], *(way for way in ways if way is not ways[first]))[:MOST_WAYS]


def _captions(captions: Sequence[str], ask: Ask) -> dict[str, str]:
    """Our name -> caption, for those that the person names."""
    found = {}
    for caption in dict.fromkeys(caption for caption in captions if caption):
        if name := _name(ask, f"our name for {caption!r} (- leaves it out)", re.sub(r"[^a-z0-9]+", "_", caption.lower()).strip("_0123456789")):
            found[name] = caption
    return found


def _name(ask: Ask, question: str, default: str = "") -> str:
    while True:
        answer = ask(question, default).strip()
        if answer in ("", "-"):
            return ""
        if ELEMENT.fullmatch(answer):
            return answer
        question, default = f"{answer!r} is no name; small letters, digits and _", ""


def _one_of(ask: Ask, question: str, allowed: Sequence[str], default: str) -> str:
    while (answer := ask(question, default).strip()) not in allowed:
        question = f"one of {', '.join(allowed)}"
    return answer


def _can_be_used(taken: Taken) -> bool:
    return taken.facts.tag in ("button", "a", "input", "select", "textarea", "summary") or taken.facts.role in ("button", "link", "tab", "menuitem", "checkbox")


# -- check -----------------------------------------------------------------------------------------------------------------
def run_check(config: Config, name: str, samples: Mapping[str, str], *, write: bool, commit: bool, headed: bool, say: Console = console) -> int:
    """Check a program against its role's contract and show what works. 0: nothing is broken or missing; 1: something is."""
    from bots.operations.office import start_log

    if commit and not write:
        raise ConfigProblem("--commit goes with --write: it lets the writing checks click, for real")
    start_log(config, quiet=True)
    outcomes = check_portal(config, name, samples, write=write, commit=commit, headed=headed)
    say.print(_as_table(name, outcomes))
    counts = {verdict: sum(one.verdict == verdict for one in outcomes) for verdict in COLOURS}
    say.print(", ".join(f"{count} {verdict}" for verdict, count in counts.items() if count), highlight=False)
    if write:
        say.print(f"pictures of the confirm steps: {_pictures(config, name)}", highlight=False, markup=False, soft_wrap=True)
    return FAILED if counts["broken"] or counts["missing"] else OK


def check_portal(
    config: Config, name: str, samples: Mapping[str, str], *, write: bool = False, commit: bool = False, headed: bool = False
) -> tuple[Outcome, ...]:
    """Run the contract of a program's role. Reading checks take what samples are not given from the newest cases; writing checks only what is given."""
    from bots.operations.commands import _back_office
    from bots.operations.office import open_desk
    from bots.watch import samples as known_samples

    program = program_called(config, name)
    with _back_office(config), open_desk(config, headed=headed) as desk, tempfile.TemporaryDirectory() as folder:
        portal = desk.program(program)
        known = {key: value for key, value in known_samples(desk, program).items() if key in ("order_no", "rma", "receipt_no", "task_no", "tracking_no")}
        bench = Bench(portal, samples, Path(folder), desk.now.date(), known, commit, _guard(desk))
        outcomes = tuple(run_checks(role_of(type(portal)), bench, write=write))
        for title, picture in bench.pictures.items():
            target = _pictures(config, name) / f"{title}.jpg"
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(picture)
    for one in outcomes:
        logger.info("portal check {} {} ({}): {} {}", name, one.check.verb, one.check.kind, one.verdict, one.words)
    return outcomes


def _guard(desk: Desk) -> Callable[[Money | None], None]:
    """The guardrails that hold for a refund of a bot hold for a check's too: stop file, hours, maintenance, cap of one item."""
    from bots.decisions import guardrails

    def guard(amount: Money | None) -> None:
        settings = desk.config.suite.guardrails
        stop_file = (desk.config.workspace / settings.stop_file).exists()
        stop = guardrails.check(amount, guardrails.Totals(), settings, stop_file=stop_file, now=desk.now, approvers=frozenset(), mode="auto")
        if stop is not None:
            raise GuardrailStop(f"the click was not made: {stop.why} ({stop.rule})")

    return guard


def _pictures(config: Config, name: str) -> Path:
    return config.workspace / "out" / "portal-check" / name


def _as_table(name: str, outcomes: Sequence[Outcome]) -> Table:
    table = Table(title=f"What the portal of {name} does", title_justify="left")
    for caption in ("Verb", "Result", "What it must keep", "What was seen"):
        table.add_column(caption)
    for one in outcomes:
        # Texts of a program are no markup.
        table.add_row(Text(one.check.verb), Text(one.verdict, style=COLOURS[one.verdict]), Text(one.check.says), Text(one.words))
    return table

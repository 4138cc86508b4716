"""The documents say what the code does: every command, setting, code, package and bot is written down, and every link leads somewhere.

`python -m tests.test_docs` writes runbooks/states.md anew from the table of transitions.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from importlib import import_module
from pathlib import Path
from types import UnionType
from typing import Any, Union, get_args, get_origin

import pytest
import yaml
from pydantic import BaseModel

from bots.automation.locators import BookHead, Element, Interruption, Page, Risk, Step, Way
from bots.cases import states
from bots.cases.settings import Config, PortalSettings, SuiteSettings
from bots.decisions.understanding.labels import Intent
from bots.operations import exit_codes
from bots.operations.doctor import pinned
from bots.operations.round import BOTS

ROOT = Path(__file__).resolve().parents[1]
RUNBOOKS = ROOT / "runbooks"
CONFIG = ROOT / "config"
# Made by a real run of the demo and shown by README.md.
PICTURES = tuple(f"docs/pictures/{name}" for name in ("demo.svg", "exceptions.png", "reconciliation.png", "insights.png", "report.png", "voucher.png"))
PROFILES = ("practice", "own")
# Codes that are put together from a part that varies: (as written in the source, the parts).
VARYING = {
    "mail_{}": tuple(intent.value for intent in Intent),
    "parcel_{}": ("ask_carrier", "look_for_it", "returned_to_sender"),
}
CODE = re.compile(r"[a-z][a-z0-9]+(_[a-z0-9]+)*")
# Put together from pieces, so that this file does not contain what it forbids.
NOT_FOR_READERS = re.compile(
    "|".join(("/" + "work" + "/", "/tmp/" + "plan", r"\.\./" + "shared", r"\bthe le" + r"ad\b", "helper" + " agent", "TO" + "DO", "cla" + "ude")), re.IGNORECASE
)


# -- reading the documents -------------------------------------------------------------------------------------------------
def read(name: str) -> str:
    """The text of a document, by its path in the project."""
    return (ROOT / name).read_text(encoding="utf-8")


def documents() -> list[Path]:
    """Every document of the project."""
    return sorted(
        [*ROOT.glob("*.md"), *RUNBOOKS.glob("*.md"), *(ROOT / "logs").glob("*.md"), *(ROOT / "tests/samples").rglob("*.md"), *(ROOT / "docs").rglob("*.md")]
    )


def sections(text: str) -> dict[str, str]:
    """Heading -> text below it, for headings of the second level."""
    parts = re.split(r"^## +(.+)$", text, flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def first_cells(text: str) -> list[str]:
    """The first cell of every table row, without the marks of code and links."""
    return [re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", row).replace("`", "").strip() for row in re.findall(r"^\| *(.+?) *\|", text, flags=re.MULTILINE)]


# -- commands --------------------------------------------------------------------------------------------------------------
def commands() -> dict[str, list[str]]:
    """Command -> its options, as the command line has them."""
    from typer.main import get_command

    from bots.cli import app

    found: dict[str, list[str]] = {}

    def walk(prefix: str, command: Any) -> None:
        options = [option for parameter in command.params for option in parameter.opts if option.startswith("--")]
        found[prefix] = options
        for name, below in getattr(command, "commands", {}).items():
            walk(f"{prefix} {name}".strip(), below)

    walk("", get_command(app))
    return found


def described(text: str) -> set[str]:
    """The commands in a chapter's tables; their arguments, in capitals, are left off."""
    return {re.sub(r" [A-Z]+$", "", cell) for cell in first_cells(text)}


def test_every_command_and_option_is_described() -> None:
    chapters = sections(read("runbooks/commands.md"))
    known = commands()
    assert {"demo", "test", "refunds", "secrets set"} <= set(known)
    missing = []
    for command, options in known.items():
        if command in ("secrets", "audit", "portal"):  # a group: its commands are described
            continue
        places = [text for heading, text in chapters.items() if (command in described(text) if command else heading == "Before any command")]
        if not places:
            missing.append(command)
            continue
        missing += [f"{command} {option}" for option in options if not any(f"`{option}" in text for text in places)]
    assert missing == []


def test_no_command_is_described_that_is_not_there() -> None:
    known = set(commands())
    for document in documents():
        for words in re.findall(r"run_bot\.py ((?:secrets |audit |portal )?[a-z]+)", document.read_text(encoding="utf-8")):
            assert words in known or words == "secrets", f"{document.name} speaks of `run_bot.py {words}`"


# -- settings --------------------------------------------------------------------------------------------------------------
@cache
def sources() -> dict[Path, ast.Module]:
    """Every module of the bots, parsed."""
    return {file: ast.parse(file.read_text(encoding="utf-8")) for file in sorted((ROOT / "bots").rglob("*.py"))}


def module_name(file: Path) -> str:
    return ".".join(file.relative_to(ROOT).with_suffix("").parts)


def home_of(name: str, file: Path, tree: ast.Module) -> str:
    """The module that defines a class which a file uses: itself, or where it imports the class from."""
    imports = (node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) and node.module)
    return next((str(node.module) for node in imports if any(alias.name == name for alias in node.names)), module_name(file))


def called(call: ast.Call) -> str:
    """The name of what a call calls."""
    return call.func.attr if isinstance(call.func, ast.Attribute) else call.func.id if isinstance(call.func, ast.Name) else ""


@cache
def loaded() -> dict[str, tuple[str, str]]:
    """Config file (without .yaml) -> module and name of the model it is checked by: every `load("name", Model)` in the source."""
    found = dict.fromkeys(PROFILES, ("bots.cases.settings", "SuiteSettings"))
    for file, tree in sources().items():
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and called(node) == "load" and len(node.args) == 2:
                name, model = node.args
                if isinstance(name, ast.Constant) and isinstance(name.value, str) and isinstance(model, ast.Name):
                    found[name.value] = (home_of(model.id, file, tree), model.id)
    return found


@cache
def config_models() -> dict[str, type[BaseModel]]:
    """Config file (without .yaml) -> its model: by what loads it, else by the model whose docstring names the file."""
    named = {
        match[1]: (module_name(file), node.name)
        for file, tree in sources().items()
        for node in tree.body
        if isinstance(node, ast.ClassDef) and (match := re.match(r"config/(\w+)\.yaml", ast.get_docstring(node) or ""))
    }
    return {file: getattr(import_module(module), model) for file, (module, model) in {**named, **loaded()}.items()}


def inner_models(annotation: Any) -> Iterator[tuple[str, type[BaseModel]]]:
    """Models inside a field's type, with `.*` for each dictionary or list around them."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield "", annotation
        return
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin in (Union, UnionType):
        for argument in arguments:
            yield from inner_models(argument)
    elif origin is dict:
        yield from ((f".*{rest}", model) for rest, model in inner_models(arguments[1]))
    elif origin in (tuple, list):
        yield from ((f".*{rest}", model) for rest, model in inner_models(arguments[0]))


def keys(model: type[BaseModel], prefix: str = "") -> Iterator[str]:
    """Every key of a model, dotted; the keys of a program are named `program.…` wherever they stand."""
    for name, field in model.model_fields.items():
        key = field.alias or name
        yield f"{prefix}{key}"
        for rest, inner in inner_models(field.annotation):
            if inner is PortalSettings:
                yield from keys(inner, "program.")
            else:
                yield from keys(inner, f"{prefix}{key}{rest}.")


def chapter_of(file: str) -> str:
    """The chapter of configuration.md that describes a config file."""
    return next(text for heading, text in sections(read("runbooks/configuration.md")).items() if f"{file}.yaml" in heading)


@pytest.mark.parametrize("name", sorted({file.stem for file in CONFIG.glob("*.yaml")} | {"own"}))
def test_every_key_of_a_config_file_is_described(name: str) -> None:
    told = first_cells(chapter_of(name))
    wanted = {*keys(config_models()[name]), *(yaml.safe_load((CONFIG / f"{name}.yaml").read_text(encoding="utf-8")) or {})}
    assert sorted(wanted - set(told)) == []


@pytest.mark.parametrize("name", sorted({file.stem for file in CONFIG.glob("*.yaml")} | {"own"}))
def test_no_key_is_described_that_is_not_there(name: str) -> None:
    model = config_models()[name]
    told = {cell for cell in first_cells(chapter_of(name)) if re.fullmatch(r"[a-z][a-z0-9_.*]*", cell)}
    assert sorted(told - set(keys(model))) == []


def test_every_config_file_is_read_and_every_file_that_is_read_is_there() -> None:
    assert sorted(loaded()) == sorted(file.stem for file in CONFIG.glob("*.yaml"))


def test_the_example_profile_is_whole() -> None:
    config = Config(CONFIG, "own")
    assert not config.suite.practice.enabled
    text = (CONFIG / "own.yaml").read_text(encoding="utf-8")
    assert "practice:" not in re.sub(r"^practice:|#.*$", "", text, flags=re.MULTILINE), "an address of the practice back office in the profile for real systems"
    assert [key for key in SuiteSettings.model_fields if not re.search(rf"^(# )?{key}:", text, flags=re.MULTILINE)] == []
    programs = [config.suite.erp, config.suite.wms, *config.suite.carriers.values(), *config.suite.payments.values()]
    assert all("example.com" in program.url for program in programs)


def test_the_locator_vocabulary_is_described() -> None:
    chapter = next(text for heading, text in sections(read("runbooks/configuration.md")).items() if heading.startswith("Locator books"))
    told = first_cells(chapter)
    assert [risk.value for risk in Risk if risk.value not in told] == []
    wanted = {name for model in (BookHead, Page, Element, Way, Step, Interruption) for name in model.model_fields}
    assert sorted(wanted - {cell.rpartition(".")[2] for cell in told}) == []


# -- codes -----------------------------------------------------------------------------------------------------------------
def code_positions() -> dict[str, int]:
    """Function name -> where its parameter `code` stands among the positional arguments of a call."""
    found: dict[str, int] = {}
    for tree in sources().values():
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef):
                names = [argument.arg for argument in node.args.args if argument.arg not in ("self", "cls")]
                if "code" in names:
                    found[node.name] = names.index("code")
    return found


def texts_in(value: ast.expr) -> Iterator[str]:
    """The text constants that an expression can come to; a varying text has `{}` where it varies."""
    if isinstance(value, ast.Constant) and isinstance(value.value, str):
        yield value.value
    elif isinstance(value, ast.JoinedStr):
        yield "".join(str(part.value) if isinstance(part, ast.Constant) else "{}" for part in value.values)
    elif isinstance(value, ast.IfExp):
        yield from (*texts_in(value.body), *texts_in(value.orelse))
    elif isinstance(value, ast.BoolOp):
        for part in value.values:
            yield from texts_in(part)


def codes_in(tree: ast.Module, positions: dict[str, int]) -> Iterator[str]:
    """Every error and exception code that a module gives."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            for keyword in node.keywords:
                if keyword.arg == "code":
                    yield from texts_in(keyword.value)
            name = called(node)
            if name in positions and len(node.args) > positions[name]:
                yield from texts_in(node.args[positions[name]])
        elif isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            if node.targets[0].id == "default_code":
                yield from texts_in(node.value)
            elif node.targets[0].id == "CODES" and isinstance(node.value, ast.Dict):
                for value in node.value.values:
                    yield from texts_in(value)
        elif isinstance(node, ast.Dict):
            for key, value in zip(node.keys, node.values, strict=True):
                if isinstance(key, ast.Constant) and key.value == "code":
                    yield from texts_in(value)


@cache
def all_codes() -> frozenset[str]:
    """Every code that the bots can give."""
    positions, found = code_positions(), set()
    for tree in sources().values():
        for code in codes_in(tree, positions):
            if "{}" in code:
                found |= {code.format(part) for part in VARYING[code]}
            elif CODE.fullmatch(code):
                found.add(code)
    return frozenset(found)


def test_every_code_is_explained() -> None:
    assert {"needs_check", "refund_declined", "mail_complaint", "unknown_order", "empty_box", "customs_held", "suppressed"} <= all_codes()
    assert sorted(all_codes() - set(first_cells(read("runbooks/errors.md")))) == []


def test_no_code_is_explained_that_no_bot_gives() -> None:
    explained = {cell for cell in first_cells(read("runbooks/errors.md")) if CODE.fullmatch(cell)}
    assert sorted(explained - all_codes()) == []


def test_codes_are_found_wherever_they_are_given() -> None:
    sample = ast.parse(
        "raise X('f', code='one_a' if y else 'one_b')\nopen_it(1, 'two_a')\nclass E:\n    default_code = 'three_a'\nz.copy(update={'code': 'four_a'})\nX(code=f'five_{y}')"
    )
    assert set(codes_in(sample, {"open_it": 1})) == {"one_a", "one_b", "two_a", "three_a", "four_a", "five_{}"}


def test_exit_codes_are_explained() -> None:
    numbers = {str(value) for name, value in vars(exit_codes).items() if name.isupper()}
    assert numbers == {cell for cell in first_cells(read("runbooks/exit-codes.md")) if cell.isdigit()}


# -- bots and packages -----------------------------------------------------------------------------------------------------
def minutes_by_hand(bot: str) -> float:
    """The class attribute `by_hand` of a bot, read from its source: importing every bot would take seconds."""
    tree = ast.parse((ROOT / "bots" / f"{bot}.py").read_text(encoding="utf-8"))
    return next(
        ast.literal_eval(node.value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name) and node.targets[0].id == "by_hand"
    )


@pytest.mark.parametrize("bot", BOTS)
def test_every_bot_has_a_page_and_a_row(bot: str) -> None:
    row = re.search(rf"^\| \[{bot}\]\(runbooks/{bot}\.md\) \|(.+)\|$", read("README.md"), flags=re.MULTILINE)
    assert row, f"README.md has no row for {bot}"
    cells = [cell.strip() for cell in row[1].split("|")]
    assert f"`run_bot.py {bot}`" in cells[-1]
    assert float(cells[-2]) == minutes_by_hand(bot)
    page = read(f"runbooks/{bot}.md")
    assert {"What it does", "What it reads and writes", "What can go wrong", "Run it alone", "Settings"} <= set(sections(page))


def test_codes_named_by_a_bots_page_are_real() -> None:
    for bot in BOTS:
        named = {cell for cell in first_cells(sections(read(f"runbooks/{bot}.md"))["What can go wrong"]) if "_" in cell}
        assert sorted(named - all_codes()) == [], bot


def test_every_package_has_its_reason() -> None:
    named = [name for name, _ in pinned(read("requirements.txt"))]
    told = first_cells(sections(read("README.md"))["Dependencies"])
    assert len(named) > 30
    assert sorted(set(named) ^ {cell for cell in told if cell not in ("Package", "---")}) == []


# -- links -----------------------------------------------------------------------------------------------------------------
def anchors(text: str) -> set[str]:
    """The anchors that a reader's browser makes of a document's headings."""
    headings = re.findall(r"^#+ +(.+)$", text, flags=re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-") for heading in headings}


def links(document: Path) -> Iterator[tuple[Path, str]]:
    """(file, anchor) of each relative link."""
    text = re.sub(r"```.*?```", "", document.read_text(encoding="utf-8"), flags=re.DOTALL)
    for target in re.findall(r"\]\(([^)\s]+)\)", text) + re.findall(r'(?:src|href)="([^"]+)"', text):
        if not re.match(r"[a-z]+:", target):
            path, _, anchor = target.partition("#")
            yield ((document.parent / path).resolve() if path else document), anchor


def test_links_lead_somewhere() -> None:
    broken = []
    for document in documents():
        for target, anchor in links(document):
            if target.relative_to(ROOT).as_posix() in PICTURES:
                continue
            if not target.exists() or (anchor and anchor not in anchors(target.read_text(encoding="utf-8"))):
                broken.append(f"{document.name}: {target.name}#{anchor}")
    assert broken == []


def test_the_pictures_are_there_and_shown() -> None:
    shown = {target.relative_to(ROOT).as_posix() for target, _ in links(ROOT / "README.md")}
    assert sorted(set(PICTURES) - shown) == []
    assert [name for name in PICTURES if not (ROOT / name).exists()] == []


def test_every_runbook_is_in_the_index() -> None:
    listed = {target for target, _ in links(RUNBOOKS / "README.md")}
    assert sorted(page.name for page in RUNBOOKS.glob("*.md") if page not in listed and page.name != "README.md") == []


def test_documents_are_for_their_readers() -> None:
    assert [f"{document.name}: {found[0]}" for document in documents() if (found := NOT_FOR_READERS.search(document.read_text(encoding="utf-8")))] == []


# -- states ----------------------------------------------------------------------------------------------------------------
def states_page() -> str:
    """runbooks/states.md, rendered from bots/cases/states.py."""
    lines = [
        "# States of a return",
        "",
        "Rendered from `bots/cases/states.py` by `python -m tests.test_docs`; a test holds the two equal. Do not edit by hand.",
        "",
        "A return is six small machines side by side. Each moves on its own, and only along the table below; any other move is refused and put before a person",
        "(`forbidden_move` in [errors.md](errors.md)). `run_bot.py case NUMBER` shows all six. The one word of a case is derived from them and never stored.",
    ]
    for machine in states.MACHINES:
        table = states.TRANSITIONS[machine]
        lines += ["", f"## {machine}", "", "| State | May move to |", "|---|---|"]
        lines += [f"| {state} | {', '.join(sorted(after)) or '(end)'} |" for state, after in table.items()]
        lines += ["", "```mermaid", "stateDiagram-v2", f"    [*] --> {next(iter(table))}"]
        lines += [f"    {state} --> {target}" for state, after in table.items() for target in sorted(after)]
        lines += [f"    {state} --> [*]" for state, after in table.items() if not after]
        lines += ["```"]
    lines += [
        "",
        "## The word for a case",
        "",
        "CLOSED when the case is closed; else the first row that fits; else NEW.",
        "",
        "| Word | Machine | In one of |",
        "|---|---|---|",
    ]
    lines += [f"| {rule.state} | {rule.machine} | {', '.join(sorted(rule.values))} |" for rule in states._DERIVED]
    lines += [
        "",
        "## When a case may close",
        "",
        "A case closes by itself when no question is open, no answer waits to be sent, and:",
        "",
        "- the request ended without a return (rejected, cancelled, answered, expired) and no refund is under way; or",
        "- the customer is refunded, has a replacement, or nothing is due; the books are posted or not due; the parcel is received, lost or not expected; the inspection",
        "  is done or waived; and customs do not hold the goods.",
    ]
    return "\n".join(lines) + "\n"


def test_the_page_of_states_is_the_table() -> None:
    assert read("runbooks/states.md") == states_page()


if __name__ == "__main__":
    (RUNBOOKS / "states.md").write_text(states_page(), encoding="utf-8")

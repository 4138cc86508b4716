"""Starts a portal for a program that the suite does not know yet: its locator book, its class, its tests and its row of settings."""

from __future__ import annotations

import ast
import inspect
import json
import keyword
import os
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import yaml
from pydantic import ValidationError

from bots.cases.errors import ConfigProblem
from bots.cases.settings import Config, SuiteSettings
from bots.portals import roles
from bots.portals.contract import CHECKS, ROLES, verbs_of

NAME = re.compile(r"[a-z][a-z0-9_]*")
BLOCKS = {"payments": "payments", "carrier": "carriers", "erp": "erp", "wms": "wms"}
"""Role -> the block of the profile that its programs stand in."""
PAGES: dict[str, dict[str, tuple[str, tuple[str, ...]]]] = {
    "payments": {
        "payment": ("/payments/{order_no}", ("find_payment", "submit_refund")),
        "refunds": ("/refunds?reference={reference}&from={start}&page={number}", ("find_refunds", "list_refunds")),
        "settlement": ("/settlement?from={start}&to={end}", ("export_settlement",)),
    },
    "erp": {
        "order": ("/orders/{order_no}", ("find_order", "create_return", "cancel_return")),
        "returns": ("/returns?rma={rma}&page={number}", ("find_returns",)),
        "credit_notes": ("/credit-notes?rma={rma}&page={number}", ("create_credit_note", "find_credit_notes")),
        "replacements": ("/replacements?rma={rma}&page={number}", ("create_replacement", "find_replacements")),
    },
    "wms": {
        "receipts": ("/receipts?page={number}", ("list_receipts",)),
        "receipt": ("/receipts/{receipt_no}", ("read_receipt", "create_qc_task")),
        "tasks": ("/tasks?rma={rma}&state={state}&page={number}", ("find_qc_tasks", "list_finished_qc_tasks")),
        "task": ("/tasks/{task_no}", ("read_qc_task", "book_disposition")),
        "transfers": ("/transfers?rma={rma}&page={number}", ("create_transfer", "find_transfers")),
    },
    "carrier": {
        "track": ("/track?numbers={numbers}", ("summaries",)),
        "parcel": ("/parcels/{tracking_no}", ("read_parcel", "download_events")),
    },
}
"""Role -> page file -> an address as an example, and the verbs that work on that page."""
LOGIN_ELEMENTS = {
    "user": "field for the account's name",
    "password": "field for the password",
    "sign_in": "button that sends them",
    "signed_in": "something that is only there after logging in, such as the button to log out",
    "error": "where a refusal is shown",
}
CODE_ELEMENTS = {"code": "field for the one-time code", "verify": "button that sends it"}


@dataclass(frozen=True)
class NewPortal:
    """What a person says about a program."""

    name: str
    role: str
    url: str
    account: str
    totp: bool = False
    serves: tuple[str, ...] = ()
    style: str = "en"

    @property
    def class_name(self) -> str:
        return "".join(part.title() for part in (*self.name.split("_"), self.role))


def start_portal(config: Config, portal: NewPortal, *, write_row: bool) -> tuple[list[Path], str]:
    """Write the portal's files (and its row, with `write_row`); gives the files and the row. Nothing is written if anything is wrong: ConfigProblem."""
    _check(config, portal)
    files = {config.home / place: text for place, text in contents(portal).items()}
    there = [file for file in (config.home / "locators" / portal.name, config.home / "bots/portals" / portal.name, *files) if file.exists()]
    there += [file for file in (config.home / "bots/portals" / f"{portal.name}.py",) if file.exists()]
    if there:
        raise ConfigProblem(f"{portal.name}: {there[0]} is there already; choose another name, or delete what is left of the old one")
    row = settings_row(portal)
    profile = with_row(config.profile_file.read_text(encoding="utf-8"), portal, config.profile_file) if write_row else None
    for file, text in files.items():
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    if profile is not None:
        replace(config.profile_file, profile)
        return [*files, config.profile_file], row
    return [*files], row


def replace(file: Path, text: str) -> None:
    """Write a file at once: a reader sees the old text or the new one, and so does whoever starts after a crash."""
    new = file.with_name(f".{file.name}.new")
    new.write_text(text, encoding="utf-8")
    os.replace(new, file)


def _check(config: Config, portal: NewPortal) -> None:
    if NAME.fullmatch(portal.name) is None or keyword.iskeyword(portal.name):
        raise ConfigProblem(f"{portal.name!r} cannot be a portal's name: small letters, digits and _, beginning with a letter (and no word of Python)")
    if portal.role not in ROLES:
        raise ConfigProblem(f"--role {portal.role}: must be one of {', '.join(ROLES)}; a desktop program is written by hand (CONTRIBUTING.md)")
    place = urlsplit(portal.url)
    if not (portal.url.startswith("practice:") or (place.scheme in ("http", "https") and place.hostname)):
        raise ConfigProblem(f"--url {portal.url}: must be the program's address, such as https://psp.example.com")
    if place.username or place.password:
        raise ConfigProblem("--url: leave name and password out; the password belongs into the keyring (run_bot.py secrets set)")
    suite = config.suite
    if portal.name in ("erp", "wms", *suite.carriers, *suite.payments, *suite.banks):
        raise ConfigProblem(f"{config.profile_file}: has a program called {portal.name!r} already; choose another name")


# -- settings --------------------------------------------------------------------------------------------------------------
def settings_row(portal: NewPortal) -> str:
    """The program's row of a profile, as it stands there."""
    values: dict[str, object] = {
        "product": portal.name,
        "portal": f"{portal.name}.{portal.role}.{portal.class_name}",
        "book": portal.name,
        "url": portal.url,
        "account": portal.account,
    }
    if portal.totp:
        values["totp"] = True
    if portal.role in ("payments", "carrier"):
        values["serves"] = list(portal.serves)
    inside = [f"{key}: {value if key in ('product', 'portal', 'book') else json.dumps(value, ensure_ascii=False)}" for key, value in values.items()]
    if BLOCKS[portal.role] == portal.role and portal.role != "payments":
        return "\n".join([f"{portal.role}:", *(f"  {line}" for line in inside)]) + "\n"
    return "\n".join([f"  {portal.name}:", *(f"    {line}" for line in inside)]) + "\n"


def with_row(text: str, portal: NewPortal, file: Path) -> str:
    """The profile's text with the program's row in it; other lines and comments stay. Raises ConfigProblem where a person must do it by hand.

    A profile has one ERP and one WMS: only a stand-in (a portal of the practice product) is replaced.
    """
    block = BLOCKS[portal.role]
    lines = text.rstrip("\n").split("\n")
    start = next((number for number, line in enumerate(lines) if re.match(rf"{block}:\s*(#.*)?$", line)), None)
    by_hand = f"write this row by hand:\n{settings_row(portal)}"
    if start is None:
        raise ConfigProblem(f"{file}: has no block `{block}:` that begins on a line of its own; {by_hand}")
    end = next((number for number in range(start + 1, len(lines)) if re.match(r"\S", lines[number])), len(lines))
    while end > start + 1 and not lines[end - 1].strip():
        end -= 1
    row = settings_row(portal).rstrip("\n").split("\n")
    if block in ("erp", "wms"):
        present = yaml.safe_load(text)[block]["portal"]
        if not present.startswith("practice."):
            raise ConfigProblem(f"{file}: `{block}` is {present} already; {by_hand}")
        lines[start:end] = row
    else:
        lines[end:end] = row
    changed = "\n".join(lines) + "\n"
    try:
        SuiteSettings.model_validate(yaml.safe_load(changed))
    except (yaml.YAMLError, ValidationError) as error:
        raise ConfigProblem(f"{file}: is laid out in a way that no row can be put in ({error}); {by_hand}") from None
    return changed


# -- files -----------------------------------------------------------------------------------------------------------------
def contents(portal: NewPortal) -> dict[str, str]:
    """Path below the project's folder -> text, of every file of a new portal."""
    locators, package = f"locators/{portal.name}", f"bots/portals/{portal.name}"
    pages = {f"{locators}/{page}.yaml": _page(page, address, verbs) for page, (address, verbs) in PAGES[portal.role].items()}
    return {
        f"{locators}/book.yaml": _head(portal),
        f"{locators}/login.yaml": _login(portal),
        **pages,
        f"{package}/__init__.py": f'"""Portals of {portal.name}."""\n',
        f"{package}/{portal.role}.py": _class(portal),
        f"tests/test_portal_{portal.name}.py": _tests(portal),
    }


def _head(portal: NewPortal) -> str:
    return f"""\
# What holds for every page of the program.
title: {json.dumps(portal.name.replace("_", " ").title())}  # as messages and reports name it
style: {portal.style}  # how it writes numbers and dates: en 1,234.56; de 1.234,56; zh
login_path: /login  # whoever is sent here is logged out
# exponents: {{ISK: 0}}  # currencies whose number of decimals is another one here than in ISO 4217
# interruptions:  # what may lie over a page at any time, and how it is put away
#   - name: notice
#     seen: {{role: dialog, name: Notice}}
#     press: {{role: button, name: Close}}
"""


def _login(portal: NewPortal) -> str:
    return (
        f"# The log-in page. Record it first: run_bot.py portal record {portal.name} --page login\n"
        + _comments(_login_elements(portal))
        + "path: /login\nelements: {}\n"
    )


def _login_elements(portal: NewPortal) -> Mapping[str, str]:
    return {**LOGIN_ELEMENTS, **(CODE_ELEMENTS if portal.totp else {})}


def _comments(elements: Mapping[str, str]) -> str:
    return "# Elements that the class uses:\n" + "".join(f"#   {name}: {what}\n" for name, what in elements.items())


def _page(page: str, address: str, verbs: Iterable[str]) -> str:
    return f"""\
# Page for {", ".join(verbs)}.
# path is its address below the program's url; {{name}} is filled in by the verb. An example:
# path: {json.dumps(address)}
# ready: an element that is there once the page can be used
# reach: the way here for the bot `watch`, if it is not the address: [{{open: another_page}}, {{click: an_element}}]; [] is not watched
reach: []
# An element has a risk (read, write or commit; a commit needs `within`, the dialog that shows what is confirmed) and ways to find it, best first.
elements: {{}}
"""


def _functions(role: str) -> dict[str, ast.FunctionDef]:
    """The role's verbs as roles.py has them."""
    tree = ast.parse(inspect.getsource(ROLES[role]))
    return {node.name: node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}


def _imports(used: set[str]) -> list[str]:
    """The import lines of roles.py that these names come from, cut down to them."""
    found: dict[str, set[str]] = {}
    for node in ast.walk(ast.parse(inspect.getsource(roles))):
        if isinstance(node, ast.ImportFrom) and node.module and node.module != "__future__":
            for alias in node.names:
                if alias.name in used:
                    found.setdefault(node.module, set()).add(alias.name)
    return [f"from {module} import {', '.join(sorted(names))}" for module, names in sorted(found.items())]


def _class(portal: NewPortal) -> str:
    functions = _functions(portal.role)
    verbs = verbs_of(portal.role)
    used = {node.id for verb in verbs for node in ast.walk(functions[verb]) if isinstance(node, ast.Name)}
    imports = _imports(used)
    outside = [line for line in imports if not line.startswith("from bots.")]
    inside = [
        *(line for line in imports if line.startswith("from bots.")),
        "from bots.cases.errors import " + ("ConfigProblem, SystemException" if portal.totp else "SystemException"),
        "from bots.portals.contract import verb_missing",
        "from bots.portals.web import WebPortal",
    ]
    bodies = "\n".join(_verb(portal, functions[verb]) for verb in verbs)
    return (
        f'"""{portal.name}: role {ROLES[portal.role].__name__}. Elements are named in locators/{portal.name}; see runbooks/new-portal.md."""\n\n'
        "from __future__ import annotations\n\n"
        + "".join(f"{line}\n" for line in outside)
        + ("\n" if outside else "")
        + "".join(f"{line}\n" for line in sorted(_wrapped(inside)))
        + f'\n\nclass {portal.class_name}(WebPortal):\n    """Role {ROLES[portal.role].__name__} on the screens of {portal.name}."""\n\n'
        + _log_in(portal)
        + "\n"
        + bodies
    )


def _wrapped(imports: Iterable[str]) -> list[str]:
    """Import lines of at most 160 characters, as the formatter leaves them."""
    found = []
    for line in imports:
        start, _, names = line.partition(" import ")
        found.append(line if len(line) <= 160 else f"{start} import (\n    " + ",\n    ".join(names.split(", ")) + ",\n)")
    return found


def _log_in(portal: NewPortal) -> str:
    refusal = """\
        raise SystemException(
            f"{self.book.head.title} refused the log-in of {access.account}: {screen.text('error')}",
            code="login_failed",
            advice="Check the account and its secret with `run_bot.py doctor`.",
        )
"""
    begin = """\
        screen.open_login()
        screen.fill("user", access.account)
        screen.fill_secret("password", access.password())
        screen.click("sign_in")
"""
    head = '    def log_in(self) -> None:\n        """Log in with the elements of login.yaml; a refusal raises SystemException with the page\'s own words."""\n'
    head += "        screen, access = self.screen, self.access\n"
    if not portal.totp:
        return head + begin + '        if screen.wait_any("signed_in", "error") == "signed_in":\n            return\n' + refusal
    return (
        head
        + "        if access.totp is None:\n"
        + f'            raise ConfigProblem(f"{{self.name}}: {portal.name} asks for a one-time code; set `totp: true` and store its secret")\n'
        + begin
        + '        if screen.wait_any("code", "error") == "code":\n            screen.fill_secret("code", access.totp())\n            screen.click("verify")\n'
        + '            if screen.wait_any("signed_in", "error") == "signed_in":\n                return\n'
        + refusal
    )


def _verb(portal: NewPortal, function: ast.FunctionDef) -> str:
    """One verb to fill in, with what roles.py says of it, or else what its contract checks."""
    said = ast.get_docstring(function) or ""
    check = next((one for one in CHECKS[portal.role] if one.verb == function.name), None)
    if not said and check is not None:
        said = f"{check.says[0].upper()}{check.says[1:]}. The bots read back afterwards; never click a second time."
    head = f"def {function.name}({ast.unparse(function.args)}) -> {ast.unparse(function.returns) if function.returns else 'None'}:"
    return f'    {head}\n        """{said}"""\n        raise verb_missing(self.name, "{function.name}")\n'


def _tests(portal: NewPortal) -> str:
    variable = f"{portal.name.upper()}_SAMPLES"
    ours = f"from bots.portals.{portal.name}.{portal.role} import {portal.class_name}"
    imports = "\n".join(sorted(("from bots.portals.contract import wrong_verbs", ours)))
    return f'''"""The portal of {portal.name}: its locators can be loaded, its class has the role's verbs, and against the live program it keeps the contract."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from bots.automation.locators import Risk, load_book
from bots.cases.settings import Config
from bots.operations.portals import check_portal, read_samples
{imports}

LOCATORS = Path(__file__).parents[1] / "locators"


def test_the_class_has_every_verb_of_its_role() -> None:
    assert wrong_verbs({portal.class_name}, "{portal.role}") == ()


def test_the_locators_can_be_loaded_and_every_commit_has_its_region() -> None:
    book = load_book(LOCATORS, "{portal.name}")
    assert set(book.pages) >= {{"login", {", ".join(json.dumps(page) for page in PAGES[portal.role])}}}
    commits = [element for page in book.pages.values() for element in page.elements.values() if element.risk is Risk.COMMIT]
    assert all(element.within for element in commits)


@pytest.mark.browser
@pytest.mark.skipif("{variable}" not in os.environ, reason="reads from the live program: {variable}='order_no=... rma=...' and RETURNS_PROFILE")
def test_the_live_program_keeps_the_contract() -> None:
    outcomes = check_portal(Config(), "{portal.name}", read_samples(os.environ["{variable}"].split()))
    assert [f"{{one.check.verb}}: {{one.words}}" for one in outcomes if one.verdict in ("broken", "missing")] == []
'''

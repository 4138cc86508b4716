"""A new program from its first file to a checked verb: files and settings, ways taken by pointing in a real browser, what `portal check` says."""

from __future__ import annotations

import importlib.util
import inspect
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from difflib import ndiff
from pathlib import Path
from typing import Any

import pyotp
import pytest
import yaml
from rich.console import Console
from typer.testing import CliRunner

import bots.portals
from bots import cli
from bots.automation.browser import BrowserHouse
from bots.automation.locators import Element, Page, Risk, Way, load_book
from bots.automation.recording import Facts, Recorder, Step, generalise, propose, set_element, set_path
from bots.cases.errors import ConfigProblem, SystemException
from bots.cases.settings import Config, SuiteSettings
from bots.operations import portals
from bots.operations.office import make_desk
from bots.operations.onboarding import PAGES, NewPortal, contents, start_portal, with_row
from bots.operations.secrets import open_secrets
from bots.portals.contract import ROLES, verbs_of
from tests.backoffice.accounts import ACCOUNTS
from tests.backoffice.payments.app import create_app
from tests.backoffice.payments.samples import put_capture
from tests.backoffice.serving import serving
from tests.backoffice.world import SAMPLES_START as START
from tests.backoffice.world import World
from tests.stores import ROOT, tiny_config

ORDER = "DE-2026-104233"
MYPAY = NewPortal("mypay", "payments", "https://psp.example.com", "bot.mypay")


@pytest.fixture
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Config:
    """A project folder of its own: what `portal new` writes is written there and can be imported from there."""
    monkeypatch.setenv("RETURNS_LOGS", str(tmp_path / "logs"))
    monkeypatch.setenv("COLUMNS", "220")
    tiny = tiny_config(tmp_path)
    monkeypatch.setattr(bots.portals, "__path__", [*bots.portals.__path__, str(tmp_path / "bots/portals")])
    made = Config(tiny.folder, "tiny", workspace=tiny.workspace, home=tmp_path)
    (tmp_path / "locators").mkdir()
    (tmp_path / "locators/practice_pay").symlink_to(ROOT / "locators/practice_pay")
    return made


@pytest.fixture(autouse=True)
def _forget_modules() -> Iterator[None]:
    yield
    for name in [name for name in sys.modules if name.startswith("bots.portals.mypay")]:
        del sys.modules[name]


# -- portal new ------------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("totp", [False, True])
def test_what_is_written_for_a_role_is_whole_and_clean(config: Config, role: str, totp: bool) -> None:
    portal = replace(MYPAY, role=role, totp=totp)
    files, _ = start_portal(config, portal, write_row=False)
    assert sorted(str(file.relative_to(config.home)) for file in files) == sorted(contents(portal)), "and the profile is left alone"
    book = load_book(config.home / "locators", "mypay")
    assert set(book.pages) == {"login", *PAGES[role]}
    assert sorted(verb for _, verbs in PAGES[role].values() for verb in verbs) == sorted(verbs_of(role)), "every verb has its page"
    module = __import__(f"bots.portals.mypay.{role}", fromlist=["x"])
    kind = getattr(module, portal.class_name)
    for verb in verbs_of(role):
        said = getattr(ROLES[role], verb).__doc__
        written = getattr(kind, verb)
        assert written.__doc__ == said if said else "The bots read back afterwards" in written.__doc__
        with pytest.raises(SystemException, match="nobody has written this verb") as raised:
            written(MYPAY, *[None] * (len(inspect.signature(written).parameters) - 1))
        assert raised.value.code == "verb_missing"
    spec = importlib.util.spec_from_file_location("written_tests", config.home / "tests/test_portal_mypay.py")
    assert spec is not None and spec.loader is not None
    tests = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(tests)
    tests.test_the_class_has_every_verb_of_its_role()
    tests.test_the_locators_can_be_loaded_and_every_commit_has_its_region()


def test_what_is_written_passes_the_projects_own_checks(config: Config) -> None:
    for role in ROLES:
        start_portal(config, NewPortal(f"my{role}", role, "https://x.example.com", "bot.x", totp=role == "erp"), write_row=False)
    ours = [str(file) for folder in ("bots", "tests") for file in (config.home / folder).rglob("*.py")]
    assert len(ours) == 3 * len(ROLES)
    rules = ["--config", str(ROOT / "pyproject.toml"), "--config", 'lint.isort.known-first-party = ["bots", "tests"]']
    for command in (["ruff", "check", *rules], ["ruff", "format", "--check", *rules]):
        answer = subprocess.run([sys.executable, "-m", *command, *ours], cwd=ROOT, capture_output=True, text=True, check=False)
        assert answer.returncode == 0, answer.stdout


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"name": "My-Pay"}, "cannot be a portal's name"),
        ({"name": "../evil"}, "cannot be a portal's name"),
        ({"name": "class"}, "cannot be a portal's name"),
        ({"name": "practice_pay"}, "is there already"),
        ({"name": "swift"}, "already; choose another name"),
        ({"role": "bank"}, "must be one of payments, erp, wms, carrier"),
        ({"url": "psp.example.com"}, "must be the program's address"),
        ({"url": "https://bot:secret@psp.example.com"}, "belongs into the keyring"),
    ],
)
def test_what_cannot_be_is_refused_and_nothing_is_written(config: Config, change: dict[str, str], says: str) -> None:
    before = sorted(config.home.rglob("*"))
    with pytest.raises(ConfigProblem, match=says):
        start_portal(config, replace(MYPAY, **change), write_row=True)  # type: ignore[arg-type]
    assert sorted(config.home.rglob("*")) == before


def test_the_same_name_is_refused_the_second_time(config: Config) -> None:
    start_portal(config, MYPAY, write_row=False)
    with pytest.raises(ConfigProblem, match="is there already"):
        start_portal(config, MYPAY, write_row=False)


def test_the_row_stands_in_the_profile_and_every_other_line_stays() -> None:
    file = ROOT / "config" / "own.yaml"
    text = file.read_text(encoding="utf-8")
    changed = with_row(text, replace(MYPAY, serves=("klarna",), totp=True), file)
    assert not [line for line in ndiff(text.split("\n"), changed.split("\n")) if line.startswith("- ")], "no line is lost"
    row = SuiteSettings.model_validate(yaml.safe_load(changed)).payments["mypay"]
    assert (row.portal, row.book, row.url, row.totp, row.serves) == ("mypay.payments.MypayPayments", "mypay", MYPAY.url, True, ("klarna",))
    carrier = SuiteSettings.model_validate(yaml.safe_load(with_row(text, replace(MYPAY, role="carrier"), file)))
    assert list(carrier.carriers) == ["first", "second", "mypay"] and list(carrier.payments) == ["psp"]
    erp = with_row(text, replace(MYPAY, role="erp"), file)
    assert SuiteSettings.model_validate(yaml.safe_load(erp)).erp.portal == "mypay.erp.MypayErp"
    with pytest.raises(ConfigProblem, match="write this row by hand"):
        with_row(erp, replace(MYPAY, role="erp", name="other"), file)
    with pytest.raises(ConfigProblem, match="no block"):
        with_row(text.replace("\npayments:\n", "\npayments: {}\n", 1), MYPAY, file)


# -- ranking ---------------------------------------------------------------------------------------------------------------
def test_what_people_read_comes_before_what_programmers_wrote_and_that_before_the_position() -> None:
    facts = Facts(
        "input", "textbox", "Amount", "Amount", "0.00", {"id": "amount", "name": "amt", "data-testid": "refund-amount", "type": "text"},
        (Step("body", "body"), Step("div:nth-of-type(2)", "div", "form"), Step("input", "input")),
    )  # fmt: skip
    assert [way.describe() for way in propose(facts)] == [
        "role='textbox', name='Amount'", "label='Amount'", "placeholder='0.00'", "test_id='refund-amount'",
        "css='input#amount'", "css='input[name=\"amt\"]'", "css='input[type=\"text\"]'", "css='div#form > input'",
    ]  # fmt: skip


@pytest.mark.parametrize("made_up", [":r3:", "ember1234", "react-select-2-input", "a3f9c2d1e8b7", "field_17"])
def test_made_up_ids_are_no_way(made_up: str) -> None:
    assert propose(Facts("input", attributes={"id": made_up})) == ()


def test_samples_become_parameters_and_nothing_else_does() -> None:
    samples = {"capture_id": "cap_12", "order_no": "DE-2026-1", "short": "12"}
    assert generalise("Refund cap_12 of DE-2026-1, DE-2026-15 stays", samples) == "Refund {capture_id} of {order_no}, DE-2026-15 stays"
    facts = Facts("button", "button", "Refund cap_12", attributes={"data-refund": "cap_12"})
    assert [way.describe() for way in propose(facts, samples)] == ["role='button', name='Refund {capture_id}'", "css='button[data-refund=\"{capture_id}\"]'"]
    assert propose(Facts("button", "button", "Save {draft}")) == (), "braces of the page's own would be taken for parameters"


PAGE = """<!doctype html><title>t</title><body>
<main><h1>Payments</h1>
 <label>Amount <input name=amount></label><label for=why>Reason</label><select id=why><option>Return</select>
 <input placeholder="Search orders"><button disabled>Archive</button>
 <button class=x><span id=inner>Sa<b>ve</b></span></button> <button>Twice</button><button>Twice</button>
 <div data-testid=total>12,00</div><p><i>plain</i></p><p>other</p>
 <table aria-label="Captures"><thead><tr><th>No.<th>Value</thead><tbody><tr><td class=cell>cap_12<td>1.00</tbody></table>
 <a href="/next?x=1">Evil "quote' \\ name</a>
 <dialog id=sure aria-label="Confirm refund"><form><dl><dt>Order<dd>DE-1</dl><button type=button>Pay back</button></form></dialog>
</main><script>window.clicks = 0; document.addEventListener('click', () => window.clicks++, true)</script>"""


@pytest.fixture
def page(browser_house: BrowserHouse) -> Iterator[Any]:
    made = browser_house.page("onboarding")
    made.route("http://bots.test/**", lambda route: route.fulfill(body=PAGE, content_type="text/html", headers={"Content-Security-Policy": "style-src 'none'"}))
    made.goto("http://bots.test/")
    yield made
    browser_house.forget("onboarding")


def point(selector: str, *, wider: int = 0, before: Callable[[Any], None] = lambda page: None) -> Callable[[Any], None]:
    """A person who moves the mouse to an element, perhaps presses the arrow for what is around it, and clicks."""

    def act(page: Any) -> None:
        before(page)
        place = page.locator(selector).first.bounding_box()
        page.mouse.move(place["x"] + place["width"] / 2, place["y"] + place["height"] / 2)
        for _ in range(wider):
            page.keyboard.press("ArrowUp")
        page.mouse.down()
        page.mouse.up()

    return act


def use(action: Callable[[Any], None]) -> Callable[[Any], None]:
    """A person who switches to using the page, does something, and switches back."""

    def act(page: Any) -> None:
        page.keyboard.press("F2")
        action(page)
        page.keyboard.press("F2")

    return act


def leave(page: Any) -> None:
    page.keyboard.press("Escape")


@pytest.mark.browser
@pytest.mark.parametrize(
    ("selector", "wider", "ways"),
    [
        ("input[name=amount]", 0, ["role='textbox', name='Amount'", "label='Amount'", "css='input[name=\"amount\"]'"]),
        ("label[for=why]", 0, ["role='combobox', name='Reason'", "label='Reason'", "css='select#why'"]),
        ("input[placeholder]", 0, ["role='textbox', name='Search orders'", "placeholder='Search orders'"]),
        ("button[disabled]", 0, ["role='button', name='Archive'"]),
        ("#inner b", 0, ["role='button', name='Save'"]),
        ("div[data-testid]", 0, ["test_id='total'"]),
        ("td.cell", 3, ["role='table', name='Captures'"]),
        ("a[href]", 0, ["role='link', name='Evil \"quote\\' \\\\ name'", "css='a[href=\"/next?x=1\"]'"]),
        ("p i", 0, []),
        ("button:has-text('Twice')", 0, []),
    ],
)
def test_ways_taken_by_pointing_find_that_element_alone(page: Any, selector: str, wider: int, ways: list[str]) -> None:
    taken = Recorder(page, pointer=point(selector, wider=wider)).next()
    assert taken is not None
    told = [way.describe() for way in taken.ways]
    assert told[: len(ways)] == ways
    assert all(">" in way for way in told[len(ways) :]) or not ways or "type" in told[len(ways)], told
    assert page.evaluate("window.clicks") == 0, "pointing clicks nothing"
    if not ways:
        assert told and all("css=" in way for way in told), "two alike are told apart by their position only"


@pytest.mark.browser
def test_a_commit_is_taken_inside_its_dialog_after_using_the_page(page: Any) -> None:
    opened = use(lambda page: page.evaluate("document.querySelector('dialog').showModal()"))
    recorder = Recorder(page, pointer=point("dialog button", before=opened))
    taken = recorder.next()
    assert taken is not None and taken.facts.fleeting and taken.ways[0] == Way(role="button", name="Pay back")
    regions = recorder.regions()
    assert [region.facts.tag for region in regions][:2] == ["form", "dialog"]
    dialog = next(region for region in regions if region.facts.tag == "dialog")
    assert dialog.ways[0] == Way(role="dialog", name="Confirm refund") and dialog.facts.captions == ("Order",) and dialog.facts.kind == "fields"
    inside = recorder.inside(Element(ways=dialog.ways))
    assert inside is not None and inside.ways[0] == taken.ways[0]
    assert recorder.inside(Element(ways=(Way(role="table", name="Captures"),))) is None


@pytest.mark.browser
def test_escape_ends_and_the_overlay_is_found_by_nothing(page: Any) -> None:
    recorder = Recorder(page, pointer=leave)
    assert recorder.next() is None
    assert page.get_by_text("Esc: done").count() == 0 and page.get_by_role("button").count() == 4


# -- page files --------------------------------------------------------------------------------------------------------------
def test_an_element_is_added_or_replaced_and_comments_stay() -> None:
    text = "# Mine.\npath: /x  # here\nelements:\n  one:  # the first\n    ways: [{css: a}]\n\n  # about two\n  two:\n    risk: write\n    ways: [{css: b}]\n"
    way = Way(role="button", name='Say "{order_no}": 是')
    added = set_element(text, "three", Element(risk=Risk.COMMIT, ways=(way,), within="one", optional=True))
    assert added.startswith(text)
    page = Page.model_validate(yaml.safe_load(added))
    assert page.elements["three"] == Element(risk=Risk.COMMIT, ways=(way,), within="one", optional=True)
    replaced = set_element(added, "two", Element(ways=(Way(css="c"),), columns={"no": "No.: x"}))
    assert "# about two" in replaced and Page.model_validate(yaml.safe_load(replaced)).elements["two"].columns == {"no": "No.: x"}
    assert set(Page.model_validate(yaml.safe_load(replaced)).elements) == {"one", "two", "three"}
    assert set_element("elements: {}\nready: x\n", "x", Element(ways=(Way(css="a"),))).endswith("ready: x\n")
    with pytest.raises(ValueError, match="one element below the other"):
        set_element("elements: {x: {ways: [{css: a}]}}\n", "y", Element(ways=(Way(css="a"),)))
    assert set_path('# path: "/p"\nelements: {}\n', "/q/{a}") == 'path: "/q/{a}"\nelements: {}\n'


# -- the whole way -----------------------------------------------------------------------------------------------------------
@pytest.fixture
def world(tmp_path: Path) -> World:
    made = World.create(tmp_path / "world", START)
    put_capture(made, ORDER, 104990)
    return made


@pytest.fixture
def url(world: World, browser_house: BrowserHouse) -> Iterator[str]:
    """PayDesk; the browser that other tests share is put away, because a thread can have only one."""
    browser_house.close()
    with serving(create_app(world)) as base:
        yield base


def call(config: Config, monkeypatch: pytest.MonkeyPatch, *arguments: str) -> Any:
    monkeypatch.setattr(cli, "settings", lambda: Config(config.folder, "tiny", workspace=config.workspace, home=config.home))
    return CliRunner().invoke(cli.app, ["portal", *arguments])


class Person:
    """Points by a script and answers questions by their beginnings; Enter to all others."""

    def __init__(self, *acts: Callable[[Any], None], **answers: list[str]) -> None:
        self.acts, self.answers, self.asked = [*acts, leave], answers, []

    def pointer(self, page: Any) -> None:
        self.acts.pop(0)(page)

    def ask(self, question: str, default: str = "") -> str:
        self.asked.append(question)
        waiting = self.answers.get(question.split()[0].rstrip(":"), [])
        return waiting.pop(0) if waiting else default


def record(config: Config, person: Person, page: str, samples: dict[str, str] | None = None, path: str | None = None) -> int:
    desk = make_desk(Config(config.folder, "tiny", workspace=config.workspace, home=config.home))
    try:
        return portals.record_page(desk, "mypay", page, samples or {}, path=path, ask=person.ask, say=Console(quiet=True), pointer=person.pointer)
    finally:
        desk.close()


@pytest.mark.browser
@pytest.mark.slow
def test_a_new_program_from_its_first_file_to_a_working_verb(config: Config, world: World, url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    account = ACCOUNTS["pay"]
    made = call(config, monkeypatch, "new", "mypay", "--role", "payments", "--url", url, "--account", account.name, "--totp", "--write")
    assert made.exit_code == 0 and "locators/mypay/login.yaml" in made.output, made.output
    assert call(config, monkeypatch, "new", "mypay", "--role", "payments", "--url", url).exit_code != 0
    secrets = open_secrets(config)
    secrets.set(account.name, account.password)
    secrets.set(f"{account.name}-totp", account.totp)

    # The log-in pages, with the code's page reached by using the first one.
    def log_in(page: Any) -> None:
        page.get_by_label("User name").fill(account.name)
        page.get_by_label("Password").fill(account.password)
        page.get_by_role("button", name="Sign in").click()
        page.get_by_role("textbox", name="One-time code").wait_for()

    def give_code(page: Any) -> None:
        with world.write() as db:
            db.execute("DELETE FROM counters WHERE name LIKE 'pay-code:%'")
        page.get_by_role("textbox", name="One-time code").fill(pyotp.TOTP(account.totp).now())
        page.get_by_role("button", name="Verify").click()
        page.get_by_role("button", name="Sign out").wait_for()

    def fail(page: Any) -> None:
        page.get_by_role("button", name="Sign in").click()
        page.get_by_role("alert").wait_for()

    person = Person(
        point("input[name=account]"), point("input[type=password]"), point("main form button"),
        point("[role=alert]", before=use(lambda page: (page.get_by_label("User name").fill("x"), page.get_by_label("Password").fill("x"), fail(page)))),
        point("input[name=code]", before=use(log_in)), point("main form button"), point("form[action='/logout'] button", before=use(give_code)),
        name=["user", "password", "sign_in", "error", "code", "verify", "signed_in"],
    )  # fmt: skip
    assert record(config, person, "login") == 7
    login = load_book(config.home / "locators", "mypay").page("login")
    assert login.elements["user"].ways[0] == Way(role="textbox", name="User name") and login.elements["user"].risk is Risk.WRITE
    assert login.elements["error"].ways[0] == Way(role="alert") and login.elements["error"].optional
    with world.write() as db:
        db.execute("DELETE FROM counters WHERE name LIKE 'pay-code:%'")

    # The payment's page: a table, and the button in the confirm step.
    def to_confirm(page: Any) -> None:
        page.locator("button[data-refund]").click()
        page.get_by_role("textbox", name="Amount").fill("10.00")
        page.get_by_role("textbox", name="Reference (RMA)").fill("RMA-2026-000001")
        page.get_by_label("Reason").select_option(label="Return")
        page.get_by_role("button", name="Continue").click()
        page.locator("dialog#confirm[open]").wait_for()

    person = Person(
        point("table#captures td >> nth=0", wider=3), point("dialog#confirm button.primary", before=use(to_confirm)),
        name=["captures", "confirm", "confirm_dialog"], risk=["read", "commit"], our=["capture_id", "method", "instrument", "currency", "amount"],
    )  # fmt: skip
    assert record(config, person, "payment", {"order_no": ORDER}, path="/payments/{order_no}") == 3, person.asked
    payment = load_book(config.home / "locators", "mypay").page("payment")
    assert payment.path == "/payments/{order_no}" and payment.elements["captures"].ways[0] == Way(role="table", name="Captures")
    assert (payment.elements["captures"].columns or {})["capture_id"] == "Capture"
    confirm = payment.elements["confirm"]
    assert confirm.risk is Risk.COMMIT and confirm.within == "confirm_dialog" and confirm.optional and confirm.ways[0].role == "button"
    assert world.all("SELECT * FROM refunds") == [], "recording a commit does not make one"

    # A person writes one verb; the others are still missing.
    code = config.home / "bots/portals/mypay/payments.py"
    verb = """        self.screen.open("payment", order_no=order_no)
        if self.screen.status == 404:
            return None
        source = {"source_system": self.name, "source_key": order_no, "order_no": order_no}
        captures = tuple(
            Capture(
                **{**source, "source_key": row["capture_id"]}, capture_id=row["capture_id"], method="card", instrument=row["instrument"],
                amount=parse_amount(row["amount"], row["currency"], self.style),
            )
            for row in self.screen.table("captures")
        )
        return PaymentRecord(**source, captures=captures)
"""
    text = code.read_text(encoding="utf-8").replace('        raise verb_missing(self.name, "find_payment")\n', verb)
    code.write_text(
        text.replace(
            "from bots.cases.commits", "from bots.automation.formats import parse_amount\nfrom bots.cases.model import Capture\nfrom bots.cases.commits"
        ),
        encoding="utf-8",
    )
    for module in [module for module in sys.modules if module.startswith("bots.portals.mypay")]:
        del sys.modules[module]  # the next command is a process of its own
    checked = call(config, monkeypatch, "check", "mypay", "--sample", f"order_no={ORDER}", "--sample", "rma=RMA-2026-000001")
    rows = {line.split("│")[1].strip(): line.split("│")[2].strip() for line in checked.output.splitlines() if line.count("│") == 5}
    assert checked.exit_code == 1, checked.output
    assert {verb: verdict for verb, verdict in rows.items() if verb} == {
        "check": "works", "find_payment": "works", "find_refunds": "missing", "list_refunds": "missing", "export_settlement": "missing", "submit_refund": "skipped",
    }, checked.output  # fmt: skip


@pytest.mark.browser
@pytest.mark.slow
def test_a_finished_program_passes_its_check(config: Config, world: World, url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    file = config.folder / "tiny.yaml"
    settings = yaml.safe_load(file.read_text(encoding="utf-8"))
    settings["payments"]["pay"]["url"] = url
    file.write_text(yaml.safe_dump(settings, allow_unicode=True), encoding="utf-8")
    secrets = open_secrets(config)
    secrets.set(ACCOUNTS["pay"].name, ACCOUNTS["pay"].password)
    secrets.set(f"{ACCOUNTS['pay'].name}-totp", ACCOUNTS["pay"].totp)
    samples = [part for sample in (f"order_no={ORDER}", "rma=RMA-2026-000001", "amount=1250") for part in ("--sample", sample)]
    monkeypatch.setattr(portals.console, "width", 250)  # no sentence is broken over two lines of its cell
    rehearsed = call(config, monkeypatch, "check", "practice_pay", *samples, "--write")
    assert rehearsed.exit_code == 0 and "goes up to the click and stops there" in rehearsed.output, rehearsed.output
    assert (config.workspace / "out/portal-check/practice_pay/submit_refund-before.jpg").read_bytes().startswith(b"\xff\xd8")
    assert world.all("SELECT * FROM refunds") == []
    (config.workspace / "STOP").touch()
    stopped = call(config, monkeypatch, "check", "pay", *samples, "--write", "--commit")
    assert stopped.exit_code == 1 and "the click was not made" in stopped.output and world.all("SELECT * FROM refunds") == []


def test_wrong_arguments_are_usage(config: Config, monkeypatch: pytest.MonkeyPatch) -> None:
    for arguments, says in {
        ("check", "nobody"): "no program is called 'nobody'",
        ("check", "pay", "--commit"): "--commit goes with --write",
        ("check", "pay", "--sample", "order_no"): "must be name=value",
        ("record", "pay", "--page", "login", "--sample", "a"): "must be name=value",
        ("record", "pay", "--page", "../x"): "a page's name is small letters",
    }.items():
        problem = call(config, monkeypatch, *arguments).exception
        assert isinstance(problem, ConfigProblem) and says in str(problem), arguments

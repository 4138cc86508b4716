"""Sessions that outlive a process: one log-in for many runs, never shared, never readable, never trusted when stale."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography.fernet import Fernet

from bots.automation.browser import BrowserHouse, BrowserOptions
from bots.automation.browsers import find_browser
from bots.automation.locators import load_book
from bots.automation.sessions import SUFFIX, SessionFiles
from bots.portals.practice.erp import PracticeErp
from bots.portals.web import Access
from tests.backoffice.accounts import ACCOUNTS
from tests.backoffice.erp.app import create_app
from tests.backoffice.erp.samples import put_small_world
from tests.backoffice.serving import serving
from tests.backoffice.world import SAMPLES_START as START
from tests.backoffice.world import World

ROOT = Path(__file__).parents[1]
KEY = Fernet.generate_key().decode()
STATE = {"cookies": [{"name": "session", "value": "the-secret-token"}], "origins": []}


def files(folder: Path, key: str = KEY, hours: float = 1) -> SessionFiles:
    return SessionFiles(folder, lambda: key, hours)


def test_a_session_is_taken_once(tmp_path: Path) -> None:
    files(tmp_path).put_back("erp:bot.erp", STATE)
    assert files(tmp_path).take("erp:bot") is None, "another account whose name begins alike"
    assert files(tmp_path).take("erp:bot.erp") == STATE
    assert files(tmp_path).take("erp:bot.erp") is None and list(tmp_path.iterdir()) == []


def test_it_lies_encrypted_and_for_this_user_only(tmp_path: Path) -> None:
    files(tmp_path / "sessions").put_back("erp:bot.erp", STATE)
    (file,) = (tmp_path / "sessions").glob(f"*{SUFFIX}")
    assert b"the-secret-token" not in file.read_bytes()
    if os.name == "posix":
        assert stat.S_IMODE(file.stat().st_mode) == 0o600


@pytest.mark.parametrize("harm", ["changed", "another key", "too old", "no session at all"])
def test_what_is_stale_or_not_ours_is_thrown_away(tmp_path: Path, harm: str) -> None:
    files(tmp_path).put_back("erp:bot.erp", STATE)
    (file,) = tmp_path.glob(f"*{SUFFIX}")
    if harm == "changed":
        file.write_bytes(file.read_bytes()[:-1] + b"x")
    elif harm == "no session at all":
        file.write_bytes(Fernet(KEY).encrypt(b"not json"))
    taker = files(tmp_path, key=Fernet.generate_key().decode() if harm == "another key" else KEY, hours=-1 if harm == "too old" else 1)
    assert taker.take("erp:bot.erp") is None and list(tmp_path.iterdir()) == []


@pytest.fixture
def erp(tmp_path: Path) -> Iterator[tuple[str, World]]:
    world = World.create(tmp_path / "world", START)
    put_small_world(world)
    with serving(create_app(world)) as url:
        yield url, world


def run(url: str, folder: Path, asked: list[str], *, killed: bool = False) -> None:
    """One run of a bot: a browser of its own that reads an order."""
    house = BrowserHouse(BrowserOptions(executable=find_browser().executable_path, timeout_s=3), files(folder))

    def password() -> str:
        asked.append("password")
        return ACCOUNTS["erp"].password

    try:
        portal = PracticeErp("erp", house, load_book(ROOT / "locators", "practice_erp"), Access(url, ACCOUNTS["erp"].name, password))
        order = portal.find_order("DE-2026-104233")
        assert order is not None and order.order_no == "DE-2026-104233"
    finally:
        if killed:
            house._sessions = None
        house.close()


@pytest.mark.browser
def test_one_log_in_serves_many_runs(erp: tuple[str, World], tmp_path: Path) -> None:
    asked: list[str] = []
    for _ in range(3):
        run(erp[0], tmp_path / "sessions", asked)
    assert asked == ["password"]


@pytest.mark.browser
def test_a_killed_run_leaves_no_session_and_the_next_logs_in(erp: tuple[str, World], tmp_path: Path) -> None:
    asked: list[str] = []
    run(erp[0], tmp_path / "sessions", asked)
    run(erp[0], tmp_path / "sessions", asked, killed=True)
    run(erp[0], tmp_path / "sessions", asked)
    assert len(asked) == 2


@pytest.mark.browser
def test_a_kept_session_that_the_product_has_ended_is_probed_and_renewed(erp: tuple[str, World], tmp_path: Path) -> None:
    asked: list[str] = []
    run(erp[0], tmp_path / "sessions", asked)
    with erp[1].write() as db:
        db.execute("DELETE FROM web_sessions")
    run(erp[0], tmp_path / "sessions", asked)
    assert len(asked) == 2

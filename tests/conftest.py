"""What many tests share: a clock that stands still, case stores, and one browser."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import settings

from bots.automation.browser import BrowserHouse, BrowserOptions
from bots.automation.browsers import find_browser
from bots.cases.clock import FixedClock
from bots.cases.database import Database, open_database
from bots.cases.store import Store
from bots.cases.tables import metadata
from bots.operations.postgres import postgres_server
from tests.backoffice.world import SAMPLES_START, World
from tests.stores import postgres_programs

StoreMaker = Callable[[str], Store]
# Consoles take their width from it when their module is loaded, whichever test that happens in.
os.environ["COLUMNS"] = "200"
settings.register_profile("any machine", deadline=None)
settings.load_profile("any machine")


# Files that take minutes begin first, so that no worker is left alone with one at the end; those that fill the cores do not begin together.
LONG = ("test_whole", "test_product_tryton_desktop", "test_product_vendure", "test_product_tryton", "test_drill", "test_standins")


# What drives a real program waits for it with time-outs, which a machine that stands still for a moment uses up. Such a test gets one more try, and the summary names it
# (RERUN). Not so a whole job or a drill: they must end well whatever the machine does.
TRIED_AGAIN = ("browser", "desktop", "mail", "dovecot", "postgres", "tryton", "vendure")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the tests of the long files first, and say which are tried again."""
    places = {name: place for place, name in enumerate(LONG)}
    items.sort(key=lambda item: places.get(item.path.stem, len(LONG)))
    for item in items:
        marks = {mark.name for mark in item.iter_markers()}
        if marks.intersection(TRIED_AGAIN) and "whole" not in marks and item.path.stem != "test_drill":
            item.add_marker(pytest.mark.flaky(reruns=1, reruns_delay=1))


@pytest.fixture
def clock() -> FixedClock:
    """Monday, 5 October 2026, 09:00 UTC."""
    return FixedClock(datetime(2026, 10, 5, 9, 0, tzinfo=UTC))


# -- stores ----------------------------------------------------------------------------------------------------------------
@pytest.fixture(scope="session")
def empty_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated SQLite file without content; each test gets a copy."""
    file = tmp_path_factory.mktemp("store") / "empty.db"
    open_database(f"sqlite:///{file}").close()
    return file


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """A PostgreSQL of our own for this session; skips where none is installed."""
    programs = None if os.name == "nt" else postgres_programs()
    if programs is None:
        pytest.skip("PostgreSQL's programs (initdb, pg_ctl) are not installed; on Debian: apt-get install postgresql")
    with postgres_server(programs) as url:
        yield url


@pytest.fixture(scope="session")
def postgres(postgres_url: str) -> Iterator[Database]:
    """That server's database, migrated; emptied before each test."""
    database = open_database(postgres_url)
    yield database
    database.close()


@pytest.fixture
def store_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Where this test's empty store is: SQLite, or what `BOTH_STORES` asks for."""
    if getattr(request, "param", "sqlite") == "sqlite":
        file = tmp_path / "cases.db"
        shutil.copy(request.getfixturevalue("empty_sqlite"), file)
        return f"sqlite:///{file}"
    database: Database = request.getfixturevalue("postgres")
    with database.begin() as db:
        db.exec_driver_sql(f"TRUNCATE {', '.join(table.name for table in metadata.sorted_tables)} RESTART IDENTITY CASCADE")
    url: str = request.getfixturevalue("postgres_url")
    return url


@pytest.fixture
def stores(store_url: str, clock: FixedClock) -> Iterator[StoreMaker]:
    """Makes stores on one database, each with connections of its own, as processes have."""
    opened: list[Database] = []

    def make(actor: str = "tests") -> Store:
        opened.append(open_database(store_url))
        return Store(opened[-1], clock, actor)

    yield make
    for database in opened:
        database.close()


@pytest.fixture
def store(stores: StoreMaker) -> Store:
    return stores("tests")


# -- browser ---------------------------------------------------------------------------------------------------------------
@pytest.fixture(scope="module")
def browser_house() -> Iterator[BrowserHouse]:
    """One browser a module (a thread can run only one at a time, and some modules start their own); skips where none is installed."""
    choice = find_browser()
    if not choice.found:
        pytest.skip(choice.why)
    house = BrowserHouse(BrowserOptions(executable=choice.executable_path, channel=choice.channel, timeout_s=3))
    yield house
    house.close()


# -- practice programs -----------------------------------------------------------------------------------------------------
@pytest.fixture(scope="module")
def state(tmp_path_factory: pytest.TempPathFactory) -> World:
    """An empty practice world that the tests of a module share; each empties the tables it fills."""
    return World.create(tmp_path_factory.mktemp("world"), SAMPLES_START)

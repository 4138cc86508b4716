"""The demo with another maker's program in the place of a practice one."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from bots.cases.errors import ConfigProblem
from bots.cases.settings import Config
from bots.operations import exit_codes
from bots.operations.practice import stand_in
from tests.backoffice.kinds import BY_NAME, EU
from tests.backoffice.standins import KINDS, STAND_INS

ROOT = Path(__file__).parents[1]


def test_what_can_stand_in_is_named_in_the_profile() -> None:
    config = Config(profile="practice")
    assert set(config.suite.practice.products) == set(STAND_INS)
    stand_in(config, ["vendure"])
    assert {name: row.product for name, row in config.suite.payments.items()} == {"pay": "vendure"}
    assert {row.product for row in Config(profile="practice").suite.payments.values()} == {"practice"}, "another demo is as ever"
    with pytest.raises(ConfigProblem, match="sap: no program of this name can stand in for a practice one; known are: tryton, vendure"):
        stand_in(config, ["sap"])


def test_its_stories_are_of_a_shop_in_one_currency() -> None:
    assert len(set(KINDS)) == 12 and {country for name in KINDS for country in BY_NAME[name].countries} <= set(EU)


def demo(folder: Path, *options: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "RETURNS_WORKSPACE": str(folder / "practice"), "RETURNS_LOGS": str(folder / "logs")}
    command = [sys.executable, str(ROOT / "run_bot.py"), "demo", *options]
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=2900, check=False)


def test_a_program_that_nobody_knows_is_refused_before_anything_is_started(tmp_path: Path) -> None:
    ended = demo(tmp_path, "--on", "sap")
    assert ended.returncode == exit_codes.USAGE and "sap: no program of this name" in ended.stderr + ended.stdout
    assert not (tmp_path / "practice").exists()


@pytest.mark.whole
@pytest.mark.long
@pytest.mark.slow
@pytest.mark.browser
@pytest.mark.desktop
@pytest.mark.mail
@pytest.mark.vendure
@pytest.mark.timeout(3000)  # the first run installs
def test_returns_on_vendure_end_as_they_should(tmp_path: Path) -> None:
    ended = demo(tmp_path, "--on", "vendure", "--cases", "5")
    if ended.returncode == exit_codes.NOT_READY:
        pytest.skip(f"Vendure cannot be had here: {ended.stdout[-500:]}")
    assert ended.returncode == exit_codes.OK, ended.stdout[-4000:]
    assert "All good: 5 returns" in ended.stdout

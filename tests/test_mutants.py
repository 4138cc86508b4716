"""The list of guards that `python -m tests.mutants` takes out is not out of date: each still stands where it says."""

from __future__ import annotations

import ast

import pytest

from tests.mutants.guards import ROOT, Mutant, all_mutants


@pytest.mark.parametrize("mutant", all_mutants(), ids=lambda mutant: mutant.name)
def test_each_guard_stands_where_the_list_says(mutant: Mutant) -> None:
    whole = (ROOT / mutant.file).read_text(encoding="utf-8")
    without = mutant.apply(whole)
    assert without != whole
    ast.parse(without)
    assert all((ROOT / test).is_file() for test in mutant.tests.split())


def test_every_guardrail_and_every_rule_of_fraud_is_on_the_list() -> None:
    named = {mutant.name[:3] for mutant in all_mutants()}
    assert {f"G{number:02}" for number in range(1, 11)} <= named
    assert {f"F{number:02}" for number in (1, 2, 4, 5, 6, 7, 8, *range(13, 26))} <= named


def test_a_guard_that_is_gone_is_told() -> None:
    with pytest.raises(LookupError, match="does not hold"):
        Mutant("x", "bots/cli.py", "no such text anywhere", "", "tests/test_cli.py").apply("text")

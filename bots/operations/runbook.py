"""What the runbook says a person can do about a code: the answers of runbooks/errors.md, so that the workbook and the page never differ."""

from __future__ import annotations

import re
from functools import cache

from bots.cases.errors import WorkException
from bots.cases.settings import ROOT

_ROW = re.compile(r"^\| `(?P<code>[a-z0-9_]+)` \|.*\| (?P<answer>[^|]+) \|$", re.MULTILINE)
_LINK = re.compile(r"\[[^\]]+\]\(([^)]+)\)")


@cache
def answers() -> dict[str, str]:
    """Code -> what to do, as one sentence; empty where the project was installed without its runbooks."""
    page = ROOT / "runbooks" / "errors.md"
    text = page.read_text(encoding="utf-8") if page.is_file() else ""
    return {row["code"]: _sentence(row["answer"]) for row in _ROW.finditer(text)}


def _sentence(answer: str) -> str:
    words = _LINK.sub(r"see runbooks/\1", answer.strip())
    return f"{words[:1].upper()}{words[1:]}{'' if words.endswith('.') else '.'}"


def advice_for(error: WorkException) -> str:
    """The advice that came with the error; where it has none of its own, what the runbook says about its code."""
    return answers().get(error.code, error.advice) if error.advice == WorkException.default_advice else error.advice

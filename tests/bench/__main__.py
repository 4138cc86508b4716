"""`python -m tests.bench [--json] [names...]`: names are erp, wms, carriers, payments, workbook, mail, matching, door, vendure, tryton; none means all but the last two."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import asdict

from loguru import logger
from rich.console import Console
from rich.table import Table

from tests.bench import door, files, portals, tryton, vendure
from tests.bench.measure import Pair, Result, measure

GROUPS: dict[str, Callable[[], AbstractContextManager[list[Pair]]]] = {
    "erp": portals.erp,
    "wms": portals.wms,
    "carriers": portals.carriers,
    "payments": portals.payments,
    "workbook": files.workbook,
    "mail": files.mail,
    "matching": files.matching,
    "door": door.door,
    "vendure": vendure.vendure,
    "tryton": tryton.tryton,
}
ONLY_NAMED = {"vendure", "tryton"}
"""Measured only when named: other makers' programs, which are installed first."""


def table(results: list[Result]) -> Table:
    shown = Table("work", "baseline", "ratio", "ours ms", "baseline ms", "HTTP floor ms", "n", title="Medians of turns taken with the baseline")
    for column in shown.columns:
        column.no_wrap = True
    for at in range(2, 7):
        shown.columns[at].justify = "right"
    for one in results:
        least = "" if one.floor_ms is None else f"{one.floor_ms:,.0f}"
        shown.add_row(one.name, one.against, f"{one.ratio:.2f}", f"{one.ours_ms:,.0f}", f"{one.baseline_ms:,.0f}", least, str(one.n))
    return shown


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description="How long the bots' work takes against plain baselines.")
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"what to measure: {', '.join(GROUPS)} (default: all but {', '.join(sorted(ONLY_NAMED))})")
    parser.add_argument("--json", action="store_true", help="results as JSON instead of a table")
    options = parser.parse_args()
    unknown = sorted(set(options.names) - set(GROUPS))
    if unknown:
        parser.error(f"unknown names: {', '.join(unknown)}; known: {', '.join(GROUPS)}")
    logger.remove()
    console = Console()
    wide = console if console.is_terminal else Console(width=140)
    results: list[Result] = []
    for name in options.names or [name for name in GROUPS if name not in ONLY_NAMED]:
        with GROUPS[name]() as pairs:
            for pair in pairs:
                if not options.json and console.is_terminal:
                    console.print(f"measuring {pair.name} ...", highlight=False)
                results.append(measure(pair))
    if options.json:
        print(json.dumps([asdict(one) for one in results], ensure_ascii=False, indent=1))
    else:
        wide.print(table(results))
    return 0


if __name__ == "__main__":
    sys.exit(main())

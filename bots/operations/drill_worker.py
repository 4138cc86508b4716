"""One life of the suite in a drill: works some bots once, as a scheduled run would, and may be killed at a point of the commit protocol.

The first line on standard output says when the process has taken up its first commit: what the drill calls recovered.
"""

from __future__ import annotations

import argparse
import faulthandler
import os
import signal
import sys
import threading
from collections import Counter
from collections.abc import Callable

from bots.cases.settings import Config
from bots.operations.office import open_desk, start_log
from bots.operations.round import run_bots
from bots.operations.runner import RunSummary

AT_WORK = "at work"


def die() -> None:
    """End this process as a power cut would."""
    os.kill(os.getpid(), getattr(signal, "SIGKILL", signal.SIGTERM))


def hang() -> None:
    """Stand still for ever: what the drill must notice."""
    threading.Event().wait()


def _say(line: str) -> None:
    """A whole line at once: two desks may say something at the same moment."""
    os.write(1, f"{line}\n".encode())


def bomb(point: int, times: int, effect: Callable[[], None] = die) -> Callable[[int], None]:
    """What the ledger calls at each numbered point: `effect` comes when `point` is reached for the `times`-th time. 0 never ends it."""
    reached = 0
    told = False

    def at(number: int) -> None:
        nonlocal reached, told
        if not told:
            told = True
            _say(AT_WORK)
        if number == point:
            reached += 1
            if reached == times:
                effect()

    return at


class Tally:
    """Says on standard output how many items this life has worked, after each: what the drill counts even of a life that is killed."""

    def __init__(self) -> None:
        self.by_bot: Counter[str] = Counter()

    def __call__(self, summary: RunSummary) -> None:
        if summary.worked != self.by_bot[summary.bot]:
            self.by_bot[summary.bot] = summary.worked
            _say(f"worked {self.by_bot.total()}")


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="drill_worker")
    parser.add_argument("--profile", required=True)
    parser.add_argument("--point", type=int, default=0)
    parser.add_argument("--times", type=int, default=1)
    parser.add_argument("--hang", action="store_true", help="stand still at the point instead of dying there")
    parser.add_argument("--seconds", type=float, required=True, help="after so long every thread's stack is written to standard error")
    parser.add_argument("bots", nargs="+")
    given = parser.parse_args(arguments)
    faulthandler.dump_traceback_later(given.seconds)
    config = Config(profile=given.profile)
    start_log(config, quiet=True)
    with open_desk(config, point=bomb(given.point, given.times, hang if given.hang else die)) as desk:
        run_bots(desk, given.bots, Tally())
        desk.store.close_finished()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

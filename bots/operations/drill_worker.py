"""One life of the suite in a drill: works some bots once, as a scheduled run would, and may be killed at a point of the commit protocol.

The first line on standard output says when the process has taken up its first commit: what the drill calls recovered.
"""

from __future__ import annotations

import argparse
import os
import signal
import sys
from collections.abc import Callable

from bots.cases.settings import Config
from bots.operations.office import open_desk, start_log
from bots.operations.round import run_bots

AT_WORK = "at work"


def bomb(point: int, times: int) -> Callable[[int], None]:
    """What the ledger calls at each numbered point: ends this process, as a power cut would, when `point` is reached for the `times`-th time. 0 never ends it."""
    reached = 0
    told = False

    def at(number: int) -> None:
        nonlocal reached, told
        if not told:
            told = True
            print(AT_WORK, flush=True)
        if number == point:
            reached += 1
            if reached == times:
                os.kill(os.getpid(), getattr(signal, "SIGKILL", signal.SIGTERM))

    return at


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="drill_worker")
    parser.add_argument("--profile", required=True)
    parser.add_argument("--point", type=int, default=0)
    parser.add_argument("--times", type=int, default=1)
    parser.add_argument("bots", nargs="+")
    given = parser.parse_args(arguments)
    config = Config(profile=given.profile)
    start_log(config, quiet=True)
    with open_desk(config, point=bomb(given.point, given.times)) as desk:
        worked = sum(summary.worked for summary in run_bots(desk, given.bots))
        desk.store.close_finished()
    print(f"worked {worked}", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

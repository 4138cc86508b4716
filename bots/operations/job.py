"""One scheduled job: runs its bots in order in a process of its own. A lock a bot keeps it from overlapping itself."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from loguru import logger

from bots.cases.settings import Config
from bots.operations.exit_codes import FAILED, NEEDS_PERSON, OK
from bots.operations.office import open_desk, start_log
from bots.operations.retention import expire_evidence
from bots.operations.round import run_bots


def main(arguments: list[str]) -> int:
    """Exit code as `run_bot.py BOT`: 0 done, 4 something waits for a person, 1 something failed."""
    parser = argparse.ArgumentParser(prog="job")
    parser.add_argument("--profile", required=True)
    parser.add_argument("--config", type=Path, required=True)
    parser.add_argument("bots", nargs="+")
    given = parser.parse_args(arguments)
    config = Config(given.config, given.profile)
    start_log(config, quiet=False)
    with open_desk(config) as desk:
        summaries = run_bots(desk, given.bots)
        desk.store.close_finished()
        expire_evidence(desk)
    for summary in summaries:
        logger.info("{}: {} done, {} to a person, {} failed", summary.bot, summary.done, summary.to_person, summary.failed)
    return FAILED if any(s.failed for s in summaries) else NEEDS_PERSON if any(s.to_person for s in summaries) else OK


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

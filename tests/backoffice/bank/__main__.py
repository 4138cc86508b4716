"""Start the bank's window: `python -m tests.backoffice.bank --state FOLDER --exports FOLDER`, or this folder by its path."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[3]


def main() -> None:
    options = argparse.ArgumentParser(prog="KontoDirekt", description="The practice bank program.")
    options.add_argument("--state", type=Path, required=True, help="folder of the practice world")
    options.add_argument("--exports", type=Path, help="folder for exported files (default: exports in the state folder)")
    options.add_argument("--max-idle", type=float, default=900.0, help="seconds until an unused session ends")
    chosen = options.parse_args()
    if not (chosen.state / "state.db").exists():
        options.error(f"{chosen.state}: there is no practice world here")
    if str(PROJECT) not in sys.path:
        sys.path.insert(0, str(PROJECT))
    from tests.backoffice.bank.window import Window
    from tests.backoffice.world import World

    Window(World(chosen.state), chosen.exports or chosen.state / "exports", chosen.max_idle).run()


if __name__ == "__main__":
    main()

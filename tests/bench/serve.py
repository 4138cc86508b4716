"""The practice programs of one world, until standard input ends: `python -m tests.bench.serve FOLDER`; prints name=url pairs."""

from __future__ import annotations

import sys
from contextlib import ExitStack
from pathlib import Path

from tests.backoffice.carriers.app import create_global, create_swift
from tests.backoffice.erp.app import create_app as create_erp
from tests.backoffice.payments.app import create_app as create_pay
from tests.backoffice.serving import serving
from tests.backoffice.web import Gate
from tests.backoffice.wms.app import create_app as create_wms
from tests.backoffice.world import World


def main(folder: Path) -> None:
    # A bare script does not log in again: its session must outlast the run.
    (Gate.__init__.__kwdefaults__ or {})["max_uses"] = 1_000_000
    world = World(folder)
    with ExitStack() as stack:
        factories = {"erp": create_erp, "wms": create_wms, "swift": create_swift, "global": create_global, "pay": create_pay}
        print(*(f"{name}={stack.enter_context(serving(create(world)))}" for name, create in factories.items()), flush=True)
        sys.stdin.read()


if __name__ == "__main__":
    main(Path(sys.argv[1]))

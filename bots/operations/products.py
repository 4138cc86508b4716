"""Programs of other makers that `demo --on` runs: put on this machine once, into a cache folder."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence

from rich.console import Console

from bots.cases.settings import ROOT
from bots.operations.setup import SetupStop, install, product_packages


def install_products(names: Sequence[str], console: Console) -> bool:
    """Install what is missing of these programs, and say so; False where this machine cannot have them, with the reason."""
    if not names:
        return True
    try:
        install([package for package in product_packages() if not package.is_there()], console.print)
    except SetupStop as stop:
        console.print(str(stop), markup=False)
        return False
    for name in names:
        console.print(f"{name}: looking whether it is installed; the first time on a machine takes about ten minutes ...", highlight=False)
        done = subprocess.run([sys.executable, "-m", f"tests.products.{name}.install"], cwd=ROOT, capture_output=True, text=True, check=False)
        if done.returncode:
            console.print(
                f"{name} cannot be installed here: {done.stderr.strip().splitlines()[-1] if done.stderr.strip() else 'no reason given'}", markup=False
            )
            return False
    return True

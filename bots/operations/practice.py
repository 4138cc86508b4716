"""The practice back office from the suite's side: starts it, lets nights pass, and asks it how well the bots did.

It runs as a program of its own (tests/backoffice) and is spoken to over a control port that no bot knows.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Any

from bots.cases.errors import ConfigProblem
from bots.cases.settings import Config
from bots.operations.secrets import open_secrets

MARK = "PRACTICE"


class Practice:
    """A running practice back office; as a context manager it ends with the block, and with this process whatever happens."""

    def __init__(self, config: Config, *, fresh: bool, cases: int | None = None, seed: int | None = None, on: Sequence[str] = ()) -> None:
        if not config.suite.practice.enabled:
            raise ConfigProblem(f"profile {config.profile}: practice.enabled is false; the practice back office belongs to the profile `practice`")
        self.config, self.fresh = config, fresh
        self.cases = cases or config.suite.practice.cases
        self.seed = seed if seed is not None else config.suite.practice.seed
        self.on = tuple(on)
        self.world = config.workspace / "world"
        self._process: subprocess.Popen[str] | None = None
        self._control = ""
        self._token = ""
        self._told: dict[str, Any] = {}

    @classmethod
    def unfinished(cls, config: Config) -> bool:
        """Whether a practice world lies in the workspace."""
        return (config.workspace / "world" / "state.db").exists()

    def __enter__(self) -> Practice:
        workspace = self.config.workspace
        if self.fresh:
            empty(workspace)
        workspace.mkdir(parents=True, exist_ok=True)
        (workspace / MARK).write_text("A practice run's files; `run_bot.py demo` empties this folder.\n", encoding="utf-8")
        command = [sys.executable, "-m", "tests.backoffice", "--state", str(self.world), "--parent-pipe"]
        if self.fresh:
            command += ["--new", "--seed", str(self.seed), "--cases", str(self.cases), "--on", ",".join(self.on)]
        log = (workspace / "backoffice.log").open("a", encoding="utf-8")
        # Its standard input is our pipe: when this process ends, by whatever signal, the pipe closes and the back office ends too.
        self._process = subprocess.Popen(
            command, cwd=self.config.home, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log, text=True, start_new_session=True
        )
        log.close()
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        try:
            told = json.loads(line)
        except ValueError:
            self.__exit__(None, None, None)
            raise ConfigProblem(f"the practice back office did not start; see {workspace / 'backoffice.log'}") from None
        self._control, self._token = told["control"], told["token"]
        self._told = told
        self.furnish(self.config)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        process = self._process
        if process is None:
            return
        assert process.stdin is not None and process.stdout is not None
        process.stdin.close()
        try:
            process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        process.stdout.close()
        self._process = None

    def furnish(self, config: Config) -> None:
        """Put into a workspace what its bots need of this back office: addresses, the practice log-ins, the exports in the drop folder."""
        from bots.operations.setup import tk_python

        told = self._told
        addresses = {
            **told["urls"],
            "imap": f"{told['imap']['host']}:{told['imap']['port']}",
            "smtp": f"{told['smtp']['host']}:{told['smtp']['port']}",
            "clock": told["clock"],
            "bank": str(tk_python()),
            "state": str(self.world),
        }
        config.file("world", "address.json").write_text(json.dumps(addresses, indent=1), encoding="utf-8")
        for file in Path(told["drop"]).iterdir():
            target = config.file(config.suite.drop_folder, file.name)
            if not target.exists():
                shutil.copy(file, target)
        secrets = open_secrets(config)
        known = set(secrets.list())
        for account, secret in told["accounts"].items():
            if account not in known:
                secrets.set(account, secret)

    # -- the director's verbs ------------------------------------------------------------------------------------------------
    def _ask(self, verb: str, data: dict[str, Any] | None = None) -> dict[str, Any]:
        request = urllib.request.Request(
            f"{self._control}/{verb}",
            data=json.dumps(data).encode() if data is not None else None,
            headers={"Authorization": f"Bearer {self._token}", "Content-Type": "application/json"},
        )
        try:
            with urllib.request.urlopen(request, timeout=120) as answer:
                result: dict[str, Any] = json.loads(answer.read())
        except urllib.error.HTTPError as error:
            raise ConfigProblem(f"the practice back office refused {verb}: {error.read().decode(errors='replace')[:500]}") from None
        return result

    def info(self) -> dict[str, Any]:
        """Day, present, and whether anything more will happen."""
        return self._ask("info")

    def night(self) -> None:
        """Let a night pass: customers ship, parcels travel, inspectors write, refunds settle."""
        self._ask("advance", {"nights": 1})

    def staff(self, workbook: Path, save_as: Path) -> int:
        """Let the practice clerk answer the exceptions workbook; how many rows were answered."""
        return int(self._ask("staff", {"workbook": str(workbook), "save_as": str(save_as)})["answered"])

    def tell_lie(self, app: str, action: str, lie: str) -> None:
        """Make the next such action of a program go wrong in this way."""
        self._ask("lies", {"app": app, "action": action, "lie": lie})

    def forget_lies(self) -> list[dict[str, str]]:
        """Take back the lies that nobody has met yet; which they were."""
        untold: list[dict[str, str]] = self._ask("honest", {})["untold"]
        return untold

    def score(self, claims: list[dict[str, Any]]) -> dict[str, Any]:
        """How the bots did, by the back office's own truth."""
        return self._ask("score", {"cases": claims})


def stand_in(config: Config, products: Sequence[str]) -> None:
    """Let the bots of this process work on other makers' programs, named in the profile, instead of practice ones. Raises ConfigProblem for an unknown name."""
    known = config.suite.practice.products
    for name in products:
        if name not in known:
            raise ConfigProblem(f"{name}: no program of this name can stand in for a practice one; known are: {', '.join(known) or 'none'}")
        config.suite = config.suite.model_copy(update={"erp": known[name].erp or config.suite.erp, "payments": config.suite.payments | known[name].payments})


def empty(workspace: Path) -> None:
    """Empty a practice workspace; a folder without the practice mark is refused."""
    if not workspace.exists():
        return
    if any(workspace.iterdir()) and not (workspace / MARK).exists():
        raise ConfigProblem(f"{workspace} holds files and is not a practice workspace: nothing was deleted; choose another `workspace` in the practice profile")
    shutil.rmtree(workspace)

"""The drill: kills the bots and lets the practice back office lie to them, then lets the suite recover and compares with the truth.

The bots are processes of their own, killed with SIGKILL at every numbered point of the commit protocol and at random moments.
Nothing helps them recover: the next process finds what the last one left. Staff is played by the practice clerk, as in the demo.
With several suites each has all bots and a workspace of its own, as machines have; the case store and the back office are the same.
"""

from __future__ import annotations

import copy
import os
import random
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from bots.cases.errors import ConfigProblem
from bots.cases.ledger import POINTS
from bots.cases.settings import Config
from bots.operations.drill_worker import AT_WORK
from bots.operations.office import open_desk
from bots.operations.practice import Practice
from bots.operations.round import CLOSING, DAY, IDLE_ITEMS, claims, run_bots, staff_answers
from bots.operations.scorecard import Scorecard, Standing, read_standing, write_standing
from bots.portals.desk import Desk

WRITES = ("success_without_write", "write_without_banner", "double_submit", "error_after_write", "slow", "session_gone", "server_error")
READS = ("slow", "session_gone", "server_error")
FAULTS: dict[tuple[str, str], tuple[str, ...]] = {
    ("erp", "create_return"): WRITES,
    ("erp", "create_credit_note"): WRITES,
    ("erp", "create_replacement"): ("success_without_write", "write_without_banner", "error_after_write"),
    ("erp", "search"): READS,
    ("wms", "create_qc_task"): WRITES,
    ("wms", "book_disposition"): ("success_without_write", "write_without_banner", "error_after_write", "slow", "session_gone", "server_error"),
    ("wms", "create_transfer"): ("success_without_write", "write_without_banner", "error_after_write"),
    ("wms", "search"): READS,
    ("swift", "search"): READS,
    ("global", "search"): READS,
    ("global", "events"): READS,
    ("pay", "submit_refund"): WRITES,
    ("pay", "confirm"): ("other_amount", *READS),
    ("pay", "search"): READS,
    ("bank", "submit_transfer"): (*WRITES, "closed_before_write", "closed_after_write", "other_window"),
    ("bank", "form"): ("window_closed", "session_gone", "other_window"),
    ("bank", "confirm"): ("other_amount", "other_payee", "slow_repaint", "window_closed", "other_window"),
    ("bank", "search"): ("slow", "slow_repaint", "filter_ignored", "window_closed"),
    ("bank", "statement"): ("slow", "session_gone", "slow_repaint", "filter_ignored", "window_closed"),
    ("bank", "copy"): ("lost_clipboard",),
    ("mail", "send"): ("refused", "error_after_write"),
}
"""What the practice back office can be told to do wrong: (program, action) -> lies. A write that fails in these ways is what real programs do."""
UNKNOWABLE = frozenset(
    {
        "success_without_write", "double_submit", "server_error", "session_gone", "other_amount", "other_payee", "closed_before_write", "mail error_after_write", "mail refused",
    }
)  # fmt: skip
"""Lies at a commit after which only a person can say what happened, or that the back-end itself has done it twice."""
SIDES = (("intake", "exceptions", "review", "bookkeeping", "replies"), ("tracking", "customs", "receiving", "inspection", "refunds"))
"""One suite works with two processes at a time on one store; the same bot never runs twice at once."""
LIFE_S = 1200.0
"""A process that has not ended after so many seconds hangs. A day's work takes seconds; this is meant for the slowest machine."""
GRACE_S = 15.0
"""How long a hung process has to write down where it stands."""
ENOUGH_FOR_LIES = 6
"""Worlds after which a lie that nobody has met is given up: its action hardly ever comes."""


@dataclass(frozen=True)
class Kill:
    """How a process ends: at the `times`-th passing of a point of the protocol, or (point 0) after some seconds."""

    point: int
    times: int = 1
    after_s: float = 0.0
    hang: bool = False
    """Stand still at the point instead of dying: what the drill must find."""

    @property
    def name(self) -> str:
        return POINTS[self.point - 1] if self.point else "at random"


@dataclass(frozen=True)
class Worker:
    """Who works beside the others: some bots in a workspace of their own, or in the drill's."""

    name: str
    bots: tuple[str, ...]
    config: Config
    logs: Path | None = None


class Hung(Exception):
    """A process of the drill did not end: the drill stops there."""


class Drill:
    """Works practice worlds until the wanted number of kills is reached, then each world to its end."""

    def __init__(
        self,
        config: Config,
        *,
        crashes: int,
        faults: bool,
        seed: int,
        cases: int = 60,
        worlds: int = 30,
        suites: int = 1,
        store: Callable[[], AbstractContextManager[str | None]] = nullcontext,
        life_s: float = LIFE_S,
        resume: Path | None = None,
        say: Callable[[str], None] = lambda text: None,
    ) -> None:
        """`store` opens an empty database for one world and gives its URL; None stands for the profile's own. `resume` keeps where the drill stands, world by world."""
        self.config, self.faults, self.seed, self.cases, self.worlds = config, faults, seed, cases, worlds
        self._say, self._store, self._life_s, self._resume = say, store, life_s, resume
        self.workers = workers_of(config, suites)
        self._asked: dict[str, int | bool] = {"crashes": crashes, "faults": faults, "seed": seed, "cases": cases, "suites": suites}
        untold = {" ".join(place): list(lies) for place, lies in FAULTS.items()} if faults else {}
        standing = read_standing(resume, self._asked) if resume else None
        self._stand(standing or Standing(self._asked, crashes, untold, card=Scorecard(suites=suites)))
        self._random = random.Random(seed)
        self._lock = threading.Lock()
        self._in_flight: set[int] = set()
        self._alive: set[subprocess.Popen[str]] = set()
        self._ending = False

    def _stand(self, standing: Standing) -> None:
        """Take up the drill where it stands between two worlds."""
        self._worked, self._left, self._deck, self.card = standing.worlds, standing.left, standing.deck, standing.card
        self._untold: dict[tuple[str, str], list[str]] = {}
        for place, lies in standing.untold.items():
            program, _, action = place.partition(" ")
            self._untold[program, action] = lies

    def _standing(self) -> Standing:
        untold = {" ".join(place): lies for place, lies in self._untold.items()}
        return copy.deepcopy(Standing(self._asked, self._left, untold, self._worked, self._deck, self.card))

    def run(self) -> Scorecard:
        """The whole drill: one world after another until the kills are used up and every lie was told, or no further one can be.

        Ctrl+C ends it early; the scorecard is then that of the worlds that were worked to their end.
        """
        started, standing = time.monotonic() - self.card.seconds, self._standing()
        try:
            while self._worked == 0 or (self._worked < self.worlds and (self._left > 0 or (any(self._untold.values()) and self._worked < ENOUGH_FOR_LIES))):
                self._random.seed(f"{self.seed} {self._worked}")
                self._world(self.seed + self._worked)
                self._worked += 1
                self.card.seconds = time.monotonic() - started
                standing = self._standing()
                if self._resume:
                    write_standing(self._resume, standing)
                card = self.card
                self._say(f"world {self._worked}: {card.kills} kills, {sum(card.lies.values())} lies, {card.bad} bad, {card.seconds:.0f} s")
        except Hung as hung:
            self.card.findings.append(f"hung: {hung}")
            self.card.seconds = time.monotonic() - started
        except KeyboardInterrupt:
            self._stand(standing)
            self.card.stopped = True
        return self.card

    # -- one world -----------------------------------------------------------------------------------------------------------
    def _world(self, seed: int) -> None:
        self._in_flight.clear()
        with self._store() as url, Practice(self.config, fresh=True, cases=self.cases, seed=seed) as practice:
            if url:
                os.environ["RETURNS_STORE"] = url
            self.card.store = self.config.store_url.partition(":")[0].partition("+")[0]
            for worker in self.workers:
                practice.furnish(worker.config)
            with open_desk(self.config) as desk:
                self._work(practice, desk)

    def _work(self, practice: Practice, desk: Desk) -> None:
        if desk.store.cases():
            raise ConfigProblem("the drill's store holds cases already: give an empty database, whose cases the drill may make up")
        for _ in range(self.config.suite.practice.nights * 2):
            worked = self._day(practice, desk)
            desk.store.close_finished()
            info = practice.info()
            answered = staff_answers(desk, practice, lambda summary: None)
            if info["finished"] and not answered and worked <= IDLE_ITEMS:
                break
            if not info["finished"]:
                practice.night()
        run_bots(desk, CLOSING)
        self._count(practice.score(claims(desk)), desk)

    def _day(self, practice: Practice, desk: Desk) -> int:
        """Let all work until nobody is killed any more; then all bots once more, so that nothing of the day is left."""
        stop = threading.Event()
        teller = threading.Thread(target=self._tell, args=(practice, stop), name="liar", daemon=True)
        if self.faults:
            teller.start()
        try:
            if self._left > 0 or self.card.suites > 1:
                with ThreadPoolExecutor(len(self.workers)) as beside:
                    lives = [beside.submit(self._lives, worker, desk) for worker in self.workers]
                    try:
                        for ended in lives:
                            ended.result()
                    except KeyboardInterrupt:
                        self._end_lives()
                        raise
            return self._life(Worker(self.workers[0].name, DAY, self.config), None)[1]
        finally:
            stop.set()
            if self.faults:
                teller.join()

    def _lives(self, worker: Worker, desk: Desk) -> None:
        """Start the worker again and again, until one life ends by itself."""
        died_at: float | None = None
        while True:
            kill = self._next_kill()
            killed, _ = self._life(worker, kill, died_at)
            if kill is None or self._ending:
                return
            with self._lock:
                if not killed:
                    self._left += 1
                    self._deck.insert(0, kill.point)
                    return
                self.card.kills += 1
                self.card.kills_at[kill.name] += 1
                self._in_flight |= {row.case_id for row in desk.ledger.all() if row.state == "clicked"}
                self._in_flight |= {row.case_id for row in desk.store.replies("sending")}
            died_at = time.monotonic()

    def _end_lives(self) -> None:
        """Let no process go on or begin."""
        with self._lock:
            self._ending = True
            for process in self._alive:
                process.kill()

    def _next_kill(self) -> Kill | None:
        """The next of a shuffled deck: each point once, and every fourth kill at random."""
        with self._lock:
            if self._left <= 0:
                return None
            self._left -= 1
            if not self._deck:
                self._deck = [*range(1, len(POINTS) + 1), *[0] * (len(POINTS) // 3)]
                self._random.shuffle(self._deck)
            point = self._deck.pop()
            return Kill(point, self._random.choice((1, 1, 2, 3))) if point else Kill(0, after_s=self._random.uniform(1.0, 6.0))

    def _life(self, worker: Worker, kill: Kill | None, died_at: float | None = None) -> tuple[bool, int]:
        """One process: (whether it was killed, how many items it worked). Raises Hung when it does not end."""
        command = [sys.executable, "-m", "bots.operations.drill_worker", "--profile", self.config.profile, "--seconds", str(self._life_s)]
        if kill is not None and kill.point:
            command += ["--point", str(kill.point), "--times", str(kill.times), *(["--hang"] if kill.hang else [])]
        places = {"RETURNS_WORKSPACE": worker.config.workspace, "RETURNS_CONFIG": self.config.folder, "RETURNS_LOGS": worker.logs}
        environment = os.environ | {name: str(value) for name, value in places.items() if value} | {"RETURNS_STORE": self.config.store_url}
        with self._lock:
            self.card.runs += 1
        drill_log = worker.config.workspace / "drill.log"
        with drill_log.open("a", encoding="utf-8") as log:
            process = subprocess.Popen([*command, *worker.bots], cwd=self.config.home, env=environment, stdout=subprocess.PIPE, stderr=log, text=True)
        with self._lock:
            self._alive.add(process)
            if self._ending:
                process.kill()
        hung = threading.Event()

        def give_up() -> None:
            hung.set()
            process.kill()

        at_random = kill is not None and not kill.point
        timer = threading.Timer(kill.after_s, process.kill) if kill is not None and at_random else threading.Timer(self._life_s + GRACE_S, give_up)
        timer.start()
        worked = 0
        try:
            assert process.stdout is not None
            for line in _lines(process.stdout):
                if line == AT_WORK and died_at is not None:
                    with self._lock:
                        self.card.seconds_to_recover.append(time.monotonic() - died_at)
                elif line.startswith("worked "):
                    worked = int(line.removeprefix("worked "))
            code = process.wait()
        finally:
            timer.cancel()
            process.kill()  # does nothing to one that has ended; a drill that breaks leaves none behind
        with self._lock:
            self._alive.discard(process)
            self.card.worked[worker.name] += worked
            if hung.is_set() and code:
                self.card.hung += 1
                raise Hung(f"{worker.name} ({', '.join(worker.bots)}) had not ended after {self._life_s:.0f} s; where it stood is written in {drill_log}")
        if code != 0 and not self._ending and (code != -signal.SIGKILL or kill is None):
            raise RuntimeError(f"a worker of the drill ended with {code}; see {drill_log}")
        return code != 0, worked

    # -- lies ------------------------------------------------------------------------------------------------------------------
    def _tell(self, practice: Practice, stop: threading.Event) -> None:
        """Keep one lie waiting for each action of each program, until all have been told. Lies about one action stand seconds apart, so that one case meets one."""
        last: dict[tuple[str, str], float] = {}
        waiting: set[tuple[str, str]] = set()
        while not stop.is_set():
            open_now = {(entry["app"], entry["action"]) for entry in practice.info()["lies"]}
            for place in waiting - open_now:
                last[place] = time.monotonic()
            waiting = open_now & set(self._untold)
            for place, lies in self._untold.items():
                if lies and place not in open_now and time.monotonic() - last.get(place, 0.0) > 5.0:
                    practice.tell_lie(*place, lies.pop(0))
            stop.wait(0.5)
        for entry in practice.forget_lies():
            place = (entry["app"], entry["action"])
            if place in self._untold:
                self._untold[place].append(entry["lie"])

    # -- the score ---------------------------------------------------------------------------------------------------------------
    def _count(self, score: dict[str, Any], desk: Desk) -> None:
        card = self.card
        finished = {case.order_no for case in desk.store.cases() if case.close_code == "done"}
        in_flight = {case.order_no for case in desk.store.cases() if case.id in self._in_flight}
        lied: dict[str, set[str]] = {}
        for told in score["lies"]:
            card.lies[f"{told['app']} {told['action']}: {told['lie']}"] += 1
            name = f"{told['app']} {told['lie']}" if told["app"] == "mail" else told["lie"]
            for case in desk.store.cases():
                if case.order_no and any(mark and mark in told["key"] for mark in (case.rma, case.order_no, case.customer_email)):
                    lied.setdefault(case.order_no, set()).add(name)
        card.returns += score["stories"]
        card.commits += sum(row.clicked_at is not None for row in desk.ledger.all())
        for stray in score["strays"]:
            card.wrong_other += 1
            card.findings.append(f"stray: {stray}")
        for row in score["rows"]:
            self._judge(row, lied.get(row["order_no"], set()), row["order_no"] in in_flight, row["order_no"] in finished)

    def _judge(self, row: dict[str, Any], lies: set[str], in_flight: bool, finished: bool) -> None:
        card, verdict, why = self.card, row["verdict"], row["why"]
        if verdict == "straight_through":
            return
        if verdict == "rightly_to_person":
            card.needs_person_rightly += 1
            return
        if verdict == "wrongly_to_person":
            if in_flight or lies & UNKNOWABLE:
                card.needs_person_rightly += 1
            else:
                card.needs_person_needlessly += 1
                card.findings.append(f"needless: {row['order_no']} {row['kind']}: {why} (lies {sorted(lies)})")
            return
        if verdict == "duplicate" and "double_submit" in lies and row["person"]:
            # The back office itself has written twice on one click; what counts is that it was found and stopped.
            card.needs_person_rightly += 1
            return
        if verdict == "duplicate":
            card.duplicates += 1
        elif verdict == "missed":
            card.lost += 1
        elif re.search(r"due was|nothing was due", why):
            card.wrong_amount += 1
        elif "payer's account" in why:
            card.wrong_payee += 1
        else:
            card.wrong_other += 1
        if finished and not row["person"]:
            card.silent_wrong_success += 1
        card.findings.append(
            f"{verdict}: {row['order_no']} {row['kind']}: {why} (lies {sorted(lies)}, {'in flight when killed' if in_flight else 'not in flight'})"
        )


def workers_of(config: Config, suites: int) -> tuple[Worker, ...]:
    """Who works at the same time: the two sides of one suite, or whole suites, each of which begins its day with other bots."""
    if suites == 1:
        return tuple(Worker("suite 1", bots, config) for bots in SIDES)
    places = [config.workspace, *(config.workspace / f"suite-{number}" for number in range(2, suites + 1))]
    begin = [number * len(DAY) // suites for number in range(suites)]
    return tuple(
        Worker(f"suite {number}", DAY[first:] + DAY[:first], Config(config.folder, config.profile, workspace=place), place / "logs" if number > 1 else None)
        for number, (place, first) in enumerate(zip(places, begin, strict=True), 1)
    )


def _lines(stream: IO[str]) -> Iterator[str]:
    for line in stream:
        yield line.strip()


def drill_workspace(config: Config) -> Path:
    """The drill has a workspace of its own beside the practice one: it empties it."""
    return config.workspace.parent / "drill"

"""Leases: nothing is worked twice at once, and nothing is lost when a worker dies."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import psutil
from sqlalchemy import select, update

from bots.cases.store import Store
from bots.cases.tables import work_items
from bots.cases.work import WorkQueue
from tests.stores import BOTH_STORES, at_once

pytestmark = BOTH_STORES


def another(stores: Callable[[str], Store], name: str = "elsewhere:4711", lease: timedelta = timedelta(minutes=5)) -> WorkQueue:
    """A worker on another machine: whether it lives cannot be seen from here."""
    queue = WorkQueue(stores(name), lease)
    queue.worker = name
    return queue


@contextmanager
def process() -> Iterator[str]:
    """A process that lives inside the block: `pid:start`, as the name of a worker ends."""
    living = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    try:
        yield f"{living.pid}:{psutil.Process(living.pid).create_time():.0f}"
    finally:
        living.kill()
        living.wait()


def test_one_worker_takes_an_item(stores: Callable[[str], Store]) -> None:
    queues = [another(stores, f"w{n}:1") for n in range(4)]
    taken = [lease for lease in at_once(lambda queue: queue.take("refunds", "RMA-1"), queues) if lease]
    assert [(lease.bot, lease.key, lease.attempts) for lease in taken] == [("refunds", "RMA-1", 1)]
    assert queues[0].take("refunds", "RMA-2") and queues[0].take("review", "RMA-1"), "another item, another bot"


def test_a_finished_item_may_be_taken_again_as_a_new_one(stores: Callable[[str], Store]) -> None:
    queue = another(stores)
    first = queue.take("refunds", "RMA-1")
    assert first and queue.take("refunds", "RMA-1") is None, "not even by the same worker"
    queue.end(first, "done", minutes_saved=700)
    second = queue.take("refunds", "RMA-1")
    assert second and second.id != first.id and queue.counts() == {"refunds": {"done": 1, "leased": 1}} and queue.minutes_saved() == 7.0


def test_an_expired_lease_is_taken_over_and_the_old_worker_notices(stores: Callable[[str], Store]) -> None:
    slow, quick = another(stores, "slow:1", lease=timedelta(seconds=-1)), another(stores, "quick:1")
    lost = slow.take("refunds", "RMA-1")
    taken = quick.take("refunds", "RMA-1")
    assert lost and taken and (taken.id, taken.attempts) == (lost.id, 2)
    assert not slow.heartbeat(lost)
    slow.end(lost, "done", minutes_saved=700)
    assert quick.counts() == {"refunds": {"leased": 1}} and quick.minutes_saved() == 0, "who lost the lease ends nothing"
    quick.end(taken, "done")
    assert quick.counts() == {"refunds": {"done": 1}}


def test_a_heartbeat_keeps_the_lease(stores: Callable[[str], Store]) -> None:
    queue, other = another(stores, "a:1"), another(stores, "b:1")
    lease = queue.take("refunds", "RMA-1")
    assert lease
    with queue.store.database.begin() as db:
        db.execute(update(work_items).values(lease_until=datetime.now(UTC) - timedelta(seconds=1)))
    assert queue.heartbeat(lease) and other.take("refunds", "RMA-1") is None


def test_the_lease_of_a_dead_process_on_this_machine_need_not_run_out(stores: Callable[[str], Store]) -> None:
    here = WorkQueue(stores("here"))
    host = here.worker.split(":")[0]
    with process() as living:
        pid, _, started = living.partition(":")
        with process() as ended:
            pass
        workers = {
            "dead": f"{host}:{ended}",
            "its number again": f"{host}:{pid}:{int(started) - 60}",
            "living": f"{host}:{living}",
            "far": f"other-{host}:{ended}",
        }
        for key, name in workers.items():
            assert another(stores, name).take("refunds", key)
        taken = {key: here.take("refunds", key) for key in workers}
        assert {key: lease and lease.attempts for key, lease in taken.items()} == {"dead": 2, "its number again": 2, "living": None, "far": None}


def test_a_waiting_item_waits_until_its_time_or_until_a_person_says_now(stores: Callable[[str], Store]) -> None:
    queue = another(stores)
    lease = queue.take("refunds", "RMA-1")
    assert lease
    queue.end(lease, "failed", error="the screen was away " * 500, wait=timedelta(minutes=15))
    assert queue.take("refunds", "RMA-1") is None and queue.counts() == {"refunds": {"waiting": 1}}
    with queue.store.database.read() as db:
        row = db.execute(select(work_items)).one()
    assert row.not_before - row.ended_at == timedelta(minutes=15) and len(row.error) == 2000
    assert queue.retry_now("RMA-1") == 1 and queue.retry_now("RMA-2") == 0
    again = queue.take("refunds", "RMA-1")
    assert again and (again.id, again.attempts) == (lease.id, 2)


def test_runs_are_remembered_and_the_newest_of_each_bot_is_known(store: Store) -> None:
    queue = WorkQueue(store)
    for bot, done in (("review", 1), ("refunds", 2), ("review", 3)):
        queue.end_run(queue.start_run(bot), milliseconds=1200, done=done, to_person=0, failed=0, verdict="ok", note="x" * 3000)
    under_way = queue.start_run("intake")
    assert [(run["bot"], run["done"], run["verdict"]) for run in queue.last_runs()] == [("refunds", 2, "ok"), ("review", 3, "ok"), ("intake", 0, "running")]
    assert queue.last_runs()[-1]["id"] == under_way and len(queue.all_runs()) == 4 and len(queue.all_runs()[0]["note"]) == 2000

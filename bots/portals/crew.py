"""Desks side by side: the work of one bot shared among several browsers."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bots.portals.desk import Desk


class Crew:
    """Further desks beside the first. Each has a thread of its own, because a browser belongs to the thread that started it; it is made when first needed."""

    def __init__(self, make: Callable[[], Desk], size: int) -> None:
        self._make = make
        self._threads = [ThreadPoolExecutor(1, thread_name_prefix=f"desk {number + 2}") for number in range(size)]
        self._desks: list[Desk | None] = [None] * size

    def each(self, work: Callable[[Desk], None]) -> list[Future[None]]:
        """Start `work` at every further desk; the futures are done when it is."""
        return [thread.submit(self._at, number, work) for number, thread in enumerate(self._threads)]

    def _at(self, number: int, work: Callable[[Desk], None]) -> None:
        desk = self._desks[number]
        if desk is None:
            desk = self._desks[number] = self._make()
        work(desk)

    def close(self) -> None:
        """Close every desk in its own thread, and end the threads."""
        for number, thread in enumerate(self._threads):
            if (desk := self._desks[number]) is not None:
                thread.submit(desk.close)
            thread.shutdown()

"""What a bot is: a name, the work it claims, and how it works one item."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from bots.cases.store import Case
    from bots.portals.desk import Desk


@dataclass(frozen=True)
class Item:
    """One piece of work. `key` names it for leases and logs; `data` is whatever the bot read while claiming it."""

    key: str
    case: Case | None = None
    data: Any = None


class Bot(Protocol):
    """A clerk. The runner owns the loop; a bot only says what is due and works one item at a time.

    `work` may raise BusinessException (to a person), SystemException (tried again) or NeedsCheck (frozen).
    """

    name: str
    title: str
    """What it does, in a few words."""
    side_by_side: bool
    """Whether several desks may share its work: true where one item knows nothing of the others."""
    by_hand: float
    """Minutes a person needs for one item; the baseline of the minutes saved."""

    def items(self, desk: Desk) -> Iterable[Item]:
        """The work that is due now. May read a back-end to find out."""
        ...

    def work(self, item: Item, desk: Desk) -> str:
        """Work one item and say in a few words what was done."""
        ...

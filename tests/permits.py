"""A permit for tests of portals: it remembers instead of asking a ledger."""

from __future__ import annotations

from dataclasses import dataclass, field

from bots.cases.errors import Suppressed


@dataclass
class TestPermit:
    """Spent once; `dry` refuses the click as a dry run does."""

    __test__ = False

    natural_key: str = "test"
    dry: bool = False
    spent: int = 0
    pictures: dict[str, bytes] = field(default_factory=dict)

    def spend(self) -> None:
        if self.dry:
            raise Suppressed("dry run")
        if self.spent:
            raise Suppressed("spent before")
        self.spent += 1

    def photograph(self, moment: str, picture: bytes) -> None:
        self.pictures[moment] = picture

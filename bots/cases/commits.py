"""A commit: the one click that moves money or goods, and the permit without which no screen makes it."""

from __future__ import annotations

from typing import Protocol


class Permit(Protocol):
    """Leave for exactly one commit click, given by the ledger after it has written the intent down."""

    natural_key: str

    @property
    def dry(self) -> bool:
        """Whether this is a dry run: `spend` will refuse, and the screen lets nothing through that could change anything."""
        ...

    def spend(self) -> None:
        """Write down that the click comes now. Raises Suppressed in a dry run, and when the permit was spent before."""
        ...

    def photograph(self, moment: str, picture: bytes) -> None:
        """Keep a picture of the filled form (`before`) or of what came after (`after`) as evidence."""
        ...

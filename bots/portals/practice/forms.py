"""What the practice programs with lists, forms and a confirm step have in common."""

from __future__ import annotations

from collections.abc import Mapping

from bots.cases.commits import Permit
from bots.cases.errors import BusinessException, ScreenChanged, SystemException
from bots.portals.web import WebPortal

MOST_PAGES = 100
"""A list that goes on longer is not a list but a loop."""
Terms = Mapping[str, tuple[object, object]]
"""Term -> (as the confirm step shows it, as wanted)."""


class FormPortal(WebPortal):
    """A portal whose list pages have a table of the page's own name and a link `next`, and whose pages with a commit have toast, error and idle."""

    def _open_record(self, page: str, **params: str) -> bool:
        """Open a record's page; False when the program does not know it."""
        self.screen.open(page, **params)
        return self.screen.status != 404

    def _list(self, page: str, **filters: str) -> list[dict[str, str]]:
        """All rows of a list, over as many pages as it has."""
        rows: list[dict[str, str]] = []
        for number in range(1, MOST_PAGES + 1):
            self.screen.open(page, number=number, **filters)
            rows += self.screen.table(page)
            if not self.screen.has("next"):
                return rows
        raise SystemException(f"{self.book.head.title}: the list {page!r} has no end after {MOST_PAGES} pages", code="endless_list")

    def _confirmation(self, dialog: str) -> dict[str, str]:
        """What the confirm step repeats; a refusal shown instead of it raises BusinessException."""
        if self.screen.wait_any(dialog, "error") == "error":
            raise self._refused(self.screen.text("error"))
        return self.screen.fields(dialog)

    def _agree(self, terms: Terms) -> None:
        """Every term must stand in the confirm step exactly as wanted: a 1 is not an 11."""
        wrong = {name: pair for name, pair in terms.items() if pair[0] != pair[1]}
        if wrong:
            raise ScreenChanged(
                f"{self.book.product}/{self.screen.current}: the confirm step shows other terms (shown, wanted): {wrong}", code="confirm_mismatch"
            )

    def _after_commit(self, lands_on: str, permit: Permit) -> None:
        """Wait for the page after the click: a toast, an error, or neither.

        Which of the three it was proves nothing about the books, so the caller reads back in any case; an error raises SystemException.
        """
        screen = self.screen
        outcome = screen.wait_any("toast", "error", "idle")
        permit.photograph("after", screen.picture())
        if outcome == "error":
            raise SystemException(f"{self.book.head.title} answered the commit with: {screen.text('error')}", code="error_after_commit")
        screen.now_at(lands_on)

    def _refused(self, facts: str) -> BusinessException:
        return BusinessException(f"{self.book.head.title}: {facts}", code="refused_by_backend")

"""The commit ledger: money and goods move only through here, once.

The road of a commit: write the intent down under its natural key; look first whether it already happened; check the
guardrails; let the portal fill its form and click once, with the moment before the click written down; read back from
another page; confirm. Whatever is killed in between leaves a row that says how far it came:

    intended     nothing was clicked: safe to start again
    clicked      the click came, or was about to: only reading can tell the outcome
    confirmed    the back-end shows it, with its own number
    needs_check  read back and not found, or found different: frozen until a person or a later reading decides
    refused      the back-end said no and shows nothing
    void         it never happened: a person decided so, or reading showed it of a commit that may be repeated
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from loguru import logger
from sqlalchemy import Row, insert, select, update
from sqlalchemy.exc import IntegrityError

from bots.cases import events
from bots.cases.errors import BusinessException, NeedsCheck, Suppressed, SystemException, WorkException
from bots.cases.money import Money
from bots.cases.store import Case, Store
from bots.cases.tables import commits

# Numbered points of the protocol, for drills that stop the process there.
# Reference of a commit that a person says has happened although the back-end does not list it.
BY_HAND = "confirmed by a person"
POINTS = (
    "1 before intent",
    "2 after intent",
    "3 after look",
    "4 before click",
    "5 click written down",
    "6 after click",
    "7 after read-back",
    "8 after confirm",
)


@dataclass(frozen=True)
class Intent:
    """What is about to be done, in full. The natural key says what would make a second one a duplicate.

    `repeatable` is for a commit that sets one field of one object, where the back-end itself takes no second one (a check's
    disposition): where reading shows that it did not happen, it is clicked again rather than frozen. Never for money.
    """

    natural_key: str
    kind: str
    bot: str
    portal: str
    terms: dict[str, Any]
    amount: Money | None = None
    payee: str = ""
    repeatable: bool = False

    @property
    def terms_hash(self) -> str:
        """Hash over everything an approval is given for: any change voids it."""
        return events.digest([self.natural_key, self.kind, self.portal, self.terms, self.amount.model_dump() if self.amount else None, self.payee])


@dataclass(frozen=True)
class CommitRow:
    """One line of the ledger."""

    id: int
    natural_key: str
    kind: str
    case_id: int
    bot: str
    portal: str
    amount: Money | None
    payee: str
    terms: dict[str, Any]
    terms_hash: str
    state: str
    reference: str
    note: str
    intended_at: datetime
    clicked_at: datetime | None
    settled_at: datetime | None


def seen_first(seen: str | None, look: Callable[[], str | None]) -> Callable[[], str | None]:
    """A look whose first answer was read from the back-end a moment ago by the same bot, and whose later ones are read anew.

    Saves a page load where the page that led to the commit already lists what would be a duplicate.
    """
    fresh = [seen]
    return lambda: fresh.pop() if fresh else look()


def nothing(number: int) -> None:
    """What happens at a numbered point of the protocol, unless a drill says otherwise."""


def only_one(kind: str, rma: str, numbers: Iterable[str]) -> str | None:
    """The number of what stands under an RMA, None when nothing does; raises NeedsCheck when there are several: somebody, or the program itself, did it twice."""
    standing = sorted(set(numbers))
    if len(standing) > 1:
        raise NeedsCheck(f"{kind} stands {len(standing)} times under {rma}: {', '.join(standing)}.", code="made_twice", severity="high", suggestion="retry")
    return standing[0] if standing else None


class LedgerPermit:
    """Leave for one click. Made by the ledger only; `spend` works once."""

    def __init__(
        self, ledger: Ledger, case: Case, row: CommitRow, dry_run: bool, photograph: Callable[[Case, str, str, bytes], None], check: Callable[[], None]
    ) -> None:
        self.natural_key = row.natural_key
        self._check = check
        self.spent = False
        self._ledger, self._case, self._row, self._photograph = ledger, case, row, photograph
        self.dry = dry_run

    def photograph(self, moment: str, picture: bytes) -> None:
        self._photograph(self._case, self._row.kind, moment, picture)

    def spend(self) -> None:
        if self.dry:
            raise Suppressed(f"{self._row.kind} of {self._case.rma} was filled in, photographed and not sent")
        if self.spent:
            raise NeedsCheck(f"a second click on {self.natural_key} was asked for", code="second_click")
        self._ledger.point(4)
        self._ledger._clicked(self._row)
        try:
            # Once more, now that this commit counts: two workers who both saw room under a cap see each other here.
            self._check()
        except BaseException:
            self._ledger._unclick(self._row)
            raise
        self.spent = True
        self._ledger.point(5)


class Ledger:
    """Writes and settles commits; `guard` is asked before every click and raises GuardrailStop to say no."""

    def __init__(
        self,
        store: Store,
        guard: Callable[[Case, Intent], None],
        photograph: Callable[[Case, str, str, bytes], None],
        *,
        point: Callable[[int], None] = nothing,
    ) -> None:
        self.store, self.guard, self.photograph, self.point = store, guard, photograph, point

    # -- the protocol ----------------------------------------------------------------------------------------------------
    def carry_out(
        self,
        case: Case,
        intent: Intent,
        *,
        look: Callable[[], str | None],
        act: Callable[[LedgerPermit], None],
        dry_run: bool = False,
    ) -> str:
        """Do it once and give the back-end's own number for it.

        `look` reads the back-end's list and gives the number of what matches these exact terms, None when nothing is
        there; it raises BusinessException when something is there that contradicts them. `act` drives the form and
        clicks through the permit. Raises NeedsCheck when the outcome is unknown, GuardrailStop when not allowed now,
        BusinessException when the back-end refuses, Suppressed in a dry run.
        """
        self.point(1)
        row = self._intend(case, intent)
        if row.state == "confirmed":
            # On a person's word alone the back-end may list it by now, with a number of its own.
            return (self._look(case, row, look) if row.reference == BY_HAND else None) or row.reference
        self.point(2)
        found = self._look(case, row, look)
        if found is not None:
            return found
        if row.state in ("clicked", "needs_check") and intent.repeatable:
            self._settle(row, "void", note="clicked earlier; the back-end does not show it")
        elif row.state in ("clicked", "needs_check"):
            return self._freeze(
                row,
                "clicked earlier; the back-end does not show it",
                f"{intent.kind} {intent.natural_key} was clicked at {row.clicked_at:%Y-%m-%d %H:%M} UTC and {intent.portal} does not show it",
            )
        self.point(3)
        self.guard(case, intent)
        permit = LedgerPermit(self, case, row, dry_run, self.photograph, lambda: self.guard(case, intent))
        failure: WorkException | None = None
        try:
            act(permit)
        except (Suppressed, NeedsCheck):
            raise
        except WorkException as error:
            if not permit.spent:
                raise
            failure = error
        self.point(6)
        try:
            found = self._look(case, row, look)
        except SystemException as error:
            failure = failure or error
            found = None
        self.point(7)
        if found is not None:
            self.point(8)
            return found
        if isinstance(failure, BusinessException):
            self._settle(row, "refused", note=failure.facts)
            raise failure
        if intent.repeatable and failure is None:
            failure = SystemException(f"{intent.natural_key}: clicked, then {intent.portal} did not show it", code="not_taken")
        if intent.repeatable and failure is not None:
            raise failure
        return self._freeze(
            row,
            str(failure) if failure else "clicked; the back-end does not show it",
            f"{intent.kind} {intent.natural_key}: clicked, then {intent.portal} did not show it{f' ({failure.facts})' if failure else ''}",
        )

    def _freeze(self, row: CommitRow, note: str, why: str) -> str:
        """Raise NeedsCheck, or give the reference when another worker has read the commit back and confirmed it meanwhile."""
        if self._settle(row, "needs_check", note=note):
            raise NeedsCheck(why)
        confirmed = self.find(row.natural_key)
        assert confirmed is not None
        return confirmed.reference

    def _look(self, case: Case, row: CommitRow, look: Callable[[], str | None]) -> str | None:
        found = look()
        if found is not None:
            self._settle(row, "confirmed", reference=found, note="" if self._was_clicked(row) else "found by looking first")
            self.store.note(case, "commit_confirmed", kind=row.kind, key=row.natural_key, reference=found, portal=row.portal)
        return found

    def _was_clicked(self, row: CommitRow) -> bool:
        fresh = self.find(row.natural_key)
        return fresh is not None and fresh.clicked_at is not None

    def _intend(self, case: Case, intent: Intent) -> CommitRow:
        """Write the intent down, or give the row that is already there.

        A refused, void or unclicked row is taken up again with the new terms; a clicked or confirmed one must agree.
        """
        now = self.store.clock.now()
        values: dict[str, Any] = {
            "kind": intent.kind,
            "case_id": case.id,
            "bot": intent.bot,
            "portal": intent.portal,
            "amount_minor": intent.amount.minor if intent.amount else None,
            "currency": intent.amount.currency if intent.amount else None,
            "payee": intent.payee,
            "terms": intent.terms,
            "terms_hash": intent.terms_hash,
        }
        try:
            with self.store.database.begin() as db:
                db.execute(insert(commits).values(natural_key=intent.natural_key, state="intended", intended_at=now, **values))
                events.append(
                    db,
                    case.id,
                    now,
                    self.store.actor,
                    "commit_intended",
                    {"kind": intent.kind, "key": intent.natural_key, "amount": str(intent.amount or ""), "portal": intent.portal},
                )
        except IntegrityError:
            known = self.find(intent.natural_key)
            assert known is not None
            if known.terms_hash != intent.terms_hash:
                if known.state in ("clicked", "confirmed", "needs_check"):
                    raise NeedsCheck(
                        f"{intent.natural_key} stands in the ledger as {known.state} on other terms ({known.amount}; now {intent.amount})", code="terms_changed"
                    ) from None
                with self.store.database.begin() as db:
                    # Only while nobody has clicked: another worker may do so between the reading above and now.
                    db.execute(
                        update(commits).where(commits.c.id == known.id, commits.c.state.in_(("intended", "refused", "void"))).values(state="intended", **values)
                    )
        row = self.find(intent.natural_key)
        assert row is not None
        if row.terms_hash != intent.terms_hash:
            raise NeedsCheck(f"{intent.natural_key} was taken by another worker on other terms", code="terms_changed")
        return row

    def _clicked(self, row: CommitRow) -> None:
        with self.store.database.begin() as db:
            done = db.execute(
                update(commits)
                .where(commits.c.id == row.id, commits.c.terms_hash == row.terms_hash, commits.c.state.in_(("intended", "refused", "void")))
                .values(state="clicked", clicked_at=self.store.clock.now())
            )
            if done.rowcount != 1:
                raise NeedsCheck(f"{row.natural_key} was taken by another worker at the last moment", code="second_click")
            events.append(db, row.case_id, self.store.clock.now(), self.store.actor, "commit_clicked", {"kind": row.kind, "key": row.natural_key})

    def _unclick(self, row: CommitRow) -> None:
        """Take the mark back where the click did not come: a guardrail stopped it at the last moment."""
        with self.store.database.begin() as db:
            db.execute(update(commits).where(commits.c.id == row.id, commits.c.state == "clicked").values(state="intended", clicked_at=None))
            events.append(db, row.case_id, self.store.clock.now(), self.store.actor, "commit_held", {"kind": row.kind, "key": row.natural_key})

    def _settle(self, row: CommitRow, state: str, *, reference: str = "", note: str = "") -> bool:
        """Write down how a commit ended; False when it is confirmed already, which nothing takes back."""
        with self.store.database.begin() as db:
            done = db.execute(
                update(commits)
                .where(commits.c.id == row.id, (commits.c.state != "confirmed") | (state == "confirmed"))
                .values(state=state, reference=reference or row.reference, note=note, settled_at=self.store.clock.now())
            )
            if done.rowcount != 1:
                return False
            if state != "confirmed":
                events.append(
                    db, row.case_id, self.store.clock.now(), self.store.actor, f"commit_{state}", {"kind": row.kind, "key": row.natural_key, "note": note}
                )
        logger.info("commit {} is {} {}", row.natural_key, state, reference)
        return True

    def look_again(self, case: Case, natural_key: str, look: Callable[[], str | None]) -> str | None:
        """Read-only: whether a frozen commit shows in the back-end by now; confirms it if so. Clicks nothing, ever."""
        row = self.find(natural_key)
        if row is None or row.state not in ("clicked", "needs_check"):
            return None
        return self._look(case, row, look)

    # -- what a person decides about a frozen commit -------------------------------------------------------------------------
    def decide(self, case: Case, happened: bool, by: str) -> int:
        """A person looked: mark the case's frozen commits as confirmed or void; how many."""
        rows = [row for row in self.of_case(case) if row.state in ("clicked", "needs_check")]
        for row in rows:
            self._settle(row, "confirmed" if happened else "void", reference=BY_HAND if happened else "", note=f"decided by {by}")
        return len(rows)

    # -- reading the ledger ------------------------------------------------------------------------------------------------
    def find(self, natural_key: str) -> CommitRow | None:
        with self.store.database.read() as db:
            row = db.execute(select(commits).where(commits.c.natural_key == natural_key)).one_or_none()
        return _row(row) if row else None

    def of_case(self, case: Case) -> list[CommitRow]:
        with self.store.database.read() as db:
            return [_row(row) for row in db.execute(select(commits).where(commits.c.case_id == case.id).order_by(commits.c.id))]

    def all(self, kind: str | None = None) -> list[CommitRow]:
        query = select(commits).order_by(commits.c.id)
        with self.store.database.read() as db:
            return [_row(row) for row in db.execute(query.where(commits.c.kind == kind) if kind else query)]

    def clicked_since(self, kind: str, since: datetime) -> list[CommitRow]:
        """Commits of a kind whose click came on or after `since` (UTC) and was not voided: what caps add up."""
        query = select(commits).where(commits.c.kind == kind, commits.c.clicked_at >= since, commits.c.state.in_(("clicked", "confirmed", "needs_check")))
        with self.store.database.read() as db:
            return [_row(row) for row in db.execute(query)]


def _row(row: Row[Any]) -> CommitRow:
    values = dict(row._mapping)
    minor, currency = values.pop("amount_minor"), values.pop("currency")
    return CommitRow(**values, amount=Money(minor=minor, currency=currency) if currency else None)

"""What the contract of portals works with: samples, permits that end before the click, and what every verb must keep."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any, Literal

from bots.cases.errors import BusinessException, ConfigProblem, GuardrailStop, Suppressed, SystemException
from bots.cases.model import Record
from bots.cases.money import Money

NOBODY = "ZZ-0000-NONE-0"
"""A number that no program knows."""


class Broken(Exception):
    """A portal does not keep its contract: says what it gave and what it should have given."""


@dataclass
class CheckPermit:
    """Lets a writing verb up to its click and no further, or, with `commit`, click once; `guard` may refuse the click."""

    natural_key: str
    commit: bool = False
    guard: Callable[[], None] = lambda: None
    spent: int = 0
    asked: int = 0
    pictures: dict[str, bytes] = field(default_factory=dict)

    @property
    def dry(self) -> bool:
        """Whether the click is not to come."""
        return not self.commit

    def spend(self) -> None:
        """Raises Suppressed where nothing may be committed, and at a second click."""
        self.asked += 1
        if not self.commit or self.spent:
            raise Suppressed(f"{self.natural_key}: {'a second click was asked for' if self.spent else 'the check ends before the click'}")
        self.guard()
        self.spent += 1

    def photograph(self, moment: str, picture: bytes) -> None:
        self.pictures[moment] = picture


@dataclass
class Bench:
    """What checks work with: the portal, samples by name, and where downloads go."""

    portal: Any
    samples: Mapping[str, str]
    folder: Path
    today: date
    known: Mapping[str, str] = field(default_factory=dict)
    """Further samples, for reading checks only: what is written to, a person names."""
    commit: bool = False
    guard: Callable[[Money | None], None] = lambda amount: None
    pictures: dict[str, bytes] = field(default_factory=dict)
    """`VERB-MOMENT` -> picture of the confirm step, for a person to look at."""

    def since(self) -> date:
        """The day from which lists are asked for: the sample `since` (YYYY-MM-DD), else 30 days ago."""
        return date.fromisoformat(self.samples["since"]) if "since" in self.samples else self.today - timedelta(days=30)

    def amount(self, currency: str) -> Money:
        """The sample `amount`, in minor units of this currency."""
        try:
            return Money(minor=int(self.samples["amount"]), currency=currency)
        except ValueError as error:
            raise ConfigProblem(f"--sample amount={self.samples['amount']}: must be a whole number of minor units (cents): {error}") from None


Kind = Literal["read", "write"]
Run = Callable[[Bench], str]


@dataclass(frozen=True)
class Check:
    """One thing a verb must keep: `says` for people, `needs` the names of samples, `run` gives a few words on what was seen or raises Broken."""

    verb: str
    says: str
    run: Run
    needs: tuple[str, ...] = ()
    kind: Kind = "read"


@dataclass(frozen=True)
class Outcome:
    """How a check ended. works, broken, missing (the verb is not written), skipped (no sample, or not allowed to write)."""

    check: Check
    verdict: Literal["works", "broken", "missing", "skipped"]
    words: str


# -- what every record keeps -----------------------------------------------------------------------------------------------
def must(holds: bool, otherwise: str) -> None:
    if not holds:
        raise Broken(otherwise)


def same(what: str, seen: object, wanted: object) -> None:
    must(seen == wanted, f"{what} is {seen!r}, must be {wanted!r}")


def sourced(bench: Bench, *records: Record) -> None:
    """Every record says which program it is from, and under which key; every time has its zone."""
    for record in records:
        same(f"source_system of {record.source_key or record!r}", record.source_system, bench.portal.name)
        must(record.source_key != "", f"a {type(record).__name__} has no source_key")
        for name, value in record:
            if isinstance(value, datetime):
                must(value.utcoffset() == timedelta(0), f"{name} of {record.source_key} is {value}, must be in UTC")


def only(records: object, name: str, wanted: str) -> tuple[Any, ...]:
    """The records, all of which must carry exactly this number."""
    must(isinstance(records, tuple), f"gave a {type(records).__name__}, must be a tuple")
    assert isinstance(records, tuple)
    others = {getattr(record, name) for record in records} - {wanted}
    must(not others, f"asked for {wanted!r}, gave {sorted(others)} too")
    return records


def finds_exactly(bench: Bench, verb: str, name: str, wanted: str, key: str) -> str:
    """A list verb gives exactly what was asked for: nothing for an unknown number, nothing of a number that begins alike, nothing twice."""
    find = getattr(bench.portal, verb)
    same(f"{verb}({NOBODY!r})", find(NOBODY), ())
    only(find(wanted[:-1]), name, wanted[:-1])
    found = only(find(wanted), name, wanted)
    sourced(bench, *found)
    numbers = [getattr(record, key) for record in found]
    same("the numbers found", sorted(numbers), sorted(set(numbers)))
    return f"{len(found)} with {wanted}" + (f": {', '.join(numbers[:4])}" if numbers else "")


def knows_only_its_own(bench: Bench, verb: str, name: str, wanted: str) -> Any:
    """A verb for one thing gives that thing, twice the same, and None for an unknown number; never another whose number begins alike."""
    read = getattr(bench.portal, verb)
    same(f"{verb}({NOBODY!r})", read(NOBODY), None)
    neighbour = read(wanted[:-1])
    must(neighbour is None or getattr(neighbour, name) == wanted[:-1], f"asked for {wanted[:-1]!r}, gave {getattr(neighbour, name, neighbour)!r}")
    found = read(wanted)
    must(found is not None, f"{verb}({wanted!r}) found nothing; is the sample right?")
    same(name, getattr(found, name), wanted)
    sourced(bench, found)
    same("what a second reading gives", read(wanted), found)
    return found


# -- what every writing verb keeps -----------------------------------------------------------------------------------------
@contextmanager
def keep_pictures(bench: Bench, verb: str, permit: CheckPermit) -> Iterator[None]:
    try:
        yield
    finally:
        bench.pictures.update({f"{verb}-{moment}": picture for moment, picture in permit.pictures.items()})


def write_once(bench: Bench, verb: str, act: Callable[[CheckPermit], None], find: Callable[[], Sequence[Any]], money: Money | None = None) -> Any | None:
    """A writing verb goes up to its one click, and after that click reading back finds one thing more; gives that thing, or None after a rehearsal."""
    before = list(find())
    permit = CheckPermit(f"portal check {verb}", bench.commit, lambda: bench.guard(money))
    with keep_pictures(bench, verb, permit):
        if not bench.commit:
            rehearse(verb, lambda: act(permit), permit)
            same("what reading back finds after a rehearsal", list(find()), before)
            return None
        click_once(verb, lambda: act(permit), permit)
    after = list(find())
    new = [one for one in after if one not in before]
    must(len(after) == len(before) + 1 and len(new) == 1, f"after one click reading back finds {len(after)}, before it {len(before)}")
    return new[0]


def rehearse(verb: str, act: Callable[[], None], permit: CheckPermit) -> None:
    try:
        act()
    except Suppressed:
        same("pictures taken before the click", sorted(permit.pictures), ["before"])
        return
    raise Broken(f"{verb} ended without asking its permit" if not permit.asked else f"{verb} went on although its permit refused")


def click_once(verb: str, act: Callable[[], None], permit: CheckPermit) -> None:
    try:
        act()
    except (GuardrailStop, BusinessException):
        raise
    except SystemException:
        # After the click an error page proves nothing; reading back decides.
        if not permit.spent:
            raise
    same(f"clicks of {verb}", (permit.spent, permit.asked), (1, 1))


def told(made: Any | None, number: str) -> str:
    return f"made {getattr(made, number)} and read it back" if made is not None else "goes up to the click and stops there"


def saved(bench: Bench, file: Path) -> str:
    """A download is there, is not empty, and lies where it was asked for."""
    must(isinstance(file, Path) and file.is_file(), f"gave {file!r}, which is no file")
    must(file.resolve().is_relative_to(bench.folder.resolve()), f"{file} is not in {bench.folder}")
    size = file.stat().st_size
    must(size > 0, f"{file.name} is empty")
    return f"{file.name}, {size} bytes"

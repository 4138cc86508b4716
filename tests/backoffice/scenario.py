"""Building a practice world: N stories of the numbered kinds from one seed, with the everyday orders around them."""

from __future__ import annotations

import json
import random
import sqlite3
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from . import exports, papers
from .drafts import BOOK_RATE, CURRENCY, PAST_CLERK, SHIPPING, LineDraft, OrderDraft, insert, price_in, text_time, write_order
from .kinds import BY_NAME, KINDS, PLAIN, TWISTED, Kind
from .people import invent
from .products import catalogue
from .stories import Story, Teller
from .world import World

BASE_TIME = datetime(2026, 10, 5, 8, 0, tzinfo=UTC)  # a Monday
PLAIN_SHARE = 0.75  # of the stories beyond one of each kind
DROP = "drop"


def choose_kinds(seed: int, cases: int) -> list[Kind]:
    """The first `cases` kinds; beyond one of each, mostly plain ones."""
    chosen = list(KINDS[:cases])
    rng = random.Random(f"{seed}:kinds")
    while len(chosen) < cases:
        chosen.append(rng.choice(PLAIN if rng.random() < PLAIN_SHARE else TWISTED))
    return chosen


def build(folder: Path, seed: int = 1, cases: int | None = None, kinds: Sequence[str] | None = None, now: datetime = BASE_TIME, simple: bool = False) -> World:
    """A new world in `folder`: `kinds` by name (one story each), or the first `cases` of the numbered kinds (default all).
    `simple`: orders in euros, of one line, without shipping and discounts.

    The same seed makes the same rows and the same files. Raises KeyError for a kind that is not in the table.
    """
    chosen = [BY_NAME[name] for name in kinds] if kinds is not None else choose_kinds(seed, len(KINDS) if cases is None else cases)
    world = World.create(folder, now)
    teller = Teller(seed, now, simple)
    stories = [teller.tell(kind, number) for number, kind in enumerate(chosen, 1)]
    with world.write() as db:
        for key, value in {"seed": seed, "cases": len(chosen), "day": 0, "start": text_time(now)}.items():
            insert(db, "meta", key=key, value=str(value))
        _write_products(db)
        writings = _writings(stories, teller, seed, now)
        random.Random(f"{seed}:shelf").shuffle(writings)
        for order, story in writings:
            rng = random.Random(f"{seed}:{order.order_no}")
            write_order(db, order, now, rng)
            if story:
                _write_past(db, story, order, now, rng)
        for story in stories:
            _write_story(db, story)
    exports.drop(folder / DROP, stories, now, seed)
    return world


def _writings(stories: Sequence[Story], teller: Teller, seed: int, now: datetime) -> list[tuple[OrderDraft, Story | None]]:
    """The stories' orders, and orders of customers who are content."""
    writings: list[tuple[OrderDraft, Story | None]] = [(story.order, story) for story in stories if story.order]
    for number in range(min(120, max(6, len(stories) // 2))):
        rng = random.Random(f"{seed}:content:{number}")
        person = invent(rng.choice(("DE", "FR", "IT", "NL", "PL", "GB", "ES", "US")), rng, teller.names.emails)
        channel = rng.choice(["shop", "shop", "shopify", "ebay", "amazon_mfn"])
        currency = CURRENCY.get(person.country, "EUR")
        delivered = now - timedelta(days=rng.randrange(2, 60), hours=rng.randrange(6))
        order = OrderDraft(teller.names.order_no(channel, person.country, rng), channel, person, delivered, [], currency, SHIPPING[currency])
        product = rng.choice([p for p in catalogue() if p.plain])
        serials = [papers.serial_number(product.family, rng)] if product.serialised else []
        order.lines = [LineDraft(product, 1, price_in(product, currency, rng), serials=serials)]
        order.method = rng.choice(["card", "wallet"]) if channel in ("shop", "shopify") else "marketplace"
        if channel == "shop" and person.country in ("DE", "NL") and rng.random() < 0.5:
            order.method, order.payer_iban = "bank_transfer", papers.iban(person.country, rng)
        writings.append((order, None))
    return writings


def _write_products(db: sqlite3.Connection) -> None:
    for product in catalogue():
        insert(
            db,
            "products",
            sku=product.sku,
            family=product.family,
            size=product.size or None,
            gtin=product.gtin,
            name_zh=_zh_name(product.names, product.size),
            name_en=product.official,
            category=product.category,
            hs_code=product.hs_code,
            origin="CN",
            weight_g=product.weight,
            cost_cny=product.cost,
            battery=product.battery or None,
            serialised=int(product.serialised),
            non_returnable=product.non_returnable or None,
        )


def _zh_name(names: tuple[tuple[str, str], ...], size: str) -> str:
    name = dict(names)["zh"]
    return f"{name} {size}码" if size else name


def _write_past(db: sqlite3.Connection, story: Story, order: OrderDraft, now: datetime, rng: random.Random) -> None:
    """What had already happened to the order before the story's mail: an old refund, Amazon's own refund, a dispute."""
    kind = story.kind.name
    if kind not in ("already_refunded", "chargeback", "fba_return"):
        return
    capture = db.execute("SELECT * FROM captures WHERE order_no = ?", (order.order_no,)).fetchone()
    day = now - timedelta(days=1, hours=3)
    if kind == "chargeback":
        insert(
            db,
            "disputes",
            dispute_id=f"dsp_{rng.randrange(16**10):010x}",
            capture_id=capture["capture_id"],
            order_no=order.order_no,
            kind="chargeback",
            state="open",
            amount=capture["amount"],
            currency=order.currency,
            opened_at=text_time(day),
        )
        return
    amount = capture["amount"] if kind == "already_refunded" else story.expected["credit_gross"]
    reference = f"RMA-2026-{rng.randrange(1, 999):06d}" if kind == "already_refunded" else "FBA"
    clerk = PAST_CLERK if kind == "already_refunded" else "amazon"
    insert(
        db,
        "refunds",
        refund_id=f"ref_{rng.randrange(16**10):010x}",
        capture_id=capture["capture_id"],
        order_no=order.order_no,
        reference=reference,
        currency=order.currency,
        amount=amount,
        reason="return",
        state="settled",
        created_at=text_time(day - timedelta(hours=20)),
        created_by=clerk,
        settled_at=text_time(day),
        settle_rate=BOOK_RATE[order.currency],
    )
    if kind == "already_refunded":
        line = order.lines[0]
        return_no, number = f"SR-2026-{900000 + int(story.story[1:]):06d}", f"CN-2026-{900000 + int(story.story[1:]):06d}"
        created = text_time(day - timedelta(days=1))
        insert(
            db,
            "sales_returns",
            return_no=return_no,
            order_no=order.order_no,
            rma=reference,
            kind="keep",
            reason="DEFECTIVE",
            created_at=created,
            created_by=PAST_CLERK,
            state="closed",
        )
        insert(db, "sales_return_lines", return_no=return_no, sku=line.product.sku, qty=line.qty)
        insert(
            db,
            "credit_notes",
            cn_no=number,
            order_no=order.order_no,
            rma=reference,
            issued_at=created,
            created_by=PAST_CLERK,
            currency=order.currency,
            gross=amount,
            tax=0,
            rate=BOOK_RATE[order.currency],
            state="posted",
        )


def _write_story(db: sqlite3.Connection, story: Story) -> None:
    channel = story.order.channel if story.order else "mail"
    insert(
        db,
        "stories",
        story=story.story,
        kind=story.kind.name,
        order_no=story.order_no,
        lang=story.lang,
        channel=channel,
        plan=_json(story.plan),
        expected=_json(story.expected),
    )
    for mail in story.first_mails:
        insert(db, "happenings", story=story.story, due="start", kind="mail", data=_json(mail.as_dict()))
    for when, mail in story.later_mails:
        insert(db, "happenings", story=story.story, due=when, kind="mail", data=_json(mail.as_dict()))


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True)

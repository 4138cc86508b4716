"""Telling one story: who bought what, what they write, what they will send back, and what must come of it."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from . import amounts, mails, papers
from .drafts import CURRENCY, SHIPPING, STATUTORY_COUNTRIES, VAT_BP, LineDraft, OrderDraft, price_in
from .kinds import EU, Kind
from .mails import MailSpec
from .people import Person, invent
from .products import Product, by_sku, catalogue, sizes_of

SINGLE_LINE = set(
    "over_quantity partial_quantity above_limit size_exchange same_request fba_return order_question empty_box swapped_serial already_refunded".split()
)
STAFF_NOTES = {
    "hold": "Keep on hold, I am looking into it.",
    "approve": "Checked against the order, approved.",
    "proceed": "Checked, please go on.",
    "close": "Answered by phone, nothing more to do.",
}
TRIES = 200
ORIGINAL_ONLY = "Refund to the original instrument only, not to the new account."


@dataclass
class Namebook:
    """What is already taken in this world, so that nothing is made twice."""

    emails: set[str] = field(default_factory=set)
    orders: set[str] = field(default_factory=set)
    origins: Counter[str] = field(default_factory=Counter)

    def origin(self, choices: tuple[str, ...], rng: random.Random) -> str:
        """The country used least so far, so that all languages get their turn."""
        chosen = min(choices, key=lambda origin: (self.origins[origin], rng.random()))
        self.origins[chosen] += 1
        return chosen

    def order_no(self, channel: str, country: str, rng: random.Random) -> str:
        """A new order number in the channel's own shape."""
        while True:
            number = {
                "shop": lambda: f"{country}-2026-{rng.randrange(100000, 999999)}",
                "shopify": lambda: f"#{rng.randrange(10000, 99999)}",
                "ebay": lambda: f"{rng.randrange(10, 28)}-{rng.randrange(10000, 99999)}-{rng.randrange(10000, 99999)}",
                "amazon_mfn": lambda: f"{rng.randrange(302, 306)}-{rng.randrange(10**6, 10**7)}-{rng.randrange(10**6, 10**7)}",
                "amazon_fba": lambda: f"{rng.randrange(302, 306)}-{rng.randrange(10**6, 10**7)}-{rng.randrange(10**6, 10**7)}",
            }[channel]()
            if number not in self.orders:
                self.orders.add(number)
                return number


@dataclass
class Story:
    """One story, ready to be written into a world."""

    story: str
    kind: Kind
    lang: str
    order: OrderDraft | None
    order_no: str | None
    plan: dict[str, Any]
    expected: dict[str, Any]
    first_mails: list[MailSpec] = field(default_factory=list)
    later_mails: list[tuple[str, MailSpec]] = field(default_factory=list)  # (when, mail)
    back: dict[int, int] = field(default_factory=dict)
    days: int = 0


class Teller:
    """Tells stories one after another: the same seed tells the same ones. `simple`: orders in euros, of one line, without shipping and discounts, each article under one tax."""

    def __init__(self, seed: int, now: datetime, simple: bool = False) -> None:
        self.seed, self.now, self.simple, self.names = seed, now, simple, Namebook()
        self.taxes: dict[str, int] = {}

    def tell(self, kind: Kind, number: int) -> Story:
        rng = random.Random(f"{self.seed}:{number}:{kind.name}")
        story_id = f"S{number:03d}"
        if kind.final == "ignored":
            return self._noise(story_id, kind, rng)
        countries = tuple(country for country in kind.countries if country in EU) if self.simple else kind.countries
        person = invent(self.names.origin(countries, rng), rng, self.names.emails)
        if kind.name == "formula_injection":
            person = replace(person, name=rng.choice(mails.words("common")["names_formula"]))
        days = rng.randint(*kind.days)
        order = self._order(kind, person, days, rng)
        story = Story(story_id, kind, person.lang, order, order.order_no, {}, {}, days=days)
        story.back = _coming_back(kind, order)
        story.plan = _plan(kind, order, story.back, rng)
        story.expected = _expected(kind, order, story.back, days)
        if kind.name == "unknown_order":
            story.order = None
        if kind.channel in ("mail", "both"):
            self._correspond(story, person, order, rng)
        elif kind.channel == "helpdesk":
            variant = rng.randrange(mails.variants(person.lang, kind.text))
            subject, body = mails.write(person.lang, kind.text, variant, rng, **_fields(kind, order, story.back, person, rng))
            story.plan["ticket"] = {"subject": subject, "body": body}
        if kind.name == "too_late":
            story.plan["parcel"] = []
        return story

    # -- the order ----------------------------------------------------------------------------------------------
    def _order(self, kind: Kind, person: Person, days: int, rng: random.Random) -> OrderDraft:
        currency = CURRENCY.get(person.country, "EUR")
        channel = _channel(kind, rng)
        method = {"shop": rng.choice(["card", "card", "wallet"]), "shopify": rng.choice(["card", "wallet"])}.get(channel, "marketplace")
        delivered: datetime | None = self.now - timedelta(days=days, hours=rng.randrange(0, 6), minutes=rng.randrange(60))
        if kind.name == "order_question" and rng.random() < 0.5:
            delivered = None
        shipping = 0 if self.simple or channel == "amazon_fba" else SHIPPING[currency]
        order = OrderDraft(self.names.order_no(channel, person.country, rng), channel, person, delivered, [], currency, shipping)
        order.lines = _lines(kind, channel, currency, person.lang, rng)
        if self.simple:
            vat = VAT_BP[person.country]
            for _ in range(TRIES):  # a shop that keeps net prices knows one tax for each article
                if self.taxes.setdefault(order.lines[0].product.sku, vat) == vat:
                    break
                order.lines = _lines(kind, channel, currency, person.lang, rng)
            order.lines = order.lines[:1]
            # Where the net price ends on half a cent, who keeps net prices rounds it and the tax up: a cent too much.
            order.lines[0].unit += 20_000 * order.lines[0].unit % (10_000 + vat) == 0
        if kind.name == "bank_transfer":
            method, order.payer_iban = "bank_transfer", papers.iban(person.country, rng)
        order.method = method
        if not self.simple and kind.name not in ("above_limit", "returnless", "fba_return"):
            if rng.random() < 0.25:
                order.lines[0].discount = order.lines[0].qty * order.lines[0].unit * rng.randint(3, 10) // 100
            if rng.random() < 0.2:
                order.discount = sum(line.value for line in order.money_lines()) * rng.randint(3, 10) // 100
            if channel == "shop" and rng.random() < 0.15:
                order.express = order.shipping
        return order

    # -- the letters --------------------------------------------------------------------------------------------
    def _message_id(self, person: Person, rng: random.Random) -> str:
        return f"<{rng.randrange(16**16):016x}@{person.email.partition('@')[2]}>"

    def _correspond(self, story: Story, person: Person, order: OrderDraft, rng: random.Random) -> None:
        """The first request, and what the customer will write later."""
        kind, sender = story.kind, person
        if kind.name == "someone_elses_order":
            sender = replace(invent(person.country, rng, self.names.emails), lang=person.lang)
        fields = _fields(kind, order, story.back, sender, rng)
        key = "order_invoice" if kind.name == "order_question" and order.delivered else kind.text
        variant = rng.randrange(mails.variants(person.lang, key))
        subject, body = mails.write(person.lang, key, variant, rng, **fields)
        if rng.random() < 0.15:
            body = f"{body}\n\n-- \n{sender.name}\n{sender.address}, {sender.postcode} {sender.city}"
        late_iban = kind.name == "iban_redirect" and rng.random() < 0.5
        stolen = {**fields, "holder": sender.name, "iban": papers.iban("LT", rng)}
        if kind.name == "iban_redirect" and not late_iban:
            body = f"{body}\n\n{mails.sentence(person.lang, 'iban', **stolen)}"
        if kind.name == "prompt_injection":
            body = f"{body}\n\n{rng.choice(mails.words('common')['injection'])}"
        sent = self.now - timedelta(minutes=rng.randrange(150, 2000))
        first = MailSpec(
            self._message_id(sender, rng),
            sender.name,
            sender.email,
            subject,
            body,
            person.lang,
            date=sent.isoformat(),
            photo=kind.text == "damaged",
            **mails.dress(person.lang, rng),
        )
        if rng.random() < 0.15:
            thanks = f"Thank you for your order {order.order_no}. We have handed it to the carrier."
            first = replace(first, quote=mails.quoted(person.lang, sent - timedelta(days=story.days), "orders@seller.example", thanks))
        story.first_mails.append(first)
        story.plan["sender"] = sender.email
        if kind.name == "same_request":
            other = (variant + 1) % mails.variants(person.lang, key)
            subject, body = mails.write(person.lang, key, other, rng, **fields)
            later = sent + timedelta(minutes=rng.randrange(45, 140))
            again = MailSpec(
                self._message_id(sender, rng), sender.name, sender.email, subject, body, person.lang, date=later.isoformat(), **mails.dress(person.lang, rng)
            )
            story.first_mails.append(again)
        follow = {
            "where_is_my_return": ("in_transit", "where_return"),
            "where_is_my_money": ("arrived", "where_money"),
            "cancelled": ("requested", "cancel"),
        }.get(kind.name)
        if late_iban:
            follow = ("in_transit", "iban_status")
        if follow:
            when, text = follow
            subject, body = mails.write(person.lang, text, rng.randrange(mails.variants(person.lang, text)), rng, **stolen)
            reply = rng.random() < 0.5
            mail = MailSpec(
                self._message_id(sender, rng),
                sender.name,
                sender.email,
                f"Re: {first.subject}" if reply else subject,
                body,
                person.lang,
                in_reply_to=first.message_id if reply else "",
                quote=mails.quoted(person.lang, sent, sender.name, first.body) if reply and text != "iban_status" else "",
                **mails.dress(person.lang, rng),
            )
            story.later_mails.append((when, mail))
            if text.startswith("where_"):
                story.plan["question"] = mail.message_id

    def _noise(self, story_id: str, kind: Kind, rng: random.Random) -> Story:
        """A mail that is nobody's request: an absence note or an advertisement."""
        entry = rng.choice(mails.words("common")[kind.name])
        person = invent(self.names.origin(("DE", "GB", "FR", "NL"), rng), rng, self.names.emails)
        sent = self.now - timedelta(minutes=rng.randrange(30, 2000))
        auto = kind.name == "auto_reply"
        if not auto:
            person = replace(person, name="Sales Team", email=f"sales.{person.email}")
        mail = MailSpec(
            self._message_id(person, rng),
            person.name,
            person.email,
            entry["subject"],
            entry["body"],
            entry["lang"],
            date=sent.isoformat(),
            auto_submitted=auto,
            **mails.dress(entry["lang"], rng),
        )
        expected = _expectation(kind, refund=None)
        return Story(story_id, kind, entry["lang"], None, None, {"sender": person.email, "parcel": []}, expected, [mail])


# -- pieces -----------------------------------------------------------------------------------------------------
def _channel(kind: Kind, rng: random.Random) -> str:
    """The order's channel: what a file needs, or for mail mostly the own shop."""
    if kind.channel == "both":
        return rng.choice(["shopify", "ebay", "amazon_mfn"])
    if kind.channel in ("mail", "helpdesk"):
        if kind.name in ("bank_transfer", "fx"):
            return "shop"
        return rng.choice(["shop"] * 7 + ["shopify", "ebay", "amazon_mfn"])
    return kind.channel


def _candidates(kind: Kind) -> list[Product]:
    pool = [product for product in catalogue() if product.plain and (not kind.categories or product.category in kind.categories)]
    tests: dict[str, Callable[[Product], bool]] = {
        "swapped_serial": lambda p: p.serialised,
        "empty_box": lambda p: p.weight >= 400,
        "partial_quantity": lambda p: p.price <= 6000,
        "size_exchange": lambda p: bool(p.size),
        "returnless": lambda p: p.family in ("CBL-USB2", "BTL-STL7"),
        "above_limit": lambda p: p.family in ("SRV-RBT3", "CHR-ERG2"),
    }
    if kind.name in ("returnless", "above_limit"):
        pool = list(catalogue())
    test = tests.get(kind.name)
    return [product for product in pool if test is None or test(product)]


def _clearly_different(one: Product, two: Product, lang: str) -> bool:
    """Whether a mail in `lang` that names one of them cannot mean the other."""
    a, b = one.name(lang).lower(), two.name(lang).lower()
    shared = set(a.split()) & set(b.split()) if lang not in ("ja", "zh") else set()
    return one.category != two.category and a not in b and b not in a and not any(len(word) > 3 for word in shared)


def _line(product: Product, qty: int, currency: str, rng: random.Random, spread: float = 0.12) -> LineDraft:
    serials = [papers.serial_number(product.family, rng) for _ in range(qty)] if product.serialised else []
    return LineDraft(product, qty, price_in(product, currency, rng, spread), serials=serials)


def _lines(kind: Kind, channel: str, currency: str, lang: str, rng: random.Random) -> list[LineDraft]:
    main = rng.choice(_candidates(kind))
    qty = {"partial_quantity": 3, "above_limit": 2}.get(kind.name, 1)
    line = _line(main, qty, currency, rng, 0.03 if kind.name == "above_limit" else 0.12)
    others = [product for product in catalogue() if product.plain and product.price < 9500 and _clearly_different(main, product, lang)]
    if kind.name == "wrong_item":
        # Of about the same weight: what tells the story is the article counted on the dock, not the scales.
        line.picked_sku = min((p for p in others if not p.serialised and not p.size), key=lambda p: abs(p.weight - main.weight)).sku
    if kind.name == "two_fates":
        gift = rng.choice([p for p in catalogue() if p.non_returnable == "custom_made" and _clearly_different(main, p, lang)])
        return [line, _line(gift, 1, currency, rng)]
    if kind.text == "two_lines" or kind.name == "returnless":
        return [line, _line(rng.choice(others), 1, currency, rng)]
    second = kind.name not in SINGLE_LINE and channel != "ebay" and rng.random() < 0.3
    return [line, _line(rng.choice(others), 1, currency, rng)] if second else [line]


def _coming_back(kind: Kind, order: OrderDraft) -> dict[int, int]:
    """Line number to units that rightly come back."""
    if kind.text == "two_lines" and kind.name != "two_fates":
        return {1: 1, 2: 1}
    return {1: 1} if kind.name == "partial_quantity" else {1: order.lines[0].qty}


def _fields(kind: Kind, order: OrderDraft, back: dict[int, int], person: Person, rng: random.Random) -> dict[str, Any]:
    """What fills the gaps of a text. On an order of several lines the article is named so that nobody can mistake it: with its SKU or its full name."""
    lang = order.person.lang
    main, last = order.lines[0].product, order.lines[-1].product
    exact = len(order.lines) > 1 or (kind.name not in SINGLE_LINE and rng.random() < 0.2)
    by_sku_no = rng.random() < 0.75

    def called(product: Product) -> str:
        name = product.name(lang)
        if not exact:
            return name
        return f"{name} ({product.sku})" if by_sku_no else f'{name} "{product.official}"'

    return {
        "order": order.order_no,
        "product": called(main),
        "product2": called(last),
        "name": person.name,
        "qty": 3 if kind.name == "over_quantity" else back[1],
        "have": main.size,
        "size": _wanted(main).size,
        "part": mails.words(lang)["parts"][main.part],
    }


def _wanted(product: Product) -> Product:
    """The size asked for in exchange: the next one up, or down from the largest."""
    family = sizes_of(product.family)
    place = family.index(product)
    return family[place + 1] if place + 1 < len(family) else family[max(place - 1, 0)]


def _plan(kind: Kind, order: OrderDraft, back: dict[int, int], rng: random.Random) -> dict[str, Any]:
    """What really lies in the return parcel, and what will befall it."""
    parcel: list[dict[str, Any]] = []
    for number, units in back.items():
        line = order.lines[number - 1]
        parcel.append({"sku": line.picked_sku or line.product.sku, "qty": units, "serials": line.serials[:units], "qc": kind.qc})
    packed = [(item["sku"], item["qty"]) for item in parcel]
    stranger = rng.choice(
        [
            p
            for p in catalogue()
            if p.plain and not p.serialised and not p.size and p.category == "home" and all(p.sku not in (ln.product.sku, ln.picked_sku) for ln in order.lines)
        ]
    )
    if kind.name == "swapped_serial":
        parcel[0]["serials"] = [papers.serial_number(order.lines[0].product.family, rng)]
    elif kind.name == "other_item":
        parcel = [{"sku": stranger.sku, "qty": 1, "serials": [], "qc": kind.qc}]
    elif kind.name == "unexpected_extra":
        parcel.append({"sku": stranger.sku, "qty": 1, "serials": [], "qc": "good"})
    elif kind.name == "empty_box" and rng.random() < 0.5:
        parcel = []
    return {
        "parcel": parcel,
        "weight": "empty" if kind.name == "empty_box" else "full",
        "declared_g": sum(by_sku()[sku].weight * units for sku, units in packed),
        "lost": kind.name == "parcel_lost",
        "customs": {"customs_value": "value", "customs_hs": "hs", "customs_hold": "hold"}.get(kind.name, ""),
        "psp": "declines" if kind.name == "psp_declines" else "",
        "ships": kind.final in ("refunded", "exchanged", "held") and kind.name not in ("someone_elses_order", "unknown_order", "already_refunded"),
    }


def _expectation(kind: Kind, refund: dict[str, Any] | None) -> dict[str, Any]:
    """What must come of the kind in general; the order fills in the rest."""
    return {
        "handling": kind.handling,
        "final": kind.final,
        "refund": refund,
        "returns": kind.returns,
        "return_kind": "return",
        "return_lines": None,
        "credit_notes": 1 if kind.final in ("refunded", "booked") else 0,
        "credit_gross": None,
        "replacements": 0,
        "replacement": None,
        "replies": [],
        "disposition_not_in": list(kind.not_to),
        "staff": {"decision": kind.staff, "note": ORIGINAL_ONLY if kind.name == "iban_redirect" else STAFF_NOTES[kind.staff]} if kind.staff else None,
    }


def _expected(kind: Kind, order: OrderDraft, back: dict[int, int], days: int) -> dict[str, Any]:
    """The truth about a story on `order`, computed from what was paid."""
    statutory = order.country in STATUTORY_COUNTRIES
    amount = amounts.refund(order.money_lines(), order.discount, order.shipping, back, fault=kind.fault, statutory=statutory, country=order.country, days=days)
    refunded = kind.final == "refunded"
    expected = _expectation(
        kind, {"amount": amount, "currency": order.currency, "via": "bank" if order.method == "bank_transfer" else "pay"} if refunded else None
    )
    if refunded or kind.final == "booked":
        expected["credit_gross"] = amount
    if kind.returns:
        expected["return_lines"] = {order.lines[number - 1].product.sku: units for number, units in back.items()}
    if kind.name == "returnless":
        expected["return_kind"] = "keep"
    if kind.name == "psp_declines":
        expected["credit_notes"] = None
    if kind.final in ("exchanged", "replaced"):
        sku = _wanted(order.lines[0].product).sku if kind.final == "exchanged" else order.lines[0].product.sku
        expected |= {"replacements": 1, "replacement": {"kind": "exchange" if kind.final == "exchanged" else "spare_part", "sku": sku, "qty": 1}}
    if kind.handling == "auto" and kind.channel in ("mail", "both"):
        expected["replies"] = ["decision", "status"] if kind.name.startswith("where_is_my") else ["decision"]
    return expected

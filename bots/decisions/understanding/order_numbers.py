"""Which numbers of a mail are order numbers: by the shop's form, by a form that many shops use, by the word before, or by standing alone."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain

from bots.decisions.understanding.codes import MOST, UNIT, Found, Reading, Taken, after_money, form, matches, no_code, other_number
from bots.decisions.understanding.folding import fold, fold_pattern

SHAPES = (
    r"[A-Z]{2}-\d{4}-\d{6}",  # the shop's own
    r"\d{3}-\d{7}-\d{7}",  # Amazon
    r"\d{2}-\d{5}-\d{5}",  # eBay
    r"#[A-Z]{0,3}-?\d{3,10}",  # Shopify
    r"20\d{2}[A-Z]{2}\d{4,8}",
    r"[A-Z]{1,4}-\d{3,7}(?:-\d{1,6})?",
    r"\d{4,7}-[A-Z]{2}",
    r"[A-Z]\d{5,9}",
)
"""Order numbers that can be told by their form alone; bare digits need a word before them."""

_BARE = r"[A-Z]{0,4}[-/]?\d{3,12}(?:-[A-Z0-9]{1,7}){0,2}"
_ORDER_NAME = fold_pattern(
    r"(?:(?<![a-z])(?:(?:re|pre|web|online)?orders?|ordered|ord|cmd|cde|zam|ped|po|orde)|purchase orders?|bestell\w*|bestel(?:nr|nummer)?(?![a-z])|best(?![a-z])|auftrag\w*|ordin[ei]|ordn|orden(?:es)?"
    r"|commandes?|pedidos?|zamówieni\w*|zamow\w*|commessa|kaufnummer|vorgang\w*|order-nr|订单(?:编?号)?|訂單(?:編?號)?|采购单|採購單|(?<![運运递流品])(?:单号|單號|編號)|注文(?:番号|no|id)?|オーダー(?:番号)?|ご注文(?:番号)?)"
)
"""Words for an order."""
_NUMBER_NAME = fold_pattern(r"(?:(?<![a-z])(?:nr|no|n[°ºo]|n[uº°]m\w*|numero|nummer|numbers?|numer\w*|ref(?!und|us)\w*|case|ticket)|rechnung\w*|番号)")
"""Words for a number of some kind, mostly the order's."""
_ORDER_WORD = f"(?:{_ORDER_NAME}|{_NUMBER_NAME})"
_GLUE = r"""\W{0,4}(?:(?:is|ist|lautet|est|es|è|to|die|der|mit|the|no|nr|num\w*|number|numer\w*|nummer|n[º°.]|号|は|が|の|是|为|id|ref\w*|:|#|mit der|von|van|vom|del|de|dell\w*|z|dnia)\W{0,3}){0,3}$"""
_NEAR = re.compile(_ORDER_WORD + _GLUE)
_NAMED_BEFORE = re.compile(_ORDER_NAME + _GLUE)
_NUMBERED_BEFORE = re.compile(_NUMBER_NAME + _GLUE)
_TOWN = re.compile(r"\s[A-ZÄÖÜ][a-zäöüß]{2,30}(?:\s*(?:\n|$|[,;.)]))")
_BARE_NUMBER = re.compile(rf"(?<![A-Za-z0-9_#.,/-])#?{_BARE}(?![A-Za-z0-9_]|[.,]\d|-[A-Za-z0-9])", re.ASCII | re.IGNORECASE)
_DISTRACT = re.compile(
    fold_pattern(
        r"(?:not|nicht|statt|nie|non|pas|no|niet)\W{1,3}$|(?:new|other|second|previous|last|earlier|neue\w*|andere\w*|zweite\w*|vorherige\w*|letzte\w*|nouvelle|autre|précédente|nuevo|otro|anterior|nuovo|altro|precedente|nieuwe|andere|vorige|nowe\w*|inne\w*|poprzedni\w*|drugie\w*) (?:order|bestellung|commande|pedido|ordine|bestelling|zamówieni\w*)\W{0,4}(?:\w{1,3}\W{1,3})?$"
    )
)
_GOOD_ONE = re.compile(
    fold_pattern(
        r"(?:arrived|came) (?:fine|safely|well|perfectly)|(?:is|was|are|works?) (?:fine|great|perfect|lovely|ok|good|super)|all good|no problem|nothing wrong|(?:love|happy with)|(?:ist|war|läuft|passt|kam) (?:\w+ ){0,2}(?:super|gut|prima|bestens|in ordnung|toll|einwandfrei|perfekt)|alles (?:gut|bestens|in ordnung|prima)|tout (?:va )?bien|parfait\w*|nickel|impeccable|todo (?:bien|perfecto|correcto)|perfect[oa]|genial|tutto (?:bene|ok|a posto|perfetto)|perfett[oa]|alles (?:goed|prima|top)|is (?:prima|top|goed)|wszystko (?:ok|w porządku|dobrze|gra)|jest (?:super|świetn\w*|ok)|没(?:有)?问题|很好|不错|满意|無事|とても(?:良|い)い|問題(?:あり|ござい)ません|気に入って|keep(?:ing)? (?:that|the other)|perfect\w*|(?:is|was|are|it\'s) my (?:sister|brother|mum|wife|husband|friend|neighbou?r)|(?:está|están|es|fue) (?:muy )?(?:bien|perfect)|es de mi|è di mi[ao]|va bene|(?:dotarł\w*|przyszł\w*|doszł\w*),? wszystko|wszystko gra|kam gut an|ist gut angekommen|goed aangekomen|bien arrivé\w*|c\'est (?:parfait|nickel)|llegó (?:bien|perfect\w*)|arrivat\w (?:bene|perfett\w*)|收到了,?很|behalte ich|ignore|forget"
    )
)
"""Said right after an order: it is not the one that the mail is about."""
_LONE = re.compile(r"(?<![A-Za-z0-9_#.,/:+-])(?:\d{5,8}|\d{5}-[A-Z]{1,2}|\d{2}-\d{5})(?![A-Za-z0-9_/:-]|[.,]\d)")
_NAMED_AFTER = re.compile(r"\s?(?:这单|這單|这个单|の注文|番の注文|号?的?(?:订单|訂單))")
"""Chinese and Japanese name the order after its number, too."""
_ORDER_PREFIX = re.compile(r"(?:PO|ORD|BST|SO)[ -]")
"""Capitals that shops put before an order's number, and that name it."""
_RETURN_BEFORE = re.compile(
    fold_pattern(
        r"(?:return|refund(?: for| on| of)?|retour\w*|rücksend\w*|rückgabe|erstattung|widerruf|sendung|lieferung|retour|terugbetaling|reso|rimborso|devoluci\w*|reembolso|zwrot\w*|reklamac\w*|spraw\w*|remboursement|返品|返金|退货|退貨|退款|退单)\W{0,3}(?:\w{1,4}\W{1,2})?$"
    )
)
_NO_PREFIX = re.compile(r"(?:USB|LED|HDMI|DIN|ISO|EN|IP|CE|RMA|RTN|CLM)-")


def find_orders(reading: Reading, shapes: Sequence[str] = (), taken: Iterable[tuple[int, int]] = ()) -> list[Found]:
    """Order numbers as they were written, each in its whole length: the shop's form, then the known forms, then what a word for an order names."""
    used = Taken(len(reading.text), taken)
    found: list[Found] = []
    for one in chain(
        _of_shapes(reading, shapes),
        _named(reading, reading.groups),
        _of_known_shapes(reading),
        _numbered(reading),
        _named(reading, reading.apart),
        _lone_numbers(reading),
    ):
        if used.add_free(one):
            found.append(one)
    found += [one for one in _sisters(reading, found) if used.add_free(one)]
    return sorted(found, key=lambda one: one.start)


def bounded(shape: str) -> str:
    """The form as a pattern that does not begin or end inside a longer word or number."""
    return rf"(?<![A-Za-z0-9_#-])(?:{shape})(?![A-Za-z0-9_]|-[A-Za-z0-9])"


def _of_shapes(reading: Reading, shapes: Sequence[str]) -> Iterator[Found]:
    for shape in shapes:
        yield from (Found(match.group(), *match.span()) for match in matches(bounded(shape), reading.text))


def _of_known_shapes(reading: Reading) -> Iterator[Found]:
    for shape in SHAPES:
        for match in matches(bounded(shape), reading.text):
            full = reading.whole(*match.span())
            if full and _is_order(shape, match.group(), reading, match.start()):
                yield full


def _is_order(shape: str, value: str, reading: Reading, start: int) -> bool:
    """Whether a form that articles have too (KM-4500) is an order number here."""
    if not shape.startswith(("[A-Z]{1,4}-", "[A-Z]\\d", r"\d{4,7}-")) or _NAMED_BEFORE.search(reading.before(start)):
        return True
    return sum(sign.isdigit() for sign in value) >= 4 and not _NO_PREFIX.match(value) and not other_number(reading, start, invoices=False)


def _numbered(reading: Reading) -> Iterator[Found]:
    """Digits, with a few letters perhaps, after a word for an order or a number."""
    for match in matches(_BARE_NUMBER, reading.text):
        full, before = reading.whole(*match.span()), reading.before(match.start())
        if full is None or full not in reading.apart or not (match.group().startswith("#") or _NEAR.search(before)):
            continue
        if _NAMED_BEFORE.search(before) or not other_number(reading, full.start, invoices=full.value != match.group()):
            yield full


def _named(reading: Reading, codes: Sequence[Found]) -> Iterator[Found]:
    """Codes of any form that a word for an order, and for no other number, names before or, in Chinese and Japanese, after them."""
    for one in codes[:MOST]:
        named = _NAMED_AFTER.match(reading.folded, one.end) or _ORDER_PREFIX.match(one.value) or _NAMED_BEFORE.search(reading.before(one.start))
        if named and not other_number(reading, one.start) and not no_code(reading, one, named=True):
            yield one


def _lone_numbers(reading: Reading) -> Iterator[Found]:
    """Five to eight digits on their own: what people write when they think that everybody knows it is the order."""
    for match in matches(_LONE, reading.text):
        one = reading.whole(*match.span())
        if (
            one is None
            or one not in reading.apart
            or UNIT.match(reading.folded, match.end())
            or after_money(reading, match.start())
            or other_number(reading, match.start())
        ):
            continue
        if re.fullmatch(r"\d{5}", match.group()) and (_TOWN.match(reading.text, match.end()) or match.group() == "12315"):
            continue  # a postal code and its town, the Chinese consumers' hotline
        if re.fullmatch(r"(?:19|20)\d{2}[01]\d[0-3]\d", match.group()):
            continue  # a date
        yield one


def _sisters(reading: Reading, found: Sequence[Found]) -> list[Found]:
    """Codes that differ from an order's only in their last three signs: the others of a list of which a word names the first."""
    families = {(one.value[:-3], form(one.value)) for one in found if len(one.value) > 6 and not one.value.isdigit()}
    return [one for one in reading.apart if (one.value[:-3], form(one.value)) in families and not no_code(reading, one)]


_DEVICE_BEFORE = re.compile(
    fold_pattern(
        r"(?<![a-z])(?:serial|seri(?:en|e)n(?:umme)?r|número de serie|numero di serie|numéro de série|numer seryjny|imei)(?![a-z])|序列号|シリアル|製造番号"
    )
)
"""What is told about a device's own number a few words later."""


@dataclass(frozen=True)
class Guess(Found):
    """A code that no word for an order names; `standing` says how much its place makes it the order."""

    standing: int


_OPEN, _CLOSE = "([{（【「［", ")]}）】」］"
_BEGIN = re.compile(rf"(?:^|\n|[.!?;:,。！？；：，、…–—{re.escape(_OPEN)}-]|\W\s)\s*$")
_END = re.compile(rf"\s*(?:$|\n|[.!?;,。！？；，、{re.escape(_CLOSE)}](?!\d))")


def find_guesses(reading: Reading, taken: Iterable[tuple[int, int]] = ()) -> list[Guess]:
    """Codes of any form that may be the order where no known or named one is in the mail."""
    used = Taken(len(reading.text), taken)
    found: list[Guess] = []
    for one in (*reading.groups[:MOST], *reading.apart[:MOST]):
        plausible = len(one.value) > 4 and not re.fullmatch(r"(?:\d ?){12,}", one.value)
        numbered = plausible and bool(_NUMBERED_BEFORE.search(reading.before(one.start))) and not other_number(reading, one.start)
        if no_code(reading, one, named=numbered) or (not numbered and _DEVICE_BEFORE.search(reading.before(one.start))):
            continue
        standing = 4 if numbered else _standing(reading, one)
        if (standing > 2 or (standing == 2 and not _MODEL.search(one.value)) or _striking(one.value)) and used.add_free(one):
            found.append(Guess(one.value, one.start, one.end, standing))
    return sorted(found, key=lambda one: one.start)


def _standing(reading: Reading, one: Found) -> int:
    """How a code stands that no word names: 3 in brackets or as a sentence of its own, 2 where a line or a sentence begins or ends, 1 within one."""
    begins = bool(_BEGIN.search(reading.text[max(0, one.start - 3) : one.start]))
    ends = bool(_END.match(reading.text[one.end : one.end + 3]))
    if begins and ends:
        return 3
    return 2 if begins or ends or one.value.startswith("#") or _RETURN_BEFORE.search(reading.before(one.start, 30)) else 1


_MODEL = re.compile(r"\d[A-Za-z]+\d")
"""What models are called (1000XM4)."""


def _striking(value: str) -> bool:
    """Whether a code in the middle of a sentence is one that an order has: several groups, or letters and four digits, but no model's (1000XM4)."""
    digits, groups = sum(sign.isdigit() for sign in value), len(re.findall(r"[^\W_]+", value))
    if _MODEL.search(value) or (" " in value and not value[:2].isalpha()):
        return False
    return groups >= 3 or (digits >= 3 and groups == 2) or (digits >= 4 and any(sign.isalpha() for sign in value))


def best_guess(guesses: Sequence[Guess]) -> list[str]:
    """The codes that stand out most; of several forms those of the first."""
    most = max((one.standing for one in guesses), default=0)
    values = list(dict.fromkeys(one.value for one in guesses if one.standing == most))
    return [value for value in values if form(value) == form(values[0])]


def split_distractors(text: str, orders: Sequence[Found]) -> tuple[list[Found], list[Found]]:
    """Orders the request is about, and others that are only mentioned; a lone order is always meant."""
    values = {found.value for found in orders}
    if len(values) < 2:
        return list(orders), []
    folded = fold(text)
    aside = []
    for found in orders:
        before = folded[max(0, found.start - 40) : found.start]
        after = re.split(r"[.!?\n。;;,，、]", folded[found.end : found.end + 60])
        clause = after[0] + ("," + after[1] if len(after) > 1 else "")
        if _DISTRACT.search(before) or _GOOD_ONE.search(clause):
            aside.append(found)
    if len({found.value for found in aside}) == len(values):
        aside = aside[:-1]
    names = {found.value for found in aside}
    return [found for found in orders if found.value not in names], aside

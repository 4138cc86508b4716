"""Which numbers of a mail are order numbers: by the shop's form, by a form that many shops use, by the word before, or by standing alone."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from bots.decisions.understanding.codes import ARTICLE_WORD, MOST, UNIT, Found, Taken, codes, form, matches, no_code, other_number, spaced, whole
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
_ORDER_WORD = fold_pattern(
    r"""(?:order(?:ed)?(?: (?:number|no|nr|id|ref\w*|num))?|purchase|ord|bestell\w*|bestelnr|auftrag\w*|ordine|ordn|ord(?:ine)? n|commande|cmd|cde|pedido|n[uº°]m\w*|numero|nummer|number|bestelling|bestelnummer|ordernummer|zamówieni\w*|zam|zamow\w*|nr|no|n[°ºo]|ref\w*|kaufnummer|vorgang\w*|rechnung\w*|case|ticket|numer\w*|order-nr|订单(?:编?号)?|单号|編號|注文(?:番号|no|id)?|オーダー(?:番号)?|番号|ご注文(?:番号)?)"""
)
_NEAR = re.compile(
    rf"(?<!\w)?{_ORDER_WORD}\W{{0,4}}(?:(?:is|ist|lautet|est|es|è|to|die|der|mit|the|no|nr|num\w*|number|numer\w*|nummer|nº|n°|号|は|が|の|是|为|id|:|#|mit der|von|van|vom|del|de|dell\w*|z|dnia)\W{{0,3}}){{0,3}}$"
)
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
_LONE = re.compile(r"(?<![A-Za-z0-9_#.,/:+-])(?:\d{5,8}|\d{5}-[A-Z]{1,2}|\d{2}-\d{5})(?![A-Za-z0-9_/:-]|[.,]\d)")
_BEFORE_NO_ORDER = re.compile(
    fold_pattern(
        r"(?:tel\w*|phone|fon|mobil\w*|handy|gsm|fax|plz|zip|postcode|cp|kod pocztowy|e[0-9]|€|£|\$|¥|fehlercode|serien\w*|serial\w*|s/n|sn|序列号|シリアル\w*|电话|手机|電話|邮编|〒|iban|konto\w*|kunden\w*|customer|client\w*|kdnr|12315)\W{0,4}(?:\w{1,4}\W{1,2})?$"
    )
)


_NAMED_AFTER = re.compile(r"\s?(?:这单|這單|这个单|の注文|番の注文|号?的?(?:订单|訂單))")
"""Chinese and Japanese name the order after its number, too."""


def find_orders(text: str, shapes: Sequence[str] = (), taken: Iterable[tuple[int, int]] = ()) -> list[Found]:
    """Order numbers as they were written, each in its whole length: the known forms, then what stands after a word for an order."""
    folded = fold(text)
    used = Taken(len(text), taken)
    runs = codes(text)
    found: list[Found] = []

    def take(one: Found) -> None:
        used.add(one.start, one.end)
        found.append(one)

    for shape in shapes:
        for match in matches(bounded(shape), text):
            if not used.touches(*match.span()):
                take(Found(match.group(), *match.span()))
    for one in spaced(text, runs):
        if not used.touches(one.start, one.end) and _named(folded, one) and not no_code(text, folded, one, named=True):
            take(one)
    for shape in SHAPES:
        for match in matches(bounded(shape), text):
            start, end = match.span()
            full = _full(runs, match)
            if full and not used.touches(full.start, full.end) and _is_order(shape, text, folded, start, end):
                take(full)
    for match in matches(_BARE_NUMBER, text):
        full = _full(runs, match)
        if (
            full is None
            or used.touches(full.start, full.end)
            or not (match.group().startswith("#") or _NEAR.search(folded[max(0, match.start() - 45) : match.start()]))
        ):
            continue
        before = folded[max(0, full.start - 45) : full.start]
        if ARTICLE_WORD.search(before) and not re.search(_ORDER_WORD, before[-14:]):
            continue
        take(full)
    for one in runs[:MOST]:
        if not used.touches(one.start, one.end) and _named(folded, one) and not no_code(text, folded, one, named=True):
            take(one)
    for one in _lone_numbers(text, folded):
        if not used.touches(one.start, one.end):
            take(one)
    return sorted(found, key=lambda one: one.start)


def bounded(shape: str) -> str:
    """The form as a pattern that does not begin or end inside a longer word or number."""
    return rf"(?<![A-Za-z0-9_#-])(?:{shape})(?![A-Za-z0-9_]|-[A-Za-z0-9])"


def _full(runs: Sequence[Found], match: re.Match[str]) -> Found | None:
    """What a known form matched, with the rest of the code where the writer's form is longer; None inside a link or a file's name."""
    full = whole(runs, match.start(), match.end())
    return full if full is None or full.end > match.end() or full.start < match.start() else Found(match.group(), *match.span())


def _named(folded: str, one: Found) -> bool:
    """Whether a word for an order, and for no other number, stands before or, in Chinese and Japanese, after it."""
    if _NAMED_AFTER.match(folded, one.end):
        return True
    return bool(_NEAR.search(folded[max(0, one.start - 45) : one.start])) and not other_number(folded, one.start)


def _lone_numbers(text: str, folded: str) -> list[Found]:
    """Five to eight digits on their own: what people write when they think that everybody knows it is the order."""
    found = []
    for match in matches(_LONE, text):
        if UNIT.match(folded, match.end()) or _BEFORE_NO_ORDER.search(folded[max(0, match.start() - 24) : match.start()]):
            continue
        if re.fullmatch(r"\d{5}", match.group()) and (re.match(r"\s[A-ZÄÖÜ][a-zäöüß]{2,}(?:\s*(?:\n|$|,))", text[match.end() :]) or match.group() == "12315"):
            continue  # a postal code and its town, the Chinese consumers' hotline
        if re.fullmatch(r"(?:19|20)\d{2}[01]\d[0-3]\d", match.group()):
            continue  # a date
        found.append(Found(match.group(), match.start(), match.end()))
    return found


def _is_order(shape: str, text: str, folded: str, start: int, end: int) -> bool:
    """Whether a form that articles have too (KM-4500) is an order number here."""
    value, before = text[start:end], folded[max(0, start - 30) : start]
    if shape.startswith(("[A-Z]{1,4}-", "[A-Z]\\d", r"\d{4,7}-")):
        if _NEAR.search(before):
            return True
        return not ARTICLE_WORD.search(before) and len(re.sub(r"\D", "", value)) >= 4 and not re.match(r"(?:USB|LED|HDMI|DIN|ISO|EN|IP|CE)-", value)
    return True


@dataclass(frozen=True)
class Guess(Found):
    """A code that nothing names; `standing` says how much its place makes it the order."""

    standing: int


_OPEN, _CLOSE = "([{（【「［", ")]}）】」］"
_BEGIN = re.compile(r"(?:^|\n|[.!?;:,。！？；：，、…–—-]|\W\s)\s*$")
_END = re.compile(r"\s*(?:$|\n|[.!?;,。！？；，、](?!\d))")


def find_guesses(text: str, taken: Iterable[tuple[int, int]] = (), subject: bool = False) -> list[Guess]:
    """Codes of any form that may be the order where no known one is in the mail."""
    folded = fold(text)
    used = Taken(len(text), taken)
    runs = codes(text)
    found: list[Guess] = []
    for one in [*spaced(text, runs)[:MOST], *runs[:MOST]]:
        if used.touches(one.start, one.end):
            continue
        standing = 3 if subject else _standing(text, one)
        if no_code(text, folded, one) or (" " in one.value and standing < 2) or (standing < 2 and not _striking(one.value)):
            continue
        used.add(one.start, one.end)
        found.append(Guess(one.value, one.start, one.end, standing))
    return found


def _standing(text: str, one: Found) -> int:
    """3 in brackets or as a sentence of its own, 2 at the end or the beginning of a line, 1 in the middle of a sentence."""
    before, after = text[max(0, one.start - 3) : one.start], text[one.end : one.end + 3]
    if before[-1:] and before[-1:] in _OPEN and after[:1] and after[:1] in _CLOSE:
        return 3
    begins = not before or bool(_BEGIN.search(before))
    ends = not after or bool(_END.match(after))
    if begins and ends:
        return 3
    return 2 if re.match(r"\W{0,3}(?:$|\n)", text[one.end : one.end + 5]) or not text[: one.start].strip() or before.endswith("\n") else 1


def _striking(value: str) -> bool:
    """Whether a code in the middle of a sentence is one that an order has: letters and digits, or several groups of digits."""
    digits = sum(sign.isdigit() for sign in value)
    return digits >= 3 and (len(re.findall(r"[^\W_]+", value)) >= 2 or (digits >= 4 and any(sign.isalpha() for sign in value)))


def best_guess(guesses: Sequence[Guess]) -> list[str]:
    """The one that stands out most, with those of its form; nothing where several forms stand alike."""
    if not guesses:
        return []
    most = max(one.standing for one in guesses)
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

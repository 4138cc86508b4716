"""Number-like codes of any shape in a text, each whole, and what the words around one say that it is not."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice, pairwise

from bots.decisions.understanding.folding import pattern_of

MOST = 300
"""Numbers of one kind that are looked at in one text: nobody names more, and a text made of them must not cost more time than a mail."""


@dataclass(frozen=True)
class Found:
    """One number and where it stands."""

    value: str
    start: int
    end: int


class Taken:
    """The characters of one text that belong to a number already."""

    def __init__(self, length: int, spans: Iterable[tuple[int, int]] = ()) -> None:
        self._mask = bytearray(length)
        for start, end in spans:
            self.add(start, end)

    def add(self, start: int, end: int) -> None:
        self._mask[start:end] = b"\1" * (end - start)

    def touches(self, start: int, end: int) -> bool:
        return self._mask.find(1, start, end) >= 0


def matches(pattern: str | re.Pattern[str], text: str, flags: int = 0) -> Iterator[re.Match[str]]:
    """The first matches of a pattern, as many as are looked at."""
    return islice(re.finditer(pattern, text, flags), MOST)


_SIGN = "A-Za-zÀ-ÖØ-öø-ž0-9"
"""What a code is made of: Latin letters and digits, so that it ends where Chinese and Japanese writing begins."""
_RUN = re.compile(rf"#?[{_SIGN}]+(?:[-/._#][{_SIGN}]+)*")
"""Letters and digits with single separators between them, as long as they go on: nothing of this is tried twice."""
_LINK = re.compile(r"(?:https?://|www\.)[!-~]+")
_FILE = re.compile(r"\.(?:jpe?g|png|gif|heic|pdf|mov|mp4|docx?|xlsx?|zip|html?|com|net|org|example)$", re.IGNORECASE)
_NUMBER_SIGN = re.compile(r"(?:nr|no|n|num|numer|ord|order|best|bestnr|bestelnr|zam|cmd|ref|pedido)\.(?=[A-Za-z]{0,4}[-/]?\d)", re.IGNORECASE)
"""A word for "number" glued to its number (No.51187)."""
_NEXT_WORD = re.compile(rf"[./_](?:[^\W\d_]*[^\W\dA-Z_][^\W\d_]{{2,}}|[^\W\d_]{{7,}})(?=[./_-]|$)|\.(?=[^\W\d_]+(?:[./_-]|$))[{_SIGN}./_-]*$")
"""Where a run goes on with a word (7719.Danke, 55120/Meyer): the code has ended before it."""
_TWIN_LEAST = 4


def codes(text: str) -> list[Found]:
    """Every run of letters and digits that holds a digit and may be a code, in its whole length, in the order of the text."""
    links = Taken(len(text), (match.span() for match in _LINK.finditer(text)))
    found: list[Found] = []
    for match in _RUN.finditer(text):
        start, end = match.span()
        if (
            end - start > 60
            or not re.search(r"\d", match.group())
            or links.touches(start, end)
            or "@" in (text[max(0, start - 1) : start], text[end : end + 1])
        ):
            continue
        if _FILE.search(match.group()):
            continue
        if sign := _NUMBER_SIGN.match(match.group()):
            start += sign.end()
        if following := _NEXT_WORD.search(text[start:end]):
            end = start + following.start()
        found += _twins(text, start, end)
        if len(found) >= 2 * MOST:
            break
    return [one for one in found if any(sign.isdigit() for sign in one.value)]


def _twins(text: str, start: int, end: int) -> list[Found]:
    """Two codes of one form with a stroke between them (PO-7718/PO-7719) apart; any other run as it is."""
    value = text[start:end]
    halves = value.split("/")
    if len(halves) == 2 and len(halves[0]) > _TWIN_LEAST and form(halves[0]) == form(halves[1]):
        middle = start + len(halves[0])
        return [Found(halves[0], start, middle), Found(halves[1], middle + 1, end)]
    return [Found(value, start, end)]


def form(value: str) -> str:
    """The shape of a code: 9 for each digit, A for each letter."""
    return "".join("9" if sign.isdigit() else "A" if sign.isalpha() else sign for sign in value)


_PREFIX = re.compile(r"(?<![\w#&/.-])([A-Z]{1,4})[ \u00a0]$")
_NO_PREFIX = frozenset(
    "EUR USD GBP CHF PLN CZK SEK CNY JPY RMB US UK AM PM NR NO ART MOD TEL FAX PLZ ZIP CP USB RTX GTX RAM SSD LED PS MP RAL DIN ISO EN XL XXL GR SIZE IN IM AM BIS AB ICH DIE DER DAS ZU UM AUS ES EL LA LOS LAS DE DEL THE IS OF TO FOR AT ON BY A I E O U Y W Z TA NA IL LO LE UN DU ET DI EN AL CON MIT VON UND MAY".split()
)
"""Short words and marks that stand before a number without belonging to it."""


def spaced(text: str, runs: Sequence[Found]) -> list[Found]:
    """Codes written with spaces in them (71 20 334, AB 44 902, ZT 90 118 K): each run of neighbours, with the capitals before it.

    What is a number of its own beside another (55120 2 pieces) is not joined; whether one is an order, the words around it must say.
    """
    joined: list[Found] = []
    group: list[Found] = []
    for one, after in [*pairwise(runs), *((runs[-1], None) for _ in runs[-1:])]:
        group = group or [one]
        if (
            after is not None
            and text[one.end : after.start] in (" ", "\u00a0")
            and len(group) < 6
            and _joins(group[0].value, after.value, text[after.end :][:12])
        ):
            group.append(after)
            continue
        before = _PREFIX.search(text[max(0, group[0].start - 8) : group[0].start])
        prefix = before if before and before[1] not in _NO_PREFIX and group[0].value[0].isdigit() else None
        start = group[0].start - len(prefix[0]) if prefix else group[0].start
        end = group[-1].end
        if prefix and (tail := re.match(r" [A-Z](?=[\s.,;)]*(?:\n|$))", text[end : end + 8])):
            end += tail.end()
        if (len(group) > 1 or prefix) and sum(sign.isdigit() for sign in text[start:end]) >= 3:
            joined.append(Found(text[start:end], start, end))
        group = []
    return joined


def _joins(first: str, other: str, after: str) -> bool:
    """Whether a number goes on after a space: digits first, no unit behind it, and no short number after a long one."""
    if not other[0].isdigit() or re.search(r"[a-z]", other) or UNIT.match(after.lower()):
        return False
    digits = re.sub(r"\D", "", first)
    return bool(digits) and len(other) > (3 if first.isdigit() and len(first) >= 5 else 0) and not (first.isdigit() and len(first) < 2)


def whole(runs: Sequence[Found], start: int, end: int) -> Found | None:
    """The code that holds these characters; None where none does."""
    place = bisect_right(runs, start, key=lambda one: one.start) - 1
    return runs[place] if place >= 0 and runs[place].end >= end else None


UNIT = re.compile(
    pattern_of(
        r"""\s?(?:€|eur|euro|usd|gbp|chf|zł|złot|pln|円|元|块|塊|yen|dollar|\$|£|%|°|km|kg|g\b|mg|ml|l\b|mm|cm|m\b|mah|ah\b|kwh|wh\b|w\b|v\b|lm\b|hz|rpm|btu|gb|tb|mb|cet|uhr|[x×]\s?\d
        |(?:pieces?|pcs|st(?:ü|u)ck|stk|szt|sztuk|pezzi|stuks?|pi(?:è|e)ces?|unidades|uds|paar|pairs?|x)\b|[^\W\d_]{3,}(?:strasse|straat|ort)\b|[个個件双条台枚本足点つ号歳岁月日年時时分秒天週周回次名人世])"""
    )
)
"""What follows a number that counts or measures something, an amount's currency among it."""
_MONEY_BEFORE = re.compile(r"(?:[€£$¥]|\b(?:eur|euro|usd|gbp|chf|pln|rmb|us\$))\s?$")
_DATE = re.compile(
    r"(?:[0-3]?\d([./-])[01]?\d\1(?:19|20)?\d{2}|[01]?\d([./-])[0-3]?\d\2(?:19|20)?\d{2}|(?:19|20)\d{2}([./-])[01]?\d\3[0-3]?\d|[0-3]?\d[./-][0-3]?\d|(?:19|20)\d{2}[./-](?:(?:19|20)\d{2}|2[0-9]|[01]?\d)|(?:19|20)\d{2}|[01]?\d[./-](?:19|20)\d{2}|[0-3]\d [01]\d (?:19|20)\d{2})"
)
"""A day, a year, two of either, and what looks the same (24/7, 3-4)."""
_MEASURED = re.compile(
    r"(?:\d+(?:[.x×-]\d+)*[a-z]{1,4}(?:/\d*[a-z]{1,4})?|\d+(?:[.,/]\d+)?[kmgtwvahl]{1,3}|\d+[.,]\d{1,2}|\d{1,3}(?:[.,]\d{3})+(?:[.,]\d{2})?|\d+(?:x\d+)+[a-z]*|\d{1,2}-in-\d|\d{2,3}[/-]\d{2,3}|w\d\d[/-]?l\d\d|\d{1,3}[-/][a-z]{1,2}|[smlx]+/[smlx]+|v?\d+(?:\.\d+)+)",
    re.IGNORECASE,
)
"""A quantity with its unit (750W, 60x40cm), an amount (1.649,00), a size (98/104), a version (2.1)."""
_KNOWN_THING = re.compile(
    r"(?:usb|hdmi|led|din|iso|en|ip|ipx|ce|co|gu|e|cr|ps|mp|ral|un|wi-?fi|wlan|b2|covid|sars|rtx|gtx|img|dsc|sha|utf|e?n?71|http|dvb|ddr|hd|uhd|4k|a|bluetooth|bt|mac|ios|win|windows|i|h|r|t|tel|ext|ean|isbn|type|typ|eu|uk|us|nr|no|n|ver|vol|art|abs|par|bgb)[-./ ]?\d{1,2}(?:[.-]\d|[a-z])?",
    re.IGNORECASE,
)
"""Names that everybody knows and that hold a number (USB-3, DIN-A4, IP67, COVID-19)."""
ARTICLE_WORD = re.compile(
    pattern_of(
        r"""(?:sku|art(?:ikel|icle|icolo|ículo)?(?:\W?(?:nr|no|nummer|number|num\w*|n[°º]))?|model\w*|mod|item(?:\W?(?:no|number))?|ref\w*(?:\W?art\w*)?|typs?|product(?: code| no)?
        |kod(?: produktu)?|código|codice|code(?: article| produit)?|型号|货号|商品(?:编号|番号|コード)?|品番|型番|款号|款)\W{0,3}(?:\w{1,3}\W{0,3})?$"""
    )
)
_OTHER_WORD = re.compile(
    pattern_of(
        r"""(?:\brma\w*|\bticket\w*|\bcase|\bcaso|\bexpediente|\bclaim\w*|reklamationsn\w*|schadensn\w*|\bincident\w*|\brtn|受付番号|工单号?|案件号
        |serien\w*|serial\w*|\bs/n|\bsn|seri(?:e|al)\w*|nr seryjn\w*|fabrycz\w*|序列号|シリアル\w*|製造番号|imei
        |invoice\w*|rechnung\w*|factur\w*|fattur\w*|faktur\w*|\bfv|发票号?|發票号?|請求書\w*|抬头|税号|統編|统编|nif|nip|\bvat\w*|ust\W?id\w*|p\W?iva|partita iva|siret|kvk|btw\w*
        |konto\w*|account|\bacc|sort code|\bblz|\bbic|swift|iban|账号|卡号|口座\w*|karte\w*|\bcard\w*|tarjeta|gutschein\w*|voucher|coupon|rabattcode|promo\w* ?code|kod rabatowy|código de descuento
        |kunden\w*|customer|client\w*|klant\w*|kdnr|会员号?|会員番号
        |\btel\w*|phone|\bfon|mobil\w*|handy|gsm|fax|whatsapp|电话|手机|電話|携帯\w*|plz|\bzip|postcode|\bcp|kod pocztowy|邮编|〒|fehlercode|error(?: code)?|fehler|código de error|błąd|kod błędu
        |§|\bart\.|artikel|article|absatz|paragraph\w*|\bversion|firmware|\bregel|room|zimmer|flat|apt|appartement|apartment|\bgate|flug\w*|flight|vlucht)
        \W{0,4}(?:(?:no|nr|num\w*|number|nummer|n[°ºo]|is|ist|es|est|id|code|:|は|是|号)\W{0,3}){0,2}$"""
    )
)
"""Words that say that the number after them is some other number."""
_OTHER_PREFIX = re.compile(r"#?(?:RMA|RET|RTN|CLM|TKT|CASE|TICKET|IMG|DSC|SKU|ART|MOD|SN|HTTP|IBAN|NIF)[-/. ]?\d", re.IGNORECASE)


def no_code(text: str, folded: str, found: Found, named: bool = False) -> bool:
    """Whether a code is plainly none that an order has: too short, a date, an amount, a measure, the name of a thing, or another number by its word.

    Args:
        named: an order word stands before it; then only what cannot be a number of an order is refused.
    """
    value = found.value.lstrip("#")
    signs = re.sub(r"[^\w]|_", "", value)
    if len(signs) < (3 if named else 4) or sum(sign.isdigit() for sign in signs) < (2 if len(signs) > 4 or named else 1) or re.search(r"[^\W\d_]{8,}", value):
        return True
    if re.search(r"[-/.](?=[^\W\d_]{3,})[^\W\d_]*[a-z]{3,}(?![^\W_])", value):
        return True  # 500-piece: a word, and no part of a code
    if _DATE.fullmatch(value) or _MONEY_BEFORE.search(folded[max(0, found.start - 5) : found.start]) or UNIT.match(folded, found.end):
        return True
    if re.match(r"[:,]\d|[,.]-|\s?[-–]\s?\d{1,2}\b", text[found.end : found.end + 5]) or re.search(r"\d[,:]$", text[max(0, found.start - 2) : found.start]):
        return True
    if named:
        return bool(re.fullmatch(r"\d+[.,]\d{1,2}|\d+(?:x\d+)+\w*", value))
    if (
        _MEASURED.fullmatch(value)
        or _KNOWN_THING.fullmatch(value)
        or _OTHER_PREFIX.match(value)
        or re.match(r"\+|00\d", text[max(0, found.start - 1) : found.start])
    ):
        return True
    return other_number(folded, found.start)


def other_number(folded: str, start: int) -> bool:
    """Whether the words before a number say that it is an article's, a bank's, a ticket's or any other number but an order's."""
    before = folded[max(0, start - 40) : start]
    return bool(_OTHER_WORD.search(before) or ARTICLE_WORD.search(before[-30:]))

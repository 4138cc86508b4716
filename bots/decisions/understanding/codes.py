"""Number-like codes of any shape in a text, each whole, and what the words around one say that it is not."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from bots.decisions.understanding.folding import fold, fold_pattern, pattern_of

MOST = 200
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

    def add_free(self, one: Found) -> bool:
        """Whether the place of a number was free; it is taken now."""
        free = not self.touches(one.start, one.end)
        if free:
            self.add(one.start, one.end)
        return free

    def touches(self, start: int, end: int) -> bool:
        return self._mask.find(1, start, end) >= 0


def matches(pattern: str | re.Pattern[str], text: str, flags: int = 0) -> Iterator[re.Match[str]]:
    """The first matches of a pattern, as many as are looked at."""
    return islice(re.finditer(pattern, text, flags), MOST)


_SIGN = "A-Za-zÀ-ÖØ-öø-ž0-9"
"""What a code is made of: Latin letters and digits, so that it ends where Chinese and Japanese writing begins."""
_RUN = re.compile(rf"#?[{_SIGN}]+(?:[-/._#][{_SIGN}]+)*")
"""Letters and digits with single separators between them, as long as they go on: nothing of this is tried twice."""
_LINK = re.compile(r"(?:https?://|www\.)[^\s\"'<>()\u0100-\U0010ffff]+")
_FILE = re.compile(r"\.(?:jpe?g|png|gif|heic|pdf|mov|mp4|docx?|xlsx?|zip|html?|com|net|org|example)$", re.IGNORECASE)
_NUMBER_SIGN = re.compile(r"(?:nr|no|n|num|numer|ord|order|best|bestnr|bestelnr|zam|cmd|ref|pedido)\.(?=[A-Za-z]{0,4}[-/]?\d)", re.IGNORECASE)
"""A word for "number" glued to its number (No.51187)."""
_NEXT_WORD = re.compile(r"(?:[/_](?:[^\W\d_]*[a-zß-öø-ÿ][^\W\d_]{2,}|[^\W\d_]{7,})|\.(?:[^\W\d_][a-zß-öø-ÿ]+|[^\W\d_]{5,}))(?=[./_-]|$)")
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


_PREFIX = re.compile(r"(?<![A-Za-z0-9#&/.-])([A-Z]{1,4})[ \u00a0]$")
_NO_PREFIX = frozenset(
    "EUR USD GBP CHF PLN CZK SEK CNY JPY RMB AM PM NR NO ART MOD TEL FAX PLZ ZIP CP USB RTX GTX RAM SSD LED PS MP RAL DIN ISO XL XXL GR RMA SN".split()
)
"""Marks that stand before a number without belonging to it."""
_SHORT_WORDS = frozenset(
    "SIZE IN IM AM BIS AB ICH DIE DER DAS ZU UM AUS ES EL LA LOS LAS DE DEL THE IS OF TO FOR AT ON BY A I E O U Y W Z TA NA IL LO LE UN DU ET DI EN AL CON MIT VON UND MAY".split()
)
"""Words that are capitals only where the whole mail is written in capitals."""


def spaced(text: str, runs: Sequence[Found]) -> list[Found]:
    """Codes written with spaces in them (71 20 334, AB 44 902, ZT 90 118 K): each group of neighbours, with the capitals before and after it.

    What is a number of its own beside another (55120 2 pieces) is not joined; whether a group is an order, the words around it must say.
    """
    groups: list[list[Found]] = []
    for one in runs:
        if groups and text[groups[-1][-1].end : one.start] in (" ", "\u00a0") and _joins(text, groups[-1], one):
            groups[-1].append(one)
        else:
            groups.append([one])
    return [joined for group in groups if (joined := _with_capitals(text, group))]


def _joins(text: str, group: Sequence[Found], other: Found) -> bool:
    """Whether a number goes on after a space: two digits at least, no unit behind them, no short number after a long one, no long one after a count."""
    first, value = group[0].value, other.value
    if len(group) > 5 or not re.fullmatch(r"\d[\dA-Z/-]+", value) or (_DATE.fullmatch(value) and not value.isdigit()):
        return False
    if UNIT.match(text[other.end : other.end + 12].lower()) or not sum(sign.isdigit() for sign in first) > (1 if first.isdigit() else 0):
        return False
    if not first.isdigit() or not value.isdigit():
        return True
    dialled = first.startswith("0") or text[max(0, group[0].start - 1) : group[0].start] == "+" or len(group) > 1
    return (len(first) < 5 or len(value) > 3) and (len(first) > 3 or len(value) < 5 or dialled)


def _with_capitals(text: str, group: Sequence[Found]) -> Found | None:
    """The group with the capitals that belong to it; None where it is a single run without any, or has fewer than three digits."""
    start, end = group[0].start, group[-1].end
    before = _PREFIX.search(text[max(0, start - 8) : start])
    shouted = text[max(0, start - 20) : start - len(before[0] if before else "")].isupper()
    counted = len(group) == 1 and (UNIT.match(text[end : end + 12].lower()) or re.fullmatch(r"\d+[A-Za-z]{1,3}", group[0].value))
    prefixed = (
        before is not None and group[0].value[0].isdigit() and not counted and before[1] not in _NO_PREFIX and not (shouted and before[1] in _SHORT_WORDS)
    )
    if before and prefixed:
        start -= len(before[0])
        if not shouted and re.match(r" [B-HJ-Z](?![\w'’])|[ ][B-HJ-Z](?=[\u3000-\uffff])", text[end : end + 3]):
            end += 2
    if (len(group) == 1 and not prefixed) or sum(sign.isdigit() for sign in text[start:end]) < 3:
        return None
    return Found(text[start:end], start, end)


@dataclass(frozen=True)
class Reading:
    """One text and the codes in it, all in the order of the text."""

    text: str
    folded: str
    runs: Sequence[Found]
    """Letters and digits without a space."""
    groups: Sequence[Found]
    """What may be one code with spaces in it."""
    apart: Sequence[Found]
    """The runs that are no piece of a number written with spaces (a phone's, a parcel's, an order's)."""

    def before(self, start: int, length: int = 45) -> str:
        """The folded characters before a place."""
        return self.folded[max(0, start - length) : start]

    def whole(self, start: int, end: int) -> Found | None:
        """The run that holds these characters; None where none does."""
        return _holder(self.runs, start, end)


def read_codes(text: str) -> Reading:
    """The text with its codes."""
    runs = codes(text)
    groups = spaced(text, runs)
    pieces = [group for group in groups if _SEVERAL_RUNS.search(group.value)]
    return Reading(text, fold(text), runs, groups, [one for one in runs if _holder(pieces, one.start, one.end) is None])


_SEVERAL_RUNS = re.compile(r"\d\S*\s\S*\d")


def _holder(found: Sequence[Found], start: int, end: int) -> Found | None:
    place = bisect_right(found, start, key=lambda one: one.start) - 1
    return found[place] if place >= 0 and found[place].end >= end else None


UNIT = re.compile(
    pattern_of(
        r"""\s?(?:€|eur|euro|usd|gbp|chf|zł|złot|pln|円|元|块|塊|yen|dollar|\$|£|%|°|km|kg|g\b|mg|ml|l\b|mm|cm|m\b|mah|ah\b|kwh|wh\b|w\b|v\b|lm\b|hz|rpm|btu|gb|tb|mb|cet|uhr|[x×]\s?\d
        |(?:pieces?|pcs|st(?:ü|u)ck|stk|szt|sztuk|pezzi|stuks?|pi(?:è|e)ces?|unidades|uds|paar|pairs?|x)\b|[^\W\d_]{3,}(?:strasse|straat|ort)\b|[个個件双条台枚本足点つ号歳岁月日年時时分秒天週周回次名人世])"""
    )
)
"""What follows a number that counts or measures something, an amount's currency among it."""
_MONEY_BEFORE = re.compile(r"(?:(?<!\d)(?<!\d\s)[€£$¥]|\b(?:eur|euro|usd|gbp|chf|pln|rmb|us\$))\s?$")
_GOES_ON = re.compile(r"[:,]\d|[,.]-|\s?[-–]\s?\d{1,2}\b")
_WENT_BEFORE = re.compile(r"\d[,:]$")
"""Digits that are a part of a time, an amount or a range."""
_DATE = re.compile(
    r"(?:[0-3]?\d([./-])[01]?\d\1(?:19|20)?\d{2}|[01]?\d([./-])[0-3]?\d\2(?:19|20)?\d{2}|(?:19|20)\d{2}([./-])[01]?\d\3[0-3]?\d|[0-3]?\d[./-][0-3]?\d|(?:19|20)\d{2}[./-](?:(?:19|20)\d{2}|2[0-9]|[01]?\d)|(?:19|20)\d{2}|[01]?\d[./-](?:19|20)\d{2}|[0-3]\d [01]\d (?:19|20)\d{2})"
)
"""A day, a year, two of either, and what looks the same (24/7, 3-4)."""
_MEASURED = re.compile(
    r"(?:\d+(?:[.x×-]\d+)*[a-z]{1,4}(?:/\d*[a-z]{1,4})?|\d+(?:[.,/]\d+)?[kmgtwvahl]{1,3}|\d+[.,]\d{1,2}|\d{1,3}(?:[.,]\d{3})+(?:[.,]\d{2})?|\d+(?:x\d+)+[a-z]*|\d{1,2}-in-\d|\d{2,3}[/-]\d{2,3}|w\d\d[/-]?l\d\d|\d{1,2}[-/][a-z]{1,2}|v\d+(?:\.\d+)*|\d{1,2}(?:\.\d){1,3}|(?:eu|uk|us|fr|it|jp) ?\d{1,2}(?:[.,/-]\d{1,2})?|cr\d{4}|0\d{2,4}/\d{5,8})",
    re.IGNORECASE,
)
"""A quantity with its unit (750W, 60x40cm), an amount (1.649,00), a size (98/104), a version (2.1)."""
_KNOWN_THING = re.compile(
    r"(?:usb|hdmi|led|din|iso|en|ip|ipx|ce|co|gu|e|cr|ps|mp|ral|un|wi-?fi|wlan|b2|covid|sars|rtx|gtx|img|dsc|sha|utf|e?n?71|http|dvb|ddr|hd|uhd|4k|a|bluetooth|bt|mac|ios|win|windows|i|h|r|t|tel|ext|ean|isbn|type|typ|eu|uk|us|nr|no|n|ver|vol|art|abs|par|bgb)[-./ ]?\d{1,2}(?:\.\d|[a-z])?",
    re.IGNORECASE,
)
"""Names that everybody knows and that hold a number (USB-3, DIN-A4, IP67, COVID-19)."""
ARTICLE_WORD = re.compile(
    pattern_of(
        r"""(?:sku|(?<![a-z])art(?:ikel|icle|icolo|ículo)?(?:\W?(?:nr|no|nummer|number|num\w*|n[°º]))?|model\w*|(?<![a-z])mod|(?<![a-z])item(?:\W?(?:no|number))?|(?<![a-z])ref(?!und|us)\w*(?:\W?art\w*)?|(?<![a-z])typs?|teile?n\w*|part n\w*|product(?: code| no)?
        |kod(?: produktu)?|código|codice|code(?: article| produit)?|型号|货号|商品(?:编号|番号|コード)?|品番|型番|款号|款號)(?![a-z])\W{0,3}(?:\w{1,3}\W{0,3})?$"""
    )
)
_OTHER_WORDS = (
    # a return's, a complaint's or a call's own number
    r"(?<![a-z])(?:rma|rtn|ticket|case|caso|expediente|claim|incident)|reklamationsn\w*|schadensn\w*|受付番号|工单号?|案件号",
    # a device's
    r"(?<![a-z])(?:s/n|sn|imei|ean|gtin|version|firmware|fehler\w*|error(?: code)?|código de error|błąd|kod błędu)|serien\w*|serial\w*|número de serie|numero di serie|numéro de série|seryjn\w*|fabrycz\w*|序列号|シリアル\w*|製造番号",
    # money's and taxes'
    r"(?<![a-z])(?:nif|nip|vat|siret|kvk|btw|bic|swift|iban|acc|account|sort code|blz|cuenta|card|tarjeta|voucher|coupon)|kont\w{1,2}|kontonummer|rekening\w*|rachun\w*|karten?|gutschein\w*"
    r"|ust\W?id\w*|p\W?iva|partita iva|税号|統編|统编|账号|卡号|口座\w*|普通",
    # a person's: customer, telephone, address, the last digits of a card
    r"(?<![a-z])(?:tel|telefoon|teléfono|telefono|telefon|telephone|phone|fon|mobile?|mobil\w*|handy|whatsapp|fax|gsm|plz|zip|cp|postcode|kod pocztowy|room|zimmer|flat|apt|apartment|flight|flug|vlucht|ending(?: in)?|endet auf|terminad[ao] en|eindigt op)"
    r"|kundenn\w*|customer|client\w*|klantn\w*|kdnr|会员号?|会員番号|电话|手机|電話|携帯|邮编|〒|末尾|下4桁|尾号",
)
_INVOICE = r"invoice\w*|rechnung\w*|facture|factura|fattura|factuur|faktur\w*|(?<![a-z])fv|发票号?|發票号?|請求書\w*"
_ITS_NUMBER = r"(?:\.?[^\w.!?;。！？\n]{0,3}(?:no|nr|num\w*|number|nummer|n[°ºo]|is|ist|es|est|id|code|号|は|是)){0,2}(?:(?:(?<=nr)|(?<=no)|(?<=el)|(?<=um)|(?<=ax))\.)?[^\w.!?。！？\n]{0,3}$"
_OTHER_WORD = re.compile(fold_pattern(f"(?:{'|'.join(_OTHER_WORDS)}){_ITS_NUMBER}"))
_INVOICE_WORD = re.compile(fold_pattern(f"(?:{_INVOICE}){_ITS_NUMBER}"))
"""Words that say that the number after them is some other number."""
_NO_ARTICLE = re.compile(r"ref(?!\w*\W?art)|[^\W\d]{5,}[.!?]\s")
"""A reference, which is mostly the order's, and a word that ends the sentence before."""
_OTHER_PREFIX = re.compile(r"#?(?:RMA|RTN|CLM|CASE|TICKET|IMG|DSC|SKU|ART|MOD|HTTP|IBAN|NIF)[-/. ]?\d", re.IGNORECASE)


def no_code(reading: Reading, found: Found, named: bool = False) -> bool:
    """Whether a code is plainly none that an order has: too short, a date, an amount, a measure, the name of a thing, or another number by its word.

    Args:
        named: an order word stands before it; then only what cannot be a number of an order is refused.
    """
    value, marked = found.value.lstrip("#"), found.value.startswith("#")
    signs = re.sub(r"[\W_]", "", value)
    digits = sum(sign.isdigit() for sign in signs)
    if len(signs) < (3 if named or marked else 4) or digits < (1 if marked or len(signs) == 4 else 2) or re.search(r"[^\W\d_]{8,}", value):
        return True
    if re.search(r"[-/.](?=[^\W\d_]{3,})[^\W\d_]*[a-z]{3,}(?![^\W_])", value):
        return True  # 500-piece: a word, and no part of a code
    if _DATE.fullmatch(value) or after_money(reading, found.start):
        return True
    if digits == len(signs) and (
        UNIT.match(reading.folded, found.end) or _GOES_ON.match(reading.text, found.end) or _WENT_BEFORE.search(reading.before(found.start, 2))
    ):
        return True
    if re.fullmatch(r"\d+[.,]\d{1,2}|\d+(?:x\d+)+\w*", value):
        return True
    if named:
        return False
    if other_number(reading, found.start) or _OTHER_PREFIX.match(value):
        return True
    if marked:
        return False
    if _MEASURED.fullmatch(value) or _KNOWN_THING.fullmatch(value) or re.match(r"\+|00\d{8}", reading.text[max(0, found.start - 1) : found.start + 10]):
        return True
    return _too_plain(value, len(signs), digits)


def _too_plain(value: str, signs: int, digits: int) -> bool:
    """Whether a code is of a form that an order has only where something names it: digits alone, five signs without a separator, very long ones."""
    if digits == signs:
        return (value.isdigit() and digits != 9) or not 4 <= digits <= 11  # a year, a card's last four, a postal code, a parcel, an article's bar code
    long = signs > 15 or (value.isalnum() and signs > 11 and not re.search(r"20[2-9]\d[01]\d", value))
    return long or (value.isalnum() and signs < 5)


def after_money(reading: Reading, start: int) -> bool:
    """Whether a currency stands right before a number."""
    return _MONEY_BEFORE.search(reading.before(start, 5)) is not None


def other_number(reading: Reading, start: int, invoices: bool = True) -> bool:
    """Whether the words before a number say that it is an article's, a bank's, a ticket's or any other number but an order's.

    Args:
        invoices: whether an invoice's number is another one, too; many shops give both the same.
    """
    before = reading.before(start, 40)
    article = ARTICLE_WORD.search(before[-30:])
    if article and not _NO_ARTICLE.match(article.group()):
        return True
    return bool(_OTHER_WORD.search(before) or (invoices and _INVOICE_WORD.search(before)))

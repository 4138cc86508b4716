"""Numbers in a mail: orders, parcels, articles, quantities and sizes, each found by its shape and by the words around it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from bots.decisions.identifiers import IdentifierKind, compact, readings
from bots.decisions.understanding.codes import ARTICLE_WORD, Found, Taken, matches, read_codes
from bots.decisions.understanding.folding import fold, fold_pattern
from bots.decisions.understanding.order_numbers import SHAPES, Guess, bounded, find_guesses, find_orders, split_distractors

_PARCEL_WORD = re.compile(
    fold_pattern(
        r"(?:track\w*|sendungs\w*|paket(?:nummer|nr)|paczk\w*|przesyłk\w*|list\w* przewozow\w*|colis|suivi|envío|seguimiento|spedizion\w*|tracking|zending\w*|track ?& ?trace|retour\w*code|consignment|waybill|parcel|package|label|dhl|ups|fedex|hermes|dpd|gls|usps|royal mail|evri|inpost|poste|correos|seur|chronopost|colissimo|mondial|postnl|bpost|yamato|sagawa|brt|bartolini|orlen|evtl|kurier\w*|courier|快递|单号|运单|物流|顺丰|圆通|中通|申通|韵达|伝票|追跡|送り状|問い?合わ?せ番号|ヤマト|佐川|ゆうパック|クロネコ|荷物|poczt\w*|mrw|nacex|relais|punto|quittung|beleg\w*|sendung|versand\w*|nadani\w*|nadał\w*)"
    )
)
_SKU = re.compile(r"(?<![\w#-])(?=[A-Z0-9-]*[A-Z])[A-Z][A-Z0-9]{1,9}(?:-[A-Z0-9]{1,10}){1,5}(?![\w-])|(?<![\w#-])[A-Z]{2,6}\d{2,6}[A-Z]?(?![\w-])")
_NO_SKU = re.compile(r"(?:USB|HDMI|LED)-?[A-Z0-9]?$|IMG|DSC|COVID|WLAN|EUR|GBP|USD")
_IBAN = re.compile(r"(?<![\w])[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){3,7}(?: ?[A-Z0-9]{1,3})?(?!\w)")
_CJK_DIGITS = {"一": 1, "二": 2, "两": 2, "兩": 2, "三": 3, "四": 4, "五": 5, "六": 6, "七": 7, "八": 8, "九": 9, "十": 10}
_NUMBER_WORDS = {
    "en": "one two three four five six seven eight nine ten eleven twelve", "de": "ein zwei drei vier fünf sechs sieben acht neun zehn elf zwölf",
    "fr": "un deux trois quatre cinq six sept huit neuf dix onze douze", "es": "un dos tres cuatro cinco seis siete ocho nueve diez once doce",
    "it": "un due tre quattro cinque sei sette otto nove dieci undici dodici", "nl": "een twee drie vier vijf zes zeven acht negen tien elf twaalf",
    "pl": "jeden dwa trzy cztery pięć sześć siedem osiem dziewięć dziesięć jedenaście dwanaście",
}  # fmt: skip
_UNIT = fold_pattern(
    r"(?:pieces?|pcs|pc|units?|items?|sets?|pairs?|of (?:the|them|these|my)|stück\w*|stk|mal|exemplare?|teile|pièces?|exemplaires?|unités?|unidades?|uds?|piezas?|pezzi|pezzo|unità|paia|stuks?|stuk|szt\w*|sztuk\w*|egzemplarz\w*|par(?:y|ę)?\b|paires?)"
)
_QUANTITY = re.compile(
    rf"(?<![\w.,/#-])(\d{{1,3}})\s?(?:{_UNIT})(?!\w*\d)|(?<![\w.,/#-])(\d{{1,3}})\s?(?:x|×|\*)\s?(?=[^\W\d]|\s)|(?:quantity|qty|menge|anzahl|quantit[eyà]|cantidad|aantal|ilo(?:s|ś)c|数量|個数)\W{{0,3}}(\d{{1,3}})"
)
_QUANTITY_CJK = re.compile(
    r"(?<![\d.#-])([二两兩三四五六七八九十](?!点)|\d{1,3}|一(?=[件枚本足双]))\s?(?:件|个|個|双|条|套|台|点|つ|枚|本|足|こ|セット|只|把|箱|瓶|包|块|支|盒|副|張|张|冊|脚(?!架)|着)(?!月|目|工作|小时|星期|礼拜|人)"
)
_SIZE_VALUE = r"(?:xxs|xs|xxxl|xxl|xl|s|m|l|[2-6]xl|\d{2,3}(?:[,.]5)?(?:\s?(?:x|/|-)\s?\d{2,3})?)"
_SIZE_WORD = fold_pattern(
    r"(?:size|größe|groesse|grosse|gr\.?|taille|talla|taglia|maat|rozmiar\w*|rozm\.?|número|numero|misura|pointure|nummer|サイズ|尺码|码|号)"
)
_WANT = fold_pattern(
    r"(?:to|for|in|into|against|with|a|an|gegen|in|auf|um|contre|en|pour|la|por|con|una|un|la|in|voor|naar|na|w|une|du|de|il|el|maat|换成?|换个?|改成?|要|に|へ|eine|einen|ein|der|die|das|another|next|new|want|need)"
)
_WANTED = re.compile(
    rf"(?:{_WANT}\W{{1,3}})(?:the |la |die |der |das |el |il |een |de |other )?(?:{_SIZE_WORD}\W{{0,3}}){_SIZE_VALUE}(?![\w-])|(?:换成?|换个?|改成?|要)\s?(?:{_SIZE_VALUE})\s?(?:码|号|的)?|(?:{_SIZE_WORD})?\s?{_SIZE_VALUE}\s?(?:サイズ)?(?:に|へ)(?:の)?(?:交換|変更|取り?替え|換え)",
    re.IGNORECASE,
)
_SIZE_ONLY = re.compile(rf"(?<![\w-]){_SIZE_VALUE}(?![\w-])")


@dataclass(frozen=True)
class Entities:
    orders: tuple[Found, ...] = ()
    distractors: tuple[Found, ...] = ()
    parcels: tuple[Found, ...] = ()
    skus: tuple[Found, ...] = ()
    taken: tuple[tuple[int, int], ...] = field(default=())
    guesses: tuple[Guess, ...] = ()
    """Codes of no known form that nothing names: one is the order where the mail has no other."""


def _overlaps(spans: Sequence[tuple[int, int]], start: int, end: int) -> bool:
    return any(start < other_end and other_start < end for other_start, other_end in spans)


_PARCEL_SHAPES = re.compile(
    r"(?<![\w-])(?:[A-Z]{2}[ -]?\d{3}[ -]?\d{3}[ -]?\d{3}[ -]?[A-Z]{2}|[A-Z]{2}\d{9}[A-Z]{2}|[A-Z]{2}(?: ?\d){9} ?[A-Z]{2}|1Z(?:[ ]?[0-9A-Z]){16}|JJ?[DV]\w{2}?\d{9,22}|JD\d{16,20}|JVGL\d{10,20}|3S[A-Z0-9]{9,15}|H\d{16,19}|(?:SF|YT|ZTO|STO|JT|JDV|YD|DPK|EMS)[A-Z]?\d{9,15}|[A-Z]{1,2}\d{10,18}[A-Z]{0,2}|\d{4}[ -]\d{4}[ -]\d{4}|\d{10,28}|\d{3,5}(?:[ ]\d{3,5}){2,6})(?![\w-])",
    re.ASCII | re.IGNORECASE,
)


def find_parcels(text: str) -> list[Found]:
    """Parcel numbers: by a check digit or a carrier's form, or by a word before them when they are only digits."""
    found: list[Found] = []
    folded = fold(text)
    for match in matches(_PARCEL_SHAPES, text):
        if text[match.end() - 2 : match.end()].islower() and text[match.start() : match.start() + 2].isupper():
            continue  # AB-123456789 is: a number and the next word
        value = compact(match.group())
        before = folded[max(0, match.start() - 60) : match.start()]
        kinds = {reading.kind for reading in readings(value)}
        if kinds & {IdentifierKind.IBAN, IdentifierKind.MRN}:
            continue
        certain = bool(kinds & {IdentifierKind.S10, IdentifierKind.UPS, IdentifierKind.DHL_PIECE}) or bool(
            re.match(r"[A-Z]{2}\d{9}[A-Z]{2}$|1Z|JJ?D|JVGL|3S|H\d{16}|(?:SF|YT|ZTO|STO|JT|YD)\w*\d{9}", value)
        )
        if (certain or _PARCEL_WORD.search(before) or len(value) >= 14) and not re.search(
            r"(?:tel|phone|telefon\w*|fon|mobil\w*|handy|gsm|电话|手机|電話)\W{0,6}$", before
        ):
            found.append(Found(value, match.start(), match.end()))
    return found


def find_entities(text: str, shapes: Sequence[str] = ()) -> Entities:
    """Everything numbered in one text."""
    reading = read_codes(text)
    own = Taken(len(text), (match.span() for shape in (*shapes, *SHAPES[:3]) for match in matches(bounded(shape), text)))
    parcels = [found for found in find_parcels(text) if not own.touches(found.start, found.end)]
    taken = [(found.start, found.end) for found in parcels]
    taken += [match.span() for match in matches(_IBAN, text)]
    orders = find_orders(reading, shapes, taken)
    guesses = find_guesses(reading, [*taken, *((found.start, found.end) for found in orders)])
    taken += [(found.start, found.end) for found in orders]
    used = Taken(len(text), taken)
    skus = []
    for match in matches(_SKU, text):
        if used.touches(*match.span()) or not re.search(r"\d|-[A-Z]", match.group()) or _NO_SKU.match(match.group()):
            continue
        if "-" in match.group() or ARTICLE_WORD.search(reading.before(match.start(), 30)):
            skus.append(Found(match.group(), *match.span()))
            taken.append(match.span())
            used.add(*match.span())
    about, aside = split_distractors(text, orders)
    return Entities(tuple(about), tuple(aside), tuple(parcels), tuple(skus), tuple(taken), tuple(guesses))


def find_quantity(text: str, language: str, taken: Sequence[tuple[int, int]] = ()) -> int | None:
    """A stated number of units; None when none is stated or two differ."""
    folded = fold(text)
    counts: list[int] = []
    if language in ("ja", "zh"):
        for match in _QUANTITY_CJK.finditer(folded):
            if not _overlaps(taken, *match.span(1)):
                counts.append(_CJK_DIGITS.get(match.group(1)) or int(match.group(1)) if not match.group(1).isdigit() else int(match.group(1)))
    for match in _QUANTITY.finditer(folded):
        digits = next(group for group in match.groups() if group)
        if not _overlaps(taken, *match.span()):
            counts.append(int(digits))
    if not counts and language in _NUMBER_WORDS:
        for number, word in enumerate(fold(_NUMBER_WORDS[language]).split(), start=1):
            if re.search(rf"(?<!\w){word}\s(?:{_UNIT})", folded) and number > 1:
                counts.append(number)
    distinct = [count for count in dict.fromkeys(counts) if 0 < count < 500]
    return distinct[0] if len(distinct) == 1 else None


def find_wanted_size(text: str) -> str | None:
    """The size an exchange asks for: the last one that follows a word of wanting."""
    wanted = list(_WANTED.finditer(fold(text)))
    if not wanted:
        return None
    values = _SIZE_ONLY.findall(wanted[-1].group())
    return str(values[-1]).upper().replace(" ", "") if values else None

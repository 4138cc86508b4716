"""Numbers in a mail: orders, parcels, articles, quantities and sizes, each found by its shape and by the words around it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from bots.decisions.identifiers import IdentifierKind, compact, readings
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
_PARCEL_WORD = re.compile(
    fold_pattern(
        r"(?:track\w*|sendungs\w*|paket(?:nummer|nr)|paczk\w*|przesyłk\w*|list\w* przewozow\w*|colis|suivi|envío|seguimiento|spedizion\w*|tracking|zending\w*|track ?& ?trace|retour\w*code|consignment|waybill|parcel|package|label|dhl|ups|fedex|hermes|dpd|gls|usps|royal mail|evri|inpost|poste|correos|seur|chronopost|colissimo|mondial|postnl|bpost|yamato|sagawa|brt|bartolini|orlen|evtl|kurier\w*|courier|快递|单号|运单|物流|顺丰|圆通|中通|申通|韵达|伝票|追跡|送り状|問い?合わ?せ番号|ヤマト|佐川|ゆうパック|クロネコ|荷物|poczt\w*|mrw|nacex|relais|punto|quittung|beleg\w*|sendung|versand\w*|nadani\w*|nadał\w*)"
    )
)
_SKU_WORD = re.compile(
    fold_pattern(
        r"(?:sku|art(?:ikel|icle|icolo|ículo)?(?:\W?(?:nr|no|nummer|number|num\w*|n[°º]))?|model\w*|mod|item(?:\W?(?:no|number))?|ref\w*(?:\W?art\w*)?|typs?|product(?: code| no)?|kod(?: produktu)?|código|codice|code(?: article| produit)?|型号|货号|商品(?:编号|番号|コード)?|品番|型番|款号|款)\W{0,3}(?:\w{1,3}\W{0,3})?$"
    )
)
_SKU = re.compile(r"(?<![\w#-])(?=[A-Z0-9-]*[A-Z])[A-Z][A-Z0-9]{1,9}(?:-[A-Z0-9]{1,10}){1,5}(?![\w-])|(?<![\w#-])[A-Z]{2,6}\d{2,6}[A-Z]?(?![\w-])")
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
class Found:
    """One number and where it stands."""

    value: str
    start: int
    end: int


@dataclass(frozen=True)
class Entities:
    orders: tuple[Found, ...] = ()
    distractors: tuple[Found, ...] = ()
    parcels: tuple[Found, ...] = ()
    skus: tuple[Found, ...] = ()
    taken: tuple[tuple[int, int], ...] = field(default=())


def _overlaps(spans: Sequence[tuple[int, int]], start: int, end: int) -> bool:
    return any(start < other_end and other_start < end for other_start, other_end in spans)


_PARCEL_SHAPES = re.compile(
    r"(?<![\w-])(?:[A-Z]{2}[ -]?\d{3}[ -]?\d{3}[ -]?\d{3}[ -]?[A-Z]{2}|[A-Z]{2}\d{9}[A-Z]{2}|[A-Z]{2}(?: ?\d){9} ?[A-Z]{2}|1Z(?:[ ]?[0-9A-Z]){16}|JJ?[DV]\w{2}?\d{9,22}|JD\d{16,20}|JVGL\d{10,20}|3S[A-Z0-9]{9,15}|H\d{16,19}|(?:SF|YT|ZTO|STO|JT|JDV|YD|DPK|EMS)[A-Z]?\d{9,15}|[A-Z]{1,2}\d{10,18}[A-Z]{0,2}|\d{4}[ -]\d{4}[ -]\d{4}|\d{10,28}|\d{3,5}(?:[ ]\d{3,5}){2,6})(?![\w-])",
    re.ASCII,
)


def find_parcels(text: str) -> list[Found]:
    """Parcel numbers: by a check digit or a carrier's form, or by a word before them when they are only digits."""
    found: list[Found] = []
    folded = fold(text)
    for match in _PARCEL_SHAPES.finditer(text.upper()):
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


def find_orders(text: str, shapes: Sequence[str] = (), taken: Sequence[tuple[int, int]] = ()) -> list[Found]:
    """Order numbers as they were written."""
    folded = fold(text)
    found: list[Found] = []
    spans: list[tuple[int, int]] = list(taken)
    for shape in (*shapes, *SHAPES):
        for match in re.finditer(rf"(?<![A-Za-z0-9_#-])(?:{shape})(?![A-Za-z0-9_]|-[A-Za-z0-9])", text):
            start, end = match.span()
            if _overlaps(spans, start, end) or (shape not in shapes and not _is_order(shape, text, folded, start, end)):
                continue
            spans.append((start, end))
            found.append(Found(match.group(), start, end))
    for match in re.finditer(rf"(?<![A-Za-z0-9_#.,/-])#?{_BARE}(?![A-Za-z0-9_]|[.,]\d|-[A-Za-z0-9])", text, re.ASCII | re.IGNORECASE):
        start, end = match.span()
        before = folded[max(0, start - 45) : start]
        if _overlaps(spans, start, end) or not (match.group().startswith("#") or _NEAR.search(before)):
            continue
        if _SKU_WORD.search(before) and not re.search(_ORDER_WORD, before[-14:]):
            continue
        spans.append((start, end))
        found.append(Found(match.group(), start, end))
    found += [one for one in _lone_numbers(text, folded) if not _overlaps(spans, one.start, one.end)]
    return sorted(found, key=lambda one: one.start)


_LONE = re.compile(r"(?<![A-Za-z0-9_#.,/:+-])(?:\d{5,8}|\d{5}-[A-Z]{1,2}|\d{2}-\d{5})(?![A-Za-z0-9_/:-]|[.,]\d)")
_MEASURE = re.compile(
    r"\s?(?:€|eur|euro|usd|gbp|chf|zl|pln|円|元|块|yen|\$|£|%|km|kg|g\b|mm|cm|mah|w\b|v\b|lm\b|rpm|btu|cet|uhr|[^\W\d_]{3,}(?:strasse|straat|ort)\b)"
)
_BEFORE_NO_ORDER = re.compile(
    fold_pattern(
        r"(?:tel\w*|phone|fon|mobil\w*|handy|gsm|fax|plz|zip|postcode|cp|kod pocztowy|e[0-9]|€|£|\$|¥|fehlercode|serien\w*|serial\w*|s/n|sn|序列号|シリアル\w*|电话|手机|電話|邮编|〒|iban|konto\w*|kunden\w*|customer|client\w*|kdnr|12315)\W{0,4}(?:\w{1,4}\W{1,2})?$"
    )
)


def _lone_numbers(text: str, folded: str) -> list[Found]:
    """Five to eight digits on their own: what people write when they think that everybody knows it is the order."""
    found = []
    for match in _LONE.finditer(text):
        if _MEASURE.match(folded, match.end()) or _BEFORE_NO_ORDER.search(folded[max(0, match.start() - 24) : match.start()]):
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
        return not _SKU_WORD.search(before) and len(re.sub(r"\D", "", value)) >= 4 and not re.match(r"(?:USB|LED|HDMI|DIN|ISO|EN|IP|CE)-", value)
    return True


def find_entities(text: str, shapes: Sequence[str] = ()) -> Entities:
    """Everything numbered in one text."""
    own = [span for shape in shapes for match in re.finditer(rf"(?<![A-Za-z0-9_#-])(?:{shape})(?![A-Za-z0-9_]|-[A-Za-z0-9])", text) for span in [match.span()]]
    sure = [match.span() for shape in SHAPES[:3] for match in re.finditer(rf"(?<![A-Za-z0-9_#-])(?:{shape})(?![A-Za-z0-9_]|-[A-Za-z0-9])", text)]
    parcels = [found for found in find_parcels(text) if not _overlaps([*own, *sure], found.start, found.end)]
    taken = [(found.start, found.end) for found in parcels]
    taken += [match.span() for match in re.finditer(r"(?<![\w])[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){3,7}(?: ?[A-Z0-9]{1,3})?(?!\w)", text)]
    orders = find_orders(text, shapes, taken)
    taken += [(found.start, found.end) for found in orders]
    skus = []
    folded = fold(text)
    for match in _SKU.finditer(text):
        before = folded[max(0, match.start() - 30) : match.start()]
        if (
            _overlaps(taken, *match.span())
            or not re.search(r"\d|-[A-Z]", match.group())
            or re.match(r"(?:USB|HDMI|LED)-?[A-Z0-9]?$|IMG|DSC|COVID|WLAN|EUR|GBP|USD", match.group())
        ):
            continue
        if "-" in match.group() or _SKU_WORD.search(before):
            skus.append(Found(match.group(), *match.span()))
            taken.append(match.span())
    about, aside = split_distractors(text, orders)
    return Entities(tuple(about), tuple(aside), tuple(parcels), tuple(skus), tuple(taken))


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

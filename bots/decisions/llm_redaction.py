"""Personal data taken out of a text before it leaves, and put back into what comes in return.

Found by their shape and by the names that are known; what has no shape (a nickname in the middle of a sentence) stays. Whoever must be sure that nothing
leaves asks a model on a machine of their own.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from itertools import pairwise
from typing import get_args

from bots.cases.masking import card_spans
from bots.decisions.identifiers import compact, valid_iban
from bots.decisions.llm import Personal
from bots.decisions.understanding.entities import find_entities

MARKS: dict[str, str] = {"names": "NAME", "addresses": "ADDRESS", "mails": "MAIL", "phones": "PHONE", "bank": "IBAN"}
EVERYTHING: frozenset[Personal] = frozenset(get_args(Personal))
Span = tuple[int, int]

_MAIL = re.compile(r"[\w.+%-]+@[\w-]+(?:\.[\w-]+)+")
_IBAN = re.compile(r"(?<![A-Za-z0-9])[A-Za-z]{2}\d{2}(?:[ \u00a0.-]?[A-Za-z0-9]{2,4}){2,8}(?:[ \u00a0.-]?[A-Za-z0-9]{1,4})?(?![A-Za-z0-9])")
_ACCOUNT = re.compile(
    r"(?:\biban\b|konto(?:nummer|nr\.?|-nr\.?)?|account (?:no\.?|number)|sort code|routing(?: number)?|num[ée]ro de compte|n[uú]mero de cuenta|rekening\w*|rachunk\w*|账号|卡号|口座番号)"
    r"\W{0,4}((?:[A-Za-z]{2})?\d(?:[ \u00a0.-]?[A-Za-z0-9]){5,33})",
    re.IGNORECASE,
)
_PHONE = re.compile(r"(?<![\w#+-])(?:\+|00)[1-9](?:[ ()/.\u00a0-]{0,2}\d){6,14}(?![\w-])")
_PHONE_SAID = re.compile(
    r"(?:\btel(?:efon\w*|\.|éfono|efoon)?|\bphone|\bt[ée]l(?:[ée]phone)?|\bmobil\w*|\bhandy\w*|\bfon|\bgsm|\bcell\w*|\bwhatsapp|\bportable|\bm[oó]vil|\bcellulare|\bkom[oó]rk\w*|\bfax|电话|手机|微信|電話|携帯)"
    r"(?:\W{0,3}(?:no|nr|number|nummer|番号|号码|号)\.?)?\W{0,4}((?:\+|\(0\)|\()?\d(?:[ ()/.\u00a0-]{0,2}\d){5,15})",
    re.IGNORECASE,
)
_UPPER = "A-ZÀ-ÖØ-ÞŁŚŻŹĆŃÓ"
_ADDRESS = re.compile(
    "|".join(
        (
            rf"[{_UPPER}][\w.'’-]*(?: [{_UPPER}][\w.'’-]*)?(?:straße|strasse|str\.|weg|gasse|allee|platz|ring|damm|ufer|laan|straat|plein|gracht|kade)\s+\d{{1,4}}\s?[a-zA-Z]?(?!\w)",
            rf"[{_UPPER}][\w.'’-]*(?: [{_UPPER}][\w.'’-]*)? (?:Straße|Strasse|Str\.|Weg|Gasse|Allee|Platz|Ring|Damm|Ufer)\s+\d{{1,4}}\s?[a-zA-Z]?(?!\w)",
            r"(?<![\w-])\d{1,5}(?: ?(?:bis|ter))?,? (?i:rue|avenue|av\.|boulevard|bd|place|chemin|impasse|allée|quai) [^\n,;]{3,40}",
            r"(?<!\w)(?i:via|viale|piazza|corso|vicolo|calle|c/|avenida|avda\.?|plaza|paseo|ulica|ul\.|al\.|os\.) ?[^\n,;\d]{2,40},? (?:n[.º°] ?)?\d{1,5}\s?[a-zA-Z]?(?:/\d+)?(?!\w)",
            rf"(?<![\w-])\d{{1,5}}[a-zA-Z]? (?:[{_UPPER}][\w'’.-]* ){{1,3}}(?:Street|St\.?|Road|Rd\.?|Avenue|Ave\.?|Lane|Ln\.?|Drive|Dr\.?|Close|Court|Crescent|Gardens|Way|Terrace|Square|Blvd\.?)(?!\w)",
            rf"(?<![\w#-])\d{{5}} [{_UPPER}][a-zà-ÿäöüß-]{{2,}}(?: (?:[{_UPPER}][a-zà-ÿ-]+|am|an der|sur|de|del|di|la|les))*",
            rf"(?<![\w#-])\d{{4}} ?[A-Z]{{2}},? [{_UPPER}][a-zà-ÿ'-]{{2,}}",
            rf"(?<![\w#-])\d{{2}}-\d{{3}},? [{_UPPER}][a-ząćęłńóśźż-]{{2,}}",
            r"(?<![\w#-])[A-Z]{1,2}\d[A-Z\d]? \d[A-Z]{2}(?!\w)",
            r"〒?(?<!\d)\d{3}-\d{4}(?![\d-])(?:\s*[\u3040-\u30ff\u4e00-\u9fff0-9０-９-]{3,40})?",
            r"[\u4e00-\u9fff]{2,8}(?:省|市|区|县|都|府|県)[\u3040-\u30ff\u4e00-\u9fff0-9A-Za-z-]{2,40}(?:路|街|号|室|楼|栋|弄|村|丁目|番地?)(?:[0-9０-９-]{1,12}(?:号|室)?)?",
        )
    )
)
_CLOSING = re.compile(
    r"^\W*(?:(?:with )?(?:best|kind|warm|many)?\s*(?:regards|wishes|thanks|thank you)|cheers|yours\b.*|sincerely|mit (?:freundlichen|besten|lieben) gr[üu](?:ß|ss)en|(?:viele|liebe|beste|schöne) gr[üu](?:ß|ss)e"
    r"|mfg|lg|vg|cordialement|bien à vous|merci(?: d'avance)?|salutations|(?:un )?(?:cordial )?saludo[s]?|atentamente|gracias|(?:cordiali |distinti )?saluti|grazie|(?:met )?(?:vriendelijke )?groet(?:en|jes)?|mvg"
    r"|pozdrawiam|z poważaniem|dziękuję|danke|vielen dank|此致|敬礼|谢谢|よろしくお願い\S*)\W*$",
    re.IGNORECASE,
)
_SAID_NAME = re.compile(
    rf"(?:\b[Mm]y name is|\b[Ii]ch heiße|\b[Mm]ein Name ist|\b[Jj]e m'appelle|\b[Mm]e llamo|\b[Mm]i chiamo|\b[Mm]ijn naam is|\b[Nn]azywam się|我叫|我是)\s*((?:[{_UPPER}][\w'’-]+\s?){{1,3}}|[\u4e00-\u9fff]{{2,4}})"
)
_NAME_LINE = re.compile(
    rf"(?:[{_UPPER}][\w.'’-]*)(?: (?:(?:van|von|de|der|den|di|da|del|la|le) ){{0,2}}[{_UPPER}][\w.'’-]*){{0,3}}|[\u3040-\u30ff\u4e00-\u9fff]{{2,6}}"
)


class Redaction:
    """What was taken out of the texts of one question; the same value has the same mark in all of them."""

    def __init__(self, kinds: Collection[Personal] = EVERYTHING, names: Iterable[str] = ()) -> None:
        self.kinds = frozenset(kinds)
        self.names = tuple(name for name in names if name.strip())
        self._mark_of: dict[str, str] = {}
        self._value_of: dict[str, str] = {}
        self._count: dict[str, int] = {}

    def hide(self, text: str) -> str:
        """The text with a mark in the place of each personal datum, and of each card number always."""
        found = [(span, "CARD") for span in card_spans(text)]
        for kind in ("bank", "mails", "phones", "names", "addresses"):
            if kind in self.kinds:
                found += [(span, MARKS[kind]) for span in self._spans(kind, text) if span[0] < span[1]]
        out, end = [], 0
        for (start, stop), mark in sorted(_apart(found)):
            out += [text[end:start], self._mark(text[start:stop], mark, text)]
            end = stop
        return "".join([*out, text[end:]])

    def restore(self, text: str) -> str:
        """The text with what stood in the place of each mark."""
        for mark, value in self._value_of.items():
            text = text.replace(mark, value)
        return text

    def _mark(self, value: str, kind: str, text: str) -> str:
        if value not in self._mark_of:
            while True:
                self._count[kind] = self._count.get(kind, 0) + 1
                mark = f"[{kind}_{self._count[kind]}]"
                if mark not in text:  # somebody wrote it there himself: another number
                    break
            self._mark_of[value], self._value_of[mark] = mark, value
        return self._mark_of[value]

    def _spans(self, kind: str, text: str) -> Iterator[Span]:
        if kind == "mails":
            yield from (found.span() for found in _MAIL.finditer(text))
        elif kind == "bank":
            yield from (span for found in _IBAN.finditer(text) if (span := _valid_part(found)) is not None)
            yield from (found.span(1) for found in _ACCOUNT.finditer(text))
        elif kind == "phones":
            yield from (found.span(1) for found in _PHONE_SAID.finditer(text))
            yield from _not_numbers(text, (found.span() for found in _PHONE.finditer(text)))
        elif kind == "addresses":
            yield from _not_numbers(text, (found.span() for found in _ADDRESS.finditer(text)))
        else:
            yield from self._name_spans(text)

    def _name_spans(self, text: str) -> Iterator[Span]:
        for name in dict.fromkeys([*self.names, *_signed(text)]):
            parts = [name, *(part for part in re.split(r"[\s,]+", name) if len(part) > 2)]
            for part in parts:
                border = (
                    "" if re.match(r"[\u3040-\u30ff\u4e00-\u9fff]", part) else r"(?<!\w)",
                    "" if re.match(r"[\u3040-\u30ff\u4e00-\u9fff]", part) else r"(?!\w)",
                )
                yield from (found.span() for found in re.finditer(f"{border[0]}{re.escape(part)}{border[1]}", text, re.IGNORECASE))


def _apart(found: list[tuple[Span, str]]) -> list[tuple[Span, str]]:
    """The spans that do not overlap; of those that do the one named first, longest first within a kind."""
    kept: list[tuple[Span, str]] = []
    order = {mark: place for place, mark in enumerate(dict.fromkeys(mark for _, mark in found))}
    for span, mark in sorted(found, key=lambda one: (order[one[1]], one[0][0] - one[0][1])):
        if not any(span[0] < other[1] and other[0] < span[1] for other, _ in kept):
            kept.append((span, mark))
    return kept


def _valid_part(found: re.Match[str]) -> Span | None:
    """The longest part of a match that is a valid IBAN: the number may run into the next words."""
    text = found.group()
    ends = [place.start() for place in re.finditer(r"[ \u00a0.-]", text)] + [len(text)]
    for end in reversed(ends):
        if valid_iban(compact(text[:end].upper())):
            return found.start(), found.start() + end
    return None


def _not_numbers(text: str, spans: Iterable[Span]) -> Iterator[Span]:
    """The spans that are no order's, parcel's or article's number: those must stay readable."""
    entities = find_entities(text)
    taken = [(found.start, found.end) for group in (entities.orders, entities.distractors, entities.parcels, entities.skus) for found in group]
    for start, end in spans:
        if text[start] == "+" or not any(start < other_end and other_start < end for other_start, other_end in taken):
            yield start, end


def _signed(text: str) -> Iterator[str]:
    """Names by which the writer signs or introduces himself."""
    yield from (found[1].strip() for found in _SAID_NAME.finditer(text))
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    for line, following in pairwise(lines):
        if _CLOSING.match(line) and len(following) <= 60 and _NAME_LINE.fullmatch(following.rstrip(".,!")):
            yield following.rstrip(".,!")

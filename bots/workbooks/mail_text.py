"""Text as a person sees it: HTML without what is hidden, characters without disguise."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping

from selectolax.lexbor import LexborHTMLParser, LexborNode

MAX_HTML = 2_000_000
"""Characters; what follows is not read."""
MAX_DEPTH = 200

_INVISIBLE = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\U000e0000-\U000e01ef]"
)
_DIRECTION = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_TAGS = re.compile("[\U000e0000-\U000e01ef]")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f]")
_SPACES = re.compile("[\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]")
_HYPHENS = re.compile("[\u2010\u2011\u2012\u2212\ufe63\uff0d]|(?<=[0-9A-Za-z])\u2013(?=[0-9A-Za-z])")
# What NFKC may fold without changing what is said: wide letters, digits and the signs of order numbers, half-width kana, ligatures,
# mathematical letters. Wide punctuation, superscripts, fractions and circled numbers stay: they carry meaning.
_FOLDED = re.compile("[\uff03\uff05\uff06\uff0b\uff0e-\uff19\uff20-\uff3a\uff3f\uff41-\uff5a\uff65-\uff9f\ufb00-\ufb06\U0001d400-\U0001d7ff]+")

_BLOCKS = frozenset(
    "address article aside blockquote body center dd details div dl dt fieldset figure footer form h1 h2 h3 h4 h5 h6 header hr li main nav ol p pre section "
    "summary table tbody tfoot thead tr ul".split()
)
_UNSEEN = frozenset("script style head title template noscript object embed iframe svg math select textarea audio video canvas xml".split())
_HIDING = re.compile(
    r"display\s*:\s*none|visibility\s*:\s*(?:hidden|collapse)|mso-hide\s*:\s*all|opacity\s*:\s*0(?:\.0+)?\s*(?:[;!]|$)|"
    r"font-size\s*:\s*[01](?:\.\d+)?(?:px|pt|em|%)?\s*(?:[;!]|$)|(?:max-)?(?:height|width)\s*:\s*0(?:px)?\s*(?:[;!]|$)|"
    r"text-indent\s*:\s*-\d{3,}|(?:left|top)\s*:\s*-\d{3,}|clip\s*:\s*rect\(\s*0",
    re.IGNORECASE,
)
_WHITE = re.compile(r"(?<![-\w])color\s*:\s*(?:#fff(?:fff)?|white|rgba?\(\s*255\s*,\s*255\s*,\s*255|transparent)", re.IGNORECASE)
_QUOTE_CLASS = re.compile(
    r"gmail_quote|yahoo_quoted|moz-cite|protonmail_quote|zmail_extra|tutanota_quote|isreplycontent|ms-outlook-mobile-reference|appledisplaymail|_quote\b", re.I
)
_QUOTE_IDS = frozenset({"isreplycontent", "yahoo_quoted", "mail-editor-reference-message-container"})


def clean(text: str) -> tuple[str, list[str]]:
    """The text without invisible and disguised characters, and what was found that plain writers do not use.

    Wide and mathematical letters and digits become plain ones, exotic hyphens and spaces the usual ones; line breaks are `\\n`.
    """
    found = []
    if _DIRECTION.search(text):
        found.append("marks that turn the reading direction were removed")
    if _TAGS.search(text):
        found.append("invisible tag characters were removed")
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\u2028", "\n").replace("\u2029", "\n").replace("\x85", "\n")
    text = _CONTROL.sub("", _INVISIBLE.sub("", text))
    text = _FOLDED.sub(lambda match: unicodedata.normalize("NFKC", match[0]), text)
    text = _HYPHENS.sub("-", _SPACES.sub(" ", text))
    text = text.encode("utf-8", "replace").decode("utf-8")  # a lone surrogate can be stored nowhere
    return unicodedata.normalize("NFC", text), found


def html_to_text(html: str) -> tuple[str, list[str]]:
    """The visible text of an HTML body, quoted blocks with `> ` before each line, and what was hidden in it.

    Comments, scripts and elements that a reader does not see (by attribute, style or white on no background) are dropped and reported.
    """
    found = []
    if len(html) > MAX_HTML:
        found.append(f"HTML above {MAX_HTML} characters was cut")
    tree = LexborHTMLParser(html[:MAX_HTML])
    hidden = _hide_by_stylesheet(tree)
    reader = _Reader(hidden)
    root = tree.body or tree.root
    if root is not None:
        reader.read(root, depth=0, background=_has_ground(dict(root.attributes)))
    if reader.dropped:
        found.append("text that the reader cannot see was removed")
    if reader.too_deep:
        found.append(f"HTML nested deeper than {MAX_DEPTH} was cut")
    return reader.text(), found


def _hide_by_stylesheet(tree: LexborHTMLParser) -> set[int]:
    """Ids of the nodes that a rule of the mail's own style sheet hides; only plain class, id and element selectors are followed."""
    hidden: set[int] = set()
    for sheet in tree.css("style"):
        rules = re.sub(r"/\*.*?\*/", "", (sheet.text() or "")[:100_000], flags=re.DOTALL)
        rules = re.sub(r"@media[^{]*\{(?:[^{}]*\{[^{}]*\})*[^{}]*\}", "", rules)  # what holds on small screens only is not hidden
        for selectors, declarations in re.findall(r"([^{}]{1,500})\{([^{}]{0,2000})\}", rules):
            if not _HIDING.search(declarations):
                continue
            for selector in selectors.split(","):
                if re.fullmatch(r"[a-z0-9]*[.#][A-Za-z_][\w-]*", selector.strip()):
                    hidden.update(node.mem_id for node in tree.css(selector.strip()))
    return hidden


class _Reader:
    """Walks the tree once and writes down what shows."""

    def __init__(self, hidden: set[int]) -> None:
        self.hidden = hidden
        self.dropped = False
        self.too_deep = False
        self._lines: list[tuple[int, str]] = [(0, "")]
        self._quote = 0
        self._pre = 0

    def text(self) -> str:
        lines = []
        for quote, line in self._lines:
            lines.append((">" * quote + " " + line.strip()).strip() if quote else line.strip())
        return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip("\n")

    def read(self, node: LexborNode, *, depth: int, background: bool) -> None:
        if depth > MAX_DEPTH:
            self.too_deep = True
            return
        for child in _children(node):
            tag = child.tag or ""
            if tag == "-text":
                self._write(child.text(deep=False) or "")
            elif tag in ("-comment", "_comment") or tag in _UNSEEN or tag.startswith(("-", "!")):
                continue
            elif tag == "br":
                self._break()
            else:
                self._element(child, tag, depth, background)

    def _element(self, node: LexborNode, tag: str, depth: int, background: bool) -> None:
        attributes = {name.lower(): value or "" for name, value in node.attributes.items()}
        style = attributes.get("style", "")
        background = background or _has_ground(attributes)
        white = _WHITE.search(style) or attributes.get("color", "").lower() in ("#ffffff", "#fff", "white")
        if "hidden" in attributes or node.mem_id in self.hidden or _HIDING.search(style) or (white and not background):
            self.dropped = self.dropped or bool((node.text() or "").strip())
            return
        block = tag in _BLOCKS
        quote = _is_quote(tag, attributes)
        if block or quote:
            self._break(soft=True)
        self._quote += quote
        self._pre += tag == "pre"
        if tag == "li":
            self._write("- ")
        self.read(node, depth=depth + 1, background=background)
        if tag in ("td", "th"):
            self._write(" ")
        if block or quote:
            self._break(soft=True)
        if tag in ("p", "h1", "h2", "h3", "ul", "ol", "table", "hr") and not self._quote:
            self._break()
        self._quote -= quote
        self._pre -= tag == "pre"

    def _write(self, text: str) -> None:
        pieces = text.split("\n") if self._pre else [re.sub(r"[ \t\r\n\f]+", " ", text)]
        for number, piece in enumerate(pieces):
            if number:
                self._break()
            quote, line = self._lines[-1]
            if not line:
                quote = self._quote
            self._lines[-1] = (quote, line + (piece.lstrip(" ") if not line or line.endswith(" ") else piece))

    def _break(self, *, soft: bool = False) -> None:
        """A new line; a soft one only if the last is not empty."""
        if soft and not self._lines[-1][1].strip():
            self._lines[-1] = (self._quote, "")
            return
        self._lines.append((self._quote, ""))


def _has_ground(attributes: Mapping[str, str | None]) -> bool:
    """Whether the element paints its own background, on which white can be read."""
    return "bgcolor" in attributes or "background" in attributes or "background" in (attributes.get("style") or "").lower()


def _is_quote(tag: str, attributes: dict[str, str]) -> bool:
    if attributes.get("id", "").lower() in _QUOTE_IDS:
        return True
    classes = attributes.get("class", "")
    if tag == "blockquote":
        return attributes.get("type", "").lower() == "cite" or "cite" in attributes or bool(_QUOTE_CLASS.search(classes))
    return tag == "div" and bool(_QUOTE_CLASS.search(classes))


def _children(node: LexborNode) -> Iterator[LexborNode]:
    child = node.child
    while child is not None:
        yield child
        child = child.next

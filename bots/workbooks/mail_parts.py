"""The parts of a MIME mail: which one is the text, which ones are attachments, decoded with whatever they claim or really are."""

from __future__ import annotations

import binascii
import codecs
import hashlib
import mimetypes
import re
import unicodedata
from dataclasses import dataclass, field
from email.message import Message

from pydantic import BaseModel, ConfigDict, Field

from bots.workbooks.mail_text import clean, html_to_text

MAX_PARTS = 200
MAX_DEPTH = 20
MAX_DECODED = 5_000_000
"""Bytes of one text part that are read."""

BROKEN = (ValueError, LookupError, TypeError, AttributeError, AssertionError, RecursionError, binascii.Error)
"""What the standard library raises on malformed mail: UnicodeError, IndexError and KeyError are among these."""

# Names that mail programs use -> the codec that reads everything they really write with it.
_CODECS = {
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "gb_2312-80": "gb18030",
    "x-gbk": "gb18030",
    "iso-8859-1": "cp1252",
    "latin1": "cp1252",
    "latin-1": "cp1252",
    "iso-8859-9": "cp1254",
    "us-ascii": "",
    "ascii": "",
    "ansi_x3.4-1968": "",
    "unknown-8bit": "",
    "default": "",
    "shift_jis": "cp932",
    "shift-jis": "cp932",
    "x-sjis": "cp932",
    "sjis": "cp932",
    "iso-2022-jp": "iso2022_jp_ext",
    "ks_c_5601-1987": "cp949",
    "euc-kr": "cp949",
    "utf8": "utf-8",
    "utf-8mb4": "utf-8",
    "utf8mb4": "utf-8",
    "cp-850": "cp850",
}
_TEXT_CODECS_ONLY = frozenset(
    {"rot13", "rot_13", "hex", "hex_codec", "base64", "base64_codec", "zlib", "zlib_codec", "bz2", "bz2_codec", "uu", "uu_codec", "quopri", "quopri_codec"}
)


class Attachment(BaseModel):
    """A file that came with the mail."""

    model_config = ConfigDict(frozen=True)

    name: str
    """Safe as a file name on every system; unique within the mail."""
    content_type: str
    size: int
    """Bytes."""
    sha256: str
    inline: bool = False
    """Shown within the text (a logo, a pasted picture)."""
    data: bytes = Field(repr=False)


@dataclass
class Body:
    """What the parts came to."""

    text: str = ""
    html: bool = False
    forwarded: str = ""
    """Text of mails that are attached."""
    report: bool = False
    """A delivery report (RFC 3464) or a read receipt."""
    attachments: tuple[Attachment, ...] = ()
    problems: list[str] = field(default_factory=list)


@dataclass
class _Text:
    text: str
    html: bool


class _Walk:
    def __init__(self) -> None:
        self.parts = 0
        self.problems: list[str] = []
        self.attachments: list[Attachment] = []
        self.forwarded: list[str] = []
        self.report = False

    def texts(self, part: Message, depth: int) -> list[_Text]:
        """The text of this part and those below it, in order; attachments are put aside on the way."""
        self.parts += 1
        if depth > MAX_DEPTH or self.parts > MAX_PARTS:
            self.problems.append("parts nested too deep or too many: the rest was not read")
            return []
        kind = part.get_content_type()
        if kind in ("multipart/report", "message/delivery-status", "message/disposition-notification"):
            self.report = True
        if kind == "message/rfc822":
            self._forward(part, depth)
            return []
        payload = part.get_payload()
        if part.is_multipart() and isinstance(payload, list):
            below = [self.texts(other, depth + 1) for other in payload if isinstance(other, Message)]
            if kind == "multipart/alternative":
                return _best(below)
            return [text for texts in below for text in texts]
        if kind.startswith("multipart/"):
            self.problems.append("a multipart without parts: read as text")
        return self._leaf(part, kind)

    def _leaf(self, part: Message, kind: str) -> list[_Text]:
        data = payload_of(part)
        for defect in part.defects:  # decoding finds some of them
            self.problems.append(f"malformed part: {type(defect).__name__}")
        disposition = str(part.get_content_disposition() or "")
        name = _file_name(part)
        is_text = kind in ("text/plain", "text/html") or kind.startswith("multipart/")
        if disposition == "attachment" or (name and not (is_text and disposition == "inline")) or not is_text:
            self._attach(part, kind, name, data, inline=disposition == "inline" or part.get("Content-ID") is not None)
            return []
        text, trouble = decode_bytes(data[:MAX_DECODED], charset_of(part))
        if trouble:
            self.problems.append(trouble)
        if len(data) > MAX_DECODED:
            self.problems.append(f"a text part above {MAX_DECODED} bytes was cut")
        if kind == "text/html":
            text, found = html_to_text(text)
            self.problems += found
            return [_Text(text, html=True)]
        return [_Text(_unflowed(part, text), html=False)]

    def _attach(self, part: Message, kind: str, name: str, data: bytes, *, inline: bool) -> None:
        if not data and not name:
            return
        taken = {other.name for other in self.attachments}
        safe = safe_name(name, kind, len(self.attachments) + 1)
        stem, dot, suffix = safe.rpartition(".")
        number = 2
        unique = safe
        while unique.casefold() in {other.casefold() for other in taken}:
            unique = f"{stem if dot else safe} ({number}){dot}{suffix if dot else ''}"
            number += 1
        digest = hashlib.sha256(data).hexdigest()
        self.attachments.append(Attachment(name=unique, content_type=kind, size=len(data), sha256=digest, inline=inline, data=data))

    def _forward(self, part: Message, depth: int) -> None:
        """An attached mail: kept as a file, its text read as quoted words, not as the writer's."""
        payload = part.get_payload()
        inner = payload[0] if isinstance(payload, list) and payload and isinstance(payload[0], Message) else None
        if inner is None:
            self._attach(part, "message/rfc822", _file_name(part), payload_of(part), inline=False)
            return
        try:
            data = inner.as_bytes()
        except BROKEN:
            self.problems.append("an attached mail could not be written out again")
            data = b""
        self._attach(part, "message/rfc822", _file_name(part) or "forwarded.eml", data, inline=False)
        self.forwarded += [text.text for text in self.texts(inner, depth + 1)]


def read_body(message: Message) -> Body:
    """Text, attachments and troubles of a parsed mail."""
    walk = _Walk()
    for defect in message.defects:
        walk.problems.append(f"malformed mail: {type(defect).__name__}")
    texts = walk.texts(message, 0)
    return Body(
        text="\n\n".join(text.text.strip("\n") for text in texts if text.text.strip()),
        html=any(text.html for text in texts),
        forwarded="\n\n".join(walk.forwarded),
        report=walk.report,
        attachments=tuple(walk.attachments),
        problems=list(dict.fromkeys(walk.problems)),
    )


def _best(below: list[list[_Text]]) -> list[_Text]:
    """Of alternatives the plain one, unless it is empty or only says that HTML is needed."""
    plain = [texts for texts in below if texts and not any(text.html for text in texts)]
    html = [texts for texts in below if any(text.html for text in texts)]
    for texts in plain:
        words = " ".join(text.text for text in texts).strip()
        richer = max((len(text.text) for texts in html for text in texts), default=0)
        stub = len(words) < 300 and richer > 2 * len(words) and re.search(r"html|browser|e-?mail client|mail ?programm", words, re.IGNORECASE)
        if words and not stub and not re.match(r"\s*<(?:!doctype|html|body|div)\b", words, re.IGNORECASE):
            return texts
    return html[0] if html else plain[0] if plain else []


def payload_of(part: Message) -> bytes:
    """The part's bytes without their transfer encoding; a broken encoding gives what can be read of it."""
    try:
        data = part.get_payload(decode=True)
    except BROKEN:
        data = None
    if isinstance(data, bytes):
        return data
    text = part.get_payload()
    return text.encode("utf-8", "surrogateescape") if isinstance(text, str) else b""


def charset_of(part: Message) -> str:
    """The charset that the part claims, or nothing."""
    try:
        return str(part.get_content_charset() or "")
    except BROKEN:
        return ""


def decode_bytes(data: bytes, charset: str) -> tuple[str, str]:
    """(text, trouble): by the charset it claims, else by UTF-8, else by Windows-1252; trouble is empty where all went well."""
    claimed = charset.strip().strip("'\"").lower()
    name = _CODECS.get(claimed, claimed)
    if name:
        try:
            if name in _TEXT_CODECS_ONLY:
                raise LookupError(name)
            codecs.lookup(name)
            return data.decode(name), ""
        except (LookupError, ValueError):
            trouble = f"the text is not in {claimed[:40]}, as it claims"
    else:
        trouble = ""
    try:
        return data.decode("utf-8-sig"), trouble
    except UnicodeDecodeError:
        known = name and name not in _TEXT_CODECS_ONLY and _is_codec(name)
        fallback = name if known and name not in ("utf-8", "utf-16", "utf-32", "utf-7") else "cp1252"
        return data.decode(fallback, "replace"), trouble or "bytes without a charset were read as Windows-1252"


def _is_codec(name: str) -> bool:
    try:
        codecs.lookup(name)
    except (LookupError, ValueError):
        return False
    return True


def _unflowed(part: Message, text: str) -> str:
    """format=flowed (RFC 3676): lines that end in a space go on in the next one."""
    if "flowed" not in str(part.get("Content-Type", "")).lower():
        return text
    lines: list[str] = []
    soft = False
    for line in text.replace("\r\n", "\n").split("\n"):
        line = line.removeprefix(" ") if line.startswith(" ") else line
        if soft and not line.startswith(">") and lines:
            lines[-1] += line
        else:
            lines.append(line)
        soft = line.endswith(" ") and line != "-- " and not line.startswith(">")
    return "\n".join(lines)


def _file_name(part: Message) -> str:
    try:
        name = part.get_filename() or ""
    except BROKEN:
        return "attachment"
    if "=?" in name:  # encoded words where RFC 2231 belongs: most programs write them so
        from email.header import decode_header

        try:
            chunks = decode_header(name)
        except BROKEN:
            return name
        return "".join(decode_bytes(chunk, charset or "")[0] if isinstance(chunk, bytes) else chunk for chunk, charset in chunks)
    return decode_bytes(name.encode("utf-8", "surrogateescape"), "")[0]


_RESERVED = re.compile(r"(?:con|prn|aux|nul|conin\$|conout\$|(?:com|lpt)[0-9¹²³])\s*(?:\.|$)", re.IGNORECASE)
"""Devices of Windows, which a name is whatever its suffix."""


def safe_name(name: str, content_type: str, number: int) -> str:
    """A file name that is no path, hides nothing and works on Windows, Linux and macOS: at most 100 characters, its suffix kept."""
    name = unicodedata.normalize("NFC", clean(name)[0])
    name = re.split(r"[/\\]", name)[-1]
    name = re.sub(r'[\x00-\x1f<>:"|?*\n\t]', "_", name).strip(" .")
    name = re.sub(r"^[=+\-@~$]+", "_", name)
    if not name.strip("_"):
        name = f"attachment-{number}{mimetypes.guess_extension(content_type) or '.bin'}"
    if _RESERVED.match(name):
        name = "_" + name
    if len(name) > 100:
        stem, dot, suffix = name.rpartition(".")
        name = f"{stem[: 99 - len(suffix)]}.{suffix}" if dot and len(suffix) <= 10 else name[:100]
    return name.strip(" .")

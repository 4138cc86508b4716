"""Customers' mail: words in nine languages, then real MIME in the charsets that real programs send."""

from __future__ import annotations

import html
import random
import struct
import zlib
from dataclasses import asdict, dataclass
from datetime import datetime
from email import policy
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime
from functools import cache
from typing import Any

import yaml

from .products import TEXTS

MAILBOX = "returns@seller.example"
LEGACY_CHARSETS = {
    "de": ["iso-8859-1"],
    "fr": ["iso-8859-1"],
    "es": ["iso-8859-1"],
    "it": ["iso-8859-1"],
    "nl": ["iso-8859-1"],
    "zh": ["gb18030"],
    "ja": ["iso-2022-jp"],
    "pl": ["iso-8859-2"],
    "en": ["us-ascii"],
}
QUOTE_INTRO = {
    "en": "On {date}, {who} wrote:",
    "de": "Am {date} schrieb {who}:",
    "fr": "Le {date}, {who} a écrit :",
    "es": "El {date}, {who} escribió:",
    "it": "Il {date} {who} ha scritto:",
    "nl": "Op {date} schreef {who}:",
    "pl": "Dnia {date} {who} napisał(a):",
    "ja": "{date} {who}:",
    "zh": "{date},{who} 写道:",
}


@dataclass(frozen=True)
class MailSpec:
    """Everything a mail is made of; `date` is ISO, or empty for the hour of its delivery."""

    message_id: str
    from_name: str
    from_addr: str
    subject: str
    body: str
    lang: str
    date: str = ""
    charset: str = "utf-8"
    shape: str = "plain"  # plain | alternative | html
    photo: bool = False
    quote: str = ""
    in_reply_to: str = ""
    auto_submitted: bool = False

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


@cache
def words(lang: str) -> dict[str, Any]:
    """The text material of one language ('common' for what is nobody's request)."""
    material: dict[str, Any] = yaml.safe_load((TEXTS / f"{lang}.yaml").read_text(encoding="utf-8"))
    return material


SUBJECT_OF = {
    "changed_mind": "return",
    "mistake": "return",
    "better_price": "return",
    "size_small": "return",
    "size_large": "return",
    "quantity": "return",
    "two_lines": "return",
    "defective": "problem",
    "warranty": "problem",
    "wrong_item": "problem",
    "damaged": "problem",
    "missing_part": "problem",
    "not_as_described": "problem",
    "exchange_size": "exchange",
    "where_return": "status",
    "where_money": "money",
    "iban_status": "money",
    "cancel": "cancel",
    "order_where": "question",
    "order_invoice": "question",
}


def variants(lang: str, key: str) -> int:
    return len(words(lang)["body"][key])


def write(lang: str, key: str, variant: int, rng: random.Random, **fields: Any) -> tuple[str, str]:
    """Subject and body in `lang`; variants 0 formal, 1 chatty, 2 and up terse or clumsy. `fields` fill the gaps."""
    material = words(lang)
    register = ("formal", "chatty", "terse")[min(variant, 2)]
    greeting = rng.choice(material["greeting"][register])
    closing = rng.choice(material["closing"][register]).format(**fields)
    text = material["body"][key][variant % variants(lang, key)].format(**fields)
    if not greeting:
        text = text[0].upper() + text[1:]
    subject = rng.choice(material["subject"][SUBJECT_OF[key]]).format(**fields)
    return subject, "\n\n".join(part for part in (greeting, text, closing) if part)


def sentence(lang: str, key: str, **fields: Any) -> str:
    """One more sentence to put into a body."""
    return str(words(lang)["body"][key][0].format(**fields))


def dress(lang: str, rng: random.Random) -> dict[str, Any]:
    """A charset and a MIME shape, as mail programs of speakers of `lang` choose them."""
    charset = rng.choice(LEGACY_CHARSETS[lang]) if rng.random() < 0.3 else "utf-8"
    return {"charset": charset, "shape": rng.choice(["plain", "plain", "alternative", "html"])}


def quoted(lang: str, date: datetime, who: str, text: str) -> str:
    """An earlier text as mail programs quote it."""
    intro = QUOTE_INTRO[lang].format(date=f"{date:%Y-%m-%d %H:%M}", who=who)
    return "\n".join([intro, *(f"> {line}" for line in text.splitlines())])


def photo(seed: str) -> bytes:
    """A tiny PNG of a few coloured blocks, the same for the same seed."""
    rng = random.Random(seed)
    side = 24
    rows = b""
    colours = [bytes(rng.randrange(256) for _ in range(3)) for _ in range(9)]
    for y in range(side):
        rows += b"\x00" + b"".join(colours[(y // 8) * 3 + x // 8] for x in range(side))

    def chunk(tag: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + tag + data + struct.pack(">I", zlib.crc32(tag + data))

    head = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows, 9)) + chunk(b"IEND", b"")


def _fits(text: str, charset: str) -> str:
    """`charset` where it can hold `text`, else UTF-8."""
    try:
        text.encode(charset)
    except UnicodeEncodeError:
        return "utf-8"
    return charset


def _as_html(text: str) -> str:
    paragraphs = "".join(f"<p>{html.escape(part)}</p>".replace("\n", "<br>") for part in text.split("\n\n"))
    return f'<html><body style="font-family:sans-serif">{paragraphs}</body></html>'


def compose(spec: MailSpec, now: datetime) -> bytes:
    """The mail as it lies in a mailbox: the same bytes for the same spec and hour."""
    mail = EmailMessage()
    local, _, domain = spec.from_addr.partition("@")
    mail["From"] = Address(spec.from_name, local, domain)
    mail["To"] = MAILBOX
    mail["Subject"] = spec.subject
    mail["Date"] = format_datetime(datetime.fromisoformat(spec.date) if spec.date else now.replace(microsecond=0))
    mail["Message-ID"] = spec.message_id
    if spec.in_reply_to:
        mail["In-Reply-To"] = spec.in_reply_to
        mail["References"] = spec.in_reply_to
    if spec.auto_submitted:
        mail["Auto-Submitted"] = "auto-replied"
        mail["X-Auto-Response-Suppress"] = "All"
    text = spec.body + (f"\n\n{spec.quote}" if spec.quote else "")
    charset = _fits(text, spec.charset)
    cte = {"us-ascii": "7bit", "iso-2022-jp": "7bit", "utf-8": "base64", "gb18030": "base64"}.get(charset, "quoted-printable")
    if spec.shape == "html":
        mail.set_content(_as_html(text), subtype="html", charset=charset, cte=cte)
    else:
        mail.set_content(text, charset=charset, cte=cte)
        if spec.shape == "alternative":
            mail.add_alternative(_as_html(text), subtype="html", charset=charset, cte=cte)
    if spec.photo:
        mail.add_attachment(photo(spec.message_id), maintype="image", subtype="png", filename="photo.png")
    for number, part in enumerate(mail.walk()):
        if part.is_multipart():
            part.set_boundary(f"=_part_{number}_{zlib.crc32(spec.message_id.encode()):08x}")
    return mail.as_bytes(policy=policy.SMTP)

"""A mail as evidence: kept byte for byte, unless it holds a card number or a secret. Then it is kept with these masked, in headers and in every text part."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from email import message_from_bytes, policy
from email.header import Header
from email.message import Message

from bots.workbooks.mail import Mail, decoded_header, read_mail
from bots.workbooks.mail_parts import BROKEN, MAX_DECODED, MAX_PARTS, charset_of, decode_bytes, payload_of
from bots.workbooks.mail_text import html_to_text

Mask = Callable[[str], str]
TEXTS = frozenset({"application/json", "application/xml", "application/csv", "message/rfc822"})
"""Kinds of attachment that are text, whatever they are called."""


def masked_mail(raw: bytes, mask: Mask) -> bytes:
    """The mail without what must not be kept: the same bytes where there is nothing of the kind.

    A mail that cannot be masked in place (broken so far that it cannot be written again) becomes its readable text, masked.
    """
    try:
        message = message_from_bytes(raw, policy=policy.compat32)
        touched = _mask_part(message, mask)
        kept = message.as_bytes() if touched else raw
    except BROKEN:
        kept = mask(raw.decode("latin-1")).encode("latin-1", "replace")
    mail = read_mail(kept)
    return kept if _clean(kept.decode("latin-1"), mask) and all(_clean(text, mask) for text in _texts(mail)) else _as_text(read_mail(raw), mask)


def masked_fields(mail: Mail, mask: Mask) -> Mail:
    """The mail's texts masked, for the case store."""
    return mail.model_copy(update={name: mask(getattr(mail, name)) for name in ("subject", "text", "quoted", "full_text", "from_name")})


def _ascii(text: str) -> str:
    return text.encode("ascii", "replace").decode()


def _clean(text: str, mask: Mask) -> bool:
    return mask(text) == text


def _texts(mail: Mail) -> list[str]:
    return [mail.subject, mail.full_text, mail.quoted, mail.from_name, *_attached(mail)]


def _attached(mail: Mail) -> Iterator[str]:
    """Names of attachments, and what those say that are text."""
    for part in mail.attachments:
        yield part.name
        if part.content_type.startswith("text/") or part.content_type in TEXTS:
            yield decode_bytes(part.data[:MAX_DECODED], "")[0]


def _mask_part(message: Message, mask: Mask) -> bool:
    """Mask every header and text part in place; whether anything was."""
    touched = False
    for count, part in enumerate(message.walk()):
        if count > MAX_PARTS:
            raise ValueError("too many parts")
        touched |= _mask_headers(part, mask)
        for name in ("preamble", "epilogue"):
            words = getattr(part, name)
            if isinstance(words, str) and not _clean(words, mask):
                setattr(part, name, _ascii(mask(words)))
                touched = True
        if not part.is_multipart() and (part.get_content_maintype() == "text" or part.get_content_type() in TEXTS):
            touched |= _mask_text(part, mask)
    return touched


def _mask_headers(part: Message, mask: Mask) -> bool:
    fields = [(name, _masked_field(name, str(value), mask)) for name, value in part.raw_items()]
    touched = any(fresh != str(value) for (_, fresh), (_, value) in zip(fields, part.raw_items(), strict=True))
    if touched:
        part._headers = fields  # type: ignore[attr-defined]  # the public way drops repeated headers and their order
    return touched


def _masked_field(name: str, value: str, mask: Mask) -> str:
    words = decoded_header(value)
    if _clean(words, mask):
        return value
    if name.lower().startswith("content-"):  # its parts are read by programs: it stays plain
        return _ascii(mask(words))
    return Header(mask(words), "utf-8", header_name=name).encode(linesep="\n")


def _mask_text(part: Message, mask: Mask) -> bool:
    data = payload_of(part)
    text, _ = decode_bytes(data[:MAX_DECODED], charset_of(part))
    if part.get_content_type() == "text/html" and not _clean(html_to_text(text)[0], mask):
        fresh = mask(text)
        if not _clean(html_to_text(fresh)[0], mask):  # put together from pieces of markup: its words are kept, not its looks
            fresh = "<pre>" + re.sub(r"[<&]", lambda sign: {"<": "&lt;", "&": "&amp;"}[sign[0]], mask(html_to_text(text)[0])) + "</pre>"
    else:
        fresh = mask(text)
    if fresh == text and len(data) <= MAX_DECODED:
        return False
    del part["Content-Transfer-Encoding"]
    part.set_payload(fresh, "utf-8")
    return True


def _as_text(mail: Mail, mask: Mask) -> bytes:
    """The readable part of a mail as a plain one."""
    head = f"From: {mail.from_address}\nSubject: {mail.subject}\nDate: {mail.date or ''}\nMessage-ID: {mail.message_id}\n"
    note = (
        "X-Kept-As: text only; card numbers or secrets were masked and the mail could not be written again otherwise\nContent-Type: text/plain; charset=utf-8\n"
    )
    return mask(f"{head}{note}\n{mail.full_text}\n{mail.quoted}\n").encode("utf-8", "replace")

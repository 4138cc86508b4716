"""Reading one mail: bytes in, one frozen Mail out. Pure; never fails on what strangers send, but says what was wrong with it.

The text is what a person would see and has written now. Whatever a mail says is data: names of attachments are made safe for a folder,
header fields hold no line breaks, hidden text is dropped and reported.
"""

from __future__ import annotations

import hashlib
import re
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.errors import HeaderParseError
from email.header import decode_header
from email.message import Message
from email.utils import getaddresses, parsedate_to_datetime

from pydantic import BaseModel, ConfigDict

from bots.workbooks.mail_parts import BROKEN, Attachment, Body, decode_bytes, read_body
from bots.workbooks.mail_quotes import split_reply
from bots.workbooks.mail_text import clean

MAX_TEXT = 200_000
"""Characters of text kept; nobody writes more, attackers do."""
MAX_FIELD = 1000


class Authentication(BaseModel):
    """What the receiving server found out about the sender (RFC 8601): pass, fail, softfail, neutral, none, temperror, permerror."""

    model_config = ConfigDict(frozen=True)

    spf: str = "none"
    dkim: str = "none"
    dmarc: str = "none"

    @property
    def forged(self) -> bool:
        """Whether the server found that the sender is not who From says: by DMARC, or by SPF where no signature vouches for the mail. Unknown is not forged."""
        return self.dmarc == "fail" or (self.dmarc != "pass" and self.spf == "fail" and self.dkim != "pass")


class Mail(BaseModel):
    """One mail as a clerk would read it."""

    model_config = ConfigDict(frozen=True)

    message_id: str
    """With its angle brackets. A mail without one gets one made of its sender, date, subject, text and attachments: the same each time it is read."""
    in_reply_to: str = ""
    references: tuple[str, ...] = ()
    date: datetime | None = None
    """When the sender's program says it was written, UTC."""
    from_name: str = ""
    from_address: str = ""
    to: tuple[str, ...] = ()
    reply_to: str = ""
    subject: str = ""
    text: str = ""
    """What the writer wrote now: no quote, no signature, nothing hidden."""
    quoted: str = ""
    """The rest: quoted history and signature."""
    full_text: str = ""
    html: bool = False
    """Whether the text was taken from HTML."""
    attachments: tuple[Attachment, ...] = ()
    auto_reply: bool = False
    """No person wrote it: a robot's answer, a list, a delivery report."""
    authentication: Authentication = Authentication()
    problems: tuple[str, ...] = ()
    """What was malformed or hidden, in words for a person."""
    unreadable: bool = False
    """It could not be taken apart: what is here is guessed from its bytes."""


def read_mail(raw: bytes, authserv_id: str = "") -> Mail:
    """Read one mail (RFC 5322 bytes, however broken).

    Args:
        raw: the mail as the server gave it, or only its header.
        authserv_id: name of our own receiving server in Authentication-Results. Without it the topmost such header counts, which is
            the one that the last server added.
    """
    try:
        message = message_from_bytes(raw, policy=policy.compat32)
        return _read(message, authserv_id)
    except BROKEN as problem:
        text, _ = clean(decode_bytes(raw[:MAX_TEXT], "")[0])
        name = f"<{hashlib.sha256(raw).hexdigest()[:32]}@unnamed.invalid>"
        return Mail(message_id=name, text=text, full_text=text, unreadable=True, problems=(f"the mail could not be taken apart: {type(problem).__name__}",))


def _read(message: Message, authserv_id: str) -> Mail:
    body = read_body(message)
    problems = list(body.problems)
    full, found = clean(body.text)
    problems += found
    if len(full) > MAX_TEXT:
        problems.append(f"text above {MAX_TEXT} characters was cut")
        full = full[:MAX_TEXT]
    text, quoted = split_reply(full)
    if body.forwarded:
        quoted = "\n\n".join(part for part in (quoted, clean(body.forwarded)[0][:MAX_TEXT]) if part)
    senders = _addresses(message, "From")
    if len(senders) > 1 or len(message.get_all("From", [])) > 1:
        problems.append("more than one sender is named")
    elif not senders:
        problems.append("no sender is named")
    name, address = senders[0] if senders else ("", "")
    subject = header(message, "Subject")
    date = _date(message, problems)
    return Mail(
        message_id=_message_id(message, address, subject, "\0".join((full, *(part.sha256 for part in body.attachments))), problems),
        in_reply_to=next(iter(_ids(header(message, "In-Reply-To"))), ""),
        references=_ids(" ".join(_values(message, "References"))),
        date=date,
        from_name=name,
        from_address=address,
        to=tuple(other for _, other in _addresses(message, "To", "Cc")),
        reply_to=next((other for _, other in _addresses(message, "Reply-To")), ""),
        subject=subject,
        text=text,
        quoted=quoted,
        full_text=full,
        html=body.html,
        attachments=body.attachments,
        auto_reply=is_automatic(message, address, subject, body),
        authentication=_authentication(message, authserv_id),
        problems=tuple(dict.fromkeys(problems)),
    )


# -- header fields --------------------------------------------------------------------------------------------------


def header(message: Message, name: str) -> str:
    """The first header of this name, decoded, on one line, without control and direction characters."""
    return next(iter(_values(message, name)), "")


def _values(message: Message, name: str) -> list[str]:
    return [_one_line(decoded_header(value)) for value in _raw_values(message, name)]


def _raw_values(message: Message, name: str) -> list[str]:
    """Headers of this name as they stand: bytes above 127 read by UTF-8 or Windows-1252, encoded words not yet decoded."""
    found = []
    for field, value in message.raw_items():
        if field.lower() == name.lower():
            raw = str(value).encode("utf-8", "surrogateescape")
            found.append(re.sub(r"\r?\n[ \t]*", " ", decode_bytes(raw, "")[0]))
    return found


def decoded_header(value: str) -> str:
    """Encoded words (RFC 2047) decoded; a broken one stays as it is."""
    if "=?" not in value:
        return value
    try:
        chunks = decode_header(value)
    except (HeaderParseError, *BROKEN):
        return value
    words = []
    for chunk, charset in chunks:
        if isinstance(chunk, bytes):
            plain = charset is None or charset.lower() == "unknown-8bit"
            words.append(chunk.decode("raw-unicode-escape", "replace") if plain else decode_bytes(chunk, charset or "")[0])
        else:
            words.append(chunk)
    return "".join(words) or value


def _one_line(value: str) -> str:
    return re.sub(r"\s+", " ", clean(value)[0]).strip()[:MAX_FIELD]


def _addresses(message: Message, *names: str) -> list[tuple[str, str]]:
    """(name, address) pairs. The fields are taken apart before their encoded words are decoded: a name cannot pose as an address."""
    values = [value[:20_000] for name in names for value in _raw_values(message, name)]
    try:
        pairs = getaddresses(values)
    except BROKEN:
        pairs = []
    found = []
    for name, address in pairs:
        address = _one_line(address).replace(" ", "")
        local, at, domain = address.rpartition("@")
        if at and local and domain:
            found.append((_one_line(decoded_header(name)), f"{local}@{domain.lower()}"))
    return found


def _ids(value: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(re.findall(r"<[^<>\s]{1,498}>", value)))[:100]


def _message_id(message: Message, address: str, subject: str, text: str, problems: list[str]) -> str:
    given = _ids(header(message, "Message-ID"))
    if given:
        return given[0]
    problems.append("no Message-ID: one was made of sender, date, subject, text and attachments")
    facts = "\0".join((address, header(message, "Date"), subject, text))
    return f"<{hashlib.sha256(facts.encode()).hexdigest()[:32]}@unnamed.invalid>"


def _date(message: Message, problems: list[str]) -> datetime | None:
    value = header(message, "Date")
    if not value:
        problems.append("no date")
        return None
    try:
        moment = parsedate_to_datetime(value)
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (*BROKEN, OverflowError):
        problems.append(f"the date {value[:60]!r} cannot be read")
        return None


# -- who wrote it ---------------------------------------------------------------------------------------------------

_ROBOTS = re.compile(r"(?:mailer-daemon|mail-daemon|postmaster|mailerdaemon)@", re.IGNORECASE)
_AWAY = re.compile(
    r"\s*(?:automatic reply|auto(?:matic)?[- ]?(?:reply|response)|autoreply|auto:|out of (?:the )?office|ooo\b|away from (?:the |my )?office|"
    r"vacation (?:reply|notice)|"
    r"abwesenheitsnotiz|abwesenheit:|abwesend|automatische antwort|automatisch beantwortet|réponse automatique|absence du bureau|"
    r"respuesta automática|fuera de la oficina|risposta automatica|fuori sede|automatisch antwoord|afwezigheidsbericht|afwezig:|"
    r"odpowiedź automatyczna|autoodpowiedź|automatyczna odpowiedź|nieobecność|自动回复|自動回覆|自动答复|自動返信|自動応答|不在通知|"
    r"undeliver(?:ed|able)|delivery (?:status notification|failure|has failed)|mail delivery (?:failed|failure|subsystem)|returned mail|failure notice|"
    r"unzustellbar|nicht zugestellt|non remis|no se pudo entregar|mancata consegna|onbestelbaar|niedostarczon|退信|系统退信|配信不能)",
    re.IGNORECASE,
)


def is_automatic(message: Message, address: str, subject: str, body: Body) -> bool:
    """Whether a program wrote the mail: by its headers (RFC 3834, 2919), its sender, its subject or because it is a delivery report."""
    submitted = header(message, "Auto-Submitted").lower()
    if submitted and not submitted.startswith("no"):
        return True
    if any(header(message, name) for name in ("X-Autoreply", "X-Autorespond", "X-Autoresponse", "X-Failed-Recipients", "List-Id", "List-Unsubscribe")):
        return True
    if re.match(r"(?:bulk|junk|list|auto[_-]?reply)\b", header(message, "Precedence").lower()):
        return True
    if "return-path" in (name.lower() for name in message) and header(message, "Return-Path") in ("<>", ""):
        return True
    return bool(_ROBOTS.match(address)) or body.report or _AWAY.match(subject) is not None


def _authentication(message: Message, authserv_id: str) -> Authentication:
    """Verdicts of our own server's header; others may have been written by the sender."""
    values = _values(message, "Authentication-Results")
    if authserv_id:
        values = [value for value in values if value.split(";", 1)[0].split()[:1] == [authserv_id]]
    verdicts: dict[str, str] = {}
    if values:
        outside = re.sub(r"\([^()]*\)", "", values[0])
        for method, verdict in re.findall(r"(?:^|;)\s*(spf|dkim|dmarc)\s*=\s*([a-z]+)", outside.lower()):
            if verdicts.get(method) != "pass":  # several signatures: one good one is enough
                verdicts[method] = verdict
    elif received := next(iter(_values(message, "Received-SPF")), ""):
        verdicts["spf"] = received.split()[0].lower()
    return Authentication(**{method: verdict for method, verdict in verdicts.items() if verdict.isalpha()})

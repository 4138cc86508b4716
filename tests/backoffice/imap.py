"""A small IMAP4rev1 server (RFC 3501) with UIDPLUS (4315), MOVE (6851), UNSELECT (3691) and non-synchronising literals (7888).

It serves one account. What it does not know (ENVELOPE, BODYSTRUCTURE, body parts, IDLE, CONDSTORE) it does not announce, and answers with BAD.
"""

from __future__ import annotations

import asyncio
import base64
import binascii
import hmac
import re
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from .imap_language import SYSTEM_FLAGS, Bad, No, Token, compact, flag_list, numbers, quoted, section_answer, text, tokens
from .imap_search import Search
from .mailstore import MailStore, StoredMail

MAX_LITERAL = 64 * 1024 * 1024


@dataclass
class ImapRules:
    """How the server behaves. Tests take extensions away to stand for older servers."""

    user: str
    password: str
    now: Callable[[], datetime]
    extensions: tuple[str, ...] = ("UIDPLUS", "MOVE", "UNSELECT", "LITERAL+")
    tls: ssl.SSLContext | None = None
    """With a context the server offers STARTTLS and refuses log-ins before it."""
    implicit_tls: bool = False


# -- one connection -------------------------------------------------------------------------------------------------


class ImapSession:
    """One client's connection."""

    def __init__(self, store: MailStore, rules: ImapRules, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.store, self.rules, self.reader, self.writer = store, rules, reader, writer
        self.secure = rules.implicit_tls
        self.signed_in = False
        self.folder: str | None = None
        self.read_only = False
        self.view: list[int] = []
        """UIDs in the order of the sequence numbers that this client was told."""

    async def serve(self) -> None:
        self.say(f"* OK [CAPABILITY {self.capabilities()}] practice mail server ready")
        while not self.writer.is_closing():
            await self.writer.drain()
            try:
                tag, parts = await self._read_command()
            except (asyncio.IncompleteReadError, ConnectionError, asyncio.LimitOverrunError, ValueError):
                return
            await self._answer(tag, parts)

    def say(self, line: str) -> None:
        self.writer.write(line.encode("utf-8", "surrogateescape") + b"\r\n")

    def capabilities(self) -> str:
        words = ["IMAP4rev1", *self.rules.extensions]
        if self.rules.tls is not None and not self.secure:
            words += ["STARTTLS", "LOGINDISABLED"]
        else:
            words += ["AUTH=PLAIN", "SASL-IR"]
        return " ".join(words)

    async def _read_command(self) -> tuple[str, list[str | bytes]]:
        parts: list[str | bytes] = []
        while True:
            line = (await self.reader.readuntil(b"\n")).rstrip(b"\r\n").decode("utf-8", "surrogateescape")
            found = re.search(r"\{(\d+)(\+?)\}$", line)
            if not found:
                parts.append(line)
                break
            size = int(found[1])
            if size > MAX_LITERAL:
                raise ValueError("literal too large")
            parts.append(line[: found.start()])
            if not found[2]:
                self.say("+ go on")
                await self.writer.drain()
            parts.append(await self.reader.readexactly(size))
        first = str(parts[0]).split(" ", 1)
        parts[0] = first[1] if len(first) > 1 else ""
        return first[0] or "*", parts

    async def _answer(self, tag: str, parts: list[str | bytes]) -> None:
        try:
            words = tokens(parts)
            name = text(words.pop(0)).upper() if words else ""
            by_uid = name == "UID"
            if by_uid:
                name = text(words.pop(0)).upper() if words else ""
                if name not in ("FETCH", "STORE", "SEARCH", "COPY", "MOVE", "EXPUNGE"):
                    raise Bad(f"UID {name} is unknown")
            done = await self._run(name, words, by_uid)
            if self.folder is not None and (by_uid or name not in ("FETCH", "STORE", "SEARCH")):
                self._tell_changes()
            self.say(f"{tag} OK {done}")
            if name == "STARTTLS":
                await self.writer.drain()
                await self.writer.start_tls(self.rules.tls)  # type: ignore[arg-type]  # STARTTLS is refused without a context
                self.secure = True
        except Bad as problem:
            self.say(f"{tag} BAD {problem}")
        except No as problem:
            self.say(f"{tag} NO {problem}")
        if name_is_logout(parts):
            await self.writer.drain()
            self.writer.close()

    async def _run(self, name: str, words: list[Token], by_uid: bool) -> str:
        anyone = {"CAPABILITY": self._capability, "NOOP": self._noop, "LOGOUT": self._logout, "STARTTLS": self._starttls, "LOGIN": self._login}
        members = {
            "LIST": self._list, "LSUB": self._list, "CREATE": self._create, "DELETE": self._delete, "SUBSCRIBE": self._noop, "UNSUBSCRIBE": self._noop,
            "STATUS": self._status, "SELECT": self._select, "EXAMINE": self._examine, "APPEND": self._append,
        }  # fmt: skip
        readers = {"CLOSE": self._close, "UNSELECT": self._unselect, "CHECK": self._noop}
        numbered = {"FETCH": self._fetch, "STORE": self._store, "SEARCH": self._search, "COPY": self._copy, "MOVE": self._move, "EXPUNGE": self._expunge}
        if name in anyone:
            return anyone[name](words)
        if name == "AUTHENTICATE":
            return await self._authenticate(words)
        if name not in members and name not in readers and name not in numbered:
            raise Bad(f"{name} is unknown")
        if not self.signed_in:
            raise No("[AUTHENTICATIONFAILED] log in first")
        if name in members:
            return members[name](words)
        if self.folder is None:
            raise Bad("select a folder first")
        if (name == "MOVE" and "MOVE" not in self.rules.extensions) or (name == "EXPUNGE" and by_uid and "UIDPLUS" not in self.rules.extensions):
            raise Bad(f"{name} is unknown")
        return readers[name](words) if name in readers else numbered[name](words, by_uid)

    # -- any state ----------------------------------------------------------------------------------------------
    def _capability(self, words: list[Token]) -> str:
        self.say(f"* CAPABILITY {self.capabilities()}")
        return "done"

    def _noop(self, words: list[Token]) -> str:
        return "done"

    def _logout(self, words: list[Token]) -> str:
        self.say("* BYE until next time")
        return "done"

    def _starttls(self, words: list[Token]) -> str:
        if self.rules.tls is None or self.secure:
            raise Bad("STARTTLS is not offered")
        return "begin TLS"

    def _login(self, words: list[Token]) -> str:
        if len(words) != 2:
            raise Bad("LOGIN user password")
        return self._sign_in(text(words[0]), text(words[1]))

    async def _authenticate(self, words: list[Token]) -> str:
        if not words or text(words[0]).upper() != "PLAIN":
            raise No("only PLAIN is offered")
        if len(words) > 1:
            answer = text(words[1])
        else:
            self.say("+ ")
            await self.writer.drain()
            answer = (await self.reader.readline()).decode("ascii", "replace").strip()
        try:
            _, user, password = base64.b64decode(answer, validate=True).decode().split("\0")
        except (binascii.Error, UnicodeDecodeError, ValueError):
            raise Bad("not a PLAIN response") from None
        return self._sign_in(user, password)

    def _sign_in(self, user: str, password: str) -> str:
        if self.rules.tls is not None and not self.secure:
            raise No("[PRIVACYREQUIRED] STARTTLS first")
        right = hmac.compare_digest(user.encode("utf-8", "surrogateescape"), self.rules.user.encode())
        right &= hmac.compare_digest(password.encode("utf-8", "surrogateescape"), self.rules.password.encode())
        if not right:
            raise No("[AUTHENTICATIONFAILED] wrong user or password")
        self.signed_in = True
        return f"[CAPABILITY {self.capabilities()}] welcome"

    # -- folders ------------------------------------------------------------------------------------------------
    @staticmethod
    def _name(token: Token) -> str:
        name = text(token)
        return "INBOX" if name.upper() == "INBOX" else name

    def _existing(self, token: Token, code: str = "NONEXISTENT") -> str:
        name = self._name(token)
        if not self.store.exists(name):
            raise No(f"[{code}] no folder {quoted(name)}")
        return name

    def _list(self, words: list[Token]) -> str:
        if len(words) != 2:
            raise Bad("LIST reference pattern")
        pattern = text(words[0]) + text(words[1])
        shape = "".join(".*" if mark == "*" else "[^/]*" if mark == "%" else re.escape(mark) for mark in pattern)
        for name in self.store.folders():
            if re.fullmatch(shape, name, re.IGNORECASE if name == "INBOX" else 0):
                self.say(f'* LIST (\\HasNoChildren) "/" {quoted(name)}')
        if not pattern:
            self.say('* LIST (\\Noselect) "/" ""')
        return "done"

    def _create(self, words: list[Token]) -> str:
        name = self._name(words[0]) if words else ""
        if not name:
            raise Bad("CREATE folder")
        if self.store.exists(name):
            raise No("[ALREADYEXISTS] the folder exists")
        self.store.create(name.rstrip("/"))
        return "created"

    def _delete(self, words: list[Token]) -> str:
        name = self._existing(words[0])
        if name == "INBOX":
            raise No("INBOX stays")
        self.store.delete(name)
        return "deleted"

    def _status(self, words: list[Token]) -> str:
        if len(words) != 2 or not isinstance(words[1], list):
            raise Bad("STATUS folder (items)")
        name = self._existing(words[0])
        validity, following = self.store.numbers(name)
        mails = self.store.mails(name)
        known = {
            "MESSAGES": len(mails),
            "RECENT": 0,
            "UIDNEXT": following,
            "UIDVALIDITY": validity,
            "UNSEEN": sum("\\Seen" not in mail.flags for mail in mails.values()),
        }
        items = [text(word).upper() for word in words[1]]
        if unknown := [item for item in items if item not in known]:
            raise Bad(f"STATUS cannot tell {' '.join(unknown)}")
        self.say(f"* STATUS {quoted(name)} ({' '.join(f'{item} {known[item]}' for item in items)})")
        return "done"

    def _select(self, words: list[Token]) -> str:
        return self._open(words, read_only=False)

    def _examine(self, words: list[Token]) -> str:
        return self._open(words, read_only=True)

    def _open(self, words: list[Token], *, read_only: bool) -> str:
        self.folder, self.view = None, []
        if not words:
            raise Bad("SELECT folder")
        name = self._existing(words[0])
        validity, following = self.store.numbers(name)
        mails = self.store.mails(name)
        self.folder, self.read_only, self.view = name, read_only, list(mails)
        self.say("* FLAGS (\\Answered \\Flagged \\Deleted \\Seen \\Draft)")
        self.say(f"* OK [PERMANENTFLAGS ({'' if read_only else ' '.join(SYSTEM_FLAGS.values())})] flags")
        self.say(f"* {len(mails)} EXISTS")
        self.say("* 0 RECENT")
        self.say(f"* OK [UIDVALIDITY {validity}] UIDs are valid")
        self.say(f"* OK [UIDNEXT {following}] next")
        return f"[{'READ-ONLY' if read_only else 'READ-WRITE'}] selected"

    def _append(self, words: list[Token]) -> str:
        if len(words) < 2 or not isinstance(words[-1], bytes):
            raise Bad("APPEND folder [(flags)] [date] literal")
        name = self._existing(words[0], "TRYCREATE")
        flags: list[str] = []
        received = self.rules.now()
        for word in words[1:-1]:
            if isinstance(word, list):
                flags = flag_list(word)
            else:
                try:
                    received = datetime.strptime(text(word).strip(), "%d-%b-%Y %H:%M:%S %z").astimezone(UTC)
                except ValueError:
                    raise Bad("not a date-time") from None
        uid = self.store.add(name, words[-1], received, flags)
        return f"[APPENDUID {self.store.numbers(name)[0]} {uid}] appended" if "UIDPLUS" in self.rules.extensions else "appended"

    # -- the open folder ----------------------------------------------------------------------------------------
    def _tell_changes(self) -> None:
        """Untagged EXPUNGE and EXISTS for what changed since the client was last told."""
        assert self.folder is not None
        current = self.store.mails(self.folder)
        for place in range(len(self.view), 0, -1):
            if self.view[place - 1] not in current:
                self.say(f"* {place} EXPUNGE")
                del self.view[place - 1]
        known = set(self.view)
        if added := [uid for uid in current if uid not in known]:
            self.view.extend(added)
            self.say(f"* {len(self.view)} EXISTS")

    def _chosen(self, spec: str, by_uid: bool) -> list[tuple[int, int]]:
        """(sequence number, UID) of the mails that the set names. A UID that does not exist is simply not there (RFC 3501, 6.4.8)."""
        ranges = numbers(spec, (self.view[-1] if by_uid else len(self.view)) if self.view else 0)
        if not by_uid and any(high > len(self.view) or low < 1 for low, high in ranges):
            raise Bad("no such sequence number")
        pairs = enumerate(self.view, start=1)
        return [(place, uid) for place, uid in pairs if any(low <= (uid if by_uid else place) <= high for low, high in ranges)]

    def _writable(self) -> str:
        assert self.folder is not None
        if self.read_only:
            raise No("the folder is open for reading only")
        return self.folder

    def _close(self, words: list[Token]) -> str:
        assert self.folder is not None
        if not self.read_only:
            self.store.remove(self.folder, [uid for uid, mail in self.store.mails(self.folder).items() if "\\Deleted" in mail.flags])
        return self._unselect(words)

    def _unselect(self, words: list[Token]) -> str:
        self.folder, self.view = None, []
        return "closed"

    def _fetch(self, words: list[Token], by_uid: bool) -> str:
        assert self.folder is not None
        if len(words) != 2:
            raise Bad("FETCH set items")
        macros = {"FAST": ["FLAGS", "INTERNALDATE", "RFC822.SIZE"]}
        asked = words[1] if isinstance(words[1], list) else [words[1]]
        items = [item for word in asked for item in macros.get(text(word).upper(), [text(word)])]
        if by_uid and "UID" not in [item.upper() for item in items]:
            items.append("UID")
        mails = self.store.mails(self.folder)
        for place, uid in self._chosen(text(words[0]), by_uid):
            if uid in mails:
                self._send_mail(place, mails[uid], items)
        return "fetched"

    def _send_mail(self, place: int, mail: StoredMail, items: list[str]) -> None:
        assert self.folder is not None
        pieces: list[bytes] = []
        raw: bytes | None = None
        flags = mail.flags
        for item in items:
            upper = item.upper()
            if upper == "UID":
                pieces.append(f"UID {mail.uid}".encode())
            elif upper == "FLAGS":
                pieces.append(b"FLAGS (%s)" % " ".join(sorted(flags)).encode())
            elif upper == "RFC822.SIZE":
                pieces.append(f"RFC822.SIZE {mail.size}".encode())
            elif upper == "INTERNALDATE":
                pieces.append(mail.received_at.strftime('INTERNALDATE "%d-%b-%Y %H:%M:%S %z"').encode())
            else:
                raw = self.store.raw(self.folder, mail.uid) if raw is None else raw
                answer, marks_read = section_answer(item, raw)
                pieces.append(answer)
                if marks_read and not self.read_only and "\\Seen" not in flags:
                    flags = flags | {"\\Seen"}
                    self.store.set_flags(self.folder, mail.uid, flags)
                    pieces.append(b"FLAGS (%s)" % " ".join(sorted(flags)).encode())
        self.writer.write(f"* {place} FETCH (".encode() + b" ".join(pieces) + b")\r\n")

    def _store(self, words: list[Token], by_uid: bool) -> str:
        folder = self._writable()
        if len(words) < 3:
            raise Bad("STORE set item flags")
        item = text(words[1]).upper()
        if item.removesuffix(".SILENT") not in ("FLAGS", "+FLAGS", "-FLAGS"):
            raise Bad(f"STORE {item} is unknown")
        given = flag_list(words[2] if isinstance(words[2], list) else words[2:])
        mails = self.store.mails(folder)
        for place, uid in self._chosen(text(words[0]), by_uid):
            if uid not in mails:
                continue
            old = mails[uid].flags
            new = old | set(given) if item[0] == "+" else old - set(given) if item[0] == "-" else set(given)
            self.store.set_flags(folder, uid, new)
            if not item.endswith(".SILENT"):
                self.say(f"* {place} FETCH (UID {uid} FLAGS ({' '.join(sorted(new))}))")
        return "stored"

    def _copy(self, words: list[Token], by_uid: bool) -> str:
        return self._transfer(words, by_uid, move=False)

    def _move(self, words: list[Token], by_uid: bool) -> str:
        self._writable()
        return self._transfer(words, by_uid, move=True)

    def _transfer(self, words: list[Token], by_uid: bool, *, move: bool) -> str:
        assert self.folder is not None
        if len(words) != 2:
            raise Bad("COPY set folder")
        target = self._existing(words[1], "TRYCREATE")
        pairs = self.store.copy(self.folder, [uid for _, uid in self._chosen(text(words[0]), by_uid)], target, move=move)
        code = ""
        if pairs and "UIDPLUS" in self.rules.extensions:
            code = f"[COPYUID {self.store.numbers(target)[0]} {compact(old for old, _ in pairs)} {compact(new for _, new in pairs)}] "
        if move and code:
            self.say(f"* OK {code}moved")
            code = ""
        if move:
            self._tell_changes()
        return f"{code}done"

    def _expunge(self, words: list[Token], by_uid: bool) -> str:
        folder = self._writable()
        chosen = {uid for _, uid in self._chosen(text(words[0]), True)} if by_uid and words else set(self.view)
        self.store.remove(folder, [uid for uid, mail in self.store.mails(folder).items() if uid in chosen and "\\Deleted" in mail.flags])
        self._tell_changes()
        return "expunged"

    def _search(self, words: list[Token], by_uid: bool) -> str:
        assert self.folder is not None
        if words and text(words[0]).upper() == "CHARSET":
            if len(words) < 2 or text(words[1]).upper() not in ("UTF-8", "US-ASCII"):
                raise No("[BADCHARSET (UTF-8 US-ASCII)] unknown charset")
            words = words[2:]
        search = Search(self.store, self.folder, self.view, words or ["ALL"])
        found = [uid if by_uid else place for place, uid in enumerate(self.view, start=1) if search.matches(place, uid)]
        self.say("* SEARCH" + "".join(f" {number}" for number in found))
        return "searched"


def name_is_logout(parts: list[str | bytes]) -> bool:
    return isinstance(parts[0], str) and parts[0].strip().upper() == "LOGOUT"

"""The practice mail server: the returns mailbox over IMAP, and an SMTP door whose mail ends in the world's sent_mail table."""

from __future__ import annotations

import asyncio
import hmac
import ssl
import threading
import warnings
from collections.abc import Coroutine
from datetime import UTC
from email import message_from_bytes, policy
from typing import Any

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from .accounts import ACCOUNTS
from .imap import ImapRules, ImapSession
from .mailstore import MailStore
from .world import World

HOST = "127.0.0.1"
FOLDERS = ("INBOX", "Processed", "Exceptions")


class SentMailSink:
    """Takes what the bots send and keeps it in `sent_mail`; lies like a real relay when it is told to (app `mail`, action `send`)."""

    def __init__(self, world: World) -> None:
        self.world = world

    async def handle_RCPT(self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]) -> str:
        if address.lower().endswith(".invalid"):  # a domain that exists nowhere (RFC 2606)
            return "550 5.1.2 no such domain"
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 known"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        raw = envelope.original_content or b""
        lie = (self.world.lie("mail", "send", " ".join(envelope.rcpt_tos)) or {}).get("lie")
        if lie == "refused":
            return "451 4.3.0 try again later"
        self._keep(envelope.rcpt_tos, raw)
        if lie == "error_after_write":
            return "451 4.3.0 local error in processing"
        return "250 2.0.0 taken"

    def _keep(self, recipients: list[str], raw: bytes) -> None:
        message = message_from_bytes(raw, policy=policy.default)

        def field(name: str) -> str | None:
            value = message.get(name)
            return None if value is None else str(value).strip()

        with self.world.write() as db:
            for recipient in recipients:
                db.execute(
                    "INSERT INTO sent_mail (at, rcpt, subject, message_id, in_reply_to, raw) VALUES (?, ?, ?, ?, ?, ?)",
                    (self.world.stamp(), recipient, field("Subject") or "", field("Message-ID"), field("In-Reply-To"), raw),
                )


class MailServer:
    """IMAP and SMTP on free loopback ports, in a thread of their own. The mailbox is kept in `world.folder/mail` over restarts.

    Args:
        world: whose clock dates the mails and whose `sent_mail` takes the outgoing ones.
        extensions: IMAP extensions to offer; None for all. Tests take some away.
        tls: a server context. With `implicit_tls` both ports speak TLS from the first byte, else they offer STARTTLS and insist on it.
    """

    def __init__(self, world: World, *, extensions: tuple[str, ...] | None = None, tls: ssl.SSLContext | None = None, implicit_tls: bool = False) -> None:
        self.world = world
        account = ACCOUNTS["mail"]
        self.rules = ImapRules(account.name, account.password, world.now, tls=tls, implicit_tls=implicit_tls)
        if extensions is not None:
            self.rules.extensions = extensions
        self.host = HOST
        self.imap_port = 0
        self.smtp_port = 0
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None
        self._servers: list[asyncio.Server] = []
        self._connections: dict[asyncio.Task[None], asyncio.StreamWriter] = {}

    def start(self) -> None:
        """Open both ports; returns when they accept connections."""
        if self._loop is not None:
            raise RuntimeError("the mail server is running already")
        self.store = MailStore(self.world.folder / "mail", FOLDERS)
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="mail server", daemon=True)
        self._thread.start()
        self._await(self._open())

    def stop(self) -> None:
        """Close ports and connections, then the store. Safe to call twice."""
        if self._loop is None or self._thread is None:
            return
        self._await(self._shut())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()
        self._loop = self._thread = None
        self.store.close()

    def deliver(self, raw: bytes, folder: str = "INBOX") -> None:
        """Put a mail into the mailbox, byte for byte, received now (world time)."""
        self.store.add(folder, raw, self.world.now().astimezone(UTC).replace(microsecond=0))

    def drop_connections(self) -> None:
        """Cut every IMAP connection, as a restarting server does: for tests."""
        self._await(self._cut())

    # -- inside the thread --------------------------------------------------------------------------------------
    def _await(self, work: Coroutine[Any, Any, None]) -> None:
        assert self._loop is not None
        asyncio.run_coroutine_threadsafe(work, self._loop).result(30)

    async def _open(self) -> None:
        loop = asyncio.get_running_loop()
        listening_tls = self.rules.tls if self.rules.implicit_tls else None
        imap = await asyncio.start_server(self._serve_imap, HOST, 0, limit=1 << 20, ssl=listening_tls)
        smtp = await loop.create_server(self._smtp, HOST, 0, ssl=listening_tls)
        self._servers = [imap, smtp]
        self.imap_port, self.smtp_port = (server.sockets[0].getsockname()[1] for server in self._servers)

    def _smtp(self) -> SMTP:
        starttls = self.rules.tls if not self.rules.implicit_tls else None
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", "Requiring AUTH while not requiring TLS", UserWarning)  # the loopback is the wire
            return SMTP(
                SentMailSink(self.world),
                hostname="practice.example",
                loop=self._loop,
                data_size_limit=64 * 1024 * 1024,
                auth_required=True,
                auth_require_tls=starttls is not None,
                require_starttls=starttls is not None,
                tls_context=starttls,
                authenticator=self._authenticate,
            )

    def _authenticate(self, server: SMTP, session: Session, envelope: Envelope, mechanism: str, given: Any) -> AuthResult:
        right = isinstance(given, LoginPassword) and hmac.compare_digest(given.login, self.rules.user.encode())
        right = right and hmac.compare_digest(given.password, self.rules.password.encode())
        return AuthResult(success=right, handled=False)

    async def _serve_imap(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._connections[task] = writer
        try:
            await ImapSession(self.store, self.rules, reader, writer).serve()
        except (ConnectionError, ssl.SSLError):
            pass  # the client went away: nothing is left to tell it
        finally:
            del self._connections[task]
            writer.close()

    async def _cut(self) -> None:
        for writer in list(self._connections.values()):
            writer.transport.abort()

    async def _shut(self) -> None:
        for server in self._servers:
            server.close()
        await self._cut()
        tasks = list(self._connections)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

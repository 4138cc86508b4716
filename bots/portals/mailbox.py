"""The returns mailbox over IMAP and SMTP: mail in, folders for what is done, answers out.

Nothing here marks mail as read, and nothing depends on keywords, IDLE or CONDSTORE: a mail's place is its folder, and its name is
folder + UIDVALIDITY + UID. Whoever keeps a ledger of seen mail uses those three, and the Message-ID besides.
"""

from __future__ import annotations

import smtplib
import ssl
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from email.message import EmailMessage
from email.utils import make_msgid
from ipaddress import ip_address
from pathlib import Path
from typing import Any, Literal

from imapclient import IMAPClient
from imapclient.exceptions import IMAPClientAbortError, IMAPClientError, IMAPClientReadOnlyError, LoginError
from pydantic import BaseModel, ConfigDict

from bots.cases.errors import BusinessException, ConfigProblem, SystemException
from bots.portals.oauth import TokenSource

Tls = Literal["ssl", "starttls", "none"]

IDLE_SECONDS = 60.0
"""After this long a connection is asked whether it still lives before it is used."""


class RawMail(BaseModel):
    """One mail as the server holds it."""

    model_config = ConfigDict(frozen=True)

    folder: str
    uidvalidity: int
    uid: int
    raw: bytes
    """The bytes as received, or only the header where the mail is above the size cap."""
    size: int
    """Size of the whole mail in bytes, as the server says."""
    received_at: datetime | None = None
    """When the server took the mail (INTERNALDATE), UTC."""
    headers_only: bool = False

    @property
    def key(self) -> str:
        """The server's name for the mail; it never names another one."""
        return f"{self.folder}/{self.uidvalidity}/{self.uid}"


def is_loopback(host: str) -> bool:
    """Whether mail to this host stays on this machine."""
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


class ImapMailbox:
    """One account. Connections are opened when first needed, kept, and opened again after a failure.

    Args:
        tls: `ssl` (TLS from the first byte), `starttls`, or `none`, which is allowed on the loopback only.
        smtp_tls: the same for SMTP; as `tls` when left out.
        ca_file: a private authority's certificates (PEM), beside the system's own.
        max_bytes: bodies above this are not fetched, only their header.
        batch: UIDs asked for at once.
        timeout: seconds to wait for the server.

    Raises SystemException where a server cannot be reached or refuses the log-in, ConfigProblem for plain text over a network.
    """

    def __init__(
        self,
        host: str,
        port: int,
        user: str,
        password: str,
        tls: Tls,
        smtp_host: str,
        smtp_port: int,
        *,
        smtp_tls: Tls | None = None,
        ca_file: Path | None = None,
        max_bytes: int = 25 * 1024 * 1024,
        batch: int = 200,
        timeout: float = 30.0,
        name: str = "mailbox",
        guard: Callable[[Callable[[], Any]], Any] = lambda log_in: log_in(),
        tokens: TokenSource | None = None,
    ) -> None:
        self.name, self._guard, self._tokens = name, guard, tokens
        self.host, self.port, self.user, self._password, self.tls = host, port, user, password, tls
        self.smtp_host, self.smtp_port, self.smtp_tls = smtp_host, smtp_port, smtp_tls or tls
        self.ca_file, self.max_bytes, self.batch, self.timeout = ca_file, max_bytes, batch, timeout
        for where, what, how in ((host, "mail.tls", self.tls), (smtp_host, "mail.smtp_tls", self.smtp_tls)):
            if how == "none" and not is_loopback(where):
                raise ConfigProblem(f"{what}: none would send the password for {where} in plain text; write ssl or starttls")
        self._client: IMAPClient | None = None
        self._selected: tuple[str, int] | None = None
        self._used_at = 0.0

    def __repr__(self) -> str:
        return f"ImapMailbox({self.user} at {self.host}:{self.port})"

    # -- the role -----------------------------------------------------------------------------------------------
    def new_mail(self, folder: str = "INBOX") -> Iterator[RawMail]:
        """Every mail that is in the folder now, oldest UID first, without marking it read.

        Mail may be moved while this is being read. Raises SystemException(code="uidvalidity_changed") if the server renumbers the folder meanwhile.
        """
        with self._speaking("list") as client:
            validity = self._select(client, folder)
            client.noop()  # a folder that is open already shows what came since then only after a command that lets the server say so
            uids = sorted(client.search(["UNDELETED"]))
        for start in range(0, len(uids), self.batch):
            yield from self._read(folder, validity, uids[start : start + self.batch])

    def move(self, mail: RawMail, to_folder: str) -> None:
        """Put the mail into another folder (made if missing). A mail that is no longer in its folder was moved before: nothing to do.

        Where the server has no MOVE the mail is copied, marked deleted and expunged by its UID; where it cannot expunge by UID either,
        it stays behind marked deleted (new_mail passes it over), since a bare EXPUNGE would also take other people's deleted mail.
        """
        with self._speaking("move") as client:
            validity = self._select(client, mail.folder)
            self._same_numbers(mail.folder, mail.uidvalidity, validity)
            if mail.uid not in client.search(["UID", str(mail.uid), "UNDELETED"]):
                return
            if not client.folder_exists(to_folder):
                client.create_folder(to_folder)
            if client.has_capability("MOVE"):
                client.move([mail.uid], to_folder)
                return
            client.copy([mail.uid], to_folder)
            client.add_flags([mail.uid], [rb"\Deleted"], silent=True)
            if client.has_capability("UIDPLUS"):
                client.uid_expunge([mail.uid])

    def send(self, message: EmailMessage) -> None:
        """Hand one message to the mail server. A Message-ID is given to it if it has none; the caller keeps it stable over retries.

        Raises BusinessException(code="address_refused") where the server refuses the sender or a recipient for good, and SystemException
        otherwise: code `mail_not_sent` where the server was never reached or refused before the text, `mail_unconfirmed` where it
        may have been sent after all.
        """
        if message["Message-ID"] is None:
            message["Message-ID"] = make_msgid(domain=self.user.rpartition("@")[2] or None)
        connected = False
        try:
            with self._smtp() as smtp:
                connected = True
                smtp.send_message(message)
        except smtplib.SMTPRecipientsRefused as refusal:
            codes = {code for code, _ in refusal.recipients.values()}
            words = "; ".join(f"{who}: {code} {_plain(why)}" for who, (code, why) in refusal.recipients.items())
            if min(codes) >= 500:
                raise BusinessException(f"mail server refuses {words}", code="address_refused", advice="Check the customer's address.") from refusal
            raise SystemException(f"mail server does not take mail now for {words}", code="mail_not_sent") from refusal
        except smtplib.SMTPSenderRefused as refusal:
            raise BusinessException(
                f"mail server refuses the sender {refusal.sender}: {refusal.smtp_code} {_plain(refusal.smtp_error)}",
                code="address_refused",
                advice="The account may not send as this address: see mail.from in the configuration.",
            ) from refusal
        except (smtplib.SMTPException, OSError) as problem:
            facts = f"mail {message['Message-ID']} was not confirmed by {self.smtp_host}: {problem}"
            if connected:
                # An error after the text was handed over may come from a server that kept it all the same.
                raise SystemException(facts, code="mail_unconfirmed") from problem
            raise SystemException(facts, code="mail_not_sent") from problem

    def check(self) -> str:
        """Log in to both servers; says what was found, for `doctor`."""
        with self._speaking("check") as client:
            self._select(client, "INBOX")
            waiting = len(client.search(["UNDELETED"]))
            how = "MOVE" if client.has_capability("MOVE") else "COPY and EXPUNGE"
        try:
            with self._smtp() as smtp:
                smtp.noop()
        except (smtplib.SMTPException, OSError) as problem:
            raise SystemException(f"SMTP {self.smtp_host}:{self.smtp_port}: {problem}", code="mail_unreachable") from problem
        return f"{self.user}: {waiting} mails wait in INBOX, moved by {how}; SMTP answers"

    def close(self) -> None:
        """Log out. The next verb logs in again."""
        if self._client is None:
            return
        try:
            self._client.logout()
        except (IMAPClientError, OSError):
            _hang_up(self._client)
        finally:
            self._client, self._selected = None, None

    # -- IMAP ---------------------------------------------------------------------------------------------------
    def _read(self, folder: str, validity: int, uids: list[int]) -> Iterator[RawMail]:
        """The mails with these UIDs, in order; UIDs that have gone meanwhile are left out. Bodies come in portions below the size cap."""
        with self._speaking("read") as client:
            self._same_numbers(folder, validity, self._select(client, folder))
            facts = client.fetch(uids, ["RFC822.SIZE", "INTERNALDATE"])
        sizes = {uid: int(facts[uid][b"RFC822.SIZE"]) for uid in uids if uid in facts}
        for portion, items in portions(sizes, self.max_bytes):
            with self._speaking("read") as client:
                self._same_numbers(folder, validity, self._select(client, folder))
                bodies = client.fetch(portion, [items])
            answer = items.replace(".PEEK", "").encode()
            for uid in portion:
                if answer not in bodies.get(uid, {}):
                    continue
                yield RawMail(
                    folder=folder,
                    uidvalidity=validity,
                    uid=uid,
                    raw=bytes(bodies[uid][answer] or b""),
                    size=sizes[uid],
                    received_at=_utc(facts[uid].get(b"INTERNALDATE")),
                    headers_only=items != "BODY.PEEK[]",
                )

    @contextmanager
    def _speaking(self, verb: str) -> Iterator[IMAPClient]:
        """A live, logged-in client; failures become SystemException and the connection is thrown away."""
        client = self._connected()
        try:
            yield client
        except IMAPClientReadOnlyError as problem:
            raise SystemException(f"{self.host}: the folder is read-only for {self.user} ({verb})", code="mail_read_only") from problem
        except (IMAPClientAbortError, OSError) as problem:  # ssl.SSLError and timeouts are OSErrors
            self._forget()
            raise SystemException(f"{self.host}:{self.port} went away ({verb}): {problem}", code="mail_unreachable") from problem
        except IMAPClientError as problem:
            raise SystemException(f"{self.host} refuses to {verb}: {problem}", code="mail_refused") from problem
        self._used_at = time.monotonic()

    def _connected(self) -> IMAPClient:
        if self._client is not None and time.monotonic() - self._used_at > IDLE_SECONDS:
            try:
                self._client.noop()
            except (IMAPClientError, OSError):
                self._forget()
        if self._client is None:
            self._client = self._guard(self._log_in)
            self._selected = None
        return self._client

    def _log_in(self) -> IMAPClient:
        try:
            client = IMAPClient(self.host, port=self.port, ssl=self.tls == "ssl", ssl_context=self._context(), timeout=self.timeout)
        except (IMAPClientError, OSError) as problem:
            raise SystemException(f"{self.host}:{self.port} cannot be reached: {problem}", code="mail_unreachable") from problem
        client.normalise_times = False
        try:
            if self.tls == "starttls":
                client.starttls(self._context())
            if self._tokens is not None:
                client.oauth2_login(self.user, self._tokens.token())
            else:
                client.login(self.user, self._password)
        except SystemException:
            _hang_up(client)
            raise
        except LoginError as problem:
            _hang_up(client)
            if self._tokens is not None:
                self._tokens.forget()
            raise SystemException(
                f"{self.host} refuses the log-in of {self.user}", code="login_failed", advice="Renew the mailbox password in the keyring."
            ) from problem
        except (IMAPClientError, OSError) as problem:
            _hang_up(client)
            raise SystemException(f"{self.host}:{self.port} broke off the log-in: {problem}", code="mail_unreachable") from problem
        return client

    def _forget(self) -> None:
        client, self._client, self._selected = self._client, None, None
        if client is None:
            return
        try:
            _hang_up(client)
        except OSError:
            return  # the socket was closed by the other side

    def _select(self, client: IMAPClient, folder: str) -> int:
        """Open the folder unless it is open; returns its UIDVALIDITY."""
        if self._selected is None or self._selected[0] != folder:
            self._selected = None
            self._selected = (folder, int(client.select_folder(folder)[b"UIDVALIDITY"]))
        return self._selected[1]

    def _same_numbers(self, folder: str, known: int, now: int) -> None:
        if known != now:
            raise SystemException(
                f"{folder} was renumbered by the server (UIDVALIDITY {known} is now {now}): the UIDs read before name other mails",
                code="uidvalidity_changed",
                advice="Nothing was moved. The next run reads the folder afresh; mail known by its Message-ID is not worked twice.",
            )

    # -- SMTP ---------------------------------------------------------------------------------------------------
    @contextmanager
    def _smtp(self) -> Iterator[smtplib.SMTP]:
        connect: Callable[..., smtplib.SMTP] = smtplib.SMTP
        extra: dict[str, Any] = {}
        if self.smtp_tls == "ssl":
            connect, extra = smtplib.SMTP_SSL, {"context": self._context()}
        with connect(self.smtp_host, self.smtp_port, timeout=self.timeout, **extra) as smtp:
            if self.smtp_tls == "starttls":
                smtp.starttls(context=self._context())
            try:
                if self._tokens is not None:
                    smtp.ehlo_or_helo_if_needed()
                    smtp.auth("XOAUTH2", self._xoauth2)
                else:
                    smtp.login(self.user, self._password)
            except smtplib.SMTPAuthenticationError as problem:
                raise SystemException(
                    f"{self.smtp_host} refuses the log-in of {self.user}", code="login_failed", advice="Renew the mailbox password in the keyring."
                ) from problem
            yield smtp

    def _xoauth2(self, challenge: bytes | None = None) -> str:
        """What XOAUTH2 sends first; an error told as a second challenge is answered with nothing, as the mechanism asks."""
        assert self._tokens is not None
        return "" if challenge else f"user={self.user}\x01auth=Bearer {self._tokens.token()}\x01\x01"

    def _context(self) -> ssl.SSLContext:
        context = ssl.create_default_context()
        if self.ca_file is not None:
            context.load_verify_locations(self.ca_file)
        return context


def _hang_up(client: IMAPClient) -> None:
    """Close the socket without a word to the server, which may have closed it already."""
    with suppress(OSError):
        client.shutdown()


def portions(sizes: dict[int, int], max_bytes: int) -> Iterator[tuple[list[int], str]]:
    """Cut UIDs (with sizes in bytes) into runs fetched together, each at most `max_bytes`; larger mails alone, by their header."""
    run: list[int] = []
    held = 0
    for uid, size in sizes.items():
        too_large = size > max_bytes
        if run and (too_large or held + size > max_bytes):
            yield run, "BODY.PEEK[]"
            run, held = [], 0
        if too_large:
            yield [uid], "BODY.PEEK[HEADER]"
        else:
            run.append(uid)
            held += size
    if run:
        yield run, "BODY.PEEK[]"


def _utc(moment: datetime | None) -> datetime | None:
    if moment is None:
        return None
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def _plain(words: bytes | str) -> str:
    return words.decode("utf-8", "replace") if isinstance(words, bytes) else words

"""The mailbox against a real IMAP and SMTP server on the loopback."""

from __future__ import annotations

import socket
import ssl
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from imapclient import IMAPClient

from bots.cases.errors import BusinessException, ConfigProblem, SystemException
from bots.portals.mailbox import ImapMailbox, portions
from tests.backoffice.accounts import ACCOUNTS
from tests.backoffice.imap_language import Bad, tokens
from tests.backoffice.mailserver import MailServer
from tests.backoffice.world import World

NOW = datetime(2026, 10, 5, 8, 0, tzinfo=UTC)
BROKEN = b"Subject: caf\xe9\nNo colon here\n\nline one\nbare \r and \x00 and no end"


def mail(subject: str = "Retoure", body: bytes = b"Bitte um R\xc3\xbccksendung\r\n") -> bytes:
    return f"From: a@kunde.example\r\nTo: returns@seller.example\r\nSubject: {subject}\r\nMessage-ID: <{subject}@kunde.example>\r\n\r\n".encode() + body


def answer(to: str = "a@kunde.example") -> EmailMessage:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "returns@seller.example", to, "Ihre Rücksendung RMA-2026-000123 王"
    message["Message-ID"], message["In-Reply-To"] = "<answer-1@seller.example>", "<Retoure@kunde.example>"
    message.set_content("Guten Tag,\n.\nein Punkt allein beendet nichts. Größe 42\n")
    return message


def open_mailbox(server: MailServer, **options: Any) -> ImapMailbox:
    account = ACCOUNTS["mail"]
    options = {"tls": "none", "smtp_host": server.host, "smtp_port": server.smtp_port, "timeout": 5.0, **options}
    return ImapMailbox(server.host, server.imap_port, account.name, options.pop("password", account.password), **options)


def subjects(mailbox: ImapMailbox, folder: str = "INBOX") -> list[str]:
    return [line.removeprefix(b"Subject: ").decode() for got in mailbox.new_mail(folder) for line in got.raw.splitlines() if line.startswith(b"Subject: ")]


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World.create(tmp_path, NOW)


@pytest.fixture
def server(world: World) -> Iterator[MailServer]:
    server = MailServer(world)
    server.start()
    yield server
    server.stop()


@pytest.fixture
def mailbox(server: MailServer) -> Iterator[ImapMailbox]:
    mailbox = open_mailbox(server)
    yield mailbox
    mailbox.close()


# -- reading ----------------------------------------------------------------------------------------------------------


def test_mail_arrives_byte_for_byte_and_stays_unread(server: MailServer, mailbox: ImapMailbox) -> None:
    server.deliver(mail())
    server.deliver(BROKEN)
    first, second = mailbox.new_mail()
    assert (first.raw, second.raw) == (mail(), BROKEN)
    assert (first.uid, second.uid) == (1, 2) and first.uidvalidity == second.uidvalidity > 0
    assert first.size == len(mail()) and not first.headers_only and first.key == f"INBOX/{first.uidvalidity}/1"
    assert first.received_at is not None and timedelta() <= first.received_at - NOW < timedelta(minutes=1)
    assert all(not stored.flags for stored in server.store.mails("INBOX").values())


def test_an_empty_folder_gives_nothing(mailbox: ImapMailbox) -> None:
    assert list(mailbox.new_mail()) == []


def test_many_mails_come_in_batches_in_uid_order(server: MailServer) -> None:
    for number in range(23):
        server.deliver(mail(f"n{number}"))
    mailbox = open_mailbox(server, batch=5)
    assert subjects(mailbox) == [f"n{number}" for number in range(23)]
    mailbox.close()


def test_of_a_mail_above_the_cap_only_the_header_is_fetched(server: MailServer) -> None:
    huge = mail("huge", b"x" * (1024 * 1024 + 1))
    for raw in (mail("before"), huge, mail("after")):
        server.deliver(raw)
    mailbox = open_mailbox(server, max_bytes=1024 * 1024)
    before, big, after = mailbox.new_mail()
    assert big.headers_only and big.size == len(huge) and big.raw == huge[: huge.index(b"\r\n\r\n") + 4]
    assert not before.headers_only and after.raw == mail("after")
    mailbox.close()


def test_portions_stay_below_the_cap() -> None:
    found = list(portions({1: 4, 2: 5, 3: 2, 4: 99, 5: 1}, 10))
    assert found == [
        ([1, 2], "BODY.PEEK[]"),
        ([3], "BODY.PEEK[]"),
        ([4], "BODY.PEEK[HEADER]"),
        ([5], "BODY.PEEK[]"),
    ]


def test_mail_that_vanishes_while_reading_is_left_out(server: MailServer) -> None:
    for number in range(4):
        server.deliver(mail(f"n{number}"))
    mailbox = open_mailbox(server, batch=2)
    reading = mailbox.new_mail()
    assert next(reading).uid == 1
    server.store.remove("INBOX", [3])
    assert [got.uid for got in reading] == [2, 4]
    mailbox.close()


# -- moving -----------------------------------------------------------------------------------------------------------

OLDER_SERVERS = [("UIDPLUS", "MOVE"), ("UIDPLUS",), ()]


@pytest.mark.parametrize("extensions", OLDER_SERVERS, ids=lambda offered: "+".join(offered) or "bare")
def test_moving_works_while_reading_and_on_older_servers(world: World, extensions: tuple[str, ...]) -> None:
    server = MailServer(world, extensions=extensions)
    server.start()
    for number in range(5):
        server.deliver(mail(f"n{number}"))
    server.store.set_flags("INBOX", 5, ["\\Deleted"])  # somebody else's deleted mail: not ours to expunge
    mailbox = open_mailbox(server, batch=2)
    for got in mailbox.new_mail():
        mailbox.move(got, "Processed" if got.uid % 2 else "Held back")
    assert subjects(mailbox) == []
    assert subjects(mailbox, "Processed") == ["n0", "n2"]
    assert subjects(mailbox, "Held back") == ["n1", "n3"]
    assert 5 in server.store.mails("INBOX")
    assert list(server.store.mails("INBOX")) == ([5] if extensions else [1, 2, 3, 4, 5])
    mailbox.close()
    server.stop()


def test_moving_twice_does_not_copy_twice(server: MailServer, mailbox: ImapMailbox) -> None:
    server.deliver(mail())
    (got,) = mailbox.new_mail()
    mailbox.move(got, "Processed")
    mailbox.move(got, "Processed")
    assert len(server.store.mails("Processed")) == 1


def test_a_renumbered_folder_is_noticed_and_nothing_moves(server: MailServer) -> None:
    server.deliver(mail("old"))
    server.deliver(mail("other"))
    mailbox = open_mailbox(server)
    first, _ = mailbox.new_mail()
    server.store.remove("INBOX", [1])
    server.store.renumber("INBOX")  # UID 1 is now the other mail
    mailbox.close()
    with pytest.raises(SystemException, match="renumbered") as failure:
        mailbox.move(first, "Processed")
    assert failure.value.code == "uidvalidity_changed"
    (again,) = mailbox.new_mail()
    assert again.uidvalidity > first.uidvalidity and again.raw == mail("other")
    assert not server.store.mails("Processed")
    mailbox.close()


# -- failures ---------------------------------------------------------------------------------------------------------


def test_a_wrong_password_is_refused_by_both_servers(server: MailServer) -> None:
    mailbox = open_mailbox(server, password="practice-mail-41")
    for action in (lambda: list(mailbox.new_mail()), lambda: mailbox.send(answer())):
        with pytest.raises(SystemException) as failure:
            action()
        assert failure.value.code == "login_failed" and "practice-mail-41" not in str(failure.value)


def test_a_cut_connection_fails_once_and_the_next_call_logs_in_again(server: MailServer, mailbox: ImapMailbox) -> None:
    server.deliver(mail())
    (got,) = mailbox.new_mail()
    server.drop_connections()
    with pytest.raises(SystemException) as failure:
        mailbox.move(got, "Processed")
    assert failure.value.code == "mail_unreachable"
    mailbox.move(got, "Processed")
    assert list(server.store.mails("INBOX")) == []


def test_a_connection_that_died_while_idle_is_replaced_silently(server: MailServer, mailbox: ImapMailbox, monkeypatch: pytest.MonkeyPatch) -> None:
    server.deliver(mail())
    assert len(list(mailbox.new_mail())) == 1
    server.drop_connections()
    monkeypatch.setattr("bots.portals.mailbox.IDLE_SECONDS", -1.0)
    assert len(list(mailbox.new_mail())) == 1


def test_a_stopped_server_is_a_system_exception(world: World) -> None:
    server = MailServer(world)
    server.start()
    mailbox = open_mailbox(server)
    server.stop()
    for action in (mailbox.check, lambda: mailbox.send(answer())):
        with pytest.raises(SystemException):
            action()


def test_an_unknown_folder_says_so(mailbox: ImapMailbox) -> None:
    with pytest.raises(SystemException, match="NONEXISTENT") as failure:
        list(mailbox.new_mail("Nowhere"))
    assert failure.value.code == "mail_refused"


@pytest.mark.parametrize(("tls", "smtp_tls"), [("none", "ssl"), ("ssl", "none")])
def test_plain_text_is_allowed_on_the_loopback_only(tls: Any, smtp_tls: Any) -> None:
    with pytest.raises(ConfigProblem, match="plain text"):
        ImapMailbox("imap.example.com", 143, "u", "p", tls, "smtp.example.com", 25, smtp_tls=smtp_tls)


# -- sending ----------------------------------------------------------------------------------------------------------


def test_an_answer_is_sent_whole(world: World, mailbox: ImapMailbox) -> None:
    mailbox.send(answer())
    (row,) = world.all("SELECT * FROM sent_mail")
    assert (row["rcpt"], row["message_id"], row["in_reply_to"]) == ("a@kunde.example", "<answer-1@seller.example>", "<Retoure@kunde.example>")
    assert row["subject"] == "Ihre Rücksendung RMA-2026-000123 王" and row["at"].startswith("2026-10-05T08:00")
    assert "Größe 42" in row["raw"].decode() or b"Gr=C3=B6=C3=9Fe" in row["raw"] or b"Content-Transfer-Encoding: base64" in row["raw"]


def test_a_message_without_an_id_gets_one(world: World, mailbox: ImapMailbox) -> None:
    message = answer()
    del message["Message-ID"]
    mailbox.send(message)
    (row,) = world.all("SELECT message_id FROM sent_mail")
    assert row["message_id"] == message["Message-ID"] and row["message_id"].endswith("@seller.example>")


@pytest.mark.parametrize(("lie", "kept"), [("refused", 0), ("error_after_write", 1)])
def test_an_unconfirmed_mail_is_a_system_exception(world: World, mailbox: ImapMailbox, lie: str, kept: int) -> None:
    world.tell_lies("mail", "send", lie)
    with pytest.raises(SystemException) as failure:
        mailbox.send(answer())
    assert failure.value.code == "mail_unconfirmed" and "<answer-1@seller.example>" in str(failure.value)
    assert len(world.all("SELECT * FROM sent_mail")) == kept


def test_an_impossible_address_is_a_business_exception(mailbox: ImapMailbox, world: World) -> None:
    with pytest.raises(BusinessException) as failure:
        mailbox.send(answer("a@kunde.invalid"))
    assert failure.value.code == "address_refused"
    assert not world.all("SELECT * FROM sent_mail")


def test_check_says_what_it_found(server: MailServer, mailbox: ImapMailbox) -> None:
    server.deliver(mail())
    assert mailbox.check() == "returns@seller.example: 1 mails wait in INBOX, moved by MOVE; SMTP answers"


# -- TLS --------------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A self-signed certificate for 127.0.0.1: (certificate, key)."""
    from ipaddress import ip_address

    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "practice mail")])
    today = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(today - timedelta(days=1))
        .not_valid_after(today + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    folder = tmp_path_factory.mktemp("tls")
    (folder / "cert.pem").write_bytes(made.public_bytes(serialization.Encoding.PEM))
    (folder / "key.pem").write_bytes(key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()))
    return folder / "cert.pem", folder / "key.pem"


@pytest.mark.parametrize("tls", ["ssl", "starttls"])
def test_mail_over_tls(world: World, certificate: tuple[Path, Path], tls: str) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*certificate)
    server = MailServer(world, tls=context, implicit_tls=tls == "ssl")
    server.start()
    server.deliver(mail())
    mailbox = open_mailbox(server, tls=tls, ca_file=certificate[0])
    (got,) = mailbox.new_mail()
    mailbox.move(got, "Processed")
    mailbox.send(answer())
    assert len(world.all("SELECT * FROM sent_mail")) == 1 and len(server.store.mails("Processed")) == 1
    stranger = open_mailbox(server, tls=tls)  # does not know the certificate
    with pytest.raises(SystemException, match=r"(?i)certificate") as failure:
        stranger.check()
    assert failure.value.code == "mail_unreachable"
    if tls == "starttls":
        plain = open_mailbox(server, tls="none")
        with pytest.raises(SystemException):
            plain.check()
    mailbox.close()
    server.stop()


# -- the practice server itself, seen by imapclient -------------------------------------------------------------------


def test_a_restarted_server_has_the_same_mail_under_the_same_numbers(world: World) -> None:
    server = MailServer(world)
    server.start()
    for number in range(3):
        server.deliver(mail(f"n{number}"))
    mailbox = open_mailbox(server)
    before = list(mailbox.new_mail())
    mailbox.move(before[2], "Processed")
    server.stop()
    server = MailServer(world)
    server.start()
    server.deliver(mail("n3"))
    again = open_mailbox(server)
    after = list(again.new_mail())
    assert [got.key for got in after[:2]] == [got.key for got in before[:2]]
    assert after[2].uid == 4, "the UID of a moved mail is never given again"
    assert subjects(again, "Processed") == ["n2"]
    server.stop()


@pytest.fixture
def client(server: MailServer) -> Iterator[IMAPClient]:
    client = IMAPClient(server.host, port=server.imap_port, ssl=False, timeout=5)
    client.login(ACCOUNTS["mail"].name, ACCOUNTS["mail"].password)
    yield client
    client.logout()


def test_the_server_speaks_imap(server: MailServer, client: IMAPClient) -> None:
    assert [name for _, _, name in client.list_folders()] == ["Exceptions", "INBOX", "Processed"]
    client.append("INBOX", mail("appended"), flags=[rb"\Flagged"], msg_time=datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC))
    server.deliver(mail("delivered"))
    assert client.folder_status("INBOX", ["MESSAGES", "UIDNEXT", "UNSEEN"]) == {b"MESSAGES": 2, b"UIDNEXT": 3, b"UNSEEN": 2}
    assert client.select_folder("INBOX")[b"EXISTS"] == 2
    assert client.search(["FLAGGED"]) == [1] and client.search(["NOT", "FLAGGED"]) == [2] and client.search("SUBJECT deliv") == [2]
    assert client.search(["OR", "UID", "1", "UNSEEN"]) == [1, 2] and client.search(["BEFORE", date(2026, 2, 1)]) == [1]
    assert client.fetch([1], ["INTERNALDATE", "FLAGS"])[1][b"FLAGS"] == (rb"\Flagged",)
    assert client.fetch([2], ["BODY[HEADER.FIELDS (SUBJECT)]"])[2][b"BODY[HEADER.FIELDS (SUBJECT)]"] == b"Subject: delivered\r\n\r\n"
    assert client.get_flags([2])[2] == (rb"\Seen",), "BODY[] without PEEK marks a mail as read"
    client.add_flags([2], [rb"\Deleted"])
    client.remove_flags([1], [rb"\Flagged"])
    assert client.get_flags([1, 2]) == {1: (), 2: (rb"\Deleted", rb"\Seen")}
    client.copy([1], "Exceptions")
    client.expunge()
    assert client.search() == [1] and list(server.store.mails("Exceptions")) == [1]


def test_a_client_hears_of_mail_that_came_meanwhile(server: MailServer, client: IMAPClient) -> None:
    client.select_folder("INBOX")
    server.deliver(mail())
    assert (1, b"EXISTS") in client.noop()[1]
    server.store.remove("INBOX", [1])
    assert (1, b"EXPUNGE") in client.noop()[1]


def test_a_read_only_folder_is_not_changed(server: MailServer, client: IMAPClient) -> None:
    server.deliver(mail())
    client.select_folder("INBOX", readonly=True)
    client.fetch([1], ["BODY[]"])
    assert server.store.mails("INBOX")[1].flags == frozenset()
    with pytest.raises(Exception, match="reading only"):
        client.move([1], "Processed")


def test_two_deliverers_get_different_uids(server: MailServer) -> None:
    threads = [threading.Thread(target=lambda: [server.deliver(mail()) for _ in range(20)]) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert list(server.store.mails("INBOX")) == list(range(1, 81))


def test_commands_are_read_as_words_lists_and_literals() -> None:
    assert tokens(["FETCH 1:* (FLAGS BODY.PEEK[HEADER.FIELDS (TO CC)])"]) == ["FETCH", "1:*", ["FLAGS", "BODY.PEEK[HEADER.FIELDS (TO CC)]"]]
    assert tokens(['LOGIN "a \\"b\\"" ', b"p\r\nw", ""]) == ["LOGIN", 'a "b"', b"p\r\nw"]
    for wrong in ("(a", "a)", '"open'):
        with pytest.raises(Bad):
            tokens([wrong])


# -- another server: pymap, written by others ------------------------------------------------------------------------


@pytest.fixture
def foreign_port() -> Iterator[int]:
    """pymap with its demonstration mailbox, in a process of its own."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    command = "import sys; from pymap.main import main; sys.exit(main())"
    options = ["--host", "127.0.0.1", "--port", str(port), "--no-tls", "dict", "--demo-data"]
    process = subprocess.Popen([sys.executable, "-c", command, *options], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    deadline = time.monotonic() + 20
    while process.poll() is None and time.monotonic() < deadline:
        with socket.socket() as probe:
            probe.settimeout(0.2)
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                break
        process.poll()
    yield port
    process.terminate()
    process.wait(10)


def test_the_mailbox_works_on_a_server_that_is_not_ours(foreign_port: int) -> None:
    mailbox = ImapMailbox("127.0.0.1", foreign_port, "demouser", "demopass", "none", "127.0.0.1", 1)
    before = list(mailbox.new_mail())
    assert len(before) > 1 and all(len(got.raw) == got.size for got in before)
    mailbox.move(before[0], "Processed")
    mailbox.move(before[0], "Processed")
    assert [got.uid for got in mailbox.new_mail()] == [got.uid for got in before[1:]]
    assert [got.raw for got in mailbox.new_mail("Processed")] == [before[0].raw]
    mailbox.close()

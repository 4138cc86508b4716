"""The mailbox and the intake bot on Dovecot, by password and by XOAUTH2."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from bots.automation.browser import BrowserHouse, BrowserOptions
from bots.automation.evidence import Evidence
from bots.cases.clock import SystemClock
from bots.cases.database import open_database
from bots.cases.errors import ConfigProblem, SystemException
from bots.cases.store import Store
from bots.operations.round import make_bot
from bots.operations.runner import Runner
from bots.portals.desk import Desk
from bots.portals.mailbox import ImapMailbox
from bots.portals.oauth import TokenSource
from tests.products.dovecot import ACCOUNT, PASSWORD, Dovecot, Tokens, dovecot, install, token_server
from tests.stores import tiny_config

pytestmark = [pytest.mark.dovecot, pytest.mark.mail, pytest.mark.skipif(os.name != "posix", reason="Dovecot runs on Unix")]


@pytest.fixture
def tokens() -> Iterator[Tokens]:
    with token_server(Tokens()) as made:
        yield made


@pytest.fixture
def server(tokens: Tokens) -> Iterator[Dovecot]:
    try:
        install()
    except LookupError as missing:
        pytest.skip(str(missing))
    # Not below pytest's own folder, which nobody but its user may enter.
    with tempfile.TemporaryDirectory(prefix="dovecot-") as folder:
        os.chmod(folder, 0o755)
        with dovecot(Path(folder) / "d", tokens) as running:
            yield running


def mail(subject: str, body: str = "Hallo, ich möchte die Uhr aus Bestellung DE-2026-104233 zurückgeben, sie gefällt mir nicht.") -> bytes:
    head = f"From: Ann Lee <ann@example.org>\r\nTo: {ACCOUNT}\r\nSubject: {subject}\r\nMessage-ID: <{subject}@example.org>\r\n"
    return f"{head}Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n{body}\r\n".encode()


Opener = Callable[[], ImapMailbox]


@pytest.fixture(params=["password", "xoauth2"])
def opener(request: pytest.FixtureRequest, server: Dovecot, tokens: Tokens) -> Opener:
    """Opens the mailbox by one of the two ways to log in."""
    if request.param == "password":
        return lambda: ImapMailbox(server.host, server.port, ACCOUNT, PASSWORD, "none", "127.0.0.1", 1)
    source = TokenSource(f"{tokens.url}/token", "client", lambda: "client-secret", lambda: "refresh-secret")
    return lambda: ImapMailbox(server.host, server.port, ACCOUNT, "", "none", "127.0.0.1", 1, tokens=source)


def test_reading_and_moving(server: Dovecot, opener: Opener) -> None:
    for number in range(7):
        server.deliver(mail(f"n{number}"))
    mailbox = opener()
    mails = list(mailbox.new_mail())
    assert [got.raw for got in mails] == [mail(f"n{number}") for number in range(7)]
    assert list(mailbox.new_mail()) == mails, "reading leaves them unread and where they are"
    mailbox.move(mails[2], "Processed")
    mailbox.move(mails[2], "Processed")
    assert [got.uid for got in mailbox.new_mail()] == [got.uid for place, got in enumerate(mails) if place != 2]
    assert [got.raw for got in mailbox.new_mail("Processed")] == [mail("n2")]
    mailbox.close()


def test_a_renumbered_folder_is_noticed_and_nothing_moves(server: Dovecot, opener: Opener) -> None:
    server.deliver(mail("one"))
    mailbox = opener()
    (first,) = mailbox.new_mail()
    mailbox.move(first, "Processed")
    (kept,) = mailbox.new_mail("Processed")
    mailbox.close()
    server.renumber()
    again = opener()
    with pytest.raises(SystemException) as raised:
        again.move(kept, "INBOX")
    assert raised.value.code == "uidvalidity_changed"
    again.close()


def test_a_wrong_password_is_refused(server: Dovecot) -> None:
    mailbox = ImapMailbox(server.host, server.port, ACCOUNT, "wrong", "none", "127.0.0.1", 1)
    with pytest.raises(SystemException) as raised:
        list(mailbox.new_mail())
    assert raised.value.code == "login_failed"


# -- tokens ------------------------------------------------------------------------------------------------------------------
def source_of(tokens: Tokens, **options: object) -> TokenSource:
    return TokenSource(f"{tokens.url}/token", "client", lambda: "client-secret", lambda: "refresh-secret", **options)  # type: ignore[arg-type]


def test_a_token_is_fetched_once_and_renewed_before_its_end(tokens: Tokens) -> None:
    source = source_of(tokens, scope="mail")
    assert source.token() == source.token() == "token-1"
    assert tokens.asked == [
        {"grant_type": "refresh_token", "refresh_token": "refresh-secret", "client_id": "client", "client_secret": "client-secret", "scope": "mail"}
    ]
    tokens.lasts = 30
    source.forget()
    assert [source.token(), source.token()] == ["token-2", "token-3"], "a token that ends within a minute is not used again"
    assert "token-" not in repr(source)


def test_an_application_has_no_refresh_token(tokens: Tokens) -> None:
    TokenSource(f"{tokens.url}/token", "client", lambda: "client-secret").token()
    assert tokens.asked == [{"grant_type": "client_credentials", "client_id": "client", "client_secret": "client-secret"}]


def test_a_refused_token_says_why_and_tells_no_secret(tokens: Tokens) -> None:
    tokens.refuses = True
    with pytest.raises(SystemException, match="invalid_grant") as raised:
        source_of(tokens).token()
    assert raised.value.code == "login_failed" and "secret" not in str(raised.value).replace("client secret", "")


def test_a_token_that_the_server_no_longer_takes_is_renewed(server: Dovecot, tokens: Tokens) -> None:
    source = source_of(tokens)
    source.token()
    tokens.good.clear()
    mailbox = ImapMailbox(server.host, server.port, ACCOUNT, "", "none", "127.0.0.1", 1, tokens=source)
    with pytest.raises(SystemException) as raised:
        list(mailbox.new_mail())
    assert raised.value.code == "login_failed"
    assert list(mailbox.new_mail()) == [], "the next try has a new token"
    mailbox.close()


def test_tokens_do_not_travel_in_clear() -> None:
    with pytest.raises(ConfigProblem, match="not https"):
        TokenSource("http://login.example.com/token", "client", lambda: "x")


# -- the bot -----------------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("way", ["password", "xoauth2"])
def test_intake_works_a_mailbox_once(server: Dovecot, tokens: Tokens, tmp_path: Path, way: str) -> None:
    server.deliver(mail("Retoure"))
    server.deliver(mail("Newsletter", "Die besten Angebote der Woche! Jetzt 20 % sparen. Abmelden: hier klicken."))
    oauth = {"token_url": f"{tokens.url}/token", "client_id": "client"} if way == "xoauth2" else None
    box = {"imap": f"127.0.0.1:{server.port}", "smtp": "127.0.0.1:1", "tls": "none", "account": ACCOUNT, "address": ACCOUNT, "oauth": oauth}
    config = tiny_config(tmp_path, mailbox=box)
    asked: list[str] = []

    def secret(account: str) -> str:
        asked.append(account)
        return PASSWORD

    for run in range(2):
        store = Store(open_database(config.store_url), SystemClock(), "intake bot")
        desk = Desk(config, store, BrowserHouse(BrowserOptions()), secret, Evidence(tmp_path / "evidence"))
        summary = Runner(desk).run(make_bot("intake"))
        assert (summary.done, summary.failed) == ((2, 0) if run == 0 else (0, 0)), summary
        assert [case.order_no for case in store.cases()] == ["DE-2026-104233"]
        desk.close()
    assert set(asked) == ({f"{ACCOUNT}-client", f"{ACCOUNT}-refresh"} if oauth else {ACCOUNT})

"""Conversations with customers over real IMAP and SMTP: what is missing is asked for, an answer moves its case on, threads are kept, a person can take one over."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest

from bots.automation.browser import BrowserHouse
from bots.automation.evidence import Evidence
from bots.cases.clock import FixedClock
from bots.cases.store import Case, Store
from bots.intake import Intake
from bots.operations.runner import Runner
from bots.portals.desk import Desk
from bots.replies import Replies
from bots.review import Review
from tests.backoffice.accounts import ACCOUNTS
from tests.backoffice.erp.app import create_app
from tests.backoffice.erp.samples import put_order, put_products
from tests.backoffice.mails import MailSpec, compose, quoted
from tests.backoffice.mailserver import MailServer
from tests.backoffice.serving import serving
from tests.backoffice.world import SAMPLES_START as START
from tests.backoffice.world import World
from tests.stores import tiny_config

pytestmark = [pytest.mark.mail, pytest.mark.browser, pytest.mark.slow]
JOERG, CLAIRE = ("Jörg Müller", "joerg@example.org"), ("Claire Petit", "claire@example.fr")
GERMAN, FRENCH, OTHER_FRENCH = "DE-2026-104233", "FR-2026-200001", "FR-2026-200002"
HEADPHONES = {"sku": "HP-ANC200", "qty": 1, "unit_gross": 8990}
SHIRTS = {"sku": "TEE-RED-M", "qty": 2, "unit_gross": 1999}


@dataclass
class Talk:
    """A desk, the practice ERP and mail server, and what was said so far."""

    desk: Desk
    clock: FixedClock
    world: World
    server: MailServer
    count: int = 0
    read: int = 0
    said: list[str] = field(default_factory=list)

    @property
    def store(self) -> Store:
        return self.desk.store

    def hears(self, who: tuple[str, str], subject: str, body: str, lang: str, *, answers: EmailMessage | None = None, **more: Any) -> list[EmailMessage]:
        """A customer writes, the bots work, and these answers leave. `answers`: ours that this is the reply to, quoted below as mail programs do."""
        self.count += 1
        self.clock.forward(timedelta(minutes=10))
        self.world.set_now(self.clock.now())
        name, address = who
        own = f"<mail-{self.count}@{address.partition('@')[2]}>"
        reply = {"in_reply_to": str(answers["Message-ID"]), "quote": quoted(lang, self.clock.now(), "returns@seller.example", said(answers))} if answers else {}
        self.server.deliver(
            compose(MailSpec(own, name, address, subject, body, lang, date=self.clock.now().isoformat(), **{**reply, **more}), self.clock.now())
        )
        self.said.append(own)
        return self.work()

    def work(self) -> list[EmailMessage]:
        """One round of the bots that talk; gives the mails that left in it."""
        for bot in (Intake(), Review(), Replies()):
            summary = Runner(self.desk).run(bot)
            assert (summary.verdict, summary.failed) == ("ok", 0), summary
        rows = self.world.all("SELECT raw FROM sent_mail ORDER BY id")[self.read :]
        self.read += len(rows)
        return [message_from_bytes(row["raw"], policy=policy.default) for row in rows]  # type: ignore[misc]

    def case(self, order_no: str) -> Case:
        found = self.store.case_of_order(order_no)
        assert found is not None, order_no
        return found

    def questions(self) -> list[str]:
        return [row.code for row in self.store.open_exceptions()]


def said(message: EmailMessage) -> str:
    return str(message.get_content())


def kinds(messages: list[EmailMessage]) -> list[str]:
    """approved, status, ...: as the Message-ID names them."""
    return [str(message["Message-ID"]).split(".")[1] for message in messages]


@pytest.fixture
def talk(tmp_path: Path, store: Store, clock: FixedClock, browser_house: BrowserHouse) -> Iterator[Talk]:
    world = World.create(tmp_path / "world", START)
    put_products(world)
    put_order(world, GERMAN, [HEADPHONES, SHIRTS], buyer_name=JOERG[0], buyer_email=JOERG[1])
    french = {"buyer_name": CLAIRE[0], "buyer_email": CLAIRE[1], "buyer_lang": "fr", "country": "FR"}
    put_order(world, FRENCH, [SHIRTS], **french)
    put_order(world, OTHER_FRENCH, [HEADPHONES], **french)
    server = MailServer(world)
    server.start()
    config = tiny_config(tmp_path)
    with serving(create_app(world)) as erp:
        addresses = {"erp": erp, "imap": f"{server.host}:{server.imap_port}", "smtp": f"{server.host}:{server.smtp_port}"}
        config.file("world", "address.json").write_text(json.dumps(addresses), encoding="utf-8")
        config.file("in", "x")
        desk = Desk(
            config, store, browser_house, {account.name: account.password for account in ACCOUNTS.values()}.__getitem__, Evidence(tmp_path / "evidence")
        )
        yield Talk(desk, clock, world, server)
        desk.mailbox.close()  # type: ignore[attr-defined]
    server.stop()


def test_six_mails_in_three_languages(talk: Talk) -> None:
    # 1: German, no order number: it is asked for, and nothing else is said.
    (asked,) = talk.hears(
        JOERG,
        "Rücksendung",
        "Guten Tag,\n\nein Artikel ist defekt und funktioniert nicht. Ich möchte ihn zurückgeben und bitte um Erstattung.\n\nJörg Müller",
        "de",
    )
    assert kinds([asked]) == ["ask_order"] and asked["To"] == JOERG[1] and "Bestellnummer" in said(asked) and "5. Oktober 2026, 11:10 (UTC+2)" in said(asked)
    assert asked["In-Reply-To"] == talk.said[0] and not talk.world.all("SELECT * FROM sales_returns")

    # 2: the answer brings it; the order holds two articles, and the mails name neither.
    (which,) = talk.hears(JOERG, f"Re: {asked['Subject']}", f"Die Bestellnummer ist {GERMAN}.", "de", answers=asked)
    german = talk.case(GERMAN)
    assert (german.request, german.customer_email) == ("need_info", JOERG[1]) and german.rma in said(asked), "the same case goes on"
    assert kinds([which]) == ["ask_article"] and "HP-ANC200" in said(which) and "TEE-RED-M" in said(which)
    assert [which["In-Reply-To"], which["References"].split()] == [talk.said[1], [talk.said[0], str(asked["Message-ID"]), talk.said[1]]]

    # 3: the article, without any number of the case: the thread says which one it is.
    (approved,) = talk.hears(JOERG, "Re: Rücksendung", "Es geht um den HP-ANC200.", "de", answers=which)
    german = talk.case(GERMAN)
    assert kinds([approved]) == ["approved"] and german.request == "approved" and german.tracking_no in said(approved)
    assert [
        (row["rma"], row["sku"], row["qty"]) for row in talk.world.all("SELECT rma, sku, qty FROM sales_returns JOIN sales_return_lines USING (return_no)")
    ] == [(german.rma, "HP-ANC200", 1)]

    # 4: French, a withdrawal on two orders in one mail: two cases, each acknowledged at once with day and time.
    both = talk.hears(CLAIRE, "Rétractation", f"Bonjour,\n\nje me rétracte du contrat pour mes commandes {FRENCH} et {OTHER_FRENCH}.\n\nClaire Petit", "fr")
    assert sorted(kinds(both)) == ["approved", "approved", "withdrawn", "withdrawn"] and {str(mail["To"]) for mail in both} == {CLAIRE[1]}
    receipts = [mail for mail in both if kinds([mail]) == ["withdrawn"]]
    assert all("5 octobre 2026, 11:40 (UTC+2)" in said(mail) and "je me rétracte" in said(mail) for mail in receipts)
    assert {number for mail in receipts for number in (FRENCH, OTHER_FRENCH) if number in str(mail["Subject"])} == {FRENCH, OTHER_FRENCH}
    assert talk.case(FRENCH).rma != talk.case(OTHER_FRENCH).rma

    # 5: a change of mind about one of them cancels what can still be cancelled, and only that.
    (cancelled,) = talk.hears(
        CLAIRE, f"Re: {both[0]['Subject']}", f"Finalement je garde les articles : merci d'annuler le retour de la commande {FRENCH}.", "fr", answers=both[0]
    )
    assert kinds([cancelled]) == ["cancelled"] and talk.case(FRENCH).request == "cancelled" and talk.case(OTHER_FRENCH).request == "approved"
    states = {row["order_no"]: row["state"] for row in talk.world.all("SELECT order_no, state FROM sales_returns")}
    assert states == {GERMAN: "open", FRENCH: "cancelled", OTHER_FRENCH: "open"}
    assert cancelled["In-Reply-To"] == talk.said[4]

    # 6: the German customer asks in Japanese how it stands, and is answered in Japanese, from the case.
    (status,) = talk.hears(
        JOERG,
        "返金について",
        f"注文番号 {GERMAN} の返品について、返金はいつになりますか。まだ届いていません。ご確認をお願いいたします。",
        "ja",
        answers=approved,
    )
    assert kinds([status]) == ["status"] and "荷物の到着を待っております" in said(status) and german.tracking_no in said(status)
    assert talk.questions() == [] and len(talk.world.all("SELECT * FROM sent_mail")) == talk.read == 9
    assert talk.work() == [], "nothing is said twice"

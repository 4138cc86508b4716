"""A bot's desk: the case store, the commit ledger and the programs it may use, each opened when first needed."""

from __future__ import annotations

import hashlib
import importlib
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import Any, cast

from loguru import logger

from bots.automation.browser import BrowserHouse
from bots.automation.evidence import Evidence
from bots.automation.locators import load_book
from bots.cases.books import Books
from bots.cases.errors import ConfigProblem, GuardrailStop, SystemException
from bots.cases.ledger import Intent, Ledger, LedgerPermit, nothing
from bots.cases.model import Order
from bots.cases.settings import Config, MailSettings, PortalSettings
from bots.cases.store import Case, Store
from bots.decisions import guardrails
from bots.decisions.policy import PolicyRules
from bots.portals.accounts import Quarantine
from bots.portals.crew import Crew
from bots.portals.llm import LlmAdviser, open_adviser
from bots.portals.oauth import TokenSource
from bots.portals.roles import Bank, Carrier, Erp, Mailbox, Payments, Wms
from bots.portals.web import Access

MONEY_KINDS = frozenset({"refund"})
APPROVALS = ("above_limit", "guardrail", "second_approval")
"""Questions by which a person approves the exact terms of a refund."""
CANARY_WAIT = timedelta(seconds=20)
"""How long a desk waits for the canary of the desk beside it."""


class Desktop:
    """The screen's one keyboard, mouse and clipboard: desktop programs belong to whoever holds it."""

    def __init__(self) -> None:
        self.programs: dict[str, Any] = {}
        self._lock = threading.RLock()
        self._held = threading.local()

    @property
    def mine(self) -> bool:
        """Whether this thread has the screen."""
        return getattr(self._held, "yes", False)

    def hold(self) -> None:
        """Take the screen, and keep it until `let_go` (waits for whoever has it)."""
        if not self.mine:
            self._lock.acquire()
            self._held.yes = True

    def let_go(self) -> None:
        """Give the screen back, if this thread has it."""
        if self.mine:
            self._held.yes = False
            self._lock.release()


class Desk:
    """Everything a bot works with; `bot` is the bot that sits at it, `crew` the desks beside it."""

    def __init__(
        self,
        config: Config,
        store: Store,
        house: BrowserHouse,
        secret: Callable[[str], str],
        evidence: Evidence,
        *,
        dry_run: bool = False,
        desktop: Desktop | None = None,
        point: Callable[[int], None] = nothing,
    ) -> None:
        self.config, self.store, self.house, self.secret, self.evidence = config, store, house, secret, evidence
        self.dry_run = dry_run
        self.bot = ""
        self.run_started = store.clock.now()
        self.ledger = Ledger(store, self._guard, self._photograph, point=point)
        self.books = Books(store)
        self._portals: dict[str, Any] = {}
        self.desktop = desktop or Desktop()
        self.crew: Crew | None = None
        self._fingerprints: dict[str, str] = {}
        self._waited_for: set[str] = set()

    @property
    def now(self) -> datetime:
        """The present (UTC), the practice world's while practising."""
        return self.store.clock.now()

    @cached_property
    def policy(self) -> PolicyRules:
        return self.config.load("policy", PolicyRules)

    @cached_property
    def adviser(self) -> LlmAdviser | None:
        """The language model as second reader, where the profile switches one on."""
        return open_adviser(self.config, self.secret, lambda: self.now, self.evidence.mask)

    # -- programs --------------------------------------------------------------------------------------------------------
    @property
    def erp(self) -> Erp:
        return cast(Erp, self._portal("erp", self.config.suite.erp))

    @property
    def wms(self) -> Wms:
        return cast(Wms, self._portal("wms", self.config.suite.wms))

    def carrier(self, name: str) -> Carrier:
        """The carrier portal for a carrier as the ERP names it."""
        for key, settings in self.config.suite.carriers.items():
            if name in (key, *settings.serves):
                return cast(Carrier, self._portal(key, settings))
        raise ConfigProblem(f"carriers: no portal serves the carrier {name!r}")

    def payments(self, method: str) -> Payments | None:
        """The payment back-end that refunds this payment method, or None when it is a bank's work."""
        for key, settings in self.config.suite.payments.items():
            if method in settings.serves:
                return cast(Payments, self._portal(key, settings))
        return None

    def bank(self, method: str) -> Bank | None:
        for key, settings in self.config.suite.banks.items():
            if method in settings.serves:
                return cast(Bank, self._portal(key, settings))
        return None

    @property
    def mailbox(self) -> Mailbox:
        if "mailbox" not in self._portals:
            from bots.portals.mailbox import ImapMailbox

            mail = self.config.suite.mailbox
            imap_host, _, imap_port = self.config.address(mail.imap).rpartition(":")
            smtp_host, _, smtp_port = self.config.address(mail.smtp).rpartition(":")
            self._portals["mailbox"] = ImapMailbox(
                imap_host,
                int(imap_port),
                mail.account,
                "" if mail.oauth else self.secret(mail.account),
                mail.tls,
                smtp_host,
                int(smtp_port),
                max_bytes=mail.max_mb * 1_000_000,
                guard=Quarantine(self.store, mail.account).around,
                tokens=self._tokens(mail),
            )
        return cast(Mailbox, self._portals["mailbox"])

    def _tokens(self, mail: MailSettings) -> TokenSource | None:
        if mail.oauth is None:
            return None
        refresh = (lambda: self.secret(f"{mail.account}-refresh")) if mail.oauth.refresh else None
        return TokenSource(mail.oauth.token_url, mail.oauth.client_id, lambda: self.secret(f"{mail.account}-client"), refresh, mail.oauth.scope)

    def program(self, name: str) -> Any:
        """Any configured program by its name in the settings."""
        suite = self.config.suite
        known = {"erp": suite.erp, "wms": suite.wms, **suite.carriers, **suite.payments, **suite.banks}
        return self._portal(name, known[name])

    def _portal(self, name: str, settings: PortalSettings) -> Any:
        if name in self.desktop.programs:
            self.desktop.hold()
            return self.desktop.programs[name]
        if name not in self._portals:
            module, _, class_name = settings.portal.rpartition(".")
            try:
                maker = getattr(importlib.import_module(f"bots.portals.{module}"), class_name)
            except (ImportError, AttributeError) as error:
                raise ConfigProblem(f"{name}.portal: there is no portal {settings.portal!r} ({error})") from None
            book = load_book(self.config.home / "locators", settings.book)
            if book.head.kind == "desktop":
                self.desktop.hold()
                command, downloads = tuple(self.config.address(part) for part in settings.command), self.config.file("downloads", "x").parent
                return self.desktop.programs.setdefault(name, maker(name, book, self._access(name, settings), command, downloads))
            self._portals[name] = maker(name, self.house, book, self._access(name, settings))
        return self._portals[name]

    def _access(self, name: str, settings: PortalSettings) -> Access:
        totp = (lambda: self._one_time_code(settings.account)) if settings.totp else None
        return Access(
            self.config.address(settings.url), settings.account, lambda: self.secret(settings.account), totp, Quarantine(self.store, settings.account).around
        )

    def _one_time_code(self, account: str) -> str:
        """A TOTP code that was never used: of this time step, else of the next (which back-ends accept early), else after waiting for it."""
        import pyotp

        totp = pyotp.TOTP(self.secret(f"{account}-totp"))
        deadline = datetime.now(UTC) + timedelta(seconds=90)
        while datetime.now(UTC) < deadline:
            step = totp.timecode(datetime.now(UTC))
            for candidate in (step, step + 1):
                if self.store.claim_switch(f"totp:{account}:{candidate}", True):
                    return totp.generate_otp(candidate)
            threading.Event().wait(totp.interval - datetime.now(UTC).timestamp() % totp.interval)
        raise SystemException(f"no unused one-time code for {account} within 90 seconds", code="totp_exhausted")

    def fresh_sessions(self) -> None:
        """Forget every log-in: the next use starts clean (after a failure)."""
        for name, portal in [*self._portals.items(), *(self.desktop.programs.items() if self.desktop.mine else ())]:
            forget = getattr(portal, "forget_session", None)
            if forget is not None:
                forget()
            if name == "mailbox":
                portal.close()
                del self._portals[name]

    def close(self) -> None:
        """Close every program and the browser."""
        if (adviser := self.__dict__.get("adviser")) is not None:
            adviser.close()
        for portal in (*self._portals.values(), *self.desktop.programs.values()):
            close = getattr(portal, "close", None)
            if close is not None:
                close()
        self._portals.clear()
        self.desktop.programs.clear()
        self.house.close()
        self.store.database.close()

    # -- commits -----------------------------------------------------------------------------------------------------------
    def commit(self, case: Case, intent: Intent, *, look: Callable[[], str | None], act: Callable[[LedgerPermit], None]) -> str:
        """Do something once, by the commit protocol; gives the back-end's own number."""
        return self.ledger.carry_out(case, intent, look=look, act=act, dry_run=self._sends_nothing)

    @property
    def _sends_nothing(self) -> bool:
        """Whether a commit ends before its click: a dry run, or a bot in shadow."""
        return self.dry_run or self.config.suite.guardrails.mode.get(self.bot) == "shadow"

    def _canary(self, intent: Intent) -> guardrails.Stop | None:
        """G10: after a change of locators or settings one refund goes alone through a program; the others wait until it was read back."""
        name = f"canary:{intent.portal}:{self._fingerprint(intent.portal)}"
        if self.store.claim_switch(name, intent.natural_key):
            return None
        deadline = datetime.now(UTC) + CANARY_WAIT
        while True:
            first = self.store.switch(name)
            row = self.ledger.find(first)
            if first == intent.natural_key or (row is not None and row.state == "confirmed"):
                return None
            if row is None or row.state not in ("clicked", "needs_check") or self.store.case_by_id(row.case_id).close_code:
                # It was never clicked, came to nothing, or a person has settled its case by hand: this one goes first instead.
                self.store.set_switch(name, intent.natural_key)
                return None
            if row.state == "needs_check" or first in self._waited_for or datetime.now(UTC) > deadline:
                self._waited_for.add(first)
                return guardrails.Stop(rule="G10", why=f"{intent.portal} was changed, and the first refund since ({first}) is not confirmed yet", lifts=True)
            threading.Event().wait(0.1)

    def _fingerprint(self, portal: str) -> str:
        """A short hash over the program's locators and the profile's settings."""
        if portal not in self._fingerprints:
            suite = self.config.suite
            book = {**suite.payments, **suite.banks}[portal].book
            files = [*sorted((self.config.home / "locators" / book).glob("*.yaml")), self.config.profile_file]
            digest = hashlib.sha256(b"".join(file.read_bytes() for file in files))
            self._fingerprints[portal] = digest.hexdigest()[:16]
        return self._fingerprints[portal]

    def _guard(self, case: Case, intent: Intent) -> None:
        settings = self.config.suite.guardrails
        approvers = frozenset(word.given_by for code in APPROVALS if (word := self.store.waiver(case, code, intent.terms_hash)) is not None)
        totals = guardrails.Totals()
        if intent.amount is not None and intent.kind in MONEY_KINDS:
            midnight = self.now.replace(hour=0, minute=0, second=0, microsecond=0)
            today = [
                row
                for row in self.ledger.clicked_since(intent.kind, midnight)
                if row.amount and row.amount.currency == intent.amount.currency and row.natural_key != intent.natural_key
            ]
            totals = guardrails.Totals(
                run=sum(row.amount.minor for row in today if row.amount and row.clicked_at and row.clicked_at >= self.run_started),
                day=sum(row.amount.minor for row in today if row.amount),
                payee_day=sum(row.amount.minor for row in today if row.amount and row.payee == intent.payee),
            )
        stop = guardrails.check(
            intent.amount if intent.kind in MONEY_KINDS else None,
            totals,
            settings,
            stop_file=(self.config.workspace / settings.stop_file).exists(),
            now=self.now,
            approvers=approvers,
            mode=settings.mode.get(self.bot, "auto_below_limit"),
        )
        if stop is None and settings.canary and intent.kind in MONEY_KINDS and not self._sends_nothing:
            stop = self._canary(intent)
        if stop is None:
            return
        if stop.lifts:
            raise SystemException(
                f"{intent.kind} of {case.rma} waits: {stop.why} ({stop.rule})", code="guardrail_waits", advice="It goes on by itself when the guardrail lifts."
            )
        raise GuardrailStop(
            f"{intent.kind} of {intent.amount} for {case.rma}: {stop.why}",
            code="second_approval" if approvers and stop.rule == "G09" else "guardrail",
            rules=stop.rule,
            terms_hash=intent.terms_hash,
            amount_minor=intent.amount.minor if intent.amount else None,
            suggestion="approve",
        )

    def _photograph(self, case: Case, kind: str, moment: str, picture: bytes) -> None:
        path, sha = self.evidence.save_bytes(case.rma, f"{kind}-{moment}.jpg", picture)
        self.store.note(case, "evidence", path=str(path.relative_to(self.evidence.root)), sha256=sha)

    def keep_text(self, case: Case, name: str, text: str) -> None:
        """Keep a text as evidence of the case, secrets masked."""
        path, sha = self.evidence.save_text(case.rma, name, text)
        self.store.note(case, "evidence", path=str(path.relative_to(self.evidence.root)), sha256=sha)

    def keep_bytes(self, case: Case, name: str, content: bytes) -> None:
        path, sha = self.evidence.save_bytes(case.rma, name, content)
        self.store.note(case, "evidence", path=str(path.relative_to(self.evidence.root)), sha256=sha)

    # -- things several bots need --------------------------------------------------------------------------------------------
    def read_order(self, case: Case) -> Order | None:
        """The order as the ERP shows it now, kept in the case."""
        assert case.order_no is not None
        order = self.erp.find_order(case.order_no)
        if order is not None:
            self.store.put(case, "order", order)
        logger.debug("order {} read: {}", case.order_no, order is not None)
        return order

"""Accounts of the bots: after two refused log-ins no further one is tried, because the product would lock the account for people too."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from bots.cases.errors import SystemException
from bots.cases.store import Store

TRIES = 2
"""Refused log-ins after which an account is left alone; products lock accounts after three to five."""


@dataclass(frozen=True)
class Quarantine:
    """Counts the refused log-ins of an account in the store, so that every process and every run knows of them."""

    store: Store
    account: str

    @property
    def _name(self) -> str:
        return f"{PREFIX}{self.account}"

    def around(self, log_in: Callable[[], Any]) -> Any:
        """Log in, unless the account is in quarantine. A refusal (code `login_failed`) counts; a log-in that works clears the count."""
        known = self.store.switch(self._name) or {"times": 0}
        if known["times"] >= TRIES:
            raise SystemException(
                f"{self.account} was refused {known['times']} times, last at {known['at']} UTC: {known['why']} No further log-in is tried.",
                code="account_quarantined",
                advice=f"Log in by hand; then `run_bot.py secrets set {self.account}`, or `run_bot.py resume {self.account}` if the password was right.",
            )
        try:
            done = log_in()
        except SystemException as error:
            if error.code == "login_failed":
                self.store.set_switch(self._name, {"times": known["times"] + 1, "at": f"{self.store.clock.now():%Y-%m-%d %H:%M}", "why": error.facts[:300]})
            raise
        if known["times"]:
            release(self.store, self.account)
        return done


PREFIX = "refused_log_ins:"


def refused(store: Store) -> dict[str, dict[str, Any]]:
    """Accounts whose last log-in was refused: {times, at (UTC), why} by account."""
    return {name.removeprefix(PREFIX): entry for name, entry in store.switches(PREFIX).items()}


def release(store: Store, account: str) -> bool:
    """Let an account log in again; whether it was held."""
    held = store.switch(f"{PREFIX}{account}") is not None
    store.set_switch(f"{PREFIX}{account}", None)
    return held

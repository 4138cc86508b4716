"""Access tokens for mailboxes that take no passwords any more (Gmail, Microsoft 365): fetched with what the keyring holds, kept until they end."""

from __future__ import annotations

import json
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from bots.cases.errors import ConfigProblem, SystemException

SPARE_S = 60.0
"""A token is renewed this long before its end."""


@dataclass
class TokenSource:
    """Asks the provider's token address for access tokens (RFC 6749).

    With `refresh_token` (Gmail, Microsoft 365 delegated) the grant of section 6 is used; without one the client credentials of
    section 4.4 (Microsoft 365 as an application). Secrets are fetched when needed and never kept.
    """

    url: str
    client_id: str
    client_secret: Callable[[], str]
    refresh_token: Callable[[], str] | None = None
    scope: str = ""
    timeout_s: float = 30.0
    _token: str = field(default="", repr=False)
    _ends: float = 0.0

    def __post_init__(self) -> None:
        host = urllib.parse.urlsplit(self.url)
        if host.scheme != "https" and host.hostname not in ("127.0.0.1", "localhost", "::1"):
            raise ConfigProblem(f"mailbox.oauth.token_url: {self.url} is not https; a token would travel in clear")

    def token(self) -> str:
        """An access token that holds for a minute at least. Raises SystemException with code login_failed where the provider refuses."""
        if time.monotonic() < self._ends:
            return self._token
        answer = self._ask()
        try:
            self._token, lasts = str(answer["access_token"]), float(answer.get("expires_in", 3600))
        except (KeyError, TypeError, ValueError):
            raise SystemException(f"{self.url} answered without an access token", code="mail_unreachable") from None
        self._ends = time.monotonic() + max(lasts - SPARE_S, 0.0)
        return self._token

    def forget(self) -> None:
        """Throw the token away: the server has refused it."""
        self._ends = 0.0

    def _ask(self) -> dict[str, Any]:
        grant = {"grant_type": "client_credentials"} if self.refresh_token is None else {"grant_type": "refresh_token", "refresh_token": self.refresh_token()}
        form = {**grant, "client_id": self.client_id, "client_secret": self.client_secret(), **({"scope": self.scope} if self.scope else {})}
        request = urllib.request.Request(self.url, data=urllib.parse.urlencode(form).encode(), headers={"Accept": "application/json"})
        try:
            with urllib.request.urlopen(request, timeout=self.timeout_s) as answer:
                told: dict[str, Any] = json.loads(answer.read())
        except urllib.error.HTTPError as error:
            if error.code in (400, 401, 403):
                raise SystemException(
                    f"{self.url} refuses a token ({_reason(error.read())})",
                    code="login_failed",
                    advice="Renew the client secret or the refresh token in the keyring; see runbooks/login-failed.md.",
                ) from None
            raise SystemException(f"{self.url} answered {error.code}", code="mail_unreachable") from None
        except (OSError, ValueError) as error:
            raise SystemException(f"{self.url} cannot be asked for a token: {error}", code="mail_unreachable") from None
        return told


def _reason(body: bytes) -> str:
    """The provider's error code, such as invalid_grant; never its description, which may repeat what was sent."""
    try:
        return str(json.loads(body)["error"])[:80]
    except (ValueError, KeyError, TypeError):
        return "no reason given"

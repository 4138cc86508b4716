"""Vendure's GraphQL interfaces: the tests seed orders through the shop's, and ask the administration's what truly happened."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any
from urllib.request import Request, urlopen

ADMIN, SHOP = "admin-api", "shop-api"
TIMEOUT_S = 60


class Interface:
    """One session at one interface of the server at `url`."""

    def __init__(self, url: str, path: str) -> None:
        self.address = f"{url}/{path}"
        self._token = ""

    def ask(self, query: str, **variables: Any) -> Any:
        """The answer's data; raises RuntimeError with the server's own words."""
        headers = {"Content-Type": "application/json", **({"Authorization": f"Bearer {self._token}"} if self._token else {})}
        request = Request(self.address, json.dumps({"query": query, "variables": variables}).encode(), headers)
        with urlopen(request, timeout=TIMEOUT_S) as answer:
            self._token = answer.headers.get("vendure-auth-token") or self._token
            body = json.load(answer)
        if body.get("errors"):
            raise RuntimeError(f"{self.address}: {body['errors']}")
        for name, result in body["data"].items():
            if isinstance(result, dict) and "errorCode" in result:
                raise RuntimeError(f"{self.address}: {name} answered {result}")
        return body["data"]


@dataclass(frozen=True)
class TrueRefund:
    """A refund as the database has it; `minor` in hundredths."""

    refund_id: str
    minor: int
    state: str
    reason: str
    transaction_id: str


class Books:
    """What the server's books say, asked past its screens."""

    def __init__(self, url: str, account: str, password: str) -> None:
        self._admin = Interface(url, ADMIN)
        login = "mutation ($u: String!, $p: String!) { login(username: $u, password: $p) { __typename ... on ErrorResult { errorCode message } } }"
        self._admin.ask(login, u=account, p=password)

    def trade_in(self, currency: str) -> None:
        """Let the shop sell in this currency from now on."""
        shop = self._admin.ask("{ activeChannel { id } }")["activeChannel"]["id"]
        self._admin.ask(
            """mutation ($i: UpdateChannelInput!) { updateChannel(input: $i) { __typename ... on Channel { defaultCurrencyCode }
                 ... on LanguageNotAvailableError { errorCode message } } }""",
            i={"id": shop, "availableCurrencyCodes": [currency], "defaultCurrencyCode": currency},
        )

    def _order(self, code: str) -> dict[str, Any]:
        found = self._admin.ask(
            """query ($code: String!) { orders(options: {filter: {code: {eq: $code}}}) { items {
                 id state lines { id quantity productVariant { sku } }
                 payments { id amount transactionId refunds { id total state reason transactionId } } } } }""",
            code=code,
        )
        order: dict[str, Any]
        (order,) = found["orders"]["items"]
        return order

    def refunds(self, code: str) -> list[TrueRefund]:
        """All refunds of an order, oldest first."""
        rows = [refund for payment in self._order(code)["payments"] for refund in payment["refunds"]]
        return [
            TrueRefund(row["id"], row["total"], row["state"], row["reason"] or "", row["transactionId"] or "")
            for row in sorted(rows, key=lambda r: int(r["id"]))
        ]

    def number(self, code: str) -> str:
        """The id that the addresses of the order's pages have."""
        return str(self._order(code)["id"])

    def state(self, code: str) -> str:
        """The order's state, such as PaymentSettled or Cancelled."""
        return str(self._order(code)["state"])

    def quantities(self, code: str) -> dict[str, int]:
        """SKU -> units that are not cancelled."""
        return {line["productVariant"]["sku"]: line["quantity"] for line in self._order(code)["lines"]}

    def settle(self, refund_id: str, transaction: str) -> None:
        """Say that a pending refund was paid."""
        self._admin.ask(
            "mutation ($i: SettleRefundInput!) { settleRefund(input: $i) { __typename ... on ErrorResult { errorCode message } } }",
            i={"id": refund_id, "transactionId": transaction},
        )

    def refund(self, code: str, minor: int, reason: str) -> str:
        """A refund that somebody else makes; gives its number."""
        payment = self._order(code)["payments"][0]["id"]
        made = self._admin.ask(
            """mutation ($i: RefundOrderInput!) { refundOrder(input: $i) { __typename ... on Refund { id } ... on ErrorResult { errorCode message } } }""",
            i={"lines": [], "shipping": 0, "adjustment": 0, "paymentId": payment, "reason": reason, "amount": minor},
        )
        return str(made["refundOrder"]["id"])

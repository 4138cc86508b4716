"""The orders that every test starts from, placed and paid through the shop's own interface as a buyer does it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tests.products.vendure.api import ADMIN, SHOP, Interface

ORDERS = Path(__file__).parent / "program" / "orders.json"
ERROR = "__typename ... on ErrorResult { errorCode message }"


def place_orders(url: str, orders: Path = ORDERS) -> None:
    """Place and pay each order of the file that the server was started with; they come out with the numbers written there."""
    variants = {
        variant["sku"]: variant["id"]
        for product in Interface(url, SHOP).ask("{ products { items { variants { id sku } } } }")["products"]["items"]
        for variant in product["variants"]
    }
    for order in json.loads(orders.read_text(encoding="utf-8")):
        _place(Interface(url, SHOP), order, variants)


def leave_unplaced(url: str, account: str, password: str) -> None:
    """A cart that its buyer has left, and a draft that staff has begun: the list of orders shows both."""
    variants = Interface(url, SHOP).ask("{ products { items { variants { id } } } }")["products"]["items"][0]["variants"]
    cart = f"mutation ($v: ID!) {{ addItemToOrder(productVariantId: $v, quantity: 1) {{ {ERROR} }} }}"
    Interface(url, SHOP).ask(cart, v=variants[0]["id"])
    staff = Interface(url, ADMIN)
    staff.ask(f"mutation ($u: String!, $p: String!) {{ login(username: $u, password: $p) {{ {ERROR} }} }}", u=account, p=password)
    staff.ask("mutation { createDraftOrder { id } }")


def _place(shop: Interface, order: dict[str, Any], variants: dict[str, str]) -> None:
    for sku, quantity in order["lines"].items():
        shop.ask(f"mutation ($v: ID!, $n: Int!) {{ addItemToOrder(productVariantId: $v, quantity: $n) {{ {ERROR} }} }}", v=variants[sku], n=quantity)
    first, _, last = order["buyer"].partition(" ")
    buyer = {"firstName": first, "lastName": last, "emailAddress": f"{order['code'].lower()}@example.org"}
    shop.ask(f"mutation ($i: CreateCustomerInput!) {{ setCustomerForOrder(input: $i) {{ {ERROR} }} }}", i=buyer)
    address = {"fullName": order["buyer"], "streetLine1": "Hauptstrasse 12", "city": "Leipzig", "postalCode": "04109", "countryCode": "DE"}
    shop.ask(f"mutation ($i: CreateAddressInput!) {{ setOrderShippingAddress(input: $i) {{ {ERROR} }} }}", i=address)
    method = shop.ask("{ eligibleShippingMethods { id } }")["eligibleShippingMethods"][0]["id"]
    shop.ask(f"mutation ($m: [ID!]!) {{ setOrderShippingMethod(shippingMethodId: $m) {{ {ERROR} }} }}", m=[method])
    shop.ask(
        'mutation { transitionOrderToState(state: "ArrangingPayment") { __typename ... on OrderStateTransitionError { errorCode message transitionError } } }'
    )
    payment = {"method": "card", "metadata": {"temper": order.get("temper", "")}}
    paid = shop.ask(f"mutation ($i: PaymentInput!) {{ addPaymentToOrder(input: $i) {{ ... on Order {{ code state }} {ERROR} }} }}", i=payment)[
        "addPaymentToOrder"
    ]
    if (paid["code"], paid["state"]) != (order["code"], "PaymentSettled"):
        raise RuntimeError(f"order {order['code']} came out as {paid}")

"""The files that marketplaces and the helpdesk drop: their own column names, reason codes and date styles."""

from __future__ import annotations

import csv
import random
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from pathlib import Path

from .stories import Story

# Column names: Amazon SP-API report GET_FLAT_FILE_RETURNS_DATA_BY_RETURN_DATE
AMAZON_MFN = (
    "Order ID",
    "Order date",
    "Return request date",
    "Return request status",
    "Amazon RMA ID",
    "Merchant RMA ID",
    "Label type",
    "Label cost",
    "Currency code",
    "Return carrier",
    "Tracking ID",
    "Label to be paid by",
    "A-to-Z Claim",
    "Is prime",
    "ASIN",
    "Merchant SKU",
    "Item Name",
    "Return quantity",
    "Return Reason",
    "In policy",
    "Return type",
    "Resolution",
    "Invoice number",
    "Return delivery date",
    "Order Amount",
    "Order quantity",
    "SafeT Action reason",
    "SafeT claim id",
    "SafeT claim state",
    "SafeT claim creation time",
    "SafeT claim reimbursement amount",
    "Refunded Amount",
)
# Amazon SP-API report GET_FBA_FULFILLMENT_CUSTOMER_RETURNS_DATA
AMAZON_FBA = (
    "return-date",
    "order-id",
    "sku",
    "asin",
    "fnsku",
    "product-name",
    "quantity",
    "fulfillment-center-id",
    "detailed-disposition",
    "reason",
    "status",
    "license-plate-number",
    "customer-comments",
)
# Shopify: fields of Return and ReturnLineItem beside those of the order export
SHOPIFY = (
    "Return name",
    "Return ID",
    "Order name",
    "Email",
    "Customer name",
    "Customer locale",
    "Created at",
    "Return status",
    "Line item ID",
    "Lineitem sku",
    "Lineitem name",
    "Return quantity",
    "Return reason",
    "Return reason note",
    "Currency",
    "Refunded amount",
)
# eBay: fields of the Post-Order return search
EBAY = (
    "Return ID",
    "Order number",
    "Item ID",
    "Transaction ID",
    "Item title",
    "Custom label (SKU)",
    "Quantity",
    "Buyer username",
    "Buyer name",
    "Return reason",
    "Reason type",
    "Buyer comments",
    "Return status",
    "Return requested",
    "Respond by",
    "Currency",
    "Refund amount",
)
# Zendesk ticket export with custom fields
HELPDESK = (
    "Summation column",
    "Id",
    "Requester",
    "Requester id",
    "Requester external id",
    "Requester email",
    "Requester domain",
    "Submitter",
    "Assignee",
    "Group",
    "Subject",
    "Tags",
    "Status",
    "Priority",
    "Via",
    "Ticket type",
    "Created at",
    "Updated at",
    "Assigned at",
    "Organization",
    "Due date",
    "Language [list]",
    "Order number [txt]",
    "SKU [txt]",
    "Quantity [int]",
    "Return reason [list]",
    "Customer message [txt]",
)

REASONS = {  # text key: Amazon, Shopify, eBay
    "changed_mind": ("CR-UNWANTED_ITEM", "UNWANTED", "NO_LONGER_NEED_ITEM"),
    "defective": ("CR-DEFECTIVE", "DEFECTIVE", "DEFECTIVE_ITEM"),
    "size_small": ("AMZ-PG-APP-TOO-SMALL", "SIZE_TOO_SMALL", "WRONG_SIZE"),
    "not_as_described": ("CR-NOT_AS_DESCRIBED", "NOT_AS_DESCRIBED", "NOT_AS_DESCRIBED"),
}

HELPDESK_REASONS = {"changed_mind": "return_reason_changed_mind", "defective": "return_reason_defective"}


def drop(folder: Path, stories: Sequence[Story], now: datetime, seed: int) -> None:
    """Write the files that have at least one row into `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    for old in (*folder.glob("*.csv"), *folder.glob("*.tsv")):
        old.unlink()
    made = {
        "amazon_mfn_returns.tsv": (AMAZON_MFN, "\t", [_amazon_mfn(s, now, seed) for s in stories if _in_file(s, "amazon_mfn")]),
        "amazon_fba_returns.tsv": (AMAZON_FBA, "\t", [_amazon_fba(s, now, seed) for s in stories if _in_file(s, "amazon_fba")]),
        "shopify_returns.csv": (SHOPIFY, ",", [_shopify(s, now, seed) for s in stories if _in_file(s, "shopify")]),
        "ebay_returns.csv": (EBAY, ",", [_ebay(s, now, seed) for s in stories if _in_file(s, "ebay")]),
        "helpdesk_tickets.csv": (HELPDESK, ",", [_helpdesk(s, now, seed) for s in stories if "ticket" in s.plan]),
    }
    for name, (columns, delimiter, rows) in made.items():
        if rows:
            _write(folder / name, columns, delimiter, rows)


def _in_file(story: Story, channel: str) -> bool:
    """Whether the request stands in that channel's file: marketplace stories, and those told by mail and file both."""
    return story.order is not None and story.order.channel == channel and story.kind.channel not in ("mail", "helpdesk")


def _write(path: Path, columns: Sequence[str], delimiter: str, rows: Iterable[dict[str, str]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as handle:
        writer = csv.DictWriter(handle, columns, delimiter=delimiter, restval="")
        writer.writeheader()
        writer.writerows(rows)


def _asked(story: Story, now: datetime, seed: int) -> tuple[random.Random, datetime]:
    rng = random.Random(f"{seed}:{story.story}:export")
    return rng, now - timedelta(minutes=rng.randrange(60, 1400))


def _amazon_mfn(story: Story, now: datetime, seed: int) -> dict[str, str]:
    order = story.order
    assert order and order.delivered
    rng, asked = _asked(story, now, seed)
    line, units = order.lines[0], story.back[1]
    return {
        "Order ID": order.order_no,
        "Order date": f"{order.delivered - timedelta(days=7):%d-%b-%Y}",
        "Return request date": f"{asked:%d-%b-%Y}",
        "Return request status": "Approved",
        "Amazon RMA ID": f"D{rng.choice('abcdefghk')}{rng.randrange(10**6):06d}RRMA",
        "Label type": "AmazonUnPaidLabel",
        "Label cost": "0.00",
        "Currency code": order.currency,
        "Label to be paid by": "Seller" if story.kind.fault else "Customer",
        "A-to-Z Claim": "N",
        "Is prime": "N",
        "ASIN": f"B0{rng.randrange(36**3):05d}{rng.randrange(1000):03d}",
        "Merchant SKU": line.product.sku,
        "Item Name": line.product.official,
        "Return quantity": str(units),
        "Return Reason": REASONS[story.kind.text][0],
        "In policy": "Y",
        "Return type": "C-Returns",
        "Resolution": "StandardRefund",
        "Order Amount": _plain_amount(order.total(), order.currency),
        "Order quantity": str(sum(ln.qty for ln in order.lines)),
    }


def _amazon_fba(story: Story, now: datetime, seed: int) -> dict[str, str]:
    order = story.order
    assert order
    rng, asked = _asked(story, now, seed)
    line = order.lines[0]
    return {
        "return-date": asked.isoformat(),
        "order-id": order.order_no,
        "sku": line.product.sku,
        "asin": f"B0{rng.randrange(36**3):05d}{rng.randrange(1000):03d}",
        "fnsku": f"X00{rng.randrange(10**7):07d}",
        "product-name": line.product.official,
        "quantity": str(story.back[1]),
        "fulfillment-center-id": rng.choice(["LEJ1", "DTM2", "POZ1"]),
        "detailed-disposition": "SELLABLE",
        "reason": "UNWANTED_ITEM",
        "status": "Unit returned to inventory",
        "license-plate-number": f"LPN{rng.choice(['RR', 'HE'])}{rng.randrange(10**9):09d}",
    }


def _shopify(story: Story, now: datetime, seed: int) -> dict[str, str]:
    order = story.order
    assert order
    rng, asked = _asked(story, now, seed)
    line = order.lines[0]
    return {
        "Return name": f"{order.order_no}-R1",
        "Return ID": f"gid://shopify/Return/{rng.randrange(10**8, 10**9)}",
        "Order name": order.order_no,
        "Email": order.person.email,
        "Customer name": order.person.name,
        "Customer locale": story.lang,
        "Created at": f"{asked:%Y-%m-%d %H:%M:%S} +0000",
        "Return status": "REQUESTED",
        "Line item ID": str(rng.randrange(10**10, 10**11)),
        "Lineitem sku": line.product.sku,
        "Lineitem name": line.product.official,
        "Return quantity": str(story.back[1]),
        "Return reason": REASONS[story.kind.text][1],
        "Currency": order.currency,
    }


def _ebay(story: Story, now: datetime, seed: int) -> dict[str, str]:
    order = story.order
    assert order
    rng, asked = _asked(story, now, seed)
    line = order.lines[0]
    return {
        "Return ID": f"5{rng.randrange(10**9):09d}",
        "Order number": order.order_no,
        "Item ID": f"3{rng.randrange(10**11):011d}",
        "Transaction ID": f"2{rng.randrange(10**11):011d}",
        "Item title": line.product.official,
        "Custom label (SKU)": line.product.sku,
        "Quantity": str(story.back[1]),
        "Buyer username": order.person.email.partition("@")[0].replace(".", "_"),
        "Buyer name": order.person.name,
        "Return reason": REASONS[story.kind.text][2],
        "Reason type": "SNAD" if story.kind.fault else "REMORSE",
        "Return status": "RETURN_REQUESTED",
        "Return requested": f"{asked:%d-%b-%y}",
        "Respond by": f"{asked + timedelta(days=3):%d-%b-%y}",
        "Currency": order.currency,
    }


def _helpdesk(story: Story, now: datetime, seed: int) -> dict[str, str]:
    order = story.order
    assert order
    rng, asked = _asked(story, now, seed)
    person, number = order.person, rng.randrange(10000, 99999)
    return {
        "Summation column": "1",
        "Id": str(number),
        "Requester": person.name,
        "Requester id": str(900000 + number),
        "Requester email": person.email,
        "Requester domain": person.email.partition("@")[2],
        "Submitter": person.name,
        "Group": "Returns",
        "Subject": story.plan["ticket"]["subject"],
        "Tags": "return web_form",
        "Status": "Open",
        "Priority": "Normal",
        "Via": "Web form",
        "Ticket type": "Incident",
        "Created at": f"{asked:%Y-%m-%d %H:%M}",
        "Updated at": f"{asked:%Y-%m-%d %H:%M}",
        "Language [list]": story.lang,
        "Order number [txt]": order.order_no,
        "SKU [txt]": order.lines[0].product.sku,
        "Quantity [int]": str(story.back[1]),
        "Return reason [list]": HELPDESK_REASONS[story.kind.text],
        "Customer message [txt]": story.plan["ticket"]["body"],
    }


def _plain_amount(minor: int, currency: str) -> str:
    return str(minor) if currency == "JPY" else f"{minor // 100}.{minor % 100:02d}"

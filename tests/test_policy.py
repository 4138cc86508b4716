"""The policy as a table of decisions: what is asked, what is decided, and by which rule."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bots.cases.model import CreditNote, Order, OrderLine, ReturnRequest, SalesReturn
from bots.cases.money import Money
from bots.cases.settings import load_yaml
from bots.decisions import policy
from bots.decisions.policy import DEFECT, SELLER_FAULT, PolicyRules, Review, deadline, end_of_window, months_after, needs_approval, review, sku_of_size

AS_IT_COMES = load_yaml(Path(__file__).resolve().parents[1] / "config" / "policy.yaml", PolicyRules)
RULES = AS_IT_COMES.model_copy(update={"photo_for": ("EXPIRED_GOODS",)})
DELIVERED = datetime(2026, 9, 1, 14, 0, tzinfo=UTC)  # a Tuesday
TEE = OrderLine(
    line_no=1, sku="TEE-RED-M", gtin="4006381333931", name="Lina Tee / Lina T-Shirt", family="TEE-RED", size="M", qty=2, unit_gross=1999, tax_bp=1900
)
MUG = OrderLine(line_no=2, sku="MUG-BLUE", gtin="5901234123457", name="Enamel Mug", qty=1, unit_gross=1290, tax_bp=1900)
MASK = OrderLine(
    line_no=3, sku="MASK-10", gtin="7622210449283", name="Face Masks", qty=1, unit_gross=2490, tax_bp=1900, non_returnable="sealed for hygiene, opened"
)


def an_order(*lines: OrderLine, **changes: Any) -> Order:
    facts: dict[str, Any] = {"order_no": "DE-2026-100001", "buyer_email": "Ann@Example.org", "country": "DE", "currency": "EUR"}
    facts |= {"delivered_at": DELIVERED, "shipping_standard": 499, "shipping_express": 900, "lines": lines or (TEE, MUG)}
    return Order(**(facts | changes))


def asked(days: int = 5, **changes: Any) -> ReturnRequest:
    """A request so many days after the delivery."""
    facts: dict[str, Any] = {"channel": "mail", "order_no": "DE-2026-100001", "intent": "return_request", "sender": "ann@example.org"}
    return ReturnRequest(**(facts | {"requested_at": DELIVERED + timedelta(days=days), "reason_code": "CHANGED_MIND"} | changes))


def back(rma: str, *lines: tuple[str, int], state: str = "open") -> SalesReturn:
    return SalesReturn(return_no=f"R-{rma}", order_no="DE-2026-100001", rma=rma, state=state, lines=lines)


CREDIT = CreditNote(number="GS-1", order_no="DE-2026-100001", rma="RMA-OLD", gross=Money(minor=3998, currency="EUR"))
FAULT: dict[str, Any] = {"reason_code": "DEFECTIVE", "skus": ("TEE-RED-M",)}
CHEAP = TEE.model_copy(update={"qty": 1, "unit_gross": 1500})
ALL = (("TEE-RED-M", 2), ("MUG-BLUE", 1))

# name: (request, order, what is expected of the review). `code` is the exception code, `lines` what is authorised.
TABLE: dict[str, tuple[ReturnRequest, Order | None, dict[str, Any]]] = {
    "P01 withdrawal": (asked(), an_order(), {"value": "approve", "rules": ("P01",), "basis": "withdrawal", "lines": ALL, "shipping": 499, "label_fee": 0}),
    "P01 last day": (asked(14), an_order(), {"value": "approve", "rules": ("P01",)}),
    "P01 in Britain": (asked(14), an_order(country="GB", currency="GBP"), {"value": "approve", "rules": ("P01",), "basis": "withdrawal"}),
    "P01 part of the order gives no shipping": (
        asked(skus=("MUG-BLUE",)),
        an_order(),
        {"value": "approve", "rules": ("P01",), "lines": (("MUG-BLUE", 1),), "shipping": 0},
    ),
    "P01 one unit of two": (asked(skus=("TEE-RED-M",), quantity=1), an_order(), {"value": "approve", "lines": (("TEE-RED-M", 1),), "shipping": 0}),
    "P01 named by GTIN in the text": (asked(text="Die 5901234123457 bitte zurück"), an_order(), {"lines": (("MUG-BLUE", 1),)}),
    "P01 named by its name": (asked(text="the enamel mug goes back"), an_order(), {"lines": (("MUG-BLUE", 1),)}),
    "P01 named by its name in another language": (asked(text="das Lina T-Shirt passt nicht"), an_order(), {"lines": (("TEE-RED-M", 2),)}),
    "P01 a longer number is not it": (asked(text="MUG-BLUE-2"), an_order(), {"lines": ALL}),
    "P01 an old defect within withdrawal": (asked(5, reason_code="ARRIVED_LATE", skus=("MUG-BLUE",)), an_order(), {"rules": ("P03", "P07")}),
    "P02 shop policy": (
        asked(30),
        an_order(country="US", currency="USD"),
        {"value": "approve", "rules": ("P02",), "basis": "shop_policy", "shipping": 0, "label_fee": 750},
    ),
    "P02 where nothing is charged for the label": (asked(30), an_order(country="JP", currency="JPY"), {"basis": "shop_policy", "label_fee": 0}),
    "P02 a country in no group": (asked(30), an_order(country="BR", currency="USD"), {"rules": ("P02",)}),
    "P03 fault": (
        asked(30, **FAULT),
        an_order(),
        {"value": "approve", "rules": ("P03",), "basis": "seller_fault", "lines": (("TEE-RED-M", 2),), "shipping": 0},
    ),
    "P03 fault of the whole order": (asked(30, reason_code="DAMAGED_IN_TRANSIT"), an_order(TEE), {"rules": ("P03",), "shipping": 499, "label_fee": 0}),
    "P03 a fault in the US pays no label": (asked(3, **FAULT), an_order(country="US", currency="USD"), {"rules": ("P03",), "label_fee": 0}),
    "P03 even if excepted from withdrawal": (asked(3, reason_code="DEFECTIVE"), an_order(MASK), {"value": "approve", "rules": ("P03",)}),
    "P04 guarantee": (asked(31, **FAULT), an_order(), {"value": "approve", "rules": ("P04",), "basis": "guarantee", "shipping": 0}),
    "P04 last day of two years": (asked((date(2028, 9, 1) - DELIVERED.date()).days, **FAULT), an_order(), {"rules": ("P04",)}),
    "P04 a guarantee is for defects": (asked(31, reason_code="WRONG_ITEM", skus=("TEE-RED-M",)), an_order(), {"value": "reject", "rules": ("P05",)}),
    "P05 too late": (asked(15), an_order(), {"value": "reject", "rules": ("P05",), "lines": (), "code": "", "basis": ""}),
    "P05 too late for the shop": (asked(31), an_order(country="CH", currency="CHF"), {"value": "reject", "rules": ("P05",)}),
    "P05 too late for the guarantee": (asked((date(2028, 9, 2) - DELIVERED.date()).days, **FAULT), an_order(), {"value": "reject", "rules": ("P05",)}),
    "P05 one year in the US": (asked(366, **FAULT), an_order(country="US", currency="USD"), {"value": "reject", "rules": ("P05",)}),
    "P06 excepted": (asked(), an_order(MASK), {"value": "reject", "rules": ("P06",), "basis": "withdrawal", "lines": ()}),
    "P06 two fates in one order": (
        asked(),
        an_order(TEE, MASK),
        {"value": "approve", "rules": ("P01", "P06"), "lines": (("TEE-RED-M", 2),), "shipping": 0},
    ),
    "P07 worth less than its way back": (
        asked(3, **FAULT),
        an_order(CHEAP, shipping_standard=499),
        {"value": "keep_item", "rules": ("P03", "P07"), "shipping": 499},
    ),
    "P07 one cent above": (asked(3, **FAULT), an_order(CHEAP.model_copy(update={"unit_gross": 1501})), {"value": "approve", "rules": ("P03",)}),
    "P07 discounts count": (asked(3, **FAULT), an_order(CHEAP.model_copy(update={"unit_gross": 1999}), discount=499), {"value": "keep_item"}),
    "P07 only where we are at fault": (asked(), an_order(CHEAP), {"value": "approve", "rules": ("P01",)}),
    "P07 a guarantee counts as fault": (asked(40, **FAULT), an_order(CHEAP), {"value": "keep_item", "rules": ("P04", "P07")}),
    "P07 a currency without a limit": (asked(3, **FAULT), an_order(CHEAP.model_copy(update={"unit_gross": 1}), currency="SEK"), {"value": "approve"}),
    "P08 more than was bought": (asked(skus=("TEE-RED-M",), quantity=3), an_order(), {"value": "escalate", "rules": ("P08",), "code": "over_quantity"}),
    "P08 more than is left": (
        asked(skus=("TEE-RED-M",), quantity=2),
        an_order(returns=(back("RMA-OLD", ("TEE-RED-M", 1)),)),
        {"value": "escalate", "rules": ("P08",), "code": "over_quantity"},
    ),
    "P08 a cancelled return takes nothing": (
        asked(skus=("TEE-RED-M",), quantity=2),
        an_order(returns=(back("RMA-OLD", ("TEE-RED-M", 1), state="cancelled"),)),
        {"value": "approve", "rules": ("P01",)},
    ),
    "P08 the case's own return takes nothing": (asked(), an_order(returns=(back("RMA-OWN", ("TEE-RED-M", 2)),)), {"value": "approve"}),
    "P08 the rest of a line": (
        asked(skus=("TEE-RED-M",), quantity=1),
        an_order(returns=(back("RMA-OLD", ("TEE-RED-M", 1)),)),
        {"value": "approve", "lines": (("TEE-RED-M", 1),)},
    ),
    "P09 already credited": (
        asked(skus=("TEE-RED-M",)),
        an_order(returns=(back("RMA-OLD", ("TEE-RED-M", 2)),), credit_notes=(CREDIT,)),
        {"value": "escalate", "rules": ("P09",), "code": "already_refunded"},
    ),
    "P10 another sender": (asked(sender="eve@example.net"), an_order(), {"value": "escalate", "rules": ("P10",), "code": "not_the_buyer"}),
    "P10 spelling aside": (asked(sender="  ANN@example.ORG "), an_order(), {"value": "approve"}),
    "P10 a marketplace vouches": (asked(sender=""), an_order(), {"value": "approve"}),
    "P10 before anything else is told": (asked(99, sender="eve@example.net", new_ibans=("DE1",)), an_order(), {"rules": ("P10",)}),
    "P11 unknown order": (asked(), None, {"value": "escalate", "rules": ("P11",), "code": "unknown_order"}),
    "P12 exchange": (
        asked(skus=("TEE-RED-M",), outcome="exchange", wanted_size="xl"),
        an_order(),
        {"value": "approve", "rules": ("P01", "P12"), "remedy": "exchange", "exchange_sku": "TEE-RED-XL"},
    ),
    "P12 the same again where it was faulty": (
        asked(3, outcome="exchange", **FAULT),
        an_order(),
        {"value": "approve", "rules": ("P03", "P12"), "remedy": "exchange", "exchange_sku": "TEE-RED-M"},
    ),
    "P13 spare part": (
        asked(3, reason_code="MISSING_PARTS", skus=("TEE-RED-M",)),
        an_order(),
        {"value": "spare_part", "rules": ("P03", "P13"), "remedy": "spare_part"},
    ),
    "P13 the customer may have the money instead": (
        asked(3, reason_code="MISSING_PARTS", skus=("TEE-RED-M",), outcome="refund"),
        an_order(),
        {"value": "approve"},
    ),
    "P14 not delivered": (asked(), an_order(delivered_at=None), {"value": "escalate", "rules": ("P14",), "code": "delivery_in_doubt"}),
    "P14 never came": (asked(reason_code="NOT_RECEIVED"), an_order(), {"value": "escalate", "rules": ("P14",), "code": "delivery_in_doubt"}),
    "P15 which article": (asked(3, reason_code="DEFECTIVE"), an_order(), {"value": "escalate", "rules": ("P15",), "code": "article_unclear"}),
    "P15 a withdrawal is for all": (asked(3, reason_code="DEFECTIVE", withdrawal_declared=True), an_order(), {"value": "approve", "lines": ALL}),
    "P15 exchange of several": (asked(outcome="exchange", wanted_size="L"), an_order(), {"rules": ("P15",), "code": "article_unclear"}),
    "P16 unclear mail": (asked(doubt="sarcasm"), an_order(), {"value": "escalate", "rules": ("P16",), "code": "unclear_mail"}),
    "P16 a remedy for people": (asked(outcome="repair"), an_order(), {"value": "escalate", "rules": ("P16",), "code": "special_remedy"}),
    "P17 new bank details": (asked(new_ibans=("DE89370400440532013000",)), an_order(), {"rules": ("P17",), "code": "new_bank_details"}),
    "P18 books only": (
        asked(400, fulfilled_by="amazon", skus=("TEE-RED-M",), quantity=5, sender=""),
        an_order(),
        {"value": "books_only", "rules": ("P18",), "basis": "marketplace", "lines": (("TEE-RED-M", 2),)},
    ),
    "P19 size not sold": (
        asked(skus=("TEE-RED-M",), outcome="exchange", wanted_size="m"),
        an_order(),
        {"value": "escalate", "rules": ("P19",), "code": "size_unknown"},
    ),
    "P21 no photo": (asked(reason_code="EXPIRED_GOODS", skus=("MUG-BLUE",)), an_order(), {"value": "escalate", "rules": ("P21",), "code": "photo_missing"}),
    "P21 with a photo": (asked(reason_code="EXPIRED_GOODS", skus=("MUG-BLUE",), attachments=1), an_order(), {"value": "keep_item"}),
    "P19 no size": (asked(skus=("MUG-BLUE",), outcome="exchange", wanted_size="L"), an_order(), {"rules": ("P19",), "code": "size_unknown"}),
}


@pytest.mark.parametrize("name", TABLE)
def test_the_table_of_decisions(name: str) -> None:
    request, order, expected = TABLE[name]
    decided = review(request, order, RULES, own_rma="RMA-OWN")
    shown = {
        "value": decided.value,
        "rules": decided.rules,
        "basis": decided.basis,
        "lines": decided.authorised,
        "code": decided.code,
        "remedy": decided.remedy,
    }
    shown |= {"shipping": decided.shipping, "label_fee": decided.label_fee, "exchange_sku": decided.exchange_sku}
    assert {key: shown[key] for key in expected} == expected
    assert decided.reasons and all(decided.reasons), "every decision says why"
    assert (decided.value == "escalate") == bool(decided.code), "a person gets a question, and only then"


def test_every_rule_and_every_ground_stands_in_the_table() -> None:
    documented = set(re.findall(r"^ +(P\d\d) ", policy.__doc__ or "", re.MULTILINE))
    decided = [review(request, order, RULES, own_rma="RMA-OWN") for request, order, _ in TABLE.values()]
    assert {rule for one in decided for rule in one.rules} | {line.rule for one in decided for line in one.lines} == documented
    assert {one.basis for one in decided} == {"", "withdrawal", "shop_policy", "seller_fault", "guarantee", "marketplace"}
    assert {one.value for one in decided} == {"approve", "keep_item", "spare_part", "reject", "escalate", "books_only"}


def test_of_two_fates_each_line_says_its_own() -> None:
    decided = review(asked(), an_order(TEE, MASK), RULES)
    assert [(line.sku, line.allowed, line.rule) for line in decided.lines] == [("TEE-RED-M", True, "P01"), ("MASK-10", False, "P06")]
    assert "sealed for hygiene" in decided.lines[1].why


# -- windows -------------------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("delivered", "country", "last"),
    [
        ("2026-09-01", "DE", "2026-09-15"),
        ("2026-09-05", "DE", "2026-09-21"),  # the 19th is a Saturday
        ("2026-09-06", "DE", "2026-09-21"),  # the 20th is a Sunday
        ("2026-03-20", "DE", "2026-04-07"),  # Good Friday, weekend, Easter Monday
        ("2026-12-11", "DE", "2026-12-28"),  # two days of Christmas, then a weekend
        ("2026-12-11", "FR", "2026-12-28"),  # one day of Christmas, then a weekend
        ("2026-12-18", "GB", "2027-01-04"),  # New Year, then a weekend
        ("2026-09-05", "XX", "2026-09-21"),  # a country whose holidays are not known still has weekends
    ],
)
def test_a_period_that_ends_on_a_day_off_ends_on_the_next_working_day(delivered: str, country: str, last: str) -> None:
    assert end_of_window(date.fromisoformat(delivered), 14, country) == date.fromisoformat(last)


@pytest.mark.parametrize(("days", "value"), [(14, "approve"), (16, "approve"), (17, "reject")])
def test_the_rolled_end_decides(days: int, value: str) -> None:
    saturday = datetime(2026, 9, 5, 14, tzinfo=UTC)
    decided = review(asked(requested_at=saturday + timedelta(days=days)), an_order(delivered_at=saturday), RULES)
    assert decided.value == value


@given(st.dates(date(2020, 1, 1), date(2040, 1, 1)), st.integers(0, 60), st.sampled_from(["DE", "GB", "US", "JP"]))
def test_a_window_never_ends_early(delivered: date, days: int, country: str) -> None:
    last = end_of_window(delivered, days, country)
    assert delivered + timedelta(days=days) <= last <= delivered + timedelta(days=days + 12) and last.weekday() < 5


@pytest.mark.parametrize(
    ("start", "months", "end"),
    [("2026-01-31", 1, "2026-02-28"), ("2027-12-31", 2, "2028-02-29"), ("2026-12-15", 24, "2028-12-15"), ("2026-11-30", 1, "2026-12-30")],
)
def test_months_after(start: str, months: int, end: str) -> None:
    assert months_after(date.fromisoformat(start), months) == date.fromisoformat(end)


def test_a_refund_is_due_within_fourteen_days() -> None:
    assert deadline(DELIVERED) == datetime(2026, 9, 15, 14, 0, tzinfo=UTC)


# -- limits --------------------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(("minor", "currency", "asks"), [(50000, "EUR", False), (50001, "EUR", True), (80000, "JPY", False), (1, "SEK", True)])
def test_above_the_limit_or_without_one_a_person_approves(minor: int, currency: str, asks: bool) -> None:
    assert needs_approval(Money(minor=minor, currency=currency), RULES) is asks


@pytest.mark.parametrize("size", ["", "M", "m", "XXXXXXL", "L; DROP", "../L", ".", "L/", "=1+1"])
def test_a_size_from_a_mail_never_becomes_anything_but_a_size(size: str) -> None:
    assert sku_of_size(TEE, size) is None


def test_faults_and_defects_are_known_words() -> None:
    assert DEFECT < SELLER_FAULT and "CHANGED_MIND" not in SELLER_FAULT


@given(st.text(max_size=200), st.integers(0, 800), st.sampled_from(sorted(SELLER_FAULT | {"CHANGED_MIND", "TOO_SMALL", ""})), st.integers(1, 9))
def test_whatever_a_mail_says_no_more_is_authorised_than_was_bought(text: str, days: int, reason: str, quantity: int) -> None:
    decided: Review = review(asked(days, text=text, reason_code=reason, quantity=quantity), an_order(TEE, MUG, MASK), RULES)
    bought = {line.sku: line.qty for line in (TEE, MUG, MASK)}
    assert all(qty <= bought[sku] for sku, qty in decided.authorised) and decided.shipping in (0, 499) and decided.label_fee == 0
    assert decided.rules

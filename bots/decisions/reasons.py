"""Why goods come back: one table of canonical codes, and how each channel words them.

Codes, default parties and channel words follow the returns enums of Shopify (ReturnReason), Amazon (return reason codes of the returns
reports) and eBay (ReturnReasonEnum); eBay's and Shopify's captions stand beside their enums because exports show either.
A word that stands for several codes (Shopify's UNWANTED) names the commonest. The party is who answers
before anybody has looked at the goods; evidence moves it later.
"""

from __future__ import annotations

import re

from pydantic import BaseModel, ConfigDict

from bots.decisions.understanding.labels import GROUP_CODE, Reason, Responsibility


class ReasonCode(BaseModel):
    """One canonical reason."""

    model_config = ConfigDict(frozen=True)

    code: str
    group: Reason
    party: Responsibility


def _row(code: str, group: Reason, party: Responsibility) -> ReasonCode:
    return ReasonCode(code=code, group=group, party=party)


# fmt: off
_TABLE = (
    #    code                     group                       default party
    _row("CHANGED_MIND",           Reason.CHANGED_MIND,            Responsibility.CUSTOMER),
    _row("NO_REASON",              Reason.UNSPECIFIED,             Responsibility.UNDETERMINED),
    _row("STATUTORY_WITHDRAWAL",   Reason.CHANGED_MIND,            Responsibility.CUSTOMER),
    _row("ORDERED_BY_MISTAKE",     Reason.ORDERED_BY_MISTAKE,      Responsibility.CUSTOMER),
    _row("BETTER_PRICE",           Reason.BETTER_PRICE,            Responsibility.CUSTOMER),
    _row("GIFT_UNWANTED",          Reason.CHANGED_MIND,            Responsibility.CUSTOMER),
    _row("UNAUTHORISED_PURCHASE",  Reason.ORDERED_BY_MISTAKE,      Responsibility.CUSTOMER),
    _row("SIZE_TOO_SMALL",         Reason.SIZE_OR_FIT,             Responsibility.CUSTOMER),
    _row("SIZE_TOO_LARGE",         Reason.SIZE_OR_FIT,             Responsibility.CUSTOMER),
    _row("FIT_OTHER",              Reason.SIZE_OR_FIT,             Responsibility.CUSTOMER),
    _row("STYLE_COLOR",            Reason.CHANGED_MIND,            Responsibility.CUSTOMER),
    _row("NOT_COMPATIBLE",         Reason.NOT_AS_DESCRIBED,        Responsibility.SELLER),
    _row("NOT_AS_DESCRIBED",       Reason.NOT_AS_DESCRIBED,        Responsibility.SELLER),
    _row("QUALITY_POOR",           Reason.QUALITY_UNSATISFACTORY,  Responsibility.SUPPLIER),
    _row("DEFECTIVE",              Reason.DEFECTIVE,               Responsibility.SUPPLIER),
    _row("MISSING_PARTS",          Reason.MISSING_PARTS,           Responsibility.WAREHOUSE),
    _row("MISSING_ITEM",           Reason.MISSING_PARTS,           Responsibility.WAREHOUSE),
    _row("WRONG_ITEM",             Reason.WRONG_ITEM,              Responsibility.WAREHOUSE),
    _row("EXTRA_ITEM",             Reason.WRONG_ITEM,              Responsibility.WAREHOUSE),
    _row("DAMAGED_IN_TRANSIT",     Reason.DAMAGED_IN_TRANSIT,      Responsibility.CARRIER),
    _row("DAMAGED_BY_WAREHOUSE",   Reason.DAMAGED_IN_TRANSIT,      Responsibility.WAREHOUSE),
    _row("ARRIVED_LATE",           Reason.ARRIVED_LATE,            Responsibility.CARRIER),
    _row("NOT_RECEIVED",           Reason.NOT_DELIVERED,           Responsibility.CARRIER),
    _row("UNDELIVERABLE",          Reason.NOT_DELIVERED,           Responsibility.CARRIER),
    _row("EXPIRED_GOODS",          Reason.QUALITY_UNSATISFACTORY,  Responsibility.WAREHOUSE),
    _row("COUNTERFEIT_CLAIM",      Reason.COUNTERFEIT,             Responsibility.SUPPLIER),
    _row("SAFETY_RECALL",          Reason.SAFETY_CONCERN,          Responsibility.SUPPLIER),
    _row("INSTALL_DIFFICULT",      Reason.NOT_AS_DESCRIBED,        Responsibility.SELLER),
    _row("CUSTOMISED_REJECT",      Reason.CHANGED_MIND,            Responsibility.CUSTOMER),
    _row("OTHER",                  Reason.UNSPECIFIED,             Responsibility.UNDETERMINED),
)
# fmt: on

SHOPIFY_WORDS: dict[str, str] = {
    "CHANGED_MIND": "UNWANTED | Customer changed their mind",
    "NO_REASON": "UNKNOWN",
    "SIZE_TOO_SMALL": "SIZE_TOO_SMALL | Size was too small",
    "SIZE_TOO_LARGE": "SIZE_TOO_LARGE | Size was too large",
    "STYLE_COLOR": "STYLE | COLOR",
    "NOT_AS_DESCRIBED": "NOT_AS_DESCRIBED | Item not as described",
    "DEFECTIVE": "DEFECTIVE | Damaged or defective",
    "WRONG_ITEM": "WRONG_ITEM | Received the wrong item",
    "OTHER": "OTHER",
}
"""Enum | caption, by canonical code."""

AMAZON_WORDS: dict[str, str] = {
    "CHANGED_MIND": "UNWANTED_ITEM | NO_LONGER_NEEDED",
    "NO_REASON": "NO_REASON_GIVEN",
    "ORDERED_BY_MISTAKE": "ORDERED_WRONG_ITEM | MISORDERED | AMZ-PG-MISORDERED",
    "BETTER_PRICE": "FOUND_BETTER_PRICE",
    "UNAUTHORISED_PURCHASE": "UNAUTHORIZED_PURCHASE",
    "SIZE_TOO_SMALL": "APPAREL_TOO_SMALL | AMZ-PG-APP-TOO-SMALL",
    "SIZE_TOO_LARGE": "APPAREL_TOO_LARGE | AMZ-PG-APP-TOO-LARGE",
    "FIT_OTHER": "POOR_FIT",
    "STYLE_COLOR": "APPAREL_STYLE | DID_NOT_LIKE_FABRIC | DID_NOT_LIKE_COLOR",
    "NOT_COMPATIBLE": "NOT_COMPATIBLE | PART_NOT_COMPATIBLE",
    "NOT_AS_DESCRIBED": "NOT_AS_DESCRIBED | AMZ-PG-BAD-DESC",
    "QUALITY_POOR": "QUALITY_UNACCEPTABLE",
    "DEFECTIVE": "DEFECTIVE | AMZ-PG-BAD-ITEM",
    "MISSING_PARTS": "MISSING_PARTS",
    "MISSING_ITEM": "MISSING_ITEM",
    "WRONG_ITEM": "DIFFERENT_PRODUCT | SWITCHEROO",
    "EXTRA_ITEM": "EXTRA_ITEM",
    "DAMAGED_IN_TRANSIT": "DAMAGED_BY_CARRIER | AMZ-PG-DAMAGED",
    "DAMAGED_BY_WAREHOUSE": "DAMAGED_BY_FC",
    "ARRIVED_LATE": "MISSED_ESTIMATED_DELIVERY",
    "NOT_RECEIVED": "NEVER_ARRIVED",
    "UNDELIVERABLE": "UNDELIVERABLE_REFUSED | UNDELIVERABLE_UNKNOWN | UNDELIVERABLE_INSUFFICIENT_ADDRESS"
    " | UNDELIVERABLE_FAILED_DELIVERY_ATTEMPTS | UNDELIVERABLE_CARRIER_MISS_SORTED",
    "INSTALL_DIFFICULT": "EXCESSIVE_INSTALLATION",
    "OTHER": "OTHER",
}
"""Codes of the returns reports, without their `CR-`."""

EBAY_WORDS: dict[str, str] = {
    "CHANGED_MIND": "NO_LONGER_NEED_ITEM | Changed mind | Just didn't like it | IN_STORE_RETURN",
    "NO_REASON": "NO_REASON",
    "STATUTORY_WITHDRAWAL": "WITHDRAW_FROM_PURCHASE_CONTRACT",
    "ORDERED_BY_MISTAKE": "ORDERED_ACCIDENTALLY | ORDERED_WRONG_ITEM | Ordered by mistake",
    "BETTER_PRICE": "FOUND_BETTER_PRICE | Found a better price",
    "GIFT_UNWANTED": "RETURNING_GIFT",
    "FIT_OTHER": "DOES_NOT_FIT | Doesn't fit | WRONG_SIZE",
    "NOT_AS_DESCRIBED": "NOT_AS_DESCRIBED | DIFFERENT_FROM_LISTING | Doesn't match description or photos",
    "DEFECTIVE": "DEFECTIVE_ITEM | Doesn't work or defective",
    "MISSING_PARTS": "MISSING_PARTS | Missing parts or accessories",
    "WRONG_ITEM": "ORDERED_DIFFERENT_ITEM | Wrong item sent",
    "DAMAGED_IN_TRANSIT": "ARRIVED_DAMAGED | Arrived damaged",
    "ARRIVED_LATE": "ARRIVED_LATE",
    "EXPIRED_GOODS": "EXPIRED_ITEM",
    "COUNTERFEIT_CLAIM": "FAKE_OR_COUNTERFEIT | Doesn't seem authentic",
    "CUSTOMISED_REJECT": "CUSTOMIZED",
    "OTHER": "OTHER | OUT_OF_STOCK",
}
"""Enum | caption."""

REASON_CODES: dict[str, ReasonCode] = {row.code: row for row in _TABLE}
"""Every canonical code, in the order of the table."""

DESK_WORDS: dict[str, str] = {
    "too_small": "SIZE_TOO_SMALL",
    "too_large": "SIZE_TOO_LARGE",
    "too_big": "SIZE_TOO_LARGE",
    "wrong_size": "FIT_OTHER",
    "does_not_fit": "FIT_OTHER",
    "withdrawal": "STATUTORY_WITHDRAWAL",
    "unwanted": "CHANGED_MIND",
    "no_longer_needed": "CHANGED_MIND",
    "broken": "DEFECTIVE",
    "faulty": "DEFECTIVE",
    "damaged": "DAMAGED_IN_TRANSIT",
    "late": "ARRIVED_LATE",
    "fake": "COUNTERFEIT_CLAIM",
    "quality": "QUALITY_POOR",
}
"""What help-desk agents call a reason in their drop-down field, beside the names of codes and groups."""

# Amazon prefixes its seller-fulfilled codes by product group (APP apparel, WJ watches and jewellery, ...): AMZ-PG-WJ-TOO-SMALL.
AMAZON_ENDINGS: dict[str, str] = {
    "TOO-SMALL": "SIZE_TOO_SMALL",
    "TOO-LARGE": "SIZE_TOO_LARGE",
    "STYLE": "STYLE_COLOR",
    "BAD-ITEM": "DEFECTIVE",
    "BAD-DESC": "NOT_AS_DESCRIBED",
    "DAMAGED": "DAMAGED_IN_TRANSIT",
    "MISORDERED": "ORDERED_BY_MISTAKE",
}


def _plain(raw: str) -> str:
    """Words of a channel without case and punctuation: `CR-Unwanted item` and `UNWANTED_ITEM` differ only in their prefix."""
    return re.sub(r"[^a-z0-9]+", "_", raw.strip().lower().replace("'", "").replace("\u2019", "")).strip("_")


def _by_word(words: dict[str, str]) -> dict[str, str]:
    return {_plain(word): code for code, text in words.items() for word in text.split("|")}


_BY_CHANNEL: dict[str, dict[str, str]] = {
    "shopify": _by_word(SHOPIFY_WORDS),
    "amazon": _by_word(AMAZON_WORDS),
    "ebay": _by_word(EBAY_WORDS),
    "helpdesk": {**DESK_WORDS, **{reason.value: code for reason, code in GROUP_CODE.items()}, **{_plain(code): code for code in REASON_CODES}},
}


def canonical(channel: str, raw: str) -> str:
    """The canonical code of a channel's reason.

    Args:
        channel: shopify, ebay, amazon (amazon_mfn and amazon_fba too) or helpdesk; raises KeyError for another.
        raw: as the channel wrote it: enum or caption, with or without Amazon's `CR-`. Empty is NO_REASON; an unknown word is OTHER,
            so the raw word must be kept beside the code.
    """
    words = _BY_CHANNEL["amazon" if channel.startswith("amazon") else channel]
    word = _plain(raw)
    if not word:
        return "NO_REASON"
    if channel.startswith("amazon"):
        word = word.removeprefix("cr_")
        if word not in words and word.startswith("amz_pg_"):
            endings = (code for ending, code in AMAZON_ENDINGS.items() if word.endswith("_" + _plain(ending)))
            return next(endings, "OTHER")
        if word.startswith("undeliverable"):
            return "UNDELIVERABLE"
    if channel == "helpdesk":
        word = word.removeprefix("return_reason_").removeprefix("reason_")
    return words.get(word, "OTHER")


def group_of(code: str) -> Reason:
    """The group of a canonical code; raises KeyError for an unknown one."""
    return REASON_CODES[code].group


def claimed_party(code: str) -> Responsibility:
    """Who answers for this reason by default; undetermined for a code that the table does not know."""
    known = REASON_CODES.get(code)
    return known.party if known else Responsibility.UNDETERMINED

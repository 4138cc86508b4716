"""What a mail can want and why goods come back: the words of the field, in one table.

Groups and details follow the marketplaces' own reason codes (Shopify, Amazon, eBay); responsibility is the default party
before evidence.
"""

from __future__ import annotations

from enum import StrEnum


class Intent(StrEnum):
    """The main thing the writer wants done."""

    RETURN_REQUEST = "return_request"
    EXCHANGE_REQUEST = "exchange_request"
    REPAIR_REQUEST = "repair_request"
    RETURN_STATUS = "return_status"
    REFUND_STATUS = "refund_status"
    CANCEL_RETURN = "cancel_return"
    PROVIDES_INFORMATION = "provides_information"
    COMPLAINT = "complaint"
    ORDER_QUESTION = "order_question"
    OTHER = "other"


class Reason(StrEnum):
    """Why the goods come back."""

    DEFECTIVE = "defective"
    DAMAGED_IN_TRANSIT = "damaged_in_transit"
    WRONG_ITEM = "wrong_item"
    MISSING_PARTS = "missing_parts"
    NOT_AS_DESCRIBED = "not_as_described"
    SIZE_OR_FIT = "size_or_fit"
    CHANGED_MIND = "changed_mind"
    ARRIVED_LATE = "arrived_late"
    ORDERED_BY_MISTAKE = "ordered_by_mistake"
    BETTER_PRICE = "better_price"
    QUALITY_UNSATISFACTORY = "quality_unsatisfactory"
    COUNTERFEIT = "counterfeit"
    SAFETY_CONCERN = "safety_concern"
    NOT_DELIVERED = "not_delivered"
    UNSPECIFIED = "unspecified"


class Responsibility(StrEnum):
    """Who answers for the return before anybody has looked at the goods."""

    SUPPLIER = "supplier"
    CARRIER = "carrier"
    WAREHOUSE = "warehouse"
    SELLER = "seller"
    CUSTOMER = "customer"
    UNDETERMINED = "undetermined"


class Outcome(StrEnum):
    """What the writer hopes to get."""

    REFUND = "refund"
    EXCHANGE = "exchange"
    REPAIR = "repair"
    PARTIAL_REFUND_KEEP = "partial_refund_keep"
    STORE_CREDIT = "store_credit"
    UNSPECIFIED = "unspecified"


class Threat(StrEnum):
    """What a hostile mail tries."""

    INJECTION = "injection"
    FORMULA = "formula"
    REFUND_REDIRECT = "refund_redirect"
    DATA_THEFT = "data_theft"
    IMPERSONATION = "impersonation"


REASONLESS = frozenset({Intent.ORDER_QUESTION, Intent.OTHER})
"""Intents that are about no return: neither reason nor responsibility nor outcome."""

OUTCOMELESS = REASONLESS | {Intent.CANCEL_RETURN}

DEFAULT_PARTY: dict[Reason, Responsibility] = {
    Reason.DEFECTIVE: Responsibility.SUPPLIER,
    Reason.QUALITY_UNSATISFACTORY: Responsibility.SUPPLIER,
    Reason.SAFETY_CONCERN: Responsibility.SUPPLIER,
    Reason.COUNTERFEIT: Responsibility.SUPPLIER,
    Reason.DAMAGED_IN_TRANSIT: Responsibility.CARRIER,
    Reason.ARRIVED_LATE: Responsibility.CARRIER,
    Reason.NOT_DELIVERED: Responsibility.CARRIER,
    Reason.WRONG_ITEM: Responsibility.WAREHOUSE,
    Reason.MISSING_PARTS: Responsibility.WAREHOUSE,
    Reason.NOT_AS_DESCRIBED: Responsibility.SELLER,
    Reason.SIZE_OR_FIT: Responsibility.CUSTOMER,
    Reason.CHANGED_MIND: Responsibility.CUSTOMER,
    Reason.ORDERED_BY_MISTAKE: Responsibility.CUSTOMER,
    Reason.BETTER_PRICE: Responsibility.CUSTOMER,
    Reason.UNSPECIFIED: Responsibility.UNDETERMINED,
}

GROUP_CODE: dict[Reason, str] = {
    Reason.DEFECTIVE: "DEFECTIVE",
    Reason.DAMAGED_IN_TRANSIT: "DAMAGED_IN_TRANSIT",
    Reason.WRONG_ITEM: "WRONG_ITEM",
    Reason.MISSING_PARTS: "MISSING_PARTS",
    Reason.NOT_AS_DESCRIBED: "NOT_AS_DESCRIBED",
    Reason.SIZE_OR_FIT: "FIT_OTHER",
    Reason.CHANGED_MIND: "CHANGED_MIND",
    Reason.ARRIVED_LATE: "ARRIVED_LATE",
    Reason.ORDERED_BY_MISTAKE: "ORDERED_BY_MISTAKE",
    Reason.BETTER_PRICE: "BETTER_PRICE",
    Reason.QUALITY_UNSATISFACTORY: "QUALITY_POOR",
    Reason.COUNTERFEIT: "COUNTERFEIT_CLAIM",
    Reason.SAFETY_CONCERN: "SAFETY_RECALL",
    Reason.NOT_DELIVERED: "NOT_RECEIVED",
    Reason.UNSPECIFIED: "NO_REASON",
}
"""The canonical code of a group when the text gives no finer detail."""

DETAIL_CODE: dict[str, tuple[Reason, str]] = {
    "size_too_small": (Reason.SIZE_OR_FIT, "SIZE_TOO_SMALL"),
    "size_too_large": (Reason.SIZE_OR_FIT, "SIZE_TOO_LARGE"),
    "not_compatible": (Reason.NOT_AS_DESCRIBED, "NOT_COMPATIBLE"),
    "gift_unwanted": (Reason.CHANGED_MIND, "GIFT_UNWANTED"),
    "style_colour": (Reason.CHANGED_MIND, "STYLE_COLOR"),
    "withdrawal": (Reason.CHANGED_MIND, "STATUTORY_WITHDRAWAL"),
    "unauthorised": (Reason.ORDERED_BY_MISTAKE, "UNAUTHORISED_PURCHASE"),
    "badly_packed": (Reason.DAMAGED_IN_TRANSIT, "DAMAGED_BY_WAREHOUSE"),
    "expired": (Reason.QUALITY_UNSATISFACTORY, "EXPIRED_GOODS"),
    "too_few": (Reason.MISSING_PARTS, "MISSING_ITEM"),
}
"""Lexicon detail -> its group and canonical code."""


class NoteGrade(StrEnum):
    """The inspector's judgement of what came back."""

    A_NEW = "A_new"
    B_OPEN_BOX = "B_open_box"
    C_REPAIRABLE = "C_repairable"
    D_SCRAP = "D_scrap"
    WRONG_GOODS = "wrong_goods"
    INCOMPLETE = "incomplete"


class Defect(StrEnum):
    """What the inspector found wrong."""

    NONE = "none"
    COSMETIC = "cosmetic"
    FUNCTIONAL = "functional"
    TRANSIT_DAMAGE = "transit_damage"
    MISSING_ACCESSORY = "missing_accessory"
    USED_WORN = "used_worn"
    CONTAMINATED = "contaminated"
    COUNTERFEIT_OR_SWAPPED = "counterfeit_or_swapped"
    EXPIRED = "expired"

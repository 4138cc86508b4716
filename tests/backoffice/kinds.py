"""The numbered kinds of story: what the customer wants and what must come of it. One table, in the order `--cases` takes them."""

from __future__ import annotations

from dataclasses import dataclass

EU = ("DE", "FR", "ES", "IT", "NL", "AT", "BE", "CN")  # CN: a Chinese writer who lives in Germany
STATUTORY = (*EU, "PL", "GB")
ABROAD = ("GB", "US", "JP", "CH")
ANYWHERE = (*STATUTORY, "US", "JP", "CH")
FAULT_TEXTS = ("defective", "warranty", "wrong_item", "damaged", "missing_part", "not_as_described")


@dataclass(frozen=True)
class Kind:
    """A kind of story. `days` is how long before the request the goods arrived; `qc` what the inspector will find."""

    name: str
    text: str = "changed_mind"
    handling: str = "auto"  # auto | person
    final: str = "refunded"  # refunded rejected exchanged replaced held cancelled ignored booked closed
    countries: tuple[str, ...] = STATUTORY
    days: tuple[int, int] = (2, 10)
    qc: str = "good"
    categories: tuple[str, ...] = ()
    staff: str = ""  # the decision that the staff give, for kinds that need a person
    channel: str = "mail"  # mail | amazon_mfn | amazon_fba | shopify | ebay | helpdesk | both (mail and a marketplace file)
    returns: int | None = 1  # None: none or one
    not_to: tuple[str, ...] = ()  # dispositions that would be wrong

    @property
    def fault(self) -> bool:
        return self.text in FAULT_TEXTS


_UNSELLABLE = ("RESELL_NEW", "RESELL_OPEN_BOX")

KINDS: tuple[Kind, ...] = (
    Kind("withdrawal"),
    Kind("too_late", final="rejected", days=(40, 90), returns=0),
    Kind("warranty", text="warranty", countries=ANYWHERE, days=(150, 155), qc="functional", categories=("electronics",), not_to=("RESELL_NEW",)),
    Kind("wrong_item", text="wrong_item", countries=EU, categories=("home", "toys")),
    Kind("size_exchange", text="exchange_size", final="exchanged", countries=EU, categories=("apparel", "footwear")),
    Kind("damaged_in_transit", text="damaged", qc="transit", categories=("home",), not_to=("RESELL_NEW",)),
    Kind("missing_part", text="missing_part", final="replaced", returns=0, categories=("electronics", "home", "toys")),
    Kind("partial_quantity", text="quantity", countries=EU, categories=("home", "toys")),
    Kind("two_fates", text="two_lines", countries=EU, categories=("home", "toys")),
    Kind("returnless", text="defective", countries=EU),
    Kind("bank_transfer", countries=("DE", "AT", "NL", "CN")),
    Kind("same_request", text="defective", channel="both", countries=EU, qc="functional", categories=("electronics",), not_to=("RESELL_NEW",)),
    Kind("someone_elses_order", handling="person", final="held", returns=0, staff="hold"),
    Kind("where_is_my_return", countries=EU),
    Kind("where_is_my_money", text="defective", countries=EU, qc="functional", categories=("electronics",), not_to=("RESELL_NEW",)),
    Kind("cancelled", final="cancelled", countries=EU, returns=None),
    Kind("auto_reply", final="ignored", returns=0),
    Kind("spam", final="ignored", returns=0),
    Kind("prompt_injection"),
    Kind("iban_redirect", handling="person", countries=EU, staff="proceed"),
    Kind("formula_injection"),
    Kind("unknown_order", handling="person", final="held", returns=0, staff="hold"),
    Kind("over_quantity", text="quantity", handling="person", final="held", returns=0, countries=EU, staff="hold"),
    Kind("already_refunded", handling="person", final="held", returns=0, countries=EU, staff="hold"),
    Kind("chargeback", text="defective", handling="person", final="held", returns=None, countries=EU, categories=("electronics",), staff="hold"),
    Kind("above_limit", text="quantity", handling="person", countries=EU, staff="approve"),
    Kind("customs_value", text="defective", handling="person", countries=ABROAD, qc="functional", categories=("electronics",), staff="proceed"),
    Kind("customs_hs", handling="person", countries=ABROAD, staff="proceed"),
    Kind("customs_hold", handling="person", countries=ABROAD, staff="proceed"),
    Kind("parcel_lost", countries=EU),
    Kind("empty_box", text="defective", handling="person", final="held", countries=EU, qc="empty", categories=("electronics",), staff="hold"),
    Kind("swapped_serial", text="defective", handling="person", final="held", countries=EU, qc="swapped", categories=("electronics",), staff="hold"),
    Kind("other_item", handling="person", final="held", countries=EU, qc="swapped", categories=("home", "toys"), staff="hold"),
    Kind("damaged_beyond_resale", text="defective", qc="scrap", countries=EU, categories=("electronics",), not_to=_UNSELLABLE),
    Kind("unexpected_extra", handling="person", countries=EU, categories=("home", "toys"), staff="proceed"),
    Kind("fx", countries=("GB", "PL", "US", "JP")),
    Kind("psp_declines", handling="person", final="held", countries=EU, staff="hold"),
    Kind("espr_clothing", text="not_as_described", qc="torn", countries=EU, categories=("apparel",), not_to=(*_UNSELLABLE, "DESTROY", "RECYCLE")),
    Kind("fba_return", channel="amazon_fba", final="booked", returns=0, countries=EU),
    Kind("order_question", text="order_where", handling="person", final="closed", returns=0, staff="close"),
    Kind("plain_withdrawal", countries=ANYWHERE),
    Kind("plain_defective", text="defective", countries=ANYWHERE, qc="functional", categories=("electronics",), not_to=("RESELL_NEW",)),
    Kind("plain_size_small", text="size_small", categories=("apparel", "footwear")),
    Kind("plain_not_as_described", text="not_as_described"),
    Kind("plain_mistake", text="mistake"),
    Kind("plain_size_large", text="size_large", categories=("apparel", "footwear")),
    Kind("plain_amazon", channel="amazon_mfn"),
    Kind("plain_shopify", text="size_small", channel="shopify", categories=("apparel", "footwear")),
    Kind("plain_ebay", text="not_as_described", channel="ebay"),
    Kind("plain_helpdesk", text="defective", channel="helpdesk", qc="functional", categories=("electronics",), not_to=("RESELL_NEW",)),
    Kind("plain_better_price", text="better_price"),
    Kind("plain_two_lines", text="two_lines", categories=("home", "toys")),
    Kind("plain_amazon_defective", text="defective", channel="amazon_mfn", qc="functional", categories=("electronics",), not_to=("RESELL_NEW",)),
    Kind("plain_shopify_unwanted", channel="shopify"),
    Kind("plain_ebay_unwanted", channel="ebay"),
    Kind("plain_helpdesk_withdrawal", channel="helpdesk"),
)
BY_NAME = {kind.name: kind for kind in KINDS}
PLAIN = tuple(kind for kind in KINDS if kind.name.startswith("plain_"))
TWISTED = tuple(kind for kind in KINDS if not kind.name.startswith("plain_"))

"""Channel words to canonical reasons."""

from __future__ import annotations

import pytest

from bots.decisions.reasons import AMAZON_WORDS, EBAY_WORDS, REASON_CODES, SHOPIFY_WORDS, canonical, claimed_party, group_of
from bots.decisions.understanding.labels import DEFAULT_PARTY, DETAIL_CODE, GROUP_CODE, Reason, Responsibility


@pytest.mark.parametrize(
    ("channel", "raw", "code"),
    [
        ("shopify", "SIZE_TOO_SMALL", "SIZE_TOO_SMALL"),
        ("shopify", "COLOR", "STYLE_COLOR"),
        ("shopify", "Customer changed their mind", "CHANGED_MIND"),
        ("shopify", "DEFECTIVE", "DEFECTIVE"),
        ("shopify", "unknown", "NO_REASON"),
        ("amazon_mfn", "CR-UNWANTED_ITEM", "CHANGED_MIND"),
        ("amazon_fba", "UNWANTED_ITEM", "CHANGED_MIND"),
        ("amazon_fba", "DAMAGED_BY_CARRIER", "DAMAGED_IN_TRANSIT"),
        ("amazon_fba", "CR-DAMAGED_BY_FC", "DAMAGED_BY_WAREHOUSE"),
        ("amazon_mfn", "AMZ-PG-BAD-ITEM", "DEFECTIVE"),
        ("amazon_mfn", "AMZ-PG-WJ-TOO-SMALL", "SIZE_TOO_SMALL"),
        ("amazon_mfn", "AMZ-PG-APP-TOO-LARGE", "SIZE_TOO_LARGE"),
        ("amazon_mfn", "AMZ-PG-WJ-SPARKLE", "OTHER"),
        ("amazon", "UNDELIVERABLE_SOMETHING_NEW", "UNDELIVERABLE"),
        ("ebay", "WITHDRAW_FROM_PURCHASE_CONTRACT", "STATUTORY_WITHDRAWAL"),
        ("ebay", "Doesn\u2019t work or defective", "DEFECTIVE"),
        ("ebay", "ORDERED_WRONG_ITEM", "ORDERED_BY_MISTAKE"),
        ("ebay", "ORDERED_DIFFERENT_ITEM", "WRONG_ITEM"),
        ("ebay", "WRONG_SIZE", "FIT_OTHER"),
        ("helpdesk", "return_reason_defective", "DEFECTIVE"),
        ("helpdesk", "Too small", "SIZE_TOO_SMALL"),
        ("helpdesk", "changed_mind", "CHANGED_MIND"),
        ("helpdesk", "size_or_fit", "FIT_OTHER"),
        ("helpdesk", "not delivered", "NOT_RECEIVED"),
        ("helpdesk", "COUNTERFEIT_CLAIM", "COUNTERFEIT_CLAIM"),
    ],
)
def test_channel_words(channel: str, raw: str, code: str) -> None:
    assert canonical(channel, raw) == code


@pytest.mark.parametrize("channel", ["shopify", "amazon_mfn", "amazon_fba", "ebay", "helpdesk"])
def test_nothing_is_no_reason_and_the_unheard_is_other(channel: str) -> None:
    assert canonical(channel, "  ") == "NO_REASON"
    assert canonical(channel, "=HYPERLINK(1)") == "OTHER"


def test_an_unknown_channel_is_an_error() -> None:
    with pytest.raises(KeyError):
        canonical("wish", "DEFECTIVE")


@pytest.mark.parametrize("table", [SHOPIFY_WORDS, AMAZON_WORDS, EBAY_WORDS])
def test_one_word_of_a_channel_means_one_known_code(table: dict[str, str]) -> None:
    assert set(table) <= set(REASON_CODES)
    words = [word.strip().casefold() for text in table.values() for word in text.split("|")]
    assert len(words) == len(set(words)) and all(words)


def test_every_group_has_its_code_and_agrees_with_what_mail_reading_says() -> None:
    assert {row.group for row in REASON_CODES.values()} == set(Reason)
    for reason, code in GROUP_CODE.items():
        assert group_of(code) is reason
        assert canonical("helpdesk", reason.value) == code
    for reason, code in DETAIL_CODE.values():
        assert group_of(code) is reason


def test_parties_differ_from_their_group_only_where_the_detail_says_more() -> None:
    differing = {code for code, row in REASON_CODES.items() if row.party is not DEFAULT_PARTY[row.group]}
    assert differing == {"DAMAGED_BY_WAREHOUSE", "EXPIRED_GOODS"}
    assert claimed_party("DAMAGED_BY_WAREHOUSE") is Responsibility.WAREHOUSE
    assert claimed_party("") is Responsibility.UNDETERMINED

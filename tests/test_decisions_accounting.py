"""The journal entries of a return: the worked example of the controlling handbook, and that every entry balances in both currencies."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bots.cases.books import JournalEntry, check_balance
from bots.cases.money import Money, tax_in
from bots.cases.settings import ROOT, load_yaml
from bots.decisions.accounting import Chart, Ledger, balances, check_original, settled
from bots.decisions.inspection import Disposition

CHART = load_yaml(ROOT / "config" / "accounts.yaml", Chart)
LEDGER = Ledger(CHART, "CNY")
BOOKED, SETTLED = 7_800_000, 7_900_000
GROSS = Money(minor=11900, currency="EUR")


def sides(entry: JournalEntry) -> dict[str, tuple[int, int]]:
    return {line.account: (line.debit, line.credit) for line in entry.postings}


def test_credit_note_of_119_euro_at_the_rate_of_the_supply() -> None:
    entry = LEDGER.credit_note("CN-2026-000045", "DE-2026-1", GROSS, 1900, BOOKED)
    assert sides(entry) == {"sales_returns": (78000, 0), "output_vat": (14820, 0), "refund_payable": (0, 92820)}
    assert [(line.original_minor, line.original_currency, line.rate_micro) for line in entry.postings] == [
        (10000, "EUR", BOOKED),
        (1900, "EUR", BOOKED),
        (-11900, "EUR", BOOKED),
    ]


def test_refund_on_a_dearer_day_costs_an_exchange_loss() -> None:
    entry = LEDGER.refund_paid("RF-1", "DE-2026-1", GROSS, BOOKED, SETTLED)
    assert sides(entry) == {"refund_payable": (92820, 0), "fx_difference": (1190, 0), "psp_clearing": (0, 94010)}


def test_refund_on_a_cheaper_day_earns_one() -> None:
    assert sides(LEDGER.refund_paid("RF-1", "DE-2026-1", GROSS, SETTLED, BOOKED))["fx_difference"] == (0, 1190)


def test_without_a_settlement_rate_there_is_no_difference() -> None:
    assert sides(LEDGER.refund_paid("RF-1", "DE-2026-1", GROSS, BOOKED, paid_from="bank")) == {"refund_payable": (92820, 0), "bank": (0, 92820)}


def test_nothing_is_owed_once_the_refund_is_paid() -> None:
    note = LEDGER.credit_note("CN-1", "DE-2026-1", GROSS, 1900, BOOKED)
    assert not settled([note])
    assert settled([note, LEDGER.refund_paid("RF-1", "DE-2026-1", GROSS, BOOKED, SETTLED)])
    assert settled([note, LEDGER.store_credit("SC-1", "DE-2026-1", GROSS, BOOKED)])


@pytest.mark.parametrize(
    ("disposition", "expected"),
    [
        ("RESELL_NEW", {"inventory": (40000, 0), "cogs": (0, 40000)}),
        ("RESELL_OPEN_BOX", {"inventory_open_box": (30000, 0), "write_down": (10000, 0), "cogs": (0, 40000)}),
        ("RETURN_TO_VENDOR", {"supplier_claim": (40000, 0), "cogs": (0, 40000)}),
        ("DESTROY", {"scrap_loss": (40000, 0), "cogs": (0, 40000)}),
        ("QUARANTINE", {"write_down": (40000, 0), "cogs": (0, 40000)}),
    ],
)
def test_goods_that_cost_400_come_back_at_what_they_are_worth(disposition: str, expected: dict[str, tuple[int, int]]) -> None:
    assert sides(LEDGER.restock("PA-1", "HP-ANC200", 1, 40000, disposition)) == expected


def test_a_known_net_realisable_value_wins_and_never_exceeds_cost() -> None:
    assert sides(LEDGER.restock("PA-1", "X", 2, 40000, "RESELL_OPEN_BOX", unit_value=25000))["inventory_open_box"] == (50000, 0)
    assert sides(LEDGER.restock("PA-1", "X", 1, 40000, "RESELL_OPEN_BOX", unit_value=99999)) == {"inventory_open_box": (40000, 0), "cogs": (0, 40000)}


def test_every_disposition_can_be_booked() -> None:
    for disposition in set(Disposition) - {Disposition.SHIP_BACK, Disposition.TRANSFER}:
        check_balance(LEDGER.restock("PA-1", "X", 1, 40000, disposition))
    with pytest.raises(LookupError, match="SHIP_BACK"):
        LEDGER.restock("PA-1", "X", 1, 40000, "SHIP_BACK")


def test_freight_is_split_from_goods() -> None:
    entry = LEDGER.credit_note("CN-1", "DE-2026-1", Money(minor=12390, currency="EUR"), 1978, BOOKED, shipping=490, shipping_tax=78)
    assert sides(entry)["shipping_revenue"] == (3214, 0)
    assert sum(debit for debit, _ in sides(entry).values()) == 96642


def test_a_fee_kept_from_the_refund_is_income_with_its_vat() -> None:
    note = LEDGER.credit_note("CN-1", "US-1", Money(minor=10000, currency="USD"), 0, 7_120_000)
    fee = LEDGER.fee_income("CN-1-fee", "Return label", Money(minor=750, currency="USD"), 0, 7_120_000)
    paid = LEDGER.refund_paid("RF-1", "US-1", Money(minor=9250, currency="USD"), 7_120_000, 7_150_000)
    assert balances([note, fee, paid])["refund_payable"] == 0
    assert balances([fee])["fee_income"] == -5340


def test_the_example_of_ifrs_15() -> None:
    """IFRS 15 IE110-115 (example 22): of 100 sold at 100 with cost 60, 3 come back: liability 300, asset 180."""
    entry = LEDGER.expected_returns("2026-10", 300_00, 180_00)
    assert sides(entry) == {"revenue": (30000, 0), "refund_liability": (0, 30000), "return_asset": (18000, 0), "cogs": (0, 18000)}


def test_a_reversal_undoes_an_entry() -> None:
    entry = LEDGER.refund_paid("RF-1", "DE-2026-1", GROSS, BOOKED, SETTLED)
    undone = LEDGER.reversal(entry, "RF-1-R")
    check_balance(undone)
    check_original(undone)
    assert set(balances([entry, undone]).values()) == {0}


def test_other_entries_of_a_return() -> None:
    assert sides(LEDGER.return_label("SR-1", "SwiftParcel", Money(minor=390, currency="EUR"), BOOKED)) == {
        "reverse_logistics": (3042, 0),
        "carrier_payable": (0, 3042),
    }
    assert sides(LEDGER.chargeback("D-1", "DE-1", GROSS, 1500, BOOKED)) == {
        "chargeback_receivable": (92820, 0),
        "payment_fees": (11700, 0),
        "psp_clearing": (0, 104520),
    }
    assert sides(LEDGER.claim("CL-1", "carrier", Money(minor=40000, currency="CNY"), 1_000_000)) == {"carrier_claim": (40000, 0), "cogs": (0, 40000)}
    assert sides(LEDGER.replacement("RP-1", "X", 1, 40000)) == {"cogs": (40000, 0), "inventory": (0, 40000)}
    assert sides(LEDGER.duty_reclaim("DU-1", Money(minor=300, currency="EUR"), BOOKED)) == {"duty_recoverable": (2340, 0), "duty_expense": (0, 2340)}
    assert sides(LEDGER.disposal("DC-1", 700)) == {"disposal_expense": (700, 0), "disposal_payable": (0, 700)}


def test_the_chart_names_every_account_in_both_languages() -> None:
    assert CHART.title("refund_payable") == "2241.01 Refund payable"
    assert CHART.title("refund_payable", "zh") == "2241.01 其他应付款-应付退款"
    assert len({account.number for account in CHART.accounts.values()}) == len(CHART.accounts)


def test_a_chart_without_a_needed_account_is_refused() -> None:
    accounts = {key: value.model_dump() for key, value in CHART.accounts.items() if key != "cogs"}
    with pytest.raises(ValueError, match="missing cogs"):
        Chart.model_validate({"accounts": accounts, "stock": {}})


AMOUNTS = st.integers(1, 10**9)
RATES = st.integers(50, 2 * 10**7)
CURRENCIES = st.sampled_from(["EUR", "JPY", "KWD", "CNY", "IDR"])


@given(AMOUNTS, st.integers(0, 2500), st.integers(0, 100), RATES, RATES, CURRENCIES)
def test_every_entry_balances_in_both_currencies(minor: int, tax_bp: int, freight_pct: int, booked: int, settled_at: int, currency: str) -> None:
    gross = Money(minor=minor, currency=currency)
    shipping = minor * freight_pct // 100
    shipping_tax = tax_in(shipping, tax_bp)
    note = LEDGER.credit_note("CN-1", "O-1", gross, tax_in(minor - shipping, tax_bp) + shipping_tax, booked, shipping=shipping, shipping_tax=shipping_tax)
    paid = LEDGER.refund_paid("RF-1", "O-1", gross, booked, settled_at)
    for entry in (note, paid, LEDGER.reversal(paid, "R"), LEDGER.chargeback("D", "O-1", gross, minor // 50, booked)):
        check_balance(entry)
        check_original(entry)
    assert settled([note, paid])


@given(st.integers(0, 10**7), st.integers(1, 50), st.sampled_from(sorted(CHART.stock)))
def test_stock_entries_give_back_the_whole_cost_of_sales(unit_cost: int, qty: int, disposition: str) -> None:
    entry = LEDGER.restock("PA-1", "X", qty, unit_cost, disposition)
    assert balances([entry]).get("cogs", 0) == -qty * unit_cost

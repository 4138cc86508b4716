"""Key figures: worked examples, and what must hold of any of them."""

from __future__ import annotations

import math
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bots.cases.settings import ROOT, load_yaml
from bots.decisions import kpis
from bots.decisions.kpis import KpiRules, Moment, Refunded, Shipped, Work

RULES = load_yaml(ROOT / "config" / "kpis.yaml", KpiRules)
FRIDAY = datetime(2026, 10, 9, 16, tzinfo=UTC)


def test_the_wilson_interval_of_a_known_example() -> None:
    """Newcombe 1998, table I: 81 of 263 gives 0.2553 to 0.3662; 0 of 20 gives 0 to 0.1611."""
    found = kpis.rate(81, 263)
    assert (round(found.low or 0, 4), round(found.high or 0, 4)) == (0.2553, 0.3662)
    none = kpis.rate(0, 20)
    assert none.low == 0.0 and round(none.high or 0, 4) == 0.1611


@given(st.integers(0, 5000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_a_rate_lies_in_its_interval_and_the_interval_in_nought_to_one(numbers: tuple[int, int]) -> None:
    found = kpis.rate(*numbers)
    if found.n == 0:
        assert found.value is None and found.low is None and found.high is None
    else:
        assert found.value is not None and found.low is not None and found.high is not None
        assert 0 <= found.low <= found.value <= found.high <= 1


def test_no_rate_of_more_than_all() -> None:
    with pytest.raises(ValueError, match="3 of 2"):
        kpis.rate(3, 2)


def shipped(sku: str, qty: int, returned: int, day: int = 1) -> Shipped:
    return Shipped(sku, qty, returned, date(2026, 9, day), value=qty * 1000, value_returned=returned * 1000, currency="EUR")


def test_a_conspicuous_article_is_flagged_and_a_small_one_is_not() -> None:
    rows = [shipped("GOOD", 100, 5), shipped("BAD", 20, 6), shipped("FEW", 2, 2)]
    found = {group.group: group for group in kpis.return_rates(rows, lambda row: row.sku, RULES)}
    assert [*found] == ["FEW", "BAD", "GOOD"]
    assert {name: group.flagged for name, group in found.items()} == {"FEW": False, "BAD": True, "GOOD": False}
    assert found["BAD"].units.value == 0.3 and found["BAD"].units.n == 20


def test_shipments_whose_window_is_open_do_not_count() -> None:
    rows = [shipped("X", 1, 1, 1), shipped("X", 1, 0, 25)]
    assert kpis.mature(rows, 30, date(2026, 10, 1)) == [rows[0]]


def test_values_stay_apart_by_currency() -> None:
    rows = [shipped("X", 2, 1), Shipped("X", 1, 1, date(2026, 9, 1), value=500, value_returned=500, currency="GBP")]
    assert kpis.value_rates(rows) == {"EUR": (1000, 2000), "GBP": (500, 500)}


@pytest.mark.parametrize(
    ("end", "hours"),
    [
        (FRIDAY + timedelta(hours=2), 2),
        (FRIDAY + timedelta(hours=20), 8),
        (FRIDAY + timedelta(days=3), 24),
        (FRIDAY, 0),
        (FRIDAY - timedelta(hours=1), 0),
        (FRIDAY + timedelta(days=7), 120),
    ],
)
def test_weekends_are_no_business_hours(end: datetime, hours: float) -> None:
    assert kpis.business_hours(FRIDAY, end) == hours


def test_times_of_a_stage() -> None:
    moments = []
    for number, hours in enumerate((1, 2, 3, 4, 100)):
        moments += [Moment(f"c{number}", "requested", FRIDAY), Moment(f"c{number}", "decided", FRIDAY + timedelta(hours=hours))]
    moments += [
        Moment("c0", "decided", FRIDAY + timedelta(hours=50)),
        Moment("open", "requested", FRIDAY),
        Moment("odd", "requested", FRIDAY),
        Moment("odd", "decided", FRIDAY - timedelta(hours=1)),
    ]
    times = {stage.stage: stage for stage in kpis.stage_times(moments)}
    decision = times["request to decision"]
    assert (decision.n, decision.median, decision.ours) == (5, 3, True)
    assert decision.p90 == pytest.approx(61.6)
    assert decision.business_median == 3 and (decision.business_p90 or 0) < decision.p90
    assert times["transit"].n == 0 and times["transit"].median is None and not times["transit"].ours


@given(st.lists(st.floats(0, 1e6), min_size=1, max_size=50))
def test_percentiles_are_ordered_and_within_the_values(values: list[float]) -> None:
    low, middle, high = (kpis.percentile(values, share) for share in (0.1, 0.5, 0.9))
    assert low is not None and middle is not None and high is not None
    slack = 1e-9 * max(values)
    assert min(values) - slack <= low <= middle + slack and middle <= high + slack and high <= max(values) + slack


def test_straight_through_and_touched() -> None:
    rows = [Work("a", True, 0), Work("b", True, 0), Work("c", True, 3), Work("d", False, 5)]
    assert (kpis.stp_rate(rows).k, kpis.touch_rate(rows).k, kpis.stp_rate(rows).n) == (2, 1, 3)
    assert kpis.touches_a_case(rows) == 1.0 and kpis.touches_a_case([]) is None
    assert kpis.touch_drop(0.9, 0.18) == pytest.approx(0.8) and kpis.touch_drop(0, 0) is None


def test_labour_saved_is_measured_against_the_same_work_by_hand() -> None:
    by_hand = {"intake": 3.0, "review": 6.0}
    labour = kpis.labour_saved({"intake": 100, "review": 100}, 360, by_hand)
    assert (labour.baseline, labour.saved, labour.share) == (900, 540, 0.6)
    assert kpis.labour_saved({"intake": 10}, 60, by_hand).share == -1
    assert kpis.labour_saved({}, 0, by_hand).share is None
    with pytest.raises(LookupError, match="dancing"):
        kpis.labour_saved({"dancing": 1}, 0, by_hand)


def test_accuracy_timeliness_and_leakage_of_refunds() -> None:
    due = FRIDAY
    rows = [
        Refunded("a", "EUR", 1000, 1000, settled_at=due, due_at=due),
        Refunded("b", "EUR", 1000, 1200, settled_at=due + timedelta(seconds=1), due_at=due),
        Refunded("c", "EUR", 1000, 2000, times=2),
        Refunded("d", "GBP", 500, 500, payee_right=False),
        Refunded("e", "GBP", 500, 500, received=False),
    ]
    assert (kpis.refund_accuracy(rows).k, kpis.refund_accuracy(rows).n) == (2, 5)
    assert (kpis.on_time(rows).k, kpis.on_time(rows).n) == (1, 2)
    assert kpis.leakage(rows) == {"EUR": 1200, "GBP": 500}


def test_money_and_customs_figures() -> None:
    assert kpis.recovery_rate(750, 1000) == 0.75 and kpis.recovery_rate(1, 0) is None
    assert kpis.cost_per_return({"label": 400, "labour": 200}, 100, 2) == 250 and kpis.cost_per_return({}, 0, 0) is None
    assert kpis.hold_rate(40, 2).value == 0.05 and kpis.anomaly_precision(3, 4).value == 0.75
    assert kpis.relief_capture(90, 100) == 0.9 and kpis.relief_capture(0, 0) is None
    assert kpis.ratios({"a": 1, "b": 3}) == {"a": 0.25, "b": 0.75} and kpis.ratios({}) == {}


def test_a_changed_mix_of_reasons_is_told() -> None:
    calm = ["DEFECTIVE"] * 40 + ["CHANGED_MIND"] * 60
    assert kpis.reason_drift(calm, calm, RULES).level == "stable"
    shifted = kpis.reason_drift(calm, ["DEFECTIVE"] * 75 + ["CHANGED_MIND"] * 25, RULES)
    assert shifted.level == "alert" and shifted.moved[0][0] == "CHANGED_MIND"
    assert kpis.reason_drift(calm, [*calm, *["WRONG_ITEM"] * 25], RULES).level == "alert"
    assert kpis.reason_drift([], [], RULES).psi == 0


@given(st.dictionaries(st.sampled_from("abcde"), st.integers(0, 500)), st.dictionaries(st.sampled_from("abcde"), st.integers(0, 500)))
def test_the_index_is_never_negative_finite_and_the_same_both_ways(before: dict[str, int], now: dict[str, int]) -> None:
    value, _ = kpis.psi(before, now)
    assert value >= 0 and math.isfinite(value)
    assert value == pytest.approx(kpis.psi(now, before)[0])
    assert kpis.psi(before, before)[0] == 0

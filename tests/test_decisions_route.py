"""Ways of returned goods: the plan is the cheapest there is, and no piece takes a way that is barred to it."""

from __future__ import annotations

from datetime import date
from itertools import product
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bots.cases.settings import ROOT, load_yaml
from bots.decisions.customs_rules import CustomsRules
from bots.decisions.inspection import InspectionRules
from bots.decisions.route import Lane, Piece, Plan, RouteRules, barred, net_cost, plan_routes

RULES = load_yaml(ROOT / "config" / "routes.yaml", RouteRules)
CUSTOMS = load_yaml(ROOT / "config" / "customs.yaml", CustomsRules)
ESPR = load_yaml(ROOT / "config" / "inspection.yaml", InspectionRules).espr
TODAY = date(2026, 10, 12)


def piece(**changes: Any) -> Piece:
    facts: dict[str, Any] = {
        "key": "RMA-1",
        "country": "GB",
        "cost": 21500,
        "weight_g": 310,
        "grade": "A",
        "category": "electronics",
        "hs_code": "85183000",
        "exported_on": date(2026, 9, 20),
    }
    return Piece(**(facts | changes))


def plan(*pieces: Piece, rules: RouteRules = RULES) -> Plan:
    return plan_routes(pieces, rules, CUSTOMS, ESPR, TODAY)


def lane(name: str) -> Lane:
    return next(one for one in RULES.lanes if one.name == name)


def test_goods_in_the_union_go_to_the_hub() -> None:
    choice = plan(piece(country="FR")).choices[0]
    assert (choice.lane, choice.kind) == ("hub-de", "local_resale")
    assert choice.cost == round(1400 + 900 * 0.31 + 21500 * 0.0008 * 6 - 21500 * 1.5)
    assert choice.alternatives[0] == ("hub-de", choice.cost)


def test_one_piece_alone_does_not_fill_a_container_and_many_do() -> None:
    few = plan(piece(country="US", cost=3000))
    many = plan(*(piece(key=f"RMA-{n}", country="US", cost=30000) for n in range(20)))
    assert [choice.lane for choice in few.choices] == ["keep"]
    assert many.lanes == ("us-to-de",)
    assert many.total == sum(choice.cost for choice in many.choices) + lane("us-to-de").fixed


def test_damaged_batteries_take_no_lane_that_bars_them() -> None:
    result = plan(piece(battery="UN3481", damaged=True, cost=50000))
    assert [choice.kind for choice in result.choices] == ["destroy"]
    assert "W02" in result.choices[0].rules and any("damaged battery (UN3481)" in reason for reason in result.choices[0].reasons)


def test_a_deadline_that_cannot_be_kept_bars_a_lane() -> None:
    assert barred(piece(days_left=11), lane("gb-to-de"), RULES, CUSTOMS, ESPR, TODAY) == ("W03", "gb-to-de takes 12 days, 11 are left")
    assert barred(piece(days_left=12), lane("gb-to-de"), RULES, CUSTOMS, ESPR, TODAY) is None


def test_duty_is_counted_once_the_relief_window_is_closed() -> None:
    fresh, stale = piece(), piece(exported_on=date(2023, 10, 20))
    at_home = lane("gb-to-de")
    extra = net_cost(stale, at_home, RULES, CUSTOMS, TODAY) - net_cost(fresh, at_home, RULES, CUSTOMS, TODAY)
    assert extra == round(21500 * 0.06), "three years end before the goods would arrive"
    assert net_cost(piece(exported_on=None), at_home, RULES, CUSTOMS, TODAY) - net_cost(fresh, at_home, RULES, CUSTOMS, TODAY) == extra


def test_clothing_in_the_union_is_not_destroyed() -> None:
    jacket = piece(country="DE", category="apparel", hs_code="62019300", grade="E", cost=20000)
    assert barred(jacket, lane("destroy"), RULES, CUSTOMS, ESPR, TODAY) is not None
    assert barred(jacket.model_copy(update={"derogation": "health_or_safety"}), lane("destroy"), RULES, CUSTOMS, ESPR, TODAY) is None
    assert barred(jacket.model_copy(update={"country": "US"}), lane("destroy"), RULES, CUSTOMS, ESPR, TODAY) is None
    assert plan(jacket).choices[0].kind != "destroy"


def test_dear_goods_are_not_left_with_the_customer() -> None:
    assert barred(piece(cost=12001), lane("keep"), RULES, CUSTOMS, ESPR, TODAY) == ("W06", "too dear to leave with the customer")
    assert "keep" not in dict(plan(piece(cost=12001)).choices[0].alternatives)


def test_what_no_lane_takes_is_a_persons_task() -> None:
    only = RULES.model_copy(update={"lanes": (lane("jp-to-cn"),)})
    result = plan(piece(key="stuck", country="JP", battery="UN3480"), piece(key="goes", country="JP"), rules=only)
    assert result.stuck == ("stuck",) and [choice.key for choice in result.choices] == ["goes"]


PIECES = st.lists(
    st.builds(
        piece,
        country=st.sampled_from(["GB", "US", "JP", "DE"]),
        cost=st.integers(100, 60000),
        weight_g=st.integers(50, 6000),
        grade=st.sampled_from(["A", "A-", "B", "C", "D", "E"]),
        battery=st.sampled_from(["", "", "UN3481"]),
        damaged=st.booleans(),
        category=st.sampled_from(["electronics", "apparel"]),
        days_left=st.sampled_from([None, 6, 13]),
        exported_on=st.sampled_from([None, date(2023, 10, 15), date(2026, 9, 20)]),
    ),
    min_size=1,
    max_size=4,
)


@settings(max_examples=60)
@given(PIECES, st.integers(0, 3))
def test_the_plan_is_as_cheap_as_the_best_of_all_plans(drawn: list[Piece], cheap_lanes: int) -> None:
    """Brute force: every combination of lanes for every piece."""
    pieces = [one.model_copy(update={"key": f"RMA-{number}"}) for number, one in enumerate(drawn)]
    rules = RULES.model_copy(update={"lanes": tuple(one.model_copy(update={"fixed": one.fixed // 10**cheap_lanes}) for one in RULES.lanes)})
    result = plan(*pieces, rules=rules)
    movable = [(one, [way for way in rules.lanes if barred(one, way, rules, CUSTOMS, ESPR, TODAY) is None]) for one in pieces if one.key not in result.stuck]
    totals = [
        sum(net_cost(one, way, rules, CUSTOMS, TODAY) for (one, _), way in zip(movable, ways, strict=True))
        + sum(way.fixed for way in {w.name: w for w in ways}.values())
        for ways in product(*(ways for _, ways in movable))
    ]
    assert result.total == min(totals, default=0)
    for choice in result.choices:
        assert choice.lane in dict(choice.alternatives)


def test_too_many_lanes_to_weigh_are_refused_with_advice() -> None:
    lanes = tuple(lane("gb-to-de").model_copy(update={"name": f"lane-{number}"}) for number in range(15))
    with pytest.raises(ValueError, match="plan by country"):
        plan(piece(), rules=RULES.model_copy(update={"lanes": lanes}))


def test_two_lanes_of_one_name_are_refused() -> None:
    data = RULES.model_dump(by_alias=True)
    with pytest.raises(ValueError, match="twice"):
        RouteRules.model_validate({**data, "lanes": [*data["lanes"], data["lanes"][0]]})


def test_pieces_are_told_apart_by_their_keys() -> None:
    with pytest.raises(ValueError, match="same key"):
        plan(piece(), piece())

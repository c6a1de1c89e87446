"""Where visits are, and the days of a pair."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from supervision.errors import PlanError
from supervision.fieldwork.addresses import Place, place
from supervision.fieldwork.travel import Travel, compared, routes

SHIPPED = Path("supervision/travel.yaml").read_text("utf-8")
TRAVEL = Travel.from_yaml(SHIPPED)
UNITS = {"I1": "230102", "I2": "230102", "I3": "2301"}


@pytest.mark.parametrize(
    ("address", "street", "house"),
    [
        ("哈尔滨市道里区和平路34号", "和平路", 34),
        ("黑龙江省哈尔滨市道里区和平路３４号", "和平路", 34),
        ("道里区兆麟街道友谊路 5 号 2 单元 301 室", "友谊路", 5),
        ("绥化市望奎县和平大街12号", "和平大街", 12),
        ("道里区铁路街7号", "铁路街", 7),
        ("和平区市场街9-1号", "市场街", 9),
        ("五常市山河镇长青路", "长青路", 0),
        ("某某产业园B座", "", 0),
        ("=1+1", "", 0),
        ("", "", 0),
        (None, "", 0),
    ],
)
def test_places_of_addresses(address: str | None, street: str, house: int) -> None:
    assert place("230102", address) == Place("230102", street, house)


def visits(*rows: tuple[str, str, str]) -> pd.DataFrame:
    """Visits of one pair: (division, address, method)."""
    return pd.DataFrame(
        {
            "entity_id": [f"F{number}" for number in range(len(rows))],
            "division": [row[0] for row in rows],
            "address": [row[1] for row in rows],
            "method": [row[2] for row in rows],
            "inspector_1": "I2",
            "inspector_2": "I1",
            "ticket": [f"{number:02d}" for number in range(len(rows))],
        }
    )


MIXED = visits(
    ("230102", "道里区和平路2号", "on_site"),
    ("230103", "南岗区红旗街1号", "on_site"),
    ("230102", "道里区和平路2号", "on_site"),
    ("230102", "道里区和平路9号", "written"),
    ("230102", "道里区和平路8号", "on_site"),
)


def test_a_day_by_place() -> None:
    told = routes(MIXED, UNITS, TRAVEL)
    assert told["pair"].tolist() == ["I1+I2"] * 5
    assert told["day"].tolist() == [1, 2, 1, pd.NA, 1]
    assert told["stop"].tolist() == [1, 1, 2, pd.NA, 3]
    assert told["km"].tolist() == [6.0, 45.0, 0.0, pd.NA, 0.8]


def test_what_grouping_saves() -> None:
    row = compared(MIXED, UNITS, TRAVEL).iloc[0]
    assert row["visits"] == 4
    assert (row["km"], row["days"]) == (6 + 0 + 0.8 + 6 + 45 + 45, 2)
    assert (row["km_as_drawn"], row["days_as_drawn"]) == (6 + 45 + 45 + 6 + 0.8 + 6, 2)


def test_a_pair_that_only_writes_stays_in() -> None:
    row = compared(visits(("230102", "道里区和平路2号", "written")), UNITS, TRAVEL).iloc[0]
    assert row.tolist() == ["I1+I2", 0, 0, 0, 0, 0]


@settings(max_examples=50)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(["230102", "230103", "230201"]),
            st.builds("和平路{}号".format, st.integers(1, 3)),
            st.just("on_site"),
        ),
        min_size=1,
        max_size=8,
    )
)
def test_one_long_day_by_place_is_never_longer_than_another_order(
    rows: list[tuple[str, str, str]],
) -> None:
    endless = TRAVEL.model_copy(update={"hours_a_day": 1e6})
    row = compared(visits(*rows), UNITS, endless).iloc[0]
    assert row["km"] <= row["km_as_drawn"] + 1e-9
    assert row["days"] == 1


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (("minutes_a_visit: 90", "minutes_a_visit: 0"), "travel: minutes_a_visit"),
        (("km_per_hour", "km_an_hour"), "travel: unknown entry km_an_hour"),
        (("hours_a_day: 7", ""), "travel: hours_a_day is missing"),
        (("km_per_hour: 40", "km_per_hour: .inf"), "travel: km_per_hour"),
        (("km:", "km: ["), "travel: not YAML"),
    ],
)
def test_wrong_settings_are_named(change: tuple[str, str], told: str) -> None:
    with pytest.raises(PlanError, match=told):
        Travel.from_yaml(SHIPPED.replace(*change))

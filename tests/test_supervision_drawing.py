"""Sizes are exact, probabilities are true, and the order of the list does not matter."""

from __future__ import annotations

from decimal import Decimal

import numpy as np
import pandas as pd
import pytest

from supervision.drawing import FRAME, draw, top_up_probability, visits
from supervision.plan import PlanDefinition

SEED = "5" * 64


def firms(**groups: int) -> pd.DataFrame:
    """So many firms of each group, over two cities: `firms(class_A=3)`."""
    group = [name.replace("_", " ") for name, count in groups.items() for _ in range(count)]
    letters = [name.partition(" ")[2] or None for name in group]
    return pd.DataFrame(
        {
            "entity_id": [f"F{number:05d}" for number in range(len(group))],
            "division": ["230102" if number % 3 else "230204" for number in range(len(group))],
            "risk_class": letters,
            "public_grade": None,
            "group": group,
            "fields": None,
        }
    )


def plan(
    blind: float = 0.005, floor: float = 0.03, by_class: tuple[float, ...] = (0.01, 0.03, 0.1, 0.3)
) -> PlanDefinition:
    return PlanDefinition.checked(
        {
            "task": "双随机抽查",
            "type": "undirected",
            "batches": 1,
            "bureau": "city",
            "items": [{"id": "address", "name": {"zh": "住所", "en": "address"}}],
            "blind_slice": {"ratio": blind, "basket": ["address"], "recheck": 0},
            "ratio_by_class": dict(zip("ABCD", by_class, strict=True)),
            "ratio_by_grade": dict.fromkeys("ABCDE", 0.03),
            "overall_floor": floor,
            "strata": ["class", "city"],
        }
    )


FIRMS = firms(class_A=700, class_B=150, class_C=90, class_D=30, unclassified=30)


@pytest.mark.parametrize(
    ("count", "ratio", "drawn"),
    [
        (100, "0.07", 7),
        (100, "0.03", 3),
        (101, "0.03", 4),
        (1, "0.001", 1),
        (7, "1", 7),
        (0, "1", 0),
    ],
)
def test_sizes_are_exact(count: int, ratio: str, drawn: int) -> None:
    assert visits(count, Decimal(ratio)) == drawn


def test_every_firm_is_kept_and_every_stratum_is_visited_as_planned() -> None:
    frame = draw(plan(), FIRMS, SEED, "hash")
    assert tuple(frame.columns) == FRAME
    assert frame["entity_id"].tolist() == FIRMS["entity_id"].tolist()
    assert (frame["frame_hash"] == "hash").all()
    sizes = frame.groupby("stratum").size()
    assert sizes.to_dict() == {
        "class A/2301": 466, "class A/2302": 234, "class B/2301": 100, "class B/2302": 50,
        "class C/2301": 60, "class C/2302": 30, "class D/2301": 20, "class D/2302": 10,
        "unclassified/2301": 20, "unclassified/2302": 10,
    }  # fmt: skip
    planned = frame.groupby("stratum")["plan_probability"].first() * sizes
    assert planned.round(9).to_dict() == {
        "class A/2301": 5, "class A/2302": 3, "class B/2301": 3, "class B/2302": 2,
        "class C/2301": 6, "class C/2302": 3, "class D/2301": 6, "class D/2302": 3,
        "unclassified/2301": 1, "unclassified/2302": 1,
    }  # fmt: skip
    visited = frame[frame["drawn_by"] != "top_up"].groupby("stratum")["drawn"].sum()
    assert (visited >= planned.round()).all()
    assert (frame["drawn_by"] == "slice").sum() == 5


def test_the_ticket_is_kept_for_who_is_drawn_only() -> None:
    frame = draw(plan(), FIRMS, SEED)
    assert (frame["ticket"].notna() == frame["drawn"]).all()
    assert (frame["drawn_by"].notna() == frame["drawn"]).all()


def test_the_floor_is_filled_without_looking_at_classes() -> None:
    frame = draw(plan(floor=0.2), FIRMS, SEED)
    assert frame["drawn"].sum() == 200
    low = draw(plan(floor=0.03), FIRMS, SEED)
    assert not (low["drawn_by"] == "top_up").any()
    assert (low["top_up_probability"] == 0).all()


def test_the_order_of_the_list_does_not_matter() -> None:
    shuffled = FIRMS.sample(frac=1, random_state=1).reset_index(drop=True)
    again = draw(plan(), shuffled, SEED).sort_values("entity_id", ignore_index=True)
    pd.testing.assert_frame_equal(again, draw(plan(), FIRMS, SEED))


def test_the_slice_is_blind_to_class() -> None:
    other = FIRMS.assign(group=FIRMS["group"].to_numpy()[::-1])
    one, two = (draw(plan(), frame, SEED)["drawn_by"] == "slice" for frame in (FIRMS, other))
    assert one.tolist() == two.tolist()


def test_a_full_stratum_is_drawn_whole() -> None:
    frame = draw(plan(by_class=(0.01, 0.03, 0.1, 1)), FIRMS, SEED)
    worst = frame[frame["risk_class"] == "D"]
    assert worst["drawn"].all()
    assert (worst["inclusion_probability"] == 1).all()


@pytest.mark.parametrize(
    ("total", "sliced", "taken", "floor", "chance"),
    [(1000, 0, 100, 190, 0.1), (1000, 100, 0, 190, 0.1), (1000, 5, 30, 30, 0), (10, 10, 3, 10, 0)],
)
def test_the_chance_of_a_top_up(
    total: int, sliced: int, taken: int, floor: int, chance: float
) -> None:
    assert top_up_probability(total, sliced, taken, floor) == pytest.approx(chance, abs=1e-15)


def test_firms_are_included_as_often_as_recorded() -> None:
    """1,500 draws of 150 firms, all three layers at work.

    Each firm's frequency lies within 4.5 standard errors of its probability (chance of a false
    alarm over all 150: 0.1 %), each class's mean within 0.003.
    """
    listed = firms(class_A=80, class_B=30, class_C=25, class_D=12, unclassified=3)
    settings = plan(blind=0.1, floor=0.3)
    draws = 1500
    seen = np.zeros(len(listed))
    for number in range(draws):
        frame = draw(settings, listed, f"{number:064x}")
        seen += frame["drawn"].to_numpy()
        assert frame["drawn"].sum() == 45
    recorded = frame["inclusion_probability"].to_numpy()
    error = np.sqrt(recorded * (1 - recorded) / draws)
    assert (np.abs(seen / draws - recorded) <= 4.5 * error).all()
    gap = pd.Series(seen / draws - recorded).groupby(listed["group"]).mean()
    assert gap[["class A", "class B", "class C"]].abs().max() < 0.003

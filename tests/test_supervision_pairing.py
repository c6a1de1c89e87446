"""Who visits whom."""

from __future__ import annotations

import hashlib
import json

import pandas as pd
import pytest

from supervision import lists
from supervision.errors import PlanError
from supervision.pairing import pair

INSPECTORS = pd.DataFrame(
    {
        "inspector_id": ["I1", "I2", "I3", "I4", "I5", "I6"],
        "unit": ["230102", "230102", "230102", "2301", "230204", "23"],
        "conflicts": ["F1", "F1;F5", "", "F5", "F5", "F5"],
    }
)


def drawn(**divisions: str) -> pd.DataFrame:
    return pd.DataFrame({"entity_id": list(divisions), "division": list(divisions.values())})


def ticket(firm: str, inspector: str) -> str:
    parts = json.dumps(["seed", "task", f"pair/{firm}", inspector], separators=(",", ":"))
    return hashlib.sha256(parts.encode()).hexdigest()


@pytest.mark.parametrize(
    ("firm", "division", "level", "free"),
    [
        ("F0", "230102", "county", ["I1", "I2", "I3"]),
        ("F1", "230102", "city", ["I3", "I4"]),  # two of the county must step aside
        ("F2", "230199", "city", ["I1", "I2", "I3", "I4"]),
        ("F3", "230204", "all", ["I1", "I2", "I3", "I4", "I5", "I6"]),
        ("F5", "230204", "all", ["I1", "I3"]),
    ],
)
def test_the_nearest_two_without_a_conflict(
    firm: str, division: str, level: str, free: list[str]
) -> None:
    pairs = pair(drawn(**{firm: division}), lists.inspectors(INSPECTORS), "seed", "task")
    assert pairs["pair_level"].tolist() == [level]
    chosen = [pairs["inspector_1"].iat[0], pairs["inspector_2"].iat[0]]
    assert chosen == sorted(free, key=lambda name: ticket(firm, name))[:2]


def test_pairs_stand_beside_their_firms() -> None:
    visits = drawn(F0="230102", F3="230204").set_index(pd.Index([7, 3]))
    assert pair(visits, lists.inspectors(INSPECTORS), "seed", "task").index.tolist() == [7, 3]


def test_without_two_there_is_no_visit() -> None:
    staff = lists.inspectors(INSPECTORS.assign(conflicts="F1").head(3))
    with pytest.raises(PlanError, match="no pair for F1: all but 0 must step aside"):
        pair(drawn(F1="230102"), staff, "seed", "task")

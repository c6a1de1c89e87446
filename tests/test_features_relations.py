from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import features
from records.store import Store
from tests.a_catalogue import catalogue, spine
from tests.a_store import opaque, put, rows

FIRM = "source_id entity_id event_time known_time name entity_type status legal_rep address"
PENALTY = "source_id entity_id event_time known_time authority_field"
DAY = "2024-06-01"


@pytest.fixture(autouse=True, params=[1, 50_000], ids=["read through", "looked up"])
def everyone(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("features.spine.EVERYONE", request.param)


@pytest.fixture
def store(tmp_path: Path) -> Store:
    """r1 heads F1 to F4; F3 is registered anew under r2, F4 is revoked."""
    made = opaque(tmp_path)
    put(
        made,
        "enterprises",
        rows(
            FIRM,
            *(f"{at} F{at} 2020-01-01 2020-01-02 名 1130 live r1 西街{at}号" for at in range(1, 4)),
            "4 F4 2020-01-01 2020-01-02 名 1130 revoked r1 西街4号",
            "5 F3 2024-03-01 2024-03-05 名 1130 live r2 西街1号",
            "6 F5 2020-01-01 2020-01-02 名 1130 live - -",
        ),
        "firms",
    )
    put(
        made,
        "penalties",
        rows(PENALTY, "1 F2 2024-01-01 2024-01-05 tax", "2 F4 2024-01-02 2024-01-05 tax",
             "3 F3 2024-05-30 2024-06-01 tax"),
        "penalties",
    )  # fmt: skip
    return made


def _of(store: Store, entry: dict[str, Any], *pairs: tuple[str, str]) -> list[float | None]:
    wanted = catalogue({"measure": "count", "when_absent": 0}, entry)
    values = features.build(store.snapshot(), spine(*pairs), wanted).frame["G3-02"]
    return [None if value != value else value for value in values]


ALL = tuple((f"F{at}", DAY) for at in range(1, 6))


def test_live_firms_by_their_newest_registration(store: Store) -> None:
    sharing: dict[str, Any] = {"measure": "firms_sharing", "ties": ["legal_rep"]}
    assert _of(store, sharing, *ALL) == [2, 2, 1, 2, None]
    assert _of(store, sharing, ("F1", "2024-03-05"), ("F1", "2024-03-06")) == [3, 2]
    both: dict[str, Any] = {"measure": "firms_sharing", "ties": ["legal_rep", "address"]}
    assert _of(store, both, *ALL) == [2, 2, 2, 2, None]


def test_related_firms_are_counted_once_and_whether_they_live_or_not(store: Store) -> None:
    share: dict[str, Any] = {
        "measure": "related_share",
        "ties": ["legal_rep", "address"],
        "indicator": "G3-01",
    }
    # F1: F2 and F4 by r1, F3 by the address; of them F2 and F4 are penalised
    assert _of(store, share, *ALL) == [2 / 3, 1 / 2, 0, 1 / 2, None]
    count = {**share, "measure": "related_count", "when_absent": 0}
    assert _of(store, count, *ALL) == [2, 1, 0, 1, 0]
    assert _of(store, count, ("F1", "2024-06-02")) == [3]  # F3's penalty is known by then


def test_a_key_of_too_many_firms_ties_nobody(store: Store) -> None:
    few: dict[str, Any] = {
        "measure": "related_count",
        "ties": ["legal_rep"],
        "indicator": "G3-01",
        "most": 2,
    }
    assert _of(store, {**few, "when_absent": 0}, *ALL) == [0, 0, 0, 0, 0]
    assert _of(store, {**few, "most": 3, "when_absent": 0}, *ALL) == [2, 1, 0, 1, 0]


def test_the_records_behind_a_relation_are_the_other_firms(store: Store) -> None:
    wanted = catalogue(
        {"measure": "count", "when_absent": 0},
        {"measure": "related_count", "ties": ["legal_rep"], "indicator": "G3-01"},
    )
    found = features.evidence(store.snapshot(), wanted, wanted["G3-02"], spine(("F1", DAY)))
    assert found[["table", "source_id", "whose"]].to_numpy().tolist() == [
        ["penalties", "2", "F4"],
        ["penalties", "1", "F2"],
    ]

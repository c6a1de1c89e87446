"""Nothing is never zero by mistake: what no record could tell is null, and said to be."""

from __future__ import annotations

from pathlib import Path

import pytest

import features
from features.coverage import coverage
from features.table import MissingTable
from records.store import Store
from tests.a_catalogue import catalogue, spine
from tests.a_store import opaque, put, rows

PENALTY = "source_id entity_id event_time known_time authority_field violation amount"
COMPLAINT = "source_id entity_id event_time known_time kind outcome"
FIRM = "source_id entity_id event_time known_time name entity_type status industry"
NONE = {"when_absent": 0}

WANTED = catalogue(
    {"measure": "count", **NONE},
    {"measure": "sum", "column": "amount", **NONE},
    {"measure": "count", "where": {"violation": "广告"}, **NONE},
    {"measure": "count", "from": "complaints", **NONE},
    {"measure": "count", "from": "complaints", "where": {"outcome": {"except": ["pending"]}}},
    {"measure": "count", "from": "licences", "where": {"expires_on": "past"}, **NONE},
    {"measure": "firms_sharing", "ties": ["legal_rep"]},
    {"measure": "group_count", "by": "industry"},
    {"measure": "quotient", "indicator": "G3-01", "per": "G3-02"},
)  # fmt: skip


@pytest.fixture
def store(tmp_path: Path) -> Store:
    """Penalties that give neither violation nor, before March, an amount; complaints of nobody."""
    made = opaque(tmp_path)
    put(made, "enterprises", rows(FIRM, "1 F1 2020-01-01 2020-01-02 甲 1130 live H62"), "firms")
    put(
        made,
        "penalties",
        rows(PENALTY, "1 F1 2024-01-01 2024-01-05 tax - -", "2 F2 2024-03-01 2024-03-10 tax - 70"),
        "penalties",
    )
    nobody = "1 - 2024-01-01 2024-01-05 complaint confirmed"
    put(made, "complaints", rows(COMPLAINT, nobody), "complaints")
    return made


def test_what_keeps_an_indicator_from_being_known_is_named(store: Store) -> None:
    with pytest.warns(MissingTable) as told:
        table = features.build(store.snapshot(), spine(("F1", "2024-06-01")), WANTED)
    assert sorted(str(one.message) for one in told if one.category is MissingTable) == [
        "complaints.entity_id is never given: G3-04, G3-05 null",
        "enterprises.legal_rep is never given: G3-07 null",
        "no records in licences: G3-06 null",
        "penalties.violation is never given: G3-03 null",
    ]
    row = table.frame.iloc[0]
    assert row[["G3-01", "G3-02"]].tolist() == [1, 0]
    assert row[[f"G3-0{at}" for at in range(3, 8)]].isna().all()
    lacks = {one.indicator: one.lacks for one in coverage(table, WANTED)}
    assert lacks["G3-06"] == "licences"
    assert lacks["G3-01"] == ""


@pytest.mark.filterwarnings("ignore::features.table.MissingTable")
def test_it_is_null_only_until_records_begin(store: Store) -> None:
    """On 10 March the first amount is not known yet: it becomes known that day."""
    asked = spine(("F1", "2024-01-06"), ("F1", "2024-03-10"), ("F1", "2024-03-11"))
    found = features.build(store.snapshot(), asked, WANTED).frame
    assert found["G3-01"].tolist() == [1, 1, 1]
    assert found["G3-02"].isna().tolist() == [True, True, False]
    assert found["G3-09"].isna().tolist() == [True, True, True]  # 1 / 0, once it can be known


@pytest.mark.filterwarnings("ignore::features.table.MissingTable")
def test_the_look_at_some_records_changes_nothing(
    store: Store, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    asked = spine(("F1", "2024-06-01"), ("F2", "2024-03-10"))
    one = features.build(store.snapshot(), asked, WANTED)
    monkeypatch.setattr("features.reach.LOOK", 1)
    monkeypatch.setenv("XINFEN_HOME", str(tmp_path / "other"))
    other = features.build(store.snapshot(), asked, WANTED)
    assert dict(one.folder.absent) == dict(other.folder.absent)
    assert one.frame.equals(other.frame)


def test_a_register_never_received_says_nothing(store: Store) -> None:
    """Only the tax office sent penalties: of the market regulator's nothing is known."""
    one = {"measure": "count", **NONE}
    asked = catalogue(
        one | {"where": {"authority_field": "market_regulation"}},
        one | {"where": {"authority_field": ["tax", "environment"]}},
        one | {"where": {"authority_field": {"except": ["tax"]}}},
    )
    with pytest.warns(MissingTable, match="authority_field market_regulation is never given"):
        table = features.build(store.snapshot(), spine(("F1", "2024-06-01")), asked)
    row = table.frame.iloc[0]
    assert row[["G3-01"]].isna().all()
    assert row[["G3-02", "G3-03"]].tolist() == [1, 0]


def test_a_date_never_given_is_without_end_and_neither_past_nor_near(store: Store) -> None:
    newest = {"measure": "newest_is", "from": "enterprises"}
    asked = catalogue(
        newest | {"of": {"term_ends_on": "open"}},
        newest | {"of": {"term_ends_on": "past"}},
        newest | {"of": {"term_ends_on": {"within": "30d"}}},
        newest | {"of": {"listed_market": {"given": True}}},
    )
    with pytest.warns(MissingTable) as told:
        table = features.build(store.snapshot(), spine(("F1", "2024-06-01")), asked)
    assert sorted(str(one.message) for one in told if one.category is MissingTable) == [
        "enterprises.listed_market is never given: G3-04 null",
        "enterprises.term_ends_on is never given: G3-02, G3-03 null",
    ]
    row = table.frame.iloc[0]
    assert row["G3-01"] == 1
    assert row[["G3-02", "G3-03", "G3-04"]].isna().all()


def test_a_group_that_records_name_themselves_is_asked_of_firms_too(tmp_path: Path) -> None:
    wanted = catalogue({"measure": "group_count", "from": "complaints", "by": "address", **NONE})
    made = opaque(tmp_path)
    firm = "source_id entity_id event_time known_time name entity_type status address"
    put(made, "enterprises", rows(firm, "1 F1 2020-01-01 2020-01-02 甲 1130 live 某路1号"), "firms")
    complaint = f"{COMPLAINT} address"
    nobody = "1 - 2024-01-01 2024-01-05 complaint confirmed 某路1号"
    put(made, "complaints", rows(complaint, nobody), "complaints")
    table = features.build(made.snapshot(), spine(("F1", "2024-06-01")), wanted)
    assert table.frame["G3-01"].tolist() == [1]

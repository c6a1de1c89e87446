from __future__ import annotations

from datetime import date
from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq
import pytest

import features
from features.table import MissingTable
from records.errors import BadInput, NotPossible
from records.store import Store
from tests.a_catalogue import catalogue, spine
from tests.a_store import opaque, put, rows

PENALTY = "source_id entity_id event_time known_time valid_to authority_field amount"
FIRM = (
    "source_id entity_id event_time known_time name entity_type industry address status "
    "registered_capital established_on"
)


@pytest.fixture(autouse=True, params=[1, 50_000], ids=["read through", "looked up"])
def everyone(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Both ways to the records: all of them read, or those of the firms asked for looked up."""
    monkeypatch.setattr("features.spine.EVERYONE", request.param)


@pytest.fixture
def store(tmp_path: Path) -> Store:
    """Three firms, worked by hand in the tests below."""
    store = opaque(tmp_path)
    put(
        store,
        "enterprises",
        rows(
            FIRM,
            "1 F1 2020-01-01 2020-01-05 甲 1100 H62 西街1号 live 1000 2020-01-01",
            "2 F2 2021-01-01 2021-01-05 乙 1100 H62 西街1号 live - 2021-01-01",
            "3 F3 2024-02-01 2024-02-15 丙 1100 C13 - live 500 2024-02-01",
        ),
        "firms",
    )
    put(
        store,
        "penalties",
        rows(
            PENALTY,
            "1 F1 2024-01-01 2024-01-05 - tax 100",
            "2 F1 2024-02-01 2024-02-05 - market_regulation 50",
            "3 F2 2024-02-01 2024-05-05 - tax 9",
            "4 F1 2020-06-01 2020-06-09 2024-02-20 tax 7",
        ),
        "penalties",
    )
    return store


def test_the_table_worked_by_hand(store: Store) -> None:
    wanted = catalogue(
        {"measure": "count", "when_absent": 0, "window": "3y"},
        {"measure": "count", "when_absent": 0},
        {"measure": "sum", "column": "amount", "when_absent": 0},
        {"measure": "days_since"},
        {"measure": "share", "of": {"authority_field": "tax"}},
        {"measure": "count", "window": "30d", "when_absent": 0},
        {"measure": "any", "where": {"authority_field": "market_regulation"}, "when_absent": 0},
        {"measure": "latest", "from": "enterprises", "column": "registered_capital"},
        {"measure": "firms_sharing", "ties": ["address"]},
        {"measure": "group_rate", "by": "industry", "of": {"authority_field": "tax"}, "prior": 2},
    )
    asked = spine(
        ("F1", "2024-02-05"), ("F1", "2024-03-01"), ("F2", "2024-03-01"), ("F3", "2024-03-01")
    )
    table = features.build(store.snapshot(), asked, wanted).frame
    null = float("nan")
    expected = pd.DataFrame(
        [
            # on 5 February the second penalty is not known yet: it becomes known that day, and
            # until then nothing is known of the market regulator's penalties
            ["F1", date(2024, 2, 5), 1, 2, 107, 35, 1.0, 0, null, 1000, 2, 1.0],
            # by March the old one's influence has ended
            ["F1", date(2024, 3, 1), 2, 2, 150, 29, 0.5, 1, 1, 1000, 2, 0.5],
            # the penalty of F2 becomes known in May
            ["F2", date(2024, 3, 1), 0, 0, 0, null, null, 0, 0, null, 2, 0.5],
            ["F3", date(2024, 3, 1), 0, 0, 0, null, null, 0, 0, 500, null, null],
        ],
        columns=table.columns,
    )
    pd.testing.assert_frame_equal(table, expected.astype(table.dtypes.to_dict()))


def test_late_records_and_corrections_change_no_earlier_indicator(store: Store) -> None:
    wanted = catalogue(
        {"measure": "count", "when_absent": 0},
        {"measure": "sum", "column": "amount"},
        {"measure": "share", "of": {"authority_field": "tax"}},
        {"measure": "group_rate", "by": "industry", "of": {"authority_field": "tax"}},
    )
    asked = spine(("F1", "2024-03-01"), ("F2", "2024-03-01"))
    before = features.build(store.snapshot(), asked, wanted).frame
    put(
        store,
        "penalties",
        rows(
            PENALTY,
            "9 F1 2024-01-15 2024-03-01 - tax 1000",  # late: known on the day itself
            "1 F1 2024-01-01 2024-03-02 - market_regulation 1",  # a correction
            "2 F2 2024-02-01 2024-04-01 - tax 60",  # moved to another firm
        ),
        "late",
    )
    put(
        store,
        "repairs",
        rows(
            "source_id entity_id event_time known_time repaired_table repaired_source_id",
            "1 F1 2024-02-25 2024-03-01 penalties 2",
        ),
        "repairs",
    )
    pd.testing.assert_frame_equal(features.build(store.snapshot(), asked, wanted).frame, before)
    later = features.build(store.snapshot(), spine(("F1", "2024-05-01")), wanted).frame
    # the repaired and moved record 2 is gone; 1 is corrected; 9 has come
    assert later[["G3-01", "G3-02"]].to_numpy().tolist() == [[2, 1001]]


def test_a_repair_counts_as_it_was_known(store: Store) -> None:
    repair = "source_id entity_id event_time known_time repaired_table repaired_source_id"
    put(store, "repairs", rows(repair, "1 F1 2024-02-10 2024-02-12 penalties 2"), "one")
    put(store, "repairs", rows(repair, "1 F1 2024-02-10 2024-03-10 penalties 1"), "two")
    wanted = catalogue({"measure": "sum", "column": "amount"},
                       {"measure": "sum", "column": "amount", "after_repair": "keep"})  # fmt: skip
    asked = spine(("F1", "2024-02-12"), ("F1", "2024-03-01"), ("F1", "2024-03-15"))
    found = features.build(store.snapshot(), asked, wanted).frame
    # penalties 1 (100), 2 (50) and, until 20 February, 4 (7); first 2 is repaired, then 1 instead
    assert found["G3-01"].tolist() == [157, 100, 50]
    assert found["G3-02"].tolist() == [157, 150, 150]


def test_a_firms_row_does_not_depend_on_who_else_is_asked_for(store: Store) -> None:
    wanted = catalogue(
        {"measure": "firms_sharing", "ties": ["address"]},
        {"measure": "group_rate", "by": "industry", "of": {"authority_field": "tax"}},
    )
    alone = features.build(store.snapshot(), spine(("F2", "2024-03-01")), wanted).frame
    together = features.build(
        store.snapshot(), spine(("F1", "2024-03-01"), ("F2", "2024-03-01")), wanted
    ).frame
    pd.testing.assert_frame_equal(alone, together[1:].reset_index(drop=True))


def test_the_newest_registration_places_the_firm(store: Store) -> None:
    put(
        store,
        "enterprises",
        rows(FIRM, "1 F1 2024-03-01 2024-03-05 甲 1100 H62 东街2号 live 1000 2020-01-01"),
        "moved",
    )
    wanted = catalogue({"measure": "firms_sharing", "ties": ["address"]})
    asked = spine(("F2", "2024-03-05"), ("F2", "2024-03-06"))
    assert features.build(store.snapshot(), asked, wanted).frame["G3-01"].tolist() == [2, 1]


def test_a_table_without_records_gives_null_and_says_so(store: Store) -> None:
    wanted = catalogue({"from": "complaints", "measure": "count", "when_absent": 0})
    with pytest.warns(MissingTable, match="no records in complaints: G3-01 null"):
        table = features.build(store.snapshot(), spine(("F1", "2024-03-01")), wanted)
    assert table.frame["G3-01"].isna().all()


def test_a_date_before_all_records_is_refused(store: Store) -> None:
    with pytest.raises(NotPossible, match="nothing was known yet on 2020-01-05"):
        features.build(
            store.snapshot(), spine(("F1", "2020-01-05")), catalogue({"measure": "count"})
        )


@pytest.mark.parametrize("bad", [pd.DataFrame({"entity_id": ["F1"]}), spine()])
def test_a_spine_without_rows_or_dates_is_refused(store: Store, bad: pd.DataFrame) -> None:
    with pytest.raises(BadInput, match="the spine"):
        features.build(store.snapshot(), bad, catalogue({"measure": "count"}))


def test_the_file_names_its_origin(store: Store, tmp_path: Path) -> None:
    records = store.snapshot()
    table = features.build(records, spine(("F1", "2024-03-01")), catalogue({"measure": "count"}))
    table.write(tmp_path / "one.parquet")
    table.write(tmp_path / "two.parquet")
    assert (tmp_path / "one.parquet").read_bytes() == (tmp_path / "two.parquet").read_bytes()
    metadata = pq.read_schema(tmp_path / "one.parquet").metadata
    assert metadata[b"snapshot"].decode() == records.id
    assert metadata[b"catalogue_hash"].decode() == table.hash


def test_evidence_is_the_records_that_counted_newest_first(store: Store) -> None:
    count = catalogue({"measure": "count", "window": "3y"})
    found = features.evidence(store.snapshot(), count, count["G3-01"], spine(("F1", "2024-03-01")))
    assert found["source_id"].tolist() == ["2", "1"]
    sharing = catalogue({"measure": "firms_sharing", "ties": ["address"]})
    asked = spine(("F2", "2024-03-01"))
    other = features.evidence(store.snapshot(), sharing, sharing["G3-01"], asked)
    assert other[["table", "source_id", "whose"]].to_numpy().tolist() == [
        ["enterprises", "1", "F1"]
    ]


def test_the_population_is_every_firm_known_by_then(store: Store) -> None:
    firms = features.population(store.snapshot(), date(2024, 2, 15))
    assert firms["entity_id"].tolist() == ["F1", "F2"]
    assert firms["public_grade"].isna().all()
    assert features.population(store.snapshot(), date(2024, 2, 16))["name"].tolist()[-1] == "丙"

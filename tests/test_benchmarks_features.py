"""The benchmark of indicators: its pandas peer is an oracle, and it measures what is shipped."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import duckdb
import pandas as pd
import pytest

import features
from benchmarks import features_own, features_pandas
from benchmarks.features import Bench
from benchmarks.features_own import OF_MANY, OWN, WRITING
from benchmarks.features_records import province, records_of
from benchmarks.measured import Measured
from benchmarks.pandas_records import Numbered, Records
from features.clocks import ROW
from records.store import Snapshot, Store

DAYS = {date(2026, 7, 1): 1, date(2026, 1, 31): 50_000}
"""Dates, and from how many firms on records are read through: both ways to them are gone."""


@pytest.fixture
def records(demo: Path) -> Snapshot:
    return Store.open(demo / "store").snapshot()


def _count(records: Snapshot, table: str, what: str) -> int:
    with duckdb.connect() as connection:
        rows = connection.read_parquet(records.tables[table])
        ((found,),) = rows.filter(what).aggregate("count(*)").fetchall()
        return int(found)


@pytest.mark.parametrize("day", DAYS)
def test_the_engine_and_pandas_give_the_same_table(
    records: Snapshot, day: date, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Late, corrected and repaired records among them; 40 indicators of 3,000 firms."""
    known = f"known_time < date '{day}'"
    assert _count(records, "complaints", f"not ({known}) and event_time < date '{day}'") > 0
    assert _count(records, "complaints", f"{known} and corrects is not null") > 10
    assert _count(records, "repairs", known) > 10
    monkeypatch.setattr("features.spine.EVERYONE", DAYS[day])
    spine = features.population(records, day)[ROW]
    engine = features.build(records, spine, features_own.general(features_pandas.IDS)).frame
    assert engine.drop(columns=ROW).notna().any().all()
    assert (engine.drop(columns=ROW).nunique() > 1).all()
    for kind in (Records, Numbered):
        peer = features_pandas.indicators(records.tables, spine.sample(frac=1), kind)
        whole = [name for name in features_pandas.IDS if (engine[name].dropna() % 1 == 0).all()]
        assert len(whole) >= 30
        pd.testing.assert_frame_equal(peer[whole], engine[whole], check_exact=True)
        pd.testing.assert_frame_equal(peer, engine, rtol=1e-12, atol=0)


def test_what_is_measured_is_the_build_that_is_shipped(demo: Path, tmp_path: Path) -> None:
    """`features.build` finds the table that was measured, and has nothing left to do."""
    records = records_of(demo / "store")
    spine = features.population(records, date(2026, 7, 1))[ROW].iloc[:50]
    spine.to_parquet(tmp_path / "spine.parquet")
    told = features_own.build(str(demo / "store"), str(tmp_path / "spine.parquet"))
    assert (told["rows"], told["indicators"]) == (50, len(features_own.general().indicators))
    assert told["seconds"].keys() == {OWN, OF_MANY, WRITING}
    assert all(seconds > 0 for seconds in told["seconds"].values())

    def never(*_: object) -> None:
        raise AssertionError("built again")

    table = features.build(records, spine, features_own.general(), progress=never)
    assert len(table.frame) == 50


def test_inspections_are_drawn_by_what_they_are(demo: Path, tmp_path: Path) -> None:
    """A firm and day of a visit each, once; the same ones every time, and more of them hold
    the fewer."""
    drawn = {}
    for count in (40, 80):
        told = features_own.inspected(str(demo / "store"), count, str(tmp_path / "spine.parquet"))
        assert told == {"rows": count}
        frame = pd.read_parquet(tmp_path / "spine.parquet")
        drawn[count] = set(frame.itertuples(index=False, name=None))
        assert len(drawn[count]) == count
    assert drawn[40] < drawn[80]


def test_a_province_is_made_once_and_whole(home: Path) -> None:
    store = province(200, seed=3)
    assert store == home / "bench" / "provinces" / "200-3"
    assert [path.name for path in store.parent.iterdir()] == ["200-3"]
    firms = features.population(records_of(store), features_own.AS_OF)
    assert 190 <= len(firms) <= 200
    made = records_of(store).id
    assert province(200, seed=3) == store
    assert records_of(store).id == made


def test_a_store_made_elsewhere_serves(demo: Path, home: Path) -> None:
    (home / "bench" / "provinces").mkdir(parents=True)
    (home / "bench" / "provinces" / "3000-7").symlink_to(demo / "store")
    before = sorted((demo / "store").rglob("*"))
    assert records_of(province(3000, seed=7)).id == records_of(demo / "store").id
    assert sorted((demo / "store").rglob("*")) == before


FACTS = {
    "rows": 100,
    "records": 2000,
    "indicators": 119,
    "seconds": {OWN: 20.0, OF_MANY: 15.0, WRITING: 10.0},
}


def test_the_parts_of_a_province_add_up_to_the_whole(tmp_path: Path) -> None:
    rows = Bench(tmp_path, judged=True).whole(Measured(50.0, 95.0, 9.0, FACTS, load=0.5))
    assert [row["figure"] for row in rows] == [50.0, 95.0, 9.0, 20.0, 15.0, 10.0, 5.0]
    assert [row["ok"] for row in rows] == [True, None, False, True, None, None, None]
    assert rows[0]["what"] == "100 firms, 2,000 records, 119 indicators, one date"


def test_no_goal_is_judged_at_a_small_size(tmp_path: Path) -> None:
    rows = Bench(tmp_path, judged=False).whole(Measured(50.0, 95.0, 9.0, FACTS, load=0.5))
    assert {row["ok"] for row in rows} == {None}


def test_growth_is_told_by_the_million(tmp_path: Path) -> None:
    sizes = {size: Measured(s, s, 1.0, FACTS, load=0.0) for size, s in ((10_000, 2.0), (50_000, 4))}
    rows = Bench(tmp_path, judged=True).growing(sizes)
    assert [row["figure"] for row in rows] == [200.0, 80.0]
    assert rows[0]["what"] == "growth: 10,000 firms in 2.0 s"


def test_without_its_environment_feast_has_no_figure_and_a_reason(tmp_path: Path) -> None:
    bench = Bench(tmp_path, judged=True)
    row = bench._feast(Measured(50.0, 95.0, 9.0, FACTS, load=0.5), tmp_path / "table.parquet")
    assert (row["figure"], row["peer_figure"], row["ratio"]) == (None, None, None)
    assert "`make feast`" in row["what"]

from __future__ import annotations

from datetime import date
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from records.errors import BadInput, NotFound
from records.intake import ingest
from records.schema import TABLES
from records.store import Store
from tests.a_store import CODES, opaque, put, rows

PENALTY = "source_id entity_id event_time known_time authority_field amount"


def test_every_row_is_stored_duplicate_or_quarantined(tmp_path: Path) -> None:
    store = Store.create(tmp_path / "store")
    report = put(
        store,
        "penalties",
        rows(
            PENALTY,
            f"1 {CODES[0]} 2024-01-01 2024-01-05 tax 100",
            f"2 {CODES[1].lower()} 2024/1/1 20240105 tax -",
            f"3 {CODES[0][:-1]}R 2062-01-01 2063-01-05 taxx 1.5",
            f"1 {CODES[0]} 2024-01-01 2024-01-05 tax 100",
        ),
    )
    assert (
        report.read,
        report.stored,
        report.duplicate,
        report.corrected,
        report.quarantined,
        report.repaired,
    ) == (4, 2, 1, 0, 1, 1)
    refused = store.refused("penalties")
    assert refused is not None
    (row,) = refused.to_pylist()
    assert {reason["field"] for reason in row["reasons"]} == {
        "entity_id",
        "event_time",
        "known_time",
        "authority_field",
        "amount",
    }
    assert all(reason["allowed"] and reason["hint"] for reason in row["reasons"])
    assert '"amount": "1.5"' in row["record"]


def test_the_same_file_again_stores_nothing_new(tmp_path: Path) -> None:
    store = opaque(tmp_path)
    given = rows(PENALTY, "1 F1 2024-01-01 2024-01-05 tax 100", "2 F1 2024-01-01 2024-01-05 no 1")
    first = put(store, "penalties", given)
    again = put(store, "penalties", given)
    assert (first.stored, first.quarantined) == (1, 1)
    assert (again.stored, again.duplicate, again.quarantined) == (0, 1, 1)
    refused = store.refused("penalties")
    assert refused is not None
    assert refused.num_rows == 1


def test_new_content_is_a_correction_from_its_own_known_time(tmp_path: Path) -> None:
    store = opaque(tmp_path)
    put(store, "penalties", rows(PENALTY, "1 F1 2024-01-01 2024-01-05 tax 100"))
    report = put(store, "penalties", rows(PENALTY, "1 F1 2024-01-01 2024-03-05 tax 200"))
    assert (report.stored, report.corrected) == (1, 1)
    stored = store.rows("penalties", ["known_time", "amount", "revision"])
    assert stored is not None
    assert sorted(stored.to_pylist(), key=lambda row: row["revision"]) == [
        {"known_time": date(2024, 1, 5), "amount": 100, "revision": 0},
        {"known_time": date(2024, 3, 5), "amount": 200, "revision": 1},
    ]


def test_a_correction_that_does_not_say_when_is_known_from_today(tmp_path: Path) -> None:
    store = opaque(tmp_path)
    put(store, "penalties", rows(PENALTY, "1 F1 2024-01-01 2024-01-05 tax 100"))
    put(store, "penalties", rows(PENALTY, "1 F1 2024-01-01 2024-01-05 tax 200"))
    stored = store.rows("penalties", ["known_time", "amount"])
    assert stored is not None
    assert {row["known_time"] for row in stored.to_pylist() if row["amount"] == 200} == {
        store.today()
    }


def test_an_old_file_after_a_correction_is_a_duplicate(tmp_path: Path) -> None:
    store = opaque(tmp_path)
    old = rows(PENALTY, "1 F1 2024-01-01 2024-01-05 tax 100")
    put(store, "penalties", old, "old")
    put(store, "penalties", rows(PENALTY, "1 F1 2024-01-01 2024-03-05 tax 200"), "new")
    assert put(store, "penalties", old, "old").duplicate == 1


def test_versions_in_one_file_follow_their_clocks(tmp_path: Path) -> None:
    store = opaque(tmp_path)
    report = put(
        store,
        "penalties",
        rows(PENALTY, "1 F1 2024-01-01 2024-03-05 tax 200", "1 F1 2024-01-01 2024-01-05 tax 100"),
    )
    assert (report.stored, report.corrected) == (2, 1)


def test_a_snapshot_names_content_and_not_only_versions(tmp_path: Path) -> None:
    one, two = opaque(tmp_path / "one"), opaque(tmp_path / "two")
    put(one, "penalties", rows(PENALTY, "1 F1 2024-01-01 2024-01-05 tax 100"))
    put(two, "penalties", rows(PENALTY, "1 F1 2024-01-01 2024-01-05 tax 101"))
    assert one.snapshot().id != two.snapshot().id
    three = opaque(tmp_path / "three")
    put(three, "penalties", rows(PENALTY, "1 F1 2024-01-01 2024-01-05 tax 100"))
    assert one.snapshot().id == three.snapshot().id


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "has no rows"),
        ("source,source_id\n", "has no rows"),
        ("source,source_idd,entity_id\na,b,c\n", "missing source_id"),
    ],
)
def test_a_file_that_cannot_be_taken_leaves_nothing(
    tmp_path: Path, content: str, message: str
) -> None:
    store, file = opaque(tmp_path), tmp_path / "file.csv"
    file.write_text(content)
    with pytest.raises(BadInput, match=message):
        ingest(store, "penalties", file)
    assert not store.path.exists()


def test_unknown_tables_and_files_are_named(tmp_path: Path) -> None:
    store = opaque(tmp_path)
    with pytest.raises(NotFound, match="did you mean 'penalties'"):
        ingest(store, "penalty", tmp_path / "file.csv")
    with pytest.raises(NotFound, match=r"no file .*file\.csv"):
        ingest(store, "penalties", tmp_path / "file.csv")


def test_gb18030_is_told_from_utf8(tmp_path: Path) -> None:
    head = "source,source_id,entity_id,event_time,known_time,kind"
    text = f"{head}\n局,1,F1,2024年1月2日,2024/1/3,report\n"
    file = tmp_path / "gb.csv"
    file.write_bytes(text.encode("gb18030"))
    store = opaque(tmp_path)
    assert ingest(store, "complaints", file).stored == 1
    stored = store.rows("complaints", ["source", "event_time"])
    assert stored is not None
    assert stored.to_pylist() == [{"source": "局", "event_time": date(2024, 1, 2)}]


_hostile = st.one_of(
    st.none(),
    st.text(max_size=8),
    st.sampled_from(
        ["2024-01-01", "F1", "tax", "=1+1", "1e400", "-5", "true", "２０２４", "\x00", "😀", "NaN"]
    ),
)


@settings(
    max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    st.lists(
        st.fixed_dictionaries(dict.fromkeys(TABLES["penalties"].by_name, _hostile)),
        min_size=1,
        max_size=8,
    )
)
def test_nothing_vanishes_whatever_comes(
    tmp_path_factory: pytest.TempPathFactory, given_rows: list[dict[str, str | None]]
) -> None:
    folder = tmp_path_factory.mktemp("fuzz")
    file = folder / "file.parquet"
    columns = list(TABLES["penalties"].by_name)
    pd.DataFrame(given_rows, columns=columns, dtype="str").to_parquet(file)
    report = ingest(opaque(folder), "penalties", file)
    assert report.read == len(given_rows)
    assert report.read == report.stored + report.duplicate + report.quarantined

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq
import pytest

from features.catalogue import Catalogue
from features.table import build
from records import maintenance, schema
from records.errors import NotFound, NotPossible
from records.schema import TABLES, Column, Table
from records.store import Store
from tests.a_store import opaque, put, rows

PENALTY = "source_id entity_id event_time known_time authority_field amount"


@pytest.fixture
def store(tmp_path: Path) -> Store:
    """Three batches: F2, then F1, then one more of F1 and a correction."""
    made = opaque(tmp_path)
    put(made, "penalties", rows(PENALTY, "1 F2 2024-01-01 2024-01-05 tax 100"), "a")
    put(made, "penalties", rows(PENALTY, "2 F1 2024-01-01 2024-01-06 tax 200"), "b")
    put(
        made,
        "penalties",
        rows(PENALTY, "3 F1 2024-02-01 2024-02-05 tax 300", "2 F1 2024-01-01 2024-03-05 no_such 1"),
        "c",
    )
    put(made, "penalties", rows(PENALTY, "2 F1 2024-01-01 2024-03-05 tax 250"), "d")
    return made


def _contents(store: Store) -> list[dict[str, object]]:
    stored = store.rows("penalties", ["entity_id", "amount", "sequence", "corrects", "content"])
    assert stored is not None
    return sorted(stored.to_pylist(), key=lambda row: row["sequence"])


def test_status_counts_rows_days_and_files(store: Store) -> None:
    found = maintenance.status(store)
    assert list(found) == ["penalties"]
    one = found["penalties"]
    assert (one.version, one.rows, one.files, one.schema, one.due) == (3, 4, 4, 1, ())
    assert (one.first_known, one.last_known) == (date(2024, 1, 5), date(2024, 3, 5))
    assert one.size > 0


def test_history_tells_batches_and_rewrites_with_their_heads(store: Store) -> None:
    maintenance.compact(store, "penalties")
    found = maintenance.history(store, "penalties")
    assert [(one["what"], one["rows"]) for one in found] == [
        ("batch", 1),
        ("batch", 1),
        ("batch", 1),
        ("batch", 1),
        ("compact", 4),
    ]
    assert len({one["head"] for one in found}) == 4
    assert found[-1]["head"] == found[-2]["head"]
    with pytest.raises(NotFound, match="did you mean 'penalties'"):
        maintenance.history(store, "penalty")
    with pytest.raises(NotFound, match="complaints holds no records"):
        maintenance.history(store, "complaints")


def test_compaction_clusters_by_firm_and_changes_no_record(store: Store) -> None:
    before = _contents(store)
    done = maintenance.compact(store, "penalties")
    assert (done.rows, done.files_before, done.files) == (4, 4, 1)
    assert _contents(store) == before
    (file,) = store.snapshot().tables["penalties"]
    kept = pq.ParquetFile(file).read(["entity_id", "sequence"]).to_pylist()
    assert [(row["entity_id"], row["sequence"]) for row in kept] == [
        ("F1", 1),
        ("F1", 3),
        ("F1", 2),
        ("F2", 0),
    ]
    assert not (store.path / "_spill" / "penalties").exists()


def test_snapshots_keep_their_ids_and_stay_readable(tmp_path: Path) -> None:
    store = opaque(tmp_path)
    put(store, "penalties", rows(PENALTY, "1 F2 2024-01-01 2024-01-05 tax 100"), "a")
    old = store.snapshot()
    put(store, "penalties", rows(PENALTY, "2 F1 2024-01-01 2024-01-05 tax 100"), "b")
    put(store, "penalties", rows(PENALTY, "3 F1 2024-01-01 2024-01-05 tax 100"), "c")
    now = store.snapshot()
    done = maintenance.compact(store, "penalties", keep_days=0)
    assert done.freed == 2  # of `b` and `c`; `a` belongs to the old snapshot
    assert store.snapshot().id == now.id
    assert store.named(now.id).tables == store.snapshot().tables != now.tables
    assert store.named(old.id) == old
    assert all(Path(file).exists() for file in old.tables["penalties"])


@pytest.mark.filterwarnings("ignore::features.table.MissingTable")
def test_features_of_a_snapshot_are_the_same_after_compaction(store: Store) -> None:
    before = store.snapshot()
    spine = pd.DataFrame({"entity_id": ["F1", "F2", "F9"], "as_of": [date(2024, 6, 1)] * 3})
    catalogue = Catalogue.load(Path("models/general/indicators.yaml"))
    first = build(before, spine, catalogue)
    maintenance.compact(store, "penalties", keep_days=0)
    again = build(store.named(before.id), spine, catalogue)
    assert again.snapshot == first.snapshot
    pd.testing.assert_frame_equal(again.frame, first.frame)


def test_a_batch_taken_in_before_stays_known_after_compaction(store: Store) -> None:
    maintenance.compact(store, "penalties", keep_days=0)
    again = put(store, "penalties", rows(PENALTY, "1 F2 2024-01-01 2024-01-05 tax 100"), "a")
    assert (again.stored, again.duplicate) == (0, 1)
    new = put(store, "penalties", rows(PENALTY, "9 F2 2024-01-01 2024-01-05 tax 9"), "e")
    assert new.stored == 1
    assert [row["sequence"] for row in _contents(store)] == [0, 1, 2, 3, 4]


def test_a_snapshot_that_was_tampered_with_is_refused(store: Store) -> None:
    named = store.snapshot()
    path = store.path / "_snapshots" / f"{named.id}.json"
    path.write_text(json.dumps({"penalties": {"version": 0, "head": "another"}}))
    with pytest.raises(NotPossible, match="penalties is not what snapshot"):
        store.named(named.id)
    with pytest.raises(NotFound, match="unknown snapshot 'feed'"):
        store.named("feed")


def _declare(monkeypatch: pytest.MonkeyPatch, *columns: Column) -> None:
    now = TABLES["penalties"]
    changed = Table(now.name, now.zh, now.en, columns)
    monkeypatch.setitem(schema.TABLES, "penalties", changed)


def test_migration_adds_columns_declared_since(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    named = store.snapshot()
    added = Column("ward", "text", "街道", "ward")
    _declare(monkeypatch, *TABLES["penalties"].own, added)
    assert maintenance.status(store)["penalties"].due == ("ward",)
    with pytest.raises(NotPossible, match=r"(?s)ward.*xinfen store migrate"):
        put(store, "penalties", rows(PENALTY, "9 F2 2024-01-01 2024-01-05 tax 9"), "e")

    assert maintenance.migrate(store, "penalties") == ("ward",)
    assert maintenance.migrate(store, "penalties") == ()
    one = maintenance.status(store)["penalties"]
    assert (one.schema, one.due, one.rows) == (2, (), 4)
    assert store.snapshot().id == named.id
    assert put(
        store, "penalties", rows(f"{PENALTY} ward", "9 F2 2024-01-01 2024-01-05 tax 9 局"), "e"
    ).stored
    stored = store.rows("penalties", ["ward"])
    assert stored is not None
    assert sorted(stored["ward"].to_pylist(), key=str) == [None, None, None, None, "局"]
    # Rows from before the column are the same records still.
    again = put(store, "penalties", rows(PENALTY, "1 F2 2024-01-01 2024-01-05 tax 100"), "f")
    assert (again.stored, again.duplicate) == (0, 1)


def test_migration_makes_the_keys_of_what_was_given(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = TABLES["enterprises"]
    with monkeypatch.context() as before:
        before.setitem(schema.TABLES, "enterprises", Table(now.name, now.zh, now.en, now.own))
        store = opaque(tmp_path)
        columns = "source_id entity_id event_time known_time name entity_type status address"
        line = "1 F1 2024-01-01 2024-01-05 甲 1130 live 中央大街三栋"
        put(store, "enterprises", rows(columns, line), "a")
    assert maintenance.migrate(store, "enterprises") == ("address_key",)
    stored = store.rows("enterprises", ["address", "address_key"])
    assert stored is not None
    assert stored.to_pylist() == [{"address": "中央大街三栋", "address_key": "中央大街3号楼"}]
    assert put(store, "enterprises", rows(columns, line), "b").duplicate == 1


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ("remove", r"amount \(not declared\)"),
        ("retype", r"amount \(int64\)"),
        ("require", r"found: ward"),
    ],
)
def test_migration_refuses_what_it_cannot_do(
    store: Store, monkeypatch: pytest.MonkeyPatch, change: str, message: str
) -> None:
    own = TABLES["penalties"].own
    others = tuple(column for column in own if column.name != "amount")
    match change:
        case "remove":
            _declare(monkeypatch, *others)
        case "retype":
            _declare(monkeypatch, *others, Column("amount", "text", "罚没金额", "amount"))
        case _:
            _declare(monkeypatch, *own, Column("ward", "text", "机关", "ward", required=True))
    before = maintenance.history(store, "penalties")
    with pytest.raises(NotPossible, match=message):
        maintenance.migrate(store, "penalties")
    assert maintenance.history(store, "penalties") == before

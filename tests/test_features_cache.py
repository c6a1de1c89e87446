from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq
import pytest

import features
from features.engine import DuckDB
from records.store import Store
from tests.a_catalogue import catalogue, spine
from tests.a_store import opaque, put, rows

PENALTY = "source_id entity_id event_time known_time authority_field amount"
ASKED = spine(*((f"F{at}", "2024-03-01") for at in range(6)))
WANTED = catalogue({"measure": "count", "when_absent": 0}, {"measure": "sum", "column": "amount"})


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Store:
    """Six firms with a penalty each, read in parts of two."""
    monkeypatch.setattr("features.building.CELLS", 4)
    monkeypatch.setattr("features.spine.EVERYONE", 1)
    made = opaque(tmp_path)
    lines = [f"{at} F{at} 2024-01-0{at + 1} 2024-01-09 tax {at * 100}" for at in range(6)]
    put(made, "penalties", rows(PENALTY, *lines))
    return made


def _written(monkeypatch: pytest.MonkeyPatch, *, until: int | None = None) -> list[Path]:
    """The parts that are written from now on; after `until` of them the power fails."""
    written: list[Path] = []
    write = DuckDB.write

    def watched(self: DuckDB, expression: object, path: Path, about: object) -> None:
        if until is not None and len(written) == until:
            raise KeyboardInterrupt
        write(self, expression, path, about)  # type: ignore[arg-type]
        written.append(path)

    monkeypatch.setattr(DuckDB, "write", watched)
    return written


def test_a_table_that_is_there_is_not_made_again(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    written = _written(monkeypatch)
    first = features.build(store.snapshot(), ASKED, WANTED)
    assert len(written) == len(first.parts) == 3
    again = features.build(store.snapshot(), ASKED[::-1], WANTED)
    assert len(written) == 3
    assert again.parts == first.parts
    features.build(store.snapshot(), ASKED[1:], WANTED)
    assert len(written) == 6  # other firms are another table


def test_a_making_that_was_cut_off_goes_on_where_it_was(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as cut:
        done = _written(cut, until=2)
        with pytest.raises(KeyboardInterrupt):
            features.build(store.snapshot(), ASKED, WANTED)
    written = _written(monkeypatch)
    table = features.build(store.snapshot(), ASKED, WANTED)
    assert (len(done), len(written)) == (2, 1)
    assert table.frame["G3-02"].tolist() == [0, 100, 200, 300, 400, 500]


def test_other_records_or_declarations_make_another_table(store: Store) -> None:
    first = features.build(store.snapshot(), ASKED, WANTED)
    other = features.build(store.snapshot(), ASKED, catalogue({"measure": "count"}))
    put(store, "penalties", rows(PENALTY, "9 F1 2024-01-01 2024-01-09 tax 1"), "more")
    later = features.build(store.snapshot(), ASKED, WANTED)
    assert len({first.folder.path, other.folder.path, later.folder.path}) == 3
    assert later.frame["G3-01"].tolist() == [1, 2, 1, 1, 1, 1]


def test_the_files_name_their_origin_and_nothing_of_when_or_where(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    records = store.snapshot()
    table = features.build(records, ASKED, WANTED)
    stated = json.loads((table.folder.path / "table.json").read_text())
    assert stated["as_of"] == "2024-03-01"
    for part in table.parts:
        metadata = pq.read_schema(part).metadata
        assert metadata[b"snapshot"].decode() == records.id == table.snapshot
        assert metadata[b"catalogue_hash"].decode() == WANTED.hash == table.hash
    monkeypatch.setenv("XINFEN_HOME", str(tmp_path / "elsewhere"))
    again = features.build(records, ASKED, WANTED)
    assert again.folder.path != table.folder.path
    for one, other in zip(table.parts, again.parts, strict=True):
        assert one.read_bytes() == other.read_bytes()
    table.write(tmp_path / "whole.parquet")
    whole = pd.read_parquet(tmp_path / "whole.parquet")
    assert whole["entity_id"].tolist() == sorted(ASKED["entity_id"])

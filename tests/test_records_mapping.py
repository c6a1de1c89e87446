from __future__ import annotations

from datetime import date
from pathlib import Path

import pandas as pd
import pytest

from records.errors import BadDefinition, NotFound
from records.intake import ingest
from records.mapping import Mapping
from tests.a_store import opaque

MIYUN = """
table: inspections
source: {name: 应急局, id: "{key}/{checked_on}/{item}"}
columns: {entity_id: key, event_time: checked_on, item: item, result: result}
constants: {way: unknown}
templates: {inspection_id: "{key}/{checked_on}"}
values: {result: {合格: no_problem, "*": problem_corrected}}
known_time: {after: event_time, days: 7}
unpivot: {columns: [消防, 用电], item: item, value: result}
joins:
  - {file: keys.csv, by: [firm], columns: {key: code}}
"""


def _files(folder: Path, mapping: str = MIYUN) -> tuple[Path, Path]:
    pd.DataFrame(
        {
            "firm": ["甲", "乙"],
            "checked_on": ["2024-03-01", "2024-03-02"],
            "消防": ["合格", "不合格"],
            "用电": ["合格", "合格"],
        }
    ).to_csv(folder / "visits.csv", index=False)
    pd.DataFrame({"firm": ["甲", "丙"], "code": ["F1", "F3"]}).to_csv(
        folder / "keys.csv", index=False
    )
    (folder / "map.yaml").write_text(mapping, "utf-8")
    return folder / "visits.csv", folder / "map.yaml"


def test_a_bureaus_file_becomes_ours(tmp_path: Path) -> None:
    file, mapping = _files(tmp_path)
    store = opaque(tmp_path)
    report = ingest(store, "inspections", file, mapping)
    # 乙 is in no register: its two items are kept in quarantine, not lost.
    assert (report.read, report.stored, report.quarantined) == (4, 2, 2)
    stored = store.rows("inspections", ["source_id", "inspection_id", "result", "known_time"])
    assert stored is not None
    assert stored.to_pylist() == [
        {
            "source_id": f"F1/2024-03-01/{item}",
            "inspection_id": "F1/2024-03-01",
            "result": "no_problem",
            "known_time": date(2024, 3, 8),
        }
        for item in ("消防", "用电")
    ]


@pytest.mark.parametrize(
    ("old", "new", "error", "message"),
    [
        ("table: inspections", "table: inspection", BadDefinition, "unknown table 'inspection'"),
        ("way: unknown", "wayy: unknown", BadDefinition, "'wayy' is not a column of inspections"),
        ("event_time: checked_on", "event_time: checked", NotFound, "did you mean 'checked_on'"),
        ("days: 7", "days: -7", BadDefinition, "known_time.days"),
        ("table: inspections", "table: [", BadDefinition, "is not YAML"),
    ],
)
def test_a_wrong_mapping_is_named_and_stores_nothing(
    tmp_path: Path, old: str, new: str, error: type[Exception], message: str
) -> None:
    file, mapping = _files(tmp_path, MIYUN.replace(old, new))
    store = opaque(tmp_path)
    with pytest.raises(error, match=message.replace(".", r"\.")):
        ingest(store, "inspections", file, mapping)
    assert not store.path.exists()


def test_a_missing_mapping_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="no mapping file"):
        Mapping.load(tmp_path / "none.yaml")

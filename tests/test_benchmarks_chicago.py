"""The City of Chicago's files as records: every row accounted for, labels as the City's own."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks import chicago_data as city
from benchmarks import real_data
from benchmarks.visits import auc, days_earlier, first_half
from models import definition as definitions
from records.errors import NotFound
from records.intake import Report
from records.store import Store

try:
    FOLDER = real_data.folder("chicago")
except NotFound as absent:
    pytest.skip(str(absent), allow_module_level=True)


@pytest.fixture(scope="module")
def intake(tmp_path_factory: pytest.TempPathFactory) -> tuple[Store, list[Report]]:
    return city.bring_in(FOLDER, tmp_path_factory.mktemp("chicago") / "store")


def test_every_row_is_stored_duplicate_or_quarantined(intake: tuple[Store, list[Report]]) -> None:
    _, reports = intake
    assert all(r.read == r.stored + r.duplicate + r.quarantined for r in reports)
    assert {(r.table, r.file): (r.read, r.quarantined) for r in reports} == {
        ("enterprises", "business_features.parquet"): (27_600, 2_846),
        ("inspections", "inspection_features.parquet"): (27_600, 0),
        ("inspections", "violation_matrix.parquet"): (1_214_400, 0),
        ("field_records", "inspection_log_all_types.parquet"): (67_497, 205),
        ("field_records", "inspection_features.parquet"): (27_600, 2_846),
        ("complaints", "complaints_sanitation_311.parquet"): (74_401, 0),
    }


def test_our_labels_are_the_citys(intake: tuple[Store, list[Report]]) -> None:
    definition = definitions.load(city.HERE / "model")
    visits = city.published_visits(FOLDER, intake[0].snapshot(), definition)
    assert len(visits) == 18_712
    assert (visits["label"] == visits["critical_found"]).all()
    assert visits["test"].sum() == 1_637


def test_our_measures_of_the_stored_scores_are_the_published_ones(
    intake: tuple[Store, list[Report]],
) -> None:
    definition = definitions.load(city.HERE / "model")
    visits = city.published_visits(FOLDER, intake[0].snapshot(), definition)
    test = visits[visits["test"].to_numpy(bool)]
    made, score = city.as_made(test), test["published_score"].to_numpy(float)
    assert round(auc(made, score), 3) == 0.679
    assert round(days_earlier(made, score), 2) == 7.79
    assert round(first_half(made, score), 3) == 0.686
    assert round(first_half(made, score * 0), 3) == 0.547


def test_what_is_not_there_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XINFEN_REAL", str(tmp_path))
    with pytest.raises(NotFound, match="no real records at"):
        real_data.folder("chicago")

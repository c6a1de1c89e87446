"""The City of Chicago's files as records: every row accounted for, labels as the City's own."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from benchmarks import chicago, chicago_page, real_data
from benchmarks import chicago_data as city
from benchmarks import chicago_peer as peer
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


@pytest.fixture(scope="module")
def visits(intake: tuple[Store, list[Report]]) -> pd.DataFrame:
    definition = definitions.load(city.HERE / "model")
    return city.published_visits(FOLDER, intake[0].snapshot(), definition)


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


def test_our_labels_are_the_citys(visits: pd.DataFrame) -> None:
    assert len(visits) == 18_712
    assert (visits["label"] == visits["critical_found"]).all()
    assert visits["test"].sum() == 1_637


def test_our_measures_of_the_stored_scores_are_the_published_ones(visits: pd.DataFrame) -> None:
    test = visits[visits["test"].to_numpy(bool)]
    made, score = city.as_made(test), test["published_score"].to_numpy(float)
    assert round(auc(made, score), 3) == 0.679
    assert round(days_earlier(made, score), 2) == 7.79
    assert round(first_half(made, score), 3) == 0.686
    assert round(first_half(made, score * 0), 3) == 0.547


def test_the_city_s_features_are_those_it_published(visits: pd.DataFrame) -> None:
    theirs = peer.table(FOLDER, visits)
    assert (theirs["Inspection_ID"].astype("str") == visits["inspection_id"]).all()
    published, every = peer.published(theirs), peer.every(theirs)
    assert (published.shape, every.shape) == ((18_712, 10), (18_712, 29))
    assert published.max(axis=0).tolist() == [1, 1, 2, 1, 1, 1, published[:, 6].max(), 70, 70, 50]
    # what the visit itself found tells it without an error; no feature may come near
    made = city.as_made(visits)
    assert max(abs(auc(made, column) - 0.5) for column in every.T) < 0.1


def test_the_refitted_ridge_learns_from_earlier_visits_alone() -> None:
    random = np.random.default_rng(1)
    values = random.normal(size=(900, 3))
    labels = (values[:, 0] + random.normal(size=900) > 1).astype(float)
    fit = np.arange(900) < 600
    told = peer.ridge(values, labels, fit, ~fit)
    other = labels.copy()
    other[~fit] = 1 - other[~fit]
    assert (peer.ridge(values, other, fit, ~fit) == told).all()
    assert np.corrcoef(told, values[~fit, 0])[0, 1] > 0.95


def test_the_page_is_of_the_frozen_specification() -> None:
    definition = definitions.load(city.HERE / "model")
    frozen = chicago.specification(definition, range(chicago.SIZES["full"].seeds))
    assert frozen in chicago_page.PAGE.read_text("utf-8"), "run `make chicago`"
    assert frozen != chicago.specification(definition, range(1))


def test_what_is_not_there_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XINFEN_REAL", str(tmp_path))
    with pytest.raises(NotFound, match="no real records at"):
        real_data.folder("chicago")

"""The general catalogue on both engines: the same table, bit for bit."""

from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path

import pandas as pd
import pytest

import features
from features.catalogue import Catalogue
from features.clocks import ROW
from models.definition import SHIPPED
from records.errors import NotFound, NotPossible
from records.store import Snapshot, Store

GENERAL = Catalogue.load(SHIPPED / "general" / "indicators.yaml")


@pytest.fixture
def records(demo: Path) -> Snapshot:
    return Store.open(demo / "store").snapshot()


@pytest.mark.usefixtures("spark")
def test_the_general_catalogue_of_a_province(records: Snapshot) -> None:
    """Two dates, so that everything is looked up; firms of every kind."""
    firms = features.population(records, date(2026, 7, 1))[ROW].iloc[::7]
    spine = pd.concat([firms, firms.iloc[:40].assign(as_of=date(2025, 3, 1))])
    one = features.build(records, spine, GENERAL).frame
    other = features.build(records, spine, GENERAL, on="spark").frame
    pd.testing.assert_frame_equal(other, one, check_exact=True)
    assert one.notna().any().all()


@pytest.mark.usefixtures("spark")
def test_everyone_on_one_date(records: Snapshot, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("features.spine.EVERYONE", 1)
    few = GENERAL.model_copy(
        update={
            "indicators": [
                GENERAL[name] for name in ("G1-10", "G3-01", "G3-04", "G3-24", "G4-03", "G4-08")
            ]
        }
    )
    spine = features.population(records, date(2026, 7, 1))[ROW]
    one = features.build(records, spine, few).frame
    other = features.build(records, spine, few, on="spark").frame
    pd.testing.assert_frame_equal(other, one, check_exact=True)


def test_an_unknown_engine_is_told_the_known_ones(records: Snapshot) -> None:
    spine = features.population(records, date(2026, 7, 1))[ROW].iloc[:1]
    with pytest.raises(NotFound, match=r"unknown engine 'sparks'(?s:.*)did you mean 'spark'"):
        features.build(records, spine, GENERAL, on="sparks")


@pytest.mark.usefixtures("spark")
def test_without_java_spark_says_what_to_do(
    records: Snapshot, monkeypatch: pytest.MonkeyPatch
) -> None:
    from features import spark as module

    monkeypatch.delenv("JAVA_HOME", raising=False)
    monkeypatch.setattr(shutil, "which", lambda _: None)
    module._session.cache_clear()
    spine = features.population(records, date(2026, 7, 1))[ROW].iloc[:1]
    with pytest.raises(NotPossible, match=r"no(?s:.*)Java 17 or 21(?s:.*)openjdk-17"):
        features.build(records, spine, GENERAL, on="spark")

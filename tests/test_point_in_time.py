"""No leak: a date's indicators are the same whether or not the store knows what came later."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pandas as pd
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

import features
from features.clocks import ROW
from models import definition as definitions
from records.intake import ingest
from records.province import generate, record_files
from records.store import Snapshot, Store
from training import outcomes

AS_OF = date(2025, 10, 1)
GENERAL = definitions.load(definitions.folder_of("general"))


def known_by(province: Path, store: Path, day: date) -> Snapshot:
    """A store of only what was known before a day."""
    opened = Store.create(store)
    for path in record_files(province):
        table = pq.read_table(path)
        early = store.parent / "early" / path.name
        early.parent.mkdir(exist_ok=True)
        pq.write_table(table.filter(pc.less(table["known_time"], day)), early)
        ingest(opened, path.stem, early)
    return opened.snapshot()


def table_of(records: Snapshot) -> pd.DataFrame:
    firms = features.population(records, AS_OF)
    return features.build(records, firms[ROW], GENERAL.catalogue).frame


def test_what_became_known_later_changes_nothing(demo: Path, tmp_path: Path) -> None:
    early = known_by(demo / "province", tmp_path / "store", AS_OF)
    whole = Store.open(demo / "store").snapshot()
    pd.testing.assert_frame_equal(table_of(early), table_of(whole), check_exact=True)
    pd.testing.assert_frame_equal(
        outcomes.labels(early, GENERAL.outcome, AS_OF),
        outcomes.labels(whole, GENERAL.outcome, AS_OF),
        check_exact=True,
    )


@pytest.mark.slow
def test_for_a_whole_province(tmp_path: Path, proved: Callable[[str, str, str], None]) -> None:
    generate(tmp_path / "province", enterprises=20_000, months=36, seed=21)
    whole = Store.create(tmp_path / "whole")
    for path in record_files(tmp_path / "province"):
        ingest(whole, path.stem, path)
    early = known_by(tmp_path / "province", tmp_path / "store", AS_OF)
    one, two = table_of(early), table_of(whole.snapshot())
    proved(
        "values that later records change, 20,000 enterprises",
        f"{int((one.ne(two) & ~(one.isna() & two.isna())).to_numpy().sum())} of {one.size:,}",
        "0",
    )
    pd.testing.assert_frame_equal(one, two, check_exact=True)

"""Laws of indicators, over records drawn by chance: what must change nothing changes nothing."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import features
from features.catalogue import Catalogue
from features.incremental import update
from records.store import Snapshot, Store
from tests.a_history import FIRMS, History, Row
from tests.a_store import opaque, put
from tests.test_features_worked import catalogue_of_the_page

CATALOGUE = catalogue_of_the_page()
DAYS = st.dates(date(2025, 6, 1), date(2026, 6, 20))
SEEDS = st.integers(0, 2**32)

pytestmark = pytest.mark.filterwarnings("ignore::features.table.MissingTable")

Check = Callable[..., None]


def law(**drawn: st.SearchStrategy[Any]) -> Callable[[Check], Check]:
    """A test that a law holds for a few drawn examples, and in `make prove` for many."""

    def of(check: Check) -> Check:
        @pytest.mark.parametrize("examples", [4, pytest.param(25, marks=pytest.mark.slow)])
        def test(examples: int, monkeypatch: pytest.MonkeyPatch, proved: Check) -> None:
            def with_patches(**values: Any) -> None:
                with monkeypatch.context() as patches:
                    check(**values, patches=patches)

            settings(max_examples=examples)(given(**drawn)(with_patches))()
            if examples > 4:
                proved(f"indicators: {check.__doc__}", f"{examples} of {examples} histories", "all")

        test.__name__ = check.__name__
        return test

    return of


def store_of(folder: Path, rows: Mapping[str, Sequence[Row]], name: str = "one") -> Store:
    store = opaque(folder)
    for table, given_rows in rows.items():
        if given_rows:
            put(store, table, given_rows, f"{name}-{table}")
    return store


def table_on(records: Snapshot, day: date, catalogue: Catalogue = CATALOGUE) -> pd.DataFrame:
    spine = pd.DataFrame({"entity_id": FIRMS, "as_of": day})
    return features.build(records, spine, catalogue).frame


@law(seed=SEEDS, day=DAYS)
def test_records_that_come_later_change_nothing(
    seed: int, day: date, patches: pytest.MonkeyPatch
) -> None:
    """late, future and corrected records change nothing before they were known"""
    history = History(seed)
    with TemporaryDirectory() as folder:
        store = store_of(Path(folder), history.rows)
        before = table_on(store.snapshot(), day)
        later = {
            table: [row for row in rows if row["known_time"] >= str(day)]
            for table, rows in history.more(day).items()
        }
        store_of(Path(folder), later, "two")
        pd.testing.assert_frame_equal(table_on(store.snapshot(), day), before, check_exact=True)


@law(seed=SEEDS, day=DAYS)
def test_copies_order_and_files_change_nothing(
    seed: int, day: date, patches: pytest.MonkeyPatch
) -> None:
    """copies, the order of rows and the files they come in change nothing"""
    rows = History(seed).rows
    with TemporaryDirectory() as one, TemporaryDirectory() as other:
        plain = store_of(Path(one), rows)
        turned = opaque(Path(other))
        for table, given_rows in rows.items():
            backwards = [*given_rows[::-1], *given_rows[:3]]
            for at, part in enumerate((backwards[::2], backwards[1::2])):
                if part:
                    put(turned, table, part, f"{at}-{table}")
        pd.testing.assert_frame_equal(
            table_on(plain.snapshot(), day), table_on(turned.snapshot(), day), check_exact=True
        )


@law(seed=SEEDS, day=DAYS, few=st.sets(st.sampled_from(FIRMS), min_size=1, max_size=3))
def test_a_firms_row_does_not_depend_on_who_else_is_asked_for(
    seed: int, day: date, few: set[str], patches: pytest.MonkeyPatch
) -> None:
    """a firm's row does not depend on which others are asked for"""
    with TemporaryDirectory() as folder:
        records = store_of(Path(folder), History(seed).rows).snapshot()
        every = table_on(records, day)
        spine = pd.DataFrame({"entity_id": [*sorted(few)] * 2, "as_of": [day] * len(few) * 2})
        spine.loc[len(few) :, "as_of"] = day - timedelta(days=40)
        found = features.build(records, spine, CATALOGUE).frame
        pd.testing.assert_frame_equal(
            found[found["as_of"] == day].reset_index(drop=True),
            every[every["entity_id"].isin(few)].reset_index(drop=True),
            check_exact=True,
        )


@law(seed=SEEDS, day=DAYS)
def test_reading_through_and_looking_up_agree(
    seed: int, day: date, patches: pytest.MonkeyPatch
) -> None:
    """records read through and records looked up give one table"""
    with TemporaryDirectory() as folder:
        records = store_of(Path(folder), History(seed).rows).snapshot()
        looked_up = table_on(records, day)
        patches.setattr("features.spine.EVERYONE", 1)
        patches.setenv("XINFEN_HOME", f"{folder}/home")
        pd.testing.assert_frame_equal(table_on(records, day), looked_up, check_exact=True)


@law(seed=SEEDS, day=DAYS, days=st.integers(0, 400), everyone=st.booleans())
def test_going_on_from_an_earlier_table_equals_a_full_build(
    seed: int, day: date, days: int, everyone: bool, patches: pytest.MonkeyPatch
) -> None:
    """going on from an earlier table equals a full build"""
    history, later = History(seed), day + timedelta(days=days)
    with TemporaryDirectory() as folder:
        store = store_of(Path(folder), history.rows)
        spine = pd.DataFrame({"entity_id": FIRMS[:-1], "as_of": day})
        before = features.build(store.snapshot(), spine, CATALOGUE)
        store_of(Path(folder), history.more(day), "two")
        records = store.snapshot()
        whole = table_on(records, later)
        patches.setenv("XINFEN_HOME", f"{folder}/home")  # not the table just built
        if everyone:
            patches.setattr("features.spine.EVERYONE", 1)
        asked = pd.DataFrame({"entity_id": FIRMS, "as_of": later})
        gone_on = update(before, store, records, asked, CATALOGUE)
        pd.testing.assert_frame_equal(gone_on.frame, whole, check_exact=True)

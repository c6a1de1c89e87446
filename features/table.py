"""From a spine of (firm, date) rows to the indicator table, as it was known on each date.

What rests on many firms is found once; the rest a range of firms at a time, each range a file
that is whole or absent, so that memory is bounded and a killed build goes on where it was.
"""

from __future__ import annotations

import warnings
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path

import pandas as pd
import pyarrow as pa

from features import cache
from features.building import Building, Progress
from features.cache import Folder
from features.catalogue import Catalogue
from features.engine import engine
from features.known import Known
from features.reach import columns_of
from features.spine import Spine
from records.store import Snapshot


class MissingTable(UserWarning):
    """Records that indicators rest on, or a column of them, are not there at all."""


@dataclass(frozen=True)
class FeatureTable:
    """Indicators by firm and date, in Parquet files sorted by firm and date.

    Columns are `entity_id`, `as_of` (a date) and one float64 an indicator (null: unknown).
    """

    folder: Folder

    @property
    def parts(self) -> tuple[Path, ...]:
        """Its files, in the order of the rows."""
        return self.folder.parts

    @property
    def snapshot(self) -> str:
        """The records it was made from."""
        return self.folder.about["snapshot"]

    @property
    def version(self) -> str:
        """The catalogue's version, and `hash` its content."""
        return self.folder.about["catalogue_version"]

    @property
    def hash(self) -> str:
        return self.folder.about["catalogue_hash"]

    @property
    def as_of(self) -> str:
        """Its date, or the first and the last of several."""
        return self.folder.about["as_of"]

    @property
    def day(self) -> date | None:
        """Its one date, or None where there are several."""
        return None if ".." in self.as_of else date.fromisoformat(self.as_of)

    @cached_property
    def frame(self) -> pd.DataFrame:
        """All rows at once."""
        frame: pd.DataFrame = pa.concat_tables(cache.rows_of(self.parts)).to_pandas()
        return frame.assign(as_of=pd.to_datetime(frame["as_of"]).dt.date)

    def between(self, first: str, last: str) -> pd.DataFrame:
        """The rows of a range of firms."""
        frame: pd.DataFrame = cache.between(self.parts, first, last).to_pandas()
        return frame

    def write(self, path: Path) -> None:
        """Write as one Parquet file, with the names of its origin in the file's metadata."""
        cache.joined(self.parts, path)


def build(
    records: Snapshot,
    spine: pd.DataFrame,
    catalogue: Catalogue,
    *,
    on: str = "duckdb",
    progress: Progress = lambda *_: None,
) -> FeatureTable:
    """Compute every indicator of a catalogue for every row of a spine.

    The same records, spine and catalogue give the same files, bit for bit; they are kept under
    a name made of these and not computed twice.

    Parameters
    ----------
    records : the snapshot to read; only records with ``known_time < as_of`` count.
    spine : rows of `entity_id` (text) and `as_of` (date); repeated rows count once.
    catalogue : the indicators.
    on : the engine, ``duckdb`` or ``spark``.

    Raises
    ------
    BadInput : the spine is empty or lacks a column.
    NotPossible : an as-of date before the first record was known, or no such engine here.

    Warns
    -----
    MissingTable : no record speaks of some indicators on any of the dates; they are null.
    """
    made = compute(records, spine, catalogue, on=on, progress=progress)
    for lacking, ids in made.folder.absent.items():
        what = f"{lacking} is never given" if "." in lacking else f"no records in {lacking}"
        warnings.warn(f"{what}: {', '.join(ids)} null", MissingTable, stacklevel=2)
    return made


def compute(
    records: Snapshot,
    spine: pd.DataFrame,
    catalogue: Catalogue,
    *,
    on: str = "duckdb",
    progress: Progress = lambda *_: None,
    within: Path | None = None,
    covered: Collection[str] = (),
) -> FeatureTable:
    """What `build` gives, without its warnings; `folder.absent` of it says what is null and why.

    Parameters
    ----------
    within : a folder that keeps the table instead of home, for one that is needed once.
    covered : record tables that hold all there is (`Building`); only with a folder of its own.
    """
    asked = Spine.of(spine)
    folder = cache.folder(records, asked, catalogue, on, within)
    if not folder.whole:
        with engine(on) as running:
            known = Known(records, running, columns_of(catalogue))
            Building(known, asked, catalogue, covered).into(folder, progress)
    return FeatureTable(folder)

"""Records as known on a date, in pandas, and what may be asked of each firm's; in two ways.

`Records` goes by the firms' ids, as pandas is usually written: a mask, a `groupby`, an
aggregate. `Numbered` makes each firm the number of its row and counts in NumPy arrays, as fast
as the same values are had from pandas. Nothing runs row by row in either.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.dataset as pads

Mask = npt.NDArray[np.bool_] | pd.Series

ALWAYS = ["source_id", "entity_id", "event_time", "known_time", "valid_to", "sequence",
          "corrects", "newness"]  # fmt: skip


@dataclass(frozen=True)
class Records:
    """Records in force, oldest first, under the `firm` of each; answers are a value a firm.

    Parameters
    ----------
    firms : the firms asked for, in their order.
    mended : which records were repaired.
    """

    rows: pd.DataFrame
    firms: pd.Index
    mended: npt.NDArray[np.bool_]

    def __getitem__(self, column: str) -> pd.Series:
        return self.rows[column]

    @property
    def firm(self) -> pd.Series:
        return self.rows["firm"]

    def since(self, day: pd.Timestamp) -> pd.Series:
        return self.rows["event_time"] >= day

    @property
    def unrepaired(self) -> Records:
        """Without those that were repaired."""
        return self._only(~self.mended) if self.mended.any() else self

    def newest_of(self, column: str) -> Records:
        """Only the newest record of each thing that a column names."""
        older = self.rows.duplicated(["firm", column], keep="last") & self.rows[column].notna()
        return self._only(~older.to_numpy())

    def count(self, met: Mask) -> pd.Series:
        """How many meet a condition; 0 where none does."""
        return self.firm[met].value_counts(sort=False).reindex(self.firms, fill_value=0)

    def sum(self, column: pd.Series, met: Mask) -> pd.Series:
        """The sum of whole numbers; 0 where there is none."""
        return column[met].groupby(self.firm[met]).sum().reindex(self.firms, fill_value=0)

    def distinct(self, column: str, met: Mask) -> pd.Series:
        """How many different values a column has; 0 where there is none."""
        chosen = self.rows.loc[met].groupby("firm")[column]
        return chosen.nunique().reindex(self.firms, fill_value=0)

    def newest(self, value: pd.Series, met: Mask | None = None) -> pd.Series:
        """The value of the newest record that gives one; null where none does."""
        given = value.notna() if met is None else value.notna() & met
        return value[given].groupby(self.firm[given]).last().reindex(self.firms)

    def highest(self, value: pd.Series, met: Mask) -> pd.Series:
        """The highest value; null where there is none."""
        return value[met].groupby(self.firm[met]).max().reindex(self.firms)

    def _only(self, these: npt.NDArray[np.bool_]) -> Records:
        rows = self.rows.loc[these].reset_index(drop=True)
        return type(self)(rows, self.firms, self.mended[these])


class Numbered(Records):
    """The same of firms that are numbers from 0."""

    def count(self, met: Mask) -> pd.Series:
        return self._counted(self.firm.to_numpy()[met])

    def sum(self, column: pd.Series, met: Mask) -> pd.Series:
        numbers = column[met].fillna(0).to_numpy(float)  # exact: whole and below 2⁵³
        firm = self.firm.to_numpy()[met]
        return pd.Series(np.bincount(firm, weights=numbers, minlength=len(self.firms)))

    def distinct(self, column: str, met: Mask) -> pd.Series:
        pairs = self.rows.loc[met & self.rows[column].notna(), ["firm", column]]
        return self._counted(pairs.drop_duplicates()["firm"].to_numpy())

    def _counted(self, firms: npt.NDArray[np.int64]) -> pd.Series:
        return pd.Series(np.bincount(firms, minlength=len(self.firms)))


@dataclass(frozen=True)
class Province:
    """The tables of a snapshot as known on a date, for the firms asked for.

    Parameters
    ----------
    ids : every registered firm's, in order.
    kind : the way in which records are asked.
    """

    tables: dict[str, list[str]]
    ids: pd.Series
    as_of: pd.Timestamp
    kind: type[Records]

    def before(self, months: int) -> pd.Timestamp:
        """The day so many months before the date."""
        return self.as_of - pd.DateOffset(months=months)

    @property
    def firms(self) -> pd.Index:
        return pd.RangeIndex(len(self.ids)) if self.kind is Numbered else pd.Index(self.ids)

    def known(self, table: str, columns: Sequence[str]) -> pd.DataFrame:
        """Every version that was known by the date, and whether another known one corrects it."""
        rows = pads.dataset(self.tables[table]).to_table(
            [*ALWAYS, *columns], filter=pc.field("known_time") < pa.scalar(self.as_of.date())
        )
        frame: pd.DataFrame = rows.to_pandas(date_as_object=False)
        return frame.assign(corrected=frame["sequence"].isin(frame["corrects"].dropna()))

    def records(self, table: str, columns: Sequence[str]) -> Records:
        """The records in force."""
        known = self.known(table, columns)
        standing = known["valid_to"].isna() | (known["valid_to"] >= self.as_of)
        known = known.loc[standing & ~known["corrected"]]
        known = known.assign(firm=self._firm(known["entity_id"]))
        if self.kind is Numbered:
            known = known.loc[known["firm"] >= 0]
        rows = known[["firm", "source_id", "event_time", "newness", *columns]]
        rows = rows.sort_values("newness", ignore_index=True)
        return self.kind(rows, self.firms, self._mended(table, rows))

    @cached_property
    def repairs(self) -> pd.DataFrame:
        """The repairs in force."""
        return self.records("repairs", ["repaired_table", "repaired_source_id"]).rows

    def _firm(self, ids: pd.Series) -> pd.Series | npt.NDArray[np.int64]:
        if self.kind is not Numbered:
            return ids
        number = pc.index_in(pa.array(ids, pa.string()), pa.array(self.ids, pa.string()))
        found: npt.NDArray[np.int64] = pc.fill_null(number, -1).to_numpy().astype(np.int64)
        return found

    def _mended(self, table: str, rows: pd.DataFrame) -> npt.NDArray[np.bool_]:
        """Which rows a repair in force speaks of."""
        mended = np.zeros(len(rows), bool)
        if table != "repairs":
            of = self.repairs.loc[self.repairs["repaired_table"] == table]
            near = np.flatnonzero(rows["source_id"].isin(of["repaired_source_id"]))
            named = pd.MultiIndex.from_frame(rows.loc[near, ["firm", "source_id"]])
            mended[near] = named.isin(pd.MultiIndex.from_frame(of[["firm", "repaired_source_id"]]))
        return mended

"""The truth, written month by month and read by evaluation and simulation alone.

truth.parquet        entity_id, month (its first day), true_probability: operating firms in scope
others.parquet       the same of operating firms out of the model's scope
firms.parquet        every firm: division, closed_on, struck_on, fate (null while it lives)
inspectors.parquet   the roll, with each inspector's strictness (mean 1 in a county)
"""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as parquet

from records.errors import BadInput
from records.province.arrays import Flags, Index, Reals
from records.province.clock import NEVER, Days
from records.province.names import counties
from records.province.staff import Staff
from records.province.world import World

MONTHS = 18
"""Kept unless another number is asked for; and the month to score."""
SCHEMA = pa.schema(
    [("entity_id", pa.string()), ("month", pa.date32()), ("true_probability", pa.float64())]
)


class Truth:
    """Writes the last months' probabilities, a row group a month, as the province lives them."""

    def __init__(self, folder: Path, files: ExitStack, months: int = MONTHS) -> None:
        self.months = months
        self.known, self.others = (
            files.enter_context(parquet.ParquetWriter(folder / f"{name}.parquet", SCHEMA))
            for name in ("truth", "others")
        )

    def month(self, world: World) -> None:
        if world.month < world.calendar.end - self.months:
            return
        self.known.write_table(_chances(world, world.firms.in_scope))
        self.others.write_table(_chances(world, ~world.firms.in_scope))


def write_people(folder: Path, world: World, staff: Staff) -> None:
    """The firms with their ends, and the inspectors with their strictness."""
    firms = world.firms
    fates = pa.array(list(world.parameters.population.fates))
    ends = pa.table(
        {
            "entity_id": firms.codes,
            "division": counties().code.take(pa.array(firms.county)),
            "closed_on": _dates(world.closed),
            "struck_on": _dates(world.struck),
            "fate": fates.take(pa.array(world.fate, mask=world.struck >= NEVER)),
        }
    )
    parquet.write_table(ends, folder / "firms.parquet", row_group_size=2**17)
    roll = staff.roll().append_column("strictness", pa.array(staff.strict))
    parquet.write_table(roll, folder / "inspectors.parquet")


def _chances(world: World, chosen: Flags) -> pa.Table:
    firm = np.flatnonzero(world.operating & chosen)
    month = np.full(len(firm), world.calendar.start[world.month], np.int32)
    columns = [
        world.firms.codes.take(pa.array(firm)),
        pa.array(month).cast(pa.date32()),
        pa.array(world.probability[firm]),
    ]
    return pa.table(columns, schema=SCHEMA)


def _dates(days: Days) -> pa.Array:
    never = days >= NEVER
    return pa.array(np.where(never, 0, days).astype(np.int32), mask=never).cast(pa.date32())


@dataclass(frozen=True)
class Visited:
    """The truth of firms in one month; arrays of shape (n,).

    `probability` is one half where a firm had closed before the month; `closed` and `struck` are
    NEVER while it lives, `fate` is a position in the fates asked for.
    """

    county: Index
    probability: Reals
    closed: Days
    struck: Days
    fate: Index


def read_chances(province: Path, month: date) -> pa.Table:
    """`entity_id` and `true_probability` of every operating firm, in the model's scope or out of
    it, in a month given by its first day.

    Raises
    ------
    BadInput : the month's truth was not kept.
    """
    folder = province / "truth"
    kept = [parquet.ParquetFile(folder / f"{name}.parquet") for name in ("truth", "others")]
    chances = pa.concat_tables(_month(file, month) for file in kept)
    if not len(chances):
        raise BadInput(
            f"no truth of {month:%Y-%m} in {province}",
            allowed=f"{_first(kept[0]):%Y-%m} and later, up to the month to score",
        )
    return chances


def read_visited(province: Path, entity: pd.Series, month: date, fates: tuple[str, ...]) -> Visited:
    """The truth of firms, in the order of their codes, in a month given by its first day.

    Raises
    ------
    BadInput : the month's truth was not kept, or a firm was not registered before it.
    """
    wanted, chances = pa.array(entity, pa.string()), read_chances(province, month)
    firms = _rows_of(parquet.read_table(province / "truth" / "firms.parquet"), wanted)
    county = pc.index_in(firms.column("division"), counties().code)
    probability = _rows_of(chances, wanted).column("true_probability").to_numpy()
    closed = _days(firms.column("closed_on"))
    first = np.datetime64(month, "D").astype(np.int64)
    unborn = np.isnan(probability) & (closed >= first)
    if unborn.any():
        raise BadInput(
            f"plan: {int(unborn.sum())} of {len(entity)} firms were not registered before "
            f"{month:%Y-%m}",
            found=str(entity.iloc[int(unborn.argmax())]),
            allowed="firms of the province",
        )
    return Visited(
        county=county.to_numpy().astype(np.int64),
        probability=np.where(np.isnan(probability), 0.5, probability),
        closed=closed,
        struck=_days(firms.column("struck_on")),
        fate=pc.index_in(firms.column("fate"), pa.array(fates)).fill_null(0).to_numpy(),
    )


def read_staff(province: Path) -> Staff:
    """The inspectors, in the order of the roll."""
    roll = parquet.read_table(province / "truth" / "inspectors.parquet")
    county = pc.index_in(roll.column("unit"), counties().code).to_numpy()
    return Staff(county.astype(np.int64), roll.column("strictness").to_numpy())


def _month(file: parquet.ParquetFile, month: date) -> pa.Table:
    """The rows of one month: a row group, found by its bounds."""
    at = SCHEMA.get_field_index("month")
    bounds = [
        file.metadata.row_group(group).column(at).statistics for group in range(file.num_row_groups)
    ]
    groups = [g for g, found in enumerate(bounds) if found.has_min_max and found.min == month]
    return file.read_row_groups(groups, columns=["entity_id", "true_probability"])


def _first(file: parquet.ParquetFile) -> date:
    """The first month that is kept."""
    at = SCHEMA.get_field_index("month")
    first: date = file.metadata.row_group(0).column(at).statistics.min
    return first


def _rows_of(rows: pa.Table, entity: pa.Array) -> pa.Table:
    """One row for each code, in their order; nulls where there is none."""
    return rows.take(pc.index_in(entity, rows.column("entity_id")))


def _days(dates: pa.ChunkedArray) -> Days:
    never = dates.is_null().to_numpy()
    days = dates.cast(pa.int32()).fill_null(0).to_numpy()
    return np.where(never, NEVER, days)

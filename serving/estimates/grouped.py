"""Groups of firms for tables: what `--by` may name, and where each is known from.

Class, grade and bureau stand in the draw's frame, county, city and industry in the committed list;
ownership and size are the run's, which is never asked for more than it says.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import pandas as pd
import pyarrow.compute as pc
import pyarrow.parquet as pq

from models import definition, groups
from records.errors import BadInput
from serving.runs import runcolumns
from supervision.errors import PlanError

BY = {
    "class": "risk_class", "grade": "public_grade", "bureau": "bureau", "city": "city",
    "county": "county", "industry": "section", "ownership": "ownership", "size": "size",
}  # fmt: skip
"""What may be named, and the column that holds it."""

NAMES = {column: name for name, column in BY.items()}

OF_RUN = ("ownership", "size")
"""Groups that only a run knows."""


def named(text: str) -> tuple[str, ...]:
    """The names of a `--by`, parted by commas; each once, in the order given.

    Raises `BadInput` for one that there is not.
    """
    names = list(dict.fromkeys(name.strip() for name in text.split(",") if name.strip()))
    for name in names:
        if name not in BY:
            error = PlanError.among("--by", name, BY)
            raise BadInput(error.what, found=error.found, allowed=error.allowed, hint=error.hint)
    return tuple(names)


def grouped(firms: pd.DataFrame, wanted: Iterable[str], run: Path | None = None) -> pd.DataFrame:
    """Firms with the columns of the groups that are wanted.

    Parameters
    ----------
    firms : `entity_id`, `division`, `industry` (a GB/T 4754 code, may be null), and the columns
        of the draw's frame.
    run : folder of `xinfen score`; industry is taken from it where the list has none.

    Returns
    -------
    `firms` with the columns `county`, `city` and `section` (the letter of the industry), and
    those of the run that are wanted.

    Raises
    ------
    BadInput : a group is only known from a run, and none is given.
    """
    wanted = tuple(wanted)
    for name in OF_RUN:
        if name in wanted and run is None:
            raise BadInput(
                f"--by {name}: the plan does not hold it", hint="--run RUN, the run it was made of"
            )
    division, code = firms["division"].astype("str"), firms["industry"]
    told = firms.assign(county=division.str[:6], city=division.str[:4])
    if run is not None:
        columns = ["entity_id", "industry", "entity_type"]
        classes = runcolumns.classes(run, columns).to_pandas().set_index("entity_id")
        own = firms["entity_id"].map(classes["industry"])
        code = code.where(code.notna(), own)
        kinds = firms["entity_id"].map(classes["entity_type"])
        told["ownership"] = groups.ownership(kinds).to_numpy()
    told["section"] = groups.industry(code.astype("str")).to_numpy()
    if "size" in wanted and run is not None:
        told["size"] = groups.size(_employees(run, firms["entity_id"])).to_numpy()
    return told


def by_name(table: pd.DataFrame) -> pd.DataFrame:
    """A table whose `by` names columns, with the names that `--by` knows them by."""
    return table.assign(by=table["by"].map(NAMES).fillna(table["by"]))


def _employees(run: Path, ids: pd.Series[str]) -> pd.Series[float]:
    """The employees of each firm as the run's reasons have them; null where it has no such."""
    indicator = groups.employees(definition.load(run / "model").catalogue)
    if indicator is None:
        return pd.Series(float("nan"), index=ids.index)
    told = pq.read_table(
        run / "reasons.parquet", columns=["entity_id", "value"],
        filters=pc.field("indicator") == indicator,
    ).to_pandas()  # fmt: skip
    return ids.map(told.set_index("entity_id")["value"])

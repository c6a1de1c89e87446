"""Who is there: the registered firms on a date, and the records of a table in force then."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import ibis
import pandas as pd
import pyarrow as pa

from features.clocks import ROW
from features.engine import engine
from features.known import Asked, Known
from records.errors import NotPossible
from records.schema import TABLES
from records.store import Snapshot

FIRM = ["name", "entity_type", "industry", "division", "address", "status", "established_on"]
"""What a population tells of a firm besides its id."""

SYNTHETIC = "合成"
"""How the name of a synthetic province's source begins."""


def population(records: Snapshot, as_of: date) -> pd.DataFrame:
    """Every enterprise registered and known on a date.

    Returns
    -------
    frame of `entity_id`, `as_of`, the columns of FIRM, and the newest known `public_score` and
    `public_grade` with the day of that evaluation, `public_grade_on` (null: none yet), sorted by
    `entity_id`.

    Raises
    ------
    NotPossible : no registration was known by then.
    """
    if "enterprises" not in records.tables:
        raise NotPossible("the store has no enterprises", hint="ingest the registrations first")
    with engine() as running:
        known = Known(records, running)
        asked = known.everyone(as_of)
        firms = known.newest("enterprises", asked, FIRM)
        if known.has("public_grades"):
            grades = known.newest("public_grades", asked, ["score", "grade", "event_time"])
            firms = firms.left_join(grades, ROW).select(
                firms,
                public_score=grades.score,
                public_grade=grades.grade,
                public_grade_on=grades.event_time,
            )
        else:
            firms = firms.mutate(
                public_score=ibis.null("int64"),
                public_grade=ibis.null("string"),
                public_grade_on=ibis.null("date"),
            )
        frame: pd.DataFrame = running.fetch(firms.order_by("entity_id")).to_pandas()
        if frame.empty:
            first = known.versions("enterprises").known_time.min().to_pyarrow().as_py()
            raise NotPossible(
                f"no enterprise was known yet on {as_of}",
                found=str(as_of),
                allowed=f"a date after {first}, when the first became known",
                hint="choose a later --as-of, or ingest older records",
            )
        return frame.assign(as_of=pd.to_datetime(frame["as_of"]).dt.date)


def table_on(records: Snapshot, name: str, as_of: date) -> pd.DataFrame:
    """All records of a table in force on a date, of firms registered or not, with their columns."""
    with engine() as running:
        known = Known(records, running)
        rows = known.rows(name, known.everyone(as_of, named_in=name))
        frame: pd.DataFrame = running.fetch(rows.select(*TABLES[name].known)).to_pandas()
        return frame


def records_of(
    records: Snapshot, name: str, as_of: date, entity_ids: Sequence[str]
) -> pd.DataFrame:
    """The records of a table in force on a date, of the firms named, with `repaired`.

    A table without records gives no rows; its columns are there all the same.
    """
    with engine() as running:
        known = Known(records, running)
        columns = [*TABLES[name].known, "repaired"]
        if not known.has(name):
            return pd.DataFrame(columns=columns)
        firms = pa.table({"entity_id": pa.array(entity_ids, pa.string())})
        days = pa.repeat(pa.scalar(as_of, pa.date32()), len(entity_ids))
        asked = Asked(running.give("asked", firms.append_column("as_of", days)), as_of)
        rows = known.rows(name, asked).select(*columns)
        frame: pd.DataFrame = running.fetch(rows.order_by(["source", "source_id"])).to_pandas()
        return frame


def synthetic(records: Snapshot) -> bool:
    """Whether any registration comes from a source that calls itself synthetic (合成)."""
    if "enterprises" not in records.tables:
        return False
    with engine() as running:
        source = Known(records, running).versions("enterprises").source
        return bool(source.startswith(SYNTHETIC).any().execute())

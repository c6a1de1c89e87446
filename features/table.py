"""From a spine of (firm, date) rows to the indicator table, as it was known on each date.

A table at a time: every record table is joined once to the spine, aggregated by firm and
date, and joined back; then the next.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import ibis
import ibis.expr.types as ir
import pandas as pd
import pyarrow as pa

from features import engine, groups, measures
from features.catalogue import Catalogue, Indicator
from features.clocks import ROW
from features.known import Known
from records.errors import BadInput, NotPossible
from records.files import write_parquet
from records.store import Snapshot

FIRM = ["name", "entity_type", "industry", "division", "address", "status", "established_on"]
"""What a population tells of a firm besides its id."""


SYNTHETIC = "合成"
"""How the name of a synthetic province's source begins."""


class MissingTable(UserWarning):
    """A table of the catalogue has no records; its indicators are null."""


@dataclass(frozen=True)
class FeatureTable:
    """Indicators by firm and date.

    `frame` has `entity_id`, `as_of` (a date) and one float64 column an indicator (null: unknown),
    sorted by firm and date. `snapshot`, `version` and `hash` name the records and the
    catalogue it was made from.
    """

    frame: pd.DataFrame
    snapshot: str
    version: str
    hash: str

    def write(self, path: Path) -> None:
        """Write as Parquet, with the names of its origin in the file's metadata."""
        table = pa.Table.from_pandas(self.frame, preserve_index=False)
        origin = {
            "snapshot": self.snapshot,
            "catalogue_version": self.version,
            "catalogue_hash": self.hash,
        }
        write_parquet(path, table.replace_schema_metadata(origin))


def build(records: Snapshot, spine: pd.DataFrame, catalogue: Catalogue) -> FeatureTable:
    """Compute every indicator of a catalogue for every row of a spine.

    Parameters
    ----------
    records : the snapshot to read; only records with ``known_time < as_of`` count.
    spine : rows of `entity_id` (text) and `as_of` (date); repeated rows count once.
    catalogue : the indicators.

    Raises
    ------
    BadInput : the spine is empty or lacks a column.
    NotPossible : an as-of date before the first record was known.
    """
    _check_spine(spine)
    known = Known(records, spine)
    _check_dates(known, spine)
    result = known.spine
    for name, indicators in _by_table(catalogue).items():
        if not known.has(name):
            ids = ", ".join(indicator.id for indicator in indicators)
            warnings.warn(f"no records in {name}: {ids} are null", MissingTable, stacklevel=2)
            result = result.mutate(**{i.id: ibis.null("float64") for i in indicators})
            continue
        for part in _parts(known, name, indicators):
            result = result.left_join(part, ROW).drop("entity_id_right", "as_of_right")
        result = result.mutate(
            **{
                i.id: result[i.id].cast("float64").fill_null(i.when_absent)
                for i in indicators
                if i.when_absent is not None
            }
        )
        result = known.engine.create_table(f"with_{name}", result, temp=True)
    columns = [indicator.id for indicator in catalogue.indicators]
    selected = result.select(*ROW, **{i: result[i].cast("float64") for i in columns})
    frame = _with_dates(selected.order_by(ROW).to_pandas())
    return FeatureTable(frame, records.id, catalogue.version, catalogue.hash)


def population(records: Snapshot, as_of: date) -> pd.DataFrame:
    """Every enterprise registered and known on a date.

    Returns a frame with `entity_id`, `as_of`, the columns of FIRM, and the newest known
    `public_score` and `public_grade` (null: none yet), sorted by `entity_id`.
    """
    if "enterprises" not in records.tables:
        raise NotPossible("the store has no enterprises", hint="ingest the registrations first")
    known = Known(records, pd.DataFrame({"entity_id": [""], "as_of": [as_of]}))
    _check_dates(known, pd.DataFrame({"as_of": [as_of]}))
    firms = known.newest("enterprises").select(*ROW, *FIRM)
    if known.has("public_grades"):
        grades = known.newest("public_grades")
        grades = grades.select("entity_id", public_score=grades.score, public_grade=grades.grade)
        firms = firms.left_join(grades, "entity_id").drop("entity_id_right")
    else:
        firms = firms.mutate(public_score=ibis.null("int64"), public_grade=ibis.null("string"))
    return _with_dates(firms.order_by("entity_id").to_pandas())


def synthetic(records: Snapshot) -> bool:
    """Whether any registration comes from a source that calls itself synthetic (合成)."""
    if "enterprises" not in records.tables:
        return False
    table = engine.table(engine.connect(), records, "enterprises")
    return bool(table.source.startswith(SYNTHETIC).any().execute())


def _with_dates(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.assign(as_of=pd.to_datetime(frame["as_of"]).dt.date)


def _by_table(catalogue: Catalogue) -> dict[str, list[Indicator]]:
    tables: dict[str, list[Indicator]] = {}
    for indicator in catalogue.indicators:
        tables.setdefault(indicator.table, []).append(indicator)
    return tables


def _parts(known: Known, name: str, indicators: list[Indicator]) -> list[ir.Table]:
    own = [i for i in indicators if i.measure not in measures.OF_GROUPS]
    parts = []
    if own:
        rows = known.of_spine(name)
        met = {i.id: measures.counts(rows, i) for i in own}
        flagged = rows.mutate(**{f"met_{i}": condition for i, condition in met.items()})
        parts.append(
            flagged.group_by(ROW).agg(
                **{i.id: measures.value(flagged, i, flagged[f"met_{i.id}"]) for i in own}
            )
        )
    for indicator in indicators:
        if indicator.measure in measures.OF_GROUPS:
            rows = known.of_all(name)
            parts.append(
                groups.value_by_group(indicator, known.newest("enterprises"), rows, known.spine)
            )
    return parts


def _check_spine(spine: pd.DataFrame) -> None:
    if not set(ROW) <= set(spine.columns):
        raise BadInput(
            "the spine lacks a column",
            found=", ".join(map(str, spine.columns)),
            allowed=" and ".join(ROW),
            hint="rename or add the column",
        )
    if spine.empty:
        raise BadInput("the spine has no rows", hint="name at least one firm and date")


def _check_dates(known: Known, spine: pd.DataFrame) -> None:
    firsts = [known.versions(name).known_time.min().execute() for name in known.records.tables]
    first = min(pd.Timestamp(day).date() for day in firsts)
    earliest = pd.Timestamp(spine["as_of"].min()).date()
    if earliest <= first:
        raise NotPossible(
            f"nothing was known yet on {earliest}",
            found=str(earliest),
            allowed=f"a date after {first}, when the first record became known",
            hint="choose a later --as-of, or ingest older records",
        )

"""What the engine of indicators is asked to do, each in a fresh process.

The table's files are the product; who is in them is found before, and not measured with them.
"""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import duckdb
import ibis.expr.types as ir
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

import features
from benchmarks.features_records import records_of
from benchmarks.measured import Facts
from features import cache
from features.building import Building
from features.catalogue import Catalogue
from features.clocks import ROW
from features.engine import Engine, engine
from features.known import Known
from features.reach import columns_of
from features.spine import Spine
from models.definition import SHIPPED
from records.files import write_parquet

AS_OF = date(2026, 7, 1)
"""The day after a synthetic province's last."""

OWN, OF_MANY, WRITING = "own records", "relations and groups", "joining and writing"


def general(only: Sequence[str] = ()) -> Catalogue:
    """The general catalogue, or some of its indicators with what they are made of."""
    whole = Catalogue.load(SHIPPED / "general" / "indicators.yaml")
    if not only:
        return whole
    return whole.model_copy(update={"indicators": [whole[name] for name in only]})


def everyone(store: str, out: str) -> Facts:
    """Write the spine of every firm that is registered and known on AS_OF."""
    firms = features.population(records_of(store), AS_OF)
    write_parquet(Path(out), pa.Table.from_pandas(firms[ROW], preserve_index=False))
    return {"rows": len(firms)}


def inspected(store: str, count: int, out: str) -> Facts:
    """Write the spine of inspected firms, each as of the day of its visit, drawn by a hash."""
    files = records_of(store).tables["inspections"]
    with duckdb.connect() as connection:
        rows: pa.Table = connection.sql(
            """select entity_id, as_of from (
                 select distinct entity_id, event_time as as_of from read_parquet(?))
               order by md5(entity_id || as_of) limit ?""",
            params=[files, count],
        ).to_arrow_table()
    write_parquet(Path(out), rows)
    return {"rows": len(rows)}


def build(store: str, spine: str, only: Sequence[str] = (), out: str = "") -> Facts:
    """The table of a spine, as `features.build` makes it, with the seconds of its parts.

    Parameters
    ----------
    only : ids of the indicators wanted; all if empty.
    out : where to write the table as one file, besides its parts; not if empty.
    """
    records, catalogue = records_of(store), general(only)
    asked = Spine.of(pd.read_parquet(spine))
    folder = cache.folder(records, asked, catalogue, "duckdb")
    with engine() as running:
        timed = Timed(running)
        known = Known(records, timed, columns_of(catalogue))
        Building(known, asked, catalogue).into(folder, lambda *_: None)
    if out:
        cache.joined(folder.parts, Path(out))
    return {
        "rows": asked.rows.num_rows,
        "records": sum(pq.read_metadata(f).num_rows for fs in records.tables.values() for f in fs),
        "indicators": len(catalogue.indicators),
        "absent": sorted(name for names in folder.absent.values() for name in names),
        "seconds": timed.seconds,
    }


class Timed:
    """An engine that adds up the seconds of what is run on it, by what it is for."""

    def __init__(self, engine: Engine) -> None:
        self.parts = engine.parts
        self.seconds: dict[str, float] = defaultdict(float)
        self._engine = engine

    def read(self, name: str, files: Sequence[str]) -> ir.Table:
        return self._engine.read(name, files)

    def give(self, name: str, rows: pa.Table) -> ir.Table:
        return self._engine.give(name, rows)

    def within(self, first: str, last: str) -> None:
        self._engine.within(first, last)

    def settle(self, name: str, expression: ir.Table) -> ir.Table:
        own = name.startswith(("part_", "corrected_"))
        with self._adding(OWN if own else OF_MANY):
            return self._engine.settle(name, expression)

    def fetch(self, expression: ir.Table) -> pa.Table:
        with self._adding(OWN):
            return self._engine.fetch(expression)

    def write(self, expression: ir.Table, path: Path, about: Mapping[str, str]) -> None:
        with self._adding(WRITING):
            self._engine.write(expression, path, about)

    def close(self) -> None:
        self._engine.close()

    @contextmanager
    def _adding(self, to: str) -> Iterator[None]:
        begun = time.perf_counter()
        yield
        self.seconds[to] += time.perf_counter() - begun

"""The embedded engine: DuckDB behind Ibis, reading a snapshot's files and nothing else."""

from __future__ import annotations

import ibis
import ibis.expr.types as ir
import pandas as pd
import pyarrow as pa
from ibis.backends.duckdb import Backend

from records.store import Snapshot

SPINE = pa.schema([("entity_id", pa.string()), ("as_of", pa.date32())])


def connect() -> Backend:
    """A DuckDB that never fetches an extension."""
    return ibis.duckdb.connect(
        autoinstall_known_extensions="false", autoload_known_extensions="false"
    )


def table(engine: Backend, records: Snapshot, name: str) -> ir.Table:
    """A record table of a snapshot, all versions of all records."""
    return engine.read_parquet(records.tables[name], table_name=name, union_by_name=True)


def spine(engine: Backend, rows: pd.DataFrame) -> ir.Table:
    """Distinct firms and dates as a table of the engine's own."""
    distinct = rows.drop_duplicates().assign(as_of=pd.to_datetime(rows["as_of"]).dt.date)
    given = pa.Table.from_pandas(distinct, SPINE, preserve_index=False)
    return engine.create_table("spine", ibis.memtable(given), temp=True)

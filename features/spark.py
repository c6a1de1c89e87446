"""The distributed engine: the same Ibis expressions on PySpark, in a session that lives on.

Under `spark-submit` the session is the cluster's; else it is a local one of this process. Times
are civil dates, and the session is in UTC. How to run it on a cluster: docs/spark.md.
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import ibis
import ibis.expr.types as ir
import pyarrow as pa
import pyarrow.parquet as pq

from features.engine import plain, ranged, settled
from records.errors import NotPossible
from records.files import replacing

LOCAL = {
    "spark.master": "local[*]",
    "spark.driver.memory": "4g",
    "spark.buffer.pageSize": "2m",  # a stage joins many tables, and each sort holds a page
    "spark.sql.shuffle.partitions": "8",
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
}
"""Settings of a local session; spark-submit, or a session that is there, brings its own."""


class Spark:
    """PySpark; it cuts its work itself, so a table is one part."""

    parts = False

    def __init__(self) -> None:
        self._session = _session()
        self._ibis = ibis.pyspark.connect(self._session)
        self._ends = ("", "")

    def read(self, name: str, files: Sequence[str]) -> ir.Table:
        rows = self._session.read.option("mergeSchema", "true").parquet(*files)
        rows.createOrReplaceTempView(f"records_{name}")
        return self._ibis.table(f"records_{name}")

    def give(self, name: str, rows: pa.Table) -> ir.Table:
        self._session.createDataFrame(rows).createOrReplaceTempView(plain(name))
        return ibis.table(rows.schema, name=plain(name))

    def within(self, first: str, last: str) -> None:
        self._ends = (first, last)

    def settle(self, name: str, expression: ir.Table) -> ir.Table:
        # A checkpoint: the plans of dozens of tables within each other would take minutes to read.
        rows = self._rows(expression).localCheckpoint()
        rows.createOrReplaceTempView(plain(name))
        return settled(name, expression)

    def fetch(self, expression: ir.Table) -> pa.Table:
        return self._rows(expression).toArrow().cast(expression.schema().to_pyarrow())

    def write(self, expression: ir.Table, path: Path, about: Mapping[str, str]) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        schema = expression.schema().to_pyarrow().with_metadata(dict(about))
        with tempfile.TemporaryDirectory(dir=path.parent, prefix=".spark-") as scratch:
            out = Path(scratch) / "rows"
            self._rows(expression).write.parquet(str(out))
            with (
                replacing(path) as temporary,
                pq.ParquetWriter(temporary, schema, compression="zstd") as to,
            ):
                for file in sorted(out.glob("part-*.parquet")):  # in order: one range of rows each
                    to.write_table(pq.read_table(file).select(schema.names).cast(schema))

    def through(
        self,
        files: Sequence[Path],
        beside: pa.Table,
        function: Callable[[Iterator[pa.RecordBatch]], Iterator[pa.RecordBatch]],
        schema: pa.Schema,
        out: Path,
    ) -> None:
        """Rows of Parquet files through a function of Arrow batches, in the workers.

        Parameters
        ----------
        files : with `entity_id`, such as a feature table's.
        beside : what else is known of each firm; those that are not in it are left out.
        function : told some rows at a time; it travels by name, its module must be importable.
        schema : of what it gives, with `entity_id`.
        out : folder to write, whole or absent: Parquet files by ranges of firms, in order.
        """
        from pyspark.sql.pandas.types import from_arrow_schema

        rows = self._session.read.parquet(*map(str, files)).drop("as_of")
        whole = rows.join(self._session.createDataFrame(beside), "entity_id").orderBy("entity_id")
        found = whole.mapInArrow(function, from_arrow_schema(schema))  # keeps the order
        with tempfile.TemporaryDirectory(dir=out.parent, prefix=".spark-") as scratch:
            made = Path(scratch) / "rows"
            found.write.parquet(str(made))
            made.rename(out)

    def close(self) -> None:
        """The session lives on; its checkpoints go with their rows."""

    def _rows(self, expression: ir.Table) -> Any:
        sql = self._ibis.compile(expression.unbind())
        return self._session.sql(ranged(sql, *self._ends))


@cache
def _session() -> Any:
    try:
        from pyspark.sql import SparkSession
    except ImportError as error:
        raise NotPossible(
            "PySpark is not installed", hint="install the extra: pip install 'xinfen[spark]'"
        ) from error
    if not (os.environ.get("JAVA_HOME") or shutil.which("java")):
        raise NotPossible(
            "Spark needs a Java runtime, and there is none",
            allowed="Java 17 or 21",
            hint="install one, such as Debian's openjdk-17-jre-headless",
        )
    builder = SparkSession.builder.appName("xinfen features")
    if "PYSPARK_GATEWAY_PORT" not in os.environ and SparkSession.getActiveSession() is None:
        builder = builder.config(map={**LOCAL})
        os.environ.setdefault("PYSPARK_PYTHON", sys.executable)  # workers import what we do
    session = builder.config("spark.sql.session.timeZone", "UTC").getOrCreate()
    session.sparkContext.setLogLevel("ERROR")
    return session

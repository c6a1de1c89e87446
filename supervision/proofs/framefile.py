"""frame.parquet: a row for every firm, as bytes and back."""

from __future__ import annotations

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from supervision.draws.drawing import FRAME
from supervision.proofs import compare
from supervision.proofs.compare import Differs

NAME = "frame.parquet"

_TYPES = {"drawn": pa.bool_(), "eligible": pa.bool_()} | {
    name: pa.float64() for name in FRAME if name.endswith("_probability")
}
SCHEMA = pa.schema([(name, _TYPES.get(name, pa.string())) for name in FRAME])


GROUP = 1 << 20
"""Rows of a row group."""

ROWS = 1 << 16
"""Rows compared at a time."""


def table(frame: pd.DataFrame) -> pa.Table:
    """The columns of `drawing.FRAME`; texts that recur as a dictionary, which `SCHEMA` spells."""
    return pa.table({name: pa.array(frame[name]) for name in FRAME})


def write(held: pa.Table) -> bytes:
    """The file's bytes, each page with a checksum of its own."""
    sink = pa.BufferOutputStream()
    with pq.ParquetWriter(sink, SCHEMA, compression="zstd", write_page_checksum=True) as writer:
        for first in range(0, max(len(held), 1), GROUP):
            writer.write_table(held.slice(first, GROUP).cast(SCHEMA))
    data: bytes = sink.getvalue().to_pybytes()
    return data


def same(data: bytes, computed: pa.Table) -> None:
    """Raise `Differs` unless a file holds this table."""
    if not _alike(data, computed):
        compare.same_table(NAME, _read(data), computed.cast(SCHEMA))


def _alike(data: bytes, computed: pa.Table) -> bool:
    """Whether part after part is the same; if not, or if unreadable, the whole tells why."""
    done = 0
    try:
        source = pq.ParquetFile(pa.BufferReader(data), page_checksum_verification=True)
        for batch in source.iter_batches(ROWS):
            part = computed.slice(done, len(batch)).cast(SCHEMA)
            if not pa.Table.from_batches([batch]).cast(SCHEMA).equals(part):
                return False
            done += len(batch)
    except (pa.ArrowException, OSError, ValueError, MemoryError):
        return False
    return done == len(computed)


def _read(data: bytes) -> pa.Table:
    """The table of a file's bytes; `Differs` if they are none."""
    try:
        source = pa.BufferReader(data)
        return pq.read_table(source, page_checksum_verification=True).replace_schema_metadata(None)
    except (pa.ArrowException, OSError, ValueError, MemoryError) as error:
        what = str(error).splitlines()[0] if str(error) else "not readable"
        raise Differs(NAME, "content", what, "a Parquet file") from None

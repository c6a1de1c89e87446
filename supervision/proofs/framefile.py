"""frame.parquet: a row for every firm, as bytes and back."""

from __future__ import annotations

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from supervision.draws.drawing import FRAME
from supervision.proofs.compare import Differs

NAME = "frame.parquet"

_TYPES = {"drawn": pa.bool_(), "eligible": pa.bool_()} | {
    name: pa.float64() for name in FRAME if name.endswith("_probability")
}
SCHEMA = pa.schema([(name, _TYPES.get(name, pa.string())) for name in FRAME])


def table(frame: pd.DataFrame) -> pa.Table:
    """The columns of `drawing.FRAME` as they are kept: texts, truth values and numbers."""
    held = pa.Table.from_pandas(frame, schema=SCHEMA, preserve_index=False)
    return held.replace_schema_metadata(None)


def write(held: pa.Table) -> bytes:
    """The file's bytes, each page with a checksum of its own."""
    sink = pa.BufferOutputStream()
    pq.write_table(held, sink, compression="zstd", write_page_checksum=True)
    data: bytes = sink.getvalue().to_pybytes()
    return data


def read(data: bytes) -> pa.Table:
    """The table of a file's bytes; `Differs` if they are none."""
    try:
        source = pa.BufferReader(data)
        return pq.read_table(source, page_checksum_verification=True).replace_schema_metadata(None)
    except (pa.ArrowException, OSError, ValueError, MemoryError) as error:
        what = str(error).splitlines()[0] if str(error) else "not readable"
        raise Differs(NAME, "content", what, "a Parquet file") from None

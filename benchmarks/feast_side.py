"""What Feast is asked to do; run by the Python of Feast's own environment, which has no Xinfen.

    python -I feast_side.py VALUES SPINE OUT

VALUES is Parquet of `entity_id`, `as_of` (the moment from which the values hold) and features,
SPINE of `entity_id` and `as_of`. OUT is the spine with the values as of each row's moment, by
`get_historical_features` on Feast's DuckDB offline store.
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from datetime import timedelta
from pathlib import Path

import feast
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from feast.infra.offline_stores.file_source import FileSource
from feast.types import Float64

YAML = """project: beside
registry: registry.db
provider: local
offline_store: {type: duckdb}
online_store: {path: online.db}
entity_key_serialization_version: 3
"""


def main() -> None:
    values, spine, out = (Path(path).absolute() for path in sys.argv[1:4])
    with tempfile.TemporaryDirectory(dir=out.parent, prefix=".feast-") as folder:
        Path(folder, "feature_store.yaml").write_text(YAML, "utf-8")
        store = feast.FeatureStore(repo_path=folder)
        names = [name for name in pq.read_schema(values).names if name.startswith("G")]
        store.apply(_declared(values, names))
        begun, worked = time.perf_counter(), time.process_time()
        asked = pd.read_parquet(spine).rename(columns={"as_of": "event_timestamp"})
        job = store.get_historical_features(asked, [f"table:{name}" for name in names])
        found: pa.Table = job.to_arrow()
        pq.write_table(found, out, compression="zstd")
        seconds, cpu = time.perf_counter() - begun, time.process_time() - worked
    facts = {"rows": found.num_rows, "features": len(names), "version": feast.__version__}
    told = {"seconds": seconds, "cpu": cpu, "peak": _peak(), "facts": facts}
    sys.stdout.write(json.dumps(told) + "\n")


def _declared(values: Path, names: list[str]) -> list[object]:
    firm = feast.Entity(name="firm", join_keys=["entity_id"], value_type=feast.ValueType.STRING)
    source = FileSource(path=str(values), timestamp_field="as_of")
    fields = [feast.Field(name=name, dtype=Float64) for name in names]
    view = feast.FeatureView(
        name="table", entities=[firm], ttl=timedelta(0), schema=fields, source=source
    )
    return [firm, view]


def _peak() -> float:
    status = Path("/proc/self/status")
    if not status.exists():
        return float("nan")
    (line,) = (line for line in status.read_text().splitlines() if line.startswith("VmHWM"))
    return int(line.split()[1]) * 1024 / 1e9


if __name__ == "__main__":
    main()

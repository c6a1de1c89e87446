"""Rows a second into the checked store, beside DuckDB's plain `COPY` of the same file.

The file is of penalties with true credit codes, 1 % of them wrong, 1 % of rows sent twice. The
peer reads it and writes Parquet, and checks nothing; both write to the same disk.
"""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.csv as pacsv
import pyarrow.parquet as pq

from benchmarks.chicago_report import Row, row
from records.files import write_parquet
from records.identity import ALPHABET, check_digits
from records.intake import ingest
from records.schema import TABLES
from records.store import Store

ROWS = {"small": 200_000, "full": 3_000_000}
REPEATS = 2
"""Times that each side runs; the better one counts."""

GOALS = {"csv": 0.125, "parquet": 0.0667}
"""Our speed as a part of DuckDB's, at full size."""


def run(size: str, seed: int) -> list[Row]:
    """A row for each kind of file: rows a second, DuckDB's, and their ratio."""
    rows = []
    with tempfile.TemporaryDirectory(prefix="xinfen-ingest-") as name:
        folder = Path(name)
        penalties = _penalties(ROWS[size], seed)
        write_parquet(folder / "penalties.parquet", penalties)
        pacsv.write_csv(penalties, folder / "penalties.csv")
        count = penalties.num_rows
        del penalties
        for kind, goal in GOALS.items():
            file = folder / f"penalties.{kind}"
            ours = max(_ours(file, folder / f"store-{kind}-{at}") for at in range(REPEATS))
            peer = max(_peer(file, folder / f"{kind}-{at}.parquet") for at in range(REPEATS))
            told = row(f"{kind} into the checked store, {count:,} rows", ours, "rows/s",
                       peer="DuckDB COPY", peer_figure=peer, goal=goal)  # fmt: skip
            rows.append(told | {"ok": told["ratio"] >= goal if size == "full" else None})
    return rows


def _ours(file: Path, store: Path) -> float:
    begun = time.perf_counter()
    report = ingest(Store.create(store), "penalties", file)
    seconds = time.perf_counter() - begun
    if report.read != report.stored + report.duplicate + report.quarantined:
        raise AssertionError(f"rows are missing: {report}")
    return report.read / seconds


def _peer(file: Path, copy: Path) -> float:
    begun = time.perf_counter()
    with duckdb.connect() as connection:
        connection.execute(f"copy (from '{file}') to '{copy}' (format parquet)")
    seconds = time.perf_counter() - begun
    return float(pq.read_metadata(copy).num_rows / seconds)


def _penalties(count: int, seed: int) -> pa.Table:
    random = np.random.default_rng(seed)
    codes = _codes(count // 20 + 1, random)[random.integers(0, count // 20 + 1, count)]
    wrong = random.random(count) < 0.01
    codes[wrong] = np.char.replace(codes[wrong], "91", "19", 1)
    number = np.arange(count)
    again = random.random(count) < 0.01
    happened = np.datetime64("2018-01-01") + random.integers(0, 2500, count)
    fields = np.array(TABLES["penalties"].by_name["authority_field"].allowed)
    sources = np.array(["道里区市场监督管理局", "南岗区市场监督管理局", "生态环境局"])
    rows = pa.table(
        {
            "source": sources[random.integers(0, len(sources), count)],
            "source_id": pa.array(f"哈里市监罚〔2024〕{at}号" for at in number.tolist()),
            "entity_id": codes,
            "event_time": happened,
            "known_time": happened + random.integers(0, 60, count),
            "authority_field": fields[random.integers(0, len(fields), count)],
            "amount": pa.array(random.integers(0, 10**7, count), mask=random.random(count) < 0.3),
        }
    )
    return rows.take(pa.array(np.sort(np.concatenate([number, number[again]]))))


def _codes(count: int, random: np.random.Generator) -> np.ndarray[tuple[int], np.dtype[np.str_]]:
    letters = np.array(list(ALPHABET))[random.integers(0, len(ALPHABET), (count, 9))]
    divisions = np.char.mod("91%06d", random.integers(110_101, 659_000, count))
    first17 = np.char.add(divisions, letters.view("U9").ravel())
    return np.char.add(first17, check_digits(first17))

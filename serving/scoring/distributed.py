"""Scoring on Spark: the same function of the same rows, in the workers' Python processes.

The model travels as the bytes of its files, and each worker loads it once. What comes back is a
folder of Parquet files by ranges of firms, from which the run's parts are made as ever.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from functools import lru_cache, partial
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa

from features import FeatureTable, cache
from models.classifier import RiskClassifier
from serving.scoring import decisions
from serving.scoring.decisions import Scored
from serving.scoring.making import Making
from serving.scoring.parts import Scores

SCHEMA = pa.schema({"entity_id": pa.string(), "raw": pa.float64(),
                    "contributions": pa.list_(pa.float64())})  # fmt: skip

Files = tuple[tuple[str, bytes], ...]


def scores(
    classifier: RiskClassifier, table: FeatureTable, firms: pd.Series, folder: Making
) -> Scores:
    """Score all firms on Spark; what is told of some of them is read from what came back.

    Parameters
    ----------
    table : the indicators; executors must see its files under the same paths.
    firms : the `entity_id` of those in the model's scope.
    folder : where what comes back is kept; what is there is not made again.

    Raises
    ------
    NotPossible : Spark or its Java is not installed here.
    """
    scored = folder.path / "scored"
    if not scored.exists():
        from features.spark import Spark

        asked = pa.table({"entity_id": pa.array(firms, pa.string())})
        work = partial(_work, _files(classifier))
        Spark().through(table.parts, asked, work, SCHEMA, scored)
    parts = sorted(scored.glob("*.parquet"))

    def of(indicators: pd.DataFrame) -> Scored:
        found = cache.between(parts, *decisions.ends(indicators))
        values = classifier.matrix(indicators)
        contributions = found["contributions"].combine_chunks().flatten().to_numpy()
        return Scored(found["raw"].to_numpy(), values, contributions.reshape(values.shape))

    return of


def _work(files: Files, batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """What a worker does: rows of firms in, rows of what is decided out."""
    classifier = _loaded(files)
    for batch in batches:
        yield from _rows(classifier, batch.to_pandas()).to_batches()


def _rows(classifier: RiskClassifier, firms: pd.DataFrame) -> pa.Table:
    """What `decisions.scored` tells of firms, as one table."""
    found = decisions.scored(classifier, firms)
    count, width = found.contributions.shape
    ends = pa.array(np.arange(count + 1) * width, pa.int32())
    told = pa.ListArray.from_arrays(ends, pa.array(found.contributions.ravel()))
    return pa.table([firms["entity_id"], found.raw, told], schema=SCHEMA)


def _files(classifier: RiskClassifier) -> Files:
    with tempfile.TemporaryDirectory() as scratch:
        classifier.save(Path(scratch))
        return tuple((path.name, path.read_bytes()) for path in sorted(Path(scratch).iterdir()))


@lru_cache(maxsize=1)
def _loaded(files: Files) -> RiskClassifier:
    with tempfile.TemporaryDirectory() as scratch:
        for name, content in files:
            (Path(scratch) / name).write_bytes(content)
        return RiskClassifier.load(Path(scratch))

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
from serving import decisions
from serving.decisions import GIVEN, Scored
from serving.making import Making
from serving.parts import Scores

CONTRIBUTIONS = "contributions"

Files = tuple[tuple[str, bytes], ...]


def scores(
    classifier: RiskClassifier, table: FeatureTable, firms: pd.DataFrame, folder: Making
) -> Scores:
    """Score all firms on Spark; what is told of some of them is read from what came back.

    Parameters
    ----------
    table : the indicators; executors must see its files under the same paths.
    firms : rows of `decisions.GIVEN`, those in the model's scope.
    folder : where what comes back is kept; what is there is not made again.

    Raises
    ------
    NotPossible : Spark or its Java is not installed here.
    """
    scored, given = folder.path / "scored", _given(firms)
    if not scored.exists():
        from features.spark import Spark

        none = given.slice(0, 0).to_pandas().merge(table.between("", ""), on="entity_id")
        work = partial(_work, _files(classifier))
        Spark().through(table.parts, given, work, _rows(classifier, none).schema, scored)
    parts = sorted(scored.glob("*.parquet"))

    def of(some: pd.DataFrame) -> Scored:
        ends = decisions.ends(some)
        rows = cache.between(parts, *ends)
        contributions = rows[CONTRIBUTIONS].combine_chunks().flatten().to_numpy()
        values = classifier.matrix(table.between(*ends))
        decided = rows.drop_columns(CONTRIBUTIONS).to_pandas()
        return Scored(decided, values, contributions.reshape(values.shape))

    return of


def _given(firms: pd.DataFrame) -> pa.Table:
    kinds = [pa.string(), pa.string(), pa.string(), pa.float64()]
    schema = pa.schema(list(zip(GIVEN, kinds, strict=True)))
    return pa.Table.from_pandas(
        firms[GIVEN].astype({"held_months": float}), schema, preserve_index=False
    )


def _work(files: Files, batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """What a worker does: rows of firms in, rows of what is decided out."""
    classifier = _loaded(files)
    for batch in batches:
        yield from _rows(classifier, batch.to_pandas()).to_batches()


def _rows(classifier: RiskClassifier, firms: pd.DataFrame) -> pa.Table:
    """What `decisions.scored` tells of firms, as one table."""
    found = decisions.scored(classifier, firms)
    columns = {
        name: pa.array(
            column,
            pa.from_numpy_dtype(column.dtype) if column.dtype.kind in "if" else pa.string(),
            from_pandas=True,
        )
        for name, column in found.decided.items()
    }
    count, width = found.contributions.shape
    ends = pa.array(np.arange(count + 1) * width, pa.int32())
    told = pa.ListArray.from_arrays(ends, pa.array(found.contributions.ravel()))
    return pa.table(columns | {CONTRIBUTIONS: told})


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

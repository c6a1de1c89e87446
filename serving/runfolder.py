"""A run folder, read and checked before anybody is told a class.

`xinfen score` writes it: classes.parquet (a row a firm, sorted by entity_id), reasons.parquet
(a row a firm and indicator, sorted by entity_id and rank), summary.json and model/, the frozen
model. A folder that is broken, half-written or does not add up is refused whole.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from features.indicator import COUNTED
from models import definition as definitions
from models.reasons import LOOKED
from records.errors import BadInput, NotFound
from records.files import file_hash, fingerprint

Ints = npt.NDArray[np.int64]
Row = Mapping[str, Any]
"""A row of classes.parquet or reasons.parquet as plain Python values."""

_TEXT = pa.string()
_RECORD = pa.struct(
    [("table", _TEXT), ("source", _TEXT), ("source_id", _TEXT), ("event_time", pa.date32())]
)
_STEP = pa.struct([
    ("step", _TEXT), ("class", _TEXT), ("rule", _TEXT), ("given", _TEXT), ("months", pa.int64()),
    ("margin", pa.float64()), ("since", pa.date32()), ("until", pa.date32()),
    ("records", pa.list_(_RECORD)),
])  # fmt: skip

CLASSES = pa.schema({
    "entity_id": _TEXT, "name": _TEXT, "division": _TEXT, "industry": _TEXT, "entity_type": _TEXT,
    "status": _TEXT, "scope": _TEXT, "as_of": pa.date32(), "raw": pa.float64(),
    "base": pa.float64(), "base_probability": pa.float64(), "probability": pa.float64(),
    "probability_low": pa.float64(), "probability_high": pa.float64(),
    "model_class": _TEXT, "public_score": pa.int64(), "public_grade": _TEXT,
    "previous_class": _TEXT, "held_class": _TEXT, "held_months": pa.int64(),
    "risk_class": _TEXT,
    "steps": pa.list_(_STEP), "model_name": _TEXT, "model_version": _TEXT,
    "catalogue_version": _TEXT, "catalogue_hash": _TEXT, "policy_version": _TEXT,
    "snapshot": _TEXT,
})  # fmt: skip
"""The columns of classes.parquet: `xinfen score` writes by this, `publish` reads by it."""

REASONS = pa.schema({
    "entity_id": _TEXT, "rank": pa.int64(), "indicator": _TEXT, "group": _TEXT,
    "value": pa.float64(), "contribution": pa.float64(), "records": pa.list_(_RECORD),
})  # fmt: skip

_ADDS_UP = 1e-5  # base + sum(contributions) = raw, in log-odds
_HINT = "run `xinfen score` again and publish the folder it writes"


@dataclass(frozen=True)
class RunFolder:
    """A checked run: `id` is the SHA-256 over all its files, `about` what describes it."""

    path: Path
    id: str
    about: dict[str, Any]
    classes: pa.Table

    def batches(self, size: int) -> Iterator[list[tuple[Row, list[Row]]]]:
        """The firms in order of entity_id, `size` at a time, each with its reasons by rank.

        Of the reasons only those of the batch and what was read with them are held.
        """
        known = pd.Index(self.classes["entity_id"].to_pandas())
        groups = _groups(self.path / "reasons.parquet")
        held, owner = REASONS.empty_table(), np.empty(0, np.int64)
        for first in range(0, self.classes.num_rows, size):
            rows = self.classes.slice(first, size).to_pylist()
            end = first + len(rows)
            while not (len(owner) and owner[-1] >= end):
                if (group := next(groups, None)) is None:
                    break
                held = pa.concat_tables([held, group])
                owner = np.append(owner, known.get_indexer(pd.Index(group["entity_id"])))
            at = np.searchsorted(owner, np.arange(first, end + 1))
            reasons = held.slice(0, at[-1]).to_pylist()
            yield [(row, [*reasons[at[i] : at[i + 1]]]) for i, row in enumerate(rows)]
            held, owner = held.slice(at[-1]), owner[at[-1] :]


def read(path: Path) -> RunFolder:
    """Read a run folder and check all of it.

    Raises
    ------
    NotFound : the folder or one of its parts is missing.
    BadInput : a part cannot be read, has wrong columns, or the parts disagree.
    """
    check_parts(path)
    with _readable(path / "classes.parquet", CLASSES):
        classes = _fit(pq.read_table(path / "classes.parquet"), CLASSES)
    _check_classes(path / "classes.parquet", classes)
    _check_reasons(path, classes)
    about = _about(classes, _summary(path / "summary.json"))
    return RunFolder(path, identity(path), about, classes)


def check_parts(path: Path) -> None:
    """That a folder has all the parts of a run.

    Raises
    ------
    NotFound : names those that are missing.
    """
    parts = ("classes.parquet", "reasons.parquet", "summary.json", "model")
    missing = [part for part in parts if not (path / part).exists()]
    if missing:
        raise NotFound(
            f"{path}: not a whole run folder",
            found=f"no {', '.join(missing)}", allowed=", ".join(parts), hint=_HINT,
        )  # fmt: skip


def _groups(path: Path) -> Iterator[pa.Table]:
    """The rows of reasons.parquet, some at a time."""
    with _readable(path, REASONS):
        file = pq.ParquetFile(path)
        for at in range(file.num_row_groups):
            yield _fit(file.read_row_group(at), REASONS)


def _fit(table: pa.Table, schema: pa.Schema) -> pa.Table:
    """A table with the schema's columns as it has them."""
    for field in schema:
        at = table.schema.names.index(field.name)
        table = table.set_column(at, field, table[field.name].cast(field.type))
    return table.select(schema.names).combine_chunks()


@contextmanager
def _readable(path: Path, schema: pa.Schema) -> Iterator[None]:
    try:
        yield
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError, KeyError, ValueError, OSError) as error:
        raise BadInput(
            f"{path}: cannot be read as a run's table",
            found=str(error).splitlines()[0], allowed=", ".join(schema.names), hint=_HINT,
        ) from error  # fmt: skip


def _check_classes(path: Path, classes: pa.Table) -> None:
    if classes.num_rows == 0:
        raise BadInput(f"{path}: no firm in it", hint=_HINT)
    ids, scope, letter = (
        classes[name].to_pandas().fillna("") for name in ("entity_id", "scope", "risk_class")
    )
    after = ids.shift(fill_value="") < ids
    _refuse(path, ids, ~after, "entity_id out of order", "each once, ascending")
    _refuse(path, ids, ~scope.isin(["model", "grade_only"]), "scope", "model, grade_only")
    fits = (scope == "model") & letter.isin(list("ABCD")) | (scope == "grade_only") & (letter == "")
    _refuse(path, ids, ~fits, "risk_class", "A, B, C, D under scope model; null under grade_only")


def _check_reasons(run: Path, classes: pa.Table) -> None:
    """That reasons are of firms of the run, in order, have their records and add up.

    Some are held at a time.
    """
    path = run / "reasons.parquet"
    catalogue = definitions.load(run / "model").catalogue
    counted = pa.array([one.id for one in catalogue.indicators if one.measure in COUNTED])
    known = pd.Index(classes["entity_id"].to_pandas())
    told = np.zeros(classes.num_rows)
    last = (-1, -1)
    for group in _groups(path):
        ids = group["entity_id"].to_pandas()
        rows: Ints = known.get_indexer(pd.Index(ids)).astype(np.int64)
        _refuse(path, ids, rows < 0, "entity_id", "the firms of classes.parquet")
        ranks = group["rank"].to_numpy()
        step, further = np.diff(rows, prepend=last[0]), np.diff(ranks, prepend=last[1])
        falls = (step < 0) | ((step == 0) & (further <= 0))
        _refuse(path, ids, falls, "rows out of order", "by entity_id, then rank")
        _refuse(path, ids, _bare(group, counted), "a reason that names no record",
                "the records behind what was counted")  # fmt: skip
        told += np.bincount(rows, group["contribution"].to_numpy(), minlength=len(told))
        last = (rows[-1], ranks[-1]) if len(rows) else last
    gap = np.abs(classes["base"].to_numpy() + told - classes["raw"].to_numpy())
    wrong = (classes["scope"].to_numpy() == "model") & ~(gap <= _ADDS_UP)
    _refuse(run, classes["entity_id"].to_pandas(), wrong,
            "reasons do not add up to the log-odds",
            f"within {_ADDS_UP} of base + sum(contributions)")  # fmt: skip


def _bare(reasons: pa.Table, counted: pa.Array) -> npt.NDArray[np.bool_]:
    """Which of the strongest reasons rest on records that are not there."""
    strong = pc.less_equal(reasons["rank"], LOOKED)
    some = pc.fill_null(pc.not_equal(reasons["value"], 0), fill_value=False)
    none = pc.equal(pc.list_value_length(reasons["records"]), 0)
    own = pc.is_in(reasons["indicator"], counted)
    bare: npt.NDArray[np.bool_] = pc.and_(pc.and_(strong, some), pc.and_(none, own)).to_numpy()
    return bare


def _refuse(path: Path, ids: pd.Series, wrong: npt.ArrayLike, what: str, allowed: str) -> None:
    """Raise BadInput naming the first firm that is `wrong`."""
    broken = ids[np.asarray(wrong, dtype=bool)]
    if len(broken):
        raise BadInput(
            f"{path}: {what}",
            found=f"{len(broken)} wrong rows, the first at {broken.iloc[0]!r}",
            allowed=allowed, hint=_HINT,
        )  # fmt: skip


def _summary(path: Path) -> dict[str, Any]:
    try:
        summary = json.loads(path.read_bytes())
    except ValueError as error:
        raise BadInput(f"{path}: not JSON", found=str(error), hint=_HINT) from error
    if not isinstance(summary, dict):
        raise BadInput(f"{path}: not a JSON object", found=type(summary).__name__, hint=_HINT)
    return summary


def _about(classes: pa.Table, summary: dict[str, Any]) -> dict[str, Any]:
    modelled = classes.filter(pc.field("scope") == "model")
    first = (modelled if modelled.num_rows else classes).slice(0, 1).to_pylist()[0]
    counts = modelled["risk_class"].to_pandas().value_counts()
    return {
        "as_of": first["as_of"].isoformat(),
        "model": f"{first['model_name']} {first['model_version']}",
        "catalogue": f"{first['catalogue_version']}+{(first['catalogue_hash'] or '')[:12]}",
        "policy": first["policy_version"],
        "snapshot": first["snapshot"],
        "synthetic": bool(summary.get("synthetic", False)),
        "firms": classes.num_rows,
        "classes": {letter: int(counts.get(letter, 0)) for letter in "ABCD"},
    }


def identity(path: Path) -> str:
    files = sorted(file for file in path.rglob("*") if file.is_file())
    return fingerprint({file.relative_to(path).as_posix(): file_hash(file) for file in files})

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
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import orjson
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from features.catalogue import Catalogue
from features.indicator import COUNTED
from models import definition as definitions
from records.errors import BadInput, NotFound
from records.files import file_hash, fingerprint
from serving.runs import runchecks, signed
from serving.runs.runchecks import HINT, SHARED, Ints, Reasons, refuse

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

WHY = pa.schema({
    "entity_id": _TEXT, "cause": _TEXT, "rule": _TEXT, "indicators": pa.binary(),
})  # fmt: skip
"""What publishing reads of moves.parquet, its indicators as JSON."""

AT_ONCE = 1_000_000
"""Reasons held at a time."""

_NEAR = 1 << 15  # firms among which the next ones are looked for
_ADDS_UP = 1e-5  # base + sum(contributions) = raw, in log-odds


@dataclass(frozen=True)
class RunFolder:
    """A checked run: `id` is the SHA-256 over all its files, `about` what describes it."""

    path: Path
    id: str
    about: dict[str, Any]
    classes: pa.Table

    def reasons(self) -> Iterator[Reasons]:
        """The reasons, a row group at a time, each checked; after the last, that all add up.

        Raises
        ------
        BadInput : a group is of other firms, out of order or names no records; the sums differ.
        """
        path, told = self.path / "reasons.parquet", np.zeros(self.classes.num_rows)
        counts = {one.id: one.measure in COUNTED for one in self.catalogue.indicators}
        counted = np.array([counts[name] for name in self.indicators])
        last = (-1, -1)
        for table in _groups(path):
            group = Reasons(
                self._firms(table["entity_id"], max(last[0], 0)),
                _places(table["indicator"], pa.array(self.indicators)),
                table.select(_READ),
            )
            runchecks.check_reasons(path, table["entity_id"], group, last, counted)
            contributions = table["contribution"].to_numpy()
            told += np.bincount(group.firms, contributions, minlength=len(told))
            if table.num_rows:
                last = (int(group.firms[-1]), table["rank"][-1].as_py())
            yield group
        gap = np.abs(self.classes["base"].to_numpy() + told - self.classes["raw"].to_numpy())
        wrong = pc.equal(self.classes["scope"], "model").to_numpy() & ~(gap <= _ADDS_UP)
        refuse(self.path, self.classes["entity_id"], wrong,
                "reasons do not add up to the log-odds",
                f"within {_ADDS_UP} of base + sum(contributions)")  # fmt: skip

    def moves(self) -> pa.Table:
        """Of the firms that left their class, by entity_id: cause, rule, and JSON of indicators.

        Empty where the run names no run before.

        Raises
        ------
        BadInput : moves.parquet cannot be read, or is of other firms.
        """
        path = self.path / "moves.parquet"
        if not path.exists():
            return WHY.empty_table()
        with _readable(path, WHY):
            moved = pq.read_table(path, columns=WHY.names)
            told = [None if one is None else orjson.dumps(one)
                    for one in moved["indicators"].to_pylist()]  # fmt: skip
            moved = _fit(moved.set_column(3, "indicators", pa.array(told, pa.binary())), WHY)
        known = pc.is_in(moved["entity_id"], self._ids).to_numpy()
        refuse(path, moved["entity_id"], ~known, "entity_id", "the firms of classes.parquet")
        return moved

    @property
    def shared(self) -> dict[str, Any]:
        """What all its classified firms have in common, as they have it; the day as text."""
        told = _first(self.classes.select([*SHARED, "scope"]))
        return {**{name: told[name] for name in SHARED}, "as_of": str(told["as_of"])}

    @cached_property
    def catalogue(self) -> Catalogue:
        """The frozen model's indicators."""
        return definitions.load(self.path / "model").catalogue

    @cached_property
    def indicators(self) -> list[str]:
        """Their ids, sorted; a reason's indicator is a place among these."""
        return sorted(one.id for one in self.catalogue.indicators)

    def _firms(self, column: pa.ChunkedArray, first: int) -> Ints:
        """The places of some rows' firms, which come in order, from `first` on; -1: not of the run.

        All the run's firms are looked through only where some are not where they should be.
        """
        if not len(column):
            return np.empty(0, np.int64)
        last, count = column[-1].as_py() or "", _NEAR
        while (near := self._ids.slice(first, count))[-1].as_py() < last and len(near) == count:
            count *= 2
        found = _places(column, near)
        return _places(column, self._ids) if (found < 0).any() else found + first

    @cached_property
    def _ids(self) -> pa.Array:
        return self.classes["entity_id"].combine_chunks()


_READ = ["rank", "value", "contribution", "records"]
_CODED = pa.schema([
    pa.field(one.name, pa.dictionary(pa.int32(), _TEXT)) if one.type == _TEXT else one
    for one in REASONS if one.name != "group"  # the catalogue tells it
])  # fmt: skip


def _places(column: pa.ChunkedArray, among: pa.Array) -> Ints:
    """The place of each text of a coded column among others; -1: none."""
    if not len(column):
        return np.empty(0, np.int64)
    coded = column.combine_chunks()
    places = pc.index_in(coded.dictionary, among).fill_null(-1).to_numpy().astype(np.int64)
    found: Ints = np.append(places, -1)[coded.indices.fill_null(len(places)).to_numpy()]
    return found


def read(path: Path, *, trusted: bool = False) -> RunFolder:
    """Read a run folder and check all of it; the signature of a `trusted` one is not asked for.

    Raises
    ------
    NotFound : the folder or one of its parts is missing.
    BadInput : a part cannot be read, has wrong columns, or the parts disagree.
    """
    folder = opened(path, trusted=trusted)
    for _ in folder.reasons():
        pass
    return folder


def opened(path: Path, *, trusted: bool = False) -> RunFolder:
    """Read a run folder and check all but its reasons, which are checked as they are read.

    Raises
    ------
    NotFound, BadInput : as `read` does.
    """
    check_parts(path, trusted=trusted)
    with _readable(path / "classes.parquet", CLASSES):
        classes = _fit(pq.read_table(path / "classes.parquet"), CLASSES)
    runchecks.check_classes(path / "classes.parquet", classes)
    about = _about(classes, _summary(path / "summary.json"))
    return RunFolder(path, identity(path), about, classes)


def check_parts(path: Path, *, trusted: bool = False) -> None:
    """That a folder has all the parts of a run, and is as it was signed.

    Raises
    ------
    NotFound : names those that are missing.
    BadInput : as `signed.check` says.
    """
    parts = ("classes.parquet", "reasons.parquet", "summary.json", "model")
    missing = [part for part in parts if not (path / part).exists()]
    if missing:
        raise NotFound(
            f"{path}: not a whole run folder",
            found=f"no {', '.join(missing)}", allowed=", ".join(parts), hint=HINT,
        )  # fmt: skip
    if not trusted:
        signed.check(path)


def _groups(path: Path) -> Iterator[pa.Table]:
    """The rows of reasons.parquet, some at a time."""
    with _readable(path, REASONS):
        file = pq.ParquetFile(path, read_dictionary=["entity_id", "indicator", "group"])
        for batch in file.iter_batches(AT_ONCE, columns=_CODED.names):
            yield _fit(pa.Table.from_batches([batch]), _CODED)


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
            found=str(error).splitlines()[0], allowed=", ".join(schema.names), hint=HINT,
        ) from error  # fmt: skip


def _summary(path: Path) -> dict[str, Any]:
    try:
        summary = json.loads(path.read_bytes())
    except ValueError as error:
        raise BadInput(f"{path}: not JSON", found=str(error), hint=HINT) from error
    if not isinstance(summary, dict):
        raise BadInput(f"{path}: not a JSON object", found=type(summary).__name__, hint=HINT)
    return summary


def _about(classes: pa.Table, summary: dict[str, Any]) -> dict[str, Any]:
    first = _first(classes.select([*SHARED, "scope"]))
    counted = classes["risk_class"].value_counts().to_pylist()
    counts = {one["values"]: one["counts"] for one in counted}
    return {
        "as_of": first["as_of"].isoformat(),
        "model": f"{first['model_name']} {first['model_version']}",
        "catalogue": f"{first['catalogue_version']}+{(first['catalogue_hash'] or '')[:12]}",
        "policy": first["policy_version"],
        "snapshot": first["snapshot"],
        "synthetic": bool(summary.get("synthetic", False)),
        "firms": classes.num_rows,
        "classes": {letter: counts.get(letter, 0) for letter in "ABCD"},
    }


def _first(classes: pa.Table) -> dict[str, Any]:
    """The first classified firm, or the first where none is."""
    at = pc.index(classes["scope"], "model").as_py()
    row: dict[str, Any] = classes.slice(max(at, 0), 1).to_pylist()[0]
    return row


def identity(path: Path) -> str:
    """The SHA-256 over all its files but the signature."""
    own = path / signed.FILE
    files = sorted(file for file in path.rglob("*") if file.is_file() and file != own)
    return fingerprint({file.relative_to(path).as_posix(): file_hash(file) for file in files})

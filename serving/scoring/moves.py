"""Moves: whose class is another one than in the run before, which way, and why in short.

The first of these that holds is a move's cause:

    model, catalogue, policy   another version of it made the run
    correction                 a correction by two persons began or ended
    direct                     a direct rule began or ended (`rule` names it)
    public_grade               the class before the grade's step is the same
    hysteresis                 the model's class is the same; an earlier class was let go, or held
    indicators                 the model's class is another one; `indicators` moved it most
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.dataset as ds
import pyarrow.parquet as pq

from models.policy import CLASSES
from records.errors import NotFound
from records.files import replacing
from serving.runs import runfolder

MOST = 3
"""Indicators told of a move."""

CHUNK = 20_000
"""Movers whose reasons are held at a time."""

CAUSES = (
    "model", "catalogue", "policy", "correction", "direct", "public_grade", "hysteresis",
    "indicators",
)  # fmt: skip

_NUMBERS = ("value_before", "value", "contribution_before", "contribution")
_CHANGE = pa.struct([("indicator", pa.string()), *((name, pa.float64()) for name in _NUMBERS)])

MOVES = pa.schema({
    "entity_id": pa.string(), "name": pa.string(), "division": pa.string(),
    "previous_class": pa.string(), "risk_class": pa.string(), "worse_by": pa.int64(),
    "cause": pa.string(), "rule": pa.string(), "indicators": pa.list_(_CHANGE),
})  # fmt: skip
"""The columns of moves.parquet."""

_TOLD = ["entity_id", "name", "division", "scope", "risk_class", "model_class", "steps"]


def write(run: Path, previous: Path) -> dict[str, Any]:
    """Write a run's moves.parquet, and tell its counts.

    Raises
    ------
    NotFound : the previous one is not a whole run; the other may lack its summary as yet.
    """
    runfolder.check_parts(previous)
    both = _both(run, previous)
    moved = _moved(both, run, previous)
    with (
        replacing(run / "moves.parquet") as temporary,
        pq.ParquetWriter(temporary, MOVES, compression="zstd") as to,
    ):
        for part in _parts(moved, run, previous):
            to.write_table(part)
    return _counts(both, moved)


def moves(run: Path, previous: Path) -> tuple[dict[str, Any], pa.Table]:
    """The counts of two runs' moves, and the movers by `entity_id` (MOVES).

    Raises
    ------
    NotFound : one of the two is not a whole run.
    """
    for one in (run, previous):
        runfolder.check_parts(one)
    both = _both(run, previous)
    moved = _moved(both, run, previous)
    return _counts(both, moved), pa.concat_tables(_parts(moved, run, previous))


def _both(run: Path, previous: Path) -> pd.DataFrame:
    """The classified firms of either run, what the run before says of them as `…_before`."""
    now, before = (_classes(folder) for folder in (run, previous))
    both = now.merge(before, on="entity_id", how="outer", suffixes=("", "_before"))
    return both.sort_values("entity_id", ignore_index=True)


def _classes(run: Path) -> pd.DataFrame:
    path = run / "classes.parquet"
    table = pq.read_table(path, columns=_TOLD, filters=pc.field("scope") == "model")
    steps = pc.list_flatten(table["steps"])
    step, left, rule = (pc.struct_field(steps, name) for name in ("step", "class", "rule"))
    corrected = pc.if_else(pc.is_valid(rule), left, None)
    told = {"hysteresis": left, "direct": rule, "correction": corrected}
    table = table.drop_columns("steps")
    for name, column in told.items():
        table = table.append_column(name, column.filter(pc.equal(step, name)))
    frame: pd.DataFrame = table.to_pandas()
    return frame


def _moved(both: pd.DataFrame, run: Path, previous: Path) -> pd.DataFrame:
    """Those of another class, with `worse_by`, `cause` and `rule`."""
    known = both["risk_class"].notna() & both["risk_class_before"].notna()
    moved = both[known & (both["risk_class"] != both["risk_class_before"])]
    worse_by = _levels(moved["risk_class"]) - _levels(moved["risk_class_before"])
    names = ("correction", "direct", "hysteresis", "model_class")
    same = {name: _same(moved, name) for name in names}
    cause = np.select(
        [~same["correction"], ~same["direct"], same["hysteresis"], same["model_class"]],
        ["correction", "direct", "public_grade", "hysteresis"],
        "indicators",
    ).astype(object)
    if changed := _changed(run, previous):
        cause[:] = changed
    rule = moved["direct"].fillna(moved["direct_before"]).where(cause == "direct")
    return moved.assign(worse_by=worse_by, cause=cause, rule=rule)


def _same(frame: pd.DataFrame, name: str) -> pd.Series:
    return frame[name].fillna("") == frame[f"{name}_before"].fillna("")


def _levels(classes: pd.Series) -> pd.Series:
    return classes.map({name: level for level, name in enumerate(CLASSES)}).astype("int64")


def _changed(run: Path, previous: Path) -> str:
    """What of the model's folder is another one: model, catalogue or policy; empty if nothing."""
    now, before = _manifest(run), _manifest(previous)

    def differ(names: list[str], files: list[str]) -> bool:
        return any(now.get(name) != before.get(name) for name in names) or any(
            now["files"].get(name) != before["files"].get(name) for name in files
        )

    fitted = ["calibration", "band", "boundaries"]
    if differ(fitted, ["model.yaml", "booster.txt", "background.parquet"]):
        return "model"
    if differ([], ["indicators.yaml"]):
        return "catalogue"
    return "policy" if differ([], ["policy.yaml"]) else ""


def _manifest(run: Path) -> dict[str, Any]:
    path = run / "model" / "manifest.json"
    if not path.is_file():
        raise NotFound(f"no model in {path.parent}", hint="`xinfen score` writes it")
    manifest: dict[str, Any] = json.loads(path.read_bytes())
    return manifest


def _parts(moved: pd.DataFrame, run: Path, previous: Path) -> Iterator[pa.Table]:
    """The movers as MOVES, some at a time."""
    for begin in range(0, max(len(moved), 1), CHUNK):
        some = moved.iloc[begin : begin + CHUNK]
        most = pd.Series(_most(some["entity_id"], run, previous), some.index, object)
        told = some.assign(previous_class=some["risk_class_before"], indicators=most)
        yield pa.Table.from_pandas(told[MOVES.names], MOVES, preserve_index=False)


def _most(ids: pd.Series, run: Path, previous: Path) -> list[list[Any]]:
    """Of each firm the indicators whose contributions changed most, the strongest first."""
    if ids.empty:
        return []
    now, before = (_reasons(folder, ids) for folder in (run, previous))
    both = now.merge(before, "outer", ["entity_id", "indicator"], suffixes=("", "_before"))
    change = both["contribution"].fillna(0) - both["contribution_before"].fillna(0)
    both = both.assign(size=-change.abs())[change != 0]
    both = both.sort_values(["entity_id", "size", "indicator"])
    few = both[both.groupby("entity_id").cumcount() < MOST]
    told = few[["indicator", *_NUMBERS]].astype(object)
    rows = told.where(told.notna(), None).to_dict("records")
    found: dict[str, list[Any]] = {name: [] for name in ids}
    for firm, row in zip(few["entity_id"], rows, strict=True):
        found[firm].append(row)
    return list(found.values())


def _reasons(run: Path, ids: pd.Series) -> pd.DataFrame:
    """The reasons of some firms."""
    firm = ds.field("entity_id")
    near = (firm >= ids.iloc[0]) & (firm <= ids.iloc[-1])
    columns = ["entity_id", "indicator", "value", "contribution"]
    rows = ds.dataset(run / "reasons.parquet").to_table(
        columns=columns, filter=near & firm.isin(pa.array(ids, pa.string()))
    )
    frame: pd.DataFrame = rows.to_pandas()
    return frame


def _counts(both: pd.DataFrame, moved: pd.DataFrame) -> dict[str, Any]:
    """How many moved, which way and why, and how many of each class are in each class now."""
    before, now = both["risk_class_before"].fillna("none"), both["risk_class"].fillna("none")
    grid = pd.crosstab(before, now).reindex(index=[*CLASSES, "none"], columns=[*CLASSES, "none"])
    grid = grid.fillna(0).astype(int)
    causes = moved["cause"].value_counts()
    return {
        "worse": int((moved["worse_by"] > 0).sum()),
        "better": int((moved["worse_by"] < 0).sum()),
        "same": int(np.trace(grid.to_numpy()[:-1, :-1])),
        "new": int(grid.to_numpy()[-1].sum()),
        "gone": int(grid.to_numpy()[:, -1].sum()),
        "cause": {name: int(causes[name]) for name in CAUSES if name in causes},
        "from_to": {
            str(name): {str(to): int(n) for to, n in row.items()} for name, row in grid.iterrows()
        },
    }

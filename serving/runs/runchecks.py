"""What a run's tables must hold before anybody is told of them; the first at fault is named."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from models.reasons import LOOKED
from records.errors import BadInput

Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

HINT = "run `xinfen score` again and publish the folder it writes"


@dataclass(frozen=True, slots=True)
class Reasons:
    """Some rows of reasons.parquet; `rows` has rank, value, contribution and records.

    `firms` are places in the run, `indicators` in `RunFolder.indicators`; shape (rows,).
    """

    firms: Ints
    indicators: Ints
    rows: pa.Table


def check_classes(path: Path, classes: pa.Table) -> None:
    """That firms are in order, of a scope and with what belongs to it, and of one run.

    Raises
    ------
    BadInput : names the first firm that is wrong.
    """
    if classes.num_rows == 0:
        raise BadInput(f"{path}: no firm in it", hint=HINT)
    ids, scope = classes["entity_id"], classes["scope"]
    letter = pc.fill_null(classes["risk_class"], "")
    after = pc.greater(ids[1:], ids[:-1]).fill_null(False).to_numpy()
    refuse(path, ids, ~np.append(True, after), "entity_id out of order", "each once, ascending")
    known = _within(scope, ["model", "grade_only"])
    refuse(path, ids, ~known, "scope", "model, grade_only")
    modelled = pc.equal(scope, "model").to_numpy()
    fits = np.where(modelled, _within(letter, list("ABCD")), pc.equal(letter, "").to_numpy())
    refuse(path, ids, ~fits, "risk_class", "A, B, C, D under scope model; null under grade_only")
    for name in _NEEDED:
        unknown = pc.is_null(classes[name], nan_is_null=True).to_numpy()
        refuse(path, ids, unknown & modelled, name, "not null under scope model")
    _check_values(path, classes)
    first, last = _ends(classes["steps"])
    for name, end, letters in (("model_class", "first", first), ("risk_class", "last", last)):
        same = pc.equal(letters, classes[name]).fill_null(False).to_numpy()
        refuse(path, ids, ~same & modelled, name, f"the class of the {end} of its steps")
    told = classes.select([*SHARED, "scope"]).filter(pc.field("scope") == "model")
    for name in SHARED:
        others = pc.count_distinct(told[name], "all")
        if others.as_py() > 1:
            raise BadInput(
                f"{path}: {name} differs between firms", found=f"{others} of them",
                allowed="one in a run", hint=HINT,
            )  # fmt: skip


def _ends(steps: pa.ChunkedArray) -> tuple[pa.Array, pa.Array]:
    """The classes of each firm's first and last step; null: it has none."""
    lists = steps.combine_chunks()
    letters = pc.struct_field(lists.values, "class")
    first, after = lists.offsets[:-1], lists.offsets[1:]
    some = pc.less(first, after)
    none = pa.scalar(None, first.type)
    places = (pc.if_else(some, one, none) for one in (first, pc.subtract(after, 1)))
    one, other = (letters.take(place) for place in places)
    return one, other


def _check_values(path: Path, classes: pa.Table) -> None:
    """That what a store keeps by columns fits them."""
    ids = classes["entity_id"]
    length = pc.binary_length(ids).to_numpy()
    refuse(path, ids, (length < 1) | (length > LONGEST), "entity_id", f"1 to {LONGEST} bytes")
    for name in ("entity_id", "name", "division", "industry", "entity_type", "status"):
        nul = pc.match_substring(pc.fill_null(classes[name], ""), "\0").to_numpy()
        refuse(path, ids, nul, f"{name} with a NUL character", "text")
    for name in ("name", "entity_type", "status"):
        refuse(path, ids, pc.is_null(classes[name]).to_numpy(), name, "not null")
    for name, allowed in _LETTERS.items():
        fits = _within(pc.fill_null(classes[name], ""), ["", *allowed])
        refuse(path, ids, ~fits, name, f"{', '.join(allowed)}; null")
    score = pc.fill_null(classes["public_score"], 0).to_numpy()
    refuse(path, ids, np.abs(score) > 2**31 - 1, "public_score", "a number of 32 bits")


LONGEST = 64
"""Bytes of an enterprise's code."""
_LETTERS = {"model_class": "ABCD", "previous_class": "ABCD", "public_grade": "ABCDE"}
_NEEDED = ("raw", "base", "probability", "base_probability", "steps", "catalogue_hash")
SHARED = (
    "as_of", "base", "base_probability", "model_name", "model_version", "catalogue_version",
    "catalogue_hash", "policy_version", "snapshot",
)  # fmt: skip
"""What all classified firms of a run have in common."""


def _within(column: pa.ChunkedArray, values: list[str]) -> Flags:
    found: Flags = pc.is_in(column, pa.array(values)).to_numpy()
    return found


def check_reasons(
    path: Path, ids: pa.ChunkedArray, group: Reasons, last: tuple[int, int], counted: Flags
) -> None:
    """That reasons are of firms of the run, in order, and have their records."""
    refuse(path, ids, group.firms < 0, "entity_id", "the firms of classes.parquet")
    for name in ("rank", "contribution", "records"):
        unknown = pc.is_null(group.rows[name], nan_is_null=True).to_numpy()
        refuse(path, ids, unknown, name, "not null")
    ranks = group.rows["rank"].to_numpy()
    step, further = np.diff(group.firms, prepend=last[0]), np.diff(ranks, prepend=last[1])
    falls = (step < 0) | ((step == 0) & (further <= 0))
    refuse(path, ids, falls, "rows out of order", "by entity_id, then rank")
    refuse(path, ids, group.indicators < 0, "indicator", "those of model/indicators.yaml")
    refuse(path, ids, _bare(group, counted), "a reason that names no record",
            "the records behind what was counted")  # fmt: skip


def _bare(group: Reasons, counted: Flags) -> Flags:
    """Which of the strongest reasons rest on records that are not there."""
    value = group.rows["value"].to_numpy()
    none = pc.equal(pc.list_value_length(group.rows["records"]), 0).to_numpy()
    strong = group.rows["rank"].to_numpy() <= LOOKED
    bare: Flags = none & strong & (value != 0) & ~np.isnan(value) & counted[group.indicators]
    return bare


def refuse(path: Path, ids: pa.ChunkedArray, wrong: Flags, what: str, allowed: str) -> None:
    """Raise BadInput naming the first firm that is `wrong`."""
    if wrong.any():
        raise BadInput(
            f"{path}: {what}",
            found=f"{wrong.sum()} wrong rows, the first at {ids[int(wrong.argmax())].as_py()!r}",
            allowed=allowed, hint=HINT,
        )  # fmt: skip

"""What a plan is committed from: a class run, a definition, two lists and a sealed seed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from records.errors import BadDefinition, BadInput, NotFound, XinfenError
from records.files import canonical
from supervision import canonical as written
from supervision import lists as listed
from supervision.errors import PlanError
from supervision.plan import PlanDefinition

_RUN = (
    "as_of",
    "model_name",
    "model_version",
    "catalogue_version",
    "catalogue_hash",
    "policy_version",
    "snapshot",
)
_SEED_BYTES = 16


def read(run: Path, plan: Path, lists: Path, seed_file: Path) -> dict[str, bytes]:
    """The files to commit, by name (`supervision.proof.COMMITTED`), all checked.

    plan.json holds the definition and what the run says of itself (its as-of date, snapshot and
    versions), so that both are committed.

    Raises
    ------
    NotFound : a file is missing.
    BadInput : a run, list or seed is not what it should be.
    BadDefinition : the plan contradicts itself or cannot be read.
    """
    with told(BadDefinition, plan):
        definition = PlanDefinition.from_yaml(_text(plan))
    table = _classes(run)
    with told(BadInput, lists):
        objects = listed.objects(_list(lists, "objects"))
        inspectors = listed.inspectors(_list(lists, "inspectors"))
    with told(BadInput, run):
        classes = listed.classes(table.select(listed.CLASSES).to_pandas(), objects)
    about = {"plan": definition.plain(), "run": _provenance(run, table)}
    return {
        "plan.json": canonical(about) + b"\n",
        "objects.jsonl": written.table(objects, listed.OBJECTS),
        "inspectors.jsonl": written.table(inspectors, listed.INSPECTORS),
        "classes.jsonl": written.table(classes, listed.CLASSES),
        "sealed_seed": _sealed_seed(seed_file),
    }


@contextmanager
def told(kind: type[XinfenError], where: Path) -> Iterator[None]:
    """A `PlanError` of the block as an error of ours that names the file or folder."""
    try:
        yield
    except PlanError as error:
        what = f"{where}: {error.what}"
        raise kind(what, found=error.found, allowed=error.allowed, hint=error.hint) from None


def _sealed_seed(path: Path) -> bytes:
    seed = _text(path).strip().encode()
    if len(seed) < _SEED_BYTES:
        raise BadInput(
            f"{path}: the sealed seed is too short",
            found=f"{len(seed)} bytes",
            allowed=f"at least {_SEED_BYTES} bytes of text",
            hint="openssl rand -hex 32",
        )
    return seed


def _text(path: Path) -> str:
    try:
        return path.read_text("utf-8")
    except FileNotFoundError:
        raise NotFound(f"no file {path}") from None
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput(f"{path} cannot be read", found=str(error), allowed="UTF-8 text") from None


def _list(folder: Path, name: str) -> pd.DataFrame:
    found = [path for end in ("csv", "parquet") if (path := folder / f"{name}.{end}").is_file()]
    if len(found) != 1:
        raise NotFound(
            f"{folder}: {'two lists' if found else 'no list'} of {name}",
            allowed=f"one of {name}.csv, {name}.parquet",
        )
    try:
        if found[0].suffix == ".csv":
            return pd.read_csv(found[0], dtype=str, keep_default_na=False, encoding="utf-8-sig")
        return pd.DataFrame(pq.read_table(found[0]).to_pandas())
    except (OSError, ValueError) as error:  # a bad encoding, CSV or Parquet file is a ValueError
        raise BadInput(f"{found[0]} cannot be read", found=str(error)) from None


def _classes(run: Path) -> pa.Table:
    path = run / "classes.parquet"
    if not path.is_file():
        raise NotFound(f"{run} holds no classes.parquet", hint="`xinfen score` writes a run")
    needed = [*listed.CLASSES, *_RUN]
    try:
        names = pq.read_schema(path).names
        missing = [name for name in needed if name not in names]
        if missing:
            raise BadInput(f"{path}: no column {missing[0]}", allowed=", ".join(needed))
        return pq.read_table(path, columns=needed)
    except (OSError, pa.ArrowInvalid) as error:
        raise BadInput(f"{path} cannot be read", found=str(error)) from None


def _provenance(run: Path, table: pa.Table) -> dict[str, str | None]:
    """What the run says of itself: one as-of date, one snapshot, at most one model."""
    about: dict[str, str | None] = {}
    for column in _RUN:
        values = pc.unique(table[column].drop_null()).to_pylist()
        if len(values) > 1:
            raise BadInput(f"{run}: more than one {column}", found=str(values[:3]), allowed="one")
        about[column] = str(values[0]) if values else None
    return about

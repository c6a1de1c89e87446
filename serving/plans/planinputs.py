"""What a plan is committed from: a class run, a definition, the lists and a sealed seed."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from records.errors import BadDefinition, BadInput, NotFound, XinfenError
from records.files import canonical
from serving.plans import planlists
from serving.runs import runcolumns
from supervision import canonical as written
from supervision.draws import lists as listed
from supervision.errors import PlanError
from supervision.plans.period import Period
from supervision.plans.plan import PlanDefinition
from supervision.proofs.proof import LISTS

_RUN = (
    "as_of",
    "model_name",
    "model_version",
    "catalogue_version",
    "catalogue_hash",
    "policy_version",
    "snapshot",
)
_RECURRING = (*listed.CLASSES[1:], *_RUN)
_SEED_BYTES = 16


@dataclass(frozen=True)
class Inputs:
    """What is committed, checked.

    about : the content of plan.json: `plan`, the definition; `run`, what the class run says of
        itself (as-of date, snapshot, versions); `period`, the batch.
    lists : by name, columns of `supervision.proofs.proof.LISTS`.
    """

    about: dict[str, Any]
    lists: dict[str, pd.DataFrame]
    sealed_seed: bytes

    def files(self) -> dict[str, written.Pieces]:
        """The files to commit, by name (`supervision.proofs.proof.COMMITTED`)."""
        tables = {f"{name}.jsonl": written.pieces(self.lists[name], LISTS[name]) for name in LISTS}
        plan = canonical(self.about) + b"\n"
        return {**tables, "plan.json": [plan], "sealed_seed": [self.sealed_seed]}


def read(
    run: Path,
    plan: Path,
    lists: Path,
    seed_file: Path,
    start: date | None = None,
    earlier: pd.DataFrame | None = None,
) -> Inputs:
    """Read and check.

    Parameters
    ----------
    start : a day of the period to draw for; without, the run's as-of date.
    earlier : visits of plans drawn before, which join the list of history (`lists.HISTORY`).

    Raises
    ------
    NotFound : a file is missing.
    BadInput : a run, list or seed is not what it should be.
    BadDefinition : the plan contradicts itself or cannot be read.
    """
    with told(BadDefinition, plan):
        definition = PlanDefinition.from_yaml(text(plan))
    sealed_seed = _sealed_seed(seed_file)
    with ThreadPoolExecutor(2) as pool:  # lists of millions, side by side
        there = pool.submit(runcolumns.classes, run, [*listed.CLASSES, *_RUN], _RECURRING)
        listing = pool.submit(planlists.required, lists, "objects", listed.OBJECTS)
        table = there.result()
        about = _provenance(run, table)
        day = start or _day(run, about["as_of"])
        with told(BadInput, lists):
            objects = listed.objects(listing.result())
            inspectors = planlists.required(lists, "inspectors", listed.INSPECTORS)
            checked = {"objects": objects, "inspectors": listed.inspectors(inspectors)}
        past = pool.submit(_history, lists, earlier, objects)
        aside = pool.submit(_exclusions, lists, objects)
        classes = pool.submit(lambda: listed.classes(_texts(table), objects))
        with told(BadInput, lists):
            checked |= {"history": past.result(), "exclusions": aside.result()}
        with told(BadInput, run):
            checked["classes"] = classes.result()
    period = Period.containing(day, definition.batches).plain()
    whole = {"plan": definition.plain(), "run": about, "period": period}
    return Inputs(whole, checked, sealed_seed)


@contextmanager
def told(kind: type[XinfenError], where: Path) -> Iterator[None]:
    """A `PlanError` of the block as an error of ours that names the file or folder."""
    try:
        yield
    except PlanError as error:
        what = f"{where}: {error.what}"
        raise kind(what, found=error.found, allowed=error.allowed, hint=error.hint) from None


def _history(lists: Path, earlier: pd.DataFrame | None, objects: pd.DataFrame) -> pd.DataFrame:
    """The list's own visits, checked by themselves so that a fault names its row, and ours."""
    own = listed.history(planlists.optional(lists, "history", listed.HISTORY), objects)
    if earlier is None or earlier.empty:
        return own
    return listed.history(pd.concat([own, earlier], ignore_index=True), objects)


def _exclusions(lists: Path, objects: pd.DataFrame) -> pd.DataFrame:
    aside = planlists.optional(lists, "exclusions", listed.EXCLUSIONS)
    return listed.exclusions(aside, objects)


def _texts(table: pa.Table) -> pd.DataFrame:
    read: pd.DataFrame = table.select(listed.CLASSES).to_pandas()
    return read


def _day(run: Path, as_of: str | None) -> date:
    try:
        return date.fromisoformat(str(as_of))
    except ValueError:
        raise BadInput(
            f"{run}: the run has no as-of date", found=str(as_of), hint="name one with --start"
        ) from None


def _sealed_seed(path: Path) -> bytes:
    seed = text(path).strip().encode()
    if len(seed) < _SEED_BYTES or b"\n" in seed:
        raise BadInput(
            f"{path}: the sealed seed is too short" if b"\n" not in seed
            else f"{path}: the sealed seed is more than one line",
            found=f"{len(seed)} bytes",
            allowed=f"at least {_SEED_BYTES} bytes of text, one line",
            hint="openssl rand -hex 32",
        )  # fmt: skip
    return seed


def text(path: Path) -> str:
    """A file of UTF-8 text; `NotFound` or `BadInput` names one that is none."""
    try:
        return path.read_text("utf-8")
    except FileNotFoundError:
        raise NotFound(f"no file {path}") from None
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput(f"{path} cannot be read", found=str(error), allowed="UTF-8 text") from None


def _provenance(run: Path, table: pa.Table) -> dict[str, str | None]:
    """What the run says of itself: one as-of date, one snapshot, at most one model."""
    about: dict[str, str | None] = {}
    for column in _RUN:
        values = pc.unique(table[column].drop_null()).to_pylist()
        if len(values) > 1:
            raise BadInput(f"{run}: more than one {column}", found=str(values[:3]), allowed="one")
        about[column] = str(values[0]) if values else None
    return about

"""Results taken back into a plan folder, version by version, and on into the store.

    PLAN/results/0001/statements.parquet   the rows that this taking in accepted; never changed
    PLAN/results/0001/refused.parquet      the reasons against the others
    PLAN/results/0001/taken.json           file, its hash, day, counts
    PLAN/results/results.parquet           the newest results, a row an item     } made of all
    PLAN/results/visits.parquet            what became of each visit             } statements
    PLAN/results/inspections.parquet       the records that go into the store    }

A version's folder appears whole or not at all; the three files are made anew of all versions, so
that whatever was cut off is completed by the next call. No clock time stands in them.
"""

from __future__ import annotations

import json
import shutil
import tempfile
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from records import intake
from records.errors import NotPossible
from records.files import canonical, held, write_parquet
from records.store import Store
from serving.plans import planinputs
from serving.returns import inspected, resultfiles
from serving.returns.planned import Planned, begin, planned
from supervision.returns import visits as folding
from supervision.returns.deadlines import WorkingDays
from supervision.returns.refusals import REFUSED
from supervision.returns.results import STATEMENTS, nothing, take

FOLDER = "results"
_DAYS = ("inspected_on", "entered_on", "published_on", "settled_on", "known_on", "enter_by",
         "publish_by")  # fmt: skip
_KINDS = {
    **dict.fromkeys(_DAYS, pa.date32()),
    **dict.fromkeys(("version", "row", "severity", "days_late"), pa.int64()),
    **dict.fromkeys(("override_pair", "override_method", "override_item"), pa.bool_()),
    "label": pa.float64(),
}


@dataclass(frozen=True)
class State:
    """A plan with all that came back: statements, items, visits; `calendar` judged the days."""

    plan: Planned
    statements: pd.DataFrame
    items: pd.DataFrame
    visits: pd.DataFrame
    calendar: WorkingDays


def take_in(
    folder: Path,
    file: Path | None,
    *,
    on: date,
    mapping: Path | None = None,
    store: Store | None = None,
    elsewhere: str | None = None,
) -> dict[str, Any]:
    """Take a file of results into a plan; every row is accounted for.

    Parameters
    ----------
    file : null: only bring what is there into the store.
    on : the day of taking in; results that name no day of entering were entered then.

    Returns
    -------
    `plan`, `elsewhere` (the name of a plan drawn so), `version` (of the results, 0: none yet),
    `read`, `accepted`, `corrected` (the part of accepted that replaces earlier results),
    `duplicate`, `refused`, `reasons` (row, field, found, problem and allowed in both languages),
    `states` of the visits, `calendar` (years whose holidays are not published), and `store`, what
    became of the records there.
    """
    plan = planned(folder, elsewhere)
    told: dict[str, Any] = {"plan": str(folder)}
    if plan.drawn.elsewhere:
        told["elsewhere"] = plan.name
    refused = pd.DataFrame(columns=list(REFUSED))
    if file is not None:
        zone = store.time_zone if store else resultfiles.ZONE
        read = resultfiles.read(file, mapping, plan.drawn, on, zone)
        begin(plan)
        with held_results(folder), planinputs.told(NotPossible, folder):
            counts, refused = _add(plan, read, file.name, on)
        told |= counts
    with held_results(folder), planinputs.told(NotPossible, folder):
        state = state_of(plan)
        _write(state)
        told |= {
            "version": int(state.statements["version"].max()) if len(state.statements) else 0,
            "states": {
                str(name): int(n) for name, n in state.visits["state"].value_counts().items()
            },
            "calendar": state.calendar.unpublished(),
            "reasons": refused.to_dict("records"),
        }
        if store is not None:
            told["store"] = _store(store, folder)
            told["inspectors"] = "keyed hashes" if inspected.keyed() else "left out: no key"
    return told


def state_of(plan: Planned) -> State:
    """All that came back to a plan, folded anew from its versions."""
    statements = _statements(plan.folder)
    calendar = WorkingDays()
    visits = folding.fold(statements, plan.drawn, calendar, enter=plan.enter, publish=plan.publish)
    return State(plan, statements, folding.results(statements, plan.drawn), visits, calendar)


def held_results(folder: Path) -> AbstractContextManager[None]:
    """Hold the results of a plan; others wait."""
    (folder / FOLDER).mkdir(parents=True, exist_ok=True)
    return held(folder / FOLDER)


def _add(
    plan: Planned, read: resultfiles.Read, name: str, on: date
) -> tuple[dict[str, int], pd.DataFrame]:
    """A new version of the results, if the file has anything new to say."""
    folder = plan.folder / FOLDER
    before = _statements(plan.folder)
    versions = _versions(plan.folder)
    rows, again = _not_taken(read, versions)
    version = len(versions) + 1
    taken = take(rows, plan.drawn, before, version, on)
    refused = pd.concat([taken.refused, read.refused], ignore_index=True)
    refused = refused.sort_values("row", kind="stable", ignore_index=True)
    counts = taken.counts | {
        "read": read.count,
        "duplicate": taken.counts["duplicate"] + again,
        "refused": read.count - taken.counts["accepted"] - taken.counts["duplicate"] - again,
    }
    known = any(_taken(one)["hash"] == read.hash for one in versions)
    if taken.counts["accepted"] or (counts["refused"] and not known):
        about = {"file": name, "hash": read.hash, "on": str(on), "counts": counts}
        _build(folder, version, taken.statements, refused, about)
    return counts, refused


def _not_taken(read: resultfiles.Read, versions: list[Path]) -> tuple[pd.DataFrame, int]:
    """A file that came before: only its rows that were refused then are looked at again."""
    same = [one for one in versions if _taken(one)["hash"] == read.hash]
    if not same:
        return read.rows, 0
    refused = set(pq.read_table(same[-1] / "refused.parquet")["row"].to_pylist())
    left = read.rows["row"].isin(refused)
    again = read.rows.loc[~left, "row"].nunique()
    return read.rows[left].reset_index(drop=True), again


def _build(
    folder: Path, version: int, statements: pd.DataFrame, refused: pd.DataFrame, about: Any
) -> None:
    """Write a version's folder whole beside its place, then let it appear."""
    building = Path(tempfile.mkdtemp(dir=folder, prefix=".building."))
    building.chmod(0o755)
    try:
        pq.write_table(_table(statements, STATEMENTS), building / "statements.parquet")
        pq.write_table(_table(refused, REFUSED), building / "refused.parquet")
        (building / "taken.json").write_bytes(canonical(about) + b"\n")
        building.rename(folder / f"{version:04}")
    finally:
        shutil.rmtree(building, ignore_errors=True)


def _write(state: State) -> None:
    folder = state.plan.folder / FOLDER
    items = _table(state.items, folding.RESULTS)
    made = inspected.records(state.plan, _with_most(state), state.visits)
    write_parquet(folder / "results.parquet", items)
    write_parquet(folder / "visits.parquet", _table(state.visits, folding.VISITS))
    write_parquet(folder / "inspections.parquet", made)


def _with_most(state: State) -> pd.DataFrame:
    """Items with `most`: how many results any version had of each."""
    said = state.statements[state.statements["result"].notna()]
    sizes = said.groupby(["visit", "item", "version"])["result"].nunique()
    most = sizes.groupby(["visit", "item"]).max().rename("most").reset_index()
    return state.items.merge(most, on=["visit", "item"], how="left")


def _store(store: Store, folder: Path) -> dict[str, object]:
    file = folder / FOLDER / "inspections.parquet"
    if pq.read_metadata(file).num_rows == 0:
        return {"read": 0}
    return intake.ingest(store, "inspections", file).as_dict()


def _statements(folder: Path) -> pd.DataFrame:
    parts = [
        pq.read_table(one / "statements.parquet").to_pandas(date_as_object=True)
        for one in _versions(folder)
    ]
    if not parts:
        return nothing()
    frame = pd.concat(parts, ignore_index=True).astype(object)
    whole: pd.DataFrame = frame.where(frame.notna(), None)
    return whole


def _versions(folder: Path) -> list[Path]:
    there = (folder / FOLDER).glob("[0-9][0-9][0-9][0-9]*")
    return sorted((one for one in there if one.is_dir()), key=lambda one: int(one.name))


def _taken(version: Path) -> dict[str, Any]:
    told: dict[str, Any] = json.loads((version / "taken.json").read_bytes())
    return told


def _table(frame: pd.DataFrame, columns: tuple[str, ...]) -> pa.Table:
    schema = pa.schema([(name, _KINDS.get(name, pa.string())) for name in columns])
    plain = frame.reindex(columns=list(columns)).astype(object)
    plain = plain.where(plain.notna(), None)
    return pa.Table.from_pandas(plain, schema=schema, preserve_index=False)

"""Drawn plans with their results, as estimates read them from disk."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from records.errors import BadInput, NotPossible
from serving.estimates import grouped
from serving.plans.drawnplan import no_plan
from serving.plans.planinputs import told as naming
from serving.runs import runcolumns
from supervision.canonical import untable
from supervision.draws import lists
from supervision.estimates import basket
from supervision.plans.plan import PlanDefinition

COVERED = ("class", "grade", "county", "industry")
"""Groups that every frame is told apart by, beside those asked for."""


@dataclass(frozen=True)
class Draw:
    """A drawn plan: its frame with groups and `alike_share`, its visits with the firm's class, and
    what they tell of the `basket`; `blind` is whether a slice was drawn: a small province may
    have no place for one in a month."""

    plan: Path
    blind: bool
    basket: tuple[str, ...]
    about: dict[str, Any]
    frame: pd.DataFrame
    seen: pd.DataFrame
    measured: pd.DataFrame
    history: pd.DataFrame | None


def drawn(plan: Path, by: Sequence[str] = (), run: Path | None = None) -> Draw:
    """Read a plan; see `serving.estimates.estimates.estimates` for what is refused.

    Parameters
    ----------
    by : groups its frame is told apart by, beside `COVERED`; of a run only with `run`.
    """
    about = _about(plan)
    with naming(BadInput, plan):
        definition = PlanDefinition.checked(about["plan"])
        asked = basket.of(definition)
    frame = _frame(plan, by, run, about["run"])
    visits, results = _results(plan)
    with naming(BadInput, plan):
        drawn = visits[visits["way"] == "drawn"] if "way" in visits else visits
        measured = basket.measured(drawn, results, asked)
        names = {str(name).partition("/")[0] for name in frame["stratum"].unique()}
        on_site = {name: definition.methods(name).get("on_site", 0) for name in names}
        share = basket.shares(frame, measured, on_site)
    told = frame[["entity_id", "risk_class", "public_grade"]]
    seen = visits.merge(told, on="entity_id", how="left")
    return Draw(
        plan, bool((frame["slice_probability"] > 0).any()), asked, about,
        frame.assign(alike_share=share), seen, measured, _history(plan),
    )  # fmt: skip


def once(plans: Sequence[Path]) -> Sequence[Path]:
    """The plans, if each stands once and all measure alike."""
    if len({plan.resolve() for plan in plans}) < len(plans):
        raise BadInput("a plan is named twice", allowed="each draw once, oldest first")
    told = [_about(plan) for plan in plans]
    for name in ("task", "items", "blind_slice", "batches"):
        for plan, other in zip(plans[1:], told[1:], strict=True):
            if other["plan"].get(name) != told[0]["plan"].get(name):
                raise BadInput(
                    f"{plan}: its {name} is not that of {plans[0]}",
                    allowed="draws of one plan", hint="estimate them apart",
                )  # fmt: skip
    starts = [about["period"]["start"] for about in told]
    if starts != sorted(set(starts)):
        raise BadInput("the plans are not of one period after another", found=", ".join(starts))
    return plans


def _about(plan: Path) -> dict[str, Any]:
    """plan.json, commitment.json and proof.json, in one."""
    if not (plan / "commitment.json").is_file():
        raise no_plan(plan)
    if not (plan / "proof.json").is_file():
        raise NotPossible(f"{plan} is committed, not drawn", hint=f"xinfen draw {plan}")
    try:
        told: dict[str, Any] = json.loads((plan / "plan.json").read_bytes())
        number = json.loads((plan / "commitment.json").read_bytes())["number"]
        proof = json.loads((plan / "proof.json").read_bytes())
        return told | {"number": number, "frame_hash": proof["frame_hash"]}
    except (OSError, ValueError, KeyError) as error:
        raise BadInput(
            f"{plan} cannot be read", found=str(error), hint=f"xinfen verify {plan}"
        ) from None


def _frame(
    plan: Path, by: Sequence[str], run: Path | None, made_of: dict[str, Any]
) -> pd.DataFrame:
    """The draw's frame with its firms' groups."""
    if run is not None:
        _same_run(run, made_of)
    frame = _parquet(plan / "frame.parquet", "xinfen verify")
    listed = untable((plan / "objects.jsonl").read_bytes(), lists.OBJECTS)
    told = frame.merge(listed[["entity_id", "division", "industry"]], on="entity_id", how="left")
    return grouped.grouped(told, {*by, *COVERED}, run)


def _same_run(run: Path, made_of: dict[str, Any]) -> None:
    """Refuse a run other than the one the plan was committed from."""
    told = runcolumns.classes(run, ["as_of", "snapshot"]).slice(0, 1)
    row = {name: str(values[0]) for name, values in told.to_pydict().items() if values}
    for name, value in row.items():
        if made_of.get(name) != value:
            raise BadInput(
                f"{run} is not the run that the plan was made of",
                found=f"{name} {value}", allowed=f"{name} {made_of.get(name)}",
            )  # fmt: skip


def _results(plan: Path) -> tuple[pd.DataFrame, pd.DataFrame]:
    """What became of each visit, and of each of its items."""
    folder = plan / "results"
    if not (folder / "visits.parquet").is_file():
        raise NotPossible(f"{plan} has no results yet", hint=f"xinfen results {plan} FILE")
    again = "xinfen results"
    return _parquet(folder / "visits.parquet", again), _parquet(folder / "results.parquet", again)


def _history(plan: Path) -> pd.DataFrame | None:
    path = plan / "history.jsonl"
    return untable(path.read_bytes(), lists.HISTORY) if path.is_file() else None


def _parquet(path: Path, hint: str) -> pd.DataFrame:
    try:
        read: pd.DataFrame = pq.read_table(path).to_pandas()
    except (OSError, pa.ArrowInvalid) as error:
        raise BadInput(f"{path} cannot be read", found=str(error), hint=hint) from None
    return read

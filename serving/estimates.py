"""What a plan's results tell: rates of all firms, what visits were worth, whom the plan reached.

Reads a drawn plan folder with results; the frame it speaks for is named with every figure.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from records.errors import BadInput, NotFound, NotPossible
from serving import grouped, leaf
from serving.planinputs import told as naming
from supervision import basket, coverage, estimate, lists, sample, strictness, worth
from supervision.agreement import Agreement, agreement
from supervision.canonical import untable
from supervision.plan import PlanDefinition
from supervision.pooling import pooled

HIGHER = "higher_rule"
COVERED = ("class", "grade", "county", "industry")
"""Groups whose coverage is told by itself, beside those asked for."""


@dataclass(frozen=True)
class Estimates:
    """All that is told of a plan.

    about : what the figures speak for: `plans`, their `numbers` and `frame_hashes`, `task`,
        `period`, `as_of`, `firms` spoken for, `outside` (firms refused by a higher rule, by
        rule), `basis`.
    rates : `estimate.table`; reference : its row for all firms on the slice alone.
    agreed : how plan visits taken as alike differ from blind ones; None on the slice alone.
    found, worth, coverage, strictness : tables of the modules of that name.
    """

    about: dict[str, Any]
    rates: pd.DataFrame
    reference: pd.DataFrame
    agreed: Agreement | None
    found: pd.DataFrame
    worth: pd.DataFrame
    coverage: pd.DataFrame
    strictness: pd.DataFrame


def estimates(
    plans: Sequence[Path],
    by: Sequence[str] = (),
    basis: str | None = None,
    run: Path | None = None,
) -> Estimates:
    """The estimates of a plan, or of several draws of it together.

    Parameters
    ----------
    plans : folders written by `xinfen draw`, with results (`xinfen results`), oldest first.
    by : groups, names of `grouped.BY`.
    basis : ``slice`` or ``alike``; None takes plan visits in wherever there are alike ones.
    run : folder of the class run that the newest was made of, for groups that only it knows.

    Raises
    ------
    NotFound, NotPossible : no plan, not drawn, or no results yet.
    BadInput : something cannot be read, a group is not known, or the run is another one.
    """
    draws = [_draw(plan, by, run) for plan in _once(plans)]
    newest = draws[-1]
    with naming(BadInput, newest.plan):
        both, alone = (
            pooled([sample.of(one.frame, one.measured, on) for one in draws])
            for on in (sample.ALIKE, sample.SLICE)
        )
        used = _chosen(basis, both, alone)
        columns = [grouped.BY[name] for name in by]
        seen = pd.concat([one.seen for one in draws], ignore_index=True)
        found = worth.found(seen, "risk_class")
        reached = dict.fromkeys([*(grouped.BY[name] for name in COVERED), *columns])
        part = newest.about["period"]["of"] / len(draws)
        return Estimates(
            about=_spoken(draws, used),
            rates=estimate.table(used, columns),
            reference=estimate.table(alone),
            agreed=agreement(both) if used.basis == sample.ALIKE else None,
            found=found,
            worth=worth.worth(found),
            coverage=coverage.coverage(_all(draws), seen, reached, part, _history(newest.plan)),
            strictness=strictness.strictness(seen),
        )


def plain(told: Estimates) -> dict[str, Any]:
    """All of it as JSON."""
    tables = ("rates", "reference", "found", "worth", "coverage", "strictness")
    agreed = None if told.agreed is None else told.agreed._asdict()
    frames = {name: getattr(told, name) for name in tables}
    named = {
        name: grouped.by_name(frame) if "by" in frame else frame for name, frame in frames.items()
    }
    rows = {name: leaf.plain(frame) for name, frame in named.items()}
    return {**told.about, "agreed": agreed, **rows}


@dataclass(frozen=True)
class _Draw:
    """A drawn plan: its frame with groups and `alike_share`, its visits with the firm's class, and
    what they tell of the basket."""

    plan: Path
    about: dict[str, Any]
    frame: pd.DataFrame
    seen: pd.DataFrame
    measured: pd.DataFrame


def _draw(plan: Path, by: Sequence[str], run: Path | None) -> _Draw:
    about = _about(plan)
    with naming(BadInput, plan):
        definition = PlanDefinition.checked(about["plan"])
    if definition.blind_slice is None:
        raise NotPossible(
            f"{plan} has no blind slice", found="blind_slice: null",
            hint="without one nothing is known of all firms; draw an undirected plan beside it",
        )  # fmt: skip
    frame = _frame(plan, by, run, about["run"])
    visits, results = _results(plan)
    with naming(BadInput, plan):
        drawn = visits[visits["way"] == "drawn"] if "way" in visits else visits
        measured = basket.measured(drawn, results, definition.blind_slice.basket)
        names = {str(name).partition("/")[0] for name in frame["stratum"].unique()}
        on_site = {name: definition.methods(name).get("on_site", 0) for name in names}
        share = basket.shares(frame, measured, on_site)
    told = frame[["entity_id", "risk_class", "public_grade"]]
    seen = visits.merge(told, on="entity_id", how="left")
    return _Draw(plan, about, frame.assign(alike_share=share), seen, measured)


def _once(plans: Sequence[Path]) -> Sequence[Path]:
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


def _all(draws: Sequence[_Draw]) -> pd.DataFrame:
    """The newest frame with the chances of all draws, and who was drawn in any."""
    newest = draws[-1].frame
    if len(draws) == 1:
        return newest
    rows = pd.concat([one.frame[["entity_id", "inclusion_probability", "drawn"]] for one in draws])
    sums = rows.groupby("entity_id").agg({"inclusion_probability": "sum", "drawn": "any"})
    told = sums.reindex(newest["entity_id"])
    return newest.assign(**{str(name): told[name].to_numpy() for name in told})


def _chosen(basis: str | None, both: sample.Sample, alone: sample.Sample) -> sample.Sample:
    if basis not in (None, "slice", "alike"):
        raise BadInput(f"--basis {basis}", allowed="slice, alike")
    more = bool((both.measured & ~both.blind).any())
    return both if basis == "alike" or (basis is None and more) else alone


def _about(plan: Path) -> dict[str, Any]:
    """plan.json, commitment.json and proof.json, in one."""
    if not (plan / "commitment.json").is_file():
        raise NotFound(f"{plan} is not a plan folder", hint="`xinfen commit` makes one")
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
    try:
        told = pq.read_table(run / "classes.parquet", columns=["as_of", "snapshot"]).slice(0, 1)
    except (OSError, pa.ArrowInvalid) as error:
        raise BadInput(f"{run} cannot be read as a run", found=str(error)) from None
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


def _spoken(draws: Sequence[_Draw], used: sample.Sample) -> dict[str, Any]:
    """What the figures speak for, and for whom they do not."""
    newest = draws[-1]
    about, first = newest.about, draws[0].about["period"]
    refused = newest.frame["refused_by"].fillna("")
    aside = refused[refused.str.startswith(HIGHER)].value_counts().sort_index()
    return {
        "plans": [str(one.plan) for one in draws],
        "numbers": [one.about["number"] for one in draws], "task": about["plan"]["task"],
        "period": about["period"] | {"start": first["start"], "first": first["batch"]},
        "as_of": about["run"]["as_of"],
        "frame_hashes": [one.about["frame_hash"] for one in draws], "firms": len(used.firms),
        "outside": {str(rule): int(count) for rule, count in aside.items()},
        "basis": used.basis,
    }  # fmt: skip

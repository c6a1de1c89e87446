"""What a plan's results tell: rates of all firms, what visits were worth, whom the plan reached.

Reads a drawn plan folder with results; the frame it speaks for is named with every figure.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from records.errors import BadInput, NotPossible
from serving.estimates import estimatedraws, grouped
from serving.estimates.estimatedraws import COVERED, Draw, drawn
from serving.plans.planinputs import told as naming
from serving.telling import leaf
from supervision.estimates import coverage, estimate, sample, strictness, worth
from supervision.estimates.agreement import Agreement, agreement
from supervision.estimates.pooling import pooled

HIGHER = "higher_rule"
NO_VISIT, UNLIKE = "no_visit", "unlike"
"""Beside `refused_by`, why a firm is not spoken for: no visit of this draw could be to it, or none
that is on site with the whole basket."""


@dataclass(frozen=True)
class Estimates:
    """All that is told of a plan.

    about : what the figures speak for: `plans`, their `numbers` and `frame_hashes`, `task`,
        `period`, `as_of`, `firms` spoken for, `outside` (firms not spoken for, by
        reason), `basis`, `basket` (the items measured by).
    rates : `estimate.table`; reference : its row for all firms on the slice alone; no row where
        there is no slice.
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
    basis : ``slice`` or ``alike``; None takes plan visits in wherever there are alike ones. A
        plan without a slice has its plan visits alone, for the firms that they might have met.
    run : folder of the class run that the newest was made of, for groups that only it knows.

    Raises
    ------
    NotFound, NotPossible : no plan, not drawn, no results yet, or no blind slice for that basis.
    BadInput : something cannot be read, a group is not known, the run is another one, or nobody
        had a chance to be measured.
    """
    *earlier, last = estimatedraws.once(plans)
    draws = [*(drawn(plan) for plan in earlier), drawn(last, by, run)]
    newest = draws[-1]
    if len(draws) > 1 and not newest.blind:
        raise BadInput(
            f"{newest.plan} has no blind slice: several draws do not tell one rate",
            found=f"{len(draws)} plans", allowed="one of them",
            hint="who is visited in one leaves the next: estimate each for its own frame",
        )  # fmt: skip
    with naming(BadInput, newest.plan):
        alone = _sample(draws, sample.SLICE) if newest.blind else None
        used = _used(draws, basis, alone)
        columns = [grouped.BY[name] for name in by]
        seen = pd.concat([one.seen for one in draws], ignore_index=True)
        found = worth.found(seen, "risk_class")
        reached = dict.fromkeys([*(grouped.BY[name] for name in COVERED), *columns])
        part = newest.about["period"]["of"] / len(draws)
        return Estimates(
            about=_spoken(draws, used),
            rates=estimate.table(used, columns),
            reference=estimate.table(alone or used).head(0 if alone is None else 1),
            agreed=agreement(used) if used.basis == sample.ALIKE else None,
            found=found,
            worth=worth.worth(found),
            coverage=coverage.coverage(_all(draws), seen, reached, part, newest.history),
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


def _used(draws: Sequence[Draw], basis: str | None, alone: sample.Sample | None) -> sample.Sample:
    """The sample that rates are told from; `alone` is the slice's, where there is one."""
    if basis not in (None, "slice", "alike"):
        raise BadInput(f"--basis {basis}", allowed="slice, alike")
    if alone is None:
        if basis is not None:
            raise NotPossible(
                f"{draws[-1].plan} has no blind slice", found=f"--basis {basis}",
                allowed="no --basis: its plan visits alone",
                hint="to hold them against blind visits, draw an undirected plan beside it",
            )  # fmt: skip
        return _sample(draws, sample.PLAN)
    if basis == "slice":
        return alone
    both = _sample(draws, sample.ALIKE)
    more = bool((both.measured & ~both.blind).any())
    return both if basis == "alike" or more else alone


def _sample(draws: Sequence[Draw], basis: str) -> sample.Sample:
    samples = []
    for one in draws:
        with naming(BadInput, one.plan):
            samples.append(sample.of(one.frame, one.measured, basis))
    return pooled(samples)


def _all(draws: Sequence[Draw]) -> pd.DataFrame:
    """The newest frame with the chances of all draws, and who was drawn in any."""
    newest = draws[-1].frame
    if len(draws) == 1:
        return newest
    rows = pd.concat([one.frame[["entity_id", "inclusion_probability", "drawn"]] for one in draws])
    sums = rows.groupby("entity_id").agg({"inclusion_probability": "sum", "drawn": "any"})
    told = sums.reindex(newest["entity_id"])
    return newest.assign(**{str(name): told[name].to_numpy() for name in told})


def _spoken(draws: Sequence[Draw], used: sample.Sample) -> dict[str, Any]:
    """What the figures speak for, and for whom they do not."""
    newest = draws[-1]
    about, first = newest.about, draws[0].about["period"]
    return {
        "plans": [str(one.plan) for one in draws],
        "numbers": [one.about["number"] for one in draws], "task": about["plan"]["task"],
        "period": about["period"] | {"start": first["start"], "first": first["batch"]},
        "as_of": about["run"]["as_of"],
        "frame_hashes": [one.about["frame_hash"] for one in draws], "firms": len(used.firms),
        "outside": _outside(newest, used), "basis": used.basis, "basket": _basket(newest),
    }  # fmt: skip


def _basket(draw: Draw) -> dict[str, dict[str, str]]:
    """The names of the items that visits are measured by, by id."""
    names = {item["id"]: item["name"] for item in draw.about["plan"]["items"]}
    return {item: names[item] for item in draw.basket}


def _outside(newest: Draw, used: sample.Sample) -> dict[str, int]:
    """How many firms of the frame are not spoken for, by reason."""
    frame = newest.frame
    left = frame[~frame["entity_id"].isin(used.firms["entity_id"])]
    chance = left[["plan_probability", "top_up_probability"]].sum(axis=1) > 0
    why = left["refused_by"].fillna(pd.Series(NO_VISIT, left.index).mask(chance, UNLIKE))
    return {str(reason): int(count) for reason, count in why.value_counts().sort_index().items()}

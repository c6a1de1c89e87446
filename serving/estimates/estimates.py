"""What a plan's results tell: rates of all firms, what visits were worth, whom the plan reached.

Reads a drawn plan folder with results; the frame it speaks for is named with every figure.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from records.errors import BadInput
from serving.estimates import estimatedraws, grouped
from serving.estimates.estimatedraws import COVERED, Draw, drawn
from serving.plans.planinputs import told as naming
from serving.telling import leaf
from supervision.estimates import coverage, estimate, sample, strictness, worth
from supervision.estimates.agreement import Agreement, agreement
from supervision.estimates.pooling import pooled

HIGHER = "higher_rule"


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
    *earlier, last = estimatedraws.once(plans)
    draws = [*(drawn(plan) for plan in earlier), drawn(last, by, run)]
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


def _chosen(basis: str | None, both: sample.Sample, alone: sample.Sample) -> sample.Sample:
    if basis not in (None, "slice", "alike"):
        raise BadInput(f"--basis {basis}", allowed="slice, alike")
    more = bool((both.measured & ~both.blind).any())
    return both if basis == "alike" or (basis is None and more) else alone


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

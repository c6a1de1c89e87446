"""What the simulated months come to: the figures of one province, and the rows of all."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from benchmarks.chicago_report import Row, row
from benchmarks.loop_months import Lived
from benchmarks.loop_rates import even, weighted
from training.intervals import Rate

SHARE, OVER_UNIFORM = 0.85, 1.4
MONTHS_COVERED = (0.85, 1.0)
"""Of about 72 months, 95 % ± 2.6 standard errors."""


@dataclass(frozen=True)
class Figures:
    """One province: `per_visit` by policy (true, found), `pooled` estimates over all months,
    `true` rate over all months, `covered` shares of months, `calibration` by policy and time."""

    seed: int
    visits: int
    true: float
    per_visit: pd.DataFrame
    pooled: dict[str, Rate]
    covered: dict[str, float]
    calibration: pd.DataFrame
    coverage: pd.DataFrame

    def share(self, of: str) -> float:
        """Xinfen's true problems a visit, as a multiple of another's."""
        found = self.per_visit["true"]
        return float(found["xinfen"] / found[of])


def figures(lived: Lived) -> Figures:
    """The figures of one province."""
    visits, months = lived.visits, lived.months
    true = float(np.average(months["true"], weights=months["living"]))
    per_visit = visits.groupby("policy").agg(
        visits=("true", "size"), true=("true", "mean"), found=("problem", "mean")
    )
    return Figures(
        seed=lived.seed,
        visits=int((visits["policy"] == "xinfen").sum()),
        true=true,
        per_visit=per_visit,
        pooled={name: _pooled(visits, name) for name in ("slice", "xinfen", "greedy")},
        covered={name: _covered(months, name) for name in ("slice", "xinfen", "greedy")},
        calibration=_calibration(lived),
        coverage=_coverage(lived),
    )


def rows(all_figures: Sequence[Figures], judged: bool) -> list[Row]:
    """The benchmark's rows, a province after another; `ok` is null where not judged."""
    told: list[Row] = []
    for one in all_figures:
        name = f"seed {one.seed}"
        told += [
            *_found(name, one),
            *_estimated(name, one),
            *_calibrated(name, one),
        ]  # fmt: skip
    if not judged:
        return [one | {"ok": None} for one in told]
    return told


def _found(name: str, one: Figures) -> list[Row]:
    found = one.per_visit["true"]
    goals = {"oracle": SHARE, "best ratios": SHARE, "uniform": OVER_UNIFORM}
    peers = ("oracle", "within ratios", "best ratios", "from records", "best records", "uniform")
    return [
        row(f"{name}: problems a visit, beside {peer}", float(found["xinfen"]), "problems",
            peer=peer, peer_figure=float(found[peer]), goal=goals.get(peer),
            ok=one.share(peer) >= goals[peer] if peer in goals else None)
        for peer in peers
    ]  # fmt: skip


def _estimated(name: str, one: Figures) -> list[Row]:
    ours, theirs = one.pooled["xinfen"], one.pooled["greedy"]
    low, high = MONTHS_COVERED
    return [
        row(f"{name}: estimated rate, Xinfen {ours.low:.3f} to {ours.high:.3f}", ours.rate, "rate",
            peer="truth", peer_figure=one.true, ok=ours.low <= one.true <= ours.high),
        row(f"{name}: the same of the slice alone", one.pooled["slice"].rate, "rate",
            peer="truth", peer_figure=one.true,
            ok=one.pooled["slice"].low <= one.true <= one.pooled["slice"].high),
        row(f"{name}: months whose interval holds the truth", one.covered["xinfen"], "share",
            peer="greedy, naive", peer_figure=one.covered["greedy"] or None,
            ok=low <= one.covered["xinfen"] <= high),
        row(f"{name}: rate among its own visits, greedy {theirs.low:.3f} to {theirs.high:.3f}",
            theirs.rate, "rate", peer="truth", peer_figure=one.true,
            ok=not theirs.low <= one.true <= theirs.high),
    ]  # fmt: skip


def _calibrated(name: str, one: Figures) -> list[Row]:
    return [
        row(f"{name}: expected over true, {when}", float(told["xinfen"]), "ratio",
            peer="greedy, naive", peer_figure=float(told["greedy"]))
        for when, told in one.calibration.iterrows()
    ]  # fmt: skip


def _pooled(visits: pd.DataFrame, name: str) -> Rate:
    """The rate that a policy's visits of all months tell, Hájek's where they were drawn."""
    own = visits[visits["policy"] == ("xinfen" if name == "slice" else name)]
    if name == "slice":
        own = own[own["drawn_by"] == "slice"]
    return weighted(own) if name == "xinfen" else even(own)


def _covered(months: pd.DataFrame, name: str) -> float:
    held = months["true"].between(months[f"low {name}"], months[f"high {name}"])
    return float(held.mean())


def _calibration(lived: Lived) -> pd.DataFrame:
    """Expected over true rate of the scored firms, before and since the drift; index `when`."""
    months = lived.months
    since = pd.to_datetime(months["day"]) >= pd.Timestamp(lived.drift)
    told = {
        when: {
            name: months.loc[rows, f"expected {name}"].mean()
            / months.loc[rows, "true scored"].mean()
            for name in ("xinfen", "greedy")
        }
        for when, rows in (("before the drift", ~since), ("since the drift", since))
    }
    return pd.DataFrame(told).T


def _coverage(lived: Lived) -> pd.DataFrame:
    """Visits a firm and year by class (Xinfen's of that month) and policy."""
    groups = lived.groups.groupby("group")["firms"].sum() / 12
    counted = lived.visits.groupby(["group", "policy"]).size().unstack(fill_value=0)
    return counted.div(groups, axis=0).assign(firms=groups * 12 / lived.groups["day"].nunique())

"""The variance that estimates use, against the exact joint chances of the draw."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd
import pytest

from supervision.draws import drawing, joint, lists, sizes
from supervision.estimates import estimate, sample
from supervision.estimates.intervals import Floats
from supervision.plans.plan import PlanDefinition
from tests import a_list, an_estimated_plan
from tests.an_estimated_plan import RATES


def world(plan: PlanDefinition) -> tuple[pd.DataFrame, sizes.Sizes, Floats]:
    """Firms, sizes and a label for every firm; one in twenty was inspected this year."""
    listed = an_estimated_plan.objects(2000)
    classes = lists.classes(an_estimated_plan.classes(listed), listed)
    rng = np.random.default_rng(1)
    past = pd.DataFrame({"entity_id": rng.choice(listed["entity_id"], 100, replace=False)})
    past = past.assign(visited_on="2026-02-01")
    marked, sized = a_list.sized(plan, lists.join(listed, classes), past, day=date(2026, 7, 1))
    chance = marked["risk_class"].map(RATES).to_numpy(float)
    label: Floats = (rng.random(2000) < chance).astype(np.float64)
    return marked, sized, label


def exact(sized: sizes.Sizes, marked: pd.DataFrame, label: Floats) -> float:
    """The variance of Σ (y - rate) / chance / N over all draws, from the joint chances of pairs."""
    both = joint.joint(sized)
    cells = both.of(marked)
    own = both.cells["inclusion"].to_numpy(float)
    e = (label - label.mean()) / len(label) / own[cells]
    total = np.bincount(cells, e, len(own))
    squares = np.bincount(cells, e**2, len(own))
    apart = both.pairs - np.outer(own, own)
    return float(total @ apart @ total - np.diag(apart) @ squares + (own * (1 - own)) @ squares)


@pytest.mark.parametrize("floor", ["0.16", "0.24"])
def test_the_mean_of_the_estimated_variance_is_the_exact_one(floor: str) -> None:
    """Within 15 %: it takes the slice as spread by chance alone, which is a little more."""
    plan = an_estimated_plan.plan(
        overall_floor=floor, method_by_class={}, method_by_grade={}, strata=["class", "county"]
    )
    marked, sized, label = world(plan)
    told = []
    for seed in range(25):
        frame = drawing.draw(plan, marked, sized, f"{seed:064x}", "f" * 64)
        visits = frame.loc[frame["drawn"], ["entity_id", "drawn_by"]].assign(
            state="visited", label=label[frame["drawn"].to_numpy()], alike=True
        )
        both = sample.of(frame.assign(alike_share=1.0), visits, sample.ALIKE)
        rate = (both.weight * both.label).sum() / both.weight.sum()
        part = both.weight / both.weight.sum()
        told.append(estimate._variance(both, part * (both.label - rate), part))
    assert np.mean(told) == pytest.approx(exact(sized, marked, label), rel=0.15)

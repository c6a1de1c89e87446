"""The simulated year: sums that must hold, what a change does, and the draw it foresees."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
import pandas as pd
import pytest

from supervision.draws import drawing, lists
from supervision.errors import PlanError
from supervision.estimates import coverage, estimate, sample
from supervision.foresight import simulator
from supervision.foresight.simulator import Lists, Simulated
from supervision.plans.plan import PlanDefinition
from tests import a_list, an_estimated_plan
from tests.an_estimated_plan import RATES

BY = ("risk_class", "county")
YEAR = 2026
STAFF = {"23": 6}


def given(firms: int = 4000) -> Lists:
    listed = an_estimated_plan.objects(firms)
    classes = an_estimated_plan.classes(listed)
    joined = lists.join(listed, lists.classes(classes, listed)).assign(
        probability=classes["probability"], county=listed["division"]
    )
    return Lists(
        joined, lists.history(None, listed), lists.exclusions(None, listed),
        a_list.inspectors(STAFF), BY,
    )  # fmt: skip


GIVEN = given()


def simulated(effect: dict[str, float] | None = None, **changed: Any) -> Simulated:
    return simulator.simulate(an_estimated_plan.plan(batches=12, **changed), GIVEN, YEAR, effect)


def test_a_year_makes_its_ratios() -> None:
    told = simulated()
    by_way = told.visits.groupby("way")["visits"].sum()
    assert by_way["slice"] == pytest.approx(200)  # 5 % of 4,000
    plan = told.visits[told.visits["way"] == "plan"].groupby("group")["visits"].sum()
    sizes_ = GIVEN.firms["group"].value_counts()
    for name, ratio in (("class A", 0.05), ("class C", 0.3)):
        strata = 4  # a year rounds up once in each
        assert ratio * sizes_[name] <= plan[name] <= ratio * sizes_[name] + strata
    assert told.totals["visits"] == pytest.approx(told.visits["visits"].sum())
    assert told.totals["findings"] == pytest.approx(told.visits["findings"].sum())
    assert set(told.visits["batch"]) == set(range(1, 13))


def test_findings_are_visits_times_the_risk_of_their_class() -> None:
    own = simulated().visits.query("way == 'plan'")
    sums = own.groupby("group")[["visits", "findings"]].sum()
    for group, rate in (sums["findings"] / sums["visits"]).items():
        assert rate == pytest.approx(RATES[str(group)[-1]])


def test_every_visit_bears_on_a_group_of_every_kind() -> None:
    told = simulated()
    first = told.visits.query("way != 'recheck'")["visits"].sum()
    for by, part in told.burden.groupby("by"):
        assert part["visits"].sum() == pytest.approx(first, rel=1e-6), by
        assert part["firms"].sum() == len(GIVEN.firms), by
    classes = told.burden[told.burden["by"] == "risk_class"].set_index("group")
    assert classes["visits_per_100"].is_monotonic_increasing
    assert coverage.apart(classes["visits_per_100"]) > 5


def test_a_larger_slice_tells_more_and_costs_findings_per_visit() -> None:
    small, large = simulated(), simulated(blind_slice=slice_of("0.1"))
    for by in ("all", "county"):
        half = [
            one.precision.loc[one.precision["by"] == by, "slice_half"] for one in (small, large)
        ]
        assert (half[1].to_numpy() < half[0].to_numpy()).all()
    assert large.totals["findings_per_visit"] < small.totals["findings_per_visit"]


def slice_of(ratio: str) -> dict[str, Any]:
    return dict(an_estimated_plan.plan().plain()["blind_slice"]) | {"ratio": ratio}


def test_the_effect_of_a_method_is_what_is_assumed_and_nothing_by_itself() -> None:
    half = {"A": {"on_site": "0.5", "written": "0.5"}, "B": None, "C": None, "D": None}
    plain, halved = (
        simulated(method_by_class=half),
        simulated({"written": 0.5}, method_by_class=half),
    )
    found = [one.visits.query("way == 'plan' and group == 'class A'")["findings"].sum()
             for one in (plain, halved)]  # fmt: skip
    assert found[1] == pytest.approx(0.75 * found[0])
    assert simulated(None, method_by_class=half).totals == plain.totals


def test_a_firm_visited_leaves_the_plan_for_the_year() -> None:
    """At a ratio of 1 and no repeat, a year visits everybody of a class about once, not more."""
    ratios = {"A": "0.05", "B": "0.1", "C": "0.9", "D": "1"}
    told = simulated(ratio_by_class=ratios, overall_floor="0.3")
    own = told.burden.query("by == 'risk_class' and group == 'C'")["visits_per_100"].iloc[0]
    assert own <= 100.5


def test_what_does_not_fit_is_told_with_its_batch() -> None:
    told = simulated(capacity={"by_bureau": {"2301": 2}})
    assert told.unfit is not None
    assert told.unfit["batch"] >= 1
    assert told.visits.empty
    assert told.burden.empty
    assert told.totals == {}
    assert simulator.by_class(told).empty


def test_an_unknown_reason_on_the_exclusions_does_not_fit_either() -> None:
    aside = pd.DataFrame({"entity_id": ["F00001"], "reason": ["complain"], "basis": [None]})
    other = Lists(GIVEN.firms, GIVEN.history, aside, GIVEN.inspectors, BY)
    told = simulator.simulate(an_estimated_plan.plan(), other, YEAR)
    assert told.unfit is not None
    assert "complain" in told.unfit["found"]


def test_the_half_width_foreseen_is_the_one_that_is_had() -> None:
    """Over draws of the same plan: the mean width of the intervals, within a fifth."""
    plan = an_estimated_plan.plan()
    told = simulator.simulate(plan, GIVEN, YEAR).precision.set_index(["by", "group"])
    had = [half_widths(plan, seed) for seed in range(12)]
    for column, widths in zip(("slice_half", "alike_half"), zip(*had, strict=True), strict=True):
        assert float(told[column]["all", "all"]) == pytest.approx(np.mean(widths), rel=0.2)


def half_widths(plan: PlanDefinition, seed: int) -> list[float]:
    """Of one draw and what its visits find, on each basis."""
    marked, sized = a_list.sized(plan, GIVEN.firms, day=date(YEAR, 7, 1), staff=STAFF)
    frame = drawing.draw(plan, marked, sized, f"{seed:064x}", "f" * 64)
    on_site = frame["stratum"].str.startswith("class A").map({True: 0.5, False: 1.0})
    rng = np.random.default_rng(seed)
    visits = frame.loc[frame["drawn"], ["entity_id", "drawn_by", "stratum"]].assign(
        state="visited",
        label=(rng.random(int(frame["drawn"].sum()))
               < GIVEN.firms["probability"][frame["drawn"]].to_numpy()).astype(float),
    )  # fmt: skip
    visits["alike"] = (visits["drawn_by"] == "slice") | (
        rng.random(len(visits)) < on_site[frame["drawn"]].to_numpy()
    )
    told = frame.assign(alike_share=on_site)
    found = [estimate.table(sample.of(told, visits, basis)) for basis in sample.BASES]
    return [float(one["high"].iloc[0] - one["low"].iloc[0]) / 2 for one in found]


def test_a_firm_without_probability_takes_the_mean_of_its_grade() -> None:
    firms = pd.DataFrame({
        "probability": [0.1, 0.3, None, None, 0.5], "public_grade": ["A", "A", "A", "E", "B"],
    })  # fmt: skip
    filled, assumed = simulator.unknown_filled(firms)
    assert filled.tolist() == pytest.approx([0.1, 0.3, 0.2, 0.3, 0.5])
    assert assumed == 2
    with pytest.raises(PlanError, match="no probability"):
        simulator.unknown_filled(firms.assign(probability=None))

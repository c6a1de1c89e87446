"""The simulated loop's pieces: who is chosen, what an oracle may do, what the figures come to."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest

from benchmarks import loop_oracles
from benchmarks.loop_choices import Visited, greedy, oracle, uniform
from benchmarks.loop_draw import PLAN
from benchmarks.loop_figures import figures, rows
from benchmarks.loop_months import VISITS, Lived
from benchmarks.loop_page import page
from benchmarks.loop_plots import plots
from records.errors import BadInput
from records.province import generate, inspect
from supervision.plan import PlanDefinition

DAY = date(2025, 12, 1)
FIRMS = pd.DataFrame(
    {
        "entity_id": list("abcdefgh"),
        "group": ["class A"] * 4 + ["class C"] * 4,
        "sliced": [False, True, False, False, False, False, False, True],
        "true": [0.1, 0.9, 0.3, 0.2, 0.5, np.nan, 0.6, 0.8],
    }
)


def test_an_oracle_keeps_to_floors_slice_and_year() -> None:
    visited = Visited.of(pd.DataFrame({"entity_id": ["g"]}), DAY)
    truth = FIRMS["true"].to_numpy()
    first = oracle(FIRMS, truth, visited, {"class A": 2}, 1, DAY)
    assert first.tolist() == ["c", "d", "e"]  # the best of A at its floor; then by the truth
    assert visited.firms == set("bcdegh")  # the slice counts as visited too
    second = oracle(FIRMS, truth, visited, {"class A": 1}, 1, DAY)
    assert second.tolist() == ["a"]  # nobody is left but who has closed
    again = oracle(FIRMS, truth, visited, {}, 2, date(2026, 1, 1))
    assert again.tolist() == ["g", "e"]


def test_an_oracle_within_ratios_takes_as_many_of_each_class() -> None:
    way = pd.Series(["plan", "slice", None, None, "plan", None, None, "slice"], dtype=object)
    drawn = FIRMS.assign(drawn_by=way)
    told = loop_oracles.visits(
        "within ratios", FIRMS, drawn, FIRMS["true"].to_numpy(), Visited(2025), DAY
    )
    assert told["entity_id"].tolist() == ["b", "h", "c", "g"]
    assert told["drawn_by"].tolist() == ["slice", "slice", "plan", "plan"]


def test_greedy_takes_the_highest_once_a_year() -> None:
    visited, score = Visited(2025), np.array([0.1, 0.9, np.nan, 0.2, 0.5, 0.3, 0.6, 0.8])
    assert greedy(FIRMS, score, visited, 3, DAY)["entity_id"].tolist() == ["b", "h", "g"]
    assert greedy(FIRMS, score, visited, 3, DAY)["entity_id"].tolist() == ["e", "f", "d"]
    assert greedy(FIRMS, score, visited, 3, DAY)["entity_id"].tolist() == ["a"]


def test_uniform_draws_are_the_same_again_and_tell_their_chance() -> None:
    one, two = (uniform(FIRMS, 4, 1, DAY) for _ in range(2))
    pd.testing.assert_frame_equal(one, two)
    assert (one["chance"] == 0.5).all()
    assert one["entity_id"].is_unique


def test_the_best_records_are_learned_from_others() -> None:
    rng = np.random.default_rng(0)
    values = rng.normal(size=(600, 3))
    true = 1 / (1 + np.exp(2 - values[:, 0] - rng.normal(0, 1, 600)))
    told = loop_oracles.learned(values, np.where(np.arange(600) % 7 == 0, np.nan, true))
    own = np.log(true / (1 - true))
    assert np.isfinite(told).all()
    assert 0.5 < np.corrcoef(told, own)[0, 1] < 0.85  # 0.71 is all that the first column tells


def test_the_plan_of_the_loop_stands() -> None:
    plan = PlanDefinition.from_yaml(PLAN.read_text("utf-8"))
    assert plan.blind_slice is not None
    assert plan.ratio("class A") > 0
    assert plan.uncapped("class D")


@pytest.fixture(scope="module")
def lived() -> Lived:
    days = [date(2025, 9, 1), date(2025, 10, 1)]
    names = ("uniform", "greedy", "xinfen", *loop_oracles.ORACLES)
    made = [
        (day, name, f"{number}", "class A", "slice", 0.1, 0.1 * (1 + place), float(number % 2))
        for day in days
        for place, name in enumerate(names)
        for number in range(40)
    ]
    months = pd.DataFrame({"day": days, "living": 100, "true": [0.4, 0.6], "true scored": 0.5})
    for name in ("slice", "xinfen", "greedy"):
        months = months.assign(**{f"rate {name}": 0.5, f"low {name}": 0.45, f"high {name}": 0.65})
    for name in ("xinfen", "greedy"):
        months[f"expected {name}"] = [0.5, 0.75]
    groups = pd.DataFrame({"group": "class A", "firms": 240, "day": days})
    return Lived(1, days[1], pd.DataFrame(made, columns=[*VISITS]), months, groups)


def test_figures_say_what_was_lived(lived: Lived) -> None:
    told = figures(lived)
    assert told.true == pytest.approx(0.5)
    assert told.share("uniform") == pytest.approx(3)
    assert told.covered == {"slice": 0.5, "xinfen": 0.5, "greedy": 0.5}
    assert told.pooled["xinfen"].rate == pytest.approx(0.5)
    assert told.calibration["xinfen"].to_dict() == {
        "before the drift": pytest.approx(1.0), "since the drift": pytest.approx(1.5),
    }  # fmt: skip
    assert told.coverage.loc["class A", "xinfen"] == pytest.approx(80 / 40)  # 480 firm-months
    assert {one["ok"] for one in rows([told], judged=False)} == {None}
    judged = {one["what"]: one["ok"] for one in rows([told], judged=True)}
    assert judged["seed 1: problems a visit, beside uniform"] is True
    assert judged["seed 1: problems a visit, beside oracle"] is False


def test_page_and_plots_are_the_same_again(lived: Lived) -> None:
    told = [figures(lived)]
    assert page(100, 2, told) == page(100, 2, told)
    assert plots([lived]) == plots([lived])
    assert "| 1 | 10.0% | 20.0% | 30.0% |" in page(100, 2, told)


def test_the_truth_is_kept_of_as_many_months_as_asked(tmp_path: Path) -> None:
    generate(tmp_path / "province", enterprises=200, months=6, seed=1, truth_months=3)
    kept = pq.ParquetFile(tmp_path / "province" / "truth" / "truth.parquet").read(["month"])
    assert sorted({str(day) for day in kept["month"].to_pylist()}) == [
        "2026-04-01", "2026-05-01", "2026-06-01", "2026-07-01",
    ]  # fmt: skip
    firm = pq.ParquetFile(tmp_path / "province" / "truth" / "truth.parquet").read(["entity_id"])
    plan = pd.DataFrame({"entity_id": [firm["entity_id"][0].as_py()]}).assign(
        method="on_site", items=5, class_seen=None, drawn_by="slice", inclusion_probability=0.1
    )
    with pytest.raises(BadInput, match=r"no truth of 2026-03[\s\S]*2026-04 and later"):
        inspect(tmp_path / "province", plan, date(2026, 3, 1), seed=1)
    with pytest.raises(BadInput, match="too few months of truth"):
        generate(tmp_path / "other", enterprises=200, months=6, seed=1, truth_months=0)

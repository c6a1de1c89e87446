"""The commands `estimate` and `simulate`: what they tell, write and refuse."""

from __future__ import annotations

import html
import json
import re
import shutil
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner

from records.errors import BadDefinition, BadInput, NotFound, NotPossible
from serving.estimates import estimateleaf, estimates, grouped, simulations
from serving.estimates.estimatewords import WORDS
from serving.telling import languages, leaf
from tests import an_estimated_plan
from tests.an_estimated_plan import RATES
from xinfen import app


@pytest.fixture(scope="module")
def plan(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return an_estimated_plan.drawn(tmp_path_factory.mktemp("drawn") / "plan")


@pytest.fixture(scope="module")
def given(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    return an_estimated_plan.lists_folder(tmp_path_factory.mktemp("given"))


def asked(*words: object) -> Any:
    told = CliRunner().invoke(app, [str(word) for word in words])
    if told.exception is not None and not isinstance(told.exception, SystemExit):
        raise told.exception
    return told.stdout


def test_estimates_hold_the_truth_and_name_their_frame(plan: Path) -> None:
    told = json.loads(asked("estimate", plan, "--by", "class,industry", "--json"))
    assert told["basis"] == "slice+plan alike"
    assert (told["firms"], told["as_of"]) == (3000, "2026-07-01")
    assert told["frame_hashes"] == ["f" * 64]
    by = {(row["by"], row["group"]): row for row in told["rates"]}
    for name in "BCD":
        row = by["class", name]
        assert row["low"] <= RATES[name] <= row["high"], name
    assert {kind for kind, _ in by} == {"all", "class", "industry"}
    assert told["agreed"]["low"] < 0 < told["agreed"]["high"]
    value = {row["what"]: row for row in told["worth"]}
    assert value["value"]["low"] > 0
    assert value["value"]["visits"] > value["price"]["visits"]
    assert {row["by"] for row in told["coverage"]} == {"class", "grade", "county", "industry"}
    assert len(told["strictness"]) == 8


def test_on_the_slice_alone_only_blind_visits_count(plan: Path) -> None:
    alone = estimates.estimates([plan], (), "slice")
    assert alone.about["basis"] == "slice"
    assert alone.agreed is None
    assert alone.rates["drawn"].tolist() == [150]
    pd.testing.assert_frame_equal(alone.rates, alone.reference)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_leaf_is_shown_and_written_alike(plan: Path, tmp_path: Path, lang: str) -> None:
    shown = asked("estimate", plan, "--lang", lang, "--out", tmp_path / "page.html")
    page = (tmp_path / "page.html").read_text("utf-8")
    assert "<svg" in page
    for line in ("Hájek", "230102"):
        assert line in shown
        assert line in page
    asked("estimate", plan, "--lang", lang, "--out", tmp_path / "again.html")
    assert (tmp_path / "again.html").read_text("utf-8") == page


@pytest.mark.parametrize(
    ("by", "group", "words"),
    [
        ("risk_class", "unknown", ("风险类别 无", "class none")),  # grade alone: none is missing
        ("public_grade", "E", ("信用等级 E", "grade E")),
        ("ownership", "unknown", ("企业类型 未说明", "ownership unknown")),
    ],
)
def test_a_group_is_called_what_it_is(by: str, group: str, words: tuple[str, str]) -> None:
    for lang, expected in zip(("zh", "en"), words, strict=True):
        assert estimateleaf.named({"by": by, "group": group}, WORDS[lang]) == expected


def test_a_plot_is_written_alone(plan: Path, tmp_path: Path) -> None:
    asked("estimate", plan, "--out", tmp_path / "plot.svg")
    asked("estimate", plan, "--out", tmp_path / "plot.png")
    assert (tmp_path / "plot.svg").read_text("utf-8").startswith("<svg")
    assert (tmp_path / "plot.png").read_bytes().startswith(b"\x89PNG")


def test_draws_of_a_year_are_told_together(tmp_path: Path) -> None:
    twice = an_estimated_plan.plan(batches=2)
    plans = [
        an_estimated_plan.drawn(tmp_path / f"plan-{month}", twice, on=date(2026, month, 1))
        for month in (1, 7)
    ]
    one, two = (estimates.estimates(these, ["class"]) for these in (plans[1:], plans))
    assert two.about["frame_hashes"] == ["f" * 64] * 2
    assert (two.about["period"]["start"], two.about["period"]["end"]) == (
        "2026-01-01", "2026-12-31")  # fmt: skip
    assert two.rates["measured"].iloc[0] > one.rates["measured"].iloc[0]
    widths = [(told.rates["high"] - told.rates["low"]).iloc[0] for told in (one, two)]
    assert widths[1] < widths[0]
    assert two.found["visits"].sum() > one.found["visits"].sum()
    for told in (one, two):
        assert told.coverage["a_year"].iloc[0] == pytest.approx(180, rel=0.1)
    with pytest.raises(BadInput, match="one period after another"):
        estimates.estimates(plans[::-1])
    with pytest.raises(BadInput, match="named twice"):
        estimates.estimates([plans[0], plans[0]])
    other = an_estimated_plan.drawn(
        tmp_path / "other", an_estimated_plan.plan(task="另一任务", batches=2)
    )
    with pytest.raises(BadInput, match="its task is not that"):
        estimates.estimates([plans[0], other])


def test_ownership_needs_the_run_and_no_other(
    plan: Path, given: tuple[Path, Path], tmp_path: Path
) -> None:
    told = estimates.estimates([plan], ["ownership"], run=given[1])
    groups = told.rates.loc[told.rates["by"] == "ownership", "group"]
    assert set(groups) == {"company", "partnership or sole"}
    listed = estimateleaf.leaf(told, "zh").tables[0].rows
    assert {row[0] for row in listed[2:]} == {"企业类型 公司", "企业类型 合伙、独资"}
    with pytest.raises(BadInput, match="the plan does not hold it"):
        estimates.estimates([plan], ["ownership"])
    other = tmp_path / "other"
    other.mkdir()
    table = pq.read_table(given[1] / "classes.parquet").to_pandas().assign(snapshot="t" * 8)
    pq.write_table(pa.Table.from_pandas(table), other / "classes.parquet")
    with pytest.raises(BadInput, match="not the run that the plan was made of"):
        estimates.estimates([plan], ["ownership"], run=other)


def test_a_plan_without_draw_or_results_is_refused(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="is not a plan folder"):
        estimates.estimates([tmp_path])
    folder = an_estimated_plan.drawn(tmp_path / "plan", results=False)
    with pytest.raises(NotPossible, match="no results yet"):
        estimates.estimates([folder])
    (folder / "proof.json").unlink()
    with pytest.raises(NotPossible, match="committed, not drawn"):
        estimates.estimates([folder])


DIRECTED: dict[str, Any] = {
    "blind_slice": None, "type": "directed", "scope": {"divisions": ["2301"]},
    "overall_floor": "0.11",
}  # fmt: skip


@pytest.fixture(scope="module")
def unblind(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A directed plan of two counties, without a slice."""
    definition = an_estimated_plan.plan(**DIRECTED)
    return an_estimated_plan.drawn(tmp_path_factory.mktemp("unblind") / "plan", definition)


def test_a_plan_without_slice_speaks_for_whom_it_might_meet(unblind: Path) -> None:
    told = json.loads(asked("estimate", unblind, "--by", "class,county", "--json"))
    assert told["basis"] == "plan alike"
    assert list(told["basket"]) == [
        "registration", "publicity", "address", "licence", "annual_report",
    ]  # fmt: skip
    own = an_estimated_plan.objects()["division"].str.startswith("2301")
    assert told["firms"] == own.sum()
    assert told["outside"] == {"scope": (~own).sum()}
    by = {(row["by"], row["group"]): row for row in told["rates"]}
    for name in "ABCD":
        row = by["class", name]
        assert row["low"] <= RATES[name] <= row["high"], name
    assert {group for kind, group in by if kind == "county"} == {"230102", "230103"}
    assert (told["reference"], told["agreed"], told["worth"]) == ([], None, [])


@pytest.mark.parametrize(
    ("lang", "words"),
    [
        ("zh", ("检查人员知道类别", "框内企业（本计划可能抽中的）", "不在本计划范围：1,", "许可")),
        ("en", ("Their pairs saw the class", "might have met", "not in the plan's scope: 1,")),
    ],
)
def test_what_rests_on_no_blind_visit_says_so(unblind: Path, lang: str, words: Any) -> None:
    page = unblind.parent / f"{lang}.html"
    asked("estimate", unblind, "--lang", lang, "--out", page)
    for word in words:
        assert word in html.unescape(page.read_text("utf-8"))


def test_without_slice_no_other_basis_and_no_second_draw(unblind: Path, tmp_path: Path) -> None:
    for basis in ("slice", "alike"):
        with pytest.raises(NotPossible, match="no blind slice"):
            estimates.estimates([unblind], (), basis)
    twice = an_estimated_plan.plan(**DIRECTED, batches=2)
    plans = [
        an_estimated_plan.drawn(tmp_path / f"plan-{month}", twice, on=date(2026, month, 1))
        for month in (1, 7)
    ]
    with pytest.raises(BadInput, match="several draws do not tell one rate"):
        estimates.estimates(plans)


def test_where_nobody_has_a_chance_to_be_measured_it_says_so(tmp_path: Path) -> None:
    items = an_estimated_plan.plan().plain()["items"]
    food = an_estimated_plan.plan(**DIRECTED, items=items[-2:])
    folder = an_estimated_plan.drawn(tmp_path / "food", food, results=False)
    with pytest.raises(BadInput, match="no item of the plan is inspected at every firm"):
        estimates.estimates([folder])
    off = {letter: {"written": "1"} for letter in "ABC"} | {"D": None}
    lists = an_estimated_plan.plan(**DIRECTED, method_by_class=off)
    folder = an_estimated_plan.drawn(tmp_path / "written", lists)
    told = estimates.estimates([folder], ["class"])
    assert set(told.rates["group"]) == {"all", "D"}
    assert set(told.about["outside"]) == {"scope", "unlike"}
    frame = pq.read_table(folder / "frame.parquet").to_pandas()
    barred = frame.assign(plan_probability=0.0, top_up_probability=0.0)
    pq.write_table(pa.Table.from_pandas(barred, preserve_index=False), folder / "frame.parquet")
    with pytest.raises(BadInput, match="no firm of the frame had a chance"):
        estimates.estimates([folder])


def test_plans_without_slice_are_tried_for_whom_they_might_meet(
    given: tuple[Path, Path], tmp_path: Path
) -> None:
    lists, run = given
    path = tmp_path / "directed.yaml"
    path.write_text(json.dumps(an_estimated_plan.plan(**DIRECTED).plain()), "utf-8")
    told = simulations.simulate(run, lists, [path], by=["class", "county"])
    [one] = told.simulated.values()
    own = int(an_estimated_plan.objects()["division"].str.startswith("2301").sum())
    precision = one.precision.set_index(["by", "group"])
    assert precision["firms"]["all", "all"] == own
    assert set(precision.loc["county"].index) == {"230102", "230103"}
    assert 0 < precision["alike_half"]["all", "all"] < 0.1
    assert one.totals["firms_without_chance"] == len(an_estimated_plan.objects()) - own
    shown = asked("simulate", run, "--lists", lists, "--plan", path, "--lang", "en")
    assert "directed: no blind slice" in shown
    assert "±50" not in shown


@pytest.mark.parametrize(
    ("call", "what"),
    [
        (lambda: grouped.named("class,contry"), "--by"),
        (lambda: leaf.check(Path("told.pdf")), "--out told.pdf"),
        (lambda: languages.checked("fr"), "unknown language"),
        (lambda: simulations.effects(["written"]), "--effect written"),
        (lambda: simulations.effects(["written=-1"]), "--effect written=-1"),
        (lambda: simulations.changed({}, ["blind_slice.ratio"]), "--set blind_slice.ratio"),
        (lambda: simulations.changed({"a": 1}, ["a.b=1"]), "a holds a value"),
        (lambda: simulations.changed({}, ["a=[1"]), "--set a="),
    ],
)
def test_what_is_mistyped_is_named(call: Any, what: str) -> None:
    with pytest.raises(BadInput, match=what) as error:
        call()
    assert error.value.allowed or error.value.found


def test_a_change_leaves_the_plan_as_it_was() -> None:
    data = {"blind_slice": {"ratio": 0.005}, "capacity": None}
    told = simulations.changed(data, ["blind_slice.ratio=0.01", "capacity.by_bureau.2301=40"])
    assert told == {"blind_slice": {"ratio": 0.01}, "capacity": {"by_bureau": {"2301": 40}}}
    assert data == {"blind_slice": {"ratio": 0.005}, "capacity": None}


def test_plans_stand_side_by_side(given: tuple[Path, Path], tmp_path: Path) -> None:
    lists, run = given
    words = ("simulate", run, "--lists", lists, "--set", "blind_slice.ratio=0.01")
    told = json.loads(asked(*words, "--json"))
    assert list(told["plans"]) == ["plan", "plan + blind_slice.ratio=0.01"]
    before, after = told["plans"].values()
    assert before["totals"]["visits_slice"] == 15
    assert after["totals"]["visits_slice"] == 30
    half = [one["precision"][0]["slice_half"] for one in (before, after)]
    assert half[0] > half[1]
    shown = asked(*words, "--lang", "en", "--out", tmp_path / "tried.html")
    assert "findings per visit" in shown
    zh = asked(*words)
    assert "风险 D 类" in zh
    assert "企业类型" in zh
    assert not re.search("class|grade|county|ownership", zh.replace(str(run.parent), ""))
    assert "<svg" in (tmp_path / "tried.html").read_text("utf-8")


def test_what_does_not_fit_is_a_row_and_no_crash(given: tuple[Path, Path]) -> None:
    lists, run = given
    change = "capacity={by_bureau: {'2301': 1}}"
    told = simulations.simulate(run, lists, changes=[change])
    fits, not_ = told.simulated.values()
    assert fits.unfit is None
    assert not_.unfit is not None
    assert "2301" in not_.unfit["what"] + not_.unfit["found"]
    shown = asked("simulate", run, "--lists", lists, "--set", change, "--lang", "en")
    assert "What does not fit" in shown


def test_a_change_that_contradicts_the_plan_is_refused(given: tuple[Path, Path]) -> None:
    lists, run = given
    with pytest.raises(BadDefinition, match="clash"):
        simulations.simulate(run, lists, changes=["ratio_by_class.A=0.9"])
    with pytest.raises(BadDefinition, match="ratios"):
        simulations.simulate(run, lists, changes=["ratios=0.9"])


def test_a_run_that_is_none_is_refused(given: tuple[Path, Path], tmp_path: Path) -> None:
    with pytest.raises(NotFound, match=r"classes\.parquet"):
        simulations.simulate(tmp_path, given[0])
    with pytest.raises(BadInput, match="bureaus"):
        simulations.simulate(given[1], given[0], by=["bureau"])


def changed(plan: Path, to: Path, name: str, **columns: Any) -> Path:
    """A copy of a plan in which columns of its results are others."""
    folder = Path(shutil.copytree(plan, to / "plan"))
    path = folder / "results" / f"{name}.parquet"
    table = pq.read_table(path).to_pandas().assign(**columns)
    pq.write_table(pa.Table.from_pandas(table, preserve_index=False), path)
    return folder


def test_before_any_result_everything_is_unknown_and_nothing_fails(
    plan: Path, tmp_path: Path
) -> None:
    folder = changed(plan, tmp_path, "visits", state="missing", label=None, inspected_on=None)
    told = estimates.estimates([folder], ["class"])
    assert told.about["basis"] == "slice"
    assert told.rates["rate"].isna().all()
    assert (told.rates["low"] == 0).all()
    assert (told.rates["high"] == 1).all()
    assert (told.rates["missing"] == told.rates["drawn"]).all()
    assert told.worth.empty
    assert told.strictness.empty
    shown = asked("estimate", folder, "--lang", "en", "--out", tmp_path / "page.html")
    assert "nothing to compare" in shown
    with pytest.raises(BadInput, match="nothing to draw"):
        asked("estimate", folder, "--out", tmp_path / "plot.png")
    assert not (tmp_path / "plot.png").exists()


def test_labels_that_no_code_gives_are_refused(plan: Path, tmp_path: Path) -> None:
    folder = changed(plan, tmp_path, "results", label=3.0)
    with pytest.raises(BadInput, match=r"visits, row 1, label"):
        estimates.estimates([folder])


def test_results_of_another_plan_are_refused(plan: Path, tmp_path: Path) -> None:
    visits = pq.read_table(plan / "results" / "visits.parquet").to_pandas()
    folder = changed(plan, tmp_path, "visits", drawn_by=visits["drawn_by"].to_numpy()[::-1])
    with pytest.raises(BadInput, match=r"visits, row \d+"):
        estimates.estimates([folder])


def test_results_that_cannot_be_read_are_named(plan: Path, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(plan, tmp_path / "plan"))
    (folder / "results" / "results.parquet").write_bytes(b"no parquet")
    with pytest.raises(BadInput, match=r"results\.parquet cannot be read"):
        estimates.estimates([folder])

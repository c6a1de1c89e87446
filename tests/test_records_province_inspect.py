"""Planned visits: what inspectors would find depends on the truth and on how they look."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from records.errors import BadInput, NotFound
from records.intake import ingest
from records.province import generate, inspect
from records.schema import TABLES
from records.store import Store

JULY = date(2026, 7, 1)
PROBLEMS = ["not_published", "false_information", "unreachable", "problem_corrected",
            "obstructed", "problem_pending"]  # fmt: skip
ENDED = ["closed", "deregistered", "revoked", "cancelled", "moved_out"]
BASKET = {"住所", "公示信息", "年报", "登记事项", "许可"}


@pytest.fixture(scope="module")
def province(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("inspected") / "out"
    generate(out, enterprises=8000, months=12, seed=5)
    return out


def everybody(province: Path, **own: Any) -> pd.DataFrame:
    """A blind slice of the whole list, changed by `own` columns."""
    firms = pd.read_csv(province / "lists" / "objects.csv", dtype="str")
    blind: dict[str, Any] = {
        "method": "on_site", "items": 5, "class_seen": None, "drawn_by": "slice",
        "inclusion_probability": 1.0,
    }  # fmt: skip
    return firms[["entity_id"]].assign(**blind | own)


def visits(province: Path, month: date = JULY, **own: Any) -> pd.DataFrame:
    """One row a visit of everybody."""
    rows = inspect(province, everybody(province, **own), month, seed=1).to_pandas()
    rows["problem"], rows["ended"] = rows["result"].isin(PROBLEMS), rows["result"].isin(ENDED)
    found: pd.DataFrame = rows.groupby("inspection_id").agg(
        entity_id=("entity_id", "first"),
        items=("item", set),
        problem=("problem", "any"),
        ended=("ended", "all"),
        result=("result", "first"),
    )
    return found


def rate(province: Path, **own: Any) -> float:
    """Share of visits that find a problem, among firms that have not ended."""
    found = visits(province, **own)
    return float(found.loc[~found["ended"], "problem"].mean())


def truth(province: Path, month: date) -> pd.Series:
    """The true probabilities of operating firms, whatever their type, by code."""
    both = [pd.read_parquet(province / "truth" / f"{n}.parquet") for n in ("truth", "others")]
    chances = pd.concat(both)
    return chances[chances["month"] == month].set_index("entity_id")["true_probability"]


@pytest.mark.parametrize("month", [date(2026, 3, 1), JULY])
def test_a_blind_slice_finds_the_true_rate(province: Path, month: date) -> None:
    """Within four standard errors of the mean true probability of the visited firms."""
    plan = everybody(province)
    born = plan[plan["entity_id"].isin(truth(province, month).index)]
    rows = inspect(province, born, month, seed=2).to_pandas()
    rows = rows[~rows["result"].isin(ENDED)]
    found = rows["result"].isin(PROBLEMS).groupby(rows["entity_id"]).any()
    p = truth(province, month)[found.index]
    error = np.sqrt((p * (1 - p)).sum()) / len(p)
    assert len(p) > 6000
    assert abs(found.mean() - p.mean()) < 4 * error


def test_how_one_looks_decides_what_one_finds(province: Path) -> None:
    """The same firms, pairs and chances: only the way of looking differs."""
    blind = rate(province)
    assert rate(province, class_seen="D") == pytest.approx(1.2 * blind, rel=0.03)
    assert rate(province, class_seen="A") == pytest.approx(0.9 * blind, rel=0.03)
    assert 0.45 * blind < rate(province, method="written") < 0.60 * blind
    assert 0.20 * blind < rate(province, items=1) < 0.35 * blind
    assert rate(province, items=8) > 1.3 * blind
    assert rate(province, drawn_by=None) > 1.25 * blind


def test_the_pair_decides_too(province: Path) -> None:
    roll = pd.read_parquet(province / "truth" / "inspectors.parquet")
    listed = pd.read_csv(province / "lists" / "inspectors.csv", dtype="str")
    assert roll["inspector_id"].tolist() == listed["inspector_id"].tolist()
    assert roll.groupby("unit")["strictness"].mean().to_numpy() == pytest.approx(1)
    order = roll.sort_values("strictness")
    lenient, strict = order["inspector_id"][:2].tolist(), order["inspector_id"][-2:].tolist()
    low = rate(province, inspector_1=lenient[0], inspector_2=lenient[1])
    high = rate(province, inspector_1=strict[0], inspector_2=strict[1])
    expected = order["strictness"][-2:].mean() / order["strictness"][:2].mean()
    assert high / low == pytest.approx(expected, rel=0.05)
    plan = everybody(province, inspector_1=strict[0], inspector_2=strict[1])
    turned = everybody(province, inspector_1=strict[1], inspector_2=strict[0])
    assert inspect(province, plan, JULY, 1).equals(inspect(province, turned, JULY, 1))


def test_firms_that_have_ended_are_censored(province: Path) -> None:
    """Every listed firm without a truth in the month has closed, and no other."""
    found = visits(province).set_index("entity_id")
    living = found.index.isin(truth(province, JULY).index)
    assert (found["ended"].to_numpy() == ~living).all()
    assert 20 < (~living).sum() < 400
    ends = pd.read_parquet(province / "truth" / "firms.parquet").set_index("entity_id")
    struck = found.loc[found["ended"] & (found["result"] != "closed"), "result"]
    assert len(struck) > 3
    assert (ends.loc[struck.index, "fate"] == struck).all()
    assert (ends.loc[struck.index, "struck_on"] < date(2026, 8, 1)).all()


def test_rows_are_canonical_and_known_late(province: Path, tmp_path: Path) -> None:
    plan = everybody(province).assign(plan_id="CC-2026-05", class_run_on="2026-04-15")
    born = plan["entity_id"].isin(truth(province, date(2026, 5, 1)).index)
    plan = plan[born].reset_index(drop=True)
    plan.loc[::3, "drawn_by"] = "top_up"
    plan.loc[1::3, ["drawn_by", "inclusion_probability"]] = None
    table = inspect(province, plan, date(2026, 5, 20), seed=4)
    firms = pd.read_csv(province / "lists" / "objects.csv", dtype="str")
    divisions = firms.set_index("entity_id")["division"]
    assert table.schema.equals(TABLES["inspections"].arrow)
    rows = table.to_pandas()
    assert rows["source_id"].is_unique
    assert rows["source_id"][0] == "JC-202605-4-00000000"
    assert rows["inspection_id"].nunique() == len(plan)
    assert rows["event_time"].min() == date(2026, 5, 1)
    assert rows["event_time"].max() == date(2026, 5, 31)
    days = (pd.to_datetime(rows["known_time"]) - pd.to_datetime(rows["event_time"])).dt.days
    assert (days >= 1).all()
    assert 8 <= days.median() <= 10
    assert set(rows["drawn_by"].dropna()) == {"slice", "plan"}
    targeted = rows["way"] == "targeted"
    assert rows.loc[targeted, ["inclusion_probability", "class_run_on"]].isna().all(axis=None)
    assert set(rows.loc[~targeted, "class_run_on"]) == {date(2026, 4, 15)}
    assert set(rows.loc[rows["drawn_by"] == "slice", "item"]) == BASKET
    clean = rows["result"].isin(["no_problem", "not_carried_on"])
    assert (rows["follow_up"] == "none").equals(clean)
    assert rows.loc[clean | rows["result"].isin(ENDED), "finding"].isna().all()
    assert (rows.loc[rows["result"] == "unreachable", "finding"]
            == "住所：通过登记的住所无法取得联系").all()  # fmt: skip
    assert (rows["plan_name"] == "（合成）双随机抽查计划CC-2026-05").all()
    assert (rows["task_id"] == "CC-2026-05-" + rows["entity_id"].map(divisions)).all()
    rows = rows[rows["known_time"] < JULY]  # what would have been sent by then
    rows.to_parquet(tmp_path / "found.parquet")
    store = Store.create(tmp_path / "store")
    report = ingest(store, "inspections", tmp_path / "found.parquet")
    assert report.stored == report.read == len(rows)


def test_the_same_seed_finds_the_same_in_any_order(province: Path) -> None:
    plan = everybody(province)
    turned = plan.sample(frac=1, random_state=1)
    first = inspect(province, plan, JULY, seed=1)
    assert first.equals(inspect(province, turned, JULY, seed=1))
    assert not first.equals(inspect(province, plan, JULY, seed=2))
    assert len(inspect(province, plan[:0], JULY, seed=1)) == 0


@pytest.mark.parametrize(
    ("own", "message"),
    [
        ({"method": "fax"}, "method is wrong in .* rows\n  found: 'fax'"),
        ({"items": 0}, "items is wrong"),
        ({"items": 2.5}, "items is wrong"),
        ({"class_seen": "E"}, "class_seen is wrong"),
        ({"drawn_by": "chance"}, "drawn_by is wrong"),
        ({"inclusion_probability": 1.5}, "inclusion_probability is wrong"),
        ({"inspector_1": "23-01"}, "inspector_2 is wrong"),
        ({"inspector_1": "x", "inspector_2": "y"}, "unknown inspector\n  found: x"),
        ({"class_run_on": "soon"}, "class_run_on is wrong"),
        ({"entity_id": "F1"}, "not registered before 2026-07\n  found: F1"),
    ],
)
def test_wrong_plans_are_refused(province: Path, own: dict[str, Any], message: str) -> None:
    with pytest.raises(BadInput, match=message):
        inspect(province, everybody(province, **own), JULY, seed=1)


def test_other_wrong_questions(province: Path, tmp_path: Path) -> None:
    plan = everybody(province)
    with pytest.raises(BadInput, match="no column items, class_seen"):
        inspect(province, plan.drop(columns=["items", "class_seen"]), JULY, seed=1)
    with pytest.raises(BadInput, match="no truth of 2024-12"):
        inspect(province, plan, date(2024, 12, 31), seed=1)
    with pytest.raises(BadInput, match="negative seed"):
        inspect(province, plan, JULY, seed=-1)
    with pytest.raises(NotFound, match="no province"):
        inspect(tmp_path, plan, JULY, seed=1)


def test_a_plan_may_name_the_items(province: Path) -> None:
    own = everybody(province).head(50)
    own["item_names"] = ["住所;食品安全;特种设备" if n % 2 else None for n in range(50)]
    own["items"] = [3 if n % 2 else 5 for n in range(50)]
    rows = inspect(province, own, JULY, seed=1).to_pandas()
    found = rows.groupby("entity_id")["item"].agg(set)
    named = own.loc[own["item_names"].notna(), "entity_id"]
    assert (found[named] == {"住所", "食品安全", "特种设备"}).all()
    assert (found[own["entity_id"][::2]] == BASKET).all()
    with pytest.raises(BadInput, match="item_names is wrong in 1 of 1 rows"):
        inspect(province, own.head(1).assign(item_names="住所;消防"), JULY, seed=1)

"""Plan folders: byte-identical, whole or absent, drawn once; what was drawn joins the history."""

from __future__ import annotations

import json
import shutil
import stat
from datetime import date
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from records.errors import NotFound, NotPossible
from serving.plans import plans
from tests import a_plan
from tests.a_plan import PUBLIC, SEALED, SHIPPED, committed, content, drawn, events, rows


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A run, lists of 600 firms and 12 inspectors, and a sealed seed."""
    return a_plan.make(tmp_path)


def test_commit_tells_what_is_committed(place: Path) -> None:
    told = plans.commit(
        place / "run", SHIPPED, place / "lists", place / "seed", place / "plans" / "march"
    )
    commitment = json.loads((place / "plans/march/commitment.json").read_bytes())
    assert (told["plan"], told["number"]) == (str(place / "plans" / "march"), 1)
    assert (told["commitment"], told["lodged"]) == (commitment["commitment"], None)
    assert (told["firms"], told["inspectors"]) == (600, 12)
    assert {name: row["firms"] for name, row in told["groups"].items()} == {
        "class A": 330, "class B": 118, "class C": 59, "class D": 59, "grade A": 24,
        "unclassified": 10,
    }  # fmt: skip
    columns = ["firms", "eligible", "asked", "wanted", "planned", "top_up"]
    assert all(
        list(row) == columns for table in ("groups", "sizes") for row in told[table].values()
    )
    assert list(told["bureaus"]) == ["2301", "2302"]
    assert sum(row["planned"] for row in told["sizes"].values()) == told["planned"]
    about = json.loads((place / "plans/march/plan.json").read_bytes())
    assert about["run"]["as_of"] == "2026-03-01"
    assert about["run"]["model_name"] == "general"
    assert about["period"] == {"year": 2026, "batch": 3, "of": 12, "start": "2026-03-01",
                               "end": "2026-03-31"}  # fmt: skip
    assert told["period"] == "2026-03-01/2026-03-31"


def test_a_plan_is_for_the_period_of_its_start(place: Path) -> None:
    told = plans.commit(
        place / "run", SHIPPED, place / "lists", place / "seed", place / "plans" / "may",
        start=date(2026, 5, 17),
    )  # fmt: skip
    assert told["period"] == "2026-05-01/2026-05-31"


def test_a_plan_folder_holds_what_is_described(place: Path) -> None:
    plan = committed(place)
    files = {
        "plan.json", "objects.jsonl", "inspectors.jsonl", "classes.jsonl", "history.jsonl",
        "exclusions.jsonl", "strata.jsonl", "sizes.json", "commitment.json", "sealed_seed",
    }  # fmt: skip
    assert set(content(plan)) == files
    plans.draw(plan, "31415")
    results = {"opening.json", "drawn.jsonl", "frame.parquet", "proof.json"}
    assert set(content(plan)) == files | results
    described = (SHIPPED.parents[1] / "docs" / "proof.md").read_text("utf-8")
    assert [name for name in files | results if f"`{name}`" not in described] == []
    assert (plan / "sealed_seed").read_text("utf-8") == SEALED
    assert stat.S_IMODE((plan / "sealed_seed").stat().st_mode) == 0o600
    assert sorted(path.name for path in plan.parent.iterdir()) == ["march", "register.jsonl"]


def test_the_same_inputs_give_the_same_bytes(place: Path) -> None:
    first = content(drawn(place))
    shutil.rmtree(place / "plans")
    objects = pd.read_csv(place / "lists" / "objects.csv", dtype=str)
    (place / "lists" / "objects.csv").unlink()
    pq.write_table(
        pa.Table.from_pandas(objects.sample(frac=1, random_state=3), preserve_index=False),
        place / "lists" / "objects.parquet",
    )
    assert content(drawn(place)) == first


@pytest.mark.parametrize(
    ("public", "verdict"),
    [("31415", "provably random"), (None, "replayable, not provably random")],
)
def test_the_verdict(place: Path, public: str | None, verdict: str) -> None:
    told = plans.verify(drawn(place, public))
    assert (told["verdict"], told["difference"]) == (verdict, None)
    assert (told["firms"], told["number"], told["public_value"]) == (600, 1, public)
    assert told["size"] == sum(told["drawn_by"].values())


def test_drawn_rows_stand_by_ticket_and_slice_rows_are_blind(place: Path) -> None:
    a_plan.enrich(place)
    plan = committed(place, plan=place / "plan.yaml")
    plans.draw(plan, PUBLIC)
    tasks = rows(plan)
    assert [row["ticket"] for row in tasks] == sorted(row["ticket"] for row in tasks)
    blind = [row for row in tasks if row["drawn_by"] in ("slice", "recheck")]
    assert [row["drawn_by"] for row in blind].count("slice") == 15
    for row in blind:
        assert (row["stratum"], row["method"]) == ("slice", "on_site")
        hidden = ("risk_class", "public_grade", "plan_probability", "inclusion_probability",
                  "wanted_probability", "top_up_probability")  # fmt: skip
        assert [row[name] for name in hidden] == [None] * 6
    frame = pq.read_table(plan / "frame.parquet").to_pandas()
    assert len(frame) == 600
    assert set(frame.loc[frame["drawn"], "entity_id"]) == {row["entity_id"] for row in tasks}


def test_a_second_draw_is_refused_and_recorded(place: Path) -> None:
    plan = drawn(place)
    before = content(plan)
    for public in ("another", PUBLIC):
        with pytest.raises(NotPossible, match="drawn already"):
            plans.draw(plan, public)
    for name in ("opening.json", "proof.json", "drawn.jsonl", "frame.parquet"):
        (plan / name).unlink()  # whoever removes the results cannot draw otherwise
    with pytest.raises(NotPossible, match="drawn already"):
        plans.draw(plan, "another")
    assert [event for event, _ in events(plan)] == ["committed", "drawn", *["refused"] * 3]
    plans.draw(plan, PUBLIC)
    assert content(plan) == before


def test_a_draw_that_was_cut_off_is_finished(place: Path) -> None:
    plan = drawn(place)
    before = content(plan)
    for name in ("proof.json", "frame.parquet"):
        (plan / name).unlink()
    with pytest.raises(NotPossible, match="drawn already"):
        plans.draw(plan, None)
    plans.draw(plan, PUBLIC)
    assert content(plan) == before


def test_commitments_are_numbered(place: Path) -> None:
    first, second = committed(place, "march"), committed(place, "april")
    plans.draw(second, None)
    assert events(first) == [("committed", 1), ("committed", 2), ("drawn", 2)]


def test_earlier_plans_join_the_history(place: Path) -> None:
    first = drawn(place)
    then = {row["entity_id"] for row in rows(first) if row["drawn_by"] != "recheck"}
    second = place / "plans" / "april"
    plans.commit(
        place / "run", SHIPPED, place / "lists", place / "seed", second, start=date(2026, 4, 1)
    )
    past = [json.loads(line) for line in (second / "history.jsonl").read_bytes().splitlines()]
    assert {row["entity_id"] for row in past} == then
    assert {row["visited_on"] for row in past} == {"2026-03-01"}
    plans.draw(second, "another value")
    by_plan = [row for row in rows(second) if row["drawn_by"] == "plan"]
    again = [row for row in by_plan if row["entity_id"] in then]
    assert by_plan
    assert all(row["risk_class"] == "D" for row in again)
    shutil.rmtree(first)
    with pytest.raises(NotFound, match="the register says that this plan was drawn"):
        committed(place, "may")
    plans.abort(first, "folder lost")
    assert (committed(place, "may") / "history.jsonl").read_bytes().count(b"2026-03-01") == 0


def test_history_holds_the_visits_that_were_made(place: Path) -> None:
    first = drawn(place)
    gone, swapped, made = [row for row in rows(first) if row["drawn_by"] == "plan"][:3]
    states = [
        (gone, "not_visited", "drawn"),
        (swapped, "swapped", "drawn"),
        (made, "late", "drawn"),
    ]
    told = [
        {"visit": row["visit"], "entity_id": row["entity_id"], "way": way, "state": state,
         "items": row["items"]}
        for row, state, way in states
    ]  # fmt: skip
    instead = {"visit": "x", "entity_id": "F0400", "way": "targeted", "state": "visited"}
    (first / "results").mkdir()
    pq.write_table(
        pa.Table.from_pylist([*told, instead | {"items": None}]), first / "results/visits.parquet"
    )
    second = place / "plans" / "april"
    plans.commit(
        place / "run", SHIPPED, place / "lists", place / "seed", second, start=date(2026, 4, 1)
    )
    lines = (second / "history.jsonl").read_text("utf-8").splitlines()
    past = {json.loads(line)["entity_id"] for line in lines}
    assert past.isdisjoint({gone["entity_id"], swapped["entity_id"]})
    assert past >= {made["entity_id"], "F0400"}

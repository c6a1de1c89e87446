"""Plan folders: byte-identical, whole or absent, drawn once, and every tampering named."""

from __future__ import annotations

import json
import shutil
import stat
import subprocess
import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from records.errors import BadDefinition, BadInput, NotFound, NotPossible, XinfenError
from serving import plans

ROOT = Path(__file__).parents[1]
SHIPPED = ROOT / "supervision" / "plan.yaml"
SEALED = "封存的随机种子 5f0c2e"


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A run, lists of 600 firms and 12 inspectors, and a sealed seed."""
    count = 600
    ids = [f"F{number:04d}" for number in range(count)]
    kinds = (["A"] * 6 + ["B"] * 2 + ["C", "D"]) * 60
    grade_only = [number % 25 == 0 for number in range(count)]
    run = {
        "entity_id": ids,
        "name": [f"企业{number}" for number in range(count)],
        "scope": ["grade_only" if only else "model" for only in grade_only],
        "risk_class": [None if only else k for only, k in zip(grade_only, kinds, strict=True)],
        "public_grade": ["ABCDE"[number % 5] for number in range(count)],
        "as_of": [date(2026, 3, 1)] * count,
        "model_name": [None if only else "general" for only in grade_only],
        **{name: ["1"] * count for name in
           ("model_version", "catalogue_version", "catalogue_hash", "policy_version", "snapshot")},
    }  # fmt: skip
    (tmp_path / "run").mkdir()
    pq.write_table(pa.table(run), tmp_path / "run" / "classes.parquet")
    (tmp_path / "lists").mkdir()
    objects = {
        "entity_id": [*ids[:-10], *(f"N{number}" for number in range(10))],  # 10 not in the run
        "name": run["name"],
        "division": [("230102", "230103", "230204")[number % 3] for number in range(count)],
        "address": ["" if number % 7 == 0 else f"{number}号" for number in range(count)],
        "status": ["live"] * count,
    }
    pd.DataFrame(objects).to_csv(tmp_path / "lists" / "objects.csv", index=False)
    inspectors = {
        "inspector_id": [f"I{number:02d}" for number in range(12)],
        "unit": ["230102"] * 5 + ["2301"] * 4 + ["230204"] * 3,
        "conflicts": [";".join(ids[::2]), *[""] * 11],
    }
    pd.DataFrame(inspectors).to_csv(tmp_path / "lists" / "inspectors.csv", index=False)
    (tmp_path / "seed").write_text(SEALED + "\n", "utf-8")
    return tmp_path


def committed(place: Path, name: str = "march", **changes: Path) -> Path:
    inputs = {
        "run": place / "run",
        "plan": SHIPPED,
        "lists": place / "lists",
        "seed_file": place / "seed",
        "out": place / "plans" / name,
    } | changes
    plans.commit(**inputs)
    return inputs["out"]


def drawn(place: Path, public: str | None = "体彩排列五 26078 期 31415") -> Path:
    plan = committed(place)
    plans.draw(plan, public)
    return plan


def events(plan: Path) -> list[tuple[str, int]]:
    lines = (plan.parent / "register.jsonl").read_text("utf-8").splitlines()
    return [(entry["event"], entry["number"]) for entry in map(json.loads, lines)]


def rows(plan: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (plan / "drawn.jsonl").read_text("utf-8").splitlines()]


def content(plan: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in plan.iterdir()}


def test_commit_tells_what_is_committed(place: Path) -> None:
    told = plans.commit(
        place / "run", SHIPPED, place / "lists", place / "seed", place / "plans" / "march"
    )
    commitment = json.loads((place / "plans/march/commitment.json").read_bytes())
    assert told == {
        "plan": str(place / "plans" / "march"),
        "number": 1,
        "commitment": commitment["commitment"],
        "firms": 600,
        "inspectors": 12,
        "groups": {"class A": 330, "class B": 118, "class C": 59, "class D": 59, "grade A": 24,
                   "unclassified": 10},
    }  # fmt: skip
    about = json.loads((place / "plans/march/plan.json").read_bytes())
    assert about["run"]["as_of"] == "2026-03-01"
    assert about["run"]["model_name"] == "general"


def test_a_plan_folder_holds_what_is_described(place: Path) -> None:
    plan = committed(place)
    files = {
        "plan.json", "objects.jsonl", "inspectors.jsonl", "classes.jsonl", "commitment.json",
        "sealed_seed",
    }  # fmt: skip
    assert set(content(plan)) == files
    plans.draw(plan, "31415")
    results = {"opening.json", "drawn.jsonl", "frame.parquet", "proof.json"}
    assert set(content(plan)) == files | results
    described = (ROOT / "docs" / "proof.md").read_text("utf-8")
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
    plan = drawn(place)
    tasks = rows(plan)
    assert [row["ticket"] for row in tasks] == sorted(row["ticket"] for row in tasks)
    by_slice = [row for row in tasks if row["drawn_by"] == "slice"]
    assert len(by_slice) == 3
    for row in by_slice:
        assert row["stratum"] == "slice"
        assert row["slice_probability"] == 0.005
        hidden = ("risk_class", "public_grade", "plan_probability", "inclusion_probability")
        assert [row[name] for name in hidden] == [None] * 4
    frame = pq.read_table(plan / "frame.parquet").to_pandas()
    assert len(frame) == 600
    assert set(frame.loc[frame["drawn"], "entity_id"]) == {row["entity_id"] for row in tasks}
    assert frame["inclusion_probability"].between(0.015, 0.4).all()


def test_a_second_draw_is_refused_and_recorded(place: Path) -> None:
    plan = drawn(place)
    before = content(plan)
    for public in ("another", "体彩排列五 26078 期 31415"):
        with pytest.raises(NotPossible, match="drawn already"):
            plans.draw(plan, public)
    for name in ("opening.json", "proof.json", "drawn.jsonl", "frame.parquet"):
        (plan / name).unlink()  # whoever removes the results cannot draw otherwise
    with pytest.raises(NotPossible, match="drawn already"):
        plans.draw(plan, "another")
    assert [event for event, _ in events(plan)] == ["committed", "drawn", *["refused"] * 3]
    plans.draw(plan, "体彩排列五 26078 期 31415")
    assert content(plan) == before


def test_a_draw_that_was_cut_off_is_finished(place: Path) -> None:
    plan = drawn(place)
    before = content(plan)
    for name in ("proof.json", "frame.parquet"):
        (plan / name).unlink()
    with pytest.raises(NotPossible, match="drawn already"):
        plans.draw(plan, None)
    plans.draw(plan, "体彩排列五 26078 期 31415")
    assert content(plan) == before


def test_commitments_are_numbered(place: Path) -> None:
    first, second = committed(place, "march"), committed(place, "april")
    plans.draw(second, None)
    assert events(first) == [("committed", 1), ("committed", 2), ("drawn", 2)]


def edit(name: str, old: str, new: str) -> Callable[[Path], object]:
    def change(plan: Path) -> None:
        text = (plan / name).read_text("utf-8")
        assert old in text
        (plan / name).write_text(text.replace(old, new, 1), "utf-8")

    return change


def frame(change: Callable[[pd.DataFrame], pd.DataFrame]) -> Callable[[Path], object]:
    def rewrite(plan: Path) -> None:
        table = change(pq.read_table(plan / "frame.parquet").to_pandas())
        pq.write_table(pa.Table.from_pandas(table, preserve_index=False), plan / "frame.parquet")

    return rewrite


@pytest.mark.parametrize(
    ("tamper", "file", "row", "field"),
    [
        (edit("plan.json", '"A":"0.01"', '"A":"0.02"'), "plan.json", None, "sha256"),
        (edit("objects.jsonl", "企业17", "企业71"), "objects.jsonl", None, "sha256"),
        (edit("classes.jsonl", '"C"', '"A"'), "classes.jsonl", None, "sha256"),
        (edit("inspectors.jsonl", "2301", "2302"), "inspectors.jsonl", None, "sha256"),
        (edit("sealed_seed", "5f0c2e", "5f0c2f"), "sealed_seed", None, "sha256"),
        (edit("commitment.json", 'r":1', 'r":2'), "commitment.json", None, "commitment"),
        (edit("opening.json", "5f0c2e", "5f0c2f"), "opening.json", None, "sealed_seed"),
        (edit("opening.json", "{", "["), "opening.json", None, "content"),
        (edit("drawn.jsonl", '"I', '"J'), "drawn.jsonl", "first", "inspector_1"),
        (edit("drawn.jsonl", "\n", "\n\n"), "drawn.jsonl", None, "content"),
        (edit("drawn.jsonl", '{"', '{ "'), "drawn.jsonl", None, "sha256"),
        (edit("proof.json", '"firms":600', '"firms":601'), "proof.json", None, "firms"),
        (lambda plan: (plan / "proof.json").unlink(), "proof.json", None, "file"),
        (lambda plan: (plan / "frame.parquet").unlink(), "frame.parquet", None, "file"),
        (lambda plan: (plan / "classes.jsonl").unlink(), "classes.jsonl", None, "file"),
        (frame(lambda rows: rows.drop(index=41)), "frame.parquet", "F0041", "row"),
        (frame(lambda rows: rows[::-1]), "frame.parquet", None, "order"),
        (frame(lambda rows: rows.drop(columns="drawn")), "frame.parquet", None, "columns"),
        (
            frame(lambda rows: rows.assign(plan_probability=rows["plan_probability"] + 1e-12)),
            "frame.parquet", "F0000", "plan_probability",
        ),
        (
            frame(lambda rows: rows.replace({"entity_id": {"F0041": "X"}})),
            "frame.parquet", "F0041", "row",
        ),
    ],
)  # fmt: skip
def test_every_tampering_is_named(
    place: Path, tamper: Callable[[Path], object], file: str, row: str | None, field: str
) -> None:
    plan = drawn(place)
    first = rows(plan)[0]["entity_id"]
    tamper(plan)
    told = plans.verify(plan)
    assert told["verdict"] == "differs"
    difference = told["difference"]
    expected = (file, first if row == "first" else row, field)
    assert (difference["file"], difference["row"], difference["field"]) == expected
    assert difference["stored"] != difference["recomputed"]


def test_another_public_value_changes_who_is_drawn(place: Path) -> None:
    plan = drawn(place)
    edit("opening.json", "31415", "31416")(plan)
    assert plans.verify(plan)["difference"]["file"] == "frame.parquet"


def test_a_changed_commitment_is_not_drawn(place: Path) -> None:
    plan = committed(place)
    edit("objects.jsonl", "企业17", "企业71")(plan)
    with pytest.raises(NotPossible, match=r"objects\.jsonl is not what was committed"):
        plans.draw(plan, "31415")
    assert "opening.json" not in content(plan)


def test_the_independent_verifier_agrees(place: Path) -> None:
    verifier = ROOT / "docs" / "verify_plan.py"
    assert len(verifier.read_text("utf-8").splitlines()) <= 60
    plan = drawn(place)

    def run() -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-I", str(verifier), str(plan)]
        return subprocess.run(command, capture_output=True, text=True, check=False)

    assert (run().returncode, run().stdout) == (0, "provably random\n")
    edit("drawn.jsonl", '"drawn_by":"plan"', '"drawn_by":"slice"')(plan)
    assert run().returncode == 1
    assert run().stderr.startswith("differs: ")


def seed(place: Path, text: str) -> dict[str, Path]:
    (place / "other").write_text(text, "utf-8")
    return {"seed_file": place / "other"}


def objects(place: Path, text: bytes) -> dict[str, Path]:
    (place / "lists" / "objects.csv").write_bytes(text)
    return {}


def definition(place: Path, text: str) -> dict[str, Path]:
    (place / "plan.yaml").write_text(SHIPPED.read_text("utf-8") + text, "utf-8")
    return {"plan": place / "plan.yaml"}


def two_lists(place: Path) -> dict[str, Path]:
    shutil.copy(place / "lists" / "objects.csv", place / "lists" / "objects.parquet")
    return {}


HEADER = "entity_id,name,division,address,status\n"


@pytest.mark.parametrize(
    ("change", "kind", "message"),
    [
        (lambda place: seed(place, "short"), BadInput, "the sealed seed is too short"),
        (lambda place: {"seed_file": place / "none"}, NotFound, "no file"),
        (lambda place: {"run": place / "lists"}, NotFound, "holds no classes.parquet"),
        (lambda place: {"lists": place / "run"}, NotFound, "no list of objects"),
        (two_lists, NotFound, "two lists of objects"),
        (lambda place: objects(place, b""), BadInput, "objects.csv cannot be read"),
        (lambda place: objects(place, "企业".encode("gb18030")), BadInput, "cannot be read"),
        (lambda place: objects(place, HEADER.encode()), BadInput, "objects: the list is empty"),
        (
            lambda place: objects(place, f"{HEADER}F1,甲,230102,,revoked\n".encode()),
            BadInput,
            "objects, row 1, status",
        ),
        (lambda place: definition(place, "cap: 3\n"), BadDefinition, "cap: unknown entry"),
        (lambda place: {"plan": place / "none.yaml"}, NotFound, "no file"),
    ],
)
def test_bad_input_is_told_and_nothing_is_written(
    place: Path, change: Callable[[Path], dict[str, Path]], kind: type[XinfenError], message: str
) -> None:
    changes = change(place)
    with pytest.raises(kind, match=message):
        committed(place, "march", **changes)
    assert not (place / "plans").exists()


def test_what_cannot_be_done_is_told(place: Path) -> None:
    plan = committed(place)
    with pytest.raises(NotPossible, match="is there already"):
        committed(place)
    with pytest.raises(NotPossible, match="is committed, not drawn"):
        plans.verify(plan)
    with pytest.raises(BadInput, match="the public value is empty"):
        plans.draw(plan, " ")
    with pytest.raises(NotFound, match="is not a plan folder"):
        plans.verify(place)
    assert events(plan) == [("committed", 1)]
    (plan.parent / "register.jsonl").write_text("{\n", "utf-8")
    with pytest.raises(BadInput, match="is damaged"):
        plans.draw(plan, "31415")


def test_a_draw_without_a_pair_writes_nothing(place: Path) -> None:
    ids = pd.read_csv(place / "lists" / "objects.csv", dtype=str)["entity_id"]
    staff = pd.DataFrame({"inspector_id": ["I1", "I2"], "unit": "23", "conflicts": ";".join(ids)})
    staff.to_csv(place / "lists" / "inspectors.csv", index=False)
    plan = committed(place)
    with pytest.raises(NotPossible, match="inspectors: no pair for"):
        plans.draw(plan, "31415")
    assert events(plan) == [("committed", 1)]
    assert "opening.json" not in content(plan)

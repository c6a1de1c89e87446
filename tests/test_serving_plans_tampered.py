"""A plan that was tampered with: any byte, any row, any line of the register is found and named."""

from __future__ import annotations

import random
import shutil
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from records.errors import BadInput, NotPossible
from serving.plans import plans
from tests import a_plan
from tests.a_plan import PUBLIC, committed, content, drawn, flipped, rows


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A run, lists of 600 firms and 12 inspectors, and a sealed seed."""
    return a_plan.make(tmp_path)


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A drawn plan in its folder of plans, to be copied by who tampers with it."""
    return drawn(a_plan.make(tmp_path_factory.mktemp("template"))).parent


@pytest.fixture
def march(template: Path, tmp_path: Path) -> Path:
    """A drawn plan of one's own."""
    shutil.copytree(template, tmp_path / "plans")
    return tmp_path / "plans" / "march"


@pytest.mark.parametrize("line", [1, 2])
def test_a_damaged_line_of_the_register_is_named(march: Path, line: int) -> None:
    plan = march
    path, chance = plan.parent / "register.jsonl", random.Random(line)
    whole = path.read_bytes().splitlines(keepends=True)
    for _ in range(12):
        lines = list(whole)
        lines[line - 1] = flipped(lines[line - 1], chance)
        path.write_bytes(b"".join(lines))
        difference = plans.verify(plan)["difference"]
        assert difference["file"] == "register.jsonl"
        assert difference["row"] in (f"line {line}", f"line {line + 1}")  # a line feed, flipped
        with pytest.raises(BadInput, match="register"):
            plans.draw(plan, PUBLIC)
    path.write_bytes(whole[1])  # a line left out
    assert plans.verify(plan)["difference"]["field"] == "previous"
    path.write_bytes(whole[0])
    assert plans.verify(plan)["difference"]["field"] == "drawn"
    path.write_bytes(b"")
    assert plans.verify(plan)["difference"]["field"] == "committed"


def test_any_byte_changed_makes_verify_fail_and_name_the_file(place: Path) -> None:
    a_plan.enrich(place)
    plan = committed(place, plan=place / "plan.yaml")
    plans.draw(plan, PUBLIC)
    assert plans.verify(plan)["verdict"] == "provably random"
    chance = random.Random(7)
    for name, whole in content(plan).items():
        for _ in range(8):
            changed = flipped(whole, chance)
            (plan / name).write_bytes(changed)
            told = plans.verify(plan)
            assert told["verdict"] == "differs", (name, changed)
            assert told["difference"]["file"] == name, (told, changed)
        (plan / name).write_bytes(whole)
    assert plans.verify(plan)["verdict"] == "provably random"


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
        (edit("history.jsonl", "", " "), "history.jsonl", None, "sha256"),
        (edit("exclusions.jsonl", "", " "), "exclusions.jsonl", None, "sha256"),
        (edit("sealed_seed", "5f0c2e", "5f0c2f"), "sealed_seed", None, "sha256"),
        (edit("commitment.json", 'r":1', 'r":2'), "commitment.json", None, "commitment"),
        (edit("opening.json", "5f0c2e", "5f0c2f"), "opening.json", None, "sealed_seed"),
        (edit("opening.json", "{", "["), "opening.json", None, "content"),
        (edit("drawn.jsonl", '"I', '"J'), "drawn.jsonl", "first", "inspector_1"),
        (edit("drawn.jsonl", "\n", "\n\n"), "drawn.jsonl", "line 2", "content"),
        (edit("drawn.jsonl", '{"', '{ "'), "drawn.jsonl", None, "content"),
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
    march: Path, tamper: Callable[[Path], object], file: str, row: str | None, field: str
) -> None:
    first = rows(march)[0]["visit"]
    tamper(march)
    told = plans.verify(march)
    assert told["verdict"] == "differs"
    difference = told["difference"]
    expected = (file, first if row == "first" else row, field)
    assert (difference["file"], difference["row"], difference["field"]) == expected
    assert difference["stored"] != difference["recomputed"]


def test_another_public_value_is_named(march: Path) -> None:
    edit("opening.json", "31415", "31416")(march)
    difference = plans.verify(march)["difference"]
    assert (difference["file"], difference["field"]) == ("opening.json", "public_value")


def test_a_changed_commitment_is_not_drawn(place: Path) -> None:
    plan = committed(place)
    edit("objects.jsonl", "企业17", "企业71")(plan)
    with pytest.raises(NotPossible, match=r"objects\.jsonl is not what was committed"):
        plans.draw(plan, "31415")
    assert "opening.json" not in content(plan)

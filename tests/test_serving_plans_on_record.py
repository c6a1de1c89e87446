"""What the register and the lodged copy keep: aborts, repeats, values that were known before."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from records.errors import BadInput, NotFound, NotPossible
from serving.plans import plans
from serving.plans.register import About, Register
from tests import a_plan
from tests.a_plan import PUBLIC, SEALED, committed, content, drawn, events


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A run, lists of 600 firms and 12 inspectors, and a sealed seed."""
    return a_plan.make(tmp_path)


def test_an_abort_is_on_record_and_final(place: Path) -> None:
    plan = committed(place)
    with pytest.raises(BadInput, match="needs a reason"):
        plans.abort(plan, " ")
    told = plans.abort(plan, "名录库有误")
    assert [entry["event"] for entry in told["register"]] == ["committed", "aborted"]
    with pytest.raises(NotPossible, match="it was aborted: 名录库有误"):
        plans.draw(plan, PUBLIC)
    with pytest.raises(NotPossible, match="was aborted: 名录库有误"):
        plans.verify(plan)
    with pytest.raises(NotPossible, match="is aborted already"):
        plans.abort(plan, "again")
    assert events(plan) == [("committed", 1), ("aborted", 1), ("refused", 1)]


def test_who_commits_aborts_and_commits_again_is_seen(place: Path) -> None:
    for name in ("one", "two"):
        plans.abort(committed(place, name), "its draw would not please")
    third, fourth = committed(place, "three"), committed(place, "four")
    plans.draw(fourth, PUBLIC)
    with pytest.raises(NotPossible, match="drawn already"):
        plans.draw(fourth, "another value")
    told = plans.verify(fourth)
    assert told["earlier"] == {"committed": 3, "drawn": 0, "aborted": 2, "open": 1}
    assert [entry["event"] for entry in told["register"]] == ["committed", "drawn", "refused"]
    assert told["register"][2]["public_value"] == "another value"
    (third.parent / "register.jsonl").unlink()
    told = plans.verify(fourth)
    assert (told["verdict"], told["register"], told["earlier"]) == ("provably random", None, None)


@pytest.mark.parametrize(
    "value",
    [
        *("", "7", " 1 2 ", SEALED, f"x{SEALED}x", "commitment", "known"),
        *("2026-08-01", "20260801", "２０２６年8月1日"),
    ],
)
def test_a_value_that_could_be_known_before_is_refused(place: Path, value: str) -> None:
    if value == "known":
        plans.draw(committed(place, "earlier"), "known")
    plan = committed(place)
    if value == "commitment":
        value = json.loads((plan / "commitment.json").read_bytes())["commitment"].upper()
    with pytest.raises(NotPossible, match="the public value"):
        plans.draw(plan, value)
    assert events(plan)[-1][0] == "refused"
    assert "opening.json" not in content(plan)
    assert plans.draw(plan, PUBLIC)["size"] > 0


def lodged(place: Path) -> tuple[Path, Path]:
    """A drawn plan and the copy of its commitment."""
    plan = committed(place, lodge=place / "lodge")
    plans.draw(plan, PUBLIC)
    (copy,) = (place / "lodge").iterdir()
    return plan, copy


def test_the_lodged_copy_bears_witness(place: Path) -> None:
    plan, copy = lodged(place)
    number, commitment = copy.stem.split("-")
    assert number == "0001"
    assert commitment == json.loads((plan / "commitment.json").read_bytes())["commitment"]
    assert plans.verify(plan, copy)["verdict"] == "provably random"
    forged = Register.beside(plan)
    assert forged is not None
    path = plan.parent / "register.jsonl"
    path.unlink()
    told = forged.entries
    with Register.held(plan.parent) as register:  # a whole register, but of another plan's name
        about = About(1, told[0]["commitment"], "april", told[0]["task"], told[0]["period"])
        register.add("committed", about)
        register.add("drawn", about, public_value=PUBLIC)
    assert plans.verify(plan)["verdict"] == "provably random"
    difference = plans.verify(plan, copy)["difference"]
    assert (difference["file"], difference["row"], difference["field"]) == (
        "register.jsonl", "line 1", "plan",
    )  # fmt: skip
    path.unlink()
    assert plans.verify(plan, copy)["difference"]["file"] == "register.jsonl"


def test_another_commitment_is_told_by_the_lodged_copy(place: Path) -> None:
    _, copy = lodged(place)
    (place / "seed").write_text("another sealed seed 0123", "utf-8")
    shutil.rmtree(place / "plans")
    plan = drawn(place)
    assert plans.verify(plan)["verdict"] == "provably random"
    difference = plans.verify(plan, copy)["difference"]
    assert (difference["file"], difference["field"]) == ("commitment.json", "sealed_seed")
    with pytest.raises(NotFound, match="no file"):
        plans.verify(plan, place / "none")
    with pytest.raises(BadInput, match="is no lodged copy"):
        plans.verify(plan, plan / "commitment.json")
    shutil.rmtree(place / "plans")
    with pytest.raises(NotPossible, match="lodged up to number 1"):
        committed(place, lodge=place / "lodge")

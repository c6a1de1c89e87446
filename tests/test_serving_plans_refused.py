"""Plans that cannot be committed or drawn: told what to mend, and nothing is written."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from records.errors import BadDefinition, BadInput, NotFound, NotPossible, XinfenError
from serving.plans import plans
from tests import a_plan
from tests.a_plan import SHIPPED, committed, events


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A run, lists of 600 firms and 12 inspectors, and a sealed seed."""
    return a_plan.make(tmp_path)


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
    with pytest.raises(NotFound, match="is not a plan folder"):
        plans.verify(place)
    assert events(plan) == [("committed", 1)]
    (plan.parent / "register.jsonl").write_text("{\n", "utf-8")
    with pytest.raises(BadInput, match="is damaged"):
        plans.draw(plan, "31415")


def test_lists_without_a_pair_for_a_firm_are_not_committed(place: Path) -> None:
    ids = pd.read_csv(place / "lists" / "objects.csv", dtype=str)["entity_id"]
    staff = pd.DataFrame({"inspector_id": ["I1", "I2"], "unit": "23", "conflicts": ";".join(ids)})
    staff.to_csv(place / "lists" / "inspectors.csv", index=False)
    with pytest.raises(NotPossible, match="inspectors: no"):
        committed(place)
    assert not (place / "plans").exists()

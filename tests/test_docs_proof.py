"""The verifiers of docs/, which share no code with us, come to the verdict that we do."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from serving.plans import plans
from tests import a_plan

DOCS = Path(__file__).parents[1] / "docs"

Rows = list[dict[str, object]]


@pytest.fixture(scope="module")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A drawn plan with key fields, a capacity that A gives way to, and everything else."""
    place = a_plan.enrich(a_plan.make(tmp_path_factory.mktemp("proof")))
    plan = place / "plans" / "spring"
    told = plans.commit(place / "run", place / "plan.yaml", place / "lists", place / "seed", plan)
    assert told["groups"]["class A"]["planned"] < told["groups"]["class A"]["wanted"]
    ways = plans.draw(plan, a_plan.PUBLIC)["drawn_by"]
    assert min(ways.values()) > 0
    assert plans.verify(plan)["verdict"] == "provably random"
    return plan


def run(name: str, plan: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(DOCS / name), str(plan)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


@pytest.mark.parametrize(("name", "lines"), [("verify_plan.py", 60), ("verify_visits.py", 66)])
def test_they_are_short(name: str, lines: int) -> None:
    text = (DOCS / name).read_text("utf-8").splitlines()
    assert len(text) <= lines
    assert max(map(len, text)) <= 100
    assert not [line for line in text if "supervision" in line or "serving" in line]


def test_they_agree(drawn: Path) -> None:
    assert run("verify_plan.py", drawn).stdout == "provably random\n"
    told = run("verify_visits.py", drawn).stdout
    assert told == "provably random\nchances, methods and pairs follow\n"


def test_they_agree_without_a_public_value(tmp_path: Path) -> None:
    place = a_plan.make(tmp_path)
    plan = place / "plans" / "shipped"
    plans.commit(place / "run", plans.SHIPPED, place / "lists", place / "seed", plan)
    plans.draw(plan, None)
    told = run("verify_visits.py", plan)
    assert told.stdout.startswith("replayable, not provably random\n"), told.stderr
    assert told.returncode == 0


def swap(field: str) -> Callable[[Rows], None]:
    """The field of the first two visits that differ in it, exchanged."""

    def change(rows: Rows) -> None:
        other = next(row for row in rows if row[field] != rows[0][field])
        rows[0][field], other[field] = other[field], rows[0][field]

    return change


@pytest.mark.parametrize(
    ("change", "name"),
    [
        (lambda rows: rows.pop(), "verify_plan.py"),
        (swap("entity_id"), "verify_plan.py"),
        (swap("drawn_by"), "verify_plan.py"),
        (swap("ticket"), "verify_plan.py"),
        (swap("stratum"), "verify_plan.py"),
        (swap("inclusion_probability"), "verify_visits.py"),
        (swap("method"), "verify_visits.py"),
        (swap("inspector_1"), "verify_visits.py"),
        (swap("pair_probability"), "verify_visits.py"),
    ],
)
def test_a_change_is_found_even_where_its_hash_was_mended(
    drawn: Path, tmp_path: Path, change: Callable[[Rows], None], name: str
) -> None:
    from hashlib import sha256

    from supervision.canonical import document

    forged = {path.name: path.read_bytes() for path in drawn.iterdir()}
    rows = [json.loads(line) for line in forged["drawn.jsonl"].splitlines()]
    change(rows)
    forged["drawn.jsonl"] = b"".join(document(row) + b"\n" for row in rows)
    stated = json.loads(forged["proof.json"])
    stated["drawn_hash"] = sha256(forged["drawn.jsonl"]).hexdigest()
    forged["proof.json"] = document(stated) + b"\n"
    for file, content in forged.items():
        (tmp_path / file).write_bytes(content)
    told = run(name, tmp_path)
    assert told.returncode == 1
    assert told.stderr.startswith("differs ("), told.stderr
    assert plans.verify(tmp_path)["difference"]["file"] == "drawn.jsonl"


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        ("objects.jsonl", "企业17", "企业71"),
        ("classes.jsonl", '"C"', '"A"'),
        ("plan.json", "0.1", "0.2"),
        ("history.jsonl", "2026", "2025"),
        ("strata.jsonl", "F0", "F1"),
        ("sizes.json", "15", "16"),
        ("sealed_seed", "5f0c2e", "5f0c2f"),
        ("opening.json", "31415", "31416"),
        ("commitment.json", '"number":1', '"number":2'),
    ],
)
def test_a_changed_file_is_found(
    drawn: Path, tmp_path: Path, file: str, old: str, new: str
) -> None:
    for path in drawn.iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes())
    text = (tmp_path / file).read_text("utf-8")
    assert old in text
    (tmp_path / file).write_text(text.replace(old, new, 1), "utf-8")
    assert run("verify_plan.py", tmp_path).returncode == 1

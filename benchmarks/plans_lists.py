"""Synthetic lists to plan with, in no order: firms, inspectors, history, exclusions, a run."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import numpy as np
import pyarrow as pa

from benchmarks.measured import Facts
from records.files import write_parquet

COUNTIES = 130
AS_OF = date(2026, 3, 1)
FIRMS_PER_INSPECTOR, FIRMS_PER_VISIT, FIRMS_PER_EXCLUSION = 1_000, 10, 100


def make(folder: str, firms: int, seed: int) -> Facts:
    """Write `run`, `lists` and `seed` into a folder."""
    at, chance = Path(folder), np.random.default_rng(seed)
    order = chance.permutation(firms)
    ids = pa.array([f"91{_county(number)}{number:010d}" for number in order.tolist()])
    places = pa.array([_county(number) for number in order.tolist()])
    fields = np.array([None, "food", "special_equipment"], dtype=object)
    objects = {
        "entity_id": ids,
        "name": pa.array([f"黑龙江某某{number}贸易有限公司" for number in order.tolist()]),
        "division": places,
        "address": pa.array(
            [f"学府路{number % 9999}号" if number % 7 else None for number in order.tolist()]
        ),
        "status": pa.array(["live"] * firms),
        "fields": pa.array(fields[chance.choice(3, firms, p=[0.85, 0.1, 0.05])]),
        "industry": pa.array(np.array(["F51", "C13", "H62", "K70"])[chance.integers(0, 4, firms)]),
    }
    write_parquet(at / "lists" / "objects.parquet", pa.table(objects))
    write_parquet(at / "lists" / "inspectors.parquet", _inspectors(firms // FIRMS_PER_INSPECTOR))
    _records(at / "lists", ids, chance)
    write_parquet(at / "run" / "classes.parquet", _run(ids, chance))
    (at / "seed").write_text("0123456789abcdef0123456789abcdef", "utf-8")
    return {"firms": firms}


def _county(number: int) -> str:
    return f"23{1 + number % 13:02d}{1 + number % COUNTIES:02d}"[:6]


def _inspectors(count: int) -> pa.Table:
    numbers = range(max(count, 4 * COUNTIES))
    return pa.table({
        "inspector_id": [f"I{number:05d}" for number in numbers],
        "unit": [_county(number) for number in numbers],
        "specialties": ["food" if number % 3 == 0 else None for number in numbers],
    })  # fmt: skip


def _records(lists: Path, ids: pa.Array, chance: np.random.Generator) -> None:
    visits = len(ids) // FIRMS_PER_VISIT
    history = {
        "entity_id": ids.take(pa.array(chance.integers(0, len(ids), visits))),
        "visited_on": [f"2026-{1 + at % 2:02d}-{1 + at % 28:02d}" for at in range(visits)],
        "items": [None if at % 2 else "registration;address" for at in range(visits)],
    }
    write_parquet(lists / "history.parquet", pa.table(history))
    some = len(ids) // FIRMS_PER_EXCLUSION
    aside = ids.take(pa.array(chance.integers(0, len(ids), some)))
    exclusions = pa.table({"entity_id": aside, "reason": ["complaint"] * some})
    write_parquet(lists / "exclusions.parquet", exclusions)


def _run(ids: pa.Array, chance: np.random.Generator) -> pa.Table:
    firms = len(ids)
    only = chance.random(firms) < 0.35
    letters = np.array(list("ABCD"))[chance.choice(4, firms, p=[0.6, 0.25, 0.1, 0.05])]
    once = ("model_version", "catalogue_version", "catalogue_hash", "policy_version", "snapshot")
    return pa.table({
        "entity_id": ids,
        "scope": np.where(only, "grade_only", "model"),
        "risk_class": pa.array(letters, mask=only),
        "public_grade": np.array(list("ABCDE"))[chance.integers(0, 5, firms)],
        "as_of": [AS_OF] * firms,
        "model_name": pa.array(["general"] * firms, mask=only),
        **{name: ["1"] * firms for name in once},
    })  # fmt: skip

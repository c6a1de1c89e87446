"""A run, the lists of a plan and a sealed seed, small, with everything that a plan can hold."""

from __future__ import annotations

import json
import random
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from serving.plans import plans

SHIPPED = Path(__file__).parents[1] / "supervision" / "plan.yaml"
SEALED = "封存的随机种子 5f0c2e"
PUBLIC = "体彩排列五 26078 期 31415"

EVERYTHING = """
task: 双随机 "春季" 抽查
type: undirected
batches: 2
bureau: city
strata: [class, county]
items:
  - {id: registration, name: {zh: 登记事项, en: particulars}}
  - {id: address, name: {zh: 住所, en: address}}
  - {id: food_safety, name: {zh: 食品安全, en: food}, kind: key, field: food, specialty: food,
     ratio: 0.4}
blind_slice: {ratio: 0.05, basket: [registration, address], recheck: 0.2}
ratio_by_class: {A: 0.1, B: 0.15, C: 0.3, D: 1}
ratio_by_grade: {A: 0.1, B: 0.1, C: 0.15, D: 0.3, E: 1}
overall_floor: 0.5
max_per_year_by_class: {A: 1, B: 1, C: 2, D: null}
no_repeat: true
joint_visits: true
exclude: [complaint]
higher_rules:
  - {id: H1, rule: 法院协助执行通知, reason: sealed}
  - {id: H2, rule: 某法第三条, max_per_year: 2}
capacity: {by_bureau: {2301: 10}}
method_by_class: {A: {on_site: 0.5, written: 0.3, online: 0.2}}
"""
"""A plan in which A gives way to capacity, the top-up works, and key fields have own strata."""


def make(folder: Path, count: int = 600) -> Path:
    """Write `run`, `lists` and `seed` into a folder; ten firms are not in the run."""
    ids = [f"F{number:04d}" for number in range(count)]
    kinds = (["A"] * 6 + ["B"] * 2 + ["C", "D"]) * (count // 10)
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
    (folder / "run").mkdir(parents=True)
    pq.write_table(pa.table(run), folder / "run" / "classes.parquet")
    (folder / "lists").mkdir()
    listed = [*ids[:-10], *(f"N{number}" for number in range(10))]
    objects = {
        "entity_id": listed,
        "name": run["name"],
        "division": [("230102", "230103", "230204")[number % 3] for number in range(count)],
        "address": ["" if number % 7 == 0 else f'"{number}"号\\' for number in range(count)],
        "status": ["live"] * count,
    }
    write(folder, "objects", objects)
    inspectors = {
        "inspector_id": [f"I{number:02d}" for number in range(12)],
        "unit": ["230102"] * 5 + ["2301"] * 4 + ["230204"] * 3,
        "conflicts": [";".join(ids[::2]), *[""] * 11],
    }
    write(folder, "inspectors", inspectors)
    (folder / "seed").write_text(SEALED + "\n", "utf-8")
    return folder


def enrich(folder: Path) -> Path:
    """Fields, specialties, certificates, leave, history, exclusions, and the plan `plan.yaml`."""
    objects = pd.read_csv(folder / "lists" / "objects.csv", dtype=str, keep_default_na=False)
    objects["fields"] = ["food;special" if at % 11 == 0 else "" for at in range(len(objects))]
    objects["industry"] = ["C13", "F51"] * (len(objects) // 2)
    write(folder, "objects", objects)
    staff = pd.read_csv(folder / "lists" / "inspectors.csv", dtype=str, keep_default_na=False)
    staff["qualification"] = ["", *(f"Z{at}" for at in range(1, len(staff)))]
    staff["specialties"] = ["food" if at % 4 == 1 else "" for at in range(len(staff))]
    staff["leave"] = ["", "", "2026-01-01/2026-06-30", "2026-03-01/2026-03-05", *[""] * 8]
    write(folder, "inspectors", staff)
    ids = objects["entity_id"].tolist()
    past = {
        "entity_id": ids[:200:2] + ids[:40],
        "visited_on": ["2026-01-05"] * 100 + ["2025-12-31"] * 20 + ["2026-02-01"] * 20,
        "items": ["registration", ""] * 50 + ["address;registration"] * 40,
    }
    write(folder, "history", past)
    aside = {
        "entity_id": ids[300:330] + ids[400:405],
        "reason": ["complaint"] * 30 + ["sealed"] * 5,
    }
    write(folder, "exclusions", aside)
    (folder / "plan.yaml").write_text(EVERYTHING, "utf-8")
    return folder


def write(folder: Path, name: str, list_: pd.DataFrame | Mapping[str, object]) -> None:
    """A list as CSV."""
    pd.DataFrame(list_).to_csv(folder / "lists" / f"{name}.csv", index=False)


def committed(place: Path, name: str = "march", **changes: Any) -> Path:
    inputs: dict[str, Any] = {
        "run": place / "run",
        "plan": SHIPPED,
        "lists": place / "lists",
        "seed_file": place / "seed",
        "out": place / "plans" / name,
    } | changes
    plans.commit(**inputs)
    return Path(inputs["out"])


def drawn(place: Path, public: str | None = PUBLIC) -> Path:
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


def flipped(data: bytes, chance: random.Random) -> bytes:
    """One byte of it is another one."""
    at = chance.randrange(len(data))
    return data[:at] + bytes([data[at] ^ chance.randrange(1, 256)]) + data[at + 1 :]

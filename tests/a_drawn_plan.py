"""A drawn plan made by hand over the small run of `a_run`, with a store of the run's snapshot.

Six visits: C and A by the plan (A in writing), B by the top-up, the co-operative by the plan, D
blind and blind again by a second pair.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from records.store import Store
from supervision.canonical import table
from supervision.draws.lists import INSPECTORS
from supervision.plans.plan import PlanDefinition
from tests import a_plan_folder, a_run, a_store

RELEASED = date(2026, 3, 29)
"""The shipped plan is told three days before its period begins on 1 April 2026."""

BLIND, AGAIN = "a" * 16, "b" * 16
"""The two visits to D."""

ITEMS = "registration;publicity;food_safety"
TELLING = (
    "risk_class", "public_grade", "wanted_probability", "plan_probability",
    "top_up_probability", "inclusion_probability",
)  # fmt: skip

_FIRMS = {
    a_run.C: ("松江小馆餐饮管理有限公司", "230102", "哈尔滨市道里区和平路2号", "C", "C"),
    a_run.A: ("哈尔滨冰城精密仪器有限公司", "230102", "哈尔滨市道里区和平路9号", "A", "A"),
    a_run.D: ("=cmd|' /c calc'!A1", "230103", "哈尔滨市南岗区红旗街1号", "D", "E"),
    a_run.B: ("绥化市北林区东方粮油加工有限公司", "231202", "绥化市北林区人和街7号", "B", "D"),
    a_run.COOP: ("道里区丰收农民专业合作社", "230102", "哈尔滨市道里区和平路2号", None, "B"),
}
_STAFF = pd.DataFrame(
    {
        "inspector_id": ["I/1", "I2", "I3", "I4"],
        "unit": ["230102", "230102", "2301", "23"],
        "qualification": "执法证",
        "specialties": ["food", None, None, None],
        "conflicts": None,
        "leave": [None, "2026-04-01/2026-04-03", None, None],
    }
)


@dataclass(frozen=True)
class Drawn:
    """Where plan, run and store are."""

    plan: Path
    run: Path
    store: Path


def make(folder: Path, change: dict[str, Any] | None = None) -> Drawn:
    """Write plan, run and store; `change` replaces columns of D's row of classes.parquet."""
    store = _store(folder)
    run = a_run.write(folder / "run")
    classes = pq.read_table(run / "classes.parquet")
    other, snapshot = change or {}, store.snapshot().id
    rows = [
        {**row, "snapshot": snapshot} | (other if row["entity_id"] == a_run.D else {})
        for row in classes.to_pylist()
    ]
    pq.write_table(pa.Table.from_pylist(rows, classes.schema), run / "classes.parquet")
    plan = folder / "plan"
    _write(plan, drawn(), rows[0])
    return Drawn(plan, run, store.path)


def drawn(**changed: Any) -> list[dict[str, Any]]:
    """The rows of drawn.jsonl; `changed` replaces values of the plan's rows."""
    plan = [
        _visit("1" * 16, a_run.C, "plan", "I/1", "I2", met=True),
        _visit("2" * 16, a_run.A, "plan", "I/1", "I2", met=True) | {"method": "written"},
        _visit("3" * 16, a_run.COOP, "plan", "I/1", "I2", met=True),
        _visit("4" * 16, a_run.B, "top_up", "I3", "I4", met=False),
    ]
    blind = [
        _visit(BLIND, a_run.D, "slice", "I/1", "I2", met=None),
        _visit(AGAIN, a_run.D, "recheck", "I3", "I4", met=None),
    ]
    for row in blind:
        row |= dict.fromkeys(TELLING) | {"stratum": "slice", "items": "registration;publicity"}
    return [*(row | changed for row in plan), *blind]


def report(plan: Path, **states: str) -> None:
    """Say what became of visits: `visited`, `partly` (an item lacks its result), …"""
    (plan / "results").mkdir(exist_ok=True)
    partly = [state == "partly" for state in states.values()]
    table = {
        "visit": [*states],
        "state": [
            "visited" if part else state
            for part, state in zip(partly, states.values(), strict=True)
        ],
        "items_missing": ["publicity" if part else None for part in partly],
    }
    pq.write_table(pa.table(table), plan / "results" / "visits.parquet")


def _visit(
    visit: str, firm: str, way: str, one: str, two: str, *, met: bool | None
) -> dict[str, Any]:
    name, division, address, risk_class, grade = _FIRMS[firm]
    return {
        "visit": visit, "entity_id": firm, "name": name, "division": division,
        "address": address, "bureau": division[:4], "stratum": f"class {risk_class}/{division[:4]}",
        "drawn_by": way, "ticket": visit * 4, "risk_class": risk_class, "public_grade": grade,
        "slice_probability": 0.01, "wanted_probability": 0.1, "plan_probability": 0.1,
        "top_up_probability": 0.0, "inclusion_probability": 0.11, "method": "on_site",
        "items": ITEMS, "inspector_1": one, "inspector_2": two, "pair_level": "county",
        "pair_probability": 0.5, "specialty_met": met,
    }  # fmt: skip


def _write(plan: Path, rows: list[dict[str, Any]], run: dict[str, Any]) -> None:
    shipped = PlanDefinition.from_yaml(Path("supervision/plan.yaml").read_text("utf-8"))
    names = ("as_of", "snapshot", "model_name", "model_version")
    about = {name: str(run[name]) for name in names}
    a_plan_folder.write(plan, shipped, date(2026, 4, 1), about)
    (plan / "inspectors.jsonl").write_bytes(table(_STAFF, INSPECTORS))
    a_plan_folder.write_drawn(plan, rows)


def _store(folder: Path) -> Store:
    store = a_store.opaque(folder)
    firms = [
        {"source_id": f"E{at}", "entity_id": firm, "event_time": "2020-01-01",
         "known_time": "2020-01-05", "name": told[0],
         "entity_type": "1130", "division": told[1], "address": told[2], "status": "live"}
        for at, (firm, told) in enumerate(_FIRMS.items())
    ]  # fmt: skip
    a_store.put(store, "enterprises", firms)
    visits = a_store.rows(
        "source_id entity_id event_time known_time inspection_id item result way",
        f"V1 {a_run.C} 2025-05-06 2025-05-10 V1 公示信息 no_problem drawn",
        f"V2 {a_run.C} 2025-11-06 2025-11-10 V2 公示信息 no_problem drawn",
        f"V3 {a_run.D} 2024-02-02 2024-02-09 V3 住所 unreachable targeted",
        f"V4 {a_run.C} 2026-03-20 2026-04-02 V4 公示信息 no_problem drawn",  # not known yet
    )
    a_store.put(store, "inspections", visits)
    a_store.put(store, "public_grades", a_store.rows(
        "source_id entity_id event_time known_time grade",
        f"P1 {a_run.A} 2026-03-01 2026-03-02 A",
        f"P2 {a_run.D} 2026-03-01 2026-03-02 E",
        f"P3 {a_run.COOP} 2026-03-01 2026-03-02 B",
    ))  # fmt: skip
    a_store.put(store, "serious_listings", a_store.rows(
        "source_id entity_id event_time known_time cause removed_on",
        f"S1 {a_run.D} 2026-01-12 2026-01-20 拒不履行行政处罚 -",
    ))  # fmt: skip
    a_store.put(store, "abnormal_listings", a_store.rows(
        "source_id entity_id event_time known_time cause removed_on",
        f"L1 {a_run.C} 2026-02-11 2026-02-12 annual_report -",
        f"L2 {a_run.B} 2026-02-11 2026-02-12 annual_report -",
    ))  # fmt: skip
    a_store.put(store, "penalties", a_store.rows(
        "source_id entity_id event_time known_time authority_field penalty amount",
        f"G1 {a_run.B} 2026-01-05 2026-01-12 market_regulation warning 0",
    ))  # fmt: skip
    return store

"""A small run folder with every kind of firm, made by hand on the shipped general model.

Five firms: C with reasons for and against, D by a direct rule, A, B whose public grade moved it,
and a co-operative that only carries its public grade.
"""

from __future__ import annotations

import json
import math
import shutil
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from models.definition import FILES, SHIPPED
from models.policy import STEPS
from serving.runs.runfolder import CLASSES, REASONS

C, D, A, B, COOP = (
    "91230102MA1CATER04",
    "91230103MA1DISHO08",
    "91230102MA1GOODA01",
    "91231202MA1MIDDL0X",
    "93230102MA1COOPE01",
)
AS_OF = date(2026, 3, 31)
BASE = -2.1

Reason = tuple[str, float, float, list[tuple[str, str, str, str]]]
"""(indicator, value, contribution in log-odds, its records)."""

_DAOLI, _NANGANG = "道里区市场监督管理局", "南岗区市场监督管理局"
REASONS_OF: dict[str, list[Reason]] = {
    C: [
        ("G3-01", 1, 0.66, [
            ("abnormal_listings", _DAOLI, "哈里市监异列字〔2026〕第0118号", "2026-02-11")]),
        ("G5-03", 2, 0.41, [
            ("complaints", "12315平台", "1230102026020900417", "2026-02-09"),
            ("complaints", "12315平台", "1230102025110200083", "2025-11-02")]),
        ("G3-11", 1, 0.27, [("penalties", _DAOLI, "哈里市监罚〔2024〕214号", "2024-09-12")]),
        ("G2-20", 3, -0.27, [("annual_reports", "公示系统", "NB-2024-417720", "2025-05-20")]),
        ("G2-08", 1, 0.18, [("changes", "道里区行政审批局", "变更-2025-08841", "2025-07-30")]),
        ("G1-06", 9.2, -0.18, []),
        ("G4-06", 3, 0.04, []),
    ],
    D: [
        ("G3-11", 2, 0.42, [
            ("penalties", _NANGANG, "哈南市监罚〔2025〕77号", "2025-05-06"),
            ("penalties", _NANGANG, "哈南市监罚〔2024〕31号", "2024-03-18")]),
        ("G1-06", 3.4, -0.09, []),
    ],
    A: [("G2-20", 3, -0.72, []), ("G1-06", 14.1, -0.33, [])],
    B: [
        ("G1-06", 11.8, -0.32, []),
        ("G2-06", 1, 0.14, [("changes", "北林区行政审批局", "变更-2025-00371", "2025-06-17")]),
    ],
    COOP: [],
}  # fmt: skip

_TOLD = (
    "entity_id", "name", "division", "industry", "entity_type", "public_score", "public_grade",
    "previous_class", "risk_class",
)  # fmt: skip
_FIRMS = [
    (C, "松江小馆餐饮管理有限公司", "230102", "H62", "1130", 745, "C", "B", "C"),
    (A, "哈尔滨冰城精密仪器有限公司", "230102", "C40", "1130", 902, "A", "A", "A"),
    (D, "南岗云仓商贸有限公司", "230103", "F52", "1130", 612, "E", "D", "D"),
    (B, "绥化市北林区东方粮油加工有限公司", "231202", "C13", "1130", 684, "D", None, "B"),
    (COOP, "道里区丰收农民专业合作社", "230102", "A01", "9100", 801, "B", None, None),
]
_STEPS: dict[str, str] = {C: "CCCCCC", A: "AAAAAA", D: "BBCDDD", B: "AABBBB", COOP: ""}
_LISTED = ("serious_listings", _NANGANG, "哈南市监严字〔2026〕3号", "2026-01-12")


def write(folder: Path, *, synthetic: bool = True, as_of: date = AS_OF) -> Path:
    """Write the run folder and return it."""
    (folder / "model").mkdir(parents=True)
    for name in FILES:
        shutil.copyfile(SHIPPED / "general" / name, folder / "model" / name)
    (folder / "summary.json").write_text(json.dumps({"synthetic": synthetic}), "utf-8")
    pq.write_table(classes(as_of), folder / "classes.parquet")
    pq.write_table(reasons(), folder / "reasons.parquet")
    return folder


def classes(as_of: date = AS_OF) -> pa.Table:
    """The firms, by entity_id."""
    rows = [_class_row(dict(zip(_TOLD, firm, strict=True)), as_of) for firm in _FIRMS]
    return pa.Table.from_pylist(rows, CLASSES)


def reasons() -> pa.Table:
    """Their reasons, by entity_id and rank."""
    rows = [row for firm in _FIRMS for row in _reason_rows(str(firm[0]))]
    return pa.Table.from_pylist(rows, REASONS)


def _class_row(firm: dict[str, Any], as_of: date) -> dict[str, Any]:
    told = [contribution for _, _, contribution, _ in REASONS_OF[firm["entity_id"]]]
    raw = BASE + sum(told) if told else None
    path = _STEPS[firm["entity_id"]]
    return {
        **firm, "status": "live", "scope": "model" if told else "grade_only", "as_of": as_of,
        "raw": raw, "base": BASE, "base_probability": _share(BASE),
        "probability": None if raw is None else _share(raw),
        "model_class": path[:1] or None, "held_months": 0 if told else None,
        "probability_low": None if raw is None else _share(raw - 0.3),
        "probability_high": None if raw is None else _share(raw + 0.3),
        "held_class": path[1:2] or None,
        "steps": [_step(*step, firm) for step in zip(STEPS, path, strict=False)],
        "model_name": "general", "model_version": "3", "catalogue_version": "1.0.0",
        "catalogue_hash": "3f9a5c77" * 8, "policy_version": "1.0.0", "snapshot": "9e1b" * 16,
    }  # fmt: skip


def _step(name: str, letter: str, firm: dict[str, Any]) -> dict[str, Any]:
    """A step by the shipped policy; only D and B are moved by a rule."""
    moved = {(D, "public_grade"): "GA1", (D, "direct"): "DR1", (B, "public_grade"): "GA1"}
    given = {"hysteresis": firm["previous_class"], "public_grade": firm["public_grade"]}
    rule = moved.get((firm["entity_id"], name))
    day = {"public_grade": date(2026, 3, 1), "direct": date.fromisoformat(_LISTED[3])}
    rests = rule is not None or name == "public_grade"
    return {
        "step": name, "class": letter, "rule": rule, "given": given.get(name), "months": None,
        "margin": None, "since": day.get(name) if rests else None, "until": None,
        "records": [_record(_LISTED)] if rule == "DR1" else [],
    }  # fmt: skip


def _record(one: tuple[str, str, str, str]) -> dict[str, Any]:
    names = ("table", "source", "source_id", "event_time")
    return dict(zip(names, (*one[:3], date.fromisoformat(one[3])), strict=True))


def _reason_rows(entity_id: str) -> list[dict[str, Any]]:
    return [
        {
            "entity_id": entity_id, "rank": rank, "indicator": indicator,
            "group": indicator[:2], "value": value, "contribution": contribution,
            "records": [_record(one) for one in records],
        }
        for rank, (indicator, value, contribution, records) in enumerate(REASONS_OF[entity_id], 1)
    ]  # fmt: skip


def _share(log_odds: float) -> float:
    return 1 / (1 + math.exp(-log_odds))

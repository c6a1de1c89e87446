"""A small drawn plan folder, written by hand: what `xinfen results` and the tables of it read."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

import supervision
from supervision.canonical import digest, lines
from supervision.plans.plan import PlanDefinition
from supervision.proofs import proof
from tests import a_plan_folder

SHIPPED = Path(supervision.__file__).parent / "plan.yaml"
ITEMS = {"address": "住所", "publicity": "公示信息"}
FIRMS = 24
CLASSES = "AAAABBCD"


def visit(number: int, by: str = "plan") -> str:
    """The name of a visit to firm `number`."""
    return digest(f"{by}/{number}".encode())[:16]


def drawn_plan(folder: Path, firms: Sequence[str] = ()) -> Path:
    """A plan of March 2026 over 24 firms F00 … F23 (or those named), of which 9 are visited.

    F00 and F01 by the slice, F00 again as its re-check, F02 … F06 by the plan, F07 by the top-up.
    """
    names = list(firms) or [f"F{number:02}" for number in range(FIRMS)]
    drawn = [
        (0, "slice"), (1, "slice"), (0, "recheck"), *((n, "plan") for n in range(2, 7)),
        (7, "top_up"),
    ]  # fmt: skip
    run = {"as_of": "2026-03-01"}
    a_plan_folder.write(folder, _definition(), date(2026, 3, 1), run, 3, "c0" * 32)
    inspectors = [
        {"inspector_id": f"I{n}", "unit": "2301", "qualification": "on the list",
         "specialties": None, "conflicts": names[3] if n == 5 else None, "leave": None}
        for n in range(1, 6)
    ]  # fmt: skip
    classes = [
        {"entity_id": name, "risk_class": _class(n), "public_grade": None, "scope": "model"}
        for n, name in enumerate(names)
    ]
    (folder / "inspectors.jsonl").write_bytes(lines(inspectors))
    (folder / "classes.jsonl").write_bytes(lines(classes))
    a_plan_folder.put(folder, proof.OPENING, {"public_value": "31415"})
    rows = [_row(number, by, names[number], at) for at, (number, by) in enumerate(drawn)]
    a_plan_folder.write_drawn(folder, rows)
    pq.write_table(pa.Table.from_pylist(_frame(names, drawn)), folder / proof.FRAME)
    return folder


def rows_of(plan: Path) -> list[dict[str, Any]]:
    """The rows of drawn.jsonl."""
    text = (plan / proof.DRAWN).read_text("utf-8")
    return [json.loads(line) for line in text.splitlines()]


def _definition() -> PlanDefinition:
    """The shipped plan with two items and a short name."""
    plain = PlanDefinition.from_yaml(SHIPPED.read_text("utf-8")).plain()
    items = [
        {"id": id_, "name": {"zh": zh, "en": id_}, "kind": "general"} for id_, zh in ITEMS.items()
    ]
    sliced = plain["blind_slice"] | {"basket": list(ITEMS)}
    return PlanDefinition.checked(
        plain | {"task": "双随机测试", "items": items, "blind_slice": sliced}
    )


def _class(number: int) -> str:
    return CLASSES[number % len(CLASSES)]


def _row(number: int, by: str, firm: str, at: int) -> dict[str, Any]:
    blind = by in ("slice", "recheck")
    return {
        "visit": visit(number, by), "entity_id": firm, "name": f"企业{number}",
        "division": "230102" if number % 2 else "230204",
        "bureau": "2301" if number % 2 else "2302",
        "stratum": "slice" if blind else f"class {_class(number)}/2301", "drawn_by": by,
        "ticket": visit(number, by) * 4, "risk_class": None if blind else _class(number),
        "public_grade": None, "method": "on_site", "items": ";".join(ITEMS),
        "inspector_1": f"I{at % 2 + 1}", "inspector_2": f"I{at % 2 + 3}",
    }  # fmt: skip


def _frame(names: list[str], drawn: list[tuple[int, str]]) -> list[dict[str, Any]]:
    by = dict(reversed(drawn))
    rows = []
    for number, name in enumerate(names):
        planned = {"A": 0.1, "B": 0.2, "C": 0.5, "D": 1.0}[_class(number)] / 4
        rows.append(
            {
                "entity_id": name, "risk_class": _class(number), "public_grade": None,
                "bureau": "2301" if number % 2 else "2302",
                "stratum": f"class {_class(number)}/2301", "eligible": True, "refused_by": None,
                "slice_probability": 1 / 12, "wanted_probability": planned,
                "plan_probability": planned, "top_up_probability": 0.05,
                "inclusion_probability": 1 / 12 + planned + 0.05,
                "drawn": number in by, "drawn_by": by.get(number),
            }
        )  # fmt: skip
    return rows

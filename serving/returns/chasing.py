"""What is overdue of a plan, the form that its results are filled in, and what was refused: Excel.

The form's headings are those that the shipped mapping `results/form` reads.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pandas as pd

from records import faults, sheets
from records.errors import BadInput, NotPossible
from records.schema import VISIT_RESULTS
from records.store import Store
from serving.plans import planinputs
from serving.returns import resultfiles, returns
from serving.returns.planned import Planned, ours
from serving.telling.leaf import plain
from supervision.fieldwork.tasks import check_released
from supervision.returns import overdue as due

FORM = (
    "visit", "entity_id", "name", "item", "result", "inspected_on", "entered_on", "published_on",
    "method", "inspector_1", "inspector_2", "not_visited_reason", "swapped_for", "reason",
    "decided_by", "finding", "follow_up", "settled_on",
)  # fmt: skip
"""Columns of the form; `name` is for people and is not read back."""

_OVERDUE = (
    "机构 bureau", "检查人员 inspector_1", "检查人员 inspector_2", "检查编号 visit",
    "统一社会信用代码 entity_id", "企业 name", "催办 kind", "事项 items", "截止日 due",
    "逾期工作日 days",
)  # fmt: skip
_REFUSED = ("行 row", "字段 field", "原值 found", "问题", "problem", "允许的取值", "allowed")


def day(given: date | None, store: Store | None) -> date:
    """The day that was given, or today where the bureau is."""
    if given is not None:
        return given
    return store.today() if store else datetime.now(ZoneInfo(resultfiles.ZONE)).date()


def check(out: Path) -> None:
    """Refuse another ending than Excel's, before anything is done."""
    if out.suffix.lower() != ".xlsx":
        found = out.suffix or "no ending"
        raise BadInput(f"{out} would be an Excel file", found=found, allowed=".xlsx")


def chase(folder: Path, on: date, out: Path | None) -> dict[str, Any]:
    """What is overdue on a day; with `out`, as Excel.

    Returns
    -------
    `plan`, `on`, `overdue` (visits), `kinds`, `pairs` (bureau, pair, visits, longest delay),
    `rows` (`supervision.returns.overdue.OVERDUE`), `calendar` (years not published), `out`.

    Raises
    ------
    NotPossible : the plan was drawn elsewhere: nobody knows what is due of it.
    """
    plan = ours(folder)
    with planinputs.told(NotPossible, folder):
        state = returns.state_of(plan)
        rows = due.overdue(state.visits, plan.drawn.end, state.calendar, on, plan.enter)
    if out is not None:
        lines = rows.assign(
            kind=[f"{due.KINDS[kind].zh} {due.KINDS[kind].en}" for kind in rows["kind"]],
            what=[_items(plan, ids) for ids in rows["what"]],
        )
        _write(out, "催办", _OVERDUE, lines)
    pairs = due.by_pair(rows)
    kinds = rows["kind"].value_counts()
    return {
        "plan": str(folder),
        "on": str(on),
        "overdue": int(rows["visit"].nunique()),
        "kinds": {due.KINDS[str(kind)].en: int(count) for kind, count in kinds.items()},
        "pairs": plain(pairs.sort_values(["days", "visits"], ascending=False)),
        "rows": plain(rows.assign(due=rows["due"].astype("str"))),
        "calendar": state.calendar.unpublished(),
        "out": None if out is None else str(out),
    }


def _items(plan: Planned, ids: str | None) -> str:
    """Items by their names, as the form has them."""
    return ";".join(plan.drawn.items.get(one, one) for one in (ids or "").split(";"))


def form(folder: Path, out: Path) -> dict[str, Any]:
    """Write the form for the visits that have no result yet, a row an item.

    Raises
    ------
    NotPossible : before the plan's release date, as with its tasks; or it was drawn elsewhere:
        nobody knows whom it was to visit.
    """
    plan = ours(folder)
    with planinputs.told(NotPossible, folder):
        if plan.drawn.start is not None:
            check_released(day(None, None), plan.drawn.start, plan.release)
        visits = returns.state_of(plan).visits
    left = visits[visits["state"].isin(["missing", "not_visited"])]
    items = left["items"].map(lambda names: str(names or "").split(";"))
    rows = left.assign(item=items)
    rows = rows.explode("item", ignore_index=True)
    rows["item"] = rows["item"].map(lambda item: plan.drawn.items.get(item, item))
    kept = ("visit", "entity_id", "name", "item", "method", "inspector_1", "inspector_2")
    told = rows[list(kept)].reindex(columns=list(FORM))
    known = VISIT_RESULTS.by_name
    words = dict(zip(known["method"].allowed, known["method"].words, strict=True))
    told["method"] = told["method"].map(words)
    headings = [known[name].zh if name in known else "企业名称" for name in FORM]
    _write(out, VISIT_RESULTS.zh, headings, told)
    return {"plan": str(folder), "visits": len(left), "rows": len(told), "out": str(out)}


def write_refused(out: Path, reasons: Sequence[dict[str, Any]]) -> None:
    """The refused rows with their reasons, for whoever sent them."""
    names = ("row", "field", "found", "problem_zh", "problem_en", "allowed_zh", "allowed_en")
    rows = pd.DataFrame(list(reasons), columns=list(names))
    rows["field"] = [field_name(field) for field in rows["field"]]
    _write(out, "未接收", _REFUSED, rows)


def field_name(field: str) -> str:
    """A field of the form as its heading and its name: 检查日期 inspected_on."""
    return faults.label(VISIT_RESULTS, field)


def _write(out: Path, name: str, headings: Sequence[str], rows: pd.DataFrame) -> None:
    check(out)
    texts = rows.reindex(columns=rows.columns).astype(object)
    texts = texts.where(texts.notna(), "")
    lines = ([str(value) for value in row] for row in texts.itertuples(index=False))
    sheets.write(out, name, headings, lines)

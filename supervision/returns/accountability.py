"""What was planned and what was done, by bureau and by class: the table that supervisors sign.

A visit of the blind slice is counted under its class only once its results are in; until then it
stands under `hidden`, so that no small cell tells a pair what it must not know. A re-check is a
second visit and stands apart. Every visit that was not made, was late, or differs from what was
drawn, is listed with its reason.
"""

from __future__ import annotations

from decimal import Decimal

import pandas as pd

from supervision.returns.drawnvisits import Drawn
from supervision.returns.resultcodes import DONE, OVERRIDES, REASONS, STATES, Code
from supervision.returns.results import revealed

HIDDEN = "hidden"
ALL = "all"
"""The whole of the plan, or of a bureau."""

COUNTS = ("planned", "executed", "late", "not_visited", "swapped", "missing", "changed")

GROUPS = (
    "bureau",
    "group",
    "firms",
    *COUNTS,
    "recheck",
    "planned_ratio",
    "executed_ratio",
    "asked_a_year",
    "planned_a_year",
    "executed_a_year",
)
"""A row a bureau and group (`class A` … `grade E`, `unclassified`, `hidden`, `all`). `planned` are
the draw's visits without re-checks, `changed` those that differ from the draw. Ratios are of the
firms; frequencies are visits a firm and year, `asked` by the plan's definition (null: none)."""

METHODS = ("bureau", "group", "method", "planned", "executed")

EXCEPTIONS = (
    "bureau",
    "group",
    "visit",
    "entity_id",
    "name",
    "drawn_by",
    "state",
    "what_zh",
    "what_en",
    "reason",
    "decided_by",
    "inspector_1",
    "inspector_2",
    "inspected_on",
    "days_late",
)
"""A row a visit that was not made, was late, or was changed or swapped."""


def grouped(drawn: Drawn, visits: pd.DataFrame, frame: pd.DataFrame) -> pd.DataFrame:
    """The visits with `group`, that of the firm's stratum; `hidden` where it must not be told."""
    of_firm = dict(zip(frame["entity_id"], _groups(frame), strict=True))
    told = visits["visit"].map(revealed(drawn.visits, visits))
    open_ = told.where(told.notna(), visits["way"].eq("targeted")).astype(bool)
    named = visits["entity_id"].map(of_firm)
    return visits.assign(group=named.where(named.notna(), "undrawn").where(open_, HIDDEN))


def table(
    visits: pd.DataFrame,
    frame: pd.DataFrame,
    batches: int = 1,
    asked: dict[str, Decimal] | None = None,
) -> pd.DataFrame:
    """Planned and executed by bureau and group: frame of `GROUPS`, the whole plan last.

    Parameters
    ----------
    visits : `grouped`.
    frame : the draw's frame, a row a firm, with `bureau` and `stratum`.
    batches : draws a year.
    asked : visits a firm and year by group, as the plan defines them.
    """
    firms = pd.DataFrame(
        {"bureau": frame["bureau"].astype(object), "group": _groups(frame).astype(object)}
    )
    sizes = _both(firms.assign(firms=1), ["firms"])
    own = visits[visits["way"].eq("drawn")]
    second = own["drawn_by"].eq("recheck")
    first = own[~second]
    counted = first.assign(
        planned=1,
        executed=first["state"].isin(DONE).astype(int),
        changed=first["overrides"].notna().astype(int),
        **{name: first["state"].eq(name).astype(int)
           for name in ("late", "not_visited", "swapped", "missing")},
    )  # fmt: skip
    counts = _both(counted, list(COUNTS))
    again = _both(own[second].assign(recheck=1), ["recheck"])
    rows = sizes.join(counts, how="outer").join(again, how="outer").fillna(0).astype(int)
    rows = rows.reset_index()
    some = rows["firms"].where(rows["firms"] > 0)
    for name in ("planned", "executed"):
        rows[f"{name}_ratio"] = rows[name] / some
        rows[f"{name}_a_year"] = rows[f"{name}_ratio"] * batches
    wanted = {group: float(ratio) for group, ratio in (asked or {}).items()}
    rows["asked_a_year"] = rows["group"].map(wanted).astype(float)
    places = {
        "b": rows["bureau"].eq(ALL),
        "g": rows["group"].eq(ALL),
        "h": rows["group"].eq(HIDDEN),
    }
    order = rows.assign(**{name: flag.astype(int) for name, flag in places.items()})
    order = order.sort_values(["b", "bureau", "g", "h", "group"], ignore_index=True)
    return order[list(GROUPS)]


def methods(visits: pd.DataFrame) -> pd.DataFrame:
    """How visits were to be made and were made, by bureau and group: frame of `METHODS`."""
    own = visits[visits["way"].eq("drawn")]
    done = own[own["state"].isin(DONE)]
    parts = [
        _both_by(own, "method_drawn", "planned"),
        _both_by(done, "method", "executed"),
    ]
    rows = parts[0].join(parts[1], how="outer").fillna(0).astype(int).reset_index()
    return rows[list(METHODS)].sort_values(["bureau", "group", "method"], ignore_index=True)


def exceptions(visits: pd.DataFrame) -> pd.DataFrame:
    """Every visit that was not made, was late, or was changed or swapped: frame of `EXCEPTIONS`."""
    odd = ~visits["state"].eq("visited") | visits["overrides"].notna()
    rows = visits[odd]
    named = ["state", "not_visited_reason", "swapped_by", "overrides", "late", "swapped_for"]
    told = [_what(*row) for row in rows[named].itertuples(index=False)]
    rows = rows.assign(
        what_zh=pd.Series([zh for zh, _ in told], index=rows.index, dtype=object),
        what_en=pd.Series([en for _, en in told], index=rows.index, dtype=object),
    )
    order = ["bureau", "state", "visit"]
    return rows[list(EXCEPTIONS)].sort_values(order, ignore_index=True)


def _what(
    state: str, reason: object, by: object, overrides: object, late: object, target: object
) -> tuple[str, str]:
    """What became of a visit, in both languages."""
    parts = [STATES[state]] if state != "visited" else []
    if isinstance(reason, str) and reason in REASONS:
        parts.append(REASONS[reason])
    if isinstance(by, str):
        parts.append(Code(f"改查 {by}", f"for visit {by}"))
    if isinstance(target, str):
        parts.append(Code(f"替换 {target}", f"in place of {target}"))
    parts += [OVERRIDES[name] for name in str(overrides or "").split(";") if name in OVERRIDES]
    parts += [_LATE[name] for name in str(late or "").split(";") if name in _LATE]
    return "；".join(part.zh for part in parts), "; ".join(part.en for part in parts)


_LATE = {
    "entered": Code("逾期录入", "entered late"),
    "published": Code("逾期公示", "published late"),
    "visited": Code("计划期后检查", "visited after the period"),
}


def _groups(frame: pd.DataFrame) -> pd.Series[str]:
    """The group of each firm: `class C` of the stratum `class C/2301`."""
    return frame["stratum"].astype("str").str.partition("/")[0]


def _both(rows: pd.DataFrame, names: list[str]) -> pd.DataFrame:
    """Sums by bureau and group, and over all groups, all bureaus, and both."""
    whole = _with_all(rows[["bureau", "group", *names]])
    return whole.groupby(["bureau", "group"], dropna=False)[names].sum()


def _both_by(rows: pd.DataFrame, column: str, name: str) -> pd.DataFrame:
    told = rows[["bureau", "group"]].assign(method=rows[column].fillna("-"))
    sizes = _with_all(told).groupby(["bureau", "group", "method"], dropna=False).size()
    return sizes.rename(name).to_frame()


def _with_all(rows: pd.DataFrame) -> pd.DataFrame:
    """The rows, and again for all groups, all bureaus, and both."""
    every = [{}, {"group": ALL}, {"bureau": ALL}, {"group": ALL, "bureau": ALL}]
    return pd.concat([rows.assign(**whole) for whole in every])

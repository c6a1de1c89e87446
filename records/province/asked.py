"""A plan of visits as somebody else gives it: checked column by column, and put in order."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from records.errors import BadInput
from records.province.arrays import Flags, Index, Reals
from records.province.clock import Days
from records.province.detection import HIDDEN, TIERS
from records.province.texts.oversight import ITEMS, NAMED_ITEMS

NEEDED = ("entity_id", "method", "items", "class_seen", "drawn_by", "inclusion_probability")
GIVEN = ("inspector_1", "inspector_2", "plan_id", "class_run_on", "item_names")
DRAWN_BY = {"slice": "slice", "plan": "plan", "top_up": "plan", "recheck": "recheck"}
"""Ways of a draw, and what the records call them; a top-up is part of its plan."""
BLIND = ("slice", "recheck")
TARGETED = -1


@dataclass(frozen=True)
class Asked:
    """Visits sorted by firm and way, whatever order they came in; of shape (n,).

    `seen` is a position in TIERS or HIDDEN, `way` one in DRAWN_BY or TARGETED, `one` and `two`
    the inspectors' names or null, `run` the day of the class run; `named` marks the NAMED_ITEMS
    that a visit is to inspect, shape (n, 12), none where the plan names none.
    """

    entity: pd.Series
    method: pd.Series
    items: Index
    seen: Index
    way: Index
    chance: Reals
    run: Days
    plan: pd.Series
    one: pd.Series
    two: pd.Series
    named: Flags

    def __len__(self) -> int:
        return len(self.entity)

    @classmethod
    def read(cls, plan: pd.DataFrame, methods: tuple[str, ...], month: date) -> Asked:
        """The visits of a plan frame; `class_run_on` is `month` unless the plan says otherwise.

        Raises
        ------
        BadInput : a column is missing or holds a value that is not allowed; the message names it.
        """
        missing = [name for name in NEEDED if name not in plan]
        if missing:
            raise BadInput(
                f"plan: no column {', '.join(missing)}",
                found=", ".join(map(str, plan.columns)),
                allowed=", ".join(NEEDED),
            )
        rows = plan.reindex(columns=[*NEEDED, *GIVEN])  # what is not given is null
        rows = rows.sort_values(["entity_id", "drawn_by"], kind="stable", ignore_index=True)
        _refuse(rows, "entity_id", rows["entity_id"].isna(), "a code")
        _codes(rows, "method", methods)
        whole = pd.to_numeric(rows["items"], errors="coerce")
        _refuse(rows, "items", ~whole.isin(range(1, len(ITEMS) + 1)), f"1 to {len(ITEMS)}")
        chance = pd.to_numeric(rows["inclusion_probability"], errors="coerce")
        given = rows["inclusion_probability"].notna()
        _refuse(rows, "inclusion_probability", given & ~chance.between(0, 1), "0 to 1, or null")
        one, two = (rows[name].astype("str") for name in ("inspector_1", "inspector_2"))
        alone = (one.isna() != two.isna()) | (one == two).fillna(False).astype(bool)
        _refuse(rows, "inspector_2", alone, "another than inspector_1, or both null")
        return cls(
            entity=rows["entity_id"],
            method=rows["method"],
            items=whole.to_numpy(np.int64),
            seen=_codes(rows, "class_seen", TIERS, absent=HIDDEN),
            way=_codes(rows, "drawn_by", tuple(DRAWN_BY), absent=TARGETED),
            chance=chance.to_numpy(np.float64, na_value=np.nan),
            run=_runs(rows, month),
            plan=rows["plan_id"].astype("str"),
            one=one,
            two=two,
            named=_named(rows),
        )


def _named(rows: pd.DataFrame) -> Flags:
    """Items by name, with `;` between them; a name that is none of ours is refused."""
    names = rows["item_names"].astype("str")
    split = names.fillna("").str.split(";").tolist()
    known = {"", *NAMED_ITEMS}
    wrong = np.array([not known.issuperset(visit) for visit in split], dtype=bool)
    _refuse(rows, "item_names", wrong, "; between " + ", ".join(NAMED_ITEMS))
    marked = [[name in visit for name in NAMED_ITEMS] for visit in map(set, split)]
    return np.array(marked, dtype=bool).reshape(len(rows), len(NAMED_ITEMS))


def _runs(rows: pd.DataFrame, month: date) -> Days:
    own = rows["class_run_on"].astype("str")
    days = pd.to_datetime(own, errors="coerce", format="ISO8601")
    _refuse(rows, "class_run_on", (days.isna() & own.notna()), "a date like 2026-07-01, or null")
    known = days.fillna(pd.Timestamp(month)).to_numpy("datetime64[D]")
    return np.asarray(known.astype(np.int64))


def _codes(
    rows: pd.DataFrame, name: str, allowed: tuple[str, ...], absent: int | None = None
) -> Index:
    """Positions of a column's words among the allowed; `absent` where null may stand."""
    code = pd.Index(allowed).get_indexer(pd.Index(rows[name]))
    empty = rows[name].isna().to_numpy()
    wrong = (code < 0) & ~empty if absent is not None else code < 0
    _refuse(rows, name, wrong, ", ".join(allowed) + ("" if absent is None else ", or null"))
    return np.where(code < 0, 0 if absent is None else absent, code).astype(np.int64)


def _refuse(rows: pd.DataFrame, name: str, wrong: Any, allowed: str) -> None:
    at = np.flatnonzero(wrong)
    if at.size:
        found = ", ".join(repr(value) for value in rows[name].iloc[at[:3]])
        raise BadInput(
            f"plan: {name} is wrong in {at.size} of {len(rows)} rows", found=found, allowed=allowed
        )

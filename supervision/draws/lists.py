"""The lists a draw starts from: whom it may visit, who visits, and what class each firm carries.

A list is refused, never mended: nothing leaves it silently. What passes is written canonically
(`canonical.table` of the columns here, sorted by the first), and that text is what is committed.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from supervision.canonical import arrow
from supervision.draws import columns
from supervision.draws.coded import joined, spelled
from supervision.draws.ids import among, order, places, rising
from supervision.draws.texts import take
from supervision.errors import PlanError
from supervision.plans.plan import PlanDefinition

OBJECTS = ("entity_id", "name", "division", "address", "status", "fields", "industry")
"""检查对象名录库. `address` may be null; `status` is `live`. `fields` (optional, null = none): the
fields of supervision the firm falls under, such as food, with `;`. `industry` (optional, may be
null): its GB/T 4754 code. Further columns are not carried on."""

INSPECTORS = (
    "inspector_id", "unit", "qualification", "specialties", "conflicts", "leave",
)  # fmt: skip
"""执法检查人员名录库. `unit` is the start of the divisions it covers (230102, 2301 or 23).
Optional, lists with `;`, null = none: `qualification` (number of the certificate; who has none
does not visit; without the column all on the list are qualified: `LISTED`), `specialties`,
`conflicts` (firms the inspector must step aside for), `leave` (first/last day, such as
2026-07-01/2026-07-10)."""

HISTORY = ("entity_id", "visited_on", "items")
"""Visits before, a row a visit or an item. `items` (optional) with `;`; null = every item."""

EXCLUSIONS = ("entity_id", "reason", "basis")
"""Firms beside the draw: why (a name the plan knows), and on which file or clause (optional)."""

CLASSES = ("entity_id", "risk_class", "public_grade", "scope")
"""The class run, cut to the listed firms. Class and grade may be null."""

UNCLASSIFIED = "unclassified"
LISTED = "on the list"
"""The qualification of everybody where the list of inspectors has no such column."""

PROVINCE = "province"
"""The one bureau of a plan whose bureau is the province."""

_LEVELS = {"county": 6, "city": 4}
_LETTERS = {"risk_class": "ABCD", "public_grade": "ABCDE"}
_SCOPES = ("model", "grade_only")


def objects(frame: pd.DataFrame) -> pd.DataFrame:
    """Check the list of firms; returns the columns `OBJECTS`, sorted by `entity_id`.

    Raises `PlanError` for a missing column, no row, an empty or repeated id, a missing name or
    division, and a firm that is not live: who takes it off the list is the list's keeper.
    """
    listed = columns.texts("objects", frame, OBJECTS, optional=("fields", "industry"))
    for column in ("entity_id", "name", "division", "status"):
        columns.filled("objects", listed, column)
    digits = listed["division"].str.fullmatch(r"[0-9]{6,12}")
    columns.refuse("objects", listed, "division", ~digits, "a division code of 6 digits or more")
    columns.refuse("objects", listed, "status", listed["status"] != "live", "live firms only")
    listed["fields"] = columns.tidied(listed["fields"])
    return columns.sorted_once("objects", listed, "entity_id")


def inspectors(frame: pd.DataFrame) -> pd.DataFrame:
    """Check the list of inspectors; returns the columns `INSPECTORS`, sorted by `inspector_id`.

    At least two must be qualified, and each `leave` must be days that end after they begin.
    """
    given = frame if "qualification" in frame else frame.assign(qualification=LISTED)
    optional = ("qualification", "specialties", "conflicts", "leave")
    listed = columns.texts("inspectors", given, INSPECTORS, optional=optional)
    for column in ("inspector_id", "unit"):
        columns.filled("inspectors", listed, column)
    digits = listed["unit"].str.fullmatch(r"[0-9]{2,12}")
    columns.refuse("inspectors", listed, "unit", ~digits, "the start of a division code")
    for column in ("specialties", "conflicts", "leave"):
        listed[column] = columns.tidied(listed[column])
    wrong = pd.Series(
        [pd.notna(leave) and not columns.are_days(leave) for leave in listed["leave"]]
    )
    columns.refuse("inspectors", listed, "leave", wrong, "2026-07-01/2026-07-10, several with ;")
    qualified = int(listed["qualification"].notna().sum())
    if qualified < 2:
        what = "inspectors: a visit needs two who are qualified"
        raise PlanError(what, found=str(qualified), allowed="at least 2")
    return columns.sorted_once("inspectors", listed, "inspector_id")


def history(frame: pd.DataFrame | None, listed: pd.DataFrame) -> pd.DataFrame:
    """Check visits made before and cut them to the listed firms; `HISTORY`, sorted, each once.

    None (no such list) is the empty list; so is a list without rows.
    """
    past = columns.texts("history", frame, HISTORY, optional=("items",), empty=True)
    for column in ("entity_id", "visited_on"):
        columns.filled("history", past, column)
    wrong = [day for day in past["visited_on"].unique() if not columns.is_day(day)]
    bad = past["visited_on"].isin(wrong)
    columns.refuse("history", past, "visited_on", bad, "a day such as 2026-07-01")
    past["items"] = columns.tidied(past["items"])
    return columns.cut(past, listed)


def exclusions(frame: pd.DataFrame | None, listed: pd.DataFrame) -> pd.DataFrame:
    """Check the firms beside the draw and cut them to the listed; `EXCLUSIONS`, sorted, each once.

    Whether the plan knows a reason is told by `eligible.mark`.
    """
    aside = columns.texts("exclusions", frame, EXCLUSIONS, optional=("basis",), empty=True)
    for column in ("entity_id", "reason"):
        columns.filled("exclusions", aside, column)
    return columns.cut(aside, listed)


def classes(frame: pd.DataFrame, listed: pd.DataFrame) -> pd.DataFrame:
    """Check a class run and cut it to the listed firms; returns `CLASSES` sorted by `entity_id`."""
    run = columns.texts("classes", frame, CLASSES)
    for column, letters in _LETTERS.items():
        wrong = run[column].notna() & ~run[column].isin(list(letters))
        columns.refuse("classes", run, column, wrong, f"{', '.join(letters)} or null")
    columns.refuse("classes", run, "scope", ~run["scope"].isin(_SCOPES), " or ".join(_SCOPES))
    ordered = take(run, order(arrow(run["entity_id"])))
    known = among(ordered["entity_id"], listed["entity_id"])
    if not known.any():
        raise PlanError(
            "classes: no listed firm is in the run", hint="take the run of the same register"
        )
    cut = ordered if known.all() else take(ordered, np.flatnonzero(known))
    if not rising(arrow(cut["entity_id"])):
        columns.once("classes", run[among(run["entity_id"], listed["entity_id"])], "entity_id")
    return cut


def join(listed: pd.DataFrame, run: pd.DataFrame) -> pd.DataFrame:
    """Every listed firm with its group.

    Returns
    -------
    Frame of shape (firms, 10): `OBJECTS`, `risk_class`, `public_grade`, and `group`: `class A` to
    `class D` for firms the model scores, `grade A` to `grade E` for entities that carry a grade
    only, and `unclassified` for a live firm without either (one registered after the run, say):
    it has its own strata, drawn at the overall floor, because no live firm may have no chance.
    """
    at = places(listed["entity_id"], run["entity_id"])
    told = run[list(CLASSES[1:])].reset_index(drop=True).astype("category").reindex(at)
    frame = pd.concat([listed.reset_index(drop=True), told.reset_index(drop=True)], axis=1)
    group = joined([frame[name] for name in ("scope", "risk_class", "public_grade")], _group)
    return frame.drop(columns="scope").assign(group=group)


def _group(scope: str | None, risk_class: str | None, public_grade: str | None) -> str:
    if scope == "model" and risk_class is not None:
        return f"class {risk_class}"
    if scope == "grade_only" and public_grade is not None:
        return f"grade {public_grade}"
    return UNCLASSIFIED


def strata(plan: PlanDefinition, frame: pd.DataFrame) -> pd.Series[Any]:
    """The name of each firm's stratum, such as `class C/2301`; the first part is its group.

    A firm of a field with a key ratio stands in a stratum of its own kind, `class C/2301/+food`,
    because it is drawn at another ratio; the last part names all such fields of the firm.
    """
    levels = [level for level in plan.strata if level != "class"]

    def name(group: str, division: str, fields: str | None) -> str:
        own = (fields or "").split(";")
        keys = "".join("+" + key for key in plan.key_fields if key in own)
        parts = [group, *(area(division, level) for level in levels), keys]
        return "/".join(part for part in parts if part)

    return joined([frame[column] for column in ("group", "division", "fields")], name)


def bureaus(plan: PlanDefinition, frame: pd.DataFrame) -> pd.Series[Any]:
    """The bureau each firm belongs to: a county, a city, or `province`."""
    if plan.bureau == PROVINCE:
        return spelled(np.zeros(len(frame), dtype=int), [PROVINCE], frame.index)
    return joined([frame["division"]], lambda division: area(division, plan.bureau))


def area(division: str, level: str) -> str:
    """The city (first four places) or county (first six) of a division."""
    return division[: _LEVELS[level]]

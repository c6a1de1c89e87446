"""The lists a draw starts from: whom it may visit, who visits, and what class each firm carries.

A list is refused, never mended: nothing leaves it silently. What passes is written canonically
(`canonical.table` of the columns here, sorted by the first), and that text is what is committed.
"""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from supervision.errors import PlanError
from supervision.plan import PlanDefinition

OBJECTS = ("entity_id", "name", "division", "address", "status")
"""检查对象名录库. `address` may be null; `status` is `live`; further columns are not carried on."""

INSPECTORS = ("inspector_id", "unit", "conflicts")
"""执法检查人员名录库. `unit` is the start of the divisions it covers (230102, 2301 or 23);
`conflicts` (optional, null = none) names the firms the inspector must step aside for, with `;`."""

CLASSES = ("entity_id", "risk_class", "public_grade", "scope")
"""The class run, cut to the listed firms. Class and grade may be null."""

UNCLASSIFIED = "unclassified"

_LEVELS = {"county": 6, "city": 4}
_LETTERS = {"risk_class": "ABCD", "public_grade": "ABCDE"}
_SCOPES = ("model", "grade_only")


def objects(frame: pd.DataFrame) -> pd.DataFrame:
    """Check the list of firms; returns the columns `OBJECTS`, sorted by `entity_id`.

    Raises `PlanError` for a missing column, no row, an empty or repeated id, a missing name or
    division, and a firm that is not live: who takes it off the list is the list's keeper.
    """
    listed = _texts("objects", frame, OBJECTS)
    for column in ("entity_id", "name", "division", "status"):
        _filled("objects", listed, column)
    _refuse("objects", listed, "status", listed["status"] != "live", "live firms only")
    return _sorted_once("objects", listed, "entity_id")


def inspectors(frame: pd.DataFrame) -> pd.DataFrame:
    """Check the list of inspectors; returns the columns `INSPECTORS`, sorted by `inspector_id`."""
    given = frame if "conflicts" in frame else frame.assign(conflicts=None)
    listed = _texts("inspectors", given, INSPECTORS)
    for column in ("inspector_id", "unit"):
        _filled("inspectors", listed, column)
    listed["conflicts"] = listed["conflicts"].map(_tidy, na_action="ignore")
    if len(listed) < 2:
        raise PlanError(
            "inspectors: a visit needs two", found=str(len(listed)), allowed="at least 2"
        )
    return _sorted_once("inspectors", listed, "inspector_id")


def classes(frame: pd.DataFrame, listed: pd.DataFrame) -> pd.DataFrame:
    """Check a class run and cut it to the listed firms; returns `CLASSES` sorted by `entity_id`."""
    run = _texts("classes", frame, CLASSES)
    for column, letters in _LETTERS.items():
        wrong = run[column].notna() & ~run[column].isin(list(letters))
        _refuse("classes", run, column, wrong, f"{', '.join(letters)} or null")
    _refuse("classes", run, "scope", ~run["scope"].isin(_SCOPES), " or ".join(_SCOPES))
    used = run[run["entity_id"].isin(listed["entity_id"])]
    if used.empty:
        raise PlanError(
            "classes: no listed firm is in the run", hint="take the run of the same register"
        )
    return _sorted_once("classes", used, "entity_id")


def join(listed: pd.DataFrame, run: pd.DataFrame) -> pd.DataFrame:
    """Every listed firm with its group.

    Returns
    -------
    Frame of shape (firms, 8): `OBJECTS`, `risk_class`, `public_grade`, and `group`: `class A` to
    `class D` for firms the model scores, `grade A` to `grade E` for entities that carry a grade
    only, and `unclassified` for a live firm without either (one registered after the run, say):
    it has its own strata, drawn at the overall floor, because no live firm may have no chance.
    """
    frame = listed.merge(run, on="entity_id", how="left", validate="1:1")
    by_class = (frame["scope"] == "model") & frame["risk_class"].notna()
    by_grade = (frame["scope"] == "grade_only") & frame["public_grade"].notna()
    group = pd.Series(UNCLASSIFIED, index=frame.index, dtype="str")
    group = group.mask(by_class, "class " + frame["risk_class"])
    group = group.mask(by_grade, "grade " + frame["public_grade"])
    return frame.drop(columns="scope").assign(group=group)


def strata(plan: PlanDefinition, frame: pd.DataFrame) -> pd.Series[str]:
    """The name of each firm's stratum, such as `class C/2301`; the first part is its group."""
    names = frame["group"].astype("str")
    for level in plan.strata:
        if level != "class":
            names = names + "/" + frame["division"].str[: _LEVELS[level]]
    return names


def area(division: str, level: str) -> str:
    """The city (first four places) or county (first six) of a division."""
    return division[: _LEVELS[level]]


def _texts(name: str, frame: pd.DataFrame, columns: Sequence[str]) -> pd.DataFrame:
    """The columns as texts; what is empty is null."""
    for column in columns:
        if column not in frame:
            raise PlanError.among(f"{name}: no column {column}", column, map(str, frame.columns))
    if frame.empty:
        raise PlanError(f"{name}: the list is empty", allowed="at least one row")
    taken = frame[list(columns)].reset_index(drop=True).astype("str")
    stripped = pd.DataFrame({column: taken[column].str.strip() for column in columns})
    return stripped.mask(stripped == "")


def _filled(name: str, frame: pd.DataFrame, column: str) -> None:
    _refuse(name, frame, column, frame[column].isna(), "a text that is not empty")


def _refuse(
    name: str,
    frame: pd.DataFrame,
    column: str,
    wrong: pd.Series[bool],
    allowed: str,
) -> None:
    """Raise for the first row whose value is wrong, saying how many there are."""
    bad = wrong.to_numpy().nonzero()[0]
    if len(bad):
        value = frame[column].iloc[bad[0]]
        found = "nothing" if pd.isna(value) else repr(value)
        more = f" ({len(bad)} such rows)" if len(bad) > 1 else ""
        raise PlanError.row(name, int(bad[0]) + 1, column, found, allowed + more)


def _sorted_once(name: str, frame: pd.DataFrame, key: str) -> pd.DataFrame:
    twice = frame[key].duplicated()
    if twice.any():
        value = frame.loc[twice, key].iloc[0]
        rows = [str(row + 1) for row in frame.index[frame[key] == value]]
        raise PlanError(
            f"{name}, rows {' and '.join(rows)}: {key} stands twice",
            found=repr(value),
            allowed="each once",
            hint="take one of the rows off the list",
        )
    return frame.sort_values(key, ignore_index=True)


def _tidy(conflicts: str) -> str:
    return ";".join(sorted({part.strip() for part in conflicts.split(";")} - {""}))

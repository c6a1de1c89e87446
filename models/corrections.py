"""Corrections of a class: one official asks, another decides, with evidence and an end.

Where they are kept is no matter of the policy; it is given them as a frame. A correction is in
force on a date as a record is: decided before it, and not ended before it. One that has ended,
or that is of a firm without a class of the model, has no effect.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Self

import numpy as np
import numpy.typing as npt
import pandas as pd

from records.errors import BadInput

COLUMNS = (
    "entity_id", "risk_class", "asked_by", "decided_by", "decided_on", "until", "evidence",
)  # fmt: skip
"""Of a correction: whose class, which class, who asked and who decided, the day of the decision,
the last day of its effect, and the id of the document it rests on."""

_CLASSES = "ABCD"
_DATES = ("decided_on", "until")
_HINT = "a correction is asked by one official and decided by another, on a document"


@dataclass(frozen=True)
class Corrections:
    """Checked corrections; `rows` has COLUMNS, dates as datetime64."""

    rows: pd.DataFrame

    @classmethod
    def none(cls) -> Self:
        return cls(pd.DataFrame(columns=list(COLUMNS)).astype(dict.fromkeys(_DATES, "M8[s]")))

    @classmethod
    def of(cls, frame: pd.DataFrame | None, known: Iterable[str]) -> Self:
        """Check corrections.

        Parameters
        ----------
        frame : a row a correction, with COLUMNS; null: there is none.
        known : the enterprises that are known on the date of the run.

        Raises
        ------
        BadInput : names row, column, what was found and what is allowed.
        """
        if frame is None:
            return cls.none()
        absent = [name for name in COLUMNS if name not in frame]
        if absent:
            raise BadInput(
                f"corrections without {', '.join(absent)}",
                found=", ".join(map(str, frame.columns)), allowed=", ".join(COLUMNS), hint=_HINT,
            )  # fmt: skip
        rows = frame[list(COLUMNS)].reset_index(drop=True)
        for name in COLUMNS:
            empty = rows[name].isna() | (rows[name].astype("str").str.strip() == "")
            _refuse(rows, empty, name, "a value in every row")
        for name in _DATES:
            dates = pd.to_datetime(rows[name], errors="coerce", format="ISO8601")
            _refuse(rows, dates.isna(), name, "a civil date, YYYY-MM-DD")
            rows[name] = dates.astype("M8[s]")
        _refuse(rows, ~rows["risk_class"].isin(list(_CLASSES)), "risk_class", "A, B, C, D")
        alone = _person(rows["asked_by"]) == _person(rows["decided_by"])
        _refuse(rows, alone, "decided_by", "another person than asked for it")
        _refuse(rows, rows["until"] < rows["decided_on"], "until", "not before decided_on")
        unknown = ~rows["entity_id"].isin(set(known))
        _refuse(rows, unknown, "entity_id", "an enterprise that is known on the run's date")
        return cls(rows)

    def in_force(self, firms: pd.DataFrame) -> tuple[npt.NDArray[np.int64], pd.DataFrame]:
        """The corrections that stand: the places of their firms, and their rows.

        Parameters
        ----------
        firms : columns `entity_id` and `as_of`; those of other firms are left aside.

        Raises
        ------
        BadInput : two stand for one firm.
        """
        if self.rows.empty:
            return np.empty(0, np.int64), self.rows
        at = pd.Index(firms["entity_id"]).get_indexer(pd.Index(self.rows["entity_id"]))
        rows, at = self.rows[at >= 0], at[at >= 0].astype(np.int64)
        as_of = pd.to_datetime(firms["as_of"].iloc[at]).to_numpy("M8[s]")
        decided, until = (rows[name].to_numpy("M8[s]") for name in _DATES)
        stands = (decided < as_of) & (as_of <= until)
        rows, at = rows[stands], at[stands]
        twice = pd.Series(at).duplicated().to_numpy()
        if twice.any():
            raise BadInput(
                "two corrections of one class are in force",
                found=f"{rows['entity_id'].to_numpy()[twice][0]}: "
                f"row {rows.index.to_numpy()[twice][0]} and one before",
                allowed="one for a firm on a date",
                hint="let the earlier one end before the day on which the later one was decided",
            )
        return at, rows


def _person(names: pd.Series) -> pd.Series:
    """Who it is, however it was typed."""
    return names.astype("str").str.strip().str.casefold()


def _refuse(rows: pd.DataFrame, wrong: pd.Series, column: str, allowed: str) -> None:
    """Raise BadInput naming the first row that is `wrong`."""
    if wrong.any():
        row = int(np.flatnonzero(wrong)[0])
        raise BadInput(
            f"corrections, row {row}, {column}",
            found=repr(rows[column].iloc[row]), allowed=allowed, hint=_HINT,
        )  # fmt: skip

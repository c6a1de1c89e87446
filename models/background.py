"""The firms that an explanation compares with: a frozen, weighted sample of the province.

The base of an explanation is the mean log-odds of these firms, and a contribution says how an
indicator moves a firm away from them. The inspected firms of the training data would not do:
the bureau chose them. The sample is drawn when the model is made and stays with it, so that a
reason changes only when the firm does.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from records.errors import BadInput, NotPossible
from records.files import write_parquet

Floats = npt.NDArray[np.float64]

SIZE = 10_000
"""Firms of a province's sample. Their number costs a row nothing; 10,000 put the base within
about .01 log-odds of the whole province's (docs/explain.md)."""

FEWEST = 50
"""The fewest peers that are compared with."""

FILE = "background.parquet"
"""Its name in a model's folder."""

_OWN = ("weight", "industry")


@dataclass(frozen=True)
class Background:
    """Firms that stand for all.

    Parameters
    ----------
    values : indicators in the model's order, shape (m, k), NaN where unknown.
    weights : how many firms each stands for, shape (m,); only their ratios count.
    industries : industry codes, shape (m,); empty text where unknown.

    Raises
    ------
    BadInput : shapes differ, no firm, or a weight that is negative or not a number.
    """

    values: Floats
    weights: Floats
    industries: npt.NDArray[np.object_]

    def __post_init__(self) -> None:
        rows = len(self.values)
        if self.values.ndim != 2 or not rows == len(self.weights) == len(self.industries):
            raise BadInput(
                "a background's parts do not fit together",
                found=f"values {self.values.shape}, {len(self.weights)} weights, "
                f"{len(self.industries)} industries",
                allowed="a row of values, a weight and an industry for each firm",
            )
        if not (np.isfinite(self.weights).all() and (self.weights >= 0).all()):
            raise BadInput("a background's weight is no weight", allowed="numbers from 0")
        if not self.weights.sum() > 0:
            raise BadInput("a background without any firm", allowed="one firm or more")

    @classmethod
    def alike(cls, values: Floats) -> Self:
        """Firms of equal weight."""
        rows = len(values)
        return cls(values, np.ones(rows), np.full(rows, "", object))

    @property
    def hash(self) -> str:
        """SHA-256 of the content, in hex."""
        numbers = np.column_stack([self.weights, self.values])
        plain = np.where(np.isnan(numbers), np.nan, numbers)  # one NaN of the many there are
        content = hashlib.sha256(np.ascontiguousarray(plain).tobytes())
        content.update("\n".join(map(str, self.industries)).encode())
        return content.hexdigest()

    def peers(self, industry: str) -> Background:
        """The firms of an industry alone, by a code or the beginning of one (`F`, `F52`).

        Raises
        ------
        NotPossible : there are fewer than `FEWEST`.
        """
        among = np.array([str(code).startswith(industry) for code in self.industries], bool)
        if among.sum() < FEWEST:
            raise NotPossible(
                f"too few firms of industry {industry!r} in the background",
                found=str(among.sum()),
                allowed=f"{FEWEST} or more",
                hint="compare with a wider industry, or with the whole province",
            )
        return Background(self.values[among], self.weights[among], self.industries[among])

    def write(self, path: Path, indicators: list[str]) -> None:
        """Write as Parquet: `weight`, `industry`, and a column for each indicator."""
        columns = {"weight": self.weights, "industry": pa.array(self.industries, pa.string())}
        columns |= {
            name: pa.array(self.values[:, at], from_pandas=True)
            for at, name in enumerate(indicators)
        }
        write_parquet(path, pa.table(columns))

    @classmethod
    def read(cls, path: Path, indicators: list[str]) -> Self:
        """Read what `write` wrote.

        Raises
        ------
        BadInput : an indicator's column is missing.
        """
        table = pq.read_table(path)
        absent = [name for name in (*_OWN, *indicators) if name not in table.column_names]
        if absent:
            raise BadInput(
                f"{path}: a background without {', '.join(absent)}",
                found=", ".join(table.column_names),
                allowed=", ".join((*_OWN, *indicators)),
                hint="train the model again",
            )
        values = [table[name].to_numpy() for name in indicators]
        return cls(
            np.stack(values, axis=1) if values else np.empty((table.num_rows, 0)),
            table["weight"].to_numpy(),
            table["industry"].to_numpy().astype(object),
        )

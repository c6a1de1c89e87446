"""How usual a firm's value is among the firms of its industry, from the model's background.

The background is the frozen, weighted sample of the province (`models.background`), so that a
comparison changes only when the firm does. An industry with too few firms in it is compared with
all firms, and so is what says something of the industry itself.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Literal, Self

import numpy as np

from features.indicator import Indicator
from models.background import FEWEST, FILE, Background, Floats

if TYPE_CHECKING:  # whose own sayings are worded by what is told of peers
    from models.definition import ModelDefinition

Kind = Literal["same", "some", "median", "known"]
Whom = Literal["industry", "few", "all"]


@dataclass(frozen=True)
class Usual:
    """What is usual beside a firm's value.

    `kind` says what `number` is: the share of firms that are the `same` in this, or that have
    `some` of what most have none of; the `median`, or that of the firms of which it is `known`.
    `whom` are the firms of the `industry`, or all: because there are too `few` of it, or on
    principle.
    """

    kind: Kind
    number: float
    whom: Whom


@dataclass(frozen=True)
class Peers:
    """The background's firms, asked again and again; answers are kept."""

    background: Background
    names: list[str]
    _rows: dict[str, Floats | None] = field(default_factory=dict)
    _known: dict[tuple[str, str, float | str], Usual] = field(default_factory=dict)

    @classmethod
    def of(cls, folder: Path, definition: ModelDefinition) -> Self | None:
        """Those of a saved model; none where it was made without a background."""
        path = folder / FILE
        if not path.is_file():
            return None
        return cls(Background.read(path, definition.fitted), definition.fitted)

    def usual(self, one: Indicator, value: float | None, industry: str | None) -> Usual:
        """What is usual of an indicator among a firm's peers, beside the firm's own value."""
        on_industry = "industry" in {one.by, *one.where, *one.of}
        place = "" if on_industry or not industry else industry
        unknown = value is None or math.isnan(value)
        exact = one.unit == "flag" or bool(one.values)
        key = (one.id, place, "" if unknown else float(value or 0) if exact else float(value != 0))
        if key not in self._known:
            self._known[key] = self._look(one, None if unknown else value, exact, place)
        return self._known[key]

    def _look(self, one: Indicator, value: float | None, exact: bool, industry: str) -> Usual:
        weights = self._of(industry) if industry else None
        whom: Whom = "industry" if weights is not None else "few" if industry else "all"
        weights = self.background.weights if weights is None else weights
        theirs = self.background.values[:, self.names.index(one.id)]
        known = ~np.isnan(theirs)

        def share(of: np.typing.NDArray[np.bool_]) -> float:
            return float(weights[of].sum() / weights.sum())

        if value is None:
            return Usual("same", share(~known), whom)
        if exact or value == 0:
            return Usual("same", share(theirs == value), whom)
        median = _median(theirs[known], weights[known])
        if median == 0 and one.unit != "change":
            return Usual("some", share(theirs > 0), whom)
        return Usual("median" if share(~known) < 0.01 else "known", median, whom)

    def _of(self, industry: str) -> Floats | None:
        """The background's weights, 0 outside an industry; null where it has too few firms."""
        if industry not in self._rows:
            among = self.background.industries == industry
            enough = int(among.sum()) >= FEWEST
            self._rows[industry] = self.background.weights * among if enough else None
        return self._rows[industry]


def _median(values: Floats, weights: Floats) -> float:
    """The lower weighted median; 0 of nothing."""
    if not weights.sum() > 0:
        return 0.0
    order = np.argsort(values, kind="stable")
    passed = np.cumsum(weights[order])
    return float(values[order][np.searchsorted(passed, passed[-1] / 2)])

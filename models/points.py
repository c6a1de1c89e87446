"""Points rules: a class by adding up what a table gives for values of indicators.

    indicators → points of each item → their sum → class A–D, or the class that an item sets

So official rules are written. `national/` holds them as YAML: published provincial ones, and an
example that stands where the national one would, which is not public.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, Self

import numpy as np
import numpy.typing as npt
import pandas as pd
from pydantic import Field, FiniteFloat, model_validator

from features.catalogue import Catalogue
from features.indicator import Strict, Words
from models.policy import CLASSES, RiskClass
from records import declarations
from records.declarations import wrong
from records.errors import BadDefinition, NotFound, NotPossible, nearest

SHIPPED = Path(__file__).parent / "national"

Floats = npt.NDArray[np.float64]
Index = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]

BOUNDS = {"above": np.greater, "at_least": np.greater_equal,
          "below": np.less, "at_most": np.less_equal}  # fmt: skip


class Step(Strict):
    """A band of values, and what it gives: points, or a class outright (a direct rule).

    All bounds given must hold; an unknown value is in no band.
    """

    above: FiniteFloat | None = None
    at_least: FiniteFloat | None = None
    below: FiniteFloat | None = None
    at_most: FiniteFloat | None = None
    points: FiniteFloat | None = None
    risk_class: RiskClass | None = Field(default=None, alias="class")

    @model_validator(mode="after")
    def _a_band_and_what_it_gives(self) -> Self:
        said = self.model_dump(exclude_none=True, by_alias=True)
        for pair in (("above", "at_least"), ("below", "at_most"), ("points", "class")):
            if all(name in said for name in pair):
                raise wrong(f"a step takes {' or '.join(pair)}, not both", allowed=pair)
        for needed in (tuple(BOUNDS), ("points", "class")):
            if not any(name in said for name in needed):
                raise wrong("a step needs a bound, and points or a class", allowed=needed)
        low = said.get("above", said.get("at_least", -np.inf))
        high = said.get("below", said.get("at_most", np.inf))
        if low > high or (low == high and ("above" in said or "below" in said)):
            raise wrong("no value lies between the bounds", f"{low:g} to {high:g}")
        return self

    def holds(self, values: Floats) -> Mask:
        """Which values lie in the band, shape (n,)."""
        held: Mask = ~np.isnan(values)
        for name, compare in BOUNDS.items():
            bound = getattr(self, name)
            if bound is not None:
                held &= compare(values, bound)
        return held


class Item(Strict):
    """A line of the table; values of several indicators are added up.

    Of the `steps`, the last that holds counts. Values are in the indicator's unit, money in yuan.
    `clause` is where the rule says so.
    """

    id: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    indicator: str | list[str]
    name: Words
    clause: str = ""
    steps: list[Step] = Field(min_length=1)

    @property
    def indicators(self) -> list[str]:
        return [self.indicator] if isinstance(self.indicator, str) else self.indicator


class Begins(Strict):
    """Points at which B, C and D begin; fewer are A."""

    B: FiniteFloat
    C: FiniteFloat
    D: FiniteFloat

    @model_validator(mode="after")
    def _rise(self) -> Self:
        if not self.B < self.C < self.D:
            raise wrong("must rise from B to D", f"B {self.B:g}, C {self.C:g}, D {self.D:g}")
        return self


class PointsRule(Strict):
    """A table of points, more being riskier; see `models/national/example.yaml`."""

    name: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    version: str = Field(pattern=r"^[0-9]+\.[0-9]+\.[0-9]+$")
    source: Literal["official", "published", "example"]
    title: Words
    basis: Words
    begins: Begins
    items: list[Item] = Field(min_length=1)

    @model_validator(mode="after")
    def _unique_items(self) -> Self:
        seen: set[str] = set()
        for at, item in enumerate(self.items):
            if item.id in seen:
                raise wrong("declared twice", item.id, at=("items", at, "id"))
            seen.add(item.id)
        return self

    def lacking(self, catalogue: Catalogue) -> str:
        """What keeps the rule from a catalogue's indicators, in words; empty if nothing does."""
        for item in self.items:
            for name in item.indicators:
                if name not in catalogue.by_id:
                    hint = nearest(name, sorted(catalogue.by_id))
                    return f"item {item.id}: the catalogue has no {name}. {hint}".rstrip()
            units = {catalogue[name].unit for name in item.indicators}
            if len(units) > 1:
                return f"item {item.id}: {' and '.join(sorted(units))} cannot be added up"
        return ""

    def score(self, indicators: pd.DataFrame, catalogue: Catalogue) -> Scored:
        """Points, class and the items behind them, of every row.

        Parameters
        ----------
        indicators : a column for each indicator of the rule, as the catalogue computes it; null
            is unknown. What is unknown gives no points and sets no class, and is told.

        Raises
        ------
        NotPossible : the catalogue lacks an indicator, or units cannot be added up.
        """
        if why := self.lacking(catalogue):
            raise NotPossible(f"points rule {self.name}, {why}", hint="change the rule's YAML")
        shape = len(indicators), len(self.items)
        values, points = np.full(shape, np.nan), np.zeros(shape)
        outright, unknown = np.full(shape, -1), np.zeros(shape, bool)
        for at, item in enumerate(self.items):
            fen = catalogue[item.indicators[0]].unit == "yuan"
            own = indicators[item.indicators].astype(np.float64) / (100 if fen else 1)
            values[:, at] = own.sum(axis=1, min_count=1)
            unknown[:, at] = own.isna().any(axis=1)
            for step in item.steps:
                held = step.holds(values[:, at])
                level = -1 if step.risk_class is None else CLASSES.index(step.risk_class)
                points[held, at], outright[held, at] = step.points or 0.0, level
        return Scored(self, values, points, outright.astype(np.int64), unknown)


@dataclass(frozen=True)
class Scored:
    """What a points rule says of n firms by k items; all arrays of shape (n, k).

    `values` as the steps hold them, NaN where unknown; `points`; `outright` 0–3 where an item sets
    a class, else −1; `unknown` marks items of which some value is unknown.
    """

    rule: PointsRule
    values: Floats
    points: Floats
    outright: Index
    unknown: Mask

    @property
    def total(self) -> Floats:
        """The sum of points, shape (n,)."""
        total: Floats = self.points.sum(axis=1)
        return total

    @property
    def level(self) -> Index:
        """0–3 for A–D, shape (n,): the class of the points, or a riskier one that an item sets."""
        begins = self.rule.begins
        by_points = np.searchsorted([begins.B, begins.C, begins.D], self.total, side="right")
        level: Index = np.maximum(by_points, self.outright.max(axis=1))
        return level

    @property
    def risk_class(self) -> npt.NDArray[np.str_]:
        """Letters A–D, shape (n,)."""
        return np.array(list(CLASSES))[self.level]

    @property
    def standing(self) -> Floats:
        """Points by which firms can be ranked, shape (n,): at least those of the class's begin."""
        begins = self.rule.begins
        least = np.array([-np.inf, begins.B, begins.C, begins.D])
        standing: Floats = np.maximum(self.total, least[self.level])
        return standing

    def behind(self, row: int, lang: str) -> list[dict[str, Any]]:
        """The items that speak of one firm, those unknown among them, in the rule's order."""
        return [
            {
                "item": item.id,
                "name": item.name.in_(lang),
                "clause": item.clause,
                "value": None if np.isnan(self.values[row, at]) else float(self.values[row, at]),
                "points": float(self.points[row, at]),
                "class": CLASSES[level] if (level := int(self.outright[row, at])) >= 0 else None,
                "unknown": bool(self.unknown[row, at]),
            }
            for at, item in enumerate(self.rule.items)
            if self.points[row, at] or self.outright[row, at] >= 0 or self.unknown[row, at]
        ]


def load(path: Path) -> PointsRule:
    """Read and check a rule; an error names file, line, entry, value and what is allowed."""
    return declarations.read(path, PointsRule)


def rules(folder: Path = SHIPPED, catalogue: Catalogue | None = None) -> list[PointsRule]:
    """Every rule of a folder, by file name; with a catalogue, each must fit it.

    Raises
    ------
    NotFound : there is none. BadDefinition : one is wrong, or a name is used twice.
    """
    found: dict[str, PointsRule] = {}
    for path in sorted(folder.glob("*.yaml")):
        rule = load(path)
        why = "" if catalogue is None else rule.lacking(catalogue)
        if rule.name in found:
            why = f"another rule of the folder is named {rule.name}, too"
        if why:
            raise BadDefinition(f"{path.name}: {why}", hint="change the file; nothing was trained")
        found[rule.name] = rule
    if not found:
        raise NotFound(
            f"{folder} has no points rule",
            allowed="*.yaml",
            hint="copy models/national/example.yaml and change it",
        )
    return list(found.values())

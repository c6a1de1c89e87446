"""Outbreaks: for some months the firms of one industry in one county are at higher risk."""

from __future__ import annotations

import numpy as np

from records.province.arrays import Index, Reals
from records.province.parts import Outbreaks as Numbers
from records.province.registry import Firms


class Outbreaks:
    """`left` is how many months each cell's outbreak still lasts; a cell is an industry of a
    county. Large cells are hit more often, as that is where an outbreak can be told."""

    def __init__(self, numbers: Numbers, firms: Firms, rng: np.random.Generator) -> None:
        self.numbers, self.rng = numbers, rng
        industries = int(firms.industry.max()) + 1
        self.cell: Index = firms.county * industries + firms.industry
        size = np.bincount(self.cell).astype(np.float64) ** 2
        self.weight = size / size.sum()
        self.left = np.zeros(len(size), dtype=np.int64)

    def month(self) -> Reals:
        """The extra log-odds of every firm this month; new outbreaks begin."""
        self.left = np.maximum(self.left - 1, 0)
        new = self.rng.choice(
            len(self.weight), self.rng.poisson(self.numbers.per_year / 12), p=self.weight
        )
        self.left[new] = self.rng.poisson(self.numbers.months, len(new)) + 1
        extra: Reals = np.where(self.left > 0, self.numbers.risk, 0.0)
        return extra[self.cell]

"""A model laid out for the loops: all that does not depend on what a firm is compared with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np

from models import binning, loops, tables
from models.background import Background
from models.blocks import Blocks, blocks
from models.trees import Floats, Trees, read
from records.errors import BadDefinition, BadInput


@dataclass(frozen=True)
class Layout:
    """The features' names, the blocks of leaves, and the loops' program without its tables."""

    features: tuple[str, ...]
    blocks: Blocks
    program: loops.Program

    @classmethod
    def of(cls, model: str | Trees) -> Self:
        """Lay out LightGBM's text of a model, or its trees."""
        trees = read(model) if isinstance(model, str) else model
        own = binning.columns(trees)
        made = blocks(trees, own)
        width, outcomes = np.diff(made.feature_start), made.outcome_start
        start = np.cumsum([0, *(np.diff(outcomes) * width)]).astype(np.int64)
        program = loops.Program(
            own.feature, own.kind, own.start, own.edges, own.sets, made.tests, made.test_start,
            made.features, made.feature_start, outcomes, start, np.zeros(0, np.int32), np.zeros(0),
        )  # fmt: skip
        return cls(trees.features, made, program)

    def filled(self, background: Background | None) -> tuple[Floats, Floats, float]:
        """The tables and the base against a background, or path-dependent; see `tables.fill`."""
        if background is not None:
            weights = tables.seen(self.blocks, self._counts(background))
        elif np.isfinite(self.blocks.cover).all():
            weights = tables.covers(self.blocks)
        else:
            raise BadDefinition(
                "the model does not say how many rows came to its leaves",
                hint="give a background to compare with",
            )
        return tables.fill(self.blocks, self.program.table_start, weights)

    def _counts(self, background: Background) -> Floats:
        """The background's weight at each outcome of each block; each block's add up to 1."""
        self.check(background.values.shape)
        rows = len(background.weights)
        bins = np.empty((len(self.program.column_kind), rows), np.uint16)
        loops.bin_rows(self.program, np.array(background.values.T, np.float64, order="C"), bins)
        counts = np.zeros(self.program.outcome_start[-1])
        weights = np.array(background.weights, np.float64) / background.weights.sum()
        loops.count(self.program, bins, weights, np.empty(rows, np.uint16), counts)
        return counts

    def check(self, shape: tuple[int, ...], axes: int = 2) -> None:
        """Refuse an array that has not so many axes, the last of them the model's features."""
        if len(shape) != axes or shape[-1] != len(self.features):
            raise BadInput(
                "not the model's indicators",
                found=f"shape {shape}",
                allowed=f"{'rows of ' * (axes - 1)}{len(self.features)} indicators",
            )

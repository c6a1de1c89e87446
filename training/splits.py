"""Blocks of time: a model is judged on visits later than all it has seen, less a gap."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from models.settings import Blocks
from records.errors import NotPossible

Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Split:
    """One held-out block and what may be learned from before it."""

    number: int
    fit: Mask
    held_out: Mask
    first: pd.Timestamp
    last: pd.Timestamp


def splits(days: pd.Series, blocks: Blocks) -> Iterator[Split]:
    """The last `held_out` of `count` blocks of about equally many visits.

    A visit may be learned from only if it lies more than `gap_days` before the block: its
    result was not known sooner.

    Raises
    ------
    NotPossible : all visits fall on too few days to be parted.
    """
    when = pd.to_datetime(days)
    ordered = when.sort_values().to_numpy()
    edges = ordered[np.linspace(0, len(ordered) - 1, blocks.count + 1).astype(int)]
    for number in range(blocks.count - blocks.held_out, blocks.count):
        last = number == blocks.count - 1
        held_out = (when >= edges[number]) & ((when < edges[number + 1]) | last)
        gap = pd.Timedelta(days=blocks.gap_days)
        fit = when < pd.Timestamp(edges[number]) - gap
        if not fit.any() or not held_out.any():
            raise NotPossible(
                "too little history to part what is learned from what is judged",
                found=f"{len(days)} labels from {when.min():%Y-%m-%d} to {when.max():%Y-%m-%d}",
                hint="give more history, or fewer `blocks` in model.yaml",
            )
        inside = when[held_out]
        yield Split(number, fit.to_numpy(bool), held_out.to_numpy(bool), inside.min(), inside.max())

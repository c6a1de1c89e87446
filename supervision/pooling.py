"""Several draws of a plan's year as one sample: the mean rate over them, more exactly told.

Each draw speaks for the firms of its day; together they speak for those of the newest, of which
earlier draws saw the ones that were there. Draws are independent but for no-repeat, which takes a
firm out of later plans, never out of later slices. A firm that was visited twice was seen once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from supervision.errors import PlanError
from supervision.sample import Mask, Sample


def pooled(samples: Sequence[Sample]) -> Sample:
    """One sample of several, oldest first; all on the same basis.

    A firm that is not in the newest frame is left out with its visits: it is not spoken for.
    """
    if not samples:
        raise PlanError("no sample to pool", allowed="at least one")
    if len({one.basis for one in samples}) > 1:
        raise PlanError("samples of different bases", allowed="one basis")
    if len(samples) == 1:
        return samples[0]
    newest = samples[-1].firms
    ids = pd.Index(newest["entity_id"])
    parts, beyond = [], 0
    for one in samples:
        at = ids.get_indexer(pd.Index(one.firms["entity_id"].iloc[one.row]))
        part = _kept(one, at >= 0, len(samples))
        parts.append(replace(part, row=at[at >= 0], cell=part.cell + beyond))
        beyond = 1 + int(parts[-1].cell.max(initial=beyond))
    arrays: dict[str, Any] = {
        name: np.concatenate([getattr(part, name) for part in parts])
        for name in ("row", *_ARRAYS)
    }  # fmt: skip
    chance = float(np.mean([one.slice_chance for one in samples]))
    return replace(samples[-1], **arrays, slice_chance=chance)


_ARRAYS = (
    "label", "measured", "left", "base", "weight", "blind", "eligible", "cell", "plan_chance",
    "share",
)  # fmt: skip


def _kept(one: Sample, kept: Mask, draws: int) -> Sample:
    """The rows that are kept, each weighing its part of all draws."""
    told: dict[str, Any] = {name: getattr(one, name)[kept] for name in _ARRAYS}
    told["base"], told["weight"] = told["base"] / draws, told["weight"] / draws
    return replace(one, **told, row=one.row[kept])

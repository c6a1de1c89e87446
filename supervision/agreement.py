"""Whether plan visits drawn to be alike find what blind ones do, class by class.

They are on site with the same basket, but the pair knew the class. The difference of the rates,
held class by class (Mantel and Haenszel's weights; variance of Greenland and Robins 1985), says
whether they may stand beside the slice: only while its interval holds 0.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy import special

from supervision.intervals import LEVEL
from supervision.sample import Sample


class Agreement(NamedTuple):
    """Plan's rate less the slice's within classes, its limits, and the visits of both."""

    difference: float
    low: float
    high: float
    blind: int
    told: int


def agreement(sample: Sample, level: float = LEVEL) -> Agreement | None:
    """The difference between told and blind visits of a sample of the basis `slice+plan alike`.

    None where no class has measured visits of both. Firms of a class are drawn by chance by
    either, so that they differ by nothing but what the pair knew.
    """
    group = sample.firms["stratum"].iloc[sample.row].str.partition("/")[0].to_numpy()
    told = pd.DataFrame({"group": group, "blind": sample.blind, "label": sample.label})
    cells = told[sample.measured].groupby(["group", "blind"])["label"].agg(["size", "sum"])
    both = cells.unstack("blind").dropna()
    if both.empty or len(cells.index.unique("blind")) < 2:
        return None
    size, found = both["size"].to_numpy(float), both["sum"].to_numpy(float)  # told, blind
    rate = found / size
    weight = size.prod(axis=1) / size.sum(axis=1)
    difference = float(weight @ (rate[:, 0] - rate[:, 1]) / weight.sum())
    # half a problem either way: a class where nothing was found does not vary by nothing
    near = (found + 0.5) / (size + 1)
    noise = (near * (1 - near) / size).sum(axis=1)
    reach = -special.ndtri((1 - level) / 2) * float(np.sqrt(weight**2 @ noise)) / weight.sum()
    return Agreement(
        difference, difference - reach, difference + reach, int(size[:, 1].sum()),
        int(size[:, 0].sum()),
    )  # fmt: skip

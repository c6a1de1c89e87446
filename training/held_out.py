"""Scores of visits by models that had not seen them: forward in time, or crossed over firms.

Forward scores judge: a block is told by a model that saw only what lay before it, less a gap.
Crossed scores calibrate: every visit is told by a model that saw the visits of all firms but its
own, of the same years and nearly as many as the final model sees. Forward scores would not do
for that: models of the first years have less to go by, spread firms less, and a calibration to
them would leave the final model too cautious.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from models.settings import Fit
from records.errors import NotPossible
from training import evaluate
from training.calibrate import calibrate
from training.fit import Binned, raw_scores
from training.labelled import Labelled
from training.splits import Split

Floats = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]

FOLDS = 4


def forward(
    binned: Binned, parts: list[Split], settings: Fit, seed: int, only: Mask | None = None
) -> Floats:
    """Log-odds of the visits of held-out blocks, shape (n,); NaN elsewhere.

    `only` marks the visits to learn from, where it is not all of them.
    """
    raw = np.full(len(binned.labels), np.nan)
    for part in parts:
        _tell(raw, binned, part, settings, seed, only)
    return raw


def losses(data: Labelled, parts: list[Split], settings: Fit, seed: int) -> Iterator[float]:
    """After each held-out block, the calibrated log-loss of the reference in the blocks so far.

    Weighted; NaN while these tell too little to calibrate by.

    Raises
    ------
    NotPossible : all of them together tell too little; see `calibrate`.
    """
    raw = np.full(len(data.labels), np.nan)
    for part in parts:
        _tell(raw, data.binned, part, settings, seed)
        rows = data.reference.rows & ~np.isnan(raw)
        found, labels, weights = raw[rows], data.labels[rows], data.weights[rows]
        try:
            made = calibrate(found, labels, weights)
        except NotPossible:
            if part is parts[-1]:
                raise
            yield np.nan
            continue
        lost = evaluate.losses(made.probability(found), labels)
        yield float(np.average(lost, weights=weights))


def _tell(
    raw: Floats, binned: Binned, part: Split, settings: Fit, seed: int, only: Mask | None = None
) -> None:
    """Fill in the scores of one held-out block."""
    text, _ = binned.fit(part.fit if only is None else part.fit & only, settings, seed)
    raw[part.held_out] = raw_scores(text, binned.values[part.held_out])


def crossed(data: Labelled, rows: Mask, settings: Fit, seed: int) -> Floats:
    """Log-odds of some visits, shape (n,), each by a model of the others' firms; NaN elsewhere."""
    rng = np.random.default_rng(np.random.SeedSequence([seed, 0xF01D]))
    fold = rng.integers(0, FOLDS, int(data.firms.max()) + 1)[data.firms]
    raw = np.full(len(data.labels), np.nan)
    for number in range(FOLDS):
        asked = rows & (fold == number)
        text, _ = data.binned.fit(rows & (fold != number), settings, seed)
        raw[asked] = raw_scores(text, data.binned.values[asked])
    return raw

"""How likely two firms are both visited: what the variance of an estimate needs.

All firms of a *cell*, the eligible or the other firms of a stratum, are alike, so that a matrix
over cells says everything. With s, S_b, N_b, E_h, m_h as in `chances`, for two firms

    both in the slice   E[S_b (S_b - 1)] / (N_b (N_b - 1)) in a bureau, else E[S_b S_c] / (N_b N_c)
    slice and plan      s m / (E - 1) within a stratum's eligible firms, else s m / E
    plan and plan       E[m (m - 1)] / (E (E - 1)) within a stratum, else E[m_h m_g] / (E_h E_g)

where plan includes the top-up, and the products of rounded numbers are those of `spread`: two
parts are both rounded up for the u where their arcs on the circle overlap. Strata that may run out
are summed over what the slice may have taken (`moments`).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from supervision.draws.chances import chances
from supervision.draws.moments import Floats
from supervision.draws.rounding import Rounding
from supervision.draws.sizes import Sizes
from supervision.draws.yields import Drawn

Cells = NDArray[np.intp]


@dataclass(frozen=True)
class Joint:
    """Chances of two different firms, by cell.

    cells : a row a cell: `stratum`, `bureau`, `eligible`, `inclusion` (a firm's chance).
    pairs : matrix over cells, the chance that two different firms are both visited, in any way.
    slice_pairs : the same for both in the slice.
    """

    cells: pd.DataFrame
    pairs: Floats
    slice_pairs: Floats

    def of(self, frame: pd.DataFrame) -> Cells:
        """The cell of each row of a frame with `stratum` and `eligible`; barred firms have none."""
        at = pd.Index(self.cells["stratum"][::2]).get_indexer(frame["stratum"])
        return np.asarray(2 * at + frame["eligible"].to_numpy(dtype=bool))

    def matrix(self, cells: Cells) -> Floats:
        """The joint chances of firms, shape (n, n), a firm's own chance on the diagonal.

        For samples of a few thousand; `variance` needs no such matrix.
        """
        found = self.pairs[np.ix_(cells, cells)]
        np.fill_diagonal(found, self.cells["inclusion"].to_numpy()[cells])
        return found

    def variance(self, cells: Cells, expanded: Floats) -> float:
        """The Horvitz-Thompson estimate of the variance of sum(expanded) over a sample.

        Parameters
        ----------
        cells : the cell of each visited firm (`of`).
        expanded : its value over its chance, shape (n,).

        The sum over pairs of (1 - chance chance' / joint) z z', taken by cells.
        """
        own = self.cells["inclusion"].to_numpy()
        used, code = np.unique(cells, return_inverse=True)
        total = np.bincount(code, expanded)
        squares = np.bincount(code, expanded**2)
        joint, chance = self.pairs[np.ix_(used, used)], own[used]
        with np.errstate(divide="ignore", invalid="ignore"):
            apart = 1 - np.outer(chance, chance) / joint
        apart[joint <= 0] = 0.0  # two firms that are never both visited are not both here
        between = total @ apart @ total - np.diag(apart) @ squares
        return float(between + (1 - chance) @ squares)


def joint(sized: Sizes) -> Joint:
    """The joint chances of a batch, from its sizes alone."""
    strata, bureaus = sized.strata, sized.bureaus
    at = pd.Index(bureaus["bureau"]).get_indexer(strata["bureau"])
    sliced, topped = Rounding.of(sized.slice_shares), Rounding.of(sized.top_up_shares)
    drawn = Drawn(sized, at, sliced, topped)
    eligible = strata["eligible"].to_numpy(dtype=float)
    per = np.divide(1.0, eligible, out=np.zeros_like(eligible), where=eligible > 0)

    firms = bureaus["firms"].to_numpy(dtype=float)
    blind = _blind(sliced, firms)[np.ix_(at, at)]
    crossed = drawn.crossed() / np.where(firms > 0, firms, 1)[at][:, None] * per[None, :]
    plan = drawn.product() * np.outer(per, per)
    within = per * np.divide(1.0, eligible - 1, out=np.zeros_like(eligible), where=eligible > 1)

    pairs = np.zeros((2 * len(strata),) * 2)
    pairs[::2, ::2] = blind
    pairs[::2, 1::2] = blind + crossed
    pairs[1::2, ::2] = (blind + crossed).T
    both = blind + crossed + crossed.T + plan
    own = blind.diagonal() + (2 * drawn.with_slice + drawn.twice) * within
    np.fill_diagonal(both, own)
    pairs[1::2, 1::2] = both
    table = chances(sized)
    cells = strata[["stratum", "bureau"]].loc[np.repeat(strata.index, 2)].reset_index(drop=True)
    cells["eligible"] = np.arange(len(cells)) % 2 == 1
    alone_ = np.stack([table["slice_probability"], table["inclusion_probability"]], axis=1)
    cells["inclusion"] = alone_.ravel()
    return Joint(cells, pairs, np.repeat(np.repeat(blind, 2, axis=0), 2, axis=1))


def _blind(sliced: Rounding, firms: Floats) -> Floats:
    """Both in the slice, by bureau."""
    low, up = sliced.low, sliced.up
    mean = low + up
    product = np.outer(mean, mean) - np.outer(up, up) + sliced.both
    np.fill_diagonal(product, low * (low - 1) + 2 * low * up)
    ways = np.outer(firms, firms)
    np.fill_diagonal(ways, firms * (firms - 1))
    return np.divide(product, ways, out=np.zeros_like(product), where=ways > 0)

"""How likely two firms are both visited: what the variance of an estimate needs.

All firms of a *cell*, the eligible or the other firms of a stratum, are alike, so that a matrix over
cells says everything. With s, S_b, N_b, E_h, m_h as in `chances`, for two firms

    both in the slice     E[S_b (S_b - 1)] / (N_b (N_b - 1)) in one bureau, E[S_b S_c] / (N_b N_c) in two
    slice and plan        s m / (E - 1) within a stratum's eligible firms, else s m / E
    plan and plan         E[m (m - 1)] / (E (E - 1)) within a stratum, else E[m_h m_g] / (E_h E_g)

where plan includes the top-up, and the products of rounded numbers are those of `spread`: two
parts are both rounded up for the u where their arcs on the circle overlap. Strata that may run out
are summed over what the slice may have taken (`moments`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import floor

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from supervision.chances import chances
from supervision.moments import Floats, Moments, alone, runs_out, together
from supervision.sizes import Sizes
from supervision.spread import shares

Cells = NDArray[np.intp]


@dataclass(frozen=True)
class Rounding:
    """Parts rounded by one `spread`: rounded down (`low`), the chance of one more (`up`), and the
    chance that two both get one more (`both`, a matrix)."""

    low: Floats
    up: Floats
    both: Floats

    @classmethod
    def of(cls, parts: Sequence[Fraction]) -> Rounding:
        """Part k gets one more for the u of an arc that begins at -C_k and is as long as its
        fraction."""
        ends = np.cumsum([0, *parts])[1:] if parts else []
        begin = np.array([float(-end % 1) for end in ends])
        up = np.array([float(part % 1) for part in parts])
        low = np.array([float(floor(part)) for part in parts])
        away = (begin[None, :] - begin[:, None]) % 1.0
        end = away + up[None, :]
        both = np.clip(np.minimum(up[:, None], end) - away, 0, None)
        both += np.clip(np.minimum(up[:, None], end - 1), 0, None)
        np.fill_diagonal(both, up)
        return cls(low, up, both)

    def weights(self) -> Floats:
        """Chances of (one gets more, two gets more), shape (parts, parts, 2, 2)."""
        one, two = self.up[:, None], self.up[None, :]
        rows = np.array(
            [[1 - one - two + self.both, two - self.both], [one - self.both, self.both]]
        )
        return np.asarray(np.moveaxis(rows, (0, 1), (2, 3)))


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
    drawn = _Drawn(sized, at, sliced, topped)
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


class _Drawn:
    """What the strata give by plan and top-up, on average and in pairs.

    Index v says whether the bureau's slice is rounded up, t whether its top-up is; a stratum's own
    top-up is rounded by another spread within (v, t).
    """

    def __init__(self, sized: Sizes, at: Cells, sliced: Rounding, topped: Rounding) -> None:
        self._at, self._sliced, self._topped = at, sliced, topped
        self._sizes = sized
        count = len(at)
        self._mean = np.zeros((count, 2, 2))
        self._other = np.zeros((count, 2, 2))
        self.twice, self.with_slice = np.zeros(count), np.zeros(count)
        self._inside: list[tuple[Cells, Floats]] = []
        for bureau in range(len(sliced.low)):
            self._bureau(bureau, np.flatnonzero(at == bureau))

    def product(self) -> Floats:
        """E[M_h M_g] of every two strata; the diagonal is not used."""
        found = np.zeros((len(self._at),) * 2)
        across = np.ix_(self._at, self._at)
        weights, more = self._sliced.weights()[across], self._topped.weights()[across]
        for v, w, t, s in np.ndindex(2, 2, 2, 2):
            found += (
                np.outer(self._mean[:, v, t], self._mean[:, w, s])
                * weights[..., v, w] * more[..., t, s]
            )  # fmt: skip
        for members, block in self._inside:
            found[np.ix_(members, members)] = block
        return found

    def crossed(self) -> Floats:
        """E[S_b M_h]: rows are strata standing for a slice firm of their bureau's, columns h."""
        count = len(self._at)
        found = np.zeros((count, count))
        weights = self._sliced.weights()[np.ix_(self._at, self._at)]
        chance = np.stack([1 - self._topped.up, self._topped.up], axis=1)[self._at]
        mean = (self._mean * chance[:, None, :]).sum(axis=2)
        other = (self._other * chance[:, None, :]).sum(axis=2)
        low = self._sliced.low[self._at]
        for v, w in np.ndindex(2, 2):
            found += weights[..., v, w] * (low + v)[:, None] * mean[None, :, w]
        same = self._at[:, None] == self._at[None, :]
        own = sum(
            _side(self._sliced, self._at, v) * (low + v) * other[:, v] for v in (0, 1)
        )  # the firm of the slice is not among the eligible of h
        return np.where(same, np.broadcast_to(own, found.shape), found)

    def _bureau(self, bureau: int, members: Cells) -> None:
        """All moments of a bureau's strata, and their products."""
        sized, table = self._sizes, self._sizes.strata.iloc[members]
        firms = int(sized.bureaus["firms"].iat[bureau])
        eligible, planned = table["eligible"].tolist(), table["planned"].tolist()
        own = [e - n for e, n in zip(eligible, planned, strict=True)]
        block = np.zeros((len(members),) * 2)
        for v, t in np.ndindex(2, 2):
            weight = float(_side(self._sliced, bureau, v) * _side(self._topped, bureau, t))
            if not weight:
                continue
            taken, more = int(self._sliced.low[bureau]) + v, int(self._topped.low[bureau]) + t
            inner = Rounding.of(shares(more, own, own))
            found = [
                [alone(firms, e, taken, n + int(low) + x) for x in (0, 1)]
                for e, n, low in zip(eligible, planned, inner.low, strict=True)
            ]
            self._keep(members, (v, t), weight, inner, found)
            block += weight * self._pairs(firms, taken, eligible, planned, inner, found)
        self._inside.append((members, block))

    def _keep(
        self,
        members: Cells,
        case: tuple[int, int],
        weight: float,
        inner: Rounding,
        found: list[list[Moments]],
    ) -> None:
        values = np.array(found).reshape(len(members), 2, 4)
        mixed = values[:, 0] * (1 - inner.up)[:, None] + values[:, 1] * inner.up[:, None]
        self._mean[(members, *case)] = mixed[:, 0]
        self.twice[members] += weight * mixed[:, 1]
        self.with_slice[members] += weight * mixed[:, 2]
        self._other[(members, *case)] = mixed[:, 3]

    @staticmethod
    def _pairs(
        firms: int,
        taken: int,
        eligible: list[int],
        planned: list[int],
        inner: Rounding,
        found: list[list[Moments]],
    ) -> Floats:
        """E[M_h M_g] within a bureau, given its slice and top-up."""
        means = np.array([[moment.drawn for moment in both] for both in found]).reshape(-1, 2)
        weights = inner.weights()
        product = np.einsum("hx,gy,hgxy->hg", means, means, weights)
        low = inner.low.astype(int).tolist()
        loose = [
            at for at, e in enumerate(eligible) if runs_out(e, taken, planned[at] + low[at] + 1)
        ]
        for first, h in enumerate(loose):
            for g in loose[first + 1 :]:
                value = sum(
                    weights[h, g, x, y] * together(
                        firms, taken, (eligible[h], eligible[g]),
                        (planned[h] + low[h] + x, planned[g] + low[g] + y),
                    )
                    for x, y in np.ndindex(2, 2) if weights[h, g, x, y] > 0
                )  # fmt: skip
                product[h, g] = product[g, h] = value
        return product


def _side(rounding: Rounding, at: int | Cells, more: int) -> Floats:
    """The chance of a part to be rounded down (0) or up (1)."""
    up = rounding.up[at]
    return np.asarray(up if more else 1 - up)

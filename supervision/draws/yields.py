"""What the strata of a batch give by plan and top-up, on average and two at a time.

The numbers of a stratum move with three roundings, the bureau's slice, the bureau's top-up and its
own part of that, and with what the slice takes of its firms (`moments`). Sums over these.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from supervision.draws.moments import Floats, Moments, alone, runs_out, together
from supervision.draws.rounding import Rounding
from supervision.draws.sizes import Sizes
from supervision.draws.spread import shares

Places = NDArray[np.intp]


class Drawn:
    """What the strata give by plan and top-up, on average and in pairs.

    Index v says whether the bureau's slice is rounded up, t whether its top-up is; a stratum's own
    top-up is rounded by another spread within (v, t).
    """

    def __init__(self, sized: Sizes, at: Places, sliced: Rounding, topped: Rounding) -> None:
        self._at, self._sliced, self._topped = at, sliced, topped
        self._sizes = sized
        count = len(at)
        self._mean = np.zeros((count, 2, 2))
        self._other = np.zeros((count, 2, 2))
        self.twice, self.with_slice = np.zeros(count), np.zeros(count)
        self._inside: list[tuple[Places, Floats]] = []
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
            self._sliced.side(v)[self._at] * (low + v) * other[:, v] for v in (0, 1)
        )  # the firm of the slice is not among the eligible of h
        return np.where(same, np.broadcast_to(own, found.shape), found)

    def _bureau(self, bureau: int, members: Places) -> None:
        """All moments of a bureau's strata, and their products."""
        sized, table = self._sizes, self._sizes.strata.iloc[members]
        firms = int(sized.bureaus["firms"].to_numpy()[bureau])
        eligible, planned = table["eligible"].tolist(), table["planned"].tolist()
        own = [e - n for e, n in zip(eligible, planned, strict=True)]
        block = np.zeros((len(members),) * 2)
        for v, t in np.ndindex(2, 2):
            weight = float(self._sliced.side(v)[bureau] * self._topped.side(t)[bureau])
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
        members: Places,
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
            at
            for at, e in enumerate(eligible)
            if runs_out(firms, e, taken, planned[at] + low[at] + 1)
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
        return np.asarray(product)

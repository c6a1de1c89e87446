"""Parts of a total rounded by one `spread`: alone, and two at a time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import accumulate
from math import floor

import numpy as np

from supervision.draws.moments import Floats


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
        ends = list(accumulate(parts))
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

    def side(self, more: int) -> Floats:
        """The chance of each part to be rounded down (0) or up (1)."""
        return self.up if more else 1 - self.up

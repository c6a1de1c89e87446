"""What a stratum gives on average, alone and with another, when the slice may have taken its firms.

Of a bureau's N firms v are in the slice; K of the E eligible firms of a stratum are among them
(hypergeometric), and M = min(m, E - K) of the others are drawn. As long as m <= E - min(E, v) the
stratum cannot run out, M is m, and all is closed; else the few possible K are summed over.
Floats: these are for variances, not for the proof.
"""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


class Moments(NamedTuple):
    """`drawn` E[M], `twice` E[M (M - 1)], `both` E[K M], and `other` E[M | a given firm, not among
    the E, is in the slice]."""

    drawn: float
    twice: float
    both: float
    other: float


def runs_out(firms: int, eligible: int, sliced: int, visits: int) -> bool:
    """Whether fewer than `visits` may be left, with a chance that a float can tell."""
    return visits > eligible - min(eligible, sliced) and visits > eligible - int(
        _taken(firms, eligible, sliced)[0][-1]
    )


def alone(firms: int, eligible: int, sliced: int, visits: int) -> Moments:
    """The moments of one stratum."""
    if not runs_out(firms, eligible, sliced, visits):
        m = float(visits)
        return Moments(m, m * (m - 1), m * eligible * sliced / firms if firms else 0.0, m)
    k, chance = _taken(firms, eligible, sliced)
    left = np.minimum(visits, eligible - k)
    other = float(visits)
    if sliced and firms > eligible:
        less, chance_less = _taken(firms - 1, eligible, sliced - 1)
        other = float(chance_less @ np.minimum(visits, eligible - less))
    return Moments(
        float(chance @ left), float(chance @ (left * (left - 1))), float(chance @ (k * left)), other
    )  # fmt: skip


def together(firms: int, sliced: int, eligible: tuple[int, int], visits: tuple[int, int]) -> float:
    """E[M M'] of two strata of a bureau."""
    (one, two), (m, n) = eligible, visits
    logs = _log_factorials(firms)
    k, l_ = np.meshgrid(*(_taken(firms, size, sliced)[0] for size in eligible), indexing="ij")
    rest, taken = firms - one - two, sliced - k - l_
    possible = (taken >= 0) & (taken <= rest)
    k, l_, taken = k[possible], l_[possible], taken[possible]
    chance = np.exp(
        _choose(logs, one, k) + _choose(logs, two, l_) + _choose(logs, rest, taken)
        - _choose(logs, firms, np.asarray(sliced))
    )  # fmt: skip
    return float(chance @ (np.minimum(m, one - k) * np.minimum(n, two - l_)))


@lru_cache(maxsize=4096)
def _taken(firms: int, eligible: int, sliced: int) -> tuple[NDArray[np.int64], Floats]:
    """The possible K and their chances, without what is too rare for a float to tell."""
    logs = _log_factorials(firms)
    k = np.arange(max(0, eligible + sliced - firms), min(eligible, sliced) + 1)
    chance = np.exp(
        _choose(logs, eligible, k) + _choose(logs, firms - eligible, sliced - k)
        - _choose(logs, firms, np.asarray(sliced))
    )  # fmt: skip
    told = np.flatnonzero(chance > _RARE)
    return k[told[0] : told[-1] + 1], chance[told[0] : told[-1] + 1]


_RARE = 1e-18


def _choose(logs: Floats, total: int, parts: NDArray[np.int64]) -> Floats:
    return np.asarray(logs[total] - logs[parts] - logs[total - parts])


@lru_cache(maxsize=1)
def _table(size: int) -> Floats:
    return np.concatenate([[0.0], np.log(np.arange(1, size + 1, dtype=np.float64)).cumsum()])


def _log_factorials(firms: int) -> Floats:
    """log n! up to the number of firms, in tables of a few sizes."""
    return _table(1 << max(10, firms.bit_length()))

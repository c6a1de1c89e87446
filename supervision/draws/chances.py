"""Each firm's chance of a visit, exactly, from the sizes alone.

A bureau's slice is S_b of its N_b firms; S_b is S N_b / N rounded down or up so that its mean is
exact. Of a stratum's E eligible firms K are in the slice (hypergeometric), and of the others the
m smallest tickets are in, or all if they are fewer: m = n + T, the plan and the top-up. All
eligible firms of a stratum are alike, so

    slice_probability       s = S / N
    wanted_probability      E[min(wanted, E - K)] / E
    plan_probability        p = E[min(n, E - K)] / E
    top_up_probability      t = E[min(n + T, E - K)] / E - p
    inclusion_probability   s + p + t; nobody is in by two ways

Where the stratum cannot run out, as nearly always, p is n / E and t is E[T] / E, so that the chance
of a top-up is the same for all firms that are not planned, of whatever class and bureau, unless a
bureau's capacity limits its part.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import comb, floor

import pandas as pd

from supervision.draws.sizes import Sizes

CHANCES = (
    "slice_probability",
    "wanted_probability",
    "plan_probability",
    "top_up_probability",
    "inclusion_probability",
)

_COUNTS = ("eligible", "wanted", "planned")

Mixed = Sequence[tuple[Fraction, int]]
"""A rounded number: (chance, value) of its one or two values."""


@dataclass(frozen=True)
class Stratum:
    """What the chances of a stratum follow from."""

    bureau_firms: int
    eligible: int
    wanted: int
    planned: int
    sliced: Mixed
    top_up: Mixed


def chances(sized: Sizes) -> pd.DataFrame:
    """The chances of an eligible firm, shape (strata, 5), columns `CHANCES`, as `sized.strata`.

    A firm that is not eligible has only the slice's; one that is barred has none.
    """
    s = Fraction(sized.slice, sized.firms) if sized.firms else Fraction(0)
    rows = []
    for stratum in strata(sized):
        wanted, planned, all_ = Fraction(0), Fraction(0), Fraction(0)
        if stratum.eligible:
            wanted = _mean(stratum, stratum.wanted) / stratum.eligible
            planned = _mean(stratum, stratum.planned) / stratum.eligible
            both = [chance * _mean(stratum, stratum.planned + t) for chance, t in stratum.top_up]
            all_ = sum(both, Fraction(0)) / stratum.eligible
        exact = (s, wanted, planned, all_ - planned, s + all_)
        rows.append([float(chance) for chance in exact])
    return pd.DataFrame(rows, columns=list(CHANCES), dtype="float64")


def strata(sized: Sizes) -> list[Stratum]:
    """The strata with their bureau's rounded slice and their rounded top-up."""
    bureaus = {
        row["bureau"]: (int(row["firms"]), rounded(part), rounded(more), int(row["spare"]))
        for row, part, more in zip(
            sized.bureaus.to_dict("records"), sized.slice_shares, sized.top_up_shares, strict=True
        )
    }
    listed = []
    for row in sized.strata.to_dict("records"):
        firms, sliced, more, spare = bureaus[row["bureau"]]
        own = int(row["eligible"] - row["planned"])
        top_up = [
            (chance * weight, value)
            for chance, places in more
            for weight, value in rounded(Fraction(places * own, spare or 1))
        ]
        eligible, wanted, planned = (int(row[name]) for name in _COUNTS)
        listed.append(Stratum(firms, eligible, wanted, planned, sliced, top_up))
    return listed


def rounded(part: Fraction) -> Mixed:
    """A part rounded down or up by `spread`."""
    low = floor(part)
    up = part - low
    return [(1 - up, low), (up, low + 1)] if up else [(Fraction(1), low)]


def short(firms: int, eligible: int, sliced: int, visits: int) -> Fraction:
    """E[max(0, visits - (eligible - K))]: by how many a stratum falls short, for a given slice.

    K of the eligible are in the slice of `sliced` of `firms`: hypergeometric. With c = eligible -
    visits it is E[max(0, K - c)] = E[K] - c + E[max(0, c - K)]; the shorter sum is taken.
    """
    c = eligible - visits
    low, high = max(0, eligible + sliced - firms), min(eligible, sliced)
    if c >= high:
        return Fraction(0)
    over = Fraction(eligible * sliced, firms) - c
    if c <= low:
        return over
    small, large = high, max(eligible, sliced)
    upper = high - c <= c - low
    first, last = (c + 1, high) if upper else (low, c - 1)
    ways, total = comb(large, first) * comb(firms - large, small - first), 0
    for k in range(first, last + 1):
        total += abs(k - c) * ways
        ways = ways * (large - k) * (small - k) // ((k + 1) * (firms - large - small + k + 1))
    tail = Fraction(total, comb(firms, small))
    return tail if upper else over + tail


def _mean(stratum: Stratum, visits: int) -> Fraction:
    """E[min(visits, E - K)], over the rounded slice."""
    if not visits:
        return Fraction(0)
    lost = (
        weight * short(stratum.bureau_firms, stratum.eligible, sliced, visits)
        for weight, sliced in stratum.sliced
    )
    return visits - sum(lost, Fraction(0))

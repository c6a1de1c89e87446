"""Long proofs of the draw, run by `make prove`: who tries seeds before committing gains nothing."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from scipy.stats import binomtest

from tests.a_seed_holder import VALUES, tries

pytestmark = pytest.mark.slow

TRIED = 10_000


def test_ten_thousand_sealed_seeds(tmp_path: Path, proved: Callable[[str, str, str], None]) -> None:
    chance, drawn = tries(tmp_path, TRIED)
    alone, expected, unknown = (drawn[name] for name in VALUES)
    what = f"{TRIED:,} sealed seeds tried to have one firm drawn, whose chance is {chance:.4f}"
    proved(
        f"{what}: without a public value, seeds that do it", f"{alone.sum():,}", "some: he could"
    )
    assert alone.any()
    for name, chosen in (("no value", alone), ("the value he expects", expected)):
        after = unknown[chosen]
        test = binomtest(int(after.sum()), len(after), chance)
        low, high = test.proportion_ci(0.99)
        proved(
            f"{what}: chosen under {name}, drawn once a value nobody knew joins",
            f"{after.mean():.4f}, 99 % interval {low:.4f} to {high:.4f}, p = {test.pvalue:.2f}",
            f"{chance:.4f}",
        )
        assert test.pvalue > 0.001

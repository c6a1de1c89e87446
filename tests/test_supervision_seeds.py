"""Trying sealed seeds before committing gains nothing once a value nobody knew joins."""

from __future__ import annotations

from pathlib import Path

from scipy.stats import binomtest

from tests.a_seed_holder import VALUES, tries


def test_trying_seeds_gains_nothing(tmp_path: Path) -> None:
    chance, drawn = tries(tmp_path, 300)
    alone, expected, unknown = (drawn[name] for name in VALUES)
    assert 0.1 < chance < 0.3
    assert alone.any()  # without a public value, a seed that favours the firm is soon found
    for chosen in (alone, expected):
        after = unknown[chosen]
        assert binomtest(int(after.sum()), len(after), chance).pvalue > 0.001

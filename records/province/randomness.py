"""Random numbers: a generator of its own for each name, so that one stream never shifts another."""

from __future__ import annotations

import zlib

import numpy as np

from records.province.arrays import Index, Reals


def generator(seed: int, name: str) -> np.random.Generator:
    """The generator of a name; the same seed and name, the same numbers."""
    return np.random.default_rng([seed, zlib.crc32(name.encode())])


def strike(rng: np.random.Generator, rate: Reals) -> Index:
    """Firms struck by a Poisson process, sorted, once for each event; `rate` of shape (n,)."""
    edges = np.cumsum(rate)
    total = edges[-1] if len(edges) else 0.0
    events = rng.random(rng.poisson(total)) * total
    hit: Index = np.searchsorted(edges, np.sort(events), side="right")
    hit[hit == len(rate)] -= 1  # a draw as large as the total
    return hit


def pick(shares: tuple[float, ...], size: int, rng: np.random.Generator) -> Index:
    """Positions, shape (size,), by shares that add up to 1."""
    edges = np.cumsum(shares)
    found: Index = np.searchsorted(edges, rng.random(size) * edges[-1], side="right")
    found[found == len(shares)] -= 1
    return found


def lognormal(middle: float, sigma: float, size: int, rng: np.random.Generator) -> Reals:
    """Lognormal numbers about a median, shape (size,)."""
    values: Reals = middle * np.exp(rng.normal(0, sigma, size))
    return values

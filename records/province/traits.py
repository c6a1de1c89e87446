"""What tells firms of one kind apart, and whom they belong to: heads, owners, markets."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from records.province.arrays import Flags, Index, Reals
from records.province.clock import NO_DAY, YEAR, Days
from records.province.parts import Population
from records.province.randomness import generator

MARKETS = ("上海证券交易所", "深圳证券交易所", "北京证券交易所", "全国股转系统", "区域性股权市场")
MARKET_SHARES = (0.03, 0.04, 0.03, 0.12, 0.18)  # of joint-stock companies; the rest is not listed
CURRENCIES = ("USD", "HKD", "EUR")  # of half the foreign firms
CURRENCY_SHARES = (0.3, 0.15, 0.05)
HIGH_TECH = 0.6  # share of inventing firms that are certified as high-tech
TERM_SHARE, TERMS = 0.35, (10, 20, 20, 30)  # share with a business term, and years of it
NEAR = 0.7  # share of shells' corporate owners that belong to the same network


@dataclass
class Traits:
    """Of every firm, shape (n,): `head` and `owner` are positions of the firm it is a branch of
    and of its corporate shareholder, −1 where there is none; `market` and `currency` positions in
    MARKETS and CURRENCIES or −1; `term` is the last day of the business term or NO_DAY and changes
    with time; `inventor` has intellectual property, `high_tech` is certified."""

    head: Index
    owner: Index
    market: Index
    currency: Index
    term: Days
    inventor: Flags
    high_tech: Flags


def traits(
    people: Population,
    kind: Index,
    industry: Index,
    established: Days,
    size: Reals,
    leader: Index,
    shell: Flags,
    seed: int,
) -> Traits:
    """Draw the traits of firms, each sort from a generator of its own; all of shape (n,)."""
    n, types = len(kind), np.array(list(people.types))
    company = np.char.startswith(types, "1")[kind] | np.char.startswith(types, "5")[kind]
    branch, foreign = (np.char.startswith(types, first)[kind] for first in ("2", "5"))
    market = _some(MARKET_SHARES, n, generator(seed, "traits:market"))
    currency = _some(CURRENCY_SHARES, n, generator(seed, "traits:currency"))
    rng = generator(seed, "traits:heads")
    head = np.where(branch, _older(established, company & ~shell, np.exp(size), rng), -1)
    owned = company & (generator(seed, "traits:owned").random(n) < people.holders.corporate)
    rng = generator(seed, "traits:owners")
    owner = _older(established, company & ~shell, np.exp(size), rng)
    near = shell & (rng.random(n) < NEAR) & (established[leader] < established) & company[leader]
    rng = generator(seed, "traits:terms")
    years = np.array(TERMS)[rng.integers(0, len(TERMS), n)]
    endless = rng.random(n) > TERM_SHARE
    rng = generator(seed, "traits:inventors")
    inventing = np.array([each.invention for each in people.industries])[industry]
    inventor = company & (rng.random(n) < inventing)
    return Traits(
        head=head,
        owner=np.where(owned, np.where(near, leader, owner), -1),
        market=np.where(types[kind] == "1200", market, -1),
        currency=np.where(foreign, currency, -1),
        term=np.where(endless, NO_DAY, established + years * YEAR),
        inventor=inventor,
        high_tech=inventor & (rng.random(n) < HIGH_TECH),
    )


def _some(shares: tuple[float, ...], n: int, rng: np.random.Generator) -> Index:
    """Positions by their shares, −1 for what the shares leave over."""
    edges = np.cumsum(shares)
    found = np.searchsorted(edges, rng.random(n), side="right")
    return np.where(found < len(shares), found, -1)


def _older(established: Days, chosen: Flags, weight: Reals, rng: np.random.Generator) -> Index:
    """For each firm one of the chosen that was established before it, by weight; −1 if none."""
    candidates = np.flatnonzero(chosen)
    candidates = candidates[np.argsort(established[candidates], kind="stable")]
    edges = np.r_[0.0, np.cumsum(weight[candidates])]
    older = np.searchsorted(established[candidates], established, side="left")
    at = np.searchsorted(edges, rng.random(len(established)) * edges[older], side="right") - 1
    found = candidates[np.minimum(at, np.maximum(older - 1, 0))] if len(candidates) else at
    return np.where(older > 0, found, -1)

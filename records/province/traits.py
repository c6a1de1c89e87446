"""What tells firms of one kind apart, and whom they belong to: heads, owners, markets."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from records.province.arrays import Flags, Index, Reals
from records.province.clock import NO_DAY, YEAR, Days
from records.province.parameters import Parameters
from records.province.randomness import generator

MARKETS = ("上海证券交易所", "深圳证券交易所", "北京证券交易所", "全国股转系统", "区域性股权市场")
LISTED, QUOTED = (0.3, 0.4, 0.3), (0.4, 0.6)  # shares among the three exchanges, and the others
CURRENCIES = ("USD", "HKD", "EUR")
CURRENCY_SHARES = (0.6, 0.3, 0.1)
TERMS = (10, 20, 20, 30)  # years of a business term


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
    parameters: Parameters,
    kind: Index,
    industry: Index,
    established: Days,
    size: Reals,
    leader: Index,
    shell: Flags,
    seed: int,
) -> Traits:
    """Draw the traits of firms, each sort from a generator of its own; all of shape (n,)."""
    people, numbers = parameters.population, parameters.contents.traits
    n, types = len(kind), np.array(list(people.types))
    company = np.char.startswith(types, "1")[kind] | np.char.startswith(types, "5")[kind]
    branch, foreign = (np.char.startswith(types, first)[kind] for first in ("2", "5"))
    markets = [*(numbers.listed * s for s in LISTED), *(numbers.quoted * s for s in QUOTED)]
    market = _some(markets, n, generator(seed, "traits:market"))
    currencies = [numbers.foreign_currency * share for share in CURRENCY_SHARES]
    currency = _some(currencies, n, generator(seed, "traits:currency"))
    rng = generator(seed, "traits:heads")
    head = np.where(branch, _older(established, company & ~shell, np.exp(size), rng), -1)
    owned = company & (generator(seed, "traits:owned").random(n) < people.holders.corporate)
    rng = generator(seed, "traits:owners")
    owner = _older(established, company & ~shell, np.exp(size), rng)
    near = (
        shell
        & (rng.random(n) < numbers.near)
        & (established[leader] < established)
        & company[leader]
    )
    rng = generator(seed, "traits:terms")
    years = np.array(TERMS)[rng.integers(0, len(TERMS), n)]
    endless = rng.random(n) > numbers.terms
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
        high_tech=inventor & (rng.random(n) < numbers.high_tech),
    )


def _some(shares: list[float], n: int, rng: np.random.Generator) -> Index:
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

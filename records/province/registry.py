"""Who is registered: every firm's kind, place, size and age, and the people firms share."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from records.province.arrays import Flags, Index, Reals
from records.province.clock import YEAR, Calendar, Days
from records.province.names import PICKS, codes, counties
from records.province.parameters import Parameters
from records.province.parts import Industry, Population, Shells
from records.province.traits import Traits, traits

GRADE_ONLY = ("9500", "9100")
OUT_OF_SCOPE = ("7200",)
COMPANIES = ("1", "34", "45", "5")


@dataclass
class Firms:
    """Every firm ever registered, position by position; arrays of shape (n,).

    `name`, `rep`, `address` and `capital` change with time, everything else stays. `network` is
    -1 for firms that share nobody; `size` is the logarithm of the staff; `established` is a day;
    `name` says which letters, `first_name` which it began with; `kind` and `industry` are positions
    in `types` and `trades`; `hosts` is the range of address numbers that are incubators.
    """

    types: tuple[str, ...]
    trades: tuple[Industry, ...]
    codes: pa.Array
    kind: Index
    industry: Index
    county: Index
    size: Reals
    established: Days
    network: Index
    shell: Flags
    agent: Index
    rep: Index
    address: Index
    hosts: range
    name: Index
    first_name: Index
    capital: Index
    new_economy: Flags
    in_scope: Flags
    traits: Traits

    def __len__(self) -> int:
        return len(self.kind)

    def of_type(self, *beginnings: str) -> Flags:
        """Which firms' type code begins so."""
        return np.array([code.startswith(beginnings) for code in self.types])[self.kind]

    @property
    def company(self) -> Flags:
        """Firms with shareholders and officers."""
        return self.of_type(*COMPANIES)


def register(
    parameters: Parameters, calendar: Calendar, n: int, rng: np.random.Generator, seed: int
) -> Firms:
    """Invent `n` firms: those that exist at the start and those born later."""
    people, places = parameters.population, counties()
    types = tuple(people.types)
    kind = rng.choice(len(types), n, p=list(people.types.values()))
    industry = rng.choice(len(people.industries), n, p=[i.share for i in people.industries])
    county = rng.choice(len(places), n, p=places.weight)
    established = _established(people, calendar, n, rng)
    size = np.where(np.isin(kind, _at(types, GRADE_ONLY)), 0.7, 1.8) + rng.normal(0, 0.9, n)
    network, shell = _networks(people, n, rng)
    leader = _leaders(network)
    county = county[leader]
    sudden = shell & (rng.random(n) < people.shells.sudden)[leader]
    established = _set_up(people.shells, calendar, established, leader, shell, sudden, rng)
    capital = np.exp(rng.normal(4.5, 1.2, n) + 0.4 * size).round() * 10_000 * 100
    name = rng.integers(0, PICKS, n)
    own = traits(parameters, kind, industry, established, size, leader, shell, seed)
    industry = np.where(own.head >= 0, industry[own.head], industry)
    return Firms(
        types=types,
        trades=people.industries,
        codes=codes(types, kind, county, n, rng),
        kind=kind,
        industry=industry,
        county=county,
        size=size,
        established=established,
        network=network,
        shell=shell,
        agent=_agents(people, network, shell, rng),
        rep=_shared(network, np.where(shell, 5, 99), leader, rng),
        address=_addresses(people, network, shell, sudden, leader, rng),
        hosts=range(n, n + _hosts(people, n)),
        name=name,
        first_name=name.copy(),
        capital=capital.astype(np.int64),
        new_economy=rng.random(n) < people.new_economy_share,
        in_scope=~np.isin(kind, _at(types, GRADE_ONLY + OUT_OF_SCOPE)),
        traits=own,
    )


def _at(vocabulary: tuple[str, ...], wanted: tuple[str, ...]) -> list[int]:
    return [position for position, word in enumerate(vocabulary) if word in wanted]


def _established(people: Population, calendar: Calendar, n: int, rng: np.random.Generator) -> Days:
    """Days of establishment; a share is born during the records, evenly."""
    first, last = calendar.start[0], calendar.start[calendar.end]
    born = rng.random(n) < people.births_per_year * (calendar.end / 12)
    age = rng.exponential(people.median_age_years / np.log(2) * YEAR, n)
    old = first - 30 - np.minimum(age, 40 * YEAR).astype(np.int64)
    return np.where(born, rng.integers(first, last - 30, n), old)


def _set_up(
    shells: Shells,
    calendar: Calendar,
    established: Days,
    leader: Index,
    shell: Flags,
    sudden: Flags,
    rng: np.random.Generator,
) -> Days:
    """A shell network is set up within a year or so of its first firm; some within weeks, and
    those during the records."""
    n, late = len(established), calendar.start[calendar.end] - 30
    lately = rng.integers(calendar.start[0], late - 60, n)
    first = np.where(sudden, lately, established)[leader]
    span = np.where(sudden, int(shells.sudden_days), 400)
    together = first + rng.integers(0, span)
    return np.where(shell, np.minimum(together, late), established)


def _networks(people: Population, n: int, rng: np.random.Generator) -> tuple[Index, Flags]:
    """Network numbers (-1: none), shells first, and which firms belong to shell networks."""
    network, shell = np.full(n, -1, dtype=np.int64), np.zeros(n, dtype=bool)
    order = rng.permutation(n)
    shells, families = int(n * people.shells.share), int(n * people.families.share)
    of_shells = _groups(shells, people.shells.mean_size, rng)
    of_families = _groups(families, people.families.mean_size, rng)
    shell[order[:shells]] = True
    network[order[:shells]] = of_shells
    network[order[shells : shells + families]] = of_families + of_shells.max(initial=-1) + 1
    return network, shell


def _groups(size: int, mean: float, rng: np.random.Generator) -> Index:
    """Group numbers of `size` members, groups of about `mean`, at least two."""
    sizes = 2 + rng.geometric(1 / (mean - 1), size=size // 2 + 1) - 1
    return np.repeat(np.arange(len(sizes)), sizes)[:size]


def _leaders(network: Index) -> Index:
    """The first firm of each firm's network; itself where there is none."""
    everyone = np.arange(len(network))
    _, first, inverse = np.unique(
        np.where(network < 0, -1 - everyone, network), return_index=True, return_inverse=True
    )
    return first[inverse]


def _shared(network: Index, sharing: Index, leader: Index, rng: np.random.Generator) -> Index:
    """People (or addresses): members of a network share them, about `sharing` firms to one."""
    everyone = np.arange(len(network))
    heads = np.where(rng.random(len(network)) < 1 / sharing, everyone, leader)
    return np.where(network < 0, everyone, heads)


def _addresses(
    people: Population,
    network: Index,
    shell: Flags,
    sudden: Flags,
    leader: Index,
    rng: np.random.Generator,
) -> Index:
    """Address numbers: shells share theirs, families do not, incubators host strangers."""
    n = len(network)
    sharing = np.where(sudden, n, 8)  # what is set up within weeks has one address
    shared = _shared(np.where(shell, network, -1), sharing, leader, rng)
    hosted = ~shell & (rng.random(n) < people.hosted.share)
    return np.where(hosted, n + rng.integers(0, _hosts(people, n), n), shared)


def _hosts(people: Population, n: int) -> int:
    return max(1, int(n * people.hosted.share / people.hosted.mean_size))


def _agents(people: Population, network: Index, shell: Flags, rng: np.random.Generator) -> Index:
    n = len(network)
    agents = max(3, int(n / people.agents.firms_each))
    own = rng.integers(0, agents, n)
    return np.where(shell, network % max(1, agents // 10), own)

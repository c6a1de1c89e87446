"""The days of a pair: visits that lie together are made together, with the way there estimated.

Nobody has coordinates; an address tells county, street and house. So a distance is one of five
numbers of configuration, by what two places share. In such distances an order that keeps together
what lies together is as short as any, so visits go by place: city, county, street, house. A day
begins and ends at the office of the pair's first unit, and is full when the next visit would not
be over in time.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Annotated, NamedTuple, Self

import pandas as pd
from pydantic import Field

from supervision.fieldwork.addresses import Place, place
from supervision.fieldwork.configured import read
from supervision.fieldwork.standing import Entry

ROUTE = ("pair", "day", "stop", "km")

ON_SITE = "on_site"

Km = Annotated[float, Field(ge=0, allow_inf_nan=False)]
_Positive = Annotated[float, Field(gt=0, allow_inf_nan=False)]


class Distances(Entry):
    """Kilometres between two places that share no more than what the name says."""

    same_building: Km
    same_street: Km
    same_county: Km
    same_city: Km
    elsewhere: Km


class Travel(Entry):
    """What is assumed of a pair's way and day; every number is configuration."""

    km: Distances
    minutes_a_visit: _Positive
    km_per_hour: _Positive
    hours_a_day: _Positive

    @classmethod
    def from_yaml(cls, text: str) -> Self:
        """Read the settings; `PlanError` names the entry that is wrong."""
        return read(cls, text, "travel")

    def between(self, one: Place, other: Place) -> float:
        """Estimated kilometres from one place to another."""
        if one.city != other.city or len(one.city) < 4:
            return self.km.elsewhere
        if one.division != other.division or len(one.division) < 6:
            return self.km.same_city
        if not one.street or one.street != other.street:
            return self.km.same_county
        return self.km.same_building if one.house == other.house else self.km.same_street

    def hours(self, km: float, visits: int) -> float:
        """How long so many visits and kilometres take."""
        return km / self.km_per_hour + visits * self.minutes_a_visit / 60


class Stop(NamedTuple):
    """A visit on its day (from 1): which of the day's, and kilometres from where one was."""

    day: int
    stop: int
    km: float


def routes(visits: pd.DataFrame, units: dict[str, str], travel: Travel) -> pd.DataFrame:
    """Put each pair's visits on site into days.

    Parameters
    ----------
    visits : `entity_id`, `division`, `address`, `method`, `inspector_1`, `inspector_2`.
    units : the unit of each inspector; a day starts at that of the pair's first by id.

    Returns
    -------
    Frame of shape (visits, 4), columns `ROUTE`, in the order of `visits`: `pair` (the two ids,
    sorted, with +), day and stop from 1, and kilometres from the stop before. `day` to `km` are
    null for what is not done on site.
    """
    pairs, places = _pairs(visits), _places(visits)
    ids = visits["entity_id"].tolist()
    stops: list[tuple[int | None, int | None, float | None]] = [(None, None, None)] * len(visits)
    for name, ours in _by_pair(visits, pairs).items():
        order = sorted(ours, key=lambda at: (places[at], ids[at]))
        days = _days([places[at] for at in order], _office(units, name), travel)
        for at, stop in zip(order, days, strict=True):
            stops[at] = stop
    frame = pd.DataFrame(stops, columns=list(ROUTE[1:]), index=visits.index)
    frame.insert(0, "pair", pairs)
    return frame.astype({"pair": "str", "day": "Int64", "stop": "Int64", "km": "Float64"})


def compared(visits: pd.DataFrame, units: dict[str, str], travel: Travel) -> pd.DataFrame:
    """What grouping by place saves each pair, beside the order in which visits were drawn.

    Returns
    -------
    A row a pair: `pair`, `visits` (on site), `km`, `days`, `km_as_drawn`, `days_as_drawn`; the
    way back to the office counts. `visits` needs `ticket` besides what `routes` needs.
    """
    pairs, places, tickets = _pairs(visits), _places(visits), visits["ticket"].tolist()
    rows = []
    for name, ours in _by_pair(visits, pairs).items():
        drawn = [places[at] for at in sorted(ours, key=lambda at: tickets[at])]
        sums = [_sum(order, _office(units, name), travel) for order in (sorted(drawn), drawn)]
        rows.append((name, len(ours), *sums[0], *sums[1]))
    return pd.DataFrame(
        rows, columns=["pair", "visits", "km", "days", "km_as_drawn", "days_as_drawn"]
    )


def _pairs(visits: pd.DataFrame) -> list[str]:
    both = zip(visits["inspector_1"].tolist(), visits["inspector_2"].tolist(), strict=True)
    return ["+".join(sorted(map(str, pair))) for pair in both]


def _by_pair(visits: pd.DataFrame, pairs: Sequence[str]) -> dict[str, list[int]]:
    """Where each pair's visits on site stand; a pair without any has none."""
    ours: dict[str, list[int]] = {name: [] for name in sorted(set(pairs))}
    for at, (name, method) in enumerate(zip(pairs, visits["method"].tolist(), strict=True)):
        if method == ON_SITE:
            ours[name].append(at)
    return ours


def _places(visits: pd.DataFrame) -> list[Place]:
    both = zip(visits["division"].tolist(), visits["address"].tolist(), strict=True)
    return [
        place(str(division), address if isinstance(address, str) else None)
        for division, address in both
    ]


def _office(units: dict[str, str], pair: str) -> Place:
    return Place(units.get(pair.partition("+")[0], "")[:6])


def _days(places: Sequence[Place], office: Place, travel: Travel) -> list[Stop]:
    """The stops of an order of places: a new day wherever the one before is full."""
    stops: list[Stop] = []
    at, driven = office, 0.0
    for here in places:
        way = travel.between(at, here)
        full = travel.hours(
            driven + way + travel.between(here, office), stops[-1].stop + 1 if stops else 1
        )
        if stops and full <= travel.hours_a_day:
            stops.append(Stop(stops[-1].day, stops[-1].stop + 1, way))
            driven += way
        else:
            driven = travel.between(office, here)
            stops.append(Stop(stops[-1].day + 1 if stops else 1, 1, driven))
        at = here
    return stops


def _sum(places: Sequence[Place], office: Place, travel: Travel) -> tuple[float, int]:
    """Kilometres with the ways back, and days."""
    stops = _days(places, office, travel)
    last = [one.day != after.day for one, after in pairwise(stops)] + [True] * bool(stops)
    ends = [here for here, ending in zip(places, last, strict=True) if ending]
    back = sum(travel.between(here, office) for here in ends)
    return sum(stop.km for stop in stops) + back, len(ends)

"""What records say once something has happened, as pydantic checks it: shares, spans, sums.

What each number means stands beside it in `province.yaml`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from records.province.rates import Part, Positive, Share, Spread
from records.schema import TABLES

Span = tuple[Positive, Positive]  # from, to
Count = Annotated[int, Field(ge=1)]


@dataclass(frozen=True)
class Known:
    """Refuses shares of words that a column does not have, and those that do not add up.

    `rest` : shares may leave something over, for which there is no word.
    """

    table: str
    column: str
    rest: bool = False

    def __call__(self, shares: dict[str, float]) -> dict[str, float]:
        allowed = TABLES[self.table].by_name[self.column].allowed
        if unknown := shares.keys() - set(allowed):
            raise ValueError(f"{', '.join(sorted(unknown))}: not among {', '.join(allowed)}")
        total = sum(shares.values())
        if total > 1 + 1e-6 or (not self.rest and total < 1 - 1e-6):
            raise ValueError(f"adds up to {total:g}, {'to more than' if self.rest else 'not to'} 1")
        return shares


Authorities = Annotated[dict[str, Share], AfterValidator(Known("penalties", "authority_field"))]
Penalised = Annotated[dict[str, Share], AfterValidator(Known("penalties", "penalty"))]
Devices = Annotated[dict[str, Share], AfterValidator(Known("special_equipment", "kind"))]
States = Annotated[dict[str, Share], AfterValidator(Known("special_equipment", "status"))]
Rights = Annotated[dict[str, Share], AfterValidator(Known("ip_pledges", "kind"))]
Freezes = Annotated[dict[str, Share], AfterValidator(Known("equity_freezes", "state", rest=True))]
Notices = Annotated[dict[str, Share], AfterValidator(Known("liquidations", "kind", rest=True))]
Ended = Annotated[dict[str, Share], AfterValidator(Known("liquidations", "kind"))]
Feelings = Annotated[dict[str, Share], AfterValidator(Known("media_items", "sentiment"))]
Performed = Annotated[dict[str, Share], AfterValidator(Known("court_records", "performance"))]


class Listings(Part):
    removed: Share
    removal_days: Positive
    repaired: Share
    serious_years: Count
    serious_early: Share


class Penalties(Part):
    fields: Authorities
    kinds: Penalised
    fine: Positive
    small: Positive
    usual: Share
    repaired: Share


class Complaints(Part):
    reports: Share
    mediated: Share
    pending_first: Share
    settled_days: Annotated[int, Field(gt=6)]
    again: Share
    hands: Count
    placed: Share
    amount: Positive


class Courts(Part):
    amount: Positive
    third_party: Share
    limited: Share
    performed: Performed
    default_days: Positive


class Licences(Part):
    second: Share
    given_up: Share


class Equipment(Part):
    kinds: Devices
    states: States
    injured: Positive


class Goods(Part):
    own_make: Share
    recalled: Positive


class Held(Part):
    share: Share
    mean: Positive


class Fields(Part):
    valid_years: Count
    late_days: Positive
    trademarks: Held
    patents: Held
    software: Held
    grows: Share


class Pledges(Part):
    creditors: Count
    days: Positive
    cancelled: Share
    rights: Rights
    mortgage: Positive
    freeze_years: Count
    freezes: Freezes


class Ends(Part):
    notices: Notices
    insolvencies: Ended
    suspended_days: Positive
    insolvent_days: Positive
    ended: Share
    followed: Share
    barred_years: Count


class Media(Part):
    unnamed: Share
    others: Feelings
    known_days: Positive


class Signals(Part):
    years: Count
    social: Positive
    taxes: Positive
    wages: Positive
    utilities: Positive


class Evaluations(Part):
    sees: float
    lasting: float
    passing: float
    tax: dict[Literal["A", "B", "C", "D"], Share]
    told: Share
    traders: Share
    rated: Share
    kept: Share


class Reports(Part):
    silent: Share
    caught_up: Share
    amended_again: Share
    margin: tuple[float, Spread]
    margin_slope: float
    debt: tuple[float, Spread]
    debt_slope: float
    premium: Positive


class Holders(Part):
    by_agent: Share
    paid_in_full: Share
    managers: Share


class Filings(Part):
    prolonged_years: Count
    given_up: Share
    sold_days: Span
    jump: Span
    cut: Span
    cuts: Share


class Traits(Part):
    listed: Share
    quoted: Share
    foreign_currency: Share
    terms: Share
    high_tech: Share
    near: Share


class Contents(Part):
    listings: Listings
    penalties: Penalties
    complaints: Complaints
    courts: Courts
    licences: Licences
    equipment: Equipment
    goods: Goods
    fields: Fields
    pledges: Pledges
    endings: Ends
    media: Media
    signals: Signals
    evaluations: Evaluations
    reports: Reports
    holders: Holders
    filings: Filings
    traits: Traits

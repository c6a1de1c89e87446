"""How often things happen and how likely they are, as pydantic checks a province's numbers.

What each number means stands beside it in `province.yaml`.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

Share = Annotated[float, Field(ge=0, le=1)]
Positive = Annotated[float, Field(gt=0)]
Spread = Annotated[float, Field(ge=0)]  # a standard deviation


class Part(BaseModel):
    """A group of parameters: nothing unknown, nothing changed."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Stream(Part):
    """Events of a firm and year at mean risk, and what their number grows with."""

    per_year: float = Field(ge=0)
    slope: float
    spread: Spread
    size: float


class Streams(Part):
    penalties: Stream
    serious_listings: Stream
    complaints: Stream
    samples: Stream
    recalls: Stream
    accidents: Stream
    findings: Stream
    certificates: Stream
    lawsuits: Stream
    defaulters: Stream
    consumption_limits: Stream
    equity_pledges: Stream
    ip_pledges: Stream
    chattel_mortgages: Stream
    equity_freezes: Stream
    suspensions: Stream
    insolvencies: Stream
    media: Stream
    honours: Stream
    commitments: Stream
    broken_commitments: Stream
    social_arrears: Stream
    tax_arrears: Stream
    wage_arrears: Stream
    utility_arrears: Stream
    association: Stream
    platform: Stream
    national: Stream
    legal_rep: Stream
    address: Stream
    name: Stream
    scope: Stream
    capital: Stream
    equity: Stream


class Chance(Part):
    """A chance at mean risk, its growth with risk, and lasting differences that are not risk."""

    at_mean: float = Field(gt=0, lt=1)
    slope: float
    spread: Spread = 0.0


class Chances(Part):
    report_missing: Chance
    report_late: Chance
    report_zero: Chance
    report_amended: Chance
    insurance_unpaid: Chance
    guarantees: Chance
    nothing_paid_in: Chance
    capital_jumps: Chance
    term_lapses: Chance
    licence_lapses: Chance
    sample_fails: Chance
    check_overdue: Chance
    hazards: Chance
    confirmed: Chance
    mediation_fails: Chance
    defendant: Chance
    negative_media: Chance
    unreachable: Chance

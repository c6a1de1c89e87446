"""The parts of a province's parameters, as pydantic checks them.

What each number means stands beside it in `province.yaml`.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from records.province.rates import Part, Positive, Share, Spread

GroupSize = Annotated[float, Field(ge=2)]  # a group has two members at least
Tier = Literal["A", "B", "C", "D"]
Listed = Literal["abnormal", "serious", "defaulter"]
Method = Literal[
    "on_site", "written", "department_opinion", "laboratory", "online", "entrusted"
]  # fmt: skip
Fate = Literal["deregistered", "revoked", "cancelled", "moved_out"]
Found = Literal[
    "problem_corrected", "not_published", "problem_pending", "false_information", "obstructed"
]
Month = Annotated[int, Field(ge=1, le=12)]


class Industry(Part):
    code: str
    noun: str
    share: Share
    risk: float
    consumer: Share = 0.0
    licence: Share = 0.0
    sample: Share = 0.0
    equipment: Share = 0.0
    invention: Share = 0.0


class Shells(Part):
    share: Share
    mean_size: GroupSize
    risk: float
    sudden: Share
    sudden_days: Positive
    sold: Share


class Families(Part):
    share: Share
    mean_size: GroupSize
    spread: Spread


class Hosted(Part):
    share: Share
    mean_size: Positive


class Agents(Part):
    firms_each: Positive
    spread: Spread


class Holders(Part):
    second: Share
    corporate: Share
    officers: Share


class Population(Part):
    births_per_year: Share
    median_age_years: Positive
    closures_per_year: Share
    closure_slope: float
    unregistered_close_days: Positive
    fates: dict[Fate, Share]
    shells: Shells
    families: Families
    hosted: Hosted
    agents: Agents
    holders: Holders
    new_economy_share: Share
    types: dict[str, Share]
    industries: tuple[Industry, ...]


class Outbreaks(Part):
    per_year: float = Field(ge=0)
    months: Positive
    risk: float


class Latent(Part):
    base: float
    permanent: Spread
    moving: Spread
    persistence: Share
    shared: Share
    head: Share
    county: Spread
    young: float
    young_years: Positive
    size: float
    mended: float
    listed: float
    outbreaks: Outbreaks


class Bursts(Part):
    per_year: Share
    mean_size: float = Field(ge=4)


class Drift(Part):
    months_before_end: int = Field(ge=0)
    rate: Positive
    slope: float


class Credit(Part):
    months: tuple[Month, ...]
    sees: float
    lasting: float
    passing: float
    listed: dict[Listed, float]
    curve: tuple[tuple[Share, int], ...]


class Inspectors(Part):
    each_county: int = Field(ge=2)
    firms_each: Positive


class After(Part):
    abnormal_unreachable: Share
    abnormal_published: Share
    penalty: Share


class Bureau(Part):
    slice_per_year: Share
    plan_per_year: dict[Tier, Share]
    targeted_per_year: Share
    complaint_pull: float
    lead_pull: float
    inspectors: Inspectors
    strictness: Share
    methods: dict[Method, Positive]
    plan_methods: dict[Tier, dict[Method, Share]]
    targeted_methods: dict[Method, Share]
    seen: dict[Tier, Positive]
    lead_effort: Positive
    results: dict[Found, Share]
    after: After


class Lateness(Part):
    median: Positive
    sigma: Positive
    quick: Positive


class Dirt(Part):
    wrong_check_digit: Share
    repairable_code: Share
    duplicate: Share
    future_date: Share
    unknown_result: Share
    missing_required: Share

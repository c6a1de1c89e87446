"""The province's parameters: read from YAML, checked, frozen.

`province.yaml` is the shipped set and says of each number where it comes from. Others may be
given from outside, so that methods can be tried on provinces whose settings nobody has seen.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal, Self, get_args

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from records.errors import BadDefinition, NotFound

Share = Annotated[float, Field(ge=0, le=1)]
Positive = Annotated[float, Field(gt=0)]
Spread = Annotated[float, Field(ge=0)]  # a standard deviation
GroupSize = Annotated[float, Field(ge=2)]  # a group has two members at least
Tier = Literal["A", "B", "C", "D"]
Listed = Literal["abnormal", "serious", "defaulter"]
Method = Literal["on_site", "written", "department_opinion", "laboratory", "online"]
Fate = Literal["deregistered", "revoked", "cancelled", "moved_out"]
Found = Literal[
    "problem_corrected", "not_published", "problem_pending", "false_information", "obstructed"
]

SHIPPED = Path(__file__).with_name("province.yaml")
START = f"start from a copy of {SHIPPED}"


class Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Industry(Part):
    code: str
    noun: str
    share: Share
    risk: float
    consumer: Share = 0.0
    licence: Share = 0.0
    sample: Share = 0.0
    equipment: Share = 0.0


class Shells(Part):
    share: Share
    mean_size: GroupSize
    risk: float


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
    new_economy_share: Share
    types: dict[str, Share]
    industries: tuple[Industry, ...]


class Latent(Part):
    base: float
    permanent: Spread
    moving: Spread
    persistence: Share
    shared: Share
    county: Spread
    young: float
    young_years: Positive
    size: float
    mended: float
    listed: float


class Stream(Part):
    per_year: float = Field(ge=0)
    slope: float
    spread: Spread
    size: float


class Streams(Part):
    penalties: Stream
    serious_listings: Stream
    complaints: Stream
    lawsuits: Stream
    defaulters: Stream
    samples: Stream
    field_records: Stream
    legal_rep: Stream
    address: Stream
    name: Stream
    scope: Stream
    capital: Stream
    equity: Stream


class Bursts(Part):
    per_year: Share
    mean_size: float = Field(ge=4)


class Chance(Part):
    at_mean: float = Field(gt=0, lt=1)
    slope: float


class Chances(Part):
    report_missing: Chance
    report_late: Chance
    report_zero: Chance
    licence_lapses: Chance
    sample_fails: Chance
    check_overdue: Chance
    confirmed: Chance
    unreachable: Chance


class Drift(Part):
    months_before_end: int = Field(ge=0)
    rate: Positive
    slope: float


class Credit(Part):
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


class Parameters(Part):
    """Everything that shapes a province but its size and seed."""

    history_years: int = Field(ge=0, le=10)
    history_coverage: Share
    population: Population
    latent: Latent
    streams: Streams
    bursts: Bursts
    complaints_without_firm: Share
    chances: Chances
    drift: Drift
    credit: Credit
    bureau: Bureau
    lateness: Lateness
    dirt: Dirt

    @model_validator(mode="after")
    def _shares_add_up(self) -> Self:
        people, bureau = self.population, self.bureau
        shares = {
            "population.fates": people.fates.values(),
            "population.types": people.types.values(),
            "population.industries": [industry.share for industry in people.industries],
            "bureau.targeted_methods": bureau.targeted_methods.values(),
            "bureau.results": bureau.results.values(),
        } | {f"bureau.plan_methods.{t}": m.values() for t, m in bureau.plan_methods.items()}
        for name, values in shares.items():
            if abs(sum(values) - 1) > 1e-6:
                raise ValueError(f"{name} adds up to {sum(values):g}, not to 1")
        if people.shells.share + people.families.share > 1:
            raise ValueError("population.shells and population.families hold more than all firms")
        return self

    @model_validator(mode="after")
    def _nothing_is_missing(self) -> Self:
        bureau, used = self.bureau, {"on_site", *self.bureau.targeted_methods}
        for name in ("plan_per_year", "plan_methods", "seen"):
            if absent := set(get_args(Tier)) - getattr(bureau, name).keys():
                raise ValueError(f"bureau.{name} has no {', '.join(sorted(absent))}")
        for shares in bureau.plan_methods.values():
            used |= shares.keys()
        if absent := used - bureau.methods.keys():
            raise ValueError(f"bureau.methods has no {', '.join(sorted(absent))}")
        share, score = zip(*self.credit.curve, strict=True) if self.credit.curve else ((), ())
        if list(share) != sorted(share) or list(score) != sorted(score) or len(share) < 2:
            raise ValueError("credit.curve needs two points or more that rise")
        return self

    @classmethod
    def load(cls, path: Path = SHIPPED) -> Parameters:
        """Parameters from a YAML file.

        Raises
        ------
        NotFound : there is no such file.
        BadDefinition : entries are missing, unknown or out of range; the message names each.
        """
        if not path.is_file():
            raise NotFound(f"no parameter file {path}", hint=START)
        try:
            return cls.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")))
        except (yaml.YAMLError, UnicodeDecodeError) as error:
            raise BadDefinition(f"{path} is not YAML", found=str(error), hint=START) from error
        except ValidationError as error:
            raise BadDefinition(f"{path}: {_faults(error)}", hint=START) from error


def _faults(error: ValidationError) -> str:
    """`latent.persistence: 1.5 — Input should be less than or equal to 1`, one a line."""
    lines = []
    for fault in error.errors():
        entry = ".".join(str(part) for part in fault["loc"])
        found = "" if fault["type"] in ("missing", "value_error") else f"{fault['input']!r:.80} — "
        said = found + fault["msg"].removeprefix("Value error, ")
        lines.append(f"{entry}: {said}" if entry else said)
    return "\n  ".join(lines)

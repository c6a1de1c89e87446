"""The province's parameters: read from YAML, checked, frozen.

`province.yaml` is the shipped set and says of each number where it comes from. Others may be
given from outside, so that methods can be tried on provinces whose settings nobody has seen.
"""

from __future__ import annotations

from pathlib import Path
from typing import Self, get_args

import yaml
from pydantic import Field, ValidationError, model_validator

from records.errors import BadDefinition, NotFound
from records.province.contents import Contents
from records.province.parts import (
    Bureau,
    Bursts,
    Credit,
    Dirt,
    Drift,
    Lateness,
    Latent,
    Population,
    Tier,
)
from records.province.rates import Chances, Part, Share, Streams

SHIPPED = Path(__file__).with_name("province.yaml")
START = f"start from a copy of {SHIPPED}"


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
    contents: Contents
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
            "contents.evaluations.tax": self.contents.evaluations.tax.values(),
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

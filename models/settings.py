"""What a model's folder says of training: outcome, fit, blocks of time, class cuts, gate."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, field_validator, model_validator

from features.indicator import Strict
from records.schema import RESULTS

Share = Annotated[float, Field(gt=0, lt=1)]
Band = tuple[float, float]
Factor = Literal["way", "method", "office", "inspector"]


class Outcome(Strict):
    """What an inspection must show to be a label; an empty `basket` takes every item.

    A visit with a `positive` result in the basket is positive, else one with a result of
    `censored` has no label, else one with a `negative` result is negative. `aside` names further
    outcomes, each a part of `positive`: they are counted and reported apart.
    """

    version: str = Field(pattern=r"^[0-9]+\.[0-9]+\.[0-9]+$")
    basket: list[str] = Field(default_factory=list)
    positive: list[str]
    negative: list[str]
    censored: list[str] = Field(default_factory=list)
    aside: dict[str, list[str]] = Field(default_factory=dict)
    as_of: Literal["class_run", "visit"] = "class_run"
    maturity_days: int = Field(default=60, ge=0)

    @field_validator("positive", "negative", "censored")
    @classmethod
    def _known_tokens(cls, tokens: list[str]) -> list[str]:
        for token in tokens:
            if token not in RESULTS:
                raise ValueError(f"{token!r} is no inspection result; those are {_told(RESULTS)}")
        return tokens

    @model_validator(mode="after")
    def _told_apart(self) -> Self:
        lists = [*self.positive, *self.negative, *self.censored]
        twice = sorted({token for token in lists if lists.count(token) > 1})
        if twice:
            raise ValueError(f"{_told(twice)} stands in two lists; a result means one thing")
        for name, tokens in self.aside.items():
            if outside := sorted(set(tokens) - set(self.positive)):
                raise ValueError(f"aside.{name}: {_told(outside)} is not among `positive`")
        return self


class Fit(Strict):
    """LightGBM's parameters; the depth is bounded so that reasons stay exact and quick."""

    rounds: int = Field(gt=0)
    learning_rate: float = Field(gt=0, le=1)
    num_leaves: int = Field(gt=1, le=64)
    max_depth: int = Field(gt=0, le=6)
    min_child_samples: int = Field(gt=0)
    lambda_l2: float = Field(ge=0)
    feature_fraction: float = Field(gt=0, le=1)


class Nuisance(Strict):
    """What says how a visit looked and nothing of the firm: fitted beside, averaged out.

    `items`: the number of inspected items of the basket counts too.
    """

    factors: tuple[Factor, ...] = ("way", "method", "office", "inspector")
    items: bool = True


class Blocks(Strict):
    """Blocks of time; the last `held_out` are predicted from earlier ones, less a gap.

    The last `judged` of these judge what was calibrated and tuned on those before.
    """

    count: int = Field(ge=3)
    held_out: int = Field(ge=2)
    judged: int = Field(default=1, ge=1)
    gap_days: int = Field(ge=0)

    @model_validator(mode="after")
    def _nested(self) -> Self:
        if not self.judged < self.held_out < self.count:
            raise ValueError("must be judged < held_out < count")
        return self


class Cuts(Strict):
    """Where the classes begin.

    `equal_risk`: at the problem rates that draws showed at the public `scores`; `share`: so that
    A–D hold `shares` of the firms; `capacity`: so that B, C and D hold at most so many firms;
    `fixed`: at given probabilities. `score` names the indicator that holds the public score; it
    must not be fitted. Where equal risk cannot be had, `shares` are used, and that is said; so
    too where a class would hold less than `least_share`.
    """

    method: Literal["equal_risk", "share", "capacity", "fixed"]
    score: str | None = None
    scores: tuple[int, int, int] = (790, 730, 670)
    shares: tuple[Share, Share, Share, Share]
    capacity: tuple[int, int, int] | None = None
    fixed: tuple[Share, Share, Share] | None = None
    least_share: float = Field(default=0.005, ge=0, lt=0.25)

    @model_validator(mode="after")
    def _told(self) -> Self:
        if abs(sum(self.shares) - 1) > 1e-6:
            raise ValueError(f"shares add up to {sum(self.shares):g}, not to 1")
        for name in ("capacity", "fixed"):
            if self.method == name and getattr(self, name) is None:
                raise ValueError(f"method {name} needs `{name}`")
        if self.fixed is not None and list(self.fixed) != sorted(set(self.fixed)):
            raise ValueError("fixed must rise from B to D")
        return self


class Gate(Strict):
    """What held-out draws must show before a version may be champion.

    `group_ratio`: the band of expected to observed problems in every group watched for fairness;
    a group is harmed only if its whole interval lies outside. `worse_by`: the loss of log-loss
    against the champion, on the same draws, that is let pass. `max_auc_alone`: an indicator that
    tells the outcome better than this by itself has most likely seen it.
    """

    min_positives: int = Field(ge=1)
    min_effective: float = Field(default=200, ge=0)
    min_auc: Share
    expected_over_observed: Band
    slope: Band
    group_ratio: Band = (0.7, 1.4)
    worse_by: float = Field(default=0.001, ge=0)
    max_auc_alone: Share = 0.85


def _told(tokens: list[str] | tuple[str, ...]) -> str:
    return ", ".join(tokens)

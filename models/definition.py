"""A model's folder, read: what it predicts, how it is fitted, how a class follows.

FOLDER/model.yaml        outcome, fit, blocks, cuts, gate
FOLDER/indicators.yaml   the catalogue
FOLDER/policy.yaml       the ladder from a model's class to the class
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from features.catalogue import Catalogue
from features.indicator import Words
from models.policy import Policy
from records import declarations
from records.errors import NotFound
from records.files import fingerprint

SHIPPED = Path(__file__).parent
FILES = ("model.yaml", "indicators.yaml", "policy.yaml")

Share = Annotated[float, Field(gt=0, lt=1)]
Band = tuple[float, float]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Outcome(_Strict):
    """What an inspection must show to be a label; an empty `basket` takes every item."""

    version: str
    basket: list[str] = []
    positive: list[str]
    negative: list[str]
    as_of: Literal["class_run", "visit"] = "class_run"
    maturity_days: int = Field(default=60, ge=0)


class Fit(_Strict):
    """LightGBM's parameters; the depth is bounded so that reasons stay exact and quick."""

    rounds: int = Field(gt=0)
    learning_rate: float = Field(gt=0, le=1)
    num_leaves: int = Field(gt=1, le=64)
    max_depth: int = Field(gt=0, le=6)
    min_child_samples: int = Field(gt=0)
    lambda_l2: float = Field(ge=0)
    feature_fraction: float = Field(gt=0, le=1)


class Blocks(_Strict):
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


class Cuts(_Strict):
    """Where the classes begin: equal risk at public scores, or fixed shares A–D.

    `score` names the indicator that holds the public score; it must not be fitted.
    """

    method: Literal["equal_risk", "share"]
    score: str | None = None
    scores: tuple[int, int, int] = (790, 730, 670)
    shares: tuple[Share, Share, Share, Share]


class Gate(_Strict):
    """What held-out draws must show before a version may be champion."""

    min_positives: int = Field(ge=1)
    min_auc: Share
    expected_over_observed: Band
    slope: Band


class ModelDefinition(_Strict):
    """A model, declared."""

    name: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    version: str = Field(pattern=r"^[0-9]+\.[0-9]+\.[0-9]+$")
    title: Words
    outcome: Outcome
    fit: Fit
    blocks: Blocks
    cuts: Cuts
    gate: Gate
    catalogue: Catalogue
    policy: Policy

    @property
    def hash(self) -> str:
        """SHA-256 of everything declared."""
        return fingerprint(self.model_dump(mode="json", by_alias=True))

    @property
    def fitted(self) -> list[str]:
        """Ids of the indicators the model is fitted on, in catalogue order."""
        return [indicator.id for indicator in self.catalogue.for_use("fit")]


def folder_of(model: str) -> Path:
    """The folder of a shipped model's name, or of a path to one's own."""
    path = Path(model)
    if path.is_dir():
        return path
    if not (SHIPPED / model / "model.yaml").is_file():
        shipped = (folder.parent.name for folder in SHIPPED.glob("*/model.yaml"))
        raise NotFound.among("model", model, shipped, hint="or give the path of a model's folder")
    return SHIPPED / model


def load(folder: Path) -> ModelDefinition:
    """Read and check a model's folder; an error names file, field, value and what is allowed."""
    for name in FILES:
        if not (folder / name).is_file():
            raise NotFound(
                f"{folder} has no {name}",
                allowed=", ".join(FILES),
                hint="copy models/general and change it",
            )
    catalogue = Catalogue.load(folder / "indicators.yaml")
    policy = declarations.read(folder / "policy.yaml", Policy)
    more = {"catalogue": catalogue, "policy": policy}
    definition = declarations.read(folder / "model.yaml", ModelDefinition, more)
    known = {indicator.id for indicator in catalogue.indicators}
    for indicator_id in policy.indicators():
        if indicator_id not in known:
            raise NotFound.among(
                "indicator",
                indicator_id,
                known,
                hint="policy.yaml names an indicator the catalogue lacks",
            )
    return definition

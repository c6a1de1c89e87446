"""A model's folder, read: what it predicts, how it is fitted, how a class follows.

FOLDER/model.yaml        outcome, fit, blocks, cuts, gate
FOLDER/indicators.yaml   the catalogue
FOLDER/policy.yaml       the ladder from a model's class to the class
"""

from __future__ import annotations

from functools import cached_property
from pathlib import Path

from pydantic import Field

from features.catalogue import Catalogue
from features.indicator import Strict, Words
from models.alike import Alike
from models.policy import Policy
from models.sayings import Sayings
from models.settings import Blocks, Cuts, Fit, Gate, Nuisance, Outcome
from records import declarations
from records.errors import NotFound
from records.files import fingerprint

SHIPPED = Path(__file__).parent
FILES = ("model.yaml", "indicators.yaml", "policy.yaml")


class ModelDefinition(Strict):
    """A model, declared."""

    name: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    version: str = Field(pattern=r"^[0-9]+\.[0-9]+\.[0-9]+$")
    title: Words
    outcome: Outcome
    fit: Fit
    nuisance: Nuisance = Nuisance()
    blocks: Blocks
    cuts: Cuts
    gate: Gate
    catalogue: Catalogue
    policy: Policy

    @property
    def hash(self) -> str:
        """SHA-256 of everything declared."""
        return fingerprint(self.model_dump(mode="json", by_alias=True))

    @cached_property
    def alike(self) -> Alike:
        """Which of the indicators can say one thing."""
        return Alike(self.catalogue)

    @cached_property
    def sayings(self) -> Sayings:
        """What its indicators say."""
        return Sayings(self.catalogue)

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

"""A model's folder, read: what it predicts, how it is fitted, how a class follows.

FOLDER/model.yaml        outcome, fit, blocks, cuts, gate
FOLDER/indicators.yaml   the catalogue
FOLDER/policy.yaml       the ladder from a model's class to the class
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml
from pydantic import Field, ValidationError

from features.catalogue import Catalogue
from features.indicator import Strict, Words
from models.policy import Policy
from models.settings import Blocks, Cuts, Fit, Gate, Nuisance, Outcome
from records.errors import BadDefinition, NotFound
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
    policy: Policy = _checked(Policy, folder / "policy.yaml", {})
    definition: ModelDefinition = _checked(
        ModelDefinition, folder / "model.yaml", {"catalogue": catalogue, "policy": policy}
    )
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


def _checked(kind: Any, path: Path, more: dict[str, Any]) -> Any:
    try:
        given = yaml.safe_load(path.read_text("utf-8"))
        return kind.model_validate({**given, **more})
    except (yaml.YAMLError, TypeError) as error:
        raise BadDefinition(f"{path.name} is not YAML of fields", found=str(error)) from error
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"]))
        raise BadDefinition(
            f"{path.name}, {where}: {first['msg']}", found=repr(first["input"])[:80]
        ) from error

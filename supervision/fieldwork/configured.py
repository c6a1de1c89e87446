"""Settings beside a plan (travel, letters, services), read from YAML and checked."""

from __future__ import annotations

from typing import TypeVar

import yaml
from pydantic import BaseModel, ValidationError

from supervision.errors import PlanError

Model = TypeVar("Model", bound=BaseModel)


def read(model: type[Model], text: str, name: str) -> Model:
    """Settings from the text of a YAML file.

    Raises
    ------
    PlanError : it is not YAML, or an entry is wrong, missing or unknown; `name` says of what.
    """
    try:
        data = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise PlanError(f"{name}: not YAML", found=str(error)) from None
    try:
        return model.model_validate(data)
    except ValidationError as error:
        fault = min(error.errors(), key=lambda fault: fault["type"] == "missing")
    where = ".".join(map(str, fault["loc"])) or "the file"
    if fault["type"] == "missing":
        raise PlanError(f"{name}: {where} is missing", hint="the shipped file has every entry")
    if fault["type"] == "extra_forbidden":
        raise PlanError(f"{name}: unknown entry {where}", hint="the shipped file has every entry")
    raise PlanError(f"{name}: {where}", found=repr(fault["input"]), allowed=fault["msg"])

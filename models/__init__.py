"""What a model is: its definition, the fitted classifier, the class policy, the ladder."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from models.classifier import RiskClassifier
    from models.definition import ModelDefinition
    from models.policy import Policy

_HOME = {
    "RiskClassifier": "models.classifier",
    "ModelDefinition": "models.definition",
    "Policy": "models.policy",
}

__all__ = ["ModelDefinition", "Policy", "RiskClassifier"]


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'models' has no attribute {name!r}")
    return getattr(import_module(_HOME[name]), name)

"""How a model is made: labels, blocks of time, fit, calibration, cuts, judgement, registry."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from training.flow import Trained, train
    from training.registry import fetch, register

_HOME = {
    "train": "training.flow",
    "Trained": "training.flow",
    "register": "training.registry",
    "fetch": "training.registry",
}

__all__ = ["Trained", "fetch", "register", "train"]


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'training' has no attribute {name!r}")
    return getattr(import_module(_HOME[name]), name)

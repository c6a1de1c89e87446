"""What a class is for: plans, draws and their proofs. Pure functions on data frames, no files.

>>> from supervision import PlanDefinition
>>> PlanDefinition.__module__
'supervision.plan'
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from supervision.drawing import draw
    from supervision.plan import PlanDefinition
    from supervision.proof import commitment, verify

__all__ = ["PlanDefinition", "commitment", "draw", "verify"]

_HOME = {"PlanDefinition": "plan", "commitment": "proof", "draw": "drawing", "verify": "proof"}


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOME[name]}"), name)

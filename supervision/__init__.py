"""What a class is for. Pure functions on data frames, no files; a step of the loop each:

plans       what a plan is
draws       whom it may visit, how many, who is drawn, and by whom they are visited
proofs      the commitment to all that decides a draw, and its recomputation by anybody
fieldwork   what a pair gets: tasks and days; letters; services and limits of a firm
returns     what comes back: results, deadlines, the table that supervisors sign
estimates   what results tell of all firms, and what the visits were worth
foresight   a year of a plan before anybody is visited

>>> from supervision import PlanDefinition
>>> PlanDefinition.__module__
'supervision.plans.plan'
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from supervision.draws.drawing import draw
    from supervision.plans.plan import PlanDefinition
    from supervision.proofs.proof import commitment, verify

__all__ = ["PlanDefinition", "commitment", "draw", "verify"]

_HOME = {
    "PlanDefinition": "plans.plan",
    "commitment": "proofs.proof",
    "draw": "draws.drawing",
    "verify": "proofs.proof",
}


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOME[name]}"), name)

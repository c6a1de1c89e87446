"""The runs over HTTP: which are there, which is served, how many firms each has in each class.

Whoever may read no class is told no more than the totals: where one firm stands alone in an
industry, a finer count would be its class.
"""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query

from serving.access.caller import Caller
from serving.results import loaded, results
from serving.store.database import reading
from serving.web.api import Allowed, UsesEngine
from serving.web.problems import Refused, responses
from serving.web.runshapes import RunDetail, RunsAnswer

v1 = APIRouter(prefix="/v1", responses=responses(401, 403, 422, 429), tags=["runs"])

RunId = Annotated[
    str, Path(pattern="^[0-9a-f]{64}$", description="SHA-256 of the run", examples=["5f0c" * 16])
]
Reader = Annotated[Caller, Depends(Allowed("run"))]


@v1.get("/runs", response_model=RunsAnswer)
def runs(
    engine: UsesEngine, caller: Reader, limit: Annotated[int, Query(ge=1, le=500)] = 100
) -> dict[str, Any]:
    """The runs that were served, the newest first."""
    with reading(engine) as connection:
        found = loaded.runs(connection, limit=limit)
        return {"runs": [one.told(connection, caller.scope) for one in found]}


@v1.get(
    "/runs/{run}",
    response_model=RunDetail,
    response_model_exclude_unset=True,
    responses=responses(404),
)
def run(engine: UsesEngine, caller: Reader, run: RunId) -> dict[str, Any]:
    """One run: its versions, and its firms by class and by division, industry and public grade."""
    with reading(engine) as connection:
        found = loaded.runs(connection, run=run)
        if not found:
            raise Refused.unknown_run(run)
        one = found[0]
        told = one.told(connection, caller.scope)
        seen = all(caller.scope.sees(name) for name in _COUNTED.values())
        if caller.may("class") and seen and (one.held or caller.scope.regions is None):
            told["counts"] = {
                kind: results.counts(connection, one.load, kind, caller.scope) for kind in _COUNTED
            }
    return told


_COUNTED = {"division": "division", "industry": "industry", "grade": "public_grade"}

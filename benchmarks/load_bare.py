"""The peer of a class over HTTP: a bare FastAPI route with one SQLite read, and nothing else.

No token, no scope, no audit, no ladder. `/usual` is written as FastAPI's manual has it for a call
that may block, `/inline` reads in the event loop, which a store that may wait must not do.
"""

from __future__ import annotations

import os
import sqlite3
import threading
from typing import Any

from fastapi import FastAPI, HTTPException

SHELF = "XINFEN_BENCH_SHELF"
"""Names the SQLite file of a load's firms (`serving.results.shelves`)."""

app = FastAPI()
_own = threading.local()
_READ = (
    "SELECT entity_id, name, division, industry, entity_type, status, scope, risk_class, "
    "model_class, previous_class, public_grade, public_score, probability "
    "FROM firms WHERE entity_id = ?"
)


@app.get("/usual/{entity_id}")
def usual(entity_id: str) -> dict[str, Any]:
    return _row(entity_id)


@app.get("/inline/{entity_id}")
async def inline(entity_id: str) -> dict[str, Any]:
    return _row(entity_id)


def _row(entity_id: str) -> dict[str, Any]:
    if not hasattr(_own, "connection"):
        _own.connection = sqlite3.connect(os.environ[SHELF])
        _own.connection.row_factory = sqlite3.Row
    row = _own.connection.execute(_READ, (entity_id,)).fetchone()
    if row is None:
        raise HTTPException(404)
    return dict(row)

"""A list compared with a load of the store: at once where it is short, else as a job.

The answer is a frame that is kept as Parquet until it is told; it is told as JSON, as a workbook or
as CSV. What a scope holds back is no column of it.
"""

from __future__ import annotations

import io
import tempfile
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from sqlalchemy.engine import Connection, Engine

from models import wording
from records.errors import NotPossible
from serving.access.scope import LADDER, Scope
from serving.jobs.working import Task, Told
from serving.results import comparing, listing, loaded, results
from serving.results.results import Published
from serving.runs import answering
from serving.store.database import reading
from serving.telling.languages import Lang

KIND = "compare"
_PART = 500
_RESTS_ON = {"class_name": "risk_class", "headline": LADDER}
_ALWAYS = ("entity_id", "as_of")


def compare(
    connection: Connection, now: Published, asked: pd.DataFrame, lang: Lang, scope: Scope,
    told: Told = lambda _done, _of: None,
) -> pd.DataFrame:  # fmt: skip
    """The rows of a list in order, each with its firm's class, date and reason, or why not.

    Raises
    ------
    FieldHidden : rows are known by names, which the scope holds back.
    """
    matched = comparing.matched(connection, now.load, asked, scope)
    ids = sorted(matched["entity_id"].dropna().unique())
    rows: list[dict[str, object]] = []
    for first in range(0, len(ids), _PART):
        told(first, len(ids))
        rows += _firms(connection, now.load, ids[first : first + _PART], lang, scope)
    told(len(ids), len(ids))
    frame = pd.DataFrame(rows, columns=list(answering.LISTED), dtype=object)
    return answering.answered(matched, frame.assign(as_of=now.about["as_of"]), lang)[columns(scope)]


def columns(scope: Scope) -> list[str]:
    """The columns of an answer that a scope sees."""
    held = set(answering.LISTED) - set(_ALWAYS)
    return [
        name
        for name in answering.COMPARED
        if name not in held or scope.sees(_RESTS_ON.get(name, name))
    ]


def _firms(
    connection: Connection, load: int, ids: list[str], lang: Lang, scope: Scope
) -> list[dict[str, object]]:
    if scope.sees(LADDER):
        return [*listing.told(connection, load, ids, lang, scope)]
    rows = results.firms_by_id(connection, load, ids, scope)
    return [{**row, "class_name": wording.class_name(row.get("risk_class"), lang)} for row in rows]


def work(engine: Engine, task: Task, told: Told) -> tuple[str, bytes]:
    """The job: from the list's bytes to those of the answer, from one run all through."""
    asked = pq.read_table(io.BytesIO(task.given)).to_pandas()
    asked = asked.astype({"code": "str", "name": "str"})
    with reading(engine) as connection:
        now = loaded.pinned(connection, task.asked["run"])
        if now is None:
            raise NotPossible("the run is no longer held", hint="compare the list again")
        rows = compare(connection, now, asked, task.asked["lang"], task.scope, told)
    return now.run, packed(rows)


def packed(rows: pd.DataFrame) -> bytes:
    """A frame as the bytes of a Parquet file."""
    kept = io.BytesIO()
    pq.write_table(pa.Table.from_pandas(rows, preserve_index=False), kept)
    return kept.getvalue()


def unpacked(content: bytes) -> pd.DataFrame:
    """The frame of such bytes."""
    frame: pd.DataFrame = pq.read_table(io.BytesIO(content)).to_pandas()
    return frame


def as_file(rows: pd.DataFrame, ending: str, lang: Lang) -> bytes:
    """The answer as `.xlsx` or `.csv`; every cell is a text, none runs."""
    with tempfile.TemporaryDirectory(prefix="xinfen-answer-") as folder:
        path = Path(folder) / f"answer{ending}"
        answering.write(path, rows, list(rows.columns), lang)
        return path.read_bytes()

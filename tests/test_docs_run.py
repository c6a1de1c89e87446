"""docs/run.md names every column of a run's files, in order and with its type."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pytest

from serving.runs.runfolder import CLASSES, REASONS
from serving.scoring.moves import MOVES

PAGE = Path(__file__).parents[1] / "docs" / "run.md"


def _told(kind: pa.DataType) -> str:
    if pa.types.is_list(kind):
        return f"list of {{{', '.join(field.name for field in kind.value_type)}}}"
    names = {pa.string(): "text", pa.int64(): "int", pa.float64(): "double", pa.date32(): "date"}
    return names[kind]


@pytest.mark.parametrize(
    ("file", "schema"),
    [("classes.parquet", CLASSES), ("reasons.parquet", REASONS), ("moves.parquet", MOVES)],
)
def test_the_columns(file: str, schema: pa.Schema) -> None:
    section = PAGE.read_text("utf-8").split(f"## {file}\n")[1].split("\n## ")[0]
    rows = [line.split("|")[1:3] for line in section.splitlines() if line.startswith("| ")][1:]
    told = [(name.strip(), kind.strip()) for names, kind in rows for name in names.split(",")]
    assert told == [(field.name, _told(field.type)) for field in schema]

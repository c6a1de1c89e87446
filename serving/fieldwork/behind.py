"""The records behind a class, in words: what a pair should look at, and why. Internal."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from models import definition as definitions
from models import wording
from records.errors import BadInput, NotFound
from serving.fieldwork.taskwords import TASK

_REASONS = ["entity_id", "rank", "indicator", "value", "contribution", "records"]


def behind(run: Path, ids: Sequence[str], lang: str) -> pd.DataFrame:
    """What a pair should look at, firm by firm.

    Parameters
    ----------
    run : a run folder.
    ids : the firms that are asked about; of others nothing is read.

    Returns
    -------
    Frame of `entity_id` and `text`: first the records of a rule that decided, then, the strongest
    first, each reason that raises the risk and has records: its sentence and they, each record
    once.
    """
    catalogue = definitions.load(run / "model").catalogue
    steps = rows_of(run / "classes.parquet", ["entity_id", "steps"], ids)
    reasons = rows_of(run / "reasons.parquet", _REASONS, ids)
    behind_it = pc.greater(pc.list_value_length(reasons["records"]), 0)
    raises = reasons.filter(pc.and_(pc.greater(reasons["contribution"], 0), behind_it))
    lines, seen = [], set()
    for firm, indicator, value, records in _parts(steps, raises.sort_by("rank")):
        new = [one for one in records if (firm, one["table"], one["source_id"]) not in seen]
        seen |= {(firm, one["table"], one["source_id"]) for one in new}
        if new:
            reason = catalogue[indicator] if indicator else None
            says = wording.sentence(reason, value, records, lang) if reason else ""
            lines.append((firm, _line(says, new, lang)))
    return pd.DataFrame(lines, columns=["entity_id", "text"])


def record_text(table: str, record: Mapping[str, Any], lang: str) -> str:
    """`2026-02-11 经营异常名录 哈里市监异列字〔2026〕第0118号（道里区市场监督管理局）`."""
    told = {"table": wording.table_name(table, lang), "event_time": str(record["event_time"])[:10]}
    named = {name: record[name] for name in ("source", "source_id")}
    return TASK[lang]["record"].format(**told, **named)


def rows_of(path: Path, columns: list[str], ids: Sequence[str]) -> pa.Table:
    """The rows of firms in a table of a run, in its order.

    Raises
    ------
    NotFound, BadInput : the file is missing, or not such a table.
    """
    if not path.is_file():
        raise NotFound(f"no file {path}", hint="`xinfen score` writes a run")
    try:
        wanted = pc.field("entity_id").isin(pa.array(ids, pa.string()))
        return pq.read_table(path, columns=columns, filters=wanted)
    except (OSError, ValueError, KeyError) as error:
        raise BadInput(f"{path} cannot be read", found=str(error)) from None


_Part = tuple[str, str, float | None, list[dict[str, Any]]]


def _parts(classes: pa.Table, reasons: pa.Table) -> Iterable[_Part]:
    """(firm, indicator or nothing, value, records)."""
    for row in classes.to_pylist():
        for step in row["steps"] or ():
            yield row["entity_id"], "", None, step["records"] or []
    for row in reasons.to_pylist():
        yield row["entity_id"], row["indicator"], row["value"], row["records"] or []


def _line(says: str, records: Sequence[Mapping[str, Any]], lang: str) -> str:
    words = TASK[lang]
    told = words["join"].join(record_text(str(one["table"]), one, lang) for one in records)
    return words["because"].format(says=says, records=told) if says else told

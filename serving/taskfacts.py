"""What a task list is made from, besides the plan: records, class and reasons of firms drawn.

Of a firm whose visit is hidden (`supervision.tasks.hidden`) nothing is read that is a class, a
reason or a grade, or rests on one: what is not read cannot leak.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from features.firms import records_of
from records.errors import BadInput, NotFound
from records.store import Snapshot, Store
from serving.planfolder import PlanFolder
from supervision import tasks
from supervision.entitlements import Entitlements, entitled

RECORDS = ["entity_id", "table", "source", "source_id", "event_time"]


@dataclass(frozen=True)
class Facts:
    """Of firms of a plan.

    `last` is the day of each firm's last visit. Of firms that are not hidden alone: `classes`
    (`risk_class`, `public_grade`, by `entity_id`), `records` (RECORDS, the strongest reason's
    first) and `entitled` (`supervision.entitlements.ENTITLED`).
    """

    last: pd.Series[str]
    classes: pd.DataFrame
    records: pd.DataFrame
    entitled: pd.DataFrame

    @classmethod
    def of(
        cls, plan: PlanFolder, run: Path, store: Store, rules: Entitlements, drawn: pd.DataFrame
    ) -> Facts:
        """Read them for the visits in `drawn`, as they were known on the day of the class run.

        Raises
        ------
        NotFound, BadInput : the run or the store is not that of the plan.
        """
        plan.same_run(run)
        snapshot = store.named(plan.run["snapshot"])
        ids = sorted(set(drawn["entity_id"]))
        hidden = tasks.hidden(plan.drawn, plan.reported)
        blind = set(plan.drawn.loc[hidden, "entity_id"])
        told = [one for one in ids if one not in blind]
        classes = _rows(run / "classes.parquet", _CLASSES, told)
        return cls(
            tasks.last_visits(records_of(snapshot, "inspections", plan.as_of, ids)),
            classes.select(_CLASSES[:3]).to_pandas().set_index("entity_id"),
            behind(run, told),
            entitled(rules, standing_records(snapshot, rules.tables, plan.as_of, told), plan.as_of),
        )


_CLASSES = ["entity_id", "risk_class", "public_grade", "steps"]
_REASONS = ["entity_id", "rank", "contribution", "records"]


def standing_records(
    snapshot: Snapshot, tables: Sequence[str], on: date, ids: Sequence[str]
) -> dict[str, pd.DataFrame]:
    """Tables as known on a day, of the firms named, with `repaired`."""
    return {name: records_of(snapshot, name, on, ids) for name in tables}


def _rows(path: Path, columns: list[str], ids: Sequence[str]) -> pa.Table:
    """The rows of firms in a table of the run, in its order."""
    if not path.is_file():
        raise NotFound(f"no file {path}", hint="`xinfen score` writes a run")
    try:
        wanted = pc.field("entity_id").isin(pa.array(ids, pa.string()))
        return pq.read_table(path, columns=columns, filters=wanted)
    except (OSError, ValueError, KeyError) as error:
        raise BadInput(f"{path} cannot be read", found=str(error)) from None


def behind(run: Path, ids: Sequence[str]) -> pd.DataFrame:
    """The records behind the class of firms: those of a rule, then of reasons that raise the risk.

    Returns
    -------
    Frame of columns RECORDS, each record of a firm once, the strongest reason's first.
    """
    classes = _rows(run / "classes.parquet", _CLASSES, ids)
    reasons = _rows(run / "reasons.parquet", _REASONS, ids)
    raises = reasons.filter(pc.greater(reasons["contribution"], 0)).sort_by("rank")
    rows = [
        {"entity_id": row["entity_id"], **record}
        for table in (_steps(classes), raises.select(["entity_id", "records"]).to_pylist())
        for row in table
        for record in row["records"] or ()
    ]
    return pd.DataFrame(rows, columns=RECORDS).drop_duplicates(ignore_index=True)


def _steps(classes: pa.Table) -> list[dict[str, Any]]:
    return [
        {"entity_id": row["entity_id"], "records": step["records"]}
        for row in classes.select(["entity_id", "steps"]).to_pylist()
        for step in row["steps"] or ()
    ]

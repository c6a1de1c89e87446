"""What a task list is made from, besides the plan: records, class and reasons of firms drawn.

Of a firm whose visit is hidden (`fieldwork.tasks.hidden`) nothing is read that is a class, a
reason or a grade, or rests on one: what is not read cannot leak.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pandas as pd

from features.firms import records_of
from records.store import Snapshot, Store
from serving.fieldwork.behind import behind, rows_of
from serving.plans.drawnplan import DrawnPlan
from supervision.fieldwork import tasks
from supervision.fieldwork.entitlements import Entitlements, entitled


@dataclass(frozen=True)
class Facts:
    """Of firms of a plan.

    `last` is the day of each firm's last visit. Of firms that are not hidden alone: `classes`
    (`risk_class`, `public_grade`, by `entity_id`), `records` (`behind.behind`) and `entitled`
    (`supervision.fieldwork.entitlements.ENTITLED`).
    """

    last: pd.Series[str]
    classes: pd.DataFrame
    records: pd.DataFrame
    entitled: pd.DataFrame

    @classmethod
    def of(
        cls,
        plan: DrawnPlan,
        run: Path,
        store: Store,
        rules: Entitlements,
        drawn: pd.DataFrame,
        lang: str,
    ) -> Facts:
        """Read them for the visits in `drawn`, as they were known on the day of the class run.

        Raises
        ------
        NotFound, BadInput : the run or the store is not that of the plan.
        """
        plan.same_run(run)
        snapshot = store.named(plan.run["snapshot"])
        ids = sorted(set(drawn["entity_id"]))
        blind = plan.blind
        told = [one for one in ids if one not in blind]
        classes = rows_of(run / "classes.parquet", _CLASSES, told)
        return cls(
            tasks.last_visits(records_of(snapshot, "inspections", plan.as_of, ids)),
            classes.to_pandas().set_index("entity_id"),
            behind(run, told, lang),
            entitled(rules, standing_records(snapshot, rules.tables, plan.as_of, told), plan.as_of),
        )


_CLASSES = ["entity_id", "risk_class", "public_grade"]


def standing_records(
    snapshot: Snapshot, tables: Sequence[str], on: date, ids: Sequence[str]
) -> dict[str, pd.DataFrame]:
    """Tables as known on a day, of the firms named, with `repaired`."""
    return {name: records_of(snapshot, name, on, ids) for name in tables}

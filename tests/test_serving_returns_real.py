"""A real bureau's double-random results, of which there is no list: in through `xinfen results`."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from benchmarks import real_data
from records.errors import NotFound
from serving.returns import returns
from tests.a_store import opaque

MAPPING = Path("beijing/inspections_huairou_double_random")

try:
    FILE = real_data.folder("beijing") / "inspections_huairou_double_random.parquet"
except NotFound as absent:
    pytest.skip(str(absent), allow_module_level=True)


def test_beijings_double_random_results_come_in_with_their_mapping(tmp_path: Path) -> None:
    store, plan = opaque(tmp_path), tmp_path / "huairou"
    options = {"on": date(2026, 3, 1), "mapping": MAPPING, "store": store}
    done = returns.take_in(plan, FILE, elsewhere="怀柔区双随机", **options)  # type: ignore[arg-type]
    assert {name: done[name] for name in ("read", "accepted", "duplicate", "refused")} == {
        "read": 916, "accepted": 916, "duplicate": 0, "refused": 0,
    }  # fmt: skip
    assert done["states"] == {"visited": 916}
    assert done["store"]["stored"] == 916
    kept = store.rows("inspections", ["way", "inclusion_probability", "result", "known_time",
                                      "event_time", "task_name", "office"])  # fmt: skip
    assert kept is not None
    frame = kept.to_pandas()
    assert set(frame["way"]) == {"drawn"}
    assert frame["inclusion_probability"].isna().all()
    assert frame["result"].value_counts().to_dict() == {
        "no_problem": 893, "not_carried_on": 19, "problem_pending": 4,
    }  # fmt: skip
    assert set((frame["known_time"] - frame["event_time"]).map(lambda gap: gap.days)) == {7}
    assert frame["office"].nunique() == 1
    visits = pq.read_table(plan / "results" / "visits.parquet").to_pandas()
    assert visits["label"].value_counts(dropna=False).to_dict()[1.0] == 4
    assert visits["late"].isna().all()
    again = returns.take_in(plan, FILE, **options)  # type: ignore[arg-type]
    assert (again["duplicate"], again["store"]["stored"]) == (916, 0)

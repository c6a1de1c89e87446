"""A publication killed without warning: the old run is served on, and nothing is left lying."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Engine

from benchmarks import store_data
from serving.access.scope import WHOLE
from serving.results import publishing, results
from serving.results.results import Search
from serving.store.database import history, loads, reading
from tests import a_run
from tests.a_database import engine

__all__ = ["engine"]

PUBLISH = """
import sys
from pathlib import Path
from serving.results import publishing
from serving.runs import runfolder
from serving.store.database import connect
runfolder.AT_ONCE = 100_000
publishing.publish(
    Path(sys.argv[1]), engine=connect(sys.argv[2]),
    progress=lambda done, of: print(done, flush=True),
)
"""


@pytest.mark.slow
@pytest.mark.parametrize("batches", [1, 6])
def test_the_old_run_is_served_on(engine: Engine, tmp_path: Path, batches: int) -> None:
    old = publishing.publish(a_run.write(tmp_path / "old"), engine=engine)
    run = store_data.write(tmp_path / "run", store_data.BLOCK, seed=1)
    url = engine.url.render_as_string(hide_password=False)
    command = [sys.executable, "-c", PUBLISH, str(run), url]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        for _ in range(batches):
            assert child.stdout.readline()
        child.kill()
    with reading(engine) as connection:
        assert results.published(connection) == old
        assert results.search(connection, old.load, Search(), WHOLE).total == 5
        assert results.stored_ladder(connection, old.load, a_run.D, "zh", WHOLE)
    new = publishing.publish(run, engine=engine)
    with reading(engine) as connection:
        assert results.published(connection) == new
        assert results.search(connection, new.load, Search(), WHOLE).total == store_data.BLOCK
        assert connection.scalars(sa.select(loads.c.load).order_by(loads.c.load)).all() == [
            old.load,
            new.load,
        ]
        kept = sa.select(history.c.load, sa.func.count().label("firms")).group_by(history.c.load)
        found = {row.load: row.firms for row in connection.execute(kept)}
    assert found == {old.load: 5, new.load: store_data.BLOCK}

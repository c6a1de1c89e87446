"""Killed under load: no answered read is missing in the audit, and the service goes on by itself.

Publishing under load: nobody sees a gap, or the old run after the new one.
"""

from __future__ import annotations

import json
import os
import signal
import time
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy.engine import Engine

from serving.access import access, audit
from serving.results import publishing
from serving.store import upgrades
from serving.store.database import connect, opened
from tests import a_run
from tests.a_database import OwnServer, engine, own_server
from tests.a_service import PATIENCE, Load, Service, serving
from tests.an_audit import looks

__all__ = ["engine"]


@pytest.mark.slow
def test_a_worker_killed_under_load(engine: Engine, tmp_path: Path) -> None:
    token = _published(engine, tmp_path)
    since = audit.head(engine).n
    with serving(engine, tmp_path) as service, Load(service.url, token, a_run.C) as load:
        for _ in range(2):
            load.until(100)
            before = service.workers()
            os.kill(before[0], signal.SIGKILL)
            load.until(100)  # the other goes on
            _replaced(service, before[0])
            load.until(50)
    assert load.refused == []
    assert load.broken < 30
    _nothing_is_lost(engine, load, since)


def _replaced(service: Service, killed: int) -> None:
    deadline = time.monotonic() + PATIENCE
    while killed in service.workers() or len(service.workers()) < 2:
        assert time.monotonic() < deadline
        time.sleep(0.1)


def _nothing_is_lost(engine: Engine, load: Load, since: int) -> None:
    rows = [row[3] for row in looks(engine, since)]
    assert set(load.answered) <= set(rows)
    assert len(rows) == len(set(rows))  # nor was one recorded twice
    # What was recorded and not answered are those that were on their way as the process ended.
    assert len(rows) - len(load.answered) <= load.broken + len(load.refused)
    assert {len(told) for told in load.told} == {1}
    assert len({told[0] for told in load.told}) == 1
    assert audit.verify(engine).holds


@pytest.fixture
def killable(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OwnServer]:
    with own_server() as server:
        yield server


@pytest.mark.slow
def test_postgresql_killed_under_load(killable: OwnServer, tmp_path: Path) -> None:
    empty = opened(killable.url)
    upgrades.upgrade(empty)
    empty.dispose()
    engine = connect(killable.url)
    token = _published(engine, tmp_path)
    since = audit.head(engine).n
    with serving(engine, tmp_path) as service, Load(service.url, token, a_run.C) as load:
        load.until(100)
        killable.kill()
        service.wait(503)
        killable.start()  # as whatever starts services on that machine does
        service.wait(200)
        load.until(100)
    assert set(load.refused) <= {503}
    engine.dispose()  # of connections that were broken
    _nothing_is_lost(engine, load, since)
    engine.dispose()


@pytest.mark.slow
def test_readers_see_no_gap_while_a_run_is_published(engine: Engine, tmp_path: Path) -> None:
    token = _published(engine, tmp_path)
    runs = [a_run.write(tmp_path / str(month), as_of=date(2026, month, 28)) for month in (4, 5, 6)]
    with serving(engine, tmp_path) as service, Load(service.url, token, a_run.C) as load:
        load.until(50)
        for run in runs:
            publishing.publish(run, engine=engine)
            load.until(50)
    assert (load.refused, load.broken) == ([], 0)
    days = [[_day(body) for body in told] for told in load.told]
    for told in days:
        assert told == sorted(set(told))
    assert {told[0] for told in days} == {"2026-03-31"}
    assert {told[-1] for told in days} == {"2026-06-28"}
    assert audit.verify(engine).holds


def _day(body: bytes) -> str:
    return str(json.loads(body)["as_of"])


def _published(engine: Engine, folder: Path) -> str:
    publishing.publish(a_run.write(folder / "run"), engine=engine)
    return access.issue(engine, "抽查平台", "batch", days=1)

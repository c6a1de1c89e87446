"""Backup while others write, and restore: the same bytes are served and the chain holds."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Engine

from records.errors import BadInput, NotPossible
from serving.access import access, audit
from serving.access.caller import Caller
from serving.access.scope import WHOLE
from serving.results import publishing, results
from serving.store import backup, upgrades
from serving.store.database import connect, opened, reading
from serving.telling.languages import LANGS
from tests import a_run
from tests.a_database import OwnServer, own_server

WANG = Caller("王敏", "inspector", WHOLE)
FIRMS = (a_run.A, a_run.B, a_run.C, a_run.D, a_run.COOP)


@contextmanager
def _writers(engine: Engine) -> Iterator[None]:
    """Looks recorded again and again, and tokens given, while the block runs."""
    stop = threading.Event()

    def look(name: int) -> None:
        while not stop.is_set():
            audit.append(engine, WANG, "class", [a_run.C, a_run.D], run=f"r{name}")

    def give() -> None:
        while not stop.is_set():
            access.issue(engine, "抽查平台", "batch", days=1)

    threads = [threading.Thread(target=look, args=(name,)) for name in range(3)]
    threads.append(threading.Thread(target=give))
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        stop.set()
        for thread in threads:
            thread.join()


def _filled(engine: Engine, folder: Path) -> None:
    for month in (3, 4):
        run = a_run.write(folder / str(month), as_of=date(2026, month, 30))
        publishing.publish(run, engine=engine)


def _served(engine: Engine) -> list[bytes | None]:
    with reading(engine) as connection:
        load = results.published(connection).load
        return [
            results.stored_ladder(connection, load, code, lang, WHOLE)
            for code in FIRMS
            for lang in LANGS
        ]


def _restored_as_it_was(live: Engine, restored: Engine, before: audit.Head) -> None:
    assert _served(restored) == _served(live)
    assert None not in _served(restored)
    verdict, then, now = audit.verify(restored), audit.head(restored), audit.head(live)
    assert verdict.holds, verdict
    assert before.n <= then.n <= now.n
    with reading(live) as connection:
        wanted = sa.text("SELECT hash FROM audit WHERE n = :n")
        assert connection.scalar(wanted, {"n": then.n}) == then.hash
    audit.append(restored, WANG, "class", [a_run.C], run="r")  # and it goes on from there
    assert audit.verify(restored).holds


def _during(engine: Engine, tmp_path: Path, copy: Callable[[], object]) -> audit.Head:
    """The head before a copy that is taken while others write and a run is published."""
    with _writers(engine):
        before = audit.head(engine)
        publish = threading.Thread(
            target=publishing.publish,
            args=(a_run.write(tmp_path / "5", as_of=date(2026, 4, 30)),),
            kwargs={"engine": engine},
        )
        publish.start()
        copy()
        publish.join()
    return before


def test_sqlite(tmp_path: Path) -> None:
    live = connect(f"sqlite:///{tmp_path / 'live' / 'results.db'}")
    _filled(live, tmp_path)
    before = _during(live, tmp_path, lambda: backup.backup(live, tmp_path / "copy"))
    # Restored where another store was, which is lost.
    place = tmp_path / "restored"
    shutil.copytree(tmp_path / "copy", place)
    restored = connect(f"sqlite:///{place / 'results.db'}")
    _restored_as_it_was(live, restored, before)
    live.dispose()
    restored.dispose()


def test_a_copy_needs_an_empty_folder_and_an_sqlite_store(tmp_path: Path) -> None:
    live = connect(f"sqlite:///{tmp_path / 'results.db'}")
    with pytest.raises(BadInput, match="is not empty"):
        backup.backup(live, tmp_path)
    with pytest.raises(NotPossible, match="pg_dump"):
        backup.backup(sa.create_engine("postgresql+psycopg://nobody@localhost/x"), tmp_path / "x")
    live.dispose()


@pytest.fixture
def own() -> Iterator[OwnServer]:
    with own_server() as server:
        yield server


def test_postgresql(own: OwnServer, tmp_path: Path) -> None:
    empty = opened(own.url)
    upgrades.upgrade(empty)
    empty.dispose()
    live = connect(own.url)
    _filled(live, tmp_path)
    dump = tmp_path / "store.dump"

    def copy() -> None:
        own.tool("pg_dump", "--format=custom", f"--file={dump}", own.server.get_uri())

    before = _during(live, tmp_path, copy)
    own.tool("createdb", f"--maintenance-db={own.server.get_uri()}", "restored")
    database = own.server.get_uri(database="restored")
    own.tool("pg_restore", "--exit-on-error", f"--dbname={database}", str(dump))
    restored = connect(sa.make_url(own.url).set(database="restored").render_as_string(False))
    _restored_as_it_was(live, restored, before)
    live.dispose()
    restored.dispose()

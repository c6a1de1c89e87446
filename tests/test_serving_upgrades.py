"""The store's version: told, brought up only when asked, and never guessed."""

from __future__ import annotations

from pathlib import Path

import pytest
import sqlalchemy as sa
import typer.testing
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy.engine import Engine

import xinfen
from records.errors import BadInput, NotPossible
from serving.access.scope import WHOLE
from serving.results import publishing, results, shelves
from serving.store import upgrades
from serving.store.accesstables import metadata
from serving.store.database import HEAD, connect, opened, reading, version, writing
from tests import a_run
from tests.a_database import an_empty_database, engine

__all__ = ["engine"]


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Of a database without a table."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'results.db'}"
    return an_empty_database(request.getfixturevalue("server"))


def test_the_tables_are_what_the_migrations_make(url: str) -> None:
    made = opened(url)
    assert upgrades.upgrade(made) == sorted(
        one.revision for one in ScriptDirectory(str(upgrades.FOLDER)).walk_revisions()
    )
    assert upgrades.upgrade(made) == []
    assert upgrades.state(made) == upgrades.State(HEAD, HEAD)
    with reading(made) as connection:
        context = MigrationContext.configure(
            connection, opts={"compare_type": True, "target_metadata": metadata}
        )
        found = [one for one in compare_metadata(context, metadata) if not _of_comments(one)]
    assert found == []
    made.dispose()


def _of_comments(difference: object) -> bool:
    """Comments are read in the code, not in the database."""
    return "comment" in str(difference)


def test_a_new_file_is_made_at_head_and_a_server_waits_to_be_asked(url: str) -> None:
    if url.startswith("sqlite"):
        made = connect(url)
        with reading(made) as connection:
            assert version(connection) == HEAD
        made.dispose()
        return
    with pytest.raises(NotPossible, match=r"no version[^?]*xinfen db upgrade"):
        connect(url)


def test_a_store_from_before_keeps_who_may_ask(url: str) -> None:
    old = opened(url)
    with writing(old) as connection:
        connection.exec_driver_sql(
            'CREATE TABLE tokens (hash VARCHAR(64) PRIMARY KEY, "user" VARCHAR NOT NULL, '
            "role VARCHAR(16) NOT NULL, expires INTEGER NOT NULL)"
        )
        for table in ("loads", "firms", "current"):
            connection.exec_driver_sql(f"CREATE TABLE {table} (load INTEGER)")
        row = {"hash": "h", "user": "王敏", "role": "inspector", "expires": 1}
        old_tokens = sa.table("tokens", *(sa.column(name) for name in row))
        connection.execute(sa.insert(old_tokens), row)
    with pytest.raises(NotPossible, match="db upgrade"):
        connect(url)
    upgrades.upgrade(old)
    old.dispose()
    made = connect(url)
    with reading(made) as connection:
        assert connection.scalar(sa.select(metadata.tables["tokens"].c.user)) == "王敏"
        with pytest.raises(results.NothingPublished):
            results.published(connection)
    made.dispose()


def test_a_newer_store_is_left_alone(engine: Engine) -> None:
    with writing(engine) as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    url = engine.url.render_as_string(hide_password=False)
    with pytest.raises(NotPossible, match="9999"):
        connect(url)
    with pytest.raises(NotPossible, match="another program"):
        upgrades.upgrade(engine)


@pytest.mark.parametrize("url", ["sqlite://", "sqlite:///:memory:", "mssql+pyodbc://x/y"])
def test_other_databases_are_refused(url: str) -> None:
    with pytest.raises(BadInput, match="store"):
        connect(url)


def test_the_commands(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XINFEN_RESULTS", f"sqlite:///{tmp_path / 'results.db'}")
    run = typer.testing.CliRunner().invoke
    told = run(xinfen.app, ["db", "check", "--json"])
    assert told.exit_code == 1
    assert '"none"' in told.output
    assert run(xinfen.app, ["db", "upgrade", "--json"]).exit_code == 0
    assert run(xinfen.app, ["db", "check"]).exit_code == 0


def test_a_connection_lets_go_of_old_shelves(tmp_path: Path) -> None:
    made = connect(f"sqlite:///{tmp_path / 'results.db'}")
    run = a_run.write(tmp_path / "run")
    load = publishing.publish(run, engine=made).load
    for other in range(100, 112):
        path = shelves.file_of(made, other)
        path.write_bytes(shelves.file_of(made, load).read_bytes())
        with reading(made) as connection:
            assert results.firm(connection, other, a_run.A, WHOLE)
    with reading(made) as connection:
        attached = [row.name for row in connection.exec_driver_sql("PRAGMA database_list")]
    assert len(attached) <= 8
    assert "run_111" in attached
    made.dispose()

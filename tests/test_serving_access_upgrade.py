"""A store of before brought to tokens with scope and an audit of events: nothing of it is lost."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from sqlalchemy.engine import Engine

from serving.access import access, audit
from serving.access.scope import WHOLE
from serving.results.shelves import PREFIXES
from serving.store import upgrades
from serving.store.accesstables import GUARDED, metadata, missing_guards, tokens
from serving.store.database import opened, reading, writing
from tests.a_database import an_empty_database


@pytest.fixture(params=["sqlite", "postgresql"])
def old(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    """A store at revision 0001."""
    if request.param == "sqlite":
        engine = opened(f"sqlite:///{tmp_path / 'results.db'}")
    else:
        engine = opened(an_empty_database(request.getfixturevalue("server")))
    config = Config()
    config.set_main_option("script_location", str(upgrades.FOLDER))
    with writing(engine) as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
    yield engine
    engine.dispose()


def _put(engine: Engine) -> None:
    row = {
        "n": 1, "at": "2026-04-01T01:02:03.000+00:00", "user": "王敏", "role": "inspector",
        "action": "class", "entity_id": "F1", "run": "r", "purpose": "", "previous": "0" * 64,
        "hash": "a" * 64,
    }  # fmt: skip
    with writing(engine) as connection:
        for table, values in (
            ("audit", row),
            ("tokens", {"hash": access.hashed("xf_old"), "user": "王敏", "role": "batch",
                        "expires": 2**31 - 1}),
        ):  # fmt: skip
            named = sa.table(table, *(sa.column(name) for name in values))
            connection.execute(sa.insert(named).values(**values))


def test_what_stood_there_stays(old: Engine) -> None:
    _put(old)
    assert upgrades.upgrade(old)[0] == "0002"
    caller = access.check(old, "xf_old")
    assert caller is not None
    assert (caller.user, caller.scope) == ("王敏", WHOLE)
    with reading(old) as connection:
        prefix = connection.scalar(sa.select(tokens.c.prefix))
        kept = connection.execute(sa.text("SELECT n, hash FROM audit_before_0002")).all()
        about = connection.scalar(sa.text("SELECT about FROM audit"))
        assert missing_guards(connection) == []
    assert prefix == f"xf_{access.hashed('xf_old')[:8]}"
    assert [tuple(row) for row in kept] == [(1, "a" * 64)]
    assert about == f"after 1 rows of audit_before_0002, the last {'a' * 64}"
    assert audit.verify(old).head.n == 1
    access.revoke(old, str(prefix))
    assert access.check(old, "xf_old") is None


def test_an_upgraded_store_has_the_declared_tables(old: Engine) -> None:
    upgrades.upgrade(old)
    with reading(old) as connection:
        context = MigrationContext.configure(
            connection,
            opts={"include_name": lambda name, kind, _: kind != "table" or not (
                name.startswith(PREFIXES) or name == "alembic_version"
            )},
        )  # fmt: skip
        # A change of one table is a list of changes of columns; comments are for readers of code.
        changes = [one if isinstance(one, list) else [one] for one in compare_metadata(
            context, metadata)]  # fmt: skip
        kinds = {change[0] for some in changes for change in some}
        assert kinds <= {"modify_comment"}
        assert "audit_before_0002" not in sa.inspect(connection).get_table_names()
        assert set(GUARDED) < set(sa.inspect(connection).get_table_names())
    assert audit.verify(old).head.n == 0

"""Statements run by the driver itself: rows put at once, errors told, dead connections replaced."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.engine import Connection, Engine

from records.files import fingerprint
from serving.access import chain
from serving.store import database
from serving.store.accesstables import audit_firms
from serving.store.database import frozen, glancing, reading, writing
from serving.store.quick import Put, Quick
from tests.a_database import engine

__all__ = ["engine"]

PUT = Put(audit_firms)
FIRMS = Quick(sa.select(audit_firms.c.n, audit_firms.c.entity_id))
NAMES = ["哈尔滨 \"甲\" 'x' \\ {}[],:", "%s %(rows)s ?", "é\t😀", "NULL", ""]


def test_rows_are_put_as_they_are(engine: Engine) -> None:
    rows = [{"n": n, "entity_id": name} for n, name in enumerate(NAMES)]
    with writing(engine) as connection:
        PUT.rows(connection, rows)
    with reading(engine) as connection:
        found = connection.execute(sa.select(audit_firms).order_by(audit_firms.c.n)).mappings()
        assert [dict(row) for row in found] == rows


def test_an_error_is_sqlalchemys_and_the_store_goes_on(engine: Engine) -> None:
    row = {"n": 1, "entity_id": "x"}
    with writing(engine) as connection:
        PUT.rows(connection, [row])

    def again() -> None:
        with writing(engine) as connection:
            PUT.rows(connection, [{"n": 2, "entity_id": "x"}])
            PUT.rows(connection, [row])

    for _ in range(3):
        with pytest.raises(sa.exc.IntegrityError):
            again()
    with writing(engine) as connection:
        PUT.rows(connection, [{"n": 3, "entity_id": "x"}])
    with reading(engine) as connection:
        assert connection.scalars(sa.select(audit_firms.c.n)).all() == [1, 3]


@pytest.mark.parametrize("first", ["quick", "usual"])
def test_both_ways_are_in_one_transaction(engine: Engine, first: str) -> None:
    def quick(connection: Connection) -> None:
        PUT.rows(connection, [{"n": 1, "entity_id": "x"}])

    def usual(connection: Connection) -> None:
        connection.execute(sa.insert(audit_firms).values(n=2, entity_id="x"))

    both = [quick, usual] if first == "quick" else [usual, quick]

    def undone() -> None:
        with writing(engine) as connection:
            for one in both:
                one(connection)
            assert sorted(FIRMS.rows(connection)) == [(1, "x"), (2, "x")]
            raise LookupError

    with pytest.raises(LookupError):
        undone()
    with reading(engine) as connection:
        assert FIRMS.rows(connection) == []
    with writing(engine) as connection:
        for one in both:
            one(connection)
    with reading(engine) as connection:
        assert sorted(FIRMS.rows(connection)) == [(1, "x"), (2, "x")]


def test_values_go_and_come_as_they_are(engine: Engine) -> None:
    content = bytes(range(256))
    with writing(engine) as connection:
        connection.execute(sa.insert(frozen).values(load=7, name="%s", content=content))
    values = {"text": "甲 '%s' $1 \\", "number": 2**40, "real": 0.1, "nothing": None}
    told = Quick(
        sa.select(
            sa.bindparam("text", type_=sa.String), sa.bindparam("number", type_=sa.BigInteger),
            sa.cast(sa.bindparam("real"), sa.Double), sa.bindparam("nothing", type_=sa.String),
            frozen.c.content,
        ).where(frozen.c.name == "%s", frozen.c.load == sa.bindparam("load"))
    )  # fmt: skip
    with reading(engine) as connection:
        for _ in range(3):
            assert told.rows(connection, {**values, "load": 7}) == [(*values.values(), content)]
            assert told.rows(connection, {**values, "load": 8}) == []


def test_a_fault_is_told_and_only_its_transaction_lost(engine: Engine) -> None:
    missing = Quick(sa.select(sa.table("nowhere", sa.column("x")).c.x))
    for _ in range(2):
        with (
            pytest.raises((sa.exc.ProgrammingError, sa.exc.OperationalError), match="nowhere"),
            reading(engine) as connection,
        ):
            missing.rows(connection)
        with reading(engine) as connection:
            assert FIRMS.rows(connection) == []


def test_a_transaction_begins_as_its_connection_was_told(engine: Engine) -> None:
    if engine.dialect.name != "postgresql":
        return  # there is one way on a file
    level = Quick(sa.select(sa.func.current_setting("transaction_isolation")))
    with engine.connect() as connection:
        connection.execution_options(isolation_level="REPEATABLE READ")
        assert level.rows(connection) == [("repeatable read",)]
    with reading(engine) as connection:
        assert level.rows(connection) == [("read committed",)]


def test_dropping_a_table_leaves_what_is_prepared(engine: Engine) -> None:
    with reading(engine) as connection:
        assert FIRMS.rows(connection) == []
        for _ in range(10):
            connection.execute(sa.text("SELECT 1"))
        connection.execute(sa.text("CREATE TEMPORARY TABLE passing (x integer)"))
        connection.execute(sa.text("DROP TABLE passing"))
        connection.execute(sa.text("SELECT 1"))
        assert FIRMS.rows(connection) == []


def test_a_connection_keeps_so_many_statements_and_no_more(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    if engine.dialect.name != "postgresql":
        return  # nothing is prepared on a file
    monkeypatch.setattr("serving.store.libpq.MOST", 3)
    ones = [Quick(sa.select(sa.literal_column(str(n)))) for n in range(5)]
    held = sa.text("SELECT count(*) FROM pg_prepared_statements WHERE name LIKE 'xinfen%'")
    with reading(engine) as connection:
        for n in [*range(5)] * 3:
            assert ones[n].rows(connection) == [(n,)]
        assert connection.scalar(held) == 3


def test_a_connection_lost_at_work_is_told_and_made_anew(engine: Engine) -> None:
    if engine.dialect.name != "postgresql":
        return  # a file does not hang up
    own = Quick(sa.select(sa.func.pg_backend_pid()))
    with reading(engine) as connection:
        ((first,),) = own.rows(connection)
        end_backend(engine, first)
        with pytest.raises(sa.exc.OperationalError) as error:
            own.rows(connection)
        assert error.value.connection_invalidated
    with reading(engine) as connection:
        ((second,),) = own.rows(connection)
    assert second != first


def test_a_connection_that_died_at_rest_is_made_anew(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    if engine.dialect.name != "postgresql":
        return  # a file does not hang up
    monkeypatch.setattr(database, "FRESH", 0.0)

    def own() -> Any:
        with reading(engine) as connection:
            return connection.scalar(sa.text("SELECT pg_backend_pid()"))

    first = own()
    assert own() == first
    end_backend(engine, first)
    assert own() != first


def end_backend(engine: Engine, number: int) -> None:
    """End the process that serves a connection, as an administrator may."""
    other = sa.create_engine(engine.url)
    with other.begin() as connection:
        connection.execute(sa.text("SELECT pg_terminate_backend(:pid, 10000)"), {"pid": number})
    other.dispose()


def test_after_a_glance_a_transaction_is_one_again(engine: Engine) -> None:
    with glancing(engine) as connection:
        assert connection.scalar(sa.text("SELECT 1")) == 1

    class UndoneError(Exception):
        pass

    def undone() -> None:
        with writing(engine) as connection:
            PUT.rows(connection, [{"n": 1, "entity_id": "x"}])
            raise UndoneError

    with pytest.raises(UndoneError):
        undone()
    with reading(engine) as connection:
        assert connection.scalars(sa.select(audit_firms.c.n)).all() == []


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"])) | st.integers(0, 2**53 - 1)))
def test_the_chain_hashes_what_rfc_8785_writes(values: list[str | int]) -> None:
    assert chain._hashed(values) == fingerprint(values)

"""Statements run by the driver itself: rows put at once, errors told, dead connections replaced."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.engine import Engine

from records.files import fingerprint
from serving.access import chain
from serving.store import database
from serving.store.accesstables import audit_firms
from serving.store.database import glancing, reading, writing
from serving.store.quick import Put
from tests.a_database import engine

__all__ = ["engine"]

PUT = Put(audit_firms)
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
    other = sa.create_engine(engine.url)
    with other.begin() as connection:
        connection.execute(sa.text("SELECT pg_terminate_backend(:pid, 10000)"), {"pid": first})
    other.dispose()
    assert own() != first


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

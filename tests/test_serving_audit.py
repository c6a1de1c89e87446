"""The audit chain: every change of it is found and named."""

from __future__ import annotations

import hashlib
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Engine

from serving import audit
from serving.access import Caller
from serving.audit import START, Head
from serving.database import audit as rows
from serving.database import connect, reading, writing

WANG = Caller("王敏", "inspector")
AT = datetime(2026, 4, 1, 1, 2, 3, tzinfo=UTC)
FIRST = (
    '[1,"2026-04-01T01:02:03.000+00:00","王敏","inspector","class","firm 0","r","抽查",'
    '"0000000000000000000000000000000000000000000000000000000000000000"]'
)


@pytest.fixture
def engine(tmp_path: Path) -> Engine:
    engine = connect(f"sqlite:///{tmp_path / 'results.db'}")
    for n in range(4):
        audit.append(engine, WANG, "class", [f"firm {n}"], run="r", purpose="抽查", at=AT)
    return engine


def test_rows_say_who_what_why_when(engine: Engine) -> None:
    with reading(engine) as connection:
        first = connection.execute(sa.select(rows)).mappings().first()
    assert first is not None
    assert dict(first) == {
        "n": 1, "at": "2026-04-01T01:02:03.000+00:00", "user": "王敏", "role": "inspector",
        "action": "class", "entity_id": "firm 0", "run": "r", "purpose": "抽查",
        "previous": START,
        "hash": hashlib.sha256(FIRST.encode()).hexdigest(),
    }  # fmt: skip


def test_the_chain_holds(engine: Engine) -> None:
    verdict = audit.verify(engine)
    assert verdict.holds
    assert verdict.head == audit.head(engine)
    assert verdict.head.n == 4


def test_an_empty_chain_holds(tmp_path: Path) -> None:
    engine = connect(f"sqlite:///{tmp_path / 'empty.db'}")
    assert audit.verify(engine).head == Head(0, START)
    audit.append(engine, WANG, "search", [], run="r")
    assert audit.head(engine) == Head(0, START)


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        (sa.update(rows).where(rows.c.n == 2).values(user="别人"), "row 2 was changed"),
        (sa.delete(rows).where(rows.c.n == 3), "row 3 is missing"),
        (sa.delete(rows).where(rows.c.n == 1), "row 1 is missing"),
        (
            sa.update(rows).where(rows.c.n == 4).values(previous=START),
            "row 4 does not follow row 3",
        ),
        (sa.update(rows).where(rows.c.n == 4).values(n=9), "row 4 is missing"),
    ],
)
def test_a_change_is_named(engine: Engine, change: sa.Update, fault: str) -> None:
    with writing(engine) as connection:
        connection.execute(change)
    assert audit.verify(engine).fault == fault


def test_a_reorder_is_named(engine: Engine) -> None:
    with writing(engine) as connection:
        for old, new in ((2, 20), (3, 2), (20, 3)):
            connection.execute(sa.update(rows).where(rows.c.n == old).values(n=new))
    assert audit.verify(engine).fault == "row 2 does not follow row 1"


def test_a_cut_tail_is_found_by_the_lodged_head(engine: Engine) -> None:
    lodged = audit.head(engine)
    assert audit.verify(engine, lodged).holds
    with writing(engine) as connection:
        connection.execute(sa.delete(rows).where(rows.c.n == 4))
    assert audit.verify(engine).holds
    assert audit.verify(engine, lodged).fault == "row 4 is not the row whose hash was lodged"
    audit.append(engine, WANG, "class", ["another"], run="r")
    assert audit.verify(engine, lodged).fault == "row 4 is not the row whose hash was lodged"


def test_many_readers_at_once_make_one_chain(engine: Engine) -> None:
    def read(n: int) -> None:
        audit.append(engine, WANG, "batch", [f"a {n}", f"b {n}"], run="r")

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(read, range(40)))
    verdict = audit.verify(engine)
    assert verdict.holds
    assert verdict.head.n == 84

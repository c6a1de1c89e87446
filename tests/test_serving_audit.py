"""The audit chain: rows only come, each waits until it is on disk, every change of one is named."""

from __future__ import annotations

import hashlib
import os
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Engine

from serving.access import audit, chain, sealer
from serving.access.audit import Event, Head
from serving.access.caller import Caller
from serving.access.chain import START
from serving.access.scope import WHOLE
from serving.store.accesstables import AUDITED, GUARDED, audit_firms, missing_guards
from serving.store.accesstables import audit as rows
from serving.store.database import reading, writing
from tests.a_database import engine as store

__all__ = ["store"]

WANG = Caller("王敏", "inspector", WHOLE, "xf_abcdefgh")
AT = datetime(2026, 4, 1, 1, 2, 3, tzinfo=UTC)
FIRMS = hashlib.sha256(b'["firm 0"]').hexdigest()
FIRST = (
    '[1,"2026-04-01T01:02:03.000+00:00","王敏","inspector","xf_abcdefgh","class",1,'
    f'"{FIRMS}","","r","抽查","{START}"]'
)


@pytest.fixture
def engine(store: Engine) -> Engine:
    """Four rows on either database."""
    for n in range(4):
        audit.append(store, WANG, "class", [f"firm {n}"], run="r", purpose="抽查", at=AT)
    return store


def _unguarded(engine: Engine) -> None:
    """What the database's owner can do."""
    named = {
        "sqlite": "SELECT 'DROP TRIGGER ' || name FROM sqlite_master WHERE type = 'trigger'",
        "postgresql": "SELECT 'DROP TRIGGER ' || tgname || ' ON ' || tgrelid::regclass::text "
        "FROM pg_trigger WHERE NOT tgisinternal",
    }[engine.dialect.name]
    with writing(engine) as connection:
        assert missing_guards(connection) == []
        for statement in connection.scalars(sa.text(named)).all():
            connection.exec_driver_sql(statement)
        assert missing_guards(connection) == list(GUARDED)


def _tamper(engine: Engine, *changes: sa.Executable) -> None:
    _unguarded(engine)
    with writing(engine) as connection:
        for change in changes:
            connection.execute(change)


def test_rows_say_who_what_why_when(engine: Engine) -> None:
    with reading(engine) as connection:
        first = connection.execute(sa.select(rows)).mappings().first()
    assert first is not None
    assert dict(first) == {
        "n": 1, "at": "2026-04-01T01:02:03.000+00:00", "user": "王敏", "role": "inspector",
        "token": "xf_abcdefgh", "action": "class", "firms": 1, "digest": FIRMS, "about": "",
        "run": "r", "purpose": "抽查", "previous": START,
        "hash": hashlib.sha256(FIRST.encode()).hexdigest(),
    }  # fmt: skip


def test_the_chain_holds(engine: Engine) -> None:
    verdict = audit.verify(engine)
    assert verdict.holds
    assert verdict.head == audit.head(engine)
    assert verdict.head.n == 4


def test_an_empty_chain_holds(store: Engine) -> None:
    assert audit.verify(store).head == Head(0, START)
    audit.append(store, WANG, "search", [], run="r")
    assert audit.head(store) == Head(0, START)


def test_many_firms_are_one_row_and_each_is_found(engine: Engine) -> None:
    audit.append(engine, WANG, "batch", ["b", "a", "firm 2", "a"], run="r", purpose="比对")
    assert audit.head(engine).n == 5
    looks = audit.who_looked(engine, "firm 2")
    assert [(look.n, look.action, look.firms, look.purpose) for look in looks] == [
        (3, "class", 1, "抽查"), (5, "batch", 3, "比对"),
    ]  # fmt: skip
    assert [look.n for look in audit.who_looked(engine, "firm 2", after=3)] == [5]
    assert [look.n for look in audit.who_looked(engine, "firm 2", until="2026-04-02")] == [3]
    assert audit.who_looked(engine, "firm") == []
    assert audit.verify(engine).holds


def test_a_clock_set_back_does_not_turn_the_order(engine: Engine) -> None:
    audit.append(engine, WANG, "class", ["x"], run="r", at=datetime(2020, 1, 1, tzinfo=UTC))
    assert [look.at for look in audit.who_looked(engine, "x")] == ["2026-04-01T01:02:03.000+00:00"]
    assert audit.verify(engine).holds


def test_what_cannot_be_printed_is_a_blank(engine: Engine) -> None:
    audit.append(engine, WANG, "class", ["x"], run="r", purpose="a\x00b\r\nc\u202e")
    assert audit.who_looked(engine, "x")[0].purpose == "a b  c "


CHANGES: dict[str, sa.Executable] = {
    "row 2 was changed": sa.update(rows).where(rows.c.n == 2).values(user="别人"),
    "row 3 was changed": sa.update(rows).where(rows.c.n == 3).values(firms=2),
    "row 3 is missing": sa.delete(rows).where(rows.c.n == 3),
    "row 1 is missing": sa.delete(rows).where(rows.c.n == 1),
    "row 4 does not follow row 3": sa.update(rows).where(rows.c.n == 4).values(previous="f" * 64),
    "row 4 is missing": sa.update(rows).where(rows.c.n == 4).values(n=9),
    "the enterprises that row 2 told were changed": sa.delete(audit_firms).where(
        audit_firms.c.n == 2
    ),
    "the enterprises that row 4 told were changed": sa.insert(audit_firms).values(
        n=4, entity_id="another"
    ),
    "enterprises stand under row 9, which is missing": sa.insert(audit_firms).values(
        n=9, entity_id="another"
    ),
}  # fmt: skip


@pytest.mark.parametrize("fault", CHANGES)
def test_a_change_is_named(engine: Engine, fault: str) -> None:
    _tamper(engine, CHANGES[fault])
    assert audit.verify(engine).fault == fault


def test_an_edit_with_a_new_hash_breaks_the_next_row(engine: Engine) -> None:
    with reading(engine) as connection:
        told = connection.execute(sa.select(rows).where(rows.c.n == 2)).mappings().one()
    forged = {**told, "user": "别人"}
    change = {"user": "别人", "hash": chain.row_hash(forged)}
    _tamper(engine, sa.update(rows).where(rows.c.n == 2).values(**change))
    assert audit.verify(engine).fault == "row 3 does not follow row 2"


def test_a_reorder_is_named(engine: Engine) -> None:
    moves = ((2, 20), (3, 2), (20, 3))
    _tamper(engine, *(sa.update(rows).where(rows.c.n == old).values(n=new) for old, new in moves))
    found = audit.verify(engine).fault
    assert found == ("row 2 does not follow row 1: rows were reordered, it was written as row 3")


def _cut(engine: Engine) -> None:
    last = (
        sa.delete(rows).where(rows.c.n == 4),
        sa.delete(audit_firms).where(audit_firms.c.n == 4),
    )
    _tamper(engine, *last)


def test_a_cut_tail_is_found_by_the_lodged_head(engine: Engine) -> None:
    lodged = [audit.head(engine)]
    assert audit.verify(engine, lodged).holds
    _cut(engine)
    assert audit.verify(engine).holds
    told = "the tail is cut after row 3: row 4 was lodged and is missing"
    assert audit.verify(engine, lodged).fault == told


def test_a_chain_written_anew_is_found_between_two_lodged_heads(engine: Engine) -> None:
    with reading(engine) as connection:
        third = connection.scalar(sa.select(rows.c.hash).where(rows.c.n == 3))
    lodged = [audit.head(engine), Head(3, str(third))]
    _cut(engine)
    audit.append(engine, WANG, "class", ["another"], run="r")
    audit.append(engine, WANG, "class", ["and one"], run="r")
    assert audit.verify(engine).holds
    assert audit.verify(engine, lodged).fault == (
        "row 4 is not the row whose hash was lodged: "
        "the chain was written anew somewhere from row 4 to row 4"
    )


@pytest.mark.parametrize("table", AUDITED)
@pytest.mark.parametrize("what", ["UPDATE {} SET n = n + 1", "DELETE FROM {}", "other"])
def test_the_database_itself_only_adds(engine: Engine, table: str, what: str) -> None:
    if what == "other":
        what = {
            "sqlite": "INSERT OR REPLACE INTO {0} SELECT * FROM {0} WHERE n = 2",
            "postgresql": "TRUNCATE {}",
        }[engine.dialect.name]
    with pytest.raises(sa.exc.DBAPIError, match="only grows"), writing(engine) as connection:
        connection.exec_driver_sql(what.format(table))
    assert audit.verify(engine).holds


def test_a_change_and_its_row_stand_together_or_not_at_all(engine: Engine) -> None:
    def fails() -> None:
        with writing(engine) as connection:
            chain.record(connection, [Event.of(WANG, "correct", ["x"], about="C to B")])
            raise ValueError("no second person")

    with pytest.raises(ValueError, match="no second person"):
        fails()
    assert audit.head(engine).n == 4
    with writing(engine) as connection:
        chain.record(connection, [Event.of(WANG, "correct", ["x"], about="C to B")])
    assert audit.head(engine).n == 5


def test_many_readers_at_once_share_transactions(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun: list[int] = []
    record = chain.record

    def counted(connection: sa.Connection, events: Any) -> Head:
        begun.append(len(events))
        time.sleep(0.005)  # a slow disk
        return record(connection, events)

    monkeypatch.setattr(chain, "record", counted)

    def read(n: int) -> None:
        audit.append(engine, WANG, "batch", [f"a {n}", f"b {n}"], run="r")
        assert audit.who_looked(engine, f"a {n}")  # it is there when the wait is over

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(read, range(80)))
    verdict = audit.verify(engine)
    assert verdict.holds
    assert verdict.head.n == 84
    assert sum(begun) == 80
    assert len(begun) < 60


def test_a_chain_that_grows_meanwhile_holds(engine: Engine) -> None:
    done = threading.Event()

    def read() -> None:
        while not done.is_set():
            audit.append(engine, WANG, "batch", ["a", "b"], run="r")

    thread = threading.Thread(target=read)
    thread.start()
    found = [audit.verify(engine)]
    while found[-1].holds and found[-1].head.n < 30:
        found.append(audit.verify(engine))
    done.set()
    thread.join()
    assert found[-1].fault == ""
    assert len(found) > 1


def test_a_crowd_of_firms_is_written_in_several(engine: Engine) -> None:
    crowd = [f"firm {n}" for n in range(sealer.MOST)]
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: audit.append(engine, WANG, "batch", crowd, run="r"), range(3)))
    assert audit.verify(engine).head.n == 7


def test_a_read_that_cannot_be_written_fails_and_the_next_one_does_not(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: Any) -> Head:
        raise OSError("disk full")

    with monkeypatch.context() as patched:
        patched.setattr(chain, "record", full)
        with pytest.raises(OSError, match="disk full"):
            audit.append(engine, WANG, "class", ["x"], run="r")
    audit.append(engine, WANG, "class", ["x"], run="r")
    assert audit.head(engine).n == 5


def test_whoever_stops_waiting_does_not_stop_the_sealer(engine: Engine) -> None:
    waiting = sealer.of(engine).put([Event.of(WANG, "class", ["x"])])
    assert not waiting.cancel()
    audit.append(engine, WANG, "class", ["y"], run="r")
    assert audit.head(engine).n == 6


READER = """
import os, sys
from concurrent.futures import ThreadPoolExecutor
from serving.access import audit
from serving.access.caller import Caller
from serving.store.database import connect
from serving.access.scope import WHOLE

engine, name = connect(sys.argv[1]), sys.argv[2]
wang = Caller("王敏", "inspector", WHOLE)
def read(thread):
    for n in range(thread, 1_000_000, 4):
        audit.append(engine, wang, "class", [f"{name} {n}"], run="r")
        os.write(1, f"{n}\\n".encode())  # the answer
with ThreadPoolExecutor(4) as pool:
    list(pool.map(read, range(4)))
"""


def test_killed_among_others_no_answered_read_is_lost_or_doubled(store: Engine) -> None:
    engine, url = store, store.url.render_as_string(hide_password=False)
    command = (sys.executable, "-c", READER, url)
    environment = {**os.environ, "PYTHONPATH": str(Path.cwd())}
    running = [
        subprocess.Popen([*command, name], stdout=subprocess.PIPE, env=environment)
        for name in ("first", "second")
    ]
    deadline = time.monotonic() + 60
    while not all(_seen(engine, name) for name in ("first", "second")):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    time.sleep(0.3)
    running[0].send_signal(signal.SIGKILL)
    before = len(_seen(engine, "second"))
    while len(_seen(engine, "second")) < before + 50:  # the other goes on without hands
        assert time.monotonic() < deadline
        time.sleep(0.05)
    running[1].send_signal(signal.SIGKILL)
    for name, process in zip(("first", "second"), running, strict=True):
        answered = {int(line) for line in process.communicate()[0].split(b"\n")[:-1]}
        seen = _seen(engine, name)
        assert len(answered) > 10
        assert answered <= set(seen)
        assert len(seen) == len(set(seen))
    assert audit.verify(engine).holds


def _seen(engine: Engine, name: str) -> list[int]:
    told = sa.select(audit_firms.c.entity_id).where(audit_firms.c.entity_id.like(f"{name} %"))
    with reading(engine) as connection:
        return [int(entity_id.split()[1]) for entity_id in connection.scalars(told)]

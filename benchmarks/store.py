"""The result store: a run loaded, the room it takes, and what one firm's class and ladder cost.

On SQLite, and on a PostgreSQL that is started for it. Read are firms drawn at random, whose ladders
nobody has read yet: columns by SQL, unpacked, told in sentences, as JSON. The peer of a read is the
same row by Python's own `sqlite3` and nothing else. `full` is 3 million firms, loaded whole.
"""

from __future__ import annotations

import random
import sqlite3
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy.engine import Engine

from benchmarks import store_data
from benchmarks.chicago_report import Row, row
from benchmarks.store_server import postgres
from records.errors import NotPossible
from serving.access.scope import WHOLE
from serving.results import publishing, results, shelves
from serving.results.results import Search
from serving.store import upgrades
from serving.store.database import connect, opened, reading

FIRMS = {"small": 50_000, "full": 3_000_000}
READS = 2_000
GOALS = {"loading": 180.0, "bytes": 9_000.0}
"""Seconds for 3 million; bytes a firm that a store with both ladders rendered took."""
SEARCHES = {
    "two characters": Search(q="餐饮"),
    "a whole trade and a class": Search(q="餐饮管理有限公司", risk_class="D"),
    "class, division and industry": Search(risk_class="C", division=str(230_007), industry=str(17)),
}


def run(size: str, seed: int) -> list[Row]:
    """A row for each figure on each database."""
    firms, rows = FIRMS[size], []
    with tempfile.TemporaryDirectory(prefix="xinfen-store-") as name:
        place = Path(name)
        folder = store_data.write(place / "run", firms, seed)
        store_data.write(place / "little", store_data.BLOCK, seed)
        kinds = {"SQLite": _sqlite(place), "PostgreSQL": _postgres()}
        for kind, store in kinds.items():
            with store as (engine, room):
                publishing.publish(place / "little", engine=engine)  # compiles, starts
                rows += _figures(kind, engine, folder, firms, room, size == "full")
    return rows


def _figures(
    kind: str, engine: Engine, folder: Path, firms: int, room: Callable[[], int], whole: bool
) -> list[Row]:
    before, begun, worked = room(), time.perf_counter(), time.process_time()
    load = publishing.publish(folder, engine=engine).load
    seconds, cpu = time.perf_counter() - begun, time.process_time() - worked
    what = f"{kind}, {firms:,} firms:"
    told = [
        _row(f"{what} loading", seconds, "s", GOALS["loading"] if whole else None),
        _row(f"{what} loading, of it this process", cpu, "CPU s"),
        _row(f"{what} loading", firms / seconds, "firms/s"),
        _row(f"{what} room", (room() - before) / firms, "bytes a firm", GOALS["bytes"]),
    ]
    told += [_row(f"{what} search, {name}", 1e3 * _search(engine, load, wanted), "ms")
             for name, wanted in SEARCHES.items()]  # fmt: skip
    chosen = random.Random(0).choices(_classified(firms), k=READS)  # noqa: S311 - a sample
    own = _each(chosen, lambda code: _read(engine, load, code))
    cls = _each(chosen, lambda code: _class(engine, load, code))
    bare = None
    if kind == "SQLite":
        alone = sqlite3.connect(shelves.file_of(engine, load))
        bare = _each(chosen, lambda code: _bare(alone, code))
        alone.close()
    for name, cost in (("class", cls), ("class and ladder", own)):
        for at, unit in enumerate(("µs", "CPU µs")):
            peer = None if bare is None else bare[at]
            told.append(_row(f"{what} {name} read", cost[at], unit, peer=peer))
    return told


def _row(
    what: str, figure: float, unit: str, goal: float | None = None, peer: float | None = None
) -> Row:
    name = None if peer is None else "sqlite3, the same row"
    told = row(what, figure, unit, peer=name, peer_figure=peer, goal=goal)
    return told | {"ok": None if goal is None else figure <= goal}


def _classified(firms: int) -> list[str]:
    """Codes of classified firms of some blocks."""
    blocks = range(0, firms, max(firms // 20 // store_data.BLOCK, 1) * store_data.BLOCK)
    return [code for first in blocks for code in store_data.codes(first, store_data.CLASSIFIED)]


def _each(codes: list[str], read: Callable[[str], Any]) -> tuple[float, float]:
    """Microseconds of a read, by the clock and of this process; the first hundred do not count."""
    for code in codes[:100]:
        read(code)
    begun, worked = time.perf_counter(), time.process_time()
    for code in codes[100:]:
        if not read(code):
            raise NotPossible(f"firm {code} is not in the store")
    count = len(codes) - 100
    passed = time.perf_counter() - begun, time.process_time() - worked
    return 1e6 * passed[0] / count, 1e6 * passed[1] / count


def _read(engine: Engine, load: int, code: str) -> bytes | None:
    with reading(engine) as connection:
        results.published(connection)
        return results.stored_ladder(connection, load, code, "zh", WHOLE)


def _class(engine: Engine, load: int, code: str) -> dict[str, Any] | None:
    with reading(engine) as connection:
        results.published(connection)
        return results.firm(connection, load, code, WHOLE)


def _bare(connection: sqlite3.Connection, code: str) -> Any:
    return connection.execute("SELECT * FROM firms WHERE entity_id = ?", (code,)).fetchone()


def _search(engine: Engine, load: int, wanted: Search) -> float:
    begun = time.perf_counter()
    with reading(engine) as connection:
        results.search(connection, load, wanted, WHOLE)
    return time.perf_counter() - begun


@contextmanager
def _sqlite(place: Path) -> Iterator[tuple[Engine, Callable[[], int]]]:
    folder = place / "sqlite"
    engine = connect(f"sqlite:///{folder / 'results.db'}")
    yield engine, lambda: sum(one.stat().st_size for one in folder.rglob("*") if one.is_file())
    engine.dispose()


@contextmanager
def _postgres() -> Iterator[tuple[Engine, Callable[[], int]]]:
    with postgres() as url:
        engine = opened(url.render_as_string(hide_password=False))
        upgrades.upgrade(engine)

        def room() -> int:
            with reading(engine) as connection:
                size = "SELECT pg_database_size(current_database())"
                return int(connection.exec_driver_sql(size).scalar_one())

        yield engine, room
        engine.dispose()

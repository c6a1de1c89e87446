"""Publish a run: its rows come in beside the served ones, then one small step points at them.

Readers see the old run or the new one, never a mixture, and nobody waits. Killed in between, the
old run is served on, and the next publication sweeps what was left.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.exc import DBAPIError

from models import background
from models.definition import FILES
from records.errors import BadInput, NotPossible
from serving.access import chain
from serving.access.caller import terminal
from serving.access.chain import Event
from serving.results import filling, freezing, loading, postings, shelves
from serving.results.filling import bulk
from serving.results.results import Published
from serving.results.wordlists import Wordlists
from serving.runs import runfolder
from serving.runs.runfolder import RunFolder
from serving.store.database import (
    connect,
    current,
    frozen,
    history,
    loads,
    reading,
    tallies,
    writing,
)

Progress = Callable[[int, int], None]
"""(firms done, firms in all)."""

KEPT = 3
"""Runs whose firms stay in the store; of older ones the history does."""


def publish(
    run: Path,
    *,
    engine: Engine | None = None,
    progress: Progress = lambda _done, _of: None,
    keep: int = KEPT,
) -> Published:
    """Load a run folder and serve it; a run that is loaded already is only pointed at.

    Parameters
    ----------
    run : folder written by `xinfen score`.
    engine : the result store; by default the one of `records.places.results_db()`.
    progress : called with (firms loaded, firms in all) as each batch is there.
    keep : runs whose firms stay, this one among them.

    Raises
    ------
    NotFound, BadInput : the folder is not whole or does not add up; nothing changes.
    NotPossible : another publication removed this one's rows meanwhile; what was served stays.
    """
    if keep < 1:
        raise BadInput("too few runs to keep", found=str(keep), allowed="1 or more")
    folder = runfolder.opened(run)
    engine = engine or connect()
    whole = loads.c.run == folder.id, loads.c.whole, loads.c.held
    with writing(engine) as connection:
        load = connection.scalar(sa.select(loads.c.load).where(*whole))
        if load is not None:
            _point(connection, load)
            _note(connection, folder)
            return Published(load, folder.id, folder.about)
        load = _begin(connection, folder)
    for left in _broken(engine, load):
        _sweep(engine, left)
    try:
        _Filling(engine, load, folder, progress).fill()
    except BaseException as error:
        lost = isinstance(error, DBAPIError) and not _ours(engine, load)
        _sweep(engine, load)
        if lost:
            raise _overtaken() from error
        raise
    with writing(engine) as connection:
        _hold(connection, load)
        connection.execute(sa.update(loads).where(loads.c.load == load).values(whole=True))
        _point(connection, load)
        _note(connection, folder)
    _thin(engine, keep)
    return Published(load, folder.id, folder.about)


@dataclass
class _Filling:
    """One load on its way in."""

    engine: Engine
    load: int
    folder: RunFolder
    progress: Progress
    lists: Wordlists = field(default_factory=Wordlists)

    def fill(self) -> None:
        """Everything but the pointer."""
        self._shelf()
        for part in loading.histories(self.folder):
            columns = filling.values(part)
            rows = zip([self.load] * part.num_rows, *columns, strict=True)
            with writing(self.engine) as connection:
                _hold(connection, self.load)
                bulk(connection, history, rows)
        with writing(self.engine) as connection:
            _hold(connection, self.load)
            bulk(connection, frozen, self._frozen())
            bulk(connection, tallies, self._tallies())

    def _shelf(self) -> None:
        count, done = self.folder.classes.num_rows, 0
        with (
            ThreadPoolExecutor(1) as beside,
            shelves.private(self.engine, self.load) as (connection, shelf),
        ):
            names = beside.submit(postings.normal, self.folder.classes["name"].combine_chunks())
            terms = beside.submit(lambda: [*postings.terms(self.folder.classes, names.result())])
            for batch in filling.ahead(loading.batches(self.folder, self.lists)):
                bulk(connection, shelf.firms, filling.rows_of(batch))
                connection.commit()
                done += batch.rows.num_rows
                self.progress(done, count)
                if not _ours(self.engine, self.load):
                    raise _overtaken()
            bulk(connection, shelf.names, postings.chunks(names.result()))
            bulk(connection, shelf.terms, terms.result())
            connection.commit()
            shelves.index(connection, shelf)
            connection.commit()
        shelves.settle(self.engine, self.load)

    def _frozen(self) -> list[tuple[int, str, bytes]]:
        """The files that the ladders are rendered by, and a firm is tried by."""
        model = self.folder.path / "model"
        names = (*FILES, background.FILE, *freezing.FITTED)
        files = [name for name in names if (model / name).is_file()]
        named = [(name, (model / name).read_bytes()) for name in files]
        lists = freezing.written(self.lists, self.folder)
        return [(self.load, name, content) for name, content in [*named, (freezing.LISTS, lists)]]

    def _tallies(self) -> list[tuple[int, str, str, str, int]]:
        rows = self.folder.classes
        counted: Counter[tuple[str, str, str]] = Counter()
        for kind, column in (
            ("division", "division"), ("industry", "industry"), ("grade", "public_grade")
        ):  # fmt: skip
            pairs = rows.group_by([column, "risk_class"]).aggregate([([], "count_all")])
            for value, letter, firms in zip(*filling.values(pairs), strict=True):
                counted[kind, value or "", letter or ""] += firms
        return [(self.load, *key, firms) for key, firms in sorted(counted.items())]


def _begin(connection: Connection, folder: RunFolder) -> int:
    row: dict[str, Any] = {
        "run": folder.id, "whole": False, "held": True, "as_of": folder.about["as_of"],
        "about": folder.about,
    }  # fmt: skip
    load: int = connection.scalars(sa.insert(loads).returning(loads.c.load), row).one()
    return load


def _hold(connection: Connection, load: int) -> None:
    """Keep this load ours to the end of the transaction; another publication may have swept it."""
    ours = sa.select(loads.c.load).where(loads.c.load == load).with_for_update()
    if connection.scalar(ours) is None:
        raise _overtaken()


def _ours(engine: Engine, load: int) -> bool:
    with reading(engine) as connection:
        found = connection.scalar(sa.select(loads.c.load).where(loads.c.load == load))
    return found is not None


def _overtaken() -> NotPossible:
    return NotPossible(
        "another publication ran at the same time and removed this one's rows",
        hint="publish once more",
    )


def _point(connection: Connection, load: int) -> None:
    now = datetime.now(UTC).isoformat(timespec="seconds")
    connection.execute(sa.update(loads).where(loads.c.load == load).values(published=now))
    connection.execute(sa.delete(current))
    connection.execute(sa.insert(current).values(one=1, load=load))


def _note(connection: Connection, folder: RunFolder) -> None:
    """What is served changes and stands in the audit together."""
    by, about = terminal("administrator"), f"as of {folder.about['as_of']}"
    chain.record(connection, [Event.of(by, "publish", about=about, run=folder.id)])


def _broken(engine: Engine, ours: int) -> list[int]:
    """Loads that an interrupted publication left."""
    broken = sa.select(loads.c.load).where(~loads.c.whole, loads.c.load != ours)
    with reading(engine) as connection:
        return [*connection.scalars(broken)]


def _sweep(engine: Engine, load: int) -> None:
    """Remove all of a load that never became whole."""
    with writing(engine) as connection:
        for table in (loads, frozen, tallies, history):
            connection.execute(sa.delete(table).where(table.c.load == load))
    shelves.drop(engine, load)


def _thin(engine: Engine, keep: int) -> None:
    """Drop the firms of all but the newest runs and the served one."""
    with writing(engine) as connection:
        held = sa.select(loads.c.load).where(loads.c.whole, loads.c.held)
        newest = [*connection.scalars(held.order_by(loads.c.published.desc(), loads.c.load.desc()))]
        old = newest[keep:]
        connection.execute(sa.update(loads).where(loads.c.load.in_(old)).values(held=False))
        connection.execute(sa.delete(frozen).where(frozen.c.load.in_(old)))
    for load in old:
        shelves.drop(engine, load)

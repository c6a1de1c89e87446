"""The result store: publish a run, then answer for it.

A run's rows come in beside the served ones, in batches; one small transaction then moves the
pointer. Readers see the old run or the new one, never a mixture, and nobody waits.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import orjson
import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from models import definition, ladder
from models.peers import Peers
from records.errors import NotPossible, XinfenError
from serving import runfolder
from serving.database import connect, current, firms, loads, writing
from serving.runfolder import Row

Lang = Literal["zh", "en"]
Render = Callable[[Row, list[Row], Lang], dict[str, Any]]
"""(firm, its reasons, language) -> its ladder as JSON values."""

Progress = Callable[[int, int], None]
"""(firms done, firms in all)."""

BATCH = 2_000
"""Firms a transaction while loading; an audit row waits no longer than one batch."""

TOLD = (
    "entity_id", "name", "division", "industry", "entity_type", "status", "scope", "risk_class",
    "model_class", "previous_class", "public_grade", "public_score", "probability",
)  # fmt: skip
"""What is told of a firm without its ladder: a column of `firms` each."""


class NothingPublished(XinfenError):
    """No run is served yet."""


@dataclass(frozen=True, slots=True)
class Published:
    """The run that is served: its load number, its SHA-256 and what describes it."""

    load: int
    run: str
    about: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Search:
    """What to look for; an empty text does not narrow.

    `q` is a part of the name or the start of the code.
    """

    q: str = ""
    risk_class: str = ""
    division: str = ""
    industry: str = ""


@dataclass(frozen=True, slots=True)
class Found:
    """One page of firms by entity_id, how many there are in all, and where the next page starts."""

    firms: list[dict[str, Any]]
    total: int
    after: str | None


def publish(
    run: Path,
    *,
    engine: Engine | None = None,
    render: Render | None = None,
    progress: Progress = lambda _done, _of: None,
) -> Published:
    """Load a run folder and serve it; a run that is loaded already is only pointed at.

    Parameters
    ----------
    run : folder written by `xinfen score`.
    engine : the result store; by default the one of `records.places.results_db()`.
    render : makes the ladders; by default the run's own frozen model does.
    progress : called with (firms loaded, firms in all) as each batch begins.

    Raises
    ------
    NotFound, BadInput : the folder is not whole or does not add up; nothing changes.
    NotPossible : another publication removed this one's rows meanwhile; what was served stays.
    """
    folder = runfolder.read(run)
    engine = engine or connect()
    with writing(engine) as connection:
        load = connection.scalar(
            sa.select(loads.c.load).where(loads.c.run == folder.id, loads.c.whole)
        )
        if load is not None:
            _point(connection, load)
            return Published(load, folder.id, folder.about)
        _sweep(connection)
        row = {"run": folder.id, "whole": False, "about": folder.about}
        load = connection.scalars(sa.insert(loads).returning(loads.c.load), row).one()
    render = render or _renderer(run)
    for number, batch in enumerate(folder.batches(BATCH)):
        progress(number * BATCH, folder.classes.num_rows)
        rows = [_firm(load, firm, reasons, render) for firm, reasons in batch]
        with writing(engine) as connection:
            _hold(connection, load)
            connection.execute(sa.insert(firms), rows)
    with writing(engine) as connection:
        _hold(connection, load)
        connection.execute(sa.update(loads).where(loads.c.load == load).values(whole=True))
        _point(connection, load)
    return Published(load, folder.id, folder.about)


def published(connection: Connection) -> Published:
    """The run that is served.

    Raises
    ------
    NothingPublished : none is yet.
    """
    row = connection.execute(
        sa.select(loads.c.load, loads.c.run, loads.c.about).join(
            current, current.c.load == loads.c.load
        )
    ).first()
    if row is None:
        raise NothingPublished("no run is published", hint="run `xinfen publish RUN` first")
    return Published(row.load, row.run, row.about)


def firm(connection: Connection, load: int, entity_id: str) -> dict[str, Any] | None:
    """What is told of one firm (see `TOLD`); None if the run does not hold it."""
    return next(iter(firms_by_id(connection, load, [entity_id])), None)


def firms_by_id(connection: Connection, load: int, ids: Sequence[str]) -> list[dict[str, Any]]:
    """The firms among `ids` that the run holds, by entity_id."""
    wanted = _told().where(firms.c.load == load, firms.c.entity_id.in_(ids))
    return _rows(connection, wanted.order_by(firms.c.entity_id))


def stored_ladder(connection: Connection, load: int, entity_id: str, lang: Lang) -> bytes | None:
    """A firm's ladder as the stored JSON bytes; None if the run does not hold the firm."""
    return connection.scalar(
        sa.select(firms.c[f"ladder_{lang}"]).where(
            firms.c.load == load, firms.c.entity_id == entity_id
        )
    )


def search(
    connection: Connection, load: int, wanted: Search, *, after: str = "", limit: int = 20
) -> Found:
    """Firms that fit, by entity_id, from the first one past `after`; the order never changes."""
    fits = _conditions(load, wanted)
    total = connection.scalar(sa.select(sa.func.count()).select_from(firms).where(*fits)) or 0
    page = _told().where(*fits, firms.c.entity_id > after).order_by(firms.c.entity_id)
    rows = _rows(connection, page.limit(limit + 1))
    more = len(rows) > limit
    return Found(rows[:limit], total, rows[limit - 1]["entity_id"] if more else None)


def choices(connection: Connection, load: int, column: str) -> list[str]:
    """The different values of a column in the run, sorted; for the filters of the search page."""
    values = sa.select(firms.c[column]).where(firms.c.load == load, firms.c[column].is_not(None))
    return list(connection.scalars(values.distinct().order_by(firms.c[column])))


def tidy(text: str) -> str:
    """Typed text as it is stored: full-width letters and outer spaces undone."""
    return unicodedata.normalize("NFKC", text).strip()


def _conditions(load: int, wanted: Search) -> list[sa.ColumnElement[bool]]:
    narrow = ("risk_class", "division", "industry")
    fits = [firms.c[name] == value for name in narrow if (value := getattr(wanted, name))]
    if q := tidy(wanted.q):
        in_name = firms.c.name.icontains(q, autoescape=True)
        fits.append(in_name | firms.c.entity_id.istartswith(q, autoescape=True))
    return [firms.c.load == load, *fits]


def _told() -> sa.Select[Any]:
    return sa.select(*(firms.c[name] for name in TOLD))


def _rows(connection: Connection, query: sa.Select[Any]) -> list[dict[str, Any]]:
    return [dict(row) for row in connection.execute(query).mappings()]


def _renderer(run: Path) -> Render:
    model = definition.load(run / "model")
    peers = Peers.of(run / "model", model)
    return lambda row, reasons, lang: ladder.ladder(row, reasons, model, lang, peers)


def _firm(load: int, row: Row, reasons: list[Row], render: Render) -> dict[str, Any]:
    return {
        "load": load,
        **{name: row[name] for name in TOLD},
        "ladder_zh": orjson.dumps(render(row, reasons, "zh")),
        "ladder_en": orjson.dumps(render(row, reasons, "en")),
    }


def _hold(connection: Connection, load: int) -> None:
    """Keep this load ours to the end of the transaction; another publication may have swept it."""
    ours = sa.select(loads.c.load).where(loads.c.load == load).with_for_update()
    if connection.scalar(ours) is None:
        raise NotPossible(
            "another publication ran at the same time and removed this one's rows",
            hint="publish once more",
        )


def _point(connection: Connection, load: int) -> None:
    connection.execute(sa.delete(current))
    connection.execute(sa.insert(current).values(one=1, load=load))


def _sweep(connection: Connection) -> None:
    """Remove what an interrupted publication left."""
    broken = sa.select(loads.c.load).where(~loads.c.whole)
    connection.execute(sa.delete(firms).where(firms.c.load.in_(broken)))
    connection.execute(sa.delete(loads).where(~loads.c.whole))

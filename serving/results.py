"""The result store, read: which run is served, what it says of a firm, and what earlier ones said.

A firm's ladder is packed in the store (`serving.packing`); its sentences are rendered as it is
read, by the model that is frozen with the load.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal

import orjson
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from records.errors import XinfenError
from serving import freezing, shelves
from serving.database import current, history, loads, tallies
from serving.kept import Kept
from serving.loading import TOLD
from serving.searching import Found, Search, choices, search, tidy
from serving.shelves import Shelf

__all__ = [
    "Found", "Lang", "NothingPublished", "Published", "Search", "choices", "counts", "firm",
    "firms_by_id", "past", "published", "search", "stored_ladder", "tidy", "told",
]  # fmt: skip

Lang = Literal["zh", "en"]


class NothingPublished(XinfenError):
    """No run is served yet."""


@dataclass(frozen=True, slots=True)
class Published:
    """The run that is served: its load number, its SHA-256 and what describes it."""

    load: int
    run: str
    about: dict[str, Any]


_known: Kept[int, Published] = Kept(8)
_ladders: Kept[tuple[int, str, Lang], bytes] = Kept(4_096)
_CURRENT = sa.select(current.c.load)


def published(connection: Connection) -> Published:
    """The run that is served.

    Raises
    ------
    NothingPublished : none is yet.
    """
    load = connection.scalar(_CURRENT)
    if load is None:
        raise NothingPublished("no run is published", hint="run `xinfen publish RUN` first")
    if known := _known.get(connection, load):
        return known
    described = sa.select(loads.c.run, loads.c.about).where(loads.c.load == load)
    row = connection.execute(described).one()
    return _known.put(connection, load, Published(load, row.run, row.about))


def firm(connection: Connection, load: int, entity_id: str) -> dict[str, Any] | None:
    """What is told of one firm (see `TOLD`); None if the run does not hold it."""
    row = _row(connection, load, entity_id)
    return None if row is None else dict(zip(TOLD, row, strict=False))


def firms_by_id(connection: Connection, load: int, ids: Sequence[str]) -> list[dict[str, Any]]:
    """The firms among `ids` that the run holds, by entity_id."""
    firms = shelves.of(connection, load).firms
    wanted = sa.select(*(firms.c[name] for name in TOLD)).where(firms.c.entity_id.in_(ids))
    return [dict(row) for row in connection.execute(wanted.order_by(firms.c.n)).mappings()]


def told(
    connection: Connection, load: int, entity_id: str, lang: Lang
) -> tuple[dict[str, Any], dict[str, Any]] | None:
    """A firm's columns (TOLD) and its ladder, by one read; None if the run does not hold it."""
    row = _row(connection, load, entity_id)
    if row is None:
        return None
    own = dict(zip(TOLD, row, strict=False))
    return own, freezing.of(connection, load).ladder(own, bytes(row[-1]), lang)


def _row(connection: Connection, load: int, entity_id: str) -> tuple[Any, ...] | None:
    """A firm's columns (TOLD) and its packed bytes."""
    wanted = _by_code(shelves.of(connection, load))
    row = connection.execute(wanted, {"code": entity_id}).first()
    return None if row is None else tuple(row)


@lru_cache(maxsize=64)
def _by_code(shelf: Shelf) -> sa.Select[Any]:
    firms = shelf.firms
    columns = [*(firms.c[name] for name in TOLD), firms.c.packed]
    return sa.select(*columns).where(firms.c.entity_id == sa.bindparam("code"))


def stored_ladder(connection: Connection, load: int, entity_id: str, lang: Lang) -> bytes | None:
    """A firm's ladder as JSON bytes; None if the run does not hold the firm."""
    if kept := _ladders.get(connection, (load, entity_id, lang)):
        return kept
    found = told(connection, load, entity_id, lang)
    if found is None:
        return None
    return _ladders.put(connection, (load, entity_id, lang), orjson.dumps(found[1]))


def past(connection: Connection, entity_id: str) -> list[dict[str, Any]]:
    """What every published run made of a firm, the newest first.

    Returns
    -------
    rows of `run`, `as_of`, `published` (when it was first served), `risk_class`, `model_class`,
    `public_grade`, `probability`, `previous_class`, and why the class changed: `cause` and `rule`
    as moves.parquet names them, `indicators` that moved the score most. These three are null where
    the class did not change, or the run was scored without the one before.
    """
    columns = [one for one in history.c if one.name not in ("load", "entity_id")]
    mine = (
        sa.select(loads.c.run, loads.c.as_of, loads.c.published, *columns)
        .join(loads, loads.c.load == history.c.load)
        .where(history.c.entity_id == entity_id, loads.c.published.is_not(None))
        # The run that was loaded last, should it have been loaded twice.
        .where(history.c.load.in_(
            sa.select(sa.func.max(loads.c.load)).where(loads.c.whole).group_by(loads.c.run)
        ))
        .order_by(loads.c.as_of.desc(), history.c.load.desc())
    )  # fmt: skip
    rows = [dict(row) for row in connection.execute(mine).mappings()]
    for row in rows:
        row["indicators"] = row["indicators"] and orjson.loads(bytes(row["indicators"]))
    return rows


def counts(connection: Connection, load: int, kind: str) -> list[dict[str, Any]]:
    """Firms of a load by class and by `division`, `industry` or public `grade`.

    Returns
    -------
    rows of `value` (empty: not known), `risk_class` (empty: not classified) and `firms`.
    """
    wanted = sa.select(tallies.c.value, tallies.c.risk_class, tallies.c.firms)
    wanted = wanted.where(tallies.c.load == load, tallies.c.kind == kind)
    ordered = wanted.order_by(tallies.c.value, tallies.c.risk_class)
    return [dict(row) for row in connection.execute(ordered).mappings()]

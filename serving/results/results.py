"""The result store, read: which run is served, what it says of a firm, and what earlier ones said.

A firm's ladder is packed in the store (`packing`); its sentences are rendered as it is
read, by the model that is frozen with the load.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import orjson
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from records.errors import XinfenError
from serving.access.scope import LADDER, FieldHidden, Scope
from serving.results import freezing, shelves
from serving.results.kept import Kept
from serving.results.loading import TOLD
from serving.results.searching import Found, Search, choices, search, tidy
from serving.results.shelves import Shelf
from serving.store.database import among, current, history, loads, tallies, texts
from serving.store.quick import Quick
from serving.telling.languages import Lang

__all__ = [
    "LAST", "TOLD", "FieldHidden", "Found", "Lang", "NothingPublished", "Published", "Row",
    "Search", "about", "choices", "counts", "firm", "firms_by_id", "past",
    "published", "readable", "rows_of", "search", "stored_ladder", "tidy", "told",
]  # fmt: skip


class NothingPublished(XinfenError):
    """No run is served yet."""


@dataclass(frozen=True, slots=True)
class Published:
    """The run that is served: its load number, its SHA-256 and what describes it."""

    load: int
    run: str
    about: dict[str, Any]

    def answer(self, **told: Any) -> dict[str, Any]:
        """What is told, with the run that it rests on; the day is the run's if no other is told."""
        return {"run": self.run, "as_of": self.about["as_of"], **told}


_known: Kept[int, Published] = Kept(8)
LAST = sa.select(sa.func.max(loads.c.load)).where(loads.c.whole).group_by(loads.c.run)
"""The loads that count: of a run that was loaded twice the last."""
_CURRENT = sa.select(current.c.load)
POINTER = _CURRENT.scalar_subquery()
"""The load that is served, to be asked for beside something else; null: none is yet."""


def published(connection: Connection) -> Published:
    """The run that is served.

    Raises
    ------
    NothingPublished : none is yet.
    """
    return described(connection, connection.scalar(_CURRENT))


def described(connection: Connection, load: int | None) -> Published:
    """The run of the load that `POINTER` names.

    Raises
    ------
    NothingPublished : null, none is yet.
    """
    if load is None:
        raise NothingPublished("no run is published", hint="run `xinfen publish RUN` first")
    if known := _known.get(connection, load):
        return known
    row = connection.execute(
        sa.select(loads.c.run, loads.c.about).where(loads.c.load == load)
    ).one()
    return _known.put(connection, load, Published(load, row.run, row.about))


def readable(connection: Connection) -> Published:
    """The run that is served, once its firms and its model were read; so the first reader need not.

    Raises
    ------
    NothingPublished : none is yet.
    """
    now = published(connection)
    firms = shelves.of(connection, now.load).firms
    connection.execute(sa.select(firms.c.entity_id).limit(1)).first()
    freezing.of(connection, now.load)
    return now


def about(connection: Connection, now: Published, scope: Scope) -> dict[str, Any]:
    """What describes the run, its enterprises counted within the scope."""
    if scope.regions is None:
        return now.about
    counted = (
        sa.select(tallies.c.risk_class, sa.func.sum(tallies.c.firms).label("n"))
        .where(tallies.c.load == now.load, tallies.c.kind == "division")
        .where(scope.within(tallies.c.value))
        .group_by(tallies.c.risk_class)
    )
    found = {row.risk_class: int(row.n) for row in connection.execute(counted)}
    classes = {letter: found.get(letter, 0) for letter in now.about["classes"]}
    return {**now.about, "firms": sum(found.values()), "classes": classes}


def firm(connection: Connection, load: int, entity_id: str, scope: Scope) -> dict[str, Any] | None:
    """What is told of one firm (see `TOLD`); None if the run does not hold it within the scope."""
    wanted = _by_code(shelves.of(connection, load), scope)
    row = connection.execute(wanted, {"code": entity_id}).mappings().first()
    return None if row is None else dict(row)


@lru_cache(maxsize=256)
def _by_code(shelf: Shelf, scope: Scope) -> sa.Select[Any]:
    firms = shelf.firms
    wanted = sa.select(*(firms.c[name] for name in TOLD if scope.sees(name)))
    return wanted.where(firms.c.entity_id == sa.bindparam("code"), scope.within(firms.c.division))


def firms_by_id(
    connection: Connection, load: int, ids: Sequence[str], scope: Scope
) -> list[dict[str, Any]]:
    """The firms among `ids` that the run holds within the scope, by entity_id."""
    firms = shelves.of(connection, load).firms
    wanted = sa.select(*(firms.c[name] for name in TOLD if scope.sees(name)))
    wanted = wanted.where(firms.c.entity_id.in_(ids), scope.within(firms.c.division))
    return [dict(row) for row in connection.execute(wanted.order_by(firms.c.n)).mappings()]


Row = dict[str, Any]


def rows_of(connection: Connection, load: int, ids: Iterable[str], scope: Scope) -> dict[str, Row]:
    """The firms among `ids` that the run holds within the scope, by entity_id, all columns.

    Which columns are told of them is the caller's to say; a ladder is told by `freezing`.
    """
    dialect = connection.dialect.name
    wanted = _by_codes(shelves.of(connection, load), scope, dialect)
    found = wanted.rows(connection, {"codes": texts(ids, dialect)})
    return {row[0]: dict(zip(_WHOLE, row, strict=True)) for row in found}


_WHOLE = (*TOLD, "packed")


@lru_cache(maxsize=256)
def _by_codes(shelf: Shelf, scope: Scope, dialect: str) -> Quick:
    firms = shelf.firms
    wanted = sa.select(*(firms.c[name] for name in _WHOLE))
    theirs = among(firms.c.entity_id, "codes", dialect)
    return Quick(wanted.where(theirs, scope.within(firms.c.division)))


def told(
    connection: Connection, load: int, entity_id: str, lang: Lang, scope: Scope
) -> tuple[dict[str, Any], dict[str, Any]] | None:
    """A firm's columns (TOLD) and its ladder, by one read; None if it is not within the scope.

    Raises
    ------
    FieldHidden : the scope holds ladders back.
    """
    scope.need(LADDER)
    row = rows_of(connection, load, [entity_id], scope).get(entity_id)
    if row is None:
        return None
    ladder = freezing.of(connection, load).ladder(row, lang)
    return {name: row[name] for name in TOLD if scope.sees(name)}, ladder


def stored_ladder(
    connection: Connection, load: int, entity_id: str, lang: Lang, scope: Scope
) -> bytes | None:
    """A firm's ladder as JSON bytes; None if the run does not hold the firm within the scope.

    Raises
    ------
    FieldHidden : the scope holds ladders back.
    """
    scope.need(LADDER)
    row = rows_of(connection, load, [entity_id], scope).get(entity_id)
    return None if row is None else freezing.of(connection, load).told(row, lang)


def past(connection: Connection, entity_id: str, scope: Scope) -> list[dict[str, Any]]:
    """What every published run made of a firm, the newest first.

    Nothing is told of a firm that the served run does not hold within a scope of regions. Columns
    that the scope holds back are absent; without `risk_class` nothing is told of why it changed.

    Returns
    -------
    rows of `run`, `as_of`, `published` (when it was first served), `risk_class`, `model_class`,
    `public_grade`, `probability`, `previous_class`, and why the class changed: `cause` and `rule`
    as moves.parquet names them, `indicators` that moved the score most. These three are null where
    the class did not change, or the run was scored without the one before.
    """
    if scope.regions is not None and (
        (load := connection.scalar(_CURRENT)) is None
        or firm(connection, load, entity_id, scope) is None
    ):
        return []
    own = {"load", "entity_id"}
    why = {"cause", "rule", "indicators"}
    columns = [
        one for one in history.c
        if one.name not in own and scope.sees("risk_class" if one.name in why else one.name)
    ]  # fmt: skip
    mine = (
        sa.select(loads.c.run, loads.c.as_of, loads.c.published, *columns)
        .join(loads, loads.c.load == history.c.load)
        .where(history.c.entity_id == entity_id, loads.c.published.is_not(None))
        .where(history.c.load.in_(LAST))
        .order_by(loads.c.as_of.desc(), history.c.load.desc())
    )
    rows = [dict(row) for row in connection.execute(mine).mappings()]
    for row in rows:
        if "indicators" in row:
            row["indicators"] = row["indicators"] and orjson.loads(bytes(row["indicators"]))
    return rows


def counts(connection: Connection, load: int, kind: str, scope: Scope) -> list[dict[str, Any]]:
    """Firms of a load within the scope by class and by `division`, `industry` or public `grade`.

    Returns
    -------
    rows of `value` (empty: not known), `risk_class` (empty: not classified) and `firms`.
    """
    if scope.regions is None or kind == "division":
        wanted = sa.select(tallies.c.value, tallies.c.risk_class, tallies.c.firms)
        wanted = wanted.where(tallies.c.load == load, tallies.c.kind == kind)
        if kind == "division":
            wanted = wanted.where(scope.within(tallies.c.value))
        ordered = wanted.order_by(tallies.c.value, tallies.c.risk_class)
        return [dict(row) for row in connection.execute(ordered).mappings()]
    # A tally of the province does not know where its firms are.
    firms = shelves.of(connection, load).firms
    value = sa.func.coalesce(firms.c["public_grade" if kind == "grade" else kind], "")
    letter = sa.func.coalesce(firms.c.risk_class, "")
    counted = sa.select(
        value.label("value"), letter.label("risk_class"), sa.func.count().label("firms")
    )
    counted = counted.where(scope.within(firms.c.division)).group_by(value, letter)
    rows = connection.execute(counted).mappings()
    return sorted((dict(row) for row in rows), key=lambda row: (row["value"], row["risk_class"]))

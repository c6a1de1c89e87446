"""Firms that left their class between the run before and a load: how many, and which."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

import orjson
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from serving.access.scope import Scope
from serving.results import shelves
from serving.results.kept import Kept
from serving.store.database import history

WORSE, BETTER = "worse", "better"
_KEPT: Kept[tuple[int, tuple[str, ...] | None], list[dict[str, Any]]] = Kept(32)


@dataclass(frozen=True, slots=True)
class Movers:
    """One page of movers by entity_id, and where the next one starts (null: it is the last)."""

    firms: list[dict[str, Any]]
    after: str | None


def counts(connection: Connection, load: int, scope: Scope) -> list[dict[str, Any]]:
    """How many firms within the scope moved.

    Returns
    -------
    rows of `previous_class`, `risk_class`, `cause` (null: the run was scored without one before)
    and `firms`.
    """
    key = (load, scope.regions)
    found = _KEPT.get(connection, key)
    if found is None:
        firms, own = _joined(connection, load)
        named = (firms.c.previous_class, firms.c.risk_class, own.c.cause)
        counted = (
            sa.select(*named, sa.func.count().label("firms"))
            .select_from(firms.outerjoin(own, own.c.entity_id == firms.c.entity_id))
            .where(_moved(firms, scope))
            .group_by(*named)
        )
        rows = [dict(row) for row in connection.execute(counted).mappings()]
        found = _KEPT.put(connection, key, rows)
    return [*found]


def listed(
    connection: Connection, load: int, way: str, scope: Scope, *,
    without: Collection[str] = (), after: str = "", limit: int = 20,
) -> Movers:  # fmt: skip
    """The firms that moved one way, `worse` or `better`, by entity_id, `without` some.

    Returns
    -------
    rows of `entity_id`, `name`, `division`, `industry`, `previous_class`, `risk_class`, `cause`,
    `rule`, and `indicators`: the ids of those that moved the score most.

    Raises
    ------
    FieldHidden : the scope holds the class or the class before back.
    """
    scope.need("risk_class", "previous_class")
    firms, own = _joined(connection, load)
    told = [firms.c[name] for name in ("entity_id", "name", "division", "industry",
                                       "previous_class", "risk_class")]  # fmt: skip
    rose = firms.c.risk_class > firms.c.previous_class
    wanted = (
        sa.select(*told, own.c.cause, own.c.rule, own.c.indicators)
        .select_from(firms.outerjoin(own, own.c.entity_id == firms.c.entity_id))
        .where(_moved(firms, scope), rose if way == WORSE else ~rose, firms.c.entity_id > after)
        .where(firms.c.entity_id.not_in(without))
        .order_by(firms.c.entity_id)
        .limit(limit + 1)
    )
    rows = [dict(row) for row in connection.execute(wanted).mappings()]
    for row in rows:
        row["indicators"] = _ids(row["indicators"])
    return Movers(rows[:limit], rows[limit - 1]["entity_id"] if len(rows) > limit else None)


def _joined(connection: Connection, load: int) -> tuple[sa.Table, sa.Subquery]:
    own = sa.select(history).where(history.c.load == load).subquery()
    return shelves.of(connection, load).firms, own


def _moved(firms: sa.Table, scope: Scope) -> sa.ColumnElement[bool]:
    """Both classes are known, and they differ."""
    return (firms.c.risk_class != firms.c.previous_class) & scope.within(firms.c.division)


def _ids(content: bytes | None) -> Sequence[str]:
    return [] if content is None else [one["indicator"] for one in orjson.loads(bytes(content))]

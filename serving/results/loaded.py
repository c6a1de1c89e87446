"""The runs that the store knows, each in numbers: which were loaded, which is served.

Of an older run the firms are gone and its history stays; its counts stand in `tallies` still.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from serving.access.scope import Scope
from serving.results import results
from serving.results.results import Published
from serving.store.database import current, loads


@dataclass(frozen=True, slots=True)
class Loaded:
    """A run that was served once.

    `published` is when it was served last (UTC, ISO 8601); `held` whether its firms are still
    there; `served` whether it answers now.
    """

    load: int
    run: str
    published: str
    held: bool
    served: bool
    about: dict[str, Any]

    def told(self, connection: Connection, scope: Scope) -> dict[str, Any]:
        """What is told of it, its firms counted within a scope."""
        counted = results.about(connection, Published(self.load, self.run, self.about), scope)
        return {
            "run": self.run, "published": self.published, "held": self.held,
            "served": self.served, **counted,
        }  # fmt: skip


def runs(connection: Connection, *, run: str | None = None, limit: int = 100) -> list[Loaded]:
    """The runs that were served, the newest first; of one loaded twice its last load.

    Parameters
    ----------
    run : this one alone, by its SHA-256.
    """
    wanted = sa.select(loads, (loads.c.load == current.c.load).label("served"))
    wanted = wanted.join(current, sa.true(), isouter=True)
    wanted = wanted.where(loads.c.load.in_(results.LAST), loads.c.published.is_not(None))
    if run is not None:
        wanted = wanted.where(loads.c.run == run)
    ordered = wanted.order_by(loads.c.published.desc(), loads.c.load.desc()).limit(limit)
    return [
        Loaded(row.load, row.run, row.published, bool(row.held), bool(row.served), row.about)
        for row in connection.execute(ordered)
    ]


def pinned(connection: Connection, run: str) -> Published | None:
    """A run whose firms are still there, by its SHA-256; empty: the one that is served.

    Raises
    ------
    NothingPublished : none is served yet.
    """
    if not run:
        return results.published(connection)
    found = [one for one in runs(connection, run=run) if one.held]
    return Published(found[0].load, found[0].run, found[0].about) if found else None

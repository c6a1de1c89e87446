"""An uploaded list held against the firms of a load, within the reader's scope.

Only the firms that the list may mean are read: by their codes, and by their names, which are looked
through part by part. A firm outside the scope is not there.
"""

from __future__ import annotations

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from records import names
from serving.access.scope import Scope
from serving.results import shelves
from serving.results.postings import CHUNK, END
from serving.results.shelves import Shelf
from serving.runs import matching

_FIRST = 100  # codes by which those of a load are judged
_AT_ONCE = 500


def matched(connection: Connection, load: int, asked: pd.DataFrame, scope: Scope) -> pd.DataFrame:
    """Which firm each row of a list speaks of; see `matching.match`.

    Raises
    ------
    FieldHidden : rows are known by names, which the scope holds back.
    """
    if asked["name"].notna().any():
        scope.need("name")
    shelf = shelves.of(connection, load)
    codes = matching.spelled(asked["code"]).dropna().unique().tolist()
    lacking = asked["name"][asked["name"].notna()]
    found = _by_code(connection, shelf, codes, scope)
    found |= _by_name(connection, shelf, lacking, scope)
    known = pa.table({
        "entity_id": pa.array(sorted(found), pa.string()),
        "name": pa.array([found[code] for code in sorted(found)], pa.string()),
    })  # fmt: skip
    return matching.among(known, asked, checked=_checked(connection, shelf))


def _by_code(
    connection: Connection, shelf: Shelf, codes: list[str], scope: Scope
) -> dict[str, str]:
    firms = shelf.firms.c
    found: dict[str, str] = {}
    for first in range(0, len(codes), _AT_ONCE):
        some = firms.entity_id.in_(codes[first : first + _AT_ONCE])
        wanted = sa.select(firms.entity_id, firms.name).where(some, scope.within(firms.division))
        found |= {row.entity_id: row.name for row in connection.execute(wanted)}
    return found


def _by_name(
    connection: Connection, shelf: Shelf, asked: pd.Series, scope: Scope
) -> dict[str, str]:
    """The firms that have one of these names in any spelling, by code."""
    if asked.empty:
        return {}
    keys = names.firms(pa.array(asked.astype("str").unique(), pa.string()))
    places: list[int] = []
    kept = sa.select(shelf.names.c.chunk, shelf.names.c.names).order_by(shelf.names.c.chunk)
    for number, content in connection.execute(kept).yield_per(64):
        here = names.firms(pa.array(bytes(content).decode().split(END), pa.string()))
        hits = pc.indices_nonzero(pc.is_in(here, value_set=keys)).to_pylist()
        places += [CHUNK * number + at for at in hits]
    firms = shelf.firms.c
    found: dict[str, str] = {}
    for first in range(0, len(places), _AT_ONCE):
        some = firms.n.in_(places[first : first + _AT_ONCE])
        wanted = sa.select(firms.entity_id, firms.name).where(some, scope.within(firms.division))
        found |= {row.entity_id: row.name for row in connection.execute(wanted)}
    return found


def _checked(connection: Connection, shelf: Shelf) -> bool:
    firms = shelf.firms.c
    some = connection.scalars(sa.select(firms.entity_id).order_by(firms.n).limit(_FIRST))
    return matching.checked(pa.array([*some], pa.string()))

"""Walk the audit's chain and name the first row that was tampered with.

An edit, a deletion or a reorder inside the chain breaks it at the first row concerned. A cut tail
or a chain written anew holds in itself; it is found by comparing with heads lodged outside.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import groupby
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from serving.access.chain import START, Head, digest, row_hash
from serving.store.accesstables import audit, audit_firms
from serving.store.database import reading


@dataclass(frozen=True, slots=True)
class Verdict:
    """What `verify` found; `fault` is empty for a chain that holds."""

    head: Head
    fault: str

    @property
    def holds(self) -> bool:
        return not self.fault


def verify(engine: Engine, lodged: Iterable[Head] = ()) -> Verdict:
    """Walk the whole chain and name the first fault; in one consistent reading of it.

    Parameters
    ----------
    lodged : heads that were lodged outside; each must still stand in the chain.
    """
    wanted = {one.n: one for one in sorted(lodged, key=lambda one: one.n) if one.n}
    with (
        _still(engine) as connection,
        _ordered(connection, audit) as rows,
        _ordered(connection, audit_firms) as told,
    ):
        return _walk(engine, rows.mappings(), _Firms(told), wanted)


def _walk(
    engine: Engine,
    rows: Iterable[Mapping[Any, Any]],
    firms: _Firms,
    wanted: dict[int, Head],
) -> Verdict:
    met = last = Head(0, START)
    at = ""
    for row in rows:
        if fault := _broken(row, last, at) or firms.fault(row):
            return Verdict(last, fault + _where_from(engine, row, last))
        last, at = Head(row["n"], row["hash"]), row["at"]
        if (outside := wanted.pop(last.n, last)) != last:
            return Verdict(last, _rewritten(met, outside))
        met = last if outside is not last else met
    return Verdict(last, firms.rest() or _cut(last, wanted))


@contextmanager
def _still(engine: Engine) -> Iterator[Connection]:
    """A transaction all of whose statements see one state; SQLite's do anyway."""
    with engine.connect() as connection:
        if engine.dialect.name == "postgresql":
            connection.execution_options(isolation_level="REPEATABLE READ")
        yield connection


def _ordered(connection: Connection, table: sa.Table) -> sa.CursorResult[Any]:
    """A table's rows by their number, some at a time."""
    some = {"yield_per": 5_000}
    return connection.execute(sa.select(table).order_by(table.c.n), execution_options=some)


class _Firms:
    """The firms of each row, walked beside the chain in the same order."""

    def __init__(self, rows: Iterable[Any]) -> None:
        self._groups: Iterator[tuple[int, list[str]]] = (
            (n, sorted(row.entity_id for row in group))
            for n, group in groupby(rows, lambda row: row.n)
        )
        self._next = next(self._groups, None)

    def fault(self, row: Mapping[Any, Any]) -> str:
        """What is wrong with the firms of the next row."""
        ids: list[str] = []
        if self._next and self._next[0] < row["n"]:
            return self.rest()
        if self._next and self._next[0] == row["n"]:
            ids = self._next[1]
            self._next = next(self._groups, None)
        if len(ids) != row["firms"] or digest(ids) != row["digest"]:
            return f"the enterprises that row {row['n']} told were changed"
        return ""

    def rest(self) -> str:
        """Firms of a row that is not there."""
        return (
            f"enterprises stand under row {self._next[0]}, which is missing" if self._next else ""
        )


def _broken(row: Mapping[Any, Any], last: Head, at: str) -> str:
    if row["n"] != last.n + 1:
        return f"row {last.n + 1} is missing"
    if row["previous"] != last.hash:
        return f"row {row['n']} does not follow row {last.n}"
    if row["hash"] != row_hash(row):
        return f"row {row['n']} was changed"
    if row["at"] < at:
        return f"row {row['n']} is older than row {last.n}"
    return ""


def _where_from(engine: Engine, row: Mapping[Any, Any], last: Head) -> str:
    """For a row whole in itself under another number: which one, so that a reorder is named."""
    if row["n"] != last.n + 1 or row["previous"] == last.hash:
        return ""
    before = sa.select(audit.c.n).where(audit.c.hash == row["previous"])
    with reading(engine) as connection:
        # The row before it may itself have been moved: every number is tried that it could have.
        places = [n + 1 for n in connection.scalars(before)] + [1] * (row["previous"] == START)
        count = connection.scalar(sa.select(sa.func.max(audit.c.n))) or 0
    near = range(max(1, last.n - _NEAR), min(count, last.n + _NEAR) + 1)
    for n in (*places, *near):
        if n != row["n"] and row_hash({**row, "n": n}) == row["hash"]:
            return f": rows were reordered, it was written as row {n}"
    return ""


_NEAR = 1_000
"""How far on both sides a row's old place is looked for."""


def _rewritten(met: Head, outside: Head) -> str:
    """A lodged head that is another row now."""
    return (
        f"row {outside.n} is not the row whose hash was lodged: "
        f"the chain was written anew somewhere from row {met.n + 1} to row {outside.n}"
    )


def _cut(last: Head, left: Mapping[int, Head]) -> str:
    """Lodged heads past the end."""
    if not left:
        return ""
    return f"the tail is cut after row {last.n}: row {max(left)} was lodged and is missing"

"""Looking firms up in a load: by name or code, class, grade, division and industry, within regions.

Every condition is a set of places among the load's firms (`postings`), so the count is
exact and the order, by entity_id, never changes. A load never changes either: what was found is
kept, and the next page of a search costs its rows only.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import reduce
from itertools import pairwise
from typing import Any

import numpy as np
import pyarrow as pa
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from serving.access.scope import Scope
from serving.results import postings, shelves
from serving.results.kept import Kept
from serving.results.loading import TOLD
from serving.results.postings import CHUNK, END, FILTERS, KINDS, NAME, Bits
from serving.results.shelves import Shelf

KEPT = 128
"""Searches whose places a process keeps; of 3 million firms one takes 375 kB."""

_LAST = chr(0x10FFFF)
_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Search:
    """What to look for; an empty text does not narrow.

    `q` is a part of the name or the start of the code. `regions` are beginnings of division codes,
    of which a firm's must have one; None: the whole province. `classes`, `grades` and `industries`
    (beginnings of codes) are such lists too; empty: any. `without` are firms that are not looked
    for.
    """

    q: str = ""
    risk_class: str = ""
    division: str = ""
    industry: str = ""
    regions: tuple[str, ...] | None = None
    classes: tuple[str, ...] = ()
    grades: tuple[str, ...] = ()
    industries: tuple[str, ...] = ()
    without: tuple[str, ...] = ()

    @property
    def by_class(self) -> bool:
        """Whether a firm's place among those found tells its class, or what is close to it."""
        return bool(self.risk_class or self.classes or self.grades)

    @property
    def rests_on(self) -> list[str]:
        """The fields that it narrows by, but for the name."""
        lists = {
            "division": self.regions is not None, "risk_class": self.classes,
            "public_grade": self.grades, "industry": self.industries,
        }  # fmt: skip
        return [name for name in KINDS if getattr(self, name, "") or lists[name]]


@dataclass(frozen=True, slots=True)
class Found:
    """One page of firms by entity_id, how many there are in all, and where the next page starts."""

    firms: list[dict[str, Any]]
    total: int
    after: str | None


def search(
    connection: Connection,
    load: int,
    wanted: Search,
    scope: Scope,
    *,
    after: str = "",
    limit: int = 20,
) -> Found:
    """Firms that fit, by entity_id, from the first one past `after`; the order never changes.

    Raises
    ------
    FieldHidden : it narrows by a field that the scope holds back, which would tell it.
    """
    scope.need(*wanted.rests_on)
    shelf = shelves.of(connection, load)
    found, total = _kept(connection, load, shelf, replace(wanted, without=()), scope)
    if wanted.without:  # what is kept is everybody's
        firms = shelf.firms.c
        gone = connection.scalars(sa.select(firms.n).where(firms.entity_id.in_(wanted.without)))
        found = found & ~postings.bits(np.array([*gone], np.int64), _count(connection, shelf))
        total = postings.number(found)
    first = _place(connection, shelf, shelf.firms.c.entity_id <= after) if after else 0
    page = postings.places(found, first, limit + 1).tolist()
    chosen = sa.select(*(shelf.firms.c[name] for name in TOLD if scope.sees(name)))
    chosen = chosen.where(shelf.firms.c.n.in_(page[:limit])).order_by(shelf.firms.c.n)
    rows = [dict(row) for row in connection.execute(chosen).mappings()]
    return Found(rows, total, rows[-1]["entity_id"] if len(page) > limit else None)


def choices(connection: Connection, load: int, column: str, scope: Scope) -> list[str]:
    """The different values of a column within the scope, sorted; for the search page's filters.

    Raises
    ------
    FieldHidden : the scope holds the column back.
    """
    scope.need(column)
    key = (load, column, scope.regions)
    found = _values.get(connection, key)
    if found is None:
        shelf = shelves.of(connection, load)
        found = _values.put(connection, key, _choices(connection, shelf, column, scope.regions))
    return [*found]


def _choices(
    connection: Connection, shelf: Shelf, column: str, regions: tuple[str, ...] | None
) -> list[str]:
    terms = shelf.terms.c
    named = sa.select(terms.term, terms.firms, terms.places).where(terms.kind == column)
    if regions is None:
        return [*connection.scalars(named.with_only_columns(terms.term).order_by(terms.term))]
    count = _count(connection, shelf)
    within = _any(_begin(connection, shelf, "division", regions, count), count)
    rows = connection.execute(named.order_by(terms.term)).all()
    return [
        row.term for row in rows if (postings.unpacked(row.firms, row.places, count) & within).any()
    ]


def tidy(text: str) -> str:
    """Typed text as it is stored: full-width letters and outer spaces undone."""
    whole = text.encode("utf-8", "replace").decode()  # half a character is none
    return unicodedata.normalize("NFKC", whole).strip()


Key = tuple[int, Search, tuple[str, ...] | None, bool]
"""(load, what was wanted, within which regions, whether names are seen)."""

_searches: Kept[Key, tuple[Bits, int]] = Kept(KEPT)
_values: Kept[tuple[int, str, tuple[str, ...] | None], list[str]] = Kept(KEPT)


def _kept(
    connection: Connection, load: int, shelf: Shelf, wanted: Search, scope: Scope
) -> tuple[Bits, int]:
    key = (load, wanted, scope.regions, scope.sees("name"))
    found = _searches.get(connection, key)
    if found is None:
        places = _places(connection, shelf, wanted, scope)
        found = _searches.put(connection, key, (places, postings.number(places)))
    return found


def _places(connection: Connection, shelf: Shelf, wanted: Search, scope: Scope) -> Bits:
    """The firms that fit, within the scope."""
    count = _count(connection, shelf)
    found = postings.between(0, count, count)
    for kind in FILTERS:
        if value := getattr(wanted, kind):
            found = found & _having(connection, shelf, kind, [value], count)
    for kind, values in (("risk_class", wanted.classes), ("public_grade", wanted.grades)):
        if values:
            found = found & _having(connection, shelf, kind, values, count)
    if wanted.industries:
        begins = _begin(connection, shelf, "industry", wanted.industries, count)
        found = found & _any(begins, count)
    for regions in (wanted.regions, scope.regions):
        if regions is not None:
            found = found & _any(_begin(connection, shelf, "division", regions, count), count)
    if q := tidy(wanted.q):
        code = shelf.firms.c.entity_id
        # A code is of plain letters, in capitals or as it is typed.
        starts = [
            postings.between(
                _place(connection, shelf, code < start),
                _place(connection, shelf, code < start + _LAST), count,
            )
            for start in {q, q.upper(), q.lower()}
        ]  # fmt: skip
        named = [_named(connection, shelf, q, count, found)] if scope.sees("name") else []
        found = found & _any([*named, *starts], count)
    return found


def _named(connection: Connection, shelf: Shelf, q: str, count: int, among: Bits) -> Bits:
    """The firms in whose names a text stands in one piece."""
    text = postings.normal(pa.array([q]))[0].as_py()
    terms = shelf.terms.c
    if not text:
        return among
    if len(text) == 1:
        begins = (terms.kind == NAME) & (terms.term >= text) & (terms.term < text + _LAST)
        return _any(_terms(connection, shelf, begins, count), count)
    pairs = {text[at : at + 2] for at in range(len(text) - 1)}
    each = (terms.kind == NAME) & terms.term.in_(sorted(pairs))
    found = _terms(connection, shelf, each, count)
    if len(found) < len(pairs):
        return postings.bits(np.empty(0, np.int64), count)
    both = reduce(np.bitwise_and, found)
    return both if len(text) == 2 else _seen(connection, shelf, text, both & among, count)


def _seen(connection: Connection, shelf: Shelf, text: str, among: Bits, count: int) -> Bits:
    """Of some firms those in whose names the text stands; the names are read."""
    places = postings.places(among)
    chunk, names = shelf.names.c.chunk, shelf.names.c.names
    kept: list[int] = []
    wanted = np.unique(places // CHUNK).tolist()
    begins = np.searchsorted(places, np.array([*wanted, count]) * CHUNK).tolist()
    spans = dict(zip(wanted, pairwise(begins), strict=True))
    listed = places.tolist()
    for at in range(0, len(wanted), _AT_ONCE):
        some = sa.select(chunk, names).where(chunk.in_(wanted[at : at + _AT_ONCE]))
        for number, content in connection.execute(some):
            lines = bytes(content).decode().split(END)
            begin, end = spans[number]
            kept += [one for one in listed[begin:end] if text in lines[one % CHUNK]]
    return postings.bits(np.array(kept, np.int64), count)


def _having(
    connection: Connection, shelf: Shelf, kind: str, values: Sequence[str], count: int
) -> Bits:
    """The firms that have one of some values."""
    terms = shelf.terms.c
    if kind not in FILTERS and not connection.scalar(
        sa.select(sa.exists().where(terms.kind == kind))
    ):
        # The load is older than the kind.
        n, column = shelf.firms.c.n, shelf.firms.c[kind]
        places = [*connection.scalars(sa.select(n).where(column.in_(values)))]
        return postings.bits(np.array(places, np.int64), count)
    one = (terms.kind == kind) & terms.term.in_(values)
    return _any(_terms(connection, shelf, one, count), count)


def _begin(
    connection: Connection, shelf: Shelf, kind: str, starts: Iterable[str], count: int
) -> list[Bits]:
    """The firms of each code that begins so."""
    terms, found = shelf.terms.c, []
    for start in starts:
        within = (terms.kind == kind) & (terms.term >= start)
        found += _terms(connection, shelf, within & (terms.term < start + _LAST), count)
    return found


def _terms(
    connection: Connection, shelf: Shelf, condition: sa.ColumnElement[bool], count: int
) -> list[Bits]:
    rows = connection.execute(sa.select(shelf.terms.c.firms, shelf.terms.c.places).where(condition))
    return [postings.unpacked(row.firms, row.places, count) for row in rows]


def _any(found: list[Bits], count: int) -> Bits:
    return reduce(np.bitwise_or, found, postings.between(0, 0, count))


def _count(connection: Connection, shelf: Shelf) -> int:
    return _place(connection, shelf, sa.true())


def _place(connection: Connection, shelf: Shelf, before: sa.ColumnElement[bool]) -> int:
    """How many firms of the load come before a point in their order."""
    n = shelf.firms.c.n
    code = shelf.firms.c.entity_id
    last = sa.select(n).where(before).order_by(code.desc()).limit(1)
    found = connection.scalar(last)
    return 0 if found is None else int(found) + 1

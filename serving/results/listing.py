"""Firms of a list with what a list tells of each: the class in words and one line why."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy.engine import Connection

from serving.access.scope import LADDER, Scope
from serving.results import freezing, results, searching
from serving.results.loading import TOLD
from serving.results.searching import Search
from serving.telling.languages import Lang

MOST = 5_000
"""Firms that are told at once with their reasons: each takes some half a millisecond."""

_AT_ONCE = 500


def told(
    connection: Connection, load: int, ids: Sequence[str], lang: Lang, scope: Scope
) -> list[dict[str, Any]]:
    """The firms among `ids` that the load holds within the scope, by entity_id.

    Returns
    -------
    rows of TOLD as far as the scope sees them, `class_name` and `headline` (the ladder's).

    Raises
    ------
    FieldHidden : the scope holds ladders back.
    """
    scope.need(LADDER)
    frozen, rows = freezing.of(connection, load), []
    for first in range(0, len(ids), _AT_ONCE):
        found = results.rows_of(connection, load, ids[first : first + _AT_ONCE], scope)
        for row in found.values():
            ladder = frozen.ladder(row, lang)
            seen = {name: row[name] for name in TOLD if scope.sees(name)}
            rows.append(
                {**seen, "class_name": ladder["class_name"], "headline": ladder["headline"]}
            )
    return sorted(rows, key=lambda row: str(row["entity_id"]))


def codes(connection: Connection, load: int, wanted: Search, scope: Scope, most: int) -> list[str]:
    """The codes of the first firms that fit, `most` at most, in order."""
    found: list[str] = []
    after = ""
    while len(found) < most:
        limit = min(_AT_ONCE, most - len(found))
        page = searching.search(connection, load, wanted, scope, after=after, limit=limit)
        found += [row["entity_id"] for row in page.firms]
        if page.after is None:
            break
        after = page.after
    return found

"""Stored against recomputed: the first place where they differ, named."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from supervision.canonical import JSON, document


@dataclass(frozen=True)
class Difference:
    """A place where what is stored is not what follows from the commitment.

    `row` is an entity id, or null where the difference is not in a row.
    """

    file: str
    row: str | None
    field: str
    stored: JSON
    recomputed: JSON


class Differs(Exception):
    """Stored and recomputed differ; ends a verification at the first difference."""

    def __init__(
        self, file: str, field: str, stored: JSON, recomputed: JSON, row: str | None = None
    ) -> None:
        self.difference = Difference(file, row, field, stored, recomputed)
        super().__init__(f"{file}, {row or ''} {field}")


def present(files: Mapping[str, bytes], names: Sequence[str]) -> None:
    """Every file of a plan is there."""
    for name in names:
        if name not in files:
            raise Differs(name, "file", "missing", "present")


def read(files: Mapping[str, bytes], name: str) -> dict[str, JSON]:
    """A document that ought to be a JSON object of what RFC 8785 can write."""
    return _object(name, files[name])


def read_lines(files: Mapping[str, bytes], name: str) -> list[dict[str, JSON]]:
    """Such objects, one a line."""
    return [_object(name, line) for line in files[name].splitlines()]


def same(
    file: str, stored: Mapping[str, JSON], computed: Mapping[str, JSON], row: str | None = None
) -> None:
    """Two objects hold the same fields with the same values."""
    for field in [*computed, *(extra for extra in stored if extra not in computed)]:
        if field not in stored or field not in computed or stored[field] != computed[field]:
            raise Differs(file, field, stored.get(field), computed.get(field), row)


def same_rows(file: str, stored: list[dict[str, JSON]], computed: list[dict[str, JSON]]) -> None:
    """Two lists hold the same firms with the same fields, in any order."""
    theirs = {str(row.get("entity_id")): row for row in stored}
    ours = {str(row["entity_id"]): row for row in computed}
    _same_firms(file, list(theirs), list(ours))
    for firm, row in ours.items():
        same(file, theirs[firm], row, firm)


def same_frame(file: str, stored: pd.DataFrame, computed: pd.DataFrame) -> None:
    """Two frames hold the same firms in the same order, with the same columns and values."""
    if list(stored.columns) != list(computed.columns):
        raise Differs(file, "columns", list(stored.columns), list(computed.columns))
    theirs, ours = stored["entity_id"].tolist(), computed["entity_id"].tolist()
    if theirs != ours:
        _same_firms(file, theirs, ours)
        raise Differs(file, "order", "not by entity_id, or a row twice", "by entity_id, each once")
    for column in computed.columns:
        left, right = stored[column], computed[column]
        unequal = ((left != right) & ~(left.isna() & right.isna())).to_numpy().nonzero()[0]
        if len(unequal):
            at = unequal[0]
            raise Differs(file, column, _plain(left.iat[at]), _plain(right.iat[at]), ours[at])


def _same_firms(file: str, stored: list[str], computed: list[str]) -> None:
    theirs, ours = set(stored), set(computed)
    for firm in computed:
        if firm not in theirs:
            raise Differs(file, "row", "missing", "present", firm)
    for firm in stored:
        if firm not in ours:
            raise Differs(file, "row", "present", "not in it", firm)


def _object(name: str, data: bytes) -> dict[str, JSON]:
    try:
        value = json.loads(data)
        document(value)
    except ValueError:
        raise Differs(name, "content", "not readable", "canonical JSON") from None
    if not isinstance(value, dict):
        raise Differs(name, "content", value, "a JSON object")
    return value


def _plain(value: Any) -> JSON:
    """A cell as JSON: NumPy scalars as Python's own, missing as null."""
    if pd.isna(value):
        return None
    return value.item() if hasattr(value, "item") else value

"""Stored against recomputed: the first place where they differ, named."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from supervision.canonical import JSON, document


@dataclass(frozen=True)
class Difference:
    """A place where what is stored is not what follows from the commitment.

    `row` is a firm, a visit or a line, or null where the difference is not in a row.
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
    """A document: the canonical JSON of an object, and a line feed."""
    value = parsed(name, files[name])
    if document(value) + b"\n" != files[name]:
        raise Differs(name, "content", "not canonical", "canonical JSON, one line feed after it")
    return value


def parsed(name: str, data: bytes, row: str | None = None) -> dict[str, JSON]:
    """What ought to be a JSON object of what RFC 8785 can write."""
    try:
        value = json.loads(data)
        document(value)
    except (ValueError, RecursionError):
        raise Differs(name, "content", "not readable", "canonical JSON", row) from None
    if not isinstance(value, dict):
        raise Differs(name, "content", value, "a JSON object", row)
    return value


def same(
    file: str, stored: Mapping[str, JSON], computed: Mapping[str, JSON], row: str | None = None
) -> None:
    """Two objects hold the same fields with the same values."""
    for field in [*computed, *(extra for extra in stored if extra not in computed)]:
        if field not in stored or field not in computed or stored[field] != computed[field]:
            raise Differs(file, field, stored.get(field), computed.get(field), row)


def same_lines(file: str, stored: bytes, computed: bytes, key: str) -> None:
    """Two lists are the same; what differs is told by the row's `key`, in any order of rows.

    Raises
    ------
    Differs : a line that is no object, a row too few or too many, a field, or, if nothing of this
        differs, an order or spelling (`sha256`).
    """
    if stored == computed:
        return
    theirs = _by_key(file, stored, key)
    ours = _by_key(file, computed, key)
    _same_rows(file, list(theirs), list(ours))
    for name, line in ours.items():
        if theirs[name] != line:
            same(file, parsed(file, theirs[name]), parsed(file, line), name)
    raise Differs(file, "content", "other order or spelling", "canonical lines by ticket")


def same_table(file: str, stored: pa.Table, computed: pa.Table) -> None:
    """Two tables hold the same firms in the same order, with the same columns and values."""
    if stored.column_names != computed.column_names:
        raise Differs(file, "columns", stored.column_names, computed.column_names)
    try:
        stored = stored.cast(computed.schema)  # another writer's texts are texts
    except (pa.ArrowException, ValueError):
        raise Differs(file, "columns", _types(stored), _types(computed)) from None
    if not stored["entity_id"].equals(computed["entity_id"]):
        theirs, ours = stored["entity_id"].to_pylist(), computed["entity_id"].to_pylist()
        _same_rows(file, theirs, ours)
        raise Differs(file, "order", "not by entity_id, or a row twice", "by entity_id, each once")
    for name in computed.column_names:
        left, right = stored[name], computed[name]
        if not left.equals(right):
            at = _first_unequal(left, right)
            row = computed["entity_id"][at].as_py()
            raise Differs(file, name, left[at].as_py(), right[at].as_py(), row)


def _first_unequal(left: pa.ChunkedArray, right: pa.ChunkedArray) -> int:
    unequal = pc.or_(
        pc.fill_null(pc.not_equal(left, right), False),
        pc.xor(pc.is_null(left), pc.is_null(right)),
    )
    return int(pc.index(unequal, True).as_py())


def _by_key(file: str, data: bytes, key: str) -> dict[str, bytes]:
    lines = data.split(b"\n")
    if lines.pop():
        raise Differs(file, "content", "no line feed at its end", "lines", f"line {len(lines) + 1}")
    found: dict[str, bytes] = {}
    for number, line in enumerate(lines, start=1):
        name = str(parsed(file, line, f"line {number}").get(key))
        if name in found:
            raise Differs(file, key, name, "each once", f"line {number}")
        found[name] = line
    return found


def _same_rows(file: str, stored: list[str], computed: list[str]) -> None:
    theirs, ours = set(stored), set(computed)
    for name in computed:
        if name not in theirs:
            raise Differs(file, "row", "missing", "present", name)
    for name in stored:
        if name not in ours:
            raise Differs(file, "row", "present", "not in it", name)


def _types(table: pa.Table) -> list[str]:
    return [f"{field.name} {field.type}" for field in table.schema]

"""Dirt: rows as bureaux really send them, spoilt on purpose, and a note of which.

Extra rows are spoilt copies under names of their own, so that every true record stays whole;
only codes that can be repaired are written over the true ones.
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from records.identity import ALPHABET
from records.province.clock import AS_OF, YEAR
from records.province.ledger import Index, source_ids
from records.province.parameters import Dirt
from records.schema import TABLES

FUTURE = AS_OF + 36 * YEAR  # the year 2062
UNKNOWN_RESULTS = ("查无此人", "合格", "1,6,10", "未检查")
NEW_NAMES = ("wrong_check_digit", "future_date", "missing_required", "unknown_result")


def soil(
    table: str, rows: pa.Table, dirt: Dirt, rng: np.random.Generator
) -> tuple[pa.Table, pa.Table]:
    """Spoil some rows of a table.

    Parameters
    ----------
    rows : the closed table with `number`, sorted by it.

    Returns
    -------
    the soiled table, sorted by number and known_time, and the notes (table, source_id, kind).
    """
    sent, repairable = _repairable(rows, dirt.repairable_code, rng)
    copies = sent.take(pa.array(_some(rows, dirt.duplicate, rng)))
    parts = [sent, copies]
    notes = [("repairable_code", repairable), ("duplicate", copies.column("source_id"))]
    number = int(pc.max(rows.column("number")).as_py() or 0) + 1 if len(rows) else 0
    for kind in NEW_NAMES if table == "inspections" else NEW_NAMES[:-1]:
        chosen = _some(rows, getattr(dirt, kind), rng)
        numbers = number + np.arange(len(chosen))
        number += len(chosen)
        spoilt = _renamed(table, rows.take(pa.array(chosen)), numbers)
        spoilt = _spoilt(table, kind, spoilt, rng)
        parts.append(spoilt)
        notes.append((kind, spoilt.column("source_id")))
    return _sorted(pa.concat_tables(parts)), _notes(table, notes)


def _some(rows: pa.Table, share: float, rng: np.random.Generator) -> Index:
    """Positions of about `share` of the rows, those that name a firm."""
    named = np.flatnonzero(rows.column("entity_id").is_valid().to_numpy())
    size = min(len(named), int(rng.poisson(share * len(rows))))
    return np.sort(rng.choice(named, size, replace=False)) if size else np.empty(0, np.int64)


def _repairable(
    rows: pa.Table, share: float, rng: np.random.Generator
) -> tuple[pa.Table, pa.Array]:
    """Lower case, spaces and full-width digits in the codes of some rows."""
    chosen = _some(rows, share, rng)
    codes = rows.column("entity_id").combine_chunks().to_numpy(False).copy()
    for way, row in zip(rng.integers(0, 3, len(chosen)), chosen, strict=True):
        code = str(codes[row])
        wide = "".join(chr(ord(letter) + 0xFEE0) for letter in code)
        codes[row] = (code.lower(), f" {code[:8]} {code[8:]} ", wide)[way]
    return _with(rows, "entity_id", pa.array(codes, pa.string())), rows.column("source_id").take(
        pa.array(chosen)
    )


def _spoilt(table: str, kind: str, rows: pa.Table, rng: np.random.Generator) -> pa.Table:
    if kind == "wrong_check_digit":
        codes = rows.column("entity_id").to_pylist()
        wrong = [code[:17] + ALPHABET[(ALPHABET.index(code[17]) + 7) % 31] for code in codes]
        return _with(rows, "entity_id", pa.array(wrong, pa.string()))
    if kind == "future_date":
        days = pa.array(np.full(len(rows), FUTURE, np.int32)).cast(pa.date32())
        return _with(_with(rows, "event_time", days), "known_time", days)
    if kind == "unknown_result":
        picked = rng.integers(0, len(UNKNOWN_RESULTS), len(rows))
        return _with(rows, "result", pa.array(UNKNOWN_RESULTS).take(pa.array(picked)))
    own = next((c.name for c in TABLES[table].own if c.required), "event_time")
    return _with(rows, own, pa.nulls(len(rows), rows.schema.field(own).type))


def _renamed(table: str, rows: pa.Table, numbers: Index) -> pa.Table:
    rows = _with(rows, "number", pa.array(numbers.astype(np.int64)))
    return _with(rows, "source_id", source_ids(table, numbers))


def _with(rows: pa.Table, name: str, values: pa.Array) -> pa.Table:
    return rows.set_column(rows.column_names.index(name), name, values)


def _sorted(rows: pa.Table) -> pa.Table:
    known = rows.column("known_time").cast(pa.int32()).fill_null(0).to_numpy()
    return rows.take(pa.array(np.lexsort((known, rows.column("number").to_numpy()))))


def _notes(table: str, notes: list[tuple[str, pa.Array]]) -> pa.Table:
    kinds = [kind for kind, names in notes for _ in range(len(names))]
    names = [name for _, found in notes for name in found.to_pylist()]
    return pa.table(
        {
            "table": pa.repeat(table, len(kinds)),
            "source_id": pa.array(names, pa.string()),
            "kind": pa.array(kinds, pa.string()),
        }
    )

"""Dirt: rows as bureaux really send them, spoilt on purpose, and a note of which.

Extra rows are spoilt copies under names of their own, so that every true record stays whole;
only codes that can be repaired are written over the true ones.
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from records.identity import ALPHABET
from records.province.arrays import Index
from records.province.clock import AS_OF, YEAR
from records.province.ledger import source_ids
from records.province.parts import Dirt
from records.province.randomness import generator
from records.province.written import dense
from records.schema import TABLES

FUTURE = AS_OF + 36 * YEAR  # the year 2062
UNKNOWN_RESULTS = ("查无此人", "合格", "1,6,10", "未检查")
NEW_NAMES = ("wrong_check_digit", "future_date", "missing_required", "unknown_result")
NOTES = pa.schema([(name, pa.string()) for name in ("table", "source_id", "kind")])


class Soil:
    """Spoils a table block by block; `notes` says which rows, `extra` keeps those to add.

    Parameters
    ----------
    number : the first number free for extra rows.
    """

    def __init__(self, table: str, dirt: Dirt, seed: int, number: int) -> None:
        self.table, self.dirt, self.seed, self.number = table, dirt, seed, number
        self.extra: list[pa.Table] = []
        self.notes: list[pa.Table] = []

    def spoil(self, block: int, rows: pa.Table) -> pa.Table:
        """A block of the closed table as it is sent: the copies of duplicates come last."""
        rng = generator(self.seed, f"dirt:{self.table}:{block}")
        sent = self._repairable(rows, rng)
        copies = sent.take(pa.array(_some(rows, self.dirt.duplicate, rng)))
        self._note("duplicate", copies.column("source_id"))
        for kind in NEW_NAMES if self.table == "inspections" else NEW_NAMES[:-1]:
            chosen = _some(rows, getattr(self.dirt, kind), rng)
            plain = dense(rows.take(pa.array(chosen)), self.table)
            spoilt = _spoilt(self.table, kind, self._renamed(plain), rng)
            self.extra.append(spoilt)
            self._note(kind, spoilt.column("source_id"))
        return pa.concat_tables([sent, copies])

    def _repairable(self, rows: pa.Table, rng: np.random.Generator) -> pa.Table:
        """Lower case, spaces and full-width digits in the codes of some rows."""
        chosen = _some(rows, self.dirt.repairable_code, rng)
        spoilt, mask = [], np.zeros(len(rows), dtype=bool)
        mask[chosen] = True
        true = rows.column("entity_id").combine_chunks()
        ways = rng.integers(0, 3, len(chosen))
        for way, code in zip(ways, true.filter(pa.array(mask)).to_pylist(), strict=True):
            wide = "".join(chr(ord(letter) + 0xFEE0) for letter in code)
            spoilt.append((code.lower(), f" {code[:8]} {code[8:]} ", wide)[way])
        codes = pc.replace_with_mask(true, pa.array(mask), pa.array(spoilt, pa.string()))
        self._note("repairable_code", rows.column("source_id").take(pa.array(chosen)))
        return _with(rows, "entity_id", codes)

    def _renamed(self, rows: pa.Table) -> pa.Table:
        numbers = np.arange(self.number, self.number + len(rows), dtype=np.int64)
        self.number += len(rows)
        return _with(rows, "source_id", source_ids(self.table, numbers))

    def _note(self, kind: str, names: pa.ChunkedArray) -> None:
        columns = [pa.repeat(self.table, len(names)), names, pa.repeat(kind, len(names))]
        self.notes.append(pa.table(columns, schema=NOTES))


def _some(rows: pa.Table, share: float, rng: np.random.Generator) -> Index:
    """Places of about `share` of the rows, those that name a firm."""
    named = np.flatnonzero(rows.column("entity_id").is_valid().to_numpy())
    size = min(len(named), int(rng.poisson(share * len(rows))))
    return np.sort(rng.choice(named, size, replace=False)) if size else np.empty(0, np.int64)


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


def _with(rows: pa.Table, name: str, values: pa.Array) -> pa.Table:
    return rows.set_column(rows.column_names.index(name), name, values)

"""Tickets: whoever holds one of the n smallest is in.

A ticket is a hash of the seed and the firm's id, so that nobody can choose it, anybody can
recompute it, and the order of the list does not matter.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from supervision.canonical import LONG, arrow, digest, document, text

Indices = NDArray[np.intp]
Words = NDArray[np.uint64]


def opened(sealed_seed: str, public_value: str | None, commitment: str) -> str:
    """A draw's seed: SHA-256 of the JSON of [sealed seed, public value or null, commitment]."""
    return digest(document([sealed_seed, public_value, commitment]))


class Tickets:
    """The tickets of a list under one seed and task.

    A ticket is SHA-256 of the JSON of [seed, task, stratum, id]. The strata of one draw have
    different names (`slice`, `class C/2301`, `pair/F1`), so their tickets are independent.

    Parameters
    ----------
    seed : `opened`.
    ids : texts; a column of pandas is taken as it is.
    """

    def __init__(self, seed: str, task: str, ids: Sequence[str] | pd.Series[Any]) -> None:
        self._seed, self._task = seed, task
        self._many = len(ids) >= LONG
        if self._many:
            from supervision import jsonlines

            self._data, self._offsets = jsonlines.quoted(arrow(ids), b"]")
        else:
            self._ends = [text(name) + b"]" for name in arrow(ids).to_pylist()]

    def words(self, stratum: str, among: Indices) -> Words:
        """Tickets as numbers: shape (len(among), 4), the first weighing most."""
        if self._many:
            from supervision.draws import sha256

            return sha256.digests(self._before(stratum), self._data, self._offsets, among)
        start = hashlib.sha256(self._before(stratum))
        raw = b"".join([self._ticket(start, position).digest() for position in among.tolist()])
        return np.frombuffer(raw, dtype=">u8").reshape(-1, 4).astype(np.uint64)

    def smallest(self, stratum: str, among: Indices, count: int) -> Indices:
        """The positions (of `among`) that hold the `count` smallest tickets, smallest first."""
        if count == 0:
            return among[:0]
        words = self.words(stratum, among)
        first = words[:, 0]
        near = np.flatnonzero(first <= np.partition(first, count - 1)[count - 1])
        order = np.lexsort(words[near].T[::-1])
        return among[near[order[:count]]]

    def hex(self, stratum: str, position: int) -> str:
        """One ticket, as 64 hex digits."""
        return self.hexes(stratum, [position])[0]

    def hexes(self, stratum: str, positions: Iterable[int]) -> list[str]:
        """Tickets as 64 hex digits each."""
        start = hashlib.sha256(self._before(stratum))
        return [self._ticket(start, position).hexdigest() for position in positions]

    def _before(self, stratum: str) -> bytes:
        """All that comes before the id, so that a list shares its hash."""
        return b"[" + b",".join(map(text, (self._seed, self._task, stratum, ""))).removesuffix(
            b'""'
        )

    def _ticket(self, start: hashlib._Hash, position: int) -> hashlib._Hash:
        ticket = start.copy()
        ticket.update(self._end(position))
        return ticket

    def _end(self, position: int) -> bytes:
        if self._many:
            return self._data[self._offsets[position] : self._offsets[position + 1]].tobytes()
        return self._ends[position]

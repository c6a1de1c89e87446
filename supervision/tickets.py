"""Tickets: whoever holds one of the n smallest is in.

A ticket is a hash of the seed and the firm's id, so that nobody can choose it, anybody can
recompute it, and the order of the list does not matter.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from supervision.canonical import digest, document, text

Indices = NDArray[np.intp]


def opened(sealed_seed: str, public_value: str | None, commitment: str) -> str:
    """A draw's seed: SHA-256 of the JSON of [sealed seed, public value or null, commitment]."""
    return digest(document([sealed_seed, public_value, commitment]))


class Tickets:
    """The tickets of a list under one seed and task.

    A ticket is SHA-256 of the JSON of [seed, task, stratum, id]. The strata of one draw have
    different names (`slice`, `class C/2301`, `top_up`), so their tickets are independent.
    """

    def __init__(self, seed: str, task: str, ids: Sequence[str]) -> None:
        self._seed, self._task = seed, task
        self._ends = [text(name) + b"]" for name in ids]

    def smallest(self, stratum: str, among: Indices, count: int) -> Indices:
        """The positions (of `among`) that hold the `count` smallest tickets, smallest first."""
        if count == 0:
            return among[:0]
        start = self._start(stratum)
        raw = b"".join([self._ticket(start, position).digest() for position in among.tolist()])
        words = np.frombuffer(raw, dtype=">u8").reshape(-1, 4)  # big-endian: orders as bytes do
        first = words[:, 0]
        near = np.flatnonzero(first <= np.partition(first, count - 1)[count - 1])
        order = np.lexsort(words[near].T[::-1])
        return among[near[order[:count]]]

    def hex(self, stratum: str, position: int) -> str:
        """One ticket, as 64 hex digits."""
        return self._ticket(self._start(stratum), position).hexdigest()

    def _start(self, stratum: str) -> hashlib._Hash:
        """The hash of all that comes before the id, so that a list shares it."""
        return hashlib.sha256(document([self._seed, self._task, stratum])[:-1] + b",")

    def _ticket(self, start: hashlib._Hash, position: int) -> hashlib._Hash:
        ticket = start.copy()
        ticket.update(self._ends[position])
        return ticket
